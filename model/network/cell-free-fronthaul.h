// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FRONTHAUL_H
#define CELL_FREE_FRONTHAUL_H

#include "cell-free-slot-plan.h"

#include "ns3/data-rate.h"
#include "ns3/isac-fronthaul-load.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <array>
#include <vector>

namespace ns3
{

class CellFreeLink;

/// What one AP's link was to carry for one slot; a row of the FronthaulTrace.
struct CellFreeFronthaulLoad
{
    /// What is carried.
    enum Kind
    {
        DOWNLINK, //!< streams and beams to the AP
        UPLINK,   //!< what the AP receives of a plan's UEs
        PILOTS    //!< what the AP receives of pilots
    };

    Time time;            //!< when it was handed over
    uint64_t slot{0};     //!< slot that it is for
    Kind kind{DOWNLINK};  //!< what it is
    uint32_t apId{0};     //!< node id of the AP
    uint64_t load{0};     //!< its size (bits)
    double capacity{0.0}; //!< what the link carries until it is due (bits); infinite if it is ideal
    double backlog{0.0};  //!< what waits before it (bits)
    bool isLate{false};   //!< true if it does not fit: the AP sits the slot out
};

/**
 * @ingroup cellfree-isac
 * @brief Carries plans from the CPU to its APs: what that costs in time, and what gets lost.
 */
class CellFreeFronthaul : public Object
{
  public:
    /// TracedCallback signature of the Load trace source.
    typedef void (*LoadTracedCallback)(const CellFreeFronthaulLoad& load);

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    ~CellFreeFronthaul() override;

    /**
     * @brief Set the link whose plans are carried: frame, channel and block sizes.
     * @param link the link
     */
    void SetLink(Ptr<CellFreeLink> link);

    /**
     * @brief Downlink slots that a plan takes at least, which the CPU knows and plans for.
     * @param slot the downlink slot in which a plan would take effect without it
     * @return the number of downlink slots, 0 as given here
     */
    virtual uint32_t GetDelay(uint64_t slot) const;

    /**
     * @brief Says whether a downlink plan has a chance, so that the CPU may try fewer UEs.
     * @param plan the plan
     * @return false if no AP would get its part; true as given here
     */
    virtual bool CanCarry(const CellFreeSlotPlan& plan) const;

    /**
     * @brief Data symbols of an uplink layer that the CPU had better not exceed.
     * @param slot an uplink slot, which begins now and whose pilots have been collected
     * @param aps indices of the APs
     * @param nSymbols data symbols of the whole band
     * @return the number, nSymbols as given here
     */
    virtual uint32_t LimitUplink(uint64_t slot,
                                 const std::vector<uint32_t>& aps,
                                 uint32_t nSymbols) const;

    /**
     * @brief Carry a downlink plan to the APs.
     * @param[in,out] plan the plan; CellFreeSlotPlan::Silence() takes out an AP that gets none of
     * it
     * @return downlink slots by which the plan takes effect later than it was meant to
     */
    virtual uint32_t Transfer(CellFreeSlotPlan& plan) = 0;

    /**
     * @brief Carry what the APs receive of pilots to the CPU; as given here, all of it.
     * @param slot a slot with uplink symbols, which begins now
     * @param[in,out] aps indices of the APs; those whose pilots do not come in are taken out
     */
    virtual void CollectPilots(uint64_t slot, std::vector<uint32_t>& aps);

    /**
     * @brief Carry what the APs receive in an uplink slot to the CPU; as given here, all of it.
     * @param[in,out] plan the uplink plan, before MCS are chosen; CellFreeSlotPlan::Silence() takes
     * out an AP whose signals do not come in
     */
    virtual void Collect(CellFreeSlotPlan& plan);

  protected:
    void DoDispose() override;

    /// @return the link; aborts if none was set
    CellFreeLink& GetLink() const;

    TracedCallback<const CellFreeFronthaulLoad&> m_loadTrace; //!< a link was given something

  private:
    Ptr<CellFreeLink> m_link; //!< the link
};

/**
 * @ingroup cellfree-isac
 * @brief A fronthaul without delay and without limit.
 */
class CellFreeIdealFronthaul : public CellFreeFronthaul
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeIdealFronthaul();
    ~CellFreeIdealFronthaul() override;

    uint32_t Transfer(CellFreeSlotPlan& plan) override;
};

