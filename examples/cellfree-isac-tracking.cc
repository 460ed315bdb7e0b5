// SPDX-License-Identifier: GPL-2.0-only

/*
 * Sensing as a service of the network: beams follow targets that a tracker believes in, and reports
 * of them travel to a server like any other packet.
 *
 *   server ---- CPU ==== 16 APs over 400 m x 400 m ~~~~ 8 UEs that download
 *      ^ reports                                   ~~~~ echoes of two drones and a vehicle
 *
 *   400 m +---------------------------------+
 *         |                    ^            |   A  a drone that the network is told of once; it
 *         |        =========   |            |      flies through a street of tall buildings (===),
 *         | A ----> - - - - ---|->          |      where no AP sees it, and is found again behind
 *         |        =========   |            |   B  a drone that appears after 4 s, unannounced: the
 *         |                    |            |      search finds it
 *         |  <-----------------+--------- C |   C  a vehicle on the road below, told of once
 *         |                    B            |
 *       0 +---------------------------------+ 400 m
 *
 * Nothing in the network reads where a target is: echoes are detected or missed, detections become
 * tracks, the next dwell's beams point where the tracker expects the targets, and the weight of
 * sensing against rate is controlled so that the believed probability of detection stays at a set
 * point.
 *
 * Read it from main() at the end: each function above it is one step.
 */

#include "ns3/applications-module.h"
#include "ns3/buildings-module.h"
#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/mobility-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace ns3;

