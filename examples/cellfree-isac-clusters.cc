// SPDX-License-Identifier: GPL-2.0-only

/*
 * Several cell-free clusters on one backbone, simulated by one process or by several (MPI).
 *
 *                      / backboneDelay \---- CPU 0 ==== APs ~~~~ UEs, drones     carrier 0
 *   server ---- core --- backboneDelay ----- CPU 1 ==== APs ~~~~ UEs, drones     carrier 1
 *                      \ backboneDelay /---- CPU 2 ==== APs ~~~~ UEs, drones     carrier 0
 *
 * The server sends UDP to half of a cluster's UEs, the others download by TCP, and the first one
 * uploads. Each CPU reports the drones that it tracks to the CPU of the next cluster. At the end
 * a table says what every cluster got; it and the traces are the same whoever simulates what:
 *
 *   ./ns3 run cellfree-isac-clusters                                                  one process
 *   mpirun -np 2 PATH/ns3.37-cellfree-isac-clusters-default --mpi=granted             two
 *
 * What a parallel run needs, and where it is below:
 *   - an ns-3 with MPI (./ns3 configure --enable-mpi), which simulates the nodes of a rank in its
 *     process, and lets packets of point-to-point links travel between them: Ranks;
 *   - all nodes in all processes, so that they have the same ids, but what costs only on the rank
 *     that simulates them: Network;
 *   - clusters that share a carrier interfere in every slot, so that no rank could be a moment
 *     ahead of the other: a carrier belongs on one rank. Carriers share nothing but the backbone,
 *     whose delay is how far ranks may be apart;
 *   - random streams by node and not by rank: AssignStreams with fixed numbers;
 *   - no two events at the same time whose order says who wins, if one of them comes from another
 *     rank: ns-3 orders those by when they were scheduled, which depends on the ranks. Slots begin
 *     at multiples of TICK, and so does what the server sends; what travels over the backbone is
 *     off these by the odd length of each fibre: GetBackboneDelay().
 */

#include "ns3/applications-module.h"
#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/mobility-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

#ifdef NS3_MPI
#include "ns3/mpi-interface.h"
#endif

#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <sys/resource.h>
#include <vector>

using namespace ns3;

namespace
{

/// A byte on the backbone, 10 Gb/s, in units of the resolution, picoseconds.
constexpr int64_t TICK = 800;
/// What the backbone has room for: see GetBackboneDelay().
constexpr int64_t MAX_CLUSTERS = 64;
/// Length of what the server sends by UDP (bytes).
constexpr int64_t UDP_BYTES = 1200;

constexpr uint16_t UDP_PORT = 4000;
constexpr uint16_t TCP_PORT = 5000;
constexpr uint16_t UPLOAD_PORT = 6000;
constexpr uint16_t REPORT_PORT = 9000;

/// First random stream of each part of the scenario.
enum Streams : int64_t
{
    AP_STREAMS = 1000000,
    UE_STREAMS = 2000000,
    TARGET_STREAMS = 3000000,
    INTERNET_STREAMS = 4000000,
    START_STREAMS = 5000000,
    CELL_FREE_STREAMS_FIRST = 10000000,
    STREAMS_PER_CLUSTER = 10000,
};

/// What the command line says.
struct Options
{
    int64_t nClusters = 4;
    int64_t nCarriers = 0; //!< 0: one per cluster
    int64_t nAps = 8;
    int64_t nUes = 4;
    int64_t nTargets = 1;
    int64_t nAntennas = 4;
    double side = 400.0;
    std::string policy = "gnn";
    std::string scheduler = "rr";
    DataRate udpRate = DataRate("10Mb/s");
    Time backboneDelay = MilliSeconds(2);
    double coreShare = 0.5;
    Time simTime = Seconds(1);
    std::string mpi = "off";
    std::string outputDir = "cellfree-isac-output";
    std::string simTag;
};

/// What is measured of a cluster; numbers that add up over ranks.
enum Measure
{
    DOWN_BYTES,     //!< IP payload that its UEs received
    UP_BYTES,       //!< IP payload that the server received from it
    UDP_PACKETS,    //!< UDP packets that its UEs received
    UDP_DELAY,      //!< sum of their delays (s)
    STREAMS,        //!< downlink streams
    RATE,           //!< sum of their log2(1 + SINR)
    DWELLS,         //!< dwells on targets
    PD,             //!< sum of their detection probabilities
    REPORTS,        //!< reports that the next cluster's CPU received
    REPORT_LATENCY, //!< sum of their latencies (s)
    N_MEASURES
};

/// A number of a process manager's environment, or another one where there is none.
int64_t
GetEnvironment(std::initializer_list<const char*> names, int64_t otherwise)
{
    for (const auto* name : names)
    {
        if (const auto* text = std::getenv(name))
        {
            return std::atoll(text);
        }
    }
    return otherwise;
}

/// The processes that share a run: one without MPI.
class Ranks
{
  public:
    /// @return what is wrong with a choice of the engine that keeps processes in step, or nothing
    static std::string FindEngineError(const std::string& engine)
    {
        if (engine != "off" && engine != "granted" && engine != "null")
        {
            return "--mpi=" + engine + ": expected off, granted or null";
        }
#ifndef NS3_MPI
        if (engine != "off")
        {
            return "--mpi=" + engine +
                   ": expected off, for this ns-3 was built without MPI (./ns3 configure "
                   "--enable-mpi)";
        }
#endif
        // As Open MPI and MPICH say it to what they start.
        const auto n = GetEnvironment({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}, 1);
        return engine == "off" && n > 1 ? "--mpi=off: expected granted or null, for " +
                                              std::to_string(n) + " processes were started"
                                        : "";
    }

