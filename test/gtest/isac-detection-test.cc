// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-uniform.h"

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

constexpr IsacFluctuation FLUCTUATIONS[] = {ISAC_SWERLING_1,
                                            ISAC_CONSTANT,
                                            ISAC_SWERLING_2,
                                            ISAC_SWERLING_3,
                                            ISAC_SWERLING_4};

double
GetPooledPd(const Eigen::VectorXd& snr,
            IsacFluctuation fluctuation,
            double pfa,
            uint32_t nIntervals = 1,
            uint32_t nReference = 0)
{
    IsacPooledTest test;
    test.Design(snr, fluctuation, pfa, nIntervals, nReference);
    return test.GetDetectionProbability();
}

/// With one interval, II is I and IV is III.
constexpr IsacFluctuation DIFFERENT[] = {ISAC_SWERLING_1, ISAC_CONSTANT, ISAC_SWERLING_3};

/// Pd of one look whose |alpha|^2 over a dwell has shape m, by Simpson's rule over it.
double
IntegratePd(double snr, double pfa, uint32_t nIntervals, uint32_t shape)
{
    constexpr int STEPS = 3000;
    const double threshold = cellfree::GetEnergyThreshold({{1.0, 0.0, int(nIntervals)}}, pfa);
    const double width = 40.0 / STEPS;
    double sum = 0.0;
    for (int i = 1; i <= STEPS; ++i)
    {
        const double x = i * width;
        const double density =
            shape * std::exp((shape - 1) * std::log(shape * x) - shape * x - std::lgamma(shape));
        sum += (i == STEPS ? 1.0 : (i % 2 == 1 ? 4.0 : 2.0)) * density *
               cellfree::GetEnergyDistribution({{1.0, x * snr, int(nIntervals)}}, threshold).tail;
    }
    // At 0 the density of shape 1 is 1, others vanish.
    return (sum + (shape == 1 ? pfa : 0.0)) * width / 3;
}

/// SNRs of K looks from -30 to 30 dB.
Eigen::VectorXd
DrawSnrs(Eigen::Index k, UniformRandomVariable& uniform)
{
    return Eigen::VectorXd::NullaryExpr(k, [&uniform]() {
        return std::pow(10.0, uniform.GetValue(-3.0, 3.0));
    });
}

} // namespace

TEST(IsacDetection, CombiningMultipliesByAntennasAndSymbols)
{
    EXPECT_DOUBLE_EQ(cellfree::GetCombinedSensingSnr(0.5, 8, 1000), 4000.0);
    EXPECT_EQ(cellfree::GetCombinedSensingSnr(0.5, 8, 0), 0.0);
    EXPECT_DOUBLE_EQ(cellfree::GetCombinedSensingSnr(1e-3, 4, uint64_t{1} << 40),
                     4e-3 * std::pow(2.0, 40));
}

TEST(IsacDetection, WithoutEchoOnlyFalseAlarmsRemain)
{
    for (double pfa : {1e-30, 1e-6, 0.01, 0.5})
    {
        EXPECT_NEAR(cellfree::GetSwerlingDetectionProbability(0.0, pfa) / pfa, 1.0, 1e-12);
        EXPECT_NEAR(cellfree::GetConstantDetectionProbability(0.0, pfa) / pfa, 1.0, 1e-12);
    }
}

TEST(IsacDetection, RequiredSnrOfTextbooks)
{
    // Pfa = 1e-6, Pd = 0.9: Swerling I needs ln(Pfa)/ln(Pd) - 1 = 21.14 dB; a constant target
    // 13.18 dB (M. Skolnik, Introduction to Radar Systems, 3rd ed., figure 2.6, read as 13.2 dB).
    EXPECT_NEAR(cellfree::GetSwerlingDetectionProbability(std::pow(10.0, 2.1143), 1e-6), 0.9, 1e-4);
    EXPECT_NEAR(cellfree::GetConstantDetectionProbability(std::pow(10.0, 1.32), 1e-6), 0.9, 0.01);
}

