// SPDX-License-Identifier: GPL-2.0-only

/*
 * Compares what this module computes with what is published, as tab-separated rows:
 * case, quantity, value, halfWidth95, unit, published, source.
 */

#include "campaign/cell-free-validation.h"

#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// Joins several --case=NAME to one, of which ns-3's CommandLine would keep the last.
/// @return the program's arguments
std::vector<std::string>
JoinCases(int argc, char* argv[])
{
    const std::string option = "--case=";
    std::vector<std::string> arguments;
    std::string cases;
    for (int i = 0; i < argc; ++i)
    {
        const std::string argument = argv[i];
        if (argument.rfind(option, 0) != 0)
        {
            arguments.push_back(argument);
            continue;
        }
        cases += (cases.empty() ? option : ",") + argument.substr(option.size());
    }
    if (!cases.empty())
    {
        arguments.push_back(cases);
    }
    return arguments;
}

} // namespace

int
main(int argc, char* argv[])
{
    std::string names;
    bool isList = false;
    CellFreeCommandLine cmd(__FILE__);
    cmd.Usage("Compares what the module computes with what is published: one tab-separated row per "
              "quantity. The program has the fixed seeds of its cases.");
    cmd.AddValue("case",
                 "case to run; several by commas or by giving the option again; empty for all",
                 names);
    cmd.AddValue("list", "name the cases and end", isList);
    auto arguments = JoinCases(argc, argv);
    std::vector<char*> pointers;
    for (auto& argument : arguments)
    {
        pointers.push_back(argument.data());
    }
    cmd.Parse(pointers.size(), pointers.data());

    const auto all = cellfree::GetValidationCases();
    if (isList)
    {
        for (const auto& entry : all)
        {
            std::cout << entry.name << ": " << entry.about << '\n';
        }
        return 0;
    }
    std::vector<CellFreeValidationCase> chosen;
    std::istringstream stream(names);
    for (std::string name; std::getline(stream, name, ',');)
    {
        const auto found = std::find_if(all.begin(), all.end(), [&name](const auto& entry) {
            return entry.name == name;
        });
        cmd.RefuseIf(found == all.end()
                         ? "--case: \"" + name + "\": expected names that --list prints"
                         : "");
        chosen.push_back(*found);
    }

    std::cout << "case\tquantity\tvalue\thalfWidth95\tunit\tpublished\tsource\n";
    for (const auto& entry : names.empty() ? all : chosen)
    {
        std::cerr << "validate: " << entry.name << " ...\n";
        for (const auto& row : entry.run())
        {
            std::cout << entry.name << '\t' << row.quantity << '\t' << row.value << '\t'
                      << row.halfWidth95 << '\t' << row.unit << '\t';
            if (!std::isnan(row.published))
            {
                std::cout << row.published;
            }
            std::cout << '\t' << row.source << std::endl;
        }
    }
    return 0;
}
