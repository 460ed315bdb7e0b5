// SPDX-License-Identifier: GPL-2.0-only

#include "isac-test-problems.h"
#include "model/gnn/isac-gnn-torch-script.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-gnn-policy.h"
#include "ns3/cell-free-rzf-policy.h"
#include "ns3/cell-free-torch-policy.h"
#include "ns3/object-factory.h"
#include "ns3/string.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

using namespace ns3;

namespace
{

/// Head of a model's source.
const std::string FORWARD =
    "def forward(self, h, a, omega, sensing_weight, error_variance, serving):\n";

/// A model in a file of its own.
class Model
{
  public:
    /**
     * @brief Writes a model.
     * @param source its methods
     * @param weights its arrays
     */
    explicit Model(const std::string& source, const IsacGnnWeights& weights = {})
        : path((std::filesystem::temp_directory_path() /
                ("cellfree-isac-model-" + std::to_string(getpid()) + "-" +
                 std::to_string(++s_count) + ".pt"))
                   .string())
    {
        EXPECT_EQ(cellfree::WriteTorchScript(source, weights, path), "");
    }

    ~Model()
    {
        std::filesystem::remove(path);
    }

    /// @return a policy with the model
    Ptr<CellFreeTorchPolicy> Make() const
    {
        return CreateObjectWithAttributes<CellFreeTorchPolicy>("ModelFile", StringValue(path));
    }

    std::string path; //!< of the file

