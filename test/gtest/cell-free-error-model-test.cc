// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-error-model.h"
#include "ns3/double.h"

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
