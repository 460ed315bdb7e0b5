// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-frame.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/log.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeFrame");

NS_OBJECT_ENSURE_REGISTERED(CellFreeFrame);

namespace
{

/// One entry of the tables of transmission bandwidth configurations.
struct BandwidthConfiguration
{
    int spacing;             //!< subcarrier spacing (kHz)
    int bandwidth;           //!< channel bandwidth (MHz)
    uint32_t resourceBlocks; //!< N_RB
};

/// TS 38.101-1 V17 table 5.3.2-1 (15 to 60 kHz), TS 38.101-2 V17 table 5.3.2-1 (120 kHz; 60 kHz at
/// 200 MHz).
constexpr BandwidthConfiguration BANDWIDTH_CONFIGURATIONS[] = {
    {15, 5, 25},     {15, 10, 52},    {15, 15, 79},   {15, 20, 106},  {15, 25, 133}, {15, 30, 160},
    {15, 35, 188},   {15, 40, 216},   {15, 45, 242},  {15, 50, 270},  {30, 5, 11},   {30, 10, 24},
    {30, 15, 38},    {30, 20, 51},    {30, 25, 65},   {30, 30, 78},   {30, 35, 92},  {30, 40, 106},
    {30, 45, 119},   {30, 50, 133},   {30, 60, 162},  {30, 70, 189},  {30, 80, 217}, {30, 90, 245},
    {30, 100, 273},  {60, 10, 11},    {60, 15, 18},   {60, 20, 24},   {60, 25, 31},  {60, 30, 38},
    {60, 35, 44},    {60, 40, 51},    {60, 45, 58},   {60, 50, 65},   {60, 60, 79},  {60, 70, 93},
    {60, 80, 107},   {60, 90, 121},   {60, 100, 135}, {60, 200, 264}, {120, 50, 32}, {120, 100, 66},
    {120, 200, 132}, {120, 400, 264},
};

} // namespace

TypeId
CellFreeFrame::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeFrame")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeFrame>()
            .AddAttribute(
                "SlotDuration",
                "Duration of a slot (1 us to 1 s); not to be set during a run. 1 ms makes "
                "15 kHz of subcarrier spacing, 500 us 30 kHz, and so on.",
                TimeValue(MicroSeconds(500)),
                MakeTimeAccessor(&CellFreeFrame::SetSlotDuration, &CellFreeFrame::GetSlotDuration),
                MakeTimeChecker(MicroSeconds(1), Seconds(1)))
            .AddAttribute(
                "Pattern",
                "Directions of the slots of a frame, repeated: D downlink, U uplink; at "
                "least one D. Not to be set during a run.",
                StringValue("DDDU"),
                MakeStringAccessor(&CellFreeFrame::SetPattern, &CellFreeFrame::GetPattern),
                MakeStringChecker())
            .AddAttribute("ResourceBlocks",
                          "Resource blocks of 12 subcarriers (0 to 100000); 0 for those of TS "
                          "38.101 at the carrier's bandwidth. Not to be set during a run.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&CellFreeFrame::SetResourceBlocks,
                                               &CellFreeFrame::GetResourceBlocksSet),
                          MakeUintegerChecker<uint32_t>(0, 100000))
            .AddAttribute("DataSymbols",
                          "Of the 14 OFDM symbols of a slot, those that carry data (1 to 14); the "
                          "others are control and pilots. Not to be set during a run.",
                          UintegerValue(12),
                          MakeUintegerAccessor(&CellFreeFrame::SetDataSymbolsPerSlot,
                                               &CellFreeFrame::GetDataSymbolsPerSlot),
                          MakeUintegerChecker<uint32_t>(1, N_SYMBOLS));
    return tid;
}

CellFreeFrame::CellFreeFrame() = default;

CellFreeFrame::~CellFreeFrame() = default;

void
CellFreeFrame::SetPattern(const std::string& pattern)
{
    cellfree::RefuseDuringRun(*this, "Pattern");
    NS_ABORT_MSG_IF(pattern.find_first_not_of("DU") != std::string::npos ||
                        pattern.find('D') == std::string::npos,
                    "CellFreeFrame::Pattern = \""
                        << pattern << "\": expected letters D and U, at least one D");
    m_pattern = pattern;
}

std::string
CellFreeFrame::GetPattern() const
{
    return m_pattern;
}

void
CellFreeFrame::SetSlotDuration(Time duration)
{
    cellfree::RefuseDuringRun(*this, "SlotDuration");
    m_slotDuration = duration;
}

Time
CellFreeFrame::GetSlotDuration() const
{
    return m_slotDuration;
}

void
CellFreeFrame::SetResourceBlocks(uint32_t number)
{
    cellfree::RefuseDuringRun(*this, "ResourceBlocks");
    m_resourceBlocks = number;
}

uint32_t
CellFreeFrame::GetResourceBlocksSet() const
{
    return m_resourceBlocks;
}

void
CellFreeFrame::SetDataSymbolsPerSlot(uint32_t number)
{
    cellfree::RefuseDuringRun(*this, "DataSymbols");
    m_dataSymbols = number;
}

uint32_t
CellFreeFrame::GetDataSymbolsPerSlot() const
{
    return m_dataSymbols;
}

double
CellFreeFrame::GetSubcarrierSpacing() const
{
    return 15.0 / m_slotDuration.GetSeconds();
}

bool
CellFreeFrame::IsUplink(uint64_t slot) const
{
    return m_pattern[slot % m_pattern.size()] == 'U';
}

bool
CellFreeFrame::HasPilots(uint64_t slot) const
{
    return IsUplink(slot);
}

uint64_t
CellFreeFrame::GetDownlinkSlot(uint64_t slot, uint32_t n) const
{
    for (; n > 0; --n)
    {
        do
        {
            ++slot;
        } while (IsUplink(slot));
    }
    return slot;
}

uint64_t
CellFreeFrame::CountDownlinkSlots(Time duration) const
{
    const uint64_t nSlots = duration.GetTimeStep() / m_slotDuration.GetTimeStep();
    const uint64_t perFrame = std::count(m_pattern.begin(), m_pattern.end(), 'D');
    const uint64_t rest = nSlots % m_pattern.size();
    uint64_t fewest = rest;
    for (uint64_t first = 0; first < m_pattern.size(); ++first)
    {
        uint64_t count = 0;
        for (uint64_t i = 0; i < rest; ++i)
        {
            count += IsUplink(first + i) ? 0 : 1;
        }
        fewest = std::min(fewest, count);
    }
    return nSlots / m_pattern.size() * perFrame + fewest;
}

uint32_t
CellFreeFrame::GetResourceBlocks(double bandwidth) const
{
    if (m_resourceBlocks > 0)
    {
        return m_resourceBlocks;
    }
    const double spacing = GetSubcarrierSpacing();
    for (const auto& configuration : BANDWIDTH_CONFIGURATIONS)
    {
        if (std::abs(spacing - 1e3 * configuration.spacing) < 1.0 &&
            std::abs(bandwidth - 1e6 * configuration.bandwidth) < 1.0)
        {
            return configuration.resourceBlocks;
        }
    }
    const double share = 0.9;
    return static_cast<uint32_t>(share * bandwidth / (N_SUBCARRIERS * spacing));
}

uint32_t
CellFreeFrame::GetBlockSymbols(uint64_t /* slot */) const
{
    return N_SUBCARRIERS * m_dataSymbols;
}

uint32_t
CellFreeFrame::GetDataSymbols(double bandwidth, uint64_t slot) const
{
    return GetResourceBlocks(bandwidth) * GetBlockSymbols(slot);
}

} // namespace ns3
