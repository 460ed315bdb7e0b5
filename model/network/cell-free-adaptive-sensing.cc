// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-adaptive-sensing.h"

#include "ns3/abort.h"
#include "ns3/cell-free-attribute.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/isac-ellipsoid.h"
#include "ns3/log.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <tuple>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeAdaptiveSensing");

NS_OBJECT_ENSURE_REGISTERED(CellFreeAdaptiveSensing);

TypeId
CellFreeAdaptiveSensing::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeAdaptiveSensing")
            .SetParent<CellFreePeriodicSensing>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeAdaptiveSensing>()
            .AddAttribute("TrackPeriod",
                          "Time from the start of a look at a confirmed track to the start of the "
                          "next, or to the first dwell after it (>= 0). Acts from the next dwell "
                          "on.",
                          TimeValue(MilliSeconds(50)),
                          MakeTimeAccessor(&CellFreeAdaptiveSensing::m_trackPeriod),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("MaxTrackError",
                          "Expected rms error of a confirmed track's position (m, >= 0) that makes "
                          "it due before TrackPeriod is over; 0 for none. Acts from the next dwell "
                          "on.",
                          DoubleValue(0.0),
                          MakeDoubleAccessor(&CellFreeAdaptiveSensing::m_maxTrackError),
                          MakeDoubleChecker<double>(0.0, 1e6))
            .AddAttribute("MaxAims",
                          "Largest number of aims of a dwell with a tracker, each of which takes a "
                          "stream, in [1, 1000]. Acts from the next dwell on.",
                          UintegerValue(4),
                          MakeUintegerAccessor(&CellFreeAdaptiveSensing::m_maxAims),
                          MakeUintegerChecker<uint32_t>(1, 1000))
            .AddAttribute("LostAims",
                          "Largest number of aims at a lost track, in [1, 7]; of an even number "
                          "one is left out. Acts from the next dwell on.",
                          UintegerValue(3),
                          MakeUintegerAccessor(&CellFreeAdaptiveSensing::m_lostAims),
                          MakeUintegerChecker<uint32_t>(1, 7))
            .AddAttribute("Search",
                          "Order in which the cells of SearchBox are searched: Off (not at all), "
                          "Boustrophedon (row by row, back and forth) or GoldenRatio (in steps of "
                          "0.618 of the cells). Fixed once the simulation runs.",
                          EnumValue(CellFreeAdaptiveSensing::OFF),
                          MakePortableEnumAccessor<Pattern>(0,
                                                            &CellFreeAdaptiveSensing::SetPattern,
                                                            &CellFreeAdaptiveSensing::GetPattern),
                          MakeEnumChecker(CellFreeAdaptiveSensing::OFF,
                                          "Off",
                                          CellFreeAdaptiveSensing::BOUSTROPHEDON,
                                          "Boustrophedon",
                                          CellFreeAdaptiveSensing::GOLDEN_RATIO,
                                          "GoldenRatio"))
            .AddAttribute(
                "SearchBox",
                "Volume that is searched, xMin|xMax|yMin|yMax|zMin|zMax (m). Fixed once "
                "the simulation runs.",
                BoxValue(Box(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)),
                MakeBoxAccessor(&CellFreeAdaptiveSensing::SetBox, &CellFreeAdaptiveSensing::GetBox),
                MakeBoxChecker())
            .AddAttribute("SearchSpacing",
                          "Largest side of a cell of SearchBox (m), in [0.001, 1e6]; about the "
                          "width of a beam where it matters. Fixed once the simulation runs.",
                          DoubleValue(50.0),
                          MakeDoubleAccessor(&CellFreeAdaptiveSensing::SetSpacing,
                                             &CellFreeAdaptiveSensing::GetSpacing),
                          MakeDoubleChecker<double>(1e-3, 1e6))
            .AddAttribute("SearchPeriod",
                          "Time from the start of a dwell that searches to the start of the next, "
                          "at least SearchDuration. Fixed once the simulation runs.",
                          TimeValue(MilliSeconds(50)),
                          MakeTimeAccessor(&CellFreeAdaptiveSensing::SetSearchPeriod,
                                           &CellFreeAdaptiveSensing::GetSearchPeriod),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("SearchDuration",
                          "Duration of a dwell that searches (at least 1 us). Fixed once the "
                          "simulation runs.",
                          TimeValue(MilliSeconds(10)),
                          MakeTimeAccessor(&CellFreeAdaptiveSensing::SetSearchDuration,
                                           &CellFreeAdaptiveSensing::GetSearchDuration),
                          MakeTimeChecker(MicroSeconds(1)))
            .AddAttribute("SearchAims",
                          "Aims that a dwell that searches keeps for it, whatever the tracks need, "
                          "in [1, MaxAims]. Acts from the next dwell on.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&CellFreeAdaptiveSensing::m_searchAims),
                          MakeUintegerChecker<uint32_t>(1, 1000));
    return tid;
}

CellFreeAdaptiveSensing::CellFreeAdaptiveSensing() = default;

CellFreeAdaptiveSensing::~CellFreeAdaptiveSensing() = default;

void
CellFreeAdaptiveSensing::SetPattern(Pattern pattern)
{
    cellfree::RefuseDuringRun(*this, "Search");
    m_pattern = pattern;
}

CellFreeAdaptiveSensing::Pattern
CellFreeAdaptiveSensing::GetPattern() const
{
    return m_pattern;
}

void
CellFreeAdaptiveSensing::SetBox(const Box& box)
{
    cellfree::RefuseDuringRun(*this, "SearchBox");
    const auto isOrdered = [](double low, double high) {
        return std::isfinite(low) && std::isfinite(high) && low <= high;
    };
    NS_ABORT_MSG_IF(!isOrdered(box.xMin, box.xMax) || !isOrdered(box.yMin, box.yMax) ||
                        !isOrdered(box.zMin, box.zMax),
                    "CellFreeAdaptiveSensing::SearchBox = "
                        << box << ": expected finite limits, none above its opposite");
    m_box = box;
}

Box
CellFreeAdaptiveSensing::GetBox() const
{
    return m_box;
}

void
CellFreeAdaptiveSensing::SetSpacing(double spacing)
{
    cellfree::RefuseDuringRun(*this, "SearchSpacing");
    m_spacing = spacing;
}

double
CellFreeAdaptiveSensing::GetSpacing() const
{
    return m_spacing;
}

void
CellFreeAdaptiveSensing::SetSearchPeriod(Time period)
{
    cellfree::RefuseDuringRun(*this, "SearchPeriod");
    m_searchPeriod = period;
}

Time
CellFreeAdaptiveSensing::GetSearchPeriod() const
{
    return m_searchPeriod;
}

void
CellFreeAdaptiveSensing::SetSearchDuration(Time duration)
{
    cellfree::RefuseDuringRun(*this, "SearchDuration");
    m_searchDuration = duration;
}

Time
CellFreeAdaptiveSensing::GetSearchDuration() const
{
    return m_searchDuration;
}

void
CellFreeAdaptiveSensing::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_IF(m_pattern != OFF && m_searchPeriod < m_searchDuration,
                    "CellFreeAdaptiveSensing::SearchPeriod = "
                        << m_searchPeriod.As(Time::MS) << ": expected at least SearchDuration = "
                        << m_searchDuration.As(Time::MS));
    const double limits[] =
        {m_box.xMin, m_box.xMax, m_box.yMin, m_box.yMax, m_box.zMin, m_box.zMax};
    NS_ABORT_MSG_IF(m_pattern != OFF && std::all_of(std::begin(limits),
                                                    std::end(limits),
                                                    [](double limit) { return limit == 0.0; }),
                    "CellFreeAdaptiveSensing::SearchBox = "
                        << m_box << ": expected the volume to search, with Search switched on");
    OrderCells();
    CellFreePeriodicSensing::DoInitialize();
}

