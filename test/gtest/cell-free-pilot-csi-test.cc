// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-nodes.h"

#include "ns3/cell-free-antenna-array.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/cell-free-gaussian.h"
#include "ns3/cell-free-pilot-csi.h"
#include "ns3/isac-link-budget.h"
#include "ns3/pointer.h"
#include "ns3/string.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <vector>

using namespace ns3;

namespace
{

/// Blocks with a mean and correlated antennas, the same for all links.
class CellFreeTestRicianFading : public CellFreeBlockFading
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::CellFreeTestRicianFading")
                                .SetParent<CellFreeBlockFading>()
                                .AddConstructor<CellFreeTestRicianFading>();
        return tid;
    }

    void GetStatistics(uint32_t link,
                       uint32_t /* band */,
                       Eigen::VectorXcd& mean,
                       Eigen::MatrixXcd& covariance) override
    {
        const auto n = cellfree::GetNAntennas(GetEnds(link).array);
        mean.resize(n);
        covariance.resize(n, n);
        for (Eigen::Index i = 0; i < n; ++i)
        {
            mean(i) = std::polar(0.6, 0.7 * i + link);
            for (Eigen::Index j = 0; j < n; ++j)
            {
                covariance(i, j) = 0.64 * std::polar(std::pow(0.9, std::abs(i - j)), 0.3 * (i - j));
            }
        }
    }

  private:
    void DoNextBlock(uint32_t link,
                     UniformRandomVariable& uniform,
                     Eigen::VectorXcd& coefficients) override
    {
        Eigen::VectorXcd mean;
        Eigen::MatrixXcd covariance;
        GetStatistics(link, 0, mean, covariance);
        Eigen::VectorXcd white(mean.size());
        for (auto& x : white)
        {
            x = cellfree::DrawComplexGaussian(uniform);
        }
        const Eigen::MatrixXcd root = covariance.llt().matrixL();
        coefficients = mean + root * white;
    }
};

NS_OBJECT_ENSURE_REGISTERED(CellFreeTestRicianFading);

class CellFreePilotCsiTest : public CellFreeSimulationTest
{
  protected:
    /// 3 APs with 4 antennas, 4 UEs, 1 target; blocks of 10 ms.
    static Ptr<CellFreeChannelModel> MakeChannel(bool isRician = false, uint32_t nBands = 1)
    {
        auto channel = CreateObject<CellFreeChannelModel>();
        channel->SetAttribute("Subbands", UintegerValue(nBands));
        if (isRician)
        {
            channel->SetAttribute("Fading", PointerValue(CreateObject<CellFreeTestRicianFading>()));
        }
        channel->GetFading()->SetAttribute("CoherenceTime", TimeValue(MilliSeconds(10)));
        channel->AssignStreams(0);
        for (int m = 0; m < 3; ++m)
        {
            channel->AddAp(MakeAp(Vector(150.0 * m, 40.0 * m, 10), MakeArray(4, 0.5 * m)));
        }
        for (int u = 0; u < 4; ++u)
        {
            channel->AddUe(MakeNode(Vector(60.0 * u + 20, 100, 1.5)));
        }
        channel->AddTarget(MakeTarget(Vector(90, 200, 50), 1.0));
        return channel;
    }

    /// A CSI of that channel, with streams.
    static Ptr<CellFreePilotCsi> MakeCsi(Ptr<CellFreeChannelModel> channel,
                                         uint32_t pilotLength,
                                         double power = 23.0)
    {
        auto csi = CreateObject<CellFreePilotCsi>();
        csi->SetAttribute("PilotLength", UintegerValue(pilotLength));
        csi->SetAttribute("PilotPower", DoubleValue(power));
        csi->SetChannel(channel);
        EXPECT_EQ(csi->AssignStreams(0), CELL_FREE_STREAMS);
        return csi;
    }

    /// What is believed of all links in a sub-band.
    static IsacProblem GetProblem(CellFreeCsi& csi, uint32_t band = 0)
    {
        IsacProblem problem;
        csi.GetProblem(APS, UES, {0}, problem, band);
        return problem;
    }

    /// Runs the simulation, which has updates without end.
    static void RunFor(Time duration)
    {
        Simulator::Stop(duration);
        Simulator::Run();
    }