TEST(IsacDetection, ProbabilityGrowsWithSnrAndStaysInRange)
{
    for (double pfa : {1e-30, 1e-6, 0.5})
    {
        double swerling = 0.0;
        double constant = 0.0;
        for (double snr : SNRS)
        {
            const double nextSwerling = cellfree::GetSwerlingDetectionProbability(snr, pfa);
            const double nextConstant = cellfree::GetConstantDetectionProbability(snr, pfa);
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
        EXPECT_NEAR(cellfree::GetConstantDetectionProbability(edge * (1 - 1e-9), pfa), 1.0, 1e-12);
        EXPECT_EQ(cellfree::GetConstantDetectionProbability(edge * (1 + 1e-9), pfa), 1.0);
    }
}

TEST(IsacDetection, NotANumberStaysOne)
{
    EXPECT_TRUE(std::isnan(cellfree::GetSwerlingDetectionProbability(NAN, 1e-6)));
    EXPECT_TRUE(std::isnan(cellfree::GetConstantDetectionProbability(NAN, 1e-6)));
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
                       cellfree::GetConstantDetectionProbability(i * width * snr, pfa);
            }
            EXPECT_NEAR(sum * width / 3 / cellfree::GetSwerlingDetectionProbability(snr, pfa),
                        1.0,
                        1e-6)
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
            const auto reflection = cellfree::DrawComplexGaussian(*uniform);
            const auto noise = cellfree::DrawComplexGaussian(*uniform);
            const auto phase = reflection / std::abs(reflection);
            const double threshold = cellfree::GetDetectionThreshold(pfa);
            swerling += std::norm(std::sqrt(snr) * reflection + noise) > threshold;
            constant += std::norm(std::sqrt(snr) * phase + noise) > threshold;
        }
        auto expectFrequency = [snr](int count, double p) {
            EXPECT_NEAR(count / double(DRAWS), p, 4.42 * std::sqrt(p * (1 - p) / DRAWS) + 1e-12)
                << "SNR " << snr;
        };
        expectFrequency(swerling, cellfree::GetSwerlingDetectionProbability(snr, pfa));
        expectFrequency(constant, cellfree::GetConstantDetectionProbability(snr, pfa));
    }
}

TEST(IsacPooledTest, OneLookHasTheClosedForms)
{
    for (double pfa : {1e-30, 1e-6, 0.5})
    {
        for (double snr : SNRS)
        {
            const auto one = Eigen::VectorXd::Constant(1, snr);
            EXPECT_NEAR(GetPooledPd(one, ISAC_SWERLING_1, pfa) /
                            cellfree::GetSwerlingDetectionProbability(snr, pfa),
                        1.0,
                        1e-12);
            EXPECT_NEAR(GetPooledPd(one, ISAC_CONSTANT, pfa) /
                            cellfree::GetConstantDetectionProbability(snr, pfa),
                        1.0,
                        1e-9)
                << "SNR " << snr << ", Pfa " << pfa;
        }
    }
}

TEST(IsacPooledTest, EqualLooksHaveTheGammaTail)
{
    // Hand calculation: T / w is Erlang of 4 looks with Q(4, g) = e^-g (1 + g + g^2/2 + g^3/6)
    // under noise, and 1 + s times as large with a target.
    auto erlang = [](double g) { return std::exp(-g) * (1 + g + g * g / 2 + g * g * g / 6); };
    double low = 1.0;
    double high = 100.0;
    for (int i = 0; i < 200; ++i)
    {
        const double middle = (low + high) / 2;
        (erlang(middle) > 1e-6 ? low : high) = middle;
    }
    for (double snr : {0.1, 5.05, 40.0})
    {
        IsacPooledTest test;
        test.Design(Eigen::VectorXd::Constant(4, snr), ISAC_SWERLING_1, 1e-6);
        EXPECT_NEAR(test.GetWeights()(2), snr / (1 + snr), 1e-15);
        EXPECT_NEAR(test.GetThreshold() / test.GetWeights()(0) / low, 1.0, 1e-10);
        EXPECT_NEAR(test.GetDetectionProbability() / erlang(low / (1 + snr)), 1.0, 1e-9);
    }
}

