// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_SUBSPACE_H
#define ISAC_SUBSPACE_H

#include "ns3/isac-problem.h"

#include <Eigen/QR>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A problem in the coordinates of span{h_m1 .. h_mU, a_m1 .. a_mT} of every AP.
 *
 * The metrics see F_m through H_m^H F_m and A_m^H F_m alone, so a part of F_m outside that span
 * costs power and does nothing. An orthonormal basis Q_m (Householder QR of [A_m, H_m]) leaves
 * R = min(N, U + T) coordinates, and the reduced problem does not grow with N.
 *
 * APs, UEs and targets are also put into an order that depends on the Gram matrices of their
 * channels and not on how they were listed: whatever is computed on the reduced problem comes out
 * the same, to the last bit, for every listing of the same problem (exact ties apart).
 */
class IsacSubspace
{
  public:
    /**
     * @brief Forms the bases and the reduced problem.
     * @param problem a valid normalised problem
     * @param withTargets false leaves the targets out (R = min(N, U)), for objectives without them
     */
    void Form(const IsacProblem& problem, bool withTargets);

    /// @return the reduced problem, with R antennas per AP, the weights, and masks and error
    /// variances where the problem has them
    const IsacProblem& GetReduced() const
    {
        return m_reduced;
    }

    /**
     * @brief Takes beams to the reduced coordinates: X_m = Q_m^H F_m.
     * @param beams beams of the whole problem
     * @param[out] reduced beams of the reduced problem
     */
    void Project(const IsacBeams& beams, IsacBeams& reduced) const;

    /**
     * @brief Takes reduced beams back: F_m = Q_m X_m. Streams left out of the reduction are zero.
     * @param problem the whole problem
     * @param reduced beams of the reduced problem
     * @param[out] beams beams of the whole problem, sized here
     */
    void Lift(const IsacProblem& problem, const IsacBeams& reduced, IsacBeams& beams) const;

  private:
    /**
     * @brief Sets the orders of APs, UEs and targets.
     * @param problem the whole problem
     * @param nTargets number of targets kept
     */
    void Sort(const IsacProblem& problem, Eigen::Index nTargets);

    IsacProblem m_reduced;                       //!< the problem in coordinates
    Eigen::Index m_nAntennas{0};                 //!< N of the whole problem
    Eigen::MatrixXcd m_basis;                    //!< (M N) x R: Q_m of the AP at place m
    std::vector<Eigen::Index> m_aps;             //!< index of the AP at each place
    std::vector<Eigen::Index> m_ues;             //!< index of the UE at each place
    std::vector<Eigen::Index> m_targets;         //!< index of the target at each place
    Eigen::MatrixXcd m_span;                     //!< [A_m, H_m] of one AP
    Eigen::MatrixXcd m_gram;                     //!< its Gram matrix
    Eigen::MatrixXcd m_ueGrams;                  //!< U^2 x M: H_m^H H_m
    Eigen::VectorXcd m_ueGram;                   //!< U^2: H^H H
    Eigen::VectorXd m_apKey;                     //!< what APs are ordered by
    Eigen::VectorXd m_streamKey;                 //!< what targets and UEs are ordered by
    Eigen::HouseholderQR<Eigen::MatrixXcd> m_qr; //!< factorisation of m_span
};

} // namespace ns3

#endif // ISAC_SUBSPACE_H
