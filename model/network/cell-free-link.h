// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_LINK_H
#define CELL_FREE_LINK_H

#include "cell-free-bearer.h"
#include "cell-free-frame.h"
#include "cell-free-link-adaptation.h"
#include "cell-free-net-device.h"
#include "cell-free-scheduler.h"
#include "cell-free-sensing.h"

#include "ns3/cell-free-beamforming-policy.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/channel.h"
#include "ns3/event-id.h"
#include "ns3/isac-metrics.h"
#include "ns3/isac-uplink.h"
#include "ns3/mac48-address.h"
#include "ns3/random-variable-stream.h"
#include "ns3/traced-callback.h"

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace ns3
{

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
    uint32_t nAps{0};       //!< M
    uint32_t nUes{0};       //!< U
    uint32_t nTargets{0};   //!< T
    double sumRate{0.0};    //!< believed sum rate (bit/s/Hz)
    double minSinr{0.0};    //!< smallest believed SINR, linear; 0 without UEs
    double sensingSnr{0.0}; //!< believed sensing SNR (7) summed over targets, before combining
    double maxLoad{0.0};    //!< largest transmit power of an AP over its limit
    CellFreeBeamformingPolicy::Cost cost; //!< what it cost on this machine (not reproducible)
};

/**
 * @ingroup cellfree-isac
 * @brief The cell-free radio link: joins the CPU's NetDevice and the UEs' NetDevices over all APs.
 *
 * It runs the TDD slot loop. In a downlink slot the scheduler picks UEs, the policy computes the
 * beams of their streams and of the targets under a dwell from the believed channel, the link
 * adaptation picks an MCS for each stream, and the true channel says which blocks are decoded and
 * what the targets reflect. In an uplink slot the scheduled UEs send at once and the CPU combines
 * all APs by maximum ratio. The CPU knows the UEs' queues.
 */
class CellFreeLink : public Channel
{
  public:
    /// TracedCallback signature of the UeSample trace source.
    typedef void (*UeSampleTracedCallback)(const CellFreeUeSample& sample);
    /// TracedCallback signature of the Decision trace source.
    typedef void (*DecisionTracedCallback)(const CellFreeDecision& decision);
    /// TracedCallback signature of the Beams trace source.
    typedef void (*BeamsTracedCallback)(const CellFreeDecision& decision,
                                        const IsacProblem& problem,
                                        const IsacBeams& beams);

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeLink();
    ~CellFreeLink() override;

    /**
     * @brief Set the gateway's side of the link.
     * @param device the CPU's device
     */
    void SetCpuDevice(Ptr<CellFreeCpuNetDevice> device);

    /**
     * @brief Add a UE; its node must have been added to the channel model as the same index.
     * @param device the UE's device, which learns its index
     */
    void AddUeDevice(Ptr<CellFreeUeNetDevice> device);

    /**
     * @brief Queue a frame of the CPU for the UE that it is addressed to, or for all UEs.
     * @param frame the frame
     * @return false if it was dropped
     */
    bool SendDownlink(const CellFreeBearer::Frame& frame);

    /**
     * @brief Queue a frame of a UE. The CPU takes it, or relays it to the UE it is addressed to.
     * @param ue index of the UE
     * @param frame the frame
     * @return false if it was dropped
     */
    bool SendUplink(uint32_t ue, const CellFreeBearer::Frame& frame);

    /**
     * @brief The device queue of the CPU that a packet for an address goes to.
     * @param destination hardware address
     * @return index of the UE, or 0 for a group address
     */
    std::size_t GetQueueIndex(const Address& destination) const;

    /**
     * @brief What entered and left one direction of a UE's link.
     * @param ue index of the UE
     * @param isUplink the direction
     * @return the counters
     */
    const CellFreeBearer::Counters& GetCounters(uint32_t ue, bool isUplink) const;

    /// @return the channel model
    Ptr<CellFreeChannelModel> GetChannelModel() const;

