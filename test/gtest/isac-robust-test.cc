// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * Beams for estimates: IsacWmmseSolver with error variances, and RZF with them in its matrix.
 */

#include "isac-test-problems.h"

#include "ns3/isac-error-discount.h"
#include "ns3/isac-expected-log.h"
#include "ns3/isac-expected-rate.h"
#include "ns3/isac-metrics.h"
#include "ns3/isac-wmmse-solver.h"

#include <gtest/gtest.h>
#include <vector>

using namespace ns3;

namespace
{

/// Channels that an estimate leaves possible, as problems.
std::vector<IsacProblem>
DrawChannels(IsacTestProblems& draws, const IsacProblem& problem, int count)
{
    std::vector<IsacProblem> channels(count, problem);
    const auto n = problem.nAntennas;
    for (auto& channel : channels)
    {
        for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
        {
            for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
            {
                channel.h.col(u).segment(m * n, n) +=
                    std::sqrt(problem.errorVariance(m, u)) * draws.GaussianMatrix(n, 1);
            }
        }
    }
    return channels;
}

/// Mean objective of beams over channels (bit/s/Hz).
double
GetMean(const std::vector<IsacProblem>& channels, const IsacBeams& beams)
{
    IsacMetrics metrics;
    double sum = 0.0;
    for (const auto& channel : channels)
    {
        metrics.Evaluate(channel, beams);
        sum += metrics.GetObjective() / static_cast<double>(channels.size());
    }
    return sum;
}

/// Mean objective over all channels, by IsacExpectedLog, written out once more (bit/s/Hz).
double
GetExact(const IsacProblem& problem, const IsacBeams& beams)
{
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    double bits = problem.sensingWeight.dot((1.0 + metrics.GetSensingSnr().array()).log().matrix() /
                                            std::log(2.0));
    IsacExpectedLog law;
    const auto n = problem.nAntennas;
    for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
    {
        for (bool isTotal : {true, false})
        {
            Eigen::MatrixXcd f = beams.f;
            if (!isTotal)
            {
                f.col(u).setZero();
            }
            const Eigen::VectorXcd mean = f.adjoint() * problem.h.col(u);
            Eigen::MatrixXcd scaled = f;
            for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
            {
                scaled.middleRows(m * n, n) *= problem.errorVariance(m, u);
            }
            const Eigen::MatrixXcd covariance = f.adjoint() * scaled;
            law.Evaluate(mean, covariance, false);
            bits += (isTotal ? 1.0 : -1.0) * problem.weight(u) * law.GetValue() / std::log(2.0);
        }
    }
    return bits;
}

/// Projected gradient ascent on the mean over sampled channels, from some beams.
void
AscendOnSamples(const std::vector<IsacProblem>& channels, IsacBeams& beams)
{
    const auto& first = channels.front();
    const auto nUes = first.GetNUes();
    const auto project = [&first](IsacBeams& x) {
        for (Eigen::Index m = 0; m < first.GetNAps(); ++m)
        {
            x.Ap(m) /= std::max(1.0, x.Ap(m).norm());
        }
    };
    IsacMetrics metrics;
    double value = GetMean(channels, beams);
    double step = 0.1;
    for (int i = 0; i < 250 && step > 1e-7; ++i)
    {
        Eigen::MatrixXcd gradient = Eigen::MatrixXcd::Zero(beams.f.rows(), beams.f.cols());
        for (const auto& channel : channels)
        {
            const Eigen::MatrixXcd g = channel.h.adjoint() * beams.f;
            Eigen::MatrixXcd slope = g;
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                const double total = 1.0 + g.row(u).squaredNorm();
                const double others = total - std::norm(g(u, u));
                slope.row(u) *= 1.0 / total - 1.0 / others;
                slope(u, u) = g(u, u) / total;
                slope.row(u) *= channel.weight(u);
            }
            gradient += channel.h * slope / static_cast<double>(channels.size());
        }
        metrics.Evaluate(first, beams);
        for (Eigen::Index t = 0; t < first.GetNTargets(); ++t)
        {
            for (Eigen::Index m = 0; m < first.GetNAps(); ++m)
            {
                const auto a = first.a.col(t).segment(m * first.nAntennas, first.nAntennas);
                gradient.middleRows(m * first.nAntennas, first.nAntennas) +=
                    first.sensingWeight(t) * first.omega(m, t) /
                    (1.0 + metrics.GetSensingSnr()(t)) * a * (a.adjoint() * beams.Ap(m));
            }
        }
        auto next = beams;
        for (step *= 2; step > 1e-7; step /= 2)
        {
            next.f = beams.f + step * gradient;
            project(next);
            const double reached = GetMean(channels, next);
            if (reached > value)
            {
                value = reached;
                beams = next;
                break;
            }
        }
    }
}

