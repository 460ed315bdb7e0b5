// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_NETWORK_H
#define ISAC_GNN_NETWORK_H

#include "isac-gnn-architecture.h"
#include "isac-gnn-batch.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The graph network in LibTorch, differentiable, for training. Needs a build with LibTorch.
 *
 * Equations (12)-(14) of the paper on heterogeneous graphs of any size, with the structured head:
 * a vertex takes the mean, the largest and the share-weighted mean of its links and its own last
 * state; a link takes its AP, its other end, its last state and its features. IsacGnnInference
 * computes the same on Eigen.
 */
class IsacGnnNetwork
{
  public:
    /**
     * @brief Makes a network with random weights.
     * @param architecture its sizes
     * @param seed seed of the weights
     * @param useCuda whether to compute on the first CUDA device
     */
    IsacGnnNetwork(const IsacGnnArchitecture& architecture, uint64_t seed, bool useCuda = false);
    ~IsacGnnNetwork();

    /// @return whether LibTorch sees a CUDA device
    static bool HasCuda();

    /// @return name and version of the library, such as "LibTorch 1.13.1"
    static std::string GetLibrary();

    /**
     * @brief Sets the number of threads that LibTorch, and OpenBLAS below it, use in this process.
     *
     * OpenBLAS has threads of its own, which wait for work by spinning: where other work keeps the
     * cores busy, they cost more than they bring.
     *
     * @param count at least 1
     */
    static void SetThreads(int count);

    /**
     * @brief Takes weights over.
     * @param weights the content of a weight file of the same sizes
     * @return an empty string, or one line that says what does not fit
     */
    std::string SetWeights(const IsacGnnWeights& weights);

    /// @return the weights, with the sizes in the metadata
    IsacGnnWeights GetWeights() const;

    /**
     * @brief Runs the network.
     * @param batch the problems
     * @return the objective (8a) of every problem (bit/s/Hz)
     */
    std::vector<double> GetObjectives(const IsacGnnBatch& batch) const;

    /**
     * @brief The training loss and its gradient, see IsacGnnTrainer.
     * @param batch the problems
     * @param normaliser B: positive numbers that objectives are divided by
     * @param[out] gradient the gradient by every weight; may be null
     * @return the loss
     */
    double GetLoss(const IsacGnnBatch& batch,
                   const std::vector<double>& normaliser,
                   IsacGnnWeights* gradient) const;

    /// What LibTorch needs; defined where its headers are.
    struct Impl;

    /// @return the LibTorch side, for IsacGnnTrainer
    Impl& GetImpl() const
    {
        return *m_impl;
    }

  private:
    std::unique_ptr<Impl> m_impl; //!< tensors
};

} // namespace ns3

#endif // ISAC_GNN_NETWORK_H
