// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-target.h"

#include "ns3/double.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeTarget);

TypeId
CellFreeTarget::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeTarget")
                            .SetParent<Object>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeTarget>()
                            .AddAttribute("Rcs",
                                          "Mean radar cross section (m^2), at least 0. Read at "
                                          "every large-scale update of the channel.",
                                          DoubleValue(1.0),
                                          MakeDoubleAccessor(&CellFreeTarget::m_rcs),
                                          MakeDoubleChecker<double>(0.0, 1e9));
    return tid;
}

double
CellFreeTarget::GetRcs() const
{
    return m_rcs;
}

} // namespace ns3
