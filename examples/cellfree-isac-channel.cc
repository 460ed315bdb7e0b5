// SPDX-License-Identifier: GPL-2.0-only

/*
 * Draws a channel and compares its statistics with theory: K factor, correlation over antennas,
 * time and frequency. Writes channel.csv and, with Python's matplotlib, channel.png.
 */

#include "campaign/cell-free-channel-study.h"
#include "campaign/cell-free-python-tool.h"

#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>

using namespace ns3;

namespace
{

/// What the command line says.
struct Options
{
    std::string fading = "rician";
    std::string scenario = "UMi";
    std::string los = "Always";
    std::string kFactor = "drawn";
    double angularSpread = 15.0;
    double elevationSpread = 0.0;
    std::string doppler = "Clarke";
    double speed = 5.0;
    int64_t subbands = 32;
    double delaySpread = 100e-9;
    int64_t nAntennas = 8;
    double distance = 100.0;
    double azimuth = 30.0;
    int64_t draws = 1000;
    double maxLag = 30.0;
    bool plot = false;
    std::string outputDir = "cellfree-isac-output";
    std::string simTag;
};

constexpr uint32_t TIMES = 30; //!< at which K factors are estimated
constexpr int LAGS = 60;       //!< points of the autocorrelation
constexpr int ROWS = 8;        //!< of them, and of the sub-bands, on the terminal

/// Sets an attribute to what an option says, or ends the program with one line.
void
SetAttribute(const CellFreeCommandLine& cmd,
             const std::string& option,
             const Ptr<Object>& object,
             const std::string& attribute,
             const std::string& text)
{
    struct TypeId::AttributeInformation info;
    object->GetInstanceTypeId().LookupAttributeByName(attribute, &info);
    const auto expected = CellFreeCommandLine::FindValueError(info.checker, text);
    cmd.RefuseIf(expected.empty() ? "" : "--" + option + ": \"" + text + "\": " + expected);
    object->SetAttribute(attribute, StringValue(text));
}

/// The fading model that the options ask for.
Ptr<CellFreeFadingModel>
MakeFading(const CellFreeCommandLine& cmd, const Options& options)
{
    if (options.fading == "rayleigh")
    {
        return CreateObject<CellFreeRayleighFading>();
    }
    cmd.RefuseIf(options.fading == "rician" || options.fading == "correlated"
                     ? ""
                     : "--fading: \"" + options.fading +
                           "\": expected rayleigh, rician or correlated");
    auto fading = CreateObject<CellFreeSpatialFading>();
    SetAttribute(cmd, "doppler", fading, "Doppler", options.doppler);
    fading->SetAttribute("AngularSpread", DoubleValue(options.angularSpread));
    fading->SetAttribute("ElevationSpread", DoubleValue(options.elevationSpread));
    fading->SetAttribute("DelaySpread", DoubleValue(options.delaySpread));
    const bool isDrawn = options.kFactor == "drawn" && options.fading == "rician";
    double decibels = 0.0;
    if (options.kFactor != "drawn")
    {
        std::istringstream stream(options.kFactor);
        const bool isRead =
            stream >> decibels && stream.peek() == std::istringstream::traits_type::eof();
        cmd.RefuseIf(isRead && std::abs(decibels) <= 60.0
                         ? ""
                         : "--kFactor: \"" + options.kFactor +
                               "\": expected drawn, or -60 to 60 dB");
    }
    fading->SetAttribute("DrawKFactor", BooleanValue(isDrawn));
    fading->SetAttribute(
        "KFactor",
        DoubleValue(options.fading == "correlated" ? 0.0 : cellfree::FromDecibels(decibels)));
    return fading;
}

/// Reads the command line, and ends the program with one line where it is wrong.
Options
ReadOptions(CellFreeCommandLine& cmd, int argc, char* argv[])
{
    Options options;
    cmd.Usage("Draws a channel and compares its statistics with theory: K factor, correlation over "
              "antennas, time and frequency.");
    cmd.AddValue("fading",
                 "rayleigh (independent blocks), rician, or correlated (rician without line of "
                 "sight)",
                 options.fading);
    cmd.AddValue("scenario",
                 "of TR 38.901: UMi, UMa, RMa, InH-OpenOffice or InH-MixedOffice",
                 options.scenario);
    cmd.AddValue("los", "links in line of sight: Drawn, Always or Never", options.los);
    cmd.AddValue("kFactor",
                 "K factor in line of sight (dB), or drawn: by the scenario's law",
                 options.kFactor);
    cmd.AddValue("angularSpread",
                 "standard deviation of azimuths at the AP (degrees); 0: antennas are independent",
                 options.angularSpread,
                 0.0,
                 180.0);
    cmd.AddValue("elevationSpread",
                 "standard deviation of elevations at the AP (degrees)",
                 options.elevationSpread,
                 0.0,
                 180.0);
    cmd.AddValue("doppler", "Clarke, GaussMarkov or Block", options.doppler);
    cmd.AddValue("speed", "of the UEs (m/s)", options.speed, 0.0, 1000.0);
    cmd.AddValue("subbands", "sub-bands of 20 MHz", options.subbands, 1, 1024);
    cmd.AddValue("delaySpread", "RMS delay spread (s)", options.delaySpread, 0.0, 1e-3);
    cmd.AddValue("nAntennas", "antennas of the AP", options.nAntennas, 1, 256);
    cmd.AddValue("distance", "from the AP to the UEs (m)", options.distance, 1.0, 1e5);
    cmd.AddValue("azimuth",
                 "of the UEs from the array's broadside (degrees)",
                 options.azimuth,
                 -90.0,
                 90.0);
    cmd.AddValue("draws", "independent links", options.draws, 20, 1000000);
    cmd.AddValue("maxLag",
                 "longest lag of the autocorrelation (coherence times)",
                 options.maxLag,
                 0.1,
                 1000.0);
    cmd.AddValue("plot", "whether to draw a figure", options.plot);
    cmd.AddValue("outputDir", "folder of the results, created if missing", options.outputDir);
    cmd.AddValue("simTag", "appended to the names of result files", options.simTag);
    cmd.Parse(argc, argv);
    return options;
}

/// One row of the table.
void
PrintRow(const std::string& name, const CellFreeChannelFigure& figure)
{
    std::cout << std::left << std::setw(42) << name << std::right << std::setw(10) << figure.value
              << std::setw(10) << figure.halfWidth95 << std::setw(10) << figure.theory << '\n';
}

/// At most ROWS rows of a curve, evenly chosen.
void
PrintCurve(const std::string& name,
           const std::string& unit,
           double scale,
           const std::vector<CellFreeChannelFigure>& figures)
{
    const std::size_t step = std::max<std::size_t>(1, (figures.size() + ROWS - 1) / ROWS);
    // The first is the correlation with itself.
    for (std::size_t i = step; i < figures.size(); i += step)
    {
        std::ostringstream text;
        text << name << ' ' << scale * figures[i].abscissa << unit;
        PrintRow(text.str(), figures[i]);
    }
}

/// Writes all figures. @return whether that went well
bool
WriteFile(const std::string& path, const CellFreeChannelReport& report)
{
    std::ofstream file(path + ".part", std::ios::trunc);
    file << "statistic,abscissa,value,halfWidth95,theory\n" << std::setprecision(10);
    const auto write = [&file](const char* name, const std::vector<CellFreeChannelFigure>& rows) {
        for (const auto& row : rows)
        {
            file << name << ',' << row.abscissa << ',' << row.value << ',' << row.halfWidth95 << ','
                 << row.theory << '\n';
        }
    };
    write("power", {report.power});
    write("kFactor_dB", report.kFactor);
    write("losPower", report.losPower);
    write("antennas", report.spatial);
    write("lag_s", report.temporal);
    write("separation_Hz", report.spectral);
    file.close();
    return file && std::rename((path + ".part").c_str(), path.c_str()) == 0;
}

} // namespace

