// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-delay-profile.h"
#include "ns3/isac-scattering.h"

#include <cmath>
#include <complex>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// Elements of a plane, half a wavelength apart, turned about the y axis by a tilt (rad).
Eigen::Matrix3Xd
MakePlane(int rows, int columns, double tilt)
{
    Eigen::Matrix3Xd elements(3, rows * columns);
    for (int r = 0; r < rows; ++r)
    {
        for (int c = 0; c < columns; ++c)
        {
            elements.col(r * columns + c) << -0.5 * r * std::sin(tilt), 0.5 * c,
                0.5 * r * std::cos(tilt);
        }
    }
    return elements;
}

Eigen::Vector3d
GetDirection(double azimuth, double elevation)
{
    return {std::cos(elevation) * std::cos(azimuth),
            std::cos(elevation) * std::sin(azimuth),
            std::sin(elevation)};
}

/// One entry of R by brute force: 160 000 nodes over 9 deviations either side.
std::complex<double>
IntegrateEntry(const Eigen::Matrix3Xd& elements,
               int i,
               int j,
               double azimuth,
               double elevation,
               double azimuthSpread,
               double elevationSpread)
{
    constexpr int NODES = 200;
    std::complex<double> sum = 0.0;
    double mass = 0.0;
    for (int p = -NODES; p <= NODES; ++p)
    {
        for (int q = -NODES; q <= NODES; ++q)
        {
            const double x = 9.0 * p / NODES;
            const double y = 9.0 * q / NODES;
            const double weight = std::exp(-0.5 * (x * x + y * y));
            const auto k =
                GetDirection(azimuth + x * azimuthSpread, elevation + y * elevationSpread);
            mass += weight;
            sum += std::polar(weight, -2 * M_PI * k.dot(elements.col(i) - elements.col(j)));
        }
    }
    return sum / mass;
}

} // namespace

TEST(IsacScattering, CorrelationIsTheIntegralForTiltedPlanes)
{
    const auto elements = MakePlane(2, 4, 0.3);
    for (const double spread : {0.05, 0.26, 0.9})
    {
        const auto r =
            cellfree::GetScatteringCorrelation(elements, 70 * GetDirection(0.7, -0.2), spread, 0.1);
        for (const auto& [i, j] : {std::pair(0, 7), std::pair(3, 4), std::pair(6, 1)})
        {
            EXPECT_LT(std::abs(r(i, j) - IntegrateEntry(elements, i, j, 0.7, -0.2, spread, 0.1)),
                      1e-8)
                << spread << ' ' << i << ' ' << j;
        }
        EXPECT_LT((r - r.adjoint()).norm(), 1e-12);
        EXPECT_LT((r.diagonal().array() - 1.0).abs().maxCoeff(), 1e-12);
    }
}

TEST(IsacScattering, LargeArraysAreResolved)
{
    // 64 elements: the phase of the ends turns by 198 rad a radian.
    const auto elements = MakePlane(1, 64, 0.0);
    const auto r = cellfree::GetScatteringCorrelation(elements, GetDirection(0.4, 0), 0.3, 0.0);
    for (const int j : {1, 20, 63})
    {
        EXPECT_LT(std::abs(r(0, j) - IntegrateEntry(elements, 0, j, 0.4, 0, 0.3, 0)), 1e-8) << j;
    }
}

TEST(IsacScattering, SmallSpreadsHaveTheClosedApproximation)
{
    // "Massive MIMO Networks" (2.24): for small spreads sin(phi + delta) = sin phi + delta cos phi,
    // which makes R a product of the steering vectors' and a Gaussian factor.
    const auto elements = MakePlane(1, 8, 0.0);
    const double azimuth = M_PI / 6;
    const double spread = 2 * M_PI / 180;
    const auto r =
        cellfree::GetScatteringCorrelation(elements, GetDirection(azimuth, 0), spread, 0);
    for (int l = 0; l < 8; ++l)
    {
        for (int m = 0; m < 8; ++m)
        {
            const double distance = 0.5 * (l - m);
            const double width = 2 * M_PI * distance * std::cos(azimuth) * spread;
            const auto expected = std::polar(std::exp(-0.5 * width * width),
                                             -2 * M_PI * distance * std::sin(azimuth));
            EXPECT_LT(std::abs(r(l, m) - expected), 0.01) << l << ' ' << m;
        }
    }
}

