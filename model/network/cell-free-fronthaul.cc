// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-fronthaul.h"

#include "cell-free-link.h"
#include "cell-free-mcs.h"

#include "ns3/abort.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeFronthaul");

NS_OBJECT_ENSURE_REGISTERED(CellFreeFronthaul);
NS_OBJECT_ENSURE_REGISTERED(CellFreeIdealFronthaul);
NS_OBJECT_ENSURE_REGISTERED(CellFreeLimitedFronthaul);

TypeId
CellFreeFronthaul::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeFronthaul")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddTraceSource("Load",
                            "An AP's link was given something to carry for a slot; "
                            "nothing is said by a fronthaul without limits.",
                            MakeTraceSourceAccessor(&CellFreeFronthaul::m_loadTrace),
                            "ns3::CellFreeFronthaul::LoadTracedCallback");
    return tid;
}

CellFreeFronthaul::~CellFreeFronthaul() = default;

void
CellFreeFronthaul::DoDispose()
{
    m_link = nullptr;
    Object::DoDispose();
}

void
CellFreeFronthaul::SetLink(Ptr<CellFreeLink> link)
{
    m_link = link;
}

CellFreeLink&
CellFreeFronthaul::GetLink() const
{
    NS_ABORT_MSG_IF(!m_link, "CellFreeFronthaul: no link: expected CellFreeLink::AddCpu()");
    return *m_link;
}

uint32_t
CellFreeFronthaul::GetDelay(uint64_t /* slot */) const
{
    return 0;
}

bool
CellFreeFronthaul::CanCarry(const CellFreeSlotPlan& /* plan */) const
{
    return true;
}

uint32_t
CellFreeFronthaul::LimitUplink(uint64_t /* slot */,
                               const std::vector<uint32_t>& /* aps */,
                               uint32_t nSymbols) const
{
    return nSymbols;
}

void
CellFreeFronthaul::CollectPilots(uint64_t /* slot */, std::vector<uint32_t>& /* aps */)
{
}

void
CellFreeFronthaul::Collect(CellFreeSlotPlan& /* plan */)
{
}

TypeId
CellFreeIdealFronthaul::GetTypeId()
{
    static TypeId tid = TypeId("ns3::CellFreeIdealFronthaul")
                            .SetParent<CellFreeFronthaul>()
                            .SetGroupName("CellFreeIsac")
                            .AddConstructor<CellFreeIdealFronthaul>();
    return tid;
}

CellFreeIdealFronthaul::CellFreeIdealFronthaul() = default;

CellFreeIdealFronthaul::~CellFreeIdealFronthaul() = default;

uint32_t
CellFreeIdealFronthaul::Transfer(CellFreeSlotPlan& plan)
{
    NS_LOG_FUNCTION(this << plan.slot);
    return 0;
}

TypeId
CellFreeLimitedFronthaul::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeLimitedFronthaul")
            .SetParent<CellFreeFronthaul>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeLimitedFronthaul>()
            .AddAttribute("Rate",
                          "Bit rate of each AP's link in each direction; 0 for no limit. Acts from "
                          "the next slot on, also on what waits.",
                          DataRateValue(DataRate(0)),
                          MakeDataRateAccessor(&CellFreeLimitedFronthaul::m_rate),
                          MakeDataRateChecker())
            .AddAttribute("Delay",
                          "Time that a plan needs to the APs beside the sending of its bits (0 to "
                          "1 s): beams take effect in the first downlink slot that begins after "
                          "it.",
                          TimeValue(Seconds(0)),
                          MakeTimeAccessor(&CellFreeLimitedFronthaul::m_delay),
                          MakeTimeChecker(Seconds(0), Seconds(1)))
            .AddAttribute(
                "Split",
                "Where the physical layer is cut: Split8 (samples of every antenna), Split72x "
                "(streams in the frequency domain, and their beams) or Local (user bits; beams "
                "are computed at the AP, which asks for a policy that needs no other AP's "
                "channel). Acts from the next slot on.",
                EnumValue(ISAC_SPLIT_72X),
                MakePortableEnumAccessor<IsacFunctionalSplit>(0,
                                                              &CellFreeLimitedFronthaul::m_split),
                MakeEnumChecker(ISAC_SPLIT_8,
                                "Split8",
                                ISAC_SPLIT_72X,
                                "Split72x",
                                ISAC_SPLIT_LOCAL,
                                "Local"))
            .AddAttribute("MantissaBits",
                          "Bits of the in-phase and of the quadrature part of a value in the "
                          "frequency domain, by block floating point (1 to 16).",
                          UintegerValue(9),
                          MakeUintegerAccessor(&CellFreeLimitedFronthaul::m_mantissaBits),
                          MakeUintegerChecker<uint32_t>(1, 16))
            .AddAttribute("WeightBits",
                          "Bits of the in-phase and of the quadrature part of a beam's weight (0 "
                          "to 16), of which every stream has one per antenna and sub-band; 0 if "
                          "beams have numbers that the AP knows. With Split=Local those of a "
                          "stream's coefficient.",
                          UintegerValue(9),
                          MakeUintegerAccessor(&CellFreeLimitedFronthaul::m_weightBits),
                          MakeUintegerChecker<uint32_t>(0, 16))
            .AddAttribute("SampleBits",
                          "Bits of the in-phase and of the quadrature part of a sample in the time "
                          "domain (4 to 20).",
                          UintegerValue(15),
                          MakeUintegerAccessor(&CellFreeLimitedFronthaul::m_sampleBits),
                          MakeUintegerChecker<uint32_t>(4, 20))
            .AddAttribute("SamplingRate",
                          "Samples per second and antenna in the time domain (0 to 1e11 Hz); 0 for "
                          "the subcarrier spacing times the smallest power of two above the number "
                          "of subcarriers.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreeLimitedFronthaul::m_samplingRate),
                          MakeDoubleChecker<double>(0.0, 1e11))
            .AddAttribute("PayloadBytes",
                          "Largest payload of an Ethernet frame on the fronthaul (bytes, 128 to "
                          "9600).",
                          UintegerValue(1500),
                          MakeUintegerAccessor(&CellFreeLimitedFronthaul::m_payloadBytes),
                          MakeUintegerChecker<uint32_t>(128, 9600));
    return tid;
}