TEST(IsacPooledTest, WithoutEchoOnlyFalseAlarmsRemain)
{
    for (auto fluctuation : FLUCTUATIONS)
    {
        for (double pfa : {1e-30, 1e-6, 0.5})
        {
            EXPECT_EQ(GetPooledPd(Eigen::VectorXd(0), fluctuation, pfa), pfa);
            EXPECT_NEAR(GetPooledPd(Eigen::VectorXd::Zero(5), fluctuation, pfa) / pfa, 1.0, 1e-10);
            Eigen::Vector3d one(0.0, 7.0, 0.0);
            EXPECT_EQ(GetPooledPd(one, fluctuation, pfa),
                      GetPooledPd(one.segment(1, 1), fluctuation, pfa));
        }
        EXPECT_TRUE(std::isnan(GetPooledPd(Eigen::Vector2d(1.0, NAN), fluctuation, 1e-6)));
        EXPECT_TRUE(std::isnan(GetPooledPd(Eigen::Vector2d(1.0, 1.0), fluctuation, NAN)));
        IsacPooledTest test;
        test.Design(Eigen::VectorXd(0), fluctuation, 1e-6);
        EXPECT_FALSE(0.0 > test.GetThreshold());
    }
}

TEST(IsacPooledTest, ALookNeverHurts)
{
    // Looks are added in any order, an SNR is raised, Pfa is raised.
    auto uniform = MakeUniform(78);
    for (auto fluctuation : DIFFERENT)
    {
        for (int draw = 0; draw < 60; ++draw)
        {
            const double pfa = std::pow(10.0, uniform->GetValue(-30.0, -0.31));
            auto snr = DrawSnrs(12, *uniform);
            double previous = 0.0;
            for (Eigen::Index k = 1; k <= snr.size(); ++k)
            {
                const double pd = GetPooledPd(snr.head(k), fluctuation, pfa);
                EXPECT_GE(pd, previous * (1 - 1e-10)) << k << " looks, Pfa " << pfa;
                EXPECT_LE(pd, 1.0);
                previous = pd;
            }
            EXPECT_GE(GetPooledPd(snr, fluctuation, 1.3 * pfa), previous * (1 - 1e-10));
            snr(draw % 12) *= 1.5;
            EXPECT_GE(GetPooledPd(snr, fluctuation, pfa), previous * (1 - 1e-10));
        }
    }
}

TEST(IsacPooledTest, ALookNeverHurtsWithIntervalsAndReferenceCells)
{
    // A new AP, more power, and a target that comes closer, which raises all SNRs.
    auto uniform = MakeUniform(81);
    for (auto fluctuation : FLUCTUATIONS)
    {
        for (uint32_t nReference : {0U, 4U, 32U})
        {
            for (uint32_t nIntervals : {1U, 2U, 5U})
            {
                const double pfa = std::pow(10.0, uniform->GetValue(-12.0, -1.0));
                Eigen::VectorXd snr = DrawSnrs(5, *uniform);
                double previous = pfa * (1 - 1e-9);
                for (Eigen::Index k = 1; k <= snr.size(); ++k)
                {
                    const double pd =
                        GetPooledPd(snr.head(k), fluctuation, pfa, nIntervals, nReference);
                    EXPECT_GE(pd, previous * (1 - 1e-9))
                        << k << " looks, fluctuation " << fluctuation << ", n " << nIntervals
                        << ", N " << nReference;
                    EXPECT_LE(pd, 1.0);
                    previous = pd;
                }
                snr *= 1.3;
                const double closer = GetPooledPd(snr, fluctuation, pfa, nIntervals, nReference);
                EXPECT_GE(closer, previous * (1 - 1e-9));
                snr(3) *= 2.0;
                EXPECT_GE(GetPooledPd(snr, fluctuation, pfa, nIntervals, nReference),
                          closer * (1 - 1e-9));
            }
        }
    }
}