namespace
{

/// What the command line says.
struct Options
{
    std::string policy = "gnn";
    Time simTime = Seconds(20);
    bool isTracking = true;
    bool hasSearch = true;
    double detectionTarget = 0.9;
    double sensingWeight = 1.0;
    std::string outputDir = "cellfree-isac-output";
    std::string simTag;
};

/// Who is there.
struct Nodes
{
    Ptr<Node> server;
    Ptr<Node> cpu;
    NodeContainer aps;
    NodeContainer ues;
    Ptr<Node> droneA;
    Ptr<Node> droneB;
    Ptr<Node> vehicle;
};

constexpr double SIDE = 400.0;             //!< of the square that all lies in (m)
constexpr uint16_t REPORT_PORT = 9000;     //!< that the server listens on
const Time APPEARANCE = Seconds(4);        //!< when drone B takes off
constexpr int64_t INTERNET_STREAMS = 1000; //!< first random stream of ns-3's own parts
constexpr int64_t UE_STREAMS = 2000;       //!< first random stream of the UEs' places
constexpr int64_t FIRST_STREAM = 10000000; //!< first random stream of the module

/// Reads the command line, and ends the program with one line where it is wrong.
Options
ReadOptions(int argc, char* argv[])
{
    Options options;
    CellFreeCommandLine cmd(__FILE__);
    cmd.Usage("Two drones and a vehicle are tracked while UEs download: one drone flies through a "
              "street of tall buildings, another one appears unannounced.");
    cmd.AddValue("policy", "beamforming policy: " + GetBeamformingPolicyNames(), options.policy);
    cmd.AddValue("simTime", "simulated time", options.simTime, NanoSeconds(1), Seconds(1e6));
    cmd.AddValue("tracking",
                 "follow targets by a tracker; false: the CPU is told their true directions",
                 options.isTracking);
    cmd.AddValue("search", "search for targets that nobody knows of", options.hasSearch);
    cmd.AddValue("detectionTarget",
                 "believed probability of detection that the weight of sensing is controlled for; "
                 "0: the weight is --sensingWeight",
                 options.detectionTarget,
                 0.0,
                 0.999);
    cmd.AddValue("sensingWeight",
                 "weight of sensing in the policy's objective, at first or always",
                 options.sensingWeight,
                 0.0,
                 1e6);
    cmd.AddValue("outputDir", "directory of the traces, created if missing", options.outputDir);
    cmd.AddValue("simTag", "text added to the names of the traces", options.simTag);
    cmd.Parse(argc, argv);
    if (options.detectionTarget > 0.0 && options.detectionTarget < 0.4)
    {
        std::ostringstream given;
        given << "--detectionTarget=" << options.detectionTarget
              << ": expected 0 or from 0.4 to 0.999";
        cmd.RefuseIf(given.str());
    }
    std::string error;
    auto policy = CreateBeamformingPolicy(options.policy, error);
    cmd.RefuseIf(error);
    cmd.RefuseIf(policy->FindError());
    cmd.RefuseIf(CellFreeTraceWriter::FindDirectoryError(options.outputDir));
    return options;
}

/// Lets a node stay at a place, or move from it at a constant velocity.
void
Place(Ptr<Node> node, Vector position, Vector velocity = Vector(0, 0, 0))
{
    auto mobility = CreateObject<ConstantVelocityMobilityModel>();
    mobility->SetPosition(position);
    mobility->SetVelocity(velocity);
    node->AggregateObject(mobility);
}

/// Creates the nodes, and the street that hides drone A.
Nodes
CreateNodes()
{
    Nodes nodes;
    nodes.server = CreateObject<Node>();
    nodes.cpu = CreateObject<Node>();
    nodes.aps.Create(16);
    for (uint32_t m = 0; m < 16; ++m)
    {
        Place(nodes.aps.Get(m), Vector(50 + 100 * (m % 4), 50 + 100 * (m / 4), 12));
    }
    nodes.ues.Create(8);
    auto coordinate = CreateObject<UniformRandomVariable>();
    coordinate->SetStream(UE_STREAMS);
    for (uint32_t u = 0; u < 8; ++u)
    {
        const double x = coordinate->GetValue(0.0, SIDE);
        Place(nodes.ues.Get(u), Vector(x, coordinate->GetValue(0.0, SIDE), 1.5));
    }
    nodes.droneA = CreateObject<Node>();
    Place(nodes.droneA, Vector(20, 205, 25), Vector(15, 0, 0));
    nodes.droneB = CreateObject<Node>();
    Place(nodes.droneB, Vector(320, 0, 40));
    nodes.vehicle = CreateObject<Node>();
    Place(nodes.vehicle, Vector(390, 110, 1), Vector(-12, 0, 0));

    for (const auto& wall : {Box(120, 210, 188, 196, 0, 60), Box(120, 210, 214, 222, 0, 60)})
    {
        auto building = CreateObject<Building>();
        building->SetBoundaries(wall);
    }
    BuildingsHelper::Install(nodes.aps);
    BuildingsHelper::Install(NodeContainer(nodes.droneA, nodes.droneB, nodes.vehicle));
    return nodes;
}

/// Says how the network senses.
void
ConfigureSensing(const Options& options, CellFreeIsacHelper& cellFree)
{
    // A wall between an AP and a target swallows the echo.
    cellFree.SetChannelAttribute("HopCondition",
                                 StringValue("ns3::BuildingsChannelConditionModel"));
    cellFree.SetCpuAttribute("SensingWeight", DoubleValue(options.sensingWeight));
    if (options.detectionTarget > 0.0)
    {
        cellFree.SetWeightControl("ns3::CellFreeClosedLoopWeight",
                                  "Pd",
                                  DoubleValue(options.detectionTarget));
    }
    if (!options.isTracking)
    {
        return;
    }
    // Detections of drones, vehicles and noise become tracks ...
    const Box volume(0, SIDE, 0, SIDE, 0, 80);
    cellFree.SetTracker("ns3::CellFreeMultiTargetTracker");
    cellFree.SetEchoReceiver("ns3::CellFreeEchoReceiver", "Volume", BoxValue(volume));
    // ... which are looked at as often as they need it, and the rest of the dwells searches.
    cellFree.SetSensingSchedule("ns3::CellFreeAdaptiveSensing",
                                "Search",
                                StringValue(options.hasSearch ? "GoldenRatio" : "Off"),
                                "SearchBox",
                                BoxValue(volume));
}

/// Lets the CPU know of a target as a flight plan would: where it is now, within some metres.
void
Announce(Ptr<CellFreeCpu> cpu, Ptr<Node> target)
{
    const auto tracker = cpu->GetSensing()->GetTracker();
    if (!tracker)
    {
        return;
    }
    const auto mobility = target->GetObject<MobilityModel>();
    const auto place = mobility->GetPosition();
    const auto velocity = mobility->GetVelocity();
    CellFreeState state;
    state << place.x + 3.0, place.y - 3.0, place.z, velocity.x, velocity.y, velocity.z;
    CellFreeStateCovariance covariance = CellFreeStateCovariance::Zero();
    covariance.diagonal() << 25.0, 25.0, 25.0, 4.0, 4.0, 1.0;
    tracker->Cue(Simulator::Now(), state, covariance);
}

/// Tells when each target's track begins, is lost and is found again.
class Diary
{
  public:
    /// @param nodes who is there
    explicit Diary(const Nodes& nodes)
        : m_names{{nodes.droneA->GetId(), "drone A"},
                  {nodes.droneB->GetId(), "drone B"},
                  {nodes.vehicle->GetId(), "the vehicle"}}
    {
    }

