// SPDX-License-Identifier: GPL-2.0-only

/**
 * Time per decision of every policy, and time of the joint solver to 1e-2, 1e-3 and 1e-4 of its
 * final objective against a textbook WMMSE in the same run. Path-loss problems unless said
 * otherwise, sensing weight 1 for the joint policy.
 *
 *   cellfree-isac-bench [--benchmark_filter=REGEX] [--benchmark_format=csv]
 */

#include "isac-plain-wmmse.h"
#include "isac-test-problems.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-beamforming-policy.h"
#include "ns3/isac-conjugate-solver.h"
#include "ns3/isac-rzf-solver.h"
#include "ns3/isac-wmmse-solver.h"
#include "ns3/object-factory.h"
#include "ns3/string.h"

#include <benchmark/benchmark.h>
#include <chrono>
#include <limits>

using namespace ns3;

namespace
{

/// One policy under test: the name shown, a TypeId and attributes.
struct PolicyCase
{
    const char* name;
    const char* typeId;
    const char* attribute;
    const char* value;
    bool iterative;
};

const PolicyCase POLICIES[] = {
    {"cb", "ns3::CellFreeConjugatePolicy", nullptr, nullptr, false},
    {"cb-sensing", "ns3::CellFreeConjugateSensingPolicy", nullptr, nullptr, false},
    {"rzf-per-ap", "ns3::CellFreeRzfPolicy", "Scaling", "per-ap", false},
    {"rzf-common", "ns3::CellFreeRzfPolicy", "Scaling", "common", false},
    {"rzf-loaded", "ns3::CellFreeRzfPolicy", "Scaling", "loaded", false},
    {"wmmse", "ns3::CellFreeWmmsePolicy", nullptr, nullptr, true},
    {"joint", "ns3::CellFreeJointPolicy", nullptr, nullptr, true},
    {"jsc", "ns3::CellFreeJscPolicy", nullptr, nullptr, true},
    {"split", "ns3::CellFreeSplitPolicy", nullptr, nullptr, false},
};

/// The channel one step later: h <- rho h + sqrt(1 - rho^2) of an independent draw as strong.
void
Age(IsacProblem& problem, double rho, IsacTestProblems& draws)
{
    const auto n = problem.nAntennas;
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
        {
            auto h = problem.h.col(u).segment(m * n, n);
            const double innovation =
                std::sqrt((1.0 - rho * rho) / static_cast<double>(n)) * h.norm();
            h = rho * h + innovation * draws.GaussianMatrix(n, 1);
        }
    }
}

/// Time per decision; args: M, U, N, 1 for a warm start from the beams before the channel moved.
void
Decide(benchmark::State& state, const PolicyCase& policyCase)
{
    ObjectFactory factory(policyCase.typeId);
    auto policy = factory.Create<CellFreeBeamformingPolicy>();
    if (policyCase.attribute)
    {
        policy->SetAttribute(policyCase.attribute, StringValue(policyCase.value));
    }
    if (state.range(3))
    {
        policy->SetAttributeFailSafe("WarmStart", BooleanValue(true));
    }
    IsacTestProblems draws(1);
    auto problem = draws.PathLoss(state.range(0), state.range(1), 1, state.range(2));
    IsacBeams previous;
    IsacBeams beams;
    policy->ComputeBeams(problem, previous);
    Age(problem, 0.99, draws);
    double iterations = 0.0;
    for (auto _ : state)
    {
        iterations +=
            policy->ComputeBeams(problem, beams, state.range(3) ? &previous : nullptr).iterations;
        benchmark::DoNotOptimize(beams.f.data());
    }
    state.counters["iterations"] =
        benchmark::Counter(iterations, benchmark::Counter::kAvgIterations);
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    state.counters["sum_rate"] = metrics.GetSumRate();
}

