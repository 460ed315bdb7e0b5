// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-tracker.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeTracker);

TypeId
CellFreeTracker::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeTracker").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeTracker::CellFreeTracker() = default;

CellFreeTracker::~CellFreeTracker() = default;

} // namespace ns3
