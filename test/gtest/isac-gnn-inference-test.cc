// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-test-beams.h"
#include "isac-gnn-test-weights.h"
#include "isac-test-problems.h"

#include "ns3/cell-free-gnn-policy.h"
#include "ns3/isac-gnn-inference.h"
#include "ns3/isac-metrics.h"
#include "ns3/isac-wmmse-solver.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <gtest/gtest.h>
#include <numeric>

using namespace ns3;

/// For isac-gnn-narrow-test.cc, where the name ns3 means something else.
Eigen::MatrixXcd
ComputeTestBeamsOfModule(unsigned trial)
{
    return ComputeTestBeams(trial);
}

namespace
{

/// A network with random weights.
IsacGnnInference
MakeRandomNetwork(unsigned seed)
{
    IsacGnnInference network;
    EXPECT_EQ(network.SetWeights(DrawGnnWeights({}, seed)), "");
    return network;
}

/// The network that the module ships.
IsacGnnInference
LoadShippedNetwork()
{
    IsacGnnWeights weights;
    EXPECT_EQ(weights.Load(CellFreeGnnPolicy::GetDefaultWeightFile()), "");
    IsacGnnInference network;
    EXPECT_EQ(network.SetWeights(weights), "");
    return network;
}

/// A normalised problem under path loss.
IsacProblem
DrawPathLoss(IsacTestProblems& draws, int nAps, int nUes, int nTargets, int n)
{
    IsacProblem problem;
    cellfree::Normalise(draws.PathLoss(nAps, nUes, nTargets, n), problem);
    return problem;
}

/// Every AP within its limit, nothing where the mask is false, every number finite.
void
ExpectValidBeams(const IsacProblem& problem, const IsacBeams& beams)
{
    ASSERT_EQ(beams.f.rows(), problem.h.rows());
    ASSERT_EQ(beams.f.cols(), problem.GetNStreams());
    ASSERT_TRUE(beams.f.allFinite());
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        EXPECT_LE(cellfree::GetApPower(beams, m), 1.0 + 1e-9);
        for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
        {
            if (!problem.Serves(m, u))
            {
                EXPECT_EQ(beams.Ap(m).col(u).norm(), 0.0);
            }
        }
        for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
        {
            if (!problem.Senses(m, t))
            {
                EXPECT_EQ(beams.Ap(m).col(problem.GetNUes() + t).norm(), 0.0);
            }
        }
    }
}

/// Means of an objective over the same drops.
struct Shares
{
    double network{0.0}; //!< objective of the network as a share of the solver's
    double refined{0.0}; //!< the same with three iterations on top
};

Shares
CompareWithSolver(IsacGnnInference& network,
                  bool isPathLoss,
                  int nAps,
                  int nUes,
                  int n,
                  double sensingWeight,
                  int drops)
{
    IsacTestProblems draws(7000 + nAps);
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options options;
    IsacMetrics metrics;
    IsacProblem problem;
    IsacBeams beams;
    double network1 = 0.0;
    double refined = 0.0;
    double reference = 0.0;
    for (int drop = 0; drop < drops; ++drop)
    {
        cellfree::Normalise(isPathLoss ? draws.PathLoss(nAps, nUes, 1, n)
                                       : draws.Paper(nAps, nUes, 1, n),
                            problem);
        problem.sensingWeight.setConstant(sensingWeight);
        network.ComputeBeams(problem, beams);
        metrics.Evaluate(problem, beams);
        network1 += metrics.GetObjective();
        solver.Begin(problem);
        solver.SetBeams(beams);
        for (int i = 0; i < 3; ++i)
        {
            refined += i == 2 ? solver.Iterate() : 0.0 * solver.Iterate();
        }
        solver.Solve(problem, options, beams);
        metrics.Evaluate(problem, beams);
        reference += metrics.GetObjective();
    }
    return {network1 / reference, refined / reference};
}

} // namespace

