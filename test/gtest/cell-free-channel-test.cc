// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-antenna-array.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/cell-free-gaussian.h"
#include "ns3/channel-condition-model.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/double.h"
#include "ns3/isac-detection.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isac-metrics.h"
#include "ns3/isac-uplink.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/three-gpp-antenna-model.h"
#include "ns3/three-gpp-propagation-loss-model.h"
#include "ns3/uinteger.h"
#include "ns3/uniform-planar-array.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <map>

using namespace ns3;

namespace
{

constexpr double FREQUENCY = 3.5e9;
constexpr double WAVELENGTH = ISAC_SPEED_OF_LIGHT / FREQUENCY;

Ptr<Node>
MakeNode(const Vector& position, const Vector& velocity = Vector())
{
    auto node = CreateObject<Node>();
    auto mobility = CreateObject<ConstantVelocityMobilityModel>();
    mobility->SetPosition(position);
    mobility->SetVelocity(velocity);
    node->AggregateObject(mobility);
    return node;
}

Ptr<Node>
MakeTarget(const Vector& position, double rcs, const Vector& velocity = Vector())
{
    auto node = MakeNode(position, velocity);
    auto target = CreateObject<CellFreeTarget>();
    target->SetAttribute("Rcs", DoubleValue(rcs));
    node->AggregateObject(target);
    return node;
}

Ptr<UniformPlanarArray>
MakeArray(uint32_t nAntennas, double bearing = 0.0)
{
    auto array = CreateObject<UniformPlanarArray>();
    array->SetAttribute("NumRows", UintegerValue(1));
    array->SetAttribute("NumColumns", UintegerValue(nAntennas));
    array->SetAttribute("BearingAngle", DoubleValue(bearing));
    return array;
}

/// A channel whose AP-UE links are free space and fade.
Ptr<CellFreeChannelModel>
MakeFriisChannel()
{
    auto loss = CreateObject<FriisPropagationLossModel>();
    loss->SetAttribute("Frequency", DoubleValue(FREQUENCY));
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->SetAttribute("PropagationLoss", PointerValue(loss));
    return channel;
}

/// A channel as in the default scenario: 3GPP UMi, line of sight and shadowing random.
Ptr<CellFreeChannelModel>
MakeUmiChannel()
{
    auto loss = CreateObject<ThreeGppUmiStreetCanyonPropagationLossModel>();
    loss->SetAttribute("Frequency", DoubleValue(FREQUENCY));
    loss->SetAttribute("ChannelConditionModel",
                       PointerValue(CreateObject<ThreeGppUmiStreetCanyonChannelConditionModel>()));
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->SetAttribute("PropagationLoss", PointerValue(loss));
    return channel;
}

class CellFreeChannelTest : public testing::Test
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

    /// Runs something at a simulation time.
    static void At(const Time& time, const std::function<void()>& what)
    {
        Simulator::Schedule(time - Simulator::Now(), what);
    }

    /// 3 APs with 4 antennas, 4 moving UEs, 2 moving targets.
    static void Populate(const Ptr<CellFreeChannelModel>& channel)
    {
        for (int m = 0; m < 3; ++m)
        {
            channel->AddAp(MakeNode(Vector(150.0 * m, 40.0 * m, 10)), MakeArray(4, 0.5 * m), 0.2);
        }
        for (int u = 0; u < 4; ++u)
        {
            channel->AddUe(MakeNode(Vector(60.0 * u + 20, 100, 1.5), Vector(u + 1.0, -2, 0)));
        }
        for (int t = 0; t < 2; ++t)
        {
            channel->AddTarget(
                MakeTarget(Vector(90.0 * t, 200, 50), 1.0 + t, Vector(10, -5.0 * t, 0)));
        }
    }
};

} // namespace

