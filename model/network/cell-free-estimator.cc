// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-estimator.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-gaussian.h"
#include "ns3/double.h"
#include "ns3/isac-ambiguity.h"
#include "ns3/log.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeEstimator");

NS_OBJECT_ENSURE_REGISTERED(CellFreeEstimator);
NS_OBJECT_ENSURE_REGISTERED(CellFreeBoundEstimator);

TypeId
CellFreeEstimator::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeEstimator").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeEstimator::CellFreeEstimator() = default;

CellFreeEstimator::~CellFreeEstimator() = default;

TypeId
CellFreeBoundEstimator::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeBoundEstimator")
            .SetParent<CellFreeEstimator>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeBoundEstimator>()
            .AddAttribute("BandwidthFactor",
                          "Rms bandwidth of the echoes over that of a flat spectrum of the "
                          "carrier's bandwidth B, which is B / sqrt(12), in [0.01, 1.7320508] "
                          "(all power at the band's edges). Acts from the next estimate on.",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&CellFreeBoundEstimator::m_bandwidthFactor),
                          MakeDoubleChecker<double>(0.01, 1.7320508))
            .AddAttribute("UseAngles",
                          "Whether arrays measure the directions of echoes, beside delays. Acts "
                          "from the next estimate on.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&CellFreeBoundEstimator::m_usesAngles),
                          MakeBooleanChecker())
            .AddAttribute("UseDoppler",
                          "Whether Doppler shifts are measured; without them nothing is known of "
                          "a velocity but VelocityPrior. Acts from the next estimate on.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&CellFreeBoundEstimator::m_usesDoppler),
                          MakeBooleanChecker())
            .AddAttribute("VelocityPrior",
                          "Standard deviation of what each component of a velocity may be before "
                          "it is measured (m/s), in [0.001, 10000]: the error where no Doppler "
                          "shift tells more, and the region in which velocities are searched. "
                          "Acts from the next estimate on.",
                          DoubleValue(30.0),
                          MakeDoubleAccessor(&CellFreeBoundEstimator::m_velocityPrior),
                          MakeDoubleChecker<double>(1e-3, 1e4))
            .AddAttribute("ClockError",
                          "Standard deviation of the error of each receiving AP's clock (s), in "
                          "[0, 1], the same for all echoes that it receives in a dwell and drawn "
                          "anew for the next. 3.3e-9 s is 1 m. Acts from the next estimate on.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreeBoundEstimator::m_clockError),
                          MakeDoubleChecker<double>(0.0, 1.0))
            .AddAttribute("Outliers",
                          "Whether an estimate may be a peak of the noise somewhere in the search "
                          "box, as weak echoes have it (threshold effect); false: errors are "
                          "Gaussian at any SNR. Acts from the next estimate on.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&CellFreeBoundEstimator::m_hasOutliers),
                          MakeBooleanChecker());
    return tid;
}

CellFreeBoundEstimator::CellFreeBoundEstimator()
    : m_energy(1)
{
}

CellFreeBoundEstimator::~CellFreeBoundEstimator() = default;

void
CellFreeBoundEstimator::SetGeometry(const CellFreeEchoes& echoes)
{
    m_geometry = echoes.geometry;
    m_geometry.rmsBandwidth *= m_bandwidthFactor;
    m_geometry.coupling *= m_bandwidthFactor;
    m_geometry.clockError = m_clockError;
    if (!m_usesAngles)
    {
        m_geometry.arrivals.clear();
        m_geometry.departures.clear();
    }
    if (!m_usesDoppler)
    {
        m_geometry.rmsDuration = 0.0;
        m_geometry.coupling = 0.0;
    }
    m_prior =
        cellfree::GetBoxPrior({echoes.extent.x, echoes.extent.y, echoes.extent.z}, m_velocityPrior);
}

CellFreeStateCovariance
CellFreeBoundEstimator::GetBound(const CellFreeState& state,
                                 const CellFreeEchoes& echoes,
                                 const Eigen::MatrixXd& snr)
{
    SetGeometry(echoes);
    return cellfree::GetTargetCovariance(cellfree::GetTargetInformation(m_geometry, state, snr),
                                         m_prior);
}

double
CellFreeBoundEstimator::GetOutlierProbability(const CellFreeEchoes& echoes)
{
    const auto& mean = echoes.meanSnr;
    // The best n pairs have S_n / sqrt(n) >= D, that of the largest alone or of all together. Then
    // S_n >= S_(n - 1) sqrt(n / (n - 1)) has the nth at S_n / 2n >= D / (2 sqrt(n)) or above.
    const double count = mean.size();
    const double least =
        std::max(mean.size() > 0 ? mean.maxCoeff() : 0.0, mean.sum() / std::sqrt(count));
    const double weak = 0.499 * least / std::sqrt(count);
    m_order.clear();
    m_order.reserve(mean.size());
    for (Eigen::Index i = 0; i < mean.size(); ++i)
    {
        if (mean(i) >= weak)
        {
            m_order.push_back(i);
        }
    }
    std::sort(m_order.begin(), m_order.end(), [&mean](Eigen::Index a, Eigen::Index b) {
        return mean(a) > mean(b) || (mean(a) == mean(b) && a < b);
    });
    std::size_t nPairs = 0;
    double sum = 0.0;
    double best = 0.0;
    for (std::size_t n = 0; n < m_order.size(); ++n)
    {
        sum += mean(m_order[n]);
        const double deflection = sum / std::sqrt(n + 1.0);
        if (deflection > best)
        {
            best = deflection;
            nPairs = n + 1;
        }
    }
    if (nPairs == 0)
    {
        return 1.0;
    }
    m_pairs.setZero(mean.rows(), mean.cols());
    double snr = 0.0;
    for (std::size_t n = 0; n < nPairs; ++n)
    {
        m_pairs(m_order[n]) = 1.0 / nPairs;
        snr += echoes.snr(m_order[n]);
    }
    m_geometry.clockError = 0.0;
    const auto sides =
        cellfree::GetSearchSides(m_hops.GetInformation(m_geometry, m_pairs), m_prior);
    m_geometry.clockError = m_clockError;
    const double threshold = echoes.pfa < 1.0 ? GetThreshold(nPairs, echoes.pfa) : 0.0;
    return cellfree::GetOutlierProbability(sides, nPairs, snr, threshold);
}

