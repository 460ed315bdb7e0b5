// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-nodes.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-large-scale-model.h"
#include "ns3/cell-free-streams.h"
#include "ns3/cell-free-three-gpp-large-scale.h"
#include "ns3/channel-condition-model.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/string.h"
#include "ns3/three-gpp-propagation-loss-model.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

using namespace ns3;

namespace
{

constexpr double FREQUENCY = 3.5e9;

class CellFreeLargeScaleTest : public testing::Test
{
  protected:
    void SetUp() override
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
        m_model = CreateObject<CellFreeThreeGppLargeScale>();
        EXPECT_EQ(m_model->AssignStreams(0), CELL_FREE_STREAMS);
    }

    void TearDown() override
    {
        Simulator::Destroy();
    }

    /// Ends at given places, with the AP of its own random fields.
    CellFreeLinkEnds Link(double x, double y, uint32_t apId) const
    {
        auto ends = MakeEnds(MakeNode(Vector(0, 0, 10)), MakeNode(Vector(x, y, 1.5)), 1);
        ends.apId = apId;
        return ends;
    }

    /// Loss beyond that of a state: the shadowing, if the link is in that state.
    double GetShadowing(const CellFreeLinkEnds& ends, bool isLos) const
    {
        const Vector ap = ends.ap->GetPosition();
        const Vector ue = ends.ue->GetPosition();
        return m_model->GetLoss(ends, FREQUENCY) -
               CellFreeThreeGpp::GetPathLoss(
                   CellFreeThreeGpp::UMI,
                   isLos,
                   {std::hypot(ue.x - ap.x, ue.y - ap.y), CalculateDistance(ap, ue), ap.z, ue.z},
                   FREQUENCY);
    }

    Ptr<CellFreeThreeGppLargeScale> m_model;
};

/// Probability of at most k successes in n trials.
double
GetBinomialCdf(int k, int n, double p)
{
    double sum = 0.0;
    for (int i = 0; i <= k; ++i)
    {
        sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0) +
                        i * std::log(p) + (n - i) * std::log1p(-p));
    }
    return sum;
}

} // namespace

TEST_F(CellFreeLargeScaleTest, UesThatLeaveLoseSightAsOftenAs3gppHasIt)
{
    // 200 UEs, each with an AP of its own so that they are independent, start at 15 m and leave at
    // 30 m/s: all in line of sight at first, and at each distance a count within the two-sided
    // 99 % interval of the binomial law. At 600 m the probability is 0.03.
    constexpr int UES = 200;
    std::vector<CellFreeLinkEnds> links;
    for (int u = 0; u < UES; ++u)
    {
        const double bearing = 2 * M_PI * u / UES;
        const Vector direction(std::cos(bearing), std::sin(bearing), 0);
        links.push_back(MakeEnds(MakeNode(Vector(0, 0, 10)),
                                 MakeNode(Vector(15 * direction.x, 15 * direction.y, 1.5),
                                          Vector(30 * direction.x, 30 * direction.y, 0)),
                                 1));
    }
    auto count = [&]() {
        int nLos = 0;
        for (const auto& link : links)
        {
            nLos += m_model->IsLineOfSight(link);
        }
        return nLos;
    };
    EXPECT_EQ(count(), UES);
    int nTried = 0;
    for (const double distance : {60.0, 150.0, 600.0})
    {
        At(Seconds((distance - 15) / 30), [&, distance]() {
            const double p = 18 / distance + std::exp(-distance / 36) * (1 - 18 / distance);
            const int nLos = count();
            EXPECT_GT(GetBinomialCdf(nLos, UES, p), 0.005) << distance;
            EXPECT_LT(GetBinomialCdf(nLos - 1, UES, p), 0.995) << distance;
            ++nTried;
        });
    }
    Simulator::Run();
    EXPECT_EQ(nTried, 3);
}

