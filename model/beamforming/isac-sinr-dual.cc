// SPDX-License-Identifier: GPL-2.0-only

#include "isac-sinr-dual.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace ns3
{

namespace
{

/// Growth of the objective's weight from one centring to the next. Far from the tangents' prices a
/// large one takes Newton's steps to the edge of the domain: 1300 steps instead of 100 at g = 10.
constexpr double WEIGHT_GROWTH = 3.0;
constexpr double TANGENT_WEIGHT_GROWTH = 20.0;
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
                          const Eigen::VectorXd& form,
                          const Eigen::Array<bool, Eigen::Dynamic, Eigen::Dynamic>& mask,
                          Eigen::Index nTargets)
{
    m_firstRow = firstRow;
    m_nAps = static_cast<Eigen::Index>(firstRow.size()) - 1;
    m_nRows = firstRow.back();
    m_nTargets = nTargets;
    m_h = h;
    m_noise = noise;
    m_form = form;
    m_iterations = 0;
    m_nLifted.resize(m_nAps);
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        m_nLifted[m] =
            (form.segment(firstRow[m], firstRow[m + 1] - firstRow[m]).array() > 0).count();
    }

    m_groups.clear();
    std::vector<Eigen::Index> aps;
    for (Eigen::Index s = 0; s < h.cols() + nTargets; ++s)
    {
        aps.clear();
        for (Eigen::Index m = 0; m < m_nAps; ++m)
        {
            if (mask.size() == 0 || mask(m, s))
            {
                aps.push_back(m);
            }
        }
        if (aps.empty())
        {
            continue; // a stream that nobody sends
        }
        auto group = std::find_if(m_groups.begin(), m_groups.end(), [&aps](const Group& other) {
            return other.aps == aps;
        });
        if (group == m_groups.end())
        {
            group = m_groups.emplace(group);
            group->aps = aps;
        }
        s < h.cols() ? group->ues.push_back(s) : group->targets.push_back(s - h.cols());
    }
}

void
IsacSinrDual::SortRows()
{
    m_apGram.resize(m_nAps);
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        const auto plain =
            m_h.middleRows(m_firstRow[m], m_firstRow[m + 1] - m_firstRow[m] - GetNLifted(m));
        m_apGram[m].noalias() = plain.adjoint() * plain;
    }
    for (auto& group : m_groups)
    {
        group.liftedRows.clear();
        group.firstLifted.assign(1, 0);
        for (auto m : group.aps)
        {
            for (auto i = m_firstRow[m + 1] - GetNLifted(m); i < m_firstRow[m + 1]; ++i)
            {
                group.liftedRows.push_back(i);
            }
            group.firstLifted.push_back(group.liftedRows.size());
        }
        group.lifted = m_h(group.liftedRows, Eigen::all);
    }
}

void
IsacSinrDual::Start(Goal goal, double minSinr)
{
    m_goal = goal;
    m_minSinr = minSinr;
    SortRows();
    const auto nUes = m_h.cols();
    m_x.resize(m_nAps + nUes);
    const double share = 1.0 / m_nAps;
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        m_x(m) = share + (GetNLifted(m) > 0 ? m_form(m_firstRow[m + 1] - 1) : 0.0);
    }
    // Z_0 >= share I, so that h_u^H Z_0^-1 h_u <= ||h_u||^2 / share: feasible.
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        m_x(m_nAps + u) = 0.5 * share / ((1 + 1 / minSinr) * m_h.col(u).squaredNorm());
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
                m_x(m_nAps + u) = 1 / ((1 + 1 / minSinr) * group.gram(u, u).real());
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
    if (m_goal == TANGENT)
    {
        m_x = m_warm;
    }
    else
    {
        m_goal = TANGENT;
        SortRows();
    }
    m_tangent = tangent;
    m_apTangent.resize(m_nAps);
    m_tangentPower.resize(m_nAps, tangent.cols());
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        const auto size = m_firstRow[m + 1] - m_firstRow[m];
        const auto block = m_tangent.middleRows(m_firstRow[m], size);
        m_apTangent[m].noalias() = m_h.middleRows(m_firstRow[m], size).adjoint() * block;
        m_tangentPower.row(m) = block.colwise().squaredNorm();
    }
}

