// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-deadline-scheduler.h"

#include "ns3/abort.h"
#include "ns3/string.h"

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
            .AddAttribute("DscpBudgets",
                          "Delay budgets of DSCPs that have their own: DSCP:MILLISECONDS (0 to 63, "
                          "more than 0), separated by commas, such as 46:20,34:100.",
                          StringValue(""),
                          MakeStringAccessor(&CellFreeDeadlineScheduler::SetDscpBudgets,
                                             &CellFreeDeadlineScheduler::GetDscpBudgets),
                          MakeStringChecker());
    return tid;
}

CellFreeDeadlineScheduler::CellFreeDeadlineScheduler() = default;

CellFreeDeadlineScheduler::~CellFreeDeadlineScheduler() = default;

void
CellFreeDeadlineScheduler::SetDscpBudgets(std::string text)
{
    m_budgets.fill(Time(0));
    m_dscpBudgets = text;
    std::istringstream entries(text);
    for (std::string entry; std::getline(entries, entry, ',');)
    {
        std::istringstream fields(entry);
        int dscp = -1;
        char colon = 0;
        double budget = 0.0;
        const bool isRead = !(fields >> dscp >> colon >> budget).fail() && fields.eof();
        NS_ABORT_MSG_IF(!isRead || colon != ':' || dscp < 0 || dscp > 63 || !(budget > 0.0) ||
                            budget > 1e9,
                        "CellFreeDeadlineScheduler::DscpBudgets, '"
                            << entry << "': expected DSCP:MILLISECONDS, 0 to 63 and more than 0");
        m_budgets[dscp] = MicroSeconds(1000.0 * budget);
    }
}

std::string
CellFreeDeadlineScheduler::GetDscpBudgets() const
{
    return m_dscpBudgets;
}

void
CellFreeDeadlineScheduler::Rank(const std::vector<Candidate>& candidates,
                                std::vector<uint32_t>& order)
{
    m_metrics.clear();
    for (const auto& candidate : candidates)
    {
        const auto own = m_budgets[candidate.dscp & 63];
        const auto budget = own.IsZero() ? m_delayBudget : own;
        m_metrics.push_back((candidate.headOfLineDelay - budget).GetSeconds());
    }
    SortByMetric(m_metrics, order);
}

} // namespace ns3
