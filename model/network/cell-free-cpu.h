// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_CPU_H
#define CELL_FREE_CPU_H

#include "cell-free-buffer-status.h"
#include "cell-free-clustering.h"
#include "cell-free-combining.h"
#include "cell-free-fronthaul.h"
#include "cell-free-link-adaptation.h"
#include "cell-free-mac.h"
#include "cell-free-ring.h"
#include "cell-free-scheduler.h"
#include "cell-free-sensing.h"
#include "cell-free-slot-plan.h"

#include "ns3/cell-free-beamforming-policy.h"
#include "ns3/cell-free-csi.h"
#include "ns3/isac-combining.h"
#include "ns3/isac-metrics.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <vector>

namespace ns3
{

class CellFreeLink;

/// One stream of one slot; a row of the UeTrace.
struct CellFreeUeSample
{
    Time time;                //!< start of the slot
    uint64_t slot{0};         //!< number of the slot
    bool isUplink{false};     //!< direction
    uint32_t ueId{0};         //!< node id of the UE
    uint32_t nServingAps{0};  //!< APs that serve the UE
    double believedSinr{0.0}; //!< what the link adaptation knew, linear
    double sinr{0.0};         //!< what the block met, linear
    int mcs{-1};              //!< MCS, or -1 if nothing was sent
    uint32_t blockBytes{0};   //!< size of the block
    uint32_t transmission{0}; //!< 1 for the first transmission of the block
    bool isDecoded{false};    //!< true if the block came through
    uint32_t queuedBytes{0};  //!< bytes left in the queue
};

/// One beamforming decision; a row of the DecisionTrace.
struct CellFreeDecision
{
    Time time;              //!< when the channel was read
    uint64_t slot{0};       //!< slot of the decision
    uint32_t delay{0};      //!< downlink slots until the beams take effect
    uint32_t band{0};       //!< sub-band that the Beams trace source is about
    TypeId policy;          //!< class of the policy
    uint32_t nAps{0};       //!< M
    uint32_t nUes{0};       //!< U
    uint32_t nTargets{0};   //!< T
    double sumRate{0.0};    //!< believed sum rate, mean over sub-bands (bit/s/Hz)
    double minSinr{0.0};    //!< smallest believed SINR, linear; 0 without UEs
    double sensingSnr{0.0}; //!< believed sensing SNR (7) summed over targets, before combining
    double maxLoad{0.0};    //!< largest transmit power of an AP over its limit
    CellFreeBeamformingPolicy::Cost cost; //!< what it cost on this machine (not reproducible)
};

/**
 * @ingroup cellfree-isac
 * @brief The central processing unit of a cell-free network: decides what its APs do in each slot.
 *
 * Aggregated to the CPU's node. In a downlink slot it asks, in this order, the scheduler for UEs,
 * the sensing function for targets that are due in the slot of effect, the clustering for who
 * serves whom, the CSI for the channel as it is believed, the policy for beams and the link
 * adaptation for MCS, fills a CellFreeSlotPlan and gives it to the fronthaul. In an uplink slot the
 * UEs that were granted it send at once, and the part Combining says how the APs' antennas tell
 * them apart; what a UE does not need of the band goes to the next. What the air made of a plan
 * comes back by Receive() and goes to MAC, link adaptation, scheduler and sensing. The CPU knows
 * the UEs' queues as CellFreeBufferStatus says, and never the true channel.
 */
class CellFreeCpu : public Object
{
  public:
    /// TracedCallback signature of the UeSample trace source.
    typedef void (*UeSampleTracedCallback)(const CellFreeUeSample& sample);
    /// TracedCallback signature of the Decision trace source.
    typedef void (*DecisionTracedCallback)(const CellFreeDecision& decision);
    /// TracedCallback signature of the Outcome trace source.
    typedef void (*OutcomeTracedCallback)(const CellFreeSlotPlan& plan,
                                          const CellFreeSlotOutcome& outcome);
    /// TracedCallback signature of the Beams trace source.
    typedef void (*BeamsTracedCallback)(const CellFreeDecision& decision,
                                        const IsacProblem& problem,
                                        const CellFreeSlotPlan& plan);

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeCpu();
    ~CellFreeCpu() override;

