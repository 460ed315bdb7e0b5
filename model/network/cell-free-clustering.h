// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_CLUSTERING_H
#define CELL_FREE_CLUSTERING_H

#include "ns3/cell-free-csi.h"
#include "ns3/object.h"

#include <Eigen/Core>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Chooses which APs serve which UEs.
 */
class CellFreeClustering : public Object
{
  public:
    /// M x U: true where an AP may serve a UE; empty if every AP serves every UE.
    using Mask = Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeClustering() override;

    /**
     * @brief Look at who is there, once in every slot before anything else is asked; does nothing
     * unless a clustering cares. A clustering that renews its clusters decides by the simulation
     * time whether they are due.
     * @param csi what the CPU knows of the channels
     * @param aps the CPU's APs
     * @param ues the CPU's UEs, ascending
     */
    virtual void Update(CellFreeCsi& csi,
                        const std::vector<uint32_t>& aps,
                        const std::vector<uint32_t>& ues);

    /**
     * @brief Say which APs serve the UEs of a slot.
     * @param aps the CPU's APs
     * @param ues the UEs of the slot
     * @param[out] serving the mask; at least one AP per UE
     */
    virtual void GetServing(const std::vector<uint32_t>& aps,
                            const std::vector<uint32_t>& ues,
                            Mask& serving) = 0;
};

/**
 * @ingroup cellfree-isac
 * @brief Every AP serves every UE.
 */
class CellFreeAllServe : public CellFreeClustering
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeAllServe();
    ~CellFreeAllServe() override;

    void GetServing(const std::vector<uint32_t>& aps,
                    const std::vector<uint32_t>& ues,
                    Mask& serving) override;
};

} // namespace ns3

#endif // CELL_FREE_CLUSTERING_H
