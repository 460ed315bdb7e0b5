// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-sensing.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/double.h"
#include "ns3/isac-detection.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

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
            .AddAttribute("Roles",
                          "Decides which APs transmit and which receive in a dwell. Fixed once the "
                          "simulation runs.",
                          StringValue("ns3::CellFreeFullDuplex"),
                          MakePointerAccessor(
                              &CellFreeSensing::SetRoles,
                              static_cast<Ptr<CellFreeSensingRoles> (CellFreeSensing::*)() const>(
                                  &CellFreeSensing::GetRoles)),
                          MakePointerChecker<CellFreeSensingRoles>())
            .AddAttribute("EchoReceiver",
                          "What turns echoes into detections. Fixed once the simulation runs.",
                          StringValue("ns3::CellFreeEchoReceiver"),
                          MakePointerAccessor(&CellFreeSensing::SetEchoReceiver,
                                              &CellFreeSensing::GetEchoReceiver),
                          MakePointerChecker<CellFreeEchoReceiver>())
            .AddAttribute(
                "Tracker",
                "Follows targets from dwell to dwell; its predictions are where the next beams "
                "point. Null (an empty text) for a CPU that is told the true directions of its "
                "targets. Fixed once the simulation runs.",
                PointerValue(),
                MakePointerAccessor(&CellFreeSensing::SetTracker, &CellFreeSensing::GetTracker),
                MakePointerChecker<CellFreeTracker>())
            .AddAttribute("WeightControl",
                          "Chooses the weight of each sensing stream in the policy's objective. "
                          "Acts at once.",
                          StringValue("ns3::CellFreeFixedWeight"),
                          MakePointerAccessor(&CellFreeSensing::SetWeightControl,
                                              &CellFreeSensing::GetWeightControl),
                          MakePointerChecker<CellFreeWeightControl>())
            .AddAttribute("BeamWidening",
                          "With a tracker, whether the beam towards a place that is not known well "
                          "(a wide prediction, a cell to search) is the one that illuminates most "
                          "in the mean over the place's error: wider, and weaker in its middle. "
                          "False: it is matched to the middle. Acts at once.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&CellFreeSensing::m_widensBeams),
                          MakeBooleanChecker())
            .AddAttribute("ExpectedRcs",
                          "Mean cross section that a CPU with a tracker expects of targets (m^2), "
                          "above 0. It says how bright a track's echo should be, which the policy "
                          "weighs, and the believed probability of detection. Acts from the next "
                          "choice of aims on. The default is that of CellFreeTarget.",
                          DoubleValue(0.0525),
                          MakeDoubleAccessor(&CellFreeSensing::m_expectedRcs),
                          MakeDoubleChecker<double>(1e-9, 1e9))
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
                            "ns3::CellFreeSensing::DwellTracedCallback")
            .AddTraceSource("Scan",
                            "A dwell ended, and the tracker has taken it in: the scan and the "
                            "tracks; only with a tracker.",
                            MakeTraceSourceAccessor(&CellFreeSensing::m_scanTrace),
                            "ns3::CellFreeSensing::ScanTracedCallback");
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
    NS_ABORT_MSG_IF(!m_receiver, "CellFreeSensing::EchoReceiver is null: expected a receiver");
    NS_ABORT_MSG_IF(!m_roles, "CellFreeSensing::Roles is null: expected roles");
    m_schedule->Initialize();
    m_roles->Initialize();
    m_detector->Initialize();
    m_receiver->Initialize();
    m_weightControl->Initialize();
    if (m_tracker)
    {
        m_tracker->Initialize();
    }
    CheckCoherentSymbols();
    Object::DoInitialize();
}

void
CellFreeSensing::DoDispose()
{
    if (m_receiver)
    {
        m_receiver->Dispose();
    }
    m_channel = nullptr;
    m_receiver = nullptr;
    m_schedule = nullptr;
    m_roles = nullptr;
    m_detector = nullptr;
    m_dwellDetector = nullptr;
    m_tracker = nullptr;
    m_weightControl = nullptr;
    m_targets.clear();
    m_due.clear();
    Object::DoDispose();
}

