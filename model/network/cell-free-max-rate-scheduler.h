// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_MAX_RATE_SCHEDULER_H
#define CELL_FREE_MAX_RATE_SCHEDULER_H

#include "cell-free-ranking-scheduler.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Serves the candidates with the highest expected rates: the most throughput, and nothing
 * for UEs at the edge while others have data.
 *
 * R. Knopp, P. Humblet, "Information Capacity and Power Control in Single-Cell Multiuser
 * Communications", Proc. IEEE ICC 1995, for one UE at a time.
 */
class CellFreeMaxRateScheduler : public CellFreeRankingScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeMaxRateScheduler();
    ~CellFreeMaxRateScheduler() override;

  protected:
    void Rank(const std::vector<Candidate>& candidates, std::vector<uint32_t>& order) override;

  private:
    std::vector<double> m_metrics; //!< of the candidates
};

} // namespace ns3

#endif // CELL_FREE_MAX_RATE_SCHEDULER_H
