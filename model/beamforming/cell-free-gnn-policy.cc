// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-gnn-policy.h"

#include "ns3/abort.h"
#include "ns3/double.h"
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
            .SetParent<CellFreeBeamformingPolicy>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeGnnPolicy>()
            .AddAttribute("WeightFile",
                          "Path of a trained network's weights (.safetensors), relative to the "
                          "working directory; empty for the network that the module ships.",
                          StringValue(""),
                          MakeStringAccessor(&CellFreeGnnPolicy::SetWeightFile),
                          MakeStringChecker())
            .AddAttribute("SensingWeight",
                          "Weight beta_s of sum_t log2(1 + SNR_t) in the objective, >= 0.",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&CellFreeGnnPolicy::m_sensingWeight),
                          MakeDoubleChecker<double>(0.0))
            .AddAttribute("RefineIterations",
                          "Iterations of the joint solver that start from the network's beams, "
                          ">= 0; each one can only raise the objective.",
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
    m_weightFile = path;
    m_network = std::monostate();
}

void
CellFreeGnnPolicy::Load()
{
    const auto path = m_weightFile.empty() ? GetDefaultWeightFile() : m_weightFile;
    IsacGnnWeights weights;
    IsacGnnArchitecture architecture;
    std::string error = weights.Load(path);
    NS_ABORT_MSG_IF(!error.empty(), error);
    error = architecture.Read(weights);
    if (error.empty() && architecture.head == IsacGnnArchitecture::EDGE)
    {
        error = m_network.emplace<IsacGnnEdgeInference>().SetWeights(weights);
    }
    else if (error.empty())
    {
        error = m_network.emplace<IsacGnnInference>().SetWeights(weights);
    }
    NS_ABORT_MSG_IF(!error.empty(), "weight file '" << path << "': " << error);
}

uint32_t
CellFreeGnnPolicy::DoComputeBeams(const IsacProblem& problem,
                                  IsacBeams& beams,
                                  const IsacBeams* /* previous */)
{
    if (std::holds_alternative<std::monostate>(m_network))
    {
        Load();
    }
    if (auto* structured = std::get_if<IsacGnnInference>(&m_network))
    {
        structured->ComputeBeams(problem, m_sensingWeight, beams);
    }
    else
    {
        auto& edge = std::get<IsacGnnEdgeInference>(m_network);
        const auto misfit = edge.FindMisfit(problem);
        NS_ABORT_MSG_IF(!misfit.empty(), "weight file '" << m_weightFile << "': " << misfit);
        edge.ComputeBeams(problem, beams);
    }
    if (m_refineIterations > 0)
    {
        m_solver.Begin(problem, m_sensingWeight);
        m_solver.SetBeams(beams);
        for (uint32_t i = 0; i < m_refineIterations; ++i)
        {
            m_solver.Iterate();
        }
        m_solver.GetBeams(problem, beams);
    }
    return m_refineIterations;
}

bool
CellFreeGnnPolicy::UsesSensingWeight() const
{
    return true;
}

} // namespace ns3
