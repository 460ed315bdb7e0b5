// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-frame.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/integer.h"
#include "ns3/log.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

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
                "Directions of the slots of a frame, repeated: D downlink, U uplink, S special "
                "(see SpecialSlot: downlink data, and in the uplink pilots alone); at least one D. "
                "Not to be set during a run.",
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
                          "Of the 14 OFDM symbols of a slot, those that are no control (1 to 14). "
                          "They carry data but for the pilot, guard and sensing symbols. Not to be "
                          "set during a run.",
                          UintegerValue(12),
                          MakeUintegerAccessor(&CellFreeFrame::SetDataSymbolsPerSlot,
                                               &CellFreeFrame::GetDataSymbolsPerSlot),
                          MakeUintegerChecker<uint32_t>(1, N_SYMBOLS))
            .AddAttribute(
                "SpecialSlot",
                "OFDM symbols of a special slot: downlink, guard and uplink, separated "
                "by colons, 14 in all. Not to be set during a run.",
                StringValue("10:2:2"),
                MakeStringAccessor(&CellFreeFrame::SetSpecialSlot, &CellFreeFrame::GetSpecialSlot),
                MakeStringChecker())
            .AddAttribute("PilotSymbols",
                          "OFDM symbols of an uplink slot that carry pilots (0 to 13), and of the "
                          "uplink part of a special slot as far as it has them; -1 for what the "
                          "channel knowledge of the CPUs needs: a symbol for every 12 pilots, none "
                          "for perfect knowledge. Not to be set during a run.",
                          IntegerValue(-1),
                          MakeIntegerAccessor(&CellFreeFrame::SetPilotSymbols,
                                              &CellFreeFrame::GetPilotSymbolsSet),
                          MakeIntegerChecker<int32_t>(-1, N_SYMBOLS - 1))
            .AddAttribute("GuardSymbols",
                          "OFDM symbols that a downlink slot loses where an uplink slot follows, "
                          "for the switch (0 to 13). Not to be set during a run.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&CellFreeFrame::SetGuardSymbols,
                                               &CellFreeFrame::GetGuardSymbols),
                          MakeUintegerChecker<uint32_t>(0, N_SYMBOLS - 1))
            .AddAttribute("SensingSymbols",
                          "OFDM symbols of a downlink or special slot that illuminate targets and "
                          "carry no data (0 to 13); 0 if those that carry data illuminate. Not to "
                          "be set during a run.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&CellFreeFrame::SetSensingSymbols,
                                               &CellFreeFrame::GetSensingSymbols),
                          MakeUintegerChecker<uint32_t>(0, N_SYMBOLS - 1));
    return tid;
}

CellFreeFrame::CellFreeFrame() = default;

CellFreeFrame::~CellFreeFrame() = default;

std::string
CellFreeFrame::FindPatternError(const std::string& pattern)
{
    const bool isValid = pattern.find_first_not_of("DSU") == std::string::npos &&
                         pattern.find('D') != std::string::npos;
    return isValid ? "" : "expected letters D, S and U, at least one D";
}

void
CellFreeFrame::SetPattern(const std::string& pattern)
{
    cellfree::RefuseDuringRun(*this, "Pattern");
    const auto error = FindPatternError(pattern);
    NS_ABORT_MSG_IF(!error.empty(), "CellFreeFrame::Pattern = \"" << pattern << "\": " << error);
    m_pattern = pattern;
}

void
CellFreeFrame::DoInitialize()
{
    const auto error = FindError();
    NS_ABORT_MSG_IF(!error.empty(), error);
    Object::DoInitialize();
}

void
CellFreeFrame::SetSpecialSlot(const std::string& parts)
{
    cellfree::RefuseDuringRun(*this, "SpecialSlot");
    std::istringstream stream(parts);
    uint32_t guard = 0;
    char first = 0;
    char second = 0;
    const bool isRead = parts.find_first_not_of("0123456789:") == std::string::npos &&
                        stream >> m_specialDownlink >> first >> guard >> second >> m_specialUplink;
    NS_ABORT_MSG_IF(!isRead || first != ':' || second != ':' || !stream.eof() ||
                        uint64_t{m_specialDownlink} + guard + m_specialUplink != N_SYMBOLS,
                    "CellFreeFrame::SpecialSlot = \""
                        << parts
                        << "\": expected symbols of downlink, guard and uplink such as 10:2:2, "
                        << N_SYMBOLS << " in all");
}

