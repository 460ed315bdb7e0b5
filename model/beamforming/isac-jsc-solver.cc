// SPDX-License-Identifier: GPL-2.0-only

#include "isac-jsc-solver.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

namespace
{

/// Pivots below this share of the largest count as zero in an AP's basis.
constexpr double RANK_TOLERANCE = 1e-10;
/// Share of the upper bound that the covariance's own beams must reach to be left as they are.
constexpr double TIGHT = 1 - 2e-5;
/// Relative gain below which no further tangent is taken.
constexpr double LEAST_GAIN = 5e-5;
/// Relative gap at which a solve that starts from the previous one's prices begins.
constexpr double WARM_GAP = 1e-2;

} // namespace

void
IsacJscSolver::Reduce(const IsacProblem& problem)
{
    const auto nAps = problem.GetNAps();
    const auto nUes = problem.GetNUes();
    const auto n = problem.nAntennas;
    m_nTargets = problem.GetNTargets();

    m_basis.resize(nAps);
    m_firstRow.assign(1, 0);
    Eigen::MatrixXcd directions(n, nUes + m_nTargets);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        if (nUes + m_nTargets == 0)
        {
            m_basis[m].resize(n, 0);
        }
        else if (n <= nUes + m_nTargets)
        {
            m_basis[m].setIdentity(n, n);
        }
        else
        {
            // Unit columns, so that a weak link's direction is not taken for rounding.
            directions << problem.h.middleRows(m * n, n), problem.a.middleRows(m * n, n);
            directions.colwise().normalize();
            Eigen::ColPivHouseholderQR<Eigen::MatrixXcd> qr(directions);
            qr.setThreshold(RANK_TOLERANCE);
            m_basis[m] = qr.householderQ() * Eigen::MatrixXcd::Identity(n, qr.rank());
        }
        m_firstRow.push_back(m_firstRow.back() + m_basis[m].cols());
    }
    const auto nRows = m_firstRow.back();

    m_active.clear();
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        double gain = 0.0;
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            gain += problem.Serves(m, u) ? problem.h.col(u).segment(m * n, n).squaredNorm() : 0.0;
        }
        if (gain > 0)
        {
            m_active.push_back(u);
        }
    }
    const auto nActive = static_cast<Eigen::Index>(m_active.size());
    m_h.resize(nRows, nActive);
    m_noise.resize(nActive);
    m_serving.resize(problem.serving.size() == 0 ? 0 : nAps, nActive);
    for (Eigen::Index i = 0; i < nActive; ++i)
    {
        const auto u = m_active[i];
        const double norm = problem.h.col(u).norm();
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            m_h.col(i).segment(m_firstRow[m], m_basis[m].cols()).noalias() =
                m_basis[m].adjoint() * (problem.h.col(u).segment(m * n, n) / norm);
        }
        m_noise(i) = 1 / (norm * norm);
        if (m_serving.size() != 0)
        {
            m_serving.col(i) = problem.serving.col(u);
        }
    }

    m_form.setZero(nRows, nRows);
    m_formScale = 0.0;
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto size = m_basis[m].cols();
        auto block = m_form.block(m_firstRow[m], m_firstRow[m], size, size);
        for (Eigen::Index t = 0; t < m_nTargets; ++t)
        {
            const Eigen::VectorXcd steering =
                m_basis[m].adjoint() * problem.a.col(t).segment(m * n, n);
            block.noalias() += (problem.omega(m, t) * steering) * steering.adjoint();
        }
        if (size > 0)
        {
            Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> eigen(block, Eigen::EigenvaluesOnly);
            m_formScale += std::max(0.0, eigen.eigenvalues()(size - 1));
        }
    }
    if (m_formScale > 0)
    {
        m_form /= m_formScale;
    }
}

