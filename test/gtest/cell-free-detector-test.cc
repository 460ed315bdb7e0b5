// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-nodes.h"

#include "ns3/cell-free-detector.h"
#include "ns3/cell-free-echo-receiver.h"
#include "ns3/isac-metrics.h"
#include "ns3/isac-problem.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

constexpr uint32_t N = 4;
constexpr uint64_t SYMBOLS = 1000;

/// Three APs around one target, and what receives its echoes.
class CellFreeDetectorTest : public testing::Test
{
  protected:
    void SetUp() override
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
        m_channel = CreateObject<CellFreeChannelModel>();
        for (const auto& position : {Vector(60, 0, 10), Vector(-80, 0, 10), Vector(0, 95, 10)})
        {
            m_aps.push_back(m_channel->AddAp(MakeAp(position, MakeArray(N))));
        }
        m_node = MakeTarget(Vector(0, 0, 60), 0.0525, Vector(3, 4, 0));
        m_target = m_channel->AddTarget(m_node);
        m_channel->AssignStreams(0);
        m_receiver = CreateObject<CellFreeEchoReceiver>();
        m_receiver->SetChannel(m_channel, m_aps);
    }

    void TearDown() override
    {
        m_receiver->Dispose();
        Simulator::Destroy();
    }

    /// One dwell at a given N_r L times equation (7).
    CellFreeDwell RunDwell(Ptr<CellFreeDetector> detector, double combinedSnr)
    {
        // Beams that illuminate with the same power from every AP: equation (7) by omega.
        IsacProblem problem;
        m_channel->GetTrueProblem(m_aps, {}, {m_target}, problem);
        const double unit = problem.omega.col(0).sum() / problem.sensingNoise;
        const double power = combinedSnr / (unit * N * SYMBOLS);
        m_receiver->Begin({m_target}, detector, {});
        m_receiver->Add(m_target,
                        m_aps,
                        Eigen::VectorXd::Constant(3, power),
                        unit * power,
                        SYMBOLS);
        std::vector<CellFreeDwell> dwells;
        std::vector<uint32_t> targets;
        m_receiver->Finish(Seconds(0), Seconds(1), SYMBOLS, true, true, dwells, targets);
        return dwells.at(0);
    }

    Ptr<CellFreeChannelModel> m_channel;
    Ptr<CellFreeEchoReceiver> m_receiver;
    std::vector<uint32_t> m_aps;
    Ptr<Node> m_node;
    uint32_t m_target{0};
};

/// A detector of a class. @param type its TypeId @param intervals n @param cells N
Ptr<CellFreeDetector>
MakeDetector(const std::string& type, uint32_t intervals, uint32_t cells)
{
    ObjectFactory factory(type);
    factory.Set("Pfa", DoubleValue(0.01));
    factory.Set("Intervals", UintegerValue(intervals));
    factory.Set("ReferenceCells", UintegerValue(cells));
    return factory.Create<CellFreeDetector>();
}

} // namespace

TEST_F(CellFreeDetectorTest, WhatIsSetDuringADwellActsFromTheNextOn)
{
    for (const char* type : {"ns3::CellFreePooledDetector", "ns3::CellFreeSingleLookDetector"})
    {
        SCOPED_TRACE(type);
        const double few = RunDwell(MakeDetector(type, 1, 0), 8.0).pd;
        const double many = RunDwell(MakeDetector(type, 5, 8), 8.0).pd;
        ASSERT_LT(many, 0.95 * few);
        const auto detector = MakeDetector(type, 1, 0);
        m_receiver->Begin({m_target}, detector, {});
        detector->SetAttribute("Intervals", UintegerValue(5));
        detector->SetAttribute("ReferenceCells", UintegerValue(8));
        EXPECT_EQ(detector->GetIntervals(), 1U);
        EXPECT_EQ(detector->GetReferenceCells(), 0U);
        EXPECT_DOUBLE_EQ(RunDwell(detector, 8.0).pd, many);
    }
}