    static const std::vector<uint32_t> APS;
    static const std::vector<uint32_t> UES;
};

const std::vector<uint32_t> CellFreePilotCsiTest::APS{0, 1, 2};
const std::vector<uint32_t> CellFreePilotCsiTest::UES{0, 1, 2, 3};

} // namespace

TEST_F(CellFreePilotCsiTest, StrongPilotsOfTheirOwnInEverySlotAreTheTruth)
{
    for (bool isRician : {false, true})
    {
        auto channel = MakeChannel(isRician, 2);
        auto csi = MakeCsi(channel, 4, 200.0);
        for (int slot = 0; slot < 50; ++slot)
        {
            At(Simulator::Now() + MicroSeconds(500 * slot), [&]() {
                csi->Sound(APS, UES);
                for (uint32_t band : {0, 1})
                {
                    const auto believed = GetProblem(*csi, band);
                    IsacProblem truth;
                    channel->GetTrueProblem(APS, UES, {0}, truth, band);
                    EXPECT_LT((believed.h - truth.h).cwiseAbs().maxCoeff(),
                              1e-8 * truth.h.cwiseAbs().maxCoeff());
                    EXPECT_LT(believed.errorVariance.maxCoeff(),
                              1e-15 * truth.h.cwiseAbs2().maxCoeff());
                    EXPECT_EQ(believed.a, truth.a);
                    EXPECT_EQ(believed.omega, truth.omega);
                    EXPECT_EQ(believed.power, truth.power);
                    EXPECT_EQ(believed.noise, truth.noise);
                }
                const double downlink = channel->GetInterferenceFreeSnr(APS, 1);
                EXPECT_NEAR(csi->GetDownlinkSnr(APS, 1), downlink, 1e-8 * downlink);
                const double uplink = channel->GetUplinkSnr({1, 2}, 3, 0.1);
                EXPECT_NEAR(csi->GetUplinkSnr({1, 2}, 3, 0.1), uplink, 1e-8 * uplink);
            });
        }
        RunFor(MilliSeconds(30));
    }
}

TEST_F(CellFreePilotCsiTest, EstimatesHaveTheErrorThatTheySay)
{
    // 1000 blocks; bounds of 4 standard errors on each of 12 links: confidence 99.9 % together.
    constexpr int BLOCKS = 1000;
    for (bool isRician : {false, true})
    {
        for (uint32_t pilotLength : {2, 4})
        {
            auto channel = MakeChannel(isRician);
            auto csi = MakeCsi(channel, pilotLength, 0.0);
            std::map<std::pair<uint32_t, uint32_t>, std::vector<double>> ratios;
            csi->TraceConnectWithoutContext(
                "Estimate",
                Callback<void, uint32_t, uint32_t, double, double>(
                    [&ratios](uint32_t ap, uint32_t ue, double expected, double met) {
                        EXPECT_GT(expected, 0.0);
                        EXPECT_LT(expected, 1.0);
                        ratios[{ap, ue}].push_back(met / expected);
                    }));
            for (int block = 0; block < BLOCKS; ++block)
            {
                At(Simulator::Now() + MilliSeconds(10 * block), [&]() { csi->Sound(APS, UES); });
            }
            RunFor(MilliSeconds(10 * BLOCKS));
            EXPECT_EQ(ratios.size(), 12U);
            for (const auto& [link, values] : ratios)
            {
                const Eigen::Map<const Eigen::ArrayXd> ratio(values.data(), values.size());
                ASSERT_EQ(values.size(), std::size_t(BLOCKS));
                const double deviation = std::sqrt((ratio - ratio.mean()).square().mean() / BLOCKS);
                EXPECT_NEAR(ratio.mean(), 1.0, 4.0 * deviation)
                    << link.first << ' ' << link.second << ' ' << isRician << ' ' << pilotLength;
            }
        }
    }
}