    /// Lets only the first process speak. @param rank its number, if MPI is not there yet by the
    /// environment
    static void Mute(int64_t rank = GetEnvironment({"OMPI_COMM_WORLD_RANK", "PMI_RANK"}, 0))
    {
        if (rank > 0)
        {
            std::cout.rdbuf(nullptr);
            std::cerr.rdbuf(nullptr);
        }
    }

    /// Joins the others. @param engine off, granted or null
    Ranks(const std::string& engine, int argc, char* argv[])
        : m_isParallel(engine != "off")
    {
#ifdef NS3_MPI
        if (m_isParallel)
        {
            GlobalValue::Bind("SimulatorImplementationType",
                              StringValue(engine == "null" ? "ns3::NullMessageSimulatorImpl"
                                                           : "ns3::DistributedSimulatorImpl"));
            MpiInterface::Enable(&argc, &argv);
            m_mine = MpiInterface::GetSystemId();
            m_size = MpiInterface::GetSize();
            Mute(m_mine);
        }
#endif
    }

    /// Leaves the others; after Simulator::Destroy(), or without a simulation.
    void Leave() const
    {
#ifdef NS3_MPI
        if (m_isParallel)
        {
            MpiInterface::Disable();
        }
#endif
    }

    /// @return number of this process
    uint32_t GetMine() const
    {
        return m_mine;
    }

    /// @return number of processes
    uint32_t GetSize() const
    {
        return m_size;
    }

    /// @return sums over the processes, in the first of them. @param values of this process
    std::vector<double> Sum(std::vector<double> values) const
    {
#ifdef NS3_MPI
        if (m_isParallel)
        {
            auto sums = values;
            MPI_Reduce(values.data(),
                       sums.data(),
                       static_cast<int>(values.size()),
                       MPI_DOUBLE,
                       MPI_SUM,
                       0,
                       MpiInterface::GetCommunicator());
            return sums;
        }
#endif
        return values;
    }

  private:
    bool m_isParallel;  //!< whether there is MPI
    uint32_t m_mine{0}; //!< number of this process
    uint32_t m_size{1}; //!< number of processes
};

/// Chooses what TCP and ARP do unless the command line says otherwise.
void
SetInternetDefaults()
{
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1400));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(3 << 16));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(3 << 16));
    Config::SetDefault("ns3::TcpSocketBase::Timestamp", BooleanValue(false));
    Config::SetDefault("ns3::ArpL3Protocol::RequestJitter",
                       StringValue("ns3::ConstantRandomVariable[Constant=0]"));
    Config::SetDefault("ns3::ArpCache::PendingQueueSize", UintegerValue(1000));
}

