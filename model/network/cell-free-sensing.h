// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SENSING_H
#define CELL_FREE_SENSING_H

#include "cell-free-detector.h"
#include "cell-free-sensing-schedule.h"

#include "ns3/cell-free-channel-model.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"
#include "ns3/vector.h"

#include <Eigen/Core>
#include <cstdint>
#include <limits>
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
    uint32_t nTransmitters{0}; //!< APs that illuminated the target
    uint32_t nReceivers{0};    //!< receiving APs
    uint32_t nLooks{0};        //!< looks that the detector told apart
    uint32_t nSlots{0};        //!< downlink slots that illuminated the target
    double snr{0.0};           //!< equation (7), mean over the slots: per symbol, before combining
    double combinedSnr{0.0};   //!< after combining N_r antennas and L symbols: N_r L times snr
    double bestSnr{0.0};       //!< largest mean SNR of a look after combining
    double fluctuation{1.0};   //!< cross section in this dwell over its mean, over the looks
    double pd{0.0};            //!< detection probability over reflections and noise
    double conditionalPd{0.0}; //!< detection probability over noise, with the reflections drawn
    bool isDetected{false};    //!< true if the statistic exceeded the threshold
};

/**
 * @ingroup cellfree-isac
 * @brief A CPU's sensing: when targets are illuminated, and what the echoes of a dwell say.
 *
 * A dwell integrates L symbols coherently over the N_r antennas of every receiving AP. With the
 * echo amplitudes e of CellFreeChannelModel::GetEchoAmplitudes() and the power p_m that AP m
 * illuminates the target with, receiver r meets the mean SNR
 * N_r L e_r sum_m e_m p_m / varsigma_r^2, in the mean over the dwell's downlink slots that
 * illuminate the target. The mean of this over the receivers is N_r L times equation (7). The
 * channel's CellFreeRadarModel draws reflections and noise of each look, and a CellFreeDetector
 * decides.
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
     * @brief Set the channel and the APs of the CPU, which all transmit and receive.
     * @param channel the channel
     * @param aps indices of the APs in the channel
     */
    void SetChannel(Ptr<CellFreeChannelModel> channel, const std::vector<uint32_t>& aps);

    /**
     * @brief Watch a target, from the first dwell on that starts now or later.
     * @param target index of the target in the channel
     */
    void AddTarget(uint32_t target);

    /**
     * @brief Watch a target no longer; nothing is said of its running dwell. Targets that the
     * channel has removed need no call.
     * @param target index of the target in the channel
     */
    void RemoveTarget(uint32_t target);

    /// @return true if a target is watched
    bool HasTargets() const;

    /**
     * @brief Tells how many symbols a dwell holds, at most which are integrated coherently. Aborts
     * if CoherentSymbols is more.
     * @param symbols symbols that illuminate targets in the shortest dwell of the schedule
     * @param slots downlink slots that have them
     */
    void SetDwellSymbols(uint64_t symbols, uint64_t slots);

    /**
     * @brief Tells how many symbols illuminate targets in the slots whose echoes are added from now
     * on.
     * @param symbols the number
     */
    void SetSlotSymbols(uint32_t symbols);

    /**
     * @brief Ends the dwell that is over and begins the one that is due. Call at every slot start,
     * before AddEcho().
     * @param now the present time
     */
    void BeginSlot(Time now);

    /**
     * @brief Names the targets to illuminate at a time.
     * @param effect start of the slot in which beams take effect, now or later
     * @param[out] targets their indices in the channel, ascending
     */
    void GetDueTargets(Time effect, std::vector<uint32_t>& targets) const;

    /**
     * @brief Adds the echo of one downlink slot to the running dwell. Nothing happens if that does
     * not watch the target.
     * @param target index of the target in the channel
     * @param aps indices of the transmitting APs in the channel, each one of SetChannel()'s
     * @param power what each of them illuminates the target with, sum_s |a_mt^H f_ms|^2 (W):
     * IsacMetrics::GetEchoPower()
     * @param snr sensing SNR (7) of the slot's beams on the true channel, linear
     */
    void AddEcho(uint32_t target,
                 const std::vector<uint32_t>& aps,
                 const Eigen::Ref<const Eigen::VectorXd>& power,
                 double snr);

    /// @return N_r L, the gain of combining over the SNR of equation (7), linear
    double GetCombiningGain() const;

    /// @return L, the symbols that a dwell integrates coherently
    uint32_t GetCoherentSymbols() const;

    /// @return when which targets are illuminated
    Ptr<CellFreeSensingSchedule> GetSchedule() const;

    /// @return what decides on detection
    Ptr<CellFreeDetector> GetDetector() const;

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /// A target that is watched.
    struct Target
    {
        uint32_t index{0}; //!< in the channel
        Time since;        //!< when it was added
    };

    /// What a dwell gathers of one target.
    struct Integration
    {
        uint32_t target{0};          //!< index of the target in the channel
        double snrSum{0.0};          //!< sum of equation (7) over slots
        uint32_t nSlots{0};          //!< number of slots
        uint64_t nSymbols{0};        //!< symbols of these slots
        Eigen::VectorXd power;       //!< transmitters: sum over slots of p_m (W)
        Eigen::VectorXd echo;        //!< looks: sum over slots of SNRs (7) of single looks
        Eigen::VectorXd weight;      //!< looks: mean echo gain, for the mean fluctuation
        Eigen::VectorXcd reflection; //!< looks: alpha
        Eigen::VectorXcd noise;      //!< looks: n
    };

    /**
     * @brief Set the schedule, before initialisation only.
     * @param schedule the schedule
     */
    void SetSchedule(Ptr<CellFreeSensingSchedule> schedule);
    /**
     * @brief Set the detector.
     * @param detector the detector
     */
    void SetDetector(Ptr<CellFreeDetector> detector);
    /**
     * @brief Set L.
     * @param symbols L
     */
    void SetCoherentSymbols(uint32_t symbols);
    /// Aborts if a dwell does not hold L symbols.
    void CheckCoherentSymbols() const;

    /**
     * @brief Lists the targets that a dwell may watch, into m_present.
     * @param dwell the dwell
     */
    void FindTargets(const CellFreeSensingSchedule::Dwell& dwell) const;
    /// Draws what the looks at the targets of m_dwell meet.
    void BeginDwell();
    /**
     * @brief Draws the reflections and noises of one target.
     * @param integration what the dwell gathers of the target
     */
    void DrawLooks(Integration& integration);
    /// Decides on the targets of m_dwell.
    void FinishDwell();

    Ptr<CellFreeChannelModel> m_channel;     //!< the truth
    Ptr<CellFreeSensingSchedule> m_schedule; //!< when which targets are illuminated
    Ptr<CellFreeDetector> m_detector;        //!< decides on detection
    std::vector<uint32_t> m_aps;             //!< the CPU's APs
    std::vector<int32_t> m_position;         //!< of an AP of the channel in m_aps, or -1
    std::vector<Target> m_targets;           //!< targets that are watched, by ascending index
    uint32_t m_coherentSymbols{0};           //!< L
    /// See SetDwellSymbols(); as given here nothing is known of it.
    uint64_t m_dwellSymbols{std::numeric_limits<uint64_t>::max()};
    uint64_t m_dwellSlots{0};  //!< see SetDwellSymbols()
    uint32_t m_slotSymbols{0}; //!< see SetSlotSymbols()

    CellFreeSensingSchedule::Dwell m_dwell;  //!< running dwell
    Ptr<CellFreeDetector> m_dwellDetector;   //!< decides on the running dwell
    CellFreeDetector::Looks m_looks;         //!< of the running dwell
    std::vector<uint32_t> m_due;             //!< targets of the running dwell
    std::vector<Integration> m_integrations; //!< of the running dwell, as m_due, and spare ones
    mutable std::vector<uint32_t> m_present; //!< targets that a dwell may watch
    Eigen::VectorXd m_snr;                   //!< of the looks of a target
    Eigen::VectorXd m_drawn;                 //!< what they met in the dwell
    TracedCallback<const CellFreeDwell&> m_dwellTrace; //!< a dwell ended
};

} // namespace ns3

#endif // CELL_FREE_SENSING_H
