// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_STRUCTURED_HEAD_H
#define ISAC_STRUCTURED_HEAD_H

#include "ns3/isac-problem.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Beams from the few scalars that parametrise every stationary point of problem (8).
 *
 * Setting the gradient of the Lagrangian of (8) to zero gives, with the MMSE quantities of WMMSE
 * (weight c_u, gain b_u), one multiplier mu_m per AP and the sensing gain
 * g_mt = beta_s omega_mt / (1 + SNR_t),
 *
 *   (blkdiag_m(mu_m I - sum_t g_mt a_mt a_mt^H) + sum_u c_u h_u h_u^H) f_s = b_s h_s,
 *
 * where the right side is zero for a sensing stream. This class takes log c_u, log b_u,
 * log(N g_mt), log nu_m with mu_m = nu_m + (a bound of the largest eigenvalue of the sensing
 * term), and log w_mt, which puts w_mt a_mt on the right side of sensing stream t; it solves the
 * system as one U x U system (matrix inversion lemma) and scales every AP to its power limit.
 * Nothing here depends on N beyond the inner products of the channels, and the objective depends
 * on the channels through the inner products alone.
 *
 * With a serving mask, stream s sees the system of its serving APs alone: U + T systems.
 * A problem without UEs is treated as one UE with a zero channel.
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
     * @param sensingWeight beta_s, >= 0
     * @param[out] parameters the start
     */
    void GetStart(double sensingWeight, Parameters& parameters) const;

    /**
     * @brief Computes what every stream does at every UE and target, and both metrics.
     * @param parameters the scalars
     */
    void Evaluate(const Parameters& parameters);

    /**
     * @brief Writes the beams of the last Evaluate().
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
                row +=
                    std::sqrt(sensing(t) * sensing(j)) * std::abs(Gram(m)(m_nUes + t, m_nUes + j));
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

    /**
     * @brief Whether an AP may send a stream.
     * @param m AP index
     * @param u UE index, below GetNUes()
     * @return true if it may
     */
    bool Serves(Eigen::Index m, Eigen::Index u) const
    {
        return m_problem->GetNUes() == 0 || m_problem->Serves(m, u);
    }

    /**
     * @brief Inner products of one AP, [H_m A_m]^H [H_m A_m].
     * @param m AP index
     * @return an (U + T) x (U + T) view
     */
    auto Gram(Eigen::Index m) const
    {
        return m_gram.middleRows(m * (m_nUes + m_nTargets), m_nUes + m_nTargets);
    }

    /**
     * @brief What one AP's beams are at every UE and target, [H_m A_m]^H F_m.
     * @param m AP index
     * @return an (U + T) x (U + T) view: receiver, stream
     */
    auto Response(Eigen::Index m) const
    {
        return m_response.middleRows(m * (m_nUes + m_nTargets), m_nUes + m_nTargets);
    }

    /// @return U x (U + T): amplitude of every stream at every UE, H^H F
    const Eigen::MatrixXcd& GetReceived() const
    {
        return m_received;
    }

    /// @return M: power of every AP before it was scaled to its limit
    const Eigen::VectorXd& GetPower() const
    {
        return m_power;
    }

    /// @return M: the multipliers mu_m of the last Evaluate()
    const Eigen::VectorXd& GetMultiplier() const
    {
        return m_multiplier;
    }

    /// @return U: interference plus noise
    const Eigen::VectorXd& GetInterference() const
    {
        return m_interference;
    }

    /// @return U: own-stream power
    const Eigen::VectorXd& GetOwn() const
    {
        return m_own;
    }

    /// @return T: sensing SNR
    const Eigen::VectorXd& GetSensingSnr() const
    {
        return m_sensingSnr;
    }

    /// @return T x M: power that AP m sends towards target t, ||a_mt^H F_m||^2
    const Eigen::MatrixXd& GetIllumination() const
    {
        return m_illumination;
    }

  private:
    /**
     * @brief Solves one system (I + C^1/2 G C^1/2) x = r for columns of m_solution, in place.
     * @param first first column
     * @param count number of columns
     */
    void Solve(Eigen::Index first, Eigen::Index count);

    const IsacProblem* m_problem{nullptr}; //!< the problem of the last SetProblem()
    Eigen::Index m_nUes{0};                //!< UEs, at least one
    Eigen::Index m_nTargets{0};            //!< targets
    bool m_isMasked{false};                //!< whether the problem has a serving mask

    Eigen::MatrixXcd m_basis;          //!< [H_m A_m] of one AP
    Eigen::MatrixXcd m_gram;           //!< inner products, stacked over APs
    Eigen::MatrixXcd m_response;       //!< responses, stacked over APs
    Eigen::MatrixXcd m_sensingInverse; //!< K_m, T x T each, side by side
    Eigen::MatrixXcd m_streamPart;     //!< (1 + K_m E_m) diag(w_m), T x T each, side by side
    Eigen::MatrixXcd m_targetPart;     //!< Q_m, coefficients along a_m: T x (U + T) each, stacked
    Eigen::MatrixXcd m_leak;           //!< U x T: what the sensing streams leak to the UEs
    Eigen::MatrixXcd m_product;        //!< P_m K_m of one AP, U x T
    Eigen::MatrixXcd m_weighted;       //!< U x U: G_m + P_m K_m P_m^H, and C^1/2 G C^1/2 + I
    Eigen::MatrixXcd m_sums;           //!< U x U per distinct system, side by side
    Eigen::MatrixXcd m_solution;       //!< V: U x (U + T)
    Eigen::MatrixXcd m_received;       //!< H^H F
    Eigen::LLT<Eigen::MatrixXcd> m_cholesky;        //!< of m_weighted
    Eigen::LLT<Eigen::MatrixXcd> m_sensingCholesky; //!< of mu I - S
    Eigen::VectorXd m_multiplier;                   //!< mu_m
    Eigen::VectorXd m_power;                        //!< power before scaling
    Eigen::VectorXd m_scale;                        //!< scaling to the power limit
    Eigen::VectorXd m_rootWeight;                   //!< c_u^1/2
    Eigen::VectorXd m_sensing;                      //!< N g_mt of one AP
    Eigen::VectorXd m_interference;                 //!< interference plus noise
    Eigen::VectorXd m_own;                          //!< own-stream power
    Eigen::VectorXd m_sensingSnr;                   //!< sensing SNR
    Eigen::MatrixXd m_illumination;                 //!< power towards the targets
};

} // namespace ns3

#endif // ISAC_STRUCTURED_HEAD_H
