// SPDX-License-Identifier: GPL-2.0-only

#include "campaign/cell-free-validation.h"
#include "isac-test-gaussian.h"

#include "ns3/isac-gospa.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

using namespace ns3;

namespace
{

/// Up to four points in a box of 60 m, so that at a cutoff of 20 m all cases occur.
Eigen::MatrixXd
DrawSet(TestGaussian& gaussian)
{
    const auto n = static_cast<Eigen::Index>(gaussian.Draw(0.0, 4.999));
    return Eigen::MatrixXd::NullaryExpr(3, n, [&]() { return gaussian.Draw(0.0, 30.0); });
}

/// OSPA by all permutations. @param few points @param many points, no fewer
double
EnumerateOspa(const Eigen::MatrixXd& few, const Eigen::MatrixXd& many, double c, double p)
{
    std::vector<int> order(many.cols());
    std::iota(order.begin(), order.end(), 0);
    double best = std::numeric_limits<double>::infinity();
    do
    {
        double sum = std::pow(c, p) * static_cast<double>(many.cols() - few.cols());
        for (Eigen::Index i = 0; i < few.cols(); ++i)
        {
            sum += std::pow(std::min((few.col(i) - many.col(order[i])).norm(), c), p);
        }
        best = std::min(best, sum);
    } while (std::next_permutation(order.begin(), order.end()));
    return many.cols() == 0 ? 0.0 : std::pow(best / static_cast<double>(many.cols()), 1.0 / p);
}

/// GOSPA by all permutations: alpha = 2, in the form of definition 1, with points beyond c at c.
double
EnumerateGospa(const Eigen::MatrixXd& few, const Eigen::MatrixXd& many, double c, double p)
{
    std::vector<int> order(many.cols());
    std::iota(order.begin(), order.end(), 0);
    double best = std::numeric_limits<double>::infinity();
    do
    {
        double sum = std::pow(c, p) / 2.0 * static_cast<double>(many.cols() - few.cols());
        for (Eigen::Index i = 0; i < few.cols(); ++i)
        {
            sum += std::pow(std::min((few.col(i) - many.col(order[i])).norm(), c), p);
        }
        best = std::min(best, sum);
    } while (std::next_permutation(order.begin(), order.end()));
    return std::pow(best, 1.0 / p);
}

} // namespace

TEST(IsacGospa, SmallCasesAreThoseByHand)
{
    std::size_t nRows = 0;
    for (const auto& each : cellfree::GetTrackingValidationCases())
    {
        for (const auto& row : each.run())
        {
            EXPECT_NEAR(row.value, row.published, 1e-12 * (1.0 + row.published)) << row.quantity;
            ++nRows;
        }
    }
    EXPECT_GE(nRows, 20U);
}

TEST(IsacGospa, PartsSayWhatIsWrong)
{
    Eigen::MatrixXd targets(3, 3);
    targets << 0, 100, 200, 0, 0, 0, 0, 0, 0;
    Eigen::MatrixXd estimates(3, 4);
    estimates << 300, 104, 400, 500, 0, 3, 0, 0, 0, 0, 0, 0;
    const auto gospa = cellfree::GetGospa(targets, estimates, 10.0, 2.0);
    EXPECT_DOUBLE_EQ(gospa.localisation, 5.0);
    EXPECT_DOUBLE_EQ(gospa.missed, 10.0);                       // two of 100 / 2
    EXPECT_DOUBLE_EQ(gospa.falseTracks, std::sqrt(150.0));      // three
    EXPECT_DOUBLE_EQ(gospa.total, std::sqrt(25.0 + 100 + 150)); // their sum
    EXPECT_EQ(gospa.targetOf, (std::vector<int>{-1, 1, -1, -1}));
}

TEST(IsacGospa, IsTheLeastOverAllPermutations)
{
    TestGaussian gaussian(21);
    for (int i = 0; i < 300; ++i)
    {
        auto few = DrawSet(gaussian);
        auto many = DrawSet(gaussian);
        if (few.cols() > many.cols())
        {
            few.swap(many);
        }
        for (double p : {1.0, 2.0, 3.5})
        {
            EXPECT_NEAR(cellfree::GetOspa(few, many, 20.0, p),
                        EnumerateOspa(few, many, 20.0, p),
                        1e-10);
            EXPECT_NEAR(cellfree::GetGospa(few, many, 20.0, p).total,
                        EnumerateGospa(few, many, 20.0, p),
                        1e-10);
        }
    }
}

TEST(IsacGospa, BothAreMetrics)
{
    TestGaussian gaussian(22);
    for (int i = 0; i < 300; ++i)
    {
        const auto a = DrawSet(gaussian);
        const auto b = DrawSet(gaussian);
        const auto d = DrawSet(gaussian);
        for (double p : {1.0, 2.0})
        {
            const auto gospa = [p](const auto& x, const auto& y) {
                return cellfree::GetGospa(x, y, 20.0, p).total;
            };
            const auto ospa = [p](const auto& x, const auto& y) {
                return cellfree::GetOspa(x, y, 20.0, p);
            };
            EXPECT_EQ(gospa(a, a), 0.0);
            EXPECT_EQ(ospa(a, a), 0.0);
            EXPECT_NEAR(gospa(a, b), gospa(b, a), 1e-12);
            EXPECT_NEAR(ospa(a, b), ospa(b, a), 1e-12);
            EXPECT_LE(gospa(a, d), gospa(a, b) + gospa(b, d) + 1e-10);
            EXPECT_LE(ospa(a, d), ospa(a, b) + ospa(b, d) + 1e-10);
            EXPECT_LE(ospa(a, b), 20.0 + 1e-12);
            // What is missed by one is false to the other.
            EXPECT_NEAR(cellfree::GetGospa(a, b, 20.0, p).missed,
                        cellfree::GetGospa(b, a, 20.0, p).falseTracks,
                        1e-12);
        }
    }
}
