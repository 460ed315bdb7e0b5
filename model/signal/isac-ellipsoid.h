// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_ELLIPSOID_H
#define ISAC_ELLIPSOID_H

#include <Eigen/Core>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Parts of an error ellipsoid: 2 A + 1 Gaussian ones of equal probability that together have
 * its mean and covariance.
 *
 * One is in the middle and two on each of the A longest axes, at +-sqrt((2 A + 1) / 3) standard
 * deviations. Their common covariance has a third of the variance on these axes and all of it on
 * the others: 2 / (2 A + 1) * (2 A + 1) / 3 + 1 / 3 = 1. So a beam at each covers what one beam at
 * the middle would miss.
 */
struct IsacEllipsoidParts
{
    /// 3 x (2 A + 1): offsets from the mean (m); the middle, then by falling length of the axes
    /// those on the side of the axis' largest component, and those opposite.
    Eigen::Matrix<double, 3, Eigen::Dynamic, 0, 3, 7> offsets;
    Eigen::Matrix3d covariance; //!< of each part (m^2)
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Divides an error ellipsoid.
 * @param covariance of a position (m^2), symmetric and positive semidefinite
 * @param nAxes A, from 0 to 3
 * @return its parts
 */
IsacEllipsoidParts DivideEllipsoid(const Eigen::Matrix3d& covariance, Eigen::Index nAxes);

/**
 * @ingroup cellfree-isac
 * @brief The rms error of a position some time ahead, of a target whose velocity stays.
 * @param covariance 6 x 6: of position and velocity now (m^2, m^2/s, m^2/s^2)
 * @param ahead the time (s), >= 0
 * @return sqrt(tr(P_pp + t (P_pv + P_vp) + t^2 P_vv)) (m)
 */
double ExtrapolatePositionError(const Eigen::Matrix<double, 6, 6>& covariance, double ahead);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_ELLIPSOID_H
