// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_BENCH_TRAFFIC_H
#define CELL_FREE_BENCH_TRAFFIC_H

#include "ns3/cell-free-isac-helper.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/on-off-helper.h"
#include "ns3/packet-sink-helper.h"

namespace ns3
{

/**
 * @brief Gives a CPU and its UEs internet stacks, and every UE UDP at 10 Mb/s from the CPU's node.
 * @param cpu the CPU's node
 * @param ues the UEs' nodes
 * @param devices their devices
 */
inline void
AddBenchTraffic(const NodeContainer& cpu, const NodeContainer& ues, const CellFreeDevices& devices)
{
    InternetStackHelper().Install(NodeContainer(cpu, ues));
    const auto addresses = Ipv4AddressHelper("10.0.0.0", "255.255.0.0").Assign(devices.GetAll());
    for (uint32_t u = 0; u < ues.GetN(); ++u)
    {
        const InetSocketAddress socket(addresses.GetAddress(u + 1), 9);
        PacketSinkHelper("ns3::UdpSocketFactory", socket).Install(ues.Get(u));
        OnOffHelper source("ns3::UdpSocketFactory", socket);
        source.SetConstantRate(DataRate("10Mb/s"), 1200);
        source.Install(cpu.Get(0));
    }
}

} // namespace ns3

#endif // CELL_FREE_BENCH_TRAFFIC_H
