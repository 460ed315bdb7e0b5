// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * Hops between APs and targets, arrays and noises that receive echoes, and problems from aims.
 */

#include "cell-free-test-nodes.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-aim.h"
#include "ns3/cell-free-antenna-array.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/channel-condition-model.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isac-metrics.h"
#include "ns3/pointer.h"
#include "ns3/string.h"
#include "ns3/three-gpp-antenna-model.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

using namespace ns3;

namespace
{

constexpr double WAVELENGTH = ISAC_SPEED_OF_LIGHT / 3.5e9;

/// A wall in the plane x = 50 that is open above 20 m.
class Wall : public ChannelConditionModel
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::CellFreeTestWall")
                                .SetParent<ChannelConditionModel>()
                                .AddConstructor<Wall>();
        return tid;
    }

    Ptr<ChannelCondition> GetChannelCondition(Ptr<const MobilityModel> a,
                                              Ptr<const MobilityModel> b) const override
    {
        const Vector p = a->GetPosition();
        const Vector q = b->GetPosition();
        const bool crosses = (p.x - 50.0) * (q.x - 50.0) < 0.0;
        const double z = p.z + (50.0 - p.x) / (q.x - p.x) * (q.z - p.z);
        const bool isBlocked = crosses && z < 20.0;
        return CreateObject<ChannelCondition>(isBlocked ? ChannelCondition::LosConditionValue::NLOS
                                                        : ChannelCondition::LosConditionValue::LOS);
    }

    int64_t AssignStreams(int64_t stream) override
    {
        firstStream = stream;
        return 0;
    }

    int64_t firstStream{-1}; //!< as it was told
};

NS_OBJECT_ENSURE_REGISTERED(Wall);

class CellFreeHopTest : public CellFreeSimulationTest
{
  protected:
    /// 3 APs with 4 antennas, 2 targets, 1 UE.
    static Ptr<CellFreeChannelModel> MakeChannel()
    {
        auto channel = CreateObject<CellFreeChannelModel>();
        for (int m = 0; m < 3; ++m)
        {
            channel->AddAp(MakeAp(Vector(150.0 * m, 40.0 * m, 10), MakeArray(4, 0.5 * m)));
        }
        channel->AddTarget(MakeTarget(Vector(20, 100, 30), 1.0));
        channel->AddTarget(MakeTarget(Vector(200, 90, 60), 2.0));
        channel->AddUe(MakeNode(Vector(60, 20, 1.5)));
        return channel;
    }

    /// An AP with an array for echoes of its own.
    static Ptr<Node> MakeTwoArrayAp(const Vector& position,
                                    Ptr<PhasedArrayModel> array,
                                    Ptr<PhasedArrayModel> echoArray)
    {
        auto node = MakeAp(position, array);
        node->GetObject<CellFreeAp>()->SetEchoArray(echoArray);
        return node;
    }
};

/// Path loss of hops by a model of ns-3.
PointerValue
MakeLoss(Ptr<PropagationLossModel> loss)
{
    return PointerValue(
        CreateObjectWithAttributes<CellFreePropagationLossChain>("PropagationLoss",
                                                                 PointerValue(loss)));
}

/// Free space. @param frequency the frequency (Hz) @param loss the loss of the receiver, linear
PointerValue
MakeFriis(double frequency, double loss = 1.0)
{
    return MakeLoss(CreateObjectWithAttributes<FriisPropagationLossModel>("Frequency",
                                                                          DoubleValue(frequency),
                                                                          "SystemLoss",
                                                                          DoubleValue(loss)));
}

/// An aim at a place.
CellFreeAim
MakeAim(const Vector& position, double rcs)
{
    CellFreeAim aim;
    aim.kind = CellFreeAim::SEARCH;
    aim.position = position;
    aim.rcs = rcs;
    return aim;
}

} // namespace

