// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/config.h"
#include "ns3/packet-sink.h"
#include "ns3/queue-disc.h"
#include "ns3/simulator.h"
#include "ns3/traffic-control-layer.h"
#include "ns3/uinteger.h"

#include <map>
#include <utility>
#include <vector>

namespace ns3
{

namespace
{

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
        CellFreeTestScenario::Options options;
        options.hasQueueDiscs = m_hasQueueDiscs;
        // So that packets are lost on the air, too.
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetMacAttribute("MaxTransmissions", UintegerValue(1));
        };
        options.policy = "cb";
        CellFreeTestScenario scenario(options);
        std::vector<Count> counts(scenario.all.GetN());
        for (uint32_t i = 0; i < counts.size(); ++i)
        {
            auto device = scenario.all.Get(i);
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

        const auto mac = scenario.mac;
        CellFreeBearer::Counters down;
        CellFreeBearer::Counters up;
        for (uint32_t u = 0; u < 3; ++u)
        {
            for (bool isUplink : {false, true})
            {
                const auto& c = mac->GetCounters(u, isUplink);
                NS_TEST_ASSERT_MSG_EQ(c.enqueuedBytes,
                                      c.deliveredBytes + c.droppedBytes + c.pendingBytes,
                                      "conservation in the bearer of UE " << u);
                NS_TEST_ASSERT_MSG_GT(c.deliveredBytes, 0, "UE " << u << " got something");
                auto& sum = isUplink ? up : down;
                sum.deliveredBytes += c.deliveredBytes;
                sum.droppedBytes += c.droppedBytes;
                sum.pendingBytes += c.pendingBytes;
            }
            const auto& c = mac->GetCounters(u, true);
            NS_TEST_ASSERT_MSG_EQ(counts[u + 1].tx,
                                  c.enqueuedBytes,
                                  "what UE " << u << " sent entered its bearer");
            NS_TEST_ASSERT_MSG_EQ(counts[u + 1].drop, c.droppedBytes, "drops were traced");
            NS_TEST_ASSERT_MSG_EQ(counts[u + 1].rx,
                                  mac->GetCounters(u, false).deliveredBytes,
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
        CellFreeTestScenario scenario({});
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
        CellFreeTestScenario::Options options;
        options.lastUeDistance = 50e3;
        CellFreeTestScenario scenario(options);
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
            CellFreeTestScenario::Options options;
            options.nAps = nAps;
            options.nUes = nUes;
            options.nTargets = nTargets;
            options.nAntennas = nAntennas;
            options.policy = m_policy;
            CellFreeTestScenario scenario(options);
            m_nDwells = 0;
            scenario.cpu->GetSensing()->TraceConnectWithoutContext(
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
        CellFreeTestScenario::Options options;
        options.isIpv6 = m_isIpv6;
        CellFreeTestScenario scenario(options);
        auto down = scenario.AddUdp(0, false, 1e6);
        auto up = scenario.AddUdp(1, true, 1e6);
        auto across =
            scenario.AddUdp(scenario.ues.Get(0), scenario.ues.Get(2), scenario.GetAddress(3), 1e6);
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
        CellFreeTestScenario scenario({});
        for (uint32_t i = 0; i < scenario.all.GetN(); ++i)
        {
            scenario.all.Get(i)->TraceConnectWithoutContext(
                "MacTxDrop",
                MakeCallback(&FlowControlTestCase::Drop, this));
        }
        auto flooded = scenario.AddUdp(0, false, 400e6);
        auto light = scenario.AddUdp(1, false, 1e6);
        scenario.Run(Seconds(0.8));
        NS_TEST_ASSERT_MSG_EQ(m_nDeviceDrops, 0, "the device drops nothing");
        auto root = scenario.node->GetObject<TrafficControlLayer>()->GetRootQueueDiscOnDevice(
            scenario.all.Get(0));
        NS_TEST_ASSERT_MSG_EQ((root != nullptr), true, "a queue disc was installed");
        NS_TEST_ASSERT_MSG_EQ(root->GetNQueueDiscClasses(), 4, "one child per UE, one for others");
        const auto stats = root->GetQueueDiscClass(0)->GetQueueDisc()->GetStats();
        NS_TEST_ASSERT_MSG_GT(stats.nTotalDroppedPackets, 0, "the queue disc drops instead");
        NS_TEST_ASSERT_MSG_GT(flooded->GetTotalRx(), 1000000, "the flooded UE is served");
        NS_TEST_ASSERT_MSG_GT_OR_EQ(light->GetTotalRx(), 84000, "the other UE is not held up");
    }

    uint32_t m_nDeviceDrops{0}; //!< packets that a device had no room for
};

/**
 * @ingroup cellfree-isac-test
 * @brief A device may get another address at any time; a destination nobody has says so.
 */
class SetAddressTestCase : public TestCase
{
  public:
    SetAddressTestCase()
        : TestCase("A new hardware address is reached at once, an unknown one is a reason to drop")
    {
    }

  private:
    /// Counts what arrives. @param packet a packet
    void Receive(Ptr<const Packet> packet)
    {
        ++m_nReceived;
    }

    /// Counts drops by reason. @param packet a packet @param reason why
    void Drop(Ptr<const Packet> packet, CellFreeBearer::DropReason reason)
    {
        ++m_nDrops[reason];
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        CellFreeTestScenario scenario(options);
        const auto cpu = scenario.all.Get(0);
        const auto ue = scenario.GetUeDevice(1);
        ue->TraceConnectWithoutContext("MacRx", MakeCallback(&SetAddressTestCase::Receive, this));
        cpu->TraceConnectWithoutContext("Drop", MakeCallback(&SetAddressTestCase::Drop, this));
        const auto old = ue->GetAddress();
        const Address fresh = Mac48Address("02:00:00:00:12:34");
        const auto send = [&cpu](Address to) {
            for (int i = 0; i < 10; ++i)
            {
                cpu->Send(Create<Packet>(500), to, 0x1234);
            }
        };
        Simulator::Schedule(MilliSeconds(10), [&]() { send(old); });
        Simulator::Schedule(MilliSeconds(50), [&]() {
            NS_TEST_EXPECT_MSG_EQ(m_nReceived, 10, "the first address");
            ue->SetAddress(fresh);
            send(fresh);
        });
        Simulator::Schedule(MilliSeconds(100), [&]() {
            NS_TEST_EXPECT_MSG_EQ(m_nReceived, 20, "the new address");
            NS_TEST_EXPECT_MSG_EQ(m_nDrops.size(), 0, "nothing was dropped so far");
            send(old);
            // Another UE takes the address that became free.
            scenario.GetUeDevice(2)->SetAddress(old);
            send(fresh);
        });
        scenario.Run(MilliSeconds(200));
        NS_TEST_ASSERT_MSG_EQ(m_nReceived, 30, "still reached at the new address");
        NS_TEST_ASSERT_MSG_EQ(m_nDrops[CellFreeBearer::NO_DESTINATION], 10, "nobody had the old");
        NS_TEST_ASSERT_MSG_EQ(m_nDrops.size(), 1, "and no other reason");
    }

    uint32_t m_nReceived{0};                                 //!< frames that the UE got
    std::map<CellFreeBearer::DropReason, uint32_t> m_nDrops; //!< of the CPU's device
};

} // namespace

void
AddNetworkTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new ConservationTestCase(true));
    suite.AddTestCase(new ConservationTestCase(false));
    suite.AddTestCase(new TcpTestCase);
    suite.AddTestCase(new OutOfRangeTestCase);
    for (const auto* policy :
         {"cb", "cb-sensing", "rzf", "ns-rzf", "split", "wmmse", "joint", "jsc", "gnn"})
    {
        suite.AddTestCase(new EdgeCaseTestCase(policy));
    }
    suite.AddTestCase(new AddressingTestCase(false));
    suite.AddTestCase(new AddressingTestCase(true));
    suite.AddTestCase(new FlowControlTestCase);
    suite.AddTestCase(new SetAddressTestCase);
}

} // namespace ns3
