// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-three-gpp-large-scale.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/cell-free-streams.h"
#include "ns3/isac-link-budget.h"
#include "ns3/log.h"

#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeThreeGppLargeScale");

NS_OBJECT_ENSURE_REGISTERED(CellFreeThreeGppLargeScale);

namespace
{

CellFreeThreeGpp::Geometry
GetGeometry(const Vector& ap, const Vector& ue)
{
    return {std::hypot(ue.x - ap.x, ue.y - ap.y), CalculateDistance(ap, ue), ap.z, ue.z};
}

/// Says whether a standard Gaussian variable, taken to a uniform one, is below a probability.
bool
IsBelow(double gaussian, double probability)
{
    return 0.5 * std::erfc(-gaussian / std::sqrt(2.0)) < probability;
}

} // namespace

TypeId
CellFreeThreeGppLargeScale::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeThreeGppLargeScale")
            .SetParent<CellFreeLargeScaleModel>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeThreeGppLargeScale>()
            .AddAttribute("Scenario",
                          "Scenario of TR 38.901: UMi (street canyon), UMa, RMa, InH-OpenOffice or "
                          "InH-MixedOffice. Acts at the next large-scale update.",
                          EnumValue(CellFreeThreeGpp::UMI),
                          MakePortableEnumAccessor<CellFreeThreeGpp::Scenario>(
                              0,
                              &CellFreeThreeGppLargeScale::SetScenario,
                              &CellFreeThreeGppLargeScale::GetScenario),
                          MakeEnumChecker(CellFreeThreeGpp::UMI,
                                          "UMi",
                                          CellFreeThreeGpp::UMA,
                                          "UMa",
                                          CellFreeThreeGpp::RMA,
                                          "RMa",
                                          CellFreeThreeGpp::INDOOR_OPEN,
                                          "InH-OpenOffice",
                                          CellFreeThreeGpp::INDOOR_MIXED,
                                          "InH-MixedOffice"))
            .AddAttribute(
                "LineOfSight",
                "Which links are in line of sight: Drawn (by the probabilities of table "
                "7.4.2-1), Always or Never. Acts at the next large-scale update.",
                EnumValue(DRAWN),
                MakePortableEnumAccessor<LineOfSight>(0,
                                                      &CellFreeThreeGppLargeScale::m_lineOfSight),
                MakeEnumChecker(DRAWN, "Drawn", ALWAYS, "Always", NEVER, "Never"))
            .AddAttribute("Shadowing",
                          "Whether there is shadowing. Acts at the next large-scale update.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&CellFreeThreeGppLargeScale::m_shadowing),
                          MakeBooleanChecker());
    return tid;
}

void
CellFreeThreeGppLargeScale::SetScenario(CellFreeThreeGpp::Scenario scenario)
{
    m_scenario = scenario;
    m_sites.clear();
}

CellFreeThreeGpp::Scenario
CellFreeThreeGppLargeScale::GetScenario() const
{
    return m_scenario;
}

void
CellFreeThreeGppLargeScale::CheckFrequency(double frequency) const
{
    const double highest = CellFreeThreeGpp::GetMaxFrequency(m_scenario);
    NS_ABORT_MSG_IF(!(frequency >= 0.5e9 && frequency <= highest),
                    "CellFreeThreeGppLargeScale: Frequency = "
                        << frequency << " Hz: expected 5e+08 to " << highest
                        << " (TR 38.901 table 7.4.1-1), or another LargeScale model");
}

const CellFreeThreeGppLargeScale::Site&
CellFreeThreeGppLargeScale::GetSite(uint32_t apId)
{
    const auto [iterator, isNew] = m_sites.try_emplace(apId);
    Site& site = iterator->second;
    if (isNew)
    {
        NS_LOG_FUNCTION(this << apId);
        auto los = CreateObject<UniformRandomVariable>();
        auto shadowing = CreateObject<UniformRandomVariable>();
        if (m_firstStream >= 0)
        {
            los->SetStream(GetCellFreeStream(m_firstStream, CELL_FREE_STREAM_LINE_OF_SIGHT, apId));
            shadowing->SetStream(
                GetCellFreeStream(m_firstStream, CELL_FREE_STREAM_SHADOWING, apId));
        }
        site.los.Draw(*los, CellFreeThreeGpp::GetLosDistance(m_scenario));
        site.losShadowing.Draw(*shadowing,
                               CellFreeThreeGpp::GetShadowingDistance(m_scenario, true));
        site.nlosShadowing.Draw(*shadowing,
                                CellFreeThreeGpp::GetShadowingDistance(m_scenario, false));
        site.kFactor.Draw(*shadowing, CellFreeThreeGpp::GetKFactorDistance(m_scenario));
    }
    return site;
}

bool
CellFreeThreeGppLargeScale::IsLineOfSight(const CellFreeLinkEnds& ends)
{
    if (m_lineOfSight != DRAWN)
    {
        return m_lineOfSight == ALWAYS;
    }
    const Vector ap = ends.ap->GetPosition();
    const Vector ue = ends.ue->GetPosition();
    return IsBelow(GetSite(ends.apId).los.GetValue(ue.x - ap.x, ue.y - ap.y),
                   CellFreeThreeGpp::GetLosProbability(m_scenario, GetGeometry(ap, ue)));
}

double
CellFreeThreeGppLargeScale::GetKFactor(const CellFreeLinkEnds& ends)
{
    const Vector ap = ends.ap->GetPosition();
    const Vector ue = ends.ue->GetPosition();
    return cellfree::FromDecibels(
        CellFreeThreeGpp::GetKFactorMean(m_scenario) +
        CellFreeThreeGpp::GetKFactorDeviation(m_scenario) *
            GetSite(ends.apId).kFactor.GetValue(ue.x - ap.x, ue.y - ap.y));
}

double
CellFreeThreeGppLargeScale::GetLoss(const CellFreeLinkEnds& ends, double frequency)
{
    const Vector ap = ends.ap->GetPosition();
    const Vector ue = ends.ue->GetPosition();
    const auto geometry = GetGeometry(ap, ue);
    const bool isLos = IsLineOfSight(ends);
    double loss = CellFreeThreeGpp::GetPathLoss(m_scenario, isLos, geometry, frequency);
    if (m_shadowing)
    {
        const Site& site = GetSite(ends.apId);
        const auto& field = isLos ? site.losShadowing : site.nlosShadowing;
        loss += CellFreeThreeGpp::GetShadowingDeviation(m_scenario, isLos, geometry, frequency) *
                field.GetValue(ue.x - ap.x, ue.y - ap.y);
    }
    return loss;
}

int64_t
CellFreeThreeGppLargeScale::AssignStreams(int64_t first)
{
    m_firstStream = first;
    m_sites.clear();
    return CELL_FREE_STREAMS;
}

void
CellFreeThreeGppLargeScale::DoDispose()
{
    m_sites.clear();
    CellFreeLargeScaleModel::DoDispose();
}

} // namespace ns3
