// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-inference.h"

#include "isac-gnn-simd.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

namespace
{

/// Links whose products are computed at once: they stay in the cache.
constexpr Eigen::Index BLOCK = 64;

/// Outputs that a linear map computes at once: two of the widest vectors.
constexpr Eigen::Index ROWS = 16;

/// Slope of the leaky ReLU below zero.
constexpr float SLOPE = 0.1F;

/// Corrections lie in -BOUND .. BOUND.
constexpr double BOUND = 8.0;

/// Log amplitude of a sensing stream at correction zero.
constexpr double BASE_STREAM = -4.0;

/// Share of the log of an AP's excess power that goes into its multiplier, from stage 1 on.
constexpr double POWER_FEEDBACK = 0.5;

/// How an AP's output becomes the log of its power: bent here, and alive far below.
constexpr double POWER_BEND = 0.25;

double
Bound(float x)
{
    return BOUND * std::tanh(static_cast<double>(x) / BOUND);
}

/// COUNT columns of a panel's product.
template <int BYTES, int COUNT>
ISAC_INLINE void
MultiplyPanel(const float* weight,
              const float* bias,
              Eigen::Index inputs,
              const float* x,
              Eigen::Index xStride,
              float* y,
              Eigen::Index yStride)
{
    using Vector = IsacVector<float, BYTES>;
    constexpr int PARTS = ROWS / Vector::SIZE;
    typename Vector::Type sum[COUNT][PARTS];
    for (int part = 0; part < PARTS; ++part)
    {
        for (int c = 0; c < COUNT; ++c)
        {
            sum[c][part] = Vector::Load(bias + part * Vector::SIZE);
        }
    }
    for (Eigen::Index i = 0; i < inputs; ++i)
    {
        typename Vector::Type w[PARTS];
        for (int part = 0; part < PARTS; ++part)
        {
            w[part] = Vector::Load(weight + i * ROWS + part * Vector::SIZE);
        }
        // Column by column, so that one number of x is in a register at a time.
        for (int c = 0; c < COUNT; ++c)
        {
            const float number = x[c * xStride + i];
            for (int part = 0; part < PARTS; ++part)
            {
                sum[c][part] += w[part] * number;
            }
        }
    }
    for (int part = 0; part < PARTS; ++part)
    {
        for (int c = 0; c < COUNT; ++c)
        {
            Vector::Store(y + c * yStride + part * Vector::SIZE, sum[c][part]);
        }
    }
}

/// MultiplyPanel() for the last columns, at most COUNT of them.
template <int BYTES, int COUNT, typename... Args>
ISAC_INLINE void
MultiplyLast(Eigen::Index count, Args... args)
{
    if constexpr (COUNT > 0)
    {
        if (count == COUNT)
        {
            MultiplyPanel<BYTES, COUNT>(args...);
        }
        else
        {
            MultiplyLast<BYTES, COUNT - 1>(count, args...);
        }
    }
}

/// Leaky ReLU.
ISAC_INLINE float
Activate(float x)
{
    return std::max(x, SLOPE * x);
}

} // namespace

