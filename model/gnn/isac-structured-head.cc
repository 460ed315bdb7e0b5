// SPDX-License-Identifier: GPL-2.0-only

#include "isac-structured-head.h"

#include <cmath>

namespace ns3
{

namespace
{

/// Smallest nu_m as a share of the sensing bound: caps the gain along a_m at 1e5.
constexpr double MIN_EXCESS = 1e-5;

/// Log of the amplitude that sensing streams start with.
constexpr double START_STREAM = -4.0;

/// Share of the largest sensing SNR that the start assumes is reached.
constexpr double START_SENSING = 0.4;

} // namespace

void
IsacStructuredHead::SetProblem(const IsacProblem& problem)
{
    m_problem = &problem;
    m_nUes = std::max<Eigen::Index>(problem.GetNUes(), 1);
    m_nTargets = problem.GetNTargets();
    m_isMasked = problem.serving.size() != 0;
    const auto n = problem.nAntennas;
    const auto size = m_nUes + m_nTargets;
    m_basis.setZero(n, size);
    m_gram.resize(problem.GetNAps() * size, size);
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        m_basis.leftCols(problem.GetNUes()) = problem.h.middleRows(m * n, n);
        m_basis.rightCols(m_nTargets) = problem.a.middleRows(m * n, n);
        m_gram.middleRows(m * size, size).noalias() = m_basis.adjoint() * m_basis;
    }
}

void
IsacStructuredHead::GetStart(double sensingWeight, Parameters& parameters) const
{
    const auto nAps = m_problem->GetNAps();
    // An offset keeps the logarithm finite; it is part of what trained networks expect.
    parameters.logExcess.setConstant(nAps, std::log((m_nUes + 1e-3) / nAps));
    parameters.logWeight.setZero(m_nUes);
    parameters.logGain.resize(m_nUes);
    for (Eigen::Index u = 0; u < m_nUes; ++u)
    {
        double gain = 0.0;
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            gain += Serves(m, u) ? Gram(m)(u, u).real() : 0.0;
        }
        parameters.logGain(u) = 0.5 * std::log1p(gain * nAps / m_nUes);
    }
    parameters.logSensing.resize(m_nTargets, nAps);
    parameters.logStream.setConstant(m_nTargets, nAps, START_STREAM);
    for (Eigen::Index t = 0; t < m_nTargets; ++t)
    {
        const double snr = START_SENSING * m_problem->omega.col(t).sum() * m_problem->nAntennas;
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            const double sensing =
                sensingWeight * m_problem->omega(m, t) * m_problem->nAntennas / (1.0 + snr);
            parameters.logSensing(t, m) = std::log(std::max(sensing, 1e-6));
        }
    }
}

void
IsacStructuredHead::Solve(Eigen::Index first, Eigen::Index count)
{
    const auto system = m_isMasked ? first : 0;
    m_weighted.noalias() = m_rootWeight.asDiagonal() * m_sums.middleCols(system * m_nUes, m_nUes) *
                           m_rootWeight.asDiagonal();
    m_weighted.diagonal().array() += 1.0;
    m_cholesky.compute(m_weighted);
    auto columns = m_solution.middleCols(first, count);
    m_cholesky.solveInPlace(columns);
    columns = m_rootWeight.asDiagonal() * columns;
}

