// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-multi-target-tracker.h"

#include "ns3/abort.h"
#include "ns3/cell-free-enum-accessor.h"
#include "ns3/double.h"
#include "ns3/isac-assignment.h"
#include "ns3/isac-kalman.h"
#include "ns3/log.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("CellFreeMultiTargetTracker");

NS_OBJECT_ENSURE_REGISTERED(CellFreeMultiTargetTracker);

namespace
{

/// Probability of detection of a track that nobody looked at: nothing is known of it.
constexpr double PD_WITHOUT_LOOK = 0.5;

/// A look of less is none: nothing was to be expected of it, as where no slot had the aim's beam.
constexpr double MIN_LOOK = 0.01;

/// What the misses in a row of a track that coasts add up to, at least.
constexpr double COASTING_MISSES = 0.5;

/// rms error of a position. @param covariance of the state @return the error (m)
double
GetPositionError(const CellFreeStateCovariance& covariance)
{
    return std::sqrt(covariance.topLeftCorner<3, 3>().trace());
}

} // namespace

TypeId
CellFreeMultiTargetTracker::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::CellFreeMultiTargetTracker")
            .SetParent<CellFreeTracker>()
            .SetGroupName("CellFreeIsac")
            .AddConstructor<CellFreeMultiTargetTracker>()
            .AddAttribute(
                "Association",
                "How detections find their tracks: Nearest, the pairing of largest "
                "likelihood, or Jpda, where a confirmed track takes all detections in "
                "its gate by their joint probabilities. Tentative tracks are paired with "
                "what confirmed ones leave. Acts from the next dwell on.",
                EnumValue(CellFreeMultiTargetTracker::NEAREST),
                MakePortableEnumAccessor<Association>(0,
                                                      &CellFreeMultiTargetTracker::m_association),
                MakeEnumChecker(CellFreeMultiTargetTracker::NEAREST,
                                "Nearest",
                                CellFreeMultiTargetTracker::JPDA,
                                "Jpda"))
            .AddAttribute("GateProbability",
                          "Probability that a target's detection is within its track's gate, in "
                          "[0.5, 0.999999]. Acts from the next dwell on.",
                          DoubleValue(0.999),
                          MakeDoubleAccessor(&CellFreeMultiTargetTracker::m_gateProbability),
                          MakeDoubleChecker<double>(0.5, 0.999999))
            .AddAttribute(
                "MotionModel",
                "How targets are thought to move: ConstantVelocity, or CoordinatedTurn, "
                "which weighs straight flight and horizontal turns by an interacting "
                "multiple model. Acts at once.",
                EnumValue(CellFreeMultiTargetTracker::CONSTANT_VELOCITY),
                MakePortableEnumAccessor<Motion>(0, &CellFreeMultiTargetTracker::m_motion),
                MakeEnumChecker(CellFreeMultiTargetTracker::CONSTANT_VELOCITY,
                                "ConstantVelocity",
                                CellFreeMultiTargetTracker::COORDINATED_TURN,
                                "CoordinatedTurn"))
            .AddAttribute("AccelerationNoise",
                          "White acceleration as the rms change of velocity per axis within 1 s "
                          "(m/s^2), in [0.001, 1000]. The default suits drones and vehicles "
                          "between turns; half of the acceleration of their turns suits these. "
                          "Acts at once.",
                          DoubleValue(1.0),
                          MakeDoubleAccessor(&CellFreeMultiTargetTracker::m_acceleration),
                          MakeDoubleChecker<double>(1e-3, 1e3))
            .AddAttribute("TurnRate",
                          "rms rate of turns (rad/s), in [0.001, 10], for CoordinatedTurn. Acts at "
                          "once.",
                          DoubleValue(0.3),
                          MakeDoubleAccessor(&CellFreeMultiTargetTracker::m_turnRate),
                          MakeDoubleChecker<double>(1e-3, 10.0))
            .AddAttribute("TurnDuration",
                          "Mean duration of a turn (at least 1 ms), for CoordinatedTurn. Acts at "
                          "once.",
                          TimeValue(Seconds(3.0)),
                          MakeTimeAccessor(&CellFreeMultiTargetTracker::m_turnDuration),
                          MakeTimeChecker(MilliSeconds(1)))
            .AddAttribute("StraightDuration",
                          "Mean time between turns (at least 1 ms), for CoordinatedTurn. Acts at "
                          "once.",
                          TimeValue(Seconds(6.0)),
                          MakeTimeAccessor(&CellFreeMultiTargetTracker::m_straightDuration),
                          MakeTimeChecker(MilliSeconds(1)))
            .AddAttribute("InitiationHits",
                          "Detections M that confirm a tentative track, the first included, in "
                          "[1, 1000]. Acts from the next dwell on.",
                          UintegerValue(3),
                          MakeUintegerAccessor(&CellFreeMultiTargetTracker::m_initiationHits),
                          MakeUintegerChecker<uint32_t>(1, 1000))
            .AddAttribute("InitiationLooks",
                          "Looks N in which a tentative track must have its M detections, in [1, "
                          "1000]; less than M means M. A miss counts by its probability of "
                          "detection. Acts from the next dwell on.",
                          UintegerValue(5),
                          MakeUintegerAccessor(&CellFreeMultiTargetTracker::m_initiationLooks),
                          MakeUintegerChecker<uint32_t>(1, 1000))
            .AddAttribute("TentativeLifetime",
                          "Time without a detection after which a tentative track is deleted, "
                          "looked at or not (at least 0 s). Acts from the next dwell on.",
                          TimeValue(Seconds(2.0)),
                          MakeTimeAccessor(&CellFreeMultiTargetTracker::m_tentativeLifetime),
                          MakeTimeChecker(Seconds(0)))
            .AddAttribute("MaxMisses",
                          "A confirmed track is deleted when the believed probabilities of "
                          "detection of its misses in a row add up to this, in [0.01, 1e6]: so "
                          "many misses that were certain to be detections. Acts from the next "
                          "dwell on.",
                          DoubleValue(10.0),
                          MakeDoubleAccessor(&CellFreeMultiTargetTracker::m_maxMisses),
                          MakeDoubleChecker<double>(0.01, 1e6))
            .AddAttribute("MaxError",
                          "rms error of the position that a track believes (m), all axes together, "
                          "above which it is deleted, and above which a detection begins none, in "
                          "[0.001, 1e6]. Acts from the next dwell on.",
                          DoubleValue(200.0),
                          MakeDoubleAccessor(&CellFreeMultiTargetTracker::m_maxError),
                          MakeDoubleChecker<double>(1e-3, 1e6))
            .AddAttribute("MaxSpeed",
                          "Largest speed per axis of a target that nobody knew of (m/s), in [0.01, "
                          "1e5]: what a first detection does not tell of the velocity is taken "
                          "for Gaussian with the variance of a uniform one. Acts from the next "
                          "dwell on.",
                          DoubleValue(60.0),
                          MakeDoubleAccessor(&CellFreeMultiTargetTracker::m_maxSpeed),
                          MakeDoubleChecker<double>(0.01, 1e5))
            .AddAttribute("NewTargetDensity",
                          "New targets that are expected per dwell (1 / (m^3 (m/s)^3)), in [1e-30, "
                          "1]; with the density of false alarms it is what a track's claim to a "
                          "detection is weighed against. The default is one in 1000 dwells, 1 km^3 "
                          "and (100 m/s)^3. Acts from the next dwell on.",
                          DoubleValue(1e-18),
                          MakeDoubleAccessor(&CellFreeMultiTargetTracker::m_newTargetDensity),
                          MakeDoubleChecker<double>(1e-30, 1.0))
            .AddAttribute("MergeDwells",
                          "Two tracks that stay within the gate of each other are one after so "
                          "many dwells, in [1, 1e9], with one detection for both, unless a dwell "
                          "between has two. Acts from the next dwell on.",
                          UintegerValue(5),
                          MakeUintegerAccessor(&CellFreeMultiTargetTracker::m_mergeDwells),
                          MakeUintegerChecker<uint32_t>(1, 1000000000))
            .AddAttribute("MaxTracks",
                          "Tracks at once, in [1, 100000]; then detections begin none. Acts from "
                          "the next dwell on.",
                          UintegerValue(200),
                          MakeUintegerAccessor(&CellFreeMultiTargetTracker::m_maxTracks),
                          MakeUintegerChecker<uint32_t>(1, 100000));
    return tid;
}