TEST_F(CellFreePilotCsiTest, ReuseHurts)
{
    // The same energy of a pilot: half the length, twice the power.
    auto channel = MakeChannel();
    auto own = MakeCsi(channel, 4, 10.0);
    auto shared = MakeCsi(channel, 2, 10.0 + 10.0 * std::log10(2.0));
    own->Sound(APS, UES);
    shared->Sound(APS, UES);
    const Eigen::MatrixXd difference =
        GetProblem(*shared).errorVariance - GetProblem(*own).errorVariance;
    EXPECT_GT(difference.minCoeff(), 0.0);
}

TEST_F(CellFreePilotCsiTest, EstimatesAgeByTheAutocorrelation)
{
    auto channel = MakeChannel();
    auto csi = MakeCsi(channel, 4);
    csi->Sound(APS, UES);
    const auto fresh = GetProblem(*csi);
    double before = fresh.errorVariance(1, 2);
    for (int ms = 1; ms <= 12; ++ms)
    {
        At(MilliSeconds(ms), [&, ms]() {
            const double correlation = channel->GetAutocorrelation(1, 2, MilliSeconds(ms));
            EXPECT_NEAR(correlation, std::max(0.0, 1.0 - ms / 10.0), 1e-12);
            const auto aged = GetProblem(*csi);
            EXPECT_LT((aged.h - correlation * fresh.h).norm(), 1e-12 * fresh.h.norm());
            EXPECT_NEAR(aged.errorVariance(1, 2),
                        cellfree::GetAgedErrorVariance(fresh.errorVariance(1, 2),
                                                       channel->GetMeanGain(1, 2),
                                                       correlation),
                        1e-12 * channel->GetMeanGain(1, 2));
            EXPECT_TRUE(ms > 10 || aged.errorVariance(1, 2) > before);
            before = aged.errorVariance(1, 2);
        });
    }
    RunFor(MilliSeconds(13));
    EXPECT_NEAR(before, channel->GetMeanGain(1, 2), 1e-12 * before);
    EXPECT_EQ(csi->GetDownlinkSnr(APS, 2), 0.0);
}

TEST_F(CellFreePilotCsiTest, FasterUesAgeFaster)
{
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(4)));
    for (int u = 0; u < 4; ++u)
    {
        channel->AddUe(MakeNode(Vector(30, 40, 1.5), Vector(5.0 * (u + 1), 0, 0)));
    }
    auto csi = MakeCsi(channel, 4, 200.0);
    csi->Sound({0}, UES);
    At(MicroSeconds(100), [&]() {
        IsacProblem problem;
        csi->GetProblem({0}, UES, {}, problem, 0);
        double before = 0.0;
        for (int u = 0; u < 4; ++u)
        {
            const double error = problem.errorVariance(0, u) / channel->GetMeanGain(0, u);
            EXPECT_GT(error, before);
            before = error;
        }
        EXPECT_LT(before, 1.0);
    });
    RunFor(MilliSeconds(1));
}

TEST_F(CellFreePilotCsiTest, UesAreUnknownUntilTheyAreHeard)
{
    for (bool isRician : {false, true})
    {
        auto channel = MakeChannel(isRician);
        auto csi = MakeCsi(channel, 4);
        csi->Sound(APS, {0, 1, 3});
        EXPECT_EQ(csi->GetPilot(2), -1);
        EXPECT_EQ(csi->GetPilot(77), -1);
        EXPECT_EQ(csi->GetDownlinkSnr(APS, 2), 0.0);
        EXPECT_EQ(csi->GetUplinkSnr(APS, 2, 0.1), 0.0);
        EXPECT_GT(csi->GetDownlinkSnr(APS, 3), 0.0);
        const auto problem = GetProblem(*csi);
        Eigen::VectorXcd mean;
        Eigen::MatrixXcd covariance;
        for (uint32_t m : APS)
        {
            channel->GetStatistics(m, 2, 0, mean, covariance);
            EXPECT_EQ(problem.h.col(2).segment(4 * m, 4), mean);
            EXPECT_NEAR(problem.errorVariance(m, 2),
                        covariance.trace().real() / 4,
                        1e-12 * covariance(0, 0).real());
        }
        csi->Sound(APS, UES);
        EXPECT_EQ(csi->GetPilot(2), 3);
        EXPECT_GT(csi->GetDownlinkSnr(APS, 2), 0.0);
        // One that leaves gives its pilot back; the next takes it.
        channel->RemoveUe(1);
        channel->AddUe(MakeNode(Vector(77, 70, 1.5)));
        csi->Sound(APS, {0, 2, 3, 4});
        EXPECT_EQ(csi->GetPilot(1), -1);
        EXPECT_EQ(csi->GetPilot(4), 1);
    }
}

