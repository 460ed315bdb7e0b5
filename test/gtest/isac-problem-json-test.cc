// SPDX-License-Identifier: GPL-2.0-only

#include "ns3/isac-problem-json.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

using namespace ns3;
using Json = nlohmann::json;

namespace
{

/// Two APs, three UEs, one target, two antennas; every entry differs.
IsacProblemLine
MakeLine()
{
    IsacProblemLine line;
    auto& problem = line.problem;
    problem.Resize(2, 3, 1, 2);
    for (Eigen::Index i = 0; i < problem.h.size(); ++i)
    {
        problem.h(i) = {1.0 / (i + 3), -1e-7 * i};
    }
    problem.a << std::complex<double>(1, 0), std::complex<double>(0, 1), 0.5, -0.5;
    problem.omega << 1e-13, 0.0;
    problem.power << 0.2, 3.0;
    problem.noise << 1e-13, 2e-13, 3e-13;
    problem.sensingNoise = 7e-13;
    return line;
}

/// What reading says after one change to a valid line.
std::string
ErrorAfter(const std::function<void(Json&)>& change)
{
    auto json = Json::parse(cellfree::WriteProblemLine(MakeLine()));
    change(json);
    IsacProblemLine line;
    return cellfree::ReadProblemLine(json.dump(), line);
}

} // namespace

TEST(IsacProblemJson, LayoutIsTheContract)
{
    // Written by hand: [ap][ue][antenna], so that a swapped index cannot cancel out.
    const std::string text =
        R"({"h": [[[[1,2],[3,4]],[[5,6],[7,8]],[[9,10],[11,12]]],)"
        R"([[[-1,-2],[-3,-4]],[[-5,-6],[-7,-8]],[[-9,-10],[-11,-12]]]],)"
        R"("a": [[[[1,0],[0,1]]],[[[0,-1],[2,0]]]], "omega": [[0.5],[0.25]], "power": [1, 2],)"
        R"("noise": [0.1, 0.2, 0.3], "sensingNoise": 4})";
    IsacProblemLine line;
    ASSERT_EQ(cellfree::ReadProblemLine(text, line), "");
    const auto& problem = line.problem;
    using Complex = std::complex<double>;
    EXPECT_EQ(problem.nAntennas, 2);
    EXPECT_EQ(problem.GetNAps(), 2);
    EXPECT_EQ(problem.h(1, 2), Complex(11, 12)); // AP 0, UE 2, antenna 1
    EXPECT_EQ(problem.h(2, 1), Complex(-5, -6)); // AP 1, UE 1, antenna 0
    EXPECT_EQ(problem.a(3, 0), Complex(2, 0));   // AP 1, target 0, antenna 1
    EXPECT_EQ(problem.omega(1, 0), 0.25);
    EXPECT_EQ(problem.power(1), 2);
    EXPECT_EQ(problem.noise(2), 0.3);
    EXPECT_EQ(problem.sensingNoise, 4);
    EXPECT_EQ(problem.serving.size(), 0);
    EXPECT_FALSE(line.hasSensingWeight);
    EXPECT_EQ(problem.sensingWeight(0), 1);
    EXPECT_TRUE(line.hTrue.empty());
    EXPECT_FALSE(line.minSinr);
}

