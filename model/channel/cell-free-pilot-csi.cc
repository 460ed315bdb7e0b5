// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-pilot-csi.h"

#include "cell-free-antenna-array.h"
#include "cell-free-gaussian.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isac-pilots.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreePilotCsi");

NS_OBJECT_ENSURE_REGISTERED(CellFreePilotCsi);

namespace
{

/// Says whether a covariance is a multiple of the identity, exactly.
bool
IsScalar(const Eigen::MatrixXcd& covariance)
{
    for (Eigen::Index j = 0; j < covariance.cols(); ++j)
    {
        for (Eigen::Index i = 0; i < covariance.rows(); ++i)
        {
            if (covariance(i, j) != (i == j ? covariance(0, 0) : 0.0))
            {
                return false;
            }
        }
    }
    return true;
}

/// Both parts of a CN(0, 1) number as standard Gaussian ones.
std::pair<double, double>
GetParts(const std::complex<double>& gaussian)
{
    return {std::sqrt(2.0) * gaussian.real(), std::sqrt(2.0) * gaussian.imag()};
}

} // namespace

TypeId
CellFreePilotCsi::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreePilotCsi")
            .SetParent<CellFreeCsi>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreePilotCsi>()
            .AddAttribute("PilotLength",
                          "Number of orthogonal pilots, and of the symbols that each takes (1 to "
                          "10000). Not to be set during a run.",
                          UintegerValue(16),
                          MakeUintegerAccessor(&CellFreePilotCsi::SetPilotLength,
                                               &CellFreePilotCsi::GetPilotLength),
                          MakeUintegerChecker<uint32_t>(1, 10000))
            .AddAttribute("PilotPower",
                          "Power that every UE sends its pilot with, over the whole band (dBm, -60 "
                          "to 200). Acts at the next sounding.",
                          DoubleValue(23.0),
                          MakeDoubleAccessor(&CellFreePilotCsi::m_pilotPower),
                          MakeDoubleChecker<double>(-60.0, 200.0))
            .AddAttribute("Assignment",
                          "How a UE gets its pilot: Algorithm (one that nobody uses, else that "
                          "with the least interference at its strongest AP), Random, or Own "
                          "(SetPilot()). Not to be set during a run.",
                          EnumValue(ALGORITHM),
                          MakePortableEnumAccessor<Assignment>(0,
                                                               &CellFreePilotCsi::SetAssignment,
                                                               &CellFreePilotCsi::GetAssignment),
                          MakeEnumChecker(ALGORITHM, "Algorithm", RANDOM, "Random", OWN, "Own"))
            .AddAttribute(
                "SoundingPeriod",
                "Slots with pilots from one estimate to the next (1 to 1000000); between, "
                "UEs send no pilots. Acts at once.",
                UintegerValue(1),
                MakeUintegerAccessor(&CellFreePilotCsi::m_soundingPeriod),
                MakeUintegerChecker<uint32_t>(1, 1000000))
            .AddAttribute("PhaseError",
                          "Residual phase of each AP, drawn at every sounding, rms (degrees, 0 to "
                          "360). Acts at once.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreePilotCsi::m_phaseError),
                          MakeDoubleChecker<double>(0.0, 360.0))
            .AddAttribute("TimingError",
                          "Residual delay of each AP, drawn at every sounding, rms (ns, 0 to "
                          "1000000): a phase that grows over the sub-bands. Acts at once.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreePilotCsi::m_timingError),
                          MakeDoubleChecker<double>(0.0, 1e6))
            .AddAttribute("ReciprocityError",
                          "Error of each antenna's calibration, drawn once in a run, rms relative "
                          "to the antenna's gain (0 to 1). Acts at once.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreePilotCsi::m_reciprocityError),
                          MakeDoubleChecker<double>(0.0, 1.0))
            .AddAttribute(
                "TargetAngleError",
                "Error of the azimuth and of the elevation of each target at each AP, rms "
                "(degrees, 0 to 180). Acts at once.",
                DoubleValue(0.0),
                MakeDoubleAccessor(&CellFreePilotCsi::m_targetAngleError),
                MakeDoubleChecker<double>(0.0, 180.0))
            .AddAttribute("TargetAnglePeriod",
                          "Time after which the errors of directions are drawn anew (at least "
                          "1 us). Not to be set during a run.",
                          TimeValue(MilliSeconds(10)),
                          MakeTimeAccessor(&CellFreePilotCsi::SetTargetAnglePeriod,
                                           &CellFreePilotCsi::GetTargetAnglePeriod),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddTraceSource("Estimate",
                            "A link was estimated: the error that the estimator expects and the "
                            "one that it made, relative to what fades.",
                            MakeTraceSourceAccessor(&CellFreePilotCsi::m_estimateTrace),
                            "ns3::CellFreePilotCsi::EstimateTracedCallback");
    return tid;
}

