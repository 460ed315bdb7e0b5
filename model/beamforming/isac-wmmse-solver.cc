// SPDX-License-Identifier: GPL-2.0-only

#include "isac-wmmse-solver.h"

#include "isac-conjugate-solver.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ns3
{

namespace
{

/// Proximal weight and smallest multiplier, in units of the mean multiplier.
constexpr double PROXIMAL = 1e-6;
constexpr double SMALLEST_PRICE = 1e-12;
/// Relative accuracy of the AP powers at which the dual counts as solved.
constexpr double DUAL_TOLERANCE = 1e-6;
constexpr int MAX_NEWTON_STEPS = 40;
/// The largest Newton step in ln mu.
constexpr double MAX_LOG_STEP = 4.0;
/// How much weaker than the first the last stream starts: equal UEs are a saddle to leave.
constexpr double TILT = 0.1;
/// How far beyond the maximiser of the minorant an iteration tries to go first.
constexpr double OVERSHOOT = 1.5;
/// Amplitude of a stream that the start lacks, in units of its conjugate beam.
constexpr double LACKING_STREAM = 0.1;

} // namespace

double
IsacWmmseSolver::GetMinorantCurvature(double q)
{
    // The bound (ln(1+q) - 1) / q exceeds 1/8 from q = 3 to 8.5 and holds above that.
    return q > 3.0 ? std::min(0.125, (std::log1p(q) - 1.0) / q) : 0.125;
}

void
IsacWmmseSolver::Begin(const IsacProblem& problem, bool withSensing, WmmseErrors errors)
{
    m_subspace.Form(problem, withSensing && (problem.sensingWeight.array() > 0).any());
    const auto& reduced = m_subspace.GetReduced();
    const auto nAps = reduced.GetNAps();
    const auto r = reduced.nAntennas;
    m_nUes = reduced.GetNUes();
    m_nTargets = reduced.GetNTargets();
    m_nStreams = m_nUes + m_nTargets;
    m_masked = reduced.serving.size() != 0 || reduced.sensing.size() != 0;

    // Only ratios of weights matter: brought to about 1 by a power of 4, whose root is exact too.
    m_weight.resize(m_nStreams);
    m_weight << reduced.weight, reduced.sensingWeight;
    const double largest = m_nStreams > 0 ? m_weight.maxCoeff() : 0.0;
    m_weightScale = largest > 0 ? std::ldexp(1.0, -2 * (std::ilogb(largest) / 2)) : 1.0;
    m_weight *= m_weightScale;

    m_gram.resize(m_nUes * m_nUes, nAps);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto h = reduced.h.middleRows(m * r, r);
        Eigen::Map<Eigen::MatrixXcd>(m_gram.col(m).data(), m_nUes, m_nUes).noalias() =
            h.adjoint() * h;
    }
    if (m_masked)
    {
        m_serves.setOnes(nAps, m_nStreams);
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            for (Eigen::Index u = 0; u < m_nUes; ++u)
            {
                m_serves(m, u) = reduced.Serves(m, u);
            }
            for (Eigen::Index t = 0; t < m_nTargets; ++t)
            {
                m_serves(m, m_nUes + t) = reduced.Senses(m, t);
            }
        }
        m_inverseServed.resize(nAps, m_nStreams);
    }
    for (auto* point : {&m_current, &m_candidate})
    {
        point->beams.Resize(reduced);
        point->received.resize(m_nUes, m_nStreams);
        point->echo.resize(nAps * m_nTargets, m_nStreams);
        point->snr.resize(m_nTargets);
    }
    m_errors = reduced.errorVariance.size() != 0 ? errors : WMMSE_IGNORE;
    m_errorCurvature.setZero(nAps);
    if (m_errors != WMMSE_IGNORE)
    {
        m_apPowers.resize(m_nStreams * m_nStreams, nAps);
        m_apSpread.resize(m_nStreams * m_nStreams, nAps);
        m_covariance.resize(m_nStreams * m_nStreams, m_nUes);
        m_spread.resize(m_nStreams * m_nStreams, m_nUes);
        m_steepest.resize(m_nUes);
        m_otherMean.resize(m_nStreams - 1);
        m_otherCovariance.resize(m_nStreams - 1, m_nStreams - 1);
    }
    m_trial.Resize(reduced);
    const auto nColumns = m_nStreams * (1 + m_nTargets);
    m_root.resize(m_nUes, m_nStreams);
    m_linear.resize(m_nUes, m_nStreams);
    m_nulled.resize(m_nUes, m_nStreams);
    m_rhs.resize(nAps * r, nColumns);
    m_projected.resize(m_nUes * nColumns, nAps);
    m_price.resize(nAps);
    m_oldPrice.resize(nAps);
    m_apPower.resize(nAps);
    m_inverse.resize(nAps);
    m_scaledH.resize(nAps * r, m_nUes);
    m_coupling.resize(m_nUes * m_nUes, m_masked ? m_nStreams : 1);
    m_factor.resize(m_nUes, m_nUes * m_nStreams);
    m_solution.resize(nAps * r, nColumns);
    m_inner.resize(m_nUes, nColumns);
    m_targetFactor.resize(m_nTargets, m_nTargets);
    m_targetInner.resize(m_nTargets, 1);
    m_cross.resize(m_nUes * m_nStreams + m_nTargets, nAps);
    m_hessian.resize(nAps, nAps);
    m_damped.resize(nAps, nAps);
    m_step.resize(nAps);
}

