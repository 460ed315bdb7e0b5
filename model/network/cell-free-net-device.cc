// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-net-device.h"

#include "cell-free-cpu.h"
#include "cell-free-link.h"
#include "cell-free-mac.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/ethernet-header.h"
#include "ns3/isac-link-budget.h"
#include "ns3/log.h"
#include "ns3/net-device-queue-interface.h"
#include "ns3/queue-disc.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/traffic-control-layer.h"
#include "ns3/uinteger.h"

#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeNetDevice");

NS_OBJECT_ENSURE_REGISTERED(CellFreeNetDevice);
NS_OBJECT_ENSURE_REGISTERED(CellFreeCpuNetDevice);
NS_OBJECT_ENSURE_REGISTERED(CellFreeUeNetDevice);

TypeId
CellFreeNetDevice::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeNetDevice")
            .SetParent<NetDevice>()
            .SetGroupName("CellFreeIsac")
            .AddAttribute(
                "Mtu",
                "Largest packet (bytes, 68 to 65535).",
                UintegerValue(1500),
                MakeUintegerAccessor(&CellFreeNetDevice::SetMtu, &CellFreeNetDevice::GetMtu),
                MakeUintegerChecker<uint16_t>(68))
            .AddTraceSource("MacTx",
                            "A packet was accepted from the layer above.",
                            MakeTraceSourceAccessor(&CellFreeNetDevice::m_macTx),
                            "ns3::Packet::TracedCallback")
            .AddTraceSource("MacTxDrop",
                            "A packet from the layer above was dropped before it was sent: its "
                            "queue was full, or its destination is not on the link.",
                            MakeTraceSourceAccessor(&CellFreeNetDevice::m_txDrop),
                            "ns3::Packet::TracedCallback")
            .AddTraceSource("PhyTxDrop",
                            "A packet was lost: a block that held a part of it reached the limit "
                            "of transmissions.",
                            MakeTraceSourceAccessor(&CellFreeNetDevice::m_airDrop),
                            "ns3::Packet::TracedCallback")
            .AddTraceSource("Drop",
                            "A packet of this device was dropped: the packet, and why.",
                            MakeTraceSourceAccessor(&CellFreeNetDevice::m_drop),
                            "ns3::CellFreeNetDevice::DropTracedCallback")
            .AddTraceSource("PromiscSniffer",
                            "A frame was accepted from above or came through, with an Ethernet "
                            "header; what EnablePcap writes.",
                            MakeTraceSourceAccessor(&CellFreeNetDevice::m_sniffer),
                            "ns3::Packet::TracedCallback")
            .AddTraceSource("MacRx",
                            "A packet was handed to the layer above.",
                            MakeTraceSourceAccessor(&CellFreeNetDevice::m_macRx),
                            "ns3::Packet::TracedCallback");
    return tid;
}

CellFreeNetDevice::CellFreeNetDevice()
    : m_address(Mac48Address::Allocate())
{
}

CellFreeNetDevice::~CellFreeNetDevice() = default;

void
CellFreeNetDevice::DoInitialize()
{
    // A traffic-control layer looks at its devices when it starts; one that comes later is news.
    const auto control = m_node->GetObject<TrafficControlLayer>();
    if (control && control->IsInitialized())
    {
        control->ScanDevices();
        if (const auto disc = control->GetRootQueueDiscOnDevice(this))
        {
            disc->Initialize();
        }
    }
    NetDevice::DoInitialize();
}

void
CellFreeNetDevice::DoDispose()
{
    m_link = nullptr;
    m_node = nullptr;
    m_queues = nullptr;
    m_received.clear();
    m_receive = ReceiveCallback();
    m_promiscReceive = PromiscReceiveCallback();
    NetDevice::DoDispose();
}

void
CellFreeNetDevice::NotifyNewAggregate()
{
    if (!m_queues)
    {
        m_queues = GetObject<NetDeviceQueueInterface>();
    }
    NetDevice::NotifyNewAggregate();
}

