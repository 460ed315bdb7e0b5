// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/box.h"
#include "ns3/double.h"
#include "ns3/inet-socket-address.h"
#include "ns3/on-off-helper.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>
#include <vector>

namespace ns3
{

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief The same seed writes the same bytes, another seed other bytes.
 */
class DeterminismTestCase : public TestCase
{
  public:
    /// @param isTracking whether the CPU has a tracker
    explicit DeterminismTestCase(bool isTracking)
        : TestCase(std::string("The same seed gives identical traces, another does not") +
                   (isTracking ? ", with a tracker" : "")),
          m_isTracking(isTracking)
    {
    }

  private:
    /// Runs once. @param run RngRun @param tag simTag @return the traces, one after the other
    std::string RunOnce(uint64_t run, const std::string& tag)
    {
        RngSeedManager::SetRun(run);
        const auto directory = CreateTempDirFilename("traces");
        {
            CellFreeTestScenario::Options options;
            if (m_isTracking)
            {
                options.configure = UseTracker;
            }
            CellFreeTestScenario scenario(options);
            scenario.AddUdp(0, false, 20e6);
            scenario.AddTcp(1, false, 2000000);
            scenario.AddUdp(2, true, 5e6);
            scenario.helper.EnableTraces(directory, tag);
            scenario.Run(Seconds(0.5));
        }
        RngSeedManager::SetRun(1);
        std::vector<std::string> names{"UeTrace",
                                       "SensingTrace",
                                       "DecisionTrace",
                                       "ClusterTrace",
                                       "FlowTrace",
                                       "DelayTrace"};
        if (m_isTracking)
        {
            names.insert(names.end(), {"TrackTrace", "DetectionTrace"});
        }
        std::string all;
        for (const auto& name : names)
        {
            std::ifstream file(directory + "/" + name + tag + ".tsv");
            NS_TEST_EXPECT_MSG_EQ(file.is_open(), true, name << " exists");
            std::string header;
            std::getline(file, header);
            NS_TEST_EXPECT_MSG_NE(header.find("_s\t"), std::string::npos, "header row");
            const auto size = all.size();
            all.append(std::istreambuf_iterator<char>(file), {});
            if (name == "TrackTrace" || name == "DetectionTrace")
            {
                NS_TEST_EXPECT_MSG_GT(all.size(), size, name << " holds rows");
            }
        }
        return all;
    }

    /// Has a CPU search for targets, find false ones, too, and track. @param helper its helper
    static void UseTracker(CellFreeIsacHelper& helper)
    {
        const Box volume(-50, 200, -50, 150, 0, 80);
        helper.SetTracker("ns3::CellFreeMultiTargetTracker");
        helper.SetDetector("ns3::CellFreePooledDetector", "Pfa", DoubleValue(1e-5));
        helper.SetEchoReceiver("ns3::CellFreeEchoReceiver", "Volume", BoxValue(volume));
        helper.SetSensingSchedule("ns3::CellFreeAdaptiveSensing",
                                  "Search",
                                  StringValue("GoldenRatio"),
                                  "SearchBox",
                                  BoxValue(volume));
    }

    void DoRun() override
    {
        const auto one = RunOnce(1, "a");
        const auto same = RunOnce(1, "b");
        const auto other = RunOnce(2, "c");
        NS_TEST_ASSERT_MSG_GT(one.size(), 10000, "the traces hold rows");
        NS_TEST_ASSERT_MSG_EQ((one == same), true, "same seed, same bytes");
        NS_TEST_ASSERT_MSG_EQ((one == other), false, "another seed, other bytes");
    }

    bool m_isTracking; //!< whether the CPU has a tracker
};

/**
 * @ingroup cellfree-isac-test
 * @brief The flow statistics agree with what the sinks got, and tell data from acknowledgements.
 */
class FlowTraceTestCase : public TestCase
{
  public:
    /// @param isIpv6 IPv6 addresses instead of IPv4 ones
    explicit FlowTraceTestCase(bool isIpv6)
        : TestCase(std::string("Flow statistics agree with the sinks, IPv") + (isIpv6 ? "6" : "4")),
          m_isIpv6(isIpv6)
    {
    }

