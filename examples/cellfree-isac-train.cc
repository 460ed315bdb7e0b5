// SPDX-License-Identifier: GPL-2.0-only

/*
 * Trains the graph network of --policy=gnn, without labels: it maximises the objective
 * sum_u R_u + beta_s sum_t log2(1 + SNR_t) on problems drawn anew for every step.
 *
 *   cellfree-isac-train --steps=5000 --outputDir=my-network
 *   cellfree-isac-example --policy=gnn
 * --ns3::CellFreeGnnPolicy::WeightFile=my-network/weights.safetensors
 *
 * Every checkpoint interval, the weights are judged on fixed problems: their objective as a share
 * of the joint solver's. The best ones so far are in weights.safetensors. An interrupted run goes
 * on with --resume, bit for bit as if it had not stopped.
 */

#include "ns3/cellfree-isac-module.h"
#include "ns3/core-module.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <vector>

using namespace ns3;

namespace
{

/// Problems of one kind, with what the joint solver reaches on them.
struct ValidationSet
{
    std::string name;      //!< DISTRIBUTION-M-U-N
    IsacGnnBatch batch;    //!< the problems
    double reference{0.0}; //!< mean objective of the joint solver
};

/// Draws the validation problems and solves them. Their seed is apart from those of training.
std::vector<ValidationSet>
MakeValidation(uint32_t drops)
{
    struct Kind
    {
        bool isScenario;
        int64_t nAps;
        int64_t nUes;
        int64_t nAntennas;
    };

    std::vector<ValidationSet> sets;
    IsacGnnDraw draw(0xfeedULL << 32);
    IsacWmmseSolver solver;
    IsacMetrics metrics;
    IsacProblem problem;
    IsacBeams beams;
    for (const auto& kind : {Kind{false, 5, 2, 8},
                             Kind{false, 12, 5, 4},
                             Kind{true, 5, 2, 8},
                             Kind{true, 9, 4, 4},
                             Kind{true, 16, 6, 8}})
    {
        IsacGnnDraw::Shape shape;
        shape.isScenario = kind.isScenario;
        shape.nAps = kind.nAps;
        shape.nUes = kind.nUes;
        shape.nAntennas = kind.nAntennas;
        ValidationSet set;
        std::ostringstream name;
        name << (kind.isScenario ? "pl-" : "iid-") << kind.nAps << "-" << kind.nUes << "-"
             << kind.nAntennas;
        set.name = name.str();
        for (uint32_t i = 0; i < drops; ++i)
        {
            draw.DrawProblem(shape, problem);
            IsacWmmseSolver::Options options;
            options.sensingWeight = std::vector<double>{0, 1, 2, 10}[i % 4];
            solver.Solve(problem, options, beams);
            metrics.Evaluate(problem, beams);
            set.reference += metrics.GetObjective(options.sensingWeight) / drops;
            if (i == 0)
            {
                set.batch.Start(problem);
            }
            set.batch.Add(problem, options.sensingWeight);
        }
        sets.push_back(std::move(set));
    }
    return sets;
}

/// Mean of a network's objectives as a share of the solver's, per set.
std::vector<double>
Validate(const IsacGnnNetwork& network, const std::vector<ValidationSet>& sets)
{
    std::vector<double> shares;
    for (const auto& set : sets)
    {
        double sum = 0.0;
        for (auto objective : network.GetObjectives(set.batch))
        {
            sum += objective;
        }
        shares.push_back(sum / set.batch.count / set.reference);
    }
    return shares;
}

/// Reads "a,b,c" as positive sizes.
std::vector<int64_t>
ReadLayers(const std::string& text)
{
    std::vector<int64_t> layers;
    std::istringstream stream(text);
    for (int64_t n = 0; stream >> n;)
    {
        NS_ABORT_MSG_IF(n < 1 || n > 64, "--layers=" << text << ": expected numbers in 1 .. 64");
        layers.push_back(n);
        stream.ignore(1, ',');
    }
    NS_ABORT_MSG_IF(layers.empty() || !stream.eof(),
                    "--layers=" << text << ": expected numbers separated by commas");
    return layers;
}

/// Seed of the draws of one step: draws do not depend on threads, nor on where a run resumed.
uint64_t
GetStepSeed(uint64_t seed, int64_t step)
{
    return (seed << 32) + static_cast<uint64_t>(step) + 1;
}

} // namespace

