// SPDX-License-Identifier: GPL-2.0-only

/*
 * Figures 3 and 4 of U. Demirhan, A. Alkhateeb, "Learning Beamforming in Cell-Free Massive MIMO
 * ISAC Systems", and one of our own (5), on the link level: random channels, no packets.
 *
 *   3  sum rate and sensing SNR over the sensing weight, M = 5 APs, U = 2 UEs
 *   4  sum rate and sensing SNR over the number of APs, by networks trained at M = 5; of the edge
 *      head also with the plain sums over APs that the paper prints (gnn-edge-sum)
 *   5  objective as a share of the joint solver's, over the numbers of UEs and of antennas
 *
 * Writes figureN.csv and, with Python's matplotlib, figureN.png and figureN.pdf.
 */

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

} // namespace

int
main(int argc, char* argv[])
{
    int figure = 3;
    int64_t draws = 2000;
    std::string weightDir =
        std::filesystem::path(CellFreeGnnPolicy::GetDefaultWeightFile()).parent_path().string();
    std::string outputDir = "cellfree-isac-output";
    std::string simTag;
    bool plot = true;

    CellFreeCommandLine cmd(__FILE__);
    cmd.Usage("Figures 3 and 4 of the paper, and one over the numbers of UEs and antennas (5).");
    cmd.AddValue("figure", "number of the figure", figure, 3, 5);
    cmd.AddValue("draws", "random channels at every point", draws, 1, 10000000);
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

    const auto name = "figure" + std::to_string(figure) + simTag;
    const auto csv = (std::filesystem::path(outputDir) / (name + ".csv")).string();
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
    std::cout << "\nNumbers: " << csv << '\n';
    if (plot)
    {
        const auto problem = cellfree::RunPythonTool("plot-figures.py", {csv});
        std::cout << (problem.empty() ? "Figure: " + csv.substr(0, csv.size() - 4) + ".png"
                                      : problem)
                  << std::endl;
    }
    return 0;
}
