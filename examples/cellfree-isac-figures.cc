// SPDX-License-Identifier: GPL-2.0-only

/*
 * Figures 3 and 4 of U. Demirhan, A. Alkhateeb, "Learning Beamforming in Cell-Free Massive MIMO
 * ISAC Systems", and some of our own, on the link level: random channels, no packets.
 *
 *   3  sum rate and sensing SNR over the sensing weight, M = 5 APs, U = 2 UEs
 *   4  sum rate and sensing SNR over the number of APs, by networks trained at M = 5; of the edge
 *      head also with the plain sums over APs that the paper prints (gnn-edge-sum)
 *   5  objective as a share of the joint solver's, over the numbers of UEs and of antennas
 *   6  mean true sum rate over the number of pilots, on the channels of a simulation: M = 16 APs,
 *      U = 8 UEs, N = 8 antennas
 *   7  the same over the speed of the UEs, with 8 pilots and estimates that are 1 ms old
 *
 * Writes figureN.csv and, with Python's matplotlib, figureN.png and figureN.pdf.
 */

#include "campaign/cell-free-estimate-study.h"
#include "campaign/cell-free-python-tool.h"

#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

using namespace ns3;

namespace
{

/// One curve at one point: what computes beams, with its settings.
struct Method
{
    std::string name;                                                 //!< as in the CSV file
    double sensingWeight{0.0};                                        //!< of the problems
    std::function<void(const IsacProblem&, IsacBeams&)> computeBeams; //!< the policy
};

/// Mean of a quantity over the draws and the standard error of that mean.
struct Average
{
    double sum{0.0};
    double squares{0.0};
    int64_t n{0};

    void Add(double value)
    {
        sum += value;
        squares += value * value;
        ++n;
    }

    double Mean() const
    {
        return sum / n;
    }