/**
 * A normalised problem of the path-loss scenario whose channels are LMMSE estimates from pilots of
 * half an AP's power ("Foundations of User-Centric Cell-Free Massive MIMO", section 4.2), UE u
 * having pilot u modulo their number. A link's gain is taken to be what was drawn for it.
 */
IsacProblem
DrawEstimate(IsacTestProblems& draws,
             Eigen::Index nAps,
             Eigen::Index nUes,
             Eigen::Index n,
             Eigen::Index nPilots,
             double beta)
{
    IsacProblem problem;
    cellfree::Normalise(draws.PathLoss(nAps, nUes, 1, n), problem);
    problem.sensingWeight.setConstant(beta);
    problem.errorVariance.resize(nAps, nUes);
    const auto channel = problem.h;
    const double energy = 0.5 * static_cast<double>(nPilots);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        Eigen::MatrixXcd heard = draws.GaussianMatrix(n, nPilots);
        Eigen::VectorXd power = Eigen::VectorXd::Ones(nPilots);
        const auto h = channel.middleRows(m * n, n);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            heard.col(u % nPilots) += std::sqrt(energy) * h.col(u);
            power(u % nPilots) += energy * h.col(u).squaredNorm() / static_cast<double>(n);
        }
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const double gain = h.col(u).squaredNorm() / static_cast<double>(n);
            const double weight = std::sqrt(energy) * gain / power(u % nPilots);
            problem.h.col(u).segment(m * n, n) = weight * heard.col(u % nPilots);
            problem.errorVariance(m, u) = gain * (1.0 - std::sqrt(energy) * weight);
        }
    }
    return problem;
}

/// Beams of the solver.
IsacBeams
Solve(const IsacProblem& problem, WmmseErrors errors)
{
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options options;
    options.errors = errors;
    IsacBeams beams;
    solver.Solve(problem, options, beams);
    return beams;
}

} // namespace

TEST(IsacRobust, WithoutErrorsItIsTheJointSolver)
{
    IsacTestProblems draws(41);
    IsacProblem problem;
    cellfree::Normalise(draws.PathLoss(6, 4, 1, 4), problem);
    const auto joint = Solve(problem, WMMSE_IGNORE);
    EXPECT_EQ(Solve(problem, WMMSE_EXPECTED).f, joint.f);
    EXPECT_EQ(Solve(problem, WMMSE_PROMISED).f, joint.f);
    // Errors of zero take the other way and meet the same optimum.
    problem.errorVariance.setZero(6, 4);
    const double best = GetExact(problem, joint);
    EXPECT_NEAR(GetExact(problem, Solve(problem, WMMSE_EXPECTED)) / best, 1.0, 1e-3);
    EXPECT_NEAR(GetExact(problem, Solve(problem, WMMSE_PROMISED)) / best, 1.0, 1e-3);
}

TEST(IsacRobust, ExpectedRateIsTheMeanOverTheChannels)
{
    IsacTestProblems draws(40);
    auto problem = DrawEstimate(draws, 6, 4, 4, 2, 2.0);
    problem.weight << 1.0, 0.0, 2.0, 0.5;
    const auto beams = Solve(problem, WMMSE_EXPECTED);
    IsacExpectedRate rate;
    rate.Evaluate(problem, beams);
    EXPECT_NEAR(rate.GetObjective() / GetExact(problem, beams), 1.0, 1e-9);
    // And of 4000 sampled channels, within four standard errors.
    IsacMetrics metrics;
    auto channel = problem;
    channel.errorVariance.resize(0, 0);
    constexpr int COUNT = 4000;
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(4);
    Eigen::ArrayXd squares = Eigen::ArrayXd::Zero(4);
    for (int i = 0; i < COUNT; ++i)
    {
        const auto noise = draws.GaussianMatrix(24, 4);
        for (Eigen::Index m = 0; m < 6; ++m)
        {
            channel.h.middleRows(4 * m, 4) =
                problem.h.middleRows(4 * m, 4) +
                noise.middleRows(4 * m, 4) * problem.errorVariance.row(m).cwiseSqrt().asDiagonal();
        }
        metrics.Evaluate(channel, beams);
        sum += metrics.GetRate().array();
        squares += metrics.GetRate().array().square();
    }
    const Eigen::ArrayXd mean = sum / COUNT;
    const Eigen::ArrayXd error = ((squares / COUNT - mean.square()) / COUNT).sqrt();
    EXPECT_TRUE(((rate.GetRate().array() - mean).abs() <= 4 * error).all())
        << rate.GetRate().transpose() << " and " << mean.transpose();
    // A problem in watts has the rates of its normalised one.
    auto scaled = problem;
    scaled.h *= 1e-5;
    scaled.errorVariance *= 1e-10;
    scaled.noise *= 1e-10;
    rate.Evaluate(scaled, beams);
    EXPECT_NEAR(rate.GetObjective() / GetExact(problem, beams), 1.0, 1e-9);
}

