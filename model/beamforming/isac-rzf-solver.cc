// SPDX-License-Identifier: GPL-2.0-only

#include "isac-rzf-solver.h"

#include <cmath>
#include <limits>

namespace ns3
{

void
IsacRzfSolver::Solve(const IsacProblem& problem, RzfScaling scaling, IsacBeams& beams)
{
    const auto nAps = problem.GetNAps();
    const auto nUes = problem.GetNUes();
    const auto n = problem.nAntennas;
    beams.Resize(problem);
    if (nUes == 0)
    {
        return;
    }
    const double alpha = static_cast<double>(nUes) / static_cast<double>(nAps);
    auto w = beams.f.leftCols(nUes);
    if (problem.serving.size() == 0)
    {
        m_gram.noalias() = problem.h.adjoint() * problem.h;
        m_gram.diagonal().array() += alpha;
        m_coefficients.setIdentity(nUes, nUes);
        m_llt.compute(m_gram);
        m_llt.solveInPlace(m_coefficients);
        w.noalias() = problem.h * m_coefficients;
    }
    else
    {
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            m_served = problem.h;
            for (Eigen::Index m = 0; m < nAps; ++m)
            {
                if (!problem.Serves(m, u))
                {
                    m_served.middleRows(m * n, n).setZero();
                }
            }
            m_gram.noalias() = m_served.adjoint() * m_served;
            m_gram.diagonal().array() += alpha;
            m_coefficients.setZero(nUes, 1);
            m_coefficients(u, 0) = 1.0;
            m_llt.compute(m_gram);
            m_llt.solveInPlace(m_coefficients);
            w.col(u).noalias() = m_served * m_coefficients;
        }
    }

    if (scaling == RZF_LOADED)
    {
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const double norm = w.col(u).stableNorm();
            if (norm > 0)
            {
                w.col(u) /= norm;
            }
        }
        LoadPower(problem, beams);
    }
    double common = std::numeric_limits<double>::infinity();
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const double norm = beams.Ap(m).stableNorm();
        if (norm > 0)
        {
            const double scale = std::sqrt(problem.power(m)) / norm;
            common = std::min(common, scale);
            if (scaling == RZF_PER_AP)
            {
                beams.Ap(m) *= scale;
            }
        }
    }
    if (scaling != RZF_PER_AP && std::isfinite(common))
    {
        beams.f *= common;
    }
}

void
IsacRzfSolver::LoadPower(const IsacProblem& problem, IsacBeams& beams)
{
    const auto nAps = problem.GetNAps();
    const auto nUes = problem.GetNUes();
    m_share.resize(nAps, nUes);
    m_gain.resize(nUes);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        const auto w = beams.f.col(u);
        m_gain(u) = std::norm(problem.h.col(u).dot(w)) / problem.noise(u);
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            m_share(m, u) = w.segment(m * problem.nAntennas, problem.nAntennas).squaredNorm() /
                            problem.power(m);
        }
    }
    // Stationarity: p_u = w_u / sum_m price_m share_mu - 1 / gain_u, if positive. The prices follow
    // the loads multiplicatively; complementary slackness sends those of idle limits to zero.
    const double mean = problem.weight.mean();
    m_price.setConstant(nAps, static_cast<double>(nUes) / static_cast<double>(nAps));
    m_load.setZero(nUes);
    constexpr int ROUNDS = 200;
    for (int round = 0; round < ROUNDS; ++round)
    {
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const double cost = m_share.col(u).dot(m_price);
            const double weight = mean > 0 ? problem.weight(u) / mean : 0.0;
            m_load(u) =
                weight * m_gain(u) > cost && cost > 0 ? weight / cost - 1.0 / m_gain(u) : 0.0;
        }
        m_price.array() *= (m_share * m_load).array().sqrt();
    }
    beams.f.leftCols(nUes) *= m_load.cwiseSqrt().asDiagonal();
}

} // namespace ns3
