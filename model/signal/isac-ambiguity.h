// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_AMBIGUITY_H
#define ISAC_AMBIGUITY_H

#include "isac-target-bound.h"

#include <Eigen/Core>
#include <cstdint>

namespace ns3
{

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief How large a search region is, in the lengths over which noise behind a matched filter
 * stays the same.
 *
 * The energies of K pairs are searched for their largest sum over a region of full widths W_i =
 * sqrt(12) times the standard deviations of the prior. Where the noise of a pair has the real parts
 * g of unit variance, the covariance of its gradient is J / 2 with the information J at SNR 1; the
 * pairs' mean is taken for all. In the principal directions of the region, the sides are the square
 * roots of the eigenvalues of 12 S J S / 2, S = C^(1/2). A side of 1.81 = pi / sqrt(3) is one
 * resolution cell: 1 / T of Doppler shift for a steady signal of duration T.
 *
 * @param information mean of the pairs' information at an SNR of 1:
 * GetTargetInformation() with an SNR of 1 / K for each of K pairs
 * @param prior covariance C of the region, as for GetTargetCovariance()
 * @return the sides, ascending, >= 0
 */
IsacTargetState GetSearchSides(const IsacStateMatrix& information, const IsacStateMatrix& prior);

/**
 * @ingroup cellfree-isac
 * @brief Probability that the largest energy in the search region is noise: the threshold effect
 * of maximum-likelihood estimates.
 *
 * The method of intervals (H. van Trees, "Detection, Estimation, and Modulation Theory", part I,
 * 1968, section 4.2.3; D. Rife, R. Boorstyn, "Single-tone parameter estimation from discrete-time
 * observations", IEEE Trans. Inf. Theory 20(5), 1974): the energy at the target is T = sum_k
 * |y_k|^2 with total SNR s, and it is an outlier if any peak of the noise elsewhere has more. Rife
 * and Boorstyn count one independent trial in each resolution cell, which is too few for a search
 * between the cells' centres. Here the number of peaks above u is the expected Euler characteristic
 * of the set above u of a chi-square field of 2 K degrees of freedom (K. Worsley, "Local maxima
 * and the expected Euler characteristic of excursion sets of chi^2, F and t fields", Adv. Appl.
 * Prob. 26, 1994), less that of the two cells a side around the target, and peaks are Poisson.
 *
 * What it leaves out: where one of several pairs has the target's delay (for two APs on an
 * ellipsoid through the target), its echo adds to the noise of the others. Outliers that are rare,
 * 2 dB or more above the threshold, can be some times as frequent for that reason.
 *
 * @param sides sides of the search region: GetSearchSides(); those of 0 are no search
 * @param nPairs K, >= 1
 * @param snr s: sum of the pairs' SNRs as met in the dwell, linear, >= 0
 * @param threshold the energy that T is known to exceed, because the target has been detected;
 * 0 if that is not known
 * @return probability, in [0, 1]
 */
double GetOutlierProbability(const Eigen::Ref<const Eigen::VectorXd>& sides,
                             uint32_t nPairs,
                             double snr,
                             double threshold = 0.0);

/**
 * @ingroup cellfree-isac
 * @brief Rms error of an estimate that is an outlier with some probability: sqrt((1 - p) b^2 + 2 p
 * d^2), for an outlier and a target that are anywhere in the region, independently.
 * @param bound b: rms error of an estimate that is none, such as the position error bound
 * @param outlierProbability p
 * @param deviation d: root of the sum of the region's variances, W^2 / 12 for each width W, in the
 * unit of the bound
 * @return the rms error
 */
double GetErrorWithOutliers(double bound, double outlierProbability, double deviation);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_AMBIGUITY_H
