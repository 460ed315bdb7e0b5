// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-covariance-intersection.h"
#include "ns3/double.h"
#include "ns3/isac-fusion.h"

#include <Eigen/LU>
#include <gtest/gtest.h>
#include <vector>

using namespace ns3;

namespace
{

/// @return a confirmed track. @param id its number @param x position (m) @param vx velocity (m/s)
/// @param sdX @param sdY deviations (m) @param time of the state
CellFreeTrack
MakeTrack(uint32_t id, double x, double vx, double sdX, double sdY, Time time = Seconds(1))
{
    CellFreeTrack track;
    track.id = id;
    track.status = CellFreeTrack::CONFIRMED;
    track.time = time;
    track.state << x, 20.0, 50.0, vx, 0.0, 0.0;
    track.covariance.diagonal() << sdX * sdX, sdY * sdY, 4.0, 1.0, 1.0, 1.0;
    return track;
}

/// @return the fusion of reports. @param time when @param reports of the CPUs
std::vector<CellFreeFusedTrack>
Fuse(Time time, const std::vector<CellFreeReportedTracks>& reports)
{
    std::vector<CellFreeFusedTrack> fused;
    CreateObject<CellFreeCovarianceIntersection>()->Fuse(time, reports, fused);
    return fused;
}

using Sources = std::vector<std::pair<uint32_t, uint32_t>>;

} // namespace

TEST(CellFreeCovarianceIntersection, TwoSidesOfOneTarget)
{
    // One CPU sees x well, the other y; one is half a second older, in which the target flew 5 m.
    const auto west = MakeTrack(4, 100.0, 10.0, 1.0, 10.0, Seconds(0.5));
    const auto east = MakeTrack(9, 105.5, 10.0, 10.0, 1.0);
    const auto fused = Fuse(Seconds(1), {{2, {west}}, {7, {east}}});
    ASSERT_EQ(fused.size(), 1U);
    EXPECT_EQ(fused[0].sources, (Sources{{2, 4}, {7, 9}}));
    EXPECT_EQ(fused[0].track.id, 4U);
    EXPECT_EQ(fused[0].track.time, Seconds(1));
    IsacStateEstimate first{west.state, west.covariance};
    cellfree::PredictConstantVelocity(0.5, 2.0, first);
    EXPECT_DOUBLE_EQ(first.mean(0), 105.0);
    const auto expected = cellfree::IntersectCovariances(first, {east.state, east.covariance});
    EXPECT_EQ(fused[0].track.state, expected.mean);
    EXPECT_EQ(fused[0].track.covariance, expected.covariance);
    // Of either direction the better one counts more, and both are better than either alone.
    const auto& covariance = fused[0].track.covariance;
    EXPECT_LT(covariance.determinant(), first.covariance.determinant());
    EXPECT_LT(covariance.determinant(), east.covariance.determinant());
    EXPECT_LT(covariance.topLeftCorner(2, 2).trace(), 0.1 * 101.0);
    EXPECT_LT(std::abs(fused[0].track.state(0) - 105.0), 0.25);
}

TEST(CellFreeCovarianceIntersection, WhoIsFusedWithWhom)
{
    // Two targets 100 m apart, seen by three CPUs in different orders; one that only the third
    // sees; tracks that nobody believes yet, or that claim to be exact.
    auto tentative = MakeTrack(3, 0.0, 0.0, 1.0, 1.0);
    tentative.status = CellFreeTrack::TENTATIVE;
    auto coasting = MakeTrack(5, 100.5, 0.0, 2.0, 2.0);
    coasting.status = CellFreeTrack::COASTING;
    const auto exact = MakeTrack(6, 0.0, 0.0, 0.0, 1.0);
    const auto fused = Fuse(Seconds(1),
                            {{1, {MakeTrack(1, 0.0, 0.0, 1, 1), MakeTrack(2, 100.0, 0.0, 1, 1)}},
                             {2, {tentative, coasting, exact}},
                             {3,
                              {MakeTrack(1, 99.0, 0.0, 1, 1),
                               MakeTrack(2, 500.0, 0.0, 1, 1),
                               MakeTrack(4, 1.0, 0.0, 1, 1)}}});
    ASSERT_EQ(fused.size(), 3U);
    EXPECT_EQ(fused[0].sources, (Sources{{1, 1}, {3, 4}}));
    EXPECT_EQ(fused[1].sources, (Sources{{1, 2}, {2, 5}, {3, 1}}));
    EXPECT_EQ(fused[2].sources, (Sources{{3, 2}}));
    EXPECT_EQ(fused[2].track.state, MakeTrack(2, 500.0, 0.0, 1, 1).state);
    EXPECT_TRUE(Fuse(Seconds(1), {}).empty());
    EXPECT_TRUE(Fuse(Seconds(1), {{1, {}}, {2, {tentative}}}).empty());
}

TEST(CellFreeCovarianceIntersection, GateAndNoiseAct)
{
    auto fusion = CreateObject<CellFreeCovarianceIntersection>();
    const std::vector<CellFreeReportedTracks> reports{{1, {MakeTrack(1, 0.0, 0.0, 1, 1)}},
                                                      {2, {MakeTrack(1, 4.0, 0.0, 1, 1)}}};
    // The squared distance is 16 / 2 = 8; 76.19 % of a chi-square with 6 degrees of freedom are
    // below it: 1 - exp(-4) (1 + 4 + 8).
    std::vector<CellFreeFusedTrack> fused;
    for (const double probability : {0.76, 0.765})
    {
        fusion->SetAttribute("GateProbability", DoubleValue(probability));
        fusion->Fuse(Seconds(1), reports, fused);
        EXPECT_EQ(fused.size(), probability < 0.7618967 ? 2U : 1U) << probability;
    }
    double last = 0.0;
    for (const double noise : {0.0, 1.0, 10.0})
    {
        fusion->SetAttribute("AccelerationNoise", DoubleValue(noise));
        fusion->Fuse(Seconds(3), {reports[0]}, fused);
        ASSERT_EQ(fused.size(), 1U);
        // Over T = 2 s the variance grows by T^2 times that of the velocity, and a^2 T^3 / 3.
        EXPECT_NEAR(fused[0].track.covariance(0, 0), 1 + 4 + noise * noise * 8 / 3, 1e-9);
        EXPECT_GT(fused[0].track.covariance(0, 0), last);
        last = fused[0].track.covariance(0, 0);
    }
}
