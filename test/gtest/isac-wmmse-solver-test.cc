// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/isac-conjugate-solver.h"
#include "ns3/isac-metrics.h"
#include "ns3/isac-wmmse-solver.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <vector>

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
    IsacProblem problem;
    IsacBeams beams;
    IsacMetrics metrics;
    Means means;
    for (int drop = 0; drop < drops; ++drop)
    {
        cellfree::Normalise(draws.Paper(nAps, 2, 1, 8), problem);
        problem.sensingWeight.setConstant(sensingWeight);
        solver.Solve(problem, options, beams);
        metrics.Evaluate(problem, beams);
        means.rate += metrics.GetSumRate() / drops;
        means.sensingSnr += metrics.GetSensingSnr()(0) / drops;
        means.objective += metrics.GetObjective() / drops;
    }
    return means;
}

/// A weight that is 0 in a third of the cases.
double
DrawWeight(IsacTestProblems& draws)
{
    return std::max(0.0, std::pow(10.0, draws.Uniform(-1.5, 1.2)) - 0.2);
}

/**
 * A random problem of random size and kind: links 80 dB apart, N < U, N = 1, no UEs, no targets,
 * linearly dependent, near-parallel or zero channels, masks, weights that differ or are zero.
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
    if (nTargets >= 1 && draws.Uniform(0, 1) < 0.3)
    {
        problem.sensing = Eigen::ArrayXXd::NullaryExpr(nAps, nTargets, [&]() {
                              return draws.Uniform(0, 1);
                          }) < 0.6;
    }
    const double common = DrawWeight(draws);
    problem.sensingWeight.setConstant(common);
    if (draws.Uniform(0, 1) < 0.5)
    {
        for (auto* weights : {&problem.weight, &problem.sensingWeight})
        {
            for (double& weight : *weights)
            {
                weight *= DrawWeight(draws);
            }
        }
    }
    return problem;
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
        cellfree::Normalise(DrawHardProblem(draws), problem);
        cellfree::ComputeConjugateBeams(problem, CONJUGATE_EQUAL, beams);
        solver.Begin(problem);
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
        ASSERT_NEAR(metrics.GetObjective(), objective, 1e-8 * (1.0 + objective)) << "problem " << i;
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            ASSERT_LE(cellfree::GetApPower(beams, m), 1.0 + 1e-9) << "problem " << i;
            for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
            {
                if (!problem.Serves(m, u))
                {
                    ASSERT_EQ(beams.Ap(m).col(u).norm(), 0.0) << "problem " << i;
                }
            }
            for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
            {
                if (!problem.Senses(m, t))
                {
                    ASSERT_EQ(beams.Ap(m).col(problem.GetNUes() + t).norm(), 0.0);
                }
            }
        }
    }
}

TEST(IsacWmmseSolver, OrderOfApsUesAndTargetsDoesNotMatter)
{
    IsacTestProblems draws(12);
    IsacWmmseSolver solver;
    std::mt19937 shuffle(13);
    IsacMetrics one;
    IsacMetrics other;
    for (int i = 0; i < 200; ++i)
    {
        IsacProblem problem;
        cellfree::Normalise(i % 2 ? draws.PathLoss(7, 4, 2, 3) : DrawHardProblem(draws), problem);
        IsacWmmseSolver::Options options;
        const auto nAps = problem.GetNAps();
        const auto nUes = problem.GetNUes();
        const auto n = problem.nAntennas;
        std::vector<Eigen::Index> aps(nAps);
        std::vector<Eigen::Index> ues(nUes);
        std::vector<Eigen::Index> targets(problem.GetNTargets());
        for (auto* order : {&aps, &ues, &targets})
        {
            std::iota(order->begin(), order->end(), 0);
            std::shuffle(order->begin(), order->end(), shuffle);
        }
        IsacProblem shuffled = problem;
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                shuffled.h.col(u).segment(m * n, n) = problem.h.col(ues[u]).segment(aps[m] * n, n);
                if (problem.serving.size() != 0)
                {
                    shuffled.serving(m, u) = problem.serving(aps[m], ues[u]);
                }
            }
            for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
            {
                shuffled.a.col(t).segment(m * n, n) =
                    problem.a.col(targets[t]).segment(aps[m] * n, n);
                shuffled.omega(m, t) = problem.omega(aps[m], targets[t]);
                if (problem.sensing.size() != 0)
                {
                    shuffled.sensing(m, t) = problem.sensing(aps[m], targets[t]);
                }
            }
        }
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            shuffled.weight(u) = problem.weight(ues[u]);
        }
        for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
        {
            shuffled.sensingWeight(t) = problem.sensingWeight(targets[t]);
        }
        IsacBeams beams;
        IsacBeams shuffledBeams;
        const auto iterations = solver.Solve(problem, options, beams);
        EXPECT_EQ(solver.Solve(shuffled, options, shuffledBeams), iterations) << "problem " << i;
        one.Evaluate(problem, beams);
        other.Evaluate(shuffled, shuffledBeams);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const double sinr = one.GetSinr()(ues[u]);
            EXPECT_NEAR(other.GetSinr()(u), sinr, 1e-8 * (1.0 + sinr)) << "problem " << i;
        }
        for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
        {
            const double snr = one.GetSensingSnr()(targets[t]);
            EXPECT_NEAR(other.GetSensingSnr()(t), snr, 1e-8 * (1.0 + snr)) << "problem " << i;
        }
    }
}

TEST(IsacWmmseSolver, PhasesAndUnitsDoNotMatter)
{
    IsacTestProblems draws(14);
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options options;
    IsacMetrics metrics;
    for (int i = 0; i < 50; ++i)
    {
        auto watts = draws.PathLoss(6, 3, 1, 4);
        watts.sensingWeight.setConstant(1.5);
        auto milliwatts = watts;
        milliwatts.power *= 1e3;
        milliwatts.noise *= 1e3;
        milliwatts.sensingNoise *= 1e3;
        auto rotated = watts;
        rotated.h.col(1) *= std::polar(1.0, 2.0);
        IsacProblem problem;
        IsacBeams beams;
        auto objective = [&](const IsacProblem& variant) {
            cellfree::Normalise(variant, problem);
            solver.Solve(problem, options, beams);
            metrics.Evaluate(problem, beams);
            return metrics.GetObjective();
        };
        EXPECT_NEAR(objective(milliwatts) / objective(watts), 1.0, 1e-10);
        EXPECT_NEAR(objective(rotated) / objective(watts), 1.0, 1e-10);
    }
}

TEST(IsacWmmseSolver, ResultIsStationary)
{
    // KKT by finite differences: at a maximum under ||F_m||^2 <= 1 the gradient of the objective
    // with respect to F_m is a non-negative multiple of F_m, and zero if the limit is slack.
    IsacTestProblems draws(15);
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options options;
    options.tolerance = 1e-15;
    options.maxIterations = 3000;
    IsacMetrics metrics;
    for (int i = 0; i < 20; ++i)
    {
        IsacProblem problem;
        cellfree::Normalise(draws.Paper(3, 3, 2, i % 2 ? 2 : 5), problem);
        problem.sensingWeight.setConstant(i % 3);
        IsacBeams beams;
        solver.Solve(problem, options, beams);
        for (Eigen::Index m = 0; m < 3; ++m)
        {
            Eigen::MatrixXcd gradient(problem.nAntennas, problem.GetNStreams());
            constexpr double STEP = 1e-5;
            for (Eigen::Index j = 0; j < gradient.size(); ++j)
            {
                const auto row = m * problem.nAntennas + j % gradient.rows();
                auto slope = [&](std::complex<double> direction) {
                    auto moved = beams;
                    moved.f(row, j / gradient.rows()) += STEP * direction;
                    metrics.Evaluate(problem, moved);
                    const double up = metrics.GetObjective();
                    moved.f(row, j / gradient.rows()) -= 2 * STEP * direction;
                    metrics.Evaluate(problem, moved);
                    return (up - metrics.GetObjective()) / (2 * STEP);
                };
                gradient(j % gradient.rows(), j / gradient.rows()) = {slope(1.0),
                                                                      slope({0.0, 1.0})};
            }
            const double power = cellfree::GetApPower(beams, m);
            const double price =
                power > 1.0 - 1e-6
                    ? gradient.conjugate().cwiseProduct(beams.Ap(m)).sum().real() / power
                    : 0.0;
            EXPECT_GE(price, 0.0);
            EXPECT_LT((gradient - price * beams.Ap(m)).norm(), 2e-3) << "problem " << i;
        }
    }
}

namespace
{

/**
 * Plain projected gradient ascent with backtracking on a normalised problem, which shares nothing
 * with the solver: the largest objective from some random starts.
 */