CellFreePilotCsi::CellFreePilotCsi() = default;

CellFreePilotCsi::~CellFreePilotCsi() = default;

void
CellFreePilotCsi::DoDispose()
{
    Clear();
    CellFreeCsi::DoDispose();
}

void
CellFreePilotCsi::Clear()
{
    m_pilots.clear();
    m_aps.clear();
    m_estimates.clear();
    m_points.clear();
}

void
CellFreePilotCsi::SetChannel(Ptr<CellFreeChannelModel> channel)
{
    if (!HasChannel() || &GetChannel() != PeekPointer(channel))
    {
        Clear();
    }
    CellFreeCsi::SetChannel(channel);
}

void
CellFreePilotCsi::SetPilotLength(uint32_t length)
{
    cellfree::RefuseDuringRun(*this, "PilotLength");
    m_pilotLength = length;
}

uint32_t
CellFreePilotCsi::GetPilotLength() const
{
    return m_pilotLength;
}

void
CellFreePilotCsi::SetAssignment(Assignment assignment)
{
    cellfree::RefuseDuringRun(*this, "Assignment");
    m_assignment = assignment;
}

CellFreePilotCsi::Assignment
CellFreePilotCsi::GetAssignment() const
{
    return m_assignment;
}

void
CellFreePilotCsi::SetTargetAnglePeriod(Time period)
{
    cellfree::RefuseDuringRun(*this, "TargetAnglePeriod");
    m_targetAnglePeriod = period;
}

Time
CellFreePilotCsi::GetTargetAnglePeriod() const
{
    return m_targetAnglePeriod;
}

void
CellFreePilotCsi::SetPilot(uint32_t ue, uint32_t pilot)
{
    NS_ABORT_MSG_IF(m_assignment != OWN,
                    "CellFreePilotCsi::SetPilot: expected the attribute Assignment to be Own");
    NS_ABORT_MSG_IF(pilot >= m_pilotLength,
                    "CellFreePilotCsi::SetPilot: UE "
                        << ue << ": pilot " << pilot
                        << ": expected less than PilotLength = " << m_pilotLength);
    m_ownPilots.resize(std::max<std::size_t>(m_ownPilots.size(), ue + 1), -1);
    m_ownPilots[ue] = pilot;
}

int32_t
CellFreePilotCsi::GetPilot(uint32_t ue) const
{
    return ue < m_pilots.size() ? m_pilots[ue] : -1;
}

Ptr<UniformRandomVariable>
CellFreePilotCsi::MakeUniform(CellFreeStreamPurpose purpose, uint32_t a, uint32_t b) const
{
    auto uniform = CreateObject<UniformRandomVariable>();
    if (m_firstStream >= 0)
    {
        uniform->SetStream(GetCellFreeStream(m_firstStream, purpose, a, b));
    }
    return uniform;
}

int64_t
CellFreePilotCsi::AssignStreams(int64_t first)
{
    NS_LOG_FUNCTION(this << first);
    m_firstStream = first;
    Clear();
    return CELL_FREE_STREAMS;
}

