// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/application-container.h"
#include "ns3/bulk-send-helper.h"
#include "ns3/cell-free-ap.h"
#include "ns3/cell-free-bearer.h"
#include "ns3/cell-free-error-model.h"
#include "ns3/cell-free-isac-helper.h"
#include "ns3/cell-free-link-adaptation.h"
#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/config.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv6-address-helper.h"
#include "ns3/mobility-helper.h"
#include "ns3/on-off-helper.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/packet-sink.h"
#include "ns3/pointer.h"
#include "ns3/queue-disc.h"
#include "ns3/random-walk-2d-mobility-model.h"
#include "ns3/rectangle.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/test.h"
#include "ns3/traffic-control-layer.h"
#include "ns3/udp-client-server-helper.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <deque>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

using namespace ns3;

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief A small cell-free network: a CPU, which also hosts the servers, APs on a line, UEs
 * around (100, 60), targets above.
 */
class Scenario
{
  public:
    /// What a test case may change.
    struct Options
    {
        uint32_t nAps{4};               //!< APs
        uint32_t nUes{3};               //!< UEs
        uint32_t nTargets{1};           //!< targets
        uint32_t nAntennas{4};          //!< antennas per AP
        std::string policy{"rzf"};      //!< policy
        double lastUeDistance{0.0};     //!< extra x of the last UE (m)
        bool hasQueueDiscs{true};       //!< install ns-3's default queue discs
        bool isIpv6{false};             //!< IPv6 addresses instead of IPv4 ones
        uint32_t decisionDelay{0};      //!< downlink slots
        uint32_t maxTransmissions{4};   //!< of a block
        uint32_t maxQueueBytes{100000}; //!< of a bearer
        bool areMoving{false};          //!< UEs and targets walk at random
    };

    /**
     * @brief Builds the network.
     * @param options what is wanted
     */
    explicit Scenario(const Options& options)
    {
        NodeContainer aps;
        aps.Create(options.nAps);
        m_cpu = CreateObject<Node>();
        m_ues.Create(options.nUes);
        m_targets.Create(options.nTargets);
        for (uint32_t m = 0; m < options.nAps; ++m)
        {
            Place(aps.Get(m), Vector(50.0 * m, 0, 10));
        }
        for (uint32_t u = 0; u < options.nUes; ++u)
        {
            const bool isLast = u + 1 == options.nUes;
            Place(m_ues.Get(u),
                  Vector(20.0 + 45.0 * u + (isLast ? options.lastUeDistance : 0.0), 60, 1.5),
                  options.areMoving);
        }
        for (uint32_t t = 0; t < options.nTargets; ++t)
        {
            Place(m_targets.Get(t), Vector(75, 40.0 * t, 50), options.areMoving);
        }
        m_helper.SetPolicy(options.policy);
        m_helper.SetArrayAttribute("NumColumns", UintegerValue(options.nAntennas));
        m_helper.SetLinkAttribute("DecisionDelay", UintegerValue(options.decisionDelay));
        m_helper.SetLinkAttribute("MaxTransmissions", UintegerValue(options.maxTransmissions));
        m_helper.SetLinkAttribute("MaxQueueBytes", UintegerValue(options.maxQueueBytes));
        m_devices = m_helper.Install(m_cpu, aps, m_ues);
        m_helper.InstallTargets(m_targets);
        m_helper.AssignStreams(1);

        InternetStackHelper internet;
        if (!options.hasQueueDiscs)
        {
            // Without a traffic-control layer on the node, no queue disc is installed.
            internet.SetIpv6StackInstall(false);
        }
        NodeContainer nodes(NodeContainer(m_cpu), m_ues);
        internet.Install(nodes);
        internet.AssignStreams(nodes, 1000);
        if (options.isIpv6)
        {
            Ipv6AddressHelper addresses(Ipv6Address("2001:db8::"), Ipv6Prefix(64));
            m_addresses6 = addresses.Assign(m_devices);
        }
        else
        {
            Ipv4AddressHelper addresses("10.1.0.0", "255.255.0.0");
            m_addresses = addresses.Assign(m_devices);
            if (!options.hasQueueDiscs)
            {
                for (uint32_t i = 0; i < m_devices.GetN(); ++i)
                {
                    m_devices.Get(i)
                        ->GetNode()
                        ->GetObject<TrafficControlLayer>()
                        ->DeleteRootQueueDiscOnDevice(m_devices.Get(i));
                }
            }
        }
    }

    ~Scenario()
    {
        Simulator::Destroy();
    }

    /**
     * @brief Sends UDP at a constant rate from the CPU to a UE, or back.
     * @param ue index of the UE
     * @param isUplink the direction
     * @param rate bit/s
     * @return the sink
     */
    Ptr<PacketSink> AddUdp(uint32_t ue, bool isUplink, double rate)
    {
        auto from = isUplink ? m_ues.Get(ue) : m_cpu;
        auto to = isUplink ? m_cpu : m_ues.Get(ue);
        return AddUdp(from, to, GetAddress(isUplink ? 0 : ue + 1), rate);
    }