TEST_F(CellFreeHopTest, ABlockedHopReturnsNothingUntilItIsClearAgain)
{
    // The target passes over x = 50 at t = 0.55 s: from then on the AP at x = 0 sees it through
    // the wall, and the one at x = 100 does not any more see it so.
    auto run = [](Ptr<ChannelConditionModel> condition) {
        auto channel = CreateObject<CellFreeChannelModel>();
        if (condition)
        {
            channel->SetAttribute("HopCondition", PointerValue(condition));
        }
        channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(2)));
        channel->AddAp(MakeAp(Vector(100, 0, 10), MakeArray(2)));
        // High over the wall from 1.05 s on: the line passes 20 m there when the target is at 30 m.
        channel->AddTarget(MakeTarget(Vector(-5, 20, 10), 1.0, Vector(100, 0, 0)));
        channel->AddTarget(MakeTarget(Vector(100, 50, 9), 1.0, Vector(0, 0, 20)));
        std::vector<Eigen::MatrixXd> echoes;
        for (int step = 0; step < 14; ++step)
        {
            At(MilliSeconds(100 * step + 10),
               [&]() { echoes.push_back(channel->GetEchoAmplitudes()); });
        }
        Simulator::Stop(Seconds(2));
        Simulator::Run();
        channel->Dispose();
        Simulator::Destroy();
        return echoes;
    };
    const auto clear = run(nullptr);
    const auto always = run(CreateObject<AlwaysLosChannelConditionModel>());
    const auto never = run(CreateObject<NeverLosChannelConditionModel>());
    const auto walled = run(CreateObject<Wall>());
    ASSERT_EQ(clear.size(), 14);
    ASSERT_EQ(walled.size(), 14);
    for (int step = 0; step < 14; ++step)
    {
        EXPECT_EQ(always[step], clear[step]);
        EXPECT_EQ(never[step], Eigen::MatrixXd::Zero(2, 2));
        EXPECT_GT(clear[step].minCoeff(), 0.0);
        // At x = -5 + 10 step m and at the height 9 + 2 step m.
        const bool isBefore = step <= 5;
        EXPECT_EQ(walled[step](0, 0), isBefore ? clear[step](0, 0) : 0.0) << step;
        EXPECT_EQ(walled[step](1, 0), isBefore ? 0.0 : clear[step](1, 0)) << step;
        EXPECT_EQ(walled[step](0, 1), step <= 10 ? 0.0 : clear[step](0, 1)) << step;
        EXPECT_EQ(walled[step](1, 1), clear[step](1, 1)) << step;
    }
}

TEST_F(CellFreeHopTest, ModelsAreTakenByNameAndActAtOnce)
{
    auto channel = MakeChannel();
    const Eigen::MatrixXd clear = channel->GetEchoAmplitudes();
    channel->SetAttribute("HopCondition", StringValue("ns3::NeverLosChannelConditionModel"));
    EXPECT_EQ(channel->GetEchoAmplitudes(), Eigen::MatrixXd::Zero(3, 2));
    IsacProblem problem;
    channel->GetTrueProblem({0, 1}, {0}, {0, 1}, problem);
    EXPECT_EQ(cellfree::FindProblemError(problem), "");
    EXPECT_EQ(problem.omega, Eigen::MatrixXd::Zero(2, 2));
    EXPECT_GT(problem.h.norm(), 0.0);
    channel->SetAttribute("HopCondition", StringValue("ns3::AlwaysLosChannelConditionModel"));
    EXPECT_EQ(channel->GetEchoAmplitudes(), clear);
    auto wall = CreateObject<Wall>();
    channel->SetAttribute("HopCondition", PointerValue(wall));
    EXPECT_EQ(wall->firstStream, -1);
    channel->AssignStreams(3);
    EXPECT_GE(wall->firstStream, 3 + CELL_FREE_STREAM_HOP * CELL_FREE_STREAMS_PER_PURPOSE);
    EXPECT_LT(wall->firstStream, 3 + (CELL_FREE_STREAM_HOP + 1) * CELL_FREE_STREAMS_PER_PURPOSE);
}

