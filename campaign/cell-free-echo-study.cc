// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-echo-study.h"

#include "ns3/isac-link-budget.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace ns3
{

namespace
{

/// Half the width of a two-sided 99 % interval in standard errors.
constexpr double CONFIDENCE_99 = 2.576;

/// Pd over SNR and Pfa of one look. @param fluctuation of the target @return the function
double (*GetClosedForm(IsacFluctuation fluctuation))(double, double)
{
    return fluctuation == ISAC_SWERLING_1   ? cellfree::GetSwerlingDetectionProbability
           : fluctuation == ISAC_SWERLING_3 ? cellfree::GetSwerling3DetectionProbability
                                            : cellfree::GetConstantDetectionProbability;
}

/// Draws and measures dwells of one study.
class EchoRun
{
  public:
    /// @param study what to measure @param uniform source of randomness
    EchoRun(const CellFreeEchoStudy& study, const IsacUniform& uniform);

    /// SNRs, false alarms, detections. @param[out] report where to
    void MeasureDetection(CellFreeEchoReport& report);
    /// Errors of the strongest pair's estimates. @param[out] report where to
    void MeasureEstimates(CellFreeEchoReport& report);
    /// Looks behind clutter. @param[out] report where to
    void MeasureClutter(CellFreeEchoReport& report);
    /// A range-Doppler map. @param[out] report where to
    void DrawMap(CellFreeEchoReport& report);

  private:
    /// A point as the APs see it. @param place where (m) @param velocity of it (m/s) @return it
    IsacReflector MakePoint(const Eigen::Vector2d& place, const Eigen::Vector2d& velocity) const;
    /// The part of a point that the strongest pair's receiver sees. @param all it @return that
    IsacReflector AtStrongestReceiver(const IsacReflector& all) const;
    /// Draws a dwell of the strongest pair's receiver with clutter, without noise.
    void DrawCluttered();
    /// Adds a share. @param name of it @param hits of nDwells @param theory of it @param[out] to
    void AddShare(const std::string& name,
                  int64_t hits,
                  double theory,
                  std::vector<CellFreeEchoFigure>& to) const;

    /// Statistics of a detector over dwells: of echoes alone and noise alone, both linear.
    struct Looks
    {
        Eigen::MatrixXcd echo;  //!< K x dwells
        Eigen::MatrixXcd noise; //!< K x dwells
    };

    const CellFreeEchoStudy& m_study;       //!< what to measure
    const IsacUniform& m_uniform;           //!< source of randomness
    double m_wavelength;                    //!< (m)
    IsacReflector m_target;                 //!< the target
    std::vector<IsacReflector> m_clutter;   //!< points at rest, at the strongest pair's receiver
    IsacBeams m_own;                        //!< a stream a transmitter
    IsacBeams m_common;                     //!< one stream of all
    Eigen::VectorXd m_noise;                //!< R: with residual self-interference (W)
    double m_thermal{1.0};                  //!< noise without (W)
    Eigen::MatrixXd m_pairSnr;              //!< R x M, after combining
    Eigen::Index m_strongestReceiver{0};    //!< of the strongest pair
    Eigen::Index m_strongestTransmitter{0}; //!< of the strongest pair
    IsacReflector m_seen;                   //!< the target, at the strongest pair's receiver
    IsacEcho m_echo;                        //!< own streams
    IsacEchoReceiver m_receiver;            //!< what receives
};

EchoRun::EchoRun(const CellFreeEchoStudy& study, const IsacUniform& uniform)
    : m_study(study),
      m_uniform(uniform),
      m_wavelength(ISAC_SPEED_OF_LIGHT / study.frequency)
{
    const double heading = 0.6;
    m_target = MakePoint(study.radius * Eigen::Vector2d(0.15, 0.2),
                         study.speed * Eigen::Vector2d(std::cos(heading), std::sin(heading)));
    const Eigen::Index antennas = study.nTransmitAntennas;
    m_own.nAntennas = m_common.nAntennas = antennas;
    m_own.f.setZero(study.nTransmitters * antennas, study.nTransmitters);
    m_common.f.setZero(study.nTransmitters * antennas, 1);
    for (Eigen::Index m = 0; m < study.nTransmitters; ++m)
    {
        m_own.Ap(m).col(m) = m_target.transmit.col(m).normalized();
        m_common.Ap(m).col(0) = m_own.Ap(m).col(m);
    }
    m_echo.SetUp(study.grid, m_own);
    m_receiver.SetUp(study.grid);
    if (study.isEqual)
    {
        m_target.gain.setOnes();
    }
    const auto ones = Eigen::VectorXd::Ones(study.nReceivers);
    m_thermal =
        m_echo.GetPairSnr(m_target, ones).sum() / static_cast<double>(study.nReceivers) / study.snr;
    m_noise = m_thermal * ones;
    if (!study.isSeparate)
    {
        // All transmitters send 1 W.
        Eigen::MatrixXd residue = Eigen::MatrixXd::Zero(study.nReceivers, study.nTransmitters);
        residue.diagonal().setConstant(study.selfInterference * m_thermal);
        m_noise = m_echo.GetNoise(m_noise, residue);
    }
    m_pairSnr = m_echo.GetPairSnr(m_target, m_noise);
    m_pairSnr.maxCoeff(&m_strongestReceiver, &m_strongestTransmitter);
    m_seen = AtStrongestReceiver(m_target);
    for (Eigen::Index i = 0; i < study.nClutter; ++i)
    {
        const double distance = study.radius * std::sqrt(0.05 + 0.9 * uniform());
        const double angle = 2 * M_PI * uniform();
        auto point = AtStrongestReceiver(
            MakePoint(distance * Eigen::Vector2d(std::cos(angle), std::sin(angle)),
                      Eigen::Vector2d::Zero()));
        point.gain *= study.clutterRatio * m_seen.gain(0, m_strongestTransmitter) /
                      point.gain(0, m_strongestTransmitter);
        m_clutter.push_back(point);
    }
}

IsacReflector
EchoRun::MakePoint(const Eigen::Vector2d& place, const Eigen::Vector2d& velocity) const
{
    const Eigen::Index nTransmitters = m_study.nTransmitters;
    const Eigen::Index nReceivers = m_study.nReceivers;
    const Eigen::Index nAps =
        m_study.isSeparate ? nTransmitters + nReceivers : std::max(nTransmitters, nReceivers);
    IsacReflector point;
    point.transmit.resize(m_study.nTransmitAntennas, nTransmitters);
    point.receive.resize(m_study.nReceiveAntennas, nReceivers);
    point.gain.resize(nReceivers, nTransmitters);
    point.delay.resize(nReceivers, nTransmitters);
    point.doppler.resize(nReceivers, nTransmitters);
    Eigen::VectorXd distances(nAps);
    Eigen::VectorXd rates(nAps);
    for (Eigen::Index ap = 0; ap < nAps; ++ap)
    {
        const double angle = 2 * M_PI * (ap + 0.1) / nAps;
        const Eigen::Vector2d outwards(std::cos(angle), std::sin(angle));
        const Eigen::Vector2d along(-outwards.y(), outwards.x());
        const Eigen::Vector2d path = place - m_study.radius * outwards;
        distances(ap) = path.norm();
        rates(ap) = velocity.dot(path) / path.norm();
        const double turn = -M_PI * path.dot(along) / path.norm();
        const auto fill = [turn](auto&& steering) {
            for (Eigen::Index n = 0; n < steering.size(); ++n)
            {
                steering(n) = std::polar(1.0, turn * n);
            }
        };
        if (ap < nTransmitters)
        {
            fill(point.transmit.col(ap));
        }
        const Eigen::Index r = m_study.isSeparate ? ap - nTransmitters : ap;
        if (r >= 0 && r < nReceivers)
        {
            fill(point.receive.col(r));
        }
    }
    for (Eigen::Index m = 0; m < nTransmitters; ++m)
    {
        for (Eigen::Index r = 0; r < nReceivers; ++r)
        {
            const Eigen::Index ap = m_study.isSeparate ? nTransmitters + r : r;
            point.gain(r, m) =
                cellfree::GetBistaticGain(m_wavelength, 1.0, 1.0, distances(m), 1.0, distances(ap));
            point.delay(r, m) = (distances(m) + distances(ap)) / ISAC_SPEED_OF_LIGHT;
            point.doppler(r, m) = -(rates(m) + rates(ap)) / m_wavelength;
        }
    }
    return point;
}

IsacReflector
EchoRun::AtStrongestReceiver(const IsacReflector& all) const
{
    const auto r = m_strongestReceiver;
    return {all.transmit,
            all.receive.col(r),
            all.gain.row(r),
            all.delay.row(r),
            all.doppler.row(r)};
}

void
EchoRun::AddShare(const std::string& name,
                  int64_t hits,
                  double theory,
                  std::vector<CellFreeEchoFigure>& to) const
{
    const double share = static_cast<double>(hits) / m_study.nDwells;
    // The standard error that theory says: that of what was measured is 0 where nothing was hit.
    const double error = std::sqrt(theory * (1 - theory) / m_study.nDwells);
    to.push_back({name, share, CONFIDENCE_99 * error, theory, "1"});
}

void
EchoRun::MeasureDetection(CellFreeEchoReport& report)
{
    const auto nReceivers = m_study.nReceivers;
    const auto nTransmitters = m_study.nTransmitters;
    const auto nPairs = nReceivers * nTransmitters;
    const auto nDwells = m_study.nDwells;
    IsacEcho common;
    common.SetUp(m_study.grid, m_common);
    IsacEcho noise;
    noise.SetUp(m_study.grid, m_common);
    // One stream: transmitters send it so that it meets the target at once and with one Doppler
    // shift; a receiver could not add their echoes otherwise.
    auto together = m_target;
    together.delay.setConstant(m_target.delay(m_strongestReceiver, m_strongestTransmitter));
    together.doppler.setConstant(m_target.doppler(m_strongestReceiver, m_strongestTransmitter));

    Looks joint{Eigen::MatrixXcd(1, nDwells), Eigen::MatrixXcd(1, nDwells)};
    Looks pairs{Eigen::MatrixXcd(nPairs, nDwells), Eigen::MatrixXcd(nPairs, nDwells)};
    Eigen::ArrayXXd energy = Eigen::ArrayXXd::Zero(nDwells, 2);
    Eigen::MatrixXcd reflections(nReceivers, nTransmitters);
    IsacSignals waveforms;
    IsacSignals combined;
    IsacSignals combinedNoise;
    const double elements = m_study.grid.GetSize();
    for (int64_t dwell = 0; dwell < nDwells; ++dwell)
    {
        noise.Clear(nReceivers, m_study.nReceiveAntennas);
        noise.AddNoise(m_noise, m_uniform);
        cellfree::DrawReflections(m_study.fluctuation, m_uniform, reflections);
        for (const bool isCommon : {false, true})
        {
            auto& echo = isCommon ? common : m_echo;
            const auto& target = isCommon ? together : m_target;
            echo.DrawSymbols(m_study.waveform, m_uniform);
            echo.Clear(nReceivers, m_study.nReceiveAntennas);
            echo.AddEcho(target, reflections);
            echo.GetWaveforms(target.transmit, waveforms);
            std::complex<double> echoSum = 0.0;
            std::complex<double> noiseSum = 0.0;
            for (Eigen::Index r = 0; r < nReceivers; ++r)
            {
                const auto receive = target.receive.col(r);
                m_receiver.Combine(noise.GetReceived(r), receive, combinedNoise);
                m_receiver.Combine(echo.GetReceived(r), receive, combined);
                energy(dwell, isCommon) +=
                    (combined + combinedNoise).squaredNorm() - elements * m_noise(r);
                for (Eigen::Index m = 0; m < (isCommon ? 1 : nTransmitters); ++m)
                {
                    for (const bool isNoise : {false, true})
                    {
                        const auto& signal = isNoise ? combinedNoise : combined;
                        m_receiver.Load(waveforms.row(m), signal.row(0));
                        const auto look =
                            m_receiver.GetLook(target.delay(r, m), target.doppler(r, m));
                        if (isCommon)
                        {
                            (isNoise ? noiseSum : echoSum) += look;
                        }
                        else
                        {
                            (isNoise ? pairs.noise : pairs.echo)(r + nReceivers * m, dwell) =
                                look / std::sqrt(m_noise(r));
                        }
                    }
                }
            }
            if (isCommon)
            {
                joint.echo(0, dwell) = echoSum / std::sqrt(m_noise.sum());
                joint.noise(0, dwell) = noiseSum / std::sqrt(m_noise.sum());
            }
        }
    }

    const double snr = (m_noise.asDiagonal() * m_pairSnr).sum() / m_noise.sum();
    for (const int isCommon : {1, 0})
    {
        const Eigen::ArrayXd samples = energy.col(isCommon) / m_noise.sum();
        const double variance = (samples - samples.mean()).square().sum() / (nDwells - 1);
        report.snr.push_back({isCommon == 1 ? "N_r L SNR, one stream of all transmitters"
                                            : "N_r L SNR, a stream a transmitter",
                              samples.mean(),
                              CONFIDENCE_99 * std::sqrt(variance / nDwells),
                              snr,
                              "1"});
    }

    // Looks at powers of the echo relative to the full one.
    const auto countJoint = [&joint](double scale, double threshold) {
        return ((std::sqrt(scale) * joint.echo + joint.noise).array().abs2() > threshold).count();
    };
    const auto countPairs =
        [&pairs](double scale, double threshold, const Eigen::VectorXd& weights) {
            const Eigen::ArrayXd statistic =
                (std::sqrt(scale) * pairs.echo + pairs.noise).cwiseAbs2().transpose() * weights;
            return (statistic > threshold).count();
        };
    const auto getPd = GetClosedForm(m_study.fluctuation);
    const Eigen::Index strongest = m_strongestReceiver + nReceivers * m_strongestTransmitter;
    const Eigen::VectorXd alone = Eigen::VectorXd::Unit(nPairs, strongest);
    const std::string one = "one look of equation (7)";
    const std::string pair = "strongest pair";
    const std::string all = std::to_string(nPairs) + (nPairs == 1 ? " pair" : " pairs pooled");
    const double oneLookThreshold = cellfree::GetDetectionThreshold(m_study.pfa);
    // Only Gaussian reflections have a sum of the same law.
    const bool isJoint = m_study.fluctuation == ISAC_SWERLING_1 || nPairs == 1;
    const Eigen::VectorXd pairSnr = m_pairSnr.reshaped();
    IsacPooledTest test;
    for (std::size_t i = 0; i < m_study.relativeSnrs.size(); ++i)
    {
        const double scale = m_study.relativeSnrs[i];
        test.Design(scale * pairSnr, m_study.fluctuation, m_study.pfa);
        if (i == 0)
        {
            AddShare("Pfa, " + one,
                     countJoint(0.0, oneLookThreshold),
                     m_study.pfa,
                     report.falseAlarms);
            AddShare("Pfa, " + pair,
                     countPairs(0.0, oneLookThreshold, alone),
                     m_study.pfa,
                     report.falseAlarms);
            AddShare("Pfa, " + all,
                     countPairs(0.0, test.GetThreshold(), test.GetWeights()),
                     m_study.pfa,
                     report.falseAlarms);
        }
        std::ostringstream text;
        text.precision(3);
        text << " at " << cellfree::ToDecibels(scale * m_study.snr) << " dB";
        if (isJoint)
        {
            AddShare("Pd, " + one + text.str(),
                     countJoint(scale, oneLookThreshold),
                     getPd(scale * snr, m_study.pfa),
                     report.detections);
        }
        AddShare("Pd, " + pair + text.str(),
                 countPairs(scale, oneLookThreshold, alone),
                 getPd(scale * pairSnr(strongest), m_study.pfa),
                 report.detections);
        AddShare("Pd, " + all + text.str(),
                 countPairs(scale, test.GetThreshold(), test.GetWeights()),
                 test.GetDetectionProbability(),
                 report.detections);
    }

    const double relative = m_study.rocRelativeSnr;
    if (relative <= 0.0)
    {
        return;
    }
    const auto addPoint = [&](const std::string& name,
                              double pfa,
                              int64_t falseAlarms,
                              int64_t detections,
                              double pd) {
        const auto getHalfWidth = [nDwells](double p) {
            return CONFIDENCE_99 * std::sqrt(p * (1 - p) / nDwells);
        };
        report.roc.push_back({name,
                              relative * m_study.snr,
                              pfa,
                              static_cast<double>(falseAlarms) / nDwells,
                              getHalfWidth(pfa),
                              static_cast<double>(detections) / nDwells,
                              getHalfWidth(pd),
                              pd});
    };
    for (double exponent = -4.0; exponent < -0.3; exponent += 0.25)
    {
        const double pfa = std::pow(10.0, exponent);
        const double threshold = cellfree::GetDetectionThreshold(pfa);
        test.Design(relative * pairSnr, m_study.fluctuation, pfa);
        if (isJoint)
        {
            addPoint(one,
                     pfa,
                     countJoint(0.0, threshold),
                     countJoint(relative, threshold),
                     getPd(relative * snr, pfa));
        }
        addPoint(pair,
                 pfa,
                 countPairs(0.0, threshold, alone),
                 countPairs(relative, threshold, alone),
                 getPd(relative * pairSnr(strongest), pfa));
        addPoint(all,
                 pfa,
                 countPairs(0.0, test.GetThreshold(), test.GetWeights()),
                 countPairs(relative, test.GetThreshold(), test.GetWeights()),
                 test.GetDetectionProbability());
    }
}

void
EchoRun::MeasureEstimates(CellFreeEchoReport& report)
{
    const auto m = m_strongestTransmitter;
    const auto& grid = m_study.grid;
    const auto nReceiveAntennas = m_study.nReceiveAntennas;
    Eigen::ArrayX3d squares(m_study.nEstimates, 3);
    const Eigen::VectorXd noise = m_noise.segment(m_strongestReceiver, 1);
    // The direction cosine that a steering vector has, and the windows to search.
    const auto getCosine = [](const auto& steering) {
        return steering.size() < 2 ? 0.0 : std::arg(steering(1) / steering(0)) / M_PI;
    };
    const double cosine = getCosine(m_seen.receive.col(0));
    const double halfDelay = 0.45 / grid.spacing;
    const double halfDoppler = 0.45 / grid.interval;
    IsacSignals waveforms;
    IsacSignals combined;
    // Over antennas it is the same search as over symbols.
    IsacEchoReceiver array;
    array.SetUp({1, nReceiveAntennas, 1.0, 0.5});
    const Eigen::RowVectorXcd ones = Eigen::RowVectorXcd::Ones(nReceiveAntennas);
    Eigen::RowVectorXcd snapshot(nReceiveAntennas);
    for (int64_t i = 0; i < m_study.nEstimates; ++i)
    {
        m_echo.DrawSymbols(m_study.waveform, m_uniform);
        m_echo.Clear(1, nReceiveAntennas);
        m_echo.GetWaveforms(m_seen.transmit, waveforms);
        // Of this pair alone and of constant strength: the bound is one number then.
        cellfree::AddPairEcho(grid,
                              m_seen.receive.col(0),
                              waveforms.row(m),
                              std::polar(std::sqrt(m_seen.gain(0, m)), 2 * M_PI * m_uniform()),
                              m_seen.delay(0, m),
                              m_seen.doppler(0, m),
                              m_echo.GetReceived(0));
        m_echo.AddNoise(noise, m_uniform);
        m_receiver.Combine(m_echo.GetReceived(0), m_seen.receive.col(0), combined);
        m_receiver.Load(waveforms.row(m), combined.row(0));
        // The search is not centred on the target, so that a cell's middle is nothing special.
        const auto peak = m_receiver.FindPeak(m_seen.delay(0, m) + 0.3 * grid.GetDelayCell(),
                                              m_seen.doppler(0, m) + 0.2 * grid.GetDopplerCell(),
                                              halfDelay,
                                              halfDoppler);
        squares(i, 0) = std::pow(peak.delay - m_seen.delay(0, m), 2);
        squares(i, 1) = std::pow(peak.doppler - m_seen.doppler(0, m), 2);
        for (Eigen::Index n = 0; n < nReceiveAntennas; ++n)
        {
            m_receiver.Load(waveforms.row(m), m_echo.GetReceived(0).row(n));
            snapshot(n) = m_receiver.GetLook(peak.delay, peak.doppler);
        }
        array.Load(ones, snapshot);
        squares(i, 2) = std::pow(
            std::remainder(array.FindPeak(0.0, cosine + 0.1, 0.0, 0.9).doppler - cosine, 2.0),
            2);
    }
    // Rife and Boorstyn (1974) for each dimension: the grid has no cross terms.
    const double snr = m_pairSnr(m_strongestReceiver, m);
    const auto getBound = [snr](double step, double n) {
        return 1.0 / (2 * M_PI * step * std::sqrt(2 * snr * (n * n - 1) / 12));
    };
    const auto add = [&](const std::string& name, int column, double bound, const char* unit) {
        const Eigen::ArrayXd samples = squares.col(column);
        const double rms = std::sqrt(samples.mean());
        const double error = std::sqrt((samples - samples.mean()).square().sum() /
                                       (samples.size() - 1.0) / samples.size());
        report.estimates.push_back(
            {name, rms, rms > 0.0 ? CONFIDENCE_99 * error / (2 * rms) : 0.0, bound, unit});
    };
    if (grid.nSubcarriers > 1)
    {
        add("rms error of the delay", 0, getBound(grid.spacing, grid.nSubcarriers), "s");
    }
    if (grid.nSymbols > 1)
    {
        add("rms error of the Doppler shift", 1, getBound(grid.interval, grid.nSymbols), "Hz");
    }
    if (nReceiveAntennas > 1)
    {
        add("rms error of the direction cosine", 2, getBound(0.5, nReceiveAntennas), "1");
    }
}

void
EchoRun::DrawCluttered()
{
    m_echo.DrawSymbols(m_study.waveform, m_uniform);
    m_echo.Clear(1, m_study.nReceiveAntennas);
    Eigen::MatrixXcd reflections(1, m_study.nTransmitters);
    for (const auto& point : m_clutter)
    {
        cellfree::DrawReflections(ISAC_CONSTANT, m_uniform, reflections);
        m_echo.AddEcho(point, reflections);
    }
}

void
EchoRun::MeasureClutter(CellFreeEchoReport& report)
{
    const auto m = m_strongestTransmitter;
    const double delay = m_seen.delay(0, m);
    const double doppler = m_seen.doppler(0, m);
    const double noise = m_noise(m_strongestReceiver);
    const double threshold = cellfree::GetDetectionThreshold(m_study.pfa);
    const int64_t nDwells = std::min<int64_t>(m_study.nDwells, 2000);
    const auto getPd = GetClosedForm(m_study.fluctuation);
    Eigen::ArrayX2d residue(nDwells, 2);
    Eigen::MatrixXcd reflections(1, m_study.nTransmitters);
    IsacSignals waveforms;
    IsacSignals signals;
    IsacSignals combined;
    int64_t alarms = 0;
    int64_t detections = 0;
    double pd = 0.0;
    double share = 0.0;
    for (int64_t i = 0; i < nDwells; ++i)
    {
        DrawCluttered();
        m_echo.GetWaveforms(m_seen.transmit, waveforms);
        const auto combine = [&](Eigen::Index row) {
            m_receiver.Combine(m_echo.GetReceived(0), m_seen.receive.col(0), combined);
            signals.row(row) = combined.row(0);
        };
        const auto getLook = [&](Eigen::Index row) {
            m_receiver.Load(waveforms.row(m), signals.row(row));
            return m_receiver.GetLook(delay, doppler) / std::sqrt(noise);
        };
        // Clutter alone, with noise, and with the target.
        signals.resize(3, m_study.grid.GetSize());
        combine(0);
        m_echo.AddNoise(Eigen::VectorXd::Constant(1, noise), m_uniform);
        combine(1);
        cellfree::DrawReflections(m_study.fluctuation, m_uniform, reflections);
        m_echo.AddEcho(m_seen, reflections);
        combine(2);
        residue(i, 0) = std::norm(getLook(0));
        const double kept =
            m_receiver.GetStaticShare(m_echo.GetSymbols(), waveforms.row(m), delay, doppler);
        if (kept < 1e-6)
        {
            // A target at rest is clutter.
            return;
        }
        m_receiver.RemoveStatic(m_echo.GetSymbols(), signals);
        residue(i, 1) = std::norm(getLook(0));
        alarms += std::norm(getLook(1)) > threshold * kept;
        detections += std::norm(getLook(2)) > threshold * kept;
        const double snr = kept * m_pairSnr(m_strongestReceiver, m);
        share += kept / nDwells;
        pd += getPd(snr, m_study.pfa) / nDwells;
    }
    const auto add = [&](const std::string& name, int64_t hits, double theory) {
        report.clutter.push_back({name,
                                  static_cast<double>(hits) / nDwells,
                                  CONFIDENCE_99 * std::sqrt(theory * (1 - theory) / nDwells),
                                  theory,
                                  "1"});
    };
    add("Pfa, strongest pair behind clutter", alarms, m_study.pfa);
    std::ostringstream text;
    text.precision(3);
    text << "Pd, strongest pair behind clutter at " << cellfree::ToDecibels(m_study.snr) << " dB";
    add(text.str(), detections, pd);
    const char* names[] = {"clutter in the target's look, over noise",
                           "the same after removal of what is at rest"};
    for (int i = 0; i < 2; ++i)
    {
        const Eigen::ArrayXd samples = residue.col(i);
        const double variance = (samples - samples.mean()).square().sum() / (nDwells - 1);
        report.clutter.push_back({names[i],
                                  samples.mean(),
                                  CONFIDENCE_99 * std::sqrt(variance / nDwells),
                                  i == 0 ? std::numeric_limits<double>::quiet_NaN() : 0.0,
                                  "1"});
    }
}

void
EchoRun::DrawMap(CellFreeEchoReport& report)
{
    // Points a cell.
    constexpr Eigen::Index FINENESS = 3;
    const auto m = m_strongestTransmitter;
    const auto& grid = m_study.grid;
    DrawCluttered();
    m_echo.AddNoise(m_noise.segment(m_strongestReceiver, 1), m_uniform);
    Eigen::MatrixXcd reflections(1, m_study.nTransmitters);
    // A reflection of mean strength, so that the picture shows the SNR that was asked for.
    cellfree::DrawReflections(ISAC_CONSTANT, m_uniform, reflections);
    m_echo.AddEcho(m_seen, reflections);
    IsacSignals waveforms;
    IsacSignals combined;
    m_echo.GetWaveforms(m_seen.transmit, waveforms);
    m_receiver.Combine(m_echo.GetReceived(0), m_seen.receive.col(0), combined);
    const Eigen::Index nDelays = FINENESS * grid.nSubcarriers;
    const Eigen::Index nDopplers = FINENESS * grid.nSymbols + 1;
    report.delays =
        Eigen::VectorXd::LinSpaced(nDelays, 0.0, (nDelays - 1) * grid.GetDelayCell() / FINENESS);
    report.dopplers =
        Eigen::VectorXd::LinSpaced(nDopplers, -0.5 / grid.interval, 0.5 / grid.interval);
    Eigen::MatrixXcd map;
    const double noise = m_noise(m_strongestReceiver);
    m_receiver.Load(waveforms.row(m), combined.row(0));
    m_receiver.GetMap(report.delays, report.dopplers, map);
    report.before = map.cwiseAbs2() / noise;
    m_receiver.RemoveStatic(m_echo.GetSymbols(), combined);
    m_receiver.Load(waveforms.row(m), combined.row(0));
    m_receiver.GetMap(report.delays, report.dopplers, map);
    report.after = map.cwiseAbs2() / noise;
    const auto mark = [&](const char* kind, const IsacReflector& point) {
        // The map repeats.
        const double delay = std::fmod(point.delay(0, m), 1.0 / grid.spacing);
        const double doppler = std::remainder(point.doppler(0, m), 1.0 / grid.interval);
        report.marks.push_back({kind, delay, doppler});
    };
    mark("target", m_seen);
    for (const auto& point : m_clutter)
    {
        mark("clutter", point);
    }
}

} // namespace

CellFreeEchoReport
cellfree::MeasureEchoes(const CellFreeEchoStudy& study, const IsacUniform& uniform)
{
    CellFreeEchoReport report;
    EchoRun run(study, uniform);
    run.MeasureDetection(report);
    if (study.nEstimates > 1)
    {
        run.MeasureEstimates(report);
    }
    // With as many streams as symbols, all that is received could be at rest.
    const bool isSeparable = study.nTransmitters < study.grid.nSymbols;
    if (study.nClutter > 0 && isSeparable)
    {
        run.MeasureClutter(report);
    }
    if (study.isMapped && isSeparable)
    {
        run.DrawMap(report);
    }
    return report;
}

} // namespace ns3
