// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_DETECTION_H
#define ISAC_DETECTION_H

#include "isac-energy-distribution.h"

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ns3
{

/// How the reflection alpha of a look, E|alpha|^2 = 1, changes from dwell to dwell.
enum IsacFluctuation
{
    ISAC_SWERLING_1, //!< CN(0, 1), redrawn for every dwell
    ISAC_CONSTANT,   //!< |alpha| = 1 with a random phase
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief SNR of a dwell after matched receive combining and coherent integration:
 * the per-symbol SNR of equation (7) times N_r L.
 * @param snr SNR_t of equation (7), linear
 * @param nReceiveAntennas N_r of one AP
 * @param nSymbols L, the symbols of the dwell
 * @return the SNR that detection works on, linear
 */
double GetCombinedSensingSnr(double snr, uint32_t nReceiveAntennas, uint64_t nSymbols);

/**
 * @ingroup cellfree-isac
 * @brief Detection threshold on |y|^2 / noise power of a square-law detector: -ln Pfa, because
 * the power of complex Gaussian noise is exponential.
 * @param pfa probability of false alarm, in (0, 1)
 * @return the threshold, linear
 */
double GetDetectionThreshold(double pfa);

/**
 * @ingroup cellfree-isac
 * @brief Probability that a Swerling I target is detected in one look: Pfa^(1 / (1 + SNR))
 * (P. Swerling, "Probability of detection for fluctuating targets", 1960, one pulse).
 * @param snr mean SNR after combining, linear, >= 0
 * @param pfa probability of false alarm, in (0, 1)
 * @return Pd, in [Pfa, 1)
 */
double GetSwerlingDetectionProbability(double snr, double pfa);

/**
 * @ingroup cellfree-isac
 * @brief Probability that a target of constant cross section is detected in one look:
 * Marcum's Q_1(sqrt(2 SNR), sqrt(-2 ln Pfa)) (J. Marcum, 1960, one pulse).
 *
 * Summed as the Poisson mixture sum_k e^-SNR SNR^k / k! * Q(k + 1, -ln Pfa) with Q the regularised
 * upper incomplete gamma function; all terms are positive.
 *
 * @param snr SNR after combining, linear, >= 0
 * @param pfa probability of false alarm, in [1e-30, 1)
 * @return Pd, in [Pfa, 1]
 */
double GetConstantDetectionProbability(double snr, double pfa);

} // namespace cellfree

/**
 * @ingroup cellfree-isac
 * @brief A test on the energies of K independent looks at one target,
 * y_k = sqrt(s_k) alpha_k + n_k with n_k ~ CN(0, 1): a target is there if
 * T = sum_k w_k |y_k|^2 exceeds a threshold.
 *
 * The mean SNRs s_k are known to the test, as they are to a tracker that knows where to look. The
 * threshold is the point of T's distribution under noise alone that is exceeded with probability
 * Pfa, so Pfa holds whatever the weights are.
 *
 * Swerling I: w_k = s_k / (1 + s_k) makes T the logarithm of the likelihood ratio, so no test of
 * the same Pfa has a larger Pd (J. Neyman, E. Pearson, 1933). Pd never falls when a look is added
 * or an SNR rises, because the best test could ignore the look or add the noise back. Pd is the
 * tail of sum_k s_k E_k, E_k unit exponentials.
 *
 * Constant cross section: w_k = 1 for the j looks of largest SNR and 0 for the others, with the j
 * of largest Pd. The likelihood ratio, prod_k e^-s_k I_0(2 sqrt(s_k) |y_k|), would detect a little
 * more; a sum with weights that depend on the SNRs can lose by a look that is added. This one
 * cannot: for each j, Pd grows with every SNR, and a look that is added leaves every j at least
 * the SNRs that it had. Pd is the tail of a non-central chi-square.
 */
class IsacPooledTest
{
  public:
    /**
     * @brief Chooses weights and threshold. Allocates only if K grows.
     * @param snr K: mean SNR s_k of every look after combining, linear, >= 0
     * @param fluctuation how the looks' reflections change
     * @param pfa probability of false alarm, in [1e-30, 0.5]
     */
    void Design(const Eigen::Ref<const Eigen::VectorXd>& snr,
                IsacFluctuation fluctuation,
                double pfa);

    /// @return K: the weights w_k, >= 0
    const Eigen::VectorXd& GetWeights() const
    {
        return m_weights;
    }

    /// @return the threshold on T, > 0; infinite without a look
    double GetThreshold() const
    {
        return m_threshold;
    }

    /// @return Pd over reflections and noise, in [Pfa, 1]; Pfa if no look has an SNR
    double GetDetectionProbability() const
    {
        return m_pd;
    }

    /**
     * @brief Probability of detection over the noise alone, with the reflections of one dwell.
     * @param snr K: s_k |alpha_k|^2, linear, >= 0
     * @return the probability
     */
    double GetConditionalProbability(const Eigen::Ref<const Eigen::VectorXd>& snr) const;

  private:
    /// Neyman-Pearson weights. @param snr K: mean SNRs @param pfa probability of false alarm
    void DesignSwerling(const Eigen::Ref<const Eigen::VectorXd>& snr, double pfa);
    /// The best number of looks. @param snr K: mean SNRs @param pfa probability of false alarm
    void DesignConstant(const Eigen::Ref<const Eigen::VectorXd>& snr, double pfa);

    Eigen::VectorXd m_weights;                   //!< w_k
    double m_threshold{0.0};                     //!< on T
    double m_pd{0.0};                            //!< detection probability
    std::vector<Eigen::Index> m_order;           //!< looks by falling SNR
    double m_tabulatedPfa{0.0};                  //!< what m_equalThresholds is for
    std::vector<double> m_equalThresholds;       //!< for j looks of weight 1, at j - 1
    mutable std::vector<IsacEnergyTerm> m_terms; //!< work space
};

} // namespace ns3

#endif // ISAC_DETECTION_H
