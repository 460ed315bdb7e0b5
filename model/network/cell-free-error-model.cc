// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-error-model.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/string.h"

#include <algorithm>
#include <cmath>
#include <sstream>

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

/// Numbers of each MCS, as published for one table.
using McsNumbers = std::array<double, CELL_FREE_MAX_MCS>;

/// Beta of the exponential effective SINR, linear: 5G-LENA, model/nr-eesm-t1.cc.
constexpr McsNumbers BETA_64QAM{1.6,   1.61,  1.63,  1.65,  1.67,  1.7,   1.73,  1.76,
                                1.79,  1.82,  3.97,  4.27,  4.71,  5.16,  5.66,  6.16,
                                6.5,   9.95,  10.97, 12.92, 14.96, 17.06, 19.33, 21.85,
                                24.51, 27.14, 29.94, 32.05, 34.28};
/// The same: model/nr-eesm-t2.cc.
constexpr McsNumbers BETA_256QAM{1.6,   1.63,  1.67,  1.73,   1.79,   4.27,   4.71,
                                 5.16,  5.66,  6.16,  6.5,    10.97,  12.92,  14.96,
                                 17.06, 19.33, 21.85, 24.51,  27.14,  29.94,  56.48,
                                 65.0,  78.58, 92.48, 106.27, 118.74, 126.36, 132.54};

/// Gaps to the normal approximation (dB) of Sionna's tables; see the class.
constexpr McsNumbers SIONNA_64QAM{0.8, 0.8, 0.8, 0.8, 0.7, 0.5, 0.9, 0.4, 0.9, 0.7,
                                  1.0, 1.3, 1.0, 1.3, 0.9, 1.3, 1.0, 2.1, 2.1, 2.0,
                                  2.0, 2.1, 2.1, 2.0, 2.1, 2.0, 2.1, 2.5, 2.2};
/// The same of the other table.
constexpr McsNumbers SIONNA_256QAM{0.8, 0.8, 0.7, 0.9, 0.9, 1.3, 1.0, 1.3, 0.9, 1.3,
                                   1.0, 2.1, 2.0, 2.0, 2.1, 2.1, 2.0, 2.1, 2.0, 2.1,
                                   2.4, 2.0, 2.1, 1.9, 2.0, 2.1, 2.2, 2.2};
/// Gaps to the normal approximation (dB) of 5G-LENA's tables; see the class.
constexpr McsNumbers LENA_64QAM{6.3, 5.5, 5.3, 5.0, 4.7, 4.3, 4.1, 3.8, 3.7, 3.7,
                                4.3, 4.2, 4.0, 3.9, 3.8, 3.8, 3.8, 4.6, 4.5, 4.4,
                                4.4, 4.3, 4.2, 4.2, 4.3, 4.3, 4.5, 4.7, 5.8};
/// The same of the other table.
constexpr McsNumbers LENA_256QAM{6.3, 5.3, 4.7, 4.1, 3.7, 4.2, 4.0, 3.9, 3.8, 3.8,
                                 3.8, 4.5, 4.4, 4.4, 4.3, 4.2, 4.2, 4.3, 4.3, 4.5,
                                 4.8, 4.8, 4.7, 4.7, 4.6, 4.7, 4.8, 4.6};

/// Names of published gaps, and of none.
constexpr const char* NO_GAPS = "none";
/// @copydoc NO_GAPS
constexpr const char* SIONNA_GAPS = "sionna";
/// @copydoc NO_GAPS
constexpr const char* LENA_GAPS = "5g-lena";

/// Largest gap that may be given for an MCS, either way (dB).
constexpr double MAX_MCS_GAP = 20.0;

} // namespace