CellFreeMultiTargetTracker::CellFreeMultiTargetTracker() = default;

CellFreeMultiTargetTracker::~CellFreeMultiTargetTracker() = default;

IsacMotion
CellFreeMultiTargetTracker::GetMotion() const
{
    IsacMotion motion;
    motion.hasTurns = m_motion == COORDINATED_TURN;
    motion.acceleration = m_acceleration;
    motion.turnRate = m_turnRate;
    motion.turnDuration = m_turnDuration.GetSeconds();
    motion.straightDuration = m_straightDuration.GetSeconds();
    return motion;
}

void
CellFreeMultiTargetTracker::Advance(Time time, Entry& entry) const
{
    if (time > entry.track.time)
    {
        entry.filter.Predict((time - entry.track.time).GetSeconds(), GetMotion());
        entry.track.time = time;
    }
}

void
CellFreeMultiTargetTracker::Publish(Entry& entry)
{
    const auto estimate = entry.filter.GetEstimate();
    entry.track.state = estimate.mean;
    entry.track.covariance = estimate.covariance;
}

void
CellFreeMultiTargetTracker::TakeDetections(const CellFreeScan& scan)
{
    // The strongest first; no two that differ are equal.
    std::vector<const CellFreeDetection*> sorted(scan.detections.size());
    for (std::size_t i = 0; i < sorted.size(); ++i)
    {
        sorted[i] = &scan.detections[i];
        NS_ABORT_MSG_IF(!sorted[i]->state.allFinite() || !sorted[i]->covariance.allFinite() ||
                            !std::isfinite(sorted[i]->snr),
                        "CellFreeScan::detections[" << i << "]: expected finite numbers");
        NS_ABORT_MSG_IF(sorted[i]->time < scan.start || sorted[i]->time > scan.end,
                        "CellFreeScan::detections["
                            << i << "].time = " << sorted[i]->time.As(Time::MS)
                            << ": expected a time of its dwell, from " << scan.start.As(Time::MS)
                            << " to " << scan.end.As(Time::MS));
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
        if (a->snr != b->snr || a->time != b->time)
        {
            return a->snr != b->snr ? a->snr > b->snr : a->time < b->time;
        }
        const auto* x = a->state.data();
        const auto* y = b->state.data();
        if (!std::equal(x, x + 6, y))
        {
            return std::lexicographical_compare(x, x + 6, y, y + 6);
        }
        const auto* p = a->covariance.data();
        const auto* q = b->covariance.data();
        return std::lexicographical_compare(p, p + 36, q, q + 36);
    });
    Time latest = scan.start;
    for (const auto* detection : sorted)
    {
        latest = std::max(latest, detection->time);
    }
    m_detections.clear();
    for (const auto* detection : sorted)
    {
        IsacStateEstimate estimate{detection->state, detection->covariance};
        if (detection->time < latest)
        {
            cellfree::PredictConstantVelocity((latest - detection->time).GetSeconds(),
                                              m_acceleration,
                                              estimate);
        }
        m_detections.push_back(estimate);
    }
    m_isTaken.assign(m_detections.size(), 0);
}

