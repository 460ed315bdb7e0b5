// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-edge-inference.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

namespace
{

// The same numbers as in IsacGnnEdgeNetwork.
constexpr float SLOPE = 0.1F;
constexpr double MIN_POWER = 1e-12;

/// Depth and columns of a product that are computed at once.
constexpr Eigen::Index DEPTH = 96;
constexpr Eigen::Index COLUMNS = 128;

} // namespace

std::string
IsacGnnEdgeInference::SetWeights(const IsacGnnWeights& weights)
{
    if (auto error = m_architecture.Read(weights); !error.empty())
    {
        return error;
    }
    if (m_architecture.head != IsacGnnArchitecture::EDGE)
    {
        return "metadata head = " + m_architecture.GetHeadName() + ": expected edge";
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
    m_layers.clear();
    for (int64_t l = 0; l <= m_architecture.GetNLayers(); ++l)
    {
        const std::string layer = "layer" + std::to_string(l) + ".";
        const auto takeKind = [&](const std::string& link, const std::string& other) {
            return KindMaps{take(layer + other),
                            take(layer + link),
                            take(layer + link + ".ap"),
                            take(layer + link + "." + other)};
        };
        m_layers.push_back(
            {take(layer + "ap"), takeKind("ueLink", "ue"), takeKind("targetLink", "target")});
    }
    return {};
}

std::string
IsacGnnEdgeInference::FindMisfit(const IsacProblem& problem) const
{
    if (problem.nAntennas == m_architecture.nAntennas)
    {
        return {};
    }
    return "the network has the edge head, which is tied to its number of antennas: expected APs "
           "with " +
           std::to_string(m_architecture.nAntennas) + " antennas, got " +
           std::to_string(problem.nAntennas);
}

void
IsacGnnEdgeInference::Apply(const Linear& map,
                            const Eigen::Ref<const Eigen::MatrixXf>& x,
                            Eigen::MatrixXf& y)
{
    y.resize(map.weight.rows(), x.cols());
    y.colwise() = map.bias;
    for (Eigen::Index j = 0; j < x.cols(); j += COLUMNS)
    {
        const auto columns = std::min(COLUMNS, x.cols() - j);
        for (Eigen::Index k = 0; k < x.rows(); k += DEPTH)
        {
            const auto depth = std::min(DEPTH, x.rows() - k);
            y.middleCols(j, columns).noalias() +=
                map.weight.middleCols(k, depth) * x.block(k, j, depth, columns);
        }
    }
}

void
IsacGnnEdgeInference::Start(const Eigen::MatrixXcd& stacked, double scale, Kind& kind) const
{
    const auto n = m_architecture.nAntennas;
    // A problem without UEs has one with a zero channel, as in training.
    kind.count = std::max<Eigen::Index>(stacked.cols(), &kind == &m_ue ? 1 : 0);
    kind.start.setZero(2 * n, m_nAps * kind.count);
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        for (Eigen::Index k = 0; k < stacked.cols(); ++k)
        {
            const auto x = stacked.col(k).segment(m * n, n);
            auto column = kind.start.col(m * kind.count + k);
            column.head(n) = (scale * x.real()).cast<float>();
            column.tail(n) = (scale * x.imag()).cast<float>();
        }
    }
}

IsacGnnEdgeInference::Phase
IsacGnnEdgeInference::GetPhase(size_t l) const
{
    return l == 0 ? FIRST : l + 1 == m_layers.size() ? LAST : HIDDEN;
}

void
IsacGnnEdgeInference::UpdateOther(size_t l, const Linear& map, Kind& kind)
{
    auto& gathered = kind.work[GetPhase(l)].gathered;
    const auto& link = l == 0 ? kind.start : kind.link;
    const auto nodeRows = l == 0 ? 0 : m_architecture.nodeWidth;
    gathered.setZero(nodeRows + link.rows(), kind.count);
    if (nodeRows > 0)
    {
        gathered.topRows(nodeRows) = kind.node;
    }
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        gathered.bottomRows(link.rows()) += link.middleCols(m * kind.count, kind.count);
    }
    gathered.bottomRows(link.rows()) *= static_cast<float>(m_architecture.GetApScale(m_nAps));
    Apply(map, gathered, kind.node);
}

