// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_NET_DEVICE_H
#define CELL_FREE_NET_DEVICE_H

#include "cell-free-bearer.h"

#include "ns3/mac48-address.h"
#include "ns3/net-device.h"
#include "ns3/node.h"
#include "ns3/traced-callback.h"

#include <vector>

namespace ns3
{

class CellFreeLink;
class CellFreeMac;
class NetDeviceQueueInterface;

/**
 * @ingroup cellfree-isac
 * @brief What the two ends of the cell-free link share: a NetDevice with 48-bit addresses whose
 * frames the slot loop of CellFreeLink carries.
 *
 * Group-addressed frames reach every other device of the link, so that ARP and IPv6 neighbour
 * discovery work as they are.
 */
class CellFreeNetDevice : public NetDevice
{
  public:
    /// TracedCallback signature of the Drop trace source.
    typedef void (*DropTracedCallback)(Ptr<const Packet> packet, CellFreeBearer::DropReason reason);

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeNetDevice();
    ~CellFreeNetDevice() override;

    /**
     * @brief Join a link.
     * @param link the link, or null to leave it
     */
    void SetLink(Ptr<CellFreeLink> link);

    /// @return queues towards the traffic-control layer, 0 if there is none
    std::size_t GetNQueues() const;

    /**
     * @brief Hand a frame that came through the link up to the node.
     * @param frame the frame
     */
    void Receive(const CellFreeBearer::Frame& frame);

    /**
     * @brief Report a frame of this device that the link dropped.
     * @param frame the frame
     * @param reason why it was dropped
     */
    void NotifyDrop(const CellFreeBearer::Frame& frame, CellFreeBearer::DropReason reason);

    /**
     * @brief Stop or wake one device queue towards the traffic-control layer.
     * @param queue index of the queue: the UE's index at the CPU, 0 at a UE
     * @param hasRoom true if the link would accept one more packet of MTU size
     */
    void SetQueueHasRoom(std::size_t queue, bool hasRoom);

    // Inherited from NetDevice
    void SetIfIndex(const uint32_t index) override;
    uint32_t GetIfIndex() const override;
    Ptr<Channel> GetChannel() const override;
    void SetAddress(Address address) override;
    Address GetAddress() const override;
    bool SetMtu(const uint16_t mtu) override;
    uint16_t GetMtu() const override;
    bool IsLinkUp() const override;
    void AddLinkChangeCallback(Callback<void> callback) override;
    bool IsBroadcast() const override;
    Address GetBroadcast() const override;
    bool IsMulticast() const override;
    Address GetMulticast(Ipv4Address multicastGroup) const override;
    Address GetMulticast(Ipv6Address addr) const override;
    bool IsBridge() const override;
    bool IsPointToPoint() const override;
    bool Send(Ptr<Packet> packet, const Address& dest, uint16_t protocolNumber) override;
    bool SendFrom(Ptr<Packet> packet,
                  const Address& source,
                  const Address& dest,
                  uint16_t protocolNumber) override;
    Ptr<Node> GetNode() const override;
    void SetNode(Ptr<Node> node) override;
    bool NeedsArp() const override;
    void SetReceiveCallback(ReceiveCallback cb) override;
    void SetPromiscReceiveCallback(PromiscReceiveCallback cb) override;
    bool SupportsSendFrom() const override;

  protected:
    void DoInitialize() override;
    void DoDispose() override;
    void NotifyNewAggregate() override;

  private:
    /**
     * @brief Give a frame to the link.
     * @param frame the frame
     * @return false if the link dropped it
     */
    virtual bool DoSend(const CellFreeBearer::Frame& frame) = 0;

    /// Learns that the device has another address.
    virtual void DoSetAddress();

    /// Gives the frames that came since the last call to the node, in the node's own context.
    void HandUpAll();

    /**
     * @brief Give a frame to the node, in the node's own context.
     * @param frame the frame
     */
    void HandUp(const CellFreeBearer::Frame& frame);

    /**
     * @brief Show a frame to those who sniff, as an Ethernet frame.
     * @param frame the frame
     */
    void Sniff(const CellFreeBearer::Frame& frame);

