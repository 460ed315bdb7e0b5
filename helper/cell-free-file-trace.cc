// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-file-trace.h"

#include "cell-free-run-statistics.h"

#include "ns3/system-path.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeFileTrace);

TypeId
CellFreeFileTrace::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeFileTrace")
                            .SetParent<Object>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeFileTrace>();
    return tid;
}

CellFreeFileTrace::CellFreeFileTrace() = default;

CellFreeFileTrace::~CellFreeFileTrace() = default;

void
CellFreeFileTrace::DoDispose()
{
    m_traffic.clear();
    m_trace.Close();
    Object::DoDispose();
}

void
CellFreeFileTrace::Open(const std::string& outputDir, const std::string& simTag)
{
    m_trace.Open(SystemPath::Append(outputDir, "FileTrace" + simTag) + ".tsv",
                 "arrival_s\tend_s\tueId\tfile\tsize_B\treceived_B\tlostPackets\tfinished\t"
                 "throughput_bps");
}

void
CellFreeFileTrace::Add(Ptr<CellFreeFileTraffic> traffic)
{
    m_traffic.push_back(traffic);
    traffic->TraceConnectWithoutContext("File", MakeCallback(&CellFreeFileTrace::OnFile, this));
}

void
CellFreeFileTrace::OnFile(const CellFreeFile& file)
{
    m_files.push_back(file);
    m_trace.stream << file.arrival.GetSeconds() << '\t' << file.end.GetSeconds() << '\t'
                   << file.ueId << '\t' << file.number << '\t' << file.size << '\t'
                   << file.receivedBytes << '\t' << file.nLost << '\t' << file.isFinished << '\t'
                   << file.GetThroughput() << '\n';
}

void
CellFreeFileTrace::Close()
{
    for (const auto& traffic : m_traffic)
    {
        for (const auto& file : traffic->GetUnfinished())
        {
            if (file.end > file.arrival) // else it has no throughput yet
            {
                OnFile(file);
            }
        }
    }
    m_traffic.clear();
    m_trace.Close();
}

const std::vector<CellFreeFile>&
CellFreeFileTrace::GetFiles() const
{
    return m_files;
}

void
CellFreeFileTrace::Print(std::ostream& out) const
{
    std::vector<double> throughputs;
    std::vector<double> durations;
    for (const auto& file : m_files)
    {
        throughputs.push_back(file.GetThroughput() / 1e6);
        if (file.isFinished)
        {
            durations.push_back(1e3 * (file.end - file.arrival).GetSeconds());
        }
    }
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << "Files: " << m_files.size() << " came, "
         << durations.size() << " finished";
    if (!durations.empty())
    {
        text << " after " << cellfree::GetQuantile(durations, 0.5) << " ms (median), "
             << cellfree::GetQuantile(durations, 0.95) << " ms (95 %)";
    }
    if (!throughputs.empty())
    {
        text << "; user-perceived throughput " << cellfree::GetQuantile(throughputs, 0.5)
             << " Mb/s (median), " << cellfree::GetQuantile(throughputs, 0.05) << " Mb/s (5 %)";
    }
    out << text.str() << '\n';
}

} // namespace ns3
