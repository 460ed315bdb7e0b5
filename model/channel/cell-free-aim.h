// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_AIM_H
#define CELL_FREE_AIM_H

#include "ns3/vector.h"

#include <Eigen/Core>
#include <cstdint>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief Where one sensing stream is to point, as a CPU believes.
 */
struct CellFreeAim
{
    /// What is there.
    enum Kind
    {
        TARGET, //!< a target of the channel whose true direction the CPU is told
        TRACK,  //!< where a tracker expects a target
        SEARCH, //!< a place to look for targets that nobody knows of
    };

    Kind kind{TARGET}; //!< what is there
    /// Index of the target in the channel, number of the track, or number of the place.
    uint32_t id{0};
    Vector position; //!< where to point to (m); not of a TARGET
    /// Of the position's error (m^2); not of a TARGET.
    Eigen::Matrix3d covariance{Eigen::Matrix3d::Zero()};
    double rcs{0.0}; //!< mean cross section that is expected (m^2); not of a TARGET

    /**
     * @brief Says whether two aims are about the same thing, wherever it has moved.
     * @param other the other aim
     * @return true if kind and id are the same
     */
    bool IsAboutSame(const CellFreeAim& other) const
    {
        return kind == other.kind && id == other.id;
    }
};

} // namespace ns3

#endif // CELL_FREE_AIM_H
