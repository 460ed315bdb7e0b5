// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-hop-condition.h"

#include "ns3/abort.h"
#include "ns3/buildings-channel-condition-model.h"
#include "ns3/cell-free-streams.h"
#include "ns3/mobility-building-info.h"
#include "ns3/node.h"
#include "ns3/object-factory.h"

namespace ns3
{

namespace
{

constexpr uint32_t STREAMS_PER_HOP = 8; //!< room for what a model of ns-3 takes, 3 in ns-3.37

/// An AP's node id that stands for all hops.
constexpr uint32_t ALL_HOPS = CELL_FREE_STREAM_NODES - 1;

/// Another object of the same class with the same attributes.
Ptr<ChannelConditionModel>
Copy(const ChannelConditionModel& model)
{
    ObjectFactory factory;
    factory.SetTypeId(model.GetInstanceTypeId());
    for (TypeId type = model.GetInstanceTypeId(); type != Object::GetTypeId();
         type = type.GetParent())
    {
        for (std::size_t i = 0; i < type.GetAttributeN(); ++i)
        {
            const auto attribute = type.GetAttribute(i);
            if (attribute.accessor->HasGetter() && attribute.accessor->HasSetter())
            {
                const auto value = attribute.checker->Create();
                model.GetAttribute(attribute.name, *value);
                factory.Set(attribute.name, *value);
            }
        }
    }
    return factory.Create<ChannelConditionModel>();
}

/// Aborts on an end that a model of buildings cannot place.
void
CheckKnown(const char* role, uint32_t id, const Ptr<const MobilityModel>& mobility)
{
    NS_ABORT_MSG_IF(!mobility->GetObject<MobilityBuildingInfo>(),
                    role << " node " << id
                         << " has no MobilityBuildingInfo, which the model of "
                            "CellFreeChannelModel::HopCondition asks: expected "
                            "BuildingsHelper::Install() on it");
}

} // namespace

void
CellFreeHopCondition::SetModel(Ptr<ChannelConditionModel> model)
{
    m_model = model;
    m_isCopied = m_model && m_model->GetInstanceTypeId().HasConstructor() &&
                 DynamicCast<ThreeGppChannelConditionModel>(m_model);
    m_knowsBuildings = DynamicCast<BuildingsChannelConditionModel>(m_model) != nullptr;
    Begin();
}

Ptr<ChannelConditionModel>
CellFreeHopCondition::GetModel() const
{
    return m_model;
}

void
CellFreeHopCondition::AssignStreams(int64_t first)
{
    m_firstStream = first;
    Begin();
}

void
CellFreeHopCondition::Begin()
{
    m_copies.clear();
    if (m_model && !m_isCopied && m_firstStream >= 0)
    {
        m_model->AssignStreams(GetCellFreeStream(m_firstStream, CELL_FREE_STREAM_HOP, ALL_HOPS));
    }
}

Ptr<const ChannelConditionModel>
CellFreeHopCondition::GetModelOf(uint32_t apId, uint32_t targetId)
{
    if (!m_isCopied)
    {
        return m_model;
    }
    auto& copy = m_copies[{apId, targetId}];
    if (!copy)
    {
        copy = Copy(*m_model);
        if (m_firstStream >= 0)
        {
            NS_ABORT_MSG_IF(targetId >= CELL_FREE_STREAM_NODES / STREAMS_PER_HOP,
                            "target node id "
                                << targetId << ", with a random state of hops: expected less than "
                                << CELL_FREE_STREAM_NODES / STREAMS_PER_HOP);
            copy->AssignStreams(GetCellFreeStream(m_firstStream,
                                                  CELL_FREE_STREAM_HOP,
                                                  apId,
                                                  targetId * STREAMS_PER_HOP));
        }
    }
    return copy;
}

bool
CellFreeHopCondition::IsClear(uint32_t apId,
                              uint32_t targetId,
                              const Ptr<const MobilityModel>& ap,
                              const Ptr<const MobilityModel>& target)
{
    if (!m_model)
    {
        return true;
    }
    if (m_knowsBuildings)
    {
        CheckKnown("AP", apId, ap);
        CheckKnown("target", targetId, target);
    }
    const auto condition = GetModelOf(apId, targetId)->GetChannelCondition(target, ap);
    return condition->IsLos() && !condition->IsO2i();
}

} // namespace ns3
