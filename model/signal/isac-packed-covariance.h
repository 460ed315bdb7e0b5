// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_PACKED_COVARIANCE_H
#define ISAC_PACKED_COVARIANCE_H

#include <Eigen/Core>
#include <array>

namespace ns3
{

/// A 6 x 6 covariance for the wire: the lower triangle of its Cholesky factor, by rows.
using IsacPackedCovariance = std::array<float, 21>;

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Packs a covariance P = L L^T as L in single precision.
 *
 * The factor instead of the entries: whatever 21 numbers arrive, they are a covariance, and one
 * that is nearly singular, as of a target whose range is known much better than its bearing, stays
 * positive definite when it is rounded. Entry (i, j) comes back within
 * 2^-22 sqrt(P_ii P_jj).
 * @param covariance symmetric and positive semi-definite; only its lower triangle is read
 * @param[out] packed the factor
 * @return false if a number is not finite, negative on the diagonal or too large for single
 * precision
 */
bool PackCovariance(const Eigen::Matrix<double, 6, 6>& covariance, IsacPackedCovariance& packed);

/**
 * @ingroup cellfree-isac
 * @brief Unpacks a covariance.
 * @param packed lower triangle of a factor L, by rows
 * @param[out] covariance L L^T, which is positive semi-definite
 * @return false if a number is not finite, or negative on the diagonal
 */
bool UnpackCovariance(const IsacPackedCovariance& packed, Eigen::Matrix<double, 6, 6>& covariance);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_PACKED_COVARIANCE_H
