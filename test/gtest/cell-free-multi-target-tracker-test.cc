// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-gaussian.h"

#include "ns3/cell-free-multi-target-tracker.h"
#include "ns3/double.h"
#include "ns3/isac-gospa.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <vector>

using namespace ns3;

namespace
{

/// Time between dwells (s).
constexpr double INTERVAL = 0.1;

/// A target that moves straight on at constant speed.
CellFreeState
MakeState(double x, double y, double vx, double vy)
{
    CellFreeState state;
    state << x, y, 100.0, vx, vy, 0.0;
    return state;
}

/// Where it is after a time. @param state at the start @param seconds the time
CellFreeState
Move(CellFreeState state, double seconds)
{
    state.head<3>() += seconds * state.tail<3>();
    return state;
}

/// A look at a track. @param id of the track @param pd believed probability of detection
CellFreeScanLook
LookAt(uint32_t id, double pd)
{
    CellFreeScanLook look;
    look.aim.kind = CellFreeAim::TRACK;
    look.aim.id = id;
    look.pd = pd;
    return look;
}

/// A tracker and the dwells that it gets.
class Bench
{
  public:
    /// Begins. @param stream of the draws
    explicit Bench(int64_t stream)
        : tracker(CreateObject<CellFreeMultiTargetTracker>()),
          gaussian(stream)
    {
    }

    /// @return the present dwell, empty, 10 ms long
    CellFreeScan MakeScan() const
    {
        CellFreeScan scan;
        scan.start = Seconds(INTERVAL * dwell);
        scan.end = scan.start + MilliSeconds(10);
        return scan;
    }

    /// @return time of the present dwell's detections (s)
    double GetTime() const
    {
        return INTERVAL * dwell + 0.005;
    }

    /// Adds a detection. @param[in,out] scan the dwell @param state what is measured
    void Add(CellFreeScan& scan, const CellFreeState& state) const
    {
        CellFreeDetection detection;
        detection.time = Seconds(GetTime());
        detection.state = state;
        detection.covariance = noise;
        detection.snr = 100.0;
        scan.detections.push_back(detection);
    }

    /// Adds a noisy detection. @param[in,out] scan the dwell @param truth what it is of
    void Measure(CellFreeScan& scan, const CellFreeState& truth)
    {
        Add(scan, truth + gaussian.Draw(noise));
    }

    /// Has the tracker take a dwell. @param scan the dwell @param pd of looks at all tracks, or < 0
    void Update(CellFreeScan scan, double pd)
    {
        for (const auto& track : tracker->GetTracks())
        {
            if (pd >= 0.0)
            {
                scan.looks.push_back(LookAt(track.id, pd));
            }
        }
        scans.push_back(scan);
        tracker->Update(scan);
        ++dwell;
    }

    /// @return the tracks of a status. @param status it
    std::vector<CellFreeTrack> Get(CellFreeTrack::Status status) const
    {
        std::vector<CellFreeTrack> found;
        for (const auto& track : tracker->GetTracks())
        {
            if (track.status == status)
            {
                found.push_back(track);
            }
        }
        return found;
    }

    Ptr<CellFreeMultiTargetTracker> tracker;                     //!< the tracker
    TestGaussian gaussian;                                       //!< draws
    CellFreeStateCovariance noise{MakeTestCovariance(2.0, 1.0)}; //!< of detections
    int dwell{0};                                                //!< number of the present dwell
    std::vector<CellFreeScan> scans;                             //!< those that were taken
};

/// Expects two lists of tracks to be the same, bit for bit.
void
ExpectSame(const std::vector<CellFreeTrack>& a, const std::vector<CellFreeTrack>& b)
{
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        EXPECT_EQ(a[i].id, b[i].id);
        EXPECT_EQ(a[i].status, b[i].status);
        EXPECT_EQ(a[i].time, b[i].time);
        EXPECT_EQ(a[i].state, b[i].state);
        EXPECT_EQ(a[i].covariance, b[i].covariance);
        EXPECT_EQ(a[i].updated, b[i].updated);
        EXPECT_EQ(a[i].nDetections, b[i].nDetections);
        EXPECT_EQ(a[i].nMisses, b[i].nMisses);
    }
}

/// A busy scene: three targets that cross, misses and false alarms.
void
RunScene(Bench& bench, int nDwells, double pd, double nFalse)
{
    const std::vector<CellFreeState> targets{MakeState(-50, -25, 10, 5),
                                             MakeState(-50, 25, 10, -5),
                                             MakeState(50, 0, -12, 1)};
    for (int k = 0; k < nDwells; ++k)
    {
        auto scan = bench.MakeScan();
        scan.falseAlarmDensity = nFalse / (200.0 * 200.0 * 200.0 * 8000.0);
        for (const auto& target : targets)
        {
            if (bench.gaussian.Draw(0.0, 1.0) < pd)
            {
                bench.Measure(scan, Move(target, bench.GetTime()));
            }
        }
        // Between the next lower and the next higher number.
        const double number = nFalse + bench.gaussian.Draw(0.0, 1.0);
        for (int i = 1; i <= number; ++i)
        {
            CellFreeState state;
            for (int axis = 0; axis < 3; ++axis)
            {
                state(axis) = bench.gaussian.Draw(-100.0, 100.0);
                state(axis + 3) = bench.gaussian.Draw(-10.0, 10.0);
            }
            state(2) += 100.0;
            bench.Add(scan, state);
        }
        bench.Update(scan, pd);
    }
}

} // namespace