TEST_F(CellFreeLargeScaleTest, ShadowingHasTheVarianceAndCorrelationOfTheTables)
{
    // Over 1000 APs: UEs 10 m away (line of sight for certain) and 5 km away (9 964 in 10 000
    // without; the others are left out, which the independent shadowing does not notice).
    // Bounds are 4.42 standard errors of Gaussian variables, two-sided 1 - 1e-5.
    for (const bool isLos : {true, false})
    {
        const double start = isLos ? 10.0 : 5000.0;
        const double deviation = isLos ? 4.0 : 7.82;
        const double decorrelation = isLos ? 10.0 : 13.0;
        const std::vector<double> steps{0.0, 1.0, 4.0, 7.5};
        std::vector<double> product(steps.size(), 0.0);
        double sum = 0.0;
        int n = 0;
        for (uint32_t ap = 0; ap < 1000; ++ap)
        {
            std::vector<double> shadowing;
            for (const double step : steps)
            {
                const auto link = Link(start + step, 0, ap);
                if (m_model->IsLineOfSight(link) == isLos)
                {
                    shadowing.push_back(GetShadowing(link, isLos) / deviation);
                }
            }
            if (shadowing.size() == steps.size())
            {
                ++n;
                sum += shadowing[0];
                for (std::size_t i = 0; i < steps.size(); ++i)
                {
                    product[i] += shadowing[0] * shadowing[i];
                }
            }
        }
        ASSERT_GT(n, 950);
        const double bound = 4.42 / std::sqrt(double(n));
        EXPECT_NEAR(sum / n, 0.0, bound);
        for (std::size_t i = 0; i < steps.size(); ++i)
        {
            const double rho = std::exp(-steps[i] / decorrelation);
            EXPECT_NEAR(product[i] / n, rho, bound * std::sqrt(1 + rho * rho))
                << isLos << ' ' << steps[i];
        }
    }
}

TEST_F(CellFreeLargeScaleTest, NeighboursInSpaceAgreeAboutLineOfSight)
{
    // Where the probability is one half, two UEs agree with probability 1 - acos(rho) / pi, rho =
    // exp(-d / 50 m), by the orthant probability of two Gaussian variables. 1200 APs, 4.42 standard
    // errors.
    double radius = 20.0;
    while (CellFreeThreeGpp::GetLosProbability(CellFreeThreeGpp::UMI, {radius, radius, 10, 1.5}) >
           0.5)
    {
        radius += 1e-4;
    }
    constexpr uint32_t APS = 1200;
    for (const double separation : {1.0, 10.0, 50.0})
    {
        const double angle = 2 * std::asin(separation / (2 * radius));
        int nAgree = 0;
        int nLos = 0;
        for (uint32_t ap = 0; ap < APS; ++ap)
        {
            const bool here = m_model->IsLineOfSight(Link(radius, 0, ap));
            nLos += here;
            nAgree += here == m_model->IsLineOfSight(
                                  Link(radius * std::cos(angle), radius * std::sin(angle), ap));
        }
        const double p = 1 - std::acos(std::exp(-separation / 50)) / M_PI;
        EXPECT_NEAR(double(nAgree) / APS, p, 4.42 * std::sqrt(p * (1 - p) / APS)) << separation;
        EXPECT_NEAR(double(nLos) / APS, 0.5, 4.42 * 0.5 / std::sqrt(double(APS)));
    }
}

TEST_F(CellFreeLargeScaleTest, LossIsAFunctionOfThePlacesAlone)
{
    // Whoever is asked for first, however often: the same bits. Other APs and streams: others.
    const auto first = Link(80, 30, 5);
    const auto second = Link(-40, 200, 6);
    const double loss = m_model->GetLoss(first, FREQUENCY);
    EXPECT_EQ(m_model->GetLoss(Link(80, 30, 5), FREQUENCY), loss);
    EXPECT_NE(m_model->GetLoss(Link(80, 30, 6), FREQUENCY), loss);
    const double other = m_model->GetLoss(second, FREQUENCY);

    auto model = CreateObject<CellFreeThreeGppLargeScale>();
    model->AssignStreams(0);
    EXPECT_EQ(model->GetLoss(second, FREQUENCY), other);
    EXPECT_EQ(model->GetLoss(first, FREQUENCY), loss);
    model->AssignStreams(CELL_FREE_STREAMS);
    EXPECT_NE(model->GetLoss(first, FREQUENCY), loss);

    model->AssignStreams(0);
    model->SetAttribute("Shadowing", BooleanValue(false));
    const double mean = model->GetLoss(first, FREQUENCY);
    EXPECT_NE(mean, loss);
    model->AssignStreams(CELL_FREE_STREAMS);
    model->SetAttribute("Scenario", StringValue("RMa"));
    EXPECT_NE(model->GetLoss(first, FREQUENCY), mean);
}

TEST_F(CellFreeLargeScaleTest, FrequenciesOutOfRangeAreRefused)
{
    EXPECT_DEATH(m_model->CheckFrequency(0.4e9),
                 "Frequency = 4e\\+08 Hz: expected 5e\\+08 to 1e\\+11");
    EXPECT_DEATH(m_model->CheckFrequency(NAN), "Frequency = nan");
    m_model->CheckFrequency(60e9);
    m_model->SetAttribute("Scenario", StringValue("RMa"));
    EXPECT_DEATH(m_model->CheckFrequency(60e9), "expected 5e\\+08 to 3e\\+10");
}

