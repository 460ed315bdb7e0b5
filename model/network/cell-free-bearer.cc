// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-bearer.h"

#include "ns3/assert.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeBearer");

CellFreeBearer::CellFreeBearer(const Settings& settings, DeliverCallback deliver, DropCallback drop)
    : m_settings(settings),
      m_deliver(std::move(deliver)),
      m_drop(std::move(drop))
{
}

bool
CellFreeBearer::Enqueue(const Frame& frame)
{
    NS_LOG_FUNCTION(this << frame.packet);
    const uint32_t size = frame.packet->GetSize();
    m_counters.enqueuedBytes += size;
    if (!HasRoom(size))
    {
        m_counters.droppedBytes += size;
        m_drop(frame, QUEUE_FULL);
        return false;
    }
    m_window.PushBack({frame, size});
    m_window[m_window.GetSize() - 1].frame.enqueued = Simulator::Now();
    m_queuedBytes += size;
    m_counters.pendingBytes += size;
    return true;
}

uint32_t
CellFreeBearer::GetQueuedBytes() const
{
    return m_queuedBytes;
}

Time
CellFreeBearer::GetHeadOfLineDelay(Time now) const
{
    // What is delivered or dropped leaves the window at once, so its first packet is pending.
    return m_window.IsEmpty() ? Time(0) : now - m_window[0].frame.enqueued;
}

bool
CellFreeBearer::HasRoom(uint32_t bytes) const
{
    return m_queuedBytes + bytes <= m_settings.maxQueueBytes;
}

bool
CellFreeBearer::HasNewData() const
{
    return m_nextSdu < GetEndSdu();
}

bool
CellFreeBearer::HasData(uint64_t slot) const
{
    return HasNewData() || GetRetransmission(slot);
}

const CellFreeBearer::Block*
CellFreeBearer::GetRetransmission(uint64_t slot) const
{
    // Blocks fail in the order of their slots, so the first one is ready first.
    return !m_failed.IsEmpty() && m_failed[0].readySlot <= slot ? &m_failed[0] : nullptr;
}

CellFreeBearer::Block
CellFreeBearer::TakeRetransmission()
{
    return m_failed.TakeFront();
}

CellFreeBearer::Block
CellFreeBearer::BuildBlock(int mcs, uint32_t nSymbols, uint32_t bytes)
{
    Block block;
    block.mcs = mcs;
    block.nSymbols = nSymbols;
    block.bytes = bytes;
    block.firstSdu = m_nextSdu;
    uint32_t room = bytes;
    while (m_nextSdu < GetEndSdu() && room > m_settings.segmentHeader)
    {
        auto& sdu = m_window[m_nextSdu - m_firstSdu];
        const uint32_t taken = std::min(sdu.size - sdu.sentBytes, room - m_settings.segmentHeader);
        sdu.sentBytes += taken;
        m_queuedBytes -= taken;
        room -= taken + m_settings.segmentHeader;
        block.lastBytes = taken;
        if (block.nSegments++ == 0)
        {
            block.firstBytes = taken;
        }
        if (sdu.sentBytes == sdu.size)
        {
            ++m_nextSdu;
        }
    }
    return block;
}

void
CellFreeBearer::Finish(const Block& block, bool success, uint64_t slot)
{
    NS_LOG_FUNCTION(this << block.bytes << block.transmissions << success << slot);
    if (!success && block.transmissions < m_settings.maxTransmissions)
    {
        Block failed = block;
        failed.readySlot = slot + m_settings.feedbackSlots;
        m_failed.PushBack(failed);
        return;
    }
    for (uint32_t k = 0; k < block.nSegments; ++k)
    {
        const uint64_t number = block.firstSdu + k;
        // A packet that is no longer there was abandoned with another part of it.
        if (number < m_firstSdu || m_window[number - m_firstSdu].isAbandoned)
        {
            continue;
        }
        auto& sdu = m_window[number - m_firstSdu];
        if (success)
        {
            sdu.heldBytes += k == 0                     ? block.firstBytes
                             : k + 1 == block.nSegments ? block.lastBytes
                                                        : sdu.size;
        }
        else
        {
            Abandon(number, TRANSMISSION_LIMIT);
        }
    }
    DeliverInOrder();
}

uint64_t
CellFreeBearer::GetNeededBytes() const
{
    return m_queuedBytes + m_settings.segmentHeader * (GetEndSdu() - m_nextSdu);
}

void
CellFreeBearer::DropAll(DropReason reason)
{
    while (!m_failed.IsEmpty())
    {
        m_failed.TakeFront();
    }
    const uint64_t end = GetEndSdu();
    for (uint64_t number = m_firstSdu; number < end; ++number)
    {
        if (!m_window[number - m_firstSdu].isAbandoned)
        {
            Abandon(number, reason);
        }
    }
    DeliverInOrder();
}

const CellFreeBearer::Counters&
CellFreeBearer::GetCounters() const
{
    return m_counters;
}

uint64_t
CellFreeBearer::GetEndSdu() const
{
    return m_firstSdu + m_window.GetSize();
}

void
CellFreeBearer::Abandon(uint64_t number, DropReason reason)
{
    auto& sdu = m_window[number - m_firstSdu];
    sdu.isAbandoned = true;
    if (sdu.sentBytes < sdu.size)
    {
        // Only the packet at the head of the queue can be partly sent.
        NS_ASSERT(number == m_nextSdu);
        m_queuedBytes -= sdu.size - sdu.sentBytes;
        ++m_nextSdu;
    }
    NS_LOG_LOGIC(this << " drops " << sdu.frame.packet << " for reason " << reason);
    m_counters.droppedBytes += sdu.size;
    m_counters.pendingBytes -= sdu.size;
    // Who hears of it may send, which moves the packets in memory.
    const Frame frame = std::move(sdu.frame);
    m_drop(frame, reason);
}

void
CellFreeBearer::DeliverInOrder()
{
    // One that is not whole in blocks yet is not complete, even if it has no bytes.
    while (m_firstSdu < m_nextSdu &&
           (m_window[0].isAbandoned || m_window[0].heldBytes == m_window[0].size))
    {
        const Sdu sdu = m_window.TakeFront();
        ++m_firstSdu;
        if (!sdu.isAbandoned)
        {
            m_counters.deliveredBytes += sdu.size;
            m_counters.pendingBytes -= sdu.size;
            m_deliver(sdu.frame);
        }
    }
}

} // namespace ns3
