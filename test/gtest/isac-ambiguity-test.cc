// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-uniform.h"

#include "ns3/cell-free-gaussian.h"
#include "ns3/isac-ambiguity.h"

#include <cmath>
#include <complex>
#include <gtest/gtest.h>
#include <vector>

using namespace ns3;

namespace
{

constexpr double SPEED_OF_LIGHT = 299792458.0;

/**
 * @brief Walks from a point of a grid to the nearest maximum.
 * @param function what to maximise, of a point (2)
 * @param point where to start
 * @param step steps of the grid
 * @param half half the widths of the region around 0, which is not left
 * @return the maximum, to 1e-3 steps
 */
template <typename Function>
Eigen::Vector2d
Climb(const Function& function,
      Eigen::Vector2d point,
      Eigen::Vector2d step,
      const Eigen::Vector2d& half)
{
    double best = function(point);
    const double end = 1e-3 * step(0);
    while (step(0) > end)
    {
        bool isBetter = false;
        for (int i = 0; i < 4; ++i)
        {
            Eigen::Vector2d next = point;
            next(i / 2) += i % 2 ? step(i / 2) : -step(i / 2);
            if (std::abs(next(i / 2)) > half(i / 2))
            {
                continue;
            }
            const double value = function(next);
            if (value > best)
            {
                best = value;
                point = next;
                isBetter = true;
            }
        }
        step *= isBetter ? 1.0 : 0.5;
    }
    return point;
}

/// A monostatic pair: a target on a line of sight, sounded by tones in each of several symbols.
class RangeAndSpeed
{
  public:
    static constexpr int SIZE = 24;           //!< tones, and symbols
    static constexpr double TONES = 0.6e6;    //!< distance of tones (Hz)
    static constexpr double SYMBOLS = 0.3e-3; //!< distance of symbols (s)
    static constexpr double OFFSET = 1000.0;  //!< range of the region's centre (m)

    RangeAndSpeed()
        : m_half(0.5 * 14.0 * SPEED_OF_LIGHT / (2.0 * SIZE * TONES),
                 0.5 * 14.0 * WAVELENGTH / (2.0 * SIZE * SYMBOLS))
    {
        m_geometry.transmitters = Eigen::Vector3d::Zero();
        m_geometry.receivers = Eigen::Vector3d::Zero();
        m_geometry.wavelength = WAVELENGTH;
        const double rms = std::sqrt((SIZE * SIZE - 1.0) / 12.0);
        m_geometry.rmsBandwidth = TONES * rms;
        m_geometry.rmsDuration = SYMBOLS * rms;
    }

    /// @return half the widths of the region (m, m/s)
    const Eigen::Vector2d& GetHalf() const
    {
        return m_half;
    }

    /// @return covariance of the region, known sideways
    IsacStateMatrix GetPrior() const
    {
        IsacTargetState variance = IsacTargetState::Zero();
        variance(0) = m_half(0) * m_half(0) / 3.0;
        variance(3) = m_half(1) * m_half(1) / 3.0;
        return variance.asDiagonal();
    }

    /// @return information. @param snr after combining
    IsacStateMatrix GetInformation(double snr) const
    {
        IsacTargetState state = IsacTargetState::Zero();
        state(0) = OFFSET;
        return cellfree::GetTargetInformation(m_geometry,
                                              state,
                                              Eigen::MatrixXd::Constant(1, 1, snr));
    }

    /// A dwell. @param target where it is (m, m/s) @param snr after combining @param uniform draws
    void Receive(const Eigen::Vector2d& target, double snr, UniformRandomVariable& uniform)
    {
        const auto phase = std::polar(std::sqrt(snr) / SIZE, uniform.GetValue(0.0, 2.0 * M_PI));
        const auto tones = GetTones(target(0));
        const auto symbols = GetSymbols(target(1));
        m_samples = phase * tones * symbols.transpose();
        for (int i = 0; i < SIZE * SIZE; ++i)
        {
            m_samples(i) += cellfree::DrawComplexGaussian(uniform);
        }
    }

