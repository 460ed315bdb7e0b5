// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-spatial-fading.h"

#include "cell-free-antenna-array.h"
#include "cell-free-large-scale-model.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/isac-scattering.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeSpatialFading);

namespace
{

/// 2 pi f_D T of a coherence time T = 9 / (16 pi f_D): see cellfree::GetCoherenceTime().
constexpr double COHERENCE_PHASE = 9.0 / 8.0;
/// Steps of the Gauss-Markov process in a coherence time: it loses 2 % of its correlation in each.
constexpr int64_t GAUSS_MARKOV_STEPS = 16;

double
ToRadians(double degrees)
{
    return degrees * M_PI / 180.0;
}

/// rho, with which correlation after a coherence time is that of Clarke's model.
double
GetStepCorrelation()
{
    return std::pow(cellfree::GetClarkeCorrelation(COHERENCE_PHASE), 1.0 / GAUSS_MARKOV_STEPS);
}

} // namespace

TypeId
CellFreeSpatialFading::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeSpatialFading")
            .SetParent<CellFreeFadingModel>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeSpatialFading>()
            .AddAttribute("DrawKFactor",
                          "Whether the K factor of a link in line of sight is drawn by the "
                          "large-scale model (TR 38.901 table 7.5-6), or KFactor. Acts at the next "
                          "large-scale update of the channel.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&CellFreeSpatialFading::m_drawKFactor),
                          MakeBooleanChecker())
            .AddAttribute("KFactor",
                          "K factor of all links in line of sight unless DrawKFactor: power of the "
                          "line of sight over that of the other paths (linear, 0 to 1e6). Acts at "
                          "the next large-scale update of the channel.",
                          DoubleValue(8.0),
                          MakeDoubleAccessor(&CellFreeSpatialFading::m_kFactor),
                          MakeDoubleChecker<double>(0.0, 1e6))
            .AddAttribute("AngularSpread",
                          "Standard deviation of the azimuth at which paths leave the AP (degrees, "
                          "0 to 180). 0, with ElevationSpread = 0: antennas fade independently. "
                          "Acts at the next large-scale update of the channel.",
                          DoubleValue(15.0),
                          MakeDoubleAccessor(&CellFreeSpatialFading::m_azimuthSpread),
                          MakeDoubleChecker<double>(0.0, 180.0))
            .AddAttribute(
                "ElevationSpread",
                "Standard deviation of the elevation at which paths leave the AP "
                "(degrees, 0 to 180). Acts at the next large-scale update of the channel.",
                DoubleValue(0.0),
                MakeDoubleAccessor(&CellFreeSpatialFading::m_elevationSpread),
                MakeDoubleChecker<double>(0.0, 180.0))
            .AddAttribute(
                "Doppler",
                "How coefficients change over time: Clarke (autocorrelation J0), "
                "GaussMarkov (exponential) or Block. Acts at the next large-scale update "
                "of the channel.",
                EnumValue(CLARKE),
                MakePortableEnumAccessor<Doppler>(0, &CellFreeSpatialFading::m_doppler),
                MakeEnumChecker(CLARKE, "Clarke", GAUSS_MARKOV, "GaussMarkov", BLOCK, "Block"))
            .AddAttribute("Sinusoids",
                          "Sinusoids of every antenna and tap of Doppler = Clarke (8 to 4096). A "
                          "link's own autocorrelation is that of Clarke's model for as many "
                          "coherence times as two thirds of this. Acts at the next large-scale "
                          "update of the channel.",
                          UintegerValue(64),
                          MakeUintegerAccessor(&CellFreeSpatialFading::m_nSinusoids),
                          MakeUintegerChecker<uint32_t>(8, 4096))
            .AddAttribute("DelaySpread",
                          "RMS delay spread of the delay profiles with their own K factor (s, 0 to "
                          "1e-3); 0: all sub-bands are alike. Of no effect with one sub-band. Acts "
                          "at the next large-scale update of the channel.",
                          DoubleValue(100e-9),
                          MakeDoubleAccessor(&CellFreeSpatialFading::m_delaySpread),
                          MakeDoubleChecker<double>(0.0, 1e-3))
            .AddAttribute(
                "DelayProfile",
                "Tapped delay line of links without line of sight: TDL-A, TDL-B or TDL-C "
                "of TR 38.901. Acts at the next large-scale update of the channel.",
                EnumValue(ISAC_TDL_A),
                MakePortableEnumAccessor<IsacTdl>(0, &CellFreeSpatialFading::m_delayProfile),
                MakeEnumChecker(ISAC_TDL_A, "TDL-A", ISAC_TDL_B, "TDL-B", ISAC_TDL_C, "TDL-C"))
            .AddAttribute(
                "LosDelayProfile",
                "Tapped delay line of links in line of sight, whose first path has the link's K "
                "factor: TDL-D or TDL-E of TR 38.901. Acts at the next large-scale update of the "
                "channel.",
                EnumValue(ISAC_TDL_D),
                MakePortableEnumAccessor<IsacTdl>(0, &CellFreeSpatialFading::m_losDelayProfile),
                MakeEnumChecker(ISAC_TDL_D, "TDL-D", ISAC_TDL_E, "TDL-E"));
    return tid;
}

