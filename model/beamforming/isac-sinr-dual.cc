// SPDX-License-Identifier: GPL-2.0-only

#include "isac-sinr-dual.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

namespace
{

/// Growth of the objective's weight from one centring to the next.
constexpr double WEIGHT_GROWTH = 20.0;
/// Limit of the fixed-point steps that find a start.
constexpr uint32_t START_ITERATIONS = 30;
/// Newton decrement below which a full step is safe and needs no line search.
constexpr double SAFE_DECREMENT = 0.2;
/// Newton decrement at which a point counts as centred; below 1 the primal point is feasible.
constexpr double CENTRED_DECREMENT = 1e-2;

} // namespace

void
IsacSinrDual::SetChannels(const std::vector<Eigen::Index>& firstRow,
                          const Eigen::MatrixXcd& h,
                          const Eigen::VectorXd& noise,
                          const Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>& serving,
                          Eigen::Index nTargets)
{
    m_firstRow = firstRow;
    m_nAps = static_cast<Eigen::Index>(firstRow.size()) - 1;
    m_nRows = firstRow.back();
    m_nTargets = nTargets;
    m_h = h;
    m_noise = noise;
    m_iterations = 0;

    std::vector<std::vector<Eigen::Index>> apSets(1);
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        apSets.front().push_back(m);
    }
    std::vector<std::vector<Eigen::Index>> ueSets(1);
    for (Eigen::Index u = 0; u < h.cols(); ++u)
    {
        std::vector<Eigen::Index> aps;
        for (Eigen::Index m = 0; m < m_nAps; ++m)
        {
            if (serving.size() == 0 || serving(m, u))
            {
                aps.push_back(m);
            }
        }
        const auto found = std::find(apSets.begin(), apSets.end(), aps);
        if (found == apSets.end())
        {
            apSets.push_back(aps);
            ueSets.push_back({u});
        }
        else
        {
            ueSets[found - apSets.begin()].push_back(u);
        }
    }
    m_groups.resize(apSets.size());
    for (std::size_t i = 0; i < apSets.size(); ++i)
    {
        auto& group = m_groups[i];
        group.aps = apSets[i];
        group.ues = ueSets[i];
        group.sensing = i == 0;
        group.rows.assign(1, 0);
        for (auto m : group.aps)
        {
            group.rows.push_back(group.rows.back() + firstRow[m + 1] - firstRow[m]);
        }
        group.h.resize(group.rows.back(), h.cols());
        for (std::size_t i = 0; i < group.aps.size(); ++i)
        {
            const auto size = group.rows[i + 1] - group.rows[i];
            group.h.middleRows(group.rows[i], size) = h.middleRows(firstRow[group.aps[i]], size);
        }
    }
}

void
IsacSinrDual::Start(Goal goal, double minSinr, const Eigen::MatrixXcd& form)
{
    m_goal = goal;
    m_minSinr = minSinr;
    const auto nUes = m_h.cols();
    m_x.resize(m_nAps + nUes);
    const double share = 1.0 / m_nAps;
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        m_x(m) = share;
        if (goal == FREE_SENSING)
        {
            const auto size = m_firstRow[m + 1] - m_firstRow[m];
            Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> eigen(
                form.block(m_firstRow[m], m_firstRow[m], size, size),
                Eigen::EigenvaluesOnly);
            m_x(m) += size > 0 ? std::max(0.0, eigen.eigenvalues()(size - 1)) : 0.0;
        }
    }
    // Z_0 >= share I, so that h_u^H Z_0^-1 h_u <= ||h_u||^2 / share: feasible.
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        m_x(m_nAps + u) = 0.5 * share / ((1 + 1 / minSinr) * m_h.col(u).squaredNorm());
    }
    for (auto& group : m_groups)
    {
        group.tangent.resize(group.rows.back(), 0);
        group.form.setZero(group.rows.back(), group.rows.back());
        for (std::size_t i = 0; goal == FREE_SENSING && i < group.aps.size(); ++i)
        {
            const auto size = group.rows[i + 1] - group.rows[i];
            const auto from = m_firstRow[group.aps[i]];
            group.form.block(group.rows[i], group.rows[i], size, size) =
                form.block(from, from, size, size);
        }
    }
    // lambda_u = 1 / ((1 + 1/g) h_u^H Z_0^-1 h_u) is a standard interference function (R. Yates,
    // 1995): its iterates rise to the edge of the domain, and half of any of them is inside.
    for (uint32_t i = 0; i < START_ITERATIONS; ++i)
    {
        m_trial = m_x;
        Evaluate(m_trial, 1.0);
        for (const auto& group : m_groups)
        {
            for (auto u : group.ues)
            {
                m_x(m_nAps + u) = 1 / ((1 + 1 / minSinr) * group.halfH.col(u).squaredNorm());
            }
        }
        if ((m_trial.array() > 0.9 * m_x.array()).all())
        {
            break;
        }
    }
    m_x.tail(nUes) *= 0.5;
}

