// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-sensing-reporter.h"

#include "cell-free-cpu.h"
#include "cell-free-sensing.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeSensingReporter");

NS_OBJECT_ENSURE_REGISTERED(CellFreeSensingReporter);

TypeId
CellFreeSensingReporter::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeSensingReporter")
            .SetParent<Application>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeSensingReporter>()
            .AddAttribute("Remote",
                          "Address and port of the CellFreeSensingServer: an InetSocketAddress or "
                          "Inet6SocketAddress. Not to be set during a run.",
                          AddressValue(),
                          MakeAddressAccessor(&CellFreeSensingReporter::SetRemote,
                                              &CellFreeSensingReporter::GetRemote),
                          MakeAddressChecker())
            .AddAttribute("Dscp",
                          "Differentiated services code point of the packets (0 to 63), which "
                          "queue discs and CellFreeMac::PriorityMap may go by; 46 is expedited "
                          "forwarding.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&CellFreeSensingReporter::SetDscp,
                                               &CellFreeSensingReporter::GetDscp),
                          MakeUintegerChecker<uint8_t>(0, 63))
            .AddAttribute("MaxPacketBytes",
                          "UDP payload of a packet, at most (bytes, 212 to 65507): a longer report "
                          "is split, and is received when all of its packets are. The default "
                          "fits IPv6 packets of 1500 bytes.",
                          UintegerValue(1452),
                          MakeUintegerAccessor(&CellFreeSensingReporter::m_maxPacketBytes),
                          MakeUintegerChecker<uint32_t>(CellFreeReportHeader::BASE_BYTES +
                                                            CellFreeReportHeader::TRACK_BYTES,
                                                        CellFreeReportHeader::MAX_BYTES))
            .AddAttribute("IncludeDetections",
                          "Whether reports hold the detections of their dwells beside the tracks.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreeSensingReporter::m_hasDetections),
                          MakeBooleanChecker())
            .AddAttribute(
                "IncludeTentative",
                "Whether reports hold the tracks that the tracker does not believe yet, of "
                "which false alarms make many.",
                BooleanValue(false),
                MakeBooleanAccessor(&CellFreeSensingReporter::m_hasTentative),
                MakeBooleanChecker())
            .AddAttribute("Every",
                          "Every how many dwells one is reported (1 to 1000000).",
                          UintegerValue(1),
                          MakeUintegerAccessor(&CellFreeSensingReporter::m_every),
                          MakeUintegerChecker<uint32_t>(1, 1000000))
            .AddTraceSource("Tx",
                            "A packet is sent; a CellFreeReportHeader is all that it holds.",
                            MakeTraceSourceAccessor(&CellFreeSensingReporter::m_tx),
                            "ns3::Packet::TracedCallback");
    return tid;
}

CellFreeSensingReporter::CellFreeSensingReporter() = default;

CellFreeSensingReporter::~CellFreeSensingReporter() = default;

void
CellFreeSensingReporter::DoDispose()
{
    m_socket = nullptr;
    Application::DoDispose();
}

void
CellFreeSensingReporter::SetRemote(Address remote)
{
    cellfree::RefuseDuringRun(*this, "Remote");
    m_remote = remote;
}

Address
CellFreeSensingReporter::GetRemote() const
{
    return m_remote;
}

void
CellFreeSensingReporter::SetDscp(uint8_t dscp)
{
    m_dscp = dscp;
    MarkSocket();
}

uint8_t
CellFreeSensingReporter::GetDscp() const
{
    return m_dscp;
}

const CellFreeSensingReporter::Counters&
CellFreeSensingReporter::GetCounters() const
{
    return m_counters;
}

void
CellFreeSensingReporter::MarkSocket()
{
    if (!m_socket)
    {
        return;
    }
    const uint8_t field = m_dscp << 2;
    m_socket->SetIpTos(field); // with the priority that queue discs see, also those of IPv6
    if (Inet6SocketAddress::IsMatchingType(m_remote))
    {
        m_socket->SetIpv6Tclass(field);
    }
}

