// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-error-model.h"
#include "ns3/cell-free-link-adaptation.h"
#include "ns3/double.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// The largest MCS that meets a target, by asking for every one.
int
SelectByFormula(const CellFreeErrorModel& model, double sinr, uint32_t nSymbols, double target)
{
    int mcs = model.GetNMcs() - 1;
    while (mcs >= 0 && !(model.GetBler(mcs, sinr, nSymbols) <= target))
    {
        --mcs;
    }
    return mcs;
}

} // namespace

TEST(CellFreeErrorModel, ThresholdsChooseWhatTheFormulaChooses)
{
    auto model = CreateObject<CellFreeFiniteLengthErrorModel>();
    for (double gap : {2.0, 0.0, 7.5}) // set during a run: thresholds of before must not stay
    {
        model->SetAttribute("ImplementationGap", DoubleValue(gap));
        for (uint32_t nSymbols : {1U, 2U, 15U, 16U, 17U, 144U, 1000U, 7344U, 40000U})
        {
            for (double target : {1e-4, 0.1, 0.5})
            {
                for (double decibels = -30.0; decibels < 60.0; decibels += 0.173)
                {
                    const double sinr = std::pow(10.0, decibels / 10.0);
                    ASSERT_EQ(model->SelectMcs(sinr, nSymbols, target),
                              SelectByFormula(*model, sinr, nSymbols, target))
                        << sinr << " with " << nSymbols << " symbols at " << target;
                }
            }
        }
    }
}

TEST(CellFreeErrorModel, ThresholdsAreExactWhereTheChoiceChanges)
{
    auto model = CreateObject<CellFreeFiniteLengthErrorModel>();
    for (uint32_t nSymbols : {144U, 7344U})
    {
        for (int mcs = 0; mcs < model->GetNMcs(); ++mcs)
        {
            // The last SINR at which this MCS is too much, to the last bit.
            double low = 1e-3;
            double high = 1e6;
            while (std::nextafter(low, high) < high)
            {
                const double middle = low + (high - low) / 2;
                (model->GetBler(mcs, middle, nSymbols) <= 0.1 ? high : low) = middle;
            }
            double sinr = low;
            for (int step = 0; step < 20; ++step)
            {
                ASSERT_EQ(model->SelectMcs(sinr, nSymbols, 0.1),
                          SelectByFormula(*model, sinr, nSymbols, 0.1));
                sinr = std::nextafter(sinr, step < 10 ? high * 2 : 0.0);
            }
            for (double distance : {1e-12, 1e-10, 0.9e-9, 1.1e-9, 1e-8})
            {
                for (double factor : {1.0 - distance, 1.0 + distance})
                {
                    ASSERT_EQ(model->SelectMcs(high * factor, nSymbols, 0.1),
                              SelectByFormula(*model, high * factor, nSymbols, 0.1));
                }
            }
        }
    }
}

TEST(CellFreeErrorModel, NoSinrIsNoMcs)
{
    auto model = CreateObject<CellFreeFiniteLengthErrorModel>();
    EXPECT_EQ(model->SelectMcs(0.0, 7344, 0.1), -1);
    EXPECT_EQ(model->SelectMcs(std::nan(""), 7344, 0.1), -1);
    EXPECT_EQ(model->SelectMcs(1e30, 7344, 0.1), model->GetNMcs() - 1);
}

TEST(CellFreeMcs, BlockSizesAreThoseOfOtherSimulators)
{
    // Reference transport blocks of NVIDIA Sionna's tests (test/unit/nr/tb_refs, October 2025):
    // coded bits of all layers over Q_m, R, Q_m, size.
    struct Example
    {
        uint32_t codedBits;
        double rate;
        int order;
        uint32_t bits;
    };

    for (const auto& example : {Example{20004, 0.5, 4, 9992},
                                Example{124800, 0.438, 2, 54296},
                                Example{124800, 0.754, 4, 94248},
                                Example{624, 0.188, 2, 112},
                                Example{249600, 0.754, 4, 188576},
                                Example{187200, 0.754, 6, 139376},
                                Example{1362816, 0.895, 8, 1213032},
                                Example{100000, 0.5, 4, 50184}})
    {
        EXPECT_EQ(cellfree::ComputeTransportBlockBits(example.codedBits / example.order,
                                                      example.rate,
                                                      example.order),
                  example.bits);
    }
}

