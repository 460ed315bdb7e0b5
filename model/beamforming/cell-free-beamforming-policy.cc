// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-beamforming-policy.h"

#include <chrono>
#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeBeamformingPolicy);

TypeId
CellFreeBeamformingPolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeBeamformingPolicy").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeBeamformingPolicy::~CellFreeBeamformingPolicy() = default;

bool
CellFreeBeamformingPolicy::UsesSensingWeight() const
{
    return false;
}

std::string
CellFreeBeamformingPolicy::FindError() const
{
    return {};
}

std::string
CellFreeBeamformingPolicy::FindMisfit(const IsacProblem& /* problem */) const
{
    return FindError();
}

CellFreeBeamformingPolicy::Cost
CellFreeBeamformingPolicy::ComputeBeams(const IsacProblem& problem,
                                        IsacBeams& beams,
                                        const IsacBeams* previous)
{
    const auto start = std::chrono::steady_clock::now();
    cellfree::Normalise(problem, m_normalised);
    if (previous)
    {
        m_previous.nAntennas = previous->nAntennas;
        m_previous.f = previous->f;
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            m_previous.Ap(m) /= std::sqrt(problem.power(m));
        }
    }
    beams.Resize(problem);
    Cost cost;
    cost.error = FindMisfit(problem);
    if (!cost.error.empty())
    {
        return cost;
    }
    cost.iterations = DoComputeBeams(m_normalised, beams, previous ? &m_previous : nullptr);
    cellfree::Denormalise(problem, beams);
    if (!beams.f.allFinite())
    {
        cost.error = GetInstanceTypeId().GetName() + " returned beams that are not finite";
        beams.f.setZero();
    }
    cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return cost;
}

} // namespace ns3