    /**
     * @brief Join the link whose slots the CPU fills; done by CellFreeLink::AddCpu().
     * @param link the link
     */
    void SetLink(Ptr<CellFreeLink> link);

    /// @return the link
    Ptr<CellFreeLink> GetLink() const;

    /**
     * @brief Take charge of an AP.
     * @param ap its index in the link's channel model
     */
    void AddAp(uint32_t ap);

    /// @return indices of the APs, in the order in which they were added
    const std::vector<uint32_t>& GetAps() const;

    /**
     * @brief Take a UE in.
     * @param ue its index in the link's channel model
     * @param device its device
     */
    void AddUe(uint32_t ue, Ptr<CellFreeUeNetDevice> device);

    /**
     * @brief Watch a target.
     * @param target its index in the link's channel model
     */
    void AddTarget(uint32_t target);

    /**
     * @brief Finish the previous slot: hand up packets, end and begin dwells.
     * @param slot number of the present slot
     */
    void BeginSlot(uint64_t slot);

    /**
     * @brief Decide, and say what goes on the air now.
     * @param slot number of the present slot
     * @return the plan that takes effect now, or null if there is none; valid until EndSlot()
     */
    const CellFreeSlotPlan* GetPlan(uint64_t slot);

    /**
     * @brief Learn what the air made of the plan that took effect.
     * @param plan the plan
     * @param outcome what it met
     */
    void Receive(const CellFreeSlotPlan& plan, const CellFreeSlotOutcome& outcome);

    /// Ends the slot: devices may send again where queues have room.
    void EndSlot();

    /// @return the packets' side
    Ptr<CellFreeMac> GetMac() const;
    /// @return the beamforming policy
    Ptr<CellFreeBeamformingPolicy> GetPolicy() const;
    /// @return the sensing function
    Ptr<CellFreeSensing> GetSensing() const;
    /// @return what the CPU believes of the channel
    Ptr<CellFreeCsi> GetCsi() const;
    /// @return who chooses which APs serve which UEs
    Ptr<CellFreeClustering> GetClustering() const;
    /// @return the link adaptation
    Ptr<CellFreeLinkAdaptation> GetLinkAdaptation() const;
    /// @return what carries the plans to the APs
    Ptr<CellFreeFronthaul> GetFronthaul() const;

    /// @return weight of sensing in the objective; NaN if the policy takes none
    double GetSensingWeight() const;

    /**
     * @brief Fixes the random streams of the CPU's parts, also of UEs to come.
     * @param first first stream number of the module
     */
    void AssignStreams(int64_t first);

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /**
     * @brief Lists the UEs that have data and can be reached, into m_candidates.
     * @param slot the slot in which they would send or receive
     * @param isUplink the direction
     */
    void FindCandidates(uint64_t slot, bool isUplink);

    /**
     * @brief Gives a scheduler the channels of m_candidates, if it wants to know them.
     * @param scheduler the scheduler
     * @param isUplink the direction
     */
    void InformScheduler(CellFreeScheduler& scheduler, bool isUplink);

    /**
     * @brief The APs that may serve a UE now.
     * @param ue index of the UE
     * @return their indices; valid until the next call
     */
    const std::vector<uint32_t>& GetServingAps(uint32_t ue);

    /**
     * @brief Chooses UEs and targets, computes their beams and MCS from the believed channel, and
     * gives the plan to the fronthaul; or repeats the latest decision.
     * @param slot the present slot
     */
    void Decide(uint64_t slot);

    /**
     * @brief Says whether the beams of the latest decision are to be used once more.
     * @return true if they were used for less than BeamUpdatePeriod slots, and m_dueAims are
     * their aims
     */
    bool AreBeamsValid() const;

