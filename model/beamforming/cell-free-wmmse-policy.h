// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_WMMSE_POLICY_H
#define CELL_FREE_WMMSE_POLICY_H

#include "cell-free-beamforming-policy.h"
#include "isac-wmmse-solver.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Largest sum rate under every AP's power limit: IsacWmmseSolver with beta_s = 0.
 */
class CellFreeWmmsePolicy : public CellFreeBeamformingPolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    /// @return beta_s of the objective, >= 0
    virtual double DoGetSensingWeight() const;

    uint32_t DoComputeBeams(const IsacProblem& problem,
                            IsacBeams& beams,
                            const IsacBeams* previous) override;

    WmmseStart m_start;       //!< attribute Start
    bool m_warmStart;         //!< attribute WarmStart
    double m_tolerance;       //!< attribute Tolerance
    uint32_t m_maxIterations; //!< attribute MaxIterations
    IsacWmmseSolver m_solver; //!< the solver and its work space
};

/**
 * @ingroup cellfree-isac
 * @brief Largest objective (8): the same solver with a sensing weight.
 */
class CellFreeJointPolicy : public CellFreeWmmsePolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    bool UsesSensingWeight() const override;

  private:
    double DoGetSensingWeight() const override;

    double m_sensingWeight; //!< attribute SensingWeight
};

} // namespace ns3

#endif // CELL_FREE_WMMSE_POLICY_H
