// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-scenario-draw.h"
#include "ns3/rng-seed-manager.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace ns3;

namespace
{

using Scenario = CellFreeScenario;

/// A mean over draws, and the half width of its 99.9 % confidence interval.
struct Interval
{
    double mean;
    double halfWidth;
};

/// What estimates and truths of draws say of the errors, per antenna and over errorVariance.
struct Errors
{
    Interval power; //!< |error|^2
    Interval along; //!< Re of the error along the estimate: 0 where they are uncorrelated
};

/// The interval of the mean of independent numbers.
Interval
GetInterval(const std::vector<double>& values)
{
    const Eigen::Map<const Eigen::ArrayXd> x(values.data(), values.size());
    const double variance = (x - x.mean()).square().sum() / (values.size() - 1.0);
    return {x.mean(), 3.3 * std::sqrt(variance / values.size())};
}

/// Draws scenarios; links of one draw share pilots, so each draw is one number.
Errors
MeasureErrors(const Scenario& scenario, int draws)
{
    IsacProblem problem;
    IsacProblem truth;
    std::vector<double> powers;
    std::vector<double> along;
    for (int i = 0; i < draws; ++i)
    {
        cellfree::DrawScenarioProblem(scenario, 1000 + i, problem, &truth);
        powers.push_back(0.0);
        along.push_back(0.0);
        const auto n = problem.nAntennas;
        for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
        {
            for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
            {
                const Eigen::VectorXcd h = problem.h.col(u).segment(m * n, n);
                const double scale = std::sqrt(problem.errorVariance(m, u));
                const Eigen::VectorXcd error = (truth.h.col(u).segment(m * n, n) - h) / scale;
                powers.back() += error.squaredNorm() / n / problem.errorVariance.size();
                along.back() += h.dot(error).real() / h.norm() / problem.errorVariance.size();
            }
        }
    }
    return {GetInterval(powers), GetInterval(along)};
}

/// A scenario where pilots are reused.
Scenario
GetReuse(Scenario::Fading fading, double csiAge)
{
    Scenario scenario;
    scenario.nAps = 6;
    scenario.nUes = 5;
    scenario.nAntennas = 4;
    scenario.pilotLength = 3;
    scenario.fading = fading;
    scenario.ueSpeed = 15.0;
    scenario.csiAge = csiAge;
    return scenario;
}

/// Expects the errors' power to be their variance, and errors that estimates say nothing of.
void
ExpectAsPromised(const Errors& errors)
{
    EXPECT_NEAR(errors.power.mean, 1.0, errors.power.halfWidth);
    EXPECT_LT(errors.power.halfWidth, 0.06);
    EXPECT_NEAR(errors.along.mean, 0.0, errors.along.halfWidth);
    EXPECT_LT(errors.along.halfWidth, 0.08);
}

} // namespace

TEST(CellFreeScenarioDraw, ErrorsOfRayleighFadingAreAsLargeAsTheProblemSays)
{
    ExpectAsPromised(MeasureErrors(GetReuse(Scenario::RAYLEIGH, 0.0), 150));
    // rho = J0(2 pi 175 Hz 1 ms) = 0.72, then -0.40: on the far side of the first zero.
    ExpectAsPromised(MeasureErrors(GetReuse(Scenario::RAYLEIGH, 1e-3), 150));
    ExpectAsPromised(MeasureErrors(GetReuse(Scenario::RAYLEIGH, 3.5e-3), 150));
}

TEST(CellFreeScenarioDraw, OtherFadingHasThemInTheMeanOverAntennasUntilALineOfSightTurns)
{
    ExpectAsPromised(MeasureErrors(GetReuse(Scenario::CORRELATED, 0.0), 150));
    ExpectAsPromised(MeasureErrors(GetReuse(Scenario::CORRELATED, 1e-3), 150));
    ExpectAsPromised(MeasureErrors(GetReuse(Scenario::RICIAN, 0.0), 150));
    const auto turned = MeasureErrors(GetReuse(Scenario::RICIAN, 1e-3), 150);
    EXPECT_GT(turned.power.mean, 1.0 + turned.power.halfWidth);
}