void
IsacSinrDual::RaiseMinSinr(double minSinr)
{
    m_minSinr = minSinr;
    m_x = m_warm;
}

double
IsacSinrDual::GetBarrierParameter() const
{
    double parameter = m_x.size();
    for (const auto& group : m_groups)
    {
        Eigen::Index rows = 0;
        for (auto m : group.aps)
        {
            rows += m_firstRow[m + 1] - m_firstRow[m];
        }
        parameter += static_cast<double>(CountForms(group) * rows);
    }
    return parameter;
}

Eigen::Index
IsacSinrDual::CountForms(const Group& group) const
{
    return group.ues.size() + (group.targets.empty() || m_goal == MIN_POWER ? 0 : 1);
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
IsacSinrDual::GetTangentValue(const Group& group,
                              Eigen::Index stream,
                              const Eigen::VectorXd& x) const
{
    const auto p = group.weighted.col(stream);
    double value = -p.dot(group.s * p).real();
    for (auto m : group.aps)
    {
        value += m_tangentPower(m, stream) / x(m);
    }
    return stream < m_h.cols()
               ? value + GetGain(group, stream, x) * std::norm(group.r.col(stream).dot(p))
               : value;
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
        for (Eigen::Index s = 0; s < m_tangent.cols() && m_goal == TANGENT; ++s)
        {
            value += HasStream(group, s) ? GetTangentValue(group, s, m_x) : 0.0;
        }
    }
    return value;
}

bool
IsacSinrDual::HasStream(const Group& group, Eigen::Index stream) const
{
    const bool isUe = stream < m_h.cols();
    const auto& streams = isUe ? group.ues : group.targets;
    return std::find(streams.begin(), streams.end(), isUe ? stream : stream - m_h.cols()) !=
           streams.end();
}

double
IsacSinrDual::Evaluate(const Eigen::VectorXd& x, double tau)
{
    constexpr double outside = std::numeric_limits<double>::infinity();
    if (!(x.array() > 0).all() || !x.allFinite())
    {
        return outside;
    }
    const auto nUes = m_h.cols();
    double barrier = -x.array().log().sum();
    double value = GetLinear(x);
    const auto lambda = x.tail(nUes);
    const Eigen::VectorXd root = lambda.cwiseSqrt();
    for (auto& group : m_groups)
    {
        const auto nForms = CountForms(group);
        if (nForms == 0)
        {
            continue;
        }
        double logDet = 0.0;
        group.coupling.setZero(nUes, nUes);
        for (auto m : group.aps)
        {
            group.coupling += m_apGram[m] / x(m);
            logDet += (m_firstRow[m + 1] - m_firstRow[m] - GetNLifted(m)) * std::log(x(m));
        }
        group.s = root.asDiagonal() * group.coupling * root.asDiagonal();
        group.s.diagonal().array() += 1.0;
        group.inner.compute(group.s);
        if (group.inner.info() != Eigen::Success)
        {
            return outside;
        }
        logDet += 2 * group.inner.matrixLLT().diagonal().real().array().log().sum();
        group.s.setIdentity(nUes, nUes);
        group.inner.solveInPlace(group.s);
        group.s = root.asDiagonal() * group.s;
        group.r = group.s * root.cwiseInverse().asDiagonal();
        group.s = group.s * root.asDiagonal();
        group.c = group.r;
        if (group.lifted.rows() > 0)
        {
            group.sigma.noalias() = group.lifted * group.s * group.lifted.adjoint();
            for (std::size_t i = 0; i < group.aps.size(); ++i)
            {
                for (auto k = group.firstLifted[i]; k < group.firstLifted[i + 1]; ++k)
                {
                    group.sigma(k, k) += x(group.aps[i]) - m_form(group.liftedRows[k]);
                }
            }
            group.outer.compute(group.sigma);
            if (group.outer.info() != Eigen::Success)
            {
                return outside;
            }
            logDet += 2 * group.outer.matrixLLT().diagonal().real().array().log().sum();
            group.liftedInverseH.noalias() = group.lifted * group.r;
            group.outer.solveInPlace(group.liftedInverseH);
            group.c.noalias() -= group.s * (group.lifted.adjoint() * group.liftedInverseH);
        }
        group.gram.noalias() = group.coupling * group.c;
        if (group.lifted.rows() > 0)
        {
            group.gram.noalias() += group.lifted.adjoint() * group.liftedInverseH;
        }
        group.gap.setOnes(nUes);
        barrier -= nForms * logDet;
        for (auto u : group.ues)
        {
            // det Z_u = det Z (1 - (1 + 1/g) lambda_u h_u^H W h_u).
            group.gap(u) = 1 - (1 + 1 / m_minSinr) * lambda(u) * group.gram(u, u).real();
            if (!(group.gap(u) > 0))
            {
                return outside;
            }
            barrier -= std::log(group.gap(u));
        }
        if (m_goal == TANGENT)
        {
            group.weighted.setZero(nUes, m_tangent.cols());
            for (auto m : group.aps)
            {
                group.weighted += m_apTangent[m] / x(m);
            }
            for (Eigen::Index s = 0; s < m_tangent.cols(); ++s)
            {
                value += HasStream(group, s) ? GetTangentValue(group, s, x) : 0.0;
            }
        }
    }
    return tau * value + barrier;
}