std::string
CellFreeFrame::GetSpecialSlot() const
{
    std::ostringstream parts;
    parts << m_specialDownlink << ':' << N_SYMBOLS - m_specialDownlink - m_specialUplink << ':'
          << m_specialUplink;
    return parts.str();
}

void
CellFreeFrame::SetPilotSymbols(int32_t number)
{
    cellfree::RefuseDuringRun(*this, "PilotSymbols");
    m_pilotSymbols = number;
}

int32_t
CellFreeFrame::GetPilotSymbolsSet() const
{
    return m_pilotSymbols;
}

void
CellFreeFrame::SetGuardSymbols(uint32_t number)
{
    cellfree::RefuseDuringRun(*this, "GuardSymbols");
    m_guardSymbols = number;
}

uint32_t
CellFreeFrame::GetGuardSymbols() const
{
    return m_guardSymbols;
}

void
CellFreeFrame::SetSensingSymbols(uint32_t number)
{
    cellfree::RefuseDuringRun(*this, "SensingSymbols");
    m_sensingSymbols = number;
}

uint32_t
CellFreeFrame::GetSensingSymbols() const
{
    return m_sensingSymbols;
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

char
CellFreeFrame::GetKind(uint64_t slot) const
{
    return m_pattern[slot % m_pattern.size()];
}

bool
CellFreeFrame::IsUplink(uint64_t slot) const
{
    return GetKind(slot) == 'U';
}

bool
CellFreeFrame::HasUplink() const
{
    return m_pattern.find('U') != std::string::npos;
}

bool
CellFreeFrame::HasUplinkSymbols() const
{
    return HasUplink() || (m_specialUplink > 0 && m_pattern.find('S') != std::string::npos);
}

bool
CellFreeFrame::HasPilots(uint64_t slot) const
{
    return GetUplinkSymbols(slot) > 0;
}

uint32_t
CellFreeFrame::GetDownlinkSymbols(uint64_t slot) const
{
    switch (GetKind(slot))
    {
    case 'D':
        return N_SYMBOLS - (IsUplink(slot + 1) ? m_guardSymbols : 0);
    case 'S':
        return m_specialDownlink;
    default:
        return 0;
    }
}

uint32_t
CellFreeFrame::GetUplinkSymbols(uint64_t slot) const
{
    switch (GetKind(slot))
    {
    case 'U':
        return N_SYMBOLS;
    case 'S':
        return m_specialUplink;
    default:
        return 0;
    }
}

uint32_t
CellFreeFrame::GetPilotSymbols(uint64_t slot) const
{
    const uint32_t wanted = m_pilotSymbols < 0 ? m_neededSymbols : m_pilotSymbols;
    return std::min(wanted, GetUplinkSymbols(slot));
}

uint32_t
CellFreeFrame::GetControlSymbols() const
{
    return N_SYMBOLS - m_dataSymbols;
}

int32_t
CellFreeFrame::CountDataSymbols(uint64_t slot) const
{
    const auto control = static_cast<int32_t>(GetControlSymbols());
    return IsUplink(slot) ? static_cast<int32_t>(GetUplinkSymbols(slot)) - control -
                                static_cast<int32_t>(GetPilotSymbols(slot))
                          : static_cast<int32_t>(GetDownlinkSymbols(slot)) - control -
                                static_cast<int32_t>(m_sensingSymbols);
}

uint32_t
CellFreeFrame::GetIlluminatingSymbols(double bandwidth, uint64_t slot) const
{
    if (IsUplink(slot))
    {
        return 0;
    }
    const auto symbols =
        m_sensingSymbols > 0 ? N_SUBCARRIERS * m_sensingSymbols : GetBlockSymbols(slot);
    return GetResourceBlocks(bandwidth) * symbols;
}

void
CellFreeFrame::RequirePilots(uint32_t number, const std::string& who)
{
    if (number == 0)
    {
        return;
    }
    NS_ABORT_MSG_IF(!HasUplinkSymbols(),
                    "CellFreeFrame::Pattern = \""
                        << m_pattern << "\" has no uplink symbols, but " << who << " needs "
                        << number << " pilots: expected a U, or an S with uplink symbols");
    m_neededSymbols = std::max(m_neededSymbols, (number + N_SUBCARRIERS - 1) / N_SUBCARRIERS);
    for (uint64_t slot = 0; slot < m_pattern.size(); ++slot)
    {
        const uint32_t room = N_SUBCARRIERS * GetPilotSymbols(slot);
        NS_ABORT_MSG_IF(HasPilots(slot) && room < number,
                        who << " needs " << number << " pilots, but a resource block of a slot "
                            << GetKind(slot) << " has room for " << room
                            << ": expected fewer pilots, or a larger CellFreeFrame::PilotSymbols = "
                            << m_pilotSymbols << " or SpecialSlot = " << GetSpecialSlot());
    }
    const auto error = FindError();
    NS_ABORT_MSG_IF(!error.empty(), error);
}

double
CellFreeFrame::GetDataShare(bool isUplink) const
{
    double sum = 0.0;
    for (uint64_t slot = 0; slot < m_pattern.size(); ++slot)
    {
        sum += IsUplink(slot) == isUplink ? CountDataSymbols(slot) : 0;
    }
    return sum / (N_SYMBOLS * m_pattern.size());
}

std::string
CellFreeFrame::FindError() const
{
    for (uint64_t slot = 0; slot < m_pattern.size(); ++slot)
    {
        if (CountDataSymbols(slot) > 0)
        {
            continue;
        }
        std::ostringstream error;
        error << "CellFreeFrame: a slot " << GetKind(slot) << " of pattern \"" << m_pattern
              << "\" has no data symbols left: "
              << (IsUplink(slot) ? GetUplinkSymbols(slot) : GetDownlinkSymbols(slot))
              << " symbols of its direction less " << GetControlSymbols()
              << " of control (14 - DataSymbols)";
        if (IsUplink(slot))
        {
            error << " and " << GetPilotSymbols(slot) << " of PilotSymbols";
        }
        else
        {
            error << " and " << m_sensingSymbols << " of SensingSymbols";
        }
        error << ": expected at least 1";
        return error.str();
    }
    return "";
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

template <typename Count>
uint64_t
CellFreeFrame::FindFewest(uint64_t nSlots, Count count) const
{
    const uint64_t period = m_pattern.size();
    uint64_t perFrame = 0;
    for (uint64_t slot = 0; slot < period; ++slot)
    {
        perFrame += count(slot);
    }
    uint64_t fewest = std::numeric_limits<uint64_t>::max();
    for (uint64_t first = 0; first < period; ++first)
    {
        uint64_t rest = 0;
        for (uint64_t i = 0; i < nSlots % period; ++i)
        {
            rest += count(first + i);
        }
        fewest = std::min(fewest, rest);
    }
    return nSlots / period * perFrame + fewest;
}

uint64_t
CellFreeFrame::CountDownlinkSlots(Time duration) const
{
    return FindFewest(duration.GetTimeStep() / m_slotDuration.GetTimeStep(),
                      [this](uint64_t slot) { return IsUplink(slot) ? 0 : 1; });
}

uint64_t
CellFreeFrame::CountIlluminatingSymbols(double bandwidth, Time duration) const
{
    return FindFewest(
        duration.GetTimeStep() / m_slotDuration.GetTimeStep(),
        [this, bandwidth](uint64_t slot) { return GetIlluminatingSymbols(bandwidth, slot); });
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
CellFreeFrame::GetBlockSymbols(uint64_t slot) const
{
    return N_SUBCARRIERS * std::max(0, CountDataSymbols(slot));
}

uint32_t
CellFreeFrame::GetDataSymbols(double bandwidth, uint64_t slot) const
{
    return GetResourceBlocks(bandwidth) * GetBlockSymbols(slot);
}

} // namespace ns3
