// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-queue-traffic.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/cell-free-mac.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeQueueTraffic");

NS_OBJECT_ENSURE_REGISTERED(CellFreeQueueTraffic);

namespace
{

/// How often a queue is looked at that no slot serves.
constexpr int64_t KICK_INTERVAL_MS = 100;

} // namespace

TypeId
CellFreeQueueTraffic::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeQueueTraffic")
            .SetParent<Application>()
            .SetGroupName("CellFreeIsac")
            .AddAttribute("Device",
                          "The UE's device. Not to be set during a run.",
                          PointerValue(),
                          MakePointerAccessor(&CellFreeQueueTraffic::SetDevice,
                                              &CellFreeQueueTraffic::GetDevice),
                          MakePointerChecker<CellFreeUeNetDevice>())
            .AddAttribute("Remote",
                          "Address and port of the UE. Not to be set during a run.",
                          AddressValue(),
                          MakeAddressAccessor(&CellFreeQueueTraffic::SetRemote,
                                              &CellFreeQueueTraffic::GetRemote),
                          MakeAddressChecker())
            .AddAttribute("PacketSize",
                          "UDP payload of a packet (bytes, 12 to 65507).",
                          UintegerValue(1400),
                          MakeUintegerAccessor(&CellFreeQueueTraffic::m_packetSize),
                          MakeUintegerChecker<uint32_t>(12, 65507))
            .AddAttribute("Level",
                          "Bytes that the UE's downlink queue is filled to, at least what the UE "
                          "can get in two slots (1 to CellFreeMac::MaxQueueBytes).",
                          UintegerValue(50000),
                          MakeUintegerAccessor(&CellFreeQueueTraffic::m_level),
                          MakeUintegerChecker<uint32_t>(1));
    return tid;
}

CellFreeQueueTraffic::CellFreeQueueTraffic() = default;

CellFreeQueueTraffic::~CellFreeQueueTraffic() = default;

void
CellFreeQueueTraffic::DoDispose()
{
    m_fill.Cancel();
    m_kick.Cancel();
    m_cpu = nullptr;
    m_device = nullptr;
    m_socket = nullptr;
    Application::DoDispose();
}

void
CellFreeQueueTraffic::SetDevice(Ptr<CellFreeUeNetDevice> device)
{
    cellfree::RefuseDuringRun(*this, "Device");
    m_device = device;
}

Ptr<CellFreeUeNetDevice>
CellFreeQueueTraffic::GetDevice() const
{
    return m_device;
}

void
CellFreeQueueTraffic::SetRemote(Address remote)
{
    cellfree::RefuseDuringRun(*this, "Remote");
    m_remote = remote;
}

Address
CellFreeQueueTraffic::GetRemote() const
{
    return m_remote;
}

uint32_t
CellFreeQueueTraffic::GetPacketSize() const
{
    return m_packetSize;
}

void
CellFreeQueueTraffic::StartApplication()
{
    NS_LOG_FUNCTION(this);
    m_cpu = GetNode()->GetObject<CellFreeCpu>();
    const auto name = GetInstanceTypeId().GetName();
    NS_ABORT_MSG_IF(!m_cpu,
                    name << " on node " << GetNode()->GetId()
                         << ": no CellFreeCpu there: expected the node of a CPU");
    NS_ABORT_MSG_IF(!m_device || m_remote.IsInvalid(),
                    name << ": expected the attributes Device and Remote of a UE");
    m_ueId = m_device->GetNode()->GetId();
    m_socket = Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId());
    m_socket->Connect(m_remote);
    m_cpu->TraceConnectWithoutContext("UeSample",
                                      MakeCallback(&CellFreeQueueTraffic::OnUeSample, this));
    Kick();
}

void
CellFreeQueueTraffic::StopApplication()
{
    NS_LOG_FUNCTION(this);
    m_fill.Cancel();
    m_kick.Cancel();
    if (m_socket)
    {
        m_socket->Close();
        m_socket = nullptr;
        m_cpu->TraceDisconnectWithoutContext("UeSample",
                                             MakeCallback(&CellFreeQueueTraffic::OnUeSample, this));
    }
}

void
CellFreeQueueTraffic::OnUeSample(const CellFreeUeSample& sample)
{
    if (sample.ueId == m_ueId && !sample.isUplink)
    {
        ScheduleFill();
    }
}

void
CellFreeQueueTraffic::ScheduleFill()
{
    if (m_socket && m_fill.IsExpired())
    {
        m_fill = Simulator::ScheduleNow(&CellFreeQueueTraffic::Fill, this);
    }
}

void
CellFreeQueueTraffic::Kick()
{
    m_kick = Simulator::Schedule(MilliSeconds(KICK_INTERVAL_MS), &CellFreeQueueTraffic::Kick, this);
    ScheduleFill();
}

void
CellFreeQueueTraffic::Fill()
{
    const auto mac = m_device->GetMac();
    if (!mac) // the UE left; if it comes back, it has another device
    {
        StopApplication();
        return;
    }
    UintegerValue limit;
    mac->GetAttribute("MaxQueueBytes", limit);
    NS_ABORT_MSG_IF(m_level > limit.Get(),
                    GetInstanceTypeId().GetName()
                        << "::Level = " << m_level
                        << ": expected at most CellFreeMac::MaxQueueBytes = " << limit.Get());
    const auto& bearer = mac->GetBearer(m_device->GetUeIndex(), false);
    uint64_t queued = bearer.GetQueuedBytes();
    while (queued + m_packetSize <= m_level || queued == 0)
    {
        const auto packet = TakePacket();
        if (!packet)
        {
            return;
        }
        m_socket->Send(packet);
        // What does not arrive at once waits for an address, or in a queue disc: send no more.
        const auto before = queued;
        queued = bearer.GetQueuedBytes();
        if (queued <= before)
        {
            return;
        }
    }
}

} // namespace ns3
