// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-inference.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

namespace
{

/// Columns of a product that are computed at once: keeps blocks in the cache and off the heap.
constexpr Eigen::Index BLOCK = 64;

/// Slope of the leaky ReLU below zero.
constexpr float SLOPE = 0.1F;

/// Corrections lie in -BOUND .. BOUND.
constexpr double BOUND = 8.0;

/// Log amplitude of a sensing stream at correction zero.
constexpr double BASE_STREAM = -4.0;

/// Share of the log of an AP's excess power that goes into its multiplier, from stage 1 on.
constexpr double POWER_FEEDBACK = 0.5;

double
Bound(float x)
{
    return BOUND * std::tanh(static_cast<double>(x) / BOUND);
}

} // namespace

std::string
IsacGnnInference::SetWeights(const IsacGnnWeights& weights)
{
    if (auto error = m_architecture.Read(weights); !error.empty())
    {
        return error;
    }
    if (m_architecture.head != IsacGnnArchitecture::STRUCTURED)
    {
        return "metadata head = " + m_architecture.GetHeadName() + ": expected structured";
    }
    const auto take = [&weights](const std::string& name) {
        const auto& tensor = weights.tensors.at(name + ".weight");
        Linear linear;
        // Row-major inputs x outputs is column-major outputs x inputs.
        linear.weight = Eigen::Map<const Eigen::MatrixXf>(tensor.values.data(),
                                                          tensor.shape[1],
                                                          tensor.shape[0]);
        linear.bias.setZero(tensor.shape[1]);
        const auto bias = weights.tensors.find(name + ".bias");
        if (bias != weights.tensors.end())
        {
            linear.bias =
                Eigen::Map<const Eigen::VectorXf>(bias->second.values.data(), linear.bias.size());
        }
        return linear;
    };
    const auto takeLink = [&take](const std::string& name, const std::string& other) {
        return LinkMaps{take(name), take(name + ".ap"), take(name + "." + other)};
    };
    m_stages.clear();
    for (size_t k = 0; k < m_architecture.layers.size(); ++k)
    {
        const std::string stage = "stage" + std::to_string(k) + ".";
        Stage s;
        s.encodeUeLink = takeLink(stage + "encode.ueLink", "ue");
        s.encodeTargetLink = takeLink(stage + "encode.targetLink", "target");
        s.encodeAp = take(stage + "encode.ap");
        s.encodeUe = take(stage + "encode.ue");
        s.encodeTarget = take(stage + "encode.target");
        for (int64_t l = 0; l < m_architecture.layers[k]; ++l)
        {
            const std::string layer = stage + "layer" + std::to_string(l) + ".";
            s.layers.push_back({take(layer + "ap"),
                                take(layer + "ap.target"),
                                take(layer + "ue"),
                                take(layer + "target"),
                                takeLink(layer + "ueLink", "ue"),
                                takeLink(layer + "targetLink", "target")});
        }
        s.outputAp = take(stage + "output.ap");
        s.outputApTarget = take(stage + "output.ap.target");
        s.outputUe = take(stage + "output.ue");
        s.outputTargetLink = take(stage + "output.targetLink");
        m_stages.push_back(std::move(s));
    }
    return {};
}

int64_t
IsacGnnInference::GetMultiplyAdds(int64_t nAps, int64_t nUes, int64_t nTargets) const
{
    const auto isOf = [](const std::string& name, const char* end) {
        const std::string text = end;
        return name.size() >= text.size() &&
               name.compare(name.size() - text.size(), text.size(), text) == 0;
    };
    int64_t count = 0;
    for (const auto& map : m_architecture.ListMaps())
    {
        int64_t columns = nAps; // maps that end in "ap" or "ap.target"
        if (isOf(map.name, "ueLink"))
        {
            columns = nAps * nUes;
        }
        else if (isOf(map.name, "targetLink"))
        {
            columns = nAps * nTargets;
        }
        else if (isOf(map.name, "ue"))
        {
            columns = nUes;
        }
        else if (isOf(map.name, "target") && !isOf(map.name, "ap.target"))
        {
            columns = nTargets;
        }
        count += columns * map.inputs * map.outputs;
    }
    return count;
}

void
IsacGnnInference::Multiply(const Eigen::MatrixXf& weight,
                           const Eigen::Ref<const Eigen::MatrixXf>& x,
                           Eigen::Ref<Eigen::MatrixXf> y)
{
    for (Eigen::Index first = 0; first < x.cols(); first += BLOCK)
    {
        const auto count = std::min(BLOCK, x.cols() - first);
        y.middleCols(first, count).noalias() = weight * x.middleCols(first, count);
    }
}

