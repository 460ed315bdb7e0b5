// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"

#include "ns3/cell-free-plugin-policy.h"
#include "ns3/cell-free-python-policy.h"
#include "ns3/cell-free-rzf-policy.h"
#include "ns3/isac-metrics.h"
#include "ns3/object-factory.h"
#include "ns3/string.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <unistd.h>

using namespace ns3;

namespace
{

/// What the plugin of the next test does.
std::function<std::string(std::vector<IsacProblem>&, std::vector<IsacBeams>&)> g_answer;
int g_opened = 0; //!< plugins that were opened
int g_calls = 0;  //!< times that they were asked

/// A plugin in the test itself.
class StubPlugin : public IsacPolicyPlugin
{
  public:
    std::string ComputeBeams(const IsacDecisionContext&,
                             std::vector<IsacProblem>& problems,
                             std::vector<IsacBeams>& beams) override
    {
        ++g_calls;
        return g_answer(problems, beams);
    }
};

/// Its policy.
class StubPluginPolicy : public CellFreePluginPolicy
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("StubPluginPolicy")
                                .SetParent<CellFreePluginPolicy>()
                                .AddConstructor<StubPluginPolicy>();
        return tid;
    }

    std::string file{"file"}; //!< what is opened

  private:
    IsacPolicyPlugin::Settings GetSettings() const override
    {
        IsacPolicyPlugin::Settings settings;
        settings.file = file;
        return settings;
    }

    std::unique_ptr<IsacPolicyPlugin> OpenPlugin(const IsacPolicyPlugin::Settings& settings,
                                                 std::string& error) const override
    {
        ++g_opened;
        error = settings.file == "bad" ? "bad file" : "";
        return error.empty() ? std::make_unique<StubPlugin>() : nullptr;
    }
};

NS_OBJECT_ENSURE_REGISTERED(StubPluginPolicy);

/// The corrections of a policy.
struct Corrections
{
    explicit Corrections(Ptr<CellFreePluginPolicy> policy)
    {
        policy->TraceConnectWithoutContext("Correction", MakeCallback(&Corrections::Note, this));
    }

    void Note(const CellFreeBeamCorrection& correction)
    {
        all.push_back(correction);
    }

    std::vector<CellFreeBeamCorrection> all; //!< in their order
};

/// A script in a file of its own.
class Script
{
  public:
    explicit Script(const std::string& text)
        : m_path((std::filesystem::temp_directory_path() /
                  ("cellfree_isac_script_" + std::to_string(getpid()) + "_" +
                   std::to_string(++s_count) + ".py"))
                     .string())
    {
        std::ofstream(m_path) << text;
    }

    ~Script()
    {
        std::filesystem::remove(m_path);
    }

    /// @return a policy with the script
    Ptr<CellFreePythonPolicy> Make() const
    {
        return CreateObjectWithAttributes<CellFreePythonPolicy>("Script", StringValue(m_path));
    }

  private:
    static inline int s_count = 0; //!< scripts so far
    std::string m_path;            //!< of the file
};

/// Whether this build has policy python.
bool
HasPython()
{
    return Script("def beams(problem): pass\n").Make()->FindError().empty();
}

/// What a script's decision ends with. @param text the script
std::string
FindScriptError(const std::string& text)
{
    const Script script(text);
    const auto policy = script.Make();
    IsacTestProblems draws(1);
    IsacBeams beams;
    const auto error = policy->ComputeBeams(draws.PathLoss(2, 2, 1, 4), beams).error;
    EXPECT_TRUE(error.empty() || beams.f.isZero(0.0));
    return error;
}

} // namespace

TEST(CellFreePluginPolicy, BeamsWithinTheRulesStayAsTheyAre)
{
    IsacTestProblems draws(11);
    auto problem = draws.Paper(3, 2, 1, 4);
    const Eigen::MatrixXcd answer = 0.2 * draws.GaussianMatrix(12, 3).cwiseSign();
    g_answer = [&](auto&, auto& beams) {
        beams[0].f = answer;
        return "";
    };
    auto policy = CreateObject<StubPluginPolicy>();
    const Corrections corrections(policy);
    IsacBeams beams;
    ASSERT_EQ(policy->ComputeBeams(problem, beams).error, "");
    EXPECT_EQ((beams.f - answer * std::sqrt(problem.power(0))).norm(), 0.0);
    EXPECT_TRUE(corrections.all.empty());
}

