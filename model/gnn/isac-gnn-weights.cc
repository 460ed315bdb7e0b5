// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-weights.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

namespace ns3
{

namespace
{

/// Refuse headers beyond this: a damaged length must not ask for all memory (bytes).
constexpr uint64_t MAX_HEADER = 100 * 1000 * 1000;

/// The number stored in little-endian bytes, whatever the machine's order.
template <typename T>
T
FromLittleEndian(const char* bytes)
{
    T value = 0;
    for (size_t i = sizeof(T); i > 0; --i)
    {
        value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[i - 1]));
    }
    return value;
}

/// Appends a number in little-endian bytes.
template <typename T>
void
AppendLittleEndian(std::string& out, T value)
{
    for (size_t i = 0; i < sizeof(T); ++i)
    {
        out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
    }
}

/// One number of a file.
float
Decode(const char* bytes, IsacGnnWeights::Precision precision)
{
    if (precision == IsacGnnWeights::F16)
    {
        return static_cast<float>(
            Eigen::numext::bit_cast<Eigen::half>(FromLittleEndian<uint16_t>(bytes)));
    }
    return Eigen::numext::bit_cast<float>(FromLittleEndian<uint32_t>(bytes));
}

/// A size or offset of the header: an integer in 0 .. 2^53.
bool
ReadSize(const nlohmann::json& json, uint64_t& value)
{
    if (!json.is_number_unsigned())
    {
        return false;
    }
    value = json.get<uint64_t>();
    return value <= (uint64_t{1} << 53);
}

/// Where an array lies in the data of a file.
struct Extent
{
    uint64_t begin{0};
    uint64_t end{0};
    std::string name;
};

/// Reads one array's entry of the header; returns what is wrong with it, or nothing.
std::string
ReadEntry(const nlohmann::json& entry,
          uint64_t dataSize,
          IsacGnnTensor& tensor,
          IsacGnnWeights::Precision& precision,
          Extent& extent)
{
    if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") ||
        !entry.contains("data_offsets"))
    {
        return "expected an object with dtype, shape and data_offsets";
    }
    if (entry["dtype"] != "F32" && entry["dtype"] != "F16")
    {
        return "dtype = " + entry["dtype"].dump() + ": expected \"F32\" or \"F16\"";
    }
    precision = entry["dtype"] == "F16" ? IsacGnnWeights::F16 : IsacGnnWeights::F32;
    const auto& shape = entry["shape"];
    if (!shape.is_array())
    {
        return "shape = " + shape.dump() + ": expected an array of sizes";
    }
    uint64_t bytes = precision == IsacGnnWeights::F16 ? 2 : 4;
    for (const auto& item : shape)
    {
        uint64_t size = 0;
        if (!ReadSize(item, size) || (size > 0 && bytes > dataSize / size))
        {
            return "shape = " + shape.dump() + ": expected sizes that fit into the file";
        }
        bytes *= size;
        tensor.shape.push_back(static_cast<int64_t>(size));
    }
    const auto& offsets = entry["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !ReadSize(offsets[0], extent.begin) ||
        !ReadSize(offsets[1], extent.end) || extent.begin > extent.end || extent.end > dataSize)
    {
        return "data_offsets = " + offsets.dump() + ": expected [begin, end] within the " +
               std::to_string(dataSize) + " bytes of data";
    }
    if (extent.end - extent.begin != bytes)
    {
        return "data_offsets = " + offsets.dump() + ": expected " + std::to_string(bytes) +
               " bytes for shape " + shape.dump();
    }
    return {};
}

} // namespace

int64_t
IsacGnnTensor::GetCount() const
{
    int64_t count = 1;
    for (auto size : shape)
    {
        count *= size;
    }
    return count;
}