void
IsacGnnEdgeInference::UpdateLinks(size_t l, const KindMaps& maps, Kind& kind)
{
    auto& work = kind.work[GetPhase(l)];
    Apply(maps.self, l == 0 ? kind.start : kind.link, work.next);
    Apply(maps.fromAp, m_ap, work.apPart);
    Apply(maps.fromOther, kind.node, work.otherPart);
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        auto block = work.next.middleCols(m * kind.count, kind.count);
        block += work.otherPart;
        block.colwise() += work.apPart.col(m);
    }
    if (GetPhase(l) != LAST)
    {
        kind.link.resize(work.next.rows() + kind.start.rows(), work.next.cols());
        kind.link.topRows(work.next.rows()) = work.next.cwiseMax(SLOPE * work.next);
        kind.link.bottomRows(kind.start.rows()) = kind.start;
    }
}

void
IsacGnnEdgeInference::Mask(const LinkMask& mask, Eigen::MatrixXf& x)
{
    for (Eigen::Index m = 0; m < mask.rows(); ++m)
    {
        for (Eigen::Index k = 0; k < mask.cols(); ++k)
        {
            if (!mask(m, k))
            {
                x.col(m * mask.cols() + k).setZero();
            }
        }
    }
}

void
IsacGnnEdgeInference::ComputeBeams(const IsacProblem& problem, IsacBeams& beams)
{
    const auto nUes = problem.GetNUes();
    const auto nTargets = problem.GetNTargets();
    const auto n = problem.nAntennas;
    m_nAps = problem.GetNAps();
    Start(problem.h, m_architecture.channelScale * std::sqrt(static_cast<double>(m_nAps)), m_ue);
    Mask(problem.serving, m_ue.start);
    Start(problem.a, 1.0, m_target);
    Mask(problem.sensing, m_target.start);
    for (size_t l = 0; l < m_layers.size(); ++l)
    {
        const auto& layer = m_layers[l];
        // (13)
        const auto& ueLink = l == 0 ? m_ue.start : m_ue.link;
        const auto& targetLink = l == 0 ? m_target.start : m_target.link;
        const auto nodeRows = l == 0 ? 0 : m_architecture.nodeWidth;
        auto& gathered = m_apGathered[GetPhase(l)];
        gathered.setZero(nodeRows + 2 * ueLink.rows(), m_nAps);
        if (nodeRows > 0)
        {
            gathered.topRows(nodeRows) = m_ap;
        }
        for (Eigen::Index m = 0; m < m_nAps; ++m)
        {
            gathered.col(m).segment(nodeRows, ueLink.rows()) =
                ueLink.middleCols(m * m_ue.count, m_ue.count).rowwise().sum();
            if (nTargets > 0)
            {
                gathered.col(m).tail(ueLink.rows()) =
                    targetLink.middleCols(m * nTargets, nTargets).rowwise().sum();
            }
        }
        Apply(layer.ap, gathered, m_ap);
        UpdateOther(l, layer.ue.other, m_ue);
        // (14)
        UpdateLinks(l, layer.ue, m_ue);
        Mask(problem.serving, GetPhase(l) == LAST ? m_ue.work[LAST].next : m_ue.link);
        if (nTargets > 0)
        {
            UpdateOther(l, layer.target.other, m_target);
            UpdateLinks(l, layer.target, m_target);
            Mask(problem.sensing, GetPhase(l) == LAST ? m_target.work[LAST].next : m_target.link);
        }
    }

    beams.Resize(problem);
    for (Eigen::Index m = 0; m < m_nAps; ++m)
    {
        auto f = beams.Ap(m);
        for (Eigen::Index s = 0; s < nUes + nTargets; ++s)
        {
            const bool isUe = s < nUes;
            const auto column = isUe ? m_ue.work[LAST].next.col(m * m_ue.count + s)
                                     : m_target.work[LAST].next.col(m * nTargets + s - nUes);
            f.col(s).real() = column.head(n).cast<double>();
            f.col(s).imag() = column.tail(n).cast<double>();
        }
        f /= std::sqrt(f.squaredNorm() + MIN_POWER);
    }
}

} // namespace ns3
