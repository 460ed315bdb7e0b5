// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-pilots.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace ns3;

namespace
{

using Mask = Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>;

/// Gains as of path loss with shadowing: uniform over 60 dB.
Eigen::MatrixXd
DrawGains(Eigen::Index nAps, Eigen::Index nUes, unsigned seed)
{
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> exponent(-12.0, -6.0);
    Eigen::MatrixXd gain(nAps, nUes);
    for (auto& x : gain.reshaped())
    {
        x = std::pow(10.0, exponent(generator));
    }
    return gain;
}

std::vector<Eigen::Index>
FindMasters(const Eigen::MatrixXd& gain)
{
    std::vector<Eigen::Index> masters;
    for (Eigen::Index u = 0; u < gain.cols(); ++u)
    {
        masters.push_back(cellfree::FindMasterAp(gain.col(u)));
    }
    return masters;
}

} // namespace

TEST(IsacPilotsTest, FirstUesHavePilotsOfTheirOwnAndTheNextTheLeastContaminatedOne)
{
    // By hand: UEs 2 and 3 have master 1, which hears UE 0 less than UE 1, then UE 1 less than
    // UEs 0 and 2 together.
    Eigen::MatrixXd gain(2, 4);
    gain << 9, 2, 1, 1, //
        3, 5, 8, 7;
    std::vector<int32_t> pilots(4, -1);
    cellfree::AssignPilots(gain, 2, pilots);
    EXPECT_EQ(pilots, (std::vector<int32_t>{0, 1, 0, 1}));
    // A UE that came later takes the pilot of one that left.
    pilots = {0, 1, -1, 1};
    cellfree::AssignPilots(gain, 3, pilots);
    EXPECT_EQ(pilots, (std::vector<int32_t>{0, 1, 2, 1}));
}

TEST(IsacPilotsTest, AssignmentContaminatesLessThanChance)
{
    // Contamination at the master relative to its own gain, over 40 networks.
    double chosen = 0.0;
    double drawn = 0.0;
    std::mt19937 generator(1);
    for (unsigned seed = 0; seed < 40; ++seed)
    {
        const auto gain = DrawGains(20, 24, seed);
        const auto masters = FindMasters(gain);
        std::vector<int32_t> pilots(24, -1);
        cellfree::AssignPilots(gain, 6, pilots);
        std::vector<int32_t> random;
        for (int u = 0; u < 24; ++u)
        {
            random.push_back(generator() % 6);
        }
        for (int u = 0; u < 24; ++u)
        {
            for (int i = 0; i < 24; ++i)
            {
                const double ratio = gain(masters[u], i) / gain(masters[u], u);
                chosen += i != u && pilots[i] == pilots[u] ? ratio : 0.0;
                drawn += i != u && random[i] == random[u] ? ratio : 0.0;
            }
        }
    }
    EXPECT_LT(chosen, 0.7 * drawn);
}

TEST(IsacPilotsTest, PilotClustersServeEveryUeAndOnePerPilot)
{
    for (unsigned seed = 0; seed < 20; ++seed)
    {
        constexpr uint32_t PILOTS = 5;
        const auto gain = DrawGains(12, 17, seed);
        const auto masters = FindMasters(gain);
        std::vector<int32_t> pilots(17, -1);
        cellfree::AssignPilots(gain, PILOTS, pilots);
        Mask serving;
        cellfree::FormPilotClusters(gain, pilots, masters, serving);
        for (Eigen::Index u = 0; u < 17; ++u)
        {
            EXPECT_TRUE(serving(masters[u], u));
        }
        for (Eigen::Index m = 0; m < 12; ++m)
        {
            std::vector<int> guests(PILOTS, 0);
            for (Eigen::Index u = 0; u < 17; ++u)
            {
                bool isStrongest = true;
                for (Eigen::Index i = 0; i < 17; ++i)
                {
                    isStrongest =
                        isStrongest && (pilots[i] != pilots[u] || gain(m, i) <= gain(m, u));
                }
                EXPECT_EQ(serving(m, u), isStrongest || masters[u] == m);
                guests[pilots[u]] += serving(m, u) && masters[u] != m;
            }
            for (int guest : guests)
            {
                EXPECT_LE(guest, 1);
            }
        }
    }
}

TEST(IsacPilotsTest, EveryApServesEveryUeWherePilotsAreEnough)
{
    const auto gain = DrawGains(6, 5, 1);
    std::vector<int32_t> pilots(5, -1);
    cellfree::AssignPilots(gain, 5, pilots);
    Mask serving;
    cellfree::FormPilotClusters(gain, pilots, FindMasters(gain), serving);
    EXPECT_TRUE(serving.all());
}

TEST(IsacPilotsTest, StrongestClustersHaveTheirSize)
{
    const auto gain = DrawGains(9, 7, 2);
    Mask smaller;
    for (Eigen::Index size = 1; size <= 9; ++size)
    {
        Mask serving;
        cellfree::FormStrongestClusters(gain, size, serving);
        for (Eigen::Index u = 0; u < 7; ++u)
        {
            EXPECT_EQ(serving.col(u).count(), size);
            double weakest = 1.0;
            double left = 0.0;
            for (Eigen::Index m = 0; m < 9; ++m)
            {
                weakest = serving(m, u) ? std::min(weakest, gain(m, u)) : weakest;
                left = serving(m, u) ? left : std::max(left, gain(m, u));
            }
            EXPECT_GT(weakest, left);
        }
        EXPECT_TRUE(size == 1 || (serving || !smaller).all()) << "not nested";
        smaller = serving;
    }
}

TEST(IsacPilotsTest, LinksWithoutGainServeNobodyButTheirOnlyUe)
{
    Eigen::MatrixXd gain(3, 2);
    gain << 1, 0, //
        0, 0,     //
        2, 0;
    Mask serving;
    cellfree::FormStrongestClusters(gain, 3, serving);
    EXPECT_EQ(serving.col(0).count(), 2);
    EXPECT_EQ(serving.col(1).count(), 1);
    cellfree::FormPilotClusters(gain, {0, 1}, FindMasters(gain), serving);
    EXPECT_EQ(serving.col(0).count(), 2);
    EXPECT_EQ(serving.col(1).count(), 1);
}

TEST(IsacPilotsTest, MasterChangesBeyondTheHysteresisOnly)
{
    const Eigen::Vector3d gain(1.0, 1.9, 0.5);
    EXPECT_EQ(cellfree::FindMasterAp(gain), 1);
    EXPECT_EQ(cellfree::FindMasterAp(gain, 0, 2.0), 0);
    EXPECT_EQ(cellfree::FindMasterAp(gain, 0, 1.5), 1);
    EXPECT_EQ(cellfree::FindMasterAp(gain, 2, 2.0), 1);
}