void
CellFreeNetDevice::SetLink(Ptr<CellFreeLink> link)
{
    m_link = link;
    m_linkChange();
}

std::size_t
CellFreeNetDevice::GetNQueues() const
{
    return m_queues ? m_queues->GetNTxQueues() : 0;
}

void
CellFreeNetDevice::Sniff(const CellFreeBearer::Frame& frame)
{
    if (m_sniffer.IsEmpty())
    {
        return;
    }
    auto copy = frame.packet->Copy();
    EthernetHeader header(false);
    header.SetSource(Mac48Address::ConvertFrom(frame.source));
    header.SetDestination(Mac48Address::ConvertFrom(frame.destination));
    header.SetLengthType(frame.protocol);
    copy->AddHeader(header);
    m_sniffer(copy);
}

void
CellFreeNetDevice::Receive(const CellFreeBearer::Frame& frame)
{
    m_received.push_back(frame);
    if (m_received.size() == 1)
    {
        // The slot loop runs in the context of the CPU's node; the stack above in its own node's.
        Simulator::ScheduleWithContext(m_node->GetId(),
                                       Time(0),
                                       &CellFreeNetDevice::HandUpAll,
                                       Ptr<CellFreeNetDevice>(this));
    }
}

void
CellFreeNetDevice::HandUpAll()
{
    m_handedUp.swap(m_received);
    for (const auto& frame : m_handedUp)
    {
        HandUp(frame);
    }
    m_handedUp.clear();
}

void
CellFreeNetDevice::HandUp(const CellFreeBearer::Frame& frame)
{
    NS_LOG_FUNCTION(this << frame.packet << frame.source << frame.destination);
    Sniff(frame);
    const auto destination = Mac48Address::ConvertFrom(frame.destination);
    PacketType type = PACKET_OTHERHOST;
    if (destination == m_address)
    {
        type = PACKET_HOST;
    }
    else if (destination.IsBroadcast())
    {
        type = PACKET_BROADCAST;
    }
    else if (destination.IsGroup())
    {
        type = PACKET_MULTICAST;
    }
    if (!m_promiscReceive.IsNull())
    {
        m_promiscReceive(this, frame.packet, frame.protocol, frame.source, destination, type);
    }
    if (type != PACKET_OTHERHOST && !m_receive.IsNull())
    {
        m_macRx(frame.packet);
        m_receive(this, frame.packet, frame.protocol, frame.source);
    }
}

void
CellFreeNetDevice::NotifyDrop(const CellFreeBearer::Frame& frame, CellFreeBearer::DropReason reason)
{
    NS_LOG_LOGIC("dropped " << frame.packet << " for reason " << reason);
    (reason == CellFreeBearer::TRANSMISSION_LIMIT ? m_airDrop : m_txDrop)(frame.packet);
    m_drop(frame.packet, reason);
}

void
CellFreeNetDevice::SetQueueHasRoom(std::size_t queue, bool hasRoom)
{
    if (!m_queues)
    {
        return;
    }
    auto deviceQueue = m_queues->GetTxQueue(queue);
    if (!hasRoom)
    {
        deviceQueue->Stop();
    }
    else if (deviceQueue->IsStopped())
    {
        deviceQueue->Wake();
    }
}

void
CellFreeNetDevice::SetIfIndex(const uint32_t index)
{
    m_ifIndex = index;
}

uint32_t
CellFreeNetDevice::GetIfIndex() const
{
    return m_ifIndex;
}

Ptr<Channel>
CellFreeNetDevice::GetChannel() const
{
    return m_link;
}

void
CellFreeNetDevice::SetAddress(Address address)
{
    m_address = Mac48Address::ConvertFrom(address);
    DoSetAddress();
}

void
CellFreeNetDevice::DoSetAddress()
{
}

