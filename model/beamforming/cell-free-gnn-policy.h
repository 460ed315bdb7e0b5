// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_GNN_POLICY_H
#define CELL_FREE_GNN_POLICY_H

#include "cell-free-estimate-policy.h"
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
 * UEs, targets and antennas and every weight of UEs and targets, which may change while the
 * simulation runs. One with the edge head serves one number of antennas, and its beams are those of
 * the sensing weight that it was trained for and of UEs that weigh the same; the problem's weights
 * then matter for refining alone. LibTorch is not needed.
 *
 * Where channels are estimates, the structured head's network sees the variances of their errors,
 * the edge head's sees the estimates discounted; the solver's iterations raise the mean of the
 * objective over the channels that the estimates leave possible.
 *
 * The file is read when attribute WeightFile is set; FindError() says what was wrong with it.
 */
class CellFreeGnnPolicy : public CellFreeEstimatePolicy
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
    std::string FindError() const override;
    std::string FindMisfit(const IsacProblem& problem) const override;

  private:
    /**
     * @brief Sets attribute WeightFile and reads the file.
     * @param path path of the file, or nothing for the one that this module ships
     */
    void SetWeightFile(const std::string& path);

    bool UsesErrors() const override;
    uint32_t DoUseEstimate(const IsacProblem& problem,
                           IsacBeams& beams,
                           const IsacBeams* previous) override;

    /// A network of either head.
    using Network = std::variant<IsacGnnInference, IsacGnnEdgeInference>;

    std::string m_weightFile;       //!< attribute WeightFile
    std::string m_error;            //!< what was wrong with it
    uint32_t m_refineIterations{0}; //!< attribute RefineIterations
    Network m_network;              //!< the network of m_weightFile
    IsacWmmseSolver m_solver;       //!< refines its beams
    IsacProblem m_discounted;       //!< the problem that an edge network sees
};

} // namespace ns3

#endif // CELL_FREE_GNN_POLICY_H
