// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-fading-model.h"

#include "cell-free-antenna-array.h"
#include "cell-free-gaussian.h"

#include "ns3/abort.h"
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
NS_OBJECT_ENSURE_REGISTERED(CellFreeBlockFading);
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
                          "Coherence time T of every link, the duration of a coherence block: at "
                          "least 1 us, or 0 for 9 / (16 pi f_D). Where fading has no blocks, f_D "
                          "is 9 / (16 pi T). Acts at once when set during a run.",
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
    uint32_t link = m_links.size();
    if (m_free.empty())
    {
        m_links.emplace_back();
    }
    else
    {
        link = m_free.back();
        m_free.pop_back();
    }
    m_links[link].ends = ends;
    DoAddLink(link);
    UpdateCoherenceTime(link);
    return link;
}

void
CellFreeFadingModel::RemoveLink(uint32_t link)
{
    NS_LOG_FUNCTION(this << link);
    GetEnds(link);
    m_links[link] = Link();
    m_free.push_back(link);
    DoRemoveLink(link);
}

const CellFreeLinkEnds&
CellFreeFadingModel::GetEnds(uint32_t link) const
{
    NS_ABORT_MSG_IF(link >= m_links.size() || !m_links[link].ends.ap,
                    "fading link " << link << ": expected one that was added and not removed");
    return m_links[link].ends;
}

double
CellFreeFadingModel::GetWavelength() const
{
    return m_wavelength;
}

double
CellFreeFadingModel::GetBandwidth() const
{
    return m_bandwidth;
}

uint32_t
CellFreeFadingModel::GetNBands() const
{
    return m_nBands;
}

void
CellFreeFadingModel::Update(double wavelength, double bandwidth, uint32_t nBands)
{
    NS_LOG_FUNCTION(this << wavelength << bandwidth << nBands);
    m_wavelength = wavelength;
    m_bandwidth = bandwidth;
    m_nBands = nBands;
    DoUpdate();
    double fastest = 0.0;
    for (uint32_t link = 0; link < m_links.size(); ++link)
    {
        if (m_links[link].ends.ap)
        {
            fastest = std::max(fastest, GetSpeed(m_links[link]));
            UpdateCoherenceTime(link);
        }
    }
    if (fastest > 0.0)
    {
        WarnOfCoherenceTime(fastest);
    }
}

void
CellFreeFadingModel::UpdateLink(uint32_t /* link */, CellFreeLargeScaleModel& /* largeScale */)
{
}

std::complex<double>
CellFreeFadingModel::GetBandCorrelation(uint32_t link,
                                        uint32_t /* band */,
                                        uint32_t /* other */) const
{
    GetEnds(link);
    return 1.0;
}

void
CellFreeFadingModel::DoUpdate()
{
}

bool
CellFreeFadingModel::HasLargeScale() const
{
    return false;
}

double
CellFreeFadingModel::GetGain(const CellFreeLinkEnds& /* ends */)
{
    NS_ABORT_MSG(GetInstanceTypeId().GetName() << " has no gains of its own");
}

