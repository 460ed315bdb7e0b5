// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * Energy: the published arithmetic, and accounts against another account of the same plans.
 */

#include "../cell-free-test-scenario.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-energy-model.h"
#include "ns3/double.h"
#include "ns3/isac-metrics.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <vector>

using namespace ns3;

namespace
{

/// A network with energy models and an account of its own.
class Network
{
  public:
    /**
     * @brief Builds it.
     * @param policy the policy
     * @param nFrames frames that arrive in all, to one UE
     * @param args attributes of the model
     */
    template <typename... Args>
    Network(const std::string& policy, uint32_t nFrames, Args&&... args)
    {
        CellFreeTestScenario::Options options;
        options.policy = policy;
        options.hasInternet = false;
        options.nTargets = 0;
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetFrameAttribute("Pattern", StringValue("DDDSU"));
        };
        scenario = std::make_unique<CellFreeTestScenario>(options);
        scenario->helper.EnableEnergy(std::forward<Args>(args)...);
        model = scenario->cpu->GetObject<CellFreeEnergyModel>();
        model->TraceConnectWithoutContext(
            "Energy",
            Callback<void, const CellFreeEnergySample&>(
                [this](const CellFreeEnergySample& sample) { samples.push_back(sample); }));
        scenario->cpu->TraceConnectWithoutContext(
            "Outcome",
            Callback<void, const CellFreeSlotPlan&, const CellFreeSlotOutcome&>(
                [this](const CellFreeSlotPlan& plan, const CellFreeSlotOutcome&) {
                    busy.insert(plan.slot);
                    // A special slot sends on 10 of its 14 symbols.
                    const double share = plan.isUplink        ? 0.0
                                         : plan.slot % 5 == 3 ? 10.0 / 14.0
                                                              : 1.0;
                    for (std::size_t m = 0; m < plan.aps.size(); ++m)
                    {
                        radiated[m] +=
                            share * 0.5e-3 *
                            (plan.isUplink ? 0.0 : cellfree::GetApPower(plan.beams[0], m));
                    }
                }));
        scenario->AddFrames(scenario->all.Get(0),
                            scenario->GetUeDevice(0),
                            MilliSeconds(10),
                            MilliSeconds(10) + nFrames * MicroSeconds(200),
                            MicroSeconds(200));
    }

    std::unique_ptr<CellFreeTestScenario> scenario; //!< the network
    Ptr<CellFreeEnergyModel> model;                 //!< its energy
    std::vector<CellFreeEnergySample> samples;      //!< what it said
    std::map<std::size_t, double> radiated;         //!< by AP (J), by the other account
    std::set<uint64_t> busy;                        //!< slots with a plan
};

} // namespace

TEST(IsacEnergy, ProcessingIsThatOfTheAuthorsScript)
{
    // Values of the lines Cfilter .. XLP of the script, with N = 4 and its other parameters, worked
    // out by hand.
    const IsacProcessing p;
    const double filters = 40.0 * 4 * 30.72e6 / 1e9;
    const double transforms = 8.0 * 4 * 2048 * 11 / 71.4e-6 / 1e9;
    EXPECT_NEAR(cellfree::GetTransformGops(p), filters + transforms, 1e-12);
    EXPECT_NEAR(filters, 4.9152, 1e-12);
    EXPECT_NEAR(transforms, 10.0966, 1e-4);
    const double perBlock = 1200 / (71.4e-6 * 192 * 1e9);
    const double precoder =
        perBlock * ((8 * 4 * 8 + 8 * 16) * 8 + (4 * 16 + 16) * 8 + 8.0 * 60 / 3);
    const double other = std::pow(0.75, 1.2) * 5.2 + std::pow(0.75, 0.2) * 5.4;
    EXPECT_NEAR(cellfree::GetPrecoderGops(p), precoder + other, 1e-12);
    EXPECT_NEAR(cellfree::GetServingGops(p), perBlock * (184 * 32 + 32 + 256), 1e-12);
    EXPECT_NEAR(cellfree::GetUeGops(p, 6.0), std::pow(0.75, 1.2) * 2.6 + 8, 1e-12);
    EXPECT_EQ(cellfree::GetUeGops(p, 0.0), 0.0);
    EXPECT_NEAR(cellfree::GetEnergyFronthaulRate(p, ISAC_SPLIT_8), 2.94912e9, 1.0);
    EXPECT_NEAR(cellfree::GetEnergyFronthaulRate(p, ISAC_SPLIT_72X), 1.61345e9, 1e4);
    // Three and six APs share 10 Gb/s.
    EXPECT_EQ(cellfree::CountLineCards(36, 2.94912e9, 10e9), 12.0);
    EXPECT_EQ(cellfree::CountLineCards(36, 1.61345e9, 10e9), 6.0);
    EXPECT_EQ(cellfree::CountLineCards(37, 1.61345e9, 10e9), 7.0);
    EXPECT_EQ(cellfree::CountLineCards(3, 25e9, 10e9), 9.0);
    EXPECT_EQ(cellfree::CountLineCards(0, 1e9, 10e9), 0.0);
}

