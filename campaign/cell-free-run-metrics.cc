// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-run-metrics.h"

#include "ns3/cell-free-trace-reader.h"
#include "ns3/isac-link-budget.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace ns3
{

namespace
{

/// Where each metric is in CellFreeRunMetrics::values.
enum Metric
{
    THROUGHPUT_MEAN,
    THROUGHPUT_MEDIAN,
    THROUGHPUT_P5,
    RATE,
    DELAY_MEAN,
    DELAY_P99,
    LOSS,
    WAITING,
    FAIRNESS,
    SENSING_SNR,
    COMBINED_SNR,
    PD,
    TRACK_ERROR,
    GOSPA,
    FIRST_TRACK,
    MEAN_AGE,
    N_METRICS
};

/// Downlink packets of one UE, or of all.
struct Packets
{
    double throughput{0.0};                          //!< bit/s
    double sent{0.0};                                //!< packets sent
    double received{0.0};                            //!< packets received
    double lost{0.0};                                //!< packets lost
    double waiting{0.0};                             //!< packets neither received nor lost
    double delaySum{0.0};                            //!< of the received packets (s)
    std::map<double, cellfree::HistogramBin> delays; //!< by the start of the bin (s)

    /// Adds the packets of another. @param other the other
    void Add(const Packets& other)
    {
        throughput += other.throughput;
        sent += other.sent;
        received += other.received;
        lost += other.lost;
        waiting += other.waiting;
        delaySum += other.delaySum;
        for (const auto& [start, bin] : other.delays)
        {
            AddDelays(bin);
        }
    }

    /// Adds a bin of the delays. @param bin the bin
    void AddDelays(const cellfree::HistogramBin& bin)
    {
        delays.try_emplace(bin.start, cellfree::HistogramBin{bin.start, bin.end, 0})
            .first->second.count += bin.count;
    }

    /// @return mean delay (ms), NaN without packets
    double GetMeanDelay() const
    {
        return 1e3 * delaySum / (received > 0.0 ? received : std::nan(""));
    }

    /// @return 99th percentile of the delay (ms), NaN without packets
    double GetP99Delay() const
    {
        std::vector<cellfree::HistogramBin> bins;
        for (const auto& [start, bin] : delays)
        {
            bins.push_back(bin);
        }
        return 1e3 * cellfree::GetHistogramQuantile(bins, 0.99);
    }

    /// @return lost packets (%), NaN if none was sent
    double GetLoss() const
    {
        return 100.0 * lost / (sent > 0.0 ? sent : std::nan(""));
    }

    /// @return packets neither received nor lost (%), NaN if none was sent
    double GetWaiting() const
    {
        return 100.0 * waiting / (sent > 0.0 ? sent : std::nan(""));
    }
};

/// A mean, NaN without values.
class Mean
{
  public:
    /// Adds a value. @param value the value
    void Add(double value)
    {
        m_sum += value;
        ++m_n;
    }

    /// @return the mean
    double Get() const
    {
        return m_n > 0 ? m_sum / m_n : std::nan("");
    }

  private:
    double m_sum{0.0}; //!< sum of the values
    uint64_t m_n{0};   //!< number of values
};

/// When a target could be tracked, and when it was.
struct Wait
{
    double start{0.0};                                    //!< start of its first dwell (s)
    double end{std::numeric_limits<double>::quiet_NaN()}; //!< first track of it (s)
};

/// The sawtooth of the age of one CPU's reports where they arrive.
struct Ages
{
    double area{0.0};   //!< integral of the age since the first arrival (s^2)
    double first{0.0};  //!< first arrival (s)
    double last{0.0};   //!< last arrival (s)
    double newest{0.0}; //!< when the newest report that has arrived was sent (s)

    /**
     * @brief Goes on to a later time at which nothing has arrived yet.
     * @param time the time (s); an earlier one changes nothing
     */
    void GoTo(double time)
    {
        if (time > last)
        {
            area += (time - last) * (0.5 * (time + last) - newest);
            last = time;
        }
    }
};

/**
 * @brief Reads which tracks the dwells looked at.
 * @param path a TrackTrace; one that is missing or wrong has no tracks
 * @return by the end of a dwell and a target that has a track then: whether the dwell looked at it
 */
std::map<std::pair<std::string, std::string>, bool>
ReadLooks(const std::string& path)
{
    CellFreeTraceReader tracks(path);
    const auto time = tracks.FindColumn("time_s");
    const auto target = tracks.FindColumn("targetId");
    const auto pd = tracks.FindColumn("pd");
    std::map<std::pair<std::string, std::string>, bool> looks;
    while (tracks.Next())
    {
        const auto& row = tracks.GetRow();
        auto& isLook = looks[{row[time], row[target]}];
        isLook = isLook || !row[pd].empty();
    }
    return looks;
}

/// A mean ratio in decibels, not below -300; NaN stays.
double
ToKnownDecibels(double ratio)
{
    return std::isnan(ratio) ? ratio : cellfree::ToDecibels(std::max(ratio, 1e-30));
}

} // namespace

const std::vector<CellFreeMetric>&
CellFreeRunMetrics::GetMetrics()
{
    constexpr cellfree::Range share{0.0, 1.0};
    constexpr cellfree::Range percentage{0.0, 100.0};
    constexpr cellfree::Range positive{0.0, std::numeric_limits<double>::infinity()};
    constexpr cellfree::Range any{};
    static const std::vector<CellFreeMetric> metrics{
        {"throughputMean", "Mb/s", "throughputMean_Mbps", 2, positive},
        {"throughputMedian", "Mb/s", "throughputMedian_Mbps", 2, positive},
        {"throughputP5", "Mb/s", "throughputP5_Mbps", 2, positive},
        {"rate", "bit/s/Hz", "rate_bpsPerHz", 3, positive},
        {"meanDelay", "ms", "meanDelay_ms", 2, positive},
        {"p99Delay", "ms", "p99Delay_ms", 2, positive},
        {"loss", "%", "loss_pct", 3, percentage},
        {"waiting", "%", "waiting_pct", 3, percentage},
        {"fairness", "1", "fairness", 3, share},
        {"sensingSnr", "dB", "sensingSnr_dB", 2, any},
        {"combinedSnr", "dB", "combinedSnr_dB", 2, any},
        {"pd", "1", "pd", 4, share},
        {"trackError", "m", "trackError_m", 2, positive, true},
        {"gospa", "m", "gospa_m", 2, positive, true},
        {"firstTrack", "s", "firstTrack_s", 3, positive, true},
        {"meanAge", "ms", "meanAge_ms", 2, positive, true},
    };
    return metrics;
}

std::string
CellFreeRunMetrics::Read(const std::string& folder)
{
    values.assign(N_METRICS, std::nan(""));
    users.clear();
    cost = {};
    for (auto part : {&CellFreeRunMetrics::ReadFlows,
                      &CellFreeRunMetrics::ReadBlocks,
                      &CellFreeRunMetrics::ReadDwells,
                      &CellFreeRunMetrics::ReadTracks,
                      &CellFreeRunMetrics::ReadReports,
                      &CellFreeRunMetrics::ReadCosts})
    {
        const auto error = (this->*part)(folder);
        if (!error.empty())
        {
            return error;
        }
    }
    return {};
}

std::string
CellFreeRunMetrics::ReadFlows(const std::string& folder)
{
    CellFreeTraceReader flows(folder + "/FlowTrace.tsv");
    const auto flowId = flows.FindColumn("flowId");
    const auto ueId = flows.FindColumn("ueId");
    const auto direction = flows.FindColumn("direction");
    const auto acknowledges = flows.FindColumn("acknowledges");
    const auto sent = flows.FindColumn("txPackets");
    const auto received = flows.FindColumn("rxPackets");
    const auto lost = flows.FindColumn("lostPackets");
    const auto waiting = flows.FindColumn("waitingPackets");
    const auto throughput = flows.FindColumn("throughput_bps");
    const auto meanDelay = flows.FindColumn("meanDelay_s");
    std::map<std::string, uint32_t> ueOfFlow;
    std::map<uint32_t, Packets> ues;
    while (flows.Next())
    {
        if (flows.GetRow()[direction] != "DL" || flows.GetNumber(acknowledges) != 0.0)
        {
            continue;
        }
        const auto ue = static_cast<uint32_t>(flows.GetNumber(ueId));
        ueOfFlow[flows.GetRow()[flowId]] = ue;
        Packets packets;
        packets.throughput = flows.GetNumber(throughput);
        packets.sent = flows.GetNumber(sent);
        packets.received = flows.GetNumber(received);
        packets.lost = flows.GetNumber(lost);
        packets.waiting = flows.GetNumber(waiting);
        packets.delaySum =
            packets.received > 0.0 ? packets.received * flows.GetNumber(meanDelay) : 0.0;
        ues[ue].Add(packets);
    }
    CellFreeTraceReader delays(folder + "/DelayTrace.tsv");
    const auto delayFlow = delays.FindColumn("flowId");
    const auto start = delays.FindColumn("binStart_s");
    const auto end = delays.FindColumn("binEnd_s");
    const auto count = delays.FindColumn("count");
    while (delays.Next())
    {
        const auto ue = ueOfFlow.find(delays.GetRow()[delayFlow]);
        if (ue != ueOfFlow.end())
        {
            ues[ue->second].AddDelays({delays.GetNumber(start),
                                       delays.GetNumber(end),
                                       static_cast<uint64_t>(delays.GetNumber(count))});
        }
    }
    for (const auto* reader : {&flows, &delays})
    {
        if (!reader->GetError().empty())
        {
            return reader->GetError();
        }
    }

    Packets all;
    std::vector<double> throughputs;
    for (const auto& [ue, packets] : ues)
    {
        users.push_back({ue,
                         1e-6 * packets.throughput,
                         packets.GetMeanDelay(),
                         packets.GetP99Delay(),
                         packets.GetLoss(),
                         packets.GetWaiting()});
        throughputs.push_back(users.back().throughput);
        all.Add(packets);
    }
    if (!throughputs.empty())
    {
        values[THROUGHPUT_MEAN] =
            std::accumulate(throughputs.begin(), throughputs.end(), 0.0) / throughputs.size();
    }
    values[THROUGHPUT_MEDIAN] = cellfree::GetQuantile(throughputs, 0.5);
    values[THROUGHPUT_P5] = cellfree::GetQuantile(throughputs, 0.05);
    values[DELAY_MEAN] = all.GetMeanDelay();
    values[DELAY_P99] = all.GetP99Delay();
    values[LOSS] = all.GetLoss();
    values[WAITING] = all.GetWaiting();
    values[FAIRNESS] = cellfree::GetJainFairness(throughputs);
    return {};
}

std::string
CellFreeRunMetrics::ReadBlocks(const std::string& folder)
{
    CellFreeTraceReader blocks(folder + "/UeTrace.tsv");
    const auto direction = blocks.FindColumn("direction");
    const auto mcs = blocks.FindColumn("mcs");
    const auto rate = blocks.FindColumn("rate_bpsPerHz");
    Mean mean;
    while (blocks.Next())
    {
        if (blocks.GetRow()[direction] == "DL" && blocks.GetNumber(mcs) >= 0.0)
        {
            mean.Add(blocks.GetNumber(rate));
        }
    }
    values[RATE] = mean.Get();
    return blocks.GetError();
}

std::string
CellFreeRunMetrics::ReadDwells(const std::string& folder)
{
    const auto looks = ReadLooks(folder + "/TrackTrace.tsv");
    CellFreeTraceReader dwells(folder + "/SensingTrace.tsv");
    const auto time = looks.empty() ? 0 : dwells.FindColumn("time_s");
    const auto target = looks.empty() ? 0 : dwells.FindColumn("targetId");
    const auto snr = dwells.FindColumn("snr_dB");
    const auto combinedSnr = dwells.FindColumn("combinedSnr_dB");
    const auto pd = dwells.FindColumn("pd");
    Mean snrMean;
    Mean combinedMean;
    Mean pdMean;
    while (dwells.Next())
    {
        const auto look = looks.find({dwells.GetRow()[time], dwells.GetRow()[target]});
        if (look != looks.end() && !look->second)
        {
            continue; // it was known where the target is, and another was looked at
        }
        snrMean.Add(cellfree::FromDecibels(dwells.GetNumber(snr)));
        combinedMean.Add(cellfree::FromDecibels(dwells.GetNumber(combinedSnr)));
        pdMean.Add(dwells.GetNumber(pd));
    }
    values[SENSING_SNR] = ToKnownDecibels(snrMean.Get());
    values[COMBINED_SNR] = ToKnownDecibels(combinedMean.Get());
    values[PD] = pdMean.Get();
    return dwells.GetError();
}

std::string
CellFreeRunMetrics::ReadTracks(const std::string& folder)
{
    if (!std::filesystem::exists(folder + "/TrackTrace.tsv"))
    {
        return {};
    }
    CellFreeTraceReader dwells(folder + "/SensingTrace.tsv");
    const auto start = dwells.FindColumn("start_s");
    const auto end = dwells.FindColumn("time_s");
    const auto target = dwells.FindColumn("targetId");
    std::map<std::string, Wait> waits;
    double horizon = 0.0;
    while (dwells.Next())
    {
        waits.try_emplace(dwells.GetRow()[target], Wait{dwells.GetNumber(start)});
        horizon = std::max(horizon, dwells.GetNumber(end));
    }
    CellFreeTraceReader tracks(folder + "/TrackTrace.tsv");
    const auto time = tracks.FindColumn("time_s");
    const auto cpu = tracks.FindColumn("cpuId");
    const auto status = tracks.FindColumn("status");
    const auto targetOfTrack = tracks.FindColumn("targetId");
    tracks.FindColumn("pd"); // see ReadLooks()
    const auto error = tracks.FindColumn("error_m");
    const auto gospa = tracks.FindColumn("gospa_m");
    Mean errorMean;
    Mean gospaMean;
    std::map<std::string, std::string> lastDwell; // of each CPU: its rows have one GOSPA
    bool isEmpty = true;
    while (tracks.Next())
    {
        const auto& row = tracks.GetRow();
        isEmpty = false;
        if (auto& last = lastDwell[row[cpu]]; last != row[time])
        {
            last = row[time];
            gospaMean.Add(tracks.GetNumber(gospa));
        }
        if (row[status] == "tentative" || tracks.GetNumber(targetOfTrack) < 0.0)
        {
            continue;
        }
        errorMean.Add(tracks.GetNumber(error));
        const auto wait = waits.find(row[targetOfTrack]);
        if (wait != waits.end() && std::isnan(wait->second.end))
        {
            wait->second.end = tracks.GetNumber(time);
        }
    }
    Mean waitMean;
    for (const auto& [id, wait] : waits)
    {
        waitMean.Add((std::isnan(wait.end) ? horizon : wait.end) - wait.start);
    }
    values[TRACK_ERROR] = errorMean.Get();
    values[GOSPA] = gospaMean.Get();
    values[FIRST_TRACK] = isEmpty ? std::nan("") : waitMean.Get();
    return dwells.GetError().empty() ? tracks.GetError() : dwells.GetError();
}

std::string
CellFreeRunMetrics::ReadReports(const std::string& folder)
{
    if (!std::filesystem::exists(folder + "/ReportTrace.tsv"))
    {
        return {};
    }
    CellFreeTraceReader dwells(folder + "/SensingTrace.tsv");
    const auto end = dwells.FindColumn("time_s");
    double horizon = 0.0;
    while (dwells.Next())
    {
        horizon = std::max(horizon, dwells.GetNumber(end));
    }
    CellFreeTraceReader reports(folder + "/ReportTrace.tsv");
    const auto time = reports.FindColumn("time_s");
    const auto cpu = reports.FindColumn("cpuId");
    const auto sent = reports.FindColumn("sent_s");
    std::map<std::string, Ages> cpus;
    while (reports.Next())
    {
        const double arrival = reports.GetNumber(time);
        const auto of = cpus.try_emplace(reports.GetRow()[cpu],
                                         Ages{0.0, arrival, arrival, reports.GetNumber(sent)})
                            .first;
        of->second.GoTo(arrival);
        // One that was overtaken tells nothing new.
        of->second.newest = std::max(of->second.newest, reports.GetNumber(sent));
    }
    Mean mean;
    for (auto& [id, ages] : cpus)
    {
        ages.GoTo(horizon);
        if (ages.last > ages.first)
        {
            mean.Add(1e3 * ages.area / (ages.last - ages.first));
        }
    }
    values[MEAN_AGE] = mean.Get();
    return dwells.GetError().empty() ? reports.GetError() : dwells.GetError();
}

std::string
CellFreeRunMetrics::ReadCosts(const std::string& folder)
{
    CellFreeTraceReader decisions(folder + "/CostTrace.tsv");
    const auto wallTime = decisions.FindColumn("wallTime_s");
    std::vector<double> times;
    Mean mean;
    while (decisions.Next())
    {
        times.push_back(1e6 * decisions.GetNumber(wallTime));
        mean.Add(times.back());
    }
    cost.n = times.size();
    cost.mean = mean.Get();
    cost.p50 = cellfree::GetQuantile(times, 0.5);
    cost.p99 = cellfree::GetQuantile(times, 0.99);
    return decisions.GetError();
}

} // namespace ns3