TEST(CellFreeMultiTargetTracker, DetectionsConfirmATrack)
{
    Bench bench(41);
    const auto target = MakeState(0, 0, 10, -5);
    for (int k = 0; k < 4; ++k)
    {
        auto scan = bench.MakeScan();
        bench.Measure(scan, Move(target, bench.GetTime()));
        bench.Update(scan, 0.9);
        const auto& tracks = bench.tracker->GetTracks();
        ASSERT_EQ(tracks.size(), 1U);
        EXPECT_EQ(tracks[0].id, 1U);
        EXPECT_EQ(tracks[0].status, k < 2 ? CellFreeTrack::TENTATIVE : CellFreeTrack::CONFIRMED);
        EXPECT_EQ(tracks[0].nDetections, static_cast<uint32_t>(k + 1));
        EXPECT_EQ(tracks[0].nMisses, 0U);
        EXPECT_EQ(tracks[0].time, scan.end);
        EXPECT_EQ(tracks[0].born, MilliSeconds(5));
        EXPECT_EQ(tracks[0].updated, Seconds(0.1 * k + 0.005));
    }
    const auto& track = bench.tracker->GetTracks()[0];
    EXPECT_LT((track.state - Move(target, 0.31)).head<3>().norm(), 6.0);
    EXPECT_LT((track.state - target).tail<3>().norm(), 3.0);
}

TEST(CellFreeMultiTargetTracker, InnovationsAreWithinTheirBand)
{
    // Normalised innovation squared over 500 runs: chi-square of 3000 degrees, over 500. The steps
    // are independent: of 40, more than 6 outside of 95 % has a probability of 0.3 %.
    constexpr int nRuns = 500;
    constexpr int nSteps = 40;
    constexpr double acceleration = 2.0;
    constexpr double maxSpeed = 30.0;
    const double q = acceleration * acceleration;
    Eigen::Matrix2d cholesky;
    {
        Eigen::Matrix2d process;
        process << std::pow(INTERVAL, 3) / 3.0, INTERVAL * INTERVAL / 2.0,
            INTERVAL * INTERVAL / 2.0, INTERVAL;
        cholesky = Eigen::Matrix2d(q * process).llt().matrixL();
    }
    for (const char* association : {"Nearest", "Jpda"})
    {
        std::vector<double> sums(nSteps, 0.0);
        for (int run = 0; run < nRuns; ++run)
        {
            Bench bench(1000 + run);
            bench.tracker->SetAttribute("Association", StringValue(association));
            bench.tracker->SetAttribute("AccelerationNoise", DoubleValue(acceleration));
            bench.tracker->SetAttribute("MaxSpeed", DoubleValue(maxSpeed));
            bench.tracker->SetAttribute("GateProbability", DoubleValue(0.999999));
            CellFreeState truth = MakeState(0, 0, 0, 0);
            truth.tail<3>() = Eigen::Vector3d::NullaryExpr(
                [&]() { return maxSpeed / std::sqrt(3.0) * bench.gaussian.Draw(); });
            std::vector<CellFreeTrack> predicted;
            for (int k = 0; k <= nSteps; ++k)
            {
                auto scan = bench.MakeScan();
                bench.Measure(scan, truth);
                bench.tracker->Predict(Seconds(bench.GetTime()), predicted);
                if (k > 0)
                {
                    ASSERT_EQ(predicted.size(), 1U);
                    const auto innovation = cellfree::GetInnovation(
                        {predicted[0].state, predicted[0].covariance},
                        {scan.detections[0].state, scan.detections[0].covariance});
                    sums[k - 1] += innovation.squared;
                }
                bench.Update(scan, 1.0);
                truth = Move(truth, INTERVAL);
                for (int axis = 0; axis < 3; ++axis)
                {
                    const Eigen::Vector2d white(bench.gaussian.Draw(), bench.gaussian.Draw());
                    const Eigen::Vector2d step = cholesky * white;
                    truth(axis) += step(0);
                    truth(axis + 3) += step(1);
                }
            }
        }
        const double low = cellfree::GetChiSquareQuantile(6 * nRuns, 0.025);
        const double high = cellfree::GetChiSquareQuantile(6 * nRuns, 0.975);
        int nOutside = 0;
        double total = 0.0;
        for (double sum : sums)
        {
            nOutside += sum < low || sum > high ? 1 : 0;
            total += sum;
        }
        EXPECT_LE(nOutside, 6) << association;
        const double degrees = 6.0 * nRuns * nSteps;
        EXPECT_NEAR(total / degrees, 1.0, 2.576 * std::sqrt(2.0 / degrees)) << association;
    }
}

