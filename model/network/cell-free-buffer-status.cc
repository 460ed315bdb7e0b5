// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-buffer-status.h"

#include <algorithm>

namespace ns3
{

void
CellFreeBufferStatus::Update(uint64_t slot, uint64_t waitingBytes, uint32_t delay, bool canRequest)
{
    m_now = slot;
    if (delay == 0)
    {
        m_knownBytes = waitingBytes;
        m_isRequested = false;
        while (!m_reports.IsEmpty())
        {
            m_reports.TakeFront();
        }
        ForgetBefore(slot);
        return;
    }
    while (!m_reports.IsEmpty() && m_reports[0].slot + delay <= slot)
    {
        const auto report = m_reports.TakeFront();
        m_knownBytes = report.bytes;
        ForgetBefore(report.slot + 1);
    }
    if (m_isRequested && m_requestSlot + delay <= slot)
    {
        m_isRequested = false;
        ForgetBefore(slot);
        m_knownBytes = std::max<uint64_t>(m_knownBytes, 1);
    }
    const bool isGranted = !m_grants.IsEmpty() && m_grants[m_grants.GetSize() - 1].slot >= slot;
    if (canRequest && waitingBytes > 0 && GetBytes() == 0 && !isGranted && m_reports.IsEmpty() &&
        !m_isRequested)
    {
        m_isRequested = true;
        m_requestSlot = slot;
    }
}

uint64_t
CellFreeBufferStatus::GetBytes() const
{
    uint64_t granted = 0;
    for (std::size_t i = 0; i < m_grants.GetSize(); ++i)
    {
        granted += m_grants[i].bytes;
    }
    return m_knownBytes - std::min(m_knownBytes, granted);
}

bool
CellFreeBufferStatus::HasRepetition() const
{
    for (std::size_t i = 0; i < m_grants.GetSize(); ++i)
    {
        if (m_grants[i].isRepetition && m_grants[i].slot >= m_now)
        {
            return true;
        }
    }
    return false;
}

void
CellFreeBufferStatus::NotifyGrant(uint64_t slot, uint64_t bytes, bool isRepetition)
{
    m_grants.PushBack({slot, bytes, isRepetition});
}

void
CellFreeBufferStatus::NotifySent(uint64_t slot, uint64_t waitingBytes)
{
    m_reports.PushBack({slot, waitingBytes});
}

void
CellFreeBufferStatus::ForgetBefore(uint64_t slot)
{
    while (!m_grants.IsEmpty() && m_grants[0].slot < slot)
    {
        m_grants.TakeFront();
    }
}

} // namespace ns3