    /// @return the maximum-likelihood estimate (m, m/s)
    Eigen::Vector2d Estimate() const
    {
        const int n = 3 * 14;
        const Eigen::Vector2d step = 2.0 * m_half / n;
        static const auto filters = [&]() {
            std::pair<Eigen::MatrixXcd, Eigen::MatrixXcd> matrices(Eigen::MatrixXcd(n + 1, SIZE),
                                                                   Eigen::MatrixXcd(SIZE, n + 1));
            for (int i = 0; i <= n; ++i)
            {
                matrices.first.row(i) = GetTones(i * step(0) - m_half(0)).adjoint();
                matrices.second.col(i) = GetSymbols(i * step(1) - m_half(1)).conjugate();
            }
            return matrices;
        }();
        const Eigen::MatrixXd map = (filters.first * m_samples * filters.second).cwiseAbs2();
        Eigen::Index row;
        Eigen::Index column;
        map.maxCoeff(&row, &column);
        const auto energy = [this](const Eigen::Vector2d& place) {
            return std::norm(GetTones(place(0)).dot(m_samples * GetSymbols(place(1)).conjugate()));
        };
        return Climb(energy,
                     Eigen::Vector2d(row * step(0) - m_half(0), column * step(1) - m_half(1)),
                     step,
                     m_half);
    }

  private:
    static constexpr double WAVELENGTH = 0.1; //!< (m)

    /// @return what the tones become. @param range behind the centre (m)
    static Eigen::VectorXcd GetTones(double range)
    {
        Eigen::VectorXcd tones(SIZE);
        const auto turn = std::polar(1.0, -2.0 * M_PI * TONES * 2.0 * range / SPEED_OF_LIGHT);
        tones(0) = 1.0;
        for (int i = 1; i < SIZE; ++i)
        {
            tones(i) = tones(i - 1) * turn;
        }
        return tones;
    }

    /// @return what the symbols become. @param speed away (m/s)
    static Eigen::VectorXcd GetSymbols(double speed)
    {
        Eigen::VectorXcd symbols(SIZE);
        const auto turn = std::polar(1.0, -2.0 * M_PI * SYMBOLS * 2.0 * speed / WAVELENGTH);
        symbols(0) = 1.0;
        for (int i = 1; i < SIZE; ++i)
        {
            symbols(i) = symbols(i - 1) * turn;
        }
        return symbols;
    }

    IsacSensingGeometry m_geometry; //!< one AP at the origin
    Eigen::Vector2d m_half;         //!< of the region
    Eigen::MatrixXcd m_samples;     //!< tones x symbols
};

/// Two transmitters and two receivers around a plane, which measure delays by tones.
class Plane
{
  public:
    static constexpr int SIZE = 24;         //!< tones
    static constexpr double TONES = 0.8e6;  //!< their distance (Hz)
    static constexpr double WIDTH = 160.0;  //!< of the region (m)
    static constexpr double RADIUS = 400.0; //!< of the circle of APs (m)
    static constexpr int N_PAIRS = 4;       //!< two by two

    Plane()
        : m_samples(SIZE, N_PAIRS)
    {
        m_geometry.transmitters.resize(3, 2);
        m_geometry.receivers.resize(3, 2);
        for (int i = 0; i < 2; ++i)
        {
            const double out = 0.3 + 2.1 * i;
            const double back = 1.1 + 3.6 * i;
            m_geometry.transmitters.col(i) << RADIUS * std::cos(out), RADIUS * std::sin(out), 0.0;
            m_geometry.receivers.col(i) << RADIUS * std::cos(back), RADIUS * std::sin(back), 0.0;
        }
        m_geometry.wavelength = 0.1;
        m_geometry.rmsBandwidth = TONES * std::sqrt((SIZE * SIZE - 1.0) / 12.0);
    }

    /// @return covariance of a box on the plane. @param width of the box (m)
    static IsacStateMatrix GetPrior(double width)
    {
        return cellfree::GetBoxPrior({width, width, 0.0}, 0.0);
    }

    /// @return information. @param place of the target (m) @param snr of all pairs
    IsacStateMatrix GetInformation(const Eigen::Vector2d& place, double snr) const
    {
        IsacTargetState state = IsacTargetState::Zero();
        state.head<2>() = place;
        return cellfree::GetTargetInformation(m_geometry,
                                              state,
                                              Eigen::MatrixXd::Constant(2, 2, snr / N_PAIRS));
    }

