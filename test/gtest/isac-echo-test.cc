// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-allocations.h"

#include "ns3/isac-detection.h"
#include "ns3/isac-echo.h"
#include "ns3/isac-metrics.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace ns3;

namespace
{

/// Half the width of a two-sided 99 % interval in standard errors.
constexpr double CONFIDENCE_99 = 2.576;

/// A source of uniform numbers that repeats.
class Source
{
  public:
    explicit Source(uint64_t seed)
        : m_engine(seed)
    {
    }

    IsacUniform Get()
    {
        return [this]() { return ((m_engine() >> 11) + 0.5) * 0x1p-53; };
    }

  private:
    std::mt19937_64 m_engine;
};

/// A uniform linear array of half a wavelength towards the direction cosine u.
Eigen::VectorXcd
GetSteering(Eigen::Index n, double u)
{
    return Eigen::VectorXcd::NullaryExpr(n, [u](Eigen::Index i) {
        return std::polar(1.0, M_PI * u * i);
    });
}

/// A dwell's set-up: beams, one target, noise.
struct Setup
{
    IsacEchoGrid grid;
    IsacBeams beams;
    IsacReflector target;
    Eigen::VectorXd noise;
    IsacWaveform waveform{ISAC_ORTHOGONAL};
};

/**
 * A target whose pairs lie on cells of their own, with Doppler shifts of 0, 1 and 2 cells.
 * @param nTransmitters M
 * @param nReceivers R
 * @param nStreams S: that many random streams, or 0 for one stream a transmitter of its own
 */
Setup
MakeSetup(Eigen::Index nTransmitters, Eigen::Index nReceivers, Eigen::Index nStreams)
{
    constexpr Eigen::Index NT = 3;
    constexpr Eigen::Index NR = 2;
    Source source(nTransmitters + 10 * nReceivers + 100 * nStreams);
    const auto uniform = source.Get();
    Setup setup;
    setup.grid = {2, 8, 240e3, 0.5e-3};
    setup.beams.nAntennas = NT;
    setup.beams.f.setZero(nTransmitters * NT, nStreams == 0 ? nTransmitters : nStreams);
    setup.target.transmit.resize(NT, nTransmitters);
    setup.target.receive.resize(NR, nReceivers);
    setup.target.gain.resize(nReceivers, nTransmitters);
    setup.target.delay.resize(nReceivers, nTransmitters);
    setup.target.doppler.resize(nReceivers, nTransmitters);
    setup.noise = Eigen::VectorXd::NullaryExpr(nReceivers, [](Eigen::Index r) { return 1 + r; });
    for (Eigen::Index m = 0; m < nTransmitters; ++m)
    {
        setup.target.transmit.col(m) = GetSteering(NT, 0.3 * m - 0.2);
        for (Eigen::Index s = 0; s < nStreams; ++s)
        {
            for (auto& entry : setup.beams.Ap(m).col(s))
            {
                entry = cellfree::DrawGaussian(uniform);
            }
        }
        if (nStreams == 0)
        {
            setup.beams.Ap(m).col(m) = setup.target.transmit.col(m);
        }
    }
    for (Eigen::Index r = 0; r < nReceivers; ++r)
    {
        setup.target.receive.col(r) = GetSteering(NR, 0.5 - 0.4 * r);
        for (Eigen::Index m = 0; m < nTransmitters; ++m)
        {
            setup.target.gain(r, m) = 0.5 + uniform();
            setup.target.delay(r, m) = uniform() * setup.grid.GetDelayCell();
            setup.target.doppler(r, m) = (r + m) % 3 * setup.grid.GetDopplerCell();
        }
    }
    return setup;
}

/// N_r L times equation (7), by the class that every policy is judged by.
double
GetEquation7(const Setup& setup)
{
    const auto nTransmitters = setup.target.transmit.cols();
    IsacProblem problem;
    problem.Resize(nTransmitters, setup.beams.f.cols() - 1, 1, setup.beams.nAntennas);
    for (Eigen::Index m = 0; m < nTransmitters; ++m)
    {
        problem.a.col(0).segment(m * setup.beams.nAntennas, setup.beams.nAntennas) =
            setup.target.transmit.col(m);
    }
    problem.omega.col(0) = setup.target.gain.colwise().sum().transpose();
    problem.sensingNoise = setup.noise.sum();
    IsacMetrics metrics;
    metrics.Evaluate(problem, setup.beams);
    return metrics.GetSensingSnr()(0) * setup.target.receive.rows() * setup.grid.GetSize();
}

/// Scales the noise so that N_r L times (7) is this.
void
SetSnr(Setup& setup, double snr)
{
    setup.noise *= GetEquation7(setup) / snr;
}

/// Looks of many dwells: one a pair, at r + R m, over the deviation of the noise.
Eigen::MatrixXcd
DrawPairLooks(const Setup& setup,
              IsacFluctuation fluctuation,
              int nDwells,
              double amplitude,
              uint64_t seed)
{
    Source source(seed);
    const auto uniform = source.Get();
    const auto nReceivers = setup.target.receive.cols();
    const auto nTransmitters = setup.target.transmit.cols();
    IsacEcho echo;
    echo.SetUp(setup.grid, setup.beams);
    IsacEchoReceiver receiver;
    receiver.SetUp(setup.grid);
    Eigen::MatrixXcd reflections(nReceivers, nTransmitters);
    IsacSignals waveforms;
    IsacSignals combined;
    Eigen::MatrixXcd looks(nReceivers * nTransmitters, nDwells);
    for (int dwell = 0; dwell < nDwells; ++dwell)
    {
        echo.DrawSymbols(setup.waveform, uniform);
        echo.Clear(nReceivers, setup.target.receive.rows());
        if (amplitude > 0.0)
        {
            cellfree::DrawReflections(fluctuation, uniform, reflections);
            echo.AddEcho(setup.target, amplitude * reflections);
        }
        echo.AddNoise(setup.noise, uniform);
        echo.GetWaveforms(setup.target.transmit, waveforms);
        for (Eigen::Index r = 0; r < nReceivers; ++r)
        {
            receiver.Combine(echo.GetReceived(r), setup.target.receive.col(r), combined);
            for (Eigen::Index m = 0; m < nTransmitters; ++m)
            {
                receiver.Load(waveforms.row(m), combined.row(0));
                looks(r + nReceivers * m, dwell) =
                    receiver.GetLook(setup.target.delay(r, m), setup.target.doppler(r, m)) /
                    std::sqrt(setup.noise(r));
            }
        }
    }
    return looks;
}

/// Expects a share of dwells within its 99 % interval of a probability.
void
ExpectShare(int64_t count, int64_t nDwells, double probability, const std::string& what)
{
    EXPECT_NEAR(static_cast<double>(count) / nDwells,
                probability,
                CONFIDENCE_99 * std::sqrt(probability * (1 - probability) / nDwells))
        << what;
}

} // namespace

