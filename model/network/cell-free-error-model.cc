// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-error-model.h"

#include "ns3/double.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeErrorModel);

namespace
{

/// One row of TS 38.214 table 5.1.3.1-2.
struct McsRow
{
    int modulationOrder; //!< Q_m
    double codeRate;     //!< R x 1024
};

/// TS 38.214 table 5.1.3.1-2.
constexpr std::array<McsRow, CellFreeErrorModel::N_MCS> MCS_TABLE{{
    {2, 120}, {2, 193}, {2, 308}, {2, 449}, {2, 602}, {4, 378},   {4, 434},
    {4, 490}, {4, 553}, {4, 616}, {4, 658}, {6, 466}, {6, 517},   {6, 567},
    {6, 616}, {6, 666}, {6, 719}, {6, 772}, {6, 822}, {6, 873},   {8, 682.5},
    {8, 711}, {8, 754}, {8, 797}, {8, 841}, {8, 885}, {8, 916.5}, {8, 948},
}};

/// Largest LDPC code block of base graph 1 (bits, TS 38.212 section 5.2.2), less its CRC.
constexpr double MAX_CODE_BLOCK_BITS = 8424;

/// Bits of the transport block's CRC (TS 38.212 section 7.2.1).
constexpr double CRC_BITS = 24;

} // namespace

TypeId
CellFreeErrorModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeErrorModel")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeErrorModel>()
            .AddAttribute("ImplementationGap",
                          "SINR loss of a practical code, modulation and receiver against the "
                          "finite-blocklength limit of Gaussian signalling (dB, 0 to 20).",
                          DoubleValue(2.0),
                          MakeDoubleAccessor(&CellFreeErrorModel::m_gap),
                          MakeDoubleChecker<double>(0.0, 20.0));
    return tid;
}

CellFreeErrorModel::CellFreeErrorModel() = default;

CellFreeErrorModel::~CellFreeErrorModel() = default;

double
CellFreeErrorModel::GetEfficiency(int mcs)
{
    const auto& row = MCS_TABLE.at(mcs);
    return row.modulationOrder * row.codeRate / 1024.0;
}

uint32_t
CellFreeErrorModel::GetBlockBytes(int mcs, uint32_t nSymbols)
{
    const double bits = nSymbols * GetEfficiency(mcs) - CRC_BITS;
    return bits < 8 ? 0 : static_cast<uint32_t>(bits / 8);
}

double
CellFreeErrorModel::GetBler(int mcs, double sinr, uint32_t nSymbols) const
{
    const double g = sinr * std::pow(10.0, -m_gap / 10.0);
    if (!(g > 0.0))
    {
        return 1.0;
    }
    const double blockBits = nSymbols * GetEfficiency(mcs);
    const double nBlocks = std::max(1.0, std::ceil(blockBits / MAX_CODE_BLOCK_BITS));
    const double n = nSymbols / nBlocks;
    const double k = blockBits / nBlocks;
    const double log2e = 1.0 / std::log(2.0);
    const double capacity = std::log1p(g) * log2e;
    // 1 - (1 + g)^-2, written without cancellation at small g.
    const double dispersion = g * (2.0 + g) / ((1.0 + g) * (1.0 + g)) * log2e * log2e;
    const double x = (n * capacity - k + 0.5 * std::log2(n)) / std::sqrt(n * dispersion);
    const double codeBlockErrorRate = 0.5 * std::erfc(x / std::sqrt(2.0));
    return codeBlockErrorRate >= 1.0 ? 1.0 : -std::expm1(nBlocks * std::log1p(-codeBlockErrorRate));
}

int
CellFreeErrorModel::SelectMcs(double sinr, uint32_t nSymbols, double targetBler) const
{
    // Bisection: at a given SINR the error rate grows with the efficiency, which grows with the
    // MCS.
    int good = -1;
    int bad = N_MCS;
    while (bad - good > 1)
    {
        const int middle = (good + bad) / 2;
        (GetBler(middle, sinr, nSymbols) <= targetBler ? good : bad) = middle;
    }
    return good;
}

} // namespace ns3