  private:
    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.isIpv6 = m_isIpv6;
        CellFreeTestScenario scenario(options);
        const auto down = scenario.AddUdp(0, false, 8e6);
        const auto up = scenario.AddUdp(1, true, 4e6);
        Ptr<PacketSink> download;
        Ptr<PacketSink> upload;
        if (!m_isIpv6) // TCP connects only after IPv6 has made sure that addresses are unique
        {
            download = scenario.AddTcp(2, false, 500000);
            upload = scenario.AddTcp(2, true, 300000);
        }
        auto writer = scenario.helper.EnableTraces(CreateTempDirFilename("flows"));
        scenario.Run(Seconds(1.5));
        const auto flows = writer->GetFlowTrace()->GetFlows();
        NS_TEST_ASSERT_MSG_EQ(flows.size(), (m_isIpv6 ? 2U : 6U), "UDP flows and TCP connections");
        const double udpHeaders = m_isIpv6 ? 48 : 28;
        uint32_t nAcknowledging = 0;
        for (const auto& flow : flows)
        {
            nAcknowledging += flow.acknowledges;
            uint64_t nDelays = 0;
            for (const auto& bin : flow.delays)
            {
                nDelays += bin.count;
            }
            NS_TEST_EXPECT_MSG_EQ(nDelays, flow.rxPackets, "every packet has a delay");
            NS_TEST_EXPECT_MSG_EQ(flow.lostPackets + flow.rxPackets, flow.txPackets, "all arrived");
            NS_TEST_EXPECT_MSG_EQ_TOL(flow.throughput,
                                      8.0 * flow.rxBytes / (1.5 - flow.firstTx.GetSeconds()),
                                      1.0,
                                      "throughput until the end");
            if (flow.acknowledges)
            {
                continue;
            }
            const bool isUdp = flow.protocol == "udp";
            const bool isUp = flow.direction == "UL";
            const auto sink = isUdp ? (isUp ? up : down) : (isUp ? upload : download);
            const auto ue = isUdp ? (isUp ? 1 : 0) : 2;
            NS_TEST_EXPECT_MSG_EQ(flow.ueId, scenario.ues.Get(ue)->GetId(), "its UE");
            if (isUdp)
            {
                NS_TEST_EXPECT_MSG_EQ(flow.rxBytes,
                                      sink->GetTotalRx() + udpHeaders * flow.rxPackets,
                                      "what the sink got, and headers");
            }
            else
            {
                NS_TEST_EXPECT_MSG_GT(flow.rxBytes, sink->GetTotalRx(), "and headers");
                NS_TEST_EXPECT_MSG_LT(flow.rxBytes, 1.3 * sink->GetTotalRx(), "but few");
            }
        }
        NS_TEST_EXPECT_MSG_EQ(nAcknowledging, (m_isIpv6 ? 0U : 2U), "one for each TCP connection");
    }

    bool m_isIpv6; //!< IPv6 addresses instead of IPv4 ones
};

/**
 * @ingroup cellfree-isac-test
 * @brief What a drop brings does not depend on the policy: channels, movement, radar cross sections
 * and the packets that reach the CPU are the same to the last bit.
 */
class CommonRandomNumbersTestCase : public TestCase
{
  public:
    CommonRandomNumbersTestCase()
        : TestCase("Two policies meet the same channels, movement and packets")
    {
    }

  private:
    /// What one run met, as bytes.
    struct Drop
    {
        std::string channels;       //!< h, a and omega of all UEs and targets, every 7.3 ms
        std::string positions;      //!< of UEs and targets, at the same times
        std::string dwells;         //!< starts, positions and fluctuations
        std::string packets;        //!< times at which the source sent
        uint64_t bytesDelivered{0}; //!< what the policy made of it
    };

    /// Adds the bytes of numbers. @param[out] text gets them @param data the numbers @param n many
    static void Add(std::string& text, const void* data, std::size_t n)
    {
        text.append(static_cast<const char*>(data), n);
    }

