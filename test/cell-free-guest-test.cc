// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/double.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <map>
#include <sstream>

namespace ns3
{

namespace
{

/// Adds the size of a packet. @param sum to this @param packet the packet
void
AddSize(uint64_t* sum, Ptr<const Packet> packet)
{
    *sum += packet->GetSize();
}

/**
 * @ingroup cellfree-isac-test
 * @brief A UE and a target that come while the simulation runs work like any other.
 */
class JoinTestCase : public TestCase
{
  public:
    JoinTestCase()
        : TestCase("A UE and a target that join at 0.3 s are served and seen")
    {
    }

  private:
    /// Counts dwells by target. @param dwell the dwell
    void OnDwell(const CellFreeDwell& dwell)
    {
        NS_TEST_EXPECT_MSG_EQ(dwell.nSlots, 15, "downlink slots of 10 ms");
        if (dwell.targetId == m_targetId)
        {
            NS_TEST_EXPECT_MSG_GT_OR_EQ(dwell.start, Seconds(0.3), "not before it came");
            NS_TEST_EXPECT_MSG_GT(dwell.snr, 0.0, "it is illuminated");
            ++m_nDwells;
        }
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.policy = "joint";
        CellFreeTestScenario scenario(options);
        const auto ue = CreateObject<Node>();
        const auto target = CreateObject<Node>();
        CellFreeTestScenario::Place(ue, Vector(80, 50, 1.5));
        CellFreeTestScenario::Place(target, Vector(60, 20, 40));
        m_targetId = target->GetId();
        InternetStackHelper internet;
        internet.Install(ue);
        internet.AssignStreams(NodeContainer(ue), 5000);
        scenario.cpu->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeCallback(&JoinTestCase::OnDwell, this));
        const auto before = scenario.AddUdp(0, false, 4e6);
        Ptr<PacketSink> down;
        Ptr<PacketSink> up;
        Ptr<PacketSink> across;
        Simulator::Schedule(Seconds(0.3), [&]() {
            const auto devices = scenario.helper.InstallUes(NodeContainer(ue));
            scenario.helper.InstallTargets(NodeContainer(target));
            const auto addresses = scenario.addressHelper.Assign(devices);
            down = scenario.AddUdp(scenario.node, ue, addresses.GetAddress(0), 4e6);
            up = scenario.AddUdp(ue, scenario.node, scenario.GetAddress(0), 2e6);
            across = scenario.AddUdp(ue, scenario.ues.Get(1), scenario.GetAddress(2), 1e6);
        });
        scenario.Run(Seconds(1.5));
        // 0.8 s at these rates; everything arrives, for the links are good.
        NS_TEST_ASSERT_MSG_EQ(before->GetTotalRx(), 400000, "the others");
        NS_TEST_ASSERT_MSG_EQ(down->GetTotalRx(), 400000, "down to the new UE");
        NS_TEST_ASSERT_MSG_EQ(up->GetTotalRx(), 200000, "up from it");
        NS_TEST_ASSERT_MSG_EQ(across->GetTotalRx(), 100000, "from it to another UE");
        NS_TEST_ASSERT_MSG_EQ(m_nDwells, 119, "a dwell every 10 ms from 0.3 s on");
    }

    uint32_t m_targetId{0}; //!< node id of the target that comes
    uint32_t m_nDwells{0};  //!< dwells on it
};

/**
 * @ingroup cellfree-isac-test
 * @brief A UE with packets under way may leave: no byte is lost track of, and it may come back.
 */
class LeaveTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param delay decision delay (downlink slots)
     */
    explicit LeaveTestCase(uint32_t delay)
        : TestCase("A UE leaves with packets pending and comes back, delay " +
                   std::to_string(delay)),
          m_delay(delay)
    {
    }

  private:
    /// Adds the size of a packet by reason. @param sum sums @param packet it @param reason why
    static void AddDrop(std::map<CellFreeBearer::DropReason, uint64_t>* sum,
                        Ptr<const Packet> packet,
                        CellFreeBearer::DropReason reason)
    {
        (*sum)[reason] += packet->GetSize();
    }

