// SPDX-License-Identifier: GPL-2.0-only

#include "isac-combining.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

/// Gives a work space at least a size; it never shrinks, so that sizes that vary cost nothing.
void
Reserve(Eigen::MatrixXcd& matrix, Eigen::Index rows, Eigen::Index cols)
{
    if (matrix.rows() < rows || matrix.cols() < cols)
    {
        matrix.resize(std::max(rows, matrix.rows()), std::max(cols, matrix.cols()));
    }
}

} // namespace

void
IsacCombining::ComputeMaximumRatio(const IsacUplink& uplink, Eigen::MatrixXcd& v)
{
    const auto nUes = uplink.GetNUes();
    const auto n = uplink.nAntennas;
    v = uplink.h.leftCols(nUes);
    for (Eigen::Index u = 0; uplink.serving.size() > 0 && u < nUes; ++u)
    {
        for (Eigen::Index m = 0; m < uplink.GetNAps(); ++m)
        {
            if (!uplink.serving(m, u))
            {
                v.col(u).segment(m * n, n).setZero();
            }
        }
    }
}

void
IsacCombining::SumErrors(const IsacUplink& uplink, Eigen::Index m, Eigen::Index u)
{
    const auto n = uplink.nAntennas;
    double white = uplink.noise;
    m_errors.setZero(n, n);
    for (auto i : m_others)
    {
        const double power = uplink.Overlap(u, i) * uplink.power(i);
        if (uplink.errorCovariance.size() > 0)
        {
            m_errors += power * uplink.errorCovariance.block(m * n, i * n, n, n);
        }
        else if (uplink.errorVariance.size() > 0)
        {
            white += power * uplink.errorVariance(m, i);
        }
    }
    m_errors.diagonal().array() += white;
}

void
IsacCombining::ComputeLocalMmse(const IsacUplink& uplink, Eigen::MatrixXcd& v)
{
    const auto nUes = uplink.GetNUes();
    const auto n = uplink.nAntennas;
    v.setZero(uplink.h.rows(), nUes);
    m_local.resize(n, nUes);
    for (Eigen::Index m = 0; m < uplink.GetNAps(); ++m)
    {
        m_others.clear();
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            if (uplink.Serves(m, u))
            {
                m_others.push_back(u);
            }
        }
        for (std::size_t k = 0; k < m_others.size(); ++k)
        {
            const auto u = m_others[k];
            // UEs on the same symbols have one matrix.
            if (k == 0 || uplink.overlap.size() > 0)
            {
                SumErrors(uplink, m, u);
                for (std::size_t i = 0; i < m_others.size(); ++i)
                {
                    m_local.col(i) =
                        std::sqrt(uplink.Overlap(u, m_others[i]) * uplink.power(m_others[i])) *
                        uplink.h.col(m_others[i]).segment(m * n, n);
                }
                const auto channel = m_local.leftCols(m_others.size());
                m_errors.noalias() += channel * channel.adjoint();
                Eigen::LLT<Eigen::Ref<Eigen::MatrixXcd>> factor(m_errors);
            }
            // The factor is in the lower triangle of m_errors.
            auto combined = v.col(u).segment(m * n, n);
            combined = uplink.power(u) * uplink.h.col(u).segment(m * n, n);
            m_errors.triangularView<Eigen::Lower>().solveInPlace(combined);
            m_errors.triangularView<Eigen::Lower>().adjoint().solveInPlace(combined);
        }
    }
}