TEST(CellFreeMultiTargetTracker, CrossingTargetsKeepTheirTracks)
{
    // Two targets meet in one point at 5 s; with and without velocities measured.
    const std::vector<CellFreeState> targets{MakeState(-50, -25, 10, 5),
                                             MakeState(-50, 25, 10, -5)};
    for (const char* association : {"Nearest", "Jpda"})
    {
        for (double velocityError : {1.0, 1000.0})
        {
            int nKept = 0;
            for (int run = 0; run < 20; ++run)
            {
                Bench bench(50 + run);
                bench.tracker->SetAttribute("Association", StringValue(association));
                bench.tracker->SetAttribute("MaxSpeed", DoubleValue(30.0));
                bench.noise = MakeTestCovariance(1.0, velocityError);
                std::vector<uint32_t> before;
                for (int k = 0; k < 100; ++k)
                {
                    auto scan = bench.MakeScan();
                    for (const auto& target : targets)
                    {
                        if (bench.gaussian.Draw(0.0, 1.0) < 0.95)
                        {
                            bench.Measure(scan, Move(target, bench.GetTime()));
                        }
                    }
                    bench.Update(scan, 0.95);
                    if (k == 20 || k == 99)
                    {
                        std::vector<uint32_t> now;
                        for (const auto& target : targets)
                        {
                            const auto state = Move(target, bench.GetTime() - INTERVAL + 0.005);
                            for (const auto& track : bench.tracker->GetTracks())
                            {
                                if (track.status != CellFreeTrack::TENTATIVE &&
                                    (track.state - state).head<3>().norm() < 5.0)
                                {
                                    now.push_back(track.id);
                                }
                            }
                        }
                        if (k == 20)
                        {
                            ASSERT_EQ(now.size(), 2U) << association << run;
                            before = now;
                        }
                        else
                        {
                            nKept += now == before ? 1 : 0;
                        }
                    }
                }
            }
            EXPECT_GE(nKept, velocityError < 10.0 ? 20 : 18) << association << velocityError;
        }
    }
}

TEST(CellFreeMultiTargetTracker, AMissedTargetIsDeletedByWhatMissesWeigh)
{
    for (double pd : {1.0, 0.5, 0.25})
    {
        Bench bench(42);
        bench.tracker->SetAttribute("MaxMisses", DoubleValue(4.0));
        const auto id =
            bench.tracker->Cue(Seconds(0), MakeState(0, 0, 1, 0), MakeTestCovariance(1.0, 1.0));
        const int nMisses = static_cast<int>(4.0 / pd);
        for (int k = 0; k < nMisses; ++k)
        {
            ASSERT_EQ(bench.tracker->GetTracks().size(), 1U) << pd << ' ' << k;
            EXPECT_EQ(bench.tracker->GetTracks()[0].id, id);
            EXPECT_EQ(bench.tracker->GetTracks()[0].nMisses, static_cast<uint32_t>(k));
            EXPECT_EQ(bench.tracker->GetTracks()[0].status,
                      k * pd < 0.5 ? CellFreeTrack::CONFIRMED : CellFreeTrack::COASTING);
            bench.Update(bench.MakeScan(), pd);
            // A look of which nothing was to be expected is none.
            bench.Update(bench.MakeScan(), 0.001);
        }
        EXPECT_TRUE(bench.tracker->GetTracks().empty()) << pd;
    }
}

TEST(CellFreeMultiTargetTracker, ATrackThatNobodyLookedAtStays)
{
    Bench bench(43);
    bench.tracker->Cue(Seconds(0), MakeState(0, 0, 1, 0), MakeTestCovariance(1.0, 1.0));
    bench.tracker->SetAttribute("MaxError", DoubleValue(50.0));
    // It knows less and less, as a prediction does: 1 + t^2 + t^3 / 3 m^2 per axis.
    const auto getVariance = [](double t) { return 1.0 + t * t + t * t * t / 3.0; };
    for (int k = 0; k < 200; ++k)
    {
        const double t = bench.MakeScan().end.GetSeconds();
        bench.Update(bench.MakeScan(), -1.0);
        if (3.0 * getVariance(t) > 2500.0)
        {
            EXPECT_TRUE(bench.tracker->GetTracks().empty()) << t;
            EXPECT_GT(t, 12.0);
            return;
        }
        ASSERT_EQ(bench.tracker->GetTracks().size(), 1U) << t;
        const auto& track = bench.tracker->GetTracks()[0];
        EXPECT_EQ(track.status, CellFreeTrack::CONFIRMED);
        EXPECT_EQ(track.nMisses, 0U);
        EXPECT_NEAR(track.covariance(0, 0) / getVariance(t), 1.0, 1e-9);
    }
    FAIL() << "nobody knows where it is any more";
}