TEST(IsacPooledTest, FluctuationsAreMixturesOfConstants)
{
    for (double snr : {0.5, 8.0, 60.0})
    {
        for (uint32_t n : {1U, 3U})
        {
            const auto one = Eigen::VectorXd::Constant(1, snr);
            const std::pair<IsacFluctuation, uint32_t> shapes[] = {{ISAC_SWERLING_1, 1},
                                                                   {ISAC_SWERLING_2, n},
                                                                   {ISAC_SWERLING_3, 2},
                                                                   {ISAC_SWERLING_4, 2 * n}};
            for (const auto& [fluctuation, shape] : shapes)
            {
                EXPECT_NEAR(GetPooledPd(one, fluctuation, 1e-4, n) /
                                IntegratePd(snr, 1e-4, n, shape),
                            1.0,
                            1e-6)
                    << "fluctuation " << fluctuation << ", n " << n << ", SNR " << snr;
            }
        }
        // With one interval, II is I and IV is III.
        const Eigen::Vector3d three(snr, 2 * snr, 0.1);
        EXPECT_EQ(GetPooledPd(three, ISAC_SWERLING_1, 1e-6),
                  GetPooledPd(three, ISAC_SWERLING_2, 1e-6));
        EXPECT_EQ(GetPooledPd(three, ISAC_SWERLING_3, 1e-6),
                  GetPooledPd(three, ISAC_SWERLING_4, 1e-6));
    }
}

TEST(IsacPooledTest, SwerlingThreeOfOneLookHasTheClosedForm)
{
    for (double pfa : {1e-30, 1e-6, 0.5})
    {
        for (double snr : SNRS)
        {
            const auto one = Eigen::VectorXd::Constant(1, snr);
            EXPECT_NEAR(GetPooledPd(one, ISAC_SWERLING_3, pfa) /
                            cellfree::GetSwerling3DetectionProbability(snr, pfa),
                        1.0,
                        1e-11);
        }
    }
    // By hand for Pfa = 1e-6 and 50: a = 26, x = 13.8155, e^(-x / 26) (1 + 25 x / 676).
    EXPECT_NEAR(cellfree::GetSwerling3DetectionProbability(50.0, 1e-6), 0.888126, 1e-6);
}

TEST(IsacPooledTest, SwerlingTwoOfEqualIntervalsHasTheGammaTail)
{
    // Hand calculation: 4 intervals of one look are 4 looks, Q(4, g / (1 + s / 4)).
    const auto erlang = [](double g) { return std::exp(-g) * (1 + g + g * g / 2 + g * g * g / 6); };
    const double threshold = cellfree::GetEnergyThreshold({{1.0, 0.0, 4}}, 1e-6);
    EXPECT_NEAR(GetPooledPd(Eigen::VectorXd::Constant(1, 20.0), ISAC_SWERLING_2, 1e-6, 4) /
                    erlang(threshold / 6),
                1.0,
                1e-9);
    // Diversity: at a high SNR four intervals of case II miss less than one, of case I they cannot.
    const auto strong = Eigen::VectorXd::Constant(1, 100.0);
    EXPECT_GT(GetPooledPd(strong, ISAC_SWERLING_2, 1e-6, 4),
              GetPooledPd(strong, ISAC_SWERLING_2, 1e-6));
    EXPECT_LT(GetPooledPd(strong, ISAC_SWERLING_1, 1e-6, 4),
              GetPooledPd(strong, ISAC_SWERLING_1, 1e-6));
}

