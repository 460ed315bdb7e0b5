// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-test-nodes.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-antenna-array.h"
#include "ns3/cell-free-channel-model.h"
#include "ns3/cell-free-spatial-fading.h"
#include "ns3/cell-free-three-gpp-large-scale.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isac-scattering.h"
#include "ns3/pointer.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/string.h"

#include <cmath>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

constexpr double WAVELENGTH = ISAC_SPEED_OF_LIGHT / 3.5e9;
constexpr double SPEED = 20.0;
/// 2 pi f_D at SPEED (rad/s).
constexpr double DOPPLER = 2 * M_PI * SPEED / WAVELENGTH;

class CellFreeSpatialFadingTest : public testing::Test
{
  protected:
    void SetUp() override
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(1);
        m_largeScale = CreateObject<CellFreeThreeGppLargeScale>();
        m_largeScale->AssignStreams(0);
        SetLineOfSight("Never");
    }

    void TearDown() override
    {
        Simulator::Destroy();
    }

    void SetLineOfSight(const std::string& which)
    {
        m_largeScale->SetAttribute("LineOfSight", StringValue(which));
    }

    /// A model without spread, with streams; K = 4 in line of sight.
    static Ptr<CellFreeSpatialFading> MakeFading(const std::string& doppler = "Clarke")
    {
        auto fading = CreateObject<CellFreeSpatialFading>();
        fading->SetAttribute("Doppler", StringValue(doppler));
        fading->SetAttribute("AngularSpread", DoubleValue(0.0));
        fading->SetAttribute("DrawKFactor", BooleanValue(false));
        fading->SetAttribute("KFactor", DoubleValue(4.0));
        fading->AssignStreams(100);
        return fading;
    }

    /// Adds links from AP nodes 0, 1, ... at rest, to UE nodes that move.
    static void AddLinks(CellFreeFadingModel& fading,
                         uint32_t nLinks,
                         uint32_t nAntennas,
                         double speed = SPEED)
    {
        for (uint32_t link = 0; link < nLinks; ++link)
        {
            fading.AddLink(MakeLink(link, nAntennas, speed));
        }
    }

    static CellFreeLinkEnds MakeLink(uint32_t id, uint32_t nAntennas, double speed)
    {
        auto ends = MakeEnds(MakeNode(Vector(0, 0, 10)),
                             MakeNode(Vector(50, 20, 1.5), Vector(0, speed, 0)),
                             nAntennas);
        ends.apId = id;
        ends.ueId = 1000 + id;
        return ends;
    }

    /// What the channel does at a large-scale update.
    void Update(CellFreeFadingModel& fading,
                uint32_t nLinks,
                double bandwidth = 0.0,
                uint32_t nBands = 1) const
    {
        fading.Update(WAVELENGTH, bandwidth, nBands);
        for (uint32_t link = 0; link < nLinks; ++link)
        {
            fading.UpdateLink(link, *m_largeScale);
        }
    }

    Ptr<CellFreeThreeGppLargeScale> m_largeScale;
};

/// Steering vector of a link now.
Eigen::VectorXcd
GetSteering(const CellFreeLinkEnds& ends)
{
    Eigen::VectorXcd a(cellfree::GetNAntennas(ends.array));
    cellfree::GetSteeringVector(ends.array, ends.ue->GetPosition() - ends.ap->GetPosition(), a);
    return a;
}

} // namespace

TEST_F(CellFreeSpatialFadingTest, BlocksWithoutSpreadAreRayleighToTheBit)
{
    auto fading = MakeFading("Block");
    auto rayleigh = CreateObject<CellFreeRayleighFading>();
    rayleigh->AssignStreams(100);
    AddLinks(*fading, 3, 4);
    AddLinks(*rayleigh, 3, 4);
    int compared = 0;
    for (const double time : {0.0, 0.4e-3, 3e-3, 17e-3, 90e-3})
    {
        At(Seconds(time), [&]() {
            if (compared == 0)
            {
                Update(*fading, 3);
                rayleigh->Update(WAVELENGTH);
            }
            for (uint32_t link = 0; link < 3; ++link)
            {
                EXPECT_EQ(fading->GetCoefficients(link), rayleigh->GetCoefficients(link));
                EXPECT_EQ(fading->GetSquaredNorm(link), rayleigh->GetSquaredNorm(link));
                EXPECT_EQ(fading->GetAutocorrelation(link, MicroSeconds(200)),
                          rayleigh->GetAutocorrelation(link, MicroSeconds(200)));
                ++compared;
            }
        });
    }
    Simulator::Run();
    EXPECT_EQ(compared, 15);
}

