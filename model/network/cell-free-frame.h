// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FRAME_H
#define CELL_FREE_FRAME_H

#include "ns3/nstime.h"
#include "ns3/object.h"

#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The TDD frame: how long a slot is, which direction it carries, how many symbols it holds.
 */
class CellFreeFrame : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeFrame();
    ~CellFreeFrame() override;

    /**
     * @brief Set the slots of the frame, repeated for ever.
     * @param pattern one letter a slot, D (downlink) or U (uplink); at least one D
     */
    void SetPattern(const std::string& pattern);

    /// @return the slots of the frame, one letter each
    std::string GetPattern() const;

    /// @return the duration of a slot
    Time GetSlotDuration() const;

    /**
     * @brief Says whether a slot carries the uplink.
     * @param slot the number of the slot, counted from the start of the simulation
     * @return true for an uplink slot, false for a downlink slot
     */
    bool IsUplink(uint64_t slot) const;

    /**
     * @brief Data symbols of one stream in one slot: the time-bandwidth product less the overhead.
     * @param bandwidth bandwidth of the carrier (Hz)
     * @return number of complex symbols
     */
    uint32_t GetDataSymbols(double bandwidth) const;

  private:
    Time m_slotDuration;   //!< duration of a slot
    double m_overhead;     //!< share of the time-bandwidth product that carries no data
    std::string m_pattern; //!< directions of the slots
};

} // namespace ns3

#endif // CELL_FREE_FRAME_H
