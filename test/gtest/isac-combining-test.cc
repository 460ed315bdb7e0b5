// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-combining.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <complex>
#include <gtest/gtest.h>
#include <random>

using namespace ns3;

namespace
{

using Complex = std::complex<double>;

/// Draws of a test, fixed seed.
class Draw
{
  public:
    explicit Draw(unsigned seed)
        : m_generator(seed)
    {
    }

    double Uniform(double low, double high)
    {
        return std::uniform_real_distribution<double>(low, high)(m_generator);
    }

    Eigen::MatrixXcd Gaussian(Eigen::Index rows, Eigen::Index cols)
    {
        std::normal_distribution<double> normal(0.0, std::sqrt(0.5));
        return Eigen::MatrixXcd::NullaryExpr(rows, cols, [&]() {
            return Complex(normal(m_generator), normal(m_generator));
        });
    }

    /// A covariance of the given trace over N.
    Eigen::MatrixXcd Covariance(Eigen::Index n, double variance)
    {
        const Eigen::MatrixXcd root = Gaussian(n, n);
        Eigen::MatrixXcd covariance = root * root.adjoint();
        return covariance * (n * variance / covariance.trace().real());
    }

  private:
    std::mt19937 m_generator;
};

/// Any uplink with masks, and overlaps and errors if asked for.
IsacUplink
MakeUplink(Draw& draw, Eigen::Index nAps, Eigen::Index nUes, bool hasOverlap, int errors)
{
    IsacUplink uplink;
    uplink.nAntennas = 3;
    uplink.noise = 0.3;
    uplink.h = draw.Gaussian(3 * nAps, nUes);
    uplink.power = Eigen::VectorXd::NullaryExpr(nUes, [&]() { return draw.Uniform(0.5, 2.0); });
    uplink.serving = decltype(uplink.serving)::NullaryExpr(nAps, nUes, [&]() {
        return draw.Uniform(0.0, 1.0) < 0.5;
    });
    for (Eigen::Index u = 0; u < nUes; ++u)
    {
        uplink.serving(u % nAps, u) = true;
    }
    if (hasOverlap)
    {
        uplink.overlap = Eigen::MatrixXd::NullaryExpr(nUes, nUes, [&]() {
            return std::max(0.0, draw.Uniform(-0.5, 1.0));
        });
    }
    if (errors == 1)
    {
        uplink.errorVariance =
            Eigen::MatrixXd::NullaryExpr(nAps, nUes, [&]() { return draw.Uniform(0.0, 0.5); });
    }
    if (errors == 2)
    {
        uplink.errorCovariance.resize(3 * nAps, 3 * nUes);
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                uplink.errorCovariance.block(3 * m, 3 * u, 3, 3) = draw.Covariance(3, 0.3);
            }
        }
    }
    return uplink;
}

/// C_j of all APs, block diagonal.
Eigen::MatrixXcd
GetErrors(const IsacUplink& uplink, Eigen::Index j)
{
    const auto n = uplink.nAntennas;
    Eigen::MatrixXcd errors = Eigen::MatrixXcd::Zero(uplink.h.rows(), uplink.h.rows());
    for (Eigen::Index m = 0; m < uplink.GetNAps(); ++m)
    {
        auto block = errors.block(m * n, m * n, n, n);
        if (uplink.errorVariance.size() > 0)
        {
            block.diagonal().setConstant(uplink.errorVariance(m, j));
        }
        if (uplink.errorCovariance.size() > 0)
        {
            block = uplink.errorCovariance.block(m * n, j * n, n, n);
        }
    }
    return errors;
}

/// p (sum over the UEs of c p (h h^H + C) + sigma^2 I)^-1 h on the rows of some APs, by inverse.
Eigen::VectorXcd
InvertOut(const IsacUplink& uplink,
          Eigen::Index u,
          const std::vector<Eigen::Index>& aps,
          const std::vector<Eigen::Index>& others)
{
    const auto n = uplink.nAntennas;
    const auto rows = uplink.h.rows();
    Eigen::MatrixXcd pick = Eigen::MatrixXcd::Zero(rows, n * aps.size());
    for (std::size_t l = 0; l < aps.size(); ++l)
    {
        pick.block(aps[l] * n, l * n, n, n).setIdentity();
    }
    Eigen::MatrixXcd matrix = uplink.noise * Eigen::MatrixXcd::Identity(rows, rows);
    for (auto i : others)
    {
        matrix += uplink.Overlap(u, i) * uplink.power(i) *
                  (uplink.h.col(i) * uplink.h.col(i).adjoint() + GetErrors(uplink, i));
    }
    const Eigen::MatrixXcd small = pick.adjoint() * matrix * pick;
    return uplink.power(u) * pick * small.inverse() * pick.adjoint() * uplink.h.col(u);
}

} // namespace

