// SPDX-License-Identifier: GPL-2.0-only

#include "isac-scattering.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

constexpr double DEVIATIONS = 6.5;  //!< where the Gaussian density is cut: 1e-10 lies beyond
constexpr double ALIASING = 7.0;    //!< deviations between the integrand's spectrum and its copy
constexpr double BESSEL_TAIL = 8.5; //!< J_n(w) < 1e-10 for n > w + 8.5 w^(1/3)

/// Nodes and weights of the trapezoidal rule for a Gaussian density.
struct Rule
{
    Eigen::VectorXd nodes;   //!< offsets from the mean (rad)
    Eigen::VectorXd weights; //!< sum to one
};

/// Rule for integrands whose phase turns by at most rate radians a radian.
Rule
GetRule(double spread, double rate)
{
    const double widest = rate + BESSEL_TAIL * std::cbrt(rate);
    const double step = 2 * M_PI * spread / (widest * spread + ALIASING);
    const auto half = spread > 0.0
                          ? static_cast<Eigen::Index>(std::ceil(DEVIATIONS * spread / step))
                          : Eigen::Index{0};
    Rule rule;
    rule.nodes = step * Eigen::VectorXd::LinSpaced(2 * half + 1, -double(half), double(half));
    rule.weights.setOnes(2 * half + 1);
    if (half > 0)
    {
        rule.weights = (-0.5 * (rule.nodes / spread).array().square()).exp();
        rule.weights /= rule.weights.sum();
    }
    return rule;
}

} // namespace

Eigen::MatrixXcd
cellfree::GetScatteringCorrelation(const Eigen::Matrix3Xd& elements,
                                   const Eigen::Vector3d& direction,
                                   double azimuthSpread,
                                   double elevationSpread)
{
    const auto n = elements.cols();
    double aperture = 0.0;
    for (Eigen::Index i = 0; i < n; ++i)
    {
        aperture =
            std::max(aperture, (elements.colwise() - elements.col(i)).colwise().norm().maxCoeff());
    }
    const Rule azimuths = GetRule(azimuthSpread, 2 * M_PI * aperture);
    const Rule elevations = GetRule(elevationSpread, 2 * M_PI * aperture);
    const double azimuth = std::atan2(direction.y(), direction.x());
    const double elevation = std::atan2(direction.z(), std::hypot(direction.x(), direction.y()));

    Eigen::MatrixXcd steering(n, azimuths.nodes.size());
    Eigen::MatrixXcd correlation = Eigen::MatrixXcd::Zero(n, n);
    for (Eigen::Index e = 0; e < elevations.nodes.size(); ++e)
    {
        const double z = elevation + elevations.nodes(e);
        for (Eigen::Index i = 0; i < azimuths.nodes.size(); ++i)
        {
            const double x = azimuth + azimuths.nodes(i);
            const Eigen::Vector3d k(std::cos(z) * std::cos(x),
                                    std::cos(z) * std::sin(x),
                                    std::sin(z));
            const double amplitude = std::sqrt(azimuths.weights(i) * elevations.weights(e));
            for (Eigen::Index a = 0; a < n; ++a)
            {
                steering(a, i) = std::polar(amplitude, -2 * M_PI * k.dot(elements.col(a)));
            }
        }
        correlation.noalias() += steering * steering.adjoint();
    }
    return correlation;
}

Eigen::MatrixXcd
cellfree::GetHermitianRoot(const Eigen::MatrixXcd& covariance)
{
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> solver(covariance);
    const Eigen::VectorXd roots = solver.eigenvalues().cwiseMax(0.0).cwiseSqrt();
    return solver.eigenvectors() * roots.asDiagonal() * solver.eigenvectors().adjoint();
}

double
cellfree::GetClarkeCorrelation(double phase)
{
    return ::j0(phase); // POSIX: not every C++17 library has std::cyl_bessel_j
}

} // namespace ns3
