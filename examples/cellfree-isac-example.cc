// SPDX-License-Identifier: GPL-2.0-only

/*
 * Cell-free ISAC end to end: a remote host talks to walking UEs over beams that a policy computes,
 * while the same beams illuminate a drone.
 *
 *   remote host ---- 10 Gb/s ---- CPU ==== 16 APs x 8 antennas ~~~~ 8 walking UEs
 *                                                              ~~~~ 1 drone (echoes)
 *
 * Half of the UEs receive UDP at a fixed rate, the other half download by TCP, and the first UE
 * also uploads; --load has other loads, --scheduler other ways to share the slots. At the end a
 * table says what each UE got and how well the drone was seen.
 *
 * Read it from main() at the end: each function above it is one step.
 */

#include "ns3/applications-module.h"
#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/mobility-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

#include <iostream>

using namespace ns3;

namespace
{

/// What the command line says.
struct Options
{
    std::string policy = "gnn";
    std::string scheduler = "rr";
    std::string load = "default";
    int64_t nAps = 16;
    int64_t nUes = 8;
    int64_t nTargets = 1;
    int64_t nAntennas = 8;
    Time simTime = Seconds(5);
    double sensingWeight = 1.0;
    double detectionTarget = 0.0;
    bool isTracking = false;
    double txPower = 23.0;
    std::string fading = "rayleigh";
    Ptr<CellFreeFileFading> fileFading; //!< with the fading "file"
    int64_t subbands = 1;
    std::string blerTable;
    double side = 1000.0;
    double ueSpeed = -1.0; //!< negative for walking
    DataRate udpRate = DataRate("10Mb/s");
    DataRate fronthaulRate = DataRate(0);
    std::string frame;
    bool hasEnergy = false;
    std::string csi = "perfect";
    int64_t pilotLength = 16;
    int64_t clusterSize = 0;
    std::string outputDir = "cellfree-isac-output";
    std::string simTag;
    std::string record;
    int64_t recordEvery = 100;
    std::string recordChannel;
    std::string database = "traces.sqlite";
};

/// Who is there.
struct Nodes
{
    Ptr<Node> remoteHost;
    Ptr<Node> cpu;
    NodeContainer aps;
    NodeContainer ues;
    NodeContainer targets;
};

/// First random stream of each part of the scenario: one more target or UE changes no other draw.
enum Streams : int64_t
{
    AP_STREAMS = 1000000,
    UE_STREAMS = 2000000,
    TARGET_STREAMS = 3000000,
    INTERNET_STREAMS = 4000000,
    CELL_FREE_STREAMS_FIRST = 10000000,
};

/// Chooses what TCP and ARP do unless the command line says otherwise.
void
SetInternetDefaults()
{
    // As much as 80 Mb/s have under way in 20 ms; larger buffers only make queues longer, and their
    // packets cost ns-3 a walk over the buffer each.
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1400));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(3 << 16));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(3 << 16));
    // Nothing here needs the time stamps, which make an object of every packet at either end.
    Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(false));
    // Who asks for an address asks at once: ns-3's jitter depends on its release.
    Config::SetDefault("ns3::ArpL3Protocol::RequestJitter",
                       StringValue("ns3::ConstantRandomVariable[Constant=0]"));
    // Packets that wait for an address at the start are not lost.
    Config::SetDefault("ns3::ArpCache::PendingQueueSize", UintegerValue(1000));
}

