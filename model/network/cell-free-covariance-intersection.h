// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_COVARIANCE_INTERSECTION_H
#define CELL_FREE_COVARIANCE_INTERSECTION_H

#include "cell-free-track-fusion.h"

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Covariance intersection of tracks that are near each other.
 *
 * The tracks that are believed, confirmed or coasting, are extrapolated to one time at constant
 * velocity. The tracks of one CPU after the other are assigned to those that are there already, at
 * the smallest sum of squared distances d^T (P_1 + P_2)^-1 d of which none exceeds a gate of
 * chi-square with 6 degrees of freedom; what is assigned is fused, the rest is added. Errors of two
 * trackers of one target are correlated to an unknown degree, for its manoeuvres are the same;
 * covariance intersection P^-1 = w P_1^-1 + (1 - w) P_2^-1 is never overconfident (S. Julier, J.
 * Uhlmann, "A non-divergent estimation algorithm in the presence of unknown correlations", ACC
 * 1997).
 */
class CellFreeCovarianceIntersection : public CellFreeTrackFusion
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CellFreeCovarianceIntersection();
    ~CellFreeCovarianceIntersection() override;

    // Inherited
    void Fuse(Time time,
              const std::vector<CellFreeReportedTracks>& reports,
              std::vector<CellFreeFusedTrack>& fused) const override;

  private:
    double m_gateProbability{0.0};   //!< probability that tracks of one target are assigned
    double m_accelerationNoise{0.0}; //!< for extrapolation
};

} // namespace ns3

#endif // CELL_FREE_COVARIANCE_INTERSECTION_H
