// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-conjugate-policy.h"
#include "ns3/cell-free-plugin-policy.h"
#include "ns3/cell-free-policy-catalogue.h"
#include "ns3/cell-free-rzf-policy.h"
#include "ns3/cell-free-wmmse-policy.h"
#include "ns3/double.h"
#include "ns3/isac-metrics.h"
#include "ns3/object-factory.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <gtest/gtest.h>
#include <sstream>
#include <vector>

using namespace ns3;

namespace
{

/// Creates a policy by name, as scenarios do.
Ptr<CellFreeBeamformingPolicy>
CreatePolicy(const std::string& typeId)
{
    ObjectFactory factory(typeId);
    return factory.Create<CellFreeBeamformingPolicy>();
}

/// Objective (8a) at a common sensing weight of a policy's beams on a problem in watts.
double
Objective(Ptr<CellFreeBeamformingPolicy> policy, IsacProblem problem, double weight)
{
    problem.sensingWeight.setConstant(weight);
    IsacBeams beams;
    policy->ComputeBeams(problem, beams);
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        EXPECT_LE(cellfree::GetApPower(beams, m), problem.power(m) * (1.0 + 1e-9));
    }
    IsacMetrics metrics;
    metrics.Evaluate(problem, beams);
    return metrics.GetObjective();
}

} // namespace

TEST(CellFreePolicies, RankAsTheyShould)
{
    IsacTestProblems draws(21);
    for (int i = 0; i < 20; ++i)
    {
        const auto problem = draws.PathLoss(8, 4, 1, 4);
        const auto wmmse = CreatePolicy("ns3::CellFreeWmmsePolicy");
        const auto joint = CreatePolicy("ns3::CellFreeJointPolicy");
        for (const char* name : {"ns3::CellFreeConjugatePolicy", "ns3::CellFreeRzfPolicy"})
        {
            EXPECT_LT(Objective(CreatePolicy(name), problem, 0.0), Objective(wmmse, problem, 0.0));
        }
        EXPECT_LT(Objective(CreatePolicy("ns3::CellFreeConjugateSensingPolicy"), problem, 2.0),
                  Objective(joint, problem, 2.0));
        EXPECT_LT(Objective(wmmse, problem, 2.0), Objective(joint, problem, 2.0));
        EXPECT_EQ(Objective(wmmse, problem, 0.0), Objective(joint, problem, 0.0));
    }
}

TEST(CellFreePolicies, AttributesReachTheSolvers)
{
    IsacTestProblems draws(22);
    const auto problem = draws.PathLoss(8, 4, 1, 4);
    const auto cb = CreatePolicy("ns3::CellFreeConjugatePolicy");
    const double equal = Objective(cb, problem, 0.0);
    cb->SetAttribute("PowerSharing", StringValue("norm"));
    EXPECT_NE(Objective(cb, problem, 0.0), equal);
    const auto rzf = CreatePolicy("ns3::CellFreeRzfPolicy");
    const double loaded = Objective(rzf, problem, 0.0);
    rzf->SetAttribute("Scaling", StringValue("per-ap"));
    const double perAp = Objective(rzf, problem, 0.0);
    rzf->SetAttribute("Scaling", StringValue("common"));
    EXPECT_GT(loaded, perAp);
    EXPECT_GT(loaded, Objective(rzf, problem, 0.0));

    const auto wmmse = CreatePolicy("ns3::CellFreeWmmsePolicy");
    IsacBeams beams;
    const auto iterations = wmmse->ComputeBeams(problem, beams).iterations;
    wmmse->SetAttribute("MaxIterations", UintegerValue(2));
    EXPECT_EQ(wmmse->ComputeBeams(problem, beams).iterations, 2);
    wmmse->SetAttribute("Start", StringValue("best"));
    EXPECT_EQ(wmmse->ComputeBeams(problem, beams).iterations, 4);
    const IsacBeams previous = beams;
    EXPECT_EQ(wmmse->ComputeBeams(problem, beams, &previous).iterations, 4);
    wmmse->SetAttribute("WarmStart", BooleanValue(true));
    EXPECT_EQ(wmmse->ComputeBeams(problem, beams, &previous).iterations, 6);
    wmmse->SetAttribute("Start", StringValue("conjugate"));
    wmmse->SetAttribute("MaxIterations", UintegerValue(500));
    wmmse->SetAttribute("Tolerance", DoubleValue(1e-12));
    EXPECT_GT(wmmse->ComputeBeams(problem, beams).iterations, iterations);
    EXPECT_FALSE(wmmse->SetAttributeFailSafe("Tolerance", DoubleValue(-1.0)));
}

TEST(CellFreePolicies, DecisionsDependOnTheirArgumentsAlone)
{
    IsacTestProblems draws(23);
    const auto first = draws.PathLoss(6, 3, 1, 4);
    const auto second = draws.PathLoss(9, 5, 2, 2);
    const auto used = CreatePolicy("ns3::CellFreeJointPolicy");
    IsacBeams beams;
    IsacBeams again;
    used->ComputeBeams(second, beams);
    used->ComputeBeams(first, beams);
    CreatePolicy("ns3::CellFreeJointPolicy")->ComputeBeams(first, again);
    EXPECT_EQ((beams.f - again.f).norm(), 0.0);
}

