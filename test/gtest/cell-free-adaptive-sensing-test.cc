// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/boolean.h"
#include "ns3/cell-free-adaptive-sensing.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <vector>

using namespace ns3;

namespace
{

using Dwell = CellFreeSensingSchedule::Dwell;
using Values = std::map<std::string, std::string>;

/// A dwell and its aims.
struct Look
{
    Dwell dwell;
    std::vector<CellFreeAim> aims;

    /// Number of aims of a kind, and of an id if that is >= 0.
    int Count(CellFreeAim::Kind kind, int id = -1) const
    {
        return std::count_if(aims.begin(), aims.end(), [&](const CellFreeAim& aim) {
            return aim.kind == kind && (id < 0 || aim.id == static_cast<uint32_t>(id));
        });
    }
};

Ptr<CellFreeAdaptiveSensing>
Make(const Values& values)
{
    auto schedule = CreateObject<CellFreeAdaptiveSensing>();
    for (const auto& [name, value] : values)
    {
        schedule->SetAttribute(name, StringValue(value));
    }
    schedule->Initialize();
    return schedule;
}

CellFreeTrack
MakeTrack(uint32_t id, CellFreeTrack::Status status)
{
    CellFreeTrack track;
    track.id = id;
    track.status = status;
    track.state << 100.0 * id, 50.0, 20.0, 5.0, 0.0, 0.0;
    track.covariance.diagonal() << 9.0, 4.0, 1.0, 1.0, 1.0, 1.0;
    return track;
}

/// The dwells that begin until a time, each with its aims; tracks may change with the dwell.
std::vector<Look>
RunUntil(Ptr<CellFreeAdaptiveSensing> schedule,
         Time end,
         const std::function<std::vector<CellFreeTrack>(const Dwell&)>& getTracks)
{
    std::vector<Look> looks;
    for (Time t; t < end; t += MicroSeconds(500))
    {
        const auto dwell = schedule->GetDwell(t);
        if (dwell.number < 0 || (!looks.empty() && looks.back().dwell.number == dwell.number))
        {
            continue;
        }
        EXPECT_EQ(dwell.number, static_cast<int64_t>(looks.size()));
        Look look;
        look.dwell = dwell;
        schedule->ChooseAims(dwell, getTracks(dwell), 0.1, look.aims);
        looks.push_back(look);
    }
    return looks;
}

/// The same tracks in all dwells.
std::function<std::vector<CellFreeTrack>(const Dwell&)>
Always(const std::vector<CellFreeTrack>& tracks)
{
    return [tracks](const Dwell&) { return tracks; };
}

const std::vector<CellFreeTrack> NONE;

/// Some volume to search.
const std::string BOX = "0|100|0|100|0|100";

} // namespace

TEST(CellFreeAdaptiveSensing, DwellsArePeriodicWithoutSearch)
{
    const auto schedule = Make({{"DwellDuration", "5ms"}, {"DwellInterval", "20ms"}});
    auto periodic = CreateObject<CellFreePeriodicSensing>();
    periodic->SetAttribute("DwellDuration", StringValue("5ms"));
    periodic->SetAttribute("DwellInterval", StringValue("20ms"));
    for (Time t; t < MilliSeconds(100); t += MicroSeconds(100))
    {
        const auto a = schedule->GetDwell(t);
        const auto b = periodic->GetDwell(t);
        EXPECT_EQ(a.number, b.number);
        EXPECT_EQ(a.start, b.start);
        EXPECT_EQ(a.end, b.end);
        // Without a tracker all targets, as there.
        std::vector<uint32_t> due;
        schedule->GetDueTargets(t, {0, 3, 4}, due);
        EXPECT_EQ(due.size(), a.number >= 0 ? 3U : 0U);
    }
    EXPECT_EQ(schedule->GetShortestDwell(), MilliSeconds(5));
    EXPECT_EQ(schedule->GetSweepTime(), Time(0));
}

