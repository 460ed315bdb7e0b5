// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-sensing.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/isac-detection.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeSensing");

NS_OBJECT_ENSURE_REGISTERED(CellFreeSensing);

TypeId
CellFreeSensing::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeSensing")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeSensing>()
            .AddAttribute(
                "Schedule",
                "Decides when which targets are illuminated. Fixed once the simulation "
                "runs.",
                StringValue("ns3::CellFreePeriodicSensing"),
                MakePointerAccessor(&CellFreeSensing::SetSchedule, &CellFreeSensing::GetSchedule),
                MakePointerChecker<CellFreeSensingSchedule>())
            .AddAttribute(
                "Detector",
                "Decides from the looks of a dwell whether a target is there. Acts from the "
                "next dwell on.",
                StringValue("ns3::CellFreePooledDetector"),
                MakePointerAccessor(&CellFreeSensing::SetDetector, &CellFreeSensing::GetDetector),
                MakePointerChecker<CellFreeDetector>())
            .AddAttribute(
                "CoherentSymbols",
                "Symbols L that a dwell integrates coherently, from 1 to the downlink symbols of "
                "a dwell. The SNR after combining is N_r L times that of equation (7). The "
                "default is less than the symbols of one slot of the default frame: in its 0.5 ms "
                "a drone at 10 m/s moves 5 mm, which turns the echo's phase by 0.73 rad at 3.5 "
                "GHz and costs 0.2 dB. More needs a receiver with Doppler filters; the range "
                "resolution of 7.5 m in 20 MHz sets no limit within a dwell.",
                UintegerValue(7000),
                MakeUintegerAccessor(&CellFreeSensing::SetCoherentSymbols,
                                     &CellFreeSensing::GetCoherentSymbols),
                MakeUintegerChecker<uint32_t>(1))
            .AddTraceSource("Dwell",
                            "A dwell on a target ended.",
                            MakeTraceSourceAccessor(&CellFreeSensing::m_dwellTrace),
                            "ns3::CellFreeSensing::DwellTracedCallback");
    return tid;
}

CellFreeSensing::CellFreeSensing() = default;

CellFreeSensing::~CellFreeSensing() = default;

void
CellFreeSensing::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_IF(!m_schedule, "CellFreeSensing::Schedule is null: expected a schedule");
    NS_ABORT_MSG_IF(!m_detector, "CellFreeSensing::Detector is null: expected a detector");
    m_schedule->Initialize();
    m_detector->Initialize();
    CheckCoherentSymbols();
    Object::DoInitialize();
}

void
CellFreeSensing::DoDispose()
{
    m_channel = nullptr;
    m_schedule = nullptr;
    m_detector = nullptr;
    m_dwellDetector = nullptr;
    m_targets.clear();
    m_due.clear();
    Object::DoDispose();
}

void
CellFreeSensing::SetChannel(Ptr<CellFreeChannelModel> channel, const std::vector<uint32_t>& aps)
{
    m_channel = channel;
    m_aps = aps;
    m_position.clear();
    for (std::size_t m = 0; m < aps.size(); ++m)
    {
        m_position.resize(std::max<std::size_t>(m_position.size(), aps[m] + 1), -1);
        m_position[aps[m]] = m;
    }
}

void
CellFreeSensing::SetSchedule(Ptr<CellFreeSensingSchedule> schedule)
{
    cellfree::RefuseDuringRun(*this, "Schedule");
    m_schedule = schedule;
}

Ptr<CellFreeSensingSchedule>
CellFreeSensing::GetSchedule() const
{
    return m_schedule;
}

void
CellFreeSensing::SetDetector(Ptr<CellFreeDetector> detector)
{
    NS_ABORT_MSG_IF(!detector, "CellFreeSensing::Detector is null: expected a detector");
    m_detector = detector;
}

Ptr<CellFreeDetector>
CellFreeSensing::GetDetector() const
{
    return m_detector;
}

void
CellFreeSensing::SetCoherentSymbols(uint32_t symbols)
{
    m_coherentSymbols = symbols;
    CheckCoherentSymbols();
}

uint32_t
CellFreeSensing::GetCoherentSymbols() const
{
    return m_coherentSymbols;
}

void
CellFreeSensing::SetDwellSymbols(uint64_t symbols, uint64_t slots)
{
    m_dwellSymbols = symbols;
    m_dwellSlots = slots;
    CheckCoherentSymbols();
}

void
CellFreeSensing::SetSlotSymbols(uint32_t symbols)
{
    m_slotSymbols = symbols;
}

