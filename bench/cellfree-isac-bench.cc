// SPDX-License-Identifier: GPL-2.0-only

/**
 * Time per decision of every policy, and time of the joint solver to 1e-2, 1e-3 and 1e-4 of its
 * final objective against a textbook WMMSE in the same run. Path-loss problems unless said
 * otherwise, sensing weight 1 for the joint policy.
 *
 * Rows "network" compare a decision of the shipped network with the joint solver to 1e-3, with one
 * dense product of as many multiply-adds and with LibTorch's forward pass, on the same problems.
 * Rows "train" compare a training step with the same network in eager LibTorch with no care taken.
 * doc/cellfree-isac.rst has a table of both.
 *
 *   cellfree-isac-bench [--benchmark_filter=REGEX] [--benchmark_format=csv]
 */

#include "isac-plain-wmmse.h"
#include "isac-test-problems.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-beamforming-policy.h"
#include "ns3/cell-free-gnn-policy.h"
#include "ns3/isac-combining.h"
#include "ns3/isac-conjugate-solver.h"
#include "ns3/isac-gnn-inference.h"
#include "ns3/isac-rzf-solver.h"
#include "ns3/isac-wmmse-solver.h"
#include "ns3/object-factory.h"
#include "ns3/string.h"

#ifdef CELLFREE_ISAC_BENCH_TORCH
#include "isac-eager-network.h"
#include "model/gnn/isac-gnn-trainer.h"
#endif

