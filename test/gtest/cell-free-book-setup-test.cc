// SPDX-License-Identifier: GPL-2.0-only

#include "campaign/cell-free-book-setup.h"
#include "campaign/cell-free-validation.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

namespace
{

/// The book's set-up in small.
CellFreeBookSetup::Options
MakeSmall()
{
    CellFreeBookSetup::Options options;
    options.nAps = 12;
    options.nUes = 8;
    options.nAntennas = 2;
    options.nPilots = 4;
    options.side = 400.0;
    return options;
}

/// 2.5 % quantile of Student's t with 9 degrees of freedom, negated.
constexpr double STUDENT_9 = 2.262;

} // namespace

TEST(CellFreeBookSetup, ADropIsAsTheBookSays)
{
    CellFreeBookSetup setup{CellFreeBookSetup::Options()};
    setup.SetStream(3);
    setup.Drop();
    const auto& uplink = setup.DrawEstimates();
    const auto& pilots = setup.GetPilots();
    const auto& gain = setup.GetGain();
    for (Eigen::Index k = 0; k < 10; ++k)
    {
        EXPECT_EQ(pilots[k], k) << "the first UEs have pilots of their own";
    }
    // An AP serves on each pilot the strongest UE, and those that it is the master of.
    for (Eigen::Index m = 0; m < 100; ++m)
    {
        for (Eigen::Index k = 0; k < 40; ++k)
        {
            bool isStrongest = true;
            for (Eigen::Index i = 0; i < 40; ++i)
            {
                isStrongest = isStrongest && (pilots[i] != pilots[k] || gain(m, i) <= gain(m, k));
            }
            Eigen::Index master = 0;
            gain.col(k).maxCoeff(&master);
            EXPECT_EQ(uplink.serving(m, k), isStrongest || master == m);
        }
    }
    // R has the link's gain on its diagonal, and C is what of it is not known.
    for (Eigen::Index k = 0; k < 40; ++k)
    {
        const Eigen::MatrixXcd covariance = setup.GetCovariance().block(20, 4 * k, 4, 4);
        const Eigen::MatrixXcd error = uplink.errorCovariance.block(20, 4 * k, 4, 4);
        EXPECT_NEAR(covariance.trace().real() / (4 * gain(5, k)), 1.0, 1e-9);
        EXPECT_LE(error.trace().real(), covariance.trace().real() * (1 + 1e-12));
        EXPECT_GE(error.trace().real(), 0.0);
    }
    // -30.5 dB at 1 m and 36.7 dB a decade: gains of one drop lie between 10 m and 717 m, give or
    // take five deviations of 4 dB.
    EXPECT_LT(gain.maxCoeff(), std::pow(10.0, -3.05 - 3.67 + 2.0));
    EXPECT_GT(gain.minCoeff(), std::pow(10.0, -3.05 - 3.67 * std::log10(717.0) - 2.0));
}

TEST(CellFreeBookSetup, ClosedFormMomentsAreThoseOfChannels)
{
    // (5.33) to (5.35) against means over 4000 estimates, at five deviations.
    CellFreeBookSetup setup(MakeSmall());
    setup.SetStream(5);
    setup.Drop();
    const auto moments = setup.ComputeMaximumRatio();
    const int nBlocks = 4000;
    std::vector<Eigen::ArrayXXd> sum(12, Eigen::ArrayXXd::Zero(8, 8));
    auto squares = sum;
    std::vector<Eigen::MatrixXcd> mean(12, Eigen::MatrixXcd::Zero(8, 8));
    for (int block = 0; block < nBlocks; ++block)
    {
        const auto& uplink = setup.DrawEstimates();
        for (Eigen::Index m = 0; m < 12; ++m)
        {
            const auto h = uplink.h.middleRows(2 * m, 2);
            const Eigen::MatrixXcd gains = h.adjoint() * h;
            Eigen::ArrayXXd power = gains.cwiseAbs2();
            for (Eigen::Index i = 0; i < 8; ++i)
            {
                for (Eigen::Index k = 0; k < 8; ++k)
                {
                    power(i, k) +=
                        h.col(i)
                            .dot(uplink.errorCovariance.block(2 * m, 2 * k, 2, 2) * h.col(i))
                            .real();
                }
            }
            mean[m] += gains / nBlocks;
            sum[m] += power / nBlocks;
            squares[m] += power.square() / nBlocks;
        }
    }
    const auto& serving = setup.DrawEstimates().serving;
    for (Eigen::Index m = 0; m < 12; ++m)
    {
        const Eigen::ArrayXXd deviation = ((squares[m] - sum[m].square()) / nBlocks).sqrt();
        for (Eigen::Index i = 0; i < 8; ++i)
        {
            for (Eigen::Index k = 0; k < 8; ++k)
            {
                if (!serving(m, i))
                {
                    EXPECT_EQ(moments.power[m](i, k), 0.0);
                    continue;
                }
                EXPECT_NEAR(moments.power[m](i, k), sum[m](i, k), 5 * deviation(i, k));
                EXPECT_LT(std::abs(moments.mean[m](i, k) - mean[m](i, k)),
                          5 * std::sqrt(sum[m](i, k) / nBlocks));
            }
        }
    }
}

