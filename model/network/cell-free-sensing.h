// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SENSING_H
#define CELL_FREE_SENSING_H

#include "cell-free-detector.h"
#include "cell-free-echo-receiver.h"
#include "cell-free-scan.h"
#include "cell-free-sensing-roles.h"
#include "cell-free-sensing-schedule.h"
#include "cell-free-tracker.h"
#include "cell-free-weight-control.h"

#include "ns3/cell-free-channel-model.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A CPU's sensing: when and where it looks, and what it makes of the echoes.
 *
 * Without a tracker the CPU is told where its targets are: each has a stream towards its true
 * direction in the dwells of the schedule, and each dwell tests whether the target is detected
 * there: see CellFreeEchoReceiver.
 *
 * With a tracker it is told nothing. The schedule chooses from the tracker's predictions where the
 * streams of the next dwell point, and what else to search. All targets of the channel reflect the
 * beams that are on the air in a dwell, those for UEs too; what is detected, and what noise is
 * taken for a target, reaches the tracker as a CellFreeScan, and nothing else does.
 */
class CellFreeSensing : public Object
{
  public:
    /// TracedCallback signature of the Dwell trace source.
    typedef void (*DwellTracedCallback)(const CellFreeDwell& dwell);
    /// TracedCallback signature of the Scan trace source.
    typedef void (*ScanTracedCallback)(const CellFreeScan& scan,
                                       const std::vector<CellFreeTrack>& tracks);

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
     * @brief Watch a target, from the first dwell on that starts now or later. A tracker is not
     * told: see CellFreeTracker::Cue().
     * @param target index of the target in the channel
     */
    void AddTarget(uint32_t target);

    /**
     * @brief Watch a target no longer; nothing is said of its running dwell. Targets that the
     * channel has removed need no call.
     * @param target index of the target in the channel
     */
    void RemoveTarget(uint32_t target);

    /// @return true if a target is watched, or a tracker might find one
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
     * @brief Says where the sensing streams of a slot point. What is chosen for a dwell, when it is
     * asked for first, stays.
     * @param effect start of the slot in which beams take effect, now or later
     * @param[out] aims the aims: targets by ascending index, or what the schedule chose
     */
    void GetDueAims(Time effect, std::vector<CellFreeAim>& aims);

    /**
     * @brief Says which APs transmit and which receive in a slot.
     * @param effect start of the slot
     * @param aims the slot's aims: see GetDueAims()
     * @param[out] transmitters indices of the transmitting APs
     * @param[out] receivers indices of the receiving APs; empty if they are the transmitting ones
     */
    void GetRoles(Time effect,
                  const std::vector<CellFreeAim>& aims,
                  std::vector<uint32_t>& transmitters,
                  std::vector<uint32_t>& receivers) const;

    /**
     * @brief Says whether the echoes of all targets count, aimed at or not.
     * @param effect start of a slot
     * @return true if there is a tracker, and the slot is in a dwell
     */
    bool IsListening(Time effect) const;

    /**
     * @brief The weight of a stream in the objective from now on.
     * @param aim what the stream is for
     * @param weight the CPU's attribute SensingWeight
     * @return the weight, >= 0
     */
    double GetWeight(const CellFreeAim& aim, double weight);

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

    /**
     * @brief Adds what the CPU believes of one downlink slot to the running dwell.
     * @param aims what the slot's sensing streams are for, as GetDueAims() said
     * @param aps indices of the transmitting APs in the channel, each one of SetChannel()'s
     * @param power M x T: what each of them illuminates the place of each aim with (W)
     */
    void AddBelief(const std::vector<CellFreeAim>& aims,
                   const std::vector<uint32_t>& aps,
                   const Eigen::MatrixXd& power);

    /// @return whether a beam towards a place that is not known well is wider
    bool WidensBeams() const;

    /// @return N_r L, the gain of combining over the SNR of equation (7), linear
    double GetCombiningGain() const;

    /// @return L, the symbols that a dwell integrates coherently
    uint32_t GetCoherentSymbols() const;

    /// @return when which targets are illuminated
    Ptr<CellFreeSensingSchedule> GetSchedule() const;

    /// @return what decides on detection
    Ptr<CellFreeDetector> GetDetector() const;

    /// @return what turns echoes into detections
    Ptr<CellFreeEchoReceiver> GetEchoReceiver() const;

    /// @return what follows targets; null if the CPU is told where they are
    Ptr<CellFreeTracker> GetTracker() const;

    /**
     * @brief Fixes all random streams, also those of targets to come.
     * @param first first stream number of the module: see GetCellFreeStream()
     * @param cpuId node id of the CPU
     */
    void AssignStreams(int64_t first, uint32_t cpuId);

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

    /// The aims of a dwell.
    struct Choice
    {
        int64_t dwell{-1};             //!< number of the dwell
        std::vector<CellFreeAim> aims; //!< what the schedule chose
    };

    /// What a dwell gathers of what the CPU believes of one aim.
    struct Belief
    {
        CellFreeAim aim;       //!< the aim
        Eigen::VectorXd power; //!< transmitters: sum over slots of what they illuminate it with (W)
        uint32_t nSlots{0};    //!< number of slots
        uint64_t nSymbols{0};  //!< symbols of these slots
    };

