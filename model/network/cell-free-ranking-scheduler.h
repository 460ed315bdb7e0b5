// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_RANKING_SCHEDULER_H
#define CELL_FREE_RANKING_SCHEDULER_H

#include "cell-free-scheduler.h"

#include "ns3/isac-user-selection.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Puts the candidates in an order of preference and takes the first of them, or the first
 * ones whose channels are semi-orthogonal (IsacUserSelection).
 */
class CellFreeRankingScheduler : public CellFreeScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeRankingScheduler();
    ~CellFreeRankingScheduler() override;

    // Inherited
    bool NeedsChannels() const override;
    void SetChannels(const std::vector<IsacProblem>& bands) override;
    void Select(const std::vector<Candidate>& candidates,
                uint32_t maxStreams,
                std::vector<uint32_t>& chosen) override;

  protected:
    /**
     * @brief Order the candidates by preference.
     * @param candidates the candidates
     * @param[out] order each position among the candidates once, the most wanted first
     */
    virtual void Rank(const std::vector<Candidate>& candidates, std::vector<uint32_t>& order) = 0;

    /**
     * @brief Learn who was chosen; does nothing as given here.
     * @param candidates the candidates
     * @param order the order that Rank() gave
     * @param picks positions in the order of those that were chosen, ascending; may be empty
     */
    virtual void NotifyChosen(const std::vector<Candidate>& candidates,
                              const std::vector<uint32_t>& order,
                              const std::vector<uint32_t>& picks);

    /**
     * @brief Order positions by a metric; equal ones keep their order.
     * @param metrics a metric per position
     * @param[out] order the positions, the largest metric first
     */
    static void SortByMetric(const std::vector<double>& metrics, std::vector<uint32_t>& order);

  private:
    double m_semiOrthogonality;                       //!< alpha
    const std::vector<IsacProblem>* m_bands{nullptr}; //!< the candidates' channels, or null
    IsacUserSelection m_selection;                    //!< leaves out who is too much alike
    std::vector<uint32_t> m_order;                    //!< candidates by preference
    std::vector<uint32_t> m_picks;                    //!< positions in the order
};

} // namespace ns3

#endif // CELL_FREE_RANKING_SCHEDULER_H
