// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_BUFFER_STATUS_H
#define CELL_FREE_BUFFER_STATUS_H

#include "cell-free-ring.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief What a CPU knows of the uplink queue of one UE, and what it has granted of it.
 *
 * Without a delay the CPU sees the queue as it is. With one, a UE reports its queue with each use
 * of a grant, and the report comes a number of slots later. A UE with data for which neither a
 * grant nor a report is on its way sends a scheduling request in an uplink slot; it comes as late
 * as a report does and says that something waits, not how much. This is the procedure of TS 38.321
 * sections 5.4.4 and 5.4.5 with requests and reports that never fail.
 */
class CellFreeBufferStatus
{
  public:
    /**
     * @brief Let the UE look at its queue at the start of a slot, and the CPU at what has come.
     * @param slot number of the slot; not less than that of the call before
     * @param waitingBytes bytes that a block must have to carry all that waits
     * @param delay slots that a report or a request takes; 0 for a CPU that sees the queue
     * @param canRequest true in a slot in which a request can be sent
     */
    void Update(uint64_t slot, uint64_t waitingBytes, uint32_t delay, bool canRequest);

    /// @return bytes that wait as far as the CPU knows, and are not granted yet; 1 if it only
    /// knows that something waits
    uint64_t GetBytes() const;

    /// @return true if a failed block has been granted its repetition, in a slot still to come
    bool HasRepetition() const;

    /**
     * @brief Note what was granted.
     * @param slot slot of the transmission; not less than that of the grant before
     * @param bytes size of the block, 0 for one that is sent again
     * @param isRepetition true if a failed block is to be sent again
     */
    void NotifyGrant(uint64_t slot, uint64_t bytes, bool isRepetition);

    /**
     * @brief Note that the slot of a grant is over: the UE reports.
     * @param slot the slot
     * @param waitingBytes bytes that a block must have to carry all that still waits
     */
    void NotifySent(uint64_t slot, uint64_t waitingBytes);

  private:
    /// Something that was granted.
    struct Grant
    {
        uint64_t slot{0};         //!< slot of the transmission
        uint64_t bytes{0};        //!< size of the block
        bool isRepetition{false}; //!< a failed block is sent again
    };

    /// A report on its way.
    struct Report
    {
        uint64_t slot{0};  //!< slot in which it was sent
        uint64_t bytes{0}; //!< what it says
    };

    /// Forgets the grants for slots before one.
    void ForgetBefore(uint64_t slot);

    CellFreeRing<Grant> m_grants;   //!< those that what is known does not cover
    CellFreeRing<Report> m_reports; //!< on their way
    uint64_t m_knownBytes{0};       //!< what the CPU knows to wait before m_grants
    uint64_t m_now{0};              //!< the present slot
    uint64_t m_requestSlot{0};      //!< slot in which the request on its way was sent
    bool m_isRequested{false};      //!< a request is on its way
};

} // namespace ns3

#endif // CELL_FREE_BUFFER_STATUS_H
