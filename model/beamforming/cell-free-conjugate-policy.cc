// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-conjugate-policy.h"

#include "ns3/cell-free-enum-accessor.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeConjugatePolicy);
NS_OBJECT_ENSURE_REGISTERED(CellFreeConjugateSensingPolicy);

TypeId
CellFreeConjugatePolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeConjugatePolicy")
            .SetParent<CellFreeBeamformingPolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeConjugatePolicy>()
            .AddAttribute("PowerSharing",
                          "How an AP's power is shared among its UEs: equally, or by ||h_mu||^2.",
                          EnumValue(CONJUGATE_EQUAL),
                          MakePortableEnumAccessor<ConjugatePowerSharing>(
                              0,
                              &CellFreeConjugatePolicy::m_sharing),
                          MakeEnumChecker(CONJUGATE_EQUAL, "equal", CONJUGATE_NORM, "norm"));
    return tid;
}

uint32_t
CellFreeConjugatePolicy::DoComputeBeams(const IsacProblem& problem,
                                        IsacBeams& beams,
                                        const IsacBeams*)
{
    cellfree::ComputeConjugateBeams(problem, m_sharing, beams);
    return 0;
}

TypeId
CellFreeConjugateSensingPolicy::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeConjugateSensingPolicy")
                            .SetParent<CellFreeBeamformingPolicy>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeConjugateSensingPolicy>();
    return tid;
}

uint32_t
CellFreeConjugateSensingPolicy::DoComputeBeams(const IsacProblem& problem,
                                               IsacBeams& beams,
                                               const IsacBeams*)
{
    cellfree::ComputeConjugateSensingBeams(problem, beams);
    return 0;
}

} // namespace ns3