/// Reads the command line, and ends the program with one line where it is wrong.
Options
ReadOptions(int argc, char* argv[])
{
    Options options;
    CellFreeCommandLine cmd(__FILE__);
    cmd.Usage("Cell-free ISAC end to end: UDP and TCP traffic to walking UEs over beams that a "
              "policy computes, while the same beams illuminate a drone.");
    cmd.AddValue("policy", "beamforming policy: " + GetBeamformingPolicyNames(), options.policy);
    cmd.AddValue("scheduler", "scheduler: " + GetSchedulerNames(), options.scheduler);
    cmd.AddValue("load",
                 "load: default (UDP, TCP), full-buffer (queues that are never empty), ftp3 (files "
                 "by a Poisson process; --ns3::CellFreeFileTraffic::ArrivalRate=FILES_PER_SECOND)",
                 options.load);
    cmd.AddValue("nAps", "number of APs", options.nAps, 1, 100000);
    cmd.AddValue("nUes", "number of UEs", options.nUes, 0, 10000);
    cmd.AddValue("nTargets", "number of drones to sense", options.nTargets, 0, 10000);
    cmd.AddValue("nAntennas", "antennas of each AP", options.nAntennas, 1, 4096);
    cmd.AddValue("simTime", "simulated time", options.simTime, NanoSeconds(1), Seconds(1e6));
    cmd.AddValue("sensingWeight",
                 "weight beta_s of sensing in the policy's objective, for policies that take one; "
                 "it weighs log2(1 + SNR after combining) unless "
                 "--ns3::CellFreeCpu::WeighCombinedSnr=false",
                 options.sensingWeight,
                 0.0,
                 1e6);
    cmd.AddValue("detectionTarget",
                 "mean probability of detection to hold by the weight of each target "
                 "(CellFreeClosedLoopWeight), from 0.4 to 0.999; --sensingWeight is where it "
                 "begins. 0: the weight is fixed",
                 options.detectionTarget,
                 0.0,
                 0.999);
    cmd.AddValue("txPower", "transmit power of each AP (dBm)", options.txPower, -60.0, 90.0);
    cmd.AddValue("fading",
                 "rayleigh (independent blocks), rician (line of sight, K factors of TR 38.901, "
                 "angular spread, Clarke's Doppler spectrum), correlated (the same with K = 0), or "
                 "file (--ns3::CellFreeFileFading::File=CHANNELS.h5, which also says where nodes "
                 "are)",
                 options.fading);
    cmd.AddValue("subbands", "sub-bands with beams of their own", options.subbands, 1, 1024);
    cmd.AddValue("blerTable",
                 "JSON file with block error rates (CellFreeBlerTable), of "
                 "tools/convert-bler-table.py; left out, the normal approximation",
                 options.blerTable);
    cmd.AddValue("side", "side of the square that everything lies in (m)", options.side, 10.0, 1e6);
    cmd.AddValue("ueSpeed",
                 "speed of the UEs (m/s); left out, they walk at 0.8 to 2 m/s",
                 options.ueSpeed,
                 0.0,
                 500.0);
    cmd.AddValue("udpRate",
                 "rate of each UDP flow",
                 options.udpRate,
                 DataRate("1b/s"),
                 DataRate("100Gb/s"));
    cmd.AddValue("fronthaulRate",
                 "rate of the link between the CPU and each AP, in each direction, for streams "
                 "of split 7.2x; 0b/s for an ideal fronthaul",
                 options.fronthaulRate,
                 DataRate(0),
                 DataRate("10000Gb/s"));
    cmd.AddValue("frame",
                 "slots of the TDD frame: D downlink, U uplink, S special (see --PrintAttributes="
                 "ns3::CellFreeFrame); empty for --ns3::CellFreeFrame::Pattern, DDDU by default",
                 options.frame);
    cmd.AddValue("energy",
                 "account for energy: EnergyTrace, and a line below the table",
                 options.hasEnergy);
    cmd.AddValue("csi",
                 "what the CPU knows of the channels: perfect, or pilots (estimates from them)",
                 options.csi);
    cmd.AddValue("pilotLength",
                 "number of orthogonal pilots, with --csi=pilots",
                 options.pilotLength,
                 1,
                 10000);
    cmd.AddValue("clusterSize",
                 "APs that serve a UE, those with the largest mean gain; 0 for all",
                 options.clusterSize,
                 0,
                 100000);
    cmd.AddValue("tracking",
                 "the CPU is not told where the drones are: it searches for them, follows them by "
                 "a tracker, and reports them to the remote host",
                 options.isTracking);
    cmd.AddValue("outputDir", "directory of the traces, created if missing", options.outputDir);
    cmd.AddValue("simTag", "text added to the names of the traces", options.simTag);
    cmd.AddValue("record",
                 "file for the problems that the policy meets, for cellfree-isac-solve and "
                 "cellfree-isac-train; empty for none",
                 options.record);
    cmd.AddValue("recordEvery",
                 "every how many decisions one is recorded",
                 options.recordEvery,
                 1,
                 1000000000);
    cmd.AddValue("recordChannel",
                 "HDF5 file for the channels of the run, for --fading=file; empty for none",
                 options.recordChannel);
    cmd.AddValue("database",
                 "SQLite file that the traces are added to, which many runs may share: a name in "
                 "outputDir, or a path with a slash; empty for none",
                 options.database);
    cmd.Parse(argc, argv);

    // What would fail after a long run had better fail now.
    std::string error;
    auto policy = CreateBeamformingPolicy(options.policy, error);
    cmd.RefuseIf(error);
    cmd.RefuseIf(policy->FindError());
    if (options.detectionTarget > 0.0)
    {
        std::ostringstream given;
        given << "--detectionTarget=" << options.detectionTarget << ": expected ";
        cmd.RefuseIf(options.detectionTarget >= 0.4 ? "" : given.str() + "0 or from 0.4 to 0.999");
        cmd.RefuseIf(policy->UsesSensingWeight()
                         ? ""
                         : given.str() +
                               "a --policy that takes a sensing weight, as gnn, joint "
                               "or robust, not " +
                               options.policy);
    }
    GetSchedulerTypeName(options.scheduler, error);
    cmd.RefuseIf(error);
    cmd.RefuseIf(options.load == "default" || options.load == "full-buffer" ||
                         options.load == "ftp3"
                     ? ""
                     : "--load=" + options.load + ": expected default, full-buffer or ftp3");
    if (!options.frame.empty())
    {
        error = CellFreeFrame::FindPatternError(options.frame);
        if (error.empty() && options.nUes > 0 && options.frame.find('U') == std::string::npos)
        {
            error = "expected a U, for UEs answer and the first one uploads";
        }
        cmd.RefuseIf(error.empty() ? "" : "--frame: \"" + options.frame + "\": " + error);
    }
    if (options.fading != "rayleigh" && options.fading != "rician" &&
        options.fading != "correlated" && options.fading != "file")
    {
        cmd.Refuse("--fading: \"" + options.fading +
                   "\": expected rayleigh, rician, correlated or file");
    }
    if (options.fading == "file")
    {
        options.fileFading = CreateObject<CellFreeFileFading>();
        error = options.fileFading->FindError();
        cmd.RefuseIf(error.empty() ? "" : "--fading=file: " + error);
        const auto& file = options.fileFading->GetFile();
        const auto check = [&](const char* option, int64_t given, uint64_t has) {
            cmd.RefuseIf(given <= static_cast<int64_t>(has)
                             ? ""
                             : option + std::to_string(given) + ": expected at most " +
                                   std::to_string(has) + ", as " + file.GetPath() + " has");
        };
        check("--nAps=", options.nAps, file.GetNAps());
        check("--nUes=", options.nUes, file.GetNUes());
        if (file.MovesNodes() && file.GetNTargets() > 0)
        {
            check("--nTargets=", options.nTargets, file.GetNTargets());
        }
        cmd.RefuseIf(file.GetEnd() >= options.simTime.GetSeconds()
                         ? ""
                         : "--simTime: expected at most " + std::to_string(file.GetEnd()) +
                               " s, for which " + file.GetPath() + " lasts");
    }
    if (!options.blerTable.empty())
    {
        error = CellFreeBlerTable::FindError(options.blerTable);
        cmd.RefuseIf(error.empty() ? "" : "--blerTable: " + options.blerTable + ": " + error);
    }
    cmd.RefuseIf(options.csi == "perfect" || options.csi == "pilots"
                     ? ""
                     : "--csi=" + options.csi + ": expected perfect or pilots");
    cmd.RefuseIf(options.clusterSize <= options.nAps
                     ? ""
                     : "--clusterSize=" + std::to_string(options.clusterSize) +
                           ": expected at most --nAps=" + std::to_string(options.nAps));
    if (!options.recordChannel.empty())
    {
        error = CellFreeChannelRecorder::FindFileError(options.recordChannel);
        error = options.nUes > 0 ? error : "expected at least one UE";
        cmd.RefuseIf(error.empty() ? "" : "--recordChannel: " + error);
    }
    cmd.RefuseIf(CellFreeTraceWriter::FindDirectoryError(options.outputDir));
    if (!options.record.empty())
    {
        error = CellFreeProblemRecorder::FindFileError(options.record);
        cmd.RefuseIf(error.empty() ? "" : "--record: " + error);
    }
    if (!options.database.empty())
    {
        if (options.database.find('/') == std::string::npos)
        {
            options.database = SystemPath::Append(options.outputDir, options.database);
        }
        error = CellFreeTraceDatabase::FindFileError(options.database);
        cmd.RefuseIf(error.empty() ? "" : "--database: " + error);
    }
    return options;
}

