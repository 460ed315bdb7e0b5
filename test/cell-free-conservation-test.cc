// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/boolean.h"
#include "ns3/box.h"
#include "ns3/cell-free-multi-target-tracker.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/isac-metrics.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <map>
#include <sstream>
#include <vector>

namespace ns3
{

namespace
{

/// Bytes at a device, as its trace sources say.
struct Totals
{
    uint64_t offered{0}; //!< by the layer above
    uint64_t handed{0};  //!< to the layer above
};

/// Adds the size of a packet. @param sum to this @param packet the packet
void
AddSize(uint64_t* sum, Ptr<const Packet> packet)
{
    *sum += packet->GetSize();
}

/**
 * @ingroup cellfree-isac-test
 * @brief Bytes in are bytes delivered, dropped or queued, in both directions, whatever of the
 * network is switched on: 300 random configurations under overload, with UEs that come and leave.
 * Most of them have trackers, and targets that appear, leave and collide: whatever is sensed then
 * is a number, and no AP sends more than it may.
 */
class ConservationTestCase : public TestCase
{
  public:
    ConservationTestCase()
        : TestCase("Bytes in = delivered + dropped + queued over 300 random configurations")
    {
    }

  private:
    /// @return true with a probability @param probability it
    bool Toss(double probability)
    {
        return m_random->GetValue(0.0, 1.0) < probability;
    }

    /// @return an integer between two, both included @param low one @param high the other
    uint32_t Draw(uint32_t low, uint32_t high)
    {
        return m_random->GetInteger(low, high);
    }

    /// One of some names. @param names the names @return it
    std::string Pick(const std::vector<std::string>& names)
    {
        return names[Draw(0, names.size() - 1)];
    }

    /// Draws the settings of a network. @param helper the helper that gets them
    void Configure(CellFreeIsacHelper& helper)
    {
        helper.SetApAttribute("TxPower", DoubleValue(m_random->GetValue(-20.0, 25.0)));
        helper.SetMacAttribute("MaxQueueBytes", UintegerValue(Draw(3000, 60000)));
        helper.SetMacAttribute("MaxTransmissions", UintegerValue(Draw(1, 4)));
        helper.SetLinkAttribute("MaxStreams", UintegerValue(Draw(1, 4)));
        helper.SetChannelAttribute("Subbands", UintegerValue(Draw(1, 3)));
        helper.SetFrameAttribute("Pattern",
                                 StringValue(Pick({"DDDU", "DDDSU", "DU", "UDD", "DSUUD"})));
        if (Toss(0.5))
        {
            helper.SetScheduler(Pick({"ns3::CellFreeProportionalFairScheduler",
                                      "ns3::CellFreeMaxRateScheduler",
                                      "ns3::CellFreeDeadlineScheduler"}),
                                "SemiOrthogonality",
                                DoubleValue(Toss(0.5) ? 1.0 : 0.3));
        }
        if (Toss(0.3))
        {
            helper.SetCpuAttribute("BeamUpdatePeriod", UintegerValue(Draw(2, 8)));
        }
        if (Toss(0.3))
        {
            helper.SetCpuAttribute("TargetsTakeStreams", BooleanValue(true));
        }
        if (Toss(0.5))
        {
            helper.SetFading("ns3::CellFreeSpatialFading");
        }
        if (Toss(0.5))
        {
            helper.SetCombining(Pick({"ns3::CellFreeLocalMmse", "ns3::CellFreePartialMmse"}));
        }
        if (Toss(0.4))
        {
            helper.SetCpuAttribute("BufferStatusDelay", UintegerValue(Draw(0, 5)));
            helper.SetCpuAttribute("GrantDelay", UintegerValue(Draw(0, 5)));
        }
        if (Toss(0.5))
        {
            helper.SetFronthaul("ns3::CellFreeLimitedFronthaul",
                                "Split",
                                StringValue(Pick({"Split8", "Split72x", "Local"})),
                                "Rate",
                                DataRateValue(DataRate(1e6 * Draw(1, 800))),
                                "Delay",
                                TimeValue(MicroSeconds(Toss(0.5) ? 0 : Draw(0, 1500))));
        }
    }

