// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SCHEDULER_H
#define CELL_FREE_SCHEDULER_H

#include "ns3/object.h"

#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Chooses the UEs that share one slot by spatial multiplexing.
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
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeScheduler() override;

    /**
     * @brief Choose the UEs of one slot.
     * @param candidates UEs to choose from, in ascending order of their index
     * @param maxStreams largest number of UEs to choose
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

/**
 * @ingroup cellfree-isac
 * @brief Serves the candidates in turn.
 */
class CellFreeRoundRobinScheduler : public CellFreeScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeRoundRobinScheduler();
    ~CellFreeRoundRobinScheduler() override;

    void Select(const std::vector<Candidate>& candidates,
                uint32_t maxStreams,
                std::vector<uint32_t>& chosen) override;

  private:
    uint32_t m_next{0}; //!< the turn is with the first candidate at or after this UE
};

} // namespace ns3

#endif // CELL_FREE_SCHEDULER_H
