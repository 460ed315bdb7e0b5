// SPDX-License-Identifier: GPL-2.0-only

/*
 * Draws dwells on a target symbol by symbol and compares what receivers make of them with closed
 * forms: SNR, false alarms, detections, estimates, clutter. Writes echo.tsv, echo-roc.tsv,
 * echo-map.tsv, echo-marks.tsv and, with Python's matplotlib, echo.png.
 */

#include "campaign/cell-free-echo-study.h"
#include "campaign/cell-free-python-tool.h"

#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>

using namespace ns3;

namespace
{

/// What the command line says beside the study.
struct Options
{
    int64_t nTransmitters = 3;
    int64_t nReceivers = 3;
    int64_t nTransmitAntennas = 8;
    int64_t nReceiveAntennas = 4;
    int64_t nSubcarriers = 64;
    int64_t nSymbols = 32;
    int64_t clutter = 6;
    std::string waveform = "qpsk";
    std::string target = "swerling1";
    double snr = 20.0;
    double clutterRatio = 20.0;
    double selfInterference = -100.0;
    bool plot = false;
    std::string outputDir = "cellfree-isac-output";
    std::string simTag;
};

/// Reads the command line, and ends the program with one line where it is wrong.
CellFreeEchoStudy
ReadOptions(CellFreeCommandLine& cmd, Options& options, int argc, char* argv[])
{
    CellFreeEchoStudy study;
    cmd.Usage("Draws dwells on a target symbol by symbol and compares SNR, false alarms, "
              "detections and estimates with closed forms.");
    cmd.AddValue("nTransmitters", "APs that send", options.nTransmitters, 1, 64);
    cmd.AddValue("nReceivers", "APs that receive", options.nReceivers, 1, 64);
    cmd.AddValue("separate",
                 "whether those that receive send nothing; else they are the same APs",
                 study.isSeparate);
    cmd.AddValue("nTransmitAntennas", "of an AP", options.nTransmitAntennas, 1, 256);
    cmd.AddValue("nReceiveAntennas", "of an AP", options.nReceiveAntennas, 1, 256);
    cmd.AddValue("nSubcarriers", "subcarriers that are used", options.nSubcarriers, 1, 4096);
    cmd.AddValue("nSymbols", "OFDM symbols of a dwell that are used", options.nSymbols, 1, 4096);
    cmd.AddValue("spacing", "between the subcarriers (Hz)", study.grid.spacing, 1e3, 1e9);
    cmd.AddValue("interval", "between the OFDM symbols (s)", study.grid.interval, 1e-6, 1.0);
    cmd.AddValue("frequency", "carrier (Hz)", study.frequency, 1e8, 1e12);
    cmd.AddValue("symbols",
                 "of the streams: qpsk, gaussian, or orthogonal (QPSK, told apart by Doppler)",
                 options.waveform);
    cmd.AddValue("target", "its reflection: swerling1, swerling3 or constant", options.target);
    cmd.AddValue("speed", "of the target (m/s)", study.speed, 0.0, 1000.0);
    cmd.AddValue("snr", "N_r L times equation (7) (dB)", options.snr, -60.0, 80.0);
    cmd.AddValue("pfa", "probability of false alarm", study.pfa, 1e-30, 0.5);
    cmd.AddValue("selfInterference",
                 "residual self-interference of an AP over its thermal noise (dB)",
                 options.selfInterference,
                 -100.0,
                 100.0);
    cmd.AddValue("clutter", "points at rest", options.clutter, 0, 1000);
    cmd.AddValue("clutterRatio",
                 "power gain between elements of each one over the target's (dB)",
                 options.clutterRatio,
                 -100.0,
                 100.0);
    cmd.AddValue("dwells",
                 "dwells that probabilities are measured from",
                 study.nDwells,
                 100,
                 10000000);
    cmd.AddValue("estimates",
                 "dwells that errors are measured from",
                 study.nEstimates,
                 2,
                 10000000);
    cmd.AddValue("plot", "whether to draw a figure", options.plot);
    cmd.AddValue("outputDir", "folder of the results, created if missing", options.outputDir);
    cmd.AddValue("simTag", "appended to the names of result files", options.simTag);
    cmd.Parse(argc, argv);

    const std::map<std::string, IsacFluctuation> targets{{"swerling1", ISAC_SWERLING_1},
                                                         {"swerling3", ISAC_SWERLING_3},
                                                         {"constant", ISAC_CONSTANT}};
    const std::map<std::string, IsacWaveform> waveforms{{"qpsk", ISAC_QPSK},
                                                        {"gaussian", ISAC_GAUSSIAN},
                                                        {"orthogonal", ISAC_ORTHOGONAL}};
    cmd.RefuseIf(waveforms.count(options.waveform) > 0
                     ? ""
                     : "--symbols: \"" + options.waveform +
                           "\": expected qpsk, gaussian or orthogonal");
    cmd.RefuseIf(targets.count(options.target) > 0
                     ? ""
                     : "--target: \"" + options.target +
                           "\": expected swerling1, swerling3 or constant");
    cmd.RefuseIf(options.waveform != "orthogonal" || options.nTransmitters <= options.nSymbols
                     ? ""
                     : "--symbols: orthogonal: expected at most as many transmitters as OFDM "
                       "symbols");
    study.nTransmitters = options.nTransmitters;
    study.nReceivers = options.nReceivers;
    study.nTransmitAntennas = options.nTransmitAntennas;
    study.nReceiveAntennas = options.nReceiveAntennas;
    study.grid.nSubcarriers = options.nSubcarriers;
    study.grid.nSymbols = options.nSymbols;
    study.nClutter = options.clutter;
    study.waveform = waveforms.at(options.waveform);
    study.fluctuation = targets.at(options.target);
    study.snr = cellfree::FromDecibels(options.snr);
    study.clutterRatio = cellfree::FromDecibels(options.clutterRatio);
    study.selfInterference =
        options.selfInterference > -100.0 ? cellfree::FromDecibels(options.selfInterference) : 0.0;
    return study;
}

/// A number with four digits.
std::string
ToText(double value)
{
    std::ostringstream text;
    text << std::setprecision(4) << value;
    return text.str();
}

/// One row of the table on the terminal.
void
PrintRow(const CellFreeEchoFigure& figure)
{
    std::cout << std::left << std::setw(46) << figure.quantity << std::right << std::setw(12)
              << figure.value << std::setw(12) << figure.halfWidth99 << std::setw(12)
              << (std::isnan(figure.theory) ? "" : ToText(figure.theory)) << "  "
              << (figure.unit == "1" ? "" : figure.unit) << '\n';
}

/// Writes a file under its final name when it is whole.
/// @param write fills it @return an empty string, or what went wrong
template <typename Write>
std::string
WriteFile(const std::string& path, Write write)
{
    std::ofstream file(path + ".part", std::ios::trunc);
    file << std::setprecision(10);
    write(file);
    file.close();
    const bool isWritten = file && std::rename((path + ".part").c_str(), path.c_str()) == 0;
    return isWritten ? "" : "cannot write '" + path + "'";
}

} // namespace

