// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-conjugate-policy.h"
#include "ns3/cell-free-rzf-policy.h"
#include "ns3/cell-free-wmmse-policy.h"
#include "ns3/double.h"
#include "ns3/isac-metrics.h"
#include "ns3/object-factory.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <gtest/gtest.h>

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
        EXPECT_LE(GetApPower(beams, m), problem.power(m) * (1.0 + 1e-9));
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
