// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FRONTHAUL_H
#define CELL_FREE_FRONTHAUL_H

#include "cell-free-slot-plan.h"

#include "ns3/object.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Carries plans from the CPU to its APs: what that costs in time, and what gets lost.
 */
class CellFreeFronthaul : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeFronthaul() override;

    /**
     * @brief Carry a downlink plan to the APs.
     * @param[in,out] plan the plan; beams of an AP that gets none of it are set to zero
     * @return downlink slots by which the plan takes effect later than it was meant to
     */
    virtual uint32_t Transfer(CellFreeSlotPlan& plan) = 0;

    /**
     * @brief Carry what the APs receive in an uplink slot to the CPU; as given here, all of it.
     * @param[in,out] plan the uplink plan, before MCS are chosen; an AP whose signals do not come
     * in serves no UE of it
     */
    virtual void Collect(CellFreeSlotPlan& plan);
};

/**
 * @ingroup cellfree-isac
 * @brief A fronthaul without delay and without limit.
 */
class CellFreeIdealFronthaul : public CellFreeFronthaul
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeIdealFronthaul();
    ~CellFreeIdealFronthaul() override;

    uint32_t Transfer(CellFreeSlotPlan& plan) override;
};

} // namespace ns3

#endif // CELL_FREE_FRONTHAUL_H
