// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * Hops behind ns-3's buildings.
 */

#include "cell-free-test-nodes.h"

#include "ns3/building.h"
#include "ns3/buildings-helper.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/string.h"

#include <gtest/gtest.h>

using namespace ns3;

namespace
{

class CellFreeBuildingsTest : public testing::Test
{
  protected:
    void TearDown() override
    {
        Simulator::Destroy();
    }
};

} // namespace

TEST_F(CellFreeBuildingsTest, ABuildingHidesATargetFromOneApWhileItPasses)
{
    // The target flies along y = 100 from x = 0 at 10 m/s. Seen from the AP at (50, 0), the house
    // from x = 40 to 60 at y = 40 to 50 covers x = 25 to 75: from 2.5 s to 7.5 s by similar
    // triangles. The house ends at 30 m, and the AP at (50, 200) has nothing before it.
    auto building = CreateObject<Building>();
    building->SetBoundaries(Box(40, 60, 40, 50, 0, 30));
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->SetAttribute("HopCondition", StringValue("ns3::BuildingsChannelConditionModel"));
    auto free = CreateObject<CellFreeChannelModel>();
    auto target = MakeTarget(Vector(0, 100, 10), 1.0, Vector(10, 0, 0));
    NodeContainer nodes(target);
    for (const double y : {0.0, 200.0})
    {
        nodes.Add(MakeAp(Vector(50, y, 10), MakeArray(2)));
    }
    BuildingsHelper::Install(nodes);
    for (const auto& each : {channel, free})
    {
        each->AddAp(nodes.Get(1));
        each->AddAp(nodes.Get(2));
        each->AddTarget(target);
    }
    int nHidden = 0;
    for (int step = 0; step <= 100; ++step)
    {
        At(MilliSeconds(100 * step + 50), [&, step]() {
            // The state is that of the last update, at a multiple of 100 ms.
            const double x = step;
            const bool isHidden = x >= 25.0 && x <= 75.0;
            const auto& echo = channel->GetEchoAmplitudes();
            const auto& clear = free->GetEchoAmplitudes();
            EXPECT_EQ(echo(0, 0), isHidden ? 0.0 : clear(0, 0)) << x;
            EXPECT_EQ(echo(1, 0), clear(1, 0)) << x;
            EXPECT_EQ(channel->GetEchoReceiveAmplitudes(), echo) << x;
            EXPECT_GT(clear(0, 0), 0.0);
            nHidden += echo(0, 0) == 0.0;
            IsacProblem problem;
            channel->GetTrueProblem({0, 1}, {}, {0}, problem);
            EXPECT_EQ(problem.omega(0, 0), echo(0, 0) * (echo(0, 0) + echo(1, 0)));
            // Hidden from one AP, the target goes on reflecting what the other sends to itself.
            EXPECT_NEAR(problem.omega(1, 0) / (echo(1, 0) * (echo(0, 0) + echo(1, 0))), 1.0, 1e-14);
        });
    }
    Simulator::Stop(Seconds(11));
    Simulator::Run();
    EXPECT_EQ(nHidden, 51);
}

TEST_F(CellFreeBuildingsTest, NodesThatNoBuildingKnowsAreRefused)
{
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->SetAttribute("HopCondition", StringValue("ns3::BuildingsChannelConditionModel"));
    auto ap = MakeAp(Vector(0, 0, 10), MakeArray(1));
    BuildingsHelper::Install(ap);
    channel->AddAp(ap);
    channel->AddTarget(MakeTarget(Vector(50, 0, 10), 1.0));
    EXPECT_DEATH(channel->GetEchoAmplitudes(), "target node 1 has no MobilityBuildingInfo");
}
