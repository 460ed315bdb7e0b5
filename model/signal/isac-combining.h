// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_COMBINING_H
#define ISAC_COMBINING_H

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What an uplink receiver works with: J UEs that send at once to M APs of N antennas.
 *
 * Stacked vectors put AP m at rows m*N .. (m+1)*N-1. The first U UEs are those whose signals are
 * wanted; the others only interfere.
 */
struct IsacUplink
{
    /// Number of antennas N of every AP.
    Eigen::Index nAntennas{0};

    /// (M N) x J: channels h_mj, or their estimates.
    Eigen::MatrixXcd h;

    /// J: transmit powers p_j on the symbols that a UE uses (W), >= 0.
    Eigen::VectorXd power;

    /// Noise variance sigma^2 per antenna (W), > 0.
    double noise{1.0};

    /**
     * U x J: share c_uj of the symbols of UE u on which UE j sends too, 0 to 1; entry (u, u) is not
     * read, c_uu = 1. Empty if there are U = J UEs that all send on the same symbols.
     */
    Eigen::MatrixXd overlap;

    /**
     * M x J: variance e_mj of the error of each entry of h_mj (as |h|^2), where h is an estimate
     * whose errors are white over the antennas: C_mj = e_mj I. Empty means no error.
     */
    Eigen::MatrixXd errorVariance;

    /// (M N) x (N J): N x N blocks C_mj, covariances of the errors of h_mj, in the place of
    /// errorVariance. Empty means that errorVariance says it.
    Eigen::MatrixXcd errorCovariance;

    /// M x U: false where AP m does not serve UE u. Empty means that every AP serves every UE.
    Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic> serving;

    /// @return the number of APs M
    Eigen::Index GetNAps() const
    {
        return nAntennas > 0 ? h.rows() / nAntennas : 0;
    }

    /// @return the number U of UEs whose signals are wanted
    Eigen::Index GetNUes() const
    {
        return overlap.size() == 0 ? h.cols() : overlap.rows();
    }

    /**
     * @brief Says whether an AP serves a UE.
     * @param m AP index
     * @param u UE index, below U
     * @return true if AP m serves UE u
     */
    bool Serves(Eigen::Index m, Eigen::Index u) const
    {
        return serving.size() == 0 || serving(m, u);
    }

    /**
     * @brief Share of the symbols of a UE on which another one sends too.
     * @param u UE index, below U
     * @param j UE index, below J
     * @return c_uj, 1 for u = j
     */
    double Overlap(Eigen::Index u, Eigen::Index j) const
    {
        return u == j || overlap.size() == 0 ? 1.0 : overlap(u, j);
    }
};

/**
 * @ingroup cellfree-isac
 * @brief Receive combining of a cell-free uplink, with reusable work space: combining vectors and
 * what SINR they meet.
 *
 * The CPU decodes UE u from v_u^H y, where v_u is zero at APs that do not serve the UE. Equations
 * are those of O. T. Demir, E. Bjornson, L. Sanguinetti, "Foundations of User-Centric Cell-Free
 * Massive MIMO", Foundations and Trends in Signal Processing 14(3-4), 2021, where all UEs send on
 * the same symbols; here an interferer counts by the share of symbols on which it does.
 */
class IsacCombining
{
  public:
    /**
     * @brief Maximum ratio: v_mu = h_mu at serving APs, (5.14) and (5.32).
     * @param uplink channels or their estimates
     * @param[out] v (M N) x U combining vectors
     */
    static void ComputeMaximumRatio(const IsacUplink& uplink, Eigen::MatrixXcd& v);

    /**
     * @brief Local partial MMSE (5.39): each AP knows the UEs that it serves itself,
     * v_mu = p_u (sum_i c_ui p_i (h_mi h_mi^H + C_mi) + sigma^2 I)^-1 h_mu over the UEs i of AP m.
     * @param uplink estimates, J = U
     * @param[out] v (M N) x U combining vectors, before any weights of the CPU
     */
    void ComputeLocalMmse(const IsacUplink& uplink, Eigen::MatrixXcd& v);

    /**
     * @brief Partial MMSE (5.16): the CPU uses all serving APs' antennas and the UEs that share at
     * least one serving AP with UE u, v_u = p_u (sum_i c_ui p_i (h_i h_i^H + C_i) + sigma^2 I)^-1
     * h_u over those UEs i (5.15), all restricted to the serving APs. With every AP serving every
     * UE it is the MMSE combining (5.11), which has the largest SINR of ComputeSinr().
     * @param uplink estimates, J = U
     * @param[out] v (M N) x U combining vectors
     */
    void ComputePartialMmse(const IsacUplink& uplink, Eigen::MatrixXcd& v);