TEST(IsacProblemJson, RoundTripKeepsEveryBit)
{
    auto line = MakeLine();
    line.problem.h(0, 0) = {std::numeric_limits<double>::denorm_min(), -0.0};
    line.problem.h(1, 0) = {0.1 + 0.2, std::nextafter(1.0, 2.0)};
    line.problem.serving.resize(2, 3);
    line.problem.serving << true, false, true, false, true, true;
    line.problem.sensing.resize(2, 1);
    line.problem.sensing << false, true;
    line.problem.weight << 0.1, 0.0, 7.0;
    line.problem.sensingWeight << 1.0 / 3;
    line.problem.combiningGain = 2000.0 / 3;
    line.problem.errorVariance.setConstant(2, 3, 1e-15 / 3);
    line.minSinr = 2.5;
    line.time = 0.1;
    line.band = 3;
    line.ap = {4, 5};
    line.ue = {7, 1, 4294967295};
    line.target = {0};
    line.hTrue = {2.0 * line.problem.h, line.problem.h};
    IsacProblemLine read;
    ASSERT_EQ(cellfree::ReadProblemLine(cellfree::WriteProblemLine(line), read), "");
    EXPECT_EQ(read.problem.h, line.problem.h);
    EXPECT_TRUE(std::signbit(read.problem.h(0, 0).imag()));
    EXPECT_EQ(read.problem.a, line.problem.a);
    EXPECT_EQ(read.problem.omega, line.problem.omega);
    EXPECT_EQ(read.problem.power, line.problem.power);
    EXPECT_EQ(read.problem.noise, line.problem.noise);
    EXPECT_EQ(read.problem.sensingNoise, line.problem.sensingNoise);
    EXPECT_TRUE((read.problem.serving == line.problem.serving).all());
    EXPECT_TRUE((read.problem.sensing == line.problem.sensing).all());
    EXPECT_EQ(read.problem.weight, line.problem.weight);
    EXPECT_EQ(read.problem.sensingWeight, line.problem.sensingWeight);
    EXPECT_EQ(read.problem.combiningGain, line.problem.combiningGain);
    EXPECT_EQ(read.problem.errorVariance, line.problem.errorVariance);
    EXPECT_TRUE(read.hasSensingWeight);
    EXPECT_EQ(read.minSinr, line.minSinr);
    EXPECT_EQ(read.time, line.time);
    EXPECT_EQ(read.band, line.band);
    EXPECT_EQ(read.ap, line.ap);
    EXPECT_EQ(read.ue, line.ue);
    EXPECT_EQ(read.target, line.target);
    ASSERT_EQ(read.hTrue.size(), 2U);
    EXPECT_EQ(read.hTrue[0], line.hTrue[0]);
    EXPECT_EQ(read.hTrue[1], line.hTrue[1]);
    // One channel is not a list of one.
    line.hTrue.resize(1);
    EXPECT_EQ(Json::parse(cellfree::WriteProblemLine(line))["hTrue"].size(), 2U); // APs
    ASSERT_EQ(cellfree::ReadProblemLine(cellfree::WriteProblemLine(line), read), "");
    ASSERT_EQ(read.hTrue.size(), 1U);
    EXPECT_EQ(read.hTrue[0], line.hTrue[0]);
    // A line leaves nothing behind for the next one.
    ASSERT_EQ(cellfree::ReadProblemLine(cellfree::WriteProblemLine(MakeLine()), read), "");
    EXPECT_TRUE(read.hTrue.empty() && read.ap.empty() && !read.time && !read.band && !read.minSinr);
    EXPECT_EQ(read.problem.errorVariance.size() + read.problem.sensing.size(), 0);
    EXPECT_EQ(read.problem.combiningGain, 1.0);
}

TEST(IsacProblemJson, NoUesOrNoTargets)
{
    IsacProblemLine line;
    const std::string rest = R"("power": [1, 1], "sensingNoise": 1})";
    for (std::string h : {"[]", "[[],[]]"})
    {
        const auto text = R"({"a": [[[[1,0],[0,1]]],[[[1,0],[0,1]]]], "omega": [[1],[1]], "h": )" +
                          h + R"(, "noise": [], )" + rest;
        ASSERT_EQ(cellfree::ReadProblemLine(text, line), "") << h;
        EXPECT_EQ(line.problem.GetNUes(), 0);
        EXPECT_EQ(line.problem.GetNTargets(), 1);
        EXPECT_EQ(line.problem.nAntennas, 2);
    }
    for (std::string empty : {"[]", "[[],[]]"})
    {
        const auto text = R"({"h": [[[[1,0]]],[[[2,0]]]], "noise": [1], "a": )" + empty +
                          R"(, "omega": )" + empty + ", " + rest;
        ASSERT_EQ(cellfree::ReadProblemLine(text, line), "") << empty;
        EXPECT_EQ(line.problem.GetNUes(), 1);
        EXPECT_EQ(line.problem.GetNTargets(), 0);
        EXPECT_EQ(line.problem.h(1, 0), 2.0);
    }
    ASSERT_EQ(
        cellfree::ReadProblemLine(R"({"h": [], "noise": [], "a": [], "omega": [], )" + rest, line),
        "");
    EXPECT_EQ(line.problem.nAntennas, 1);
}

