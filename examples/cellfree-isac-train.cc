// SPDX-License-Identifier: GPL-2.0-only

/*
 * Trains the graph network of --policy=gnn, without labels: it maximises the objective
 * sum_u w_u R_u + sum_t beta_t log2(1 + SNR_t) on problems drawn anew for every step.
 *
 *   cellfree-isac-train --steps=5000 --outputDir=my-network
 *   cellfree-isac-example --policy=gnn
 * --ns3::CellFreeGnnPolicy::WeightFile=my-network/weights.safetensors
 *
 * Every checkpoint interval, the weights are judged on fixed problems: their objective as a share
 * of the joint solver's, or of policy robust's where channels are estimates. The best ones so far
 * are in weights.safetensors. An interrupted run goes on with --resume, bit for bit as if it had
 * not stopped.
 */

#include "campaign/cell-free-python-tool.h"
#include "model/gnn/isac-gnn-trainer.h"

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
    void(const IsacGnnDraw::Settings& settings, uint64_t seed, std::vector<IsacProblem>& problems)>;

/// Seed of the validation problems, apart from those of training.
constexpr uint64_t VALIDATION_SEED = 0xfeedULL << 32;

/// Problems of one kind, with what the joint solver reaches on them.
struct ValidationSet
{
    std::string name;      //!< DISTRIBUTION-M-U-N
    IsacGnnBatch batch;    //!< the problems
    double reference{0.0}; //!< mean objective of the solver
};

