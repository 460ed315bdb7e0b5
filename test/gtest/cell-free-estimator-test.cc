// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-allocations.h"
#include "isac-test-uniform.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-estimator.h"
#include "ns3/double.h"
#include "ns3/isac-ambiguity.h"
#include "ns3/string.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace ns3;

namespace
{

/// Four APs at the corners of a square, which all transmit and receive, and a drone among them.
CellFreeEchoes
MakeEchoes(double snr)
{
    CellFreeEchoes echoes;
    echoes.time = Seconds(3);
    auto& geometry = echoes.geometry;
    geometry.transmitters.resize(3, 4);
    geometry.transmitters << 0, 400, 0, 400, 0, 0, 400, 400, 10, 10, 10, 10;
    geometry.receivers = geometry.transmitters;
    Eigen::Matrix3Xd elements(3, 8);
    elements.setZero();
    for (int n = 0; n < 8; ++n)
    {
        elements(0, n) = 0.5 * (n % 4);
        elements(1, n) = 0.5 * (n / 4);
    }
    geometry.arrivals.assign(4, cellfree::GetElementSpread(elements));
    geometry.wavelength = 0.0857;
    geometry.rmsBandwidth = cellfree::GetRmsOfEven(20e6);
    geometry.rmsDuration = cellfree::GetRmsOfEven(5e-3);
    echoes.centre = Vector(180, 150, 60);
    echoes.extent = Vector(200, 200, 80);
    echoes.snr = Eigen::MatrixXd::Constant(4, 4, snr);
    echoes.meanSnr = echoes.snr;
    return echoes;
}

/// A drone in the search box.
CellFreeState
MakeTruth()
{
    CellFreeState truth;
    truth << 150.0, 180.0, 50.0, 12.0, -5.0, 1.0;
    return truth;
}

/// Half the width of the 99 % interval of a mean. @param deviation of one @param n how many
double
GetHalfWidth(double deviation, int n)
{
    return 2.576 * deviation / std::sqrt(static_cast<double>(n));
}

} // namespace

TEST(CellFreeEstimator, ErrorsAreThoseOfTheBelievedCovariance)
{
    const auto estimator = CreateObject<CellFreeBoundEstimator>();
    const auto uniform = MakeUniform(1);
    auto echoes = MakeEchoes(10.0);
    // Reflections unlike their means: the bound of the traces has the means.
    echoes.snr.row(0) *= 3.0;
    echoes.snr.row(1) *= 0.1;
    const auto truth = MakeTruth();
    const auto expected = estimator->GetBound(truth, echoes, echoes.meanSnr);
    const auto met = estimator->GetBound(truth, echoes, echoes.snr);
    const int n = 2000;
    double nees = 0.0;
    CellFreeStateCovariance sample = CellFreeStateCovariance::Zero();
    for (int i = 0; i < n; ++i)
    {
        CellFreeDetection detection;
        const auto quality = estimator->Estimate(truth, echoes, *uniform, detection);
        EXPECT_DOUBLE_EQ(quality.positionErrorBound, cellfree::GetPositionErrorBound(expected));
        EXPECT_DOUBLE_EQ(quality.velocityErrorBound, cellfree::GetVelocityErrorBound(expected));
        ASSERT_FALSE(quality.isAmbiguous);
        EXPECT_EQ(detection.time, Seconds(3));
        EXPECT_DOUBLE_EQ(detection.snr, echoes.snr.sum());
        const CellFreeState error = detection.state - truth;
        nees += error.dot(detection.covariance.ldlt().solve(error));
        sample += error * error.transpose() / n;
    }
    // Chi-square of 6 degrees of freedom: variance 12.
    EXPECT_NEAR(nees / n, 6.0, GetHalfWidth(std::sqrt(12.0), n));
    for (int k = 0; k < 6; ++k)
    {
        EXPECT_NEAR(sample(k, k), met(k, k), GetHalfWidth(M_SQRT2 * met(k, k), n)) << k;
    }
}

