// SPDX-License-Identifier: GPL-2.0-only

#include "isac-detection.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

double
GetCombinedSensingSnr(double snr, uint32_t nReceiveAntennas, uint64_t nSymbols)
{
    return snr * nReceiveAntennas * static_cast<double>(nSymbols);
}

double
GetDetectionThreshold(double pfa)
{
    return -std::log(pfa);
}

double
GetSwerlingDetectionProbability(double snr, double pfa)
{
    return std::pow(pfa, 1.0 / (1.0 + snr));
}

double
GetConstantDetectionProbability(double snr, double pfa)
{
    const double threshold = GetDetectionThreshold(pfa);
    // A miss needs noise of amplitude sqrt(SNR) - sqrt(threshold): rarer than e^-64 beyond 8.
    if (std::sqrt(snr) > std::sqrt(threshold) + 8.0)
    {
        return 1.0;
    }
    double poisson = std::exp(-snr);         // e^-SNR SNR^k / k!
    double gammaTerm = std::exp(-threshold); // e^-threshold threshold^k / k!
    double gammaTail = gammaTerm;            // Q(k + 1, threshold)
    double probability = poisson * gammaTail;
    // Beyond the mode the Poisson weights fall faster than geometrically.
    for (int k = 1; k < snr || poisson > 1e-18; ++k)
    {
        poisson *= snr / k;
        gammaTerm *= threshold / k;
        gammaTail += gammaTerm;
        probability += poisson * gammaTail;
    }
    return std::min(probability, 1.0);
}

bool
IsDetected(double snr, std::complex<double> reflection, std::complex<double> noise, double pfa)
{
    return std::norm(std::sqrt(snr) * reflection + noise) > GetDetectionThreshold(pfa);
}

} // namespace ns3