    double Error() const
    {
        return n > 1 ? std::sqrt(std::max(0.0, squares / n - Mean() * Mean()) / (n - 1)) : 0.0;
    }
};

/// What a method reaches at one point.
struct Result
{
    Average rate;
    Average snr;
    Average objective;
};

/// One point on the horizontal axis.
struct Point
{
    int64_t nAps{5};
    int64_t nUes{2};
    int64_t nAntennas{8};
};

/// A policy by its short name, with the values of attributes that it may have.
Method
MakeMethod(const CellFreeCommandLine& cmd,
           const std::string& name,
           double sensingWeight,
           const std::string& policyName,
           const std::string& attribute = "",
           const std::string& value = "")
{
    std::string error;
    auto policy = CreateBeamformingPolicy(policyName, error);
    cmd.RefuseIf(error);
    if (!attribute.empty())
    {
        policy->SetAttribute(attribute, StringValue(value));
    }
    cmd.RefuseIf(policy->FindError());
    return {name, sensingWeight, [policy](const IsacProblem& problem, IsacBeams& beams) {
                policy->ComputeBeams(problem, beams);
            }};
}

/// An edge head with the plain sums over APs of equation (13), whatever its file says.
Method
MakeEdgeWithSums(const CellFreeCommandLine& cmd, double sensingWeight, const std::string& file)
{
    IsacGnnWeights weights;
    auto error = weights.Load(file);
    weights.metadata["reference_aps"] = "0";
    auto network = std::make_shared<IsacGnnEdgeInference>();
    error = error.empty() ? network->SetWeights(weights) : error;
    cmd.RefuseIf(error);
    // The draws are normalised problems, as the network wants them.
    return {"gnn-edge-sum", sensingWeight, [network](const IsacProblem& problem, IsacBeams& beams) {
                network->ComputeBeams(problem, beams);
            }};
}

/// A weight as it stands in the names of files: 0, 0.5, 10.
std::string
ToText(double weight)
{
    std::ostringstream text;
    text << weight;
    return text.str();
}

/// The methods at one sensing weight: both heads and the joint solver, then the baselines.
std::vector<Method>
MakeMethods(const CellFreeCommandLine& cmd,
            double sensingWeight,
            const std::string& weightDir,
            int64_t nAntennas)
{
    std::vector<Method> methods;
    const auto edgeFile =
        (std::filesystem::path(weightDir) / ("edge-beta" + ToText(sensingWeight) + ".safetensors"))
            .string();
    // The edge head is tied to the number of antennas that it was trained with.
    if (nAntennas == 8 && std::filesystem::exists(edgeFile))
    {
        methods.push_back(
            MakeMethod(cmd, "gnn-edge", sensingWeight, "gnn", "WeightFile", edgeFile));
        methods.push_back(MakeEdgeWithSums(cmd, sensingWeight, edgeFile));
    }
    for (const char* name : {"gnn", "joint", "wmmse", "rzf", "cb", "cb-sensing"})
    {
        methods.push_back(MakeMethod(cmd, name, sensingWeight, name));
    }
    methods.push_back(MakeMethod(cmd, "rzf-per-ap", sensingWeight, "rzf", "Scaling", "per-ap"));
    return methods;
}

/// Runs all methods on the same draws of the paper's set-up.
std::vector<Result>
Evaluate(const Point& point, const std::vector<Method>& methods, int64_t draws, uint64_t seed)
{
    IsacGnnDraw::Shape shape;
    shape.nAps = point.nAps;
    shape.nUes = point.nUes;
    shape.nTargets = 1;
    shape.nAntennas = point.nAntennas;
    IsacGnnDraw draw(seed);
    IsacProblem problem;
    IsacBeams beams;
    IsacMetrics metrics;
    std::vector<Result> results(methods.size());
    for (int64_t i = 0; i < draws; ++i)
    {
        draw.DrawProblem(shape, problem);
        for (size_t k = 0; k < methods.size(); ++k)
        {
            problem.sensingWeight.setConstant(methods[k].sensingWeight);
            methods[k].computeBeams(problem, beams);
            metrics.Evaluate(problem, beams);
            results[k].rate.Add(metrics.GetSumRate());
            results[k].snr.Add(metrics.GetSensingSnr().sum());
            results[k].objective.Add(metrics.GetObjective());
        }
    }
    return results;
}

/// Progress on the terminal.
void
Report(size_t done, size_t total)
{
    std::fprintf(stderr, "\rpoint %zu of %zu%s", done, total, done == total ? "\n" : "");
}

/// What figures 6 and 7 look at: two sides, and pilots or speeds.
CellFreeEstimateStudy
MakeEstimateStudy(int figure)
{
    CellFreeEstimateStudy study;
    CellFreeScenario scenario;
    for (double side : {400.0, 1000.0})
    {
        scenario.side = side;
        if (figure == 6)
        {
            for (uint32_t pilots : {2, 3, 4, 6, 8, 12})
            {
                scenario.pilotLength = pilots;
                study.points.push_back(scenario);
            }
            continue;
        }
        scenario.pilotLength = scenario.nUes;
        scenario.csiAge = 1e-3;
        for (double speed : {0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0})
        {
            scenario.ueSpeed = speed;
            study.points.push_back(scenario);
        }
    }
    return study;
}

/**
 * Computes figure 6 or 7, with a row on the terminal for every point.
 * @param cmd the command line
 * @param study what to measure
 * @param csv path of the table, which appears when it is complete
 */
void
WriteEstimateFigure(const CellFreeCommandLine& cmd,
                    const CellFreeEstimateStudy& study,
                    const std::string& csv)
{
    std::ostringstream table;
    table << "method,side_m,pilotLength,ueSpeed_mps,csiAge_s,nAps,nUes,nAntennas,draws,"
             "sumRate_bpsPerHz,sumRateHalfWidth95_bpsPerHz,overRobust,overRobustHalfWidth95\n"
          << std::setprecision(8);
    cmd.RefuseIf(cellfree::MeasureEstimates(study, [&](std::size_t point, const auto& figures) {
        const auto& at = study.points[point];
        if (point == 0)
        {
            std::printf("Mean true sum rate, as a share of robust's:\n%8s%8s%8s%10s",
                        "side_m",
                        "pilots",
                        "m/s",
                        "bit/s/Hz");
            for (const auto& figure : figures)
            {
                std::printf("%15s", figure.method.c_str());
            }
        }
        std::printf("\n%8g%8u%8g", at.side, at.pilotLength, at.ueSpeed);
        for (const auto& figure : figures)
        {
            if (figure.method == "robust")
            {
                std::printf("%10.2f", figure.sumRate);
            }
        }
        for (const auto& figure : figures)
        {
            std::printf("%13.2f %%", 100 * figure.share);
            table << figure.method << ',' << at.side << ',' << at.pilotLength << ',' << at.ueSpeed
                  << ',' << at.csiAge << ',' << at.nAps << ',' << at.nUes << ',' << at.nAntennas
                  << ',' << study.draws << ',' << figure.sumRate << ',' << figure.sumRateHalfWidth
                  << ',' << figure.share << ',' << figure.shareHalfWidth << '\n';
        }
        std::fflush(stdout);
    }));
    std::printf("\n");
    std::ofstream file(csv + ".part", std::ios::trunc);
    file << table.str();
    file.close();
    const bool isWritten = file && std::rename((csv + ".part").c_str(), csv.c_str()) == 0;
    cmd.RefuseIf(isWritten ? "" : "cannot write '" + csv + "'");
}

/// Draws a table as a figure, and says where both are.
void
Plot(const std::string& csv, bool withPlot)
{
    std::cout << "\nNumbers: " << csv << '\n';
    if (withPlot)
    {
        const auto problem = cellfree::RunPythonTool("plot-figures.py", {csv});
        std::cout << (problem.empty() ? "Figure: " + csv.substr(0, csv.size() - 4) + ".png"
                                      : problem)
                  << std::endl;
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    int figure = 3;
    int64_t draws = 0;
    uint32_t jobs = std::max(1U, std::thread::hardware_concurrency());
    std::string weightDir =
        std::filesystem::path(CellFreeGnnPolicy::GetDefaultWeightFile()).parent_path().string();
    std::string outputDir = "cellfree-isac-output";
    std::string simTag;
    bool plot = true;

    CellFreeCommandLine cmd(__FILE__);
    cmd.Usage("Figures 3 and 4 of the paper, and some of our own: over the numbers of UEs and "
              "antennas (5), of pilots (6), and over the speed of UEs (7).");
    cmd.AddValue("figure", "number of the figure", figure, 3, 7);
    cmd.AddValue("draws",
                 "random channels at every point; 0: 2000, or 300 for figures 6 and 7",
                 draws,
                 0,
                 10000000);
    cmd.AddValue("jobs", "threads of figures 6 and 7", jobs, 1, 1024);
    cmd.AddValue("weightDir",
                 "folder of edge-betaB.safetensors, the edge heads trained for beta_s = B",
                 weightDir);
    cmd.AddValue("plot", "whether to draw the figure", plot);
    cmd.AddValue("outputDir", "folder of the results, created if missing", outputDir);
    cmd.AddValue("simTag", "appended to the names of result files", simTag);
    cmd.Parse(argc, argv);
    if (!std::filesystem::is_directory(weightDir))
    {
        cmd.Refuse("--weightDir=" + weightDir + ": expected a folder");
    }
    const auto error = CellFreeTraceWriter::FindDirectoryError(outputDir);
    cmd.RefuseIf(error);

    const auto name = "figure" + std::to_string(figure) + simTag;
    const auto csv = (std::filesystem::path(outputDir) / (name + ".csv")).string();
    if (figure == 6 || figure == 7)
    {
        cmd.RefuseIf(draws == 1 ? "--draws=1: expected at least 2 for an interval" : "");
        auto study = MakeEstimateStudy(figure);
        study.draws = draws > 0 ? draws : 300;
        study.jobs = jobs;
        study.firstNumber = (RngSeedManager::GetRun() % (1 << 26)) << 24;
        WriteEstimateFigure(cmd, study, csv);
        Plot(csv, plot);
        return 0;
    }
    draws = draws > 0 ? draws : 2000;

    std::vector<double> weights{0, 2};
    std::vector<Point> points;
    switch (figure)
    {
    case 3:
        weights = {0, 0.5, 1, 2, 5, 10};
        points.push_back(Point());
        break;
    case 4:
        for (int64_t m = 2; m <= 10; ++m)
        {
            points.push_back({m, 2, 8});
        }
        break;
    default:
        for (int64_t u = 1; u <= 8; ++u)
        {
            points.push_back({5, u, 8});
        }
        for (int64_t n : {2, 4, 16, 32, 64})
        {
            points.push_back({5, 2, n});
        }
    }

    // Weight files are read before anything is written.
    std::map<std::pair<double, int64_t>, std::vector<Method>> methodsOf;
    for (const auto& point : points)
    {
        for (double weight : weights)
        {
            auto& methods = methodsOf[{weight, point.nAntennas}];
            if (methods.empty())
            {
                methods = MakeMethods(cmd, weight, weightDir, point.nAntennas);
            }
        }
    }
    std::ofstream file(csv + ".part", std::ios::trunc);
    file << "method,sensingWeight,nAps,nUes,nAntennas,draws,sumRate_bpsPerHz,sumRateError_bpsPerHz,"
            "sensingSnr,sensingSnrError,objective_bpsPerHz,objectiveError_bpsPerHz\n"
         << std::setprecision(8);
    const auto seed = (uint64_t{0xf1} << 48) + RngSeedManager::GetRun();
    std::map<std::pair<std::string, double>, Result> atFive; // M = 5, U = 2, N = 8
    size_t done = 0;
    for (const auto& point : points)
    {
        for (double weight : weights)
        {
            const auto& methods = methodsOf.at({weight, point.nAntennas});
            const auto results = Evaluate(point, methods, draws, seed);
            for (size_t k = 0; k < methods.size(); ++k)
            {
                const auto& r = results[k];
                file << methods[k].name << ',' << weight << ',' << point.nAps << ',' << point.nUes
                     << ',' << point.nAntennas << ',' << draws << ',' << r.rate.Mean() << ','
                     << r.rate.Error() << ',' << r.snr.Mean() << ',' << r.snr.Error() << ','
                     << r.objective.Mean() << ',' << r.objective.Error() << '\n';
                if (point.nAps == 5 && point.nUes == 2 && point.nAntennas == 8)
                {
                    atFive[{methods[k].name, weight}] = r;
                }
            }
            Report(++done, points.size() * weights.size());
        }
    }
    file.close();
    const bool isWritten = file && std::rename((csv + ".part").c_str(), csv.c_str()) == 0;
    cmd.RefuseIf(isWritten ? "" : "cannot write '" + csv + "'");

    std::cout << "M = 5, U = 2, N = 8, means over " << draws << " draws\n\n"
              << std::left << std::setw(12) << "method" << std::right << std::setw(8) << "beta_s"
              << std::setw(10) << "rate" << std::setw(10) << "SNR" << std::setw(12) << "objective"
              << std::setw(12) << "of joint\n"
              << std::fixed;
    for (const auto& [key, r] : atFive)
    {
        const auto& joint = atFive.at({"joint", key.second});
        std::cout << std::left << std::setw(12) << key.first << std::right << std::setw(8)
                  << ToText(key.second) << std::setprecision(2) << std::setw(10) << r.rate.Mean()
                  << std::setw(10) << r.snr.Mean() << std::setw(12) << r.objective.Mean()
                  << std::setw(10) << 100 * r.objective.Mean() / joint.objective.Mean() << " %\n";
    }
    Plot(csv, plot);
    return 0;
}
