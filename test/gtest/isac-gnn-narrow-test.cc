// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * The inference on vectors of 16 bytes, which this processor may never run: its sources are
 * compiled once more, in a namespace of their own and without the wide kernels.
 */

#include <Eigen/Core>
#include <gtest/gtest.h>

/// The same beams from the module's own inference, in isac-gnn-inference-test.cc.
Eigen::MatrixXcd ComputeTestBeamsOfModule(unsigned trial);

#define ISAC_GNN_NARROW
#define ns3 ns3Narrow

#include "isac-gnn-test-beams.h"

// Sources, not headers: see the top of this file.
#include "../../model/gnn/isac-gnn-architecture.cc"
#include "../../model/gnn/isac-gnn-features.cc"
#include "../../model/gnn/isac-gnn-inference.cc"
#include "../../model/gnn/isac-gnn-weights.cc"
#include "../../model/gnn/isac-structured-head.cc"
#include "../../model/signal/isac-problem.cc"

TEST(IsacGnnNarrow, ComputesTheSameBeams)
{
    for (unsigned trial = 0; trial < 60; ++trial)
    {
        const auto wide = ComputeTestBeamsOfModule(trial);
        const auto narrow = ns3::ComputeTestBeams(trial);
        ASSERT_EQ(wide.size(), narrow.size());
        // Every AP sends with power 1.
        EXPECT_LT((wide - narrow).norm(), 1e-4) << "trial " << trial;
    }
}
