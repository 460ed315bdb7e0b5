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

TEST_F(CellFreeRadarTest, SwerlingThreeFactorsHaveTheGammaLaw)
{
    // 4.42 standard errors of the exact law: two-sided confidence 1 - 1e-5 each. |alpha|^2 of mean
    // 1 and variance 1/2, P(> x) = (1 + 2 x) e^(-2 x); the phase is as likely up as down.
    constexpr int DWELLS = 50000;
    for (const auto* name : {"Swerling3", "Swerling4"})
    {
        auto radar = MakeRadar();
        radar->SetAttribute("Fluctuation", StringValue(name));
        double sum = 0.0;
        double noise = 0.0;
        int above = 0;
        int up = 0;
        for (int i = 0; i < DWELLS; ++i)
        {
            const auto look = radar->Draw(7, 1);
            const double x = std::norm(look.reflection);
            sum += x;
            noise += std::norm(look.noise);
            above += x > 2.0;
            up += look.reflection.imag() > 0.0;
        }
        const auto bound = [](double variance) { return 4.42 * std::sqrt(variance / DWELLS); };
        const double tail = 5 * std::exp(-4.0);
        EXPECT_NEAR(sum / DWELLS, 1.0, bound(0.5));
        EXPECT_NEAR(noise / DWELLS, 1.0, bound(1.0));
        EXPECT_NEAR(above / double(DWELLS), tail, bound(tail * (1 - tail)));
        EXPECT_NEAR(up / double(DWELLS), 0.5, bound(0.25));
    }
}

TEST_F(CellFreeRadarTest, IntervalsOfADwellFluctuateByCase)
{
    for (const auto& [name, isSame] : {std::pair<const char*, bool>{"Swerling1", true},
                                       {"Swerling2", false},
                                       {"Swerling3", true},
                                       {"Swerling4", false},
                                       {"Constant", true}})
    {
        auto radar = MakeRadar();
        radar->SetAttribute("Fluctuation", StringValue(name));
        IsacEchoes echoes;
        echoes.Resize(2, 3);
        radar->DrawIntervals(7, 1, 0, 0, echoes);
        radar->DrawIntervals(7, 1, 2, 0, 1, echoes);
        for (Eigen::Index k = 0; k < 2; ++k)
        {
            EXPECT_EQ(echoes.reflection(0, k) == echoes.reflection(1, k), isSame) << name;
            EXPECT_EQ(echoes.reflection(0, k) == echoes.reflection(2, k), isSame) << name;
            EXPECT_NE(echoes.noise(0, k), echoes.noise(1, k)) << name;
            EXPECT_EQ(echoes.reference(k), 0.0);
        }
    }
}

TEST_F(CellFreeRadarTest, OneIntervalIsADwellOfBefore)
{
    auto radar = MakeRadar();
    auto other = MakeRadar();
    IsacEchoes echoes;
    echoes.Resize(2, 1);
    for (int dwell = 0; dwell < 5; ++dwell)
    {
        // Reference cells have streams of their own.
        radar->DrawIntervals(7, 1, 10, 0, echoes);
        radar->DrawIntervals(7, 1, 2, 10, 1, echoes);
        const auto receiver = other->Draw(7, 1);
        const auto pair = other->Draw(7, 1, 2);
        EXPECT_EQ(echoes.reflection(0, 0), receiver.reflection);
        EXPECT_EQ(echoes.noise(0, 0), receiver.noise);
        EXPECT_EQ(echoes.reflection(0, 1), pair.reflection);
        EXPECT_EQ(echoes.noise(0, 1), pair.noise);
        Eigen::VectorXd power;
        echoes.GetPower(Eigen::Vector2d(3.0, 5.0), power);
        EXPECT_EQ(power(0), std::norm(std::sqrt(3.0) * receiver.reflection + receiver.noise));
        EXPECT_EQ(power(1), std::norm(std::sqrt(5.0) * pair.reflection + pair.noise));
    }
}

TEST_F(CellFreeRadarTest, ReferenceCellsHaveTheGammaLaw)
{
    // Energy of 4 cells in 2 intervals: mean and variance 8; 4.42 standard errors.
    constexpr int DWELLS = 20000;
    auto radar = MakeRadar();
    IsacEchoes echoes;
    echoes.Resize(1, 2);
    double sum = 0.0;
    double squares = 0.0;
    double shared = 0.0;
    for (int i = 0; i < DWELLS; ++i)
    {
        radar->DrawIntervals(7, 1, 4, 0, echoes);
        const double x = echoes.reference(0) - 8;
        sum += x;
        squares += x * x;
        shared += x * (std::norm(echoes.noise(0, 0)) - 1);
    }
    EXPECT_NEAR(sum / DWELLS, 0.0, 4.42 * std::sqrt(8.0 / DWELLS));
    // The variance of a squared gamma variable of shape 8: 8 (2 8 + 6).
    EXPECT_NEAR(squares / DWELLS, 8.0, 4.42 * std::sqrt(8.0 * 22 / DWELLS));
    EXPECT_NEAR(shared / DWELLS, 0.0, 4.42 * std::sqrt(8.0 / DWELLS));
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
