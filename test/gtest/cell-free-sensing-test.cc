// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-ap.h"
#include "ns3/cell-free-sensing.h"
#include "ns3/cell-free-target.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/isac-metrics.h"
#include "ns3/isotropic-antenna-model.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/uniform-planar-array.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <numeric>

using namespace ns3;

namespace
{

constexpr double DURATION = 0.01; //!< of a dwell (s)
constexpr uint32_t N = 8;         //!< antennas of an AP
constexpr double POWER = 0.2;     //!< of an AP (W)

class CellFreeSensingTest : public testing::Test
{
  protected:
    void SetUp() override
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
        m_channel = CreateObject<CellFreeChannelModel>();
        m_channel->AssignStreams(0);
        m_sensing = CreateObject<CellFreeSensing>();
        SetInterval("20ms");
        m_sensing->TraceConnectWithoutContext("Dwell",
                                              MakeCallback(&CellFreeSensingTest::OnDwell, this));
    }

    void TearDown() override
    {
        Simulator::Destroy();
    }

    /// Lets dwells of 10 ms follow each other.
    void SetInterval(const std::string& interval)
    {
        m_sensing->SetAttribute(
            "Schedule",
            StringValue("ns3::CellFreePeriodicSensing[DwellInterval=" + interval + "]"));
    }

    /// @return the targets that a slot has streams for. @param effect start of the slot
    std::vector<uint32_t> GetDueTargets(Time effect)
    {
        std::vector<CellFreeAim> aims;
        m_sensing->GetDueAims(effect, aims);
        std::vector<uint32_t> targets;
        for (const auto& aim : aims)
        {
            EXPECT_EQ(aim.kind, CellFreeAim::TARGET);
            targets.push_back(aim.id);
        }
        return targets;
    }

    void OnDwell(const CellFreeDwell& dwell)
    {
        m_dwells.push_back(dwell);
    }

    static Ptr<Node> MakeNode(const Vector& position)
    {
        auto node = CreateObject<Node>();
        auto mobility = CreateObject<ConstantPositionMobilityModel>();
        mobility->SetPosition(position);
        node->AggregateObject(mobility);
        return node;
    }

    /// Adds an AP with isotropic elements and lets the sensing know all APs.
    void AddAp(const Vector& position)
    {
        auto array = CreateObject<UniformPlanarArray>();
        array->SetAttribute("NumRows", UintegerValue(1));
        array->SetAttribute("NumColumns", UintegerValue(N));
        array->SetAttribute("AntennaElement", PointerValue(CreateObject<IsotropicAntennaModel>()));
        auto ap = CreateObject<CellFreeAp>();
        ap->SetAttribute("Array", PointerValue(array));
        auto node = MakeNode(position);
        node->AggregateObject(ap);
        m_aps.push_back(m_channel->AddAp(node));
        m_sensing->SetChannel(m_channel, m_aps);
    }

    uint32_t AddTarget(const Vector& position, double rcs = 0.0525)
    {
        auto target = CreateObject<CellFreeTarget>();
        target->SetAttribute("Rcs", DoubleValue(rcs));
        auto node = MakeNode(position);
        node->AggregateObject(target);
        const auto index = m_channel->AddTarget(node);
        m_sensing->AddTarget(index);
        return index;
    }

    /// Equation (7) with full matched power at every AP, sum_s |a^H f_s|^2 = P N.
    double GetMatchedSnr(uint32_t target) const
    {
        const auto e = m_channel->GetEchoAmplitudes().col(target);
        return e.sum() * e.sum() * POWER * N / (m_aps.size() * m_channel->GetApNoise());
    }

    /// Runs dwell k with one slot of full matched power on the given targets.
    void RunDwell(int64_t k, const std::vector<uint32_t>& targets)
    {
        m_sensing->BeginSlot(Seconds(2 * DURATION * k));
        for (uint32_t t : targets)
        {
            m_sensing->AddEcho(t,
                               m_aps,
                               Eigen::VectorXd::Constant(m_aps.size(), POWER * N),
                               GetMatchedSnr(t));
        }
        m_sensing->BeginSlot(Seconds(DURATION * (2 * k + 1)));
    }

    void SetDetector(const std::string& detector)
    {
        m_sensing->SetAttribute("Detector", StringValue(detector));
    }