    /**
     * @brief Sends what waits on the beams of the latest decision.
     * @param slot the present slot
     * @param effect slot of effect
     */
    void RepeatDecision(uint64_t slot, uint64_t effect);

    /**
     * @brief Memory for a plan, that of an old one if there is one.
     * @param[in,out] spare old plans of the same direction
     * @param slot slot of effect
     * @return a plan for that slot with no AP silent; what else it holds is left over
     */
    static CellFreeSlotPlan TakeSparePlan(std::vector<CellFreeSlotPlan>& spare, uint64_t slot);

    /**
     * @brief Computes beams, believed SINR and MCS of a plan whose UEs and targets are chosen.
     * @param slot the present slot
     * @param[in,out] plan the plan
     * @return what it cost, all sub-bands together
     */
    CellFreeBeamformingPolicy::Cost ComputePlan(uint64_t slot, CellFreeSlotPlan& plan);

    /**
     * @brief Asks the policy for the beams of a plan.
     * @param slot the present slot
     * @param[in,out] plan the plan, its problems in m_problems
     * @return what it cost, all sub-bands together
     */
    CellFreeBeamformingPolicy::Cost ComputeBeams(uint64_t slot, CellFreeSlotPlan& plan);

    /// Tells a policy that learns what surrounds a decision.
    /// @param slot the present slot @param plan what is decided
    void Announce(uint64_t slot, const CellFreeSlotPlan& plan);

    /**
     * @brief Tells a policy that learns what a downlink plan met.
     * @param plan the plan
     * @param outcome what it met
     */
    void Teach(const CellFreeSlotPlan& plan, const CellFreeSlotOutcome& outcome);

    /// Keeps what a dwell found for a policy that learns. @param dwell it
    void NoteDwell(const CellFreeDwell& dwell);

    /**
     * @brief Says whether a downlink plan has a stream that carries something.
     * @param slot the present slot
     * @param plan the plan
     * @return false if not one UE can be reached
     */
    bool CarriesData(uint64_t slot, const CellFreeSlotPlan& plan) const;

    /**
     * @brief Traces a decision.
     * @param slot the present slot
     * @param plan what was decided
     * @param delay downlink slots until it takes effect
     * @param cost what it cost
     */
    void TraceDecision(uint64_t slot,
                       const CellFreeSlotPlan& plan,
                       uint32_t delay,
                       const CellFreeBeamformingPolicy::Cost& cost);

    /**
     * @brief The latest beams of a plan's streams.
     * @param plan the plan, its UEs and targets chosen
     * @param band sub-band
     * @return the beams, or null if a stream never had one
     */
    const IsacBeams* CollectPreviousBeams(const CellFreeSlotPlan& plan, uint32_t band);

    /**
     * @brief Chooses the MCS of every UE of a plan from its SINRs, and says which effective SINR
     * they have.
     * @param[in,out] plan the plan, its symbols and SINRs in each sub-band known
     */
    void SelectMcs(CellFreeSlotPlan& plan) const;

    /**
     * @brief Fills in what the CPU believes of a downlink plan whose beams are known, and its MCS.
     * @param[in,out] plan the plan
     */
    void Believe(CellFreeSlotPlan& plan);

    /**
     * @brief Finds the latest beam of a sensing stream.
     * @param aim what the stream is for
     * @return the beam's place in m_lastSensingBeams, or its end
     */
    std::vector<std::pair<CellFreeAim, Eigen::MatrixXcd>>::iterator FindLastBeam(
        const CellFreeAim& aim);

    /// Keeps the beams of a plan for CollectPreviousBeams(). @param plan the plan
    void KeepBeams(const CellFreeSlotPlan& plan);

    /// Lets every UE and the CPU know of queues what they may. @param slot the present slot
    void UpdateBufferStatus(uint64_t slot);

    /// @return power with which a UE is to send (W). @param ue its index
    double GetUplinkPower(uint32_t ue);

