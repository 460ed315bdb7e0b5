// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_KALMAN_H
#define ISAC_KALMAN_H

#include <Eigen/Core>
#include <limits>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A Gaussian belief about position and velocity.
 */
struct IsacStateEstimate
{
    /// Position (m), then velocity (m/s).
    Eigen::Matrix<double, 6, 1> mean{Eigen::Matrix<double, 6, 1>::Zero()};
    /// Covariance of its error (m^2, m^2/s, m^2/s^2).
    Eigen::Matrix<double, 6, 6> covariance{Eigen::Matrix<double, 6, 6>::Zero()};
};

/**
 * @ingroup cellfree-isac
 * @brief How an estimate of position and velocity agrees with what was expected.
 */
struct IsacInnovation
{
    /// Normalised innovation squared v^T S^-1 v; infinite if S is not positive definite.
    double squared{std::numeric_limits<double>::infinity()};
    /// ln N(v; 0, S), of a density in 1 / (m^3 (m/s)^3).
    double logLikelihood{-std::numeric_limits<double>::infinity()};
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Extrapolates by constant velocity with white acceleration noise in continuous time
 * (Y. Bar-Shalom, X. R. Li, T. Kirubarajan, Estimation with Applications to Tracking and
 * Navigation, 2001, section 6.2.2): per axis Q = q [T^3/3 T^2/2; T^2/2 T].
 *
 * Two steps of T do exactly what one of 2 T does.
 *
 * @param seconds T (s), >= 0
 * @param acceleration a (m/s^2), >= 0: rms change of velocity per axis within 1 s; q = a^2 times
 * 1 s
 * @param[in,out] estimate what is extrapolated
 */
void PredictConstantVelocity(double seconds, double acceleration, IsacStateEstimate& estimate);

/**
 * @ingroup cellfree-isac
 * @brief Extrapolates by a coordinated turn in the horizontal plane at a rate w that is itself
 * estimated (section 11.7 of the same book), by linearisation about the mean. The rate decays to
 * zero like an Ornstein-Uhlenbeck process; acceleration noise is as for constant velocity.
 * @param seconds T (s), >= 0
 * @param acceleration as for constant velocity (m/s^2)
 * @param turnRate rms rate (rad/s), >= 0
 * @param turnDuration time constant of the rate (s), > 0
 * @param[in,out] mean position (m), velocity (m/s), rate (rad/s, anticlockwise from above)
 * @param[in,out] covariance of its error
 */
void PredictCoordinatedTurn(double seconds,
                            double acceleration,
                            double turnRate,
                            double turnDuration,
                            Eigen::Matrix<double, 7, 1>& mean,
                            Eigen::Matrix<double, 7, 7>& covariance);

/**
 * @ingroup cellfree-isac
 * @brief Compares a measured position and velocity with what was expected.
 * @param expected the prediction
 * @param measured the measurement with the covariance R of its error
 * @return the innovation, with S the sum of both covariances
 */
IsacInnovation GetInnovation(const IsacStateEstimate& expected, const IsacStateEstimate& measured);

/**
 * @ingroup cellfree-isac
 * @brief Corrects a state by a measurement of its first six elements, in Joseph's form, which stays
 * positive definite.
 * @tparam N 6, or 7 with a turn rate
 * @param measured the measurement with the covariance of its error
 * @param[in,out] mean the state; unchanged if the innovation's covariance is not positive definite
 * @param[in,out] covariance of its error
 * @return the innovation
 */
template <int N>
IsacInnovation UpdateKalman(const IsacStateEstimate& measured,
                            Eigen::Matrix<double, N, 1>& mean,
                            Eigen::Matrix<double, N, N>& covariance);

/**
 * @ingroup cellfree-isac
 * @brief Combines an estimate with the knowledge that velocities are N(0, s^2 I), so that a
 * direction in which nothing was measured has a finite error.
 * @param speed s (m/s), > 0: rms velocity per axis
 * @param[in,out] estimate the estimate
 */
void ApplySpeedPrior(double speed, IsacStateEstimate& estimate);

/**
 * @ingroup cellfree-isac
 * @brief Squared distance of a point from a Gaussian's mean.
 * @param offset point minus mean (m)
 * @param covariance of the Gaussian (m^2)
 * @return offset^T covariance^-1 offset; infinite unless the covariance is positive definite
 */
double GetSquaredDistance(const Eigen::Vector3d& offset, const Eigen::Matrix3d& covariance);

/**
 * @ingroup cellfree-isac
 * @brief Says whether a matrix can be the covariance of an estimate.
 * @param covariance a symmetric matrix
 * @return true if it is finite and positive definite
 */
bool IsPositiveDefinite(const Eigen::Matrix<double, 6, 6>& covariance);

/**
 * @ingroup cellfree-isac
 * @brief Probability that a chi-square variable exceeds a value.
 * @param degrees degrees of freedom, >= 1
 * @param x the value, >= 0
 * @return the probability
 */
double GetChiSquareTail(int degrees, double x);

/**
 * @ingroup cellfree-isac
 * @brief The gate that a chi-square variable stays within with a probability.
 * @param degrees degrees of freedom, >= 1
 * @param p the probability, in (0, 1)
 * @return the gate
 */
double GetChiSquareQuantile(int degrees, double p);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_KALMAN_H
