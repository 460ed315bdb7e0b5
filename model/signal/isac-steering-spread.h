// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_STEERING_SPREAD_H
#define ISAC_STEERING_SPREAD_H

#include <Eigen/Core>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Covariance of the unit vector towards a place that is known with an error, to first order:
 * C = P Sigma P / r^2 with the distance r and the projection P = I - u u^T across the direction u.
 *
 * An error along the direction changes nothing. Below 1 mm, r is 1 mm and the place has no
 * direction: P = I.
 *
 * @param offset from the array to the place (m)
 * @param covariance of the place's error, Sigma (m^2), symmetric and positive semidefinite
 * @return C, without unit
 */
Eigen::Matrix3d GetDirectionCovariance(const Eigen::Vector3d& offset,
                                       const Eigen::Matrix3d& covariance);

} // namespace cellfree

/**
 * @ingroup cellfree-isac
 * @brief Steering vectors for directions that are known with an error: what a beam must illuminate
 * in the mean over the error.
 *
 * Towards the direction u + delta an array of element positions d_n (wavelengths) has the steering
 * vector a_n exp(-+j 2 pi d_n . delta), with a the one towards u. Over a Gaussian delta of
 * covariance C its correlation is, by the characteristic function of a Gaussian,
 *
 *   R = E[a a^H],  R_nk = a_n a_k^* exp(-2 pi^2 (d_n - d_k)^T C (d_n - d_k)),
 *
 * so f^H R f is what a beam f illuminates the target with in the mean (J. Capon's covariance
 * matrix taper: J. Guerci, "Theory and application of covariance matrix tapers for robust adaptive
 * beamforming", 1999). Small angles: delta is taken as Gaussian in the plane across u, so beyond
 * some 0.3 rad of spread R is too uniform.
 *
 * A policy takes one steering vector for a target. R = D K D^H with D = diag(a) and a matrix K of
 * positive entries, so its largest eigenvalue lambda is simple and has the eigenvector D w with
 * w > 0 (O. Perron, 1907). The stand-in is sqrt(lambda) D w, ||w|| = 1: a with real tapers, in
 * phase with a. For every beam, |stand-in^H f|^2 <= f^H R f, with equality for the beam that has
 * the largest mean illumination, f = D w: what a policy is promised with the stand-in, it gets in
 * the mean.
 */
class IsacSteeringSpread
{
  public:
    /**
     * Below this 2 pi^2 tr(C) (2 R)^2, with the array's radius R (wavelengths), a is returned as
     * it is: no entry of R differs from a a^H by more than this share.
     */
    static constexpr double NEGLIGIBLE = 1e-6;

    /**
     * @brief Widens a steering vector. Allocates only if N grows.
     * @param positions 3 x N: the elements (wavelengths), from any origin, axes as of C
     * @param covariance C of the direction's unit vector: cellfree::GetDirectionCovariance()
     * @param[in,out] steering N: a, towards the mean direction; becomes the stand-in, of squared
     * norm from 1 to N where |a_n| = 1
     * @return true if the vector was changed
     */
    bool Widen(const Eigen::Ref<const Eigen::Matrix3Xd>& positions,
               const Eigen::Matrix3d& covariance,
               Eigen::Ref<Eigen::VectorXcd> steering);

    /**
     * @brief R of a steering vector.
     * @param positions 3 x N: the elements (wavelengths)
     * @param covariance C of the direction's unit vector
     * @param steering N: a, towards the mean direction
     * @return N x N: R
     */
    static Eigen::MatrixXcd GetCorrelation(const Eigen::Ref<const Eigen::Matrix3Xd>& positions,
                                           const Eigen::Matrix3d& covariance,
                                           const Eigen::Ref<const Eigen::VectorXcd>& steering);

  private:
    /**
     * @brief Largest eigenvalue of m_kernel weighted by |a|, by Lanczos's iteration from the
     * uniform taper, which no dominant eigenvector is orthogonal to.
     * @return the eigenvalue; m_taper is its eigenvector of norm 1
     */
    double FindDominant();

    Eigen::MatrixXd m_kernel;    //!< N x N: |a_n| |a_k| exp(..)
    Eigen::VectorXd m_magnitude; //!< N: |a_n|
    Eigen::MatrixXd m_basis;     //!< N x steps: Lanczos vectors
    Eigen::VectorXd m_taper;     //!< N: eigenvector
    Eigen::VectorXd m_next;      //!< N: work space
};

} // namespace ns3

#endif // ISAC_STEERING_SPREAD_H
