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
 *
 * A negative number of looks divides by their generating function, where the whole is still that of
 * an energy: a look whose |mu|^2 has the gamma distribution of shape m and mean l is a term {w (1 +
 * l/m), 0, m} with {w, 0, 1 - m}.
 */
struct IsacEnergyTerm
{
    double scale{1.0};         //!< w, >= 0
    double noncentrality{0.0}; //!< sum of |mu|^2 over the looks of this term, >= 0
    int32_t count{1};          //!< looks of this term
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

/**
 * @ingroup cellfree-isac
 * @brief P(T > r Z) of an energy T and the energy Z of n reference looks, a sum of n unit
 * exponentials that is independent of T: the same integral as GetEnergyDistribution() at x = 0 with
 * the factor (1 + r s)^-n of -r Z, whose singularity lies left of the contour.
 * @param terms the parts of T, at least one of scale > 0
 * @param ratio r, > 0
 * @param nReference n, >= 1
 * @return the probability, to 1e-11 of itself; NaN if r or a part is NaN
 */
double GetEnergyRatioTail(const std::vector<IsacEnergyTerm>& terms,
                          double ratio,
                          uint32_t nReference);

/**
 * @ingroup cellfree-isac
 * @brief The r with P(T > r Z) = p, where T is a sum of unit exponentials: a point of the beta
 * prime distribution. For one of them, r = p^(-1/n) - 1.
 * @param count exponentials in T, >= 1
 * @param p probability, in [1e-300, 1)
 * @param nReference exponentials in Z, >= 1
 * @return r, > 0, to a relative 1e-9 of p
 */
double GetEnergyRatioThreshold(uint32_t count, double p, uint32_t nReference);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_ENERGY_DISTRIBUTION_H
