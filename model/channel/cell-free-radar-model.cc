// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-radar-model.h"

#include "cell-free-gaussian.h"

#include "ns3/abort.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/cell-free-streams.h"
#include "ns3/log.h"

#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeRadarModel");

NS_OBJECT_ENSURE_REGISTERED(CellFreeRadarModel);

namespace
{

/// Node ids of APs that the number of a pair has room for.
constexpr uint32_t PAIR_NODES = 1024;

/**
 * @brief Number of a pair of APs among the streams of a target.
 * @param receiverId node id of the receiving AP
 * @param transmitterId node id of the transmitting AP
 * @return the number
 */
uint32_t
GetPairNumber(uint32_t receiverId, uint32_t transmitterId)
{
    NS_ABORT_MSG_IF(receiverId >= PAIR_NODES || transmitterId >= PAIR_NODES,
                    "random streams of pairs of APs: node ids "
                        << receiverId << " and " << transmitterId << ": expected less than "
                        << PAIR_NODES);
    return receiverId * PAIR_NODES + transmitterId;
}

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
                "on its own: Constant (which Swerling calls 0), Swerling1 (exponential) or "
                "Swerling3 (gamma of shape 2); Swerling2 and Swerling4 are the same but change in "
                "every one of the detector's intervals too. Acts from the next dwell on.",
                EnumValue(ISAC_SWERLING_1),
                MakePortableEnumAccessor<IsacFluctuation>(0, &CellFreeRadarModel::m_fluctuation),
                MakeEnumChecker(ISAC_SWERLING_1,
                                "Swerling1",
                                ISAC_CONSTANT,
                                "Constant",
                                ISAC_SWERLING_2,
                                "Swerling2",
                                ISAC_SWERLING_3,
                                "Swerling3",
                                ISAC_SWERLING_4,
                                "Swerling4"));
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
    return Draw(
        Key{CELL_FREE_STREAM_RADAR_PAIR, targetId, GetPairNumber(receiverId, transmitterId)});
}

CellFreeRadarModel::Look
CellFreeRadarModel::Draw(const Key& key)
{
    auto& uniform = GetUniform(key);
    Look look;
    look.reflection = cellfree::DrawComplexGaussian(uniform);
    look.noise = cellfree::DrawComplexGaussian(uniform);
    if (m_fluctuation == ISAC_CONSTANT)
    {
        // The noise is circularly symmetric, so the phase of a constant target does not matter.
        look.reflection = 1.0;
    }
    else if (m_fluctuation == ISAC_SWERLING_3 || m_fluctuation == ISAC_SWERLING_4)
    {
        // The mean of two exponentials has the gamma distribution of shape 2.
        const double first = std::norm(look.reflection);
        const double second = std::norm(cellfree::DrawComplexGaussian(uniform));
        look.reflection *= std::sqrt((first + second) / (2 * first));
    }
    return look;
}

void
CellFreeRadarModel::DrawIntervals(uint32_t targetId,
                                  uint32_t receiverId,
                                  uint32_t nReference,
                                  Eigen::Index k,
                                  IsacEchoes& echoes)
{
    DrawIntervals(Key{CELL_FREE_STREAM_RADAR, targetId, receiverId}, nReference, k, echoes);
}

void
CellFreeRadarModel::DrawIntervals(uint32_t targetId,
                                  uint32_t receiverId,
                                  uint32_t transmitterId,
                                  uint32_t nReference,
                                  Eigen::Index k,
                                  IsacEchoes& echoes)
{
    DrawIntervals(
        Key{CELL_FREE_STREAM_RADAR_PAIR, targetId, GetPairNumber(receiverId, transmitterId)},
        nReference,
        k,
        echoes);
}

void
CellFreeRadarModel::DrawIntervals(const Key& key,
                                  uint32_t nReference,
                                  Eigen::Index k,
                                  IsacEchoes& echoes)
{
    const bool isSame = m_fluctuation == ISAC_SWERLING_1 || m_fluctuation == ISAC_SWERLING_3;
    const auto nIntervals = echoes.reflection.rows();
    for (Eigen::Index i = 0; i < nIntervals; ++i)
    {
        const auto look = Draw(key);
        echoes.noise(i, k) = look.noise;
        echoes.reflection(i, k) = isSame && i > 0 ? echoes.reflection(0, k) : look.reflection;
    }
    echoes.reference(k) = 0.0;
    if (nReference > 0)
    {
        // A stream of their own, so that reflections and noise are the same without them.
        const auto& [purpose, target, ap] = key;
        auto& uniform = GetUniform(Key{CELL_FREE_STREAM_REFERENCE, target, ap});
        for (Eigen::Index i = 0; i < nIntervals * nReference; ++i)
        {
            echoes.reference(k) -= std::log(uniform.GetValue(0.0, 1.0));
        }
    }
}

UniformRandomVariable&
CellFreeRadarModel::GetUniform(const Key& key)
{
    auto& uniform = m_looks[key];
    if (!uniform)
    {
        uniform = CreateObject<UniformRandomVariable>();
        AssignStream(key, *uniform);
    }
    return *uniform;
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
