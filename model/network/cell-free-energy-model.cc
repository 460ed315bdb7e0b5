// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-energy-model.h"

#include "cell-free-link.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/isac-metrics.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeEnergyModel");

NS_OBJECT_ENSURE_REGISTERED(CellFreeEnergyModel);

TypeId
CellFreeEnergyModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeEnergyModel")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeEnergyModel>()
            .AddAttribute("AntennaPower",
                          "Power of an AP's circuits for each antenna (0 to 1e4 W).",
                          DoubleValue(6.8),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_antennaPower),
                          MakeDoubleChecker<double>(0.0, 1e4))
            .AddAttribute("AmplifierSlope",
                          "Power that an AP takes for each watt that it radiates (1 to 1e3).",
                          DoubleValue(4.0),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_amplifierSlope),
                          MakeDoubleChecker<double>(1.0, 1e3))
            .AddAttribute("OnuPower",
                          "Power of an AP's optical network unit (0 to 1e4 W).",
                          DoubleValue(7.7),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_onuPower),
                          MakeDoubleChecker<double>(0.0, 1e4))
            .AddAttribute("OltPower",
                          "Power of a line card of the optical line terminal (0 to 1e5 W).",
                          DoubleValue(20.0),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_oltPower),
                          MakeDoubleChecker<double>(0.0, 1e5))
            .AddAttribute("DispatcherPower",
                          "Power of the cloud whatever it does (0 to 1e6 W).",
                          DoubleValue(120.0),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_dispatcherPower),
                          MakeDoubleChecker<double>(0.0, 1e6))
            .AddAttribute("CoolingEfficiency",
                          "Share of the power of line cards and processors in the cloud that is "
                          "not for their cooling (0.01 to 1).",
                          DoubleValue(0.9),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_coolingEfficiency),
                          MakeDoubleChecker<double>(0.01, 1.0))
            .AddAttribute("ProcessorIdlePower",
                          "Power of a processor that computes nothing (0 to 1e5 W).",
                          DoubleValue(20.8),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_idlePower),
                          MakeDoubleChecker<double>(0.0, 1e5))
            .AddAttribute("ProcessorSlope",
                          "Power that a processor takes beside that at full load (0 to 1e5 W).",
                          DoubleValue(74.0),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_processorSlope),
                          MakeDoubleChecker<double>(0.0, 1e5))
            .AddAttribute("ProcessorGops",
                          "Capacity of a processor (1 to 1e9 giga operations per second).",
                          DoubleValue(180.0),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_processorGops),
                          MakeDoubleChecker<double>(1.0, 1e9))
            .AddAttribute(
                "Split",
                "Where the physical layer is cut: Split8, all of it in the cloud, or "
                "Split72x, filters and transforms in the APs.",
                EnumValue(ISAC_SPLIT_72X),
                MakePortableEnumAccessor<IsacFunctionalSplit>(0, &CellFreeEnergyModel::m_split),
                MakeEnumChecker(ISAC_SPLIT_8, "Split8", ISAC_SPLIT_72X, "Split72x"))
            .AddAttribute("WavelengthRate",
                          "Bit rate of a line card's wavelength, which APs share (1 b/s or more).",
                          DataRateValue(DataRate("10Gb/s")),
                          MakeDataRateAccessor(&CellFreeEnergyModel::SetWavelengthRate,
                                               &CellFreeEnergyModel::GetWavelengthRate),
                          MakeDataRateChecker())
            .AddAttribute("QuantisationBits",
                          "Bits that the cloud computes with and the fronthaul's samples have (1 "
                          "to 64).",
                          DoubleValue(12.0),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_quantisationBits),
                          MakeDoubleChecker<double>(1.0, 64.0))
            .AddAttribute("CoherenceBlock",
                          "Symbols for which a precoder is computed once (2 to 1e6).",
                          DoubleValue(192.0),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_coherenceBlock),
                          MakeDoubleChecker<double>(2.0, 1e6))
            .AddAttribute("PilotLength",
                          "Symbols of such a block from which channels are estimated (0 to 1e4).",
                          DoubleValue(8.0),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_pilotLength),
                          MakeDoubleChecker<double>(0.0, 1e4))
            .AddAttribute("Sleep",
                          "Whether an AP sleeps in slots in which it has nothing to do.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&CellFreeEnergyModel::m_canSleep),
                          MakeBooleanChecker())
            .AddAttribute("SleepPower",
                          "Power of an AP that sleeps, its fronthaul included (0 to 1e4 W); the "
                          "published model turns it off.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreeEnergyModel::m_sleepPower),
                          MakeDoubleChecker<double>(0.0, 1e4))
            .AddAttribute("Interval",
                          "Time between two reports, a multiple of the slot (1 us to 1000 s). Not "
                          "to be set during a run.",
                          TimeValue(MilliSeconds(100)),
                          MakeTimeAccessor(&CellFreeEnergyModel::SetInterval,
                                           &CellFreeEnergyModel::GetInterval),
                          MakeTimeChecker(MicroSeconds(1), Seconds(1000)))
            .AddTraceSource("Energy",
                            "An interval ended: what one AP and its share of the rest took.",
                            MakeTraceSourceAccessor(&CellFreeEnergyModel::m_energyTrace),
                            "ns3::CellFreeEnergyModel::EnergyTracedCallback");
    return tid;
}

