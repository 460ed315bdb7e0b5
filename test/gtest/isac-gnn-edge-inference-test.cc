// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-test-weights.h"
#include "isac-test-problems.h"

#include "ns3/boolean.h"
#include "ns3/cell-free-gnn-policy.h"
#include "ns3/isac-gnn-edge-inference.h"
#include "ns3/isac-metrics.h"
#include "ns3/string.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace ns3;

namespace
{

/// A small network with random weights.
IsacGnnArchitecture
MakeSmallEdge(int64_t nAntennas)
{
    auto architecture = IsacGnnArchitecture::GetPaperEdge(nAntennas);
    architecture.linkWidth = 24;
    architecture.nodeWidth = 20;
    architecture.layers = {2};
    return architecture;
}

IsacGnnEdgeInference
MakeNetwork(const IsacGnnWeights& weights)
{
    IsacGnnEdgeInference network;
    EXPECT_EQ(network.SetWeights(weights), "");
    return network;
}

IsacProblem
DrawPaper(IsacTestProblems& draws, int nAps, int nUes, int nTargets, int n)
{
    IsacProblem problem;
    cellfree::Normalise(draws.Paper(nAps, nUes, nTargets, n), problem);
    return problem;
}

/**
 * Equations (12)-(14) as they are printed: one link and one vertex at a time, with concatenated
 * inputs, in double precision. @return the beams, (M N) x (U+T), full power
 */
Eigen::MatrixXcd
ComputeByTheLetter(const IsacGnnWeights& weights,
                   const IsacGnnArchitecture& architecture,
                   const IsacProblem& problem)
{
    using Vector = Eigen::VectorXd;
    const auto nAps = problem.GetNAps();
    const auto nUes = problem.GetNUes();
    const auto nOthers = problem.GetNStreams();
    const auto n = problem.nAntennas;
    const auto linear = [&weights](const std::vector<std::string>& names,
                                   const std::vector<Vector>& inputs) {
        Vector sum;
        for (size_t i = 0; i < names.size(); ++i)
        {
            const auto& weight = weights.tensors.at(names[i] + ".weight");
            Vector y = Vector::Zero(weight.shape[1]);
            for (Eigen::Index in = 0; in < weight.shape[0]; ++in)
            {
                for (Eigen::Index out = 0; out < weight.shape[1]; ++out)
                {
                    y(out) += inputs[i](in) *
                              static_cast<double>(weight.values[in * weight.shape[1] + out]);
                }
            }
            const auto bias = weights.tensors.find(names[i] + ".bias");
            for (Eigen::Index out = 0; bias != weights.tensors.end() && out < y.size(); ++out)
            {
                y(out) += static_cast<double>(bias->second.values[out]);
            }
            sum = i == 0 ? y : Vector(sum + y);
        }
        return sum;
    };
    const auto concatenate = [](const std::vector<Vector>& parts) {
        Eigen::Index size = 0;
        for (const auto& part : parts)
        {
            size += part.size();
        }
        Vector all(size);
        size = 0;
        for (const auto& part : parts)
        {
            all.segment(size, part.size()) = part;
            size += part.size();
        }
        return all;
    };
    std::vector<std::vector<Vector>> start(nAps, std::vector<Vector>(nOthers));
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        for (Eigen::Index j = 0; j < nOthers; ++j)
        {
            // P_m = 1/M and sigma^2 = 0.1 taken back, as the paper's set-up has it.
            const Eigen::VectorXcd x =
                j < nUes ? Eigen::VectorXcd(problem.h.col(j).segment(m * n, n) *
                                            std::sqrt(0.1 * static_cast<double>(nAps)))
                         : Eigen::VectorXcd(problem.a.col(j - nUes).segment(m * n, n));
            start[m][j] = concatenate({x.real(), x.imag()});
        }
    }
    auto link = start;
    std::vector<Vector> ap(nAps);
    std::vector<Vector> other(nOthers);
    const auto nLayers = architecture.GetNLayers();
    for (int64_t l = 0; l <= nLayers; ++l)
    {
        const std::string layer = "layer" + std::to_string(l) + ".";
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            Vector fromUes = Vector::Zero(link[m][0].size());
            Vector fromTargets = fromUes;
            for (Eigen::Index j = 0; j < nOthers; ++j)
            {
                (j < nUes ? fromUes : fromTargets) += link[m][j];
            }
            ap[m] = linear({layer + "ap"}, {concatenate({ap[m], fromUes, fromTargets})});
        }
        for (Eigen::Index j = 0; j < nOthers; ++j)
        {
            Vector sum = Vector::Zero(link[0][j].size());
            for (Eigen::Index m = 0; m < nAps; ++m)
            {
                sum += link[m][j];
            }
            if (architecture.referenceAps > 0)
            {
                sum *= static_cast<double>(architecture.referenceAps) / static_cast<double>(nAps);
            }
            other[j] =
                linear({layer + (j < nUes ? "ue" : "target")}, {concatenate({other[j], sum})});
        }
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            for (Eigen::Index j = 0; j < nOthers; ++j)
            {
                const std::string kind = layer + (j < nUes ? "ueLink" : "targetLink");
                Vector next = linear({kind, kind + ".ap", kind + (j < nUes ? ".ue" : ".target")},
                                     {link[m][j], ap[m], other[j]});
                if (l < nLayers)
                {
                    next = concatenate({next.cwiseMax(0.1 * next), start[m][j]});
                }
                link[m][j] = next;
            }
        }
    }
    Eigen::MatrixXcd f(nAps * n, nOthers);
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        for (Eigen::Index j = 0; j < nOthers; ++j)
        {
            f.col(j).segment(m * n, n).real() = link[m][j].head(n);
            f.col(j).segment(m * n, n).imag() = link[m][j].tail(n);
        }
        f.middleRows(m * n, n) /= f.middleRows(m * n, n).norm();
    }
    return f;
}

} // namespace