TEST_F(CellFreeChannelTest, SensingSnrOfOneApByHand)
{
    // 23 dBm, 8 antennas, target of 0.5 m^2 at 130 m (30, 40, 120): R^4 = 16900^2.
    // zeta^2 = 0.085654988^2 * 0.5 / (1984.4017 * 16900^2) = 6.4725039e-15;
    // SNR = 0.19952623 * 8 * zeta^2 / 4.0133899e-13 = 0.0257425 with the beam matched.
    auto channel = MakeFriisChannel();
    channel->AddAp(MakeNode(Vector(0, 0, 10)), MakeArray(8), FromDecibels(23.0) * 1e-3);
    channel->AddTarget(MakeTarget(Vector(30, 40, 130), 0.5));
    IsacProblem problem;
    channel->GetTrueProblem({}, {0}, problem);
    ASSERT_EQ(FindProblemError(problem), "");
    EXPECT_NEAR(problem.omega(0, 0) / 6.4725039e-15, 1.0, 1e-7);
    IsacBeams beams;
    beams.Resize(problem);
    beams.f = problem.a * std::sqrt(problem.power(0) / 8.0);
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    EXPECT_NEAR(metrics.GetSensingSnr()(0), 0.025742518, 1e-8);
}

TEST_F(CellFreeChannelTest, OmegaSumsOverReceiversWithElementGains)
{
    // Receivers at 100 m and 200 m from the target, whose element gains are 1.
    auto channel = MakeFriisChannel();
    channel->AddAp(MakeNode(Vector(0, 0, 0)), MakeArray(2), 1.0);
    channel->AddAp(MakeNode(Vector(300, 0, 0)), MakeArray(2), 1.0);
    channel->AddTarget(MakeTarget(Vector(100, 0, 0), 2.0));
    IsacProblem problem;
    channel->GetTrueProblem({}, {0}, problem);
    const double near = GetBistaticGain(WAVELENGTH, 2.0, 1, 100, 1, 100);
    const double cross = GetBistaticGain(WAVELENGTH, 2.0, 1, 100, 1, 200);
    const double far = GetBistaticGain(WAVELENGTH, 2.0, 1, 200, 1, 200);
    EXPECT_NEAR(problem.omega(0, 0) / (near + cross), 1.0, 1e-12);
    EXPECT_NEAR(problem.omega(1, 0) / (cross + far), 1.0, 1e-12);
    EXPECT_NEAR(problem.sensingNoise / (2 * GetThermalNoise(20e6, 7.0)), 1.0, 1e-12);
}

TEST_F(CellFreeChannelTest, ChannelIsAmplitudeTimesFading)
{
    auto channel = MakeFriisChannel();
    Populate(channel);
    channel->AssignStreams(10);
    IsacProblem problem;
    channel->GetTrueProblem({2, 0}, {1}, problem);
    ASSERT_EQ(FindProblemError(problem), "");
    ASSERT_EQ(problem.h.rows(), 12);
    ASSERT_EQ(problem.h.cols(), 2);
    // Links are numbered as the UEs were added: all APs of UE 0, then of UE 1, ...
    const uint32_t ues[] = {2, 0};
    for (int column = 0; column < 2; ++column)
    {
        for (int m = 0; m < 3; ++m)
        {
            const double dx = 60.0 * ues[column] + 20 - 150.0 * m;
            const double dy = 100 - 40.0 * m;
            const double distance = std::sqrt(dx * dx + dy * dy + 8.5 * 8.5);
            const Eigen::VectorXcd expected =
                std::sqrt(GetFreeSpaceGain(WAVELENGTH, distance)) *
                channel->GetFading()->GetCoefficients(3 * ues[column] + m);
            const Eigen::VectorXcd h = problem.h.col(column).segment(4 * m, 4);
            EXPECT_LT((h - expected).norm() / expected.norm(), 1e-9) << m << ' ' << column;
        }
    }
    EXPECT_EQ(problem.noise(0), GetThermalNoise(20e6, 7.0));
}

TEST_F(CellFreeChannelTest, AChoiceOfUesAndTargetsIsAChoiceOfColumns)
{
    auto channel = MakeUmiChannel();
    Populate(channel);
    IsacProblem all;
    channel->GetTrueProblem({0, 1, 2, 3}, {0, 1}, all);
    ASSERT_NE(all.omega.col(0), all.omega.col(1));
    IsacProblem some;
    channel->GetTrueProblem({3, 1}, {1}, some);
    EXPECT_EQ(some.h.col(0), all.h.col(3));
    EXPECT_EQ(some.h.col(1), all.h.col(1));
    EXPECT_EQ(some.a, all.a.col(1));
    EXPECT_EQ(some.omega, all.omega.col(1));
    EXPECT_EQ(some.sensingNoise, all.sensingNoise);
}

