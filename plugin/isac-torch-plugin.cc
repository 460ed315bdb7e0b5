// SPDX-License-Identifier: GPL-2.0-only

/**
 * @file
 * The library behind CellFreeTorchPolicy.
 */

#include "ns3/isac-policy-plugin.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <torch/script.h>
#include <torch/torch.h>

namespace ns3
{

namespace
{

/// What forward() is expected to be.
constexpr const char* SIGNATURE =
    "forward(h, a, omega, sensing_weight, error_variance, serving) -> f, all of them tensors";

/// No part of an archive unpacks to more than this times the archive's size: deflate's best.
constexpr uint64_t MAX_EXPANSION = 1040;

/// The part of LibTorch's message that tells something, in one line.
std::string
GetReason(const std::exception& exception)
{
    const auto* error = dynamic_cast<const c10::Error*>(&exception);
    std::istringstream text(error ? error->what_without_backtrace() : exception.what());
    std::string reason;
    // What a model raised ends LibTorch's text; where it has read a file, the text begins with it.
    for (std::string line; std::getline(text, line);)
    {
        const auto begin = line.find_first_not_of(" \t");
        if (begin == std::string::npos || line.compare(begin, 9, "Exception") == 0)
        {
            continue;
        }
        const bool isError = line.find("Error: ") != std::string::npos;
        if (reason.empty() || isError)
        {
            reason = line.substr(begin);
        }
    }
    std::replace_if(
        reason.begin(),
        reason.end(),
        [](unsigned char c) { return c < ' '; },
        '?');
    return reason.substr(0, 300);
}

/// Little-endian number of some bytes of a text.
uint64_t
ReadNumber(const std::string& bytes, std::size_t at, int width)
{
    uint64_t number = 0;
    for (int i = width - 1; i >= 0; --i)
    {
        number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return number;
}

/**
 * @brief Checks a ZIP archive's directory before LibTorch believes it.
 * @param path the file
 * @return an empty string, or what is wrong with it
 */
std::string
FindArchiveError(const std::string& path)
{
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error)
    {
        return std::filesystem::is_directory(path) ? "is a directory" : error.message();
    }
    std::ifstream file(path, std::ios::binary);
    char magic[4]{};
    if (!file.read(magic, 4) || std::string(magic, 4) != "PK\x03\x04")
    {
        return "expected a TorchScript file, a ZIP archive as torch.jit.save() writes it";
    }
    // The end record is 22 bytes, and LibTorch writes no comment after it.
    std::string tail(std::min<uint64_t>(size, 1 << 16), '\0');
    file.seekg(size - tail.size());
    file.read(tail.data(), tail.size());
    const auto end = tail.rfind("PK\x05\x06");
    if (!file || end == std::string::npos || end + 22 > tail.size())
    {
        return "the archive is truncated";
    }
    uint64_t directory = ReadNumber(tail, end + 16, 4);
    uint64_t length = ReadNumber(tail, end + 12, 4);
    if (const auto wide = tail.rfind("PK\x06\x06"); wide != std::string::npos && wide + 56 <= end)
    {
        length = ReadNumber(tail, wide + 40, 8);
        directory = ReadNumber(tail, wide + 48, 8);
    }
    if (directory > size || length > size - directory)
    {
        return "the archive's directory lies beyond its end";
    }
    std::string entries(length, '\0');
    file.seekg(directory);
    if (!file.read(entries.data(), length))
    {
        return "the archive is truncated";
    }
    std::size_t at = 0;
    while (at + 46 <= entries.size() && entries.compare(at, 4, "PK\x01\x02") == 0)
    {
        auto unpacked = ReadNumber(entries, at + 24, 4);
        const auto nameEnd = at + 46 + ReadNumber(entries, at + 28, 2);
        const auto extraEnd = nameEnd + ReadNumber(entries, at + 30, 2);
        const bool isWide = unpacked == 0xffffffff;
        // Sizes beyond 32 bits are in an extra field, the first of its numbers.
        for (auto extra = nameEnd; isWide && extra + 12 <= std::min(extraEnd, entries.size());)
        {
            if (ReadNumber(entries, extra, 2) == 1)
            {
                unpacked = ReadNumber(entries, extra + 4, 8);
            }
            extra += 4 + ReadNumber(entries, extra + 2, 2);
        }
        if (unpacked / MAX_EXPANSION > size)
        {
            return "a part of the archive is said to have " + std::to_string(unpacked) + " bytes";
        }
        at = extraEnd + ReadNumber(entries, at + 32, 2);
    }
    return {};
}

/// A model.
class TorchPlugin : public IsacPolicyPlugin
{
  public:
    /**
     * @brief Opens a model.
     * @param settings which, and how
     * @return an empty string, or what is wrong
     */
    std::string Open(const Settings& settings)
    {
        const auto named = "ModelFile = '" + settings.file + "': ";
        if (settings.file.empty())
        {
            return "ModelFile is empty: expected the path of a TorchScript file";
        }
        if (auto error = FindArchiveError(settings.file); !error.empty())
        {
            return named + error;
        }
        const bool isDevice = settings.device == "cpu" || settings.device == "cuda" ||
                              settings.device.rfind("cuda:", 0) == 0;
        try
        {
            m_device = isDevice ? c10::Device(settings.device) : c10::Device("no device");
        }
        catch (const std::exception&)
        {
            return "Device = '" + settings.device + "': expected cpu, cuda or cuda:INDEX";
        }
        if (m_device.is_cuda() &&
            (!torch::cuda::is_available() ||
             m_device.index() >= static_cast<int>(torch::cuda::device_count())))
        {
            return "Device = '" + settings.device + "': LibTorch sees no such device";
        }
        m_isSingle = settings.isSinglePrecision;
        m_file = settings.file;
        torch::set_num_threads(static_cast<int>(settings.threads));
        torch::manual_seed(settings.seed * 1000003 + settings.run);
        try
        {
            m_model = torch::jit::load(settings.file, m_device);
            m_model.eval();
        }
        catch (const std::exception& exception)
        {
            return named + "LibTorch cannot load it: " + GetReason(exception);
        }
        const auto method = m_model.find_method("forward");
        if (!method)
        {
            return named + "it has no method " + SIGNATURE;
        }
        const auto& schema = method->function().getSchema();
        const auto isTensor = [](const c10::Argument& argument) {
            return argument.type()->isSubtypeOf(*c10::TensorType::get());
        };
        const auto& arguments = schema.arguments();
        if (arguments.size() != 7 ||
            !std::all_of(arguments.begin() + 1, arguments.end(), isTensor) ||
            schema.returns().size() != 1 || !isTensor(schema.returns()[0]))
        {
            std::ostringstream given;
            given << schema;
            return named + "expected " + SIGNATURE + ", not " + given.str();
        }
        return {};
    }

