// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * The frame: what each symbol of each slot is for, counted one by one.
 */

#include "../cell-free-test-scenario.h"

#include "ns3/cell-free-frame.h"
#include "ns3/integer.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <tuple>
#include <vector>

using namespace ns3;

namespace
{

/// What a frame is made of.
struct Overheads
{
    std::string pattern{"DDDU"};       //!< attribute Pattern
    std::string specialSlot{"10:2:2"}; //!< attribute SpecialSlot
    uint32_t data{12};                 //!< attribute DataSymbols
    int32_t pilots{-1};                //!< attribute PilotSymbols
    uint32_t guard{0};                 //!< attribute GuardSymbols
    uint32_t sensing{0};               //!< attribute SensingSymbols
};

/// Makes a frame.
Ptr<CellFreeFrame>
MakeFrame(const Overheads& overheads)
{
    auto frame = CreateObject<CellFreeFrame>();
    frame->SetAttribute("Pattern", StringValue(overheads.pattern));
    frame->SetAttribute("SpecialSlot", StringValue(overheads.specialSlot));
    frame->SetAttribute("DataSymbols", UintegerValue(overheads.data));
    frame->SetAttribute("PilotSymbols", IntegerValue(overheads.pilots));
    frame->SetAttribute("GuardSymbols", UintegerValue(overheads.guard));
    frame->SetAttribute("SensingSymbols", UintegerValue(overheads.sensing));
    return frame;
}

/// One letter per symbol of a slot: c control, d data, p pilot, s sensing, - guard; lower case
/// down, upper case up.
std::string
LayOut(const Overheads& o, uint64_t slot)
{
    const char kind = o.pattern[slot % o.pattern.size()];
    const char next = o.pattern[(slot + 1) % o.pattern.size()];
    const uint32_t control = 14 - o.data;
    uint32_t down = kind == 'D' ? 14 : 0;
    uint32_t guard = kind == 'D' && next == 'U' ? o.guard : 0;
    uint32_t up = kind == 'U' ? 14 : 0;
    if (kind == 'S')
    {
        down = std::stoi(o.specialSlot);
        guard = std::stoi(o.specialSlot.substr(o.specialSlot.find(':') + 1));
        up = 14 - down - guard;
    }
    else
    {
        down -= guard;
    }
    std::string symbols;
    for (uint32_t i = 0; i < down; ++i)
    {
        symbols += i < control ? 'c' : i < control + o.sensing ? 's' : 'd';
    }
    symbols += std::string(guard, '-');
    const auto pilots = static_cast<uint32_t>(std::max(0, o.pilots));
    for (uint32_t i = 0; i < up; ++i)
    {
        // A special slot has no room for more than pilots.
        symbols += i < pilots ? 'P' : kind == 'S' ? 'X' : i < pilots + control ? 'C' : 'D';
    }
    return symbols;
}

} // namespace

TEST(CellFreeFrame, EverySymbolIsCountedOnce)
{
    std::vector<Overheads> all;
    for (const std::string pattern : {"UD", "D", "DDDU", "DDDSU", "DSUUD", "DDSU"})
    {
        for (const auto& [special, data, pilots, guard, sensing] :
             std::vector<std::tuple<std::string, uint32_t, int32_t, uint32_t, uint32_t>>{
                 {"10:2:2", 12, -1, 0, 0},
                 {"10:2:2", 12, 1, 1, 0},
                 {"6:4:4", 13, 4, 2, 3},
                 {"12:1:1", 11, 3, 0, 5},
                 {"11:3:0", 14, 2, 1, 0}})
        {
            all.push_back({pattern, special, data, pilots, guard, sensing});
        }
    }
    for (const auto& o : all)
    {
        SCOPED_TRACE(o.pattern + " " + o.specialSlot);
        const auto frame = MakeFrame(o);
        EXPECT_EQ(frame->FindError(), "");
        frame->Initialize();
        const uint64_t period = o.pattern.size();
        double down = 0.0;
        double up = 0.0;
        std::vector<uint64_t> illuminating;
        for (uint64_t slot = 0; slot < 3 * period; ++slot)
        {
            const auto symbols = LayOut(o, slot);
            ASSERT_EQ(symbols.size(), 14U);
            const auto count = [&symbols](const std::string& letters) {
                return std::count_if(symbols.begin(), symbols.end(), [&](char c) {
                    return letters.find(c) != std::string::npos;
                });
            };
            EXPECT_EQ(frame->GetDownlinkSymbols(slot), count("cds"));
            EXPECT_EQ(frame->GetUplinkSymbols(slot), count("CDPX"));
            EXPECT_EQ(frame->GetPilotSymbols(slot), count("P"));
            EXPECT_EQ(frame->HasPilots(slot), count("CDPX") > 0);
            EXPECT_EQ(frame->IsUplink(slot), count("D") > 0);
            const auto data = count(frame->IsUplink(slot) ? "D" : "d");
            EXPECT_EQ(frame->GetBlockSymbols(slot), 12 * data);
            EXPECT_EQ(frame->GetDataSymbols(20e6, slot), 51 * 12 * data);
            illuminating.push_back(51 * 12 * count(o.sensing > 0 ? "s" : "d"));
            EXPECT_EQ(frame->GetIlluminatingSymbols(20e6, slot), illuminating.back());
            down += slot < period ? count("d") : 0;
            up += slot < period ? count("D") : 0;
        }
        EXPECT_NEAR(frame->GetDataShare(false), down / (14 * period), 1e-15);
        EXPECT_NEAR(frame->GetDataShare(true), up / (14 * period), 1e-15);
        for (uint64_t length = 0; length <= 2 * period; ++length)
        {
            uint64_t fewest = UINT64_MAX;
            for (uint64_t first = 0; first < period; ++first)
            {
                uint64_t sum = 0;
                for (uint64_t i = 0; i < length; ++i)
                {
                    sum += illuminating[first + i];
                }
                fewest = std::min(fewest, sum);
            }
            EXPECT_EQ(frame->CountIlluminatingSymbols(20e6, length * frame->GetSlotDuration()),
                      fewest);
        }
    }
}

