// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/nstime.h"
#include "ns3/packet-sink.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace ns3
{

namespace
{

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
        CellFreeTestScenario::Options options;
        options.decisionDelay = delay;
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetFading("ns3::CellFreeRayleighFading",
                             "CoherenceTime",
                             TimeValue(MilliSeconds(10)));
        };
        CellFreeTestScenario scenario(options);
        m_sinr = 0;
        m_n = 0;
        m_isExact = true;
        scenario.cpu->TraceConnectWithoutContext(
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
        // The coherence time of 10 ms is 15 downlink slots of the default frame.
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
 * @brief Delayed beams illuminate the targets of the slot in which they take effect.
 */
class DelayedDwellTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param hasTraffic whether UEs are served at the same time
     */
    explicit DelayedDwellTestCase(bool hasTraffic)
        : TestCase(std::string("With a delay no slot of a dwell is lost, ") +
                   (hasTraffic ? "UEs served" : "sensing alone")),
          m_hasTraffic(hasTraffic)
    {
    }

  private:
    /// Checks whom a plan illuminates. @param decision it @param problem seen @param plan chosen
    void OnBeams(const CellFreeDecision& decision,
                 const IsacProblem& problem,
                 const CellFreeSlotPlan& plan)
    {
        // Dwells of 5 ms every 20 ms, slots of 0.5 ms.
        const bool isDwell = plan.slot % 40 < 10;
        NS_TEST_EXPECT_MSG_EQ(plan.aims.size(), isDwell, "targets of slot " << plan.slot);
        NS_TEST_EXPECT_MSG_EQ(decision.nTargets, plan.aims.size(), "and in the trace");
        m_nEmptyEffects += !isDwell;
    }

    /// Counts the slots of a dwell. @param dwell the dwell
    void OnDwell(const CellFreeDwell& dwell)
    {
        // Of the 10 slots of a dwell, 3 and 7 carry the uplink. The first dwell's first four
        // downlink slots were decided on before the simulation began.
        const uint32_t expected = dwell.start.IsZero() ? 4 : 8;
        NS_TEST_EXPECT_MSG_EQ(dwell.nSlots, expected, "slots of the dwell at " << dwell.start);
        ++m_nDwells;
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.decisionDelay = 4;
        options.hasInternet = false;
        options.policy = m_hasTraffic ? "split" : "cb-sensing";
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetSensingSchedule("ns3::CellFreePeriodicSensing",
                                      "DwellDuration",
                                      TimeValue(MilliSeconds(5)),
                                      "DwellInterval",
                                      TimeValue(MilliSeconds(20)));
        };
        CellFreeTestScenario scenario(options);
        scenario.cpu->TraceConnectWithoutContext(
            "Beams",
            MakeCallback(&DelayedDwellTestCase::OnBeams, this));
        scenario.cpu->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeCallback(&DelayedDwellTestCase::OnDwell, this));
        if (m_hasTraffic)
        {
            scenario.AddFrames(scenario.all.Get(0),
                               scenario.GetUeDevice(0),
                               Seconds(0),
                               Seconds(0.2),
                               MicroSeconds(200));
        }
        scenario.Run(MilliSeconds(205));
        NS_TEST_ASSERT_MSG_EQ(m_nDwells, 10, "every 20 ms; the one at 200 ms is not over");
        NS_TEST_ASSERT_MSG_EQ((m_nEmptyEffects > 100), m_hasTraffic, "slots between the dwells");
    }

    bool m_hasTraffic;           //!< whether UEs are served
    uint32_t m_nDwells{0};       //!< dwells that ended
    uint32_t m_nEmptyEffects{0}; //!< plans for slots outside dwells
};

/**
 * @ingroup cellfree-isac-test
 * @brief The delay may change during a run: the trace says what it was, and each slot radiates the
 * latest plan for it, once.
 */
class ChangingDelayTestCase : public TestCase
{
  public:
    ChangingDelayTestCase()
        : TestCase("A shorter delay shortens the queue, a longer one leaves slots empty")
    {
    }

  private:
    /// Keeps the plan for a slot. @param decision it @param problem seen @param plan chosen
    void OnBeams(const CellFreeDecision& decision,
                 const IsacProblem& problem,
                 const CellFreeSlotPlan& plan)
    {
        uint32_t between = 0;
        for (uint64_t slot = decision.slot; slot < plan.slot; ++slot)
        {
            between += slot % 4 != 3; // DDDU
        }
        NS_TEST_EXPECT_MSG_EQ(decision.delay, between, "delay of the decision in " << plan.slot);
        NS_TEST_EXPECT_MSG_EQ(decision.delay, m_delay, "delay that was set");
        m_decided[plan.slot] = decision.slot;
        m_believed[plan.slot] = plan.believedSinr;
    }

