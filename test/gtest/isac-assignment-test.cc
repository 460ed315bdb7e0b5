// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-gaussian.h"

#include "ns3/isac-assignment.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>

using namespace ns3;

namespace
{

constexpr double INFINITE = std::numeric_limits<double>::infinity();

/// Calls a function with every way to give each row a column of its own or -1.
void
ForEachPairing(Eigen::Index nRows,
               Eigen::Index nColumns,
               const std::function<void(const std::vector<int>&)>& visit)
{
    std::vector<int> columns(nRows, -1);
    std::vector<char> isUsed(nColumns, 0);
    const std::function<void(Eigen::Index)> recurse = [&](Eigen::Index row) {
        if (row == nRows)
        {
            visit(columns);
            return;
        }
        columns[row] = -1;
        recurse(row + 1);
        for (Eigen::Index j = 0; j < nColumns; ++j)
        {
            if (!isUsed[j])
            {
                isUsed[j] = 1;
                columns[row] = static_cast<int>(j);
                recurse(row + 1);
                isUsed[j] = 0;
            }
        }
        columns[row] = -1;
    };
    recurse(0);
}

/// Cost of a pairing, infinite if it has a forbidden pair.
double
GetCost(const Eigen::MatrixXd& cost, const std::vector<int>& columns, double alone)
{
    double sum = 0.0;
    for (std::size_t i = 0; i < columns.size(); ++i)
    {
        sum += columns[i] < 0 ? alone : cost(static_cast<Eigen::Index>(i), columns[i]);
    }
    return sum;
}

/// All joint events, one by one.
Eigen::MatrixXd
EnumerateEvents(const Eigen::MatrixXd& logRatio)
{
    const Eigen::Index n = logRatio.cols();
    Eigen::MatrixXd probability = Eigen::MatrixXd::Zero(logRatio.rows(), n + 1);
    double total = 0.0;
    ForEachPairing(logRatio.rows(), n, [&](const std::vector<int>& columns) {
        const double weight = std::exp(GetCost(logRatio, columns, 0.0));
        total += weight;
        for (std::size_t i = 0; i < columns.size(); ++i)
        {
            probability(static_cast<Eigen::Index>(i), columns[i] < 0 ? n : columns[i]) += weight;
        }
    });
    return probability / total;
}

/// Ratios of which some are outside the gate.
Eigen::MatrixXd
DrawRatios(TestGaussian& gaussian, Eigen::Index nTracks, Eigen::Index nDetections, double gated)
{
    return Eigen::MatrixXd::NullaryExpr(nTracks, nDetections, [&]() {
        return gaussian.Draw(0.0, 1.0) < gated ? gaussian.Draw(-3.0, 6.0) : -INFINITE;
    });
}

} // namespace

TEST(IsacAssignment, IsThatOfAllPairings)
{
    TestGaussian gaussian(11);
    for (int i = 0; i < 400; ++i)
    {
        const auto nRows = static_cast<Eigen::Index>(gaussian.Draw(0.0, 6.999));
        const auto nColumns = static_cast<Eigen::Index>(gaussian.Draw(0.0, nRows > 4 ? 5 : 6.999));
        const double allowed = gaussian.Draw(0.2, 1.2);
        // Integers make ties.
        const bool isInteger = i % 2 == 0;
        const Eigen::MatrixXd cost = Eigen::MatrixXd::NullaryExpr(nRows, nColumns, [&]() {
            const double value = gaussian.Draw(-10.0, 10.0);
            return gaussian.Draw(0.0, 1.0) < allowed ? isInteger ? std::round(value) : value
                                                     : INFINITE;
        });
        const double alone = gaussian.Draw(-5.0, 10.0);
        double best = INFINITE;
        int mostPairs = 0;
        double bestOfMost = INFINITE;
        ForEachPairing(nRows, nColumns, [&](const std::vector<int>& columns) {
            const double value = GetCost(cost, columns, 0.0);
            const auto nPairs = static_cast<int>(columns.size()) -
                                static_cast<int>(std::count(columns.begin(), columns.end(), -1));
            best = std::min(best, GetCost(cost, columns, alone));
            if (std::isfinite(value) &&
                (nPairs > mostPairs || (nPairs == mostPairs && value < bestOfMost)))
            {
                mostPairs = nPairs;
                bestOfMost = value;
            }
        });
        const auto free = cellfree::SolveAssignment(cost, alone);
        ASSERT_EQ(free.size(), static_cast<std::size_t>(nRows));
        EXPECT_NEAR(GetCost(cost, free, alone), best, 1e-9);
        const auto most = cellfree::SolveAssignment(cost);
        EXPECT_EQ(nRows - std::count(most.begin(), most.end(), -1), mostPairs);
        EXPECT_NEAR(GetCost(cost, most, 0.0), mostPairs == 0 ? 0.0 : bestOfMost, 1e-9);
        // Each column once.
        for (int j = 0; j < nColumns; ++j)
        {
            EXPECT_LE(std::count(free.begin(), free.end(), j), 1);
            EXPECT_LE(std::count(most.begin(), most.end(), j), 1);
        }
    }
}

