// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-sensing-schedule.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/log.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeSensingSchedule");

NS_OBJECT_ENSURE_REGISTERED(CellFreeSensingSchedule);
NS_OBJECT_ENSURE_REGISTERED(CellFreePeriodicSensing);

TypeId
CellFreeSensingSchedule::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeSensingSchedule").SetParent<Object>().SetGroupName("CellFreeIsac");
    return tid;
}

CellFreeSensingSchedule::CellFreeSensingSchedule() = default;

CellFreeSensingSchedule::~CellFreeSensingSchedule() = default;

void
CellFreeSensingSchedule::GetDueTargets(Time time,
                                       const std::vector<uint32_t>& targets,
                                       std::vector<uint32_t>& due) const
{
    due.clear();
    if (GetDwell(time).number >= 0)
    {
        due.assign(targets.begin(), targets.end());
    }
}

void
CellFreeSensingSchedule::ChooseAims(const Dwell& /* dwell */,
                                    const std::vector<CellFreeTrack>& tracks,
                                    double rcs,
                                    std::vector<CellFreeAim>& aims)
{
    aims.clear();
    for (const auto& track : tracks)
    {
        aims.push_back(MakeAim(track, rcs));
    }
}

CellFreeAim
CellFreeSensingSchedule::MakeAim(const CellFreeTrack& track, double rcs)
{
    CellFreeAim aim;
    aim.kind = CellFreeAim::TRACK;
    aim.id = track.id;
    aim.position = Vector(track.state(0), track.state(1), track.state(2));
    aim.covariance = track.covariance.topLeftCorner<3, 3>();
    aim.rcs = rcs;
    return aim;
}

TypeId
CellFreePeriodicSensing::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreePeriodicSensing")
            .SetParent<CellFreeSensingSchedule>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreePeriodicSensing>()
            .AddAttribute("DwellDuration",
                          "Duration of a dwell, in which the targets are illuminated and their "
                          "cross section is constant (at least 1 us). Fixed once the simulation "
                          "runs.",
                          TimeValue(MilliSeconds(10)),
                          MakeTimeAccessor(&CellFreePeriodicSensing::SetDuration,
                                           &CellFreePeriodicSensing::GetDuration),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("DwellInterval",
                          "Time from the start of a dwell to the start of the next, at least "
                          "DwellDuration; if equal, targets are illuminated all the time. Fixed "
                          "once the simulation runs.",
                          TimeValue(MilliSeconds(10)),
                          MakeTimeAccessor(&CellFreePeriodicSensing::SetInterval,
                                           &CellFreePeriodicSensing::GetInterval),
                          MakeTimeChecker(MicroSeconds(1)));
    return tid;
}

CellFreePeriodicSensing::CellFreePeriodicSensing() = default;

CellFreePeriodicSensing::~CellFreePeriodicSensing() = default;

void
CellFreePeriodicSensing::SetDuration(Time duration)
{
    cellfree::RefuseDuringRun(*this, "DwellDuration");
    m_duration = duration;
}

Time
CellFreePeriodicSensing::GetDuration() const
{
    return m_duration;
}

void
CellFreePeriodicSensing::SetInterval(Time interval)
{
    cellfree::RefuseDuringRun(*this, "DwellInterval");
    m_interval = interval;
}

Time
CellFreePeriodicSensing::GetInterval() const
{
    return m_interval;
}

void
CellFreePeriodicSensing::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_IF(m_interval < m_duration,
                    GetInstanceTypeId().GetName()
                        << "::DwellInterval = " << m_interval.As(Time::MS)
                        << ": expected at least DwellDuration = " << m_duration.As(Time::MS));
    CellFreeSensingSchedule::DoInitialize();
}

CellFreeSensingSchedule::Dwell
CellFreePeriodicSensing::GetDwell(Time time) const
{
    Dwell dwell;
    const int64_t number = time.GetTimeStep() / m_interval.GetTimeStep();
    dwell.start = m_interval * number;
    dwell.end = dwell.start + m_duration;
    if (time < dwell.end)
    {
        dwell.number = number;
    }
    return dwell;
}

Time
CellFreePeriodicSensing::GetShortestDwell() const
{
    return m_duration;
}

} // namespace ns3
