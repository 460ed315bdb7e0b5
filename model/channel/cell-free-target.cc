// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-target.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/mobility-model.h"
#include "ns3/node.h"
#include "ns3/pointer.h"
#include "ns3/string.h"

#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeTarget);

TypeId
CellFreeTarget::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeTarget")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeTarget>()
            .AddAttribute("Rcs",
                          "Mean radar cross section (m^2), at least 0, where RcsModel is "
                          "CellFreeConstantRcs. Read at every large-scale update of the channel. "
                          "The default is -12.8 dBsm, the small UAV of 3GPP TR 38.901 section 7.9.",
                          DoubleValue(0.0525),
                          MakeDoubleAccessor(&CellFreeTarget::m_rcs),
                          MakeDoubleChecker<double>(0.0, 1e9))
            .AddAttribute(
                "RcsModel",
                "How the mean cross section depends on the sides that a pair of APs "
                "sees. Read at every large-scale update of the channel.",
                StringValue("ns3::CellFreeConstantRcs"),
                MakePointerAccessor(&CellFreeTarget::SetRcsModel, &CellFreeTarget::GetRcsModel),
                MakePointerChecker<CellFreeRcsModel>())
            .AddAttribute("Heading",
                          "Azimuth that the target's front looks to while it does not move "
                          "horizontally (degrees from x towards y), from -360 to 360. Read at "
                          "every large-scale update of the channel.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreeTarget::m_heading),
                          MakeDoubleChecker<double>(-360.0, 360.0))
            .AddAttribute("Unintended",
                          "Whether it reflects but is nobody's business, as a user's body: what "
                          "is found of it is a false alarm. Acts at once.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreeTarget::m_isUnintended),
                          MakeBooleanChecker());
    return tid;
}

CellFreeTarget::CellFreeTarget() = default;

CellFreeTarget::~CellFreeTarget() = default;

void
CellFreeTarget::DoDispose()
{
    m_rcsModel = nullptr;
    Object::DoDispose();
}

double
CellFreeTarget::GetRcs() const
{
    return m_rcsModel->GetMeanRcs(m_rcs);
}

double
CellFreeTarget::GetRcs(const Ap& transmitter, const Ap& receiver) const
{
    const auto node = GetObject<Node>();
    const auto mobility = GetObject<MobilityModel>();
    NS_ABORT_MSG_IF(!node || !mobility,
                    "CellFreeTarget is not aggregated to a node with a MobilityModel: expected it "
                    "before its cross section is asked for");
    const Vector place = mobility->GetPosition();
    const Vector velocity = mobility->GetVelocity();
    const double speed = std::hypot(velocity.x, velocity.y);
    const double cosine = speed > 0.0 ? velocity.x / speed : std::cos(m_heading * M_PI / 180.0);
    const double sine = speed > 0.0 ? velocity.y / speed : std::sin(m_heading * M_PI / 180.0);
    const auto look = [&](const Ap& ap) {
        const Vector way = ap.position - place;
        const double distance = way.GetLength();
        CellFreeRcsModel::Aspect aspect;
        aspect.apId = ap.id;
        if (distance > 0.0)
        {
            aspect.direction = {(cosine * way.x + sine * way.y) / distance,
                                (cosine * way.y - sine * way.x) / distance,
                                way.z / distance};
        }
        return aspect;
    };
    return m_rcsModel->GetRcs(node->GetId(), m_rcs, look(transmitter), look(receiver));
}

void
CellFreeTarget::SetRcsModel(Ptr<CellFreeRcsModel> model)
{
    NS_ABORT_MSG_IF(!model, "CellFreeTarget::RcsModel is null: expected a model");
    m_rcsModel = model;
}

Ptr<CellFreeRcsModel>
CellFreeTarget::GetRcsModel() const
{
    return m_rcsModel;
}

bool
CellFreeTarget::IsUnintended() const
{
    return m_isUnintended;
}

} // namespace ns3
