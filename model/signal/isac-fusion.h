// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_FUSION_H
#define ISAC_FUSION_H

#include "isac-kalman.h"

#include <vector>

namespace ns3
{

/// What covariance intersection makes as small as it can.
enum IsacFusionCriterion
{
    ISAC_FUSION_DETERMINANT, //!< determinant of the covariance, whatever the units are
    ISAC_FUSION_TRACE        //!< trace of the covariance in metres and seconds
};

/**
 * @ingroup cellfree-isac
 * @brief What two lists of tracks together say of one target.
 */
struct IsacFusedTrack
{
    IsacStateEstimate estimate; //!< position and velocity
    int first{-1};              //!< index in the first list, or -1
    int second{-1};             //!< index in the second list, or -1
    double weight{1.0};         //!< of the first list's track, in [0, 1]
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Fuses two estimates of one state whose errors may be correlated in any way: covariance
 * intersection, P^-1 = w P1^-1 + (1 - w) P2^-1 (S. Julier, J. Uhlmann, "A non-divergent estimation
 * algorithm in the presence of unknown correlations", American Control Conference 1997).
 *
 * If P1 and P2 are no smaller than the errors' covariances, neither is P. The w of the least
 * criterion, which is convex in w, is found to 1e-8 or is 0 or 1: the result is never worse than
 * the better one of both.
 *
 * @param first an estimate with a positive definite covariance
 * @param second another one
 * @param criterion what is made small
 * @param[out] weight w, if not null
 * @return the fused estimate
 */
IsacStateEstimate IntersectCovariances(const IsacStateEstimate& first,
                                       const IsacStateEstimate& second,
                                       IsacFusionCriterion criterion = ISAC_FUSION_DETERMINANT,
                                       double* weight = nullptr);

/**
 * @ingroup cellfree-isac
 * @brief Pairs the tracks of two networks and fuses the pairs.
 *
 * The pairing has the least sum of squared distances (x1 - x2)^T (P1 + P2)^-1 (x1 - x2), where a
 * track that stays alone costs half the gate; no pair is beyond the gate.
 *
 * @param first tracks of one network; all of one time
 * @param second tracks of another one, of the same time
 * @param gate largest squared distance of a pair, > 0; of chi-square with 6 degrees of freedom if
 * the errors are independent: see GetChiSquareQuantile()
 * @param criterion of covariance intersection
 * @return tracks in the order of the first list, then those of the second list that are alone
 */
std::vector<IsacFusedTrack> FuseTracks(const std::vector<IsacStateEstimate>& first,
                                       const std::vector<IsacStateEstimate>& second,
                                       double gate,
                                       IsacFusionCriterion criterion = ISAC_FUSION_DETERMINANT);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_FUSION_H