TEST(CellFreeMcs, BlocksRiseWithSymbolsAndDivideEvenly)
{
    for (auto table : {CELL_FREE_MCS_64QAM, CELL_FREE_MCS_256QAM})
    {
        for (int mcs = 0; mcs < cellfree::GetNMcs(table); ++mcs)
        {
            const double rate = cellfree::GetCodeRate(table, mcs);
            uint32_t last = 0;
            for (uint32_t n = 1; n < 16000; n += 1 + n / 50)
            {
                const auto bits =
                    cellfree::ComputeTransportBlockBits(n,
                                                        rate,
                                                        cellfree::GetModulationOrder(table, mcs));
                ASSERT_GE(bits, last);
                ASSERT_EQ(bits % 8, 0U);
                last = bits;
                const auto blocks = cellfree::DivideIntoCodeBlocks(bits, rate);
                ASSERT_EQ(blocks.bits, std::floor(blocks.bits)) << "no filler bits";
                ASSERT_LE(blocks.bits, cellfree::GetBaseGraph(bits, rate) == 1 ? 8448 : 3840);
                const auto bytes = bits / 8;
                const auto fewest =
                    cellfree::GetBlockSymbols(table, CELL_FREE_BLOCKS_STANDARD, mcs, bytes);
                ASSERT_LE(fewest, n);
                ASSERT_GE(cellfree::GetBlockBytes(table, CELL_FREE_BLOCKS_STANDARD, mcs, fewest),
                          bytes);
                ASSERT_LT(
                    cellfree::GetBlockBytes(table, CELL_FREE_BLOCKS_STANDARD, mcs, fewest - 1),
                    bytes);
            }
        }
    }
}

TEST(CellFreeMcs, IncrementalRedundancyLiesBetweenChaseAndFreshParity)
{
    for (double sinr : {0.01, 1.0, 30.0})
    {
        const double nats = 3 * std::log1p(sinr);
        double last = cellfree::CombineIncrementally(3 * sinr, nats, 0.5);
        EXPECT_EQ(last, 3 * sinr);
        for (double fresh : {1.1, 2.0, 3.0, 5.0})
        {
            const double combined = cellfree::CombineIncrementally(3 * sinr, nats, fresh);
            EXPECT_GE(combined, last);
            EXPECT_LE(combined, std::pow(1 + sinr, 3) - 1 + 1e-9);
            last = combined;
        }
        EXPECT_NEAR(last, std::pow(1 + sinr, 3) - 1, 1e-9 * last);
    }
}

namespace
{

/// A model with settings. @param table MCS table @param sizes block sizes @param gaps gaps per MCS
Ptr<CellFreeFiniteLengthErrorModel>
MakeModel(const std::string& table, const std::string& sizes, const std::string& gaps)
{
    auto model = CreateObject<CellFreeFiniteLengthErrorModel>();
    model->SetAttribute("McsTable", StringValue(table));
    model->SetAttribute("BlockSizes", StringValue(sizes));
    model->SetAttribute("McsGaps", StringValue(gaps));
    model->SetAttribute("ImplementationGap", DoubleValue(0.0));
    return model;
}

} // namespace

TEST(CellFreeErrorModel, EverySettingOrdersMcs)
{
    for (const std::string table : {"64QAM", "256QAM"})
    {
        for (const std::string sizes : {"Unquantised", "Standard"})
        {
            for (const std::string gaps : {"none", "sionna", "5g-lena"})
            {
                const auto model = MakeModel(table, sizes, gaps);
                for (uint32_t nSymbols : {144U, 1000U, 7344U})
                {
                    int last = -1;
                    for (double decibels = -15.0; decibels < 45.0; decibels += 0.31)
                    {
                        const double sinr = std::pow(10.0, decibels / 10.0);
                        const int mcs = model->SelectMcs(sinr, nSymbols, 0.1);
                        ASSERT_EQ(mcs, SelectByFormula(*model, sinr, nSymbols, 0.1));
                        ASSERT_GE(mcs, last) << "MCS falls with the SINR";
                        last = mcs;
                        for (int m = 0; m < model->GetNMcs(); m += 3)
                        {
                            ASSERT_GE(model->GetBler(m, sinr, nSymbols),
                                      model->GetBler(m, sinr * 1.1, nSymbols));
                        }
                    }
                    EXPECT_EQ(last, model->GetNMcs() - 1);
                }
            }
        }
    }
}

TEST(CellFreeErrorModel, GapsAreWhatTheyAreSetTo)
{
    const auto model = MakeModel("256QAM", "Standard", "none");
    const double without = model->GetSinr(10, 7344, 0.1);
    model->SetAttribute("McsGaps", StringValue("sionna"));
    EXPECT_NEAR(10 * std::log10(model->GetSinr(10, 7344, 0.1) / without), 1.0, 1e-6);
    model->SetAttribute("ImplementationGap", DoubleValue(1.5));
    EXPECT_NEAR(10 * std::log10(model->GetSinr(10, 7344, 0.1) / without), 2.5, 1e-6);
    std::string list = "-1";
    for (int mcs = 1; mcs < model->GetNMcs(); ++mcs)
    {
        list += ", " + std::to_string(mcs * 0.25);
    }
    model->SetAttribute("McsGaps", StringValue(list));
    EXPECT_DOUBLE_EQ(model->GetGap(0), 0.5);
    EXPECT_DOUBLE_EQ(model->GetGap(20), 6.5);
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(model->SetAttribute("McsGaps", StringValue("1,x")), "'x': expected none");
    EXPECT_DEATH(
        {
            model->SetAttribute("McsGaps", StringValue("1,2"));
            model->Initialize();
        },
        "McsGaps has 2 numbers: expected 28");
}

