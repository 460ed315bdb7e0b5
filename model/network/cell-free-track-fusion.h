// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACK_FUSION_H
#define CELL_FREE_TRACK_FUSION_H

#include "cell-free-scan.h"

#include "ns3/nstime.h"
#include "ns3/object.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace ns3
{

/// What a CPU has reported last.
struct CellFreeReportedTracks
{
    uint32_t cpuId{0};                 //!< node id of the CPU
    std::vector<CellFreeTrack> tracks; //!< its tracks, by ascending number
};

/**
 * @ingroup cellfree-isac
 * @brief A target as all CPUs together believe it to be.
 */
struct CellFreeFusedTrack
{
    /// Time, state and covariance are of the fusion; the rest is that of its first source.
    CellFreeTrack track;
    /// Who follows it: node id of a CPU and its number of the track, by ascending CPU.
    std::vector<std::pair<uint32_t, uint32_t>> sources;
};

/**
 * @ingroup cellfree-isac
 * @brief Makes one picture of the tracks of several CPUs.
 *
 * To write your own, derive from this class, implement the pure virtual function and register a
 * TypeId.
 */
class CellFreeTrackFusion : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeTrackFusion();
    ~CellFreeTrackFusion() override;

    /**
     * @brief Fuses tracks.
     * @param time what the result shall be true of
     * @param reports the tracks of each CPU, by ascending CPU; their states are of any times
     * @param[out] fused the targets
     */
    virtual void Fuse(Time time,
                      const std::vector<CellFreeReportedTracks>& reports,
                      std::vector<CellFreeFusedTrack>& fused) const = 0;
};

} // namespace ns3

#endif // CELL_FREE_TRACK_FUSION_H
