// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_BLOCK_CLOCK_H
#define CELL_FREE_BLOCK_CLOCK_H

#include "ns3/nstime.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Counts how many durations have passed since time 0, when the duration changes at times.
 *
 * The first duration counts from time 0, whenever it is set. When it changes, the present block
 * ends one new duration later, and the elapsed number goes on from where it was.
 */
class CellFreeBlockClock
{
  public:
    /**
     * @brief Sets the duration from now on.
     * @param now the present time
     * @param duration the duration, > 0
     */
    void SetDuration(const Time& now, const Time& duration);

    /// @return the duration; 0 before it is set
    const Time& GetDuration() const;

    /**
     * @brief Number of the present block.
     * @param now the present time
     * @return the number, from 0; 0 while there is no duration
     */
    int64_t GetBlock(const Time& now) const;

    /**
     * @brief When a block ends.
     * @param block number of the present block
     * @return the end; 0 while there is no duration
     */
    Time GetEnd(int64_t block) const;

    /**
     * @brief Durations since time 0, the integral of one over the duration.
     * @param now the present time
     * @return the number, >= 0; 0 while there is no duration
     */
    double GetElapsed(const Time& now) const;

  private:
    Time m_duration;         //!< duration of a block; 0 before it is known
    Time m_origin;           //!< when the present duration was set
    int64_t m_firstBlock{0}; //!< block at the origin
    double m_elapsed{0.0};   //!< durations at the origin
};

} // namespace ns3

#endif // CELL_FREE_BLOCK_CLOCK_H