    Ptr<CellFreeChannelModel> m_channel;
    Ptr<CellFreeSensing> m_sensing;
    std::vector<uint32_t> m_aps;
    std::vector<CellFreeDwell> m_dwells;
};

} // namespace

TEST_F(CellFreeSensingTest, FarApsNeverLowerTheDetectionProbability)
{
    // Four APs at 430 m around the target. By hand: zeta^2 = lambda^2 sigma / ((4 pi)^3 R^4), and a
    // receiver meets N_r L 4 zeta^2 P N / (k T B F).
    for (const auto& position :
         {Vector(430, 0, 0), Vector(-430, 0, 0), Vector(0, 430, 0), Vector(0, -430, 0)})
    {
        AddAp(position);
    }
    const uint32_t target = AddTarget(Vector(0, 0, 0));
    const double lambda = 299792458.0 / 3.5e9;
    const double noise = 1.380649e-23 * 290 * 20e6 * std::pow(10.0, 0.7);
    const double zeta2 = lambda * lambda * 0.0525 / (std::pow(4 * M_PI, 3) * std::pow(430.0, 4));
    const double txPower = std::pow(10.0, 2.3) * 1e-3;
    const double snr = N * 7000 * 4 * zeta2 * txPower * N / noise;
    // Of 4 equal looks: Q(4, g) = 1e-6 at g = 21.3504569632721, Pd = Q(4, g / (1 + SNR)).
    const double g = 21.3504569632721 / (1 + snr * POWER / txPower);
    const double expected = std::exp(-g) * (1 + g + g * g / 2 + g * g * g / 6);
    double previous = 0.0;
    double single = 1.0;
    for (int far : {0, 4, 12, 28})
    {
        while (m_aps.size() < 4U + far)
        {
            const double angle = m_aps.size();
            AddAp(Vector(5000 * std::cos(angle), 5000 * std::sin(angle), 0));
        }
        for (const char* detector : {"ns3::CellFreePooledDetector",
                                     "ns3::CellFreePooledDetector[Looks=Pairs]",
                                     "ns3::CellFreeSingleLookDetector"})
        {
            SetDetector(detector);
            m_dwells.clear();
            RunDwell(0, {target});
            ASSERT_EQ(m_dwells.size(), 1U);
            const auto& dwell = m_dwells[0];
            EXPECT_EQ(dwell.nReceivers, m_aps.size());
            EXPECT_EQ(dwell.nTransmitters, m_aps.size());
            if (std::string(detector) == "ns3::CellFreePooledDetector")
            {
                EXPECT_EQ(dwell.nLooks, m_aps.size());
                if (far == 0)
                {
                    EXPECT_NEAR(dwell.combinedSnr / snr, POWER / txPower, 1e-9);
                    EXPECT_NEAR(dwell.pd / expected, 1.0, 1e-9);
                    EXPECT_GT(dwell.pd, 0.3);
                    EXPECT_LT(dwell.pd, 0.7);
                }
                EXPECT_GE(dwell.pd, previous);
                previous = dwell.pd;
            }
            else if (std::string(detector) == "ns3::CellFreeSingleLookDetector")
            {
                EXPECT_EQ(dwell.nLooks, 1U);
                EXPECT_NEAR(dwell.pd / std::pow(1e-6, 1 / (1 + dwell.combinedSnr)), 1.0, 1e-12);
                EXPECT_LT(dwell.pd, single);
                single = dwell.pd;
            }
            else
            {
                EXPECT_EQ(dwell.nLooks, m_aps.size() * m_aps.size());
            }
        }
    }
}

