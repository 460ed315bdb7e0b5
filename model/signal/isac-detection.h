// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_DETECTION_H
#define ISAC_DETECTION_H

#include "isac-energy-distribution.h"

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @brief How the reflection alpha of a look, E|alpha|^2 = 1, changes (P. Swerling, "Probability of
 * detection for fluctuating targets", IRE Trans. Inf. Theory 6, 1960).
 *
 * Every dwell and every look has an alpha of its own. Where a receiver splits a dwell into n
 * intervals, integrates each coherently, and adds their energies, cases II and IV have an alpha of
 * their own in every interval too; with n = 1 they are cases I and III. What Swerling calls case 0
 * or V is constant.
 */
enum IsacFluctuation
{
    ISAC_SWERLING_1, //!< CN(0, 1), the same in all intervals of a dwell
    ISAC_CONSTANT,   //!< |alpha| = 1 with a random phase
    ISAC_SWERLING_2, //!< CN(0, 1) in every interval
    ISAC_SWERLING_3, //!< |alpha|^2 gamma of shape 2, the same in all intervals of a dwell
    ISAC_SWERLING_4, //!< |alpha|^2 gamma of shape 2 in every interval
};

/**
 * @ingroup cellfree-isac
 * @brief What K looks of n intervals meet in one dwell, as it was drawn.
 */
struct IsacEchoes
{
    Eigen::MatrixXcd reflection; //!< n x K: alpha_ki
    Eigen::MatrixXcd noise;      //!< n x K: n_ki ~ CN(0, 1)
    Eigen::VectorXd reference;   //!< K: energy of the reference cells; 0 without

    /**
     * @brief Makes room; the values are undefined.
     * @param nLooks K
     * @param nIntervals n, >= 1
     */
    void Resize(Eigen::Index nLooks, Eigen::Index nIntervals);

    /**
     * @brief Mean of |alpha_ki|^2 over the intervals.
     * @param[out] factor K: the mean
     */
    void GetFluctuation(Eigen::VectorXd& factor) const;

    /**
     * @brief Mean of |alpha_ki|^2 over looks and intervals.
     * @param weight K: weights of the looks, >= 0; all the same if they are all 0
     * @return the mean
     */
    double GetMeanFluctuation(const Eigen::Ref<const Eigen::VectorXd>& weight) const;

    /**
     * @brief Energies sum_i |sqrt(s_k / n) alpha_ki + n_ki|^2.
     * @param snr K: mean SNR s_k of every look over all its intervals, linear, >= 0
     * @param[out] power K: the energies
     */
    void GetPower(const Eigen::Ref<const Eigen::VectorXd>& snr, Eigen::VectorXd& power) const;
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

/**
 * @ingroup cellfree-isac
 * @brief Probability that a Swerling III target is detected in one look: with a = 1 + SNR / 2 and
 * x = -ln Pfa, e^(-x / a) (1 + (a - 1) x / a^2) (P. Swerling, as above, one pulse).
 * @param snr mean SNR after combining, linear, >= 0
 * @param pfa probability of false alarm, in (0, 1)
 * @return Pd, in [Pfa, 1)
 */
double GetSwerling3DetectionProbability(double snr, double pfa);

/**
 * @ingroup cellfree-isac
 * @brief Threshold of a detector that averages the noise over n reference cells (CA-CFAR), over
 * their sum, for one look: Pfa^(-1/n) - 1 (H. Finn, R. Johnson, RCA Review 29, 1968).
 * @param pfa probability of false alarm, in (0, 1)
 * @param nReference n, >= 1
 * @return the threshold, linear
 */
double GetCfarThreshold(double pfa, uint32_t nReference);

/**
 * @ingroup cellfree-isac
 * @brief Probability that a CA-CFAR detector detects a Swerling I target in one look:
 * (1 + T / (1 + SNR))^-n with the threshold T of GetCfarThreshold() (Finn and Johnson, as above).
 * @param snr mean SNR after combining, linear, >= 0
 * @param pfa probability of false alarm, in (0, 1)
 * @param nReference n, >= 1
 * @return Pd, in [Pfa, 1)
 */
double GetCfarDetectionProbability(double snr, double pfa, uint32_t nReference);

/**
 * @ingroup cellfree-isac
 * @brief CFAR loss: the SNR that a Swerling I target needs with n reference cells, over the one
 * that it needs where the noise is known, for the same Pd.
 * @param pd probability of detection, in (pfa, 1)
 * @param pfa probability of false alarm, in (0, 1)
 * @param nReference n, >= 1
 * @return the loss (dB), > 0
 */
double GetCfarLoss(double pd, double pfa, uint32_t nReference);

} // namespace cellfree

/**
 * @ingroup cellfree-isac
 * @brief A test on the energies of K independent looks at one target, each of n intervals,
 * y_ki = sqrt(s_k / n) alpha_ki + n_ki with n_ki ~ CN(0, 1): a target is there if
 * T = sum_k w_k sum_i |y_ki|^2 exceeds a threshold.
 *
 * The mean SNRs s_k are known to the test, as they are to a tracker that knows where to look. The
 * threshold is the point of T's distribution under noise alone that is exceeded with probability
 * Pfa, so Pfa holds whatever the weights are. Where the noise is not known, each look has N
 * reference cells with nothing but noise of the same power, and T is compared with a multiple of
 * their energies' sum, with the same weights (cell averaging, CA-CFAR); that Pfa holds exactly too.
 *
 * Swerling I with one interval, II, and wherever m = n below: w_k = s_k / (n + s_k) makes T the
 * logarithm of the likelihood ratio, so no test of the same Pfa has a larger Pd (J. Neyman, E.
 * Pearson, 1933). Pd never falls when a look is added or an SNR rises, because the best test could
 * ignore the look or add the noise back. Pd is the tail of sum_k s_k / n G_k with G_k gamma
 * variables of shape n.
 *
 * All others, and with reference cells: w_k = 1 for the j looks of largest SNR and 0 for the
 * others, with the j of largest Pd. The likelihood ratio, prod_k e^-s_k I_0(2 sqrt(s_k) |y_k|) for
 * a constant target, would detect a little more; a sum with weights that depend on the SNRs can
 * lose by a look that is added. This one cannot: for each j, Pd grows with every SNR, and a look
 * that is added leaves every j at least the SNRs that it had. Pd is the tail of a non-central
 * chi-square for a constant target, and that of a mixture of gamma distributions for the others:
 * where |alpha|^2 has shape m over a dwell, the energy of a look has the generating function
 * (1 - t)^(m - n) (1 - (1 + s_k / m) t)^-m, with m = 1, n, 2, 2 n for Swerling I to IV.
 */
class IsacPooledTest
{
  public:
    /**
     * @brief Chooses weights and threshold. With known noise it allocates only if K grows.
     * @param snr K: mean SNR s_k of every look over all its intervals, linear, >= 0
     * @param fluctuation how the looks' reflections change
     * @param pfa probability of false alarm, in [1e-30, 0.5]
     * @param nIntervals n, >= 1
     * @param nReference N, reference cells of a look; 0: the noise is known
     */
    void Design(const Eigen::Ref<const Eigen::VectorXd>& snr,
                IsacFluctuation fluctuation,
                double pfa,
                uint32_t nIntervals = 1,
                uint32_t nReference = 0);

    /// @return K: the weights w_k, >= 0
    const Eigen::VectorXd& GetWeights() const
    {
        return m_weights;
    }

    /// @return the threshold on GetStatistic(), > 0; infinite without a look
    double GetThreshold() const
    {
        return m_threshold;
    }

    /**
     * @brief T, or T over the weighted sum of the reference cells' energies.
     * @param power K: sum_i |y_ki|^2
     * @param reference K: energies of the N n reference intervals of every look; not read where the
     * noise is known
     * @return the statistic
     */
    double GetStatistic(const Eigen::Ref<const Eigen::VectorXd>& power,
                        const Eigen::Ref<const Eigen::VectorXd>& reference) const;

    /**
     * @brief The statistic with reference cells that have exactly the energy to be expected.
     * @param power K: sum_i |y_ki|^2
     * @return the statistic
     */
    double GetStatistic(const Eigen::Ref<const Eigen::VectorXd>& power) const;

    /// @return Pd over reflections and noise, in [Pfa, 1]; Pfa if no look has an SNR
    double GetDetectionProbability() const
    {
        return m_pd;
    }

    /**
     * @brief Probability of detection over the noise alone, with the reflections of one dwell.
     * @param snr K: s_k times the mean of |alpha_ki|^2 over the intervals, linear, >= 0
     * @return the probability
     */
    double GetConditionalProbability(const Eigen::Ref<const Eigen::VectorXd>& snr) const;

  private:
    /// Neyman-Pearson weights. @param snr K: mean SNRs @param pfa probability of false alarm
    void DesignSwerling(const Eigen::Ref<const Eigen::VectorXd>& snr, double pfa);
    /**
     * @brief The best number of looks.
     * @param snr K: mean SNRs
     * @param pfa probability of false alarm
     * @param shape m, or 0 for a constant target
     */
    void DesignEqual(const Eigen::Ref<const Eigen::VectorXd>& snr, double pfa, uint32_t shape);
    /**
     * @brief Threshold for looks of weight 1.
     * @param nLooks j
     * @param pfa probability of false alarm
     * @return the threshold
     */
    double GetEqualThreshold(uint32_t nLooks, double pfa) const;
    /**
     * @brief Probability that m_terms exceed a threshold.
     * @param threshold the threshold
     * @param nLooks looks that have a weight, for their reference cells
     * @return the probability
     */
    double GetTail(double threshold, uint32_t nLooks) const;

    Eigen::VectorXd m_weights;                   //!< w_k
    double m_threshold{0.0};                     //!< on T
    double m_pd{0.0};                            //!< detection probability
    uint32_t m_nIntervals{1};                    //!< n
    uint32_t m_nReference{0};                    //!< N
    std::vector<Eigen::Index> m_order;           //!< looks by falling SNR
    double m_tabulatedPfa{0.0};                  //!< what m_equalThresholds is for
    std::vector<double> m_equalThresholds;       //!< for j looks of weight 1, at j - 1
    mutable std::vector<IsacEnergyTerm> m_terms; //!< work space
};

} // namespace ns3

#endif // ISAC_DETECTION_H
