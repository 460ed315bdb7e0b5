// SPDX-License-Identifier: GPL-2.0-only

#include "isac-target-bound.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

namespace
{

/// Speed of light (m/s).
constexpr double SPEED_OF_LIGHT = 299792458.0;

/// Gradients of delay, Doppler shift and direction of a hop by the target's state.
struct Hop
{
    Eigen::Vector3d direction; //!< u; gradient of delay times c, of -f lambda by velocity
    Eigen::Matrix3d turn;      //!< d u / d p = P / R (1/m)
    Eigen::Vector3d doppler;   //!< gradient of -f lambda by position, P v / R (1/s)

    Hop(const Eigen::Vector3d& place, const IsacTargetState& state)
    {
        const Eigen::Vector3d offset = state.head<3>() - place;
        const double distance = offset.norm();
        direction = offset / std::max(distance, std::numeric_limits<double>::min());
        turn = (Eigen::Matrix3d::Identity() - direction * direction.transpose()) /
               std::max(distance, 1.0);
        doppler = turn * state.tail<3>();
    }
};

} // namespace

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
    const double unit = 8.0 * M_PI * M_PI;
    const double delay = geometry.rmsBandwidth * geometry.rmsBandwidth;
    const double doppler = geometry.rmsDuration * geometry.rmsDuration;
    IsacStateMatrix information = IsacStateMatrix::Zero();
    for (Eigen::Index r = 0; r < snr.rows(); ++r)
    {
        const Hop back(geometry.receivers.col(r), state);
        // Of the clock error: its information with the state, and its own.
        IsacTargetState cross = IsacTargetState::Zero();
        double total = 0.0;
        for (Eigen::Index m = 0; m < snr.cols(); ++m)
        {
            const double weight = unit * snr(r, m);
            if (!(weight > 0.0))
            {
                continue;
            }
            const Hop out(geometry.transmitters.col(m), state);
            IsacTargetState tau = IsacTargetState::Zero();
            tau.head<3>() = (out.direction + back.direction) / SPEED_OF_LIGHT;
            IsacTargetState f;
            f << out.doppler + back.doppler, out.direction + back.direction;
            f /= -geometry.wavelength;
            const IsacTargetState byDelay = delay * tau - geometry.coupling * f;
            const IsacTargetState byDoppler = doppler * f - geometry.coupling * tau;
            information.noalias() += weight * tau * byDelay.transpose();
            information.noalias() += weight * f * byDoppler.transpose();
            cross += weight * byDelay;
            total += weight * delay;
            if (!geometry.departures.empty())
            {
                information.topLeftCorner<3, 3>() +=
                    weight * (out.turn * geometry.departures[m] * out.turn);
            }
        }
        if (!geometry.arrivals.empty())
        {
            const double weight = unit * snr.row(r).sum();
            information.topLeftCorner<3, 3>() +=
                weight * (back.turn * geometry.arrivals[r] * back.turn);
        }
        if (geometry.clockError > 0.0 && total > 0.0)
        {
            const double variance = geometry.clockError * geometry.clockError;
            information.noalias() -=
                cross * cross.transpose() * (variance / (1.0 + total * variance));
        }
    }
    // Equal to its transpose but for rounding.
    return 0.5 * (information + information.transpose());
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