void
IsacCombining::ComputePartialMmse(const IsacUplink& uplink, Eigen::MatrixXcd& v)
{
    const auto nUes = uplink.GetNUes();
    const auto n = uplink.nAntennas;
    v.setZero(uplink.h.rows(), nUes);
    Reserve(m_channel, uplink.h.rows(), nUes);
    Reserve(m_whitened, uplink.h.rows(), nUes);
    Reserve(m_gram, nUes, nUes);
    m_weights.resize(nUes);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        m_aps.clear();
        for (Eigen::Index m = 0; m < uplink.GetNAps(); ++m)
        {
            if (uplink.Serves(m, u))
            {
                m_aps.push_back(m);
            }
        }
        // The set (5.15), the UE itself first.
        m_others.assign(1, u);
        for (Eigen::Index i = 0; i < nUes; ++i)
        {
            const auto isShared = [&uplink, i](Eigen::Index m) { return uplink.Serves(m, i); };
            if (i != u && uplink.Overlap(u, i) > 0.0 && uplink.power(i) > 0.0 &&
                std::any_of(m_aps.begin(), m_aps.end(), isShared))
            {
                m_others.push_back(i);
            }
        }
        if (m_aps.empty() || !(uplink.power(u) > 0.0))
        {
            continue;
        }
        const Eigen::Index nOthers = m_others.size();
        const Eigen::Index nRows = m_aps.size() * n;
        auto channel = m_channel.topLeftCorner(nRows, nOthers);
        auto whitened = m_whitened.topLeftCorner(nRows, nOthers);
        for (Eigen::Index i = 0; i < nOthers; ++i)
        {
            const auto other = m_others[i];
            const double amplitude = std::sqrt(uplink.Overlap(u, other) * uplink.power(other));
            for (std::size_t l = 0; l < m_aps.size(); ++l)
            {
                channel.col(i).segment(l * n, n) =
                    amplitude * uplink.h.col(other).segment(m_aps[l] * n, n);
            }
        }
        whitened = channel;
        for (std::size_t l = 0; l < m_aps.size(); ++l)
        {
            SumErrors(uplink, m_aps[l], u);
            auto block = whitened.middleRows(l * n, n);
            if (uplink.errorCovariance.size() == 0)
            {
                block /= m_errors(0, 0).real();
                continue;
            }
            Eigen::LLT<Eigen::Ref<Eigen::MatrixXcd>> factor(m_errors);
            m_errors.triangularView<Eigen::Lower>().solveInPlace(block);
            m_errors.triangularView<Eigen::Lower>().adjoint().solveInPlace(block);
        }
        // (D + G G^H)^-1 g_u = D^-1 G (I + G^H D^-1 G)^-1 e_u: as many unknowns as there are UEs.
        auto gram = m_gram.topLeftCorner(nOthers, nOthers);
        gram.noalias() = channel.adjoint() * whitened;
        gram.diagonal().array() += 1.0;
        Eigen::Ref<Eigen::MatrixXcd> inPlace(gram);
        Eigen::LLT<Eigen::Ref<Eigen::MatrixXcd>> factor(inPlace);
        auto weights = m_weights.head(nOthers);
        weights.setZero();
        weights(0) = std::sqrt(uplink.power(u));
        gram.triangularView<Eigen::Lower>().solveInPlace(weights);
        gram.triangularView<Eigen::Lower>().adjoint().solveInPlace(weights);
        for (std::size_t l = 0; l < m_aps.size(); ++l)
        {
            v.col(u).segment(m_aps[l] * n, n).noalias() = whitened.middleRows(l * n, n) * weights;
        }
    }
}

void
IsacCombining::ComputeErrorPower(const IsacUplink& uplink,
                                 const Eigen::MatrixXcd& v,
                                 bool isPartial,
                                 Eigen::MatrixXd& power)
{
    const auto nUes = uplink.GetNUes();
    const auto n = uplink.nAntennas;
    power.resize(uplink.GetNAps(), nUes);
    for (Eigen::Index m = 0; m < uplink.GetNAps(); ++m)
    {
        m_others.clear();
        for (Eigen::Index j = 0; j < uplink.h.cols(); ++j)
        {
            if (!isPartial || (j < nUes && uplink.Serves(m, j)))
            {
                m_others.push_back(j);
            }
        }
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            const auto combined = v.col(u).segment(m * n, n);
            // UEs on the same symbols have one matrix.
            if (u == 0 || uplink.overlap.size() > 0)
            {
                SumErrors(uplink, m, u);
            }
            power(m, u) = uplink.errorCovariance.size() == 0
                              ? m_errors(0, 0).real() * combined.squaredNorm()
                              : combined.dot(m_errors * combined).real();
        }
    }
}

const Eigen::VectorXd&
IsacCombining::ComputeSinr(const IsacUplink& uplink, const Eigen::MatrixXcd& v)
{
    const auto nUes = uplink.GetNUes();
    m_gram.resize(nUes, uplink.h.cols());
    m_gram.noalias() = v.adjoint() * uplink.h;
    const bool hasErrors = uplink.errorVariance.size() > 0 || uplink.errorCovariance.size() > 0;
    if (hasErrors)
    {
        ComputeErrorPower(uplink, v, false, m_errorPower);
    }
    m_sinr.resize(nUes);
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        const double gain = std::abs(m_gram(u, u));
        double interference =
            hasErrors ? m_errorPower.col(u).sum() : uplink.noise * v.col(u).squaredNorm();
        for (Eigen::Index j = 0; j < uplink.h.cols(); ++j)
        {
            interference +=
                j == u ? 0.0 : uplink.Overlap(u, j) * uplink.power(j) * std::norm(m_gram(u, j));
        }
        m_sinr(u) = gain > 0.0 ? uplink.power(u) * gain * gain / interference : 0.0;
    }
    return m_sinr;
}

const Eigen::VectorXcd&
IsacFusion::ComputeWeights(const Statistics& statistics)
{
    m_weights = statistics.signal;
    if (statistics.coherent.cols() == 0)
    {
        m_weights.array() /= statistics.incoherent.array();
        return m_weights;
    }
    m_matrix.noalias() = statistics.coherent * statistics.coherent.adjoint();
    m_matrix.diagonal() += statistics.incoherent;
    Eigen::LLT<Eigen::Ref<Eigen::MatrixXcd>> factor(m_matrix);
    m_matrix.triangularView<Eigen::Lower>().solveInPlace(m_weights);
    m_matrix.triangularView<Eigen::Lower>().adjoint().solveInPlace(m_weights);
    return m_weights;
}

double
IsacFusion::GetSinr(const Statistics& statistics, const Eigen::VectorXcd& weights)
{
    const double signal = std::norm(weights.dot(statistics.signal));
    const double interference = (statistics.coherent.adjoint() * weights).squaredNorm() +
                                (weights.array().abs2() * statistics.incoherent.array()).sum();
    return interference > 0.0 ? signal / interference : 0.0;
}

} // namespace ns3
