// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-nodes.h"

#include "ns3/cell-free-antenna-array.h"
#include "ns3/cell-free-csi.h"
#include "ns3/cell-free-gaussian.h"
#include "ns3/cell-free-streams.h"
#include "ns3/isac-combining.h"
#include "ns3/isac-detection.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isac-metrics.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/string.h"
#include "ns3/three-gpp-antenna-model.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>

using namespace ns3;

namespace
{

constexpr double FREQUENCY = 3.5e9;
constexpr double WAVELENGTH = ISAC_SPEED_OF_LIGHT / FREQUENCY;

/// A channel whose AP-UE links are free space and fade.
Ptr<CellFreeChannelModel>
MakeFriisChannel()
{
    auto loss = CreateObject<FriisPropagationLossModel>();
    loss->SetAttribute("Frequency", DoubleValue(FREQUENCY));
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->SetAttribute(
        "LargeScale",
        PointerValue(CreateObjectWithAttributes<CellFreePropagationLossChain>("PropagationLoss",
                                                                              PointerValue(loss))));
    return channel;
}

/// A channel as in the default scenario: 3GPP UMi, line of sight and shadowing random.
Ptr<CellFreeChannelModel>
MakeUmiChannel()
{
    return CreateObject<CellFreeChannelModel>();
}

class CellFreeChannelTest : public CellFreeSimulationTest
{
  protected:
    /// 3 APs with 4 antennas, 4 moving UEs, 2 moving targets.
    static void Populate(const Ptr<CellFreeChannelModel>& channel)
    {
        for (int m = 0; m < 3; ++m)
        {
            channel->AddAp(MakeAp(Vector(150.0 * m, 40.0 * m, 10), MakeArray(4, 0.5 * m)));
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
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(8)));
    channel->AddTarget(MakeTarget(Vector(30, 40, 130), 0.5));
    IsacProblem problem;
    channel->GetTrueProblem({0}, {}, {0}, problem);
    ASSERT_EQ(cellfree::FindProblemError(problem), "");
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
    channel->AddAp(MakeAp(Vector(0, 0, 0), MakeArray(2)));
    channel->AddAp(MakeAp(Vector(300, 0, 0), MakeArray(2)));
    channel->AddTarget(MakeTarget(Vector(100, 0, 0), 2.0));
    IsacProblem problem;
    channel->GetTrueProblem({0, 1}, {}, {0}, problem);
    const double near = cellfree::GetBistaticGain(WAVELENGTH, 2.0, 1, 100, 1, 100);
    const double cross = cellfree::GetBistaticGain(WAVELENGTH, 2.0, 1, 100, 1, 200);
    const double far = cellfree::GetBistaticGain(WAVELENGTH, 2.0, 1, 200, 1, 200);
    EXPECT_NEAR(problem.omega(0, 0) / (near + cross), 1.0, 1e-12);
    EXPECT_NEAR(problem.omega(1, 0) / (cross + far), 1.0, 1e-12);
    EXPECT_NEAR(problem.sensingNoise / (2 * cellfree::GetThermalNoise(20e6, 7.0)), 1.0, 1e-12);
}

TEST_F(CellFreeChannelTest, ChannelIsAmplitudeTimesFading)
{
    auto channel = MakeFriisChannel();
    Populate(channel);
    channel->AssignStreams(10);
    IsacProblem problem;
    channel->GetTrueProblem({0, 1, 2}, {2, 0}, {1}, problem);
    ASSERT_EQ(cellfree::FindProblemError(problem), "");
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
                std::sqrt(cellfree::GetFreeSpaceGain(WAVELENGTH, distance)) *
                channel->GetFading()->GetCoefficients(3 * ues[column] + m);
            const Eigen::VectorXcd h = problem.h.col(column).segment(4 * m, 4);
            EXPECT_LT((h - expected).norm() / expected.norm(), 1e-9) << m << ' ' << column;
        }
    }
    EXPECT_EQ(problem.noise(0), cellfree::GetThermalNoise(20e6, 7.0));
}

TEST_F(CellFreeChannelTest, AChoiceOfUesAndTargetsIsAChoiceOfColumns)
{
    auto channel = MakeUmiChannel();
    Populate(channel);
    IsacProblem all;
    channel->GetTrueProblem({0, 1, 2}, {0, 1, 2, 3}, {0, 1}, all);
    ASSERT_NE(all.omega.col(0), all.omega.col(1));
    IsacProblem some;
    channel->GetTrueProblem({0, 1, 2}, {3, 1}, {1}, some);
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
    channel->GetTrueProblem({0, 1, 2}, {1}, {0}, problem);
    EXPECT_EQ(problem.noise(0), cellfree::GetThermalNoise(100e6, 9.0));
    EXPECT_DOUBLE_EQ(problem.sensingNoise, 3 * cellfree::GetThermalNoise(100e6, 5.0));
    EXPECT_EQ(channel->GetApNoise(), cellfree::GetThermalNoise(100e6, 5.0));
}