    /// Notes what is there now and calls itself again. @param scenario the run @param drop its
    /// notes
    static void Probe(CellFreeTestScenario* scenario, Drop* drop)
    {
        IsacProblem problem;
        scenario->channel->GetTrueProblem({0, 1, 2, 3}, {0, 1, 2}, {0}, problem);
        Add(drop->channels, problem.h.data(), problem.h.size() * sizeof(problem.h(0)));
        Add(drop->channels, problem.a.data(), problem.a.size() * sizeof(problem.a(0)));
        Add(drop->channels, problem.omega.data(), problem.omega.size() * sizeof(double));
        for (const auto& nodes : {scenario->ues, scenario->targets})
        {
            for (uint32_t i = 0; i < nodes.GetN(); ++i)
            {
                const auto position = nodes.Get(i)->GetObject<MobilityModel>()->GetPosition();
                Add(drop->positions, &position.x, sizeof(double));
                Add(drop->positions, &position.y, sizeof(double));
            }
        }
        Simulator::Schedule(MicroSeconds(7300), &Probe, scenario, drop);
    }

    /// Notes a dwell. @param drop notes @param dwell the dwell
    static void OnDwell(Drop* drop, const CellFreeDwell& dwell)
    {
        const auto start = dwell.start.GetTimeStep();
        Add(drop->dwells, &start, sizeof(start));
        Add(drop->dwells, &dwell.position.x, sizeof(double));
        Add(drop->dwells, &dwell.fluctuation, sizeof(double));
    }

    /// Notes a packet. @param drop notes @param packet the packet
    static void OnPacket(Drop* drop, Ptr<const Packet> packet)
    {
        const auto now = Simulator::Now().GetTimeStep();
        const auto size = packet->GetSize();
        Add(drop->packets, &now, sizeof(now));
        Add(drop->packets, &size, sizeof(size));
    }

    /// Runs a drop under a policy. @param policy its name @param run RngRun @return what it met
    static Drop Meet(const std::string& policy, uint64_t run)
    {
        RngSeedManager::SetRun(run);
        Drop drop;
        CellFreeTestScenario::Options options;
        options.policy = policy;
        options.areMoving = true;
        CellFreeTestScenario scenario(options);
        std::vector<Ptr<PacketSink>> sinks;
        for (uint32_t u = 0; u < 3; ++u)
        {
            OnOffHelper source(
                "ns3::UdpSocketFactory",
                InetSocketAddress(Ipv4Address::ConvertFrom(scenario.GetAddress(u + 1)), 7));
            source.SetConstantRate(DataRate("20Mb/s"), 1000);
            source.SetAttribute("OnTime", StringValue("ns3::ExponentialRandomVariable[Mean=0.02]"));
            source.SetAttribute("OffTime",
                                StringValue("ns3::ExponentialRandomVariable[Mean=0.02]"));
            auto apps = source.Install(scenario.node);
            source.AssignStreams(scenario.node, 3000);
            apps.Get(0)->TraceConnectWithoutContext("Tx", MakeBoundCallback(&OnPacket, &drop));
            PacketSinkHelper sink("ns3::UdpSocketFactory",
                                  InetSocketAddress(Ipv4Address::GetAny(), 7));
            sinks.push_back(DynamicCast<PacketSink>(sink.Install(scenario.ues.Get(u)).Get(0)));
        }
        scenario.cpu->GetSensing()->TraceConnectWithoutContext("Dwell",
                                                               MakeBoundCallback(&OnDwell, &drop));
        Simulator::Schedule(MicroSeconds(7300), &Probe, &scenario, &drop);
        scenario.Run(Seconds(0.4));
        for (const auto& sink : sinks)
        {
            drop.bytesDelivered += sink->GetTotalRx();
        }
        RngSeedManager::SetRun(1);
        return drop;
    }

