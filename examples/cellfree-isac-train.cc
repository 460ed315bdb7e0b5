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

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iomanip>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

using namespace ns3;

namespace
{

/// Where problems come from: equal settings and seeds give equal problems.
using ProblemSource = std::function<
    void(const IsacGnnDraw::Settings& settings, uint64_t seed, IsacGnnSamples& samples)>;

/// Seed of the validation problems, apart from those of training.
constexpr uint64_t VALIDATION_SEED = 0xfeedULL << 32;

/// Problems of one kind, with what the joint solver reaches on them.
struct ValidationSet
{
    std::string name;      //!< DISTRIBUTION-M-U-N
    IsacGnnBatch batch;    //!< the problems
    double reference{0.0}; //!< mean objective of the joint solver
};

/// Solves validation problems.
ValidationSet
MakeValidationSet(const std::string& kind,
                  const IsacGnnSamples& samples,
                  IsacGnnArchitecture::Head head)
{
    const auto& first = samples.problems.front();
    std::ostringstream name;
    name << kind << "-" << first.GetNAps() << "-" << first.GetNUes() << "-" << first.nAntennas;
    ValidationSet set;
    set.name = name.str();
    set.batch.Set(samples, head);
    IsacWmmseSolver solver;
    IsacMetrics metrics;
    IsacBeams beams;
    for (size_t i = 0; i < samples.problems.size(); ++i)
    {
        IsacWmmseSolver::Options options;
        options.sensingWeight = samples.sensingWeights[i];
        solver.Solve(samples.problems[i], options, beams);
        metrics.Evaluate(samples.problems[i], beams);
        set.reference += metrics.GetObjective(options.sensingWeight) / samples.problems.size();
    }
    return set;
}

/// Sizes to validate on where they are not fixed.
struct ValidationKind
{
    IsacGnnDraw::Family family; //!< of drawn problems
    int64_t nAps;
    int64_t nUes;
    int64_t nAntennas;
};

/// Draws and solves the validation problems; kinds that come out equal count once.
std::vector<ValidationSet>
MakeValidation(const ProblemSource& source,
               const IsacGnnDraw::Settings& settings,
               const std::vector<ValidationKind>& kinds,
               uint32_t drops,
               IsacGnnArchitecture::Head head)
{
    std::vector<ValidationSet> sets;
    IsacGnnSamples samples;
    for (const auto& kind : kinds)
    {
        auto fixed = settings;
        fixed.family = kind.family;
        fixed.nAps = settings.nAps.value_or(kind.nAps);
        fixed.nUes = settings.nUes.value_or(kind.nUes);
        fixed.nTargets = settings.nTargets.value_or(1);
        fixed.nAntennas = settings.nAntennas.value_or(kind.nAntennas);
        fixed.nProblems = drops;
        source(fixed, VALIDATION_SEED + sets.size(), samples);
        // Recorded problems, whose sizes no kind gives, keep their own weights.
        for (uint32_t i = 0; i < drops && kind.nAps > 0; ++i)
        {
            constexpr double WEIGHTS[] = {0, 1, 2, 10};
            samples.sensingWeights[i] = settings.sensingWeight.value_or(WEIGHTS[i % 4]);
        }
        auto set =
            MakeValidationSet(kind.family == IsacGnnDraw::PAPER ? "iid" : "pl", samples, head);
        const bool isNew = std::none_of(sets.begin(), sets.end(), [&set](const auto& other) {
            return other.name == set.name;
        });
        if (isNew)
        {
            sets.push_back(std::move(set));
        }
    }
    return sets;
}

/// Draws the problems of a batch from the channel classes of a simulation.
void
DrawSimulation(const IsacGnnDraw::Settings& settings,
               double side,
               uint64_t seed,
               IsacGnnSamples& samples)
{
    IsacGnnDraw draw(seed);
    const auto shape = draw.DrawShape(settings);
    CellFreeScenario scenario;
    scenario.nAps = shape.nAps;
    scenario.nUes = shape.nUes;
    scenario.nTargets = shape.nTargets;
    scenario.nAntennas = shape.nAntennas;
    scenario.side = side;
    const auto count = settings.GetCount(shape);
    samples.problems.resize(count);
    samples.sensingWeights.resize(count);
    IsacProblem problem;
    for (int64_t i = 0; i < count; ++i)
    {
        // Streams of the problems of all steps lie apart: fewer than 2^16 a problem.
        const auto number = (seed & 0xffffffff) * 1024 + i;
        DrawScenarioProblem(scenario, static_cast<int64_t>(number << 16), problem);
        Normalise(problem, samples.problems[i]);
        const double weight = draw.DrawSensingWeight();
        samples.sensingWeights[i] = settings.sensingWeight.value_or(weight);
    }
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

/// Text of an option that is not fixed.
const std::string DRAWN = "drawn";

/// Reads an option that is a number or left to the draw.
template <typename T>
std::optional<T>
ReadFixed(const std::string& name, const std::string& text, T low, T high)
{
    if (text == DRAWN)
    {
        return {};
    }
    std::istringstream stream(text);
    T number{};
    const bool isRead = stream >> number && stream.peek() == EOF;
    NS_ABORT_MSG_IF(!isRead || !(number >= low) || !(number <= high),
                    "--" << name << "=" << text << ": expected \"" << DRAWN << "\" or a number in "
                         << low << " .. " << high);
    return number;
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
    std::string head = "structured";
    std::string distribution = "default";
    std::string problemFile;
    double side = 1000.0;
    std::string nAps = "default";
    std::string nUes = "default";
    std::string nTargets = "default";
    std::string nAntennas = "default";
    std::string sensingWeight = "default";
    int64_t problems = 0;
    int64_t links = 4000;
    IsacGnnTrainer::Options options;
    options.steps = 0;
    options.learningRate = 0.0;
    int64_t linkWidth = 0;
    int64_t nodeWidth = 0;
    std::string layers;
    uint32_t threads = 1;
    uint32_t drawThreads = 1;
    bool useCuda = false;
    bool resume = false;
    bool halfPrecision = false;
    std::string init;
    std::string outputDir = "cellfree-isac-output";
    std::string simTag;
    uint32_t interval = 250;
    uint32_t validationDrops = 0;

    CommandLine cmd(__FILE__);
    cmd.Usage("Trains the graph network of --policy=gnn.\n"
              "The structured head's network learns a mixture of set-ups, so that one file serves "
              "them all; the edge head's, the paper's, learns one set-up of the paper. Options "
              "that are not given take the values that suit the head.");
    cmd.AddValue("head", "structured, or edge (the paper's)", head);
    cmd.AddValue("distribution",
                 "problems to train on: mixed; paper (i.i.d. channels); scenario (path loss); "
                 "simulation (the channel classes of a simulation); recorded (those of "
                 "--problemFile)",
                 distribution);
    cmd.AddValue("problemFile",
                 "problems to train on, as cellfree-isac-solve reads and cellfree-isac-example "
                 "--record writes them",
                 problemFile);
    cmd.AddValue("side", "side of the square of distribution simulation (m)", side);
    cmd.AddValue("nAps", "number of APs, or \"drawn\" (1 .. 60) for each batch", nAps);
    cmd.AddValue("nUes", "number of UEs, or \"drawn\" (1 .. 16) for each batch", nUes);
    cmd.AddValue("nTargets", "number of targets, or \"drawn\" (0 .. 4) for each batch", nTargets);
    cmd.AddValue("nAntennas",
                 "antennas of each AP, or \"drawn\" (1 .. 32) for each batch",
                 nAntennas);
    cmd.AddValue("sensingWeight",
                 "weight beta_s of sensing, or \"drawn\" (0, 0.1 .. 13) for each problem",
                 sensingWeight);
    cmd.AddValue("problems", "problems in a batch; 0: as many as make the links", problems);
    cmd.AddValue("links", "links, AP-UE and AP-target, in a batch", links);
    cmd.AddValue("steps", "length of the learning-rate schedule, in steps", options.steps);
    cmd.AddValue("learningRate", "largest learning rate of Adam", options.learningRate);
    cmd.AddValue("linkWidth", "hidden numbers per link", linkWidth);
    cmd.AddValue("nodeWidth", "hidden numbers per AP, UE and target", nodeWidth);
    cmd.AddValue("layers", "graph layers in each stage, separated by commas", layers);
    cmd.AddValue("threads", "threads of LibTorch", threads);
    cmd.AddValue("drawThreads",
                 "batches that are drawn at the same time, ahead of training",
                 drawThreads);
    cmd.AddValue("cuda", "train on the first CUDA device", useCuda);
    cmd.AddValue("resume", "go on from the checkpoint in outputDir", resume);
    cmd.AddValue("init", "weight file to start from, of the same sizes", init);
    cmd.AddValue("float16", "write the weights in half precision", halfPrecision);
    cmd.AddValue("interval", "steps between checkpoints and validations", interval);
    cmd.AddValue("validationDrops", "problems in each validation set", validationDrops);
    cmd.AddValue("outputDir", "folder of the results, created if missing", outputDir);
    cmd.AddValue("simTag", "appended to the names of result files", simTag);
    cmd.Parse(argc, argv);

    // What each head takes where nothing was said.
    NS_ABORT_MSG_IF(head != "structured" && head != "edge",
                    "--head=" << head << ": expected structured or edge");
    const bool isEdge = head == "edge";
    const auto byHead = [isEdge](auto& value, auto unset, auto structured, auto edge) {
        if (value == unset)
        {
            value = isEdge ? edge : structured;
        }
    };
    byHead(distribution, "default", "mixed", "paper");
    byHead(nAps, "default", DRAWN, "5");
    byHead(nUes, "default", DRAWN, "2");
    byHead(nTargets, "default", DRAWN, "1");
    byHead(nAntennas, "default", DRAWN, "8");
    byHead(sensingWeight, "default", DRAWN, "0");
    byHead(problems, 0, 0, 256);
    byHead(options.steps, 0, 10000, 23460); // the paper: 60 epochs of 100 000 draws
    byHead(options.learningRate, 0.0, 2e-3, 4e-4);
    byHead(linkWidth, 0, 32, 256);
    byHead(nodeWidth, 0, 64, 256);
    byHead(layers, "", "2,1,1", "4");
    byHead(validationDrops, 0U, 20U, 500U);

    const std::map<std::string, std::vector<ValidationKind>> kindsOf{
        {"mixed",
         {{IsacGnnDraw::PAPER, 5, 2, 8},
          {IsacGnnDraw::PAPER, 12, 5, 4},
          {IsacGnnDraw::SCENARIO, 5, 2, 8},
          {IsacGnnDraw::SCENARIO, 9, 4, 4},
          {IsacGnnDraw::SCENARIO, 16, 6, 8}}},
        {"paper", {{IsacGnnDraw::PAPER, 5, 2, 8}, {IsacGnnDraw::PAPER, 12, 5, 4}}},
        {"scenario",
         {{IsacGnnDraw::SCENARIO, 5, 2, 8},
          {IsacGnnDraw::SCENARIO, 9, 4, 4},
          {IsacGnnDraw::SCENARIO, 16, 6, 8}}},
        {"simulation",
         {{IsacGnnDraw::SCENARIO, 5, 2, 8},
          {IsacGnnDraw::SCENARIO, 9, 4, 4},
          {IsacGnnDraw::SCENARIO, 16, 6, 8}}},
        {"recorded", {{IsacGnnDraw::SCENARIO, 0, 0, 0}}},
    };
    NS_ABORT_MSG_IF(kindsOf.count(distribution) == 0,
                    "--distribution=" << distribution
                                      << ": expected mixed, paper, scenario, simulation or "
                                         "recorded");
    NS_ABORT_MSG_IF((distribution == "recorded") == problemFile.empty(),
                    "--problemFile=" << problemFile
                                     << ": expected a file with --distribution=recorded, and only "
                                        "then");
    NS_ABORT_MSG_IF(distribution == "simulation" && drawThreads > 1,
                    "--drawThreads=" << drawThreads
                                     << ": distribution simulation draws in one thread");
    NS_ABORT_MSG_IF(!(side >= 10.0 && side <= 1e6),
                    "--side=" << side << ": expected 10 to 1000000 m");
    const auto& kinds = kindsOf.at(distribution);
    IsacGnnDraw::Settings settings;
    settings.family = distribution == "mixed" ? IsacGnnDraw::MIXED : kinds.front().family;
    settings.nAps = ReadFixed<int64_t>("nAps", nAps, 1, 1000);
    settings.nUes = ReadFixed<int64_t>("nUes", nUes, 1, 1000);
    settings.nTargets = ReadFixed<int64_t>("nTargets", nTargets, 0, 100);
    settings.nAntennas = ReadFixed<int64_t>("nAntennas", nAntennas, 1, 1024);
    settings.sensingWeight = ReadFixed<double>("sensingWeight", sensingWeight, 0.0, 1e6);
    settings.nLinks = links;
    if (problems > 0)
    {
        settings.nProblems = problems;
    }
    IsacGnnArchitecture architecture;
    if (isEdge)
    {
        NS_ABORT_MSG_IF(!settings.nAntennas,
                        "--nAntennas=" << nAntennas
                                       << ": the edge head needs a number, for it is tied to it");
        architecture = IsacGnnArchitecture::GetPaperEdge(*settings.nAntennas);
    }
    architecture.linkWidth = linkWidth;
    architecture.nodeWidth = nodeWidth;
    architecture.layers = ReadLayers(layers);
    NS_ABORT_MSG_IF(isEdge && architecture.layers.size() != 1,
                    "--layers=" << layers << ": the edge head has one stage, expected one number");
    NS_ABORT_MSG_IF(problems < 0, "--problems=" << problems << ": expected at least 0");
    NS_ABORT_MSG_IF(options.steps < 1, "--steps=" << options.steps << ": expected at least 1");
    NS_ABORT_MSG_IF(!(options.learningRate > 0 && options.learningRate < 1),
                    "--learningRate=" << options.learningRate << ": expected a number in (0, 1)");
    NS_ABORT_MSG_IF(linkWidth < 1 || linkWidth > 4096 || nodeWidth < 1 || nodeWidth > 4096,
                    "--linkWidth, --nodeWidth: expected numbers in 1 .. 4096");
    NS_ABORT_MSG_IF(threads < 1 || drawThreads < 1 || interval < 1 || validationDrops < 1 ||
                        links < 1,
                    "--threads, --drawThreads, --interval, --validationDrops, --links: expected at "
                    "least 1");
    NS_ABORT_MSG_IF(useCuda && !IsacGnnNetwork::HasCuda(), "--cuda: LibTorch sees no CUDA device");
    const auto error = CellFreeTraceWriter::FindDirectoryError(outputDir);
    NS_ABORT_MSG_IF(!error.empty(), error);

    const auto path = [&](const std::string& name, const std::string& extension) {
        return (std::filesystem::path(outputDir) / (name + simTag + extension)).string();
    };
    const auto checkpoint = path("checkpoint", ".pt");
    const auto weightFile = path("weights", ".safetensors");
    const auto seed = RngSeedManager::GetRun();

    IsacGnnRecordedProblems recorded;
    if (!problemFile.empty())
    {
        const auto loadError = recorded.Load(problemFile);
        NS_ABORT_MSG_IF(!loadError.empty(), loadError);
    }
    const ProblemSource drawOnes = [](const auto& wanted, uint64_t drawSeed, auto& samples) {
        IsacGnnDraw(drawSeed).DrawSamples(wanted, samples);
    };
    const ProblemSource drawRecorded =
        [&recorded](const auto& wanted, uint64_t drawSeed, auto& samples) {
            recorded.DrawSamples(drawSeed,
                                 wanted.nProblems.value_or(64),
                                 wanted.sensingWeight,
                                 samples);
        };
    const ProblemSource drawSimulation =
        [side](const auto& wanted, uint64_t drawSeed, auto& samples) {
            DrawSimulation(wanted, side, drawSeed, samples);
        };
    const auto& source = distribution == "recorded"     ? drawRecorded
                         : distribution == "simulation" ? drawSimulation
                                                        : drawOnes;

    IsacGnnNetwork::SetThreads(static_cast<int>(threads));
    IsacGnnNetwork network(architecture, seed, useCuda);
    IsacGnnNetwork judged(architecture, seed, useCuda);
    if (!init.empty())
    {
        IsacGnnWeights weights;
        auto initError = weights.Load(init);
        initError = initError.empty() ? network.SetWeights(weights) : initError;
        NS_ABORT_MSG_IF(!initError.empty(), "--init: " << initError);
    }
    IsacGnnTrainer trainer(network, options);
    if (resume)
    {
        const auto loadError = trainer.LoadCheckpoint(checkpoint);
        NS_ABORT_MSG_IF(!loadError.empty(), loadError);
    }
    const auto validation =
        MakeValidation(source, settings, kinds, validationDrops, architecture.head);

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
        curve << "step\ttime_s\tshare";
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
        drawn[step % drawThreads] = std::async(std::launch::async, [&, step] {
            IsacGnnSamples samples;
            source(settings, GetStepSeed(seed, step), samples);
            IsacGnnBatch batch;
            batch.Set(samples, architecture.head);
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
            weights.metadata["training_distribution"] = distribution + ", nAps " + nAps +
                                                        ", nUes " + nUes + ", nTargets " +
                                                        nTargets + ", nAntennas " + nAntennas;
            weights.metadata["sensing_weight_range"] =
                sensingWeight == DRAWN ? "0, 0.1 .. 13" : sensingWeight;
            weights.metadata["initial_weights"] = init;
            weights.metadata["validation_share_of_joint_solver"] = validationText.str();
            const auto saveError =
                weights.Save(weightFile, halfPrecision ? IsacGnnWeights::F16 : IsacGnnWeights::F32);
            NS_ABORT_MSG_IF(!saveError.empty(), saveError);
        }
        const auto saveError = trainer.SaveCheckpoint(checkpoint);
        NS_ABORT_MSG_IF(!saveError.empty(), saveError);
    }
    curve.close();
    const auto plotError =
        cellfree::RunPythonTool("plot-training.py", {path("TrainingTrace", ".tsv")});
    if (!plotError.empty())
    {
        std::cout << plotError << '\n';
    }
    std::cout << "Best weights: " << weightFile << " (" << std::fixed << std::setprecision(3)
              << 100 * best << " % of the joint solver)\n";
    if (trainer.GetDropped() > 0)
    {
        std::cout << trainer.GetDropped() << " steps had gradients that were not finite.\n";
    }
    return 0;
}
