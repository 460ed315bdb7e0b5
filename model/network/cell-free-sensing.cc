// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-sensing.h"

#include "ns3/abort.h"
#include "ns3/isac-detection.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeSensing);

TypeId
CellFreeSensing::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeSensing")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeSensing>()
            .AddAttribute("DwellDuration",
                          "Duration of a dwell, in which the targets are illuminated and their "
                          "cross section is constant (at least 1 us).",
                          TimeValue(MilliSeconds(10)),
                          MakeTimeAccessor(&CellFreeSensing::m_duration),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("DwellInterval",
                          "Time from the start of a dwell to the start of the next, at least "
                          "DwellDuration; if equal, targets are illuminated all the time.",
                          TimeValue(MilliSeconds(10)),
                          MakeTimeAccessor(&CellFreeSensing::m_interval),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute(
                "CoherentSymbols",
                "Symbols L that a dwell integrates coherently (at least 1). The SNR after "
                "combining is N_r L times that of equation (7); 125 symbols and 8 "
                "antennas make 30 dB.",
                UintegerValue(125),
                MakeUintegerAccessor(&CellFreeSensing::m_coherentSymbols),
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
CellFreeSensing::DoDispose()
{
    m_channel = nullptr;
    Object::DoDispose();
}

void
CellFreeSensing::SetChannel(Ptr<CellFreeChannelModel> channel)
{
    m_channel = channel;
}

void
CellFreeSensing::Advance(Time now)
{
    if (!m_due.empty() && now >= m_start + m_duration)
    {
        FinishDwell(now);
    }
    if (m_due.empty() && now >= m_next)
    {
        BeginDwell(now);
    }
}

const std::vector<uint32_t>&
CellFreeSensing::GetDueTargets() const
{
    return m_due;
}

void
CellFreeSensing::AddSlot(uint32_t target, double snr)
{
    m_integrations.at(target).snrSum += snr;
    ++m_integrations[target].nSlots;
}

double
CellFreeSensing::GetCombiningGain() const
{
    return GetCombinedSensingSnr(1.0, m_channel->GetNAntennas(), m_coherentSymbols);
}

void
CellFreeSensing::BeginDwell(Time now)
{
    NS_ABORT_MSG_IF(m_interval < m_duration,
                    "CellFreeSensing::DwellInterval = " << m_interval.As(Time::MS)
                                                        << ": expected at least DwellDuration = "
                                                        << m_duration.As(Time::MS));
    m_start = now;
    m_next = now + m_interval;
    m_integrations.assign(m_channel->GetNTargets(), {});
    for (uint32_t t = 0; t < m_channel->GetNTargets(); ++t)
    {
        m_due.push_back(t);
        m_channel->GetRadarModel()->BeginDwell(t);
    }
}

void
CellFreeSensing::FinishDwell(Time now)
{
    const auto radar = m_channel->GetRadarModel();
    for (uint32_t t : m_due)
    {
        const auto& integration = m_integrations[t];
        CellFreeDwell dwell;
        dwell.start = m_start;
        dwell.end = now;
        dwell.targetId = m_channel->GetTargetId(t);
        dwell.position = m_channel->GetTargetPosition(t);
        dwell.nTransmitters = m_channel->GetNAps();
        dwell.nReceivers = m_channel->GetNAps();
        dwell.nSlots = integration.nSlots;
        dwell.snr = integration.nSlots > 0 ? integration.snrSum / integration.nSlots : 0.0;
        dwell.combinedSnr = dwell.snr * GetCombiningGain();
        dwell.fluctuation = radar->GetFluctuation(t);
        dwell.pd = radar->GetDetectionProbability(dwell.combinedSnr);
        dwell.isDetected = radar->IsDetected(t, dwell.combinedSnr);
        m_dwellTrace(dwell);
    }
    m_due.clear();
}

} // namespace ns3