TEST(CellFreeScenarioDraw, EqualNumbersAndSeedsGiveEqualProblems)
{
    RngSeedManager::SetRun(7);
    Scenario sizes;
    sizes.nAps = 4;
    sizes.nUes = 3;
    sizes.nAntennas = 2;
    std::vector<IsacProblem> first(8);
    std::vector<IsacProblem> second(8);
    std::vector<IsacProblem> other(8);
    cellfree::DrawScenarioProblems(sizes, {}, 5, first);
    cellfree::DrawScenarioProblems(sizes, {}, 6, other);
    RngSeedManager::SetRun(8);
    cellfree::DrawScenarioProblems(sizes, {}, 5, second);
    EXPECT_EQ(RngSeedManager::GetRun(), 8U);
    for (std::size_t i = 0; i < first.size(); ++i)
    {
        EXPECT_EQ(first[i].h, second[i].h);
        EXPECT_EQ(first[i].a, second[i].a);
        EXPECT_EQ(first[i].omega, second[i].omega);
        EXPECT_TRUE(first[i].errorVariance == second[i].errorVariance);
        EXPECT_TRUE((first[i].serving == second[i].serving).all());
        EXPECT_NE(first[i].h, other[i].h);
        EXPECT_NE(first[i].h, first[(i + 1) % first.size()].h);
        EXPECT_TRUE(first[i].h.allFinite());
        EXPECT_EQ(first[i].power, Eigen::VectorXd::Ones(4));
    }
}

TEST(CellFreeScenarioDraw, PilotsDoNotChangeTheTruth)
{
    auto scenario = GetReuse(Scenario::RAYLEIGH, 0.0);
    IsacProblem problem;
    IsacProblem truth;
    IsacProblem perfect;
    cellfree::DrawScenarioProblem(scenario, 3, problem, &truth);
    EXPECT_NE(problem.h, truth.h);
    EXPECT_EQ(problem.omega, truth.omega);
    EXPECT_EQ(truth.errorVariance.size(), 0);
    scenario.pilotLength = 0;
    scenario.clusterSize = 2;
    cellfree::DrawScenarioProblem(scenario, 3, perfect);
    EXPECT_EQ(perfect.h, truth.h);
    EXPECT_EQ(perfect.errorVariance.size(), 0);
    // Longer pilots are better ones.
    double before = 1e9;
    for (uint32_t length : {1, 3, 5, 20})
    {
        scenario.pilotLength = length;
        cellfree::DrawScenarioProblem(scenario, 3, problem);
        EXPECT_LT(problem.errorVariance.sum(), before);
        before = problem.errorVariance.sum();
    }
}

TEST(CellFreeScenarioDraw, AUeIsServedByItsStrongestAps)
{
    Scenario scenario;
    scenario.nAps = 7;
    scenario.nUes = 4;
    scenario.nAntennas = 64; // fading is averaged out
    scenario.clusterSize = 3;
    IsacProblem problem;
    cellfree::DrawScenarioProblem(scenario, 11, problem);
    ASSERT_EQ(problem.serving.rows(), 7);
    ASSERT_EQ(problem.serving.cols(), 4);
    for (Eigen::Index u = 0; u < 4; ++u)
    {
        EXPECT_EQ(problem.serving.col(u).count(), 3);
        Eigen::VectorXd gain(7);
        for (Eigen::Index m = 0; m < 7; ++m)
        {
            gain(m) = problem.h.col(u).segment(m * 64, 64).squaredNorm();
        }
        Eigen::Index strongest = 0;
        gain.maxCoeff(&strongest);
        EXPECT_TRUE(problem.serving(strongest, u));
    }
}

