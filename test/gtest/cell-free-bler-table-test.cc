// SPDX-License-Identifier: GPL-2.0-only

#include "../cell-free-test-scenario.h"
#include "cell-free-test-bler-table.h"

#include "ns3/string.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// A model of a table. @param table the table @param sizes value of BlockSizes
Ptr<CellFreeBlerTable>
MakeModel(const nlohmann::json& table, const std::string& sizes = "Unquantised")
{
    const TestFile file(table.dump());
    return CreateObjectWithAttributes<CellFreeBlerTable>("McsTable",
                                                         StringValue(table["mcsTable"]),
                                                         "BlockSizes",
                                                         StringValue(sizes),
                                                         "File",
                                                         StringValue(file.GetPath()));
}

/// Symbols of a code block of about as many bits. @param mcs index of 256QAM @param bits the bits
uint32_t
GetSymbols(int mcs, double bits)
{
    return std::lround(bits / cellfree::GetMcsEfficiency(CELL_FREE_MCS_256QAM, mcs));
}

/// @return a linear SINR. @param decibels the SINR (dB)
double
FromDecibels(double decibels)
{
    return std::pow(10.0, decibels / 10.0);
}

} // namespace

TEST(CellFreeBlerTable, CurvesAreLinearInTheLogarithm)
{
    const auto model = MakeModel(MakeTestBlerTable(CELL_FREE_MCS_256QAM));
    for (int mcs : {0, 11, 27})
    {
        const auto bler = [&](double decibels) {
            return model->GetBler(mcs, FromDecibels(mcs + decibels), GetSymbols(mcs, 1000));
        };
        EXPECT_EQ(bler(-1e-6), 1.0);
        EXPECT_EQ(model->GetBler(mcs, 0.0, GetSymbols(mcs, 1000)), 1.0);
        EXPECT_NEAR(bler(0.5), std::pow(10.0, -0.5), 1e-9);
        EXPECT_NEAR(bler(1.0), 0.1, 1e-9);
        EXPECT_NEAR(bler(2.0), 0.01, 1e-9);
        EXPECT_NEAR(bler(3.0), 1e-3, 1e-9);
        EXPECT_NEAR(bler(5.0), 1e-5, 1e-12); // with the slope of the last segment
        EXPECT_NEAR(10.0 * std::log10(model->GetSinr(mcs, GetSymbols(mcs, 1000), 0.1)),
                    mcs + 1.0,
                    1e-9);
    }
}

TEST(CellFreeBlerTable, TheNearestSizeByRatioCounts)
{
    const auto model = MakeModel(MakeTestBlerTable(CELL_FREE_MCS_256QAM));
    const double sinr = FromDecibels(6.0);
    const double small = 0.1;
    const double large = std::pow(10.0, -0.5);
    const int mcs = 5;
    // As far from 1000 as from 4000 by ratio is 2000.
    for (double bits : {10.0, 900.0, 1500.0, 1990.0})
    {
        EXPECT_NEAR(model->GetBler(mcs, sinr, GetSymbols(mcs, bits)), small, 1e-9) << bits;
    }
    for (double bits : {2010.0, 3000.0, 4000.0, 8000.0})
    {
        EXPECT_NEAR(model->GetBler(mcs, sinr, GetSymbols(mcs, bits)), large, 1e-9) << bits;
    }
}

TEST(CellFreeBlerTable, ABlockFailsIfACodeBlockFails)
{
    const auto model = MakeModel(MakeTestBlerTable(CELL_FREE_MCS_256QAM), "Standard");
    const uint32_t nSymbols = 7344;
    for (int mcs : {2, 9, 20, 27})
    {
        const auto blocks =
            cellfree::DivideIntoCodeBlocks(8 * model->GetBlockBytes(mcs, nSymbols),
                                           cellfree::GetCodeRate(CELL_FREE_MCS_256QAM, mcs));
        const double rate = std::pow(10.0, blocks.bits > 2000 ? -1.5 : -2.0);
        EXPECT_NEAR(model->GetBler(mcs, FromDecibels(mcs + 2.0), nSymbols),
                    1.0 - std::pow(1.0 - rate, blocks.number),
                    1e-9);
    }
}