TEST(IsacEcho, IsEquation6WithDelayAndDoppler)
{
    for (const auto waveform : {ISAC_QPSK, ISAC_GAUSSIAN, ISAC_ORTHOGONAL})
    {
        Source source(1);
        const auto uniform = source.Get();
        auto setup = MakeSetup(3, 2, 4);
        setup.grid = {5, 6, 30e3, 1e-3};
        setup.target.doppler.array() += 12.3;
        IsacEcho echo;
        echo.SetUp(setup.grid, setup.beams);
        echo.DrawSymbols(waveform, uniform);
        Eigen::MatrixXcd reflections(2, 3);
        cellfree::DrawReflections(ISAC_SWERLING_1, uniform, reflections);
        echo.Clear(2, 2);
        echo.AddEcho(setup.target, reflections);
        for (Eigen::Index r = 0; r < 2; ++r)
        {
            for (Eigen::Index k = 0; k < 5; ++k)
            {
                for (Eigen::Index l = 0; l < 6; ++l)
                {
                    Eigen::VectorXcd expected = Eigen::VectorXcd::Zero(2);
                    for (Eigen::Index m = 0; m < 3; ++m)
                    {
                        const Eigen::VectorXcd sent =
                            setup.beams.Ap(m) * echo.GetSymbols().col(k + 5 * l);
                        const Eigen::MatrixXcd channel =
                            std::sqrt(setup.target.gain(r, m)) * reflections(r, m) *
                            setup.target.receive.col(r) * setup.target.transmit.col(m).adjoint();
                        const double turns = -(k - 2.0) * 30e3 * setup.target.delay(r, m) +
                                             (l - 2.5) * 1e-3 * setup.target.doppler(r, m);
                        expected += std::polar(1.0, 2 * M_PI * turns) * (channel * sent);
                    }
                    EXPECT_LT((echo.GetReceived(r).col(k + 5 * l) - expected).norm(), 1e-12);
                }
            }
        }
        // The same from its pairs.
        IsacSignals waveforms;
        echo.GetWaveforms(setup.target.transmit, waveforms);
        IsacSignals sum = IsacSignals::Zero(2, 30);
        for (Eigen::Index m = 0; m < 3; ++m)
        {
            cellfree::AddPairEcho(setup.grid,
                                  setup.target.receive.col(1),
                                  waveforms.row(m),
                                  std::sqrt(setup.target.gain(1, m)) * reflections(1, m),
                                  setup.target.delay(1, m),
                                  setup.target.doppler(1, m),
                                  sum);
        }
        EXPECT_LT((sum - echo.GetReceived(1)).norm(), 1e-12);
    }
}