void
IsacWmmseSolver::SetBeams(const IsacBeams& beams)
{
    m_subspace.Project(beams, m_current.beams);
    FinishStart();
}

void
IsacWmmseSolver::FinishStart()
{
    const auto& reduced = m_subspace.GetReduced();
    auto& f = m_current.beams;
    auto supply = [&](Eigen::Index s, double amplitude) {
        if (m_weight(s) == 0)
        {
            f.f.col(s).setZero();
        }
        else if (f.f.col(s).squaredNorm() <= SMALLEST_PRICE * f.f.squaredNorm())
        {
            f.f.col(s) = amplitude * m_conjugate.f.col(s);
        }
    };
    cellfree::ComputeConjugateBeams(reduced, CONJUGATE_NORM, m_conjugate);
    for (Eigen::Index u = 0; u < m_nUes; ++u)
    {
        supply(u, LACKING_STREAM);
    }
    cellfree::ComputeConjugateSensingBeams(reduced, m_conjugate);
    for (Eigen::Index s = m_nUes; s < m_nStreams; ++s)
    {
        supply(s, m_nUes > 0 ? LACKING_STREAM : 1.0);
    }
    for (Eigen::Index s = 0; s < m_nStreams; ++s)
    {
        f.f.col(s) *= 1.0 - TILT * static_cast<double>(s) / static_cast<double>(m_nStreams);
    }
    for (Eigen::Index m = 0; m < reduced.GetNAps(); ++m)
    {
        for (Eigen::Index s = 0; s < m_nStreams && m_masked; ++s)
        {
            f.Ap(m).col(s) *= m_serves(m, s);
        }
        f.Ap(m) /= std::max(1.0, f.Ap(m).norm());
    }
    Evaluate(m_current);
    m_fresh = true;
    m_dualSolved = true;
}

void
IsacWmmseSolver::FormCovariance(const IsacBeams& beams)
{
    const auto& problem = m_subspace.GetReduced();
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        const auto f = beams.Ap(m);
        Eigen::Map<Eigen::MatrixXcd>(m_apPowers.col(m).data(), m_nStreams, m_nStreams).noalias() =
            f.adjoint() * f;
    }
    m_covariance.noalias() = m_apPowers * problem.errorVariance;
}

double
IsacWmmseSolver::GetUncertainRate(Eigen::Index u, const Eigen::MatrixXcd& g)
{
    const auto covariance = Covariance(u);
    if (m_errors == WMMSE_PROMISED)
    {
        const double own = std::norm(g(u, u));
        const double interference = 1.0 + g.row(u).head(u).squaredNorm() +
                                    g.row(u).tail(m_nStreams - u - 1).squaredNorm() +
                                    covariance.diagonal().real().sum();
        return std::log1p(own / interference);
    }
    EvaluateMeans(u, g, false);
    return m_total.GetValue() - m_interference.GetValue();
}

void
IsacWmmseSolver::EvaluateMeans(Eigen::Index u, const Eigen::MatrixXcd& g, bool withGradient)
{
    const auto covariance = Covariance(u);
    const auto after = m_nStreams - u - 1;
    m_mean = g.row(u).adjoint();
    m_total.Evaluate(m_mean, covariance, withGradient);
    m_otherMean << m_mean.head(u), m_mean.tail(after);
    m_otherCovariance << covariance.topLeftCorner(u, u), covariance.topRightCorner(u, after),
        covariance.bottomLeftCorner(after, u), covariance.bottomRightCorner(after, after);
    m_interference.Evaluate(m_otherMean, m_otherCovariance, withGradient);
}

