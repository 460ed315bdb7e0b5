// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-radar-model.h"
#include "ns3/double.h"
#include "ns3/isac-detection.h"
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

    static Ptr<CellFreeRadarModel> MakeRadar(uint32_t nTargets)
    {
        auto radar = CreateObject<CellFreeRadarModel>();
        for (uint32_t target = 0; target < nTargets; ++target)
        {
            EXPECT_EQ(radar->AddTarget(), target);
        }
        EXPECT_EQ(radar->AssignStreams(500), nTargets);
        return radar;
    }
};

} // namespace

TEST_F(CellFreeRadarTest, SwerlingFactorIsExponentialWithMeanOne)
{
    // 4.42 standard errors of the exact law: two-sided confidence 1 - 1e-5 each.
    constexpr int DWELLS = 50000;
    auto radar = MakeRadar(1);
    double sum = 0.0;
    double lagged = 0.0;
    double previous = 1.0;
    int aboveMean = 0;
    int aboveThree = 0;
    for (int i = 0; i < DWELLS; ++i)
    {
        radar->BeginDwell(0);
        const double x = radar->GetFluctuation(0);
        EXPECT_EQ(radar->GetFluctuation(0), x);
        sum += x;
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
    EXPECT_NEAR(lagged / DWELLS, 0.0, bound(1.0));
    expectTail(aboveMean, std::exp(-1.0));
    expectTail(aboveThree, std::exp(-3.0));
}

TEST_F(CellFreeRadarTest, DetectionsHappenAsOftenAsTheProbabilitySays)
{
    constexpr int DWELLS = 50000;
    for (const char* fluctuation : {"Swerling1", "Constant"})
    {
        auto radar = MakeRadar(1);
        radar->SetAttribute("Pfa", DoubleValue(1e-2));
        radar->SetAttribute("Fluctuation", StringValue(fluctuation));
        for (double snr : {0.0, 3.0, 12.0})
        {
            int detected = 0;
            for (int i = 0; i < DWELLS; ++i)
            {
                radar->BeginDwell(0);
                detected += radar->IsDetected(0, snr);
            }
            // 4.42 standard errors: two-sided confidence 1 - 1e-5 per comparison.
            const double p = radar->GetDetectionProbability(snr);
            EXPECT_NEAR(detected / double(DWELLS), p, 4.42 * std::sqrt(p * (1 - p) / DWELLS))
                << fluctuation << ", SNR " << snr;
        }
    }
}

TEST_F(CellFreeRadarTest, FluctuationChoosesTheFormula)
{
    auto radar = MakeRadar(1);
    EXPECT_DOUBLE_EQ(radar->GetDetectionProbability(20.0), std::pow(1e-6, 1.0 / 21.0));
    radar->SetAttribute("Fluctuation", StringValue("Constant"));
    EXPECT_EQ(radar->GetDetectionProbability(20.0), GetConstantDetectionProbability(20.0, 1e-6));
    radar->BeginDwell(0);
    EXPECT_EQ(radar->GetFluctuation(0), 1.0);
}

TEST_F(CellFreeRadarTest, DwellsOfOneTargetDoNotDependOnOthers)
{
    auto alone = MakeRadar(1);
    auto crowd = MakeRadar(4);
    std::vector<double> factors;
    for (int dwell = 0; dwell < 20; ++dwell)
    {
        alone->BeginDwell(0);
        crowd->BeginDwell(3);
        crowd->BeginDwell(0);
        crowd->IsDetected(0, 5.0);
        EXPECT_EQ(alone->GetFluctuation(0), crowd->GetFluctuation(0));
        EXPECT_EQ(alone->IsDetected(0, 9.0), crowd->IsDetected(0, 9.0));
        EXPECT_NE(crowd->GetFluctuation(3), crowd->GetFluctuation(0));
    }
}

TEST_F(CellFreeRadarTest, BeforeTheFirstDwellNothingIsSeen)
{
    auto radar = MakeRadar(1);
    EXPECT_EQ(radar->GetFluctuation(0), 0.0);
    EXPECT_FALSE(radar->IsDetected(0, 1e12));
}

TEST_F(CellFreeRadarTest, BadInputIsRefused)
{
    auto radar = MakeRadar(1);
    for (double pfa : {0.0, -1.0, 0.6, double(NAN)})
    {
        EXPECT_FALSE(radar->SetAttributeFailSafe("Pfa", DoubleValue(pfa))) << pfa;
    }
}
