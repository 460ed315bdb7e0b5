// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ROUND_ROBIN_SCHEDULER_H
#define CELL_FREE_ROUND_ROBIN_SCHEDULER_H

#include "cell-free-ranking-scheduler.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Serves the candidates in turn. Whoever is left out for its channel has the next turn, so
 * that each of n candidates is served at least once in n slots.
 */
class CellFreeRoundRobinScheduler : public CellFreeRankingScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeRoundRobinScheduler();
    ~CellFreeRoundRobinScheduler() override;

  protected:
    void Rank(const std::vector<Candidate>& candidates, std::vector<uint32_t>& order) override;
    void NotifyChosen(const std::vector<Candidate>& candidates,
                      const std::vector<uint32_t>& order,
                      const std::vector<uint32_t>& picks) override;

  private:
    uint32_t m_next{0}; //!< the turn is with the first candidate at or after this UE
};

} // namespace ns3

#endif // CELL_FREE_ROUND_ROBIN_SCHEDULER_H
