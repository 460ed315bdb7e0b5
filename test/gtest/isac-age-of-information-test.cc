// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-age-of-information.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

using namespace ns3;

TEST(IsacAgeOfInformation, SawtoothByHand)
{
    IsacAgeOfInformation age;
    EXPECT_FALSE(age.HasAge());
    EXPECT_TRUE(std::isnan(age.GetAge(1.0)));
    EXPECT_TRUE(std::isnan(age.GetMean(1.0)));
    EXPECT_TRUE(std::isnan(age.GetQuantile(0.5, 1.0)));
    EXPECT_TRUE(std::isnan(age.GetViolation(0.5, 1.0)));

    EXPECT_TRUE(age.Receive(0.0, 0.5));
    EXPECT_TRUE(age.HasAge());
    EXPECT_DOUBLE_EQ(age.GetMean(0.5), 0.5); // no time has passed
    EXPECT_TRUE(age.Receive(1.0, 2.0));
    EXPECT_FALSE(age.Receive(0.5, 2.5)); // overtaken
    EXPECT_FALSE(age.Receive(1.0, 3.0)); // a copy
    EXPECT_TRUE(age.Receive(3.0, 3.25));

    // The age rises from 0.5 to 2, from 1 to 2.25, and from 0.25 to 1.25.
    EXPECT_DOUBLE_EQ(age.GetAge(4.25), 1.25);
    const double area = 0.5 * (0.5 + 2.0) * 1.5 + 0.5 * (1.0 + 2.25) * 1.25 + 0.5 * (0.25 + 1.25);
    EXPECT_NEAR(age.GetMean(4.25), area / 3.75, 1e-15);
    EXPECT_EQ(age.GetPeaks(), (std::vector<double>{2.0, 2.25}));
    EXPECT_DOUBLE_EQ(age.GetQuantile(0.0, 4.25), 0.25);
    EXPECT_DOUBLE_EQ(age.GetQuantile(1.0, 4.25), 2.25);
    // Below 1 are 0.25 s of the last rise up to 0.5, and twice 0.5 s; from 1 on three rises.
    EXPECT_NEAR(age.GetQuantile(0.5, 4.25), 1.0 + (0.5 * 3.75 - 1.25) / 3.0, 1e-15);
    EXPECT_NEAR(age.GetViolation(1.0, 4.25), (1.0 + 1.25 + 0.25) / 3.75, 1e-15);
    EXPECT_DOUBLE_EQ(age.GetViolation(3.0, 4.25), 0.0);
    EXPECT_DOUBLE_EQ(age.GetViolation(0.0, 4.25), 1.0);
}

TEST(IsacAgeOfInformation, ImpossibleTimesHaveNoEffect)
{
    constexpr double INF = std::numeric_limits<double>::infinity();
    IsacAgeOfInformation age;
    EXPECT_FALSE(age.Receive(2.0, 1.0));
    EXPECT_FALSE(age.Receive(std::nan(""), 1.0));
    EXPECT_FALSE(age.Receive(0.0, INF));
    EXPECT_FALSE(age.Receive(-INF, 1.0));
    EXPECT_FALSE(age.HasAge());
    EXPECT_TRUE(age.Receive(0.0, 1.0));
    EXPECT_FALSE(age.Receive(0.5, 0.75)); // received before the last one
    EXPECT_DOUBLE_EQ(age.GetAge(1.0), 1.0);
    EXPECT_TRUE(age.GetPeaks().empty());
}

TEST(IsacAgeOfInformation, PeriodicUpdatesInClosedForm)
{
    // Period T and delay D: the age is uniform on [D, D + T].
    constexpr double PERIOD = 0.02;
    constexpr double DELAY = 0.007;
    IsacAgeOfInformation age;
    for (int k = 0; k < 100; ++k)
    {
        EXPECT_TRUE(age.Receive(PERIOD * k, PERIOD * k + DELAY));
    }
    const double now = PERIOD * 100 + DELAY;
    EXPECT_NEAR(age.GetMean(now), DELAY + 0.5 * PERIOD, 1e-12);
    EXPECT_NEAR(age.GetQuantile(0.95, now), DELAY + 0.95 * PERIOD, 1e-12);
    EXPECT_NEAR(age.GetViolation(DELAY + 0.25 * PERIOD, now), 0.75, 1e-10);
    for (const double peak : age.GetPeaks())
    {
        EXPECT_NEAR(peak, DELAY + PERIOD, 1e-12);
    }
}

TEST(IsacAgeOfInformation, QueueOfKaulYatesGruteser)
{
    // Mean age of an M/M/1 queue, first come first served: (1 + 1/rho + rho^2 / (1 - rho)) / mu.
    for (const double rho : {0.25, 0.5, 0.75})
    {
        std::mt19937_64 generator(1);
        std::exponential_distribution<double> gap(rho);
        std::exponential_distribution<double> service(1.0);
        IsacAgeOfInformation age;
        double arrival = 0.0;
        double departure = 0.0;
        for (int k = 0; k < 200000; ++k)
        {
            arrival += gap(generator);
            departure = std::max(arrival, departure) + service(generator);
            age.Receive(arrival, departure);
        }
        const double mean = 1.0 + 1.0 / rho + rho * rho / (1.0 - rho);
        EXPECT_NEAR(age.GetMean(departure) / mean, 1.0, 0.02) << "rho " << rho;
        // Quantiles and shares of time are inverse to each other.
        const double quantile = age.GetQuantile(0.95, departure);
        EXPECT_NEAR(age.GetViolation(quantile, departure), 0.05, 1e-9);
    }
}
