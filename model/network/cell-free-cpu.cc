// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-cpu.h"

#include "cell-free-failure.h"
#include "cell-free-link.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/cell-free-streams.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeCpu");

NS_OBJECT_ENSURE_REGISTERED(CellFreeCpu);

namespace
{

/// @return bytes that a block must have to carry all that waits, at least 1 if anything does.
/// @param bearer the queue
uint64_t
GetWaitingBytes(const CellFreeBearer& bearer)
{
    const uint64_t waiting = bearer.HasNewData() ? 1 : 0;
    return std::max(waiting, bearer.GetNeededBytes());
}

/**
 * @brief Ends the run where a policy has failed, which may be a user's own.
 * @param error what went wrong, or an empty string
 * @param slot the slot
 * @param policy the policy
 */
void
EndRunIf(const std::string& error, uint64_t slot, const CellFreeBeamformingPolicy& policy)
{
    if (!error.empty())
    {
        cellfree::EndRun("slot " + std::to_string(slot) + ": " +
                         policy.GetInstanceTypeId().GetName() + ": " + error);
    }
}

} // namespace

template <typename Part, Ptr<Part> CellFreeCpu::*member>
void
CellFreeCpu::SetPart(Ptr<Part> part)
{
    cellfree::RefuseDuringRun(*this, Part::GetTypeId().GetName().c_str());
    // These have learned of devices and targets, which another one would not know.
    constexpr bool isBound =
        std::is_same_v<Part, CellFreeMac> || std::is_same_v<Part, CellFreeSensing>;
    NS_ABORT_MSG_IF(isBound && m_link,
                    Part::GetTypeId().GetName()
                        << " was set after the CPU joined its link: expected it before, or the "
                           "helper's attributes of it");
    this->*member = part;
}

template <typename Part, Ptr<Part> CellFreeCpu::*member>
Ptr<Part>
CellFreeCpu::GetPart() const
{
    return this->*member;
}

TypeId
CellFreeCpu::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeCpu")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeCpu>()
            .AddAttribute(
                "Mac",
                "Packets, queues and addresses. Not to be set during a run.",
                StringValue("ns3::CellFreeMac"),
                MakePointerAccessor(&CellFreeCpu::SetPart<CellFreeMac, &CellFreeCpu::m_mac>,
                                    &CellFreeCpu::GetMac),
                MakePointerChecker<CellFreeMac>())
            .AddAttribute(
                "Policy",
                "The beamforming policy. Not to be set during a run.",
                PointerValue(),
                MakePointerAccessor(
                    &CellFreeCpu::SetPart<CellFreeBeamformingPolicy, &CellFreeCpu::m_policy>,
                    &CellFreeCpu::GetPolicy),
                MakePointerChecker<CellFreeBeamformingPolicy>())
            .AddAttribute(
                "DownlinkScheduler",
                "Chooses the UEs of a downlink slot. Not to be set during a run.",
                StringValue("ns3::CellFreeRoundRobinScheduler"),
                MakePointerAccessor(
                    &CellFreeCpu::SetPart<CellFreeScheduler, &CellFreeCpu::m_downlinkScheduler>,
                    &CellFreeCpu::GetPart<CellFreeScheduler, &CellFreeCpu::m_downlinkScheduler>),
                MakePointerChecker<CellFreeScheduler>())
            .AddAttribute(
                "UplinkScheduler",
                "Chooses the UEs of an uplink slot. Not to be set during a run.",
                StringValue("ns3::CellFreeRoundRobinScheduler"),
                MakePointerAccessor(
                    &CellFreeCpu::SetPart<CellFreeScheduler, &CellFreeCpu::m_uplinkScheduler>,
                    &CellFreeCpu::GetPart<CellFreeScheduler, &CellFreeCpu::m_uplinkScheduler>),
                MakePointerChecker<CellFreeScheduler>())
            .AddAttribute(
                "Clustering",
                "Chooses which APs serve which UEs. Not to be set during a run.",
                StringValue("ns3::CellFreeAllServe"),
                MakePointerAccessor(
                    &CellFreeCpu::SetPart<CellFreeClustering, &CellFreeCpu::m_clustering>,
                    &CellFreeCpu::GetPart<CellFreeClustering, &CellFreeCpu::m_clustering>),
                MakePointerChecker<CellFreeClustering>())
            .AddAttribute(
                "Csi",
                "What the CPU knows of the channel. Not to be set during a run.",
                StringValue("ns3::CellFreePerfectCsi"),
                MakePointerAccessor(&CellFreeCpu::SetPart<CellFreeCsi, &CellFreeCpu::m_csi>,
                                    &CellFreeCpu::GetCsi),
                MakePointerChecker<CellFreeCsi>())
            .AddAttribute(
                "LinkAdaptation",
                "Chooses the MCS. Not to be set during a run.",
                StringValue("ns3::CellFreeOuterLoopAdaptation"),
                MakePointerAccessor(
                    &CellFreeCpu::SetPart<CellFreeLinkAdaptation, &CellFreeCpu::m_linkAdaptation>,
                    &CellFreeCpu::GetLinkAdaptation),
                MakePointerChecker<CellFreeLinkAdaptation>())
            .AddAttribute(
                "Combining",
                "How the signals of the APs are combined in the uplink. Not to be set during a "
                "run.",
                StringValue("ns3::CellFreeMaximumRatio"),
                MakePointerAccessor(
                    &CellFreeCpu::SetPart<CellFreeCombining, &CellFreeCpu::m_uplinkCombining>,
                    &CellFreeCpu::GetPart<CellFreeCombining, &CellFreeCpu::m_uplinkCombining>),
                MakePointerChecker<CellFreeCombining>())
            .AddAttribute("Fronthaul",
                          "Carries the beams to the APs. Not to be set during a run.",
                          StringValue("ns3::CellFreeIdealFronthaul"),
                          MakePointerAccessor(
                              &CellFreeCpu::SetPart<CellFreeFronthaul, &CellFreeCpu::m_fronthaul>,
                              &CellFreeCpu::GetFronthaul),
                          MakePointerChecker<CellFreeFronthaul>())
            .AddAttribute(
                "Sensing",
                "Decides when targets are illuminated and what their echoes say. Not to be set "
                "during a run.",
                StringValue("ns3::CellFreeSensing"),
                MakePointerAccessor(&CellFreeCpu::SetPart<CellFreeSensing, &CellFreeCpu::m_sensing>,
                                    &CellFreeCpu::GetSensing),
                MakePointerChecker<CellFreeSensing>())
            .AddAttribute("SensingWeight",
                          "Weight beta_s of every target's log2(1 + SNR) in the objective (8) of a "
                          "policy that takes one (0 to 1e6); of which SNR, WeighCombinedSnr says.",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&CellFreeCpu::m_sensingWeight),
                          MakeDoubleChecker<double>(0.0, 1e6))
            .AddAttribute("WeighCombinedSnr",
                          "If true, the sensing SNR in the policy's objective is the one after "
                          "combining, N_r L times that of equation (7), which makes it another "
                          "objective than (8); if false, that of (7).",
                          BooleanValue(true),
                          MakeBooleanAccessor(&CellFreeCpu::m_weighCombinedSnr),
                          MakeBooleanChecker())
            .AddAttribute(
                "DecisionDelay",
                "Downlink slots from the reading of the channel to the one in which the beams "
                "computed from it take effect (0 to 1000).",
                UintegerValue(0),
                MakeUintegerAccessor(&CellFreeCpu::m_decisionDelay),
                MakeUintegerChecker<uint32_t>(0, 1000))
            .AddAttribute(
                "BeamUpdatePeriod",
                "Downlink slots from one choice of UEs, targets and beams to the next (1 to "
                "10000). In between the same beams send what their UEs have waiting, by an MCS for "
                "the SINR believed at the decision; a UE without data leaves its stream silent. "
                "When other targets are due, a new decision is made.",
                UintegerValue(1),
                MakeUintegerAccessor(&CellFreeCpu::m_beamUpdatePeriod),
                MakeUintegerChecker<uint32_t>(1, 10000))
            .AddAttribute("TargetsTakeStreams",
                          "If true, the targets of a downlink slot count into "
                          "CellFreeLink::MaxStreams, so that UEs get the streams that targets "
                          "leave, which may be none; if false, all streams are for UEs.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreeCpu::m_areTargetsCounted),
                          MakeBooleanChecker())
            .AddAttribute(
                "BufferStatusDelay",
                "Slots from a UE's report of its queue, which it sends with each use of a grant, "
                "or from its scheduling request to the CPU's knowing it (0 to 1000); 0 for a CPU "
                "that sees the queues as they are.",
                UintegerValue(0),
                MakeUintegerAccessor(&CellFreeCpu::m_bufferStatusDelay),
                MakeUintegerChecker<uint32_t>(0, 1000))
            .AddAttribute(
                "GrantDelay",
                "Slots from the decision who sends in an uplink slot, and with which MCS, to that "
                "slot (0 to 1000). Not to be set during a run.",
                UintegerValue(0),
                MakeUintegerAccessor(&CellFreeCpu::SetGrantDelay, &CellFreeCpu::GetGrantDelay),
                MakeUintegerChecker<uint32_t>(0, 1000))
            .AddTraceSource("UeSample",
                            "A stream was sent in one slot, in either direction.",
                            MakeTraceSourceAccessor(&CellFreeCpu::m_ueTrace),
                            "ns3::CellFreeCpu::UeSampleTracedCallback")
            .AddTraceSource("Decision",
                            "The policy computed beams.",
                            MakeTraceSourceAccessor(&CellFreeCpu::m_decisionTrace),
                            "ns3::CellFreeCpu::DecisionTracedCallback")
            .AddTraceSource("Outcome",
                            "A plan was on the air, in either direction: the plan and what the "
                            "air made of it; valid during the call only.",
                            MakeTraceSourceAccessor(&CellFreeCpu::m_outcomeTrace),
                            "ns3::CellFreeCpu::OutcomeTracedCallback")
            .AddTraceSource("Beams",
                            "The policy computed beams: the decision, the problem that it saw in "
                            "watts and the plan with the beams in sqrt(W), the UEs' streams first; "
                            "once for every sub-band, which the decision names; valid during the "
                            "call only, right after the Decision.",
                            MakeTraceSourceAccessor(&CellFreeCpu::m_beamsTrace),
                            "ns3::CellFreeCpu::BeamsTracedCallback");
    return tid;
}

