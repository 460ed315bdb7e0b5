// SPDX-License-Identifier: GPL-2.0-only

/*
 * Two cell-free networks side by side follow the same drone, which flies from the west to the east.
 * Each CPU reports its tracks to a server over a link of its own, and the server fuses them: each
 * network sees the drone well while it is above its own APs, and the fused track is as good as the
 * better one, or better, for they see it from different sides. It cannot know which one is better:
 * it goes by the covariances that the trackers believe.
 *
 *   west: 8 APs on a circle ---- CPU ---- 10 Mb/s, 2 ms ----\
 *          drone -----> 15 m/s                              server: two tracks in, one out
 *   east: 8 APs on a circle ---- CPU ---- 10 Mb/s, 30 ms ---/
 *
 * The table compares with the truth twice a second; the network reads none of it.
 */

#include "ns3/applications-module.h"
#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/mobility-module.h"
#include "ns3/point-to-point-module.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

using namespace ns3;

namespace
{

/// Starts a node at a position (m) and lets it move at a constant velocity (m/s).
void
Move(Ptr<Node> node, const Vector& position, const Vector& velocity = Vector())
{
    auto mobility = CreateObject<ConstantVelocityMobilityModel>();
    mobility->SetPosition(position);
    mobility->SetVelocity(velocity);
    node->AggregateObject(mobility);
}

/// Distances of tracks from the drone, and their squares' sums.
class Comparison
{
  public:
    /// @param server the server @param cpus nodes of the CPUs @param drone the drone
    Comparison(Ptr<CellFreeSensingServer> server, const NodeContainer& cpus, Ptr<Node> drone)
        : m_server(server),
          m_cpus(cpus),
          m_drone(drone)
    {
    }

    /// Looks at the tracks now and prints a row.
    void Look()
    {
        const auto now = Simulator::Now();
        const auto truth = m_drone->GetObject<MobilityModel>()->GetPosition();
        std::array<double, 3> errors{};
        for (uint32_t c = 0; c < 2; ++c)
        {
            // A fusion of one CPU's tracks extrapolates them to the present time.
            const auto id = m_cpus.Get(c)->GetId();
            std::vector<CellFreeFusedTrack> tracks;
            for (const auto known : m_server->GetCpuIds())
            {
                if (known == id)
                {
                    m_fusion->Fuse(now, {{id, m_server->GetTracks(id)}}, tracks);
                }
            }
            errors[c] = GetError(tracks, truth);
        }
        errors[2] = GetError(m_server->GetFusedTracks(), truth);
        std::printf("%7.1f  %8.1f", now.GetSeconds(), std::round(10 * truth.x) / 10 + 0.0);
        bool isComplete = true;
        for (const double error : errors)
        {
            std::isfinite(error) ? std::printf("  %8.2f", error) : std::printf("  %8s", "-");
            isComplete = isComplete && std::isfinite(error);
        }
        std::printf("\n");
        if (isComplete)
        {
            for (int i = 0; i < 3; ++i)
            {
                m_sums[i] += errors[i] * errors[i];
            }
            ++m_n;
        }
    }

    /// Prints the errors of the whole run.
    void Print() const
    {
        if (m_n == 0)
        {
            std::printf("There was no time at which both networks had a track.\n\n");
            return;
        }
        std::printf("rms over %4d  ", m_n);
        for (const double sum : m_sums)
        {
            std::printf("  %8.2f", std::sqrt(sum / m_n));
        }
        std::printf("\n\n");
    }

  private:
    /// @return distance of the nearest track, NaN without any (m). @param tracks tracks
    /// @param truth where the drone is
    static double GetError(const std::vector<CellFreeFusedTrack>& tracks, const Vector& truth)
    {
        double least = std::nan("");
        for (const auto& fused : tracks)
        {
            const auto& state = fused.track.state;
            least =
                std::fmin(least, CalculateDistance(Vector(state(0), state(1), state(2)), truth));
        }
        return least;
    }

    Ptr<CellFreeSensingServer> m_server; //!< knows what was reported
    NodeContainer m_cpus;                //!< west, east
    Ptr<Node> m_drone;                   //!< the truth
    /// Extrapolates.
    Ptr<CellFreeTrackFusion> m_fusion{CreateObject<CellFreeCovarianceIntersection>()};
    std::array<double, 3> m_sums{}; //!< of squared errors: west, east, fused (m^2)
    int m_n{0};                     //!< looks at which all have a track
};

} // namespace

