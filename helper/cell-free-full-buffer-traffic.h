// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FULL_BUFFER_TRAFFIC_H
#define CELL_FREE_FULL_BUFFER_TRAFFIC_H

#include "cell-free-queue-traffic.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Full buffer: the UE's downlink queue is never empty (TR 36.814 annex A.2.1.3, "full
 * buffer").
 */
class CellFreeFullBufferTraffic : public CellFreeQueueTraffic
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeFullBufferTraffic();
    ~CellFreeFullBufferTraffic() override;

  protected:
    Ptr<Packet> TakePacket() override;
};

} // namespace ns3

#endif // CELL_FREE_FULL_BUFFER_TRAFFIC_H
