// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-fading-model.h"

#include "cell-free-antenna-array.h"
#include "cell-free-gaussian.h"

#include "ns3/abort.h"
#include "ns3/cell-free-streams.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <iostream>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeFadingModel");

NS_OBJECT_ENSURE_REGISTERED(CellFreeFadingModel);
NS_OBJECT_ENSURE_REGISTERED(CellFreeRayleighFading);

namespace
{

constexpr double WALKING_SPEED = 3.0 / 3.6; //!< 3 km/h, as TR 38.901 evaluates indoor UEs (m/s)
constexpr double TOLERATED_EXCESS = 2.0;    //!< CoherenceTime over the coherence time, unwarned

} // namespace

double
cellfree::GetCoherenceTime(double wavelength, double speed)
{
    return 9 * wavelength / (16 * M_PI * speed);
}

TypeId
CellFreeFadingModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeFadingModel")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddAttribute("CoherenceTime",
                          "Duration of a coherence block, within which coefficients are constant: "
                          "at least 1 us, or 0 for 9 / (16 pi f_D) of every link. Acts at "
                          "once when set during a run.",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&CellFreeFadingModel::SetCoherenceTime,
                                           &CellFreeFadingModel::GetCoherenceTimeAttribute),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("ScattererSpeed",
                          "Speed of the surroundings (m/s, 0.001 to 1000): where all links are "
                          "slower, CoherenceTime = 0 takes it. Acts at the next large-scale update "
                          "of the channel.",
                          DoubleValue(WALKING_SPEED),
                          MakeDoubleAccessor(&CellFreeFadingModel::m_scattererSpeed),
                          MakeDoubleChecker<double>(0.001, 1000.0));
    return tid;
}

CellFreeFadingModel::~CellFreeFadingModel() = default;

uint32_t
CellFreeFadingModel::AddLink(const CellFreeLinkEnds& ends)
{
    NS_LOG_FUNCTION(this << ends.apId << ends.ueId);
    NS_ABORT_MSG_IF(!ends.ap || !ends.ue || !ends.array,
                    "AddLink: an end or the array is null: expected both ends and an array");
    Link link;
    link.ends = ends;
    link.uniform = CreateObject<UniformRandomVariable>();
    link.coefficients.setZero(cellfree::GetNAntennas(ends.array));
    AssignStream(link);
    UpdateBlockDuration(link);
    m_links.push_back(link);
    return m_links.size() - 1;
}

void
CellFreeFadingModel::RemoveLink(uint32_t link)
{
    NS_LOG_FUNCTION(this << link);
    FindLink(link);
    m_links[link] = Link();
}

const CellFreeFadingModel::Link&
CellFreeFadingModel::FindLink(uint32_t link) const
{
    NS_ABORT_MSG_IF(link >= m_links.size() || !m_links[link].uniform,
                    "fading link " << link << ": expected one that was added and not removed");
    return m_links[link];
}

const CellFreeLinkEnds&
CellFreeFadingModel::GetEnds(uint32_t link) const
{
    return FindLink(link).ends;
}

double
CellFreeFadingModel::GetWavelength() const
{
    return m_wavelength;
}

const Eigen::VectorXcd&
CellFreeFadingModel::GetCoefficients(uint32_t link, uint32_t /* band */)
{
    return Advance(link).coefficients;
}

void
CellFreeFadingModel::GetStatistics(uint32_t link,
                                   uint32_t /* band */,
                                   Eigen::VectorXcd& mean,
                                   Eigen::MatrixXcd& covariance)
{
    const auto n = FindLink(link).coefficients.size();
    mean.setZero(n);
    covariance.setIdentity(n, n);
}

double
CellFreeFadingModel::GetAutocorrelation(uint32_t link, Time lag) const
{
    const auto& duration = FindLink(link).duration;
    return duration.IsZero() || lag >= duration ? (duration.IsZero() ? 1.0 : 0.0)
                                                : 1.0 - lag.GetSeconds() / duration.GetSeconds();
}

double
CellFreeFadingModel::GetSquaredNorm(uint32_t link)
{
    return Advance(link).squaredNorm;
}

const CellFreeFadingModel::Link&
CellFreeFadingModel::Advance(uint32_t link)
{
    FindLink(link);
    Link& process = m_links[link];
    if (Simulator::Now() < process.blockEnd)
    {
        return process;
    }
    const int64_t block = GetBlock(process);
    if (process.block < block)
    {
        // Blocks that nobody asked for are drawn too: the n-th draw belongs to the same block
        // always.
        for (; process.block < block; ++process.block)
        {
            DoNextBlock(link, *process.uniform, process.coefficients);
        }
        process.squaredNorm = process.coefficients.squaredNorm();
    }
    process.blockEnd = process.origin +
                       TimeStep((block - process.firstBlock + 1) * process.duration.GetTimeStep());
    return process;
}

