// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-problem-recorder.h"

#include "ns3/abort.h"
#include "ns3/double.h"

#include <cstdio>
#include <filesystem>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeProblemRecorder);

TypeId
CellFreeProblemRecorder::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeProblemRecorder")
                            .SetParent<Object>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeProblemRecorder>();
    return tid;
}

CellFreeProblemRecorder::CellFreeProblemRecorder() = default;

CellFreeProblemRecorder::~CellFreeProblemRecorder() = default;

void
CellFreeProblemRecorder::DoDispose()
{
    Close();
    m_policy = nullptr;
    Object::DoDispose();
}

std::string
CellFreeProblemRecorder::FindFileError(const std::string& path)
{
    std::error_code ignored;
    // A folder or device could not be replaced by the finished file.
    const bool isReplaceable =
        !std::filesystem::exists(path, ignored) || std::filesystem::is_regular_file(path, ignored);
    const auto part = path + ".part";
    if (isReplaceable && std::ofstream(part, std::ios::binary).put('\n').flush())
    {
        std::remove(part.c_str());
        return {};
    }
    return "recording \"" + path + "\": expected the name of a file that can be written";
}

void
CellFreeProblemRecorder::Open(const std::string& path, uint64_t every, Ptr<CellFreeLink> link)
{
    const auto error = FindFileError(path);
    NS_ABORT_MSG_IF(!error.empty(), error);
    NS_ABORT_MSG_IF(every == 0, "recording every 0th decision: expected at least 1");
    NS_ABORT_MSG_IF(m_stream.is_open(), "CellFreeProblemRecorder::Open was called twice");
    m_path = path;
    m_every = every;
    m_stream.open(path + ".part", std::ios::binary);
    m_policy = link->GetPolicy();
    link->TraceConnectWithoutContext("Beams", MakeCallback(&CellFreeProblemRecorder::Record, this));
}

void
CellFreeProblemRecorder::Close()
{
    if (m_stream.is_open())
    {
        m_stream.close();
        NS_ABORT_MSG_IF(!m_stream || std::rename((m_path + ".part").c_str(), m_path.c_str()),
                        "cannot complete recording \"" << m_path << "\"");
    }
}

uint64_t
CellFreeProblemRecorder::GetNRecorded() const
{
    return m_nRecorded;
}

void
CellFreeProblemRecorder::Record(const CellFreeDecision& /* decision */,
                                const IsacProblem& problem,
                                const IsacBeams& /* beams */)
{
    if (m_nSeen++ % m_every != 0 || !m_stream.is_open())
    {
        return;
    }
    DoubleValue minSinr;
    m_line.problem = problem;
    m_line.minSinr = m_policy->GetAttributeFailSafe("MinSinr", minSinr)
                         ? std::optional(minSinr.Get())
                         : std::nullopt;
    m_stream << WriteProblemLine(m_line) << '\n';
    ++m_nRecorded;
}

} // namespace ns3
