// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-estimate-policy.h"

#include "isac-error-discount.h"

#include "ns3/boolean.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeEstimatePolicy);

TypeId
CellFreeEstimatePolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeEstimatePolicy")
            .SetParent<CellFreeBeamformingPolicy>()
            .SetGroupName("CellFreeIsac")
            .AddAttribute("IgnoreErrors",
                          "Whether estimates are taken for the channels, whatever the CSI says of "
                          "the variance of their errors.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreeEstimatePolicy::m_ignoreErrors),
                          MakeBooleanChecker());
    return tid;
}

bool
CellFreeEstimatePolicy::UsesErrors() const
{
    return false;
}

uint32_t
CellFreeEstimatePolicy::DoComputeBeams(const IsacProblem& problem,
                                       IsacBeams& beams,
                                       const IsacBeams* previous)
{
    if (problem.errorVariance.size() == 0 || (UsesErrors() && !m_ignoreErrors))
    {
        return DoUseEstimate(problem, beams, previous);
    }
    m_certain = problem;
    if (m_ignoreErrors)
    {
        m_certain.errorVariance.resize(0, 0);
    }
    else
    {
        cellfree::DiscountErrors(m_certain);
    }
    return DoUseEstimate(m_certain, beams, previous);
}

} // namespace ns3
