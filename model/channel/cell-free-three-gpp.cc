// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-three-gpp.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

using Scenario = CellFreeThreeGpp::Scenario;
using Geometry = CellFreeThreeGpp::Geometry;

constexpr double PROPAGATION_VELOCITY =
    3.0e8;                              //!< c (m/s) as notes 1 and 5 of table 7.4.1-1 have it
constexpr double BUILDING_HEIGHT = 5.0; //!< h (m), default of RMa
constexpr double STREET_WIDTH = 20.0;   //!< W (m), default of RMa

/// Heights within the table's range.
Geometry
Clamp(Scenario scenario, Geometry geometry)
{
    const bool isRural = scenario == CellFreeThreeGpp::RMA;
    geometry.ueHeight = std::clamp(geometry.ueHeight, isRural ? 1.0 : 1.5, isRural ? 10.0 : 22.5);
    geometry.apHeight = isRural ? std::clamp(geometry.apHeight, 10.0, 150.0)
                                : std::max(geometry.apHeight, geometry.ueHeight);
    return geometry;
}

/// Breakpoint distance of RMa, note 5.
double
GetRuralBreakpoint(const Geometry& g, double frequency)
{
    return 2 * M_PI * g.apHeight * g.ueHeight * frequency / PROPAGATION_VELOCITY;
}

/// Breakpoint distance d'_BP of UMi and UMa, note 1, with h_E = 1 m.
double
GetUrbanBreakpoint(const Geometry& g, double frequency)
{
    return 4 * (g.apHeight - 1) * (g.ueHeight - 1) * frequency / PROPAGATION_VELOCITY;
}

/// PL1 of RMa.
double
GetRuralPl1(double distance, double gigahertz)
{
    const double h = std::pow(BUILDING_HEIGHT, 1.72);
    return 20 * std::log10(40 * M_PI * distance * gigahertz / 3) +
           std::min(0.03 * h, 10.0) * std::log10(distance) - std::min(0.044 * h, 14.77) +
           0.002 * std::log10(BUILDING_HEIGHT) * distance;
}

double
GetLosPathLoss(Scenario scenario, const Geometry& g, double frequency)
{
    const double gigahertz = frequency / 1e9;
    const double logDistance = std::log10(g.distance3d);
    const double logFrequency = std::log10(gigahertz);
    switch (scenario)
    {
    case CellFreeThreeGpp::RMA: {
        const double breakpoint = GetRuralBreakpoint(g, frequency);
        return g.distance2d <= breakpoint ? GetRuralPl1(g.distance3d, gigahertz)
                                          : GetRuralPl1(breakpoint, gigahertz) +
                                                40 * std::log10(g.distance3d / breakpoint);
    }
    case CellFreeThreeGpp::UMI:
    case CellFreeThreeGpp::UMA: {
        const bool isMicro = scenario == CellFreeThreeGpp::UMI;
        const double constant = (isMicro ? 32.4 : 28.0) + 20 * logFrequency;
        const double breakpoint = GetUrbanBreakpoint(g, frequency);
        if (g.distance2d <= breakpoint)
        {
            return constant + (isMicro ? 21.0 : 22.0) * logDistance;
        }
        const double rise = g.apHeight - g.ueHeight;
        return constant + 40 * logDistance -
               (isMicro ? 9.5 : 9.0) * std::log10(breakpoint * breakpoint + rise * rise);
    }
    default:
        return 32.4 + 17.3 * logDistance + 20 * logFrequency;
    }
}

/// PL'_NLOS.
double
GetNlosPathLoss(Scenario scenario, const Geometry& g, double frequency)
{
    const double logDistance = std::log10(g.distance3d);
    const double logFrequency = std::log10(frequency / 1e9);
    switch (scenario)
    {
    case CellFreeThreeGpp::RMA: {
        const double ratio = BUILDING_HEIGHT / g.apHeight;
        const double logAp = std::log10(g.apHeight);
        const double logUe = std::log10(11.75 * g.ueHeight);
        return 161.04 - 7.1 * std::log10(STREET_WIDTH) + 7.5 * std::log10(BUILDING_HEIGHT) -
               (24.37 - 3.7 * ratio * ratio) * logAp + (43.42 - 3.1 * logAp) * (logDistance - 3) +
               20 * logFrequency - (3.2 * logUe * logUe - 4.97);
    }
    case CellFreeThreeGpp::UMI:
        return 22.4 + 35.3 * logDistance + 21.3 * logFrequency - 0.3 * (g.ueHeight - 1.5);
    case CellFreeThreeGpp::UMA:
        return 13.54 + 39.08 * logDistance + 20 * logFrequency - 0.6 * (g.ueHeight - 1.5);
    default:
        return 17.3 + 38.3 * logDistance + 24.9 * logFrequency;
    }
}

} // namespace

