// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-batch-solver.h"

#include "ns3/cell-free-jsc-policy.h"
#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/double.h"

#include <cmath>
#include <condition_variable>
#include <deque>
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

std::string
CellFreeBatchSolver::Configure(const Options& options)
{
    m_options = options;
    m_workers.clear();
    if (options.jobs < 1)
    {
        return "jobs = 0: expected at least 1";
    }
    if (!std::isfinite(options.sensingWeight) || options.sensingWeight < 0)
    {
        return "sensingWeight = " + std::to_string(options.sensingWeight) +
               ": expected a finite number >= 0";
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
            return "commPowerRatio = " + std::to_string(*options.commPowerRatio) +
                   ": expected a policy that splits power (ns-rzf, split) and a number in [0, 1]";
        }
        if (options.minSinr &&
            !worker.policy->SetAttributeFailSafe("MinSinr", DoubleValue(*options.minSinr)))
        {
            return "minSinr = " + std::to_string(*options.minSinr) +
                   ": expected a policy with a least SINR (jsc) and a finite number >= 0";
        }
        DoubleValue minSinr;
        worker.hasMinSinr = worker.policy->GetAttributeFailSafe("MinSinr", minSinr);
        worker.minSinr = minSinr.Get();
    }
    m_options.minSinr = m_workers.front().minSinr;
    return {};
}

void
CellFreeBatchSolver::SetAttribute(Worker& worker, const char* name, double value, double& current)
{
    if (value != current)
    {
        std::lock_guard lock(m_attributeMutex);
        worker.policy->SetAttribute(name, DoubleValue(value));
        current = value;
    }
}

std::string
CellFreeBatchSolver::Solve(Worker& worker, const std::string& text, std::string& answerLine)
{
    auto& [problem, lineWeight, lineMinSinr] = worker.line;
    if (auto error = ReadProblemLine(text, worker.line); !error.empty())
    {
        return error;
    }
    if (auto error = FindOverflow(problem); !error.empty())
    {
        return error;
    }
    const double sensingWeight = lineWeight.value_or(m_options.sensingWeight);
    problem.sensingWeight.setConstant(sensingWeight);
    if (worker.hasMinSinr)
    {
        SetAttribute(worker, "MinSinr", lineMinSinr.value_or(*m_options.minSinr), worker.minSinr);
    }
    auto& answer = worker.answer;
    const auto cost = worker.policy->ComputeBeams(problem, answer.beams);
    if (!cost.error.empty())
    {
        return cost.error;
    }
    answer.metrics.Evaluate(problem, answer.beams);
    answer.objective = answer.metrics.GetObjective();
    answer.iterations = cost.iterations;
    answer.seconds = cost.seconds;
    answer.feasible.reset();
    if (const auto* jsc = dynamic_cast<const CellFreeJscPolicy*>(PeekPointer(worker.policy)))
    {
        answer.feasible = jsc->IsFeasible();
    }
    answerLine = WriteAnswerLine(answer);
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
            if (!task.error.empty() && !m_options.keepGoing)
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
                out << WriteErrorLine("line " + std::to_string(task.number) + ": " + task.error)
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
            task.error = Solve(worker, task.text, task.answer);
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
    for (uint64_t number = 1; std::getline(in, text); ++number)
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
