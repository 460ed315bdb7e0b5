// SPDX-License-Identifier: GPL-2.0-only

#include "isac-target-bound.h"

#include "isac-link-budget.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

void
IsacTargetHops::Set(const Eigen::Matrix3Xd& places,
                    const IsacTargetState& state,
                    Eigen::Matrix<double, 6, Eigen::Dynamic>& hops,
                    Eigen::VectorXd& inverse)
{
    hops.resize(6, places.cols());
    inverse.resize(places.cols());
    const Eigen::Vector3d velocity = state.tail<3>();
    for (Eigen::Index i = 0; i < places.cols(); ++i)
    {
        const Eigen::Vector3d offset = state.head<3>() - places.col(i);
        const double distance = offset.norm();
        const Eigen::Vector3d u = offset / std::max(distance, std::numeric_limits<double>::min());
        inverse(i) = 1.0 / std::max(distance, 1.0);
        hops.col(i) << u, (velocity - u * u.dot(velocity)) * inverse(i);
    }
}

void
IsacTargetHops::Set(const IsacSensingGeometry& geometry, const IsacTargetState& state)
{
    Set(geometry.transmitters, state, m_out, m_outInverse);
    Set(geometry.receivers, state, m_back, m_backInverse);
}

Eigen::Matrix3d
IsacTargetHops::GetTurned(const Eigen::Vector3d& u, double inverse, const Eigen::Matrix3d& spread)
{
    const Eigen::Matrix3d turn = (Eigen::Matrix3d::Identity() - u * u.transpose()) * inverse;
    return turn * spread * turn;
}

IsacStateMatrix
IsacTargetHops::GetInformation(const IsacSensingGeometry& geometry,
                               const Eigen::Ref<const Eigen::MatrixXd>& snr)
{
    const double unit = 8.0 * M_PI * M_PI;
    const double delay = geometry.rmsBandwidth * geometry.rmsBandwidth / ISAC_SPEED_OF_LIGHT;
    const double doppler =
        geometry.rmsDuration * geometry.rmsDuration / (geometry.wavelength * geometry.wavelength);
    const double coupling = geometry.coupling / geometry.wavelength;
    // With the hops h_m and h_r, S = sum_mr s_mr (h_m + h_r)(h_m + h_r)' around the mean of the
    // h_m, d_m = h_m - mean, k_r = mean + h_r, g_r = sum_m s_mr d_m and s_r = sum_m s_mr:
    // S = sum_mr s_mr d_m d_m' + sum_r s_r (k_r + g_r / s_r)(..)' - sum_r g_r g_r' / s_r.
    // It takes M + R products instead of M R, and nothing cancels where one transmitter or equal
    // shares leave no g_r.
    const double total = snr.sum();
    IsacStateMatrix information = IsacStateMatrix::Zero();
    if (!(total > 0.0))
    {
        return information;
    }
    IsacTargetState mean = IsacTargetState::Zero();
    m_sent.resize(snr.cols());
    for (Eigen::Index m = 0; m < snr.cols(); ++m)
    {
        m_sent(m) = snr.col(m).sum();
        mean += m_sent(m) / total * m_out.col(m);
    }
    IsacStateMatrix sum = IsacStateMatrix::Zero();
    m_shift.setZero(snr.rows(), 6);
    for (Eigen::Index m = 0; m < snr.cols(); ++m)
    {
        const IsacTargetState offset = m_out.col(m) - mean;
        sum.noalias() += (m_sent(m) * offset) * offset.transpose();
        for (int i = 0; i < 6; ++i)
        {
            m_shift.col(i) += offset(i) * snr.col(m);
        }
        if (!geometry.departures.empty())
        {
            information.topLeftCorner<3, 3>() +=
                unit * m_sent(m) *
                GetTurned(m_out.col(m).head<3>(), m_outInverse(m), geometry.departures[m]);
        }
    }
    for (Eigen::Index r = 0; r < snr.rows(); ++r)
    {
        const double heard = snr.row(r).sum();
        if (!(heard > 0.0))
        {
            continue;
        }
        const IsacTargetState shift = m_shift.row(r).transpose();
        const IsacTargetState hop = mean + m_back.col(r) + shift / heard;
        sum.noalias() += (heard * hop) * hop.transpose();
        sum.noalias() -= shift * (shift / heard).transpose();
        if (!geometry.arrivals.empty())
        {
            information.topLeftCorner<3, 3>() +=
                unit * heard *
                GetTurned(m_back.col(r).head<3>(), m_backInverse(r), geometry.arrivals[r]);
        }
        if (geometry.clockError > 0.0)
        {
            // Of the clock error: its information with the state, and its own.
            IsacTargetState cross;
            cross << delay * hop.head<3>() + coupling * hop.tail<3>(), coupling * hop.head<3>();
            cross *= unit * heard;
            const double own = unit * heard * geometry.rmsBandwidth * geometry.rmsBandwidth;
            const double variance = geometry.clockError * geometry.clockError;
            information.noalias() -=
                cross * cross.transpose() * (variance / (1.0 + own * variance));
        }
    }
    sum *= unit;
    const auto uu = sum.topLeftCorner<3, 3>();
    const auto ud = sum.topRightCorner<3, 3>();
    const auto du = sum.bottomLeftCorner<3, 3>();
    const auto dd = sum.bottomRightCorner<3, 3>();
    // tau = u / c by position; f = -d / lambda by position, -u / lambda by velocity.
    const double both = coupling / ISAC_SPEED_OF_LIGHT;
    information.topLeftCorner<3, 3>() +=
        delay / ISAC_SPEED_OF_LIGHT * uu + doppler * dd + both * (ud + du);
    information.topRightCorner<3, 3>() += both * uu + doppler * du;
    information.bottomLeftCorner<3, 3>() += both * uu + doppler * ud;
    information.bottomRightCorner<3, 3>() += doppler * uu;
    // Equal to its transpose but for rounding.
    return 0.5 * (information + information.transpose());
}