void
CellFreeSensing::SetChannel(Ptr<CellFreeChannelModel> channel, const std::vector<uint32_t>& aps)
{
    m_channel = channel;
    m_aps = aps;
    m_receiver->SetChannel(channel, aps);
}

void
CellFreeSensing::SetSchedule(Ptr<CellFreeSensingSchedule> schedule)
{
    cellfree::RefuseDuringRun(*this, "Schedule");
    m_schedule = schedule;
}

void
CellFreeSensing::SetRoles(Ptr<CellFreeSensingRoles> roles)
{
    cellfree::RefuseDuringRun(*this, "Roles");
    m_roles = roles;
}

Ptr<CellFreeSensingRoles>
CellFreeSensing::GetRoles() const
{
    return m_roles;
}

void
CellFreeSensing::SetEchoReceiver(Ptr<CellFreeEchoReceiver> receiver)
{
    cellfree::RefuseDuringRun(*this, "EchoReceiver");
    m_receiver = receiver;
    if (m_receiver && m_channel)
    {
        m_receiver->SetChannel(m_channel, m_aps);
    }
}

Ptr<CellFreeEchoReceiver>
CellFreeSensing::GetEchoReceiver() const
{
    return m_receiver;
}

void
CellFreeSensing::SetTracker(Ptr<CellFreeTracker> tracker)
{
    cellfree::RefuseDuringRun(*this, "Tracker");
    m_tracker = tracker;
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

Ptr<CellFreeTracker>
CellFreeSensing::GetTracker() const
{
    return m_tracker;
}

void
CellFreeSensing::SetWeightControl(Ptr<CellFreeWeightControl> control)
{
    NS_ABORT_MSG_IF(!control, "CellFreeSensing::WeightControl is null: expected a weight control");
    m_weightControl = control;
}

Ptr<CellFreeWeightControl>
CellFreeSensing::GetWeightControl() const
{
    return m_weightControl;
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

bool
CellFreeSensing::WidensBeams() const
{
    return m_widensBeams;
}

double
CellFreeSensing::GetCombiningGain() const
{
    return cellfree::GetCombinedSensingSnr(1.0, m_channel->GetEchoAntennas(), m_coherentSymbols);
}

void
CellFreeSensing::AssignStreams(int64_t first, uint32_t cpuId)
{
    NS_LOG_FUNCTION(this << first << cpuId);
    m_receiver->AssignStreams(first, cpuId);
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
    return m_tracker || !m_targets.empty();
}

bool
CellFreeSensing::IsWatched(uint32_t target) const
{
    return std::any_of(m_targets.begin(), m_targets.end(), [target](const Target& t) {
        return t.index == target;
    });
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
CellFreeSensing::GetDueAims(Time effect, std::vector<CellFreeAim>& aims)
{
    aims.clear();
    const auto dwell = m_schedule->GetDwell(effect);
    if (dwell.number < 0)
    {
        return;
    }
    if (m_tracker)
    {
        aims = ChooseAims(dwell);
        return;
    }
    FindTargets(dwell);
    m_schedule->GetDueTargets(effect, m_present, m_told);
    for (uint32_t target : m_told)
    {
        aims.emplace_back();
        aims.back().id = target;
    }
}

const std::vector<CellFreeAim>&
CellFreeSensing::ChooseAims(const CellFreeSensingSchedule::Dwell& dwell)
{
    for (const auto& choice : m_choices)
    {
        if (choice.dwell == dwell.number)
        {
            return choice.aims;
        }
    }
    m_choices.erase(
        std::remove_if(m_choices.begin(),
                       m_choices.end(),
                       [this](const auto& choice) { return choice.dwell < m_dwell.number; }),
        m_choices.end());
    // Decided ahead of time, a dwell relies on what is known now.
    m_tracker->Predict(std::max(Simulator::Now(), dwell.start + (dwell.end - dwell.start) / 2),
                       m_predicted);
    m_choices.emplace_back();
    m_choices.back().dwell = dwell.number;
    m_schedule->ChooseAims(dwell, m_predicted, m_expectedRcs, m_choices.back().aims);
    return m_choices.back().aims;
}

void
CellFreeSensing::GetRoles(Time effect,
                          const std::vector<CellFreeAim>& aims,
                          std::vector<uint32_t>& transmitters,
                          std::vector<uint32_t>& receivers) const
{
    const auto dwell = m_schedule->GetDwell(effect);
    receivers.clear();
    if (dwell.number < 0 || !HasTargets())
    {
        transmitters = m_aps;
        return;
    }
    m_roles->Choose(*m_channel, m_aps, aims, dwell.number, transmitters, receivers);
    if (receivers == transmitters)
    {
        receivers.clear();
    }
}

bool
CellFreeSensing::IsListening(Time effect) const
{
    return m_tracker && m_schedule->GetDwell(effect).number >= 0;
}

double
CellFreeSensing::GetWeight(const CellFreeAim& aim, double weight)
{
    m_weight = weight;
    return m_weightControl->GetWeight(aim, weight);
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
    GetDueAims(m_dwell.start, m_aims);
    m_due.clear();
    if (m_tracker)
    {
        m_channel->ListTargets(m_due);
        m_beliefs.resize(m_aims.size());
        for (std::size_t i = 0; i < m_aims.size(); ++i)
        {
            m_beliefs[i].aim = m_aims[i];
            m_beliefs[i].power.setZero(m_aps.size());
            m_beliefs[i].nSlots = 0;
            m_beliefs[i].nSymbols = 0;
        }
    }
    else
    {
        for (const auto& aim : m_aims)
        {
            m_due.push_back(aim.id);
        }
    }
    GetRoles(m_dwell.start, m_aims, m_transmitters, m_receivers);
    m_receiver->Begin(m_due, m_dwellDetector, m_receivers);
}

void
CellFreeSensing::AddEcho(uint32_t target,
                         const std::vector<uint32_t>& aps,
                         const Eigen::Ref<const Eigen::VectorXd>& power,
                         double snr)
{
    if (m_dwell.number >= 0)
    {
        m_receiver->Add(target, aps, power, snr, m_slotSymbols);
    }
}

void
CellFreeSensing::AddBelief(const std::vector<CellFreeAim>& aims,
                           const std::vector<uint32_t>& aps,
                           const Eigen::MatrixXd& power)
{
    if (m_dwell.number < 0)
    {
        return;
    }
    // Both lists are in the order of the choice; streams may be missing from the slot's.
    auto belief = m_beliefs.begin();
    for (std::size_t i = 0; i < aims.size(); ++i)
    {
        belief = std::find_if(belief, m_beliefs.end(), [&](const auto& entry) {
            return entry.aim.IsAboutSame(aims[i]);
        });
        if (belief == m_beliefs.end())
        {
            return;
        }
        for (std::size_t j = 0; j < aps.size(); ++j)
        {
            belief->power(m_receiver->GetPosition(aps[j])) += power(j, i);
        }
        ++belief->nSlots;
        belief->nSymbols += m_slotSymbols;
        ++belief;
    }
}

void
CellFreeSensing::FinishDwell()
{
    NS_LOG_FUNCTION(this << m_dwell.number);
    const bool areSymbolsKnown = m_dwellSymbols != std::numeric_limits<uint64_t>::max();
    m_receiver->Finish(m_dwell.start,
                       m_dwell.end,
                       m_coherentSymbols,
                       areSymbolsKnown,
                       !m_tracker,
                       m_dwells,
                       m_found);
    for (std::size_t i = 0; i < m_dwells.size(); ++i)
    {
        if (m_tracker)
        {
            m_dwellTrace(m_dwells[i]);
        }
        else if (IsWatched(m_found[i]))
        {
            NotifyWeight(m_dwells[i], m_found[i]);
            m_dwellTrace(m_dwells[i]);
        }
    }
    if (m_tracker)
    {
        FinishScan();
    }
    m_due.clear();
    m_dwell.number = -1;
}

void
CellFreeSensing::NotifyWeight(CellFreeDwell& dwell, uint32_t target)
{
    CellFreeScanLook look;
    look.aim.id = target;
    look.pd = dwell.pd;
    look.weight = m_weightControl->GetWeight(look.aim, m_weight);
    look.trackError = dwell.positionBound;
    dwell.sensingWeight = look.weight;
    // A dwell that was never illuminated says nothing of its weight.
    if (dwell.nSlots > 0)
    {
        m_weightControl->Notify(dwell.end, look);
    }
}

void
CellFreeSensing::FinishScan()
{
    m_scan.start = m_dwell.start;
    m_scan.end = m_dwell.end;
    m_receiver->GetDetections(m_scan.detections, m_scan.falseAlarmDensity);
    m_scan.looks.clear();
    for (const auto& belief : m_beliefs)
    {
        if (belief.nSlots == 0)
        {
            continue;
        }
        CellFreeScanLook look;
        look.aim = belief.aim;
        look.pd = GetBelievedPd(belief);
        look.weight = m_weightControl->GetWeight(belief.aim, m_weight);
        look.trackError = std::sqrt(belief.aim.covariance.trace());
        // A track may have several streams; what sees it best counts.
        const auto same =
            std::find_if(m_scan.looks.begin(), m_scan.looks.end(), [&belief](const auto& other) {
                return other.aim.IsAboutSame(belief.aim);
            });
        if (same == m_scan.looks.end())
        {
            m_scan.looks.push_back(look);
        }
        else if (look.pd > same->pd)
        {
            *same = look;
        }
    }
    for (const auto& look : m_scan.looks)
    {
        m_weightControl->Notify(m_dwell.end, look);
    }
    m_tracker->Update(m_scan);
    m_scanTrace(m_scan, m_tracker->GetTracks());
}

double
CellFreeSensing::GetBelievedPd(const Belief& belief)
{
    const auto looks = m_dwellDetector->GetLooks();
    const bool areSymbolsKnown = m_dwellSymbols != std::numeric_limits<uint64_t>::max();
    const auto symbols = areSymbolsKnown ? std::min<uint64_t>(m_coherentSymbols, belief.nSymbols)
                                         : m_coherentSymbols;
    const double gain =
        cellfree::GetCombinedSensingSnr(1.0, m_channel->GetEchoAntennas(), symbols) /
        std::max(belief.nSlots, 1U);
    const auto& receivers = m_receivers.empty() ? m_transmitters : m_receivers;
    m_receive.resize(receivers.size());
    m_channel->GetAimAmplitudes(receivers, belief.aim, true, m_receive);
    for (std::size_t r = 0; r < receivers.size(); ++r)
    {
        // An AP that sends in the dwell hears itself.
        const bool isSending = belief.power(m_receiver->GetPosition(receivers[r])) > 0.0;
        m_receive(r) *= gain / m_channel->GetEchoNoise(receivers[r], isSending);
    }
    m_transmit.resize(m_aps.size());
    m_channel->GetAimAmplitudes(m_aps, belief.aim, false, m_transmit);
    if (looks == CellFreeDetector::PAIRS)
    {
        m_snr = (belief.power.cwiseProduct(m_transmit) * m_receive.transpose()).reshaped();
    }
    else
    {
        m_snr = m_receive * belief.power.dot(m_transmit);
        if (looks == CellFreeDetector::ONE)
        {
            m_snr = Eigen::VectorXd::Constant(1, m_snr.mean());
        }
    }
    m_dwellDetector->Design(m_snr, m_channel->GetRadarModel()->GetFluctuation());
    return m_dwellDetector->GetDetectionProbability();
}

} // namespace ns3
