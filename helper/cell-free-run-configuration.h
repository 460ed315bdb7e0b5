// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_RUN_CONFIGURATION_H
#define CELL_FREE_RUN_CONFIGURATION_H

#include "ns3/cell-free-link.h"

#include <map>
#include <string>

namespace ns3
{

/// @return the module's version as its change log and git named it when it was configured
std::string GetCellFreeIsacVersion();

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Says in JSON what is being run: enough to run it again.
 *
 * The members are seed, run, simTag, policy (its short name), sensingWeight (null if the policy has
 * none), version, ns3, command (without --outputDir and --database, so that equal runs are equal
 * wherever they are written), scenario and attributes. The scenario is what a reader asks first:
 * sizes, carrier, frame, channel, sensing, in units that the names say. The attributes' member has
 * every attribute of the link, of its parts and of its nodes' cell-free objects that differs from
 * its default, and every other default that the program changed. One that differs between nodes has
 * the nodes' ids after its name.
 *
 * @param link the link
 * @param simTag text in the names of the run's traces
 * @param descriptions what else the scenario says of itself
 * @return the JSON text
 */
std::string DescribeRun(Ptr<CellFreeLink> link,
                        const std::string& simTag,
                        const std::map<std::string, std::string>& descriptions);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_RUN_CONFIGURATION_H
