// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/cell-free-jsc-policy.h"
#include "ns3/double.h"
#include "ns3/isac-jsc-solver.h"
#include "ns3/isac-metrics.h"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace ns3;

namespace
{

/// Rayleigh channels, steering vectors of a half-wavelength array, unit powers and noises.
IsacProblem
MakeRayleigh(std::mt19937& generator,
             Eigen::Index nAps,
             Eigen::Index nUes,
             Eigen::Index nTargets,
             Eigen::Index antennas,
             double snr)
{
    std::normal_distribution<double> normal(0.0, std::sqrt(snr / 2));
    std::uniform_real_distribution<double> angle(0.0, M_PI);
    IsacProblem problem;
    problem.Resize(nAps, nUes, nTargets, antennas);
    problem.h = problem.h.unaryExpr(
        [&](auto) { return std::complex<double>(normal(generator), normal(generator)); });
    for (Eigen::Index t = 0; t < nTargets; ++t)
    {
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            const double phase = M_PI * std::cos(angle(generator));
            for (Eigen::Index n = 0; n < antennas; ++n)
            {
                problem.a(m * antennas + n, t) = std::polar(1.0, n * phase);
            }
        }
    }
    problem.omega.setConstant(1.0);
    return problem;
}

/// Two APs on a line look at 5 UEs and a target on a parallel line, line of sight, as in
/// arXiv 2301.11328: N = 16, noise 1, RCS variance 0.1, P = 1.
IsacProblem
MakeLineOfSight(std::mt19937& generator)
{
    std::uniform_real_distribution<double> place(0.0, 100.0);
    IsacProblem problem;
    problem.Resize(2, 5, 1, 16);
    for (Eigen::Index i = 0; i < 6; ++i)
    {
        const double x = place(generator);
        for (Eigen::Index m = 0; m < 2; ++m)
        {
            const double dx = x - (m == 0 ? 25.0 : 75.0);
            const double phase = M_PI * dx / std::hypot(dx, 50.0);
            for (Eigen::Index n = 0; n < 16; ++n)
            {
                auto& column = i < 5 ? problem.h : problem.a;
                column(m * 16 + n, i < 5 ? i : 0) = std::polar(1.0, n * phase);
            }
        }
    }
    problem.omega.setConstant(0.1);
    return problem;
}

/// What a solve reached, and whether its certificate holds in full dimension.
struct Outcome
{
    IsacJscSolver::Result result;
    IsacBeams beams;
    IsacMetrics metrics;
    double sensing{0.0};
    double certifiedBound{0.0};
};

/**
 * Solves, and checks everything that must hold whatever the problem: powers, masks, SINRs, and the
 * prices. By weak duality any prices with Z_s >= 0 bound the sensing SNR by sum mu - sum lambda,
 * and with A = 0 prove that the SINR cannot be met if sum lambda > sum mu; neither uses the solver.
 */
