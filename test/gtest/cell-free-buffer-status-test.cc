// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-buffer-status.h"

#include <gtest/gtest.h>
#include <random>

using namespace ns3;

TEST(CellFreeBufferStatus, WithoutDelayTheQueueLessWhatIsGranted)
{
    CellFreeBufferStatus status;
    status.Update(3, 500, 0, true);
    EXPECT_EQ(status.GetBytes(), 500);
    // Granted for slot 7, it counts until that is over.
    status.NotifyGrant(7, 300, false);
    EXPECT_EQ(status.GetBytes(), 200);
    status.Update(7, 600, 0, true);
    EXPECT_EQ(status.GetBytes(), 300);
    status.NotifySent(7, 300);
    status.Update(8, 310, 0, false);
    EXPECT_EQ(status.GetBytes(), 310);
    status.NotifyGrant(11, 1000, false);
    EXPECT_EQ(status.GetBytes(), 0);
}

TEST(CellFreeBufferStatus, ARequestThenReports)
{
    CellFreeBufferStatus status;
    status.Update(0, 0, 5, true);
    status.Update(1, 900, 5, false);
    status.Update(2, 900, 5, false);
    status.Update(3, 900, 5, true); // the request
    for (uint64_t slot = 4; slot < 8; ++slot)
    {
        status.Update(slot, 900, 5, true);
        EXPECT_EQ(status.GetBytes(), 0) << slot;
    }
    status.Update(8, 900, 5, false);
    EXPECT_EQ(status.GetBytes(), 1) << "something waits";
    status.NotifyGrant(11, 40, false);
    EXPECT_EQ(status.GetBytes(), 0);
    status.Update(11, 900, 5, true);
    status.NotifySent(11, 860);
    // No second request, for a report is on its way.
    for (uint64_t slot = 12; slot < 16; ++slot)
    {
        status.Update(slot, 1060, 5, true);
        EXPECT_EQ(status.GetBytes(), 0) << slot;
    }
    status.Update(16, 1060, 5, true);
    EXPECT_EQ(status.GetBytes(), 860) << "as it was when it was sent";
    // Two grants, the second after the report of the first.
    status.NotifyGrant(16, 500, false);
    status.NotifyGrant(20, 200, false);
    status.NotifySent(16, 560);
    status.Update(20, 560, 5, true);
    EXPECT_EQ(status.GetBytes(), 160);
    status.Update(21, 560, 5, true);
    EXPECT_EQ(status.GetBytes(), 360) << "560 reported, 200 of it granted";
}

TEST(CellFreeBufferStatus, OneRepetitionAtATime)
{
    CellFreeBufferStatus status;
    status.Update(0, 10, 2, true);
    EXPECT_FALSE(status.HasRepetition());
    status.NotifyGrant(3, 0, true);
    EXPECT_TRUE(status.HasRepetition());
    status.Update(3, 10, 2, true);
    EXPECT_TRUE(status.HasRepetition());
    status.Update(4, 10, 2, true);
    EXPECT_FALSE(status.HasRepetition());
}

TEST(CellFreeBufferStatus, NothingStarves)
{
    // Any delays, arrivals, schedulers that pass a UE over and blocks that are too small: what
    // waits is gone in the end, and nothing is granted to an empty queue for ever.
    for (unsigned seed = 0; seed < 300; ++seed)
    {
        std::mt19937 generator(seed);
        const uint32_t delay = generator() % 8;
        const uint32_t grantDelay = generator() % 8;
        CellFreeBufferStatus status;
        uint64_t waiting = 0;
        std::vector<uint64_t> granted(1000, 0);
        for (uint64_t slot = 0; slot < 900; ++slot)
        {
            waiting += slot < 400 && generator() % 5 == 0 ? 1 + generator() % 700 : 0;
            const bool isUplink = slot % 4 == 3;
            status.Update(slot, waiting, delay, isUplink);
            if ((slot + grantDelay) % 4 == 3 && status.GetBytes() > 0 && generator() % 3 > 0)
            {
                const uint64_t bytes = std::min<uint64_t>(status.GetBytes() + 20, 600);
                status.NotifyGrant(slot + grantDelay, bytes, false);
                granted[slot + grantDelay] = bytes;
                EXPECT_LT(slot, 895) << "seed " << seed;
            }
            if (granted[slot] > 0)
            {
                waiting -= std::min(waiting, granted[slot]);
                status.NotifySent(slot, waiting);
            }
        }
        EXPECT_EQ(waiting, 0) << "seed " << seed << ", delays " << delay << ", " << grantDelay;
    }
}
