// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-scenario.h"

#include "ns3/bulk-send-helper.h"
#include "ns3/config.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv6-address-helper.h"
#include "ns3/packet-sink-helper.h"
#include "ns3/random-walk-2d-mobility-model.h"
#include "ns3/rectangle.h"
#include "ns3/simulator.h"
#include "ns3/traffic-control-layer.h"
#include "ns3/udp-client-server-helper.h"
#include "ns3/uinteger.h"

namespace ns3
{

namespace
{

/// The socket address of an address and a port.
Address
WithPort(const Address& address, uint16_t port)
{
    if (Ipv6Address::IsMatchingType(address))
    {
        return Inet6SocketAddress(Ipv6Address::ConvertFrom(address), port);
    }
    return InetSocketAddress(Ipv4Address::ConvertFrom(address), port);
}

/// Installs a sink.
Ptr<PacketSink>
AddSink(const std::string& protocol, Ptr<Node> node, const Address& address, uint16_t port)
{
    PacketSinkHelper sink(protocol, WithPort(address, port));
    auto apps = sink.Install(node);
    apps.Start(Seconds(0));
    return DynamicCast<PacketSink>(apps.Get(0));
}

/// Sends a frame and calls itself again.
void
SendFrame(Ptr<NetDevice> from, Ptr<NetDevice> to, Time end, Time interval)
{
    if (Simulator::Now() < end)
    {
        from->Send(Create<Packet>(1000), to->GetAddress(), 0x1234);
        Simulator::Schedule(interval, &SendFrame, from, to, end, interval);
    }
}

} // namespace

CellFreeTestScenario::CellFreeTestScenario(const Options& options)
{
    aps.Create(options.nAps);
    node = CreateObject<Node>();
    ues.Create(options.nUes);
    targets.Create(options.nTargets);
    for (uint32_t m = 0; m < options.nAps; ++m)
    {
        Place(aps.Get(m), Vector(50.0 * m, 0, 10));
    }
    for (uint32_t u = 0; u < options.nUes; ++u)
    {
        const bool isLast = u + 1 == options.nUes;
        Place(ues.Get(u),
              Vector(20.0 + 45.0 * u + (isLast ? options.lastUeDistance : 0.0), 60, 1.5),
              options.areMoving);
    }
    for (uint32_t t = 0; t < options.nTargets; ++t)
    {
        Place(targets.Get(t), Vector(75, 40.0 * t, 50), options.areMoving);
    }
    helper.SetPolicy(options.policy);
    helper.SetArrayAttribute("NumColumns", UintegerValue(options.nAntennas));
    helper.SetCpuAttribute("DecisionDelay", UintegerValue(options.decisionDelay));
    if (options.configure)
    {
        options.configure(helper);
    }
    devices = helper.Install(node, aps, ues);
    all = devices.GetAll();
    cpu = devices.controller;
    link = helper.GetLink();
    mac = cpu->GetMac();
    channel = link->GetChannelModel();
    helper.InstallTargets(targets);
    helper.AssignStreams(1);
    if (!options.hasInternet)
    {
        return;
    }

    // Packets that wait for an address at the start are not lost.
    Config::SetDefault("ns3::ArpCache::PendingQueueSize", UintegerValue(1000));
    InternetStackHelper internet;
    internet.SetIpv6StackInstall(options.isIpv6);
    const NodeContainer hosts(NodeContainer(node), ues);
    internet.Install(hosts);
    internet.AssignStreams(hosts, 1000);
    if (options.isIpv6)
    {
        Ipv6AddressHelper helper6(Ipv6Address("2001:db8::"), Ipv6Prefix(64));
        addresses6 = helper6.Assign(all);
        return;
    }
    addressHelper.SetBase("10.1.0.0", "255.255.0.0");
    addresses = addressHelper.Assign(all);
    if (!options.hasQueueDiscs)
    {
        for (uint32_t i = 0; i < all.GetN(); ++i)
        {
            all.Get(i)->GetNode()->GetObject<TrafficControlLayer>()->DeleteRootQueueDiscOnDevice(
                all.Get(i));
        }
    }
}

CellFreeTestScenario::~CellFreeTestScenario()
{
    Simulator::Destroy();
}

Ptr<PacketSink>
CellFreeTestScenario::AddUdp(uint32_t ue, bool isUplink, double rate)
{
    return AddUdp(isUplink ? ues.Get(ue) : node,
                  isUplink ? node : ues.Get(ue),
                  GetAddress(isUplink ? 0 : ue + 1),
                  rate);
}

Ptr<PacketSink>
CellFreeTestScenario::AddUdp(Ptr<Node> from, Ptr<Node> to, Address address, double rate)
{
    const uint16_t port = ++m_port;
    const uint32_t size = 1000;
    UdpClientHelper client(address, port);
    client.SetAttribute("PacketSize", UintegerValue(size));
    client.SetAttribute("MaxPackets", UintegerValue(1000000));
    client.SetAttribute("Interval", TimeValue(Seconds(8.0 * size / rate)));
    auto apps = client.Install(from);
    apps.Start(Seconds(0.1));
    apps.Stop(Seconds(0.9));
    return AddSink("ns3::UdpSocketFactory", to, address, port);
}

Ptr<PacketSink>
CellFreeTestScenario::AddTcp(uint32_t ue, bool isUplink, uint32_t bytes)
{
    const uint16_t port = ++m_port;
    const auto address = GetAddress(isUplink ? 0 : ue + 1);
    BulkSendHelper source("ns3::TcpSocketFactory", WithPort(address, port));
    source.SetAttribute("MaxBytes", UintegerValue(bytes));
    source.Install(isUplink ? ues.Get(ue) : node).Start(Seconds(0.1));
    return AddSink("ns3::TcpSocketFactory", isUplink ? node : ues.Get(ue), address, port);
}

void
CellFreeTestScenario::AddFrames(Ptr<NetDevice> from,
                                Ptr<NetDevice> to,
                                Time start,
                                Time end,
                                Time interval)
{
    Simulator::Schedule(start - Simulator::Now(), &SendFrame, from, to, end, interval);
}

void
CellFreeTestScenario::Run(Time until)
{
    Simulator::Stop(until);
    Simulator::Run();
}

Address
CellFreeTestScenario::GetAddress(uint32_t i) const
{
    return addresses6.GetN() > 0 ? Address(addresses6.GetAddress(i, 1))
                                 : Address(addresses.GetAddress(i));
}

Ptr<CellFreeUeNetDevice>
CellFreeTestScenario::GetUeDevice(uint32_t ue) const
{
    return DynamicCast<CellFreeUeNetDevice>(devices.ues.Get(ue));
}

void
CellFreeTestScenario::Place(Ptr<Node> node, const Vector& position, bool isMoving)
{
    Ptr<MobilityModel> mobility = CreateObject<ConstantPositionMobilityModel>();
    if (isMoving)
    {
        mobility = CreateObjectWithAttributes<RandomWalk2dMobilityModel>(
            "Bounds",
            RectangleValue(Rectangle(-500, 500, -500, 500)),
            "Distance",
            DoubleValue(1.0));
        mobility->AssignStreams(2000 + 10 * node->GetId());
    }
    mobility->SetPosition(position);
    node->AggregateObject(mobility);
}

} // namespace ns3