/// Reads the command line, and ends the program with one line where it is wrong.
Options
ReadOptions(CellFreeCommandLine& cmd, int argc, char* argv[])
{
    Options options;
    cmd.Usage("Several cell-free clusters on one backbone, simulated by one process or several.");
    cmd.AddValue("nClusters", "number of clusters", options.nClusters, 1, MAX_CLUSTERS);
    cmd.AddValue("nCarriers",
                 "number of carriers, at most one per cluster, which 0 stands for: cluster c is on "
                 "carrier c modulo this, and those of a carrier interfere",
                 options.nCarriers,
                 0,
                 MAX_CLUSTERS);
    cmd.AddValue("nAps", "APs of each cluster", options.nAps, 1, 10000);
    cmd.AddValue("nUes", "UEs of each cluster", options.nUes, 0, 1000);
    cmd.AddValue("nTargets", "drones of each cluster", options.nTargets, 0, 1000);
    cmd.AddValue("nAntennas", "antennas of each AP", options.nAntennas, 1, 4096);
    cmd.AddValue("side",
                 "side of the square of each cluster, which lie side by side (m)",
                 options.side,
                 10.0,
                 1e5);
    cmd.AddValue("policy", "beamforming policy: " + GetBeamformingPolicyNames(), options.policy);
    cmd.AddValue("scheduler", "scheduler: " + GetSchedulerNames(), options.scheduler);
    cmd.AddValue("udpRate",
                 "rate of each UDP flow",
                 options.udpRate,
                 DataRate("1b/s"),
                 DataRate("1Gb/s"));
    cmd.AddValue("backboneDelay",
                 "delay between the core and each CPU, whole microseconds: how far ranks may be "
                 "apart",
                 options.backboneDelay,
                 MicroSeconds(1),
                 Seconds(10));
    cmd.AddValue("simTime", "simulated time", options.simTime, NanoSeconds(1), Seconds(1e6));
    cmd.AddValue("mpi",
                 "what keeps several processes in step: off (there is one), granted (windows of "
                 "time) or null (null messages)",
                 options.mpi);
    cmd.AddValue("coreShare",
                 "work of core and server over that of all clusters, by which carriers are shared "
                 "out among processes; it changes no result",
                 options.coreShare,
                 0.0,
                 100.0);
    cmd.AddValue("outputDir",
                 "directory of the traces, created if missing; those of a carrier are in a folder "
                 "of their own",
                 options.outputDir);
    cmd.AddValue("simTag", "text added to the names of the traces", options.simTag);
    cmd.Parse(argc, argv);

    cmd.RefuseIf(Ranks::FindEngineError(options.mpi));
    if (options.nCarriers == 0)
    {
        options.nCarriers = options.nClusters;
    }
    cmd.RefuseIf(options.nCarriers <= options.nClusters
                     ? ""
                     : "--nCarriers=" + std::to_string(options.nCarriers) +
                           ": expected at most --nClusters=" + std::to_string(options.nClusters));
    cmd.RefuseIf(options.backboneDelay.GetTimeStep() % MicroSeconds(1).GetTimeStep() == 0
                     ? ""
                     : "--backboneDelay: expected whole microseconds");
    std::string error;
    auto policy = CreateBeamformingPolicy(options.policy, error);
    cmd.RefuseIf(error);
    cmd.RefuseIf(policy->FindError());
    GetSchedulerTypeName(options.scheduler, error);
    cmd.RefuseIf(error);
    cmd.RefuseIf(CellFreeTraceWriter::FindDirectoryError(options.outputDir));
    return options;
}

/// The network while it is simulated: what this rank simulates of it, and the nodes of the rest.
class Network
{
  public:
    /// @param options the command line @param ranks who else simulates
    Network(const Options& options, const Ranks& ranks)
        : m_options(options),
          m_ranks(ranks),
          m_hasCore(ranks.GetMine() == 0),
          m_clusters(options.nClusters),
          m_helpers(options.nCarriers),
          m_rankOfCarrier(ShareOut(options, ranks.GetSize())),
          m_measures(options.nClusters * N_MEASURES)
    {
        CreateNodes();
        ConnectBackbone();
        for (int64_t c = 0; c < options.nClusters; ++c)
        {
            if (IsMine(c))
            {
                InstallCluster(c);
            }
        }
        if (m_hasCore)
        {
            InstallCore();
        }
        EnableTraces();
    }

    /// Runs it. @return wall time that it took (s)
    double Run()
    {
        const auto start = std::chrono::steady_clock::now();
        Simulator::Stop(m_options.simTime);
        Simulator::Run();
        const std::chrono::duration<double> duration = std::chrono::steady_clock::now() - start;
        for (int64_t c = 0; c < m_options.nClusters; ++c)
        {
            if (const auto server = m_clusters[c].server)
            {
                const auto from = GetPrevious(c);
                const auto id = m_clusters[from].cpu->GetId();
                for (const auto known : server->GetCpuIds())
                {
                    if (known == id)
                    {
                        const auto& statistics = server->GetStatistics(id);
                        At(from, REPORTS) = statistics.reports;
                        for (const double latency : statistics.latencies)
                        {
                            At(from, REPORT_LATENCY) += latency;
                        }
                    }
                }
            }
        }
        return duration.count();
    }

