// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_QUEUE_TRAFFIC_H
#define CELL_FREE_QUEUE_TRAFFIC_H

#include "ns3/address.h"
#include "ns3/application.h"
#include "ns3/cell-free-cpu.h"
#include "ns3/cell-free-net-device.h"
#include "ns3/event-id.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"
#include "ns3/socket.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A UDP source on a CPU's node that keeps the downlink queue of one UE filled to a level, as
 * long as it has something to send.
 *
 * It tops the queue up after each slot that served the UE, so that nothing is sent that would be
 * dropped: what overload costs a simulator otherwise. A UE's transport-layer protocol would react
 * to the queue; this source is for the load models of 3GPP, which have none. Derived classes say
 * what is to be sent. Attributes act at once unless they say otherwise.
 */
class CellFreeQueueTraffic : public Application
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeQueueTraffic();
    ~CellFreeQueueTraffic() override;

    /// @return the UE's device
    Ptr<CellFreeUeNetDevice> GetDevice() const;

  protected:
    /**
     * @brief The next packet.
     * @return a packet of at most GetPacketSize() bytes, or null if nothing waits
     */
    virtual Ptr<Packet> TakePacket() = 0;

    /// @return bytes of UDP payload in a packet, at most
    uint32_t GetPacketSize() const;
    /// @return the address and port that packets go to
    Address GetRemote() const;

    /// Tops the queue up soon: in an event of its own, at the present time.
    void ScheduleFill();

    // Inherited
    void StartApplication() override;
    void StopApplication() override;
    void DoDispose() override;

  private:
    /// Tops the queue up.
    void Fill();
    /// Learns that streams were sent. @param sample one of them
    void OnUeSample(const CellFreeUeSample& sample);
    /// Tops the queue up at times, where no slot serves the UE since its queue is empty.
    void Kick();

    /// @name Accessors of attributes that cannot change during a run
    /// @{
    void SetDevice(Ptr<CellFreeUeNetDevice> device);
    void SetRemote(Address remote);
    /// @}

    Ptr<CellFreeUeNetDevice> m_device; //!< the UE's device
    Address m_remote;                  //!< address and port of the UE
    uint32_t m_packetSize{0};          //!< bytes of payload
    uint32_t m_level{0};               //!< bytes that the queue is filled to
    Ptr<CellFreeCpu> m_cpu;            //!< the CPU on the source's node
    Ptr<Socket> m_socket;              //!< sends
    uint32_t m_ueId{0};                //!< node id of the UE
    EventId m_fill;                    //!< next filling
    EventId m_kick;                    //!< next filling that no slot asked for
};

} // namespace ns3

#endif // CELL_FREE_QUEUE_TRAFFIC_H