void
IsacSinrDual::AddLogDet(const Group& group)
{
    // d/dx_i of -log det Z is -tr(Z^-1 E_i), d2 is tr(Z^-1 E_i Z^-1 E_j), with E_i = dZ/dx_i.
    const auto nUes = m_h.cols();
    const auto nAps = static_cast<Eigen::Index>(group.aps.size());
    const auto nOwn = static_cast<Eigen::Index>(group.ues.size());
    const auto nForms = static_cast<double>(CountForms(group));
    const auto nLifted = group.lifted.rows();
    Eigen::MatrixXcd sigmaInverse = Eigen::MatrixXcd::Identity(nLifted, nLifted);
    Eigen::MatrixXcd e(nUes, nLifted);
    Eigen::MatrixXcd q = group.s;
    if (nLifted > 0)
    {
        group.outer.solveInPlace(sigmaInverse);
        e.noalias() = group.s * group.lifted.adjoint() * sigmaInverse;
        q.noalias() -= e * (group.lifted * group.s);
    }
    Eigen::VectorXd gain(nOwn);
    for (Eigen::Index i = 0; i < nOwn; ++i)
    {
        gain(i) = GetGain(group, group.ues[i], m_x);
    }
    // One column per AP, so that sums over all pairs of APs are products of matrices.
    Eigen::MatrixXcd p(nUes * nUes, nAps);
    Eigen::MatrixXcd qp(nUes * nUes, nAps);
    Eigen::MatrixXcd pq(nUes * nUes, nAps);
    Eigen::MatrixXcd ee = Eigen::MatrixXcd::Zero(nUes * nUes, nAps);
    Eigen::MatrixXcd z(nUes * nOwn, nAps);
    Eigen::MatrixXcd qz(nUes * nOwn, nAps);
    Eigen::MatrixXcd ey = Eigen::MatrixXcd::Zero(nUes * nOwn, nAps);
    Eigen::MatrixXcd y(nLifted, nOwn);
    Eigen::MatrixXd own(nOwn, nAps);
    Eigen::MatrixXcd product(nUes, nUes);
    Eigen::MatrixXcd inner(nUes, nUes);
    for (Eigen::Index i = 0; i < nOwn; ++i)
    {
        y.col(i) =
            nLifted > 0
                ? Eigen::VectorXcd(std::sqrt(2 * gain(i)) * group.liftedInverseH.col(group.ues[i]))
                : Eigen::VectorXcd();
    }
    for (Eigen::Index i = 0; i < nAps; ++i)
    {
        const auto m = group.aps[i];
        const double inverse = 1 / m_x(m);
        const auto first = group.firstLifted[i];
        const auto size = group.firstLifted[i + 1] - first;
        const auto plain = static_cast<double>(m_firstRow[m + 1] - m_firstRow[m] - size);
        Eigen::Map<Eigen::MatrixXcd> pm(p.col(i).data(), nUes, nUes);
        Eigen::Map<Eigen::MatrixXcd> qpm(qp.col(i).data(), nUes, nUes);
        Eigen::Map<Eigen::MatrixXcd> pqm(pq.col(i).data(), nUes, nUes);
        pm = inverse * inverse * m_apGram[m];
        qpm.noalias() = q * pm;
        pqm = qpm.adjoint();
        // Gram matrix of (W H)_m.
        product.noalias() = pm * group.c;
        inner.noalias() = group.c.adjoint() * product;
        double trace = plain * inverse - qpm.trace().real();
        double diagonal = plain * inverse * inverse - 2 * inverse * qpm.trace().real();
        Eigen::Map<Eigen::MatrixXcd> zm(z.col(i).data(), nUes, nOwn);
        Eigen::Map<Eigen::MatrixXcd> qzm(qz.col(i).data(), nUes, nOwn);
        double ownDiagonal = 0.0;
        for (Eigen::Index k = 0; k < nOwn; ++k)
        {
            const auto u = group.ues[k];
            zm.col(k) = std::sqrt(2 * gain(k)) * product.col(u);
            ownDiagonal += 2 * gain(k) * inverse * inner(u, u).real();
        }
        qzm.noalias() = q * zm;
        if (size > 0)
        {
            const auto block = group.liftedInverseH.middleRows(first, size);
            inner.noalias() += block.adjoint() * block;
            trace += sigmaInverse.diagonal().segment(first, size).real().sum();
            Eigen::Map<Eigen::MatrixXcd>(ee.col(i).data(), nUes, nUes).noalias() =
                e.middleCols(first, size) * e.middleCols(first, size).adjoint();
            Eigen::Map<Eigen::MatrixXcd>(ey.col(i).data(), nUes, nOwn).noalias() =
                e.middleCols(first, size) * y.middleRows(first, size);
        }
        m_gradient(m) -= nForms * trace;
        m_hessian(m, m) += nForms * diagonal + ownDiagonal;
        for (Eigen::Index k = 0; k < nOwn; ++k)
        {
            const auto u = group.ues[k];
            own(k, i) = gain(k) * inner(u, u).real();
            m_gradient(m) -= own(k, i);
            for (Eigen::Index v = 0; v < nUes; ++v)
            {
                m_hessian(m_nAps + v, m) +=
                    GetSign(v, u) *
                    (inner(v, v).real() + gain(k) * (2 * (group.gram(u, v) * inner(v, u)).real() +
                                                     std::norm(group.gram(u, v)) * own(k, i)));
            }
        }
        if (nForms > nOwn)
        {
            m_hessian.col(m).tail(nUes) += inner.diagonal().real();
        }
    }
    auto real = [](const Eigen::MatrixXcd& matrix) {
        return Eigen::Map<const Eigen::MatrixXd>(reinterpret_cast<const double*>(matrix.data()),
                                                 2 * matrix.rows(),
                                                 matrix.cols());
    };
    Eigen::MatrixXd pairs = nForms * (real(pq).transpose() * real(qp));
    pairs -= real(z).transpose() * real(qz);
    pairs += own.transpose() * own;
    if (nLifted > 0)
    {
        Eigen::MatrixXd half = nForms * (real(ee).transpose() * real(p));
        half -= real(ey).transpose() * real(z);
        pairs += half + half.transpose();
        const Eigen::MatrixXcd yy = y * y.adjoint();
        const Eigen::MatrixXd blocks =
            nForms * sigmaInverse.cwiseAbs2() + sigmaInverse.cwiseProduct(yy.conjugate()).real();
        for (Eigen::Index i = 0; i < nAps; ++i)
        {
            for (Eigen::Index j = 0; j < nAps; ++j)
            {
                pairs(i, j) += blocks
                                   .block(group.firstLifted[i],
                                          group.firstLifted[j],
                                          group.firstLifted[i + 1] - group.firstLifted[i],
                                          group.firstLifted[j + 1] - group.firstLifted[j])
                                   .sum();
            }
        }
    }
    for (Eigen::Index i = 0; i < nAps; ++i)
    {
        for (Eigen::Index j = 0; j <= i; ++j)
        {
            m_hessian(group.aps[i], group.aps[j]) += pairs(i, j);
        }
    }
    auto addUes = [&](Eigen::Index ue, const Eigen::MatrixXcd& gram) {
        for (Eigen::Index v = 0; v < nUes; ++v)
        {
            m_gradient(m_nAps + v) -= GetSign(v, ue) * gram(v, v).real();
            for (Eigen::Index w = 0; w <= v; ++w)
            {
                m_hessian(m_nAps + v, m_nAps + w) +=
                    GetSign(v, ue) * GetSign(w, ue) * std::norm(gram(v, w));
            }
        }
    };
    for (Eigen::Index k = 0; k < nOwn; ++k)
    {
        const auto u = group.ues[k];
        product.noalias() = gain(k) * group.gram.col(u) * group.gram.row(u); // Sherman-Morrison
        product += group.gram;
        addUes(u, product);
    }
    if (nForms > nOwn)
    {
        addUes(SENSING, group.gram);
    }
}

