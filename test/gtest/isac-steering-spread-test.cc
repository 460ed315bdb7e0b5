// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-steering-spread.h"

#include <Eigen/Eigenvalues>
#include <array>
#include <cmath>
#include <complex>
#include <gtest/gtest.h>
#include <random>
#include <utility>

using namespace ns3;

namespace
{

/// Half-wavelength elements in the yz plane, row after row.
Eigen::Matrix3Xd
MakeArray(int columns, int rows)
{
    Eigen::Matrix3Xd positions(3, columns * rows);
    for (int i = 0; i < columns * rows; ++i)
    {
        positions.col(i) << 0.0, 0.5 * (i % columns), 0.5 * (i / columns);
    }
    return positions;
}

/// Steering vector a_n = exp(-j 2 pi k . d_n) for any vector k.
Eigen::VectorXcd
Steer(const Eigen::Matrix3Xd& positions, const Eigen::Vector3d& k)
{
    return Eigen::VectorXcd::NullaryExpr(positions.cols(), [&](Eigen::Index n) {
        return std::polar(1.0, -2.0 * M_PI * k.dot(positions.col(n)));
    });
}

/// The widened steering vector.
Eigen::VectorXcd
Widen(const Eigen::Matrix3Xd& positions, const Eigen::Matrix3d& c, Eigen::VectorXcd a)
{
    IsacSteeringSpread spread;
    spread.Widen(positions, c, a);
    return a;
}

const Eigen::Vector3d U = Eigen::Vector3d(0.8, 0.36, 0.48);

/// Covariance of a direction around U with a standard deviation (rad) the same in all directions.
Eigen::Matrix3d
MakeRound(double sd)
{
    return sd * sd * (Eigen::Matrix3d::Identity() - U * U.transpose());
}

/// Illumination of the wanted direction in the mean over the spread.
double
GetMean(const Eigen::MatrixXcd& r, const Eigen::VectorXcd& f)
{
    return (f.adjoint() * r * f).value().real();
}

} // namespace

TEST(IsacSteeringSpread, DirectionSeesWhatIsAcrossIt)
{
    const Eigen::Matrix3d along = 7.0 * U * U.transpose();
    EXPECT_LT(cellfree::GetDirectionCovariance(50.0 * U, along).norm(), 1e-15);
    // 2 m of error across 100 m are 0.02 rad, and the distance counts squared.
    const Eigen::Vector3d across = U.unitOrthogonal();
    const Eigen::Matrix3d sigma = 4.0 * across * across.transpose() + along;
    const auto c = cellfree::GetDirectionCovariance(100.0 * U, sigma);
    EXPECT_NEAR(across.dot(c * across), 4e-4, 1e-15);
    EXPECT_NEAR(c.trace(), 4e-4, 1e-15);
    EXPECT_NEAR(cellfree::GetDirectionCovariance(-200.0 * U, sigma).trace(), 1e-4, 1e-15);
    // At the array itself everything stays finite.
    EXPECT_TRUE(cellfree::GetDirectionCovariance(Eigen::Vector3d::Zero(), sigma).allFinite());
    // Against places drawn around one: 1 % for the second order at 0.05 rad, 2 % for 4e4 draws.
    std::mt19937_64 engine(3);
    std::normal_distribution<> normal;
    Eigen::Matrix3d root;
    root << 3.0, 0.0, 0.0, 1.0, 2.0, 0.0, -1.0, 0.5, 1.0;
    const Eigen::Vector3d place(40.0, -30.0, 20.0);
    Eigen::Matrix3d sum = Eigen::Matrix3d::Zero();
    constexpr int DRAWS = 40000;
    for (int i = 0; i < DRAWS; ++i)
    {
        const Eigen::Vector3d z(normal(engine), normal(engine), normal(engine));
        const Eigen::Vector3d delta = (place + root * z).normalized() - place.normalized();
        sum += delta * delta.transpose() / DRAWS;
    }
    const auto expected = cellfree::GetDirectionCovariance(place, root * root.transpose());
    EXPECT_LT((sum - expected).norm(), 0.03 * expected.norm());
}

