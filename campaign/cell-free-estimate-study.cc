// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-estimate-study.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/isac-expected-rate.h"
#include "ns3/string.h"

#include <Eigen/Core>
#include <atomic>
#include <cmath>
#include <mutex>
#include <thread>

namespace ns3
{

namespace
{

constexpr double HALF_WIDTH = 1.96; //!< standard errors of a 95 % confidence interval

/// A policy with its settings.
struct Kind
{
    const char* method;    //!< what it is called
    const char* policy;    //!< as the catalogue calls it
    bool isPerfect;        //!< whether it sees the true channels
    bool ignoresErrors;    //!< whether it takes estimates for them
    const char* objective; //!< its attribute Objective; null if it has none
};

constexpr Kind KINDS[] = {
    {"perfect", "joint", true, false, nullptr},
    {"believing", "joint", false, true, nullptr},
    {"promised", "robust", false, false, "promised"},
    {"robust", "robust", false, false, "expected"},
    {"gnn", "gnn", false, false, nullptr},
    {"gnn-believing", "gnn", false, true, nullptr},
    {"rzf", "rzf", false, false, nullptr},
};
constexpr Eigen::Index N_KINDS = std::size(KINDS);
constexpr Eigen::Index ROBUST = 3; //!< the one that shares are of

/// A problem as it is believed, and as it is.
struct Draw
{
    IsacProblem believed; //!< with estimates
    IsacProblem truth;    //!< with channels
};

/// The policies of one thread.
class Worker
{
  public:
    /// Makes the policies. @return an empty string, or what is wrong
    std::string Configure()
    {
        for (const auto& kind : KINDS)
        {
            std::string error;
            auto policy = CreateBeamformingPolicy(kind.policy, error);
            if (!policy)
            {
                return error;
            }
            policy->SetAttribute("IgnoreErrors", BooleanValue(kind.ignoresErrors));
            if (kind.objective)
            {
                policy->SetAttribute("Objective", StringValue(kind.objective));
            }
            if (error = policy->FindError(); !error.empty())
            {
                return error;
            }
            m_policies.push_back(policy);
        }
        return {};
    }

    /**
     * @brief Lets all policies answer a draw.
     * @param draw the draw
     * @param[out] rates their mean true sum rates (bit/s/Hz)
     * @return an empty string, or what is wrong
     */
    std::string Score(const Draw& draw, Eigen::Ref<Eigen::VectorXd> rates)
    {
        for (Eigen::Index k = 0; k < N_KINDS; ++k)
        {
            const auto& problem = KINDS[k].isPerfect ? draw.truth : draw.believed;
            const auto cost = m_policies[k]->ComputeBeams(problem, m_beams);
            if (!cost.error.empty())
            {
                return std::string(KINDS[k].method) + ": " + cost.error;
            }
            m_rate.Evaluate(problem, m_beams);
            rates(k) = m_rate.GetSumRate();
        }
        return {};
    }

  private:
    std::vector<Ptr<CellFreeBeamformingPolicy>> m_policies; //!< by kind
    IsacBeams m_beams;                                      //!< of the latest
    IsacExpectedRate m_rate;                                //!< what they reach
};

/**
 * @brief Lets threads score draws.
 * @param workers one a thread
 * @param draws the draws
 * @param[out] rates kinds x draws
 * @return an empty string, or what is wrong
 */
std::string
ScoreAll(std::vector<Worker>& workers, const std::vector<Draw>& draws, Eigen::MatrixXd& rates)
{
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::string failure;
    const auto work = [&](Worker& worker) {
        for (std::size_t i = next++; i < draws.size(); i = next++)
        {
            if (const auto error = worker.Score(draws[i], rates.col(i)); !error.empty())
            {
                const std::lock_guard lock(mutex);
                failure = error;
                return;
            }
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t t = 1; t < workers.size(); ++t)
    {
        threads.emplace_back(work, std::ref(workers[t]));
    }
    work(workers[0]);
    for (auto& thread : threads)
    {
        thread.join();
    }
    return failure;
}

/// Means, shares and their intervals. @param rates kinds x draws
std::vector<CellFreeEstimateFigure>
Summarise(const Eigen::MatrixXd& rates)
{
    const auto n = static_cast<double>(rates.cols());
    const auto getHalfWidth = [n](const Eigen::RowVectorXd& values) {
        const double variance = (values.array() - values.mean()).square().sum() / (n - 1.0);
        return HALF_WIDTH * std::sqrt(variance / n);
    };
    const double reference = rates.row(ROBUST).mean();
    std::vector<CellFreeEstimateFigure> figures;
    for (Eigen::Index k = 0; k < N_KINDS; ++k)
    {
        CellFreeEstimateFigure figure;
        figure.method = KINDS[k].method;
        figure.sumRate = rates.row(k).mean();
        figure.sumRateHalfWidth = getHalfWidth(rates.row(k));
        figure.share = figure.sumRate / reference;
        // Of a ratio of means, to first order.
        figure.shareHalfWidth =
            getHalfWidth(rates.row(k) - figure.share * rates.row(ROBUST)) / reference;
        figures.push_back(figure);
    }
    return figures;
}

} // namespace

std::string
cellfree::MeasureEstimates(
    const CellFreeEstimateStudy& study,
    const std::function<void(std::size_t point, const std::vector<CellFreeEstimateFigure>&)>&
        onPoint)
{
    if (study.draws < 2 || study.jobs < 1)
    {
        return "draws = " + std::to_string(study.draws) + ", jobs = " + std::to_string(study.jobs) +
               ": expected at least 2 and 1";
    }
    for (const auto& scenario : study.points)
    {
        if (scenario.fading != CellFreeScenario::RAYLEIGH || scenario.pilotLength == 0)
        {
            return "a point without Rayleigh fading or without pilots: expected both, so that "
                   "scores are exact";
        }
    }
    std::vector<Worker> workers(study.jobs);
    for (auto& worker : workers)
    {
        if (const auto error = worker.Configure(); !error.empty())
        {
            return error;
        }
    }
    std::vector<Draw> draws(study.draws);
    Eigen::MatrixXd rates(N_KINDS, study.draws);
    IsacProblem problem;
    IsacProblem truth;
    for (std::size_t point = 0; point < study.points.size(); ++point)
    {
        for (uint32_t i = 0; i < study.draws; ++i)
        {
            DrawScenarioProblem(study.points[point], study.firstNumber + i, problem, &truth);
            problem.sensingWeight.setConstant(study.sensingWeight);
            truth.sensingWeight.setConstant(study.sensingWeight);
            truth.serving = problem.serving;
            Normalise(problem, draws[i].believed);
            Normalise(truth, draws[i].truth);
        }
        if (const auto error = ScoreAll(workers, draws, rates); !error.empty())
        {
            return error;
        }
        onPoint(point, Summarise(rates));
    }
    return {};
}

} // namespace ns3
