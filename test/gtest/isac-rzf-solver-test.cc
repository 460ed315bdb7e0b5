// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/isac-metrics.h"
#include "ns3/isac-rzf-solver.h"

#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// Mean sum rate over draws of problems.
template <typename Draw>
double
MeanRate(int drops, RzfScaling scaling, Draw draw)
{
    IsacProblem problem;
    IsacRzfSolver solver;
    IsacMetrics metrics;
    IsacBeams beams;
    double sum = 0.0;
    for (int drop = 0; drop < drops; ++drop)
    {
        cellfree::Normalise(draw(), problem);
        solver.Solve(problem, scaling, beams);
        metrics.Evaluate(problem, beams);
        sum += metrics.GetSumRate();
    }
    return sum / drops;
}

} // namespace

TEST(IsacRzfSolver, PerApScalingReachesTheGoldenTable)
{
    // Standard error of 4000 drops: 0.1 % or less. Values computed independently of this code.
    const std::pair<Eigen::Index, double> table[] = {{2, 12.24},
                                                     {3, 13.43},
                                                     {5, 14.94},
                                                     {8, 16.35},
                                                     {10, 16.99}};
    for (const auto& [nAps, rate] : table)
    {
        IsacTestProblems draws(200 + nAps);
        const double mean =
            MeanRate(4000, RZF_PER_AP, [&, n = nAps]() { return draws.Paper(n, 2, 1, 8); });
        EXPECT_NEAR(mean / rate, 1.0, 0.01) << "M = " << nAps;
    }
}

TEST(IsacRzfSolver, LoadingWinsUnderPathLoss)
{
    double rate[3];
    for (auto scaling : {RZF_PER_AP, RZF_COMMON, RZF_LOADED})
    {
        IsacTestProblems draws(300);
        rate[scaling] = MeanRate(200, scaling, [&]() { return draws.PathLoss(16, 6, 1, 8); });
    }
    // A margin of 10 %: the drops are the same, so a paired difference, over 20 standard errors.
    EXPECT_GT(rate[RZF_LOADED], 1.1 * rate[RZF_PER_AP]);
    EXPECT_GT(rate[RZF_LOADED], 1.1 * rate[RZF_COMMON]);
}

TEST(IsacRzfSolver, LoadingSendsWhereChannelsAreWeakOrUncertain)
{
    IsacTestProblems draws(301);
    IsacProblem problem;
    IsacRzfSolver solver;
    IsacBeams beams;
    for (bool isMasked : {false, true})
    {
        for (double gain : {1e-12, 1e-4, 1.0})
        {
            problem.Resize(4, 3, 0, 2);
            problem.h = std::sqrt(gain) * draws.GaussianMatrix(8, 3);
            problem.errorVariance.setConstant(4, 3, 100.0 * gain);
            if (isMasked)
            {
                problem.serving.setConstant(4, 3, true);
                problem.serving(2, 1) = false;
            }
            for (bool withErrors : {false, true})
            {
                solver.Solve(problem, RZF_LOADED, beams, withErrors);
                // One AP at least is at its limit.
                double largest = 0.0;
                for (Eigen::Index m = 0; m < 4; ++m)
                {
                    largest = std::max(largest, beams.Ap(m).norm());
                }
                EXPECT_NEAR(largest, 1.0, 1e-9);
            }
        }
    }
}

TEST(IsacRzfSolver, LoadingMeetsItsOptimalityConditions)
{
    // Without interference: disjoint APs, so each UE's power is its AP's limit.
    IsacProblem problem;
    problem.Resize(2, 2, 0, 1);
    problem.h << 2.0, 0.0, 0.0, std::complex<double>(0.0, 3.0);
    IsacRzfSolver solver;
    IsacBeams beams;
    solver.Solve(problem, RZF_LOADED, beams);
    EXPECT_NEAR(std::abs(beams.f(0, 0)), 1.0, 1e-12);
    EXPECT_NEAR(std::abs(beams.f(1, 1)), 1.0, 1e-12);

    // One AP, orthogonal channels: water filling. Level v: 2v = 1 + 1/4 + 1/9.
    problem.Resize(1, 2, 0, 2);
    problem.h << 2.0, 0.0, 0.0, 3.0;
    solver.Solve(problem, RZF_LOADED, beams);
    const double level = (1.0 + 1.0 / 4 + 1.0 / 9) / 2;
    EXPECT_NEAR(std::norm(beams.f(0, 0)), level - 1.0 / 4, 1e-9);
    EXPECT_NEAR(std::norm(beams.f(1, 1)), level - 1.0 / 9, 1e-9);
}

