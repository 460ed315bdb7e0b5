// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-map-writer.h"

#include "ns3/cell-free-antenna-array.h"
#include "ns3/mobility-model.h"
#include "ns3/simulator.h"
#include "ns3/system-path.h"
#include "ns3/uinteger.h"

#include <cmath>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(CellFreeMapWriter);

TypeId
CellFreeMapWriter::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeMapWriter")
            .SetParent<Object>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeMapWriter>()
            .AddAttribute("PositionInterval",
                          "Time between two samples of the positions, at least 1 us.",
                          TimeValue(MilliSeconds(100)),
                          MakeTimeAccessor(&CellFreeMapWriter::m_positionInterval),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("BeamInterval",
                          "Time in which the beams of one decision are written; 0 for none.",
                          TimeValue(Seconds(1)),
                          MakeTimeAccessor(&CellFreeMapWriter::m_beamInterval),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("AngleStep",
                          "Angle between two directions of the BeamTrace (degrees), 1 to 90.",
                          UintegerValue(3),
                          MakeUintegerAccessor(&CellFreeMapWriter::m_angleStep),
                          MakeUintegerChecker<uint32_t>(1, 90));
    return tid;
}

CellFreeMapWriter::CellFreeMapWriter() = default;

CellFreeMapWriter::~CellFreeMapWriter() = default;

void
CellFreeMapWriter::DoDispose()
{
    Close();
    Object::DoDispose();
}

void
CellFreeMapWriter::Open(const std::string& outputDir,
                        const std::string& simTag,
                        Ptr<CellFreeLink> link)
{
    const auto path = [&outputDir, &simTag](const std::string& name) {
        return SystemPath::Append(outputDir, name + simTag + ".tsv");
    };
    m_position.Open(path("PositionTrace"), "time_s\tnodeId\tkind\tx_m\ty_m\tz_m");
    m_beam.Open(path("BeamTrace"), "time_s\tslot\tapId\tazimuth_deg\tueEirp_dBW\tsensingEirp_dBW");
    m_link = link;
    m_nextBeams.resize(link->GetNCpus());
    for (std::size_t c = 0; c < link->GetNCpus(); ++c)
    {
        link->GetCpu(c)->TraceConnectWithoutContext(
            "Beams",
            MakeCallback(&CellFreeMapWriter::WriteBeams, this).Bind(c));
    }
    m_event = Simulator::ScheduleNow(&CellFreeMapWriter::Start, this);
}

void
CellFreeMapWriter::Close()
{
    m_event.Cancel();
    m_link = nullptr;
    m_position.Close();
    m_beam.Close();
}

void
CellFreeMapWriter::Start()
{
    for (std::size_t c = 0; c < m_link->GetNCpus(); ++c)
    {
        const auto node = m_link->GetCpu(c)->GetMac()->GetCpuDevice()->GetNode();
        // The fronthaul's delay does not depend on places, so that the CPU may be nowhere.
        if (const auto mobility = node->GetObject<MobilityModel>())
        {
            WritePosition("CPU", node->GetId(), mobility->GetPosition());
        }
    }
    const auto channel = m_link->GetChannelModel();
    for (uint32_t m = 0; m < channel->GetNAps(); ++m)
    {
        const auto node = channel->GetApNode(m);
        WritePosition("AP", node->GetId(), node->GetObject<MobilityModel>()->GetPosition());
    }
    SamplePositions();
}

void
CellFreeMapWriter::SamplePositions()
{
    m_event = Simulator::Schedule(m_positionInterval, &CellFreeMapWriter::SamplePositions, this);
    for (std::size_t c = 0; c < m_link->GetNCpus(); ++c)
    {
        const auto mac = m_link->GetCpu(c)->GetMac();
        for (uint32_t ue : mac->GetUes())
        {
            const auto node = mac->GetUeDevice(ue)->GetNode();
            WritePosition("UE", node->GetId(), node->GetObject<MobilityModel>()->GetPosition());
        }
    }
    const auto channel = m_link->GetChannelModel();
    for (uint32_t t = 0; t < channel->GetNTargets(); ++t)
    {
        if (channel->HasTarget(t))
        {
            WritePosition("target", channel->GetTargetId(t), channel->GetTargetPosition(t));
        }
    }
}

void
CellFreeMapWriter::WritePosition(const char* kind, uint32_t nodeId, const Vector& position)
{
    m_position.stream << Simulator::Now().GetSeconds() << '\t' << nodeId << '\t' << kind << '\t'
                      << position.x << '\t' << position.y << '\t' << position.z << '\n';
}

void
CellFreeMapWriter::WriteBeams(std::size_t cpu,
                              const CellFreeDecision& decision,
                              const IsacProblem& /* problem */,
                              const CellFreeSlotPlan& plan)
{
    if (!m_link || m_beamInterval.IsZero() || decision.time < m_nextBeams[cpu])
    {
        return;
    }
    const auto channel = m_link->GetChannelModel();
    const auto controller = m_link->GetCpu(cpu);
    const bool lacksUes = decision.nUes == 0 && !controller->GetMac()->GetUes().empty();
    const bool lacksTargets = decision.nTargets == 0 && controller->GetSensing()->HasTargets();
    if (lacksUes || lacksTargets)
    {
        return;
    }
    const int64_t interval = m_beamInterval.GetTimeStep();
    m_nextBeams[cpu] = TimeStep((decision.time.GetTimeStep() / interval + 1) * interval);
    for (std::size_t m = 0; m < plan.aps.size(); ++m)
    {
        const auto array = channel->GetApArray(plan.aps[m]);
        const auto apId = channel->GetApId(plan.aps[m]);
        for (uint32_t azimuth = 0; azimuth < 360; azimuth += m_angleStep)
        {
            const double angle = azimuth * M_PI / 180.0;
            const auto power =
                cellfree::GetRadiatedPower(array,
                                           Vector(std::cos(angle), std::sin(angle), 0.0),
                                           plan.beams[0].Ap(m));
            m_beam.stream << decision.time.GetSeconds() << '\t' << decision.slot << '\t' << apId
                          << '\t' << azimuth << '\t'
                          << cellfree::ToTraceDecibels(power.head(decision.nUes).sum()) << '\t'
                          << cellfree::ToTraceDecibels(power.tail(decision.nTargets).sum()) << '\n';
        }
    }
}

} // namespace ns3
