// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_NET_DEVICE_H
#define CELL_FREE_NET_DEVICE_H

#include "cell-free-bearer.h"

#include "ns3/mac48-address.h"
#include "ns3/net-device.h"
#include "ns3/node.h"
#include "ns3/traced-callback.h"

namespace ns3
{

class CellFreeLink;
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
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeNetDevice();
    ~CellFreeNetDevice() override;

    /**
     * @brief Join a link.
     * @param link the link; keeps no reference to the device beyond Dispose
     */
    void SetLink(Ptr<CellFreeLink> link);

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
    void DoDispose() override;
    void NotifyNewAggregate() override;

    /// @return the link that the device belongs to
    Ptr<CellFreeLink> GetLink() const;

  private:
    /**
     * @brief Give a frame to the link.
     * @param frame the frame
     * @return false if the link dropped it
     */
    virtual bool DoSend(const CellFreeBearer::Frame& frame) = 0;

    /**
     * @brief Give a frame to the node, in the node's own context.
     * @param frame the frame
     */
    void HandUp(const CellFreeBearer::Frame& frame);

    Ptr<CellFreeLink> m_link;                    //!< the link
    Ptr<Node> m_node;                            //!< the node
    Ptr<NetDeviceQueueInterface> m_queues;       //!< what the traffic-control layer sees, if any
    Mac48Address m_address;                      //!< hardware address
    uint32_t m_ifIndex{0};                       //!< interface index
    uint16_t m_mtu;                              //!< largest packet (bytes)
    ReceiveCallback m_receive;                   //!< up to the node
    PromiscReceiveCallback m_promiscReceive;     //!< up to the node, all frames
    TracedCallback<> m_linkChange;               //!< link change
    TracedCallback<Ptr<const Packet>> m_macTx;   //!< packet accepted from above
    TracedCallback<Ptr<const Packet>> m_macRx;   //!< packet handed up
    TracedCallback<Ptr<const Packet>> m_txDrop;  //!< packet dropped because its queue was full
    TracedCallback<Ptr<const Packet>> m_airDrop; //!< packet lost after the last transmission
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

  protected:
    void DoInitialize() override;

  private:
    bool DoSend(const CellFreeBearer::Frame& frame) override;
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
     * @brief Set the index of the UE on its link.
     * @param index the index
     */
    void SetUeIndex(uint32_t index);

    /// @return the index of the UE on its link
    uint32_t GetUeIndex() const;

    /// @return the uplink transmit power (W)
    double GetTxPowerWatts() const;

  private:
    bool DoSend(const CellFreeBearer::Frame& frame) override;

    uint32_t m_index{0}; //!< index on the link
    double m_txPower;    //!< uplink transmit power (dBm)
};

} // namespace ns3

#endif // CELL_FREE_NET_DEVICE_H