    /// A dwell. @param target where it is (m) @param snr of all pairs @param uniform draws
    void Receive(const Eigen::Vector2d& target, double snr, UniformRandomVariable& uniform)
    {
        for (int k = 0; k < N_PAIRS; ++k)
        {
            const auto amplitude =
                std::polar(std::sqrt(snr / N_PAIRS / SIZE), uniform.GetValue(0.0, 2.0 * M_PI));
            const double delay = GetDelay(target, k);
            for (int i = 0; i < SIZE; ++i)
            {
                m_samples(i, k) = amplitude * std::polar(1.0, -2.0 * M_PI * i * TONES * delay) +
                                  cellfree::DrawComplexGaussian(uniform);
            }
        }
    }

    /// @return the maximum-likelihood estimate (m)
    Eigen::Vector2d Estimate()
    {
        // The energy of each pair by delay, then by place, at the nearest delay.
        const double fine = 1.0 / (SIZE * TONES * 8.0);
        const double first = 2.0 * (RADIUS - WIDTH) / SPEED_OF_LIGHT;
        const int nDelays = static_cast<int>(4.0 * WIDTH / SPEED_OF_LIGHT / fine) + 2;
        m_profiles.resize(nDelays, N_PAIRS);
        for (int k = 0; k < N_PAIRS; ++k)
        {
            for (int i = 0; i < nDelays; ++i)
            {
                m_profiles(i, k) = GetEnergy(k, first + i * fine);
            }
        }
        const int n = 64;
        double best = -1.0;
        Eigen::Vector2d start = Eigen::Vector2d::Zero();
        for (int i = 0; i <= n * n; ++i)
        {
            const Eigen::Vector2d place(i % n * WIDTH / n - 0.5 * WIDTH,
                                        i / n * WIDTH / n - 0.5 * WIDTH);
            double energy = 0.0;
            for (int k = 0; k < N_PAIRS; ++k)
            {
                energy += m_profiles(std::lround((GetDelay(place, k) - first) / fine), k);
            }
            if (energy > best)
            {
                best = energy;
                start = place;
            }
        }
        const auto energy = [this](const Eigen::Vector2d& place) {
            double sum = 0.0;
            for (int k = 0; k < N_PAIRS; ++k)
            {
                sum += GetEnergy(k, GetDelay(place, k));
            }
            return sum;
        };
        return Climb(energy,
                     start,
                     Eigen::Vector2d::Constant(WIDTH / n),
                     Eigen::Vector2d::Constant(0.5 * WIDTH));
    }

  private:
    /// @return delay (s). @param place of a target (m) @param k which pair
    double GetDelay(const Eigen::Vector2d& place, int k) const
    {
        return ((place - m_geometry.transmitters.col(k % 2).head<2>()).norm() +
                (place - m_geometry.receivers.col(k / 2).head<2>()).norm()) /
               SPEED_OF_LIGHT;
    }

    /// @return energy behind the filter of a delay. @param k which pair @param delay it (s)
    double GetEnergy(int k, double delay) const
    {
        const auto turn = std::polar(1.0, 2.0 * M_PI * TONES * delay);
        std::complex<double> sum = 0.0;
        for (int i = SIZE - 1; i >= 0; --i)
        {
            sum = sum * turn + m_samples(i, k);
        }
        return std::norm(sum) / SIZE;
    }

    IsacSensingGeometry m_geometry; //!< of the APs
    Eigen::MatrixXcd m_samples;     //!< tones x pairs
    Eigen::MatrixXd m_profiles;     //!< delays x pairs: energies
};

/// A point of the region. @param uniform to draw from @param half half its widths @return in it
Eigen::Vector2d
DrawTarget(UniformRandomVariable& uniform, const Eigen::Vector2d& half)
{
    const double first = uniform.GetValue(-half(0), half(0));
    return {first, uniform.GetValue(-half(1), half(1))};
}

double
ToLinear(double decibels)
{
    return std::pow(10.0, 0.1 * decibels);
}

} // namespace