void
IsacSinrDual::SetTangent(const Eigen::MatrixXcd& tangent)
{
    m_goal = TANGENT;
    for (auto& group : m_groups)
    {
        group.form.setZero();
        group.tangent.resize(group.rows.back(), tangent.cols());
        for (std::size_t i = 0; i < group.aps.size(); ++i)
        {
            const auto size = group.rows[i + 1] - group.rows[i];
            group.tangent.middleRows(group.rows[i], size) =
                tangent.middleRows(m_firstRow[group.aps[i]], size);
        }
    }
}

void
IsacSinrDual::RaiseMinSinr(double minSinr)
{
    m_minSinr = minSinr;
}

double
IsacSinrDual::GetBarrierParameter() const
{
    double parameter = m_x.size();
    for (const auto& group : m_groups)
    {
        const auto nStreams = group.ues.size() + (group.sensing && HasSensing() ? 1 : 0);
        parameter += static_cast<double>(nStreams * group.rows.back());
    }
    return parameter;
}

bool
IsacSinrDual::IsUnbounded() const
{
    return (m_goal == FREE_SENSING && GetLinear(m_x) < 0) ||
           (m_goal == MIN_POWER && -GetLinear(m_x) > m_maxPower);
}

double
IsacSinrDual::GetGain(const Group& group, Eigen::Index ue, const Eigen::VectorXd& x) const
{
    return (1 + 1 / m_minSinr) * x(m_nAps + ue) / group.gap(ue);
}

double
IsacSinrDual::GetLinear(const Eigen::VectorXd& x) const
{
    const double reward = m_noise.dot(x.tail(m_h.cols()));
    return m_goal == MIN_POWER ? -reward : x.head(m_nAps).sum() - reward;
}

double
IsacSinrDual::GetValue() const
{
    double value = GetLinear(m_x);
    if (m_goal == MIN_POWER)
    {
        return -value;
    }
    for (const auto& group : m_groups)
    {
        if (group.tangent.cols() == 0)
        {
            continue;
        }
        for (auto u : group.ues)
        {
            value += group.halfTangent.col(u).squaredNorm() +
                     GetGain(group, u, m_x) *
                         std::norm(group.halfH.col(u).dot(group.halfTangent.col(u)));
        }
        if (group.sensing)
        {
            value += group.halfTangent.rightCols(m_nTargets).squaredNorm();
        }
    }
    return value;
}

double
IsacSinrDual::Evaluate(const Eigen::VectorXd& x, double tau)
{
    constexpr double outside = std::numeric_limits<double>::infinity();
    if (!(x.array() > 0).all())
    {
        return outside;
    }
    double barrier = -x.array().log().sum();
    double value = GetLinear(x);
    const auto lambda = x.tail(m_h.cols());
    for (auto& group : m_groups)
    {
        group.gap.setOnes(m_h.cols());
        group.z = -group.form;
        group.z.noalias() += group.h * lambda.asDiagonal() * group.h.adjoint();
        for (std::size_t i = 0; i < group.aps.size(); ++i)
        {
            group.z.diagonal().segment(group.rows[i], group.rows[i + 1] - group.rows[i]).array() +=
                x(group.aps[i]);
        }
        group.cholesky.compute(group.z);
        if (group.cholesky.info() != Eigen::Success)
        {
            return outside;
        }
        group.halfH = group.h;
        group.cholesky.matrixL().solveInPlace(group.halfH);
        group.halfTangent = group.tangent;
        group.cholesky.matrixL().solveInPlace(group.halfTangent);
        const bool hasTangent = group.tangent.cols() > 0;
        const double logDet = 2 * group.cholesky.matrixLLT().diagonal().real().array().log().sum();
        for (auto u : group.ues)
        {
            // det Z_u = det Z (1 - (1 + 1/g) lambda_u h_u^H W h_u).
            group.gap(u) = 1 - (1 + 1 / m_minSinr) * lambda(u) * group.halfH.col(u).squaredNorm();
            if (!(group.gap(u) > 0))
            {
                return outside;
            }
            barrier -= logDet + std::log(group.gap(u));
            if (hasTangent)
            {
                value += group.halfTangent.col(u).squaredNorm() +
                         GetGain(group, u, x) *
                             std::norm(group.halfH.col(u).dot(group.halfTangent.col(u)));
            }
        }
        if (group.sensing && HasSensing())
        {
            barrier -= logDet;
            if (hasTangent)
            {
                value += group.halfTangent.rightCols(m_nTargets).squaredNorm();
            }
        }
    }
    return tau * value + barrier;
}

