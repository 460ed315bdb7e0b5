// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/isac-conjugate-solver.h"
#include "ns3/isac-metrics.h"

#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// Mean sum rate of conjugate beams in the paper's set-up with U = 2, N = 8.
double
MeanRate(Eigen::Index nAps, ConjugatePowerSharing sharing)
{
    constexpr int DROPS = 20000;
    IsacTestProblems draws(100 + nAps);
    IsacMetrics metrics;
    IsacBeams beams;
    double sum = 0.0;
    for (int drop = 0; drop < DROPS; ++drop)
    {
        const auto problem = draws.Paper(nAps, 2, 1, 8);
        cellfree::ComputeConjugateBeams(problem, sharing, beams);
        metrics.Evaluate(problem, beams);
        sum += metrics.GetSumRate();
    }
    return sum / DROPS;
}

} // namespace

TEST(IsacConjugateSolver, ReachesTheGoldenTable)
{
    // Standard error of 20 000 drops: 0.2 % or less. Values computed independently of this code.
    EXPECT_NEAR(MeanRate(2, CONJUGATE_EQUAL) / 8.36, 1.0, 0.01);
    EXPECT_NEAR(MeanRate(3, CONJUGATE_EQUAL) / 9.51, 1.0, 0.01);
    EXPECT_NEAR(MeanRate(5, CONJUGATE_EQUAL) / 10.98, 1.0, 0.01);
    EXPECT_NEAR(MeanRate(8, CONJUGATE_EQUAL) / 12.23, 1.0, 0.01);
    EXPECT_NEAR(MeanRate(10, CONJUGATE_EQUAL) / 12.96, 1.0, 0.01);
    EXPECT_NEAR(MeanRate(2, CONJUGATE_NORM) / 8.45, 1.0, 0.01);
    EXPECT_NEAR(MeanRate(3, CONJUGATE_NORM) / 9.63, 1.0, 0.01);
    EXPECT_NEAR(MeanRate(5, CONJUGATE_NORM) / 11.12, 1.0, 0.01);
    EXPECT_NEAR(MeanRate(8, CONJUGATE_NORM) / 12.38, 1.0, 0.01);
    EXPECT_NEAR(MeanRate(10, CONJUGATE_NORM) / 13.10, 1.0, 0.01);
}

TEST(IsacConjugateSolver, SingleUeIsMaximumRatio)
{
    IsacTestProblems draws(1);
    auto problem = draws.Paper(3, 1, 0, 4);
    problem.power << 0.1, 0.2, 0.7;
    IsacBeams beams;
    cellfree::ComputeConjugateBeams(problem, CONJUGATE_EQUAL, beams);
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    double amplitude = 0.0;
    for (Eigen::Index m = 0; m < 3; ++m)
    {
        amplitude += std::sqrt(problem.power(m)) * problem.h.middleRows(m * 4, 4).norm();
    }
    EXPECT_NEAR(metrics.GetSinr()(0) * 0.1 / (amplitude * amplitude), 1.0, 1e-14);
}

TEST(IsacConjugateSolver, SensingMeetsItsBound)
{
    IsacTestProblems draws(2);
    auto problem = draws.Paper(4, 2, 1, 6);
    problem.omega = problem.omega.cwiseProduct(Eigen::Vector4d(0.5, 1, 2, 3));
    IsacBeams beams;
    cellfree::ComputeConjugateSensingBeams(problem, beams);
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    const double bound = 6.0 * problem.omega.col(0).dot(problem.power) / problem.sensingNoise;
    EXPECT_NEAR(metrics.GetSensingSnr()(0) / bound, 1.0, 1e-14);
    EXPECT_EQ(metrics.GetSumRate(), 0.0);

    // In the paper's set-up the bound is N P zeta^2 / varsigma^2 = 8 / 0.1.
    const auto paper = draws.Paper(5, 2, 1, 8);
    cellfree::ComputeConjugateSensingBeams(paper, beams);
    metrics.Evaluate(paper, beams);
    EXPECT_NEAR(metrics.GetSensingSnr()(0), 80.0, 1e-11);
}

TEST(IsacConjugateSolver, MaskAndZeroChannelsTakeNoPower)
{
    IsacTestProblems draws(3);
    auto problem = draws.Paper(3, 3, 1, 4);
    problem.serving.setConstant(3, 3, true);
    problem.serving(0, 1) = false;
    problem.serving.row(2).setConstant(false);
    problem.h.col(2).segment(4, 4).setZero();
    IsacBeams beams;
    cellfree::ComputeConjugateBeams(problem, CONJUGATE_EQUAL, beams);
    EXPECT_TRUE(beams.f.allFinite());
    EXPECT_EQ(beams.Ap(0).col(1).norm(), 0.0);
    EXPECT_NEAR(beams.Ap(0).col(0).squaredNorm(), 0.5 / 3, 1e-15);
    EXPECT_NEAR(beams.Ap(0).col(2).squaredNorm(), 0.5 / 3, 1e-15);
    EXPECT_EQ(beams.Ap(1).col(2).norm(), 0.0);
    EXPECT_NEAR(cellfree::GetApPower(beams, 1), 1.0 / 3, 1e-15);
    EXPECT_EQ(cellfree::GetApPower(beams, 2), 0.0);
}

TEST(IsacConjugateSolver, EmptySetsGiveEmptyBeams)
{
    IsacTestProblems draws(4);
    IsacBeams beams;
    cellfree::ComputeConjugateBeams(draws.Paper(2, 0, 1, 1), CONJUGATE_NORM, beams);
    EXPECT_EQ(beams.f.norm(), 0.0);
    cellfree::ComputeConjugateSensingBeams(draws.Paper(2, 2, 0, 1), beams);
    EXPECT_EQ(beams.f.norm(), 0.0);
    EXPECT_EQ(beams.f.cols(), 2);
}