/// Puts nodes at random places of the square, where they stay or walk.
void
Place(const NodeContainer& nodes,
      double side,
      double height,
      const std::string& speed,
      Streams first)
{
    auto coordinate = CreateObject<UniformRandomVariable>();
    coordinate->SetAttribute("Max", DoubleValue(side));
    auto z = CreateObject<ConstantRandomVariable>();
    z->SetAttribute("Constant", DoubleValue(height));
    auto positions = CreateObject<RandomBoxPositionAllocator>();
    positions->SetX(coordinate);
    positions->SetY(coordinate);
    positions->SetZ(z);

    MobilityHelper mobility;
    mobility.SetPositionAllocator(positions);
    mobility.SetMobilityModel("ns3::ConstantPositionMobilityModel");
    if (!speed.empty())
    {
        mobility.SetMobilityModel("ns3::RandomWalk2dMobilityModel",
                                  "Bounds",
                                  RectangleValue(Rectangle(0, side, 0, side)),
                                  "Mode",
                                  StringValue("Time"),
                                  "Time",
                                  TimeValue(Seconds(5)),
                                  "Speed",
                                  StringValue(speed));
    }
    // First the streams of the positions, then those of the walks.
    const auto used = positions->AssignStreams(first);
    mobility.Install(nodes);
    mobility.AssignStreams(nodes, first + used);
}

