// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-radar-model.h"

#include "cell-free-gaussian.h"

#include "ns3/abort.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/cell-free-streams.h"
#include "ns3/log.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeRadarModel");

NS_OBJECT_ENSURE_REGISTERED(CellFreeRadarModel);

namespace
{

/// Node ids of APs that the number of a pair has room for.
constexpr uint32_t PAIR_NODES = 1024;

} // namespace

TypeId
CellFreeRadarModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeRadarModel")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeRadarModel>()
            .AddAttribute(
                "Fluctuation",
                "How the cross section of a target changes between dwells, for every look at it "
                "on its own: Swerling1 (exponential) or Constant. Acts from the next dwell on.",
                EnumValue(ISAC_SWERLING_1),
                MakePortableEnumAccessor<IsacFluctuation>(0, &CellFreeRadarModel::m_fluctuation),
                MakeEnumChecker(ISAC_SWERLING_1, "Swerling1", ISAC_CONSTANT, "Constant"));
    return tid;
}

CellFreeRadarModel::Look
CellFreeRadarModel::Draw(uint32_t targetId, uint32_t receiverId)
{
    return Draw(Key{CELL_FREE_STREAM_RADAR, targetId, receiverId});
}

CellFreeRadarModel::Look
CellFreeRadarModel::Draw(uint32_t targetId, uint32_t receiverId, uint32_t transmitterId)
{
    NS_ABORT_MSG_IF(receiverId >= PAIR_NODES || transmitterId >= PAIR_NODES,
                    "random streams of pairs of APs: node ids "
                        << receiverId << " and " << transmitterId << ": expected less than "
                        << PAIR_NODES);
    return Draw(
        Key{CELL_FREE_STREAM_RADAR_PAIR, targetId, receiverId * PAIR_NODES + transmitterId});
}

CellFreeRadarModel::Look
CellFreeRadarModel::Draw(const Key& key)
{
    auto& uniform = m_looks[key];
    if (!uniform)
    {
        uniform = CreateObject<UniformRandomVariable>();
        AssignStream(key, *uniform);
    }
    Look look;
    look.reflection = cellfree::DrawComplexGaussian(*uniform);
    look.noise = cellfree::DrawComplexGaussian(*uniform);
    if (m_fluctuation == ISAC_CONSTANT)
    {
        // The noise is circularly symmetric, so the phase of a constant target does not matter.
        look.reflection = 1.0;
    }
    return look;
}

IsacFluctuation
CellFreeRadarModel::GetFluctuation() const
{
    return m_fluctuation;
}

int64_t
CellFreeRadarModel::AssignStreams(int64_t first)
{
    NS_LOG_FUNCTION(this << first);
    m_firstStream = first;
    for (auto& [key, uniform] : m_looks)
    {
        AssignStream(key, *uniform);
    }
    return CELL_FREE_STREAMS;
}

void
CellFreeRadarModel::AssignStream(const Key& key, UniformRandomVariable& uniform) const
{
    if (m_firstStream >= 0)
    {
        const auto& [purpose, a, b] = key;
        uniform.SetStream(
            GetCellFreeStream(m_firstStream, static_cast<CellFreeStreamPurpose>(purpose), a, b));
    }
}

void
CellFreeRadarModel::DoDispose()
{
    m_looks.clear();
    Object::DoDispose();
}

} // namespace ns3
