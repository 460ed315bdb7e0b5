// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-energy-distribution.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace ns3;

namespace
{

using Terms = std::vector<IsacEnergyTerm>;

/// Looks without a target, one term each.
Terms
MakeLooks(const std::vector<double>& scales)
{
    Terms terms;
    for (double scale : scales)
    {
        terms.push_back({scale, 0.0, 1});
    }
    return terms;
}

/// Q(n, x) = e^-x sum_{j < n} x^j / j!, the tail of n unit exponentials; all terms are positive.
double
GetErlangTail(uint32_t n, double x)
{
    double term = 1.0;
    double sum = 1.0;
    for (uint32_t j = 1; j < n; ++j)
    {
        term *= x / j;
        sum += term;
    }
    return std::exp(std::log(sum) - x);
}

/// Marcum's Q as a Poisson mixture: sum_k e^-l l^k / k! Q(n + k, x).
double
GetMarcumTail(uint32_t n, double noncentrality, double x)
{
    double poisson = std::exp(-noncentrality);
    double sum = 0.0;
    for (uint32_t k = 0; k < 400; ++k)
    {
        sum += poisson * GetErlangTail(n + k, x);
        poisson *= noncentrality / (k + 1);
    }
    return sum;
}

/// Density of |mu + n|^2 with |mu|^2 = l: e^-(t + l) I_0(2 sqrt(l t)).
double
GetLookDensity(double noncentrality, double t)
{
    double term = 1.0;
    double sum = 1.0;
    for (int k = 1; k < 200; ++k)
    {
        term *= noncentrality * t / (double(k) * k);
        sum += term;
    }
    return std::exp(-t - noncentrality) * sum;
}

} // namespace

TEST(IsacEnergyDistribution, OneLookIsExponential)
{
    for (double scale : {1e-12, 1.0, 1e9})
    {
        const auto point = cellfree::GetEnergyDistribution({{scale, 0.0, 1}}, 3.0 * scale);
        EXPECT_NEAR(point.tail / std::exp(-3.0), 1.0, 1e-15);
        EXPECT_NEAR(point.density * scale / std::exp(-3.0), 1.0, 1e-15);
    }
}

TEST(IsacEnergyDistribution, ALookOfNoWeightChangesNothing)
{
    // The closed form of one look is not taken here, so this tests the contour at one pole.
    for (double x : {1e-6, 0.1, 0.999, 1.0, 1.001, 3.0, 13.8, 69.0, 600.0})
    {
        const auto point = cellfree::GetEnergyDistribution({{1.0, 0.0, 1}, {1e-17, 0.0, 1}}, x);
        EXPECT_NEAR(point.tail / std::exp(-x), 1.0, 1e-11) << x;
        EXPECT_NEAR(point.density / std::exp(-x), 1.0, 1e-10) << x;
    }
}

TEST(IsacEnergyDistribution, EqualLooksAreErlang)
{
    for (uint32_t n : {2, 3, 8, 20, 64, 300})
    {
        for (double x :
             {0.02 * n, 0.5 * n, 0.99 * n, 1.0 * n, 1.01 * n, n + 5 * std::sqrt(n), n + 70.0})
        {
            const double expected = GetErlangTail(n, x);
            const auto together =
                cellfree::GetEnergyDistribution({{0.5, 0.0, int32_t(n)}}, 0.5 * x);
            const auto apart = cellfree::GetEnergyDistribution(Terms(n, {0.5, 0.0, 1}), 0.5 * x);
            EXPECT_NEAR(together.tail / expected, 1.0, 1e-11) << n << " looks, " << x;
            EXPECT_NEAR(apart.tail / expected, 1.0, 1e-11) << n << " looks, " << x;
        }
    }
}

