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
      m_drop(std::move(drop)),
      m_queues(1)
{
}

bool
CellFreeBearer::Enqueue(const Frame& frame)
{
    NS_LOG_FUNCTION(this << frame.packet);
    NS_ASSERT(frame.priority < MAX_PRIORITIES);
    const uint32_t size = frame.packet->GetSize();
    m_counters.enqueuedBytes += size;
    if (frame.priority >= m_queues.size())
    {
        m_queues.resize(frame.priority + 1);
    }
    if (!HasRoomAt(frame.priority, size))
    {
        m_counters.droppedBytes += size;
        m_drop(frame, QUEUE_FULL);
        return false;
    }
    auto& queue = m_queues[frame.priority];
    queue.window.PushBack({frame, size});
    queue.window[queue.window.GetSize() - 1].frame.enqueued = Simulator::Now();
    queue.queuedBytes += size;
    m_queuedBytes += size;
    m_counters.pendingBytes += size;
    return true;
}

uint32_t
CellFreeBearer::GetQueuedBytes() const
{
    return m_queuedBytes;
}

uint32_t
CellFreeBearer::GetPriority() const
{
    const auto first = std::find_if(m_queues.begin(), m_queues.end(), [](const Queue& queue) {
        return !queue.window.IsEmpty();
    });
    return first == m_queues.end() ? 0 : first - m_queues.begin();
}

Time
CellFreeBearer::GetHeadOfLineDelay(Time now) const
{
    Time delay(0);
    for (const auto& queue : m_queues)
    {
        // What is delivered or dropped leaves the window at once, so its first packet is pending.
        if (!queue.window.IsEmpty())
        {
            delay = std::max(delay, now - queue.window[0].frame.enqueued);
        }
    }
    return delay;
}

bool
CellFreeBearer::HasRoomAt(std::size_t priority, uint32_t bytes) const
{
    return m_queues[priority].queuedBytes + bytes <= m_settings.maxQueueBytes;
}

bool
CellFreeBearer::HasRoom(uint32_t bytes) const
{
    for (std::size_t priority = 0; priority < m_queues.size(); ++priority)
    {
        if (HasRoomAt(priority, bytes))
        {
            return true;
        }
    }
    return false;
}

bool
CellFreeBearer::HasFreeProcess(uint64_t slot) const
{
    if (m_settings.harqProcesses == 0)
    {
        return true;
    }
    std::size_t nBusy = m_failed.GetSize() + m_nFlying;
    // Feedback comes in the order of the slots.
    for (std::size_t i = m_busyUntil.GetSize(); i > 0 && m_busyUntil[i - 1] > slot; --i)
    {
        ++nBusy;
    }
    return nBusy < m_settings.harqProcesses;
}

bool
CellFreeBearer::HasNewData() const
{
    return std::any_of(m_queues.begin(), m_queues.end(), [](const Queue& queue) {
        return queue.nextSdu < queue.GetEndSdu() || !queue.lost.IsEmpty();
    });
}

bool
CellFreeBearer::HasData(uint64_t slot) const
{
    if (GetRetransmission(slot))
    {
        return true;
    }
    const bool isWaiting =
        std::any_of(m_queues.begin(), m_queues.end(), [slot](const Queue& queue) {
            return queue.nextSdu < queue.GetEndSdu() ||
                   (!queue.lost.IsEmpty() && queue.lost[0].readySlot <= slot);
        });
    return isWaiting && HasFreeProcess(slot);
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
    ++m_nFlying;
    return m_failed.TakeFront();
}

bool
CellFreeBearer::AddSegment(Block& block,
                           uint8_t priority,
                           uint64_t number,
                           uint32_t bytes,
                           uint32_t arqRetries)
{
    if (block.nRuns > 0)
    {
        auto& run = block.runs[block.nRuns - 1];
        // What is in the middle of a run must be whole.
        if (run.priority == priority && run.arqRetries == arqRetries &&
            run.firstSdu + run.nSegments == number &&
            (run.nSegments == 1 || run.lastBytes == m_queues[priority].GetSdu(number - 1).size))
        {
            ++run.nSegments;
            run.lastBytes = bytes;
            ++block.nSegments;
            return true;
        }
    }
    if (block.nRuns == MAX_RUNS)
    {
        return false;
    }
    block.runs[block.nRuns++] = {number, 1, bytes, bytes, arqRetries, priority};
    ++block.nSegments;
    return true;
}

