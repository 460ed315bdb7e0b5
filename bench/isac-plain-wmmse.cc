// SPDX-License-Identifier: GPL-2.0-only

#include "isac-plain-wmmse.h"

#include <Eigen/Eigenvalues>

namespace ns3
{

IsacPlainWmmse::IsacPlainWmmse(const IsacProblem& problem,
                               double sensingWeight,
                               const IsacBeams& start)
    : m_problem(problem),
      m_sensingWeight(sensingWeight),
      m_beams(start)
{
}

double
IsacPlainWmmse::Iterate()
{
    constexpr int SWEEPS = 5;
    const auto nUes = m_problem.GetNUes();
    const Eigen::MatrixXcd g = m_problem.h.adjoint() * m_beams.f;
    Eigen::VectorXcd receiver(nUes);
    Eigen::VectorXd weight(nUes);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        const double total = g.row(u).squaredNorm() + 1.0;
        receiver(u) = g(u, u) / total;
        weight(u) = 1.0 + std::norm(g(u, u)) / (total - std::norm(g(u, u)));
    }
    for (int sweep = 0; sweep < SWEEPS; ++sweep)
    {
        for (Eigen::Index m = 0; m < m_problem.GetNAps(); ++m)
        {
            UpdateAp(m, receiver, weight);
        }
    }
    m_metrics.Evaluate(m_problem, m_beams);
    return m_metrics.GetObjective();
}

void
IsacPlainWmmse::UpdateAp(Eigen::Index m,
                         const Eigen::VectorXcd& receiver,
                         const Eigen::VectorXd& weight)
{
    const auto n = m_problem.nAntennas;
    const auto nUes = m_problem.GetNUes();
    const Eigen::MatrixXcd h = m_problem.h.middleRows(m * n, n);
    const Eigen::VectorXd quadratic = weight.cwiseProduct(receiver.cwiseAbs2());
    const Eigen::MatrixXcd others = m_problem.h.adjoint() * m_beams.f - h.adjoint() * m_beams.Ap(m);
    Eigen::MatrixXcd a = h * quadratic.asDiagonal() * h.adjoint();
    Eigen::MatrixXcd c = -h * quadratic.asDiagonal() * others;
    c.leftCols(nUes) += h * weight.cast<std::complex<double>>().cwiseProduct(receiver).asDiagonal();
    if (m_sensingWeight > 0)
    {
        m_metrics.Evaluate(m_problem, m_beams);
        for (Eigen::Index t = 0; t < m_problem.GetNTargets(); ++t)
        {
            const Eigen::VectorXcd steering = m_problem.a.col(t).segment(m * n, n);
            const double gain = m_sensingWeight * m_problem.omega(m, t);
            const double slope = 1.0 / (1.0 + m_metrics.GetSensingSnr()(t)) + 0.125;
            a += 0.125 * gain * steering * steering.adjoint();
            c += gain * slope * steering * (steering.adjoint() * m_beams.Ap(m));
        }
    }
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> eigen(a);
    const Eigen::VectorXd lambda = eigen.eigenvalues().cwiseMax(0.0);
    const Eigen::MatrixXcd rotated = eigen.eigenvectors().adjoint() * c;
    const Eigen::VectorXd p = rotated.rowwise().squaredNorm();
    const double floor = 1e-12 * lambda.maxCoeff() + 1e-300;
    auto power = [&](double mu) {
        return (p.array() / (lambda.array() + mu).max(floor).square()).sum();
    };
    double mu = 0.0;
    if (power(0.0) > 1.0)
    {
        double low = 0.0;
        double high = 1.0;
        while (power(high) > 1.0)
        {
            high *= 2.0;
        }
        for (int step = 0; step < 60; ++step)
        {
            mu = 0.5 * (low + high);
            (power(mu) > 1.0 ? low : high) = mu;
        }
        mu = high;
    }
    m_beams.Ap(m) = eigen.eigenvectors() *
                    (lambda.array() + mu).max(floor).inverse().matrix().asDiagonal() * rotated;
}

} // namespace ns3
