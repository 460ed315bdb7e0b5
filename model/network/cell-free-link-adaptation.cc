// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-link-adaptation.h"

#include "ns3/double.h"
#include "ns3/log.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeLinkAdaptation");

NS_OBJECT_ENSURE_REGISTERED(CellFreeLinkAdaptation);
NS_OBJECT_ENSURE_REGISTERED(CellFreeOuterLoopAdaptation);

TypeId
CellFreeLinkAdaptation::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeLinkAdaptation").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeLinkAdaptation::~CellFreeLinkAdaptation() = default;

void
CellFreeLinkAdaptation::DoDispose()
{
    m_errorModel = nullptr;
    Object::DoDispose();
}

void
CellFreeLinkAdaptation::SetErrorModel(Ptr<const CellFreeErrorModel> errorModel)
{
    m_errorModel = errorModel;
}

int
CellFreeLinkAdaptation::SelectMcsFlat(uint32_t link, double sinr, uint32_t nSymbols) const
{
    return SelectMcs(link, Eigen::Matrix<double, 1, 1>(sinr), nSymbols);
}

void
CellFreeLinkAdaptation::BeginSlot(uint64_t /* slot */)
{
}

void
CellFreeLinkAdaptation::ReportSinr(uint32_t /* link */,
                                   uint64_t /* slot */,
                                   const Eigen::Ref<const Eigen::VectorXd>& /* sinr */)
{
}

TypeId
CellFreeOuterLoopAdaptation::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeOuterLoopAdaptation")
            .SetParent<CellFreeLinkAdaptation>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeOuterLoopAdaptation>()
            .AddAttribute("TargetBler",
                          "Block error rate that a first transmission aims at (0.0001 to 0.5).",
                          DoubleValue(0.1),
                          MakeDoubleAccessor(&CellFreeOuterLoopAdaptation::m_targetBler),
                          MakeDoubleChecker<double>(1e-4, 0.5))
            .AddAttribute("OuterLoopStep",
                          "Rise of a link's margin after a failed first transmission (dB, 0 to 5); "
                          "0 switches the outer loop off.",
                          DoubleValue(0.2),
                          MakeDoubleAccessor(&CellFreeOuterLoopAdaptation::m_step),
                          MakeDoubleChecker<double>(0.0, 5.0))
            .AddAttribute("MinMargin",
                          "Smallest margin of the outer loop (dB, -20 to 0).",
                          DoubleValue(-3.0),
                          MakeDoubleAccessor(&CellFreeOuterLoopAdaptation::m_minMargin),
                          MakeDoubleChecker<double>(-20.0, 0.0))
            .AddAttribute("MaxMargin",
                          "Largest margin of the outer loop (dB, 0 to 40).",
                          DoubleValue(20.0),
                          MakeDoubleAccessor(&CellFreeOuterLoopAdaptation::m_maxMargin),
                          MakeDoubleChecker<double>(0.0, 40.0));
    return tid;
}

CellFreeOuterLoopAdaptation::CellFreeOuterLoopAdaptation() = default;

CellFreeOuterLoopAdaptation::~CellFreeOuterLoopAdaptation() = default;

void
CellFreeOuterLoopAdaptation::SetNLinks(uint32_t nLinks)
{
    m_margins.resize(nLinks);
}

int
CellFreeOuterLoopAdaptation::SelectMcs(uint32_t link,
                                       const Eigen::Ref<const Eigen::VectorXd>& sinr,
                                       uint32_t nSymbols) const
{
    m_safeSinr = sinr * m_margins.at(link).factor;
    const int mcs = m_errorModel->SelectMcsOf(m_safeSinr, nSymbols, m_targetBler);
    // A margin must not silence a link for good: without transmissions it would never fall.
    return mcs >= 0 ? mcs : std::min(0, m_errorModel->SelectMcsOf(sinr, nSymbols, m_targetBler));
}

void
CellFreeOuterLoopAdaptation::ReportFirstTransmission(uint32_t link, bool success)
{
    const double change = success ? -m_step * m_targetBler / (1.0 - m_targetBler) : m_step;
    auto& margin = m_margins.at(link);
    margin.decibels = std::clamp(margin.decibels + change, m_minMargin, m_maxMargin);
    margin.factor = std::pow(10.0, -margin.decibels / 10.0);
    NS_LOG_LOGIC("link " << link << (success ? " decoded" : " failed") << ": margin "
                         << margin.decibels);
}

double
CellFreeOuterLoopAdaptation::GetMargin(uint32_t link) const
{
    return m_margins.at(link).decibels;
}

} // namespace ns3