TEST(CellFreeMultiTargetTracker, ACoastingTrackIsFoundAgain)
{
    Bench bench(44);
    const auto target = MakeState(0, 0, 10, 0);
    const auto id = bench.tracker->Cue(Seconds(0), target, MakeTestCovariance(1.0, 0.5));
    for (int k = 0; k < 30; ++k)
    {
        auto scan = bench.MakeScan();
        const bool isHidden = k >= 10 && k < 18;
        if (!isHidden)
        {
            bench.Measure(scan, Move(target, bench.GetTime()));
        }
        bench.Update(scan, 0.9);
        ASSERT_EQ(bench.tracker->GetTracks().size(), 1U);
        const auto& track = bench.tracker->GetTracks()[0];
        EXPECT_EQ(track.id, id);
        EXPECT_EQ(track.status, isHidden ? CellFreeTrack::COASTING : CellFreeTrack::CONFIRMED);
        EXPECT_EQ(track.nMisses, isHidden ? k - 9U : 0U);
        EXPECT_LT((track.state - Move(target, track.time.GetSeconds())).head<3>().norm(), 8.0);
    }
}

TEST(CellFreeMultiTargetTracker, TheGateHasItsProbability)
{
    const double gate = cellfree::GetChiSquareQuantile(6, 0.99);
    for (bool isInside : {true, false})
    {
        Bench bench(45);
        bench.tracker->SetAttribute("GateProbability", DoubleValue(0.99));
        const auto target = MakeState(0, 0, 10, 0);
        bench.tracker->Cue(Seconds(0), target, MakeTestCovariance(2.0, 1.0));
        std::vector<CellFreeTrack> predicted;
        bench.tracker->Predict(Seconds(bench.GetTime()), predicted);
        ASSERT_EQ(predicted.size(), 1U);
        const CellFreeStateCovariance s = predicted[0].covariance + bench.noise;
        CellFreeState direction;
        direction << 1, 2, -1, 0.5, 0, 1;
        const double squared = direction.dot(s.inverse() * direction);
        auto scan = bench.MakeScan();
        bench.Add(scan,
                  predicted[0].state +
                      std::sqrt(gate * (isInside ? 0.999 : 1.001) / squared) * direction);
        bench.Update(scan, 0.9);
        EXPECT_EQ(bench.tracker->GetTracks().size(), isInside ? 1U : 2U);
        EXPECT_EQ(bench.tracker->GetTracks()[0].status,
                  isInside ? CellFreeTrack::CONFIRMED : CellFreeTrack::COASTING);
    }
}

TEST(CellFreeMultiTargetTracker, FalseAlarmsConfirmAsOftenAsTheirDensitySays)
{
    // A false alarm begins a track; whether others confirm it depends on their number in its gates:
    // each has one or more with probability 1 - e^(-lambda V), V = pi^3 / 6 gate^3 det(S)^(1/2).
    // A detection in the gate's corner must still be more likely than a false alarm.
    constexpr int nTrials = 2000;
    constexpr double gateProbability = 0.9;
    const double gate = cellfree::GetChiSquareQuantile(6, gateProbability);
    const double ball = std::pow(M_PI, 3) / 6.0 * std::pow(gate, 3);
    int nConfirmed = 0;
    double expected = 0.0;
    Bench bench(46);
    for (int trial = 0; trial < nTrials; ++trial)
    {
        bench.tracker = CreateObject<CellFreeMultiTargetTracker>();
        bench.dwell = 0;
        bench.tracker->SetAttribute("GateProbability", DoubleValue(gateProbability));
        bench.tracker->SetAttribute("InitiationHits", UintegerValue(3));
        bench.tracker->SetAttribute("InitiationLooks", UintegerValue(3));
        bench.tracker->SetAttribute("MaxTracks", UintegerValue(1));
        bench.tracker->SetAttribute("MaxSpeed", DoubleValue(1e4));
        auto scan = bench.MakeScan();
        bench.Add(scan, MakeState(0, 0, 0, 0));
        bench.Update(scan, 1.0);
        double probability = 1.0;
        for (int k = 0; k < 2; ++k)
        {
            std::vector<CellFreeTrack> predicted;
            bench.tracker->Predict(Seconds(bench.GetTime()), predicted);
            if (predicted.empty())
            {
                break;
            }
            const CellFreeStateCovariance s = predicted[0].covariance + bench.noise;
            const double volume = ball * std::sqrt(s.determinant());
            const double density = 0.5 / volume;
            // Poisson in a box around the gate, by gaps of a unit rate.
            const CellFreeState half = (gate * s.diagonal().array()).sqrt();
            const double mean = density * 64.0 * half.prod();
            scan = bench.MakeScan();
            scan.falseAlarmDensity = density;
            for (double sum = -std::log(bench.gaussian.Draw(0.0, 1.0)); sum < mean;
                 sum -= std::log(bench.gaussian.Draw(0.0, 1.0)))
            {
                CellFreeState offset;
                for (int i = 0; i < 6; ++i)
                {
                    offset(i) = bench.gaussian.Draw(-half(i), half(i));
                }
                bench.Add(scan, predicted[0].state + offset);
            }
            probability *= 1.0 - std::exp(-0.5);
            bench.Update(scan, 1.0);
        }
        nConfirmed += bench.Get(CellFreeTrack::CONFIRMED).empty() ? 0 : 1;
        expected = std::pow(1.0 - std::exp(-0.5), 2);
    }
    EXPECT_NEAR(static_cast<double>(nConfirmed) / nTrials,
                expected,
                2.576 * std::sqrt(expected * (1.0 - expected) / nTrials));
}

