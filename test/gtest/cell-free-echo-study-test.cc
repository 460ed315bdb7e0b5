// SPDX-License-Identifier: GPL-2.0-only

#include "campaign/cell-free-echo-study.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace ns3;

namespace
{

/// A source of uniform numbers that repeats.
IsacUniform
MakeUniform(uint64_t seed)
{
    return
        [engine = std::mt19937_64(seed)]() mutable { return ((engine() >> 11) + 0.5) * 0x1p-53; };
}

/// Small enough for a test.
CellFreeEchoStudy
MakeStudy()
{
    CellFreeEchoStudy study;
    study.nTransmitters = 2;
    study.nReceivers = 2;
    study.nTransmitAntennas = 3;
    study.nReceiveAntennas = 2;
    study.grid = {8, 8, 480e3, 0.5e-3};
    study.waveform = ISAC_ORTHOGONAL;
    study.nDwells = 2000;
    study.nEstimates = 200;
    study.nClutter = 3;
    study.clutterRatio = 1000.0;
    study.isMapped = false;
    return study;
}

} // namespace

TEST(CellFreeEchoStudy, FiguresAgreeWithClosedForms)
{
    // At 99 % each; 1.7 times that for all of them together.
    for (const auto fluctuation : {ISAC_SWERLING_1, ISAC_CONSTANT})
    {
        auto study = MakeStudy();
        study.fluctuation = fluctuation;
        const auto report = cellfree::MeasureEchoes(study, MakeUniform(1));
        ASSERT_EQ(report.snr.size(), 2U);
        ASSERT_EQ(report.falseAlarms.size(), 3U);
        // Constant reflections that add are not constant: no closed form for one look of all.
        ASSERT_EQ(report.detections.size(), fluctuation == ISAC_SWERLING_1 ? 15U : 10U);
        ASSERT_EQ(report.estimates.size(), 3U);
        ASSERT_EQ(report.clutter.size(), 4U);
        for (const auto* group : {&report.snr, &report.falseAlarms, &report.detections})
        {
            for (const auto& figure : *group)
            {
                EXPECT_NEAR(figure.value, figure.theory, 1.7 * figure.halfWidth99)
                    << figure.quantity;
            }
        }
        for (int i = 0; i < 2; ++i)
        {
            EXPECT_NEAR(report.clutter[i].value,
                        report.clutter[i].theory,
                        1.7 * report.clutter[i].halfWidth99)
                << report.clutter[i].quantity;
        }
        EXPECT_GT(report.clutter[2].value, 10.0);
        EXPECT_LT(report.clutter[3].value, 1e-12);
        for (const auto& figure : report.estimates)
        {
            EXPECT_NEAR(figure.value / figure.theory, 1.0, 0.25) << figure.quantity;
        }
        // Pd falls with Pfa, and pairs together see more than the strongest alone.
        for (std::size_t i = 0; i < report.roc.size(); ++i)
        {
            EXPECT_GE(report.roc[i].theory, report.roc[i].pfa);
            EXPECT_NEAR(report.roc[i].measuredPd,
                        report.roc[i].theory,
                        2.0 * report.roc[i].pdHalfWidth99 + 1e-3);
            if (report.roc[i].detector == "4 pairs pooled")
            {
                ASSERT_EQ(report.roc[i - 1].detector, "strongest pair");
                EXPECT_GT(report.roc[i].theory, report.roc[i - 1].theory);
            }
        }
    }
}

TEST(CellFreeEchoStudy, TheTargetIsWhereGeometrySays)
{
    auto study = MakeStudy();
    study.nTransmitters = 1;
    study.nReceivers = 1;
    study.isMapped = true;
    study.nDwells = 2;
    study.nEstimates = 0;
    study.grid = {64, 32, 480e3, 0.5e-3};
    const auto report = cellfree::MeasureEchoes(study, MakeUniform(2));
    const Eigen::Vector2d ap = 150.0 * Eigen::Vector2d(std::cos(0.2 * M_PI), std::sin(0.2 * M_PI));
    const Eigen::Vector2d place(22.5, 30.0);
    const Eigen::Vector2d velocity = 30.0 * Eigen::Vector2d(std::cos(0.6), std::sin(0.6));
    const auto getPath = [&](double time) { return 2 * (place + time * velocity - ap).norm(); };
    ASSERT_EQ(report.marks.size(), 4U);
    EXPECT_EQ(report.marks[0].kind, "target");
    EXPECT_NEAR(report.marks[0].delay, getPath(0.0) / 299792458.0, 1e-15);
    EXPECT_NEAR(report.marks[0].doppler,
                -(getPath(1e-4) - getPath(-1e-4)) / 2e-4 * 3.5e9 / 299792458.0,
                1e-3);
    // And so it is in the map, once what is at rest is removed.
    Eigen::Index i = 0;
    Eigen::Index j = 0;
    report.after.maxCoeff(&i, &j);
    EXPECT_NEAR(report.delays(i), report.marks[0].delay, study.grid.GetDelayCell() / 2);
    EXPECT_NEAR(report.dopplers(j), report.marks[0].doppler, study.grid.GetDopplerCell() / 2);
    for (std::size_t k = 1; k < report.marks.size(); ++k)
    {
        EXPECT_EQ(report.marks[k].kind, "clutter");
        EXPECT_EQ(report.marks[k].doppler, 0.0);
    }
}

TEST(CellFreeEchoStudy, SelfInterferenceIsOfOwnTransmittersOnly)
{
    auto study = MakeStudy();
    study.selfInterference = 9.0;
    study.nDwells = 2;
    study.nEstimates = 0;
    study.nClutter = 0;
    EXPECT_NEAR(cellfree::MeasureEchoes(study, MakeUniform(3)).snr[0].theory,
                study.snr / 10,
                1e-9 * study.snr);
    study.isSeparate = true;
    EXPECT_NEAR(cellfree::MeasureEchoes(study, MakeUniform(3)).snr[0].theory,
                study.snr,
                1e-9 * study.snr);
}

TEST(CellFreeEchoStudy, ATargetAtRestIsNotToldFromClutter)
{
    auto study = MakeStudy();
    study.speed = 0.0;
    study.nDwells = 2;
    study.nEstimates = 0;
    EXPECT_TRUE(cellfree::MeasureEchoes(study, MakeUniform(4)).clutter.empty());
}