TEST_F(CellFreeSensingTest, LooksShareTheSnrOfEquationSeven)
{
    // Two slots with other powers: the mean over receivers is N_r L times equation (7), and pairs
    // of a receiver add up to it. IsacMetrics is the reference for (7).
    AddAp(Vector(0, 0, 10));
    AddAp(Vector(300, 50, 10));
    AddAp(Vector(100, 400, 10));
    const uint32_t target = AddTarget(Vector(150, 120, 60));
    IsacProblem problem;
    m_channel->GetTrueProblem(m_aps, {}, {target}, problem);
    IsacMetrics metrics;
    IsacBeams beams;
    beams.Resize(problem);
    double sum = 0.0;
    m_sensing->BeginSlot(Seconds(0));
    for (int slot = 0; slot < 2; ++slot)
    {
        beams.f.col(0) = (0.01 + 0.02 * slot) * problem.a.col(0);
        beams.f.block(0, 0, N, 1) *= 1.0 + slot;
        metrics.Evaluate(problem, beams);
        sum += metrics.GetSensingSnr()(0);
        m_sensing->AddEcho(target,
                           m_aps,
                           metrics.GetEchoPower().col(0),
                           metrics.GetSensingSnr()(0));
    }
    m_sensing->BeginSlot(Seconds(DURATION));
    ASSERT_EQ(m_dwells.size(), 1U);
    EXPECT_EQ(m_dwells[0].nSlots, 2U);
    EXPECT_NEAR(m_dwells[0].snr / (sum / 2), 1.0, 1e-12);
    EXPECT_NEAR(m_dwells[0].combinedSnr / m_dwells[0].snr, N * 7000.0, 1e-6);
    // The receivers' shares of three times the mean are those of their echo amplitudes.
    const auto e = m_channel->GetEchoAmplitudes().col(target);
    EXPECT_NEAR(m_dwells[0].bestSnr / (3 * m_dwells[0].combinedSnr * e.maxCoeff() / e.sum()),
                1.0,
                1e-12);
}

TEST_F(CellFreeSensingTest, PoolingBeatsTheBestReceiverAndThatTheSingleLook)
{
    // 400 drops of a target among 16 APs in a square kilometre, at 100 m height.
    auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(81);
    auto draw = [&uniform](double z) {
        const double x = uniform->GetValue(0, 1000);
        return Vector(x, uniform->GetValue(0, 1000), z);
    };
    for (int m = 0; m < 16; ++m)
    {
        AddAp(draw(10));
    }
    std::vector<uint32_t> targets;
    for (int t = 0; t < 400; ++t)
    {
        targets.push_back(AddTarget(draw(100)));
    }
    SetDetector("ns3::CellFreeSingleLookDetector");
    RunDwell(0, targets);
    SetDetector("ns3::CellFreePooledDetector");
    RunDwell(1, targets);
    SetDetector("ns3::CellFreePooledDetector[Looks=Pairs]");
    RunDwell(2, targets);
    ASSERT_EQ(m_dwells.size(), 1200U);
    double single = 0.0;
    double best = 0.0;
    double pooled = 0.0;
    double pairs = 0.0;
    for (int t = 0; t < 400; ++t)
    {
        const auto& one = m_dwells[t];
        const auto& many = m_dwells[400 + t];
        const double bestPd = std::pow(1e-6, 1 / (1 + many.bestSnr));
        EXPECT_LE(one.pd, bestPd);
        EXPECT_LE(bestPd, many.pd * (1 + 1e-10));
        EXPECT_NEAR(one.bestSnr / one.combinedSnr, 1.0, 1e-12);
        single += one.pd / 400;
        best += bestPd / 400;
        pooled += many.pd / 400;
        pairs += m_dwells[800 + t].pd / 400;
    }
    // Seen with these draws: 0.720, 0.912, 0.9992; pairs, with M times the looks, 0.988.
    EXPECT_GT(best, single + 0.1);
    EXPECT_GT(pooled, best + 0.05);
    EXPECT_GT(pairs, best + 0.05);
}

TEST_F(CellFreeSensingTest, FalseAlarmsHappenAsOftenAsPfaSays)
{
    // Targets without cross section, 8000 dwells: within the 99.9 % interval of the binomial law,
    // 3.29 standard errors.
    constexpr int DWELLS = 8000;
    const double pfa = 0.02;
    for (int m = 0; m < 5; ++m)
    {
        AddAp(Vector(100.0 * m, 0, 10));
    }
    const uint32_t target = AddTarget(Vector(200, 100, 50), 0.0);
    int64_t k = 0;
    for (const char* detector : {"ns3::CellFreePooledDetector[Pfa=0.02]",
                                 "ns3::CellFreePooledDetector[Pfa=0.02|Looks=Pairs]",
                                 "ns3::CellFreeSingleLookDetector[Pfa=0.02]"})
    {
        SetDetector(detector);
        m_dwells.clear();
        for (int i = 0; i < DWELLS; ++i)
        {
            RunDwell(k++, {target});
        }
        int detected = 0;
        for (const auto& dwell : m_dwells)
        {
            EXPECT_NEAR(dwell.pd, pfa, 1e-12);
            EXPECT_NEAR(dwell.conditionalPd, pfa, 1e-11);
            detected += dwell.isDetected;
        }
        ASSERT_EQ(m_dwells.size(), std::size_t(DWELLS));
        EXPECT_NEAR(detected / double(DWELLS), pfa, 3.29 * std::sqrt(pfa * (1 - pfa) / DWELLS))
            << detector;
    }
}

