// SPDX-License-Identifier: GPL-2.0-only

#include "isac-expected-rate.h"

#include <cmath>

namespace ns3
{

void
IsacExpectedRate::Evaluate(const IsacProblem& problem, const IsacBeams& beams)
{
    const auto n = problem.nAntennas;
    m_rate.resize(problem.GetNUes());
    for (Eigen::Index u = 0; u < problem.GetNUes(); ++u)
    {
        const double noise = problem.noise(u);
        m_mean.noalias() = beams.f.adjoint() * problem.h.col(u) / std::sqrt(noise);
        m_scaled = beams.f / noise;
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            m_scaled.middleRows(m * n, n) *=
                problem.errorVariance.size() > 0 ? problem.errorVariance(m, u) : 0.0;
        }
        m_covariance.noalias() = beams.f.adjoint() * m_scaled;
        m_othersMean = m_mean;
        m_othersMean(u) = 0.0;
        m_others = m_covariance;
        m_others.row(u).setZero();
        m_others.col(u).setZero();
        m_law.Evaluate(m_mean, m_covariance, false);
        const double total = m_law.GetValue();
        m_law.Evaluate(m_othersMean, m_others, false);
        m_rate(u) = (total - m_law.GetValue()) / M_LN2;
    }
}

} // namespace ns3
