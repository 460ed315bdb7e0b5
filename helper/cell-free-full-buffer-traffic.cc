// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-full-buffer-traffic.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeFullBufferTraffic);

TypeId
CellFreeFullBufferTraffic::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeFullBufferTraffic")
                            .SetParent<CellFreeQueueTraffic>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeFullBufferTraffic>();
    return tid;
}

CellFreeFullBufferTraffic::CellFreeFullBufferTraffic() = default;

CellFreeFullBufferTraffic::~CellFreeFullBufferTraffic() = default;

Ptr<Packet>
CellFreeFullBufferTraffic::TakePacket()
{
    return Create<Packet>(GetPacketSize());
}

} // namespace ns3