void
IsacWmmseSolver::FormUncertainMinorant(const Eigen::MatrixXcd& g)
{
    const auto& problem = m_subspace.GetReduced();
    FormCovariance(m_current.beams);
    for (Eigen::Index u = 0; u < m_nUes; ++u)
    {
        const auto covariance = Covariance(u);
        const auto after = m_nStreams - u - 1;
        Eigen::Map<Eigen::MatrixXcd> spread(m_spread.col(u).data(), m_nStreams, m_nStreams);
        double inverse = 0.0;
        double total = 0.0;
        if (m_errors == WMMSE_PROMISED)
        {
            const double own = std::norm(g(u, u));
            const double interference = 1.0 + g.row(u).head(u).squaredNorm() +
                                        g.row(u).tail(after).squaredNorm() +
                                        covariance.diagonal().real().sum();
            total = own + interference;
            inverse = 1.0 / interference;
            m_linear.row(u) = (1.0 / total - inverse) * g.row(u);
            m_linear(u, u) = g(u, u) / total;
            spread.setZero();
            spread.diagonal().setConstant(1.0 / total - inverse);
        }
        else
        {
            EvaluateMeans(u, g, true);
            total = std::exp(m_total.GetValue());
            inverse = m_interference.GetInverse();
            m_linear.row(u) = m_total.GetMeanGradient().adjoint();
            spread = m_total.GetCovarianceGradient();
            const auto& slope = m_interference.GetMeanGradient();
            m_linear.row(u).head(u) -= slope.head(u).adjoint();
            m_linear.row(u).tail(after) -= slope.tail(after).adjoint();
            const auto& others = m_interference.GetCovarianceGradient();
            spread.topLeftCorner(u, u) -= others.topLeftCorner(u, u);
            spread.topRightCorner(u, after) -= others.topRightCorner(u, after);
            spread.bottomLeftCorner(after, u) -= others.bottomLeftCorner(after, u);
            spread.bottomRightCorner(after, after) -= others.bottomRightCorner(after, after);
        }
        const double curvature = GetMinorantCurvature(total - 1.0);
        m_steepest(u) = m_weight(u) * (inverse + curvature);
        m_root.row(u).setConstant(std::sqrt(m_steepest(u)));
        m_root(u, u) = std::sqrt(m_weight(u) * curvature);
        m_linear.row(u) *= m_weight(u);
        m_linear.row(u) += m_root.row(u).cwiseAbs2().cwiseProduct(g.row(u));
        spread *= m_weight(u);
    }
    // G_m = H_m linear + F_m sum_u e_mu spread_u.
    m_apSpread.noalias() = m_spread * problem.errorVariance.transpose();
    m_errorCurvature.noalias() = problem.errorVariance * m_steepest;
    const auto r = problem.nAntennas;
    auto c = m_rhs.leftCols(m_nStreams);
    c.noalias() = problem.h * m_linear;
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        const Eigen::Map<const Eigen::MatrixXcd> spread(m_apSpread.col(m).data(),
                                                        m_nStreams,
                                                        m_nStreams);
        c.middleRows(m * r, r).noalias() += m_current.beams.Ap(m) * spread;
    }
}

void
IsacWmmseSolver::Evaluate(Point& point)
{
    const auto& problem = m_subspace.GetReduced();
    const auto r = problem.nAntennas;
    point.received.noalias() = problem.h.adjoint() * point.beams.f;
    point.objective = 0.0;
    if (m_errors != WMMSE_IGNORE)
    {
        FormCovariance(point.beams);
        for (Eigen::Index u = 0; u < m_nUes; ++u)
        {
            point.objective += m_weight(u) * GetUncertainRate(u, point.received);
        }
    }
    for (Eigen::Index u = 0; u < m_nUes && m_errors == WMMSE_IGNORE; ++u)
    {
        const double own = std::norm(point.received(u, u));
        const double interference = point.received.row(u).head(u).squaredNorm() +
                                    point.received.row(u).tail(m_nStreams - u - 1).squaredNorm();
        point.objective += m_weight(u) * std::log1p(own / (1.0 + interference));
    }
    point.snr.setZero();
    for (Eigen::Index m = 0; m < problem.GetNAps() && m_nTargets > 0; ++m)
    {
        auto echo = point.echo.middleRows(m * m_nTargets, m_nTargets);
        echo.noalias() = problem.a.middleRows(m * r, r).adjoint() * point.beams.Ap(m);
        for (Eigen::Index t = 0; t < m_nTargets; ++t)
        {
            point.snr(t) += problem.omega(m, t) * echo.row(t).squaredNorm();
        }
    }
    for (Eigen::Index t = 0; t < m_nTargets; ++t)
    {
        point.objective += m_weight(m_nUes + t) * std::log1p(point.snr(t));
    }
}