TEST(IsacEcho, StreamsHaveUnitPowerAndOrthogonalOnesAreOrthogonal)
{
    Source source(2);
    const auto uniform = source.Get();
    const IsacEchoGrid grid{40, 50, 30e3, 1e-3};
    IsacBeams beams{1, Eigen::MatrixXcd::Ones(1, 5)};
    IsacEcho echo;
    echo.SetUp(grid, beams);
    for (const auto waveform : {ISAC_QPSK, ISAC_GAUSSIAN, ISAC_ORTHOGONAL})
    {
        echo.DrawSymbols(waveform, uniform);
        const Eigen::MatrixXcd gram =
            echo.GetSymbols() * echo.GetSymbols().adjoint() / grid.GetSize();
        // Independent streams correlate by chance: 4.5 deviations of 2000 products.
        const double tolerance = waveform == ISAC_ORTHOGONAL ? 1e-12 : 0.1;
        EXPECT_LT((gram - Eigen::MatrixXcd::Identity(5, 5)).cwiseAbs().maxCoeff(), tolerance);
        const double deviation = (echo.GetSymbols().cwiseAbs().array() - 1.0).abs().maxCoeff();
        EXPECT_EQ(deviation < 1e-12, waveform != ISAC_GAUSSIAN);
    }
}

TEST(IsacEcho, MeanSnrIsThatOfEquation7)
{
    // Any streams, with symbols and reflections drawn: the energy of the echoes over the noise of
    // one look, from raw samples. 99 % half widths are 0.4 % and 0.2 % here.
    constexpr int DWELLS = 100000;
    for (const auto fluctuation : {ISAC_SWERLING_1, ISAC_CONSTANT})
    {
        Source source(3);
        const auto uniform = source.Get();
        auto setup = MakeSetup(2, 2, 3);
        setup.grid = {3, 4, 240e3, 0.5e-3};
        SetSnr(setup, 30.0);
        IsacEcho echo;
        echo.SetUp(setup.grid, setup.beams);
        EXPECT_NEAR((setup.noise.asDiagonal() * echo.GetPairSnr(setup.target, setup.noise)).sum() /
                        setup.noise.sum(),
                    30.0,
                    1e-10);
        IsacEchoReceiver receiver;
        receiver.SetUp(setup.grid);
        Eigen::MatrixXcd reflections(2, 2);
        IsacSignals combined;
        double energy = 0.0;
        for (int dwell = 0; dwell < DWELLS; ++dwell)
        {
            echo.DrawSymbols(ISAC_QPSK, uniform);
            cellfree::DrawReflections(fluctuation, uniform, reflections);
            echo.Clear(2, 2);
            echo.AddEcho(setup.target, reflections);
            echo.AddNoise(setup.noise, uniform);
            for (Eigen::Index r = 0; r < 2; ++r)
            {
                receiver.Combine(echo.GetReceived(r), setup.target.receive.col(r), combined);
                energy += combined.squaredNorm();
            }
        }
        const double measured =
            energy / DWELLS / setup.noise.sum() - static_cast<double>(setup.grid.GetSize());
        EXPECT_NEAR(measured / 30.0, 1.0, 0.01) << "fluctuation " << fluctuation;
    }
}