TEST(IsacGnnInference, PermutingApsUesAndTargetsPermutesTheBeams)
{
    IsacTestProblems draws(11);
    auto network = MakeRandomNetwork(1);
    for (int trial = 0; trial < 10; ++trial)
    {
        auto problem = DrawPathLoss(draws, 6, 4, 3, 4);
        problem.weight << 1.0, 0.3, 4.0, 1.7;
        problem.sensingWeight << 0.5, 2.0, 9.0;
        problem.sensing.setConstant(6, 3, true);
        problem.sensing(trial % 6, 1) = false;
        Eigen::Vector<Eigen::Index, 6> aps{4, 2, 0, 5, 1, 3};
        Eigen::Vector<Eigen::Index, 4> ues{2, 3, 1, 0};
        Eigen::Vector<Eigen::Index, 3> targets{1, 2, 0};
        auto permuted = problem;
        for (Eigen::Index m = 0; m < 6; ++m)
        {
            for (Eigen::Index u = 0; u < 4; ++u)
            {
                permuted.h.col(u).segment(4 * m, 4) = problem.h.col(ues(u)).segment(4 * aps(m), 4);
                permuted.weight(u) = problem.weight(ues(u));
            }
            for (Eigen::Index t = 0; t < 3; ++t)
            {
                permuted.a.col(t).segment(4 * m, 4) =
                    problem.a.col(targets(t)).segment(4 * aps(m), 4);
                permuted.omega(m, t) = problem.omega(aps(m), targets(t));
                permuted.sensing(m, t) = problem.sensing(aps(m), targets(t));
                permuted.sensingWeight(t) = problem.sensingWeight(targets(t));
            }
        }
        IsacBeams beams;
        IsacBeams permutedBeams;
        network.ComputeBeams(problem, beams);
        network.ComputeBeams(permuted, permutedBeams);
        for (Eigen::Index m = 0; m < 6; ++m)
        {
            for (Eigen::Index s = 0; s < 7; ++s)
            {
                const auto from = s < 4 ? ues(s) : 4 + targets(s - 4);
                EXPECT_LT((permutedBeams.Ap(m).col(s) - beams.Ap(aps(m)).col(from)).norm(), 1e-5);
            }
        }
    }
}

TEST(IsacGnnInference, PhasesOfChannelsTurnTheBeamsAndNothingElse)
{
    IsacTestProblems draws(12);
    auto network = MakeRandomNetwork(2);
    const auto problem = DrawPathLoss(draws, 5, 3, 1, 8);
    auto turned = problem;
    Eigen::Vector3d angles(0.3, -2.0, 1.1);
    for (Eigen::Index u = 0; u < 3; ++u)
    {
        turned.h.col(u) *= std::polar(1.0, angles(u));
    }
    turned.a *= std::polar(1.0, 0.7);
    IsacBeams beams;
    IsacBeams turnedBeams;
    network.ComputeBeams(problem, beams);
    network.ComputeBeams(turned, turnedBeams);
    for (Eigen::Index u = 0; u < 3; ++u)
    {
        const double difference =
            (turnedBeams.f.col(u) - std::polar(1.0, angles(u)) * beams.f.col(u)).norm();
        EXPECT_LT(difference, 1e-5);
    }
}

TEST(IsacGnnInference, AnswersEveryKindOfProblem)
{
    IsacTestProblems draws(13);
    auto random = MakeRandomNetwork(3);
    auto shipped = LoadShippedNetwork();
    IsacBeams beams;
    for (int trial = 0; trial < 300; ++trial)
    {
        const auto nAps = draws.Integer(1, 8);
        const auto nUes = draws.Integer(0, 6);
        const auto nTargets = draws.Integer(0, 3);
        const auto n = draws.Integer(1, 6);
        auto problem = DrawPathLoss(draws, nAps, nUes, nTargets, n);
        if (nUes > 1 && trial % 3 == 0)
        {
            problem.h.col(1) =
                trial % 2 ? Eigen::VectorXcd(problem.h.col(0)) : Eigen::VectorXcd::Zero(nAps * n);
        }
        if (nTargets > 1 && trial % 5 == 0)
        {
            problem.a.col(1) = problem.a.col(0);
            problem.omega.col(0).setZero();
        }
        if (nUes > 0 && trial % 2 == 0)
        {
            problem.serving.setConstant(nAps, nUes, true);
            for (Eigen::Index m = 0; m < nAps; ++m)
            {
                for (Eigen::Index u = 0; u < nUes; ++u)
                {
                    problem.serving(m, u) = draws.Uniform(0, 1) < 0.5;
                }
            }
        }
        if (trial % 7 == 0)
        {
            problem.sensing.setConstant(nAps, nTargets, trial % 2);
        }
        for (auto& weight : problem.sensingWeight)
        {
            weight = trial % 4 == 0 ? 0.0 : std::pow(10.0, draws.Uniform(-2, 3));
        }
        for (auto& weight : problem.weight)
        {
            // From equal ones over large differences to none at all.
            weight = trial % 4 == 1 ? 1.0 : trial % 4 == 2 ? 0.0 : std::exp(draws.Uniform(-30, 30));
        }
        random.ComputeBeams(problem, beams);
        ExpectValidBeams(problem, beams);
        shipped.ComputeBeams(problem, beams);
        ExpectValidBeams(problem, beams);
    }
}