void
IsacSinrDual::FormBeam(const Group& group, Eigen::Index stream)
{
    const auto p = group.weighted.col(stream);
    Eigen::VectorXcd k = group.s * p;
    if (stream < m_h.cols())
    {
        k -= (GetGain(group, stream, m_x) * group.r.col(stream).dot(p)) * group.c.col(stream);
    }
    m_beam.setZero(m_nRows);
    for (auto m : group.aps)
    {
        const auto size = m_firstRow[m + 1] - m_firstRow[m];
        auto block = m_beam.segment(m_firstRow[m], size);
        block = m_tangent.col(stream).segment(m_firstRow[m], size);
        block.noalias() -= m_h.middleRows(m_firstRow[m], size) * k;
        block /= m_x(m);
    }
}

void
IsacSinrDual::AddTangent(const Group& group, Eigen::Index stream, double tau)
{
    // d/dx_i of c^H Z^-1 c is -f^H E_i f, d2 is 2 Re(f^H E_i Z^-1 E_j f), with f = Z^-1 c.
    const auto nUes = m_h.cols();
    const auto nAps = static_cast<Eigen::Index>(group.aps.size());
    const auto ue = stream < nUes ? stream : SENSING;
    const double gain = ue == SENSING ? 0.0 : GetGain(group, ue, m_x);
    FormBeam(group, stream);
    Eigen::VectorXcd received = Eigen::VectorXcd::Zero(nUes);
    Eigen::MatrixXcd y(nUes, nAps);
    for (Eigen::Index i = 0; i < nAps; ++i)
    {
        const auto m = group.aps[i];
        const auto size = m_firstRow[m + 1] - m_firstRow[m];
        const auto block = m_beam.segment(m_firstRow[m], size);
        y.col(i).noalias() = m_h.middleRows(m_firstRow[m], size).adjoint() * block;
        received += y.col(i);
        y.col(i) /= m_x(m);
        m_gradient(m) -= tau * block.squaredNorm();
        m_hessian(m, m) += 2 * tau * block.squaredNorm() / m_x(m);
    }
    const Eigen::MatrixXcd b = group.c.adjoint() * y; // h_v^H W E_m f
    const Eigen::MatrixXcd sy = group.s * y;
    for (Eigen::Index i = 0; i < nAps; ++i)
    {
        const auto m = group.aps[i];
        const auto own = ue == SENSING ? std::complex<double>() : b(ue, i);
        for (Eigen::Index j = 0; j <= i; ++j)
        {
            double pair = -y.col(i).dot(sy.col(j)).real();
            pair += ue == SENSING ? 0.0 : gain * (std::conj(own) * b(ue, j)).real();
            m_hessian(m, group.aps[j]) += 2 * tau * pair;
        }
        for (Eigen::Index v = 0; v < nUes; ++v)
        {
            auto reached = std::conj(b(v, i));
            if (ue != SENSING)
            {
                reached += gain * std::conj(own) * group.gram(ue, v);
            }
            m_hessian(m_nAps + v, m) += 2 * tau * GetSign(v, ue) * (reached * received(v)).real();
        }
    }
    for (Eigen::Index v = 0; v < nUes; ++v)
    {
        m_gradient(m_nAps + v) -= tau * GetSign(v, ue) * std::norm(received(v));
        for (Eigen::Index w = 0; w <= v; ++w)
        {
            auto gram = group.gram(v, w);
            if (ue != SENSING)
            {
                gram += gain * group.gram(v, ue) * group.gram(ue, w);
            }
            m_hessian(m_nAps + v, m_nAps + w) +=
                2 * tau * GetSign(v, ue) * GetSign(w, ue) *
                (std::conj(received(v)) * gram * received(w)).real();
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
        if (CountForms(group) > 0)
        {
            AddLogDet(group);
        }
        for (Eigen::Index s = 0; s < m_tangent.cols() && m_goal == TANGENT; ++s)
        {
            if (HasStream(group, s))
            {
                AddTangent(group, s, tau);
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
    m_warm = m_x;
    bool first = true;
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
        m_warm = std::exchange(first, false) ? m_x : m_warm;
        if (parameter / tau <= tolerance * std::abs(GetValue()))
        {
            return CONVERGED;
        }
        tau *= m_goal == TANGENT ? TANGENT_WEIGHT_GROWTH : WEIGHT_GROWTH;
    }
}

void
IsacSinrDual::GetBeams(Eigen::MatrixXcd& f)
{
    const auto nUes = m_h.cols();
    f.setZero(m_nRows, nUes + m_nTargets);
    Evaluate(m_x, m_tau);
    std::vector<Eigen::Index> place(m_nRows, -1);
    Eigen::Index nLifted = 0;
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        for (auto i = m_firstRow[m + 1] - GetNLifted(m); i < m_firstRow[m + 1]; ++i)
        {
            place[i] = nLifted++;
        }
    }
    m_covariance.setZero(nLifted, nLifted);
    for (const auto& group : m_groups)
    {
        const auto nForms = CountForms(group);
        Eigen::MatrixXcd covariance =
            Eigen::MatrixXcd::Identity(group.lifted.rows(), group.lifted.rows());
        if (nForms > 0 && group.lifted.rows() > 0)
        {
            group.outer.solveInPlace(covariance);
            covariance *= nForms / m_tau;
        }
        for (auto u : group.ues)
        {
            // F_u h_u with F_u = Z_u^-1 / tau + f_u f_u^H.
            const double gain = GetGain(group, u, m_x);
            const double own = group.gram(u, u).real();
            auto beam = f.col(u);
            for (auto m : group.aps)
            {
                const auto size = m_firstRow[m + 1] - m_firstRow[m] - GetNLifted(m);
                beam.segment(m_firstRow[m], size).noalias() =
                    m_h.middleRows(m_firstRow[m], size) * group.c.col(u) / m_x(m);
            }
            for (Eigen::Index i = 0; i < group.lifted.rows(); ++i)
            {
                beam(group.liftedRows[i]) = group.liftedInverseH(i, u);
            }
            beam *= (1 + gain * own) / m_tau;
            double signal = own * (1 + gain * own) / m_tau;
            if (m_goal == TANGENT)
            {
                FormBeam(group, u);
                const auto received = m_h.col(u).dot(m_beam);
                beam += m_beam * std::conj(received);
                signal += std::norm(received);
            }
            beam /= std::sqrt(signal);
            if (group.lifted.rows() > 0)
            {
                const auto column = group.liftedInverseH.col(u);
                covariance.noalias() += (gain / m_tau * column) * column.adjoint();
                const Eigen::VectorXcd kept = beam(group.liftedRows);
                covariance.noalias() -= kept * kept.adjoint();
            }
        }
        for (auto t : group.targets)
        {
            if (m_goal == TANGENT)
            {
                FormBeam(group, nUes + t);
                f.col(nUes + t) = m_beam;
            }
        }
        for (Eigen::Index j = 0; j < covariance.cols(); ++j)
        {
            for (Eigen::Index i = 0; i < covariance.rows(); ++i)
            {
                m_covariance(place[group.liftedRows[i]], place[group.liftedRows[j]]) +=
                    covariance(i, j);
            }
        }
    }
}

} // namespace ns3
