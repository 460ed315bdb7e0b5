// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_BISTATIC_H
#define ISAC_BISTATIC_H

#include <Eigen/Core>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Bistatic angle beta: what the transmitter and the receiver are apart, seen from the target
 * (M. Skolnik, Radar Handbook, 3rd ed., chapter 23).
 * @param toTransmitter from the target to the transmitter (m), or any positive multiple
 * @param toReceiver from the target to the receiver (m), or any positive multiple
 * @return beta (rad), 0 to pi: 0 for one place, pi for a target in between; 0 if a vector is zero
 */
double GetBistaticAngle(const Eigen::Vector3d& toTransmitter, const Eigen::Vector3d& toReceiver);

/**
 * @ingroup cellfree-isac
 * @brief Length of an echo's way, R_t + R_r.
 * @param transmitter where the transmitter is (m)
 * @param receiver where the receiver is (m)
 * @param target where the target is (m)
 * @return the length (m), >= 0
 */
double GetBistaticRange(const Eigen::Vector3d& transmitter,
                        const Eigen::Vector3d& receiver,
                        const Eigen::Vector3d& target);

/**
 * @ingroup cellfree-isac
 * @brief Doppler shift of an echo between two places at rest, -(d/dt)(R_t + R_r) / lambda: equation
 * (7.9.4-5) of 3GPP TR 38.901 V19.4.0 for a target alone that moves. It equals 2 (v / lambda)
 * cos(delta) cos(beta / 2) with the angle delta between the velocity and the bisector of the
 * directions to the two places (Skolnik, as above).
 * @param transmitter where the transmitter is (m)
 * @param receiver where the receiver is (m)
 * @param target where the target is (m)
 * @param velocity of the target (m/s)
 * @param wavelength lambda (m), > 0
 * @return the shift (Hz), positive where the way gets shorter; a place where the target is adds 0
 */
double GetBistaticDoppler(const Eigen::Vector3d& transmitter,
                          const Eigen::Vector3d& receiver,
                          const Eigen::Vector3d& target,
                          const Eigen::Vector3d& velocity,
                          double wavelength);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_BISTATIC_H