    Ptr<CellFreeLink> m_link;                      //!< the link
    Ptr<Node> m_node;                              //!< the node
    Ptr<NetDeviceQueueInterface> m_queues;         //!< what the traffic-control layer sees, if any
    Mac48Address m_address;                        //!< hardware address
    uint32_t m_ifIndex{0};                         //!< interface index
    uint16_t m_mtu;                                //!< largest packet (bytes)
    std::vector<CellFreeBearer::Frame> m_received; //!< frames that wait for HandUpAll()
    std::vector<CellFreeBearer::Frame> m_handedUp; //!< frames in HandUpAll()
    ReceiveCallback m_receive;                     //!< up to the node
    PromiscReceiveCallback m_promiscReceive;       //!< up to the node, all frames
    TracedCallback<> m_linkChange;                 //!< link change
    TracedCallback<Ptr<const Packet>> m_macTx;     //!< packet accepted from above
    TracedCallback<Ptr<const Packet>> m_macRx;     //!< packet handed up
    TracedCallback<Ptr<const Packet>> m_txDrop;    //!< packet dropped before it was sent
    TracedCallback<Ptr<const Packet>> m_airDrop;   //!< packet lost after the last transmission
    TracedCallback<Ptr<const Packet>> m_sniffer;   //!< frame with its link header, for pcap
    /// A packet was dropped, and why.
    TracedCallback<Ptr<const Packet>, CellFreeBearer::DropReason> m_drop;
};

/**
 * @ingroup cellfree-isac
 * @brief The gateway's side of the cell-free link: the NetDevice of the CPU node.
 */
class CellFreeCpuNetDevice : public CellFreeNetDevice
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeCpuNetDevice();
    ~CellFreeCpuNetDevice() override;

    /**
     * @brief Set whose frames the device carries.
     * @param mac the CPU's MAC
     */
    void SetMac(Ptr<CellFreeMac> mac);

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    bool DoSend(const CellFreeBearer::Frame& frame) override;

    Ptr<CellFreeMac> m_mac; //!< carries the frames
};

/**
 * @ingroup cellfree-isac
 * @brief The UE's side of the cell-free link.
 */
class CellFreeUeNetDevice : public CellFreeNetDevice
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeUeNetDevice();
    ~CellFreeUeNetDevice() override;

    /**
     * @brief Set who carries the device's frames.
     * @param mac the MAC of the UE's CPU, or null if the UE is taken away
     * @param index index of the UE in the channel model
     */
    void SetMac(Ptr<CellFreeMac> mac, uint32_t index);

    /// @return the MAC of the UE's CPU; null if the UE was taken away
    Ptr<CellFreeMac> GetMac() const;

    /// @return the index of the UE in the channel model
    uint32_t GetUeIndex() const;

    /// @return the uplink transmit power (W), the largest one where it is controlled
    double GetTxPowerWatts() const;

    /// @return true if the uplink transmit power follows the path loss
    bool HasPowerControl() const;

    /**
     * @brief The uplink transmit power under open-loop power control: see
     * cellfree::GetOpenLoopPower().
     * @param gain sum of the mean power gains to the serving APs, linear, >= 0
     * @param nBlocks resource blocks that the power is for
     * @param spacing subcarrier spacing (Hz)
     * @return the power (W), at most GetTxPowerWatts()
     */
    double GetControlledPowerWatts(double gain, uint32_t nBlocks, double spacing) const;

  protected:
    void DoDispose() override;

  private:
    bool DoSend(const CellFreeBearer::Frame& frame) override;
    void DoSetAddress() override;

    /// Sets the uplink transmit power. @param power the power (dBm)
    void SetTxPower(double power);

    /// @return the uplink transmit power (dBm)
    double GetTxPower() const;

    Ptr<CellFreeMac> m_mac; //!< carries the frames; null if the UE was taken away
    uint32_t m_index{0};    //!< index in the channel model
    double m_txPower;       //!< uplink transmit power (dBm)
    double m_txPowerWatts;  //!< the same (W)
    bool m_hasPowerControl; //!< true if the power follows the path loss
    double m_nominalPower;  //!< P0 of one resource block (dBm)
    double m_compensation;  //!< alpha
};

} // namespace ns3

#endif // CELL_FREE_NET_DEVICE_H
