// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_WMMSE_POLICY_H
#define CELL_FREE_WMMSE_POLICY_H

#include "cell-free-estimate-policy.h"
#include "isac-wmmse-solver.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Largest weighted sum rate under every AP's power limit: IsacWmmseSolver without sensing.
 */
class CellFreeWmmsePolicy : public CellFreeEstimatePolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    uint32_t DoUseEstimate(const IsacProblem& problem,
                           IsacBeams& beams,
                           const IsacBeams* previous) override;

    /// @return what the error variances of a problem count for
    virtual WmmseErrors GetErrors() const;

    WmmseStart m_start;       //!< attribute Start
    bool m_warmStart;         //!< attribute WarmStart
    double m_tolerance;       //!< attribute Tolerance
    uint32_t m_maxIterations; //!< attribute MaxIterations
    IsacWmmseSolver m_solver; //!< the solver and its work space
};

/**
 * @ingroup cellfree-isac
 * @brief Largest objective (8): the same solver with the problem's sensing weights.
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
};

/**
 * @ingroup cellfree-isac
 * @brief Largest mean of the objective (8) over the channels that an estimate leaves possible: the
 * same solver with the problem's error variances. Without them it is the joint policy.
 *
 * The mean is exact, not one of samples (IsacExpectedLog), so that there is nothing to draw and
 * nothing to fit but the law itself.
 */
class CellFreeRobustPolicy : public CellFreeJointPolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    bool UsesErrors() const override;
    WmmseErrors GetErrors() const override;

    WmmseErrors m_objective; //!< attribute Objective
};

} // namespace ns3

#endif // CELL_FREE_WMMSE_POLICY_H