TEST(CellFreeFrame, PrelogFactorsOfTheDocumentation)
{
    const std::vector<std::tuple<Overheads, double, double>> table{
        {{"DDDU", "10:2:2", 12, 0, 0, 0}, 36.0 / 56, 12.0 / 56},
        {{"DDDU", "10:2:2", 12, 1, 0, 0}, 36.0 / 56, 11.0 / 56},
        {{"DDDU", "10:2:2", 12, 1, 2, 0}, 34.0 / 56, 11.0 / 56},
        {{"DDDSU", "10:2:2", 12, 0, 0, 0}, 44.0 / 70, 12.0 / 70},
        {{"DDDSU", "10:2:2", 12, 2, 0, 0}, 44.0 / 70, 10.0 / 70},
        {{"DDDSU", "10:2:2", 12, 2, 0, 2}, 36.0 / 70, 10.0 / 70},
        {{"UD", "10:2:2", 12, 0, 0, 0}, 12.0 / 28, 12.0 / 28},
        {{"D", "10:2:2", 12, 0, 0, 0}, 12.0 / 14, 0.0},
    };
    for (const auto& [overheads, down, up] : table)
    {
        EXPECT_NEAR(MakeFrame(overheads)->GetDataShare(false), down, 1e-15);
        EXPECT_NEAR(MakeFrame(overheads)->GetDataShare(true), up, 1e-15);
    }
}

TEST(CellFreeFrame, PilotsGetTheSymbolsThatTheyNeed)
{
    auto frame = MakeFrame({"DDDSU", "10:2:2"});
    frame->RequirePilots(0, "perfect knowledge");
    EXPECT_EQ(frame->GetPilotSymbols(4), 0U);
    frame->RequirePilots(12, "a CSI");
    EXPECT_EQ(frame->GetPilotSymbols(4), 1U);
    EXPECT_EQ(frame->GetBlockSymbols(4), 12U * 11);
    frame->RequirePilots(13, "another");
    EXPECT_EQ(frame->GetPilotSymbols(3), 2U);
    EXPECT_EQ(frame->GetPilotSymbols(4), 2U);
    frame->RequirePilots(1, "a third");
    EXPECT_EQ(frame->GetPilotSymbols(4), 2U);
}