void
CellFreeAdaptiveSensing::OrderCells()
{
    m_cells.clear();
    m_nextCell = 0;
    if (m_pattern == OFF)
    {
        return;
    }
    constexpr double MOST = 1e6;
    const double sides[] = {m_box.xMax - m_box.xMin,
                            m_box.yMax - m_box.yMin,
                            m_box.zMax - m_box.zMin};
    double count = 1.0;
    for (const double side : sides)
    {
        count *= std::max(std::ceil(side / m_spacing), 1.0);
    }
    NS_ABORT_MSG_IF(!(count <= MOST),
                    "CellFreeAdaptiveSensing::SearchSpacing = "
                        << m_spacing << ": expected at most " << MOST << " cells in SearchBox, not "
                        << count);
    for (int i = 0; i < 3; ++i)
    {
        m_nCells[i] = std::max(std::ceil(sides[i] / m_spacing), 1.0);
    }
    const auto n = static_cast<uint64_t>(count);
    m_cells.reserve(n);
    if (m_pattern == GOLDEN_RATIO)
    {
        // A step without a common divisor leads through all cells.
        auto step = std::max<uint64_t>(std::llround(0.5 * (std::sqrt(5.0) - 1.0) * count), 1);
        while (std::gcd(step, n) > 1)
        {
            ++step;
        }
        for (uint64_t i = 0; i < n; ++i)
        {
            m_cells.push_back(i * step % n);
        }
        return;
    }
    for (uint64_t i = 0; i < n; ++i)
    {
        const uint64_t z = i / (m_nCells[0] * m_nCells[1]);
        const uint64_t row = i / m_nCells[0];
        const uint64_t y = z % 2 == 0 ? row % m_nCells[1] : m_nCells[1] - 1 - row % m_nCells[1];
        const uint64_t x = row % 2 == 0 ? i % m_nCells[0] : m_nCells[0] - 1 - i % m_nCells[0];
        m_cells.push_back((z * m_nCells[1] + y) * m_nCells[0] + x);
    }
}