/// Solves validation problems.
ValidationSet
MakeValidationSet(const std::string& kind,
                  const std::vector<IsacProblem>& problems,
                  IsacGnnArchitecture::Head head)
{
    const auto& first = problems.front();
    std::ostringstream name;
    name << kind << "-" << first.GetNAps() << "-" << first.GetNUes() << "-" << first.nAntennas;
    ValidationSet set;
    set.name = name.str();
    set.batch.Set(problems, head);
    IsacWmmseSolver solver;
    IsacWmmseSolver::Options options;
    options.errors = WMMSE_EXPECTED;
    IsacBeams beams;
    for (const auto& problem : problems)
    {
        solver.Solve(problem, options, beams);
        set.reference += solver.GetObjective() / static_cast<double>(problems.size());
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
    bool isWeighted{false}; //!< unequal weights in every problem, or in none
    int64_t nPilots{0};     //!< pilots; 0: the channels themselves
    double side{400.0};     //!< side of the square of a scenario (m)
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
    std::vector<IsacProblem> problems;
    for (const auto& kind : kinds)
    {
        if (kind.isWeighted && settings.weightedShare == 0.0)
        {
            continue;
        }
        auto fixed = settings;
        fixed.family = kind.family;
        fixed.nAps = settings.nAps.value_or(kind.nAps);
        fixed.nUes = settings.nUes.value_or(kind.nUes);
        fixed.nTargets = settings.nTargets.value_or(1);
        fixed.nAntennas = settings.nAntennas.value_or(kind.nAntennas);
        fixed.nPilots = settings.nPilots.value_or(kind.nPilots);
        fixed.side = kind.side;
        fixed.nProblems = drops;
        fixed.weightedShare = kind.isWeighted ? 1.0 : 0.0;
        source(fixed, VALIDATION_SEED + sets.size(), problems);
        // Recorded problems, whose sizes no kind gives, keep their own weights.
        for (uint32_t i = 0; i < drops && kind.nAps > 0; ++i)
        {
            constexpr double WEIGHTS[] = {0, 1, 2, 10};
            problems[i].sensingWeight.setConstant(settings.sensingWeight.value_or(WEIGHTS[i % 4]));
        }
        const std::string family = kind.family == IsacGnnDraw::PAPER ? "iid" : "pl";
        const auto pilots = kind.nPilots > 0 ? "pilots" + std::to_string(kind.nPilots) + "-" : "";
        auto set = MakeValidationSet(pilots + (kind.isWeighted ? "weighted-" : "") + family,
                                     problems,
                                     head);
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
               const CellFreeScenarioRange& range,
               uint64_t seed,
               std::vector<IsacProblem>& problems)
{
    IsacGnnDraw draw(seed);
    const auto shape = draw.DrawShape(settings);
    CellFreeScenario sizes;
    sizes.nAps = shape.nAps;
    sizes.nUes = shape.nUes;
    sizes.nTargets = shape.nTargets;
    sizes.nAntennas = shape.nAntennas;
    problems.resize(settings.GetCount(shape));
    cellfree::DrawScenarioProblems(sizes, range, seed, problems);
    for (auto& problem : problems)
    {
        draw.DrawWeights(settings, problem);
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

/// A number as users write it.
template <typename T>
std::string
ToText(T number)
{
    std::ostringstream text;
    text << number;
    return text.str();
}

/// Text of an option that is not fixed.
const std::string DRAWN = "drawn";

/// Reads an option that is a number or left to the draw.
template <typename T>
std::optional<T>
ReadFixed(const CellFreeCommandLine& cmd,
          const std::string& name,
          const std::string& text,
          T low,
          T high)
{
    if (text == DRAWN)
    {
        return {};
    }
    std::istringstream stream(text);
    T number{};
    const bool isRead = stream >> number && stream.peek() == EOF;
    if (!isRead || !(number >= low) || !(number <= high))
    {
        cmd.Refuse("--" + name + "=" + text + ": expected \"" + DRAWN + "\" or a number in " +
                   ToText(low) + " .. " + ToText(high));
    }
    return number;
}

/// Reads "a,b,c" as positive sizes.
std::vector<int64_t>
ReadLayers(const CellFreeCommandLine& cmd, const std::string& text)
{
    std::vector<int64_t> layers;
    std::istringstream stream(text);
    bool isGood = true;
    for (std::string item; isGood && std::getline(stream, item, ',');)
    {
        std::istringstream number(item);
        layers.push_back(0);
        isGood = number >> layers.back() && number.peek() == EOF && layers.back() >= 1 &&
                 layers.back() <= 64;
    }
    if (!isGood || layers.empty() || layers.size() > 16)
    {
        cmd.Refuse("--layers=" + text +
                   ": expected up to 16 numbers in 1 .. 64, separated by commas");
    }
    return layers;
}

/**
 * What a step of a schedule draws. A network that starts on the whole mixture never finds that APs
 * may stay below their limit where pilots are reused, since all else asks for full power: it ends
 * 2 % below the solver there. So the first steps draw nothing but such problems, of one size, then
 * of all sizes, and later steps at a moderate rate do not lose it.
 */
IsacGnnDraw::Settings
GetStepSettings(const IsacGnnDraw::Settings& settings, int64_t step, int64_t steps)
{
    constexpr double ONE_SIZE = 0.02; // of the schedule
    constexpr double ALL_SIZES = 0.05;
    auto wanted = settings;
    if (static_cast<double>(step) < ALL_SIZES * static_cast<double>(steps))
    {
        wanted.family = IsacGnnDraw::SCENARIO;
        wanted.nPilots = 4;
        wanted.weightedShare = 0.0;
    }
    if (static_cast<double>(step) < ONE_SIZE * static_cast<double>(steps))
    {
        wanted.nAps = 16;
        wanted.nUes = 8;
        wanted.nAntennas = 8;
    }
    return wanted;
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
    std::string side = DRAWN;
    std::string csi = "default";
    std::string fading = DRAWN;
    std::string clusterSize = DRAWN;
    std::string nAps = "default";
    std::string nUes = "default";
    std::string nTargets = "default";
    std::string nAntennas = "default";
    std::string nPilots = "default";
    std::string sensingWeight = "default";
    int64_t problems = 0;
    int64_t links = 4000;
    double weightedShare = -1.0;
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

    CellFreeCommandLine cmd(__FILE__);
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
    cmd.AddValue(
        "side",
        "side of the square of distribution simulation (m), 10 to 1e6, or \"drawn\" (100 .. "
        "1500) for each problem",
        side);
    cmd.AddValue("csi",
                 "perfect, pilots (estimates, that may have aged) or drawn, for each problem of "
                 "distribution simulation; the edge head, which cannot tell, takes perfect",
                 csi);
    cmd.AddValue("fading",
                 "rayleigh, rician, correlated or drawn, for each problem of distribution "
                 "simulation",
                 fading);
    cmd.AddValue("clusterSize",
                 "APs that serve a UE, its strongest, at most all; 0 for all and no mask, or "
                 "\"drawn\", for each problem of distribution simulation",
                 clusterSize);
    cmd.AddValue("nAps", "number of APs, or \"drawn\" (1 .. 60) for each batch", nAps);
    cmd.AddValue("nUes", "number of UEs, or \"drawn\" (1 .. 16) for each batch", nUes);
    cmd.AddValue("nTargets", "number of targets, or \"drawn\" (0 .. 4) for each batch", nTargets);
    cmd.AddValue("nAntennas",
                 "antennas of each AP, or \"drawn\" (1 .. 32) for each batch",
                 nAntennas);
    cmd.AddValue(
        "nPilots",
        "uplink pilots that channels are estimated from, 0 for the channels themselves, or "
        "\"drawn\" (none, or 1 .. nUes + 4) for each batch",
        nPilots);
    cmd.AddValue("sensingWeight",
                 "weight beta of all targets, or \"drawn\" (0, 0.1 .. 13) for each problem",
                 sensingWeight);
    cmd.AddValue("weightedShare",
                 "share of the problems whose UEs weigh differently; -1: 0.35, or 0 for the edge "
                 "head, which cannot tell",
                 weightedShare,
                 -1.0,
                 1.0);
    cmd.AddValue("problems",
                 "problems in a batch; 0: as many as make the links",
                 problems,
                 0,
                 1000000);
    cmd.AddValue("links", "links, AP-UE and AP-target, in a batch", links, 1, 100000000);
    cmd.AddValue("steps",
                 "length of the learning-rate schedule, in steps; 0: as suits the head",
                 options.steps,
                 0,
                 1000000000);
    cmd.AddValue("learningRate",
                 "largest learning rate of Adam; 0: as suits the head",
                 options.learningRate,
                 0.0,
                 1.0);
    cmd.AddValue("linkWidth", "hidden numbers per link; 0: as suits the head", linkWidth, 0, 4096);
    cmd.AddValue("nodeWidth",
                 "hidden numbers per AP, UE and target; 0: as suits the head",
                 nodeWidth,
                 0,
                 4096);
    cmd.AddValue("layers",
                 "graph layers in each stage, separated by commas; empty: as suits the head",
                 layers);
    cmd.AddValue("threads", "threads of LibTorch", threads, 1, 1024);
    cmd.AddValue("drawThreads",
                 "batches that are drawn at the same time, ahead of training",
                 drawThreads,
                 1,
                 1024);
    cmd.AddValue("cuda", "train on the first CUDA device", useCuda);
    cmd.AddValue("resume", "go on from the checkpoint in outputDir", resume);
    cmd.AddValue("init", "weight file to start from, of the same sizes", init);
    cmd.AddValue("float16", "write the weights in half precision", halfPrecision);
    cmd.AddValue("interval", "steps between checkpoints and validations", interval, 1, 1000000);
    cmd.AddValue("validationDrops",
                 "problems in each validation set; 0: as suits the head",
                 validationDrops,
                 0,
                 100000);
    cmd.AddValue("outputDir", "folder of the results, created if missing", outputDir);
    cmd.AddValue("simTag", "appended to the names of result files", simTag);
    cmd.Parse(argc, argv);
    const auto refuseIf = [&cmd](bool isWrong, const std::string& message) {
        cmd.RefuseIf(isWrong ? message : "");
    };

    // What each head takes where nothing was said.
    refuseIf(head != "structured" && head != "edge",
             std::string("--head=") + head + ": expected structured or edge");
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
    byHead(nPilots, "default", DRAWN, "0");
    byHead(sensingWeight, "default", DRAWN, "0");
    refuseIf(weightedShare < 0.0 && weightedShare != -1.0,
             "--weightedShare=" + ToText(weightedShare) + ": expected -1 or 0 to 1");
    byHead(weightedShare, -1.0, 0.35, 0.0);
    byHead(problems, 0, 0, 256);
    byHead(options.steps, 0, 30000, 23460); // the paper: 60 epochs of 100 000 draws
    byHead(options.learningRate, 0.0, 1.5e-3, 4e-4);
    byHead(linkWidth, 0, 16, 256);
    byHead(nodeWidth, 0, 32, 256);
    byHead(layers, "", "2,1,1", "4");
    byHead(validationDrops, 0U, 20U, 500U);

    const std::map<std::string, std::vector<ValidationKind>> kindsOf{
        {"mixed",
         {{IsacGnnDraw::PAPER, 5, 2, 8},
          {IsacGnnDraw::PAPER, 12, 5, 4},
          {IsacGnnDraw::SCENARIO, 5, 2, 8},
          {IsacGnnDraw::SCENARIO, 9, 4, 4},
          {IsacGnnDraw::SCENARIO, 16, 6, 8},
          {IsacGnnDraw::PAPER, 12, 5, 4, true},
          {IsacGnnDraw::SCENARIO, 9, 4, 4, true},
          {IsacGnnDraw::SCENARIO, 16, 6, 8, true},
          {IsacGnnDraw::PAPER, 5, 2, 8, false, 2},
          {IsacGnnDraw::SCENARIO, 16, 8, 8, false, 4},
          {IsacGnnDraw::SCENARIO, 16, 8, 8, false, 8, 1000.0},
          {IsacGnnDraw::SCENARIO, 24, 6, 4, true, 3, 600.0}}},
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
    refuseIf(kindsOf.count(distribution) == 0,
             std::string("--distribution=") + distribution +
                 ": expected mixed, paper, scenario, simulation or "
                 "recorded");
    refuseIf((distribution == "recorded") == problemFile.empty(),
             std::string("--problemFile=") + problemFile +
                 ": expected a file with --distribution=recorded, and only "
                 "then");
    refuseIf(distribution == "simulation" && drawThreads > 1,
             std::string("--drawThreads=") + std::to_string(drawThreads) +
                 ": distribution simulation draws in one thread");
    refuseIf(distribution != "simulation" &&
                 (side != DRAWN || csi != "default" || fading != DRAWN || clusterSize != DRAWN),
             "--side, --csi, --fading, --clusterSize: expected with --distribution=simulation, and "
             "only then");
    byHead(csi, "default", DRAWN, "perfect");
    CellFreeScenarioRange range;
    range.side = ReadFixed<double>(cmd, "side", side, 10.0, 1e6);
    refuseIf(csi != "perfect" && csi != "pilots" && csi != DRAWN,
             "--csi=" + csi + ": expected perfect, pilots or drawn");
    if (csi != DRAWN)
    {
        range.hasPilots = csi == "pilots";
    }
    range.fading = cellfree::FindScenarioFading(fading);
    refuseIf(!range.fading && fading != DRAWN,
             "--fading=" + fading + ": expected rayleigh, rician, correlated or drawn");
    range.clusterSize = ReadFixed<uint32_t>(cmd, "clusterSize", clusterSize, 0, 1000);
    const auto& kinds = kindsOf.at(distribution);
    IsacGnnDraw::Settings settings;
    settings.family = distribution == "mixed" ? IsacGnnDraw::MIXED : kinds.front().family;
    settings.nAps = ReadFixed<int64_t>(cmd, "nAps", nAps, 1, 1000);
    refuseIf(range.clusterSize.value_or(0) > settings.nAps.value_or(1000),
             "--clusterSize=" + clusterSize + ": expected at most --nAps = " + nAps);
    settings.nUes = ReadFixed<int64_t>(cmd, "nUes", nUes, 1, 1000);
    settings.nTargets = ReadFixed<int64_t>(cmd, "nTargets", nTargets, 0, 100);
    settings.nAntennas = ReadFixed<int64_t>(cmd, "nAntennas", nAntennas, 1, 1024);
    settings.nPilots = ReadFixed<int64_t>(cmd, "nPilots", nPilots, 0, 1000);
    settings.sensingWeight = ReadFixed<double>(cmd, "sensingWeight", sensingWeight, 0.0, 1e6);
    settings.nLinks = links;
    settings.weightedShare = weightedShare;
    if (problems > 0)
    {
        settings.nProblems = problems;
    }
    IsacGnnArchitecture architecture;
    if (isEdge)
    {
        refuseIf(!settings.nAntennas,
                 std::string("--nAntennas=") + nAntennas +
                     ": the edge head needs a number, for it is tied to it");
        architecture = IsacGnnArchitecture::GetPaperEdge(*settings.nAntennas);
    }
    architecture.linkWidth = linkWidth;
    architecture.nodeWidth = nodeWidth;
    architecture.layers = ReadLayers(cmd, layers);
    refuseIf(isEdge && architecture.layers.size() != 1,
             std::string("--layers=") + layers +
                 ": the edge head has one stage, expected one number");
    refuseIf(useCuda && !IsacGnnNetwork::HasCuda(), "--cuda: LibTorch sees no CUDA device");
    const auto error = CellFreeTraceWriter::FindDirectoryError(outputDir);
    cmd.RefuseIf(error);

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
        cmd.RefuseIf(loadError);
    }
    const ProblemSource drawOnes = [](const auto& wanted, uint64_t drawSeed, auto& drawn) {
        IsacGnnDraw(drawSeed).DrawProblems(wanted, drawn);
    };
    const ProblemSource drawRecorded =
        [&recorded](const auto& wanted, uint64_t drawSeed, auto& drawn) {
            recorded.DrawProblems(drawSeed, wanted.nProblems.value_or(64), drawn);
        };
    const ProblemSource drawSimulation =
        [&range](const auto& wanted, uint64_t drawSeed, auto& drawn) {
            DrawSimulation(wanted, range, drawSeed, drawn);
        };
    const auto& source = distribution == "recorded"     ? drawRecorded
                         : distribution == "simulation" ? drawSimulation
                                                        : drawOnes;

    IsacGnnNetwork::SetThreads(static_cast<int>(threads));
    IsacGnnNetwork network(architecture, seed, useCuda);
    IsacGnnNetwork judged(architecture, seed, useCuda);
    std::string initCommand;
    if (!init.empty())
    {
        IsacGnnWeights weights;
        auto initError = weights.Load(init);
        initCommand = weights.metadata["training_command"];
        initError = initError.empty() ? network.SetWeights(weights) : initError;
        cmd.RefuseIf(initError.empty() ? "" : "--init: " + initError);
    }
    IsacGnnTrainer trainer(network, options);
    if (resume)
    {
        const auto loadError = trainer.LoadCheckpoint(checkpoint);
        cmd.RefuseIf(loadError);
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
    // Where sizes and pilots are fixed, or weights are trained already, there is nothing to lead
    // up.
    const bool hasLessons = !isEdge && distribution == "mixed" && init.empty() && !settings.nAps &&
                            !settings.nUes && !settings.nAntennas && !settings.nPilots;
    const auto start = std::chrono::steady_clock::now();
    const auto firstStep = trainer.GetStep();
    std::vector<std::future<IsacGnnBatch>> drawn(drawThreads);
    const auto launch = [&](int64_t step) {
        drawn[step % drawThreads] = std::async(std::launch::async, [&, step] {
            std::vector<IsacProblem> samples;
            source(hasLessons ? GetStepSettings(settings, step, options.steps) : settings,
                   GetStepSeed(seed, step),
                   samples);
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
        std::printf("step %lld of %lld  %.1f steps/s  %.0f s left  %.3f %% of the solver%s\n",
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
            weights.metadata["training_version"] = GetCellFreeIsacVersion();
            weights.metadata["training_device"] =
                useCuda ? "CUDA" : "CPU, " + std::to_string(threads) + " threads";
            weights.metadata["training_library"] = IsacGnnNetwork::GetLibrary();
            weights.metadata["training_seed"] = std::to_string(seed);
            weights.metadata["training_steps"] = std::to_string(step + 1);
            weights.metadata["training_distribution"] = distribution + ", nAps " + nAps +
                                                        ", nUes " + nUes + ", nTargets " +
                                                        nTargets + ", nAntennas " + nAntennas;
            if (distribution == "simulation")
            {
                weights.metadata["training_distribution"] += ", side " + side + ", csi " + csi +
                                                             ", fading " + fading +
                                                             ", clusterSize " + clusterSize;
            }
            weights.metadata["sensing_weight_range"] =
                sensingWeight == DRAWN ? "0, 0.1 .. 13" : sensingWeight;
            weights.metadata["weighted_share"] = ToText(weightedShare);
            weights.metadata["initial_weights"] = init;
            weights.metadata["initial_training_command"] = initCommand;
            weights.metadata["validation_share_of_solver"] = validationText.str();
            const auto saveError =
                weights.Save(weightFile, halfPrecision ? IsacGnnWeights::F16 : IsacGnnWeights::F32);
            cmd.RefuseIf(saveError);
        }
        const auto saveError = trainer.SaveCheckpoint(checkpoint);
        cmd.RefuseIf(saveError);
    }
    curve.close();
    const auto plotError =
        cellfree::RunPythonTool("plot-training.py", {path("TrainingTrace", ".tsv")});
    if (!plotError.empty())
    {
        std::cout << plotError << '\n';
    }
    std::cout << "Best weights: " << weightFile << " (" << std::fixed << std::setprecision(3)
              << 100 * best << " % of the solver)\n";
    if (trainer.GetDropped() > 0)
    {
        std::cout << trainer.GetDropped() << " steps had gradients that were not finite.\n";
    }
    return 0;
}