void
CellFreeFadingModel::Update(double wavelength)
{
    NS_LOG_FUNCTION(this << wavelength);
    m_wavelength = wavelength;
    double fastest = 0.0;
    for (auto& link : m_links)
    {
        if (!link.uniform)
        {
            continue;
        }
        fastest = std::max(fastest, GetSpeed(link));
        UpdateBlockDuration(link);
    }
    if (fastest > 0.0)
    {
        WarnOfCoherenceTime(fastest);
    }
}

void
CellFreeFadingModel::WarnOfCoherenceTime(double speed)
{
    const double coherence = cellfree::GetCoherenceTime(m_wavelength, speed);
    if (!m_hasWarned && m_coherenceTime.GetSeconds() > TOLERATED_EXCESS * coherence)
    {
        // Not NS_LOG_WARN, which optimized builds leave out.
        m_hasWarned = true;
        std::cerr << "warning: CellFreeFadingModel::CoherenceTime = "
                  << m_coherenceTime.GetSeconds() * 1e3 << " ms, but at the fastest UE's " << speed
                  << " m/s channels change within " << coherence * 1e3 << " ms: expected at most "
                  << TOLERATED_EXCESS << " times that, or 0 for automatic\n";
    }
}

bool
CellFreeFadingModel::SetCoherenceTime(Time coherenceTime)
{
    if (coherenceTime.IsStrictlyPositive() && coherenceTime < MicroSeconds(1))
    {
        return false;
    }
    m_coherenceTime = coherenceTime;
    for (auto& link : m_links)
    {
        if (link.uniform)
        {
            UpdateBlockDuration(link);
        }
    }
    return true;
}

Time
CellFreeFadingModel::GetCoherenceTimeAttribute() const
{
    return m_coherenceTime;
}

Time
CellFreeFadingModel::GetBlockDuration(uint32_t link) const
{
    return FindLink(link).duration;
}

double
CellFreeFadingModel::GetSpeed(const Link& link)
{
    return CalculateDistance(link.ends.ap->GetVelocity(), link.ends.ue->GetVelocity());
}

void
CellFreeFadingModel::UpdateBlockDuration(Link& link) const
{
    Time duration = m_coherenceTime;
    if (duration.IsZero() && m_wavelength > 0.0)
    {
        const double speed = std::max(GetSpeed(link), m_scattererSpeed);
        // The attribute takes no less than a microsecond, either.
        duration = std::max(Seconds(cellfree::GetCoherenceTime(m_wavelength, speed)),
                            Time(MicroSeconds(1)));
    }
    // The first duration counts from time 0, also for a link that comes late: it then goes on with
    // its draws where the same nodes would have been.
    if (link.duration.IsStrictlyPositive() && duration != link.duration)
    {
        link.firstBlock = GetBlock(link);
        link.origin = Simulator::Now();
    }
    link.duration = duration;
    link.blockEnd = Time(0);
}

int64_t
CellFreeFadingModel::GetBlock(const Link& link)
{
    if (link.duration.IsZero())
    {
        return 0;
    }
    return link.firstBlock +
           (Simulator::Now() - link.origin).GetTimeStep() / link.duration.GetTimeStep();
}

void
CellFreeFadingModel::AssignStream(Link& link) const
{
    if (m_firstStream >= 0)
    {
        link.uniform->SetStream(GetCellFreeStream(m_firstStream,
                                                  CELL_FREE_STREAM_FADING,
                                                  link.ends.apId,
                                                  link.ends.ueId));
    }
}

int64_t
CellFreeFadingModel::AssignStreams(int64_t first)
{
    NS_LOG_FUNCTION(this << first);
    m_firstStream = first;
    for (auto& link : m_links)
    {
        if (link.uniform)
        {
            AssignStream(link);
            link.block = -1;
            link.blockEnd = Time(0);
            link.coefficients.setZero();
            link.squaredNorm = 0.0;
        }
    }
    return CELL_FREE_STREAMS;
}

void
CellFreeFadingModel::DoDispose()
{
    m_links.clear();
    Object::DoDispose();
}

TypeId
CellFreeRayleighFading::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeRayleighFading")
                            .SetParent<CellFreeFadingModel>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeRayleighFading>();
    return tid;
}

void
CellFreeRayleighFading::DoNextBlock(uint32_t /* link */,
                                    UniformRandomVariable& uniform,
                                    Eigen::VectorXcd& coefficients)
{
    for (auto& coefficient : coefficients)
    {
        coefficient = cellfree::DrawComplexGaussian(uniform);
    }
}

} // namespace ns3