void
CellFreeSensing::CheckCoherentSymbols() const
{
    NS_ABORT_MSG_IF(m_coherentSymbols > m_dwellSymbols,
                    "CellFreeSensing::CoherentSymbols = "
                        << m_coherentSymbols << ": expected at most " << m_dwellSymbols
                        << ", the downlink symbols of a dwell (in " << m_dwellSlots << " slots)");
}

double
CellFreeSensing::GetCombiningGain() const
{
    return cellfree::GetCombinedSensingSnr(1.0, m_channel->GetNAntennas(), m_coherentSymbols);
}

void
CellFreeSensing::AddTarget(uint32_t target)
{
    NS_LOG_FUNCTION(this << target);
    auto place = m_targets.begin();
    while (place != m_targets.end() && place->index < target)
    {
        ++place;
    }
    if (place == m_targets.end() || place->index != target)
    {
        m_targets.insert(place, {target, Simulator::Now()});
    }
}

void
CellFreeSensing::RemoveTarget(uint32_t target)
{
    NS_LOG_FUNCTION(this << target);
    m_targets.erase(std::remove_if(m_targets.begin(),
                                   m_targets.end(),
                                   [target](const Target& t) { return t.index == target; }),
                    m_targets.end());
}

bool
CellFreeSensing::HasTargets() const
{
    return !m_targets.empty();
}

void
CellFreeSensing::FindTargets(const CellFreeSensingSchedule::Dwell& dwell) const
{
    m_present.clear();
    for (const auto& target : m_targets)
    {
        if (target.since <= dwell.start && m_channel->HasTarget(target.index))
        {
            m_present.push_back(target.index);
        }
    }
}

void
CellFreeSensing::GetDueTargets(Time effect, std::vector<uint32_t>& targets) const
{
    targets.clear();
    const auto dwell = m_schedule->GetDwell(effect);
    if (dwell.number >= 0)
    {
        FindTargets(dwell);
        m_schedule->GetDueTargets(effect, m_present, targets);
    }
}

void
CellFreeSensing::BeginSlot(Time now)
{
    if (m_dwell.number >= 0 && now >= m_dwell.end)
    {
        FinishDwell();
    }
    const auto dwell = m_schedule->GetDwell(now);
    if (dwell.number >= 0 && dwell.number != m_dwell.number)
    {
        m_dwell = dwell;
        BeginDwell();
    }
}

void
CellFreeSensing::BeginDwell()
{
    NS_LOG_FUNCTION(this << m_dwell.number);
    // What is set during a dwell acts from the next one on, for the looks are drawn now.
    m_dwellDetector = m_detector;
    m_looks = m_dwellDetector->GetLooks();
    FindTargets(m_dwell);
    m_schedule->GetDueTargets(m_dwell.start, m_present, m_due);
    m_integrations.resize(std::max(m_integrations.size(), m_due.size()));
    for (std::size_t i = 0; i < m_due.size(); ++i)
    {
        auto& integration = m_integrations[i];
        integration.target = m_due[i];
        integration.snrSum = 0.0;
        integration.nSlots = 0;
        integration.nSymbols = 0;
        integration.power.setZero(m_aps.size());
        DrawLooks(integration);
        integration.echo.setZero(integration.noise.size());
    }
}

void
CellFreeSensing::DrawLooks(Integration& integration)
{
    auto radar = m_channel->GetRadarModel();
    const auto targetId = m_channel->GetTargetId(integration.target);
    const auto& gain = m_channel->GetEchoAmplitudes();
    const std::size_t nAps = m_aps.size();
    const auto nLooks = m_looks == CellFreeDetector::ONE         ? 1
                        : m_looks == CellFreeDetector::RECEIVERS ? nAps
                                                                 : nAps * nAps;
    integration.weight.setOnes(nLooks);
    integration.reflection.resize(nLooks);
    integration.noise.resize(nLooks);
    for (std::size_t k = 0; k < nLooks; ++k)
    {
        CellFreeRadarModel::Look look;
        if (m_looks == CellFreeDetector::ONE)
        {
            look = radar->Draw(targetId, targetId);
        }
        else if (m_looks == CellFreeDetector::RECEIVERS)
        {
            look = radar->Draw(targetId, m_channel->GetApId(m_aps[k]));
            integration.weight(k) = gain(m_aps[k], integration.target);
        }
        else
        {
            const auto receiver = m_aps[k / nAps];
            const auto transmitter = m_aps[k % nAps];
            look = radar->Draw(targetId,
                               m_channel->GetApId(receiver),
                               m_channel->GetApId(transmitter));
            integration.weight(k) =
                gain(receiver, integration.target) * gain(transmitter, integration.target);
        }
        integration.reflection(k) = look.reflection;
        integration.noise(k) = look.noise;
    }
}