/// Creates the nodes; everything is placed and moves inside the square, unless a channel file says
/// where.
Nodes
CreateNodes(const Options& options)
{
    Nodes nodes;
    nodes.remoteHost = CreateObject<Node>();
    nodes.cpu = CreateObject<Node>();
    nodes.aps.Create(options.nAps);
    nodes.ues.Create(options.nUes);
    nodes.targets.Create(options.nTargets);
    const auto isInFile = [&options](const char* role, const NodeContainer& those) {
        return options.fileFading &&
               InstallFileMobility(options.fileFading->GetFile(), role, those);
    };
    if (!isInFile("ap", nodes.aps))
    {
        Place(nodes.aps, options.side, 10.0, "", AP_STREAMS);
    }
    const auto ueSpeed =
        options.ueSpeed < 0.0 ? "ns3::UniformRandomVariable[Min=0.8|Max=2.0]"
        : options.ueSpeed == 0.0
            ? ""
            : "ns3::ConstantRandomVariable[Constant=" + std::to_string(options.ueSpeed) + "]";
    if (!isInFile("ue", nodes.ues))
    {
        Place(nodes.ues, options.side, 1.5, ueSpeed, UE_STREAMS);
    }
    if (!isInFile("target", nodes.targets))
    {
        Place(nodes.targets,
              options.side,
              50.0,
              "ns3::ConstantRandomVariable[Constant=15.0]",
              TARGET_STREAMS);
    }
    return nodes;
}