/// Seconds until each share of an objective was reached; infinity where it was not.
struct Times
{
    double seconds[3] = {std::numeric_limits<double>::infinity(),
                         std::numeric_limits<double>::infinity(),
                         std::numeric_limits<double>::infinity()};
};

constexpr double GAPS[3] = {1e-2, 1e-3, 1e-4};

/// Iterates until 1e-4 of a final objective or a cap, and notes when each gap was passed.
template <typename Iterate>
Times
Race(double final, int maxIterations, double setUp, Iterate iterate)
{
    Times times;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < maxIterations && !std::isfinite(times.seconds[2]); ++i)
    {
        const double objective = iterate();
        const std::chrono::duration<double> now = std::chrono::steady_clock::now() - start;
        for (int gap = 0; gap < 3; ++gap)
        {
            if (objective >= (1.0 - GAPS[gap]) * final)
            {
                times.seconds[gap] = std::min(times.seconds[gap], setUp + now.count());
            }
        }
    }
    return times;
}

/// Time to a gap, cold from RZF, warm, and the baseline from RZF, on the same problems.
/// Args: M, U, N, 1 for path loss or 0 for the paper's set-up, 100 beta_s.
void
Converge(benchmark::State& state)
{
    constexpr int DROPS = 10;
    const double weight = static_cast<double>(state.range(4)) / 100.0;
    IsacTestProblems draws(2);
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options exact;
    exact.sensingWeight = weight;
    exact.tolerance = 1e-10;
    IsacRzfSolver rzf;
    double cold[3] = {};
    double warm[3] = {};
    double plain[3] = {};
    int unreached = 0;
    for (auto _ : state)
    {
        for (int drop = 0; drop < DROPS; ++drop)
        {
            const auto nAps = state.range(0);
            auto watts = state.range(3) ? draws.PathLoss(nAps, state.range(1), 1, state.range(2))
                                        : draws.Paper(nAps, state.range(1), 1, state.range(2));
            IsacProblem problem;
            IsacBeams previous;
            IsacBeams start;
            IsacBeams beams;
            Normalise(watts, problem);
            solver.Solve(problem, exact, previous);
            Age(watts, 0.99, draws);
            Normalise(watts, problem);
            solver.Solve(problem, exact, beams);
            const double final = solver.GetObjective();
            rzf.Solve(problem, RZF_PER_AP, start);
            auto race = [&](const IsacBeams& from) {
                const auto begin = std::chrono::steady_clock::now();
                solver.Begin(problem, weight);
                solver.SetBeams(from);
                const std::chrono::duration<double> setUp =
                    std::chrono::steady_clock::now() - begin;
                return Race(final, 500, setUp.count(), [&]() { return solver.Iterate(); });
            };
            const auto fromRzf = race(start);
            const auto fromPrevious = race(previous);
            if (weight > 0)
            {
                // The sensing stream must not start at zero, where the baseline would leave it.
                IsacBeams sensing;
                ComputeConjugateSensingBeams(problem, sensing);
                start.f = std::sqrt(0.9) * start.f + std::sqrt(0.1) * sensing.f;
            }
            IsacPlainWmmse baseline(problem, weight, start);
            const auto slow = Race(final, 300, 0.0, [&]() { return baseline.Iterate(); });
            for (int gap = 0; gap < 3; ++gap)
            {
                cold[gap] += fromRzf.seconds[gap];
                warm[gap] += fromPrevious.seconds[gap];
                plain[gap] += slow.seconds[gap];
            }
            unreached += !std::isfinite(slow.seconds[2]);
        }
    }
    const auto drops = static_cast<double>(DROPS * state.iterations());
    const char* names[3] = {"1e-2", "1e-3", "1e-4"};
    for (int gap = 0; gap < 3; ++gap)
    {
        const std::string suffix = std::string("_") + names[gap];
        state.counters["cold_us" + suffix] = 1e6 * cold[gap] / drops;
        state.counters["warm_us" + suffix] = 1e6 * warm[gap] / drops;
        state.counters["plain_us" + suffix] = 1e6 * plain[gap] / drops;
        state.counters["plain/cold" + suffix] = plain[gap] / cold[gap];
        state.counters["cold/warm" + suffix] = cold[gap] / warm[gap];
    }
    // Drops on which the baseline had not come within 1e-4 after 300 outer iterations.
    state.counters["plain_unreached"] = unreached / drops;
}