    /// Prints a table of all clusters, on the first rank; all must call it.
    void Print()
    {
        m_measures = m_ranks.Sum(m_measures);
        std::cout << m_options.nClusters << " clusters of " << m_options.nAps << " APs x "
                  << m_options.nAntennas << " antennas, " << m_options.nUes << " UEs and "
                  << m_options.nTargets << " drones on " << m_options.nCarriers << " carriers, "
                  << m_options.policy << ", " << m_options.simTime.GetSeconds() << " s\n\n"
                  << "                      down     up  UDP delay  rate              reports\n"
                  << "cluster  carrier    (Mb/s) (Mb/s)       (ms)  (bit/s/Hz)    Pd  received  "
                     "after(ms)\n"
                  << std::fixed;
        const double bitsToMega = 8e-6 / m_options.simTime.GetSeconds();
        for (int64_t c = 0; c < m_options.nClusters; ++c)
        {
            std::cout << std::setw(7) << c << std::setw(9) << GetCarrier(c) << std::setprecision(2)
                      << std::setw(10) << At(c, DOWN_BYTES) * bitsToMega << std::setw(7)
                      << At(c, UP_BYTES) * bitsToMega;
            PrintMean(c, UDP_DELAY, UDP_PACKETS, 1e3, 3, 11);
            PrintMean(c, RATE, STREAMS, 1.0, 3, 12);
            PrintMean(c, PD, DWELLS, 1.0, 3, 6);
            std::cout << std::setw(10) << std::setprecision(0) << At(c, REPORTS);
            PrintMean(c, REPORT_LATENCY, REPORTS, 1e3, 3, 11);
            std::cout << '\n';
        }
    }

    /// @return directory of the traces of a carrier. @param options the command line
    static std::string GetDirectory(const Options& options, int64_t carrier)
    {
        return SystemPath::Append(options.outputDir, "carrier" + std::to_string(carrier));
    }

  private:
    /// A cluster; on the ranks that do not simulate it, its nodes alone.
    struct Cluster
    {
        Ptr<Node> cpu;
        NodeContainer aps;
        NodeContainer ues;
        NodeContainer targets;
        Ptr<NetDevice> coreDevice;         //!< of its link to the core
        Ptr<NetDevice> cpuDevice;          //!< the other end
        Ptr<CellFreeSensingServer> server; //!< what the previous cluster reports to
    };

    /// @return the carrier of a cluster
    int64_t GetCarrier(int64_t c) const
    {
        return c % m_options.nCarriers;
    }

    /// @return the rank that simulates each carrier: the first has the core, and then each takes
    /// carriers until it has its part of the work, or there is one left for each of the others
    static std::vector<uint32_t> ShareOut(const Options& options, uint32_t nRanks)
    {
        std::vector<uint32_t> ranks;
        uint32_t rank = 0;
        double load = options.coreShare * options.nCarriers; // of this rank
        double rest = load + options.nCarriers;              // of this rank and those behind it
        for (int64_t carrier = 0; carrier < options.nCarriers; ++carrier)
        {
            const int64_t nBehind = nRanks - rank - 1;
            if (nBehind > 0 && (options.nCarriers - carrier <= nBehind ||
                                load + 0.5 > rest / static_cast<double>(nBehind + 1)))
            {
                rest -= load;
                load = 0.0;
                ++rank;
            }
            ranks.push_back(rank);
            load += 1.0;
        }
        return ranks;
    }

    /// @return the rank that simulates a cluster
    uint32_t GetRank(int64_t c) const
    {
        return m_rankOfCarrier[GetCarrier(c)];
    }

    /// @return whether this rank simulates a cluster
    bool IsMine(int64_t c) const
    {
        return GetRank(c) == m_ranks.GetMine();
    }

    /// @return the cluster that reports to this one
    int64_t GetPrevious(int64_t c) const
    {
        return (c + m_options.nClusters - 1) % m_options.nClusters;
    }

    /// @return a measure of a cluster
    double& At(int64_t c, Measure measure)
    {
        return m_measures[c * N_MEASURES + measure];
    }

    /// Prints a mean, or a dash where there is none.
    void PrintMean(int64_t c, Measure sum, Measure n, double scale, int precision, int width)
    {
        std::cout << std::setw(width + 1);
        if (At(c, n) > 0.0)
        {
            std::cout << std::setprecision(precision) << scale * At(c, sum) / At(c, n);
        }
        else
        {
            std::cout << '-';
        }
    }

    /// Creates all nodes, in the same order on all ranks.
    void CreateNodes()
    {
        m_core = CreateObject<Node>(0);
        m_server = CreateObject<Node>(0);
        for (int64_t c = 0; c < m_options.nClusters; ++c)
        {
            auto& cluster = m_clusters[c];
            const auto rank = GetRank(c);
            cluster.cpu = CreateObject<Node>(rank);
            cluster.aps.Create(m_options.nAps, rank);
            cluster.ues.Create(m_options.nUes, rank);
            cluster.targets.Create(m_options.nTargets, rank);
        }
    }

