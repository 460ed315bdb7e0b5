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

/// Blocks below this have an error rate that may rise with the SINR, so that no threshold divides.
constexpr uint32_t MIN_THRESHOLD_SYMBOLS = 16;

/// Thresholds are known to 1e-12; so near one the formula decides, so that both always agree.
constexpr double THRESHOLD_TOLERANCE = 1e-9;

/// Sizes of blocks whose thresholds are kept: more than a band has resource blocks.
constexpr std::size_t MAX_THRESHOLDS = 1024;

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
    const int mcs =
        BisectMcs([&](int index) { return GetBler(index, sinr, nSymbols) <= targetBler; });
    NS_LOG_LOGIC("SINR " << sinr << ", " << nSymbols << " symbols: MCS " << mcs);
    return mcs;
}

double
CellFreeErrorModel::GetEffectiveSinr(int /* mcs */,
                                     const Eigen::Ref<const Eigen::VectorXd>& sinr) const
{
    if (sinr.size() == 1)
    {
        return sinr(0);
    }
    double nats = 0.0;
    for (double share : sinr)
    {
        nats += std::log1p(share);
    }
    return std::expm1(nats / sinr.size());
}

int
CellFreeErrorModel::SelectMcsOf(const Eigen::Ref<const Eigen::VectorXd>& sinr,
                                uint32_t nSymbols,
                                double targetBler) const
{
    if (sinr.size() == 1)
    {
        return SelectMcs(sinr(0), nSymbols, targetBler);
    }
    return BisectMcs(
        [&](int mcs) { return GetBler(mcs, GetEffectiveSinr(mcs, sinr), nSymbols) <= targetBler; });
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
                          MakeDoubleAccessor(&CellFreeFiniteLengthErrorModel::SetGap,
                                             &CellFreeFiniteLengthErrorModel::GetGap),
                          MakeDoubleChecker<double>(0.0, 20.0));
    return tid;
}

CellFreeFiniteLengthErrorModel::CellFreeFiniteLengthErrorModel() = default;

CellFreeFiniteLengthErrorModel::~CellFreeFiniteLengthErrorModel() = default;

double
CellFreeFiniteLengthErrorModel::GetBler(int mcs, double sinr, uint32_t nSymbols) const
{
    const double g = sinr * m_gapFactor;
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

void
CellFreeFiniteLengthErrorModel::SetGap(double gap)
{
    m_gap = gap;
    m_gapFactor = std::pow(10.0, -gap / 10.0);
    m_thresholds.clear();
}

double
CellFreeFiniteLengthErrorModel::GetGap() const
{
    return m_gap;
}

CellFreeFiniteLengthErrorModel::Thresholds
CellFreeFiniteLengthErrorModel::ComputeThresholds(uint32_t nSymbols, double targetBler) const
{
    Thresholds thresholds;
    for (int mcs = 0; mcs < CELL_FREE_N_MCS; ++mcs)
    {
        double low = 1e-9;
        double high = 1e9;
        while (high > low * (1.0 + 1e-12))
        {
            const double middle = std::sqrt(low * high);
            (GetBler(mcs, middle, nSymbols) <= targetBler ? high : low) = middle;
        }
        thresholds[mcs] = high;
    }
    return thresholds;
}

int
CellFreeFiniteLengthErrorModel::SelectMcs(double sinr, uint32_t nSymbols, double targetBler) const
{
    if (nSymbols < MIN_THRESHOLD_SYMBOLS)
    {
        return CellFreeErrorModel::SelectMcs(sinr, nSymbols, targetBler);
    }
    const std::pair<uint32_t, double> key(nSymbols, targetBler);
    auto entry = m_thresholds.find(key);
    if (entry == m_thresholds.end())
    {
        if (m_thresholds.size() >= MAX_THRESHOLDS)
        {
            m_thresholds.clear();
        }
        entry = m_thresholds.emplace(key, ComputeThresholds(nSymbols, targetBler)).first;
    }
    const auto& thresholds = entry->second;
    return BisectMcs([&](int mcs) {
        const double distance = sinr - thresholds[mcs];
        return std::abs(distance) > THRESHOLD_TOLERANCE * thresholds[mcs]
                   ? distance > 0.0
                   : GetBler(mcs, sinr, nSymbols) <= targetBler;
    });
}

} // namespace ns3