Outcome
SolveAndCheck(const IsacProblem& problem, double minSinr, IsacJscSolver& solver)
{
    Outcome outcome;
    outcome.beams.Resize(problem);
    outcome.result = solver.Solve(problem, minSinr, {}, outcome.beams);
    outcome.metrics.Evaluate(problem, outcome.beams);
    outcome.sensing = outcome.metrics.GetSensingSnr().sum();
    const auto& result = outcome.result;
    const auto n = problem.nAntennas;
    EXPECT_TRUE(outcome.beams.f.allFinite());
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        EXPECT_LE(cellfree::GetApPower(outcome.beams, m), 1 + 1e-9);
        for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
        {
            EXPECT_TRUE(problem.Serves(m, u) || outcome.beams.Ap(m).col(u).norm() == 0.0);
        }
        for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
        {
            EXPECT_TRUE(problem.Senses(m, t) ||
                        outcome.beams.Ap(m).col(problem.GetNUes() + t).norm() == 0.0);
        }
    }
    if (result.feasible && problem.GetNUes() > 0)
    {
        EXPECT_GE(outcome.metrics.GetSinr().minCoeff(), minSinr * (1 - 1e-9));
    }
    if (problem.GetNUes() == 0 || minSinr == 0)
    {
        return outcome;
    }

    const auto& mu = result.apPrice;
    const auto& lambda = result.uePrice;
    EXPECT_GE(mu.minCoeff(), 0.0);
    EXPECT_GE(lambda.minCoeff(), 0.0);
    Eigen::MatrixXcd z = problem.h * lambda.asDiagonal() * problem.h.adjoint();
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        auto block = z.block(m * n, m * n, n, n);
        block.diagonal().array() += mu(m);
        for (Eigen::Index t = 0; result.feasible && t < problem.GetNTargets(); ++t)
        {
            const Eigen::VectorXcd a = problem.a.col(t).segment(m * n, n);
            block -= problem.omega(m, t) * a * a.adjoint();
        }
    }
    auto leastEigenvalue = [](const Eigen::MatrixXcd& matrix) {
        return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd>(matrix, Eigen::EigenvaluesOnly)
            .eigenvalues()(0);
    };
    const double rounding = 1e-12 * z.norm();
    for (Eigen::Index t = 0; result.feasible && t < problem.GetNTargets(); ++t)
    {
        Eigen::MatrixXcd zt = z;
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            if (!problem.Senses(m, t))
            {
                zt.middleRows(m * n, n).setZero();
                zt.middleCols(m * n, n).setZero();
            }
        }
        EXPECT_GE(leastEigenvalue(zt), -rounding);
    }
    for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
    {
        Eigen::VectorXcd h = problem.h.col(u);
        Eigen::MatrixXcd zu = z - (1 + 1 / minSinr) * lambda(u) * h * h.adjoint();
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            if (!problem.Serves(m, u))
            {
                // A stream has no rows at APs that may not send it.
                zu.middleRows(m * n, n).setZero();
                zu.middleCols(m * n, n).setZero();
            }
        }
        EXPECT_GE(leastEigenvalue(zu), -rounding) << "UE " << u;
    }
    outcome.certifiedBound = mu.sum() - lambda.sum();
    if (!result.feasible)
    {
        EXPECT_LT(outcome.certifiedBound, 0.0);
    }
    else if (problem.omega.sum() > 0 && problem.a.norm() > 0)
    {
        EXPECT_NEAR(outcome.certifiedBound, result.upperBound, 1e-9 * result.upperBound);
        EXPECT_LE(outcome.sensing, result.upperBound * (1 + 1e-9));
    }
    return outcome;
}

} // namespace

TEST(IsacJscSolver, ReachesItsUpperBoundUnderRayleighFading)
{
    std::mt19937 generator(1);
    IsacJscSolver solver;
    double sensing = 0.0;
    double bound = 0.0;
    for (int drop = 0; drop < 20; ++drop)
    {
        const auto problem = MakeRayleigh(generator, 5, 2, 1, 8, 2.0);
        for (double minSinr : {1.0, 10.0, 50.0})
        {
            const auto outcome = SolveAndCheck(problem, minSinr, solver);
            ASSERT_TRUE(outcome.result.feasible);
            EXPECT_GE(outcome.sensing, 0.995 * outcome.certifiedBound);
            sensing += outcome.sensing;
            bound += outcome.certifiedBound;
        }
    }
    EXPECT_GE(sensing, 0.9995 * bound);
}

TEST(IsacJscSolver, ReachesItsUpperBoundInLineOfSight)
{
    std::mt19937 generator(2);
    IsacJscSolver solver;
    double sensing = 0.0;
    double bound = 0.0;
    int feasible = 0;
    for (int drop = 0; drop < 20; ++drop)
    {
        const auto problem = MakeLineOfSight(generator);
        for (double minSinr : {0.12, 1.0, 3.0})
        {
            const auto outcome = SolveAndCheck(problem, minSinr, solver);
            if (outcome.result.feasible)
            {
                ++feasible;
                EXPECT_GE(outcome.sensing, 0.995 * outcome.certifiedBound);
                sensing += outcome.sensing;
                bound += outcome.certifiedBound;
            }
        }
    }
    EXPECT_GE(feasible, 40);
    EXPECT_GE(sensing, 0.9995 * bound);
}

TEST(IsacJscSolver, ClosedFormOfOneUe)
{
    // One AP with three antennas, a = (1, 1, 0): sum omega |a^H f|^2 <= 2 omega = 3.
    IsacProblem problem;
    problem.Resize(1, 1, 1, 3);
    problem.a << 1, 1, 0;
    problem.omega << 1.5;
    IsacJscSolver solver;
    // A channel orthogonal to a: the UE takes g / ||h||^2 of the power and the target the rest.
    problem.h << 2, -2, 1;
    const auto apart = SolveAndCheck(problem, 4.5, solver);
    EXPECT_NEAR(apart.sensing, (1 - 4.5 / 9) * 3, 1e-5);
    // A channel along a: the UE's own stream senses at full power.
    problem.h << 2, 2, 0;
    const auto along = SolveAndCheck(problem, 4.5, solver);
    EXPECT_NEAR(along.sensing, 3, 1e-5);
    // At most ||h||^2 = 8 can be had.
    EXPECT_TRUE(SolveAndCheck(problem, 8 * (1 - 1e-4), solver).result.feasible);
    const auto beyond = SolveAndCheck(problem, 8 * (1 + 1e-4), solver);
    EXPECT_FALSE(beyond.result.feasible);
    EXPECT_NEAR(beyond.metrics.GetSinr()(0), 8, 1e-5);
}