TypeId
CellFreeErrorModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeErrorModel")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddAttribute(
                "McsTable",
                "The modulation and coding schemes: TS 38.214 table 5.1.3.1-1 (64QAM) "
                "or 5.1.3.1-2 (256QAM). Not to be set during a run.",
                EnumValue(CELL_FREE_MCS_256QAM),
                MakePortableEnumAccessor<CellFreeMcsTable>(0,
                                                           &CellFreeErrorModel::SetMcsTable,
                                                           &CellFreeErrorModel::GetMcsTable),
                MakeEnumChecker(CELL_FREE_MCS_64QAM, "64QAM", CELL_FREE_MCS_256QAM, "256QAM"))
            .AddAttribute(
                "BlockSizes",
                "Size of a transport block: Standard, by TS 38.214 section 5.1.3.2 with "
                "the code blocks of TS 38.212, or Unquantised, whole bytes of symbols "
                "times efficiency less a CRC of 24 bits. Blocks on their way keep theirs.",
                EnumValue(CELL_FREE_BLOCKS_STANDARD),
                MakePortableEnumAccessor<CellFreeBlockSizes>(0,
                                                             &CellFreeErrorModel::SetBlockSizes,
                                                             &CellFreeErrorModel::GetBlockSizes),
                MakeEnumChecker(CELL_FREE_BLOCKS_UNQUANTISED,
                                "Unquantised",
                                CELL_FREE_BLOCKS_STANDARD,
                                "Standard"))
            .AddAttribute(
                "EffectiveSinr",
                "How the SINRs of several sub-bands become one: MeanCapacity, that of "
                "the mean of log2(1 + SINR), or Exponential (EESM).",
                EnumValue(EXPONENTIAL),
                MakePortableEnumAccessor<EffectiveSinr>(0, &CellFreeErrorModel::m_effectiveSinr),
                MakeEnumChecker(MEAN_CAPACITY, "MeanCapacity", EXPONENTIAL, "Exponential"));
    return tid;
}

CellFreeErrorModel::~CellFreeErrorModel() = default;

void
CellFreeErrorModel::SetMcsTable(CellFreeMcsTable table)
{
    cellfree::RefuseDuringRun(*this, "McsTable");
    m_mcsTable = table;
    ForgetThresholds();
}

CellFreeMcsTable
CellFreeErrorModel::GetMcsTable() const
{
    return m_mcsTable;
}

void
CellFreeErrorModel::SetBlockSizes(CellFreeBlockSizes sizes)
{
    m_blockSizes = sizes;
    ForgetThresholds();
}

CellFreeBlockSizes
CellFreeErrorModel::GetBlockSizes() const
{
    return m_blockSizes;
}

int
CellFreeErrorModel::GetNMcs() const
{
    return cellfree::GetNMcs(m_mcsTable);
}

uint32_t
CellFreeErrorModel::GetBlockBytes(int mcs, uint32_t nSymbols) const
{
    return cellfree::GetBlockBytes(m_mcsTable, m_blockSizes, mcs, nSymbols);
}

uint64_t
CellFreeErrorModel::GetBlockSymbols(int mcs, uint64_t bytes) const
{
    return cellfree::GetBlockSymbols(m_mcsTable, m_blockSizes, mcs, bytes);
}

double
CellFreeErrorModel::GetFreshTransmissions(int mcs, uint32_t nSymbols) const
{
    const double rate = cellfree::GetCodeRate(m_mcsTable, mcs);
    const bool isGraph1 = cellfree::GetBaseGraph(8.0 * GetBlockBytes(mcs, nSymbols), rate) == 1;
    return rate * (isGraph1 ? 3.0 : 5.0);
}

CellFreeCodeBlocks
CellFreeErrorModel::GetCodeBlocks(int mcs, uint32_t nSymbols) const
{
    if (m_blockSizes == CELL_FREE_BLOCKS_STANDARD)
    {
        return cellfree::DivideIntoCodeBlocks(8 * GetBlockBytes(mcs, nSymbols),
                                              cellfree::GetCodeRate(m_mcsTable, mcs));
    }
    const double blockBits = nSymbols * cellfree::GetMcsEfficiency(m_mcsTable, mcs);
    const double number = std::max(1.0, std::ceil(blockBits / MAX_CODE_BLOCK_BITS));
    return {number, blockBits / number};
}

double
CellFreeErrorModel::GetBlerOfBlocks(double codeBlockErrorRate, double number)
{
    return codeBlockErrorRate >= 1.0 ? 1.0 : -std::expm1(number * std::log1p(-codeBlockErrorRate));
}