TEST(IsacEcho, OneLookDetectsAsClosedFormsSay)
{
    constexpr int DWELLS = 15000;
    constexpr double PFA = 0.01;
    const double threshold = cellfree::GetDetectionThreshold(PFA);
    for (const double decibels : {0.0, 5.0, 8.0, 11.0, 15.0})
    {
        const double snr = std::pow(10.0, decibels / 10);
        for (const auto fluctuation : {ISAC_SWERLING_1, ISAC_SWERLING_3, ISAC_CONSTANT})
        {
            auto setup = MakeSetup(1, 1, 0);
            SetSnr(setup, snr);
            const Eigen::ArrayXXd echoes =
                DrawPairLooks(setup, fluctuation, DWELLS, 1.0, 4).cwiseAbs2();
            ExpectShare((echoes > threshold).count(),
                        DWELLS,
                        fluctuation == ISAC_SWERLING_1
                            ? cellfree::GetSwerlingDetectionProbability(snr, PFA)
                        : fluctuation == ISAC_SWERLING_3
                            ? cellfree::GetSwerling3DetectionProbability(snr, PFA)
                            : cellfree::GetConstantDetectionProbability(snr, PFA),
                        "one look at " + std::to_string(decibels) + " dB");
        }
    }
    const auto setup = MakeSetup(1, 1, 0);
    const Eigen::ArrayXXd noise = DrawPairLooks(setup, ISAC_CONSTANT, DWELLS, 0.0, 5).cwiseAbs2();
    ExpectShare((noise > threshold).count(), DWELLS, PFA, "false alarms of one look");
}

TEST(IsacEcho, TheSumOfReceiversIsOneLookOfEquation7)
{
    // One stream from all transmitters: each receiver meets the sum of its pairs, and the sum of
    // the receivers' looks without weights has N_r L times (7) for its SNR.
    constexpr int DWELLS = 15000;
    constexpr double PFA = 0.01;
    for (const double snr : {0.0, 1.0, 10.0, 50.0})
    {
        auto setup = MakeSetup(3, 2, 1);
        setup.target.delay.setConstant(3e-7);
        setup.target.doppler.setConstant(100.0);
        if (snr > 0.0)
        {
            SetSnr(setup, snr);
        }
        const Eigen::MatrixXcd looks =
            DrawPairLooks(setup, ISAC_SWERLING_1, DWELLS, snr > 0.0 ? 1.0 : 0.0, 6);
        // Transmitter 0's waveform is the stream of all, but for a phase.
        const Eigen::ArrayXd sum =
            (std::sqrt(setup.noise(0)) * looks.row(0) + std::sqrt(setup.noise(1)) * looks.row(1))
                .cwiseAbs2()
                .transpose() /
            setup.noise.sum();
        ExpectShare((sum > cellfree::GetDetectionThreshold(PFA)).count(),
                    DWELLS,
                    cellfree::GetSwerlingDetectionProbability(snr, PFA),
                    "sum of receivers at SNR " + std::to_string(snr));
    }
}

TEST(IsacEcho, PooledPairsDetectAsClosedFormsSay)
{
    constexpr int DWELLS = 15000;
    constexpr double PFA = 0.01;
    const Eigen::MatrixXd noise =
        DrawPairLooks(MakeSetup(2, 2, 0), ISAC_CONSTANT, DWELLS, 0.0, 7).cwiseAbs2();
    for (const auto fluctuation : {ISAC_SWERLING_1, ISAC_SWERLING_3, ISAC_CONSTANT})
    {
        for (const double snr : {1.0, 2.0, 4.0, 8.0, 16.0})
        {
            auto setup = MakeSetup(2, 2, 0);
            SetSnr(setup, snr);
            IsacEcho echo;
            echo.SetUp(setup.grid, setup.beams);
            const Eigen::MatrixXd pairSnr = echo.GetPairSnr(setup.target, setup.noise);
            IsacPooledTest test;
            test.Design(pairSnr.reshaped(), fluctuation, PFA);
            const Eigen::MatrixXd power =
                DrawPairLooks(setup, fluctuation, DWELLS, 1.0, 7).cwiseAbs2();
            const std::string what = "four pairs at SNR " + std::to_string(snr);
            const auto count = [&test](const Eigen::MatrixXd& looks) {
                const Eigen::ArrayXd statistic = looks.transpose() * test.GetWeights();
                return (statistic > test.GetThreshold()).count();
            };
            ExpectShare(count(power), DWELLS, test.GetDetectionProbability(), what);
            ExpectShare(count(noise), DWELLS, PFA, what + ", false alarms");
        }
    }
}

