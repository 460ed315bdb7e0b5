// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_SPLIT_SOLVER_H
#define ISAC_SPLIT_SOLVER_H

#include "ns3/isac-problem.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Beams designed in two separate steps that share every AP's power: rho for communication,
 * 1 - rho for sensing.
 *
 * The designs are those of U. Demirhan, A. Alkhateeb, "Cell-Free ISAC MIMO Systems: Joint Sensing
 * and Communication Beamforming", arXiv 2301.11328. All of them are closed forms.
 *
 * The problem is normalised, h~_mu = sqrt(P_m) h_mu / sigma_u, so that unequal powers and noises
 * weigh the stacked channels of regularised zero-forcing; with equal ones its regulariser is
 * U sigma^2 / (rho P_m) in watts. An AP's share is divided equally: rho over the UEs that it
 * serves, 1 - rho over the targets that it may illuminate. What has no direction (a zero channel, a
 * steering vector inside the span of the UEs' channels) gets no beam, and its power stays unspent.
 */
class IsacSplitSolver
{
  public:
    /// How the UEs' beams are chosen.
    enum Communication
    {
        CONJUGATE,    //!< f_mu along h_mu
        ZERO_FORCING, //!< f_u along H (H^H H + (U / rho) I)^-1 e_u, stacked over all APs
    };

    /// How the sensing beams are chosen.
    enum Sensing
    {
        MATCHED,    //!< f_mt along a_mt
        NULL_SPACE, //!< f_mt along a_mt projected on the null space of h_m1 .. h_mU
    };

    /**
     * @brief Computes the beams.
     *
     * With a serving mask, zero-forcing for UE u uses the rows of its own APs alone, h_v for every
     * v restricted to them: E. Bjornson, L. Sanguinetti, "Scalable Cell-Free Massive MIMO
     * Systems", 2020, partial regularised zero-forcing with all UEs considered.
     *
     * @param problem the normalised problem
     * @param commPowerRatio rho, in [0, 1]
     * @param communication how the UEs' beams are chosen
     * @param sensing how the sensing beams are chosen
     * @param[in,out] beams sized for the problem and zero on entry
     */
    void Solve(const IsacProblem& problem,
               double commPowerRatio,
               Communication communication,
               Sensing sensing,
               IsacBeams& beams);

  private:
    /**
     * @brief Writes the unscaled zero-forcing beams of all UEs.
     * @param problem the normalised problem
     * @param regulariser U / rho
     * @param[out] beams the beams
     */
    void ZeroForce(const IsacProblem& problem, double regulariser, IsacBeams& beams);

    Eigen::MatrixXcd m_gram;    //!< H^H H + regulariser I
    Eigen::MatrixXcd m_inverse; //!< its inverse
    Eigen::MatrixXcd m_served;  //!< H with the rows of APs that do not serve one UE set to zero
    Eigen::VectorXcd m_rotated; //!< a steering vector in the basis of the QR decomposition
    Eigen::LLT<Eigen::MatrixXcd> m_cholesky;           //!< of m_gram
    Eigen::ColPivHouseholderQR<Eigen::MatrixXcd> m_qr; //!< of one AP's channels, N x U
};

} // namespace ns3

#endif // ISAC_SPLIT_SOLVER_H