TEST(CellFreeErrorModel, EffectiveSinrLiesBetweenSmallestAndMean)
{
    auto model = MakeModel("256QAM", "Standard", "sionna");
    for (const std::string kind : {"MeanCapacity", "Exponential"})
    {
        model->SetAttribute("EffectiveSinr", StringValue(kind));
        for (int mcs = 0; mcs < model->GetNMcs(); ++mcs)
        {
            for (double scale : {0.01, 1.0, 1000.0})
            {
                Eigen::VectorXd sinr(4);
                sinr << 0.1, 0.5, 2.0, 7.0;
                sinr *= scale;
                const double effective = model->GetEffectiveSinr(mcs, sinr);
                EXPECT_GT(effective, sinr.minCoeff());
                EXPECT_LT(effective, sinr.mean());
                sinr(2) *= 1.01;
                EXPECT_GE(model->GetEffectiveSinr(mcs, sinr), effective);
                EXPECT_NEAR(model->GetEffectiveSinr(mcs, Eigen::VectorXd::Constant(5, scale)),
                            scale,
                            1e-9 * scale);
                EXPECT_EQ(model->GetEffectiveSinr(mcs, Eigen::VectorXd::Constant(1, scale)), scale);
                int best = model->GetNMcs() - 1;
                while (best >= 0 &&
                       model->GetBler(best, model->GetEffectiveSinr(best, sinr), 1000) > 0.1)
                {
                    --best;
                }
                EXPECT_EQ(model->SelectMcsOf(sinr, 1000, 0.1), best);
            }
        }
    }
}

TEST(CellFreeCqiAdaptation, GoesByReportsWhenTheyArrive)
{
    for (const std::string table : {"64QAM", "256QAM"})
    {
        const auto model = MakeModel(table, "Standard", "sionna");
        auto adaptation = CreateObject<CellFreeCqiAdaptation>();
        adaptation->SetAttribute("ReportPeriod", UintegerValue(10));
        adaptation->SetAttribute("ReportDelay", UintegerValue(4));
        adaptation->SetErrorModel(model);
        adaptation->SetNLinks(2);
        const auto measure = [&](uint64_t slot, double sinr) {
            adaptation->ReportSinr(0, slot, Eigen::VectorXd::Constant(3, sinr));
        };
        adaptation->BeginSlot(0);
        EXPECT_EQ(adaptation->SelectMcsFlat(0, 10.0, 7344), model->SelectMcs(10.0, 7344, 0.1));
        measure(3, 1e4);
        measure(7, 3.0); // what slot 10 reports
        adaptation->BeginSlot(13);
        EXPECT_EQ(adaptation->GetCqi(0), -1);
        adaptation->BeginSlot(14);
        EXPECT_EQ(adaptation->GetCqi(0),
                  CellFreeCqiAdaptation::ComputeCqi(*model, Eigen::VectorXd::Constant(1, 3.0)));
        EXPECT_EQ(adaptation->GetCqi(1), -1);
        // The CPU believes much more, and goes by the report: at most one CQI below the truth.
        const int mcs = adaptation->SelectMcsFlat(0, 1e4, 7344);
        EXPECT_LE(mcs, model->SelectMcs(3.0, 7344, 0.1));
        EXPECT_GE(mcs, model->SelectMcs(3.0, 7344, 0.1) - 2);
        measure(20, 1e-4);
        adaptation->BeginSlot(24);
        EXPECT_EQ(adaptation->GetCqi(0), 0);
        EXPECT_EQ(adaptation->SelectMcsFlat(0, 10.0, 7344), 0) << "a silent link is not measured";
        EXPECT_EQ(adaptation->SelectMcsFlat(0, 1e-6, 7344), -1);
        int last = 0;
        for (double sinr = 1e-3; sinr < 1e5; sinr *= 1.05)
        {
            const int cqi =
                CellFreeCqiAdaptation::ComputeCqi(*model, Eigen::VectorXd::Constant(2, sinr));
            ASSERT_GE(cqi, last);
            ASSERT_LE(cqi, last + 1);
            last = cqi;
        }
        EXPECT_EQ(last, 15);
    }
}

TEST(CellFreeErrorModel, TheExponentialEffectiveSinrIsItsFormula)
{
    auto model = MakeModel("256QAM", "Standard", "none");
    model->SetAttribute("EffectiveSinr", StringValue("Exponential"));
    const Eigen::Vector2d sinr(1.0, 3.0);
    for (const auto& [mcs, beta] : {std::pair(0, 1.6), std::pair(10, 6.5), std::pair(27, 132.54)})
    {
        // Half of exp(-1/b) + exp(-3/b) = exp(-2/b) cosh(1/b).
        EXPECT_NEAR(model->GetEffectiveSinr(mcs, sinr),
                    2.0 - beta * std::log(std::cosh(1.0 / beta)),
                    1e-12);
    }
}