int
main(int argc, char* argv[])
{
    IsacGnnArchitecture architecture;
    IsacGnnTrainer::Options options;
    std::string layers = "2,1,1";
    uint64_t links = 4000;
    uint32_t threads = 1;
    uint32_t drawThreads = 1;
    bool useCuda = false;
    bool resume = false;
    std::string init;
    std::string outputDir = "cellfree-isac-output";
    std::string simTag;
    uint32_t interval = 250;
    uint32_t validationDrops = 20;

    CommandLine cmd(__FILE__);
    cmd.Usage("Trains the graph network of --policy=gnn.");
    cmd.AddValue("steps", "Length of the learning-rate schedule, in steps", options.steps);
    cmd.AddValue("learningRate", "Largest learning rate of Adam", options.learningRate);
    cmd.AddValue("linkWidth", "Hidden numbers per link", architecture.linkWidth);
    cmd.AddValue("nodeWidth", "Hidden numbers per AP, UE and target", architecture.nodeWidth);
    cmd.AddValue("layers", "Graph layers in each stage, separated by commas", layers);
    cmd.AddValue("links",
                 "Links in a batch: its number of problems follows from their size",
                 links);
    cmd.AddValue("threads", "Threads of LibTorch", threads);
    cmd.AddValue("drawThreads",
                 "Batches that are drawn at the same time, ahead of training",
                 drawThreads);
    cmd.AddValue("cuda", "Train on the first CUDA device", useCuda);
    cmd.AddValue("resume", "Go on from the checkpoint in outputDir", resume);
    cmd.AddValue("init", "Weight file to start from, of the same sizes", init);
    cmd.AddValue("interval", "Steps between checkpoints and validations", interval);
    cmd.AddValue("validationDrops",
                 "Problems in each of the five validation sets",
                 validationDrops);
    cmd.AddValue("outputDir", "Folder of the results, created if missing", outputDir);
    cmd.AddValue("simTag", "Appended to the names of result files", simTag);
    cmd.Parse(argc, argv);
    architecture.layers = ReadLayers(layers);
    NS_ABORT_MSG_IF(options.steps < 1, "--steps=" << options.steps << ": expected at least 1");
    NS_ABORT_MSG_IF(!(options.learningRate > 0 && options.learningRate < 1),
                    "--learningRate=" << options.learningRate << ": expected a number in (0, 1)");
    NS_ABORT_MSG_IF(architecture.linkWidth < 1 || architecture.linkWidth > 4096 ||
                        architecture.nodeWidth < 1 || architecture.nodeWidth > 4096,
                    "--linkWidth, --nodeWidth: expected numbers in 1 .. 4096");
    NS_ABORT_MSG_IF(threads < 1 || drawThreads < 1 || interval < 1 || validationDrops < 1 ||
                        links < 1,
                    "--threads, --drawThreads, --interval, --validationDrops, --links: expected at "
                    "least 1");
    NS_ABORT_MSG_IF(useCuda && !IsacGnnNetwork::HasCuda(), "--cuda: LibTorch sees no CUDA device");

    std::filesystem::create_directories(outputDir);
    const auto path = [&](const std::string& name, const std::string& extension) {
        return (std::filesystem::path(outputDir) / (name + simTag + extension)).string();
    };
    const auto checkpoint = path("checkpoint", ".pt");
    const auto weightFile = path("weights", ".safetensors");
    const auto seed = RngSeedManager::GetRun();

    IsacGnnNetwork::SetThreads(static_cast<int>(threads));
    IsacGnnNetwork network(architecture, seed, useCuda);
    IsacGnnNetwork judged(architecture, seed, useCuda);
    if (!init.empty())
    {
        IsacGnnWeights weights;
        auto error = weights.Load(init);
        error = error.empty() ? network.SetWeights(weights) : error;
        NS_ABORT_MSG_IF(!error.empty(), "--init: " << error);
    }
    IsacGnnTrainer trainer(network, options);
    if (resume)
    {
        const auto error = trainer.LoadCheckpoint(checkpoint);
        NS_ABORT_MSG_IF(!error.empty(), error);
    }
    const auto validation = MakeValidation(validationDrops);

    double best = 0.0;
    if (resume)
    {
        // Judge what is there, so that a worse checkpoint does not replace it.
        IsacGnnWeights weights;
        if (weights.Load(weightFile).empty() && judged.SetWeights(weights).empty())
        {
            for (auto share : Validate(judged, validation))
            {
                best += share / validation.size();
            }
        }
    }
    std::ofstream curve(path("TrainingTrace", ".tsv"), resume ? std::ios::app : std::ios::trunc);
    if (!resume)
    {
        curve << "step\ttime(s)\tshare";
        for (const auto& set : validation)
        {
            curve << "\tshare:" << set.name;
        }
        curve << "\n";
    }

    std::string command;
    for (int i = 1; i < argc; ++i)
    {
        command += (i > 1 ? " " : "") + std::string(argv[i]);
    }
    const auto start = std::chrono::steady_clock::now();
    const auto firstStep = trainer.GetStep();
    std::vector<std::future<IsacGnnBatch>> drawn(drawThreads);
    const auto launch = [&](int64_t step) {
        drawn[step % drawThreads] = std::async(std::launch::async, [=] {
            IsacGnnDraw draw(GetStepSeed(seed, step));
            IsacGnnBatch batch;
            draw.DrawBatch(static_cast<int64_t>(links), batch);
            return batch;
        });
    };
    for (int64_t step = firstStep; step < std::min<int64_t>(firstStep + drawThreads, options.steps);
         ++step)
    {
        launch(step);
    }
    while (trainer.GetStep() < options.steps)
    {
        const auto step = trainer.GetStep();
        const auto batch = drawn[step % drawThreads].get();
        if (step + drawThreads < options.steps)
        {
            launch(step + drawThreads);
        }
        trainer.Step(batch);
        if ((step + 1) % interval != 0 && step + 1 != options.steps)
        {
            continue;
        }
        auto weights = trainer.GetMeanWeights();
        judged.SetWeights(weights);
        const auto shares = Validate(judged, validation);
        double mean = 0.0;
        std::ostringstream row;
        row << std::fixed << std::setprecision(5);
        for (auto share : shares)
        {
            mean += share / shares.size();
            row << "\t" << share;
        }
        const double elapsed =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const double rate = (step + 1 - firstStep) / elapsed;
        curve << step + 1 << "\t" << std::fixed << std::setprecision(1) << elapsed << "\t"
              << std::setprecision(5) << mean << row.str() << "\n";
        curve.flush();
        std::printf("step %lld of %lld  %.1f steps/s  %.0f s left  %.3f %% of the joint solver%s\n",
                    static_cast<long long>(step + 1),
                    static_cast<long long>(options.steps),
                    rate,
                    (options.steps - step - 1) / rate,
                    100 * mean,
                    mean > best ? "  (best)" : "");
        std::fflush(stdout);
        if (mean > best)
        {
            best = mean;
            std::ostringstream validationText;
            for (size_t i = 0; i < shares.size(); ++i)
            {
                validationText << (i ? " " : "") << validation[i].name << ":" << shares[i];
            }
            weights.metadata["training_command"] = "cellfree-isac-train " + command;
            weights.metadata["training_seed"] = std::to_string(seed);
            weights.metadata["training_steps"] = std::to_string(step + 1);
            weights.metadata["training_distribution"] = "IsacGnnDraw::DrawShape";
            weights.metadata["sensing_weight_range"] = "0, 0.1 .. 13";
            weights.metadata["initial_weights"] = init;
            weights.metadata["validation_share_of_joint_solver"] = validationText.str();
            const auto error = weights.Save(weightFile);
            NS_ABORT_MSG_IF(!error.empty(), error);
        }
        const auto error = trainer.SaveCheckpoint(checkpoint);
        NS_ABORT_MSG_IF(!error.empty(), error);
    }
    std::cout << "Best weights: " << weightFile << " (" << std::fixed << std::setprecision(3)
              << 100 * best << " % of the joint solver)\n";
    if (trainer.GetDropped() > 0)
    {
        std::cout << trainer.GetDropped() << " steps had gradients that were not finite.\n";
    }
    return 0;
}
