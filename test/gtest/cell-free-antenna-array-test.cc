// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/cell-free-antenna-array.h"
#include "ns3/double.h"
#include "ns3/isotropic-antenna-model.h"
#include "ns3/pointer.h"
#include "ns3/three-gpp-antenna-model.h"
#include "ns3/uinteger.h"
#include "ns3/uniform-planar-array.h"

#include <cmath>
#include <complex>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

Ptr<UniformPlanarArray>
MakeArray(uint32_t rows, uint32_t columns, double bearing = 0.0)
{
    auto array = CreateObject<UniformPlanarArray>();
    array->SetAttribute("NumRows", UintegerValue(rows));
    array->SetAttribute("NumColumns", UintegerValue(columns));
    array->SetAttribute("BearingAngle", DoubleValue(bearing));
    return array;
}

Eigen::VectorXcd
Steer(Ptr<const PhasedArrayModel> array, const Vector& direction)
{
    Eigen::VectorXcd a(cellfree::GetNAntennas(array));
    cellfree::GetSteeringVector(array, direction, a);
    return a;
}

} // namespace

TEST(CellFreeAntennaArray, LinearArrayMatchesTheClosedForm)
{
    // With bearing alpha the row of elements lies along (-sin alpha, cos alpha, 0).
    for (double bearing : {0.0, 0.7, -2.0})
    {
        const Vector axis(-std::sin(bearing), std::cos(bearing), 0.0);
        for (const Vector& direction :
             {Vector(1, 0, 0), Vector(0, 1, 0), Vector(3, -4, 12), Vector(-100, 250, -8.5)})
        {
            const double cosTheta =
                (axis.x * direction.x + axis.y * direction.y) /
                std::sqrt(direction.x * direction.x + direction.y * direction.y +
                          direction.z * direction.z);
            const auto a = Steer(MakeArray(1, 8, bearing), direction);
            ASSERT_EQ(a.size(), 8);
            for (int n = 0; n < 8; ++n)
            {
                EXPECT_NEAR(std::abs(a(n) - std::polar(1.0, -M_PI * n * cosTheta)), 0.0, 1e-13);
            }
        }
    }
}

TEST(CellFreeAntennaArray, PositionsSteer)
{
    auto array = MakeArray(3, 4, 0.4);
    array->SetAttribute("DowntiltAngle", DoubleValue(0.2));
    const auto positions = cellfree::GetElementPositions(array);
    ASSERT_EQ(positions.cols(), 12);
    const Eigen::Vector3d direction(3.0, -4.0, 12.0);
    const auto a = Steer(array, Vector(3.0, -4.0, 12.0));
    for (int n = 0; n < 12; ++n)
    {
        const double phase = -2.0 * M_PI * direction.normalized().dot(positions.col(n));
        EXPECT_NEAR(std::abs(a(n) - std::polar(1.0, phase)), 0.0, 1e-12);
    }
}

TEST(CellFreeAntennaArray, PlanarArrayMatchesNs3)
{
    auto array = MakeArray(3, 4, 0.4);
    array->SetAttribute("DowntiltAngle", DoubleValue(0.2));
    array->SetAttribute("AntennaVerticalSpacing", DoubleValue(0.8));
    for (const Vector& direction : {Vector(3, -4, 12), Vector(-1, 0.1, -2), Vector(0, 0, 5)})
    {
        const auto a = Steer(array, direction);
        const auto expected = array->GetSteeringVector(Angles(direction));
        ASSERT_EQ(a.size(), 12);
        for (int n = 0; n < 12; ++n)
        {
            // ns-3 since 3.40 cuts the azimuth to a multiple of 2 pi 1e-11 rad, which turns the
            // phase by at most 2 pi |d_n| times that; its own steering vectors carry this error.
            const double cut = 2 * M_PI * 1e-11;
            const double bound =
                2 * M_PI * CalculateDistance(array->GetElementLocation(n), Vector()) * cut;
            EXPECT_NEAR(std::abs(a(n) - expected[n]), 0.0, bound + 1e-12);
        }
    }
}

TEST(CellFreeAntennaArray, MatchedBeamAddsUpAtAFarPoint)
{
    // From first principles: element n at d_n (wavelengths) is heard at r with phase
    // -2 pi |r - d_n|. The beam a / sqrt(N) must reach sqrt(N) there; its conjugate must not.
    auto array = MakeArray(2, 8, 0.3);
    const Vector direction(0.6, 0.64, 0.48);
    const auto a = Steer(array, direction);
    std::complex<double> matched = 0.0;
    std::complex<double> conjugate = 0.0;
    constexpr double FAR = 1e6;
    for (int n = 0; n < 16; ++n)
    {
        const Vector d = array->GetElementLocation(n);
        const double distance =
            std::sqrt(std::pow(FAR * direction.x - d.x, 2) + std::pow(FAR * direction.y - d.y, 2) +
                      std::pow(FAR * direction.z - d.z, 2));
        const auto heard = std::polar(1.0, -2 * M_PI * (distance - FAR));
        matched += heard * a(n) / 4.0;
        conjugate += heard * std::conj(a(n)) / 4.0;
    }
    EXPECT_NEAR(std::abs(matched), 4.0, 1e-4);
    EXPECT_LT(std::abs(conjugate), 1.0);
}