CellFreeCpu::CellFreeCpu() = default;

CellFreeCpu::~CellFreeCpu() = default;

void
CellFreeCpu::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_IF(!m_link,
                    "CellFreeCpu: no link: expected CellFreeLink::AddCpu() before the start");
    NS_ABORT_MSG_IF(m_aps.empty(), "CellFreeCpu: no AP: expected at least one");
    const std::initializer_list<std::pair<const char*, Ptr<Object>>> parts{
        {"Mac", m_mac},
        {"Policy", m_policy},
        {"DownlinkScheduler", m_downlinkScheduler},
        {"UplinkScheduler", m_uplinkScheduler},
        {"Clustering", m_clustering},
        {"Csi", m_csi},
        {"LinkAdaptation", m_linkAdaptation},
        {"Combining", m_uplinkCombining},
        {"Fronthaul", m_fronthaul},
        {"Sensing", m_sensing},
    };
    for (const auto& [name, part] : parts)
    {
        NS_ABORT_MSG_IF(!part, "CellFreeCpu::" << name << " is null: expected an object");
    }
    // What was set since the installation knows neither the channel nor the UEs.
    m_csi->SetChannel(m_link->GetChannelModel());
    m_linkAdaptation->SetErrorModel(m_link->GetErrorModel());
    m_fronthaul->SetLink(m_link);
    m_linkAdaptation->SetNLinks(2 * m_lastBeams.size());
    if (m_firstStream >= 0)
    {
        AssignStreams(m_firstStream);
    }
    const auto frame = m_link->GetFrame();
    frame->Initialize();
    frame->RequirePilots(m_csi->GetPilotLength(), m_csi->GetInstanceTypeId().GetName());
    UpdateDwellSymbols();
    for (const auto& [name, part] : parts)
    {
        part->Initialize();
    }
    m_link->Initialize();
    if (m_policy->Learns())
    {
        m_sensing->TraceConnectWithoutContext("Dwell", MakeCallback(&CellFreeCpu::NoteDwell, this));
    }
    Object::DoInitialize();
}