TEST(CellFreeEstimator, OutliersAreAsFrequentAsSaidAndAnywhereInTheBox)
{
    const auto estimator = CreateObject<CellFreeBoundEstimator>();
    const auto uniform = MakeUniform(2);
    const auto truth = MakeTruth();
    const int n = 600;
    for (double snr : {0.2, 1.2})
    {
        const auto echoes = MakeEchoes(snr);
        int nOutliers = 0;
        double p = 0.0;
        CellFreeState sum = CellFreeState::Zero();
        CellFreeState squares = CellFreeState::Zero();
        CellFreeState middle;
        middle << echoes.centre.x, echoes.centre.y, echoes.centre.z, 0.0, 0.0, 0.0;
        CellFreeState width;
        width << echoes.extent.x, echoes.extent.y, echoes.extent.z,
            std::sqrt(12.0) * Eigen::Vector3d::Constant(30.0);
        for (int i = 0; i < n; ++i)
        {
            CellFreeDetection detection;
            const auto quality = estimator->Estimate(truth, echoes, *uniform, detection);
            p = quality.outlierProbability;
            EXPECT_TRUE(detection.covariance.allFinite());
            if (quality.isAmbiguous)
            {
                ++nOutliers;
                const CellFreeState place =
                    (detection.state - middle).cwiseQuotient(width); // in [-1/2, 1/2]
                EXPECT_LE(place.cwiseAbs().maxCoeff(), 0.5);
                sum += place;
                squares += place.cwiseAbs2();
            }
        }
        EXPECT_NEAR(nOutliers, n * p, n * GetHalfWidth(std::sqrt(p * (1.0 - p)), n) + 1e-9);
        EXPECT_GT(p, 0.1);
        for (int k = 0; k < 6; ++k)
        {
            EXPECT_NEAR(sum(k) / nOutliers,
                        0.0,
                        1.3 * GetHalfWidth(std::sqrt(1.0 / 12.0), nOutliers));
            EXPECT_NEAR(squares(k) / nOutliers,
                        1.0 / 12.0,
                        1.3 * GetHalfWidth(std::sqrt(1.0 / 180.0), nOutliers));
        }
    }
}

TEST(CellFreeEstimator, WhoPassedATestIsSeldomAnOutlier)
{
    const auto estimator = CreateObject<CellFreeBoundEstimator>();
    auto echoes = MakeEchoes(1.0);
    double previous = 1.0;
    for (double pfa : {1.0, 1e-4, 1e-8, 1e-12})
    {
        echoes.pfa = pfa;
        const auto uniform = MakeUniform(3);
        CellFreeDetection detection;
        const auto quality = estimator->Estimate(MakeTruth(), echoes, *uniform, detection);
        EXPECT_LT(quality.outlierProbability, previous);
        previous = quality.outlierProbability;
    }
    EXPECT_LT(previous, 0.01);
    estimator->SetAttribute("Outliers", BooleanValue(false));
    echoes = MakeEchoes(0.0);
    const auto uniform = MakeUniform(3);
    CellFreeDetection detection;
    const auto quality = estimator->Estimate(MakeTruth(), echoes, *uniform, detection);
    EXPECT_FALSE(quality.isAmbiguous);
    // Nothing but the prior is known.
    EXPECT_DOUBLE_EQ(quality.positionErrorBound,
                     std::sqrt((200.0 * 200.0 + 200.0 * 200.0 + 80.0 * 80.0) / 12.0));
    EXPECT_DOUBLE_EQ(quality.velocityErrorBound, std::sqrt(3.0) * 30.0);
}