TEST_F(CellFreeSensingTest, WeightsByTheSnrsDoNotChangeTheFalseAlarms)
{
    // The detector expects a target and meets noise, drawn by the radar model.
    constexpr int DWELLS = 100000;
    const double pfa = 0.01;
    auto radar = m_channel->GetRadarModel();
    Eigen::VectorXd snr(6);
    snr << 30.0, 4.0, 3.9, 0.5, 0.01, 0.0;
    Eigen::VectorXd power(6);
    for (auto fluctuation : {ISAC_SWERLING_1, ISAC_CONSTANT})
    {
        auto detector = CreateObject<CellFreePooledDetector>();
        detector->SetAttribute("Pfa", DoubleValue(pfa));
        detector->Design(snr, fluctuation);
        int detected = 0;
        for (int i = 0; i < DWELLS; ++i)
        {
            for (uint32_t r = 0; r < 6; ++r)
            {
                power(r) = std::norm(radar->Draw(90, r).noise);
            }
            detected += detector->GetStatistic(power) > detector->GetThreshold();
        }
        // The 99.9 % interval of the binomial law.
        EXPECT_NEAR(detected / double(DWELLS), pfa, 3.29 * std::sqrt(pfa * (1 - pfa) / DWELLS));
    }
}

TEST_F(CellFreeSensingTest, DetectionsHappenAsOftenAsThePdsSay)
{
    constexpr int DWELLS = 4000;
    for (int m = 0; m < 6; ++m)
    {
        AddAp(Vector(170.0 * m, 90.0 * (m % 2), 10));
    }
    const uint32_t target = AddTarget(Vector(400, 500, 50));
    int64_t k = 0;
    for (const char* fluctuation : {"Swerling1", "Constant"})
    {
        m_channel->GetRadarModel()->SetAttribute("Fluctuation", StringValue(fluctuation));
        for (const char* detector : {"ns3::CellFreePooledDetector[Pfa=0.01]",
                                     "ns3::CellFreePooledDetector[Pfa=0.01|Looks=Pairs]",
                                     "ns3::CellFreeSingleLookDetector[Pfa=0.01]"})
        {
            SetDetector(detector);
            m_dwells.clear();
            for (int i = 0; i < DWELLS; ++i)
            {
                RunDwell(k++, {target});
            }
            double detected = 0.0;
            double conditional = 0.0;
            double fluctuationSum = 0.0;
            for (const auto& dwell : m_dwells)
            {
                detected += dwell.isDetected;
                conditional += dwell.conditionalPd;
                fluctuationSum += dwell.fluctuation;
            }
            // 4.42 standard errors: two-sided confidence 1 - 1e-5 per comparison.
            const double pd = m_dwells[0].pd;
            const double bound = 4.42 * std::sqrt(pd * (1 - pd) / DWELLS);
            EXPECT_GT(pd, 0.02) << detector << ' ' << fluctuation;
            EXPECT_LT(pd, 0.999) << detector << ' ' << fluctuation;
            EXPECT_NEAR(detected / DWELLS, pd, bound) << detector << ' ' << fluctuation;
            EXPECT_NEAR(conditional / DWELLS, pd, bound) << detector << ' ' << fluctuation;
            EXPECT_NEAR(fluctuationSum / DWELLS, 1.0, 4.42 / std::sqrt(DWELLS));
        }
    }
}