void
CellFreePilotCsi::GivePilots(const std::vector<uint32_t>& aps, const std::vector<uint32_t>& ues)
{
    auto& channel = GetChannel();
    m_pilots.resize(channel.GetNUes(), -1);
    for (uint32_t ue = 0; ue < m_pilots.size(); ++ue)
    {
        if (m_pilots[ue] >= 0 && !channel.HasUe(ue))
        {
            m_pilots[ue] = -1;
            for (auto& estimates : m_estimates)
            {
                if (ue < estimates.size())
                {
                    estimates[ue] = Estimate();
                }
            }
        }
    }
    bool isComplete = true;
    for (const uint32_t ue : ues)
    {
        if (m_assignment == OWN)
        {
            NS_ABORT_MSG_IF(ue >= m_ownPilots.size() || m_ownPilots[ue] < 0,
                            "CellFreePilotCsi: UE " << ue
                                                    << " has no pilot: expected SetPilot() before "
                                                       "its first sounding");
            m_pilots[ue] = m_ownPilots[ue];
        }
        else if (m_assignment == RANDOM && m_pilots[ue] < 0)
        {
            m_pilots[ue] = MakeUniform(CELL_FREE_STREAM_PILOT, channel.GetUeId(ue))
                               ->GetInteger(0, m_pilotLength - 1);
        }
        isComplete = isComplete && m_pilots[ue] >= 0;
    }
    if (isComplete)
    {
        return;
    }
    std::vector<uint32_t> all;
    std::vector<int32_t> pilots;
    for (uint32_t ue = 0; ue < m_pilots.size(); ++ue)
    {
        if (m_pilots[ue] >= 0 || std::binary_search(ues.begin(), ues.end(), ue))
        {
            all.push_back(ue);
            pilots.push_back(m_pilots[ue]);
        }
    }
    Eigen::MatrixXd gain(aps.size(), all.size());
    for (std::size_t j = 0; j < all.size(); ++j)
    {
        for (std::size_t i = 0; i < aps.size(); ++i)
        {
            gain(i, j) = channel.GetMeanGain(aps[i], all[j]);
        }
    }
    cellfree::AssignPilots(gain, m_pilotLength, pilots);
    for (std::size_t j = 0; j < all.size(); ++j)
    {
        m_pilots[all[j]] = pilots[j];
    }
}

CellFreePilotCsi::Ap&
CellFreePilotCsi::PrepareAp(uint32_t ap)
{
    m_aps.resize(std::max<std::size_t>(m_aps.size(), ap + 1));
    m_estimates.resize(m_aps.size());
    auto& state = m_aps[ap];
    if (!state.errors)
    {
        const auto id = GetChannel().GetApId(ap);
        state.errors = MakeUniform(CELL_FREE_STREAM_PHASE, id);
        const auto calibration = MakeUniform(CELL_FREE_STREAM_RECIPROCITY, id);
        state.calibration.resize(GetChannel().GetNAntennas());
        for (auto& antenna : state.calibration)
        {
            antenna = cellfree::DrawComplexGaussian(*calibration);
        }
        state.noises.resize(m_pilotLength);
    }
    return state;
}

void
CellFreePilotCsi::Sound(const std::vector<uint32_t>& aps, const std::vector<uint32_t>& ues)
{
    NS_LOG_FUNCTION(this << aps.size() << ues.size());
    m_listening.clear();
    for (const uint32_t ap : aps)
    {
        auto& state = PrepareAp(ap);
        if (state.nPilotSlots++ % m_soundingPeriod == 0)
        {
            state.error = cellfree::DrawComplexGaussian(*state.errors);
            m_listening.push_back(ap);
        }
    }
    if (m_listening.empty())
    {
        return;
    }
    GivePilots(m_listening, ues);

    auto& channel = GetChannel();
    m_senders.clear();
    m_groups.resize(m_pilotLength);
    for (auto& group : m_groups)
    {
        group.clear();
    }
    for (uint32_t ue = 0; ue < m_pilots.size(); ++ue)
    {
        if (m_pilots[ue] >= 0)
        {
            m_groups[m_pilots[ue]].push_back(m_senders.size());
            m_senders.push_back(ue);
        }
    }
    m_truth.resize(channel.GetNBands());
    for (uint32_t band = 0; band < m_truth.size(); ++band)
    {
        channel.GetTrueProblem(m_listening, m_senders, {}, m_truth[band], band);
    }
    for (std::size_t row = 0; row < m_listening.size(); ++row)
    {
        auto& estimates = m_estimates[m_listening[row]];
        estimates.resize(m_pilots.size());
        for (uint32_t pilot = 0; pilot < m_pilotLength; ++pilot)
        {
            if (!m_groups[pilot].empty())
            {
                Listen(row, pilot, ues);
            }
        }
    }
}