TEST_F(CellFreeSpatialFadingTest, ClarkeHasJ0OverTensOfCoherenceTimes)
{
    // Over 1500 links x 4 antennas: the product of values a lag apart has variance at most 1 + 1/S
    // over phases, so 99 % intervals have half width 2.58 / sqrt(2 * 6000) per real part, over
    // which lags are 16 in number: 3.42 standard errors keep 99 % for all.
    constexpr uint32_t LINKS = 1500;
    constexpr int N = 4;
    auto fading = MakeFading();
    AddLinks(*fading, LINKS, N);
    const double coherence = cellfree::GetCoherenceTime(WAVELENGTH, SPEED);
    const std::vector<double> lags{0.25, 0.5, 1, 2, 3, 5, 7, 10, 13, 17, 21, 25, 30, 34, 40, 50};
    std::vector<Eigen::VectorXcd> first;
    int tried = 0;
    double fourth = 0.0;
    At(Seconds(0.123), [&]() {
        Update(*fading, LINKS);
        for (uint32_t link = 0; link < LINKS; ++link)
        {
            first.push_back(fading->GetCoefficients(link));
            fourth += first.back().cwiseAbs2().cwiseAbs2().sum();
        }
    });
    for (const double lag : lags)
    {
        At(Seconds(0.123 + lag * coherence), [&, lag]() {
            std::complex<double> sum = 0.0;
            for (uint32_t link = 0; link < LINKS; ++link)
            {
                sum += first[link].dot(fading->GetCoefficients(link));
            }
            sum /= double(N * LINKS);
            const double expected = ::j0(DOPPLER * lag * coherence);
            const double bound =
                3.42 / std::sqrt(2.0 * N * LINKS) * std::sqrt(1 + expected * expected);
            EXPECT_NEAR(sum.real(), expected, bound) << lag;
            EXPECT_NEAR(sum.imag(), 0.0, bound) << lag;
            EXPECT_NEAR(fading->GetAutocorrelation(0, Seconds(lag * coherence)), expected, 1e-4);
            ++tried;
        });
    }
    Simulator::Run();
    EXPECT_EQ(tried, lags.size());
    // E|w|^4 = 2 - 1 / S; |w|^4 has variance 20 or less. 99 % interval.
    EXPECT_NEAR(fourth / (N * LINKS), 2 - 1.0 / 64, 2.58 * std::sqrt(20.0 / (N * LINKS)));
}

TEST_F(CellFreeSpatialFadingTest, OneLinkAloneHasJ0OverTime)
{
    // A single link, 64 antennas whose phases are independent, averaged over 400 starts: its own
    // autocorrelation is J0 up to the sinusoids' limit. Values at starts far apart are dependent
    // through the 64 frequencies, so the bound is empirical: 0.05, ten times what the tail would be
    // if the frequencies were drawn at random (0.09 each start of 64 sinusoids).
    auto fading = MakeFading();
    AddLinks(*fading, 1, 64);
    const double coherence = cellfree::GetCoherenceTime(WAVELENGTH, SPEED);
    for (const double lag : {1.0, 4.0, 12.0, 30.0})
    {
        auto sum = std::make_shared<double>(0.0);
        auto before = std::make_shared<Eigen::VectorXcd>();
        for (int start = 0; start < 400; ++start)
        {
            const double time = 0.01 + start * 0.0371 + lag * 1e-7;
            At(Seconds(time), [&, before, start]() {
                if (start == 0)
                {
                    Update(*fading, 1);
                }
                *before = fading->GetCoefficients(0);
            });
            At(Seconds(time + lag * coherence), [&, before, sum]() {
                *sum += before->dot(fading->GetCoefficients(0)).real() / (64 * 400);
            });
        }
        Simulator::Run();
        EXPECT_NEAR(*sum, ::j0(9.0 / 8 * lag), 0.05) << lag;
        Simulator::Destroy();
        fading = MakeFading();
        AddLinks(*fading, 1, 64);
    }
}

