// SPDX-License-Identifier: GPL-2.0-only

#include "isac-link-budget.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

constexpr double BOLTZMANN = 1.380649e-23;      //!< k (J/K), exact by the definition of the kelvin
constexpr double REFERENCE_TEMPERATURE = 290.0; //!< T (K)

double
Square(double x)
{
    return x * x;
}

} // namespace

double
cellfree::FromDecibels(double decibels)
{
    return std::pow(10.0, decibels / 10.0);
}

double
cellfree::ToDecibels(double ratio)
{
    return 10.0 * std::log10(ratio);
}

double
cellfree::GetThermalNoise(double bandwidth, double noiseFigure)
{
    return BOLTZMANN * REFERENCE_TEMPERATURE * bandwidth * cellfree::FromDecibels(noiseFigure);
}

double
cellfree::GetFreeSpaceGain(double wavelength, double distance)
{
    return Square(wavelength / (4 * M_PI * distance));
}

double
cellfree::GetBistaticGain(double wavelength,
                          double rcs,
                          double txGain,
                          double txDistance,
                          double rxGain,
                          double rxDistance)
{
    return txGain * rxGain * rcs * Square(wavelength / (txDistance * rxDistance)) /
           std::pow(4 * M_PI, 3);
}

double
cellfree::GetOpenLoopPower(double maxPower,
                           double nominalPower,
                           double compensation,
                           double gain,
                           uint32_t nBlocks,
                           double spacing)
{
    const double wanted = 1e-3 * FromDecibels(nominalPower) * nBlocks * spacing / 15e3 *
                          std::pow(gain, -compensation);
    return std::min(maxPower, wanted);
}

} // namespace ns3