TEST_F(CellFreeChannelTest, NoiseFollowsItsAttributes)
{
    auto channel = MakeFriisChannel();
    Populate(channel);
    channel->SetAttribute("Bandwidth", DoubleValue(100e6));
    channel->SetAttribute("UeNoiseFigure", DoubleValue(9.0));
    channel->SetAttribute("ApNoiseFigure", DoubleValue(5.0));
    IsacProblem problem;
    channel->GetTrueProblem({1}, {0}, problem);
    EXPECT_EQ(problem.noise(0), GetThermalNoise(100e6, 9.0));
    EXPECT_DOUBLE_EQ(problem.sensingNoise, 3 * GetThermalNoise(100e6, 5.0));
    EXPECT_EQ(channel->GetApNoise(), GetThermalNoise(100e6, 5.0));
}

TEST_F(CellFreeChannelTest, InterferenceFreeSnrIsWhatMatchedBeamsReach)
{
    auto channel = MakeUmiChannel();
    Populate(channel);
    IsacProblem problem;
    channel->GetTrueProblem({3}, {}, problem);
    IsacBeams beams;
    beams.Resize(problem);
    for (int m = 0; m < 3; ++m)
    {
        beams.Ap(m) = problem.h.middleRows(4 * m, 4);
        beams.Ap(m) *= std::sqrt(problem.power(m)) / beams.Ap(m).norm();
    }
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    EXPECT_NEAR(channel->GetInterferenceFreeSnr(3) / metrics.GetSinr()(0), 1.0, 1e-12);
}

TEST_F(CellFreeChannelTest, UplinkSnrIsWhatCombiningReaches)
{
    auto channel = MakeUmiChannel();
    Populate(channel);
    channel->SetAttribute("ApNoiseFigure", DoubleValue(5.0));
    IsacProblem problem;
    channel->GetTrueProblem({1}, {}, problem);
    IsacUplinkCombining combining;
    const auto& sinr =
        combining.ComputeSinr(problem.h, Eigen::VectorXd::Constant(1, 0.3), channel->GetApNoise());
    EXPECT_NEAR(channel->GetUplinkSnr(1, 0.3) / sinr(0), 1.0, 1e-12);
    EXPECT_EQ(channel->GetUplinkSnr(1, 0.0), 0.0);
}

