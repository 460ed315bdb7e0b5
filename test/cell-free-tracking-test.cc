// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-cases.h"
#include "cell-free-test-scenario.h"

#include "ns3/box.h"
#include "ns3/cell-free-adaptive-sensing.h"
#include "ns3/cell-free-multi-target-tracker.h"
#include "ns3/channel-condition-model.h"
#include "ns3/constant-velocity-mobility-model.h"
#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace ns3
{

namespace
{

constexpr double SIDE = 300.0;               //!< of the square that all lies in (m)
const Box VOLUME(0, SIDE, 0, SIDE, 0, 80);   //!< that is watched (m)
constexpr double QUANTILE = 2.5758293035489; //!< of a normal variable: 99 % lie within +- this

/**
 * @ingroup cellfree-isac-test
 * @brief A tracker that follows nothing: whoever uses it looks nowhere.
 */
class IdleTracker : public CellFreeTracker
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::CellFreeIdleTrackerOfTests")
                                .SetParent<CellFreeTracker>()
                                .SetGroupName("CellFreeIsac")
                                .AddConstructor<IdleTracker>();
        return tid;
    }

    // Inherited
    void Update(const CellFreeScan& /* scan */) override
    {
    }

    uint32_t Cue(Time /* time */,
                 const CellFreeState& /* state */,
                 const CellFreeStateCovariance& /* covariance */) override
    {
        return 0;
    }

    const std::vector<CellFreeTrack>& GetTracks() const override
    {
        return m_tracks;
    }

    void Predict(Time /* time */, std::vector<CellFreeTrack>& tracks) const override
    {
        tracks.clear();
    }

  private:
    std::vector<CellFreeTrack> m_tracks; //!< none
};

/**
 * @ingroup cellfree-isac-test
 * @brief Hops are clear, or all of them are blocked.
 */
class Curtain : public ChannelConditionModel
{
  public:
    // Inherited
    Ptr<ChannelCondition> GetChannelCondition(Ptr<const MobilityModel> /* a */,
                                              Ptr<const MobilityModel> /* b */) const override
    {
        return CreateObject<ChannelCondition>(m_isClosed ? ChannelCondition::NLOS
                                                         : ChannelCondition::LOS);
    }

    int64_t AssignStreams(int64_t /* stream */) override
    {
        return 0;
    }

    bool m_isClosed{false}; //!< whether hops are blocked
};

/// Something that reached or left the tracker of a CPU.
struct Event
{
    /// What it is.
    enum Kind
    {
        CUE,  //!< somebody told it of a target
        SCAN, //!< a dwell told it something
        AIMS, //!< a dwell has begun whose beams it says where to point
    };

    Kind kind{SCAN};                            //!< what it is
    Time time;                                  //!< when
    CellFreeState state{CellFreeState::Zero()}; //!< of a cue
    CellFreeStateCovariance covariance =        //!< of a cue
        CellFreeStateCovariance::Zero();        //
    CellFreeScan scan;                          //!< of a dwell
    std::vector<CellFreeTrack> tracks;          //!< after it
    std::vector<CellFreeAim> aims;              //!< of the plans
};

/**
 * @ingroup cellfree-isac-test
 * @brief A CPU with a tracker, nine APs on a grid, and targets that fly straight on.
 */
class TrackingScenario
{
  public:
    /// A target.
    struct Flyer
    {
        Vector position; //!< at the start (m)
        Vector velocity; //!< (m/s)
    };

    /// What a test case may change.
    struct Options
    {
        std::vector<Flyer> targets;         //!< targets
        bool hasTracker{true};              //!< has an IdleTracker or that of SetTracker()
        std::string policy{"cb-sensing"};   //!< policy
        std::vector<Vector> ues;            //!< places of UEs
        std::vector<Vector> extraAps;       //!< places of more APs
        Ptr<ChannelConditionModel> curtain; //!< of hops
        /// Called with the helper before it installs anything.
        std::function<void(CellFreeIsacHelper&)> configure;
    };