    /// Draws how a network with a tracker senses. @param helper its helper @param nAps its APs
    void ConfigureTracking(CellFreeIsacHelper& helper, uint32_t nAps)
    {
        const Box volume(-100, 300, -100, 200, 0, 100);
        helper.SetTracker("ns3::CellFreeMultiTargetTracker",
                          "Association",
                          StringValue(Pick({"Nearest", "Jpda"})),
                          "MotionModel",
                          StringValue(Pick({"ConstantVelocity", "CoordinatedTurn"})),
                          "MaxTracks",
                          UintegerValue(Draw(1, 40)));
        helper.SetEchoReceiver("ns3::CellFreeEchoReceiver", "Volume", BoxValue(volume));
        helper.SetSensingAttribute("CoherentSymbols", UintegerValue(Draw(1, 100)));
        helper.SetSensingAttribute("BeamWidening", BooleanValue(Toss(0.5)));
        if (Toss(0.3))
        {
            helper.SetDetector("ns3::CellFreeSingleLookDetector",
                               "Pfa",
                               DoubleValue(std::pow(10.0, m_random->GetValue(-8.0, -5.0))));
        }
        else
        {
            helper.SetDetector("ns3::CellFreePooledDetector",
                               "Pfa",
                               DoubleValue(std::pow(10.0, m_random->GetValue(-8.0, -5.0))),
                               "Looks",
                               StringValue(Pick({"Receivers", "Pairs"})));
        }
        if (Toss(0.6))
        {
            helper.SetSensingSchedule("ns3::CellFreeAdaptiveSensing",
                                      "DwellDuration",
                                      TimeValue(MicroSeconds(Draw(3000, 6000))),
                                      "DwellInterval",
                                      TimeValue(MicroSeconds(Draw(6000, 9000))),
                                      "Search",
                                      StringValue(Pick({"Boustrophedon", "GoldenRatio"})),
                                      "SearchBox",
                                      BoxValue(volume),
                                      "SearchDuration",
                                      TimeValue(MicroSeconds(Draw(3000, 5000))),
                                      "SearchPeriod",
                                      TimeValue(MicroSeconds(Draw(5000, 20000))),
                                      "MaxAims",
                                      UintegerValue(Draw(1, 4)),
                                      "LostAims",
                                      UintegerValue(Draw(1, 7)));
        }
        else
        {
            helper.SetSensingSchedule("ns3::CellFreePeriodicSensing",
                                      "DwellDuration",
                                      TimeValue(MicroSeconds(Draw(3000, 5000))),
                                      "DwellInterval",
                                      TimeValue(MicroSeconds(Draw(5000, 9000))));
        }
        if (Toss(0.4) && nAps > 1)
        {
            helper.SetSensingRoles("ns3::CellFreeSplitRoles",
                                   "Choice",
                                   StringValue(Pick({"Nearest", "Fixed", "Alternating"})));
        }
        if (Toss(0.3))
        {
            helper.SetWeightControl("ns3::CellFreeClosedLoopWeight");
        }
        if (Toss(0.4))
        {
            helper.SetChannelAttribute("ClutterToNoise", DoubleValue(Draw(0, 60)));
            helper.SetChannelAttribute("ClutterImprovement", DoubleValue(Draw(0, 40)));
            helper.SetApAttribute("SelfInterference", DoubleValue(Draw(0, 30)));
        }
        if (Toss(0.3))
        {
            helper.SetRadarAttribute("Fluctuation", StringValue("Constant"));
        }
        helper.SetTargetAttribute("Rcs", DoubleValue(Toss(0.1) ? 0.0 : 100.0));
    }