void
IsacSinrDual::Invert()
{
    for (auto& group : m_groups)
    {
        group.inverse.setIdentity(group.z.rows(), group.z.rows());
        group.cholesky.solveInPlace(group.inverse);
        group.inverseH.noalias() = group.inverse * group.h;
        group.gram.noalias() = group.h.adjoint() * group.inverseH;
    }
}

void
IsacSinrDual::PrepareStream(const Group& group, Eigen::Index ue)
{
    m_stream.inverse = group.inverse;
    m_stream.inverseH = group.inverseH;
    m_stream.gram = group.gram;
    if (ue == SENSING)
    {
        return;
    }
    const double gain = GetGain(group, ue, m_x); // Sherman-Morrison
    m_stream.inverse.noalias() +=
        (gain * group.inverseH.col(ue)) * group.inverseH.col(ue).adjoint();
    m_stream.inverseH.noalias() += (gain * group.inverseH.col(ue)) * group.gram.row(ue);
    m_stream.gram.noalias() += (gain * group.gram.col(ue)) * group.gram.row(ue);
}

void
IsacSinrDual::AddLogDet(const Group& group, Eigen::Index ue)
{
    // d/dx_i of -log det Z is -tr(Z^-1 E_i), d2 is tr(Z^-1 E_i Z^-1 E_j), with E_i = dZ/dx_i.
    const auto nUes = m_h.cols();
    for (std::size_t i = 0; i < group.aps.size(); ++i)
    {
        const auto m = group.aps[i];
        const auto row = group.rows[i];
        const auto size = group.rows[i + 1] - row;
        m_gradient(m) -= m_stream.inverse.block(row, row, size, size).diagonal().real().sum();
        for (std::size_t j = 0; j <= i; ++j)
        {
            m_hessian(m, group.aps[j]) +=
                m_stream.inverse.block(row, group.rows[j], size, group.rows[j + 1] - group.rows[j])
                    .squaredNorm();
        }
        for (Eigen::Index v = 0; v < nUes; ++v)
        {
            m_hessian(m_nAps + v, m) +=
                GetSign(v, ue) * m_stream.inverseH.col(v).segment(row, size).squaredNorm();
        }
    }
    for (Eigen::Index v = 0; v < nUes; ++v)
    {
        m_gradient(m_nAps + v) -= GetSign(v, ue) * m_stream.gram(v, v).real();
        for (Eigen::Index w = 0; w <= v; ++w)
        {
            m_hessian(m_nAps + v, m_nAps + w) +=
                GetSign(v, ue) * GetSign(w, ue) * std::norm(m_stream.gram(v, w));
        }
    }
}

