// SPDX-License-Identifier: GPL-2.0-only

#include "campaign/cell-free-channel-study.h"
#include "campaign/cell-free-validation.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-spatial-fading.h"
#include "ns3/cell-free-three-gpp-large-scale.h"
#include "ns3/double.h"
#include "ns3/string.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

TEST(CellFreeChannelStudy, EveryValidationCaseAgreesWithWhatIsPublished)
{
    // Exact figures within 1 %, which is the rounding of TDL-D's powers; drawn ones within two half
    // widths, 3.9 standard errors: 40 of them stay there with probability 0.996.
    int nDrawn = 0;
    for (const auto& entry : cellfree::GetChannelValidationCases())
    {
        const auto rows = entry.run();
        EXPECT_GE(rows.size(), 8U) << entry.name;
        for (const auto& row : rows)
        {
            const double bound =
                row.halfWidth95 > 0.0 ? 2 * row.halfWidth95 : 0.01 * std::abs(row.published);
            EXPECT_NEAR(row.value, row.published, bound) << entry.name << ": " << row.quantity;
            EXPECT_FALSE(row.source.empty());
            nDrawn += row.halfWidth95 > 0.0;
        }
    }
    EXPECT_GT(nDrawn, 20);
}

TEST(CellFreeChannelStudy, KFactorsThatDifferGiveTheMeanPowerOfTheLineOfSight)
{
    CellFreeChannelStudy study;
    auto largeScale = CreateObject<CellFreeThreeGppLargeScale>();
    largeScale->SetAttribute("LineOfSight", StringValue("Always"));
    largeScale->AssignStreams(0);
    study.largeScale = largeScale;
    study.fading = CreateObject<CellFreeSpatialFading>();
    study.fading->SetAttribute("AngularSpread", DoubleValue(0.0));
    study.fading->AssignStreams(0);
    study.nLinks = 300;
    study.nTimes = 60;
    const auto report = cellfree::MeasureChannel(study);
    EXPECT_EQ(report.losShare, 1.0);
    EXPECT_TRUE(report.kFactor.empty());
    ASSERT_EQ(report.losPower.size(), 1U);
    // 0.02 for the bias of the square root near K = 0.
    EXPECT_NEAR(report.losPower[0].value, report.losPower[0].theory, 0.02);
    EXPECT_GT(report.losPower[0].theory, 0.7);
}

TEST(CellFreeChannelStudy, CoherenceBandwidthIsInterpolated)
{
    EXPECT_DOUBLE_EQ(cellfree::GetCoherenceBandwidth({0, 1, 2}, {1, 0.75, 0.25}, 0.5), 1.5);
    EXPECT_TRUE(std::isnan(cellfree::GetCoherenceBandwidth({0, 1}, {1, 0.9}, 0.5)));
    CellFreeChannelStudy study;
    study.nLinks = 3;
    study.fading = CreateObject<CellFreeSpatialFading>();
    EXPECT_DEATH(cellfree::MeasureChannel(study), "nLinks = 3: expected at least 20");
}