TEST(IsacPooledTest, CellAveragingHasTheClosedForm)
{
    for (double pfa : {1e-12, 1e-6, 1e-2})
    {
        for (uint32_t cells : {1U, 8U, 32U, 1000U})
        {
            // Pfa = (1 + T)^-n.
            EXPECT_NEAR(std::pow(1 + cellfree::GetCfarThreshold(pfa, cells), -double(cells)) / pfa,
                        1.0,
                        1e-11);
            for (double snr : {0.0, 1.0, 20.0, 1e4})
            {
                EXPECT_NEAR(
                    GetPooledPd(Eigen::VectorXd::Constant(1, snr), ISAC_SWERLING_1, pfa, 1, cells) /
                        cellfree::GetCfarDetectionProbability(snr, pfa, cells),
                    1.0,
                    1e-9)
                    << "Pfa " << pfa << ", " << cells << " cells, SNR " << snr;
            }
        }
    }
    // Pfa = 1e-6, Pd = 0.9: T = 1.37137 and (1 + T / (1 + SNR))^-16 = 0.9 at 23.15 dB, not 21.14.
    EXPECT_NEAR(cellfree::GetCfarLoss(0.9, 1e-6, 16), 2.007, 0.001);
    EXPECT_LT(cellfree::GetCfarLoss(0.9, 1e-6, 1000), 0.04);
    EXPECT_GT(cellfree::GetCfarLoss(0.9, 1e-6, 1000), 0.0);
    const double need = std::log(1e-6) / std::log(0.9) - 1.0;
    EXPECT_NEAR(cellfree::GetCfarDetectionProbability(need * std::pow(10.0, 0.2007), 1e-6, 16),
                0.9,
                1e-4);
}

TEST(IsacPooledTest, MoreReferenceCellsAreBetterAndManyAreKnownNoise)
{
    const Eigen::Vector3d snr(9.0, 4.0, 0.5);
    for (auto fluctuation : FLUCTUATIONS)
    {
        double previous = 0.0;
        for (uint32_t cells : {1U, 4U, 16U, 64U, 256U})
        {
            const double pd = GetPooledPd(snr, fluctuation, 1e-4, 2, cells);
            EXPECT_GT(pd, previous);
            previous = pd;
        }
        // Known noise with the same weights, or better ones.
        EXPECT_LT(previous, GetPooledPd(snr, fluctuation, 1e-4, 2));
        EXPECT_NEAR(previous,
                    GetPooledPd(snr, fluctuation, 1e-4, 2),
                    fluctuation == ISAC_SWERLING_2 ? 0.05 : 0.02);
    }
}