TEST_F(CellFreeChannelTest, SensingSnrIsTheMeanOfTheSymbolLevelEcho)
{
    // Equations (5) and (6) symbol by symbol, each with its own reflections per AP pair, data and
    // noise, against the closed form (7); then the same after matched combining at every receiver.
    auto channel = MakeFriisChannel();
    const Vector targetPosition(90, 60, 30);
    std::vector<Vector> positions{{0, 0, 10}, {110, 0, 10}, {40, 150, 10}};
    for (std::size_t m = 0; m < positions.size(); ++m)
    {
        channel->AddAp(MakeNode(positions[m]), MakeArray(4, 0.7 * m), 0.2);
    }
    channel->AddUe(MakeNode(Vector(20, 30, 1.5)));
    channel->AddUe(MakeNode(Vector(70, 10, 1.5)));
    channel->AddTarget(MakeTarget(targetPosition, 1.5));
    channel->AssignStreams(0);
    IsacProblem problem;
    channel->GetTrueProblem({0, 1}, {0}, problem);

    auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(1000);
    IsacBeams beams;
    beams.Resize(problem);
    for (auto& entry : beams.f.reshaped())
    {
        entry = 0.1 * DrawComplexGaussian(*uniform);
    }
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    const double expected = metrics.GetSensingSnr()(0);

    Eigen::MatrixXd zeta(3, 3);
    Eigen::MatrixXcd response(4, 3);
    for (int m = 0; m < 3; ++m)
    {
        response.col(m) = problem.a.col(0).segment(4 * m, 4);
        for (int r = 0; r < 3; ++r)
        {
            zeta(m, r) =
                std::sqrt(GetBistaticGain(WAVELENGTH,
                                          1.5,
                                          1.0,
                                          CalculateDistance(positions[m], targetPosition),
                                          1.0,
                                          CalculateDistance(positions[r], targetPosition)));
        }
    }
    constexpr int SYMBOLS = 60000;
    const double noise = channel->GetApNoise();
    double signalSum = 0.0;
    double signalSquareSum = 0.0;
    double noiseSum = 0.0;
    double combinedSignal = 0.0;
    double combinedNoise = 0.0;
    Eigen::VectorXcd data(3);
    Eigen::VectorXcd noiseVector(4);
    for (int symbol = 0; symbol < SYMBOLS; ++symbol)
    {
        for (auto& x : data)
        {
            x = DrawComplexGaussian(*uniform);
        }
        double signalPower = 0.0;
        for (int r = 0; r < 3; ++r)
        {
            Eigen::VectorXcd echo = Eigen::VectorXcd::Zero(4);
            for (int m = 0; m < 3; ++m)
            {
                const auto alpha = zeta(m, r) * DrawComplexGaussian(*uniform);
                echo += alpha * response.col(r) * (response.col(m).adjoint() * beams.Ap(m) * data);
            }
            for (auto& n : noiseVector)
            {
                n = std::sqrt(noise) * DrawComplexGaussian(*uniform);
            }
            signalPower += echo.squaredNorm();
            noiseSum += noiseVector.squaredNorm();
            combinedSignal += std::norm(response.col(r).dot(echo));
            combinedNoise += std::norm(response.col(r).dot(noiseVector));
        }
        signalSum += signalPower;
        signalSquareSum += signalPower * signalPower;
    }
    const double snr = signalSum / noiseSum;
    // The noise power is an average of 12 exponentials per symbol, far steadier than the signal.
    const double mean = signalSum / SYMBOLS;
    const double relativeError =
        std::sqrt((signalSquareSum / SYMBOLS - mean * mean) / SYMBOLS) / mean +
        1.0 / std::sqrt(12.0 * SYMBOLS);
    ASSERT_LT(relativeError, 0.01);
    // 4.42 standard errors: two-sided confidence better than 1 - 1e-5.
    EXPECT_NEAR(snr / expected, 1.0, 4.42 * relativeError);
    EXPECT_NEAR(combinedSignal / combinedNoise / GetCombinedSensingSnr(expected, 4, 1),
                1.0,
                4.42 * (relativeError + 1.0 / std::sqrt(3.0 * SYMBOLS)));
}

TEST_F(CellFreeChannelTest, ChannelsDoNotDependOnWhatIsAskedWhen)
{
    // One channel is asked for everything in every slot, the other seldom and in another order.
    auto run = [this](bool dense) {
        SetUp();
        auto channel = MakeUmiChannel();
        Populate(channel);
        channel->AssignStreams(10);
        std::vector<IsacProblem> problems;
        IsacProblem problem;
        for (int slot = 0; slot < 2000; ++slot)
        {
            At(MicroSeconds(500 * slot), [&, slot, dense]() {
                if (dense)
                {
                    channel->GetBelievedProblem({3, 1, 0, 2}, {1, 0}, problem);
                    channel->GetInterferenceFreeSnr(slot % 4);
                }
                if (slot % 333 == 250)
                {
                    channel->GetTrueProblem({1, 3}, {1}, problem);
                    problems.push_back(problem);
                }
            });
        }
        Simulator::Stop(Seconds(1));
        Simulator::Run();
        channel->Dispose();
        Simulator::Destroy();
        return problems;
    };
    const auto dense = run(true);
    const auto sparse = run(false);
    ASSERT_EQ(dense.size(), 6);
    ASSERT_EQ(sparse.size(), 6);
    for (std::size_t i = 0; i < dense.size(); ++i)
    {
        EXPECT_EQ(dense[i].h, sparse[i].h);
        EXPECT_EQ(dense[i].a, sparse[i].a);
        EXPECT_EQ(dense[i].omega, sparse[i].omega);
    }
    EXPECT_NE(dense[0].h, dense[1].h);
    EXPECT_NE(dense[0].a, dense[5].a);
}

