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
/// Share of the upper bound at which beams count as optimal.
constexpr double TIGHT = 1 - 2e-5;
/// Relative gain below which no further tangent is taken.
constexpr double LEAST_GAIN = 5e-5;
/// Relative gap at which a solve that starts from the previous one's prices begins.
constexpr double WARM_GAP = 1e-2;
/// Relative gap to which the first tangent is solved.
constexpr double FIRST_TOLERANCE = 1e-3;
/// Limit of the sweeps over the APs' phases.
constexpr uint32_t MAX_SWEEPS = 200;

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
            for (auto column : directions.colwise())
            {
                const double norm = column.stableNorm();
                column *= norm > 0 ? 1 / norm : 0.0;
            }
            Eigen::ColPivHouseholderQR<Eigen::MatrixXcd> qr(directions);
            qr.setThreshold(RANK_TOLERANCE);
            m_basis[m] = qr.householderQ() * Eigen::MatrixXcd::Identity(n, qr.rank());
        }
        m_firstRow.push_back(m_firstRow.back() + m_basis[m].cols());
    }
    const auto nRows = m_firstRow.back();
    m_form.setZero(nRows);
    m_formScale = 0.0;
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto size = m_basis[m].cols();
        if (size == 0 || m_nTargets == 0)
        {
            continue;
        }
        Eigen::MatrixXcd block = Eigen::MatrixXcd::Zero(size, size);
        for (Eigen::Index t = 0; t < m_nTargets; ++t)
        {
            const Eigen::VectorXcd steering =
                m_basis[m].adjoint() * problem.a.col(t).segment(m * n, n);
            block.noalias() += (problem.omega(m, t) * steering) * steering.adjoint();
        }
        // Coordinates in which the form is diagonal, ascending.
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> eigen(block);
        const double largest = eigen.eigenvalues()(size - 1);
        m_basis[m] = (m_basis[m] * eigen.eigenvectors()).eval();
        m_form.segment(m_firstRow[m], size) =
            (eigen.eigenvalues().array() > RANK_TOLERANCE * largest)
                .select(eigen.eigenvalues(), 0.0);
        m_formScale += std::max(0.0, largest);
    }
    if (m_formScale > 0)
    {
        m_form /= m_formScale;
    }

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
    const bool masked = problem.serving.size() != 0 || problem.sensing.size() != 0;
    m_mask.resize(masked ? nAps : 0, nActive + m_nTargets);
    for (Eigen::Index m = 0; m < nAps && masked; ++m)
    {
        for (Eigen::Index i = 0; i < nActive; ++i)
        {
            m_mask(m, i) = problem.Serves(m, m_active[i]);
        }
        for (Eigen::Index t = 0; t < m_nTargets; ++t)
        {
            m_mask(m, nActive + t) = problem.Senses(m, t);
        }
    }
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
    }
}

void
IsacJscSolver::SenseOnly()
{
    m_f.setZero(m_firstRow.back(), m_active.size() + m_nTargets);
    m_result.upperBound = 0.0;
    for (std::size_t m = 0; m < m_basis.size(); ++m)
    {
        const auto last = m_firstRow[m + 1] - 1;
        if (m_basis[m].cols() == 0 || m_nTargets == 0 || m_form(last) == 0)
        {
            continue;
        }
        for (Eigen::Index t = 0; t < m_nTargets; ++t)
        {
            // One stream does: the first that this AP may send.
            if (Sends(m, m_active.size() + t))
            {
                m_f(last, m_active.size() + t) = 1.0;
                m_result.upperBound += m_formScale * m_form(last);
                break;
            }
        }
    }
}

