// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-trace-file.h"

#include "ns3/abort.h"
#include "ns3/cell-free-failure.h"
#include "ns3/isac-link-budget.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>
#include <utility>

namespace ns3
{

namespace
{

/// Files under way; never destroyed, for they are asked for when a program ends.
std::set<std::string>&
GetUnfinished()
{
    static auto* unfinished = new std::set<std::string>;
    return *unfinished;
}

} // namespace

void
cellfree::NoteUnfinished(const std::string& path)
{
    static bool isRegistered = false;
    if (!std::exchange(isRegistered, true))
    {
        AtFailure([]() {
            for (const auto& unfinished : GetUnfinished())
            {
                std::remove(unfinished.c_str());
            }
        });
    }
    GetUnfinished().insert(path);
}

void
cellfree::NoteFinished(const std::string& path)
{
    GetUnfinished().erase(path);
}

void
CellFreeTraceFile::Open(const std::string& finalPath, const std::string& header)
{
    path = finalPath;
    stream.open(path + ".part", std::ios::trunc);
    cellfree::NoteUnfinished(path + ".part");
    stream.precision(9); // for those who write to it as to any std::ostream
    stream << header << '\n';
    stream.flush();
    NS_ABORT_MSG_IF(!stream,
                    "cannot write trace file \"" << path << "\": " << std::strerror(errno));
}

void
CellFreeTraceFile::Close()
{
    if (!stream.is_open())
    {
        return;
    }
    stream.close();
    cellfree::NoteFinished(path + ".part");
    NS_ABORT_MSG_IF(!stream || std::rename((path + ".part").c_str(), path.c_str()),
                    "cannot complete trace file \"" << path << "\": " << std::strerror(errno));
}

double
cellfree::ToTraceDecibels(double ratio)
{
    return cellfree::ToDecibels(std::max(ratio, 1e-30));
}

} // namespace ns3