TEST(IsacScattering, WithoutSpreadItIsTheSteeringVectorsProduct)
{
    const auto elements = MakePlane(2, 2, -0.4);
    const auto k = GetDirection(2.0, 0.3);
    const auto r = cellfree::GetScatteringCorrelation(elements, k, 0.0, 0.0);
    Eigen::VectorXcd a(4);
    for (int n = 0; n < 4; ++n)
    {
        a(n) = std::polar(1.0, -2 * M_PI * k.dot(elements.col(n)));
    }
    EXPECT_LT((r - a * a.adjoint()).norm(), 1e-12);
    // Its root, of rank one, is itself over the norm.
    EXPECT_LT((cellfree::GetHermitianRoot(r) - r / 2.0).norm(), 1e-7);
}

TEST(IsacScattering, RootTimesItselfIsTheCovarianceAndContinuous)
{
    const auto elements = MakePlane(1, 8, 0.0);
    const auto at = [&elements](double azimuth) {
        return cellfree::GetScatteringCorrelation(elements, GetDirection(azimuth, 0), 0.2, 0.0);
    };
    const Eigen::MatrixXcd root = cellfree::GetHermitianRoot(at(0.3));
    EXPECT_LT((root * root - at(0.3)).norm(), 1e-12);
    EXPECT_LT((root - cellfree::GetHermitianRoot(at(0.3001))).norm(), 0.01);
}

TEST(IsacScattering, ClarkeCorrelationByTable)
{
    // M. Abramowitz, I. Stegun, "Handbook of Mathematical Functions", table 9.1.
    EXPECT_EQ(cellfree::GetClarkeCorrelation(0.0), 1.0);
    EXPECT_NEAR(cellfree::GetClarkeCorrelation(1.0), 0.7651976866, 1e-10);
    EXPECT_NEAR(cellfree::GetClarkeCorrelation(5.0), -0.1775967713, 1e-10);
    EXPECT_NEAR(cellfree::GetClarkeCorrelation(2.4048255577), 0.0, 1e-10);
}

TEST(IsacDelayProfile, TablesHaveUnitPowerAndSpread)
{
    // The tables are normalised to an RMS delay spread of 1; they print powers to 0.1 dB, which at
    // TDL-D's small diffuse part leaves 0.7 %.
    for (const auto model : {ISAC_TDL_A, ISAC_TDL_B, ISAC_TDL_C, ISAC_TDL_D, ISAC_TDL_E})
    {
        const auto profile = cellfree::GetTdlProfile(model, 300e-9);
        EXPECT_NEAR(profile.powers.sum(), 1.0, 1e-12);
        EXPECT_NEAR(cellfree::GetRmsDelaySpread(profile) / 300e-9, 1.0, 0.007) << model;
        EXPECT_GE(profile.delays.minCoeff(), 0.0);
        EXPECT_EQ(profile.kFactor > 0.0, model == ISAC_TDL_D || model == ISAC_TDL_E);
    }
    EXPECT_EQ(cellfree::GetTdlProfile(ISAC_TDL_A, 1.0).delays.size(), 23);
    EXPECT_EQ(cellfree::GetTdlProfile(ISAC_TDL_E, 1.0).delays.size(), 14);
}

TEST(IsacDelayProfile, CurvatureOfTheFrequencyCorrelationIsTheSpread)
{
    // |rho(f)|^2 = 1 - (2 pi f sigma)^2 + O(f^4).
    auto profile = cellfree::GetTdlProfile(ISAC_TDL_C, 100e-9);
    const double f = 2e4;
    const double drop = 1 - std::norm(cellfree::GetFrequencyCorrelation(profile, f));
    EXPECT_NEAR(drop / std::pow(2 * M_PI * f * cellfree::GetRmsDelaySpread(profile), 2), 1.0, 1e-3);
    EXPECT_EQ(cellfree::GetFrequencyCorrelation(profile, 0.0).imag(), 0.0);
}