    /// Builds the network. @param options what is wanted
    explicit TrackingScenario(const Options& options)
    {
        NodeContainer aps(9 + options.extraAps.size());
        node = CreateObject<Node>();
        targets.Create(options.targets.size());
        ues.Create(options.ues.size());
        for (uint32_t m = 0; m < 9; ++m)
        {
            CellFreeTestScenario::Place(aps.Get(m),
                                        Vector(50 + 100 * (m % 3), 50 + 100 * (m / 3), 12));
        }
        for (std::size_t m = 0; m < options.extraAps.size(); ++m)
        {
            CellFreeTestScenario::Place(aps.Get(9 + m), options.extraAps[m]);
        }
        for (uint32_t u = 0; u < ues.GetN(); ++u)
        {
            CellFreeTestScenario::Place(ues.Get(u), options.ues[u]);
        }
        for (uint32_t t = 0; t < targets.GetN(); ++t)
        {
            auto mobility = CreateObject<ConstantVelocityMobilityModel>();
            mobility->SetPosition(options.targets[t].position);
            mobility->SetVelocity(options.targets[t].velocity);
            targets.Get(t)->AggregateObject(mobility);
        }
        helper.SetPolicy(options.policy);
        helper.SetArrayAttribute("NumColumns", UintegerValue(4));
        helper.SetArrayAttribute("NumRows", UintegerValue(2));
        helper.SetEchoReceiver("ns3::CellFreeEchoReceiver", "Volume", BoxValue(VOLUME));
        if (options.hasTracker)
        {
            helper.SetTracker("ns3::CellFreeMultiTargetTracker");
        }
        if (options.curtain)
        {
            helper.SetChannelAttribute("HopCondition", PointerValue(options.curtain));
        }
        if (options.configure)
        {
            options.configure(helper);
        }
        devices = helper.Install(node, aps, ues);
        helper.InstallTargets(targets);
        helper.AssignStreams(1);
        cpu = devices.controller;
        sensing = cpu->GetSensing();
        cpu->TraceConnectWithoutContext("Outcome",
                                        MakeCallback(&TrackingScenario::OnOutcome, this));
        cpu->TraceConnectWithoutContext("UeSample",
                                        MakeCallback(&TrackingScenario::OnSample, this));
        sensing->TraceConnectWithoutContext("Scan", MakeCallback(&TrackingScenario::OnScan, this));
        sensing->TraceConnectWithoutContext("Dwell",
                                            MakeCallback(&TrackingScenario::OnDwell, this));
        samples.precision(17);
    }

    ~TrackingScenario()
    {
        Simulator::Destroy();
    }

    /**
     * @brief Tells the tracker of a target as a flight plan would.
     * @param flyer where it is now
     * @param offset error of what it is told (m)
     */
    void Cue(const Flyer& flyer, double offset)
    {
        Event event;
        event.kind = Event::CUE;
        event.time = Simulator::Now();
        event.state << flyer.position.x + offset, flyer.position.y - offset, flyer.position.z,
            flyer.velocity.x, flyer.velocity.y, flyer.velocity.z;
        event.covariance.diagonal() << 25.0, 25.0, 25.0, 4.0, 4.0, 1.0;
        sensing->GetTracker()->Cue(event.time, event.state, event.covariance);
        events.push_back(event);
    }

    /**
     * @brief Plays what the tracker was told to another one, while there is no network.
     * @param events what happened
     * @param schedule says when dwells are and what they aim at; as the network's when it began
     * @return what was different, or an empty text
     */
    static std::string Replay(const std::vector<Event>& events,
                              Ptr<CellFreeSensingSchedule> schedule)
    {
        std::ostringstream differences;
        auto tracker = CreateObject<CellFreeMultiTargetTracker>();
        tracker->Initialize();
        schedule->Initialize();
        for (const auto& event : events)
        {
            if (event.kind == Event::CUE)
            {
                tracker->Cue(event.time, event.state, event.covariance);
            }
            else if (event.kind == Event::SCAN)
            {
                tracker->Update(event.scan);
                if (!AreEqual(tracker->GetTracks(), event.tracks))
                {
                    differences << "tracks at " << event.time.As(Time::S) << "; ";
                }
            }
            else
            {
                const auto dwell = schedule->GetDwell(event.time);
                std::vector<CellFreeTrack> predicted;
                std::vector<CellFreeAim> aims;
                tracker->Predict(dwell.start + (dwell.end - dwell.start) / 2, predicted);
                schedule->ChooseAims(dwell, predicted, 0.0525, aims);
                if (!AreEqual(aims, event.aims))
                {
                    differences << "aims at " << event.time.As(Time::S) << "; ";
                }
            }
        }
        return differences.str();
    }