TEST(IsacProblemJson, EveryFaultIsNamed)
{
    using Change = std::function<void(Json&)>;
    const std::vector<std::pair<Change, std::string>> faults = {
        {[](Json& j) { j.erase("h"); }, "h is missing"},
        {[](Json& j) { j.erase("a"); }, "a is missing"},
        {[](Json& j) { j.erase("omega"); }, "omega is missing"},
        {[](Json& j) { j.erase("power"); }, "power is missing"},
        {[](Json& j) { j.erase("noise"); }, "noise is missing"},
        {[](Json& j) { j.erase("sensingNoise"); }, "sensingNoise is missing"},
        {[](Json& j) { j["h"] = 3; }, "h is 3: expected an array"},
        {[](Json& j) { j["h"][0] = "x"; }, "h[0] is \"x\": expected an array"},
        {[](Json& j) { j["h"][1].erase(0); }, "h[1] has 2 entries: expected 3 (U"},
        {[](Json& j) { j["h"].erase(1); }, "h has 1 entries: expected 2 (M"},
        {[](Json& j) { j["h"][1][2].erase(0); }, "h[1][2] has 1 entries: expected 2 (N"},
        {[](Json& j) { j["h"][0][0] = Json::array(); }, "h[0][0] is empty"},
        {[](Json& j) { j["h"][1][0][1] = 4; }, "h[1][0][1] is 4: expected [re, im]"},
        {[](Json& j) {
             j["h"][1][0][1] = {1, 2, 3};
         },
         "h[1][0][1] is [1,2,3]: expected [re, im]"},
        {[](Json& j) { j["h"][1][0][1][0] = nullptr; }, "h[1][0][1] is [null,"},
        {[](Json& j) {
             j["a"][0][0].push_back({1, 2});
         },
         "a[0][0] has 3 entries: expected 2 (N"},
        {[](Json& j) { j["a"][1] = Json::array(); }, "a[1] has 0 entries: expected 1 (T"},
        {[](Json& j) { j["omega"][1].push_back(1); }, "omega[1] has 2 entries: expected 1 (T"},
        {[](Json& j) { j["omega"][1][0] = "1"; }, "omega[1][0] is \"1\": expected a number"},
        {[](Json& j) { j["omega"][1][0] = -1; }, "omega[1]"},
        {[](Json& j) { j["power"] = Json::array(); }, "power is empty"},
        {[](Json& j) { j["power"][1] = 0; }, "power[1] = 0: expected a finite number > 0"},
        {[](Json& j) { j["power"].push_back(1); }, "h has 2 entries: expected 3 (M"},
        {[](Json& j) { j["noise"][2] = -1; }, "noise[2] = -1: expected a finite number > 0"},
        {[](Json& j) { j["noise"][2] = true; }, "noise[2] is true: expected a number"},
        {[](Json& j) { j["sensingNoise"] = 0; }, "sensingNoise = 0: expected"},
        {[](Json& j) { j["sensingNoise"] = {1}; }, "sensingNoise is [1]: expected a number"},
        {[](Json& j) { j["sensingWeight"] = -1; }, "sensingWeight = -1: expected"},
        {[](Json& j) { j["sensingWeight"] = 1e300; },
         "sensingWeight = 1e+300: expected a number from 0"},
        {[](Json& j) {
             j["sensingWeight"] = {1, 2};
         },
         "sensingWeight has 2 entries: expected 1 (T"},
        {[](Json& j) { j["sensingweight"] = 1; }, "unknown field \"sensingweight\""},
        {[](Json& j) {
             j["weight"] = {1, 1, -1};
         },
         "weight[2] = -1: expected a number from 0"},
        {[](Json& j) { j["weight"] = {1}; }, "weight has 1 entries: expected 3 (U"},
        {[](Json& j) { j["combiningGain"] = 0; }, "combiningGain = 0: expected"},
        {[](Json& j) {
             j["errorVariance"] = {{1, 1, 1}, {1, -1, 1}};
         },
         "errorVariance[1][1] = -1"},
        {[](Json& j) { j["sensing"] = {{true}}; }, "sensing has 1 entries: expected 2 (M"},
        {[](Json& j) { j["ap"] = {1}; }, "ap has 1 entries: expected 2"},
        {[](Json& j) {
             j["ue"] = {1, 2, -3};
         },
         "ue has -3: expected an integer"},
        {[](Json& j) { j["band"] = 1.5; }, "band has 1.5: expected an integer"},
        {[](Json& j) { j["time"] = "now"; }, "time is \"now\": expected a number"},
        {[](Json& j) {
             j["hTrue"] = j["h"];
             j["hTrue"].erase(0);
         },
         "hTrue has 1 entries: expected 2"},
        {[](Json& j) {
             j["hTrue"] = {j["h"], 3};
         },
         "hTrue[1] is 3: expected an array"},
        {[](Json& j) { j["minSinr"] = "high"; }, "minSinr is \"high\": expected a number"},
        {[](Json& j) {
             j["serving"] = {{1, 0, 1}};
         },
         "serving has 1 entries: expected 2 (M"},
        {[](Json& j) {
             j["serving"] = {{1, 0, 1}, {1, 2, 1}};
         },
         "serving[1][1] is 2: expected"},
        {[](Json& j) {
             j = {1, 2};
         },
         "the line is [1,2]: expected an object"},
    };
    for (const auto& [change, expected] : faults)
    {
        const auto error = ErrorAfter(change);
        EXPECT_EQ(error.substr(0, expected.size()), expected);
        EXPECT_EQ(error.find('\n'), std::string::npos);
    }
    EXPECT_EQ(ErrorAfter([](Json&) {}), "");
}