TEST(IsacGnnInference, ResultDoesNotDependOnEarlierDecisions)
{
    IsacTestProblems draws(14);
    auto network = MakeRandomNetwork(4);
    const auto problem = DrawPathLoss(draws, 5, 3, 2, 4);
    IsacBeams first;
    IsacBeams again;
    network.ComputeBeams(problem, first);
    network.ComputeBeams(DrawPathLoss(draws, 9, 5, 1, 8), again);
    network.ComputeBeams(DrawPathLoss(draws, 2, 1, 0, 2), again);
    network.ComputeBeams(problem, again);
    EXPECT_EQ((first.f - again.f).norm(), 0.0);
}

TEST(IsacGnnInference, FullMasksEqualNoMasks)
{
    // The two take different ways through the head: one U x U system, or one per stream.
    IsacTestProblems draws(15);
    auto network = LoadShippedNetwork();
    for (int trial = 0; trial < 20; ++trial)
    {
        auto problem = DrawPathLoss(draws, 6, 4, 2, 4);
        IsacBeams free;
        IsacBeams masked;
        network.ComputeBeams(problem, free);
        problem.serving.setConstant(6, 4, true);
        problem.sensing.setConstant(6, 2, true);
        network.ComputeBeams(problem, masked);
        EXPECT_LT((free.f - masked.f).norm(), 1e-6);
    }
}

TEST(IsacGnnInference, NoUesAndOneTargetGivesConjugateSensing)
{
    IsacTestProblems draws(16);
    auto network = LoadShippedNetwork();
    const auto problem = DrawPathLoss(draws, 5, 0, 1, 8);
    IsacBeams beams;
    IsacMetrics metrics;
    network.ComputeBeams(problem, beams);
    metrics.Evaluate(problem, beams);
    EXPECT_NEAR(metrics.GetSensingSnr()(0) / (8 * problem.omega.sum()), 1.0, 1e-9);
}

TEST(IsacStructuredHead, EvaluatesTheBeamsThatItWrites)
{
    // What the head computes from inner products against what the beams do to the channels.
    IsacTestProblems draws(17);
    IsacStructuredHead head;
    IsacMetrics metrics;
    IsacBeams beams;
    for (int trial = 0; trial < 20; ++trial)
    {
        auto problem = DrawPathLoss(draws, 5, 3, 1 + trial % 3, 4);
        if (trial % 2)
        {
            problem.serving.setConstant(5, 3, true);
            problem.serving(2, 1) = problem.serving(4, 0) = false;
            problem.sensing.setConstant(5, problem.GetNTargets(), true);
            problem.sensing(1, 0) = problem.sensing(2, 0) = false;
        }
        head.SetProblem(problem);
        IsacStructuredHead::Parameters parameters;
        head.GetStart(parameters);
        for (Eigen::Index m = 0; m < 5; ++m)
        {
            parameters.logExcess(m) += draws.Uniform(-2, 2);
            parameters.logStream(0, m) += draws.Uniform(0, 4);
        }
        head.Evaluate(parameters);
        head.WriteBeams(beams);
        metrics.Evaluate(problem, beams);
        for (Eigen::Index u = 0; u < 3; ++u)
        {
            EXPECT_NEAR(head.GetOwn()(u) / head.GetInterference()(u) / metrics.GetSinr()(u),
                        1.0,
                        1e-8);
        }
        for (Eigen::Index t = 0; t < problem.GetNTargets(); ++t)
        {
            EXPECT_NEAR(head.GetSensingSnr()(t) / metrics.GetSensingSnr()(t), 1.0, 1e-8);
        }
    }
}