    /**
     * @brief Sends UDP at a constant rate from a node to another, for 0.8 s from 0.1 s on.
     * @param from source node
     * @param to sink node
     * @param address address of the sink
     * @param rate bit/s
     * @return the sink
     */
    Ptr<PacketSink> AddUdp(Ptr<Node> from, Ptr<Node> to, Address address, double rate)
    {
        const uint16_t port = ++m_port;
        const uint32_t size = 1000;
        UdpClientHelper client(address, port);
        client.SetAttribute("PacketSize", UintegerValue(size));
        client.SetAttribute("MaxPackets", UintegerValue(1000000));
        client.SetAttribute("Interval", TimeValue(Seconds(8.0 * size / rate)));
        auto apps = client.Install(from);
        apps.Start(Seconds(0.1));
        apps.Stop(Seconds(0.9));
        return AddSink("ns3::UdpSocketFactory", to, address, port);
    }

    /**
     * @brief Transfers bytes by TCP between the CPU and a UE, from 0.1 s on.
     * @param ue index of the UE
     * @param isUplink the direction
     * @param bytes how many
     * @return the sink
     */
    Ptr<PacketSink> AddTcp(uint32_t ue, bool isUplink, uint32_t bytes)
    {
        const uint16_t port = ++m_port;
        auto address = GetAddress(isUplink ? 0 : ue + 1);
        BulkSendHelper source("ns3::TcpSocketFactory", WithPort(address, port));
        source.SetAttribute("MaxBytes", UintegerValue(bytes));
        source.Install(isUplink ? m_ues.Get(ue) : m_cpu).Start(Seconds(0.1));
        return AddSink("ns3::TcpSocketFactory", isUplink ? m_cpu : m_ues.Get(ue), address, port);
    }

    /**
     * @brief Runs the simulation.
     * @param until end
     */
    void Run(Time until)
    {
        Simulator::Stop(until);
        Simulator::Run();
    }

    /// @return address of a device: 0 for the CPU, u + 1 for UE u. @param i index
    Address GetAddress(uint32_t i) const
    {
        return m_addresses6.GetN() > 0 ? Address(m_addresses6.GetAddress(i, 1))
                                       : Address(m_addresses.GetAddress(i));
    }

    CellFreeIsacHelper m_helper;         //!< helper
    Ptr<Node> m_cpu;                     //!< gateway and server
    NodeContainer m_ues;                 //!< UEs
    NodeContainer m_targets;             //!< targets
    NetDeviceContainer m_devices;        //!< CPU's device, then UEs'
    Ipv4InterfaceContainer m_addresses;  //!< their IPv4 addresses
    Ipv6InterfaceContainer m_addresses6; //!< their IPv6 addresses

  private:
    static void Place(Ptr<Node> node, const Vector& position, bool isMoving = false)
    {
        Ptr<MobilityModel> mobility = CreateObject<ConstantPositionMobilityModel>();
        if (isMoving)
        {
            mobility = CreateObjectWithAttributes<RandomWalk2dMobilityModel>(
                "Bounds",
                RectangleValue(Rectangle(-500, 500, -500, 500)),
                "Distance",
                DoubleValue(1.0));
            mobility->AssignStreams(2000 + 10 * node->GetId());
        }
        mobility->SetPosition(position);
        node->AggregateObject(mobility);
    }

    static Address WithPort(const Address& address, uint16_t port)
    {
        if (Ipv6Address::IsMatchingType(address))
        {
            return Inet6SocketAddress(Ipv6Address::ConvertFrom(address), port);
        }
        return InetSocketAddress(Ipv4Address::ConvertFrom(address), port);
    }

    static Ptr<PacketSink> AddSink(const std::string& protocol,
                                   Ptr<Node> node,
                                   const Address& address,
                                   uint16_t port)
    {
        PacketSinkHelper sink(protocol, WithPort(address, port));
        auto apps = sink.Install(node);
        apps.Start(Seconds(0));
        return DynamicCast<PacketSink>(apps.Get(0));
    }

    uint16_t m_port{1000}; //!< last port used
};

/**
 * @ingroup cellfree-isac-test
 * @brief Block error rates against the formula written out, and their consequences.
 */
class ErrorModelTestCase : public TestCase
{
  public:
    ErrorModelTestCase()
        : TestCase("Block error rates follow the normal approximation and order the MCS")
    {
    }

