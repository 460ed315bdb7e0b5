// SPDX-License-Identifier: GPL-2.0-only

/*
 * What a database of many rows costs: runs of made-up UE traces are added to one, and the time,
 * the rows per second, the largest memory of the process and the size of the file are printed.
 * The file stays, for queries.
 */

#include "ns3/cell-free-trace-database.h"
#include "ns3/command-line.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sys/resource.h>

using namespace ns3;

namespace
{

/**
 * @brief Writes a run of made-up blocks, as many as asked for, and of dwells, one per 64 blocks.
 * @param folder where to
 * @param run its number
 * @param nRows rows of UeTrace
 */
void
WriteRun(const std::string& folder, uint32_t run, uint64_t nRows)
{
    std::filesystem::create_directories(folder);
    // Two policies on the same drops.
    std::ofstream(folder + "/configuration.json")
        << "{\"seed\": 1, \"run\": " << run / 2 + 1 << ", \"simTag\": \"\", \"policy\": \"ns3::"
        << (run % 2 ? "CellFreeGnnPolicy\", \"sensingWeight\": 1.0"
                    : "CellFreeRzfPolicy\", \"sensingWeight\": null")
        << ", \"version\": \"-\", \"ns3\": \"-\", \"command\": \"-\", \"attributes\": {}}\n";
    std::mt19937 generator(run + 1);
    std::uniform_real_distribution<double> uniform;
    std::normal_distribution<double> normal(15.0, 6.0);
    std::ofstream ue(folder + "/UeTrace.tsv");
    ue << "time_s\tslot\tdirection\tueId\tnServingAps\tbelievedSinr_dB\tsinr_dB\trate_bpsPerHz\t"
          "mcs\tblockSize_B\ttransmission\tdecoded\tqueue_B\n";
    std::ofstream dwells(folder + "/SensingTrace.tsv");
    dwells << "start_s\ttime_s\ttargetId\tcombinedSnr_dB\tdetected\n";
    std::ofstream flows(folder + "/FlowTrace.tsv");
    flows << "flowId\tueId\tdirection\tacknowledges\tthroughput_bps\n";
    char row[256];
    for (uint64_t i = 0; i < nRows; ++i)
    {
        // 8 blocks a slot, and every fourth slot one of the uplink.
        const uint64_t slot = i / 8;
        const double sinr = normal(generator);
        std::snprintf(row,
                      sizeof row,
                      "%.9g\t%llu\t%s\t%d\t8\t%.9g\t%.9g\t%.9g\t%d\t%d\t1\t%d\t%d\n",
                      slot * 5e-4,
                      static_cast<unsigned long long>(slot),
                      slot % 4 == 3 ? "UL" : "DL",
                      static_cast<int>(400 + i % 20),
                      sinr + uniform(generator),
                      sinr,
                      std::abs(sinr) / 3.0,
                      static_cast<int>(std::min(27.0, std::abs(sinr))),
                      static_cast<int>(std::abs(sinr) * 300.0),
                      uniform(generator) < 0.9,
                      static_cast<int>(1e5 * uniform(generator)));
        ue << row;
        if (i % 64 == 0)
        {
            const double start = slot / 20 * 0.01;
            dwells << start << '\t' << start + 0.01 << '\t' << 500 + i / 64 % 4 << '\t' << sinr
                   << '\t' << (uniform(generator) < 0.8) << '\n';
        }
    }
    for (int i = 0; i < 20; ++i)
    {
        flows << i + 1 << '\t' << 400 + i << "\tDL\t0\t" << 1e7 * uniform(generator) << '\n';
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    uint32_t nRuns = 20;
    uint64_t nRows = 500000;
    std::string folder = "database-bench";
    CommandLine cmd(__FILE__);
    cmd.AddValue("runs", "number of runs", nRuns);
    cmd.AddValue("rows", "rows of UeTrace in each", nRows);
    cmd.AddValue("folder", "where files are written", folder);
    cmd.Parse(argc, argv);

    std::filesystem::create_directories(folder);
    const auto path = folder + "/traces.sqlite";
    std::filesystem::remove(path);
    CellFreeTraceDatabase database;
    auto error = database.Open(path);
    double seconds = 0.0;
    double processor = 0.0;
    for (uint32_t run = 0; run < nRuns && error.empty(); ++run)
    {
        const auto runFolder = folder + "/run";
        WriteRun(runFolder, run, nRows);
        const auto start = std::chrono::steady_clock::now();
        const auto startClock = std::clock();
        error = database.AddRun(runFolder);
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        processor += static_cast<double>(std::clock() - startClock) / CLOCKS_PER_SEC;
        std::filesystem::remove_all(runFolder);
    }
    if (!error.empty())
    {
        std::cerr << "cellfree-isac-database-bench: " << error << std::endl;
        return 1;
    }
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const double rows = static_cast<double>(nRuns) * (nRows + (nRows + 63) / 64 + 20);
    std::cout << "rows         " << rows << "\nseconds      " << seconds << "\nof processor "
              << processor << "\nrows/s       " << rows / seconds << "\nfile(MB)     "
              << std::filesystem::file_size(path) / 1e6 << "\nmemory(MB)   "
              << usage.ru_maxrss * 1024 / 1e6 << "\n";
    return 0;
}