Address
CellFreeNetDevice::GetAddress() const
{
    return m_address;
}

bool
CellFreeNetDevice::SetMtu(const uint16_t mtu)
{
    m_mtu = mtu;
    return true;
}

uint16_t
CellFreeNetDevice::GetMtu() const
{
    return m_mtu;
}

bool
CellFreeNetDevice::IsLinkUp() const
{
    return m_link != nullptr;
}

void
CellFreeNetDevice::AddLinkChangeCallback(Callback<void> callback)
{
    m_linkChange.ConnectWithoutContext(callback);
}

bool
CellFreeNetDevice::IsBroadcast() const
{
    return true;
}

Address
CellFreeNetDevice::GetBroadcast() const
{
    return Mac48Address::GetBroadcast();
}

bool
CellFreeNetDevice::IsMulticast() const
{
    return true;
}

Address
CellFreeNetDevice::GetMulticast(Ipv4Address multicastGroup) const
{
    return Mac48Address::GetMulticast(multicastGroup);
}

Address
CellFreeNetDevice::GetMulticast(Ipv6Address addr) const
{
    return Mac48Address::GetMulticast(addr);
}

bool
CellFreeNetDevice::IsBridge() const
{
    return false;
}

bool
CellFreeNetDevice::IsPointToPoint() const
{
    return false;
}

bool
CellFreeNetDevice::Send(Ptr<Packet> packet, const Address& dest, uint16_t protocolNumber)
{
    return SendFrom(packet, m_address, dest, protocolNumber);
}

bool
CellFreeNetDevice::SendFrom(Ptr<Packet> packet,
                            const Address& source,
                            const Address& dest,
                            uint16_t protocolNumber)
{
    NS_LOG_FUNCTION(this << packet << source << dest << protocolNumber);
    const CellFreeBearer::Frame frame{packet, source, dest, protocolNumber, Time()};
    m_macTx(packet);
    Sniff(frame);
    return DoSend(frame);
}

Ptr<Node>
CellFreeNetDevice::GetNode() const
{
    return m_node;
}

void
CellFreeNetDevice::SetNode(Ptr<Node> node)
{
    m_node = node;
}

bool
CellFreeNetDevice::NeedsArp() const
{
    return true;
}

void
CellFreeNetDevice::SetReceiveCallback(ReceiveCallback cb)
{
    m_receive = cb;
}

void
CellFreeNetDevice::SetPromiscReceiveCallback(PromiscReceiveCallback cb)
{
    m_promiscReceive = cb;
}

bool
CellFreeNetDevice::SupportsSendFrom() const
{
    return true;
}

TypeId
CellFreeCpuNetDevice::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeCpuNetDevice")
                            .SetParent<CellFreeNetDevice>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeCpuNetDevice>();
    return tid;
}

CellFreeCpuNetDevice::CellFreeCpuNetDevice() = default;

CellFreeCpuNetDevice::~CellFreeCpuNetDevice() = default;

void
CellFreeCpuNetDevice::DoInitialize()
{
    // A node that runs already initialises its new devices, but not what is aggregated to it.
    if (auto cpu = GetNode()->GetObject<CellFreeCpu>())
    {
        Simulator::ScheduleNow(&Object::Initialize, Ptr<Object>(cpu));
    }
    CellFreeNetDevice::DoInitialize();
}

void
CellFreeCpuNetDevice::DoDispose()
{
    m_mac = nullptr;
    CellFreeNetDevice::DoDispose();
}

void
CellFreeCpuNetDevice::SetMac(Ptr<CellFreeMac> mac)
{
    m_mac = mac;
}

bool
CellFreeCpuNetDevice::DoSend(const CellFreeBearer::Frame& frame)
{
    NS_ABORT_MSG_IF(!m_mac, "a CPU's NetDevice was asked to send before it was installed");
    return m_mac->SendDownlink(frame);
}

