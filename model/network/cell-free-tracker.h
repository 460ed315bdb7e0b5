// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACKER_H
#define CELL_FREE_TRACKER_H

#include "cell-free-scan.h"

#include "ns3/nstime.h"
#include "ns3/object.h"

#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Follows targets from dwell to dwell. It reads scans and cues, and nothing else: never the
 * truth.
 *
 * To write your own, derive from this class, implement the pure virtual functions and register a
 * TypeId.
 */
class CellFreeTracker : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeTracker();
    ~CellFreeTracker() override;

    /**
     * @brief Takes in what a dwell told. Scans come in the order of their ends.
     * @param scan the dwell
     */
    virtual void Update(const CellFreeScan& scan) = 0;

    /**
     * @brief Begins a confirmed track from what somebody else knows, as a flight plan or a report
     * of another network.
     * @param time what the state is true of
     * @param state position and velocity
     * @param covariance of their error
     * @return number of the track
     */
    virtual uint32_t Cue(Time time,
                         const CellFreeState& state,
                         const CellFreeStateCovariance& covariance) = 0;

    /// @return the tracks after the last update, by ascending number
    virtual const std::vector<CellFreeTrack>& GetTracks() const = 0;

    /**
     * @brief Extrapolates the tracks.
     * @param time a time, not before the last update
     * @param[out] tracks the tracks as they are expected then, by ascending number
     */
    virtual void Predict(Time time, std::vector<CellFreeTrack>& tracks) const = 0;
};

} // namespace ns3

#endif // CELL_FREE_TRACKER_H
