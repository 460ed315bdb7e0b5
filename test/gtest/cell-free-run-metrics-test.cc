// SPDX-License-Identifier: GPL-2.0-only

#include "campaign/cell-free-run-metrics.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <unistd.h>

namespace
{

using namespace ns3;

/// A folder with the traces of a run that is small enough to compute by hand.
class RunMetrics : public testing::Test
{
  protected:
    void SetUp() override
    {
        folder = std::filesystem::temp_directory_path() /
                 ("cell-free-run-metrics-" + std::to_string(getpid()));
        std::filesystem::create_directories(folder);
        Write("FlowTrace",
              "flowId\tueId\tdirection\tprotocol\tacknowledges\ttxPackets\trxPackets\tlostPackets\t"
              "waitingPackets\tthroughput_bps\tmeanDelay_s\n"
              "1\t7\tDL\tudp\t0\t100\t90\t4\t6\t6e6\t0.010\n"
              "2\t7\tDL\ttcp\t0\t100\t100\t0\t0\t2e6\t0.020\n"
              "3\t8\tDL\tudp\t0\t200\t0\t40\t160\t0\t\n"
              "4\t8\tDL\ttcp\t1\t500\t500\t0\t0\t1e5\t0.5\n" // acknowledges an upload
              "5\t8\tUL\ttcp\t0\t500\t500\t0\t0\t9e6\t0.5\n" // the upload
              "6\t-1\tother\tudp\t0\t10\t10\t0\t0\t1e6\t0.5\n");
        Write("DelayTrace",
              "flowId\tbinStart_s\tbinEnd_s\tcount\n"
              "1\t0.010\t0.011\t90\n"
              "2\t0.020\t0.021\t100\n"
              "4\t0.500\t0.501\t500\n");
        Write("UeTrace",
              "direction\trate_bpsPerHz\tmcs\n"
              "DL\t4\t20\n"
              "DL\t7\t27\n"
              "DL\t1\t-1\n" // nothing was sent
              "UL\t9\t27\n");
        Write("SensingTrace",
              "start_s\ttime_s\ttargetId\tsnr_dB\tcombinedSnr_dB\tpd\n"
              "1.0\t1.1\t30\t0\t20\t0.5\n"
              "2.0\t2.1\t31\t10\t30\t0.9\n");
        Write("CostTrace", "wallTime_s\n1e-6\n2e-6\n6e-6\n");
    }

    /// Adds what a run with a tracker and a server of reports leaves.
    void AddTracks() const
    {
        Write("TrackTrace",
              "time_s\tcpuId\ttrackId\tstatus\tpd\ttargetId\terror_m\tgospa_m\n"
              "1.1\t1\t-1\tnone\t\t-1\t\t20\n"         // no track
              "1.3\t1\t0\ttentative\t0.9\t30\t9\t12\n" // not believed yet
              "1.5\t1\t0\tconfirmed\t\t30\t3\t10\n"    // 0.5 s after the first dwell
              "1.5\t1\t1\tconfirmed\t0.9\t-1\t\t10\n"  // of nothing; the same GOSPA
              "1.5\t2\t0\tcoasting\t0.8\t30\t5\t6\n"   // another CPU's dwell at this time
              "1.7\t1\t0\tconfirmed\t\t30\t1\t2\n");   // target 31 is never tracked
        Write("ReportTrace",
              "time_s\tcpuId\tsent_s\n"
              "1.20\t1\t1.10\n"
              "1.40\t1\t1.35\n"
              "1.50\t1\t1.25\n"   // overtaken
              "2.05\t2\t2.00\n"); // the only one of its CPU
    }

    void TearDown() override
    {
        std::filesystem::remove_all(folder);
    }

    void Write(const std::string& name, const std::string& text) const
    {
        std::ofstream(folder / (name + ".tsv")) << text;
    }

    /// The metrics of the folder by name.
    std::map<std::string, double> Read()
    {
        EXPECT_EQ(metrics.Read(folder.string()), "");
        std::map<std::string, double> byName;
        for (std::size_t i = 0; i < metrics.values.size(); ++i)
        {
            byName[CellFreeRunMetrics::GetMetrics()[i].name] = metrics.values[i];
        }
        return byName;
    }

