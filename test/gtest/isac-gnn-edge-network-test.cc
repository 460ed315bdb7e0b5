// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-test-training.h"
#include "isac-gnn-test-weights.h"
#include "isac-test-problems.h"
#include "model/gnn/isac-gnn-network.h"
#include "model/gnn/isac-gnn-trainer.h"

#include "ns3/isac-gnn-batch.h"
#include "ns3/isac-gnn-draw.h"
#include "ns3/isac-gnn-edge-inference.h"
#include "ns3/isac-metrics.h"

#include <gtest/gtest.h>

using namespace ns3;

namespace
{

IsacGnnArchitecture
MakeSmallEdge(int64_t nAntennas)
{
    auto architecture = IsacGnnArchitecture::GetPaperEdge(nAntennas);
    architecture.linkWidth = 32;
    architecture.nodeWidth = 24;
    architecture.layers = {2};
    return architecture;
}

std::vector<IsacProblem>
DrawSamples(uint64_t seed, int64_t count, int64_t nTargets, bool isMasked)
{
    IsacGnnDraw::Settings settings;
    settings.family = IsacGnnDraw::PAPER;
    settings.nAps = 4;
    settings.nUes = 3;
    settings.nTargets = nTargets;
    settings.nAntennas = 4;
    settings.nProblems = count;
    std::vector<IsacProblem> samples;
    IsacGnnDraw(seed).DrawProblems(settings, samples);
    for (size_t i = 0; isMasked && i < samples.size(); ++i)
    {
        samples[i].serving.setConstant(4, 3, true);
        samples[i].serving(i % 4, i % 3) = false;
        samples[i].sensing.setConstant(4, nTargets, true);
        if (nTargets > 0)
        {
            samples[i].sensing(i % 4, i % nTargets) = false;
        }
    }
    return samples;
}

} // namespace

TEST(IsacGnnEdgeNetwork, InferenceComputesTheSameBeams)
{
    // Independent of each other: LibTorch on batches against Eigen on one problem at a time.
    const auto architecture = MakeSmallEdge(4);
    const auto weights = DrawGnnWeights(architecture, 5);
    IsacGnnNetwork network(architecture, 1);
    ASSERT_EQ(network.SetWeights(weights), "");
    IsacGnnEdgeInference inference;
    ASSERT_EQ(inference.SetWeights(weights), "");
    IsacMetrics metrics;
    IsacBeams beams;
    for (int nTargets : {0, 1, 3})
    {
        for (bool isMasked : {false, true})
        {
            const auto samples = DrawSamples(21 + nTargets, 12, nTargets, isMasked);
            IsacGnnBatch batch;
            batch.Set(samples, architecture.head);
            const auto objectives = network.GetObjectives(batch);
            for (size_t i = 0; i < samples.size(); ++i)
            {
                inference.ComputeBeams(samples[i], beams);
                metrics.Evaluate(samples[i], beams);
                EXPECT_NEAR(metrics.GetObjective() / objectives[i], 1.0, 1e-4);
            }
        }
    }
}

TEST(IsacGnnEdgeNetwork, GradientAgreesWithFiniteDifferences)
{
    const auto architecture = MakeSmallEdge(4);
    const auto weights = DrawGnnWeights(architecture, 6);
    IsacGnnNetwork network(architecture, 1);
    IsacGnnBatch batch;
    batch.Set(DrawSamples(31, 8, 2, true), architecture.head);
    ExpectGradient(network,
                   weights,
                   batch,
                   {"layer0.ap.weight",
                    "layer0.ueLink.weight",
                    "layer1.ue.weight",
                    "layer1.target.bias",
                    "layer1.targetLink.target.weight",
                    "layer2.ueLink.ap.weight",
                    "layer2.targetLink.bias"},
                   3e-3);
}

TEST(IsacGnnEdgeNetwork, OverfitsOneBatch)
{
    IsacGnnNetwork::SetThreads(1);
    const auto samples = DrawSamples(41, 8, 1, false);
    const auto architecture = MakeSmallEdge(4);
    IsacGnnBatch batch;
    batch.Set(samples, architecture.head);
    const double reference = GetSolverMean(samples);
    IsacGnnNetwork network(architecture, 7);
    IsacGnnTrainer::Options options;
    options.steps = 600;
    options.learningRate = 4e-3;
    IsacGnnTrainer trainer(network, options);
    const double before = trainer.Step(batch);
    double after = 0.0;
    while (trainer.GetStep() < options.steps)
    {
        after = trainer.Step(batch);
    }
    EXPECT_LT(before / reference, 0.75);
    EXPECT_GT(after / reference, 0.98);
}

TEST(IsacGnnEdgeNetwork, TakesNoWeightsOfOtherSizes)
{
    IsacGnnNetwork network(MakeSmallEdge(4), 1);
    EXPECT_EQ(network.SetWeights(DrawGnnWeights(MakeSmallEdge(8), 1)),
              "the sizes are not those of the network");
    EXPECT_EQ(network.SetWeights(DrawGnnWeights({}, 1)), "the sizes are not those of the network");
}