TEST(IsacStructuredHead, SolvesTheSystemOfItsDocumentation)
{
    // f_s as the solution of the M N x M N system, one target, no mask.
    IsacTestProblems draws(18);
    const auto problem = DrawPathLoss(draws, 3, 2, 1, 4);
    IsacStructuredHead head;
    IsacBeams beams;
    head.SetProblem(problem);
    IsacStructuredHead::Parameters parameters;
    head.GetStart(parameters);
    parameters.logExcess << -1.0, 0.5, 0.2;
    parameters.logSensing << 0.3, -0.4, 1.0;
    parameters.logStream << 0.5, 0.1, -0.3;
    head.Evaluate(parameters);
    head.WriteBeams(beams);
    Eigen::MatrixXcd system =
        problem.h * parameters.logWeight.array().exp().matrix().asDiagonal() * problem.h.adjoint();
    Eigen::MatrixXcd right(12, 3);
    right.leftCols(2) = problem.h * parameters.logGain.array().exp().matrix().asDiagonal();
    for (Eigen::Index m = 0; m < 3; ++m)
    {
        const auto a = problem.a.middleRows(4 * m, 4);
        system.block(4 * m, 4 * m, 4, 4) +=
            head.GetMultiplier()(m) * Eigen::MatrixXcd::Identity(4, 4) -
            std::exp(parameters.logSensing(0, m)) / 4 * a * a.adjoint();
        right.block(4 * m, 2, 4, 1) = std::exp(parameters.logStream(0, m)) * a;
    }
    Eigen::MatrixXcd expected = system.ldlt().solve(right);
    for (Eigen::Index m = 0; m < 3; ++m)
    {
        auto block = expected.middleRows(4 * m, 4);
        EXPECT_NEAR(head.GetPower()(m) / block.squaredNorm(), 1.0, 1e-6);
        block /= block.norm();
        EXPECT_LT((block - beams.Ap(m)).norm(), 1e-7);
    }
}

TEST(IsacStructuredHead, GivesTheBeamsOfAStationaryPointBack)
{
    // The scalars of the solver's optimum, computed here from its beams by the stationarity
    // conditions of problem (8), give the same SINRs and SNR through the head. A test that the
    // head's form is exact: it could not pass if optimal beams lay outside of it.
    IsacTestProblems draws(19);
    constexpr double SENSING_WEIGHT = 2.0;
    const Eigen::Vector3d weights(0.5, 1.0, 3.0);
    for (int trial = 0; trial < 5; ++trial)
    {
        auto problem = DrawPathLoss(draws, 4, 3, 1, 4);
        problem.sensingWeight.setConstant(SENSING_WEIGHT);
        problem.weight = weights;
        IsacWmmseSolver solver;
        IsacWmmseSolver::Options options;
        options.tolerance = 1e-13;
        options.maxIterations = 5000;
        IsacBeams beams;
        solver.Solve(problem, options, beams);
        IsacMetrics metrics;
        metrics.Evaluate(problem, beams);
        const Eigen::VectorXd sinr = metrics.GetSinr();
        const double snr = metrics.GetSensingSnr()(0);
        const Eigen::MatrixXcd received = problem.h.adjoint() * beams.f;
        const Eigen::VectorXcd own = received.leftCols(3).diagonal();
        const Eigen::VectorXd total = received.rowwise().squaredNorm().array() + 1.0;
        const Eigen::VectorXd factor = weights.array() * (1.0 + sinr.array());
        const Eigen::VectorXcd gain = factor.array() * own.array() / total.array();
        const Eigen::VectorXd weight = gain.cwiseAbs2().array() / factor.array();

        IsacStructuredHead head;
        IsacStructuredHead::Parameters parameters;
        head.SetProblem(problem);
        head.GetStart(parameters);
        parameters.logWeight = weight.array().log();
        parameters.logGain = gain.cwiseAbs().array().log();
        parameters.logStream.setConstant(-30.0);
        for (Eigen::Index m = 0; m < 4; ++m)
        {
            const double sensing = SENSING_WEIGHT * problem.omega(m, 0) / (1.0 + snr);
            const auto h = problem.h.middleRows(4 * m, 4);
            const auto a = problem.a.middleRows(4 * m, 4);
            Eigen::MatrixXcd gradient = -(h * weight.asDiagonal() * received);
            gradient.leftCols(3) += h * gain.asDiagonal();
            gradient += sensing * a * (a.adjoint() * beams.Ap(m));
            const double multiplier = gradient.conjugate().cwiseProduct(beams.Ap(m)).sum().real() /
                                      beams.Ap(m).squaredNorm();
            parameters.logSensing(0, m) = std::log(4 * sensing);
            parameters.logExcess(m) = std::log(multiplier - 4 * sensing);
        }
        head.Evaluate(parameters);
        for (Eigen::Index u = 0; u < 3; ++u)
        {
            const double rate = std::log1p(head.GetOwn()(u) / head.GetInterference()(u));
            EXPECT_NEAR(rate / std::log1p(sinr(u)), 1.0, 2e-3);
        }
        EXPECT_NEAR(head.GetSensingSnr()(0) / snr, 1.0, 5e-3);
        EXPECT_NEAR(head.GetPower().maxCoeff(), 1.0, 0.05);
        EXPECT_NEAR(head.GetPower().minCoeff(), 1.0, 0.05);
    }
}