TypeId
CellFreeUeNetDevice::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeUeNetDevice")
            .SetParent<CellFreeNetDevice>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeUeNetDevice>()
            .AddAttribute("TxPower",
                          "Uplink transmit power (dBm, -60 to 60).",
                          DoubleValue(23.0),
                          MakeDoubleAccessor(&CellFreeUeNetDevice::SetTxPower,
                                             &CellFreeUeNetDevice::GetTxPower),
                          MakeDoubleChecker<double>(-60.0, 60.0))
            .AddAttribute("PowerControl",
                          "If true, TxPower is an upper limit, and the power "
                          "follows the path loss (TS 38.213 section 7.1.1, open "
                          "loop).",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreeUeNetDevice::m_hasPowerControl),
                          MakeBooleanChecker())
            .AddAttribute("NominalPower",
                          "P0 of PowerControl: power that a resource block of 15 "
                          "kHz subcarriers is to be received with where the path "
                          "loss is compensated in full (dBm, -202 to 24).",
                          DoubleValue(-80.0),
                          MakeDoubleAccessor(&CellFreeUeNetDevice::m_nominalPower),
                          MakeDoubleChecker<double>(-202.0, 24.0))
            .AddAttribute("PathLossCompensation",
                          "Alpha of PowerControl: share of the path loss in "
                          "decibels that the power makes up for (0 to 1).",
                          DoubleValue(0.8),
                          MakeDoubleAccessor(&CellFreeUeNetDevice::m_compensation),
                          MakeDoubleChecker<double>(0.0, 1.0));
    return tid;
}

CellFreeUeNetDevice::CellFreeUeNetDevice() = default;

CellFreeUeNetDevice::~CellFreeUeNetDevice() = default;

void
CellFreeUeNetDevice::DoDispose()
{
    m_mac = nullptr;
    CellFreeNetDevice::DoDispose();
}

void
CellFreeUeNetDevice::SetMac(Ptr<CellFreeMac> mac, uint32_t index)
{
    m_mac = mac;
    m_index = index;
}

Ptr<CellFreeMac>
CellFreeUeNetDevice::GetMac() const
{
    return m_mac;
}

void
CellFreeUeNetDevice::DoSetAddress()
{
    if (m_mac)
    {
        m_mac->UpdateAddress(m_index);
    }
}

uint32_t
CellFreeUeNetDevice::GetUeIndex() const
{
    return m_index;
}

double
CellFreeUeNetDevice::GetTxPowerWatts() const
{
    return m_txPowerWatts;
}

bool
CellFreeUeNetDevice::HasPowerControl() const
{
    return m_hasPowerControl;
}

double
CellFreeUeNetDevice::GetControlledPowerWatts(double gain, uint32_t nBlocks, double spacing) const
{
    return cellfree::GetOpenLoopPower(m_txPowerWatts,
                                      m_nominalPower,
                                      m_compensation,
                                      gain,
                                      nBlocks,
                                      spacing);
}

void
CellFreeUeNetDevice::SetTxPower(double power)
{
    m_txPower = power;
    m_txPowerWatts = std::pow(10.0, (power - 30.0) / 10.0);
}

double
CellFreeUeNetDevice::GetTxPower() const
{
    return m_txPower;
}

bool
CellFreeUeNetDevice::DoSend(const CellFreeBearer::Frame& frame)
{
    if (!m_mac)
    {
        NotifyDrop(frame, CellFreeBearer::UE_LEFT);
        return false;
    }
    const auto& frames = *StaticCast<CellFreeLink>(GetChannel())->GetFrame();
    NS_ABORT_MSG_IF(!frames.HasUplink(),
                    "CellFreeFrame::Pattern = \""
                        << frames.GetPattern() << "\" has no uplink slot, but UE node "
                        << GetNode()->GetId() << " has a packet to send: expected a U in it");
    return m_mac->SendUplink(m_index, frame);
}

} // namespace ns3
