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
NS_OBJECT_ENSURE_REGISTERED(CellFreeRobustPolicy);

TypeId
CellFreeWmmsePolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeWmmsePolicy")
            .SetParent<CellFreeEstimatePolicy>()
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
CellFreeWmmsePolicy::DoUseEstimate(const IsacProblem& problem,
                                   IsacBeams& beams,
                                   const IsacBeams* previous)
{
    IsacWmmseSolver::Options options;
    options.withSensing = UsesSensingWeight();
    options.errors = GetErrors();
    options.start = m_start;
    options.warmStart = m_warmStart;
    options.tolerance = m_tolerance;
    options.maxIterations = m_maxIterations;
    return m_solver.Solve(problem, options, beams, previous);
}

WmmseErrors
CellFreeWmmsePolicy::GetErrors() const
{
    return WMMSE_IGNORE;
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

TypeId
CellFreeRobustPolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeRobustPolicy")
            .SetParent<CellFreeJointPolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeRobustPolicy>()
            .AddAttribute(
                "Objective",
                "What is made as large as possible where channels are estimates: the mean of the "
                "true rates over the channels that the estimates leave possible, or the rates "
                "that can be promised to UEs that know their gain from the estimates alone.",
                EnumValue(WMMSE_EXPECTED),
                MakePortableEnumAccessor<WmmseErrors>(0, &CellFreeRobustPolicy::m_objective),
                MakeEnumChecker(WMMSE_EXPECTED, "expected", WMMSE_PROMISED, "promised"));
    return tid;
}

bool
CellFreeRobustPolicy::UsesErrors() const
{
    return true;
}

WmmseErrors
CellFreeRobustPolicy::GetErrors() const
{
    return m_objective;
}

} // namespace ns3
