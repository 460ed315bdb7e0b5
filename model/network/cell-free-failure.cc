// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-failure.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <utility>
#include <vector>

namespace ns3
{

namespace
{

/// What is to be done.
std::vector<std::function<void()>>&
GetActions()
{
    static auto* actions = new std::vector<std::function<void()>>;
    return *actions;
}

} // namespace

void
cellfree::AtFailure(std::function<void()> action)
{
    GetActions().push_back(std::move(action));
}

void
cellfree::EndRun(const std::string& message)
{
    std::cout << std::flush;
    std::fflush(stdout);
    std::cerr << message << std::endl;
    for (const auto& action : GetActions())
    {
        action();
    }
    // Not std::exit(): the simulator stands in the middle of an event.
    std::_Exit(1);
}

} // namespace ns3
