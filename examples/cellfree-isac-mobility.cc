// SPDX-License-Identifier: GPL-2.0-only

/*
 * Nodes that come, move and leave: a crossroads with four APs on the corners and one more on a bus,
 * which drives past. Cars and people download files while they are there.
 *
 *               |  |
 *           AP  |  |  AP
 *     ----------+  +----------       file server = CPU ==== 4 APs on the corners
 *      bus with an AP -->                                   1 AP on the bus
 *     ----------+  +----------
 *           AP  |  |  AP
 *               |  |
 *
 * Two files say who moves how, in ns-2's format, which SUMO exports:
 *   --movement   lines "$ns_ at TIME "$node_(NODE) setdest X Y SPEED"", read by ns-3's own helper;
 *   --activity   lines "$ns_ at TIME "$g(NODE) start"" and "stop": when a UE is there at all.
 * examples/crossroads.tcl and crossroads-activity.tcl are made by tools/make-crossroads.py.
 *
 * In a cell-free network nobody hands over: all APs that hear a UE serve it. The table at the end
 * says whom the UE was nearest to all the same.
 */

#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/mobility-module.h"
#include "ns3/network-module.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <regex>
#include <vector>

using namespace ns3;

namespace
{

/// What the command line says.
struct Options
{
    std::string movement;
    std::string activity;
    int64_t apOnNode = 0;
    std::string policy = "rzf";
    std::string scheduler = "pf";
    Time simTime = Seconds(40);
    std::string outputDir = "cellfree-isac-output";
    std::string simTag;
};

/// A UE comes or leaves.
struct Event
{
    Time time;
    uint32_t node{0}; //!< its number in the files
    bool isArrival{false};
};

/// A stay of a UE, from its arrival until it leaves; a row of the table.
struct Visit
{
    uint32_t node{0};
    Time start;
    Time end;
    uint32_t nSlots{0};               //!< downlink slots in which it was served
    double rate{0.0};                 //!< sum of log2(1 + SINR) over them
    uint64_t bytes{0};                //!< decoded
    std::vector<std::string> nearest; //!< APs that it was nearest to, in their order
};

/// Reads the command line, and ends the program with one line where it is wrong.
Options
ReadOptions(int argc, char* argv[])
{
    Options options;
    const auto here = std::filesystem::path(__FILE__).parent_path();
    options.movement = (here / "crossroads.tcl").string();
    options.activity = (here / "crossroads-activity.tcl").string();
    CellFreeCommandLine cmd(__FILE__);
    cmd.Usage("UEs that come, move and leave, and an AP on a bus: movements of ns-2 or SUMO.");
    cmd.AddValue("movement", "file of movements in ns-2's format", options.movement);
    cmd.AddValue("activity",
                 "file that says when a node is there, as SUMO's traceExporter.py writes it; empty "
                 "if all are there all the time",
                 options.activity);
    cmd.AddValue("apOnNode",
                 "number of the node that carries an AP instead of a UE; -1 for none",
                 options.apOnNode,
                 -1,
                 1000000);
    cmd.AddValue("policy", "beamforming policy: " + GetBeamformingPolicyNames(), options.policy);
    cmd.AddValue("scheduler", "scheduler: " + GetSchedulerNames(), options.scheduler);
    cmd.AddValue("simTime", "simulated time", options.simTime, NanoSeconds(1), Seconds(1e6));
    cmd.AddValue("outputDir", "directory of the traces, created if missing", options.outputDir);
    cmd.AddValue("simTag", "text added to the names of the traces", options.simTag);
    cmd.Parse(argc, argv);

    std::string error;
    CreateBeamformingPolicy(options.policy, error);
    cmd.RefuseIf(error);
    GetSchedulerTypeName(options.scheduler, error);
    cmd.RefuseIf(error);
    cmd.RefuseIf(CellFreeTraceWriter::FindDirectoryError(options.outputDir));
    for (const auto& path : {options.movement, options.activity})
    {
        cmd.RefuseIf(path.empty() || std::ifstream(path) ? "" : path + ": expected a file to read");
    }
    cmd.RefuseIf(options.movement.empty() ? "--movement=: expected a file" : "");
    return options;
}

/// The numbers of the nodes in a file of movements go from 0 to one less than this.
uint32_t
CountNodes(const std::string& path)
{
    const std::regex pattern(R"(\$node_\((\d+)\))");
    uint32_t n = 0;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
    {
        std::smatch match;
        if (std::regex_search(line, match, pattern))
        {
            n = std::max<uint32_t>(n, std::stoul(match[1]) + 1);
        }
    }
    return n;
}

/// Reads when nodes are there, in the order of the file; without a file all are, from the start on.
std::vector<Event>
ReadActivity(const std::string& path, uint32_t nNodes)
{
    std::vector<Event> events;
    for (uint32_t node = 0; path.empty() && node < nNodes; ++node)
    {
        events.push_back({Seconds(0), node, true});
    }
    const std::regex pattern(R"(\$ns_ at (\S+) "\$g\((\d+)\) (start|stop)\")");
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
    {
        std::smatch match;
        if (std::regex_search(line, match, pattern))
        {
            events.push_back({Seconds(std::stod(match[1])),
                              uint32_t(std::stoul(match[2])),
                              match[3] == "start"});
            NS_ABORT_MSG_IF(events.back().node >= nNodes,
                            path << ": node " << events.back().node << ": expected one that moves");
        }
    }
    NS_ABORT_MSG_IF(events.empty() && nNodes > 0,
                    path << ": nobody comes: expected lines such as $ns_ at 1.5 \"$g(0) start\"");
    return events;
}

/// The crossroads while it is simulated.
class Crossroads
{
  public:
    explicit Crossroads(const Options& options)
        : m_options(options)
    {
        // The corners, and whatever moves.
        m_aps.Create(4);
        m_moving.Create(CountNodes(options.movement));
        m_cpu = CreateObject<Node>();
        Place();
        Ns2MobilityHelper(options.movement).Install(m_moving.Begin(), m_moving.End());
        for (uint32_t i = 0; i < m_moving.GetN(); ++i)
        {
            const bool isAp = i == options.apOnNode;
            (isAp ? m_aps : m_ues).Add(m_moving.Get(i));
            NS_ABORT_MSG_IF(!m_moving.Get(i)->GetObject<MobilityModel>(),
                            options.movement << ": node " << i << " has no position");
        }

        // The network without a UE: they come later.
        m_helper.SetPolicy(options.policy);
        m_helper.SetScheduler(options.scheduler);
        const auto devices = m_helper.Install(m_cpu, m_aps, NodeContainer());
        m_helper.AssignStreams(FIRST_STREAM);
        InternetStackHelper internet;
        internet.Install(NodeContainer(m_cpu, m_ues));
        internet.AssignStreams(NodeContainer(m_cpu, m_ues), 1);
        m_addresses.SetBase("10.1.0.0", "255.255.0.0");
        m_addresses.Assign(devices.cpu);

        for (const auto& event : ReadActivity(options.activity, m_moving.GetN()))
        {
            if (event.node != options.apOnNode)
            {
                Simulator::Schedule(event.time,
                                    event.isArrival ? &Crossroads::Arrive : &Crossroads::Leave,
                                    this,
                                    event.node);
            }
        }
        m_helper.GetCpu()->TraceConnectWithoutContext("UeSample",
                                                      MakeCallback(&Crossroads::OnSample, this));
        Simulator::Schedule(LOOK_INTERVAL, &Crossroads::Look, this);
    }

