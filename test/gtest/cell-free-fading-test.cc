// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-nodes.h"

#include "ns3/cell-free-fading-model.h"
#include "ns3/cell-free-streams.h"
#include "ns3/isac-link-budget.h"
#include "ns3/rng-seed-manager.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

constexpr double WAVELENGTH = ISAC_SPEED_OF_LIGHT / 3.5e9;

class CellFreeFadingTest : public CellFreeSimulationTest
{
  protected:
    /// A model with blocks of 10 ms and links from AP node 0 to UE nodes 1, 2, ...
    static Ptr<CellFreeRayleighFading> MakeFading(uint32_t nLinks, uint32_t nAntennas)
    {
        auto fading = CreateObject<CellFreeRayleighFading>();
        fading->SetAttribute("CoherenceTime", TimeValue(MilliSeconds(10)));
        for (uint32_t link = 0; link < nLinks; ++link)
        {
            EXPECT_EQ(fading->AddLink(MakeLink(link + 1, nAntennas)), link);
        }
        EXPECT_EQ(fading->AssignStreams(100), CELL_FREE_STREAMS);
        return fading;
    }

    /// A link from AP node 0, at rest, to a UE node.
    static CellFreeLinkEnds MakeLink(uint32_t ueId,
                                     uint32_t nAntennas,
                                     const Vector& velocity = Vector())
    {
        auto ends = MakeEnds(MakeNode(Vector()), MakeNode(Vector(50, 0, 0), velocity), nAntennas);
        ends.apId = 0;
        ends.ueId = ueId;
        return ends;
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

TEST_F(CellFreeFadingTest, ALinkDrawsByItsNodesNotByItsIndex)
{
    auto fading = MakeFading(3, 2);
    auto other = CreateObject<CellFreeRayleighFading>();
    other->SetAttribute("CoherenceTime", TimeValue(MilliSeconds(10)));
    other->AssignStreams(100);
    other->AddLink(MakeLink(3, 2));
    At(MilliSeconds(25), [&]() {
        // Added after the streams were assigned and while the simulation runs.
        const auto late = other->AddLink(MakeLink(1, 2));
        EXPECT_EQ(other->GetCoefficients(late), fading->GetCoefficients(0));
        EXPECT_EQ(other->GetCoefficients(0), fading->GetCoefficients(2));
        // Removed and added again, it goes on where it would have been.
        other->RemoveLink(late);
        EXPECT_DEATH(other->GetCoefficients(late), "fading link 1: expected one that was added");
        EXPECT_EQ(other->AddLink(MakeLink(1, 2)), late);
    });
    At(MilliSeconds(95),
       [&]() { EXPECT_EQ(other->GetCoefficients(1), fading->GetCoefficients(0)); });
    Simulator::Run();
}

TEST_F(CellFreeFadingTest, CoherenceTimeByHand)
{
    // 9 / (16 pi f_D), f_D = v / lambda: 33 m/s at 3.5 GHz is 385.27 Hz, 0.46474 ms.
    EXPECT_NEAR(cellfree::GetCoherenceTime(WAVELENGTH, 33.0), 0.46474e-3, 5e-9);
    EXPECT_NEAR(cellfree::GetCoherenceTime(WAVELENGTH, 66.0) /
                    cellfree::GetCoherenceTime(WAVELENGTH, 33.0),
                0.5,
                1e-12);
}

TEST_F(CellFreeFadingTest, BlocksFollowTheRelativeSpeedOfTheirOwnLink)
{
    auto fading = CreateObject<CellFreeRayleighFading>();
    fading->AssignStreams(0);
    fading->AddLink(MakeLink(1, 1));
    fading->AddLink(MakeLink(2, 1, Vector(0, 33, 0)));
    auto convoy = MakeLink(3, 1, Vector(20, 0, 0));
    convoy.ap = convoy.ue; // moves with the UE
    fading->AddLink(convoy);
    EXPECT_TRUE(fading->GetLinkCoherenceTime(0).IsZero());
    fading->Update(WAVELENGTH);
    auto duration = [&](uint32_t link) { return fading->GetLinkCoherenceTime(link).GetSeconds(); };
    // At rest the scatterers' 3 km/h count.
    EXPECT_NEAR(duration(0), cellfree::GetCoherenceTime(WAVELENGTH, 3 / 3.6), 1e-9);
    EXPECT_NEAR(duration(1), cellfree::GetCoherenceTime(WAVELENGTH, 33), 1e-9);
    EXPECT_EQ(duration(2), duration(0));
    fading->SetAttribute("ScattererSpeed", DoubleValue(10.0));
    fading->Update(WAVELENGTH);
    EXPECT_NEAR(duration(0), cellfree::GetCoherenceTime(WAVELENGTH, 10), 1e-9);
    // The attribute overrides it at once, and back.
    fading->SetAttribute("CoherenceTime", TimeValue(MicroSeconds(100)));
    EXPECT_NEAR(duration(1), 100e-6, 1e-12);
    fading->SetAttribute("CoherenceTime", TimeValue(Seconds(0)));
    EXPECT_NEAR(duration(1), cellfree::GetCoherenceTime(WAVELENGTH, 33), 1e-9);
}

TEST_F(CellFreeFadingTest, BeamsOlderThanABlockMeetAnotherChannelTheFasterTheUe)
{
    // Correlation at a lag tau over blocks of T: 1 - tau / T, 0 beyond. 1500 times 8 antennas, each
    // in a block of its own: 4.42 standard errors of a product of unit Gaussians, 1 / sqrt(12000).
    constexpr int TIMES = 1500;
    constexpr double LAG = 1e-3;
    const double speeds[] = {0.0, 3.0, 10.0, 33.0};
    auto fading = CreateObject<CellFreeRayleighFading>();
    fading->AssignStreams(0);
    for (uint32_t link = 0; link < 4; ++link)
    {
        fading->AddLink(MakeLink(link + 1, 8, Vector(speeds[link], 0, 0)));
    }
    fading->Update(WAVELENGTH);
    std::vector<Eigen::VectorXcd> before(4);
    std::vector<double> sum(4, 0.0);
    for (int time = 0; time < TIMES; ++time)
    {
        const double start = 41.3e-3 * time;
        At(Seconds(start), [&]() {
            for (uint32_t link = 0; link < 4; ++link)
            {
                before[link] = fading->GetCoefficients(link);
            }
        });
        At(Seconds(start + LAG), [&]() {
            for (uint32_t link = 0; link < 4; ++link)
            {
                sum[link] += before[link].dot(fading->GetCoefficients(link)).real();
            }
        });
    }
    Simulator::Run();
    double last = 1.0;
    for (uint32_t link = 0; link < 4; ++link)
    {
        const double block =
            cellfree::GetCoherenceTime(WAVELENGTH, std::max(speeds[link], 3 / 3.6));
        const double expected = std::max(0.0, 1 - LAG / block);
        const double correlation = sum[link] / (8 * TIMES);
        EXPECT_NEAR(correlation, expected, 4.42 / std::sqrt(8.0 * TIMES)) << speeds[link];
        EXPECT_LT(correlation, last);
        last = correlation;
    }
}

TEST_F(CellFreeFadingTest, ANewBlockDurationKeepsThePresentBlock)
{
    auto fading = MakeFading(1, 2);
    Eigen::VectorXcd present;
    At(MilliSeconds(34), [&]() {
        present = fading->GetCoefficients(0);
        fading->SetAttribute("CoherenceTime", TimeValue(MilliSeconds(3)));
        EXPECT_EQ(fading->GetCoefficients(0), present);
    });
    At(MicroSeconds(36999), [&]() { EXPECT_EQ(fading->GetCoefficients(0), present); });
    At(MilliSeconds(37), [&]() { EXPECT_NE(fading->GetCoefficients(0), present); });
    Simulator::Run();
    EXPECT_EQ(present.size(), 2);
}

TEST_F(CellFreeFadingTest, ACoherenceTimeTooLongForTheFastestUeIsSaidOnce)
{
    auto fading = MakeFading(1, 1);
    fading->AddLink(MakeLink(2, 1, Vector(1.5, 0, 0)));
    testing::internal::CaptureStderr();
    fading->Update(WAVELENGTH); // 10.2 ms at 1.5 m/s
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    fading->AddLink(MakeLink(3, 1, Vector(33, 0, 0)));
    testing::internal::CaptureStderr();
    fading->Update(WAVELENGTH);
    fading->Update(WAVELENGTH);
    const auto text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(text.find("warning: CellFreeFadingModel::CoherenceTime = 10 ms"), 0);
    EXPECT_NE(text.find("33 m/s"), std::string::npos);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
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
    for (int64_t nanoseconds : {1, -5, 999})
    {
        EXPECT_FALSE(
            fading->SetAttributeFailSafe("CoherenceTime", TimeValue(NanoSeconds(nanoseconds))));
    }
    EXPECT_TRUE(fading->SetAttributeFailSafe("CoherenceTime", TimeValue(MicroSeconds(1))));
    EXPECT_TRUE(fading->SetAttributeFailSafe("CoherenceTime", TimeValue(Seconds(0))));
    EXPECT_FALSE(fading->SetAttributeFailSafe("ScattererSpeed", DoubleValue(0.0)));
    EXPECT_DEATH(fading->AddLink({}), "an end or the array is null");
    EXPECT_DEATH(fading->GetCoefficients(0), "fading link 0: expected one that was added");
}