#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <utility>
#include <vector>

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
    {"gnn", "ns3::CellFreeGnnPolicy", nullptr, nullptr, false},
    {"joint", "ns3::CellFreeJointPolicy", nullptr, nullptr, true},
    {"jsc", "ns3::CellFreeJscPolicy", nullptr, nullptr, true},
    {"split", "ns3::CellFreeSplitPolicy", nullptr, nullptr, false},
    {"python-rzf",
     "ns3::CellFreePythonPolicy",
     "Script",
     CELLFREE_ISAC_EXAMPLES_DIR "/policies/rzf.py",
     false},
    // What "cellfree-isac-export --source=examples/policies/rzf_torchscript.py" has written there.
    {"torch-rzf", "ns3::CellFreeTorchPolicy", "ModelFile", "rzf.pt", false},
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
    if (const auto error = policy->FindError(); !error.empty())
    {
        state.SkipWithError(error.c_str());
        return;
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
            watts.sensingWeight.setConstant(weight);
            cellfree::Normalise(watts, problem);
            solver.Solve(problem, exact, previous);
            Age(watts, 0.99, draws);
            cellfree::Normalise(watts, problem);
            solver.Solve(problem, exact, beams);
            const double final = solver.GetObjective();
            rzf.Solve(problem, RZF_PER_AP, start);
            auto race = [&](const IsacBeams& from) {
                const auto begin = std::chrono::steady_clock::now();
                solver.Begin(problem);
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
                cellfree::ComputeConjugateSensingBeams(problem, sensing);
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
    cellfree::Normalise(draws.PathLoss(state.range(0), state.range(1), 1, SMALL), small);
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
    cellfree::ComputeConjugateBeams(problem, CONJUGATE_NORM, start);
    IsacWmmseSolver solver;
    solver.Begin(problem);
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

/// Wall times of single calls.
class CallTimes
{
  public:
    /**
     * @brief Times one call.
     * @param f what to call
     */
    template <typename F>
    void Add(F f)
    {
        const auto start = std::chrono::steady_clock::now();
        f();
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        m_seconds.push_back(time.count());
    }

    /**
     * @brief A quantile of the times.
     * @param share 0.5 for the median
     * @return the quantile (us)
     */
    double GetMicroseconds(double share)
    {
        const auto at = m_seconds.begin() + static_cast<std::ptrdiff_t>(share * m_seconds.size());
        std::nth_element(m_seconds.begin(), at, m_seconds.end());
        return 1e6 * *at;
    }

  private:
    std::vector<double> m_seconds; //!< one per call
};

/// The weights that the module ships.
IsacGnnWeights
LoadShippedWeights()
{
    IsacGnnWeights weights;
    const auto error = weights.Load(CellFreeGnnPolicy::GetDefaultWeightFile());
    if (!error.empty())
    {
        std::cerr << error << std::endl;
        std::exit(1);
    }
    return weights;
}

/// Decisions of the shipped network against other ways, all times medians over the same problems
/// but for the p99; args: M, U. Eight antennas, one target, path loss, beta_s = 1, one thread.
void
CompareNetwork(benchmark::State& state)
{
    constexpr int DROPS = 20;
    constexpr int REPEATS = 100;
    IsacTestProblems draws(4);
    std::vector<IsacProblem> problems(DROPS);
    for (auto& problem : problems)
    {
        cellfree::Normalise(draws.PathLoss(state.range(0), state.range(1), 1, 8), problem);
    }
    const auto weights = LoadShippedWeights();
    IsacGnnInference network;
    network.SetWeights(weights);
    IsacBeams beams;
    IsacWmmseSolver solver;
    IsacRzfSolver rzf;
    IsacMetrics metrics;
    CallTimes decisions;
    CallTimes solutions;
    double share = 0.0;
    for (auto _ : state)
    {
        for (int i = 0; i < DROPS * REPEATS; ++i)
        {
            const auto& problem = problems[i % DROPS];
            decisions.Add([&]() { network.ComputeBeams(problem, beams); });
        }
        IsacWmmseSolver::Options exact;
        exact.tolerance = 1e-10;
        for (const auto& problem : problems)
        {
            solver.Solve(problem, exact, beams);
            const double final = solver.GetObjective();
            for (int i = 0; i < 5; ++i)
            {
                solutions.Add([&]() {
                    rzf.Solve(problem, RZF_PER_AP, beams);
                    solver.Begin(problem);
                    solver.SetBeams(beams);
                    while (solver.Iterate() < (1.0 - 1e-3) * final)
                    {
                    }
                });
            }
            network.ComputeBeams(problem, beams);
            metrics.Evaluate(problem, beams);
            share += metrics.GetObjective() / final / DROPS;
        }
    }

    // A product of the form of the network's: 64 outputs of 64 inputs, as many columns as it takes.
    constexpr Eigen::Index WIDTH = 64;
    const auto multiplyAdds = network.GetMultiplyAdds(state.range(0), state.range(1), 1);
    const Eigen::MatrixXf a = Eigen::MatrixXf::Random(WIDTH, WIDTH);
    const Eigen::MatrixXf b = Eigen::MatrixXf::Random(WIDTH, multiplyAdds / (WIDTH * WIDTH));
    Eigen::MatrixXf c(a.rows(), b.cols());
    CallTimes products;
    for (int i = 0; i < REPEATS; ++i)
    {
        products.Add([&]() {
            c.noalias() = a * b;
            benchmark::DoNotOptimize(c.data());
        });
    }
    const double decision = decisions.GetMicroseconds(0.5);
    state.counters["p50_us"] = decision;
    state.counters["p99_us"] = decisions.GetMicroseconds(0.99);
    state.counters["joint_us"] = solutions.GetMicroseconds(0.5);
    state.counters["joint/network"] = solutions.GetMicroseconds(0.5) / decision;
    state.counters["product_us"] = products.GetMicroseconds(0.5);
    state.counters["network/product"] = decision / products.GetMicroseconds(0.5);
    state.counters["multiply_adds"] = static_cast<double>(multiplyAdds);
    state.counters["share_of_joint"] = share;
#ifdef CELLFREE_ISAC_BENCH_TORCH
    IsacGnnNetwork::SetThreads(1);
    IsacGnnNetwork torchNetwork(network.GetArchitecture(), 1);
    torchNetwork.SetWeights(weights);
    IsacGnnBatch batch;
    CallTimes forwards;
    for (int i = 0; i < REPEATS; ++i)
    {
        forwards.Add([&]() {
            batch.Start(problems[i % DROPS]);
            batch.Add(problems[i % DROPS]);
            benchmark::DoNotOptimize(torchNetwork.GetObjectives(batch));
        });
    }
    state.counters["torch_us"] = forwards.GetMicroseconds(0.5);
    state.counters["torch/network"] = forwards.GetMicroseconds(0.5) / decision;
#endif
}

/// Time per uplink slot and sub-band: combining vectors and their SINR; args: M, U, N.
void
Combine(benchmark::State& state, void (*compute)(IsacCombining&, const IsacUplink&, IsacBeams&))
{
    IsacTestProblems draws(1);
    IsacProblem problem;
    const auto nUes = state.range(1);
    cellfree::Normalise(draws.PathLoss(state.range(0), nUes, 0, state.range(2)), problem);
    IsacUplink uplink;
    uplink.nAntennas = problem.nAntennas;
    uplink.h = problem.h;
    uplink.power.setOnes(nUes);
    uplink.overlap.setOnes(nUes, nUes);
    IsacBeams vectors;
    IsacCombining combining;
    for (auto _ : state)
    {
        compute(combining, uplink, vectors);
        benchmark::DoNotOptimize(combining.ComputeSinr(uplink, vectors.f)(0));
    }
}

#ifdef CELLFREE_ISAC_BENCH_TORCH
/// Training steps per second against the baseline, on one batch and in one thread; args: M, U, B.
void
CompareTraining(benchmark::State& state)
{
    constexpr int STEPS = 10;
    const auto count = static_cast<int>(state.range(2));
    IsacTestProblems draws(5);
    IsacGnnBatch all;
    std::vector<IsacGnnBatch> single(count);
    for (int i = 0; i < count; ++i)
    {
        IsacProblem problem;
        cellfree::Normalise(draws.PathLoss(state.range(0), state.range(1), 1, 8), problem);
        if (i == 0)
        {
            all.Start(problem);
        }
        all.Add(problem);
        single[i].Start(problem);
        single[i].Add(problem);
    }
    IsacGnnNetwork::SetThreads(1);
    const auto weights = LoadShippedWeights();
    IsacGnnInference inference;
    inference.SetWeights(weights);
    IsacGnnNetwork network(inference.GetArchitecture(), 1);
    network.SetWeights(weights);
    IsacGnnTrainer trainer(network, {});
    IsacEagerNetwork eager(network);
    CallTimes careful;
    CallTimes batched;
    CallTimes looped;
    for (auto _ : state)
    {
        for (int i = 0; i < STEPS; ++i)
        {
            careful.Add([&]() { trainer.Step(all); });
            batched.Add([&]() { eager.Step({all}); });
        }
        for (int i = 0; i < 3; ++i)
        {
            looped.Add([&]() { eager.Step(single); });
        }
    }
    const double step = careful.GetMicroseconds(0.5);
    state.counters["steps_per_s"] = 1e6 / step;
    state.counters["eager/step"] = batched.GetMicroseconds(0.5) / step;
    state.counters["eager_one_by_one/step"] = looped.GetMicroseconds(0.5) / step;
    // Forward pass, gradient by weights and gradient by inputs: three times the multiply-adds.
    const double rate =
        3e6 * count * inference.GetMultiplyAdds(state.range(0), state.range(1), 1) / step;
    const double product = IsacEagerNetwork::MeasureProductRate(1024);
    state.counters["GFLOP/s"] = 2e-9 * rate;
    state.counters["product_GFLOP/s"] = 2e-9 * product;
    state.counters["share_of_product"] = rate / product;
}
#endif

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
    using Compute = void (*)(IsacCombining&, const IsacUplink&, IsacBeams&);
    const std::pair<const char*, Compute> combinings[] = {
        {"combine/mr",
         [](IsacCombining& /* combining */, const IsacUplink& uplink, IsacBeams& vectors) {
             IsacCombining::ComputeMaximumRatio(uplink, vectors.f);
         }},
        {"combine/lp-mmse",
         [](IsacCombining& combining, const IsacUplink& uplink, IsacBeams& vectors) {
             combining.ComputeLocalMmse(uplink, vectors.f);
         }},
        {"combine/p-mmse",
         [](IsacCombining& combining, const IsacUplink& uplink, IsacBeams& vectors) {
             combining.ComputePartialMmse(uplink, vectors.f);
         }},
    };
    for (const auto& [name, compute] : combinings)
    {
        benchmark::RegisterBenchmark(
            name,
            [compute = compute](benchmark::State& state) { Combine(state, compute); })
            ->ArgNames({"M", "U", "N"})
            ->ArgsProduct({{16, 64}, {2, 8}, {8}})
            ->Unit(benchmark::kMicrosecond);
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
    benchmark::RegisterBenchmark("network", CompareNetwork)
        ->ArgNames({"M", "U"})
        ->Args({5, 2})
        ->Args({16, 6})
        ->Args({64, 16})
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
#ifdef CELLFREE_ISAC_BENCH_TORCH
    benchmark::RegisterBenchmark("train", CompareTraining)
        ->ArgNames({"M", "U", "B"})
        ->Args({5, 2, 256})
        ->Args({16, 6, 32})
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
#endif
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
