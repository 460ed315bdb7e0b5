// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-mcs.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ns3
{

namespace
{

/// One row of an MCS table.
struct McsRow
{
    int modulationOrder; //!< Q_m
    double codeRate;     //!< R x 1024
};

/// TS 38.214 table 5.1.3.1-1.
constexpr std::array<McsRow, 29> MCS_TABLE_1{{
    {2, 120}, {2, 157}, {2, 193}, {2, 251}, {2, 308}, {2, 379}, {2, 449}, {2, 526},
    {2, 602}, {2, 679}, {4, 340}, {4, 378}, {4, 434}, {4, 490}, {4, 553}, {4, 616},
    {4, 658}, {6, 438}, {6, 466}, {6, 517}, {6, 567}, {6, 616}, {6, 666}, {6, 719},
    {6, 772}, {6, 822}, {6, 873}, {6, 910}, {6, 948},
}};

/// TS 38.214 table 5.1.3.1-2.
constexpr std::array<McsRow, 28> MCS_TABLE_2{{
    {2, 120}, {2, 193}, {2, 308}, {2, 449}, {2, 602}, {4, 378},   {4, 434},
    {4, 490}, {4, 553}, {4, 616}, {4, 658}, {6, 466}, {6, 517},   {6, 567},
    {6, 616}, {6, 666}, {6, 719}, {6, 772}, {6, 822}, {6, 873},   {8, 682.5},
    {8, 711}, {8, 754}, {8, 797}, {8, 841}, {8, 885}, {8, 916.5}, {8, 948},
}};

/// TS 38.214 table 5.1.3.2-1 (bits).
constexpr std::array<uint32_t, 93> BLOCK_SIZES{
    24,   32,   40,   48,   56,   64,   72,   80,   88,   96,   104,  112,  120,  128,  136,  144,
    152,  160,  168,  176,  184,  192,  208,  224,  240,  256,  272,  288,  304,  320,  336,  352,
    368,  384,  408,  432,  456,  480,  504,  528,  552,  576,  608,  640,  672,  704,  736,  768,
    808,  848,  888,  928,  984,  1032, 1064, 1128, 1160, 1192, 1224, 1256, 1288, 1320, 1352, 1416,
    1480, 1544, 1608, 1672, 1736, 1800, 1864, 1928, 2024, 2088, 2152, 2216, 2280, 2408, 2472, 2536,
    2600, 2664, 2728, 2792, 2856, 2976, 3104, 3240, 3368, 3496, 3624, 3752, 3824,
};

/// Bits of the CRC of a transport block above 3824 bits, and of each of several code blocks.
constexpr uint32_t CRC_BITS = 24;
/// The same of a smaller transport block (TS 38.212 section 7.2.1).
constexpr uint32_t SMALL_CRC_BITS = 16;
/// Largest block size of table 5.1.3.2-1, and above which the CRC is longer.
constexpr uint32_t MAX_SMALL_BITS = BLOCK_SIZES.back();
/// Largest code block of base graph 1 (TS 38.212 section 5.2.2).
constexpr uint32_t MAX_CODE_BLOCK_1 = 8448;
/// The same of base graph 2.
constexpr uint32_t MAX_CODE_BLOCK_2 = 3840;
/// Code rate above which base graph 1 is used where both could be, and up to which 2 always is.
constexpr double RATE_OF_GRAPH_1 = 0.67;
/// Code rate up to which blocks of any size use base graph 2.
constexpr double RATE_OF_GRAPH_2 = 0.25;

/// Row of a table. @param table the table @param mcs index in it
const McsRow&
GetRow(CellFreeMcsTable table, int mcs)
{
    return table == CELL_FREE_MCS_64QAM ? MCS_TABLE_1.at(mcs) : MCS_TABLE_2.at(mcs);
}

/// The smallest multiple of a step that is not below a value.
uint32_t
RoundUp(uint32_t value, uint32_t step)
{
    return (value + step - 1) / step * step;
}

} // namespace

int
cellfree::GetNMcs(CellFreeMcsTable table)
{
    return table == CELL_FREE_MCS_64QAM ? MCS_TABLE_1.size() : MCS_TABLE_2.size();
}

int
cellfree::GetModulationOrder(CellFreeMcsTable table, int mcs)
{
    return GetRow(table, mcs).modulationOrder;
}

double
cellfree::GetCodeRate(CellFreeMcsTable table, int mcs)
{
    return GetRow(table, mcs).codeRate / 1024.0;
}

double
cellfree::GetMcsEfficiency(CellFreeMcsTable table, int mcs)
{
    const auto& row = GetRow(table, mcs);
    return row.modulationOrder * row.codeRate / 1024.0;
}

uint32_t
cellfree::ComputeTransportBlockBits(uint32_t nSymbols, double codeRate, int modulationOrder)
{
    const double info = nSymbols * codeRate * modulationOrder;
    if (info <= MAX_SMALL_BITS)
    {
        const double step = std::ldexp(1.0, info < 1.0 ? 3 : std::max(3, std::ilogb(info) - 6));
        const double quantised = std::max(24.0, step * std::floor(info / step));
        return *std::lower_bound(BLOCK_SIZES.begin(), BLOCK_SIZES.end(), quantised);
    }
    const double step = std::ldexp(1.0, std::ilogb(info - CRC_BITS) - 5);
    // Ties go up (note of step 4).
    const double quantised = std::max(3840.0, step * std::floor((info - CRC_BITS) / step + 0.5));
    const uint32_t bits = static_cast<uint32_t>(quantised) + CRC_BITS;
    uint32_t nBlocks = 1;
    if (codeRate <= RATE_OF_GRAPH_2)
    {
        nBlocks = RoundUp(bits, MAX_CODE_BLOCK_2 - CRC_BITS) / (MAX_CODE_BLOCK_2 - CRC_BITS);
    }
    else if (quantised > MAX_CODE_BLOCK_1 - CRC_BITS)
    {
        nBlocks = RoundUp(bits, MAX_CODE_BLOCK_1 - CRC_BITS) / (MAX_CODE_BLOCK_1 - CRC_BITS);
    }
    return RoundUp(bits, 8 * nBlocks) - CRC_BITS;
}

int
cellfree::GetBaseGraph(double blockBits, double codeRate)
{
    const bool isSmall = blockBits <= 292 ||
                         (blockBits <= MAX_SMALL_BITS && codeRate <= RATE_OF_GRAPH_1) ||
                         codeRate <= RATE_OF_GRAPH_2;
    return isSmall ? 2 : 1;
}

CellFreeCodeBlocks
cellfree::DivideIntoCodeBlocks(uint32_t blockBits, double codeRate)
{
    const uint32_t bits = blockBits + (blockBits > MAX_SMALL_BITS ? CRC_BITS : SMALL_CRC_BITS);
    const uint32_t largest =
        GetBaseGraph(blockBits, codeRate) == 1 ? MAX_CODE_BLOCK_1 : MAX_CODE_BLOCK_2;
    if (bits <= largest)
    {
        return {1.0, static_cast<double>(bits)};
    }
    const uint32_t number = RoundUp(bits, largest - CRC_BITS) / (largest - CRC_BITS);
    return {static_cast<double>(number), static_cast<double>(bits) / number + CRC_BITS};
}

uint32_t
cellfree::GetBlockBytes(CellFreeMcsTable table,
                        CellFreeBlockSizes sizes,
                        int mcs,
                        uint32_t nSymbols)
{
    if (sizes == CELL_FREE_BLOCKS_STANDARD)
    {
        const auto& row = GetRow(table, mcs);
        return nSymbols == 0 ? 0
                             : ComputeTransportBlockBits(nSymbols,
                                                         row.codeRate / 1024.0,
                                                         row.modulationOrder) /
                                   8;
    }
    const double bits = nSymbols * GetMcsEfficiency(table, mcs) - CRC_BITS;
    return bits < 8 ? 0 : static_cast<uint32_t>(bits / 8);
}

uint64_t
cellfree::GetBlockSymbols(CellFreeMcsTable table, CellFreeBlockSizes sizes, int mcs, uint64_t bytes)
{
    if (sizes == CELL_FREE_BLOCKS_UNQUANTISED)
    {
        return static_cast<uint64_t>(
            std::ceil((8.0 * bytes + CRC_BITS) / GetMcsEfficiency(table, mcs)));
    }
    // More than any band has, and few enough for sizes of 32 bits.
    constexpr uint64_t most = uint64_t{1} << 28;
    uint64_t low = 0;
    uint64_t high = std::min<uint64_t>(most, 1 + 8.0 * bytes / GetMcsEfficiency(table, mcs));
    while (high < most && GetBlockBytes(table, sizes, mcs, high) < bytes)
    {
        low = high;
        high = std::min(most, 2 * high);
    }
    while (high - low > 1)
    {
        const uint64_t middle = (low + high) / 2;
        (GetBlockBytes(table, sizes, mcs, middle) >= bytes ? high : low) = middle;
    }
    return high;
}

double
cellfree::CombineIncrementally(double sinrSum, double nats, double fresh)
{
    if (fresh <= 1.0)
    {
        return sinrSum;
    }
    return std::expm1(std::min(nats, fresh * std::log1p(sinrSum / fresh)));
}

} // namespace ns3