struct IsacGnnInference::MultiplyKernel
{
    template <int BYTES>
    static ISAC_INLINE void Run(const Linear& map,
                                const float* x,
                                Eigen::Index xStride,
                                Eigen::Index nCols,
                                float* y)
    {
        // As many columns as fill the registers: 16 of them, each of BYTES bytes.
        constexpr int COUNT = BYTES == 32 ? 6 : 3;
        const auto n = map.inputs;
        for (Eigen::Index row = 0; row < map.rows; row += ROWS)
        {
            const float* weight = &map.weight[row * n];
            const float* bias = &map.bias[row];
            Eigen::Index c = 0;
            for (; c + COUNT <= nCols; c += COUNT)
            {
                MultiplyPanel<BYTES, COUNT>(weight,
                                            bias,
                                            n,
                                            x + c * xStride,
                                            xStride,
                                            y + c * map.rows + row,
                                            map.rows);
            }
            MultiplyLast<BYTES, COUNT - 1>(nCols - c,
                                           weight,
                                           bias,
                                           n,
                                           x + c * xStride,
                                           xStride,
                                           y + c * map.rows + row,
                                           map.rows);
        }
    }
};

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
        linear.inputs = tensor.shape[0];
        linear.outputs = tensor.shape[1];
        linear.rows = (linear.outputs + ROWS - 1) / ROWS * ROWS;
        linear.weight.Assign(linear.rows * linear.inputs, 0.0F);
        linear.bias.Assign(linear.rows, 0.0F);
        const auto bias = weights.tensors.find(name + ".bias");
        for (Eigen::Index row = 0; row < linear.outputs; ++row)
        {
            for (Eigen::Index i = 0; i < linear.inputs; ++i)
            {
                linear.weight[(row / ROWS * linear.inputs + i) * ROWS + row % ROWS] =
                    tensor.values[i * linear.outputs + row];
            }
            if (bias != weights.tensors.end())
            {
                linear.bias[row] = bias->second.values[row];
            }
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
IsacGnnInference::Multiply(const Linear& map,
                           const IsacColumns& x,
                           Eigen::Index firstRow,
                           Eigen::Index firstCol,
                           Eigen::Index nCols,
                           IsacColumns& y)
{
    y.Resize(map.rows, nCols);
    IsacRunKernel<MultiplyKernel>(map, x.Col(firstCol) + firstRow, x.GetRows(), nCols, y.Col(0));
}

void
IsacGnnInference::CopyFeatures()
{
    const auto copy = [](const IsacColumns& from, IsacColumns& to) {
        const auto first = to.GetRows() - from.GetRows();
        for (Eigen::Index j = 0; j < from.GetCols(); ++j)
        {
            std::copy_n(from.Col(j), from.GetRows(), to.Col(j) + first);
        }
    };
    copy(m_features.ueLink, m_ueLinks.state);
    copy(m_features.ue, m_ueLinks.other);
    copy(m_features.targetLink, m_targetLinks.state);
    copy(m_features.target, m_targetLinks.other);
    copy(m_features.ap, m_ap);
}

struct IsacGnnInference::LinkKernel
{
    template <int /* BYTES */>
    static ISAC_INLINE void Run(IsacColumns& state,
                                Eigen::Index first,
                                Eigen::Index count,
                                Eigen::Index width,
                                const IsacColumns& product,
                                const IsacColumns& apPart,
                                const IsacColumns& otherPart)
    {
        const auto nOthers = otherPart.GetCols();
        for (Eigen::Index i = 0; i < count; ++i)
        {
            float* to = state.Col(first + i);
            const float* x = product.Col(i);
            const float* y = apPart.Col((first + i) / nOthers);
            const float* z = otherPart.Col((first + i) % nOthers);
            for (Eigen::Index k = 0; k < width; ++k)
            {
                to[k] += Activate(x[k] + y[k] + z[k]);
            }
        }
    }
};

void
IsacGnnInference::UpdateLinks(const LinkMaps& maps, Links& links, bool isEncoding)
{
    const auto d = m_architecture.linkWidth;
    const auto nOthers = links.other.GetCols();
    if (nOthers == 0)
    {
        return;
    }
    const auto firstNodeRow = isEncoding ? 3 * d + m_architecture.nodeWidth : 3 * d;
    Multiply(maps.ap, m_ap, firstNodeRow, 0, m_ap.GetCols(), m_apPart);
    Multiply(maps.other, links.other, firstNodeRow, 0, nOthers, m_otherPart);
    const auto nLinks = links.state.GetCols();
    for (Eigen::Index first = 0; first < nLinks; first += BLOCK)
    {
        const auto count = std::min(BLOCK, nLinks - first);
        Multiply(maps.self, links.state, isEncoding ? d : 0, first, count, m_linkWork);
        IsacRunKernel<LinkKernel>(links.state, first, count, d, m_linkWork, m_apPart, m_otherPart);
    }
}

struct IsacGnnInference::GatherKernel
{
    template <int /* BYTES */>
    static ISAC_INLINE void Run(Links& links,
                                Eigen::Index width,
                                const IsacColumns& otherShare,
                                const IsacColumns* apShare,
                                IsacColumns& apGathered)
    {
        const auto nAps = apGathered.GetCols();
        const auto nOthers = links.other.GetCols();
        const auto begin = [width](float* mean) {
            std::fill_n(mean, width, 0.0F);
            std::fill_n(mean + width, width, -std::numeric_limits<float>::infinity());
        };
        for (Eigen::Index k = 0; k < nOthers; ++k)
        {
            begin(links.other.Col(k));
            std::fill_n(links.other.Col(k) + 2 * width, width, 0.0F);
        }
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            float* ap = apGathered.Col(m);
            begin(ap);
            std::fill_n(ap + 2 * width, apShare ? width : 0, 0.0F);
            for (Eigen::Index k = 0; k < nOthers; ++k)
            {
                const float* x = links.state.Col(m * nOthers + k);
                float* other = links.other.Col(k);
                const float share = otherShare.Col(m)[k];
                for (Eigen::Index i = 0; i < width; ++i)
                {
                    other[i] += x[i];
                    other[width + i] = std::max(other[width + i], x[i]);
                    other[2 * width + i] += share * x[i];
                }
                for (Eigen::Index i = 0; i < width; ++i)
                {
                    ap[i] += x[i];
                    ap[width + i] = std::max(ap[width + i], x[i]);
                }
                if (apShare)
                {
                    const float weight = apShare->Col(m)[k];
                    for (Eigen::Index i = 0; i < width; ++i)
                    {
                        ap[2 * width + i] += weight * x[i];
                    }
                }
            }
            for (Eigen::Index i = 0; i < width; ++i)
            {
                ap[i] /= static_cast<float>(nOthers);
            }
        }
        for (Eigen::Index k = 0; k < nOthers; ++k)
        {
            for (Eigen::Index i = 0; i < width; ++i)
            {
                links.other.Col(k)[i] /= static_cast<float>(nAps);
            }
        }
    }
};

