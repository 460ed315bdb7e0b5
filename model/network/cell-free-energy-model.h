// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ENERGY_MODEL_H
#define CELL_FREE_ENERGY_MODEL_H

#include "cell-free-cpu.h"

#include "ns3/data-rate.h"
#include "ns3/event-id.h"
#include "ns3/isac-energy.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <vector>

namespace ns3
{

/// What one AP and its share of the rest took in an interval; a row of the EnergyTrace.
struct CellFreeEnergySample
{
    Time start;             //!< start of the interval
    Time end;               //!< end of the interval
    uint32_t apId{0};       //!< node id of the AP
    double radiated{0.0};   //!< what its beams radiated (J); part of ap
    double ap{0.0};         //!< the AP: circuits and amplifiers, or sleep (J)
    double fronthaul{0.0};  //!< its optical network unit, and its share of the line cards (J)
    double processing{0.0}; //!< what is computed for it, and its share of the cloud (J)
    double asleep{0.0};     //!< share of the interval that it slept, 0 to 1
};

/**
 * @ingroup cellfree-isac
 * @brief What a CPU with its APs, fronthaul and cloud takes from the mains.
 *
 * The model is that of O. T. Demir and others, "Cell-Free Massive MIMO in O-RAN" (see
 * IsacProcessing), applied slot by slot:
 *
 *   P = Pdisp + sum over APs (6.8 W N + 4 P_tx + P_ONU)
 *       + (P_OLT cards + P_idle DUs + slope / GOPSmax * GOPS) / sigma_cool
 *
 * and with split 7.2x P_idle + slope / GOPSmax * GOPS of filters and transforms in each AP. P_tx is
 * what the beams of the slot radiate on the downlink's symbols. An AP works in a slot in which it
 * radiates, serves a UE of the uplink, or listens to echoes or to pilots that the CPU needs; in
 * the others it may Sleep, and then takes SleepPower alone, fronthaul and processing included. Line
 * cards and DUs are as many as the mean of an interval takes, and no fewer DUs than line cards.
 *
 * Aggregated to the CPU's node. Intervals begin with the first slot.
 */
class CellFreeEnergyModel : public Object
{
  public:
    /// TracedCallback signature of the Energy trace source.
    typedef void (*EnergyTracedCallback)(const CellFreeEnergySample& sample);

    /// Sums since the start.
    struct Total
    {
        double radiated{0.0};   //!< radiated (J); part of ap
        double ap{0.0};         //!< APs (J)
        double fronthaul{0.0};  //!< fronthaul (J)
        double processing{0.0}; //!< processing (J)
        double seconds{0.0};    //!< time (s)
        double bits{0.0};       //!< bits of the blocks that were decoded, both directions

        /// @return all that was taken from the mains (J)
        double GetEnergy() const
        {
            return ap + fronthaul + processing;
        }
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeEnergyModel();
    ~CellFreeEnergyModel() override;

    /**
     * @brief Follow a CPU, before the start.
     * @param cpu the CPU, on a link
     */
    void SetCpu(Ptr<CellFreeCpu> cpu);

    /// Ends the running interval with the slot that runs.
    void Finish();

    /// @return the sums of the intervals that have ended
    const Total& GetTotal() const;

    /// @return what the processing depends on, of the CPU's channel and frame
    IsacProcessing GetProcessing() const;

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /// What an AP did in the running interval.
    struct Account
    {
        double radiated{0.0};  //!< (J)
        uint64_t nAwake{0};    //!< slots in which it worked, those with needed pilots left out
        uint64_t nServings{0}; //!< UEs that it served, summed over slots
    };

    /**
     * @brief Accounts for a plan that is on the air.
     * @param plan the plan
     * @param outcome what it met
     */
    void OnOutcome(const CellFreeSlotPlan& plan, const CellFreeSlotOutcome& outcome);

    /// Accounts for a block. @param sample the block's stream
    void OnUeSample(const CellFreeUeSample& sample);

    /// Ends the intervals that are over, and comes back.
    void Tick();

    /// Ends the intervals that are over. @param now the present time
    void Advance(Time now);

    /// Ends the running interval. @param end its end
    void Report(Time end);

    /// Sets the rate of a line card; aborts if it is zero. @param rate the rate
    void SetWavelengthRate(DataRate rate);
    /// @return the rate of a line card
    DataRate GetWavelengthRate() const;

    /// Sets the length of an interval. @param interval the length
    void SetInterval(Time interval);
    /// @return the length of an interval
    Time GetInterval() const;

    double m_antennaPower;       //!< of an AP's circuits per antenna (W)
    double m_amplifierSlope;     //!< taken over radiated power
    double m_onuPower;           //!< of an AP's optical network unit (W)
    double m_oltPower;           //!< of a line card (W)
    double m_dispatcherPower;    //!< of the cloud whatever it does (W)
    double m_coolingEfficiency;  //!< sigma_cool
    double m_idlePower;          //!< of a processor (W)
    double m_processorSlope;     //!< more that it takes at full load (W)
    double m_processorGops;      //!< its capacity
    IsacFunctionalSplit m_split; //!< where the physical layer is cut
    DataRate m_wavelengthRate;   //!< of a line card
    double m_quantisationBits;   //!< Nbits
    double m_coherenceBlock;     //!< tau_c
    double m_pilotLength;        //!< tau_p
    bool m_canSleep;             //!< whether idle APs sleep
    double m_sleepPower;         //!< of an AP that sleeps (W)
    Time m_interval;             //!< length of an interval

    Ptr<CellFreeCpu> m_cpu;          //!< who is followed
    std::vector<Account> m_accounts; //!< by AP of the CPU
    double m_ueOperations{0.0};      //!< for UEs in the running interval (giga operations)
    Time m_begin;                    //!< of the running interval
    Total m_total;                   //!< of the intervals that have ended
    EventId m_event;                 //!< end of the interval
    TracedCallback<const CellFreeEnergySample&> m_energyTrace; //!< an interval ended
};

} // namespace ns3

#endif // CELL_FREE_ENERGY_MODEL_H