TEST(IsacJscSolver, InfeasibleSinrGivesTheMaxMinPoint)
{
    std::mt19937 generator(3);
    IsacJscSolver solver;
    for (int drop = 0; drop < 10; ++drop)
    {
        const auto problem = MakeRayleigh(generator, 3, 4, 1, 2, 5.0);
        const auto outcome = SolveAndCheck(problem, 1e4, solver);
        ASSERT_FALSE(outcome.result.feasible);
        const auto& sinr = outcome.metrics.GetSinr();
        // At the max-min point of a generic problem all SINRs are equal, and the reached one
        // separates what can be met from what cannot.
        const double reached = sinr.minCoeff();
        EXPECT_NEAR(sinr.maxCoeff(), reached, 1e-3 * reached);
        EXPECT_TRUE(SolveAndCheck(problem, reached * (1 - 1e-4), solver).result.feasible);
        EXPECT_FALSE(SolveAndCheck(problem, reached * (1 + 1e-4), solver).result.feasible);
    }
}

TEST(IsacJscSolver, MoreSinrNeverGivesMoreSensing)
{
    std::mt19937 generator(4);
    IsacJscSolver solver;
    const auto problem = MakeRayleigh(generator, 4, 3, 1, 4, 3.0);
    double previous = 4.0 * 4; // CB sensing: sum omega N
    EXPECT_NEAR(SolveAndCheck(problem, 0.0, solver).sensing, previous, 1e-12);
    for (double minSinr = 0.01; minSinr < 30; minSinr *= 2)
    {
        const auto outcome = SolveAndCheck(problem, minSinr, solver);
        ASSERT_TRUE(outcome.result.feasible);
        EXPECT_LE(outcome.sensing, previous * (1 + 1e-4));
        previous = outcome.sensing;
    }
}

TEST(IsacJscSolver, AnySizeMaskAndSpread)
{
    std::mt19937 generator(5);
    std::uniform_int_distribution<int> size(1, 4);
    std::uniform_real_distribution<double> decibel(-20.0, 60.0);
    IsacJscSolver solver;
    int feasible = 0;
    int infeasible = 0;
    int compared = 0;
    double worst = 1.0;
    double sum = 0.0;
    for (int drop = 0; drop < 100; ++drop)
    {
        const auto nAps = size(generator);
        const auto nUes = size(generator);
        auto problem = MakeRayleigh(generator, nAps, nUes, size(generator) % 3, size(generator), 1);
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                problem.h.col(u).segment(m * problem.nAntennas, problem.nAntennas) *=
                    std::pow(10.0, decibel(generator) / 20);
            }
            problem.omega.row(m) *= std::pow(10.0, decibel(generator) / 10);
        }
        if (drop % 2 == 1)
        {
            problem.serving.resize(nAps, nUes);
            for (auto& served : problem.serving.reshaped())
            {
                served = size(generator) > 1;
            }
            problem.serving.row(0).setConstant(true);
            problem.sensing.resize(nAps, problem.GetNTargets());
            for (auto& sensed : problem.sensing.reshaped())
            {
                sensed = size(generator) > 1;
            }
        }
        const auto outcome = SolveAndCheck(problem, 0.5, solver);
        ++(outcome.result.feasible ? feasible : infeasible);
        if (outcome.result.feasible && problem.GetNTargets() > 0)
        {
            const double share = outcome.sensing / outcome.certifiedBound;
            worst = std::min(worst, share);
            sum += share;
            ++compared;
        }
    }
    EXPECT_GE(feasible, 20);
    EXPECT_GE(infeasible, 5);
    // The bound is over covariances of any rank; T beams may be unable to reach it.
    EXPECT_GE(worst, 0.98);
    EXPECT_GE(sum / compared, 0.999);
}

