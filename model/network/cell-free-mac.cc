// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-mac.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/cell-free-streams.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv6-l3-protocol.h"
#include "ns3/log.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeMac");

NS_OBJECT_ENSURE_REGISTERED(CellFreeMac);

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
CellFreeMac::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeMac")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeMac>()
            .AddAttribute("MaxQueueBytes",
                          "Bytes that may wait for a first transmission, per UE and direction; "
                          "packets beyond are dropped (at least 2000).",
                          UintegerValue(100000),
                          MakeUintegerAccessor(&CellFreeMac::SetMaxQueueBytes,
                                               &CellFreeMac::GetMaxQueueBytes),
                          MakeUintegerChecker<uint32_t>(2000))
            .AddAttribute("MaxTransmissions",
                          "Transmissions of a block before it is given up (1 to 32).",
                          UintegerValue(4),
                          MakeUintegerAccessor(&CellFreeMac::SetMaxTransmissions,
                                               &CellFreeMac::GetMaxTransmissions),
                          MakeUintegerChecker<uint32_t>(1, 32))
            .AddAttribute("FeedbackSlots",
                          "Slots from a failed transmission to the earliest repetition (1 to 64).",
                          UintegerValue(4),
                          MakeUintegerAccessor(&CellFreeMac::SetFeedbackSlots,
                                               &CellFreeMac::GetFeedbackSlots),
                          MakeUintegerChecker<uint32_t>(1, 64))
            .AddAttribute("SegmentHeader",
                          "Bytes of header in front of each part of a packet in a block (0 to 64).",
                          UintegerValue(6),
                          MakeUintegerAccessor(&CellFreeMac::SetSegmentHeader,
                                               &CellFreeMac::GetSegmentHeader),
                          MakeUintegerChecker<uint32_t>(0, 64))
            .AddAttribute("HarqProcesses",
                          "Blocks of a UE and direction that may be under way at once, from the "
                          "first transmission to the feedback to the last (0 to 64); 0 for any "
                          "number.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&CellFreeMac::SetHarqProcesses,
                                               &CellFreeMac::GetHarqProcesses),
                          MakeUintegerChecker<uint32_t>(0, 64))
            .AddAttribute("Combining",
                          "What the receiver makes of several transmissions of a block: Chase, "
                          "their SINRs add, or IncrementalRedundancy, each brings further parity "
                          "as long as the code has some.",
                          EnumValue(CHASE),
                          MakePortableEnumAccessor<Combining>(0, &CellFreeMac::m_combining),
                          MakeEnumChecker(CHASE, "Chase", INCREMENTAL, "IncrementalRedundancy"))
            .AddAttribute("Arq",
                          "If true, the parts of a block that reached MaxTransmissions are sent "
                          "again in new blocks (RLC acknowledged mode); if false, their packets "
                          "are dropped.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreeMac::SetArq, &CellFreeMac::GetArq),
                          MakeBooleanChecker())
            .AddAttribute("MaxArqRetransmissions",
                          "How often Arq sends a part of a packet again before the packet is "
                          "dropped (1 to 64).",
                          UintegerValue(8),
                          MakeUintegerAccessor(&CellFreeMac::SetMaxArqRetransmissions,
                                               &CellFreeMac::GetMaxArqRetransmissions),
                          MakeUintegerChecker<uint32_t>(1, 64))
            .AddAttribute(
                "PriorityMap",
                "Priorities of packets by their DSCP: pairs DSCP:priority separated by "
                "commas, such as 46:0,34:1, with DSCP from 0 to 63 and priority from 0, "
                "served first, to 6. All other packets come after those listed. Empty: "
                "one priority. MaxQueueBytes holds for each.",
                StringValue(""),
                MakeStringAccessor(&CellFreeMac::SetPriorityMap, &CellFreeMac::GetPriorityMap),
                MakeStringChecker());
    return tid;
}

CellFreeMac::CellFreeMac() = default;

