// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_FAILURE_H
#define CELL_FREE_FAILURE_H

#include <functional>
#include <string>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Has something done before EndRun() ends the program.
 * @param action it
 */
void AtFailure(std::function<void()> action);

/**
 * @ingroup cellfree-isac
 * @brief Ends the program in the middle of a run, for a reason that the user can mend: with a
 * message and exit status 1, no core file, and no file half written (AtFailure()).
 * @param message what went wrong
 */
[[noreturn]] void EndRun(const std::string& message);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_FAILURE_H
