// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-radar-model.h"
#include "ns3/cell-free-streams.h"
#include "ns3/enum.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/string.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

class CellFreeRadarTest : public testing::Test
{
  protected:
    void SetUp() override
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
    }

    static Ptr<CellFreeRadarModel> MakeRadar()
    {
        auto radar = CreateObject<CellFreeRadarModel>();
        EXPECT_EQ(radar->AssignStreams(500), CELL_FREE_STREAMS);
        return radar;
    }
};

} // namespace

TEST_F(CellFreeRadarTest, SwerlingFactorIsExponentialWithMeanOne)
{
    // 4.42 standard errors of the exact law: two-sided confidence 1 - 1e-5 each.
    constexpr int DWELLS = 50000;
    auto radar = MakeRadar();
    double sum = 0.0;
    double noise = 0.0;
    double lagged = 0.0;
    double previous = 1.0;
    int aboveMean = 0;
    int aboveThree = 0;
    for (int i = 0; i < DWELLS; ++i)
    {
        const auto look = radar->Draw(7, 1);
        const double x = std::norm(look.reflection);
        sum += x;
        noise += std::norm(look.noise);
        lagged += (x - 1) * (previous - 1);
        aboveMean += x > 1.0;
        aboveThree += x > 3.0;
        previous = x;
    }
    auto bound = [](double variance) { return 4.42 * std::sqrt(variance / DWELLS); };
    auto expectTail = [&bound](int count, double p) {
        EXPECT_NEAR(count / double(DWELLS), p, bound(p * (1 - p)));
    };
    EXPECT_NEAR(sum / DWELLS, 1.0, bound(1.0));
    EXPECT_NEAR(noise / DWELLS, 1.0, bound(1.0));
    EXPECT_NEAR(lagged / DWELLS, 0.0, bound(1.0));
    expectTail(aboveMean, std::exp(-1.0));
    expectTail(aboveThree, std::exp(-3.0));
}

TEST_F(CellFreeRadarTest, LooksAreIndependent)
{
    // Each correlation within 4.42 standard errors: two-sided confidence 1 - 1e-5.
    constexpr int DWELLS = 20000;
    auto radar = MakeRadar();
    double receivers = 0.0;
    double targets = 0.0;
    double transmitters = 0.0;
    double ends = 0.0;
    for (int i = 0; i < DWELLS; ++i)
    {
        auto factor = [](const CellFreeRadarModel::Look& look) {
            return std::norm(look.reflection) - 1.0;
        };
        const double x = factor(radar->Draw(7, 1));
        receivers += x * factor(radar->Draw(7, 2));
        targets += x * factor(radar->Draw(8, 1));
        const double y = factor(radar->Draw(7, 1, 2));
        transmitters += y * factor(radar->Draw(7, 1, 3));
        ends += y * factor(radar->Draw(7, 2, 1));
    }
    for (double sum : {receivers, targets, transmitters, ends})
    {
        EXPECT_NEAR(sum / DWELLS, 0.0, 4.42 / std::sqrt(DWELLS));
    }
}

TEST_F(CellFreeRadarTest, ConstantTargetsKeepTheirCrossSection)
{
    auto radar = MakeRadar();
    radar->SetAttribute("Fluctuation", StringValue("Constant"));
    EXPECT_EQ(radar->GetFluctuation(), ISAC_CONSTANT);
    for (int i = 0; i < 10; ++i)
    {
        EXPECT_EQ(std::norm(radar->Draw(7, 1).reflection), 1.0);
    }
    // The draws go on where they would have been.
    auto other = MakeRadar();
    for (int i = 0; i < 10; ++i)
    {
        other->Draw(7, 1);
    }
    radar->SetAttribute("Fluctuation", StringValue("Swerling1"));
    EXPECT_EQ(radar->Draw(7, 1).reflection, other->Draw(7, 1).reflection);
}

TEST_F(CellFreeRadarTest, DwellsOfALookDoNotDependOnOthers)
{
    auto alone = MakeRadar();
    auto crowd = MakeRadar();
    for (int dwell = 0; dwell < 20; ++dwell)
    {
        crowd->Draw(9, 1);
        crowd->Draw(7, 2);
        crowd->Draw(7, 1, 1);
        const auto a = alone->Draw(7, 1);
        const auto b = crowd->Draw(7, 1);
        EXPECT_EQ(a.reflection, b.reflection);
        EXPECT_EQ(a.noise, b.noise);
    }
}

TEST_F(CellFreeRadarTest, StreamsHoldForLooksDrawnBeforeAndAfter)
{
    auto early = CreateObject<CellFreeRadarModel>();
    early->Draw(7, 1);
    early->AssignStreams(500);
    auto late = MakeRadar();
    EXPECT_EQ(early->Draw(7, 1).reflection, late->Draw(7, 1).reflection);
    EXPECT_EQ(early->Draw(7, 2).reflection, late->Draw(7, 2).reflection);
}

TEST_F(CellFreeRadarTest, PairsOfTooLargeNodesAreRefused)
{
    auto radar = MakeRadar();
    radar->Draw(7, 1023, 1023);
    EXPECT_DEATH(radar->Draw(7, 1024, 1), "1024 and 1: expected less than 1024");
}