TEST(CellFreeAntennaArray, SteeringVectorHasNormSquaredN)
{
    for (uint32_t columns : {1, 5, 64})
    {
        EXPECT_NEAR(Steer(MakeArray(2, columns), Vector(1, 2, 3)).squaredNorm(),
                    2.0 * columns,
                    1e-11);
    }
}

TEST(CellFreeAntennaArray, NoDirectionIsTakenAsTheXAxis)
{
    auto array = MakeArray(2, 4, 0.5);
    EXPECT_EQ(Steer(array, Vector(0, 0, 0)), Steer(array, Vector(1, 0, 0)));
    EXPECT_EQ(cellfree::GetElementGain(array, Vector(0, 0, 0)),
              cellfree::GetElementGain(array, Vector(1, 0, 0)));
}

TEST(CellFreeAntennaArray, MatchedBeamRadiatesNTimesItsPowerTowardsItsTarget)
{
    // f = sqrt(P / N) a(k) gives G |a^H f|^2 = G N P towards k, and no direction gets more.
    constexpr double POWER = 0.2;
    const Vector direction(30, -40, 12);
    for (double elementGain : {0.0, 8.0})
    {
        auto array = MakeArray(2, 4, 0.7);
        auto element = CreateObject<IsotropicAntennaModel>();
        element->SetAttribute("Gain", DoubleValue(elementGain));
        array->SetAttribute("AntennaElement", PointerValue(element));
        Eigen::MatrixXcd beams(8, 2);
        beams.col(0) = std::sqrt(POWER / 8) * Steer(array, direction);
        beams.col(1).setZero();
        const double peak = std::pow(10.0, elementGain / 10) * 8 * POWER;
        const auto power = cellfree::GetRadiatedPower(array, direction, beams);
        ASSERT_EQ(power.size(), 2);
        EXPECT_NEAR(power(0), peak, 1e-12 * peak);
        EXPECT_EQ(power(1), 0.0);
        for (double azimuth = -3.0; azimuth < 3.0; azimuth += 0.1)
        {
            const Vector other(std::cos(azimuth), std::sin(azimuth), 0.3);
            EXPECT_LE(cellfree::GetRadiatedPower(array, other, beams)(0), peak * (1 + 1e-12));
        }
    }
}

TEST(CellFreeAntennaArray, TwoElementsRadiateTheTextbookPattern)
{
    // Two elements half a wavelength apart in phase, P / 2 each: 2 P cos^2(pi / 2 cos(theta)).
    constexpr double POWER = 3.0;
    const Eigen::MatrixXcd beam = Eigen::MatrixXcd::Constant(2, 1, std::sqrt(POWER / 2));
    for (double theta = 0.0; theta < M_PI; theta += 0.1)
    {
        const Vector direction(std::sin(theta), std::cos(theta), 0.0); // the row lies along y
        EXPECT_NEAR(cellfree::GetRadiatedPower(MakeArray(1, 2), direction, beam)(0),
                    2 * POWER * std::pow(std::cos(M_PI / 2 * std::cos(theta)), 2),
                    1e-12);
    }
}

TEST(CellFreeAntennaArray, ElementGainFollowsPatternAndBearing)
{
    EXPECT_EQ(cellfree::GetElementGain(MakeArray(1, 4), Vector(-3, 2, 1)), 1.0);

    // 3GPP TR 38.901 table 7.3-1: 8 dBi at boresight; 12 (phi / 65 deg)^2 = 3 dB less at
    // 32.5 degrees azimuth; 30 dB less behind.
    const double bearing = 0.9;
    auto array = MakeArray(1, 4, bearing);
    array->SetAttribute("AntennaElement", PointerValue(CreateObject<ThreeGppAntennaModel>()));
    auto gainAt = [&array, bearing](double degrees) {
        const double azimuth = bearing + degrees * M_PI / 180;
        return 10 * std::log10(cellfree::GetElementGain(
                        array,
                        Vector(std::cos(azimuth), std::sin(azimuth), 0.0)));
    };
    EXPECT_NEAR(gainAt(0.0), 8.0, 1e-9);
    EXPECT_NEAR(gainAt(32.5), 5.0, 1e-9);
    EXPECT_NEAR(gainAt(180.0), -22.0, 1e-9);
}
