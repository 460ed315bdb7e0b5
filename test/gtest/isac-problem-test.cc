// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-metrics.h"
#include "ns3/isac-problem.h"

#include <cstdlib>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// A random valid problem with unequal powers and noises.
IsacProblem
MakeProblem(Eigen::Index nAps, Eigen::Index nUes, Eigen::Index nTargets, Eigen::Index antennas)
{
    IsacProblem problem;
    problem.Resize(nAps, nUes, nTargets, antennas);
    problem.h.setRandom();
    problem.a.setRandom();
    problem.omega = problem.omega.setRandom().cwiseAbs();
    problem.power = Eigen::VectorXd::LinSpaced(nAps, 0.1, 2.0);
    problem.noise = Eigen::VectorXd::LinSpaced(nUes, 1e-3, 1.0);
    problem.sensingNoise = 0.3;
    return problem;
}

/// Random beams at each AP's full power.
IsacBeams
MakeBeams(const IsacProblem& problem)
{
    IsacBeams beams;
    beams.Resize(problem);
    beams.f.setRandom();
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        beams.Ap(m) *= std::sqrt(problem.power(m) / cellfree::GetApPower(beams, m));
    }
    return beams;
}

} // namespace

TEST(IsacMetrics, SinrAndSensingSnrByHand)
{
    // Two APs, one antenna each, two UEs, one target; every product is written out.
    IsacProblem problem;
    problem.Resize(2, 2, 1, 1);
    problem.h << std::complex<double>(1, 1), 2.0, 0.5, std::complex<double>(0, -1);
    problem.a << 1.0, std::complex<double>(0, 1);
    problem.omega << 0.5, 2.0;
    problem.noise << 0.1, 0.2;
    problem.sensingNoise = 0.25;
    problem.combiningGain = 4.0;
    problem.weight << 3.0, 0.5;
    problem.sensingWeight << 2.0;
    IsacBeams beams;
    beams.Resize(problem);
    beams.f << 1.0, 0.0, 0.5, 0.0, 1.0, std::complex<double>(0, 0.5);
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    // h_0^H F = [1-i, 0.5, 0.5-0.5i+0.25i], h_1^H F = [2, i, 1-0.5].
    EXPECT_NEAR(metrics.GetSinr()(0), 2.0 / (0.25 + 0.25 + 0.0625 + 0.1), 1e-15);
    EXPECT_NEAR(metrics.GetSinr()(1), 1.0 / (4.0 + 0.25 + 0.2), 1e-15);
    // AP 0: |1|^2 + |0.5|^2 = 1.25; AP 1: |-i|^2 + |0.5|^2 = 1.25.
    EXPECT_NEAR(metrics.GetSensingSnr()(0), (0.5 * 1.25 + 2.0 * 1.25) / 0.25, 1e-14);
    EXPECT_NEAR(metrics.GetEchoPower()(0, 0), 1.25, 1e-15);
    EXPECT_NEAR(metrics.GetEchoPower()(1, 0), 1.25, 1e-15);
    EXPECT_NEAR(metrics.GetObjective(),
                3 * std::log2(1 + 2.0 / 0.6625) + 0.5 * std::log2(1 + 1 / 4.45) +
                    2 * std::log2(1 + 4 * 12.5),
                1e-13);
}

TEST(IsacProblem, NormalisationKeepsEveryMetric)
{
    std::srand(1);
    const auto problem = MakeProblem(4, 3, 2, 5);
    const auto beams = MakeBeams(problem);
    IsacProblem normalised;
    cellfree::Normalise(problem, normalised);
    IsacBeams scaled = beams;
    for (Eigen::Index m = 0; m < 4; ++m)
    {
        scaled.Ap(m) /= std::sqrt(problem.power(m));
        EXPECT_NEAR(cellfree::GetApPower(scaled, m), 1.0, 1e-14);
    }
    IsacMetrics watts;
    IsacMetrics unit;
    watts.Evaluate(problem, beams);
    unit.Evaluate(normalised, scaled);
    EXPECT_TRUE(watts.GetSinr().isApprox(unit.GetSinr(), 1e-13));
    EXPECT_TRUE(watts.GetSensingSnr().isApprox(unit.GetSensingSnr(), 1e-13));
    cellfree::Denormalise(problem, scaled);
    EXPECT_TRUE(scaled.f.isApprox(beams.f, 1e-15));
}

TEST(IsacMetrics, ApPermutationChangesNothing)
{
    std::srand(2);
    const auto problem = MakeProblem(2, 3, 1, 4);
    const auto beams = MakeBeams(problem);
    auto swapped = problem;
    auto swappedBeams = beams;
    for (auto [from, to] : {std::pair{0, 1}, std::pair{1, 0}})
    {
        swapped.h.middleRows(to * 4, 4) = problem.h.middleRows(from * 4, 4);
        swapped.a.middleRows(to * 4, 4) = problem.a.middleRows(from * 4, 4);
        swapped.omega.row(to) = problem.omega.row(from);
        swappedBeams.Ap(to) = beams.Ap(from);
    }
    IsacMetrics one;
    IsacMetrics other;
    one.Evaluate(problem, beams);
    other.Evaluate(swapped, swappedBeams);
    EXPECT_TRUE(one.GetSinr().isApprox(other.GetSinr(), 1e-13));
    EXPECT_TRUE(one.GetSensingSnr().isApprox(other.GetSensingSnr(), 1e-13));
}

