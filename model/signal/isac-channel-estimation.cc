// SPDX-License-Identifier: GPL-2.0-only

#include "isac-channel-estimation.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

void
IsacChannelEstimator::Compute(const std::vector<Ue>& ues, double noise)
{
    const auto n = ues[0].covariance->rows();
    m_psi.setIdentity(n, n);
    m_psi *= noise;
    m_offset.setZero(n);
    for (const auto& ue : ues)
    {
        m_psi += ue.energy * *ue.covariance;
        if (ue.mean)
        {
            m_offset += std::sqrt(ue.energy) * *ue.mean;
        }
    }
    m_factors.compute(m_psi);
    m_filters.resize(std::max(m_filters.size(), ues.size()));
    for (std::size_t i = 0; i < ues.size(); ++i)
    {
        const auto& covariance = *ues[i].covariance;
        const double amplitude = std::sqrt(ues[i].energy);
        auto& filter = m_filters[i];
        m_work = covariance;
        m_factors.solveInPlace(m_work);
        // Psi and R are Hermitian, so R Psi^-1 = (Psi^-1 R)^H.
        filter.matrix = amplitude * m_work.adjoint();
        filter.error = covariance;
        m_work = amplitude * covariance;
        filter.error.noalias() -= filter.matrix * m_work;
        // Where the pilot is strong, rounding could make it negative.
        filter.errorVariance = std::max(0.0, filter.error.trace().real() / n);
        filter.fadingVariance = covariance.trace().real() / n;
    }
}

const Eigen::MatrixXcd&
IsacChannelEstimator::GetFilter(std::size_t i) const
{
    return m_filters[i].matrix;
}

const Eigen::MatrixXcd&
IsacChannelEstimator::GetErrorCovariance(std::size_t i) const
{
    return m_filters[i].error;
}

double
IsacChannelEstimator::GetErrorVariance(std::size_t i) const
{
    return m_filters[i].errorVariance;
}

double
IsacChannelEstimator::GetNmse(std::size_t i) const
{
    const auto& filter = m_filters[i];
    return filter.fadingVariance > 0.0 ? filter.errorVariance / filter.fadingVariance : 1.0;
}

void
IsacChannelEstimator::Estimate(std::size_t i,
                               const Eigen::Ref<const Eigen::MatrixXcd>& observations,
                               Eigen::Ref<Eigen::MatrixXcd> estimates)
{
    m_centred = observations.colwise() - m_offset;
    estimates.noalias() = m_filters[i].matrix * m_centred;
}

void
IsacScalarChannelEstimator::Reset(double noise)
{
    m_psi = noise;
}

void
IsacScalarChannelEstimator::Add(double energy, double gain)
{
    m_psi += energy * gain;
}

double
IsacScalarChannelEstimator::GetFilter(double energy, double gain) const
{
    return std::sqrt(energy) * gain / m_psi;
}

double
IsacScalarChannelEstimator::GetErrorVariance(double energy, double gain) const
{
    return gain * std::max(0.0, m_psi - energy * gain) / m_psi;
}

} // namespace ns3