TEST(CellFreeEstimator, AWeakPairMoreIsNoHarm)
{
    const auto estimator = CreateObject<CellFreeBoundEstimator>();
    auto echoes = MakeEchoes(1.5);
    const auto uniform = MakeUniform(4);
    CellFreeDetection detection;
    const auto all = estimator->Estimate(MakeTruth(), echoes, *uniform, detection);
    // The search leaves out a receiver whose echoes are all but lost.
    echoes.snr.row(3).setConstant(1e-3);
    echoes.meanSnr.row(3).setConstant(1e-3);
    const auto weak = estimator->Estimate(MakeTruth(), echoes, *uniform, detection);
    echoes.snr.row(3).setZero();
    echoes.meanSnr.row(3).setZero();
    const auto without = estimator->Estimate(MakeTruth(), echoes, *uniform, detection);
    EXPECT_LT(all.outlierProbability, without.outlierProbability);
    EXPECT_NEAR(weak.outlierProbability, without.outlierProbability, 1e-6);
    EXPECT_LT(all.positionErrorBound, weak.positionErrorBound);
    EXPECT_LT(weak.positionErrorBound, without.positionErrorBound);
}

TEST(CellFreeEstimator, SearchesThePairsWithTheLargestDeflection)
{
    const auto estimator = CreateObject<CellFreeBoundEstimator>();
    const auto uniform = MakeUniform(8);
    int nPartial = 0;
    for (int i = 0; i < 40; ++i)
    {
        auto echoes = MakeEchoes(1.0);
        for (auto& snr : echoes.meanSnr.reshaped())
        {
            snr = 0.5 * std::pow(10.0, uniform->GetValue(-1.5, 0.1 * i - 2.0));
            snr += i % 5 == 0 ? 1.0 : 0.0;
        }
        echoes.meanSnr(i % 16) = 4.0;
        echoes.snr = echoes.meanSnr;
        // All n, with the pairs in order.
        std::vector<Eigen::Index> order(16);
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(), [&echoes](auto a, auto b) {
            return echoes.meanSnr(a) > echoes.meanSnr(b);
        });
        double best = 0.0;
        double expected = 0.0;
        std::size_t nBest = 0;
        double sum = 0.0;
        Eigen::MatrixXd pairs = Eigen::MatrixXd::Zero(4, 4);
        for (std::size_t n = 1; n <= order.size(); ++n)
        {
            sum += echoes.meanSnr(order[n - 1]);
            pairs(order[n - 1]) = 1.0;
            if (sum / std::sqrt(n) > best)
            {
                best = sum / std::sqrt(n);
                nBest = n;
                const auto information =
                    cellfree::GetTargetInformation(echoes.geometry, MakeTruth(), pairs / n);
                expected = cellfree::GetOutlierProbability(
                    cellfree::GetSearchSides(
                        information,
                        cellfree::GetBoxPrior({echoes.extent.x, echoes.extent.y, echoes.extent.z},
                                              30.0)),
                    n,
                    sum,
                    0.0);
            }
        }
        nPartial += nBest < order.size();
        CellFreeDetection detection;
        const auto quality = estimator->Estimate(MakeTruth(), echoes, *uniform, detection);
        EXPECT_NEAR(quality.outlierProbability, expected, 1e-10) << i << ", " << nBest;
    }
    EXPECT_GT(nPartial, 5);
    EXPECT_LT(nPartial, 35);
}

TEST(CellFreeEstimator, WhatNobodyNeedsChangesNeitherBoundsNorDraws)
{
    const auto estimator = CreateObject<CellFreeBoundEstimator>();
    auto echoes = MakeEchoes(2.0);
    std::vector<CellFreeEstimateQuality> qualities;
    std::vector<double> next;
    for (bool isNeeded : {true, false})
    {
        echoes.isNeeded = isNeeded;
        const auto uniform = MakeUniform(9);
        CellFreeDetection detection;
        qualities.push_back(estimator->Estimate(MakeTruth(), echoes, *uniform, detection));
        next.push_back(uniform->GetValue());
    }
    EXPECT_EQ(qualities[0].positionErrorBound, qualities[1].positionErrorBound);
    EXPECT_EQ(qualities[0].velocityErrorBound, qualities[1].velocityErrorBound);
    EXPECT_EQ(next[0], next[1]);
}