    /// @return the beamforming policy
    Ptr<CellFreeBeamformingPolicy> GetPolicy() const;

    /// @return the sensing function
    Ptr<CellFreeSensing> GetSensing() const;

    /**
     * @brief Fixes the random streams of block errors, sensing and channel.
     * @param stream first stream index
     * @return the number of streams used
     */
    int64_t AssignStreams(int64_t stream);

    // Inherited from Channel
    std::size_t GetNDevices() const override;
    Ptr<NetDevice> GetDevice(std::size_t i) const override;

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /// One UE's side of the link.
    struct Ue
    {
        Ptr<CellFreeUeNetDevice> device;          //!< its device
        std::unique_ptr<CellFreeBearer> downlink; //!< CPU to UE
        std::unique_ptr<CellFreeBearer> uplink;   //!< UE to CPU
        Eigen::VectorXcd lastBeam;                //!< its stream's beam of the latest decision
    };

    /// Beams on their way from the decision to the slot in which they take effect.
    struct Decision
    {
        std::vector<uint32_t> ues;     //!< UEs with a stream
        std::vector<uint32_t> targets; //!< targets with a stream
        std::vector<int> mcs;          //!< MCS of a new block per UE, or -1
        Eigen::VectorXd believedSinr;  //!< per UE
        IsacBeams beams;               //!< the beams
    };

    /// A transmission whose outcome is known at the end of its slot.
    struct Transmission
    {
        CellFreeBearer* bearer{nullptr}; //!< whose block
        CellFreeBearer::Block block;     //!< the block
        uint32_t adaptationLink{0};      //!< index for the link adaptation
        bool isDecoded{false};           //!< what became of it
    };

    /// Copies the attributes that bearers need to where they read them.
    void UpdateBearerSettings();
    /// Finishes the previous slot and runs the present one.
    void StartSlot();
    /// Tells the sensing of targets that the channel has and it has not.
    void AddNewTargets();
    /// @return start of the downlink slot in which beams of a decision of now take effect
    Time GetEffectTime() const;
    /// @return the fewest downlink slots, at least 1, that a dwell can hold
    uint32_t CountDwellSlots() const;
    /// Tells bearers and link adaptation what became of the previous slot's blocks.
    void FinishSlot();
    /// Stops or wakes the devices' queues towards the traffic-control layer.
    void UpdateDeviceQueues();
    /// Decides, and radiates the decision that takes effect now.
    void StartDownlink();
    /// Lets the chosen UEs send.
    void StartUplink();

    /**
     * @brief Lists the UEs that have data and can be reached, into m_candidates.
     * @param isUplink the direction
     */
    void FindCandidates(bool isUplink);

    /**
     * @brief Chooses UEs and targets, computes their beams and MCS from the believed channel.
     * @param[out] decision the decision
     */
    void Decide(Decision& decision);

    /**
     * @brief The latest beams of a decision's streams.
     * @param decision the decision, its UEs and targets chosen
     * @return the beams, or null if a stream never had one
     */
    const IsacBeams* CollectPreviousBeams(const Decision& decision);

    /**
     * @brief Sends blocks and illuminates targets with the beams of a decision on the true channel.
     * @param decision the decision
     */
    void Radiate(const Decision& decision);

    /**
     * @brief Sends one block, a failed one first, and draws whether it is decoded.
     * @param ue index of the UE
     * @param isUplink the direction
     * @param believedSinr SINR that the MCS was chosen for, linear
     * @param sinr true SINR, linear
     * @param mcs MCS of a new block, or -1
     */
    void Transmit(uint32_t ue, bool isUplink, double believedSinr, double sinr, int mcs);

    /**
     * @brief Takes a frame that came up from a UE: to the CPU's stack, to other UEs, or both.
     * @param ue index of the UE
     * @param frame the frame
     */
    void ReceiveFromUe(uint32_t ue, const CellFreeBearer::Frame& frame);