double
CellFreeBoundEstimator::GetThreshold(std::size_t nPairs, double pfa)
{
    if (pfa != m_thresholdPfa)
    {
        m_thresholdPfa = pfa;
        m_thresholds.clear();
    }
    if (nPairs >= m_thresholds.size())
    {
        m_thresholds.resize(nPairs + 1, NAN);
    }
    auto& threshold = m_thresholds[nPairs];
    if (std::isnan(threshold))
    {
        m_energy[0].count = nPairs;
        threshold = cellfree::GetEnergyThreshold(m_energy, pfa);
    }
    return threshold;
}

CellFreeEstimateQuality
CellFreeBoundEstimator::Estimate(const CellFreeState& truth,
                                 const CellFreeEchoes& echoes,
                                 UniformRandomVariable& uniform,
                                 CellFreeDetection& detection)
{
    const auto nReceivers = echoes.geometry.receivers.cols();
    const auto nTransmitters = echoes.geometry.transmitters.cols();
    NS_ABORT_MSG_IF(
        echoes.snr.rows() != nReceivers || echoes.snr.cols() != nTransmitters ||
            echoes.meanSnr.rows() != nReceivers || echoes.meanSnr.cols() != nTransmitters,
        "CellFreeEchoes::snr and meanSnr have "
            << echoes.snr.rows() << " x " << echoes.snr.cols() << " and " << echoes.meanSnr.rows()
            << " x " << echoes.meanSnr.cols() << " pairs: expected " << nReceivers
            << " receivers x " << nTransmitters << " transmitters");
    NS_ABORT_MSG_IF(!echoes.snr.allFinite() || !echoes.meanSnr.allFinite() ||
                        (echoes.snr.array() < 0.0).any() || (echoes.meanSnr.array() < 0.0).any(),
                    "CellFreeEchoes::snr or meanSnr has a pair that is negative or no number: "
                    "expected finite SNRs >= 0");
    SetGeometry(echoes);
    CellFreeEstimateQuality quality;
    m_hops.Set(m_geometry, truth);
    const CellFreeStateCovariance mean =
        cellfree::GetTargetCovariance(m_hops.GetInformation(m_geometry, echoes.meanSnr), m_prior);
    quality.positionErrorBound = cellfree::GetPositionErrorBound(mean);
    quality.velocityErrorBound = cellfree::GetVelocityErrorBound(mean);
    quality.outlierProbability =
        m_hasOutliers && echoes.isNeeded ? GetOutlierProbability(echoes) : 0.0;

    CellFreeState error;
    for (int i = 0; i < 6; i += 2)
    {
        const auto pair = M_SQRT2 * cellfree::DrawComplexGaussian(uniform);
        error(i) = pair.real();
        error(i + 1) = pair.imag();
    }
    quality.isAmbiguous = uniform.GetValue(0.0, 1.0) < quality.outlierProbability;
    CellFreeState place;
    for (int i = 0; i < 6; ++i)
    {
        place(i) = uniform.GetValue(-0.5, 0.5);
    }
    if (!echoes.isNeeded)
    {
        return quality;
    }
    if (quality.isAmbiguous)
    {
        const double width = std::sqrt(12.0) * m_velocityPrior;
        detection.state << echoes.centre.x + place(0) * echoes.extent.x,
            echoes.centre.y + place(1) * echoes.extent.y,
            echoes.centre.z + place(2) * echoes.extent.z, width * place.tail<3>();
    }
    else
    {
        const CellFreeStateCovariance met =
            cellfree::GetTargetCovariance(m_hops.GetInformation(m_geometry, echoes.snr), m_prior);
        detection.state = truth + cellfree::GetStateRoot(met) * error;
    }
    detection.time = echoes.time;
    m_hops.Set(m_geometry, detection.state);
    detection.covariance =
        cellfree::GetTargetCovariance(m_hops.GetInformation(m_geometry, echoes.snr), m_prior);
    detection.snr = echoes.snr.sum();
    NS_LOG_INFO("estimate off by " << (detection.state - truth).head<3>().norm() << " m, bound "
                                   << quality.positionErrorBound << " m, outlier with "
                                   << quality.outlierProbability);
    return quality;
}

} // namespace ns3
