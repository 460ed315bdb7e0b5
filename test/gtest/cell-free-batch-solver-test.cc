// SPDX-License-Identifier: GPL-2.0-only

#include "campaign/cell-free-batch-solver.h"

#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

using namespace ns3;
using Json = nlohmann::json;

namespace
{

/// One random problem a line; sizes differ from line to line.
std::string
MakeLines(int nLines)
{
    std::mt19937 generator(1);
    std::normal_distribution<double> normal;
    std::string text;
    for (int i = 0; i < nLines; ++i)
    {
        IsacProblemLine line;
        line.problem.Resize(2 + i % 3, 1 + i % 4, 1, 3);
        for (auto* matrix : {&line.problem.h, &line.problem.a})
        {
            *matrix = matrix->unaryExpr(
                [&](auto) { return std::complex<double>(normal(generator), normal(generator)); });
        }
        line.problem.omega.setConstant(0.5);
        line.hasSensingWeight = false;
        text += cellfree::WriteProblemLine(line) + '\n';
    }
    return text;
}

/// Runs a solver over text and returns the answers, without their times.
std::vector<Json>
RunLines(const CellFreeBatchSolver::Options& options,
         const std::string& text,
         CellFreeBatchSolver::Summary& summary,
         std::string& error)
{
    CellFreeBatchSolver solver;
    EXPECT_EQ(solver.Configure(options), "");
    std::istringstream in(text);
    std::ostringstream out;
    error = solver.Run(in, out, summary);
    std::vector<Json> answers;
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);)
    {
        answers.push_back(Json::parse(line));
        answers.back().erase("seconds");
    }
    return answers;
}

} // namespace

TEST(CellFreeBatchSolver, AnyNumberOfThreadsAnswersTheSameInInputOrder)
{
    const auto text = MakeLines(100);
    CellFreeBatchSolver::Options options;
    options.policy = "jsc";
    options.minSinr = 0.2;
    CellFreeBatchSolver::Summary summary;
    std::string error;
    const auto one = RunLines(options, text, summary, error);
    EXPECT_EQ(error, "");
    EXPECT_EQ(summary.solved, 100U);
    ASSERT_EQ(one.size(), 100U);
    options.jobs = 4;
    EXPECT_EQ(RunLines(options, text, summary, error), one);
    for (std::size_t i = 0; i < one.size(); ++i)
    {
        EXPECT_EQ(one[i]["f"].size(), 2 + i % 3);
        EXPECT_EQ(one[i]["sinr"].size(), 1 + i % 4);
    }
}

TEST(CellFreeBatchSolver, ABadLineStopsOrIsAnswered)
{
    // Line 3 is blank, line 4 is bad.
    auto lines = MakeLines(4);
    std::vector<std::size_t> ends;
    for (std::size_t at = lines.find('\n'); at != std::string::npos; at = lines.find('\n', at + 1))
    {
        ends.push_back(at);
    }
    const auto text =
        lines.substr(0, ends[1] + 1) + "  \r\n" + R"({"h": 1})" + "\n" + lines.substr(ends[1] + 1);
    for (uint32_t jobs : {1, 3})
    {
        CellFreeBatchSolver::Options options;
        options.policy = "split";
        options.jobs = jobs;
        CellFreeBatchSolver::Summary summary;
        std::string error;
        auto answers = RunLines(options, text, summary, error);
        EXPECT_EQ(error, "line 4: power is missing");
        EXPECT_EQ(answers.size(), 2U);

        options.keepGoing = true;
        answers = RunLines(options, text, summary, error);
        EXPECT_EQ(error, "");
        EXPECT_EQ(summary.solved, 4U);
        EXPECT_EQ(summary.failed, 1U);
        ASSERT_EQ(answers.size(), 5U);
        EXPECT_EQ(answers[2], Json({{"error", "line 4: power is missing"}}));
        EXPECT_TRUE(answers[3].contains("f"));
    }
}

TEST(CellFreeBatchSolver, ALinesOwnSettingsHoldForThatLineAlone)
{
    auto first = Json::parse(MakeLines(1));
    auto second = first;
    second["minSinr"] = 1e9;
    second["sensingWeight"] = 3.0;
    const auto text = first.dump() + '\n' + second.dump() + '\n' + first.dump() + '\n';
    CellFreeBatchSolver::Options options;
    options.policy = "jsc";
    options.minSinr = 0.5;
    options.sensingWeight = 0.0;
    CellFreeBatchSolver::Summary summary;
    std::string error;
    const auto answers = RunLines(options, text, summary, error);
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(summary.infeasible, 1U);
    EXPECT_EQ(answers[0]["feasible"], true);
    EXPECT_EQ(answers[1]["feasible"], false);
    EXPECT_EQ(answers[0], answers[2]);
    EXPECT_NEAR(answers[0]["objective"], answers[0]["rate"][0], 1e-12);
    EXPECT_NEAR(answers[1]["objective"],
                answers[1]["rate"][0].get<double>() +
                    3 * std::log2(1 + answers[1]["sensingSnr"][0].get<double>()),
                1e-12);
}

