// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-weight-control.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeWeightControl);
NS_OBJECT_ENSURE_REGISTERED(CellFreeFixedWeight);

TypeId
CellFreeWeightControl::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeWeightControl").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeWeightControl::CellFreeWeightControl() = default;

CellFreeWeightControl::~CellFreeWeightControl() = default;

TypeId
CellFreeFixedWeight::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeFixedWeight")
                            .SetParent<CellFreeWeightControl>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeFixedWeight>();
    return tid;
}

double
CellFreeFixedWeight::GetWeight(const CellFreeAim& /* aim */, double weight)
{
    return weight;
}

void
CellFreeFixedWeight::Notify(Time /* end */, const CellFreeScanLook& /* look */)
{
}

} // namespace ns3