int
main(int argc, char* argv[])
{
    CellFreeCommandLine cmd(__FILE__);
    Options options;
    const auto study = ReadOptions(cmd, options, argc, argv);
    cmd.RefuseIf(CellFreeTraceWriter::FindDirectoryError(options.outputDir));
    auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(0);
    const auto report =
        cellfree::MeasureEchoes(study, [&uniform]() { return uniform->GetValue(); });

    std::cout << study.nTransmitters << " transmitters of " << study.nTransmitAntennas
              << " antennas, " << study.nReceivers << " receivers of " << study.nReceiveAntennas
              << ", " << study.grid.nSubcarriers << " subcarriers and " << study.grid.nSymbols
              << " symbols, " << study.nDwells << " dwells\n\n"
              << std::left << std::setw(46) << "quantity" << std::right << std::setw(12)
              << "measured" << std::setw(12) << "+- 99 %" << std::setw(12) << "theory" << '\n'
              << std::setprecision(4);
    std::vector<CellFreeEchoFigure> figures;
    for (const auto* group :
         {&report.snr, &report.falseAlarms, &report.detections, &report.estimates, &report.clutter})
    {
        figures.insert(figures.end(), group->begin(), group->end());
    }
    std::for_each(figures.begin(), figures.end(), PrintRow);

    const std::filesystem::path folder(options.outputDir);
    const auto getPath = [&](const std::string& name) {
        return (folder / (name + options.simTag + ".tsv")).string();
    };
    cmd.RefuseIf(WriteFile(getPath("echo"), [&](std::ostream& file) {
        file << "quantity\tvalue\thalfWidth99\ttheory\tunit\n";
        for (const auto& figure : figures)
        {
            file << figure.quantity << '\t' << figure.value << '\t' << figure.halfWidth99 << '\t'
                 << figure.theory << '\t' << figure.unit << '\n';
        }
    }));
    cmd.RefuseIf(WriteFile(getPath("echo-roc"), [&](std::ostream& file) {
        file << "detector\tsnr_dB\tpfa\tmeasuredPfa\tpfaHalfWidth99\tmeasuredPd\tpdHalfWidth99"
                "\ttheory\n";
        for (const auto& point : report.roc)
        {
            file << point.detector << '\t' << cellfree::ToDecibels(point.snr) << '\t' << point.pfa
                 << '\t' << point.measuredPfa << '\t' << point.pfaHalfWidth99 << '\t'
                 << point.measuredPd << '\t' << point.pdHalfWidth99 << '\t' << point.theory << '\n';
        }
    }));
    cmd.RefuseIf(WriteFile(getPath("echo-map"), [&](std::ostream& file) {
        file << "delay_s\tdoppler_Hz\tbefore_dB\tafter_dB\n" << std::setprecision(6);
        for (Eigen::Index i = 0; i < report.before.rows(); ++i)
        {
            for (Eigen::Index j = 0; j < report.before.cols(); ++j)
            {
                file << report.delays(i) << '\t' << report.dopplers(j) << '\t'
                     << cellfree::ToDecibels(report.before(i, j)) << '\t'
                     << cellfree::ToDecibels(report.after(i, j)) << '\n';
            }
        }
    }));
    cmd.RefuseIf(WriteFile(getPath("echo-marks"), [&](std::ostream& file) {
        file << "kind\tdelay_s\tdoppler_Hz\n";
        for (const auto& mark : report.marks)
        {
            file << mark.kind << '\t' << mark.delay << '\t' << mark.doppler << '\n';
        }
    }));
    std::cout << "\nNumbers: " << getPath("echo") << ", " << getPath("echo-roc") << ", "
              << getPath("echo-map") << '\n';
    if (options.plot)
    {
        const auto picture = (folder / ("echo" + options.simTag)).string();
        const auto problem = cellfree::RunPythonTool(
            "plot-echo.py",
            {getPath("echo-roc"), getPath("echo-map"), getPath("echo-marks"), picture});
        std::cout << (problem.empty() ? "Figure: " + picture + ".png" : problem) << std::endl;
    }
    return 0;
}
