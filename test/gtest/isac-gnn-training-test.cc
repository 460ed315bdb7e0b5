// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-test-training.h"
#include "isac-gnn-test-weights.h"
#include "isac-test-problems.h"
#include "model/gnn/isac-gnn-network.h"
#include "model/gnn/isac-gnn-trainer.h"

#include "ns3/cell-free-gnn-policy.h"
#include "ns3/isac-expected-rate.h"
#include "ns3/isac-gnn-batch.h"
#include "ns3/isac-gnn-inference.h"
#include "ns3/isac-metrics.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace ns3;

namespace
{

/// Problems under path loss of one size; with errors, every third link has none.
IsacGnnBatch
DrawBatch(IsacTestProblems& draws,
          int count,
          int nAps,
          int nUes,
          int nTargets,
          bool isMasked,
          std::vector<IsacProblem>* problems = nullptr,
          bool isWeighted = false,
          bool hasErrors = false)
{
    IsacGnnBatch batch;
    for (int i = 0; i < count; ++i)
    {
        IsacProblem problem;
        cellfree::Normalise(draws.PathLoss(nAps, nUes, nTargets, 4), problem);
        if (isMasked)
        {
            problem.serving.setConstant(nAps, nUes, true);
            problem.serving(i % nAps, i % nUes) = false;
        }
        problem.sensingWeight.setConstant(0.5 * (i % 5));
        if (isWeighted)
        {
            // From large differences to a UE that does not count and a target that does not.
            problem.weight(0) = 0.3 * (i % 4);
            problem.weight(nUes - 1) = 1.0 + i;
            problem.sensingWeight.head(nTargets > 1 ? 1 : 0).setConstant(i % 3);
        }
        if (isMasked && nTargets > 0)
        {
            problem.sensing.setConstant(nAps, nTargets, true);
            problem.sensing(i % nAps, i % nTargets) = false;
        }
        for (Eigen::Index m = 0; hasErrors && m < nAps; ++m)
        {
            problem.errorVariance.conservativeResize(nAps, nUes);
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                const double gain = problem.h.col(u).segment(4 * m, 4).squaredNorm() / 4;
                problem.errorVariance(m, u) = (m + u + i) % 3 == 0 ? 0.0 : 0.3 * (u + 1) * gain;
            }
        }
        if (i == 0)
        {
            batch.Start(problem);
        }
        batch.Add(problem);
        if (problems)
        {
            problems->push_back(problem);
        }
    }
    return batch;
}

/// A small network, quick to train.
IsacGnnArchitecture
MakeSmallArchitecture()
{
    IsacGnnArchitecture architecture;
    architecture.linkWidth = 12;
    architecture.nodeWidth = 16;
    architecture.layers = {1, 1};
    return architecture;
}

} // namespace

TEST(IsacGnnNetwork, InferenceComputesTheSameBeams)
{
    // Independent of each other: LibTorch on batches against Eigen on one problem at a time.
    IsacTestProblems draws(31);
    const auto weights = DrawGnnWeights({}, 5);
    IsacGnnNetwork network({}, 1);
    ASSERT_EQ(network.SetWeights(weights), "");
    IsacGnnInference inference;
    ASSERT_EQ(inference.SetWeights(weights), "");
    IsacExpectedRate rate;
    IsacBeams beams;
    for (int trial = 0; trial < 12; ++trial)
    {
        const int nTargets = trial % 3 == 2 ? 3 : trial % 3;
        const bool isMasked = trial % 2 == 1;
        std::vector<IsacProblem> problems;
        const auto batch =
            DrawBatch(draws, 10, 6, 4, nTargets, isMasked, &problems, true, trial >= 6);
        const auto objectives = network.GetObjectives(batch);
        for (size_t i = 0; i < problems.size(); ++i)
        {
            inference.ComputeBeams(problems[i], beams);
            rate.Evaluate(problems[i], beams);
            EXPECT_NEAR(rate.GetObjective() / objectives[i], 1.0, 1e-4)
                << "T = " << nTargets << ", trial " << trial;
        }
    }
}