CellFreeAim
CellFreeAdaptiveSensing::MakeCellAim(uint32_t cell, double rcs) const
{
    const double size[] = {(m_box.xMax - m_box.xMin) / m_nCells[0],
                           (m_box.yMax - m_box.yMin) / m_nCells[1],
                           (m_box.zMax - m_box.zMin) / m_nCells[2]};
    const uint32_t x = cell % m_nCells[0];
    const uint32_t y = cell / m_nCells[0] % m_nCells[1];
    const uint32_t z = cell / m_nCells[0] / m_nCells[1];
    CellFreeAim aim;
    aim.kind = CellFreeAim::SEARCH;
    aim.id = cell;
    aim.position = Vector(m_box.xMin + (x + 0.5) * size[0],
                          m_box.yMin + (y + 0.5) * size[1],
                          m_box.zMin + (z + 0.5) * size[2]);
    for (int i = 0; i < 3; ++i)
    {
        // Variance of a uniform distribution.
        aim.covariance(i, i) = size[i] * size[i] / 12.0;
    }
    aim.rcs = rcs;
    return aim;
}

CellFreeSensingSchedule::Dwell
CellFreeAdaptiveSensing::GetDwell(Time time) const
{
    Dwell dwell;
    if (m_pattern == OFF)
    {
        const int64_t number = time.GetTimeStep() / GetInterval().GetTimeStep();
        dwell.start = GetInterval() * number;
        dwell.end = dwell.start + GetDuration();
        if (time < dwell.end)
        {
            dwell.number = number;
        }
        return dwell;
    }
    // Of a period: a dwell that searches, a pause, and n dwells at equal intervals.
    const Time first = m_searchDuration + (GetInterval() - GetDuration());
    const Time room = m_searchPeriod - first - GetDuration();
    const int64_t n = room.IsNegative() ? 0 : 1 + room.GetTimeStep() / GetInterval().GetTimeStep();
    const int64_t period = time.GetTimeStep() / m_searchPeriod.GetTimeStep();
    const Time start = m_searchPeriod * period;
    int64_t index = 0;
    dwell.start = start;
    dwell.end = start + m_searchDuration;
    if (time >= start + first && n > 0)
    {
        const Time since = time - start - first;
        const auto k = std::min(since.GetTimeStep() / GetInterval().GetTimeStep(), n - 1);
        index = 1 + k;
        dwell.start = start + first + GetInterval() * k;
        dwell.end = dwell.start + GetDuration();
    }
    if (time < dwell.end)
    {
        dwell.number = period * (n + 1) + index;
    }
    return dwell;
}

Time
CellFreeAdaptiveSensing::GetShortestDwell() const
{
    return m_pattern == OFF ? GetDuration() : std::min(GetDuration(), m_searchDuration);
}

bool
CellFreeAdaptiveSensing::IsSearching(const Dwell& dwell) const
{
    return m_pattern != OFF && dwell.number >= 0 &&
           dwell.start.GetTimeStep() % m_searchPeriod.GetTimeStep() == 0;
}

Time
CellFreeAdaptiveSensing::GetSweepTime() const
{
    const int64_t n = m_cells.size();
    return m_searchPeriod * ((n + m_searchAims - 1) / m_searchAims);
}

