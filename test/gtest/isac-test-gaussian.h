// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_TEST_GAUSSIAN_H
#define ISAC_TEST_GAUSSIAN_H

#include "isac-test-uniform.h"

#include "ns3/cell-free-gaussian.h"
#include "ns3/isac-kalman.h"

#include <Eigen/Cholesky>

namespace ns3
{

/// Draws for tests of filters and trackers, the same in every run.
class TestGaussian
{
  public:
    /// Begins a stream. @param stream its number
    explicit TestGaussian(int64_t stream)
        : m_uniform(MakeUniform(stream))
    {
    }

    /// @return a number of N(0, 1)
    double Draw()
    {
        return std::sqrt(2.0) * cellfree::DrawComplexGaussian(*m_uniform).real();
    }

    /// @return a number that is uniform between two others. @param low one @param high the other
    double Draw(double low, double high)
    {
        return m_uniform->GetValue(low, high);
    }

    /// @return a vector of N(0, C). @param covariance C, positive definite
    template <int N>
    Eigen::Matrix<double, N, 1> Draw(const Eigen::Matrix<double, N, N>& covariance)
    {
        const Eigen::Matrix<double, N, 1> white =
            Eigen::Matrix<double, N, 1>::NullaryExpr([this]() { return Draw(); });
        return covariance.llt().matrixL() * white;
    }

    /// @return a positive definite matrix. @param scale rms of its diagonal's elements, about
    Eigen::Matrix<double, 6, 6> DrawCovariance(double scale)
    {
        const Eigen::Matrix<double, 6, 6> root =
            Eigen::Matrix<double, 6, 6>::NullaryExpr([this]() { return Draw(); });
        return scale *
               (root * root.transpose() / 6.0 + 0.05 * Eigen::Matrix<double, 6, 6>::Identity());
    }

  private:
    Ptr<UniformRandomVariable> m_uniform; //!< the stream
};

/// @return a diagonal covariance, by rms errors. @param position (m) @param velocity (m/s)
inline Eigen::Matrix<double, 6, 6>
MakeTestCovariance(double position, double velocity)
{
    Eigen::Matrix<double, 6, 1> deviation;
    deviation << position, position, position, velocity, velocity, velocity;
    return deviation.array().square().matrix().asDiagonal();
}

} // namespace ns3

#endif // ISAC_TEST_GAUSSIAN_H