CellFreeMac::~CellFreeMac() = default;

void
CellFreeMac::DoDispose()
{
    m_flights.clear();
    m_ues.clear();
    m_indices.clear();
    m_ueByAddress.clear();
    m_cpuDevice = nullptr;
    Object::DoDispose();
}

void
CellFreeMac::SetCpuDevice(Ptr<CellFreeCpuNetDevice> device)
{
    m_cpuDevice = device;
    m_isQueueTaken.assign(device->GetNQueues(), false);
}

Ptr<CellFreeCpuNetDevice>
CellFreeMac::GetCpuDevice() const
{
    return m_cpuDevice;
}

void
CellFreeMac::AddUe(uint32_t ue, Ptr<CellFreeUeNetDevice> device)
{
    NS_LOG_FUNCTION(this << ue << device);
    NS_ABORT_MSG_IF(ue < m_ues.size(),
                    "UE index " << ue << " was added before: expected a new one");
    m_ues.resize(ue + 1);
    auto state = std::make_unique<Ue>();
    state->device = device;
    state->downlink = std::make_unique<CellFreeBearer>(
        m_settings,
        MakeCallback(&CellFreeNetDevice::Receive, PeekPointer(device)),
        MakeCallback(&CellFreeNetDevice::NotifyDrop, PeekPointer(m_cpuDevice)));
    state->uplink = std::make_unique<CellFreeBearer>(
        m_settings,
        MakeCallback(&CellFreeMac::ReceiveFromUe, this).Bind(ue),
        MakeCallback(&CellFreeNetDevice::NotifyDrop, PeekPointer(device)));
    state->downlinkError = CreateObject<UniformRandomVariable>();
    state->uplinkError = CreateObject<UniformRandomVariable>();
    // The last queue is everybody's.
    const auto last = m_isQueueTaken.empty() ? 0 : m_isQueueTaken.size() - 1;
    state->queue = std::find(m_isQueueTaken.begin(), m_isQueueTaken.begin() + last, false) -
                   m_isQueueTaken.begin();
    if (state->queue < last)
    {
        m_isQueueTaken[state->queue] = true;
    }
    m_ues[ue] = std::move(state);
    m_indices.push_back(ue);
    device->SetMac(this, ue);
    UpdateAddress(ue);
    AssignStreamsOf(ue);
}

void
CellFreeMac::RemoveUe(uint32_t ue)
{
    NS_LOG_FUNCTION(this << ue);
    auto& state = GetUe(ue);
    m_flights.erase(std::remove_if(m_flights.begin(),
                                   m_flights.end(),
                                   [&state](const Flight& flight) {
                                       return flight.bearer == state.downlink.get() ||
                                              flight.bearer == state.uplink.get();
                                   }),
                    m_flights.end());
    state.downlink->DropAll(CellFreeBearer::UE_LEFT);
    state.uplink->DropAll(CellFreeBearer::UE_LEFT);
    m_departed[ue] = {state.downlink->GetCounters(), state.uplink->GetCounters()};
    m_ueByAddress.erase(state.address);
    state.device->SetMac(nullptr, 0);
    if (state.queue + 1 < m_isQueueTaken.size())
    {
        m_isQueueTaken[state.queue] = false;
        m_cpuDevice->SetQueueHasRoom(state.queue, true);
    }
    m_indices.erase(std::find(m_indices.begin(), m_indices.end(), ue));
    m_ues[ue].reset();
}

bool
CellFreeMac::HasUe(uint32_t ue) const
{
    return ue < m_ues.size() && m_ues[ue];
}

const std::vector<uint32_t>&
CellFreeMac::GetUes() const
{
    return m_indices;
}

CellFreeMac::Ue&
CellFreeMac::GetUe(uint32_t ue)
{
    NS_ABORT_MSG_IF(!HasUe(ue), "UE index " << ue << ": no such UE on this CPU");
    return *m_ues[ue];
}