    /**
     * @brief SINR of combining vectors, interference averaged over the symbols of a UE:
     * p_u |v_u^H h_u|^2 / (sum_{j != u} c_uj p_j |v_u^H h_j|^2 + v_u^H (sum_j c_uj p_j C_j +
     * sigma^2 I) v_u), that is (5.5) for estimates, and without errors (5.50), the SINR on the
     * true channel of a receiver that knows its effective gains.
     * @param uplink channels or their estimates
     * @param v (M N) x U combining vectors; a vector of zeros has SINR 0
     * @return U SINRs, linear; valid until the next call
     */
    const Eigen::VectorXd& ComputeSinr(const IsacUplink& uplink, const Eigen::MatrixXcd& v);

    /**
     * @brief Power of noise and of channel errors behind combining vectors, by AP:
     * v_mu^H (sum_j c_uj p_j C_mj + sigma^2 I) v_mu, the sum over all J UEs or over those that
     * AP m serves.
     * @param uplink estimates
     * @param v (M N) x U combining vectors
     * @param isPartial true to count the errors of an AP's own UEs only
     * @param[out] power M x U (W)
     */
    void ComputeErrorPower(const IsacUplink& uplink,
                           const Eigen::MatrixXcd& v,
                           bool isPartial,
                           Eigen::MatrixXd& power);

  private:
    /**
     * @brief Sums up what an AP's antennas see beside known channels: sum_i c_ui p_i C_mi +
     * sigma^2 I over the UEs i in m_others, into the upper left N x N of m_errors.
     * @param uplink estimates
     * @param m AP index
     * @param u UE index
     */
    void SumErrors(const IsacUplink& uplink, Eigen::Index m, Eigen::Index u);

    std::vector<Eigen::Index> m_others; //!< UEs that a vector takes into account
    std::vector<Eigen::Index> m_aps;    //!< APs that serve a UE
    Eigen::MatrixXcd m_errors;          //!< N x N
    Eigen::MatrixXcd m_local;           //!< N x J channels at one AP
    Eigen::MatrixXcd m_channel;         //!< channels of others at serving APs
    Eigen::MatrixXcd m_whitened;        //!< the same, times the inverse of the errors' covariance
    Eigen::MatrixXcd m_gram;            //!< J x J
    Eigen::VectorXcd m_weights;         //!< J
    Eigen::VectorXd m_sinr;             //!< U
    Eigen::MatrixXd m_errorPower;       //!< M x U
};

/**
 * @ingroup cellfree-isac
 * @brief Large-scale fading decoding of one UE: the CPU weighs what its serving APs combined
 * locally, by statistics alone. Bounds and weights are those of the book named at IsacCombining.
 *
 * g_j is the L-vector of v_m^H h_mj over the UE's L serving APs. Interferers whose mean gain is not
 * zero, those that share the UE's pilot, count coherently.
 */
class IsacFusion
{
  public:
    /// What the CPU knows of one UE.
    struct Statistics
    {
        /// L: sqrt(p_u) E{g_u}, the mean of the wanted signal.
        Eigen::VectorXcd signal;
        /// L x I: sqrt(p_i) E{g_i} of other UEs whose mean is not zero.
        Eigen::MatrixXcd coherent;
        /// L: sum_j p_j var{g_j(m)} + sigma^2 E||v_m||^2, what is uncorrelated between APs.
        Eigen::VectorXd incoherent;
    };

    /**
     * @brief The weights that maximise GetSinr() of the same statistics: the optimum (5.30) if
     * they are of all UEs, the nearly optimal ones (5.41) if of those that share serving APs.
     * @param statistics what is known; incoherent > 0
     * @return L weights a, by which the CPU combines a^H g; valid until the next call
     */
    const Eigen::VectorXcd& ComputeWeights(const Statistics& statistics);

    /**
     * @brief SINR of the use-and-then-forget bound (5.26) of any weights.
     * @param statistics of all UEs
     * @param weights L weights a
     * @return the SINR, linear
     */
    static double GetSinr(const Statistics& statistics, const Eigen::VectorXcd& weights);

  private:
    Eigen::MatrixXcd m_matrix;  //!< L x L
    Eigen::VectorXcd m_weights; //!< result
};

} // namespace ns3

#endif // ISAC_COMBINING_H
