// SPDX-License-Identifier: GPL-2.0-only

#include "isac-split-solver.h"

#include <cmath>

namespace ns3
{

namespace
{

/// Pivots and projections below this share of the largest count as zero.
constexpr double RANK_TOLERANCE = 1e-10;

/// Scales a vector to a power; a zero vector stays zero.
template <typename Vector>
void
ScaleTo(double power, Vector&& vector)
{
    const double norm = vector.stableNorm();
    if (norm > 0)
    {
        vector *= std::sqrt(power) / norm;
    }
}

} // namespace

void
IsacSplitSolver::ZeroForce(const IsacProblem& problem, double regulariser, IsacBeams& beams)
{
    const auto nUes = problem.GetNUes();
    const auto n = problem.nAntennas;
    // (H H^H + r I)^-1 H = H (H^H H + r I)^-1: a U x U system, whatever the number of antennas.
    auto invert = [&](const Eigen::MatrixXcd& channels) {
        m_gram.noalias() = channels.adjoint() * channels;
        m_gram.diagonal().array() += regulariser;
        m_cholesky.compute(m_gram);
        m_inverse.setIdentity(nUes, nUes);
        m_cholesky.solveInPlace(m_inverse);
    };
    if (problem.serving.size() == 0 || problem.serving.all())
    {
        invert(problem.h);
        beams.f.leftCols(nUes).noalias() = problem.h * m_inverse;
        return;
    }
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        m_served = problem.h;
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            if (!problem.Serves(m, u))
            {
                m_served.middleRows(m * n, n).setZero();
            }
        }
        invert(m_served);
        beams.f.col(u).noalias() = m_served * m_inverse.col(u);
    }
}

void
IsacSplitSolver::Solve(const IsacProblem& problem,
                       double commPowerRatio,
                       Communication communication,
                       Sensing sensing,
                       IsacBeams& beams)
{
    const auto nUes = problem.GetNUes();
    const auto nTargets = problem.GetNTargets();
    const auto n = problem.nAntennas;
    if (nUes > 0 && commPowerRatio > 0)
    {
        if (communication == ZERO_FORCING)
        {
            ZeroForce(problem, nUes / commPowerRatio, beams);
        }
        else
        {
            beams.f.leftCols(nUes) = problem.h;
        }
        for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
        {
            const auto nServed =
                problem.serving.size() == 0 ? nUes : problem.serving.row(m).count();
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                auto beam = beams.Ap(m).col(u);
                if (problem.Serves(m, u))
                {
                    ScaleTo(commPowerRatio / nServed, beam);
                }
                else
                {
                    beam.setZero();
                }
            }
        }
    }
    if (nTargets == 0 || commPowerRatio >= 1)
    {
        return;
    }
    beams.f.rightCols(nTargets) = problem.a;
    for (Eigen::Index m = 0; m < problem.GetNAps(); ++m)
    {
        auto sensingBeams = beams.Ap(m).rightCols(nTargets);
        if (sensing == NULL_SPACE && nUes > 0)
        {
            m_qr.setThreshold(RANK_TOLERANCE);
            m_qr.compute(problem.h.middleRows(m * n, n));
            for (Eigen::Index t = 0; t < nTargets; ++t)
            {
                // In the basis of Q, the span of the channels is the first rank coordinates.
                m_rotated.noalias() = m_qr.householderQ().adjoint() * sensingBeams.col(t);
                m_rotated.head(m_qr.rank()).setZero();
                if (m_rotated.stableNorm() <= RANK_TOLERANCE * sensingBeams.col(t).stableNorm())
                {
                    m_rotated.setZero();
                }
                sensingBeams.col(t).noalias() = m_qr.householderQ() * m_rotated;
            }
        }
        const auto nSensed =
            problem.sensing.size() == 0 ? nTargets : problem.sensing.row(m).count();
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            if (problem.Senses(m, t))
            {
                ScaleTo((1 - commPowerRatio) / nSensed, sensingBeams.col(t));
            }
            else
            {
                sensingBeams.col(t).setZero();
            }
        }
    }
}

} // namespace ns3
