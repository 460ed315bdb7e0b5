// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_ENERGY_DISTRIBUTION_H
#define ISAC_ENERGY_DISTRIBUTION_H

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Part of an energy T = sum_k w_k |mu_k + n_k|^2 with independent n_k ~ CN(0, 1): looks that
 * have the same weight. |n|^2 is a unit exponential, so with mu = 0 a look is an exponential of
 * mean w.
 */
struct IsacEnergyTerm
{
    double scale{1.0};         //!< w, >= 0
    double noncentrality{0.0}; //!< sum of |mu|^2 over the looks of this term, >= 0
    uint32_t count{1};         //!< looks of this term, >= 1
};

/// A point of the distribution of an energy T.
struct IsacEnergyPoint
{
    double tail{0.0};    //!< P(T > x)
    double density{0.0}; //!< density of T at x
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Distribution of an energy T = sum_k w_k |mu_k + n_k|^2: a generalised chi-square.
 *
 * Its moment generating function is M(s) = prod_k (1 - w_k s)^-n_k exp(l_k w_k s / (1 - w_k s)),
 * and P(T > x) = 1/(2 pi i) int M(s) e^(-s x) / s ds on a line between 0 and 1 / max w. The line is
 * bent into the hyperbola s(t) = c + b (cosh t - 1) + i b sinh t around the singularities (J.
 * Weideman, L. Trefethen, "Parabolic and hyperbolic contours for computing the Bromwich integral",
 * Math. Comp. 76, 2007). It crosses the real axis at the saddle point c, where M e^(-s x) / s is
 * smallest, and b makes it follow the path of steepest descent there, so the integrand is a smooth
 * bump without cancellation, and the trapezoidal rule is accurate relative to the tail, however
 * small: to 1e-11 for tails from 1e-300 to 1, for scales that are equal, nearly equal, or many
 * orders of magnitude apart, with 20 to 80 points. Below the mean, 1 - P is integrated on a contour
 * left of 0.
 *
 * @param terms the parts of T; those of scale 0 add nothing
 * @param x where to evaluate it
 * @return P(T > x) and the density; NaN if x or a part is NaN
 */
IsacEnergyPoint GetEnergyDistribution(const std::vector<IsacEnergyTerm>& terms, double x);

/**
 * @ingroup cellfree-isac
 * @brief The x with P(T > x) = p, to a relative 1e-10 of p, by Newton's method on ln P, which is
 * concave because densities of sums of exponentials are log-concave.
 * @param terms the parts of T, central (noncentrality 0), at least one of scale > 0
 * @param p probability, in [1e-300, 1)
 * @return x, > 0
 */
double GetEnergyThreshold(const std::vector<IsacEnergyTerm>& terms, double p);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_ENERGY_DISTRIBUTION_H
