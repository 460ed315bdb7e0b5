// SPDX-License-Identifier: GPL-2.0-only

#include "isac-energy-distribution.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

namespace ns3
{

namespace
{

/// Never reached: the integrand falls faster than exponentially.
constexpr int MAX_STEPS = 100000;

/**
 * @brief Derivatives of the exponent phi(s) = ln M(s) - s x - ln |s| on the real axis.
 */
struct Exponent
{
    double value{0.0};     //!< phi
    double slope{0.0};     //!< phi'
    double curvature{0.0}; //!< phi''
    double bend{0.0}; //!< theta: the path of steepest descent starts as c + theta y^2 / 3 + i y
};

/**
 * @brief Evaluates the exponent.
 * @param terms the parts of T
 * @param unit the largest scale: s is in its inverse, x in it
 * @param x argument of the distribution over unit, > 0
 * @param c where: in (0, 1) for the upper tail, < 0 for the lower
 * @return the exponent
 */
Exponent
Evaluate(const std::vector<IsacEnergyTerm>& terms, double unit, double x, double c)
{
    Exponent phi;
    double second = 0.0; // of the singularities on the right of c, which the contour goes around
    double third = 0.0;
    for (const auto& term : terms)
    {
        const double w = term.scale / unit;
        const double gap = 1.0 - w * c;
        const double q = w / gap;
        const double offset = term.noncentrality / gap;
        phi.value += term.noncentrality * w * c / gap - term.count * std::log(gap);
        phi.slope += q * (term.count + offset);
        second += q * q * (term.count + 2 * offset);
        third += q * q * q * (2 * term.count + 6 * offset);
    }
    phi.value -= c * x + std::log(std::abs(c));
    phi.slope -= x + 1.0 / c;
    phi.curvature = second + 1.0 / (c * c);
    if (c < 0.0)
    {
        second += 1.0 / (c * c);
        third -= 2.0 / (c * c * c);
    }
    phi.bend = third / (2 * second);
    return phi;
}

/**
 * @brief The saddle point of the exponent, to about a per cent, all that the contour needs.
 * @param terms the parts of T
 * @param unit the largest scale
 * @param x argument of the distribution over unit, > 0
 * @param isUpper true for the saddle point in (0, 1), false for the one below 0
 * @return the saddle point
 */
double
FindSaddlePoint(const std::vector<IsacEnergyTerm>& terms, double unit, double x, bool isUpper)
{
    // phi is convex in c; z maps its range to the whole line: c = 1 / (1 + e^-z), or -e^-z.
    double low = isUpper ? -100.0 : -700.0;
    double high = isUpper ? 34.0 : 700.0;
    double z = isUpper ? 0.0 : std::clamp(std::log(x), low, high);
    for (int i = 0; i < 100; ++i)
    {
        const double c = isUpper ? 1.0 / (1.0 + std::exp(-z)) : -std::exp(-z);
        const auto phi = Evaluate(terms, unit, x, c);
        (phi.slope < 0.0 ? low : high) = z;
        const double step = -phi.slope / (phi.curvature * (isUpper ? c * (1.0 - c) : -c));
        if (std::abs(step) < 0.01)
        {
            break;
        }
        const double next = z + step;
        z = next > low && next < high ? next : (low + high) / 2;
    }
    return isUpper ? 1.0 / (1.0 + std::exp(-z)) : -std::exp(-z);
}

/**
 * @brief (a + ib)(c + id), without the library's care for infinities, which costs most of the time.
 * @param x first factor
 * @param y second factor
 * @return the product
 */
std::complex<double>
Multiply(std::complex<double> x, std::complex<double> y)
{
    return {x.real() * y.real() - x.imag() * y.imag(), x.real() * y.imag() + x.imag() * y.real()};
}

/**
 * @brief M(s) / M(c) e^(-(s - c) x) at one point of the contour.
 * @param terms the parts of T
 * @param unit the largest scale
 * @param x argument of the distribution over unit
 * @param c where the contour crosses the real axis
 * @param move s - c
 * @return the ratio
 */
std::complex<double>
EvaluateRatio(const std::vector<IsacEnergyTerm>& terms,
              double unit,
              double x,
              double c,
              std::complex<double> move)
{
    constexpr double LARGE = 1e100;
    std::complex<double> exponent = -move * x;
    std::complex<double> product = 1.0; // of the factors (1 - w s) / (1 - w c) of single looks
    for (const auto& term : terms)
    {
        const double w = term.scale / unit;
        const double gap = 1.0 - w * c;
        const std::complex<double> factor(1.0 - w * move.real() / gap, -w * move.imag() / gap);
        if (term.noncentrality > 0.0)
        {
            // 1 / (1 - w s) - 1 / (1 - w c)
            exponent += term.noncentrality / gap * Multiply(1.0 - factor, std::conj(factor)) /
                        std::norm(factor);
        }
        if (term.count > 1)
        {
            exponent -= double(term.count) * std::log(factor);
            continue;
        }
        product = Multiply(product, factor);
        const double size = std::abs(product.real()) + std::abs(product.imag());
        if (size > LARGE || size < 1.0 / LARGE)
        {
            exponent -= std::log(size);
            product /= size;
        }
    }
    return std::exp(exponent) / product;
}

} // namespace

IsacEnergyPoint
cellfree::GetEnergyDistribution(const std::vector<IsacEnergyTerm>& terms, double x)
{
    double unit = 0.0;
    double mean = 0.0;
    uint32_t count = 0;
    double noncentrality = 0.0;
    for (const auto& term : terms)
    {
        unit = std::max(unit, term.scale);
        mean += term.scale * (term.count + term.noncentrality);
        count += term.count;
        noncentrality += term.noncentrality;
    }
    if (std::isnan(x) || !std::isfinite(mean))
    {
        return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    }
    if (unit == 0.0 || x <= 0.0)
    {
        return {x < 0.0 || (x == 0.0 && unit > 0.0) ? 1.0 : 0.0, 0.0};
    }
    if (count == 1 && noncentrality == 0.0)
    {
        const double tail = std::exp(-x / unit);
        return {tail, tail / unit};
    }
    const double scaled = x / unit;
    const bool isUpper = x >= mean;
    const double c = FindSaddlePoint(terms, unit, scaled, isUpper);
    const auto phi = Evaluate(terms, unit, scaled, c);
    // Asymptotes at 45 degrees, and the curvature theta / 3 of the path of steepest descent at c.
    // The steps were chosen by trial: half of them changes no tail by more than 1e-12.
    const double size = 1.5 / phi.bend;
    const double step = std::min(0.18, 0.2 / (size * std::sqrt(phi.curvature)));
    double tail = 0.5;
    double density = 0.5;
    for (int i = 1; i < MAX_STEPS; ++i)
    {
        const double growth = std::exp(i * step);
        const double cosine = (growth + 1.0 / growth) / 2;
        const double sine = (growth - 1.0 / growth) / 2;
        const std::complex<double> move(size * (cosine - 1.0), size * sine);
        const std::complex<double> derivative(sine, cosine);
        const auto s = c + move;
        const auto ratio = Multiply(EvaluateRatio(terms, unit, scaled, c, move), derivative);
        const auto overS = Multiply(ratio, std::conj(s)) * (c / std::norm(s));
        tail += overS.imag();
        density += ratio.imag();
        if (std::abs(overS) < 1e-16 * std::abs(tail) && std::abs(ratio) < 1e-16 * std::abs(density))
        {
            break;
        }
    }
    tail *= size;
    density *= size * c;
    const double factor = std::exp(phi.value) * step / M_PI;
    IsacEnergyPoint point;
    point.tail = std::clamp(isUpper ? factor * tail : 1.0 - factor * tail, 0.0, 1.0);
    point.density = std::max(factor * std::abs(density), 0.0) / unit;
    return point;
}

double
cellfree::GetEnergyThreshold(const std::vector<IsacEnergyTerm>& terms, double p)
{
    double unit = 0.0;
    uint32_t count = 0;
    for (const auto& term : terms)
    {
        unit = std::max(unit, term.scale);
        count += term.count;
    }
    if (count == 1)
    {
        return -unit * std::log(p);
    }
    // H. Chernoff's bound, P(T > x) <= M(c) e^(-c x) for every c: at the best c, where c K' - K =
    // -ln p with K = ln M, the x of the bound is a little to the right of the solution. From there
    // Newton never crosses the solution, because ln P is concave.
    double low = -40.0;
    double high = 34.0;
    double x = 0.0;
    for (int i = 0; i < 14; ++i)
    {
        const double z = (low + high) / 2;
        const double c = 1.0 / (1.0 + std::exp(-z));
        double value = 0.0;
        double slope = 0.0;
        for (const auto& term : terms)
        {
            const double w = term.scale / unit;
            value -= term.count * std::log1p(-w * c);
            slope += term.count * w / (1.0 - w * c);
        }
        (c * slope - value + std::log(p) < 0.0 ? low : high) = z;
        x = unit * (value - std::log(p)) / c;
    }
    for (int i = 0; i < 100; ++i)
    {
        const auto point = cellfree::GetEnergyDistribution(terms, x);
        const double error = std::log(point.tail / p);
        x += error * point.tail / point.density;
        if (std::abs(error) < 1e-6)
        {
            // The convergence is quadratic: what is left is far below rounding.
            break;
        }
    }
    return x;
}

} // namespace ns3
