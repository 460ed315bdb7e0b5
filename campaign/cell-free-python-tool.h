// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_PYTHON_TOOL_H
#define CELL_FREE_PYTHON_TOOL_H

#include <string>
#include <vector>

namespace ns3::cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Runs one of the Python programs in the module's tools/ folder, for plots.
 *
 * Takes the python3 of the caller's PATH; a program whose python3 lacks matplotlib goes on under
 * the system's by itself (tools/plot_style.py). What it prints goes to where this process prints.
 *
 * @param name file name of the program
 * @param arguments its arguments
 * @return an empty string, or one line that says what failed
 */
std::string RunPythonTool(const std::string& name, const std::vector<std::string>& arguments);

} // namespace ns3::cellfree

#endif // CELL_FREE_PYTHON_TOOL_H