    std::filesystem::path folder;
    CellFreeRunMetrics metrics;
};

TEST_F(RunMetrics, MatchHandComputation)
{
    auto values = Read();
    EXPECT_EQ(values.size(), CellFreeRunMetrics::GetMetrics().size());
    EXPECT_DOUBLE_EQ(values["throughputMean"], 4.0); // UEs have 8 and 0 Mb/s
    EXPECT_DOUBLE_EQ(values["throughputMedian"], 4.0);
    EXPECT_NEAR(values["throughputP5"], 0.4, 1e-12);
    EXPECT_DOUBLE_EQ(values["rate"], 5.5);
    EXPECT_NEAR(values["meanDelay"], (90 * 10.0 + 100 * 20.0) / 190, 1e-9);
    EXPECT_NEAR(values["p99Delay"], 20.0 + (0.99 * 190 - 90) / 100, 1e-9);
    EXPECT_DOUBLE_EQ(values["loss"], 100.0 * 44 / 400);
    EXPECT_DOUBLE_EQ(values["waiting"], 100.0 * 166 / 400);
    EXPECT_DOUBLE_EQ(values["fairness"], 0.5);
    EXPECT_NEAR(values["sensingSnr"], 10 * std::log10(5.5), 1e-9);
    EXPECT_NEAR(values["combinedSnr"], 20 + 10 * std::log10(5.5), 1e-9);
    EXPECT_DOUBLE_EQ(values["pd"], 0.7);
    ASSERT_EQ(metrics.users.size(), 2U);
    EXPECT_EQ(metrics.users[0].ueId, 7U);
    EXPECT_DOUBLE_EQ(metrics.users[0].throughput, 8.0);
    EXPECT_DOUBLE_EQ(metrics.users[0].loss, 2.0);
    EXPECT_DOUBLE_EQ(metrics.users[0].waiting, 3.0);
    EXPECT_TRUE(std::isnan(metrics.users[1].meanDelay));
    EXPECT_DOUBLE_EQ(metrics.users[1].loss, 20.0);
    EXPECT_EQ(metrics.cost.n, 3U);
    EXPECT_DOUBLE_EQ(metrics.cost.mean, 3.0);
    EXPECT_DOUBLE_EQ(metrics.cost.p50, 2.0);
}

TEST_F(RunMetrics, OfTracksAndReportsMatchHandComputation)
{
    for (const std::string name : {"trackError", "gospa", "firstTrack", "meanAge"})
    {
        EXPECT_TRUE(std::isnan(Read()[name])) << name; // no tracker, no server
    }
    AddTracks();
    auto values = Read();
    EXPECT_DOUBLE_EQ(values["trackError"], (3.0 + 5.0 + 1.0) / 3);
    EXPECT_DOUBLE_EQ(values["gospa"], (20.0 + 12.0 + 10.0 + 6.0 + 2.0) / 5);
    // The second target waits until the last dwell ends.
    EXPECT_NEAR(values["firstTrack"], (0.5 + 0.1) / 2, 1e-12);
    // Two teeth: ages 0.1 to 0.3 s for 0.2 s, then 0.05 to 0.75 s until the last dwell ends; of the
    // second CPU one, 0.05 to 0.1 s.
    const double first = (0.2 * 0.2 + 0.7 * 0.4) / 0.9;
    EXPECT_NEAR(values["meanAge"], 1e3 * (first + 0.075) / 2, 1e-9);
    std::filesystem::remove(folder / "ReportTrace.tsv");
    EXPECT_TRUE(std::isnan(Read()["meanAge"]));
    EXPECT_DOUBLE_EQ(Read()["gospa"], 10.0);
}

TEST_F(RunMetrics, LeaveOutDwellsThatLookedElsewhere)
{
    AddTracks();
    Write("SensingTrace",
          "start_s\ttime_s\ttargetId\tsnr_dB\tcombinedSnr_dB\tpd\n"
          "1.0\t1.1\t30\t0\t20\t0.5\n"    // no track yet
          "1.2\t1.3\t30\t10\t30\t0.9\n"   // looked at
          "1.4\t1.5\t30\t-20\t0\t0.1\n"   // looked at by one of two CPUs
          "1.6\t1.7\t30\t-30\t5\t0.2\n"   // tracked, but not looked at
          "1.6\t1.7\t31\t10\t30\t0.3\n"); // another target, without a track
    auto values = Read();
    EXPECT_DOUBLE_EQ(values["pd"], (0.5 + 0.9 + 0.1 + 0.3) / 4);
    EXPECT_NEAR(values["sensingSnr"], 10 * std::log10((1 + 10 + 0.01 + 10) / 4), 1e-9);
}

TEST_F(RunMetrics, OfTracksAndReportsSayWhatIsWrongWithAFile)
{
    AddTracks();
    Write("TrackTrace", "time_s\tcpuId\ttrackId\tstatus\tpd\ttargetId\terror_m\n");
    EXPECT_NE(metrics.Read(folder.string()).find("TrackTrace.tsv: line 1: no column gospa_m"),
              std::string::npos);
    AddTracks();
    Write("ReportTrace", "time_s\tcpuId\tsent_s\n1.2\t1\tinf\n");
    EXPECT_NE(metrics.Read(folder.string()).find("line 2: sent_s = 'inf'"), std::string::npos);
}

TEST_F(RunMetrics, AreMissingWhereNothingHappened)
{
    AddTracks();
    for (const std::string name : {"FlowTrace",
                                   "DelayTrace",
                                   "UeTrace",
                                   "SensingTrace",
                                   "TrackTrace",
                                   "ReportTrace",
                                   "CostTrace"})
    {
        std::ifstream file(folder / (name + ".tsv"));
        std::string header;
        std::getline(file, header);
        Write(name, header + "\n");
    }
    for (const auto& [name, value] : Read())
    {
        EXPECT_TRUE(std::isnan(value)) << name;
    }
    EXPECT_TRUE(metrics.users.empty());
    EXPECT_EQ(metrics.cost.n, 0U);
}

TEST_F(RunMetrics, SayWhatIsWrongWithAFile)
{
    Write("SensingTrace", "snr_dB\tcombinedSnr_dB\tpd\n0\t20\thigh\n");
    EXPECT_EQ(metrics.Read(folder.string()),
              (folder / "SensingTrace.tsv").string() +
                  ": line 2: pd = 'high': expected a finite number");
    Write("SensingTrace", "snr_dB\tcombinedSnr_dB\tpd\n0\t20\n");
    EXPECT_NE(metrics.Read(folder.string()).find("line 2: 2 fields, expected 3"),
              std::string::npos);
    // Cut off within the last number, which is a number still.
    Write("SensingTrace", "snr_dB\tcombinedSnr_dB\tpd\n0\t20\t0.5\n0\t20\t0.6");
    EXPECT_EQ(metrics.Read(folder.string()),
              (folder / "SensingTrace.tsv").string() +
                  ": line 3: no line feed at its end: the file is cut off");
    Write("SensingTrace", "snr_dB\tcombined");
    EXPECT_EQ(metrics.Read(folder.string()),
              (folder / "SensingTrace.tsv").string() +
                  ": line 1: no line feed at its end: the file is cut off");
    Write("SensingTrace", "snr_dB\tpd\n0\t1\n");
    EXPECT_NE(metrics.Read(folder.string()).find("no column combinedSnr_dB"), std::string::npos);
    std::filesystem::remove(folder / "SensingTrace.tsv");
    EXPECT_NE(metrics.Read(folder.string()).find("cannot be read"), std::string::npos);
}

TEST_F(RunMetrics, StayWithinTheirRanges)
{
    for (const auto& metric : CellFreeRunMetrics::GetMetrics())
    {
        const bool isDecibels = std::string(metric.unit) == "dB";
        EXPECT_EQ(std::isfinite(metric.range.low), !isDecibels) << metric.name;
    }
    AddTracks();
    auto values = Read();
    for (const auto& metric : CellFreeRunMetrics::GetMetrics())
    {
        EXPECT_GE(values[metric.name], metric.range.low) << metric.name;
        EXPECT_LE(values[metric.name], metric.range.high) << metric.name;
    }
}

} // namespace
