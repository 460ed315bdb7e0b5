// SPDX-License-Identifier: GPL-2.0-only

#include "isac-rzf-solver.h"

#include <cmath>
#include <limits>

namespace ns3
{

void
IsacRzfSolver::Solve(const IsacProblem& problem,
                     RzfScaling scaling,
                     IsacBeams& beams,
                     bool withErrors)
{
    const auto nAps = problem.GetNAps();
    const auto nUes = problem.GetNUes();
    beams.Resize(problem);
    if (nUes == 0)
    {
        return;
    }
    const double alpha = static_cast<double>(nUes) / static_cast<double>(nAps);
    m_withErrors = withErrors && problem.errorVariance.size() != 0;
    m_regulariser.setConstant(nAps, alpha);
    if (m_withErrors)
    {
        m_regulariser += problem.errorVariance.rowwise().sum();
    }
    auto w = beams.f.leftCols(nUes);
    if (problem.serving.size() == 0 && m_withErrors)
    {
        // (H H^H + D)^-1 H = D^-1 H (I + H^H D^-1 H)^-1.
        m_scaled = problem.h;
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            m_scaled.middleRows(m * problem.nAntennas, problem.nAntennas) /= m_regulariser(m);
        }
        m_gram.noalias() = problem.h.adjoint() * m_scaled;
        m_gram.diagonal().array() += 1.0;
        m_coefficients.setIdentity(nUes, nUes);
        m_llt.compute(m_gram);
        m_llt.solveInPlace(m_coefficients);
        w.noalias() = m_scaled * m_coefficients;
    }
    else if (problem.serving.size() == 0)
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
            SolveServed(problem, u, w.col(u));
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
IsacRzfSolver::SolveServed(const IsacProblem& problem,
                           Eigen::Index u,
                           Eigen::Ref<Eigen::VectorXcd> beam)
{
    const auto n = problem.nAntennas;
    m_servingAps.clear();
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        if (problem.serving(m, u))
        {
            m_servingAps.push_back(m);
        }
    }
    const auto nServing = static_cast<Eigen::Index>(m_servingAps.size());
    if (nServing == 0)
    {
        return;
    }
    // Only UEs that the serving APs reach at all, the served one first.
    m_served.resize(nServing * n, problem.GetNUes());
    Eigen::Index nNear = 0;
    const auto gather = [&](Eigen::Index j) {
        auto column = m_served.col(nNear);
        for (Eigen::Index k = 0; k < nServing; ++k)
        {
            column.segment(k * n, n) = problem.h.col(j).segment(m_servingAps[k] * n, n);
        }
        nNear += j == u || (column.array() != 0.0).any() ? 1 : 0;
    };
    gather(u);
    for (Eigen::Index j = 0; j < problem.GetNUes(); ++j)
    {
        if (j != u)
        {
            gather(j);
        }
    }
    const auto near = m_served.leftCols(nNear);
    // (H H^H + alpha I)^-1 h = H (H^H H + alpha I)^-1 e: the smaller system of the two.
    if (near.rows() < nNear)
    {
        m_gram.noalias() = near * near.adjoint();
        for (Eigen::Index k = 0; k < nServing; ++k)
        {
            m_gram.diagonal().segment(k * n, n).array() += m_regulariser(m_servingAps[k]);
        }
        m_coefficients = near.col(0);
    }
    else if (m_withErrors)
    {
        m_scaled.resize(near.rows(), nNear);
        for (Eigen::Index k = 0; k < nServing; ++k)
        {
            m_scaled.middleRows(k * n, n) =
                near.middleRows(k * n, n) / m_regulariser(m_servingAps[k]);
        }
        m_gram.noalias() = near.adjoint() * m_scaled;
        m_gram.diagonal().array() += 1.0;
        m_coefficients.setZero(nNear, 1);
        m_coefficients(0, 0) = 1.0;
    }
    else
    {
        m_gram.noalias() = near.adjoint() * near;
        m_gram.diagonal().array() += m_regulariser(0);
        m_coefficients.setZero(nNear, 1);
        m_coefficients(0, 0) = 1.0;
    }
    m_llt.compute(m_gram);
    m_llt.solveInPlace(m_coefficients);
    if (near.rows() >= nNear && m_withErrors)
    {
        m_local.noalias() = m_scaled * m_coefficients;
    }
    else if (near.rows() >= nNear)
    {
        m_local.noalias() = near * m_coefficients;
    }
    const auto& local = near.rows() < nNear ? m_coefficients : m_local;
    for (Eigen::Index k = 0; k < nServing; ++k)
    {
        beam.segment(m_servingAps[k] * n, n) = local.col(0).segment(k * n, n);
    }
}

void
IsacRzfSolver::LoadPower(const IsacProblem& problem, IsacBeams& beams)
{
    const auto nAps = problem.GetNAps();
    const auto nUes = problem.GetNUes();
    const bool isMasked = problem.serving.size() != 0;
    m_share.resize(isMasked ? 0 : nAps, nUes);
    m_shares.clear();
    m_gain.resize(nUes);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        const auto w = beams.f.col(u);
        m_gain(u) = std::norm(problem.h.col(u).dot(w)) / problem.noise(u);
        if (m_withErrors)
        {
            m_gain(u) /= 1.0 + problem.errorVariance.col(u).dot(problem.power) / problem.noise(u);
        }
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            if (!problem.Serves(m, u))
            {
                continue;
            }
            const double share = w.segment(m * problem.nAntennas, problem.nAntennas).squaredNorm() /
                                 problem.power(m);
            if (isMasked)
            {
                m_shares.push_back({m, u, share});
            }
            else
            {
                m_share(m, u) = share;
            }
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
        if (isMasked)
        {
            m_cost.setZero(nUes);
            for (const auto& entry : m_shares)
            {
                m_cost(entry.u) += entry.share * m_price(entry.m);
            }
        }
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const double cost = isMasked ? m_cost(u) : m_share.col(u).dot(m_price);
            const double weight = mean > 0 ? problem.weight(u) / mean : 0.0;
            m_load(u) =
                weight * m_gain(u) > cost && cost > 0 ? weight / cost - 1.0 / m_gain(u) : 0.0;
        }
        if (isMasked)
        {
            m_apLoad.setZero(nAps);
            for (const auto& entry : m_shares)
            {
                m_apLoad(entry.m) += entry.share * m_load(entry.u);
            }
            m_price.array() *= m_apLoad.array().sqrt();
        }
        else
        {
            m_price.array() *= (m_share * m_load).array().sqrt();
        }
    }
    if (mean > 0 && m_load.isZero(0.0))
    {
        // Gains so low that no UE could ever afford the first prices.
        m_load = problem.weight / mean;
    }
    beams.f.leftCols(nUes) *= m_load.cwiseSqrt().asDiagonal();
}

} // namespace ns3
