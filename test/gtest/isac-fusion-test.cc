// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-gaussian.h"

#include "ns3/isac-fusion.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

using Vector6 = Eigen::Matrix<double, 6, 1>;
using Matrix6 = Eigen::Matrix<double, 6, 6>;

constexpr IsacFusionCriterion CRITERIA[] = {ISAC_FUSION_DETERMINANT, ISAC_FUSION_TRACE};

double
GetScore(const Matrix6& covariance, IsacFusionCriterion criterion)
{
    return criterion == ISAC_FUSION_TRACE ? covariance.trace() : covariance.determinant();
}

/// An estimate at a place on a line, at rest. @param x the place (m) @param error rms (m, m/s)
IsacStateEstimate
MakeEstimate(double x, double error)
{
    IsacStateEstimate estimate;
    estimate.mean(0) = x;
    estimate.covariance = MakeTestCovariance(error, error);
    return estimate;
}

} // namespace

TEST(IsacFusion, EqualAndOppositeEstimatesShareTheWeight)
{
    // Each knows three of six directions four times better: by symmetry w = 1/2, and each variance
    // is 2 / (1 + 1/4).
    Vector6 variances;
    variances << 1, 4, 1, 4, 1, 4;
    const IsacStateEstimate first{Vector6::Zero(), variances.asDiagonal()};
    const IsacStateEstimate second{Vector6::Ones(),
                                   (5.0 - variances.array()).matrix().asDiagonal()};
    for (auto criterion : CRITERIA)
    {
        double weight = 0.0;
        const auto fused = cellfree::IntersectCovariances(first, second, criterion, &weight);
        // A flat optimum is met to the square root of the precision.
        EXPECT_NEAR(weight, 0.5, 1e-6);
        EXPECT_LT((fused.covariance - 1.6 * Matrix6::Identity()).norm(), 1e-5);
        EXPECT_NEAR(fused.mean(0), 0.2, 1e-5);
        EXPECT_NEAR(fused.mean(1), 0.8, 1e-5);
    }
}

TEST(IsacFusion, TheBetterOneInEveryRespectStandsAlone)
{
    TestGaussian gaussian(31);
    const IsacStateEstimate good{Vector6::Ones(), gaussian.DrawCovariance(1.0)};
    const IsacStateEstimate poor{Vector6::Zero(), 1.5 * good.covariance};
    for (auto criterion : CRITERIA)
    {
        double weight = 0.5;
        auto fused = cellfree::IntersectCovariances(good, poor, criterion, &weight);
        EXPECT_EQ(weight, 1.0);
        EXPECT_EQ(fused.mean, good.mean);
        EXPECT_EQ(fused.covariance, good.covariance);
        fused = cellfree::IntersectCovariances(poor, good, criterion, &weight);
        EXPECT_EQ(weight, 0.0);
        EXPECT_EQ(fused.covariance, good.covariance);
        // The same knowledge twice is no more than once.
        fused = cellfree::IntersectCovariances(good, good, criterion);
        EXPECT_LT((fused.covariance - good.covariance).norm(), 1e-12);
    }
}

TEST(IsacFusion, IsNeverWorseThanTheBetterAndConsistentWhateverIsCorrelated)
{
    TestGaussian gaussian(32);
    for (int i = 0; i < 200; ++i)
    {
        // Errors with any cross-covariance: both estimates are consistent by construction.
        Eigen::Matrix<double, 12, 12> root =
            Eigen::Matrix<double, 12, 12>::NullaryExpr([&]() { return gaussian.Draw(); });
        root.topRows<6>() *= std::pow(10.0, gaussian.Draw(-1.0, 1.0));
        if (i % 2 == 0)
        {
            // Much in common.
            root.bottomRows<6>() = 0.2 * root.bottomRows<6>() + root.topRows<6>();
        }
        const Eigen::Matrix<double, 12, 12> joint = root * root.transpose();
        const IsacStateEstimate first{Vector6::Zero(), joint.topLeftCorner<6, 6>()};
        const IsacStateEstimate second{Vector6::Zero(), joint.bottomRightCorner<6, 6>()};
        for (auto criterion : CRITERIA)
        {
            double weight = 0.0;
            const auto fused = cellfree::IntersectCovariances(first, second, criterion, &weight);
            ASSERT_GE(weight, 0.0);
            ASSERT_LE(weight, 1.0);
            const double best = std::min(GetScore(first.covariance, criterion),
                                         GetScore(second.covariance, criterion));
            EXPECT_LE(GetScore(fused.covariance, criterion), best * (1.0 + 1e-9));
            // No other weight is better.
            for (double w = 0.0; w <= 1.0; w += 0.05)
            {
                const Matrix6 other =
                    (w * first.covariance.inverse() + (1.0 - w) * second.covariance.inverse())
                        .inverse();
                EXPECT_LE(GetScore(fused.covariance, criterion),
                          GetScore(other, criterion) * (1.0 + 1e-6));
            }
            // What the error of the fused state really is, is never more than what it claims.
            Eigen::Matrix<double, 6, 12> gains;
            gains << weight * fused.covariance * first.covariance.inverse(),
                (1.0 - weight) * fused.covariance * second.covariance.inverse();
            const Matrix6 real = gains * joint * gains.transpose();
            const Eigen::SelfAdjointEigenSolver<Matrix6> solver(fused.covariance - real);
            EXPECT_GE(solver.eigenvalues()(0), -1e-7 * fused.covariance.trace());
        }
    }
}

TEST(IsacFusion, TracksArePairedWithinTheGate)
{
    const double gate = 16.8; // chi-square, 6 degrees, 0.99
    const std::vector<IsacStateEstimate> first{MakeEstimate(0, 1),
                                               MakeEstimate(100, 1),
                                               MakeEstimate(200, 1)};
    // One between the first two's neighbours, one near the third, one far from all.
    const std::vector<IsacStateEstimate> second{MakeEstimate(500, 1),
                                                MakeEstimate(203, 2),
                                                MakeEstimate(2, 1)};
    const auto fused = cellfree::FuseTracks(first, second, gate);
    ASSERT_EQ(fused.size(), 4U);
    EXPECT_EQ(fused[0].first, 0);
    EXPECT_EQ(fused[0].second, 2);
    EXPECT_EQ(fused[1].first, 1);
    EXPECT_EQ(fused[1].second, -1);
    EXPECT_EQ(fused[1].estimate.mean, first[1].mean);
    EXPECT_EQ(fused[2].second, 1);
    EXPECT_EQ(fused[2].weight, 1.0); // better in every respect
    EXPECT_EQ(fused[3].first, -1);
    EXPECT_EQ(fused[3].second, 0);
    EXPECT_EQ(fused[3].estimate.mean, second[0].mean);
    // d^2 = x^2 / 2: alone beyond the gate.
    const double edge = std::sqrt(2.0 * gate);
    EXPECT_EQ(
        cellfree::FuseTracks({MakeEstimate(0, 1)}, {MakeEstimate(0.999 * edge, 1)}, gate).size(),
        1U);
    EXPECT_EQ(
        cellfree::FuseTracks({MakeEstimate(0, 1)}, {MakeEstimate(1.001 * edge, 1)}, gate).size(),
        2U);
    EXPECT_TRUE(cellfree::FuseTracks({}, {}, gate).empty());
    EXPECT_EQ(cellfree::FuseTracks({}, second, gate).size(), 3U);
}
