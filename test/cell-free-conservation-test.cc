// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

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
        options.configure = [this](CellFreeIsacHelper& helper) { Configure(helper); };
        CellFreeTestScenario scenario(options);
        const Time end = MilliSeconds(30);
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

        std::ostringstream name;
        name << "configuration " << number << ": ";
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
                                      name.str() << "UE " << u << (isUplink ? " up" : " down"));
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
        NS_TEST_EXPECT_MSG_EQ(delivered[0], ues.handed, name.str() << "handed up at UEs");
        NS_TEST_EXPECT_MSG_EQ(delivered[1], totals[cpu].handed, name.str() << "at the CPU");
        if (!isLeaving) // frames for or of a UE that left are not on its bearers' account
        {
            NS_TEST_EXPECT_MSG_EQ(offered[0],
                                  totals[cpu].offered,
                                  name.str() << "offered by the CPU");
            NS_TEST_EXPECT_MSG_EQ(offered[1], ues.offered, name.str() << "offered by UEs");
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
    }

    Ptr<UniformRandomVariable> m_random; //!< draws the configurations
    uint64_t m_delivered[2]{};           //!< bytes delivered over all configurations, down and up
    uint64_t m_dropped[2]{};             //!< bytes dropped
    uint64_t m_pending[2]{};             //!< bytes queued at the end
};

} // namespace

void
AddConservationTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new ConservationTestCase);
}

} // namespace ns3