bool
CellFreeBearer::FillWithLost(uint64_t slot, uint8_t priority, Block& block, uint32_t& room)
{
    auto& queue = m_queues[priority];
    while (!queue.lost.IsEmpty() && queue.lost[0].readySlot <= slot)
    {
        auto& segment = queue.lost[0];
        // Its packet may have been dropped with another part of it.
        if (!queue.IsPending(segment.sdu))
        {
            queue.lost.TakeFront();
            continue;
        }
        if (room <= m_settings.segmentHeader)
        {
            break;
        }
        const uint32_t taken = std::min(segment.bytes, room - m_settings.segmentHeader);
        if (!AddSegment(block, priority, segment.sdu, taken, segment.arqRetries))
        {
            return false;
        }
        queue.queuedBytes -= taken;
        m_queuedBytes -= taken;
        room -= taken + m_settings.segmentHeader;
        segment.bytes -= taken;
        if (segment.bytes == 0)
        {
            queue.lost.TakeFront();
        }
    }
    return true;
}

bool
CellFreeBearer::FillWithNew(uint8_t priority, Block& block, uint32_t& room)
{
    auto& queue = m_queues[priority];
    while (queue.nextSdu < queue.GetEndSdu() && room > m_settings.segmentHeader)
    {
        auto& sdu = queue.GetSdu(queue.nextSdu);
        const uint32_t taken = std::min(sdu.size - sdu.sentBytes, room - m_settings.segmentHeader);
        if (!AddSegment(block, priority, queue.nextSdu, taken, 0))
        {
            return false;
        }
        sdu.sentBytes += taken;
        queue.queuedBytes -= taken;
        m_queuedBytes -= taken;
        room -= taken + m_settings.segmentHeader;
        if (sdu.sentBytes == sdu.size)
        {
            ++queue.nextSdu;
        }
    }
    return true;
}

CellFreeBearer::Block
CellFreeBearer::BuildBlock(uint64_t slot, int mcs, uint32_t nSymbols, uint32_t bytes)
{
    Block block;
    block.mcs = mcs;
    block.nSymbols = nSymbols;
    block.bytes = bytes;
    if (!HasFreeProcess(slot))
    {
        return block;
    }
    uint32_t room = bytes;
    for (std::size_t priority = 0; priority < m_queues.size(); ++priority)
    {
        if (!FillWithLost(slot, priority, block, room) || !FillWithNew(priority, block, room))
        {
            break;
        }
    }
    m_nFlying += block.nSegments > 0;
    return block;
}

void
CellFreeBearer::Finish(const Block& block, bool success, uint64_t slot)
{
    NS_LOG_FUNCTION(this << block.bytes << block.transmissions << success << slot);
    m_nFlying -= std::min(m_nFlying, 1U);
    const uint64_t feedback = slot + m_settings.feedbackSlots;
    if (!success && block.transmissions < m_settings.maxTransmissions)
    {
        Block failed = block;
        failed.readySlot = feedback;
        m_failed.PushBack(failed);
        return;
    }
    while (!m_busyUntil.IsEmpty() && m_busyUntil[0] <= slot)
    {
        m_busyUntil.TakeFront();
    }
    m_busyUntil.PushBack(feedback);
    // What becomes of one run may be heard of, and lead to packets of new priorities.
    for (uint32_t i = 0; i < block.nRuns; ++i)
    {
        FinishRun(block.runs[i], success, feedback);
    }
}

