// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-link-budget.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

TEST(IsacLinkBudget, DecibelsThereAndBack)
{
    EXPECT_NEAR(cellfree::FromDecibels(3.0), 1.9952623149688795, 1e-15);
    EXPECT_DOUBLE_EQ(cellfree::FromDecibels(-20.0), 0.01);
    EXPECT_NEAR(cellfree::ToDecibels(cellfree::FromDecibels(-123.4)), -123.4, 1e-12);
}

TEST(IsacLinkBudget, ThermalNoiseByHand)
{
    // kT at 290 K is -173.9752 dBm/Hz; 20 MHz adds 73.0103 dB, the noise figure 7 dB.
    EXPECT_NEAR(cellfree::ToDecibels(cellfree::GetThermalNoise(20e6, 7.0)) + 30.0, -93.9649, 1e-4);
    EXPECT_NEAR(cellfree::GetThermalNoise(1.0, 0.0), 4.0038821e-21, 1e-30);
}

TEST(IsacLinkBudget, FreeSpaceGainByHand)
{
    // 3.5 GHz over 1 km: 20 log10(d) + 20 log10(f) - 147.5522 dB = 103.3292 dB.
    EXPECT_NEAR(
        cellfree::ToDecibels(cellfree::GetFreeSpaceGain(ISAC_SPEED_OF_LIGHT / 3.5e9, 1000.0)),
        -(60.0 + 20.0 * std::log10(3.5e9) - 147.5522),
        1e-4);
}

TEST(IsacLinkBudget, BistaticGainByHand)
{
    // lambda = 0.1 m, sigma = 1 m^2, R_t = 100 m, R_r = 200 m: 0.01 / (1984.4017 * 4e8).
    EXPECT_NEAR(cellfree::GetBistaticGain(0.1, 1.0, 1.0, 100.0, 1.0, 200.0), 1.259825e-14, 1e-20);
    EXPECT_EQ(cellfree::GetBistaticGain(0.1, 0.0, 1.0, 100.0, 1.0, 200.0), 0.0);
}

TEST(IsacLinkBudget, BistaticGainIsTwoFreeSpaceHopsAndAReflection)
{
    // The target collects sigma and reradiates it isotropically: gain 4 pi sigma / lambda^2.
    const double wavelength = 0.0857;
    const double reflection = 4 * M_PI * 2.5 / (wavelength * wavelength);
    const double hops = cellfree::GetFreeSpaceGain(wavelength, 173.0) *
                        cellfree::GetFreeSpaceGain(wavelength, 91.0) * 6.3 * 0.4;
    EXPECT_NEAR(cellfree::GetBistaticGain(wavelength, 2.5, 6.3, 173.0, 0.4, 91.0) /
                    (hops * reflection),
                1.0,
                1e-12);
}
