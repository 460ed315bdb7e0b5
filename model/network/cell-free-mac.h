// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_MAC_H
#define CELL_FREE_MAC_H

#include "cell-free-bearer.h"
#include "cell-free-error-model.h"
#include "cell-free-net-device.h"

#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The packets of one CPU and its UEs: hardware addresses, one bearer per UE and direction,
 * blocks on the air, and the devices' queues towards the traffic-control layer.
 *
 * It is a switch: a frame goes to the UE that it is addressed to, one of a UE to another UE is
 * relayed, and a group-addressed frame reaches every other device. It knows nothing of channels and
 * beams: a block meets a SINR that it is told.
 *
 * A packet's priority follows from the differentiated services code point (DSCP) in its IPv4 or
 * IPv6 header, by the attribute PriorityMap.
 *
 * UEs are named by their index in the CellFreeChannelModel.
 */
class CellFreeMac : public Object
{
  public:
    /// What the receiver makes of several transmissions of a block.
    enum Combining
    {
        CHASE,       //!< the same bits: their SINRs add
        INCREMENTAL, //!< further parity, see cellfree::CombineIncrementally()
    };

    /// What was sent on a stream, and what becomes of it.
    struct Transmission
    {
        int mcs{-1};              //!< MCS, or -1 if nothing was sent
        double sinr{0.0};         //!< effective SINR of this transmission, linear
        uint32_t bytes{0};        //!< size of the block
        uint32_t transmission{0}; //!< 1 for the first transmission of the block
        bool isDecoded{false};    //!< true if the block will come through
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeMac();
    ~CellFreeMac() override;

    /**
     * @brief Set the gateway's device; call before AddUe.
     * @param device the CPU's device
     */
    void SetCpuDevice(Ptr<CellFreeCpuNetDevice> device);

    /// @return the gateway's device, or null
    Ptr<CellFreeCpuNetDevice> GetCpuDevice() const;

    /**
     * @brief Add a UE.
     * @param ue its index in the channel model, larger than that of every UE added before
     * @param device its device, which learns its index
     */
    void AddUe(uint32_t ue, Ptr<CellFreeUeNetDevice> device);

    /**
     * @brief Take a UE away: what waits for it or at it is dropped; its counters stay.
     * @param ue its index
     */
    void RemoveUe(uint32_t ue);

    /**
     * @brief Say whether a UE is there.
     * @param ue its index
     * @return true if it was added and not removed
     */
    bool HasUe(uint32_t ue) const;

    /// @return the indices of the UEs that are there, ascending
    const std::vector<uint32_t>& GetUes() const;

    /**
     * @brief The device of a UE; aborts if the UE is not there.
     * @param ue its index
     * @return the device
     */
    Ptr<CellFreeUeNetDevice> GetUeDevice(uint32_t ue) const;

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
     * @brief The device queue of the CPU that a packet for an address goes to: that of the UE, or
     * the last one for group addresses and for UEs without a queue of their own.
     * @param destination hardware address
     * @return index of the queue
     */
    std::size_t GetQueueIndex(const Address& destination) const;

    /**
     * @brief Learn that a UE's device has another address now.
     * @param ue index of the UE
     */
    void UpdateAddress(uint32_t ue);

    /**
     * @brief One direction of a UE's link; aborts if the UE is not there.
     * @param ue its index
     * @param isUplink the direction
     * @return the bearer
     */
    const CellFreeBearer& GetBearer(uint32_t ue, bool isUplink) const;

    /**
     * @brief What entered and left one direction of a UE's link, also of a UE that was taken away.
     * @param ue its index
     * @param isUplink the direction
     * @return the counters
     */
    const CellFreeBearer::Counters& GetCounters(uint32_t ue, bool isUplink) const;

    /**
     * @brief Put a block on the air, a failed one first, and draw whether it is decoded. The
     * bearer learns of it in FinishSlot().
     * @param ue index of the UE
     * @param isUplink the direction
     * @param slot the present slot
     * @param mcs MCS of a new block, or -1 for none
     * @param nSymbols data symbols of a new block
     * @param sinr SINR that the block meets in each sub-band, linear
     * @param errorModel block error rates
     * @return what was sent
     */
    Transmission Transmit(uint32_t ue,
                          bool isUplink,
                          uint64_t slot,
                          int mcs,
                          uint32_t nSymbols,
                          const Eigen::Ref<const Eigen::VectorXd>& sinr,
                          const CellFreeErrorModel& errorModel);

    /**
     * @brief Hand up what was decoded, and queue again what was not.
     * @param slot the slot that is over
     */
    void FinishSlot(uint64_t slot);

    /// Stops or wakes the devices' queues towards the traffic-control layer.
    void UpdateDeviceQueues();

    /**
     * @brief Fixes the random streams of block errors, also of UEs to come.
     * @param first first stream number of the module
     */
    void AssignStreams(int64_t first);

  protected:
    void DoDispose() override;

