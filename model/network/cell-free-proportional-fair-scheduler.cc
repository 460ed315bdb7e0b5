// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-proportional-fair-scheduler.h"

#include "ns3/double.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeProportionalFairScheduler);

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
    if (!isDecoded)
    {
        return;
    }
    const double average = GetAverage(ue);
    m_served.resize(std::max<std::size_t>(m_served.size(), ue + 1));
    m_served[ue].average = average + 8.0 * bytes / m_timeConstant.GetSeconds();
    m_served[ue].time = Simulator::Now();
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

void
CellFreeProportionalFairScheduler::Rank(const std::vector<Candidate>& candidates,
                                        std::vector<uint32_t>& order)
{
    m_averages.clear();
    m_metrics.clear();
    for (const auto& candidate : candidates)
    {
        m_averages.push_back(std::max(GetAverage(candidate.ue), m_minAverage));
        m_metrics.push_back(candidate.rate / m_averages.back());
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
    }
}

double
CellFreeProportionalFairScheduler::GetWeight(uint32_t ue) const
{
    return ue < m_served.size() ? m_served[ue].weight : 1.0;
}

} // namespace ns3