    /// Notes who is sent to. @param sample a stream
    void OnSample(const CellFreeUeSample& sample)
    {
        m_last[sample.ueId] = sample.time;
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        options.decisionDelay = m_delay;
        // Weak enough for queues to build up and for blocks to fail.
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetLinkAttribute("MaxStreams", UintegerValue(1));
            helper.SetLinkAdaptation("ns3::CellFreeOuterLoopAdaptation",
                                     "TargetBler",
                                     DoubleValue(0.4));
        };
        CellFreeTestScenario scenario(options);
        const auto cpu = scenario.all.Get(0);
        const auto leaving = scenario.GetUeDevice(1);
        std::map<CellFreeBearer::DropReason, uint64_t> cpuDrops;
        std::map<CellFreeBearer::DropReason, uint64_t> ueDrops;
        uint64_t received = 0;
        uint64_t receivedBack = 0;
        uint64_t othersReceived = 0;
        cpu->TraceConnectWithoutContext("Drop", MakeBoundCallback(&AddDrop, &cpuDrops));
        leaving->TraceConnectWithoutContext("Drop", MakeBoundCallback(&AddDrop, &ueDrops));
        leaving->TraceConnectWithoutContext("MacRx", MakeBoundCallback(&AddSize, &received));
        for (uint32_t u : {0, 2})
        {
            scenario.GetUeDevice(u)->TraceConnectWithoutContext(
                "MacRx",
                MakeBoundCallback(&AddSize, &othersReceived));
            scenario.AddFrames(cpu,
                               scenario.GetUeDevice(u),
                               Seconds(0),
                               Seconds(0.9),
                               MicroSeconds(900));
        }
        scenario.cpu->TraceConnectWithoutContext("UeSample",
                                                 MakeCallback(&LeaveTestCase::OnSample, this));
        const auto step = MicroSeconds(100);
        scenario.AddFrames(cpu, leaving, Seconds(0.1), Seconds(0.55), step);
        scenario.AddFrames(leaving, cpu, Seconds(0.1), Seconds(0.55), step);
        CellFreeBearer::Counters pending[2];
        // In the middle of a slot, with a block on the air.
        Simulator::Schedule(MicroSeconds(500100), [&]() {
            pending[0] = scenario.mac->GetCounters(1, false);
            pending[1] = scenario.mac->GetCounters(1, true);
            scenario.helper.RemoveUes(NodeContainer(scenario.ues.Get(1)));
        });
        NetDeviceContainer back;
        Simulator::Schedule(MilliSeconds(600), [&]() {
            back = scenario.helper.InstallUes(NodeContainer(scenario.ues.Get(1)));
            back.Get(0)->TraceConnectWithoutContext("MacRx",
                                                    MakeBoundCallback(&AddSize, &receivedBack));
            scenario.AddFrames(cpu, back.Get(0), Seconds(0.7), Seconds(0.8), MilliSeconds(1));
        });
        scenario.Run(Seconds(1.2));

        for (const bool isUplink : {false, true})
        {
            const auto& c = scenario.mac->GetCounters(1, isUplink);
            NS_TEST_ASSERT_MSG_GT(pending[isUplink].pendingBytes, 0, "packets were pending");
            NS_TEST_ASSERT_MSG_EQ(c.pendingBytes, 0, "none is left");
            NS_TEST_ASSERT_MSG_EQ(c.enqueuedBytes, c.deliveredBytes + c.droppedBytes, "all bytes");
            NS_TEST_ASSERT_MSG_EQ(c.deliveredBytes,
                                  pending[isUplink].deliveredBytes,
                                  "nothing came through afterwards");
        }
        NS_TEST_ASSERT_MSG_EQ(cpuDrops[CellFreeBearer::UE_LEFT],
                              pending[0].pendingBytes,
                              "what waited at the CPU was dropped as UE_LEFT");
        // 0.0499 s more of 1000 bytes every 0.1 ms, by a UE that has left.
        NS_TEST_ASSERT_MSG_EQ(ueDrops[CellFreeBearer::UE_LEFT],
                              pending[1].pendingBytes + 499 * 1000,
                              "what waited at the UE, and what it sent later");
        NS_TEST_ASSERT_MSG_EQ(cpuDrops[CellFreeBearer::NO_DESTINATION],
                              499 * 1000,
                              "nobody has the address any more");
        NS_TEST_ASSERT_MSG_EQ(received, pending[0].deliveredBytes, "what the UE got");
        NS_TEST_ASSERT_MSG_EQ(othersReceived, 2 * 1000 * 1000, "the others got everything");
        NS_TEST_ASSERT_MSG_EQ(receivedBack, 100 * 1000, "and it gets everything again");
        NS_TEST_ASSERT_MSG_EQ(scenario.mac->HasUe(1), false, "an index is not used again");
        NS_TEST_ASSERT_MSG_EQ(scenario.mac->GetUes().size(), 3, "UEs that are there");
        NS_TEST_ASSERT_MSG_EQ(leaving->IsLinkUp(), false, "its old device is off the link");
    }

    uint32_t m_delay;                //!< decision delay
    std::map<uint32_t, Time> m_last; //!< latest slot by node id
};

/**
 * @ingroup cellfree-isac-test
 * @brief A UE that is there or leaves without traffic changes nothing for the others.
 */
class UndisturbedTestCase : public TestCase
{
  public:
    UndisturbedTestCase()
        : TestCase("A UE that leaves disturbs nobody, to the bit")
    {
    }