TEST(IsacGnnNetwork, InferenceComputesTheSameBeamsWithShippedWeights)
{
    IsacGnnWeights weights;
    ASSERT_EQ(weights.Load(CellFreeGnnPolicy::GetDefaultWeightFile()), "");
    IsacGnnInference inference;
    ASSERT_EQ(inference.SetWeights(weights), "");
    IsacGnnNetwork network(inference.GetArchitecture(), 1);
    ASSERT_EQ(network.SetWeights(weights), "");
    IsacTestProblems draws(35);
    IsacExpectedRate rate;
    IsacBeams beams;
    const int sizes[][2] = {{5, 2}, {16, 6}, {3, 8}, {40, 12}};
    for (const auto& size : sizes)
    {
        for (int trial = 0; trial < 4; ++trial)
        {
            std::vector<IsacProblem> problems;
            const auto batch = DrawBatch(draws,
                                         5,
                                         size[0],
                                         size[1],
                                         1,
                                         trial % 2 == 1,
                                         &problems,
                                         true,
                                         trial >= 2);
            const auto objectives = network.GetObjectives(batch);
            for (size_t i = 0; i < problems.size(); ++i)
            {
                inference.ComputeBeams(problems[i], beams);
                rate.Evaluate(problems[i], beams);
                EXPECT_NEAR(rate.GetObjective() / objectives[i], 1.0, 1e-4)
                    << "M = " << size[0] << ", U = " << size[1];
            }
        }
    }
}

TEST(IsacGnnNetwork, GradientAgreesWithFiniteDifferences)
{
    IsacTestProblems draws(32);
    const auto architecture = MakeSmallArchitecture();
    const auto weights = DrawGnnWeights(architecture, 6);
    IsacGnnNetwork network(architecture, 1);
    for (int trial = 0; trial < 4; ++trial)
    {
        const int nTargets = 1 + trial % 2;
        const auto batch =
            DrawBatch(draws, 8, 4, 3, nTargets, nTargets == 2, nullptr, true, trial >= 2);
        ExpectGradient(network,
                       weights,
                       batch,
                       {"stage0.encode.ueLink.weight",
                        "stage0.layer0.ap.weight",
                        "stage0.output.ap.weight",
                        "stage1.layer0.ueLink.weight",
                        "stage1.encode.target.weight",
                        "stage1.output.ue.bias",
                        "stage1.output.targetLink.weight"},
                       5e-4);
    }
}

TEST(IsacGnnNetwork, CudaComputesTheSameLossAndGradient)
{
    if (!IsacGnnNetwork::HasCuda())
    {
        GTEST_SKIP() << "LibTorch sees no CUDA device";
    }
    // Single precision in another order; an H200 was within 2e-7 and 2e-4.
    IsacTestProblems draws(36);
    IsacGnnNetwork onCpu({}, 1);
    IsacGnnNetwork onCuda({}, 1, true);
    for (int trial = 0; trial < 6; ++trial)
    {
        const int nTargets = trial % 3;
        const auto batch =
            DrawBatch(draws, 20, 6, 4, nTargets, nTargets == 2, nullptr, true, trial >= 3);
        const std::vector<double> normaliser(batch.count, 20.0);
        IsacGnnWeights expected;
        IsacGnnWeights gradient;
        EXPECT_NEAR(onCuda.GetLoss(batch, normaliser, &gradient) /
                        onCpu.GetLoss(batch, normaliser, &expected),
                    1.0,
                    1e-5);
        double difference = 0.0;
        double square = 0.0;
        for (const auto& [name, tensor] : expected.tensors)
        {
            for (size_t i = 0; i < tensor.values.size(); ++i)
            {
                const double error = gradient.tensors.at(name).values[i] - tensor.values[i];
                difference += error * error;
                square += tensor.values[i] * tensor.values[i];
            }
        }
        EXPECT_LT(difference, 1e-4 * square); // 1 % of the norm
    }
}

TEST(IsacGnnTrainer, OverfitsOneBatch)
{
    IsacTestProblems draws(33);
    IsacGnnNetwork::SetThreads(1);
    std::vector<IsacProblem> problems;
    const auto batch = DrawBatch(draws, 16, 4, 3, 1, false, &problems);
    const double reference = GetSolverMean(problems);
    IsacGnnNetwork network(MakeSmallArchitecture(), 7);
    IsacGnnTrainer::Options options;
    options.steps = 400;
    options.learningRate = 4e-3;
    IsacGnnTrainer trainer(network, options);
    const double before = trainer.Step(batch);
    double after = 0.0;
    while (trainer.GetStep() < options.steps)
    {
        after = trainer.Step(batch);
    }
    EXPECT_LT(before / reference, 0.97);
    EXPECT_GT(after / reference, 0.995);
    EXPECT_EQ(trainer.GetDropped(), 0);
}