TEST(CellFreeBatchSolver, AProblemWithoutAnAnswerIsAnsweredWithAnError)
{
    auto first = Json::parse(MakeLines(1));
    auto second = first;
    second["minSinr"] = 2e12;
    CellFreeBatchSolver::Options options;
    options.policy = "jsc";
    CellFreeBatchSolver::Summary summary;
    std::string error;
    const auto answers =
        RunLines(options, second.dump() + '\n' + first.dump() + '\n', summary, error);
    EXPECT_EQ(error, "");
    EXPECT_EQ(summary.failed, 1U);
    EXPECT_EQ(summary.solved, 1U);
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0]["error"], "line 1: minSinr = 2e+12: expected a number from 0 to 1e12");
    EXPECT_TRUE(answers[1].contains("f"));
}

TEST(CellFreeBatchSolver, TrueChannelsGiveTrueRates)
{
    auto line = Json::parse(MakeLines(1));
    const auto h = line["h"];
    auto doubled = h;
    for (auto& x : doubled[0][0])
    {
        x = {2 * x[0].get<double>(), 2 * x[1].get<double>()};
    }
    for (auto& x : doubled[1][0])
    {
        x = {2 * x[0].get<double>(), 2 * x[1].get<double>()};
    }
    line["hTrue"] = {h, doubled};
    line["errorVariance"] = {{0.1}, {0.1}};
    CellFreeBatchSolver::Options options;
    options.policy = "cb";
    CellFreeBatchSolver::Summary summary;
    std::string error;
    const auto answers = RunLines(options, line.dump(), summary, error);
    ASSERT_EQ(answers.size(), 1U);
    const double sinr = answers[0]["sinr"][0];
    const double rate = (std::log2(1 + sinr) + std::log2(1 + 4 * sinr)) / 2;
    EXPECT_NEAR(answers[0]["trueRate"][0], rate, 1e-12);
    EXPECT_NEAR(answers[0]["trueSinr"][0], std::exp2(rate) - 1, 1e-10);
    // Whatever the policy was told, the mean is that of the line's errors.
    options.ignoreErrors = true;
    const auto ignoring = RunLines(options, line.dump(), summary, error);
    IsacProblemLine read;
    ASSERT_EQ(cellfree::ReadProblemLine(line.dump(), read), "");
    EXPECT_EQ(ignoring[0]["f"], answers[0]["f"]);
    IsacBeams beams;
    beams.Resize(read.problem);
    for (Eigen::Index m = 0; m < read.problem.GetNAps(); ++m)
    {
        for (Eigen::Index s = 0; s < beams.f.cols(); ++s)
        {
            for (Eigen::Index i = 0; i < beams.nAntennas; ++i)
            {
                const auto& x = answers[0]["f"][m][s][i];
                beams.Ap(m)(i, s) = {x[0].get<double>(), x[1].get<double>()};
            }
        }
    }
    IsacExpectedRate expected;
    expected.Evaluate(read.problem, beams);
    EXPECT_NEAR(answers[0]["expectedRate"][0], expected.GetRate()(0), 1e-12);
    EXPECT_EQ(ignoring[0]["expectedRate"], answers[0]["expectedRate"]);
}

TEST(CellFreeBatchSolver, EdgesOfTheInput)
{
    CellFreeBatchSolver::Options options;
    options.policy = "ns-rzf";
    CellFreeBatchSolver::Summary summary;
    std::string error;
    EXPECT_TRUE(RunLines(options, "", summary, error).empty());
    EXPECT_EQ(error, "");
    const std::string rest = R"("power": [1], "sensingNoise": 1, )";
    // No end of line after the last; no UE; no target; a UE without a channel.
    const auto answers = RunLines(
        options,
        "{" + rest + R"("h": [[]], "noise": [], "a": [[[[1,0]]]], "omega": [[1]]})" + "\n{" + rest +
            R"("h": [[[[1,0]]]], "noise": [1], "a": [[]], "omega": [[]]})" + "\n{" + rest +
            R"("h": [[[[0,0]]]], "noise": [1], "a": [[[[1,0]]]], "omega": [[1]]})",
        summary,
        error);
    EXPECT_EQ(error, "");
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_NEAR(answers[0]["sensingSnr"][0], 0.5, 1e-12);
    EXPECT_NEAR(answers[1]["sinr"][0], 0.5, 1e-12);
    EXPECT_EQ(answers[1]["sensingSnr"], Json::array());
    EXPECT_EQ(answers[2]["rate"][0], 0.0);
    // What would overflow when squared is refused, with its place.
    RunLines(options,
             "{" + rest + R"("h": [[[[1e200,0]]]], "noise": [1], "a": [[]], "omega": [[]]})",
             summary,
             error);
    EXPECT_EQ(error.substr(0, 32), "line 1: h[0][0] is too strong: e");
}

TEST(CellFreeBatchSolver, WrongOptionsAreNamed)
{
    CellFreeBatchSolver solver;
    CellFreeBatchSolver::Options options;
    options.policy = "magic";
    EXPECT_EQ(solver.Configure(options).substr(0, 22), "unknown policy 'magic'");
    options.policy = "split";
    options.jobs = 0;
    EXPECT_EQ(solver.Configure(options).substr(0, 8), "jobs = 0");
    options.jobs = 1;
    for (double weight : {-1.0, 1e300, std::nan("")})
    {
        options.sensingWeight = weight;
        EXPECT_EQ(solver.Configure(options).substr(0, 15), "sensingWeight =");
    }
    options.sensingWeight = 1;
    options.commPowerRatio = 1.5;
    EXPECT_EQ(solver.Configure(options).substr(0, 16), "commPowerRatio =");
    options.commPowerRatio.reset();
    options.minSinr = 1;
    EXPECT_EQ(solver.Configure(options).substr(0, 9), "minSinr =");
}