TEST(CellFreeAdaptiveSensing, SearchHasDwellsOfItsOwnLength)
{
    const auto schedule = Make({{"DwellDuration", "4ms"},
                                {"DwellInterval", "6ms"},
                                {"Search", "GoldenRatio"},
                                {"SearchBox", BOX},
                                {"SearchPeriod", "30ms"},
                                {"SearchDuration", "10ms"}});
    // 0..10 searches, a pause of 2 ms, 12..16, 18..22, 24..28, again from 30.
    const std::vector<std::pair<int, int>> expected{{0, 10}, {12, 16}, {18, 22}, {24, 28}};
    for (int ms = 0; ms < 3000; ++ms)
    {
        const auto dwell = schedule->GetDwell(MilliSeconds(ms));
        int64_t number = -1;
        for (std::size_t i = 0; i < expected.size(); ++i)
        {
            if (ms % 30 >= expected[i].first && ms % 30 < expected[i].second)
            {
                number = ms / 30 * 4 + i;
                EXPECT_EQ(dwell.start, MilliSeconds(ms / 30 * 30 + expected[i].first));
                EXPECT_EQ(dwell.end, MilliSeconds(ms / 30 * 30 + expected[i].second));
                EXPECT_EQ(schedule->IsSearching(dwell), i == 0);
            }
        }
        EXPECT_EQ(dwell.number, number) << ms;
    }
    EXPECT_EQ(schedule->GetShortestDwell(), MilliSeconds(4));
    // With a period of nothing but the search, no dwell is without it.
    const auto only =
        Make({{"Search", "Boustrophedon"}, {"SearchBox", BOX}, {"SearchPeriod", "10ms"}});
    for (int ms = 0; ms < 100; ++ms)
    {
        EXPECT_EQ(only->GetDwell(MilliSeconds(ms)).number, ms / 10);
        EXPECT_TRUE(only->IsSearching(only->GetDwell(MilliSeconds(ms))));
    }
}

TEST(CellFreeAdaptiveSensing, NothingDueNoAims)
{
    const auto off = Make({});
    for (const auto& look : RunUntil(off, Seconds(1), Always(NONE)))
    {
        EXPECT_TRUE(look.aims.empty());
    }
    const auto schedule =
        Make({{"Search", "GoldenRatio"}, {"SearchBox", BOX}, {"SearchPeriod", "100ms"}});
    const auto looks = RunUntil(schedule, Seconds(1), Always(NONE));
    EXPECT_EQ(looks.size(), 100U);
    for (const auto& look : looks)
    {
        EXPECT_EQ(look.aims.empty(), !schedule->IsSearching(look.dwell));
    }
}