CellFreeEnergyModel::CellFreeEnergyModel() = default;

CellFreeEnergyModel::~CellFreeEnergyModel() = default;

void
CellFreeEnergyModel::SetCpu(Ptr<CellFreeCpu> cpu)
{
    NS_ABORT_MSG_IF(m_cpu, "CellFreeEnergyModel::SetCpu was called twice: expected one CPU");
    m_cpu = cpu;
    cpu->TraceConnectWithoutContext("Outcome", MakeCallback(&CellFreeEnergyModel::OnOutcome, this));
    cpu->TraceConnectWithoutContext("UeSample",
                                    MakeCallback(&CellFreeEnergyModel::OnUeSample, this));
}

void
CellFreeEnergyModel::DoInitialize()
{
    NS_ABORT_MSG_IF(!m_cpu, "CellFreeEnergyModel: no CPU: expected SetCpu() before the start");
    const auto slot = m_cpu->GetLink()->GetFrame()->GetSlotDuration();
    NS_ABORT_MSG_IF(m_interval.GetTimeStep() % slot.GetTimeStep() != 0,
                    "CellFreeEnergyModel::Interval = " << m_interval.As(Time::MS)
                                                       << ": expected a multiple of the slot of "
                                                       << slot.As(Time::MS));
    const auto step = slot.GetTimeStep();
    m_begin = TimeStep((Simulator::Now().GetTimeStep() + step - 1) / step * step);
    m_accounts.assign(m_cpu->GetAps().size(), {});
    m_event = Simulator::Schedule(m_begin + m_interval - Simulator::Now(),
                                  &CellFreeEnergyModel::Tick,
                                  this);
    Object::DoInitialize();
}

void
CellFreeEnergyModel::DoDispose()
{
    m_event.Cancel();
    m_cpu = nullptr;
    Object::DoDispose();
}

void
CellFreeEnergyModel::SetWavelengthRate(DataRate rate)
{
    NS_ABORT_MSG_IF(rate.GetBitRate() == 0,
                    "CellFreeEnergyModel::WavelengthRate = 0 b/s: expected at least 1 b/s");
    m_wavelengthRate = rate;
}

DataRate
CellFreeEnergyModel::GetWavelengthRate() const
{
    return m_wavelengthRate;
}

void
CellFreeEnergyModel::SetInterval(Time interval)
{
    cellfree::RefuseDuringRun(*this, "Interval");
    m_interval = interval;
}

Time
CellFreeEnergyModel::GetInterval() const
{
    return m_interval;
}