    void DoRun() override
    {
        const auto first = Meet("rzf", 3);
        const auto other = Meet("rzf", 4);
        NS_TEST_ASSERT_MSG_GT(first.channels.size(), 50000, "channels were noted");
        NS_TEST_ASSERT_MSG_GT(first.packets.size(), 1000, "packets were noted");
        NS_TEST_ASSERT_MSG_EQ((first.channels == other.channels), false, "drops differ: channels");
        NS_TEST_ASSERT_MSG_EQ((first.positions == other.positions), false, "drops differ: paths");
        NS_TEST_ASSERT_MSG_EQ((first.dwells == other.dwells), false, "drops differ: dwells");
        NS_TEST_ASSERT_MSG_EQ((first.packets == other.packets), false, "drops differ: packets");
        for (const std::string policy : {"cb", "joint", "cb-sensing"})
        {
            const auto drop = Meet(policy, 3);
            NS_TEST_EXPECT_MSG_EQ((drop.channels == first.channels), true, policy << ": channels");
            NS_TEST_EXPECT_MSG_EQ((drop.positions == first.positions), true, policy << ": paths");
            NS_TEST_EXPECT_MSG_EQ((drop.dwells == first.dwells), true, policy << ": dwells");
            NS_TEST_EXPECT_MSG_EQ((drop.packets == first.packets), true, policy << ": packets");
            if (policy == "cb-sensing")
            {
                NS_TEST_EXPECT_MSG_LT(drop.bytesDelivered,
                                      first.bytesDelivered,
                                      "the policies were different");
            }
        }
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief One target more changes nothing but sensing, where the policy pays it no attention.
 */
class PairedTargetTestCase : public TestCase
{
  public:
    PairedTargetTestCase()
        : TestCase("Another target changes no channel, position, block or packet")
    {
    }

  private:
    /// Notes a stream. @param notes gets it @param sample the stream
    static void OnSample(std::ostringstream* notes, const CellFreeUeSample& sample)
    {
        // The policy's empty streams enter the sum of the interference: its last bits round anew.
        *notes << sample.slot << ' ' << sample.isUplink << ' ' << sample.ueId << ' '
               << std::setprecision(12) << sample.sinr << std::setprecision(17) << ' ' << sample.mcs
               << ' ' << sample.blockBytes << ' ' << sample.isDecoded << ' ' << sample.queuedBytes
               << '\n';
    }

    /// Notes positions and channels, and calls itself again.
    static void Probe(std::ostringstream* notes, const CellFreeTestScenario* scenario)
    {
        IsacProblem problem;
        scenario->channel->GetTrueProblem({0, 1, 2, 3}, {0, 1, 2}, {0}, problem);
        *notes << problem.h << problem.a << problem.omega;
        for (uint32_t u = 0; u < scenario->ues.GetN(); ++u)
        {
            *notes << scenario->ues.Get(u)->GetObject<MobilityModel>()->GetPosition();
        }
        Simulator::Schedule(MicroSeconds(7300), &Probe, notes, scenario);
    }

    /// Runs a scenario. @param nTargets targets @return what UEs and the first target met
    static std::string Meet(uint32_t nTargets)
    {
        std::ostringstream notes;
        notes.precision(17);
        CellFreeTestScenario::Options options;
        options.policy = "cb";
        options.nTargets = nTargets;
        options.areMoving = true;
        CellFreeTestScenario scenario(options);
        scenario.cpu->TraceConnectWithoutContext("UeSample", MakeBoundCallback(&OnSample, &notes));
        Simulator::Schedule(MicroSeconds(7300), &Probe, &notes, &scenario);
        std::vector<Ptr<PacketSink>> sinks;
        for (uint32_t u = 0; u < 3; ++u)
        {
            sinks.push_back(scenario.AddUdp(u, false, 20e6));
            sinks.push_back(scenario.AddUdp(u, true, 5e6));
        }
        scenario.Run(Seconds(0.4));
        for (const auto& sink : sinks)
        {
            notes << sink->GetTotalRx() << '\n';
        }
        return notes.str();
    }

    void DoRun() override
    {
        const auto one = Meet(1);
        NS_TEST_ASSERT_MSG_GT(one.size(), 100000, "something was noted");
        NS_TEST_ASSERT_MSG_EQ((Meet(3) == one), true, "two more targets change nothing of it");
    }
};

} // namespace

void
AddReproducibilityTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new DeterminismTestCase(false));
    suite.AddTestCase(new DeterminismTestCase(true));
    suite.AddTestCase(new FlowTraceTestCase(false));
    suite.AddTestCase(new FlowTraceTestCase(true));
    suite.AddTestCase(new CommonRandomNumbersTestCase);
    suite.AddTestCase(new PairedTargetTestCase);
}

} // namespace ns3
