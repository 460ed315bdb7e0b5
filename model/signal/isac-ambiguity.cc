// SPDX-License-Identifier: GPL-2.0-only

#include "isac-ambiguity.h"

#include "isac-energy-distribution.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace ns3
{

namespace
{

/// Sides that a region can have: the components of a state.
constexpr int MAX_SIDES = 6;
/// Between the nulls of a matched filter: two resolution cells.
const double MAIN_LOBE = 2.0 * M_PI / std::sqrt(3.0);
/// Probability that is taken for none.
constexpr double RARE = 1e-9;
/// Points of the integral over the highest peak of the noise.
constexpr int N_POINTS = 48;

/// ln(n!). @param n n >= 0 @return it
double
GetLogFactorial(double n)
{
    return std::lgamma(n + 1.0);
}

/// Peaks of the energy of K pairs' noise over a search region without its main lobe.
class NoisePeaks
{
  public:
    NoisePeaks(const Eigen::Ref<const Eigen::VectorXd>& sides, uint32_t nPairs)
        : m_nPairs(nPairs)
    {
        // Elementary symmetric polynomials: the intrinsic volumes of a box.
        std::array<double, MAX_SIDES + 1> lobe{};
        m_volumes.fill(0.0);
        m_volumes[0] = lobe[0] = 1.0;
        for (Eigen::Index i = 0; i < sides.size(); ++i)
        {
            for (int d = MAX_SIDES; d > 0; --d)
            {
                m_volumes[d] += sides(i) * m_volumes[d - 1];
                lobe[d] += std::min(sides(i), MAIN_LOBE) * lobe[d - 1];
            }
        }
        for (int d = 0; d <= MAX_SIDES; ++d)
        {
            m_volumes[d] -= lobe[d];
            m_isEmpty = m_isEmpty && !(m_volumes[d] > 0.0);
        }
        if (m_isEmpty)
        {
            return;
        }
        auto& kept = m_kept[nPairs % m_kept.size()];
        if (kept.nPairs != nPairs)
        {
            kept.nPairs = nPairs;
            kept.logScale = std::log(2.0) - GetLogFactorial(nPairs - 1.0);
            SetCoefficients(kept);
        }
        m_polynomials = &kept;
    }

    /// @return true if the region is no larger than the main lobe
    bool IsEmpty() const
    {
        return m_isEmpty;
    }

    /**
     * @brief Expected number of peaks, where it is large enough to be one.
     * @param energy level, > 0
     * @return Euler characteristic of the set above the level
     */
    double Get(double energy) const
    {
        const double t = 2.0 * energy; // chi-square
        const double root = 1.0 / std::sqrt(2.0 * M_PI * t);
        double power = 1.0;
        double sum = 0.0;
        for (int d = 1; d <= MAX_SIDES; ++d)
        {
            power *= root;
            if (m_volumes[d] > 0.0)
            {
                double polynomial = 0.0;
                for (int i = d - 1; i >= 0; --i)
                {
                    polynomial = polynomial * t + m_polynomials->coefficients[d][i];
                }
                sum += m_volumes[d] * power * polynomial;
            }
        }
        const double logDensity = m_nPairs * std::log(energy) - energy + m_polynomials->logScale;
        return sum * std::exp(logDensity);
    }

  private:
    /// Worsley's polynomials of a number of pairs.
    struct Polynomials
    {
        uint32_t nPairs{0};   //!< K; 0 for none yet
        double logScale{0.0}; //!< ln(2 / (K - 1)!)
        /// By dimension and power of t.
        std::array<std::array<double, MAX_SIDES>, MAX_SIDES + 1> coefficients;
    };

    /// Computes coefficients: d - 1 of order d - 1. @param polynomials of m_nPairs
    void SetCoefficients(Polynomials& polynomials) const
    {
        const double freedom = 2.0 * m_nPairs;
        for (int d = 1; d <= MAX_SIDES; ++d)
        {
            polynomials.coefficients[d].fill(0.0);
            for (int l = 0; 2 * l <= d - 1; ++l)
            {
                for (int k = 0; k <= d - 1 - 2 * l; ++k)
                {
                    const int j = d - 1 - k - 2 * l; // of the binomial coefficient
                    if (freedom - 1.0 < j)
                    {
                        continue;
                    }
                    const double size =
                        std::exp(GetLogFactorial(freedom - 1.0) - GetLogFactorial(j) -
                                 GetLogFactorial(freedom - 1.0 - j) + GetLogFactorial(d - 1) -
                                 GetLogFactorial(l) - GetLogFactorial(k) - l * std::log(2.0));
                    polynomials.coefficients[d][k + l] += ((d - 1 + k + l) % 2 ? -1.0 : 1.0) * size;
                }
            }
        }
    }

    uint32_t m_nPairs;                           //!< K
    bool m_isEmpty{true};                        //!< see IsEmpty()
    std::array<double, MAX_SIDES + 1> m_volumes; //!< intrinsic volumes by dimension
    const Polynomials* m_polynomials{nullptr};   //!< of K
    /// Those that were needed lately, by K.
    static thread_local std::array<Polynomials, 64> m_kept;
};

thread_local std::array<NoisePeaks::Polynomials, 64> NoisePeaks::m_kept;

/// The largest energy in the main lobe around the target.
class EchoEnergy
{
  public:
    EchoEnergy(const Eigen::Ref<const Eigen::VectorXd>& sides, uint32_t nPairs, double snr)
    {
        // Each side that the maximum is sought along adds the square of a real Gaussian number, or
        // half a pair; whole pairs are interpolated.
        const double extra = 0.5 * (sides / MAIN_LOBE).cwiseMin(1.0).sum();
        m_count = nPairs + static_cast<uint32_t>(extra);
        m_snr = snr;
        m_share = extra - std::floor(extra);
    }

    /**
     * @brief H. Chernoff's bound at its best, min over v > 0 of E e^(v (x - T)).
     * @param energy x
     * @return at least the probability that it is not larger than this
     */
    double BoundBelow(double energy) const
    {
        // One more pair makes T larger. The derivative vanishes at y = 1 + v.
        const double n = m_count;
        const double y = (n + std::sqrt(n * n + 4.0 * energy * m_snr)) / (2.0 * energy);
        return y > 1.0 ? std::exp((y - 1.0) * (energy - m_snr / y) - n * std::log(y)) : 1.0;
    }

    /// @return probability that it is larger. @param energy than this
    double GetTail(double energy) const
    {
        // Above these, powers of e leave the range of numbers.
        constexpr double LARGE = 500.0;
        if (energy > 0.0 && energy < LARGE && m_snr < LARGE)
        {
            return GetTailBySeries(energy);
        }
        m_terms.resize(1);
        m_terms[0].noncentrality = m_snr;
        m_terms[0].count = m_count;
        const double tail = cellfree::GetEnergyDistribution(m_terms, energy).tail;
        if (!(m_share > 0.0))
        {
            return tail;
        }
        ++m_terms[0].count;
        const double next = cellfree::GetEnergyDistribution(m_terms, energy).tail;
        return (1.0 - m_share) * tail + m_share * next;
    }

  private:
    /**
     * @brief The tail as sum_k e^-s s^k / k! Q(n + k, x), all of whose terms are positive; it
     * leaves out less than 1e-16.
     * @param energy x
     * @return the probability
     */
    double GetTailBySeries(double energy) const
    {
        double term = std::exp(-energy); // x^a e^-x / a!
        double tail = term;              // Q(a + 1, x)
        uint32_t a = 0;
        while (++a < m_count)
        {
            term *= energy / a;
            tail += term;
        }
        double poisson = std::exp(-m_snr);
        double sum = 0.0;
        double weight = 0.0;
        for (uint32_t k = 0; k <= m_snr || (1.0 - weight > 1e-16 && poisson > 1e-18); ++k)
        {
            // Q(n + k, x), and what a pair more adds to it.
            term *= energy / a++;
            sum += poisson * (tail + m_share * term);
            weight += poisson;
            tail += term;
            poisson *= m_snr / (k + 1);
        }
        return std::min(sum, 1.0);
    }

    /// Noncentral chi-square; kept, so that nothing is allocated.
    static thread_local std::vector<IsacEnergyTerm> m_terms;
    uint32_t m_count; //!< pairs
    double m_snr;     //!< noncentrality
    double m_share;   //!< of one more pair
};

thread_local std::vector<IsacEnergyTerm> EchoEnergy::m_terms;

} // namespace

IsacTargetState
cellfree::GetSearchSides(const IsacStateMatrix& information, const IsacStateMatrix& prior)
{
    // The eigenvalues of C J, by those of L' J L with C = L L'.
    IsacStateMatrix root;
    if (prior.isDiagonal(0.0))
    {
        root = prior.diagonal().cwiseMax(0.0).cwiseSqrt().asDiagonal();
    }
    else
    {
        const Eigen::SelfAdjointEigenSolver<IsacStateMatrix> region(prior);
        root = region.eigenvectors() * region.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal();
    }
    const Eigen::SelfAdjointEigenSolver<IsacStateMatrix> eigen(root.transpose() * information *
                                                                   root,
                                                               Eigen::EigenvaluesOnly);
    return (6.0 * eigen.eigenvalues()).cwiseMax(0.0).cwiseSqrt();
}

double
cellfree::GetOutlierProbability(const Eigen::Ref<const Eigen::VectorXd>& sides,
                                uint32_t nPairs,
                                double snr,
                                double threshold)
{
    const NoisePeaks peaks(sides, nPairs);
    if (peaks.IsEmpty())
    {
        return 0.0;
    }
    // From where peaks are rarer than RARE, down in steps until there is one for sure. The Euler
    // characteristic counts holes too, so it falls again where peaks merge: their number does not.
    double top = nPairs + 10.0 * std::sqrt(static_cast<double>(nPairs)) + 10.0;
    while (peaks.Get(top) > RARE)
    {
        top *= 1.2;
    }
    const EchoEnergy echo(sides, nPairs, snr);
    if (echo.BoundBelow(top) < 0.5 * RARE)
    {
        return 0.0;
    }
    while (peaks.Get(0.97 * top) < RARE && 0.97 * top > nPairs)
    {
        top *= 0.97;
    }
    if (1.0 - echo.GetTail(top) < RARE)
    {
        return 0.0;
    }
    double bottom = threshold;
    for (double level = top; level > std::max(bottom, 1e-3); level *= 0.98)
    {
        if (peaks.Get(level) > 40.0)
        {
            bottom = level;
        }
    }
    const double detected = threshold > 0.0 ? echo.GetTail(threshold) : 1.0;
    if (!(detected > 0.0))
    {
        // An echo that is never detected is a peak of the noise where it is.
        return 1.0;
    }
    if (bottom >= top)
    {
        return 0.0;
    }
    // int P(threshold < T < x) d P(highest peak < x) from above; below the bottom T < x is sure.
    const double step = (top - bottom) / N_POINTS;
    double sum = 0.0;
    double highest = 0.0;     // most peaks above a level so far
    double probability = 1.0; // that no peak is above the level
    for (int i = 0; i < N_POINTS && probability > 0.0; ++i)
    {
        const double level = top - (i + 1) * step;
        highest = level > 0.0 ? std::max(highest, peaks.Get(level)) : highest;
        const double below = std::exp(-highest);
        const double tail = echo.GetTail(level + 0.5 * step);
        sum += std::max(detected - tail, 0.0) * (probability - below);
        probability = below;
    }
    return std::min(sum / detected, 1.0);
}

double
cellfree::GetErrorWithOutliers(double bound, double outlierProbability, double deviation)
{
    return std::sqrt((1.0 - outlierProbability) * bound * bound +
                     2.0 * outlierProbability * deviation * deviation);
}

} // namespace ns3