TEST(CellFreeScenarioDraw, WhatIsNotFixedIsDrawnWithinItsRange)
{
    Scenario sizes;
    sizes.nAps = 9;
    sizes.nUes = 4;
    std::set<uint32_t> lengths;
    std::set<uint32_t> clusters;
    int fadings[3] = {};
    int nPilots = 0;
    int nAged = 0;
    constexpr int DRAWS = 2000;
    for (int i = 0; i < DRAWS; ++i)
    {
        const auto scenario = cellfree::DrawScenario(sizes, {}, i);
        EXPECT_EQ(scenario.nAps, 9U);
        EXPECT_GE(scenario.side, 100.0);
        EXPECT_LE(scenario.side, 1500.0);
        EXPECT_LE(scenario.ueSpeed, 30.0);
        EXPECT_LE(scenario.csiAge, 10e-3);
        EXPECT_TRUE(scenario.csiAge == 0.0 || scenario.pilotLength > 0);
        ++fadings[scenario.fading];
        lengths.insert(scenario.pilotLength);
        clusters.insert(scenario.clusterSize);
        nPilots += scenario.pilotLength > 0;
        nAged += scenario.csiAge > 0.0;
    }
    EXPECT_EQ(lengths, (std::set<uint32_t>{0, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(clusters, (std::set<uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
    // Four standard deviations.
    EXPECT_NEAR(nPilots, 0.7 * DRAWS, 4 * std::sqrt(0.21 * DRAWS));
    EXPECT_NEAR(nAged, 0.35 * DRAWS, 4 * std::sqrt(0.23 * DRAWS));
    EXPECT_NEAR(fadings[Scenario::RAYLEIGH], 0.5 * DRAWS, 4 * std::sqrt(0.25 * DRAWS));
    EXPECT_NEAR(fadings[Scenario::RICIAN], 0.25 * DRAWS, 4 * std::sqrt(0.19 * DRAWS));

    CellFreeScenarioRange range;
    range.side = 250.0;
    range.hasPilots = true;
    range.fading = Scenario::CORRELATED;
    range.clusterSize = 5;
    for (int i = 0; i < 50; ++i)
    {
        const auto scenario = cellfree::DrawScenario(sizes, range, i);
        EXPECT_EQ(scenario.side, 250.0);
        EXPECT_GE(scenario.pilotLength, 2U);
        EXPECT_EQ(scenario.fading, Scenario::CORRELATED);
        EXPECT_EQ(scenario.clusterSize, 5U);
    }
    EXPECT_EQ(cellfree::FindScenarioFading("rician"), Scenario::RICIAN);
    EXPECT_FALSE(cellfree::FindScenarioFading("Rician"));
}

TEST(CellFreeScenarioDraw, ProblemsOfABatchFitTogether)
{
    Scenario sizes;
    sizes.nAps = 4;
    sizes.nUes = 2;
    sizes.nAntennas = 2;
    std::vector<IsacProblem> problems(24);
    cellfree::DrawScenarioProblems(sizes, {}, 1, problems);
    int nPerfect = 0;
    int nFull = 0;
    for (const auto& problem : problems)
    {
        ASSERT_EQ(problem.errorVariance.size(), 8);
        ASSERT_EQ(problem.serving.size(), 8);
        nPerfect += problem.errorVariance.isZero(0.0);
        nFull += problem.serving.all();
        EXPECT_TRUE(problem.serving.colwise().any().all());
    }
    EXPECT_GT(nPerfect, 0);
    EXPECT_LT(nPerfect, 24);
    EXPECT_GT(nFull, 0);
    EXPECT_LT(nFull, 24);
    CellFreeScenarioRange range;
    range.hasPilots = false;
    range.clusterSize = 0;
    cellfree::DrawScenarioProblems(sizes, range, 1, problems);
    for (const auto& problem : problems)
    {
        EXPECT_EQ(problem.errorVariance.size(), 0);
        EXPECT_EQ(problem.serving.size(), 0);
    }
}