void
IsacGnnInference::CopyFeatures()
{
    m_ueLinks.state.bottomRows(m_features.ueLink.rows()) = m_features.ueLink;
    m_ueLinks.other.bottomRows(m_features.ue.rows()) = m_features.ue;
    m_targetLinks.state.bottomRows(m_features.targetLink.rows()) = m_features.targetLink;
    m_targetLinks.other.bottomRows(m_features.target.rows()) = m_features.target;
    m_ap.bottomRows(m_features.ap.rows()) = m_features.ap;
}

void
IsacGnnInference::UpdateLinks(const LinkMaps& maps, Links& links, bool isEncoding)
{
    const auto d = m_architecture.linkWidth;
    const auto v = m_architecture.nodeWidth;
    const auto nAps = m_ap.cols();
    const auto nOthers = links.other.cols();
    if (nOthers == 0)
    {
        return;
    }
    const auto nNodeRows = isEncoding ? maps.ap.weight.cols() : v;
    const auto firstNodeRow = isEncoding ? 3 * d + v : 3 * d;
    m_apPart.resize(d, nAps);
    Multiply(maps.ap.weight, m_ap.middleRows(firstNodeRow, nNodeRows), m_apPart);
    m_otherPart.resize(d, nOthers);
    Multiply(maps.other.weight,
             links.other.middleRows(firstNodeRow, maps.other.weight.cols()),
             m_otherPart);
    m_otherPart.colwise() += maps.self.bias;

    const auto nInputs = maps.self.weight.cols();
    m_linkWork.resize(d, BLOCK);
    for (Eigen::Index first = 0; first < links.state.cols(); first += BLOCK)
    {
        const auto count = std::min(BLOCK, links.state.cols() - first);
        m_linkWork.leftCols(count).noalias() =
            maps.self.weight *
            links.state.block(links.state.rows() - nInputs, first, nInputs, count);
        for (Eigen::Index i = 0; i < count; ++i)
        {
            auto x = m_linkWork.col(i).array();
            x += m_apPart.col((first + i) / nOthers).array() +
                 m_otherPart.col((first + i) % nOthers).array();
            links.state.col(first + i).head(d).array() += x.max(SLOPE * x);
        }
    }
}

void
IsacGnnInference::Gather(Links& links,
                         const Eigen::MatrixXf& otherShare,
                         const Eigen::MatrixXf* apShare,
                         Eigen::Ref<Eigen::MatrixXf> apGathered)
{
    const auto d = m_architecture.linkWidth;
    const auto nAps = m_ap.cols();
    const auto nOthers = links.other.cols();
    if (nOthers == 0)
    {
        return;
    }
    auto mean = links.other.topRows(d);
    auto largest = links.other.middleRows(d, d);
    auto weighted = links.other.middleRows(2 * d, d);
    mean.setZero();
    largest.setConstant(-std::numeric_limits<float>::infinity());
    weighted.setZero();
    for (Eigen::Index m = 0; m < nAps; ++m)
    {
        const auto states = links.state.block(0, m * nOthers, d, nOthers);
        mean += states;
        largest = largest.cwiseMax(states);
        apGathered.col(m).head(d) = states.rowwise().mean();
        apGathered.col(m).segment(d, d) = states.rowwise().maxCoeff();
        if (apShare)
        {
            apGathered.col(m).segment(2 * d, d).noalias() = states * apShare->col(m);
        }
        for (Eigen::Index k = 0; k < nOthers; ++k)
        {
            weighted.col(k) += otherShare(k, m) * states.col(k);
        }
    }
    mean /= static_cast<float>(nAps);
}

void
IsacGnnInference::UpdateNodes(const Linear& map, Eigen::MatrixXf& input)
{
    const auto d = m_architecture.linkWidth;
    const auto v = m_architecture.nodeWidth;
    m_nodeWork.resize(v, input.cols());
    Multiply(map.weight, input.topRows(3 * d + v), m_nodeWork);
    m_nodeWork.colwise() += map.bias;
    input.middleRows(3 * d, v).array() += m_nodeWork.array().max(SLOPE * m_nodeWork.array());
}

