// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/boolean.h"
#include "ns3/cell-free-split-policy.h"
#include "ns3/double.h"
#include "ns3/isac-metrics.h"

#include <Eigen/Dense>
#include <gtest/gtest.h>
#include <random>

using namespace ns3;

namespace
{

/// A random problem in watts.
IsacProblem
MakeProblem(uint32_t seed,
            Eigen::Index nAps,
            Eigen::Index nUes,
            Eigen::Index nTargets,
            Eigen::Index antennas)
{
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal;
    auto draw = [&](auto) { return std::complex<double>(normal(generator), normal(generator)); };
    IsacProblem problem;
    problem.Resize(nAps, nUes, nTargets, antennas);
    problem.h = problem.h.unaryExpr(draw);
    problem.a = problem.a.unaryExpr(draw);
    problem.omega.setConstant(0.1);
    return problem;
}

/// Beams of a policy with rho set.
template <typename Policy>
IsacBeams
Solve(const IsacProblem& problem, double ratio, bool zeroForcing = false, bool nullSpace = false)
{
    auto policy = CreateObject<Policy>();
    policy->SetAttribute("CommPowerRatio", DoubleValue(ratio));
    policy->SetAttributeFailSafe("ZeroForcing", BooleanValue(zeroForcing));
    policy->SetAttributeFailSafe("NullSpace", BooleanValue(nullSpace));
    IsacBeams beams;
    EXPECT_EQ(policy->ComputeBeams(problem, beams).iterations, 0U);
    return beams;
}

/// 1 if two vectors are parallel with a positive factor.
double
Alignment(const Eigen::VectorXcd& x, const Eigen::VectorXcd& y)
{
    return x.dot(y).real() / (x.norm() * y.norm());
}

} // namespace

TEST(IsacSplitSolver, NsRzfIsItsDefinition)
{
    // In watts and in full dimension, as arXiv 2301.11328 has it: equal powers and noises.
    auto problem = MakeProblem(1, 3, 4, 1, 6);
    problem.power.setConstant(2.0);
    problem.noise.setConstant(0.3);
    const double ratio = 0.7;
    const auto beams = Solve<CellFreeNsRzfPolicy>(problem, ratio);
    const double regulariser = 4 * 0.3 / (ratio * 2.0);
    const Eigen::MatrixXcd rzf =
        (problem.h * problem.h.adjoint() + regulariser * Eigen::MatrixXcd::Identity(18, 18))
            .inverse() *
        problem.h;
    for (Eigen::Index m = 0; m < 3; ++m)
    {
        for (Eigen::Index u = 0; u < 4; ++u)
        {
            const Eigen::VectorXcd beam = beams.Ap(m).col(u);
            EXPECT_NEAR(beam.squaredNorm(), ratio * 2.0 / 4, 1e-12);
            EXPECT_NEAR(Alignment(beam, rzf.col(u).segment(m * 6, 6)), 1.0, 1e-12);
        }
        // The projection is the orthogonal one: what it removed is in the span of the channels.
        const Eigen::VectorXcd sensing = beams.Ap(m).col(4);
        const Eigen::MatrixXcd channels = problem.h.middleRows(m * 6, 6);
        const Eigen::VectorXcd steering = problem.a.col(0).segment(m * 6, 6);
        EXPECT_NEAR(sensing.squaredNorm(), 0.3 * 2.0, 1e-12);
        EXPECT_LT((channels.adjoint() * sensing).norm(), 1e-12);
        const Eigen::VectorXcd removed =
            steering - sensing * (sensing.dot(steering) / sensing.squaredNorm());
        const Eigen::MatrixXcd projector =
            channels * (channels.adjoint() * channels).inverse() * channels.adjoint();
        EXPECT_LT((projector * removed - removed).norm(), 1e-11);
        EXPECT_GT(sensing.dot(steering).real(), 0.0);
    }
}

TEST(IsacSplitSolver, UnequalPowersAndNoisesAreNormalisedFirst)
{
    auto problem = MakeProblem(2, 2, 3, 2, 5);
    problem.power << 0.5, 4.0;
    problem.noise << 0.1, 1.0, 10.0;
    const auto beams = Solve<CellFreeNsRzfPolicy>(problem, 0.25);
    IsacProblem normalised;
    cellfree::Normalise(problem, normalised);
    const Eigen::MatrixXcd rzf =
        (normalised.h * normalised.h.adjoint() + 3 / 0.25 * Eigen::MatrixXcd::Identity(10, 10))
            .inverse() *
        normalised.h;
    for (Eigen::Index m = 0; m < 2; ++m)
    {
        for (Eigen::Index u = 0; u < 3; ++u)
        {
            EXPECT_NEAR(Alignment(beams.Ap(m).col(u), rzf.col(u).segment(m * 5, 5)), 1.0, 1e-12);
        }
        EXPECT_NEAR(beams.Ap(m).col(3).squaredNorm(), 0.75 * problem.power(m) / 2, 1e-12);
        EXPECT_NEAR(cellfree::GetApPower(beams, m), problem.power(m), 1e-12);
    }
}

