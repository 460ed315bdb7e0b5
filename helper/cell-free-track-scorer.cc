// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-track-scorer.h"

#include "ns3/double.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeTrackScorer);

TypeId
CellFreeTrackScorer::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeTrackScorer")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeTrackScorer>()
            .AddAttribute("Cutoff",
                          "Distance c beyond which a track is none of a target, of GOSPA and OSPA "
                          "(m), in [0.001, 1e6]. Acts from the next dwell on.",
                          DoubleValue(20.0),
                          MakeDoubleAccessor(&CellFreeTrackScorer::m_cutoff),
                          MakeDoubleChecker<double>(1e-3, 1e6))
            .AddAttribute("Order",
                          "Order p of GOSPA and OSPA (1 to 10). Acts from the next dwell on.",
                          DoubleValue(2.0),
                          MakeDoubleAccessor(&CellFreeTrackScorer::m_order),
                          MakeDoubleChecker<double>(1.0, 10.0))
            .AddTraceSource("Score",
                            "The tracks of a CPU were compared with the truth after a dwell.",
                            MakeTraceSourceAccessor(&CellFreeTrackScorer::m_scoreTrace),
                            "ns3::CellFreeTrackScorer::ScoreTracedCallback");
    return tid;
}

CellFreeTrackScorer::CellFreeTrackScorer() = default;

CellFreeTrackScorer::~CellFreeTrackScorer() = default;

void
CellFreeTrackScorer::DoDispose()
{
    m_link = nullptr;
    Object::DoDispose();
}

void
CellFreeTrackScorer::Connect(Ptr<CellFreeLink> link)
{
    m_link = link;
    for (std::size_t c = 0; c < link->GetNCpus(); ++c)
    {
        link->GetCpu(c)->GetSensing()->TraceConnectWithoutContext(
            "Scan",
            MakeCallback(&CellFreeTrackScorer::Score, Ptr<CellFreeTrackScorer>(this)).Bind(c));
    }
}

const std::map<uint32_t, CellFreeTargetRecord>&
CellFreeTrackScorer::GetRecords() const
{
    return m_records;
}

double
CellFreeTrackScorer::GetMeanGospa() const
{
    return m_nScans > 0 ? m_gospaSum / m_nScans : std::numeric_limits<double>::quiet_NaN();
}

void
CellFreeTrackScorer::Score(std::size_t cpu,
                           const CellFreeScan& scan,
                           const std::vector<CellFreeTrack>& tracks)
{
    if (!m_link)
    {
        return;
    }
    const auto channel = m_link->GetChannelModel();
    m_targetIds.clear();
    m_truth.resize(3, channel->GetNTargets());
    for (uint32_t target = 0; target < channel->GetNTargets(); ++target)
    {
        if (channel->HasTarget(target) && !channel->IsUnintended(target))
        {
            const auto place = channel->GetTargetPosition(target);
            m_truth.col(m_targetIds.size()) << place.x, place.y, place.z;
            m_targetIds.push_back(channel->GetTargetId(target));
        }
    }
    m_believed.resize(3, tracks.size());
    Eigen::Index nBelieved = 0;
    for (const auto& track : tracks)
    {
        if (track.status != CellFreeTrack::TENTATIVE)
        {
            // The truth is that of now, which may be some time after the dwell.
            const double wait = (Simulator::Now() - track.time).GetSeconds();
            m_believed.col(nBelieved++) = track.state.head<3>() + wait * track.state.tail<3>();
        }
    }
    const auto truth = m_truth.leftCols(m_targetIds.size());
    const auto believed = m_believed.leftCols(nBelieved);
    m_score.cpuId = m_link->GetCpu(cpu)->GetMac()->GetCpuDevice()->GetNode()->GetId();
    m_score.gospa = cellfree::GetGospa(truth, believed, m_cutoff, m_order);
    m_score.ospa = cellfree::GetOspa(truth, believed, m_cutoff, m_order);
    m_score.targetId.assign(tracks.size(), -1);
    m_score.error.assign(tracks.size(), std::numeric_limits<double>::quiet_NaN());
    m_gospaSum += m_score.gospa.total;
    ++m_nScans;
    for (const auto id : m_targetIds)
    {
        const auto [record, isNew] = m_records.try_emplace(id);
        if (isNew)
        {
            record->second.appeared = scan.end;
            record->second.found = Time::Max();
        }
        ++record->second.nScans;
    }
    nBelieved = 0;
    for (std::size_t i = 0; i < tracks.size(); ++i)
    {
        if (tracks[i].status == CellFreeTrack::TENTATIVE)
        {
            continue;
        }
        const auto estimate = nBelieved++;
        const int target = m_score.gospa.targetOf[estimate];
        if (target < 0)
        {
            continue;
        }
        const double error = (believed.col(estimate) - truth.col(target)).norm();
        m_score.targetId[i] = m_targetIds[target];
        m_score.error[i] = error;
        auto& record = m_records[m_targetIds[target]];
        record.found = std::min(record.found, scan.end);
        record.nSwitches += record.trackId != UINT32_MAX && record.trackId != tracks[i].id;
        record.trackId = tracks[i].id;
        record.squaredErrorSum += error * error;
        ++record.nTracked;
    }
    m_scoreTrace(m_score, scan, tracks);
}

} // namespace ns3