TEST_F(CellFreeSpatialFadingTest, GaussMarkovIsExponential)
{
    constexpr uint32_t LINKS = 2000;
    auto fading = MakeFading("GaussMarkov");
    AddLinks(*fading, LINKS, 2);
    const Time coherence = Seconds(cellfree::GetCoherenceTime(WAVELENGTH, SPEED));
    std::vector<Eigen::VectorXcd> first;
    At(Seconds(0.05), [&]() {
        Update(*fading, LINKS);
        for (uint32_t link = 0; link < LINKS; ++link)
        {
            first.push_back(fading->GetCoefficients(link));
        }
    });
    int tried = 0;
    for (const double lag : {0.5, 1.0, 3.0, 6.0})
    {
        const Time later = Seconds(lag * coherence.GetSeconds());
        At(Seconds(0.05) + later, [&, lag, later]() {
            double sum = 0.0;
            for (uint32_t link = 0; link < LINKS; ++link)
            {
                sum += first[link].dot(fading->GetCoefficients(link)).real() / (2 * LINKS);
            }
            const double expected = std::pow(::j0(9.0 / 8), lag);
            EXPECT_NEAR(sum, expected, 3.3 / std::sqrt(2.0 * LINKS)) << lag;
            EXPECT_NEAR(fading->GetAutocorrelation(0, later), expected, 1e-3);
            ++tried;
        });
    }
    Simulator::Run();
    EXPECT_EQ(tried, 4);
}

TEST_F(CellFreeSpatialFadingTest, TheSameDrawsWhoeverAsksInWhateverOrder)
{
    for (const std::string doppler : {"Clarke", "GaussMarkov", "Block"})
    {
        auto dense = MakeFading(doppler);
        auto sparse = MakeFading(doppler);
        for (auto& fading : {dense, sparse})
        {
            fading->SetAttribute("AngularSpread", DoubleValue(10.0));
            AddLinks(*fading, 5, 2);
        }
        const auto ends = MakeLink(5, 2, SPEED);
        const auto early = dense->AddLink(ends);
        int compared = 0;
        for (int slot = 0; slot < 60; ++slot)
        {
            At(MicroSeconds(500 * slot + 100), [&, slot]() {
                if (slot % 20 == 0)
                {
                    Update(*dense, 5, 20e6, 3);
                    Update(*sparse, 5, 20e6, 3);
                }
                for (uint32_t link = 0; link < 5; ++link)
                {
                    dense->GetCoefficients(link, slot % 3);
                }
                for (const uint32_t link : {4, 1, 3})
                {
                    if (slot % (7 + link) == 5)
                    {
                        EXPECT_EQ(sparse->GetCoefficients(link, 1),
                                  dense->GetCoefficients(link, 1));
                        ++compared;
                    }
                }
            });
        }
        // A link of the same nodes that comes late goes on where it would have been.
        At(MilliSeconds(33), [&]() {
            auto late = MakeFading(doppler);
            late->SetAttribute("AngularSpread", DoubleValue(10.0));
            late->Update(WAVELENGTH, 20e6, 3);
            const auto link = late->AddLink(ends);
            late->UpdateLink(link, *m_largeScale);
            dense->UpdateLink(early, *m_largeScale);
            EXPECT_LT((late->GetCoefficients(link, 2) - dense->GetCoefficients(early, 2)).norm(),
                      1e-9);
            ++compared;
        });
        Simulator::Run();
        EXPECT_EQ(compared, 5 + 7 + 6 + 1) << doppler;
        Simulator::Destroy();
    }
}

TEST_F(CellFreeSpatialFadingTest, PhasesAreContinuousWhenTheSpeedChanges)
{
    auto fading = MakeFading();
    auto ue = MakeNode(Vector(50, 0, 1.5), Vector(0, 5, 0));
    auto mobility = ue->GetObject<ConstantVelocityMobilityModel>();
    auto ends = MakeEnds(MakeNode(Vector(0, 0, 10)), ue, 8);
    fading->AddLink(ends);
    Eigen::VectorXcd before;
    At(MilliSeconds(0), [&]() { Update(*fading, 1); });
    At(Seconds(30), [&]() {
        before = fading->GetCoefficients(0);
        mobility->SetVelocity(Vector(0, 40, 0));
        Update(*fading, 1);
        EXPECT_LT((fading->GetCoefficients(0) - before).norm(), 1e-9);
    });
    // 5 us at 40 m/s is a phase of 0.015 rad.
    At(Seconds(30) + MicroSeconds(5),
       [&]() { EXPECT_LT((fading->GetCoefficients(0) - before).norm() / before.norm(), 0.03); });
    Simulator::Run();
    EXPECT_EQ(before.size(), 8);
}

