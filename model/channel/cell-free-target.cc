// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-target.h"

#include "ns3/boolean.h"
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
                                          "every large-scale update of the channel. The default "
                                          "is -12.8 dBsm, the small UAV of 3GPP TR 38.901 "
                                          "section 7.9.",
                                          DoubleValue(0.0525),
                                          MakeDoubleAccessor(&CellFreeTarget::m_rcs),
                                          MakeDoubleChecker<double>(0.0, 1e9))
                            .AddAttribute("Unintended",
                                          "Whether it reflects but is nobody's business, as a "
                                          "user's body: what is found of it is a false alarm. Acts "
                                          "at once.",
                                          BooleanValue(false),
                                          MakeBooleanAccessor(&CellFreeTarget::m_isUnintended),
                                          MakeBooleanChecker());
    return tid;
}

double
CellFreeTarget::GetRcs() const
{
    return m_rcs;
}

bool
CellFreeTarget::IsUnintended() const
{
    return m_isUnintended;
}

} // namespace ns3