int
main(int argc, char* argv[])
{
    Time simTime = Seconds(12);
    double distance = 300.0;
    std::string outputDir;
    std::string simTag;
    CellFreeCommandLine cmd(__FILE__);
    cmd.Usage("Two cell-free networks track the same drone, and a server fuses what they report.");
    cmd.AddValue("simTime", "simulated time", simTime, MilliSeconds(600), Seconds(1e6));
    cmd.AddValue("distance", "distance of the two networks' centres (m)", distance, 0.0, 1e4);
    cmd.AddValue("outputDir", "directory of the traces; none are written if empty", outputDir);
    cmd.AddValue("simTag", "text added to the names of the traces", simTag);
    cmd.Parse(argc, argv);
    if (!outputDir.empty())
    {
        cmd.RefuseIf(CellFreeTraceWriter::FindDirectoryError(outputDir));
    }

    NodeContainer cpus(2);
    NodeContainer drone(1);
    NodeContainer host(1);
    Move(drone.Get(0), Vector(-60, 40, 60), Vector(15, 0, 0));

    CellFreeIsacHelper cellFree;
    cellFree.SetPolicy("cb-sensing");
    cellFree.SetSensingSchedule("ns3::CellFreePeriodicSensing",
                                "DwellInterval",
                                TimeValue(MilliSeconds(100)));
    // False alarms are anywhere in the box that is watched.
    const double reach = distance / 2 + 150;
    cellFree.SetEchoReceiver("ns3::CellFreeEchoReceiver",
                             "Volume",
                             BoxValue(Box(-reach, reach, -150, 150, 0, 120)));
    std::array<CellFreeDevices, 2> networks;
    for (uint32_t c = 0; c < 2; ++c)
    {
        NodeContainer aps(8);
        for (uint32_t m = 0; m < aps.GetN(); ++m)
        {
            const double angle = 2 * M_PI * m / aps.GetN();
            const double centre = (c - 0.5) * distance;
            Move(aps.Get(m), Vector(centre + 80 * std::cos(angle), 80 * std::sin(angle), 10));
        }
        networks[c] = cellFree.Install(cpus.Get(c), aps, NodeContainer());
    }
    // The channel has the drone once; who follows it, hears it.
    cellFree.InstallTargets(drone);
    for (auto& network : networks)
    {
        auto tracker = CreateObject<CellFreeMultiTargetTracker>();
        network.controller->GetSensing()->SetAttribute("Tracker", PointerValue(tracker));
        // Its flight plan, by which it could be 10 m and 3 m/s off.
        CellFreeState state;
        state << -60, 40, 60, 15, 0, 0;
        CellFreeStateCovariance covariance = CellFreeStateCovariance::Zero();
        covariance.diagonal() << 100, 100, 100, 9, 9, 9;
        tracker->Cue(Seconds(0), state, covariance);
    }
    cellFree.AssignStreams(1);

    // A link from each CPU to the server, the east's slower.
    InternetStackHelper().Install(NodeContainer(cpus, host));
    Ipv4AddressHelper subnet("10.1.0.0", "255.255.255.0");
    const auto servers = CellFreeSensingServerHelper(5005).Install(host);
    const auto server = DynamicCast<CellFreeSensingServer>(servers.Get(0));
    for (uint32_t c = 0; c < 2; ++c)
    {
        PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", StringValue("10Mb/s"));
        link.SetChannelAttribute("Delay", StringValue(c == 0 ? "2ms" : "30ms"));
        const auto addresses = subnet.Assign(link.Install(cpus.Get(c), host.Get(0)));
        subnet.NewNetwork();
        CellFreeSensingReportHelper reports(InetSocketAddress(addresses.GetAddress(1), 5005));
        reports.Install(NodeContainer(cpus.Get(c)));
    }
    auto trace = CreateObject<CellFreeReportTrace>();
    trace->Add(server);
    if (!outputDir.empty())
    {
        cellFree.EnableTraces(outputDir, simTag);
    }

    std::printf("West is CPU %u, east is CPU %u, the drone is node %u.\n\n"
                "            drone   distance of its track (m)\n"
                "time(s)      x(m)      west      east     fused\n",
                cpus.Get(0)->GetId(),
                cpus.Get(1)->GetId(),
                drone.Get(0)->GetId());
    Comparison comparison(server, cpus, drone.Get(0));
    for (auto time = MilliSeconds(500); time < simTime; time += MilliSeconds(500))
    {
        Simulator::Schedule(time, &Comparison::Look, &comparison);
    }
    Simulator::Stop(simTime);
    Simulator::Run();
    comparison.Print();
    trace->Print(std::cout);
    trace->Dispose();
    Simulator::Destroy(); // completes the traces
    if (!outputDir.empty())
    {
        std::printf("Traces: %s/TrackTrace%s.tsv and DetectionTrace, ReportTrace, SensingTrace "
                    "beside it\n",
                    outputDir.c_str(),
                    simTag.c_str());
    }
    return 0;
}
