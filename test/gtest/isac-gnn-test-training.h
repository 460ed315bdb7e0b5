// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_TEST_TRAINING_H
#define ISAC_GNN_TEST_TRAINING_H

#include "model/gnn/isac-gnn-network.h"

#include "ns3/isac-metrics.h"
#include "ns3/isac-wmmse-solver.h"

#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace ns3
{

/**
 * Mean objective that the joint solver reaches.
 *
 * @param problems normalised problems
 * @return the mean (bit/s/Hz)
 */
inline double
GetSolverMean(const std::vector<IsacProblem>& problems)
{
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options options;
    IsacMetrics metrics;
    IsacBeams beams;
    double mean = 0.0;
    for (const auto& problem : problems)
    {
        solver.Solve(problem, options, beams);
        metrics.Evaluate(problem, beams);
        mean += metrics.GetObjective() / static_cast<double>(problems.size());
    }
    return mean;
}

/**
 * Checks the gradient of the loss against central differences: along the gradient of one array at a
 * time, where the derivative is its norm. The weights are single precision, so that steps must be
 * large, and the tolerance is 2 %.
 *
 * @param network a network
 * @param weights its weights
 * @param batch the problems
 * @param names the arrays
 * @param step length of the step
 */
inline void
ExpectGradient(IsacGnnNetwork& network,
               const IsacGnnWeights& weights,
               const IsacGnnBatch& batch,
               const std::vector<std::string>& names,
               double step)
{
    const std::vector<double> normaliser(batch.count, 20.0);
    ASSERT_EQ(network.SetWeights(weights), "");
    IsacGnnWeights gradient;
    network.GetLoss(batch, normaliser, &gradient);
    for (const auto& name : names)
    {
        const auto& values = gradient.tensors.at(name).values;
        double norm = 0.0;
        for (auto value : values)
        {
            norm += static_cast<double>(value) * value;
        }
        norm = std::sqrt(norm);
        ASSERT_GT(norm, 0.0) << name;
        double loss[2];
        for (int side = 0; side < 2; ++side)
        {
            auto moved = weights;
            auto& target = moved.tensors.at(name).values;
            for (size_t i = 0; i < target.size(); ++i)
            {
                target[i] += static_cast<float>((side ? step : -step) * values[i] / norm);
            }
            ASSERT_EQ(network.SetWeights(moved), "");
            loss[side] = network.GetLoss(batch, normaliser, nullptr);
        }
        EXPECT_NEAR((loss[1] - loss[0]) / (2 * step) / norm, 1.0, 0.02) << name;
    }
}

} // namespace ns3

#endif // ISAC_GNN_TEST_TRAINING_H
