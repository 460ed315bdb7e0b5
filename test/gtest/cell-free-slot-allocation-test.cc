// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * A running link takes little heap memory from slot to slot.
 */

#include "../cell-free-test-scenario.h"
#include "isac-test-allocations.h"

#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <string>

using namespace ns3;

namespace
{

/// What the window of a run showed.
struct Window
{
    int64_t nAllocations{0}; //!< allocations
    uint64_t nDelivered{0};  //!< packets that came through
    uint64_t nBlocks{0};     //!< blocks that were sent
};

/**
 * @brief Counts the allocations of 200 slots.
 * @param policy the policy
 * @param nUes UEs, each with a full queue in both directions
 * @param packetBytes size of the packets that wait
 * @param nPackets number of packets that wait, by UE and direction
 * @return what was counted
 */
Window
CountAllocations(const std::string& policy, uint32_t nUes, uint32_t packetBytes, uint32_t nPackets)
{
    CellFreeTestScenario::Options options;
    options.policy = policy;
    options.nUes = nUes;
    options.nTargets = 0;
    options.hasInternet = false;
    options.configure = [](CellFreeIsacHelper& helper) {
        helper.SetMacAttribute("MaxQueueBytes", UintegerValue(4000000000));
    };
    CellFreeTestScenario scenario(options);
    Window window;
    bool isCounting = false;
    scenario.cpu->TraceConnectWithoutContext(
        "UeSample",
        Callback<void, const CellFreeUeSample&>(
            [&](const CellFreeUeSample& sample) { window.nBlocks += isCounting; }));
    Simulator::Schedule(MilliSeconds(1), [&]() {
        for (uint32_t u = 0; u < nUes; ++u)
        {
            const auto cpu = scenario.all.Get(0);
            const auto ue = scenario.GetUeDevice(u);
            for (uint32_t i = 0; i < nPackets; ++i)
            {
                cpu->Send(Create<Packet>(packetBytes), ue->GetAddress(), 0x1234);
                ue->Send(Create<Packet>(packetBytes), cpu->GetAddress(), 0x1234);
            }
        }
    });
    const auto delivered = [&scenario, nUes, packetBytes]() {
        uint64_t sum = 0;
        for (uint32_t u = 0; u < nUes; ++u)
        {
            sum += scenario.mac->GetCounters(u, false).deliveredBytes +
                   scenario.mac->GetCounters(u, true).deliveredBytes;
        }
        return sum / packetBytes;
    };
    // In the middle of slots; the channel changes in between.
    Simulator::Schedule(MicroSeconds(200250), [&]() {
        window.nDelivered = delivered();
        isCounting = true;
        window.nAllocations = GetNTestAllocations();
    });
    Simulator::Schedule(MicroSeconds(300250), [&]() {
        window.nAllocations = GetNTestAllocations() - window.nAllocations;
        isCounting = false;
        window.nDelivered = delivered() - window.nDelivered;
    });
    scenario.Run(MilliSeconds(301));
    return window;
}

} // namespace

TEST(CellFreeSlotAllocation, SlotsAllocateLittle)
{
    if (!CanCountTestAllocations())
    {
        GTEST_SKIP() << "allocations are counted with glibc and without sanitizers only";
    }
    // What ns-3 itself takes for 200 slots: the events of the slots, 2 to 4 by its release.
    const auto idle = CountAllocations("cb", 0, 1, 0);
    EXPECT_GT(idle.nAllocations, 200) << "allocations are not seen";
    EXPECT_LE(idle.nAllocations, 4 * 200);
    for (const std::string policy : {"cb"})
    {
        // A packet larger than what the run carries: blocks are sent, and none completes it.
        const auto busy = CountAllocations(policy, 3, 100000000, 1);
        EXPECT_EQ(busy.nDelivered, 0U) << policy;
        EXPECT_GT(busy.nBlocks, 500U) << policy;
        // A list of segments for each block, and what else is left to be reused.
        EXPECT_LE(busy.nAllocations - idle.nAllocations, 2 * int64_t(busy.nBlocks)) << policy;
    }
}
