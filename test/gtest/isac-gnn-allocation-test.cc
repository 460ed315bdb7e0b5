// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * Decisions of the network take no heap memory once they have been made at their size.
 */

#include "isac-gnn-test-weights.h"
#include "isac-test-allocations.h"
#include "isac-test-problems.h"

#include "ns3/cell-free-gnn-policy.h"
#include "ns3/isac-gnn-edge-inference.h"
#include "ns3/isac-gnn-inference.h"

#include <cstdint>
#include <cstdlib>
#include <gtest/gtest.h>
#include <vector>

using namespace ns3;

TEST(IsacGnnAllocation, CounterSeesAllocations)
{
    if (!CanCountTestAllocations())
    {
        GTEST_SKIP() << "allocations are counted with glibc and without sanitizers only";
    }
    const auto before = GetNTestAllocations();
    const Eigen::VectorXd vector(7);
    EXPECT_EQ(GetNTestAllocations(), before + 1);
    const auto ordinary = std::make_unique<double>(vector.size());
    EXPECT_EQ(GetNTestAllocations(), before + 2);
    IsacBuffer<double> aligned;
    aligned.Assign(7, *ordinary);
    EXPECT_EQ(GetNTestAllocations(), before + 3);
    aligned.Assign(5, 0.0);
    EXPECT_EQ(GetNTestAllocations(), before + 3);
}

TEST(IsacGnnAllocation, DecisionsAllocateNothing)
{
    if (!CanCountTestAllocations())
    {
        GTEST_SKIP() << "allocations are counted with glibc and without sanitizers only";
    }
    IsacGnnWeights weights;
    ASSERT_EQ(weights.Load(CellFreeGnnPolicy::GetDefaultWeightFile()), "");
    IsacTestProblems draws(24);

    struct Size
    {
        Eigen::Index nAps, nUes, nTargets, nAntennas;
        bool isMasked;
    };

    for (const auto& size : {Size{5, 2, 1, 8, false},
                             Size{16, 6, 1, 8, false},
                             Size{6, 4, 3, 4, true},
                             Size{3, 0, 1, 2, false},
                             Size{64, 16, 0, 8, false}})
    {
        std::vector<IsacProblem> problems(3);
        for (auto& problem : problems)
        {
            cellfree::Normalise(draws.PathLoss(size.nAps, size.nUes, size.nTargets, size.nAntennas),
                                problem);
            if (size.isMasked)
            {
                problem.serving.setConstant(size.nAps, size.nUes, true);
                problem.serving(0, 0) = problem.serving(1, 1) = false;
                problem.sensing.setConstant(size.nAps, size.nTargets, true);
                problem.sensing(1, 0) = false;
                problem.weight(0) = 3.0;
            }
        }
        IsacGnnInference network;
        ASSERT_EQ(network.SetWeights(weights), "");
        auto policy = CreateObject<CellFreeGnnPolicy>();
        IsacBeams beams;
        network.ComputeBeams(problems[0], beams);
        policy->ComputeBeams(problems[0], beams);
        const auto before = GetNTestAllocations();
        for (const auto& problem : problems)
        {
            network.ComputeBeams(problem, beams);
        }
        EXPECT_EQ(GetNTestAllocations(), before) << "M = " << size.nAps << ", U = " << size.nUes;
        for (const auto& problem : problems)
        {
            policy->ComputeBeams(problem, beams);
        }
        EXPECT_EQ(GetNTestAllocations(), before) << "M = " << size.nAps << ", U = " << size.nUes;
    }
}

TEST(IsacGnnAllocation, DecisionsOfTheEdgeHeadAllocateNothing)
{
    if (!CanCountTestAllocations())
    {
        GTEST_SKIP() << "allocations are counted with glibc and without sanitizers only";
    }
    const auto architecture = IsacGnnArchitecture::GetPaperEdge(8);
    IsacGnnEdgeInference network;
    ASSERT_EQ(network.SetWeights(DrawGnnWeights(architecture, 25)), "");
    IsacTestProblems draws(26);
    for (Eigen::Index nAps : {5, 40})
    {
        std::vector<IsacProblem> problems(3);
        for (auto& problem : problems)
        {
            cellfree::Normalise(draws.Paper(nAps, 4, 1, 8), problem);
        }
        IsacBeams beams;
        network.ComputeBeams(problems[0], beams);
        const auto before = GetNTestAllocations();
        for (const auto& problem : problems)
        {
            network.ComputeBeams(problem, beams);
        }
        EXPECT_EQ(GetNTestAllocations(), before) << "M = " << nAps;
    }
}
