// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_TORCH_H
#define ISAC_GNN_TORCH_H

// Not installed: with the two networks' headers, the only ones that include LibTorch's.

#include "isac-gnn-network.h"

#include <map>
#include <string>
#include <torch/torch.h>
#include <vector>

namespace ns3
{

/// The LibTorch side of IsacGnnNetwork: what both heads share.
struct IsacGnnNetwork::Impl
{
    virtual ~Impl() = default;

    IsacGnnArchitecture architecture;             //!< sizes
    torch::Device device{torch::kCPU};            //!< where tensors live
    std::map<std::string, torch::Tensor> weights; //!< by name, as in a weight file

    /**
     * @brief Runs the network.
     * @param batch the problems
     * @return the objectives after every stage, each B
     */
    virtual std::vector<torch::Tensor> Forward(const IsacGnnBatch& batch) const = 0;

    /**
     * @brief Says how large the random weights of a map start.
     * @param map name of the map
     * @return standard deviation of the weights times the square root of the number of inputs
     */
    virtual double GetInitialGain(const std::string& map) const = 0;

    /// @return the weights in the order of their names
    std::vector<torch::Tensor> GetParameters() const;

    /**
     * @brief The training loss: minus the objectives divided by normalisers, the last stage with
     * weight 1 and each earlier one with 0.2.
     * @param batch the problems
     * @param normaliser B: constants to divide by
     */
    torch::Tensor GetLoss(const IsacGnnBatch& batch, const torch::Tensor& normaliser) const;

    /**
     * @brief The training loss with the objectives reached as normalisers.
     * @param batch the problems
     * @param minNormaliser smallest normaliser
     * @param[out] objective B: the objectives reached
     */
    torch::Tensor GetLoss(const IsacGnnBatch& batch,
                          double minNormaliser,
                          torch::Tensor& objective) const;

    /// y = x W + b over the last dimension.
    torch::Tensor Apply(const std::string& name, const torch::Tensor& x) const;
};

/**
 * @brief Copies an array into a tensor on the CPU.
 * @tparam T the array's type
 * @param values the array, row-major; an empty one gives zeros
 * @param shape the tensor's shape
 * @param type the tensor's type, that of T
 * @return the tensor
 */
template <typename T>
torch::Tensor
ToTensor(const std::vector<T>& values, at::IntArrayRef shape, torch::ScalarType type)
{
    if (values.empty())
    {
        return torch::zeros(shape, type);
    }
    return torch::from_blob(const_cast<T*>(values.data()), shape, type).clone();
}

} // namespace ns3

#endif // ISAC_GNN_TORCH_H
