// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/cell-free-csi.h"
#include "ns3/cell-free-mcs.h"
#include "ns3/double.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <map>
#include <random>
#include <set>
#include <vector>

namespace ns3
{

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief A CPU that takes every channel to be weaker than it is, by one factor.
 */
class ScaledCsi : public CellFreePerfectCsi
{
  public:
    /// @return the object TypeId
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::CellFreeTestScaledCsi")
                                .SetParent<CellFreePerfectCsi>()
                                .SetGroupName("CellFreeIsacTest")
                                .AddConstructor<ScaledCsi>()
                                .AddAttribute("Amplitude",
                                              "What amplitudes are multiplied by (0 to 1).",
                                              DoubleValue(0.5),
                                              MakeDoubleAccessor(&ScaledCsi::m_amplitude),
                                              MakeDoubleChecker<double>(0.0, 1.0));
        return tid;
    }

    void GetProblem(const std::vector<uint32_t>& aps,
                    const std::vector<uint32_t>& ues,
                    const std::vector<uint32_t>& targets,
                    IsacProblem& problem,
                    uint32_t band) override
    {
        CellFreePerfectCsi::GetProblem(aps, ues, targets, problem, band);
        problem.h *= m_amplitude;
    }

    double GetDownlinkSnr(const std::vector<uint32_t>& aps, uint32_t ue) override
    {
        return m_amplitude * m_amplitude * CellFreePerfectCsi::GetDownlinkSnr(aps, ue);
    }

    double GetUplinkSnr(const std::vector<uint32_t>& aps, uint32_t ue, double txPower) override
    {
        return m_amplitude * m_amplitude * CellFreePerfectCsi::GetUplinkSnr(aps, ue, txPower);
    }

  private:
    double m_amplitude{0.5}; //!< factor
};

NS_OBJECT_ENSURE_REGISTERED(ScaledCsi);

/**
 * @ingroup cellfree-isac-test
 * @brief Uplink MCS and candidates follow what the CPU believes, the SINR met what is true.
 */
class BeliefTestCase : public TestCase
{
  public:
    BeliefTestCase()
        : TestCase("Candidates, MCS and believed SINR ask the belief, the SINR met the truth")
    {
    }

  private:
    /// Keeps a stream. @param sample the stream
    void OnSample(const CellFreeUeSample& sample)
    {
        m_samples.push_back(sample);
    }

    /**
     * @brief Runs one UE in one direction.
     * @param amplitude factor of the belief
     * @param isUplink the direction
     * @return its streams
     */
    std::vector<CellFreeUeSample> Run(double amplitude, bool isUplink)
    {
        CellFreeTestScenario::Options options;
        options.hasInternet = false;
        options.nUes = 1;
        options.nTargets = 0;
        options.policy = "cb";
        options.configure = [amplitude](CellFreeIsacHelper& helper) {
            helper.SetCsi("ns3::CellFreeTestScaledCsi", "Amplitude", DoubleValue(amplitude));
            // Without its outer loop, the MCS is a function of the belief.
            helper.SetLinkAdaptation("ns3::CellFreeOuterLoopAdaptation",
                                     "OuterLoopStep",
                                     DoubleValue(0.0));
            helper.SetUeAttribute("TxPower", DoubleValue(0.0));
            helper.SetApAttribute("TxPower", DoubleValue(0.0));
        };
        CellFreeTestScenario scenario(options);
        m_samples.clear();
        scenario.cpu->TraceConnectWithoutContext("UeSample",
                                                 MakeCallback(&BeliefTestCase::OnSample, this));
        const Ptr<NetDevice> device = scenario.GetUeDevice(0);
        scenario.AddFrames(isUplink ? device : scenario.all.Get(0),
                           isUplink ? scenario.all.Get(0) : device,
                           Seconds(0),
                           Seconds(0.1),
                           MicroSeconds(100));
        scenario.Run(Seconds(0.1));
        return m_samples;
    }

    void DoRun() override
    {
        const double e2 = 0.035 * 0.035 + 0.01 * 0.01;
        for (const bool isUplink : {true, false})
        {
            const auto honest = Run(1.0, isUplink);
            const auto modest = Run(0.5, isUplink);
            NS_TEST_ASSERT_MSG_GT(honest.size(), 40, "slots were used");
            NS_TEST_ASSERT_MSG_EQ(modest.size(), honest.size(), "the same slots");
            for (std::size_t i = 0; i < honest.size(); ++i)
            {
                NS_TEST_ASSERT_MSG_EQ(honest[i].slot, modest[i].slot, "the same slots");
                NS_TEST_ASSERT_MSG_EQ_TOL(honest[i].believedSinr / honest[i].sinr,
                                          1.0,
                                          1e-12,
                                          "perfect knowledge");
                NS_TEST_ASSERT_MSG_EQ_TOL(modest[i].sinr / honest[i].sinr, 1.0, 1e-12, "the air");
                // Alone, SINR = |h|^2 p / noise before the impairments.
                const double sinr = honest[i].sinr / (1 - honest[i].sinr * e2);
                const double quarter = 1 / (4 / sinr + e2);
                NS_TEST_ASSERT_MSG_EQ_TOL(modest[i].believedSinr / quarter, 1.0, 1e-9, "belief");
                if (honest[i].transmission == 1 && modest[i].transmission == 1)
                {
                    NS_TEST_ASSERT_MSG_LT(modest[i].mcs, honest[i].mcs, "a lower MCS");
                }
            }
            NS_TEST_ASSERT_MSG_EQ(Run(1e-6, isUplink).size(), 0, "believed hopeless, not served");
        }
    }