TEST(IsacMetrics, MasksAndMissingLinksChangeNoFigure)
{
    // A mask makes the metrics walk over what is not zero; the dense product is the check.
    for (unsigned seed = 0; seed < 50; ++seed)
    {
        std::srand(seed);
        auto problem = MakeProblem(5, 6, 2, 3);
        auto beams = MakeBeams(problem);
        problem.serving = Eigen::ArrayXXd::Random(5, 6) > 0.3;
        for (Eigen::Index m = 0; m < 5; ++m)
        {
            for (Eigen::Index u = 0; u < 6; ++u)
            {
                if (!problem.serving(m, u))
                {
                    beams.Ap(m).col(u).setZero();
                }
                if ((m + u + seed) % 4 == 0) // out of range
                {
                    problem.h.col(u).segment(3 * m, 3).setZero();
                }
            }
        }
        IsacMetrics masked;
        masked.Evaluate(problem, beams);
        problem.serving.resize(0, 0);
        IsacMetrics dense;
        dense.Evaluate(problem, beams);
        EXPECT_TRUE(masked.GetSinr().isApprox(dense.GetSinr(), 1e-12)) << seed;
        EXPECT_EQ(masked.GetSensingSnr(), dense.GetSensingSnr());
        EXPECT_GT(masked.GetSinr().maxCoeff(), 0.0);
    }
}

TEST(IsacProblem, ErrorsNameTheField)
{
    std::srand(3);
    const auto good = MakeProblem(2, 2, 1, 3);
    EXPECT_EQ(cellfree::FindProblemError(good), "");

    auto problem = good;
    problem.power(1) = -1;
    EXPECT_EQ(cellfree::FindProblemError(problem), "power[1] = -1: expected a finite number > 0");
    problem = good;
    problem.h(4, 1) = std::nan("");
    EXPECT_EQ(cellfree::FindProblemError(problem).substr(0, 13), "h[1][1][1] = ");
    problem = good;
    problem.omega(1, 0) = -2;
    EXPECT_EQ(cellfree::FindProblemError(problem), "omega[1] = -2: expected a finite number >= 0");
    problem = good;
    problem.noise.resize(1);
    EXPECT_EQ(cellfree::FindProblemError(problem), "noise is 1 x 1: expected 2 x 1 (U)");
    problem = good;
    problem.power.resize(0);
    EXPECT_NE(cellfree::FindProblemError(problem), "");
    problem = good;
    problem.sensingNoise = 0;
    EXPECT_EQ(cellfree::FindProblemError(problem),
              "sensingNoise = 0: expected a finite number > 0");
}

TEST(IsacProblem, NormalisationBringsEveryMagnitudeIntoRange)
{
    std::srand(2);
    const auto ordinary = MakeProblem(3, 2, 2, 4);
    IsacProblem normalised;
    // One UE with links beyond 150 dB: weakened by one factor, and the other UE left alone.
    auto problem = ordinary;
    problem.h.col(0) *= 1e200;
    cellfree::Normalise(ordinary, normalised);
    const Eigen::MatrixXcd before = normalised.h;
    const Eigen::MatrixXd omega = normalised.omega;
    cellfree::Normalise(problem, normalised);
    EXPECT_EQ(normalised.h.col(1), before.col(1));
    const auto ratio = normalised.h(0, 0) / before(0, 0);
    EXPECT_LT((normalised.h.col(0) - ratio * before.col(0)).norm(),
              1e-12 * normalised.h.col(0).norm());
    double strongest = 0.0;
    for (Eigen::Index m = 0; m < 3; ++m)
    {
        strongest = std::max(strongest, normalised.h.col(0).segment(m * 4, 4).squaredNorm());
    }
    EXPECT_NEAR(strongest / 1e15, 1.0, 1e-9);
    // A link of less than -400 dB is none.
    problem = ordinary;
    problem.h.col(1).segment(4, 4) *= 1e-200;
    cellfree::Normalise(problem, normalised);
    EXPECT_EQ(normalised.h.col(1).segment(4, 4).norm(), 0.0);
    EXPECT_EQ(normalised.h.col(0), before.col(0));
    // The gain moves from the steering vector to omega.
    problem = ordinary;
    problem.a.col(0) *= 1e100;
    problem.omega.col(0) *= 1e-200;
    cellfree::Normalise(problem, normalised);
    for (Eigen::Index m = 0; m < 3; ++m)
    {
        const auto a = normalised.a.col(0).segment(m * 4, 4);
        const auto was = ordinary.a.col(0).segment(m * 4, 4);
        EXPECT_NEAR(a.squaredNorm(), 4.0, 1e-12);
        EXPECT_NEAR(normalised.omega(m, 0) * 4.0 / (omega(m, 0) * was.squaredNorm()), 1.0, 1e-12);
    }
}