bool
CellFreeAdaptiveSensing::IsDue(const Dwell& dwell,
                               const CellFreeTrack& track,
                               const Look& look) const
{
    if (look.number == 0 || dwell.start >= look.start + m_trackPeriod)
    {
        return true;
    }
    // What a look still on its way will tell is not in the covariance.
    const bool isKnown = track.nDetections != look.nDetections || track.nMisses != look.nMisses;
    return m_maxTrackError > 0.0 && isKnown &&
           cellfree::ExtrapolatePositionError(track.covariance, GetInterval().GetSeconds()) >
               m_maxTrackError;
}

void
CellFreeAdaptiveSensing::FindNeeds(const Dwell& dwell, const std::vector<CellFreeTrack>& tracks)
{
    m_needs.clear();
    for (auto& look : m_looks)
    {
        look.second.isPresent = false;
    }
    for (std::size_t i = 0; i < tracks.size(); ++i)
    {
        auto& look = m_looks[tracks[i].id];
        look.isPresent = true;
        const auto status = tracks[i].status;
        if (status != CellFreeTrack::CONFIRMED || IsDue(dwell, tracks[i], look))
        {
            Need need;
            need.rank = status == CellFreeTrack::CONFIRMED  ? 1
                        : status == CellFreeTrack::COASTING ? 2
                                                            : 3;
            need.last = look.number;
            need.track = i;
            m_needs.push_back(need);
        }
    }
    for (auto it = m_looks.begin(); it != m_looks.end();)
    {
        it = it->second.isPresent ? std::next(it) : m_looks.erase(it);
    }
    std::stable_sort(m_needs.begin(), m_needs.end(), [](const Need& a, const Need& b) {
        return std::tie(a.rank, a.last) < std::tie(b.rank, b.last);
    });
}

void
CellFreeAdaptiveSensing::ChooseAims(const Dwell& dwell,
                                    const std::vector<CellFreeTrack>& tracks,
                                    double rcs,
                                    std::vector<CellFreeAim>& aims)
{
    NS_ABORT_MSG_IF(m_searchAims > m_maxAims,
                    "CellFreeAdaptiveSensing::SearchAims = "
                        << m_searchAims << ": expected at most MaxAims = " << m_maxAims);
    aims.clear();
    const bool searches = IsSearching(dwell);
    const std::size_t kept = searches ? std::min<std::size_t>(m_searchAims, m_cells.size()) : 0;
    FindNeeds(dwell, tracks);
    m_needs.resize(std::min(m_needs.size(), m_maxAims - kept));
    std::size_t spare = m_maxAims - kept - m_needs.size();
    for (uint32_t nAims = 3; nAims <= m_lostAims; nAims += 2)
    {
        for (auto& need : m_needs)
        {
            if (spare >= 2 && tracks[need.track].status == CellFreeTrack::COASTING)
            {
                need.nAims = nAims;
                spare -= 2;
            }
        }
    }
    for (const auto& need : m_needs)
    {
        const auto& track = tracks[need.track];
        AddTrackAims(track, rcs, need.nAims, aims);
        auto& look = m_looks[track.id];
        look.number = ++m_nLooks;
        look.start = dwell.start;
        look.nDetections = track.nDetections;
        look.nMisses = track.nMisses;
    }
    if (searches)
    {
        const auto n = std::min<std::size_t>(m_maxAims - aims.size(), m_cells.size());
        for (std::size_t i = 0; i < n; ++i)
        {
            aims.push_back(MakeCellAim(m_cells[m_nextCell], rcs));
            m_nextCell = (m_nextCell + 1) % m_cells.size();
        }
    }
    NS_LOG_LOGIC("dwell " << dwell.number << ": " << aims.size() << " aims for " << tracks.size()
                          << " tracks" << (searches ? " and the search" : ""));
}

void
CellFreeAdaptiveSensing::AddTrackAims(const CellFreeTrack& track,
                                      double rcs,
                                      uint32_t nAims,
                                      std::vector<CellFreeAim>& aims)
{
    const auto centre = MakeAim(track, rcs);
    const auto parts =
        cellfree::DivideEllipsoid(centre.covariance, std::min<uint32_t>((nAims - 1) / 2, 3));
    for (Eigen::Index i = 0; i < parts.offsets.cols(); ++i)
    {
        auto aim = centre;
        aim.position =
            aim.position + Vector(parts.offsets(0, i), parts.offsets(1, i), parts.offsets(2, i));
        aim.covariance = parts.covariance;
        aims.push_back(aim);
    }
}

} // namespace ns3