TEST(IsacEcho, AReceiverThatSendsNothingAdds)
{
    constexpr int DWELLS = 15000;
    constexpr double PFA = 0.01;
    auto setup = MakeSetup(2, 3, 0);
    SetSnr(setup, 3.0);
    IsacEcho echo;
    echo.SetUp(setup.grid, setup.beams);
    const Eigen::MatrixXd pairSnr = echo.GetPairSnr(setup.target, setup.noise);
    const Eigen::MatrixXd power = DrawPairLooks(setup, ISAC_SWERLING_1, DWELLS, 1.0, 8).cwiseAbs2();
    double detected[2];
    for (const Eigen::Index nReceivers : {2, 3})
    {
        IsacPooledTest test;
        test.Design(pairSnr.topRows(nReceivers).reshaped(), ISAC_SWERLING_1, PFA);
        int64_t count = 0;
        for (int dwell = 0; dwell < DWELLS; ++dwell)
        {
            const auto looks = power.col(dwell).reshaped(3, 2).topRows(nReceivers).reshaped();
            count += test.GetWeights().dot(looks.matrix()) > test.GetThreshold();
        }
        ExpectShare(count, DWELLS, test.GetDetectionProbability(), "receivers");
        detected[nReceivers - 2] = static_cast<double>(count) / DWELLS;
    }
    EXPECT_GT(detected[1], detected[0] + 0.02);
}

TEST(IsacEcho, TransmitAndReceiveArraysDifferInSize)
{
    auto setup = MakeSetup(2, 2, 3);
    IsacEcho echo;
    echo.SetUp(setup.grid, setup.beams);
    const Eigen::MatrixXd two = echo.GetPairSnr(setup.target, setup.noise);
    setup.target.receive.resize(5, 2);
    setup.target.receive << GetSteering(5, 0.1), GetSteering(5, -0.7);
    EXPECT_LT((echo.GetPairSnr(setup.target, setup.noise) - 2.5 * two).norm(), 1e-12 * two.norm());
    // And the look of an echo is what its SNR says.
    setup.noise.setOnes();
    Source source(9);
    echo.DrawSymbols(ISAC_ORTHOGONAL, source.Get());
    echo.Clear(2, 5);
    setup.target.gain(1, 0) = 0.0;
    echo.AddEcho(setup.target, Eigen::MatrixXcd::Ones(2, 2));
    IsacSignals waveforms;
    IsacSignals combined;
    echo.GetWaveforms(setup.target.transmit, waveforms);
    IsacEchoReceiver receiver;
    receiver.SetUp(setup.grid);
    receiver.Combine(echo.GetReceived(1), setup.target.receive.col(1), combined);
    receiver.Load(waveforms.row(1), combined.row(0));
    EXPECT_NEAR(std::abs(receiver.GetLook(setup.target.delay(1, 1), setup.target.doppler(1, 1))),
                std::sqrt(5 * setup.target.gain(1, 1)) * waveforms.row(1).norm(),
                1e-10);
}

TEST(IsacEcho, TheMapPeaksInTheTargetsCell)
{
    Source source(10);
    const IsacEchoGrid grid{16, 12, 480e3, 0.5e-3};
    const IsacBeams beams{1, Eigen::MatrixXcd::Ones(1, 1)};
    IsacEcho echo;
    echo.SetUp(grid, beams);
    const Eigen::VectorXd delays = Eigen::VectorXd::LinSpaced(16, 0, 15) * grid.GetDelayCell();
    const Eigen::VectorXd dopplers = Eigen::VectorXd::LinSpaced(12, -6, 5) * grid.GetDopplerCell();
    for (const auto filter : {IsacEchoReceiver::CORRELATE, IsacEchoReceiver::DIVIDE})
    {
        echo.DrawSymbols(ISAC_QPSK, source.Get());
        IsacSignals received = IsacSignals::Zero(2, grid.GetSize());
        const Eigen::VectorXcd receive = GetSteering(2, 0.4);
        cellfree::AddPairEcho(grid,
                              receive,
                              echo.GetSymbols().row(0),
                              {0.3, -0.4},
                              delays(7),
                              dopplers(9),
                              received);
        IsacEchoReceiver receiver;
        receiver.SetUp(grid, filter);
        IsacSignals combined;
        receiver.Combine(received, receive, combined);
        receiver.Load(echo.GetSymbols().row(0), combined.row(0));
        Eigen::MatrixXcd map;
        receiver.GetMap(delays, dopplers, map);
        // On cells a two-dimensional discrete Fourier transform: nothing elsewhere.
        EXPECT_LT(std::abs(map(7, 9) - std::complex<double>(0.3, -0.4) * std::sqrt(2.0 * 16 * 12)),
                  1e-10);
        map(7, 9) = 0.0;
        EXPECT_LT(map.cwiseAbs().maxCoeff(), 1e-10);
    }
}