TEST_F(CellFreeChannelTest, InterferenceFreeSnrIsWhatMatchedBeamsReach)
{
    auto channel = MakeUmiChannel();
    Populate(channel);
    IsacProblem problem;
    channel->GetTrueProblem({0, 1, 2}, {3}, {}, problem);
    IsacBeams beams;
    beams.Resize(problem);
    for (int m = 0; m < 3; ++m)
    {
        beams.Ap(m) = problem.h.middleRows(4 * m, 4);
        beams.Ap(m) *= std::sqrt(problem.power(m)) / beams.Ap(m).norm();
    }
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    EXPECT_NEAR(channel->GetInterferenceFreeSnr({0, 1, 2}, 3) / metrics.GetSinr()(0), 1.0, 1e-12);
}

TEST_F(CellFreeChannelTest, UplinkSnrIsWhatCombiningReaches)
{
    auto channel = MakeUmiChannel();
    Populate(channel);
    channel->SetAttribute("ApNoiseFigure", DoubleValue(5.0));
    IsacProblem problem;
    channel->GetTrueProblem({0, 1, 2}, {1}, {}, problem);
    IsacUplink uplink;
    uplink.nAntennas = problem.nAntennas;
    uplink.h = problem.h;
    uplink.power = Eigen::VectorXd::Constant(1, 0.3);
    uplink.noise = channel->GetApNoise();
    IsacCombining combining;
    const auto& sinr = combining.ComputeSinr(uplink, problem.h);
    EXPECT_NEAR(channel->GetUplinkSnr({0, 1, 2}, 1, 0.3) / sinr(0), 1.0, 1e-12);
    EXPECT_EQ(channel->GetUplinkSnr({0, 1, 2}, 1, 0.0), 0.0);
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
        channel->AddAp(MakeAp(positions[m], MakeArray(4, 0.7 * m)));
    }
    channel->AddUe(MakeNode(Vector(20, 30, 1.5)));
    channel->AddUe(MakeNode(Vector(70, 10, 1.5)));
    channel->AddTarget(MakeTarget(targetPosition, 1.5));
    channel->AssignStreams(0);
    IsacProblem problem;
    channel->GetTrueProblem({0, 1, 2}, {0, 1}, {0}, problem);

    auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(1000);
    IsacBeams beams;
    beams.Resize(problem);
    for (auto& entry : beams.f.reshaped())
    {
        entry = 0.1 * cellfree::DrawComplexGaussian(*uniform);
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
            zeta(m, r) = std::sqrt(
                cellfree::GetBistaticGain(WAVELENGTH,
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
            x = cellfree::DrawComplexGaussian(*uniform);
        }
        double signalPower = 0.0;
        for (int r = 0; r < 3; ++r)
        {
            Eigen::VectorXcd echo = Eigen::VectorXcd::Zero(4);
            for (int m = 0; m < 3; ++m)
            {
                const auto alpha = zeta(m, r) * cellfree::DrawComplexGaussian(*uniform);
                echo += alpha * response.col(r) * (response.col(m).adjoint() * beams.Ap(m) * data);
            }
            for (auto& n : noiseVector)
            {
                n = std::sqrt(noise) * cellfree::DrawComplexGaussian(*uniform);
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
    EXPECT_NEAR(combinedSignal / combinedNoise / cellfree::GetCombinedSensingSnr(expected, 4, 1),
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
                    channel->GetTrueProblem({0, 1, 2}, {3, 1, 0, 2}, {1, 0}, problem);
                    channel->GetInterferenceFreeSnr({0, 1, 2}, slot % 4);
                }
                if (slot % 333 == 250)
                {
                    channel->GetTrueProblem({0, 1, 2}, {1, 3}, {1}, problem);
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
        channel->GetTrueProblem({0, 1, 2}, {0, 1, 2, 3}, {}, problem);
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
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(4)));
    channel->AddTarget(MakeTarget(Vector(100, 0, 40), 1.0, Vector(0, 400, 0)));
    channel->AddUe(MakeNode(Vector(20, 0, 10), Vector(1000, 0, 0)));
    IsacProblem start;
    IsacProblem problem;
    auto amplitude = [&]() {
        return problem.h.norm() / channel->GetFading()->GetCoefficients(0).norm();
    };
    At(MilliSeconds(0), [&]() { channel->GetTrueProblem({0}, {0}, {0}, start); });
    At(MicroSeconds(49999), [&]() {
        channel->GetTrueProblem({0}, {0}, {0}, problem);
        EXPECT_EQ(problem.a, start.a);
        EXPECT_EQ(problem.omega, start.omega);
        EXPECT_NEAR(amplitude() / std::sqrt(cellfree::GetFreeSpaceGain(WAVELENGTH, 20.0)),
                    1.0,
                    1e-9);
    });
    At(MicroSeconds(120000), [&]() {
        // Last update at 100 ms: UE at 120 m, target at (100, 40, 40).
        channel->GetTrueProblem({0}, {0}, {0}, problem);
        EXPECT_NEAR(amplitude() / std::sqrt(cellfree::GetFreeSpaceGain(WAVELENGTH, 120.0)),
                    1.0,
                    1e-9);
        Eigen::VectorXcd a(4);
        cellfree::GetSteeringVector(MakeArray(4), Vector(100, 40, 30), a);
        EXPECT_LT((problem.a.col(0) - a).norm(), 1e-9);
        const double distance = std::sqrt(100.0 * 100 + 40 * 40 + 30 * 30);
        EXPECT_NEAR(problem.omega(0, 0) /
                        cellfree::GetBistaticGain(WAVELENGTH, 1, 1, distance, 1, distance),
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
    channel->AddAp(MakeAp(Vector(0, 0, 10), array));
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
    channel->GetTrueProblem({0}, {0, 1}, {}, problem);
    ASSERT_EQ(losses.size(), 2);
    EXPECT_NEAR(losses[0],
                -8.0 - cellfree::ToDecibels(cellfree::GetFreeSpaceGain(WAVELENGTH, 50.0)),
                1e-9);
    EXPECT_NEAR(losses[1],
                22.0 - cellfree::ToDecibels(cellfree::GetFreeSpaceGain(WAVELENGTH, 80.0)),
                1e-9);
    for (uint32_t u = 0; u < 2; ++u)
    {
        EXPECT_NEAR(problem.h.col(u).squaredNorm() /
                        channel->GetFading()->GetCoefficients(u).squaredNorm() /
                        cellfree::FromDecibels(-losses[u]),
                    1.0,
                    1e-12);
    }
}

TEST_F(CellFreeChannelTest, ASubsetOfApsIsASubsetOfRowsThatHearsItself)
{
    auto channel = MakeUmiChannel();
    Populate(channel);
    IsacProblem all;
    channel->GetTrueProblem({0, 1, 2}, {0, 1, 2, 3}, {0, 1}, all);
    IsacProblem some;
    channel->GetTrueProblem({2, 0}, {3, 1}, {1}, some);
    ASSERT_EQ(cellfree::FindProblemError(some), "");
    const auto& echo = channel->GetEchoAmplitudes();
    ASSERT_EQ(echo.rows(), 3);
    ASSERT_EQ(echo.cols(), 2);
    const int aps[] = {2, 0};
    for (int i = 0; i < 2; ++i)
    {
        EXPECT_EQ(some.h.col(0).segment(4 * i, 4), all.h.col(3).segment(4 * aps[i], 4));
        EXPECT_EQ(some.h.col(1).segment(4 * i, 4), all.h.col(1).segment(4 * aps[i], 4));
        EXPECT_EQ(some.a.col(0).segment(4 * i, 4), all.a.col(1).segment(4 * aps[i], 4));
        // Only the subset's receivers count: omega_mt = e_mt (e_0t + e_2t).
        EXPECT_NEAR(some.omega(i, 0) / (echo(aps[i], 1) * (echo(0, 1) + echo(2, 1))), 1.0, 1e-12);
        EXPECT_EQ(some.power(i), channel->GetApPower(aps[i]));
    }
    EXPECT_DOUBLE_EQ(some.sensingNoise, 2 * channel->GetApNoise());
    EXPECT_NEAR(channel->GetUplinkSnr({0, 1, 2}, 1, 0.3),
                channel->GetUplinkSnr({2, 0}, 1, 0.3) + channel->GetUplinkSnr({1}, 1, 0.3),
                1e-12 * channel->GetUplinkSnr({0, 1, 2}, 1, 0.3));
    EXPECT_DEATH(channel->GetTrueProblem({3}, {0}, {}, some), "AP index 3: expected less than 3");
    EXPECT_DEATH(channel->GetUplinkSnr({3}, 0, 1.0), "AP index 3: expected less than 3");
}

TEST_F(CellFreeChannelTest, EchoAmplitudesMakeTheBistaticRadarEquation)
{
    // Elements of 8 dBi at boresight; the second AP is nearer than MinDistance.
    auto channel = MakeFriisChannel();
    auto array = MakeArray(2);
    array->SetAttribute("AntennaElement", PointerValue(CreateObject<ThreeGppAntennaModel>()));
    channel->AddAp(MakeAp(Vector(0, 0, 0), array));
    channel->AddAp(MakeAp(Vector(99.7, 0, 0), MakeArray(2)));
    channel->AddTarget(MakeTarget(Vector(100, 0, 0), 2.0));
    const auto& echo = channel->GetEchoAmplitudes();
    EXPECT_NEAR(
        echo(0, 0) * echo(1, 0) /
            cellfree::GetBistaticGain(WAVELENGTH, 2.0, cellfree::FromDecibels(8.0), 100, 1, 1),
        1.0,
        1e-12);
}

TEST_F(CellFreeChannelTest, ThePowerOfAnApIsReadWhenItIsUsed)
{
    auto channel = MakeUmiChannel();
    auto node = MakeAp(Vector(0, 0, 10), MakeArray(2));
    channel->AddAp(node);
    channel->AddUe(MakeNode(Vector(50, 0, 1.5)));
    IsacProblem problem;
    channel->GetTrueProblem({0}, {0}, {}, problem);
    EXPECT_NEAR(problem.power(0), 0.19952623, 1e-8);
    const double snr = channel->GetInterferenceFreeSnr({0}, 0);
    node->GetObject<CellFreeAp>()->SetAttribute("TxPower", DoubleValue(33.0));
    channel->GetTrueProblem({0}, {0}, {}, problem);
    EXPECT_NEAR(problem.power(0), 1.9952623, 1e-7);
    EXPECT_NEAR(channel->GetInterferenceFreeSnr({0}, 0) / snr, 10.0, 1e-12);
    EXPECT_DEATH(node->GetObject<CellFreeAp>()->SetAttribute("Array", PointerValue(MakeArray(2))),
                 "CellFreeAp::Array was set during a run, or after the AP was added to a channel");
    node->GetObject<CellFreeAp>()->GetArray()->SetAttribute("NumColumns", UintegerValue(3));
    EXPECT_DEATH(
        {
            channel->AddUe(MakeNode(Vector()));
            channel->GetTrueProblem({0}, {1}, {}, problem);
        },
        "AP node 0: array of 3 elements: expected 2");
}

TEST_F(CellFreeChannelTest, NodesMayComeAndGo)
{
    auto channel = MakeUmiChannel();
    channel->AssignStreams(0);
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(2)));
    auto node = MakeNode(Vector(50, 0, 10));
    auto target = MakeTarget(Vector(80, 0, 50), 1.0);
    IsacProblem problem;
    Eigen::MatrixXcd early;
    At(MilliSeconds(30), [&]() {
        EXPECT_EQ(channel->AddUe(node), 0);
        EXPECT_EQ(channel->AddTarget(target), 0);
        channel->GetTrueProblem({0}, {0}, {0}, problem);
        EXPECT_EQ(cellfree::FindProblemError(problem), "");
        EXPECT_GT(problem.h.norm(), 0.0);
        EXPECT_GT(problem.omega(0, 0), 0.0);
        EXPECT_EQ(channel->AddAp(MakeAp(Vector(0, 50, 10), MakeArray(2), 20.0)), 1);
    });
    At(MilliSeconds(40), [&]() {
        channel->GetTrueProblem({0, 1}, {0}, {0}, problem);
        ASSERT_EQ(problem.h.rows(), 4);
        EXPECT_GT(problem.h.bottomRows(2).norm(), 0.0);
        EXPECT_NEAR(problem.power(1), 0.1, 1e-12);
        early = problem.h;
        EXPECT_EQ(channel->AddUe(MakeNode(Vector(20, 20, 1.5))), 1);
        channel->RemoveUe(0);
        channel->RemoveTarget(0);
        EXPECT_EQ(channel->GetNUes(), 2);
        EXPECT_FALSE(channel->HasUe(0));
        EXPECT_TRUE(channel->HasUe(1));
        EXPECT_FALSE(channel->HasTarget(0));
        EXPECT_EQ(channel->GetUeId(0), node->GetId());
        EXPECT_EQ(channel->GetTargetId(0), target->GetId());
        EXPECT_DEATH(channel->GetTrueProblem({0}, {1, 0}, {}, problem),
                     "UE index 0: node 1 was removed: expected one that is there");
        EXPECT_DEATH(channel->GetUplinkSnr({0}, 0, 1.0), "UE index 0: node 1 was removed");
        EXPECT_DEATH(channel->GetInterferenceFreeSnr({0}, 0), "UE index 0: node 1 was removed");
        EXPECT_DEATH(channel->GetTrueProblem({0}, {1}, {0}, problem),
                     "target index 0: node 2 was removed");
        EXPECT_DEATH(channel->GetTargetPosition(0), "target index 0: node 2 was removed");
        EXPECT_DEATH(channel->RemoveUe(0), "UE index 0: node 1 was removed");
        EXPECT_DEATH(channel->RemoveTarget(1), "target index 1: expected less than 1");
        channel->GetTrueProblem({0, 1}, {1}, {}, problem);
        EXPECT_EQ(cellfree::FindProblemError(problem), "");
        EXPECT_EQ(channel->GetEchoAmplitudes()(0, 0), 0.0);
        // Back at the same place at the same time, the UE has the same channel.
        EXPECT_EQ(channel->AddUe(node), 2);
        EXPECT_EQ(channel->AddTarget(target), 1);
        channel->GetTrueProblem({0, 1}, {2}, {1}, problem);
        EXPECT_EQ(problem.h, early);
    });
    // A new part knows who is there.
    At(MilliSeconds(45), [&]() {
        channel->SetAttribute("Fading", StringValue("ns3::CellFreeRayleighFading"));
        channel->GetTrueProblem({0, 1}, {1, 2}, {1}, problem);
        EXPECT_GT(problem.h.col(1).norm(), 0.0);
    });
    Simulator::Stop(MilliSeconds(350));
    Simulator::Run();
    EXPECT_EQ(early.size(), 4);
}

TEST_F(CellFreeChannelTest, OtherNodesChangeNoDraw)
{
    // The same links with and without a target, a fast UE and an AP that come during the run, in
    // node ids that lie after theirs: the same to the bit. The AP comes at a large-scale update,
    // because to ask ns-3 for a moving UE's position at another time changes its rounding.
    auto run = [this](bool others) {
        SetUp();
        auto channel = MakeUmiChannel();
        Populate(channel);
        channel->AssignStreams(10);
        IsacProblem problem;
        std::vector<Eigen::MatrixXcd> channels;
        if (others)
        {
            channel->AddTarget(MakeTarget(Vector(0, 0, 80), 1.0));
            At(MilliSeconds(120), [&]() {
                channel->AddUe(MakeNode(Vector(0, 30, 1.5), Vector(0, 33, 0)));
                channel->RemoveTarget(0);
            });
            At(MilliSeconds(200),
               [&]() { channel->AddAp(MakeAp(Vector(90, 90, 10), MakeArray(4))); });
        }
        for (int time = 0; time < 5; ++time)
        {
            At(MilliSeconds(77 * time + 3), [&]() {
                channel->GetTrueProblem({0, 1, 2}, {0, 1, 2, 3}, {}, problem);
                channels.push_back(problem.h);
            });
        }
        Simulator::Stop(MilliSeconds(400));
        Simulator::Run();
        channel->Dispose();
        Simulator::Destroy();
        return channels;
    };
    const auto alone = run(false);
    const auto accompanied = run(true);
    ASSERT_EQ(alone.size(), 5);
    ASSERT_EQ(accompanied.size(), 5);
    for (std::size_t i = 0; i < alone.size(); ++i)
    {
        EXPECT_EQ(alone[i], accompanied[i]) << i;
    }
    EXPECT_NE(alone[0], alone[1]);
}

TEST_F(CellFreeChannelTest, AStaticLinkKeepsItsLossToTheBit)
{
    auto channel = MakeUmiChannel();
    for (int m = 0; m < 4; ++m)
    {
        channel->AddAp(MakeAp(Vector(130.0 * m, 0, 10), MakeArray(1)));
    }
    for (int u = 0; u < 10; ++u)
    {
        channel->AddUe(MakeNode(Vector(40.0 * u, 70, 1.5)));
    }
    channel->AddUe(MakeNode(Vector(0, 40, 1.5), Vector(9, 0, 0)));
    std::map<std::pair<uint32_t, uint32_t>, std::vector<double>> losses;
    channel->TraceConnectWithoutContext(
        "CouplingLoss",
        Callback<void, uint32_t, uint32_t, double>([&](uint32_t ap, uint32_t ue, double loss) {
            losses[{ap, ue}].push_back(loss);
        }));
    Simulator::Stop(MilliSeconds(1050));
    Simulator::Run();
    ASSERT_EQ(losses.size(), 44);
    for (const auto& [link, series] : losses)
    {
        ASSERT_EQ(series.size(), 11);
        for (std::size_t i = 1; i < series.size(); ++i)
        {
            EXPECT_EQ(series[i] == series[i - 1], link.second < 10) << link.first << ' ' << i;
        }
    }
}

TEST_F(CellFreeChannelTest, PerfectCsiIsTheTruth)
{
    auto channel = MakeUmiChannel();
    Populate(channel);
    auto csi = CreateObject<CellFreePerfectCsi>();
    IsacProblem believed;
    EXPECT_DEATH(csi->GetProblem({0}, {}, {}, believed, 0), "CellFreeCsi: no channel was set");
    csi->SetChannel(channel);
    csi->GetProblem({2, 1}, {0, 3}, {1}, believed, 0);
    IsacProblem truth;
    channel->GetTrueProblem({2, 1}, {0, 3}, {1}, truth);
    EXPECT_EQ(believed.h, truth.h);
    EXPECT_EQ(believed.a, truth.a);
    EXPECT_EQ(believed.omega, truth.omega);
    EXPECT_EQ(believed.errorVariance.size(), 0);
    EXPECT_EQ(csi->GetDownlinkSnr({1}, 2), channel->GetInterferenceFreeSnr({1}, 2));
    EXPECT_EQ(csi->GetUplinkSnr({1}, 2, 0.1), channel->GetUplinkSnr({1}, 2, 0.1));
    EXPECT_EQ(csi->AssignStreams(0), CELL_FREE_STREAMS);
}

TEST_F(CellFreeChannelTest, EmptyAndSmallestCases)
{
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(1)));
    IsacProblem problem;
    // No UE: no propagation loss model is needed.
    channel->GetTrueProblem({0}, {}, {}, problem);
    EXPECT_EQ(cellfree::FindProblemError(problem), "");
    EXPECT_EQ(problem.GetNStreams(), 0);
    EXPECT_EQ(channel->GetNAntennas(), 1);

    auto full = MakeFriisChannel();
    full->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(1)));
    full->AddUe(MakeNode(Vector(30, 0, 1.5)));
    full->AddTarget(MakeTarget(Vector(30, 0, 40), 0.0));
    full->GetTrueProblem({0}, {0}, {0}, problem);
    EXPECT_EQ(cellfree::FindProblemError(problem), "");
    EXPECT_EQ(problem.omega(0, 0), 0.0);
    full->GetTrueProblem({0}, {}, {0}, problem);
    EXPECT_EQ(cellfree::FindProblemError(problem), "");
    full->GetTrueProblem({0}, {0}, {}, problem);
    EXPECT_EQ(cellfree::FindProblemError(problem), "");
}

