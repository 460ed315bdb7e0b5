// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-error-model.h"

#include "ns3/double.h"
#include "ns3/log.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeErrorModel");

NS_OBJECT_ENSURE_REGISTERED(CellFreeErrorModel);
NS_OBJECT_ENSURE_REGISTERED(CellFreeFiniteLengthErrorModel);

namespace
{

/// Largest LDPC code block of base graph 1 (bits, TS 38.212 section 5.2.2), less its CRC.
constexpr double MAX_CODE_BLOCK_BITS = 8424;

} // namespace

TypeId
CellFreeErrorModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeErrorModel").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeErrorModel::~CellFreeErrorModel() = default;

int
CellFreeErrorModel::SelectMcs(double sinr, uint32_t nSymbols, double targetBler) const
{
    // Bisection: the error rate does not fall with the MCS.
    int good = -1;
    int bad = CELL_FREE_N_MCS;
    while (bad - good > 1)
    {
        const int middle = (good + bad) / 2;
        (GetBler(middle, sinr, nSymbols) <= targetBler ? good : bad) = middle;
    }
    NS_LOG_LOGIC("SINR " << sinr << ", " << nSymbols << " symbols: MCS " << good);
    return good;
}

TypeId
CellFreeFiniteLengthErrorModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeFiniteLengthErrorModel")
            .SetParent<CellFreeErrorModel>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeFiniteLengthErrorModel>()
            .AddAttribute("ImplementationGap",
                          "SINR loss of a practical code, modulation and receiver against the "
                          "finite-blocklength limit of Gaussian signalling (dB, 0 to 20).",
                          DoubleValue(2.0),
                          MakeDoubleAccessor(&CellFreeFiniteLengthErrorModel::m_gap),
                          MakeDoubleChecker<double>(0.0, 20.0));
    return tid;
}

CellFreeFiniteLengthErrorModel::CellFreeFiniteLengthErrorModel() = default;

CellFreeFiniteLengthErrorModel::~CellFreeFiniteLengthErrorModel() = default;

double
CellFreeFiniteLengthErrorModel::GetBler(int mcs, double sinr, uint32_t nSymbols) const
{
    const double g = sinr * std::pow(10.0, -m_gap / 10.0);
    if (!(g > 0.0))
    {
        return 1.0;
    }
    const double blockBits = nSymbols * cellfree::GetMcsEfficiency(mcs);
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

} // namespace ns3