TEST(CellFreePolicies, WarmStartEndsWhereColdDoes)
{
    IsacTestProblems draws(24);
    auto problem = draws.PathLoss(10, 4, 1, 8);
    const auto joint = CreatePolicy("ns3::CellFreeJointPolicy");
    joint->SetAttribute("WarmStart", BooleanValue(true));
    IsacBeams previous;
    IsacBeams cold;
    IsacBeams warm;
    joint->ComputeBeams(problem, previous);
    for (Eigen::Index u = 0; u < 4; ++u)
    {
        for (Eigen::Index m = 0; m < 10; ++m)
        {
            auto h = problem.h.col(u).segment(m * 8, 8);
            h = 0.99 * h + 0.141 * h.norm() / std::sqrt(8.0) * draws.GaussianMatrix(8, 1);
        }
    }
    const auto coldIterations = joint->ComputeBeams(problem, cold).iterations;
    EXPECT_LT(joint->ComputeBeams(problem, warm, &previous).iterations, coldIterations);
    IsacMetrics metrics;
    metrics.Evaluate(problem, cold);
    const double objective = metrics.GetObjective();
    metrics.Evaluate(problem, warm);
    EXPECT_NEAR(metrics.GetObjective() / objective, 1.0, 1e-4);
}

namespace
{

/// Every policy of the catalogue that is not made of a user's file.
std::vector<Ptr<CellFreeBeamformingPolicy>>
CreateAllPolicies()
{
    std::vector<Ptr<CellFreeBeamformingPolicy>> policies;
    std::istringstream names(GetBeamformingPolicyNames());
    for (std::string name; std::getline(names >> std::ws, name, ',');)
    {
        std::string error;
        const auto policy = CreateBeamformingPolicy(name, error);
        EXPECT_EQ(error, "");
        if (policy && !DynamicCast<CellFreePluginPolicy>(policy))
        {
            policies.push_back(policy);
        }
    }
    return policies;
}

} // namespace

TEST(CellFreePolicies, ErrorsOfEstimatesCountUnlessIgnored)
{
    IsacTestProblems draws(26);
    const auto certain = draws.PathLoss(6, 3, 1, 4);
    auto estimate = certain;
    estimate.errorVariance = 0.1 * Eigen::MatrixXd::NullaryExpr(6, 3, [&](auto m, auto u) {
                                 return certain.h.col(u).segment(4 * m, 4).squaredNorm() / 4;
                             });
    IsacBeams expected;
    IsacBeams beams;
    for (const char* name : {"gnn", "joint", "wmmse", "robust", "rzf", "jsc"})
    {
        std::string error;
        const auto policy = CreateBeamformingPolicy(name, error);
        ASSERT_TRUE(policy) << error;
        policy->ComputeBeams(certain, expected);
        policy->ComputeBeams(estimate, beams);
        EXPECT_GT((beams.f - expected.f).norm(), 1e-6 * expected.f.norm()) << name;
        policy->SetAttribute("IgnoreErrors", BooleanValue(true));
        policy->ComputeBeams(estimate, beams);
        EXPECT_EQ(beams.f, expected.f) << name;
    }
}

TEST(CellFreePolicies, RefiningRaisesTheMeanOverTheChannelsOfAnEstimate)
{
    IsacTestProblems draws(27);
    auto estimate = draws.PathLoss(6, 4, 1, 4);
    estimate.errorVariance = Eigen::MatrixXd::NullaryExpr(6, 4, [&](auto m, auto u) {
        return estimate.h.col(u).segment(4 * m, 4).squaredNorm() / 4;
    });
    // 500 channels, the same for all beams.
    std::vector<IsacProblem> channels(500, estimate);
    for (auto& channel : channels)
    {
        for (Eigen::Index u = 0; u < 4; ++u)
        {
            for (Eigen::Index m = 0; m < 6; ++m)
            {
                channel.h.col(u).segment(4 * m, 4) +=
                    std::sqrt(estimate.errorVariance(m, u)) * draws.GaussianMatrix(4, 1);
            }
        }
    }
    IsacMetrics metrics;
    double before = 0.0;
    for (uint32_t iterations : {0, 2, 10})
    {
        const auto gnn = CreatePolicy("ns3::CellFreeGnnPolicy");
        gnn->SetAttribute("RefineIterations", UintegerValue(iterations));
        IsacBeams beams;
        gnn->ComputeBeams(estimate, beams);
        double mean = 0.0;
        for (const auto& channel : channels)
        {
            metrics.Evaluate(channel, beams);
            mean += metrics.GetObjective() / 500;
        }
        EXPECT_GT(mean, before);
        before = mean;
    }
}