TEST(CellFreeEstimator, WhatIsMissingNeverHelps)
{
    const auto echoes = MakeEchoes(30.0);
    const auto truth = MakeTruth();
    const auto best = CreateObject<CellFreeBoundEstimator>();
    const auto bound = best->GetBound(truth, echoes, echoes.snr);
    const std::vector<std::pair<std::string, std::string>> changes{{"BandwidthFactor", "0.5"},
                                                                   {"UseAngles", "false"},
                                                                   {"UseDoppler", "false"},
                                                                   {"VelocityPrior", "300"},
                                                                   {"ClockError", "1e-8"},
                                                                   {"ClockError", "1e-6"}};
    double previous = 0.0;
    for (const auto& change : changes)
    {
        SCOPED_TRACE(change.first + " = " + change.second);
        const auto worse = CreateObject<CellFreeBoundEstimator>();
        ASSERT_TRUE(worse->SetAttributeFailSafe(change.first, StringValue(change.second)));
        const auto other = worse->GetBound(truth, echoes, echoes.snr);
        for (int k = 0; k < 6; ++k)
        {
            EXPECT_GE(other(k, k), bound(k, k) * (1.0 - 1e-9)) << k;
        }
        EXPECT_GT(other.trace(), bound.trace());
        if (change.first == "ClockError")
        {
            EXPECT_GT(cellfree::GetPositionErrorBound(other), previous);
            previous = cellfree::GetPositionErrorBound(other);
        }
    }
    // 300 m of error of the clocks: directions and Doppler shifts alone are left.
    EXPECT_GT(previous, 1.5 * cellfree::GetPositionErrorBound(bound));
}

TEST(CellFreeEstimator, DrawsAsMuchWhateverComesOut)
{
    const auto estimator = CreateObject<CellFreeBoundEstimator>();
    std::vector<double> next;
    std::vector<CellFreeState> states;
    for (double snr : {0.0, 0.5, 0.5, 100.0})
    {
        const auto uniform = MakeUniform(5);
        CellFreeDetection detection;
        estimator->Estimate(MakeTruth(), MakeEchoes(snr), *uniform, detection);
        states.push_back(detection.state);
        next.push_back(uniform->GetValue());
    }
    const auto uniform = MakeUniform(5);
    for (int i = 0; i < 13; ++i)
    {
        uniform->GetValue();
    }
    const double expected = uniform->GetValue();
    for (const double value : next)
    {
        EXPECT_EQ(value, expected);
    }
    EXPECT_EQ(states[1], states[2]);
}

TEST(CellFreeEstimator, AllocatesNothing)
{
    if (!CanCountTestAllocations())
    {
        GTEST_SKIP() << "allocations cannot be counted here";
    }
    const auto estimator = CreateObject<CellFreeBoundEstimator>();
    const auto uniform = MakeUniform(6);
    auto echoes = MakeEchoes(1.0);
    echoes.pfa = 1e-6;
    CellFreeDetection detection;
    estimator->Estimate(MakeTruth(), echoes, *uniform, detection);
    const auto before = GetNTestAllocations();
    for (int i = 0; i < 10; ++i)
    {
        echoes.snr *= 1.1;
        estimator->Estimate(MakeTruth(), echoes, *uniform, detection);
    }
    EXPECT_EQ(GetNTestAllocations(), before);
}

TEST(CellFreeEstimator, RefusesWhatIsNoSnr)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    const auto estimator = CreateObject<CellFreeBoundEstimator>();
    const auto uniform = MakeUniform(7);
    CellFreeDetection detection;
    for (double bad :
         {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    {
        auto echoes = MakeEchoes(1.0);
        echoes.snr(1, 2) = bad;
        EXPECT_DEATH(estimator->Estimate(MakeTruth(), echoes, *uniform, detection),
                     "expected finite SNRs >= 0");
    }
    auto echoes = MakeEchoes(1.0);
    echoes.meanSnr.resize(4, 3);
    EXPECT_DEATH(estimator->Estimate(MakeTruth(), echoes, *uniform, detection),
                 "4 x 4 and 4 x 3 pairs: expected 4 receivers x 4 transmitters");
}
