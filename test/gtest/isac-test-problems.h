// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_TEST_PROBLEMS_H
#define ISAC_TEST_PROBLEMS_H

#include "ns3/isac-problem.h"

#include <cmath>
#include <random>

namespace ns3
{

/// A stream of random problems that repeats from its seed.
class IsacTestProblems
{
  public:
    explicit IsacTestProblems(unsigned seed)
        : m_engine(seed)
    {
    }

    /// A draw from CN(0, 1).
    std::complex<double> Gaussian()
    {
        const double re = m_normal(m_engine);
        return {re * M_SQRT1_2, m_normal(m_engine) * M_SQRT1_2};
    }

    /// A draw from U[low, high).
    double Uniform(double low, double high)
    {
        return std::uniform_real_distribution<>(low, high)(m_engine);
    }

    /// A draw from {low, ..., high}.
    Eigen::Index Integer(int low, int high)
    {
        return std::uniform_int_distribution<>(low, high)(m_engine);
    }

    /// A matrix of independent CN(0, 1) draws.
    Eigen::MatrixXcd GaussianMatrix(Eigen::Index rows, Eigen::Index cols)
    {
        return Eigen::MatrixXcd::NullaryExpr(rows, cols, [this]() { return Gaussian(); });
    }

    /// Half-wavelength ULA steering vectors a_n = exp(j pi n cos theta), theta ~ U[0, pi/2),
    /// stacked.
    Eigen::MatrixXcd Steering(Eigen::Index nAps, Eigen::Index nTargets, Eigen::Index n)
    {
        Eigen::MatrixXcd a(nAps * n, nTargets);
        for (Eigen::Index t = 0; t < nTargets; ++t)
        {
            for (Eigen::Index m = 0; m < nAps; ++m)
            {
                const double phase = M_PI * std::cos(Uniform(0.0, M_PI / 2));
                for (Eigen::Index i = 0; i < n; ++i)
                {
                    a(m * n + i, t) = std::polar(1.0, phase * static_cast<double>(i));
                }
            }
        }
        return a;
    }

    /**
     * The set-up of the paper's section V: P_m = 1/M, every noise 0.1, h ~ CN(0, I), zeta^2 = 1
     * towards one receiver sum, ||a||^2 = N.
     */
    IsacProblem Paper(Eigen::Index nAps, Eigen::Index nUes, Eigen::Index nTargets, Eigen::Index n)
    {
        const auto count = static_cast<double>(nAps);
        IsacProblem problem;
        problem.Resize(nAps, nUes, nTargets, n);
        problem.h = GaussianMatrix(nAps * n, nUes);
        problem.a = Steering(nAps, nTargets, n);
        problem.omega.setConstant(count);
        problem.sensingNoise = 0.1 * count;
        problem.power.setConstant(1.0 / count);
        problem.noise.setConstant(0.1);
        return problem;
    }

    /**
     * A scenario under path loss, in watts: APs, UEs and targets uniform in a 400 m square, AP 8.5
     * m above UE, gain -30.5 - 36.7 log10 d with 4 dB shadowing, 23 dBm per AP, -94 dBm noise;
     * targets at 40 m height difference, 1 m^2, 3.5 GHz, 30 dB processing gain.
     */
    IsacProblem PathLoss(Eigen::Index nAps,
                         Eigen::Index nUes,
                         Eigen::Index nTargets,
                         Eigen::Index n)
    {
        constexpr double SIDE = 400.0;
        constexpr double WAVELENGTH = 299792458.0 / 3.5e9;
        IsacProblem problem;
        problem.Resize(nAps, nUes, nTargets, n);
        problem.a = Steering(nAps, nTargets, n);
        problem.power.setConstant(0.2);
        problem.noise.setConstant(std::pow(10.0, -12.4));
        problem.sensingNoise = static_cast<double>(nAps) * std::pow(10.0, -12.4);
        Eigen::MatrixX2d aps(nAps, 2);
        Eigen::MatrixX2d others(nUes + nTargets, 2);
        for (auto* places : {&aps, &others})
        {
            *places = Eigen::MatrixXd::NullaryExpr(places->rows(), 2, [this]() {
                return Uniform(0.0, SIDE);
            });
        }
        auto squaredDistance = [&](Eigen::Index m, Eigen::Index i, double height) {
            return (aps.row(m) - others.row(i)).squaredNorm() + height * height;
        };
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            for (Eigen::Index u = 0; u < nUes; ++u)
            {
                const double decibel = -30.5 - 18.35 * std::log10(squaredDistance(m, u, 8.5)) +
                                       4.0 * m_normal(m_engine);
                problem.h.col(u).segment(m * n, n) =
                    std::pow(10.0, decibel / 20) * GaussianMatrix(n, 1);
            }
            for (Eigen::Index t = 0; t < nTargets; ++t)
            {
                // Bistatic radar equation, summed over the receiving APs.
                double inverseSquares = 0.0;
                for (Eigen::Index r = 0; r < nAps; ++r)
                {
                    inverseSquares += 1.0 / squaredDistance(r, nUes + t, 40.0);
                }
                problem.omega(m, t) = 1e3 * WAVELENGTH * WAVELENGTH / std::pow(4 * M_PI, 3) *
                                      inverseSquares / squaredDistance(m, nUes + t, 40.0);
            }
        }
        return problem;
    }

  private:
    std::mt19937_64 m_engine;
    std::normal_distribution<> m_normal;
};

} // namespace ns3

#endif // ISAC_TEST_PROBLEMS_H