void
CellFreeSpatialFading::DoDispose()
{
    m_links.clear();
    CellFreeFadingModel::DoDispose();
}

void
CellFreeSpatialFading::DoAddLink(uint32_t link)
{
    if (link == m_links.size())
    {
        m_links.emplace_back();
    }
    DoRestart(link);
}

void
CellFreeSpatialFading::DoRemoveLink(uint32_t link)
{
    m_links[link] = Link();
}

void
CellFreeSpatialFading::DoSetCoherenceTime(uint32_t link, const Time& coherenceTime)
{
    const int64_t steps = m_madeDoppler == GAUSS_MARKOV ? GAUSS_MARKOV_STEPS : 1;
    m_links[link].clock.SetDuration(Simulator::Now(),
                                    TimeStep(coherenceTime.GetTimeStep() / steps));
    if (m_links[link].state)
    {
        m_links[link].state->time = TimeStep(-1);
    }
}

void
CellFreeSpatialFading::DoRestart(uint32_t link)
{
    // Here and not when someone asks, so that the order of asking chooses no stream.
    m_links[link].uniform =
        MakeStream(link,
                   m_madeDoppler == CLARKE ? CELL_FREE_STREAM_SCATTERERS : CELL_FREE_STREAM_FADING);
    m_links[link].state.reset();
}

void
CellFreeSpatialFading::DoUpdate()
{
    Eigen::Index nTaps = 1;
    for (const bool isLos : {false, true})
    {
        auto& taps = m_taps[isLos];
        if (GetNBands() == 1 || m_delaySpread == 0.0)
        {
            taps.setOnes(1, GetNBands());
            continue;
        }
        const auto profile =
            cellfree::GetTdlProfile(isLos ? m_losDelayProfile : m_delayProfile, m_delaySpread);
        taps.resize(profile.delays.size(), GetNBands());
        for (Eigen::Index b = 0; b < taps.cols(); ++b)
        {
            const double frequency = ((b + 0.5) / taps.cols() - 0.5) * GetBandwidth();
            for (Eigen::Index l = 0; l < taps.rows(); ++l)
            {
                taps(l, b) = std::polar(std::sqrt(profile.powers(l)),
                                        2 * M_PI * frequency * profile.delays(l));
            }
        }
        nTaps = std::max(nTaps, taps.rows());
    }
    const bool isClockNew = m_madeDoppler != m_doppler;
    if (isClockNew || m_madeSinusoids != m_nSinusoids || m_nTaps != nTaps)
    {
        m_madeDoppler = m_doppler;
        m_madeSinusoids = m_nSinusoids;
        m_nTaps = nTaps;
        for (uint32_t link = 0; link < m_links.size(); ++link)
        {
            if (m_links[link].uniform)
            {
                DoRestart(link);
                m_links[link].clock = isClockNew ? CellFreeBlockClock() : m_links[link].clock;
            }
        }
    }
}

