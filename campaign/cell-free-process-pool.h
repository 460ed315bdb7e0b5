// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_PROCESS_POOL_H
#define CELL_FREE_PROCESS_POOL_H

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Runs programs as child processes, several at a time.
 *
 * Children end with the calling process: at an interrupt, and on Linux also if it is killed. A
 * child leads its own process group, so that what it started is interrupted with it.
 */
class CellFreeProcessPool
{
  public:
    /// One program to run.
    struct Job
    {
        std::vector<std::string> arguments; //!< path of the program, then its arguments
        std::string
            logPath; //!< gets what it prints, its folder is made; empty to print as the caller
    };

    /// How a program ended.
    struct Outcome
    {
        std::size_t job{0};  //!< index of the job
        std::string problem; //!< empty if it ended with exit status 0, else how it ended
        double seconds{0.0}; //!< wall time
    };

    /// What is called after each program's end; false ends the others and the run.
    typedef std::function<bool(const Outcome& outcome)> OutcomeCallback;

    /**
     * @brief Run programs in their order until all have ended.
     *
     * SIGINT, SIGTERM and SIGHUP of the calling thread end the programs that run. Call it from a
     * process with one thread.
     *
     * @param jobs the programs
     * @param nParallel how many run at a time, at least 1
     * @param onEnd called after each one's end
     * @return 0, or the signal that interrupted the run
     */
    static int Run(const std::vector<Job>& jobs,
                   std::size_t nParallel,
                   const OutcomeCallback& onEnd);
};

} // namespace ns3

#endif // CELL_FREE_PROCESS_POOL_H