TEST_F(CellFreeDetectorTest, DwellsAreDetectedAsOftenAsTheyShould)
{
    // Detections of dwells whose noises and reflections are drawn, and the mean of the conditional
    // probabilities: 3.29 standard errors, 99.9 % each; the seed is fixed.
    constexpr int DWELLS = 300;

    /// What is compared.
    struct Case
    {
        const char* detector;
        const char* fluctuation;
        uint32_t intervals;
        uint32_t cells;
    };

    for (const auto& c : {Case{"Pooled", "Constant", 3, 5},
                          Case{"Pooled", "Swerling1", 3, 5},
                          Case{"Pooled", "Swerling2", 3, 0},
                          Case{"Pooled", "Swerling3", 1, 5},
                          Case{"Pooled", "Swerling4", 3, 0},
                          Case{"SingleLook", "Swerling2", 3, 5},
                          Case{"SingleLook", "Swerling3", 1, 0}})
    {
        SCOPED_TRACE(std::string(c.detector) + ", " + c.fluctuation);
        m_channel->GetRadarModel()->SetAttribute("Fluctuation", StringValue(c.fluctuation));
        const auto detector = MakeDetector(std::string("ns3::CellFree") + c.detector + "Detector",
                                           c.intervals,
                                           c.cells);
        int detections = 0;
        int falseAlarms = 0;
        double pd = 0.0;
        double conditional = 0.0;
        double squares = 0.0;
        for (int i = 0; i < DWELLS; ++i)
        {
            const auto dwell = RunDwell(detector, 6.0);
            pd = dwell.pd;
            detections += dwell.isDetected;
            conditional += dwell.conditionalPd / DWELLS;
            squares += dwell.conditionalPd * dwell.conditionalPd / DWELLS;
            falseAlarms += c.cells > 0 && RunDwell(detector, 0.0).isDetected;
        }
        EXPECT_NEAR(detections / double(DWELLS), pd, 3.29 * std::sqrt(pd * (1 - pd) / DWELLS));
        if (c.cells > 0)
        {
            EXPECT_NEAR(falseAlarms / double(DWELLS), 0.01, 3.29 * std::sqrt(0.01 * 0.99 / DWELLS));
        }
        EXPECT_NEAR(conditional,
                    pd,
                    3.29 * std::sqrt(std::max(squares - conditional * conditional, 0.0) / DWELLS) +
                        1e-9);
    }
}

TEST_F(CellFreeDetectorTest, IntervalsAndCellsOfADwellAreThoseOfItsStart)
{
    const auto detector = MakeDetector("ns3::CellFreePooledDetector", 2, 3);
    EXPECT_EQ(detector->GetIntervals(), 2U);
    detector->BeginDwell();
    detector->SetAttribute("Intervals", UintegerValue(7));
    detector->SetAttribute("ReferenceCells", UintegerValue(0));
    EXPECT_EQ(detector->GetIntervals(), 2U);
    EXPECT_EQ(detector->GetReferenceCells(), 3U);
    detector->BeginDwell();
    EXPECT_EQ(detector->GetIntervals(), 7U);
    EXPECT_EQ(detector->GetReferenceCells(), 0U);
}

TEST_F(CellFreeDetectorTest, CellAveragingCostsTheClosedForm)
{
    const auto known = RunDwell(MakeDetector("ns3::CellFreeSingleLookDetector", 1, 0), 9.0);
    EXPECT_NEAR(known.pd, std::pow(0.01, 0.1), 1e-12);
    const auto averaged = RunDwell(MakeDetector("ns3::CellFreeSingleLookDetector", 1, 16), 9.0);
    EXPECT_NEAR(averaged.pd, std::pow(1 + (std::pow(0.01, -1.0 / 16) - 1) / 10.0, -16.0), 1e-9);
    EXPECT_LT(averaged.pd, known.pd);
}

TEST_F(CellFreeDetectorTest, PairsOfATargetWithSidesAddUpToEquationSeven)
{
    auto model = CreateObject<CellFreeThreeGppRcs>();
    model->SetAttribute("Class", StringValue("UavLarge"));
    m_node->GetObject<CellFreeTarget>()->SetAttribute("RcsModel", PointerValue(model));
    m_channel->AssignStreams(0);
    IsacProblem problem;
    m_channel->GetTrueProblem(m_aps, {}, {m_target}, problem);
    // By hand: the sum over receivers of the radar equation with the cross section of each pair.
    const auto target = m_node->GetObject<CellFreeTarget>();
    const Eigen::MatrixXd e = m_channel->GetEchoAmplitudes();
    const auto makeEnd = [this](uint32_t m) {
        return CellFreeTarget::Ap{
            m_channel->GetApId(m),
            m_channel->GetApNode(m)->GetObject<MobilityModel>()->GetPosition()};
    };
    for (uint32_t m : m_aps)
    {
        double sum = 0.0;
        for (uint32_t r : m_aps)
        {
            const auto a = makeEnd(m);
            const auto b = makeEnd(r);
            sum += e(m, m_target) * e(r, m_target) * target->GetRcs(a, b) /
                   std::sqrt(target->GetRcs(a, a) * target->GetRcs(b, b));
        }
        EXPECT_NEAR(problem.omega(m, 0) / sum, 1.0, 1e-12);
    }
    // The mean over receivers of their SNRs is that of equation (7), for looks of either kind.
    for (const auto* looks : {"Receivers", "Pairs"})
    {
        auto detector = MakeDetector("ns3::CellFreePooledDetector", 1, 0);
        detector->SetAttribute("Looks", StringValue(looks));
        m_channel->GetRadarModel()->SetAttribute("Fluctuation", StringValue("Constant"));
        const auto weak = RunDwell(detector, 1e-3);
        EXPECT_NEAR(weak.combinedSnr, 1e-3, 1e-12);
        EXPECT_EQ(weak.nLooks, std::string(looks) == "Pairs" ? 9U : 3U);
        EXPECT_LE(weak.bestSnr, 3e-3 * (1 + 1e-9));
        EXPECT_GE(weak.bestSnr, 3e-3 / weak.nLooks * (1 - 1e-9));
    }
}
