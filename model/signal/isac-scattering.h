// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_SCATTERING_H
#define ISAC_SCATTERING_H

#include <Eigen/Core>
#include <complex>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Correlation of an array's signals under local scattering, R = E[a(k) a(k)^H] over
 * directions k whose azimuth and elevation are Gaussian around those of a nominal direction:
 * equation (2.18) of O. T. Demir, E. Bjornson, L. Sanguinetti, "Foundations of User-Centric
 * Cell-Free Massive MIMO", 2021, for any geometry of the array.
 *
 * By the trapezoidal rule over 6.5 deviations either side. Its step h resolves the farthest two
 * elements, D wavelengths apart: exp(j w sin x) with w = 2 pi D has harmonics up to w + 8.5
 * w^(1/3), and 2 pi / h is beyond by 7 over the deviation, which leaves an error of exp(-7^2 / 2).
 *
 * @param elements 3 x N: positions of the elements in wavelengths
 * @param direction from the array outwards, any length > 0
 * @param azimuthSpread standard deviation of the azimuth (rad), >= 0
 * @param elevationSpread standard deviation of the elevation (rad), >= 0
 * @return N x N, Hermitian, positive semidefinite, with ones on the diagonal; of rank one without
 * spread
 */
Eigen::MatrixXcd GetScatteringCorrelation(const Eigen::Matrix3Xd& elements,
                                          const Eigen::Vector3d& direction,
                                          double azimuthSpread,
                                          double elevationSpread);

/**
 * @ingroup cellfree-isac
 * @brief The Hermitian square root of a covariance, which unlike a Cholesky factor depends
 * continuously on it even where it is singular.
 * @param covariance N x N, Hermitian, positive semidefinite up to rounding
 * @return the matrix W with W W = covariance, Hermitian and positive semidefinite
 */
Eigen::MatrixXcd GetHermitianRoot(const Eigen::MatrixXcd& covariance);

/**
 * @ingroup cellfree-isac
 * @brief Autocorrelation of fading where waves arrive from all sides alike, J0(2 pi f_D tau): R. H.
 * Clarke, "A Statistical Theory of Mobile-Radio Reception", Bell System Technical Journal, 1968.
 * @param phase 2 pi f_D tau (rad), >= 0
 * @return the correlation, in [-0.41, 1]
 */
double GetClarkeCorrelation(double phase);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_SCATTERING_H