TEST(CellFreeEnergyModel, AnIdleNetworkTakesWhatIsOn)
{
    for (const bool canSleep : {false, true})
    {
        Network network("cb", 0, "Sleep", BooleanValue(canSleep), "SleepPower", DoubleValue(1.5));
        CellFreeTestScenario::Run(Seconds(0.35));
        network.model->Finish();
        const auto& total = network.model->GetTotal();
        const auto p = network.model->GetProcessing();
        EXPECT_NEAR(total.seconds, 0.35, 1e-12);
        EXPECT_EQ(total.bits, 0.0);
        EXPECT_EQ(total.radiated, 0.0);
        // 4 APs of 4 antennas; one line card and one processor suffice.
        EXPECT_NEAR(total.ap, 0.35 * 4 * (canSleep ? 1.5 : 6.8 * 4), 1e-9);
        EXPECT_NEAR(total.fronthaul, canSleep ? 0.0 : 0.35 * (4 * 7.7 + 20 / 0.9), 1e-9);
        const double perAp = 20.8 + 74.0 / 180 * cellfree::GetTransformGops(p) +
                             74.0 / 180 / 0.9 * cellfree::GetPrecoderGops(p);
        EXPECT_NEAR(total.processing,
                    0.35 * (120 + (canSleep ? 0.0 : 20.8 / 0.9 + 4 * perAp)),
                    1e-9);
        // Reports at 0.1, 0.2, 0.3 and 0.35 s.
        ASSERT_EQ(network.samples.size(), 4U * 4);
        double sum = 0.0;
        for (const auto& sample : network.samples)
        {
            EXPECT_EQ(sample.asleep, canSleep ? 1.0 : 0.0);
            sum += sample.ap + sample.fronthaul + sample.processing;
        }
        EXPECT_NEAR(sum, total.GetEnergy(), 1e-9);
        EXPECT_EQ(network.samples.back().start, MilliSeconds(300));
        EXPECT_EQ(network.samples.back().end, MilliSeconds(350));
    }
}

TEST(CellFreeEnergyModel, WhatBeamsRadiateIsConserved)
{
    for (const std::string split : {"Split8", "Split72x"})
    {
        Network network("cb",
                        500,
                        "Interval",
                        TimeValue(MilliSeconds(7)),
                        "Split",
                        StringValue(split));
        CellFreeTestScenario::Run(Seconds(0.2));
        network.model->Finish();
        const auto& total = network.model->GetTotal();
        std::map<uint32_t, double> radiated;
        double ap = 0.0;
        double fronthaul = 0.0;
        double processing = 0.0;
        for (const auto& sample : network.samples)
        {
            radiated[sample.apId] += sample.radiated;
            ap += sample.ap;
            fronthaul += sample.fronthaul;
            processing += sample.processing;
            EXPECT_EQ(sample.asleep, 0.0);
        }
        double sum = 0.0;
        for (std::size_t m = 0; m < 4; ++m)
        {
            EXPECT_GT(network.radiated[m], 0.0);
            EXPECT_NEAR(radiated[network.scenario->channel->GetApId(m)] / network.radiated[m],
                        1.0,
                        1e-12);
            sum += network.radiated[m];
        }
        EXPECT_NEAR(total.radiated / sum, 1.0, 1e-12);
        EXPECT_NEAR(total.ap, 0.2 * 4 * 4 * 6.8 + 4 * sum, 1e-9);
        EXPECT_NEAR(ap, total.ap, 1e-9);
        EXPECT_NEAR(fronthaul, total.fronthaul, 1e-9);
        EXPECT_NEAR(processing, total.processing, 1e-9);
        // All frames came through, in blocks with their headers and padding.
        const auto& counters = network.scenario->mac->GetCounters(0, false);
        EXPECT_EQ(counters.pendingBytes, 0U);
        EXPECT_GT(total.bits, 8.0 * counters.deliveredBytes);
    }
}

TEST(CellFreeEnergyModel, SleepingSavesAndChangesNothingElse)
{
    std::vector<CellFreeEnergyModel::Total> totals;
    for (const bool canSleep : {false, true})
    {
        Network network("cb", 200, "Sleep", BooleanValue(canSleep));
        CellFreeTestScenario::Run(Seconds(0.2));
        network.model->Finish();
        totals.push_back(network.model->GetTotal());
        if (canSleep)
        {
            double asleep = 0.0;
            for (const auto& sample : network.samples)
            {
                asleep += sample.asleep * (sample.end - sample.start).GetSeconds() / 4;
            }
            EXPECT_NEAR(asleep, 0.2 - 0.5e-3 * network.busy.size(), 1e-12);
            EXPECT_GT(asleep, 0.05);
        }
    }
    EXPECT_EQ(totals[0].bits, totals[1].bits);
    EXPECT_EQ(totals[0].radiated, totals[1].radiated);
    EXPECT_LT(totals[1].ap, 0.8 * totals[0].ap);
    EXPECT_LE(totals[1].fronthaul, totals[0].fronthaul);
    EXPECT_LT(totals[1].processing, totals[0].processing);
}

TEST(CellFreeEnergyModel, ContradictionsAreNamed)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(
        {
            Network network("cb", 0, "Interval", TimeValue(MicroSeconds(700)));
            CellFreeTestScenario::Run(Seconds(0.1));
        },
        "CellFreeEnergyModel::Interval = .*: expected a multiple of the slot");
    EXPECT_DEATH(
        {
            Network network("cb", 0);
            network.scenario->helper.EnableEnergy();
        },
        "EnableEnergy was called twice for a CPU");
    EXPECT_DEATH(Network("cb", 0, "WavelengthRate", StringValue("0b/s")),
                 "WavelengthRate = 0 b/s: expected at least 1 b/s");
}
