// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-run-statistics.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace
{

using namespace ns3;

/// 200 comparisons of 20 drops: a common term per drop, and a term of each policy alone.
class Repetitions : public testing::Test
{
  protected:
    static constexpr double DIFFERENCE = 0.5; //!< true mean of values - baseline

    void Draw()
    {
        std::normal_distribution<> common(10.0, 3.0);
        std::normal_distribution<> own(0.0, 0.5);
        values.clear();
        baseline.clear();
        for (int drop = 0; drop < 20; ++drop)
        {
            const double shared = common(engine);
            baseline.push_back(shared + own(engine));
            values.push_back(shared + DIFFERENCE + own(engine));
        }
    }

    std::mt19937 engine{42};
    std::vector<double> values;
    std::vector<double> baseline;
};

// Two-sided 95 % and 99 % points of the printed tables (Abramowitz and Stegun, table 26.10).
TEST(StudentQuantile, MatchesTables)
{
    const struct
    {
        double degrees;
        double t975;
        double t995;
    } rows[] = {{1, 12.706, 63.657},
                {2, 4.303, 9.925},
                {5, 2.571, 4.032},
                {10, 2.228, 3.169},
                {19, 2.093, 2.861},
                {30, 2.042, 2.750},
                {120, 1.980, 2.617},
                {1e6, 1.960, 2.576}};

    for (const auto& row : rows)
    {
        EXPECT_NEAR(GetStudentQuantile(0.975, row.degrees), row.t975, 6e-4) << row.degrees;
        EXPECT_NEAR(GetStudentQuantile(0.995, row.degrees), row.t995, 6e-4) << row.degrees;
        EXPECT_DOUBLE_EQ(GetStudentQuantile(0.025, row.degrees),
                         -GetStudentQuantile(0.975, row.degrees));
    }
    EXPECT_NEAR(GetStudentQuantile(0.5, 7), 0.0, 1e-12);
}

TEST(ConfidenceInterval, MatchesHandComputation)
{
    // Mean 5, variance 20/3, half width 3.18245 sqrt(20/12).
    const auto interval = GetConfidenceInterval({2.0, 4.0, 6.0, 8.0});
    EXPECT_EQ(interval.n, 4U);
    EXPECT_DOUBLE_EQ(interval.mean, 5.0);
    EXPECT_NEAR(interval.high - interval.mean, 4.10852, 1e-4);
    EXPECT_DOUBLE_EQ(interval.high - interval.mean, interval.mean - interval.low);
}

TEST(ConfidenceInterval, SkipsMissingValues)
{
    const double missing = std::nan("");
    EXPECT_EQ(GetConfidenceInterval({}).n, 0U);
    EXPECT_TRUE(std::isnan(GetConfidenceInterval({missing}).mean));
    EXPECT_EQ(GetConfidenceInterval({3.0, missing}).mean, 3.0);
    EXPECT_TRUE(std::isnan(GetConfidenceInterval({3.0, missing}).low));
    const auto paired = GetPairedDifference({1.0, missing, 5.0}, {0.0, 1.0, 2.0});
    EXPECT_EQ(paired.n, 2U);
    EXPECT_DOUBLE_EQ(paired.mean, 2.0);
}

TEST_F(Repetitions, IntervalsCoverTheTruth)
{
    int covered = 0;
    int pairedCovered = 0;
    for (int repetition = 0; repetition < 200; ++repetition)
    {
        Draw();
        const auto interval = GetConfidenceInterval(baseline);
        covered += interval.low <= 10.0 && 10.0 <= interval.high;
        const auto paired = GetPairedDifference(values, baseline);
        pairedCovered += paired.low <= DIFFERENCE && DIFFERENCE <= paired.high;
    }
    EXPECT_GE(covered, 184);
    EXPECT_LE(covered, 196);
    EXPECT_GE(pairedCovered, 184);
    EXPECT_LE(pairedCovered, 196);
}

TEST_F(Repetitions, PairingNarrowsTheInterval)
{
    for (int repetition = 0; repetition < 200; ++repetition)
    {
        Draw();
        const auto paired = GetPairedDifference(values, baseline);
        const auto a = GetConfidenceInterval(values);
        const auto b = GetConfidenceInterval(baseline);
        const double unpaired = std::hypot(a.high - a.low, b.high - b.low);
        EXPECT_LT(paired.high - paired.low, 0.5 * unpaired);
    }
}

TEST(Quantile, InterpolatesBetweenOrderStatistics)
{
    EXPECT_DOUBLE_EQ(GetQuantile({4.0, 1.0, 3.0, 2.0}, 0.5), 2.5);
    EXPECT_DOUBLE_EQ(GetQuantile({4.0, 1.0, 3.0, 2.0}, 0.05), 1.15);
    EXPECT_DOUBLE_EQ(GetQuantile({7.0}, 0.05), 7.0);
    EXPECT_TRUE(std::isnan(GetQuantile({}, 0.5)));
}

TEST(HistogramQuantile, InterpolatesWithinTheBin)
{
    const std::vector<HistogramBin> bins{{0.0, 1.0, 98}, {1.0, 2.0, 0}, {2.0, 3.0, 2}};
    EXPECT_DOUBLE_EQ(GetHistogramQuantile(bins, 0.99), 2.5);
    EXPECT_DOUBLE_EQ(GetHistogramQuantile(bins, 0.49), 0.5);
    EXPECT_DOUBLE_EQ(GetHistogramQuantile(bins, 1.0), 3.0);
    EXPECT_TRUE(std::isnan(GetHistogramQuantile({}, 0.5)));
}

TEST(JainFairness, IsOneForEqualSharesAndOneOverNForOneUser)
{
    EXPECT_DOUBLE_EQ(GetJainFairness({3.0, 3.0, 3.0}), 1.0);
    EXPECT_DOUBLE_EQ(GetJainFairness({0.0, 5.0, 0.0, 0.0}), 0.25);
    EXPECT_TRUE(std::isnan(GetJainFairness({0.0, 0.0})));
}

} // namespace
