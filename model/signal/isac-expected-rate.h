// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_EXPECTED_RATE_H
#define ISAC_EXPECTED_RATE_H

#include "isac-expected-log.h"
#include "isac-metrics.h"
#include "isac-problem.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The mean of the objective (8a) over the channels that estimates leave possible.
 *
 * With h_u ~ CN(h^_u, blkdiag_m(e_mu I)), what UE u receives of the streams is Gaussian,
 * F^H h_u ~ CN(F^H h^_u, F^H E_u F), and so E R_u = E log2(1 + T_u) - E log2(1 + I_u), T_u being the
 * power of all streams and I_u that of all but its own, exact by IsacExpectedLog. The UE knows its
 * own gain. Sensing does not depend on the channels of UEs. Without errorVariance these are the
 * rates of IsacMetrics.
 */
class IsacExpectedRate
{
  public:
    /**
     * @brief Evaluates beams.
     * @param problem a problem in any units
     * @param beams its beams
     */
    void Evaluate(const IsacProblem& problem, const IsacBeams& beams);

    /// @return U x 1: E R_u (bit/s/Hz)
    const Eigen::VectorXd& GetRate() const
    {
        return m_rate;
    }

    /// @return the sum over the UEs, without weights (bit/s/Hz)
    double GetSumRate() const
    {
        return m_rate.sum();
    }

    /// @return sum_u w_u E R_u + sum_t beta_t log2(1 + combiningGain SNR_t) (bit/s/Hz)
    double GetObjective() const
    {
        return m_objective;
    }

  private:
    IsacMetrics m_metrics;         //!< of the estimate
    IsacExpectedLog m_law;         //!< of what a UE receives
    Eigen::VectorXd m_rate;        //!< U: mean rates
    Eigen::MatrixXcd m_scaled;     //!< (M N) x S: E_u F over the noise
    Eigen::VectorXcd m_mean;       //!< S: mean of what a UE receives, over the noise's amplitude
    Eigen::MatrixXcd m_covariance; //!< S x S: its covariance, over the noise
    double m_objective{0.0};       //!< the objective
};

} // namespace ns3

#endif // ISAC_EXPECTED_RATE_H