double
AscendByGradient(const IsacProblem& problem, IsacTestProblems& draws, int starts, int steps)
{
    const auto n = problem.nAntennas;
    IsacMetrics metrics;
    auto project = [&](IsacBeams& beams) {
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            beams.Ap(m) /= std::max(1.0, beams.Ap(m).norm());
        }
    };
    double best = 0.0;
    for (int start = 0; start < starts; ++start)
    {
        IsacBeams beams;
        beams.Resize(problem);
        beams.f = draws.GaussianMatrix(beams.f.rows(), beams.f.cols());
        project(beams);
        metrics.Evaluate(problem, beams);
        double objective = metrics.GetObjective();
        double length = 0.1;
        for (int step = 0; step < steps && length > 1e-12; ++step)
        {
            const Eigen::MatrixXcd g = problem.h.adjoint() * beams.f;
            Eigen::MatrixXcd c = g;
            for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
            {
                const double total = g.row(u).squaredNorm() + 1.0;
                const double interference = total - std::norm(g(u, u));
                c.row(u) *= problem.weight(u) * (1 / total - 1 / interference);
                c(u, u) = problem.weight(u) / total * g(u, u);
            }
            Eigen::MatrixXcd gradient = problem.h * c;
            for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
            {
                for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
                {
                    const auto a = problem.a.col(t).segment(m * n, n);
                    const double slope = problem.sensingWeight(t) * problem.omega(m, t) /
                                         (1 + metrics.GetSensingSnr()(t));
                    gradient.middleRows(m * n, n) += slope * a * (a.adjoint() * beams.Ap(m));
                }
            }
            IsacBeams trial = beams;
            trial.f += length * gradient;
            project(trial);
            metrics.Evaluate(problem, trial);
            if (metrics.GetObjective() > objective)
            {
                objective = metrics.GetObjective();
                beams = trial;
                length *= 1.5;
            }
            else
            {
                length *= 0.5;
                metrics.Evaluate(problem, beams);
            }
        }
        best = std::max(best, objective);
    }
    return best;
}