    /// @return whether two lists of tracks are the same to the last bit
    /// @param a one @param b the other
    static bool AreEqual(const std::vector<CellFreeTrack>& a, const std::vector<CellFreeTrack>& b)
    {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& p, const auto& q) {
            return p.id == q.id && p.status == q.status && p.time == q.time && p.state == q.state &&
                   p.covariance == q.covariance && p.born == q.born && p.updated == q.updated &&
                   p.nDetections == q.nDetections && p.nMisses == q.nMisses;
        });
    }

    /// @return whether two lists of aims are the same to the last bit
    /// @param a one @param b the other
    static bool AreEqual(const std::vector<CellFreeAim>& a, const std::vector<CellFreeAim>& b)
    {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& p, const auto& q) {
            return p.IsAboutSame(q) && p.position == q.position && p.covariance == q.covariance;
        });
    }

    /// @return whether two detections are the same to the last bit
    /// @param a one @param b the other
    static bool AreEqual(const CellFreeDetection& a, const CellFreeDetection& b)
    {
        return a.time == b.time && a.state == b.state && a.covariance == b.covariance &&
               a.snr == b.snr;
    }

    /**
     * @brief The believed track that is nearest to a place.
     * @param tracks tracks
     * @param place the place (m)
     * @param[out] distance of its position from the place (m); infinite without one
     * @return the track, or null
     */
    static const CellFreeTrack* FindNearest(const std::vector<CellFreeTrack>& tracks,
                                            const Vector& place,
                                            double& distance)
    {
        const CellFreeTrack* nearest = nullptr;
        distance = std::numeric_limits<double>::infinity();
        for (const auto& track : tracks)
        {
            const double d =
                CalculateDistance(Vector(track.state(0), track.state(1), track.state(2)), place);
            if (track.status != CellFreeTrack::TENTATIVE && d < distance)
            {
                distance = d;
                nearest = &track;
            }
        }
        return nearest;
    }

    CellFreeIsacHelper helper;         //!< helper
    Ptr<Node> node;                    //!< the CPU's node
    NodeContainer ues;                 //!< UEs
    NodeContainer targets;             //!< targets
    CellFreeDevices devices;           //!< what was installed
    Ptr<CellFreeCpu> cpu;              //!< the CPU
    Ptr<CellFreeSensing> sensing;      //!< its sensing
    std::vector<Event> events;         //!< what happened to the tracker
    std::vector<CellFreeDwell> dwells; //!< what happened to targets
    std::ostringstream samples;        //!< what happened to UEs
    uint64_t decoded{0};               //!< bytes of their decoded blocks

  private:
    /// Notes a scan. @param scan it @param tracks the tracks after it
    void OnScan(const CellFreeScan& scan, const std::vector<CellFreeTrack>& tracks)
    {
        Event event;
        event.time = scan.end;
        event.scan = scan;
        event.tracks = tracks;
        events.push_back(event);
    }

    /// Notes the aims of the first plan of a dwell. @param plan the plan @param outcome unused
    void OnOutcome(const CellFreeSlotPlan& plan, const CellFreeSlotOutcome& /* outcome */)
    {
        if (plan.isUplink || !plan.isListening)
        {
            return;
        }
        const auto number = sensing->GetSchedule()->GetDwell(Simulator::Now()).number;
        if (number != m_dwell)
        {
            m_dwell = number;
            Event event;
            event.kind = Event::AIMS;
            event.time = Simulator::Now();
            event.aims = plan.aims;
            events.push_back(event);
        }
    }

    /// Notes a stream of a UE. @param sample the stream
    void OnSample(const CellFreeUeSample& sample)
    {
        samples << sample.slot << ' ' << sample.isUplink << ' ' << sample.ueId << ' ' << sample.sinr
                << ' ' << sample.mcs << ' ' << sample.blockBytes << ' ' << sample.isDecoded << '\n';
        if (sample.isDecoded)
        {
            decoded += sample.blockBytes;
        }
    }

    /// Notes a dwell. @param dwell it
    void OnDwell(const CellFreeDwell& dwell)
    {
        dwells.push_back(dwell);
    }

    int64_t m_dwell{-1}; //!< last dwell with a plan
};

constexpr double SPACING = 75.0; //!< of the places that are searched (m)

/// Has a network look at tracks by need, and search. @param helper its helper
void
UseSearch(CellFreeIsacHelper& helper)
{
    helper.SetSensingSchedule("ns3::CellFreeAdaptiveSensing",
                              "Search",
                              StringValue("GoldenRatio"),
                              "SearchBox",
                              BoxValue(VOLUME),
                              "SearchSpacing",
                              DoubleValue(SPACING));
}

/// A schedule like that of UseSearch(). @return it
Ptr<CellFreeAdaptiveSensing>
MakeSearch()
{
    return CreateObjectWithAttributes<CellFreeAdaptiveSensing>("Search",
                                                               StringValue("GoldenRatio"),
                                                               "SearchBox",
                                                               BoxValue(VOLUME),
                                                               "SearchSpacing",
                                                               DoubleValue(SPACING));
}

/**
 * @ingroup cellfree-isac-test
 * @brief Two cued targets meet in mid-air and are followed, by what the tracker is told alone.
 */
class FollowedTestCase : public TestCase
{
  public:
    FollowedTestCase()
        : TestCase("Tracking: cued targets that cross are followed better than a dwell sees them; "
                   "scans alone make the tracks, and tracks alone the aims")
    {
    }