    /**
     * @brief How long a packet is under way between the core and a CPU.
     *
     * All delays and transmission times are multiples of TICK but for this: with an offset of 5,
     * 10, 15, ... for the clusters and 1 for the server, no packet that comes to a CPU is a
     * multiple of TICK off, as slots are, and no two come to the core at the same time from two
     * links. Each packet has the offsets of three links or less since a slot or a timer sent it or
     * the packet that it answers, so that these stay below TICK.
     *
     * @param c the cluster
     * @return the delay
     */
    Time GetBackboneDelay(int64_t c) const
    {
        return m_options.backboneDelay + TimeStep(5 * (c + 1));
    }

    /// Links the core with all CPUs, first of all devices and on all ranks: a packet finds its
    /// device on another rank by its number.
    void ConnectBackbone()
    {
        PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", StringValue("10Gb/s"));
        link.DisableFlowControl();
        link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("10000p"));
        for (int64_t c = 0; c < m_options.nClusters; ++c)
        {
            auto& cluster = m_clusters[c];
            link.SetChannelAttribute("Delay", TimeValue(GetBackboneDelay(c)));
            const auto devices = link.Install(m_core, cluster.cpu);
            cluster.coreDevice = devices.Get(0);
            cluster.cpuDevice = devices.Get(1);
        }
        if (m_hasCore)
        {
            link.SetChannelAttribute("Delay", TimeValue(MicroSeconds(100) + TimeStep(1)));
            m_serverDevices = link.Install(m_core, m_server);
        }
    }

    /// @return an address by its four numbers
    static Ipv4Address MakeAddress(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
    {
        return Ipv4Address(a << 24 | b << 16 | c << 8 | d);
    }

    /// @return address of a UE
    static Ipv4Address GetUeAddress(int64_t c, int64_t u)
    {
        return Ipv4Address(MakeAddress(10, 100 + c, 0, 2).Get() + u);
    }

    /// @return address of an end of the link between core and CPU. @param end 1 core, 2 CPU
    static Ipv4Address GetBackboneAddress(int64_t c, uint32_t end)
    {
        return MakeAddress(10, 1, c, end);
    }

    /// @return address of an end of the link between core and server. @param end 1 core, 2 server
    static Ipv4Address GetServerAddress(uint32_t end)
    {
        return MakeAddress(10, 0, 0, end);
    }

    /// Gives a device its address. @return number of its interface
    static uint32_t Assign(Ptr<NetDevice> device, Ipv4Address address, const char* mask)
    {
        Ipv4AddressHelper helper;
        helper.SetBase(address.CombineMask(mask),
                       mask,
                       Ipv4Address(address.Get() & ~Ipv4Mask(mask).Get()));
        return helper.Assign(device).Get(0).second;
    }

    /// @return the static routes of a node
    static Ptr<Ipv4StaticRouting> GetRoutes(Ptr<Node> node)
    {
        return Ipv4StaticRoutingHelper().GetStaticRouting(node->GetObject<Ipv4>());
    }

    /// Gives nodes an internet stack. @param number of the random streams
    static void InstallInternet(const NodeContainer& nodes, int64_t number)
    {
        InternetStackHelper internet;
        internet.SetIpv6StackInstall(false);
        internet.Install(nodes);
        internet.AssignStreams(nodes, INTERNET_STREAMS + number * STREAMS_PER_CLUSTER);
    }

    /// Puts nodes at random places of a cluster's square. @param speed none if they stay
    void Place(const NodeContainer& nodes,
               int64_t c,
               double height,
               const std::string& speed,
               int64_t stream) const
    {
        const auto perRow = static_cast<int64_t>(std::ceil(std::sqrt(m_options.nClusters)));
        const double side = m_options.side;
        const double left = side * (c % perRow);
        const double bottom = side * (c / perRow);
        auto x = CreateObject<UniformRandomVariable>();
        x->SetAttribute("Min", DoubleValue(left));
        x->SetAttribute("Max", DoubleValue(left + side));
        auto y = CreateObject<UniformRandomVariable>();
        y->SetAttribute("Min", DoubleValue(bottom));
        y->SetAttribute("Max", DoubleValue(bottom + side));
        auto z = CreateObject<ConstantRandomVariable>();
        z->SetAttribute("Constant", DoubleValue(height));
        auto positions = CreateObject<RandomBoxPositionAllocator>();
        positions->SetX(x);
        positions->SetY(y);
        positions->SetZ(z);

        MobilityHelper mobility;
        mobility.SetPositionAllocator(positions);
        mobility.SetMobilityModel("ns3::ConstantPositionMobilityModel");
        if (!speed.empty())
        {
            const Rectangle square(left, left + side, bottom, bottom + side);
            mobility.SetMobilityModel("ns3::RandomWalk2dMobilityModel",
                                      "Bounds",
                                      RectangleValue(square),
                                      "Mode",
                                      StringValue("Time"),
                                      "Time",
                                      TimeValue(Seconds(5)),
                                      "Speed",
                                      StringValue(speed));
        }
        stream += c * STREAMS_PER_CLUSTER;
        const auto used = positions->AssignStreams(stream);
        mobility.Install(nodes);
        mobility.AssignStreams(nodes, stream + used);
    }

    /// Installs a cluster that this rank simulates.
    void InstallCluster(int64_t c)
    {
        auto& cluster = m_clusters[c];
        Place(cluster.aps, c, 10.0, "", AP_STREAMS);
        Place(cluster.ues, c, 1.5, "ns3::UniformRandomVariable[Min=0.8|Max=2.0]", UE_STREAMS);
        Place(cluster.targets,
              c,
              50.0,
              "ns3::ConstantRandomVariable[Constant=15.0]",
              TARGET_STREAMS);

        // The clusters of a carrier share the helper, and with it the air.
        auto& cellFree = m_helpers[GetCarrier(c)];
        cellFree.SetPolicy(m_options.policy);
        cellFree.SetScheduler(m_options.scheduler);
        cellFree.SetArrayAttribute("NumColumns", UintegerValue(m_options.nAntennas));
        cellFree.SetChannelAttribute("Frequency", DoubleValue(3.5e9 + 100e6 * GetCarrier(c)));
        UseTracker(cellFree, cluster.aps);
        const auto devices = cellFree.Install(cluster.cpu, cluster.aps, cluster.ues);
        cellFree.InstallTargets(cluster.targets);
        cellFree.AssignStreams(CELL_FREE_STREAMS_FIRST);
        devices.controller->TraceConnectWithoutContext(
            "UeSample",
            MakeCallback(&Network::OnUeSample, this).Bind(c));
        devices.controller->GetSensing()->TraceConnectWithoutContext(
            "Dwell",
            MakeCallback(&Network::OnDwell, this).Bind(c));

        // Hardware addresses by node: ns-3 gives them in the order of creation.
        const auto all = devices.GetAll();
        for (uint32_t d = 0; d < all.GetN(); ++d)
        {
            const auto id = all.Get(d)->GetNode()->GetId();
            const std::array<uint8_t, 6> bytes{2,
                                               0,
                                               0,
                                               uint8_t(id >> 16),
                                               uint8_t(id >> 8),
                                               uint8_t(id)};
            Mac48Address address;
            address.CopyFrom(bytes.data());
            all.Get(d)->SetAddress(address);
        }
        InstallInternet(NodeContainer(cluster.cpu, cluster.ues), c + 1);
        Assign(devices.cpu.Get(0), MakeAddress(10, 100 + c, 0, 1), "255.255.0.0");
        const auto interface = Assign(cluster.cpuDevice, GetBackboneAddress(c, 2), "255.255.255.0");
        GetRoutes(cluster.cpu)->SetDefaultRoute(GetBackboneAddress(c, 1), interface);
        for (int64_t u = 0; u < m_options.nUes; ++u)
        {
            const auto node = cluster.ues.Get(u);
            const auto ueInterface = Assign(devices.ues.Get(u), GetUeAddress(c, u), "255.255.0.0");
            GetRoutes(node)->SetDefaultRoute(MakeAddress(10, 100 + c, 0, 1), ueInterface);
            node->GetObject<Ipv4L3Protocol>()->TraceConnectWithoutContext(
                "LocalDeliver",
                MakeCallback(&Network::OnDownlinkPacket, this).Bind(c));
            AddSink(node,
                    IsUdp(u) ? "ns3::UdpSocketFactory" : "ns3::TcpSocketFactory",
                    IsUdp(u) ? UDP_PORT : TCP_PORT);
        }
        if (m_options.nUes > 0)
        {
            BulkSendHelper upload("ns3::TcpSocketFactory",
                                  InetSocketAddress(GetServerAddress(2), UPLOAD_PORT));
            upload.Install(cluster.ues.Get(0)).Start(MilliSeconds(100));
        }
        if (m_options.nClusters > 1)
        {
            const auto servers = CellFreeSensingServerHelper(REPORT_PORT).Install(cluster.cpu);
            cluster.server = DynamicCast<CellFreeSensingServer>(servers.Get(0));
            const auto next = (c + 1) % m_options.nClusters;
            CellFreeSensingReportHelper(InetSocketAddress(GetBackboneAddress(next, 2), REPORT_PORT))
                .Install(cluster.cpu);
        }
    }

    /// Lets a CPU find and follow drones. @param aps its APs
    static void UseTracker(CellFreeIsacHelper& cellFree, const NodeContainer& aps)
    {
        Box volume(INFINITY, -INFINITY, INFINITY, -INFINITY, 0.0, 100.0);
        for (uint32_t m = 0; m < aps.GetN(); ++m)
        {
            const auto position = aps.Get(m)->GetObject<MobilityModel>()->GetPosition();
            volume.xMin = std::min(volume.xMin, position.x - 100.0);
            volume.xMax = std::max(volume.xMax, position.x + 100.0);
            volume.yMin = std::min(volume.yMin, position.y - 100.0);
            volume.yMax = std::max(volume.yMax, position.y + 100.0);
        }
        cellFree.SetTracker("ns3::CellFreeMultiTargetTracker");
        cellFree.SetEchoReceiver("ns3::CellFreeEchoReceiver", "Volume", BoxValue(volume));
        cellFree.SetSensingSchedule("ns3::CellFreeAdaptiveSensing",
                                    "Search",
                                    StringValue("GoldenRatio"),
                                    "SearchBox",
                                    BoxValue(volume));
    }

    /// @return whether a UE is sent UDP
    bool IsUdp(int64_t u) const
    {
        return u < (m_options.nUes + 1) / 2;
    }

    /// Lets a node receive what comes for a port.
    static void AddSink(Ptr<Node> node, const std::string& protocol, uint16_t port)
    {
        PacketSinkHelper(protocol, InetSocketAddress(Ipv4Address::GetAny(), port))
            .Install(node)
            .Start(Seconds(0));
    }

    /// Installs core and server, which are on the first rank.
    void InstallCore()
    {
        InstallInternet(NodeContainer(m_core, m_server), 0);
        for (int64_t c = 0; c < m_options.nClusters; ++c)
        {
            const auto interface =
                Assign(m_clusters[c].coreDevice, GetBackboneAddress(c, 1), "255.255.255.0");
            GetRoutes(m_core)->AddNetworkRouteTo(MakeAddress(10, 100 + c, 0, 0),
                                                 "255.255.0.0",
                                                 GetBackboneAddress(c, 2),
                                                 interface);
        }
        Assign(m_serverDevices.Get(0), GetServerAddress(1), "255.255.255.0");
        const auto interface = Assign(m_serverDevices.Get(1), GetServerAddress(2), "255.255.255.0");
        GetRoutes(m_server)->SetDefaultRoute(GetServerAddress(1), interface);
        m_server->GetObject<Ipv4L3Protocol>()->TraceConnectWithoutContext(
            "LocalDeliver",
            MakeCallback(&Network::OnUplinkPacket, this));

        AddSink(m_server, "ns3::TcpSocketFactory", UPLOAD_PORT);
        auto start = CreateObject<UniformRandomVariable>();
        start->SetStream(START_STREAMS);
        const auto toTicks = [](double seconds) {
            return TimeStep(TICK * std::max(std::llround(seconds * 1e12 / TICK), 1LL));
        };
        for (int64_t c = 0; c < m_options.nClusters; ++c)
        {
            for (int64_t u = 0; u < m_options.nUes; ++u)
            {
                ApplicationContainer source;
                if (IsUdp(u))
                {
                    UdpClientHelper client(GetUeAddress(c, u), UDP_PORT);
                    client.SetAttribute("PacketSize", UintegerValue(UDP_BYTES));
                    client.SetAttribute("MaxPackets", UintegerValue(UINT32_MAX));
                    client.SetAttribute(
                        "Interval",
                        TimeValue(toTicks(8.0 * UDP_BYTES / m_options.udpRate.GetBitRate())));
                    source = client.Install(m_server);
                }
                else
                {
                    const InetSocketAddress remote(GetUeAddress(c, u), TCP_PORT);
                    source = BulkSendHelper("ns3::TcpSocketFactory", remote).Install(m_server);
                }
                source.Start(toTicks(start->GetValue(0.1, 0.101)));
            }
        }
    }

    /// Writes traces of the carriers that this rank simulates.
    void EnableTraces()
    {
        for (int64_t carrier = 0; carrier < m_options.nCarriers; ++carrier)
        {
            if (m_helpers[carrier].GetLink())
            {
                const auto directory = GetDirectory(m_options, carrier);
                const auto writer = m_helpers[carrier].EnableTraces(directory, m_options.simTag);
                // FlowMonitor would have to see both ends of a packet's way.
                writer->SetAttribute("Flows", BooleanValue(false));
            }
        }
    }

    /// A UE received a packet.
    void OnDownlinkPacket(int64_t c,
                          const Ipv4Header& header,
                          Ptr<const Packet> packet,
                          uint32_t /* interface */)
    {
        At(c, DOWN_BYTES) += packet->GetSize();
        if (header.GetProtocol() == UdpL4Protocol::PROT_NUMBER)
        {
            const auto copy = packet->Copy();
            UdpHeader udp;
            SeqTsHeader sent;
            copy->RemoveHeader(udp);
            copy->RemoveHeader(sent);
            At(c, UDP_PACKETS) += 1.0;
            At(c, UDP_DELAY) += (Simulator::Now() - sent.GetTs()).GetSeconds();
        }
    }

    /// The server received a packet.
    void OnUplinkPacket(const Ipv4Header& header,
                        Ptr<const Packet> packet,
                        uint32_t /* interface */)
    {
        const int64_t c = (header.GetSource().Get() >> 16 & 255) - 100;
        At(c, UP_BYTES) += packet->GetSize();
    }

    /// A stream was sent.
    void OnUeSample(int64_t c, const CellFreeUeSample& sample)
    {
        if (!sample.isUplink)
        {
            At(c, STREAMS) += 1.0;
            At(c, RATE) += std::log2(1.0 + sample.sinr);
        }
    }

    /// A dwell ended.
    void OnDwell(int64_t c, const CellFreeDwell& dwell)
    {
        At(c, DWELLS) += 1.0;
        At(c, PD) += dwell.pd;
    }

    const Options m_options;
    const Ranks& m_ranks;
    const bool m_hasCore; //!< whether this rank simulates core and server
    Ptr<Node> m_core;
    Ptr<Node> m_server;
    NetDeviceContainer m_serverDevices;          //!< core, server
    std::vector<Cluster> m_clusters;             //!< all of them
    std::vector<CellFreeIsacHelper> m_helpers;   //!< by carrier
    const std::vector<uint32_t> m_rankOfCarrier; //!< by carrier
    std::vector<double> m_measures;              //!< by cluster and measure
};