TEST(IsacEcho, APeakBetweenCellsIsFoundExactly)
{
    Source source(11);
    const auto uniform = source.Get();
    const IsacEchoGrid grid{16, 12, 480e3, 0.5e-3};
    const IsacBeams beams{1, Eigen::MatrixXcd::Ones(1, 1)};
    IsacEcho echo;
    echo.SetUp(grid, beams);
    IsacEchoReceiver receiver;
    receiver.SetUp(grid);
    for (int i = 0; i < 100; ++i)
    {
        const double delay = uniform() * 1e-6;
        const double doppler = (2 * uniform() - 1) * 800;
        echo.DrawSymbols(ISAC_QPSK, uniform);
        IsacSignals received = IsacSignals::Zero(1, grid.GetSize());
        cellfree::AddPairEcho(grid,
                              Eigen::VectorXcd::Ones(1),
                              echo.GetSymbols().row(0),
                              2.0,
                              delay,
                              doppler,
                              received);
        receiver.Load(echo.GetSymbols().row(0), received.row(0));
        const auto peak = receiver.FindPeak(5e-7, 0.0, 5e-7, 800.0);
        EXPECT_NEAR(peak.delay, delay, 1e-6 * grid.GetDelayCell());
        EXPECT_NEAR(peak.doppler, doppler, 1e-6 * grid.GetDopplerCell());
        EXPECT_NEAR(std::abs(peak.look), 2.0 * std::sqrt(16.0 * 12.0), 1e-8);
    }
}

TEST(IsacEcho, EstimatesReachTheCramerRaoBound)
{
    // Of a tone in two dimensions with unknown complex amplitude (D. Rife, R. Boorstyn, IEEE Trans.
    // Inf. Theory 20(5), 1974, per dimension): variance 1 / (2 s (2 pi)^2 var(f)). The standard
    // deviation of 3000 errors has a 99 % half width of 3.3 %.
    constexpr int DWELLS = 3000;
    Source source(12);
    const auto uniform = source.Get();
    const IsacEchoGrid grid{8, 10, 480e3, 0.5e-3};
    const IsacBeams beams{1, Eigen::MatrixXcd::Ones(1, 1)};
    IsacEcho echo;
    echo.SetUp(grid, beams);
    IsacEchoReceiver receiver;
    receiver.SetUp(grid);
    const double snr = 1000.0;
    const Eigen::VectorXd noise = Eigen::VectorXd::Constant(1, grid.GetSize() / snr);
    double delayErrors = 0.0;
    double dopplerErrors = 0.0;
    for (int dwell = 0; dwell < DWELLS; ++dwell)
    {
        echo.DrawSymbols(ISAC_QPSK, uniform);
        echo.Clear(1, 1);
        const double delay = (0.2 + 0.6 * uniform()) * 1e-6;
        const double doppler = (2 * uniform() - 1) * 500;
        cellfree::AddPairEcho(grid,
                              Eigen::VectorXcd::Ones(1),
                              echo.GetSymbols().row(0),
                              std::polar(1.0, 2 * M_PI * uniform()),
                              delay,
                              doppler,
                              echo.GetReceived(0));
        echo.AddNoise(noise, uniform);
        receiver.Load(echo.GetSymbols().row(0), echo.GetReceived(0).row(0));
        const auto peak = receiver.FindPeak(5e-7, 0.0, 5e-7, 700.0);
        delayErrors += std::pow(peak.delay - delay, 2);
        dopplerErrors += std::pow(peak.doppler - doppler, 2);
    }
    const double frequencies = std::pow(2 * M_PI * grid.spacing, 2) * (8 * 8 - 1) / 12;
    const double times = std::pow(2 * M_PI * grid.interval, 2) * (10 * 10 - 1) / 12;
    EXPECT_NEAR(std::sqrt(delayErrors / DWELLS * 2 * snr * frequencies), 1.0, 0.033);
    EXPECT_NEAR(std::sqrt(dopplerErrors / DWELLS * 2 * snr * times), 1.0, 0.033);
}