TEST_F(CellFreeSpatialFadingTest, CovarianceIsRAndMeanIsTheLineOfSight)
{
    // 12 000 links of one geometry: entries of the sample covariance within 4.42 standard errors of
    // (R + ...) / (K + 1), whose entries have variance at most 1 plus the mean's part.
    constexpr uint32_t LINKS = 12000;
    constexpr int N = 4;
    SetLineOfSight("Always");
    auto fading = MakeFading();
    fading->SetAttribute("AngularSpread", DoubleValue(20.0));
    fading->SetAttribute("ElevationSpread", DoubleValue(5.0));
    AddLinks(*fading, LINKS, N);
    Update(*fading, LINKS);
    Eigen::VectorXcd mean;
    Eigen::MatrixXcd covariance;
    fading->GetStatistics(0, 0, mean, covariance);
    EXPECT_NEAR(mean.squaredNorm() + covariance.trace().real(), N, 1e-9);
    EXPECT_NEAR(mean.squaredNorm() / covariance.trace().real(), 4.0, 1e-9);
    const auto ends = MakeLink(0, N, SPEED);
    const Vector d = ends.ue->GetPosition() - ends.ap->GetPosition();
    EXPECT_LT((mean - std::sqrt(0.8) * std::polar(1.0, 2 * M_PI * d.GetLength() / WAVELENGTH) *
                          GetSteering(ends))
                  .norm(),
              1e-8);
    Eigen::VectorXcd sum = Eigen::VectorXcd::Zero(N);
    Eigen::MatrixXcd product = Eigen::MatrixXcd::Zero(N, N);
    for (uint32_t link = 0; link < LINKS; ++link)
    {
        const Eigen::VectorXcd h = fading->GetCoefficients(link);
        sum += h / LINKS;
        product += (h - mean) * (h - mean).adjoint() / LINKS;
    }
    const double bound = 4.42 / std::sqrt(double(LINKS));
    EXPECT_LT((sum - mean).cwiseAbs().maxCoeff(), bound * std::sqrt(0.2));
    EXPECT_LT((product - covariance).cwiseAbs().maxCoeff(), bound * 0.2);
}

TEST_F(CellFreeSpatialFadingTest, TheLineOfSightTurnsWithTheDopplerShift)
{
    // A UE that leaves at 20 m/s: h turns by +2 pi v / lambda, the received h^H f by the negative
    // Doppler shift of a receding end.
    SetLineOfSight("Always");
    auto fading = MakeFading();
    fading->SetAttribute("KFactor", DoubleValue(1e6));
    fading->AddLink(
        MakeEnds(MakeNode(Vector(0, 0, 0)), MakeNode(Vector(80, 0, 0), Vector(SPEED, 0, 0)), 2));
    Update(*fading, 1);
    const std::complex<double> before = fading->GetCoefficients(0)(0);
    int tried = 0;
    At(MicroSeconds(500), [&]() {
        const auto turn = fading->GetCoefficients(0)(0) / before;
        EXPECT_NEAR(std::arg(turn), 2 * M_PI * SPEED * 500e-6 / WAVELENGTH, 0.01);
        ++tried;
    });
    Simulator::Run();
    EXPECT_EQ(tried, 1);
}

TEST_F(CellFreeSpatialFadingTest, TwoArraysSeeTheLineOfSightAsOneLargerArrayDoes)
{
    // The distance's phase and the steering vector's belong together: elements far from the UE are
    // the same whichever array they are counted to.
    SetLineOfSight("Always");
    auto fading = MakeFading();
    fading->SetAttribute("KFactor", DoubleValue(1e6));
    const auto ue = MakeNode(Vector(3e4, 4e4, 0));
    auto whole = MakeEnds(MakeNode(Vector(0, 0, 0)), ue, 4);
    fading->AddLink(whole);
    const Vector shift = whole.array->GetElementLocation(2) - whole.array->GetElementLocation(0);
    fading->AddLink(
        MakeEnds(MakeNode(Vector(shift.x * WAVELENGTH, shift.y * WAVELENGTH, shift.z * WAVELENGTH)),
                 ue,
                 2));
    Update(*fading, 2);
    const Eigen::VectorXcd one = fading->GetCoefficients(0).tail(2);
    const Eigen::VectorXcd other = fading->GetCoefficients(1);
    EXPECT_LT((one - other).norm(), 0.01);
}

