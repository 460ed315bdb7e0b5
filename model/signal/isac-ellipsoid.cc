// SPDX-License-Identifier: GPL-2.0-only

#include "isac-ellipsoid.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace ns3
{

namespace cellfree
{

IsacEllipsoidParts
DivideEllipsoid(const Eigen::Matrix3d& covariance, Eigen::Index nAxes)
{
    const Eigen::Index nParts = 2 * nAxes + 1;
    IsacEllipsoidParts parts;
    parts.offsets.setZero(3, nParts);
    parts.covariance = covariance;
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(covariance);
    for (Eigen::Index i = 0; i < nAxes; ++i)
    {
        // Ascending eigenvalues; rounding can make one negative.
        const double variance = std::max(solver.eigenvalues()(2 - i), 0.0);
        Eigen::Vector3d axis = solver.eigenvectors().col(2 - i);
        Eigen::Index largest = 0;
        axis.cwiseAbs().maxCoeff(&largest);
        axis *= axis(largest) < 0.0 ? -1.0 : 1.0;
        parts.offsets.col(2 * i + 1) = std::sqrt(variance * nParts / 3.0) * axis;
        parts.offsets.col(2 * i + 2) = -parts.offsets.col(2 * i + 1);
        parts.covariance -= 2.0 / 3.0 * variance * axis * axis.transpose();
    }
    return parts;
}

double
ExtrapolatePositionError(const Eigen::Matrix<double, 6, 6>& covariance, double ahead)
{
    const double position = covariance.topLeftCorner<3, 3>().trace();
    const double mixed = covariance.topRightCorner<3, 3>().trace();
    const double velocity = covariance.bottomRightCorner<3, 3>().trace();
    return std::sqrt(std::max(position + ahead * (2.0 * mixed + ahead * velocity), 0.0));
}

} // namespace cellfree

} // namespace ns3
