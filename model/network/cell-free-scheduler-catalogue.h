// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_SCHEDULER_CATALOGUE_H
#define CELL_FREE_SCHEDULER_CATALOGUE_H

#include <string>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The class behind a short name of a scheduler.
 *
 * Any registered subclass of CellFreeScheduler with a default constructor is accepted by its full
 * TypeId name, so that a user's own scheduler needs no entry here.
 *
 * @param name a short name, such as "pf", or a TypeId's name
 * @param[out] error empty on success, else one line that says what is wrong with the name
 * @return the name of the TypeId; empty if there is an error
 */
std::string GetSchedulerTypeName(const std::string& name, std::string& error);

/**
 * @ingroup cellfree-isac
 * @brief Get the short names of all schedulers.
 * @return the names, separated by ", "
 */
std::string GetSchedulerNames();

} // namespace ns3

#endif // CELL_FREE_SCHEDULER_CATALOGUE_H