void
IsacWmmseSolver::FormMinorant(const Eigen::MatrixXcd& g)
{
    const auto& problem = m_subspace.GetReduced();
    const auto r = problem.nAntennas;
    if (m_errors != WMMSE_IGNORE)
    {
        FormUncertainMinorant(g);
    }
    for (Eigen::Index u = 0; u < m_nUes && m_errors == WMMSE_IGNORE; ++u)
    {
        const double interference =
            1.0 + g.row(u).head(u).squaredNorm() + g.row(u).tail(m_nStreams - u - 1).squaredNorm();
        const double total = interference + std::norm(g(u, u));
        const double curvature = GetMinorantCurvature(total - 1.0);
        m_root.row(u).setConstant(std::sqrt(m_weight(u) * (1.0 / interference + curvature)));
        m_root(u, u) = std::sqrt(m_weight(u) * curvature);
        m_linear.row(u) = m_weight(u) * (1.0 / total + curvature) * g.row(u);
    }
    auto c = m_rhs.leftCols(m_nStreams);
    if (m_errors == WMMSE_IGNORE)
    {
        c.noalias() = problem.h * m_linear;
    }
    for (Eigen::Index t = 0; t < m_nTargets; ++t)
    {
        const double snr = m_current.snr(t);
        const double weight = m_weight(m_nUes + t);
        const double curvature = GetMinorantCurvature(snr);
        const double slope = weight * (1.0 / (1.0 + snr) + curvature);
        const double along = snr > 0 ? std::sqrt(weight * curvature / snr) : 0.0;
        auto direction = m_rhs.middleCols((1 + t) * m_nStreams, m_nStreams);
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            // Half the gradient of SNR_t with respect to F_m.
            auto block = direction.middleRows(m * r, r);
            block.noalias() =
                problem.a.col(t).segment(m * r, r) * m_current.echo.row(m * m_nTargets + t);
            block *= problem.omega(m, t);
        }
        c += slope * direction;
        direction *= along;
    }
    for (Eigen::Index m = 0; m < problem.GetNAps() && m_masked; ++m)
    {
        for (Eigen::Index s = 0; s < m_nStreams; ++s)
        {
            c.col(s).segment(m * r, r) *= m_serves(m, s);
        }
    }
}

void
IsacWmmseSolver::InitialisePrices(const Eigen::MatrixXcd& g)
{
    const auto& problem = m_subspace.GetReduced();
    // At a stationary point mu_m F_m is the gradient: c_s less the quadratic part.
    m_inner.leftCols(m_nStreams) = m_root.cwiseAbs2().cwiseProduct(g);
    m_trial.f = m_rhs.leftCols(m_nStreams);
    m_trial.f.noalias() -= problem.h * m_inner.leftCols(m_nStreams);
    for (Eigen::Index t = 0; t < m_nTargets; ++t)
    {
        const auto direction = m_rhs.middleCols((1 + t) * m_nStreams, m_nStreams);
        const double along = direction.conjugate().cwiseProduct(m_current.beams.f).sum().real();
        m_trial.f -= along * direction;
    }
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        for (Eigen::Index s = 0; s < m_nStreams && m_masked; ++s)
        {
            m_trial.Ap(m).col(s) *= m_serves(m, s);
        }
        m_price(m) = m_trial.Ap(m).norm();
    }
    m_proximal = PROXIMAL * m_price.mean();
}