    /// Runs it, and prints who was served when.
    void Run()
    {
        m_helper.Describe("load", "files for every UE while it is there, by FTP model 3");
        m_helper.EnableTraces(m_options.outputDir, m_options.simTag);
        m_files->Open(m_options.outputDir, m_options.simTag);
        Simulator::Stop(m_options.simTime);
        Simulator::Run();
        while (!m_present.empty())
        {
            End(m_present.begin()->first);
        }
        m_files->Close();
        Print();
    }

  private:
    static constexpr int64_t FIRST_STREAM = 10000000;
    const Time LOOK_INTERVAL = MilliSeconds(100); //!< how often the nearest AP is looked for

    /// Puts the APs on the corners and the CPU somewhere.
    void Place()
    {
        auto corners = CreateObject<ListPositionAllocator>();
        for (const double y : {130.0, 170.0})
        {
            for (const double x : {130.0, 170.0})
            {
                corners->Add(Vector(x, y, 10));
            }
        }
        MobilityHelper mobility;
        mobility.SetPositionAllocator(corners);
        mobility.Install(m_aps);
    }

    /// A UE comes: it joins the link, gets an address, and asks for files.
    void Arrive(uint32_t number)
    {
        const auto node = m_moving.Get(number);
        NS_ABORT_MSG_IF(m_present.count(node->GetId()),
                        m_options.activity << ": node " << number << " starts twice");
        const auto devices = m_helper.InstallUes(NodeContainer(node));
        const auto addresses = m_addresses.Assign(devices);

        auto files = CreateObject<CellFreeFileTraffic>();
        files->SetAttribute("Device", PointerValue(devices.Get(0)));
        files->SetAttribute("Remote",
                            AddressValue(InetSocketAddress(addresses.GetAddress(0), 4000)));
        files->AssignStreams(FIRST_STREAM);
        m_cpu->AddApplication(files); // it stops when the UE leaves
        m_files->Add(files);

        Visit visit;
        visit.node = number;
        visit.start = Simulator::Now();
        m_present[node->GetId()] = visit;
        FindNearest(m_present[node->GetId()]);
    }