TEST(CellFreeMultiTargetTracker, FalseAlarmsAloneRarelyConfirm)
{
    // 20 per dwell in 1 km^3 and (40 m/s)^3: a gate of at most 2e7 m^3 (m/s)^3 has 7e-6 of them,
    // and three of three dwells or more have one with less than 20 * 200 * 6 * (7e-6)^2 = 1e-6.
    for (const char* association : {"Nearest", "Jpda"})
    {
        Bench bench(47);
        bench.tracker->SetAttribute("Association", StringValue(association));
        for (int k = 0; k < 200; ++k)
        {
            auto scan = bench.MakeScan();
            scan.falseAlarmDensity = 20.0 / (1e9 * 64e3);
            for (int i = 0; i < 20; ++i)
            {
                CellFreeState state;
                for (int axis = 0; axis < 3; ++axis)
                {
                    state(axis) = bench.gaussian.Draw(-500.0, 500.0);
                    state(axis + 3) = bench.gaussian.Draw(-20.0, 20.0);
                }
                bench.Add(scan, state);
            }
            bench.Update(scan, 0.9);
            EXPECT_EQ(bench.Get(CellFreeTrack::TENTATIVE).size(),
                      bench.tracker->GetTracks().size());
            // Two misses of 0.9 are within N - M = 2, three are not: at most three dwells' worth.
            EXPECT_LE(bench.tracker->GetTracks().size(), 60U);
        }
    }
}

TEST(CellFreeMultiTargetTracker, OrderMattersNot)
{
    for (const char* association : {"Nearest", "Jpda"})
    {
        Bench bench(48);
        bench.tracker->SetAttribute("Association", StringValue(association));
        RunScene(bench, 60, 0.9, 3.0);
        auto replayed = CreateObject<CellFreeMultiTargetTracker>();
        auto shuffled = CreateObject<CellFreeMultiTargetTracker>();
        for (auto& tracker : {replayed, shuffled})
        {
            tracker->SetAttribute("Association", StringValue(association));
        }
        for (auto scan : bench.scans)
        {
            replayed->Update(scan);
            std::reverse(scan.detections.begin(), scan.detections.end());
            std::rotate(scan.looks.begin(),
                        scan.looks.begin() + scan.looks.size() / 2,
                        scan.looks.end());
            shuffled->Update(scan);
            ExpectSame(replayed->GetTracks(), shuffled->GetTracks());
        }
        ExpectSame(bench.tracker->GetTracks(), replayed->GetTracks());
        EXPECT_EQ(bench.Get(CellFreeTrack::CONFIRMED).size() +
                      bench.Get(CellFreeTrack::COASTING).size(),
                  3U);
    }
}

TEST(CellFreeMultiTargetTracker, NoiseNeverHelps)
{
    // Mean error over 40 scenes each; the paired difference is positive with a confidence of 99 %.
    for (const char* association : {"Nearest", "Jpda"})
    {
        double before = 0.0;
        std::vector<double> last;
        for (double noise : {0.5, 1.0, 2.0, 4.0})
        {
            std::vector<double> errors;
            for (int run = 0; run < 40; ++run)
            {
                Bench bench(60 + run);
                bench.tracker->SetAttribute("Association", StringValue(association));
                bench.noise = MakeTestCovariance(noise, noise);
                const auto target = MakeState(0, 0, 10, 3);
                double sum = 0.0;
                for (int k = 0; k < 30; ++k)
                {
                    auto scan = bench.MakeScan();
                    bench.Measure(scan, Move(target, bench.GetTime()));
                    bench.Update(scan, 0.9);
                    const auto& track = bench.tracker->GetTracks()[0];
                    sum += (track.state - Move(target, track.time.GetSeconds())).head<3>().norm();
                }
                errors.push_back(sum / 30.0);
            }
            if (!last.empty())
            {
                double mean = 0.0;
                double square = 0.0;
                for (std::size_t i = 0; i < errors.size(); ++i)
                {
                    const double difference = errors[i] - last[i];
                    mean += difference / 40.0;
                    square += difference * difference / 40.0;
                }
                EXPECT_GT(mean, 2.43 * std::sqrt((square - mean * mean) / 39.0)) << noise;
                EXPECT_GT(mean, before);
            }
            last = errors;
        }
    }
}

