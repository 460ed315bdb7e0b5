// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-batch-solver.h"

#include "ns3/cell-free-jsc-policy.h"
#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/double.h"

#include <cmath>
#include <condition_variable>
#include <deque>
#include <sstream>
#include <thread>

namespace ns3
{

namespace
{

/// Link gains above this (normalised to power and noise) overflow when squared twice.
constexpr double MAX_SNR = 1e60;

/// One line on its way through the threads.
struct Task
{
    uint64_t number{0};     //!< line number, from 1
    std::string text;       //!< the problem
    std::string answer;     //!< the answer line
    std::string error;      //!< why there is no answer
    bool infeasible{false}; //!< whether the least SINR cannot be met
    bool isProblem{false};  //!< whether the line is a problem
    bool done{false};       //!< whether a worker has finished it
};

/// Names the first link whose SNR is beyond what double precision can square.
std::string
FindOverflow(const IsacProblem& problem)
{
    const auto n = problem.nAntennas;
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        const auto at = '[' + std::to_string(m) + "][";
        for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
        {
            const auto link = problem.h.col(u).segment(m * n, n);
            if (!(problem.power(m) / problem.noise(u) * link.squaredNorm() <= MAX_SNR))
            {
                return "h" + at + std::to_string(u) +
                       "] is too strong: expected power ||h||^2 / noise <= 1e60";
            }
        }
        for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
        {
            const auto gain = problem.a.col(t).segment(m * n, n).squaredNorm();
            if (!(gain <= MAX_SNR &&
                  problem.power(m) / problem.sensingNoise * problem.omega(m, t) * gain <= MAX_SNR))
            {
                return "a" + at + std::to_string(t) +
                       "] is too strong: expected power omega ||a||^2 / sensingNoise <= 1e60";
            }
        }
    }
    return {};
}

} // namespace

namespace
{

/// A number in as few digits as it takes.
std::string
ToText(double value)
{
    std::ostringstream text;
    text << value;
    return text.str();
}

/// Reads a line without taking more memory than a problem may have. @return false at the end
bool
ReadLine(std::istream& in, std::string& text)
{
    text.clear();
    auto* buffer = in.rdbuf();
    for (int c = buffer->sbumpc();; c = buffer->sbumpc())
    {
        if (c == std::char_traits<char>::eof())
        {
            in.setstate(std::ios::eofbit);
            return !text.empty();
        }
        if (c == '\n')
        {
            return true;
        }
        if (text.size() <= IsacProblemLine::MAX_LENGTH)
        {
            text += static_cast<char>(c); // one byte too many tells that the line is too long
        }
    }
}

} // namespace

std::string
CellFreeBatchSolver::Configure(const Options& options)
{
    m_options = options;
    m_workers.clear();
    if (options.jobs < 1)
    {
        return "jobs = 0: expected at least 1";
    }
    if (!(options.sensingWeight >= 0 && options.sensingWeight <= IsacProblem::MAX_WEIGHT))
    {
        return "sensingWeight = " + ToText(options.sensingWeight) +
               ": expected a number from 0 to 1e12";
    }
    m_workers.resize(options.jobs);
    for (auto& worker : m_workers)
    {
        std::string error;
        worker.policy = CreateBeamformingPolicy(options.policy, error);
        if (!worker.policy)
        {
            return error;
        }
        if (options.commPowerRatio &&
            !worker.policy->SetAttributeFailSafe("CommPowerRatio",
                                                 DoubleValue(*options.commPowerRatio)))
        {
            return "commPowerRatio = " + ToText(*options.commPowerRatio) +
                   ": expected a policy that splits power (ns-rzf, split) and a number in [0, 1]";
        }
        if (options.minSinr &&
            !worker.policy->SetAttributeFailSafe("MinSinr", DoubleValue(*options.minSinr)))
        {
            return "minSinr = " + ToText(*options.minSinr) +
                   ": expected a policy with a least SINR (jsc) and a number from 0 to 1e12";
        }
        if (auto misfit = worker.policy->FindError(); !misfit.empty())
        {
            return misfit;
        }
        DoubleValue minSinr;
        worker.hasMinSinr = worker.policy->GetAttributeFailSafe("MinSinr", minSinr);
        worker.minSinr = minSinr.Get();
    }
    m_options.minSinr = m_workers.front().minSinr;
    return {};
}

std::string
CellFreeBatchSolver::SetMinSinr(Worker& worker, double value)
{
    if (value == worker.minSinr)
    {
        return {};
    }
    std::lock_guard lock(m_attributeMutex);
    if (!worker.policy->SetAttributeFailSafe("MinSinr", DoubleValue(value)))
    {
        return "minSinr = " + ToText(value) + ": expected a number from 0 to 1e12";
    }
    worker.minSinr = value;
    return {};
}