void
CellFreePilotCsi::Listen(std::size_t row, uint32_t pilot, const std::vector<uint32_t>& ues)
{
    auto& channel = GetChannel();
    const uint32_t ap = m_listening[row];
    const auto nAntennas = channel.GetNAntennas();
    const auto nBands = channel.GetNBands();
    // p tau_p and the noise are shared by the sub-bands alike.
    const double energy = cellfree::FromDecibels(m_pilotPower - 30.0) * m_pilotLength;
    const double noise = channel.GetApNoise();
    const double amplitude = std::sqrt(energy);

    auto& uniform = m_aps[ap].noises[pilot];
    if (!uniform)
    {
        uniform = MakeUniform(CELL_FREE_STREAM_CSI, channel.GetApId(ap), pilot);
    }
    m_noise.resize(nAntennas, nBands);
    for (auto& sample : m_noise.reshaped())
    {
        sample = std::sqrt(noise) * cellfree::DrawComplexGaussian(*uniform);
    }
    m_heard.clear();
    for (const uint32_t position : m_groups[pilot])
    {
        const uint32_t ue = m_senders[position];
        const bool hasGain = channel.GetMeanGain(ap, ue) > 0.0;
        if (hasGain)
        {
            m_heard.push_back(position);
        }
        if (std::binary_search(ues.begin(), ues.end(), ue))
        {
            auto& estimate = m_estimates[ap][ue];
            estimate.isKnown = true;
            estimate.mean.resize(0, 0);
            estimate.time = Simulator::Now();
            estimate.power = 0.0;
            estimate.fading.resize(hasGain ? nAntennas : 0, hasGain ? nBands : 0);
            estimate.errorPower.setZero(nBands);
            estimate.fadingPower.setZero(nBands);
        }
    }
    const auto nHeard = m_heard.size();
    m_means.resize(std::max(m_means.size(), nHeard));
    m_covariances.resize(m_means.size());
    for (uint32_t band = 0; nHeard > 0 && band < nBands; ++band)
    {
        m_received = m_noise.col(band);
        m_known.clear();
        m_scalarEstimator.Reset(noise);
        bool isScalar = true;
        for (std::size_t i = 0; i < nHeard; ++i)
        {
            channel.GetStatistics(ap, m_senders[m_heard[i]], band, m_means[i], m_covariances[i]);
            isScalar = isScalar && IsScalar(m_covariances[i]);
            m_known.push_back({energy, &m_means[i], &m_covariances[i]});
            m_scalarEstimator.Add(energy, m_covariances[i](0, 0).real());
            // The means are known, so that they leave the observation.
            m_received +=
                amplitude *
                (m_truth[band].h.col(m_heard[i]).segment(row * nAntennas, nAntennas) - m_means[i]);
        }
        if (!isScalar)
        {
            m_estimator.Compute(m_known, noise);
        }
        for (std::size_t i = 0; i < nHeard; ++i)
        {
            const uint32_t ue = m_senders[m_heard[i]];
            if (!std::binary_search(ues.begin(), ues.end(), ue))
            {
                continue;
            }
            auto& estimate = m_estimates[ap][ue];
            auto fading = estimate.fading.col(band);
            if (isScalar)
            {
                const double gain = m_covariances[i](0, 0).real();
                fading = m_scalarEstimator.GetFilter(energy, gain) * m_received;
                estimate.errorPower(band) = m_scalarEstimator.GetErrorVariance(energy, gain);
            }
            else
            {
                fading.noalias() = m_estimator.GetFilter(i) * m_received;
                estimate.errorPower(band) = m_estimator.GetErrorVariance(i);
            }
            estimate.fadingPower(band) = m_covariances[i].trace().real() / nAntennas;
            estimate.power += fading.squaredNorm() / nBands;
            if (m_means[i].squaredNorm() > 0.0)
            {
                if (estimate.mean.size() == 0)
                {
                    estimate.mean.setZero(nAntennas, nBands);
                }
                estimate.mean.col(band) = m_means[i];
            }
            if (band + 1 == nBands && !m_estimateTrace.IsEmpty())
            {
                TraceEstimate(row, m_heard[i]);
            }
        }
    }
}