  private:
    /// Notes a stream of the others. @param notes gets it @param sample the stream
    static void OnSample(std::ostringstream* notes, const CellFreeUeSample& sample)
    {
        *notes << sample.slot << ' ' << sample.isUplink << ' ' << sample.ueId << ' ' << sample.sinr
               << ' ' << sample.mcs << ' ' << sample.transmission << ' ' << sample.isDecoded << ' '
               << sample.queuedBytes << '\n';
    }

    /// Notes dwells. @param notes gets it @param dwell the dwell
    static void OnDwell(std::ostringstream* notes, const CellFreeDwell& dwell)
    {
        *notes << dwell.start << ' ' << dwell.targetId << ' ' << dwell.snr << ' ' << dwell.pd << ' '
               << dwell.isDetected << '\n';
    }

    /// Runs a scenario. @param isLeaving whether UE 1 leaves and another one comes @return notes
    static std::string Meet(bool isLeaving)
    {
        std::ostringstream notes;
        notes.precision(17);
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        options.areMoving = true;
        options.policy = "joint";
        CellFreeTestScenario scenario(options);
        const auto guest = CreateObject<Node>();
        CellFreeTestScenario::Place(guest, Vector(70, 70, 1.5));
        scenario.cpu->TraceConnectWithoutContext("UeSample", MakeBoundCallback(&OnSample, &notes));
        scenario.cpu->GetSensing()->TraceConnectWithoutContext("Dwell",
                                                               MakeBoundCallback(&OnDwell, &notes));
        const auto step = MicroSeconds(400);
        for (uint32_t u : {0, 2})
        {
            const auto cpu = scenario.all.Get(0);
            const auto device = scenario.GetUeDevice(u);
            scenario.AddFrames(cpu, device, Seconds(0), Seconds(0.4), step);
            scenario.AddFrames(device, cpu, Seconds(0), Seconds(0.4), 3 * step);
        }
        if (isLeaving)
        {
            Simulator::Schedule(MilliSeconds(100), [&]() {
                scenario.helper.RemoveUes(NodeContainer(scenario.ues.Get(1)));
            });
            Simulator::Schedule(MilliSeconds(150),
                                [&]() { scenario.helper.InstallUes(NodeContainer(guest)); });
        }
        scenario.Run(Seconds(0.4));
        return notes.str();
    }

    void DoRun() override
    {
        const auto staying = Meet(false);
        NS_TEST_ASSERT_MSG_GT(staying.size(), 50000, "something was noted");
        NS_TEST_ASSERT_MSG_EQ((Meet(true) == staying), true, "the others' streams and dwells");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief A target may leave during a dwell, with beams for it on their way.
 */
class TargetLeavesTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param delay decision delay (downlink slots)
     */
    explicit TargetLeavesTestCase(uint32_t delay)
        : TestCase("A target leaves during a dwell, delay " + std::to_string(delay)),
          m_delay(delay)
    {
    }

  private:
    /// Counts dwells by target. @param dwell the dwell
    void OnDwell(const CellFreeDwell& dwell)
    {
        ++m_nDwells[dwell.targetId];
        // The first dwell's first slots were decided on before the simulation began.
        const uint32_t lost = dwell.start.IsZero() ? m_delay : 0;
        NS_TEST_EXPECT_MSG_EQ(dwell.nSlots, 15 - lost, "dwell at " << dwell.start);
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        options.nTargets = 2;
        options.decisionDelay = m_delay;
        options.policy = "cb-sensing";
        CellFreeTestScenario scenario(options);
        scenario.cpu->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeCallback(&TargetLeavesTestCase::OnDwell, this));
        const NodeContainer leaving(scenario.targets.Get(0));
        Simulator::Schedule(MicroSeconds(104600),
                            [&]() { scenario.helper.RemoveTargets(leaving); });
        Simulator::Schedule(MicroSeconds(203100),
                            [&]() { scenario.helper.InstallTargets(leaving); });
        scenario.Run(MilliSeconds(301));
        NS_TEST_ASSERT_MSG_EQ(m_nDwells[scenario.targets.Get(1)->GetId()], 30, "the other one");
        // Ten before it left, nothing of the eleventh; from 210 ms on again.
        NS_TEST_ASSERT_MSG_EQ(m_nDwells[leaving.Get(0)->GetId()], 10 + 9, "the one that left");
    }

    uint32_t m_delay;                       //!< decision delay
    std::map<uint32_t, uint32_t> m_nDwells; //!< dwells by node id
};

} // namespace

void
AddGuestTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new JoinTestCase);
    suite.AddTestCase(new LeaveTestCase(0));
    suite.AddTestCase(new LeaveTestCase(4));
    suite.AddTestCase(new UndisturbedTestCase);
    suite.AddTestCase(new TargetLeavesTestCase(0));
    suite.AddTestCase(new TargetLeavesTestCase(5));
}

} // namespace ns3