TEST_F(CellFreePilotCsiTest, AnEstimateDependsOnItsPilotAlone)
{
    auto channel = MakeChannel();
    auto first = MakeCsi(channel, 4);
    auto second = MakeCsi(channel, 4);
    for (int i = 0; i < 3; ++i)
    {
        first->Sound(APS, UES);
        second->Sound({0, 2}, {0});
        GetProblem(*second, 0);
    }
    const auto a = GetProblem(*first);
    const auto b = GetProblem(*second);
    EXPECT_EQ(a.h.col(0).head(4), b.h.col(0).head(4));
    EXPECT_EQ(a.h.col(0).tail(4), b.h.col(0).tail(4));
    EXPECT_NE(a.h.col(0).segment(4, 4), b.h.col(0).segment(4, 4));
}

TEST_F(CellFreePilotCsiTest, CpusThatShareItContaminateEachOther)
{
    auto channel = MakeChannel();
    auto shared = MakeCsi(channel, 1);
    auto alone = MakeCsi(channel, 1);
    alone->Sound({0}, {0});
    shared->Sound({2}, {3});
    shared->Sound({0}, {0});
    EXPECT_GT(GetProblem(*shared).errorVariance(0, 0), GetProblem(*alone).errorVariance(0, 0));
    // A channel of another simulation knows none of it.
    shared->SetChannel(MakeChannel());
    EXPECT_EQ(shared->GetPilot(0), -1);
}

TEST_F(CellFreePilotCsiTest, SoundingPeriodCountsSlotsWithPilots)
{
    auto channel = MakeChannel();
    auto csi = MakeCsi(channel, 4);
    csi->SetAttribute("SoundingPeriod", UintegerValue(3));
    int estimates = 0;
    csi->TraceConnectWithoutContext(
        "Estimate",
        Callback<void, uint32_t, uint32_t, double, double>(
            [&estimates](uint32_t, uint32_t, double, double) { ++estimates; }));
    for (int slot = 0; slot < 7; ++slot)
    {
        csi->Sound(APS, UES);
        EXPECT_EQ(estimates, 12 * (slot / 3 + 1));
    }
}

TEST_F(CellFreePilotCsiTest, PilotsAreGivenAsAsked)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    auto channel = MakeChannel();
    auto random = MakeCsi(channel, 3);
    random->SetAttribute("Assignment", StringValue("Random"));
    random->Sound(APS, {1, 2});
    const auto pilot = random->GetPilot(2);
    EXPECT_TRUE(pilot >= 0 && pilot < 3);
    auto other = MakeCsi(channel, 3);
    other->SetAttribute("Assignment", StringValue("Random"));
    other->Sound(APS, UES);
    EXPECT_EQ(other->GetPilot(2), pilot) << "depends on who else is there";

    auto own = MakeCsi(channel, 3);
    EXPECT_DEATH(own->SetPilot(0, 1), "SetPilot: expected the attribute Assignment to be Own");
    own->SetAttribute("Assignment", StringValue("Own"));
    EXPECT_DEATH(own->SetPilot(0, 3), "UE 0: pilot 3: expected less than PilotLength = 3");
    own->SetPilot(0, 2);
    own->SetPilot(1, 2);
    EXPECT_DEATH(own->Sound(APS, UES), "UE 2 has no pilot: expected SetPilot\\(\\) before");
    own->Sound(APS, {0, 1});
    EXPECT_EQ(own->GetPilot(0), 2);
    EXPECT_EQ(own->GetPilot(1), 2);
}

