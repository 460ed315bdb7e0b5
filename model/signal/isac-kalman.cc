// SPDX-License-Identifier: GPL-2.0-only

#include "isac-kalman.h"

#include <Eigen/Cholesky>
#include <cmath>

namespace ns3
{

namespace
{

using Matrix6 = Eigen::Matrix<double, 6, 6>;

/// Adds the noise of white acceleration to the first six elements.
template <int N>
void
AddAcceleration(double seconds, double acceleration, Eigen::Matrix<double, N, N>& covariance)
{
    const double q = acceleration * acceleration;
    const double positions = q * seconds * seconds * seconds / 3.0;
    const double mixed = q * seconds * seconds / 2.0;
    for (int axis = 0; axis < 3; ++axis)
    {
        covariance(axis, axis) += positions;
        covariance(axis, axis + 3) += mixed;
        covariance(axis + 3, axis) += mixed;
        covariance(axis + 3, axis + 3) += q * seconds;
    }
}

/// S = D^-1 L L^T D^-1 with D^-2 = diag(S): variances may differ by many orders of magnitude.
class ScaledCholesky
{
  public:
    /// Factorises. @param s 6 x 6
    explicit ScaledCholesky(const Matrix6& s)
        : m_scale(s.diagonal().array().rsqrt()),
          m_factor(m_scale.matrix().asDiagonal() * s * m_scale.matrix().asDiagonal())
    {
    }

    /// @return true if S is positive definite
    bool IsPositive() const
    {
        return m_scale.allFinite() && m_factor.info() == Eigen::Success;
    }

    /// Solves S x = b. @param b right-hand side @return x
    template <typename Derived>
    auto Solve(const Eigen::MatrixBase<Derived>& b) const
    {
        const auto scale = m_scale.matrix().asDiagonal();
        return (scale * m_factor.solve(scale * b)).eval();
    }

    /// @return ln det S
    double GetLogDeterminant() const
    {
        return 2.0 * (m_factor.matrixLLT().diagonal().array().log().sum() - m_scale.log().sum());
    }