void
CellFreeCpu::DoDispose()
{
    // The parts are not disposed of: a user may share one among CPUs.
    if (m_mac)
    {
        m_mac->Dispose();
    }
    m_mac = nullptr;
    m_link = nullptr;
    m_policy = nullptr;
    m_downlinkScheduler = nullptr;
    m_uplinkScheduler = nullptr;
    m_clustering = nullptr;
    m_csi = nullptr;
    m_linkAdaptation = nullptr;
    m_uplinkCombining = nullptr;
    m_fronthaul = nullptr;
    m_sensing = nullptr;
    Object::DoDispose();
}

void
CellFreeCpu::SetLink(Ptr<CellFreeLink> link)
{
    m_link = link;
    m_csi->SetChannel(link->GetChannelModel());
    m_sensing->SetChannel(link->GetChannelModel(), m_aps);
}

Ptr<CellFreeLink>
CellFreeCpu::GetLink() const
{
    return m_link;
}

void
CellFreeCpu::AddAp(uint32_t ap)
{
    m_aps.push_back(ap);
    m_sensing->SetChannel(m_link->GetChannelModel(), m_aps);
}

const std::vector<uint32_t>&
CellFreeCpu::GetAps() const
{
    return m_aps;
}

void
CellFreeCpu::AddUe(uint32_t ue, Ptr<CellFreeUeNetDevice> device)
{
    m_mac->AddUe(ue, device);
    m_linkAdaptation->SetNLinks(2 * (ue + 1));
    m_lastBeams.resize(ue + 1);
    m_bufferStatus.resize(ue + 1);
}

void
CellFreeCpu::AddTarget(uint32_t target)
{
    m_sensing->AddTarget(target);
}

void
CellFreeCpu::SetGrantDelay(uint32_t slots)
{
    cellfree::RefuseDuringRun(*this, "GrantDelay");
    m_grantDelay = slots;
}

uint32_t
CellFreeCpu::GetGrantDelay() const
{
    return m_grantDelay;
}

Ptr<CellFreeMac>
CellFreeCpu::GetMac() const
{
    return m_mac;
}

Ptr<CellFreeBeamformingPolicy>
CellFreeCpu::GetPolicy() const
{
    return m_policy;
}

Ptr<CellFreeSensing>
CellFreeCpu::GetSensing() const
{
    return m_sensing;
}

Ptr<CellFreeCsi>
CellFreeCpu::GetCsi() const
{
    return m_csi;
}

Ptr<CellFreeClustering>
CellFreeCpu::GetClustering() const
{
    return m_clustering;
}

Ptr<CellFreeLinkAdaptation>
CellFreeCpu::GetLinkAdaptation() const
{
    return m_linkAdaptation;
}

Ptr<CellFreeFronthaul>
CellFreeCpu::GetFronthaul() const
{
    return m_fronthaul;
}

double
CellFreeCpu::GetSensingWeight() const
{
    return m_policy->UsesSensingWeight() ? m_sensingWeight
                                         : std::numeric_limits<double>::quiet_NaN();
}

void
CellFreeCpu::AssignStreams(int64_t first)
{
    NS_LOG_FUNCTION(this << first);
    m_firstStream = first;
    m_mac->AssignStreams(first);
    m_csi->AssignStreams(first);
    m_sensing->AssignStreams(first, m_mac->GetCpuDevice()->GetNode()->GetId());
    const auto stream = GetCellFreeStream(first,
                                          CELL_FREE_STREAM_SCHEDULER,
                                          m_mac->GetCpuDevice()->GetNode()->GetId());
    const auto used = m_downlinkScheduler->AssignStreams(stream);
    m_uplinkScheduler->AssignStreams(stream + used);
}

void
CellFreeCpu::BeginSlot(uint64_t slot)
{
    m_presentSlot = slot;
    m_mac->FinishSlot(slot == 0 ? 0 : slot - 1);
    m_linkAdaptation->BeginSlot(slot);
    const auto& frame = *m_link->GetFrame();
    m_dataSymbols = m_link->GetDataSymbols(slot);
    if (m_link->GetChannelModel()->GetBandwidth() != m_dwellBandwidth) // it was set
    {
        UpdateDwellSymbols();
    }
    m_sensing->SetSlotSymbols(frame.GetIlluminatingSymbols(m_dwellBandwidth, slot));
    if (frame.HasPilots(slot))
    {
        m_sounding = m_aps;
        m_fronthaul->CollectPilots(slot, m_sounding);
        m_csi->Sound(m_sounding, m_mac->GetUes());
    }
    m_clustering->Update(*m_csi, m_aps, m_mac->GetUes());
    m_sensing->BeginSlot(m_link->GetSlotStart(slot));
}

void
CellFreeCpu::UpdateDwellSymbols()
{
    const auto& frame = *m_link->GetFrame();
    m_dwellBandwidth = m_link->GetChannelModel()->GetBandwidth();
    const auto dwell = m_sensing->GetSchedule()->GetShortestDwell();
    m_sensing->SetDwellSymbols(frame.CountIlluminatingSymbols(m_dwellBandwidth, dwell),
                               frame.CountDownlinkSlots(dwell));
}

void
CellFreeCpu::EndSlot()
{
    m_mac->UpdateDeviceQueues();
}

void
CellFreeCpu::FindCandidates(uint64_t slot, bool isUplink)
{
    m_candidates.clear();
    for (uint32_t ue : m_mac->GetUes())
    {
        const auto& bearer = m_mac->GetBearer(ue, isUplink);
        const auto& status = m_bufferStatus[ue];
        const bool hasRetransmission =
            bearer.GetRetransmission(slot) && !(isUplink && status.HasRepetition());
        if (isUplink ? !hasRetransmission && status.GetBytes() == 0 : !bearer.HasData(slot))
        {
            continue;
        }
        const auto& serving = GetServingAps(ue);
        const double txPower = isUplink ? GetUplinkPower(ue) : 0.0;
        const double alone = isUplink ? m_csi->GetUplinkSnr(serving, ue, txPower)
                                      : m_csi->GetDownlinkSnr(serving, ue);
        const double snr = m_link->GetImpairedSinr(alone, isUplink);
        // A UE that not even the lowest MCS reaches alone would only cost the others power.
        if (m_linkAdaptation->SelectMcsFlat(GetAdaptationLink(ue, isUplink), snr, m_dataSymbols) >=
            0)
        {
            const uint64_t bytes = isUplink ? status.GetBytes() : bearer.GetQueuedBytes();
            m_candidates.emplace_back();
            auto& candidate = m_candidates.back();
            candidate.ue = ue;
            candidate.queuedBytes = static_cast<uint32_t>(bytes);
            candidate.hasRetransmission = hasRetransmission;
            candidate.snr = snr;
            candidate.rate = alone; // see below
            candidate.headOfLineDelay = bearer.GetHeadOfLineDelay(Simulator::Now());
            candidate.priority = bearer.GetPriority();
        }
    }
    // In the downlink, those who share a slot share the power of the APs.
    const double nSharing =
        isUplink ? 1.0 : std::min<double>(m_candidates.size(), m_link->GetMaxStreams());
    for (auto& candidate : m_candidates)
    {
        candidate.rate =
            std::log2(1.0 + m_link->GetImpairedSinr(candidate.rate / nSharing, isUplink));
    }
}

