// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-problem-recorder.h"

#include "cell-free-trace-file.h"

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
    cellfree::NoteUnfinished(path + ".part");
    m_link = link;
    for (std::size_t c = 0; c < link->GetNCpus(); ++c)
    {
        const auto cpu = link->GetCpu(c);
        cpu->TraceConnectWithoutContext(
            "Beams",
            MakeCallback(&CellFreeProblemRecorder::Record, this).Bind(PeekPointer(cpu)));
    }
}

void
CellFreeProblemRecorder::Close()
{
    if (m_stream.is_open())
    {
        // What the run's end has overtaken has met no channel.
        for (const auto& pending : m_pending)
        {
            m_stream << cellfree::WriteProblemLine(pending.line) << '\n';
        }
        m_pending.clear();
        m_stream.close();
        cellfree::NoteFinished(m_path + ".part");
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
CellFreeProblemRecorder::Record(CellFreeCpu* cpu,
                                const CellFreeDecision& decision,
                                const IsacProblem& problem,
                                const CellFreeSlotPlan& plan)
{
    if (m_nSeen++ % m_every != 0 || !m_stream.is_open())
    {
        return;
    }
    const auto channel = m_link->GetChannelModel();
    m_pending.emplace_back();
    auto& pending = m_pending.back();
    pending.aps = plan.aps;
    pending.ues = plan.ues;
    auto& line = pending.line;
    line.problem = problem;
    line.hasSensingWeight = cpu->GetPolicy()->UsesSensingWeight();
    line.time = decision.time.GetSeconds();
    line.band = decision.band;
    for (uint32_t m : plan.aps)
    {
        line.ap.push_back(channel->GetApId(m));
    }
    for (uint32_t u : plan.ues)
    {
        line.ue.push_back(channel->GetUeId(u));
    }
    for (const auto& aim : plan.aims)
    {
        if (aim.kind == CellFreeAim::TARGET)
        {
            line.target.push_back(channel->GetTargetId(aim.id));
        }
    }
    DoubleValue minSinr;
    if (cpu->GetPolicy()->GetAttributeFailSafe("MinSinr", minSinr))
    {
        line.minSinr = minSinr.Get();
    }
    const uint64_t number = m_nRecorded++;
    // The channel that the beams will meet is known when they do.
    const Time wait = m_link->GetSlotStart(plan.slot) - Simulator::Now();
    if (wait.IsZero())
    {
        Meet(number);
    }
    else
    {
        Simulator::Schedule(wait, &CellFreeProblemRecorder::Meet, this, number);
    }
}

void
CellFreeProblemRecorder::Meet(uint64_t number)
{
    if (!m_stream.is_open())
    {
        return;
    }
    auto& met = m_pending[number - (m_nRecorded - m_pending.size())];
    const auto channel = m_link->GetChannelModel();
    if (std::all_of(met.ues.begin(), met.ues.end(), [&channel](uint32_t u) {
            return channel->HasUe(u);
        }))
    {
        channel->GetTrueProblem(met.aps, met.ues, {}, m_truth, *met.line.band);
        met.line.hTrue = {m_truth.h};
    }
    met.isMet = true;
    // Lines stay in the order of decisions, though a shorter delay lets a later one overtake.
    for (; !m_pending.empty() && m_pending.front().isMet; m_pending.pop_front())
    {
        m_stream << cellfree::WriteProblemLine(m_pending.front().line) << '\n';
    }
}

} // namespace ns3
