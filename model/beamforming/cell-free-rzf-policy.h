// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_RZF_POLICY_H
#define CELL_FREE_RZF_POLICY_H

#include "cell-free-estimate-policy.h"
#include "isac-rzf-solver.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Regularised zero forcing, stacked over the APs; no sensing stream. With the error
 * variances of estimates in its matrix it is the MMSE beamformer.
 */
class CellFreeRzfPolicy : public CellFreeEstimatePolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    bool UsesErrors() const override;
    uint32_t DoUseEstimate(const IsacProblem& problem,
                           IsacBeams& beams,
                           const IsacBeams* previous) override;

    RzfScaling m_scaling;   //!< attribute Scaling
    IsacRzfSolver m_solver; //!< the solver and its work space
};

} // namespace ns3

#endif // CELL_FREE_RZF_POLICY_H