/// A small problem with weights from 0.1 to 10.
IsacProblem
DrawWeighted(IsacTestProblems& draws)
{
    IsacProblem problem;
    cellfree::Normalise(draws.Paper(3, 3, 2, 3), problem);
    for (auto* weights : {&problem.weight, &problem.sensingWeight})
    {
        for (double& weight : *weights)
        {
            weight = std::pow(10.0, draws.Uniform(-1.0, 1.0));
        }
    }
    return problem;
}

} // namespace

TEST(IsacWmmseSolver, WeightedProblemsAgreeWithGradientAscent)
{
    IsacTestProblems draws(31);
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options options;
    options.start = WMMSE_BEST;
    IsacBeams beams;
    double solved = 0.0;
    double ascended = 0.0;
    for (int i = 0; i < 10; ++i)
    {
        const auto problem = DrawWeighted(draws);
        solver.Solve(problem, options, beams);
        IsacMetrics metrics;
        metrics.Evaluate(problem, beams);
        solved += metrics.GetObjective();
        ascended += AscendByGradient(problem, draws, 3, 2000);
    }
    EXPECT_NEAR(solved / ascended, 1.0, 0.003);
}

TEST(IsacWmmseSolver, OnlyRatiosOfWeightsMatter)
{
    IsacTestProblems draws(32);
    IsacWmmseSolver solver;
    IsacBeams beams;
    IsacBeams scaled;
    for (int i = 0; i < 10; ++i)
    {
        auto problem = DrawWeighted(draws);
        solver.Solve(problem, {}, beams);
        const double objective = solver.GetObjective();
        for (double factor : {2.0, 4.0, 1e-9, 1e9})
        {
            auto other = problem;
            other.weight *= factor;
            other.sensingWeight *= factor;
            solver.Solve(other, {}, scaled);
            EXPECT_NEAR(solver.GetObjective() / factor / objective, 1.0, 1e-8);
            EXPECT_LT((beams.f - scaled.f).norm(), factor == 4.0 ? 1e-300 : 1e-5) << factor;
        }
    }
}

