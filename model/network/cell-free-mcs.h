// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_MCS_H
#define CELL_FREE_MCS_H

#include <cstdint>

namespace ns3
{

/// Which modulation and coding schemes (MCS) a link uses.
enum CellFreeMcsTable
{
    CELL_FREE_MCS_64QAM,  //!< TS 38.214 table 5.1.3.1-1: 29 MCS, up to 64QAM
    CELL_FREE_MCS_256QAM, //!< TS 38.214 table 5.1.3.1-2: 28 MCS, up to 256QAM
};

/// How the size of a transport block follows from its symbols.
enum CellFreeBlockSizes
{
    CELL_FREE_BLOCKS_UNQUANTISED, //!< whole bytes of symbols times efficiency, less a CRC of 24
                                  //!< bits
    CELL_FREE_BLOCKS_STANDARD,    //!< TS 38.214 section 5.1.3.2
};

/// Most MCS that a table has.
constexpr int CELL_FREE_MAX_MCS = 29;

/// Code blocks of a transport block.
struct CellFreeCodeBlocks
{
    double number{1.0}; //!< code blocks
    double bits{0.0};   //!< bits of each, CRCs included
};

namespace cellfree
{

/**
 * @ingroup cellfree-isac
 * @brief Number of MCS in a table.
 * @param table the table
 * @return 29 or 28
 */
int GetNMcs(CellFreeMcsTable table);

/**
 * @ingroup cellfree-isac
 * @brief Bits of a symbol of an MCS.
 * @param table the table
 * @param mcs index in it
 * @return modulation order Q_m: 2, 4, 6 or 8
 */
int GetModulationOrder(CellFreeMcsTable table, int mcs);

/**
 * @ingroup cellfree-isac
 * @brief Code rate of an MCS.
 * @param table the table
 * @param mcs index in it
 * @return R, in (0, 1)
 */
double GetCodeRate(CellFreeMcsTable table, int mcs);

/**
 * @ingroup cellfree-isac
 * @brief Spectral efficiency of an MCS.
 * @param table the table
 * @param mcs index in it
 * @return information bits per symbol
 */
double GetMcsEfficiency(CellFreeMcsTable table, int mcs);

/**
 * @ingroup cellfree-isac
 * @brief Transport block size by TS 38.214 section 5.1.3.2, steps 2 to 4, of one layer.
 * @param nSymbols resource elements N_RE of the block, at least 1: what the frame leaves for data,
 * so that step 1 with its cap of 156 per resource block is not applied
 * @param codeRate R
 * @param modulationOrder Q_m
 * @return bits, a multiple of 8, without CRC
 */
uint32_t ComputeTransportBlockBits(uint32_t nSymbols, double codeRate, int modulationOrder);

/**
 * @ingroup cellfree-isac
 * @brief LDPC base graph of a transport block (TS 38.212 section 7.2.2).
 * @param blockBits its size A without CRC
 * @param codeRate R of its first transmission
 * @return 1 or 2
 */
int GetBaseGraph(double blockBits, double codeRate);

/**
 * @ingroup cellfree-isac
 * @brief Divides a transport block into code blocks (TS 38.212 sections 7.2.1 and 5.2.2).
 * @param blockBits its size A without CRC
 * @param codeRate R of its first transmission
 * @return how many they are, and the bits K' of each
 */
CellFreeCodeBlocks DivideIntoCodeBlocks(uint32_t blockBits, double codeRate);

/**
 * @ingroup cellfree-isac
 * @brief Payload of the transport block that a stream carries in a number of symbols.
 * @param table the MCS table
 * @param sizes how blocks are sized
 * @param mcs index in the table
 * @param nSymbols data symbols of the stream
 * @return whole bytes; 0 without symbols
 */
uint32_t GetBlockBytes(CellFreeMcsTable table,
                       CellFreeBlockSizes sizes,
                       int mcs,
                       uint32_t nSymbols);

/**
 * @ingroup cellfree-isac
 * @brief The fewest symbols whose transport block carries a payload.
 * @param table the MCS table
 * @param sizes how blocks are sized
 * @param mcs index in the table
 * @param bytes the payload, at least 1
 * @return the number n of symbols: GetBlockBytes(..., n) >= bytes > GetBlockBytes(..., n - 1); at
 * most 2^28
 */
uint64_t GetBlockSymbols(CellFreeMcsTable table, CellFreeBlockSizes sizes, int mcs, uint64_t bytes);

/**
 * @ingroup cellfree-isac
 * @brief SINR that one transmission would need to carry the mutual information of several with
 * incremental redundancy.
 *
 * Transmissions of fresh parity add their mutual information, repeated bits their SINRs
 * (G. Caire, D. Tuninetti, "The throughput of hybrid-ARQ protocols for the Gaussian collision
 * channel", IEEE Trans. Inf. Theory 47(5), 2001, sections III.B and III.C). The parity is fresh
 * until the circular buffer of TS 38.212 section 5.4.2 has been read once. What several
 * transmissions carry is the smaller of the sum of log(1 + SINR_i) and of m log(1 + sum SINR_i /
 * m), m the transmissions that the buffer holds: the first binds while all parity is fresh, the
 * second when each bit of the buffer was sent more than once.
 *
 * @param sinrSum sum of the SINRs of the transmissions, linear
 * @param nats sum of log(1 + SINR) of the transmissions
 * @param fresh transmissions that the buffer holds; where it is 1 or less, that is chase combining
 * @return SINR, linear
 */
double CombineIncrementally(double sinrSum, double nats, double fresh);

} // namespace cellfree

} // namespace ns3

#endif // CELL_FREE_MCS_H
