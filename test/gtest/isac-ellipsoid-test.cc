// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-ellipsoid.h"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// A covariance with axes askew and lengths apart.
Eigen::Matrix3d
MakeCovariance()
{
    Eigen::Matrix3d root;
    root << 9.0, 0.0, 0.0, -4.0, 3.0, 0.0, 1.0, 0.5, 0.7;
    return root * root.transpose();
}

} // namespace

TEST(IsacEllipsoid, PartsHaveTheMomentsOfTheWhole)
{
    Eigen::Matrix3d flat = Eigen::Matrix3d::Zero();
    flat(0, 0) = 25.0;
    for (const Eigen::Matrix3d& covariance :
         {MakeCovariance(), flat, Eigen::Matrix3d(4.0 * Eigen::Matrix3d::Identity())})
    {
        for (Eigen::Index axes = 0; axes <= 3; ++axes)
        {
            const auto parts = cellfree::DivideEllipsoid(covariance, axes);
            const auto n = parts.offsets.cols();
            ASSERT_EQ(n, 2 * axes + 1);
            EXPECT_TRUE(parts.offsets.col(0).isZero());
            EXPECT_LT(parts.offsets.rowwise().sum().norm(), 1e-12);
            const Eigen::Matrix3d moments =
                parts.covariance + parts.offsets * parts.offsets.transpose() / n;
            EXPECT_LT((moments - covariance).norm(), 1e-12 * covariance.norm());
            // Each is a covariance of its own.
            const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> solver(parts.covariance);
            EXPECT_GT(solver.eigenvalues().minCoeff(), -1e-12 * covariance.norm());
        }
    }
}

TEST(IsacEllipsoid, LongestAxisIsDividedFirst)
{
    const auto covariance = MakeCovariance();
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> whole(covariance);
    const auto parts = cellfree::DivideEllipsoid(covariance, 1);
    const double longest = whole.eigenvalues()(2);
    EXPECT_NEAR(parts.offsets.col(1).squaredNorm(), longest, 1e-9); // 3 / 3 standard deviations
    EXPECT_NEAR(std::abs(parts.offsets.col(1).normalized().dot(whole.eigenvectors().col(2))),
                1.0,
                1e-12);
    // A third of the variance is left, or a 0.58th of the length: what a beam must span.
    const Eigen::Vector3d axis = parts.offsets.col(1).normalized();
    EXPECT_NEAR(axis.dot(parts.covariance * axis), longest / 3.0, 1e-9);
    // The same sides whatever sign a decomposition finds.
    Eigen::Index largest = 0;
    parts.offsets.col(1).cwiseAbs().maxCoeff(&largest);
    EXPECT_GT(parts.offsets(largest, 1), 0.0);
}

TEST(IsacEllipsoid, PositionErrorGrowsWithTheVelocitysError)
{
    Eigen::Matrix<double, 6, 6> covariance = Eigen::Matrix<double, 6, 6>::Zero();
    covariance.diagonal() << 1.0, 4.0, 4.0, 9.0, 16.0, 0.0;
    EXPECT_DOUBLE_EQ(cellfree::ExtrapolatePositionError(covariance, 0.0), 3.0);
    EXPECT_DOUBLE_EQ(cellfree::ExtrapolatePositionError(covariance, 2.0), std::sqrt(109.0));
    covariance(0, 3) = covariance(3, 0) = -2.0;
    EXPECT_DOUBLE_EQ(cellfree::ExtrapolatePositionError(covariance, 2.0), std::sqrt(101.0));
}
