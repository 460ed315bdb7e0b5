// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-sensing-server.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/inet-socket-address.h"
#include "ns3/inet6-socket-address.h"
#include "ns3/ipv4.h"
#include "ns3/ipv6.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeSensingServer");

NS_OBJECT_ENSURE_REGISTERED(CellFreeSensingServer);

TypeId
CellFreeSensingServer::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeSensingServer")
            .SetParent<Application>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeSensingServer>()
            .AddAttribute("Port",
                          "UDP port to listen on, for IPv4 and IPv6 (1 to 65535). Not to be "
                          "set during a run.",
                          UintegerValue(5005),
                          MakeUintegerAccessor(&CellFreeSensingServer::SetPort,
                                               &CellFreeSensingServer::GetPort),
                          MakeUintegerChecker<uint16_t>(1))
            .AddAttribute("MaxAge",
                          "Age of a CPU's information up to which its tracks are fused (above 0).",
                          TimeValue(Seconds(1)),
                          MakeTimeAccessor(&CellFreeSensingServer::m_maxAge),
                          MakeTimeChecker(Time(1)))
            .AddAttribute("Fusion",
                          "What makes one picture of the CPUs' tracks; null: nothing does.",
                          StringValue("ns3::CellFreeCovarianceIntersection"),
                          MakePointerAccessor(&CellFreeSensingServer::m_fusion),
                          MakePointerChecker<CellFreeTrackFusion>())
            .AddTraceSource("Report",
                            "A report has arrived.",
                            MakeTraceSourceAccessor(&CellFreeSensingServer::m_report),
                            "ns3::CellFreeSensingServer::ReportTracedCallback")
            .AddTraceSource("Rx",
                            "A packet of a report was received, and who sent it.",
                            MakeTraceSourceAccessor(&CellFreeSensingServer::m_rx),
                            "ns3::Packet::AddressTracedCallback")
            .AddTraceSource("Malformed",
                            "A packet that is no report was received: it, who sent it, and why.",
                            MakeTraceSourceAccessor(&CellFreeSensingServer::m_malformed),
                            "ns3::CellFreeSensingServer::MalformedTracedCallback");
    return tid;
}

CellFreeSensingServer::CellFreeSensingServer() = default;

CellFreeSensingServer::~CellFreeSensingServer() = default;

void
CellFreeSensingServer::DoDispose()
{
    m_socket = nullptr;
    m_socket6 = nullptr;
    m_fusion = nullptr;
    Application::DoDispose();
}

void
CellFreeSensingServer::SetPort(uint16_t port)
{
    cellfree::RefuseDuringRun(*this, "Port");
    m_port = port;
}

uint16_t
CellFreeSensingServer::GetPort() const
{
    return m_port;
}

void
CellFreeSensingServer::StartApplication()
{
    const auto open = [this](const Address& local) {
        auto socket = Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId());
        NS_ABORT_MSG_IF(socket->Bind(local) != 0,
                        "CellFreeSensingServer::Port is " << m_port << ": expected a free port of "
                                                          << "node " << GetNode()->GetId());
        socket->SetRecvCallback(MakeCallback(&CellFreeSensingServer::Receive, this));
        return socket;
    };
    NS_ABORT_MSG_IF(!GetNode()->GetObject<Ipv4>() && !GetNode()->GetObject<Ipv6>(),
                    "CellFreeSensingServer on node " << GetNode()->GetId()
                                                     << ": expected an internet stack");
    if (GetNode()->GetObject<Ipv4>())
    {
        m_socket = open(InetSocketAddress(Ipv4Address::GetAny(), m_port));
    }
    if (GetNode()->GetObject<Ipv6>())
    {
        m_socket6 = open(Inet6SocketAddress(Ipv6Address::GetAny(), m_port));
    }
}

void
CellFreeSensingServer::StopApplication()
{
    for (auto* socket : {&m_socket, &m_socket6})
    {
        if (*socket)
        {
            (*socket)->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
            (*socket)->Close();
            *socket = nullptr;
        }
    }
}

void
CellFreeSensingServer::Receive(Ptr<Socket> socket)
{
    Address from;
    while (auto packet = socket->RecvFrom(from))
    {
        Take(packet, from);
    }
}

void
CellFreeSensingServer::Take(Ptr<const Packet> packet, const Address& from)
{
    CellFreeReportHeader header;
    std::string error;
    if (!CellFreeReportHeader::Peek(packet, header))
    {
        error = header.GetError();
    }
    else if (header.GetSerializedSize() != packet->GetSize())
    {
        error = "there are " + std::to_string(packet->GetSize() - header.GetSerializedSize()) +
                " bytes behind it: expected none";
    }
    else
    {
        error = Take(header);
    }
    if (error.empty())
    {
        m_rx(packet, from);
        return;
    }
    NS_LOG_WARN("a packet is no report: " << error);
    ++m_nMalformed;
    m_malformed(packet, from, error);
}