std::string
CellFreeBatchSolver::Solve(Worker& worker,
                           const std::string& text,
                           std::string& answerLine,
                           bool& isProblem)
{
    auto& problem = worker.line.problem;
    auto& answer = worker.answer;
    answer.feasible.reset();
    auto error = cellfree::ReadProblemLine(text, worker.line);
    error = error.empty() ? FindOverflow(problem) : error;
    isProblem = error.empty();
    if (!isProblem)
    {
        return error;
    }
    if (!worker.line.hasSensingWeight)
    {
        problem.sensingWeight.setConstant(m_options.sensingWeight);
    }
    worker.errorVariance = problem.errorVariance;
    if (m_options.ignoreErrors)
    {
        problem.errorVariance.resize(0, 0);
    }
    if (worker.hasMinSinr)
    {
        error = SetMinSinr(worker, worker.line.minSinr.value_or(*m_options.minSinr));
        if (!error.empty())
        {
            return error;
        }
    }
    const auto cost = worker.policy->ComputeBeams(problem, answer.beams);
    if (!cost.error.empty())
    {
        return cost.error;
    }
    answer.trueRate.setZero(worker.line.hTrue.empty() ? 0 : problem.GetNUes());
    if (!worker.line.hTrue.empty())
    {
        worker.truth = problem;
        for (const auto& channel : worker.line.hTrue)
        {
            worker.truth.h = channel;
            answer.metrics.Evaluate(worker.truth, answer.beams);
            answer.trueRate += answer.metrics.GetRate() / worker.line.hTrue.size();
        }
    }
    answer.expectedRate.resize(0);
    if (worker.errorVariance.size() > 0)
    {
        problem.errorVariance = worker.errorVariance;
        worker.expected.Evaluate(problem, answer.beams);
        answer.expectedRate = worker.expected.GetRate();
    }
    answer.metrics.Evaluate(problem, answer.beams);
    answer.objective = answer.metrics.GetObjective();
    if (!std::isfinite(answer.objective) || !answer.metrics.GetSinr().allFinite() ||
        !answer.metrics.GetSensingSnr().allFinite() || !answer.trueRate.allFinite() ||
        !answer.expectedRate.allFinite())
    {
        return "the numbers of this problem are too large: what its beams reach is not finite";
    }
    answer.iterations = cost.iterations;
    answer.seconds = cost.seconds;
    if (const auto* jsc = dynamic_cast<const CellFreeJscPolicy*>(PeekPointer(worker.policy)))
    {
        answer.feasible = jsc->IsFeasible();
    }
    answerLine = cellfree::WriteAnswerLine(answer);
    return {};
}

std::string
CellFreeBatchSolver::Run(std::istream& in, std::ostream& out, Summary& summary)
{
    summary = {};
    std::mutex mutex;
    std::condition_variable workersWake;
    std::condition_variable readerWakes;
    std::deque<Task> tasks; // in input order; a deque keeps references when its ends change
    std::size_t taken = 0;  // tasks at the front that a worker has, or has finished
    bool stopping = false;
    bool ended = false;
    std::string failure;
    const std::size_t capacity = 4 * m_workers.size();

    // Writes what is finished at the front. Called with the mutex held, so that order is kept.
    auto writeFinished = [&]() {
        bool wrote = false;
        while (!stopping && !tasks.empty() && tasks.front().done)
        {
            auto& task = tasks.front();
            if (!task.isProblem && !m_options.keepGoing)
            {
                failure = "line " + std::to_string(task.number) + ": " + task.error;
                stopping = true;
                break;
            }
            if (task.error.empty())
            {
                ++summary.solved;
                summary.infeasible += task.infeasible;
                out << task.answer << '\n';
            }
            else
            {
                ++summary.failed;
                out << cellfree::WriteErrorLine("line " + std::to_string(task.number) + ": " +
                                                task.error)
                    << '\n';
            }
            wrote = true;
            if (!out)
            {
                failure = "cannot write the answer to line " + std::to_string(task.number);
                stopping = true;
            }
            tasks.pop_front();
            --taken;
        }
        if (wrote && tasks.empty())
        {
            out.flush(); // the other end of a pipe may be waiting
        }
    };

    auto work = [&](Worker& worker) {
        std::unique_lock lock(mutex);
        while (true)
        {
            workersWake.wait(lock, [&] { return stopping || taken < tasks.size() || ended; });
            if (stopping || taken == tasks.size())
            {
                return;
            }
            auto& task = tasks[taken++];
            lock.unlock();
            task.error = Solve(worker, task.text, task.answer, task.isProblem);
            task.infeasible = !worker.answer.feasible.value_or(true);
            lock.lock();
            task.done = true;
            writeFinished();
            readerWakes.notify_one();
            if (stopping)
            {
                workersWake.notify_all();
            }
        }
    };

    std::vector<std::thread> threads;
    for (auto& worker : m_workers)
    {
        threads.emplace_back(work, std::ref(worker));
    }
    std::string text;
    for (uint64_t number = 1; ReadLine(in, text); ++number)
    {
        if (text.find_first_not_of(" \t\r") == std::string::npos)
        {
            continue;
        }
        std::unique_lock lock(mutex);
        readerWakes.wait(lock, [&] { return stopping || tasks.size() < capacity; });
        if (stopping)
        {
            break;
        }
        Task task;
        task.number = number;
        task.text = std::move(text);
        tasks.push_back(std::move(task));
        workersWake.notify_one();
    }
    {
        std::lock_guard lock(mutex);
        ended = true;
        workersWake.notify_all();
    }
    for (auto& thread : threads)
    {
        thread.join();
    }
    if (failure.empty() && in.bad())
    {
        failure = "the input cannot be read to its end";
    }
    if (failure.empty() && !out.flush())
    {
        failure = "the output cannot be written";
    }
    return failure;
}

} // namespace ns3