  private:
    /// One UE's packets.
    struct Ue
    {
        Ptr<CellFreeUeNetDevice> device;          //!< its device
        uint64_t address{0};                      //!< its address in the table
        std::size_t queue{0};                     //!< queue of the CPU's device
        std::unique_ptr<CellFreeBearer> downlink; //!< CPU to UE
        std::unique_ptr<CellFreeBearer> uplink;   //!< UE to CPU
        Ptr<UniformRandomVariable> downlinkError; //!< decides if a block is decoded
        Ptr<UniformRandomVariable> uplinkError;   //!< the same of the uplink
    };

    /// A block on the air.
    struct Flight
    {
        CellFreeBearer* bearer{nullptr}; //!< whose block
        CellFreeBearer::Block block;     //!< the block
        bool isDecoded{false};           //!< what becomes of it
    };

    /// @return the state of a UE; aborts if it is not there. @param ue its index
    Ue& GetUe(uint32_t ue);
    /// @copydoc GetUe
    const Ue& GetUe(uint32_t ue) const;

    /// Gives a UE's draws their streams. @param ue its index
    void AssignStreamsOf(uint32_t ue);

    /**
     * @brief Takes a frame that came up from a UE: to the CPU's stack, to other UEs, or both.
     * @param ue index of the UE
     * @param frame the frame
     */
    void ReceiveFromUe(uint32_t ue, const CellFreeBearer::Frame& frame);

    /**
     * @brief The priority of a frame's packet.
     * @param frame the frame
     * @return the priority, 0 first
     */
    uint8_t GetPriorityOf(const CellFreeBearer::Frame& frame) const;

    /**
     * @brief SINR of all transmissions of a block so far.
     * @param block the block
     * @param errorModel block error rates
     * @return SINR, linear
     */
    double GetCombinedSinr(const CellFreeBearer::Block& block,
                           const CellFreeErrorModel& errorModel) const;

    /**
     * @brief Queues a frame in the downlink.
     * @param frame the frame
     * @param exceptUe index of the UE that a group-addressed frame came from, or -1
     * @return false if a copy of it was dropped
     */
    bool SendToUes(const CellFreeBearer::Frame& frame, int64_t exceptUe);

    /**
     * @brief Queues a frame for one UE.
     * @param ue index of the UE
     * @param frame the frame
     * @return false if it was dropped
     */
    bool Enqueue(uint32_t ue, const CellFreeBearer::Frame& frame);

    /// Stops or wakes the CPU's queue of a UE. @param ue the UE
    void UpdateQueueOf(const Ue& ue);

    /// @name Accessors of the bearers' settings, which act at once
    /// @{
    void SetMaxQueueBytes(uint32_t bytes);
    uint32_t GetMaxQueueBytes() const;
    void SetMaxTransmissions(uint32_t number);
    uint32_t GetMaxTransmissions() const;
    void SetFeedbackSlots(uint32_t slots);
    uint32_t GetFeedbackSlots() const;
    void SetSegmentHeader(uint32_t bytes);
    uint32_t GetSegmentHeader() const;
    void SetHarqProcesses(uint32_t number);
    uint32_t GetHarqProcesses() const;
    void SetArq(bool isOn);
    bool GetArq() const;
    void SetMaxArqRetransmissions(uint32_t number);
    uint32_t GetMaxArqRetransmissions() const;
    void UpdateArq(); //!< gives the bearers what both say
    /// @}

    /// Sets the priorities of packets. @param map see the attribute
    void SetPriorityMap(std::string map);
    /// @return the same, as it was set
    std::string GetPriorityMap() const;

    Ptr<CellFreeCpuNetDevice> m_cpuDevice;                //!< gateway's side
    CellFreeBearer::Settings m_settings;                  //!< of every bearer
    Combining m_combining;                                //!< of transmissions of a block
    bool m_isArqOn{false};                                //!< parts of lost blocks are sent again
    uint32_t m_maxArqRetransmissions{0};                  //!< how often, if they are
    std::string m_priorityMap;                            //!< as it was set
    std::array<uint8_t, 64> m_priorities{};               //!< by DSCP
    uint8_t m_otherPriority{0};                           //!< of packets without DSCP
    std::vector<uint32_t> m_indices;                      //!< UEs that are there, ascending
    std::vector<std::unique_ptr<Ue>> m_ues;               //!< by index; null where none is
    std::unordered_map<uint64_t, uint32_t> m_ueByAddress; //!< hardware address to UE index
    std::vector<bool> m_isQueueTaken;                     //!< by queue of the CPU's device
    /// Counters of UEs that were taken away, downlink and uplink.
    std::map<uint32_t, std::pair<CellFreeBearer::Counters, CellFreeBearer::Counters>> m_departed;
    std::vector<Flight> m_flights; //!< blocks of the present slot
    int64_t m_firstStream{-1};     //!< first stream number of the module, or -1
};

} // namespace ns3

#endif // CELL_FREE_MAC_H