TEST(CellFreePolicies, MasksAndPowerLimitsHold)
{
    IsacTestProblems draws(25);
    const auto policies = CreateAllPolicies();
    EXPECT_EQ(policies.size(), 10U);
    IsacBeams beams;
    for (int i = 0; i < 10; ++i)
    {
        auto problem = draws.PathLoss(5, 3, 2, i % 2 ? 2 : 8);
        problem.power = Eigen::VectorXd::NullaryExpr(5, [&]() { return draws.Uniform(0.1, 2.0); });
        auto mask = [&](Eigen::Index cols) {
            return (Eigen::ArrayXXd::NullaryExpr(5, cols, [&]() { return draws.Uniform(0, 1); }) <
                    0.5)
                .eval();
        };
        problem.serving = mask(3);
        problem.sensing = mask(2);
        problem.serving.row(0).setConstant(true); // no UE without an AP
        for (const auto& policy : policies)
        {
            const auto name = GetBeamformingPolicyName(policy);
            ASSERT_EQ(policy->ComputeBeams(problem, beams).error, "") << name;
            EXPECT_GT(beams.f.norm(), 0.0) << name;
            for (Eigen::Index m = 0; m < 5; ++m)
            {
                EXPECT_LE(cellfree::GetApPower(beams, m), problem.power(m) * (1 + 1e-9)) << name;
                for (Eigen::Index u = 0; u < 3; ++u)
                {
                    EXPECT_TRUE(problem.serving(m, u) || beams.Ap(m).col(u).norm() == 0) << name;
                }
                for (Eigen::Index t = 0; t < 2; ++t)
                {
                    EXPECT_TRUE(problem.sensing(m, t) || beams.Ap(m).col(3 + t).norm() == 0)
                        << name;
                }
            }
        }
    }
}

TEST(CellFreePolicies, ExtremeProblemsGiveFiniteBeams)
{
    IsacTestProblems draws(26);
    const auto policies = CreateAllPolicies();
    const auto ordinary = draws.Paper(3, 2, 1, 4);
    std::vector<IsacProblem> problems(12, ordinary);
    problems[0].h *= 1e8;
    problems[1].h *= 1e-160;
    problems[2].h *= 1e-209;
    problems[3].a *= 1e23;
    problems[4].noise.setConstant(1e308);
    problems[5].h.col(1) = problems[5].h.col(0) *= 1e8;
    problems[6].h.col(0).setZero();
    problems[7].a.setZero();
    problems[8].h.col(0).segment(0, 4).setZero();
    problems[9].omega *= 1e300;
    problems[10].power.setConstant(1e-308);
    problems[11].h(0, 0) = {1e308, -1e308};
    IsacBeams beams;
    for (std::size_t i = 0; i < problems.size(); ++i)
    {
        ASSERT_EQ(cellfree::FindProblemError(problems[i]), "");
        for (const auto& policy : policies)
        {
            const auto name = GetBeamformingPolicyName(policy);
            EXPECT_EQ(policy->ComputeBeams(problems[i], beams).error, "") << name << ' ' << i;
            EXPECT_TRUE(beams.f.allFinite()) << name << ' ' << i;
            for (Eigen::Index m = 0; m < 3; ++m)
            {
                EXPECT_LE(cellfree::GetApPower(beams, m), problems[i].power(m) * (1 + 1e-9))
                    << name << i;
            }
        }
    }
    // The live UE is served by whoever serves UEs; the other one has no channel.
    for (const auto& policy : policies)
    {
        const auto name = GetBeamformingPolicyName(policy);
        policy->ComputeBeams(problems[6], beams);
        EXPECT_EQ(beams.f.col(1).norm() > 0, name != "cb-sensing") << name;
    }
}

TEST(CellFreePolicies, TargetWithMoreWeightGetsMore)
{
    // Weights change from slot to slot and differ between targets: each policy that takes one
    // answers to each of them, the others to none.
    IsacTestProblems draws(27);
    const auto policies = CreateAllPolicies();
    for (int i = 0; i < 5; ++i)
    {
        auto problem = draws.PathLoss(8, 4, 2, 4);
        for (const auto& policy : policies)
        {
            const auto name = GetBeamformingPolicyName(policy);
            IsacMetrics metrics;
            IsacBeams beams;
            problem.sensingWeight << 0.5, 0.5;
            policy->ComputeBeams(problem, beams);
            metrics.Evaluate(problem, beams);
            const Eigen::VectorXd equal = metrics.GetSensingSnr();
            const auto reference = beams.f;
            Eigen::Vector2d previous = equal;
            for (const double weight : {1.0, 2.0, 4.0})
            {
                for (Eigen::Index t = 0; t < 2; ++t)
                {
                    SCOPED_TRACE(name + " " + std::to_string(i) + " " + std::to_string(t) + " " +
                                 std::to_string(weight));
                    problem.sensingWeight << 0.5, 0.5;
                    problem.sensingWeight(t) = weight;
                    policy->ComputeBeams(problem, beams);
                    metrics.Evaluate(problem, beams);
                    const double snr = metrics.GetSensingSnr()(t);
                    if (policy->UsesSensingWeight())
                    {
                        EXPECT_GT(snr, 1.01 * previous(t));
                        previous(t) = snr;
                    }
                    else
                    {
                        EXPECT_TRUE((beams.f.array() == reference.array()).all());
                    }
                }
            }
        }
    }
}