std::string
CellFreeSensingServer::Take(const CellFreeReportHeader& header)
{
    const auto now = Simulator::Now();
    if (header.GetSent() > now)
    {
        return "it was sent in the future";
    }
    const auto sequence = header.GetSequence();
    auto [entry, isFirst] = m_cpus.try_emplace(header.GetCpuId());
    auto& cpu = entry->second;
    auto& statistics = cpu.statistics;
    if (isFirst)
    {
        cpu.lowest = cpu.highest = sequence;
    }
    // Before a packet may change anything it has to agree with those of the same report.
    const auto known = cpu.incomplete.find(sequence);
    if (known != cpu.incomplete.end())
    {
        const auto& whole = known->second;
        if (whole.hasPart.size() != header.GetNParts() || whole.start != header.GetStart() ||
            whole.report.end != header.GetEnd() || whole.report.sent != header.GetSent())
        {
            return "it does not agree with another part of its report";
        }
    }
    ++statistics.packets;
    statistics.bytes += header.GetSerializedSize();
    if (cpu.arrived.count(sequence) > 0 ||
        (cpu.highest > sequence && cpu.highest - sequence >= MEMORY))
    {
        ++statistics.duplicates;
        return "";
    }
    cpu.lowest = std::min(cpu.lowest, sequence);
    cpu.highest = std::max(cpu.highest, sequence);
    statistics.expected = uint64_t{cpu.highest} - cpu.lowest + 1;
    while (!cpu.arrived.empty() && cpu.highest - *cpu.arrived.begin() >= MEMORY)
    {
        cpu.arrived.erase(cpu.arrived.begin());
    }

    auto& whole = cpu.incomplete[sequence];
    if (whole.hasPart.empty())
    {
        whole.report.cpuId = header.GetCpuId();
        whole.report.sequence = sequence;
        whole.report.end = header.GetEnd();
        whole.report.sent = header.GetSent();
        whole.start = header.GetStart();
        whole.hasPart.resize(header.GetNParts());
        whole.nMissing = header.GetNParts();
    }
    if (whole.hasPart[header.GetPart()])
    {
        ++statistics.duplicates;
        return "";
    }
    whole.hasPart[header.GetPart()] = true;
    --whole.nMissing;
    whole.report.bytes += header.GetSerializedSize();
    whole.tracks.insert(whole.tracks.end(), header.GetTracks().begin(), header.GetTracks().end());
    whole.detections.insert(whole.detections.end(),
                            header.GetDetections().begin(),
                            header.GetDetections().end());
    if (whole.nMissing == 0)
    {
        auto finished = std::move(whole);
        cpu.incomplete.erase(sequence);
        Finish(cpu, finished);
    }
    else if (cpu.incomplete.size() > MAX_INCOMPLETE)
    {
        cpu.incomplete.erase(cpu.incomplete.begin());
    }
    return "";
}

void
CellFreeSensingServer::Finish(Cpu& cpu, Incomplete& whole)
{
    const auto now = Simulator::Now();
    auto& statistics = cpu.statistics;
    auto& report = whole.report;
    report.time = now;
    report.latency = now - report.sent;
    report.hasAge = statistics.age.HasAge();
    report.age = report.hasAge ? now - cpu.end : Time();
    report.nTracks = whole.tracks.size();
    report.nDetections = whole.detections.size();

    if (statistics.reports > 0 && report.sequence < cpu.newest)
    {
        ++statistics.reordered;
    }
    cpu.newest = std::max(cpu.newest, report.sequence);
    ++statistics.reports;
    cpu.arrived.insert(report.sequence);
    statistics.latencies.push_back(report.latency.GetSeconds());
    if (statistics.age.Receive(report.end.GetSeconds(), now.GetSeconds()))
    {
        std::stable_sort(whole.tracks.begin(),
                         whole.tracks.end(),
                         [](const auto& a, const auto& b) { return a.id < b.id; });
        cpu.end = report.end;
        cpu.tracks = std::move(whole.tracks);
        cpu.detections = std::move(whole.detections);
    }
    NS_LOG_LOGIC("report " << report.sequence << " of CPU " << report.cpuId << " after "
                           << report.latency.As(Time::MS));
    m_report(report);
}

const CellFreeSensingServer::Cpu&
CellFreeSensingServer::RequireCpu(uint32_t cpuId) const
{
    const auto entry = m_cpus.find(cpuId);
    NS_ABORT_MSG_IF(entry == m_cpus.end(),
                    "no report came from node " << cpuId << ": expected one of GetCpuIds()");
    return entry->second;
}

std::vector<uint32_t>
CellFreeSensingServer::GetCpuIds() const
{
    std::vector<uint32_t> ids;
    for (const auto& [id, cpu] : m_cpus)
    {
        ids.push_back(id);
    }
    return ids;
}

const CellFreeReportStatistics&
CellFreeSensingServer::GetStatistics(uint32_t cpuId) const
{
    return RequireCpu(cpuId).statistics;
}

const std::vector<CellFreeTrack>&
CellFreeSensingServer::GetTracks(uint32_t cpuId) const
{
    return RequireCpu(cpuId).tracks;
}

const std::vector<CellFreeDetection>&
CellFreeSensingServer::GetDetections(uint32_t cpuId) const
{
    return RequireCpu(cpuId).detections;
}

std::vector<CellFreeFusedTrack>
CellFreeSensingServer::GetFusedTracks() const
{
    const auto now = Simulator::Now();
    std::vector<CellFreeReportedTracks> reports;
    for (const auto& [id, cpu] : m_cpus)
    {
        if (cpu.statistics.age.HasAge() && now - cpu.end <= m_maxAge)
        {
            reports.push_back({id, cpu.tracks});
        }
    }
    std::vector<CellFreeFusedTrack> fused;
    if (m_fusion)
    {
        m_fusion->Fuse(now, reports, fused);
    }
    return fused;
}

uint64_t
CellFreeSensingServer::GetMalformed() const
{
    return m_nMalformed;
}

} // namespace ns3
