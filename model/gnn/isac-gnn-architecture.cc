// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-architecture.h"

#include <algorithm>
#include <sstream>

namespace ns3
{

namespace
{

/// Name of the only head that this architecture describes.
constexpr const char* HEAD = "structured";

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

std::vector<IsacGnnArchitecture::LinearMap>
IsacGnnArchitecture::ListMaps() const
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
                    {{stage + "output.ap", 3 * d + v + AP_FEATURES, 1, true},
                     {stage + "output.ap.target", 2 * d, 1, false},
                     {stage + "output.ue", 3 * d + v + UE_FEATURES, 2, true},
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
    if (find("format_version") != FORMAT_VERSION)
    {
        return "metadata format_version = " + find("format_version") + ": expected " +
               FORMAT_VERSION;
    }
    if (find("head") != HEAD)
    {
        return "metadata head = " + find("head") + ": expected " + HEAD;
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
    linkWidth = linkWidths[0];
    nodeWidth = nodeWidths[0];

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
    weights.metadata["format_version"] = FORMAT_VERSION;
    weights.metadata["head"] = HEAD;
    weights.metadata["link_width"] = std::to_string(linkWidth);
    weights.metadata["node_width"] = std::to_string(nodeWidth);
    weights.metadata["layers"] = text;
}

} // namespace ns3
