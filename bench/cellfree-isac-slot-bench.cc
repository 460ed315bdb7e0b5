// SPDX-License-Identifier: GPL-2.0-only

/*
 * What a slot costs: with each feature of the network switched on in turn, as a ratio to the
 * default in the same run, and as the network grows at constant density with clusters of a constant
 * size.
 */

#include "cell-free-bench-traffic.h"

#include "ns3/boolean.h"
#include "ns3/box.h"
#include "ns3/cell-free-estimator.h"
#include "ns3/command-line.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <iomanip>
#include <iostream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace ns3;

namespace
{

/// Says that every target is where it is: what a dwell costs without estimates.
class ExactEstimator : public CellFreeEstimator
{
  public:
    // Inherited
    CellFreeEstimateQuality Estimate(const CellFreeState& truth,
                                     const CellFreeEchoes& echoes,
                                     UniformRandomVariable&,
                                     CellFreeDetection& detection) override
    {
        detection.time = echoes.time;
        detection.state = truth;
        detection.covariance.setIdentity();
        return {};
    }
};

/// Chooses what differs from the default.
using Setup = std::function<void(CellFreeIsacHelper&)>;

/// A network to run.
struct Network
{
    uint32_t nAps{16};         //!< APs
    uint32_t nUes{8};          //!< UEs
    uint32_t nTargets{1};      //!< targets
    double apSpacing{250.0};   //!< square root of the area per AP (m)
    std::string policy{"rzf"}; //!< beamforming policy
    Time duration;             //!< simulated time
    Setup setup;               //!< settings
};

/// What one run took.
struct Cost
{
    double seconds{0.0};   //!< processor time of the event loop, per slot (s)
    double megabytes{0.0}; //!< largest memory of the process (MiB)
};

/// Puts nodes at random places.
void
Place(const NodeContainer& nodes, double side, double height, int64_t stream)
{
    auto coordinate = CreateObject<UniformRandomVariable>();
    coordinate->SetStream(stream);
    for (uint32_t i = 0; i < nodes.GetN(); ++i)
    {
        auto mobility = CreateObject<ConstantPositionMobilityModel>();
        const double x = coordinate->GetValue(0.0, side);
        const double y = coordinate->GetValue(0.0, side);
        mobility->SetPosition(Vector(x, y, height));
        nodes.Get(i)->AggregateObject(mobility);
    }
}

/**
 * @brief Runs a network whose UEs receive UDP at 10 Mb/s each.
 * @param network the network
 * @return processor time of the event loop per slot (s)
 */
double
Simulate(const Network& network)
{
    NodeContainer cpu(1);
    NodeContainer aps(network.nAps);
    NodeContainer ues(network.nUes);
    NodeContainer targets(network.nTargets);
    const double side = network.apSpacing * std::sqrt(network.nAps);
    Place(aps, side, 10.0, 1000);
    Place(ues, side, 1.5, 1001);
    Place(targets, side, 50.0, 1002);
    CellFreeIsacHelper helper;
    helper.SetPolicy(network.policy);
    network.setup(helper);
    const auto devices = helper.Install(cpu.Get(0), aps, ues);
    helper.InstallTargets(targets);
    helper.AssignStreams(10000);
    AddBenchTraffic(cpu, ues, devices);
    // The first slots fill queues and memory.
    const Time warmUp = MilliSeconds(20);
    std::clock_t start = 0;
    Simulator::Schedule(warmUp, [&start] { start = std::clock(); });
    Simulator::Stop(warmUp + network.duration);
    Simulator::Run();
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    const double slots = network.duration.GetSeconds() /
                         helper.GetLink()->GetFrame()->GetSlotDuration().GetSeconds();
    Simulator::Destroy();
    return seconds / slots;
}

/**
 * @brief Simulates in a process of its own, whose memory is the run's alone.
 * @param network the network
 * @return what it took
 */
Cost
Run(const Network& network)
{
    int ends[2];
    NS_ABORT_MSG_IF(pipe(ends) != 0, "slot bench: no pipe");
    const auto child = fork();
    NS_ABORT_MSG_IF(child < 0, "slot bench: no process");
    Cost cost;
    if (child == 0)
    {
        cost.seconds = Simulate(network);
        _exit(write(ends[1], &cost.seconds, sizeof(cost.seconds)) == sizeof(cost.seconds) ? 0 : 1);
    }
    close(ends[1]);
    rusage usage{};
    int status = 0;
    const bool isRead = read(ends[0], &cost.seconds, sizeof(cost.seconds)) == sizeof(cost.seconds);
    close(ends[0]);
    wait4(child, &status, 0, &usage);
    NS_ABORT_MSG_IF(!isRead || status != 0, "slot bench: a run failed");
    cost.megabytes = usage.ru_maxrss / 1024.0;
    return cost;
}

/// The features, each with the settings that switch it on alone.
const std::vector<std::pair<std::string, Setup>> FEATURES{
    {"default", [](CellFreeIsacHelper&) {}},
    {"Rician, correlated, Clarke",
     [](auto& helper) { helper.SetFading("ns3::CellFreeSpatialFading"); }},
    {"the same in 4 sub-bands",
     [](auto& helper) {
         helper.SetFading("ns3::CellFreeSpatialFading");
         helper.SetChannelAttribute("Subbands", UintegerValue(4));
     }},
    {"8 pilots",
     [](auto& helper) { helper.SetCsi("ns3::CellFreePilotCsi", "PilotLength", UintegerValue(8)); }},
    {"clusters of 4",
     [](auto& helper) {
         helper.SetClustering("ns3::CellFreeStrongestAps", "Size", UintegerValue(4));
     }},
    {"proportional fair",
     [](auto& helper) { helper.SetScheduler("ns3::CellFreeProportionalFairScheduler"); }},
    {"semi-orthogonal selection",
     [](auto& helper) {
         helper.SetScheduler("ns3::CellFreeRoundRobinScheduler",
                             "SemiOrthogonality",
                             DoubleValue(0.5));
     }},
    {"beams for 4 slots",
     [](auto& helper) { helper.SetCpuAttribute("BeamUpdatePeriod", UintegerValue(4)); }},
    {"P-MMSE", [](auto& helper) { helper.SetCombining("ns3::CellFreePartialMmse"); }},
    {"LP-MMSE", [](auto& helper) { helper.SetCombining("ns3::CellFreeLocalMmse"); }},
    {"fronthaul of 1 Gb/s per AP",
     [](auto& helper) {
         helper.SetFronthaul("ns3::CellFreeLimitedFronthaul", "Rate", StringValue("1Gb/s"));
     }},
    {"no estimates",
     [](auto& helper) {
         helper.SetEchoReceiver("ns3::CellFreeEchoReceiver",
                                "Estimator",
                                PointerValue(CreateObject<ExactEstimator>()));
     }},
    {"tracker",
     [](auto& helper) {
         helper.SetTracker("ns3::CellFreeMultiTargetTracker");
         helper.SetSensingSchedule("ns3::CellFreeAdaptiveSensing");
     }},
    {"tracker and search",
     [](auto& helper) {
         helper.SetTracker("ns3::CellFreeMultiTargetTracker");
         helper.SetSensingSchedule("ns3::CellFreeAdaptiveSensing",
                                   "Search",
                                   StringValue("GoldenRatio"),
                                   "SearchBox",
                                   BoxValue(Box(0.0, 1000.0, 0.0, 1000.0, 0.0, 100.0)));
     }},
};

/**
 * @brief Prints what features cost, in turns with the default.
 * @param duration simulated time
 * @param repetitions runs of each
 * @param only what the names of the features contain
 */
void
PrintFeatures(Time duration, uint32_t repetitions, const std::string& only)
{
    std::cout << "| feature | ms per slot | ratio to default | peak MiB |\n|---|---|---|---|\n"
              << std::fixed;
    std::vector<double> best(FEATURES.size(), INFINITY);
    std::vector<double> memory(FEATURES.size(), 0.0);
    for (uint32_t r = 0; r < repetitions; ++r)
    {
        for (std::size_t i = 0; i < FEATURES.size(); ++i)
        {
            if (i > 0 && FEATURES[i].first.find(only) == std::string::npos)
            {
                continue;
            }
            Network network;
            network.duration = duration;
            network.setup = FEATURES[i].second;
            const auto cost = Run(network);
            // Others on the machine only ever add.
            best[i] = std::min(best[i], cost.seconds);
            memory[i] = std::max(memory[i], cost.megabytes);
        }
    }
    for (std::size_t i = 0; i < FEATURES.size(); ++i)
    {
        if (!std::isfinite(best[i]))
        {
            continue;
        }
        std::cout << "| " << FEATURES[i].first << " | " << std::setprecision(3) << 1e3 * best[i]
                  << " | " << std::setprecision(3) << best[i] / best[0] << " | "
                  << std::setprecision(0) << memory[i] << " |" << std::endl;
    }
}

/**
 * @brief Prints the cost of networks of growing size, and the exponent of its growth.
 * @param policy name of the policy
 * @param clusterSize APs that serve a UE
 * @param nStreams UEs that share a slot; 0 for all of them
 * @param duration simulated time
 */
void
PrintGrowth(const std::string& policy, uint32_t clusterSize, uint32_t nStreams, Time duration)
{
    std::cout << "\n| policy | APs | UEs | streams | ms per slot | peak MiB "
                 "|\n|---|---|---|---|---|---|\n"
              << std::fixed;
    std::vector<std::pair<double, double>> points;
    for (uint32_t nAps : {25, 50, 100, 200, 400})
    {
        Network network;
        network.nAps = nAps;
        network.nUes = nAps / 2;
        network.nTargets = 0;
        network.policy = policy;
        network.duration = duration;
        const uint32_t streams = nStreams == 0 ? network.nUes : nStreams;
        network.setup = [clusterSize, streams, &network](auto& helper) {
            helper.SetClustering("ns3::CellFreeStrongestAps", "Size", UintegerValue(clusterSize));
            helper.SetChannelAttribute("MaxRange", DoubleValue(4 * network.apSpacing));
            helper.SetLinkAttribute("MaxStreams", UintegerValue(streams));
        };
        const auto cost = Run(network);
        points.emplace_back(std::log(nAps), std::log(cost.seconds));
        std::cout << "| " << policy << " | " << nAps << " | " << network.nUes << " | " << streams
                  << " | " << std::setprecision(2) << 1e3 * cost.seconds << " | "
                  << std::setprecision(0) << cost.megabytes << " |" << std::endl;
    }
    double meanX = 0.0;
    double meanY = 0.0;
    for (const auto& [x, y] : points)
    {
        meanX += x / points.size();
        meanY += y / points.size();
    }
    double xx = 0.0;
    double xy = 0.0;
    for (const auto& [x, y] : points)
    {
        xx += (x - meanX) * (x - meanX);
        xy += (x - meanX) * (y - meanY);
    }
    std::cout << "cost grows as APs to the power " << std::setprecision(2) << xy / xx << '\n';
}

} // namespace

int
main(int argc, char* argv[])
{
    Time duration = MilliSeconds(200);
    uint32_t repetitions = 5;
    uint32_t clusterSize = 8;
    std::string features;
    std::string policies = "cb,rzf";
    CommandLine cmd(__FILE__);
    cmd.Usage("What a slot costs with each feature, and as the network grows.");
    cmd.AddValue("duration", "simulated time of a run", duration);
    cmd.AddValue("repetitions",
                 "runs of each feature, of which the fastest counts; 0 for none",
                 repetitions);
    cmd.AddValue("features",
                 "part of the names of the features to try beside the default, and nothing else; "
                 "empty for all, and growing networks",
                 features);
    cmd.AddValue("clusterSize", "APs that serve a UE of a growing network", clusterSize);
    cmd.AddValue("policies", "policies of the growing network, separated by commas", policies);
    cmd.Parse(argc, argv);
    if (repetitions > 0)
    {
        PrintFeatures(duration, repetitions, features);
    }
    std::istringstream stream(features.empty() ? policies : "");
    for (std::string policy; std::getline(stream, policy, ',');)
    {
        PrintGrowth(policy, clusterSize, 8, duration);
        PrintGrowth(policy, clusterSize, 0, duration);
    }
    return 0;
}
