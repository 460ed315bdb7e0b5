// SPDX-License-Identifier: GPL-2.0-only

#ifndef ISAC_RCS_H
#define ISAC_RCS_H

#include <Eigen/Core>
#include <cstdint>

namespace ns3
{

/// Sensing targets whose cross section 3GPP TR 38.901 V19.4.0 section 7.9.2.1 describes.
enum IsacRcsClass
{
    ISAC_RCS_UAV_SMALL,      //!< 0.3 m x 0.4 m x 0.2 m, model 1: table 7.9.2.1-1
    ISAC_RCS_UAV_LARGE,      //!< 1.6 m x 1.5 m x 0.7 m, model 2: table 7.9.2.1-2
    ISAC_RCS_HUMAN_1,        //!< model 1: table 7.9.2.1-1
    ISAC_RCS_HUMAN_2,        //!< model 2: table 7.9.2.1-3
    ISAC_RCS_VEHICLE,        //!< one scattering point: table 7.9.2.1-4
    ISAC_RCS_VEHICLE_POINTS, //!< five scattering points: table 7.9.2.1-5
    ISAC_RCS_AGV,            //!< automated guided vehicle, one point: table 7.9.2.1-6
    ISAC_RCS_AGV_POINTS,     //!< five scattering points: table 7.9.2.1-7
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Number of scattering points of a class.
 * @param rcsClass the class
 * @return the number: 1 or 5
 */
uint32_t GetRcsPoints(IsacRcsClass rcsClass);

/**
 * @ingroup cellfree-isac
 * @brief sigma_M of tables 7.9.2.1-1 to 7: the mean of the linear monostatic cross section.
 * @param rcsClass the class
 * @return sigma_M (m^2)
 */
double GetRcsMean(IsacRcsClass rcsClass);

/**
 * @ingroup cellfree-isac
 * @brief Standard deviation of 10 lg sigma_S in tables 7.9.2.1-1 to 7.
 * @param rcsClass the class
 * @return the deviation (dB)
 */
double GetRcsSpread(IsacRcsClass rcsClass);

/**
 * @ingroup cellfree-isac
 * @brief Angular pattern sigma_M sigma_D of a scattering point, equations (7.9.2-2) and (7.9.2-3):
 *
 * model 1: 10 lg sigma_M - 3 sin(beta / 2) dBsm;
 * model 2: max(G - min(A_V + A_H, S) - k_1 sin(k_2 beta / 2) + 5 lg cos(beta / 2), G - S) dBsm,
 *
 * with the bistatic angle beta between the two directions, A_V = min(12 ((theta - theta_0) /
 * theta_3dB)^2, S), A_H alike, and (theta, phi) of the directions' bisector, which picks the row of
 * the table. Forward scattering is left out, as there. The directions of a forward pair have no
 * bisector; the vertical is taken.
 *
 * @param rcsClass the class
 * @param point the scattering point, less than GetRcsPoints()
 * @param incidence unit vector from the target towards the transmitter, in the target's frame: its
 * front looks along x, its roof along z
 * @param scattering unit vector from the target towards the receiver, in the same frame
 * @return the cross section without spread (m^2), > 0, the same if the directions are exchanged
 */
double GetRcsPattern(IsacRcsClass rcsClass,
                     uint32_t point,
                     const Eigen::Vector3d& incidence,
                     const Eigen::Vector3d& scattering);

/**
 * @ingroup cellfree-isac
 * @brief The log-normal factor sigma_S of a path: 10 lg sigma_S is Gaussian with the mean of
 * equation (7.9.2-1), -ln(10) / 20 times the variance, which makes E[sigma_S] = 1; cut at three
 * deviations above the mean as equation (7.9.4-1) does, which lowers it by 0.02 dB.
 * @param spread standard deviation (dB), >= 0
 * @param gaussian a draw from N(0, 1)
 * @return sigma_S, linear, > 0
 */
double GetRcsSpreadFactor(double spread, double gaussian);

} // namespace cellfree

} // namespace ns3

#endif // ISAC_RCS_H
