// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_JSC_POLICY_H
#define CELL_FREE_JSC_POLICY_H

#include "cell-free-estimate-policy.h"
#include "isac-jsc-solver.h"

#include "ns3/traced-callback.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The largest sensing SNR such that every UE has a least SINR: see IsacJscSolver.
 *
 * If the least SINR cannot be met, the beams maximise the smallest SINR; IsFeasible() and the trace
 * source Feasible tell.
 */
class CellFreeJscPolicy : public CellFreeEstimatePolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeJscPolicy() override;

    /**
     * @brief Says whether the last decision's problem allows the least SINR.
     * @return true if every UE has it; true before the first decision
     */
    bool IsFeasible() const;

    /**
     * @brief Get the certificate of the last decision.
     * @return no beams have a larger sum of the targets' sensing SNRs (linear); meaningless if
     * IsFeasible() is false
     */
    double GetSensingSnrBound() const;

    /**
     * @brief Signature of the trace source Feasible.
     * @param [in] feasible whether the least SINR can be met
     * @param [in] bound upper bound of the sum of the targets' sensing SNRs (linear)
     */
    typedef void (*FeasibleTracedCallback)(bool feasible, double bound);

  private:
    uint32_t DoUseEstimate(const IsacProblem& problem,
                           IsacBeams& beams,
                           const IsacBeams* previous) override;

    double m_minSinr{1.0};                        //!< least SINR of every UE, linear
    double m_tolerance{1e-5};                     //!< relative duality gap
    uint32_t m_maxIterations{2000};               //!< limit of Newton steps
    IsacJscSolver m_solver;                       //!< the solver
    bool m_feasible{true};                        //!< of the last decision
    double m_sensingSnrBound{0.0};                //!< of the last decision
    TracedCallback<bool, double> m_feasibleTrace; //!< fired at every decision
};

} // namespace ns3

#endif // CELL_FREE_JSC_POLICY_H
