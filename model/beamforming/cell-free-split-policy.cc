// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-split-policy.h"

#include "ns3/boolean.h"
#include "ns3/double.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeSplitPolicy);
NS_OBJECT_ENSURE_REGISTERED(CellFreeNsRzfPolicy);

TypeId
CellFreeSplitPolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeSplitPolicy")
            .SetParent<CellFreeBeamformingPolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeSplitPolicy>()
            .AddAttribute("CommPowerRatio",
                          "Share of every AP's power for communication, from 0 to 1; sensing gets "
                          "the rest.",
                          DoubleValue(0.5),
                          MakeDoubleAccessor(&CellFreeSplitPolicy::m_commPowerRatio),
                          MakeDoubleChecker<double>(0.0, 1.0))
            .AddAttribute("ZeroForcing",
                          "Regularised zero-forcing for the UEs instead of conjugate beams.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreeSplitPolicy::m_zeroForcing),
                          MakeBooleanChecker())
            .AddAttribute("NullSpace",
                          "Sensing beams in the null space of the UEs' channels instead of matched "
                          "ones.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreeSplitPolicy::m_nullSpace),
                          MakeBooleanChecker());
    return tid;
}

CellFreeSplitPolicy::~CellFreeSplitPolicy() = default;

uint32_t
CellFreeSplitPolicy::DoComputeBeams(const IsacProblem& problem,
                                    IsacBeams& beams,
                                    const IsacBeams* /* previous */)
{
    m_solver.Solve(problem,
                   m_commPowerRatio,
                   m_zeroForcing ? IsacSplitSolver::ZERO_FORCING : IsacSplitSolver::CONJUGATE,
                   m_nullSpace ? IsacSplitSolver::NULL_SPACE : IsacSplitSolver::MATCHED,
                   beams);
    return 0;
}

TypeId
CellFreeNsRzfPolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeNsRzfPolicy")
            .SetParent<CellFreeBeamformingPolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeNsRzfPolicy>()
            .AddAttribute("CommPowerRatio",
                          "Share of every AP's power for communication, from 0 to 1; sensing gets "
                          "the rest.",
                          DoubleValue(0.5),
                          MakeDoubleAccessor(&CellFreeNsRzfPolicy::m_commPowerRatio),
                          MakeDoubleChecker<double>(0.0, 1.0));
    return tid;
}

CellFreeNsRzfPolicy::~CellFreeNsRzfPolicy() = default;

uint32_t
CellFreeNsRzfPolicy::DoComputeBeams(const IsacProblem& problem,
                                    IsacBeams& beams,
                                    const IsacBeams* /* previous */)
{
    m_solver.Solve(problem,
                   m_commPowerRatio,
                   IsacSplitSolver::ZERO_FORCING,
                   IsacSplitSolver::NULL_SPACE,
                   beams);
    return 0;
}

} // namespace ns3
