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
        if (w < 0.0)
        {
            phi.curvature += q * q * term.count; // its singularity is on the left
            continue;
        }
        second += q * q * (term.count + 2 * offset);
        third += q * q * q * (2 * term.count + 6 * offset);
    }
    phi.value -= c * x + std::log(std::abs(c));
    phi.slope -= x + 1.0 / c;
    phi.curvature += second + 1.0 / (c * c);
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
        if (term.count != 1)
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

/**
 * @brief Integrates along the contour.
 * @param terms the parts of T
 * @param unit the largest scale, > 0
 * @param scaled argument of the distribution over unit, > 0, or 0 with a part of negative scale
 * @param isUpper true for a contour right of 0, for the tail, false for one left of 0, for 1 minus
 * the tail
 * @return the point
 */
IsacEnergyPoint
Integrate(const std::vector<IsacEnergyTerm>& terms, double unit, double scaled, bool isUpper)
{
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

} // namespace

IsacEnergyPoint
cellfree::GetEnergyDistribution(const std::vector<IsacEnergyTerm>& terms, double x)
{
    double unit = 0.0;
    double mean = 0.0;
    for (const auto& term : terms)
    {
        unit = std::max(unit, term.scale);
        mean += term.scale * (term.count + term.noncentrality);
    }
    if (std::isnan(x) || !std::isfinite(mean))
    {
        return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    }
    if (unit == 0.0 || x <= 0.0)
    {
        return {x < 0.0 || (x == 0.0 && unit > 0.0) ? 1.0 : 0.0, 0.0};
    }
    if (terms.size() == 1 && terms[0].count == 1 && terms[0].noncentrality == 0.0)
    {
        const double tail = std::exp(-x / unit);
        return {tail, tail / unit};
    }
    return Integrate(terms, unit, x / unit, x >= mean);
}

double
cellfree::GetEnergyThreshold(const std::vector<IsacEnergyTerm>& terms, double p)
{
    double unit = 0.0;
    int32_t count = 0;
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

double
cellfree::GetEnergyRatioTail(const std::vector<IsacEnergyTerm>& terms,
                             double ratio,
                             uint32_t nReference)
{
    double unit = 0.0;
    double mean = 0.0;
    for (const auto& term : terms)
    {
        unit = std::max(unit, term.scale);
        mean += term.scale * (term.count + term.noncentrality);
    }
    if (std::isnan(ratio) || !std::isfinite(mean))
    {
        return std::numeric_limits<double>::quiet_NaN();
    }
    auto all = terms;
    all.push_back({-ratio, 0.0, static_cast<int32_t>(nReference)});
    return Integrate(all, unit, 0.0, true).tail;
}

double
cellfree::GetEnergyRatioThreshold(uint32_t count, double p, uint32_t nReference)
{
    if (count == 1)
    {
        return std::expm1(-std::log(p) / nReference);
    }
    // In ln r, where ln P is close to a straight line on both sides of the mean.
    const std::vector<IsacEnergyTerm> terms{{1.0, 0.0, static_cast<int32_t>(count)}};
    const auto getError = [&](double z) {
        // Far out on the right P underflows.
        const double tail = cellfree::GetEnergyRatioTail(terms, std::exp(z), nReference);
        return std::max(std::log(tail / p), -1e3);
    };
    double low = std::log(count / (nReference + 1.0));
    double high = low;
    double lowError = getError(low);
    double highError = lowError;
    for (double width = 0.5; lowError < 0.0; width *= 2)
    {
        high = low;
        highError = lowError;
        low -= width;
        lowError = getError(low);
    }
    for (double width = 0.5; highError > 0.0; width *= 2)
    {
        low = high;
        lowError = highError;
        high += width;
        highError = getError(high);
    }
    // Regula falsi with halving (the Illinois method).
    double z = low;
    for (int i = 0; i < 100; ++i)
    {
        z = lowError - highError > 0.0 ? low + (high - low) * lowError / (lowError - highError)
                                       : low;
        const double error = getError(z);
        if (std::abs(error) < 1e-10 || high - low < 1e-14)
        {
            break;
        }
        if (error > 0.0)
        {
            low = z;
            lowError = error;
            highError /= 2;
        }
        else
        {
            high = z;
            highError = error;
            lowError /= 2;
        }
    }
    return std::exp(z);
}

} // namespace ns3
