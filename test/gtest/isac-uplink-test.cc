// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-uplink.h"

#include <gtest/gtest.h>

using namespace ns3;

TEST(IsacUplink, SinrByHand)
{
    // h_0 = (1, i), h_1 = (2, 1): ||h_0||^2 = 2, ||h_1||^2 = 5, |h_0^H h_1|^2 = |2 - i|^2 = 5.
    Eigen::MatrixXcd h(2, 2);
    h << 1.0, 2.0, std::complex<double>(0, 1), 1.0;
    Eigen::VectorXd power(2);
    power << 0.5, 0.1;
    Eigen::VectorXd sinr;
    GetMaximumRatioSinr(h, power, 0.25, sinr);
    ASSERT_EQ(sinr.size(), 2);
    EXPECT_NEAR(sinr(0), 0.5 * 4 / (0.1 * 5 + 0.25 * 2), 1e-14);
    EXPECT_NEAR(sinr(1), 0.1 * 25 / (0.5 * 5 + 0.25 * 5), 1e-14);
}

TEST(IsacUplink, AloneAUeHasTheFullArrayGain)
{
    const Eigen::MatrixXcd h = 1e-6 * Eigen::MatrixXcd::Random(128, 1);
    Eigen::VectorXd sinr;
    GetMaximumRatioSinr(h, Eigen::VectorXd::Constant(1, 0.2), 4e-13, sinr);
    EXPECT_NEAR(sinr(0) / (0.2 * h.squaredNorm() / 4e-13), 1.0, 1e-12);
}

TEST(IsacUplink, AZeroChannelHasNoSignalAndHarmsNobody)
{
    Eigen::MatrixXcd h = Eigen::MatrixXcd::Zero(3, 2);
    h.col(1).setConstant(1.0);
    Eigen::VectorXd sinr;
    GetMaximumRatioSinr(h, Eigen::VectorXd::Ones(2), 0.5, sinr);
    EXPECT_EQ(sinr(0), 0.0);
    EXPECT_DOUBLE_EQ(sinr(1), 6.0);
    GetMaximumRatioSinr(h.leftCols(0), Eigen::VectorXd(), 0.5, sinr);
    EXPECT_EQ(sinr.size(), 0);
}
