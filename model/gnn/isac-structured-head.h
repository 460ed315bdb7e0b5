// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_STRUCTURED_HEAD_H
#define ISAC_STRUCTURED_HEAD_H

#include "isac-gnn-buffers.h"

#include "ns3/isac-problem.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <complex>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Beams from the few scalars that parametrise every stationary point of problem (8).
 *
 * Setting the gradient of the Lagrangian of (8), with a weight w_u for every UE's rate and beta_t
 * for every target, to zero gives, with the MMSE quantities of weighted WMMSE (weight c_u and gain
 * b_u, both proportional to w_u), one multiplier mu_m per AP and the sensing gain g_mt = beta_t
 * omega_mt / (1 + SNR_t),
 *
 *   (blkdiag_m(mu_m I - sum_t g_mt a_mt a_mt^H) + sum_u c_u h_u h_u^H) f_s = b_s h_s,
 *
 * where the right side is zero for a sensing stream. This class takes log c_u, log b_u,
 * log(N g_mt), log nu_m with mu_m = nu_m + (a bound of the largest eigenvalue of the sensing
 * term), and log w_mt, which puts w_mt a_mt on the right side of sensing stream t; it solves the
 * system as one U x U system (matrix inversion lemma) and scales every AP to its power.
 * Nothing here depends on N beyond the inner products of the channels, and the objective depends
 * on the channels through the inner products alone.
 *
 * Where h_u is an estimate with errors CN(0, e_mu I) at AP m, the gradient of the mean rate has a
 * term in the errors too: every other UE's error is noise that stream s makes, its own UE's error
 * carries signal, and AP m's part of the system of stream s becomes
 *
 *   mu_m + sum_(u != s) d_u e_mu - o_s e_ms
 *
 * with a second weight d_u and the gain o_s of the own error. A maximum asks for more than zero, so
 * that the third term divides what is left after the first two, X_ms, by 1 + o_s e_ms / X_ms: the
 * same to first order. The sensing term scales along. An AP whose multiplier would be zero may stay
 * below its limit.
 *
 * With masks, stream s sees the system of the APs that may send it alone; with masks or errors
 * there are U + T systems.
 * A problem without UEs is treated as one UE with a zero channel.
 *
 * Optimal beams do not change when all weights are multiplied by one number. So w_u and beta_t are
 * taken relative to the mean of w_u, and bounded: see GetWeight() and GetSensingWeight().
 */
class IsacStructuredHead
{
  public:
    /// The scalars. M APs, U UEs (at least one), T targets.
    struct Parameters
    {
        Eigen::VectorXd logExcess;  //!< M: log nu_m
        Eigen::VectorXd logWeight;  //!< U: log c_u
        Eigen::VectorXd logGain;    //!< U: log b_u
        Eigen::VectorXd logPower;   //!< M: log of the power as a share of the limit, <= 0
        Eigen::VectorXd logError;   //!< U: log d_u
        Eigen::VectorXd logOwn;     //!< U: log o_u
        Eigen::MatrixXd logSensing; //!< T x M: log(N g_mt)
        Eigen::MatrixXd logStream;  //!< T x M: log w_mt
    };

    /**
     * @brief Takes the inner products of a problem's channels and steering vectors.
     * @param problem a normalised problem; must outlive the calls that follow
     */
    void SetProblem(const IsacProblem& problem);

    /**
     * @brief A start in closed form: equal multipliers, unit weights, equal shares of power.
     * @param[out] parameters the start
     */
    void GetStart(Parameters& parameters) const;

    /**
     * @brief Solves for the beams, which WriteBeams() may then write.
     * @param parameters the scalars
     */
    void Solve(const Parameters& parameters);

    /**
     * @brief Solve(), and what every stream does at every UE and target, and both metrics.
     * @param parameters the scalars
     */
    void Evaluate(const Parameters& parameters);

    /**
     * @brief Writes the beams of the last Solve() or Evaluate().
     * @param[out] beams sized for the problem
     */
    void WriteBeams(IsacBeams& beams);

    /**
     * @brief A bound of the largest eigenvalue of sum_t g_t a_mt a_mt^H (Gershgorin, equal to it
     * for one target, for orthogonal and for collinear ones).
     * @param m AP index
     * @param sensing T: N g_mt
     * @return the bound
     */
    template <typename Vector>
    double GetSensingBound(Eigen::Index m, const Vector& sensing) const
    {
        const auto targets = m_nTargets;
        double bound = 0.0;
        for (Eigen::Index t = 0; t < targets; ++t)
        {
            double row = 0.0;
            for (Eigen::Index j = 0; j < targets; ++j)
            {
                row += std::sqrt(sensing(t) * sensing(j)) *
                       std::abs(m_gram.Get(m_nUes + t, m_nUes + j, m));
            }
            bound = std::max(bound, row);
        }
        return bound / m_problem->nAntennas;
    }