    /// A UE leaves: what waits for it is dropped.
    void Leave(uint32_t number)
    {
        const auto node = m_moving.Get(number);
        NS_ABORT_MSG_IF(!m_present.count(node->GetId()),
                        m_options.activity << ": node " << number << " stops before it starts");
        m_helper.RemoveUes(NodeContainer(node));
        End(node->GetId());
    }

    /// Ends a visit.
    void End(uint32_t id)
    {
        auto visit = m_present.find(id);
        visit->second.end = Simulator::Now();
        m_visits.push_back(visit->second);
        m_present.erase(visit);
    }

    /// A stream was sent.
    void OnSample(const CellFreeUeSample& sample)
    {
        const auto visit = m_present.find(sample.ueId);
        if (visit != m_present.end() && !sample.isUplink)
        {
            ++visit->second.nSlots;
            visit->second.rate += std::log2(1.0 + sample.sinr);
            visit->second.bytes += sample.isDecoded ? sample.blockBytes : 0;
        }
    }

    /// Looks at times for the nearest AP of every UE.
    void Look()
    {
        for (auto& [id, visit] : m_present)
        {
            FindNearest(visit);
        }
        Simulator::Schedule(LOOK_INTERVAL, &Crossroads::Look, this);
    }

    /// Notes the AP that a UE is nearest to, if that is another than before.
    void FindNearest(Visit& visit) const
    {
        const auto own = m_moving.Get(visit.node)->GetObject<MobilityModel>();
        std::string nearest;
        double least = INFINITY;
        for (uint32_t m = 0; m < m_aps.GetN(); ++m)
        {
            const auto distance = own->GetDistanceFrom(m_aps.Get(m)->GetObject<MobilityModel>());
            if (distance < least)
            {
                least = distance;
                nearest = m < 4 ? std::string(1, "ABCD"[m]) : "bus";
            }
        }
        if (visit.nearest.empty() || visit.nearest.back() != nearest)
        {
            visit.nearest.push_back(nearest);
        }
    }

    /// Prints the visits in the order of their starts, and what became of the files.
    void Print()
    {
        std::stable_sort(m_visits.begin(), m_visits.end(), [](const Visit& a, const Visit& b) {
            return a.start < b.start;
        });
        std::cout << "node  from(s)   to(s)  served(slots)  SINR(dB)   Mb/s  nearest AP\n"
                  << std::fixed;
        for (const auto& visit : m_visits)
        {
            const double duration = std::max(1e-9, (visit.end - visit.start).GetSeconds());
            const double sinr = std::exp2(visit.rate / std::max(1U, visit.nSlots)) - 1.0;
            std::cout << std::setw(4) << visit.node << std::setprecision(1) << std::setw(9)
                      << visit.start.GetSeconds() << std::setw(8) << visit.end.GetSeconds()
                      << std::setw(15) << visit.nSlots << std::setw(10)
                      << (visit.nSlots ? 10.0 * std::log10(sinr) : 0.0) << std::setw(7)
                      << visit.bytes * 8e-6 / duration << "  ";
            for (const auto& ap : visit.nearest)
            {
                std::cout << (&ap == visit.nearest.data() ? "" : " > ") << ap;
            }
            std::cout << '\n';
        }
        m_files->Print(std::cout);
    }

    const Options m_options;
    Ptr<Node> m_cpu;
    NodeContainer m_aps;
    NodeContainer m_moving; //!< by their numbers in the files
    NodeContainer m_ues;    //!< those of them that carry no AP
    CellFreeIsacHelper m_helper;
    Ipv4AddressHelper m_addresses;
    Ptr<CellFreeFileTrace> m_files = CreateObject<CellFreeFileTrace>();
    std::map<uint32_t, Visit> m_present; //!< by node id
    std::vector<Visit> m_visits;         //!< those that are over
};

} // namespace

int
main(int argc, char* argv[])
{
    // Whoever asks for an address asks at once: ns-3's jitter depends on its release.
    Config::SetDefault("ns3::ArpL3Protocol::RequestJitter",
                       StringValue("ns3::ConstantRandomVariable[Constant=0]"));
    Config::SetDefault("ns3::CellFreeFileTraffic::ArrivalRate", DoubleValue(1.0));
    const Options options = ReadOptions(argc, argv);
    Crossroads crossroads(options);
    crossroads.Run();
    Simulator::Destroy(); // completes the traces
    return 0;
}
