// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_GNN_TORCH_SCRIPT_H
#define ISAC_GNN_TORCH_SCRIPT_H

#include "isac-gnn-weights.h"

#include <string>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Writes a TorchScript file, as policy torch opens it, without PyTorch. Needs a build with
 * LibTorch.
 * @param source methods of the model in TorchScript, forward() among them
 * @param weights arrays that the source finds in the dictionary self.weights
 * @param path the file, replaced only once the new one is complete
 * @return an empty string, or what went wrong
 */
std::string WriteTorchScript(const std::string& source,
                             const IsacGnnWeights& weights,
                             const std::string& path);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_GNN_TORCH_SCRIPT_H