TEST_F(CellFreeChannelTest, NodesAtOnePointStayFinite)
{
    for (auto channel : {MakeFriisChannel(), MakeUmiChannel()})
    {
        const Vector point(10, 20, 10);
        channel->AddAp(MakeAp(point, MakeArray(4)));
        channel->AddUe(MakeNode(point));
        channel->AddTarget(MakeTarget(point, 1.0));
        IsacProblem problem;
        channel->GetTrueProblem({0}, {0}, {0}, problem);
        EXPECT_EQ(cellfree::FindProblemError(problem), "");
        EXPECT_LE(problem.h.norm(),
                  std::sqrt(cellfree::GetFreeSpaceGain(WAVELENGTH, 1.0)) *
                      channel->GetFading()->GetCoefficients(0).norm() * (1 + 1e-12));
        EXPECT_GT(problem.h.norm(), 0.0);
        EXPECT_NEAR(problem.omega(0, 0) / cellfree::GetBistaticGain(WAVELENGTH, 1, 1, 1, 1, 1),
                    1.0,
                    1e-12);
        EXPECT_TRUE(std::isfinite(channel->GetInterferenceFreeSnr({0}, 0)));
    }
}

TEST_F(CellFreeChannelTest, APartReplacedLaterKnowsTheNodes)
{
    auto channel = MakeFriisChannel();
    Populate(channel);
    channel->SetAttribute("Fading", StringValue("ns3::CellFreeRayleighFading[CoherenceTime=1ms]"));
    channel->SetAttribute("RadarModel",
                          StringValue("ns3::CellFreeRadarModel[Fluctuation=Constant]"));
    EXPECT_EQ(channel->AssignStreams(0), CELL_FREE_STREAMS);
    EXPECT_NEAR(std::abs(channel->GetRadarModel()->Draw(1, 0).reflection), 1.0, 1e-12);
    IsacProblem problem;
    channel->GetTrueProblem({0, 1, 2}, {3}, {}, problem);
    EXPECT_GT(problem.h.norm(), 0.0);
}

