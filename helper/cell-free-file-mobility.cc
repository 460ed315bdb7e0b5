// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-file-mobility.h"

#include "ns3/constant-position-mobility-model.h"
#include "ns3/node.h"
#include "ns3/waypoint-mobility-model.h"

namespace ns3
{

bool
InstallFileMobility(CellFreeChannelFile& file, const std::string& role, const NodeContainer& nodes)
{
    if (!file.MovesNodes() || !file.Has("positions/" + role))
    {
        return false;
    }
    const auto& times = file.GetTimes("positions/time");
    const auto place = [&](uint32_t i, double seconds) {
        const auto p = file.GetPosition(role, i, seconds);
        return Vector(p[0], p[1], p[2]);
    };
    for (uint32_t i = 0; i < nodes.GetN(); ++i)
    {
        if (times.size() == 1)
        {
            auto mobility = CreateObject<ConstantPositionMobilityModel>();
            mobility->SetPosition(place(i, 0.0));
            nodes.Get(i)->AggregateObject(mobility);
            continue;
        }
        auto mobility = CreateObject<WaypointMobilityModel>();
        nodes.Get(i)->AggregateObject(mobility);
        if (times.front() > 0.0)
        {
            mobility->AddWaypoint(Waypoint(Seconds(0), place(i, 0.0)));
        }
        for (const double seconds : times)
        {
            mobility->AddWaypoint(Waypoint(Seconds(seconds), place(i, seconds)));
        }
    }
    return true;
}

} // namespace ns3