TEST(IsacWmmseSolver, WhatWeighsNothingGetsNothing)
{
    IsacTestProblems draws(33);
    IsacWmmseSolver solver;
    IsacBeams beams;
    IsacMetrics metrics;
    for (int i = 0; i < 10; ++i)
    {
        auto problem = DrawWeighted(draws);
        problem.weight(1) = 0.0;
        problem.sensingWeight(0) = 0.0;
        solver.Solve(problem, {}, beams);
        EXPECT_EQ(beams.f.col(1).norm(), 0.0);
        EXPECT_EQ(beams.f.col(3).norm(), 0.0);
        // More weight, more rate.
        metrics.Evaluate(problem, beams);
        const double rate = metrics.GetRate()(0);
        problem.weight(0) *= 100;
        solver.Solve(problem, {}, beams);
        metrics.Evaluate(problem, beams);
        EXPECT_GT(metrics.GetRate()(0), rate);
    }
}

TEST(IsacWmmseSolver, SimpleProblemsHaveTheirClosedForms)
{
    IsacTestProblems draws(16);
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options options;
    IsacProblem problem;
    IsacBeams beams;
    IsacMetrics metrics;
    // One UE: maximum ratio at full power.
    cellfree::Normalise(draws.PathLoss(5, 1, 0, 3), problem);
    solver.Solve(problem, options, beams);
    double amplitude = 0.0;
    for (Eigen::Index m = 0; m < 5; ++m)
    {
        amplitude += problem.h.middleRows(m * 3, 3).norm();
    }
    metrics.Evaluate(problem, beams);
    EXPECT_NEAR(metrics.GetSinr()(0) / (amplitude * amplitude), 1.0, 1e-9);
    // One target and no UE: the bound of conjugate sensing.
    cellfree::Normalise(draws.PathLoss(5, 0, 1, 3), problem);
    solver.Solve(problem, options, beams);
    metrics.Evaluate(problem, beams);
    EXPECT_NEAR(metrics.GetSensingSnr()(0) / (3 * problem.omega.sum()), 1.0, 1e-9);
    // One AP, orthogonal channels: water filling. Level v: 2v = 1 + 1/4 + 1/9.
    problem.Resize(1, 2, 0, 2);
    problem.h << 2.0, 0.0, 0.0, 3.0;
    options = {};
    options.tolerance = 1e-12;
    solver.Solve(problem, options, beams);
    const double level = (1.0 + 1.0 / 4 + 1.0 / 9) / 2;
    EXPECT_NEAR(std::norm(beams.f(0, 0)), level - 1.0 / 4, 1e-3);
    EXPECT_NEAR(std::norm(beams.f(1, 1)), level - 1.0 / 9, 1e-3);
    EXPECT_NEAR(solver.GetObjective(), std::log2(4 * level) + std::log2(9 * level), 1e-6);
}