TEST(CellFreeGnnPolicy, ShippedNetworkComesCloseToTheSolver)
{
    // Fixed draws. Figures over more and other draws are in data/weights/README.md.
    auto network = LoadShippedNetwork();
    for (double sensingWeight : {0.0, 2.0})
    {
        auto shares = CompareWithSolver(network, false, 5, 2, 8, sensingWeight, 50);
        EXPECT_GE(shares.network, sensingWeight == 0.0 ? 0.997 : 0.995);
        EXPECT_GE(shares.refined, 0.998);
        shares = CompareWithSolver(network, true, 5, 2, 8, sensingWeight, 50);
        EXPECT_GE(shares.network, 0.997);
        EXPECT_GE(shares.refined, 0.998);
        shares = CompareWithSolver(network, true, 16, 6, 8, sensingWeight, 10);
        EXPECT_GE(shares.network, 0.993);
        EXPECT_GE(shares.refined, 0.998);
    }
}

TEST(CellFreeGnnPolicy, RefiningOnlyHelps)
{
    IsacTestProblems draws(20);
    IsacMetrics metrics;
    IsacBeams beams;
    auto policy = CreateObject<CellFreeGnnPolicy>();
    for (int trial = 0; trial < 10; ++trial)
    {
        auto problem = draws.PathLoss(6, 4, 1, 8);
        problem.sensingWeight.setConstant(2.0);
        double last = 0.0;
        for (uint32_t iterations : {0, 1, 3, 10})
        {
            policy->SetAttribute("RefineIterations", UintegerValue(iterations));
            const auto cost = policy->ComputeBeams(problem, beams);
            EXPECT_EQ(cost.iterations, iterations);
            metrics.Evaluate(problem, beams);
            EXPECT_GE(metrics.GetObjective(), last * (1 - 1e-9));
            last = metrics.GetObjective();
        }
    }
}

TEST(CellFreeGnnPolicy, SensingWeightMayChangeBetweenDecisions)
{
    IsacTestProblems draws(21);
    auto problem = draws.PathLoss(9, 4, 1, 8);
    auto policy = CreateObject<CellFreeGnnPolicy>();
    EXPECT_TRUE(policy->UsesSensingWeight());
    IsacMetrics metrics;
    IsacBeams beams;
    double lastSnr = 0.0;
    double lastRate = 1e9;
    for (double sensingWeight : {0.0, 1.0, 10.0})
    {
        problem.sensingWeight.setConstant(sensingWeight);
        policy->ComputeBeams(problem, beams);
        metrics.Evaluate(problem, beams);
        EXPECT_GT(metrics.GetSensingSnr()(0), lastSnr);
        EXPECT_LT(metrics.GetSumRate(), lastRate);
        lastSnr = metrics.GetSensingSnr()(0);
        lastRate = metrics.GetSumRate();
    }
}

