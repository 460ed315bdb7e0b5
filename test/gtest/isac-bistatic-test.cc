// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-bistatic.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace ns3;
using Eigen::Vector3d;

namespace
{

/// A point in a cube of 1 km.
Vector3d
DrawPlace(std::mt19937_64& generator)
{
    std::uniform_real_distribution<double> side(-500.0, 500.0);
    return {side(generator), side(generator), side(generator)};
}

} // namespace

TEST(IsacBistatic, AnglesOfTriangles)
{
    EXPECT_NEAR(cellfree::GetBistaticAngle({3, 0, 0}, {0, 0, 7}), M_PI / 2, 1e-15);
    EXPECT_NEAR(cellfree::GetBistaticAngle({1, 1, 0}, {0, 2, 2}), M_PI / 3, 1e-15);
    EXPECT_EQ(cellfree::GetBistaticAngle({1, 2, 3}, {1, 2, 3}), 0.0);
    EXPECT_NEAR(cellfree::GetBistaticAngle({1, 2, 3}, {-2, -4, -6}), M_PI, 1e-15);
    // Where the arc cosine is 0: 1e-9 rad.
    EXPECT_NEAR(cellfree::GetBistaticAngle({1, 0, 0}, {1, 1e-9, 0}), 1e-9, 1e-24);
    EXPECT_EQ(cellfree::GetBistaticAngle({0, 0, 0}, {1, 0, 0}), 0.0);
}

TEST(IsacBistatic, DopplerIsTheChangeOfTheWay)
{
    std::mt19937_64 generator(1);
    const double wavelength = 0.0857;
    for (int draw = 0; draw < 100; ++draw)
    {
        const auto tx = DrawPlace(generator);
        const auto rx = DrawPlace(generator);
        const auto target = DrawPlace(generator);
        const Vector3d velocity = DrawPlace(generator) / 10.0;
        const double step = 1e-4;
        const double change = (cellfree::GetBistaticRange(tx, rx, target + step * velocity) -
                               cellfree::GetBistaticRange(tx, rx, target - step * velocity)) /
                              (2 * step);
        const double doppler = cellfree::GetBistaticDoppler(tx, rx, target, velocity, wavelength);
        EXPECT_NEAR(doppler, -change / wavelength, 1e-3);
        // Skolnik: 2 v / lambda cos(delta) cos(beta / 2) about the bisector.
        const Vector3d toTx = (tx - target).normalized();
        const Vector3d toRx = (rx - target).normalized();
        const double beta = cellfree::GetBistaticAngle(tx - target, rx - target);
        EXPECT_NEAR(doppler,
                    2 / wavelength * velocity.dot((toTx + toRx).normalized()) * std::cos(beta / 2),
                    1e-9 * velocity.norm() / wavelength);
        EXPECT_EQ(doppler, cellfree::GetBistaticDoppler(rx, tx, target, velocity, wavelength));
    }
}

TEST(IsacBistatic, DopplerOfSimpleFlights)
{
    // Towards a monostatic radar: 2 v / lambda.
    EXPECT_DOUBLE_EQ(
        cellfree::GetBistaticDoppler({0, 0, 0}, {0, 0, 0}, {100, 0, 0}, {-30, 0, 0}, 0.1),
        600.0);
    // From one to the other on the baseline, or across its middle: the way keeps its length.
    EXPECT_EQ(cellfree::GetBistaticDoppler({-9, 0, 0}, {9, 0, 0}, {3, 0, 0}, {5, 0, 0}, 0.1), 0.0);
    EXPECT_EQ(cellfree::GetBistaticDoppler({-9, 0, 0}, {9, 0, 0}, {0, 0, 0}, {0, 5, 0}, 0.1), 0.0);
    // At a place, the way to it has no direction.
    EXPECT_DOUBLE_EQ(cellfree::GetBistaticDoppler({0, 0, 0}, {10, 0, 0}, {0, 0, 0}, {3, 0, 0}, 0.1),
                     30.0);
}