TEST(CellFreePluginPolicy, PowerLimitsAreEnforcedAndTraced)
{
    IsacTestProblems draws(12);
    const auto problem = draws.PathLoss(3, 2, 1, 4);
    for (double scale : {3.0, 1e150, 1e300})
    {
        Eigen::MatrixXcd answer = 0.01 * draws.GaussianMatrix(12, 3);
        answer.middleRows(4, 4) *= scale;
        g_answer = [&](auto&, auto& beams) {
            beams[0].f = answer;
            beams[0].f.middleRows(4, 4) *= 100;
            return "";
        };
        auto policy = CreateObject<StubPluginPolicy>();
        const Corrections corrections(policy);
        IsacBeams beams;
        ASSERT_EQ(policy->ComputeBeams(problem, beams).error, "");
        EXPECT_NEAR(cellfree::GetApPower(beams, 1) / problem.power(1), 1.0, 1e-9);
        // The others, and the directions, are as they were.
        EXPECT_EQ((beams.Ap(0) - std::sqrt(0.2) * answer.topRows(4)).norm(), 0.0);
        const Eigen::MatrixXcd direction = answer.middleRows(4, 4) / scale;
        const double overlap = std::abs((direction.adjoint() * beams.Ap(1)).trace());
        EXPECT_NEAR(overlap, direction.norm() * beams.Ap(1).norm(), 1e-12);
        ASSERT_EQ(corrections.all.size(), 1U);
        EXPECT_EQ(corrections.all[0].nAps, 1U);
        EXPECT_EQ(corrections.all[0].maskedPower, 0.0);
        if (scale == 3.0)
        {
            EXPECT_NEAR(corrections.all[0].maxLoad, 9e4 * direction.squaredNorm(), 1e-6);
        }
    }
}

TEST(CellFreePluginPolicy, MasksAreEnforcedAndTraced)
{
    IsacTestProblems draws(13);
    auto problem = draws.PathLoss(2, 2, 1, 4);
    problem.serving.setConstant(2, 2, true);
    problem.serving(1, 0) = false;
    problem.sensing.setConstant(2, 1, true);
    problem.sensing(0, 0) = false;
    g_answer = [&](auto&, auto& beams) {
        beams[0].f.setConstant(0.1);
        return "";
    };
    auto policy = CreateObject<StubPluginPolicy>();
    const Corrections corrections(policy);
    IsacBeams beams;
    ASSERT_EQ(policy->ComputeBeams(problem, beams).error, "");
    EXPECT_EQ(beams.Ap(1).col(0).norm(), 0.0);
    EXPECT_EQ(beams.Ap(0).col(2).norm(), 0.0);
    EXPECT_GT(beams.Ap(0).col(0).norm(), 0.0);
    EXPECT_GT(beams.Ap(1).col(2).norm(), 0.0);
    ASSERT_EQ(corrections.all.size(), 1U);
    EXPECT_NEAR(corrections.all[0].maskedPower, 2 * 4 * 0.01, 1e-12);
    EXPECT_EQ(corrections.all[0].nAps, 0U);
}

