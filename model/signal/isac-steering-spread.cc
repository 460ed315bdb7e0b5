// SPDX-License-Identifier: GPL-2.0-only

#include "isac-steering-spread.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace ns3
{

namespace cellfree
{

Eigen::Matrix3d
GetDirectionCovariance(const Eigen::Vector3d& offset, const Eigen::Matrix3d& covariance)
{
    constexpr double NEAREST = 1e-3;
    const double r = offset.norm();
    if (r < NEAREST)
    {
        return covariance / (NEAREST * NEAREST);
    }
    const Eigen::Vector3d u = offset / r;
    const Eigen::Matrix3d across = Eigen::Matrix3d::Identity() - u * u.transpose();
    return across * covariance * across / (r * r);
}

} // namespace cellfree

bool
IsacSteeringSpread::Widen(const Eigen::Ref<const Eigen::Matrix3Xd>& positions,
                          const Eigen::Matrix3d& covariance,
                          Eigen::Ref<Eigen::VectorXcd> steering)
{
    const auto n = positions.cols();
    if (n < 2)
    {
        return false;
    }
    const Eigen::Vector3d centre = positions.rowwise().mean();
    const double squaredRadius = (positions.colwise() - centre).colwise().squaredNorm().maxCoeff();
    if (8.0 * M_PI * M_PI * covariance.trace() * squaredRadius < NEGLIGIBLE)
    {
        return false;
    }
    m_kernel.resize(n, n);
    m_magnitude = steering.cwiseAbs();
    for (Eigen::Index k = 0; k < n; ++k)
    {
        const double magnitude = m_magnitude(k);
        m_kernel(k, k) = magnitude * magnitude;
        for (Eigen::Index i = 0; i < k; ++i)
        {
            const Eigen::Vector3d baseline = positions.col(i) - positions.col(k);
            m_kernel(i, k) = magnitude * m_magnitude(i) *
                             std::exp(-2.0 * M_PI * M_PI * baseline.dot(covariance * baseline));
            m_kernel(k, i) = m_kernel(i, k);
        }
    }
    const double scale = std::sqrt(FindDominant());
    for (Eigen::Index i = 0; i < n; ++i)
    {
        const double magnitude = m_magnitude(i);
        steering(i) *= magnitude > 0.0 ? scale * m_taper(i) / magnitude : 0.0;
    }
    return true;
}

double
IsacSteeringSpread::FindDominant()
{
    constexpr int STEPS = 24;
    using Projected = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, STEPS, STEPS>;
    constexpr double TOLERANCE = 1e-10;
    const auto n = m_kernel.rows();
    const auto steps = std::min<Eigen::Index>(n, STEPS);
    m_basis.resize(n, steps);
    m_taper.setConstant(n, 1.0 / std::sqrt(static_cast<double>(n)));
    // Restarted from what it found; a few times, where the spread is so wide that many tapers do
    // nearly as well.
    for (int round = 0;; ++round)
    {
        Projected projected = Projected::Zero(steps, steps);
        m_basis.col(0) = m_taper;
        Eigen::Index used = 0;
        double residual = 0.0;
        while (true)
        {
            m_next.noalias() = m_kernel * m_basis.col(used);
            projected(used, used) = m_basis.col(used).dot(m_next);
            // Twice is enough to be orthogonal to rounding.
            for (int pass = 0; pass < 2; ++pass)
            {
                for (Eigen::Index i = 0; i <= used; ++i)
                {
                    m_next -= m_basis.col(i).dot(m_next) * m_basis.col(i);
                }
            }
            residual = m_next.norm();
            ++used;
            if (used == steps || residual <= TOLERANCE * projected(0, 0))
            {
                break;
            }
            m_basis.col(used) = m_next / residual;
            projected(used, used - 1) = residual;
            projected(used - 1, used) = residual;
        }
        projected.conservativeResize(used, used);
        const Eigen::SelfAdjointEigenSolver<Projected> solver(projected);
        const double eigenvalue = solver.eigenvalues()(used - 1);
        m_taper.noalias() = m_basis.leftCols(used) * solver.eigenvectors().col(used - 1);
        // Positive up to rounding, where the largest is far from it.
        m_taper = m_taper.cwiseAbs().normalized();
        const double error = residual * std::abs(solver.eigenvectors()(used - 1, used - 1));
        if (error <= TOLERANCE * eigenvalue || round == 3)
        {
            return m_taper.dot(m_kernel * m_taper);
        }
    }
}

Eigen::MatrixXcd
IsacSteeringSpread::GetCorrelation(const Eigen::Ref<const Eigen::Matrix3Xd>& positions,
                                   const Eigen::Matrix3d& covariance,
                                   const Eigen::Ref<const Eigen::VectorXcd>& steering)
{
    const auto n = positions.cols();
    Eigen::MatrixXcd correlation(n, n);
    for (Eigen::Index k = 0; k < n; ++k)
    {
        for (Eigen::Index i = 0; i < n; ++i)
        {
            const Eigen::Vector3d baseline = positions.col(i) - positions.col(k);
            correlation(i, k) = steering(i) * std::conj(steering(k)) *
                                std::exp(-2.0 * M_PI * M_PI * baseline.dot(covariance * baseline));
        }
    }
    return correlation;
}

} // namespace ns3
