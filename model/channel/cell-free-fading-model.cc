// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-fading-model.h"

#include "cell-free-gaussian.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeFadingModel");

NS_OBJECT_ENSURE_REGISTERED(CellFreeFadingModel);
NS_OBJECT_ENSURE_REGISTERED(CellFreeRayleighFading);

TypeId
CellFreeFadingModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeFadingModel")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddAttribute("CoherenceTime",
                          "Duration of a coherence block, at least 1 us; coefficients are constant "
                          "within a block.",
                          TimeValue(MilliSeconds(10)),
                          MakeTimeAccessor(&CellFreeFadingModel::m_coherenceTime),
                          MakeTimeChecker(MicroSeconds(1)));
    return tid;
}

CellFreeFadingModel::~CellFreeFadingModel() = default;

uint32_t
CellFreeFadingModel::AddLink(Eigen::Index nAntennas)
{
    NS_LOG_FUNCTION(this << nAntennas);
    NS_ABORT_MSG_IF(nAntennas < 1, "AddLink: nAntennas = " << nAntennas << ": expected at least 1");
    Link link;
    link.uniform = CreateObject<UniformRandomVariable>();
    link.coefficients.setZero(nAntennas);
    m_links.push_back(link);
    return m_links.size() - 1;
}

const Eigen::VectorXcd&
CellFreeFadingModel::GetCoefficients(uint32_t link)
{
    Link& process = m_links.at(link);
    const int64_t block = Simulator::Now().GetTimeStep() / m_coherenceTime.GetTimeStep();
    // Blocks that nobody asked for are drawn too: the n-th draw belongs to the same block always.
    for (; process.block < block; ++process.block)
    {
        DoNextBlock(link, *process.uniform, process.coefficients);
    }
    return process.coefficients;
}

int64_t
CellFreeFadingModel::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    for (auto& link : m_links)
    {
        link.uniform->SetStream(stream++);
        link.block = -1;
        link.coefficients.setZero();
    }
    return m_links.size();
}

void
CellFreeFadingModel::DoDispose()
{
    m_links.clear();
    Object::DoDispose();
}

TypeId
CellFreeRayleighFading::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeRayleighFading")
                            .SetParent<CellFreeFadingModel>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeRayleighFading>();
    return tid;
}

void
CellFreeRayleighFading::DoNextBlock(uint32_t link,
                                    UniformRandomVariable& uniform,
                                    Eigen::VectorXcd& coefficients)
{
    for (auto& coefficient : coefficients)
    {
        coefficient = DrawComplexGaussian(uniform);
    }
}

} // namespace ns3
