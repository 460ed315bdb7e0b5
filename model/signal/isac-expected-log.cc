// SPDX-License-Identifier: GPL-2.0-only

#include "isac-expected-log.h"

#include <cmath>

namespace ns3
{

namespace
{

/// Step of the trapezoidal rule in ln s: an error of e^(-pi^2 / step) = 7e-8.
constexpr double STEP = 0.6;

/// The first node in units of 1 / q0: what lies below it counts for its square.
constexpr double FIRST = 3e-4;

/// The last node: e^-s is 1e-15 there.
constexpr double LAST = 35.0;

} // namespace

void
IsacExpectedLog::Evaluate(const Eigen::Ref<const Eigen::VectorXcd>& mean,
                          const Eigen::Ref<const Eigen::MatrixXcd>& covariance,
                          bool withGradient)
{
    const auto n = mean.size();
    const double whole = mean.squaredNorm() + covariance.diagonal().real().sum();
    m_value = std::log1p(whole);
    m_inverse = 1.0 / (1.0 + whole);
    const bool isCertain = (covariance.diagonal().real().array() <= 0.0).all();
    if (isCertain)
    {
        if (withGradient)
        {
            // The gradient with respect to C counts where C is about to grow.
            m_meanGradient = m_inverse * mean;
            m_covarianceGradient = m_inverse * Eigen::MatrixXcd::Identity(n, n) -
                                   m_inverse * m_meanGradient * mean.adjoint();
        }
        return;
    }
    m_eigen.compute(covariance);
    m_rotated.noalias() = m_eigen.eigenvectors().adjoint() * mean;
    m_square = m_rotated.cwiseAbs2();
    // Multiples of the step, so that neighbouring laws share their nodes.
    const double first = std::floor(std::log(FIRST / whole) / STEP);
    const double last = std::ceil(std::log(LAST) / STEP);
    const auto nNodes = static_cast<Eigen::Index>(std::max(last - first, 0.0)) + 1;
    m_node = (Eigen::ArrayXd::LinSpaced(nNodes, first, last) * STEP).exp();
    m_weight = STEP * (-m_node).exp();
    m_factor.resize(nNodes, n);
    for (Eigen::Index i = 0; i < n; ++i)
    {
        m_factor.col(i) = (1.0 + m_node * std::max(m_eigen.eigenvalues()(i), 0.0)).inverse();
    }
    m_moment = (m_factor.matrix() * m_square).array();
    m_moment = (-m_node * m_moment).exp() * m_factor.rowwise().prod();
    m_value += (m_weight * ((-whole * m_node).exp() - m_moment)).sum();
    if (!withGradient)
    {
        return;
    }
    const double rest = m_inverse - (m_weight * m_node * (-whole * m_node).exp()).sum();
    m_weight *= m_node * m_moment;
    m_inverse = rest + m_weight.sum();
    m_square.noalias() = m_factor.matrix().transpose() * m_weight.matrix();
    m_square.array() += rest;
    m_meanGradient.noalias() = m_eigen.eigenvectors() * (m_square.cwiseProduct(m_rotated)).eval();
    m_weighted = (m_factor.colwise() * (m_weight * m_node)).matrix();
    m_inner = m_factor.matrix().transpose() * m_weighted;
    m_inner = -(m_rotated.asDiagonal() * m_inner * m_rotated.conjugate().asDiagonal());
    m_inner.diagonal() += m_square;
    m_covarianceGradient.noalias() =
        m_eigen.eigenvectors() * m_inner * m_eigen.eigenvectors().adjoint();
}

} // namespace ns3