int
main(int argc, char* argv[])
{
    CellFreeCommandLine cmd(__FILE__);
    const Options options = ReadOptions(cmd, argc, argv);
    CellFreeChannelStudy study;
    study.fading = MakeFading(cmd, options);
    study.fading->AssignStreams(0);
    study.largeScale = CreateObject<CellFreeThreeGppLargeScale>();
    SetAttribute(cmd, "scenario", study.largeScale, "Scenario", options.scenario);
    SetAttribute(cmd, "los", study.largeScale, "LineOfSight", options.los);
    study.largeScale->AssignStreams(0);
    cmd.RefuseIf(CellFreeTraceWriter::FindDirectoryError(options.outputDir));
    study.nBands = options.subbands;
    study.nAntennas = options.nAntennas;
    study.nLinks = options.draws;
    study.nTimes = TIMES;
    study.distance = options.distance;
    study.azimuth = options.azimuth;
    study.speed = options.speed;
    for (int i = 0; i <= LAGS; ++i)
    {
        study.lags.push_back(options.maxLag * i / LAGS);
    }
    const auto report = cellfree::MeasureChannel(study);

    std::cout << "Fading " << options.fading << ", " << options.draws << " links, "
              << 100 * report.losShare << " % in line of sight, coherence time "
              << 1e3 * report.coherenceTime << " ms\n\n"
              << std::left << std::setw(42) << "statistic" << std::right << std::setw(10)
              << "measured" << std::setw(10) << "+- 95 %" << std::setw(10) << "theory" << '\n'
              << std::setprecision(4);
    PrintRow("mean power of an antenna", report.power);
    for (const auto& figure : report.kFactor)
    {
        PrintRow("K factor (dB)", figure);
    }
    for (const auto& figure : report.losPower)
    {
        PrintRow("power of the line of sight over all", figure);
    }
    PrintCurve("correlation of antennas 0 and", "", 1.0, report.spatial);
    PrintCurve("autocorrelation after", " ms", 1e3, report.temporal);
    PrintCurve("correlation over", " MHz", 1e-6, report.spectral);

    const auto csv =
        (std::filesystem::path(options.outputDir) / ("channel" + options.simTag + ".csv")).string();
    cmd.RefuseIf(WriteFile(csv, report) ? "" : "cannot write '" + csv + "'");
    std::cout << "\nNumbers: " << csv << '\n';
    if (options.plot)
    {
        const auto problem = cellfree::RunPythonTool("plot-channel.py", {csv});
        std::cout << (problem.empty() ? "Figure: " + csv.substr(0, csv.size() - 4) + ".png"
                                      : problem)
                  << std::endl;
    }
    return 0;
}
