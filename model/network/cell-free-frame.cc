// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-frame.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/string.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeFrame);

TypeId
CellFreeFrame::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeFrame")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeFrame>()
            .AddAttribute("SlotDuration",
                          "Duration of a slot (at least 1 us).",
                          TimeValue(MicroSeconds(500)),
                          MakeTimeAccessor(&CellFreeFrame::m_slotDuration),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute(
                "Pattern",
                "Directions of the slots of a frame, repeated: D downlink, U uplink; at "
                "least one D.",
                StringValue("DDDU"),
                MakeStringAccessor(&CellFreeFrame::SetPattern, &CellFreeFrame::GetPattern),
                MakeStringChecker())
            .AddAttribute("Overhead",
                          "Share of a slot's time-bandwidth product spent on guard bands, cyclic "
                          "prefixes, control and pilots, 0 to 0.95. The default leaves 12 of 14 "
                          "symbols on 51 resource blocks of 30 kHz spacing in 20 MHz.",
                          DoubleValue(0.2656),
                          MakeDoubleAccessor(&CellFreeFrame::m_overhead),
                          MakeDoubleChecker<double>(0.0, 0.95));
    return tid;
}

CellFreeFrame::CellFreeFrame() = default;

CellFreeFrame::~CellFreeFrame() = default;

void
CellFreeFrame::SetPattern(const std::string& pattern)
{
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

Time
CellFreeFrame::GetSlotDuration() const
{
    return m_slotDuration;
}

bool
CellFreeFrame::IsUplink(uint64_t slot) const
{
    return m_pattern[slot % m_pattern.size()] == 'U';
}

uint32_t
CellFreeFrame::GetDataSymbols(double bandwidth) const
{
    return static_cast<uint32_t>(bandwidth * m_slotDuration.GetSeconds() * (1.0 - m_overhead));
}

} // namespace ns3
