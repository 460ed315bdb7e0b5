// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-comparison.h"

#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/cell-free-run-configuration.h"
#include "ns3/cell-free-trace-database.h"
#include "ns3/cell-free-trace-writer.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace ns3
{

namespace fs = std::filesystem;

namespace
{

/// Arguments that the comparison gives to the program itself.
constexpr const char* OWN_ARGUMENTS[] =
    {"policy", "sensingWeight", "RngRun", "RngSeed", "outputDir", "simTag"};

/// What the comparison writes into its directory.
constexpr const char* RESULT_FILES[] = {"compare.json",
                                        "drops.tsv",
                                        "users.tsv",
                                        "comparison.tsv",
                                        "costs.tsv",
                                        "traces.sqlite",
                                        "report.html"};

/// Width of a printed table.
constexpr std::size_t LINE_WIDTH = 100;

/// A number in its shortest form of up to 9 digits; nothing for an unknown one.
std::string
ToText(double value)
{
    if (std::isnan(value))
    {
        return {};
    }
    std::ostringstream text;
    text << std::setprecision(9) << value;
    return text.str();
}

/// A number with a fixed number of decimals.
std::string
ToFixed(double value, int decimals)
{
    std::ostringstream text;
    text << std::fixed << std::setprecision(decimals) << value;
    return text.str();
}

/// A time for a reader.
std::string
ToDuration(double seconds)
{
    const auto s = static_cast<uint64_t>(std::lround(seconds));
    return s < 120    ? std::to_string(s) + " s"
           : s < 7200 ? std::to_string((s + 30) / 60) + " min"
                      : ToFixed(s / 3600.0, 1) + " h";
}

/**
 * @brief Writes a file beside its place and renames it.
 * @param path the file
 * @param text what it is to hold
 * @return an empty string, or one line that says what is wrong
 */
std::string
WriteWhole(const std::string& path, const std::string& text)
{
    const auto part = path + ".part";
    std::ofstream file(part, std::ios::trunc | std::ios::binary);
    errno = 0;
    file << text;
    file.close();
    if (!file || std::rename(part.c_str(), path.c_str()) != 0)
    {
        const std::string reason = errno ? strerror(errno) : "unknown reason";
        std::remove(part.c_str());
        return path + ": cannot be written (" + reason + ")";
    }
    return {};
}

/// The path of cellfree-isac-example beside this program; ns-3 puts its release around both names.
std::string
FindExampleProgram()
{
    std::error_code error;
    const auto self = fs::read_symlink("/proc/self/exe", error); // fails outside Linux
    auto name = self.filename().string();
    const std::string own = "cellfree-isac-compare";
    const auto position = name.find(own);
    if (position != std::string::npos)
    {
        name.replace(position, own.size(), "cellfree-isac-example");
    }
    return (self.parent_path() / name).string();
}

/// The last line of a log that says something.
std::string
GetLastLine(const std::string& path)
{
    std::ifstream file(path);
    std::string line;
    std::string last = "it printed nothing";
    while (std::getline(file, line))
    {
        // What the C++ library adds after ns-3 has said why it stops.
        if (!line.empty() && line.rfind("terminate called", 0) != 0)
        {
            last = line;
        }
        // ns-3's command line prints its help after this.
        if (line.rfind("Invalid command-line argument", 0) == 0)
        {
            break;
        }
    }
    // ns-3's fatal errors: the message, between quotes.
    const auto start = last.find("msg=\"");
    const auto end = last.find("\", +");
    return start != std::string::npos && end != std::string::npos && end > start
               ? last.substr(start + 5, end - start - 5)
               : last;
}

/// A name that a folder can have.
std::string
ToFolderName(std::string name)
{
    for (char& c : name)
    {
        c = std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' ? c : '.';
    }
    return name;
}

/// What a finished run says of itself; no object if it says nothing.
nlohmann::json
ReadConfiguration(const std::string& folder)
{
    const auto path = folder + "/configuration.json";
    std::error_code error;
    if (!fs::is_regular_file(path, error))
    {
        return {};
    }
    std::ifstream file(path);
    return nlohmann::json::parse(file, nullptr, false);
}

/// True if a run says that its policy takes no sensing weight.
bool
SaysNoWeight(const nlohmann::json& configuration)
{
    return configuration.is_object() && configuration.contains("sensingWeight") &&
           configuration["sensingWeight"].is_null();
}

} // namespace

CellFreeComparison::CellFreeComparison() = default;

CellFreeComparison::~CellFreeComparison()
{
    if (m_lock >= 0)
    {
        close(m_lock);
    }
}

std::string
CellFreeComparison::Open(const Options& options)
{
    m_options = options;
    for (auto step : {&CellFreeComparison::CheckProgram,
                      &CellFreeComparison::MakeCases,
                      &CellFreeComparison::LockDirectory})
    {
        const auto error = (this->*step)();
        if (!error.empty())
        {
            return error;
        }
    }
    return CheckConfiguration();
}

std::string
CellFreeComparison::OpenCampaign(const std::string& folder)
{
    const auto path = folder + "/compare.json";
    std::ifstream file(path);
    const auto json = nlohmann::json::parse(file, nullptr, false);
    m_isCampaign = true;
    m_options.outputDir = folder;
    try
    {
        m_options.seed = json.at("seed").get<uint32_t>();
        m_options.firstRun = json.at("firstRun").get<uint64_t>();
        m_options.drops = json.at("drops").get<uint32_t>();
        m_database = json.at("database").get<std::string>();
        for (const auto& c : json.at("cases"))
        {
            const auto& weight = c.at("sensingWeight");
            m_cases.push_back({c.at("name").get<std::string>(),
                               c.at("policy").get<std::string>(),
                               weight.is_null() ? std::nan("") : weight.get<double>(),
                               std::nan("")});
        }
    }
    catch (const nlohmann::json::exception& exception)
    {
        return path + ": expected the runs of a campaign (" + exception.what() + ")";
    }
    return {};
}

std::string
CellFreeComparison::CheckProgram()
{
    if (m_options.drops < 1)
    {
        return "drops = 0: expected at least 1";
    }
    if (m_options.firstRun > std::numeric_limits<uint64_t>::max() - (m_options.drops - 1))
    {
        return "RngRun = " + std::to_string(m_options.firstRun) + ": too high for " +
               std::to_string(m_options.drops) + " drops";
    }
    m_isOwnProgram = m_options.program.empty();
    if (m_isOwnProgram)
    {
        m_options.program = FindExampleProgram();
        // The comparison makes one database of all runs.
        m_options.programArguments.insert(m_options.programArguments.begin(), "--database=");
    }
    std::error_code error;
    const auto path = fs::canonical(m_options.program, error);
    if (error || !fs::is_regular_file(path) || access(path.c_str(), X_OK) != 0)
    {
        return "program = " + m_options.program + ": expected a program that can be run";
    }
    m_options.program = path.string();
    for (const auto& argument : m_options.programArguments)
    {
        for (const std::string own : OWN_ARGUMENTS)
        {
            if (argument == "--" + own || argument.rfind("--" + own + "=", 0) == 0)
            {
                return "programArgs: " + argument + " is what the comparison sets itself";
            }
        }
    }
    return {};
}

std::string
CellFreeComparison::MakeCases()
{
    if (m_options.policies.empty())
    {
        return "policies is empty: expected at least one of " + GetBeamformingPolicyNames();
    }
    for (double weight : m_options.sensingWeights)
    {
        if (!(weight >= 0.0) || std::isinf(weight))
        {
            return "sensingWeights: " + ToText(weight) + ": expected numbers >= 0";
        }
    }
    m_cases.clear();
    for (const auto& name : m_options.policies)
    {
        std::string error;
        const auto policy = CreateBeamformingPolicy(name, error);
        if (!policy && m_isOwnProgram)
        {
            return "policies: " + error;
        }
        const auto folder = ToFolderName(name);
        if (policy && !policy->UsesSensingWeight())
        {
            m_cases.push_back({folder, name, std::nan(""), std::nan("")});
            continue;
        }
        if (m_options.sensingWeights.empty())
        {
            return "sensingWeights is empty: policy " + name + " needs at least one";
        }
        for (double weight : m_options.sensingWeights)
        {
            m_cases.push_back({folder + "-b" + ToText(weight), name, weight, weight, !policy});
            if (!policy)
            {
                break;
            }
        }
    }
    return FindDoubleCase();
}

std::string
CellFreeComparison::FindDoubleCase() const
{
    for (auto c = m_cases.begin(); c != m_cases.end(); ++c)
    {
        if (std::any_of(m_cases.begin(), c, [c](const Case& o) { return o.name == c->name; }))
        {
            return "policies and sensingWeights: " + c->name + " is there twice";
        }
    }
    return {};
}

std::string
CellFreeComparison::DecideCases()
{
    std::vector<Case> cases;
    for (const auto& open : m_cases)
    {
        if (!open.isOpen)
        {
            cases.push_back(open);
            continue;
        }
        const auto runs = m_options.outputDir + "/runs/";
        const auto first = runs + open.name + "/drop-" + std::to_string(m_options.firstRun);
        Case alone = open;
        alone.name = ToFolderName(open.policy);
        alone.sensingWeight = std::nan("");
        alone.isOpen = false;
        if (!fs::exists(first)) // the folder has its final name already
        {
            cases.push_back(alone);
        }
        else if (SaysNoWeight(ReadConfiguration(first)))
        {
            if (std::rename((runs + open.name).c_str(), (runs + alone.name).c_str()) != 0)
            {
                return runs + alone.name + ": cannot be made (" + strerror(errno) + ")";
            }
            cases.push_back(alone);
        }
        else
        {
            for (double weight : m_options.sensingWeights)
            {
                cases.push_back({alone.name + "-b" + ToText(weight), open.policy, weight, weight});
            }
        }
    }
    m_cases = cases;
    return FindDoubleCase();
}

std::string
CellFreeComparison::LockDirectory()
{
    if (m_options.outputDir.empty())
    {
        return "outputDir is empty: expected the name of a directory";
    }
    const auto error = CellFreeTraceWriter::FindDirectoryError(m_options.outputDir);
    if (!error.empty())
    {
        return error;
    }
    const auto path = m_options.outputDir + "/compare.lock";
    // Children inherit the lock: while one of a killed comparison lives, it may still write.
    m_lock = open(path.c_str(), O_RDWR | O_CREAT, 0666);
    if (m_lock < 0)
    {
        return path + ": cannot be opened (" + strerror(errno) + ")";
    }
    for (const std::string name : RESULT_FILES)
    {
        const auto result = m_options.outputDir + "/" + name;
        if (fs::exists(result) && !fs::is_regular_file(result))
        {
            return result + ": expected a file, or nothing";
        }
    }
    for (int attempt = 0; flock(m_lock, LOCK_EX | LOCK_NB) != 0; ++attempt)
    {
        if (attempt == 50) // 5 s are enough for the children of a killed comparison to end
        {
            return "output directory \"" + m_options.outputDir + "\": another comparison uses it";
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return {};
}

std::string
CellFreeComparison::CheckConfiguration() const
{
    nlohmann::ordered_json wanted;
    wanted["format"] = 1;
    wanted["version"] = GetCellFreeIsacVersion();
    wanted["policies"] = m_options.policies;
    wanted["sensingWeights"] = m_options.sensingWeights;
    wanted["seed"] = m_options.seed;
    wanted["firstRun"] = m_options.firstRun;
    wanted["program"] = m_options.program;
    wanted["programArguments"] = m_options.programArguments;
    wanted["drops"] = m_options.drops;
    const auto path = m_options.outputDir + "/compare.json";
    if (fs::exists(path))
    {
        std::ifstream file(path);
        const auto found = nlohmann::ordered_json::parse(file, nullptr, false);
        if (!found.is_object())
        {
            return path + ": expected the configuration of a comparison";
        }
        for (const auto& [name, value] : wanted.items())
        {
            const auto old = found.contains(name) ? found[name] : nlohmann::ordered_json();
            const bool mayGrow = name == "drops" && old.is_number_unsigned();
            if (mayGrow ? old > value : old != value)
            {
                return path + ": " + name + " was " + old.dump() + " and is now " + value.dump() +
                       ": expected the same" + (mayGrow ? " or more" : "") +
                       ", or another output directory";
            }
        }
        if (found == wanted)
        {
            return {};
        }
    }
    return WriteWhole(path, wanted.dump(2) + "\n");
}

bool
CellFreeComparison::HasRun(const Task& task) const
{
    return !m_isCampaign || fs::exists(GetFolder(task));
}

std::string
CellFreeComparison::GetFolder(const Task& task) const
{
    return m_options.outputDir + "/runs/" + m_cases[task.index].name + "/drop-" +
           std::to_string(task.run);
}

std::vector<CellFreeComparison::Task>
CellFreeComparison::GetTasks() const
{
    std::vector<Task> tasks;
    for (uint32_t drop = 0; drop < m_options.drops; ++drop)
    {
        for (std::size_t c = 0; c < m_cases.size(); ++c)
        {
            tasks.push_back({c, m_options.firstRun + drop});
        }
    }
    return tasks;
}

CellFreeProcessPool::Job
CellFreeComparison::MakeJob(const Task& task) const
{
    const auto& c = m_cases[task.index];
    const auto part = GetFolder(task) + ".part";
    CellFreeProcessPool::Job job{{m_options.program, "--policy=" + c.policy}, part + "/log.txt"};
    if (!std::isnan(c.argument))
    {
        job.arguments.push_back("--sensingWeight=" + ToText(c.argument));
    }
    job.arguments.push_back("--RngSeed=" + std::to_string(m_options.seed));
    job.arguments.push_back("--RngRun=" + std::to_string(task.run));
    job.arguments.push_back("--outputDir=" + part);
    job.arguments.insert(job.arguments.end(),
                         m_options.programArguments.begin(),
                         m_options.programArguments.end());
    return job;
}

std::string
CellFreeComparison::Finish(const Task& task, const CellFreeProcessPool::Outcome& outcome) const
{
    const auto folder = GetFolder(task);
    const auto part = folder + ".part";
    const auto run = "run " + m_cases[task.index].name + "/drop-" + std::to_string(task.run);
    if (!outcome.problem.empty())
    {
        std::error_code error;
        const auto space = fs::space(m_options.outputDir, error);
        return run + " failed (" + outcome.problem + "): " + GetLastLine(part + "/log.txt") +
               (!error && space.available == 0 ? " (no space is left on the disk)" : "");
    }
    auto problem = CellFreeRunMetrics().Read(part);
    const auto& c = m_cases[task.index];
    if (problem.empty() && !c.isOpen && !std::isnan(c.sensingWeight) &&
        SaysNoWeight(ReadConfiguration(part)))
    {
        problem = "its policy takes no sensing weight, as its configuration.json says";
    }
    if (problem.empty() && std::rename(part.c_str(), folder.c_str()) != 0)
    {
        problem = folder + ": cannot be made (" + strerror(errno) + ")";
    }
    return problem.empty() ? "" : run + ": " + problem;
}

std::string
CellFreeComparison::Run(std::size_t nJobs, std::ostream& progress, int& interrupt)
{
    interrupt = 0;
    std::vector<Task> first;
    for (std::size_t c = 0; c < m_cases.size(); ++c)
    {
        const Task alone{c, m_options.firstRun};
        const auto decided = m_options.outputDir + "/runs/" + ToFolderName(m_cases[c].policy);
        if (m_cases[c].isOpen && !fs::exists(decided))
        {
            first.push_back(alone);
        }
    }
    if (!first.empty())
    {
        progress << "First whether policies take a sensing weight that only the program knows"
                 << std::endl;
    }
    auto problem = RunTasks(first, nJobs, progress, interrupt);
    if (problem.empty() && interrupt == 0)
    {
        problem = DecideCases();
    }
    return problem.empty() && interrupt == 0 ? RunTasks(GetTasks(), nJobs, progress, interrupt)
                                             : problem;
}

std::string
CellFreeComparison::RunTasks(const std::vector<Task>& all,
                             std::size_t nJobs,
                             std::ostream& progress,
                             int& interrupt)
{
    std::vector<Task> tasks;
    std::vector<CellFreeProcessPool::Job> jobs;
    for (const auto& task : all)
    {
        const auto folder = GetFolder(task);
        if (fs::exists(folder))
        {
            continue;
        }
        std::error_code error;
        fs::remove_all(folder + ".part", error); // of an interrupted run
        if (error)
        {
            return folder + ".part: cannot be removed (" + error.message() + ")";
        }
        tasks.push_back(task);
        jobs.push_back(MakeJob(task));
    }
    if (tasks.size() < all.size())
    {
        progress << all.size() - tasks.size() << " of " << all.size() << " runs are there already"
                 << std::endl;
    }

    std::string problem;
    std::size_t nDone = 0;
    std::vector<bool> isDone(tasks.size(), false);
    std::vector<std::vector<double>> seconds(m_cases.size());
    const auto getTimeLeft = [&] {
        double sum = 0.0;
        double fallback = 0.0;
        for (const auto& ofCase : seconds)
        {
            fallback += std::accumulate(ofCase.begin(), ofCase.end(), 0.0) / nDone;
        }
        for (std::size_t i = 0; i < tasks.size(); ++i)
        {
            const auto& ofCase = seconds[tasks[i].index];
            if (!isDone[i])
            {
                sum += ofCase.empty()
                           ? fallback
                           : std::accumulate(ofCase.begin(), ofCase.end(), 0.0) / ofCase.size();
            }
        }
        return sum / std::min(nJobs, std::max<std::size_t>(1, tasks.size() - nDone));
    };
    interrupt =
        CellFreeProcessPool::Run(jobs, nJobs, [&](const CellFreeProcessPool::Outcome& outcome) {
            const auto& task = tasks[outcome.job];
            problem = Finish(task, outcome);
            if (!problem.empty())
            {
                return false;
            }
            ++nDone;
            isDone[outcome.job] = true;
            seconds[task.index].push_back(outcome.seconds);
            progress << all.size() - tasks.size() + nDone << " of " << all.size() << " runs, "
                     << ToDuration(getTimeLeft()) << " left (" << m_cases[task.index].name
                     << "/drop-" << task.run << ": " << ToFixed(outcome.seconds, 1) << " s)"
                     << std::endl;
            return true;
        });
    return problem;
}

std::vector<std::size_t>
CellFreeComparison::GetShownMetrics() const
{
    const auto& metrics = CellFreeRunMetrics::GetMetrics();
    std::vector<std::size_t> shown;
    for (std::size_t m = 0; m < metrics.size(); ++m)
    {
        bool isShown = !metrics[m].isOptional;
        for (const auto& ofCase : m_results)
        {
            isShown = isShown || std::any_of(ofCase.begin(), ofCase.end(), [m](const auto& drop) {
                          return !std::isnan(drop.values[m]);
                      });
        }
        if (isShown)
        {
            shown.push_back(m);
        }
    }
    return shown;
}

std::vector<double>
CellFreeComparison::GetValues(std::size_t c, std::size_t metric) const
{
    std::vector<double> values;
    for (const auto& drop : m_results[c])
    {
        values.push_back(drop.values[metric]);
    }
    return values;
}

cellfree::ConfidenceInterval
CellFreeComparison::GetMean(std::size_t c, std::size_t metric) const
{
    return cellfree::GetConfidenceInterval(GetValues(c, metric),
                                           CellFreeRunMetrics::GetMetrics()[metric].range);
}

cellfree::ConfidenceInterval
CellFreeComparison::GetDifference(std::size_t c, std::size_t metric) const
{
    return cellfree::GetPairedDifference(GetValues(c, metric),
                                         GetValues(0, metric),
                                         CellFreeRunMetrics::GetMetrics()[metric].range);
}

std::string
CellFreeComparison::WriteResults()
{
    m_results.assign(m_cases.size(), {});
    for (const auto& task : GetTasks())
    {
        CellFreeRunMetrics metrics;
        const bool hasRun = HasRun(task);
        const auto error = hasRun ? metrics.Read(GetFolder(task)) : "";
        if (!hasRun)
        {
            const auto none = std::nan("");
            metrics.values.assign(CellFreeRunMetrics::GetMetrics().size(), none);
            metrics.cost = {0, none, none, none};
        }
        if (!error.empty())
        {
            return error;
        }
        m_results[task.index].push_back(std::move(metrics));
    }

    const auto& metrics = CellFreeRunMetrics::GetMetrics();
    const auto shown = GetShownMetrics();
    std::ostringstream drops;
    std::ostringstream users;
    std::ostringstream costs;
    std::ostringstream comparison;
    drops << "case\tpolicy\tsensingWeight\trun";
    for (std::size_t m : shown)
    {
        drops << '\t' << metrics[m].column;
    }
    drops << '\n';
    users << "case\tpolicy\tsensingWeight\trun\tueId\tthroughput_Mbps\tmeanDelay_ms\tp99Delay_ms\t"
             "loss_pct\twaiting_pct\n";
    costs << "case\trun\tnDecisions\tmean_us\tp50_us\tp99_us\n";
    comparison << "case\tmetric\tunit\tn\tmean\tlow95\thigh95\tdifference\tdifferenceLow95\t"
                  "differenceHigh95\n";
    for (std::size_t c = 0; c < m_cases.size(); ++c)
    {
        const auto& label = m_cases[c];
        for (std::size_t drop = 0; drop < m_results[c].size(); ++drop)
        {
            if (!HasRun({c, m_options.firstRun + drop}))
            {
                continue;
            }
            const auto& result = m_results[c][drop];
            const auto run = std::to_string(m_options.firstRun + drop);
            const auto key =
                label.name + '\t' + label.policy + '\t' + ToText(label.sensingWeight) + '\t' + run;
            drops << key;
            for (std::size_t m : shown)
            {
                drops << '\t' << ToText(result.values[m]);
            }
            drops << '\n';
            for (const auto& user : result.users)
            {
                users << key << '\t' << user.ueId;
                for (double value :
                     {user.throughput, user.meanDelay, user.p99Delay, user.loss, user.waiting})
                {
                    users << '\t' << ToText(value);
                }
                users << '\n';
            }
            costs << label.name << '\t' << run << '\t' << result.cost.n;
            for (double value : {result.cost.mean, result.cost.p50, result.cost.p99})
            {
                costs << '\t' << ToText(value);
            }
            costs << '\n';
        }
        for (std::size_t m : shown)
        {
            const auto interval = GetMean(c, m);
            cellfree::ConfidenceInterval difference;
            if (c > 0)
            {
                difference = GetDifference(c, m);
            }
            comparison << label.name << '\t' << metrics[m].name << '\t' << metrics[m].unit << '\t'
                       << interval.n;
            for (double value : {interval.mean,
                                 interval.low,
                                 interval.high,
                                 difference.mean,
                                 difference.low,
                                 difference.high})
            {
                comparison << '\t' << ToText(value);
            }
            comparison << '\n';
        }
    }
    for (const auto& [name, text] : {std::pair{"drops", &drops},
                                     std::pair{"users", &users},
                                     std::pair{"costs", &costs},
                                     std::pair{"comparison", &comparison}})
    {
        const auto error = WriteWhole(m_options.outputDir + "/" + name + ".tsv", text->str());
        if (!error.empty())
        {
            return error;
        }
    }
    return {};
}

std::string
CellFreeComparison::WriteDatabase(std::ostream& progress) const
{
    const auto path = m_options.outputDir + "/" + m_database;
    auto tasks = GetTasks();
    tasks.erase(std::remove_if(tasks.begin(),
                               tasks.end(),
                               [this](const Task& task) { return !HasRun(task); }),
                tasks.end());
    if (!m_isCampaign)
    {
        CellFreeTraceDatabase present;
        if (fs::exists(path) && present.Open(path).empty() && present.GetNRuns() == tasks.size())
        {
            return {};
        }
    }
    // Beside its place and in a fixed order, so that every comparison ends in the same rows.
    const auto part = path + ".part";
    std::error_code code;
    fs::remove(part, code);
    fs::remove(part + "-journal", code);
    CellFreeTraceDatabase database;
    auto error = database.Open(part);
    for (std::size_t i = 0; i < tasks.size() && error.empty(); ++i)
    {
        const auto folder = GetFolder(tasks[i]);
        const auto& policy = m_cases[tasks[i].index].policy;
        const auto configuration = ReadConfiguration(folder);
        // Two names of a program's own may stand for one policy with different attributes.
        const bool isTold =
            configuration.is_object() && configuration.value("policy", policy) == policy;
        error = database.AddRun(folder,
                                "",
                                m_isCampaign ? m_cases[tasks[i].index].name
                                : isTold     ? ""
                                             : policy);
        progress << "\rdatabase: " << i + 1 << " of " << tasks.size() << " runs" << std::flush;
    }
    progress << std::endl;
    if (error.empty() && database.GetNRuns() != tasks.size())
    {
        error = path + ": " + std::to_string(database.GetNRuns()) + " of " +
                std::to_string(tasks.size()) +
                " runs differ in seed, run, policy, sensing weight "
                "or simTag, as their configuration.json says: expected all of them to";
    }
    if (error.empty() && std::rename(part.c_str(), path.c_str()) != 0)
    {
        error = path + ": cannot be made (" + strerror(errno) + ")";
    }
    if (!error.empty())
    {
        fs::remove(part, code);
    }
    return error;
}

std::size_t
CellFreeComparison::GetNameWidth() const
{
    std::size_t width = 4; // of the heading
    for (const auto& c : m_cases)
    {
        width = std::max(width, c.name.size());
    }
    return width;
}

void
CellFreeComparison::PrintTable(std::ostream& stream, bool isDifference) const
{
    const auto& metrics = CellFreeRunMetrics::GetMetrics();
    const auto nameWidth = GetNameWidth();
    std::vector<std::vector<std::string>> columns;
    for (std::size_t m : GetShownMetrics())
    {
        const bool hasUnit = std::strcmp(metrics[m].unit, "1") != 0;
        columns.push_back(
            {metrics[m].name, hasUnit ? std::string("(") + metrics[m].unit + ")" : ""});
        for (std::size_t c = isDifference; c < m_cases.size(); ++c)
        {
            const auto interval = isDifference ? GetDifference(c, m) : GetMean(c, m);
            std::string cell = "-";
            if (interval.n > 0)
            {
                cell = ToFixed(interval.mean, metrics[m].decimals);
            }
            if (interval.n > 1)
            {
                const bool isClear = interval.low > 0.0 || interval.high < 0.0;
                const int decimals = metrics[m].decimals;
                const bool isSymmetric =
                    std::isinf(isDifference ? metrics[m].range.high - metrics[m].range.low
                                            : metrics[m].range.low);
                cell += isSymmetric ? " +- " + ToFixed(interval.high - interval.mean, decimals)
                                    : " (" + ToFixed(interval.low, decimals) + " to " +
                                          ToFixed(interval.high, decimals) + ")";
                cell += !isDifference ? "" : isClear ? " *" : "  ";
            }
            columns.back().push_back(cell);
        }
    }
    for (std::size_t first = 0; first < columns.size();)
    {
        std::size_t last = first;
        std::size_t width = nameWidth;
        std::vector<std::size_t> widths;
        for (; last < columns.size(); ++last)
        {
            std::size_t own = 0;
            for (const auto& cell : columns[last])
            {
                own = std::max(own, cell.size() + 2);
            }
            if (last > first && width + own > LINE_WIDTH)
            {
                break;
            }
            width += own;
            widths.push_back(own);
        }
        for (std::size_t row = 0; row < columns[first].size(); ++row)
        {
            const auto name = row == 0   ? "case"
                              : row == 1 ? ""
                                         : m_cases[row - 2 + isDifference].name;
            stream << std::left << std::setw(nameWidth) << name << std::right;
            for (std::size_t i = first; i < last; ++i)
            {
                stream << std::setw(widths[i - first]) << columns[i][row];
            }
            stream << '\n';
        }
        stream << '\n';
        first = last;
    }
}

void
CellFreeComparison::PrintTables(std::ostream& stream) const
{
    stream << "\nMean over " << m_options.drops << (m_options.drops > 1 ? " drops" : " drop")
           << (m_options.drops > 1
                   ? " and its 95 % interval\n\n"
                   : ": no intervals, and another may order the cases otherwise\n\n");
    PrintTable(stream, false);
    if (m_cases.size() > 1)
    {
        stream << "Paired difference to " << m_cases.front().name
               << " (*: the interval excludes 0)\n\n";
        PrintTable(stream, true);
    }
    stream << "Wall time of a decision on this machine (us), not reproducible\n\n";
    const auto nameWidth = GetNameWidth();
    stream << std::left << std::setw(nameWidth) << "case" << std::right << std::setw(12) << "mean"
           << std::setw(12) << "p50" << std::setw(12) << "p99" << '\n';
    for (std::size_t c = 0; c < m_cases.size(); ++c)
    {
        stream << std::left << std::setw(nameWidth) << m_cases[c].name << std::right;
        for (auto field :
             {&CellFreeCostMetrics::mean, &CellFreeCostMetrics::p50, &CellFreeCostMetrics::p99})
        {
            std::vector<double> values;
            for (const auto& drop : m_results[c])
            {
                values.push_back(drop.cost.*field);
            }
            const auto interval = cellfree::GetConfidenceInterval(values);
            stream << std::setw(12) << (interval.n > 0 ? ToFixed(interval.mean, 1) : "-");
        }
        stream << '\n';
    }
}

} // namespace ns3
