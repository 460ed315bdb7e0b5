// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-nodes.h"

#include "ns3/cell-free-sensing-roles.h"
#include "ns3/string.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <vector>

using namespace ns3;

namespace
{

class CellFreeSensingRolesTest : public testing::Test
{
  protected:
    /// 7 APs 100 m apart on the x axis.
    void SetUp() override
    {
        m_channel = CreateObject<CellFreeChannelModel>();
        for (int m = 0; m < 7; ++m)
        {
            m_channel->AddAp(MakeAp(Vector(100.0 * m, 0, 10), MakeArray(1)));
        }
        m_channel->AddTarget(MakeTarget(Vector(610, 20, 30), 1.0));
    }

    void TearDown() override
    {
        m_channel->Dispose();
        Simulator::Destroy();
    }

    /// An aim at a place.
    static CellFreeAim MakeAim(double x)
    {
        CellFreeAim aim;
        aim.kind = CellFreeAim::SEARCH;
        aim.position = Vector(x, 0, 50);
        return aim;
    }

    /// Receivers as roles choose them, after a check that every AP has one part.
    std::vector<uint32_t> Choose(const CellFreeSensingRoles& roles,
                                 const std::vector<uint32_t>& aps,
                                 const std::vector<CellFreeAim>& aims,
                                 uint64_t dwell = 0) const
    {
        std::vector<uint32_t> transmitters{99};
        std::vector<uint32_t> receivers{99};
        roles.Choose(*m_channel, aps, aims, dwell, transmitters, receivers);
        EXPECT_FALSE(transmitters.empty());
        EXPECT_FALSE(receivers.empty());
        // In the order of aps, and each in one of the two.
        std::size_t t = 0;
        std::size_t r = 0;
        for (const auto ap : aps)
        {
            const bool transmits = t < transmitters.size() && transmitters[t] == ap;
            const bool receives = r < receivers.size() && receivers[r] == ap;
            EXPECT_NE(transmits, receives) << ap;
            t += transmits;
            r += receives;
        }
        EXPECT_EQ(t, transmitters.size());
        EXPECT_EQ(r, receivers.size());
        return receivers;
    }

    Ptr<CellFreeChannelModel> m_channel; //!< 7 APs
};

const std::vector<uint32_t> APS{0, 1, 2, 3, 4, 5, 6};

} // namespace

TEST_F(CellFreeSensingRolesTest, FullDuplexIsAllForBoth)
{
    std::vector<uint32_t> transmitters{99};
    std::vector<uint32_t> receivers{99};
    CreateObject<CellFreeFullDuplex>()
        ->Choose(*m_channel, {3, 1, 5}, {MakeAim(0)}, 2, transmitters, receivers);
    EXPECT_EQ(transmitters, (std::vector<uint32_t>{3, 1, 5}));
    EXPECT_EQ(receivers, (std::vector<uint32_t>{3, 1, 5}));
}

TEST_F(CellFreeSensingRolesTest, TheNearestReceive)
{
    auto roles =
        CreateObjectWithAttributes<CellFreeSplitRoles>("ReceiverFraction", DoubleValue(0.3));
    EXPECT_EQ(Choose(*roles, APS, {MakeAim(20)}), (std::vector<uint32_t>{0, 1}));
    EXPECT_EQ(Choose(*roles, APS, {MakeAim(480)}), (std::vector<uint32_t>{4, 5}));
    // Nearest to either of two.
    EXPECT_EQ(Choose(*roles, APS, {MakeAim(480), MakeAim(130)}), (std::vector<uint32_t>{1, 5}));
    // Of the CPU's own, in its own order; equally near ones by that order.
    EXPECT_EQ(Choose(*roles, {6, 2, 0, 4}, {MakeAim(300)}), (std::vector<uint32_t>{2}));
    // A target whose direction is told lies where it is, at x = 610.
    CellFreeAim target;
    EXPECT_EQ(Choose(*roles, APS, {target}), (std::vector<uint32_t>{5, 6}));
}

TEST_F(CellFreeSensingRolesTest, AtLeastOneOfEach)
{
    for (const std::string choice : {"Nearest", "Fixed", "Alternating"})
    {
        auto roles = CreateObject<CellFreeSplitRoles>();
        roles->SetAttribute("Choice", StringValue(choice));
        for (int percent = 0; percent <= 100; percent += 10)
        {
            roles->SetAttribute("ReceiverFraction", DoubleValue(percent / 100.0));
            for (std::size_t n = 2; n <= APS.size(); ++n)
            {
                const std::vector<uint32_t> aps(APS.begin(), APS.begin() + n);
                const auto receivers = Choose(*roles, aps, {MakeAim(150)}, 3);
                const auto exact = percent / 100.0 * n;
                const auto wanted = std::clamp(exact, 1.0, n - 1.0);
                EXPECT_LE(std::abs(receivers.size() - wanted), 0.5 + 1e-9);
                EXPECT_EQ(Choose(*roles, aps, {MakeAim(150)}, 3), receivers);
                Choose(*roles, aps, {}, 3);
            }
        }
        std::vector<uint32_t> none;
        std::vector<uint32_t> receivers;
        roles->Choose(*m_channel, {}, {}, 0, none, receivers);
        EXPECT_TRUE(none.empty() && receivers.empty());
        EXPECT_DEATH(roles->Choose(*m_channel, {4}, {}, 0, none, receivers),
                     "CellFreeSplitRoles: a CPU with 1 AP: expected at least 2");
    }
}

TEST_F(CellFreeSensingRolesTest, FixedOnesStayAndAlternatingOnesTakeTurns)
{
    auto roles = CreateObjectWithAttributes<CellFreeSplitRoles>("ReceiverFraction",
                                                                DoubleValue(0.43),
                                                                "Choice",
                                                                StringValue("Fixed"));
    // 3 of 7, spread evenly.
    const auto fixed = Choose(*roles, APS, {MakeAim(0)});
    EXPECT_EQ(fixed, (std::vector<uint32_t>{2, 4, 6}));
    EXPECT_EQ(Choose(*roles, APS, {MakeAim(600)}, 5), fixed);
    roles->SetAttribute("Choice", StringValue("Alternating"));
    std::map<uint32_t, int> turns;
    std::set<std::vector<uint32_t>> choices;
    for (uint64_t dwell = 0; dwell < 14; ++dwell)
    {
        const auto receivers = Choose(*roles, APS, {MakeAim(0)}, dwell);
        choices.insert(receivers);
        for (const auto ap : receivers)
        {
            ++turns[ap];
        }
    }
    EXPECT_EQ(Choose(*roles, APS, {}, 0), fixed);
    EXPECT_EQ(choices.size(), 7);
    ASSERT_EQ(turns.size(), 7);
    for (const auto& [ap, n] : turns)
    {
        EXPECT_EQ(n, 6) << ap;
    }
}
