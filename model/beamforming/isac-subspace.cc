// SPDX-License-Identifier: GPL-2.0-only

#include "isac-subspace.h"

#include <algorithm>
#include <numeric>

namespace ns3
{

namespace
{

/// Fills places with 0 .. n-1, ordered by descending key, and by another one where keys tie.
void
SortByKey(std::vector<Eigen::Index>& places,
          const Eigen::Ref<const Eigen::VectorXd>& key,
          const Eigen::Ref<const Eigen::VectorXd>& second)
{
    places.resize(key.size());
    std::iota(places.begin(), places.end(), 0);
    std::sort(places.begin(), places.end(), [&](Eigen::Index i, Eigen::Index j) {
        return key(i) != key(j) ? key(i) > key(j) : second(i) > second(j);
    });
}

} // namespace

void
IsacSubspace::Sort(const IsacProblem& problem, Eigen::Index nTargets)
{
    const auto nAps = problem.GetNAps();
    const auto nUes = problem.GetNUes();
    const auto n = problem.nAntennas;
    m_apKey.resize(nAps);
    m_streamKey.setZero(nTargets + nUes);
    m_span.resize(n, nTargets + nUes);
    m_gram.resize(nTargets + nUes, nTargets + nUes);
    m_ueGrams.resize(nUes * nUes, nAps);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        m_span.leftCols(nTargets).noalias() =
            problem.a.middleRows(m * n, n).leftCols(nTargets) *
            problem.omega.row(m).head(nTargets).cwiseSqrt().asDiagonal();
        m_span.rightCols(nUes) = problem.h.middleRows(m * n, n);
        m_gram.noalias() = m_span.adjoint() * m_span;
        m_apKey(m) = m_gram.squaredNorm();
        m_streamKey += m_gram.colwise().squaredNorm().transpose();
        Eigen::Map<Eigen::MatrixXcd>(m_ueGrams.col(m).data(), nUes, nUes) =
            m_gram.bottomRightCorner(nUes, nUes);
    }
    // The coherent part tells links apart that are equally strong, such as lines of sight.
    m_ueGram = m_ueGrams.rowwise().sum();
    m_apKey += (m_ueGrams.adjoint() * m_ueGram).real();
    const Eigen::Map<const Eigen::MatrixXcd> total(m_ueGram.data(), nUes, nUes);
    m_streamKey.tail(nUes) += total.colwise().squaredNorm().transpose();
    SortByKey(m_aps, m_apKey, m_apKey);
    SortByKey(m_targets, m_streamKey.head(nTargets), problem.sensingWeight.head(nTargets));
    SortByKey(m_ues, m_streamKey.tail(nUes), problem.weight);
}

void
IsacSubspace::Form(const IsacProblem& problem, bool withTargets)
{
    const auto nAps = problem.GetNAps();
    const auto nUes = problem.GetNUes();
    const auto nTargets = withTargets ? problem.GetNTargets() : 0;
    const auto n = problem.nAntennas;
    const auto r = std::min(n, nUes + nTargets);
    Sort(problem, nTargets);
    m_nAntennas = n;
    m_basis.resize(nAps * n, r);
    m_reduced.Resize(nAps, nUes, nTargets, r);
    if (problem.serving.size() != 0)
    {
        m_reduced.serving.resize(nAps, nUes);
    }
    if (problem.sensing.size() != 0)
    {
        m_reduced.sensing.resize(nAps, nTargets);
    }
    const bool hasErrors = problem.errorVariance.size() != 0;
    if (hasErrors)
    {
        m_reduced.errorVariance.resize(nAps, nUes);
    }
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        m_reduced.weight(u) = problem.weight(m_ues[u]);
    }
    for (Eigen::Index t = 0; t < nTargets; ++t)
    {
        m_reduced.sensingWeight(t) = problem.sensingWeight(m_targets[t]);
    }
    for (Eigen::Index i = 0; i < nAps; ++i)
    {
        const auto m = m_aps[i];
        // Targets first: where U + T > N the basis is complete whatever comes last.
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            m_span.col(t) = problem.a.col(m_targets[t]).segment(m * n, n);
            m_reduced.omega(i, t) = problem.omega(m, m_targets[t]);
            if (problem.sensing.size() != 0)
            {
                m_reduced.sensing(i, t) = problem.sensing(m, m_targets[t]);
            }
        }
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            m_span.col(nTargets + u) = problem.h.col(m_ues[u]).segment(m * n, n);
            if (problem.serving.size() != 0)
            {
                m_reduced.serving(i, u) = problem.serving(m, m_ues[u]);
            }
            if (hasErrors)
            {
                m_reduced.errorVariance(i, u) = problem.errorVariance(m, m_ues[u]);
            }
        }
        if (r == 0)
        {
            continue;
        }
        m_qr.compute(m_span);
        auto basis = m_basis.middleRows(i * n, n);
        basis.setIdentity();
        m_qr.householderQ().applyThisOnTheLeft(basis);
        m_reduced.a.middleRows(i * r, r).noalias() = basis.adjoint() * m_span.leftCols(nTargets);
        m_reduced.h.middleRows(i * r, r).noalias() = basis.adjoint() * m_span.rightCols(nUes);
    }
}

void
IsacSubspace::Project(const IsacBeams& beams, IsacBeams& reduced) const
{
    reduced.Resize(m_reduced);
    const auto nUes = m_reduced.GetNUes();
    for (Eigen::Index i = 0; i < m_reduced.GetNAps(); ++i)
    {
        const auto basis = m_basis.middleRows(i * m_nAntennas, m_nAntennas);
        const auto block = beams.Ap(m_aps[i]);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            reduced.Ap(i).col(u).noalias() = basis.adjoint() * block.col(m_ues[u]);
        }
        for (Eigen::Index t = 0; t < m_reduced.GetNTargets(); ++t)
        {
            reduced.Ap(i).col(nUes + t).noalias() =
                basis.adjoint() * block.col(nUes + m_targets[t]);
        }
    }
}

void
IsacSubspace::Lift(const IsacProblem& problem, const IsacBeams& reduced, IsacBeams& beams) const
{
    beams.Resize(problem);
    const auto nUes = m_reduced.GetNUes();
    for (Eigen::Index i = 0; i < m_reduced.GetNAps(); ++i)
    {
        const auto basis = m_basis.middleRows(i * m_nAntennas, m_nAntennas);
        auto block = beams.Ap(m_aps[i]);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            block.col(m_ues[u]).noalias() = basis * reduced.Ap(i).col(u);
        }
        for (Eigen::Index t = 0; t < m_reduced.GetNTargets(); ++t)
        {
            block.col(nUes + m_targets[t]).noalias() = basis * reduced.Ap(i).col(nUes + t);
        }
    }
}

} // namespace ns3
