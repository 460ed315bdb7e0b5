// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_CHANNEL_ESTIMATION_H
#define ISAC_CHANNEL_ESTIMATION_H

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief LMMSE estimates of the channels h_i between one AP and the UEs that share one pilot, with
 * reusable work space: first Compute() from what is known of the channels, then any number of
 * estimates from what was received.
 *
 * The AP knows that h_i has mean hbar_i and covariance R_i, independent over UEs. After correlation
 * with the pilot it has y = sum_i sqrt(e_i) h_i + n with the pilot's energy e_i = p_i tau_p and
 * n ~ CN(0, sigma^2 I). With Psi = sum_i e_i R_i + sigma^2 I,
 *
 *   h^_k = hbar_k + W_k (y - sum_i sqrt(e_i) hbar_i),  W_k = sqrt(e_k) R_k Psi^-1,
 *   C_k  = E (h_k - h^_k)(h_k - h^_k)^H = R_k - e_k R_k Psi^-1 R_k.
 *
 * Without means these are equations (4.4) (received signal), (4.5), (4.6) (estimate and Psi) and
 * (4.9) (error) of O. T. Demir, E. Bjornson, L. Sanguinetti, "Foundations of User-Centric Cell-Free
 * Massive MIMO", Foundations and Trends in Signal Processing 14(3-4), 2021; with them, the
 * phase-aware MMSE estimator of O. Ozdogan, E. Bjornson, J. Zhang, "Performance of Cell-Free
 * Massive MIMO with Rician Fading and Phase Shifts", IEEE Trans. Wireless Commun. 18(11), 2019,
 * section III.
 */
class IsacChannelEstimator
{
  public:
    /// What is known of a UE that sends the pilot.
    struct Ue
    {
        double energy{0.0};                          //!< e = p tau_p (W), >= 0
        const Eigen::VectorXcd* mean{nullptr};       //!< N: hbar; null if it is zero
        const Eigen::MatrixXcd* covariance{nullptr}; //!< N x N: R, Hermitian, >= 0, as |h|^2
    };

    /**
     * @brief Prepares the estimates of all UEs that share the pilot.
     * @param ues the UEs, at least one; what they point to is not used after the call
     * @param noise noise variance sigma^2 per antenna (W), > 0
     */
    void Compute(const std::vector<Ue>& ues, double noise);

    /**
     * @brief The matrix that an estimate is made by.
     * @param i position of the UE in Compute()
     * @return N x N: W
     */
    const Eigen::MatrixXcd& GetFilter(std::size_t i) const;

    /**
     * @brief Covariance of the error of an estimate.
     * @param i position of the UE in Compute()
     * @return N x N: C, as |h|^2
     */
    const Eigen::MatrixXcd& GetErrorCovariance(std::size_t i) const;

    /**
     * @brief Variance of the error per antenna.
     * @param i position of the UE in Compute()
     * @return trace C / N, as |h|^2, >= 0
     */
    double GetErrorVariance(std::size_t i) const;

    /**
     * @brief Error relative to the fading part of the channel, the NMSE of section 4.2 of
     * "Foundations of User-Centric Cell-Free Massive MIMO".
     * @param i position of the UE in Compute()
     * @return trace C / trace R, from 0 to 1; 1 where R is zero
     */
    double GetNmse(std::size_t i) const;

    /**
     * @brief Estimates what fades of a UE's channel, h^ - hbar, for any number of observations.
     * @param i position of the UE in Compute()
     * @param observations N x S: y of each observation
     * @param[out] estimates N x S, as h; must not overlap the observations
     */
    void Estimate(std::size_t i,
                  const Eigen::Ref<const Eigen::MatrixXcd>& observations,
                  Eigen::Ref<Eigen::MatrixXcd> estimates);

  private:
    /// What an estimate takes.
    struct Filter
    {
        Eigen::MatrixXcd matrix;    //!< N x N: W
        Eigen::MatrixXcd error;     //!< N x N: C
        double errorVariance{0.0};  //!< trace C / N
        double fadingVariance{0.0}; //!< trace R / N
    };

    Eigen::MatrixXcd m_psi;                 //!< N x N: Psi
    Eigen::LLT<Eigen::MatrixXcd> m_factors; //!< of Psi
    Eigen::VectorXcd m_offset;              //!< N: sum_i sqrt(e_i) hbar_i
    Eigen::MatrixXcd m_work;                //!< N x N: work space
    Eigen::MatrixXcd m_centred;             //!< N x S: y less its mean
    std::vector<Filter> m_filters;          //!< by position; may be longer than the UEs
};

/**
 * @ingroup cellfree-isac
 * @brief The same where every covariance is beta_i I: all matrices are scalars.
 */
class IsacScalarChannelEstimator
{
  public:
    /**
     * @brief Forgets the UEs.
     * @param noise noise variance sigma^2 per antenna (W), > 0
     */
    void Reset(double noise);

    /**
     * @brief Adds a UE that sends the pilot.
     * @param energy e = p tau_p (W), >= 0
     * @param gain beta, as |h|^2, >= 0
     */
    void Add(double energy, double gain);

    /**
     * @brief What an estimate is made by, given all UEs added.
     * @param energy e of the UE (W)
     * @param gain beta of the UE
     * @return W = sqrt(e) beta / Psi
     */
    double GetFilter(double energy, double gain) const;

    /**
     * @brief Variance of the error per antenna, given all UEs added.
     * @param energy e of the UE (W)
     * @param gain beta of the UE
     * @return C = beta (Psi - e beta) / Psi, >= 0
     */
    double GetErrorVariance(double energy, double gain) const;

  private:
    double m_psi{0.0}; //!< Psi = sum_i e_i beta_i + sigma^2 (W)
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Error variance of an estimate that has aged. What fades is g(t) = rho g(0) + sqrt(1 -
 * rho^2) w with w independent of the same covariance R; the LMMSE estimate of it from the estimate
 * of g(0), of error covariance C, is rho g^(0), and its error has the covariance
 * rho^2 C + (1 - rho^2) R (J. Zheng and others, "Impact of Channel Aging on Cell-Free Massive MIMO
 * Over Spatially Correlated Channels", IEEE Trans. Wireless Commun. 20(10), 2021, section II).
 * @param errorVariance trace C / N when it was estimated, as |h|^2
 * @param fadingVariance trace R / N, as |h|^2
 * @param correlation rho, in [-1, 1]
 * @return the variance per antenna, as |h|^2
 */
inline double
GetAgedErrorVariance(double errorVariance, double fadingVariance, double correlation)
{
    const double kept = correlation * correlation;
    return kept * errorVariance + (1.0 - kept) * fadingVariance;
}

} // namespace cellfree

} // namespace ns3

#endif // ISAC_CHANNEL_ESTIMATION_H