    /// @return the problem
    const IsacProblem& GetProblem() const
    {
        return *m_problem;
    }

    /// @return the number of UEs, or 1 if the problem has none
    Eigen::Index GetNUes() const
    {
        return m_nUes;
    }

    /// @return the number of targets
    Eigen::Index GetNTargets() const
    {
        return m_nTargets;
    }

    /// @return the number of APs that vectors run over: those above GetNAps() have zero channels
    Eigen::Index GetStride() const
    {
        return m_stride;
    }

    /// @return (U + T) x (U + T) of every AP: inner products [H_m A_m]^H [H_m A_m]
    const IsacPlanes& GetGram() const
    {
        return m_gram;
    }

    /**
     * @brief Which APs may send a stream.
     * @param s stream index: UEs first, then targets
     * @return for every AP 1 if it may, else 0
     */
    const double* GetServing(Eigen::Index s) const
    {
        return &m_serving[s * m_stride];
    }

    /// @return whether channels are estimates with errors
    bool HasErrors() const
    {
        return m_hasErrors;
    }

    /**
     * @brief Variance of a UE's error at every AP; only where HasErrors().
     * @param u UE index
     * @return for every AP e_mu
     */
    const double* GetError(Eigen::Index u) const
    {
        return &m_error[u * m_stride];
    }

    /**
     * @brief What the errors of an AP's links may do, next to noise.
     * @param m AP index
     * @return E / (1 + E) with E = sum_u e_mu
     */
    double GetErrorImpact(Eigen::Index m) const
    {
        double sum = 0.0;
        for (Eigen::Index u = 0; m_hasErrors && u < m_nUes; ++u)
        {
            sum += GetError(u)[m];
        }
        return sum / (1.0 + sum);
    }

    /**
     * @brief Power that every AP sends of a stream.
     * @param s stream index
     * @return for every AP ||f_ms||^2
     */
    const double* GetStreamPower(Eigen::Index s) const
    {
        return &m_streamPower[s * m_stride];
    }

    /**
     * @brief Weight of a UE's rate relative to the mean over the UEs.
     * @param u UE index, below GetNUes()
     * @return w_u, at least 2^-20 so that its logarithm is finite
     */
    double GetWeight(Eigen::Index u) const
    {
        return m_weight[u];
    }

    /**
     * @brief Weight of a target relative to the mean weight of the UEs.
     * @param t target index
     * @return beta_t, 0 .. 1e6: beyond it, sensing is all that counts. Without UEs it is the weight
     * itself.
     */
    double GetSensingWeight(Eigen::Index t) const
    {
        return m_sensingWeight[t];
    }

    /// @return (U + T) x (U + T) of every AP: what its beams are at receivers, [H_m A_m]^H F_m
    const IsacPlanes& GetResponse() const
    {
        return m_response;
    }

    /**
     * @brief Amplitude of a stream at a UE, an entry of H^H F.
     * @param u UE index
     * @param s stream index
     * @return the amplitude
     */
    const std::complex<double>& GetReceived(Eigen::Index u, Eigen::Index s) const
    {
        return m_received[u * (m_nUes + m_nTargets) + s];
    }

    /// @return M: power of every AP before it was scaled to its limit
    auto GetPower() const
    {
        return Eigen::Map<const Eigen::VectorXd>(m_power.Data(), m_problem->GetNAps());
    }

    /// @return M: the multipliers mu_m of the last Solve()
    auto GetMultiplier() const
    {
        return Eigen::Map<const Eigen::VectorXd>(m_multiplier.Data(), m_problem->GetNAps());
    }

    /// @return U: sum_m e_mu ||f_mu||^2, part of GetOwn()
    auto GetOwnError() const
    {
        return Eigen::Map<const Eigen::VectorXd>(m_ownError.Data(), m_nUes);
    }

    /// @return U: sum_(s != u) sum_m e_mu ||f_ms||^2, part of GetInterference()
    auto GetErrorInterference() const
    {
        return Eigen::Map<const Eigen::VectorXd>(m_errorInterference.Data(), m_nUes);
    }

    /// @return U: mean of interference plus noise
    auto GetInterference() const
    {
        return Eigen::Map<const Eigen::VectorXd>(m_interference.Data(), m_nUes);
    }

    /// @return U: mean of the own-stream power
    auto GetOwn() const
    {
        return Eigen::Map<const Eigen::VectorXd>(m_own.Data(), m_nUes);
    }

    /// @return T: sensing SNR
    auto GetSensingSnr() const
    {
        return Eigen::Map<const Eigen::VectorXd>(m_sensingSnr.Data(), m_nTargets);
    }

