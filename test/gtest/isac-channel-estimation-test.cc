// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-allocations.h"

#include "ns3/isac-channel-estimation.h"

#include <cmath>
#include <complex>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace ns3;
using Eigen::MatrixXcd;
using Eigen::VectorXcd;

namespace
{

using Complex = std::complex<double>;

/// A matrix of independent CN(0, 1).
MatrixXcd
Draw(std::mt19937& generator, Eigen::Index rows, Eigen::Index columns)
{
    std::normal_distribution<double> normal(0.0, std::sqrt(0.5));
    MatrixXcd matrix(rows, columns);
    for (auto& x : matrix.reshaped())
    {
        x = Complex(normal(generator), normal(generator));
    }
    return matrix;
}

/// UEs on one pilot: means, covariances and energies of the magnitudes that a network has.
struct Pilot
{
    std::vector<VectorXcd> means;
    std::vector<MatrixXcd> covariances;
    std::vector<double> energies;
    double noise{1e-13};

    Pilot(Eigen::Index n, int nUes, bool isCorrelated, unsigned seed)
    {
        std::mt19937 generator(seed);
        for (int i = 0; i < nUes; ++i)
        {
            const double gain = 2e-12 / (i + 1);
            MatrixXcd covariance = MatrixXcd::Identity(n, n);
            VectorXcd mean = VectorXcd::Zero(n);
            if (isCorrelated)
            {
                const MatrixXcd root = Draw(generator, n, n);
                covariance = root * root.adjoint() / n;
                mean = Draw(generator, n, 1);
            }
            covariances.push_back(gain * covariance);
            means.push_back(std::sqrt(gain) * mean);
            energies.push_back(0.2 * (i + 1));
        }
    }

    std::vector<IsacChannelEstimator::Ue> GetUes() const
    {
        std::vector<IsacChannelEstimator::Ue> ues;
        for (std::size_t i = 0; i < means.size(); ++i)
        {
            ues.push_back({energies[i], &means[i], &covariances[i]});
        }
        return ues;
    }
};

/// A mean of something drawn, and its standard error.
struct Mean
{
    double sum{0.0};
    double squares{0.0};
    int count{0};

    void Add(double x)
    {
        sum += x;
        squares += x * x;
        ++count;
    }

    double Get() const
    {
        return sum / count;
    }

    double GetError() const
    {
        return std::sqrt((squares / count - Get() * Get()) / count);
    }
};

} // namespace

TEST(IsacChannelEstimationTest, OneAntennaWithoutReuseHasTheTextbookError)
{
    // C = beta sigma^2 / (e beta + sigma^2).
    Pilot pilot(1, 1, false, 1);
    IsacChannelEstimator estimator;
    estimator.Compute(pilot.GetUes(), pilot.noise);
    const double beta = pilot.covariances[0](0, 0).real();
    const double energy = pilot.energies[0];
    EXPECT_NEAR(estimator.GetErrorVariance(0),
                beta * pilot.noise / (energy * beta + pilot.noise),
                1e-14 * beta);
    EXPECT_NEAR(estimator.GetNmse(0), pilot.noise / (energy * beta + pilot.noise), 1e-14);
}

TEST(IsacChannelEstimationTest, EstimatesHaveTheErrorThatTheySay)
{
    // 20 000 draws each; bounds of 3.29 standard errors: confidence 99.9 % each.
    constexpr int DRAWS = 20000;
    for (bool isCorrelated : {false, true})
    {
        for (int nUes : {1, 3})
        {
            constexpr Eigen::Index N = 3;
            const Pilot pilot(N, nUes, isCorrelated, 7);
            IsacChannelEstimator estimator;
            estimator.Compute(pilot.GetUes(), pilot.noise);
            std::mt19937 generator(8);
            MatrixXcd received = std::sqrt(pilot.noise) * Draw(generator, N, DRAWS);
            std::vector<MatrixXcd> fading;
            for (int i = 0; i < nUes; ++i)
            {
                const MatrixXcd root = pilot.covariances[i].llt().matrixL();
                fading.emplace_back(root * Draw(generator, N, DRAWS));
                received +=
                    std::sqrt(pilot.energies[i]) * (fading[i].colwise() + pilot.means[i]).eval();
            }
            MatrixXcd estimate(N, DRAWS);
            for (int i = 0; i < nUes; ++i)
            {
                estimator.Estimate(i, received, estimate);
                const MatrixXcd error = fading[i] - estimate;
                Mean power;
                Mean real;
                Mean imaginary;
                for (int draw = 0; draw < DRAWS; ++draw)
                {
                    power.Add(error.col(draw).squaredNorm() / N);
                    // Orthogonality: an MMSE estimate is uncorrelated with its error.
                    const Complex product = estimate(0, draw) * std::conj(error(N - 1, draw));
                    real.Add(product.real());
                    imaginary.Add(product.imag());
                }
                EXPECT_NEAR(power.Get(), estimator.GetErrorVariance(i), 3.29 * power.GetError());
                EXPECT_NEAR(real.Get(), 0.0, 3.29 * real.GetError());
                EXPECT_NEAR(imaginary.Get(), 0.0, 3.29 * imaginary.GetError());
                const MatrixXcd covariance = error * error.adjoint() / DRAWS;
                EXPECT_LT((covariance - estimator.GetErrorCovariance(i)).norm(),
                          0.05 * covariance.norm());
            }
        }
    }
}

