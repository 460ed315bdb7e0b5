// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/box.h"
#include "ns3/cell-free-target.h"
#include "ns3/cell-free-track-scorer.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <map>
#include <set>

namespace ns3
{

namespace
{

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
        CellFreeTestScenario::Options options;
        options.policy = "cb-sensing";
        options.nUes = 0;
        // Few symbols, so that detections are neither sure nor rare.
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetSensingAttribute("CoherentSymbols", UintegerValue(10));
        };
        CellFreeTestScenario scenario(options);
        scenario.cpu->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeCallback(&SensingTestCase::OnDwell, this));
        IsacProblem problem;
        scenario.channel->GetTrueProblem({0, 1, 2, 3}, {}, {0}, problem);
        // Full matched power at every AP: SNR = sum_m P_m N omega_m / noise.
        const double bound =
            problem.power.dot(problem.omega.col(0)) * problem.nAntennas / problem.sensingNoise;
        scenario.Run(Seconds(20));
        NS_TEST_ASSERT_MSG_EQ(m_nDwells, 1999, "a dwell every 10 ms");
        NS_TEST_ASSERT_MSG_EQ_TOL(m_snr / bound, 1.0, 1e-9, "SNR bound");
        NS_TEST_ASSERT_MSG_EQ_TOL(m_combinedSnr / m_snr, 4 * 10, 1e-9, "N_r L");
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
 * @brief Users' bodies reflect, but only a CPU with a tracker meets them, as targets that nobody
 * wants.
 */
class BodiesTestCase : public TestCase
{
  public:
    BodiesTestCase()
        : TestCase("Bodies of users reflect where the CPU listens, and count as no targets")
    {
    }

  private:
    /// What a run gave.
    struct Result
    {
        std::set<uint32_t> ids;                           //!< targets that dwells were about
        std::map<uint32_t, CellFreeTargetRecord> records; //!< targets that count
    };

    void OnDwell(const CellFreeDwell& dwell)
    {
        m_result.ids.insert(dwell.targetId);
    }

    /// Runs for 100 ms. @param isTracking whether the CPU has a tracker @return what it gave
    Result Simulate(bool isTracking)
    {
        m_result = Result();
        CellFreeTestScenario::Options options;
        options.policy = "cb-sensing";
        options.configure = [isTracking](CellFreeIsacHelper& helper) {
            if (isTracking)
            {
                helper.SetTracker("ns3::CellFreeMultiTargetTracker");
                helper.SetEchoReceiver("ns3::CellFreeEchoReceiver",
                                       "Volume",
                                       BoxValue(Box(-500, 500, -500, 500, 0, 100)));
            }
        };
        CellFreeTestScenario scenario(options);
        scenario.helper.InstallBodies(scenario.ues);
        scenario.cpu->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeCallback(&BodiesTestCase::OnDwell, this));
        auto scorer = CreateObject<CellFreeTrackScorer>();
        scorer->Connect(scenario.link);
        scenario.Run(MilliSeconds(100));
        m_result.records = scorer->GetRecords();
        const auto target = scenario.targets.Get(0)->GetId();
        NS_TEST_EXPECT_MSG_EQ(m_result.ids.count(target), 1, "the target is seen");
        for (uint32_t u = 0; u < scenario.ues.GetN(); ++u)
        {
            const auto body = scenario.ues.Get(u)->GetObject<CellFreeTarget>();
            NS_TEST_EXPECT_MSG_EQ(body->IsUnintended(), true, "nobody's business");
            // TR 38.901 table 7.9.2.1-1: -1.37 dBsm.
            NS_TEST_EXPECT_MSG_EQ_TOL(10 * std::log10(body->GetRcs()), -1.37, 1e-9, "a human");
        }
        return m_result;
    }

    void DoRun() override
    {
        const auto told = Simulate(false);
        NS_TEST_EXPECT_MSG_EQ(told.ids.size(), 1, "who is told of a target looks at it alone");
        NS_TEST_EXPECT_MSG_EQ(told.records.size(), 0, "no tracks, no scores");
        const auto tracked = Simulate(true);
        NS_TEST_EXPECT_MSG_EQ(tracked.ids.size(), 4, "all that reflects is met");
        NS_TEST_EXPECT_MSG_EQ(tracked.records.size(), 1, "one of which counts");
    }

    Result m_result; //!< of the present run
};

} // namespace

void
AddSensingTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new BodiesTestCase);
    suite.AddTestCase(new SensingTestCase);
}

} // namespace ns3