TEST(IsacSteeringSpread, CorrelationIsTheMeanOverDirections)
{
    // E|a^H f|^2 of any beam, over directions of a Gaussian error: the closed form is exact. 1e5
    // draws of a value below 1 and of at least 0.02: within 3 % at more than 99 %.
    std::mt19937_64 engine(5);
    std::normal_distribution<> normal;
    const auto positions = MakeArray(6, 2);
    const auto a = Steer(positions, U);
    for (double sd : {0.02, 0.1, 0.3})
    {
        Eigen::Matrix3d c = MakeRound(sd);
        c(1, 1) += 0.25 * sd * sd; // not the same in all directions
        const Eigen::Matrix3d root =
            Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d>(c).operatorSqrt();
        const auto r = IsacSteeringSpread::GetCorrelation(positions, c, a);
        const auto wide = Widen(positions, c, a);
        const Eigen::VectorXcd off = Steer(positions, U + Eigen::Vector3d(0.0, 0.2, -0.1));
        constexpr int DRAWS = 100000;
        std::array<Eigen::VectorXcd, 3> beams{a.normalized(), wide.normalized(), off.normalized()};
        std::array<double, 3> sums{};
        for (int i = 0; i < DRAWS; ++i)
        {
            const Eigen::Vector3d z(normal(engine), normal(engine), normal(engine));
            const auto met = Steer(positions, U + root * z);
            for (std::size_t b = 0; b < beams.size(); ++b)
            {
                sums[b] += std::norm(met.dot(beams[b])) / DRAWS;
            }
        }
        for (std::size_t b = 0; b < beams.size(); ++b)
        {
            EXPECT_NEAR(sums[b] / GetMean(r, beams[b]), 1.0, 0.03) << "sd " << sd << " beam " << b;
        }
    }
}

TEST(IsacSteeringSpread, PolicyGetsWhatItIsPromised)
{
    std::mt19937_64 engine(7);
    std::normal_distribution<> normal;
    for (const auto& [columns, rows] : {std::pair{2, 1}, {8, 1}, {4, 4}, {8, 8}})
    {
        const auto positions = MakeArray(columns, rows);
        const auto a = Steer(positions, U);
        const double n = a.size();
        double previous = n * (1.0 + 1e-12);
        for (double sd : {1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0, 1e3})
        {
            SCOPED_TRACE(testing::Message() << columns << " x " << rows << ", sd " << sd);
            const auto c = MakeRound(sd);
            const auto r = IsacSteeringSpread::GetCorrelation(positions, c, a);
            const auto wide = Widen(positions, c, a);
            // The largest eigenvalue, as a whole decomposition has it.
            const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> solver(r);
            const double lambda = solver.eigenvalues().maxCoeff();
            EXPECT_NEAR(wide.squaredNorm() / lambda, 1.0, 1e-6);
            EXPECT_LE(wide.squaredNorm(), lambda * (1.0 + IsacSteeringSpread::NEGLIGIBLE));
            // In phase with a at every element, tapered and never turned.
            for (Eigen::Index i = 0; i < a.size(); ++i)
            {
                const auto taper = wide(i) / a(i);
                EXPECT_GE(taper.real(), 0.0);
                EXPECT_LT(std::abs(taper.imag()), 1e-12);
            }
            // The matched beam's mean illumination is that of the stand-in, and no less than the
            // narrow beam's.
            const Eigen::VectorXcd matched = wide.normalized();
            const double mean = GetMean(r, matched);
            EXPECT_NEAR(mean / wide.squaredNorm(), 1.0, 1e-6);
            EXPECT_GE(mean, GetMean(r, a.normalized()) * (1.0 - 1e-9));
            // A wider spread is never better, and never worse than one element.
            EXPECT_LE(lambda, previous * (1.0 + 1e-12));
            EXPECT_GE(lambda, 1.0 - 1e-12);
            previous = lambda;
            // Any beam is promised no more than it gives.
            for (int b = 0; b < 20; ++b)
            {
                const Eigen::VectorXcd f = Eigen::VectorXcd::NullaryExpr(a.size(), [&]() {
                    return std::complex<double>(normal(engine), normal(engine));
                });
                EXPECT_LE(std::norm(wide.dot(f)), GetMean(r, f) * (1.0 + 1e-6));
            }
        }
    }
}

