// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-multi-target-tracker.h"
#include "ns3/cell-free-sensing-report-helper.h"
#include "ns3/cell-free-sensing-reporter.h"
#include "ns3/cell-free-sensing-server.h"
#include "ns3/config.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv6-address-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/queue-disc.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/traffic-control-helper.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace ns3
{

namespace
{

constexpr uint16_t PORT = 5005;                 //!< of the server
constexpr uint32_t N_TRACKS = 3;                //!< in each report
constexpr uint32_t REPORT_BYTES = 44 + 3 * 168; //!< of each report
constexpr uint32_t HEADER_BYTES = 28;           //!< UDP and IPv4

/**
 * @ingroup cellfree-isac-test
 * @brief What reports met.
 */
struct Outcome
{
    double latency{0.0};    //!< mean latency (s)
    double maxLatency{0.0}; //!< longest latency (s)
    double age{0.0};        //!< mean age of information (s)
    double ageMedian{0.0};  //!< age that is not exceeded for half of the time (s)
    uint64_t nSent{0};      //!< reports sent
    uint64_t nLost{0};      //!< reports lost
    uint64_t nReceived{0};  //!< reports received
    uint64_t nTraced{0};    //!< rows of the trace
};

/**
 * @ingroup cellfree-isac-test
 * @brief Reports share the CPU's way to the core with what the UEs send.
 */
class ReportsUnderLoadTestCase : public TestCase
{
  public:
    ReportsUnderLoadTestCase()
        : TestCase("Reports: latency and age grow with user traffic, DSCP with priorities helps, "
                   "bytes are conserved")
    {
    }

  private:
    /// Counts a packet that the queue disc of the core link drops. @param item it
    void OnDrop(Ptr<const QueueDiscItem> item)
    {
        m_nDroppedReports += item->GetPacket()->GetSize() == REPORT_BYTES + 8; // with UDP header
    }

    /// Counts a report. @param report it
    void OnReport(const CellFreeReport& report)
    {
        ++m_nTraced;
        NS_TEST_EXPECT_MSG_EQ(report.nTracks, N_TRACKS, "tracks of a report");
        NS_TEST_EXPECT_MSG_EQ(report.bytes, REPORT_BYTES, "bytes of a report");
    }

    /**
     * @brief Runs for 1.2 s; UEs send from 0.1 to 0.9 s, reports are sent every 20 ms from 0.1 to
     * 1 s.
     * @param load what a UE sends over the core link of 2 Mb/s (bit/s)
     * @param dscp code point of the reports
     * @param hasPriorities whether the core link goes by priorities, or first come first served
     * @return what the reports met
     */
    Outcome Run(double load, uint8_t dscp, bool hasPriorities)
    {
        m_nDroppedReports = 0;
        m_nTraced = 0;
        CellFreeTestScenario scenario({});
        const auto host = CreateObject<Node>();
        InternetStackHelper().Install(host);
        PointToPointHelper core;
        core.SetDeviceAttribute("DataRate", StringValue("2Mb/s"));
        core.SetChannelAttribute("Delay", StringValue("1ms"));
        core.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("1p"));
        const auto devices = core.Install(scenario.node, host);
        TrafficControlHelper control;
        if (hasPriorities)
        {
            // Expedited forwarding (DSCP 46) is priority 4 in ns-3.
            const auto root =
                control.SetRootQueueDisc("ns3::PrioQueueDisc",
                                         "Priomap",
                                         StringValue("1 1 1 1 0 1 0 0 1 1 1 1 1 1 1 1"));
            const auto classes = control.AddQueueDiscClasses(root, 2, "ns3::QueueDiscClass");
            for (const auto id : classes)
            {
                control.AddChildQueueDisc(root,
                                          id,
                                          "ns3::FifoQueueDisc",
                                          "MaxSize",
                                          StringValue("20p"));
            }
        }
        else
        {
            control.SetRootQueueDisc("ns3::FifoQueueDisc", "MaxSize", StringValue("20p"));
        }
        const auto discs = control.Install(devices.Get(0));
        discs.Get(0)->TraceConnectWithoutContext(
            "Drop",
            MakeCallback(&ReportsUnderLoadTestCase::OnDrop, this));
        Ipv4AddressHelper addresses("10.2.0.0", "255.255.255.0");
        const auto interfaces = addresses.Assign(devices);
        // The CPU is the UEs' gateway.
        Ipv4StaticRoutingHelper routing;
        const auto route = [&routing](Ptr<Node> node, Ipv4Address gateway) {
            routing.GetStaticRouting(node->GetObject<Ipv4>())->SetDefaultRoute(gateway, 1);
        };
        route(scenario.ues.Get(0), scenario.addresses.GetAddress(0));
        route(host, interfaces.GetAddress(0));
        if (load > 0.0)
        {
            scenario.AddUdp(scenario.ues.Get(0), host, interfaces.GetAddress(1), load);
        }

        const auto servers = CellFreeSensingServerHelper(PORT).Install(NodeContainer(host));
        const auto server = DynamicCast<CellFreeSensingServer>(servers.Get(0));
        server->TraceConnectWithoutContext("Report",
                                           MakeCallback(&ReportsUnderLoadTestCase::OnReport, this));
        CellFreeSensingReportHelper helper(InetSocketAddress(interfaces.GetAddress(1), PORT));
        helper.SetAttribute("Dscp", UintegerValue(dscp));
        helper.SetAttribute("IncludeTentative", BooleanValue(true));
        const auto reporters = helper.Install(NodeContainer(scenario.node));
        const auto reporter = DynamicCast<CellFreeSensingReporter>(reporters.Get(0));
        for (auto time = Seconds(0.1); time <= Seconds(1); time += MilliSeconds(20))
        {
            Simulator::Schedule(time, [reporter, time]() {
                CellFreeScan scan;
                scan.start = time - MilliSeconds(10);
                scan.end = time;
                reporter->Report(scan, std::vector<CellFreeTrack>(N_TRACKS));
            });
        }
        CellFreeTestScenario::Run(Seconds(1.2));

        const auto& statistics = server->GetStatistics(scenario.node->GetId());
        const auto& latencies = statistics.latencies;
        const auto now = Simulator::Now().GetSeconds();
        Outcome outcome;
        outcome.nSent = reporter->GetCounters().reports;
        outcome.nLost = statistics.GetLost();
        outcome.nReceived = statistics.reports;
        outcome.nTraced = m_nTraced;
        outcome.latency =
            std::accumulate(latencies.begin(), latencies.end(), 0.0) / latencies.size();
        outcome.maxLatency = *std::max_element(latencies.begin(), latencies.end());
        outcome.age = statistics.age.GetMean(now);
        outcome.ageMedian = statistics.age.GetQuantile(0.5, now);

        // Nothing is on its way any more.
        const auto& counters = reporter->GetCounters();
        NS_TEST_EXPECT_MSG_EQ(counters.failed, 0, "all were sent");
        NS_TEST_EXPECT_MSG_EQ(counters.bytes, counters.packets * REPORT_BYTES, "bytes sent");
        NS_TEST_EXPECT_MSG_EQ(statistics.bytes + m_nDroppedReports * REPORT_BYTES,
                              counters.bytes,
                              "bytes are received or dropped");
        NS_TEST_EXPECT_MSG_EQ(statistics.duplicates, 0, "nothing comes twice");
        NS_TEST_EXPECT_MSG_EQ(statistics.reordered, 0, "one queue keeps the order");
        NS_TEST_EXPECT_MSG_EQ(server->GetMalformed(), 0, "nothing else comes");
        return outcome;
    }

    void DoRun() override
    {
        // Without load a report waits for nobody: 2 bytes of PPP, 2 Mb/s, 1 ms.
        const auto idle = Run(0.0, 0, false);
        const double alone = 8.0 * (REPORT_BYTES + HEADER_BYTES + 2) / 2e6 + 1e-3;
        NS_TEST_ASSERT_MSG_EQ(idle.nSent, 46, "reports");
        NS_TEST_EXPECT_MSG_EQ(idle.nReceived, 46, "all arrive");
        NS_TEST_EXPECT_MSG_EQ(idle.nTraced, 46, "and are traced");
        NS_TEST_EXPECT_MSG_EQ_TOL(idle.latency, alone, 1e-8, "time of transmission and delay");
        NS_TEST_EXPECT_MSG_EQ_TOL(idle.maxLatency, alone, 1e-8, "of all of them");
        // Periods of 20 ms until 1 s, then the age grows until 1.2 s.
        const double periods = 0.9 * (alone + 0.01);
        const double rest = 0.5 * (alone + 0.2) * (0.2 - alone);
        NS_TEST_EXPECT_MSG_EQ_TOL(idle.age, (periods + rest) / (1.1 - alone), 1e-8, "age");

        // Packets of 1000 bytes at 40 and 80 % of what the reports leave, then more than that.
        auto last = idle;
        for (const double load : {0.7e6, 1.4e6, 2.6e6})
        {
            const auto outcome = Run(load, 0, false);
            NS_TEST_EXPECT_MSG_GT(outcome.latency, last.latency, "latency grows, load " << load);
            NS_TEST_EXPECT_MSG_GT(outcome.age, last.age, "and so does the age");
            NS_TEST_EXPECT_MSG_EQ((outcome.nLost > 0), (load > 2e6), "loss, load " << load);
            last = outcome;
        }
        // The queue of 20 packets is full most of the time.
        NS_TEST_EXPECT_MSG_GT(last.maxLatency, 19 * 8.0 * 1030 / 2e6, "a full queue");

        // The code point alone changes nothing where nobody looks at it.
        const auto marked = Run(2.6e6, 46, false);
        NS_TEST_EXPECT_MSG_EQ(marked.latency, last.latency, "first come, first served");
        NS_TEST_EXPECT_MSG_EQ(marked.nLost, last.nLost, "and dropped");

        // Priorities alone change little without the code point; with both a report waits for two
        // packets at most: one in the device's queue, one on the wire.
        const auto unmarked = Run(2.6e6, 0, true);
        NS_TEST_EXPECT_MSG_GT(unmarked.latency, 0.5 * last.latency, "best effort like the others");
        const auto prior = Run(2.6e6, 46, true);
        NS_TEST_EXPECT_MSG_EQ(prior.nReceived, 46, "no report is lost");
        NS_TEST_EXPECT_MSG_EQ(prior.nLost, 0, "none");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(prior.maxLatency,
                                    alone + 2 * 8.0 * 1030 / 2e6 + 1e-8,
                                    "two packets are before it");
        NS_TEST_EXPECT_MSG_GT(prior.latency, alone, "but some are");
        NS_TEST_EXPECT_MSG_LT(prior.age, last.age, "and the age is less");
        NS_TEST_EXPECT_MSG_LT(prior.ageMedian, last.ageMedian, "in the median, too");
    }

    uint64_t m_nDroppedReports{0}; //!< by the core link
    uint64_t m_nTraced{0};         //!< reports of the trace source
};

/**
 * @ingroup cellfree-isac-test
 * @brief Reports by IPv6, marked in the traffic class.
 */
class Ipv6ReportsTestCase : public TestCase
{
  public:
    Ipv6ReportsTestCase()
        : TestCase("Reports by IPv6 carry the code point and its priority")
    {
    }

  private:
    /// Looks at a packet that a queue disc gets. @param item it
    void OnEnqueue(Ptr<const QueueDiscItem> item)
    {
        uint8_t field = 0;
        item->GetUint8Value(QueueItem::IP_DSFIELD, field);
        if (item->GetPacket()->GetSize() == REPORT_BYTES + 8)
        {
            ++m_nMarked;
            NS_TEST_EXPECT_MSG_EQ(+field, 46 << 2, "traffic class");
            SocketPriorityTag tag;
            NS_TEST_EXPECT_MSG_EQ(item->GetPacket()->PeekPacketTag(tag), true, "it has a priority");
            NS_TEST_EXPECT_MSG_EQ(+tag.GetPriority(), 4, "priority");
        }
    }

    void DoRun() override
    {
        NodeContainer nodes(2);
        InternetStackHelper().Install(nodes);
        PointToPointHelper core;
        const auto devices = core.Install(nodes);
        TrafficControlHelper control;
        control.SetRootQueueDisc("ns3::FifoQueueDisc");
        control.Install(devices.Get(0))
            .Get(0)
            ->TraceConnectWithoutContext("Enqueue",
                                         MakeCallback(&Ipv6ReportsTestCase::OnEnqueue, this));
        const auto interfaces =
            Ipv6AddressHelper(Ipv6Address("2001:db8::"), Ipv6Prefix(64)).Assign(devices);
        const auto servers = CellFreeSensingServerHelper(PORT).Install(NodeContainer(nodes.Get(1)));
        const auto server = DynamicCast<CellFreeSensingServer>(servers.Get(0));
        CellFreeSensingReportHelper helper(Inet6SocketAddress(interfaces.GetAddress(1, 1), PORT));
        helper.SetAttribute("Dscp", UintegerValue(46));
        helper.SetAttribute("IncludeTentative", BooleanValue(true));
        const auto reporters = helper.Install(NodeContainer(nodes.Get(0)));
        const auto reporter = DynamicCast<CellFreeSensingReporter>(reporters.Get(0));
        for (int i = 0; i < 10; ++i)
        {
            Simulator::Schedule(Seconds(2 + i), [reporter]() {
                CellFreeScan scan;
                scan.end = Simulator::Now();
                reporter->Report(scan, std::vector<CellFreeTrack>(N_TRACKS));
            });
        }
        Simulator::Stop(Seconds(13));
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(server->GetStatistics(nodes.Get(0)->GetId()).reports, 10, "arrived");
        NS_TEST_EXPECT_MSG_EQ(m_nMarked, 10, "all packets are marked");
        Simulator::Destroy();
    }

    uint32_t m_nMarked{0}; //!< reports that the queue disc got
};

/**
 * @ingroup cellfree-isac-test
 * @brief A reporter on a CPU's node follows its sensing.
 */
class ReportsOfDwellsTestCase : public TestCase
{
  public:
    ReportsOfDwellsTestCase()
        : TestCase("Each dwell of a CPU with a tracker is reported, and holds its tracks")
    {
    }

  private:
    /// Takes a scan down. @param scan it @param tracks the tracks after it
    void OnScan(const CellFreeScan& scan, const std::vector<CellFreeTrack>& tracks)
    {
        m_scans.push_back(scan);
        m_tracks = tracks;
    }

    /// Takes a report down. @param report it
    void OnReport(const CellFreeReport& report)
    {
        NS_TEST_ASSERT_MSG_LT(m_nReports, m_scans.size(), "a report is of a dwell");
        const auto& scan = m_scans[m_nReports];
        NS_TEST_EXPECT_MSG_EQ(report.sequence, m_nReports, "in their order");
        NS_TEST_EXPECT_MSG_EQ(report.end, scan.end, "end of the dwell");
        NS_TEST_EXPECT_MSG_EQ(report.nDetections, scan.detections.size(), "its detections");
        NS_TEST_EXPECT_MSG_EQ(report.nTracks, m_tracks.size(), "its tracks");
        ++m_nReports;
    }

    /// Counts a packet. @param packet it
    void OnTx(Ptr<const Packet> packet)
    {
        ++m_nPackets;
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.nUes = 0;
        options.policy = "cb-sensing";
        CellFreeTestScenario scenario(options);
        auto tracker = CreateObject<CellFreeMultiTargetTracker>();
        const auto sensing = scenario.cpu->GetSensing();
        sensing->SetAttribute("Tracker", PointerValue(tracker));
        CellFreeState state;
        state << 75, 0, 50, 0, 0, 0;
        CellFreeStateCovariance covariance = CellFreeStateCovariance::Identity();
        tracker->Cue(Seconds(0), state, covariance);
        sensing->TraceConnectWithoutContext("Scan",
                                            MakeCallback(&ReportsOfDwellsTestCase::OnScan, this));
        const NodeContainer node(scenario.node);
        const auto servers = CellFreeSensingServerHelper(PORT).Install(node);
        CellFreeSensingReportHelper helper(InetSocketAddress(Ipv4Address::GetLoopback(), PORT));
        helper.SetAttribute("IncludeDetections", BooleanValue(true));
        helper.SetAttribute("IncludeTentative", BooleanValue(true));
        auto reporters = helper.Install(node);
        reporters.Stop(Seconds(0.3));
        const std::string path = "/NodeList/*/ApplicationList/*/$ns3::CellFreeSensing";
        Config::ConnectWithoutContext(path + "Server/Report",
                                      MakeCallback(&ReportsOfDwellsTestCase::OnReport, this));
        Config::ConnectWithoutContext(path + "Reporter/Tx",
                                      MakeCallback(&ReportsOfDwellsTestCase::OnTx, this));
        CellFreeTestScenario::Run(Seconds(0.5));

        std::size_t nUntilStop = 0;
        for (const auto& scan : m_scans)
        {
            nUntilStop += scan.end < Seconds(0.3);
        }
        NS_TEST_ASSERT_MSG_GT(nUntilStop, 4, "there are dwells");
        NS_TEST_EXPECT_MSG_GT(m_scans.size(), nUntilStop, "also after the reporter has stopped");
        NS_TEST_EXPECT_MSG_EQ(m_nReports, nUntilStop, "each is reported until then");
        NS_TEST_EXPECT_MSG_GT_OR_EQ(m_nPackets, m_nReports, "in one packet or more");
    }

    std::vector<CellFreeScan> m_scans;   //!< of all dwells
    std::vector<CellFreeTrack> m_tracks; //!< after the last one
    std::size_t m_nReports{0};           //!< reports
    std::size_t m_nPackets{0};           //!< their packets
};

} // namespace

void
AddReportTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new ReportsUnderLoadTestCase);
    suite.AddTestCase(new Ipv6ReportsTestCase);
    suite.AddTestCase(new ReportsOfDwellsTestCase);
}

} // namespace ns3