void
CellFreePilotCsi::TraceEstimate(std::size_t row, uint32_t position)
{
    const uint32_t ap = m_listening[row];
    const uint32_t ue = m_senders[position];
    const auto& estimate = m_estimates[ap][ue];
    const auto n = estimate.fading.rows();
    double error = 0.0;
    for (Eigen::Index band = 0; band < estimate.fading.cols(); ++band)
    {
        GetChannel().GetStatistics(ap, ue, band, m_mean, m_covariance);
        error +=
            (m_truth[band].h.col(position).segment(row * n, n) - m_mean - estimate.fading.col(band))
                .squaredNorm() /
            n;
    }
    const double fading = estimate.fadingPower.sum();
    m_estimateTrace(ap, ue, estimate.errorPower.sum() / fading, error / fading);
}

const CellFreePilotCsi::Estimate*
CellFreePilotCsi::FindEstimate(uint32_t ap, uint32_t ue) const
{
    if (ap >= m_estimates.size() || ue >= m_estimates[ap].size() || !m_estimates[ap][ue].isKnown)
    {
        return nullptr;
    }
    return &m_estimates[ap][ue];
}

double
CellFreePilotCsi::GetCorrelation(uint32_t ap, uint32_t ue, const Estimate& estimate) const
{
    const Time lag = Simulator::Now() - estimate.time;
    return lag.IsZero() ? 1.0 : GetChannel().GetAutocorrelation(ap, ue, lag);
}

double
CellFreePilotCsi::Believe(uint32_t ap,
                          uint32_t ue,
                          uint32_t band,
                          Eigen::Ref<Eigen::VectorXcd> channel)
{
    const auto* estimate = FindEstimate(ap, ue);
    double errorVariance = 0.0;
    if (!estimate)
    {
        GetChannel().GetStatistics(ap, ue, band, m_mean, m_covariance);
        channel = m_mean;
        errorVariance = m_covariance.trace().real() / m_covariance.rows();
    }
    else if (estimate->fading.size() == 0)
    {
        channel.setZero();
    }
    else
    {
        const double correlation = GetCorrelation(ap, ue, *estimate);
        channel = correlation * estimate->fading.col(band);
        if (estimate->mean.size() > 0)
        {
            channel += estimate->mean.col(band);
        }
        errorVariance = cellfree::GetAgedErrorVariance(estimate->errorPower(band),
                                                       estimate->fadingPower(band),
                                                       correlation);
    }
    Miscalibrate(ap, band, channel);
    return errorVariance;
}

void
CellFreePilotCsi::Miscalibrate(uint32_t ap, uint32_t band, Eigen::Ref<Eigen::VectorXcd> channel)
{
    if (m_phaseError == 0.0 && m_timingError == 0.0 && m_reciprocityError == 0.0)
    {
        return;
    }
    const auto& state = PrepareAp(ap);
    const auto [phase, delay] = GetParts(state.error);
    const double nBands = GetChannel().GetNBands();
    // Centre of the sub-band, from the carrier.
    const double frequency = GetChannel().GetBandwidth() * ((band + 0.5) / nBands - 0.5);
    channel *= std::polar(1.0,
                          m_phaseError * M_PI / 180.0 * phase -
                              2.0 * M_PI * frequency * 1e-9 * m_timingError * delay);
    channel.array() *= 1.0 + m_reciprocityError * state.calibration.array();
}