TEST(IsacSplitSolver, ConjugateAndMatchedBeams)
{
    const auto problem = MakeProblem(3, 2, 2, 1, 4);
    const auto beams = Solve<CellFreeSplitPolicy>(problem, 0.4);
    for (Eigen::Index m = 0; m < 2; ++m)
    {
        for (Eigen::Index u = 0; u < 2; ++u)
        {
            const Eigen::VectorXcd h = problem.h.col(u).segment(m * 4, 4);
            EXPECT_LT((beams.Ap(m).col(u) - std::sqrt(0.2) * h / h.norm()).norm(), 1e-12);
        }
        const Eigen::VectorXcd a = problem.a.col(0).segment(m * 4, 4);
        EXPECT_LT((beams.Ap(m).col(2) - std::sqrt(0.6) * a / a.norm()).norm(), 1e-12);
    }
    const auto both = Solve<CellFreeSplitPolicy>(problem, 0.4, true, true);
    EXPECT_TRUE(both.f.isApprox(Solve<CellFreeNsRzfPolicy>(problem, 0.4).f, 1e-14));
}

TEST(IsacSplitSolver, NoDirectionMeansNoBeam)
{
    // As many UEs as antennas leave no null space; a steering vector along a channel neither.
    auto problem = MakeProblem(4, 2, 4, 1, 4);
    EXPECT_EQ(Solve<CellFreeNsRzfPolicy>(problem, 0.5).f.col(4).norm(), 0.0);
    problem = MakeProblem(5, 1, 2, 1, 6);
    problem.a.col(0) = 3.0 * problem.h.col(0) - problem.h.col(1);
    EXPECT_EQ(Solve<CellFreeNsRzfPolicy>(problem, 0.5).f.col(2).norm(), 0.0);
    // Two equal UEs span one dimension: the null space is that of one.
    problem = MakeProblem(6, 1, 2, 1, 2);
    problem.h.col(1) = problem.h.col(0);
    const auto beams = Solve<CellFreeNsRzfPolicy>(problem, 0.5);
    EXPECT_NEAR(beams.f.col(2).squaredNorm(), 0.5, 1e-12);
    EXPECT_LT(std::abs(problem.h.col(0).dot(beams.f.col(2))), 1e-12);
    // A zero channel gets rate 0.
    problem = MakeProblem(7, 2, 3, 1, 4);
    problem.h.col(1).setZero();
    IsacMetrics metrics;
    metrics.Evaluate(problem, Solve<CellFreeNsRzfPolicy>(problem, 0.5));
    EXPECT_EQ(metrics.GetRate()(1), 0.0);
    EXPECT_GT(metrics.GetRate()(0), 0.1);
}

TEST(IsacSplitSolver, AllOrNothing)
{
    const auto problem = MakeProblem(8, 2, 3, 2, 4);
    for (bool zeroForcing : {false, true})
    {
        const auto sensing = Solve<CellFreeSplitPolicy>(problem, 0.0, zeroForcing, false);
        EXPECT_EQ(sensing.f.leftCols(3).norm(), 0.0);
        EXPECT_NEAR(cellfree::GetApPower(sensing, 0), 1.0, 1e-12);
        const auto comm = Solve<CellFreeSplitPolicy>(problem, 1.0, zeroForcing, false);
        EXPECT_EQ(comm.f.rightCols(2).norm(), 0.0);
        EXPECT_NEAR(cellfree::GetApPower(comm, 1), 1.0, 1e-12);
    }
    const auto noUes = MakeProblem(9, 2, 0, 1, 4);
    EXPECT_NEAR(cellfree::GetApPower(Solve<CellFreeNsRzfPolicy>(noUes, 0.5), 0), 0.5, 1e-12);
    const auto noTargets = MakeProblem(10, 2, 2, 0, 4);
    EXPECT_NEAR(cellfree::GetApPower(Solve<CellFreeNsRzfPolicy>(noTargets, 0.5), 0), 0.5, 1e-12);
}

TEST(IsacSplitSolver, MaskedPairsGetNothingAndTheRestTheirShare)
{
    auto problem = MakeProblem(11, 3, 3, 1, 4);
    problem.serving.resize(3, 3);
    problem.serving << true, false, true, true, true, true, false, false, false;
    const auto beams = Solve<CellFreeNsRzfPolicy>(problem, 0.6);
    for (Eigen::Index m = 0; m < 3; ++m)
    {
        for (Eigen::Index u = 0; u < 3; ++u)
        {
            const double share = problem.serving(m, u) ? 0.6 / problem.serving.row(m).count() : 0.0;
            EXPECT_NEAR(beams.Ap(m).col(u).squaredNorm(), share, 1e-12);
        }
    }
    // Partial RZF in full dimension: UE 0 is served by APs 0 and 1.
    Eigen::MatrixXcd served = problem.h;
    served.bottomRows(4).setZero();
    const Eigen::VectorXcd rzf =
        (served * served.adjoint() + 3 / 0.6 * Eigen::MatrixXcd::Identity(12, 12)).inverse() *
        served.col(0);
    EXPECT_NEAR(Alignment(beams.Ap(1).col(0), rzf.segment(4, 4)), 1.0, 1e-12);
    // A mask that allows everything changes nothing.
    problem.serving.setConstant(true);
    const auto all = Solve<CellFreeNsRzfPolicy>(problem, 0.6);
    problem.serving.resize(0, 0);
    EXPECT_TRUE(all.f.isApprox(Solve<CellFreeNsRzfPolicy>(problem, 0.6).f, 1e-14));
}
