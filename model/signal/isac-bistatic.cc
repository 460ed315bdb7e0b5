// SPDX-License-Identifier: GPL-2.0-only

#include "isac-bistatic.h"

#include <Eigen/Geometry>
#include <cmath>

namespace ns3
{

double
cellfree::GetBistaticAngle(const Eigen::Vector3d& toTransmitter, const Eigen::Vector3d& toReceiver)
{
    // Unlike the arc cosine it is accurate at both ends.
    return std::atan2(toTransmitter.cross(toReceiver).norm(), toTransmitter.dot(toReceiver));
}

double
cellfree::GetBistaticRange(const Eigen::Vector3d& transmitter,
                           const Eigen::Vector3d& receiver,
                           const Eigen::Vector3d& target)
{
    return (transmitter - target).norm() + (receiver - target).norm();
}

double
cellfree::GetBistaticDoppler(const Eigen::Vector3d& transmitter,
                             const Eigen::Vector3d& receiver,
                             const Eigen::Vector3d& target,
                             const Eigen::Vector3d& velocity,
                             double wavelength)
{
    double closing = 0.0; // -(d/dt)(R_t + R_r)
    for (const auto& place : {transmitter, receiver})
    {
        const Eigen::Vector3d way = place - target;
        const double length = way.norm();
        closing += length > 0.0 ? velocity.dot(way) / length : 0.0;
    }
    return closing / wavelength;
}

} // namespace ns3
