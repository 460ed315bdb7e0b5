// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_DETECTION_H
#define ISAC_DETECTION_H

#include <complex>
#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief SNR of a dwell after matched receive combining and coherent integration:
 * the per-symbol SNR of equation (7) times N_r L.
 * @param snr SNR_t of equation (7), linear
 * @param nReceiveAntennas N_r of one AP
 * @param nSymbols L, the symbols of the dwell
 * @return the SNR that detection works on, linear
 */
double GetCombinedSensingSnr(double snr, uint32_t nReceiveAntennas, uint64_t nSymbols);

/**
 * @ingroup cellfree-isac
 * @brief Detection threshold on |y|^2 / noise power of a square-law detector: -ln Pfa, because
 * the power of complex Gaussian noise is exponential.
 * @param pfa probability of false alarm, in (0, 1)
 * @return the threshold, linear
 */
double GetDetectionThreshold(double pfa);

/**
 * @ingroup cellfree-isac
 * @brief Probability that a Swerling I target is detected in one dwell: Pfa^(1 / (1 + SNR))
 * (P. Swerling, "Probability of detection for fluctuating targets", 1960, one pulse).
 * @param snr mean SNR after combining, linear, >= 0
 * @param pfa probability of false alarm, in (0, 1)
 * @return Pd, in [Pfa, 1)
 */
double GetSwerlingDetectionProbability(double snr, double pfa);

/**
 * @ingroup cellfree-isac
 * @brief Probability that a target of constant cross section is detected in one dwell:
 * Marcum's Q_1(sqrt(2 SNR), sqrt(-2 ln Pfa)) (J. Marcum, 1960, one pulse).
 *
 * Summed as the Poisson mixture sum_k e^-SNR SNR^k / k! * Q(k + 1, -ln Pfa) with Q the regularised
 * upper incomplete gamma function; all terms are positive.
 *
 * @param snr SNR after combining, linear, >= 0
 * @param pfa probability of false alarm, in [1e-30, 1)
 * @return Pd, in [Pfa, 1]
 */
double GetConstantDetectionProbability(double snr, double pfa);

/**
 * @ingroup cellfree-isac
 * @brief Decides one dwell: |sqrt(SNR) alpha + n|^2 > -ln Pfa.
 * @param snr mean SNR after combining, linear, >= 0
 * @param reflection alpha, the target's reflection in this dwell with E|alpha|^2 = 1
 * @param noise n, the receiver noise after combining with E|n|^2 = 1
 * @param pfa probability of false alarm, in (0, 1)
 * @return true if the target is detected
 */
bool IsDetected(double snr,
                std::complex<double> reflection,
                std::complex<double> noise,
                double pfa);

} // namespace ns3

#endif // ISAC_DETECTION_H
