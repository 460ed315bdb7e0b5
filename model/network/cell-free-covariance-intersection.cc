// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-covariance-intersection.h"

#include "ns3/double.h"
#include "ns3/isac-fusion.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeCovarianceIntersection);

TypeId
CellFreeCovarianceIntersection::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeCovarianceIntersection")
            .SetParent<CellFreeTrackFusion>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeCovarianceIntersection>()
            .AddAttribute("GateProbability",
                          "Probability that two tracks of one target are assigned to each other, "
                          "if their errors are independent (in (0, 1)).",
                          DoubleValue(0.999),
                          MakeDoubleAccessor(&CellFreeCovarianceIntersection::m_gateProbability),
                          MakeDoubleChecker<double>(1e-6, 1.0 - 1e-9))
            .AddAttribute("AccelerationNoise",
                          "Rms change of a target's velocity per axis within 1 s (m/s^2, 0 to "
                          "1000), by which extrapolated tracks get less certain.",
                          DoubleValue(2.0),
                          MakeDoubleAccessor(&CellFreeCovarianceIntersection::m_accelerationNoise),
                          MakeDoubleChecker<double>(0.0, 1000.0));
    return tid;
}

CellFreeCovarianceIntersection::CellFreeCovarianceIntersection() = default;

CellFreeCovarianceIntersection::~CellFreeCovarianceIntersection() = default;

void
CellFreeCovarianceIntersection::Fuse(Time time,
                                     const std::vector<CellFreeReportedTracks>& reports,
                                     std::vector<CellFreeFusedTrack>& fused) const
{
    fused.clear();
    const double gate = cellfree::GetChiSquareQuantile(6, m_gateProbability);
    std::vector<IsacStateEstimate> picture; // the estimates of fused
    for (const auto& report : reports)
    {
        std::vector<IsacStateEstimate> estimates;
        std::vector<const CellFreeTrack*> tracks;
        for (const auto& track : report.tracks)
        {
            if (track.status == CellFreeTrack::TENTATIVE)
            {
                continue;
            }
            IsacStateEstimate estimate;
            estimate.mean = track.state;
            estimate.covariance = track.covariance;
            cellfree::PredictConstantVelocity(std::max(0.0, (time - track.time).GetSeconds()),
                                              m_accelerationNoise,
                                              estimate);
            // Who claims to know something exactly cannot be fused with anybody.
            if (std::isfinite(cellfree::GetInnovation(estimate, estimate).squared))
            {
                estimates.push_back(estimate);
                tracks.push_back(&track);
            }
        }
        const auto pairs = cellfree::FuseTracks(picture, estimates, gate);
        picture.resize(pairs.size());
        fused.resize(pairs.size());
        for (std::size_t i = 0; i < pairs.size(); ++i)
        {
            // Those that were there keep their places.
            const auto& pair = pairs[i];
            picture[i] = pair.estimate;
            if (pair.first < 0)
            {
                fused[i].track = *tracks[pair.second];
            }
            if (pair.second >= 0)
            {
                fused[i].sources.emplace_back(report.cpuId, tracks[pair.second]->id);
            }
            fused[i].track.time = time;
            fused[i].track.state = pair.estimate.mean;
            fused[i].track.covariance = pair.estimate.covariance;
        }
    }
}

} // namespace ns3