void
IsacStructuredHead::Evaluate(const Parameters& parameters)
{
    const auto& problem = *m_problem;
    const auto nAps = problem.GetNAps();
    const auto nUes = m_nUes;
    const auto nTargets = m_nTargets;
    const auto size = nUes + nTargets;
    const auto nSystems = m_isMasked ? size : 1;

    m_multiplier.resize(nAps);
    m_rootWeight = (0.5 * parameters.logWeight.array()).exp();
    m_sums.setZero(nUes, nUes * nSystems);
    m_leak.setZero(nUes, nTargets);
    m_sensingInverse.resize(nTargets, nTargets * nAps);
    m_streamPart.resize(nTargets, nTargets * nAps);
    m_weighted.resize(nUes, nUes);
    m_product.resize(nUes, nTargets);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto gram = Gram(m);
        double mu = std::exp(parameters.logExcess(m));
        m_weighted = gram.topLeftCorner(nUes, nUes);
        if (nTargets > 0)
        {
            // (mu I - A g A^H)^-1 = (I + A K A^H) / mu with K = g^1/2 (mu I - S)^-1 g^1/2 and
            // S = g^1/2 A^H A g^1/2.
            m_sensing = parameters.logSensing.col(m).array().exp();
            const double bound = GetSensingBound(m, m_sensing);
            mu += (1.0 + MIN_EXCESS) * bound;
            auto inverse = m_sensingInverse.middleCols(m * nTargets, nTargets);
            const auto cross = gram.bottomRightCorner(nTargets, nTargets);
            m_sensing = (m_sensing / static_cast<double>(problem.nAntennas)).cwiseSqrt();
            if (nTargets == 1)
            {
                inverse(0, 0) = m_sensing(0) * m_sensing(0) / (mu - bound);
            }
            else
            {
                inverse = -(m_sensing.asDiagonal() * cross * m_sensing.asDiagonal());
                inverse.diagonal().array() += mu;
                m_sensingCholesky.compute(inverse);
                inverse.setIdentity();
                m_sensingCholesky.solveInPlace(inverse);
                inverse = m_sensing.asDiagonal() * inverse * m_sensing.asDiagonal();
            }
            auto part = m_streamPart.middleCols(m * nTargets, nTargets);
            part.noalias() = inverse * cross;
            part.diagonal().array() += 1.0;
            part = part * parameters.logStream.col(m).array().exp().matrix().asDiagonal();
            m_product.noalias() = gram.topRightCorner(nUes, nTargets) * inverse;
            m_weighted.noalias() += m_product * gram.bottomLeftCorner(nTargets, nUes);
            m_product.noalias() = gram.topRightCorner(nUes, nTargets) * part;
            m_leak += m_product / mu;
        }
        m_multiplier(m) = mu;
        for (Eigen::Index s = 0; s < nSystems; ++s)
        {
            if (!m_isMasked || s >= nUes || Serves(m, s))
            {
                m_sums.middleCols(s * nUes, nUes) += m_weighted / mu;
            }
        }
    }

    m_solution.setZero(nUes, size);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        m_solution(u, u) = std::exp(parameters.logGain(u)) / m_rootWeight(u);
    }
    m_solution.rightCols(nTargets) = -(m_rootWeight.asDiagonal() * m_leak);
    if (m_isMasked)
    {
        for (Eigen::Index s = 0; s < size; ++s)
        {
            Solve(s, 1);
        }
    }
    else
    {
        Solve(0, size);
    }

    m_response.resize(nAps * size, size);
    m_response.noalias() = m_gram.leftCols(nUes) * m_solution;
    m_targetPart.setZero(nAps * nTargets, size);
    m_received.setZero(nUes, size);
    m_illumination.resize(nTargets, nAps);
    m_power.resize(nAps);
    m_scale.resize(nAps);
    m_sensingSnr.setZero(nTargets);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        auto response = m_response.middleRows(m * size, size);
        auto along = m_targetPart.middleRows(m * nTargets, nTargets);
        if (nTargets > 0)
        {
            along.noalias() =
                m_sensingInverse.middleCols(m * nTargets, nTargets) * response.bottomRows(nTargets);
            along.rightCols(nTargets) += m_streamPart.middleCols(m * nTargets, nTargets);
            response.noalias() += Gram(m).rightCols(nTargets) * along;
        }
        if (m_isMasked)
        {
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                if (!Serves(m, u))
                {
                    response.col(u).setZero();
                }
            }
        }
        response /= m_multiplier(m);
        // ||F_m||^2 = Re tr([V; Q]^H [H A]^H F) / mu
        m_power(m) = (m_solution.conjugate().cwiseProduct(response.topRows(nUes)).sum().real() +
                      along.conjugate().cwiseProduct(response.bottomRows(nTargets)).sum().real()) /
                     m_multiplier(m);
        m_power(m) = std::max(m_power(m), 1e-30);
        m_scale(m) = 1.0 / std::sqrt(m_power(m));
        response *= m_scale(m);
        m_received += response.topRows(nUes);
        m_illumination.col(m) = response.bottomRows(nTargets).rowwise().squaredNorm();
        m_sensingSnr += problem.omega.row(m).transpose().cwiseProduct(m_illumination.col(m));
    }
    m_own = m_received.leftCols(nUes).diagonal().cwiseAbs2();
    m_interference.setOnes(nUes);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        for (Eigen::Index s = 0; s < size; ++s)
        {
            m_interference(u) += s == u ? 0.0 : std::norm(m_received(u, s));
        }
    }
}

void
IsacStructuredHead::WriteBeams(IsacBeams& beams)
{
    const auto& problem = *m_problem;
    const auto n = problem.nAntennas;
    const auto nUes = problem.GetNUes();
    const auto nStreams = problem.GetNStreams();
    beams.nAntennas = n;
    beams.f.resize(problem.h.rows(), nStreams);
    if (nUes > 0)
    {
        beams.f.noalias() = problem.h * m_solution;
    }
    else
    {
        beams.f.setZero();
    }
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        auto block = beams.Ap(m);
        if (m_nTargets > 0)
        {
            block.noalias() +=
                problem.a.middleRows(m * n, n) *
                m_targetPart.middleRows(m * m_nTargets, m_nTargets).rightCols(nStreams);
        }
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            if (!Serves(m, u))
            {
                block.col(u).setZero();
            }
        }
        // Scaled by its own norm, so that the limit holds to rounding.
        const double norm = block.norm();
        if (norm > 1e-15)
        {
            block /= norm;
        }
    }
}

} // namespace ns3