void
CellFreePilotCsi::GetProblem(const std::vector<uint32_t>& aps,
                             const std::vector<uint32_t>& ues,
                             const std::vector<uint32_t>& targets,
                             IsacProblem& problem,
                             uint32_t band)
{
    GetChannel().GetTrueProblem(aps, ues, targets, problem, band);
    const auto n = problem.nAntennas;
    problem.errorVariance.resize(aps.size(), ues.size());
    for (std::size_t u = 0; u < ues.size(); ++u)
    {
        for (std::size_t m = 0; m < aps.size(); ++m)
        {
            problem.errorVariance(m, u) =
                Believe(aps[m], ues[u], band, problem.h.col(u).segment(m * n, n));
        }
    }
    if (m_targetAngleError > 0.0)
    {
        for (std::size_t t = 0; t < targets.size(); ++t)
        {
            for (std::size_t m = 0; m < aps.size(); ++m)
            {
                Point(aps[m], targets[t], problem.a.col(t).segment(m * n, n));
            }
        }
    }
}

void
CellFreePilotCsi::Point(uint32_t ap, uint32_t target, Eigen::Ref<Eigen::VectorXcd> steering)
{
    auto& channel = GetChannel();
    auto& pointing = m_points[{ap, target}];
    if (!pointing.uniform)
    {
        pointing.uniform = MakeUniform(CELL_FREE_STREAM_POINTING,
                                       channel.GetApId(ap),
                                       channel.GetTargetId(target));
    }
    const int64_t period = Simulator::Now().GetTimeStep() / m_targetAnglePeriod.GetTimeStep();
    // One draw for every period, whether it was asked for or not.
    for (; pointing.period < period; ++pointing.period)
    {
        pointing.error = cellfree::DrawComplexGaussian(*pointing.uniform);
    }
    const auto [azimuthError, elevationError] = GetParts(pointing.error);
    const double rms = m_targetAngleError * M_PI / 180.0;
    const Vector direction = channel.GetTargetPosition(target) -
                             channel.GetApNode(ap)->GetObject<MobilityModel>()->GetPosition();
    const double azimuth = std::atan2(direction.y, direction.x) + rms * azimuthError;
    const double elevation =
        std::atan2(direction.z, std::hypot(direction.x, direction.y)) + rms * elevationError;
    cellfree::GetSteeringVector(channel.GetApArray(ap),
                                Vector(std::cos(elevation) * std::cos(azimuth),
                                       std::cos(elevation) * std::sin(azimuth),
                                       std::sin(elevation)),
                                steering);
}

double
CellFreePilotCsi::GetBelievedPower(uint32_t ap, uint32_t ue)
{
    const auto* estimate = FindEstimate(ap, ue);
    if (!estimate || estimate->fading.size() == 0)
    {
        return 0.0;
    }
    if (estimate->mean.size() == 0)
    {
        const double correlation = GetCorrelation(ap, ue, *estimate);
        return correlation * correlation * estimate->power;
    }
    double power = 0.0;
    const uint32_t nBands = estimate->fading.cols();
    m_channel.resize(estimate->fading.rows());
    for (uint32_t band = 0; band < nBands; ++band)
    {
        Believe(ap, ue, band, m_channel);
        power += m_channel.squaredNorm() / nBands;
    }
    return power;
}

double
CellFreePilotCsi::GetDownlinkSnr(const std::vector<uint32_t>& aps, uint32_t ue)
{
    auto& channel = GetChannel();
    double amplitude = 0.0;
    for (const uint32_t ap : aps)
    {
        amplitude += std::sqrt(channel.GetApPower(ap) * GetBelievedPower(ap, ue));
    }
    return amplitude * amplitude / channel.GetUeNoise();
}

double
CellFreePilotCsi::GetUplinkSnr(const std::vector<uint32_t>& aps, uint32_t ue, double txPower)
{
    double gain = 0.0;
    for (const uint32_t ap : aps)
    {
        gain += GetBelievedPower(ap, ue);
    }
    return txPower * gain / GetChannel().GetApNoise();
}

} // namespace ns3
