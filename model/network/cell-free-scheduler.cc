// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-scheduler.h"

#include "ns3/log.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeScheduler");

NS_OBJECT_ENSURE_REGISTERED(CellFreeScheduler);
NS_OBJECT_ENSURE_REGISTERED(CellFreeRoundRobinScheduler);

TypeId
CellFreeScheduler::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeScheduler").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeScheduler::~CellFreeScheduler() = default;

void
CellFreeScheduler::NotifyServed(uint32_t /* ue */, uint32_t /* bytes */, bool /* isDecoded */)
{
}

double
CellFreeScheduler::GetWeight(uint32_t /* ue */) const
{
    return 1.0;
}

int64_t
CellFreeScheduler::AssignStreams(int64_t /* stream */)
{
    return 0;
}

TypeId
CellFreeRoundRobinScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeRoundRobinScheduler")
                            .SetParent<CellFreeScheduler>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeRoundRobinScheduler>();
    return tid;
}

CellFreeRoundRobinScheduler::CellFreeRoundRobinScheduler() = default;

CellFreeRoundRobinScheduler::~CellFreeRoundRobinScheduler() = default;

void
CellFreeRoundRobinScheduler::Select(const std::vector<Candidate>& candidates,
                                    uint32_t maxStreams,
                                    std::vector<uint32_t>& chosen)
{
    chosen.clear();
    const std::size_t n = candidates.size();
    const auto first =
        std::find_if(candidates.begin(), candidates.end(), [this](const Candidate& candidate) {
            return candidate.ue >= m_next;
        });
    const std::size_t start = first - candidates.begin();
    for (std::size_t i = 0; i < std::min<std::size_t>(n, maxStreams); ++i)
    {
        chosen.push_back(candidates[(start + i) % n].ue);
    }
    if (!chosen.empty())
    {
        m_next = chosen.back() + 1;
    }
    std::sort(chosen.begin(), chosen.end());
    NS_LOG_LOGIC(this << " chose " << chosen.size() << " of " << n << " candidates");
}

} // namespace ns3
