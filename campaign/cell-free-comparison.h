// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_COMPARISON_H
#define CELL_FREE_COMPARISON_H

#include "cell-free-process-pool.h"
#include "cell-free-run-metrics.h"

#include "ns3/cell-free-run-statistics.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief The same drops under several policies: runs a scenario program once for each case and
 * drop, keeps what has finished, and says what the differences are.
 *
 * A case is a policy with a sensing weight, or alone if it takes none. Of a policy that only the
 * program knows, the first drop runs first, and its configuration.json says which. All cases of a
 * drop run with the same RngSeed and RngRun, so that differences are paired. Each run is a child
 * process that writes into runs/CASE/drop-RUN.part, renamed when it has ended well; every result is
 * computed from those folders, so that an interrupted comparison ends in the same bytes as another.
 * Functions that can fail return an empty string, or one line that says what is wrong.
 */
class CellFreeComparison
{
  public:
    /// What is compared.
    struct Options
    {
        std::vector<std::string> policies;  //!< names for --policy of the program
        std::vector<double> sensingWeights; //!< for the policies that take one, >= 0
        uint32_t drops{1};                  //!< repetitions, at least 1
        uint32_t seed{1};                   //!< RngSeed of all runs
        uint64_t firstRun{1};               //!< RngRun of the first drop; the next adds one
        std::string program; //!< scenario program; empty for cellfree-isac-example beside this one
        std::vector<std::string> programArguments; //!< more arguments for it
        std::string outputDir;                     //!< where everything goes, created if missing
    };

    CellFreeComparison();
    ~CellFreeComparison();
    CellFreeComparison(const CellFreeComparison&) = delete;
    CellFreeComparison& operator=(const CellFreeComparison&) = delete;

    /**
     * @brief Check the options, take the output directory for this process alone, and check that
     * what lies in it belongs to the same comparison, which may have fewer drops.
     * @param options what to compare
     * @return see the class
     */
    std::string Open(const Options& options);

    /**
     * @brief Take the cases and runs of a campaign (tools/campaign.py) instead of running any.
     * Runs that failed may be missing.
     * @param folder its output directory, with compare.json
     * @return see the class
     */
    std::string OpenCampaign(const std::string& folder);

    /**
     * @brief Run what has not finished yet.
     * @param nJobs runs at a time, at least 1
     * @param progress gets a line per finished run with the time left
     * @param[out] interrupt the signal that interrupted it, or 0
     * @return see the class; an interrupt is no error
     */
    std::string Run(std::size_t nJobs, std::ostream& progress, int& interrupt);

    /**
     * @brief Compute the results of all runs and write drops.tsv, users.tsv, comparison.tsv and
     * costs.tsv.
     * @return see the class
     */
    std::string WriteResults();

    /**
     * @brief Print means, paired differences and decision times.
     * @param stream where to
     */
    void PrintTables(std::ostream& stream) const;

    /**
     * @brief Write traces.sqlite with the traces of all runs, unless it has them already; of a
     * campaign what its compare.json calls "database", anew, where SimTag is the case.
     * @param progress gets a line
     * @return see the class
     */
    std::string WriteDatabase(std::ostream& progress) const;

  private:
    /// A policy with a sensing weight.
    struct Case
    {
        std::string name;     //!< name of its folder
        std::string policy;   //!< policy
        double sensingWeight; //!< NaN if the policy takes none
        double argument;      //!< weight that the program is given; NaN for none
        bool isOpen{false};   //!< true if a run is to say whether the policy takes a weight
    };

    /// A case of a drop.
    struct Task
    {
        std::size_t index; //!< of the case
        uint64_t run;      //!< RngRun
    };

    /// Makes the cases of the policies and weights. @return see the class
    std::string MakeCases();
    /// Decides the open cases by what their first runs say. @return see the class
    std::string DecideCases();
    /// Checks that no two cases have the same name. @return see the class
    std::string FindDoubleCase() const;
    /// Checks the program and its arguments. @return see the class
    std::string CheckProgram();
    /// Creates and locks the output directory. @return see the class
    std::string LockDirectory();
    /// Compares with, or writes, compare.json. @return see the class
    std::string CheckConfiguration() const;

    /**
     * @brief Runs what has not finished yet of some tasks.
     * @param all the tasks
     * @param nJobs see Run()
     * @param progress see Run()
     * @param[out] interrupt see Run()
     * @return see the class
     */
    std::string RunTasks(const std::vector<Task>& all,
                         std::size_t nJobs,
                         std::ostream& progress,
                         int& interrupt);

    /// @return false for a run of a campaign that failed. @param task the run
    bool HasRun(const Task& task) const;
    /// @return the folder of a finished run. @param task the run
    std::string GetFolder(const Task& task) const;
    /// @return all runs: drop by drop, and cases in their order
    std::vector<Task> GetTasks() const;
    /// @return the child process of a run. @param task the run
    CellFreeProcessPool::Job MakeJob(const Task& task) const;

    /**
     * @brief Checks and renames what a run has left.
     * @param task the run
     * @param outcome how it ended
     * @return see the class
     */
    std::string Finish(const Task& task, const CellFreeProcessPool::Outcome& outcome) const;

    /// @return indices of the metrics that are shown: all but optional ones that no run has
    std::vector<std::size_t> GetShownMetrics() const;

    /// @return one value per drop. @param c index of the case @param metric index of the metric
    std::vector<double> GetValues(std::size_t c, std::size_t metric) const;

    /// @return mean and interval. @param c index of the case @param metric index of the metric
    cellfree::ConfidenceInterval GetMean(std::size_t c, std::size_t metric) const;

    /// @return paired difference to case 0. @param c index of the case @param metric of the metric
    cellfree::ConfidenceInterval GetDifference(std::size_t c, std::size_t metric) const;

    /// @return the width of the column of the cases' names
    std::size_t GetNameWidth() const;

    /**
     * @brief Prints one table with a row per case, in parts that fit a line.
     * @param stream where to
     * @param isDifference false for means, true for paired differences to the first case
     */
    void PrintTable(std::ostream& stream, bool isDifference) const;

    Options m_options;                       //!< what is compared
    std::vector<Case> m_cases;               //!< in the order of the results
    bool m_isOwnProgram{false};              //!< it knows the policies that this does
    bool m_isCampaign{false};                //!< another program has run the runs
    std::string m_database{"traces.sqlite"}; //!< name of the database
    int m_lock{-1};                          //!< descriptor of the lock file
    std::vector<std::vector<CellFreeRunMetrics>> m_results; //!< per case and drop
};

} // namespace ns3

#endif // CELL_FREE_COMPARISON_H