TEST(CellFreeAdaptiveSensing, SearchVisitsEveryCellInTime)
{
    for (const std::string pattern : {"Boustrophedon", "GoldenRatio"})
    {
        for (const std::string box : {"0|400|-200|100|20|120", "0|90|0|0|10|10", "5|5|6|6|7|7"})
        {
            SCOPED_TRACE(pattern + " " + box);
            const auto schedule = Make({{"Search", pattern},
                                        {"SearchBox", box},
                                        {"SearchSpacing", "60"},
                                        {"SearchPeriod", "30ms"},
                                        {"SearchAims", "2"},
                                        {"MaxAims", "5"}});
            // Tracks that take all they can get.
            std::vector<CellFreeTrack> tracks;
            for (uint32_t i = 0; i < 9; ++i)
            {
                tracks.push_back(MakeTrack(i, CellFreeTrack::COASTING));
            }
            std::map<uint32_t, Time> last;
            std::map<uint32_t, Vector> places;
            const auto sweep = schedule->GetSweepTime();
            const auto looks = RunUntil(schedule, 3 * sweep + MilliSeconds(30), Always(tracks));
            for (const auto& look : looks)
            {
                EXPECT_LE(look.aims.size(), 5U);
                std::set<uint32_t> ids;
                for (const auto& aim : look.aims)
                {
                    if (aim.kind == CellFreeAim::SEARCH)
                    {
                        EXPECT_TRUE(ids.insert(aim.id).second) << "twice in a dwell";
                        const auto before = last.find(aim.id);
                        EXPECT_LE(look.dwell.start,
                                  before == last.end() ? sweep - MilliSeconds(30)
                                                       : before->second + sweep);
                        last[aim.id] = look.dwell.start;
                        places[aim.id] = aim.position;
                        EXPECT_EQ(aim.rcs, 0.1);
                    }
                }
            }
            for (const auto& [id, time] : last)
            {
                EXPECT_GT(time + sweep, looks.back().dwell.start);
            }
            // Any place of the box is in the cell of an aim: within half a cell of its centre.
            Box volume;
            std::istringstream(box) >> volume;
            const auto side = [](double low, double high) {
                return (high - low) / std::max(std::ceil((high - low) / 60.0), 1.0);
            };
            const double dx = side(volume.xMin, volume.xMax);
            const double dy = side(volume.yMin, volume.yMax);
            const double dz = side(volume.zMin, volume.zMax);
            for (int i = 0; i < 1000; ++i)
            {
                const Vector place(volume.xMin + (volume.xMax - volume.xMin) * (i % 10) / 9.0,
                                   volume.yMin + (volume.yMax - volume.yMin) * (i / 10 % 10) / 9.0,
                                   volume.zMin + (volume.zMax - volume.zMin) * (i / 100) / 9.0);
                EXPECT_TRUE(std::any_of(places.begin(), places.end(), [&](const auto& cell) {
                    const Vector offset = cell.second - place;
                    return std::abs(offset.x) <= 0.5001 * dx && std::abs(offset.y) <= 0.5001 * dy &&
                           std::abs(offset.z) <= 0.5001 * dz;
                }));
            }
        }
    }
}

TEST(CellFreeAdaptiveSensing, PatternsAreWhatTheirNamesSay)
{
    const auto getSweep = [](const std::string& pattern) {
        const auto schedule = Make({{"Search", pattern},
                                    {"SearchBox", "0|300|0|200|0|200"},
                                    {"SearchSpacing", "100"},
                                    {"SearchPeriod", "10ms"},
                                    {"SearchAims", "1"},
                                    {"MaxAims", "1"}});
        std::vector<CellFreeAim> aims;
        for (const auto& look : RunUntil(schedule, MilliSeconds(120), Always(NONE)))
        {
            aims.push_back(look.aims.at(0));
        }
        return aims;
    };
    // 3 x 2 x 2 cells: the next is always a neighbour, and each comes once.
    const auto rows = getSweep("Boustrophedon");
    std::set<uint32_t> ids{rows[0].id};
    for (std::size_t i = 1; i < 12; ++i)
    {
        EXPECT_NEAR(CalculateDistance(rows[i].position, rows[i - 1].position), 100.0, 1e-9);
        EXPECT_TRUE(ids.insert(rows[i].id).second);
    }
    // A cell's covariance is that of a uniform distribution.
    EXPECT_DOUBLE_EQ(rows[0].covariance(0, 0), 100.0 * 100.0 / 12.0);
    EXPECT_DOUBLE_EQ(rows[0].covariance.trace(), 2500.0);
    // 12 / 1.618 = 7.4: 7 has no common divisor with 12.
    const auto golden = getSweep("GoldenRatio");
    for (uint32_t i = 0; i < 12; ++i)
    {
        EXPECT_EQ(golden[i].id, 7 * i % 12);
    }
}