void
IsacWmmseSolver::SolveForPrices()
{
    const auto& problem = m_subspace.GetReduced();
    const auto nAps = problem.GetNAps();
    const auto r = problem.nAntennas;
    m_inverse = (m_price.array() + m_proximal + m_errorCurvature.array()).inverse().matrix();
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        m_scaledH.middleRows(m * r, r) = m_inverse(m) * problem.h.middleRows(m * r, r);
        m_solution.middleRows(m * r, r) = m_inverse(m) * m_rhs.middleRows(m * r, r);
    }
    Eigen::Map<Eigen::VectorXcd>(m_inner.data(), m_inner.size()).noalias() =
        m_projected * m_inverse;
    if (m_masked)
    {
        m_inverseServed = m_inverse.asDiagonal() * m_serves;
        m_coupling.noalias() = m_gram * m_inverseServed;
    }
    else
    {
        m_coupling.noalias() = m_gram * m_inverse;
    }
    for (Eigen::Index s = 0; s < m_nStreams && m_nUes > 0; ++s)
    {
        const auto root = m_root.col(s).asDiagonal();
        auto factor = Factor(s);
        const Eigen::Map<const Eigen::MatrixXcd> coupling(m_coupling.col(m_masked ? s : 0).data(),
                                                          m_nUes,
                                                          m_nUes);
        factor = root * coupling * root;
        factor.diagonal().array() += 1.0;
        Eigen::LLT<Eigen::Ref<Eigen::MatrixXcd>> llt(factor);
        for (Eigen::Index t = 0; t <= m_nTargets; ++t)
        {
            auto inner = m_inner.col(t * m_nStreams + s);
            inner = root * inner;
            factor.triangularView<Eigen::Lower>().solveInPlace(inner);
            factor.adjoint().triangularView<Eigen::Upper>().solveInPlace(inner);
            inner = root * inner;
        }
    }
    m_solution.noalias() -= m_scaledH * m_inner;
    for (Eigen::Index m = 0; m < nAps && m_masked; ++m)
    {
        for (Eigen::Index j = 0; j < m_solution.cols(); ++j)
        {
            m_solution.col(j).segment(m * r, r) *= m_serves(m, j % m_nStreams);
        }
    }
    m_trial.f = m_solution.leftCols(m_nStreams);
    if (m_nTargets > 0)
    {
        // The targets' rank-one terms, one more Woodbury step on the vector of all beams.
        const auto length = nAps * r * m_nStreams;
        const Eigen::Map<const Eigen::MatrixXcd> b(m_rhs.col(m_nStreams).data(),
                                                   length,
                                                   m_nTargets);
        const Eigen::Map<const Eigen::MatrixXcd> v(m_solution.col(m_nStreams).data(),
                                                   length,
                                                   m_nTargets);
        Eigen::Map<Eigen::VectorXcd> f(m_trial.f.data(), length);
        m_targetFactor.noalias() = b.adjoint() * v;
        m_targetFactor.diagonal().array() += 1.0;
        m_targetInner.noalias() = b.adjoint() * f;
        Eigen::LLT<Eigen::Ref<Eigen::MatrixXcd>> llt(m_targetFactor);
        m_targetFactor.triangularView<Eigen::Lower>().solveInPlace(m_targetInner);
        m_targetFactor.adjoint().triangularView<Eigen::Upper>().solveInPlace(m_targetInner);
        f.noalias() -= v * m_targetInner;
    }
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        m_apPower(m) = m_trial.Ap(m).squaredNorm();
    }
    m_dual = -m_rhs.leftCols(m_nStreams).conjugate().cwiseProduct(m_trial.f).sum().real() -
             m_price.sum();
}

