// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * Fronthauls with limits: loads by hand, queues by another account of them, and what lateness does.
 */

#include "../cell-free-test-scenario.h"

#include "ns3/cell-free-fronthaul.h"
#include "ns3/cell-free-mcs.h"
#include "ns3/cell-free-run-statistics.h"
#include "ns3/data-rate.h"
#include "ns3/integer.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// The attributes of a fronthaul that a test sets.
using Attributes = std::map<std::string, std::string>;

/// A network with frames in both directions and what its traces said.
class Network
{
  public:
    /// Builds it. @param attributes of a CellFreeLimitedFronthaul @param configure the rest
    explicit Network(const std::optional<Attributes>& attributes,
                     const std::function<void(CellFreeTestScenario::Options&)>& configure = nullptr)
    {
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        options.policy = "cb";
        if (configure)
        {
            configure(options);
        }
        scenario = std::make_unique<CellFreeTestScenario>(options);
        if (attributes)
        {
            fronthaul = CreateObject<CellFreeLimitedFronthaul>();
            for (const auto& [name, value] : *attributes)
            {
                fronthaul->SetAttribute(name, StringValue(value));
            }
            scenario->cpu->SetAttribute("Fronthaul", PointerValue(fronthaul));
            fronthaul->TraceConnectWithoutContext(
                "Load",
                Callback<void, const CellFreeFronthaulLoad&>(
                    [this](const CellFreeFronthaulLoad& load) { loads.push_back(load); }));
        }
        scenario->cpu->TraceConnectWithoutContext(
            "UeSample",
            Callback<void, const CellFreeUeSample&>([this](const CellFreeUeSample& s) {
                samples << s.slot << ' ' << s.isUplink << ' ' << s.ueId << ' ' << s.sinr << ' '
                        << s.believedSinr << ' ' << s.mcs << ' ' << s.isDecoded << '\n';
                EXPECT_GT(s.sinr, 0.0);
                EXPECT_TRUE(std::isfinite(s.sinr));
            }));
        scenario->cpu->TraceConnectWithoutContext(
            "Outcome",
            Callback<void, const CellFreeSlotPlan&, const CellFreeSlotOutcome&>(
                [this](const CellFreeSlotPlan& plan, const CellFreeSlotOutcome&) {
                    OnOutcome(plan);
                }));
        scenario->cpu->TraceConnectWithoutContext(
            "Decision",
            Callback<void, const CellFreeDecision&>(
                [this](const CellFreeDecision& decision) { delays.push_back(decision.delay); }));
        for (uint32_t u = 0; u < options.nUes; ++u)
        {
            const auto gateway = scenario->all.Get(0);
            const auto device = scenario->GetUeDevice(u);
            const auto step = MicroSeconds(200);
            scenario->AddFrames(gateway, device, Seconds(0), Seconds(1), step);
            scenario->AddFrames(device, gateway, Seconds(0), Seconds(1), 4 * step);
        }
    }

    /// Runs it. @param time how long
    void Simulate(Time time)
    {
        CellFreeTestScenario::Run(time);
        for (uint32_t u : scenario->mac->GetUes())
        {
            for (const bool isUplink : {false, true})
            {
                const auto& c = scenario->mac->GetCounters(u, isUplink);
                EXPECT_EQ(c.enqueuedBytes, c.deliveredBytes + c.droppedBytes + c.pendingBytes);
                delivered[isUplink] += c.deliveredBytes;
            }
        }
    }

    /// Checks that who sits out does so. @param plan a plan that was on the air
    void OnOutcome(const CellFreeSlotPlan& plan)
    {
        for (std::size_t i = 0; i < plan.ues.size(); ++i)
        {
            EXPECT_GT(plan.CountServingAps(i), 0U);
        }
        for (std::size_t m = 0; m < plan.aps.size(); ++m)
        {
            const auto id = scenario->channel->GetApId(plan.aps[m]);
            const bool isLate = std::any_of(loads.begin(), loads.end(), [&](const auto& load) {
                return load.isLate && load.slot == plan.slot && load.apId == id;
            });
            const bool serves =
                plan.ues.empty() || plan.serving.size() == 0 || plan.serving.row(m).any();
            EXPECT_TRUE(!isLate || plan.ues.empty() || !serves);
            for (const auto& band : plan.beams)
            {
                EXPECT_TRUE(!isLate || plan.isUplink || band.Ap(m).isZero(0.0));
            }
            nServing += serves && !plan.ues.empty();
        }
    }

