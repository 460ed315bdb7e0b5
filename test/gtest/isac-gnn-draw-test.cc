// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-gnn-draw.h"
#include "ns3/isac-problem.h"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

using namespace ns3;

TEST(IsacGnnDraw, DrawsUnequalWeightsInAShareOfTheProblems)
{
    IsacGnnDraw draw(1);
    IsacGnnDraw::Settings settings;
    IsacProblem problem;
    problem.Resize(2, 4, 3, 2);
    constexpr int COUNT = 4000;
    int unequal = 0;
    int light = 0;
    int ownBeta = 0;
    for (int i = 0; i < COUNT; ++i)
    {
        draw.DrawWeights(settings, problem);
        EXPECT_NEAR(problem.weight.mean(), 1.0, 1e-12);
        EXPECT_GT(problem.weight.minCoeff(), 0.0);
        unequal += problem.weight.minCoeff() < problem.weight.maxCoeff();
        light += problem.weight.minCoeff() < 1.0 / 64;
        ownBeta += problem.sensingWeight.minCoeff() < problem.sensingWeight.maxCoeff();
    }
    // Four standard deviations of a binomial share: exceeded by chance in 1 of 16 000 seeds.
    EXPECT_NEAR(unequal, 0.35 * COUNT, 4 * std::sqrt(0.35 * 0.65 * COUNT));
    EXPECT_GT(light, COUNT / 20);
    // Half of them; three betas are equal where all are zero, 1 in 64.
    const double share = 0.5 * 0.35 * (1.0 - 1.0 / 64);
    EXPECT_NEAR(ownBeta, share * COUNT, 4 * std::sqrt(share * (1.0 - share) * COUNT));

    settings.weightedShare = 0.0;
    settings.sensingWeight = 2.5;
    for (int i = 0; i < 100; ++i)
    {
        draw.DrawWeights(settings, problem);
        EXPECT_TRUE((problem.weight.array() == 1.0).all());
        EXPECT_TRUE((problem.sensingWeight.array() == 2.5).all());
    }
}

TEST(IsacGnnDraw, DrawsValidProblemsOfOneSizeWithMasksThatLeaveTheNearestAp)
{
    IsacGnnDraw::Settings settings;
    settings.nLinks = 100;
    std::vector<IsacProblem> problems;
    int serving = 0;
    int sensing = 0;
    for (uint64_t seed = 0; seed < 300; ++seed)
    {
        IsacGnnDraw(seed).DrawProblems(settings, problems);
        const auto& first = problems.front();
        serving += first.serving.size() > 0;
        sensing += first.sensing.size() > 0;
        for (const auto& problem : problems)
        {
            ASSERT_EQ(cellfree::FindProblemError(problem), "");
            ASSERT_EQ(problem.h.rows(), first.h.rows());
            ASSERT_EQ(problem.GetNStreams(), first.GetNStreams());
            ASSERT_EQ(problem.sensing.size(), first.sensing.size());
            for (Eigen::Index t = 0; t < problem.sensing.cols(); ++t)
            {
                Eigen::Index nearest = 0;
                problem.omega.col(t).maxCoeff(&nearest);
                EXPECT_TRUE(problem.sensing(nearest, t));
            }
        }
    }
    EXPECT_GT(serving, 5);
    EXPECT_GT(sensing, 3);
}

TEST(IsacGnnDraw, EstimatesAndTheirErrorsAddUpToTheChannel)
{
    // Over draws of one place, E |h^|^2 + e is the gain of the link, whatever the pilots. Gains are
    // 1 here: a noise of 1, an AP.
    for (const int nPilots : {1, 2, 5})
    {
        IsacGnnDraw draw(40 + nPilots);
        IsacGnnDraw::Shape shape;
        shape.nAps = 1;
        shape.nUes = 3;
        shape.nAntennas = 8;
        shape.snr = 1.0;
        shape.nPilots = nPilots;
        shape.pilotGain = 3.0;
        shape.ageing = 0.9;
        constexpr int COUNT = 3000;
        IsacProblem problem;
        Eigen::Array3d square = Eigen::Array3d::Zero();
        for (int i = 0; i < COUNT; ++i)
        {
            draw.DrawProblem(shape, problem);
            ASSERT_EQ(cellfree::FindProblemError(problem), "");
            square += problem.h.colwise().squaredNorm().transpose().array() / (8.0 * COUNT);
        }
        for (Eigen::Index u = 0; u < 3; ++u)
        {
            // Pilot p has the UEs p, p + nPilots, ...: energy in one of them over all and noise.
            const double energy = nPilots * std::pow(10.0, 0.3);
            const double sharing = nPilots == 1 ? 3 : nPilots == 2 && u != 1 ? 2 : 1;
            const double known = 0.81 * energy / (energy * sharing + 1.0);
            EXPECT_NEAR(problem.errorVariance(0, u), 1.0 - known, 1e-12);
            // A mean of 24 000 exponential variables: four standard deviations.
            EXPECT_NEAR(square(u) / known, 1.0, 4 / std::sqrt(8.0 * COUNT));
        }
        if (nPilots == 1)
        {
            EXPECT_NEAR((problem.h.col(0) - problem.h.col(2)).norm(), 0.0, 1e-12);
        }
    }
}

TEST(IsacGnnDraw, EqualSeedsGiveEqualProblems)
{
    IsacGnnDraw::Settings settings;
    std::vector<IsacProblem> first;
    std::vector<IsacProblem> second;
    IsacGnnDraw(7).DrawProblems(settings, first);
    IsacGnnDraw(7).DrawProblems(settings, second);
    ASSERT_EQ(first.size(), second.size());
    for (size_t i = 0; i < first.size(); ++i)
    {
        EXPECT_EQ(first[i].h, second[i].h);
        EXPECT_EQ(first[i].weight, second[i].weight);
    }
}