void
IsacJscSolver::SenseOnly()
{
    m_f.setZero(m_firstRow.back(), m_active.size() + m_nTargets);
    for (std::size_t m = 0; m < m_basis.size(); ++m)
    {
        const auto size = m_basis[m].cols();
        if (size > 0 && m_nTargets > 0)
        {
            Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> eigen(
                m_form.block(m_firstRow[m], m_firstRow[m], size, size));
            if (eigen.eigenvalues()(size - 1) > 0)
            {
                m_f.col(m_active.size()).segment(m_firstRow[m], size) =
                    eigen.eigenvectors().col(size - 1);
            }
        }
    }
    m_result.upperBound = m_formScale;
}

double
IsacJscSolver::GetSensing()
{
    m_tangent.noalias() = m_form * m_f;
    return m_f.conjugate().cwiseProduct(m_tangent).sum().real();
}

double
IsacJscSolver::GetMaxPower() const
{
    double power = 0.0;
    for (std::size_t m = 0; m < m_basis.size(); ++m)
    {
        power = std::max(power, m_f.middleRows(m_firstRow[m], m_basis[m].cols()).squaredNorm());
    }
    return power;
}

double
IsacJscSolver::GetMinSinr()
{
    double least = std::numeric_limits<double>::infinity();
    m_received.noalias() = m_h.adjoint() * m_f;
    for (Eigen::Index u = 0; u < m_h.cols(); ++u)
    {
        double interference = m_noise(u);
        for (Eigen::Index s = 0; s < m_f.cols(); ++s)
        {
            interference += s == u ? 0.0 : std::norm(m_received(u, s));
        }
        least = std::min(least, std::norm(m_received(u, u)) / interference);
    }
    return least;
}

void
IsacJscSolver::KeepPrices(double scale)
{
    m_result.apPrice = scale * m_dual.GetApPrice();
    m_result.uePrice.setZero(m_result.uePrice.size());
    for (std::size_t i = 0; i < m_active.size(); ++i)
    {
        m_result.uePrice(m_active[i]) = scale * m_noise(i) * m_dual.GetUePrice()(i);
    }
}

void
IsacJscSolver::SpreadSensingBeams()
{
    // Eigenvectors of a covariance without correlation between APs would leave APs silent: take
    // every AP's own strongest directions, in phase with the eigenvectors where those have a phase.
    const auto& covariance = m_dual.GetSensingCovariance();
    for (std::size_t m = 0; m < m_basis.size(); ++m)
    {
        const auto size = m_basis[m].cols();
        if (size == 0)
        {
            continue;
        }
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> eigen(
            covariance.block(m_firstRow[m], m_firstRow[m], size, size));
        for (Eigen::Index t = 0; t < m_nTargets; ++t)
        {
            auto block = m_f.col(m_active.size() + t).segment(m_firstRow[m], size);
            const auto i = size - 1 - t;
            if (i < 0)
            {
                block.setZero();
                continue;
            }
            const auto overlap = eigen.eigenvectors().col(i).dot(block);
            const auto phase =
                std::abs(overlap) > 0 ? overlap / std::abs(overlap) : std::complex<double>(1.0);
            block = phase * std::sqrt(std::max(0.0, eigen.eigenvalues()(i))) *
                    eigen.eigenvectors().col(i);
        }
    }
}

bool
IsacJscSolver::SolveUePower(double minSinr)
{
    const auto nActive = m_h.cols();
    m_received.noalias() = m_h.adjoint() * m_f;
    // p_u |g_uu|^2 - g sum_{v != u} p_v |g_uv|^2 = g (noise_u + b sum_t |g_ut|^2).
    m_coupling = -minSinr * m_received.leftCols(nActive).cwiseAbs2();
    m_coupling.diagonal() /= -minSinr;
    m_uePower.resize(nActive, 2);
    m_uePower.col(0) = minSinr * m_noise;
    m_uePower.col(1) = minSinr * m_received.rightCols(m_nTargets).rowwise().squaredNorm();
    m_uePower = m_coupling.partialPivLu().solve(m_uePower).eval();
    return (m_uePower.col(0).array() > 0).all() && (m_uePower.col(1).array() >= 0).all();
}

