// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-fading-model.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// Runs something at a simulation time.
void
At(const Time& time, const std::function<void()>& what)
{
    Simulator::Schedule(time - Simulator::Now(), what);
}

class CellFreeFadingTest : public testing::Test
{
  protected:
    void SetUp() override
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
    }

    void TearDown() override
    {
        Simulator::Destroy();
    }

    /// A model with equal links and streams from 100 on.
    static Ptr<CellFreeRayleighFading> MakeFading(uint32_t nLinks, Eigen::Index nAntennas)
    {
        auto fading = CreateObject<CellFreeRayleighFading>();
        for (uint32_t link = 0; link < nLinks; ++link)
        {
            EXPECT_EQ(fading->AddLink(nAntennas), link);
        }
        EXPECT_EQ(fading->AssignStreams(100), nLinks);
        return fading;
    }
};

} // namespace

TEST_F(CellFreeFadingTest, RayleighHasTheMomentsOfIndependentUnitGaussians)
{
    // 20 000 blocks of 4 antennas on 2 links. Bounds are 4.42 standard errors of the exact law
    // (two-sided confidence 1 - 1e-5 each): Var |g|^2 = 1, and 1/2 per part of a product g* g'.
    constexpr int BLOCKS = 20000;
    constexpr int N = 4;
    auto fading = MakeFading(2, N);
    Eigen::Matrix<std::complex<double>, 2 * N, 1> mean;
    Eigen::Matrix<std::complex<double>, 2 * N, 2 * N> covariance;
    Eigen::Matrix<std::complex<double>, 2 * N, 2 * N> lagged;
    Eigen::Matrix<std::complex<double>, 2 * N, 1> previous;
    Eigen::Matrix<std::complex<double>, 2 * N, 1> pseudo;
    mean.setZero();
    covariance.setZero();
    lagged.setZero();
    previous.setZero();
    pseudo.setZero();
    double fourth = 0.0;
    for (int block = 0; block < BLOCKS; ++block)
    {
        At(MilliSeconds(10 * block), [&]() {
            Eigen::Matrix<std::complex<double>, 2 * N, 1> g;
            g << fading->GetCoefficients(0), fading->GetCoefficients(1);
            mean += g;
            covariance += g * g.adjoint();
            lagged += g * previous.adjoint();
            pseudo += g.cwiseProduct(g);
            fourth += g.cwiseAbs2().cwiseAbs2().sum();
            previous = g;
        });
    }
    Simulator::Run();
    const double bound = 4.42 / std::sqrt(double(BLOCKS));
    for (int i = 0; i < 2 * N; ++i)
    {
        EXPECT_NEAR(mean(i).real() / BLOCKS, 0.0, bound * std::sqrt(0.5));
        EXPECT_NEAR(mean(i).imag() / BLOCKS, 0.0, bound * std::sqrt(0.5));
        EXPECT_NEAR(covariance(i, i).real() / BLOCKS, 1.0, bound);
        // E g^2 = 0: real and imaginary part have equal power and are uncorrelated.
        EXPECT_NEAR(pseudo(i).real() / BLOCKS, 0.0, bound);
        EXPECT_NEAR(pseudo(i).imag() / BLOCKS, 0.0, bound);
        for (int j = 0; j < 2 * N; ++j)
        {
            EXPECT_NEAR(lagged(i, j).real() / BLOCKS, 0.0, bound * std::sqrt(0.5));
            EXPECT_NEAR(lagged(i, j).imag() / BLOCKS, 0.0, bound * std::sqrt(0.5));
            if (i != j)
            {
                EXPECT_NEAR(covariance(i, j).real() / BLOCKS, 0.0, bound * std::sqrt(0.5));
                EXPECT_NEAR(covariance(i, j).imag() / BLOCKS, 0.0, bound * std::sqrt(0.5));
            }
        }
    }
    // E|g|^4 = 2 and E|g|^8 = 24, so the variance of |g|^4 is 20.
    EXPECT_NEAR(fourth / (2 * N * BLOCKS), 2.0, 4.42 * std::sqrt(20.0 / (2 * N * BLOCKS)));
}

TEST_F(CellFreeFadingTest, CoefficientsChangeAtBlockBoundariesOnly)
{
    auto fading = MakeFading(1, 3);
    fading->SetAttribute("CoherenceTime", TimeValue(MilliSeconds(4)));
    Eigen::VectorXcd first;
    At(MilliSeconds(4), [&]() { first = fading->GetCoefficients(0); });
    At(MicroSeconds(7999), [&]() { EXPECT_EQ(fading->GetCoefficients(0), first); });
    At(MilliSeconds(8), [&]() { EXPECT_NE(fading->GetCoefficients(0), first); });
    Simulator::Run();
    ASSERT_EQ(first.size(), 3);
}

TEST_F(CellFreeFadingTest, CoefficientsDoNotDependOnWhatElseIsAsked)
{
    // One model is asked for every link in every block, the other for few, in another order.
    auto dense = MakeFading(5, 2);
    auto sparse = MakeFading(5, 2);
    int compared = 0;
    for (int block = 0; block < 50; ++block)
    {
        At(MilliSeconds(10 * block + 3), [&, block]() {
            for (uint32_t link = 0; link < 5; ++link)
            {
                dense->GetCoefficients(link);
            }
            for (uint32_t link : {4, 1, 3})
            {
                if (block % (7 + link) == 5)
                {
                    EXPECT_EQ(sparse->GetCoefficients(link), dense->GetCoefficients(link));
                    ++compared;
                }
            }
        });
    }
    Simulator::Run();
    EXPECT_EQ(compared, 5 + 6 + 5);
}

TEST_F(CellFreeFadingTest, MoreLinksChangeNothingForTheFirst)
{
    auto few = MakeFading(2, 2);
    auto many = MakeFading(9, 2);
    At(MilliSeconds(35), [&]() {
        for (uint32_t link = 0; link < 2; ++link)
        {
            EXPECT_EQ(few->GetCoefficients(link), many->GetCoefficients(link));
        }
        EXPECT_NE(many->GetCoefficients(0), many->GetCoefficients(1));
    });
    Simulator::Run();
}

TEST_F(CellFreeFadingTest, AnotherRunOrStreamGivesOtherCoefficients)
{
    const Eigen::VectorXcd reference = MakeFading(1, 2)->GetCoefficients(0);
    EXPECT_EQ(MakeFading(1, 2)->GetCoefficients(0), reference);
    auto other = MakeFading(1, 2);
    other->AssignStreams(101);
    EXPECT_NE(other->GetCoefficients(0), reference);
    // Streams assigned once more start the process anew.
    other->AssignStreams(100);
    EXPECT_EQ(other->GetCoefficients(0), reference);
    RngSeedManager::SetRun(2);
    EXPECT_NE(MakeFading(1, 2)->GetCoefficients(0), reference);
}

TEST_F(CellFreeFadingTest, BadInputIsRefused)
{
    auto fading = CreateObject<CellFreeRayleighFading>();
    for (int64_t nanoseconds : {0, -5, 999})
    {
        EXPECT_FALSE(
            fading->SetAttributeFailSafe("CoherenceTime", TimeValue(NanoSeconds(nanoseconds))));
    }
    EXPECT_TRUE(fading->SetAttributeFailSafe("CoherenceTime", TimeValue(MicroSeconds(1))));
    EXPECT_DEATH(fading->AddLink(0), "nAntennas = 0: expected at least 1");
}