    std::vector<CellFreeUeSample> m_samples; //!< streams
};

/**
 * @ingroup cellfree-isac-test
 * @brief What a UE does not need of its layer goes to the next.
 */
class UplinkShareTestCase : public TestCase
{
  public:
    UplinkShareTestCase()
        : TestCase("A UE with acknowledgements only leaves the uplink slot to the next")
    {
    }

  private:
    /// Keeps what a slot carried. @param sample a stream
    void OnSample(const CellFreeUeSample& sample)
    {
        if (sample.isUplink)
        {
            m_slots[sample.slot][sample.ueId] = sample;
        }
    }

    /// Sends an acknowledgement and calls itself again.
    static void Acknowledge(Ptr<NetDevice> from, Ptr<NetDevice> to)
    {
        from->Send(Create<Packet>(52), to->GetAddress(), 0x1234);
        Simulator::Schedule(MilliSeconds(2), &Acknowledge, from, to);
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.nUes = 2;
        options.hasInternet = false;
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetLinkAttribute("MaxUplinkStreams", UintegerValue(1));
        };
        CellFreeTestScenario scenario(options);
        scenario.cpu->TraceConnectWithoutContext(
            "UeSample",
            MakeCallback(&UplinkShareTestCase::OnSample, this));
        const auto cpu = scenario.all.Get(0);
        scenario.AddFrames(scenario.GetUeDevice(1),
                           cpu,
                           Seconds(0),
                           Seconds(0.3),
                           MicroSeconds(70));
        Simulator::Schedule(MicroSeconds(100),
                            &UplinkShareTestCase::Acknowledge,
                            scenario.GetUeDevice(0),
                            cpu);
        scenario.Run(Seconds(0.3));
        const auto small = scenario.ues.Get(0)->GetId();
        const auto large = scenario.ues.Get(1)->GetId();
        const auto errors = scenario.link->GetErrorModel();
        uint32_t nShared = 0;
        for (const auto& [slot, streams] : m_slots)
        {
            if (streams.size() < 2 || streams.at(small).transmission != 1 ||
                streams.at(large).transmission != 1)
            {
                continue;
            }
            ++nShared;
            const auto& s = streams.at(small);
            const auto& l = streams.at(large);
            // 58 bytes with their header take whole resource blocks of 144 symbols.
            const auto needed = (errors->GetBlockSymbols(s.mcs, 58) + 143) / 144 * 144;
            NS_TEST_EXPECT_MSG_LT_OR_EQ(s.blockBytes,
                                        errors->GetBlockBytes(s.mcs, needed),
                                        "few blocks");
            NS_TEST_EXPECT_MSG_GT_OR_EQ(s.blockBytes, 58, "enough of them");
            NS_TEST_EXPECT_MSG_EQ(l.blockBytes,
                                  errors->GetBlockBytes(l.mcs, 7344 - needed),
                                  "the rest is the other's");
        }
        NS_TEST_ASSERT_MSG_GT(nShared, 100, "they shared slots");
    }

    /// Streams by slot and UE.
    std::map<uint64_t, std::map<uint32_t, CellFreeUeSample>> m_slots;
};

/**
 * @ingroup cellfree-isac-test
 * @brief The overlap of uplink allocations against counting symbols.
 */
class OverlapTestCase : public TestCase
{
  public:
    OverlapTestCase()
        : TestCase("Overlap of uplink allocations, symbol by symbol")
    {
    }

  private:
    void DoRun() override
    {
        std::mt19937 generator(3);
        Eigen::MatrixXd overlap;
        for (int draw = 0; draw < 200; ++draw)
        {
            const uint32_t nSymbols = 60;
            const uint32_t nLayers = 1 + generator() % 3;
            CellFreeSlotPlan plan;
            plan.isUplink = true;
            std::vector<uint32_t> used(nLayers, 0);
            std::vector<std::set<uint32_t>> symbols;
            for (uint32_t ue = 0; ue < 1 + generator() % 6; ++ue)
            {
                const uint32_t layer = generator() % nLayers;
                const uint32_t free = nSymbols - used[layer];
                if (free == 0)
                {
                    continue;
                }
                const uint32_t n = 1 + generator() % free;
                plan.ues.push_back(ue);
                plan.layers.push_back(layer);
                plan.symbols.push_back(n);
                symbols.emplace_back();
                for (uint32_t i = 0; i < n; ++i)
                {
                    symbols.back().insert(used[layer]++);
                }
            }
            cellfree::ComputeUplinkOverlap(plan, nSymbols, overlap);
            for (std::size_t i = 0; i < plan.ues.size(); ++i)
            {
                for (std::size_t j = 0; j < plan.ues.size(); ++j)
                {
                    double both = 0;
                    for (uint32_t symbol : symbols[i])
                    {
                        both += i != j && symbols[j].count(symbol);
                    }
                    NS_TEST_ASSERT_MSG_EQ_TOL(overlap(i, j),
                                              both / symbols[i].size(),
                                              1e-15,
                                              "UE " << j << " on the symbols of " << i);
                }
            }
        }
    }
};

} // namespace

void
AddUplinkTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new BeliefTestCase);
    suite.AddTestCase(new UplinkShareTestCase);
    suite.AddTestCase(new OverlapTestCase);
}

} // namespace ns3
