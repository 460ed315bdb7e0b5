// SPDX-License-Identifier: GPL-2.0-only

#include "isac-expected-rate.h"

#include <cmath>

namespace ns3
{

void
IsacExpectedRate::Evaluate(const IsacProblem& problem, const IsacBeams& beams)
{
    m_metrics.Evaluate(problem, beams);
    m_rate = m_metrics.GetRate();
    m_objective = m_metrics.GetObjective();
    if (problem.errorVariance.size() == 0)
    {
        return;
    }
    const auto n = problem.nAntennas;
    m_objective -= problem.weight.dot(m_rate);
    for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
    {
        m_mean.noalias() = beams.f.adjoint() * problem.h.col(u) / std::sqrt(problem.noise(u));
        m_scaled = beams.f / problem.noise(u);
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            m_scaled.middleRows(m * n, n) *= problem.errorVariance(m, u);
        }
        m_covariance.noalias() = beams.f.adjoint() * m_scaled;
        m_law.Evaluate(m_mean, m_covariance, false);
        m_rate(u) = m_law.GetValue();
        m_mean(u) = 0.0;
        m_covariance.row(u).setZero();
        m_covariance.col(u).setZero();
        m_law.Evaluate(m_mean, m_covariance, false);
        m_rate(u) = (m_rate(u) - m_law.GetValue()) / M_LN2;
    }
    m_objective += problem.weight.dot(m_rate);
}

} // namespace ns3
