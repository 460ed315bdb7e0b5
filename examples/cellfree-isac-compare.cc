// SPDX-License-Identifier: GPL-2.0-only

/*
 * The same drops under several policies: same positions, movement, fading, traffic and radar cross
 * sections for all, so that what differs is the policy. Each run is a process of its own; an
 * interrupted comparison goes on where it was when it is called again.
 *
 *   cellfree-isac-compare --policies=gnn,joint,wmmse --sensingWeights=0,2 --drops=20
 *
 * --program compares with a scenario program of your own that takes --policy, --sensingWeight and
 * --outputDir, and writes its traces by CellFreeIsacHelper::EnableTraces().
 */

#include "campaign/cell-free-comparison.h"
#include "campaign/cell-free-python-tool.h"

#include "ns3/cell-free-command-line.h"
#include "ns3/cell-free-trace-database.h"
#include "ns3/core-module.h"

#include <algorithm>
#include <iostream>
#include <sstream>
#include <thread>

using namespace ns3;

namespace
{

/// The parts of a text between separators, without empty ones.
std::vector<std::string>
Split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);)
    {
        if (!part.empty())
        {
            parts.push_back(part);
        }
    }
    return parts;
}

/// Ends the program as a shell reports a signal, if there was one.
void
EndIfInterrupted(int signal)
{
    if (signal != 0)
    {
        std::cerr << "cellfree-isac-compare: interrupted; the same command goes on from here"
                  << std::endl;
        std::exit(128 + signal);
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    std::string policies = "gnn,joint,wmmse,rzf,cb,cb-sensing";
    std::string sensingWeights = "1";
    std::string program;
    std::string programArgs;
    std::string outputDir = "cellfree-isac-comparison";
    std::string simTag;
    int64_t drops = 10;
    int64_t jobs = std::max(1U, std::thread::hardware_concurrency());
    bool tracking = false;
    bool plots = true;
    bool database = true;
    bool collect = false;

    CellFreeCommandLine cmd(__FILE__);
    cmd.Usage("Runs the same drops under several beamforming policies and says what the "
              "differences are, with 95 % intervals. Call it again to go on after an interrupt.");
    cmd.AddValue("policies", "policies, separated by commas; the first is compared to", policies);
    cmd.AddValue("sensingWeights",
                 "weights beta_s, separated by commas, for the policies that take one",
                 sensingWeights);
    cmd.AddValue("drops",
                 "independent repetitions; RngRun is that of the first",
                 drops,
                 1,
                 1000000);
    cmd.AddValue("jobs", "runs at a time", jobs, 1, 10000);
    cmd.AddValue("program", "scenario program to run (default: cellfree-isac-example)", program);
    cmd.AddValue("programArgs", "more arguments for it, separated by blanks", programArgs);
    cmd.AddValue("tracking",
                 "give the program --tracking: beams follow tracks instead of the truth, and the "
                 "table has their error, GOSPA, the time to the first track and the age of reports",
                 tracking);
    cmd.AddValue("database", "write the traces of all runs into traces.sqlite too", database);
    cmd.AddValue("plots", "draw the plots and the report at the end", plots);
    cmd.AddValue("collect",
                 "run nothing: make the tables of the runs that tools/campaign.py has left there",
                 collect);
    cmd.AddValue("outputDir", "directory of runs and results, created if missing", outputDir);
    cmd.AddValue("simTag", "text added to the name of that directory", simTag);
    cmd.Parse(argc, argv);

    CellFreeComparison::Options options;
    options.policies = Split(policies, ',');
    for (const auto& text : Split(sensingWeights, ','))
    {
        char* end = nullptr;
        options.sensingWeights.push_back(std::strtod(text.c_str(), &end));
        if (*end != '\0')
        {
            cmd.Refuse("--sensingWeights: '" + text + "': expected numbers >= 0");
        }
    }
    options.drops = drops;
    options.seed = RngSeedManager::GetSeed();
    options.firstRun = RngSeedManager::GetRun();
    options.programArguments = Split(programArgs, ' ');
    if (tracking)
    {
        options.programArguments.push_back("--tracking");
    }
    options.program = program;
    options.outputDir = outputDir + simTag;

    CellFreeComparison comparison;
    cmd.RefuseIf(collect ? comparison.OpenCampaign(options.outputDir) : comparison.Open(options));
    if (!collect)
    {
        int interrupt = 0;
        cmd.RefuseIf(comparison.Run(jobs, std::cerr, interrupt));
        EndIfInterrupted(interrupt);
    }
    cmd.RefuseIf(comparison.WriteResults());
    comparison.PrintTables(std::cout);
    if (database && CellFreeTraceDatabase::IsAvailable())
    {
        cmd.RefuseIf(comparison.WriteDatabase(std::cerr));
    }
    if (plots)
    {
        const auto problem = cellfree::RunPythonTool("plot.py", {options.outputDir});
        if (!problem.empty())
        {
            std::cerr << "cellfree-isac-compare: " << problem << std::endl;
        }
    }
    std::cout << "\nResults: comparison.tsv, drops.tsv, users.tsv, costs.tsv in "
              << options.outputDir << "; the traces of each run in its runs/" << std::endl;
    return 0;
}