double
CellFreeErrorModel::GetEffectiveSinr(int mcs, const Eigen::Ref<const Eigen::VectorXd>& sinr) const
{
    if (sinr.size() == 1)
    {
        return sinr(0);
    }
    if (m_effectiveSinr == EXPONENTIAL)
    {
        const double beta = (m_mcsTable == CELL_FREE_MCS_64QAM ? BETA_64QAM : BETA_256QAM)[mcs];
        // Relative to the smallest, so that not every term vanishes.
        const double smallest = sinr.minCoeff();
        const double mean = ((smallest - sinr.array()) / beta).exp().mean();
        return smallest - beta * std::log(mean);
    }
    double nats = 0.0;
    for (double share : sinr)
    {
        nats += std::log1p(share);
    }
    return std::expm1(nats / sinr.size());
}

double
CellFreeErrorModel::ComputeThreshold(int mcs, uint32_t nSymbols, double targetBler) const
{
    double low = 1e-9;
    double high = 1e9;
    while (high > low * (1.0 + 1e-12))
    {
        const double middle = std::sqrt(low * high);
        (GetBler(mcs, middle, nSymbols) <= targetBler ? high : low) = middle;
    }
    return high;
}

double
CellFreeErrorModel::GetSinr(int mcs, uint32_t nSymbols, double targetBler) const
{
    return GetThresholds(nSymbols, targetBler)[mcs];
}

void
CellFreeErrorModel::ForgetThresholds()
{
    m_thresholds.clear();
}

const CellFreeErrorModel::Thresholds&
CellFreeErrorModel::GetThresholds(uint32_t nSymbols, double targetBler) const
{
    const std::pair<uint32_t, double> key(nSymbols, targetBler);
    auto entry = m_thresholds.find(key);
    if (entry == m_thresholds.end())
    {
        if (m_thresholds.size() >= MAX_THRESHOLDS)
        {
            m_thresholds.clear();
        }
        entry = m_thresholds.emplace(key, Thresholds()).first;
        for (int mcs = 0; mcs < GetNMcs(); ++mcs)
        {
            entry->second[mcs] = ComputeThreshold(mcs, nSymbols, targetBler);
        }
    }
    return entry->second;
}

bool
CellFreeErrorModel::MeetsTarget(int mcs,
                                double sinr,
                                double threshold,
                                uint32_t nSymbols,
                                double targetBler) const
{
    const double distance = sinr - threshold;
    const bool isClear =
        nSymbols >= MIN_THRESHOLD_SYMBOLS && std::abs(distance) > THRESHOLD_TOLERANCE * threshold;
    return isClear ? distance > 0.0 : GetBler(mcs, sinr, nSymbols) <= targetBler;
}

int
CellFreeErrorModel::SelectMcs(double sinr, uint32_t nSymbols, double targetBler) const
{
    const auto& thresholds = GetThresholds(nSymbols, targetBler);
    int mcs = GetNMcs() - 1;
    // From above: thresholds need not rise with the MCS where tables and sizes are as published.
    while (mcs >= 0 && !MeetsTarget(mcs, sinr, thresholds[mcs], nSymbols, targetBler))
    {
        --mcs;
    }
    NS_LOG_LOGIC("SINR " << sinr << ", " << nSymbols << " symbols: MCS " << mcs);
    return mcs;
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
    const auto& thresholds = GetThresholds(nSymbols, targetBler);
    // No effective SINR is above the mean, so that most MCS need none.
    const double most = sinr.mean() * (1.0 + THRESHOLD_TOLERANCE);
    int mcs = GetNMcs() - 1;
    while (mcs >= 0 &&
           ((nSymbols >= MIN_THRESHOLD_SYMBOLS && thresholds[mcs] > most) ||
            !MeetsTarget(mcs, GetEffectiveSinr(mcs, sinr), thresholds[mcs], nSymbols, targetBler)))
    {
        --mcs;
    }
    return mcs;
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
                          "finite-blocklength limit of Gaussian signalling, the same for every "
                          "MCS (dB, 0 to 20).",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreeFiniteLengthErrorModel::SetImplementationGap,
                                             &CellFreeFiniteLengthErrorModel::GetImplementationGap),
                          MakeDoubleChecker<double>(0.0, 20.0))
            .AddAttribute("McsGaps",
                          "Further loss of each MCS: none; sionna or 5g-lena, from the link-level "
                          "tables of that name; or numbers separated by commas, one for each MCS "
                          "of the table (dB, -20 to 20).",
                          StringValue("sionna"),
                          MakeStringAccessor(&CellFreeFiniteLengthErrorModel::SetMcsGaps,
                                             &CellFreeFiniteLengthErrorModel::GetMcsGaps),
                          MakeStringChecker());
    return tid;
}