TEST(CellFreeBookSetup, DownlinkSeAgainstWholeBeams)
{
    // The hardening bound of beams over all APs at once, from means over 4000 estimates.
    CellFreeBookSetup setup(MakeSmall());
    setup.SetStream(6);
    setup.Drop();
    const auto moments = setup.ComputeMaximumRatio();
    const Eigen::VectorXd se = setup.GetDownlinkSe(moments);
    const int nBlocks = 4000;
    Eigen::VectorXcd signal = Eigen::VectorXcd::Zero(8);
    Eigen::VectorXd power = Eigen::VectorXd::Zero(8);
    double noise = 0.0;
    for (int block = 0; block < nBlocks; ++block)
    {
        const auto& uplink = setup.DrawEstimates();
        noise = uplink.noise;
        Eigen::MatrixXcd w = Eigen::MatrixXcd::Zero(24, 8);
        for (Eigen::Index m = 0; m < 12; ++m)
        {
            double sum = 0.0;
            for (Eigen::Index i = 0; i < 8; ++i)
            {
                sum += uplink.serving(m, i) ? std::sqrt(setup.GetGain()(m, i)) : 0.0;
            }
            for (Eigen::Index i = 0; i < 8; ++i)
            {
                if (uplink.serving(m, i))
                {
                    const double share = 0.2 * std::sqrt(setup.GetGain()(m, i)) / sum;
                    w.block(2 * m, i, 2, 1) =
                        std::sqrt(share / moments.norm(m, i)) * uplink.h.block(2 * m, i, 2, 1);
                }
            }
        }
        const Eigen::MatrixXcd gains = uplink.h.adjoint() * w;
        signal += gains.diagonal() / nBlocks;
        power += gains.cwiseAbs2().rowwise().sum() / nBlocks;
        for (Eigen::Index m = 0; m < 12; ++m)
        {
            const Eigen::MatrixXcd sent = w.middleRows(2 * m, 2) * w.middleRows(2 * m, 2).adjoint();
            for (Eigen::Index k = 0; k < 8; ++k)
            {
                power(k) +=
                    (sent * uplink.errorCovariance.block(2 * m, 2 * k, 2, 2)).trace().real() /
                    nBlocks;
            }
        }
    }
    for (Eigen::Index k = 0; k < 8; ++k)
    {
        const double sinr = std::norm(signal(k)) / (power(k) - std::norm(signal(k)) + noise);
        EXPECT_NEAR(se(k) / ((1 - 4.0 / 200.0) * std::log2(1 + sinr)), 1.0, 0.03);
    }
}

TEST(CellFreeBookSetup, BetterReceiversHaveMoreSe)
{
    // P-MMSE, LP-MMSE, MR in the uplink and LP-MMSE, MR in the downlink, over 10 drops at 95 %.
    CellFreeBookSetup setup(MakeSmall());
    Eigen::ArrayXXd se(10, 5);
    for (int drop = 0; drop < 10; ++drop)
    {
        setup.SetStream(100 + drop);
        setup.Drop();
        const auto local = setup.ComputeLocalMmse(100);
        const auto ratio = setup.ComputeMaximumRatio();
        se.row(drop) << setup.GetPartialMmseSe(20).mean(), setup.GetUplinkSe(local).mean(),
            setup.GetUplinkSe(ratio).mean(), setup.GetDownlinkSe(local).mean(),
            setup.GetDownlinkSe(ratio).mean();
    }
    for (int kind : {0, 1, 3})
    {
        const Eigen::ArrayXd gain = se.col(kind) - se.col(kind + 1);
        const double deviation = std::sqrt((gain - gain.mean()).square().sum() / 9);
        EXPECT_GT(gain.mean(), STUDENT_9 * deviation / std::sqrt(10.0)) << kind;
    }
}

TEST(CellFreeBookSetup, CasesHaveTheNamesOfTheBook)
{
    std::vector<std::string> names;
    for (const auto& entry : cellfree::GetBookValidationCases())
    {
        names.push_back(entry.name);
    }
    EXPECT_EQ(names,
              (std::vector<std::string>{"book-ul-p-mmse",
                                        "book-ul-lp-mmse",
                                        "book-ul-mr",
                                        "book-dl-lp-mmse",
                                        "book-dl-mr"}));
}
