// SPDX-License-Identifier: GPL-2.0-only

/*
 * Cell-free ISAC end to end: a remote host talks to walking UEs over beams that a policy computes,
 * while the same beams illuminate a drone.
 *
 *   remote host ---- 10 Gb/s ---- CPU ==== 16 APs x 8 antennas ~~~~ 8 walking UEs
 *                                                              ~~~~ 1 drone (echoes)
 *
 * Half of the UEs receive UDP at a fixed rate, the other half download by TCP, and the last UE
 * also uploads. At the end a table says what each UE got and how well the drone was seen.
 */

#include "ns3/applications-module.h"
#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/mobility-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

#include <iomanip>
#include <iostream>
#include <map>
#include <tuple>
#include <vector>

using namespace ns3;

namespace
{

/// Mean of the values added to it.
class Mean
{
  public:
    void Add(double value)
    {
        m_sum += value;
        ++m_n;
    }

    double Get() const
    {
        return m_n > 0 ? m_sum / m_n : 0.0;
    }

    uint64_t GetN() const
    {
        return m_n;
    }

  private:
    double m_sum{0.0};
    uint64_t m_n{0};
};

/// What the summary needs from the link's trace sources, by node id.
struct Summary
{
    std::map<uint32_t, Mean> sinr;        //!< downlink SINR of each UE (dB)
    std::map<uint32_t, Mean> snr;         //!< sensing SNR of each target, per symbol
    std::map<uint32_t, Mean> combinedSnr; //!< sensing SNR of each target, after combining
    std::map<uint32_t, Mean> pd;          //!< detection probability of each target
    std::map<uint32_t, Mean> detected;    //!< share of dwells with a detection
    Mean decisionTime;                    //!< wall time of a decision (s)
};

void
OnUeSample(Summary* summary, const CellFreeUeSample& sample)
{
    if (!sample.isUplink)
    {
        summary->sinr[sample.ueId].Add(ToDecibels(std::max(sample.sinr, 1e-30)));
    }
}

void
OnDwell(Summary* summary, const CellFreeDwell& dwell)
{
    summary->snr[dwell.targetId].Add(dwell.snr);
    summary->combinedSnr[dwell.targetId].Add(dwell.combinedSnr);
    summary->pd[dwell.targetId].Add(dwell.pd);
    summary->detected[dwell.targetId].Add(dwell.isDetected);
}

void
OnDecision(Summary* summary, const CellFreeDecision& decision)
{
    summary->decisionTime.Add(decision.cost.seconds);
}

/// One value of the summary, or "-" where there is nothing to average.
std::string
Format(double value, int decimals, bool isKnown = true)
{
    if (!isKnown)
    {
        return "-";
    }
    std::ostringstream text;
    text << std::fixed << std::setprecision(decimals) << value;
    return text.str();
}

std::string
FormatDecibels(const Mean& mean)
{
    return Format(ToDecibels(std::max(mean.Get(), 1e-30)), 1, mean.GetN() > 0);
}

/// Says what is wrong with the command line and ends the program.
[[noreturn]] void
Refuse(const std::string& message)
{
    std::cerr << "cellfree-isac-example: " << message << std::endl;
    std::exit(1);
}

} // namespace