void
CellFreeCpu::InformScheduler(CellFreeScheduler& scheduler, bool isUplink)
{
    if (!scheduler.NeedsChannels())
    {
        return;
    }
    m_candidateUes.clear();
    for (const auto& candidate : m_candidates)
    {
        m_candidateUes.push_back(candidate.ue);
    }
    m_candidateProblems.resize(m_link->GetChannelModel()->GetNBands());
    for (uint32_t band = 0; band < m_candidateProblems.size(); ++band)
    {
        auto& problem = m_candidateProblems[band];
        m_csi->GetProblem(m_aps, m_candidateUes, m_noTargets, problem, band);
        m_clustering->GetServing(m_aps, m_candidateUes, problem.serving);
    }
    scheduler.SetChannels(m_candidateProblems);
}

const std::vector<uint32_t>&
CellFreeCpu::GetServingAps(uint32_t ue)
{
    m_oneUe.assign(1, ue);
    m_clustering->GetServing(m_aps, m_oneUe, m_oneMask);
    if (m_oneMask.size() == 0)
    {
        return m_aps;
    }
    m_servingAps.clear();
    for (std::size_t m = 0; m < m_aps.size(); ++m)
    {
        if (m_oneMask(m, 0))
        {
            m_servingAps.push_back(m_aps[m]);
        }
    }
    return m_servingAps;
}

const CellFreeSlotPlan*
CellFreeCpu::GetPlan(uint64_t slot)
{
    const auto& frame = *m_link->GetFrame();
    const uint64_t granted = slot + m_grantDelay;
    if (frame.IsUplink(granted) || frame.IsUplink(slot))
    {
        UpdateBufferStatus(slot);
    }
    if (frame.IsUplink(granted))
    {
        m_dataSymbols = m_link->GetDataSymbols(granted);
        m_uplinkPlans.PushBack(GrantUplink(granted));
        m_dataSymbols = m_link->GetDataSymbols(slot);
    }
    if (frame.IsUplink(slot))
    {
        return ReceiveUplink(slot);
    }
    Decide(slot);
    while (!m_plans.IsEmpty() && m_plans[0].slot < slot)
    {
        m_spare.push_back(m_plans.TakeFront());
    }
    if (m_plans.IsEmpty() || m_plans[0].slot != slot)
    {
        return nullptr;
    }
    auto& plan = m_plans[0];
    // Some may have left since the decision.
    const auto& channel = *m_link->GetChannelModel();
    plan.KeepOnly([this](uint32_t ue) { return m_mac->HasUe(ue); },
                  [&channel](const CellFreeAim& aim) {
                      return aim.kind != CellFreeAim::TARGET || channel.HasTarget(aim.id);
                  });
    return &plan;
}

void
CellFreeCpu::DropPlansFrom(uint64_t slot)
{
    while (!m_plans.IsEmpty() && m_plans[m_plans.GetSize() - 1].slot >= slot)
    {
        m_spare.push_back(m_plans.TakeBack());
    }
}

CellFreeSlotPlan
CellFreeCpu::TakeSparePlan(std::vector<CellFreeSlotPlan>& spare, uint64_t slot)
{
    CellFreeSlotPlan plan;
    if (!spare.empty())
    {
        plan = std::move(spare.back());
        spare.pop_back();
    }
    plan.slot = slot;
    plan.nSilent = 0;
    return plan;
}

void
CellFreeCpu::Decide(uint64_t slot)
{
    const auto& frame = *m_link->GetFrame();
    const uint64_t decided = frame.GetDownlinkSlot(slot, m_decisionDelay);
    const uint32_t transferDelay = m_fronthaul->GetDelay(decided);
    const uint64_t effect = frame.GetDownlinkSlot(decided, transferDelay);
    // Aims are those of the slot in which the beams take effect.
    m_sensing->GetDueAims(m_link->GetSlotStart(effect), m_dueAims);
    if (AreBeamsValid())
    {
        RepeatDecision(slot, effect);
        return;
    }
    m_lastPlanUses = 0;
    auto plan = TakeSparePlan(m_spare, effect);
    plan.hasNewBeams = true;
    plan.aims = m_dueAims;
    plan.isListening = m_sensing->IsListening(m_link->GetSlotStart(effect));
    FindCandidates(slot, false);
    const uint32_t nTaken = m_areTargetsCounted ? plan.aims.size() : 0;
    InformScheduler(*m_downlinkScheduler, false);
    m_downlinkScheduler->Select(m_candidates,
                                m_link->GetMaxStreams() - std::min(m_link->GetMaxStreams(), nTaken),
                                plan.ues);
    if (plan.IsEmpty())
    {
        QueuePlan(std::move(plan));
        return;
    }
    auto cost = ComputePlan(slot, plan);
    // Where so many UEs share the slot that not one can be reached, or no AP gets their streams,
    // fewer have to; some policies serve none at all.
    while (plan.ues.size() > 1 && plan.believedSinr.maxCoeff() > 0.0 &&
           !(CarriesData(slot, plan) && m_fronthaul->CanCarry(plan)))
    {
        m_downlinkScheduler->Select(m_candidates, plan.ues.size() / 2, plan.ues);
        const auto again = ComputePlan(slot, plan);
        cost.iterations += again.iterations;
        cost.seconds += again.seconds;
    }
    KeepBeams(plan);
    if (m_beamUpdatePeriod > 1)
    {
        m_lastPlan = plan;
        m_lastPlanUses = 1;
    }
    const uint32_t late = Transfer(plan);
    if (plan.nSilent > 0)
    {
        // Who sends knows what it could not send.
        Believe(plan);
    }
    TraceDecision(slot, plan, m_decisionDelay + transferDelay + late, cost);
    QueuePlan(std::move(plan));
}

