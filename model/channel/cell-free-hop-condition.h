// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_HOP_CONDITION_H
#define CELL_FREE_HOP_CONDITION_H

#include "ns3/channel-condition-model.h"
#include "ns3/mobility-model.h"
#include "ns3/ptr.h"

#include <cstdint>
#include <map>
#include <utility>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Whether the hop between an AP and a target is clear, by one of ns-3's condition models.
 *
 * A hop is clear in line of sight and not from outdoors to indoors. ns-3's 3GPP models draw a state
 * at the first question about a link, from one stream for all links, and again after UpdatePeriod
 * (0, the default: never). Here each hop asks a copy of its own, made with the model's attributes
 * as they are at the first question, on random streams of its own: its states do not depend on
 * which other hops there are. Models of other classes are asked as they are.
 */
class CellFreeHopCondition
{
  public:
    /**
     * @brief Sets the model; every hop begins anew.
     * @param model the model, or null: every hop is clear
     */
    void SetModel(Ptr<ChannelConditionModel> model);

    /// @return the model, or null
    Ptr<ChannelConditionModel> GetModel() const;

    /**
     * @brief Fixes the random streams of all hops, which begin anew.
     * @param first first stream number of the module, >= 0
     */
    void AssignStreams(int64_t first);

    /**
     * @brief Says whether a hop is clear with its ends where they are now. Aborts on ends that are
     * unknown to ns-3's buildings if the model asks those.
     * @param apId node id of the AP
     * @param targetId node id of the target, below 2^17 if streams are assigned
     * @param ap where the AP is
     * @param target where the target is
     * @return false if it is blocked
     */
    bool IsClear(uint32_t apId,
                 uint32_t targetId,
                 const Ptr<const MobilityModel>& ap,
                 const Ptr<const MobilityModel>& target);

  private:
    /**
     * @brief The model that a hop asks.
     * @param apId node id of the AP
     * @param targetId node id of the target
     * @return a copy of its own, or the model
     */
    Ptr<const ChannelConditionModel> GetModelOf(uint32_t apId, uint32_t targetId);

    /// Forgets the copies, and fixes the streams of a model that serves all hops.
    void Begin();

    Ptr<ChannelConditionModel> m_model; //!< the model; null: every hop is clear
    bool m_isCopied{false};             //!< whether every hop has a copy
    bool m_knowsBuildings{false};       //!< whether the model asks ns-3's buildings
    int64_t m_firstStream{-1};          //!< first stream of the module; -1: ns-3 chooses
    /// Copies, by node ids of AP and target.
    std::map<std::pair<uint32_t, uint32_t>, Ptr<ChannelConditionModel>> m_copies;
};

} // namespace ns3

#endif // CELL_FREE_HOP_CONDITION_H
