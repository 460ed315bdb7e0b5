// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_PROPORTIONAL_FAIR_SCHEDULER_H
#define CELL_FREE_PROPORTIONAL_FAIR_SCHEDULER_H

#include "cell-free-ranking-scheduler.h"

#include "ns3/nstime.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Serves the candidates whose expected rate is highest in proportion to what they got.
 *
 * P. Viswanath, D. Tse, R. Laroia, "Opportunistic Beamforming Using Dumb Antennas", IEEE Trans.
 * Inf. Theory 48(6), 2002: the metric is R_u(t) / A_u(t), the rate that a UE can have over an
 * exponential average of the rate that it had. Their A(t+1) = (1 - 1/t_c) A(t) + R(t) / t_c reads
 * here, at any times t_i of blocks of b_i bits, A(t) = sum_i b_i exp(-(t - t_i) / T) / T with the
 * time constant T: it does not depend on how often somebody asks. Only decoded blocks count.
 *
 * The weights that a policy gets are the gradient of sum_u log A_u, 1 / A_u, scaled to a mean of 1
 * over the chosen UEs, so that the weight of sensing keeps its meaning.
 */
class CellFreeProportionalFairScheduler : public CellFreeRankingScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeProportionalFairScheduler();
    ~CellFreeProportionalFairScheduler() override;

    // Inherited
    void NotifyServed(uint32_t ue, uint32_t bytes, bool isDecoded) override;
    double GetWeight(uint32_t ue) const override;

    /**
     * @brief The average of the rate that a UE was served.
     * @param ue index of the UE
     * @return the average now (bit/s); 0 for a UE that was never served
     */
    double GetAverage(uint32_t ue) const;

  protected:
    void Rank(const std::vector<Candidate>& candidates, std::vector<uint32_t>& order) override;
    void NotifyChosen(const std::vector<Candidate>& candidates,
                      const std::vector<uint32_t>& order,
                      const std::vector<uint32_t>& picks) override;

  private:
    /// What is known of a UE.
    struct Served
    {
        double average{0.0}; //!< A at the time below (bit/s)
        Time time;           //!< when the latest block came through
        double weight{1.0};  //!< in the policy's objective, of the latest selection
    };

    Time m_timeConstant;            //!< T
    double m_minAverage;            //!< smallest A in a metric or weight (bit/s)
    std::vector<Served> m_served;   //!< by UE
    std::vector<double> m_averages; //!< of the candidates, at least the smallest (bit/s)
    std::vector<double> m_metrics;  //!< of the candidates
};

} // namespace ns3

#endif // CELL_FREE_PROPORTIONAL_FAIR_SCHEDULER_H
