// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * Decisions of the network take no heap memory once they have been made at their size. Checked by
 * functions that stand before the C library's: what Eigen, new and std::vector ask for is counted.
 */

#include "isac-gnn-test-weights.h"
#include "isac-test-problems.h"

#include "ns3/cell-free-gnn-policy.h"
#include "ns3/isac-gnn-edge-inference.h"
#include "ns3/isac-gnn-inference.h"

#include <cstdint>
#include <cstdlib>
#include <gtest/gtest.h>
#include <vector>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace
{
/// Allocations of this thread.
thread_local int64_t g_allocations = 0;
} // namespace

extern "C"
{
    void* __libc_malloc(size_t size) noexcept;
    void* __libc_calloc(size_t count, size_t size) noexcept;
    void* __libc_realloc(void* memory, size_t size) noexcept;
    void* __libc_memalign(size_t alignment, size_t size) noexcept;

    void* malloc(size_t size) noexcept
    {
        ++g_allocations;
        return __libc_malloc(size);
    }

    void* calloc(size_t count, size_t size) noexcept
    {
        ++g_allocations;
        return __libc_calloc(count, size);
    }

    void* realloc(void* memory, size_t size) noexcept
    {
        ++g_allocations;
        return __libc_realloc(memory, size);
    }

    void* aligned_alloc(size_t alignment, size_t size) noexcept
    {
        ++g_allocations;
        return __libc_memalign(alignment, size);
    }
}

using namespace ns3;

TEST(IsacGnnAllocation, CounterSeesAllocations)
{
    const auto before = g_allocations;
    const Eigen::VectorXd vector(7);
    EXPECT_EQ(g_allocations, before + 1);
    const auto ordinary = std::make_unique<double>(vector.size());
    EXPECT_EQ(g_allocations, before + 2);
    IsacBuffer<double> aligned;
    aligned.Assign(7, *ordinary);
    EXPECT_EQ(g_allocations, before + 3);
    aligned.Assign(5, 0.0);
    EXPECT_EQ(g_allocations, before + 3);
}

TEST(IsacGnnAllocation, DecisionsAllocateNothing)
{
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
        const auto before = g_allocations;
        for (const auto& problem : problems)
        {
            network.ComputeBeams(problem, beams);
        }
        EXPECT_EQ(g_allocations, before) << "M = " << size.nAps << ", U = " << size.nUes;
        for (const auto& problem : problems)
        {
            policy->ComputeBeams(problem, beams);
        }
        EXPECT_EQ(g_allocations, before) << "M = " << size.nAps << ", U = " << size.nUes;
    }
}

TEST(IsacGnnAllocation, DecisionsOfTheEdgeHeadAllocateNothing)
{
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
        const auto before = g_allocations;
        for (const auto& problem : problems)
        {
            network.ComputeBeams(problem, beams);
        }
        EXPECT_EQ(g_allocations, before) << "M = " << nAps;
    }
}

#endif