    Ptr<CellFreeLimitedFronthaul> fronthaul;        //!< null if it is ideal
    std::unique_ptr<CellFreeTestScenario> scenario; //!< the network
    std::vector<CellFreeFronthaulLoad> loads;       //!< of all APs
    std::vector<uint32_t> delays;                   //!< of the decisions
    std::ostringstream samples;                     //!< of all streams
    uint64_t delivered[2]{};                        //!< bytes: down, up
    uint64_t nServing{0};                           //!< APs that served, summed over plans
};

/// Loads of one kind. @param loads all @param kind which @return them
std::vector<CellFreeFronthaulLoad>
Select(const std::vector<CellFreeFronthaulLoad>& loads, CellFreeFronthaulLoad::Kind kind)
{
    std::vector<CellFreeFronthaulLoad> selected;
    std::copy_if(loads.begin(), loads.end(), std::back_inserter(selected), [kind](auto& load) {
        return load.kind == kind;
    });
    return selected;
}

} // namespace

TEST(CellFreeFronthaul, WithoutLimitItIsTheIdealOne)
{
    std::string samples;
    {
        Network ideal(std::nullopt);
        ideal.Simulate(Seconds(0.1));
        samples = ideal.samples.str();
    }
    EXPECT_GT(samples.size(), 10000U);
    for (const std::string split : {"Split8", "Split72x", "Local"})
    {
        for (const std::string rate : {"0b/s", "100Gb/s"})
        {
            Network run(Attributes{{"Rate", rate}, {"Split", split}});
            run.Simulate(Seconds(0.1));
            EXPECT_EQ(run.samples.str(), samples) << split << ' ' << rate;
            EXPECT_GT(run.loads.size(), 700U);
            for (const auto& load : run.loads)
            {
                EXPECT_FALSE(load.isLate);
                EXPECT_EQ(std::isinf(load.capacity), rate == "0b/s");
            }
        }
    }
}

TEST(CellFreeFronthaul, LoadsAreThoseByHand)
{
    // 4 antennas, 51 resource blocks, DDDU, 3 UEs and in every second 10 ms a target.
    const auto configure = [](CellFreeTestScenario::Options& options) {
        options.nTargets = 0;
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetFrameAttribute("PilotSymbols", IntegerValue(2));
        };
    };
    {
        Network run(Attributes{{"Split", "Split8"}}, configure);
        run.Simulate(Seconds(0.05));
        // 30.72 MHz for 0.5 ms, 30 bits a sample, 16 words for 15.
        for (const auto& load : run.loads)
        {
            EXPECT_EQ(load.load, 4U * 15360 * 30 * 16 / 15);
        }
        EXPECT_EQ(Select(run.loads, CellFreeFronthaulLoad::UPLINK).size(), 0U);
        EXPECT_EQ(Select(run.loads, CellFreeFronthaulLoad::PILOTS).size(), 4U * 25);
    }
    {
        Network run(Attributes{{"Split", "Split72x"}}, configure);
        run.Simulate(Seconds(0.05));
        const uint64_t symbol = 8 * (51 * 28 + 60); // one message
        const uint64_t beam = 8 * 66 + 2 * 4 * 9 + 8;
        const auto down = Select(run.loads, CellFreeFronthaulLoad::DOWNLINK);
        uint32_t nFull = 0;
        for (const auto& load : down)
        {
            const uint64_t nStreams = (load.load - 2 * symbol) / (12 * symbol + beam);
            EXPECT_EQ(load.load, nStreams * (12 * symbol + beam) + 2 * symbol);
            EXPECT_LE(nStreams, 3U);
            nFull += nStreams == 3;
        }
        EXPECT_GT(nFull, 100U);
        for (const auto& load : Select(run.loads, CellFreeFronthaulLoad::PILOTS))
        {
            EXPECT_EQ(load.load, 4 * 2 * symbol);
        }
        const auto up = Select(run.loads, CellFreeFronthaulLoad::UPLINK);
        EXPECT_GT(up.size(), 50U);
        for (const auto& load : up)
        {
            // Whole resource blocks on the 12 symbols without pilots.
            const uint64_t perSymbol = load.load / (4 * 12 * 8) - 60;
            EXPECT_EQ(load.load % (4 * 12 * 8), 0U);
            EXPECT_EQ(perSymbol % 28, 0U);
            EXPECT_LE(perSymbol / 28, 51U);
        }
    }
    {
        Network run(Attributes{{"Split", "Local"}}, configure);
        std::map<uint64_t, uint64_t> bits;
        run.scenario->cpu->TraceConnectWithoutContext(
            "Outcome",
            Callback<void, const CellFreeSlotPlan&, const CellFreeSlotOutcome&>(
                [&](const CellFreeSlotPlan& plan, const CellFreeSlotOutcome&) {
                    for (std::size_t i = 0; i < plan.ues.size(); ++i)
                    {
                        const uint64_t coefficient = 8 * 66 + 2 * 9 + 8;
                        bits[plan.slot] +=
                            coefficient +
                            (plan.isUplink ? (plan.symbols[i] + 11) / 12 * 28 * 8
                             : plan.mcs[i] >= 0
                                 ? 8 * run.scenario->link->GetErrorModel()->GetBlockBytes(
                                           plan.mcs[i],
                                           plan.symbols[i])
                                 : 0);
                    }
                }));
        run.Simulate(Seconds(0.05));
        EXPECT_GT(run.loads.size(), 300U);
        for (const auto& load : run.loads)
        {
            EXPECT_NE(load.kind, CellFreeFronthaulLoad::PILOTS);
            EXPECT_EQ(load.load, bits[load.slot]) << load.slot;
        }
    }
}

