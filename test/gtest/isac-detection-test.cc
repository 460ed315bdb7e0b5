// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-gaussian.h"
#include "ns3/isac-detection.h"
#include "ns3/rng-seed-manager.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// 0 and -40 .. 40 dB.
const double SNRS[] = {0.0, 1e-4, 0.1, 1.0, 3.0, 10.0, 20.0, 100.0, 1e4};

} // namespace

TEST(IsacDetection, CombiningMultipliesByAntennasAndSymbols)
{
    EXPECT_DOUBLE_EQ(GetCombinedSensingSnr(0.5, 8, 1000), 4000.0);
    EXPECT_EQ(GetCombinedSensingSnr(0.5, 8, 0), 0.0);
    EXPECT_DOUBLE_EQ(GetCombinedSensingSnr(1e-3, 4, uint64_t{1} << 40), 4e-3 * std::pow(2.0, 40));
}

TEST(IsacDetection, WithoutEchoOnlyFalseAlarmsRemain)
{
    for (double pfa : {1e-30, 1e-6, 0.01, 0.5})
    {
        EXPECT_NEAR(GetSwerlingDetectionProbability(0.0, pfa) / pfa, 1.0, 1e-12);
        EXPECT_NEAR(GetConstantDetectionProbability(0.0, pfa) / pfa, 1.0, 1e-12);
    }
}

TEST(IsacDetection, RequiredSnrOfTextbooks)
{
    // Pfa = 1e-6, Pd = 0.9: Swerling I needs ln(Pfa)/ln(Pd) - 1 = 21.14 dB; a constant target
    // 13.18 dB (M. Skolnik, Introduction to Radar Systems, 3rd ed., figure 2.6, read as 13.2 dB).
    EXPECT_NEAR(GetSwerlingDetectionProbability(std::pow(10.0, 2.1143), 1e-6), 0.9, 1e-4);
    EXPECT_NEAR(GetConstantDetectionProbability(std::pow(10.0, 1.32), 1e-6), 0.9, 0.01);
}

TEST(IsacDetection, ProbabilityGrowsWithSnrAndStaysInRange)
{
    for (double pfa : {1e-30, 1e-6, 0.5})
    {
        double swerling = 0.0;
        double constant = 0.0;
        for (double snr : SNRS)
        {
            const double nextSwerling = GetSwerlingDetectionProbability(snr, pfa);
            const double nextConstant = GetConstantDetectionProbability(snr, pfa);
            EXPECT_GT(nextSwerling, swerling);
            EXPECT_GE(nextConstant, constant);
            EXPECT_LE(nextSwerling, 1.0);
            EXPECT_LE(nextConstant, 1.0);
            swerling = nextSwerling;
            constant = nextConstant;
        }
        EXPECT_GT(constant, 1.0 - 1e-12);
    }
}

TEST(IsacDetection, TheShortcutAtHighSnrIsContinuous)
{
    for (double pfa : {1e-30, 1e-6, 0.5})
    {
        const double edge = std::pow(std::sqrt(-std::log(pfa)) + 8.0, 2);
        EXPECT_NEAR(GetConstantDetectionProbability(edge * (1 - 1e-9), pfa), 1.0, 1e-12);
        EXPECT_EQ(GetConstantDetectionProbability(edge * (1 + 1e-9), pfa), 1.0);
    }
}

TEST(IsacDetection, NotANumberStaysOne)
{
    EXPECT_TRUE(std::isnan(GetSwerlingDetectionProbability(NAN, 1e-6)));
    EXPECT_TRUE(std::isnan(GetConstantDetectionProbability(NAN, 1e-6)));
}

TEST(IsacDetection, SwerlingIsTheMeanOfConstantOverExponentialCrossSections)
{
    // int_0^inf e^-x Pd(x SNR) dx by Simpson's rule; the tail beyond 40 is below e^-40.
    constexpr int STEPS = 8000;
    for (double pfa : {1e-6, 1e-2})
    {
        for (double snr : {0.1, 1.0, 10.0, 100.0})
        {
            const double width = 40.0 / STEPS;
            double sum = 0.0;
            for (int i = 0; i <= STEPS; ++i)
            {
                const double weight = i == 0 || i == STEPS ? 1.0 : (i % 2 == 1 ? 4.0 : 2.0);
                sum += weight * std::exp(-i * width) *
                       GetConstantDetectionProbability(i * width * snr, pfa);
            }
            EXPECT_NEAR(sum * width / 3 / GetSwerlingDetectionProbability(snr, pfa), 1.0, 1e-6)
                << "Pfa " << pfa << ", SNR " << snr;
        }
    }
}

TEST(IsacDetection, FormulasMatchMonteCarlo)
{
    // 4.42 standard errors: two-sided confidence 1 - 1e-5 per comparison; the seed is fixed.
    constexpr int DRAWS = 200000;
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(1);
    auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(77);
    const double pfa = 1e-2;
    for (double snr : {0.0, 1.0, 10.0, 50.0})
    {
        int swerling = 0;
        int constant = 0;
        for (int i = 0; i < DRAWS; ++i)
        {
            const auto reflection = DrawComplexGaussian(*uniform);
            const auto noise = DrawComplexGaussian(*uniform);
            swerling += IsDetected(snr, reflection, noise, pfa);
            constant += IsDetected(snr, reflection / std::abs(reflection), noise, pfa);
        }
        auto expectFrequency = [snr](int count, double p) {
            EXPECT_NEAR(count / double(DRAWS), p, 4.42 * std::sqrt(p * (1 - p) / DRAWS) + 1e-12)
                << "SNR " << snr;
        };
        expectFrequency(swerling, GetSwerlingDetectionProbability(snr, pfa));
        expectFrequency(constant, GetConstantDetectionProbability(snr, pfa));
    }
}