/// Says what the run cost each rank, which no two runs share; all ranks must call it.
void
PrintCosts(const Ranks& ranks, double wallTime)
{
    enum
    {
        EVENTS,
        WALL,
        CPU,
        MEMORY,
        N_COSTS
    };

    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::vector<double> costs(ranks.GetSize() * N_COSTS);
    double* mine = &costs[ranks.GetMine() * N_COSTS];
    mine[EVENTS] = Simulator::GetEventCount();
    mine[WALL] = wallTime;
    mine[CPU] = usage.ru_utime.tv_sec + 1e-6 * usage.ru_utime.tv_usec;
    mine[MEMORY] = usage.ru_maxrss / 1024.0;
    costs = ranks.Sum(costs);
    std::cerr << std::fixed << std::setprecision(2);
    for (uint32_t r = 0; r < ranks.GetSize(); ++r)
    {
        const double* cost = &costs[r * N_COSTS];
        std::cerr << "rank " << r << ": " << static_cast<uint64_t>(cost[EVENTS]) << " events, "
                  << cost[WALL] << " s, " << cost[CPU] << " s of a processor, " << cost[MEMORY]
                  << " MiB\n";
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    Time::SetResolution(Time::PS); // see TICK
    Ranks::Mute();
    SetInternetDefaults();
    CellFreeCommandLine cmd(__FILE__);
    const Options options = ReadOptions(cmd, argc, argv);
    const Ranks ranks(options.mpi, argc, argv);
    if (ranks.GetSize() > options.nCarriers + 1)
    {
        ranks.Leave();
        cmd.Refuse("--nCarriers=" + std::to_string(options.nCarriers) + ": expected at least " +
                   std::to_string(ranks.GetSize() - 1) + " for " + std::to_string(ranks.GetSize()) +
                   " processes: one has the core, and the clusters of a carrier interfere in every "
                   "slot, so that they belong to one process");
    }
    Network network(options, ranks);
    const double wallTime = network.Run();
    network.Print();
    PrintCosts(ranks, wallTime);
    Simulator::Destroy(); // completes the traces
    ranks.Leave();
    std::cout << "\nTraces: " << Network::GetDirectory(options, 0) << "/UeTrace" << options.simTag
              << ".tsv and the others beside it; those of carrier c in carrier<c>\n";
    return 0;
}