TEST_F(CellFreeLargeScaleTest, AChainIsTakenAsItIs)
{
    auto chain = CreateObject<CellFreePropagationLossChain>();
    EXPECT_DEATH(chain->CheckFrequency(FREQUENCY), "PropagationLoss is null");
    auto loss = CreateObject<ThreeGppUmiStreetCanyonPropagationLossModel>();
    loss->SetAttribute("Frequency", DoubleValue(5e9));
    auto random = CreateObject<RandomPropagationLossModel>();
    random->SetAttribute("Variable", StringValue("ns3::UniformRandomVariable[Min=0|Max=9]"));
    loss->SetNext(random);
    chain->SetAttribute("PropagationLoss", PointerValue(loss));
    EXPECT_DEATH(chain->CheckFrequency(FREQUENCY),
                 "StreetCanyonPropagationLossModel has Frequency = 5e\\+09 Hz: expected 3.5e\\+09");
    loss->SetAttribute("Frequency", DoubleValue(FREQUENCY));
    chain->CheckFrequency(FREQUENCY);

    // Its line of sight is that of the 3GPP model's condition, whatever it is.
    loss->SetAttribute("ChannelConditionModel",
                       PointerValue(CreateObject<AlwaysLosChannelConditionModel>()));
    EXPECT_TRUE(chain->IsLineOfSight(Link(120, 0, 0)));
    loss->SetAttribute("ChannelConditionModel",
                       PointerValue(CreateObject<NeverLosChannelConditionModel>()));
    EXPECT_FALSE(chain->IsLineOfSight(Link(120, 0, 0)));
    EXPECT_DEATH(
        chain->GetKFactor(Link(120, 0, 0)),
        "ns3::CellFreePropagationLossChain draws no K factor: expected a large-scale model "
        "that does, or CellFreeSpatialFading::DrawKFactor = false");
    auto plain = CreateObject<CellFreePropagationLossChain>();
    EXPECT_FALSE(plain->IsLineOfSight(Link(120, 0, 0)));
    plain->SetAttribute("LineOfSight", BooleanValue(true));
    EXPECT_TRUE(plain->IsLineOfSight(Link(120, 0, 0)));

    // Every model of the chain has its streams: equal ones give equal losses.
    std::vector<double> losses;
    for (int time = 0; time < 2; ++time)
    {
        chain->AssignStreams(1000);
        for (uint32_t link = 0; link < 4; ++link)
        {
            losses.push_back(chain->GetLoss(Link(120, 10.0 * link, 0), FREQUENCY));
        }
    }
    for (int link = 0; link < 4; ++link)
    {
        EXPECT_EQ(losses[link], losses[4 + link]);
    }
}

TEST_F(CellFreeLargeScaleTest, LineOfSightMayBeSet)
{
    const auto near = Link(15, 0, 3); // for certain
    EXPECT_TRUE(m_model->IsLineOfSight(near));
    const double loss = m_model->GetLoss(near, FREQUENCY);
    m_model->SetAttribute("LineOfSight", StringValue("Always"));
    EXPECT_EQ(m_model->GetLoss(near, FREQUENCY), loss);
    EXPECT_TRUE(m_model->IsLineOfSight(Link(3000, 0, 3)));
    m_model->SetAttribute("LineOfSight", StringValue("Never"));
    EXPECT_FALSE(m_model->IsLineOfSight(near));
    EXPECT_NE(m_model->GetLoss(near, FREQUENCY), loss);
}

TEST_F(CellFreeLargeScaleTest, KFactorsFollowThePlace)
{
    // Correlation exp(-d / 15 m) of decibels over 1000 APs, 4.42 standard errors.
    constexpr uint32_t APS = 1000;
    double product = 0.0;
    for (uint32_t ap = 0; ap < APS; ++ap)
    {
        const auto getDecibels = [&](double x) {
            return (10 * std::log10(m_model->GetKFactor(Link(x, 0, ap))) - 9) / 5;
        };
        product += getDecibels(12) * getDecibels(22) / APS;
    }
    const double rho = std::exp(-10.0 / 15);
    EXPECT_NEAR(product, rho, 4.42 * std::sqrt((1 + rho * rho) / APS));
}