TEST(CellFreeAdaptiveSensing, TracksGetTheirLooksAtTheirPeriod)
{
    const auto schedule = Make({{"TrackPeriod", "45ms"}, {"MaxAims", "4"}});
    const auto looks = RunUntil(
        schedule,
        Seconds(2),
        Always({MakeTrack(1, CellFreeTrack::CONFIRMED), MakeTrack(2, CellFreeTrack::TENTATIVE)}));
    for (const auto& look : looks)
    {
        // 45 ms and dwells every 10 ms: every fifth. A tentative one in all.
        EXPECT_EQ(look.Count(CellFreeAim::TRACK, 1), look.dwell.number % 5 == 0 ? 1 : 0);
        EXPECT_EQ(look.Count(CellFreeAim::TRACK, 2), 1);
    }
    EXPECT_EQ(looks[0].aims[0].position.x, 100.0);
    EXPECT_EQ(looks[0].aims[0].covariance(0, 0), 9.0);
    EXPECT_EQ(looks[0].aims[0].rcs, 0.1);
}

TEST(CellFreeAdaptiveSensing, ErrorThatGrowsTooLargeIsLookedAtSooner)
{
    const auto schedule = Make({{"TrackPeriod", "1s"}, {"MaxTrackError", "5"}});
    // The error is 2 m after a look and grows by 10 m/s; what a look gave is known one dwell later.
    Time last;
    std::vector<int64_t> dwells;
    uint32_t nDetections = 0;
    const auto looks = RunUntil(schedule, Seconds(3), [&](const Dwell& dwell) {
        auto track = MakeTrack(1, CellFreeTrack::CONFIRMED);
        const double age = (dwell.start - last).GetSeconds();
        track.covariance.setZero();
        track.covariance(0, 0) = std::pow(2.0 + 10.0 * age, 2);
        track.covariance(0, 3) = track.covariance(3, 0) = (2.0 + 10.0 * age) * 10.0;
        track.covariance(3, 3) = 100.0;
        track.nDetections = nDetections;
        if (!dwells.empty() && dwell.number > dwells.back() + 1)
        {
            track.nDetections = nDetections = dwells.size();
        }
        else if (!dwells.empty())
        {
            track.covariance(0, 0) = 1e4; // the look that is still on its way is not in it
        }
        // 2 + 10 (age + 10 ms) > 5
        const bool isDue = dwells.empty() || dwell.number > dwells.back() + 29;
        if (isDue)
        {
            last = dwell.start;
            dwells.push_back(dwell.number);
        }
        return std::vector<CellFreeTrack>{track};
    });
    ASSERT_GT(dwells.size(), 5U);
    std::vector<int64_t> looked;
    for (const auto& look : looks)
    {
        if (!look.aims.empty())
        {
            looked.push_back(look.dwell.number);
        }
    }
    EXPECT_EQ(looked, dwells);
}

TEST(CellFreeAdaptiveSensing, LostTrackGetsMore)
{
    auto lost = MakeTrack(1, CellFreeTrack::COASTING);
    lost.covariance(0, 0) = 900.0;
    const auto schedule = Make({{"TrackPeriod", "100ms"}, {"LostAims", "5"}, {"MaxAims", "6"}});
    for (const auto& look :
         RunUntil(schedule, Seconds(1), Always({lost, MakeTrack(2, CellFreeTrack::CONFIRMED)})))
    {
        EXPECT_EQ(look.Count(CellFreeAim::TRACK, 1), 5);
        EXPECT_EQ(look.Count(CellFreeAim::TRACK, 2), look.dwell.number % 10 == 0 ? 1 : 0);
        // Together they are where the track is, as widely spread.
        Vector mean;
        Eigen::Matrix3d covariance = Eigen::Matrix3d::Zero();
        for (const auto& aim : look.aims)
        {
            if (aim.id == 1)
            {
                const Eigen::Vector3d offset(aim.position.x - 100.0,
                                             aim.position.y - 50.0,
                                             aim.position.z - 20.0);
                mean = mean + aim.position;
                covariance += (aim.covariance + offset * offset.transpose()) / 5.0;
            }
        }
        EXPECT_NEAR(mean.x / 5.0, 100.0, 1e-9);
        EXPECT_LT((covariance - lost.covariance.topLeftCorner<3, 3>()).norm(), 1e-9);
    }
    // Streams bind: one each first, then pairs for the lost ones in turn, and never a stream more.
    const auto tight = Make({{"LostAims", "7"}, {"MaxAims", "6"}});
    const auto aims = RunUntil(
        tight,
        MilliSeconds(5),
        Always(
            {lost, MakeTrack(2, CellFreeTrack::CONFIRMED), MakeTrack(3, CellFreeTrack::COASTING)}));
    EXPECT_EQ(aims[0].Count(CellFreeAim::TRACK, 1), 3);
    EXPECT_EQ(aims[0].Count(CellFreeAim::TRACK, 2), 1);
    EXPECT_EQ(aims[0].Count(CellFreeAim::TRACK, 3), 1);
}