    /**
     * @brief Queues a frame in the downlink.
     * @param frame the frame
     * @param exceptUe index of the UE that a group-addressed frame came from, or -1
     * @return false if a copy of it was dropped
     */
    bool SendToUes(const CellFreeBearer::Frame& frame, int64_t exceptUe);

    /**
     * @brief The index of one direction of a UE's link in the link adaptation.
     * @param ue index of the UE
     * @param isUplink the direction
     * @return the index
     */
    static uint32_t GetAdaptationLink(uint32_t ue, bool isUplink);

    Ptr<CellFreeCpuNetDevice> m_cpuDevice;                //!< gateway's side
    std::vector<Ue> m_ues;                                //!< UEs' sides
    std::unordered_map<uint64_t, uint32_t> m_ueByAddress; //!< hardware address to UE index
    Ptr<CellFreeChannelModel> m_channel;                  //!< channels
    Ptr<CellFreeFrame> m_frame;                           //!< TDD frame
    Ptr<CellFreeBeamformingPolicy> m_policy;              //!< beams
    Ptr<CellFreeScheduler> m_downlinkScheduler;           //!< who receives
    Ptr<CellFreeScheduler> m_uplinkScheduler;             //!< who sends
    Ptr<CellFreeLinkAdaptation> m_linkAdaptation;         //!< MCS
    Ptr<CellFreeSensing> m_sensing;                       //!< dwells
    Ptr<UniformRandomVariable> m_blockError;              //!< decides if a block is decoded
    CellFreeBearer::Settings m_settings;                  //!< of every bearer
    uint32_t m_maxQueueBytes;                             //!< see CellFreeBearer::Settings
    uint32_t m_maxTransmissions;                          //!< see CellFreeBearer::Settings
    uint32_t m_feedbackSlots;                             //!< see CellFreeBearer::Settings
    uint32_t m_segmentHeader;                             //!< see CellFreeBearer::Settings
    uint32_t m_maxStreams{0};                             //!< UEs per downlink slot
    uint32_t m_maxUplinkStreams{0};                       //!< UEs per uplink slot
    uint32_t m_decisionDelay{0};                          //!< slots from decision to effect
    bool m_weighCombinedSnr{true};                        //!< what the policy's objective weighs

    uint64_t m_slot{0};                                     //!< number of the present slot
    uint32_t m_nSymbols{0};                                 //!< data symbols of a slot
    EventId m_event;                                        //!< next slot
    std::vector<CellFreeScheduler::Candidate> m_candidates; //!< of the present slot
    std::vector<uint32_t> m_chosen;                         //!< UEs of the present uplink slot
    std::deque<Decision> m_decisions;                       //!< beams on their way, oldest first
    Decision m_spareDecision;                               //!< memory for the next decision
    std::vector<Eigen::VectorXcd> m_lastSensingBeams;       //!< per target, of the latest decision
    std::vector<Transmission> m_transmissions;              //!< of the present slot
    uint32_t m_nTargets{0};                                 //!< that the sensing knows
    std::vector<uint32_t> m_aps;                            //!< all APs
    IsacProblem m_problem;                                  //!< believed, then true, channel
    IsacBeams m_previous;                                   //!< beams to start from
    IsacMetrics m_metrics;                                  //!< SINR and sensing SNR
    IsacUplinkCombining m_combining;                        //!< uplink SINR
    Eigen::VectorXd m_uplinkPower;                          //!< of the UEs of the present slot

    TracedCallback<const CellFreeUeSample&> m_ueTrace;       //!< a stream was sent
    TracedCallback<const CellFreeDecision&> m_decisionTrace; //!< a decision was made
    /// What a decision saw and chose.
    TracedCallback<const CellFreeDecision&, const IsacProblem&, const IsacBeams&> m_beamsTrace;
};

} // namespace ns3

#endif // CELL_FREE_LINK_H
