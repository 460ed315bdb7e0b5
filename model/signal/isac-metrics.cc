// SPDX-License-Identifier: GPL-2.0-only

#include "isac-metrics.h"

#include <cmath>

namespace ns3
{

void
IsacMetrics::Evaluate(const IsacProblem& problem, const IsacBeams& beams)
{
    const auto nUes = problem.GetNUes();
    const auto nTargets = problem.GetNTargets();
    m_weight = problem.weight;
    m_sensingWeight = problem.sensingWeight;
    m_combiningGain = problem.combiningGain;
    m_sinr.resize(nUes);
    m_received.resize(nUes, beams.f.cols());
    m_received.noalias() = problem.h.adjoint() * beams.f;
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        // Interference is summed without the own stream, not subtracted: no cancellation.
        double interference = problem.noise(u);
        for (Eigen::Index s = 0; s < beams.f.cols(); ++s)
        {
            interference += s == u ? 0.0 : std::norm(m_received(u, s));
        }
        m_sinr(u) = std::norm(m_received(u, u)) / interference;
    }

    m_sensingSnr.setZero(nTargets);
    m_echoPower.resize(problem.GetNAps(), nTargets);
    if (nTargets == 0)
    {
        return;
    }
    m_echo.resize(nTargets, beams.f.cols());
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        const auto n = problem.nAntennas;
        m_echo.noalias() = problem.a.middleRows(m * n, n).adjoint() * beams.Ap(m);
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            m_echoPower(m, t) = m_echo.row(t).squaredNorm();
            m_sensingSnr(t) += problem.omega(m, t) * m_echoPower(m, t);
        }
    }
    m_sensingSnr /= problem.sensingNoise;
}

Eigen::VectorXd
IsacMetrics::GetRate() const
{
    return m_sinr.unaryExpr([](double x) { return std::log1p(x); }) / std::log(2.0);
}

double
IsacMetrics::GetSumRate() const
{
    return GetRate().sum();
}

double
IsacMetrics::GetObjective() const
{
    double nats = 0.0;
    for (Eigen::Index u = 0; u < m_sinr.size(); ++u)
    {
        nats += m_weight(u) * std::log1p(m_sinr(u));
    }
    for (Eigen::Index t = 0; t < m_sensingSnr.size(); ++t)
    {
        nats += m_sensingWeight(t) * std::log1p(m_combiningGain * m_sensingSnr(t));
    }
    return nats / std::log(2.0);
}

} // namespace ns3