void
CellFreeSpatialFading::UpdateLink(uint32_t link, CellFreeLargeScaleModel& largeScale)
{
    const auto& ends = GetEnds(link);
    Link& process = m_links[link];
    process.isLos = largeScale.IsLineOfSight(ends);
    process.kFactor = !process.isLos  ? 0.0
                      : m_drawKFactor ? largeScale.GetKFactor(ends)
                                      : m_kFactor;
    process.direction = ends.ue->GetPosition() - ends.ap->GetPosition();
    if (process.state)
    {
        process.state->isCorrelated = false;
        process.state->time = TimeStep(-1);
    }
}

double
CellFreeSpatialFading::GetKFactor(uint32_t link) const
{
    GetEnds(link);
    return m_links[link].kFactor;
}

std::complex<double>
CellFreeSpatialFading::GetBandCorrelation(uint32_t link, uint32_t band, uint32_t other) const
{
    GetEnds(link);
    NS_ABORT_MSG_IF(band >= GetNBands() || other >= GetNBands(),
                    "sub-bands " << band << " and " << other << ": expected less than "
                                 << GetNBands());
    const auto& taps = m_taps[m_links[link].isLos];
    return taps.col(other).dot(taps.col(band));
}

std::unique_ptr<CellFreeScatteringProcess>
CellFreeSpatialFading::MakeProcess(uint32_t link) const
{
    const auto nAntennas = cellfree::GetNAntennas(GetEnds(link).array);
    const auto& uniform = m_links[link].uniform;
    if (m_madeDoppler == CLARKE)
    {
        return std::make_unique<CellFreeClarkeProcess>(nAntennas,
                                                       m_nTaps,
                                                       m_madeSinusoids,
                                                       COHERENCE_PHASE,
                                                       *uniform);
    }
    return std::make_unique<CellFreeSteppedProcess>(
        nAntennas,
        m_nTaps,
        m_madeDoppler == GAUSS_MARKOV ? GetStepCorrelation() : 0.0,
        uniform);
}

Eigen::MatrixXcd
CellFreeSpatialFading::GetCorrelation(uint32_t link) const
{
    if (m_azimuthSpread == 0.0 && m_elevationSpread == 0.0)
    {
        return {};
    }
    const auto& array = GetEnds(link).array;
    Eigen::Matrix3Xd elements(3, cellfree::GetNAntennas(array));
    for (Eigen::Index n = 0; n < elements.cols(); ++n)
    {
        const Vector place = array->GetElementLocation(n);
        elements.col(n) << place.x, place.y, place.z;
    }
    const Vector& k = m_links[link].direction;
    return cellfree::GetScatteringCorrelation(elements,
                                              Eigen::Vector3d(k.x, k.y, k.z),
                                              ToRadians(m_azimuthSpread),
                                              ToRadians(m_elevationSpread));
}

void
CellFreeSpatialFading::GetLineOfSight(uint32_t link, Eigen::VectorXcd& mean) const
{
    const auto& ends = GetEnds(link);
    const Vector direction = ends.ue->GetPosition() - ends.ap->GetPosition();
    const double cycles = direction.GetLength() / GetWavelength();
    const double k = m_links[link].kFactor;
    mean.resize(cellfree::GetNAntennas(ends.array));
    cellfree::GetSteeringVector(ends.array, direction, mean);
    mean *= std::polar(std::sqrt(k / (k + 1)), 2 * M_PI * (cycles - std::floor(cycles)));
}

