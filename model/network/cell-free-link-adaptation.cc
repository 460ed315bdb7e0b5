// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-link-adaptation.h"

#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeLinkAdaptation");

NS_OBJECT_ENSURE_REGISTERED(CellFreeLinkAdaptation);
NS_OBJECT_ENSURE_REGISTERED(CellFreeOuterLoopAdaptation);
NS_OBJECT_ENSURE_REGISTERED(CellFreeCqiAdaptation);

namespace
{

/// The MCS of each CQI from 2 on: that with its modulation and code rate.
using CqiMcs = std::array<int, 14>;
/// TS 38.214 table 5.2.2.1-2 in table 5.1.3.1-1.
constexpr CqiMcs CQI_64QAM{0, 2, 4, 6, 8, 11, 13, 15, 18, 20, 22, 24, 26, 28};
/// TS 38.214 table 5.2.2.1-3 in table 5.1.3.1-2.
constexpr CqiMcs CQI_256QAM{1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27};
/// Bits of CQI 1 over those of MCS 0: R = 78/1024 and 120/1024 of QPSK.
constexpr double FIRST_CQI_SHARE = 78.0 / 120.0;
/// Error rate that a CQI promises (TS 38.214 section 5.2.2.1).
constexpr double CQI_BLER = 0.1;
/// Symbols of the block that a CQI is about: a band of 20 MHz, less a slot's control symbols.
constexpr uint32_t CQI_SYMBOLS = 7344;

/**
 * @brief The smallest SINR at which a CQI is reported.
 * @param errorModel block error rates
 * @param cqi the CQI, 1 to 15
 * @return SINR, linear
 */
double
GetSinrOfCqi(const CellFreeErrorModel& errorModel, int cqi)
{
    if (cqi == 1)
    {
        return FIRST_CQI_SHARE * errorModel.GetSinr(0, CQI_SYMBOLS, CQI_BLER);
    }
    const bool is64 = errorModel.GetMcsTable() == CELL_FREE_MCS_64QAM;
    return errorModel.GetSinr((is64 ? CQI_64QAM : CQI_256QAM)[cqi - 2], CQI_SYMBOLS, CQI_BLER);
}

} // namespace

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
CellFreeOuterLoopAdaptation::GetTargetBler() const
{
    return m_targetBler;
}

double
CellFreeOuterLoopAdaptation::GetMargin(uint32_t link) const
{
    return m_margins.at(link).decibels;
}

TypeId
CellFreeCqiAdaptation::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeCqiAdaptation")
            .SetParent<CellFreeOuterLoopAdaptation>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeCqiAdaptation>()
            .AddAttribute("ReportPeriod",
                          "Slots between the reports of a link (1 to 640).",
                          UintegerValue(10),
                          MakeUintegerAccessor(&CellFreeCqiAdaptation::m_period),
                          MakeUintegerChecker<uint32_t>(1, 640))
            .AddAttribute("ReportDelay",
                          "Slots from a report to the first one in which the CPU goes by it "
                          "(0 to 1000).",
                          UintegerValue(4),
                          MakeUintegerAccessor(&CellFreeCqiAdaptation::m_delay),
                          MakeUintegerChecker<uint32_t>(0, 1000));
    return tid;
}

CellFreeCqiAdaptation::CellFreeCqiAdaptation() = default;

CellFreeCqiAdaptation::~CellFreeCqiAdaptation() = default;

void
CellFreeCqiAdaptation::SetNLinks(uint32_t nLinks)
{
    CellFreeOuterLoopAdaptation::SetNLinks(nLinks);
    m_links.resize(nLinks);
}

void
CellFreeCqiAdaptation::BeginSlot(uint64_t slot)
{
    for (auto& link : m_links)
    {
        while (!link.reports.IsEmpty() && link.reports[0].slot <= slot)
        {
            link.cqi = link.reports.TakeFront().cqi;
        }
    }
}

int
CellFreeCqiAdaptation::ComputeCqi(const CellFreeErrorModel& errorModel,
                                  const Eigen::Ref<const Eigen::VectorXd>& sinr)
{
    const bool is64 = errorModel.GetMcsTable() == CELL_FREE_MCS_64QAM;
    for (int cqi = 15; cqi > 0; --cqi)
    {
        const int mcs = cqi == 1 ? 0 : (is64 ? CQI_64QAM : CQI_256QAM)[cqi - 2];
        if (errorModel.GetEffectiveSinr(mcs, sinr) >= GetSinrOfCqi(errorModel, cqi))
        {
            return cqi;
        }
    }
    return 0;
}

void
CellFreeCqiAdaptation::ReportSinr(uint32_t link,
                                  uint64_t slot,
                                  const Eigen::Ref<const Eigen::VectorXd>& sinr)
{
    const uint64_t sentSlot = (slot + m_period - 1) / m_period * m_period;
    // It arrives at the beginning of a slot, and never in that of the measurement.
    const Report report{sentSlot,
                        std::max(sentSlot + m_delay, slot + 1),
                        ComputeCqi(*m_errorModel, sinr)};
    auto& reports = m_links.at(link).reports;
    // What was to be reported in the same slot is out of date; a shorter delay overtakes.
    while (!reports.IsEmpty() && (reports[reports.GetSize() - 1].sentSlot >= sentSlot ||
                                  reports[reports.GetSize() - 1].slot > report.slot))
    {
        reports.TakeBack();
    }
    reports.PushBack(report);
}

int
CellFreeCqiAdaptation::GetCqi(uint32_t link) const
{
    return m_links.at(link).cqi;
}

int
CellFreeCqiAdaptation::SelectMcs(uint32_t link,
                                 const Eigen::Ref<const Eigen::VectorXd>& sinr,
                                 uint32_t nSymbols) const
{
    const int cqi = m_links.at(link).cqi;
    if (cqi < 0)
    {
        return CellFreeOuterLoopAdaptation::SelectMcs(link, sinr, nSymbols);
    }
    if (cqi == 0)
    {
        return std::min(0, m_errorModel->SelectMcsOf(sinr, nSymbols, GetTargetBler()));
    }
    const Eigen::Matrix<double, 1, 1> reported(GetSinrOfCqi(*m_errorModel, cqi));
    const int mcs = CellFreeOuterLoopAdaptation::SelectMcs(link, reported, nSymbols);
    // CQI 1 is below every MCS: only what the CPU believes can say that MCS 0 is not hopeless.
    return mcs >= 0 ? mcs : std::min(0, m_errorModel->SelectMcsOf(sinr, nSymbols, GetTargetBler()));
}

} // namespace ns3