double
CellFreeThreeGpp::GetPathLoss(Scenario scenario,
                              bool isLos,
                              const Geometry& geometry,
                              double frequency)
{
    const Geometry g = Clamp(scenario, geometry);
    const double los = GetLosPathLoss(scenario, g, frequency);
    return isLos ? los : std::max(los, GetNlosPathLoss(scenario, g, frequency));
}

double
CellFreeThreeGpp::GetLosProbability(Scenario scenario, const Geometry& geometry)
{
    const double d = geometry.distance2d;
    switch (scenario)
    {
    case UMI:
        return d <= 18 ? 1.0 : 18 / d + std::exp(-d / 36) * (1 - 18 / d);
    case UMA: {
        if (d <= 18)
        {
            return 1.0;
        }
        const double excess = std::max(Clamp(scenario, geometry).ueHeight - 13, 0.0) / 10;
        return (18 / d + std::exp(-d / 63) * (1 - 18 / d)) *
               (1 + std::pow(excess, 1.5) * 1.25 * std::pow(d / 100, 3) * std::exp(-d / 150));
    }
    case RMA:
        return d <= 10 ? 1.0 : std::exp(-(d - 10) / 1000);
    case INDOOR_OPEN:
        return d <= 5    ? 1.0
               : d <= 49 ? std::exp(-(d - 5) / 70.8)
                         : 0.54 * std::exp(-(d - 49) / 211.7);
    case INDOOR_MIXED:
        return d <= 1.2  ? 1.0
               : d < 6.5 ? std::exp(-(d - 1.2) / 4.7)
                         : 0.32 * std::exp(-(d - 6.5) / 32.6);
    }
    return 0.0;
}

double
CellFreeThreeGpp::GetShadowingDeviation(Scenario scenario,
                                        bool isLos,
                                        const Geometry& geometry,
                                        double frequency)
{
    switch (scenario)
    {
    case UMI:
        return isLos ? 4.0 : 7.82;
    case UMA:
        return isLos ? 4.0 : 6.0;
    case RMA:
        if (!isLos)
        {
            return 8.0;
        }
        return geometry.distance2d <= GetRuralBreakpoint(Clamp(scenario, geometry), frequency)
                   ? 4.0
                   : 6.0;
    default:
        return isLos ? 3.0 : 8.03;
    }
}

double
CellFreeThreeGpp::GetShadowingDistance(Scenario scenario, bool isLos)
{
    switch (scenario)
    {
    case UMI:
        return isLos ? 10.0 : 13.0;
    case UMA:
        return isLos ? 37.0 : 50.0;
    case RMA:
        return isLos ? 37.0 : 120.0;
    default:
        return isLos ? 10.0 : 6.0;
    }
}

double
CellFreeThreeGpp::GetLosDistance(Scenario scenario)
{
    switch (scenario)
    {
    case UMI:
    case UMA:
        return 50.0;
    case RMA:
        return 60.0;
    default:
        return 10.0;
    }
}

double
CellFreeThreeGpp::GetKFactorMean(Scenario scenario)
{
    return scenario == UMI || scenario == UMA ? 9.0 : 7.0;
}

double
CellFreeThreeGpp::GetKFactorDeviation(Scenario scenario)
{
    switch (scenario)
    {
    case UMI:
        return 5.0;
    case UMA:
        return 3.5;
    default:
        return 4.0;
    }
}

double
CellFreeThreeGpp::GetKFactorDistance(Scenario scenario)
{
    switch (scenario)
    {
    case UMI:
        return 15.0;
    case UMA:
        return 12.0;
    case RMA:
        return 40.0;
    default:
        return 4.0;
    }
}

double
CellFreeThreeGpp::GetMaxFrequency(Scenario scenario)
{
    return scenario == RMA ? 30e9 : 100e9;
}

} // namespace ns3