TEST(IsacJscSolver, NothingToServeOrToSense)
{
    std::mt19937 generator(6);
    IsacJscSolver solver;
    // No UE: every AP's power to the target.
    auto problem = MakeRayleigh(generator, 3, 0, 1, 4, 1.0);
    EXPECT_NEAR(SolveAndCheck(problem, 5.0, solver).sensing, 3 * 4, 1e-12);
    // No target: the SINR is met.
    problem = MakeRayleigh(generator, 3, 2, 0, 4, 1.0);
    EXPECT_TRUE(SolveAndCheck(problem, 0.5, solver).result.feasible);
    EXPECT_FALSE(SolveAndCheck(problem, 1e6, solver).result.feasible);
    // Nothing at all.
    problem = MakeRayleigh(generator, 2, 0, 0, 3, 1.0);
    EXPECT_TRUE(SolveAndCheck(problem, 1.0, solver).result.feasible);
    // A target that no AP's power reaches.
    problem = MakeRayleigh(generator, 2, 2, 1, 3, 1.0);
    problem.omega.setZero();
    EXPECT_TRUE(SolveAndCheck(problem, 0.5, solver).result.feasible);
    // A UE without any channel cannot be helped; the others get their max-min point.
    problem = MakeRayleigh(generator, 2, 3, 1, 4, 1.0);
    problem.h.col(1).setZero();
    IsacBeams beams;
    beams.Resize(problem);
    EXPECT_FALSE(solver.Solve(problem, 0.5, {}, beams).feasible);
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    EXPECT_EQ(metrics.GetSinr()(1), 0.0);
    EXPECT_NEAR(metrics.GetSinr()(0), metrics.GetSinr()(2), 1e-3 * metrics.GetSinr()(0));
    EXPECT_GT(metrics.GetSinr()(0), 0.5);
}

TEST(IsacJscSolver, LinksThatAreExactlyZeroAreNoTrouble)
{
    std::mt19937 generator(8);
    IsacJscSolver solver;
    for (const int nTargets : {0, 1})
    {
        for (int drop = 0; drop < 10; ++drop)
        {
            auto problem = MakeRayleigh(generator, 2, 2, nTargets, 4, 2.0);
            problem.h.col(drop % 2).head(4).setZero(); // one link
            EXPECT_TRUE(SolveAndCheck(problem, 0.5, solver).result.feasible);
            if (nTargets == 1)
            {
                problem.a.topRows(4).setZero(); // one AP that sees no target
                EXPECT_TRUE(SolveAndCheck(problem, 0.5, solver).result.feasible);
                problem.a.setZero(); // none that does
                EXPECT_TRUE(SolveAndCheck(problem, 0.5, solver).result.feasible);
            }
            problem.h.setZero();
            IsacBeams beams;
            beams.Resize(problem);
            EXPECT_FALSE(solver.Solve(problem, 0.5, {}, beams).feasible);
            EXPECT_TRUE(beams.f.allFinite());
        }
    }
}

TEST(IsacJscSolver, ReachesItsUpperBoundUnderPathLoss)
{
    // Sizes at which a search in the stacked space would take minutes.
    IsacTestProblems draws(9);
    IsacJscSolver solver;
    double share = 0.0;
    constexpr int DROPS = 4;
    for (int drop = 0; drop < DROPS; ++drop)
    {
        IsacProblem problem;
        cellfree::Normalise(drop % 2 ? draws.PathLoss(16, 8, 1, 16) : draws.PathLoss(12, 6, 2, 8),
                            problem);
        const auto outcome = SolveAndCheck(problem, 2.0, solver);
        ASSERT_TRUE(outcome.result.feasible);
        share += outcome.sensing / outcome.certifiedBound / DROPS;
    }
    EXPECT_GE(share, 0.999);
}

TEST(CellFreeJscPolicy, WattsFlagAndTrace)
{
    std::mt19937 generator(7);
    auto problem = MakeRayleigh(generator, 3, 2, 1, 4, 1.0);
    problem.power << 0.1, 0.2, 0.4;
    problem.noise.setConstant(1e-2);
    problem.sensingNoise = 1e-2;
    auto policy = CreateObject<CellFreeJscPolicy>();
    policy->SetAttribute("MinSinr", DoubleValue(2.0));
    IsacBeams beams;
    const auto cost = policy->ComputeBeams(problem, beams);
    EXPECT_GT(cost.iterations, 0U);
    EXPECT_TRUE(policy->IsFeasible());
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    EXPECT_GE(metrics.GetSinr().minCoeff(), 2.0 * (1 - 1e-9));
    EXPECT_LE(metrics.GetSensingSnr()(0), policy->GetSensingSnrBound() * (1 + 1e-9));
    EXPECT_GE(metrics.GetSensingSnr()(0), policy->GetSensingSnrBound() * 0.999);

    int fired = 0;
    bool feasible = true;
    policy->TraceConnectWithoutContext("Feasible",
                                       Callback<void, bool, double>([&](bool isFeasible, double) {
                                           ++fired;
                                           feasible = isFeasible;
                                       }));
    policy->SetAttribute("MinSinr", DoubleValue(1e9));
    policy->ComputeBeams(problem, beams);
    EXPECT_EQ(fired, 1);
    EXPECT_FALSE(feasible);
    EXPECT_FALSE(policy->IsFeasible());
}
