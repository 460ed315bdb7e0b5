// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-problem-recorder.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/simulator.h"

#include <algorithm>
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
    m_link = nullptr;
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
    m_link = link;
    for (std::size_t c = 0; c < link->GetNCpus(); ++c)
    {
        link->GetCpu(c)->TraceConnectWithoutContext(
            "Beams",
            MakeCallback(&CellFreeProblemRecorder::Record, this));
    }
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
CellFreeProblemRecorder::Record(const CellFreeDecision& decision,
                                const IsacProblem& problem,
                                const CellFreeSlotPlan& plan)
{
    if (m_nSeen++ % m_every != 0 || !m_stream.is_open())
    {
        return;
    }
    const auto channel = m_link->GetChannelModel();
    Pending pending{{}, plan.aps, plan.ues, plan.targets};
    auto& line = pending.line;
    line.problem = problem;
    line.time = decision.time.GetSeconds();
    line.band = plan.band;
    for (uint32_t m : plan.aps)
    {
        line.ap.push_back(channel->GetApId(m));
    }
    for (uint32_t u : plan.ues)
    {
        line.ue.push_back(channel->GetUeId(u));
    }
    for (uint32_t t : plan.targets)
    {
        line.target.push_back(channel->GetTargetId(t));
    }
    DoubleValue minSinr;
    if (m_link->GetCpu()->GetPolicy()->GetAttributeFailSafe("MinSinr", minSinr))
    {
        line.minSinr = minSinr.Get();
    }
    m_pending.push_back(std::move(pending));
    // The channel that the beams will meet is known when they do.
    const Time wait = m_link->GetSlotStart(plan.slot) - Simulator::Now();
    if (wait.IsZero())
    {
        WriteOldest();
    }
    else
    {
        Simulator::Schedule(wait, &CellFreeProblemRecorder::WriteOldest, this);
    }
}

void
CellFreeProblemRecorder::WriteOldest()
{
    auto pending = std::move(m_pending.front());
    m_pending.pop_front();
    const auto channel = m_link->GetChannelModel();
    if (std::all_of(pending.ues.begin(), pending.ues.end(), [&channel](uint32_t u) {
            return channel->HasUe(u);
        }))
    {
        channel->GetTrueProblem(pending.aps, pending.ues, {}, m_truth);
        pending.line.hTrue = {m_truth.h};
    }
    m_stream << WriteProblemLine(pending.line) << '\n';
    ++m_nRecorded;
}

} // namespace ns3