TEST(IsacWmmseSolver, EmptyAndSilentProblemsGiveZeroBeams)
{
    IsacTestProblems draws(17);
    IsacWmmseSolver solver;
    IsacBeams beams;
    IsacProblem problem;
    for (bool withSensing : {false, true})
    {
        IsacWmmseSolver::Options options;
        options.withSensing = withSensing;
        for (auto start : {WMMSE_CONJUGATE, WMMSE_RZF, WMMSE_BEST})
        {
            options.start = start;
            cellfree::Normalise(draws.Paper(3, 0, 0, 2), problem);
            solver.Solve(problem, options, beams);
            EXPECT_EQ(beams.f.size(), 0);
            cellfree::Normalise(draws.Paper(2, 2, 1, 1), problem);
            problem.h.setZero();
            problem.omega.setZero();
            solver.Solve(problem, options, beams);
            EXPECT_TRUE(beams.f.allFinite());
            EXPECT_EQ(beams.f.rows(), 2);
            EXPECT_EQ(beams.f.cols(), 3);
        }
    }
}

TEST(IsacWmmseSolver, SmallestSnrsAreSolvedToo)
{
    // At -60 dB the rate is linear in the power: every AP serves the UE it reaches best, or any
    // combination of equal gain. The optimum is the largest eigenvalue of H_m H_m^H summed up
    // only if one UE wins everywhere, so compare with that UE's bound.
    IsacTestProblems draws(18);
    IsacProblem problem;
    cellfree::Normalise(draws.Paper(4, 2, 0, 3), problem);
    problem.h *= 1e-3;
    problem.h.col(1) *= 1e-2;
    IsacWmmseSolver solver;
    IsacBeams beams;
    IsacMetrics metrics;
    solver.Solve(problem, {}, beams);
    metrics.Evaluate(problem, beams);
    double amplitude = 0.0;
    for (Eigen::Index m = 0; m < 4; ++m)
    {
        amplitude += problem.h.col(0).segment(m * 3, 3).norm();
    }
    EXPECT_NEAR(metrics.GetSumRate() / std::log2(1.0 + amplitude * amplitude), 1.0, 1e-4);
}

TEST(IsacWmmseSolver, WarmStartIsThreeTimesCheaper)
{
    // Iterations to 99.9 % of the converged objective after the channel moved by rho = 0.99.
    IsacTestProblems draws(19);
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options options;
    options.tolerance = 1e-9;
    IsacProblem problem;
    IsacBeams previous;
    IsacBeams conjugate;
    IsacBeams beams;
    int cold = 0;
    int warm = 0;
    for (int i = 0; i < 30; ++i)
    {
        cellfree::Normalise(draws.PathLoss(16, 6, 1, 8), problem);
        solver.Solve(problem, options, previous);
        for (Eigen::Index m = 0; m < 16; ++m)
        {
            for (Eigen::Index u = 0; u < 6; ++u)
            {
                auto h = problem.h.col(u).segment(m * 8, 8);
                h = 0.99 * h +
                    std::sqrt((1 - 0.99 * 0.99) / 8) * h.norm() * draws.GaussianMatrix(8, 1);
            }
        }
        solver.Solve(problem, options, beams);
        const double target = 0.999 * solver.GetObjective();
        cellfree::ComputeConjugateBeams(problem, CONJUGATE_NORM, conjugate);
        auto count = [&](const IsacBeams& start) {
            solver.Begin(problem);
            solver.SetBeams(start);
            int iterations = 0;
            while (solver.GetObjective() < target && iterations < 100)
            {
                solver.Iterate();
                ++iterations;
            }
            return iterations;
        };
        cold += count(conjugate);
        warm += count(previous);
    }
    EXPECT_LT(3 * warm, cold);
}