TEST(CellFreeFronthaul, QueuesDrainAtTheirRate)
{
    // The CPU decides two slots ahead, which the links may use: backlogs appear.
    uint32_t nAllLate = 0;
    uint32_t nAllBehind = 0;
    for (const std::string rate : {"60Mb/s", "300Mb/s", "700Mb/s", "900Mb/s", "1.1Gb/s"})
    {
        for (const std::string delay : {"0us", "100us", "700us"})
        {
            SCOPED_TRACE(rate + " " + delay);
            Network run(Attributes{{"Rate", rate}, {"Delay", delay}},
                        [](CellFreeTestScenario::Options& options) { options.decisionDelay = 2; });
            run.Simulate(Seconds(0.1));
            const double bitRate = DataRate(rate).GetBitRate();
            const double lag = Time(delay).GetSeconds();
            std::map<std::pair<uint32_t, bool>, double> freeAt; // when a link has sent everything
            uint32_t nLate = 0;
            uint32_t nBehind = 0;
            for (const auto& load : run.loads)
            {
                const bool isDown = load.kind == CellFreeFronthaulLoad::DOWNLINK;
                auto& end = freeAt[{load.apId, isDown}];
                const double now = load.time.GetSeconds();
                const double arrival =
                    std::max(now, end) + load.load / bitRate + (isDown ? lag : 0.0);
                const double due = (load.slot + 1) * 0.5e-3;
                EXPECT_NEAR(load.backlog, std::max(0.0, end - now) * bitRate, 1.0);
                if (std::abs(arrival - due) > 1e-10)
                {
                    EXPECT_EQ(load.isLate, arrival > due);
                }
                end = load.isLate ? end : std::max(now, end) + load.load / bitRate;
                nLate += load.isLate;
                nBehind += load.backlog > 0.0;
            }
            EXPECT_GT(run.loads.size(), 300U);
            nAllLate += nLate;
            nAllBehind += nBehind;
            EXPECT_EQ(nLate > 0, rate == "60Mb/s" || rate == "300Mb/s");
        }
    }
    EXPECT_GT(nAllLate, 50U);
    EXPECT_GT(nAllBehind, 50U);
}

TEST(CellFreeFronthaul, DelayAddsDownlinkSlots)
{
    // DDDU: after 700 us comes the second slot, or the third where the uplink lies between.
    for (const auto& [delay, expected] :
         std::map<std::string, std::vector<uint32_t>>{{"0us", {0}},
                                                      {"500us", {1}},
                                                      {"501us", {1, 2}},
                                                      {"1ms", {1, 2}},
                                                      {"2ms", {3}}})
    {
        Network run(Attributes{{"Delay", delay}});
        run.Simulate(Seconds(0.05));
        ASSERT_GT(run.delays.size(), 50U);
        for (uint32_t slots : run.delays)
        {
            EXPECT_NE(std::find(expected.begin(), expected.end(), slots), expected.end())
                << delay << ": " << slots;
        }
        for (const auto& load : Select(run.loads, CellFreeFronthaulLoad::DOWNLINK))
        {
            EXPECT_GE(0.5e-3 * load.slot, (load.time + Time(delay)).GetSeconds() - 1e-12);
        }
        EXPECT_GT(run.delivered[0], 100000U);
    }
}

