// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_ANTENNA_ARRAY_H
#define CELL_FREE_ANTENNA_ARRAY_H

#include "ns3/phased-array-model.h"
#include "ns3/vector.h"

#include <Eigen/Core>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Number of elements of an array of ns-3's antenna module.
 *
 * Aborts if the array has two polarisations, which the signal model does not know.
 *
 * @param array the array; a uniform linear array is a UniformPlanarArray with NumRows = 1
 * @return the number of elements N
 */
Eigen::Index GetNAntennas(Ptr<const PhasedArrayModel> array);

/**
 * @ingroup cellfree-isac
 * @brief Where the elements of an array are, along the axes of the scenario.
 * @param array the array
 * @return 3 x N: positions (wavelengths)
 */
Eigen::Matrix3Xd GetElementPositions(Ptr<const PhasedArrayModel> array);

/**
 * @ingroup cellfree-isac
 * @brief Steering vector towards a direction, a_n = exp(-j 2 pi k . d_n) with the unit vector k
 * and the element position d_n in wavelengths: what PhasedArrayModel::GetSteeringVector() gives.
 *
 * A unit wave sent from element n arrives in direction k with phase +2 pi k . d_n, so the signal
 * there is a^H f and the matched beam is f proportional to a. On an array axis at angle theta to k
 * with half-wavelength spacing, a_n = exp(-j pi n cos(theta)).
 *
 * @param array the array
 * @param direction from the array to the other end, any length (m); for the zero vector the array's
 * x axis is taken
 * @param[out] steering N x 1, ||a||^2 = N
 */
void GetSteeringVector(Ptr<const PhasedArrayModel> array,
                       const Vector& direction,
                       Eigen::Ref<Eigen::VectorXcd> steering);

/**
 * @ingroup cellfree-isac
 * @brief Power gain of one element of the array towards a direction, over both field components.
 *
 * The same to the bit in every ns-3 release for isotropic elements. Others see the direction
 * through ns-3's Angles, which since 3.40 cut azimuths to multiples of 2 pi 1e-11 rad.
 *
 * @param array the array
 * @param direction from the array to the other end, any length (m); for the zero vector the array's
 * x axis is taken
 * @return the power gain, linear
 */
double GetElementGain(Ptr<const PhasedArrayModel> array, const Vector& direction);

/**
 * @ingroup cellfree-isac
 * @brief Power that each stream radiates in a direction (equivalent isotropically radiated power):
 * G(k) |a(k)^H f_s|^2 with the element gain G and the steering vector a towards direction k.
 * @param array the array
 * @param direction from the array outwards, any length (m); for the zero vector the array's x axis
 * is taken
 * @param beams N x S: the beams f_s of this array, amplitudes in sqrt(W)
 * @return S x 1 (W); for one isotropic element it is the stream's transmit power
 */
Eigen::VectorXd GetRadiatedPower(Ptr<const PhasedArrayModel> array,
                                 const Vector& direction,
                                 const Eigen::Ref<const Eigen::MatrixXcd>& beams);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_ANTENNA_ARRAY_H
