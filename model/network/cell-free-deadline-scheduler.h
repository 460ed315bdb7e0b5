// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_DEADLINE_SCHEDULER_H
#define CELL_FREE_DEADLINE_SCHEDULER_H

#include "cell-free-ranking-scheduler.h"

#include "ns3/nstime.h"

#include <array>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Serves the candidates whose oldest data is due first: earliest deadline first.
 *
 * C. Liu, J. Layland, "Scheduling Algorithms for Multiprogramming in a Hard-Real-Time Environment",
 * J. ACM 20(1), 1973, section 7: a single server meets all deadlines by it if any order does. The
 * deadline is the arrival of the oldest data plus the delay budget of the UE's first priority; data
 * that is late is sent all the same.
 */
class CellFreeDeadlineScheduler : public CellFreeRankingScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeDeadlineScheduler();
    ~CellFreeDeadlineScheduler() override;

  protected:
    void Rank(const std::vector<Candidate>& candidates, std::vector<uint32_t>& order) override;

  private:
    /// Sets the budgets of priorities. @param text see the attribute
    void SetPriorityBudgets(std::string text);
    /// @return the text that was set
    std::string GetPriorityBudgets() const;

    Time m_delayBudget;             //!< of priorities that have none of their own
    std::string m_priorityBudgets;  //!< as it was set
    std::array<Time, 64> m_budgets; //!< by priority; 0 where there is none
    std::vector<double> m_metrics;  //!< of the candidates
};

} // namespace ns3

#endif // CELL_FREE_DEADLINE_SCHEDULER_H