CellFreeSpatialFading::State&
CellFreeSpatialFading::Prepare(uint32_t link)
{
    GetEnds(link);
    NS_ABORT_MSG_IF(GetWavelength() <= 0.0,
                    "CellFreeSpatialFading was asked for a link: expected Update() before");
    auto& state = m_links[link].state;
    if (!state)
    {
        state = std::make_unique<State>();
        state->process = MakeProcess(link);
    }
    if (!state->isCorrelated)
    {
        state->isCorrelated = true;
        state->correlation = GetCorrelation(link);
        if (state->correlation.size() > 0)
        {
            state->root = cellfree::GetHermitianRoot(state->correlation);
        }
        else
        {
            state->root.resize(0, 0);
        }
    }
    return *state;
}

const CellFreeSpatialFading::State&
CellFreeSpatialFading::Advance(uint32_t link)
{
    State& state = Prepare(link);
    const Link& process = m_links[link];
    const Time now = Simulator::Now();
    if (state.time == now)
    {
        return state;
    }
    state.time = now;
    const auto& taps = m_taps[process.isLos];
    state.process->GetValues(process.clock.GetBlock(now),
                             process.clock.GetElapsed(now),
                             taps.rows(),
                             m_scattered);
    if (state.root.size() > 0)
    {
        m_correlated.noalias() = state.root * m_scattered;
        m_scattered.swap(m_correlated);
    }
    if (taps.size() > 1)
    {
        m_coefficients.noalias() = m_scattered * taps;
    }
    else
    {
        m_coefficients = m_scattered;
    }
    if (process.kFactor > 0.0)
    {
        GetLineOfSight(link, m_mean);
        m_coefficients *= std::sqrt(1 / (process.kFactor + 1));
        m_coefficients.colwise() += m_mean;
    }
    state.bands.resize(m_coefficients.cols());
    for (Eigen::Index b = 0; b < m_coefficients.cols(); ++b)
    {
        state.bands[b] = m_coefficients.col(b);
    }
    state.squaredNorm = m_coefficients.squaredNorm() / m_coefficients.cols();
    return state;
}

const Eigen::VectorXcd&
CellFreeSpatialFading::GetCoefficients(uint32_t link, uint32_t band)
{
    const auto& bands = Advance(link).bands;
    NS_ABORT_MSG_IF(band >= bands.size(),
                    "sub-band " << band << ": expected less than " << bands.size());
    return bands[band];
}

double
CellFreeSpatialFading::GetSquaredNorm(uint32_t link)
{
    return Advance(link).squaredNorm;
}

void
CellFreeSpatialFading::GetStatistics(uint32_t link,
                                     uint32_t /* band */,
                                     Eigen::VectorXcd& mean,
                                     Eigen::MatrixXcd& covariance)
{
    const double k = GetKFactor(link);
    const auto n = cellfree::GetNAntennas(GetEnds(link).array);
    covariance = Prepare(link).correlation;
    if (covariance.size() == 0)
    {
        covariance.setIdentity(n, n);
    }
    covariance /= k + 1;
    mean.setZero(n);
    if (k > 0.0)
    {
        GetLineOfSight(link, mean);
    }
}

double
CellFreeSpatialFading::GetAutocorrelation(uint32_t link, Time lag) const
{
    const Time coherenceTime = GetLinkCoherenceTime(link);
    if (coherenceTime.IsZero())
    {
        return 1.0;
    }
    const double lags = lag.GetSeconds() / coherenceTime.GetSeconds();
    switch (m_madeDoppler)
    {
    case CLARKE:
        return cellfree::GetClarkeCorrelation(COHERENCE_PHASE * lags);
    case GAUSS_MARKOV: {
        // A lag between two numbers of steps meets either.
        const double steps = lags * GAUSS_MARKOV_STEPS;
        const double whole = std::floor(steps);
        const double rho = GetStepCorrelation();
        return std::pow(rho, whole) * (1 - (steps - whole) * (1 - rho));
    }
    default:
        return std::max(0.0, 1.0 - lags);
    }
}

} // namespace ns3
