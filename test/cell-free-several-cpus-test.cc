// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/cell-free-conjugate-policy.h"
#include "ns3/cell-free-csi.h"
#include "ns3/cell-free-report-header.h"
#include "ns3/cell-free-sensing-report-helper.h"
#include "ns3/double.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/udp-client-server-helper.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

namespace ns3
{

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief Two cells side by side on one link, each with a CPU, two APs and a UE.
 */
struct TwoCells
{
    /**
     * @brief Installs both.
     * @param spacing distance of the cells (m)
     * @param configure called with the helper before
     */
    explicit TwoCells(double spacing,
                      const std::function<void(CellFreeIsacHelper&)>& configure = {})
    {
        helper.SetPolicy("cb");
        helper.SetArrayAttribute("NumColumns", UintegerValue(4));
        if (configure)
        {
            configure(helper);
        }
        for (uint32_t c = 0; c < 2; ++c)
        {
            const auto node = CreateObject<Node>();
            NodeContainer aps(2);
            NodeContainer ue(1);
            for (uint32_t m = 0; m < 2; ++m)
            {
                CellFreeTestScenario::Place(aps.Get(m), Vector(spacing * c + 40.0 * m, 0, 10));
            }
            CellFreeTestScenario::Place(ue.Get(0), Vector(spacing * c + 30.0, 40, 1.5));
            cells[c] = helper.Install(node, aps, ue);
        }
        helper.AssignStreams(1);
    }

    ~TwoCells()
    {
        Simulator::Destroy();
    }

    /// Sends frames in a cell all the time. @param c the cell @param isUplink the direction
    void Load(uint32_t c, bool isUplink)
    {
        const auto cpu = cells[c].cpu.Get(0);
        const auto ue = cells[c].ues.Get(0);
        CellFreeTestScenario::AddFrames(isUplink ? ue : cpu,
                                        isUplink ? cpu : ue,
                                        Seconds(0),
                                        Seconds(0.2),
                                        MicroSeconds(50));
    }

    CellFreeIsacHelper helper; //!< helper of both
    CellFreeDevices cells[2];  //!< what was installed
};

/**
 * @ingroup cellfree-isac-test
 * @brief Cells of two CPUs on one link interfere as the channel between them says.
 */
class InterferingCellsTestCase : public TestCase
{
  public:
    /// @param isUplink the direction
    explicit InterferingCellsTestCase(bool isUplink)
        : TestCase(std::string("Two CPUs interfere by the true channel, ") +
                   (isUplink ? "uplink" : "downlink")),
          m_isUplink(isUplink)
    {
    }

  private:
    /// Keeps the latest plan of a CPU.
    static void OnBeams(CellFreeSlotPlan* kept,
                        const CellFreeDecision& /* decision */,
                        const IsacProblem& /* problem */,
                        const CellFreeSlotPlan& plan)
    {
        *kept = plan;
    }

    /// Compares with the hand calculation. @param sample a stream of the first cell
    void OnSample(const CellFreeUeSample& sample)
    {
        if (sample.isUplink != m_isUplink)
        {
            return;
        }
        // UE 0 is at APs 0 and 1, UE 1 at APs 2 and 3.
        const auto channel = m_cells->helper.GetLink()->GetChannelModel();
        const bool isOtherActive = m_isLoaded && sample.slot >= 4;
        double signal = 0;
        double interference = 0;
        double noise = 0;
        if (m_isUplink)
        {
            IsacProblem problem;
            channel->GetTrueProblem({0, 1}, {0, 1}, {}, problem);
            const double gain = problem.h.col(0).squaredNorm();
            const double watts = std::pow(10.0, 2.3 - 3.0); // 23 dBm
            signal = watts * gain * gain;
            interference =
                isOtherActive ? watts * std::norm(problem.h.col(0).dot(problem.h.col(1))) : 0.0;
            noise = channel->GetApNoise() * gain;
        }
        else
        {
            IsacProblem own;
            IsacProblem cross;
            channel->GetTrueProblem({0, 1}, {0}, {}, own);
            channel->GetTrueProblem({2, 3}, {0}, {}, cross);
            NS_TEST_EXPECT_MSG_EQ(m_plans[0].slot, sample.slot, "the plan of this slot");
            signal = std::norm(own.h.col(0).dot(m_plans[0].beams[0].f.col(0)));
            if (isOtherActive)
            {
                NS_TEST_EXPECT_MSG_EQ(m_plans[1].slot, sample.slot, "of the other cell, too");
                interference = std::norm(cross.h.col(0).dot(m_plans[1].beams[0].f.col(0)));
            }
            noise = channel->GetUeNoise();
        }
        const double sinr = signal / (noise + interference);
        const double met = 1 / (1 / sinr + 0.035 * 0.035 + 0.01 * 0.01);
        if (sample.slot >= 4) // by then queues hold more than a slot carries
        {
            NS_TEST_EXPECT_MSG_EQ_TOL(sample.sinr / met, 1.0, 1e-9, "slot " << sample.slot);
        }
        m_sum += std::log2(1 + sample.sinr);
        ++m_n;
    }