    /**
     * @brief Lets targets appear, leave and collide, and listens to what is sensed.
     * @param scenario the network
     */
    void DisturbTracking(CellFreeTestScenario& scenario)
    {
        const auto sensing = scenario.cpu->GetSensing();
        sensing->TraceConnectWithoutContext("Scan",
                                            MakeCallback(&ConservationTestCase::OnScan, this));
        sensing->TraceConnectWithoutContext("Dwell",
                                            MakeCallback(&ConservationTestCase::OnDwell, this));
        CellFreeState state;
        state << m_random->GetValue(-100.0, 300.0), m_random->GetValue(-100.0, 200.0), 50, 5, -5, 0;
        const CellFreeStateCovariance covariance = 100.0 * CellFreeStateCovariance::Identity();
        sensing->GetTracker()->Cue(Seconds(0), state, covariance);
        const auto when = [this]() { return MicroSeconds(Draw(1000, 19000)); };
        NodeContainer late(1);
        CellFreeTestScenario::Place(late.Get(0),
                                    Vector(m_random->GetValue(-50.0, 200.0), 60, Draw(2, 90)));
        const Time start = when();
        Simulator::Schedule(start, [&scenario, late]() { scenario.helper.InstallTargets(late); });
        if (scenario.targets.GetN() > 0)
        {
            // As far as the last bit; or where an AP stands.
            const bool isAtAp = Toss(0.2);
            const NodeContainer first(scenario.targets.Get(0));
            const auto other = isAtAp ? scenario.aps.Get(0) : late.Get(0);
            Simulator::Schedule(when(), [first, other]() {
                first.Get(0)->GetObject<MobilityModel>()->SetPosition(
                    other->GetObject<MobilityModel>()->GetPosition());
            });
            if (Toss(0.5))
            {
                Simulator::Schedule(when(),
                                    [&scenario, first]() { scenario.helper.RemoveTargets(first); });
            }
        }
        if (Toss(0.3))
        {
            Simulator::Schedule(start + MicroSeconds(Draw(0, 5000)),
                                [&scenario, late]() { scenario.helper.RemoveTargets(late); });
        }
    }

    /// Looks at a scan. @param scan it @param tracks the tracks after it
    void OnScan(const CellFreeScan& scan, const std::vector<CellFreeTrack>& tracks)
    {
        ++m_nScans;
        bool isGood = scan.falseAlarmDensity >= 0.0 && std::isfinite(scan.falseAlarmDensity);
        for (const auto& look : scan.looks)
        {
            isGood &= look.pd >= 0.0 && look.pd <= 1.0 && look.weight >= 0.0 &&
                      std::isfinite(look.weight) && std::isfinite(look.trackError) &&
                      look.aim.covariance.allFinite();
            ++m_nLooks;
        }
        for (const auto& detection : scan.detections)
        {
            isGood &= detection.state.allFinite() && detection.covariance.allFinite() &&
                      detection.snr >= 0.0 && std::isfinite(detection.snr);
            ++m_nDetections;
        }
        for (const auto& track : tracks)
        {
            isGood &= track.state.allFinite() && track.covariance.allFinite() &&
                      (track.covariance.diagonal().array() >= 0.0).all();
            ++m_nTracks;
        }
        NS_TEST_EXPECT_MSG_EQ(isGood, true, m_name << "all of a scan are numbers");
    }

    /// Looks at a dwell. @param dwell it
    void OnDwell(const CellFreeDwell& dwell)
    {
        const bool isGood =
            std::isfinite(dwell.snr) && dwell.snr >= 0.0 && std::isfinite(dwell.combinedSnr) &&
            std::isfinite(dwell.bestSnr) && std::isfinite(dwell.fluctuation) && dwell.pd >= 0.0 &&
            dwell.pd <= 1.0 && dwell.conditionalPd >= 0.0 && dwell.conditionalPd <= 1.0 &&
            dwell.positionBound >= 0.0 && dwell.velocityBound >= 0.0 &&
            (!dwell.isDetected || std::isfinite(dwell.estimate.GetLength()));
        NS_TEST_EXPECT_MSG_EQ(isGood,
                              true,
                              m_name << "all of a dwell are numbers: " << dwell.snr << ' '
                                     << dwell.combinedSnr << ' ' << dwell.bestSnr << ' '
                                     << dwell.fluctuation << ' ' << dwell.pd << ' '
                                     << dwell.conditionalPd << ' ' << dwell.positionBound << ' '
                                     << dwell.velocityBound << ' ' << dwell.estimate);
        m_nFound += dwell.isDetected;
    }

