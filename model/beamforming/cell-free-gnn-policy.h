// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_GNN_POLICY_H
#define CELL_FREE_GNN_POLICY_H

#include "cell-free-beamforming-policy.h"
#include "isac-wmmse-solver.h"

#include "ns3/isac-gnn-edge-inference.h"
#include "ns3/isac-gnn-inference.h"

#include <string>
#include <variant>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Beams from a trained graph network, with the joint solver's iterations on top if wanted.
 *
 * The weight file says which head it has. One with the structured head serves every number of APs,
 * UEs, targets and antennas and every sensing weight, which may change while the simulation runs.
 * One with the edge head serves one number of antennas, and its beams are those of the sensing
 * weight that it was trained for; SensingWeight then matters for refining alone. LibTorch is not
 * needed.
 */
class CellFreeGnnPolicy : public CellFreeBeamformingPolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// @return path of the weight file that this module ships
    static std::string GetDefaultWeightFile();

    bool UsesSensingWeight() const override;

  private:
    /**
     * @brief Sets attribute WeightFile; the file is read at the next decision.
     * @param path path of the file, or nothing for the one that this module ships
     */
    void SetWeightFile(const std::string& path);

    uint32_t DoComputeBeams(const IsacProblem& problem,
                            IsacBeams& beams,
                            const IsacBeams* previous) override;

    /// Reads the weight file; aborts if that fails.
    void Load();

    /// A network of either head, or none yet.
    using Network = std::variant<std::monostate, IsacGnnInference, IsacGnnEdgeInference>;

    std::string m_weightFile;    //!< attribute WeightFile
    double m_sensingWeight;      //!< attribute SensingWeight
    uint32_t m_refineIterations; //!< attribute RefineIterations
    Network m_network;           //!< the network of m_weightFile
    IsacWmmseSolver m_solver;    //!< refines its beams
};

} // namespace ns3

#endif // CELL_FREE_GNN_POLICY_H