uint32_t
CellFreeCpu::Transfer(CellFreeSlotPlan& plan)
{
    const uint32_t late = m_fronthaul->Transfer(plan);
    if (late > 0)
    {
        plan.slot = m_link->GetFrame()->GetDownlinkSlot(plan.slot, late);
        plan.symbols.assign(plan.ues.size(), m_link->GetDataSymbols(plan.slot));
    }
    return late;
}

void
CellFreeCpu::QueuePlan(CellFreeSlotPlan plan)
{
    // A newer plan takes the place of an older one for the same slot or a later one.
    DropPlansFrom(plan.slot);
    if (plan.nSilent > 0)
    {
        plan.DropUnserved();
    }
    if (plan.IsEmpty())
    {
        m_spare.push_back(std::move(plan));
        return;
    }
    m_plans.PushBack(std::move(plan));
}

bool
CellFreeCpu::AreBeamsValid() const
{
    return m_lastPlanUses > 0 && m_lastPlanUses < m_beamUpdatePeriod &&
           m_lastPlan.HasAims(m_dueAims);
}

void
CellFreeCpu::RepeatDecision(uint64_t slot, uint64_t effect)
{
    ++m_lastPlanUses;
    auto plan = TakeSparePlan(m_spare, effect);
    plan = m_lastPlan;
    plan.slot = effect;
    plan.hasNewBeams = false;
    plan.KeepOnly(
        [this, slot](uint32_t ue) {
            return m_mac->HasUe(ue) && m_mac->GetBearer(ue, false).HasData(slot);
        },
        [](const CellFreeAim& /* aim */) { return true; });
    if (!plan.IsEmpty())
    {
        plan.symbols.assign(plan.ues.size(), m_link->GetDataSymbols(effect));
        SelectMcs(plan);
        Transfer(plan);
    }
    QueuePlan(std::move(plan));
}

CellFreeBeamformingPolicy::Cost
CellFreeCpu::ComputePlan(uint64_t slot, CellFreeSlotPlan& plan)
{
    const uint32_t nBands = m_link->GetChannelModel()->GetNBands();
    m_sensing->GetRoles(m_link->GetSlotStart(plan.slot), plan.aims, plan.aps, plan.receivers);
    m_clustering->GetServing(plan.aps, plan.ues, plan.serving);
    if (plan.receivers.empty())
    {
        plan.KeepServingAps();
    }
    plan.ListToldTargets(m_toldTargets);
    m_problems.resize(nBands);
    plan.beams.resize(nBands);
    plan.symbols.assign(plan.ues.size(), m_link->GetDataSymbols(plan.slot));
    for (uint32_t band = 0; band < nBands; ++band)
    {
        auto& problem = m_problems[band];
        m_csi->GetProblem(plan.aps, plan.ues, m_toldTargets, problem, band);
        if (plan.isListening || !plan.receivers.empty())
        {
            // Where the CPU is told of targets, errors of their directions stay.
            m_steering = problem.a;
            m_link->GetChannelModel()->FillAims(plan.aps,
                                                plan.receivers,
                                                plan.aims,
                                                problem,
                                                band,
                                                m_sensing->WidensBeams());
            if (!plan.isListening)
            {
                problem.a = m_steering;
            }
        }
        problem.serving = plan.serving;
        for (std::size_t i = 0; i < plan.ues.size(); ++i)
        {
            problem.weight(i) = m_downlinkScheduler->GetWeight(plan.ues[i]);
        }
        for (std::size_t i = 0; i < plan.aims.size(); ++i)
        {
            problem.sensingWeight(i) = m_sensing->GetWeight(plan.aims[i], m_sensingWeight);
        }
        problem.combiningGain = m_weighCombinedSnr ? m_sensing->GetCombiningGain() : 1.0;
    }
    const auto cost = ComputeBeams(slot, plan);
    Believe(plan);
    return cost;
}

CellFreeBeamformingPolicy::Cost
CellFreeCpu::ComputeBeams(uint64_t slot, CellFreeSlotPlan& plan)
{
    plan.decided = slot;
    if (m_policy->Learns())
    {
        Announce(slot, plan);
    }
    CellFreeBeamformingPolicy::Cost total;
    if (m_policy->AnswersBands())
    {
        total = m_policy->ComputeBands(m_problems, plan.beams);
        EndRunIf(total.error, slot, *m_policy);
        return total;
    }
    for (std::size_t band = 0; band < m_problems.size(); ++band)
    {
        const auto cost = m_policy->ComputeBeams(m_problems[band],
                                                 plan.beams[band],
                                                 CollectPreviousBeams(plan, band));
        EndRunIf(cost.error, slot, *m_policy);
        total.iterations += cost.iterations;
        total.seconds += cost.seconds;
    }
    return total;
}

void
CellFreeCpu::Announce(uint64_t slot, const CellFreeSlotPlan& plan)
{
    m_context.slot = slot;
    m_context.time = m_link->GetSlotStart(slot).GetSeconds();
    m_context.effect = plan.slot;
    const auto channel = m_link->GetChannelModel();
    m_context.ap.clear();
    m_context.ue.clear();
    m_context.target.clear();
    for (uint32_t ap : plan.aps)
    {
        m_context.ap.push_back(channel->GetApId(ap));
    }
    for (uint32_t ue : plan.ues)
    {
        m_context.ue.push_back(channel->GetUeId(ue));
    }
    for (const auto& aim : plan.aims)
    {
        const bool isTold = aim.kind == CellFreeAim::TARGET;
        m_context.target.push_back(isTold ? channel->GetTargetId(aim.id) : -1);
    }
    m_policy->Announce(m_context);
}

void
CellFreeCpu::Teach(const CellFreeSlotPlan& plan, const CellFreeSlotOutcome& outcome)
{
    const auto channel = m_link->GetChannelModel();
    m_lesson.decision = plan.decided;
    m_lesson.slot = plan.slot;
    m_lesson.time = m_link->GetSlotStart(plan.slot).GetSeconds();
    m_lesson.ap.clear();
    m_lesson.target.clear();
    for (uint32_t ap : plan.aps)
    {
        m_lesson.ap.push_back(channel->GetApId(ap));
    }
    for (uint32_t target : outcome.targets)
    {
        m_lesson.target.push_back(channel->GetTargetId(target));
    }
    m_lesson.sinr = outcome.sinr;
    m_lesson.believedSinr = plan.believedSinr;
    m_lesson.sensingSnr = outcome.sensingSnr;
    m_lesson.echoPower = outcome.echoPower;
    EndRunIf(m_policy->Learn(m_lesson), plan.slot, *m_policy);
    m_lesson.dwells.clear();
}