double
cellfree::GetRmsOfEven(double width)
{
    return width / std::sqrt(12.0);
}

Eigen::Matrix3d
cellfree::GetElementSpread(const Eigen::Ref<const Eigen::Matrix3Xd>& elements)
{
    if (elements.cols() == 0)
    {
        return Eigen::Matrix3d::Zero();
    }
    const Eigen::Vector3d mean = elements.rowwise().mean();
    Eigen::Matrix3d spread = Eigen::Matrix3d::Zero();
    for (Eigen::Index n = 0; n < elements.cols(); ++n)
    {
        const Eigen::Vector3d offset = elements.col(n) - mean;
        spread += offset * offset.transpose();
    }
    return spread / elements.cols();
}

Eigen::Matrix3d
cellfree::GetDepartureSpread(const Eigen::Ref<const Eigen::Matrix3Xd>& elements,
                             const Eigen::Ref<const Eigen::VectorXcd>& steering,
                             const Eigen::Ref<const Eigen::MatrixXcd>& beams)
{
    double power = 0.0;
    Eigen::Vector3cd first = Eigen::Vector3cd::Zero();  // sum_s x_s* X_s
    Eigen::Matrix3cd second = Eigen::Matrix3cd::Zero(); // sum_s X_s* X_s'
    for (Eigen::Index s = 0; s < beams.cols(); ++s)
    {
        std::complex<double> amplitude = 0.0;
        Eigen::Vector3cd gradient = Eigen::Vector3cd::Zero(); // over 2 pi j
        for (Eigen::Index n = 0; n < beams.rows(); ++n)
        {
            const auto part = std::conj(beams(n, s)) * steering(n);
            amplitude += part;
            gradient += part * elements.col(n);
        }
        power += std::norm(amplitude);
        first += std::conj(amplitude) * gradient;
        second += gradient.conjugate() * gradient.transpose();
    }
    if (!(power > 0.0))
    {
        return Eigen::Matrix3d::Zero();
    }
    return (second / power - first.conjugate() * first.transpose() / (power * power)).real();
}

IsacStateMatrix
cellfree::GetTargetInformation(const IsacSensingGeometry& geometry,
                               const IsacTargetState& state,
                               const Eigen::Ref<const Eigen::MatrixXd>& snr)
{
    IsacTargetHops hops;
    hops.Set(geometry, state);
    return hops.GetInformation(geometry, snr);
}

IsacStateMatrix
cellfree::GetStateRoot(const IsacStateMatrix& covariance)
{
    if (covariance.isDiagonal(0.0))
    {
        return covariance.diagonal().cwiseMax(0.0).cwiseSqrt().asDiagonal();
    }
    const Eigen::SelfAdjointEigenSolver<IsacStateMatrix> eigen(covariance);
    return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal() *
           eigen.eigenvectors().transpose();
}

IsacStateMatrix
cellfree::GetTargetCovariance(const IsacStateMatrix& information, const IsacStateMatrix& prior)
{
    const IsacStateMatrix root = GetStateRoot(prior);
    const IsacStateMatrix sum = IsacStateMatrix::Identity() + root * information * root;
    // S L'^-1 L^-1 S is symmetric and semidefinite whatever is rounded.
    const IsacStateMatrix half = sum.llt().matrixL().solve(root);
    return half.transpose() * half;
}

IsacStateMatrix
cellfree::GetBoxPrior(const Eigen::Vector3d& extent, double speed)
{
    IsacTargetState deviations;
    deviations << extent / std::sqrt(12.0), Eigen::Vector3d::Constant(speed);
    return deviations.cwiseAbs2().asDiagonal();
}

double
cellfree::GetPositionErrorBound(const IsacStateMatrix& covariance)
{
    return std::sqrt(covariance.topLeftCorner<3, 3>().trace());
}

double
cellfree::GetVelocityErrorBound(const IsacStateMatrix& covariance)
{
    return std::sqrt(covariance.bottomRightCorner<3, 3>().trace());
}

} // namespace ns3
