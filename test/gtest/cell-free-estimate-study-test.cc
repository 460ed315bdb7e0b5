// SPDX-License-Identifier: GPL-2.0-only

#include "campaign/cell-free-estimate-study.h"

#include "ns3/config.h"
#include "ns3/string.h"

#include <gtest/gtest.h>
#include <map>

using namespace ns3;

namespace
{

using Figures = std::map<std::string, CellFreeEstimateFigure>;

/// Small scenarios, one for each pilot length.
CellFreeEstimateStudy
GetStudy(const std::vector<uint32_t>& lengths)
{
    CellFreeEstimateStudy study;
    CellFreeScenario scenario;
    scenario.nAps = 6;
    scenario.nUes = 4;
    scenario.nAntennas = 2;
    scenario.side = 300.0;
    for (const auto length : lengths)
    {
        scenario.pilotLength = length;
        study.points.push_back(scenario);
    }
    study.draws = 30;
    return study;
}

/// What is measured, by point.
std::vector<Figures>
Measure(const CellFreeEstimateStudy& study)
{
    std::vector<Figures> points;
    const auto error = cellfree::MeasureEstimates(study, [&points](auto point, const auto& all) {
        EXPECT_EQ(point, points.size());
        points.emplace_back();
        for (const auto& figure : all)
        {
            points.back()[figure.method] = figure;
        }
    });
    EXPECT_EQ(error, "");
    return points;
}

} // namespace

TEST(CellFreeEstimateStudy, KnowingMoreIsWorthMore)
{
    const auto points = Measure(GetStudy({2, 4}));
    ASSERT_EQ(points.size(), 2U);
    for (const auto& figures : points)
    {
        ASSERT_EQ(figures.size(), 7U);
        EXPECT_EQ(figures.at("robust").share, 1.0);
        EXPECT_EQ(figures.at("robust").shareHalfWidth, 0.0);
        EXPECT_GT(figures.at("perfect").share, 1.0);
        for (const char* other : {"believing", "promised", "gnn", "gnn-believing", "rzf"})
        {
            const auto& figure = figures.at(other);
            EXPECT_LT(figure.share, 1.0 + 1e-3) << other;
            EXPECT_GT(figure.share, 0.5) << other;
            EXPECT_GT(figure.shareHalfWidth, 0.0) << other;
            // Paired.
            EXPECT_LT(figure.shareHalfWidth, 0.5 * figure.sumRateHalfWidth / figure.sumRate);
            EXPECT_DOUBLE_EQ(figure.sumRate, figure.share * figures.at("robust").sumRate);
        }
    }
    // The same channels, known better.
    EXPECT_DOUBLE_EQ(points[0].at("perfect").sumRate, points[1].at("perfect").sumRate);
    EXPECT_GT(points[1].at("robust").sumRate, 1.02 * points[0].at("robust").sumRate);
}

TEST(CellFreeEstimateStudy, OlderEstimatesAreWorthLess)
{
    auto study = GetStudy({4, 4});
    study.draws = 12;
    study.points[1].ueSpeed = 20.0;
    for (auto& scenario : study.points)
    {
        scenario.csiAge = 1e-3;
    }
    const auto points = Measure(study);
    EXPECT_LT(points[1].at("robust").sumRate, 0.9 * points[0].at("robust").sumRate);
}

TEST(CellFreeEstimateStudy, ThreadsChangeNothing)
{
    auto study = GetStudy({3});
    study.draws = 9;
    const auto alone = Measure(study);
    study.jobs = 3;
    const auto together = Measure(study);
    study.firstNumber = 100;
    const auto others = Measure(study);
    for (const auto& [method, figure] : alone[0])
    {
        EXPECT_EQ(together[0].at(method).sumRate, figure.sumRate) << method;
        EXPECT_EQ(together[0].at(method).shareHalfWidth, figure.shareHalfWidth) << method;
        EXPECT_NE(others[0].at(method).sumRate, figure.sumRate) << method;
    }
}

TEST(CellFreeEstimateStudy, WhatCannotBeMeasuredIsSaid)
{
    const auto getError = [](const CellFreeEstimateStudy& study) {
        return cellfree::MeasureEstimates(study, [](auto, const auto&) { FAIL(); });
    };
    auto study = GetStudy({3});
    study.points[0].fading = CellFreeScenario::RICIAN;
    EXPECT_NE(getError(study).find("expected both"), std::string::npos);
    study = GetStudy({3});
    study.draws = 1;
    EXPECT_NE(getError(study).find("draws = 1"), std::string::npos);
    study.draws = 2;
    Config::SetDefault("ns3::CellFreeGnnPolicy::WeightFile", StringValue("none.safetensors"));
    EXPECT_NE(getError(study).find("none.safetensors"), std::string::npos);
    Config::Reset();
}