TEST(IsacGnnArchitecture, PaperEdgeHasItsNumberOfWeights)
{
    // 4 hidden layers of 256 and an output of 2N: 3.68 million by the paper's own count of vertex
    // matrices, of which one of the two of an AP acts on the same state and is merged here.
    int64_t count = 0;
    for (const auto& map : IsacGnnArchitecture::GetPaperEdge(8).ListMaps())
    {
        count += map.inputs * map.outputs + (map.hasBias ? map.outputs : 0);
    }
    // By hand: vertices (AP, UE, target) and links (two kinds), layer 0, layers 1-3 and 4.
    const int64_t first = (32 + 16 + 16) * 256 + 2 * (16 + 512) * 256;
    const int64_t hidden = (256 + 544 + 2 * (256 + 272)) * 256 + 2 * (272 + 512) * 256;
    const int64_t last = (256 + 544 + 2 * (256 + 272)) * 256 + 2 * (272 + 512) * 16;
    const int64_t biases = 5 * 3 * 256 + 2 * (4 * 256 + 16);
    EXPECT_EQ(count, first + 3 * hidden + last + biases);
}

TEST(IsacGnnEdgeInference, ComputesTheEquationsAsPrinted)
{
    IsacTestProblems draws(41);
    for (int nTargets : {0, 1, 2})
    {
        auto architecture = MakeSmallEdge(4);
        architecture.referenceAps = nTargets == 2 ? 7 : 0;
        const auto weights = DrawGnnWeights(architecture, 11);
        auto network = MakeNetwork(weights);
        const auto problem = DrawPaper(draws, 5, 3, nTargets, 4);
        IsacBeams beams;
        network.ComputeBeams(problem, beams);
        const auto expected = ComputeByTheLetter(weights, architecture, problem);
        EXPECT_LT((beams.f - expected).cwiseAbs().maxCoeff(), 1e-5) << nTargets;
        for (Eigen::Index m = 0; m < 5; ++m)
        {
            EXPECT_NEAR(cellfree::GetApPower(beams, m), 1.0, 1e-9);
        }
    }
}

TEST(IsacGnnEdgeInference, ThePaperSizeComputesTheEquationsAsPrinted)
{
    // Wide enough that products are computed in several blocks.
    IsacTestProblems draws(42);
    const auto architecture = IsacGnnArchitecture::GetPaperEdge(8);
    const auto weights = DrawGnnWeights(architecture, 12);
    auto network = MakeNetwork(weights);
    const auto problem = DrawPaper(draws, 30, 5, 1, 8);
    IsacBeams beams;
    network.ComputeBeams(problem, beams);
    const auto expected = ComputeByTheLetter(weights, architecture, problem);
    EXPECT_LT((beams.f - expected).cwiseAbs().maxCoeff(), 1e-4);
}

TEST(IsacGnnEdgeInference, PermutingApsUesAndTargetsPermutesTheBeams)
{
    IsacTestProblems draws(43);
    auto network = MakeNetwork(DrawGnnWeights(MakeSmallEdge(4), 13));
    const auto problem = DrawPaper(draws, 4, 3, 2, 4);
    IsacBeams beams;
    network.ComputeBeams(problem, beams);
    const std::vector<Eigen::Index> aps{2, 0, 3, 1};
    const std::vector<Eigen::Index> streams{2, 0, 1, 4, 3};
    auto permuted = problem;
    for (Eigen::Index m = 0; m < 4; ++m)
    {
        for (Eigen::Index s = 0; s < 5; ++s)
        {
            const auto source = streams[s];
            if (s < 3)
            {
                permuted.h.col(s).segment(m * 4, 4) = problem.h.col(source).segment(aps[m] * 4, 4);
            }
            else
            {
                permuted.a.col(s - 3).segment(m * 4, 4) =
                    problem.a.col(source - 3).segment(aps[m] * 4, 4);
                permuted.omega(m, s - 3) = problem.omega(aps[m], source - 3);
            }
        }
    }
    IsacBeams permutedBeams;
    network.ComputeBeams(permuted, permutedBeams);
    for (Eigen::Index m = 0; m < 4; ++m)
    {
        for (Eigen::Index s = 0; s < 5; ++s)
        {
            EXPECT_LT((permutedBeams.Ap(m).col(s) - beams.Ap(aps[m]).col(streams[s])).norm(), 1e-5);
        }
    }
}