    /// Compares with the latest plan. @param sample a stream
    void OnSample(const CellFreeUeSample& sample)
    {
        if (sample.isUplink)
        {
            return;
        }
        const auto streams = ++m_radiated[sample.slot];
        NS_TEST_EXPECT_MSG_EQ(m_decided.count(sample.slot), 1, "a plan for slot " << sample.slot);
        NS_TEST_EXPECT_MSG_LT_OR_EQ(streams,
                                    m_believed[sample.slot].size(),
                                    "slot " << sample.slot << " radiates one plan");
        NS_TEST_EXPECT_MSG_EQ(sample.believedSinr,
                              m_believed[sample.slot](streams - 1),
                              "the latest plan for slot " << sample.slot);
        m_age[sample.slot] = sample.slot - m_decided[sample.slot];
    }

    /// Sets the delay. @param scenario the run @param delay downlink slots
    void SetDelay(CellFreeTestScenario* scenario, uint32_t delay)
    {
        m_delay = delay;
        scenario->cpu->SetAttribute("DecisionDelay", UintegerValue(delay));
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.decisionDelay = m_delay;
        options.hasInternet = false;
        CellFreeTestScenario scenario(options);
        scenario.cpu->TraceConnectWithoutContext(
            "Beams",
            MakeCallback(&ChangingDelayTestCase::OnBeams, this));
        scenario.cpu->TraceConnectWithoutContext(
            "UeSample",
            MakeCallback(&ChangingDelayTestCase::OnSample, this));
        for (uint32_t u = 0; u < 3; ++u)
        {
            scenario.AddFrames(scenario.all.Get(0),
                               scenario.GetUeDevice(u),
                               Seconds(0),
                               Seconds(0.3),
                               MicroSeconds(150));
        }
        // Slots 200 and 400: between events of those slots and the slots before.
        Simulator::Schedule(MicroSeconds(99900),
                            &ChangingDelayTestCase::SetDelay,
                            this,
                            &scenario,
                            1);
        Simulator::Schedule(MicroSeconds(199900),
                            &ChangingDelayTestCase::SetDelay,
                            this,
                            &scenario,
                            5);
        scenario.Run(MilliSeconds(300));
        for (const auto& [slot, age] : m_age)
        {
            // n downlink slots later, and the uplink slots that lie between.
            const uint64_t shortest = slot <= 200 ? 6 : slot < 400 ? 1 : 5;
            const uint64_t delay = slot == 400 ? 1 : shortest;
            NS_TEST_EXPECT_MSG_GT_OR_EQ(age, delay, "age of the beams in slot " << slot);
            NS_TEST_EXPECT_MSG_LT_OR_EQ(age, delay + (delay + 2) / 3, "age, slot " << slot);
        }
        // From slot 200 on beams are for the next downlink slot; those decided on before are gone.
        NS_TEST_ASSERT_MSG_EQ(m_age.count(200), 1, "slot 200 still has its old beams");
        NS_TEST_ASSERT_MSG_EQ(m_age.at(201), 1, "slot 201 has new ones");
        NS_TEST_ASSERT_MSG_EQ(m_age.count(401), 0, "nobody decided on slot 401");
        NS_TEST_ASSERT_MSG_EQ(m_age.count(406), 1, "slot 406 is five downlink slots after 400");
        NS_TEST_ASSERT_MSG_GT(m_age.size(), 300, "slots were used");
    }

    uint32_t m_delay{6};                            //!< present delay
    std::map<uint64_t, uint64_t> m_decided;         //!< slot of effect to slot of decision
    std::map<uint64_t, Eigen::VectorXd> m_believed; //!< slot of effect to believed SINR
    std::map<uint64_t, uint32_t> m_radiated;        //!< slot to streams
    std::map<uint64_t, uint64_t> m_age;             //!< slot to slots since the decision
};

/**
 * @ingroup cellfree-isac-test
 * @brief Nobody to serve, nothing to see, and a delay.
 */
class EmptyDelayTestCase : public TestCase
{
  public:
    EmptyDelayTestCase()
        : TestCase("Zero UEs and targets run with a delay")
    {
    }

  private:
    /// Counts dwells. @param dwell a dwell
    void OnDwell(const CellFreeDwell& dwell)
    {
        ++m_nDwells;
    }

    void DoRun() override
    {
        for (const uint32_t nTargets : {0, 1})
        {
            CellFreeTestScenario::Options options;
            options.nUes = 0;
            options.nTargets = nTargets;
            options.decisionDelay = 3;
            options.policy = "joint";
            CellFreeTestScenario scenario(options);
            m_nDwells = 0;
            scenario.cpu->GetSensing()->TraceConnectWithoutContext(
                "Dwell",
                MakeCallback(&EmptyDelayTestCase::OnDwell, this));
            scenario.Run(MilliSeconds(101));
            NS_TEST_ASSERT_MSG_EQ(m_nDwells, 10 * nTargets, "dwells of " << nTargets);
        }
    }

    uint32_t m_nDwells{0}; //!< dwells that ended
};

} // namespace

void
AddDelayTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new DecisionDelayTestCase);
    suite.AddTestCase(new DelayedDwellTestCase(false));
    suite.AddTestCase(new DelayedDwellTestCase(true));
    suite.AddTestCase(new ChangingDelayTestCase);
    suite.AddTestCase(new EmptyDelayTestCase);
}

} // namespace ns3
