// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-file-trace.h"
#include "ns3/cell-free-full-buffer-traffic.h"
#include "ns3/double.h"
#include "ns3/inet-socket-address.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <unistd.h>
#include <vector>

namespace ns3
{

namespace
{

/**
 * @ingroup cellfree-isac-test
 * @brief Gives a UE of a scenario a source on the CPU's node that knows its queue.
 * @tparam Traffic class of the source
 * @param scenario the scenario
 * @param ue index of the UE
 * @return the source, which starts at 50 ms
 */
template <typename Traffic>
Ptr<Traffic>
AddQueueTraffic(CellFreeTestScenario& scenario, uint32_t ue)
{
    auto source = CreateObject<Traffic>();
    source->SetAttribute("Device", PointerValue(scenario.GetUeDevice(ue)));
    source->SetAttribute(
        "Remote",
        AddressValue(InetSocketAddress(scenario.addresses.GetAddress(ue + 1), 4000)));
    source->SetStartTime(MilliSeconds(50));
    scenario.node->AddApplication(source);
    return source;
}

/**
 * @ingroup cellfree-isac-test
 * @brief Beams are kept for BeamUpdatePeriod downlink slots, or until other targets are due.
 */
class BeamPeriodTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param delay decision delay (downlink slots)
     */
    explicit BeamPeriodTestCase(uint32_t delay)
        : TestCase("Beams that are kept for 4 slots, decided " + std::to_string(delay) +
                   " slots before"),
          m_delay(delay)
    {
    }

  private:
    static constexpr uint32_t PERIOD = 4; //!< downlink slots

    /// Counts a decision.
    void OnDecision(const CellFreeDecision& /* decision */)
    {
        ++m_nDecisions;
    }

    /// Checks a plan. @param plan it @param outcome what it met
    void OnOutcome(const CellFreeSlotPlan& plan, const CellFreeSlotOutcome& outcome)
    {
        if (plan.isUplink)
        {
            return;
        }
        ++m_nSlots;
        // Dwells of 5 ms every 20 ms, slots of 0.5 ms.
        const bool isDwell = plan.slot % 40 < 10;
        NS_TEST_EXPECT_MSG_EQ(plan.aims.size(), isDwell, "targets of slot " << plan.slot);
        NS_TEST_EXPECT_MSG_EQ(plan.mcs.size(), plan.ues.size(), "an MCS each");
        NS_TEST_EXPECT_MSG_EQ(outcome.sinr.cols(), plan.bandSinr.cols(), "a SINR each");
        if (plan.hasNewBeams)
        {
            m_last = plan;
            m_nUses = 1;
            return;
        }
        ++m_nRepeated;
        NS_TEST_EXPECT_MSG_LT_OR_EQ(++m_nUses, PERIOD, "not more often than that");
        NS_TEST_EXPECT_MSG_EQ(plan.HasAims(m_last.aims), true, "the same targets");
        for (std::size_t i = 0; i < plan.ues.size(); ++i)
        {
            const auto before = std::find(m_last.ues.begin(), m_last.ues.end(), plan.ues[i]);
            NS_TEST_ASSERT_MSG_EQ((before != m_last.ues.end()), true, "one of those UEs");
            const auto j = before - m_last.ues.begin();
            NS_TEST_EXPECT_MSG_EQ((plan.beams[0].f.col(i) == m_last.beams[0].f.col(j)),
                                  true,
                                  "its beam");
            NS_TEST_EXPECT_MSG_EQ(plan.bandSinr(0, i), m_last.bandSinr(0, j), "its belief");
        }
        m_nSilent += plan.ues.size() < m_last.ues.size();
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.decisionDelay = m_delay;
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetCpuAttribute("BeamUpdatePeriod", UintegerValue(PERIOD));
            helper.SetSensingSchedule("ns3::CellFreePeriodicSensing",
                                      "DwellDuration",
                                      TimeValue(MilliSeconds(5)),
                                      "DwellInterval",
                                      TimeValue(MilliSeconds(20)));
        };
        CellFreeTestScenario scenario(options);
        scenario.cpu->TraceConnectWithoutContext(
            "Decision",
            MakeCallback(&BeamPeriodTestCase::OnDecision, this));
        scenario.cpu->TraceConnectWithoutContext(
            "Outcome",
            MakeCallback(&BeamPeriodTestCase::OnOutcome, this));
        AddQueueTraffic<CellFreeFullBufferTraffic>(scenario, 0);
        const auto sink = scenario.AddUdp(1, false, 2e6); // its queue drains between decisions
        scenario.AddUdp(2, false, 20e6);
        Simulator::Schedule(MilliSeconds(400), [&]() {
            scenario.helper.RemoveUes(NodeContainer(scenario.ues.Get(2)));
        });
        scenario.Run(MilliSeconds(800));
        NS_TEST_ASSERT_MSG_GT(m_nRepeated, 2 * m_nDecisions, "most plans repeat");
        NS_TEST_ASSERT_MSG_GT(m_nDecisions, m_nSlots / PERIOD, "dwells force decisions");
        NS_TEST_ASSERT_MSG_LT(m_nDecisions, m_nSlots / 2.5, "but not in every slot");
        NS_TEST_ASSERT_MSG_GT(m_nSilent, 10, "streams without data are silent");
        NS_TEST_ASSERT_MSG_GT(sink->GetTotalRx(), 0.9 * 2e6 / 8 * 0.7, "who waits is served");
    }

