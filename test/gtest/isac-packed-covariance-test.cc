// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-packed-covariance.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace ns3;

namespace
{

using Matrix6 = Eigen::Matrix<double, 6, 6>;

/// Draws a factor of a covariance. @param generator draws @return standard normal numbers
Matrix6
DrawMatrix(std::mt19937_64& generator)
{
    std::normal_distribution<double> normal;
    return Matrix6::NullaryExpr([&]() { return normal(generator); });
}

/// Packs and unpacks. @param covariance it @return what comes back
Matrix6
Pass(const Matrix6& covariance)
{
    IsacPackedCovariance packed;
    Matrix6 result;
    EXPECT_TRUE(cellfree::PackCovariance(covariance, packed));
    EXPECT_TRUE(cellfree::UnpackCovariance(packed, result));
    return result;
}

} // namespace

TEST(IsacPackedCovariance, RoundTripWithinItsBound)
{
    std::mt19937_64 generator(1);
    std::uniform_real_distribution<double> exponent(-3.0, 3.0);
    for (int n = 0; n < 2000; ++n)
    {
        Matrix6 factor = DrawMatrix(generator);
        for (int i = 0; i < 6; ++i) // metres and metres per second of very different sizes
        {
            factor.row(i) *= std::pow(10.0, exponent(generator));
        }
        const Matrix6 covariance = factor * factor.transpose();
        const Matrix6 result = Pass(covariance);
        for (int i = 0; i < 6; ++i)
        {
            for (int j = 0; j < 6; ++j)
            {
                EXPECT_LE(std::abs(result(i, j) - covariance(i, j)),
                          std::ldexp(std::sqrt(covariance(i, i) * covariance(j, j)), -22));
                EXPECT_EQ(result(i, j), result(j, i));
            }
        }
    }
}

TEST(IsacPackedCovariance, WhatIsNearlySingularStaysDefinite)
{
    // Range to 1 mm, across 100 m, at 45 degrees: the correlation is 1 - 2e-10. The entries in
    // single precision would not have a Cholesky factor.
    Matrix6 covariance = Matrix6::Identity();
    const double along = 1e-6;
    const double across = 1e4;
    covariance.topLeftCorner<2, 2>() << 0.5 * (across + along), 0.5 * (across - along),
        0.5 * (across - along), 0.5 * (across + along);
    const Matrix6 rounded = covariance.cast<float>().cast<double>();
    EXPECT_LE((rounded.topLeftCorner<2, 2>().determinant()), 0.0);
    const Matrix6 result = Pass(covariance);
    EXPECT_EQ(Eigen::LLT<Matrix6>(result).info(), Eigen::Success);
    EXPECT_NEAR((result.topLeftCorner<2, 2>().determinant()) / (along * across), 1.0, 1e-5);
}

TEST(IsacPackedCovariance, SemiDefiniteOnesComeBack)
{
    EXPECT_EQ(Pass(Matrix6::Zero()), Matrix6::Zero());
    Matrix6 onlyPosition = Matrix6::Zero();
    onlyPosition.diagonal() << 4.0, 9.0, 16.0, 0.0, 0.0, 0.0;
    EXPECT_EQ(Pass(onlyPosition), onlyPosition);
    Eigen::Matrix<double, 6, 1> direction;
    direction << 1, -2, 3, 0, 0.5, -0.25;
    const Matrix6 line = direction * direction.transpose();
    EXPECT_LE((Pass(line) - line).cwiseAbs().maxCoeff(), std::ldexp(9.0, -22));
}

TEST(IsacPackedCovariance, WhatIsNoCovarianceIsRefused)
{
    IsacPackedCovariance packed;
    constexpr double INF = std::numeric_limits<double>::infinity();
    for (const double value : {INF, -INF, std::nan(""), -1.0, 1e80})
    {
        Matrix6 covariance = Matrix6::Identity();
        covariance(3, 3) = value;
        EXPECT_FALSE(cellfree::PackCovariance(covariance, packed)) << value;
    }
    for (const double value : {INF, -INF, std::nan("")})
    {
        Matrix6 covariance = Matrix6::Identity();
        covariance(4, 2) = value;
        EXPECT_FALSE(cellfree::PackCovariance(covariance, packed)) << value;
    }
    Matrix6 result;
    for (const float value : {std::numeric_limits<float>::infinity(), std::nanf("")})
    {
        packed.fill(1.0F);
        packed[7] = value;
        EXPECT_FALSE(cellfree::UnpackCovariance(packed, result)) << value;
    }
    packed.fill(1.0F);
    packed[2] = -1.0F; // on the diagonal
    EXPECT_FALSE(cellfree::UnpackCovariance(packed, result));
}

TEST(IsacPackedCovariance, WhateverNumbersArriveAreACovariance)
{
    std::mt19937_64 generator(2);
    std::normal_distribution<float> normal(0.0F, 100.0F);
    for (int n = 0; n < 1000; ++n)
    {
        IsacPackedCovariance packed;
        for (float& value : packed)
        {
            value = normal(generator);
        }
        for (const int diagonal : {0, 2, 5, 9, 14, 20})
        {
            packed[diagonal] = std::abs(packed[diagonal]);
        }
        Matrix6 result;
        ASSERT_TRUE(cellfree::UnpackCovariance(packed, result));
        const Eigen::VectorXd values =
            Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(result).eigenvalues();
        EXPECT_GE(values(0), -1e-14 * values(5));
    }
}