    /**
     * @brief Grants an uplink slot: chooses who sends in it, with which MCS.
     * @param slot the slot, the present one or a later one
     * @return what was decided
     */
    CellFreeSlotPlan GrantUplink(uint64_t slot);

    /**
     * @brief Takes UEs out of m_candidates and gives them symbols of m_room.
     * @param[in,out] plan an uplink plan
     */
    void FillLayers(CellFreeSlotPlan& plan);

    /**
     * @brief Says which APs serve the UEs of an uplink plan, less those whose signals the fronthaul
     * does not bring, if the plan is for the present slot.
     * @param[in,out] plan the plan, its UEs chosen
     */
    void ServeUplink(CellFreeSlotPlan& plan);

    /**
     * @brief Computes combining vectors of an uplink plan and what SINR they are believed to meet,
     * from what is known of the channel now.
     * @param[in,out] plan the plan, its UEs chosen
     */
    void CombineUplink(CellFreeSlotPlan& plan);

    /**
     * @brief The plan of the present uplink slot, with combining vectors for what is known of the
     * channel now.
     * @param slot the slot
     * @return the plan, or null if nothing was granted
     */
    const CellFreeSlotPlan* ReceiveUplink(uint64_t slot);

    /// Tells the sensing function how many symbols a dwell has.
    void UpdateDwellSymbols();

    /**
     * @brief Gives a downlink plan to the fronthaul.
     * @param[in,out] plan the plan; its slot and symbols are those when it takes effect
     * @return downlink slots by which it takes effect later than it was meant to
     */
    uint32_t Transfer(CellFreeSlotPlan& plan);

    /// Keeps a downlink plan until it takes effect, unless it is empty. @param plan the plan
    void QueuePlan(CellFreeSlotPlan plan);

    /// Drops plans for a slot or later. @param slot the slot
    void DropPlansFrom(uint64_t slot);

    /**
     * @brief The index of one direction of a UE's link in the link adaptation.
     * @param ue index of the UE
     * @param isUplink the direction
     * @return the index
     */
    static uint32_t GetAdaptationLink(uint32_t ue, bool isUplink);

    /// Sets how long a grant takes, before the start. @param slots the number of slots
    void SetGrantDelay(uint32_t slots);
    /// @return slots from a grant to its uplink slot
    uint32_t GetGrantDelay() const;

    /// Sets a part that cannot be replaced during a run.
    template <typename Part, Ptr<Part> CellFreeCpu::*member>
    void SetPart(Ptr<Part> part);
    /// @return such a part
    template <typename Part, Ptr<Part> CellFreeCpu::*member>
    Ptr<Part> GetPart() const;

    Ptr<CellFreeLink> m_link;                     //!< clock, frame and air
    Ptr<CellFreeMac> m_mac;                       //!< packets
    Ptr<CellFreeBeamformingPolicy> m_policy;      //!< beams
    Ptr<CellFreeScheduler> m_downlinkScheduler;   //!< who receives
    Ptr<CellFreeScheduler> m_uplinkScheduler;     //!< who sends
    Ptr<CellFreeClustering> m_clustering;         //!< who serves whom
    Ptr<CellFreeCsi> m_csi;                       //!< the channel as it is believed
    Ptr<CellFreeLinkAdaptation> m_linkAdaptation; //!< MCS
    Ptr<CellFreeCombining> m_uplinkCombining;     //!< how uplink signals are combined
    Ptr<CellFreeFronthaul> m_fronthaul;           //!< carries plans to APs
    Ptr<CellFreeSensing> m_sensing;               //!< dwells

    double m_sensingWeight{1.0};     //!< of every target in the objective
    bool m_weighCombinedSnr{true};   //!< what the policy's objective weighs
    uint32_t m_decisionDelay{0};     //!< downlink slots from decision to effect
    uint32_t m_beamUpdatePeriod{1};  //!< downlink slots from decision to decision
    bool m_areTargetsCounted{false}; //!< whether targets take streams from UEs
    uint32_t m_bufferStatusDelay{0}; //!< slots from a UE's report to the CPU's knowing it
    uint32_t m_grantDelay{0};        //!< slots from a grant to its uplink slot
    uint64_t m_presentSlot{0};       //!< number of the slot that began last
    uint32_t m_dataSymbols{0};       //!< of the slot that is decided on, over the whole band
    double m_dwellBandwidth{0.0};    //!< that the sensing function knows the symbols for (Hz)

