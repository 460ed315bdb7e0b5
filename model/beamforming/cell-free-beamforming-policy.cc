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

bool
CellFreeBeamformingPolicy::AnswersBands() const
{
    return false;
}

bool
CellFreeBeamformingPolicy::Learns() const
{
    return false;
}

void
CellFreeBeamformingPolicy::Announce(const IsacDecisionContext& /* context */)
{
}

std::string
CellFreeBeamformingPolicy::Learn(const IsacDecisionOutcome& /* outcome */)
{
    return {};
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
    m_failure.clear();
    cost.iterations = DoComputeBeams(m_normalised, beams, previous ? &m_previous : nullptr);
    Finish(problem, beams, cost);
    cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return cost;
}

CellFreeBeamformingPolicy::Cost
CellFreeBeamformingPolicy::ComputeBands(const std::vector<IsacProblem>& problems,
                                        std::vector<IsacBeams>& beams)
{
    const auto start = std::chrono::steady_clock::now();
    Cost cost;
    beams.resize(problems.size());
    m_bands.resize(problems.size());
    for (std::size_t b = 0; b < problems.size(); ++b)
    {
        beams[b].Resize(problems[b]);
        cellfree::Normalise(problems[b], m_bands[b]);
    }
    for (std::size_t b = 0; b < problems.size() && cost.error.empty(); ++b)
    {
        cost.error = FindMisfit(problems[b]);
    }
    if (!cost.error.empty())
    {
        return cost;
    }
    m_failure.clear();
    cost.iterations = DoComputeBands(m_bands, beams);
    for (std::size_t b = 0; b < problems.size(); ++b)
    {
        Finish(problems[b], beams[b], cost);
    }
    cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return cost;
}

uint32_t
CellFreeBeamformingPolicy::DoComputeBands(std::vector<IsacProblem>& problems,
                                          std::vector<IsacBeams>& beams)
{
    uint32_t iterations = 0;
    for (std::size_t b = 0; b < problems.size(); ++b)
    {
        iterations += DoComputeBeams(problems[b], beams[b], nullptr);
    }
    return iterations;
}

void
CellFreeBeamformingPolicy::Fail(const std::string& error)
{
    m_failure = error;
}

void
CellFreeBeamformingPolicy::Finish(const IsacProblem& problem, IsacBeams& beams, Cost& cost) const
{
    if (m_failure.empty())
    {
        cellfree::Denormalise(problem, beams);
    }
    if (m_failure.empty() && beams.f.allFinite())
    {
        return;
    }
    beams.f.setZero();
    if (cost.error.empty())
    {
        cost.error = m_failure.empty()
                         ? GetInstanceTypeId().GetName() + " returned beams that are not finite"
                         : m_failure;
    }
}

} // namespace ns3