void
CellFreeMultiTargetTracker::TakeLooks(const CellFreeScan& scan, Entry& entry)
{
    const auto estimate = entry.filter.GetEstimate();
    entry.look = 0.0;
    for (const auto& look : scan.looks)
    {
        NS_ABORT_MSG_IF(!(look.pd >= 0.0 && look.pd <= 1.0),
                        "CellFreeScan::looks: pd = " << look.pd << ": expected in [0, 1]");
        double pd = 0.0;
        if (look.aim.kind == CellFreeAim::TRACK && look.aim.id == entry.track.id)
        {
            pd = look.pd;
        }
        else if (look.aim.kind == CellFreeAim::SEARCH)
        {
            // As a beam of Gaussian shape that is as wide as the place, cut off where it is weak.
            const Eigen::Vector3d place(look.aim.position.x,
                                        look.aim.position.y,
                                        look.aim.position.z);
            const Eigen::Vector3d offset = estimate.mean.head<3>() - place;
            const double squared = cellfree::GetSquaredDistance(offset, look.aim.covariance);
            pd = squared <= 9.0 ? look.pd * std::exp(-0.5 * squared) : 0.0;
        }
        entry.look = std::max(entry.look, pd >= MIN_LOOK ? pd : 0.0);
    }
}

void
CellFreeMultiTargetTracker::Associate(bool isTentative, Association association, double density)
{
    std::vector<Entry*> entries;
    for (auto& entry : m_entries)
    {
        if ((entry.track.status == CellFreeTrack::TENTATIVE) == isTentative)
        {
            entries.push_back(&entry);
        }
    }
    const auto nEntries = static_cast<Eigen::Index>(entries.size());
    const auto nDetections = static_cast<Eigen::Index>(m_detections.size());
    constexpr double infinite = std::numeric_limits<double>::infinity();
    Eigen::MatrixXd logRatio = Eigen::MatrixXd::Constant(nEntries, nDetections, -infinite);
    for (Eigen::Index i = 0; i < nEntries; ++i)
    {
        // Nothing is certain.
        const double look = entries[i]->look;
        const double pd = look > 0.0 ? std::min(look, 0.999) : PD_WITHOUT_LOOK;
        const double odds = std::log(pd / (1.0 - pd * m_gateProbability));
        for (Eigen::Index j = 0; j < nDetections; ++j)
        {
            if (m_isTaken[j])
            {
                continue;
            }
            const auto innovation = entries[i]->filter.GetInnovation(m_detections[j]);
            if (innovation.squared <= m_gate)
            {
                logRatio(i, j) = odds + innovation.logLikelihood - std::log(density);
            }
        }
    }
    Eigen::MatrixXd probability = Eigen::MatrixXd::Zero(nEntries, nDetections);
    if (association == JPDA)
    {
        probability = cellfree::GetAssociationProbabilities(logRatio).leftCols(nDetections);
    }
    else
    {
        const auto partner = cellfree::SolveAssignment(-logRatio, 0.0);
        for (Eigen::Index i = 0; i < nEntries; ++i)
        {
            if (partner[i] >= 0)
            {
                probability(i, partner[i]) = 1.0;
            }
        }
    }
    for (Eigen::Index i = 0; i < nEntries; ++i)
    {
        auto& entry = *entries[i];
        entry.filter.Update(m_detections, probability.row(i).transpose());
        entry.detected = probability.row(i).sum();
        entry.partner.resize(nDetections);
        Eigen::VectorXd::Map(entry.partner.data(), nDetections) = probability.row(i).transpose();
    }
    for (Eigen::Index j = 0; j < nDetections; ++j)
    {
        if (probability.col(j).sum() >= 0.5)
        {
            m_isTaken[j] = 1;
        }
    }
}