/// Connects the CPU with the remote host and gives everybody addresses.
/// @return the remote host's address, then the UEs'
Ipv4InterfaceContainer
ConnectNetwork(const Nodes& nodes, const CellFreeDevices& devices)
{
    const NodeContainer hosts(NodeContainer(nodes.remoteHost, nodes.cpu), nodes.ues);
    InternetStackHelper internet;
    internet.Install(hosts);
    internet.AssignStreams(hosts, INTERNET_STREAMS);

    PointToPointHelper backbone;
    backbone.SetDeviceAttribute("DataRate", StringValue("10Gb/s"));
    backbone.SetChannelAttribute("Delay", StringValue("5ms"));
    // It is never full, so it needs no queue disc, which would cost as much as the air's.
    backbone.DisableFlowControl();
    backbone.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("10000p"));
    Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
    const auto backboneAddresses = addresses.Assign(backbone.Install(nodes.remoteHost, nodes.cpu));
    addresses.SetBase("10.1.0.0", "255.255.0.0");
    const auto cpuAddress = addresses.Assign(devices.cpu);
    const auto ueAddresses = addresses.Assign(devices.ues);
    Ipv4StaticRoutingHelper routing;
    routing.GetStaticRouting(nodes.remoteHost->GetObject<Ipv4>())
        ->SetDefaultRoute(backboneAddresses.GetAddress(1), 1);
    for (uint32_t u = 0; u < nodes.ues.GetN(); ++u)
    {
        routing.GetStaticRouting(nodes.ues.Get(u)->GetObject<Ipv4>())
            ->SetDefaultRoute(cpuAddress.GetAddress(0), 1);
    }
    Ipv4InterfaceContainer result;
    result.Add(backboneAddresses.Get(0));
    result.Add(ueAddresses);
    return result;
}

/// Lets the CPU find and follow the drones by their echoes, instead of being told where they are.
void
UseTracker(const Options& options, CellFreeIsacHelper& cellFree)
{
    const Box volume(0.0, options.side, 0.0, options.side, 0.0, 100.0);
    cellFree.SetTracker("ns3::CellFreeMultiTargetTracker");
    cellFree.SetEchoReceiver("ns3::CellFreeEchoReceiver", "Volume", BoxValue(volume));
    cellFree.SetSensingSchedule("ns3::CellFreeAdaptiveSensing",
                                "Search",
                                StringValue("GoldenRatio"),
                                "SearchBox",
                                BoxValue(volume));
}

/// Sends what the CPU finds to the remote host, as packets.
void
SendReports(const Nodes& nodes, Ipv4Address remoteHost)
{
    constexpr uint16_t PORT = 9000;
    CellFreeSensingServerHelper(PORT).Install(NodeContainer(nodes.remoteHost));
    CellFreeSensingReportHelper(InetSocketAddress(remoteHost, PORT))
        .Install(NodeContainer(nodes.cpu));
}

/// Lets a node receive what comes for a port.
void
AddSink(const std::string& protocol, uint16_t port, Ptr<Node> node)
{
    PacketSinkHelper(protocol, InetSocketAddress(Ipv4Address::GetAny(), port))
        .Install(node)
        .Start(Seconds(0));
}

/// The default load: UDP to the first half of the UEs, TCP to the second, and the first UE uploads.
/// @return the sources, and what to call them
std::pair<ApplicationContainer, std::string>
AddUdpAndTcp(const Options& options, const Nodes& nodes, const Ipv4InterfaceContainer& addresses)
{
    const std::string udp = "ns3::UdpSocketFactory";
    const std::string tcp = "ns3::TcpSocketFactory";
    ApplicationContainer sources;
    const int64_t nUdp = (options.nUes + 1) / 2;
    for (int64_t u = 0; u < options.nUes; ++u)
    {
        const auto address = addresses.GetAddress(1 + u);
        if (u < nUdp)
        {
            AddSink(udp, 4000, nodes.ues.Get(u));
            OnOffHelper source(udp, InetSocketAddress(address, 4000));
            source.SetConstantRate(options.udpRate, 1200);
            sources.Add(source.Install(nodes.remoteHost));
        }
        else
        {
            AddSink(tcp, 5000, nodes.ues.Get(u));
            sources.Add(
                BulkSendHelper(tcp, InetSocketAddress(address, 5000)).Install(nodes.remoteHost));
        }
    }
    if (options.nUes > 0)
    {
        AddSink(tcp, 6000, nodes.remoteHost);
        sources.Add(BulkSendHelper(tcp, InetSocketAddress(addresses.GetAddress(0), 6000))
                        .Install(nodes.ues.Get(0)));
    }
    std::ostringstream text;
    text << "UDP " << options.udpRate.GetBitRate() / 1e6
         << " Mb/s down to half of the UEs, TCP down to the others, TCP up from one";
    return {sources, text.str()};
}