    std::string ComputeBeams(const IsacDecisionContext& /* context */,
                             std::vector<IsacProblem>& problems,
                             std::vector<IsacBeams>& beams) override
    {
        const auto b = static_cast<int64_t>(problems.size());
        const auto m = static_cast<int64_t>(problems[0].GetNAps());
        const auto u = static_cast<int64_t>(problems[0].GetNUes());
        const auto t = static_cast<int64_t>(problems[0].GetNTargets());
        const auto n = static_cast<int64_t>(problems[0].nAntennas);
        torch::Tensor f;
        try
        {
            c10::InferenceMode guard;
            std::vector<c10::IValue> inputs;
            inputs.emplace_back(Gather(problems,
                                       [](auto& p) { return p.h.data(); },
                                       torch::kComplexDouble,
                                       {m, u, n}));
            inputs.emplace_back(Gather(problems,
                                       [](auto& p) { return p.a.data(); },
                                       torch::kComplexDouble,
                                       {m, t, n}));
            inputs.emplace_back(
                Gather(problems, [](auto& p) { return p.omega.data(); }, torch::kDouble, {m, t}));
            inputs.emplace_back(Gather(problems,
                                       [](auto& p) { return p.sensingWeight.data(); },
                                       torch::kDouble,
                                       {t}));
            inputs.emplace_back(Gather(problems,
                                       [](auto& p) { return p.errorVariance.data(); },
                                       torch::kDouble,
                                       {m, u}));
            inputs.emplace_back(
                Gather(problems, [](auto& p) { return p.serving.data(); }, torch::kBool, {m, u}));
            const auto output = m_model.forward(std::move(inputs));
            if (!output.isTensor() || !output.toTensor().defined())
            {
                return Name() + "forward() returned no tensor";
            }
            f = output.toTensor();
            const std::vector<int64_t> expected{b, m, u + t, n};
            if (f.sizes() != at::IntArrayRef(expected))
            {
                std::ostringstream text;
                text << Name() << "forward() returned shape " << f.sizes()
                     << ": expected [B, M, U+T, N] = " << at::IntArrayRef(expected);
                return text.str();
            }
            if (!f.is_complex())
            {
                return Name() + "forward() returned " + std::string(f.dtype().name()) +
                       ": expected complex numbers";
            }
            f = f.to(torch::kCPU, torch::kComplexDouble).contiguous();
        }
        catch (const std::exception& exception)
        {
            return Name() + "forward() failed: " + GetReason(exception);
        }
        using RowMajor =
            Eigen::Matrix<std::complex<double>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        const auto* values =
            reinterpret_cast<const std::complex<double>*>(f.data_ptr<c10::complex<double>>());
        for (auto& band : beams)
        {
            for (int64_t i = 0; i < m; ++i, values += (u + t) * n)
            {
                band.Ap(i) = Eigen::Map<const RowMajor>(values, u + t, n).transpose();
            }
        }
        return {};
    }

