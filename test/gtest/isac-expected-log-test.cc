// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/isac-expected-log.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// A covariance whose eigenvalues spread over four decades.
Eigen::MatrixXcd
DrawCovariance(IsacTestProblems& draws, Eigen::Index n, double scale)
{
    Eigen::MatrixXcd root = draws.GaussianMatrix(n, n);
    root.col(0) *= 0.01;
    return scale * root * root.adjoint();
}

} // namespace

TEST(IsacExpectedLog, MeetsTheClosedFormOfAnExponentialPower)
{
    // ||x||^2 ~ Exp(lambda): E ln(1 + x) = e^(1/lambda) E1(1/lambda), and E 1/(1 + x) is that over
    // lambda (I. Gradshteyn, I. Ryzhik, 4.337.2 and 3.383.10).
    IsacExpectedLog law;
    for (double lambda = 0.1; lambda < 1e7; lambda *= 7)
    {
        const double expected = -std::exp(1 / lambda) * std::expint(-1 / lambda);
        law.Evaluate(Eigen::VectorXcd::Zero(1), Eigen::MatrixXcd::Constant(1, 1, lambda), true);
        EXPECT_NEAR(law.GetValue() / expected, 1.0, 1e-6) << lambda;
        EXPECT_NEAR(law.GetInverse() * lambda / expected, 1.0, 2e-6) << lambda;
    }
}

TEST(IsacExpectedLog, WithoutErrorsItIsTheLogarithm)
{
    IsacTestProblems draws(1);
    IsacExpectedLog law;
    const Eigen::VectorXcd mean = 30.0 * draws.GaussianMatrix(5, 1);
    law.Evaluate(mean, Eigen::MatrixXcd::Zero(5, 5), true);
    EXPECT_EQ(law.GetValue(), std::log1p(mean.squaredNorm()));
    EXPECT_EQ(law.GetInverse(), 1.0 / (1.0 + mean.squaredNorm()));
    // A vanishing covariance meets it.
    const auto slope = law.GetCovarianceGradient();
    IsacExpectedLog near;
    near.Evaluate(mean, 1e-6 * Eigen::MatrixXcd::Identity(5, 5), true);
    EXPECT_NEAR(near.GetValue(), law.GetValue(), 1e-6);
    EXPECT_LT((near.GetCovarianceGradient() - slope).norm(), 1e-5 * slope.norm());
}

TEST(IsacExpectedLog, MeetsSamples)
{
    IsacTestProblems draws(2);
    IsacExpectedLog law;
    for (double scale : {1e-2, 1.0, 1e4})
    {
        const auto covariance = DrawCovariance(draws, 4, 0.3 * scale);
        const Eigen::VectorXcd mean = std::sqrt(scale) * draws.GaussianMatrix(4, 1);
        const Eigen::MatrixXcd root = covariance.llt().matrixL();
        law.Evaluate(mean, covariance, true);
        double sum = 0.0;
        double squares = 0.0;
        constexpr int COUNT = 40000;
        for (int i = 0; i < COUNT; ++i)
        {
            const double x = std::log1p((mean + root * draws.GaussianMatrix(4, 1)).squaredNorm());
            sum += x / COUNT;
            squares += x * x / COUNT;
        }
        // Four standard errors: confidence 0.99994, and the seed is fixed.
        EXPECT_NEAR(law.GetValue(), sum, 4 * std::sqrt((squares - sum * sum) / COUNT));
    }
}

TEST(IsacExpectedLog, GradientIsThatOfTheValue)
{
    IsacTestProblems draws(3);
    IsacExpectedLog law;
    for (double scale : {1e-2, 1.0, 1e4})
    {
        const auto covariance = DrawCovariance(draws, 5, scale);
        const Eigen::VectorXcd mean = std::sqrt(scale) * draws.GaussianMatrix(5, 1);
        law.Evaluate(mean, covariance, true);
        const auto meanGradient = law.GetMeanGradient();
        const auto covarianceGradient = law.GetCovarianceGradient();
        const auto value = [&](const Eigen::VectorXcd& x, const Eigen::MatrixXcd& c) {
            law.Evaluate(x, c, false);
            return law.GetValue();
        };
        const Eigen::VectorXcd dx = 1e-5 * std::sqrt(scale) * draws.GaussianMatrix(5, 1);
        EXPECT_NEAR((value(mean + dx, covariance) - value(mean - dx, covariance)) / 2,
                    2 * meanGradient.dot(dx).real(),
                    2e-5 * meanGradient.norm() * dx.norm());
        const Eigen::MatrixXcd root = draws.GaussianMatrix(5, 5);
        const Eigen::MatrixXcd dc = 1e-7 * scale * (root + root.adjoint());
        EXPECT_NEAR((value(mean, covariance + dc) - value(mean, covariance - dc)) / 2,
                    (covarianceGradient * dc).trace().real(),
                    1e-4 * covarianceGradient.norm() * dc.norm());
    }
}