TEST(IsacGnnInference, OnlyRatiosOfWeightsMatter)
{
    // The objective is homogeneous in all weights together.
    IsacTestProblems draws(23);
    auto network = MakeRandomNetwork(5);
    for (double factor : {1e-9, 0.37, 2e6})
    {
        auto problem = DrawPathLoss(draws, 6, 3, 2, 4);
        problem.weight << 0.2, 1.0, 7.0;
        problem.sensingWeight << 0.7, 3.0;
        IsacBeams beams;
        IsacBeams scaled;
        network.ComputeBeams(problem, beams);
        problem.weight *= factor;
        problem.sensingWeight *= factor;
        network.ComputeBeams(problem, scaled);
        EXPECT_LT((beams.f - scaled.f).norm(), 1e-5) << factor;
    }
}

TEST(CellFreeGnnPolicy, RatesFollowTheWeights)
{
    IsacTestProblems draws(27);
    auto policy = CreateObject<CellFreeGnnPolicy>();
    IsacMetrics metrics;
    IsacBeams beams;
    for (int trial = 0; trial < 10; ++trial)
    {
        auto problem = draws.PathLoss(6, 4, 1, 8);
        double last = 0.0;
        for (double weight : {0.01, 0.3, 1.0, 5.0, 50.0})
        {
            problem.weight(1) = weight;
            policy->ComputeBeams(problem, beams);
            metrics.Evaluate(problem, beams);
            EXPECT_GT(metrics.GetRate()(1), last * (1 - 1e-3)) << weight;
            last = metrics.GetRate()(1);
        }
    }
}

TEST(CellFreeGnnPolicy, ShippedNetworkComesCloseToTheSolverWithWeights)
{
    // Fixed draws: w_u = 2^x with x uniform in -3 .. 3. Equal weights would leave 5 % or more.
    auto network = LoadShippedNetwork();
    IsacTestProblems draws(28);
    IsacWmmseSolver solver;
    IsacMetrics metrics;
    IsacBeams beams;
    double reached = 0.0;
    double deaf = 0.0;
    double reference = 0.0;
    for (int drop = 0; drop < 40; ++drop)
    {
        auto problem = DrawPathLoss(draws, 9, 4, 1, 4);
        for (auto& weight : problem.weight)
        {
            weight = std::exp2(draws.Uniform(-3, 3));
        }
        network.ComputeBeams(problem, beams);
        metrics.Evaluate(problem, beams);
        reached += metrics.GetObjective();
        auto equal = problem;
        equal.weight.setOnes();
        network.ComputeBeams(equal, beams);
        metrics.Evaluate(problem, beams);
        deaf += metrics.GetObjective();
        solver.Solve(problem, {}, beams);
        metrics.Evaluate(problem, beams);
        reference += metrics.GetObjective();
    }
    EXPECT_GE(reached / reference, 0.996);
    EXPECT_LT(deaf / reference, 0.99);
}

TEST(CellFreeGnnPolicy, SaysWhatIsWrongWithItsFileBeforeAnyDecision)
{
    IsacTestProblems draws(22);
    const auto problem = draws.Paper(2, 1, 1, 2);
    auto policy = CreateObject<CellFreeGnnPolicy>();
    EXPECT_EQ(policy->FindError(), "");
    policy->SetAttribute("WeightFile", StringValue("/none/such.safetensors"));
    EXPECT_EQ(policy->FindError(), "weight file '/none/such.safetensors': does not exist");
    IsacBeams beams;
    EXPECT_EQ(policy->ComputeBeams(problem, beams).error, policy->FindError());
    EXPECT_EQ(beams.f.norm(), 0.0);
    policy->SetAttribute("WeightFile", StringValue(""));
    EXPECT_EQ(policy->FindError(), "");
    EXPECT_EQ(policy->ComputeBeams(problem, beams).error, "");
}