TEST(IsacAmbiguity, SidesOfARegionInCells)
{
    const RangeAndSpeed pair;
    const auto sides = cellfree::GetSearchSides(pair.GetInformation(1.0), pair.GetPrior());
    // 14 cells of c / (2 B) and of lambda / (2 T) are 14 pi / sqrt(3), but for tones and symbols
    // that are not infinitely many.
    const double cell =
        M_PI / std::sqrt(3.0) * std::sqrt(1.0 - 1.0 / (RangeAndSpeed::SIZE * RangeAndSpeed::SIZE));
    for (int i = 0; i < 4; ++i)
    {
        EXPECT_EQ(sides(i), 0.0);
    }
    EXPECT_NEAR(sides(4), 14.0 * cell, 1e-9);
    EXPECT_NEAR(sides(5), 14.0 * cell, 1e-9);
}

TEST(IsacAmbiguity, OutliersGrowWithTheRegionAndFallWithTheSnr)
{
    for (uint32_t nPairs : {1, 3, 16, 256})
    {
        for (double threshold : {0.0, nPairs + 5.0 * std::sqrt(1.0 * nPairs)})
        {
            double previous = 1.0;
            for (double snr = 0.0; snr < 500.0; snr = 1.5 * snr + 1.0)
            {
                const Eigen::Vector3d sides(40.0, 20.0, 5.0);
                const double p = cellfree::GetOutlierProbability(sides, nPairs, snr, threshold);
                EXPECT_GE(p, 0.0);
                // To the error of the integral.
                EXPECT_LE(p, previous * (1.0 + 1e-3) + 1e-9) << nPairs << ' ' << snr;
                const double larger =
                    cellfree::GetOutlierProbability(2.0 * sides, nPairs, snr, threshold);
                EXPECT_GE(larger * (1.0 + 1e-3) + 1e-9, p);
                previous = p;
            }
            EXPECT_LT(previous, 1e-3);
        }
        EXPECT_EQ(cellfree::GetOutlierProbability(Eigen::Vector2d::Zero(), nPairs, 1.0), 0.0);
        EXPECT_EQ(cellfree::GetOutlierProbability(Eigen::Vector2d(3.0, 1.0), nPairs, 1.0), 0.0);
        // Without an echo the noise in all cells but one decides.
        EXPECT_GT(cellfree::GetOutlierProbability(Eigen::Vector2d(200.0, 200.0), nPairs, 0.0),
                  0.99);
    }
}

TEST(IsacAmbiguity, AsOftenAsIndependentCellsOrALittleMore)
{
    // As Rife and Boorstyn have it, noncoherent detection of one of N orthogonal signals. A search
    // between the cells finds more noise, up to sqrt(pi u / 3) times as many peaks at level u.
    const int nCells = 64;
    for (double decibels : {4.0, 6.0, 8.0, 10.0, 12.0})
    {
        const double snr = ToLinear(decibels);
        double cells = 0.0;
        const int nPoints = 4000;
        for (int i = 0; i < nPoints; ++i)
        {
            // P(T < x) d P(max of the others < x), T Rician: Marcum's Q by its Poisson mixture.
            const double x = (i + 0.5) * 60.0 / nPoints;
            double poisson = std::exp(-snr);
            double term = std::exp(-x);
            double tail = term;
            double above = poisson * tail;
            for (int k = 1; k < 200; ++k)
            {
                poisson *= snr / k;
                term *= x / k;
                tail += term;
                above += poisson * tail;
            }
            cells += (1.0 - above) * (nCells - 1) * std::exp(-x) *
                     std::pow(1.0 - std::exp(-x), nCells - 2) * 60.0 / nPoints;
        }
        const Eigen::VectorXd side = Eigen::VectorXd::Constant(1, nCells * M_PI / std::sqrt(3.0));
        const double searched = cellfree::GetOutlierProbability(side, 1, snr);
        EXPECT_GT(searched, cells);
        EXPECT_LT(searched, cells * std::sqrt(M_PI * (0.5 * snr + 6.0) / 3.0));
    }
}