const CellFreeEnergyModel::Total&
CellFreeEnergyModel::GetTotal() const
{
    return m_total;
}

IsacProcessing
CellFreeEnergyModel::GetProcessing() const
{
    const auto& link = *m_cpu->GetLink();
    const auto& frame = *link.GetFrame();
    const auto& channel = *link.GetChannelModel();
    IsacProcessing p;
    p.nAntennas = channel.GetNAntennas();
    const uint32_t nSubcarriers =
        CellFreeFrame::N_SUBCARRIERS * frame.GetResourceBlocks(channel.GetBandwidth());
    p.nSubcarriers = nSubcarriers;
    p.samplingRate = cellfree::GetSamplingRate(nSubcarriers, frame.GetSubcarrierSpacing());
    p.fftSize = p.samplingRate / frame.GetSubcarrierSpacing();
    p.symbolDuration = frame.GetSlotDuration().GetSeconds() / CellFreeFrame::N_SYMBOLS;
    p.quantisationBits = m_quantisationBits;
    p.coherenceBlock = m_coherenceBlock;
    p.pilotLength = m_pilotLength;
    return p;
}

void
CellFreeEnergyModel::OnOutcome(const CellFreeSlotPlan& plan,
                               const CellFreeSlotOutcome& /* outcome */)
{
    if (!IsInitialized())
    {
        return;
    }
    Advance(Simulator::Now());
    const auto& frame = *m_cpu->GetLink()->GetFrame();
    const double radiating = frame.GetSlotDuration().GetSeconds() *
                             frame.GetDownlinkSymbols(plan.slot) / CellFreeFrame::N_SYMBOLS;
    // Report() counts the slots in which all of them have to listen.
    const bool areAllAwake = m_cpu->GetCsi()->GetPilotLength() > 0 && frame.HasPilots(plan.slot);
    m_accounts.resize(m_cpu->GetAps().size());
    for (std::size_t m = 0; m < plan.aps.size(); ++m)
    {
        auto& account = m_accounts[m];
        bool isAwake = !plan.aims.empty();
        double power = 0.0;
        for (const auto& band : plan.beams)
        {
            power += plan.isUplink ? 0.0 : cellfree::GetApPower(band, m);
        }
        account.radiated += power * radiating;
        isAwake = isAwake || power > 0.0;
        for (std::size_t i = 0; i < plan.ues.size(); ++i)
        {
            const bool isServed =
                plan.isUplink
                    ? plan.serving.size() == 0 || plan.serving(m, i)
                    : std::any_of(plan.beams.begin(), plan.beams.end(), [m, i](const auto& band) {
                          return (band.Ap(m).col(i).array() != 0.0).any();
                      });
            account.nServings += isServed;
            isAwake = isAwake || isServed;
        }
        account.nAwake += isAwake && !areAllAwake;
    }
}

void
CellFreeEnergyModel::OnUeSample(const CellFreeUeSample& sample)
{
    if (!IsInitialized() || sample.mcs < 0)
    {
        return;
    }
    const auto& link = *m_cpu->GetLink();
    const double bits = 8.0 * sample.blockBytes;
    const double duration = link.GetFrame()->GetSlotDuration().GetSeconds();
    const double efficiency = bits / (link.GetChannelModel()->GetBandwidth() * duration);
    m_ueOperations += cellfree::GetUeGops(GetProcessing(), efficiency) * duration;
    m_total.bits += sample.isDecoded ? bits : 0.0;
}

void
CellFreeEnergyModel::Tick()
{
    m_event = Simulator::Schedule(m_interval, &CellFreeEnergyModel::Tick, this);
    Advance(Simulator::Now());
}

void
CellFreeEnergyModel::Advance(Time now)
{
    while (m_begin + m_interval <= now)
    {
        Report(m_begin + m_interval);
    }
}