TEST(CellFreeFronthaul, WhoIsLateSitsOutAndNothingIsLost)
{
    // A link that carries nothing: no beams, no data, no errors, and all packets wait or drop.
    for (const std::string split : {"Split8", "Split72x", "Local"})
    {
        Network run(Attributes{{"Rate", "1kb/s"}, {"Split", split}});
        run.Simulate(Seconds(0.1));
        EXPECT_EQ(run.delivered[0], 0U);
        EXPECT_EQ(run.delivered[1], 0U);
        EXPECT_EQ(run.nServing, 0U);
        EXPECT_GT(run.loads.size(), 100U);
    }
    // Links that fail now and then, for one AP or another.
    std::mt19937 engine(7);
    uint64_t most = 0;
    for (int k = 0; k < 60; ++k)
    {
        const std::vector<std::string> splits{"Split8", "Split72x", "Local"};
        const std::vector<double> scales{2.1e9, 1e9, 3e7};
        const int split = k % 3;
        const double rate =
            scales[split] * std::exp(std::uniform_real_distribution<>(-1.5, 0.3)(engine));
        std::ostringstream text;
        text << static_cast<uint64_t>(rate) << "b/s";
        RngSeedManager::SetRun(100 + k);
        Network run(Attributes{{"Rate", text.str()}, {"Split", splits[split]}},
                    [k](CellFreeTestScenario::Options& options) {
                        options.decisionDelay = k % 4;
                        options.nUes = 1 + k % 5;
                        options.nTargets = k % 2;
                        options.configure = [k](CellFreeIsacHelper& helper) {
                            helper.SetFrameAttribute("Pattern",
                                                     StringValue(k % 7 ? "DDDSU" : "DU"));
                            helper.SetFrameAttribute("PilotSymbols", IntegerValue(k % 3));
                        };
                    });
        // Another rate in the middle.
        Simulator::Schedule(Seconds(0.03), [&run, rate]() {
            run.fronthaul->SetAttribute("Rate", DataRateValue(DataRate(uint64_t(0.5 * rate))));
        });
        Simulator::Schedule(Seconds(0.04), [&run, rate]() {
            run.fronthaul->SetAttribute("Rate", DataRateValue(DataRate(uint64_t(2 * rate))));
        });
        run.Simulate(Seconds(0.06));
        most = std::max(most, run.delivered[0]);
    }
    RngSeedManager::SetRun(1);
    EXPECT_GT(most, 100000U);
}

TEST(CellFreeFronthaul, WhatFitsIsSentWhereNotAllOfItFits)
{
    // One stream of three, and a third of the resource blocks.
    Network run(Attributes{{"Rate", "400Mb/s"}});
    run.Simulate(Seconds(0.1));
    for (const auto& load : run.loads)
    {
        EXPECT_FALSE(load.isLate);
    }
    EXPECT_GT(run.delivered[0], 100000U);
    EXPECT_GT(run.delivered[1], 10000U);
}

TEST(CellFreeFronthaul, MoreOfItNeverHurts)
{
    // Paired over 8 drops: what a step of the rate adds is nowhere below zero at 95 %. With a
    // policy that separates UEs: under cb, fewer of them in a slot may deliver more.
    for (const std::string split : {"Split72x", "Local"})
    {
        const double scale = split == "Local" ? 3e7 : 1e9;
        std::vector<std::vector<double>> delivered;
        for (const double factor : {0.3, 0.5, 0.7, 1.0, 1.3, 4.0})
        {
            delivered.emplace_back();
            for (int drop = 1; drop <= 8; ++drop)
            {
                RngSeedManager::SetRun(drop);
                std::ostringstream rate;
                rate << static_cast<uint64_t>(factor * scale) << "b/s";
                Network run(Attributes{{"Rate", rate.str()}, {"Split", split}},
                            [](CellFreeTestScenario::Options& options) { options.policy = "rzf"; });
                run.Simulate(Seconds(0.06));
                delivered.back().push_back(run.delivered[0] + run.delivered[1]);
            }
        }
        RngSeedManager::SetRun(1);
        for (std::size_t i = 1; i < delivered.size(); ++i)
        {
            const auto step = cellfree::GetPairedDifference(delivered[i], delivered[i - 1]);
            EXPECT_GE(step.high, 0.0) << split << ", step " << i << ": " << step.mean;
        }
        const auto whole = cellfree::GetPairedDifference(delivered.back(), delivered.front());
        EXPECT_GT(whole.low, 0.0) << split;
    }
}