int
main(int argc, char* argv[])
{
    std::string policyName = "gnn";
    int64_t nAps = 16;
    int64_t nUes = 8;
    int64_t nTargets = 1;
    int64_t nAntennas = 8;
    Time simTime = Seconds(5);
    double sensingWeight = 1.0;
    double txPower = 23.0;
    double side = 1000.0;
    DataRate udpRate("10Mb/s");
    CellFreeTextOption outputDir = "cellfree-isac-output";
    std::string simTag;
    std::string record;
    int64_t recordEvery = 100;
    CellFreeTextOption database = "traces.sqlite";

    CommandLine cmd(__FILE__);
    cmd.Usage("Cell-free ISAC end to end: UDP and TCP traffic to walking UEs over beams that a "
              "policy computes, while the same beams illuminate a drone.");
    cmd.AddValue("policy", "beamforming policy: " + GetBeamformingPolicyNames(), policyName);
    cmd.AddValue("nAps", "number of APs, at least 1", nAps);
    cmd.AddValue("nUes", "number of UEs", nUes);
    cmd.AddValue("nTargets", "number of drones to sense", nTargets);
    cmd.AddValue("nAntennas", "antennas of each AP, at least 1", nAntennas);
    cmd.AddValue("simTime", "simulated time", simTime);
    cmd.AddValue("sensingWeight",
                 "weight beta_s of sensing in the policy's objective",
                 sensingWeight);
    cmd.AddValue("txPower", "transmit power of each AP (dBm)", txPower);
    cmd.AddValue("side", "side of the square that everything lies in (m)", side);
    cmd.AddValue("udpRate", "rate of each UDP flow", udpRate);
    cmd.AddValue("outputDir", "directory of the traces, created if missing", outputDir);
    cmd.AddValue("simTag", "text added to the names of the traces", simTag);
    cmd.AddValue("record",
                 "file for the problems that the policy meets, for cellfree-isac-solve and "
                 "cellfree-isac-train; empty for none",
                 record);
    cmd.AddValue("recordEvery", "every how many decisions one is recorded", recordEvery);
    cmd.AddValue("database",
                 "SQLite file that the traces are added to, which many runs may share: a name in "
                 "outputDir, or a path with a slash; empty for none",
                 database);
    cmd.Parse(argc, argv);

    if (nAps < 1 || nAps > 100000)
    {
        Refuse("--nAps=" + std::to_string(nAps) + ": expected 1 to 100000");
    }
    if (nUes < 0 || nUes > 10000)
    {
        Refuse("--nUes=" + std::to_string(nUes) + ": expected 0 to 10000");
    }
    if (nTargets < 0 || nTargets > 10000)
    {
        Refuse("--nTargets=" + std::to_string(nTargets) + ": expected 0 to 10000");
    }
    if (nAntennas < 1 || nAntennas > 4096)
    {
        Refuse("--nAntennas=" + std::to_string(nAntennas) + ": expected 1 to 4096");
    }
    if (!simTime.IsStrictlyPositive())
    {
        Refuse("--simTime: expected a time above 0");
    }
    if (!(sensingWeight >= 0.0) || std::isinf(sensingWeight))
    {
        Refuse("--sensingWeight=" + std::to_string(sensingWeight) + ": expected a number >= 0");
    }
    if (!(txPower >= -60.0 && txPower <= 90.0))
    {
        Refuse("--txPower=" + std::to_string(txPower) + ": expected -60 to 90 dBm");
    }
    if (!(side >= 10.0 && side <= 1e6))
    {
        Refuse("--side=" + std::to_string(side) + ": expected 10 to 1000000 m");
    }
    if (recordEvery < 1)
    {
        Refuse("--recordEvery=" + std::to_string(recordEvery) + ": expected at least 1");
    }
    std::string error;
    auto policy = CreateBeamformingPolicy(policyName, error);
    if (!policy)
    {
        Refuse(error);
    }

    error = CellFreeTraceWriter::FindDirectoryError(outputDir);
    if (!error.empty())
    {
        Refuse(error);
    }
    if (!record.empty())
    {
        error = CellFreeProblemRecorder::FindFileError(record);
        if (!error.empty())
        {
            Refuse("--record: " + error);
        }
    }

    // The nodes. Everything is placed and moves inside the square.
    auto remoteHost = CreateObject<Node>();
    auto cpu = CreateObject<Node>();
    NodeContainer aps;
    NodeContainer ues;
    NodeContainer targets;
    aps.Create(nAps);
    ues.Create(nUes);
    targets.Create(nTargets);

    const auto makePositions = [side](double height) {
        auto coordinate = CreateObject<UniformRandomVariable>();
        coordinate->SetAttribute("Max", DoubleValue(side));
        auto z = CreateObject<ConstantRandomVariable>();
        z->SetAttribute("Constant", DoubleValue(height));
        auto positions = CreateObject<RandomBoxPositionAllocator>();
        positions->SetX(coordinate);
        positions->SetY(coordinate);
        positions->SetZ(z);
        return positions;
    };
    const auto walk = [side](MobilityHelper& mobility, const std::string& speed) {
        mobility.SetMobilityModel("ns3::RandomWalk2dMobilityModel",
                                  "Bounds",
                                  RectangleValue(Rectangle(0, side, 0, side)),
                                  "Mode",
                                  StringValue("Time"),
                                  "Time",
                                  TimeValue(Seconds(5)),
                                  "Speed",
                                  StringValue(speed));
    };
    int64_t stream = 1;
    MobilityHelper apMobility;
    apMobility.SetPositionAllocator(makePositions(10.0));
    apMobility.SetMobilityModel("ns3::ConstantPositionMobilityModel");
    MobilityHelper ueMobility;
    ueMobility.SetPositionAllocator(makePositions(1.5));
    walk(ueMobility, "ns3::UniformRandomVariable[Min=0.8|Max=2.0]");
    MobilityHelper targetMobility;
    targetMobility.SetPositionAllocator(makePositions(50.0));
    walk(targetMobility, "ns3::ConstantRandomVariable[Constant=15.0]");
    for (auto [mobility, nodes] : {std::pair{&apMobility, &aps},
                                   std::pair{&ueMobility, &ues},
                                   std::pair{&targetMobility, &targets}})
    {
        // First the streams of the positions, then those of the walks.
        stream += mobility->AssignStreams(*nodes, stream);
        mobility->Install(*nodes);
        stream += mobility->AssignStreams(*nodes, stream);
    }

    // The cell-free link: beams, channels, sensing.
    CellFreeIsacHelper cellFree;
    cellFree.SetPolicy(policyName);
    cellFree.SetApAttribute("TxPower", DoubleValue(txPower));
    cellFree.SetArrayAttribute("NumColumns", UintegerValue(nAntennas));
    const auto devices = cellFree.Install(cpu, aps, ues);
    cellFree.GetLink()->GetPolicy()->SetAttributeFailSafe("SensingWeight",
                                                          DoubleValue(sensingWeight));
    cellFree.InstallTargets(targets);
    stream += cellFree.AssignStreams(stream);

    // The network: the CPU routes between the remote host and the UEs.
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1400));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(1 << 20));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(1 << 20));
    InternetStackHelper internet;
    internet.Install(NodeContainer(NodeContainer(remoteHost, cpu), ues));
    stream += internet.AssignStreams(NodeContainer(NodeContainer(remoteHost, cpu), ues), stream);
    PointToPointHelper backbone;
    backbone.SetDeviceAttribute("DataRate", StringValue("10Gb/s"));
    backbone.SetChannelAttribute("Delay", StringValue("5ms"));
    Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
    const auto backboneAddresses = addresses.Assign(backbone.Install(remoteHost, cpu));
    addresses.SetBase("10.1.0.0", "255.255.0.0");
    const auto ueAddresses = addresses.Assign(devices); // the CPU first, then the UEs
    Ipv4StaticRoutingHelper routing;
    routing.GetStaticRouting(remoteHost->GetObject<Ipv4>())
        ->SetDefaultRoute(backboneAddresses.GetAddress(1), 1);
    for (int64_t u = 0; u < nUes; ++u)
    {
        routing.GetStaticRouting(ues.Get(u)->GetObject<Ipv4>())
            ->SetDefaultRoute(ueAddresses.GetAddress(0), 1);
    }

    // The traffic: UDP to the first half, TCP to the second, and the last UE uploads.
    const Time start = MilliSeconds(100);
    const uint16_t udpPort = 4000;
    const uint16_t tcpPort = 5000;
    const uint16_t uploadPort = 6000;
    const auto nUdp = (nUes + 1) / 2;
    ApplicationContainer apps;
    for (int64_t u = 0; u < nUes; ++u)
    {
        const bool isUdp = u < nUdp;
        const std::string protocol = isUdp ? "ns3::UdpSocketFactory" : "ns3::TcpSocketFactory";
        const uint16_t port = isUdp ? udpPort : tcpPort;
        const InetSocketAddress ueSocket(ueAddresses.GetAddress(u + 1), port);
        PacketSinkHelper sink(protocol, InetSocketAddress(Ipv4Address::GetAny(), port));
        sink.Install(ues.Get(u)).Start(Seconds(0));
        if (isUdp)
        {
            OnOffHelper source(protocol, ueSocket);
            source.SetConstantRate(udpRate, 1200);
            apps.Add(source.Install(remoteHost));
        }
        else
        {
            BulkSendHelper source(protocol, ueSocket);
            apps.Add(source.Install(remoteHost));
        }
    }
    if (nUes > 0)
    {
        PacketSinkHelper sink("ns3::TcpSocketFactory",
                              InetSocketAddress(Ipv4Address::GetAny(), uploadPort));
        sink.Install(remoteHost).Start(Seconds(0));
        BulkSendHelper source("ns3::TcpSocketFactory",
                              InetSocketAddress(backboneAddresses.GetAddress(0), uploadPort));
        apps.Add(source.Install(ues.Get(nUes - 1)));
    }
    apps.Start(start);

    // The traces: files for later, and a few means for the table below.
    Summary summary;
    auto link = cellFree.GetLink();
    link->TraceConnectWithoutContext("UeSample", MakeBoundCallback(&OnUeSample, &summary));
    link->TraceConnectWithoutContext("Decision", MakeBoundCallback(&OnDecision, &summary));
    link->GetSensing()->TraceConnectWithoutContext("Dwell", MakeBoundCallback(&OnDwell, &summary));
    auto traces = cellFree.EnableTraces(outputDir, simTag);
    auto recorder = record.empty() ? nullptr : cellFree.EnableRecording(record, recordEvery);

    ShowProgress progress(Seconds(1), std::cerr);
    Simulator::Stop(simTime);
    Simulator::Run();

    // The summary: what the packets of each UE's flows met, by direction and protocol.
    std::map<std::tuple<uint32_t, std::string, std::string>, CellFreeFlow> flows;
    for (auto& flow : traces->GetFlowTrace()->GetFlows())
    {
        if (!flow.acknowledges)
        {
            flows[{flow.ueId, flow.direction, flow.protocol}] = flow;
        }
    }
    const auto printFlow = [&flows](uint32_t ueId,
                                    const std::string& direction,
                                    const std::string& protocol,
                                    const std::string& sinr) {
        const auto& flow = flows[{ueId, direction, protocol}];
        const std::string traffic = (protocol == "udp" ? "UDP" : "TCP");
        std::cout << std::setw(5) << ueId << "  " << std::left << std::setw(13)
                  << traffic + (direction == "DL" ? " down" : " up") << std::right << std::setw(12)
                  << Format(flow.throughput / 1e6, 2) << std::setw(11)
                  << Format(1e3 * flow.meanDelay, 1, flow.rxPackets > 0) << std::setw(9)
                  << Format(100.0 * flow.lostPackets / std::max(1U, flow.txPackets),
                            2,
                            flow.txPackets > 0)
                  << std::setw(11) << sinr << '\n';
        return flow.throughput / 1e6;
    };

    std::cout << "\nPolicy " << policyName << ": " << nAps << " APs x " << nAntennas
              << " antennas, " << nUes << " UEs, " << nTargets << " targets, "
              << simTime.As(Time::S) << '\n';
    if (nUes > 0)
    {
        std::cout << "\n   UE  traffic       rate(Mb/s)  delay(ms)  loss(%)   SINR(dB)\n";
    }
    double sumRate = 0.0;
    for (int64_t u = 0; u < nUes; ++u)
    {
        const uint32_t id = ues.Get(u)->GetId();
        const auto& sinr = summary.sinr[id];
        sumRate +=
            printFlow(id, "DL", u < nUdp ? "udp" : "tcp", Format(sinr.Get(), 1, sinr.GetN() > 0));
    }
    if (nUes > 0)
    {
        printFlow(ues.Get(nUes - 1)->GetId(), "UL", "tcp", "-");
        std::cout << "  Sum of the downlink rates: " << Format(sumRate, 1) << " Mb/s\n";
    }
    if (nTargets > 0)
    {
        std::cout << "\ntarget  SNR per symbol(dB)  SNR combined(dB)     Pd  detected(%)  dwells\n";
    }
    for (int64_t t = 0; t < nTargets; ++t)
    {
        const uint32_t id = targets.Get(t)->GetId();
        const auto nDwells = summary.pd[id].GetN();
        std::cout << std::setw(6) << id << std::setw(20) << FormatDecibels(summary.snr[id])
                  << std::setw(18) << FormatDecibels(summary.combinedSnr[id]) << std::setw(7)
                  << Format(summary.pd[id].Get(), 3, nDwells > 0) << std::setw(13)
                  << Format(100 * summary.detected[id].Get(), 1, nDwells > 0) << std::setw(8)
                  << nDwells << '\n';
    }
    std::cout << "\nDecisions: " << summary.decisionTime.GetN() << ", "
              << Format(summary.decisionTime.Get() * 1e6, 0, summary.decisionTime.GetN() > 0)
              << " us each on this machine\n";
    if (recorder)
    {
        std::cout << "Problems: " << recorder->GetNRecorded() << " in " << record << '\n';
    }
    const std::string ueTrace = traces->GetUeTracePath();
    Simulator::Destroy(); // completes the traces
    std::cout << "Traces: " << ueTrace
              << " and SensingTrace, DecisionTrace, CostTrace, FlowTrace, DelayTrace beside it\n";
    if (!database.empty() && CellFreeTraceDatabase::IsAvailable())
    {
        const auto file = database.find('/') == std::string::npos
                              ? SystemPath::Append(outputDir, database)
                              : database;
        CellFreeTraceDatabase traceDatabase;
        error = traceDatabase.Open(file);
        error = error.empty() ? traceDatabase.AddRun(outputDir, simTag) : error;
        if (!error.empty())
        {
            Refuse(error);
        }
        std::cout << "Database: " << file << '\n';
    }
    return 0;
}