void
IsacJscSolver::EqualiseSinr(double minSinr)
{
    if (SolveUePower(minSinr))
    {
        for (Eigen::Index u = 0; u < m_h.cols(); ++u)
        {
            m_f.col(u) *= std::sqrt(m_uePower(u, 0));
        }
    }
}

bool
IsacJscSolver::AllocatePower(double minSinr)
{
    const auto nActive = m_h.cols();
    if (!SolveUePower(minSinr))
    {
        return false;
    }
    double sensing = std::numeric_limits<double>::infinity();
    for (std::size_t m = 0; m < m_basis.size(); ++m)
    {
        const auto rows = m_f.middleRows(m_firstRow[m], m_basis[m].cols());
        const Eigen::VectorXd load = rows.leftCols(nActive).colwise().squaredNorm();
        const double fixed = load.dot(m_uePower.col(0));
        const double slope = load.dot(m_uePower.col(1)) + rows.rightCols(m_nTargets).squaredNorm();
        if (fixed > 1)
        {
            return false;
        }
        sensing = slope > 0 ? std::min(sensing, (1 - fixed) / slope) : sensing;
    }
    sensing = std::isfinite(sensing) ? sensing : 0.0;
    for (Eigen::Index u = 0; u < nActive; ++u)
    {
        m_f.col(u) *= std::sqrt(m_uePower(u, 0) + sensing * m_uePower(u, 1));
    }
    m_f.rightCols(m_nTargets) *= std::sqrt(sensing);
    return true;
}

bool
IsacJscSolver::MaximiseSensing(double minSinr)
{
    m_dual.Start(IsacSinrDual::FREE_SENSING, minSinr, m_form);
    const auto status = m_dual.Minimise(1.0, m_settings.tolerance, m_settings.maxIterations);
    KeepPrices(m_formScale);
    if (status == IsacSinrDual::UNBOUNDED)
    {
        return false;
    }
    const double bound = m_dual.GetValue();
    m_result.upperBound = m_formScale * bound;
    m_dual.GetBeams(m_f);
    if (!AllocatePower(minSinr))
    {
        return false;
    }
    double sensing = GetSensing();
    if (sensing >= TIGHT * bound)
    {
        return true;
    }
    Eigen::MatrixXcd best = m_f;
    SpreadSensingBeams();
    for (uint32_t i = 0; i < m_settings.maxTangents; ++i)
    {
        GetSensing();
        m_dual.SetTangent(m_tangent);
        if (m_dual.Minimise(WARM_GAP, m_settings.tolerance, m_settings.maxIterations) !=
            IsacSinrDual::CONVERGED)
        {
            break;
        }
        m_dual.GetBeams(m_f);
        if (!AllocatePower(minSinr))
        {
            break;
        }
        const double next = GetSensing();
        const double gain = next - sensing;
        if (gain > 0)
        {
            best = m_f;
            sensing = next;
        }
        if (sensing >= TIGHT * bound || (i > 0 && gain < LEAST_GAIN * sensing))
        {
            break;
        }
    }
    m_f = best;
    return true;
}

bool
IsacJscSolver::ExceedsSingleUe(double minSinr)
{
    // Alone, UE u gets at most (sum_m ||h_mu||)^2; by Cauchy-Schwarz, mu_m ~ ||h_mu|| proves it.
    for (Eigen::Index u = 0; u < m_h.cols(); ++u)
    {
        Eigen::VectorXd norms(m_basis.size());
        for (std::size_t m = 0; m < m_basis.size(); ++m)
        {
            const bool serves = m_serving.size() == 0 || m_serving(m, u);
            norms(m) = serves ? m_h.col(u).segment(m_firstRow[m], m_basis[m].cols()).norm() : 0.0;
        }
        const double best = norms.sum() * norms.sum() / m_noise(u);
        if (minSinr > best)
        {
            m_result.apPrice = norms / norms.sum();
            m_result.uePrice(m_active[u]) = minSinr / best;
            return true;
        }
    }
    return false;
}

