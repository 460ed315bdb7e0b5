// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-uplink.h"

#include <complex>
#include <gtest/gtest.h>

using namespace ns3;

TEST(IsacUplinkCombining, SingleUeGetsTheMatchedFilterBound)
{
    Eigen::MatrixXcd h(3, 1);
    h << std::complex<double>(1, 2), -0.5, std::complex<double>(0, 3);
    Eigen::VectorXd power(1);
    power << 0.2;
    IsacUplinkCombining combining;
    EXPECT_NEAR(combining.ComputeSinr(h, power, 0.1, Eigen::MatrixXd::Ones(1, 1))(0),
                0.2 * (5 + 0.25 + 9) / 0.1,
                1e-12);
}

TEST(IsacUplinkCombining, InterferenceByHand)
{
    // h_0 = (1, 0), h_1 = (1, i): ||h_0||^2 = 1, ||h_1||^2 = 2, |h_0^H h_1|^2 = 1.
    Eigen::MatrixXcd h(2, 2);
    h << 1.0, 1.0, 0.0, std::complex<double>(0, 1);
    Eigen::VectorXd power(2);
    power << 2.0, 3.0;
    IsacUplinkCombining combining;
    const auto& sinr =
        combining.ComputeSinr(h, power, 0.5, Eigen::MatrixXd::Ones(power.size(), power.size()));
    EXPECT_NEAR(sinr(0), 2.0 / (3.0 + 0.5), 1e-14);
    EXPECT_NEAR(sinr(1), 3.0 * 4 / (2.0 + 0.5 * 2), 1e-14);
    // UE 1 sends on a quarter of the symbols of UE 0, and is no UE of interest itself.
    Eigen::MatrixXd overlap(1, 2);
    overlap << 0.0, 0.25;
    EXPECT_NEAR(combining.ComputeSinr(h, power, 0.5, overlap)(0), 2.0 / (0.75 + 0.5), 1e-14);
}

TEST(IsacUplinkCombining, ZeroChannelGivesZeroNotNan)
{
    Eigen::MatrixXcd h = Eigen::MatrixXcd::Zero(2, 2);
    h(0, 0) = 1.0;
    IsacUplinkCombining combining;
    const auto& sinr =
        combining.ComputeSinr(h, Eigen::VectorXd::Ones(2), 1.0, Eigen::MatrixXd::Ones(2, 2));
    EXPECT_NEAR(sinr(0), 1.0, 1e-15);
    EXPECT_EQ(sinr(1), 0.0);
}
