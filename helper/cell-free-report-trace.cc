// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-report-trace.h"

#include "cell-free-run-statistics.h"

#include "ns3/node-list.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/system-path.h"

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <sstream>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeReportTrace);

TypeId
CellFreeReportTrace::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeReportTrace")
                            .SetParent<Object>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeReportTrace>();
    return tid;
}

CellFreeReportTrace::CellFreeReportTrace() = default;

CellFreeReportTrace::~CellFreeReportTrace() = default;

void
CellFreeReportTrace::DoDispose()
{
    Close();
    m_servers.clear();
    Object::DoDispose();
}

void
CellFreeReportTrace::Open(const std::string& outputDir, const std::string& simTag)
{
    m_trace.Open(SystemPath::Append(outputDir, "ReportTrace" + simTag) + ".tsv",
                 "time_s\tcpuId\tsequence\tsent_s\tlatency_s\tage_s\tnTracks\tnDetections\t"
                 "bytes");
}

void
CellFreeReportTrace::Add(Ptr<CellFreeSensingServer> server)
{
    if (std::find(m_servers.begin(), m_servers.end(), server) == m_servers.end())
    {
        m_servers.push_back(server);
        server->TraceConnectWithoutContext("Report",
                                           MakeCallback(&CellFreeReportTrace::Write, this));
    }
}

void
CellFreeReportTrace::AddAll(Ptr<const CellFreeLink> link)
{
    for (auto node = NodeList::Begin(); node != NodeList::End(); ++node)
    {
        const auto cpu = (*node)->GetObject<CellFreeCpu>();
        if (link && cpu && cpu->GetLink() != link)
        {
            continue;
        }
        for (uint32_t i = 0; i < (*node)->GetNApplications(); ++i)
        {
            if (const auto server = DynamicCast<CellFreeSensingServer>((*node)->GetApplication(i)))
            {
                Add(server);
            }
        }
    }
}

void
CellFreeReportTrace::Write(const CellFreeReport& report)
{
    if (!m_trace.stream.is_open())
    {
        return;
    }
    m_trace.stream << report.time.GetSeconds() << '\t' << report.cpuId << '\t' << report.sequence
                   << '\t' << report.sent.GetSeconds() << '\t' << report.latency.GetSeconds()
                   << '\t';
    if (report.hasAge)
    {
        m_trace.stream << report.age.GetSeconds();
    }
    m_trace.stream << '\t' << report.nTracks << '\t' << report.nDetections << '\t' << report.bytes
                   << '\n';
}

void
CellFreeReportTrace::Close()
{
    m_trace.Close();
}

void
CellFreeReportTrace::Print(std::ostream& out) const
{
    const double now = Simulator::Now().GetSeconds();
    std::ostringstream text;
    text << std::fixed << std::setprecision(1);
    for (const auto& server : m_servers)
    {
        for (const auto id : server->GetCpuIds())
        {
            const auto& statistics = server->GetStatistics(id);
            const auto& latencies = statistics.latencies;
            text << "Reports of CPU " << id << ": " << statistics.reports << " of "
                 << statistics.expected << " arrived ("
                 << 100.0 * statistics.GetLost() / statistics.expected << " % lost)";
            if (!latencies.empty())
            {
                text << " after "
                     << 1e3 * std::accumulate(latencies.begin(), latencies.end(), 0.0) /
                            latencies.size()
                     << " ms (mean), " << 1e3 * cellfree::GetQuantile(latencies, 0.95)
                     << " ms (95 %); age of information " << 1e3 * statistics.age.GetMean(now)
                     << " ms (mean), " << 1e3 * statistics.age.GetQuantile(0.95, now)
                     << " ms (95 %)";
            }
            text << '\n';
        }
        if (server->GetMalformed() > 0)
        {
            text << "Packets that are no reports: " << server->GetMalformed() << '\n';
        }
    }
    out << text.str();
}

} // namespace ns3