/// UDP that comes from the CPU's own node, where it knows the queues: they are never empty, or they
/// hold the files that wait for a UE, which the trace follows.
/// @return the sources, and what to call them
std::pair<ApplicationContainer, std::string>
AddQueueTraffic(const Options& options,
                const Nodes& nodes,
                const Ipv4InterfaceContainer& addresses,
                const CellFreeDevices& devices,
                Ptr<CellFreeFileTrace> files)
{
    ApplicationContainer sources;
    for (uint32_t u = 0; u < nodes.ues.GetN(); ++u)
    {
        Ptr<CellFreeQueueTraffic> source;
        if (files)
        {
            source = CreateObject<CellFreeFileTraffic>();
            files->Add(DynamicCast<CellFreeFileTraffic>(source));
        }
        else
        {
            source = CreateObject<CellFreeFullBufferTraffic>();
            AddSink("ns3::UdpSocketFactory", 4000, nodes.ues.Get(u));
        }
        source->SetAttribute("Device", PointerValue(devices.ues.Get(u)));
        source->SetAttribute("Remote",
                             AddressValue(InetSocketAddress(addresses.GetAddress(1 + u), 4000)));
        if (files)
        {
            DynamicCast<CellFreeFileTraffic>(source)->AssignStreams(CELL_FREE_STREAMS_FIRST);
        }
        nodes.cpu->AddApplication(source);
        sources.Add(source);
    }
    return {sources,
            files ? "files for every UE by FTP model 3" : "downlink queues that are never empty"};
}

/// Adds the finished traces to the database.
/// @return the program's exit status
int
AddToDatabase(const Options& options)
{
    if (options.database.empty() || !CellFreeTraceDatabase::IsAvailable())
    {
        return 0;
    }
    CellFreeTraceDatabase database;
    std::string error = database.Open(options.database);
    error = error.empty() ? database.AddRun(options.outputDir, options.simTag) : error;
    if (!error.empty())
    {
        std::cerr << "cellfree-isac-example: " << error << '\n';
        return 1;
    }
    std::cout << "Database: " << options.database << '\n';
    return 0;
}

/// A number and what it counts.
std::string
Count(int64_t n, const std::string& noun)
{
    return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

} // namespace