TEST(CellFreeBlerTable, GivesBackTheModelThatItWasMadeOf)
{
    const auto formula = CreateObject<CellFreeFiniteLengthErrorModel>();
    nlohmann::json table;
    table["mcsTable"] = "256QAM";
    const auto symbols = [](int mcs) { return GetSymbols(mcs, 3000.0); };
    for (int mcs = 0; mcs < formula->GetNMcs(); ++mcs)
    {
        nlohmann::json curve;
        curve["mcs"] = mcs;
        curve["codeBlockBits"] = 3000;
        double before = 1.0;
        for (double decibels = -20.0; decibels < 40.0 && before > 1e-9; decibels += 0.02)
        {
            before = formula->GetBler(mcs, FromDecibels(decibels), symbols(mcs));
            curve["snr_dB"].push_back(decibels);
            curve["bler"].push_back(before);
        }
        table["curves"].push_back(curve);
    }
    const auto model = MakeModel(table);
    for (int mcs = 0; mcs < formula->GetNMcs(); ++mcs)
    {
        for (double target : {0.5, 0.1, 1e-5})
        {
            EXPECT_NEAR(10.0 * std::log10(model->GetSinr(mcs, symbols(mcs), target)),
                        10.0 * std::log10(formula->GetSinr(mcs, symbols(mcs), target)),
                        1e-3);
        }
    }
}

TEST(CellFreeBlerTable, ChoosesTheLargestMcsThatMeetsTheTarget)
{
    for (const auto mcsTable : {CELL_FREE_MCS_64QAM, CELL_FREE_MCS_256QAM})
    {
        const auto model = MakeModel(MakeTestBlerTable(mcsTable), "Standard");
        int least = -1;
        for (double decibels = -5.0; decibels < 40.0; decibels += 0.1)
        {
            int best = model->GetNMcs() - 1;
            while (best >= 0 && model->GetBler(best, FromDecibels(decibels), 7344) > 0.1)
            {
                --best;
            }
            const int mcs = model->SelectMcs(FromDecibels(decibels), 7344, 0.1);
            EXPECT_EQ(mcs, best) << decibels;
            EXPECT_GE(mcs, least) << "less at more SINR";
            least = mcs;
            // Two sub-bands choose by the effective SINR of each MCS.
            const Eigen::Vector2d bands(FromDecibels(decibels - 3.0), FromDecibels(decibels + 3.0));
            int ofBands = model->GetNMcs() - 1;
            while (ofBands >= 0 &&
                   model->GetBler(ofBands, model->GetEffectiveSinr(ofBands, bands), 7344) > 0.1)
            {
                --ofBands;
            }
            EXPECT_EQ(model->SelectMcsOf(bands, 7344, 0.1), ofBands);
        }
        EXPECT_EQ(least, model->GetNMcs() - 1);
    }
}