void
CellFreeMultiTargetTracker::Judge(Time time)
{
    const double spare = m_initiationLooks > m_initiationHits
                             ? static_cast<double>(m_initiationLooks - m_initiationHits)
                             : 0.0;
    for (auto& entry : m_entries)
    {
        auto& track = entry.track;
        if (entry.detected >= 0.5)
        {
            ++track.nDetections;
            track.updated = time;
            track.nMisses = 0;
            entry.missed = 0.0;
            if (track.status != CellFreeTrack::TENTATIVE || track.nDetections >= m_initiationHits)
            {
                track.status = CellFreeTrack::CONFIRMED;
            }
        }
        else if (entry.look > 0.0)
        {
            ++track.nMisses;
            entry.missed += entry.look;
            entry.doubted += entry.look;
            if (track.status == CellFreeTrack::CONFIRMED && entry.missed >= COASTING_MISSES)
            {
                track.status = CellFreeTrack::COASTING;
            }
        }
    }
    const auto isOver = [&](const Entry& entry) {
        if (GetPositionError(entry.filter.GetEstimate().covariance) > m_maxError)
        {
            return true;
        }
        // A little less, because sums of probabilities are rounded.
        constexpr double rounding = 1e-9;
        if (entry.track.status == CellFreeTrack::TENTATIVE)
        {
            return entry.doubted > spare + rounding ||
                   time - entry.track.updated > m_tentativeLifetime;
        }
        return entry.missed >= m_maxMisses - rounding;
    };
    m_entries.erase(std::remove_if(m_entries.begin(), m_entries.end(), isOver), m_entries.end());
}