TEST_F(CellFreeHopTest, RandomStatesOfAHopDependOnNothingElse)
{
    // Line of sight by TR 38.901's probabilities: the same states with and without other APs,
    // targets and UEs between, and another target that comes and goes during the run.
    auto run = [this](bool others) {
        SetUp();
        auto channel = CreateObject<CellFreeChannelModel>();
        channel->SetAttribute(
            "HopCondition",
            StringValue("ns3::ThreeGppUmiStreetCanyonChannelConditionModel[UpdatePeriod=150ms]"));
        std::vector<Ptr<Node>> aps;
        std::vector<Ptr<Node>> targets;
        for (int i = 0; i < 8; ++i)
        {
            aps.push_back(MakeAp(Vector(30.0 * i, 0, 10), MakeArray(1)));
            targets.push_back(MakeTarget(Vector(30.0 * i, 60, 10), 1.0, Vector(1, 0, 0)));
        }
        auto guest = MakeTarget(Vector(100, 100, 10), 1.0);
        if (others)
        {
            channel->AddTarget(guest);
            channel->AddAp(MakeAp(Vector(10, 10, 10), MakeArray(1)));
            At(MilliSeconds(330), [&]() { channel->RemoveTarget(0); });
            At(MilliSeconds(470), [&]() { channel->AddTarget(guest); });
        }
        for (int i = 0; i < 8; ++i)
        {
            channel->AddAp(aps[i]);
            channel->AddTarget(targets[i]);
        }
        channel->AssignStreams(7);
        std::vector<Eigen::MatrixXd> states;
        for (int step = 0; step < 20; ++step)
        {
            At(MilliSeconds(100 * step + 10), [&]() {
                const auto& echo = channel->GetEchoAmplitudes();
                states.emplace_back((echo.block(others ? 1 : 0, others ? 1 : 0, 8, 8).array() > 0.0)
                                        .cast<double>());
            });
        }
        Simulator::Stop(Seconds(2));
        Simulator::Run();
        channel->Dispose();
        Simulator::Destroy();
        return states;
    };
    const auto alone = run(false);
    const auto accompanied = run(true);
    ASSERT_EQ(alone.size(), 20);
    ASSERT_EQ(accompanied.size(), 20);
    int nChanges = 0;
    double share = 0.0;
    for (int step = 0; step < 20; ++step)
    {
        EXPECT_EQ(alone[step], accompanied[step]) << step;
        share += alone[step].mean() / 20;
        nChanges += step > 0 && alone[step] != alone[step - 1];
    }
    // UpdatePeriod lies between one and two large-scale updates, so every second one draws anew.
    EXPECT_EQ(nChanges, 9);
    // The mean probability of table 7.4.2-1 over the pairs, 18/d + exp(-d/36)(1 - 18/d), over ten
    // draws each; the standard deviation is at most 0.5/sqrt(640) = 0.02. 99 %: 2.576 of them.
    double expected = 0.0;
    for (int i = 0; i < 8; ++i)
    {
        for (int j = 0; j < 8; ++j)
        {
            const double d = std::hypot(30.0 * (i - j), 60.0);
            expected += (18 / d + std::exp(-d / 36) * (1 - 18 / d)) / 64;
        }
    }
    EXPECT_NEAR(share, expected, 2.576 * 0.02);
}

TEST_F(CellFreeHopTest, HopsOfFreeSpaceAreThoseOfTheRadarEquation)
{
    auto channel = MakeChannel();
    const Eigen::MatrixXd plain = channel->GetEchoAmplitudes();
    EXPECT_EQ(channel->GetEchoReceiveAmplitudes(), plain);
    channel->SetAttribute("HopLoss", MakeFriis(3.5e9));
    EXPECT_TRUE(channel->GetEchoAmplitudes().isApprox(plain, 1e-9));
    // 7 dB more on each hop: zeta^2 = e r is 14 dB less.
    channel->SetAttribute("HopLoss", MakeFriis(3.5e9, std::pow(10.0, 0.7)));
    const Eigen::MatrixXd lossy =
        channel->GetEchoAmplitudes().cwiseProduct(channel->GetEchoReceiveAmplitudes());
    EXPECT_TRUE(lossy.isApprox(plain.cwiseAbs2() * std::pow(10.0, -1.4), 1e-9));
    // A model at another frequency is refused.
    EXPECT_DEATH(
        {
            channel->SetAttribute("HopLoss", MakeFriis(2e9));
            channel->GetEchoAmplitudes();
        },
        "has Frequency = 2e\\+09 Hz: expected 3.5e\\+09");
}

TEST_F(CellFreeHopTest, AShadowedHopIsNeverLouderThanMinDistanceAllows)
{
    // A gain of 60 dB is cut to that of free space at 1 m, as that of links to UEs.
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(2)));
    channel->AddTarget(MakeTarget(Vector(300, 0, 10), 1.0));
    channel->SetAttribute(
        "HopLoss",
        MakeLoss(CreateObjectWithAttributes<FixedRssLossModel>("Rss", DoubleValue(60.0))));
    EXPECT_NEAR(channel->GetEchoAmplitudes()(0, 0) /
                    std::sqrt(cellfree::GetBistaticGain(WAVELENGTH, 1, 1, 1, 1, 1)),
                1.0,
                1e-12);
}