TEST(IsacSteeringSpread, CertainDirectionIsLeftAsItIs)
{
    const auto positions = MakeArray(8, 8);
    const auto a = Steer(positions, U);
    IsacSteeringSpread spread;
    Eigen::VectorXcd wide = a;
    EXPECT_FALSE(spread.Widen(positions, Eigen::Matrix3d::Zero(), wide));
    EXPECT_TRUE((wide.array() == a.array()).all());
    EXPECT_FALSE(spread.Widen(positions, MakeRound(1e-6), wide));
    EXPECT_TRUE((wide.array() == a.array()).all());
    // One element has no beam to widen.
    Eigen::VectorXcd one = a.head(1);
    EXPECT_FALSE(spread.Widen(positions.leftCols(1), MakeRound(1.0), one));
    EXPECT_EQ(one(0), a(0));
    // An error along a line of elements' broadside is none to them, however large.
    const auto line = MakeArray(8, 1);
    Eigen::Matrix3d vertical = Eigen::Matrix3d::Zero();
    vertical(2, 2) = 1.0;
    const auto b = Steer(line, U);
    EXPECT_LT((Widen(line, vertical, b) - b).norm(), 1e-9);
}

TEST(IsacSteeringSpread, ContinuousInTheSpread)
{
    // In steps of 1 % of the standard deviation, across the limit below which nothing is done.
    for (const auto& [columns, rows] : {std::pair{8, 1}, {4, 4}})
    {
        const auto positions = MakeArray(columns, rows);
        const auto a = Steer(positions, U);
        Eigen::VectorXcd previous = a;
        for (double sd = 1e-6; sd < 1.0; sd *= 1.01)
        {
            const auto wide = Widen(positions, MakeRound(sd), a);
            EXPECT_LT((wide - previous).norm(), 0.02 * a.norm()) << sd;
            if (sd < 1e-3)
            {
                EXPECT_LT((wide - previous).norm(), 1e-4 * a.norm()) << sd;
            }
            previous = wide;
        }
    }
}

TEST(IsacSteeringSpread, BeamWidensWithTheSpread)
{
    // Half-power width of the matched beam of 16 elements around its direction.
    const auto positions = MakeArray(16, 1);
    const Eigen::Vector3d broadside = Eigen::Vector3d::UnitX();
    const auto a = Steer(positions, broadside);
    const auto width = [&](double sd) {
        Eigen::Matrix3d c = Eigen::Matrix3d::Zero();
        c(1, 1) = sd * sd;
        const Eigen::VectorXcd f = Widen(positions, c, a).normalized();
        const double peak = std::norm(a.dot(f));
        double angle = 0.0;
        while (std::norm(Steer(positions, Eigen::Vector3d(std::cos(angle), std::sin(angle), 0.0))
                             .dot(f)) > 0.5 * peak)
        {
            angle += 1e-4;
        }
        return 2.0 * angle;
    };
    // 0.886 lambda / (N d) of a uniform line (C. Balanis, Antenna Theory, 3rd ed., table 6.2).
    EXPECT_NEAR(width(0.0), 0.886 / 8.0, 1e-3);
    double previous = width(0.0);
    for (double sd : {0.01, 0.02, 0.04, 0.08, 0.16, 0.3})
    {
        EXPECT_GT(width(sd), previous) << sd;
        previous = width(sd);
    }
}