CellFreeFiniteLengthErrorModel::CellFreeFiniteLengthErrorModel() = default;

CellFreeFiniteLengthErrorModel::~CellFreeFiniteLengthErrorModel() = default;

void
CellFreeFiniteLengthErrorModel::DoInitialize()
{
    CheckMcsGaps();
    CellFreeErrorModel::DoInitialize();
}

double
CellFreeFiniteLengthErrorModel::GetBler(int mcs, double sinr, uint32_t nSymbols) const
{
    const double g = sinr * std::pow(10.0, -GetGap(mcs) / 10.0);
    if (!(g > 0.0))
    {
        return 1.0;
    }
    const auto blocks = GetCodeBlocks(mcs, nSymbols);
    const double n = nSymbols / blocks.number;
    const double k = blocks.bits;
    const double log2e = 1.0 / std::log(2.0);
    const double capacity = std::log1p(g) * log2e;
    // 1 - (1 + g)^-2, written without cancellation at small g.
    const double dispersion = g * (2.0 + g) / ((1.0 + g) * (1.0 + g)) * log2e * log2e;
    const double x = (n * capacity - k + 0.5 * std::log2(n)) / std::sqrt(n * dispersion);
    return GetBlerOfBlocks(0.5 * std::erfc(x / std::sqrt(2.0)), blocks.number);
}

double
CellFreeFiniteLengthErrorModel::GetGap(int mcs) const
{
    const bool is64 = GetMcsTable() == CELL_FREE_MCS_64QAM;
    if (m_gapsName == SIONNA_GAPS)
    {
        return m_gap + (is64 ? SIONNA_64QAM : SIONNA_256QAM)[mcs];
    }
    if (m_gapsName == LENA_GAPS)
    {
        return m_gap + (is64 ? LENA_64QAM : LENA_256QAM)[mcs];
    }
    return m_givenGaps.empty() ? m_gap : m_gap + m_givenGaps.at(mcs);
}

void
CellFreeFiniteLengthErrorModel::SetImplementationGap(double gap)
{
    m_gap = gap;
    ForgetThresholds();
}

double
CellFreeFiniteLengthErrorModel::GetImplementationGap() const
{
    return m_gap;
}

void
CellFreeFiniteLengthErrorModel::SetMcsGaps(std::string gaps)
{
    m_givenGaps.clear();
    if (gaps != NO_GAPS && gaps != SIONNA_GAPS && gaps != LENA_GAPS)
    {
        std::istringstream list(gaps);
        for (std::string entry; std::getline(list, entry, ',');)
        {
            std::istringstream number(entry);
            double gap = 0.0;
            NS_ABORT_MSG_IF(
                !(number >> gap) || !(number >> std::ws).eof() || !(std::abs(gap) <= MAX_MCS_GAP),
                "CellFreeFiniteLengthErrorModel::McsGaps: '"
                    << entry << "': expected none, sionna, 5g-lena or numbers from -" << MAX_MCS_GAP
                    << " to " << MAX_MCS_GAP << " dB separated by commas");
            m_givenGaps.push_back(gap);
        }
        NS_ABORT_MSG_IF(m_givenGaps.empty(),
                        "CellFreeFiniteLengthErrorModel::McsGaps is empty: expected none, sionna, "
                        "5g-lena or numbers separated by commas");
    }
    m_gapsName = gaps;
    ForgetThresholds();
    if (IsInitialized())
    {
        CheckMcsGaps();
    }
}

std::string
CellFreeFiniteLengthErrorModel::GetMcsGaps() const
{
    return m_gapsName;
}

void
CellFreeFiniteLengthErrorModel::CheckMcsGaps() const
{
    const std::size_t nMcs = GetNMcs();
    NS_ABORT_MSG_IF(!m_givenGaps.empty() && m_givenGaps.size() != nMcs,
                    "CellFreeFiniteLengthErrorModel::McsGaps has "
                        << m_givenGaps.size() << " numbers: expected " << nMcs
                        << ", one for each MCS of the table");
}

} // namespace ns3