TEST_F(CellFreeSensingTest, DwellsArePeriodic)
{
    auto schedule = CreateObject<CellFreePeriodicSensing>();
    schedule->SetAttribute("DwellDuration", TimeValue(MilliSeconds(4)));
    schedule->SetAttribute("DwellInterval", TimeValue(MilliSeconds(10)));
    schedule->Initialize();
    EXPECT_EQ(schedule->GetShortestDwell(), MilliSeconds(4));
    for (const auto& [time, number] : {std::pair{MilliSeconds(0), 0},
                                       std::pair{NanoSeconds(3999999), 0},
                                       std::pair{MilliSeconds(4), -1},
                                       std::pair{NanoSeconds(9999999), -1},
                                       std::pair{MilliSeconds(10), 1},
                                       std::pair{MilliSeconds(5213), 521}})
    {
        const auto dwell = schedule->GetDwell(time);
        EXPECT_EQ(dwell.number, number) << time;
        if (number >= 0)
        {
            EXPECT_EQ(dwell.start, MilliSeconds(10 * number));
            EXPECT_EQ(dwell.end, MilliSeconds(10 * number + 4));
        }
    }
    EXPECT_DEATH(schedule->SetAttribute("DwellDuration", TimeValue(MilliSeconds(5))),
                 "CellFreePeriodicSensing::DwellDuration was set during a run");
    EXPECT_DEATH(schedule->SetAttribute("DwellInterval", TimeValue(MilliSeconds(5))),
                 "CellFreePeriodicSensing::DwellInterval was set during a run");
    auto wrong = CreateObject<CellFreePeriodicSensing>();
    wrong->SetAttribute("DwellDuration", TimeValue(MilliSeconds(20)));
    EXPECT_DEATH(wrong->Initialize(), "DwellInterval = \\+?10ms: expected at least DwellDuration");
}

TEST_F(CellFreeSensingTest, TargetsBelongToTheSlotOfEffect)
{
    AddAp(Vector(0, 0, 10));
    const uint32_t first = AddTarget(Vector(100, 0, 50));
    const uint32_t second = AddTarget(Vector(0, 100, 50));
    // Between two dwells, beams that take effect in the next one have targets.
    EXPECT_TRUE(GetDueTargets(MilliSeconds(15)).empty());
    EXPECT_EQ(GetDueTargets(MilliSeconds(20)), (std::vector<uint32_t>{first, second}));
    // An echo outside of a dwell is nobody's, one of a target that is not watched neither.
    RunDwell(0, {first});
    m_sensing->BeginSlot(MilliSeconds(15));
    m_sensing->AddEcho(first, m_aps, Eigen::VectorXd::Constant(1, 1.0), 1.0);
    m_sensing->AddEcho(17, m_aps, Eigen::VectorXd::Constant(1, 1.0), 1.0);
    RunDwell(1, {first});
    ASSERT_EQ(m_dwells.size(), 4U);
    EXPECT_EQ(m_dwells[0].start, MilliSeconds(0));
    EXPECT_EQ(m_dwells[0].end, MilliSeconds(10));
    EXPECT_EQ(m_dwells[2].start, MilliSeconds(20));
    EXPECT_EQ(m_dwells[2].end, MilliSeconds(30));
    EXPECT_EQ(m_dwells[2].nSlots, 1U);
    EXPECT_DOUBLE_EQ(m_dwells[2].snr, m_dwells[0].snr);
    EXPECT_EQ(m_dwells[3].nSlots, 0U);
    EXPECT_EQ(m_dwells[3].snr, 0.0);
    EXPECT_NEAR(m_dwells[3].pd, 1e-6, 1e-12);
}

TEST_F(CellFreeSensingTest, TargetsJoinAndLeave)
{
    AddAp(Vector(0, 0, 10));
    AddAp(Vector(200, 0, 10));
    SetInterval("10ms");
    const uint32_t stays = AddTarget(Vector(100, 0, 50));
    const uint32_t leaves = AddTarget(Vector(0, 100, 50));
    uint32_t joins = 0;
    Simulator::Schedule(MilliSeconds(0), [&]() { m_sensing->BeginSlot(Simulator::Now()); });
    Simulator::Schedule(MilliSeconds(4), [&]() {
        joins = AddTarget(Vector(50, 50, 50));
        EXPECT_EQ(GetDueTargets(MilliSeconds(5)), (std::vector<uint32_t>{stays, leaves}));
        EXPECT_EQ(GetDueTargets(MilliSeconds(10)), (std::vector<uint32_t>{stays, leaves, joins}));
    });
    Simulator::Schedule(MilliSeconds(10), [&]() { m_sensing->BeginSlot(Simulator::Now()); });
    Simulator::Schedule(MilliSeconds(12), [&]() { m_channel->RemoveTarget(leaves); });
    Simulator::Schedule(MilliSeconds(20), [&]() {
        m_sensing->BeginSlot(Simulator::Now());
        m_sensing->RemoveTarget(joins);
    });
    Simulator::Schedule(MilliSeconds(30), [&]() { m_sensing->BeginSlot(Simulator::Now()); });
    Simulator::Stop(MilliSeconds(31));
    Simulator::Run();
    std::vector<uint32_t> ids;
    for (const auto& dwell : m_dwells)
    {
        ids.push_back(dwell.targetId);
    }
    const auto s = m_channel->GetTargetId(stays);
    const auto l = m_channel->GetTargetId(leaves);
    const auto j = m_channel->GetTargetId(joins);
    EXPECT_EQ(ids, (std::vector<uint32_t>{s, l, s, j, s}));
}

