// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-block-clock.h"

namespace ns3
{

void
CellFreeBlockClock::SetDuration(const Time& now, const Time& duration)
{
    if (m_duration.IsStrictlyPositive() && duration != m_duration)
    {
        m_firstBlock = GetBlock(now);
        m_elapsed = GetElapsed(now);
        m_origin = now;
    }
    m_duration = duration;
}

const Time&
CellFreeBlockClock::GetDuration() const
{
    return m_duration;
}

int64_t
CellFreeBlockClock::GetBlock(const Time& now) const
{
    return m_duration.IsZero()
               ? 0
               : m_firstBlock + (now - m_origin).GetTimeStep() / m_duration.GetTimeStep();
}

Time
CellFreeBlockClock::GetEnd(int64_t block) const
{
    return m_origin + TimeStep((block - m_firstBlock + 1) * m_duration.GetTimeStep());
}

double
CellFreeBlockClock::GetElapsed(const Time& now) const
{
    return m_duration.IsZero()
               ? 0.0
               : m_elapsed + double((now - m_origin).GetTimeStep()) / m_duration.GetTimeStep();
}

} // namespace ns3