void
CellFreeSensingReporter::Open()
{
    const bool isIpv6 = Inet6SocketAddress::IsMatchingType(m_remote);
    NS_ABORT_MSG_IF(!isIpv6 && !InetSocketAddress::IsMatchingType(m_remote),
                    "CellFreeSensingReporter::Remote is "
                        << m_remote << ": expected an InetSocketAddress or Inet6SocketAddress");
    m_socket = Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId());
    NS_ABORT_MSG_IF((isIpv6 ? m_socket->Bind6() : m_socket->Bind()) != 0 ||
                        m_socket->Connect(m_remote) != 0,
                    "CellFreeSensingReporter on node " << GetNode()->GetId()
                                                       << ": expected an internet stack that "
                                                          "reaches Remote "
                                                       << m_remote);
    m_socket->ShutdownRecv();
    MarkSocket();
}

void
CellFreeSensingReporter::Follow(bool isFollowed)
{
    const auto cpu = GetNode()->GetObject<CellFreeCpu>();
    if (!cpu)
    {
        return;
    }
    const auto callback = MakeCallback(&CellFreeSensingReporter::Report, this);
    if (isFollowed)
    {
        cpu->GetSensing()->TraceConnectWithoutContext("Scan", callback);
    }
    else
    {
        cpu->GetSensing()->TraceDisconnectWithoutContext("Scan", callback);
    }
}

void
CellFreeSensingReporter::StartApplication()
{
    Open();
    Follow(true);
}

void
CellFreeSensingReporter::StopApplication()
{
    if (m_socket)
    {
        Follow(false);
        m_socket->Close();
        m_socket = nullptr;
    }
}

void
CellFreeSensingReporter::Report(const CellFreeScan& scan, const std::vector<CellFreeTrack>& tracks)
{
    if (!m_socket || m_nScans++ % m_every != 0)
    {
        return;
    }
    // Tracks first, so that those of a short report are in one packet.
    std::vector<CellFreeReportHeader> parts(1);
    const auto makeRoom = [this, &parts](uint32_t bytes) {
        if (parts.back().GetSerializedSize() + bytes > m_maxPacketBytes)
        {
            parts.emplace_back();
        }
    };
    uint64_t nOmitted = 0;
    for (const auto& track : tracks)
    {
        if (track.status == CellFreeTrack::TENTATIVE && !m_hasTentative)
        {
            continue;
        }
        makeRoom(CellFreeReportHeader::TRACK_BYTES);
        nOmitted += !parts.back().AddTrack(track);
    }
    if (m_hasDetections)
    {
        for (const auto& detection : scan.detections)
        {
            makeRoom(CellFreeReportHeader::DETECTION_BYTES);
            nOmitted += !parts.back().AddDetection(detection);
        }
    }
    if (nOmitted > 0)
    {
        NS_LOG_WARN(nOmitted << " tracks or detections are not finite, and not reported");
        m_counters.omitted += nOmitted;
    }
    NS_ABORT_MSG_IF(parts.size() > UINT16_MAX,
                    "a report of " << tracks.size() << " tracks takes " << parts.size()
                                   << " packets: expected at most 65535");
    const auto sequence = static_cast<uint32_t>(m_counters.reports++);
    for (std::size_t i = 0; i < parts.size(); ++i)
    {
        auto& part = parts[i];
        part.SetSource(GetNode()->GetId(), sequence);
        part.SetPart(i, parts.size());
        part.SetTimes(scan.start, scan.end, Simulator::Now());
        auto packet = Create<Packet>();
        packet->AddHeader(part);
        NS_LOG_LOGIC(part);
        // What is sent gets tags of the stack.
        const auto sent = packet->Copy();
        if (m_socket->Send(packet) < 0)
        {
            ++m_counters.failed;
            continue;
        }
        ++m_counters.packets;
        m_counters.bytes += sent->GetSize();
        m_tx(sent);
    }
}

} // namespace ns3