TEST(IsacCombining, SingleUeGetsTheMatchedFilterBound)
{
    IsacUplink uplink;
    uplink.nAntennas = 3;
    uplink.h.resize(3, 1);
    uplink.h << Complex(1, 2), -0.5, Complex(0, 3);
    uplink.power = Eigen::VectorXd::Constant(1, 0.2);
    uplink.noise = 0.1;
    Eigen::MatrixXcd v;
    IsacCombining::ComputeMaximumRatio(uplink, v);
    IsacCombining combining;
    EXPECT_NEAR(combining.ComputeSinr(uplink, v)(0), 0.2 * (5 + 0.25 + 9) / 0.1, 1e-12);
    // Every other combining is the same there, up to its length.
    combining.ComputePartialMmse(uplink, v);
    EXPECT_NEAR(combining.ComputeSinr(uplink, v)(0), 0.2 * (5 + 0.25 + 9) / 0.1, 1e-12);
}

TEST(IsacCombining, InterferenceByHand)
{
    // h_0 = (1, 0), h_1 = (1, i): ||h_0||^2 = 1, ||h_1||^2 = 2, |h_0^H h_1|^2 = 1.
    IsacUplink uplink;
    uplink.nAntennas = 1;
    uplink.h.resize(2, 2);
    uplink.h << 1.0, 1.0, 0.0, Complex(0, 1);
    uplink.power = Eigen::Vector2d(2.0, 3.0);
    uplink.noise = 0.5;
    IsacCombining combining;
    Eigen::MatrixXcd v;
    IsacCombining::ComputeMaximumRatio(uplink, v);
    EXPECT_NEAR(combining.ComputeSinr(uplink, v)(0), 2.0 / (3.0 + 0.5), 1e-14);
    EXPECT_NEAR(combining.ComputeSinr(uplink, v)(1), 3.0 * 4 / (2.0 + 0.5 * 2), 1e-14);
    // Errors of both channels add to the noise: 0.5 + 2 * 0.1 + 3 * 0.2 on the first antenna.
    uplink.errorVariance.setZero(2, 2);
    uplink.errorVariance.row(0) << 0.1, 0.2;
    EXPECT_NEAR(combining.ComputeSinr(uplink, v)(0), 2.0 / (3.0 + 1.3), 1e-14);
    uplink.errorVariance.resize(0, 0);
    // UE 1 sends on a quarter of the symbols of UE 0, and is no UE of interest itself.
    uplink.overlap = Eigen::RowVector2d(0.0, 0.25);
    IsacCombining::ComputeMaximumRatio(uplink, v);
    EXPECT_EQ(v.cols(), 1);
    EXPECT_NEAR(combining.ComputeSinr(uplink, v)(0), 2.0 / (0.75 + 0.5), 1e-14);
}

TEST(IsacCombining, ZeroChannelGivesZeroNotNan)
{
    IsacUplink uplink;
    uplink.nAntennas = 1;
    uplink.h = Eigen::MatrixXcd::Zero(2, 2);
    uplink.h(0, 0) = 1.0;
    uplink.power = Eigen::VectorXd::Ones(2);
    uplink.serving.setConstant(2, 2, true);
    uplink.serving.col(0).setConstant(false);
    IsacCombining combining;
    Eigen::MatrixXcd v;
    for (int kind = 0; kind < 3; ++kind)
    {
        kind == 0   ? IsacCombining::ComputeMaximumRatio(uplink, v)
        : kind == 1 ? combining.ComputeLocalMmse(uplink, v)
                    : combining.ComputePartialMmse(uplink, v);
        EXPECT_EQ(combining.ComputeSinr(uplink, v)(0), 0.0) << "no AP serves it, " << kind;
        EXPECT_EQ(combining.ComputeSinr(uplink, v)(1), 0.0) << "no channel, " << kind;
    }
}