    /// Runs both cells. @param isLoaded whether the second one is active @return mean rate
    double Run(bool isLoaded)
    {
        TwoCells cells(60.0, [](CellFreeIsacHelper& helper) {
            helper.SetMacAttribute("MaxQueueBytes", UintegerValue(10000000));
        });
        m_cells = &cells;
        m_isLoaded = isLoaded;
        m_sum = 0;
        m_n = 0;
        for (uint32_t c = 0; c < 2; ++c)
        {
            cells.cells[c].controller->TraceConnectWithoutContext(
                "Beams",
                MakeBoundCallback(&OnBeams, &m_plans[c]));
        }
        cells.cells[0].controller->TraceConnectWithoutContext(
            "UeSample",
            MakeCallback(&InterferingCellsTestCase::OnSample, this));
        cells.Load(0, m_isUplink);
        if (isLoaded)
        {
            cells.Load(1, m_isUplink);
        }
        Simulator::Stop(Seconds(0.2));
        Simulator::Run();
        return m_sum / m_n;
    }

    void DoRun() override
    {
        const double alone = Run(false);
        const double together = Run(true);
        NS_TEST_ASSERT_MSG_GT(m_n, 90, "slots were used");
        NS_TEST_ASSERT_MSG_LT(together, 0.9 * alone, "the other cell costs rate");
    }

    bool m_isUplink;             //!< the direction
    bool m_isLoaded{false};      //!< whether the second cell is active
    TwoCells* m_cells{nullptr};  //!< the run
    CellFreeSlotPlan m_plans[2]; //!< latest plans
    double m_sum{0};             //!< sum of rates
    uint32_t m_n{0};             //!< streams
};

/**
 * @ingroup cellfree-isac-test
 * @brief Traces hold all cells of a link, with their flows' directions.
 */
class TracedCellsTestCase : public TestCase
{
  public:
    TracedCellsTestCase()
        : TestCase("UeTrace, FlowTrace and BeamTrace hold the cells of both CPUs")
    {
    }

  private:
    /// @return the distinct entries of a column of a trace. @param path it @param column from 0
    std::set<std::string> ReadColumn(const std::string& path, int column)
    {
        std::ifstream file(path);
        std::set<std::string> entries;
        std::string line;
        std::getline(file, line);
        while (std::getline(file, line))
        {
            std::istringstream fields(line);
            std::string field;
            for (int i = 0; i <= column; ++i)
            {
                std::getline(fields, field, '\t');
            }
            entries.insert(field);
        }
        return entries;
    }