TEST(IsacEcho, OneStreamsRemovalOfWhatIsAtRestIsAMeanFilter)
{
    Source source(13);
    const auto uniform = source.Get();
    const IsacEchoGrid grid{4, 8, 240e3, 0.5e-3};
    const IsacBeams beams{1, Eigen::MatrixXcd::Ones(1, 1)};
    IsacEcho echo;
    echo.SetUp(grid, beams);
    echo.DrawSymbols(ISAC_QPSK, uniform);
    IsacSignals signal(1, grid.GetSize());
    for (auto& x : signal.reshaped())
    {
        x = cellfree::DrawGaussian(uniform);
    }
    // Take the symbols off, subtract each subcarrier's mean, put them back.
    Eigen::MatrixXcd expected =
        grid.View(signal.data()).cwiseQuotient(grid.View(echo.GetSymbols().data()));
    expected.colwise() -= expected.rowwise().mean().eval();
    expected.array() *= grid.View(echo.GetSymbols().data()).array();
    IsacEchoReceiver receiver;
    receiver.SetUp(grid);
    receiver.RemoveStatic(echo.GetSymbols(), signal);
    EXPECT_LT((grid.View(signal.data()) - expected).norm(), 1e-10);

    // A target loses what the mean of its phases had: the Dirichlet kernel.
    for (const double cells : {0.0, 0.1, 0.5, 1.0, 1.7})
    {
        const double x = M_PI * cells / 8;
        const double kernel = cells == 0.0 ? 1.0 : std::sin(8 * x) / (8 * std::sin(x));
        EXPECT_NEAR(receiver.GetStaticShare(echo.GetSymbols(),
                                            echo.GetSymbols().row(0),
                                            1e-7,
                                            cells * grid.GetDopplerCell()),
                    1.0 - kernel * kernel,
                    1e-10);
    }
}

TEST(IsacEcho, ClutterOfEveryTransmitterIsRemoved)
{
    // Several streams, clutter 60 dB above the target; what is left of the target is its share.
    Source source(14);
    const auto uniform = source.Get();
    auto setup = MakeSetup(3, 1, 4);
    setup.grid = {6, 16, 240e3, 0.5e-3};
    setup.target.doppler.setConstant(2.3 * setup.grid.GetDopplerCell());
    IsacEcho echo;
    echo.SetUp(setup.grid, setup.beams);
    IsacEchoReceiver receiver;
    receiver.SetUp(setup.grid);
    IsacSignals combined[2];
    IsacSignals waveforms;
    echo.DrawSymbols(ISAC_QPSK, uniform);
    const Eigen::MatrixXcd reflections = Eigen::MatrixXcd::Ones(1, 3);
    for (const int isCluttered : {0, 1})
    {
        echo.Clear(1, 2);
        echo.AddEcho(setup.target, reflections);
        for (int i = 0; i < 5 * isCluttered; ++i)
        {
            auto clutter = setup.target;
            clutter.transmit.colwise() = GetSteering(3, 2 * uniform() - 1);
            clutter.receive.col(0) = GetSteering(2, 2 * uniform() - 1);
            clutter.gain.setConstant(1e6);
            clutter.delay.setConstant(1e-6 * uniform());
            clutter.doppler.setZero();
            echo.AddEcho(clutter, reflections);
        }
        receiver.Combine(echo.GetReceived(0), setup.target.receive.col(0), combined[isCluttered]);
    }
    const double before = (combined[1] - combined[0]).norm();
    for (auto& signal : combined)
    {
        receiver.RemoveStatic(echo.GetSymbols(), signal);
    }
    EXPECT_LT((combined[1] - combined[0]).norm(), 1e-9 * before);
    // Of one transmitter's echo by itself.
    echo.GetWaveforms(setup.target.transmit, waveforms);
    IsacSignals alone = IsacSignals::Zero(1, setup.grid.GetSize());
    cellfree::AddPairEcho(setup.grid,
                          Eigen::VectorXcd::Ones(1),
                          waveforms.row(1),
                          1.0,
                          setup.target.delay(0, 1),
                          setup.target.doppler(0, 1),
                          alone);
    receiver.RemoveStatic(echo.GetSymbols(), alone);
    receiver.Load(waveforms.row(1), alone.row(0));
    const double share = receiver.GetStaticShare(echo.GetSymbols(),
                                                 waveforms.row(1),
                                                 setup.target.delay(0, 1),
                                                 setup.target.doppler(0, 1));
    EXPECT_GT(share, 0.5);
    EXPECT_LT(share, 1.0);
    EXPECT_NEAR(std::abs(receiver.GetLook(setup.target.delay(0, 1), setup.target.doppler(0, 1))),
                share * waveforms.row(1).norm(),
                1e-9);
}