    std::vector<uint32_t> m_aps;      //!< APs
    std::vector<uint32_t> m_sounding; //!< APs whose pilots come in
    int64_t m_firstStream{-1};        //!< first stream number of the module, or -1

    std::vector<CellFreeScheduler::Candidate> m_candidates; //!< of the present slot
    std::vector<IsacProblem> m_candidateProblems;           //!< their channels, by sub-band
    std::vector<uint32_t> m_candidateUes;                   //!< their indices
    std::vector<CellFreeAim> m_dueAims;                     //!< in the slot of effect
    std::vector<uint32_t> m_chosen;                         //!< by a scheduler
    CellFreeSlotPlan m_lastPlan;            //!< the latest decision, if its beams may be used again
    uint32_t m_lastPlanUses{0};             //!< slots that m_lastPlan was used for; 0 if it is void
    CellFreeRing<CellFreeSlotPlan> m_plans; //!< on their way, by slot of effect
    std::vector<CellFreeSlotPlan> m_spare;  //!< memory for plans to come
    CellFreeRing<CellFreeSlotPlan> m_uplinkPlans;     //!< granted, by slot
    std::vector<CellFreeSlotPlan> m_uplinkSpare;      //!< memory for plans to come
    std::vector<CellFreeBufferStatus> m_bufferStatus; //!< by UE
    std::vector<bool> m_isRepetition;                 //!< by UE of the plan that is granted
    std::vector<uint32_t> m_late;                     //!< UEs whose grant is of no use
    std::vector<uint32_t> m_oneUe;                    //!< see GetServingAps()
    CellFreeClustering::Mask m_oneMask;               //!< of that UE
    std::vector<uint32_t> m_servingAps;               //!< of that UE
    std::vector<uint32_t> m_room;                     //!< free symbols by uplink layer
    std::vector<Eigen::MatrixXcd> m_lastBeams;        //!< by UE, of the latest decision, M N x B
    /// By aim, of the latest decision that had it.
    std::vector<std::pair<CellFreeAim, Eigen::MatrixXcd>> m_lastSensingBeams;
    std::vector<IsacProblem> m_problems;     //!< as they are believed, by sub-band
    IsacProblem m_uplinkProblem;             //!< the same of the uplink, one sub-band
    IsacUplink m_uplink;                     //!< what is combined in it
    Eigen::MatrixXcd m_steering;             //!< of the aims, before receivers are known
    std::vector<uint32_t> m_toldTargets;     //!< whose direction the CPU is told
    const std::vector<uint32_t> m_noTargets; //!< of an uplink slot
    IsacBeams m_previous;                    //!< beams to start from
    IsacDecisionContext m_context;           //!< for a policy that learns
    IsacDecisionOutcome m_lesson;            //!< for a policy that learns
    IsacMetrics m_metrics;                   //!< believed SINR and sensing SNR
    double m_believedSensingSnr{0.0};        //!< of the latest decision, summed over targets
    IsacCombining m_combining;               //!< believed uplink SINR

    TracedCallback<const CellFreeUeSample&> m_ueTrace;       //!< a stream was sent
    TracedCallback<const CellFreeDecision&> m_decisionTrace; //!< a decision was made
    /// What became of a plan.
    TracedCallback<const CellFreeSlotPlan&, const CellFreeSlotOutcome&> m_outcomeTrace;
    /// What a decision saw and chose.
    TracedCallback<const CellFreeDecision&, const IsacProblem&, const CellFreeSlotPlan&>
        m_beamsTrace;
};

} // namespace ns3

#endif // CELL_FREE_CPU_H
