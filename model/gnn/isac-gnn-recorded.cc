// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-recorded.h"

#include "ns3/isac-problem-json.h"

#include <fstream>
#include <map>
#include <random>
#include <tuple>

namespace ns3
{

std::string
IsacGnnRecordedProblems::Load(const std::string& path)
{
    m_groups.clear();
    m_groupShares.clear();
    std::ifstream stream(path);
    if (!stream)
    {
        return "problem file '" + path + "' cannot be read";
    }
    std::map<std::tuple<int64_t, int64_t, int64_t, int64_t, bool, bool>, size_t> groupOf;
    std::string text;
    IsacProblemLine line;
    for (int64_t number = 1; std::getline(stream, text); ++number)
    {
        if (text.find_first_not_of(" \t\r") == std::string::npos)
        {
            continue;
        }
        const auto error = cellfree::ReadProblemLine(text, line);
        if (!error.empty())
        {
            return "problem file '" + path + "', line " + std::to_string(number) + ": " + error;
        }
        const auto& problem = line.problem;
        const bool isMasked = problem.serving.size() + problem.sensing.size() > 0;
        const auto key = std::make_tuple(problem.GetNAps(),
                                         problem.GetNUes(),
                                         problem.GetNTargets(),
                                         problem.nAntennas,
                                         isMasked,
                                         problem.errorVariance.size() > 0);
        const auto group = groupOf.emplace(key, m_groups.size()).first->second;
        m_groups.resize(std::max(m_groups.size(), group + 1));
        m_groups[group].emplace_back();
        cellfree::Normalise(problem, m_groups[group].back());
    }
    if (m_groups.empty())
    {
        return "problem file '" + path + "': expected at least one problem";
    }
    for (const auto& group : m_groups)
    {
        m_groupShares.push_back(static_cast<double>(group.size()));
    }
    return {};
}

void
IsacGnnRecordedProblems::DrawProblems(uint64_t seed,
                                      int64_t count,
                                      std::vector<IsacProblem>& problems) const
{
    std::mt19937_64 engine(seed);
    const auto& group = m_groups[std::discrete_distribution<size_t>(m_groupShares.begin(),
                                                                    m_groupShares.end())(engine)];
    std::uniform_int_distribution<size_t> choose(0, group.size() - 1);
    problems.resize(count);
    for (auto& problem : problems)
    {
        problem = group[choose(engine)];
    }
}

} // namespace ns3
