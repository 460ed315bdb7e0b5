// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_PLAIN_WMMSE_H
#define ISAC_PLAIN_WMMSE_H

#include "ns3/isac-metrics.h"
#include "ns3/isac-problem.h"

namespace ns3
{

/**
 * @brief The baseline of the benchmark: textbook WMMSE with per-AP power and the sensing term.
 *
 * Block descent over APs with the classical minorant, every AP in all its N antennas: an
 * eigendecomposition of A_m and a bisection for the one multiplier mu_m. Sensing enters through
 * the minorant of ln(1 + q) of curvature 1/8 in a_m^H f_ms. Nothing is tuned and nothing reused.
 */
class IsacPlainWmmse
{
  public:
    /**
     * @brief Sets what is solved.
     * @param problem a valid normalised problem; it must outlive this object
     * @param sensingWeight beta_s, >= 0
     * @param start beams to start from
     */
    IsacPlainWmmse(const IsacProblem& problem, double sensingWeight, const IsacBeams& start);

    /**
     * @brief One outer iteration: receivers and weights, then five sweeps over the APs.
     * @return the objective (8a) reached (bit/s/Hz)
     */
    double Iterate();

    /// @return the beams reached
    const IsacBeams& GetBeams() const
    {
        return m_beams;
    }

  private:
    /**
     * @brief Optimises the beams of one AP with those of all others fixed.
     * @param m the AP
     * @param receiver U: v_u of the present outer iteration
     * @param weight U: 1 + SINR_u of the present outer iteration
     */
    void UpdateAp(Eigen::Index m, const Eigen::VectorXcd& receiver, const Eigen::VectorXd& weight);

    const IsacProblem& m_problem; //!< the problem
    double m_sensingWeight;       //!< beta_s
    IsacBeams m_beams;            //!< the present beams
    IsacMetrics m_metrics;        //!< evaluation of the beams
};

} // namespace ns3

#endif // ISAC_PLAIN_WMMSE_H
