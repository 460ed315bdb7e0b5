// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <cmath>

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

} // namespace

void
AddSensingTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new SensingTestCase);
}

} // namespace ns3