TEST_F(CellFreeHopTest, TheReceiverHearsWithItsOwnArray)
{
    // 6 elements of 8 dBi receive what 2 isotropic ones send; the other way round elsewhere.
    auto sector = MakeArray(6);
    sector->SetAttribute("AntennaElement", PointerValue(CreateObject<ThreeGppAntennaModel>()));
    auto channel = CreateObject<CellFreeChannelModel>();
    channel->AddAp(MakeTwoArrayAp(Vector(0, 0, 0), MakeArray(2), sector));
    channel->AddAp(MakeTwoArrayAp(Vector(300, 0, 0), MakeArray(2), MakeArray(6)));
    channel->AddTarget(MakeTarget(Vector(100, 0, 0), 2.0));
    EXPECT_EQ(channel->GetNAntennas(), 2);
    EXPECT_EQ(channel->GetEchoAntennas(), 6);
    EXPECT_EQ(cellfree::GetNAntennas(channel->GetApArray(0)), 2);
    EXPECT_EQ(cellfree::GetNAntennas(channel->GetApEchoArray(0)), 6);
    const double sectorGain = cellfree::FromDecibels(8.0);
    const auto gain = [](double rxGain, double txDistance, double rxDistance) {
        return cellfree::GetBistaticGain(WAVELENGTH, 2.0, 1.0, txDistance, rxGain, rxDistance);
    };
    IsacProblem problem;
    channel->GetTrueProblem({0, 1}, {}, {0}, problem);
    EXPECT_EQ(problem.nAntennas, 2);
    EXPECT_NEAR(problem.omega(0, 0) / (gain(sectorGain, 100, 100) + gain(1, 100, 200)), 1, 1e-12);
    EXPECT_NEAR(problem.omega(1, 0) / (gain(sectorGain, 200, 100) + gain(1, 200, 200)), 1, 1e-12);
    // What a CPU expects there is the same.
    IsacProblem expected = problem;
    channel->FillAims({0, 1}, {}, {MakeAim(Vector(100, 0, 0), 2.0)}, expected);
    EXPECT_EQ(expected.omega, problem.omega);
    EXPECT_EQ(expected.a, problem.a);
    EXPECT_EQ(expected.sensingNoise, problem.sensingNoise);
}

TEST_F(CellFreeHopTest, ArraysForEchoesAreChecked)
{
    auto channel = CreateObject<CellFreeChannelModel>();
    auto node = MakeTwoArrayAp(Vector(0, 0, 10), MakeArray(4), MakeArray(3));
    channel->AddAp(node);
    EXPECT_DEATH(channel->AddAp(MakeAp(Vector(9, 0, 10), MakeArray(4))),
                 "AP node 1: array for echoes of 4 elements: expected 3, as the other APs have");
    auto ap = node->GetObject<CellFreeAp>();
    EXPECT_DEATH(ap->SetAttribute("EchoArray", PointerValue(MakeArray(3))),
                 "CellFreeAp::EchoArray was set during a run, or after the AP was added");
    ap->GetEchoArray()->SetAttribute("NumColumns", UintegerValue(5));
    EXPECT_DEATH(channel->GetEchoAmplitudes(),
                 "array for echoes of 5 elements: expected 3, as it had when it was added");
}

TEST_F(CellFreeHopTest, OnlyReceiversHear)
{
    auto channel = MakeChannel();
    IsacProblem all;
    channel->GetTrueProblem({0, 1, 2}, {0}, {0, 1}, all);
    IsacProblem same;
    channel->GetTrueProblem({0, 1, 2}, {0}, {0, 1}, same, 0, {0, 1, 2});
    EXPECT_EQ(same.omega, all.omega);
    EXPECT_EQ(same.sensingNoise, all.sensingNoise);
    EXPECT_EQ(all.sensingNoise, 3 * channel->GetApNoise());
    IsacProblem split;
    channel->GetTrueProblem({2, 0}, {0}, {1, 0}, split, 0, {1});
    const auto& e = channel->GetEchoAmplitudes();
    EXPECT_EQ(split.omega(0, 0), e(2, 1) * e(1, 1));
    EXPECT_EQ(split.omega(1, 0), e(0, 1) * e(1, 1));
    EXPECT_EQ(split.omega(0, 1), e(2, 0) * e(1, 0));
    EXPECT_EQ(split.sensingNoise, channel->GetApNoise());
    EXPECT_EQ(cellfree::FindProblemError(split), "");
    EXPECT_DEATH(channel->GetTrueProblem({0}, {}, {0}, split, 0, {3}), "AP index 3");
}

