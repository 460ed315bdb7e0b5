// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_TEST_WEIGHTS_H
#define ISAC_GNN_TEST_WEIGHTS_H

#include "ns3/isac-gnn-architecture.h"

#include <cmath>
#include <random>

namespace ns3
{

/// Random weights, large enough that every path through the network changes the beams.
inline IsacGnnWeights
DrawGnnWeights(const IsacGnnArchitecture& architecture, unsigned seed)
{
    std::mt19937_64 engine(seed);
    std::normal_distribution<float> normal;
    IsacGnnWeights weights;
    architecture.Write(weights);
    const auto draw = [&](std::vector<int64_t> shape, float scale) {
        IsacGnnTensor tensor;
        tensor.shape = std::move(shape);
        tensor.values.resize(tensor.GetCount());
        for (auto& value : tensor.values)
        {
            value = scale * normal(engine);
        }
        return tensor;
    };
    for (const auto& map : architecture.ListMaps())
    {
        const float scale = 0.5F / std::sqrt(static_cast<float>(map.inputs));
        weights.tensors[map.name + ".weight"] = draw({map.inputs, map.outputs}, scale);
        if (map.hasBias)
        {
            weights.tensors[map.name + ".bias"] = draw({map.outputs}, 0.1F);
        }
    }
    return weights;
}

} // namespace ns3

#endif // ISAC_GNN_TEST_WEIGHTS_H
