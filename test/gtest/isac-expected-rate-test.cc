// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/isac-expected-rate.h"
#include "ns3/isac-metrics.h"
#include "ns3/isac-rzf-solver.h"

#include <gtest/gtest.h>

using namespace ns3;

TEST(IsacExpectedRate, IsTheMeanOverChannelsAroundTheEstimate)
{
    IsacTestProblems draws(61);
    auto problem = draws.PathLoss(5, 3, 1, 2);
    IsacProblem normalised;
    cellfree::Normalise(problem, normalised);
    IsacBeams beams;
    IsacRzfSolver().Solve(normalised, RZF_LOADED, beams);
    beams.f.col(3) = 0.2 * draws.GaussianMatrix(10, 1); // a sensing stream that disturbs
    cellfree::Denormalise(problem, beams);
    problem.errorVariance.resize(5, 3);
    for (Eigen::Index u = 0; u < 3; ++u)
    {
        for (Eigen::Index m = 0; m < 5; ++m)
        {
            problem.errorVariance(m, u) =
                draws.Uniform(0.0, 0.5) * problem.h.col(u).segment(2 * m, 2).squaredNorm();
        }
    }
    IsacExpectedRate expected;
    expected.Evaluate(problem, beams);

    constexpr int CHANNELS = 20000;
    auto channel = problem;
    IsacMetrics metrics;
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(3);
    Eigen::VectorXd squares = Eigen::VectorXd::Zero(3);
    for (int i = 0; i < CHANNELS; ++i)
    {
        for (Eigen::Index u = 0; u < 3; ++u)
        {
            for (Eigen::Index m = 0; m < 5; ++m)
            {
                channel.h.col(u).segment(2 * m, 2) =
                    problem.h.col(u).segment(2 * m, 2) +
                    std::sqrt(problem.errorVariance(m, u)) * draws.GaussianMatrix(2, 1);
            }
        }
        metrics.Evaluate(channel, beams);
        sum += metrics.GetRate();
        squares += metrics.GetRate().cwiseAbs2();
    }
    metrics.Evaluate(problem, beams);
    for (Eigen::Index u = 0; u < 3; ++u)
    {
        const double mean = sum(u) / CHANNELS;
        const double error = std::sqrt((squares(u) / CHANNELS - mean * mean) / CHANNELS);
        EXPECT_NEAR(expected.GetRate()(u), mean, 4 * error);
        // Far enough from the rate of the estimate for the test to tell.
        EXPECT_GT(std::abs(metrics.GetRate()(u) - mean), 20 * error);
    }
    EXPECT_DOUBLE_EQ(expected.GetSumRate(), expected.GetRate().sum());
}

TEST(IsacExpectedRate, IsTheRateWhereThereAreNoErrors)
{
    IsacTestProblems draws(62);
    auto problem = draws.PathLoss(4, 3, 1, 4);
    IsacBeams beams;
    beams.Resize(problem);
    beams.f = 0.1 * draws.GaussianMatrix(16, 4);
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    IsacExpectedRate expected;
    for (bool hasZeros : {false, true})
    {
        if (hasZeros)
        {
            problem.errorVariance.setZero(4, 3);
        }
        expected.Evaluate(problem, beams);
        EXPECT_LT((expected.GetRate() - metrics.GetRate()).cwiseAbs().maxCoeff(), 1e-9);
    }
}