TEST_F(CellFreeChannelTest, AnotherRunGivesOtherChannels)
{
    auto draw = [](uint32_t run) {
        RngSeedManager::SetRun(run);
        auto channel = MakeUmiChannel();
        Populate(channel);
        channel->AssignStreams(10);
        IsacProblem problem;
        channel->GetTrueProblem({0, 1, 2, 3}, {}, problem);
        channel->Dispose();
        Simulator::Destroy();
        return problem.h;
    };
    const auto first = draw(1);
    EXPECT_EQ(draw(1), first);
    EXPECT_NE(draw(2), first);
}

TEST_F(CellFreeChannelTest, LargeScaleFollowsMovementAtItsPeriod)
{
    auto channel = MakeFriisChannel();
    channel->SetAttribute("LargeScaleUpdatePeriod", TimeValue(MilliSeconds(50)));
    channel->AddAp(MakeNode(Vector(0, 0, 10)), MakeArray(4), 0.2);
    channel->AddTarget(MakeTarget(Vector(100, 0, 40), 1.0, Vector(0, 400, 0)));
    channel->AddUe(MakeNode(Vector(20, 0, 10), Vector(1000, 0, 0)));
    IsacProblem start;
    IsacProblem problem;
    auto amplitude = [&]() {
        return problem.h.norm() / channel->GetFading()->GetCoefficients(0).norm();
    };
    At(MilliSeconds(0), [&]() { channel->GetTrueProblem({0}, {0}, start); });
    At(MicroSeconds(49999), [&]() {
        channel->GetTrueProblem({0}, {0}, problem);
        EXPECT_EQ(problem.a, start.a);
        EXPECT_EQ(problem.omega, start.omega);
        EXPECT_NEAR(amplitude() / std::sqrt(GetFreeSpaceGain(WAVELENGTH, 20.0)), 1.0, 1e-9);
    });
    At(MicroSeconds(120000), [&]() {
        // Last update at 100 ms: UE at 120 m, target at (100, 40, 40).
        channel->GetTrueProblem({0}, {0}, problem);
        EXPECT_NEAR(amplitude() / std::sqrt(GetFreeSpaceGain(WAVELENGTH, 120.0)), 1.0, 1e-9);
        Eigen::VectorXcd a(4);
        GetSteeringVector(MakeArray(4), Vector(100, 40, 30), a);
        EXPECT_LT((problem.a.col(0) - a).norm(), 1e-9);
        const double distance = std::sqrt(100.0 * 100 + 40 * 40 + 30 * 30);
        EXPECT_NEAR(problem.omega(0, 0) / GetBistaticGain(WAVELENGTH, 1, 1, distance, 1, distance),
                    1.0,
                    1e-9);
    });
    Simulator::Stop(MilliSeconds(130));
    Simulator::Run();
}

TEST_F(CellFreeChannelTest, CouplingLossIsTracedWithTheElementGain)
{
    // 3GPP elements at boresight (8 dBi) and behind (-22 dBi), at 50 m and 80 m.
    auto channel = MakeFriisChannel();
    auto array = MakeArray(2);
    array->SetAttribute("AntennaElement", PointerValue(CreateObject<ThreeGppAntennaModel>()));
    channel->AddAp(MakeNode(Vector(0, 0, 10)), array, 0.2);
    channel->AddUe(MakeNode(Vector(50, 0, 10)));
    channel->AddUe(MakeNode(Vector(-80, 0, 10)));
    std::map<uint32_t, double> losses;
    channel->TraceConnectWithoutContext(
        "CouplingLoss",
        Callback<void, uint32_t, uint32_t, double>([&](uint32_t ap, uint32_t ue, double loss) {
            EXPECT_EQ(ap, 0);
            losses[ue] = loss;
        }));
    IsacProblem problem;
    channel->GetTrueProblem({0, 1}, {}, problem);
    ASSERT_EQ(losses.size(), 2);
    EXPECT_NEAR(losses[0], -8.0 - ToDecibels(GetFreeSpaceGain(WAVELENGTH, 50.0)), 1e-9);
    EXPECT_NEAR(losses[1], 22.0 - ToDecibels(GetFreeSpaceGain(WAVELENGTH, 80.0)), 1e-9);
    for (uint32_t u = 0; u < 2; ++u)
    {
        EXPECT_NEAR(problem.h.col(u).squaredNorm() /
                        channel->GetFading()->GetCoefficients(u).squaredNorm() /
                        FromDecibels(-losses[u]),
                    1.0,
                    1e-12);
    }
}

