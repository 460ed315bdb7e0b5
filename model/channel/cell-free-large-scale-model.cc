// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-large-scale-model.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-streams.h"
#include "ns3/channel-condition-model.h"
#include "ns3/double.h"
#include "ns3/pointer.h"
#include "ns3/three-gpp-propagation-loss-model.h"

#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeLargeScaleModel);
NS_OBJECT_ENSURE_REGISTERED(CellFreePropagationLossChain);

TypeId
CellFreeLargeScaleModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeLargeScaleModel").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeLargeScaleModel::~CellFreeLargeScaleModel() = default;

bool
CellFreeLargeScaleModel::IsLineOfSight(const CellFreeLinkEnds& /* ends */)
{
    return false;
}

double
CellFreeLargeScaleModel::GetKFactor(const CellFreeLinkEnds& /* ends */)
{
    NS_ABORT_MSG(GetInstanceTypeId().GetName()
                 << " draws no K factor: expected a large-scale model that does, or "
                    "CellFreeSpatialFading::DrawKFactor = false");
}

TypeId
CellFreePropagationLossChain::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreePropagationLossChain")
            .SetParent<CellFreeLargeScaleModel>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreePropagationLossChain>()
            .AddAttribute("PropagationLoss",
                          "The first of a chain of models. Those that have a Frequency must have "
                          "the channel's. Asked at every large-scale update.",
                          PointerValue(),
                          MakePointerAccessor(&CellFreePropagationLossChain::m_loss),
                          MakePointerChecker<PropagationLossModel>())
            .AddAttribute("LineOfSight",
                          "Whether links are in line of sight, for fading, where no model of the "
                          "chain is a ThreeGppPropagationLossModel. Acts at the next large-scale "
                          "update.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreePropagationLossChain::m_lineOfSight),
                          MakeBooleanChecker());
    return tid;
}

void
CellFreePropagationLossChain::CheckFrequency(double frequency) const
{
    NS_ABORT_MSG_IF(!m_loss,
                    "CellFreePropagationLossChain: PropagationLoss is null: expected a model");
    for (auto loss = m_loss; loss; loss = loss->GetNext())
    {
        DoubleValue tuned;
        NS_ABORT_MSG_IF(loss->GetAttributeFailSafe("Frequency", tuned) &&
                            std::abs(tuned.Get() - frequency) > 1e-9 * frequency,
                        "CellFreePropagationLossChain: " << loss->GetInstanceTypeId().GetName()
                                                         << " has Frequency = " << tuned.Get()
                                                         << " Hz: expected " << frequency
                                                         << ", the channel's");
    }
}

double
CellFreePropagationLossChain::GetLoss(const CellFreeLinkEnds& ends, double /* frequency */)
{
    // The UE comes first: ns-3.37's UMi model takes the first end's height for the lower one's
    // unless the other is at 10 m.
    return -m_loss->CalcRxPower(0.0, ends.ue, ends.ap);
}

bool
CellFreePropagationLossChain::IsLineOfSight(const CellFreeLinkEnds& ends)
{
    for (auto loss = m_loss; loss; loss = loss->GetNext())
    {
        auto threeGpp = DynamicCast<ThreeGppPropagationLossModel>(loss);
        if (threeGpp && threeGpp->GetChannelConditionModel())
        {
            return threeGpp->GetChannelConditionModel()
                ->GetChannelCondition(ends.ue, ends.ap)
                ->IsLos();
        }
    }
    return m_lineOfSight;
}

int64_t
CellFreePropagationLossChain::AssignStreams(int64_t first)
{
    if (m_loss)
    {
        m_loss->AssignStreams(GetCellFreeStream(first, CELL_FREE_STREAM_PROPAGATION));
    }
    // No release of ns-3 lets the loss models do this for their condition models.
    int64_t stream = GetCellFreeStream(first, CELL_FREE_STREAM_CONDITION);
    for (auto loss = m_loss; loss; loss = loss->GetNext())
    {
        auto threeGpp = DynamicCast<ThreeGppPropagationLossModel>(loss);
        if (threeGpp && threeGpp->GetChannelConditionModel())
        {
            stream += threeGpp->GetChannelConditionModel()->AssignStreams(stream);
        }
    }
    return CELL_FREE_STREAMS;
}

void
CellFreePropagationLossChain::DoDispose()
{
    m_loss = nullptr;
    CellFreeLargeScaleModel::DoDispose();
}

} // namespace ns3
