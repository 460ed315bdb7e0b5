// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-track-fusion.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeTrackFusion);

TypeId
CellFreeTrackFusion::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeTrackFusion").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeTrackFusion::CellFreeTrackFusion() = default;

CellFreeTrackFusion::~CellFreeTrackFusion() = default;

} // namespace ns3