TEST(IsacChannelEstimationTest, ScalarsAreTheMatricesOfUncorrelatedAntennas)
{
    const Pilot pilot(4, 3, false, 3);
    IsacChannelEstimator estimator;
    estimator.Compute(pilot.GetUes(), pilot.noise);
    IsacScalarChannelEstimator scalar;
    scalar.Reset(pilot.noise);
    for (std::size_t i = 0; i < 3; ++i)
    {
        scalar.Add(pilot.energies[i], pilot.covariances[i](0, 0).real());
    }
    for (std::size_t i = 0; i < 3; ++i)
    {
        const double gain = pilot.covariances[i](0, 0).real();
        const double filter = scalar.GetFilter(pilot.energies[i], gain);
        EXPECT_LT((estimator.GetFilter(i) - filter * MatrixXcd::Identity(4, 4)).norm(),
                  1e-13 * filter);
        EXPECT_NEAR(estimator.GetErrorVariance(i),
                    scalar.GetErrorVariance(pilot.energies[i], gain),
                    1e-13 * gain);
    }
}

TEST(IsacChannelEstimationTest, ReuseHurtsAndPowerHelps)
{
    const Pilot pilot(4, 3, true, 5);
    auto ues = pilot.GetUes();
    IsacChannelEstimator estimator;
    estimator.Compute(ues, pilot.noise);
    const double shared = estimator.GetNmse(0);
    estimator.Compute({ues[0], ues[1]}, pilot.noise);
    const double two = estimator.GetNmse(0);
    estimator.Compute({ues[0]}, pilot.noise);
    double alone = estimator.GetNmse(0);
    EXPECT_LT(two, shared);
    EXPECT_LT(alone, two);
    for (int i = 0; i < 12; ++i)
    {
        ues[0].energy *= 10;
        estimator.Compute({ues[0]}, pilot.noise);
        EXPECT_LT(estimator.GetNmse(0), alone);
        alone = estimator.GetNmse(0);
    }
    EXPECT_LT(alone, 1e-11);
}

TEST(IsacChannelEstimationTest, AStrongPilotGivesTheChannelItself)
{
    Pilot pilot(4, 1, true, 6);
    pilot.noise = 1e-26;
    IsacChannelEstimator estimator;
    estimator.Compute(pilot.GetUes(), pilot.noise);
    std::mt19937 generator(9);
    const MatrixXcd fading = 1e-6 * Draw(generator, 4, 1);
    const MatrixXcd received = std::sqrt(pilot.energies[0]) * (fading + pilot.means[0]);
    MatrixXcd estimate(4, 1);
    estimator.Estimate(0, received, estimate);
    EXPECT_LT((estimate - fading).norm(), 1e-9 * fading.norm());
    EXPECT_GE(estimator.GetErrorVariance(0), 0.0);
}

TEST(IsacChannelEstimationTest, AgeingGoesFromTheErrorToTheFading)
{
    EXPECT_EQ(cellfree::GetAgedErrorVariance(0.2, 3.0, 1.0), 0.2);
    EXPECT_EQ(cellfree::GetAgedErrorVariance(0.2, 3.0, 0.0), 3.0);
    EXPECT_EQ(cellfree::GetAgedErrorVariance(0.2, 3.0, -0.5),
              cellfree::GetAgedErrorVariance(0.2, 3.0, 0.5));
    double before = 0.2;
    for (double correlation = 0.95; correlation > 0.0; correlation -= 0.05)
    {
        const double now = cellfree::GetAgedErrorVariance(0.2, 3.0, correlation);
        EXPECT_GT(now, before);
        before = now;
    }
}

TEST(IsacChannelEstimationTest, TheSecondTimeAllocatesNothing)
{
    if (!CanCountTestAllocations())
    {
        GTEST_SKIP() << "allocations are not counted here";
    }
    const Pilot pilot(4, 3, true, 5);
    const auto ues = pilot.GetUes();
    std::mt19937 generator(9);
    const MatrixXcd received = Draw(generator, 4, 10);
    MatrixXcd estimate(4, 10);
    IsacChannelEstimator estimator;
    const auto run = [&]() {
        estimator.Compute(ues, pilot.noise);
        estimator.Estimate(1, received, estimate);
    };
    run();
    const auto before = GetNTestAllocations();
    run();
    EXPECT_EQ(GetNTestAllocations(), before);
}
