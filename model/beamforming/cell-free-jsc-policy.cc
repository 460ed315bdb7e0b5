// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-jsc-policy.h"

#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeJscPolicy");

NS_OBJECT_ENSURE_REGISTERED(CellFreeJscPolicy);

TypeId
CellFreeJscPolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeJscPolicy")
            .SetParent<CellFreeEstimatePolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeJscPolicy>()
            .AddAttribute("MinSinr",
                          "Least SINR of every UE (linear), from 0 to 1e12.",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&CellFreeJscPolicy::m_minSinr),
                          MakeDoubleChecker<double>(0.0, 1e12))
            .AddAttribute("Tolerance",
                          "Duality gap at which the solver stops, as a share of the sensing SNR, "
                          "from 1e-9 to 0.1.",
                          DoubleValue(1e-5),
                          MakeDoubleAccessor(&CellFreeJscPolicy::m_tolerance),
                          MakeDoubleChecker<double>(1e-9, 0.1))
            .AddAttribute("MaxIterations",
                          "Limit of the Newton steps of one decision.",
                          UintegerValue(2000),
                          MakeUintegerAccessor(&CellFreeJscPolicy::m_maxIterations),
                          MakeUintegerChecker<uint32_t>(1))
            .AddTraceSource("Feasible",
                            "Whether the least SINR of a decision can be met, and the certified "
                            "upper bound of the sensing SNR.",
                            MakeTraceSourceAccessor(&CellFreeJscPolicy::m_feasibleTrace),
                            "ns3::CellFreeJscPolicy::FeasibleTracedCallback");
    return tid;
}

CellFreeJscPolicy::~CellFreeJscPolicy() = default;

bool
CellFreeJscPolicy::IsFeasible() const
{
    return m_feasible;
}

double
CellFreeJscPolicy::GetSensingSnrBound() const
{
    return m_sensingSnrBound;
}

uint32_t
CellFreeJscPolicy::DoUseEstimate(const IsacProblem& problem,
                                 IsacBeams& beams,
                                 const IsacBeams* /* previous */)
{
    IsacJscSolver::Settings settings;
    settings.tolerance = m_tolerance;
    settings.maxIterations = m_maxIterations;
    const auto& result = m_solver.Solve(problem, m_minSinr, settings, beams);
    m_feasible = result.feasible;
    m_sensingSnrBound = result.upperBound;
    if (!m_feasible)
    {
        NS_LOG_WARN("MinSinr = " << m_minSinr
                                 << " cannot be met: the beams maximise the smallest SINR");
    }
    m_feasibleTrace(m_feasible, m_sensingSnrBound);
    return result.iterations;
}

} // namespace ns3