void
IsacWmmseSolver::FormDualHessian()
{
    const auto& problem = m_subspace.GetReduced();
    const auto nAps = problem.GetNAps();
    const auto r = problem.nAntennas;
    const auto nCoupled = m_nUes * m_nStreams;
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        Eigen::Map<Eigen::MatrixXcd> cross(m_cross.col(m).data(), m_nUes, m_nStreams);
        cross.noalias() = m_scaledH.middleRows(m * r, r).adjoint() * m_trial.Ap(m);
        cross = cross.cwiseProduct(m_root);
        for (Eigen::Index t = 0; t < m_nTargets; ++t)
        {
            m_cross(nCoupled + t, m) = m_solution.middleCols((1 + t) * m_nStreams, m_nStreams)
                                           .middleRows(m * r, r)
                                           .conjugate()
                                           .cwiseProduct(m_trial.Ap(m))
                                           .sum();
        }
    }
    for (Eigen::Index s = 0; s < m_nStreams && m_nUes > 0; ++s)
    {
        auto rows = m_cross.middleRows(s * m_nUes, m_nUes);
        Factor(s).triangularView<Eigen::Lower>().solveInPlace(rows);
    }
    if (m_nTargets > 0)
    {
        auto rows = m_cross.bottomRows(m_nTargets);
        m_targetFactor.triangularView<Eigen::Lower>().solveInPlace(rows);
    }
    // d||F_m||^2 / d mu_n = -2 (delta_mn ||F_m||^2 / d_m - Re cross_m^H cross_n).
    const Eigen::Map<const Eigen::MatrixXd> real(reinterpret_cast<const double*>(m_cross.data()),
                                                 2 * m_cross.rows(),
                                                 nAps);
    m_hessian.setZero();
    m_hessian.selfadjointView<Eigen::Lower>().rankUpdate(real.transpose(), -2.0);
    m_hessian.diagonal() += 2.0 * m_apPower.cwiseProduct(m_inverse);
    m_hessian.triangularView<Eigen::Lower>() = m_price.asDiagonal() * m_hessian;
    m_hessian.triangularView<Eigen::Lower>() = m_hessian * m_price.asDiagonal();
}

bool
IsacWmmseSolver::MaximiseMinorant()
{
    const auto& problem = m_subspace.GetReduced();
    const auto nAps = problem.GetNAps();
    m_rhs.leftCols(m_nStreams) += m_proximal * m_current.beams.f;
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto r = problem.nAntennas;
        if (m_errors != WMMSE_IGNORE)
        {
            m_rhs.leftCols(m_nStreams).middleRows(m * r, r) +=
                m_errorCurvature(m) * m_current.beams.Ap(m);
        }
        Eigen::Map<Eigen::MatrixXcd>(m_projected.col(m).data(), m_nUes, m_rhs.cols()).noalias() =
            problem.h.middleRows(m * r, r).adjoint() * m_rhs.middleRows(m * r, r);
    }
    const double smallest = SMALLEST_PRICE / PROXIMAL * m_proximal;
    m_price = m_price.cwiseMax(smallest);
    SolveForPrices();
    for (int step = 0; step < MAX_NEWTON_STEPS; ++step)
    {
        // A limit may be slack only where its multiplier weighs little.
        const double mean = m_price.mean();
        double error = 0.0;
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            const double excess = m_apPower(m) - 1.0;
            error =
                std::max(error, excess > 0 ? excess : -excess * std::min(1.0, m_price(m) / mean));
        }
        if (error < 2 * DUAL_TOLERANCE)
        {
            return true;
        }
        FormDualHessian();
        m_oldPrice = m_price;
        const double oldDual = m_dual;
        const double slack = 1e-12 * std::abs(oldDual);
        // The step that solves ln ||F_m||^2 = 0 is exact for one AP; the plain one always ascends.
        bool ascended = false;
        for (bool plain : {false, true})
        {
            m_damped.triangularView<Eigen::Lower>() = m_hessian;
            for (Eigen::Index m = 0; m < nAps; ++m)
            {
                const double excess = m_apPower(m) - 1.0;
                m_damped(m, m) += m_oldPrice(m) * std::max(0.0, -excess) + 1e-12 * m_hessian(m, m);
                m_step(m) = m_oldPrice(m) *
                            (excess > 0 && !plain ? m_apPower(m) * std::log1p(excess) : excess);
            }
            Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> llt(m_damped);
            llt.solveInPlace(m_step);
            m_step = m_step.cwiseMax(-MAX_LOG_STEP).cwiseMin(MAX_LOG_STEP);
            for (double scale = 1.0; scale > 1e-6; scale *= 0.5)
            {
                m_price = m_oldPrice.array() * (scale * m_step).array().exp();
                m_price = m_price.cwiseMax(smallest);
                SolveForPrices();
                ascended = m_dual >= oldDual - slack;
                if (ascended || !plain)
                {
                    break;
                }
            }
            if (ascended)
            {
                break;
            }
            m_price = m_oldPrice;
            SolveForPrices();
        }
        if (!ascended)
        {
            return false;
        }
    }
    return false;
}

