// SPDX-License-Identifier: GPL-2.0-only

#include "isac-rcs.h"

#include "isac-bistatic.h"
#include "isac-link-budget.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

/// A row of tables 7.9.2.1-2 to 7: one side of a target. Angles in degrees.
struct Lobe
{
    double azimuth;      //!< centre
    double azimuthWidth; //!< 3 dB width; 0: the azimuth does not matter
    double zenith;       //!< centre
    double zenithWidth;  //!< 3 dB width
    double peak;         //!< G_max (dBsm)
    double depth;        //!< sigma_max (dB)
    double zenithFrom;   //!< the row is for zenith angles from here
    double zenithTo;     //!< to below here, or to here if it is 180
    double azimuthFrom;  //!< and for azimuths from here
    double azimuthTo;    //!< to below here
};

constexpr Lobe UAV_LARGE[] = {
    {90, 7.13, 90, 8.68, 7.43, 14.30, 45, 135, 45, 135},
    {180, 10.09, 90, 11.43, 3.99, 10.86, 45, 135, 135, 225},
    {270, 7.13, 90, 8.68, 7.43, 14.30, 45, 135, 225, 315},
    {0, 14.19, 90, 16.53, 1.02, 7.89, 45, 135, -45, 45},
    {0, 0, 180, 4.93, 13.55, 20.42, 135, 180, 0, 360},
    {0, 0, 0, 4.93, 13.55, 20.42, 0, 45, 0, 360},
};

constexpr Lobe HUMAN_2[] = {
    {0, 216.65, 90, 55.7, 2.14, 7.7, 0, 180, -90, 90},
    {180, 216.65, 90, 55.7, 2.14, 7.7, 0, 180, 90, 270},
};

constexpr Lobe VEHICLE[] = {
    {90, 26.90, 79.70, 44.42, 20.75, 13.68, 30, 180, 45, 135},
    {180, 36.32, 79.65, 36.73, 14.56, 7.50, 30, 180, 135, 225},
    {270, 26.90, 79.70, 44.42, 20.75, 13.68, 30, 180, 225, 315},
    {0, 40.54, 71.75, 29.13, 15.52, 8.45, 30, 180, -45, 45},
    {0, 0, 0, 18.13, 21.26, 14.19, 0, 30, 0, 360},
};

constexpr Lobe VEHICLE_POINTS[] = {
    {90, 26.90, 79.70, 44.42, 20.60, 20.52, 0, 180, 0, 360},
    {180, 36.32, 79.65, 36.73, 13.90, 13.82, 0, 180, 0, 360},
    {270, 26.90, 79.70, 44.42, 20.60, 20.52, 0, 180, 0, 360},
    {0, 40.54, 71.75, 29.13, 14.99, 14.91, 0, 180, 0, 360},
    {0, 0, 0, 18.13, 21.12, 21.05, 0, 180, 0, 360},
};

constexpr Lobe AGV[] = {
    {0, 13.68, 90, 13.68, 13.02, 23.29, 30, 180, -45, 45},
    {90, 15.53, 75, 20.03, 7.33, 17.60, 30, 180, 45, 135},
    {180, 12.49, 90, 11.89, 11.01, 21.28, 30, 180, 135, 225},
    {270, 15.53, 75, 20.03, 7.33, 17.60, 30, 180, 225, 315},
    {0, 0, 0, 11.44, 11.79, 22.06, 0, 30, 0, 360},
};

constexpr Lobe AGV_POINTS[] = {
    {0, 13.68, 90, 13.68, 13.00, 30.26, 0, 180, 0, 360},
    {90, 15.53, 75, 20.03, 7.27, 24.53, 0, 180, 0, 360},
    {180, 12.49, 90, 11.89, 10.98, 28.24, 0, 180, 0, 360},
    {270, 15.53, 75, 20.03, 7.27, 24.53, 0, 180, 0, 360},
    {0, 0, 0, 11.44, 11.77, 29.03, 0, 180, 0, 360},
};

/// What a table says of a class.
struct Table
{
    double mean;       //!< 10 lg sigma_M (dBsm)
    double spread;     //!< standard deviation of 10 lg sigma_S (dB)
    double k1;         //!< k_1 (dB)
    double k2;         //!< k_2
    const Lobe* lobes; //!< its rows, or null for model 1
    uint32_t nLobes;   //!< number of rows
    bool isSplit;      //!< whether each row is a scattering point of its own
};