    /// A dwell ended. @param score whose tracks are whose @param scan what the dwell told
    /// @param tracks the tracks after it
    void Note(const CellFreeTrackScore& score,
              const CellFreeScan& scan,
              const std::vector<CellFreeTrack>& tracks)
    {
        for (std::size_t i = 0; i < tracks.size(); ++i)
        {
            if (score.targetId[i] < 0)
            {
                continue;
            }
            auto& entry = m_entries[score.targetId[i]];
            // Short gaps are left out: a track that was lost for less than half a second.
            if (entry.nTracks == 0 || scan.end - entry.last > MilliSeconds(500))
            {
                if (entry.nTracks > 0)
                {
                    Write(entry.last, score.targetId[i], "lost");
                }
                Write(scan.end, score.targetId[i], entry.nTracks > 0 ? "found again" : "tracked");
                ++entry.nTracks;
            }
            entry.last = scan.end;
        }
        m_end = scan.end;
    }

    /// Writes what was noted, and what is still lost. @param out where to
    void Print(std::ostream& out)
    {
        for (const auto& [id, entry] : m_entries)
        {
            if (m_end - entry.last > MilliSeconds(500))
            {
                Write(entry.last, id, "lost");
            }
        }
        std::stable_sort(m_lines.begin(), m_lines.end(), [](const auto& a, const auto& b) {
            return a.first < b.first;
        });
        for (const auto& [time, line] : m_lines)
        {
            out << std::fixed << std::setprecision(2) << std::setw(7) << time.GetSeconds() << " s  "
                << line << '\n';
        }
        out << std::defaultfloat;
    }

  private:
    /// What is known of one target's track.
    struct Entry
    {
        uint32_t nTracks{0}; //!< how often one began
        Time last;           //!< when there was one
    };

    /// Notes an event. @param time when @param id node id of the target @param what happened
    void Write(Time time, uint32_t id, const std::string& what)
    {
        m_lines.emplace_back(time, m_names[id] + " " + what);
    }