const CellFreeMac::Ue&
CellFreeMac::GetUe(uint32_t ue) const
{
    NS_ABORT_MSG_IF(!HasUe(ue), "UE index " << ue << ": no such UE on this CPU");
    return *m_ues[ue];
}

Ptr<CellFreeUeNetDevice>
CellFreeMac::GetUeDevice(uint32_t ue) const
{
    return GetUe(ue).device;
}

void
CellFreeMac::UpdateAddress(uint32_t ue)
{
    auto& state = GetUe(ue);
    const auto entry = m_ueByAddress.find(state.address);
    if (entry != m_ueByAddress.end() && entry->second == ue)
    {
        m_ueByAddress.erase(entry);
    }
    state.address = ToKey(state.device->GetAddress());
    m_ueByAddress[state.address] = ue;
}

const CellFreeBearer&
CellFreeMac::GetBearer(uint32_t ue, bool isUplink) const
{
    const auto& state = GetUe(ue);
    return isUplink ? *state.uplink : *state.downlink;
}

const CellFreeBearer::Counters&
CellFreeMac::GetCounters(uint32_t ue, bool isUplink) const
{
    const auto departed = m_departed.find(ue);
    if (departed != m_departed.end())
    {
        return isUplink ? departed->second.second : departed->second.first;
    }
    return GetBearer(ue, isUplink).GetCounters();
}

std::size_t
CellFreeMac::GetQueueIndex(const Address& destination) const
{
    const auto entry = m_ueByAddress.find(ToKey(destination));
    return entry == m_ueByAddress.end() ? std::max<std::size_t>(1, m_isQueueTaken.size()) - 1
                                        : m_ues[entry->second]->queue;
}

bool
CellFreeMac::SendDownlink(const CellFreeBearer::Frame& frame)
{
    return SendToUes(frame, -1);
}

bool
CellFreeMac::SendUplink(uint32_t ue, const CellFreeBearer::Frame& frame)
{
    auto& state = GetUe(ue);
    auto ranked = frame;
    ranked.priority = GetPriorityOf(frame);
    const bool isAccepted = state.uplink->Enqueue(ranked);
    state.device->SetQueueHasRoom(0, state.uplink->HasRoom(state.device->GetMtu()));
    return isAccepted;
}

bool
CellFreeMac::Enqueue(uint32_t ue, const CellFreeBearer::Frame& frame)
{
    auto ranked = frame;
    ranked.priority = GetPriorityOf(frame);
    const bool isAccepted = m_ues[ue]->downlink->Enqueue(ranked);
    UpdateQueueOf(*m_ues[ue]);
    return isAccepted;
}

bool
CellFreeMac::SendToUes(const CellFreeBearer::Frame& frame, int64_t exceptUe)
{
    if (IsGroupAddress(frame.destination))
    {
        bool isAccepted = true;
        for (uint32_t ue : m_indices)
        {
            if (ue != exceptUe)
            {
                auto copy = frame;
                copy.packet = frame.packet->Copy();
                isAccepted = Enqueue(ue, copy) && isAccepted;
            }
        }
        return isAccepted;
    }
    const auto entry = m_ueByAddress.find(ToKey(frame.destination));
    if (entry == m_ueByAddress.end())
    {
        NS_LOG_LOGIC("no device has the address " << frame.destination);
        m_cpuDevice->NotifyDrop(frame, CellFreeBearer::NO_DESTINATION);
        return false;
    }
    return Enqueue(entry->second, frame);
}

void
CellFreeMac::ReceiveFromUe(uint32_t ue, const CellFreeBearer::Frame& frame)
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