  private:
    void DoRun() override
    {
        auto model = CreateObject<CellFreeErrorModel>();
        model->SetAttribute("ImplementationGap", DoubleValue(0.0));
        NS_TEST_ASSERT_MSG_EQ_TOL(CellFreeErrorModel::GetEfficiency(0), 0.2344, 5e-5, "MCS 0");
        NS_TEST_ASSERT_MSG_EQ_TOL(CellFreeErrorModel::GetEfficiency(27), 7.4063, 5e-5, "MCS 27");
        NS_TEST_ASSERT_MSG_EQ_TOL(CellFreeErrorModel::GetEfficiency(20), 5.3320, 5e-5, "MCS 20");

        // One code block: n = 1000 symbols of MCS 5 (1.4766 bit) at SINR 2 (3.01 dB).
        const double k = 1000 * 4 * 378 / 1024.0;
        const double v = (1 - 1.0 / 9) / std::pow(std::log(2.0), 2);
        const double x =
            (1000 * std::log2(3.0) - k + 0.5 * std::log2(1000.0)) / std::sqrt(1000 * v);
        NS_TEST_ASSERT_MSG_EQ_TOL(model->GetBler(5, 2.0, 1000),
                                  0.5 * std::erfc(x / std::sqrt(2.0)),
                                  1e-12,
                                  "one code block");
        // Six code blocks of 7344 / 6 symbols: 7344 * 6.5703 bit / 8424 = 5.73.
        const double n6 = 7344 / 6.0;
        const double g = std::pow(10.0, 2.0);
        const double v6 = (1 - 1 / std::pow(1 + g, 2)) / std::pow(std::log(2.0), 2);
        const double x6 = (n6 * std::log2(1 + g) - n6 * 8 * 841 / 1024.0 + 0.5 * std::log2(n6)) /
                          std::sqrt(n6 * v6);
        NS_TEST_ASSERT_MSG_EQ_TOL(model->GetBler(24, g, 7344),
                                  1 - std::pow(1 - 0.5 * std::erfc(x6 / std::sqrt(2.0)), 6),
                                  1e-12,
                                  "six code blocks");

        model->SetAttribute("ImplementationGap", DoubleValue(2.0));
        int previous = -1;
        for (double decibels = -15; decibels <= 40; decibels += 0.25)
        {
            const double sinr = std::pow(10.0, decibels / 10);
            const int mcs = model->SelectMcs(sinr, 7344, 0.1);
            NS_TEST_ASSERT_MSG_GT_OR_EQ(mcs, previous, "more SINR, no smaller MCS");
            if (mcs >= 0)
            {
                NS_TEST_ASSERT_MSG_LT_OR_EQ(model->GetBler(mcs, sinr, 7344), 0.1, "target met");
            }
            if (mcs + 1 < CellFreeErrorModel::N_MCS)
            {
                NS_TEST_ASSERT_MSG_GT(model->GetBler(mcs + 1, sinr, 7344), 0.1, "not met above");
            }
            previous = mcs;
        }
        NS_TEST_ASSERT_MSG_EQ(previous, 27, "40 dB carry the largest MCS");
        NS_TEST_ASSERT_MSG_EQ(model->GetBler(0, 0.0, 7344), 1.0, "no signal, no block");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief The outer loop brings the block error rate to its target when the SINR is overestimated.
 */
class LinkAdaptationTestCase : public TestCase
{
  public:
    LinkAdaptationTestCase()
        : TestCase("The outer loop meets the target error rate with a biased SINR")
    {
    }

  private:
    void DoRun() override
    {
        auto adaptation = CreateObject<CellFreeLinkAdaptation>();
        adaptation->SetNLinks(1);
        std::mt19937 generator(1);
        std::uniform_real_distribution<double> uniform;
        std::normal_distribution<double> fading(0.0, 2.0);
        uint32_t nErrors = 0;
        const uint32_t n = 20000;
        for (uint32_t i = 0; i < n; ++i)
        {
            const double trueSinr = std::pow(10.0, (15.0 + fading(generator)) / 10);
            const double believedSinr = trueSinr * 2; // 3 dB too good
            const int mcs = adaptation->SelectMcs(0, believedSinr, 7344);
            const bool success =
                uniform(generator) >= adaptation->GetErrorModel()->GetBler(mcs, trueSinr, 7344);
            adaptation->ReportFirstTransmission(0, success);
            nErrors += !success;
        }
        // The loop fixes the long-run rate up to (start-up + margin range) / (step n) < 0.01.
        NS_TEST_ASSERT_MSG_EQ_TOL(1.0 * nErrors / n, 0.1, 0.01, "error rate at the target");
        NS_TEST_ASSERT_MSG_GT(adaptation->GetMargin(0), 1.0, "the bias was learned");

        // A link that fails all the time is still tried: it could not recover otherwise.
        for (int i = 0; i < 1000; ++i)
        {
            adaptation->ReportFirstTransmission(0, false);
        }
        NS_TEST_ASSERT_MSG_EQ(adaptation->SelectMcs(0, 1.0, 7344), 0, "lowest MCS, not silence");
        NS_TEST_ASSERT_MSG_EQ(adaptation->SelectMcs(0, 1e-6, 7344), -1, "hopeless without margin");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief A bearer with random losses delivers in order, whole packets, and accounts for each byte.
 */
class BearerTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param lossRate probability that a transmission fails
     */
    explicit BearerTestCase(double lossRate)
        : TestCase("Bearer: in order and no byte lost track of, loss rate " +
                   std::to_string(lossRate)),
          m_lossRate(lossRate)
    {
    }

  private:
    void DoRun() override
    {
        CellFreeBearer::Settings settings{20000, 3, 4, 6};
        CellFreeBearer bearer(settings,
                              MakeCallback(&BearerTestCase::Deliver, this),
                              MakeCallback(&BearerTestCase::Drop, this));
        std::mt19937 generator(7);
        std::uniform_real_distribution<double> uniform;
        uint64_t offered = 0;
        for (uint64_t slot = 0; slot < 20000; ++slot)
        {
            const bool isLoaded = slot < 19000;
            while (isLoaded && uniform(generator) < 0.7)
            {
                const uint32_t size = 1 + generator() % 1500;
                CellFreeBearer::Frame frame;
                frame.packet = Create<Packet>(size);
                frame.protocol = 0x0800;
                m_uids.push_back(frame.packet->GetUid());
                offered += size;
                bearer.Enqueue(frame);
            }
            if (bearer.HasData(slot))
            {
                auto block = bearer.GetRetransmission(slot)
                                 ? bearer.TakeRetransmission()
                                 : bearer.BuildBlock(0, 7 + generator() % 4000);
                ++block.transmissions;
                NS_TEST_ASSERT_MSG_LT_OR_EQ(block.transmissions, 3, "transmission limit");
                bearer.Finish(std::move(block), uniform(generator) >= m_lossRate, slot);
            }
            const auto& counters = bearer.GetCounters();
            NS_TEST_ASSERT_MSG_EQ(counters.enqueuedBytes, offered, "offered bytes");
            NS_TEST_ASSERT_MSG_EQ(counters.enqueuedBytes,
                                  counters.deliveredBytes + counters.droppedBytes +
                                      counters.pendingBytes,
                                  "conservation");
            NS_TEST_ASSERT_MSG_LT_OR_EQ(bearer.GetQueuedBytes(), 20000, "queue limit");
        }
        const auto& counters = bearer.GetCounters();
        NS_TEST_ASSERT_MSG_EQ(counters.pendingBytes, 0, "the drained bearer is empty");
        NS_TEST_ASSERT_MSG_EQ(counters.deliveredBytes, m_deliveredBytes, "bytes handed up");
        NS_TEST_ASSERT_MSG_EQ(counters.droppedBytes, m_droppedBytes, "bytes reported dropped");
        NS_TEST_ASSERT_MSG_GT(m_deliveredBytes, 0, "something came through");
        NS_TEST_ASSERT_MSG_EQ((m_nAirDrops > 0), (m_lossRate > 0), "drops after retransmissions");
    }

    /// Checks the order. @param frame the packet
    void Deliver(const CellFreeBearer::Frame& frame)
    {
        m_deliveredBytes += frame.packet->GetSize();
        while (!m_uids.empty() && m_uids.front() != frame.packet->GetUid())
        {
            m_uids.pop_front();
        }
        NS_TEST_ASSERT_MSG_EQ(m_uids.empty(), false, "delivered twice or out of order");
        m_uids.pop_front();
    }

    /// Counts a drop. @param frame the packet @param reason why
    void Drop(const CellFreeBearer::Frame& frame, CellFreeBearer::DropReason reason)
    {
        m_droppedBytes += frame.packet->GetSize();
        m_nAirDrops += reason == CellFreeBearer::TRANSMISSION_LIMIT;
    }

    double m_lossRate;            //!< probability that a transmission fails
    std::deque<uint64_t> m_uids;  //!< packets offered and not yet seen again
    uint64_t m_deliveredBytes{0}; //!< bytes handed up
    uint64_t m_droppedBytes{0};   //!< bytes reported dropped
    uint32_t m_nAirDrops{0};      //!< packets lost after the last transmission
};

/**
 * @ingroup cellfree-isac-test
 * @brief Bytes that devices accepted equal bytes handed up, dropped and still queued.
 */
class ConservationTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param hasQueueDiscs with ns-3's queue discs above the devices
     */
    explicit ConservationTestCase(bool hasQueueDiscs)
        : TestCase(std::string("Bytes sent = received + dropped + queued, both directions, ") +
                   (hasQueueDiscs ? "with" : "without") + " queue discs"),
          m_hasQueueDiscs(hasQueueDiscs)
    {
    }

  private:
    /// What the trace sources of one device counted.
    struct Count
    {
        uint64_t tx{0};   //!< accepted from above
        uint64_t rx{0};   //!< handed up
        uint64_t drop{0}; //!< dropped
    };

    static void Add(uint64_t* sum, Ptr<const Packet> packet)
    {
        *sum += packet->GetSize();
    }

    void DoRun() override
    {
        Scenario::Options options;
        options.hasQueueDiscs = m_hasQueueDiscs;
        options.maxTransmissions = 1; // so that packets are lost on the air, too
        options.policy = "cb";
        Scenario scenario(options);
        std::vector<Count> counts(scenario.m_devices.GetN());
        for (uint32_t i = 0; i < counts.size(); ++i)
        {
            auto device = scenario.m_devices.Get(i);
            device->TraceConnectWithoutContext("MacTx", MakeBoundCallback(&Add, &counts[i].tx));
            device->TraceConnectWithoutContext("MacRx", MakeBoundCallback(&Add, &counts[i].rx));
            device->TraceConnectWithoutContext("MacTxDrop",
                                               MakeBoundCallback(&Add, &counts[i].drop));
            device->TraceConnectWithoutContext("PhyTxDrop",
                                               MakeBoundCallback(&Add, &counts[i].drop));
        }
        // More than the link carries, so that queues overflow.
        for (uint32_t u = 0; u < 3; ++u)
        {
            scenario.AddUdp(u, false, 150e6);
            scenario.AddUdp(u, true, 60e6);
        }
        scenario.Run(Seconds(0.7));

        const auto link = scenario.m_helper.GetLink();
        CellFreeBearer::Counters down;
        CellFreeBearer::Counters up;
        for (uint32_t u = 0; u < 3; ++u)
        {
            for (bool isUplink : {false, true})
            {
                const auto& c = link->GetCounters(u, isUplink);
                NS_TEST_ASSERT_MSG_EQ(c.enqueuedBytes,
                                      c.deliveredBytes + c.droppedBytes + c.pendingBytes,
                                      "conservation in the bearer of UE " << u);
                NS_TEST_ASSERT_MSG_GT(c.deliveredBytes, 0, "UE " << u << " got something");
                auto& sum = isUplink ? up : down;
                sum.deliveredBytes += c.deliveredBytes;
                sum.droppedBytes += c.droppedBytes;
                sum.pendingBytes += c.pendingBytes;
            }
            const auto& c = link->GetCounters(u, true);
            NS_TEST_ASSERT_MSG_EQ(counts[u + 1].tx,
                                  c.enqueuedBytes,
                                  "what UE " << u << " sent entered its bearer");
            NS_TEST_ASSERT_MSG_EQ(counts[u + 1].drop, c.droppedBytes, "drops were traced");
            NS_TEST_ASSERT_MSG_EQ(counts[u + 1].rx,
                                  link->GetCounters(u, false).deliveredBytes,
                                  "what came through was handed up");
        }
        NS_TEST_ASSERT_MSG_EQ(counts[0].drop, down.droppedBytes, "the CPU's drops were traced");
        NS_TEST_ASSERT_MSG_GT(down.droppedBytes, 0, "the downlink lost packets");
        NS_TEST_ASSERT_MSG_GT(up.droppedBytes, 0, "the uplink lost packets");
        NS_TEST_ASSERT_MSG_EQ(counts[0].rx, up.deliveredBytes, "the CPU got what came up");
    }

    bool m_hasQueueDiscs; //!< with queue discs
};

/**
 * @ingroup cellfree-isac-test
 * @brief TCP completes transfers in both directions at once, byte for byte.
 */
class TcpTestCase : public TestCase
{
  public:
    TcpTestCase()
        : TestCase("TCP completes a 5 MB download and a 1 MB upload")
    {
    }

  private:
    void DoRun() override
    {
        Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1400));
        Scenario scenario({});
        auto download = scenario.AddTcp(0, false, 5000000);
        auto upload = scenario.AddTcp(1, true, 1000000);
        scenario.Run(Seconds(6));
        Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(536));
        NS_TEST_ASSERT_MSG_EQ(download->GetTotalRx(), 5000000, "bytes downloaded");
        NS_TEST_ASSERT_MSG_EQ(upload->GetTotalRx(), 1000000, "bytes uploaded");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief The same seed writes the same bytes, another seed other bytes.
 */
class DeterminismTestCase : public TestCase
{
  public:
    DeterminismTestCase()
        : TestCase("The same seed gives identical traces, another does not")
    {
    }

