// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-max-rate-scheduler.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeMaxRateScheduler);

TypeId
CellFreeMaxRateScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeMaxRateScheduler")
                            .SetParent<CellFreeRankingScheduler>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeMaxRateScheduler>();
    return tid;
}

CellFreeMaxRateScheduler::CellFreeMaxRateScheduler() = default;

CellFreeMaxRateScheduler::~CellFreeMaxRateScheduler() = default;

void
CellFreeMaxRateScheduler::Rank(const std::vector<Candidate>& candidates,
                               std::vector<uint32_t>& order)
{
    m_metrics.clear();
    for (const auto& candidate : candidates)
    {
        m_metrics.push_back(candidate.rate);
    }
    SortByMetric(m_metrics, order);
}

} // namespace ns3
