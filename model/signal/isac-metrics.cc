// SPDX-License-Identifier: GPL-2.0-only

#include "isac-metrics.h"

#include <cmath>

namespace ns3
{

namespace
{

/// Lists the columns of an AP's block that are not zero: the UEs it reaches, or the streams it
/// sends.
template <typename Block>
void
ListColumns(const Block& block, std::vector<Eigen::Index>& columns)
{
    columns.clear();
    for (Eigen::Index i = 0; i < block.cols(); ++i)
    {
        if ((block.col(i).array() != 0.0).any())
        {
            columns.push_back(i);
        }
    }
}

} // namespace

void
IsacMetrics::ComputeReceived(const IsacProblem& problem, const IsacBeams& beams)
{
    m_received.resize(problem.GetNUes(), beams.f.cols());
    if (problem.serving.size() == 0)
    {
        m_received.noalias() = problem.h.adjoint() * beams.f;
        return;
    }
    // Few links are served in a large network: the product of what is not zero.
    m_received.setZero();
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        const auto h = problem.h.middleRows(m * problem.nAntennas, problem.nAntennas);
        const auto f = beams.Ap(m);
        ListColumns(f, m_streams);
        if (m_streams.empty())
        {
            continue;
        }
        ListColumns(h, m_ues);
        m_channel.resize(problem.nAntennas, m_ues.size());
        m_sent.resize(problem.nAntennas, m_streams.size());
        for (std::size_t i = 0; i < m_ues.size(); ++i)
        {
            m_channel.col(i) = h.col(m_ues[i]);
        }
        for (std::size_t i = 0; i < m_streams.size(); ++i)
        {
            m_sent.col(i) = f.col(m_streams[i]);
        }
        m_heard.noalias() = m_channel.adjoint() * m_sent;
        for (std::size_t s = 0; s < m_streams.size(); ++s)
        {
            for (std::size_t u = 0; u < m_ues.size(); ++u)
            {
                m_received(m_ues[u], m_streams[s]) += m_heard(u, s);
            }
        }
    }
}

void
IsacMetrics::Evaluate(const IsacProblem& problem, const IsacBeams& beams)
{
    const auto nUes = problem.GetNUes();
    const auto nTargets = problem.GetNTargets();
    m_weight = problem.weight;
    m_sensingWeight = problem.sensingWeight;
    m_combiningGain = problem.combiningGain;
    m_sinr.resize(nUes);
    ComputeReceived(problem, beams);
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
