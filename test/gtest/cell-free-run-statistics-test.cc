// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-run-statistics.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace
{

using namespace ns3::cellfree;

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

/// How often an interval has the true mean in it, and whether it ever leaves the range.
struct Coverage
{
    double share{0.0};  //!< of the experiments
    bool leaves{false}; //!< true if an end was outside
};

/**
 * @brief Repeats an experiment of a few drops.
 * @param draw draws the value of a drop
 * @param mean its true mean
 * @param nDrops drops of an experiment
 * @param range given to the interval
 * @param possible what an end must not leave
 * @return what became of 4000 experiments
 */
template <typename Draw>
Coverage
FindCoverage(Draw draw, double mean, int nDrops, const Range& range, const Range& possible)
{
    constexpr int N_EXPERIMENTS = 4000;
    Coverage coverage;
    int covered = 0;
    for (int i = 0; i < N_EXPERIMENTS; ++i)
    {
        std::vector<double> values(nDrops);
        std::generate(values.begin(), values.end(), draw);
        const auto interval = GetConfidenceInterval(values, range);
        covered += interval.low <= mean && mean <= interval.high;
        coverage.leaves |= interval.low < possible.low || interval.high > possible.high;
    }
    coverage.share = static_cast<double>(covered) / N_EXPERIMENTS;
    return coverage;
}

// A share covered p of the time varies by sqrt(p (1 - p) / 4000) = 0.0034 at p = 0.95: bounds at 4
// of these from what 40 000 experiments of another program and generator give.
TEST(ConfidenceInterval, OfABoundedMetricStaysInsideAndCoversBetterThanStudents)
{
    std::mt19937 engine(7);
    // Pd over drops: most near 0, some near 1. Beta(0.3, 0.7) from two gamma variables.
    std::gamma_distribution<> a(0.3);
    std::gamma_distribution<> b(0.7);
    const auto beta = [&] {
        const double x = a(engine);
        return x / (x + b(engine));
    };
    const Range share{0.0, 1.0};

    const struct
    {
        int nDrops;
        double student; //!< coverage
        double logit;   //!< coverage
    } rows[] = {{4, 0.869, 0.935}, {10, 0.925, 0.955}, {20, 0.941, 0.960}};

    for (const auto& row : rows)
    {
        const auto student = FindCoverage(beta, 0.3, row.nDrops, {}, share);
        const auto logit = FindCoverage(beta, 0.3, row.nDrops, share, share);
        EXPECT_NEAR(student.share, row.student, 4 * 0.0054) << row.nDrops;
        EXPECT_NEAR(logit.share, row.logit, 4 * 0.0039) << row.nDrops;
        EXPECT_TRUE(student.leaves) << row.nDrops;
        EXPECT_FALSE(logit.leaves) << row.nDrops;
    }
}

TEST(ConfidenceInterval, OfAPositiveMetricStaysInsideAndCoversBetterThanStudents)
{
    std::mt19937 engine(8);
    std::exponential_distribution<> delay(1.0);
    const auto draw = [&] { return delay(engine); };
    const Range positive{0.0, std::numeric_limits<double>::infinity()};
    const auto student = FindCoverage(draw, 1.0, 4, {}, positive);
    const auto logarithmic = FindCoverage(draw, 1.0, 4, positive, positive);
    EXPECT_NEAR(student.share, 0.879, 4 * 0.0052);
    EXPECT_NEAR(logarithmic.share, 0.937, 4 * 0.0039);
    EXPECT_TRUE(student.leaves);
    EXPECT_FALSE(logarithmic.leaves);
}

TEST(ConfidenceInterval, OfBoundedMetricsMatchesHandComputation)
{
    // Mean 0.5, s / sqrt(n) = sqrt(0.18 / 2) = 0.3; logit 0 with error 0.3 / 0.25 = 1.2.
    const double t = std::tan(0.475 * M_PI); // Student's with one degree is Cauchy's
    const auto share = GetConfidenceInterval({0.2, 0.8}, {0.0, 1.0});
    EXPECT_NEAR(share.low, 1.0 / (1.0 + std::exp(1.2 * t)), 1e-12);
    EXPECT_NEAR(share.high, 1.0 / (1.0 + std::exp(-1.2 * t)), 1e-12);
    // In percent the same, and for the difference to zero the same on -100 to 100.
    const auto percent = GetConfidenceInterval({20.0, 80.0}, {0.0, 100.0});
    EXPECT_NEAR(percent.low, 100.0 * share.low, 1e-9);
    EXPECT_NEAR(percent.high, 100.0 * share.high, 1e-9);
    const auto difference = GetPairedDifference({20.0, 80.0}, {0.0, 0.0}, {0.0, 100.0});
    const auto direct = GetConfidenceInterval({20.0, 80.0}, {-100.0, 100.0});
    EXPECT_DOUBLE_EQ(difference.low, direct.low);
    EXPECT_DOUBLE_EQ(difference.high, direct.high);
    // Mean 3, s / sqrt(n) = 1: log 3 with error 1/3. The difference of positive numbers has any
    // sign.
    const Range positive{0.0, std::numeric_limits<double>::infinity()};
    const auto rate = GetConfidenceInterval({2.0, 4.0}, positive);
    EXPECT_NEAR(rate.low, 3.0 * std::exp(-t / 3.0), 1e-12);
    EXPECT_NEAR(rate.high, 3.0 * std::exp(t / 3.0), 1e-9);
    EXPECT_NEAR(GetPairedDifference({2.0, 4.0}, {0.0, 0.0}, positive).low, 3.0 - t, 1e-9);
    for (double end : {0.0, 1.0, 0.25})
    {
        const auto equal = GetConfidenceInterval({end, end, end}, {0.0, 1.0});
        EXPECT_EQ(equal.low, end);
        EXPECT_EQ(equal.high, end);
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
