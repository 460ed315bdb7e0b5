// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-network.h"

#include "isac-gnn-edge-network.h"
#include "isac-gnn-structured-network.h"

#include <cmath>
#include <dlfcn.h>

namespace ns3
{

using torch::Tensor;

namespace
{

/// Weight of an earlier stage's objective in the loss.
constexpr double STAGE_WEIGHT = 0.2;

} // namespace

std::vector<Tensor>
IsacGnnNetwork::Impl::GetParameters() const
{
    std::vector<Tensor> parameters;
    for (const auto& entry : weights)
    {
        parameters.push_back(entry.second);
    }
    return parameters;
}

Tensor
IsacGnnNetwork::Impl::Apply(const std::string& name, const Tensor& x) const
{
    const auto& weight = weights.at(name + ".weight");
    auto shape = x.sizes().vec();
    shape.back() = weight.size(1);
    const auto flat = x.reshape({-1, x.size(-1)});
    const auto bias = weights.find(name + ".bias");
    const auto y =
        bias == weights.end() ? flat.mm(weight) : torch::addmm(bias->second, flat, weight);
    return y.view(shape);
}

namespace
{

/// Minus the normalised objectives, weighted over stages.
Tensor
CombineStages(const std::vector<Tensor>& objectives, const Tensor& normaliser)
{
    auto loss = torch::zeros({}, normaliser.options());
    double sum = 0.0;
    for (size_t k = 0; k < objectives.size(); ++k)
    {
        const double weight = k + 1 == objectives.size() ? 1.0 : STAGE_WEIGHT;
        loss = loss - weight * (objectives[k] / normaliser).mean();
        sum += weight;
    }
    return loss / sum;
}

} // namespace

Tensor
IsacGnnNetwork::Impl::GetLoss(const IsacGnnBatch& batch, const Tensor& normaliser) const
{
    return CombineStages(Forward(batch), normaliser);
}

Tensor
IsacGnnNetwork::Impl::GetLoss(const IsacGnnBatch& batch,
                              double minNormaliser,
                              Tensor& objective) const
{
    const auto objectives = Forward(batch);
    objective = objectives.back().detach();
    return CombineStages(objectives, objective.clamp_min(minNormaliser));
}

IsacGnnNetwork::IsacGnnNetwork(const IsacGnnArchitecture& architecture, uint64_t seed, bool useCuda)
{
    if (architecture.head == IsacGnnArchitecture::EDGE)
    {
        m_impl = std::make_unique<IsacGnnEdgeNetwork>();
    }
    else
    {
        m_impl = std::make_unique<IsacGnnStructuredNetwork>();
    }
    m_impl->architecture = architecture;
    m_impl->device = useCuda ? torch::kCUDA : torch::kCPU;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    for (const auto& map : architecture.ListMaps())
    {
        auto weight =
            torch::randn({map.inputs, map.outputs}, generator) *
            (m_impl->GetInitialGain(map.name) / std::sqrt(static_cast<double>(map.inputs)));
        m_impl->weights[map.name + ".weight"] =
            weight.to(m_impl->device).detach().set_requires_grad(true);
        if (map.hasBias)
        {
            m_impl->weights[map.name + ".bias"] =
                torch::zeros({map.outputs}, m_impl->device).set_requires_grad(true);
        }
    }
}

IsacGnnNetwork::~IsacGnnNetwork() = default;

bool
IsacGnnNetwork::HasCuda()
{
    return torch::cuda::is_available();
}

std::string
IsacGnnNetwork::GetLibrary()
{
    return "LibTorch " TORCH_VERSION;
}

void
IsacGnnNetwork::SetThreads(int count)
{
    torch::set_num_threads(count);
    // No header of LibTorch declares it, and another BLAS does not have it.
    using SetBlasThreads = void (*)(int);
    if (auto* symbol = dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))
    {
        reinterpret_cast<SetBlasThreads>(symbol)(count);
    }
}

std::string
IsacGnnNetwork::SetWeights(const IsacGnnWeights& weights)
{
    IsacGnnArchitecture architecture;
    if (auto error = architecture.Read(weights); !error.empty())
    {
        return error;
    }
    if (!(architecture == m_impl->architecture))
    {
        return "the sizes are not those of the network";
    }
    torch::NoGradGuard guard;
    for (const auto& [name, tensor] : weights.tensors)
    {
        m_impl->weights.at(name).copy_(ToTensor(tensor.values, tensor.shape, torch::kFloat32));
    }
    return {};
}

namespace
{

IsacGnnWeights
Copy(const std::map<std::string, Tensor>& tensors)
{
    IsacGnnWeights weights;
    for (const auto& [name, tensor] : tensors)
    {
        const auto values = tensor.detach().to(torch::kCPU).contiguous();
        weights.tensors[name] = {
            values.sizes().vec(),
            {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()}};
    }
    return weights;
}

} // namespace

IsacGnnWeights
IsacGnnNetwork::GetWeights() const
{
    auto weights = Copy(m_impl->weights);
    m_impl->architecture.Write(weights);
    return weights;
}

std::vector<double>
IsacGnnNetwork::GetObjectives(const IsacGnnBatch& batch) const
{
    torch::NoGradGuard guard;
    const auto objective = m_impl->Forward(batch).back().to(torch::kCPU).contiguous();
    return {objective.data_ptr<double>(), objective.data_ptr<double>() + objective.numel()};
}

double
IsacGnnNetwork::GetLoss(const IsacGnnBatch& batch,
                        const std::vector<double>& normaliser,
                        IsacGnnWeights* gradient) const
{
    const auto loss =
        m_impl->GetLoss(batch,
                        ToTensor(normaliser, {batch.count}, torch::kFloat64).to(m_impl->device));
    if (gradient)
    {
        const auto gradients =
            torch::autograd::grad({loss}, m_impl->GetParameters(), {}, {}, false, true);
        std::map<std::string, Tensor> tensors;
        size_t i = 0;
        for (const auto& [name, weight] : m_impl->weights)
        {
            // A map that the batch does not use, such as those of targets, has no gradient.
            tensors[name] = gradients[i].defined() ? gradients[i] : torch::zeros_like(weight);
            ++i;
        }
        *gradient = Copy(tensors);
    }
    return loss.item<double>();
}

} // namespace ns3