TEST(IsacRobust, OneUeAloneGetsAllPower)
{
    // One stream and one antenna: R = E ln(1 + p |h|^2), largest at full power.
    IsacProblem problem;
    problem.Resize(1, 1, 0, 1);
    problem.h(0, 0) = {1.0, -2.0};
    problem.errorVariance.setConstant(1, 1, 0.5);
    for (auto errors : {WMMSE_EXPECTED, WMMSE_PROMISED})
    {
        EXPECT_NEAR(Solve(problem, errors).f.norm(), 1.0, 1e-6);
    }
}

TEST(IsacRobust, EveryIterationAscendsWithinTheLimits)
{
    IsacTestProblems draws(42);
    for (auto errors : {WMMSE_EXPECTED, WMMSE_PROMISED})
    {
        auto problem = DrawEstimate(draws, 6, 4, 4, 2, 2.0);
        problem.serving.setConstant(6, 4, true);
        problem.serving(1, 2) = false;
        IsacWmmseSolver solver;
        IsacBeams beams;
        IsacRzfSolver().Solve(problem, RZF_COMMON, beams, true);
        solver.Begin(problem, true, errors);
        solver.SetBeams(beams);
        double before = solver.GetObjective();
        for (int i = 0; i < 30; ++i)
        {
            const double after = solver.Iterate();
            EXPECT_GE(after, before);
            before = after;
        }
        solver.GetBeams(problem, beams);
        EXPECT_LE(beams.Ap(0).norm(), 1.0 + 1e-9);
        EXPECT_EQ(beams.Ap(1).col(2).norm(), 0.0);
        if (errors == WMMSE_EXPECTED)
        {
            EXPECT_NEAR(GetExact(problem, beams) / before, 1.0, 1e-9);
        }
    }
}

TEST(IsacRobust, DirectAscentOnManySamplesFindsTheSame)
{
    IsacTestProblems draws(43);
    for (double beta : {0.0, 2.0})
    {
        IsacProblem problem;
        cellfree::Normalise(draws.Paper(3, 2, 1, 2), problem);
        problem.sensingWeight.setConstant(beta);
        problem.errorVariance = 0.4 * Eigen::MatrixXd::NullaryExpr(3, 2, [&draws]() {
                                    return draws.Uniform(0.1, 3.0);
                                });
        const auto robust = Solve(problem, WMMSE_EXPECTED);
        const auto channels = DrawChannels(draws, problem, 1500);
        // Some starts end at a stationary point that leaves a UE out: the best of three counts.
        IsacBeams best;
        double reached = 0.0;
        for (int start = 0; start < 3; ++start)
        {
            IsacBeams beams;
            beams.Resize(problem);
            beams.f = 0.3 * draws.GaussianMatrix(6, 3);
            AscendOnSamples(channels, beams);
            const double value = GetMean(channels, beams);
            if (value > reached)
            {
                reached = value;
                best = beams;
            }
        }
        EXPECT_NEAR(GetExact(problem, robust) / GetExact(problem, best), 1.0, 3e-3);
        // On the samples that it ascended on, it is at least as good.
        EXPECT_GT(reached, 0.999 * GetMean(channels, robust));
        // Samples that nobody ascended on say the same.
        const auto others = DrawChannels(draws, problem, 4000);
        EXPECT_NEAR(GetMean(others, robust) / GetExact(problem, robust), 1.0, 0.01);
    }
}

TEST(IsacRobust, IsAboveBelievingAndRzf)
{
    IsacTestProblems draws(44);
    IsacRzfSolver rzf;
    double sums[3] = {};
    for (int i = 0; i < 6; ++i)
    {
        const auto problem = DrawEstimate(draws, 10, 6, 4, 3, 0.0);
        IsacBeams beams;
        rzf.Solve(problem, RZF_COMMON, beams, true);
        const double robust = GetExact(problem, Solve(problem, WMMSE_EXPECTED));
        EXPECT_GT(robust, GetExact(problem, Solve(problem, WMMSE_IGNORE)));
        EXPECT_GT(robust, GetExact(problem, beams));
        EXPECT_GT(robust, 0.999 * GetExact(problem, Solve(problem, WMMSE_PROMISED)));
        sums[0] += robust;
        sums[1] += GetExact(problem, Solve(problem, WMMSE_IGNORE));
        sums[2] += GetExact(problem, beams);
    }
    // Reused pilots: taking the estimate for the truth costs more than a plain MMSE beamformer.
    EXPECT_GT(sums[0], 1.01 * sums[1]);
    EXPECT_GT(sums[0], 1.01 * sums[2]);
}

