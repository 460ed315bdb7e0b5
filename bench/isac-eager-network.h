// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_EAGER_NETWORK_H
#define ISAC_EAGER_NETWORK_H

#include "model/gnn/isac-gnn-network.h"

#include "ns3/isac-gnn-batch.h"

#include <memory>
#include <vector>

namespace ns3
{

/**
 * @brief The baseline of the training benchmark: the same network in eager LibTorch, with no care.
 *
 * Every link gets one linear map of its own state, its AP's and its other end's, side by side:
 * [e; v_i; v_j] as equation (14) is written. IsacGnnNetwork splits the map and applies the parts of
 * the vertices once per vertex. Weights, features, head and loss are those of IsacGnnNetwork.
 */
class IsacEagerNetwork
{
  public:
    /**
     * @brief Takes over a network.
     * @param network one with the structured head; its weights are trained from where they are
     */
    explicit IsacEagerNetwork(IsacGnnNetwork& network);
    ~IsacEagerNetwork();

    /**
     * @brief Loss, gradient and one step of LibTorch's Adam.
     * @param batches the problems, one forward pass for each of the batches
     * @return the mean objective before the step (bit/s/Hz)
     */
    double Step(const std::vector<IsacGnnBatch>& batches);

    /**
     * @brief Measures LibTorch's product of two square matrices of single precision.
     * @param size rows
     * @return multiply-adds per second
     */
    static double MeasureProductRate(int64_t size);

  private:
    struct Impl;                  //!< what needs LibTorch
    std::unique_ptr<Impl> m_impl; //!< what needs LibTorch
};

} // namespace ns3

#endif // ISAC_EAGER_NETWORK_H