CellFreeLimitedFronthaul::CellFreeLimitedFronthaul() = default;

CellFreeLimitedFronthaul::~CellFreeLimitedFronthaul() = default;

IsacFunctionalSplit
CellFreeLimitedFronthaul::GetSplit() const
{
    return m_split;
}

uint32_t
CellFreeLimitedFronthaul::GetDelay(uint64_t slot) const
{
    const auto& link = GetLink();
    const auto& frame = *link.GetFrame();
    const Time arrival = link.GetSlotStart(slot) + m_delay;
    uint32_t n = 0;
    while (link.GetSlotStart(frame.GetDownlinkSlot(slot, n)) < arrival)
    {
        ++n;
    }
    return n;
}

double
CellFreeLimitedFronthaul::GetCapacity(uint64_t slot, bool isDownlink) const
{
    const double rate = m_rate.GetBitRate();
    const Time due = GetLink().GetSlotStart(slot + 1) - (isDownlink ? m_delay : Time(0));
    return rate > 0.0 ? rate * (due - Simulator::Now()).GetSeconds()
                      : std::numeric_limits<double>::infinity();
}

double
CellFreeLimitedFronthaul::GetBacklog(uint32_t ap, bool isDownlink) const
{
    const double rate = m_rate.GetBitRate();
    if (ap >= m_queues.size() || rate == 0.0)
    {
        return 0.0;
    }
    const auto& queue = m_queues[ap][isDownlink ? 0 : 1];
    return std::max(0.0, queue.backlog - rate * (Simulator::Now() - queue.time).GetSeconds());
}

bool
CellFreeLimitedFronthaul::CanCarry(const CellFreeSlotPlan& plan) const
{
    const double capacity = GetCapacity(plan.slot, true);
    for (std::size_t m = 0; m < plan.aps.size() && std::isfinite(capacity); ++m)
    {
        if (GetBacklog(plan.aps[m], true) + CountDownlink(plan, m) <= capacity)
        {
            return true;
        }
    }
    return !std::isfinite(capacity);
}

uint32_t
CellFreeLimitedFronthaul::LimitUplink(uint64_t slot,
                                      const std::vector<uint32_t>& aps,
                                      uint32_t nSymbols) const
{
    const double capacity = GetCapacity(slot, false);
    if (!std::isfinite(capacity) || m_split == ISAC_SPLIT_8)
    {
        return nSymbols;
    }
    double backlog = capacity;
    for (uint32_t ap : aps)
    {
        backlog = std::min(backlog, GetBacklog(ap, false));
    }
    // The load of as many layers as there may be, with two UEs each, over n resource blocks.
    auto& trial = m_trial;
    const uint32_t nLayers = GetLink().GetMaxUplinkStreams();
    const uint32_t perBlock = GetLink().GetFrame()->GetBlockSymbols(slot);
    trial.slot = slot;
    trial.ues.assign(2 * nLayers, 0);
    trial.symbols.resize(2 * nLayers);
    trial.layers.resize(2 * nLayers);
    const auto fits = [&](uint32_t n) {
        for (uint32_t i = 0; i < 2 * nLayers; ++i)
        {
            trial.layers[i] = i / 2;
            trial.symbols[i] = perBlock * (i % 2 == 0 ? n / 2 : n - n / 2);
        }
        return backlog + CountUplink(trial, 0) <= capacity;
    };
    uint32_t low = 0; // fits, or nothing does
    uint32_t high = nSymbols / perBlock;
    while (low < high)
    {
        const uint32_t middle = (low + high + 1) / 2;
        const bool isFitting = fits(middle);
        low = isFitting ? middle : low;
        high = isFitting ? high : middle - 1;
    }
    return low * perBlock;
}