TEST_F(CellFreeChannelTest, NodesMayComeLate)
{
    auto channel = MakeFriisChannel();
    channel->AddAp(MakeNode(Vector(0, 0, 10)), MakeArray(2), 0.2);
    IsacProblem problem;
    At(MilliSeconds(30), [&]() {
        EXPECT_EQ(channel->AddUe(MakeNode(Vector(50, 0, 10))), 0);
        channel->GetTrueProblem({0}, {}, problem);
        EXPECT_EQ(FindProblemError(problem), "");
        EXPECT_GT(problem.h.norm(), 0.0);
        EXPECT_EQ(channel->AddAp(MakeNode(Vector(0, 50, 10)), MakeArray(2), 0.1), 1);
    });
    At(MilliSeconds(40), [&]() {
        channel->GetTrueProblem({0}, {}, problem);
        ASSERT_EQ(problem.h.rows(), 4);
        EXPECT_GT(problem.h.bottomRows(2).norm(), 0.0);
        EXPECT_EQ(problem.power(1), 0.1);
    });
    Simulator::Stop(MilliSeconds(50));
    Simulator::Run();
}

TEST_F(CellFreeChannelTest, EmptyAndSmallestCases)
{
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->AddAp(MakeNode(Vector(0, 0, 10)), MakeArray(1), 0.2);
    IsacProblem problem;
    // No UE: no propagation loss model is needed.
    channel->GetTrueProblem({}, {}, problem);
    EXPECT_EQ(FindProblemError(problem), "");
    EXPECT_EQ(problem.GetNStreams(), 0);
    EXPECT_EQ(channel->GetNAntennas(), 1);

    auto full = MakeFriisChannel();
    full->AddAp(MakeNode(Vector(0, 0, 10)), MakeArray(1), 0.2);
    full->AddUe(MakeNode(Vector(30, 0, 1.5)));
    full->AddTarget(MakeTarget(Vector(30, 0, 40), 0.0));
    full->GetTrueProblem({0}, {0}, problem);
    EXPECT_EQ(FindProblemError(problem), "");
    EXPECT_EQ(problem.omega(0, 0), 0.0);
    full->GetTrueProblem({}, {0}, problem);
    EXPECT_EQ(FindProblemError(problem), "");
    full->GetTrueProblem({0}, {}, problem);
    EXPECT_EQ(FindProblemError(problem), "");
}

TEST_F(CellFreeChannelTest, NodesAtOnePointStayFinite)
{
    for (auto channel : {MakeFriisChannel(), MakeUmiChannel()})
    {
        const Vector point(10, 20, 10);
        channel->AddAp(MakeNode(point), MakeArray(4), 0.2);
        channel->AddUe(MakeNode(point));
        channel->AddTarget(MakeTarget(point, 1.0));
        IsacProblem problem;
        channel->GetTrueProblem({0}, {0}, problem);
        EXPECT_EQ(FindProblemError(problem), "");
        EXPECT_LE(problem.h.norm(),
                  std::sqrt(GetFreeSpaceGain(WAVELENGTH, 1.0)) *
                      channel->GetFading()->GetCoefficients(0).norm() * (1 + 1e-12));
        EXPECT_GT(problem.h.norm(), 0.0);
        EXPECT_NEAR(problem.omega(0, 0) / GetBistaticGain(WAVELENGTH, 1, 1, 1, 1, 1), 1.0, 1e-12);
        EXPECT_TRUE(std::isfinite(channel->GetInterferenceFreeSnr(0)));
    }
}

TEST_F(CellFreeChannelTest, AssignStreamsReachesEveryPart)
{
    // 12 links, 2 targets, 5 (or more, in later releases) of the loss model, at least 1 of the
    // condition model, 1 of a chained model.
    auto loss = CreateObject<RandomPropagationLossModel>();
    auto channel = MakeUmiChannel();
    PointerValue first;
    channel->GetAttribute("PropagationLoss", first);
    first.Get<PropagationLossModel>()->SetNext(loss);
    Populate(channel);
    EXPECT_GE(channel->AssignStreams(10), 12 + 2 + 5 + 1 + 1);

    auto bare = CreateObject<CellFreeChannelModel>();
    EXPECT_EQ(bare->AssignStreams(10), 0);
}