TEST(IsacCombining, VectorsAgainstExplicitInverses)
{
    Draw draw(1);
    IsacCombining combining;
    Eigen::MatrixXcd v;
    for (int trial = 0; trial < 60; ++trial)
    {
        const Eigen::Index nAps = 1 + trial % 4;
        const Eigen::Index nUes = 1 + trial % 5;
        const auto uplink = MakeUplink(draw, nAps, nUes, trial % 2 == 1, trial % 3);
        combining.ComputePartialMmse(uplink, v);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            std::vector<Eigen::Index> aps;
            std::vector<Eigen::Index> others;
            for (Eigen::Index m = 0; m < nAps; ++m)
            {
                if (uplink.serving(m, u))
                {
                    aps.push_back(m);
                }
            }
            for (Eigen::Index i = 0; i < nUes; ++i)
            {
                if ((uplink.serving.col(i) && uplink.serving.col(u)).any() &&
                    uplink.Overlap(u, i) > 0)
                {
                    others.push_back(i);
                }
            }
            const auto expected = InvertOut(uplink, u, aps, others);
            EXPECT_LT((v.col(u) - expected).norm(), 1e-11 * expected.norm()) << "P-MMSE";
        }
        combining.ComputeLocalMmse(uplink, v);
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            std::vector<Eigen::Index> served;
            for (Eigen::Index i = 0; i < nUes; ++i)
            {
                if (uplink.serving(m, i))
                {
                    served.push_back(i);
                }
            }
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                Eigen::VectorXcd expected = Eigen::VectorXcd::Zero(3);
                if (uplink.serving(m, u))
                {
                    expected = InvertOut(uplink, u, {m}, served).segment(3 * m, 3);
                }
                EXPECT_LT((v.col(u).segment(3 * m, 3) - expected).norm(), 1e-11) << "LP-MMSE";
            }
        }
        IsacCombining::ComputeMaximumRatio(uplink, v);
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                const double weight = uplink.serving(m, u) ? 1.0 : 0.0;
                EXPECT_EQ(v.col(u).segment(3 * m, 3), weight * uplink.h.col(u).segment(3 * m, 3));
            }
        }
    }
}

TEST(IsacCombining, SinrIsTheQuotientOfQuadraticForms)
{
    Draw draw(2);
    IsacCombining combining;
    for (int errors = 0; errors < 3; ++errors)
    {
        const auto uplink = MakeUplink(draw, 3, 4, true, errors);
        const Eigen::MatrixXcd v = draw.Gaussian(9, 4);
        const auto sinr = combining.ComputeSinr(uplink, v);
        Eigen::MatrixXd power;
        combining.ComputeErrorPower(uplink, v, false, power);
        for (Eigen::Index u = 0; u < 4; ++u)
        {
            Eigen::MatrixXcd noise = uplink.noise * Eigen::MatrixXcd::Identity(9, 9);
            Eigen::MatrixXcd interference = Eigen::MatrixXcd::Zero(9, 9);
            for (Eigen::Index j = 0; j < 4; ++j)
            {
                const double share = uplink.Overlap(u, j) * uplink.power(j);
                noise += share * GetErrors(uplink, j);
                if (j != u)
                {
                    interference += share * uplink.h.col(j) * uplink.h.col(j).adjoint();
                }
            }
            const double behind = v.col(u).dot(noise * v.col(u)).real();
            EXPECT_NEAR(power.col(u).sum() / behind, 1.0, 1e-12);
            const double expected = uplink.power(u) * std::norm(v.col(u).dot(uplink.h.col(u))) /
                                    (behind + v.col(u).dot(interference * v.col(u)).real());
            EXPECT_NEAR(sinr(u) / expected, 1.0, 1e-12);
        }
    }
}

TEST(IsacCombining, MmseIsTheBestOfAll)
{
    // With every AP serving every UE, (5.11) reaches p h^H (R - p h h^H)^-1 h, and no other vector
    // reaches more.
    Draw draw(3);
    IsacCombining combining;
    auto uplink = MakeUplink(draw, 3, 4, false, 2);
    uplink.serving.resize(0, 0);
    Eigen::MatrixXcd v;
    combining.ComputePartialMmse(uplink, v);
    const Eigen::VectorXd best = combining.ComputeSinr(uplink, v);
    for (Eigen::Index u = 0; u < 4; ++u)
    {
        Eigen::MatrixXcd rest = uplink.noise * Eigen::MatrixXcd::Identity(9, 9);
        for (Eigen::Index j = 0; j < 4; ++j)
        {
            rest += uplink.power(j) * GetErrors(uplink, j);
            if (j != u)
            {
                rest += uplink.power(j) * uplink.h.col(j) * uplink.h.col(j).adjoint();
            }
        }
        const Eigen::VectorXcd h = uplink.h.col(u);
        EXPECT_NEAR(best(u) / (uplink.power(u) * h.dot(rest.inverse() * h).real()), 1.0, 1e-11);
    }
    for (int trial = 0; trial < 200; ++trial)
    {
        const Eigen::MatrixXcd other = v + 0.3 * v.norm() / 6 * draw.Gaussian(9, 4);
        EXPECT_TRUE((combining.ComputeSinr(uplink, other).array() <= best.array()).all());
    }
}