void
IsacGnnInference::Gather(Links& links,
                         const IsacColumns& otherShare,
                         const IsacColumns* apShare,
                         IsacColumns& apGathered)
{
    if (links.other.GetCols() > 0)
    {
        IsacRunKernel<GatherKernel>(links,
                                    m_architecture.linkWidth,
                                    otherShare,
                                    apShare,
                                    apGathered);
    }
}

struct IsacGnnInference::NodeKernel
{
    template <int /* BYTES */>
    static ISAC_INLINE void Run(IsacColumns& input,
                                Eigen::Index firstRow,
                                Eigen::Index width,
                                const IsacColumns& product,
                                const IsacColumns* second)
    {
        for (Eigen::Index j = 0; j < input.GetCols(); ++j)
        {
            float* to = input.Col(j) + firstRow;
            const float* x = product.Col(j);
            const float* y = second ? second->Col(j) : nullptr;
            for (Eigen::Index k = 0; k < width; ++k)
            {
                to[k] += Activate(y ? x[k] + y[k] : x[k]);
            }
        }
    }
};

void
IsacGnnInference::UpdateNodes(const Linear& map,
                              Eigen::Index firstRow,
                              IsacColumns& input,
                              const Linear* second)
{
    Multiply(map, input, firstRow, 0, input.GetCols(), m_nodeWork);
    if (second)
    {
        Multiply(*second, m_apTarget, 0, 0, m_apTarget.GetCols(), m_nodeWork2);
    }
    IsacRunKernel<NodeKernel>(input,
                              3 * m_architecture.linkWidth,
                              m_architecture.nodeWidth,
                              m_nodeWork,
                              second ? &m_nodeWork2 : nullptr);
}

