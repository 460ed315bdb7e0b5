// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_RZF_SOLVER_H
#define ISAC_RZF_SOLVER_H

#include "ns3/isac-problem.h"

#include <Eigen/Cholesky>
#include <vector>

namespace ns3
{

/// How regularised zero forcing meets the power limit of every AP.
enum RzfScaling
{
    RZF_PER_AP, //!< every AP scaled to its own limit: full power, but the nulls break
    RZF_COMMON, //!< all APs scaled by one factor: nulls kept, only one AP at full power
    RZF_LOADED  //!< one power per UE, chosen for the sum rate under every AP's limit: nulls kept
};

/**
 * @ingroup cellfree-isac
 * @brief Regularised zero forcing, stacked over APs: F = H (H^H H + alpha I)^-1, then scaled.
 *
 * H holds the channels of the normalised problem and alpha = U / M, the ratio of total noise to
 * total power. Under a serving mask, f_u = E_u H (H^H E_u H + alpha I)^-1 e_u, where E_u keeps the
 * rows of the APs that serve UE u: the regularised MMSE beam among those that obey the mask.
 *
 * For RZF_LOADED the beams are normalised to sum_m ||w_mu||^2 = 1 and the powers p_u maximise
 * sum_u w_u log2(1 + p_u |h_u^H w_u|^2 / sigma_u^2) subject to sum_u p_u ||w_mu||^2 <= P_m for all
 * m, a concave problem (residual interference is left out), solved in its dual. The other scalings
 * and the directions of the beams do not depend on the weights.
 *
 * Where the channels are estimates, h_u ~ CN(h^_u, blkdiag_m(e_mu I)), the MMSE beams have the mean
 * of H H^H in their matrix: F = (H^ H^^H + blkdiag_m((alpha + sum_u e_mu) I))^-1 H^ (MMSE combining
 * of the dual uplink, "Foundations of User-Centric Cell-Free Massive MIMO", corollary 5.1). For
 * RZF_LOADED, the noise of a UE then counts sum_m e_mu P_m, what the errors let through of all APs
 * at full power.
 */
class IsacRzfSolver
{
  public:
    /**
     * @brief Computes the beams; sensing streams stay zero.
     * @param problem a valid normalised problem
     * @param scaling how AP power limits are met
     * @param[out] beams the beams, sized here
     * @param withErrors whether the problem's errorVariance counts, where it has one
     */
    void Solve(const IsacProblem& problem,
               RzfScaling scaling,
               IsacBeams& beams,
               bool withErrors = false);

  private:
    /**
     * @brief The beam of one UE under a serving mask, before scaling, in a time that follows the
     * APs that serve it and the UEs that they reach.
     * @param problem the problem, with a mask
     * @param u the UE
     * @param[in,out] beam M N: zero on entry; the rows of serving APs are set
     */
    void SolveServed(const IsacProblem& problem, Eigen::Index u, Eigen::Ref<Eigen::VectorXcd> beam);

    /**
     * @brief Scales unit-norm beams by the powers of RZF_LOADED.
     * @param problem the problem
     * @param[in,out] beams beams of norm 1, or 0 for a UE without a channel
     */
    void LoadPower(const IsacProblem& problem, IsacBeams& beams);

    /// Part of one UE's stream that one AP sends, under a mask.
    struct Share
    {
        Eigen::Index m; //!< AP
        Eigen::Index u; //!< UE
        double share;   //!< ||w_mu||^2 / P_m
    };

    bool m_withErrors{false};               //!< whether errors count
    Eigen::VectorXd m_regulariser;          //!< M: alpha + sum_u e_mu
    std::vector<Eigen::Index> m_servingAps; //!< APs that serve one UE
    Eigen::MatrixXcd m_served;              //!< channels from those APs, of the UEs that they reach
    Eigen::MatrixXcd m_local;               //!< one UE's beam on the rows of those APs
    std::vector<Share> m_shares;            //!< of all served links
    Eigen::VectorXd m_cost;                 //!< U: what a unit of power of each stream costs
    Eigen::VectorXd m_apLoad;               //!< M: power of each AP over its limit
    Eigen::MatrixXcd m_scaled;              //!< channels over the regularisers, if errors count
    Eigen::MatrixXcd m_gram;                //!< Gram matrix plus alpha I
    Eigen::MatrixXcd m_coefficients;        //!< its inverse, or one column of it
    Eigen::LLT<Eigen::MatrixXcd> m_llt;     //!< factorisation of m_gram
    Eigen::MatrixXd m_share;                //!< M x U: ||w_mu||^2 / P_m; empty under a mask
    Eigen::VectorXd m_gain;                 //!< U: |h_u^H w_u|^2
    Eigen::VectorXd m_load;                 //!< U: powers p_u
    Eigen::VectorXd m_price;                //!< M: multipliers of the power limits
};

} // namespace ns3

#endif // ISAC_RZF_SOLVER_H