void
CellFreeCpu::NoteDwell(const CellFreeDwell& dwell)
{
    m_lesson.dwells.push_back({dwell.targetId,
                               dwell.start.GetSeconds(),
                               dwell.end.GetSeconds(),
                               dwell.snr,
                               dwell.combinedSnr,
                               dwell.pd,
                               dwell.isDetected});
}

void
CellFreeCpu::Believe(CellFreeSlotPlan& plan)
{
    const uint32_t nBands = plan.beams.size();
    plan.bandSinr.resize(nBands, plan.ues.size());
    plan.aimPower.setZero(plan.aps.size(), plan.aims.size());
    m_believedSensingSnr = 0.0;
    for (uint32_t band = 0; band < nBands; ++band)
    {
        m_metrics.Evaluate(m_problems[band], plan.beams[band]);
        m_believedSensingSnr += m_metrics.GetSensingSnr().sum() / nBands;
        plan.aimPower += m_metrics.GetEchoPower();
        for (std::size_t i = 0; i < plan.ues.size(); ++i)
        {
            plan.bandSinr(band, i) = m_link->GetImpairedSinr(m_metrics.GetSinr()(i), false);
        }
    }
    SelectMcs(plan);
}

void
CellFreeCpu::SelectMcs(CellFreeSlotPlan& plan) const
{
    plan.mcs.clear();
    plan.believedSinr.resize(plan.ues.size());
    for (std::size_t i = 0; i < plan.ues.size(); ++i)
    {
        const auto sinr = plan.bandSinr.col(i);
        plan.mcs.push_back(
            m_linkAdaptation->SelectMcs(GetAdaptationLink(plan.ues[i], plan.isUplink),
                                        sinr,
                                        plan.symbols[i]));
        plan.believedSinr(i) =
            m_link->GetErrorModel()->GetEffectiveSinr(std::max(plan.mcs[i], 0), sinr);
    }
}

bool
CellFreeCpu::CarriesData(uint64_t slot, const CellFreeSlotPlan& plan) const
{
    for (std::size_t i = 0; i < plan.ues.size(); ++i)
    {
        if (plan.mcs[i] >= 0 || m_mac->GetBearer(plan.ues[i], false).GetRetransmission(slot))
        {
            return true;
        }
    }
    return false;
}

void
CellFreeCpu::TraceDecision(uint64_t slot,
                           const CellFreeSlotPlan& plan,
                           uint32_t delay,
                           const CellFreeBeamformingPolicy::Cost& cost)
{
    CellFreeDecision decision;
    decision.time = m_link->GetSlotStart(slot);
    decision.slot = slot;
    decision.delay = delay;
    decision.policy = m_policy->GetInstanceTypeId();
    decision.nAps = plan.aps.size();
    decision.nUes = plan.ues.size();
    decision.nTargets = plan.aims.size();
    const uint32_t nBands = plan.beams.size();
    for (double sinr : plan.bandSinr.reshaped())
    {
        decision.sumRate += std::log2(1.0 + sinr) / nBands;
    }
    decision.minSinr = decision.nUes > 0 ? plan.bandSinr.minCoeff() : 0.0;
    decision.sensingSnr = m_believedSensingSnr;
    for (uint32_t m = 0; m < decision.nAps; ++m)
    {
        double load = 0.0;
        for (uint32_t band = 0; band < nBands; ++band)
        {
            load += cellfree::GetApPower(plan.beams[band], m) / m_problems[band].power(m);
        }
        decision.maxLoad = std::max(decision.maxLoad, load / nBands);
    }
    decision.cost = cost;
    NS_LOG_LOGIC("slot " << slot << ": " << decision.nUes << " UEs, " << decision.nTargets
                         << " targets, for slot " << plan.slot);
    m_decisionTrace(decision);
    for (decision.band = 0; decision.band < nBands; ++decision.band)
    {
        m_beamsTrace(decision, m_problems[decision.band], plan);
    }
}

void
CellFreeCpu::KeepBeams(const CellFreeSlotPlan& plan)
{
    if (plan.aps.size() != m_aps.size())
    {
        return; // rows of beams are those of all APs
    }
    const auto keep = [&plan](Eigen::Index stream, Eigen::MatrixXcd& beam) {
        beam.resize(plan.beams[0].f.rows(), plan.beams.size());
        for (std::size_t band = 0; band < plan.beams.size(); ++band)
        {
            beam.col(band) = plan.beams[band].f.col(stream);
        }
    };
    for (std::size_t i = 0; i < plan.ues.size(); ++i)
    {
        keep(i, m_lastBeams[plan.ues[i]]);
    }
    if (!plan.aims.empty())
    {
        // Tracks and places to search come and go; targets stay.
        m_lastSensingBeams.erase(
            std::remove_if(m_lastSensingBeams.begin(),
                           m_lastSensingBeams.end(),
                           [](const auto& last) { return last.first.kind != CellFreeAim::TARGET; }),
            m_lastSensingBeams.end());
    }
    for (std::size_t i = 0; i < plan.aims.size(); ++i)
    {
        auto last = FindLastBeam(plan.aims[i]);
        if (last == m_lastSensingBeams.end())
        {
            last = m_lastSensingBeams.insert(last, {plan.aims[i], {}});
        }
        keep(plan.ues.size() + i, last->second);
    }
}

std::vector<std::pair<CellFreeAim, Eigen::MatrixXcd>>::iterator
CellFreeCpu::FindLastBeam(const CellFreeAim& aim)
{
    return std::find_if(m_lastSensingBeams.begin(),
                        m_lastSensingBeams.end(),
                        [&aim](const auto& last) { return last.first.IsAboutSame(aim); });
}