TEST(IsacRobust, APromiseIsKeptAndFallsWithTheErrors)
{
    IsacTestProblems draws(45);
    auto problem = DrawEstimate(draws, 8, 4, 4, 4, 1.0);
    double before = 1e9;
    for (double scale : {0.1, 1.0, 10.0})
    {
        auto worse = problem;
        worse.errorVariance *= scale;
        IsacWmmseSolver solver;
        IsacWmmseSolver::Options options;
        options.errors = WMMSE_PROMISED;
        IsacBeams beams;
        solver.Solve(worse, options, beams);
        EXPECT_LT(solver.GetObjective(), before);
        EXPECT_LT(solver.GetObjective(), GetExact(worse, beams));
        before = solver.GetObjective();
    }
}

TEST(IsacRobust, DiscountedChannelsReachWhatIsPromisedAtFullPower)
{
    IsacTestProblems draws(47);
    const auto problem = DrawEstimate(draws, 6, 3, 4, 3, 0.0);
    auto discounted = problem;
    cellfree::DiscountErrors(discounted);
    EXPECT_EQ(discounted.errorVariance.size(), 0);
    auto beams = Solve(discounted, WMMSE_IGNORE);
    for (Eigen::Index m = 0; m < 6; ++m)
    {
        beams.Ap(m) /= beams.Ap(m).norm();
    }
    IsacMetrics metrics;
    metrics.Evaluate(discounted, beams);
    for (Eigen::Index u = 0; u < 3; ++u)
    {
        const Eigen::VectorXd power =
            (problem.h.col(u).adjoint() * beams.f).cwiseAbs2().transpose();
        const double noise = 1.0 + problem.errorVariance.col(u).sum();
        const double sinr = power(u) / (power.sum() - power(u) + noise);
        EXPECT_NEAR(metrics.GetSinr()(u) / sinr, 1.0, 1e-9);
    }
    // It is a good start on the way to more than what can be promised.
    const double believing = GetExact(problem, Solve(problem, WMMSE_IGNORE));
    EXPECT_GT(GetExact(problem, beams), 0.99 * believing);
}

TEST(IsacRobust, RzfSolvesWithTheErrorsInItsMatrix)
{
    IsacTestProblems draws(46);
    IsacProblem problem;
    cellfree::Normalise(draws.PathLoss(5, 3, 0, 4), problem);
    problem.errorVariance =
        Eigen::MatrixXd::NullaryExpr(5, 3, [&draws]() { return draws.Uniform(0.0, 100.0); });
    for (bool isMasked : {false, true})
    {
        if (isMasked)
        {
            problem.serving.setConstant(5, 3, true);
            problem.serving(2, 1) = false;
        }
        IsacBeams beams;
        IsacRzfSolver().Solve(problem, RZF_COMMON, beams, true);
        Eigen::MatrixXcd expected(20, 3);
        for (Eigen::Index u = 0; u < 3; ++u)
        {
            Eigen::MatrixXcd matrix = problem.h * problem.h.adjoint();
            Eigen::VectorXcd h = problem.h.col(u);
            for (Eigen::Index m = 0; m < 5; ++m)
            {
                matrix.diagonal().segment(4 * m, 4).array() +=
                    3.0 / 5.0 + problem.errorVariance.row(m).sum();
                if (!problem.Serves(m, u))
                {
                    matrix.middleRows(4 * m, 4).setZero();
                    matrix.middleCols(4 * m, 4).setZero();
                    matrix.diagonal().segment(4 * m, 4).setOnes();
                    h.segment(4 * m, 4).setZero();
                }
            }
            expected.col(u) = matrix.llt().solve(h);
        }
        expected *= beams.f.norm() / expected.norm();
        EXPECT_LT((beams.f - expected).norm(), 1e-9 * expected.norm());
        // Nothing changes where the errors are not asked for.
        IsacBeams ignoring;
        IsacBeams without;
        IsacRzfSolver().Solve(problem, RZF_LOADED, ignoring);
        auto believed = problem;
        believed.errorVariance.resize(0, 0);
        IsacRzfSolver().Solve(believed, RZF_LOADED, without, true);
        EXPECT_EQ(ignoring.f, without.f);
    }
}
