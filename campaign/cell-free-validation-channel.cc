// SPDX-License-Identifier: GPL-2.0-only

#include "cell-free-channel-study.h"
#include "cell-free-validation.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-spatial-fading.h"
#include "ns3/cell-free-three-gpp-large-scale.h"
#include "ns3/constant-position-mobility-model.h"
#include "ns3/double.h"
#include "ns3/isac-link-budget.h"
#include "ns3/isac-scattering.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/string.h"

#include <cmath>
#include <complex>
#include <sstream>

namespace ns3
{

namespace
{

using Rows = std::vector<CellFreeValidationRow>;

/// A large-scale model whose links are all in line of sight, or none.
Ptr<CellFreeThreeGppLargeScale>
MakeLargeScale(const std::string& scenario, bool isLos)
{
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(1);
    auto model = CreateObject<CellFreeThreeGppLargeScale>();
    model->SetAttribute("Scenario", StringValue(scenario));
    model->SetAttribute("LineOfSight", StringValue(isLos ? "Always" : "Never"));
    model->SetAttribute("Shadowing", BooleanValue(false));
    model->AssignStreams(0);
    return model;
}

/// A study of links that fade as CellFreeSpatialFading has it.
CellFreeChannelStudy
MakeStudy(bool isLos, double kFactor, double angularSpread)
{
    CellFreeChannelStudy study;
    study.largeScale = MakeLargeScale("UMi", isLos);
    study.fading = CreateObject<CellFreeSpatialFading>();
    study.fading->SetAttribute("DrawKFactor", BooleanValue(false));
    study.fading->SetAttribute("KFactor", DoubleValue(kFactor));
    study.fading->SetAttribute("AngularSpread", DoubleValue(angularSpread));
    study.fading->AssignStreams(0);
    study.nTimes = 0;
    return study;
}

/// A place. @param position where (m)
Ptr<MobilityModel>
MakePlace(const Vector& position)
{
    auto mobility = CreateObject<ConstantPositionMobilityModel>();
    mobility->SetPosition(position);
    return mobility;
}

/// A number without trailing zeros.
std::string
ToText(double value)
{
    std::ostringstream text;
    text << value;
    return text.str();
}

/// One measured figure as a row, with theory for the published value.
CellFreeValidationRow
ToRow(const std::string& quantity, const CellFreeChannelFigure& figure, const std::string& source)
{
    return {quantity, figure.value, figure.halfWidth95, "1", figure.theory, source};
}

/// Path losses of ns-3's own test vectors.
Rows
ComparePathLoss()
{
    /// Loss at four distances.
    struct Vectors
    {
        const char* scenario;
        double apHeight;
        bool isLos;
        double distances[4];
        double losses[4];
    };

    // UEs at 1.5 m, 5 GHz, horizontal distances.
    const Vectors all[] = {
        {"RMa", 35, true, {10, 100, 1000, 10000}, {77.3784, 87.2965, 108.5577, 140.3896}},
        {"RMa", 35, false, {10, 100, 1000, 5000}, {77.3784, 95.7718, 133.5223, 160.5169}},
        {"UMa", 25, true, {10, 100, 1000, 5000}, {72.9380, 86.2362, 109.7252, 137.6794}},
        {"UMa", 25, false, {10, 100, 1000, 5000}, {82.5131, 106.1356, 144.7641, 172.0753}},
        {"UMi", 10, true, {10, 100, 1000, 5000}, {69.8591, 88.4122, 119.3114, 147.2696}},
        {"UMi", 10, false, {10, 100, 1000, 5000}, {76.7563, 107.9432, 143.1886, 167.8617}},
        {"InH-OpenOffice", 3, true, {1, 10, 50, 100}, {50.8072, 63.7630, 75.7750, 80.9802}},
        {"InH-OpenOffice", 3, false, {1, 10, 50, 100}, {50.8072, 73.1894, 99.7824, 111.3062}},
    };
    Rows rows;
    for (const auto& vectors : all)
    {
        const auto model = MakeLargeScale(vectors.scenario, vectors.isLos);
        for (int i = 0; i < 4; ++i)
        {
            CellFreeLinkEnds ends;
            ends.ap = MakePlace(Vector(0, 0, vectors.apHeight));
            ends.ue = MakePlace(Vector(vectors.distances[i], 0, 1.5));
            rows.push_back({std::string(vectors.scenario) + (vectors.isLos ? " LOS" : " NLOS") +
                                " path loss at " + ToText(vectors.distances[i]) + " m",
                            model->GetLoss(ends, 5e9),
                            0.0,
                            "dB",
                            vectors.losses[i],
                            "ns-3.37 src/propagation/test/"
                            "three-gpp-propagation-loss-model-test-suite.cc"});
        }
    }
    return rows;
}

/// K factors as drawn, and as estimated from coefficients.
Rows
CompareKFactor()
{
    /// Mean and deviation of table 7.5-6.
    struct Law
    {
        const char* scenario;
        double mean;
        double deviation;
    };

    constexpr int APS = 2000;
    Rows rows;
    for (const auto& law :
         {Law{"UMi", 9, 5}, Law{"UMa", 9, 3.5}, Law{"RMa", 7, 4}, Law{"InH-OpenOffice", 7, 4}})
    {
        const auto model = MakeLargeScale(law.scenario, true);
        double sum = 0.0;
        double squares = 0.0;
        for (int ap = 0; ap < APS; ++ap)
        {
            CellFreeLinkEnds ends;
            ends.apId = ap;
            ends.ap = MakePlace(Vector(0, 0, 10));
            ends.ue = MakePlace(Vector(30, 0, 1.5));
            const double k = cellfree::ToDecibels(model->GetKFactor(ends));
            sum += k;
            squares += k * k;
        }
        const double mean = sum / APS;
        const double deviation = std::sqrt(squares / APS - mean * mean);
        const std::string source = "3GPP TR 38.901 V17.0.0 table 7.5-6";
        const std::string name = law.scenario;
        rows.push_back(
            {name + " mean of K", mean, 1.96 * deviation / std::sqrt(APS), "dB", law.mean, source});
        // Of a Gaussian variable.
        rows.push_back({name + " standard deviation of K",
                        deviation,
                        1.96 * deviation / std::sqrt(2.0 * APS),
                        "dB",
                        law.deviation,
                        source});
    }
    for (const double decibels : {0.0, 9.0, 15.0})
    {
        auto study = MakeStudy(true, cellfree::FromDecibels(decibels), 15.0);
        study.nTimes = 50;
        const auto report = cellfree::MeasureChannel(study);
        const auto& figure = report.kFactor.at(0);
        rows.push_back({"K estimated where K = " + ToText(decibels) + " dB",
                        figure.value,
                        figure.halfWidth95,
                        "dB",
                        decibels,
                        "moment method of Greenstein, Michelson, Erceg, IEEE Commun. Lett. 3(6), "
                        "1999"});
    }
    return rows;
}

/// The integral of equation (2.18) for a row of antennas, by a rectangle rule of its own.
std::complex<double>
IntegrateCorrelation(int separation, double azimuth, double spread)
{
    constexpr int NODES = 400000;
    std::complex<double> sum = 0.0;
    double mass = 0.0;
    for (int i = 0; i < NODES; ++i)
    {
        const double offset = 10 * spread * ((i + 0.5) / NODES - 0.5) * 2;
        const double density = std::exp(-0.5 * offset * offset / (spread * spread));
        mass += density;
        sum += std::polar(density, M_PI * separation * std::sin(azimuth + offset));
    }
    return sum / mass;
}

/// Correlation over antennas: as computed, and as drawn.
Rows
CompareSpatialCorrelation()
{
    const std::string integral = "Demir, Bjornson, Sanguinetti, Foundations of User-Centric "
                                 "Cell-Free Massive MIMO, 2021, eq. (2.18), by 4e5 rectangles";
    const std::string closed = "Bjornson, Hoydis, Sanguinetti, Massive MIMO Networks, 2017, eq. "
                               "(2.24), small spreads";
    Eigen::Matrix3Xd elements = Eigen::Matrix3Xd::Zero(3, 8);
    for (int n = 0; n < 8; ++n)
    {
        elements(1, n) = 0.5 * n;
    }
    const double azimuth = M_PI / 6;
    const Eigen::Vector3d direction(std::cos(azimuth), std::sin(azimuth), 0.0);
    Rows rows;
    for (const double degrees : {2.0, 15.0, 40.0})
    {
        const double spread = degrees * M_PI / 180;
        const auto r = cellfree::GetScatteringCorrelation(elements, direction, spread, 0.0);
        for (const int n : {1, 3, 7})
        {
            const std::string name = "|R_{0," + std::to_string(n) + "}|, N = 8, azimuth 30 deg, " +
                                     "ASD " + ToText(degrees) + " deg";
            rows.push_back({name,
                            std::abs(r(0, n)),
                            0.0,
                            "1",
                            std::abs(IntegrateCorrelation(n, azimuth, spread)),
                            integral});
            if (degrees < 5.0)
            {
                const double width = M_PI * n * std::cos(azimuth) * spread;
                rows.push_back(
                    {name, std::abs(r(0, n)), 0.0, "1", std::exp(-0.5 * width * width), closed});
            }
        }
    }
    auto study = MakeStudy(false, 0.0, 15.0);
    study.nLinks = 20000;
    const auto report = cellfree::MeasureChannel(study);
    for (const int n : {1, 3, 7})
    {
        rows.push_back(ToRow("|R_{0," + std::to_string(n) + "}| drawn, ASD 15 deg",
                             report.spatial[n],
                             "eq. (2.18), as above, UE 8.5 m below the AP at 100 m"));
    }
    return rows;
}

/// Autocorrelation over time.
Rows
CompareDoppler()
{
    auto study = MakeStudy(false, 0.0, 0.0);
    study.speed = 20.0;
    study.nLinks = 4000;
    study.lags = {0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0};
    const auto report = cellfree::MeasureChannel(study);
    Rows rows;
    for (std::size_t i = 0; i < study.lags.size(); ++i)
    {
        auto figure = report.temporal[i];
        // From the speed and the carrier, not from what the model says of itself.
        figure.theory =
            ::j0(2 * M_PI * study.speed * study.frequency / ISAC_SPEED_OF_LIGHT * figure.abscissa);
        rows.push_back(ToRow(
            "autocorrelation after " + ToText(study.lags[i]) + " coherence times, 20 m/s, 3.5 GHz",
            figure,
            "J0(2 pi f_D tau): R. H. Clarke, Bell System Technical Journal, 1968"));
    }
    return rows;
}

/// Delay spread and coherence bandwidth.
Rows
CompareDelayProfile()
{
    constexpr double DELAY_SPREAD = 100e-9;
    Rows rows;
    const std::string names[] = {"TDL-A", "TDL-B", "TDL-C", "TDL-D", "TDL-E"};
    for (const auto model : {ISAC_TDL_A, ISAC_TDL_B, ISAC_TDL_C, ISAC_TDL_D, ISAC_TDL_E})
    {
        const auto profile = cellfree::GetTdlProfile(model, DELAY_SPREAD);
        rows.push_back({names[model] + " RMS delay spread",
                        1e9 * cellfree::GetRmsDelaySpread(profile),
                        0.0,
                        "ns",
                        1e9 * DELAY_SPREAD,
                        "3GPP TR 38.901 V17.0.0 tables 7.7.2-1 to 7.7.2-5, equation (7.7-1)"});
    }
    auto study = MakeStudy(false, 0.0, 0.0);
    study.nLinks = 2000;
    study.nBands = 64;
    const auto report = cellfree::MeasureChannel(study);
    const auto profile = cellfree::GetTdlProfile(ISAC_TDL_A, DELAY_SPREAD);
    std::vector<double> separations;
    std::vector<double> least;
    std::vector<double> middle;
    std::vector<double> most;
    std::vector<double> theory;
    for (const auto& figure : report.spectral)
    {
        separations.push_back(figure.abscissa);
        least.push_back(figure.value - figure.halfWidth95);
        middle.push_back(figure.value);
        most.push_back(figure.value + figure.halfWidth95);
        theory.push_back(std::abs(cellfree::GetFrequencyCorrelation(profile, figure.abscissa)));
    }
    const std::string source = "Fourier transform of 3GPP TR 38.901 V17.0.0 table 7.7.2-1";
    for (const int band : {1, 4, 8, 16})
    {
        auto figure = report.spectral[band];
        figure.theory = theory[band];
        rows.push_back(ToRow("TDL-A, 100 ns: frequency correlation at " +
                                 ToText(1e-6 * figure.abscissa) + " MHz",
                             figure,
                             source));
    }
    const auto solve = [&separations](const std::vector<double>& magnitudes) {
        return 1e-6 * cellfree::GetCoherenceBandwidth(separations, magnitudes, 0.5);
    };
    rows.push_back({"TDL-A, 100 ns: coherence bandwidth at correlation 0.5",
                    solve(middle),
                    (solve(most) - solve(least)) / 2,
                    "MHz",
                    solve(theory),
                    source});
    return rows;
}

} // namespace

std::vector<CellFreeValidationCase>
cellfree::GetChannelValidationCases()
{
    return {
        {"path-loss", "3GPP path losses against ns-3's own test vectors", ComparePathLoss},
        {"k-factor", "K factors as drawn and as estimated from coefficients", CompareKFactor},
        {"spatial-correlation", "correlation of the antennas", CompareSpatialCorrelation},
        {"doppler", "autocorrelation up to 30 coherence times", CompareDoppler},
        {"delay-profile", "delay spreads and coherence bandwidth", CompareDelayProfile},
    };
}

} // namespace ns3
