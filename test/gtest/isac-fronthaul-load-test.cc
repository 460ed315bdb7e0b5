// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * Fronthaul loads against figures of the specifications and against counting messages.
 */

#include "ns3/isac-fronthaul-load.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace ns3;

TEST(IsacFronthaulLoad, BlockFloatingPointIsThatOfORan)
{
    // 12 subcarriers and an octet: 28 bytes with 9 bits, 43 with 14, as products of O-RAN have it.
    EXPECT_EQ(cellfree::GetBlockFloatBits(1, 12, 9), 8U * 28);
    EXPECT_EQ(cellfree::GetBlockFloatBits(1, 12, 14), 8U * 43);
    EXPECT_EQ(cellfree::GetBlockFloatBits(273, 12, 9), 8U * 28 * 273);
    EXPECT_EQ(cellfree::GetBlockFloatBits(0, 12, 9), 0U);
    EXPECT_EQ(cellfree::GetBeamBits(1, 8, 9), 8U * 66 + 2 * 8 * 9 + 8);
    EXPECT_EQ(cellfree::GetBeamBits(4, 8, 9), 8U * 66 + 4 * (2 * 8 * 9 + 8));
    EXPECT_EQ(cellfree::GetBeamBits(4, 8, 0), 8U * 66);
}

TEST(IsacFronthaulLoad, SamplingRatesAreThoseOfLteAndNr)
{
    EXPECT_EQ(cellfree::GetSamplingRate(12 * 25, 15e3), 7.68e6);
    EXPECT_EQ(cellfree::GetSamplingRate(12 * 50, 15e3), 15.36e6);
    EXPECT_EQ(cellfree::GetSamplingRate(12 * 100, 15e3), 30.72e6);
    EXPECT_EQ(cellfree::GetSamplingRate(12 * 51, 30e3), 30.72e6);
    EXPECT_EQ(cellfree::GetSamplingRate(12 * 273, 30e3), 122.88e6);
    EXPECT_EQ(cellfree::GetSamplingRate(12 * 66, 120e3), 122.88e6);
}

TEST(IsacFronthaulLoad, CpriLineRatesAreItsOptions)
{
    // Options 1, 2, 3, 5 and 7: 614.4 Mb/s times 1, 2, 4, 8 and 16.
    EXPECT_NEAR(cellfree::GetCpriLineRate(2, 7.68e6, 15), 614.4e6, 1e-3);
    EXPECT_NEAR(cellfree::GetCpriLineRate(1, 30.72e6, 15), 1228.8e6, 1e-3);
    EXPECT_NEAR(cellfree::GetCpriLineRate(2, 30.72e6, 15), 2457.6e6, 1e-3);
    EXPECT_NEAR(cellfree::GetCpriLineRate(4, 30.72e6, 15), 4915.2e6, 1e-3);
    EXPECT_NEAR(cellfree::GetCpriLineRate(8, 30.72e6, 15), 9830.4e6, 1e-3);
    // A slot's bits add up to the rate before the line code.
    EXPECT_EQ(cellfree::GetTimeDomainBits(2, 30.72e6, 0.5e-3, 15), 983040U);
    EXPECT_EQ(cellfree::GetTimeDomainBits(2, 30.72e6, 0.0, 15), 0U);
}

TEST(IsacFronthaulLoad, MessagesAreFilledOneByOne)
{
    for (const uint32_t payload : {128U, 300U, 1500U, 9000U})
    {
        for (const uint32_t mantissa : {1U, 9U, 14U, 16U})
        {
            for (const uint32_t nBlocks : {0U, 1U, 51U, 52U, 53U, 273U})
            {
                uint64_t bits = 0;
                for (uint32_t symbol = 0; symbol < 3; ++symbol)
                {
                    double room = 0.0; // bits left in the open message
                    for (uint32_t block = 0; block < nBlocks; ++block)
                    {
                        const double size = 24.0 * mantissa + 8;
                        if (room < size)
                        {
                            bits += 8 * 60;
                            room = 8.0 * (payload - 18);
                        }
                        room -= size;
                        bits += static_cast<uint64_t>(size);
                    }
                }
                EXPECT_EQ(cellfree::GetStreamBits(nBlocks, 3, mantissa, payload), bits)
                    << payload << ' ' << mantissa << ' ' << nBlocks;
            }
        }
    }
}
