// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_PROBLEM_H
#define ISAC_PROBLEM_H

#include <Eigen/Core>
#include <cstdint>
#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief One beamforming decision as data: channels, steering vectors, gains, limits and noises.
 *
 * The system model is equations (1)-(8) of U. Demirhan, A. Alkhateeb, "Learning Beamforming in
 * Cell-Free Massive MIMO ISAC Systems". M APs with N transmit antennas each serve U single-antenna
 * UEs and illuminate T targets. Stacked vectors put AP m at rows m*N .. (m+1)*N-1.
 *
 * Powers are in watts, gains are amplitudes, noises are variances in watts. A *normalised* problem
 * (Normalise()) has unit powers and noises and is what policies see.
 */
struct IsacProblem
{
    /// Largest weight of a UE or a target: beyond it, no other term of the objective would be felt.
    static constexpr double MAX_WEIGHT = 1e12;

    /// Number of transmit antennas N of every AP.
    Eigen::Index nAntennas{0};

    /// (M N) x U: column u stacks the channels h_mu; UE u receives sum_s h_u^H f_s x_s.
    Eigen::MatrixXcd h;

    /// (M N) x T: column t stacks the steering vectors a(theta_mt), unnormalised (||a_mt||^2 = N).
    Eigen::MatrixXcd a;

    /// M x T: omega_mt = sum over receiving APs of zeta^2_{t,m,mr}, the echo's mean power gain.
    Eigen::MatrixXd omega;

    /// M: transmit power limit P_m of every AP (W), > 0.
    Eigen::VectorXd power;

    /// U: receiver noise variance sigma_u^2 of every UE (W), > 0.
    Eigen::VectorXd noise;

    /// Sum over receiving APs of the radar receiver noise variance (W), > 0.
    double sensingNoise{1.0};

    /// What the objective multiplies SNR (7) by: 1, or N_r L for the SNR after combining; > 0.
    double combiningGain{1.0};
    /// U: weight w_u of a UE's rate in the objective, from 0 to MAX_WEIGHT.
    Eigen::VectorXd weight;
    /// T: weight beta_t of a target's log2(1 + combiningGain SNR_t) in the objective, from 0 to
    /// MAX_WEIGHT.
    Eigen::VectorXd sensingWeight;
    /**
     * M x U: variance e_mu of the error of each entry of h_mu (as |h|^2), where h is an estimate:
     * the channel is CN(h_mu, e_mu I). Empty means that h is the channel.
     */
    Eigen::MatrixXd errorVariance;
    /// M x U: false where AP m must not serve UE u. Empty means that every AP serves every UE.
    Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic> serving;
    /// M x T: false where AP m must not send target t's stream. Empty means that every AP may.
    Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic> sensing;

    /// @return the number of APs M
    Eigen::Index GetNAps() const
    {
        return power.size();
    }

    /// @return the number of UEs U
    Eigen::Index GetNUes() const
    {
        return h.cols();
    }

    /// @return the number of targets T
    Eigen::Index GetNTargets() const
    {
        return a.cols();
    }

    /// @return the number of streams S = U + T: one per UE, then one sensing stream per target
    Eigen::Index GetNStreams() const
    {
        return h.cols() + a.cols();
    }

    /**
     * @brief Says whether an AP may send a UE's stream.
     * @param m AP index
     * @param u UE index
     * @return true if AP m may serve UE u
     */
    bool Serves(Eigen::Index m, Eigen::Index u) const
    {
        return serving.size() == 0 || serving(m, u);
    }

    /**
     * @brief Says whether an AP may send a target's stream.
     * @param m AP index
     * @param t target index
     * @return true if AP m may illuminate target t by the target's own stream
     */
    bool Senses(Eigen::Index m, Eigen::Index t) const
    {
        return sensing.size() == 0 || sensing(m, t);
    }

    /**
     * @brief Gives every field the size that the counts call for, with zero channels, unit powers,
     * noises and weights, no errors and no masks. Reuses memory where the size is unchanged.
     * @param nAps M
     * @param nUes U
     * @param nTargets T
     * @param antennas N
     */
    void Resize(Eigen::Index nAps, Eigen::Index nUes, Eigen::Index nTargets, Eigen::Index antennas);
};

/**
 * @ingroup cellfree-isac
 * @brief The beams F of all streams: column s stacks f_ms over the APs.
 *
 * Streams are ordered UEs first, then one sensing stream per target. The matrix is contiguous,
 * so that H^H F is one product.
 */
struct IsacBeams
{
    /// Number of transmit antennas N of every AP.
    Eigen::Index nAntennas{0};

    /// (M N) x S beams, amplitudes in sqrt(W).
    Eigen::MatrixXcd f;

    /**
     * @brief Sizes the beams for a problem and sets them to zero.
     * @param problem the problem that the beams answer
     */
    void Resize(const IsacProblem& problem);

    /**
     * @brief The N x S block that one AP sends.
     * @param m AP index
     * @return a view of rows m*N .. (m+1)*N-1
     */
    auto Ap(Eigen::Index m)
    {
        return f.middleRows(m * nAntennas, nAntennas);
    }

    /// @copydoc Ap
    auto Ap(Eigen::Index m) const
    {
        return f.middleRows(m * nAntennas, nAntennas);
    }
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Checks sizes, signs and finiteness of a problem.
 * @param problem the problem to check
 * @return an empty string if the problem is valid, else one line naming the field, the index,
 * the value and what was expected
 */
std::string FindProblemError(const IsacProblem& problem);

/**
 * @ingroup cellfree-isac
 * @brief Normalises a problem to unit powers and noises.
 *
 * h~_mu = sqrt(P_m) h_mu / sigma_u and omega~_mt = P_m omega_mt / sensingNoise. SINRs, sensing
 * SNRs and the objective are unchanged by it; in watts, gains of 1e-12 break solvers. Error
 * variances scale as |h|^2, and the combining gain moves into omega~.
 *
 * What no decision could tell apart is brought into the range in which squares of squares are
 * finite: a link of less than -400 dB, ||h~_mu||^2 or omega~_mt ||a_mt||^2, becomes zero; a UE or a
 * target with a link of more than 150 dB has all its links weakened by one factor, as if its noise
 * were larger; and a steering vector of a norm far from sqrt(N) is scaled to it, at the expense of
 * omega~. Valid problems of any magnitude therefore give finite ones.
 *
 * @param problem a valid problem in watts
 * @param[out] normalised the same problem with powers, noises, sensingNoise and combiningGain
 * equal to 1; memory is reused where sizes are unchanged
 */
void Normalise(const IsacProblem& problem, IsacProblem& normalised);

/**
 * @ingroup cellfree-isac
 * @brief Takes beams of the normalised problem back to watts: f_ms = sqrt(P_m) f~_ms.
 * @param problem the problem in watts
 * @param[in,out] beams the beams to scale
 */
void Denormalise(const IsacProblem& problem, IsacBeams& beams);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_PROBLEM_H
