// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FRAME_H
#define CELL_FREE_FRAME_H

#include "ns3/nstime.h"
#include "ns3/object.h"

#include <cstdint>
#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The TDD frame: how long a slot is, which direction it carries, how many symbols it holds.
 *
 * The grid is that of 5G NR (TS 38.211): a slot has 14 OFDM symbols, a resource block 12
 * subcarriers, and the subcarrier spacing is 15 kHz times 1 ms over the slot's duration. Of a
 * slot's symbols
 * - 14 - DataSymbols are control, in either direction;
 * - PilotSymbols of an uplink slot carry pilots; in the uplink part of a special slot, as many of
 *   them as it has room for;
 * - SensingSymbols of a downlink or special slot illuminate targets and carry no data;
 * - GuardSymbols are lost by a downlink slot that an uplink slot follows; a special slot has its
 *   own guard;
 * - the rest carries data. A special slot carries no uplink data.
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
     * @brief Checks a pattern.
     * @param pattern see SetPattern()
     * @return an empty string, or what was expected
     */
    static std::string FindPatternError(const std::string& pattern);

    /**
     * @brief Set the slots of the frame, repeated for ever.
     * @param pattern one letter a slot, D (downlink), U (uplink) or S (special: downlink symbols,
     * guard, uplink symbols); at least one D
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
     * @return true for an uplink slot, false for a downlink slot or a special slot
     */
    bool IsUplink(uint64_t slot) const;

    /// @return true if a slot of the frame carries uplink data
    bool HasUplink() const;

    /// @return true if a slot of the frame has uplink symbols, on which pilots could be sent
    bool HasUplinkSymbols() const;

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
     * @brief OFDM symbols on which APs send: data, control and sensing.
     * @param slot the number of the slot
     * @return the number, 0 to 14
     */
    uint32_t GetDownlinkSymbols(uint64_t slot) const;

    /**
     * @brief OFDM symbols on which UEs send: data, control and pilots.
     * @param slot the number of the slot
     * @return the number, 0 to 14
     */
    uint32_t GetUplinkSymbols(uint64_t slot) const;

    /**
     * @brief OFDM symbols that carry uplink pilots.
     * @param slot the number of the slot
     * @return the number, 0 to 14
     */
    uint32_t GetPilotSymbols(uint64_t slot) const;

    /// @return OFDM symbols of a slot that are control
    uint32_t GetControlSymbols() const;

    /**
     * @brief Symbols over the whole band whose echoes a dwell integrates: those of the OFDM symbols
     * of SensingSymbols, or if that is 0 of those that carry downlink data.
     * @param bandwidth bandwidth of the carrier (Hz)
     * @param slot the number of the slot
     * @return number of complex symbols, 0 in an uplink slot
     */
    uint32_t GetIlluminatingSymbols(double bandwidth, uint64_t slot) const;

    /**
     * @brief The fewest symbols that illuminate targets in the slots that begin in any interval of
     * a duration.
     * @param bandwidth bandwidth of the carrier (Hz)
     * @param duration the duration of the interval
     * @return number of complex symbols
     */
    uint64_t CountIlluminatingSymbols(double bandwidth, Time duration) const;

    /**
     * @brief Makes room for pilots where PilotSymbols is -1: one symbol for every 12, so that each
     * resource block has a resource element for each. Aborts if then a slot has no data left, and
     * if an uplink slot or special slot has too little room whatever PilotSymbols is.
     * @param number number of orthogonal pilots; 0 needs nothing
     * @param who what needs them, for the message
     */
    void RequirePilots(uint32_t number, const std::string& who);

    /**
     * @brief Share of the frame's resource elements that carry data: the prelog factor.
     * @param isUplink the direction
     * @return the share of those of all slots, 0 to 1
     */
    double GetDataShare(bool isUplink) const;

    /**
     * @brief Checks that the overheads fit into the slots.
     * @return an empty string, or one line that names the attribute, its value and what was
     * expected
     */
    std::string FindError() const;

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

  protected:
    void DoInitialize() override;

  private:
    /**
     * @brief The letter of a slot.
     * @param slot the number of the slot
     * @return D, S or U
     */
    char GetKind(uint64_t slot) const;

    /**
     * @brief OFDM symbols that carry data.
     * @param slot the number of the slot
     * @return the number, not positive where the overheads do not fit
     */
    int32_t CountDataSymbols(uint64_t slot) const;

    /**
     * @brief Sums what slots have over every interval of a number of slots.
     * @tparam Count called with the number of a slot, says what it has
     * @param nSlots length of the interval
     * @param count the function
     * @return the smallest sum
     */
    template <typename Count>
    uint64_t FindFewest(uint64_t nSlots, Count count) const;

    /**
     * @brief Sets the parts of a special slot.
     * @param parts symbols of downlink, guard and uplink, separated by colons; 14 in all
     */
    void SetSpecialSlot(const std::string& parts);

    /// @return see SetSpecialSlot
    std::string GetSpecialSlot() const;

    /**
     * @brief Sets the number of pilot symbols.
     * @param number the number, or -1 for what the CSI needs
     */
    void SetPilotSymbols(int32_t number);

    /// @return see SetPilotSymbols
    int32_t GetPilotSymbolsSet() const;

    /**
     * @brief Sets the number of symbols that a downlink slot loses before an uplink slot.
     * @param number the number
     */
    void SetGuardSymbols(uint32_t number);

    /// @return see SetGuardSymbols
    uint32_t GetGuardSymbols() const;

    /**
     * @brief Sets the number of symbols that only sense.
     * @param number the number
     */
    void SetSensingSymbols(uint32_t number);

    /// @return see SetSensingSymbols
    uint32_t GetSensingSymbols() const;

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
     * @brief Sets how many OFDM symbols of a slot are no control.
     * @param number the number
     */
    void SetDataSymbolsPerSlot(uint32_t number);

    /// @return see SetResourceBlocks
    uint32_t GetResourceBlocksSet() const;

    /// @return see SetDataSymbolsPerSlot
    uint32_t GetDataSymbolsPerSlot() const;

    Time m_slotDuration;           //!< duration of a slot
    uint32_t m_resourceBlocks{0};  //!< resource blocks, or 0 for the specification's
    uint32_t m_dataSymbols{12};    //!< OFDM symbols of a slot that are no control
    int32_t m_pilotSymbols{-1};    //!< pilot symbols as set: -1 for what the CSI needs
    uint32_t m_neededSymbols{0};   //!< pilot symbols that the CSIs of the CPUs need
    uint32_t m_guardSymbols{0};    //!< symbols lost before an uplink slot
    uint32_t m_sensingSymbols{0};  //!< symbols that only sense
    uint32_t m_specialDownlink{0}; //!< downlink symbols of a special slot
    uint32_t m_specialUplink{0};   //!< uplink symbols of a special slot
    std::string m_pattern{"DDDU"}; //!< directions of the slots
};

} // namespace ns3

#endif // CELL_FREE_FRAME_H
