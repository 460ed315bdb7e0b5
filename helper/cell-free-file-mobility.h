// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FILE_MOBILITY_H
#define CELL_FREE_FILE_MOBILITY_H

#include "ns3/cell-free-channel-file.h"
#include "ns3/node-container.h"

#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Gives nodes mobility models that have them where a channel file says: node i is the file's
 * i-th of the role, on straight lines between the file's times.
 * @param file the file
 * @param role "ap", "ue" or "target"
 * @param nodes the nodes, without a mobility model, at most as many as the file has of the role
 * @return false if the file leaves it to the scenario where they are; they have no model then
 */
bool InstallFileMobility(CellFreeChannelFile& file,
                         const std::string& role,
                         const NodeContainer& nodes);

} // namespace ns3

#endif // CELL_FREE_FILE_MOBILITY_H