TEST(IsacEcho, SelfInterferenceRaisesTheNoiseByItsPower)
{
    constexpr int DWELLS = 10000;
    auto setup = MakeSetup(2, 2, 0);
    IsacEcho echo;
    echo.SetUp(setup.grid, setup.beams);
    // Of both receivers' own transmitters; a steering vector for a beam has the power 3.
    Eigen::MatrixXd residue = Eigen::MatrixXd::Zero(2, 2);
    residue(0, 0) = 0.5;
    residue(1, 1) = 2.0;
    const Eigen::VectorXd thermal = setup.noise;
    setup.noise = echo.GetNoise(thermal, residue);
    EXPECT_NEAR(setup.noise(0), thermal(0) + 1.5, 1e-12);
    EXPECT_NEAR(setup.noise(1), thermal(1) + 6.0, 1e-12);
    // Looks over the thermal noise: the mean of 10000 exponentials has a 99 % half width of 2.6 %.
    const Eigen::ArrayXXd power = DrawPairLooks(setup, ISAC_CONSTANT, DWELLS, 0.0, 15).cwiseAbs2();
    for (Eigen::Index r = 0; r < 2; ++r)
    {
        const double raised = power.row(r).mean() * setup.noise(r) / thermal(r);
        EXPECT_NEAR(raised / (1.0 + (r == 0 ? 1.5 : 6.0) / thermal(r)), 1.0, 0.026);
    }
}

TEST(IsacEcho, LooksHaveTheNoiseOfAnElementByEitherFilter)
{
    constexpr int DWELLS = 10000;
    Source source(16);
    const auto uniform = source.Get();
    const IsacEchoGrid grid{4, 4, 240e3, 0.5e-3};
    IsacBeams beams{1, Eigen::MatrixXcd::Zero(1, 2)};
    beams.f << 1.0, 0.5;
    IsacEcho echo;
    echo.SetUp(grid, beams);
    for (const auto filter : {IsacEchoReceiver::CORRELATE, IsacEchoReceiver::DIVIDE})
    {
        IsacEchoReceiver receiver;
        receiver.SetUp(grid, filter);
        IsacSignals waveforms;
        double power = 0.0;
        for (int dwell = 0; dwell < DWELLS; ++dwell)
        {
            echo.DrawSymbols(ISAC_QPSK, uniform);
            echo.Clear(1, 1);
            echo.AddNoise(Eigen::VectorXd::Constant(1, 3.0), uniform);
            echo.GetWaveforms(Eigen::MatrixXcd::Ones(1, 1), waveforms);
            receiver.Load(waveforms.row(0), echo.GetReceived(0).row(0));
            power += std::norm(receiver.GetLook(1.1e-6, 123.0)) / DWELLS;
        }
        EXPECT_NEAR(power / 3.0, 1.0, 0.026);
    }
}

TEST(IsacEcho, ADwellAllocatesNothing)
{
    if (!CanCountTestAllocations())
    {
        GTEST_SKIP() << "allocations are not counted in this build";
    }
    Source source(17);
    const auto uniform = source.Get();
    auto setup = MakeSetup(3, 2, 4);
    IsacEcho echo;
    echo.SetUp(setup.grid, setup.beams);
    IsacEchoReceiver receiver;
    receiver.SetUp(setup.grid);
    Eigen::MatrixXcd reflections(2, 3);
    IsacSignals waveforms;
    IsacSignals combined;
    const auto dwell = [&]() {
        echo.DrawSymbols(ISAC_QPSK, uniform);
        cellfree::DrawReflections(ISAC_SWERLING_1, uniform, reflections);
        echo.Clear(2, 2);
        echo.AddEcho(setup.target, reflections);
        echo.AddNoise(setup.noise, uniform);
        echo.GetWaveforms(setup.target.transmit, waveforms);
        receiver.Combine(echo.GetReceived(1), setup.target.receive.col(1), combined);
        receiver.RemoveStatic(echo.GetSymbols(), combined);
        receiver.Load(waveforms.row(1), combined.row(0));
        return receiver.FindPeak(1e-6, 0.0, 1e-6, 500.0).delay;
    };
    dwell();
    const auto before = GetNTestAllocations();
    dwell();
    EXPECT_EQ(GetNTestAllocations() - before, 0);
}