int
main(int argc, char* argv[])
{
    SetInternetDefaults();
    const Options options = ReadOptions(argc, argv);
    const Nodes nodes = CreateNodes(options);

    // The cell-free network: beams, channels, sensing.
    CellFreeIsacHelper cellFree;
    cellFree.SetPolicy(options.policy);
    cellFree.SetScheduler(options.scheduler);
    cellFree.SetCpuAttribute("SensingWeight", DoubleValue(options.sensingWeight));
    if (options.detectionTarget > 0.0)
    {
        std::ostringstream control;
        control << "ns3::CellFreeClosedLoopWeight[Pd=" << options.detectionTarget << "]";
        cellFree.SetSensingAttribute("WeightControl", StringValue(control.str()));
    }
    cellFree.SetApAttribute("TxPower", DoubleValue(options.txPower));
    cellFree.SetArrayAttribute("NumColumns", UintegerValue(options.nAntennas));
    if (!options.frame.empty())
    {
        cellFree.SetFrameAttribute("Pattern", StringValue(options.frame));
    }
    if (options.fronthaulRate.GetBitRate() > 0)
    {
        cellFree.SetFronthaul("ns3::CellFreeLimitedFronthaul",
                              "Rate",
                              DataRateValue(options.fronthaulRate));
    }
    cellFree.SetChannelAttribute("Subbands", UintegerValue(options.subbands));
    if (options.fading == "file")
    {
        cellFree.SetFading(options.fileFading);
    }
    else if (options.fading != "rayleigh")
    {
        cellFree.SetFading("ns3::CellFreeSpatialFading",
                           "DrawKFactor",
                           BooleanValue(options.fading == "rician"),
                           "KFactor",
                           DoubleValue(0.0));
    }
    if (!options.blerTable.empty())
    {
        cellFree.SetErrorModel("ns3::CellFreeBlerTable", "File", StringValue(options.blerTable));
    }
    if (options.csi == "pilots")
    {
        cellFree.SetCsi("ns3::CellFreePilotCsi", "PilotLength", UintegerValue(options.pilotLength));
    }
    if (options.clusterSize > 0)
    {
        cellFree.SetClustering("ns3::CellFreeStrongestAps",
                               "Size",
                               UintegerValue(options.clusterSize));
    }
    if (options.isTracking)
    {
        UseTracker(options, cellFree);
    }
    const CellFreeDevices devices = cellFree.Install(nodes.cpu, nodes.aps, nodes.ues);
    cellFree.InstallTargets(nodes.targets);
    cellFree.AssignStreams(CELL_FREE_STREAMS_FIRST);

    const auto addresses = ConnectNetwork(nodes, devices);
    auto files = options.load == "ftp3" ? CreateObject<CellFreeFileTrace>() : nullptr;
    auto [sources, load] = options.load == "default"
                               ? AddUdpAndTcp(options, nodes, addresses)
                               : AddQueueTraffic(options, nodes, addresses, devices, files);
    sources.Start(MilliSeconds(100));
    if (options.isTracking)
    {
        SendReports(nodes, addresses.GetAddress(0));
    }

    // The traces: files for later, and a table for the end.
    cellFree.Describe("load", load);
    auto traces = cellFree.EnableTraces(options.outputDir, options.simTag);
    if (files)
    {
        files->Open(options.outputDir, options.simTag);
    }
    if (options.hasEnergy)
    {
        cellFree.EnableEnergy();
    }
    auto summary = CreateObject<CellFreeSummary>();
    summary->Connect(cellFree.GetLink());
    auto recorder = options.record.empty()
                        ? nullptr
                        : cellFree.EnableRecording(options.record, options.recordEvery);
    auto channelRecorder = options.recordChannel.empty()
                               ? nullptr
                               : cellFree.EnableChannelRecording(options.recordChannel);

    ShowProgress progress(Seconds(1), std::cerr);
    Simulator::Stop(options.simTime);
    Simulator::Run();

    std::cout << "\nPolicy " << options.policy << ": " << Count(options.nAps, "AP") << " x "
              << Count(options.nAntennas, "antenna") << ", " << Count(options.nUes, "UE") << ", "
              << Count(options.nTargets, "target") << ", " << options.simTime.GetSeconds()
              << " s\n\n";
    summary->Print(std::cout, traces->GetFlowTrace()->GetFlows());
    if (files)
    {
        files->Close();
        files->Print(std::cout);
    }
    if (options.isTracking)
    {
        traces->GetReportTrace()->Print(std::cout);
    }
    if (recorder)
    {
        std::cout << "Problems: " << recorder->GetNRecorded() << " in " << options.record << '\n';
    }
    std::string error;
    if (channelRecorder)
    {
        error = channelRecorder->Close();
        std::cout << "Channels: " << channelRecorder->GetNTimes() << " times in "
                  << options.recordChannel << '\n';
    }
    const std::string ueTrace = traces->GetUeTracePath();
    Simulator::Destroy(); // completes the traces
    if (!error.empty())
    {
        std::cerr << "cellfree-isac-example: --recordChannel: " << error << '\n';
        return 1;
    }
    std::cout << "Traces: " << ueTrace
              << " and SensingTrace, DecisionTrace, ClusterTrace, FronthaulTrace, EnergyTrace, "
                 "CostTrace, "
                 "FlowTrace, DelayTrace"
              << (options.isTracking ? ", TrackTrace, DetectionTrace, ReportTrace" : "")
              << " beside it\n";
    return AddToDatabase(options);
}