TEST(IsacEnergyDistribution, UnequalLooksMatchExtendedPrecision)
{
    // sum_k prod_{j != k} w_k / (w_k - w_j) e^(-x / w_k) with 200 digits (mpmath 1.3.0).
    struct Case
    {
        std::vector<double> scales;
        std::vector<std::pair<double, double>> points;
    };

    Case nearlyEqual{{},
                     {{2, 0.998903256972226621},
                      {8, 0.452956901056934493},
                      {30, 5.23330782678852875e-7},
                      {80, 8.21756376971941997e-26}}};
    for (int k = 0; k < 8; ++k)
    {
        nearlyEqual.scales.push_back(1 - k * 1e-6);
    }
    Case tenDecades{{},
                    {{0.1, 0.970732776540211237},
                     {1.5, 0.25070516183698909},
                     {14, 9.34291328935777141e-7},
                     {70, 4.46674676598495498e-31}}};
    for (int k = 0; k < 11; ++k)
    {
        tenDecades.scales.push_back(std::pow(10.0, -k));
    }
    Case twoStrong{{1, 0.9},
                   {{0.3, 0.999361145340589369},
                    {2, 0.467271579304363869},
                    {15, 3.42306973391043853e-6},
                    {72, 7.30321719990667223e-31}}};
    for (int k = 0; k < 30; ++k)
    {
        twoStrong.scales.push_back(0.01 + k * 1e-5);
    }
    Case linear{{},
                {{5, 0.999999999972809364},
                 {20.5, 0.472943257276358743},
                 {45, 5.2474160275890699e-7},
                 {120, 5.53801665574703172e-37}}};
    for (int k = 0; k < 40; ++k)
    {
        linear.scales.push_back((k + 1) / 40.0);
    }
    for (const auto& [scales, points] : {nearlyEqual, tenDecades, twoStrong, linear})
    {
        for (const auto& [x, tail] : points)
        {
            EXPECT_NEAR(cellfree::GetEnergyDistribution(MakeLooks(scales), x).tail / tail,
                        1.0,
                        1e-10)
                << scales.size() << " looks, " << x;
        }
    }
}

TEST(IsacEnergyDistribution, UnequalLooksMatchBruteForceConvolution)
{
    // P(A + B > x) = P(A > x) + int_0^x f_A(t) P(B > x - t) dt, twice, by Simpson's rule.
    constexpr int STEPS = 400;
    auto convolve = [](double x, auto density, auto tailOfRest, double tail) {
        const double width = x / STEPS;
        double sum = 0.0;
        for (int i = 0; i <= STEPS; ++i)
        {
            const double weight = i == 0 || i == STEPS ? 1.0 : (i % 2 == 1 ? 4.0 : 2.0);
            sum += weight * density(i * width) * tailOfRest(x - i * width);
        }
        return tail + sum * width / 3;
    };
    const double a = 1.0;
    const double b = 0.6;
    const double c = 0.25;
    for (double x : {0.3, 2.0, 9.0})
    {
        auto tailOfTwo = [&](double y) {
            return convolve(
                y,
                [&](double t) { return std::exp(-t / b) / b; },
                [&](double z) { return std::exp(-z / c); },
                std::exp(-y / b));
        };
        const double expected = convolve(
            x,
            [&](double t) { return std::exp(-t / a) / a; },
            tailOfTwo,
            std::exp(-x / a));
        EXPECT_NEAR(cellfree::GetEnergyDistribution(MakeLooks({a, b, c}), x).tail / expected,
                    1.0,
                    1e-7);
    }
    // Two looks at targets of constant cross section, |mu|^2 = 3 and 5.
    for (double x : {0.5, 4.0, 20.0})
    {
        const double expected = convolve(
            x,
            [&](double t) { return GetLookDensity(3.0, t); },
            [&](double y) { return GetMarcumTail(1, 5.0, y / b); },
            GetMarcumTail(1, 3.0, x));
        EXPECT_NEAR(cellfree::GetEnergyDistribution({{1.0, 3.0, 1}, {b, 5.0, 1}}, x).tail /
                        expected,
                    1.0,
                    1e-7)
            << x;
    }
}

TEST(IsacEnergyDistribution, EqualLooksOfConstantTargetsAreMarcum)
{
    for (uint32_t n : {1, 2, 7, 40})
    {
        for (double noncentrality : {1e-3, 1.0, 30.0})
        {
            for (double x : {0.1, 5.0, 13.8, 60.0, 150.0})
            {
                const double expected = GetMarcumTail(n, noncentrality, x);
                const auto together =
                    cellfree::GetEnergyDistribution({{1.0, noncentrality, int32_t(n)}}, x);
                Terms looks(n, {1.0, 0.0, 1});
                looks[0].noncentrality = 0.75 * noncentrality;
                looks[n - 1].noncentrality += 0.25 * noncentrality;
                EXPECT_NEAR(together.tail / expected, 1.0, 1e-10)
                    << n << ' ' << noncentrality << ' ' << x;
                EXPECT_NEAR(cellfree::GetEnergyDistribution(looks, x).tail / expected, 1.0, 1e-10)
                    << n << ' ' << noncentrality << ' ' << x;
            }
        }
    }
}