  private:
    /// Runs once. @param run RngRun @param tag simTag @return the traces, one after the other
    std::string RunOnce(uint64_t run, const std::string& tag)
    {
        RngSeedManager::SetRun(run);
        const auto directory = CreateTempDirFilename("traces");
        {
            Scenario scenario({});
            scenario.AddUdp(0, false, 20e6);
            scenario.AddTcp(1, false, 2000000);
            scenario.AddUdp(2, true, 5e6);
            scenario.m_helper.EnableTraces(directory, tag);
            scenario.Run(Seconds(0.5));
        }
        RngSeedManager::SetRun(1);
        std::string all;
        for (const auto* name :
             {"UeTrace", "SensingTrace", "DecisionTrace", "FlowTrace", "DelayTrace"})
        {
            std::ifstream file(directory + "/" + name + tag + ".tsv");
            NS_TEST_EXPECT_MSG_EQ(file.is_open(), true, name << " exists");
            std::string header;
            std::getline(file, header);
            NS_TEST_EXPECT_MSG_NE(header.find("_s\t"), std::string::npos, "header row");
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
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
        Scenario::Options options;
        options.isIpv6 = m_isIpv6;
        Scenario scenario(options);
        const auto down = scenario.AddUdp(0, false, 8e6);
        const auto up = scenario.AddUdp(1, true, 4e6);
        Ptr<PacketSink> download;
        Ptr<PacketSink> upload;
        if (!m_isIpv6) // TCP connects only after IPv6 has made sure that addresses are unique
        {
            download = scenario.AddTcp(2, false, 500000);
            upload = scenario.AddTcp(2, true, 300000);
        }
        auto writer = scenario.m_helper.EnableTraces(CreateTempDirFilename("flows"));
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
            NS_TEST_EXPECT_MSG_EQ(flow.ueId, scenario.m_ues.Get(ue)->GetId(), "its UE");
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
    static void Probe(Scenario* scenario, Drop* drop)
    {
        IsacProblem problem;
        scenario->m_helper.GetLink()->GetChannelModel()->GetTrueProblem({0, 1, 2, 3},
                                                                        {0, 1, 2},
                                                                        {0},
                                                                        problem);
        Add(drop->channels, problem.h.data(), problem.h.size() * sizeof(problem.h(0)));
        Add(drop->channels, problem.a.data(), problem.a.size() * sizeof(problem.a(0)));
        Add(drop->channels, problem.omega.data(), problem.omega.size() * sizeof(double));
        for (const auto& nodes : {scenario->m_ues, scenario->m_targets})
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
        Scenario::Options options;
        options.policy = policy;
        options.areMoving = true;
        Scenario scenario(options);
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
            auto apps = source.Install(scenario.m_cpu);
            source.AssignStreams(scenario.m_cpu, 3000);
            apps.Get(0)->TraceConnectWithoutContext("Tx", MakeBoundCallback(&OnPacket, &drop));
            PacketSinkHelper sink("ns3::UdpSocketFactory",
                                  InetSocketAddress(Ipv4Address::GetAny(), 7));
            sinks.push_back(DynamicCast<PacketSink>(sink.Install(scenario.m_ues.Get(u)).Get(0)));
        }
        scenario.m_helper.GetLink()->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
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
 * @brief A UE out of range gets nothing and disturbs nobody.
 */
class OutOfRangeTestCase : public TestCase
{
  public:
    OutOfRangeTestCase()
        : TestCase("A UE out of range gets no data")
    {
    }

  private:
    void DoRun() override
    {
        Scenario::Options options;
        options.lastUeDistance = 50e3;
        Scenario scenario(options);
        auto near = scenario.AddUdp(0, false, 10e6);
        auto far = scenario.AddUdp(2, false, 10e6);
        auto farUp = scenario.AddUdp(2, true, 10e6);
        scenario.Run(Seconds(1));
        NS_TEST_ASSERT_MSG_EQ(far->GetTotalRx(), 0, "nothing came down to it");
        NS_TEST_ASSERT_MSG_EQ(farUp->GetTotalRx(), 0, "nothing came up from it");
        // 0.8 s of 10 Mb/s are 1000 packets of 1000 bytes; a few may still be on their way.
        NS_TEST_ASSERT_MSG_GT_OR_EQ(near->GetTotalRx(), 990000, "the others are served");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief Scenarios at the edge of what makes sense run, for every policy that this build has.
 */
class EdgeCaseTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param policy the policy
     */
    explicit EdgeCaseTestCase(const std::string& policy)
        : TestCase("Zero UEs, zero targets, one AP, one antenna under " + policy),
          m_policy(policy)
    {
    }

  private:
    void OnDwell(const CellFreeDwell& dwell)
    {
        m_nDwells += dwell.snr > 0;
    }

    void DoRun() override
    {
        struct Case
        {
            uint32_t nAps;
            uint32_t nUes;
            uint32_t nTargets;
            uint32_t nAntennas;
        };

        for (const auto& [nAps, nUes, nTargets, nAntennas] : {Case{4, 0, 1, 4},
                                                              Case{4, 3, 0, 4},
                                                              Case{1, 1, 1, 1},
                                                              Case{1, 3, 2, 1},
                                                              Case{2, 0, 0, 2}})
        {
            Scenario::Options options;
            options.nAps = nAps;
            options.nUes = nUes;
            options.nTargets = nTargets;
            options.nAntennas = nAntennas;
            options.policy = m_policy;
            Scenario scenario(options);
            m_nDwells = 0;
            scenario.m_helper.GetLink()->GetSensing()->TraceConnectWithoutContext(
                "Dwell",
                MakeCallback(&EdgeCaseTestCase::OnDwell, this));
            Ptr<PacketSink> sink;
            if (nUes > 0)
            {
                sink = scenario.AddUdp(0, false, 1e6);
            }
            scenario.Run(Seconds(0.3));
            if (sink && m_policy != "cb-sensing")
            {
                NS_TEST_ASSERT_MSG_GT(sink->GetTotalRx(), 10000, nAps << " APs serve the UE");
            }
            if (nTargets > 0 && (m_policy == "cb-sensing" || nUes > 0))
            {
                NS_TEST_ASSERT_MSG_GT(m_nDwells, 0, nAps << " APs see the target");
            }
        }
    }

    std::string m_policy;  //!< the policy
    uint32_t m_nDwells{0}; //!< dwells with an echo
};

/**
 * @ingroup cellfree-isac-test
 * @brief IPv6 with neighbour discovery, and UE to UE traffic through the CPU.
 */
class AddressingTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param isIpv6 IPv6 instead of IPv4
     */
    explicit AddressingTestCase(bool isIpv6)
        : TestCase(std::string(isIpv6 ? "IPv6" : "IPv4") +
                   ": down, up and between UEs, addresses resolved on the link"),
          m_isIpv6(isIpv6)
    {
    }

  private:
    void DoRun() override
    {
        Scenario::Options options;
        options.isIpv6 = m_isIpv6;
        Scenario scenario(options);
        auto down = scenario.AddUdp(0, false, 1e6);
        auto up = scenario.AddUdp(1, true, 1e6);
        auto across = scenario.AddUdp(scenario.m_ues.Get(0),
                                      scenario.m_ues.Get(2),
                                      scenario.GetAddress(3),
                                      1e6);
        scenario.Run(Seconds(1.0));
        // 100 packets of 1000 bytes each; IPv6 addresses are tentative for the first second at
        // most, so the first packets may be lost to duplicate address detection.
        for (auto [sink, name] : {std::pair{down, "down"}, {up, "up"}, {across, "UE to UE"}})
        {
            NS_TEST_ASSERT_MSG_GT_OR_EQ(sink->GetTotalRx(), 95000, name);
        }
    }

    bool m_isIpv6; //!< IPv6 instead of IPv4
};

/**
 * @ingroup cellfree-isac-test
 * @brief A full device queue stops the queue disc above it, and only the one of its UE.
 */
class FlowControlTestCase : public TestCase
{
  public:
    FlowControlTestCase()
        : TestCase("Queue discs hold what the device has no room for, per UE")
    {
    }

  private:
    void Drop(Ptr<const Packet> packet)
    {
        ++m_nDeviceDrops;
    }

    void DoRun() override
    {
        Scenario scenario({});
        for (uint32_t i = 0; i < scenario.m_devices.GetN(); ++i)
        {
            scenario.m_devices.Get(i)->TraceConnectWithoutContext(
                "MacTxDrop",
                MakeCallback(&FlowControlTestCase::Drop, this));
        }
        auto flooded = scenario.AddUdp(0, false, 400e6);
        auto light = scenario.AddUdp(1, false, 1e6);
        scenario.Run(Seconds(0.8));
        NS_TEST_ASSERT_MSG_EQ(m_nDeviceDrops, 0, "the device drops nothing");
        auto root = scenario.m_cpu->GetObject<TrafficControlLayer>()->GetRootQueueDiscOnDevice(
            scenario.m_devices.Get(0));
        NS_TEST_ASSERT_MSG_EQ((root != nullptr), true, "a queue disc was installed");
        NS_TEST_ASSERT_MSG_EQ(root->GetNQueueDiscClasses(), 3, "one child per UE");
        const auto stats = root->GetQueueDiscClass(0)->GetQueueDisc()->GetStats();
        NS_TEST_ASSERT_MSG_GT(stats.nTotalDroppedPackets, 0, "the queue disc drops instead");
        NS_TEST_ASSERT_MSG_GT(flooded->GetTotalRx(), 1000000, "the flooded UE is served");
        NS_TEST_ASSERT_MSG_GT_OR_EQ(light->GetTotalRx(), 84000, "the other UE is not held up");
    }

    uint32_t m_nDeviceDrops{0}; //!< packets that a device had no room for
};

/**
 * @ingroup cellfree-isac-test
 * @brief Beams that are applied late meet another channel: rates fall, and the trace says so.
 */
class DecisionDelayTestCase : public TestCase
{
  public:
    DecisionDelayTestCase()
        : TestCase("A decision delay beyond the coherence time costs SINR")
    {
    }

  private:
    void OnSample(const CellFreeUeSample& sample)
    {
        if (!sample.isUplink)
        {
            m_sinr += std::log2(1 + sample.sinr);
            m_isExact = m_isExact && std::abs(sample.sinr / sample.believedSinr - 1) < 1e-9;
            ++m_n;
        }
    }

    double MeanRate(uint32_t delay)
    {
        Scenario::Options options;
        options.decisionDelay = delay;
        Scenario scenario(options);
        m_sinr = 0;
        m_n = 0;
        m_isExact = true;
        scenario.m_helper.GetLink()->TraceConnectWithoutContext(
            "UeSample",
            MakeCallback(&DecisionDelayTestCase::OnSample, this));
        for (uint32_t u = 0; u < 3; ++u)
        {
            scenario.AddUdp(u, false, 20e6);
        }
        scenario.Run(Seconds(0.5));
        return m_sinr / std::max<uint32_t>(m_n, 1);
    }

    void DoRun() override
    {
        const double prompt = MeanRate(0);
        NS_TEST_ASSERT_MSG_EQ(m_isExact, true, "without delay the belief is the truth");
        // The default coherence time of 10 ms is 15 downlink slots of the default frame.
        const double late = MeanRate(30);
        NS_TEST_ASSERT_MSG_EQ(m_isExact, false, "with delay it is not");
        NS_TEST_ASSERT_MSG_LT(late, 0.7 * prompt, "interference is no longer cancelled");
    }

    double m_sinr{0};     //!< sum of log2(1 + SINR)
    uint32_t m_n{0};      //!< streams
    bool m_isExact{true}; //!< true SINR equals believed SINR
};

/**
 * @ingroup cellfree-isac-test
 * @brief The dwell's SNR bound, and detections as often as Pd says.
 */
class SensingTestCase : public TestCase
{
  public:
    SensingTestCase()
        : TestCase("Sensing alone reaches the SNR bound; detections match Pd")
    {
    }

  private:
    void OnDwell(const CellFreeDwell& dwell)
    {
        m_snr = dwell.snr;
        m_combinedSnr = dwell.combinedSnr;
        m_pd += dwell.pd;
        m_variance += dwell.pd * (1 - dwell.pd);
        m_nDetected += dwell.isDetected;
        ++m_nDwells;
    }

    void DoRun() override
    {
        Scenario::Options options;
        options.policy = "cb-sensing";
        options.nUes = 0;
        Scenario scenario(options);
        auto link = scenario.m_helper.GetLink();
        link->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeCallback(&SensingTestCase::OnDwell, this));
        IsacProblem problem;
        link->GetChannelModel()->GetTrueProblem({0, 1, 2, 3}, {}, {0}, problem);
        // Full matched power at every AP: SNR = sum_m P_m N omega_m / noise.
        const double bound =
            problem.power.dot(problem.omega.col(0)) * problem.nAntennas / problem.sensingNoise;
        scenario.Run(Seconds(20));
        NS_TEST_ASSERT_MSG_EQ(m_nDwells, 1999, "a dwell every 10 ms");
        NS_TEST_ASSERT_MSG_EQ_TOL(m_snr / bound, 1.0, 1e-9, "SNR bound");
        NS_TEST_ASSERT_MSG_EQ_TOL(m_combinedSnr / m_snr, 4 * 7000, 1e-6, "N_r L");
        // Five standard deviations: a wrong draw once in two million seeds.
        NS_TEST_ASSERT_MSG_GT(m_variance, 1.0, "Pd is neither 0 nor 1");
        NS_TEST_ASSERT_MSG_EQ_TOL(m_nDetected, m_pd, 5 * std::sqrt(m_variance), "detections");
    }

    double m_snr{0};         //!< of the latest dwell, per symbol
    double m_combinedSnr{0}; //!< of the latest dwell, after combining
    double m_pd{0};          //!< sum of Pd
    double m_variance{0};    //!< sum of Pd (1 - Pd)
    double m_nDetected{0};   //!< detections
    uint32_t m_nDwells{0};   //!< dwells
};

/**
 * @ingroup cellfree-isac-test
 * @brief All test cases of the system.
 */
class CellFreeIsacTestSuite : public TestSuite
{
  public:
    CellFreeIsacTestSuite()
        : TestSuite("cellfree-isac", TestSuite::Type::UNIT)
    {
        AddTestCase(new ErrorModelTestCase);
        AddTestCase(new LinkAdaptationTestCase);
        AddTestCase(new BearerTestCase(0.0));
        AddTestCase(new BearerTestCase(0.3));
        AddTestCase(new ConservationTestCase(true));
        AddTestCase(new ConservationTestCase(false));
        AddTestCase(new TcpTestCase);
        AddTestCase(new DeterminismTestCase);
        AddTestCase(new FlowTraceTestCase(false));
        AddTestCase(new FlowTraceTestCase(true));
        AddTestCase(new CommonRandomNumbersTestCase);
        AddTestCase(new OutOfRangeTestCase);
        for (const auto* policy :
             {"cb", "cb-sensing", "rzf", "ns-rzf", "split", "wmmse", "joint", "jsc", "gnn"})
        {
            AddTestCase(new EdgeCaseTestCase(policy));
        }
        AddTestCase(new AddressingTestCase(false));
        AddTestCase(new AddressingTestCase(true));
        AddTestCase(new FlowControlTestCase);
        AddTestCase(new DecisionDelayTestCase);
        AddTestCase(new SensingTestCase);
    }
};

/// The suite registers itself.
CellFreeIsacTestSuite g_cellFreeIsacTestSuite;

} // namespace