/// Ten iterations after the basis is formed; args: M, U, N. Every N poses the same problem, the one
/// of N = 8 turned into N dimensions by an isometry per AP, so that the path is the same too.
void
IterateTen(benchmark::State& state)
{
    constexpr Eigen::Index SMALL = 8;
    const auto n = state.range(2);
    IsacTestProblems draws(3);
    IsacProblem small;
    Normalise(draws.PathLoss(state.range(0), state.range(1), 1, SMALL), small);
    IsacProblem problem = small;
    problem.nAntennas = n;
    problem.h.resize(state.range(0) * n, state.range(1));
    problem.a.resize(state.range(0) * n, 1);
    for (Eigen::Index m = 0; m < state.range(0); ++m)
    {
        const Eigen::MatrixXcd isometry =
            Eigen::HouseholderQR<Eigen::MatrixXcd>(draws.GaussianMatrix(n, SMALL)).householderQ() *
            Eigen::MatrixXcd::Identity(n, SMALL);
        problem.h.middleRows(m * n, n) = isometry * small.h.middleRows(m * SMALL, SMALL);
        problem.a.middleRows(m * n, n) = isometry * small.a.middleRows(m * SMALL, SMALL);
    }
    IsacBeams start;
    ComputeConjugateBeams(problem, CONJUGATE_NORM, start);
    IsacWmmseSolver solver;
    solver.Begin(problem, 1.0);
    for (auto _ : state)
    {
        state.PauseTiming();
        solver.SetBeams(start);
        state.ResumeTiming();
        for (int i = 0; i < 10; ++i)
        {
            benchmark::DoNotOptimize(solver.Iterate());
        }
    }
}

} // namespace

int
main(int argc, char** argv)
{
    for (const auto& policyCase : POLICIES)
    {
        TypeId typeId;
        if (!TypeId::LookupByNameFailSafe(policyCase.typeId, &typeId))
        {
            continue;
        }
        for (int64_t nAps : {5, 16, 64, 256})
        {
            for (int64_t nUes : {2, 6, 16, 32})
            {
                for (int64_t antennas : {4, 8, 64})
                {
                    // Left out: iterative policies where one decision takes many seconds.
                    if (!policyCase.iterative || nAps * nUes <= 64 * 16)
                    {
                        for (int64_t warm = 0; warm <= (policyCase.iterative ? 1 : 0); ++warm)
                        {
                            benchmark::RegisterBenchmark(
                                (std::string("decide/") + policyCase.name).c_str(),
                                [&policyCase](benchmark::State& state) {
                                    Decide(state, policyCase);
                                })
                                ->ArgNames({"M", "U", "N", "warm"})
                                ->Args({nAps, nUes, antennas, warm})
                                ->Unit(benchmark::kMicrosecond);
                        }
                    }
                }
            }
        }
    }
    auto* converge = benchmark::RegisterBenchmark("converge", Converge);
    converge->ArgNames({"M", "U", "N", "pathLoss", "beta100"})->Iterations(1);
    for (int64_t pathLoss : {0, 1})
    {
        for (int64_t weight : {0, 200})
        {
            converge->Args({5, 2, 8, pathLoss, weight});
            converge->Args({16, 6, 8, pathLoss, weight});
        }
    }
    benchmark::RegisterBenchmark("iterate-10", IterateTen)
        ->ArgNames({"M", "U", "N"})
        ->ArgsProduct({{5, 16}, {2, 6}, {8, 64}})
        ->Unit(benchmark::kMicrosecond);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
    {
        return 1;
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