    /// Looks at a plan. @param plan it @param outcome what the air made of it
    void OnOutcome(const CellFreeSlotPlan& plan, const CellFreeSlotOutcome& outcome)
    {
        NS_TEST_EXPECT_MSG_EQ((outcome.sinr.allFinite() && outcome.sensingSnr.allFinite() &&
                               outcome.echoPower.allFinite()),
                              true,
                              m_name << "all that a plan meets are numbers");
        if (plan.isUplink)
        {
            return;
        }
        for (std::size_t m = 0; m < plan.aps.size(); ++m)
        {
            double power = 0.0;
            for (const auto& band : plan.beams)
            {
                power += cellfree::GetApPower(band, m);
            }
            NS_TEST_EXPECT_MSG_EQ((power <= m_channel->GetApPower(plan.aps[m]) * (1 + 1e-9)),
                                  true,
                                  m_name << "AP " << m << " sends " << power << " W of "
                                         << m_channel->GetApPower(plan.aps[m]));
        }
    }

    /// Looks at a stream. @param sample it
    void OnSample(const CellFreeUeSample& sample)
    {
        NS_TEST_EXPECT_MSG_EQ((std::isfinite(sample.sinr) && sample.sinr >= 0.0),
                              true,
                              m_name << "SINR " << sample.sinr);
    }

    /// Runs one configuration. @param number its number
    void RunOne(uint32_t number)
    {
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        options.nAps = Draw(1, 5);
        options.nUes = Draw(2, 4);
        options.nTargets = Draw(0, 2);
        options.nAntennas = Draw(1, 4);
        options.policy = Pick({"rzf", "cb", "cb-sensing", "split"});
        options.areMoving = Toss(0.3);
        options.decisionDelay = Toss(0.3) ? Draw(1, 6) : 0;
        const bool isTracking = number % 3 != 0;
        options.configure = [&](CellFreeIsacHelper& helper) {
            Configure(helper);
            if (isTracking)
            {
                ConfigureTracking(helper, options.nAps);
            }
        };
        CellFreeTestScenario scenario(options);
        const Time end = MilliSeconds(isTracking ? 25 : 30);
        std::ostringstream name;
        name << "configuration " << number << ": ";
        m_name = name.str();
        m_channel = scenario.channel;
        scenario.cpu->TraceConnectWithoutContext(
            "Outcome",
            MakeCallback(&ConservationTestCase::OnOutcome, this));
        scenario.cpu->TraceConnectWithoutContext(
            "UeSample",
            MakeCallback(&ConservationTestCase::OnSample, this));
        if (isTracking)
        {
            DisturbTracking(scenario);
        }
        std::map<Ptr<NetDevice>, Totals> totals;
        for (uint32_t i = 0; i < scenario.all.GetN(); ++i)
        {
            const auto device = scenario.all.Get(i);
            auto& sums = totals[device];
            device->TraceConnectWithoutContext("MacTx", MakeBoundCallback(&AddSize, &sums.offered));
            device->TraceConnectWithoutContext("MacRx", MakeBoundCallback(&AddSize, &sums.handed));
        }
        const auto cpu = scenario.all.Get(0);
        for (uint32_t u = 0; u < options.nUes; ++u)
        {
            const auto device = scenario.all.Get(u + 1);
            const Time start = MicroSeconds(Draw(0, 5000));
            CellFreeTestScenario::AddFrames(cpu, device, start, end, MicroSeconds(Draw(50, 2000)));
            CellFreeTestScenario::AddFrames(device, cpu, start, end, MicroSeconds(Draw(100, 4000)));
        }
        const bool isLeaving = Toss(0.5);
        if (isLeaving)
        {
            const auto leaving = NodeContainer(scenario.ues.Get(0));
            Simulator::Schedule(MicroSeconds(Draw(6000, 25000)),
                                [&scenario, leaving] { scenario.helper.RemoveUes(leaving); });
        }
        scenario.Run(end);

        m_channel = nullptr;
        uint64_t offered[2]{};
        uint64_t delivered[2]{};
        for (uint32_t u = 0; u < options.nUes; ++u)
        {
            for (bool isUplink : {false, true})
            {
                const auto& counters = scenario.mac->GetCounters(u, isUplink);
                NS_TEST_EXPECT_MSG_EQ(counters.enqueuedBytes,
                                      counters.deliveredBytes + counters.droppedBytes +
                                          counters.pendingBytes,
                                      m_name << "UE " << u << (isUplink ? " up" : " down"));
                offered[isUplink] += counters.enqueuedBytes;
                delivered[isUplink] += counters.deliveredBytes;
                m_delivered[isUplink] += counters.deliveredBytes;
                m_dropped[isUplink] += counters.droppedBytes;
                m_pending[isUplink] += counters.pendingBytes;
            }
        }
        // The devices' own account of it.
        Totals ues;
        for (uint32_t i = 1; i < scenario.all.GetN(); ++i)
        {
            const auto& sums = totals[scenario.all.Get(i)];
            ues.offered += sums.offered;
            ues.handed += sums.handed;
        }
        NS_TEST_EXPECT_MSG_EQ(delivered[0], ues.handed, m_name << "handed up at UEs");
        NS_TEST_EXPECT_MSG_EQ(delivered[1], totals[cpu].handed, m_name << "at the CPU");
        if (!isLeaving) // frames for or of a UE that left are not on its bearers' account
        {
            NS_TEST_EXPECT_MSG_EQ(offered[0], totals[cpu].offered, m_name << "offered by the CPU");
            NS_TEST_EXPECT_MSG_EQ(offered[1], ues.offered, m_name << "offered by UEs");
        }
    }