TEST(CellFreeMultiTargetTracker, SearchesCountWhereTheyLook)
{
    for (double distance : {0.0, 10.0, 31.0, 1000.0})
    {
        Bench bench(49);
        bench.tracker->Cue(Seconds(0), MakeState(0, 0, 0, 0), MakeTestCovariance(1.0, 0.01));
        bench.tracker->SetAttribute("MaxMisses", DoubleValue(3.0));
        int nDwells = 0;
        for (; nDwells < 20 && (nDwells == 0 || !bench.tracker->GetTracks().empty()); ++nDwells)
        {
            auto scan = bench.MakeScan();
            CellFreeScanLook look;
            look.aim.kind = CellFreeAim::SEARCH;
            look.aim.id = 1; // of the place, not of the track
            look.aim.position = Vector(distance, 0, 100);
            look.aim.covariance = 100.0 * Eigen::Matrix3d::Identity();
            look.pd = 1.0;
            scan.looks.push_back(look);
            bench.Update(scan, -1.0);
        }
        // At the centre each look weighs 1; at one deviation e^-1/2; beyond three nothing.
        EXPECT_EQ(nDwells, distance == 0.0 ? 3 : distance == 10.0 ? 5 : 20);
    }
    // A place without extent, or a target that is told by its index, says nothing of a track.
    Bench bench(49);
    bench.tracker->Cue(Seconds(0), MakeState(0, 0, 0, 0), MakeTestCovariance(1.0, 0.01));
    auto scan = bench.MakeScan();
    CellFreeScanLook look;
    look.pd = 1.0;
    look.aim.id = 1;
    look.aim.position = Vector(0, 0, 100);
    look.aim.kind = CellFreeAim::SEARCH;
    scan.looks.push_back(look);
    look.aim.kind = CellFreeAim::TARGET;
    scan.looks.push_back(look);
    bench.Update(scan, -1.0);
    ASSERT_EQ(bench.tracker->GetTracks().size(), 1U);
    EXPECT_EQ(bench.tracker->GetTracks()[0].nMisses, 0U);
}

TEST(CellFreeMultiTargetTracker, TwoTracksOfOneTargetBecomeOne)
{
    for (const char* association : {"Nearest", "Jpda"})
    {
        Bench bench(70);
        bench.tracker->SetAttribute("Association", StringValue(association));
        const auto target = MakeState(0, 0, 5, 0);
        const auto older = bench.tracker->Cue(Seconds(0), target, MakeTestCovariance(3.0, 1.0));
        bench.tracker->Cue(Seconds(0), Move(target, 0.3), MakeTestCovariance(3.0, 1.0));
        for (int k = 0; k < 20; ++k)
        {
            auto scan = bench.MakeScan();
            bench.Measure(scan, Move(target, bench.GetTime()));
            bench.Update(scan, 0.9);
        }
        ASSERT_EQ(bench.tracker->GetTracks().size(), 1U) << association;
        EXPECT_EQ(bench.tracker->GetTracks()[0].id, older);
        EXPECT_EQ(bench.tracker->GetTracks()[0].status, CellFreeTrack::CONFIRMED);

        // Two targets in formation that are told apart are two.
        Bench pair(71);
        pair.tracker->SetAttribute("Association", StringValue(association));
        for (double y : {0.0, 8.0})
        {
            pair.tracker->Cue(Seconds(0), MakeState(0, y, 5, 0), MakeTestCovariance(3.0, 1.0));
        }
        for (int k = 0; k < 100; ++k)
        {
            auto scan = pair.MakeScan();
            for (double y : {0.0, 8.0})
            {
                if (pair.gaussian.Draw(0.0, 1.0) < 0.9)
                {
                    pair.Measure(scan, Move(MakeState(0, y, 5, 0), pair.GetTime()));
                }
            }
            pair.Update(scan, 0.9);
        }
        ASSERT_GE(pair.tracker->GetTracks().size(), 2U) << association;
        EXPECT_EQ(pair.tracker->GetTracks()[0].id, 1U);
        EXPECT_EQ(pair.tracker->GetTracks()[1].id, 2U);
        EXPECT_NEAR(pair.tracker->GetTracks()[0].state(1), 0.0, 3.0);
        EXPECT_NEAR(pair.tracker->GetTracks()[1].state(1), 8.0, 3.0);
    }
}

TEST(CellFreeMultiTargetTracker, PredictionsAreThoseOfTheModel)
{
    Bench bench(72);
    RunScene(bench, 20, 1.0, 0.0);
    const auto tracks = bench.tracker->GetTracks();
    ASSERT_EQ(tracks.size(), 3U);
    std::vector<CellFreeTrack> predicted;
    bench.tracker->Predict(tracks[0].time, predicted);
    ExpectSame(tracks, predicted);
    bench.tracker->Predict(Seconds(0), predicted); // the past is not asked for
    ExpectSame(tracks, predicted);
    const double t = 0.8;
    bench.tracker->Predict(tracks[0].time + Seconds(t), predicted);
    for (std::size_t i = 0; i < 3; ++i)
    {
        IsacStateEstimate expected{tracks[i].state, tracks[i].covariance};
        cellfree::PredictConstantVelocity(t, 1.0, expected);
        EXPECT_EQ(predicted[i].state, expected.mean);
        EXPECT_EQ(predicted[i].covariance, expected.covariance);
        EXPECT_EQ(predicted[i].time, tracks[i].time + Seconds(t));
        EXPECT_EQ(predicted[i].id, tracks[i].id);
    }
    // Asking changes nothing.
    ExpectSame(tracks, bench.tracker->GetTracks());
}