TEST(CellFreeFrame, ContradictionsAreNamed)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(MakeFrame({"UU"}),
                 "Pattern = \"UU\": expected letters D, S and U, at least one D");
    EXPECT_DEATH(MakeFrame({"DX"}), "Pattern = \"DX\": expected letters");
    for (const std::string parts : {"10:2:3", "10:2", "10:2:2:0", "a:2:2", "4294967300:5:5", ""})
    {
        EXPECT_DEATH(MakeFrame({"DDDSU", parts}), "SpecialSlot = \"" + parts + "\": expected");
    }
    EXPECT_DEATH(MakeFrame({"DDDSU", "2:10:2"})->Initialize(),
                 "a slot S of pattern \"DDDSU\" has no data symbols left: 2 symbols of its "
                 "direction less 2 of control \\(14 - DataSymbols\\) and 0 of SensingSymbols");
    EXPECT_DEATH(MakeFrame({"DDDU", "10:2:2", 6, 6})->Initialize(),
                 "a slot U .* 14 symbols of its direction less 8 of control .* and 6 of PilotSymb");
    EXPECT_DEATH(MakeFrame({"DDDU", "10:2:2", 12, 0, 6, 6})->Initialize(),
                 "a slot D .* 8 symbols of its direction less 2 of control .* and 6 of SensingSym");
    EXPECT_DEATH(MakeFrame({"D"})->RequirePilots(4, "a CSI"),
                 "Pattern = \"D\" has no uplink symbols, but a CSI needs 4 pilots");
    EXPECT_DEATH(MakeFrame({"DDS", "12:2:0"})->RequirePilots(4, "a CSI"), "has no uplink symbols");
    EXPECT_DEATH(MakeFrame({"DDDU", "10:2:2", 12, 1})->RequirePilots(13, "a CSI"),
                 "a CSI needs 13 pilots, but a resource block of a slot U has room for 12");
    EXPECT_DEATH(MakeFrame({"DDDSU", "12:1:1"})->RequirePilots(13, "a CSI"),
                 "a CSI needs 13 pilots, but a resource block of a slot S has room for 12");
    EXPECT_DEATH(MakeFrame({"DDDU", "10:2:2", 2})->RequirePilots(24, "a CSI"),
                 "a slot U of pattern \"DDDU\" has no data symbols left");
    // Who has something to send needs a slot for it.
    EXPECT_DEATH(
        {
            CellFreeTestScenario::Options options;
            options.configure = [](CellFreeIsacHelper& helper) {
                helper.SetFrameAttribute("Pattern", StringValue("DDS"));
            };
            CellFreeTestScenario scenario(options);
            scenario.AddTcp(0, true, 1000);
            scenario.Run(Seconds(1));
        },
        "Pattern = \"DDS\" has no uplink slot, but UE node [0-9]+ has a packet to send");
    // More symbols integrated coherently than sensing has.
    EXPECT_DEATH(
        {
            CellFreeTestScenario::Options options;
            options.configure = [](CellFreeIsacHelper& helper) {
                helper.SetFrameAttribute("SensingSymbols", UintegerValue(1));
                helper.SetFrameAttribute("Pattern", StringValue("DUUUU"));
            };
            CellFreeTestScenario scenario(options);
            scenario.Run(Seconds(0.1));
        },
        "CoherentSymbols = 7000: expected at most 2448, the downlink symbols of a dwell \\(in 4 ");
}

TEST(CellFreeFrame, SpecialSlotsCarryDownlinkDataOnly)
{
    CellFreeTestScenario::Options options;
    options.hasInternet = false;
    options.configure = [](CellFreeIsacHelper& helper) {
        helper.SetFrameAttribute("Pattern", StringValue("DDDSU"));
        helper.SetFrameAttribute("PilotSymbols", IntegerValue(2));
    };
    CellFreeTestScenario scenario(options);
    const auto gateway = scenario.all.Get(0);
    const Ptr<NetDevice> device = scenario.GetUeDevice(0);
    for (const bool isUplink : {false, true})
    {
        CellFreeTestScenario::AddFrames(isUplink ? device : gateway,
                                        isUplink ? gateway : device,
                                        Seconds(0),
                                        Seconds(0.2),
                                        MicroSeconds(100));
    }
    std::vector<uint32_t> nSamples(5);
    scenario.cpu->TraceConnectWithoutContext(
        "Outcome",
        Callback<void, const CellFreeSlotPlan&, const CellFreeSlotOutcome&>(
            [&](const CellFreeSlotPlan& plan, const CellFreeSlotOutcome&) {
                const auto phase = plan.slot % 5;
                EXPECT_EQ(plan.isUplink, phase == 4);
                for (std::size_t i = 0; i < plan.ues.size(); ++i)
                {
                    ++nSamples[phase];
                    const uint32_t symbols = phase == 4 ? 10 : phase == 3 ? 8 : 12;
                    EXPECT_LE(plan.symbols[i], 51 * 12 * symbols);
                    EXPECT_TRUE(phase == 4 || plan.symbols[i] == 51 * 12 * symbols);
                }
            }));
    CellFreeTestScenario::Run(Seconds(0.2));
    for (uint32_t n : nSamples)
    {
        EXPECT_GT(n, 40U);
    }
    for (const bool isUplink : {false, true})
    {
        EXPECT_GT(scenario.mac->GetCounters(0, isUplink).deliveredBytes, 100000U);
    }
}