TEST_F(CellFreeChannelTest, BadInputIsRefused)
{
    auto channel = MakeFriisChannel();
    auto ap = MakeAp(Vector(0, 0, 10), MakeArray(4));
    channel->AddAp(ap);
    auto ue = MakeNode(Vector(30, 0, 10));
    channel->AddUe(ue);
    auto bare = CreateObject<Node>();
    EXPECT_DEATH(channel->AddUe(nullptr), "UE node is null");
    EXPECT_DEATH(channel->AddUe(bare), "UE node 2 has no MobilityModel");
    EXPECT_DEATH(channel->AddTarget(bare), "target node 2 has no MobilityModel");
    EXPECT_DEATH(channel->AddTarget(ue), "target node 1 has no CellFreeTarget");
    EXPECT_DEATH(channel->AddUe(ue), "UE node 1 was added before as a UE");
    EXPECT_DEATH(channel->AddUe(ap), "UE node 0 was added before as an AP");
    EXPECT_DEATH(channel->AddAp(ap), "AP node 0 was added before as an AP");
    EXPECT_DEATH(channel->AddAp(bare), "AP node 2 has no MobilityModel");
    EXPECT_DEATH(channel->AddAp(MakeNode(Vector())), "AP node 3 has no CellFreeAp");
    EXPECT_DEATH(channel->AddAp(MakeAp(Vector(), nullptr)),
                 "AP node 3: CellFreeAp::Array is null: expected an array");
    EXPECT_DEATH(channel->AddAp(MakeAp(Vector(), MakeArray(8))), "array of 8 elements: expected 4");
    IsacProblem problem;
    EXPECT_DEATH(channel->GetTrueProblem({0}, {1}, {}, problem),
                 "UE index 1: expected less than 1");
    EXPECT_DEATH(channel->GetTrueProblem({0}, {}, {0}, problem),
                 "target index 0: expected less than 0");
    EXPECT_FALSE(channel->SetAttributeFailSafe("LargeScaleUpdatePeriod", TimeValue(Seconds(0))));
    EXPECT_FALSE(channel->SetAttributeFailSafe("MinDistance", DoubleValue(0.0)));
    EXPECT_FALSE(channel->SetAttributeFailSafe("Bandwidth", DoubleValue(NAN)));
    for (const char* part : {"LargeScale", "Fading", "RadarModel"})
    {
        EXPECT_DEATH(channel->SetAttribute(part, PointerValue()), "could not be set");
    }
}

