// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_EXPECTED_RATE_H
#define ISAC_EXPECTED_RATE_H

#include "isac-expected-log.h"

#include "ns3/isac-problem.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The score of beams where channels are estimates: the mean of each UE's true rate over the
 * channels that its estimate leaves possible, without sampling.
 *
 * With h_u ~ CN(h^_u, E_u), E_u = blkdiag_m(e_mu I), and a UE that knows its own gain,
 *
 *     E R_u = E log2(1 + ||F^H h_u||^2 / sigma_u^2) - E log2(1 + ||F_u^H h_u||^2 / sigma_u^2),
 *
 * F_u being the beams but for the UE's own, and both means are of Gaussian vectors: see
 * IsacExpectedLog. Without error variances it is log2(1 + SINR_u). Memory is kept from one call to
 * the next.
 */
class IsacExpectedRate
{
  public:
    /**
     * @brief Evaluates beams.
     * @param problem the problem, with or without errorVariance
     * @param beams beams of its size
     */
    void Evaluate(const IsacProblem& problem, const IsacBeams& beams);

    /// @return U: mean true rate of every UE (bit/s/Hz)
    const Eigen::VectorXd& GetRate() const
    {
        return m_rate;
    }

    /// @return the sum over UEs, without weights (bit/s/Hz)
    double GetSumRate() const
    {
        return m_rate.sum();
    }

  private:
    IsacExpectedLog m_law;         //!< of the signals of one UE
    Eigen::MatrixXcd m_scaled;     //!< (M N) x S: E_u F over the noise
    Eigen::MatrixXcd m_covariance; //!< S x S: of what the UE receives, over the noise
    Eigen::VectorXcd m_mean;       //!< S: its mean, over the noise's amplitude
    Eigen::MatrixXcd m_others;     //!< the covariance without the UE's own stream
    Eigen::VectorXcd m_othersMean; //!< likewise
    Eigen::VectorXd m_rate;        //!< U
};

} // namespace ns3

#endif // ISAC_EXPECTED_RATE_H