TEST(IsacAmbiguity, RangeAndSpeedOfRawEchoes)
{
    auto uniform = MakeUniform(1);
    RangeAndSpeed pair;
    const auto sides = cellfree::GetSearchSides(pair.GetInformation(1.0), pair.GetPrior());
    const Eigen::Vector2d deviation = pair.GetHalf() / std::sqrt(3.0);
    // From the threshold at 13 dB 10 dB down, and above it.
    for (double decibels : {2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 18.0, 24.0})
    {
        SCOPED_TRACE(decibels);
        const double snr = ToLinear(decibels);
        const int nDwells = decibels == 12.0 ? 2000 : decibels == 10.0 ? 1000 : 250;
        Eigen::Vector2d squares = Eigen::Vector2d::Zero();
        for (int i = 0; i < nDwells; ++i)
        {
            const auto target = DrawTarget(*uniform, pair.GetHalf());
            pair.Receive(target, snr, *uniform);
            squares += (pair.Estimate() - target).cwiseAbs2();
        }
        const Eigen::Vector2d rms = (squares / nDwells).cwiseSqrt();
        const auto bound = cellfree::GetTargetCovariance(pair.GetInformation(snr), pair.GetPrior());
        const double p = cellfree::GetOutlierProbability(sides, 1, snr);
        for (int k = 0; k < 2; ++k)
        {
            const double single = std::sqrt(bound(3 * k, 3 * k));
            const double model = cellfree::GetErrorWithOutliers(single, p, deviation(k));
            if (decibels > 15.0)
            {
                EXPECT_NEAR(rms(k), single, 0.1 * single);
                EXPECT_NEAR(model, single, 0.01 * single);
            }
            else
            {
                EXPECT_NEAR(model, rms(k), 0.25 * rms(k));
                EXPECT_GT(rms(k), 1.5 * single);
            }
        }
    }
}

TEST(IsacAmbiguity, PositionOfRawEchoesOfSeveralPairs)
{
    auto uniform = MakeUniform(2);
    Plane plane;
    const Eigen::Vector2d half = Eigen::Vector2d::Constant(0.5 * Plane::WIDTH);
    const auto sides = cellfree::GetSearchSides(plane.GetInformation(Eigen::Vector2d::Zero(), 1.0),
                                                Plane::GetPrior(Plane::WIDTH));
    for (double decibels : {2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 22.0, 28.0})
    {
        SCOPED_TRACE(decibels);
        const double snr = ToLinear(decibels);
        const int nDwells = 300;
        double squares = 0.0;
        double bounds = 0.0;
        for (int i = 0; i < nDwells; ++i)
        {
            const auto target = DrawTarget(*uniform, half);
            plane.Receive(target, snr, *uniform);
            squares += (plane.Estimate() - target).squaredNorm();
            const auto bound = cellfree::GetTargetCovariance(plane.GetInformation(target, snr),
                                                             Plane::GetPrior(Plane::WIDTH));
            bounds += bound.trace();
        }
        const double rms = std::sqrt(squares / nDwells);
        const double single = std::sqrt(bounds / nDwells);
        const double p = cellfree::GetOutlierProbability(sides, Plane::N_PAIRS, snr);
        const double model =
            cellfree::GetErrorWithOutliers(single, p, Plane::WIDTH / std::sqrt(6.0));
        if (decibels > 15.0)
        {
            EXPECT_NEAR(rms, single, 0.1 * single);
            EXPECT_NEAR(model, single, 0.01 * single);
        }
        else
        {
            EXPECT_NEAR(model, rms, 0.25 * rms);
        }
    }
}

TEST(IsacAmbiguity, ASeriesAndAnIntegralAgree)
{
    // Up to an SNR of 500 tails are sums, beyond they are integrals along a contour.
    const Eigen::Vector3d sides(5.0, 8.0, 30.0);
    for (uint32_t nPairs : {2000U, 4000U})
    {
        const double below = cellfree::GetOutlierProbability(sides, nPairs, 499.9999999, 0.0);
        const double above = cellfree::GetOutlierProbability(sides, nPairs, 500.0000001, 0.0);
        EXPECT_NEAR(below, above, 1e-8);
    }
}

TEST(IsacAmbiguity, NothingIsLeftOutBeforeItIsNegligible)
{
    // No step down by more than the 1e-9 that are taken for none, and then nothing at all.
    const Eigen::Vector3d sides(5.0, 8.0, 30.0);
    for (uint32_t nPairs : {1U, 9U})
    {
        double previous = 1.0;
        for (double snr = 1.0; snr < 400.0; snr *= 1.02)
        {
            const double p = cellfree::GetOutlierProbability(sides, nPairs, snr, 0.0);
            EXPECT_LE(p, previous + 1e-12);
            EXPECT_TRUE(p > 0.0 || previous < 2e-9) << snr;
            previous = p;
        }
        EXPECT_EQ(previous, 0.0);
    }
}