TEST_F(CellFreeChannelTest, ACarrierThatTheLargeScaleCannotTakeIsRefused)
{
    auto channel = MakeUmiChannel();
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(4)));
    channel->SetAttribute("Frequency", DoubleValue(1e8));
    IsacProblem problem;
    // Without UEs nobody asks it.
    channel->GetTrueProblem({0}, {}, {}, problem);
    EXPECT_DEATH(
        {
            channel->AddUe(MakeNode(Vector(30, 0, 10)));
            channel->GetTrueProblem({0}, {0}, {}, problem);
        },
        "CellFreeThreeGppLargeScale: Frequency = 1e\\+08 Hz: expected 5e\\+08");
    // A frequency set during a run acts at once.
    channel->SetAttribute("Frequency", DoubleValue(2e9));
    channel->AddUe(MakeNode(Vector(15, 0, 10))); // in line of sight for certain
    channel->GetTrueProblem({0}, {0}, {}, problem);
    const double norm = problem.h.norm();
    channel->SetAttribute("Frequency", DoubleValue(4e9));
    channel->GetTrueProblem({0}, {0}, {}, problem);
    EXPECT_NEAR(problem.h.norm() / norm, 0.5, 1e-9);
}

TEST_F(CellFreeChannelTest, LinksBeyondTheRangeAreCutAndComeBack)
{
    // Power of free space falls with d^2: of APs at 100 and 300 m the far one brings a tenth.
    auto channel = MakeFriisChannel();
    channel->SetAttribute("MaxRange", DoubleValue(200.0));
    channel->AddAp(MakeAp(Vector(0, 0, 0), MakeArray(2)));
    channel->AddAp(MakeAp(Vector(400, 0, 0), MakeArray(2)));
    channel->AddUe(MakeNode(Vector(100, 0, 0), Vector(200, 0, 0)));
    channel->AssignStreams(3);
    std::vector<double> shares;
    channel->TraceConnectWithoutContext(
        "CutPower",
        Callback<void, uint32_t, double>([&shares](uint32_t ue, double share) {
            EXPECT_EQ(ue, 0U);
            shares.push_back(share);
        }));
    std::map<uint32_t, int> heard;
    channel->TraceConnectWithoutContext(
        "CouplingLoss",
        Callback<void, uint32_t, uint32_t, double>(
            [&heard](uint32_t ap, uint32_t, double) { ++heard[ap]; }));
    IsacProblem problem;
    int tried = 0;
    // At 0.5 s the UE is in the middle, at 0.9 s the other AP alone is near.
    for (const double time : {0.0, 0.9})
    {
        At(Seconds(time) + MicroSeconds(1), [&, time]() {
            channel->GetTrueProblem({0, 1}, {0}, {}, problem);
            const uint32_t near = time > 0.5;
            EXPECT_GT(problem.h.col(0).segment(2 * near, 2).norm(), 0.0);
            EXPECT_EQ(problem.h.col(0).segment(2 - 2 * near, 2).norm(), 0.0);
            EXPECT_TRUE(channel->HasLink(near, 0));
            EXPECT_FALSE(channel->HasLink(1 - near, 0));
            EXPECT_EQ(channel->GetMeanGain(1 - near, 0), 0.0);
            EXPECT_EQ(channel->GetUplinkSnr({1 - near}, 0, 1.0), 0.0);
            Eigen::VectorXcd mean;
            Eigen::MatrixXcd covariance;
            channel->GetStatistics(1 - near, 0, 0, mean, covariance);
            EXPECT_EQ(covariance.norm(), 0.0);
            EXPECT_EQ(cellfree::FindProblemError(problem), "");
            ++tried;
        });
    }
    Simulator::Stop(Seconds(1));
    Simulator::Run();
    EXPECT_EQ(tried, 2);
    ASSERT_GE(shares.size(), 9U);
    EXPECT_NEAR(shares[0], 10 * std::log10(0.1), 1e-9);
    // In the middle, at 200 m of both, none is cut.
    EXPECT_TRUE(std::isinf(shares[5]));
    EXPECT_NEAR(heard[0], 6, 1);
    channel->Dispose();
}