  private:
    Eigen::Array<double, 6, 1> m_scale; //!< diagonal of D
    Eigen::LLT<Matrix6> m_factor;       //!< L
};

/// Fills in an innovation. @param residual v @param factor of S @return the innovation
IsacInnovation
MakeInnovation(const Eigen::Matrix<double, 6, 1>& residual, const ScaledCholesky& factor)
{
    IsacInnovation innovation;
    if (factor.IsPositive())
    {
        innovation.squared = residual.dot(factor.Solve(residual));
        innovation.logLikelihood =
            -0.5 * (innovation.squared + factor.GetLogDeterminant() + 6.0 * std::log(2.0 * M_PI));
    }
    return innovation;
}

} // namespace

void
cellfree::PredictConstantVelocity(double seconds, double acceleration, IsacStateEstimate& estimate)
{
    estimate.mean.head<3>() += seconds * estimate.mean.tail<3>();
    auto& p = estimate.covariance;
    p.topRows<3>() += seconds * p.bottomRows<3>();
    p.leftCols<3>() += seconds * p.rightCols<3>();
    AddAcceleration(seconds, acceleration, p);
}

void
cellfree::PredictCoordinatedTurn(double seconds,
                                 double acceleration,
                                 double turnRate,
                                 double turnDuration,
                                 Eigen::Matrix<double, 7, 1>& mean,
                                 Eigen::Matrix<double, 7, 7>& covariance)
{
    const double w = mean(6);
    const double angle = w * seconds;
    const double sine = std::sin(angle);
    const double cosine = std::cos(angle);
    // sin(wT)/w, (1 - cos(wT))/w and their derivatives by w; series where they would cancel.
    double forward = seconds * (1.0 - angle * angle / 6.0);
    double sideways = seconds * angle / 2.0 * (1.0 - angle * angle / 12.0);
    double forwardByRate = -seconds * seconds * angle / 3.0;
    double sidewaysByRate = seconds * seconds / 2.0 * (1.0 - angle * angle / 4.0);
    if (std::abs(angle) > 1e-3)
    {
        forward = sine / w;
        sideways = (1.0 - cosine) / w;
        forwardByRate = (angle * cosine - sine) / (w * w);
        sidewaysByRate = (angle * sine - 1.0 + cosine) / (w * w);
    }
    const double decay = std::exp(-seconds / turnDuration);
    const double vx = mean(3);
    const double vy = mean(4);

    Eigen::Matrix<double, 7, 7> jacobian = Eigen::Matrix<double, 7, 7>::Identity();
    jacobian.block<2, 2>(0, 3) << forward, -sideways, sideways, forward;
    jacobian(2, 5) = seconds;
    jacobian.block<2, 2>(3, 3) << cosine, -sine, sine, cosine;
    jacobian(0, 6) = forwardByRate * vx - sidewaysByRate * vy;
    jacobian(1, 6) = sidewaysByRate * vx + forwardByRate * vy;
    jacobian(3, 6) = -seconds * (sine * vx + cosine * vy);
    jacobian(4, 6) = seconds * (cosine * vx - sine * vy);
    jacobian(6, 6) = decay;

    mean(0) += forward * vx - sideways * vy;
    mean(1) += sideways * vx + forward * vy;
    mean(2) += seconds * mean(5);
    mean(3) = cosine * vx - sine * vy;
    mean(4) = sine * vx + cosine * vy;
    mean(6) *= decay;
    covariance = (jacobian * covariance * jacobian.transpose()).eval();
    AddAcceleration(seconds, acceleration, covariance);
    covariance(6, 6) += turnRate * turnRate * (1.0 - decay * decay);
}

IsacInnovation
cellfree::GetInnovation(const IsacStateEstimate& expected, const IsacStateEstimate& measured)
{
    return MakeInnovation(measured.mean - expected.mean,
                          ScaledCholesky(expected.covariance + measured.covariance));
}

template <int N>
IsacInnovation
cellfree::UpdateKalman(const IsacStateEstimate& measured,
                       Eigen::Matrix<double, N, 1>& mean,
                       Eigen::Matrix<double, N, N>& covariance)
{
    const ScaledCholesky factor(covariance.template topLeftCorner<6, 6>() + measured.covariance);
    const Eigen::Matrix<double, 6, 1> residual = measured.mean - mean.template head<6>();
    const auto innovation = MakeInnovation(residual, factor);
    if (factor.IsPositive())
    {
        const Eigen::Matrix<double, N, 6> gain =
            factor.Solve(covariance.template topRows<6>()).transpose();
        Eigen::Matrix<double, N, N> keep = Eigen::Matrix<double, N, N>::Identity();
        keep.template leftCols<6>() -= gain;
        mean += gain * residual;
        const Eigen::Matrix<double, N, N> updated =
            keep * covariance * keep.transpose() + gain * measured.covariance * gain.transpose();
        covariance = 0.5 * (updated + updated.transpose());
    }
    return innovation;
}

template IsacInnovation cellfree::UpdateKalman<6>(const IsacStateEstimate&,
                                                  Eigen::Matrix<double, 6, 1>&,
                                                  Eigen::Matrix<double, 6, 6>&);
template IsacInnovation cellfree::UpdateKalman<7>(const IsacStateEstimate&,
                                                  Eigen::Matrix<double, 7, 1>&,
                                                  Eigen::Matrix<double, 7, 7>&);

void
cellfree::ApplySpeedPrior(double speed, IsacStateEstimate& estimate)
{
    const double variance = speed * speed;
    const Eigen::Matrix3d noise = variance * Eigen::Matrix3d::Identity();
    const Eigen::LLT<Eigen::Matrix3d> factor(estimate.covariance.bottomRightCorner<3, 3>() + noise);
    const Eigen::Matrix<double, 6, 3> gain =
        factor.solve(estimate.covariance.bottomRows<3>()).transpose();
    Matrix6 keep = Matrix6::Identity();
    keep.rightCols<3>() -= gain;
    estimate.mean -= gain * estimate.mean.tail<3>();
    const Matrix6 updated =
        keep * estimate.covariance * keep.transpose() + variance * gain * gain.transpose();
    estimate.covariance = 0.5 * (updated + updated.transpose());
}

double
cellfree::GetSquaredDistance(const Eigen::Vector3d& offset, const Eigen::Matrix3d& covariance)
{
    const Eigen::LLT<Eigen::Matrix3d> factor(covariance);
    const double squared = offset.dot(factor.solve(offset));
    return factor.info() == Eigen::Success && std::isfinite(squared)
               ? squared
               : std::numeric_limits<double>::infinity();
}

bool
cellfree::IsPositiveDefinite(const Eigen::Matrix<double, 6, 6>& covariance)
{
    return covariance.allFinite() && ScaledCholesky(covariance).IsPositive();
}

double
cellfree::GetChiSquareTail(int degrees, double x)
{
    // Q(a + 1, y) = Q(a, y) + y^a e^-y / Gamma(a + 1), from Q(1/2, y) = erfc(sqrt y) or Q(1, y).
    const double y = 0.5 * x;
    double a = degrees % 2 == 0 ? 1.0 : 0.5;
    double tail = degrees % 2 == 0 ? std::exp(-y) : std::erfc(std::sqrt(y));
    for (; a < 0.5 * degrees - 0.25; a += 1.0)
    {
        if (y > 0.0)
        {
            tail += std::exp(a * std::log(y) - y - std::lgamma(a + 1.0));
        }
    }
    return tail;
}

double
cellfree::GetChiSquareQuantile(int degrees, double p)
{
    double low = 0.0;
    double high = degrees;
    while (1.0 - GetChiSquareTail(degrees, high) < p && high < 1e6)
    {
        high *= 2.0;
    }
    for (int i = 0; i < 100 && low < high; ++i)
    {
        const double middle = 0.5 * (low + high);
        (1.0 - GetChiSquareTail(degrees, middle) < p ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

} // namespace ns3