TEST(IsacCombining, OrderOfCombiningOverDrops)
{
    // 30 drops of 16 APs with 2 antennas and 10 UEs in 500 m, clusters of the strongest 6, MMSE
    // estimates of 60 Rayleigh channels each: P-MMSE by (5.4), then LP-MMSE and MR with n-opt LSFD
    // by (5.25), at 95 % for paired drops.
    Draw draw(4);
    IsacCombining combining;
    IsacFusion fusion;
    const int nDrops = 30;
    const int nChannels = 60;
    const Eigen::Index nUes = 10;
    const Eigen::Index nAps = 16;
    Eigen::ArrayXXd rate = Eigen::ArrayXXd::Zero(nDrops, 3);
    for (int drop = 0; drop < nDrops; ++drop)
    {
        IsacUplink uplink;
        uplink.nAntennas = 2;
        uplink.power = Eigen::VectorXd::Constant(nUes, 0.1);
        uplink.noise = 4e-13;
        uplink.errorVariance.resize(nAps, nUes);
        const Eigen::MatrixXd x = Eigen::MatrixXd::NullaryExpr(nAps + nUes, 2, [&]() {
            return draw.Uniform(0.0, 500.0);
        });
        Eigen::MatrixXd amplitude(2 * nAps, nUes);
        uplink.serving.setConstant(nAps, nUes, false);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            Eigen::VectorXd gain(nAps);
            for (Eigen::Index m = 0; m < nAps; ++m)
            {
                const double distance = std::hypot(10.0, (x.row(m) - x.row(nAps + u)).norm());
                gain(m) = std::pow(10.0, -3.05) * std::pow(distance, -3.67);
                // Pilots of 1 W s over the noise: h^ has e beta^2 / (e beta + sigma^2) of beta.
                const double known = gain(m) / (gain(m) + uplink.noise);
                uplink.errorVariance(m, u) = gain(m) * (1.0 - known);
                amplitude.block(2 * m, u, 2, 1).setConstant(std::sqrt(gain(m) * known));
            }
            for (int k = 0; k < 6; ++k)
            {
                Eigen::Index m = 0;
                gain.maxCoeff(&m);
                gain(m) = 0.0;
                uplink.serving(m, u) = true;
            }
        }
        // Means over channels of sqrt(p) v^H h, and of all that an AP combines.
        std::vector<Eigen::MatrixXcd> signal(2, Eigen::MatrixXcd::Zero(nAps, nUes));
        std::vector<Eigen::MatrixXd> power(2, Eigen::MatrixXd::Zero(nAps, nUes));
        Eigen::MatrixXcd v;
        Eigen::MatrixXd errors;
        for (int channel = 0; channel < nChannels; ++channel)
        {
            uplink.h = draw.Gaussian(2 * nAps, nUes).cwiseProduct(amplitude.cast<Complex>());
            combining.ComputePartialMmse(uplink, v);
            rate(drop, 0) +=
                (1 + combining.ComputeSinr(uplink, v).array()).log2().mean() / nChannels;
            for (int kind = 0; kind < 2; ++kind)
            {
                kind == 0 ? combining.ComputeLocalMmse(uplink, v)
                          : IsacCombining::ComputeMaximumRatio(uplink, v);
                combining.ComputeErrorPower(uplink, v, false, errors);
                power[kind] += errors / nChannels;
                for (Eigen::Index m = 0; m < nAps; ++m)
                {
                    const Eigen::MatrixXcd gains = std::sqrt(0.1) *
                                                   v.middleRows(2 * m, 2).adjoint() *
                                                   uplink.h.middleRows(2 * m, 2);
                    signal[kind].row(m) += gains.diagonal().transpose() / nChannels;
                    power[kind].row(m) += gains.cwiseAbs2().rowwise().sum().transpose() / nChannels;
                }
            }
        }
        for (int kind = 0; kind < 2; ++kind)
        {
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                IsacFusion::Statistics statistics;
                statistics.signal = signal[kind].col(u);
                statistics.coherent.resize(nAps, 0);
                statistics.incoherent =
                    (power[kind].col(u) - statistics.signal.cwiseAbs2())
                        .cwiseMax((1.0 - uplink.serving.col(u).cast<double>()).matrix());
                const auto& weights = fusion.ComputeWeights(statistics);
                rate(drop, kind + 1) +=
                    std::log2(1 + IsacFusion::GetSinr(statistics, weights)) / nUes;
            }
        }
    }
    for (int kind = 0; kind < 2; ++kind)
    {
        const Eigen::ArrayXd gain = rate.col(kind) - rate.col(kind + 1);
        const double deviation = std::sqrt((gain - gain.mean()).square().sum() / (nDrops - 1));
        EXPECT_GT(gain.mean(), 1.699 * deviation / std::sqrt(nDrops)) << kind;
    }
}

