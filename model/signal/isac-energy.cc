// SPDX-License-Identifier: GPL-2.0-only

#include "isac-energy.h"

#include <cmath>

namespace ns3
{

namespace
{

/// Operations per second in giga operations per second.
constexpr double GIGA = 1e9;

} // namespace

double
cellfree::GetTransformGops(const IsacProcessing& p)
{
    const double filters = 40.0 * p.nAntennas * p.samplingRate;
    const double transforms =
        8.0 * p.nAntennas * p.fftSize * std::log2(p.fftSize) / p.symbolDuration;
    return (filters + transforms) / GIGA;
}

double
cellfree::GetPrecoderGops(const IsacProcessing& p)
{
    const double n = p.nAntennas;
    const double pilots = p.pilotLength;
    const double perBlock = (8.0 * n * pilots + 8.0 * n * n) * pilots +
                            (4.0 * n * n + 4.0 * n) * pilots + 8.0 * (n * n * n - n) / 3.0;
    const double precoder =
        p.nSubcarriers / (p.symbolDuration * p.coherenceBlock) * perBlock / GIGA;
    const double bits = p.quantisationBits / 16.0;
    return precoder + std::pow(bits, 1.2) * 1.3 * n + std::pow(bits, 0.2) * 2.7 * std::sqrt(n);
}

double
cellfree::GetServingGops(const IsacProcessing& p)
{
    const double n = p.nAntennas;
    const double perBlock =
        (p.coherenceBlock - p.pilotLength) * 8.0 * n + 8.0 * n + 2.0 * 8.0 * n * n;
    return p.nSubcarriers / (p.symbolDuration * p.coherenceBlock) * perBlock / GIGA;
}

double
cellfree::GetUeGops(const IsacProcessing& p, double spectralEfficiency)
{
    const double bits = std::pow(p.quantisationBits / 16.0, 1.2);
    const double load = spectralEfficiency / 6.0;
    return bits * 1.3 * std::pow(load, 1.5) + bits * 1.3 * load + 8.0 * load;
}

double
cellfree::GetEnergyFronthaulRate(const IsacProcessing& p, IsacFunctionalSplit split)
{
    const double perSecond =
        split == ISAC_SPLIT_8 ? p.samplingRate : p.nSubcarriers / p.symbolDuration;
    return 2.0 * p.quantisationBits * p.nAntennas * perSecond;
}

double
cellfree::CountLineCards(double nAps, double fronthaulRate, double wavelengthRate)
{
    const double apsPerCard = std::floor(wavelengthRate / fronthaulRate);
    return apsPerCard >= 1.0 ? std::ceil(nAps / apsPerCard)
                             : std::ceil(nAps) * std::ceil(fronthaulRate / wavelengthRate);
}

} // namespace ns3