TEST_F(CellFreeHopTest, NoiseOfEchoesIsThatOfTheReceiverAndMore)
{
    auto channel = MakeChannel();
    const double noise = channel->GetApNoise();
    EXPECT_EQ(channel->GetEchoNoise(0, true), noise);
    EXPECT_EQ(channel->GetEchoNoise(0, false), noise);
    EXPECT_DEATH(channel->GetEchoNoise(3, false), "AP index 3: expected less than 3");
    IsacProblem problem;
    channel->GetTrueProblem({0, 1, 2}, {0}, {0}, problem);
    const IsacProblem plain = problem;
    // 3 dB of its own signal: only where the AP sends, and only to echoes.
    channel->GetApNode(1)->GetObject<CellFreeAp>()->SetAttribute("SelfInterference",
                                                                 DoubleValue(3.0));
    const double own = std::pow(10.0, 0.3);
    EXPECT_DOUBLE_EQ(channel->GetEchoNoise(1, true), noise * (1.0 + own));
    EXPECT_EQ(channel->GetEchoNoise(1, false), noise);
    EXPECT_EQ(channel->GetEchoNoise(0, true), noise);
    EXPECT_EQ(channel->GetApNoise(), noise);
    channel->GetTrueProblem({0, 1, 2}, {0}, {0}, problem);
    EXPECT_DOUBLE_EQ(problem.sensingNoise, noise * (3.0 + own));
    EXPECT_EQ(problem.noise, plain.noise);
    EXPECT_EQ(problem.omega, plain.omega);
    channel->GetTrueProblem({0, 2}, {0}, {0}, problem, 0, {1});
    EXPECT_DOUBLE_EQ(problem.sensingNoise, noise);
    // Clutter of 20 dB of which 26 dB are taken away: a quarter of the noise, at every receiver.
    channel->SetAttribute("ClutterToNoise", DoubleValue(20.0));
    channel->SetAttribute("ClutterImprovement", DoubleValue(26.0));
    const double clutter = std::pow(10.0, -0.6);
    EXPECT_DOUBLE_EQ(channel->GetEchoNoise(0, false), noise * (1.0 + clutter));
    EXPECT_DOUBLE_EQ(channel->GetEchoNoise(1, true), noise * (1.0 + clutter + own));
    channel->GetTrueProblem({0, 1, 2}, {0}, {0}, problem);
    EXPECT_NEAR(problem.sensingNoise / (noise * (3.0 + own + 3 * clutter)), 1.0, 1e-14);
}

TEST_F(CellFreeHopTest, MoreClutterNeverHelpsAndMoreImprovementNeverHurts)
{
    auto channel = MakeChannel();
    IsacMetrics metrics;
    IsacBeams beams;
    IsacProblem problem;
    const auto getSnr = [&](double clutter, double improvement, double own) {
        channel->SetAttribute("ClutterToNoise", DoubleValue(clutter));
        channel->SetAttribute("ClutterImprovement", DoubleValue(improvement));
        channel->GetApNode(0)->GetObject<CellFreeAp>()->SetAttribute("SelfInterference",
                                                                     DoubleValue(own));
        channel->GetTrueProblem({0, 1, 2}, {}, {0}, problem);
        beams.Resize(problem);
        beams.f = problem.a;
        metrics.Evaluate(problem, beams);
        return metrics.GetSensingSnr()(0);
    };
    double last = getSnr(-300.0, 0.0, -300.0);
    EXPECT_GT(last, 0.0);
    for (double clutter = -20.0; clutter <= 60.0; clutter += 5.0)
    {
        const double snr = getSnr(clutter, 0.0, -300.0);
        EXPECT_LT(snr, last);
        EXPECT_LT(getSnr(clutter, 0.0, 10.0), snr);
        EXPECT_GT(getSnr(clutter, 10.0, -300.0), snr);
        last = snr;
    }
    // Clutter far above the noise: the SNR falls by as much as it grows.
    EXPECT_NEAR(getSnr(50.0, 0.0, -300.0) / getSnr(60.0, 0.0, -300.0), 10.0, 1e-3);
}

