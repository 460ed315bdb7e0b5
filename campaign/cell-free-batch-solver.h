// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_BATCH_SOLVER_H
#define CELL_FREE_BATCH_SOLVER_H

#include "ns3/cell-free-beamforming-policy.h"
#include "ns3/isac-expected-rate.h"
#include "ns3/isac-problem-json.h"

#include <cstdint>
#include <istream>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Solves a stream of problems, one a line, with one policy: what cellfree-isac-solve does.
 *
 * Lines are solved by several threads and answered in input order. A few lines per thread are in
 * memory at any time, whatever the length of the stream, and an answer is written as soon as all
 * earlier ones are, so that a program at the other end of two pipes may wait for it. Blank lines
 * are skipped; line numbers count them. A problem that the policy cannot answer is answered with an
 * error line; a line that is no problem ends the run, unless options say otherwise.
 */
class CellFreeBatchSolver
{
  public:
    /// What to solve with.
    struct Options
    {
        std::string policy{"joint"};          //!< a name that CreateBeamformingPolicy() knows
        double sensingWeight{1.0};            //!< beta_t of lines without their own, 0 to 1e12
        std::optional<double> minSinr;        //!< MinSinr (linear) of lines without their own
        std::optional<double> commPowerRatio; //!< CommPowerRatio, in [0, 1]
        uint32_t jobs{1};                     //!< number of threads, at least 1
        bool keepGoing{false};                //!< answer a line that is no problem with an error
        bool ignoreErrors{false};             //!< take the channels of a line for the truth
    };

    /// What Run() did.
    struct Summary
    {
        uint64_t solved{0};     //!< problems answered with beams
        uint64_t failed{0};     //!< lines answered with an error line
        uint64_t infeasible{0}; //!< problems whose least SINR cannot be met
    };

    /**
     * @brief Creates one policy per thread: ns-3's reference counts are not atomic, so that threads
     * share no Object.
     * @param options what to solve with
     * @return an empty string, or one line that says which option is wrong
     */
    std::string Configure(const Options& options);

    /**
     * @brief Answers every line of a stream; call Configure() first.
     * @param in the problems
     * @param out the answers
     * @param[out] summary what was done
     * @return an empty string, or one line that names the line and says why the run stopped
     */
    std::string Run(std::istream& in, std::ostream& out, Summary& summary);

  private:
    /// One thread's policy and work space.
    struct Worker
    {
        Ptr<CellFreeBeamformingPolicy> policy; //!< this thread's own
        bool hasMinSinr{false};                //!< whether the policy has the attribute
        double minSinr{0.0};                   //!< the attribute's value
        IsacProblemLine line;                  //!< the problem
        IsacProblem truth;                     //!< the problem with the channels of hTrue
        Eigen::MatrixXd errorVariance;         //!< the line's, where the policy is not told
        IsacExpectedRate expected;             //!< means over the channels possible
        IsacAnswer answer;                     //!< its answer
    };

    /**
     * @brief Solves one line.
     * @param worker the calling thread's worker
     * @param text the line
     * @param[out] answer the answer line, if there is no error
     * @param[out] isProblem whether the line is a problem
     * @return an empty string, or one line that says what is wrong
     */
    std::string Solve(Worker& worker,
                      const std::string& text,
                      std::string& answer,
                      bool& isProblem);

    /**
     * @brief Sets the least SINR of one worker's policy if it changes.
     * @param worker the worker
     * @param value the new value (linear)
     * @return an empty string, or one line that says what is wrong with the value
     */
    std::string SetMinSinr(Worker& worker, double value);

    Options m_options;             //!< what to solve with
    std::vector<Worker> m_workers; //!< one per thread
    std::mutex m_attributeMutex;   //!< attribute checkers are shared by all policies
};

} // namespace ns3

#endif // CELL_FREE_BATCH_SOLVER_H
