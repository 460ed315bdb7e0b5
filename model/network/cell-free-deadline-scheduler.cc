// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-deadline-scheduler.h"

#include "ns3/abort.h"
#include "ns3/string.h"

#include <algorithm>
#include <sstream>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeDeadlineScheduler);

TypeId
CellFreeDeadlineScheduler::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeDeadlineScheduler")
            .SetParent<CellFreeRankingScheduler>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeDeadlineScheduler>()
            .AddAttribute("DelayBudget",
                          "Time from the arrival of data to its deadline (at least 1 us); the "
                          "default is the packet delay budget of 5QI 2 in TS 23.501 table 5.7.4-1.",
                          TimeValue(MilliSeconds(150)),
                          MakeTimeAccessor(&CellFreeDeadlineScheduler::m_delayBudget),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute(
                "PriorityBudgets",
                "Delay budgets of priorities that have their own: PRIORITY:MILLISECONDS (0 to 63, "
                "more than 0), separated by commas, such as 0:20,1:100.",
                StringValue(""),
                MakeStringAccessor(&CellFreeDeadlineScheduler::SetPriorityBudgets,
                                   &CellFreeDeadlineScheduler::GetPriorityBudgets),
                MakeStringChecker());
    return tid;
}

CellFreeDeadlineScheduler::CellFreeDeadlineScheduler() = default;

CellFreeDeadlineScheduler::~CellFreeDeadlineScheduler() = default;

void
CellFreeDeadlineScheduler::SetPriorityBudgets(std::string text)
{
    m_budgets.fill(Time(0));
    m_priorityBudgets = text;
    std::istringstream entries(text);
    for (std::string entry; std::getline(entries, entry, ',');)
    {
        std::istringstream fields(entry);
        int priority = -1;
        char colon = 0;
        double budget = 0.0;
        const bool isRead = !(fields >> priority >> colon >> budget).fail() && fields.eof();
        NS_ABORT_MSG_IF(!isRead || colon != ':' || priority < 0 || priority > 63 ||
                            !(budget > 0.0) || budget > 1e9,
                        "CellFreeDeadlineScheduler::PriorityBudgets, '"
                            << entry
                            << "': expected PRIORITY:MILLISECONDS, 0 to 63 and more than 0");
        m_budgets[priority] = MicroSeconds(1000.0 * budget);
    }
}

std::string
CellFreeDeadlineScheduler::GetPriorityBudgets() const
{
    return m_priorityBudgets;
}

void
CellFreeDeadlineScheduler::Rank(const std::vector<Candidate>& candidates,
                                std::vector<uint32_t>& order)
{
    m_metrics.clear();
    for (const auto& candidate : candidates)
    {
        const auto own = m_budgets[std::min<uint32_t>(candidate.priority, 63)];
        const auto budget = own.IsZero() ? m_delayBudget : own;
        m_metrics.push_back((candidate.headOfLineDelay - budget).GetSeconds());
    }
    SortByMetric(m_metrics, order);
}

} // namespace ns3
