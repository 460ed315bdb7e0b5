// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * The iterations of IsacWmmseSolver take no heap memory: checked with Eigen's runtime guard.
 *
 * The guard has to be compiled into the solver, and the library is compiled without it. So this
 * file compiles the solver once more, in namespaces of its own, which keeps the two apart.
 */

#include <algorithm>
#include <chrono>
#include <cmath>
#include <complex>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace
{
/// Eigen assertions that failed, among them allocations while they were forbidden.
int g_failedAssertions = 0;
} // namespace

#define Eigen EigenGuarded
#define ns3 ns3Guarded
#define EIGEN_RUNTIME_NO_MALLOC
#define eigen_assert(condition)                                                                    \
    do                                                                                             \
    {                                                                                              \
        if (!(condition))                                                                          \
        {                                                                                          \
            ++g_failedAssertions;                                                                  \
        }                                                                                          \
    } while (false)

#include "isac-test-problems.h"

// Sources, not headers: see the top of this file.
#include "../../model/beamforming/isac-conjugate-solver.cc"
#include "../../model/beamforming/isac-rzf-solver.cc"
#include "../../model/beamforming/isac-subspace.cc"
#include "../../model/beamforming/isac-wmmse-solver.cc"
#include "../../model/signal/isac-expected-log.cc"
#include "../../model/signal/isac-problem.cc"

using namespace ns3;

TEST(IsacWmmseAllocation, GuardSeesAllocations)
{
    g_failedAssertions = 0;
    Eigen::internal::set_is_malloc_allowed(false);
    const Eigen::VectorXd vector(7);
    Eigen::internal::set_is_malloc_allowed(true);
    EXPECT_EQ(g_failedAssertions, 1);
}

TEST(IsacWmmseAllocation, IterationsAllocateNothing)
{
    IsacTestProblems draws(20);

    struct Size
    {
        Eigen::Index nAps, nUes, nTargets, nAntennas;
        bool masked;
    };

    for (const auto& size : {Size{5, 2, 1, 8, false},
                             Size{16, 6, 1, 8, false},
                             Size{4, 6, 2, 2, true},
                             Size{9, 0, 2, 4, false},
                             Size{32, 8, 0, 8, true}})
    {
        IsacProblem problem;
        cellfree::Normalise(draws.PathLoss(size.nAps, size.nUes, size.nTargets, size.nAntennas),
                            problem);
        if (size.masked)
        {
            problem.serving.setConstant(size.nAps, size.nUes, true);
            problem.serving(0, 0) = problem.serving(1, 1) = false;
        }
        IsacBeams start;
        cellfree::ComputeConjugateBeams(problem, CONJUGATE_NORM, start);
        IsacWmmseSolver solver;
        solver.Begin(problem);
        solver.SetBeams(start);
        const double before = solver.GetObjective();
        g_failedAssertions = 0;
        Eigen::internal::set_is_malloc_allowed(false);
        for (int i = 0; i < 10; ++i)
        {
            solver.Iterate();
        }
        Eigen::internal::set_is_malloc_allowed(true);
        EXPECT_EQ(g_failedAssertions, 0) << "M = " << size.nAps << ", U = " << size.nUes;
        EXPECT_GT(solver.GetObjective(), before);
    }
}
