// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_LINK_BUDGET_H
#define ISAC_LINK_BUDGET_H

#include <cstdint>

namespace ns3
{

/// Speed of light in vacuum (m/s), exact by the definition of the metre.
constexpr double ISAC_SPEED_OF_LIGHT = 299792458.0;

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Takes a power ratio from decibels: 10^(x/10).
 * @param decibels the ratio (dB)
 * @return the ratio, linear
 */
double FromDecibels(double decibels);

/**
 * @ingroup cellfree-isac
 * @brief Takes a power ratio to decibels: 10 log10(x).
 * @param ratio the ratio, linear, >= 0
 * @return the ratio (dB); minus infinity for 0
 */
double ToDecibels(double ratio);

/**
 * @ingroup cellfree-isac
 * @brief Thermal noise power k T B F at the reference temperature T = 290 K (ITU-R P.372).
 * @param bandwidth B (Hz), >= 0
 * @param noiseFigure F (dB)
 * @return the noise power (W)
 */
double GetThermalNoise(double bandwidth, double noiseFigure);

/**
 * @ingroup cellfree-isac
 * @brief Free-space path gain between isotropic antennas, (lambda / (4 pi d))^2 (Friis).
 * @param wavelength lambda (m), > 0
 * @param distance d (m), > 0
 * @return the power gain, linear
 */
double GetFreeSpaceGain(double wavelength, double distance);

/**
 * @ingroup cellfree-isac
 * @brief Bistatic radar equation between two antenna elements:
 * zeta^2 = G_t G_r lambda^2 sigma / ((4 pi)^3 R_t^2 R_r^2), free space on both hops
 * (M. Skolnik, Radar Handbook, 3rd ed., bistatic radar equation without losses).
 * @param wavelength lambda (m), > 0
 * @param rcs radar cross section sigma (m^2), >= 0
 * @param txGain element power gain G_t of the transmitter towards the target, linear
 * @param txDistance R_t from the transmitter to the target (m), > 0
 * @param rxGain element power gain G_r of the receiver towards the target, linear
 * @param rxDistance R_r from the target to the receiver (m), > 0
 * @return zeta^2: received over transmitted power, linear
 */
double GetBistaticGain(double wavelength,
                       double rcs,
                       double txGain,
                       double txDistance,
                       double rxGain,
                       double rxDistance);

/**
 * @ingroup cellfree-isac
 * @brief Open-loop uplink power, min(P_max, P_0 + 10 log10(2^mu M) + alpha PL) in dBm (TS 38.213
 * section 7.1.1 without the terms of the transport format and of closed-loop commands), with the
 * path loss PL of the sum of the gains to all serving APs.
 * @param maxPower P_max (W), > 0
 * @param nominalPower P_0 of a resource block of 15 kHz subcarriers (dBm)
 * @param compensation alpha, 0 to 1
 * @param gain 10^(-PL/10), linear, >= 0; 0 asks for the full power where alpha > 0
 * @param nBlocks M, resource blocks
 * @param spacing subcarrier spacing 2^mu 15 kHz (Hz), > 0
 * @return the power (W)
 */
double GetOpenLoopPower(double maxPower,
                        double nominalPower,
                        double compensation,
                        double gain,
                        uint32_t nBlocks,
                        double spacing);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_LINK_BUDGET_H
