// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-mcs.h"

#include <array>
#include <cmath>

namespace ns3
{

namespace
{

/// One row of TS 38.214 table 5.1.3.1-2.
struct McsRow
{
    int modulationOrder; //!< Q_m
    double codeRate;     //!< R x 1024
};

/// TS 38.214 table 5.1.3.1-2.
constexpr std::array<McsRow, CELL_FREE_N_MCS> MCS_TABLE{{
    {2, 120}, {2, 193}, {2, 308}, {2, 449}, {2, 602}, {4, 378},   {4, 434},
    {4, 490}, {4, 553}, {4, 616}, {4, 658}, {6, 466}, {6, 517},   {6, 567},
    {6, 616}, {6, 666}, {6, 719}, {6, 772}, {6, 822}, {6, 873},   {8, 682.5},
    {8, 711}, {8, 754}, {8, 797}, {8, 841}, {8, 885}, {8, 916.5}, {8, 948},
}};

/// Bits of the transport block's CRC (TS 38.212 section 7.2.1).
constexpr double CRC_BITS = 24;

} // namespace

double
cellfree::GetMcsEfficiency(int mcs)
{
    const auto& row = MCS_TABLE.at(mcs);
    return row.modulationOrder * row.codeRate / 1024.0;
}

uint32_t
cellfree::GetBlockBytes(int mcs, uint32_t nSymbols)
{
    const double bits = nSymbols * cellfree::GetMcsEfficiency(mcs) - CRC_BITS;
    return bits < 8 ? 0 : static_cast<uint32_t>(bits / 8);
}

uint64_t
cellfree::GetBlockSymbols(int mcs, uint64_t bytes)
{
    return static_cast<uint64_t>(
        std::ceil((8.0 * bytes + CRC_BITS) / cellfree::GetMcsEfficiency(mcs)));
}

} // namespace ns3
