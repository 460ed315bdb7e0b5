// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-torch-script.h"

#include <filesystem>
#include <sstream>
#include <torch/script.h>

namespace ns3
{

namespace
{

/// LibTorch's message without its own stack, its lines in one.
std::string
GetReason(const std::exception& exception)
{
    const auto* error = dynamic_cast<const c10::Error*>(&exception);
    std::istringstream text(error ? error->what_without_backtrace() : exception.what());
    std::string reason;
    for (std::string word; text >> word;)
    {
        reason += (reason.empty() ? "" : " ") + word;
    }
    return reason.substr(0, 300);
}

} // namespace

std::string
cellfree::WriteTorchScript(const std::string& source,
                           const IsacGnnWeights& weights,
                           const std::string& path)
{
    torch::jit::Module model("Policy");
    try
    {
        c10::Dict<std::string, torch::Tensor> arrays;
        for (const auto& [name, tensor] : weights.tensors)
        {
            auto* values = const_cast<float*>(tensor.values.data());
            arrays.insert(name, torch::from_blob(values, tensor.shape).clone());
        }
        const auto type = c10::DictType::create(c10::StringType::get(), c10::TensorType::get());
        model.register_attribute("weights", type, arrays);
        model.define(source);
    }
    catch (const std::exception& exception)
    {
        return "no TorchScript: " + GetReason(exception);
    }
    if (!model.find_method("forward"))
    {
        return "no method forward: expected 'def forward(self, h, a, omega, sensing_weight, "
               "error_variance, serving):'";
    }
    const auto part = path + ".part";
    std::error_code failure;
    try
    {
        model.save(part);
        std::filesystem::rename(part, path);
    }
    catch (const std::exception&)
    {
        std::filesystem::remove(part, failure);
        return "'" + path + "' cannot be written";
    }
    return {};
}

} // namespace ns3