double
IsacJscSolver::GetSensing()
{
    m_tangent.noalias() = m_form.asDiagonal() * m_f;
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
IsacJscSolver::SetSensingBeams()
{
    // Every AP's own strongest directions of the covariance, whose correlation between APs is
    // mostly lost: the phases between APs are then chosen so that the UEs hear least of it.
    const auto& covariance = m_dual.GetSensingCovariance();
    const auto nActive = static_cast<Eigen::Index>(m_active.size());
    Eigen::Index first = 0;
    for (std::size_t m = 0; m < m_basis.size(); ++m)
    {
        const auto end = m_firstRow[m + 1];
        const auto size = (m_form.segment(m_firstRow[m], end - m_firstRow[m]).array() > 0).count();
        if (size == 0)
        {
            continue;
        }
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> eigen(
            covariance.block(first, first, size, size));
        first += size;
        for (Eigen::Index t = 0; t < std::min<Eigen::Index>(m_nTargets, size); ++t)
        {
            if (Sends(m, nActive + t))
            {
                const auto i = size - 1 - t;
                m_f.col(nActive + t).segment(end - size, size) =
                    std::sqrt(std::max(0.0, eigen.eigenvalues()(i))) * eigen.eigenvectors().col(i);
            }
        }
    }
    const Eigen::VectorXd price = m_dual.GetUePrice();
    Eigen::MatrixXcd heard(nActive, m_basis.size());
    for (Eigen::Index t = 0; t < m_nTargets; ++t)
    {
        auto beam = m_f.col(nActive + t);
        for (std::size_t m = 0; m < m_basis.size(); ++m)
        {
            const auto size = m_basis[m].cols();
            heard.col(m) =
                m_h.middleRows(m_firstRow[m], size).adjoint() * beam.segment(m_firstRow[m], size);
        }
        // Coordinate descent over one AP's phase at a time: the interference never rises.
        Eigen::VectorXcd total = heard.rowwise().sum();
        double last = price.dot(total.cwiseAbs2());
        for (uint32_t sweep = 0; sweep < MAX_SWEEPS; ++sweep)
        {
            for (std::size_t m = 0; m < m_basis.size(); ++m)
            {
                total -= heard.col(m);
                const auto overlap =
                    heard.col(m).dot(price.cast<std::complex<double>>().cwiseProduct(total));
                if (std::abs(overlap) > 0)
                {
                    const auto turn = -overlap / std::abs(overlap);
                    heard.col(m) *= turn;
                    beam.segment(m_firstRow[m], m_basis[m].cols()) *= turn;
                }
                total += heard.col(m);
            }
            const double next = price.dot(total.cwiseAbs2());
            if (!(next < (1 - LEAST_GAIN) * last))
            {
                break;
            }
            last = next;
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
    m_dual.Start(IsacSinrDual::FREE_SENSING, minSinr);
    const auto status = m_dual.Minimise(1.0, m_settings.tolerance, m_settings.maxIterations);
    KeepPrices(m_formScale);
    if (status == IsacSinrDual::UNBOUNDED)
    {
        return false;
    }
    const double bound = m_dual.GetValue();
    m_result.upperBound = m_formScale * bound;
    m_dual.GetBeams(m_f);
    SetSensingBeams();
    // The first tangent is that of the covariance's beams, before powers are cut to meet the SINRs.
    GetSensing();
    m_dual.SetTangent(m_tangent);
    if (!AllocatePower(minSinr))
    {
        return false;
    }
    double sensing = GetSensing();
    Eigen::MatrixXcd best = m_f;
    double tolerance = std::max(m_settings.tolerance, FIRST_TOLERANCE);
    for (uint32_t i = 0; i < m_settings.maxTangents && sensing < TIGHT * bound; ++i)
    {
        if (i > 0)
        {
            GetSensing();
            m_dual.SetTangent(m_tangent);
        }
        if (m_dual.Minimise(WARM_GAP, tolerance, m_settings.maxIterations) !=
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
        // No tangent is solved much better than it has to be: powers are allocated exactly anyway.
        if (i > 0 && gain < LEAST_GAIN * sensing && tolerance <= m_settings.tolerance)
        {
            break;
        }
        tolerance = std::clamp(0.1 * gain / sensing,
                               m_settings.tolerance,
                               std::max(m_settings.tolerance, tolerance));
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
            norms(m) =
                Sends(m, u) ? m_h.col(u).segment(m_firstRow[m], m_basis[m].cols()).norm() : 0.0;
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
        m_dual.Start(IsacSinrDual::MIN_POWER, target);
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
    m_dual.Start(IsacSinrDual::MIN_POWER, target);
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
            m_dual.Start(IsacSinrDual::MIN_POWER, reached);
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
    m_dual.SetChannels(m_firstRow, m_h, m_noise, m_form, m_mask, m_nTargets);
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
