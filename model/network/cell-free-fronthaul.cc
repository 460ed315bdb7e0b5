// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-fronthaul.h"

#include "ns3/log.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeFronthaul");

NS_OBJECT_ENSURE_REGISTERED(CellFreeFronthaul);
NS_OBJECT_ENSURE_REGISTERED(CellFreeIdealFronthaul);

TypeId
CellFreeFronthaul::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeFronthaul").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeFronthaul::~CellFreeFronthaul() = default;

void
CellFreeFronthaul::Collect(CellFreeSlotPlan& /* plan */)
{
}

TypeId
CellFreeIdealFronthaul::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeIdealFronthaul")
                            .SetParent<CellFreeFronthaul>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeIdealFronthaul>();
    return tid;
}

CellFreeIdealFronthaul::CellFreeIdealFronthaul() = default;

CellFreeIdealFronthaul::~CellFreeIdealFronthaul() = default;

uint32_t
CellFreeIdealFronthaul::Transfer(CellFreeSlotPlan& plan)
{
    NS_LOG_FUNCTION(this << plan.slot);
    return 0;
}

} // namespace ns3