TEST(IsacRzfSolver, CommonAndLoadedScalingsKeepDirections)
{
    IsacTestProblems draws(5);
    IsacProblem problem;
    cellfree::Normalise(draws.PathLoss(6, 3, 1, 4), problem);
    IsacRzfSolver solver;
    IsacBeams common;
    IsacBeams loaded;
    solver.Solve(problem, RZF_COMMON, common);
    solver.Solve(problem, RZF_LOADED, loaded);
    for (Eigen::Index u = 0; u < 3; ++u)
    {
        const double cosine = std::abs(common.f.col(u).dot(loaded.f.col(u))) /
                              (common.f.col(u).norm() * loaded.f.col(u).norm());
        EXPECT_NEAR(cosine, 1.0, 1e-12);
    }
    for (const auto* beams : {&common, &loaded})
    {
        double largest = 0.0;
        for (Eigen::Index m = 0; m < 6; ++m)
        {
            largest = std::max(largest, cellfree::GetApPower(*beams, m));
        }
        EXPECT_NEAR(largest, 1.0, 1e-12);
    }
}

TEST(IsacRzfSolver, MaskedBeamsAreTheMmseBeamsOfTheirSupport)
{
    IsacTestProblems draws(6);
    IsacProblem problem;
    cellfree::Normalise(draws.Paper(4, 3, 0, 2), problem);
    problem.serving.setConstant(4, 3, true);
    problem.serving(1, 0) = problem.serving(2, 0) = problem.serving(0, 2) = false;
    IsacRzfSolver solver;
    IsacBeams beams;
    solver.Solve(problem, RZF_COMMON, beams);
    for (Eigen::Index u = 0; u < 3; ++u)
    {
        // The definition in the antenna domain: (E_u H H^H E_u + alpha I) f_u ~ E_u h_u.
        Eigen::MatrixXcd h = problem.h;
        for (Eigen::Index m = 0; m < 4; ++m)
        {
            if (!problem.Serves(m, u))
            {
                h.middleRows(m * 2, 2).setZero();
                EXPECT_EQ(beams.Ap(m).col(u).norm(), 0.0);
            }
        }
        const Eigen::VectorXcd residual =
            h * (h.adjoint() * beams.f.col(u)) + 0.75 * beams.f.col(u);
        const double cosine =
            std::abs(residual.dot(h.col(u))) / (residual.norm() * h.col(u).norm());
        EXPECT_NEAR(cosine, 1.0, 1e-12);
    }
}

TEST(IsacRzfSolver, DegenerateProblemsGiveFiniteBeams)
{
    IsacTestProblems draws(7);
    IsacRzfSolver solver;
    IsacBeams beams;
    IsacProblem problem;
    for (auto scaling : {RZF_PER_AP, RZF_COMMON, RZF_LOADED})
    {
        cellfree::Normalise(draws.Paper(3, 2, 1, 1), problem);
        problem.h.col(1).setZero();
        solver.Solve(problem, scaling, beams);
        EXPECT_TRUE(beams.f.allFinite());
        EXPECT_EQ(beams.f.col(1).norm(), 0.0);
        EXPECT_GT(beams.f.col(0).norm(), 0.0);
        problem.h.setZero();
        solver.Solve(problem, scaling, beams);
        EXPECT_EQ(beams.f.norm(), 0.0);
        solver.Solve(draws.Paper(2, 0, 1, 2), scaling, beams);
        EXPECT_EQ(beams.f.norm(), 0.0);
    }
}