    uint32_t m_delay;         //!< decision delay
    CellFreeSlotPlan m_last;  //!< latest plan with new beams
    uint32_t m_nUses{0};      //!< slots that it was used for
    uint32_t m_nDecisions{0}; //!< decisions
    uint32_t m_nSlots{0};     //!< downlink plans on the air
    uint32_t m_nRepeated{0};  //!< plans with beams of an earlier one
    uint32_t m_nSilent{0};    //!< plans without a UE of the decision
};

/**
 * @ingroup cellfree-isac-test
 * @brief At a fixed period, the faster the channel changes the lower the rate; with new beams in
 * every slot it makes no difference.
 */
class SpeedTestCase : public TestCase
{
  public:
    SpeedTestCase()
        : TestCase("The rate falls with the speed where beams are kept")
    {
    }

  private:
    /// Adds what was decoded. @param sample a stream
    void OnSample(const CellFreeUeSample& sample)
    {
        m_bytes += sample.isDecoded && !sample.isUplink ? sample.blockBytes : 0;
    }

    /// Full buffer for 0.5 s. @param speed of the surroundings (m/s) @param period (slots)
    /// @return Mb/s
    double Measure(double speed, uint32_t period)
    {
        CellFreeTestScenario::Options options;
        options.configure = [=](CellFreeIsacHelper& helper) {
            helper.SetCpuAttribute("BeamUpdatePeriod", UintegerValue(period));
            helper.SetFading("ns3::CellFreeRayleighFading", "ScattererSpeed", DoubleValue(speed));
        };
        CellFreeTestScenario scenario(options);
        scenario.cpu->TraceConnectWithoutContext("UeSample",
                                                 MakeCallback(&SpeedTestCase::OnSample, this));
        for (uint32_t u = 0; u < 3; ++u)
        {
            AddQueueTraffic<CellFreeFullBufferTraffic>(scenario, u);
        }
        m_bytes = 0;
        scenario.Run(MilliSeconds(550));
        return m_bytes * 8.0 / 0.5e6;
    }

    void DoRun() override
    {
        const double still = Measure(0.01, 20);
        const double walking = Measure(0.7, 20);
        const double driving = Measure(14.0, 20);
        NS_TEST_ASSERT_MSG_GT(still, 1.1 * walking, "coherence of 22 ms, beams of 13 ms");
        NS_TEST_ASSERT_MSG_GT(walking, 1.1 * driving, "coherence of 1 ms");
        NS_TEST_ASSERT_MSG_GT(Measure(14.0, 1), 1.5 * driving, "new beams in every slot");
    }

    double m_bytes{0.0}; //!< decoded
};

/**
 * @ingroup cellfree-isac-test
 * @brief Full buffer: no downlink queue is ever empty, nothing is dropped, and a UE that leaves
 * stops its source.
 */
class FullBufferTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param hasQueueDiscs whether ns3's queue discs are between source and queue
     */
    explicit FullBufferTestCase(bool hasQueueDiscs)
        : TestCase(std::string("Full buffers ") + (hasQueueDiscs ? "with" : "without") +
                   " queue discs"),
          m_hasQueueDiscs(hasQueueDiscs)
    {
    }

  private:
    /// Checks a stream. @param sample it
    void OnSample(const CellFreeUeSample& sample)
    {
        if (!sample.isUplink && sample.time > MilliSeconds(150))
        {
            NS_TEST_EXPECT_MSG_GT(sample.queuedBytes, 0, "at " << sample.time);
            NS_TEST_EXPECT_MSG_LT_OR_EQ(sample.queuedBytes, 50000, "the level");
            ++m_nSlots[sample.ueId];
        }
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.hasQueueDiscs = m_hasQueueDiscs;
        CellFreeTestScenario scenario(options);
        scenario.cpu->TraceConnectWithoutContext("UeSample",
                                                 MakeCallback(&FullBufferTestCase::OnSample, this));
        for (uint32_t u = 0; u < 3; ++u)
        {
            AddQueueTraffic<CellFreeFullBufferTraffic>(scenario, u);
        }
        const auto leaving = scenario.ues.Get(1)->GetId();
        Simulator::Schedule(MilliSeconds(250), [&]() {
            scenario.helper.RemoveUes(NodeContainer(scenario.ues.Get(1)));
        });
        scenario.Run(MilliSeconds(400));
        NS_TEST_ASSERT_MSG_EQ(m_nSlots.size(), 3, "all were served");
        for (const auto& [ue, nSlots] : m_nSlots)
        {
            // 3 of 4 slots are downlink slots.
            NS_TEST_ASSERT_MSG_GT(nSlots, (ue == leaving ? 145 : 370), "in every slot");
        }
        for (uint32_t u = 0; u < 3; ++u)
        {
            const auto& counters = scenario.mac->GetCounters(u, false);
            NS_TEST_ASSERT_MSG_EQ(counters.enqueuedBytes,
                                  counters.deliveredBytes + counters.droppedBytes +
                                      counters.pendingBytes,
                                  "conservation");
            NS_TEST_ASSERT_MSG_EQ((counters.droppedBytes > 0), (u == 1), "drops by leaving alone");
        }
    }

    bool m_hasQueueDiscs;                  //!< whether there are queue discs
    std::map<uint32_t, uint32_t> m_nSlots; //!< downlink slots by node id
};

/**
 * @ingroup cellfree-isac-test
 * @brief Files come as a Poisson process that a seed fixes, and arrive whole.
 */
class FileTestCase : public TestCase
{
  public:
    FileTestCase()
        : TestCase("FTP model 3: arrivals, files, throughput")
    {
    }

  private:
    /**
     * @brief Sends files to the UEs for 2 s.
     * @param nUes UEs that files come for
     * @param rate files per second
     * @param maxTransmissions of a block: 1 loses packets
     * @return the files
     */
    static std::vector<CellFreeFile> Send(uint32_t nUes, double rate, uint32_t maxTransmissions)
    {
        CellFreeTestScenario::Options options;
        options.configure = [=](CellFreeIsacHelper& helper) {
            helper.SetMacAttribute("MaxTransmissions", UintegerValue(maxTransmissions));
            if (maxTransmissions == 1) // a weak link, whose blocks fail at times
            {
                helper.SetApAttribute("TxPower", DoubleValue(0.0));
            }
        };
        CellFreeTestScenario scenario(options);
        const auto directory = std::filesystem::temp_directory_path() /
                               ("cellfree-isac-files-" + std::to_string(getpid()));
        std::filesystem::create_directories(directory);
        auto trace = CreateObject<CellFreeFileTrace>();
        trace->Open(directory.string(), "");
        for (uint32_t u = 0; u < nUes; ++u)
        {
            auto source = AddQueueTraffic<CellFreeFileTraffic>(scenario, u);
            source->SetAttribute("FileSize", UintegerValue(20001));
            source->SetAttribute("ArrivalRate", DoubleValue(rate));
            source->AssignStreams(1);
            trace->Add(source);
        }
        scenario.Run(MilliSeconds(2050));
        trace->Close();
        std::ifstream file(directory / "FileTrace.tsv");
        const auto rows = std::count(std::istreambuf_iterator<char>(file), {}, '\n');
        std::filesystem::remove_all(directory);
        return std::size_t(rows) == trace->GetFiles().size() + 1 ? trace->GetFiles()
                                                                 : std::vector<CellFreeFile>();
    }