void
IsacGnnInference::ComputeBeams(const IsacProblem& problem, IsacBeams& beams)
{
    m_head.SetProblem(problem);
    const auto nAps = problem.GetNAps();
    const auto nUes = m_head.GetNUes();
    const auto nTargets = m_head.GetNTargets();
    const auto d = m_architecture.linkWidth;
    const auto nodeRows = 3 * d + m_architecture.nodeWidth;
    m_features.SetProblem(m_head);
    m_head.GetStart(m_parameters);
    m_head.Evaluate(m_parameters);

    m_ueLinks.state.SetZero(d + m_features.ueLink.GetRows(), nAps * nUes);
    m_ueLinks.other.SetZero(nodeRows + m_features.ue.GetRows(), nUes);
    m_targetLinks.state.SetZero(d + m_features.targetLink.GetRows(), nAps * nTargets);
    m_targetLinks.other.SetZero(nodeRows + m_features.target.GetRows(), nTargets);
    m_ap.SetZero(nodeRows + m_features.ap.GetRows(), nAps);
    m_apTarget.SetZero(2 * d, nAps);

    for (size_t k = 0; k < m_stages.size(); ++k)
    {
        const auto& stage = m_stages[k];
        m_features.SetResponse(m_head, m_parameters);
        CopyFeatures();

        UpdateLinks(stage.encodeUeLink, m_ueLinks, true);
        UpdateLinks(stage.encodeTargetLink, m_targetLinks, true);
        UpdateNodes(stage.encodeAp, nodeRows, m_ap);
        UpdateNodes(stage.encodeUe, nodeRows, m_ueLinks.other);
        UpdateNodes(stage.encodeTarget, nodeRows, m_targetLinks.other);

        const auto gather = [&] {
            Gather(m_ueLinks, m_features.ueShare, &m_features.apShare, m_ap);
            Gather(m_targetLinks, m_features.targetShare, nullptr, m_apTarget);
        };
        for (const auto& layer : stage.layers)
        {
            gather();
            UpdateNodes(layer.ap, 0, m_ap, nTargets > 0 ? &layer.apTarget : nullptr);
            UpdateNodes(layer.ue, 0, m_ueLinks.other);
            UpdateNodes(layer.target, 0, m_targetLinks.other);
            UpdateLinks(layer.ueLink, m_ueLinks, false);
            UpdateLinks(layer.targetLink, m_targetLinks, false);
        }
        gather();

        Multiply(stage.outputAp, m_ap, 0, 0, nAps, m_nodeWork);
        if (nTargets > 0)
        {
            Multiply(stage.outputApTarget, m_apTarget, 0, 0, nAps, m_nodeWork2);
        }
        for (Eigen::Index m = 0; m < nAps; ++m)
        {
            const auto output = [&](int i) {
                return m_nodeWork.Col(m)[i] + (nTargets > 0 ? m_nodeWork2.Col(m)[i] : 0.0F);
            };
            double step = Bound(output(0));
            if (k > 0)
            {
                const double power = std::log(std::max(m_head.GetPower()(m), 1e-12));
                step += POWER_FEEDBACK *
                        std::min(std::max(power - m_parameters.logPower(m), -4.0), 4.0);
            }
            m_parameters.logExcess(m) += step;
            const double below = output(1);
            m_parameters.logPower(m) =
                -m_head.GetErrorImpact(m) * (below + std::sqrt(below * below + POWER_BEND)) / 2;
        }
        Multiply(stage.outputUe, m_ueLinks.other, 0, 0, nUes, m_nodeWork);
        for (Eigen::Index u = 0; u < nUes; ++u)
        {
            m_parameters.logWeight(u) = m_features.logWeight[u] + Bound(m_nodeWork.Col(u)[0]);
            m_parameters.logGain(u) = m_features.logGain[u] + Bound(m_nodeWork.Col(u)[1]);
            m_parameters.logError(u) = m_features.logWeight[u] + Bound(m_nodeWork.Col(u)[2]);
            m_parameters.logOwn(u) = m_features.logOwn[u] + Bound(m_nodeWork.Col(u)[3]);
        }
        Multiply(stage.outputTargetLink, m_targetLinks.state, 0, 0, nAps * nTargets, m_nodeWork);
        for (Eigen::Index i = 0; i < nAps * nTargets; ++i)
        {
            // Link i is column i of the T x M parameters.
            m_parameters.logSensing(i) = m_features.logSensing[i] + Bound(m_nodeWork.Col(i)[0]);
            m_parameters.logStream(i) = BASE_STREAM + Bound(m_nodeWork.Col(i)[1]);
        }
        if (k + 1 < m_stages.size())
        {
            m_head.Evaluate(m_parameters);
        }
        else
        {
            m_head.Solve(m_parameters);
        }
    }
    m_head.WriteBeams(beams);
}

} // namespace ns3