TEST(CellFreeAdaptiveSensing, TooManyTracksTakeTurns)
{
    const auto schedule = Make({{"TrackPeriod", "10ms"}, {"MaxAims", "3"}});
    std::vector<CellFreeTrack> tracks;
    for (uint32_t i = 0; i < 7; ++i)
    {
        tracks.push_back(MakeTrack(i, CellFreeTrack::CONFIRMED));
    }
    std::map<uint32_t, int> counts;
    for (const auto& look : RunUntil(schedule, MilliSeconds(700), Always(tracks)))
    {
        EXPECT_EQ(look.aims.size(), 3U);
        for (const auto& aim : look.aims)
        {
            ++counts[aim.id];
        }
    }
    for (const auto& track : tracks)
    {
        EXPECT_EQ(counts[track.id], 30); // 70 dwells of 3 aims
    }
}

TEST(CellFreeAdaptiveSensing, SameQuestionsSameAnswers)
{
    const auto run = [](Time first) {
        const auto schedule = Make({{"Search", "GoldenRatio"},
                                    {"SearchBox", "0|500|0|500|20|20"},
                                    {"SearchPeriod", "30ms"}});
        // Dwells are a function of time, whatever was asked before.
        schedule->GetDwell(first);
        std::vector<Look> looks = RunUntil(schedule, Seconds(1), [](const Dwell& dwell) {
            std::vector<CellFreeTrack> tracks;
            for (uint32_t i = dwell.number / 20; i < 5U + dwell.number / 20; ++i)
            {
                tracks.push_back(MakeTrack(i, static_cast<CellFreeTrack::Status>(i % 3)));
            }
            return tracks;
        });
        return looks;
    };
    const auto a = run(Seconds(0));
    const auto b = run(Seconds(7.003));
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        ASSERT_EQ(a[i].aims.size(), b[i].aims.size());
        for (std::size_t j = 0; j < a[i].aims.size(); ++j)
        {
            EXPECT_TRUE(a[i].aims[j].IsAboutSame(b[i].aims[j]));
            EXPECT_EQ(CalculateDistance(a[i].aims[j].position, b[i].aims[j].position), 0.0);
        }
    }
}

TEST(CellFreeAdaptiveSensingDeathTest, WrongAttributesAreNamed)
{
    EXPECT_DEATH(Make({{"DwellInterval", "5ms"}}), "DwellInterval = .*expected at least");
    EXPECT_DEATH(Make({{"Search", "GoldenRatio"}, {"SearchPeriod", "5ms"}}),
                 "SearchPeriod = .*expected at least");
    EXPECT_DEATH(Make({{"Search", "GoldenRatio"}}), "SearchBox = .*expected the volume");
    EXPECT_DEATH(Make({{"SearchBox", "1|0|0|0|0|0"}}), "SearchBox = .*expected finite");
    EXPECT_DEATH(Make({{"Search", "GoldenRatio"},
                       {"SearchBox", "0|1e6|0|1e6|0|1e6"},
                       {"SearchSpacing", "1"}}),
                 "SearchSpacing = 1: expected at most");
    const auto schedule = Make({{"SearchAims", "5"}});
    std::vector<CellFreeAim> aims;
    EXPECT_DEATH(schedule->ChooseAims(schedule->GetDwell(Seconds(0)), NONE, 1.0, aims),
                 "SearchAims = 5: expected at most MaxAims = 4");
}
