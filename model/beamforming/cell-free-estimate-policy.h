// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ESTIMATE_POLICY_H
#define CELL_FREE_ESTIMATE_POLICY_H

#include "cell-free-beamforming-policy.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Base of the policies that know what to do with the error variances of estimates.
 *
 * Where a problem has IsacProblem::errorVariance, a policy either uses it itself or, knowing
 * channels alone, gets them discounted by what their errors will let through
 * (cellfree::DiscountErrors()).
 */
class CellFreeEstimatePolicy : public CellFreeBeamformingPolicy
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  private:
    uint32_t DoComputeBeams(const IsacProblem& problem,
                            IsacBeams& beams,
                            const IsacBeams* previous) override;

    /**
     * @brief Says who uses the error variances.
     * @return true if DoUseEstimate() does; by default false: it sees discounted channels
     */
    virtual bool UsesErrors() const;

    /**
     * @brief Computes the beams, as DoComputeBeams() does.
     * @param problem the normalised problem; without error variances unless UsesErrors()
     * @param[in,out] beams sized for the problem and zero on entry; ||F_m||^2 <= 1 on return
     * @param previous normalised beams to start from, or null
     * @return the number of iterations, 0 for a closed form
     */
    virtual uint32_t DoUseEstimate(const IsacProblem& problem,
                                   IsacBeams& beams,
                                   const IsacBeams* previous) = 0;

    bool m_ignoreErrors;   //!< attribute IgnoreErrors
    IsacProblem m_certain; //!< the problem without error variances
};

} // namespace ns3

#endif // CELL_FREE_ESTIMATE_POLICY_H