TEST(CellFreeMultiTargetTracker, CuesBeginConfirmedTracks)
{
    Bench bench(73);
    bench.Update(bench.MakeScan(), -1.0);
    const auto target = MakeState(10, 0, 10, 0);
    const auto covariance = MakeTestCovariance(2.0, 1.0);
    // What was known before is extrapolated, what is to come waits.
    const auto past = bench.tracker->Cue(Seconds(-1), target, covariance);
    const auto future = bench.tracker->Cue(Seconds(0.15), MakeState(500, 0, 10, 0), covariance);
    EXPECT_EQ(past, 1U);
    EXPECT_EQ(future, 2U);
    ASSERT_EQ(bench.tracker->GetTracks().size(), 2U);
    EXPECT_EQ(bench.tracker->GetTracks()[0].time, MilliSeconds(10));
    EXPECT_DOUBLE_EQ(bench.tracker->GetTracks()[0].state(0), 10.0 + 10.1);
    EXPECT_EQ(bench.tracker->GetTracks()[0].status, CellFreeTrack::CONFIRMED);
    bench.Update(bench.MakeScan(), 1.0);
    ASSERT_EQ(bench.tracker->GetTracks().size(), 2U);
    EXPECT_EQ(bench.tracker->GetTracks()[0].nMisses, 1U);
    EXPECT_EQ(bench.tracker->GetTracks()[1].nMisses, 0U);
    EXPECT_EQ(bench.tracker->GetTracks()[1].state(0), 500.0);
    EXPECT_EQ(bench.tracker->GetTracks()[1].time, Seconds(0.15));
    bench.Update(bench.MakeScan(), 1.0);
    EXPECT_EQ(bench.tracker->GetTracks()[1].nMisses, 1U);
    EXPECT_NEAR(bench.tracker->GetTracks()[1].state(0), 500.6, 1e-9);
}

TEST(CellFreeMultiTargetTracker, DetectionsOfOneDwellMayDifferInTime)
{
    // Each is referred to the latest one; the track is where the target is.
    Bench bench(74);
    const auto first = MakeState(0, 0, 30, 0);
    const auto second = MakeState(0, 500, 30, 0);
    bench.noise = MakeTestCovariance(0.01, 0.01);
    for (int k = 0; k < 5; ++k)
    {
        auto scan = bench.MakeScan();
        scan.end = scan.start + MilliSeconds(90);
        bench.Add(scan, Move(first, scan.start.GetSeconds()));
        scan.detections.back().time = scan.start;
        bench.Add(scan, Move(second, scan.start.GetSeconds() + 0.08));
        scan.detections.back().time = scan.start + MilliSeconds(80);
        bench.Update(scan, 1.0);
        ASSERT_EQ(bench.tracker->GetTracks().size(), 2U);
        for (const auto& track : bench.tracker->GetTracks())
        {
            EXPECT_EQ(track.time, scan.end);
            EXPECT_NEAR(track.state(0), 30.0 * scan.end.GetSeconds(), 1e-3);
        }
    }
}

TEST(CellFreeMultiTargetTracker, LimitsHold)
{
    Bench bench(75);
    bench.tracker->SetAttribute("MaxTracks", UintegerValue(2));
    bench.tracker->SetAttribute("MaxError", DoubleValue(50.0));
    auto scan = bench.MakeScan();
    for (double x : {0.0, 300.0, 600.0})
    {
        bench.Add(scan, MakeState(x, 0, 0, 0));
        scan.detections.back().snr = 10.0 + x;
    }
    // Of a place that is too vague to be one.
    bench.Add(scan, MakeState(-300, 0, 0, 0));
    scan.detections.back().covariance = MakeTestCovariance(40.0, 1.0);
    scan.detections.back().snr = 1e6;
    bench.Update(scan, 1.0);
    // The strongest ones.
    const auto& tracks = bench.tracker->GetTracks();
    ASSERT_EQ(tracks.size(), 2U);
    EXPECT_NEAR(tracks[0].state(0), 600.0, 1e-9);
    EXPECT_NEAR(tracks[1].state(0), 300.0, 1e-9);
    // A tentative track lives as long as it says.
    for (int k = 0; k < 20; ++k)
    {
        EXPECT_EQ(bench.tracker->GetTracks().size(), 2U) << k;
        bench.Update(bench.MakeScan(), -1.0);
    }
    bench.Update(bench.MakeScan(), -1.0);
    EXPECT_TRUE(bench.tracker->GetTracks().empty());
}

