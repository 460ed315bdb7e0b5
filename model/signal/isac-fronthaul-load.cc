// SPDX-License-Identifier: GPL-2.0-only

#include "isac-fronthaul-load.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

double
cellfree::GetSamplingRate(uint32_t nSubcarriers, double spacing)
{
    uint64_t size = 1;
    while (size <= nSubcarriers)
    {
        size *= 2;
    }
    return size * spacing;
}

uint64_t
cellfree::GetTimeDomainBits(uint32_t nAntennas,
                            double samplingRate,
                            double duration,
                            uint32_t sampleBits)
{
    // Rounded first, so that a whole number of samples stays one.
    const double nSamples = std::ceil(samplingRate * duration * (1.0 - 1e-12));
    return static_cast<uint64_t>(std::ceil(nAntennas * nSamples * 2.0 * sampleBits * 16.0 / 15.0));
}

double
cellfree::GetCpriLineRate(uint32_t nAntennas, double samplingRate, uint32_t sampleBits)
{
    return nAntennas * samplingRate * 2.0 * sampleBits * (16.0 / 15.0) * (10.0 / 8.0);
}

uint64_t
cellfree::GetBlockFloatBits(uint64_t nBlocks, uint32_t nValues, uint32_t mantissaBits)
{
    const uint64_t octet = 8;
    return nBlocks * (2 * uint64_t{nValues} * mantissaBits + octet);
}

uint64_t
cellfree::GetStreamBits(uint32_t nBlocks,
                        uint32_t nSymbols,
                        uint32_t mantissaBits,
                        uint32_t payloadBytes)
{
    const uint64_t blockBits = GetBlockFloatBits(1, FRONTHAUL_BLOCK, mantissaBits);
    const uint64_t room = 8 * uint64_t{payloadBytes - FRONTHAUL_PAYLOAD_HEADER};
    const uint64_t perMessage = std::max<uint64_t>(1, room / blockBits);
    const uint64_t nMessages = (nBlocks + perMessage - 1) / perMessage;
    return nSymbols * (nBlocks * blockBits + nMessages * 8 * FRONTHAUL_MESSAGE_HEADER);
}

uint64_t
cellfree::GetBeamBits(uint32_t nBands, uint32_t nAntennas, uint32_t weightBits)
{
    const uint64_t weights =
        weightBits > 0 ? GetBlockFloatBits(nBands, nAntennas, weightBits) : uint64_t{0};
    return 8 * FRONTHAUL_CONTROL_MESSAGE + weights;
}

} // namespace ns3