const IsacBeams*
CellFreeCpu::CollectPreviousBeams(const CellFreeSlotPlan& plan, uint32_t band)
{
    if (plan.aps.size() != m_aps.size())
    {
        return nullptr;
    }
    m_previous.Resize(m_problems[band]);
    Eigen::Index stream = 0;
    auto add = [this, &stream, band](const Eigen::MatrixXcd& beam) {
        if (beam.rows() != m_previous.f.rows())
        {
            return false;
        }
        m_previous.f.col(stream++) = beam.col(band);
        return true;
    };
    for (uint32_t ue : plan.ues)
    {
        if (!add(m_lastBeams[ue]))
        {
            return nullptr;
        }
    }
    for (const auto& aim : plan.aims)
    {
        const auto last = FindLastBeam(aim);
        if (last == m_lastSensingBeams.end() || !add(last->second))
        {
            return nullptr;
        }
    }
    return &m_previous;
}

void
CellFreeCpu::UpdateBufferStatus(uint64_t slot)
{
    const bool canRequest = m_link->GetFrame()->IsUplink(slot);
    for (uint32_t ue : m_mac->GetUes())
    {
        m_bufferStatus[ue].Update(slot,
                                  GetWaitingBytes(m_mac->GetBearer(ue, true)),
                                  m_bufferStatusDelay,
                                  canRequest);
    }
}

double
CellFreeCpu::GetUplinkPower(uint32_t ue)
{
    const auto device = m_mac->GetUeDevice(ue);
    if (!device->HasPowerControl())
    {
        return device->GetTxPowerWatts();
    }
    auto& channel = *m_link->GetChannelModel();
    double gain = 0.0;
    for (uint32_t ap : GetServingAps(ue))
    {
        gain += channel.GetMeanGain(ap, ue);
    }
    const auto& frame = *m_link->GetFrame();
    return device->GetControlledPowerWatts(gain,
                                           frame.GetResourceBlocks(channel.GetBandwidth()),
                                           frame.GetSubcarrierSpacing());
}

CellFreeSlotPlan
CellFreeCpu::GrantUplink(uint64_t slot)
{
    auto plan = TakeSparePlan(m_uplinkSpare, slot);
    plan.isUplink = true;
    plan.ues.clear();
    plan.symbols.clear();
    plan.layers.clear();
    plan.mcs.clear();
    FindCandidates(slot, true);
    m_isRepetition.clear();
    m_room.assign(m_link->GetMaxUplinkStreams(),
                  m_fronthaul->LimitUplink(slot, m_aps, m_dataSymbols));
    // What a UE leaves of its layer goes to the next in turn, as long as there is one.
    std::size_t before = 0;
    do
    {
        before = m_candidates.size();
        FillLayers(plan);
    } while (m_candidates.size() < before && !m_candidates.empty());
    if (plan.ues.empty())
    {
        return plan;
    }
    ServeUplink(plan);
    if (plan.nSilent > 0)
    {
        // Whom no AP can pass on does not send.
        plan.mcs.assign(plan.ues.size(), -1);
        plan.believedSinr.setZero(plan.ues.size());
        plan.bandSinr.setZero(0, plan.ues.size());
        plan.txPower.setZero(plan.ues.size());
        plan.beams.clear();
        std::size_t kept = 0;
        for (std::size_t i = 0; i < plan.ues.size(); ++i)
        {
            m_isRepetition[kept] = m_isRepetition[i];
            kept += plan.CountServingAps(i) > 0 ? 1 : 0;
        }
        plan.DropUnserved();
        if (plan.ues.empty())
        {
            return plan;
        }
    }
    CombineUplink(plan);
    SelectMcs(plan);
    for (std::size_t i = 0; i < plan.ues.size(); ++i)
    {
        const uint32_t bytes =
            m_isRepetition[i] || plan.mcs[i] < 0
                ? 0
                : m_link->GetErrorModel()->GetBlockBytes(plan.mcs[i], plan.symbols[i]);
        m_bufferStatus[plan.ues[i]].NotifyGrant(slot, bytes, m_isRepetition[i]);
    }
    return plan;
}

void
CellFreeCpu::ServeUplink(CellFreeSlotPlan& plan)
{
    plan.aps = m_aps;
    m_clustering->GetServing(m_aps, plan.ues, plan.serving);
    plan.KeepServingAps();
    plan.nSilent = 0;
    if (plan.slot == m_presentSlot)
    {
        m_fronthaul->Collect(plan);
    }
}

void
CellFreeCpu::CombineUplink(CellFreeSlotPlan& plan)
{
    auto& channel = *m_link->GetChannelModel();
    const Eigen::Index nUes = plan.ues.size();
    plan.txPower.resize(nUes);
    for (Eigen::Index i = 0; i < nUes; ++i)
    {
        plan.txPower(i) = GetUplinkPower(plan.ues[i]);
    }
    m_uplink.power = plan.txPower;
    m_uplink.noise = channel.GetApNoise();
    m_uplink.serving = plan.serving;
    cellfree::ComputeUplinkOverlap(plan, m_link->GetDataSymbols(plan.slot), m_uplink.overlap);
    const uint32_t nBands = channel.GetNBands();
    plan.beams.resize(nBands);
    plan.bandSinr.resize(nBands, nUes);
    for (uint32_t band = 0; band < nBands; ++band)
    {
        auto& problem = m_uplinkProblem;
        m_csi->GetProblem(plan.aps, plan.ues, m_noTargets, problem, band);
        m_uplink.nAntennas = problem.nAntennas;
        m_uplink.h.swap(problem.h);
        m_uplink.errorVariance.swap(problem.errorVariance);
        plan.beams[band].nAntennas = problem.nAntennas;
        m_uplinkCombining->Combine(plan.ues, m_uplink, plan.beams[band].f);
        plan.bandSinr.row(band) = m_combining.ComputeSinr(m_uplink, plan.beams[band].f).transpose();
    }
    for (auto& sinr : plan.bandSinr.reshaped())
    {
        sinr = m_link->GetImpairedSinr(sinr, true);
    }
}

