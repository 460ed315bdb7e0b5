// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SCHEDULER_H
#define CELL_FREE_SCHEDULER_H

#include "ns3/isac-problem.h"
#include "ns3/nstime.h"
#include "ns3/object.h"

#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Chooses the UEs that share one slot by spatial multiplexing.
 *
 * To write your own, derive from this class, or from CellFreeRankingScheduler if it orders the UEs
 * by preference, implement the pure virtual function and register a TypeId.
 */
class CellFreeScheduler : public Object
{
  public:
    /// A UE that has something to send or to receive and can be reached.
    struct Candidate
    {
        uint32_t ue{0};                //!< index of the UE
        uint32_t queuedBytes{0};       //!< bytes waiting for a first transmission
        bool hasRetransmission{false}; //!< true if a failed block is ready again
        double snr{0.0};               //!< believed interference-free SNR, linear
        uint32_t priority{0}; //!< first priority of which a packet is pending, 0 is served first
        /// log2(1 + SINR) if the power is shared by as many as may be served, without interference
        /// (bit/s/Hz)
        double rate{0.0};
        Time headOfLineDelay; //!< how long the oldest data has waited
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeScheduler() override;

    /**
     * @brief Say whether Select() wants to know the channels, which costs the CPU a problem of all
     * candidates; false as given here.
     * @return true if SetChannels() must be called before Select()
     */
    virtual bool NeedsChannels() const;

    /**
     * @brief Learn the candidates' channels; does nothing as given here.
     * @param bands of each sub-band, the problem as the CPU believes it, a column of h for each
     * candidate of the next Select() and no target; valid until the slot is over
     */
    virtual void SetChannels(const std::vector<IsacProblem>& bands);

    /**
     * @brief Choose the UEs of one slot.
     * @param candidates UEs to choose from, in ascending order of their index
     * @param maxStreams largest number of UEs to choose; may be 0
     * @param[out] chosen indices of the chosen UEs, in ascending order
     */
    virtual void Select(const std::vector<Candidate>& candidates,
                        uint32_t maxStreams,
                        std::vector<uint32_t>& chosen) = 0;

    /**
     * @brief Tell what a UE's stream carried; does nothing unless a scheduler cares.
     * @param ue index of the UE
     * @param bytes size of the transport block, 0 if nothing was sent
     * @param isDecoded true if it came through
     */
    virtual void NotifyServed(uint32_t ue, uint32_t bytes, bool isDecoded);

    /**
     * @brief Weight of a chosen UE's rate in the policy's objective; as given here, 1.
     * @param ue index of the UE
     * @return the weight, from 0 to IsacProblem::MAX_WEIGHT
     */
    virtual double GetWeight(uint32_t ue) const;

    /**
     * @brief Fixes the random streams, if there are any.
     * @param stream first stream index
     * @return the number of streams used
     */
    virtual int64_t AssignStreams(int64_t stream);
};

} // namespace ns3

#endif // CELL_FREE_SCHEDULER_H