TEST_F(CellFreeHopTest, AimsAtTheTruthMakeTheTrueProblem)
{
    auto channel = MakeChannel();
    channel->SetAttribute("ClutterToNoise", DoubleValue(0.0));
    IsacProblem truth;
    channel->GetTrueProblem({2, 0}, {0}, {1, 0}, truth, 0, {1, 0});
    std::vector<CellFreeAim> aims{MakeAim(Vector(200, 90, 60), 2.0),
                                  MakeAim(Vector(20, 100, 30), 1.0)};
    aims[1].kind = CellFreeAim::TRACK;
    IsacProblem believed;
    channel->GetTrueProblem({2, 0}, {0}, {}, believed);
    channel->FillAims({2, 0}, {1, 0}, aims, believed);
    EXPECT_EQ(cellfree::FindProblemError(believed), "");
    EXPECT_EQ(believed.h, truth.h);
    EXPECT_EQ(believed.noise, truth.noise);
    EXPECT_EQ(believed.a, truth.a);
    EXPECT_EQ(believed.omega, truth.omega);
    EXPECT_EQ(believed.sensingNoise, truth.sensingNoise);
    EXPECT_EQ(believed.sensingWeight, truth.sensingWeight);
    // The direction of a TARGET is told, whatever else the aim says.
    aims[0].kind = CellFreeAim::TARGET;
    aims[0].id = 1;
    aims[0].position = Vector(-7, -7, -7);
    believed.sensingWeight << 2.0, 3.0;
    channel->FillAims({2, 0}, {1, 0}, aims, believed);
    EXPECT_EQ(believed.a, truth.a);
    EXPECT_EQ(believed.omega, truth.omega);
    EXPECT_EQ(believed.sensingWeight, Eigen::Vector2d(2.0, 3.0));
    EXPECT_DEATH(channel->FillAims({2}, {}, aims, believed), "problem of 2 APs: expected 1");
    channel->FillAims({2, 0}, {}, {}, believed);
    EXPECT_EQ(believed.GetNTargets(), 0);
    EXPECT_EQ(cellfree::FindProblemError(believed), "");
}

TEST_F(CellFreeHopTest, AnAimKnowsNothingOfHopsAndCrossSections)
{
    auto channel = MakeChannel();
    IsacProblem believed;
    channel->GetTrueProblem({0, 1, 2}, {}, {}, believed);
    const std::vector<CellFreeAim> aims{MakeAim(Vector(20, 100, 30), 4.0)};
    channel->FillAims({0, 1, 2}, {}, aims, believed);
    const IsacProblem clear = believed;
    IsacProblem truth;
    channel->GetTrueProblem({0, 1, 2}, {}, {0}, truth);
    // Four times the cross section that the target has.
    EXPECT_TRUE(believed.omega.isApprox(4.0 * truth.omega, 1e-14));
    channel->SetAttribute("HopCondition", StringValue("ns3::NeverLosChannelConditionModel"));
    channel->FillAims({0, 1, 2}, {}, aims, believed);
    EXPECT_EQ(believed.omega, clear.omega);
    EXPECT_EQ(believed.a, clear.a);
}

TEST_F(CellFreeHopTest, ABodyOfAUserReflectsAndChangesNoLink)
{
    // A UE's node is a target too; what it receives is the same to the bit.
    auto run = [this](bool hasBody) {
        SetUp();
        auto channel = CreateObject<CellFreeChannelModel>();
        auto user = MakeNode(Vector(60, 80, 1.5), Vector(1, 0, 0));
        channel->AddAp(MakeAp(Vector(0, 0, 1.5), MakeArray(4)));
        channel->AddUe(user);
        if (hasBody)
        {
            auto body = CreateObject<CellFreeTarget>();
            body->SetAttribute("Rcs", DoubleValue(0.73));
            body->SetAttribute("Unintended", BooleanValue(true));
            EXPECT_TRUE(body->IsUnintended());
            user->AggregateObject(body);
            channel->AddTarget(user);
        }
        channel->AssignStreams(4);
        IsacProblem problem;
        channel->GetTrueProblem({0}, {0}, {}, problem);
        const Eigen::MatrixXcd h = problem.h;
        if (hasBody)
        {
            channel->GetTrueProblem({0}, {0}, {0}, problem);
            EXPECT_NEAR(problem.omega(0, 0) /
                            cellfree::GetBistaticGain(WAVELENGTH, 0.73, 1, 100, 1, 100),
                        1.0,
                        1e-12);
            EXPECT_EQ(problem.h, h);
        }
        channel->Dispose();
        Simulator::Destroy();
        return h;
    };
    EXPECT_EQ(run(true), run(false));
    EXPECT_FALSE(CreateObject<CellFreeTarget>()->IsUnintended());
}
