// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-proportional-fair-scheduler.h"

#include "ns3/double.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeProportionalFairScheduler);

namespace
{

/// Weight of a slot in the average of a UE's yield: it follows changes within some tens of slots.
constexpr double YIELD_STEP = 1.0 / 16.0;

/// Time constants after which the yield of a UE that was not served is forgotten: who was given up
/// for a series of failures is tried again.
constexpr int64_t YIELD_MEMORY = 10;

} // namespace

TypeId
CellFreeProportionalFairScheduler::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeProportionalFairScheduler")
            .SetParent<CellFreeRankingScheduler>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeProportionalFairScheduler>()
            .AddAttribute("TimeConstant",
                          "Time constant of the exponential average of the served rate (at least "
                          "1 us). It should be long against the time between two turns.",
                          TimeValue(MilliSeconds(100)),
                          MakeTimeAccessor(&CellFreeProportionalFairScheduler::m_timeConstant),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("MinAverage",
                          "Smallest average rate that counts (bit/s, 1 to 1e9): what a UE that "
                          "just came, or that had nothing to send for long, is taken to have had.",
                          DoubleValue(1e5),
                          MakeDoubleAccessor(&CellFreeProportionalFairScheduler::m_minAverage),
                          MakeDoubleChecker<double>(1.0, 1e9));
    return tid;
}

CellFreeProportionalFairScheduler::CellFreeProportionalFairScheduler() = default;

CellFreeProportionalFairScheduler::~CellFreeProportionalFairScheduler() = default;

void
CellFreeProportionalFairScheduler::NotifyServed(uint32_t ue, uint32_t bytes, bool isDecoded)
{
    const double bits = isDecoded ? 8.0 * bytes : 0.0;
    const double average = GetAverage(ue);
    m_served.resize(std::max<std::size_t>(m_served.size(), ue + 1));
    auto& served = m_served[ue];
    served.average = average + bits / m_timeConstant.GetSeconds();
    served.time = Simulator::Now();
    if (served.rate > 0.0)
    {
        const double yield = bits / served.rate;
        served.yield +=
            served.yield < 0.0 ? yield - served.yield : YIELD_STEP * (yield - served.yield);
        m_bestYield = std::max(m_bestYield, yield);
    }
}

double
CellFreeProportionalFairScheduler::GetAverage(uint32_t ue) const
{
    if (ue >= m_served.size())
    {
        return 0.0;
    }
    const auto& served = m_served[ue];
    return served.average *
           std::exp(-(Simulator::Now() - served.time).GetSeconds() / m_timeConstant.GetSeconds());
}

double
CellFreeProportionalFairScheduler::GetYield(uint32_t ue) const
{
    const bool isKnown = ue < m_served.size() && m_served[ue].yield >= 0.0 &&
                         Simulator::Now() - m_served[ue].time < m_timeConstant * YIELD_MEMORY;
    // Who is not known is taken for as good as any.
    return isKnown ? m_served[ue].yield : m_bestYield > 0.0 ? m_bestYield : 1.0;
}

void
CellFreeProportionalFairScheduler::Rank(const std::vector<Candidate>& candidates,
                                        std::vector<uint32_t>& order)
{
    m_averages.clear();
    m_metrics.clear();
    for (const auto& candidate : candidates)
    {
        m_averages.push_back(std::max(GetAverage(candidate.ue), m_minAverage));
        m_metrics.push_back(GetYield(candidate.ue) * candidate.rate / m_averages.back());
    }
    SortByMetric(m_metrics, order);
}

void
CellFreeProportionalFairScheduler::NotifyChosen(const std::vector<Candidate>& candidates,
                                                const std::vector<uint32_t>& order,
                                                const std::vector<uint32_t>& picks)
{
    double sum = 0.0;
    for (uint32_t pick : picks)
    {
        sum += 1.0 / m_averages[order[pick]];
    }
    for (uint32_t pick : picks)
    {
        const auto position = order[pick];
        const auto ue = candidates[position].ue;
        m_served.resize(std::max<std::size_t>(m_served.size(), ue + 1));
        m_served[ue].weight = picks.size() / (m_averages[position] * sum);
        m_served[ue].rate = candidates[position].rate;
    }
}

double
CellFreeProportionalFairScheduler::GetWeight(uint32_t ue) const
{
    return ue < m_served.size() ? m_served[ue].weight : 1.0;
}

} // namespace ns3