void
IsacSinrDual::AddTangent(const Group& group, Eigen::Index ue, Eigen::Index column, double tau)
{
    // d/dx_i of c^H Z^-1 c is -f^H E_i f, d2 is 2 Re(f^H E_i Z^-1 E_j f), with f = Z^-1 c.
    const auto nUes = m_h.cols();
    m_stream.beam.noalias() = m_stream.inverse * group.tangent.col(column);
    m_stream.received.noalias() = group.h.adjoint() * m_stream.beam;
    for (std::size_t i = 0; i < group.aps.size(); ++i)
    {
        const auto m = group.aps[i];
        const auto row = group.rows[i];
        const auto size = group.rows[i + 1] - row;
        const auto block = m_stream.beam.segment(row, size);
        m_gradient(m) -= tau * block.squaredNorm();
        for (std::size_t j = 0; j <= i; ++j)
        {
            const auto otherSize = group.rows[j + 1] - group.rows[j];
            m_hessian(m, group.aps[j]) +=
                2 * tau *
                block
                    .dot(m_stream.inverse.block(row, group.rows[j], size, otherSize) *
                         m_stream.beam.segment(group.rows[j], otherSize))
                    .real();
        }
        for (Eigen::Index v = 0; v < nUes; ++v)
        {
            m_hessian(m_nAps + v, m) +=
                2 * tau * GetSign(v, ue) *
                (block.dot(m_stream.inverseH.col(v).segment(row, size)) * m_stream.received(v))
                    .real();
        }
    }
    for (Eigen::Index v = 0; v < nUes; ++v)
    {
        m_gradient(m_nAps + v) -= tau * GetSign(v, ue) * std::norm(m_stream.received(v));
        for (Eigen::Index w = 0; w <= v; ++w)
        {
            m_hessian(m_nAps + v, m_nAps + w) +=
                2 * tau * GetSign(v, ue) * GetSign(w, ue) *
                (std::conj(m_stream.received(v)) * m_stream.gram(v, w) * m_stream.received(w))
                    .real();
        }
    }
}

void
IsacSinrDual::Differentiate(double tau)
{
    const auto size = m_x.size();
    m_gradient = -m_x.cwiseInverse();
    m_hessian.setZero(size, size);
    m_hessian.diagonal() = m_x.cwiseAbs2().cwiseInverse();
    if (m_goal != MIN_POWER)
    {
        m_gradient.head(m_nAps).array() += tau;
    }
    m_gradient.tail(m_h.cols()) -= tau * m_noise;
    for (const auto& group : m_groups)
    {
        const bool hasTangent = group.tangent.cols() > 0;
        for (auto u : group.ues)
        {
            PrepareStream(group, u);
            AddLogDet(group, u);
            if (hasTangent)
            {
                AddTangent(group, u, u, tau);
            }
        }
        if (group.sensing && HasSensing())
        {
            PrepareStream(group, SENSING);
            AddLogDet(group, SENSING);
            for (Eigen::Index t = 0; hasTangent && t < m_nTargets; ++t)
            {
                AddTangent(group, SENSING, m_h.cols() + t, tau);
            }
        }
    }
    m_hessian.triangularView<Eigen::StrictlyUpper>() = m_hessian.transpose();
}

bool
IsacSinrDual::Center(double tau, uint32_t maxIterations)
{
    double value = Evaluate(m_x, tau);
    while (m_iterations < maxIterations)
    {
        if (IsUnbounded())
        {
            return true; // a certificate that the SINRs cannot be met: no need to go on
        }
        ++m_iterations;
        Invert();
        Differentiate(tau);
        // Prices differ by many decades: solve for relative steps.
        const Eigen::VectorXd scale = m_hessian.diagonal().cwiseSqrt().cwiseInverse();
        m_hessian = scale.asDiagonal() * m_hessian * scale.asDiagonal();
        m_newton.compute(m_hessian);
        if (m_newton.info() != Eigen::Success)
        {
            return false;
        }
        Eigen::VectorXd step = -m_newton.solve(m_gradient.cwiseProduct(scale));
        if (m_goal == MIN_POWER)
        {
            // The sum of mu stays what it is.
            Eigen::VectorXd normal = Eigen::VectorXd::Zero(m_x.size());
            normal.head(m_nAps) = scale.head(m_nAps);
            const Eigen::VectorXd correction = m_newton.solve(normal);
            step -= normal.dot(step) / normal.dot(correction) * correction;
        }
        step = step.cwiseProduct(scale);
        const double squaredDecrement = -m_gradient.dot(step);
        if (!(squaredDecrement > 0))
        {
            // Rounding: nothing is left to gain, or the Hessian is useless.
            return squaredDecrement > -CENTRED_DECREMENT;
        }
        const bool safe = squaredDecrement < SAFE_DECREMENT * SAFE_DECREMENT;
        double length = 1.0;
        double trialValue = 0.0;
        while (true)
        {
            m_trial = m_x + length * step;
            trialValue = Evaluate(m_trial, tau);
            if (std::isfinite(trialValue) &&
                (safe || trialValue <= value - 0.1 * length * squaredDecrement))
            {
                break;
            }
            length *= 0.5;
            if (length < 1e-12)
            {
                Evaluate(m_x, tau);
                return false;
            }
        }
        m_x = m_trial;
        value = trialValue;
        if (squaredDecrement < CENTRED_DECREMENT * CENTRED_DECREMENT)
        {
            return true;
        }
    }
    return false;
}