TEST_F(CellFreeSpatialFadingTest, SubBandsHaveTheProfilesCorrelation)
{
    constexpr uint32_t LINKS = 4000;
    constexpr uint32_t BANDS = 8;
    constexpr double BANDWIDTH = 20e6;
    auto fading = MakeFading();
    AddLinks(*fading, LINKS, 1);
    Update(*fading, LINKS, BANDWIDTH, BANDS);
    const auto profile = cellfree::GetTdlProfile(ISAC_TDL_A, 100e-9);
    std::vector<std::complex<double>> sum(BANDS, 0.0);
    double power = 0.0;
    for (uint32_t link = 0; link < LINKS; ++link)
    {
        double norms = 0.0;
        for (uint32_t band = 0; band < BANDS; ++band)
        {
            norms += fading->GetCoefficients(link, band).squaredNorm();
            // h is the conjugate of the channel that waves meet.
            sum[band] += fading->GetCoefficients(link, 0)(0) *
                         std::conj(fading->GetCoefficients(link, band)(0)) / double(LINKS);
        }
        EXPECT_NEAR(fading->GetSquaredNorm(link), norms / BANDS, 1e-9);
        power += norms / BANDS / LINKS;
    }
    for (uint32_t band = 0; band < BANDS; ++band)
    {
        const auto expected = cellfree::GetFrequencyCorrelation(profile, band * BANDWIDTH / BANDS);
        EXPECT_LT(std::abs(sum[band] - expected), 4.42 / std::sqrt(double(LINKS))) << band;
        EXPECT_LT(std::abs(fading->GetBandCorrelation(0, 0, band) - expected), 1e-12) << band;
    }
    EXPECT_LT(std::abs(sum[BANDS - 1]), 0.6);
    EXPECT_NEAR(power, 1.0, 4.42 / std::sqrt(double(LINKS)));
    // Without delays all are alike.
    fading->SetAttribute("DelaySpread", DoubleValue(0.0));
    Update(*fading, LINKS, BANDWIDTH, BANDS);
    EXPECT_EQ(fading->GetCoefficients(0, 0), fading->GetCoefficients(0, 7));
}

TEST_F(CellFreeSpatialFadingTest, KFactorsAreThoseOfTheTable)
{
    // 400 APs far apart: mean 9 dB and deviation 5 dB of UMi, 4.42 standard errors.
    SetLineOfSight("Always");
    auto fading = MakeFading();
    fading->SetAttribute("DrawKFactor", BooleanValue(true));
    AddLinks(*fading, 400, 1);
    Update(*fading, 400);
    double sum = 0.0;
    double squares = 0.0;
    for (uint32_t link = 0; link < 400; ++link)
    {
        const double k = cellfree::ToDecibels(fading->GetKFactor(link));
        sum += k / 400;
        squares += (k - 9) * (k - 9) / 400;
    }
    EXPECT_NEAR(sum, 9.0, 4.42 * 5 / 20);
    EXPECT_NEAR(std::sqrt(squares), 5.0, 4.42 * 5 / std::sqrt(800.0));
    // Without line of sight there is none.
    SetLineOfSight("Never");
    Update(*fading, 400);
    EXPECT_EQ(fading->GetKFactor(7), 0.0);
    EXPECT_DEATH(MakeFading()->GetCoefficients(0), "fading link 0: expected one that was added");
    auto early = MakeFading();
    AddLinks(*early, 1, 1);
    EXPECT_DEATH(early->GetCoefficients(0), "asked for a link: expected Update\\(\\) before");
    EXPECT_FALSE(fading->SetAttributeFailSafe("KFactor", DoubleValue(-1.0)));
    EXPECT_FALSE(fading->SetAttributeFailSafe("KFactor", DoubleValue(NAN)));
}

TEST_F(CellFreeSpatialFadingTest, AMovingUeLosesTheLineOfSightAndItsComponent)
{
    // Leaving at 30 m/s, 60 UEs are all in line of sight at 15 m and hardly any at 1.5 km.
    SetLineOfSight("Drawn");
    auto channel = CreateObject<CellFreeChannelModel>();
    auto fading = MakeFading();
    channel->SetAttribute("LargeScale", PointerValue(m_largeScale));
    channel->SetAttribute("Fading", PointerValue(fading));
    channel->AddAp(MakeAp(Vector(0, 0, 10), MakeArray(2)));
    for (int u = 0; u < 60; ++u)
    {
        const double x = std::cos(0.1 * u);
        const double y = std::sin(0.1 * u);
        channel->AddUe(MakeNode(Vector(15 * x, 15 * y, 1.5), Vector(30 * x, 30 * y, 0)));
    }
    channel->AssignStreams(5);
    std::vector<int> counts;
    for (const int time : {0, 50})
    {
        At(Seconds(time), [&]() {
            int n = 0;
            for (uint32_t u = 0; u < 60; ++u)
            {
                Eigen::VectorXcd mean;
                Eigen::MatrixXcd covariance;
                channel->GetStatistics(0, u, 0, mean, covariance);
                n += mean.norm() > 0;
                EXPECT_NEAR(mean.squaredNorm() / (2 * channel->GetMeanGain(0, u)),
                            mean.norm() > 0 ? 0.8 : 0.0,
                            1e-9);
            }
            counts.push_back(n);
        });
    }
    Simulator::Stop(Seconds(51));
    Simulator::Run();
    ASSERT_EQ(counts.size(), 2U);
    EXPECT_EQ(counts[0], 60);
    EXPECT_LT(counts[1], 12);
    channel->Dispose();
}

