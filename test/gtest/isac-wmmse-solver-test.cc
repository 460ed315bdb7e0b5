// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/isac-conjugate-solver.h"
#include "ns3/isac-metrics.h"
#include "ns3/isac-wmmse-solver.h"

#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// Means over drops of the paper's set-up with U = 2, T = 1, N = 8.
struct Means
{
    double rate{0.0};
    double sensingSnr{0.0};
    double objective{0.0};
};

Means
SolvePaperDrops(Eigen::Index nAps, double sensingWeight, int drops)
{
    IsacTestProblems draws(400 + nAps);
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options options;
    options.sensingWeight = sensingWeight;
    IsacProblem problem;
    IsacBeams beams;
    IsacMetrics metrics;
    Means means;
    for (int drop = 0; drop < drops; ++drop)
    {
        Normalise(draws.Paper(nAps, 2, 1, 8), problem);
        solver.Solve(problem, options, beams);
        metrics.Evaluate(problem, beams);
        means.rate += metrics.GetSumRate() / drops;
        means.sensingSnr += metrics.GetSensingSnr()(0) / drops;
        means.objective += metrics.GetObjective(sensingWeight) / drops;
    }
    return means;
}

/**
 * A random problem of random size and kind: links 80 dB apart, N < U, N = 1, no UEs, no targets,
 * linearly dependent, near-parallel or zero channels, serving masks.
 */
IsacProblem
DrawHardProblem(IsacTestProblems& draws)
{
    const auto nAps = draws.Integer(1, 8);
    const auto nUes = draws.Integer(0, 6);
    const auto nTargets = draws.Integer(0, 3);
    const auto n = draws.Integer(1, 6);
    auto problem = draws.Paper(nAps, nUes, nTargets, n);
    const bool spread = draws.Uniform(0, 1) < 0.5;
    for (Eigen::Index m = 0; m < nAps && spread; ++m)
    {
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            problem.h.col(u).segment(m * n, n) *= std::pow(10.0, draws.Uniform(-3.0, 1.0));
        }
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            problem.omega(m, t) *= std::pow(10.0, draws.Uniform(-4.0, 4.0));
        }
    }
    if (nUes >= 2)
    {
        switch (draws.Integer(0, 4))
        {
        case 0:
            problem.h.col(1) = std::complex<double>(0.3, -2.0) * problem.h.col(0);
            break;
        case 1:
            problem.h.col(1) = problem.h.col(0) + 1e-6 * problem.h.col(1);
            break;
        case 2:
            problem.h.col(1).setZero();
            break;
        default:
            break;
        }
    }
    if (nUes >= 1 && draws.Uniform(0, 1) < 0.3)
    {
        problem.serving =
            Eigen::ArrayXXd::NullaryExpr(nAps, nUes, [&]() { return draws.Uniform(0, 1); }) < 0.6;
    }
    return problem;
}

/// A weight that is 0 in a third of the cases.
double
DrawWeight(IsacTestProblems& draws)
{
    return std::max(0.0, std::pow(10.0, draws.Uniform(-1.5, 1.2)) - 0.2);
}

} // namespace

TEST(IsacWmmseSolver, SumRateReachesTheGoldenTable)
{
    // Standard error of 1000 drops: 0.1 % or less. Values computed independently of this code.
    const std::pair<Eigen::Index, double> table[] = {{2, 12.38},
                                                     {3, 13.62},
                                                     {5, 15.15},
                                                     {8, 16.53},
                                                     {10, 17.20}};
    for (const auto& [nAps, rate] : table)
    {
        EXPECT_NEAR(SolvePaperDrops(nAps, 0.0, 1000).rate / rate, 1.0, 0.005) << "M = " << nAps;
    }
}

TEST(IsacWmmseSolver, TradeOffReachesTheGoldenTable)
{
    struct Row
    {
        double weight, rate, sensingSnr, objective;
    };

    const Row table[] = {{0.0, 15.15, 10.5, 15.15},
                         {0.1, 15.13, 15.6, 15.54},
                         {0.5, 14.90, 29.5, 17.36},
                         {1.0, 14.59, 40.2, 19.95},
                         {2.0, 14.04, 52.6, 25.53},
                         {5.0, 12.98, 66.8, 43.40},
                         {10.0, 12.03, 73.6, 74.23}};
    for (const auto& row : table)
    {
        const auto means = SolvePaperDrops(5, row.weight, 1000);
        EXPECT_NEAR(means.objective / row.objective, 1.0, 0.003) << "beta = " << row.weight;
        EXPECT_NEAR(means.rate / row.rate, 1.0, 0.01) << "beta = " << row.weight;
        if (row.weight > 0)
        {
            EXPECT_NEAR(means.sensingSnr / row.sensingSnr, 1.0, 0.03) << "beta = " << row.weight;
        }
    }
}

TEST(IsacWmmseSolver, MinorantCurvatureIsSafeAndTight)
{
    for (double q : {1e-9, 1e-3, 0.1, 1.0, 3.0, 4.0, 8.0, 9.0, 30.0, 1e2, 1e4, 1e6, 1e9})
    {
        const double k = IsacWmmseSolver::GetMinorantCurvature(q);
        const double r0 = std::sqrt(q);
        double needed = 0.0;
        for (int i = -4000; i <= 4000; ++i)
        {
            // Dense where the bound is active: from -r0 to r0 and around 0.
            for (double r : {r0 * i / 2000.0, i / 500.0})
            {
                const double d = r - r0;
                if (std::abs(d) > 1e-3 * (1.0 + r0))
                {
                    const double gap = std::log1p(q) + 2.0 * r0 * d / (1.0 + q) - std::log1p(r * r);
                    needed = std::max(needed, gap / (d * d));
                }
            }
        }
        EXPECT_LE(needed, k * (1.0 + 1e-9)) << "q = " << q;
        if (q >= 3.0)
        {
            EXPECT_LE(k, 1.5 * needed) << "q = " << q;
        }
    }
}

TEST(IsacWmmseSolver, ObjectiveNeverDecreasesAndPowerIsMet)
{
    IsacTestProblems draws(11);
    IsacWmmseSolver solver;
    IsacProblem problem;
    IsacBeams beams;
    IsacMetrics metrics;
    for (int i = 0; i < 1000; ++i)
    {
        Normalise(DrawHardProblem(draws), problem);
        const double weight = DrawWeight(draws);
        ComputeConjugateBeams(problem, CONJUGATE_EQUAL, beams);
        solver.Begin(problem, weight);
        solver.SetBeams(beams);
        double objective = solver.GetObjective();
        for (int iteration = 0; iteration < 25; ++iteration)
        {
            const double next = solver.Iterate();
            ASSERT_GE(next, objective) << "problem " << i << " iteration " << iteration;
            objective = next;
        }
        solver.GetBeams(problem, beams);
        ASSERT_TRUE(beams.f.allFinite()) << "problem " << i;
        // What the solver claims is what the metrics say of the beams in the whole problem.
        metrics.Evaluate(problem, beams);
        ASSERT_NEAR(metrics.GetObjective(weight), objective, 1e-8 * (1.0 + objective))
            << "problem " << i;
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            ASSERT_LE(GetApPower(beams, m), 1.0 + 1e-9) << "problem " << i;
            for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
            {
                if (!problem.Serves(m, u))
                {
                    ASSERT_EQ(beams.Ap(m).col(u).norm(), 0.0) << "problem " << i;
                }
            }
        }
    }
}