void
CellFreeMultiTargetTracker::BeginTracks(Time time)
{
    for (std::size_t j = 0; j < m_detections.size(); ++j)
    {
        if (m_isTaken[j] || m_entries.size() >= m_maxTracks)
        {
            continue;
        }
        auto estimate = m_detections[j];
        cellfree::ApplySpeedPrior(m_maxSpeed / std::sqrt(3.0), estimate);
        if (!(GetPositionError(estimate.covariance) <= m_maxError))
        {
            continue;
        }
        auto& entry = Add(time, estimate);
        entry.track.nDetections = 1;
        entry.track.status =
            m_initiationHits <= 1 ? CellFreeTrack::CONFIRMED : CellFreeTrack::TENTATIVE;
        entry.partner.assign(m_detections.size(), 0.0);
        entry.partner[j] = 1.0;
    }
}

void
CellFreeMultiTargetTracker::Merge()
{
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> shared;
    for (std::size_t a = 0; a < m_entries.size(); ++a)
    {
        for (std::size_t b = a + 1; b < m_entries.size(); ++b)
        {
            auto& older = m_entries[a];
            auto& younger = m_entries[b];
            if (older.track.time != younger.track.time)
            {
                continue; // a cue from the future
            }
            if (cellfree::GetInnovation(older.filter.GetEstimate(), younger.filter.GetEstimate())
                    .squared > m_gate)
            {
                continue;
            }
            uint32_t nDetections = 0;
            for (std::size_t j = 0; j < m_detections.size(); ++j)
            {
                const double own = j < older.partner.size() ? older.partner[j] : 0.0;
                const double other = j < younger.partner.size() ? younger.partner[j] : 0.0;
                nDetections += own + other >= 0.5 ? 1U : 0U;
            }
            const std::pair<uint32_t, uint32_t> pair{older.track.id, younger.track.id};
            const auto before = m_shared.find(pair);
            const uint32_t count = before == m_shared.end() ? 0 : before->second;
            // A dwell that found neither says nothing.
            if (nDetections < 2)
            {
                shared[pair] = count + nDetections;
            }
        }
    }
    m_shared = std::move(shared);
    std::vector<uint32_t> gone;
    const auto isGone = [&gone](uint32_t id) {
        return std::find(gone.begin(), gone.end(), id) != gone.end();
    };
    const auto find = [this](uint32_t id) {
        return std::find_if(m_entries.begin(), m_entries.end(), [id](const Entry& entry) {
            return entry.track.id == id;
        });
    };
    for (const auto& [pair, count] : m_shared)
    {
        if (count < m_mergeDwells || isGone(pair.first) || isGone(pair.second))
        {
            continue;
        }
        auto survivor = find(pair.first);
        auto other = find(pair.second);
        // The older one is known to others, unless nobody believed in it.
        if (survivor->track.status == CellFreeTrack::TENTATIVE &&
            other->track.status != CellFreeTrack::TENTATIVE)
        {
            std::swap(survivor, other);
        }
        // Errors of duplicates are correlated, so that one of the states is all that there is.
        if (GetPositionError(other->filter.GetEstimate().covariance) <
            GetPositionError(survivor->filter.GetEstimate().covariance))
        {
            survivor->filter = other->filter;
        }
        auto& track = survivor->track;
        track.updated = std::max(track.updated, other->track.updated);
        track.nDetections = std::max(track.nDetections, other->track.nDetections);
        if (other->missed < survivor->missed)
        {
            survivor->missed = other->missed;
            track.nMisses = other->track.nMisses;
            if (track.status == CellFreeTrack::COASTING &&
                other->track.status != CellFreeTrack::COASTING)
            {
                track.status = CellFreeTrack::CONFIRMED;
            }
        }
        gone.push_back(other->track.id);
        NS_LOG_INFO("track " << other->track.id << " is track " << track.id);
    }
    m_entries.erase(std::remove_if(m_entries.begin(),
                                   m_entries.end(),
                                   [&](const Entry& entry) { return isGone(entry.track.id); }),
                    m_entries.end());
}