IsacSinrDual::Status
IsacSinrDual::Minimise(double firstGap, double tolerance, uint32_t maxIterations, double maxPower)
{
    m_maxPower = maxPower;
    const double parameter = GetBarrierParameter();
    m_tau = 1.0;
    Evaluate(m_x, m_tau);
    double tau = parameter / (firstGap * std::abs(GetValue()));
    while (true)
    {
        m_centred = m_x;
        const bool centred = Center(tau, maxIterations);
        if (IsUnbounded())
        {
            return UNBOUNDED;
        }
        if (!centred)
        {
            // Rounding spoils what is closer to the edge than the last centred point.
            m_x = m_centred;
            Evaluate(m_x, m_tau);
            return STALLED;
        }
        m_tau = tau;
        if (parameter / tau <= tolerance * std::abs(GetValue()))
        {
            return CONVERGED;
        }
        tau *= WEIGHT_GROWTH;
    }
}

void
IsacSinrDual::GetBeams(Eigen::MatrixXcd& f)
{
    const auto nUes = m_h.cols();
    f.setZero(m_nRows, nUes + m_nTargets);
    Evaluate(m_x, m_tau);
    Invert();
    m_covariance.setZero(m_nRows, m_nRows);
    for (const auto& group : m_groups)
    {
        const bool hasTangent = group.tangent.cols() > 0;
        for (auto u : group.ues)
        {
            PrepareStream(group, u);
            // F_u h_u with F_u = Z_u^-1 / tau + f_u f_u^H.
            Eigen::VectorXcd column = m_stream.inverseH.col(u) / m_tau;
            double signal = m_stream.gram(u, u).real() / m_tau;
            if (hasTangent)
            {
                m_stream.beam.noalias() = m_stream.inverse * group.tangent.col(u);
                const auto received = group.h.col(u).dot(m_stream.beam);
                column += m_stream.beam * std::conj(received);
                signal += std::norm(received);
            }
            column /= std::sqrt(signal);
            for (std::size_t i = 0; i < group.aps.size(); ++i)
            {
                const auto size = group.rows[i + 1] - group.rows[i];
                f.col(u).segment(m_firstRow[group.aps[i]], size) =
                    column.segment(group.rows[i], size);
            }
            if (m_goal == FREE_SENSING)
            {
                m_stream.inverse /= m_tau;
                m_stream.inverse.noalias() -= column * column.adjoint();
                for (std::size_t i = 0; i < group.aps.size(); ++i)
                {
                    for (std::size_t j = 0; j < group.aps.size(); ++j)
                    {
                        const auto rows = group.rows[i + 1] - group.rows[i];
                        const auto cols = group.rows[j + 1] - group.rows[j];
                        m_covariance.block(m_firstRow[group.aps[i]],
                                           m_firstRow[group.aps[j]],
                                           rows,
                                           cols) +=
                            m_stream.inverse.block(group.rows[i], group.rows[j], rows, cols);
                    }
                }
            }
        }
        if (group.sensing && HasSensing())
        {
            if (hasTangent)
            {
                f.rightCols(m_nTargets).noalias() =
                    group.inverse * group.tangent.rightCols(m_nTargets);
            }
            else
            {
                m_covariance += group.inverse / m_tau;
            }
        }
    }
    if (m_goal == FREE_SENSING && HasSensing())
    {
        Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> eigen(m_covariance);
        for (Eigen::Index t = 0; t < std::min(m_nTargets, m_nRows); ++t)
        {
            const auto i = m_nRows - 1 - t;
            f.col(nUes + t) =
                std::sqrt(std::max(0.0, eigen.eigenvalues()(i))) * eigen.eigenvectors().col(i);
        }
    }
}

} // namespace ns3
