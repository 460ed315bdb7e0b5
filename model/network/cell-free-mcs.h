// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_MCS_H
#define CELL_FREE_MCS_H

#include <cstdint>

namespace ns3
{

/// Number of modulation and coding schemes (MCS): TS 38.214 table 5.1.3.1-2, up to 256QAM.
constexpr int CELL_FREE_N_MCS = 28;

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Spectral efficiency of an MCS.
 * @param mcs index in TS 38.214 table 5.1.3.1-2, 0 to 27
 * @return information bits per symbol
 */
double GetMcsEfficiency(int mcs);

/**
 * @ingroup cellfree-isac
 * @brief Payload of the transport block that a stream carries in a number of symbols.
 *
 * The quantisation of TS 38.214 section 5.1.3.2 is left out; the 24-bit CRC is subtracted.
 *
 * @param mcs index in the table, 0 to 27
 * @param nSymbols data symbols of the stream
 * @return whole bytes
 */
uint32_t GetBlockBytes(int mcs, uint32_t nSymbols);

/**
 * @ingroup cellfree-isac
 * @brief The fewest symbols whose transport block carries a payload.
 * @param mcs index in the table, 0 to 27
 * @param bytes the payload, at least 1
 * @return the number n of symbols: GetBlockBytes(mcs, n) >= bytes > GetBlockBytes(mcs, n - 1)
 */
uint64_t GetBlockSymbols(int mcs, uint64_t bytes);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_MCS_H