const CellFreeSlotPlan*
CellFreeCpu::ReceiveUplink(uint64_t slot)
{
    while (!m_uplinkPlans.IsEmpty() && m_uplinkPlans[0].slot < slot)
    {
        m_uplinkSpare.push_back(m_uplinkPlans.TakeFront());
    }
    if (m_uplinkPlans.IsEmpty() || m_uplinkPlans[0].slot != slot)
    {
        return nullptr;
    }
    auto& plan = m_uplinkPlans[0];
    if (m_grantDelay == 0 || plan.ues.empty())
    {
        return &plan;
    }
    // Since the grant, some may have left, and a block may have failed that is larger than what was
    // granted for another one.
    m_late.clear();
    for (std::size_t i = 0; i < plan.ues.size(); ++i)
    {
        if (!m_mac->HasUe(plan.ues[i]))
        {
            m_late.push_back(plan.ues[i]);
            continue;
        }
        const auto& bearer = m_mac->GetBearer(plan.ues[i], true);
        const auto* block = bearer.GetRetransmission(slot);
        if (block && block->nSymbols > plan.symbols[i])
        {
            m_late.push_back(plan.ues[i]);
            m_bufferStatus[plan.ues[i]].NotifySent(slot, GetWaitingBytes(bearer));
        }
    }
    plan.KeepOnly(
        [this](uint32_t ue) { return std::find(m_late.begin(), m_late.end(), ue) == m_late.end(); },
        [](const CellFreeAim& /* aim */) { return false; });
    if (!plan.ues.empty())
    {
        ServeUplink(plan);
        CombineUplink(plan);
    }
    return &plan;
}

void
CellFreeCpu::FillLayers(CellFreeSlotPlan& plan)
{
    const uint32_t quantum = m_link->GetFrame()->GetBlockSymbols(plan.slot);
    const uint32_t nOpen = std::count_if(m_room.begin(), m_room.end(), [quantum](uint32_t symbols) {
        return symbols >= quantum;
    });
    if (nOpen == 0)
    {
        return;
    }
    InformScheduler(*m_uplinkScheduler, true);
    m_uplinkScheduler->Select(m_candidates, nOpen, m_chosen);
    for (uint32_t ue : m_chosen)
    {
        const auto candidate = std::find_if(m_candidates.begin(),
                                            m_candidates.end(),
                                            [ue](const auto& entry) { return entry.ue == ue; });
        const auto* block = candidate->hasRetransmission
                                ? m_mac->GetBearer(ue, true).GetRetransmission(plan.slot)
                                : nullptr;
        uint64_t need = 0;
        if (block)
        {
            need = block->nSymbols;
        }
        else
        {
            // Alone it could have this MCS; where others make it a lower one, the rest waits.
            const int mcs = m_linkAdaptation->SelectMcsFlat(GetAdaptationLink(ue, true),
                                                            candidate->snr,
                                                            m_dataSymbols);
            need =
                m_link->GetErrorModel()->GetBlockSymbols(std::max(0, mcs), candidate->queuedBytes);
        }
        m_candidates.erase(candidate);
        need = std::min<uint64_t>((need + quantum - 1) / quantum * quantum, m_dataSymbols);
        const auto layer = std::max_element(m_room.begin(), m_room.end());
        // A block that is sent again has the size that it has.
        if (*layer < quantum || (block && *layer < need))
        {
            continue;
        }
        const uint32_t symbols = std::min<uint64_t>(need, *layer);
        *layer -= symbols;
        plan.ues.push_back(ue);
        plan.symbols.push_back(symbols);
        plan.layers.push_back(layer - m_room.begin());
        m_isRepetition.push_back(block != nullptr);
    }
}

void
CellFreeCpu::Receive(const CellFreeSlotPlan& plan, const CellFreeSlotOutcome& outcome)
{
    m_outcomeTrace(plan, outcome);
    auto& scheduler = plan.isUplink ? *m_uplinkScheduler : *m_downlinkScheduler;
    const bool isLesson = !plan.isUplink && m_policy->Learns();
    if (isLesson)
    {
        m_lesson.ue.clear();
        m_lesson.mcs.clear();
        m_lesson.blockBytes.clear();
        m_lesson.isDecoded.clear();
    }
    for (std::size_t i = 0; i < plan.ues.size(); ++i)
    {
        const uint32_t ue = plan.ues[i];
        const auto sent = m_mac->Transmit(ue,
                                          plan.isUplink,
                                          plan.slot,
                                          plan.mcs[i],
                                          plan.symbols[i],
                                          outcome.sinr.col(i),
                                          *m_link->GetErrorModel());
        m_linkAdaptation->ReportSinr(GetAdaptationLink(ue, plan.isUplink),
                                     plan.slot,
                                     outcome.sinr.col(i));
        if (sent.transmission == 1)
        {
            m_linkAdaptation->ReportFirstTransmission(GetAdaptationLink(ue, plan.isUplink),
                                                      sent.isDecoded);
        }
        scheduler.NotifyServed(ue, sent.bytes, sent.isDecoded);

        CellFreeUeSample sample;
        sample.time = m_link->GetSlotStart(plan.slot);
        sample.slot = plan.slot;
        sample.isUplink = plan.isUplink;
        sample.ueId = m_mac->GetUeDevice(ue)->GetNode()->GetId();
        sample.nServingAps = plan.CountServingAps(i);
        sample.believedSinr = plan.believedSinr(i);
        sample.sinr = sent.sinr;
        sample.mcs = sent.mcs;
        sample.blockBytes = sent.bytes;
        sample.transmission = sent.transmission;
        sample.isDecoded = sent.isDecoded;
        sample.queuedBytes = m_mac->GetBearer(ue, plan.isUplink).GetQueuedBytes();
        m_ueTrace(sample);
        if (isLesson)
        {
            m_lesson.ue.push_back(sample.ueId);
            m_lesson.mcs.push_back(sample.mcs);
            m_lesson.blockBytes.push_back(sample.blockBytes);
            m_lesson.isDecoded.push_back(sample.isDecoded);
        }
        if (plan.isUplink)
        {
            m_bufferStatus[ue].NotifySent(plan.slot, GetWaitingBytes(m_mac->GetBearer(ue, true)));
        }
    }
    if (plan.isListening)
    {
        m_sensing->AddBelief(plan.aims, plan.aps, plan.aimPower);
    }
    for (std::size_t i = 0; i < outcome.targets.size(); ++i)
    {
        m_sensing->AddEcho(outcome.targets[i],
                           plan.aps,
                           outcome.echoPower.col(i),
                           outcome.sensingSnr(i));
    }
    if (isLesson)
    {
        Teach(plan, outcome);
    }
}

uint32_t
CellFreeCpu::GetAdaptationLink(uint32_t ue, bool isUplink)
{
    return 2 * ue + (isUplink ? 1 : 0);
}

} // namespace ns3
