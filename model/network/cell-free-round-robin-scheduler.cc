// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-round-robin-scheduler.h"

#include <algorithm>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeRoundRobinScheduler);

TypeId
CellFreeRoundRobinScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeRoundRobinScheduler")
                            .SetParent<CellFreeRankingScheduler>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeRoundRobinScheduler>();
    return tid;
}

CellFreeRoundRobinScheduler::CellFreeRoundRobinScheduler() = default;

CellFreeRoundRobinScheduler::~CellFreeRoundRobinScheduler() = default;

void
CellFreeRoundRobinScheduler::Rank(const std::vector<Candidate>& candidates,
                                  std::vector<uint32_t>& order)
{
    const std::size_t n = candidates.size();
    const auto first =
        std::find_if(candidates.begin(), candidates.end(), [this](const Candidate& candidate) {
            return candidate.ue >= m_next;
        });
    const std::size_t start = first - candidates.begin();
    order.clear();
    for (std::size_t i = 0; i < n; ++i)
    {
        order.push_back((start + i) % n);
    }
}

void
CellFreeRoundRobinScheduler::NotifyChosen(const std::vector<Candidate>& candidates,
                                          const std::vector<uint32_t>& order,
                                          const std::vector<uint32_t>& picks)
{
    if (picks.empty())
    {
        return;
    }
    std::size_t inTurn = 0;
    while (inTurn < picks.size() && picks[inTurn] == inTurn)
    {
        ++inTurn;
    }
    m_next = inTurn < picks.size() ? candidates[order[inTurn]].ue
                                   : candidates[order[picks.back()]].ue + 1;
}

} // namespace ns3
