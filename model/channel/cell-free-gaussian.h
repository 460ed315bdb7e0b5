// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_GAUSSIAN_H
#define CELL_FREE_GAUSSIAN_H

#include "ns3/random-variable-stream.h"

#include <cmath>
#include <complex>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Draws a circularly symmetric complex Gaussian number CN(0, 1) by the Box-Muller method.
 *
 * Exactly two uniform numbers each, so that a stream's n-th number is the same in every run and on
 * every ns-3 release; NormalRandomVariable rejects and caches.
 *
 * @param uniform a uniform random variable
 * @return the number
 */
inline std::complex<double>
DrawComplexGaussian(UniformRandomVariable& uniform)
{
    const double u = uniform.GetValue(0.0, 1.0); // RngStream never returns 0 or 1
    const double v = uniform.GetValue(0.0, 1.0);
    return std::polar(std::sqrt(-std::log(u)), 2 * M_PI * v);
}

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_GAUSSIAN_H