TEST(IsacPooledTest, FrequenciesWithIntervalsAndReferenceCellsMatchMonteCarlo)
{
    // 4.42 standard errors: two-sided confidence 1 - 1e-5 per comparison; the seed is fixed.
    constexpr int DRAWS = 10000;
    constexpr int N = 2;
    const double pfa = 1e-2;
    auto uniform = MakeUniform(82);
    Eigen::VectorXd snr(3);
    snr << 12.0, 0.6, 4.0;
    IsacEchoes echoes;
    echoes.Resize(3, N);
    Eigen::VectorXd power;
    Eigen::VectorXd noisePower;
    Eigen::VectorXd factor;
    for (auto fluctuation : FLUCTUATIONS)
    {
        for (uint32_t cells : {0U, 6U})
        {
            IsacPooledTest test;
            test.Design(snr, fluctuation, pfa, N, cells);
            int falseAlarms = 0;
            int detections = 0;
            double conditional = 0.0;
            double conditionalSquared = 0.0;
            for (int draw = 0; draw < DRAWS; ++draw)
            {
                for (Eigen::Index k = 0; k < 3; ++k)
                {
                    std::complex<double> alpha;
                    echoes.reference(k) = 0.0;
                    for (int i = 0; i < N; ++i)
                    {
                        const bool isNew = i == 0 || fluctuation == ISAC_SWERLING_2 ||
                                           fluctuation == ISAC_SWERLING_4;
                        if (isNew)
                        {
                            // Shape 1 or 2 as the mean of so many exponentials.
                            const bool isTwo =
                                fluctuation == ISAC_SWERLING_3 || fluctuation == ISAC_SWERLING_4;
                            alpha = cellfree::DrawComplexGaussian(*uniform);
                            const double second =
                                isTwo ? -std::log(uniform->GetValue(0.0, 1.0)) : 0.0;
                            const double size = fluctuation == ISAC_CONSTANT ? 1.0
                                                : isTwo ? (std::norm(alpha) + second) / 2
                                                        : std::norm(alpha);
                            alpha *= std::sqrt(size) / std::abs(alpha);
                        }
                        echoes.reflection(i, k) = alpha;
                        echoes.noise(i, k) = cellfree::DrawComplexGaussian(*uniform);
                        for (uint32_t c = 0; c < cells; ++c)
                        {
                            echoes.reference(k) -= std::log(uniform->GetValue(0.0, 1.0));
                        }
                    }
                }
                echoes.GetPower(snr, power);
                echoes.GetPower(Eigen::VectorXd::Zero(3), noisePower);
                falseAlarms +=
                    test.GetStatistic(noisePower, echoes.reference) > test.GetThreshold();
                detections += test.GetStatistic(power, echoes.reference) > test.GetThreshold();
                if (draw < 1000)
                {
                    echoes.GetFluctuation(factor);
                    const double p = test.GetConditionalProbability(snr.cwiseProduct(factor));
                    conditional += p / 1000;
                    conditionalSquared += p * p / 1000;
                }
            }
            const auto expectFrequency = [&](int count, double p) {
                EXPECT_NEAR(count / double(DRAWS), p, 4.42 * std::sqrt(p * (1 - p) / DRAWS))
                    << "fluctuation " << fluctuation << ", " << cells << " cells";
            };
            const double pd = test.GetDetectionProbability();
            expectFrequency(falseAlarms, pfa);
            expectFrequency(detections, pd);
            const double variance = std::max(conditionalSquared - conditional * conditional, 0.0);
            EXPECT_NEAR(conditional, pd, 4.42 * std::sqrt(variance / 1000) + 1e-9)
                << "fluctuation " << fluctuation << ", " << cells << " cells";
        }
    }
}

TEST(IsacEchoes, EnergiesOfIntervals)
{
    IsacEchoes echoes;
    echoes.Resize(2, 2);
    echoes.reflection << std::complex<double>(1, 0), std::complex<double>(0, 2),
        std::complex<double>(0, 1), std::complex<double>(1, 1);
    echoes.noise << std::complex<double>(0, 1), std::complex<double>(0, 0),
        std::complex<double>(1, 0), std::complex<double>(0, -1);
    Eigen::VectorXd factor;
    echoes.GetFluctuation(factor);
    EXPECT_DOUBLE_EQ(factor(0), 1.0);
    EXPECT_DOUBLE_EQ(factor(1), 3.0);
    // sqrt(s / n) = 2 and 1: |2 + j|^2 + |2j + 1|^2 and |2j|^2 + |1|^2.
    Eigen::VectorXd power;
    echoes.GetPower(Eigen::Vector2d(8.0, 2.0), power);
    EXPECT_DOUBLE_EQ(power(0), 10.0);
    EXPECT_DOUBLE_EQ(power(1), 5.0);
}

TEST(IsacPooledTest, NoOtherWeightsDetectMoreOfASwerlingTarget)
{
    auto uniform = MakeUniform(79);
    for (int draw = 0; draw < 40; ++draw)
    {
        const auto snr = DrawSnrs(6, *uniform);
        const double pfa = 1e-4;
        IsacPooledTest test;
        test.Design(snr, ISAC_SWERLING_1, pfa);
        for (int variant = 0; variant < 5; ++variant)
        {
            std::vector<IsacEnergyTerm> noise;
            std::vector<IsacEnergyTerm> target;
            for (Eigen::Index k = 0; k < snr.size(); ++k)
            {
                const double weight = variant == 0 ? 1.0
                                      : variant == 1
                                          ? snr(k)
                                          : test.GetWeights()(k) * uniform->GetValue(0.8, 1.25);
                noise.push_back({weight, 0.0, 1});
                target.push_back({weight * (1 + snr(k)), 0.0, 1});
            }
            const double pd =
                cellfree::GetEnergyDistribution(target, cellfree::GetEnergyThreshold(noise, pfa))
                    .tail;
            EXPECT_LE(pd, test.GetDetectionProbability() * (1 + 1e-10));
        }
    }
}