/**
 * @ingroup cellfree-isac
 * @brief A link of limited rate and some delay to every AP, in each direction.
 *
 * What a plan costs is counted in bits by the functional split:
 * - Split8: 2 b bits for every sample of every antenna in the symbols of the direction
 *   (cellfree::GetTimeDomainBits()), whatever the plan is.
 * - Split72x: to the AP, each stream that it radiates in block floating point on the data and
 *   sensing symbols, one stream on the control symbols, and a beam per stream (and sub-band)
 *   (cellfree::GetStreamBits(), cellfree::GetBeamBits()); from the AP, each antenna on the data and
 *   control symbols of the resource blocks that are in use, and on the pilot symbols of all.
 * - Local: to the AP, the bits of the blocks of the UEs that it serves and for each stream and
 *   sub-band one complex coefficient; from the AP, an estimate of each symbol of each UE that it
 *   serves, combined by the AP, in block floating point, and one coefficient per UE and sub-band.
 *   Pilots stay there, and so do blocks that are sent again. (Centralised and distributed
 *   operation: O. Demir, E. Bjornson, L. Sanguinetti, "Foundations of User-Centric Cell-Free
 *   Massive MIMO", 2021, chapters 5 and 6.)
 *
 * The link of an AP is a queue that drains at Rate. A slot's load is sent only if it comes in time:
 * all of it before the slot's end, where sending may begin when the plan is decided, or in the
 * uplink when the slot begins. Otherwise the AP sits the slot out. The CPU schedules fewer UEs
 * where no AP could carry all of them, and no more resource blocks of the uplink than links carry.
 * Delay adds to the time until a plan takes effect; in the uplink it is part of the feedback delay,
 * CellFreeMac::FeedbackSlots.
 */
class CellFreeLimitedFronthaul : public CellFreeFronthaul
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeLimitedFronthaul();
    ~CellFreeLimitedFronthaul() override;

    /// @return where the fronthaul cuts the physical layer
    IsacFunctionalSplit GetSplit() const;

    uint32_t GetDelay(uint64_t slot) const override;
    bool CanCarry(const CellFreeSlotPlan& plan) const override;
    uint32_t LimitUplink(uint64_t slot,
                         const std::vector<uint32_t>& aps,
                         uint32_t nSymbols) const override;
    uint32_t Transfer(CellFreeSlotPlan& plan) override;
    void CollectPilots(uint64_t slot, std::vector<uint32_t>& aps) override;
    void Collect(CellFreeSlotPlan& plan) override;

  private:
    /// One direction of an AP's link.
    struct Queue
    {
        double backlog{0.0}; //!< bits that wait, at the time below
        Time time;           //!< when that was
        uint64_t late{0};    //!< one past the latest slot that the AP sits out
    };

    /**
     * @brief Load of a downlink plan.
     * @param plan the plan
     * @param m position of the AP in it
     * @return the number of bits
     */
    uint64_t CountDownlink(const CellFreeSlotPlan& plan, std::size_t m) const;

    /**
     * @brief Load of an uplink plan, without its pilots.
     * @param plan the plan
     * @param m position of the AP in it
     * @return the number of bits
     */
    uint64_t CountUplink(const CellFreeSlotPlan& plan, std::size_t m) const;

    /**
     * @brief Load of the pilots of a slot.
     * @param slot the slot
     * @return the number of bits, the same for every AP
     */
    uint64_t CountPilots(uint64_t slot) const;

    /**
     * @brief Bits of the antennas of an AP in the time domain.
     * @param nSymbols OFDM symbols
     * @return the number of bits
     */
    uint64_t CountSamples(uint32_t nSymbols) const;

    /**
     * @brief Bits that a link carries from now on until a slot's load is due.
     * @param slot the slot
     * @param isDownlink the direction
     * @return the number; infinite without a limit
     */
    double GetCapacity(uint64_t slot, bool isDownlink) const;

    /**
     * @brief Bits that wait now.
     * @param ap index of the AP
     * @param isDownlink the direction
     * @return the number
     */
    double GetBacklog(uint32_t ap, bool isDownlink) const;

    /**
     * @brief Gives an AP's link what it is to carry for a slot, if it can.
     * @param ap index of the AP
     * @param kind what it is
     * @param slot the slot
     * @param load its size (bits)
     * @return true if it comes in time
     */
    bool Offer(uint32_t ap, CellFreeFronthaulLoad::Kind kind, uint64_t slot, uint64_t load);

    DataRate m_rate;                            //!< rate of each link and direction; 0 for no limit
    Time m_delay;                               //!< propagation and switching
    IsacFunctionalSplit m_split;                //!< where the physical layer is cut
    uint32_t m_mantissaBits;                    //!< of a value in the frequency domain
    uint32_t m_weightBits;                      //!< of a beam's weight
    uint32_t m_sampleBits;                      //!< of a sample in the time domain
    double m_samplingRate;                      //!< of the time domain (Hz); 0 for the FFT's
    uint32_t m_payloadBytes;                    //!< largest payload of an Ethernet frame
    std::vector<std::array<Queue, 2>> m_queues; //!< by AP: to it, from it
    mutable CellFreeSlotPlan m_trial;           //!< work space: an uplink plan that might be
    mutable std::vector<uint32_t> m_used;       //!< work space: symbols of each uplink layer
};

} // namespace ns3

#endif // CELL_FREE_FRONTHAUL_H
