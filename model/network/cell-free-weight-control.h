// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_WEIGHT_CONTROL_H
#define CELL_FREE_WEIGHT_CONTROL_H

#include "cell-free-scan.h"

#include "ns3/object.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Chooses how much the policy's objective weighs each target, from dwell to dwell.
 */
class CellFreeWeightControl : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeWeightControl();
    ~CellFreeWeightControl() override;

    /**
     * @brief The weight of a stream from now on.
     * @param aim what the stream is for
     * @param weight the attribute SensingWeight of the CPU
     * @return beta_t, >= 0
     */
    virtual double GetWeight(const CellFreeAim& aim, double weight) = 0;

    /**
     * @brief Learns what a dwell was expected to give, with the weight that it had.
     * @param end end of the dwell
     * @param look one of its aims
     */
    virtual void Notify(Time end, const CellFreeScanLook& look) = 0;
};

/**
 * @ingroup cellfree-isac
 * @brief The weight is the CPU's attribute SensingWeight.
 */
class CellFreeFixedWeight : public CellFreeWeightControl
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    // Inherited
    double GetWeight(const CellFreeAim& aim, double weight) override;
    void Notify(Time end, const CellFreeScanLook& look) override;
};

} // namespace ns3

#endif // CELL_FREE_WEIGHT_CONTROL_H