TEST(IsacGnnTrainer, ShortTrainingComesCloseToTheSolver)
{
    // Fresh draws under path loss in every step; the figure is the mean objective on draws that
    // training never sees, as a share of the joint solver's, reached by the inference. Seeds 1 to 3
    // go from 0.969 .. 0.978 to 0.9981 .. 0.9985: the bar asks for most of that way.
    IsacGnnNetwork::SetThreads(1);
    IsacTestProblems validation(34);
    std::vector<IsacProblem> problems(60);
    for (auto& problem : problems)
    {
        cellfree::Normalise(validation.PathLoss(5, 2, 1, 4), problem);
    }
    const double reference = GetSolverMean(problems);
    IsacMetrics metrics;
    IsacBeams beams;
    const auto getShare = [&](const IsacGnnWeights& weights) {
        IsacGnnInference inference;
        EXPECT_EQ(inference.SetWeights(weights), "");
        double sum = 0.0;
        for (const auto& problem : problems)
        {
            inference.ComputeBeams(problem, beams);
            metrics.Evaluate(problem, beams);
            sum += metrics.GetObjective();
        }
        return sum / static_cast<double>(problems.size()) / reference;
    };

    IsacGnnNetwork network(MakeSmallArchitecture(), 1);
    IsacGnnTrainer::Options options;
    options.steps = 300;
    options.learningRate = 4e-3;
    IsacGnnTrainer trainer(network, options);
    IsacTestProblems draws(1001);
    EXPECT_LT(getShare(trainer.GetMeanWeights()), 0.985);
    while (trainer.GetStep() < options.steps)
    {
        trainer.Step(DrawBatch(draws, 16, 5, 2, 1, false));
    }
    EXPECT_GT(getShare(trainer.GetMeanWeights()), 0.995);
    EXPECT_EQ(trainer.GetDropped(), 0);
}

TEST(IsacGnnTrainer, ResumesExactly)
{
    IsacGnnNetwork::SetThreads(1);
    const auto path = (std::filesystem::temp_directory_path() /
                       ("cellfree-isac-checkpoint-" + std::to_string(getpid())))
                          .string();
    IsacGnnTrainer::Options options;
    options.steps = 20;
    const auto train = [&](IsacGnnTrainer& trainer, int64_t until) {
        while (trainer.GetStep() < until)
        {
            IsacTestProblems draws(500 + trainer.GetStep());
            trainer.Step(DrawBatch(draws, 4, 3, 2, 1, false));
        }
    };
    IsacGnnNetwork through(MakeSmallArchitecture(), 8);
    IsacGnnTrainer throughTrainer(through, options);
    train(throughTrainer, 12);

    IsacGnnNetwork first(MakeSmallArchitecture(), 8);
    IsacGnnTrainer firstTrainer(first, options);
    train(firstTrainer, 6);
    ASSERT_EQ(firstTrainer.SaveCheckpoint(path), "");
    IsacGnnNetwork second(MakeSmallArchitecture(), 9);
    IsacGnnTrainer secondTrainer(second, options);
    ASSERT_EQ(secondTrainer.LoadCheckpoint(path), "");
    EXPECT_EQ(secondTrainer.GetStep(), 6);
    train(secondTrainer, 12);

    const auto expected = throughTrainer.GetMeanWeights();
    const auto resumed = secondTrainer.GetMeanWeights();
    for (const auto& [name, tensor] : expected.tensors)
    {
        EXPECT_EQ(tensor.values, resumed.tensors.at(name).values) << name;
    }
    std::ofstream(path) << "not a checkpoint";
    EXPECT_NE(secondTrainer.LoadCheckpoint(path).find("is not a checkpoint"), std::string::npos);
    std::filesystem::remove(path);
    EXPECT_NE(secondTrainer.LoadCheckpoint(path).find("does not exist"), std::string::npos);
}
