// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-architecture.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <numeric>
#include <sstream>

namespace ns3
{

namespace
{

/// Names of the heads.
constexpr const char* STRUCTURED_NAME = "structured";
constexpr const char* EDGE_NAME = "edge";

/// Largest width or number of layers that a file may ask for.
constexpr int64_t MAX_SIZE = 4096;

/// Reads "a,b,c" with every number in 1 .. MAX_SIZE; empty if it is anything else.
std::vector<int64_t>
ReadSizes(const std::string& text)
{
    std::vector<int64_t> sizes;
    std::istringstream stream(text);
    std::string item;
    while (std::getline(stream, item, ','))
    {
        const bool isNumber =
            !item.empty() && item.size() <= 4 &&
            std::all_of(item.begin(), item.end(), [](char c) { return c >= '0' && c <= '9'; });
        const int64_t size = isNumber ? std::stoll(item) : 0;
        if (size < 1 || size > MAX_SIZE)
        {
            return {};
        }
        sizes.push_back(size);
    }
    return sizes;
}

} // namespace

IsacGnnArchitecture
IsacGnnArchitecture::GetPaperEdge(int64_t nAntennas)
{
    IsacGnnArchitecture architecture;
    architecture.head = EDGE;
    architecture.linkWidth = 256;
    architecture.nodeWidth = 256;
    architecture.layers = {4};
    architecture.nAntennas = nAntennas;
    architecture.channelScale = std::sqrt(0.1);
    architecture.referenceAps = 5;
    return architecture;
}

double
IsacGnnArchitecture::GetApScale(int64_t nAps) const
{
    return referenceAps > 0 ? static_cast<double>(referenceAps) / static_cast<double>(nAps) : 1.0;
}

int64_t
IsacGnnArchitecture::GetNLayers() const
{
    return std::accumulate(layers.begin(), layers.end(), int64_t{0});
}

std::string
IsacGnnArchitecture::GetHeadName() const
{
    return head == EDGE ? EDGE_NAME : STRUCTURED_NAME;
}

bool
operator==(const IsacGnnArchitecture& a, const IsacGnnArchitecture& b)
{
    return a.head == b.head && a.linkWidth == b.linkWidth && a.nodeWidth == b.nodeWidth &&
           a.layers == b.layers && a.nAntennas == b.nAntennas && a.channelScale == b.channelScale &&
           a.referenceAps == b.referenceAps;
}

std::vector<IsacGnnArchitecture::LinearMap>
IsacGnnArchitecture::ListMaps() const
{
    return head == EDGE ? ListEdgeMaps() : ListStructuredMaps();
}

std::vector<IsacGnnArchitecture::LinearMap>
IsacGnnArchitecture::ListEdgeMaps() const
{
    const auto input = 2 * nAntennas;
    const auto v = nodeWidth;
    const auto nLayers = GetNLayers();
    std::vector<LinearMap> maps;
    // The last layer is the output: linear, and as wide as a beam.
    for (int64_t l = 0; l <= nLayers; ++l)
    {
        const std::string layer = "layer" + std::to_string(l) + ".";
        // v^0 is empty; e^0 is appended to every hidden state.
        const auto node = l == 0 ? 0 : v;
        const auto link = l == 0 ? input : linkWidth + input;
        const auto out = l == nLayers ? input : linkWidth;
        maps.insert(maps.end(),
                    {{layer + "ap", node + 2 * link, v, true},
                     {layer + "ue", node + link, v, true},
                     {layer + "target", node + link, v, true},
                     {layer + "ueLink", link, out, true},
                     {layer + "ueLink.ap", v, out, false},
                     {layer + "ueLink.ue", v, out, false},
                     {layer + "targetLink", link, out, true},
                     {layer + "targetLink.ap", v, out, false},
                     {layer + "targetLink.target", v, out, false}});
    }
    return maps;
}

std::vector<IsacGnnArchitecture::LinearMap>
IsacGnnArchitecture::ListStructuredMaps() const
{
    const auto d = linkWidth;
    const auto v = nodeWidth;
    std::vector<LinearMap> maps;
    for (size_t k = 0; k < layers.size(); ++k)
    {
        const std::string stage = "stage" + std::to_string(k) + ".";
        maps.insert(maps.end(),
                    {{stage + "encode.ueLink", UE_LINK_FEATURES, d, true},
                     {stage + "encode.ueLink.ap", AP_FEATURES, d, false},
                     {stage + "encode.ueLink.ue", UE_FEATURES, d, false},
                     {stage + "encode.targetLink", TARGET_LINK_FEATURES, d, true},
                     {stage + "encode.targetLink.ap", AP_FEATURES, d, false},
                     {stage + "encode.targetLink.target", TARGET_FEATURES, d, false},
                     {stage + "encode.ap", AP_FEATURES, v, true},
                     {stage + "encode.ue", UE_FEATURES, v, true},
                     {stage + "encode.target", TARGET_FEATURES, v, true}});
        for (int64_t l = 0; l < layers[k]; ++l)
        {
            const std::string layer = stage + "layer" + std::to_string(l) + ".";
            maps.insert(maps.end(),
                        {{layer + "ap", 3 * d + v, v, true},
                         {layer + "ap.target", 2 * d, v, false},
                         {layer + "ue", 3 * d + v, v, true},
                         {layer + "target", 3 * d + v, v, true},
                         {layer + "ueLink", d + UE_LINK_FEATURES, d, true},
                         {layer + "ueLink.ap", v, d, false},
                         {layer + "ueLink.ue", v, d, false},
                         {layer + "targetLink", d + TARGET_LINK_FEATURES, d, true},
                         {layer + "targetLink.ap", v, d, false},
                         {layer + "targetLink.target", v, d, false}});
        }
        maps.insert(maps.end(),
                    {{stage + "output.ap", 3 * d + v + AP_FEATURES, 2, true},
                     {stage + "output.ap.target", 2 * d, 2, false},
                     {stage + "output.ue", 3 * d + v + UE_FEATURES, 4, true},
                     {stage + "output.targetLink", d + TARGET_LINK_FEATURES, 2, true}});
    }
    return maps;
}

std::string
IsacGnnArchitecture::Read(const IsacGnnWeights& weights)
{
    const auto find = [&weights](const char* key) {
        const auto it = weights.metadata.find(key);
        return it == weights.metadata.end() ? std::string("(missing)") : it->second;
    };
    if (find("head") != STRUCTURED_NAME && find("head") != EDGE_NAME)
    {
        return "metadata head = " + find("head") + ": expected " + STRUCTURED_NAME + " or " +
               EDGE_NAME;
    }
    head = find("head") == EDGE_NAME ? EDGE : STRUCTURED;
    if (find("format_version") != GetFormatVersion())
    {
        return "metadata format_version = " + find("format_version") + ": expected " +
               GetFormatVersion() + " (train again with cellfree-isac-train)";
    }
    const auto linkWidths = ReadSizes(find("link_width"));
    const auto nodeWidths = ReadSizes(find("node_width"));
    layers = ReadSizes(find("layers"));
    if (linkWidths.size() != 1)
    {
        return "metadata link_width = " + find("link_width") + ": expected a number in 1 .. 4096";
    }
    if (nodeWidths.size() != 1)
    {
        return "metadata node_width = " + find("node_width") + ": expected a number in 1 .. 4096";
    }
    if (layers.empty() || layers.size() > 16 ||
        *std::max_element(layers.begin(), layers.end()) > 64)
    {
        return "metadata layers = " + find("layers") +
               ": expected up to 16 numbers in 1 .. 64, separated by commas";
    }
    if (head == EDGE && layers.size() != 1)
    {
        return "metadata layers = " + find("layers") + ": expected one number for head edge";
    }
    linkWidth = linkWidths[0];
    nodeWidth = nodeWidths[0];
    nAntennas = 0;
    channelScale = 0.0;
    referenceAps = 0;
    if (head == EDGE)
    {
        const auto antennas = ReadSizes(find("antennas"));
        if (antennas.size() != 1)
        {
            return "metadata antennas = " + find("antennas") + ": expected a number in 1 .. 4096";
        }
        nAntennas = antennas[0];
        const auto reference = ReadSizes(find("reference_aps"));
        if (reference.size() != 1 && find("reference_aps") != "0")
        {
            return "metadata reference_aps = " + find("reference_aps") +
                   ": expected a number in 0 .. 4096";
        }
        referenceAps = reference.empty() ? 0 : reference[0];
        std::istringstream scale(find("channel_scale"));
        if (!(scale >> channelScale && scale.eof() && channelScale > 0))
        {
            return "metadata channel_scale = " + find("channel_scale") +
                   ": expected a number above 0";
        }
    }

    const auto check = [&weights](const std::string& name, const std::vector<int64_t>& shape) {
        const auto it = weights.tensors.find(name);
        if (it == weights.tensors.end())
        {
            return "tensor '" + name + "' is missing";
        }
        if (it->second.shape != shape)
        {
            std::string text = "tensor '" + name + "' has shape [";
            for (auto size : it->second.shape)
            {
                text += std::to_string(size) + " ";
            }
            text += "]: expected [";
            for (auto size : shape)
            {
                text += std::to_string(size) + " ";
            }
            return text + "]";
        }
        return std::string();
    };
    size_t count = 0;
    for (const auto& map : ListMaps())
    {
        auto error = check(map.name + ".weight", {map.inputs, map.outputs});
        ++count;
        if (error.empty() && map.hasBias)
        {
            error = check(map.name + ".bias", {map.outputs});
            ++count;
        }
        if (!error.empty())
        {
            return error;
        }
    }
    if (count != weights.tensors.size())
    {
        return "has " + std::to_string(weights.tensors.size()) + " tensors: expected " +
               std::to_string(count);
    }
    return {};
}

void
IsacGnnArchitecture::Write(IsacGnnWeights& weights) const
{
    std::string text;
    for (auto n : layers)
    {
        text += (text.empty() ? "" : ",") + std::to_string(n);
    }
    weights.metadata["format_version"] = GetFormatVersion();
    weights.metadata["head"] = GetHeadName();
    if (head == EDGE)
    {
        std::ostringstream scale;
        scale << std::setprecision(17) << channelScale;
        weights.metadata["antennas"] = std::to_string(nAntennas);
        weights.metadata["channel_scale"] = scale.str();
        weights.metadata["reference_aps"] = std::to_string(referenceAps);
    }
    weights.metadata["link_width"] = std::to_string(linkWidth);
    weights.metadata["node_width"] = std::to_string(nodeWidth);
    weights.metadata["layers"] = text;
}

} // namespace ns3
