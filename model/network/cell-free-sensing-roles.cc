// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-sensing-roles.h"

#include "ns3/abort.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeSensingRoles);
NS_OBJECT_ENSURE_REGISTERED(CellFreeFullDuplex);
NS_OBJECT_ENSURE_REGISTERED(CellFreeSplitRoles);

namespace
{

/// Distance from an AP to the nearest aim (m).
double
GetDistance(const CellFreeChannelModel& channel, uint32_t ap, const std::vector<CellFreeAim>& aims)
{
    const Vector place = channel.GetApNode(ap)->GetObject<MobilityModel>()->GetPosition();
    double distance = std::numeric_limits<double>::infinity();
    for (const auto& aim : aims)
    {
        const Vector there =
            aim.kind == CellFreeAim::TARGET ? channel.GetTargetPosition(aim.id) : aim.position;
        distance = std::min(distance, CalculateDistance(place, there));
    }
    return distance;
}

} // namespace

TypeId
CellFreeSensingRoles::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeSensingRoles").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeSensingRoles::~CellFreeSensingRoles() = default;

TypeId
CellFreeFullDuplex::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeFullDuplex")
                            .SetParent<CellFreeSensingRoles>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeFullDuplex>();
    return tid;
}

void
CellFreeFullDuplex::Choose(const CellFreeChannelModel& /* channel */,
                           const std::vector<uint32_t>& aps,
                           const std::vector<CellFreeAim>& /* aims */,
                           uint64_t /* dwell */,
                           std::vector<uint32_t>& transmitters,
                           std::vector<uint32_t>& receivers) const
{
    transmitters = aps;
    receivers = aps;
}

TypeId
CellFreeSplitRoles::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeSplitRoles")
            .SetParent<CellFreeSensingRoles>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeSplitRoles>()
            .AddAttribute("ReceiverFraction",
                          "Share of the APs that receive echoes and send nothing during a dwell, "
                          "in [0, 1]; at least one AP receives and one transmits. Acts from the "
                          "next dwell on.",
                          DoubleValue(0.5),
                          MakeDoubleAccessor(&CellFreeSplitRoles::m_receiverFraction),
                          MakeDoubleChecker<double>(0.0, 1.0))
            .AddAttribute(
                "Choice",
                "Which APs receive: Nearest (to any of the aims), Fixed (spread evenly "
                "over the indices) or Alternating (as Fixed, moved on by one AP from "
                "dwell to dwell). Acts from the next dwell on.",
                EnumValue(NEAREST),
                MakePortableEnumAccessor<Choice>(0, &CellFreeSplitRoles::m_choice),
                MakeEnumChecker(NEAREST, "Nearest", FIXED, "Fixed", ALTERNATING, "Alternating"));
    return tid;
}

void
CellFreeSplitRoles::Choose(const CellFreeChannelModel& channel,
                           const std::vector<uint32_t>& aps,
                           const std::vector<CellFreeAim>& aims,
                           uint64_t dwell,
                           std::vector<uint32_t>& transmitters,
                           std::vector<uint32_t>& receivers) const
{
    const std::size_t n = aps.size();
    NS_ABORT_MSG_IF(n == 1, "CellFreeSplitRoles: a CPU with 1 AP: expected at least 2");
    transmitters.clear();
    receivers.clear();
    if (n == 0)
    {
        return;
    }
    const auto wanted = static_cast<std::size_t>(std::lround(m_receiverFraction * n));
    const std::size_t nReceivers = std::clamp<std::size_t>(wanted, 1, n - 1);
    std::vector<bool> isReceiver(n);
    if (m_choice == NEAREST && !aims.empty())
    {
        std::vector<double> distance(n);
        for (std::size_t i = 0; i < n; ++i)
        {
            distance[i] = GetDistance(channel, aps[i], aims);
        }
        std::vector<std::size_t> order(n);
        std::iota(order.begin(), order.end(), 0);
        // Stable, so that equal distances are told apart by the order of the APs.
        std::stable_sort(order.begin(), order.end(), [&distance](std::size_t a, std::size_t b) {
            return distance[a] < distance[b];
        });
        for (std::size_t k = 0; k < nReceivers; ++k)
        {
            isReceiver[order[k]] = true;
        }
    }
    else
    {
        const std::size_t shift = m_choice == ALTERNATING ? dwell % n : 0;
        for (std::size_t i = 0; i < n; ++i)
        {
            // Where the line k = i nReceivers / n passes a whole number.
            isReceiver[(i + shift) % n] = (i + 1) * nReceivers / n > i * nReceivers / n;
        }
    }
    for (std::size_t i = 0; i < n; ++i)
    {
        (isReceiver[i] ? receivers : transmitters).push_back(aps[i]);
    }
}

} // namespace ns3