TEST(IsacGnnEdgeInference, MaskedLinksSendNothingAndSayNothing)
{
    IsacTestProblems draws(44);
    auto network = MakeNetwork(DrawGnnWeights(MakeSmallEdge(4), 14));
    auto problem = DrawPaper(draws, 4, 3, 1, 4);
    IsacBeams unmasked;
    network.ComputeBeams(problem, unmasked);
    problem.serving.setConstant(4, 3, true);
    IsacBeams beams;
    network.ComputeBeams(problem, beams);
    EXPECT_EQ((beams.f - unmasked.f).norm(), 0.0);
    problem.serving(1, 2) = false;
    network.ComputeBeams(problem, beams);
    EXPECT_EQ(beams.Ap(1).col(2).norm(), 0.0);
    EXPECT_NEAR(cellfree::GetApPower(beams, 1), 1.0, 1e-9);
    // What a masked link's channel is does not matter to any beam.
    problem.h.col(2).segment(4, 4) *= 7.0;
    IsacBeams changed;
    network.ComputeBeams(problem, changed);
    EXPECT_EQ((beams.f - changed.f).norm(), 0.0);
    // The same of a target.
    problem.sensing.setConstant(4, 1, true);
    problem.sensing(2, 0) = false;
    network.ComputeBeams(problem, beams);
    EXPECT_EQ(beams.Ap(2).col(3).norm(), 0.0);
    EXPECT_GT(beams.Ap(1).col(3).norm(), 0.0);
    EXPECT_NEAR(cellfree::GetApPower(beams, 2), 1.0, 1e-9);
    problem.a.col(0).segment(8, 4) *= 7.0;
    network.ComputeBeams(problem, changed);
    EXPECT_EQ((beams.f - changed.f).norm(), 0.0);
}

TEST(IsacGnnEdgeInference, ResultDoesNotDependOnEarlierDecisions)
{
    IsacTestProblems draws(45);
    const auto weights = DrawGnnWeights(MakeSmallEdge(4), 15);
    auto network = MakeNetwork(weights);
    IsacBeams beams;
    for (int i = 0; i < 10; ++i)
    {
        const auto problem = DrawPaper(draws, 2 + i % 4, i % 3, 1 + i % 2, 4);
        network.ComputeBeams(problem, beams);
        auto fresh = MakeNetwork(weights);
        IsacBeams expected;
        fresh.ComputeBeams(problem, expected);
        EXPECT_EQ((beams.f - expected.f).norm(), 0.0);
    }
}

TEST(CellFreeGnnPolicy, AnEdgeFileIsTiedToItsAntennasAndIgnoresWeights)
{
    const auto path = (std::filesystem::temp_directory_path() /
                       ("cellfree-isac-edge-" + std::to_string(getpid()) + ".safetensors"))
                          .string();
    ASSERT_EQ(DrawGnnWeights(MakeSmallEdge(4), 16).Save(path), "");
    IsacTestProblems draws(46);
    auto policy = CreateObject<CellFreeGnnPolicy>();
    policy->SetAttribute("WeightFile", StringValue(path));
    IsacBeams beams;
    EXPECT_FALSE(policy->UsesSensingWeight());
    auto problem = DrawPaper(draws, 3, 2, 1, 4);
    EXPECT_EQ(policy->ComputeBeams(problem, beams).error, "");
    EXPECT_TRUE(beams.f.allFinite());
    IsacBeams weighted;
    problem.weight << 0.1, 7.0;
    problem.sensingWeight << 5.0;
    policy->ComputeBeams(problem, weighted);
    EXPECT_EQ((beams.f - weighted.f).norm(), 0.0);
    const auto error = policy->ComputeBeams(DrawPaper(draws, 3, 2, 1, 8), beams).error;
    EXPECT_NE(error.find("tied to its number of antennas: expected APs with 4 antennas, got 8"),
              std::string::npos)
        << error;
    EXPECT_EQ(beams.f.norm(), 0.0);
    std::filesystem::remove(path);
}

TEST(IsacGnnEdgeInference, RefusesFilesOfOtherNetworks)
{
    IsacGnnEdgeInference network;
    EXPECT_EQ(network.SetWeights(DrawGnnWeights({}, 1)),
              "metadata head = structured: expected edge");
    auto weights = DrawGnnWeights(MakeSmallEdge(4), 17);
    weights.metadata["antennas"] = "0";
    EXPECT_EQ(network.SetWeights(weights), "metadata antennas = 0: expected a number in 1 .. 4096");
    weights.metadata["antennas"] = "4";
    weights.metadata["channel_scale"] = "nan";
    EXPECT_EQ(network.SetWeights(weights),
              "metadata channel_scale = nan: expected a number above 0");
    weights.metadata["channel_scale"] = "0.3";
    weights.metadata["layers"] = "2,1";
    EXPECT_EQ(network.SetWeights(weights),
              "metadata layers = 2,1: expected one number for head edge");
    weights.metadata["layers"] = "3";
    EXPECT_NE(network.SetWeights(weights).find("tensor 'layer"), std::string::npos);
}