TEST_F(CellFreeSpatialFadingTest, DirectionalBeamsGainWhatTheGeometrySays)
{
    // A beam steered to the UE meets N (K + 1/N) / (K + 1) times the mean power of one antenna, for
    // independent antennas; one steered elsewhere the line of sight's array factor.
    constexpr uint32_t LINKS = 4000;
    constexpr int N = 8;
    constexpr double K = 9.0;
    SetLineOfSight("Always");
    auto fading = MakeFading();
    fading->SetAttribute("KFactor", DoubleValue(K));
    AddLinks(*fading, LINKS, N);
    Update(*fading, LINKS);
    const auto ends = MakeLink(0, N, SPEED);
    const Eigen::VectorXcd matched = GetSteering(ends) / std::sqrt(double(N));
    Eigen::VectorXcd other(N);
    cellfree::GetSteeringVector(ends.array, Vector(50, -30, -8.5), other);
    other /= std::sqrt(double(N));
    double sum = 0.0;
    double otherSum = 0.0;
    for (uint32_t link = 0; link < LINKS; ++link)
    {
        const auto& h = fading->GetCoefficients(link);
        sum += std::norm(h.dot(matched)) / LINKS;
        otherSum += std::norm(h.dot(other)) / LINKS;
    }
    const double expected = (K * N + 1) / (K + 1);
    const double factor = std::norm(matched.dot(other));
    EXPECT_NEAR(sum / expected, 1.0, 0.03);
    EXPECT_NEAR(otherSum, (K * N * factor + 1) / (K + 1), 0.03 * expected);
    EXPECT_GT(sum, 4 * otherSum);
}

TEST_F(CellFreeSpatialFadingTest, TiltAndBearingTurnTheLineOfSightWithTheArray)
{
    // Geometry and array turned together leave the phases between antennas as they were.
    SetLineOfSight("Always");
    const double bearing = 0.8;
    const double tilt = 0.35;
    auto makeArray = [](double b, double t) {
        auto array = CreateObject<UniformPlanarArray>();
        array->SetAttribute("NumRows", UintegerValue(2));
        array->SetAttribute("NumColumns", UintegerValue(3));
        array->SetAttribute("BearingAngle", DoubleValue(b));
        array->SetAttribute("DowntiltAngle", DoubleValue(t));
        return array;
    };
    // A place in the array's own coordinates, then tilted down about y and turned about z.
    const Vector own(60, 25, 12);
    const double x = std::cos(tilt) * own.x + std::sin(tilt) * own.z;
    const double z = -std::sin(tilt) * own.x + std::cos(tilt) * own.z;
    const Vector turned(std::cos(bearing) * x - std::sin(bearing) * own.y,
                        std::sin(bearing) * x + std::cos(bearing) * own.y,
                        z);
    auto fading = MakeFading();
    fading->SetAttribute("KFactor", DoubleValue(1e6));
    auto straight = MakeEnds(MakeNode(Vector()), MakeNode(own), 1);
    straight.array = makeArray(0, 0);
    auto tilted = MakeEnds(MakeNode(Vector()), MakeNode(turned), 1);
    tilted.array = makeArray(bearing, tilt);
    fading->AddLink(straight);
    fading->AddLink(tilted);
    Update(*fading, 2);
    const Eigen::VectorXcd one = fading->GetCoefficients(0);
    const Eigen::VectorXcd other = fading->GetCoefficients(1);
    EXPECT_LT((one - other).norm(), 0.01);
    EXPECT_GT(std::abs(GetSteering(straight)(5) - GetSteering(straight)(0)), 0.1);
}