void
CellFreeBearer::FinishRun(const Run& run, bool success, uint64_t readySlot)
{
    for (uint32_t k = 0; k < run.nSegments; ++k)
    {
        const uint64_t number = run.firstSdu + k;
        auto& queue = m_queues[run.priority];
        // A packet that is no longer there was abandoned with another part of it.
        if (!queue.IsPending(number))
        {
            continue;
        }
        auto& sdu = queue.GetSdu(number);
        const uint32_t bytes = k == 0                   ? run.firstBytes
                               : k + 1 == run.nSegments ? run.lastBytes
                                                        : sdu.size;
        if (success)
        {
            sdu.heldBytes += bytes;
        }
        else if (run.arqRetries < m_settings.maxArqRetries)
        {
            queue.lost.PushBack({number, bytes, run.arqRetries + 1, readySlot});
            queue.queuedBytes += bytes;
            m_queuedBytes += bytes;
        }
        else
        {
            Abandon(run.priority, number, TRANSMISSION_LIMIT);
        }
    }
    DeliverInOrder(run.priority);
}

uint64_t
CellFreeBearer::GetNeededBytes() const
{
    uint64_t nSegments = 0;
    for (const auto& queue : m_queues)
    {
        nSegments += queue.GetEndSdu() - queue.nextSdu + queue.lost.GetSize();
    }
    return m_queuedBytes + m_settings.segmentHeader * nSegments;
}

void
CellFreeBearer::DropAll(DropReason reason)
{
    while (!m_failed.IsEmpty())
    {
        m_failed.TakeFront();
    }
    m_nFlying = 0;
    for (std::size_t priority = 0; priority < m_queues.size(); ++priority)
    {
        const uint64_t end = m_queues[priority].GetEndSdu();
        for (uint64_t number = m_queues[priority].firstSdu; number < end; ++number)
        {
            if (m_queues[priority].IsPending(number))
            {
                Abandon(priority, number, reason);
            }
        }
        DeliverInOrder(priority);
    }
}

const CellFreeBearer::Counters&
CellFreeBearer::GetCounters() const
{
    return m_counters;
}

void
CellFreeBearer::Abandon(std::size_t priority, uint64_t number, DropReason reason)
{
    auto& queue = m_queues[priority];
    auto& sdu = queue.GetSdu(number);
    sdu.isAbandoned = true;
    uint32_t waiting = sdu.size - sdu.sentBytes;
    if (waiting > 0)
    {
        // Only the packet at the head of the queue can be partly sent.
        NS_ASSERT(number == queue.nextSdu);
        ++queue.nextSdu;
    }
    // Lost parts of it stay where they are, and are passed over when it is their turn.
    for (std::size_t i = 0; i < queue.lost.GetSize(); ++i)
    {
        if (queue.lost[i].sdu == number)
        {
            waiting += std::exchange(queue.lost[i].bytes, 0);
        }
    }
    queue.queuedBytes -= waiting;
    m_queuedBytes -= waiting;
    NS_LOG_LOGIC(this << " drops " << sdu.frame.packet << " for reason " << reason);
    m_counters.droppedBytes += sdu.size;
    m_counters.pendingBytes -= sdu.size;
    // Who hears of it may send, which moves the packets in memory.
    const Frame frame = std::move(sdu.frame);
    m_drop(frame, reason);
}

void
CellFreeBearer::DeliverInOrder(std::size_t priority)
{
    const auto isOver = [this, priority]() {
        auto& queue = m_queues[priority];
        // One that is not whole in blocks yet is not complete, even if it has no bytes.
        return queue.firstSdu < queue.nextSdu &&
               (queue.window[0].isAbandoned || queue.window[0].heldBytes == queue.window[0].size);
    };
    while (isOver())
    {
        auto& queue = m_queues[priority];
        const Sdu sdu = queue.window.TakeFront();
        ++queue.firstSdu;
        if (!sdu.isAbandoned)
        {
            m_counters.deliveredBytes += sdu.size;
            m_counters.pendingBytes -= sdu.size;
            m_deliver(sdu.frame);
        }
    }
}

} // namespace ns3
