// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-link.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-streams.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeLink);

namespace
{

/// A hardware address as a number, for the look-up table.
uint64_t
ToKey(const Address& address)
{
    uint8_t bytes[6];
    Mac48Address::ConvertFrom(address).CopyTo(bytes);
    uint64_t key = 0;
    for (uint8_t byte : bytes)
    {
        key = key << 8 | byte;
    }
    return key;
}

/// True for broadcast and multicast addresses.
bool
IsGroupAddress(const Address& address)
{
    return Mac48Address::ConvertFrom(address).IsGroup();
}

} // namespace

TypeId
CellFreeLink::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeLink")
            .SetParent<Channel>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeLink>()
            .AddAttribute("ChannelModel",
                          "Channels between APs, UEs and targets.",
                          PointerValue(),
                          MakePointerAccessor(&CellFreeLink::m_channel),
                          MakePointerChecker<CellFreeChannelModel>())
            .AddAttribute("Frame",
                          "The TDD frame.",
                          StringValue("ns3::CellFreeFrame"),
                          MakePointerAccessor(&CellFreeLink::m_frame),
                          MakePointerChecker<CellFreeFrame>())
            .AddAttribute("Policy",
                          "The beamforming policy.",
                          PointerValue(),
                          MakePointerAccessor(&CellFreeLink::m_policy),
                          MakePointerChecker<CellFreeBeamformingPolicy>())
            .AddAttribute("DownlinkScheduler",
                          "Chooses the UEs of a downlink slot.",
                          StringValue("ns3::CellFreeRoundRobinScheduler"),
                          MakePointerAccessor(&CellFreeLink::m_downlinkScheduler),
                          MakePointerChecker<CellFreeScheduler>())
            .AddAttribute("UplinkScheduler",
                          "Chooses the UEs of an uplink slot.",
                          StringValue("ns3::CellFreeRoundRobinScheduler"),
                          MakePointerAccessor(&CellFreeLink::m_uplinkScheduler),
                          MakePointerChecker<CellFreeScheduler>())
            .AddAttribute("LinkAdaptation",
                          "Chooses the MCS.",
                          StringValue("ns3::CellFreeLinkAdaptation"),
                          MakePointerAccessor(&CellFreeLink::m_linkAdaptation),
                          MakePointerChecker<CellFreeLinkAdaptation>())
            .AddAttribute("Sensing",
                          "Decides when targets are illuminated and what their echoes say.",
                          StringValue("ns3::CellFreeSensing"),
                          MakePointerAccessor(&CellFreeLink::m_sensing),
                          MakePointerChecker<CellFreeSensing>())
            .AddAttribute("MaxStreams",
                          "UEs that share one downlink slot by spatial multiplexing (at least 1).",
                          UintegerValue(8),
                          MakeUintegerAccessor(&CellFreeLink::m_maxStreams),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("MaxUplinkStreams",
                          "UEs that share one uplink slot by spatial multiplexing (at least 1).",
                          UintegerValue(2),
                          MakeUintegerAccessor(&CellFreeLink::m_maxUplinkStreams),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute(
                "DecisionDelay",
                "Downlink slots from the reading of the channel to the one in which the beams "
                "computed from it take effect (0 to 1000).",
                UintegerValue(0),
                MakeUintegerAccessor(&CellFreeLink::m_decisionDelay),
                MakeUintegerChecker<uint32_t>(0, 1000))
            .AddAttribute("WeighCombinedSnr",
                          "If true, the sensing SNR in the policy's objective (8) is the one after "
                          "combining, N_r L times that of equation (7); if false, that of (7).",
                          BooleanValue(true),
                          MakeBooleanAccessor(&CellFreeLink::m_weighCombinedSnr),
                          MakeBooleanChecker())
            .AddAttribute("MaxQueueBytes",
                          "Bytes that may wait for a first transmission, per UE and direction; "
                          "packets beyond are dropped (at least 2000).",
                          UintegerValue(100000),
                          MakeUintegerAccessor(&CellFreeLink::m_maxQueueBytes),
                          MakeUintegerChecker<uint32_t>(2000))
            .AddAttribute("MaxTransmissions",
                          "Transmissions of a block before it is given up (1 to 32).",
                          UintegerValue(4),
                          MakeUintegerAccessor(&CellFreeLink::m_maxTransmissions),
                          MakeUintegerChecker<uint32_t>(1, 32))
            .AddAttribute("FeedbackSlots",
                          "Slots from a failed transmission to the earliest repetition (1 to 64).",
                          UintegerValue(4),
                          MakeUintegerAccessor(&CellFreeLink::m_feedbackSlots),
                          MakeUintegerChecker<uint32_t>(1, 64))
            .AddAttribute("SegmentHeader",
                          "Bytes of header in front of each part of a packet in a block (0 to 64).",
                          UintegerValue(6),
                          MakeUintegerAccessor(&CellFreeLink::m_segmentHeader),
                          MakeUintegerChecker<uint32_t>(0, 64))
            .AddTraceSource("UeSample",
                            "A stream was sent in one slot, in either direction.",
                            MakeTraceSourceAccessor(&CellFreeLink::m_ueTrace),
                            "ns3::CellFreeLink::UeSampleTracedCallback")
            .AddTraceSource("Decision",
                            "The policy computed beams.",
                            MakeTraceSourceAccessor(&CellFreeLink::m_decisionTrace),
                            "ns3::CellFreeLink::DecisionTracedCallback")
            .AddTraceSource("Beams",
                            "The policy computed beams: the decision, the problem that it saw in "
                            "watts and the beams in sqrt(W), the UEs' streams first; valid during "
                            "the call only, right after the Decision.",
                            MakeTraceSourceAccessor(&CellFreeLink::m_beamsTrace),
                            "ns3::CellFreeLink::BeamsTracedCallback");
    return tid;
}

CellFreeLink::CellFreeLink()
    : m_blockError(CreateObject<UniformRandomVariable>())
{
}

CellFreeLink::~CellFreeLink() = default;

void
CellFreeLink::DoInitialize()
{
    NS_ABORT_MSG_IF(!m_channel || m_channel->GetNAps() == 0,
                    "CellFreeLink::ChannelModel has no AP: expected at least one");
    NS_ABORT_MSG_IF(!m_policy, "CellFreeLink::Policy is not set");
    UpdateBearerSettings();
    m_aps.resize(m_channel->GetNAps());
    std::iota(m_aps.begin(), m_aps.end(), 0);
    m_nSymbols = m_frame->GetDataSymbols(m_channel->GetBandwidth());
    NS_ABORT_MSG_IF(m_nSymbols == 0, "a slot of the frame has no data symbol: expected at least 1");
    m_linkAdaptation->SetNLinks(2 * m_ues.size());
    m_sensing->SetChannel(m_channel, m_aps);
    m_sensing->SetDwellSymbols(m_nSymbols, CountDwellSlots());
    AddNewTargets();
    m_sensing->Initialize();
    m_event = Simulator::ScheduleNow(&CellFreeLink::StartSlot, this);
    Channel::DoInitialize();
}

void
CellFreeLink::DoDispose()
{
    m_event.Cancel();
    m_transmissions.clear();
    m_ues.clear();
    m_cpuDevice = nullptr;
    for (Ptr<Object> part : std::initializer_list<Ptr<Object>>{m_channel,
                                                               m_frame,
                                                               m_policy,
                                                               m_downlinkScheduler,
                                                               m_uplinkScheduler,
                                                               m_linkAdaptation,
                                                               m_sensing})
    {
        if (part)
        {
            part->Dispose();
        }
    }
    m_channel = nullptr;
    m_frame = nullptr;
    m_policy = nullptr;
    m_downlinkScheduler = nullptr;
    m_uplinkScheduler = nullptr;
    m_linkAdaptation = nullptr;
    m_sensing = nullptr;
    m_blockError = nullptr;
    Channel::DoDispose();
}

void
CellFreeLink::SetCpuDevice(Ptr<CellFreeCpuNetDevice> device)
{
    m_cpuDevice = device;
    device->SetLink(this);
}

void
CellFreeLink::AddUeDevice(Ptr<CellFreeUeNetDevice> device)
{
    UpdateBearerSettings();
    const uint32_t index = m_ues.size();
    Ue ue;
    ue.device = device;
    ue.downlink = std::make_unique<CellFreeBearer>(
        m_settings,
        MakeCallback(&CellFreeNetDevice::Receive, PeekPointer(device)),
        MakeCallback(&CellFreeNetDevice::NotifyDrop, PeekPointer(m_cpuDevice)));
    ue.uplink = std::make_unique<CellFreeBearer>(
        m_settings,
        MakeCallback(&CellFreeLink::ReceiveFromUe, this).Bind(index),
        MakeCallback(&CellFreeNetDevice::NotifyDrop, PeekPointer(device)));
    m_ues.push_back(std::move(ue));
    m_ueByAddress[ToKey(device->GetAddress())] = index;
    device->SetUeIndex(index);
    device->SetLink(this);
}

void
CellFreeLink::UpdateBearerSettings()
{
    m_settings = {m_maxQueueBytes, m_maxTransmissions, m_feedbackSlots, m_segmentHeader};
}

std::size_t
CellFreeLink::GetNDevices() const
{
    return m_ues.size() + (m_cpuDevice ? 1 : 0);
}

Ptr<NetDevice>
CellFreeLink::GetDevice(std::size_t i) const
{
    if (i == 0)
    {
        return m_cpuDevice;
    }
    return m_ues.at(i - 1).device;
}

const CellFreeBearer::Counters&
CellFreeLink::GetCounters(uint32_t ue, bool isUplink) const
{
    const auto& state = m_ues.at(ue);
    return (isUplink ? state.uplink : state.downlink)->GetCounters();
}

Ptr<CellFreeChannelModel>
CellFreeLink::GetChannelModel() const
{
    return m_channel;
}

Ptr<CellFreeBeamformingPolicy>
CellFreeLink::GetPolicy() const
{
    return m_policy;
}

Ptr<CellFreeSensing>
CellFreeLink::GetSensing() const
{
    return m_sensing;
}

int64_t
CellFreeLink::AssignStreams(int64_t stream)
{
    m_blockError->SetStream(GetCellFreeStream(stream, CELL_FREE_STREAM_DOWNLINK));
    return m_channel->AssignStreams(stream);
}

std::size_t
CellFreeLink::GetQueueIndex(const Address& destination) const
{
    const auto entry = m_ueByAddress.find(ToKey(destination));
    return entry == m_ueByAddress.end() ? 0 : entry->second;
}

bool
CellFreeLink::SendDownlink(const CellFreeBearer::Frame& frame)
{
    return SendToUes(frame, -1);
}

bool
CellFreeLink::SendUplink(uint32_t ue, const CellFreeBearer::Frame& frame)
{
    const bool isAccepted = m_ues.at(ue).uplink->Enqueue(frame);
    m_ues[ue].device->SetQueueHasRoom(0, m_ues[ue].uplink->HasRoom(m_ues[ue].device->GetMtu()));
    return isAccepted;
}

bool
CellFreeLink::SendToUes(const CellFreeBearer::Frame& frame, int64_t exceptUe)
{
    auto enqueue = [this](uint32_t u, const CellFreeBearer::Frame& copy) {
        const bool isAccepted = m_ues[u].downlink->Enqueue(copy);
        m_cpuDevice->SetQueueHasRoom(u, m_ues[u].downlink->HasRoom(m_cpuDevice->GetMtu()));
        return isAccepted;
    };
    if (IsGroupAddress(frame.destination))
    {
        bool isAccepted = true;
        for (uint32_t u = 0; u < m_ues.size(); ++u)
        {
            if (u != exceptUe)
            {
                auto copy = frame;
                copy.packet = frame.packet->Copy();
                isAccepted = enqueue(u, copy) && isAccepted;
            }
        }
        return isAccepted;
    }
    const auto entry = m_ueByAddress.find(ToKey(frame.destination));
    if (entry == m_ueByAddress.end())
    {
        m_cpuDevice->NotifyDrop(frame, CellFreeBearer::QUEUE_FULL);
        return false;
    }
    return enqueue(entry->second, frame);
}

void
CellFreeLink::ReceiveFromUe(uint32_t ue, const CellFreeBearer::Frame& frame)
{
    if (IsGroupAddress(frame.destination))
    {
        SendToUes(frame, ue);
        auto copy = frame;
        copy.packet = frame.packet->Copy();
        m_cpuDevice->Receive(copy);
    }
    else if (m_ueByAddress.count(ToKey(frame.destination)))
    {
        SendToUes(frame, ue);
    }
    else
    {
        m_cpuDevice->Receive(frame);
    }
}

void
CellFreeLink::StartSlot()
{
    FinishSlot();
    m_event = Simulator::Schedule(m_frame->GetSlotDuration(), &CellFreeLink::StartSlot, this);
    AddNewTargets();
    m_sensing->BeginSlot(Simulator::Now());
    if (m_frame->IsUplink(m_slot))
    {
        StartUplink();
    }
    else
    {
        StartDownlink();
    }
    UpdateDeviceQueues();
    ++m_slot;
}

void
CellFreeLink::AddNewTargets()
{
    while (m_nTargets < m_channel->GetNTargets())
    {
        m_sensing->AddTarget(m_nTargets++);
    }
}

Time
CellFreeLink::GetEffectTime() const
{
    uint64_t slot = m_slot;
    for (uint32_t left = m_decisionDelay; left > 0;)
    {
        ++slot;
        left -= m_frame->IsUplink(slot) ? 0 : 1;
    }
    return Simulator::Now() + m_frame->GetSlotDuration() * int64_t(slot - m_slot);
}

uint32_t
CellFreeLink::CountDwellSlots() const
{
    const uint64_t period = m_frame->GetPattern().size();
    const uint64_t nSlots = m_sensing->GetSchedule()->GetShortestDwell().GetTimeStep() /
                            m_frame->GetSlotDuration().GetTimeStep();
    uint32_t fewest = UINT32_MAX;
    for (uint64_t start = 0; start < period; ++start)
    {
        uint32_t count = 0;
        for (uint64_t slot = start; slot < start + nSlots; ++slot)
        {
            count += m_frame->IsUplink(slot) ? 0 : 1;
        }
        fewest = std::min(fewest, count);
    }
    return std::max(fewest, 1U);
}

void
CellFreeLink::FinishSlot()
{
    for (auto& transmission : m_transmissions)
    {
        if (transmission.block.transmissions == 1)
        {
            m_linkAdaptation->ReportFirstTransmission(transmission.adaptationLink,
                                                      transmission.isDecoded);
        }
        transmission.bearer->Finish(std::move(transmission.block),
                                    transmission.isDecoded,
                                    m_slot - 1);
    }
    m_transmissions.clear();
}

void
CellFreeLink::UpdateDeviceQueues()
{
    for (uint32_t u = 0; u < m_ues.size(); ++u)
    {
        const auto& ue = m_ues[u];
        m_cpuDevice->SetQueueHasRoom(u, ue.downlink->HasRoom(m_cpuDevice->GetMtu()));
        ue.device->SetQueueHasRoom(0, ue.uplink->HasRoom(ue.device->GetMtu()));
    }
}

void
CellFreeLink::FindCandidates(bool isUplink)
{
    m_candidates.clear();
    for (uint32_t u = 0; u < m_ues.size(); ++u)
    {
        const auto& ue = m_ues[u];
        const auto& bearer = isUplink ? *ue.uplink : *ue.downlink;
        if (!bearer.HasData(m_slot))
        {
            continue;
        }
        const double snr = isUplink
                               ? m_channel->GetUplinkSnr(m_aps, u, ue.device->GetTxPowerWatts())
                               : m_channel->GetInterferenceFreeSnr(m_aps, u);
        // A UE that not even the lowest MCS reaches alone would only cost the others power.
        if (m_linkAdaptation->SelectMcs(GetAdaptationLink(u, isUplink), snr, m_nSymbols) >= 0)
        {
            m_candidates.push_back(
                {u, bearer.GetQueuedBytes(), bearer.GetRetransmission(m_slot) != nullptr, snr});
        }
    }
}

void
CellFreeLink::StartDownlink()
{
    m_decisions.push_back(std::move(m_spareDecision));
    Decide(m_decisions.back());
    if (m_decisions.size() > m_decisionDelay)
    {
        Radiate(m_decisions.front());
        m_spareDecision = std::move(m_decisions.front());
        m_decisions.pop_front();
    }
}

void
CellFreeLink::Decide(Decision& decision)
{
    FindCandidates(false);
    m_downlinkScheduler->Select(m_candidates, m_maxStreams, decision.ues);
    m_sensing->GetDueTargets(GetEffectTime(), decision.targets);
    if (decision.ues.empty() && decision.targets.empty())
    {
        return;
    }

    m_channel->GetTrueProblem(m_aps, decision.ues, decision.targets, m_problem);
    const double gain = m_weighCombinedSnr ? m_sensing->GetCombiningGain() : 1.0;
    m_problem.omega *= gain;
    const auto cost =
        m_policy->ComputeBeams(m_problem, decision.beams, CollectPreviousBeams(decision));
    NS_ABORT_MSG_IF(!cost.error.empty(), cost.error);
    for (std::size_t i = 0; i < decision.ues.size(); ++i)
    {
        m_ues[decision.ues[i]].lastBeam = decision.beams.f.col(i);
    }
    for (std::size_t i = 0; i < decision.targets.size(); ++i)
    {
        m_lastSensingBeams[decision.targets[i]] = decision.beams.f.col(decision.ues.size() + i);
    }

    m_metrics.Evaluate(m_problem, decision.beams);
    decision.believedSinr = m_metrics.GetSinr();
    decision.mcs.clear();
    for (std::size_t i = 0; i < decision.ues.size(); ++i)
    {
        decision.mcs.push_back(
            m_linkAdaptation->SelectMcs(GetAdaptationLink(decision.ues[i], false),
                                        decision.believedSinr(i),
                                        m_nSymbols));
    }

    CellFreeDecision record;
    record.time = Simulator::Now();
    record.slot = m_slot;
    record.delay = m_decisionDelay;
    record.nAps = m_channel->GetNAps();
    record.nUes = decision.ues.size();
    record.nTargets = decision.targets.size();
    record.sumRate = m_metrics.GetSumRate();
    record.minSinr = record.nUes > 0 ? decision.believedSinr.minCoeff() : 0.0;
    record.sensingSnr = m_metrics.GetSensingSnr().sum() / gain;
    for (uint32_t m = 0; m < record.nAps; ++m)
    {
        record.maxLoad =
            std::max(record.maxLoad, GetApPower(decision.beams, m) / m_problem.power(m));
    }
    record.cost = cost;
    m_decisionTrace(record);
    m_beamsTrace(record, m_problem, decision.beams);
}

const IsacBeams*
CellFreeLink::CollectPreviousBeams(const Decision& decision)
{
    m_previous.Resize(m_problem);
    Eigen::Index stream = 0;
    auto add = [this, &stream](const Eigen::VectorXcd& beam) {
        if (beam.size() != m_previous.f.rows())
        {
            return false;
        }
        m_previous.f.col(stream++) = beam;
        return true;
    };
    for (uint32_t ue : decision.ues)
    {
        if (!add(m_ues[ue].lastBeam))
        {
            return nullptr;
        }
    }
    m_lastSensingBeams.resize(m_channel->GetNTargets());
    for (uint32_t target : decision.targets)
    {
        if (!add(m_lastSensingBeams[target]))
        {
            return nullptr;
        }
    }
    return &m_previous;
}

void
CellFreeLink::Radiate(const Decision& decision)
{
    if (decision.ues.empty() && decision.targets.empty())
    {
        return;
    }
    m_channel->GetTrueProblem(m_aps, decision.ues, decision.targets, m_problem);
    m_metrics.Evaluate(m_problem, decision.beams);
    for (std::size_t i = 0; i < decision.ues.size(); ++i)
    {
        Transmit(decision.ues[i],
                 false,
                 decision.believedSinr(i),
                 m_metrics.GetSinr()(i),
                 decision.mcs[i]);
    }
    for (std::size_t i = 0; i < decision.targets.size(); ++i)
    {
        m_sensing->AddEcho(decision.targets[i],
                           m_aps,
                           m_metrics.GetEchoPower().col(i),
                           m_metrics.GetSensingSnr()(i));
    }
}

void
CellFreeLink::StartUplink()
{
    FindCandidates(true);
    m_uplinkScheduler->Select(m_candidates, m_maxUplinkStreams, m_chosen);
    if (m_chosen.empty())
    {
        return;
    }
    m_channel->GetTrueProblem(m_aps, m_chosen, {}, m_problem);
    m_uplinkPower.resize(m_chosen.size());
    for (std::size_t i = 0; i < m_chosen.size(); ++i)
    {
        m_uplinkPower(i) = m_ues[m_chosen[i]].device->GetTxPowerWatts();
    }
    const auto& sinr = m_combining.ComputeSinr(m_problem.h, m_uplinkPower, m_channel->GetApNoise());
    for (std::size_t i = 0; i < m_chosen.size(); ++i)
    {
        const int mcs =
            m_linkAdaptation->SelectMcs(GetAdaptationLink(m_chosen[i], true), sinr(i), m_nSymbols);
        Transmit(m_chosen[i], true, sinr(i), sinr(i), mcs);
    }
}

void
CellFreeLink::Transmit(uint32_t ue, bool isUplink, double believedSinr, double sinr, int mcs)
{
    auto& bearer = isUplink ? *m_ues[ue].uplink : *m_ues[ue].downlink;
    CellFreeBearer::Block block;
    if (bearer.GetRetransmission(m_slot))
    {
        block = bearer.TakeRetransmission();
    }
    else if (mcs >= 0)
    {
        block = bearer.BuildBlock(mcs, CellFreeErrorModel::GetBlockBytes(mcs, m_nSymbols));
    }

    CellFreeUeSample sample;
    sample.time = Simulator::Now();
    sample.slot = m_slot;
    sample.isUplink = isUplink;
    sample.ueId = m_ues[ue].device->GetNode()->GetId();
    sample.nServingAps = m_channel->GetNAps();
    sample.believedSinr = believedSinr;
    sample.sinr = sinr;
    sample.queuedBytes = bearer.GetQueuedBytes();
    if (!block.segments.empty())
    {
        // Chase combining: repetitions of a block add their SINRs.
        ++block.transmissions;
        block.combinedSinr += sinr;
        const double bler =
            m_linkAdaptation->GetErrorModel()->GetBler(block.mcs, block.combinedSinr, m_nSymbols);
        sample.mcs = block.mcs;
        sample.blockBytes = block.bytes;
        sample.transmission = block.transmissions;
        sample.isDecoded = m_blockError->GetValue() >= bler;
        m_transmissions.push_back(
            {&bearer, std::move(block), GetAdaptationLink(ue, isUplink), sample.isDecoded});
    }
    m_ueTrace(sample);
}

uint32_t
CellFreeLink::GetAdaptationLink(uint32_t ue, bool isUplink)
{
    return 2 * ue + (isUplink ? 1 : 0);
}

} // namespace ns3