    void DoRun() override
    {
        m_random = CreateObject<UniformRandomVariable>();
        m_random->SetStream(77);
        for (uint32_t number = 0; number < 300; ++number)
        {
            RunOne(number);
        }
        for (int direction : {0, 1})
        {
            // The configurations meet every end that a byte can have.
            NS_TEST_EXPECT_MSG_GT(m_delivered[direction], 0, "delivered");
            NS_TEST_EXPECT_MSG_GT(m_dropped[direction], 0, "dropped");
            NS_TEST_EXPECT_MSG_GT(m_pending[direction], 0, "pending");
        }
        NS_TEST_EXPECT_MSG_GT(m_nScans, 300, "scans");
        NS_TEST_EXPECT_MSG_GT(m_nLooks, 300, "looks");
        NS_TEST_EXPECT_MSG_GT(m_nFound, 100, "detections of targets");
        NS_TEST_EXPECT_MSG_GT(m_nDetections, m_nFound, "and false alarms");
        NS_TEST_EXPECT_MSG_GT(m_nTracks, 300, "tracks");
    }

    Ptr<UniformRandomVariable> m_random; //!< draws the configurations
    uint64_t m_delivered[2]{};           //!< bytes delivered over all configurations, down and up
    uint64_t m_dropped[2]{};             //!< bytes dropped
    uint64_t m_pending[2]{};             //!< bytes queued at the end
    std::string m_name;                  //!< of the present configuration
    Ptr<CellFreeChannelModel> m_channel; //!< of the present configuration
    uint64_t m_nScans{0};                //!< scans over all configurations
    uint64_t m_nLooks{0};                //!< their looks
    uint64_t m_nDetections{0};           //!< their detections
    uint64_t m_nFound{0};                //!< those of targets
    uint64_t m_nTracks{0};               //!< tracks after the scans
};

} // namespace

void
AddConservationTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new ConservationTestCase);
}

} // namespace ns3