bool
CellFreeFadingModel::GetEchoGains(uint32_t /* target */, Eigen::MatrixXd& /* gains */)
{
    return false;
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
    for (uint32_t link = 0; link < m_links.size(); ++link)
    {
        if (m_links[link].ends.ap)
        {
            UpdateCoherenceTime(link);
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
CellFreeFadingModel::GetLinkCoherenceTime(uint32_t link) const
{
    GetEnds(link);
    return m_links[link].coherenceTime;
}

double
CellFreeFadingModel::GetSpeed(const Link& link)
{
    return CalculateDistance(link.ends.ap->GetVelocity(), link.ends.ue->GetVelocity());
}

void
CellFreeFadingModel::UpdateCoherenceTime(uint32_t link)
{
    Time& time = m_links[link].coherenceTime;
    time = m_coherenceTime;
    if (time.IsZero() && m_wavelength > 0.0)
    {
        const double speed = std::max(GetSpeed(m_links[link]), m_scattererSpeed);
        // The attribute takes no less than a microsecond, either.
        time = std::max(Seconds(cellfree::GetCoherenceTime(m_wavelength, speed)),
                        Time(MicroSeconds(1)));
    }
    DoSetCoherenceTime(link, time);
}

Ptr<UniformRandomVariable>
CellFreeFadingModel::MakeStream(uint32_t link, CellFreeStreamPurpose purpose) const
{
    const auto& ends = GetEnds(link);
    auto uniform = CreateObject<UniformRandomVariable>();
    if (m_firstStream >= 0)
    {
        uniform->SetStream(GetCellFreeStream(m_firstStream, purpose, ends.apId, ends.ueId));
    }
    return uniform;
}

int64_t
CellFreeFadingModel::AssignStreams(int64_t first)
{
    NS_LOG_FUNCTION(this << first);
    m_firstStream = first;
    for (uint32_t link = 0; link < m_links.size(); ++link)
    {
        if (m_links[link].ends.ap)
        {
            DoRestart(link);
        }
    }
    return CELL_FREE_STREAMS;
}

void
CellFreeFadingModel::DoDispose()
{
    m_links.clear();
    m_free.clear();
    Object::DoDispose();
}

TypeId
CellFreeBlockFading::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeBlockFading")
                            .SetParent<CellFreeFadingModel>()
                            .SetGroupName("CellFreeIsac");
    return tid;
}

void
CellFreeBlockFading::DoDispose()
{
    m_processes.clear();
    CellFreeFadingModel::DoDispose();
}

void
CellFreeBlockFading::DoAddLink(uint32_t link)
{
    if (link == m_processes.size())
    {
        m_processes.emplace_back();
    }
    DoRestart(link);
}

void
CellFreeBlockFading::DoRemoveLink(uint32_t link)
{
    m_processes[link] = Process();
}

void
CellFreeBlockFading::DoSetCoherenceTime(uint32_t link, const Time& coherenceTime)
{
    m_processes[link].clock.SetDuration(Simulator::Now(), coherenceTime);
    m_processes[link].blockEnd = Time(0);
}

void
CellFreeBlockFading::DoRestart(uint32_t link)
{
    Process& process = m_processes[link];
    process.uniform = MakeStream(link, CELL_FREE_STREAM_FADING);
    process.block = -1;
    process.blockEnd = Time(0);
    process.coefficients.setZero(cellfree::GetNAntennas(GetEnds(link).array));
    process.squaredNorm = 0.0;
}

const CellFreeBlockFading::Process&
CellFreeBlockFading::Advance(uint32_t link)
{
    GetEnds(link);
    Process& process = m_processes[link];
    const Time now = Simulator::Now();
    if (now < process.blockEnd)
    {
        return process;
    }
    const int64_t block = process.clock.GetBlock(now);
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
    process.blockEnd = process.clock.GetEnd(block);
    return process;
}

const Eigen::VectorXcd&
CellFreeBlockFading::GetCoefficients(uint32_t link, uint32_t /* band */)
{
    return Advance(link).coefficients;
}

double
CellFreeBlockFading::GetSquaredNorm(uint32_t link)
{
    return Advance(link).squaredNorm;
}

void
CellFreeBlockFading::GetStatistics(uint32_t link,
                                   uint32_t /* band */,
                                   Eigen::VectorXcd& mean,
                                   Eigen::MatrixXcd& covariance)
{
    GetEnds(link);
    const auto n = m_processes[link].coefficients.size();
    mean.setZero(n);
    covariance.setIdentity(n, n);
}

double
CellFreeBlockFading::GetAutocorrelation(uint32_t link, Time lag) const
{
    const Time duration = GetLinkCoherenceTime(link);
    return duration.IsZero() ? 1.0 : std::max(0.0, 1.0 - lag.GetSeconds() / duration.GetSeconds());
}

TypeId
CellFreeRayleighFading::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeRayleighFading")
                            .SetParent<CellFreeBlockFading>()
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
