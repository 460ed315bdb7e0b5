// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_USER_SELECTION_H
#define ISAC_USER_SELECTION_H

#include "ns3/isac-problem.h"

#include <Eigen/Core>
#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Semi-orthogonal user selection: from UEs in an order of preference, those whose channels
 * can be told apart.
 *
 * T. Yoo, A. Goldsmith, "On the Optimality of Multiantenna Broadcast Scheduling Using Zero-Forcing
 * Beamforming", IEEE JSAC 24(3), 2006, section IV: whoever correlates with a chosen UE by more than
 * alpha is left out. There the order is by the norm of what is left of a channel and the
 * correlation is with those remainders; here the order is the caller's, and the correlation that of
 * the channels themselves,
 *
 *     c_ij = |h_i^H h_j| / (||h_i|| ||h_j||),
 *
 * with h stacked over the APs that serve the UE and zero at the others, and the mean over
 * sub-bands. A UE without a channel correlates with nobody.
 */
class IsacUserSelection
{
  public:
    /**
     * @brief Choose UEs.
     * @param bands the problem with the channels of all UEs, of each sub-band; serving masks count
     * @param order columns of the problems, the most wanted first
     * @param alpha largest correlation with a chosen UE, from 0 to 1
     * @param maxUes largest number of UEs to choose
     * @param[out] picks positions in the order of those that are chosen, ascending; the first of
     * the order is always one of them
     */
    void Select(const std::vector<IsacProblem>& bands,
                const std::vector<uint32_t>& order,
                double alpha,
                uint32_t maxUes,
                std::vector<uint32_t>& picks);

  private:
    /// Of each sub-band, (M N) x maxUes: the channels of those chosen, of norm 1 or 0.
    std::vector<Eigen::MatrixXcd> m_chosen;
};

} // namespace ns3

#endif // ISAC_USER_SELECTION_H