void
IsacWmmseSolver::Move(double step)
{
    auto& f = m_candidate.beams;
    f.f = (1.0 - step) * m_current.beams.f + step * m_trial.f;
    for (Eigen::Index m = 0; m < m_subspace.GetReduced().GetNAps(); ++m)
    {
        f.Ap(m) /= std::max(1.0, f.Ap(m).norm());
    }
    Evaluate(m_candidate);
}

double
IsacWmmseSolver::Iterate()
{
    if (m_nStreams == 0)
    {
        return GetObjective();
    }
    const bool fresh = std::exchange(m_fresh, false);
    if (fresh)
    {
        // As if the nulls were in place: the maximiser puts them where the channel wants them now.
        m_nulled.setZero();
        m_nulled.diagonal() = m_current.received.diagonal();
        FormMinorant(m_nulled);
        InitialisePrices(m_nulled);
    }
    else
    {
        FormMinorant(m_current.received);
        if (!m_dualSolved)
        {
            InitialisePrices(m_current.received);
        }
    }
    if (m_proximal == 0.0)
    {
        // The gradient is zero: no channel reaches anyone.
        return GetObjective();
    }
    m_dualSolved = MaximiseMinorant();
    m_trial.f /= std::sqrt(std::max(1.0, m_apPower.maxCoeff()));
    // Overshooting the maximiser of a cautious minorant pays; otherwise the maximiser itself does.
    for (double step : {fresh ? 1.0 : OVERSHOOT, fresh ? 0.5 : 1.0, 0.25})
    {
        Move(step);
        if (m_candidate.objective > m_current.objective)
        {
            std::swap(m_current, m_candidate);
            break;
        }
    }
    m_proximal = std::max(PROXIMAL * m_price.mean(), 1e-3 * m_proximal);
    return GetObjective();
}

uint32_t
IsacWmmseSolver::Ascend(const Options& options)
{
    uint32_t iterations = 0;
    int smallGains = 0;
    double lastGain = 0.0;
    while (iterations < options.maxIterations && smallGains < 3)
    {
        const double before = GetObjective();
        const double after = Iterate();
        ++iterations;
        // Growing gains, however small, are those of an ascent that is leaving a saddle.
        const double gain = after - before;
        const bool small = gain <= options.tolerance * after && gain <= lastGain;
        smallGains = small ? smallGains + 1 : 0;
        lastGain = gain;
    }
    return iterations;
}

void
IsacWmmseSolver::SetColdStart(WmmseStart start)
{
    // Formed in the reduced problem, so that it shares its order.
    if (start == WMMSE_CONJUGATE)
    {
        cellfree::ComputeConjugateBeams(m_subspace.GetReduced(), CONJUGATE_NORM, m_current.beams);
    }
    else
    {
        // Under errors, full power of every AP is far from the optimum.
        const bool withErrors = m_errors != WMMSE_IGNORE;
        m_rzf.Solve(m_subspace.GetReduced(),
                    withErrors ? RZF_COMMON : RZF_PER_AP,
                    m_current.beams,
                    withErrors);
    }
    FinishStart();
}

uint32_t
IsacWmmseSolver::Solve(const IsacProblem& problem,
                       const Options& options,
                       IsacBeams& beams,
                       const IsacBeams* previous)
{
    Begin(problem, options.withSensing, options.errors);
    const bool all = options.start == WMMSE_BEST;
    bool warm = previous && options.warmStart;
    if (warm && !all)
    {
        // Beams of another channel are a worse start than none: a cold one has no such past.
        SetColdStart(options.start);
        const double cold = GetObjective();
        SetBeams(*previous);
        warm = GetObjective() > cold;
    }
    uint32_t iterations = 0;
    double best = -1.0;
    auto climb = [&]() {
        iterations += Ascend(options);
        if (GetObjective() > best)
        {
            best = GetObjective();
            GetBeams(problem, beams);
        }
    };
    if (warm)
    {
        SetBeams(*previous);
        climb();
    }
    for (auto start : {WMMSE_CONJUGATE, WMMSE_RZF})
    {
        if (all || (!warm && options.start == start))
        {
            SetColdStart(start);
            climb();
        }
    }
    return iterations;
}

double
IsacWmmseSolver::GetObjective() const
{
    return m_current.objective / m_weightScale / std::log(2.0);
}

void
IsacWmmseSolver::GetBeams(const IsacProblem& problem, IsacBeams& beams) const
{
    m_subspace.Lift(problem, m_current.beams, beams);
}

} // namespace ns3