CellFreeMultiTargetTracker::Entry&
CellFreeMultiTargetTracker::Add(Time time, const IsacStateEstimate& estimate)
{
    Entry entry;
    entry.track.id = m_nextId++;
    entry.track.time = time;
    entry.track.born = time;
    entry.track.updated = time;
    entry.filter = IsacMotionFilter(estimate);
    m_entries.push_back(entry);
    return m_entries.back();
}

void
CellFreeMultiTargetTracker::Update(const CellFreeScan& scan)
{
    NS_LOG_FUNCTION(this << scan.end << scan.detections.size());
    NS_ABORT_MSG_IF(scan.end < m_time || scan.end < scan.start,
                    "CellFreeScan::end = " << scan.end.As(Time::MS)
                                           << ": expected at least its start "
                                           << scan.start.As(Time::MS) << " and the last scan's end "
                                           << m_time.As(Time::MS));
    NS_ABORT_MSG_IF(!(scan.falseAlarmDensity >= 0.0) || !std::isfinite(scan.falseAlarmDensity),
                    "CellFreeScan::falseAlarmDensity = " << scan.falseAlarmDensity
                                                         << ": expected finite, at least 0");
    m_gate = cellfree::GetChiSquareQuantile(6, m_gateProbability);
    TakeDetections(scan);
    // What the tracks are compared at: the latest detection, or the end of a dwell without any.
    Time time = scan.detections.empty() ? scan.end : scan.start;
    for (const auto& detection : scan.detections)
    {
        time = std::max(time, detection.time);
    }
    // Tracks that were cued for later wait.
    std::vector<Entry> later;
    for (auto& entry : m_entries)
    {
        if (entry.track.time > time)
        {
            later.push_back(entry);
            continue;
        }
        Advance(time, entry);
        TakeLooks(scan, entry);
    }
    m_entries.erase(std::remove_if(m_entries.begin(),
                                   m_entries.end(),
                                   [time](const Entry& entry) { return entry.track.time > time; }),
                    m_entries.end());

    const double density = scan.falseAlarmDensity + m_newTargetDensity;
    Associate(false, m_association, density);
    Associate(true, NEAREST, density);
    Judge(time);
    BeginTracks(time);
    Merge();

    m_entries.insert(m_entries.end(), later.begin(), later.end());
    std::sort(m_entries.begin(), m_entries.end(), [](const Entry& a, const Entry& b) {
        return a.track.id < b.track.id;
    });
    m_time = scan.end;
    m_tracks.clear();
    for (auto& entry : m_entries)
    {
        Advance(scan.end, entry);
        Publish(entry);
        m_tracks.push_back(entry.track);
    }
}

uint32_t
CellFreeMultiTargetTracker::Cue(Time time,
                                const CellFreeState& state,
                                const CellFreeStateCovariance& covariance)
{
    NS_LOG_FUNCTION(this << time);
    NS_ABORT_MSG_IF(!state.allFinite(), "CellFreeTracker::Cue: state: expected finite numbers");
    NS_ABORT_MSG_IF(!cellfree::IsPositiveDefinite(covariance),
                    "CellFreeTracker::Cue: covariance: expected a positive definite matrix");
    auto& entry = Add(time, {state, 0.5 * (covariance + covariance.transpose())});
    entry.track.status = CellFreeTrack::CONFIRMED;
    Advance(m_time, entry);
    Publish(entry);
    m_tracks.push_back(entry.track);
    return entry.track.id;
}

const std::vector<CellFreeTrack>&
CellFreeMultiTargetTracker::GetTracks() const
{
    return m_tracks;
}

void
CellFreeMultiTargetTracker::Predict(Time time, std::vector<CellFreeTrack>& tracks) const
{
    tracks.clear();
    for (const auto& entry : m_entries)
    {
        auto predicted = entry;
        Advance(time, predicted);
        Publish(predicted);
        tracks.push_back(predicted.track);
    }
}

} // namespace ns3