std::string
IsacGnnWeights::Load(const std::string& path)
{
    tensors.clear();
    metadata.clear();
    const auto fail = [&path](const std::string& what) {
        return "weight file '" + path + "': " + what;
    };
    std::error_code code;
    if (!std::filesystem::exists(path, code))
    {
        return fail("does not exist");
    }
    if (!std::filesystem::is_regular_file(path, code))
    {
        return fail("is not a regular file");
    }
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream buffer;
    buffer << stream.rdbuf();
    if (!stream)
    {
        return fail("cannot be read");
    }
    const std::string content = buffer.str();
    if (content.size() < 8)
    {
        return fail("has " + std::to_string(content.size()) +
                    " bytes: expected a safetensors file of at least 8");
    }
    const auto headerSize = FromLittleEndian<uint64_t>(content.data());
    if (headerSize > content.size() - 8 || headerSize > MAX_HEADER)
    {
        return fail("header length = " + std::to_string(headerSize) + ": expected at most " +
                    std::to_string(std::min<uint64_t>(content.size() - 8, MAX_HEADER)) +
                    " (truncated, or not a safetensors file)");
    }
    const char* headerBegin = content.data() + 8;
    const auto header =
        nlohmann::json::parse(headerBegin, headerBegin + headerSize, nullptr, false);
    if (header.is_discarded() || !header.is_object())
    {
        return fail("header is not a JSON object (not a safetensors file?)");
    }
    const char* data = headerBegin + headerSize;
    const uint64_t dataSize = content.size() - 8 - headerSize;

    std::vector<Extent> extents;
    for (const auto& [name, entry] : header.items())
    {
        if (name == "__metadata__")
        {
            if (!entry.is_object())
            {
                return fail("__metadata__: expected an object of strings");
            }
            for (const auto& [key, value] : entry.items())
            {
                if (!value.is_string())
                {
                    return fail("__metadata__." + key + ": expected a string");
                }
                metadata[key] = value.get<std::string>();
            }
            continue;
        }
        IsacGnnTensor tensor;
        Precision precision = F32;
        Extent extent;
        if (const auto error = ReadEntry(entry, dataSize, tensor, precision, extent);
            !error.empty())
        {
            return fail("tensor '" + name + "': " + error);
        }
        const size_t width = precision == F16 ? 2 : 4;
        tensor.values.resize(tensor.GetCount());
        for (size_t i = 0; i < tensor.values.size(); ++i)
        {
            tensor.values[i] = Decode(data + extent.begin + i * width, precision);
            if (!std::isfinite(tensor.values[i]))
            {
                return fail("tensor '" + name + "': number " + std::to_string(i) +
                            " is not finite");
            }
        }
        extent.name = name;
        extents.push_back(extent);
        tensors[name] = std::move(tensor);
    }

    std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
        return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    uint64_t position = 0;
    for (const auto& extent : extents)
    {
        if (extent.begin != position)
        {
            return fail("tensor '" + extent.name + "': data begins at " +
                        std::to_string(extent.begin) + ": expected " + std::to_string(position) +
                        ", where the one before it ends");
        }
        position = extent.end;
    }
    if (position != dataSize)
    {
        return fail("has " + std::to_string(dataSize) + " bytes of data: expected " +
                    std::to_string(position));
    }
    return {};
}

std::string
IsacGnnWeights::Save(const std::string& path, Precision precision) const
{
    const auto fail = [&path](const std::string& what) {
        return "weight file '" + path + "': " + what;
    };
    nlohmann::json header = nlohmann::json::object();
    header["__metadata__"] = metadata;
    std::string data;
    for (const auto& [name, tensor] : tensors)
    {
        if (tensor.GetCount() != static_cast<int64_t>(tensor.values.size()))
        {
            return fail("tensor '" + name + "': shape and number of values differ");
        }
        const auto begin = data.size();
        for (size_t i = 0; i < tensor.values.size(); ++i)
        {
            const Eigen::half half(precision == F16 ? tensor.values[i] : 0.0F);
            if (!std::isfinite(tensor.values[i]) || !Eigen::numext::isfinite(half))
            {
                return fail("tensor '" + name + "': number " + std::to_string(i) +
                            " is not finite in this precision");
            }
            if (precision == F16)
            {
                AppendLittleEndian(data, Eigen::numext::bit_cast<uint16_t>(half));
            }
            else
            {
                AppendLittleEndian(data, Eigen::numext::bit_cast<uint32_t>(tensor.values[i]));
            }
        }
        header[name] = {{"dtype", precision == F16 ? "F16" : "F32"},
                        {"shape", tensor.shape},
                        {"data_offsets", {begin, data.size()}}};
    }
    std::string text = header.dump();
    // Spaces align the data to eight bytes, as other writers of the format do.
    text.resize((text.size() + 7) / 8 * 8, ' ');
    std::string content;
    AppendLittleEndian<uint64_t>(content, text.size());
    content += text;
    content += data;

    const std::string partial = path + ".part";
    std::ofstream stream(partial, std::ios::binary | std::ios::trunc);
    stream << content;
    stream.close();
    std::error_code code;
    if (stream)
    {
        std::filesystem::rename(partial, path, code);
    }
    if (!stream || code)
    {
        std::filesystem::remove(partial, code);
        return fail("cannot be written");
    }
    return {};
}

} // namespace ns3