    void DoRun() override
    {
        const auto directory = CreateTempDirFilename("cells");
        std::set<std::string> ueIds;
        std::set<std::string> apIds;
        {
            TwoCells cells(500.0);
            InternetStackHelper internet;
            Ipv4AddressHelper addresses("10.1.0.0", "255.255.0.0");
            Ipv4InterfaceContainer interfaces[2];
            for (uint32_t c = 0; c < 2; ++c)
            {
                const auto all = cells.cells[c].GetAll();
                for (uint32_t d = 0; d < 2; ++d)
                {
                    internet.Install(all.Get(d)->GetNode());
                }
                interfaces[c] = addresses.Assign(all);
                addresses.NewNetwork();
                ueIds.insert(std::to_string(all.Get(1)->GetNode()->GetId()));
            }
            const auto channel = cells.helper.GetLink()->GetChannelModel();
            for (uint32_t m = 0; m < 4; ++m)
            {
                apIds.insert(std::to_string(channel->GetApId(m)));
            }
            for (uint32_t c = 0; c < 2; ++c)
            {
                for (const bool isUplink : {false, true})
                {
                    const auto all = cells.cells[c].GetAll();
                    const auto from = all.Get(isUplink)->GetNode();
                    const uint16_t port = 9;
                    UdpClientHelper client(interfaces[c].GetAddress(!isUplink), port);
                    client.SetAttribute("Interval", TimeValue(MilliSeconds(1)));
                    client.Install(from).Start(MilliSeconds(10));
                    PacketSinkHelper sink("ns3::UdpSocketFactory",
                                          InetSocketAddress(Ipv4Address::GetAny(), port));
                    sink.Install(all.Get(!isUplink)->GetNode()).Start(Seconds(0));
                }
            }
            auto writer = cells.helper.EnableTraces(directory);
            Simulator::Stop(Seconds(0.2));
            Simulator::Run();
            std::multiset<std::string> flows;
            for (const auto& flow : writer->GetFlowTrace()->GetFlows())
            {
                flows.insert(flow.direction + std::to_string(flow.ueId));
                // ARP keeps three packets of those that wait for an address.
                NS_TEST_EXPECT_MSG_GT(flow.rxPackets, 90, flow.direction << " of " << flow.ueId);
            }
            std::multiset<std::string> expected;
            for (const auto& id : ueIds)
            {
                expected.insert("DL" + id);
                expected.insert("UL" + id);
            }
            NS_TEST_EXPECT_MSG_EQ((flows == expected), true, "both directions of both cells");
        }
        NS_TEST_ASSERT_MSG_EQ((ReadColumn(directory + "/UeTrace.tsv", 3) == ueIds), true, "UEs");
        NS_TEST_ASSERT_MSG_EQ((ReadColumn(directory + "/BeamTrace.tsv", 2) == apIds), true, "APs");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief A second helper may install on another carrier, or on the first one's link.
 */
class SecondHelperTestCase : public TestCase
{
  public:
    SecondHelperTestCase()
        : TestCase("A second helper: another carrier, or the first one's link")
    {
    }

  private:
    /// Counts frames. @param packet a frame
    void Receive(Ptr<const Packet> packet)
    {
        ++m_nReceived;
    }

    void DoRun() override
    {
        for (const bool isShared : {true, false})
        {
            CellFreeTestScenario::Options options;
            options.hasInternet = false;
            CellFreeTestScenario scenario(options);
            CellFreeIsacHelper second;
            second.SetPolicy("cb");
            if (isShared)
            {
                second.SetLink(scenario.link);
                second.SetArrayAttribute("NumColumns", UintegerValue(4));
            }
            else
            {
                second.SetChannelAttribute("Frequency", DoubleValue(3.6e9));
            }
            NodeContainer nodes(3);
            CellFreeTestScenario::Place(nodes.Get(1), Vector(400, 0, 10));
            CellFreeTestScenario::Place(nodes.Get(2), Vector(400, 30, 1.5));
            const auto devices = second.Install(nodes.Get(0),
                                                NodeContainer(nodes.Get(1)),
                                                NodeContainer(nodes.Get(2)));
            NS_TEST_ASSERT_MSG_EQ((second.GetLink() == scenario.link), isShared, "the link");
            NS_TEST_ASSERT_MSG_EQ(scenario.link->GetNCpus(), (isShared ? 2 : 1), "CPUs");
            NS_TEST_ASSERT_MSG_EQ(scenario.link->GetNDevices(), (isShared ? 6 : 4), "devices");
            m_nReceived = 0;
            devices.ues.Get(0)->TraceConnectWithoutContext(
                "MacRx",
                MakeCallback(&SecondHelperTestCase::Receive, this));
            const auto step = MilliSeconds(1);
            scenario.AddFrames(devices.cpu.Get(0),
                               devices.ues.Get(0),
                               Seconds(0),
                               Seconds(0.1),
                               step);
            scenario.Run(Seconds(0.2));
            NS_TEST_ASSERT_MSG_EQ(m_nReceived, 100, "the second cell works");
        }
    }

    uint32_t m_nReceived{0}; //!< frames of the second cell
};

/**
 * @ingroup cellfree-isac-test
 * @brief The files of a link say nothing of other links, which another process may simulate.
 */
class TracesOfOneLinkTestCase : public TestCase
{
  public:
    TracesOfOneLinkTestCase()
        : TestCase("ReportTrace and configuration.json of a link leave other links out")
    {
    }

  private:
    /// @return the text of a file. @param path it
    static std::string Read(const std::string& path)
    {
        std::ifstream file(path);
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }

    /// Sends a report of a CPU to its own node. @param node the node
    static void Report(Ptr<Node> node)
    {
        CellFreeReportHeader report;
        report.SetSource(node->GetId(), 0);
        report.SetPart(0, 1);
        auto packet = Create<Packet>();
        packet->AddHeader(report);
        const auto socket = Socket::CreateSocket(node, UdpSocketFactory::GetTypeId());
        socket->Connect(InetSocketAddress(Ipv4Address::GetLoopback(), 5005));
        socket->Send(packet);
    }

    void DoRun() override
    {
        const auto directory = CreateTempDirFilename("links");
        NodeContainer hosts(3); // two CPUs, and a host that belongs to neither
        NodeContainer aps(2);
        CellFreeIsacHelper helpers[2];
        InternetStackHelper().Install(hosts);
        CellFreeSensingServerHelper(5005).Install(hosts);
        for (uint32_t c = 0; c < 2; ++c)
        {
            CellFreeTestScenario::Place(aps.Get(c), Vector(0, 0, 10));
            helpers[c].SetPolicy("cb");
            helpers[c].SetChannelAttribute("Frequency", DoubleValue(3.5e9 + 1e9 * c));
            helpers[c].SetApAttribute("TxPower", DoubleValue(20.0 + c));
            helpers[c].Install(hosts.Get(c), NodeContainer(aps.Get(c)), NodeContainer());
            helpers[c].EnableTraces(directory + std::to_string(c));
        }
        for (uint32_t h = 0; h < hosts.GetN(); ++h)
        {
            Simulator::ScheduleWithContext(hosts.Get(h)->GetId(),
                                           MilliSeconds(10),
                                           &TracesOfOneLinkTestCase::Report,
                                           hosts.Get(h));
        }
        Simulator::Stop(MilliSeconds(20));
        Simulator::Run();
        Simulator::Destroy();
        for (uint32_t c = 0; c < 2; ++c)
        {
            const auto folder = directory + std::to_string(c);
            const auto reports = Read(folder + "/ReportTrace.tsv");
            for (uint32_t h = 0; h < hosts.GetN(); ++h)
            {
                const auto row = "\n0.01\t" + std::to_string(hosts.Get(h)->GetId()) + "\t";
                NS_TEST_EXPECT_MSG_EQ((reports.find(row) != std::string::npos),
                                      (h == c || h == 2),
                                      "link " << c << ", host " << h);
            }
            const auto configuration = Read(folder + "/configuration.json");
            const auto power = [](uint32_t cell) {
                return "\"ns3::CellFreeAp::TxPower\": \"" + std::to_string(20 + cell) + "\"";
            };
            NS_TEST_EXPECT_MSG_NE(configuration.find(power(c)), std::string::npos, "its own");
            NS_TEST_EXPECT_MSG_EQ(configuration.find(power(1 - c)), std::string::npos, "other");
        }
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief Parts that two CPUs share survive that both are disposed of.
 */
class SharedPartTestCase : public TestCase
{
  public:
    SharedPartTestCase()
        : TestCase("Two CPUs may share a part, and end in any order")
    {
    }

  private:
    void DoRun() override
    {
        auto csi = CreateObject<CellFreePerfectCsi>();
        auto policy = CreateObject<CellFreeConjugatePolicy>();
        for (int run = 0; run < 2; ++run)
        {
            TwoCells cells(500.0);
            for (const auto& cell : cells.cells)
            {
                cell.controller->SetAttribute("Csi", PointerValue(csi));
                cell.controller->SetAttribute("Policy", PointerValue(policy));
            }
            cells.Load(0, false);
            cells.Load(1, false);
            Simulator::Stop(Seconds(0.2));
            Simulator::Run();
            for (const auto& cell : cells.cells)
            {
                NS_TEST_ASSERT_MSG_GT(cell.controller->GetMac()
                                          ->GetCounters(&cell - cells.cells, false)
                                          .deliveredBytes,
                                      100000,
                                      "both cells work, run " << run);
            }
        }
        NS_TEST_ASSERT_MSG_EQ(csi->GetReferenceCount(), 1, "nobody holds it any more");
        NS_TEST_ASSERT_MSG_EQ(policy->GetReferenceCount(), 1, "nobody holds it any more");
    }
};

} // namespace

void
AddSeveralCpusTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new InterferingCellsTestCase(false));
    suite.AddTestCase(new InterferingCellsTestCase(true));
    suite.AddTestCase(new TracedCellsTestCase);
    suite.AddTestCase(new SecondHelperTestCase);
    suite.AddTestCase(new TracesOfOneLinkTestCase);
    suite.AddTestCase(new SharedPartTestCase);
}

} // namespace ns3
