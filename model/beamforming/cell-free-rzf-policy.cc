// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-rzf-policy.h"

#include "ns3/cell-free-enum-accessor.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeRzfPolicy);

TypeId
CellFreeRzfPolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeRzfPolicy")
            .SetParent<CellFreeEstimatePolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeRzfPolicy>()
            .AddAttribute(
                "Scaling",
                "How the AP power limits are met: every AP to its own limit, one factor "
                "for all APs, or one power per UE chosen for the sum rate.",
                EnumValue(RZF_LOADED),
                MakePortableEnumAccessor<RzfScaling>(0, &CellFreeRzfPolicy::m_scaling),
                MakeEnumChecker(RZF_PER_AP, "per-ap", RZF_COMMON, "common", RZF_LOADED, "loaded"));
    return tid;
}

bool
CellFreeRzfPolicy::UsesErrors() const
{
    return true;
}

uint32_t
CellFreeRzfPolicy::DoUseEstimate(const IsacProblem& problem, IsacBeams& beams, const IsacBeams*)
{
    m_solver.Solve(problem, m_scaling, beams, true);
    return 0;
}

} // namespace ns3