TEST(IsacEnergyDistribution, ALargeTargetIsNearlyGaussian)
{
    // |mu + n|^2 has mean 1 + l and variance 1 + 2 l; its skewness is below 3e-3 here.
    const double l = 1e6;
    for (double deviations : {-3.0, -1.0, 0.0, 1.0, 3.0})
    {
        const double x = 1 + l + deviations * std::sqrt(1 + 2 * l);
        EXPECT_NEAR(cellfree::GetEnergyDistribution({{1.0, l, 1}}, x).tail,
                    0.5 * std::erfc(deviations / std::sqrt(2.0)),
                    1e-3);
    }
}

TEST(IsacEnergyDistribution, DensityIsTheSlopeOfTheTail)
{
    for (const auto& terms : {MakeLooks({1.0, 0.3, 1e-3}), Terms{{1.0, 2.0, 3}, {0.1, 9.0, 1}}})
    {
        for (double x : {0.2, 1.0, 8.0, 40.0})
        {
            const double width = 1e-4 * x;
            const double slope = (cellfree::GetEnergyDistribution(terms, x - width).tail -
                                  cellfree::GetEnergyDistribution(terms, x + width).tail) /
                                 (2 * width);
            EXPECT_NEAR(cellfree::GetEnergyDistribution(terms, x).density / slope, 1.0, 1e-5) << x;
        }
    }
}

TEST(IsacEnergyDistribution, ThresholdInvertsTheTail)
{
    for (const auto& terms : {MakeLooks({2.0}),
                              MakeLooks({1.0, 1.0}),
                              MakeLooks({1.0, 1e-3, 1e-6, 1e-10}),
                              MakeLooks({0.9, 0.8999999, 0.5, 0.1}),
                              Terms{{0.7, 0.0, 256}},
                              Terms{{1e-9, 0.0, 30}, {1e3, 0.0, 2}}})
    {
        double previous = 0.0;
        for (double p : {0.5, 0.1, 1e-2, 1e-6, 1e-12, 1e-30})
        {
            const double x = cellfree::GetEnergyThreshold(terms, p);
            EXPECT_GT(x, previous);
            EXPECT_NEAR(cellfree::GetEnergyDistribution(terms, x).tail / p, 1.0, 1e-10) << p;
            previous = x;
        }
    }
}

TEST(IsacEnergyDistribution, TheTailFallsAndStaysInRange)
{
    const auto terms = MakeLooks({1.0, 0.7, 0.7, 0.2, 1e-4});
    double previous = 1.0;
    for (double x = 0.01; x < 800.0; x *= 1.05)
    {
        const double tail = cellfree::GetEnergyDistribution(terms, x).tail;
        EXPECT_LE(tail, previous);
        EXPECT_GE(tail, 0.0);
        previous = tail;
    }
}

TEST(IsacEnergyDistribution, EdgesAndNotANumber)
{
    constexpr double INF = std::numeric_limits<double>::infinity();
    EXPECT_EQ(cellfree::GetEnergyDistribution(MakeLooks({1.0, 2.0}), 0.0).tail, 1.0);
    EXPECT_EQ(cellfree::GetEnergyDistribution(MakeLooks({1.0, 2.0}), -1.0).tail, 1.0);
    EXPECT_EQ(cellfree::GetEnergyDistribution(MakeLooks({1.0, 2.0}), INF).tail, 0.0);
    EXPECT_EQ(cellfree::GetEnergyDistribution(MakeLooks({1.0, 2.0}), 1e5).tail, 0.0);
    EXPECT_EQ(cellfree::GetEnergyDistribution({}, 1.0).tail, 0.0);
    EXPECT_EQ(cellfree::GetEnergyDistribution(MakeLooks({0.0}), 1.0).tail, 0.0);
    EXPECT_TRUE(std::isnan(cellfree::GetEnergyDistribution(MakeLooks({1.0, 2.0}), NAN).tail));
    EXPECT_TRUE(std::isnan(cellfree::GetEnergyDistribution(MakeLooks({1.0, NAN}), 1.0).tail));
    EXPECT_TRUE(std::isnan(cellfree::GetEnergyDistribution({{1.0, NAN, 1}}, 1.0).tail));
}