/// The table of a class. @param rcsClass the class @return the table
const Table&
GetTable(IsacRcsClass rcsClass)
{
    static constexpr Table TABLES[] = {
        {-12.81, 3.74, 0.0, 0.0, nullptr, 0, false},
        {-5.85, 2.50, 6.05, 1.33, UAV_LARGE, std::size(UAV_LARGE), false},
        {-1.37, 3.94, 0.0, 0.0, nullptr, 0, false},
        {-1.37, 3.94, 0.5714, 0.1, HUMAN_2, std::size(HUMAN_2), false},
        {11.25, 3.41, 6.0, 1.65, VEHICLE, std::size(VEHICLE), false},
        {11.25, 3.41, 6.0, 1.65, VEHICLE_POINTS, std::size(VEHICLE_POINTS), true},
        {-4.25, 2.51, 12.0, 1.45, AGV, std::size(AGV), false},
        {-4.25, 2.51, 12.0, 1.45, AGV_POINTS, std::size(AGV_POINTS), true},
    };
    return TABLES[rcsClass];
}

/// An angle between 0 (included) and 360 degrees. @param angle any angle @return it
double
Wrap(double angle)
{
    return angle - 360.0 * std::floor(angle / 360.0);
}

/**
 * @brief The row that a direction belongs to.
 * @param table the table, not split
 * @param zenith of the direction (degrees)
 * @param azimuth of the direction (degrees)
 * @return the row
 */
const Lobe&
FindLobe(const Table& table, double zenith, double azimuth)
{
    for (uint32_t i = 0; i < table.nLobes; ++i)
    {
        const auto& lobe = table.lobes[i];
        if (zenith >= lobe.zenithFrom && (zenith < lobe.zenithTo || lobe.zenithTo == 180.0) &&
            Wrap(azimuth - lobe.azimuthFrom) < lobe.azimuthTo - lobe.azimuthFrom)
        {
            return lobe;
        }
    }
    return table.lobes[table.nLobes - 1];
}

} // namespace

uint32_t
cellfree::GetRcsPoints(IsacRcsClass rcsClass)
{
    const auto& table = GetTable(rcsClass);
    return table.isSplit ? table.nLobes : 1;
}

double
cellfree::GetRcsMean(IsacRcsClass rcsClass)
{
    return cellfree::FromDecibels(GetTable(rcsClass).mean);
}

double
cellfree::GetRcsSpread(IsacRcsClass rcsClass)
{
    return GetTable(rcsClass).spread;
}

double
cellfree::GetRcsPattern(IsacRcsClass rcsClass,
                        uint32_t point,
                        const Eigen::Vector3d& incidence,
                        const Eigen::Vector3d& scattering)
{
    constexpr double DEGREES = 180.0 / M_PI;
    const auto& table = GetTable(rcsClass);
    const double half = cellfree::GetBistaticAngle(incidence, scattering) / 2;
    if (!table.lobes)
    {
        return cellfree::FromDecibels(table.mean - 3.0 * std::sin(half));
    }
    Eigen::Vector3d bisector = incidence + scattering;
    const double length = bisector.norm();
    bisector = length > 1e-9 ? Eigen::Vector3d(bisector / length) : Eigen::Vector3d::UnitZ();
    const double zenith = std::acos(std::clamp(bisector.z(), -1.0, 1.0)) * DEGREES;
    const double azimuth = std::atan2(bisector.y(), bisector.x()) * DEGREES;
    const auto& lobe = table.isSplit ? table.lobes[point] : FindLobe(table, zenith, azimuth);
    const auto attenuate = [&lobe](double offset, double width) {
        return std::min(12.0 * std::pow(offset / width, 2), lobe.depth);
    };
    double loss = attenuate(zenith - lobe.zenith, lobe.zenithWidth);
    if (lobe.azimuthWidth > 0.0)
    {
        loss += attenuate(Wrap(azimuth - lobe.azimuth + 180.0) - 180.0, lobe.azimuthWidth);
    }
    const double cosine = std::max(std::cos(half), 0.0); // 0 of a forward pair: only the floor
    return cellfree::FromDecibels(std::max(lobe.peak - std::min(loss, lobe.depth) -
                                               table.k1 * std::sin(table.k2 * half) +
                                               5.0 * std::log10(cosine),
                                           lobe.peak - lobe.depth));
}

double
cellfree::GetRcsSpreadFactor(double spread, double gaussian)
{
    return cellfree::FromDecibels(-std::log(10.0) / 20.0 * spread * spread +
                                  spread * std::min(gaussian, 3.0));
}

} // namespace ns3