void
CellFreeEnergyModel::Finish()
{
    if (!m_cpu || !IsInitialized())
    {
        return;
    }
    const Time now = Simulator::Now();
    Advance(now);
    const auto step = m_cpu->GetLink()->GetFrame()->GetSlotDuration().GetTimeStep();
    const auto nSlots = ((now - m_begin).GetTimeStep() + step - 1) / step;
    if (nSlots > 0)
    {
        Report(m_begin + TimeStep(nSlots * step));
    }
}

void
CellFreeEnergyModel::Report(Time end)
{
    const auto& link = *m_cpu->GetLink();
    const auto& frame = *link.GetFrame();
    const auto& aps = m_cpu->GetAps();
    const double slotDuration = frame.GetSlotDuration().GetSeconds();
    const int64_t step = frame.GetSlotDuration().GetTimeStep();
    const uint64_t first = m_begin.GetTimeStep() / step;
    const uint64_t last = end.GetTimeStep() / step;
    const uint64_t nSlots = last - first;
    const double duration = nSlots * slotDuration;
    uint64_t nListening = 0;
    for (uint64_t slot = first; slot < last && m_cpu->GetCsi()->GetPilotLength() > 0; ++slot)
    {
        nListening += frame.HasPilots(slot);
    }
    m_accounts.resize(aps.size());

    const auto processing = GetProcessing();
    const double transformGops = cellfree::GetTransformGops(processing);
    const double precoderGops = cellfree::GetPrecoderGops(processing);
    const double servingGops = cellfree::GetServingGops(processing);
    const double cooled = 1.0 / m_coolingEfficiency;
    const double perOperation = m_processorSlope / m_processorGops;
    const bool isCutInCloud = m_split == ISAC_SPLIT_8;
    std::vector<CellFreeEnergySample> samples(aps.size());
    double operations = m_ueOperations; // in the cloud, giga operations
    double awake = 0.0;                 // APs times seconds
    for (std::size_t m = 0; m < aps.size(); ++m)
    {
        const auto& account = m_accounts[m];
        auto& sample = samples[m];
        const uint64_t nAwake = m_canSleep ? account.nAwake + nListening : nSlots;
        const double up = nAwake * slotDuration;
        sample.start = m_begin;
        sample.end = end;
        sample.apId = link.GetChannelModel()->GetApId(aps[m]);
        sample.asleep = 1.0 - static_cast<double>(nAwake) / nSlots;
        sample.radiated = account.radiated;
        sample.ap = m_antennaPower * processing.nAntennas * up +
                    m_amplifierSlope * account.radiated + m_sleepPower * (duration - up);
        sample.fronthaul = m_onuPower * up;
        const double own = (precoderGops + (isCutInCloud ? transformGops : 0.0)) * up +
                           servingGops * account.nServings * slotDuration;
        sample.processing = perOperation * own * cooled;
        if (!isCutInCloud)
        {
            sample.processing += (m_idlePower + perOperation * transformGops) * up;
        }
        operations += own;
        awake += up;
    }
    const double nCards =
        cellfree::CountLineCards(awake / duration,
                                 cellfree::GetEnergyFronthaulRate(processing, m_split),
                                 m_wavelengthRate.GetBitRate());
    const double nProcessors = std::max(nCards, std::ceil(operations / duration / m_processorGops));
    const double cards = m_oltPower * nCards * duration * cooled;
    const double cloud =
        m_dispatcherPower * duration +
        (m_idlePower * nProcessors * duration + perOperation * m_ueOperations) * cooled;
    for (auto& sample : samples)
    {
        sample.fronthaul += cards / samples.size();
        sample.processing += cloud / samples.size();
        m_total.radiated += sample.radiated;
        m_total.ap += sample.ap;
        m_total.fronthaul += sample.fronthaul;
        m_total.processing += sample.processing;
        m_energyTrace(sample);
    }
    m_total.seconds += duration;
    m_accounts.assign(aps.size(), {});
    m_ueOperations = 0.0;
    m_begin = end;
}

} // namespace ns3
