// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SPLIT_POLICY_H
#define CELL_FREE_SPLIT_POLICY_H

#include "cell-free-beamforming-policy.h"
#include "isac-split-solver.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Conjugate or zero-forcing communication with a share of the power, matched or null-space
 * sensing with the rest: the two-step designs of arXiv 2301.11328. See IsacSplitSolver.
 */
class CellFreeSplitPolicy : public CellFreeBeamformingPolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeSplitPolicy() override;

  private:
    uint32_t DoComputeBeams(const IsacProblem& problem,
                            IsacBeams& beams,
                            const IsacBeams* previous) override;

    double m_commPowerRatio{0.5}; //!< rho, in [0, 1]
    bool m_zeroForcing{false};    //!< zero-forcing instead of conjugate communication
    bool m_nullSpace{false};      //!< null-space instead of matched sensing
    IsacSplitSolver m_solver;     //!< the closed forms
};

/**
 * @ingroup cellfree-isac
 * @brief Regularised zero-forcing with null-space sensing, NS+RZF of arXiv 2301.11328.
 *
 * RZF stacked over the APs with regulariser U sigma^2 / (rho P_m), each (AP, UE) pair then scaled
 * to rho P_m / U; the sensing beam is a_m projected on the null space of that AP's UE channels,
 * with (1 - rho) P_m. See IsacSplitSolver for unequal powers, masks and several targets.
 */
class CellFreeNsRzfPolicy : public CellFreeBeamformingPolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeNsRzfPolicy() override;

  private:
    uint32_t DoComputeBeams(const IsacProblem& problem,
                            IsacBeams& beams,
                            const IsacBeams* previous) override;

    double m_commPowerRatio{0.5}; //!< rho, in [0, 1]
    IsacSplitSolver m_solver;     //!< the closed forms
};

} // namespace ns3

#endif // CELL_FREE_SPLIT_POLICY_H
