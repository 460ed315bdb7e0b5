// SPDX-License-Identifier: GPL-2.0-only

// A whole scenario to copy: APs on a street, two walking UEs, a drone, TCP downloads, and a trace
// sink of your own.

#include "ns3/applications-module.h"
#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/mobility-module.h"

using namespace ns3;

// Called at the end of each dwell on a target: every row of the traces can reach you like this.
void
OnDwell(const CellFreeDwell& dwell)
{
    std::cout << dwell.end.As(Time::MS) << " drone at " << dwell.position << ": "
              << cellfree::ToDecibels(dwell.combinedSnr) << " dB, Pd " << dwell.pd << '\n';
}

// Starts a node at a position (m) and lets it move at a constant velocity (m/s).
void
Move(Ptr<Node> node, Vector position, Vector velocity = Vector())
{
    auto mobility = CreateObject<ConstantVelocityMobilityModel>();
    mobility->SetPosition(position);
    mobility->SetVelocity(velocity);
    node->AggregateObject(mobility);
}

int
main(int argc, char* argv[])
{
    CommandLine cmd(__FILE__);
    cmd.Parse(argc, argv);

    // Who is there: the CPU is the gateway, APs are its radio heads.
    NodeContainer cpu(1);
    NodeContainer aps(6);
    NodeContainer ues(2);
    NodeContainer drone(1);
    for (uint32_t m = 0; m < aps.GetN(); ++m)
    {
        Move(aps.Get(m), Vector(60.0 * m, 20.0 * (m % 2), 10)); // both sides of the street
    }
    Move(ues.Get(0), Vector(40, 8, 1.5), Vector(1.4, 0, 0));
    Move(ues.Get(1), Vector(200, 12, 1.5), Vector(-1.4, 0, 0));
    Move(drone.Get(0), Vector(0, 10, 50), Vector(15, 0, 0));

    // The cell-free link: communication and sensing by one set of beams, weighted 1 to 2.
    CellFreeIsacHelper cellFree;
    cellFree.SetPolicy("joint");
    cellFree.SetCpuAttribute("SensingWeight", DoubleValue(2));
    auto devices = cellFree.Install(cpu.Get(0), aps, ues);
    cellFree.InstallTargets(drone);
    cellFree.GetCpu()->GetSensing()->TraceConnectWithoutContext("Dwell", MakeCallback(&OnDwell));

    // Addresses and traffic, as in any ns-3 script.
    InternetStackHelper().Install(NodeContainer(cpu, ues));
    Ipv4AddressHelper subnet("10.0.0.0", "255.255.255.0");
    subnet.Assign(devices.cpu);
    auto addresses = subnet.Assign(devices.ues);
    for (uint32_t u = 0; u < ues.GetN(); ++u)
    {
        const InetSocketAddress socket(addresses.GetAddress(u), 9);
        PacketSinkHelper("ns3::TcpSocketFactory", socket).Install(ues.Get(u));
        BulkSendHelper("ns3::TcpSocketFactory", socket).Install(cpu.Get(0));
    }

    cellFree.EnableTraces("my-scenario-output");
    Simulator::Stop(MilliSeconds(100));
    Simulator::Run();
    Simulator::Destroy();
    return 0;
}