    /**
     * @brief Set the schedule, before initialisation only.
     * @param schedule the schedule
     */
    void SetSchedule(Ptr<CellFreeSensingSchedule> schedule);
    /**
     * @brief Set what turns echoes into detections, before initialisation only.
     * @param receiver the receiver
     */
    void SetEchoReceiver(Ptr<CellFreeEchoReceiver> receiver);
    /**
     * @brief Set the tracker, before initialisation only.
     * @param tracker the tracker, or null
     */
    void SetTracker(Ptr<CellFreeTracker> tracker);
    /**
     * @brief Set who transmits and who receives, before initialisation only.
     * @param roles the roles
     */
    void SetRoles(Ptr<CellFreeSensingRoles> roles);
    /// @return who transmits and who receives
    Ptr<CellFreeSensingRoles> GetRoles() const;
    /**
     * @brief Set the detector.
     * @param detector the detector
     */
    void SetDetector(Ptr<CellFreeDetector> detector);
    /**
     * @brief Set the weight control.
     * @param control the weight control
     */
    void SetWeightControl(Ptr<CellFreeWeightControl> control);
    /// @return the weight control
    Ptr<CellFreeWeightControl> GetWeightControl() const;
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
    /**
     * @brief The aims that a tracker's predictions give a dwell.
     * @param dwell the dwell
     * @return the aims, the same ones whenever it is asked for
     */
    const std::vector<CellFreeAim>& ChooseAims(const CellFreeSensingSchedule::Dwell& dwell);
    /// @return whether an index is that of a target that is watched. @param target the index
    bool IsWatched(uint32_t target) const;
    /// Draws what the looks at the targets of m_dwell meet.
    void BeginDwell();
    /// Decides on the targets of m_dwell.
    void FinishDwell();
    /// Tells the weight control of the targets of m_dwell. @param dwell a target @param target
    /// index
    void NotifyWeight(CellFreeDwell& dwell, uint32_t target);
    /// Tells the tracker of m_dwell.
    void FinishScan();
    /**
     * @brief Says what the CPU believes of a look.
     * @param belief what the dwell gathered of its aim
     * @return the probability to detect a target there
     */
    double GetBelievedPd(const Belief& belief);

    Ptr<CellFreeChannelModel> m_channel;        //!< geometry, and who is there
    Ptr<CellFreeEchoReceiver> m_receiver;       //!< what the echoes are
    Ptr<CellFreeSensingSchedule> m_schedule;    //!< when which targets are illuminated
    Ptr<CellFreeSensingRoles> m_roles;          //!< who transmits and who receives
    Ptr<CellFreeDetector> m_detector;           //!< decides on detection
    Ptr<CellFreeTracker> m_tracker;             //!< follows targets
    Ptr<CellFreeWeightControl> m_weightControl; //!< weighs targets
    std::vector<uint32_t> m_aps;                //!< the CPU's APs
    std::vector<Target> m_targets;              //!< targets that are watched, by ascending index
    uint32_t m_coherentSymbols{0};              //!< L
    bool m_widensBeams{true};                   //!< see WidensBeams()
    double m_expectedRcs{0.0};                  //!< of a target that nobody knows (m^2)
    double m_weight{0.0};                       //!< what GetWeight() was given last
    /// See SetDwellSymbols(); as given here nothing is known of it.
    uint64_t m_dwellSymbols{std::numeric_limits<uint64_t>::max()};
    uint64_t m_dwellSlots{0};  //!< see SetDwellSymbols()
    uint32_t m_slotSymbols{0}; //!< see SetSlotSymbols()

    CellFreeSensingSchedule::Dwell m_dwell;            //!< running dwell
    Ptr<CellFreeDetector> m_dwellDetector;             //!< decides on the running dwell
    std::vector<uint32_t> m_due;                       //!< targets of the running dwell
    std::vector<uint32_t> m_transmitters;              //!< of the running dwell
    std::vector<uint32_t> m_receivers;                 //!< of the running dwell; empty if the same
    std::vector<CellFreeAim> m_aims;                   //!< of the running dwell
    std::vector<Belief> m_beliefs;                     //!< of the running dwell, by its aims
    std::vector<Choice> m_choices;                     //!< of the running dwell and later ones
    std::vector<CellFreeDwell> m_dwells;               //!< what became of m_due
    std::vector<uint32_t> m_found;                     //!< targets that these are about
    CellFreeScan m_scan;                               //!< what the dwell tells the tracker
    std::vector<CellFreeTrack> m_predicted;            //!< tracks in the middle of a dwell
    mutable std::vector<uint32_t> m_present;           //!< targets that a dwell may watch
    std::vector<uint32_t> m_told;                      //!< those of them that are due
    Eigen::VectorXd m_transmit;                        //!< transmitters: echo amplitudes of an aim
    Eigen::VectorXd m_receive;                         //!< receivers: the same
    Eigen::VectorXd m_snr;                             //!< of the looks at an aim
    TracedCallback<const CellFreeDwell&> m_dwellTrace; //!< a dwell ended
    /// A dwell ended, and the tracker has heard of it.
    TracedCallback<const CellFreeScan&, const std::vector<CellFreeTrack>&> m_scanTrace;
};

} // namespace ns3

#endif // CELL_FREE_SENSING_H