    /**
     * @brief Power that an AP sends towards a target, ||a_mt^H F_m||^2.
     * @param t target index
     * @param m AP index
     * @return the power
     */
    double GetIllumination(Eigen::Index t, Eigen::Index m) const
    {
        return m_illumination[t * m_stride + m];
    }

  private:
    /// Computes the relative weights.
    void SetWeights();

    /**
     * @brief Computes mu_m and what targets add to the system at every AP.
     * @param parameters the scalars
     */
    void SetSensing(const Parameters& parameters);

    /**
     * @brief Computes the inverse of what every system has at every AP beside channels.
     * @param parameters the scalars
     */
    void SetShares(const Parameters& parameters);

    /// @return the system of a stream. @param s stream index
    Eigen::Index GetSystem(Eigen::Index s) const
    {
        return m_hasOwnSystems ? s : 0;
    }

    struct GramKernel;     //!< inner products
    struct SystemKernel;   //!< the system's matrix and right sides, and their solution
    struct ResponseKernel; //!< what the beams do
    struct BeamsKernel;    //!< the beams

    const IsacProblem* m_problem{nullptr}; //!< the problem of the last SetProblem()
    Eigen::Index m_nUes{0};                //!< UEs, at least one
    Eigen::Index m_nTargets{0};            //!< targets
    Eigen::Index m_stride{0};              //!< APs, and those that fill up a vector
    Eigen::Index m_streamStride{0};        //!< streams, and those that fill up a vector
    bool m_hasErrors{false};               //!< whether the problem has errors
    bool m_hasOwnSystems{false};           //!< whether every stream has a system of its own

    IsacPlanes m_basis;           //!< N x (U + T): [H_m A_m]
    IsacPlanes m_gram;            //!< (U + T) x (U + T): inner products
    IsacPlanes m_response;        //!< (U + T) x (U + T): responses
    IsacPlanes m_sensingInverse;  //!< T x T: K_m
    IsacPlanes m_streamPart;      //!< T x T: (1 + K_m E_m) diag(w_m)
    IsacPlanes m_sensingProduct;  //!< U x T: P_m K_m / mu_m
    IsacPlanes m_targetPart;      //!< T x (U + T): Q_m, coefficients along a_m
    IsacPlanes m_beam;            //!< N x (U + T): the beams
    IsacBuffer<double> m_serving; //!< (U + T) x stride: 1 where an AP may send a stream
    IsacBuffer<double> m_error;   //!< U x stride: e_mu
    IsacBuffer<double> m_share;   //!< systems x stride: 1 / mu_m, 0 where an AP does not serve
    IsacBuffer<double> m_weight;  //!< U: relative w_u
    IsacBuffer<double> m_sensingWeight; //!< T: relative beta_t

    IsacBuffer<std::complex<double>> m_system;   //!< U x U: I + C^1/2 G C^1/2, lower triangle
    IsacBuffer<std::complex<double>> m_received; //!< U x (U + T): H^H F
    IsacBuffer<double> m_solution;               //!< V: U x real, imaginary x streams
    IsacBuffer<double> m_column;            //!< one stream of it, where streams have own systems
    IsacBuffer<double> m_rootWeight;        //!< U: c_u^1/2
    IsacBuffer<double> m_multiplier;        //!< stride: mu_m
    IsacBuffer<double> m_regulariser;       //!< stride: mu_m + sum_u d_u e_mu
    IsacBuffer<double> m_power;             //!< stride: power before scaling
    IsacBuffer<double> m_streamPower;       //!< (U + T) x stride: power of every stream
    IsacBuffer<double> m_limit;             //!< stride: power after scaling
    IsacBuffer<double> m_scale;             //!< stride: to that power
    IsacBuffer<double> m_interference;      //!< U: interference plus noise
    IsacBuffer<double> m_own;               //!< U: own-stream power
    IsacBuffer<double> m_ownError;          //!< U: what errors make of it
    IsacBuffer<double> m_errorInterference; //!< U: what errors make of the interference
    IsacBuffer<double> m_sensingSnr;        //!< T: sensing SNR
    IsacBuffer<double> m_illumination;      //!< T x stride: power towards the targets

    Eigen::VectorXd m_sensing;                      //!< T: N g_mt of one AP
    Eigen::MatrixXcd m_cross;                       //!< T x T: A_m^H A_m
    Eigen::MatrixXcd m_inverse;                     //!< T x T: K_m
    Eigen::MatrixXcd m_part;                        //!< T x T: (1 + K_m E_m) diag(w_m)
    Eigen::LLT<Eigen::MatrixXcd> m_sensingCholesky; //!< of mu I - S
};

} // namespace ns3

#endif // ISAC_STRUCTURED_HEAD_H