TEST(IsacCombining, ErrorPowerIsWhatTheTruthAddsOnAverage)
{
    // E{|v^H h|^2 | h^} = |v^H h^|^2 + v^H C v, over 20000 channels behind one estimate.
    Draw draw(5);
    IsacCombining combining;
    auto uplink = MakeUplink(draw, 2, 2, false, 2);
    uplink.serving.resize(0, 0);
    Eigen::MatrixXcd v;
    combining.ComputePartialMmse(uplink, v);
    Eigen::MatrixXd behind;
    combining.ComputeErrorPower(uplink, v, false, behind);
    const int nDraws = 20000;
    Eigen::ArrayXXd power = Eigen::ArrayXXd::Zero(nDraws, 2);
    for (Eigen::Index j = 0; j < 2; ++j)
    {
        const Eigen::MatrixXcd root = GetErrors(uplink, j).llt().matrixL();
        const Eigen::MatrixXcd h = (root * draw.Gaussian(6, nDraws)).colwise() + uplink.h.col(j);
        power += uplink.power(j) * (h.adjoint() * v).array().abs2();
    }
    for (Eigen::Index u = 0; u < 2; ++u)
    {
        double expected = behind.col(u).sum() - uplink.noise * v.col(u).squaredNorm();
        for (Eigen::Index j = 0; j < 2; ++j)
        {
            expected += uplink.power(j) * std::norm(v.col(u).dot(uplink.h.col(j)));
        }
        const double mean = power.col(u).mean();
        const double deviation = std::sqrt((power.col(u) - mean).square().mean() / nDraws);
        EXPECT_NEAR(mean, expected, 4 * deviation);
    }
    // The part that an AP's own UEs have in it.
    uplink.serving.setConstant(2, 2, true);
    uplink.serving(1, 1) = false;
    Eigen::MatrixXd partial;
    combining.ComputeErrorPower(uplink, v, true, partial);
    EXPECT_NEAR(partial(0, 0), behind(0, 0), 1e-15);
    EXPECT_LT(partial(1, 0), behind(1, 0));
}

TEST(IsacFusion, WeightsReachTheLargestRayleighQuotient)
{
    Draw draw(6);
    IsacFusion fusion;
    for (Eigen::Index nCoherent : {0, 1, 3})
    {
        IsacFusion::Statistics statistics;
        statistics.signal = draw.Gaussian(5, 1);
        statistics.coherent = draw.Gaussian(5, nCoherent);
        statistics.incoherent = draw.Gaussian(5, 1).cwiseAbs2();
        const auto weights = fusion.ComputeWeights(statistics);
        Eigen::MatrixXcd matrix = statistics.coherent * statistics.coherent.adjoint();
        matrix.diagonal() += statistics.incoherent;
        const Eigen::MatrixXcd signal = statistics.signal * statistics.signal.adjoint();
        Eigen::GeneralizedSelfAdjointEigenSolver<Eigen::MatrixXcd> solver(signal, matrix);
        const double largest = solver.eigenvalues().maxCoeff();
        EXPECT_NEAR(IsacFusion::GetSinr(statistics, weights) / largest, 1.0, 1e-11);
        EXPECT_LT(IsacFusion::GetSinr(statistics, Eigen::VectorXcd::Ones(5)), largest);
    }
}
