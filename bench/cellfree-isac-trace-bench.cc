// SPDX-License-Identifier: GPL-2.0-only

/*
 * What traces cost: the same drop without observers, with ns-3's FlowMonitor alone, and with
 * CellFreeIsacHelper::EnableTraces(), which includes it, in turns, as ratios of processor times;
 * and whether memory grows with the rows.
 */

#include "cell-free-bench-traffic.h"

#include "ns3/command-line.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/flow-monitor-helper.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <unistd.h>
#include <vector>

using namespace ns3;

namespace
{

/// Memory of this process that is in use now (MiB), from /proc.
double
GetMemory()
{
    std::ifstream file("/proc/self/statm");
    double pages = 0.0;
    file >> pages >> pages;
    return pages * sysconf(_SC_PAGESIZE) / (1 << 20);
}

/// What one run took.
struct Cost
{
    double seconds{0.0};   //!< processor time of the event loop and of completing the files
    double megabytes{0.0}; //!< memory at the end less that at a quarter of the run (MiB)
};

/// What observes a run.
enum Observer
{
    NOBODY,       //!< nothing
    FLOW_MONITOR, //!< ns-3's FlowMonitor
    TRACES,       //!< all traces of the module, FlowMonitor among them
};

/**
 * @brief Runs 16 APs with 8 antennas, 8 UEs with UDP at 10 Mb/s, and a target.
 * @param policy name of the policy
 * @param observer what observes it
 * @param outputDir where the traces go
 * @param duration simulated time
 * @return the cost
 */
Cost
Run(const std::string& policy, Observer observer, const std::string& outputDir, Time duration)
{
    NodeContainer cpu(1);
    NodeContainer aps(16);
    NodeContainer ues(8);
    NodeContainer targets(1);
    const auto place = [](const NodeContainer& nodes, double spacing, double height) {
        for (uint32_t i = 0; i < nodes.GetN(); ++i)
        {
            auto mobility = CreateObject<ConstantPositionMobilityModel>();
            mobility->SetPosition(
                Vector(spacing / 2 + spacing * (i % 4), spacing * (i / 4), height));
            nodes.Get(i)->AggregateObject(mobility);
        }
    };
    place(aps, 100.0, 10.0);
    place(ues, 80.0, 1.5);
    place(targets, 150.0, 50.0);
    CellFreeIsacHelper helper;
    helper.SetPolicy(policy);
    const auto devices = helper.Install(cpu.Get(0), aps, ues);
    helper.InstallTargets(targets);
    helper.AssignStreams(1);
    AddBenchTraffic(cpu, ues, devices);
    FlowMonitorHelper flowMonitor;
    if (observer == FLOW_MONITOR)
    {
        flowMonitor.Install(NodeContainer(cpu, ues));
    }
    if (observer == TRACES)
    {
        helper.EnableTraces(outputDir);
    }
    Cost cost;
    Simulator::Schedule(duration / 4, [&cost] { cost.megabytes = -GetMemory(); });
    Simulator::Stop(duration);
    const auto start = std::clock();
    Simulator::Run();
    cost.megabytes += GetMemory();
    Simulator::Destroy();
    cost.seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    return cost;
}

/// The median of values. @param values at least one @return the median
double
GetMedian(std::vector<double> values)
{
    std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
    return values[values.size() / 2];
}

} // namespace

int
main(int argc, char* argv[])
{
    Time duration = Seconds(5);
    uint32_t repetitions = 5;
    CommandLine cmd(__FILE__);
    cmd.AddValue("duration", "simulated time of a run", duration);
    cmd.AddValue("repetitions", "runs with and without traces", repetitions);
    cmd.Parse(argc, argv);

    const auto folder =
        std::filesystem::temp_directory_path() / ("cellfree-isac-" + std::to_string(getpid()));
    std::cout << "policy       bare(s)  FlowMonitor/bare  traces/FlowMonitor  traces/bare  "
                 "growth bare, traces(MiB)\n"
              << std::fixed;
    for (const std::string policy : {"gnn", "rzf", "cb"})
    {
        std::vector<double> bare;
        std::vector<double> flows;
        std::vector<double> traces;
        std::vector<double> all;
        std::vector<double> growthBare;
        std::vector<double> growthTraces;
        for (uint32_t i = 0; i <= repetitions; ++i)
        {
            const auto nobody = Run(policy, NOBODY, "", duration);
            const auto monitored = Run(policy, FLOW_MONITOR, "", duration);
            const auto traced = Run(policy, TRACES, folder.string(), duration);
            if (i > 0) // the first round warms caches
            {
                bare.push_back(nobody.seconds);
                flows.push_back(monitored.seconds / nobody.seconds);
                traces.push_back(traced.seconds / monitored.seconds);
                all.push_back(traced.seconds / nobody.seconds);
                growthBare.push_back(nobody.megabytes);
                growthTraces.push_back(traced.megabytes);
            }
        }
        std::cout << std::left << std::setw(11) << policy << std::right << std::setprecision(3)
                  << std::setw(9) << GetMedian(bare) << std::setw(18) << GetMedian(flows)
                  << std::setw(20) << GetMedian(traces) << std::setw(13) << GetMedian(all)
                  << std::setprecision(2) << std::setw(12) << GetMedian(growthBare) << std::setw(8)
                  << GetMedian(growthTraces) << std::endl;
    }
    std::filesystem::remove_all(folder);
    return 0;
}