TEST(IsacProblemJson, BrokenTextIsRefused)
{
    const auto good = cellfree::WriteProblemLine(MakeLine());
    IsacProblemLine line;
    const auto at = good.find("\"power\":[") + 9;
    for (const auto& text : {std::string(),
                             std::string("not JSON"),
                             good.substr(0, good.size() / 2),
                             good + "}",
                             std::string(good).replace(at, 3, "NaN"),
                             std::string(good).replace(at, 3, "1e999"),
                             std::string(good).replace(at, 3, "-Infinity"),
                             std::string("{\"h\": \"\xff\"}")})
    {
        const auto error = cellfree::ReadProblemLine(text, line);
        EXPECT_EQ(error.substr(0, 14), "not valid JSON") << text;
        // The message can be reported as JSON, whatever bytes it quotes.
        EXPECT_TRUE(Json::accept(cellfree::WriteErrorLine(error)));
    }
}

TEST(IsacProblemJson, DepthIsLimitedBeforeAnythingIsParsed)
{
    IsacProblemLine line;
    EXPECT_EQ(cellfree::ReadProblemLine(std::string(100, '['), line),
              "not valid JSON: more than 8 levels at byte 8");
    // Brackets within a string are no levels, also behind an escaped quote.
    auto text = cellfree::WriteProblemLine(MakeLine());
    text.insert(1, R"("\"[[[[[[[[[": 1, )");
    EXPECT_EQ(cellfree::ReadProblemLine(text, line).substr(0, 13), "unknown field");
}

TEST(IsacProblemJson, AnswerHasTheContractsFields)
{
    const auto line = MakeLine();
    IsacAnswer answer;
    answer.beams.Resize(line.problem);
    for (Eigen::Index i = 0; i < answer.beams.f.size(); ++i)
    {
        answer.beams.f(i) = {0.01 * i, -0.02};
    }
    answer.metrics.Evaluate(line.problem, answer.beams);
    answer.objective = 1.5;
    answer.iterations = 7;
    answer.seconds = 0.25;
    auto json = Json::parse(cellfree::WriteAnswerLine(answer));
    EXPECT_EQ(json.size(), 7U);
    // f[m][s][n]: AP 1, stream 3 (the target's), antenna 0 is row 2 of column 3.
    EXPECT_EQ(json["f"][1][3][0][0].get<double>(), answer.beams.f(2, 3).real());
    EXPECT_EQ(json["f"][1][3][0][1].get<double>(), -0.02);
    EXPECT_EQ(json["f"][0].size(), 4U);
    EXPECT_EQ(json["rate"].size(), 3U);
    EXPECT_EQ(json["sinr"][1].get<double>(), answer.metrics.GetSinr()(1));
    EXPECT_EQ(json["rate"][1].get<double>(), answer.metrics.GetRate()(1));
    EXPECT_EQ(json["sensingSnr"][0].get<double>(), answer.metrics.GetSensingSnr()(0));
    EXPECT_EQ(json["objective"], 1.5);
    EXPECT_EQ(json["iterations"], 7);
    EXPECT_EQ(json["seconds"], 0.25);
    answer.trueRate.setConstant(3, 2.0);
    json = Json::parse(cellfree::WriteAnswerLine(answer));
    EXPECT_EQ(json["trueRate"][2], 2.0);
    EXPECT_NEAR(json["trueSinr"][2].get<double>(), 3.0, 1e-14);
    answer.expectedRate.setConstant(3, 1.5);
    json = Json::parse(cellfree::WriteAnswerLine(answer));
    EXPECT_EQ(json["expectedRate"], Json({1.5, 1.5, 1.5}));
    answer.feasible = false;
    EXPECT_EQ(Json::parse(cellfree::WriteAnswerLine(answer))["feasible"], false);
}