TEST(CellFreePluginPolicy, BeamsThatAreNotFiniteAreAnError)
{
    IsacTestProblems draws(14);
    const auto problem = draws.PathLoss(3, 2, 1, 4);
    for (double bad :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    {
        g_answer = [&](auto&, auto& beams) {
            beams[0].f(5, 1) = {0.0, bad};
            return "";
        };
        IsacBeams beams;
        const auto error = CreateObject<StubPluginPolicy>()->ComputeBeams(problem, beams).error;
        EXPECT_NE(error.find("AP 1, stream 1"), std::string::npos) << error;
        EXPECT_TRUE(beams.f.isZero(0.0));
    }
}

TEST(CellFreePluginPolicy, AllBandsAreAskedForAtOnceAndMayBeTakenAway)
{
    IsacTestProblems draws(15);
    const std::vector<IsacProblem> problems{draws.PathLoss(3, 2, 1, 4), draws.PathLoss(3, 2, 1, 4)};
    std::vector<IsacProblem> taken;
    g_answer = [&](auto& given, auto& beams) -> std::string {
        EXPECT_EQ(given.size(), 2U);
        for (std::size_t b = 0; b < 2; ++b)
        {
            EXPECT_TRUE(given[b].errorVariance.isZero(0.0) && given[b].errorVariance.size() == 6);
            EXPECT_TRUE(given[b].serving.all() && given[b].serving.size() == 6);
            EXPECT_TRUE(given[b].sensing.all() && given[b].sensing.size() == 3);
            beams[b].f = given[b].h.leftCols(1).replicate(1, 3);
        }
        taken = std::move(given);
        given.assign(2, IsacProblem());
        return "";
    };
    auto policy = CreateObject<StubPluginPolicy>();
    EXPECT_TRUE(policy->AnswersBands());
    std::vector<IsacBeams> beams;
    std::vector<IsacBeams> again;
    g_calls = 0;
    ASSERT_EQ(policy->ComputeBands(problems, beams).error, "");
    ASSERT_EQ(policy->ComputeBands(problems, again).error, "");
    EXPECT_EQ(g_calls, 2);
    for (std::size_t b = 0; b < 2; ++b)
    {
        EXPECT_EQ((beams[b].f - again[b].f).norm(), 0.0);
        IsacBeams alone;
        g_answer = [&](auto& given, auto& answer) {
            answer[0].f = given[0].h.leftCols(1).replicate(1, 3);
            return "";
        };
        ASSERT_EQ(policy->ComputeBeams(problems[b], alone).error, "");
        EXPECT_EQ((beams[b].f - alone.f).norm(), 0.0);
    }
}

TEST(CellFreePluginPolicy, FilesAreOpenedOnceAndAnewWhenTheyChange)
{
    IsacTestProblems draws(16);
    const auto problem = draws.PathLoss(2, 1, 1, 2);
    g_answer = [](auto&, auto&) { return ""; };
    IsacBeams beams;
    g_opened = 0;
    // A check, as programs do it, and then the policy that is used.
    EXPECT_EQ(CreateObject<StubPluginPolicy>()->FindError(), "");
    auto policy = CreateObject<StubPluginPolicy>();
    EXPECT_EQ(policy->FindError(), "");
    EXPECT_EQ(g_opened, 1);
    EXPECT_EQ(policy->ComputeBeams(problem, beams).error, "");
    EXPECT_EQ(policy->ComputeBeams(problem, beams).error, "");
    EXPECT_EQ(g_opened, 1);
    policy->file = "bad";
    EXPECT_EQ(policy->ComputeBeams(problem, beams).error, "bad file");
    EXPECT_EQ(g_opened, 2);
    policy->file = "file";
    EXPECT_EQ(policy->ComputeBeams(problem, beams).error, "");
    EXPECT_EQ(g_opened, 3);
    policy = nullptr;
    // What was used has learned, and is not handed on.
    EXPECT_EQ(CreateObject<StubPluginPolicy>()->FindError(), "");
    EXPECT_EQ(g_opened, 4);
}

TEST(CellFreePluginPolicy, WhatAPluginSaysIsTheError)
{
    IsacTestProblems draws(17);
    g_answer = [](auto&, auto& beams) {
        beams[0].f.setOnes();
        return "it is Friday";
    };
    IsacBeams beams;
    EXPECT_EQ(
        CreateObject<StubPluginPolicy>()->ComputeBeams(draws.PathLoss(2, 1, 1, 2), beams).error,
        "it is Friday");
    EXPECT_TRUE(beams.f.isZero(0.0));
}

TEST(CellFreePythonPolicy, RzfInNumPyIsOurs)
{
    if (!HasPython())
    {
        GTEST_SKIP() << "this build has no policy python";
    }
    auto python = CreateObjectWithAttributes<CellFreePythonPolicy>(
        "Script",
        StringValue(CELLFREE_ISAC_EXAMPLES_DIR "/policies/rzf.py"));
    auto ours = CreateObjectWithAttributes<CellFreeRzfPolicy>("Scaling", StringValue("common"));
    IsacTestProblems draws(18);
    IsacBeams beams;
    IsacBeams expected;
    for (int i = 0; i < 40; ++i)
    {
        auto problem = draws.PathLoss(draws.Integer(1, 8),
                                      draws.Integer(0, 6),
                                      draws.Integer(0, 2),
                                      draws.Integer(1, 8));
        const auto nAps = problem.GetNAps();
        const auto nUes = problem.GetNUes();
        if (i % 4 > 1 && nUes > 0)
        {
            problem.errorVariance = 1e-13 * Eigen::MatrixXd::Random(nAps, nUes).cwiseAbs();
        }
        if (i % 2 == 1 && nUes > 0)
        {
            problem.serving.setConstant(nAps, nUes, true);
            for (Eigen::Index m = 0; m + 1 < nAps; ++m)
            {
                problem.serving(m, m % nUes) = false;
            }
        }
        ASSERT_EQ(python->ComputeBeams(problem, beams).error, "");
        ours->ComputeBeams(problem, expected);
        EXPECT_LE((beams.f - expected.f).norm(), 1e-10 * expected.f.norm());
    }
}

TEST(CellFreePythonPolicy, FieldsAreThoseOfTheProblem)
{
    if (!HasPython())
    {
        GTEST_SKIP() << "this build has no policy python";
    }
    // The beams say what the script saw.
    const Script script(R"(
import numpy as np
def beams(p):
    assert p.h.shape == (2, 3, 4) and p.a.shape == (2, 1, 4) and p.h.dtype == complex
    assert p.omega.shape == (2, 1) and p.errorVariance.shape == (2, 3) and p.sensingWeight.shape == (1,)
    assert p.serving.dtype == bool and not p.serving[1, 2] and p.serving.sum() == 5 and p.weight[2] == 3
    assert p.sensing.all() and p.sensing.shape == (2, 1)
    assert (p.slot, p.effect, p.time, p.band) == (7, 9, 0.25, 0)
    assert (p.ap, p.ue, p.target) == ([4, 5], [6, 7, 8], [-1])
    assert not any(x.flags.owndata or x.flags.writeable for x in (p.h, p.a, p.omega, p.weight))
    f = np.zeros((2, 4, 4), complex)
    f[:, :3] = p.h
    f[:, 3] = p.a[:, 0] * p.omega
    f[~p.serving.repeat(2, axis=1)[:, :4]] = 0
    return f * 1e-9
)");
    auto policy = script.Make();
    IsacTestProblems draws(19);
    auto problem = draws.PathLoss(2, 3, 1, 4);
    problem.serving.setConstant(2, 3, true);
    problem.serving(1, 2) = false;
    problem.weight(2) = 3.0;
    policy->Announce({7, 0.25, 9, {4, 5}, {6, 7, 8}, {-1}});
    IsacBeams beams;
    ASSERT_EQ(policy->ComputeBeams(problem, beams).error, "");
    IsacProblem normalised;
    cellfree::Normalise(problem, normalised);
    const double scale = 1e-9 * std::sqrt(0.2);
    EXPECT_NEAR((beams.f.col(0) - scale * normalised.h.col(0)).norm(), 0.0, 1e-20);
    EXPECT_NEAR((beams.Ap(0).col(2) - scale * normalised.h.col(2).head(4)).norm(), 0.0, 1e-20);
    EXPECT_EQ(beams.Ap(1).col(2).norm(), 0.0);
    EXPECT_NEAR(
        (beams.Ap(0).col(3) - scale * normalised.omega(0, 0) * normalised.a.col(0).head(4)).norm(),
        0.0,
        1e-20);
}

TEST(CellFreePythonPolicy, ViewsThatAScriptKeepsStayWhatTheyWere)
{
    if (!HasPython())
    {
        GTEST_SKIP() << "this build has no policy python";
    }
    const Script script(R"(
import numpy as np
kept = []
def beams(p):
    kept.append((p.h, p.h.copy(), p.serving, p.serving.copy(), p.omega, p.omega.copy()))
    for view, copy, *others in kept:
        assert (view == copy).all() and (others[0] == others[1]).all() and (others[2] == others[3]).all()
    return np.zeros((p.h.shape[0], p.h.shape[1] + p.a.shape[1], p.h.shape[2]))
)");
    auto policy = script.Make();
    IsacTestProblems draws(20);
    for (int i = 0; i < 20; ++i)
    {
        const std::vector<IsacProblem> problems(3, draws.PathLoss(5, 4, 1, i % 2 ? 4 : 8));
        std::vector<IsacBeams> beams;
        ASSERT_EQ(policy->ComputeBands(problems, beams).error, "");
    }
}

TEST(CellFreePythonPolicy, WhatScriptsDoWrongIsSaidInALine)
{
    if (!HasPython())
    {
        GTEST_SKIP() << "this build has no policy python";
    }
    const std::pair<const char*, const char*> cases[]{
        {"return None", "returned None: expected numbers [M, U+T, N] = [2, 3, 4]"},
        {"return 'beams'", "returned str of <U5: expected numbers"},
        {"return np.zeros((2, 3, 4), object)", "returned ndarray of object: expected numbers"},
        {"return np.zeros((2, 3, 4), bool)", "returned ndarray of bool: expected numbers"},
        {"return np.zeros((3, 3, 4))", "returned shape (3, 3, 4): expected"},
        {"return np.zeros(24)", "returned shape (24,): expected"},
        {"return 1.0", "returned shape (): expected"},
        {"return np.full((2, 3, 4), np.nan)", "AP 0, stream 0, sub-band 0: expected finite"},
        {"return np.full((2, 3, 4), 1e999j)", "expected finite numbers"},
        {"import sys; sys.exit(0)", "the script wants to end the program: sys.exit(0)"},
        {"exit()", "the script wants to end the program: sys.exit(None)"},
        {"import os; os._exit(0)", "the script wants to end the program: sys.exit(0)"},
        {"raise KeyboardInterrupt", "KeyboardInterrupt"},
        {"p.h[0] = 0", "ValueError: assignment destination is read-only"},
        {"p.h.flags.writeable = True", "ValueError: cannot set WRITEABLE"},
        {"return [[1], [2, 3]]", "ValueError"},
        {"class E(Exception):\n        def __str__(self): raise ValueError\n    raise E", "E"},
        {"return beams(p)", "RecursionError"},
    };
    for (const auto& [body, expected] : cases)
    {
        const auto error =
            FindScriptError(std::string("import numpy as np\ndef beams(p):\n    ") + body + "\n");
        EXPECT_NE(error.find(expected), std::string::npos) << body << ": " << error;
    }
    const auto error = FindScriptError("def beams(p):\n    return 1 / 0\n");
    EXPECT_NE(error.find("ZeroDivisionError: division by zero\nTraceback"), std::string::npos);
    EXPECT_NE(error.find("line 2, in beams"), std::string::npos) << error;
    const std::pair<const char*, const char*> scripts[]{
        {"", "it has no function beams(problem)"},
        {"beams = 3", "beams is no function"},
        {"def beams(p): pass\noutcome = 3", "outcome is no function"},
        {"def beams(:", "SyntaxError"},
        {"import nothing_of_that_name", "ModuleNotFoundError"},
        {"raise SystemExit('now')", "sys.exit('now')"},
        {"def beams(p): pass\ndef begin(run): raise RuntimeError('no')", "RuntimeError: no"},
    };
    for (const auto& [text, expected] : scripts)
    {
        const auto found = Script(text).Make()->FindError();
        EXPECT_NE(found.find(expected), std::string::npos) << text << ": " << found;
    }
    const auto missing =
        CreateObjectWithAttributes<CellFreePythonPolicy>("Script", StringValue("nowhere.py"));
    EXPECT_EQ(missing->FindError(), "Script = 'nowhere.py': expected the path of a Python script");
    EXPECT_EQ(CreateObject<CellFreePythonPolicy>()->FindError(),
              "Script is empty: expected the path of a Python script");
}

TEST(CellFreePythonPolicy, LearnsWhatBeamsMet)
{
    if (!HasPython())
    {
        GTEST_SKIP() << "this build has no policy python";
    }
    const Script script(R"(
import numpy as np
seen = []
def begin(run):
    assert run.seed >= 1 and run.run >= 1 and run.argument == ""
def beams(p):
    return np.zeros((p.h.shape[0], p.h.shape[1] + p.a.shape[1], p.h.shape[2]))
def outcome(r):
    assert (r.decision, r.slot, r.time) == (3, 4, 0.5) and r.ap == [1, 2] and r.ue == [5, 6, 7]
    assert r.sinr.shape == (2, 3) and r.sinr[1, 2] == 6 and r.believedSinr.tolist() == [1, 2, 3]
    assert r.mcs.tolist() == [-1, 0, 5] and r.blockBytes.tolist() == [0, 10, 20]
    assert r.decoded.tolist() == [False, True, False] and r.decoded.dtype == bool
    assert r.target == [9] and r.sensingSnr.tolist() == [0.25] and r.echoPower.shape == (2, 1)
    d, = r.dwells
    assert (d.target, d.start, d.end, d.snr, d.combinedSnr, d.pd, d.detected) == (9, 1, 2, 3, 4, 0.5, True)
    raise RuntimeError("learned")
)");
    auto policy = script.Make();
    IsacDecisionOutcome outcome;
    outcome.decision = 3;
    outcome.slot = 4;
    outcome.time = 0.5;
    outcome.ap = {1, 2};
    outcome.ue = {5, 6, 7};
    outcome.sinr.resize(2, 3);
    outcome.sinr << 1, 2, 3, 4, 5, 6;
    outcome.believedSinr = Eigen::Vector3d(1, 2, 3);
    outcome.mcs = {-1, 0, 5};
    outcome.blockBytes = {0, 10, 20};
    outcome.isDecoded = {0, 1, 0};
    outcome.target = {9};
    outcome.sensingSnr.setConstant(1, 0.25);
    outcome.echoPower.setConstant(2, 1, 1.0);
    outcome.dwells = {{9, 1.0, 2.0, 3.0, 4.0, 0.5, true}};
    const auto error = policy->Learn(outcome);
    EXPECT_NE(error.find("RuntimeError: learned"), std::string::npos) << error;
}