TEST(CellFreeBlerTable, RefusesFilesInOneLine)
{
    const auto good = MakeTestBlerTable(CELL_FREE_MCS_256QAM);
    const auto check = [](const std::string& text, const std::string& error) {
        const TestFile file(text);
        EXPECT_EQ(CellFreeBlerTable::FindError(file.GetPath()), error);
    };
    check(good.dump(), "");
    EXPECT_EQ(CellFreeBlerTable::FindError("/no such folder/table.json"), "cannot be read");
    EXPECT_EQ(CellFreeBlerTable::FindError("/"), "cannot be read");
    for (const char* text : {"", "{", "[NaN]", R"({"mcsTable": 1e999})"})
    {
        const TestFile file(text);
        const auto error = CellFreeBlerTable::FindError(file.GetPath());
        EXPECT_EQ(error.rfind("not valid JSON: ", 0), 0U) << error;
        EXPECT_EQ(error.find('\n'), std::string::npos);
    }
    check("[]", "the file is []: expected an object");

    using Json = nlohmann::json;
    const auto changed = [&](const std::function<void(Json&)>& change, const std::string& error) {
        auto table = good;
        change(table);
        check(table.dump(), error);
    };
    changed([](Json& t) { t["table"] = 1; }, "the file has the unknown field \"table\"");
    changed([](Json& t) { t.erase("curves"); }, "the file has no field curves");
    changed([](Json& t) { t["mcsTable"] = "16QAM"; },
            "mcsTable = \"16QAM\": expected \"64QAM\" or \"256QAM\"");
    changed([](Json& t) { t["mcsTable"] = 256; },
            "mcsTable = 256: expected \"64QAM\" or \"256QAM\"");
    changed([](Json& t) { t["mcsTable"] = "64QAM"; },
            "curves has none of mcs 28: expected one of every mcs from 0 to 28");
    changed([](Json& t) { t["curves"] = 3; }, "curves = 3: expected an array");
    changed([](Json& t) { t["curves"][1] = "x"; }, "curves[1] is \"x\": expected an object");
    changed([](Json& t) { t["curves"][1]["snr"] = 1; }, "curves[1] has the unknown field \"snr\"");
    changed([](Json& t) { t["curves"][1].erase("bler"); }, "curves[1] has no field bler");
    changed([](Json& t) { t["curves"][1]["mcs"] = 28; },
            "curves[1].mcs = 28: expected an integer from 0 to 27");
    changed([](Json& t) { t["curves"][1]["mcs"] = -1; },
            "curves[1].mcs = -1: expected an integer from 0 to 27");
    changed([](Json& t) { t["curves"][1]["mcs"] = 1.5; },
            "curves[1].mcs = 1.5: expected an integer from 0 to 27");
    changed([](Json& t) { t["curves"].erase(6), t["curves"].erase(6); },
            "curves has none of mcs 3: expected one of every mcs from 0 to 27");
    changed([](Json& t) { t["curves"][1]["codeBlockBits"] = 0; },
            "curves[1].codeBlockBits = 0: expected a number above 0");
    changed([](Json& t) { t["curves"][1]["codeBlockBits"] = "1000"; },
            "curves[1].codeBlockBits = \"1000\": expected a number");
    changed([](Json& t) { t["curves"][1]["codeBlockBits"] = 4000; },
            "curves[1].codeBlockBits = 4000: expected one curve of this size and mcs 0");
    changed([](Json& t) { t["curves"][1]["snr_dB"] = 7; },
            "curves[1].snr_dB = 7: expected an array of numbers");
    changed([](Json& t) { t["curves"][1]["snr_dB"] = {7}; },
            "curves[1].snr_dB = [7]: expected at least 2 numbers");
    changed([](Json& t) { t["curves"][1]["snr_dB"][2] = nullptr; },
            "curves[1].snr_dB[2] = null: expected a number");
    changed([](Json& t) { t["curves"][1]["snr_dB"][2] = 1.0; },
            "curves[1].snr_dB[2] = 1.0: expected more than the 1.0 before");
    changed([](Json& t) { t["curves"][1]["bler"].push_back(1e-4); },
            "curves[1].bler has 4 entries: expected 3 as snr_dB");
    changed([](Json& t) { t["curves"][1]["bler"][2] = 0.2; },
            "curves[1].bler[2] = 0.2: expected at most the 0.1 before");
    for (double bler : {0.0, -0.5, 1.5})
    {
        changed([bler](Json& t) { t["curves"][1]["bler"][0] = bler; },
                "curves[1].bler[0] = " + Json(bler).dump() +
                    ": expected a number above 0, at most 1");
    }
}

TEST(CellFreeBlerTable, RefusesToRunWithoutItsTable)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(CreateObject<CellFreeBlerTable>()->Initialize(),
                 "CellFreeBlerTable::File is empty: expected the path of a table");
    EXPECT_DEATH(CreateObject<CellFreeBlerTable>()->SetAttribute("File", StringValue("none.json")),
                 "CellFreeBlerTable::File = none.json: cannot be read");
    const auto model = MakeModel(MakeTestBlerTable(CELL_FREE_MCS_64QAM));
    model->SetAttribute("McsTable", StringValue("256QAM"));
    EXPECT_DEATH(model->Initialize(),
                 "mcsTable = \"64QAM\": expected \"256QAM\", the attribute McsTable");
    EXPECT_DEATH(model->GetBler(3, 1.0, 100), "expected \"256QAM\", the attribute McsTable");
}

TEST(CellFreeBlerTable, ALinkRunsWithATable)
{
    const TestFile file(MakeTestBlerTable(CELL_FREE_MCS_256QAM).dump());
    CellFreeTestScenario::Options options;
    options.configure = [&](CellFreeIsacHelper& helper) {
        helper.SetErrorModel("ns3::CellFreeBlerTable", "File", StringValue(file.GetPath()));
    };
    CellFreeTestScenario scenario(options);
    EXPECT_TRUE(DynamicCast<CellFreeBlerTable>(scenario.link->GetErrorModel()));
    const auto sink = scenario.AddUdp(0, false, 1e6);
    CellFreeTestScenario::Run(MilliSeconds(300));
    EXPECT_GT(sink->GetTotalRx(), 10000U);
}
