// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_PLUGIN_H
#define CELL_FREE_PLUGIN_H

#include <string>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Opens a library that no program links, because most do without what it needs.
 *
 * It lies beside the library that this function is in or, of a static build, where it was built.
 *
 * @param name file name of the library
 * @param symbol name of a function in it
 * @param isGlobal whether what it needs is to be seen by libraries that open later
 * @param[out] error what was wrong, if the result is null
 * @return the function, or null
 */
void* FindPluginSymbol(const std::string& name,
                       const char* symbol,
                       bool isGlobal,
                       std::string& error);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_PLUGIN_H
