// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_TRACK_SCORER_H
#define CELL_FREE_TRACK_SCORER_H

#include "ns3/cell-free-link.h"
#include "ns3/isac-gospa.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

namespace ns3
{

/// How well a CPU's tracks tell of the targets after one dwell.
struct CellFreeTrackScore
{
    uint32_t cpuId{0};             //!< node id of the CPU
    std::vector<int64_t> targetId; //!< per track: node id of its target, or -1
    std::vector<double> error;     //!< per track: distance to its target (m), or NaN
    IsacGospa gospa;               //!< of the confirmed tracks, coasting ones included
    double ospa{0.0};              //!< the same by OSPA (m)
};

/// What became of one target over a run.
struct CellFreeTargetRecord
{
    Time appeared;        //!< end of the first dwell in which it was there
    Time found;           //!< end of the first dwell after which a track was its; or Time::Max()
    uint64_t nScans{0};   //!< dwells in which it was there
    uint64_t nTracked{0}; //!< dwells after which a track was its
    double squaredErrorSum{0.0};  //!< over these (m^2)
    uint64_t nSwitches{0};        //!< changes from one track to another
    uint32_t trackId{UINT32_MAX}; //!< number of its last track
};

/**
 * @ingroup cellfree-isac
 * @brief Compares tracks with the truth, for traces and tables: nothing in a network can.
 *
 * The truth are the targets of the channel, without the unintended ones. Tracks are compared as
 * they are extrapolated to the time of the truth. Each target has one record, whichever CPU tracks
 * it.
 */
class CellFreeTrackScorer : public Object
{
  public:
    /// TracedCallback signature of the Score trace source.
    typedef void (*ScoreTracedCallback)(const CellFreeTrackScore& score,
                                        const CellFreeScan& scan,
                                        const std::vector<CellFreeTrack>& tracks);

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeTrackScorer();
    ~CellFreeTrackScorer() override;

    /**
     * @brief Listen to the CPUs of a link.
     * @param link the link, all CPUs installed
     */
    void Connect(Ptr<CellFreeLink> link);

    /// @return what became of each target, by node id
    const std::map<uint32_t, CellFreeTargetRecord>& GetRecords() const;

    /// @return mean of GOSPA over the dwells of all CPUs (m); NaN without
    double GetMeanGospa() const;

  protected:
    void DoDispose() override;

  private:
    /**
     * @brief Compares the tracks of a CPU after a dwell.
     * @param cpu position of the CPU on the link
     * @param scan what the dwell told
     * @param tracks what the tracker made of it
     */
    void Score(std::size_t cpu, const CellFreeScan& scan, const std::vector<CellFreeTrack>& tracks);

    double m_cutoff;                                    //!< c of GOSPA and OSPA (m)
    double m_order;                                     //!< p of GOSPA and OSPA
    Ptr<CellFreeLink> m_link;                           //!< the link
    CellFreeTrackScore m_score;                         //!< of the present dwell
    std::vector<uint32_t> m_targetIds;                  //!< node ids of the targets
    Eigen::Matrix3Xd m_truth;                           //!< where they are (m)
    Eigen::Matrix3Xd m_believed;                        //!< where confirmed tracks are (m)
    std::map<uint32_t, CellFreeTargetRecord> m_records; //!< by node id of the target
    double m_gospaSum{0.0};                             //!< over all dwells (m)
    uint64_t m_nScans{0};                               //!< dwells of all CPUs
    /// A dwell was compared.
    TracedCallback<const CellFreeTrackScore&,
                   const CellFreeScan&,
                   const std::vector<CellFreeTrack>&>
        m_scoreTrace;
};

} // namespace ns3

#endif // CELL_FREE_TRACK_SCORER_H