TEST(IsacPooledTest, FourReceiversAroundTheTargetOfTheIssue)
{
    // An SNR of 5.05 at each of 4 receivers, and 0, 4, 12, 28 that are too far to hear anything:
    // the mean over all as one look falls as observed; the pooled test does not.
    const double single[] = {0.102, 0.020, 0.0023, 0.0002};
    int i = 0;
    double first = 0.0;
    for (int far : {0, 4, 12, 28})
    {
        Eigen::VectorXd snr = Eigen::VectorXd::Constant(4 + far, 1e-7);
        snr.head(4).setConstant(5.05);
        EXPECT_NEAR(cellfree::GetSwerlingDetectionProbability(snr.mean(), 1e-6) / single[i++],
                    1.0,
                    0.06);
        const double pd = GetPooledPd(snr, ISAC_SWERLING_1, 1e-6);
        first = far == 0 ? pd : first;
        EXPECT_GE(pd, first);
        EXPECT_NEAR(pd / first, 1.0, 1e-5);
    }
    // e^-g (1 + g + g^2/2 + g^3/6) = 1e-6 at g = 21.3505; the same at g / 6.05.
    EXPECT_NEAR(first, 0.5303878, 1e-5);
}

TEST(IsacPooledTest, FrequenciesMatchMonteCarlo)
{
    // 4.42 standard errors: two-sided confidence 1 - 1e-5 per comparison; the seed is fixed.
    constexpr int DRAWS = 100000;
    const double pfa = 1e-2;
    auto uniform = MakeUniform(80);
    Eigen::VectorXd snr(5);
    snr << 6.0, 0.3, 2.0, 1e-3, 2.0;
    for (auto fluctuation : DIFFERENT)
    {
        IsacPooledTest test;
        test.Design(snr, fluctuation, pfa);
        int falseAlarms = 0;
        int detections = 0;
        double conditional = 0.0;
        double conditionalSquared = 0.0;
        Eigen::VectorXd noisePower(5);
        Eigen::VectorXd power(5);
        Eigen::VectorXd given(5);
        for (int i = 0; i < DRAWS; ++i)
        {
            for (Eigen::Index k = 0; k < 5; ++k)
            {
                auto reflection = cellfree::DrawComplexGaussian(*uniform);
                reflection /= fluctuation == ISAC_CONSTANT ? std::abs(reflection) : 1.0;
                if (fluctuation == ISAC_SWERLING_3)
                {
                    const double first = std::norm(reflection);
                    const double second = std::norm(cellfree::DrawComplexGaussian(*uniform));
                    reflection *= std::sqrt((first + second) / (2 * first));
                }
                const auto noise = cellfree::DrawComplexGaussian(*uniform);
                noisePower(k) = std::norm(noise);
                power(k) = std::norm(std::sqrt(snr(k)) * reflection + noise);
                given(k) = snr(k) * std::norm(reflection);
            }
            falseAlarms += test.GetWeights().dot(noisePower) > test.GetThreshold();
            detections += test.GetWeights().dot(power) > test.GetThreshold();
            if (i < 10000)
            {
                const double p = test.GetConditionalProbability(given);
                conditional += p / 10000;
                conditionalSquared += p * p / 10000;
            }
        }
        auto expectFrequency = [](int count, double p) {
            EXPECT_NEAR(count / double(DRAWS), p, 4.42 * std::sqrt(p * (1 - p) / DRAWS));
        };
        const double pd = test.GetDetectionProbability();
        expectFrequency(falseAlarms, pfa);
        expectFrequency(detections, pd);
        const double variance = std::max(conditionalSquared - conditional * conditional, 0.0);
        EXPECT_NEAR(conditional, pd, 4.42 * std::sqrt(variance / 10000) + 1e-9);
    }
}
