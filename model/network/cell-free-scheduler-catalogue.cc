// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-scheduler-catalogue.h"

#include "cell-free-scheduler.h"

#include <utility>

namespace ns3
{

namespace
{

/// Short name and TypeId name.
constexpr std::pair<const char*, const char*> CATALOGUE[] = {
    {"rr", "ns3::CellFreeRoundRobinScheduler"},
    {"pf", "ns3::CellFreeProportionalFairScheduler"},
    {"max-rate", "ns3::CellFreeMaxRateScheduler"},
    {"deadline", "ns3::CellFreeDeadlineScheduler"},
};

} // namespace

std::string
GetSchedulerTypeName(const std::string& name, std::string& error)
{
    error.clear();
    for (const auto& [shortName, longName] : CATALOGUE)
    {
        if (name == shortName)
        {
            return longName;
        }
    }
    TypeId tid;
    if (!TypeId::LookupByNameFailSafe(name, &tid) ||
        !tid.IsChildOf(CellFreeScheduler::GetTypeId()) || !tid.HasConstructor())
    {
        error = "unknown scheduler '" + name + "': expected one of " + GetSchedulerNames() +
                ", or the TypeId of a CellFreeScheduler with a default constructor";
        return {};
    }
    return name;
}

std::string
GetSchedulerNames()
{
    std::string names;
    for (const auto& entry : CATALOGUE)
    {
        names += (names.empty() ? "" : ", ") + std::string(entry.first);
    }
    return names;
}

} // namespace ns3