  private:
    void DoRun() override
    {
        const std::vector<TrackingScenario::Flyer> flyers{
            {Vector(105, 150, 40), Vector(30, 0, 0)},
            {Vector(150, 105, 44), Vector(0, 30, 0)},
        };
        std::vector<Event> events;
        double bound[2]{};
        {
            TrackingScenario::Options options;
            options.targets = flyers;
            options.configure = UseSearch;
            TrackingScenario scenario(options);
            scenario.Cue(flyers[0], 3.0);
            scenario.Cue(flyers[1], 3.0);
            CellFreeTestScenario::Run(Seconds(3));
            for (const auto& dwell : scenario.dwells)
            {
                bound[dwell.targetId == scenario.targets.Get(1)->GetId()] +=
                    dwell.isDetected ? std::pow(dwell.positionBound, 2) : 0.0;
            }
            for (int t : {0, 1})
            {
                const auto n =
                    std::count_if(scenario.dwells.begin(),
                                  scenario.dwells.end(),
                                  [&](const auto& dwell) {
                                      return dwell.isDetected &&
                                             dwell.targetId == scenario.targets.Get(t)->GetId();
                                  });
                NS_TEST_ASSERT_MSG_GT(n, 50, "target " << t << " was detected");
                bound[t] = std::sqrt(bound[t] / n);
            }
            events = scenario.events;
        }
        // There is no network now.
        NS_TEST_EXPECT_MSG_EQ(TrackingScenario::Replay(events, MakeSearch()),
                              "",
                              "scans and cues alone make the tracks, which alone make the aims");
        double sum[2]{};
        uint32_t n = 0;
        for (const auto& event : events)
        {
            if (event.kind != Event::SCAN || event.time < Seconds(0.5))
            {
                continue;
            }
            ++n;
            for (uint32_t t : {0, 1})
            {
                NS_TEST_ASSERT_MSG_GT(event.tracks.size(), t, "track of target " << t);
                const auto& track = event.tracks[t];
                NS_TEST_ASSERT_MSG_EQ(track.id, t + 1, "the track that was cued");
                const double time = track.time.GetSeconds();
                const auto& flyer = flyers[t];
                const Vector truth(flyer.position.x + time * flyer.velocity.x,
                                   flyer.position.y + time * flyer.velocity.y,
                                   flyer.position.z);
                const double error =
                    CalculateDistance(Vector(track.state(0), track.state(1), track.state(2)),
                                      truth);
                sum[t] += error * error;
            }
        }
        NS_TEST_ASSERT_MSG_GT(n, 200, "scans");
        for (int t : {0, 1})
        {
            const double rms = std::sqrt(sum[t] / n);
            NS_TEST_EXPECT_MSG_LT(rms, 1.5, "rms error of track " << t + 1 << " (m)");
            NS_TEST_EXPECT_MSG_LT(rms, bound[t], "the track is better than what a dwell sees");
        }
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief A target that jumps aside: beams stay where the tracker expects it.
 */
class JumpTestCase : public TestCase
{
  public:
    JumpTestCase()
        : TestCase("Tracking: beams point at predictions, not at the target; after a jump of 60 m "
                   "they stay until it is found again")
    {
    }

  private:
    void DoRun() override
    {
        const TrackingScenario::Flyer flyer{Vector(80, 120, 40), Vector(20, 0, 0)};
        const Time jump = Seconds(1);
        const Time end = Seconds(4);
        std::vector<Event> events;
        {
            TrackingScenario::Options options;
            options.targets = {flyer};
            options.configure = UseSearch;
            TrackingScenario scenario(options);
            scenario.Cue(flyer, 2.0);
            Simulator::Schedule(jump - NanoSeconds(1), [&scenario]() {
                const auto mobility = scenario.targets.Get(0)->GetObject<MobilityModel>();
                auto place = mobility->GetPosition();
                place.y += 60.0;
                mobility->SetPosition(place);
            });
            CellFreeTestScenario::Run(end);
            events = scenario.events;
        }
        NS_TEST_EXPECT_MSG_EQ(TrackingScenario::Replay(events, MakeSearch()), "", "replayed");
        uint32_t nAims = 0;
        Time found;
        for (const auto& event : events)
        {
            const double x = flyer.position.x + event.time.GetSeconds() * flyer.velocity.x;
            for (const auto& aim : event.aims)
            {
                const bool isOld = aim.kind == CellFreeAim::TRACK && aim.id == 1;
                if (isOld && event.time >= jump && event.time < jump + Seconds(0.5))
                {
                    ++nAims;
                    const double error =
                        CalculateDistance(aim.position, Vector(x, 120, flyer.position.z));
                    NS_TEST_EXPECT_MSG_LT(error, 1.0, "the beam goes straight on");
                }
            }
            double distance = 0.0;
            TrackingScenario::FindNearest(event.tracks, Vector(x, 180, flyer.position.z), distance);
            if (found.IsZero() && event.time > jump && distance < 10.0)
            {
                found = event.time;
            }
        }
        NS_TEST_EXPECT_MSG_GT(nAims, 10, "looks at the old place");
        NS_TEST_ASSERT_MSG_EQ(found.IsZero(), false, "found again");
        const auto schedule = MakeSearch();
        schedule->Initialize();
        NS_TEST_EXPECT_MSG_LT(found,
                              jump + schedule->GetSweepTime() + MilliSeconds(500),
                              "within a sweep");
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief A target that no AP sees for a while, and one that nobody announces.
 */
class FoundTestCase : public TestCase
{
  public:
    FoundTestCase()
        : TestCase("Tracking: a target behind a curtain is lost and found again, one that nobody "
                   "announces is found within a sweep")
    {
    }

  private:
    /// Nobody announces the target.
    void Search()
    {
        const TrackingScenario::Flyer flyer{Vector(210, 70, 45), Vector(-10, 10, 0)};
        TrackingScenario::Options options;
        options.targets = {flyer};
        options.configure = UseSearch;
        TrackingScenario scenario(options);
        const auto schedule = DynamicCast<CellFreeAdaptiveSensing>(scenario.sensing->GetSchedule());
        schedule->Initialize();
        // Three detections confirm, the first of which a look at the cell gives.
        const Time end = schedule->GetSweepTime() + MilliSeconds(500);
        CellFreeTestScenario::Run(end);
        double distance = 0.0;
        TrackingScenario::FindNearest(
            scenario.sensing->GetTracker()->GetTracks(),
            scenario.targets.Get(0)->GetObject<MobilityModel>()->GetPosition(),
            distance);
        NS_TEST_EXPECT_MSG_LT(distance, 10.0, "found within a sweep");
    }

    /// All hops to the target are blocked for 2 s.
    void Hide()
    {
        const TrackingScenario::Flyer flyer{Vector(60, 150, 45), Vector(15, 0, 0)};
        const Time closed = Seconds(1);
        const Time open = Seconds(3);
        auto curtain = CreateObject<Curtain>();
        TrackingScenario::Options options;
        options.targets = {flyer};
        options.curtain = curtain;
        options.configure = UseSearch;
        TrackingScenario scenario(options);
        scenario.Cue(flyer, 2.0);
        Simulator::Schedule(closed, [curtain]() { curtain->m_isClosed = true; });
        Simulator::Schedule(open, [curtain]() { curtain->m_isClosed = false; });
        CellFreeTestScenario::Run(Seconds(7));
        const Time late = MilliSeconds(110); // hops are looked at every 100 ms
        bool wasLost = false;
        Time found;
        for (const auto& event : scenario.events)
        {
            if (event.kind != Event::SCAN)
            {
                continue;
            }
            const double x = flyer.position.x + event.time.GetSeconds() * flyer.velocity.x;
            double distance = 0.0;
            const auto track =
                TrackingScenario::FindNearest(event.tracks,
                                              Vector(x, flyer.position.y, flyer.position.z),
                                              distance);
            if (event.time < closed)
            {
                NS_TEST_EXPECT_MSG_LT(distance, 10.0, "followed");
            }
            else if (event.time > closed + late && event.time < open)
            {
                NS_TEST_EXPECT_MSG_EQ((event.scan.detections.size() <= 1), true, "not seen");
                wasLost |= !track || track->status == CellFreeTrack::COASTING;
            }
            else if (event.time > open && found.IsZero() && distance < 10.0 &&
                     track->status == CellFreeTrack::CONFIRMED)
            {
                found = event.time;
            }
        }
        NS_TEST_EXPECT_MSG_EQ(wasLost, true, "its track is lost");
        NS_TEST_ASSERT_MSG_EQ(found.IsZero(), false, "found again");
        const auto schedule = DynamicCast<CellFreeAdaptiveSensing>(scenario.sensing->GetSchedule());
        NS_TEST_EXPECT_MSG_LT(found,
                              open + late + schedule->GetSweepTime() + MilliSeconds(500),
                              "within a sweep");
    }

    void DoRun() override
    {
        Search();
        Hide();
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief Who looks nowhere finds nothing but false alarms, and pays nothing.
 */
class NothingDueTestCase : public TestCase
{
  public:
    NothingDueTestCase()
        : TestCase("Tracking: without beams there are false alarms alone, as many as stated; "
                   "without a dwell sensing costs no bit")
    {
    }

  private:
    static constexpr double PFA = 1e-4; //!< of a resolution cell

    /// Counts false alarms within 5 s. @param hasTarget whether there is a target that nobody
    /// illuminates
    void CountFalseAlarms(bool hasTarget)
    {
        TrackingScenario::Options options;
        if (hasTarget)
        {
            options.targets = {{Vector(150, 150, 40), Vector(0, 0, 0)}};
        }
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetTracker("ns3::CellFreeIdleTrackerOfTests");
            helper.SetDetector("ns3::CellFreePooledDetector", "Pfa", DoubleValue(PFA));
            helper.SetTargetAttribute("Rcs", DoubleValue(100.0));
        };
        TrackingScenario scenario(options);
        CellFreeTestScenario::Run(Seconds(5));
        // Cells of (c / 2B)^3, and one in speed: lambda B / 2L is more than 2 MaxSpeed.
        const double cell = std::pow(ISAC_SPEED_OF_LIGHT / 40e6, 3);
        const double volume = SIDE * SIDE * 80.0;
        const double mean = PFA * volume / cell;
        double n = 0;
        uint32_t nScans = 0;
        for (const auto& event : scenario.events)
        {
            if (event.kind == Event::SCAN)
            {
                ++nScans;
                n += event.scan.detections.size();
                for (const auto& detection : event.scan.detections)
                {
                    NS_TEST_EXPECT_MSG_EQ(detection.time, event.scan.end, "of the dwell");
                }
                NS_TEST_EXPECT_MSG_EQ_TOL(event.scan.falseAlarmDensity * volume * std::pow(80, 3) /
                                              mean,
                                          1.0,
                                          1e-12,
                                          "density");
            }
        }
        // A target without an echo is detected at the rate of false alarms.
        const double expected = nScans * (mean + (hasTarget ? PFA : 0.0));
        NS_TEST_ASSERT_MSG_EQ(nScans, 499, "scans");
        NS_TEST_EXPECT_MSG_EQ_TOL(n, expected, QUANTILE * std::sqrt(expected), "99 %");
        NS_TEST_EXPECT_MSG_EQ(scenario.dwells.size(), (hasTarget ? nScans : 0), "dwells");
        for (const auto& dwell : scenario.dwells)
        {
            NS_TEST_EXPECT_MSG_EQ(dwell.snr, 0.0, "nothing is on the air");
            NS_TEST_EXPECT_MSG_EQ_TOL(dwell.pd, PFA, 1e-12, "Pd without an echo is Pfa");
        }
    }

    /**
     * @brief What two UEs get within 0.3 s.
     * @param hasSensing whether there are a target and a tracker that is told of it
     * @param idle whether dwells are always there and look nowhere; or there is one before the
     * traffic starts
     * @param[out] nBytes decoded bytes
     * @return all samples of the UEs, as text
     */
    static std::string Serve(bool hasSensing, bool idle, uint64_t& nBytes)
    {
        const TrackingScenario::Flyer flyer{Vector(150, 150, 40), Vector(5, 0, 0)};
        TrackingScenario::Options options;
        options.policy = "wmmse";
        options.ues = {Vector(80, 100, 1.5), Vector(220, 180, 1.5)};
        options.targets = {flyer};
        options.hasTracker = hasSensing;
        options.configure = [=](CellFreeIsacHelper& helper) {
            helper.SetCpuAttribute("SensingWeight", DoubleValue(0.0));
            helper.SetSensingSchedule(
                "ns3::CellFreePeriodicSensing",
                "DwellInterval",
                TimeValue(idle && hasSensing ? MilliSeconds(10) : Seconds(100)));
            if (idle && hasSensing)
            {
                helper.SetTracker("ns3::CellFreeIdleTrackerOfTests");
            }
        };
        TrackingScenario scenario(options);
        if (hasSensing)
        {
            scenario.Cue(flyer, 1.0);
        }
        else
        {
            scenario.helper.RemoveTargets(scenario.targets);
        }
        for (uint32_t u : {0, 1})
        {
            const auto device = scenario.devices.ues.Get(u);
            const auto cpu = scenario.devices.cpu.Get(0);
            const auto end = MilliSeconds(300);
            CellFreeTestScenario::AddFrames(cpu, device, MilliSeconds(20), end, MicroSeconds(200));
            CellFreeTestScenario::AddFrames(device, cpu, MilliSeconds(20), end, MicroSeconds(900));
        }
        CellFreeTestScenario::Run(MilliSeconds(300));
        nBytes = scenario.decoded;
        return scenario.samples.str();
    }

    void DoRun() override
    {
        CountFalseAlarms(true);
        CountFalseAlarms(false);
        uint64_t without = 0;
        const auto samples = Serve(false, false, without);
        NS_TEST_ASSERT_MSG_GT(without, 1000000, "bytes are sent");
        for (bool idle : {false, true})
        {
            uint64_t with = 0;
            NS_TEST_EXPECT_MSG_EQ((Serve(true, idle, with) == samples), true, "same samples");
            NS_TEST_EXPECT_MSG_EQ(with, without, "same bytes");
        }
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief More power, APs and nearness help; clutter, interference and bad clocks do not.
 */
class MonotoneTestCase : public TestCase
{
  public:
    MonotoneTestCase()
        : TestCase("Tracking: what helps sensing does not raise bounds and errors, what harms does "
                   "not lower them")
    {
    }

  private:
    /// Means over runs.
    struct Means
    {
        double pd{0.0};    //!< probability of detection
        double bound{0.0}; //!< bound on the position error (m)
        double error{0.0}; //!< rms error of the track (m)
    };

    /// What differs between runs.
    struct Case
    {
        double height{60.0};                                //!< of the target (m)
        std::vector<Vector> extraAps;                       //!< more APs
        std::function<void(CellFreeIsacHelper&)> configure; //!< settings
    };

    /// Runs under several seeds. @param changes what differs @return the means
    static Means Measure(const Case& changes)
    {
        constexpr uint32_t N_RUNS = 6;
        Means means;
        for (uint32_t run = 1; run <= N_RUNS; ++run)
        {
            RngSeedManager::SetRun(run);
            const TrackingScenario::Flyer flyer{Vector(145, 150, changes.height), Vector(10, 0, 0)};
            TrackingScenario::Options options;
            options.targets = {flyer};
            options.extraAps = changes.extraAps;
            options.configure = [&changes](CellFreeIsacHelper& helper) {
                // So little power that a detection is not sure.
                helper.SetApAttribute("TxPower", DoubleValue(-6.0));
                if (changes.configure)
                {
                    changes.configure(helper);
                }
            };
            TrackingScenario scenario(options);
            scenario.Cue(flyer, 1.0);
            CellFreeTestScenario::Run(Seconds(0.5));
            double bound = 0.0;
            double pd = 0.0;
            for (const auto& dwell : scenario.dwells)
            {
                bound += dwell.positionBound;
                pd += dwell.pd;
            }
            means.bound += bound / scenario.dwells.size() / N_RUNS;
            means.pd += pd / scenario.dwells.size() / N_RUNS;
            double sum = 0.0;
            double n = 0.0;
            for (const auto& event : scenario.events)
            {
                if (event.kind == Event::SCAN && event.time > Seconds(0.2) && !event.tracks.empty())
                {
                    const auto& track = event.tracks[0];
                    const double x = 145 + 10 * track.time.GetSeconds();
                    sum += std::pow(
                        CalculateDistance(Vector(track.state(0), track.state(1), track.state(2)),
                                          Vector(x, 150, changes.height)),
                        2);
                    ++n;
                }
            }
            means.error += std::sqrt(sum / n) / N_RUNS;
        }
        RngSeedManager::SetRun(1);
        return means;
    }

    /**
     * @brief Compares two cases.
     * @param name what differs
     * @param better means of the case that should be better
     * @param worse means of the other one
     */
    void Compare(const std::string& name, const Means& better, const Means& worse)
    {
        // Beams follow estimates, which move a little.
        NS_TEST_EXPECT_MSG_GT_OR_EQ(better.pd, worse.pd - 1e-4, name << ": Pd");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(better.bound, worse.bound, name << ": bound");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(better.error, worse.error, name << ": error of the track");
    }

    void DoRun() override
    {
        const auto base = Measure({});
        NS_TEST_ASSERT_MSG_GT(base.pd, 0.05, "detected now and then");
        NS_TEST_ASSERT_MSG_LT(base.pd, 0.95, "but not always");
        Case changes;
        changes.extraAps = {Vector(150, 160, 12)};
        Compare("another AP", Measure(changes), base);
        changes = {};
        changes.configure = [](CellFreeIsacHelper& helper) {
            helper.SetApAttribute("TxPower", DoubleValue(-3.0));
        };
        Compare("power", Measure(changes), base);
        changes = {};
        changes.height = 40.0;
        Compare("nearness", Measure(changes), base);
        changes = {};
        changes.configure = [](CellFreeIsacHelper& helper) {
            helper.SetChannelAttribute("ClutterToNoise", DoubleValue(3.0));
        };
        Compare("clutter", base, Measure(changes));
        changes = {};
        changes.configure = [](CellFreeIsacHelper& helper) {
            helper.SetApAttribute("SelfInterference", DoubleValue(3.0));
        };
        Compare("self-interference", base, Measure(changes));
        changes = {};
        changes.configure = [](CellFreeIsacHelper& helper) {
            auto estimator = CreateObject<CellFreeBoundEstimator>();
            estimator->SetAttribute("ClockError", DoubleValue(50e-9));
            helper.SetEchoReceiver("ns3::CellFreeEchoReceiver",
                                   "Volume",
                                   BoxValue(VOLUME),
                                   "Estimator",
                                   PointerValue(estimator));
        };
        Compare("clocks", base, Measure(changes));
    }
};

/**
 * @ingroup cellfree-isac-test
 * @brief Another UE or target draws nothing from what others' estimates, false alarms and hops are
 * drawn from.
 */
class TrackingStreamsTestCase : public TestCase
{
  public:
    TrackingStreamsTestCase()
        : TestCase("Tracking: another UE or target changes no draw of the others' sensing")
    {
    }

  private:
    /**
     * @brief Runs for 0.5 s with beams to one UE and none to targets.
     * @param hasTarget whether there is a second target
     * @param hasUe whether there is a second UE
     * @param[out] dwells of the first target
     * @return the scans
     */
    static std::vector<Event> Meet(bool hasTarget, bool hasUe, std::vector<CellFreeDwell>& dwells)
    {
        TrackingScenario::Options options;
        options.policy = "cb";
        options.ues = {Vector(150, 140, 1.5)};
        options.targets = {{Vector(150, 150, 20), Vector(5, 0, 0)}};
        options.curtain = CreateObject<ThreeGppUmiStreetCanyonChannelConditionModel>();
        options.configure = [](CellFreeIsacHelper& helper) {
            helper.SetTracker("ns3::CellFreeIdleTrackerOfTests");
            helper.SetDetector("ns3::CellFreePooledDetector", "Pfa", DoubleValue(1e-4));
        };
        TrackingScenario scenario(options);
        // The last nodes, so that the others keep their numbers.
        NodeContainer others(2);
        CellFreeTestScenario::Place(others.Get(0), Vector(160, 150, 25));
        CellFreeTestScenario::Place(others.Get(1), Vector(140, 150, 1.5));
        if (hasTarget)
        {
            scenario.helper.InstallTargets(NodeContainer(others.Get(0)));
        }
        if (hasUe)
        {
            scenario.helper.InstallUes(NodeContainer(others.Get(1)));
        }
        CellFreeTestScenario::AddFrames(scenario.devices.cpu.Get(0),
                                        scenario.devices.ues.Get(0),
                                        Seconds(0),
                                        Seconds(0.5),
                                        MicroSeconds(100));
        CellFreeTestScenario::Run(Seconds(0.5));
        for (const auto& dwell : scenario.dwells)
        {
            if (dwell.targetId == scenario.targets.Get(0)->GetId())
            {
                dwells.push_back(dwell);
            }
        }
        scenario.events.erase(
            std::remove_if(scenario.events.begin(),
                           scenario.events.end(),
                           [](const auto& event) { return event.kind != Event::SCAN; }),
            scenario.events.end());
        return scenario.events;
    }

    void DoRun() override
    {
        std::vector<CellFreeDwell> dwells;
        const auto alone = Meet(false, false, dwells);
        std::size_t nDetections = 0;
        uint32_t nDetected = 0;
        for (const auto& event : alone)
        {
            nDetections += event.scan.detections.size();
        }
        for (const auto& dwell : dwells)
        {
            nDetected += dwell.isDetected;
        }
        NS_TEST_ASSERT_MSG_GT(nDetected, 5, "the target is seen");
        NS_TEST_ASSERT_MSG_GT(nDetections, nDetected + 20, "false alarms too");
        for (int other : {1, 2, 3})
        {
            std::vector<CellFreeDwell> same;
            const auto together = Meet(other & 1, other & 2, same);
            NS_TEST_ASSERT_MSG_EQ(same.size(), dwells.size(), "dwells");
            NS_TEST_ASSERT_MSG_EQ(together.size(), alone.size(), "scans");
            std::size_t nMore = 0;
            for (std::size_t k = 0; k < alone.size(); ++k)
            {
                NS_TEST_EXPECT_MSG_EQ(same[k].snr, dwells[k].snr, "hops and echoes");
                NS_TEST_EXPECT_MSG_EQ(same[k].fluctuation, dwells[k].fluctuation, "cross section");
                NS_TEST_EXPECT_MSG_EQ(same[k].isDetected, dwells[k].isDetected, "decision");
                NS_TEST_EXPECT_MSG_EQ(
                    (!dwells[k].isDetected || same[k].estimate == dwells[k].estimate),
                    true,
                    "estimate");
                // Detections of the other target are between those that were there before.
                const auto& more = together[k].scan.detections;
                auto place = more.begin();
                for (const auto& detection : alone[k].scan.detections)
                {
                    place = std::find_if(place, more.end(), [&detection](const auto& candidate) {
                        return TrackingScenario::AreEqual(candidate, detection);
                    });
                    NS_TEST_ASSERT_MSG_EQ((place != more.end()), true, "detection of dwell " << k);
                    ++place;
                }
                nMore += more.size() - alone[k].scan.detections.size();
            }
            NS_TEST_EXPECT_MSG_EQ((nMore > 0), (other & 1), "the other target is seen");
        }
    }
};

} // namespace

NS_OBJECT_ENSURE_REGISTERED(IdleTracker);

void
AddTrackingTests(CellFreeTestSuite& suite)
{
    suite.AddTestCase(new FollowedTestCase);
    suite.AddTestCase(new JumpTestCase);
    suite.AddTestCase(new FoundTestCase);
    suite.AddTestCase(new NothingDueTestCase);
    suite.AddTestCase(new MonotoneTestCase);
    suite.AddTestCase(new TrackingStreamsTestCase);
}

} // namespace ns3
