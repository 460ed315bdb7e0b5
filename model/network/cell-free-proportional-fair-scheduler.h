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
 * The rate that a UE can have is not known before the slot's beams are: interference, power and
 * errors take their part. R_u is Candidate::rate times the UE's yield, an average over the slots in
 * which it was served of the decoded bits over that rate. Without it, UEs with much interference
 * would be taken for good ones that had little, and all would get the same rate.
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
        Time time;           //!< of the latest slot in which it was served
        double weight{1.0};  //!< in the policy's objective, of the latest selection
        double rate{0.0};    //!< Candidate::rate at the latest selection (bit/s/Hz)
        double yield{-1.0};  //!< decoded bits of a slot over the rate (Hz s); -1 if not known
    };

    /// @return the yield to expect of a UE (Hz s). @param ue index of the UE
    double GetYield(uint32_t ue) const;

    Time m_timeConstant;            //!< T
    double m_minAverage;            //!< smallest A in a metric or weight (bit/s)
    double m_bestYield{0.0};        //!< largest yield of a slot so far (Hz s)
    std::vector<Served> m_served;   //!< by UE
    std::vector<double> m_averages; //!< of the candidates, at least the smallest (bit/s)
    std::vector<double> m_metrics;  //!< of the candidates
};

} // namespace ns3

#endif // CELL_FREE_PROPORTIONAL_FAIR_SCHEDULER_H
