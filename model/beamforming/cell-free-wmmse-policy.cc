// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-wmmse-policy.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeWmmsePolicy);
NS_OBJECT_ENSURE_REGISTERED(CellFreeJointPolicy);

TypeId
CellFreeWmmsePolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeWmmsePolicy")
            .SetParent<CellFreeBeamformingPolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeWmmsePolicy>()
            .AddAttribute(
                "Start",
                "What a decision without previous beams starts from: conjugate beams, "
                "regularised zero forcing, or both and previous beams too, keeping the "
                "best result.",
                EnumValue(WMMSE_CONJUGATE),
                MakePortableEnumAccessor<WmmseStart>(0, &CellFreeWmmsePolicy::m_start),
                MakeEnumChecker(WMMSE_CONJUGATE, "conjugate", WMMSE_RZF, "rzf", WMMSE_BEST, "best"))
            .AddAttribute(
                "WarmStart",
                "Whether a decision starts from previous beams when they are better than "
                "the cold start. Pays where the channel drifts; fading that is redrawn in "
                "blocks makes it slower.",
                BooleanValue(false),
                MakeBooleanAccessor(&CellFreeWmmsePolicy::m_warmStart),
                MakeBooleanChecker())
            .AddAttribute("Tolerance",
                          "Relative gain of the objective, in (0, 1); three iterations in a row "
                          "below it end a decision.",
                          DoubleValue(1e-6),
                          MakeDoubleAccessor(&CellFreeWmmsePolicy::m_tolerance),
                          MakeDoubleChecker<double>(1e-15, 1.0))
            .AddAttribute("MaxIterations",
                          "Largest number of iterations from one start, at least 1.",
                          UintegerValue(500),
                          MakeUintegerAccessor(&CellFreeWmmsePolicy::m_maxIterations),
                          MakeUintegerChecker<uint32_t>(1));
    return tid;
}

uint32_t
CellFreeWmmsePolicy::DoComputeBeams(const IsacProblem& problem,
                                    IsacBeams& beams,
                                    const IsacBeams* previous)
{
    IsacWmmseSolver::Options options;
    options.withSensing = UsesSensingWeight();
    options.start = m_start;
    options.warmStart = m_warmStart;
    options.tolerance = m_tolerance;
    options.maxIterations = m_maxIterations;
    return m_solver.Solve(problem, options, beams, previous);
}

TypeId
CellFreeJointPolicy::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeJointPolicy")
                            .SetParent<CellFreeWmmsePolicy>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeJointPolicy>();
    return tid;
}

bool
CellFreeJointPolicy::UsesSensingWeight() const
{
    return true;
}

} // namespace ns3
