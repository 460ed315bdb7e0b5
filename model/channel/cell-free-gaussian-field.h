// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_GAUSSIAN_FIELD_H
#define CELL_FREE_GAUSSIAN_FIELD_H

#include "ns3/random-variable-stream.h"

#include <Eigen/Core>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A random function of the place in a plane: mean 0, variance 1, correlation exp(-d / D)
 * between two places d apart.
 *
 * A sum of L waves, sqrt(2 / L) sum_l cos(k_l . x + phi_l), with uniform phases and wave vectors
 * from the spectrum of the correlation: directions are uniform, and wave numbers have the
 * distribution function 1 - 1 / sqrt(1 + (k D)^2), whose density k D^2 (1 + (k D)^2)^(-3/2) is the
 * two-dimensional Fourier transform of exp(-d / D) times k. Over draws the correlation is exact;
 * the values are Gaussian up to an excess kurtosis of -3 / (2 L). The method is that of S. Jaeckel
 * et al., "Efficient Sum-of-Sinusoids-Based Spatial Consistency for the 3GPP New-Radio Channel
 * Model", IEEE Globecom Workshops 2018.
 *
 * Being a function of the place alone, it does not depend on who asked for what before: a static
 * node keeps its value to the bit, and nodes at one place share it.
 */
class CellFreeGaussianField
{
  public:
    /**
     * @brief Draws the field anew.
     * @param uniform all draws come from here, in a fixed number
     * @param correlationDistance D (m), > 0
     */
    void Draw(UniformRandomVariable& uniform, double correlationDistance);

    /**
     * @brief Value at a place.
     * @param x coordinate (m)
     * @param y coordinate (m)
     * @return the value; 0 before Draw()
     */
    double GetValue(double x, double y) const;

  private:
    Eigen::Matrix3Xd m_waves; //!< 3 x L: k_x, k_y (rad/m) and phase (rad) of every wave
};

} // namespace ns3

#endif // CELL_FREE_GAUSSIAN_FIELD_H