CellFreeMac::Transmission
CellFreeMac::Transmit(uint32_t ue,
                      bool isUplink,
                      uint64_t slot,
                      int mcs,
                      uint32_t nSymbols,
                      const Eigen::Ref<const Eigen::VectorXd>& sinr,
                      const CellFreeErrorModel& errorModel)
{
    auto& state = GetUe(ue);
    auto& bearer = isUplink ? *state.uplink : *state.downlink;
    CellFreeBearer::Block block;
    if (bearer.GetRetransmission(slot))
    {
        block = bearer.TakeRetransmission();
    }
    else if (mcs >= 0)
    {
        block = bearer.BuildBlock(slot, mcs, nSymbols, errorModel.GetBlockBytes(mcs, nSymbols));
    }
    Transmission sent;
    if (block.nSegments == 0)
    {
        sent.sinr = errorModel.GetEffectiveSinr(std::max(mcs, 0), sinr);
        return sent;
    }
    sent.sinr = errorModel.GetEffectiveSinr(block.mcs, sinr);
    // A slot with fewer symbols repeats a part of the block.
    const double share = std::min(1.0, static_cast<double>(nSymbols) / block.nSymbols);
    ++block.transmissions;
    block.combinedSinr += share * sent.sinr;
    block.combinedNats += share * std::log1p(sent.sinr);
    const double bler =
        errorModel.GetBler(block.mcs, GetCombinedSinr(block, errorModel), block.nSymbols);
    auto& error = isUplink ? *state.uplinkError : *state.downlinkError;
    sent.mcs = block.mcs;
    sent.bytes = block.bytes;
    sent.transmission = block.transmissions;
    sent.isDecoded = error.GetValue() >= bler;
    NS_LOG_LOGIC("slot " << slot << " UE " << ue << (isUplink ? " up" : " down") << " MCS "
                         << sent.mcs << ' ' << sent.bytes << " bytes, transmission "
                         << sent.transmission << (sent.isDecoded ? ": decoded" : ": failed"));
    m_flights.push_back({&bearer, block, sent.isDecoded});
    return sent;
}

double
CellFreeMac::GetCombinedSinr(const CellFreeBearer::Block& block,
                             const CellFreeErrorModel& errorModel) const
{
    if (m_combining == CHASE || block.transmissions == 1)
    {
        return block.combinedSinr;
    }
    return cellfree::CombineIncrementally(
        block.combinedSinr,
        block.combinedNats,
        errorModel.GetFreshTransmissions(block.mcs, block.nSymbols));
}

void
CellFreeMac::FinishSlot(uint64_t slot)
{
    for (const auto& flight : m_flights)
    {
        flight.bearer->Finish(flight.block, flight.isDecoded, slot);
    }
    m_flights.clear();
}

void
CellFreeMac::UpdateQueueOf(const Ue& ue)
{
    if (ue.queue + 1 < m_isQueueTaken.size())
    {
        m_cpuDevice->SetQueueHasRoom(ue.queue, ue.downlink->HasRoom(m_cpuDevice->GetMtu()));
    }
}

void
CellFreeMac::UpdateDeviceQueues()
{
    for (uint32_t ue : m_indices)
    {
        const auto& state = *m_ues[ue];
        UpdateQueueOf(state);
        state.device->SetQueueHasRoom(0, state.uplink->HasRoom(state.device->GetMtu()));
    }
}

void
CellFreeMac::AssignStreams(int64_t first)
{
    m_firstStream = first;
    for (uint32_t ue : m_indices)
    {
        AssignStreamsOf(ue);
    }
}

void
CellFreeMac::AssignStreamsOf(uint32_t ue)
{
    if (m_firstStream >= 0)
    {
        auto& state = GetUe(ue);
        const auto id = state.device->GetNode()->GetId();
        state.downlinkError->SetStream(
            GetCellFreeStream(m_firstStream, CELL_FREE_STREAM_DOWNLINK, id));
        state.uplinkError->SetStream(GetCellFreeStream(m_firstStream, CELL_FREE_STREAM_UPLINK, id));
    }
}

void
CellFreeMac::SetMaxQueueBytes(uint32_t bytes)
{
    m_settings.maxQueueBytes = bytes;
}

