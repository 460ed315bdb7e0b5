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
 *
 * The grid is that of 5G NR (TS 38.211): a slot has 14 OFDM symbols, a resource block 12
 * subcarriers, and the subcarrier spacing is 15 kHz times 1 ms over the slot's duration.
 */
class CellFreeFrame : public Object
{
  public:
    /// OFDM symbols of a slot.
    static constexpr uint32_t N_SYMBOLS = 14;
    /// Subcarriers of a resource block.
    static constexpr uint32_t N_SUBCARRIERS = 12;

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

    /// @return the subcarrier spacing (Hz)
    double GetSubcarrierSpacing() const;

    /**
     * @brief Says whether a slot carries the uplink.
     * @param slot the number of the slot, counted from the start of the simulation
     * @return true for an uplink slot, false for a downlink slot
     */
    bool IsUplink(uint64_t slot) const;

    /**
     * @brief Says whether UEs send pilots in a slot, from which a CSI may estimate channels.
     * @param slot the number of the slot
     * @return true for every slot with uplink symbols
     */
    bool HasPilots(uint64_t slot) const;

    /**
     * @brief The downlink slot a number of downlink slots after another.
     * @param slot number of a downlink slot
     * @param n how many downlink slots later; 0 for the slot itself
     * @return the number of the slot
     */
    uint64_t GetDownlinkSlot(uint64_t slot, uint32_t n) const;

    /**
     * @brief The fewest downlink slots that begin in any interval of a duration.
     * @param duration the duration of the interval
     * @return the number of slots
     */
    uint64_t CountDownlinkSlots(Time duration) const;

    /**
     * @brief Resource blocks of a carrier: attribute ResourceBlocks, or if that is 0 the
     * transmission bandwidth configuration of TS 38.101-1 table 5.3.2-1 (15, 30, 60 kHz) and
     * TS 38.101-2 table 5.3.2-1 (120 kHz), or on a grid that neither has as many as fit into 90 %
     * of the bandwidth.
     * @param bandwidth bandwidth of the carrier (Hz)
     * @return N_RB
     */
    uint32_t GetResourceBlocks(double bandwidth) const;

    /**
     * @brief Data symbols of one resource block in one slot.
     * @param slot the number of the slot
     * @return number of complex symbols
     */
    uint32_t GetBlockSymbols(uint64_t slot) const;

    /**
     * @brief Data symbols of one stream over the whole band in one slot.
     * @param bandwidth bandwidth of the carrier (Hz)
     * @param slot the number of the slot
     * @return number of complex symbols, N_RB times GetBlockSymbols()
     */
    uint32_t GetDataSymbols(double bandwidth, uint64_t slot) const;

  private:
    /**
     * @brief Sets the duration of a slot.
     * @param duration the duration
     */
    void SetSlotDuration(Time duration);

    /**
     * @brief Sets the number of resource blocks.
     * @param number the number, or 0 for the specification's
     */
    void SetResourceBlocks(uint32_t number);

    /**
     * @brief Sets how many OFDM symbols of a slot carry data.
     * @param number the number
     */
    void SetDataSymbolsPerSlot(uint32_t number);

    /// @return see SetResourceBlocks
    uint32_t GetResourceBlocksSet() const;

    /// @return see SetDataSymbolsPerSlot
    uint32_t GetDataSymbolsPerSlot() const;

    Time m_slotDuration;           //!< duration of a slot
    uint32_t m_resourceBlocks{0};  //!< resource blocks, or 0 for the specification's
    uint32_t m_dataSymbols{12};    //!< OFDM symbols of a slot that carry data
    std::string m_pattern{"DDDU"}; //!< directions of the slots
};

} // namespace ns3

#endif // CELL_FREE_FRAME_H
