// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SENSING_H
#define CELL_FREE_SENSING_H

#include "ns3/cell-free-channel-model.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"
#include "ns3/vector.h"

#include <vector>

namespace ns3
{

/// What one dwell on one target gave; a row of the SensingTrace.
struct CellFreeDwell
{
    Time start;                //!< start of the dwell
    Time end;                  //!< end of the dwell
    uint32_t targetId{0};      //!< node id of the target
    Vector position;           //!< true position of the target at the end of the dwell (m)
    uint32_t nTransmitters{0}; //!< illuminating APs
    uint32_t nReceivers{0};    //!< receiving APs
    uint32_t nSlots{0};        //!< downlink slots in the dwell
    double snr{0.0};           //!< equation (7), mean over the slots: per symbol, before combining
    double combinedSnr{0.0};   //!< after combining N_r antennas and L symbols: N_r L times snr
    double fluctuation{1.0};   //!< cross section in this dwell over its mean
    double pd{0.0};            //!< detection probability before the draw of the fluctuation
    bool isDetected{false};    //!< true if the echo crossed the threshold
};

/**
 * @ingroup cellfree-isac
 * @brief When targets are illuminated, and what the echoes of a dwell say.
 *
 * A dwell integrates L symbols coherently over the N_r antennas of every receiving AP; its mean SNR
 * after combining is N_r L times the mean of equation (7) over its downlink slots. The channel's
 * CellFreeRadarModel draws the target's fluctuation and decides on detection.
 */
class CellFreeSensing : public Object
{
  public:
    /// TracedCallback signature of the Dwell trace source.
    typedef void (*DwellTracedCallback)(const CellFreeDwell& dwell);

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeSensing();
    ~CellFreeSensing() override;

    /**
     * @brief Set the channel whose targets are watched.
     * @param channel the channel
     */
    void SetChannel(Ptr<CellFreeChannelModel> channel);

    /**
     * @brief Ends the dwell that is over and begins the one that is due. Call at every slot start.
     * @param now the present time
     */
    void Advance(Time now);

    /// @return indices of the targets to illuminate now, in ascending order
    const std::vector<uint32_t>& GetDueTargets() const;

    /**
     * @brief Adds one downlink slot to the running dwell.
     * @param target index of the target
     * @param snr sensing SNR (7) of the slot's beams on the true channel, linear
     */
    void AddSlot(uint32_t target, double snr);

    /// @return N_r L, the gain of combining over the SNR of equation (7), linear
    double GetCombiningGain() const;

  protected:
    void DoDispose() override;

  private:
    /// Sum of the sensing SNR over the slots of the running dwell.
    struct Integration
    {
        double snrSum{0.0}; //!< sum of equation (7)
        uint32_t nSlots{0}; //!< number of slots
    };

    void BeginDwell(Time now);
    void FinishDwell(Time now);

    Ptr<CellFreeChannelModel> m_channel;     //!< knows the targets
    Time m_duration;                         //!< duration of a dwell
    Time m_interval;                         //!< time between the starts of dwells
    uint32_t m_coherentSymbols;              //!< L
    Time m_start;                            //!< start of the running dwell
    Time m_next;                             //!< start of the next dwell
    std::vector<uint32_t> m_due;             //!< targets of the running dwell; empty between dwells
    std::vector<Integration> m_integrations; //!< by target index
    TracedCallback<const CellFreeDwell&> m_dwellTrace; //!< a dwell ended
};

} // namespace ns3

#endif // CELL_FREE_SENSING_H