TEST_F(CellFreeChannelTest, WeakLinksAreCutAndTheOthersAreTheSame)
{
    auto all = MakeUmiChannel();
    auto strong = MakeUmiChannel();
    for (auto& channel : {all, strong})
    {
        for (int m = 0; m < 20; ++m)
        {
            channel->AddAp(MakeAp(Vector(100.0 * m, 0, 10), MakeArray(2)));
        }
        for (int u = 0; u < 3; ++u)
        {
            channel->AddUe(MakeNode(Vector(300.0 * u, 30, 1.5)));
        }
        channel->AssignStreams(3);
    }
    strong->SetAttribute("MinLinkSnr", DoubleValue(10.0));
    std::vector<uint32_t> aps(20);
    for (uint32_t m = 0; m < 20; ++m)
    {
        aps[m] = m;
    }
    // Node ids differ, so only mean gains can be compared with the other channel.
    int nCut = 0;
    for (uint32_t u = 0; u < 3; ++u)
    {
        for (const uint32_t m : aps)
        {
            const double power = strong->GetApPower(m) * 2 / strong->GetUeNoise();
            if (strong->HasLink(m, u))
            {
                EXPECT_GE(10 * std::log10(strong->GetMeanGain(m, u) * power), 10.0);
            }
            nCut += !strong->HasLink(m, u);
            EXPECT_TRUE(all->HasLink(m, u));
        }
    }
    EXPECT_GT(nCut, 5);
    EXPECT_LT(nCut, 55);
    // Cut or not, the others draw the same.
    IsacProblem before;
    strong->GetTrueProblem(aps, {0, 1, 2}, {}, before);
    strong->SetAttribute("MinLinkSnr", DoubleValue(-300.0));
    strong->SetAttribute("Frequency", DoubleValue(FREQUENCY)); // computes all anew
    IsacProblem after;
    strong->GetTrueProblem(aps, {0, 1, 2}, {}, after);
    for (Eigen::Index u = 0; u < 3; ++u)
    {
        for (Eigen::Index row = 0; row < 40; ++row)
        {
            EXPECT_TRUE(before.h(row, u) == 0.0 || before.h(row, u) == after.h(row, u));
        }
        EXPECT_GT(after.h.col(u).cwiseAbs().minCoeff(), 0.0);
    }
}
