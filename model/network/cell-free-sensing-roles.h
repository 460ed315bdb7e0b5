// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SENSING_ROLES_H
#define CELL_FREE_SENSING_ROLES_H

#include "ns3/cell-free-aim.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/object.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Decides which APs of a CPU transmit and which receive echoes in a dwell.
 *
 * An AP that only receives sends nothing in the slots of the dwell, to UEs either. Choices are a
 * function of their arguments alone: beams are decided for slots to come, and dwells are asked for
 * more than once. To write your own, derive from this class, implement Choose() and register a
 * TypeId.
 */
class CellFreeSensingRoles : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeSensingRoles() override;

    /**
     * @brief Chooses the APs of a dwell. Of the channel, only where the CPU's own APs are may be
     * asked, and where a TARGET is.
     * @param channel the channel
     * @param aps indices of the CPU's APs in the channel
     * @param aims where the dwell looks
     * @param dwell number of the dwell
     * @param[out] transmitters those of aps that transmit, at least one unless aps is empty, in the
     * order of aps
     * @param[out] receivers those of aps that receive echoes, likewise
     */
    virtual void Choose(const CellFreeChannelModel& channel,
                        const std::vector<uint32_t>& aps,
                        const std::vector<CellFreeAim>& aims,
                        uint64_t dwell,
                        std::vector<uint32_t>& transmitters,
                        std::vector<uint32_t>& receivers) const = 0;
};

/**
 * @ingroup cellfree-isac
 * @brief Every AP transmits and receives at the same time.
 */
class CellFreeFullDuplex : public CellFreeSensingRoles
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    void Choose(const CellFreeChannelModel& channel,
                const std::vector<uint32_t>& aps,
                const std::vector<CellFreeAim>& aims,
                uint64_t dwell,
                std::vector<uint32_t>& transmitters,
                std::vector<uint32_t>& receivers) const override;
};

/**
 * @ingroup cellfree-isac
 * @brief Half duplex: some APs receive, the others transmit; no AP does both.
 *
 * Of M APs, M times ReceiverFraction rounded receive, at least one and at most M - 1.
 */
class CellFreeSplitRoles : public CellFreeSensingRoles
{
  public:
    /// Which APs receive.
    enum Choice
    {
        NEAREST,     //!< those nearest to any of the aims
        FIXED,       //!< the same always, spread evenly over the indices
        ALTERNATING, //!< as FIXED, moved on by one AP from dwell to dwell
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    void Choose(const CellFreeChannelModel& channel,
                const std::vector<uint32_t>& aps,
                const std::vector<CellFreeAim>& aims,
                uint64_t dwell,
                std::vector<uint32_t>& transmitters,
                std::vector<uint32_t>& receivers) const override;

  private:
    double m_receiverFraction; //!< share of the APs that receive
    Choice m_choice;           //!< which APs receive
};

} // namespace ns3

#endif // CELL_FREE_SENSING_ROLES_H
