// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-bearer.h"

#include "ns3/assert.h"
#include "ns3/log.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeBearer");

/// A packet inside the bearer.
struct CellFreeBearer::Sdu
{
    Frame frame;             //!< the packet
    uint32_t size{0};        //!< bytes of it
    uint32_t sentBytes{0};   //!< bytes put into blocks so far
    uint32_t heldBytes{0};   //!< bytes decoded so far
    bool isAbandoned{false}; //!< a part of it was lost for good
};

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
    auto sdu = std::make_shared<Sdu>();
    sdu->frame = frame;
    sdu->size = size;
    m_queue.push_back(sdu);
    m_window.push_back(std::move(sdu));
    m_queuedBytes += size;
    m_counters.pendingBytes += size;
    return true;
}

uint32_t
CellFreeBearer::GetQueuedBytes() const
{
    return m_queuedBytes;
}

bool
CellFreeBearer::HasRoom(uint32_t bytes) const
{
    return m_queuedBytes + bytes <= m_settings.maxQueueBytes;
}

bool
CellFreeBearer::HasData(uint64_t slot) const
{
    return !m_queue.empty() || GetRetransmission(slot);
}

const CellFreeBearer::Block*
CellFreeBearer::GetRetransmission(uint64_t slot) const
{
    // Blocks fail in the order of their slots, so the first one is ready first.
    return !m_failed.empty() && m_failed.front().readySlot <= slot ? &m_failed.front() : nullptr;
}

CellFreeBearer::Block
CellFreeBearer::TakeRetransmission()
{
    NS_ASSERT(!m_failed.empty());
    Block block = std::move(m_failed.front());
    m_failed.pop_front();
    return block;
}

CellFreeBearer::Block
CellFreeBearer::BuildBlock(int mcs, uint32_t nSymbols, uint32_t bytes)
{
    Block block;
    block.mcs = mcs;
    block.nSymbols = nSymbols;
    block.bytes = bytes;
    uint32_t room = bytes;
    while (!m_queue.empty() && room > m_settings.segmentHeader)
    {
        auto& sdu = m_queue.front();
        const uint32_t taken =
            std::min(sdu->size - sdu->sentBytes, room - m_settings.segmentHeader);
        sdu->sentBytes += taken;
        m_queuedBytes -= taken;
        room -= taken + m_settings.segmentHeader;
        block.segments.push_back({sdu, taken});
        if (sdu->sentBytes == sdu->size)
        {
            m_queue.pop_front();
        }
    }
    return block;
}

void
CellFreeBearer::Finish(Block block, bool success, uint64_t slot)
{
    NS_LOG_FUNCTION(this << block.bytes << block.transmissions << success << slot);
    if (success)
    {
        for (const auto& segment : block.segments)
        {
            segment.sdu->heldBytes += segment.bytes;
        }
        DeliverInOrder();
    }
    else if (block.transmissions < m_settings.maxTransmissions)
    {
        block.readySlot = slot + m_settings.feedbackSlots;
        m_failed.push_back(std::move(block));
    }
    else
    {
        for (const auto& segment : block.segments)
        {
            Abandon(segment.sdu, TRANSMISSION_LIMIT);
        }
        DeliverInOrder();
    }
}

uint64_t
CellFreeBearer::GetNeededBytes() const
{
    return m_queuedBytes + uint64_t{m_settings.segmentHeader} * m_queue.size();
}

void
CellFreeBearer::DropAll(DropReason reason)
{
    m_failed.clear();
    for (const auto& sdu : m_window)
    {
        Abandon(sdu, reason);
    }
    m_window.clear();
}

const CellFreeBearer::Counters&
CellFreeBearer::GetCounters() const
{
    return m_counters;
}

void
CellFreeBearer::Abandon(const std::shared_ptr<Sdu>& sdu, DropReason reason)
{
    if (sdu->isAbandoned)
    {
        return;
    }
    sdu->isAbandoned = true;
    if (sdu->sentBytes < sdu->size)
    {
        // Only the packet at the head of the queue can be partly sent.
        NS_ASSERT(m_queue.front() == sdu);
        m_queuedBytes -= sdu->size - sdu->sentBytes;
        m_queue.pop_front();
    }
    NS_LOG_LOGIC(this << " drops " << sdu->frame.packet << " for reason " << reason);
    m_counters.droppedBytes += sdu->size;
    m_counters.pendingBytes -= sdu->size;
    m_drop(sdu->frame, reason);
}

void
CellFreeBearer::DeliverInOrder()
{
    while (!m_window.empty())
    {
        const auto sdu = m_window.front();
        if (!sdu->isAbandoned && sdu->heldBytes < sdu->size)
        {
            return;
        }
        m_window.pop_front();
        if (!sdu->isAbandoned)
        {
            m_counters.deliveredBytes += sdu->size;
            m_counters.pendingBytes -= sdu->size;
            m_deliver(sdu->frame);
        }
    }
}

} // namespace ns3
