// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-gnn-policy.h"

#include "isac-error-discount.h"

#include "ns3/string.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeGnnPolicy);

TypeId
CellFreeGnnPolicy::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeGnnPolicy")
            .SetParent<CellFreeEstimatePolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeGnnPolicy>()
            .AddAttribute("WeightFile",
                          "Path of a trained network's weights (.safetensors), relative to the "
                          "working directory; empty for the network that the module ships.",
                          StringValue(""),
                          MakeStringAccessor(&CellFreeGnnPolicy::SetWeightFile),
                          MakeStringChecker())
            .AddAttribute("RefineIterations",
                          "Iterations of the joint solver that start from the network's beams, "
                          ">= 0; each one can only raise the objective, or its mean where channels "
                          "are estimates.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&CellFreeGnnPolicy::m_refineIterations),
                          MakeUintegerChecker<uint32_t>());
    return tid;
}

std::string
CellFreeGnnPolicy::GetDefaultWeightFile()
{
    return CELLFREE_ISAC_WEIGHTS_DIR "/structured.safetensors";
}

void
CellFreeGnnPolicy::SetWeightFile(const std::string& path)
{
    m_weightFile = path.empty() ? GetDefaultWeightFile() : path;
    IsacGnnWeights weights;
    m_error = weights.Load(m_weightFile);
    if (!m_error.empty())
    {
        return;
    }
    IsacGnnArchitecture architecture;
    m_error = architecture.Read(weights);
    if (m_error.empty() && architecture.head == IsacGnnArchitecture::EDGE)
    {
        m_error = m_network.emplace<IsacGnnEdgeInference>().SetWeights(weights);
    }
    else if (m_error.empty())
    {
        m_error = m_network.emplace<IsacGnnInference>().SetWeights(weights);
    }
    m_error = m_error.empty() ? "" : "weight file '" + m_weightFile + "': " + m_error;
}

bool
CellFreeGnnPolicy::UsesSensingWeight() const
{
    return std::holds_alternative<IsacGnnInference>(m_network) || m_refineIterations > 0;
}

std::string
CellFreeGnnPolicy::FindError() const
{
    return m_error;
}

std::string
CellFreeGnnPolicy::FindMisfit(const IsacProblem& problem) const
{
    const auto* edge = std::get_if<IsacGnnEdgeInference>(&m_network);
    const auto misfit = m_error.empty() && edge ? edge->FindMisfit(problem) : "";
    return misfit.empty() ? m_error : "weight file '" + m_weightFile + "': " + misfit;
}

bool
CellFreeGnnPolicy::UsesErrors() const
{
    return std::holds_alternative<IsacGnnInference>(m_network) || m_refineIterations > 0;
}

uint32_t
CellFreeGnnPolicy::DoUseEstimate(const IsacProblem& problem,
                                 IsacBeams& beams,
                                 const IsacBeams* /* previous */)
{
    const auto* seen = &problem;
    if (problem.errorVariance.size() != 0 &&
        std::holds_alternative<IsacGnnEdgeInference>(m_network))
    {
        m_discounted = problem;
        cellfree::DiscountErrors(m_discounted);
        seen = &m_discounted;
    }
    std::visit([&](auto& network) { network.ComputeBeams(*seen, beams); }, m_network);
    if (m_refineIterations > 0)
    {
        m_solver.Begin(problem, true, WMMSE_EXPECTED);
        m_solver.SetBeams(beams);
        for (uint32_t i = 0; i < m_refineIterations; ++i)
        {
            m_solver.Iterate();
        }
        m_solver.GetBeams(problem, beams);
    }
    return m_refineIterations;
}

} // namespace ns3
