// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-rcs-model.h"

#include "cell-free-gaussian.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/cell-free-streams.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeRcsModel");

NS_OBJECT_ENSURE_REGISTERED(CellFreeRcsModel);
NS_OBJECT_ENSURE_REGISTERED(CellFreeConstantRcs);
NS_OBJECT_ENSURE_REGISTERED(CellFreeThreeGppRcs);

namespace
{

/// Node ids of APs that the number of a pair has room for.
constexpr uint32_t PAIR_NODES = 1024;

} // namespace

TypeId
CellFreeRcsModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeRcsModel").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeRcsModel::CellFreeRcsModel() = default;

CellFreeRcsModel::~CellFreeRcsModel() = default;

int64_t
CellFreeRcsModel::AssignStreams(int64_t)
{
    return CELL_FREE_STREAMS;
}

TypeId
CellFreeConstantRcs::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeConstantRcs")
                            .SetParent<CellFreeRcsModel>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeConstantRcs>();
    return tid;
}

CellFreeConstantRcs::CellFreeConstantRcs() = default;

CellFreeConstantRcs::~CellFreeConstantRcs() = default;

double
CellFreeConstantRcs::GetRcs(uint32_t, double rcs, const Aspect&, const Aspect&)
{
    return rcs;
}

double
CellFreeConstantRcs::GetMeanRcs(double rcs) const
{
    return rcs;
}

bool
CellFreeConstantRcs::IsPairwise() const
{
    return false;
}

TypeId
CellFreeThreeGppRcs::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeThreeGppRcs")
            .SetParent<CellFreeRcsModel>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeThreeGppRcs>()
            .AddAttribute(
                "Class",
                "What the target is, by 3GPP TR 38.901 section 7.9.2.1: UavSmall, UavLarge, "
                "HumanModel1 (the same from all sides), HumanModel2, Vehicle, VehiclePoints (five "
                "scattering points), Agv or AgvPoints. Read at every large-scale update of the "
                "channel.",
                EnumValue(ISAC_RCS_UAV_SMALL),
                MakePortableEnumAccessor<IsacRcsClass>(0, &CellFreeThreeGppRcs::m_class),
                MakeEnumChecker(ISAC_RCS_UAV_SMALL,
                                "UavSmall",
                                ISAC_RCS_UAV_LARGE,
                                "UavLarge",
                                ISAC_RCS_HUMAN_1,
                                "HumanModel1",
                                ISAC_RCS_HUMAN_2,
                                "HumanModel2",
                                ISAC_RCS_VEHICLE,
                                "Vehicle",
                                ISAC_RCS_VEHICLE_POINTS,
                                "VehiclePoints",
                                ISAC_RCS_AGV,
                                "Agv",
                                ISAC_RCS_AGV_POINTS,
                                "AgvPoints"))
            .AddAttribute("Spread",
                          "Whether the cross section has the log-normal factor sigma_S. Read at "
                          "every large-scale update of the channel.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&CellFreeThreeGppRcs::m_hasSpread),
                          MakeBooleanChecker())
            .AddAttribute("RedrawPeriod",
                          "Time between draws of sigma_S, at least 1 ms, or 0. The default, 0, "
                          "draws it once, as a drop of TR 38.901 does. Read at every large-scale "
                          "update of the channel, which is when a new draw is seen.",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&CellFreeThreeGppRcs::SetRedrawPeriod,
                                           &CellFreeThreeGppRcs::GetRedrawPeriod),
                          MakeTimeChecker(Seconds(0)));
    return tid;
}

CellFreeThreeGppRcs::CellFreeThreeGppRcs() = default;

CellFreeThreeGppRcs::~CellFreeThreeGppRcs() = default;

double
CellFreeThreeGppRcs::GetRcs(uint32_t targetId,
                            double,
                            const Aspect& incidence,
                            const Aspect& scattering)
{
    const uint32_t nPoints = cellfree::GetRcsPoints(m_class);
    const double deviation = cellfree::GetRcsSpread(m_class);
    const auto* spread = m_hasSpread ? &GetSpread({targetId,
                                                   std::min(incidence.apId, scattering.apId),
                                                   std::max(incidence.apId, scattering.apId)})
                                     : nullptr;
    double sum = 0.0;
    for (uint32_t point = 0; point < nPoints; ++point)
    {
        const double rcs =
            cellfree::GetRcsPattern(m_class, point, incidence.direction, scattering.direction);
        sum +=
            spread ? rcs * cellfree::GetRcsSpreadFactor(deviation, spread->gaussians(point)) : rcs;
    }
    return sum;
}

double
CellFreeThreeGppRcs::GetMeanRcs(double) const
{
    return cellfree::GetRcsMean(m_class);
}

bool
CellFreeThreeGppRcs::IsPairwise() const
{
    return true;
}

int64_t
CellFreeThreeGppRcs::AssignStreams(int64_t first)
{
    if (first != m_firstStream)
    {
        NS_LOG_FUNCTION(this << first);
        m_firstStream = first;
        for (auto& [key, spread] : m_spreads)
        {
            AssignStream(key, *spread.uniform);
            spread.drop = -1;
        }
    }
    return CELL_FREE_STREAMS;
}

void
CellFreeThreeGppRcs::SetRedrawPeriod(Time period)
{
    NS_ABORT_MSG_IF(!period.IsZero() && period < MilliSeconds(1),
                    "CellFreeThreeGppRcs::RedrawPeriod = " << period.As(Time::S)
                                                           << ": expected 0 or at least 1 ms");
    m_redrawPeriod = period;
}

Time
CellFreeThreeGppRcs::GetRedrawPeriod() const
{
    return m_redrawPeriod;
}

const CellFreeThreeGppRcs::Spread&
CellFreeThreeGppRcs::GetSpread(const Key& key)
{
    auto& spread = m_spreads[key];
    if (!spread.uniform)
    {
        spread.uniform = CreateObject<UniformRandomVariable>();
        AssignStream(key, *spread.uniform);
    }
    const int64_t drop =
        m_redrawPeriod.IsZero() ? 0 : Simulator::Now().GetTimeStep() / m_redrawPeriod.GetTimeStep();
    // Every drop has its draws, whether anybody asked for it or not. A longer period starts with
    // what was drawn last.
    for (; spread.drop < drop; ++spread.drop)
    {
        for (auto& gaussian : spread.gaussians)
        {
            gaussian = std::sqrt(2.0) * cellfree::DrawComplexGaussian(*spread.uniform).real();
        }
    }
    return spread;
}

void
CellFreeThreeGppRcs::AssignStream(const Key& key, UniformRandomVariable& uniform) const
{
    const auto& [target, a, b] = key;
    NS_ABORT_MSG_IF(b >= PAIR_NODES,
                    "random streams of pairs of APs: node ids "
                        << a << " and " << b << ": expected less than " << PAIR_NODES);
    if (m_firstStream >= 0)
    {
        uniform.SetStream(GetCellFreeStream(m_firstStream,
                                            CELL_FREE_STREAM_CROSS_SECTION,
                                            target,
                                            a * PAIR_NODES + b));
    }
}

void
CellFreeThreeGppRcs::DoDispose()
{
    m_spreads.clear();
    CellFreeRcsModel::DoDispose();
}

} // namespace ns3