uint32_t
CellFreeLimitedFronthaul::Transfer(CellFreeSlotPlan& plan)
{
    NS_LOG_FUNCTION(this << plan.slot);
    for (std::size_t m = 0; m < plan.aps.size(); ++m)
    {
        const auto load = CountDownlink(plan, m);
        if (load > 0 && !Offer(plan.aps[m], CellFreeFronthaulLoad::DOWNLINK, plan.slot, load))
        {
            plan.Silence(m);
        }
    }
    return 0;
}

void
CellFreeLimitedFronthaul::CollectPilots(uint64_t slot, std::vector<uint32_t>& aps)
{
    NS_LOG_FUNCTION(this << slot);
    const auto load = CountPilots(slot);
    if (load > 0)
    {
        aps.erase(std::remove_if(aps.begin(),
                                 aps.end(),
                                 [&](uint32_t ap) {
                                     return !Offer(ap, CellFreeFronthaulLoad::PILOTS, slot, load);
                                 }),
                  aps.end());
    }
}

void
CellFreeLimitedFronthaul::Collect(CellFreeSlotPlan& plan)
{
    NS_LOG_FUNCTION(this << plan.slot);
    for (std::size_t m = 0; m < plan.aps.size(); ++m)
    {
        const uint32_t ap = plan.aps[m];
        const auto load = CountUplink(plan, m);
        // In the time domain, pilots and data are one signal, of which CollectPilots() has heard.
        const bool isLate = load > 0
                                ? !Offer(ap, CellFreeFronthaulLoad::UPLINK, plan.slot, load)
                                : ap < m_queues.size() && m_queues[ap][1].late == plan.slot + 1;
        if (isLate)
        {
            plan.Silence(m);
        }
    }
}

uint64_t
CellFreeLimitedFronthaul::CountSamples(uint32_t nSymbols) const
{
    const auto& link = GetLink();
    const auto& frame = *link.GetFrame();
    const auto& channel = *link.GetChannelModel();
    const uint32_t nSubcarriers =
        CellFreeFrame::N_SUBCARRIERS * frame.GetResourceBlocks(channel.GetBandwidth());
    const double rate = m_samplingRate > 0.0
                            ? m_samplingRate
                            : cellfree::GetSamplingRate(nSubcarriers, frame.GetSubcarrierSpacing());
    return cellfree::GetTimeDomainBits(channel.GetNAntennas(),
                                       rate,
                                       frame.GetSlotDuration().GetSeconds() * nSymbols /
                                           CellFreeFrame::N_SYMBOLS,
                                       m_sampleBits);
}

uint64_t
CellFreeLimitedFronthaul::CountDownlink(const CellFreeSlotPlan& plan, std::size_t m) const
{
    const auto& link = GetLink();
    const auto& frame = *link.GetFrame();
    const auto& channel = *link.GetChannelModel();
    const uint32_t nSent = frame.GetDownlinkSymbols(plan.slot);
    if (m_split == ISAC_SPLIT_8)
    {
        return CountSamples(nSent);
    }
    const uint32_t nBands = plan.beams.size();
    uint64_t bits = 0;
    uint32_t nStreams = 0;
    for (std::size_t s = 0; s < plan.ues.size() + plan.aims.size(); ++s)
    {
        const bool isSent = std::any_of(plan.beams.begin(), plan.beams.end(), [m, s](auto& band) {
            return (band.Ap(m).col(s).array() != 0.0).any();
        });
        if (!isSent)
        {
            continue;
        }
        ++nStreams;
        if (m_split == ISAC_SPLIT_LOCAL)
        {
            const bool isNew = s < plan.ues.size() && plan.mcs[s] >= 0;
            bits += isNew ? 8 * uint64_t{GetLink().GetErrorModel()->GetBlockBytes(plan.mcs[s],
                                                                                  plan.symbols[s])}
                          : 0;
        }
    }
    if (nStreams == 0)
    {
        return 0;
    }
    if (m_split == ISAC_SPLIT_LOCAL)
    {
        return bits + nStreams * cellfree::GetBeamBits(nBands, 1, m_weightBits);
    }
    const uint32_t nBlocks = frame.GetResourceBlocks(channel.GetBandwidth());
    const uint32_t nControl = frame.GetControlSymbols();
    return nStreams *
               (cellfree::GetStreamBits(nBlocks, nSent - nControl, m_mantissaBits, m_payloadBytes) +
                cellfree::GetBeamBits(nBands, channel.GetNAntennas(), m_weightBits)) +
           cellfree::GetStreamBits(nBlocks, nControl, m_mantissaBits, m_payloadBytes);
}