TEST(CellFreeMultiTargetTracker, TurnsAreFollowed)
{
    // A drone on a circle at 0.5 rad/s and 15 m/s: with the model of turns the error is smaller
    // than with the best acceleration noise.
    double errors[2] = {0.0, 0.0};
    for (int run = 0; run < 20; ++run)
    {
        for (bool hasTurns : {false, true})
        {
            Bench bench(80 + run);
            bench.noise = MakeTestCovariance(2.0, 5.0);
            bench.tracker->SetAttribute("AccelerationNoise", DoubleValue(hasTurns ? 0.5 : 4.0));
            if (hasTurns)
            {
                bench.tracker->SetAttribute("MotionModel", StringValue("CoordinatedTurn"));
            }
            for (int k = 0; k < 80; ++k)
            {
                const auto locate = [](double t) {
                    const double angle = 0.5 * t;
                    return MakeState(30.0 * std::cos(angle),
                                     30.0 * std::sin(angle),
                                     -15.0 * std::sin(angle),
                                     15.0 * std::cos(angle));
                };
                auto scan = bench.MakeScan();
                bench.Measure(scan, locate(bench.GetTime()));
                bench.Update(scan, 0.9);
                const auto& track = bench.tracker->GetTracks()[0];
                errors[hasTurns] +=
                    (track.state - locate(track.time.GetSeconds())).head<3>().norm() / 1600.0;
            }
            EXPECT_EQ(bench.tracker->GetTracks().size(), 1U);
            // Set during a run, it acts.
            bench.tracker->SetAttribute("MotionModel", StringValue("ConstantVelocity"));
            std::vector<CellFreeTrack> predicted;
            const auto& track = bench.tracker->GetTracks()[0];
            bench.tracker->Predict(track.time + Seconds(1), predicted);
            EXPECT_LT((predicted[0].state - Move(track.state, 1.0)).norm(), 1e-9);
        }
    }
    EXPECT_LT(errors[true], 0.9 * errors[false]) << errors[true];
}

TEST(CellFreeMultiTargetTracker, ASceneIsFollowedByBothAssociations)
{
    // Three targets that cross, Pd = 0.9, three false alarms a dwell: at the end GOSPA says that
    // nothing is missed and nothing false in nearly all dwells.
    for (const char* association : {"Nearest", "Jpda"})
    {
        Bench bench(90);
        bench.tracker->SetAttribute("Association", StringValue(association));
        double sum = 0.0;
        for (int part = 0; part < 100; ++part)
        {
            RunScene(bench, 1, 0.9, 3.0);
            const double t = bench.tracker->GetTracks().empty()
                                 ? 0.0
                                 : bench.tracker->GetTracks()[0].time.GetSeconds();
            Eigen::MatrixXd truth(3, 3);
            truth << -50 + 10 * t, -50 + 10 * t, 50 - 12 * t, -25 + 5 * t, 25 - 5 * t, t, 100, 100,
                100;
            std::vector<Eigen::Vector3d> places;
            for (const auto& track : bench.tracker->GetTracks())
            {
                if (track.status != CellFreeTrack::TENTATIVE)
                {
                    places.emplace_back(track.state.head<3>());
                }
            }
            Eigen::MatrixXd estimates(3, places.size());
            for (std::size_t i = 0; i < places.size(); ++i)
            {
                estimates.col(static_cast<Eigen::Index>(i)) = places[i];
            }
            const auto gospa = cellfree::GetGospa(truth, estimates, 20.0, 2.0);
            sum += part >= 20 ? gospa.total / 80.0 : 0.0;
        }
        // Three errors of about 1 m each; one target missed all the time alone costs 14 m.
        EXPECT_LT(sum, 4.0) << association;
    }
}

TEST(CellFreeMultiTargetTrackerDeathTest, NonsenseIsRefused)
{
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_DEATH(
        {
            Bench bench(91);
            auto scan = bench.MakeScan();
            bench.Add(scan, MakeState(std::nan(""), 0, 0, 0));
            bench.Update(scan, 1.0);
        },
        "detections\\[0\\]: expected finite numbers");
    EXPECT_DEATH(
        {
            Bench bench(91);
            auto scan = bench.MakeScan();
            bench.Add(scan, MakeState(0, 0, 0, 0));
            scan.detections[0].time = Seconds(7);
            bench.Update(scan, 1.0);
        },
        "expected a time of its dwell");
    EXPECT_DEATH(
        {
            Bench bench(91);
            bench.dwell = 2;
            bench.Update(bench.MakeScan(), 1.0);
            bench.dwell = 1;
            bench.Update(bench.MakeScan(), 1.0);
        },
        "expected at least its start");
    EXPECT_DEATH(
        {
            Bench bench(91);
            auto scan = bench.MakeScan();
            scan.falseAlarmDensity = -1.0;
            bench.Update(scan, 1.0);
        },
        "falseAlarmDensity = -1: expected finite, at least 0");
    EXPECT_DEATH(
        {
            Bench bench(91);
            bench.tracker->Cue(Seconds(0), MakeState(0, 0, 0, 0), CellFreeStateCovariance::Zero());
        },
        "covariance: expected a positive definite matrix");
    EXPECT_DEATH(
        {
            Bench bench(91);
            bench.tracker->SetAttribute("GateProbability", DoubleValue(1.0));
        },
        "");
}
