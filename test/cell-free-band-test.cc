// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/double.h"
#include "ns3/isac-metrics.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <vector>

namespace ns3
{

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief Sub-bands of a flat channel change nothing, and share the power of every AP.
 */
class FlatBandsTestCase : public TestCase
{
  public:
    FlatBandsTestCase()
        : TestCase("Four sub-bands of a flat channel give the SINRs, blocks and echoes of one")
    {
    }

  private:
    /// What one run did.
    struct Record
    {
        std::vector<CellFreeUeSample> samples; //!< streams
        std::vector<CellFreeDwell> dwells;     //!< dwells
    };

    /// Keeps a stream. @param record where @param sample the stream
    static void Keep(Record* record, const CellFreeUeSample& sample)
    {
        record->samples.push_back(sample);
    }

    /// Keeps a dwell. @param record where @param dwell the dwell
    static void KeepDwell(Record* record, const CellFreeDwell& dwell)
    {
        record->dwells.push_back(dwell);
    }

    /// Checks the power of every AP. @param decision the decision @param problem unused @param plan
    /// the plan
    void CheckPower(const CellFreeDecision& decision,
                    const IsacProblem& /* problem */,
                    const CellFreeSlotPlan& plan)
    {
        NS_TEST_EXPECT_MSG_LT(decision.band, plan.beams.size(), "a band of the plan");
        for (std::size_t m = 0; m < plan.aps.size(); ++m)
        {
            double power = 0.0;
            for (const auto& beams : plan.beams)
            {
                power += cellfree::GetApPower(beams, m);
            }
            NS_TEST_EXPECT_MSG_LT(power, m_apPower * (1 + 1e-9), "all sub-bands together");
        }
        ++m_nDecisions;
    }

    /// Runs a network. @param nBands sub-bands @return what it did
    Record RunWith(uint32_t nBands)
    {
        Record record;
        CellFreeTestScenario::Options options;
        options.policy = "joint";
        options.configure = [nBands](CellFreeIsacHelper& helper) {
            helper.SetChannelAttribute("Subbands", UintegerValue(nBands));
            helper.SetApAttribute("TxPower", DoubleValue(0.0));
        };
        CellFreeTestScenario scenario(options);
        m_apPower = scenario.channel->GetApPower(0);
        scenario.cpu->TraceConnectWithoutContext(
            "UeSample",
            MakeBoundCallback(&FlatBandsTestCase::Keep, &record));
        scenario.cpu->TraceConnectWithoutContext(
            "Beams",
            MakeCallback(&FlatBandsTestCase::CheckPower, this));
        scenario.cpu->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeBoundCallback(&FlatBandsTestCase::KeepDwell, &record));
        for (uint32_t u = 0; u < 3; ++u)
        {
            scenario.AddUdp(u, false, 20e6);
            scenario.AddUdp(u, true, 4e6);
        }
        scenario.Run(Seconds(0.2));
        return record;
    }

    void DoRun() override
    {
        const auto one = RunWith(1);
        const auto nDecisions = m_nDecisions;
        const auto four = RunWith(4);
        NS_TEST_ASSERT_MSG_GT(one.samples.size(), 300, "there is traffic");
        NS_TEST_ASSERT_MSG_EQ(m_nDecisions, 5 * nDecisions, "beams of every sub-band are traced");
        NS_TEST_ASSERT_MSG_EQ(four.samples.size(), one.samples.size(), "the same streams");
        for (std::size_t i = 0; i < one.samples.size(); ++i)
        {
            NS_TEST_ASSERT_MSG_EQ_TOL(four.samples[i].sinr / one.samples[i].sinr, 1.0, 1e-9, i);
            NS_TEST_ASSERT_MSG_EQ(four.samples[i].mcs, one.samples[i].mcs, i);
            NS_TEST_ASSERT_MSG_EQ(four.samples[i].isDecoded, one.samples[i].isDecoded, i);
        }
        NS_TEST_ASSERT_MSG_EQ(four.dwells.size(), one.dwells.size(), "the same dwells");
        for (std::size_t i = 0; i < one.dwells.size(); ++i)
        {
            NS_TEST_ASSERT_MSG_EQ_TOL(four.dwells[i].combinedSnr,
                                      one.dwells[i].combinedSnr,
                                      1e-9 * one.dwells[i].combinedSnr,
                                      "echoes of all sub-bands add");
        }
    }

    double m_apPower{0.0};    //!< power limit of every AP (W)
    uint32_t m_nDecisions{0}; //!< calls of Beams
};

} // namespace

void
AddBandTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new FlatBandsTestCase);
}

} // namespace ns3