uint32_t
CellFreeMac::GetMaxQueueBytes() const
{
    return m_settings.maxQueueBytes;
}

void
CellFreeMac::SetMaxTransmissions(uint32_t number)
{
    m_settings.maxTransmissions = number;
}

uint32_t
CellFreeMac::GetMaxTransmissions() const
{
    return m_settings.maxTransmissions;
}

void
CellFreeMac::SetFeedbackSlots(uint32_t slots)
{
    m_settings.feedbackSlots = slots;
}

uint32_t
CellFreeMac::GetFeedbackSlots() const
{
    return m_settings.feedbackSlots;
}

void
CellFreeMac::SetSegmentHeader(uint32_t bytes)
{
    m_settings.segmentHeader = bytes;
}

uint32_t
CellFreeMac::GetSegmentHeader() const
{
    return m_settings.segmentHeader;
}

void
CellFreeMac::SetHarqProcesses(uint32_t number)
{
    m_settings.harqProcesses = number;
}

uint32_t
CellFreeMac::GetHarqProcesses() const
{
    return m_settings.harqProcesses;
}

void
CellFreeMac::SetArq(bool isOn)
{
    m_isArqOn = isOn;
    UpdateArq();
}

bool
CellFreeMac::GetArq() const
{
    return m_isArqOn;
}

void
CellFreeMac::SetMaxArqRetransmissions(uint32_t number)
{
    m_maxArqRetransmissions = number;
    UpdateArq();
}

void
CellFreeMac::UpdateArq()
{
    m_settings.maxArqRetries = m_isArqOn ? m_maxArqRetransmissions : 0;
}

uint32_t
CellFreeMac::GetMaxArqRetransmissions() const
{
    return m_maxArqRetransmissions;
}

void
CellFreeMac::SetPriorityMap(std::string map)
{
    std::vector<std::pair<uint32_t, uint32_t>> entries;
    uint32_t last = 0;
    std::istringstream list(map);
    for (std::string entry; std::getline(list, entry, ',');)
    {
        std::istringstream pair(entry);
        int64_t dscp = 0;
        int64_t priority = 0;
        char colon = 0;
        const bool isRead(pair >> dscp >> colon >> priority);
        NS_ABORT_MSG_IF(!isRead || colon != ':' || !(pair >> std::ws).eof() || dscp < 0 ||
                            dscp >= int64_t(m_priorities.size()) || priority < 0 ||
                            priority + 1 >= int64_t(CellFreeBearer::MAX_PRIORITIES),
                        "CellFreeMac::PriorityMap: '"
                            << entry << "': expected DSCP:priority, from 0 to 63 and from 0 to "
                            << CellFreeBearer::MAX_PRIORITIES - 2);
        entries.emplace_back(dscp, priority);
        last = std::max<uint32_t>(last, priority);
    }
    m_otherPriority = entries.empty() ? 0 : last + 1;
    m_priorities.fill(m_otherPriority);
    for (const auto& [dscp, priority] : entries)
    {
        m_priorities[dscp] = priority;
    }
    m_priorityMap = map;
}

std::string
CellFreeMac::GetPriorityMap() const
{
    return m_priorityMap;
}

uint8_t
CellFreeMac::GetPriorityOf(const CellFreeBearer::Frame& frame) const
{
    uint8_t start[2];
    if (m_otherPriority == 0 || frame.packet->CopyData(start, 2) < 2)
    {
        return m_otherPriority;
    }
    if (frame.protocol == Ipv4L3Protocol::PROT_NUMBER)
    {
        return m_priorities[start[1] >> 2]; // RFC 791, RFC 2474: the second byte
    }
    if (frame.protocol == Ipv6L3Protocol::PROT_NUMBER)
    {
        // RFC 8200: the eight bits after the version's four.
        return m_priorities[(start[0] & 0x0f) << 2 | start[1] >> 6];
    }
    return m_otherPriority;
}

} // namespace ns3
