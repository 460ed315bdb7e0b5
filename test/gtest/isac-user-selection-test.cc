// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/isac-user-selection.h"

#include <Eigen/LU>
#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

using namespace ns3;

namespace
{

/// The correlation of two UEs by its definition, entry by entry.
double
Correlate(const std::vector<IsacProblem>& bands, uint32_t i, uint32_t j)
{
    double sum = 0.0;
    for (const auto& problem : bands)
    {
        std::complex<double> product = 0.0;
        double powers[2] = {0.0, 0.0};
        for (Eigen::Index row = 0; row < problem.h.rows(); ++row)
        {
            const auto m = row / problem.nAntennas;
            const auto a = problem.Serves(m, i) ? problem.h(row, i) : 0.0;
            const auto b = problem.Serves(m, j) ? problem.h(row, j) : 0.0;
            product += std::conj(a) * b;
            powers[0] += std::norm(a);
            powers[1] += std::norm(b);
        }
        sum += powers[0] * powers[1] > 0.0 ? std::abs(product) / std::sqrt(powers[0] * powers[1])
                                           : 0.0;
    }
    return sum / bands.size();
}

/// The selection by its definition.
std::vector<uint32_t>
SelectByHand(const std::vector<IsacProblem>& bands,
             const std::vector<uint32_t>& order,
             double alpha,
             uint32_t maxUes)
{
    std::vector<uint32_t> picks;
    for (uint32_t i = 0; i < order.size() && picks.size() < maxUes; ++i)
    {
        if (std::all_of(picks.begin(), picks.end(), [&](uint32_t pick) {
                return Correlate(bands, order[i], order[pick]) <= alpha;
            }))
        {
            picks.push_back(i);
        }
    }
    return picks;
}

/// Sub-bands of a random problem with masks, in which some UEs have no channel at all.
std::vector<IsacProblem>
Draw(IsacTestProblems& draws)
{
    const auto nAps = draws.Integer(1, 5);
    const auto nUes = draws.Integer(1, 12);
    const auto nAntennas = draws.Integer(1, 4);
    std::vector<IsacProblem> bands(draws.Integer(1, 3));
    for (auto& problem : bands)
    {
        problem.Resize(nAps, nUes, 0, nAntennas);
        problem.h = 1e-6 * draws.GaussianMatrix(nAps * nAntennas, nUes);
        problem.h.col(draws.Integer(0, nUes - 1)) *= draws.Integer(0, 1);
        if (draws.Integer(0, 1))
        {
            problem.serving.resize(nAps, nUes);
            for (auto& serves : problem.serving.reshaped())
            {
                serves = draws.Integer(0, 2) > 0;
            }
        }
    }
    return bands;
}

} // namespace

TEST(IsacUserSelection, IsItsDefinition)
{
    IsacTestProblems draws(11);
    IsacUserSelection selection;
    std::vector<uint32_t> picks;
    std::size_t nLeftOut = 0;
    for (int i = 0; i < 300; ++i)
    {
        const auto bands = Draw(draws);
        std::vector<uint32_t> order(bands[0].GetNUes());
        std::iota(order.begin(), order.end(), 0);
        std::rotate(order.begin(), order.begin() + draws.Integer(0, order.size() - 1), order.end());
        const double alpha = draws.Uniform(0.0, 1.0);
        const uint32_t maxUes = draws.Integer(0, 8);
        selection.Select(bands, order, alpha, maxUes, picks);
        EXPECT_EQ(picks, SelectByHand(bands, order, alpha, maxUes));
        nLeftOut += std::min<std::size_t>(maxUes, order.size()) - picks.size();
    }
    EXPECT_GT(nLeftOut, 100U);
}

TEST(IsacUserSelection, TakesOrthogonalUesAndLeavesOutCopies)
{
    // UEs 0 and 1 are the same but for a phase and 40 dB, UE 2 is orthogonal to both.
    std::vector<IsacProblem> bands(1);
    bands[0].Resize(1, 3, 0, 2);
    bands[0].h.col(0) << 1.0, 1.0;
    bands[0].h.col(1) << std::complex<double>(0.0, 0.01), std::complex<double>(0.0, 0.01);
    bands[0].h.col(2) << 1.0, -1.0;
    IsacUserSelection selection;
    std::vector<uint32_t> picks;
    selection.Select(bands, {0, 1, 2}, 0.5, 3, picks);
    EXPECT_EQ(picks, (std::vector<uint32_t>{0, 2}));
    selection.Select(bands, {1, 2, 0}, 0.0, 3, picks);
    EXPECT_EQ(picks, (std::vector<uint32_t>{0, 1}));
    selection.Select(bands, {}, 0.5, 3, picks);
    EXPECT_TRUE(picks.empty());
    // Where no AP serves both, they cannot disturb each other.
    bands[0].Resize(2, 2, 0, 1);
    bands[0].h.setOnes();
    bands[0].serving.setConstant(2, 2, false);
    bands[0].serving.matrix().diagonal().setConstant(true);
    selection.Select(bands, {0, 1}, 0.0, 2, picks);
    EXPECT_EQ(picks.size(), 2U);
}

TEST(IsacUserSelection, RaisesTheRateOfCorrelatedUes)
{
    // Two groups of UEs behind the same scatterers: zero forcing over all four streams of a group
    // loses most of the gain, over one of each group nothing.
    IsacTestProblems draws(5);
    IsacUserSelection selection;
    std::vector<uint32_t> picks;
    double selected = 0.0;
    double first = 0.0;
    for (int i = 0; i < 200; ++i)
    {
        std::vector<IsacProblem> bands(1);
        bands[0].Resize(1, 8, 0, 8);
        const Eigen::MatrixXcd groups = draws.GaussianMatrix(8, 2);
        for (Eigen::Index u = 0; u < 8; ++u)
        {
            bands[0].h.col(u) = groups.col(u / 4) + 0.1 * draws.GaussianMatrix(8, 1);
        }
        const auto rate = [&](const std::vector<uint32_t>& ues) {
            Eigen::MatrixXcd h(8, ues.size());
            for (std::size_t k = 0; k < ues.size(); ++k)
            {
                h.col(k) = bands[0].h.col(ues[k]);
            }
            // Zero forcing with equal powers: SINR_k = P / (K [(H^H H)^-1]_kk), P = 100.
            const Eigen::VectorXd inverse = (h.adjoint() * h).inverse().diagonal().real();
            return (1.0 + 100.0 / (ues.size() * inverse.array())).log().sum() / M_LN2;
        };
        selection.Select(bands, {0, 1, 2, 3, 4, 5, 6, 7}, 0.6, 4, picks);
        selected += rate(picks);
        first += rate({0, 1, 2, 3});
    }
    EXPECT_GT(selected, 1.3 * first);
}