  private:
    static inline int s_count = 0; //!< models so far
};

/// Content of a file. @param path its path
std::string
Read(const std::string& path)
{
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

/// What a model's decision ends with. @param body of forward()
std::string
FindModelError(const std::string& body)
{
    const Model model(FORWARD + body);
    const auto policy = model.Make();
    EXPECT_EQ(policy->FindError(), "");
    IsacTestProblems draws(1);
    IsacBeams beams;
    const auto error = policy->ComputeBeams(draws.PathLoss(2, 2, 1, 4), beams).error;
    EXPECT_TRUE(error.empty() || beams.f.isZero(0.0));
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    return error;
}

} // namespace

TEST(CellFreeTorchPolicy, RzfInTorchScriptIsOurs)
{
    const Model model(Read(CELLFREE_ISAC_EXAMPLES_DIR "/policies/rzf_torchscript.py"));
    auto torch = model.Make();
    auto ours = CreateObjectWithAttributes<CellFreeRzfPolicy>("Scaling", StringValue("common"));
    IsacTestProblems draws(31);
    IsacBeams expected;
    for (int i = 0; i < 20; ++i)
    {
        const auto m = draws.Integer(1, 8);
        const auto u = draws.Integer(1, 6);
        const auto t = draws.Integer(0, 2);
        const auto n = draws.Integer(1, 8);
        std::vector<IsacProblem> problems;
        for (int band = 0; band < 3; ++band)
        {
            problems.push_back(draws.PathLoss(m, u, t, n));
            if (i % 2)
            {
                problems.back().errorVariance = 1e-13 * Eigen::MatrixXd::Random(m, u).cwiseAbs();
            }
        }
        std::vector<IsacBeams> beams;
        ASSERT_EQ(torch->ComputeBands(problems, beams).error, "");
        for (int band = 0; band < 3; ++band)
        {
            ours->ComputeBeams(problems[band], expected);
            EXPECT_LE((beams[band].f - expected.f).norm(), 1e-10 * expected.f.norm());
        }
    }
    auto single = CreateObjectWithAttributes<CellFreeTorchPolicy>("ModelFile",
                                                                  StringValue(model.path),
                                                                  "SinglePrecision",
                                                                  BooleanValue(true));
    const auto problem = draws.PathLoss(4, 2, 1, 4);
    IsacBeams beams;
    ASSERT_EQ(single->ComputeBeams(problem, beams).error, "");
    ours->ComputeBeams(problem, expected);
    const double difference = (beams.f - expected.f).norm() / expected.f.norm();
    EXPECT_LE(difference, 1e-4);
    EXPECT_GE(difference, 1e-9);
}

TEST(CellFreeTorchPolicy, TensorsAreThoseOfTheProblem)
{
    const Model model(FORWARD + R"(
    assert h.shape == [1, 2, 3, 4] and a.shape == [1, 2, 1, 4] and omega.shape == [1, 2, 1]
    assert sensing_weight.shape == [1, 1] and error_variance.shape == [1, 2, 3] and serving.shape == [1, 2, 3]
    assert h.dtype == 10 and omega.dtype == 7 and serving.dtype == 11
    assert bool((error_variance == 0).all()) and bool((sensing_weight == 5).all()) and not bool(serving[0, 1, 2])
    f = torch.cat([h, a * omega.unsqueeze(3)], 2) * 1e-9
    return f * torch.cat([serving, serving[:, :, :1]], 2).unsqueeze(3)
)");
    IsacTestProblems draws(32);
    auto problem = draws.PathLoss(2, 3, 1, 4);
    problem.serving.setConstant(2, 3, true);
    problem.serving(1, 2) = false;
    problem.sensingWeight(0) = 5.0;
    IsacBeams beams;
    ASSERT_EQ(model.Make()->ComputeBeams(problem, beams).error, "");
    IsacProblem normalised;
    cellfree::Normalise(problem, normalised);
    const double scale = 1e-9 * std::sqrt(0.2);
    EXPECT_NEAR((beams.f.col(0) - scale * normalised.h.col(0)).norm(), 0.0, 1e-20);
    EXPECT_NEAR((beams.Ap(0).col(2) - scale * normalised.h.col(2).head(4)).norm(), 0.0, 1e-20);
    EXPECT_NEAR(
        (beams.Ap(1).col(3) - scale * normalised.omega(1, 0) * normalised.a.col(0).tail(4)).norm(),
        0.0,
        1e-20);
}

TEST(CellFreeTorchPolicy, ModelsFindTheArraysOfWeightFiles)
{
    IsacGnnWeights weights;
    weights.tensors["stage0.scale"] = {{2}, {0.25F, 0.5F}};
    const Model model(FORWARD +
                          "    return torch.cat([h, a], 2) * 0 + self.weights['stage0.scale'][1]\n",
                      weights);
    IsacTestProblems draws(33);
    IsacBeams beams;
    ASSERT_EQ(model.Make()->ComputeBeams(draws.PathLoss(2, 1, 0, 3), beams).error, "");
    EXPECT_NEAR(beams.f(0, 0).real(), 0.5 * std::sqrt(0.2), 1e-12);
}

TEST(CellFreeTorchPolicy, TheShippedNetworkInTorchScriptGivesItsBeams)
{
    IsacGnnWeights weights;
    ASSERT_EQ(weights.Load(CellFreeGnnPolicy::GetDefaultWeightFile()), "");
    const Model model(Read(CELLFREE_ISAC_EXAMPLES_DIR "/../data/torchscript/structured.py"),
                      weights);
    auto torch = model.Make();
    auto ours = CreateObject<CellFreeGnnPolicy>();
    IsacTestProblems draws(34);
    IsacBeams beams;
    IsacBeams expected;
    for (int i = 0; i < 40; ++i)
    {
        const auto m = draws.Integer(1, 12);
        const auto u = draws.Integer(i % 10 == 0 ? 0 : 1, 8);
        auto problem = draws.PathLoss(m, u, draws.Integer(0, 3), draws.Integer(1, 8));
        problem.sensingWeight.setConstant(draws.Uniform(0.0, 5.0));
        if (i % 3 == 1 && u > 0)
        {
            problem.serving.setConstant(m, u, true);
            for (Eigen::Index k = 0; k + 1 < m; ++k)
            {
                problem.serving(k, k % u) = false;
            }
        }
        if (i % 4 > 1 && u > 0)
        {
            problem.errorVariance = 1e-12 * Eigen::MatrixXd::Random(m, u).cwiseAbs();
        }
        ASSERT_EQ(torch->ComputeBeams(problem, beams).error, "");
        ours->ComputeBeams(problem, expected);
        EXPECT_LE((beams.f - expected.f).norm(), 1e-4 * expected.f.norm()) << i;
    }
}

TEST(CellFreeTorchPolicy, WhatModelsDoWrongIsSaidInALine)
{
    const std::pair<const char*, const char*> cases[]{
        {"    return h[:, :, :1]\n",
         "returned shape [1, 2, 1, 4]: expected [B, M, U+T, N] = [1, 2, 3, 4]"},
        {"    return torch.cat([h, a], 2).real\n", "expected complex numbers"},
        {"    return torch.cat([h, a], 2) * float('nan')\n", "expected finite numbers"},
        {"    assert h.size(2) > 99, 'never'\n    return h\n", "never"},
        {"    return torch.matmul(h, omega)\n", "forward() failed"},
    };
    for (const auto& [body, expected] : cases)
    {
        const auto error = FindModelError(body);
        EXPECT_NE(error.find(expected), std::string::npos) << body << ": " << error;
    }
}

TEST(CellFreeTorchPolicy, FilesThatAreNoModelAreRefused)
{
    const std::pair<std::string, const char*> sources[]{
        {"def forward(self, h):\n    return h\n", "expected forward(h, a, omega"},
        {FORWARD + "    return 3\n", "expected forward(h, a, omega"},
        {FORWARD + "    return h, a\n", "expected forward(h, a, omega"},
        {"def forward(self, h, a, omega, sensing_weight: int, error_variance, serving):\n    "
         "return "
         "h\n",
         "expected forward(h, a, omega"},
    };
    for (const auto& [source, expected] : sources)
    {
        const Model model(source);
        const auto error = model.Make()->FindError();
        EXPECT_NE(error.find(expected), std::string::npos) << error;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    }
    // Bytes that are cut off, turned around, or lie about sizes.
    const Model model(FORWARD + "    return torch.cat([h, a], 2)\n");
    const auto bytes = Read(model.path);
    const auto refuses = [&](const std::string& content) {
        std::ofstream(model.path, std::ios::binary) << content;
        const auto error = model.Make()->FindError();
        EXPECT_NE(error.find(model.path), std::string::npos) << error;
        EXPECT_EQ(error.find('\n'), std::string::npos) << error;
        return error;
    };
    for (std::size_t length : {0UL, 3UL, 100UL, bytes.size() / 2, bytes.size() - 1})
    {
        refuses(bytes.substr(0, length));
    }
    EXPECT_NE(refuses("import torch\n").find("expected a TorchScript file"), std::string::npos);
    auto huge = bytes;
    for (std::size_t at = 0; (at = huge.find("PK\x01\x02", at)) != std::string::npos; at += 4)
    {
        huge.replace(at + 24, 4, "\xf0\xff\xff\xff");
    }
    EXPECT_NE(refuses(huge).find("4294967280 bytes"), std::string::npos);
    auto far = bytes;
    far.replace(far.rfind("PK\x05\x06") + 12, 8, "\xff\xff\xff\x7f\xff\xff\xff\x7f");
    if (far.find("PK\x06\x06") == std::string::npos)
    {
        refuses(far);
    }
    // One byte after another: it loads as a model, or it is refused.
    unsigned seed = 7;
    for (int i = 0; i < 200; ++i)
    {
        auto turned = bytes;
        seed = seed * 1664525 + 1013904223;
        turned[seed % turned.size()] ^= static_cast<char>(1 + seed / 65536 % 255);
        std::ofstream(model.path, std::ios::binary) << turned;
        model.Make()->FindError();
    }
    for (const char* device : {"gpu", "cuda:", "cuda:x", "cuda:99", ""})
    {
        std::ofstream(model.path, std::ios::binary) << bytes;
        auto policy = model.Make();
        policy->SetAttribute("Device", StringValue(device));
        EXPECT_NE(policy->FindError().find(std::string("Device = '") + device + "': "),
                  std::string::npos)
            << policy->FindError();
    }
    EXPECT_EQ(CreateObject<CellFreeTorchPolicy>()->FindError(),
              "ModelFile is empty: expected the path of a TorchScript file");
    auto folder = CreateObjectWithAttributes<CellFreeTorchPolicy>("ModelFile", StringValue("/"));
    EXPECT_EQ(folder->FindError(), "ModelFile = '/': is a directory");
}

TEST(CellFreeTorchPolicy, ScriptsThatCannotBeWrittenSayWhy)
{
    EXPECT_NE(cellfree::WriteTorchScript("def forward(self, x):\n  return y\n", {}, "x.pt")
                  .find("undefined value y"),
              std::string::npos);
    EXPECT_NE(cellfree::WriteTorchScript("def forwards(self, x):\n  return x\n", {}, "x.pt")
                  .find("no method forward"),
              std::string::npos);
    EXPECT_EQ(cellfree::WriteTorchScript("def forward(self, x):\n  return x\n", {}, "/no/x.pt"),
              "'/no/x.pt' cannot be written");
    EXPECT_FALSE(std::filesystem::exists("x.pt"));
}