TEST(IsacAssignment, LargeProblemMeetsItsDual)
{
    // Of u_i + v_j plus a margin off a hidden permutation, the optimum is that permutation.
    TestGaussian gaussian(12);
    const Eigen::Index n = 150;
    const Eigen::VectorXd u = Eigen::VectorXd::NullaryExpr(n, [&]() { return gaussian.Draw(); });
    const Eigen::VectorXd v = Eigen::VectorXd::NullaryExpr(n, [&]() { return gaussian.Draw(); });
    Eigen::MatrixXd cost(n, n);
    for (Eigen::Index i = 0; i < n; ++i)
    {
        for (Eigen::Index j = 0; j < n; ++j)
        {
            cost(i, j) = u(i) + v(j) + (j == i * 7 % n ? 0.0 : gaussian.Draw(0.01, 1.0));
        }
    }
    const auto columns = cellfree::SolveAssignment(cost);
    for (Eigen::Index i = 0; i < n; ++i)
    {
        EXPECT_EQ(columns[i], i * 7 % n);
    }
}

TEST(IsacAssociation, ProbabilitiesAreThoseOfAllEvents)
{
    TestGaussian gaussian(13);
    for (int i = 0; i < 200; ++i)
    {
        const auto nTracks = static_cast<Eigen::Index>(gaussian.Draw(1.0, 5.999));
        const auto nDetections = static_cast<Eigen::Index>(gaussian.Draw(0.0, 6.999));
        const auto logRatio = DrawRatios(gaussian, nTracks, nDetections, gaussian.Draw(0.1, 1.0));
        const auto probability = cellfree::GetAssociationProbabilities(logRatio);
        ASSERT_EQ(probability.cols(), nDetections + 1);
        EXPECT_LT((probability - EnumerateEvents(logRatio)).cwiseAbs().maxCoeff(), 1e-12);
    }
}

TEST(IsacAssociation, OneTrackHasThePdaWeights)
{
    // beta_i = L_i / (1 + sum L), beta_0 = 1 / (1 + sum L).
    Eigen::MatrixXd logRatio(1, 3);
    logRatio << std::log(2.0), std::log(5.0), -INFINITE;
    const auto probability = cellfree::GetAssociationProbabilities(logRatio);
    EXPECT_NEAR(probability(0, 0), 0.25, 1e-15);
    EXPECT_NEAR(probability(0, 1), 0.625, 1e-15);
    EXPECT_EQ(probability(0, 2), 0.0);
    EXPECT_NEAR(probability(0, 3), 0.125, 1e-15);
}

TEST(IsacAssociation, HugeRatiosStayInRange)
{
    // 12 tracks that fight for 12 detections with ratios up to e^150: near-certain events remain.
    TestGaussian gaussian(14);
    Eigen::MatrixXd logRatio =
        Eigen::MatrixXd::NullaryExpr(12, 12, [&]() { return gaussian.Draw(20.0, 40.0); });
    for (Eigen::Index i = 0; i < 12; ++i)
    {
        logRatio(i, (5 * i + 3) % 12) = 150.0;
    }
    for (Eigen::Index nDetections : {12, 3})
    {
        const auto probability =
            cellfree::GetAssociationProbabilities(logRatio.leftCols(nDetections));
        ASSERT_TRUE(probability.allFinite());
        EXPECT_NEAR(probability.leftCols(nDetections).sum(), nDetections, 1e-9);
        for (Eigen::Index i = 0; i < 12; ++i)
        {
            const Eigen::Index own = (5 * i + 3) % 12;
            EXPECT_NEAR(probability(i, own < nDetections ? own : nDetections), 1.0, 1e-9);
        }
    }
}

TEST(IsacAssociation, BeliefsAreExactWithoutCyclesAndCloseWithThem)
{
    TestGaussian gaussian(15);
    // A chain: track i sees detections i and i + 1.
    Eigen::MatrixXd chain = Eigen::MatrixXd::Constant(5, 6, -INFINITE);
    for (Eigen::Index i = 0; i < 5; ++i)
    {
        chain(i, i) = gaussian.Draw(-3.0, 5.0);
        chain(i, i + 1) = gaussian.Draw(-3.0, 5.0);
    }
    EXPECT_LT((cellfree::PropagateAssociationBeliefs(chain) - EnumerateEvents(chain))
                  .cwiseAbs()
                  .maxCoeff(),
              1e-9);
    double sum = 0.0;
    for (int i = 0; i < 50; ++i)
    {
        const auto logRatio = DrawRatios(gaussian, 4, 5, 0.5);
        sum += (cellfree::PropagateAssociationBeliefs(logRatio) - EnumerateEvents(logRatio))
                   .cwiseAbs()
                   .maxCoeff() /
               50.0;
    }
    EXPECT_LT(sum, 0.1);
    // A group that is too large for an exact sum.
    const auto large = cellfree::GetAssociationProbabilities(DrawRatios(gaussian, 20, 20, 1.0));
    ASSERT_TRUE(large.allFinite());
    EXPECT_LT((large.rowwise().sum().array() - 1.0).abs().maxCoeff(), 1e-12);
    EXPECT_GE(large.minCoeff(), 0.0);
    EXPECT_LT(large.leftCols(20).colwise().sum().maxCoeff(), 1.0 + 1e-6);
}