TEST(IsacEnergyRatio, OneLookIsAPower)
{
    // P(E > r Z) = E[e^(-r Z)] = (1 + r)^-n.
    for (uint32_t n : {1U, 2U, 16U, 300U})
    {
        for (double ratio : {1e-6, 1e-2, 1.0, 30.0, 1e6})
        {
            const double expected = std::exp(-std::log1p(ratio / 3.0) * n);
            if (expected > 1e-280)
            {
                EXPECT_NEAR(cellfree::GetEnergyRatioTail({{3.0, 0.0, 1}}, ratio, n) / expected,
                            1.0,
                            1e-11)
                    << n << " reference looks, ratio " << ratio;
            }
        }
        for (double p : {1e-30, 1e-6, 0.9})
        {
            EXPECT_NEAR(std::pow(1 + cellfree::GetEnergyRatioThreshold(1, p, n), -double(n)) / p,
                        1.0,
                        1e-10);
        }
    }
}

TEST(IsacEnergyRatio, EqualLooksHaveTheNegativeBinomialTail)
{
    // Of count + n exponential arrivals of rates 1 and r: P = sum_{k < count} C(n + k - 1, k) p^n
    // (1 - p)^k with p = 1 / (1 + r); all terms are positive.
    for (int count : {2, 7, 50})
    {
        for (uint32_t n : {1U, 12U, 200U})
        {
            for (double ratio : {0.01, 0.4, 3.0})
            {
                double expected = 0.0;
                for (int k = 0; k < count; ++k)
                {
                    expected +=
                        std::exp(std::lgamma(n + k) - std::lgamma(k + 1.0) - std::lgamma(n) -
                                 n * std::log1p(ratio) + k * std::log(ratio / (1 + ratio)));
                }
                const double tail = cellfree::GetEnergyRatioTail({{1.0, 0.0, count}}, ratio, n);
                EXPECT_NEAR(tail / expected, 1.0, 1e-10);
            }
            for (double p : {1e-30, 1e-6, 0.4})
            {
                const double ratio = cellfree::GetEnergyRatioThreshold(count, p, n);
                const double tail = cellfree::GetEnergyRatioTail({{1.0, 0.0, count}}, ratio, n);
                EXPECT_NEAR(tail / p, 1.0, 1e-9);
            }
        }
    }
}

TEST(IsacEnergyRatio, TargetsAreTheMeanOverTheReference)
{
    // Simpson's rule over Z of 3 looks, density z^2 e^-z / 2, of the tail with known noise.
    constexpr int STEPS = 4000;
    const Terms terms{{1.0, 4.0, 2}, {3.0, 0.0, 1}, {1.5, 0.0, 1}, {1.0, 0.0, -1}};
    const double width = 60.0 / STEPS;
    double sum = 0.0;
    for (int i = 1; i <= STEPS; ++i)
    {
        const double z = i * width;
        sum += (i == STEPS ? 1.0 : (i % 2 == 1 ? 4.0 : 2.0)) * z * z * std::exp(-z) / 2 *
               cellfree::GetEnergyDistribution(terms, 2.5 * z).tail;
    }
    EXPECT_NEAR(cellfree::GetEnergyRatioTail(terms, 2.5, 3) / (sum * width / 3), 1.0, 1e-8);
    EXPECT_TRUE(std::isnan(cellfree::GetEnergyRatioTail(terms, NAN, 3)));
    EXPECT_TRUE(std::isnan(cellfree::GetEnergyRatioTail({{NAN, 0.0, 1}}, 1.0, 3)));
}

TEST(IsacEnergyDistribution, NegativeCountsDivide)
{
    // (1 - t) / (1 - a t)^2 is the mixture of Exp(a) with weight 1 / a and Gamma(2, a).
    for (double a : {1.0, 1.3, 8.0, 1e4})
    {
        for (double x : {0.01, 1.0, 10.0, 200.0})
        {
            const auto point = cellfree::GetEnergyDistribution({{a, 0.0, 2}, {1.0, 0.0, -1}}, x);
            const double expected = std::exp(-x / a) * (1 + (1 - 1 / a) * x / a);
            EXPECT_NEAR(point.tail / expected, 1.0, 1e-11) << "a " << a << ", x " << x;
            // -d/dx of it.
            const double density = std::exp(-x / a) / a * (1 / a + (1 - 1 / a) * x / a);
            EXPECT_NEAR(point.density / density, 1.0, 1e-9) << "a " << a << ", x " << x;
        }
    }
}