TEST_F(CellFreeSensingTest, AnotherApOrTargetShiftsNoDraw)
{
    // AP and target added after the first dwell: dwells of the old looks go on as without them.
    AddAp(Vector(0, 0, 10));
    const uint32_t target = AddTarget(Vector(100, 0, 50));
    auto run = [&]() {
        m_dwells.clear();
        m_channel->AssignStreams(0);
        for (int k = 0; k < 5; ++k)
        {
            RunDwell(k, {target});
        }
        std::vector<double> factors;
        for (const auto& dwell : m_dwells)
        {
            if (dwell.targetId == m_channel->GetTargetId(target))
            {
                factors.push_back(dwell.fluctuation);
            }
        }
        return factors;
    };
    const auto alone = run();
    AddTarget(Vector(100, 100, 50));
    EXPECT_EQ(run(), alone);
    // An AP so far away that its weight in the mean of the factors vanishes.
    AddAp(Vector(1e7, 0, 10));
    const auto crowd = run();
    for (int k = 0; k < 5; ++k)
    {
        EXPECT_NEAR(crowd[k] / alone[k], 1.0, 1e-6);
    }
}

TEST_F(CellFreeSensingTest, CoherentSymbolsFitIntoTheDwell)
{
    AddAp(Vector(0, 0, 10));
    const uint32_t target = AddTarget(Vector(100, 0, 50));
    EXPECT_EQ(m_sensing->GetCombiningGain(), N * 7000.0);
    m_sensing->SetDwellSymbols(7343 * 15, 15);
    m_sensing->SetSlotSymbols(7343);
    m_sensing->SetAttribute("CoherentSymbols", UintegerValue(7343 * 15));
    // One slot of the dwell was illuminated: no more symbols than that.
    RunDwell(0, {target});
    EXPECT_NEAR(m_dwells[0].combinedSnr / m_dwells[0].snr, N * 7343.0, 1e-6);
    EXPECT_DEATH(m_sensing->SetAttribute("CoherentSymbols", UintegerValue(7343 * 15 + 1)),
                 "CellFreeSensing::CoherentSymbols = 110146: expected at most 110145, the downlink "
                 "symbols of a dwell \\(in 15 slots\\)");
    EXPECT_DEATH(m_sensing->SetDwellSymbols(7343, 1),
                 "CoherentSymbols = 110145: expected at most 7343");
}

TEST_F(CellFreeSensingTest, PartsAreReplacedBeforeTheStartOrBetweenDwells)
{
    AddAp(Vector(0, 0, 10));
    AddAp(Vector(200, 0, 10));
    const uint32_t target = AddTarget(Vector(100, 0, 50));
    m_sensing->Initialize();
    EXPECT_DEATH(m_sensing->SetAttribute("Schedule", StringValue("ns3::CellFreePeriodicSensing")),
                 "CellFreeSensing::Schedule was set during a run");
    // A detector that is set in a dwell acts from the next one on.
    m_sensing->BeginSlot(Seconds(0));
    SetDetector("ns3::CellFreeSingleLookDetector");
    m_sensing->BeginSlot(Seconds(DURATION));
    RunDwell(1, {target});
    ASSERT_EQ(m_dwells.size(), 2U);
    EXPECT_EQ(m_dwells[0].nLooks, 2U);
    EXPECT_EQ(m_dwells[1].nLooks, 1U);
    for (double pfa : {0.0, -1.0, 0.6, double(NAN)})
    {
        EXPECT_FALSE(m_sensing->GetDetector()->SetAttributeFailSafe("Pfa", DoubleValue(pfa)))
            << pfa;
    }
}