bool
IsacJscSolver::MaximiseMinSinr(double minSinr, bool known)
{
    double target = minSinr;
    if (!known)
    {
        m_dual.Start(IsacSinrDual::MIN_POWER, target, m_form);
        const auto status =
            m_dual.Minimise(1.0, m_settings.tolerance, m_settings.maxIterations, 1.0);
        KeepPrices(1.0);
        if (status != IsacSinrDual::UNBOUNDED)
        {
            m_dual.GetBeams(m_f);
            EqualiseSinr(target);
            m_f /= std::sqrt(GetMaxPower());
            if (GetMinSinr() >= minSinr)
            {
                return true;
            }
        }
    }
    // A target that one UE alone would reach easily; the iteration then rises to the max-min point.
    target = std::min(target, 1e-3 / m_noise.maxCoeff());
    m_dual.Start(IsacSinrDual::MIN_POWER, target, m_form);
    double firstGap = 1.0;
    double best = 0.0;
    Eigen::MatrixXcd bestBeams;
    while (true)
    {
        m_dual.Minimise(firstGap, m_settings.tolerance, m_settings.maxIterations);
        m_dual.GetBeams(m_f);
        EqualiseSinr(target);
        m_f /= std::sqrt(GetMaxPower());
        const double reached = GetMinSinr();
        const bool rising = reached > best * (1 + m_settings.tolerance);
        if (reached > best)
        {
            best = reached;
            bestBeams = m_f;
        }
        if (!rising || m_dual.GetIterations() >= m_settings.maxIterations)
        {
            m_f = bestBeams;
            return best >= minSinr;
        }
        if (reached < target)
        {
            m_dual.Start(IsacSinrDual::MIN_POWER, reached, m_form);
            firstGap = 1.0;
        }
        else
        {
            m_dual.RaiseMinSinr(reached);
            firstGap = WARM_GAP;
        }
        target = reached;
    }
}

const IsacJscSolver::Result&
IsacJscSolver::Solve(const IsacProblem& problem,
                     double minSinr,
                     const Settings& settings,
                     IsacBeams& beams)
{
    m_settings = settings;
    m_result = Result();
    m_result.apPrice.setZero(problem.GetNAps());
    m_result.uePrice.setZero(problem.GetNUes());
    Reduce(problem);
    m_dual.SetChannels(m_firstRow, m_h, m_noise, m_serving, m_nTargets);
    const bool allReached = static_cast<Eigen::Index>(m_active.size()) == problem.GetNUes();
    if (m_active.empty() || minSinr == 0)
    {
        SenseOnly();
        m_result.feasible = allReached || minSinr == 0;
    }
    else if (!allReached || ExceedsSingleUe(minSinr))
    {
        MaximiseMinSinr(minSinr, true);
        m_result.feasible = false;
    }
    else if (m_formScale == 0)
    {
        m_result.feasible = MaximiseMinSinr(minSinr, false);
    }
    else if (!MaximiseSensing(minSinr))
    {
        m_result.feasible = MaximiseMinSinr(minSinr, true);
    }
    m_result.iterations = m_dual.GetIterations();

    const double power = GetMaxPower();
    if (power > 1)
    {
        m_f /= std::sqrt(power);
    }
    for (std::size_t m = 0; m < m_basis.size(); ++m)
    {
        const auto rows = m_f.middleRows(m_firstRow[m], m_basis[m].cols());
        auto block = beams.Ap(m);
        for (std::size_t i = 0; i < m_active.size(); ++i)
        {
            block.col(m_active[i]).noalias() = m_basis[m] * rows.col(i);
        }
        block.rightCols(m_nTargets).noalias() = m_basis[m] * rows.rightCols(m_nTargets);
    }
    return m_result;
}

} // namespace ns3