    void DoRun() override
    {
        const auto files = Send(3, 50.0, 4);
        // A Poisson count of mean 300; 4 standard deviations.
        NS_TEST_ASSERT_MSG_EQ_TOL(files.size(), 300.0, 70.0, "files of three UEs in 2 s");
        double squares = 0.0;
        double sum = 0.0;
        uint32_t nGaps = 0;
        std::map<uint32_t, CellFreeFile> last;
        for (const auto& file : files)
        {
            NS_TEST_EXPECT_MSG_EQ(file.nLost, 0, "nothing is lost");
            NS_TEST_EXPECT_MSG_EQ((file.receivedBytes == file.size), file.isFinished, "whole");
            NS_TEST_EXPECT_MSG_GT(file.end, file.arrival, "it takes time");
            const auto before = last.find(file.ueId);
            if (before != last.end())
            {
                NS_TEST_EXPECT_MSG_EQ(file.number, before->second.number + 1, "in their order");
                const double gap = (file.arrival - before->second.arrival).GetSeconds();
                sum += gap;
                squares += gap * gap;
                ++nGaps;
            }
            last[file.ueId] = file;
        }
        // Exponential gaps: mean 20 ms, and the second moment twice its square.
        NS_TEST_ASSERT_MSG_EQ_TOL(sum / nGaps, 0.02, 4 * 0.02 / std::sqrt(nGaps), "mean gap");
        NS_TEST_ASSERT_MSG_EQ_TOL(squares / nGaps, 8e-4, 4 * 0.0018 / std::sqrt(nGaps), "spread");

        // The arrivals of a UE do not depend on the others, nor on what becomes of its files.
        const auto alone = Send(1, 50.0, 1);
        std::vector<Time> arrivals[2];
        for (const auto& file : files)
        {
            if (file.ueId == alone.front().ueId)
            {
                arrivals[0].push_back(file.arrival);
            }
        }
        uint32_t nLost = 0;
        for (const auto& file : alone)
        {
            arrivals[1].push_back(file.arrival);
            nLost += file.nLost;
            NS_TEST_EXPECT_MSG_LT_OR_EQ(file.receivedBytes, file.size, "not more than it has");
            NS_TEST_EXPECT_MSG_EQ((file.receivedBytes < file.size),
                                  (file.nLost > 0 || !file.isFinished),
                                  "less if a packet is lost");
        }
        NS_TEST_ASSERT_MSG_GT(nLost, 0, "blocks that are sent once lose packets");
        const auto n = std::min(arrivals[0].size(), arrivals[1].size());
        NS_TEST_ASSERT_MSG_GT(n, 50, "files of one UE");
        NS_TEST_ASSERT_MSG_EQ(
            std::equal(arrivals[0].begin(), arrivals[0].begin() + n, arrivals[1].begin()),
            true,
            "the same arrivals");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief Schedulers in the network: what they choose, and what of it reaches the policy.
 */
class SchedulerTestCase : public TestCase
{
  public:
    SchedulerTestCase()
        : TestCase("Schedulers get what they need, and targets take streams")
    {
    }

  private:
    /// What a run was like.
    struct Run
    {
        std::map<uint32_t, double> bytes; //!< decoded, by node id
        std::size_t maxUes{0};            //!< most UEs of a plan
        std::size_t maxStreams{0};        //!< most streams of a plan
        double maxCorrelation{0.0};       //!< of believed channels that share a slot
        double weightSpread{0.0};         //!< largest difference of a weight from 1
        double weightError{0.0};          //!< largest difference of their mean from 1
    };

    /// Takes a stream down. @param run gets it @param sample it
    static void OnSample(Run* run, const CellFreeUeSample& sample)
    {
        run->bytes[sample.ueId] += sample.isDecoded ? sample.blockBytes : 0;
    }

    /// Takes a decision down. @param run gets it @param problem seen @param plan chosen
    static void OnBeams(Run* run,
                        const CellFreeDecision& /* decision */,
                        const IsacProblem& problem,
                        const CellFreeSlotPlan& plan)
    {
        run->maxUes = std::max(run->maxUes, plan.ues.size());
        run->maxStreams = std::max(run->maxStreams, plan.ues.size() + plan.aims.size());
        const Eigen::MatrixXcd h = problem.h.colwise().normalized();
        Eigen::MatrixXd gram = (h.adjoint() * h).cwiseAbs();
        gram.diagonal().setZero();
        if (gram.size() > 0)
        {
            run->maxCorrelation = std::max(run->maxCorrelation, gram.maxCoeff());
            run->weightSpread =
                std::max(run->weightSpread, (problem.weight.array() - 1.0).abs().maxCoeff());
            run->weightError = std::max(run->weightError, std::abs(problem.weight.mean() - 1.0));
        }
    }

    /**
     * @brief Full buffers for 0.3 s.
     * @param scheduler its short name
     * @param maxStreams see CellFreeLink
     * @param alpha semi-orthogonality
     * @param areTargetsCounted see CellFreeCpu::TargetsTakeStreams
     * @return what it was like
     */
    static Run Serve(const std::string& scheduler,
                     uint32_t maxStreams,
                     double alpha = 1.0,
                     bool areTargetsCounted = false)
    {
        CellFreeTestScenario::Options options;
        options.nUes = 5;
        options.nTargets = 2;
        options.nAntennas = 1;
        options.lastUeDistance = 150.0;
        options.policy = "wmmse";
        options.configure = [&](CellFreeIsacHelper& helper) {
            helper.SetScheduler(scheduler, "SemiOrthogonality", DoubleValue(alpha));
            helper.SetLinkAttribute("MaxStreams", UintegerValue(maxStreams));
            helper.SetCpuAttribute("TargetsTakeStreams", BooleanValue(areTargetsCounted));
        };
        CellFreeTestScenario scenario(options);
        Run run;
        scenario.cpu->TraceConnectWithoutContext("UeSample", MakeBoundCallback(&OnSample, &run));
        scenario.cpu->TraceConnectWithoutContext("Beams", MakeBoundCallback(&OnBeams, &run));
        for (uint32_t u = 0; u < options.nUes; ++u)
        {
            AddQueueTraffic<CellFreeFullBufferTraffic>(scenario, u);
        }
        scenario.Run(MilliSeconds(350));
        return run;
    }

    /// @return sum of the bytes of a run. @param run the run
    static double Sum(const Run& run)
    {
        double sum = 0.0;
        for (const auto& [ue, bytes] : run.bytes)
        {
            sum += bytes;
        }
        return sum;
    }

    /// @return the least that one of the five UEs of a run got. @param run the run
    static double Least(const Run& run)
    {
        double least = run.bytes.size() < 5 ? 0.0 : 1e99;
        for (const auto& [ue, bytes] : run.bytes)
        {
            least = std::min(least, bytes);
        }
        return least;
    }

    /// @return the logarithm of the geometric mean of a run's bytes. @param run the run
    static double LogMean(const Run& run)
    {
        double sum = 0.0;
        for (const auto& [ue, bytes] : run.bytes)
        {
            sum += std::log(bytes);
        }
        return sum / run.bytes.size();
    }

    void DoRun() override
    {
        const auto turns = Serve("rr", 1);
        const auto fair = Serve("pf", 1);
        const auto greedy = Serve("max-rate", 1);
        const auto due = Serve("deadline", 1);
        NS_TEST_ASSERT_MSG_GT(Sum(greedy), Sum(fair), "the most throughput");
        NS_TEST_ASSERT_MSG_GT(Sum(fair), Sum(turns), "fading is used");
        NS_TEST_ASSERT_MSG_GT(LogMean(fair), LogMean(turns), "the largest geometric mean");
        NS_TEST_ASSERT_MSG_GT(LogMean(fair), LogMean(due), "the largest geometric mean");
        NS_TEST_ASSERT_MSG_GT(Least(turns), 10 * 1000, "nobody starves");
        NS_TEST_ASSERT_MSG_GT(Least(fair), 10 * 1000, "nobody starves");
        NS_TEST_ASSERT_MSG_LT(Least(greedy), 0.1 * Least(fair), "whoever is far");
        NS_TEST_ASSERT_MSG_GT(Least(due), 10 * 1000, "the oldest data is sent first");

        const auto weighted = Serve("pf", 4);
        NS_TEST_ASSERT_MSG_GT(weighted.weightSpread, 0.1, "weights reach the policy");
        NS_TEST_ASSERT_MSG_LT(weighted.weightError, 1e-9, "their mean is 1");
        NS_TEST_ASSERT_MSG_EQ(turns.weightSpread, 0.0, "others have none");

        for (const auto* name : {"rr", "pf", "max-rate", "deadline"})
        {
            const auto apart = Serve(name, 5, 0.5);
            NS_TEST_ASSERT_MSG_LT_OR_EQ(apart.maxCorrelation, 0.5, name);
            NS_TEST_ASSERT_MSG_GT(apart.maxUes, 1, name);
        }
        NS_TEST_ASSERT_MSG_GT(Serve("rr", 5).maxCorrelation, 0.5, "there is something to avoid");

        NS_TEST_ASSERT_MSG_EQ(Serve("rr", 4).maxStreams, 6, "targets take no streams");
        const auto shared = Serve("rr", 4, 1.0, true);
        NS_TEST_ASSERT_MSG_EQ(shared.maxStreams, 4, "two UEs and two targets");
        NS_TEST_ASSERT_MSG_GT(Least(shared), 10 * 1000, "nobody starves");
        const auto none = Serve("rr", 2, 1.0, true);
        NS_TEST_ASSERT_MSG_EQ(none.maxUes, 0, "targets leave nothing");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief An AP may move: who comes nearer to it gets more.
 */
class MovingApTestCase : public TestCase
{
  public:
    MovingApTestCase()
        : TestCase("An AP that drives past a UE")
    {
    }

  private:
    /// Takes a stream down. @param sample it
    void OnSample(const CellFreeUeSample& sample)
    {
        const auto part = sample.time.GetTimeStep() / MilliSeconds(200).GetTimeStep();
        if (!sample.isUplink && sample.time > MilliSeconds(60))
        {
            m_rate[part] += std::log2(1.0 + sample.sinr);
            ++m_n[part];
        }
    }

    void DoRun() override
    {
        CellFreeTestScenario::Options options;
        options.nAps = 1;
        options.nUes = 1;
        options.nTargets = 0;
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetApAttribute("TxPower", DoubleValue(-10.0));
            helper.SetChannelAttribute("LargeScaleUpdatePeriod", TimeValue(MilliSeconds(10)));
        };
        CellFreeTestScenario scenario(options);
        scenario.cpu->TraceConnectWithoutContext("UeSample",
                                                 MakeCallback(&MovingApTestCase::OnSample, this));
        AddQueueTraffic<CellFreeFullBufferTraffic>(scenario, 0);
        const auto ap = scenario.aps.Get(0)->GetObject<MobilityModel>();
        for (int step = 0; step < 60; ++step)
        {
            // The UE is at (20, 60); the AP comes from (-280, 50), at 1000 m/s.
            Simulator::Schedule(MilliSeconds(10 * step), [=]() {
                ap->SetPosition(Vector(-280.0 + 10.0 * step, 50.0, 10.0));
            });
        }
        scenario.Run(MilliSeconds(600));
        NS_TEST_ASSERT_MSG_EQ(m_n.size(), 3, "it is served all the time");
        const double near = m_rate[1] / m_n[1];
        NS_TEST_ASSERT_MSG_GT(near, m_rate[0] / m_n[0] + 2.0, "better when the AP is near");
        NS_TEST_ASSERT_MSG_GT(near, m_rate[2] / m_n[2] + 2.0, "and worse again");
    }

    std::map<int64_t, double> m_rate; //!< sum of log2(1 + SINR) by 200 ms
    std::map<int64_t, uint32_t> m_n;  //!< streams by 200 ms
};

} // namespace

void
AddLoadTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new BeamPeriodTestCase(0));
    suite.AddTestCase(new BeamPeriodTestCase(3));
    suite.AddTestCase(new SpeedTestCase);
    suite.AddTestCase(new FullBufferTestCase(true));
    suite.AddTestCase(new FullBufferTestCase(false));
    suite.AddTestCase(new FileTestCase);
    suite.AddTestCase(new SchedulerTestCase);
    suite.AddTestCase(new MovingApTestCase);
}

} // namespace ns3
