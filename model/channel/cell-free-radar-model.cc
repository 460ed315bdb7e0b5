// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-radar-model.h"

#include "cell-free-gaussian.h"

#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/isac-detection.h"
#include "ns3/log.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeRadarModel");

NS_OBJECT_ENSURE_REGISTERED(CellFreeRadarModel);

TypeId
CellFreeRadarModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeRadarModel")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeRadarModel>()
            .AddAttribute("Pfa",
                          "Probability of false alarm of one dwell, in [1e-30, 0.5].",
                          DoubleValue(1e-6),
                          MakeDoubleAccessor(&CellFreeRadarModel::m_pfa),
                          MakeDoubleChecker<double>(1e-30, 0.5))
            .AddAttribute(
                "Fluctuation",
                "How the cross section of a target changes between dwells: Swerling1 "
                "(exponential) or Constant.",
                EnumValue(CellFreeRadarModel::SWERLING_1),
                MakePortableEnumAccessor<Fluctuation>(0, &CellFreeRadarModel::m_fluctuation),
                MakeEnumChecker(CellFreeRadarModel::SWERLING_1,
                                "Swerling1",
                                CellFreeRadarModel::CONSTANT,
                                "Constant"));
    return tid;
}

uint32_t
CellFreeRadarModel::AddTarget()
{
    Target target;
    target.uniform = CreateObject<UniformRandomVariable>();
    m_targets.push_back(target);
    return m_targets.size() - 1;
}

void
CellFreeRadarModel::BeginDwell(uint32_t target)
{
    NS_LOG_FUNCTION(this << target);
    Target& process = m_targets.at(target);
    process.reflection = DrawComplexGaussian(*process.uniform);
    process.noise = DrawComplexGaussian(*process.uniform);
    if (m_fluctuation == CONSTANT)
    {
        // The noise is circularly symmetric, so the phase of a constant target does not matter.
        process.reflection = 1.0;
    }
}

double
CellFreeRadarModel::GetFluctuation(uint32_t target) const
{
    return std::norm(m_targets.at(target).reflection);
}

bool
CellFreeRadarModel::IsDetected(uint32_t target, double snr) const
{
    const Target& process = m_targets.at(target);
    return ns3::IsDetected(snr, process.reflection, process.noise, m_pfa);
}

double
CellFreeRadarModel::GetDetectionProbability(double snr) const
{
    return m_fluctuation == CONSTANT ? GetConstantDetectionProbability(snr, m_pfa)
                                     : GetSwerlingDetectionProbability(snr, m_pfa);
}

int64_t
CellFreeRadarModel::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    for (auto& target : m_targets)
    {
        target.uniform->SetStream(stream++);
    }
    return m_targets.size();
}

void
CellFreeRadarModel::DoDispose()
{
    m_targets.clear();
    Object::DoDispose();
}

} // namespace ns3