void
IsacGnnInference::ComputeBeams(const IsacProblem& problem, double sensingWeight, IsacBeams& beams)
{
    m_head.SetProblem(problem);
    const auto nAps = problem.GetNAps();
    const auto nUes = m_head.GetNUes();
    const auto nTargets = m_head.GetNTargets();
    const auto d = m_architecture.linkWidth;
    const auto v = m_architecture.nodeWidth;
    const auto nodeRows = 3 * d + v;
    m_features.SetProblem(m_head, sensingWeight);
    m_head.GetStart(sensingWeight, m_parameters);
    m_head.Evaluate(m_parameters);

    m_ueLinks.state.setZero(d + m_features.ueLink.rows(), nAps * nUes);
    m_ueLinks.other.setZero(nodeRows + m_features.ue.rows(), nUes);
    m_targetLinks.state.setZero(d + m_features.targetLink.rows(), nAps * nTargets);
    m_targetLinks.other.setZero(nodeRows + m_features.target.rows(), nTargets);
    m_ap.setZero(nodeRows + m_features.ap.rows(), nAps);
    m_apTarget.setZero(2 * d, nAps);

    for (size_t k = 0; k < m_stages.size(); ++k)
    {
        const auto& stage = m_stages[k];
        m_features.SetResponse(m_head, m_parameters);
        CopyFeatures();

        UpdateLinks(stage.encodeUeLink, m_ueLinks, true);
        UpdateLinks(stage.encodeTargetLink, m_targetLinks, true);
        const auto encode = [&](const Linear& map, Eigen::MatrixXf& input) {
            m_nodeWork.resize(v, input.cols());
            Multiply(map.weight, input.bottomRows(map.weight.cols()), m_nodeWork);
            m_nodeWork.colwise() += map.bias;
            input.middleRows(3 * d, v).array() +=
                m_nodeWork.array().max(SLOPE * m_nodeWork.array());
        };
        encode(stage.encodeAp, m_ap);
        encode(stage.encodeUe, m_ueLinks.other);
        encode(stage.encodeTarget, m_targetLinks.other);

        const auto gather = [&] {
            Gather(m_ueLinks, m_features.ueShare, &m_features.apShare, m_ap.topRows(3 * d));
            Gather(m_targetLinks, m_features.targetShare, nullptr, m_apTarget);
        };
        for (const auto& layer : stage.layers)
        {
            gather();
            m_nodeWork.resize(v, nAps);
            Multiply(layer.ap.weight, m_ap.topRows(nodeRows), m_nodeWork);
            if (nTargets > 0)
            {
                m_nodeWork2.resize(v, nAps);
                Multiply(layer.apTarget.weight, m_apTarget, m_nodeWork2);
                m_nodeWork += m_nodeWork2;
            }
            m_nodeWork.colwise() += layer.ap.bias;
            m_ap.middleRows(3 * d, v).array() += m_nodeWork.array().max(SLOPE * m_nodeWork.array());
            UpdateNodes(layer.ue, m_ueLinks.other);
            UpdateNodes(layer.target, m_targetLinks.other);
            UpdateLinks(layer.ueLink, m_ueLinks, false);
            UpdateLinks(layer.targetLink, m_targetLinks, false);
        }
        gather();

        m_output.resize(1, nAps);
        Multiply(stage.outputAp.weight, m_ap, m_output);
        if (nTargets > 0)
        {
            m_nodeWork.resize(1, nAps);
            Multiply(stage.outputApTarget.weight, m_apTarget, m_nodeWork);
            m_output += m_nodeWork;
        }
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            double step = Bound(m_output(0, m) + stage.outputAp.bias(0));
            if (k > 0)
            {
                const double power = std::log(std::max(m_head.GetPower()(m), 1e-12));
                step += POWER_FEEDBACK * std::min(std::max(power, -4.0), 4.0);
            }
            m_parameters.logExcess(m) += step;
        }
        m_output.resize(2, nUes);
        Multiply(stage.outputUe.weight, m_ueLinks.other, m_output);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            m_parameters.logWeight(u) =
                m_features.logWeight(u) + Bound(m_output(0, u) + stage.outputUe.bias(0));
            m_parameters.logGain(u) =
                m_features.logGain(u) + Bound(m_output(1, u) + stage.outputUe.bias(1));
        }
        m_output.resize(2, nAps * nTargets);
        Multiply(stage.outputTargetLink.weight, m_targetLinks.state, m_output);
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            for (Eigen::Index t = 0; t < nTargets; ++t)
            {
                const auto x = m_output.col(m * nTargets + t) + stage.outputTargetLink.bias;
                m_parameters.logSensing(t, m) = m_features.logSensing(t, m) + Bound(x(0));
                m_parameters.logStream(t, m) = BASE_STREAM + Bound(x(1));
            }
        }
        m_head.Evaluate(m_parameters);
    }
    m_head.WriteBeams(beams);
}

} // namespace ns3