TEST_F(CellFreeChannelTest, APartReplacedLaterKnowsTheNodes)
{
    auto channel = MakeFriisChannel();
    Populate(channel);
    channel->SetAttribute("Fading", StringValue("ns3::CellFreeRayleighFading[CoherenceTime=1ms]"));
    channel->SetAttribute("RadarModel", StringValue("ns3::CellFreeRadarModel[Pfa=0.001]"));
    EXPECT_EQ(channel->AssignStreams(0), 12 + 2);
    channel->GetRadarModel()->BeginDwell(1);
    EXPECT_GT(channel->GetRadarModel()->GetFluctuation(1), 0.0);
    IsacProblem problem;
    channel->GetTrueProblem({3}, {}, problem);
    EXPECT_GT(problem.h.norm(), 0.0);
}

TEST_F(CellFreeChannelTest, BadInputIsRefused)
{
    auto channel = MakeFriisChannel();
    auto ap = MakeNode(Vector(0, 0, 10));
    channel->AddAp(ap, MakeArray(4), 0.2);
    auto ue = MakeNode(Vector(30, 0, 10));
    channel->AddUe(ue);
    auto bare = CreateObject<Node>();
    EXPECT_DEATH(channel->AddUe(nullptr), "UE node is null");
    EXPECT_DEATH(channel->AddUe(bare), "UE node 2 has no MobilityModel");
    EXPECT_DEATH(channel->AddTarget(bare), "target node 2 has no MobilityModel");
    EXPECT_DEATH(channel->AddTarget(ue), "target node 1 has no CellFreeTarget");
    EXPECT_DEATH(channel->AddUe(ue), "UE node 1 was added before as a UE");
    EXPECT_DEATH(channel->AddUe(ap), "UE node 0 was added before as an AP");
    auto other = MakeNode(Vector(5, 5, 10));
    for (double power : {0.0, -1.0, double(NAN), double(INFINITY)})
    {
        EXPECT_DEATH(channel->AddAp(other, MakeArray(4), power), "power = .* expected a finite");
    }
    EXPECT_DEATH(channel->AddAp(other, MakeArray(8), 1.0), "array of 8 elements: expected 4");
    EXPECT_DEATH(channel->AddAp(other, nullptr, 1.0), "array is null");
    EXPECT_DEATH(channel->AddAp(bare, MakeArray(4), 1.0), "AP node 2 has no MobilityModel");
    IsacProblem problem;
    EXPECT_DEATH(channel->GetTrueProblem({1}, {}, problem), "UE index 1: expected less than 1");
    EXPECT_DEATH(channel->GetTrueProblem({}, {0}, problem), "target index 0: expected less than 0");
    EXPECT_FALSE(channel->SetAttributeFailSafe("LargeScaleUpdatePeriod", TimeValue(Seconds(0))));
    EXPECT_FALSE(channel->SetAttributeFailSafe("MinDistance", DoubleValue(0.0)));
    EXPECT_FALSE(channel->SetAttributeFailSafe("Bandwidth", DoubleValue(NAN)));
    EXPECT_DEATH(channel->SetAttribute("Fading", PointerValue()), "Fading could not be set");
}

TEST_F(CellFreeChannelTest, AMissingOrMistunedLossModelIsRefused)
{
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->AddAp(MakeNode(Vector(0, 0, 10)), MakeArray(4), 0.2);
    channel->AddUe(MakeNode(Vector(30, 0, 10)));
    IsacProblem problem;
    EXPECT_DEATH(channel->GetTrueProblem({0}, {}, problem), "PropagationLoss is null");
    auto loss = CreateObject<FriisPropagationLossModel>();
    loss->SetAttribute("Frequency", DoubleValue(5.0e9));
    channel->SetAttribute("PropagationLoss", PointerValue(loss));
    EXPECT_DEATH(channel->GetTrueProblem({0}, {}, problem),
                 "FriisPropagationLossModel has Frequency = 5e\\+09 Hz: expected 3.5e\\+09");
}
