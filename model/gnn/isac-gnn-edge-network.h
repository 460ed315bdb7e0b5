// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_EDGE_NETWORK_H
#define ISAC_GNN_EDGE_NETWORK_H

// Not installed: includes LibTorch's headers.

#include "isac-gnn-torch.h"

namespace ns3
{

/**
 * The graph network with the edge head, equations (12)-(14) of the paper. Links start from S(h) or
 * S(a); a vertex takes the sum of its links (scaled, see
 * IsacGnnArchitecture::GetApScale()) and its own last state, linearly; a link takes its AP,
 * its other end and its last state through a leaky ReLU, and e^0 is appended to it. The last
 * layer's links are linear and as wide as a beam; each AP's beams are scaled to its power limit.
 */
struct IsacGnnEdgeNetwork : public IsacGnnNetwork::Impl
{
    std::vector<torch::Tensor> Forward(const IsacGnnBatch& batch) const override;
    double GetInitialGain(const std::string& map) const override;
};

} // namespace ns3

#endif // ISAC_GNN_EDGE_NETWORK_H
