// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-ranking-scheduler.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/log.h"

#include <algorithm>
#include <numeric>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeRankingScheduler");

NS_OBJECT_ENSURE_REGISTERED(CellFreeRankingScheduler);

TypeId
CellFreeRankingScheduler::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeRankingScheduler")
            .SetParent<CellFreeScheduler>()
            .SetGroupName("CellFreeIsac")
            .AddAttribute("SemiOrthogonality",
                          "Largest correlation alpha of the believed channels of two UEs that "
                          "share a slot (0 to 1): who correlates more with a UE chosen before is "
                          "left out. 1 switches it off.",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&CellFreeRankingScheduler::m_semiOrthogonality),
                          MakeDoubleChecker<double>(0.0, 1.0));
    return tid;
}

CellFreeRankingScheduler::CellFreeRankingScheduler() = default;

CellFreeRankingScheduler::~CellFreeRankingScheduler() = default;

bool
CellFreeRankingScheduler::NeedsChannels() const
{
    return m_semiOrthogonality < 1.0;
}

void
CellFreeRankingScheduler::SetChannels(const std::vector<IsacProblem>& bands)
{
    m_bands = &bands;
}

void
CellFreeRankingScheduler::Select(const std::vector<Candidate>& candidates,
                                 uint32_t maxStreams,
                                 std::vector<uint32_t>& chosen)
{
    Rank(candidates, m_order);
    if (NeedsChannels())
    {
        NS_ABORT_MSG_IF(!m_bands,
                        GetInstanceTypeId().GetName()
                            << "::SemiOrthogonality: no channels: expected SetChannels() before");
        m_selection.Select(*m_bands, m_order, m_semiOrthogonality, maxStreams, m_picks);
    }
    else
    {
        m_picks.resize(std::min<std::size_t>(m_order.size(), maxStreams));
        std::iota(m_picks.begin(), m_picks.end(), 0);
    }
    NotifyChosen(candidates, m_order, m_picks);
    chosen.clear();
    for (uint32_t pick : m_picks)
    {
        chosen.push_back(candidates[m_order[pick]].ue);
    }
    std::sort(chosen.begin(), chosen.end());
    NS_LOG_LOGIC(this << " chose " << chosen.size() << " of " << candidates.size()
                      << " candidates");
}

void
CellFreeRankingScheduler::NotifyChosen(const std::vector<Candidate>& /* candidates */,
                                       const std::vector<uint32_t>& /* order */,
                                       const std::vector<uint32_t>& /* picks */)
{
}

void
CellFreeRankingScheduler::SortByMetric(const std::vector<double>& metrics,
                                       std::vector<uint32_t>& order)
{
    order.resize(metrics.size());
    std::iota(order.begin(), order.end(), 0);
    // By index where metrics are equal: std::stable_sort() would allocate.
    std::sort(order.begin(), order.end(), [&metrics](uint32_t a, uint32_t b) {
        return metrics[a] > metrics[b] || (metrics[a] == metrics[b] && a < b);
    });
}

} // namespace ns3