TEST_F(CellFreePilotCsiTest, PhaseErrorsTurnWholeAps)
{
    constexpr int SOUNDINGS = 500;
    auto channel = MakeChannel();
    auto csi = MakeCsi(channel, 4);
    double squares = 0.0;
    for (int i = 0; i < SOUNDINGS; ++i)
    {
        csi->Sound(APS, UES);
        csi->SetAttribute("PhaseError", DoubleValue(0.0));
        const auto without = GetProblem(*csi);
        csi->SetAttribute("PhaseError", DoubleValue(10.0));
        const auto with = GetProblem(*csi);
        EXPECT_EQ(with.errorVariance, without.errorVariance);
        for (uint32_t m : APS)
        {
            const auto turn = with.h(4 * m, 0) / without.h(4 * m, 0);
            EXPECT_NEAR(std::abs(turn), 1.0, 1e-12);
            EXPECT_LT((with.h.middleRows(4 * m, 4) - turn * without.h.middleRows(4 * m, 4)).norm(),
                      1e-12 * without.h.norm());
            squares += std::norm(std::arg(turn) * 180.0 / M_PI);
        }
    }
    // 1500 independent squares: 3.29 standard errors, confidence 99.9 %.
    EXPECT_NEAR(squares / (3 * SOUNDINGS), 100.0, 3.29 * 100.0 * std::sqrt(2.0 / (3 * SOUNDINGS)));
}

TEST_F(CellFreePilotCsiTest, TimingErrorsAreRampsOverTheSubbands)
{
    auto channel = MakeChannel(false, 5);
    auto csi = MakeCsi(channel, 4);
    csi->Sound(APS, UES);
    std::vector<double> phases;
    for (uint32_t band = 0; band < 5; ++band)
    {
        csi->SetAttribute("TimingError", DoubleValue(0.0));
        const auto without = GetProblem(*csi, band).h(5, 1);
        csi->SetAttribute("TimingError", DoubleValue(5.0));
        phases.push_back(std::arg(GetProblem(*csi, band).h(5, 1) / without));
    }
    EXPECT_NEAR(phases[2], 0.0, 1e-12);
    EXPECT_GT(std::abs(phases[3]), 1e-4);
    for (uint32_t band = 0; band < 5; ++band)
    {
        EXPECT_NEAR(phases[band], phases[3] * (band - 2.0), 1e-9);
    }
}

TEST_F(CellFreePilotCsiTest, ReciprocityErrorsStay)
{
    auto channel = MakeChannel();
    auto csi = MakeCsi(channel, 4);
    Eigen::VectorXcd before;
    for (int i = 0; i < 3; ++i)
    {
        csi->Sound(APS, UES);
        csi->SetAttribute("ReciprocityError", DoubleValue(0.0));
        const auto without = GetProblem(*csi);
        csi->SetAttribute("ReciprocityError", DoubleValue(0.1));
        const Eigen::VectorXcd ratio = GetProblem(*csi).h.col(0).cwiseQuotient(without.h.col(0));
        if (i > 0)
        {
            EXPECT_LT((ratio - before).norm(), 1e-12);
        }
        before = ratio;
    }
    const double rms = std::sqrt((before.array() - 1.0).abs2().mean());
    // Chi-squared of 24 degrees of freedom: 99.9 % of its mean to within a factor.
    EXPECT_GT(rms, 0.05);
    EXPECT_LT(rms, 0.16);
}

TEST_F(CellFreePilotCsiTest, DirectionsAreMistakenForAWhile)
{
    auto channel = MakeChannel();
    auto csi = MakeCsi(channel, 4);
    csi->SetAttribute("TargetAngleError", DoubleValue(2.0));
    std::vector<Eigen::MatrixXcd> steering;
    IsacProblem truth;
    channel->GetTrueProblem(APS, UES, {0}, truth);
    for (int ms : {0, 9, 10, 45})
    {
        At(MilliSeconds(ms), [&]() {
            const auto problem = GetProblem(*csi);
            EXPECT_EQ(problem.omega, truth.omega);
            EXPECT_NEAR(problem.a.squaredNorm(), 12.0, 1e-9);
            EXPECT_NE(problem.a, truth.a);
            EXPECT_LT((problem.a - truth.a).norm(), 0.5 * truth.a.norm());
            steering.push_back(problem.a);
        });
    }
    RunFor(MilliSeconds(50));
    EXPECT_EQ(steering[0], steering[1]);
    EXPECT_NE(steering[1], steering[2]);
    EXPECT_NE(steering[2], steering[3]);
}