void
CellFreeSensing::AddEcho(uint32_t target,
                         const std::vector<uint32_t>& aps,
                         const Eigen::Ref<const Eigen::VectorXd>& power,
                         double snr)
{
    const auto place = std::lower_bound(m_due.begin(), m_due.end(), target);
    if (m_dwell.number < 0 || place == m_due.end() || *place != target)
    {
        return;
    }
    auto& integration = m_integrations[place - m_due.begin()];
    integration.snrSum += snr;
    ++integration.nSlots;
    integration.nSymbols += m_slotSymbols;
    const auto gain = m_channel->GetEchoAmplitudes().col(target);
    const double noise = m_channel->GetApNoise();
    const Eigen::Index nAps = m_aps.size();
    double sum = 0.0;
    for (std::size_t i = 0; i < aps.size(); ++i)
    {
        const auto m = aps[i] < m_position.size() ? m_position[aps[i]] : -1;
        NS_ABORT_MSG_IF(m < 0, "AP index " << aps[i] << ": expected an AP of the CPU");
        const double echo = gain(aps[i]) * power(i) / noise;
        integration.power(m) += power(i);
        sum += echo;
        if (m_looks == CellFreeDetector::PAIRS)
        {
            for (Eigen::Index r = 0; r < nAps; ++r)
            {
                integration.echo(r * nAps + m) += echo * gain(m_aps[r]);
            }
        }
    }
    if (m_looks == CellFreeDetector::ONE)
    {
        integration.echo(0) = integration.snrSum;
    }
    else if (m_looks == CellFreeDetector::RECEIVERS)
    {
        for (Eigen::Index r = 0; r < nAps; ++r)
        {
            integration.echo(r) += sum * gain(m_aps[r]);
        }
    }
}

void
CellFreeSensing::FinishDwell()
{
    NS_LOG_FUNCTION(this << m_dwell.number);
    const auto fluctuation = m_channel->GetRadarModel()->GetFluctuation();
    for (std::size_t i = 0; i < m_due.size(); ++i)
    {
        const auto& integration = m_integrations[i];
        const auto isWatched = [&integration](const Target& target) {
            return target.index == integration.target;
        };
        if (!m_channel->HasTarget(integration.target) ||
            std::none_of(m_targets.begin(), m_targets.end(), isWatched))
        {
            continue;
        }
        CellFreeDwell dwell;
        dwell.start = m_dwell.start;
        dwell.end = m_dwell.end;
        dwell.targetId = m_channel->GetTargetId(integration.target);
        dwell.position = m_channel->GetTargetPosition(integration.target);
        dwell.nTransmitters = (integration.power.array() > 0.0).count();
        dwell.nReceivers = m_aps.size();
        dwell.nLooks = integration.noise.size();
        dwell.nSlots = integration.nSlots;
        // A dwell whose slots were not all illuminated has no more symbols than those.
        const auto symbols = m_dwellSymbols == std::numeric_limits<uint64_t>::max()
                                 ? m_coherentSymbols
                                 : std::min<uint64_t>(m_coherentSymbols, integration.nSymbols);
        const double gain =
            cellfree::GetCombinedSensingSnr(1.0, m_channel->GetNAntennas(), symbols);
        const double scale = 1.0 / std::max(integration.nSlots, 1U);
        dwell.snr = integration.snrSum * scale;
        dwell.combinedSnr = dwell.snr * gain;
        m_snr = integration.echo * (scale * gain);
        dwell.bestSnr = m_snr.size() > 0 ? m_snr.maxCoeff() : 0.0;
        const double weight = integration.weight.sum();
        const auto factor = integration.reflection.cwiseAbs2();
        dwell.fluctuation = weight > 0.0 ? integration.weight.dot(factor) / weight : factor.mean();
        m_dwellDetector->Design(m_snr, fluctuation);
        dwell.pd = m_dwellDetector->GetDetectionProbability();
        m_drawn = m_snr.cwiseProduct(factor);
        dwell.conditionalPd = m_dwellDetector->GetConditionalProbability(m_drawn);
        m_drawn = (m_snr.cwiseSqrt().cwiseProduct(integration.reflection) + integration.noise)
                      .cwiseAbs2();
        dwell.isDetected = m_dwellDetector->GetStatistic(m_drawn) > m_dwellDetector->GetThreshold();
        NS_LOG_INFO("target " << dwell.targetId << " dwell " << m_dwell.number << ": Pd "
                              << dwell.pd << (dwell.isDetected ? ", detected" : ", missed"));
        m_dwellTrace(dwell);
    }
    m_due.clear();
    m_dwell.number = -1;
}

} // namespace ns3