uint64_t
CellFreeLimitedFronthaul::CountPilots(uint64_t slot) const
{
    const auto& link = GetLink();
    const auto& frame = *link.GetFrame();
    const auto& channel = *link.GetChannelModel();
    switch (m_split)
    {
    case ISAC_SPLIT_8:
        return CountSamples(frame.GetUplinkSymbols(slot));
    case ISAC_SPLIT_72X:
        return channel.GetNAntennas() *
               cellfree::GetStreamBits(frame.GetResourceBlocks(channel.GetBandwidth()),
                                       frame.GetPilotSymbols(slot),
                                       m_mantissaBits,
                                       m_payloadBytes);
    default:
        return 0;
    }
}

uint64_t
CellFreeLimitedFronthaul::CountUplink(const CellFreeSlotPlan& plan, std::size_t m) const
{
    if (m_split == ISAC_SPLIT_8)
    {
        return 0;
    }
    const auto& link = GetLink();
    const auto& frame = *link.GetFrame();
    const auto& channel = *link.GetChannelModel();
    const uint32_t perBlock = frame.GetBlockSymbols(plan.slot);
    uint64_t bits = 0;
    auto& used = m_used;
    used.clear();
    for (std::size_t i = 0; i < plan.ues.size(); ++i)
    {
        if (plan.serving.size() != 0 && !plan.serving(m, i))
        {
            continue;
        }
        used.resize(std::max<std::size_t>(used.size(), plan.layers[i] + 1));
        used[plan.layers[i]] += plan.symbols[i];
        const uint64_t nBlocks =
            (plan.symbols[i] + CellFreeFrame::N_SUBCARRIERS - 1) / CellFreeFrame::N_SUBCARRIERS;
        bits += cellfree::GetBlockFloatBits(nBlocks, cellfree::FRONTHAUL_BLOCK, m_mantissaBits) +
                cellfree::GetBeamBits(channel.GetNBands(), 1, m_weightBits);
    }
    if (used.empty() || m_split == ISAC_SPLIT_LOCAL)
    {
        return bits;
    }
    const uint32_t longest = *std::max_element(used.begin(), used.end());
    return channel.GetNAntennas() * cellfree::GetStreamBits((longest + perBlock - 1) / perBlock,
                                                            frame.GetUplinkSymbols(plan.slot) -
                                                                frame.GetPilotSymbols(plan.slot),
                                                            m_mantissaBits,
                                                            m_payloadBytes);
}

bool
CellFreeLimitedFronthaul::Offer(uint32_t ap,
                                CellFreeFronthaulLoad::Kind kind,
                                uint64_t slot,
                                uint64_t load)
{
    const auto& link = GetLink();
    const bool isDownlink = kind == CellFreeFronthaulLoad::DOWNLINK;
    m_queues.resize(std::max<std::size_t>(m_queues.size(), ap + 1));
    auto& queue = m_queues[ap][isDownlink ? 0 : 1];
    CellFreeFronthaulLoad offer;
    offer.time = Simulator::Now();
    offer.slot = slot;
    offer.kind = kind;
    offer.apId = link.GetChannelModel()->GetApId(ap);
    offer.load = load;
    offer.capacity = GetCapacity(slot, isDownlink);
    offer.backlog = GetBacklog(ap, isDownlink);
    offer.isLate = offer.backlog + load > offer.capacity;
    queue.time = offer.time;
    queue.backlog = offer.backlog;
    if (offer.isLate)
    {
        queue.late = slot + 1;
        NS_LOG_LOGIC("slot " << slot << ": AP " << offer.apId << " sits out, " << load
                             << " bits behind " << offer.backlog << " do not fit into "
                             << offer.capacity);
    }
    else if (std::isfinite(offer.capacity))
    {
        queue.backlog += load;
    }
    m_loadTrace(offer);
    return !offer.isLate;
}

} // namespace ns3
