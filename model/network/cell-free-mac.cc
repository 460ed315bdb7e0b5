// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-mac.h"

#include "ns3/abort.h"
#include "ns3/cell-free-streams.h"
#include "ns3/log.h"
#include "ns3/uinteger.h"

#include <algorithm>
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
                          MakeUintegerChecker<uint32_t>(0, 64));
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
    const bool isAccepted = state.uplink->Enqueue(frame);
    state.device->SetQueueHasRoom(0, state.uplink->HasRoom(state.device->GetMtu()));
    return isAccepted;
}

bool
CellFreeMac::Enqueue(uint32_t ue, const CellFreeBearer::Frame& frame)
{
    const bool isAccepted = m_ues[ue]->downlink->Enqueue(frame);
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
        block = bearer.BuildBlock(mcs, nSymbols, cellfree::GetBlockBytes(mcs, nSymbols));
    }
    Transmission sent;
    if (block.nSegments == 0)
    {
        sent.sinr = errorModel.GetEffectiveSinr(std::max(mcs, 0), sinr);
        return sent;
    }
    sent.sinr = errorModel.GetEffectiveSinr(block.mcs, sinr);
    // Chase combining: repetitions of a block add their SINRs; a slot with fewer symbols repeats a
    // part of it.
    ++block.transmissions;
    block.combinedSinr += sent.sinr * std::min(1.0, double(nSymbols) / block.nSymbols);
    const double bler = errorModel.GetBler(block.mcs, block.combinedSinr, block.nSymbols);
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

} // namespace ns3