  private:
    /// @return how errors of the model begin
    std::string Name() const
    {
        return "model '" + m_file + "': ";
    }

    /**
     * @brief Copies one field of all problems into a tensor.
     * @param problems the problems
     * @param data gets a problem's column-major array, where antennas are the inner index of rows
     * @param type of its numbers
     * @param shape [M, columns, N], [M, columns] or [columns]
     * @return the tensor, B x shape, on the device
     */
    template <typename Data>
    torch::Tensor Gather(std::vector<IsacProblem>& problems,
                         Data data,
                         torch::ScalarType type,
                         const std::vector<int64_t>& shape) const
    {
        const auto rank = shape.size();
        const auto n = rank == 3 ? shape[2] : 1;
        std::vector<int64_t> strides{1};
        if (rank > 1)
        {
            strides = {n, shape[0] * n};
        }
        if (rank == 3)
        {
            strides.push_back(1);
        }
        std::vector<torch::Tensor> parts;
        for (auto& problem : problems)
        {
            auto* first = const_cast<void*>(static_cast<const void*>(data(problem)));
            parts.push_back(first ? torch::from_blob(first, shape, strides, type)
                                  : torch::empty(shape, type));
        }
        auto all = torch::stack(parts);
        if (m_isSingle && type != torch::kBool)
        {
            all = all.to(type == torch::kDouble ? torch::kFloat : torch::kComplexFloat);
        }
        return all.to(m_device);
    }

    std::string m_file;                 //!< path of the model
    c10::Device m_device{c10::kCPU};    //!< where it computes
    bool m_isSingle{false};             //!< whether it gets single precision
    mutable torch::jit::Module m_model; //!< the model
};

} // namespace

} // namespace ns3

extern "C" __attribute__((visibility("default"))) ns3::IsacPolicyPlugin*
OpenIsacPolicyPlugin(const ns3::IsacPolicyPlugin::Settings& settings, std::string& error)
{
    auto plugin = std::make_unique<ns3::TorchPlugin>();
    error = plugin->Open(settings);
    return error.empty() ? plugin.release() : nullptr;
}
