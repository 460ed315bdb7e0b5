// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-streams.h"

#include <gtest/gtest.h>
#include <set>

using namespace ns3;

TEST(CellFreeStreams, EveryPurposeAndPairOfNodesHasItsOwn)
{
    std::set<int64_t> streams;
    const uint32_t nodes[] = {0, 1, 2, 1000, (1 << 20) - 1};
    for (const auto purpose :
         {CELL_FREE_STREAM_FADING, CELL_FREE_STREAM_RADAR, CELL_FREE_STREAM_CSI})
    {
        for (const auto a : nodes)
        {
            for (const auto b : nodes)
            {
                const auto stream = GetCellFreeStream(7, purpose, a, b);
                EXPECT_GE(stream, 7);
                EXPECT_LT(stream, 7 + CELL_FREE_STREAMS);
                EXPECT_TRUE(streams.insert(stream).second);
            }
        }
    }
    EXPECT_EQ(GetCellFreeStream(9, CELL_FREE_STREAM_RADAR, 3, 4) -
                  GetCellFreeStream(7, CELL_FREE_STREAM_RADAR, 3, 4),
              2);
    EXPECT_DEATH(GetCellFreeStream(0, CELL_FREE_STREAM_FADING, 1 << 20, 4),
                 "node ids 1048576 and 4: expected less than 1048576");
}
