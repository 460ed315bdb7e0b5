// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-track-writer.h"

#include "ns3/system-path.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeTrackWriter);

namespace
{

constexpr double NONE = std::numeric_limits<double>::quiet_NaN(); //!< a value that a row lacks

/// What the trace calls a status.
const char*
GetName(CellFreeTrack::Status status)
{
    switch (status)
    {
    case CellFreeTrack::TENTATIVE:
        return "tentative";
    case CellFreeTrack::CONFIRMED:
        return "confirmed";
    case CellFreeTrack::COASTING:
        return "coasting";
    }
    return "";
}

} // namespace

TypeId
CellFreeTrackWriter::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeTrackWriter")
                            .SetParent<Object>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeTrackWriter>();
    return tid;
}

CellFreeTrackWriter::CellFreeTrackWriter() = default;

CellFreeTrackWriter::~CellFreeTrackWriter() = default;

void
CellFreeTrackWriter::DoDispose()
{
    Close();
    Object::DoDispose();
}

void
CellFreeTrackWriter::Open(const std::string& outputDir,
                          const std::string& simTag,
                          Ptr<CellFreeLink> link)
{
    const auto path = [&outputDir, &simTag](const std::string& name) {
        return SystemPath::Append(outputDir, name + simTag + ".tsv");
    };
    m_track.Open(path("TrackTrace"),
                 "time_s\tcpuId\ttrackId\tstatus\tx_m\ty_m\tz_m\tvx_mps\tvy_mps\tvz_mps\t"
                 "covXx_m2\tcovXy_m2\tcovYy_m2\tcovZz_m2\tpd\tsensingWeight\ttargetId\terror_m\t"
                 "gospa_m\tospa_m");
    m_detection.Open(path("DetectionTrace"),
                     "time_s\tcpuId\tx_m\ty_m\tz_m\tvx_mps\tvy_mps\tvz_mps\tsd_m\tsnr_dB");
    m_scorer = CreateObject<CellFreeTrackScorer>();
    m_scorer->Connect(link);
    m_scorer->TraceConnectWithoutContext("Score", MakeCallback(&CellFreeTrackWriter::Write, this));
}

void
CellFreeTrackWriter::Close()
{
    if (m_scorer)
    {
        m_scorer->Dispose();
    }
    m_scorer = nullptr;
    m_track.Close();
    m_detection.Close();
}

void
CellFreeTrackWriter::Write(const CellFreeTrackScore& score,
                           const CellFreeScan& scan,
                           const std::vector<CellFreeTrack>& tracks)
{
    const double time = scan.end.GetSeconds();
    for (const auto& detection : scan.detections)
    {
        m_detection.stream << time << '\t' << score.cpuId;
        for (double x : detection.state)
        {
            m_detection.stream << '\t' << x;
        }
        m_detection.stream << '\t' << std::sqrt(detection.covariance.topLeftCorner<3, 3>().trace())
                           << '\t' << cellfree::ToTraceDecibels(detection.snr) << '\n';
    }
    for (std::size_t i = 0; i < tracks.size(); ++i)
    {
        const auto& track = tracks[i];
        const auto look =
            std::find_if(scan.looks.begin(), scan.looks.end(), [&track](const auto& entry) {
                return entry.aim.kind == CellFreeAim::TRACK && entry.aim.id == track.id;
            });
        const bool hasLook = look != scan.looks.end();
        m_track.stream << time << '\t' << score.cpuId << '\t' << track.id << '\t'
                       << GetName(track.status);
        for (double x : track.state)
        {
            m_track.stream << '\t' << x;
        }
        m_track.stream << '\t' << track.covariance(0, 0) << '\t' << track.covariance(0, 1) << '\t'
                       << track.covariance(1, 1) << '\t' << track.covariance(2, 2) << '\t'
                       << CellFreeTraceNumber{hasLook ? look->pd : NONE} << '\t'
                       << CellFreeTraceNumber{hasLook ? look->weight : NONE} << '\t'
                       << score.targetId[i] << '\t' << CellFreeTraceNumber{score.error[i]} << '\t'
                       << score.gospa.total << '\t' << score.ospa << '\n';
    }
    if (tracks.empty())
    {
        m_track.stream << time << '\t' << score.cpuId << "\t-1\tnone" << std::string(12, '\t')
                       << "\t-1\t\t" << score.gospa.total << '\t' << score.ospa << '\n';
    }
}

} // namespace ns3