    std::map<uint32_t, std::string> m_names;           //!< by node id
    std::map<uint32_t, Entry> m_entries;               //!< by node id of the target
    std::vector<std::pair<Time, std::string>> m_lines; //!< what happened when
    Time m_end;                                        //!< of the last dwell
};

/// Connects the CPU with the server, gives everybody addresses, and lets the UEs download.
/// @return the server's address
Ipv4Address
ConnectNetwork(const Nodes& nodes, const CellFreeDevices& devices)
{
    const NodeContainer hosts(NodeContainer(nodes.server, nodes.cpu), nodes.ues);
    InternetStackHelper internet;
    internet.Install(hosts);
    internet.AssignStreams(hosts, INTERNET_STREAMS);
    PointToPointHelper backbone;
    backbone.SetDeviceAttribute("DataRate", StringValue("10Gb/s"));
    backbone.SetChannelAttribute("Delay", StringValue("2ms"));
    Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
    const auto backboneAddresses = addresses.Assign(backbone.Install(nodes.server, nodes.cpu));
    addresses.SetBase("10.1.0.0", "255.255.0.0");
    addresses.Assign(devices.cpu);
    const auto ueAddresses = addresses.Assign(devices.ues);
    for (uint32_t u = 0; u < nodes.ues.GetN(); ++u)
    {
        PacketSinkHelper("ns3::UdpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 4000))
            .Install(nodes.ues.Get(u));
        auto source = CreateObject<CellFreeFullBufferTraffic>();
        source->SetAttribute("Device", PointerValue(devices.ues.Get(u)));
        source->SetAttribute("Remote",
                             AddressValue(InetSocketAddress(ueAddresses.GetAddress(u), 4000)));
        nodes.cpu->AddApplication(source);
        source->SetStartTime(MilliSeconds(100));
    }
    return backboneAddresses.GetAddress(0);
}

} // namespace

int
main(int argc, char* argv[])
{
    const auto options = ReadOptions(argc, argv);
    const auto nodes = CreateNodes();

    CellFreeIsacHelper cellFree;
    cellFree.SetPolicy(options.policy);
    ConfigureSensing(options, cellFree);
    const auto devices = cellFree.Install(nodes.cpu, nodes.aps, nodes.ues);
    cellFree.InstallTargets(NodeContainer(nodes.droneA, nodes.vehicle));
    cellFree.AssignStreams(FIRST_STREAM);
    const auto server = ConnectNetwork(nodes, devices);

    const auto cpu = cellFree.GetCpu();
    Simulator::ScheduleNow(&Announce, cpu, nodes.droneA);
    Simulator::ScheduleNow(&Announce, cpu, nodes.vehicle);
    // Drone B reflects from now on; nobody tells the CPU.
    Simulator::Schedule(APPEARANCE, [&]() {
        const auto mobility = nodes.droneB->GetObject<ConstantVelocityMobilityModel>();
        mobility->SetPosition(Vector(320, 0, 40));
        mobility->SetVelocity(Vector(-4, 12, 0));
        cellFree.InstallTargets(NodeContainer(nodes.droneB));
    });

    // What the CPU finds goes to the server, in packets over the same network.
    CellFreeSensingServerHelper serverHelper(REPORT_PORT);
    serverHelper.Install(NodeContainer(nodes.server));
    CellFreeSensingReportHelper reporter(InetSocketAddress(server, REPORT_PORT));
    reporter.Install(NodeContainer(nodes.cpu));

    cellFree.Describe("load", "full buffers to all UEs");
    cellFree.Describe("buildings", "120|210|188|196|0|60 120|210|214|222|0|60");
    auto traces = cellFree.EnableTraces(options.outputDir, options.simTag);
    auto summary = CreateObject<CellFreeSummary>();
    summary->Connect(cellFree.GetLink());
    Diary diary(nodes);
    auto scorer = CreateObject<CellFreeTrackScorer>();
    scorer->Connect(cellFree.GetLink());
    scorer->TraceConnectWithoutContext("Score", MakeCallback(&Diary::Note, &diary));

    ShowProgress progress(Seconds(1), std::cerr);
    Simulator::Stop(options.simTime);
    Simulator::Run();

    std::cout << "\nPolicy " << options.policy << ": drone A is node " << nodes.droneA->GetId()
              << ", drone B (from " << APPEARANCE.GetSeconds() << " s) " << nodes.droneB->GetId()
              << ", the vehicle " << nodes.vehicle->GetId() << "\n\n";
    summary->Print(std::cout, traces->GetFlowTrace()->GetFlows());
    traces->GetReportTrace()->Print(std::cout);
    if (options.isTracking)
    {
        std::cout << '\n';
        diary.Print(std::cout);
    }
    scorer->Dispose();
    Simulator::Destroy(); // completes the traces
    std::cout << "Traces: " << options.outputDir << "/TrackTrace" << options.simTag
              << ".tsv and DetectionTrace, ReportTrace, SensingTrace, UeTrace beside it; pictures: "
                 "tools/plot.py, tools/replay.py "
              << options.outputDir << '\n';
    return 0;
}
