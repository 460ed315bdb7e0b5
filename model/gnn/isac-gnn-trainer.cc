// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-trainer.h"

#include "isac-gnn-torch.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace ns3
{

namespace
{

/// Steps over which the learning rate rises.
constexpr double WARM_UP = 100.0;

/// Decay of Adam's mean of gradients.
constexpr double DECAY_FIRST = 0.9;

/// Decay of Adam's mean of squared gradients.
constexpr double DECAY_SECOND = 0.98;

/// Keeps Adam's division finite.
constexpr double EPSILON = 1e-9;

/// Smallest objective that a problem's loss is divided by (bit/s/Hz).
constexpr double MIN_NORMALISER = 0.1;

} // namespace

/// The LibTorch side of IsacGnnTrainer.
struct IsacGnnTrainer::Impl
{
    Impl(IsacGnnNetwork& net, const Options& opt)
        : network(net),
          options(opt),
          parameters(net.GetImpl().GetParameters())
    {
        for (const auto& parameter : parameters)
        {
            mean.push_back(parameter.detach().clone());
            first.push_back(torch::zeros_like(mean.back()));
            second.push_back(torch::zeros_like(mean.back()));
        }
    }

    /// One step of Adam. Written out, so that a checkpoint holds its whole state in every LibTorch.
    void Update(double rate)
    {
        torch::NoGradGuard guard;
        ++updates;
        const double scale = rate * std::sqrt(1.0 - std::pow(DECAY_SECOND, updates)) /
                             (1.0 - std::pow(DECAY_FIRST, updates));
        // Lists, so that a GPU gets one launch for all arrays. A map that the batch does not use,
        // such as those of targets, has no gradient.
        std::vector<torch::Tensor> weights;
        std::vector<torch::Tensor> gradients;
        std::vector<torch::Tensor> means;
        std::vector<torch::Tensor> squares;
        for (size_t i = 0; i < parameters.size(); ++i)
        {
            if (parameters[i].grad().defined())
            {
                weights.push_back(parameters[i]);
                gradients.push_back(parameters[i].grad());
                means.push_back(first[i]);
                squares.push_back(second[i]);
            }
        }
        at::_foreach_mul_(means, DECAY_FIRST);
        at::_foreach_add_(means, gradients, 1.0 - DECAY_FIRST);
        at::_foreach_mul_(squares, DECAY_SECOND);
        at::_foreach_addcmul_(squares, gradients, gradients, 1.0 - DECAY_SECOND);
        auto roots = at::_foreach_sqrt(squares);
        at::_foreach_add_(roots, EPSILON);
        at::_foreach_addcdiv_(weights, means, roots, -scale);
    }

    /// Calls f(name, tensor) for everything that a checkpoint holds.
    template <typename F>
    void ForEachTensor(F f)
    {
        for (size_t i = 0; i < parameters.size(); ++i)
        {
            const auto number = std::to_string(i);
            f("weight" + number, parameters[i]);
            f("mean" + number, mean[i]);
            f("first" + number, first[i]);
            f("second" + number, second[i]);
        }
    }

    IsacGnnNetwork& network;               //!< the network
    Options options;                       //!< how to train
    std::vector<torch::Tensor> parameters; //!< its weights, in the order of their names
    std::vector<torch::Tensor> mean;       //!< their exponential mean
    std::vector<torch::Tensor> first;      //!< Adam's mean of gradients
    std::vector<torch::Tensor> second;     //!< Adam's mean of squared gradients
    int64_t updates{0};                    //!< steps with effect
    int64_t step{0};                       //!< steps taken
    int64_t dropped{0};                    //!< steps without effect
};

IsacGnnTrainer::IsacGnnTrainer(IsacGnnNetwork& network, const Options& options)
    : m_impl(std::make_unique<Impl>(network, options))
{
}

IsacGnnTrainer::~IsacGnnTrainer() = default;

double
IsacGnnTrainer::Step(const IsacGnnBatch& batch)
{
    auto& s = *m_impl;
    const double progress = static_cast<double>(s.step) / s.options.steps;
    const double rate = s.options.learningRate * std::min(1.0, (s.step + 1) / WARM_UP) * 0.5 *
                        (1.0 + std::cos(M_PI * std::min(progress, 1.0)));
    for (auto& parameter : s.parameters)
    {
        parameter.mutable_grad().reset();
    }
    torch::Tensor objective;
    const auto loss = s.network.GetImpl().GetLoss(batch, MIN_NORMALISER, objective);
    loss.backward();
    const double norm = torch::nn::utils::clip_grad_norm_(s.parameters, s.options.clip);
    if (std::isfinite(norm))
    {
        s.Update(rate);
    }
    else
    {
        ++s.dropped;
    }
    ++s.step;
    torch::NoGradGuard guard;
    // A short memory at first, so that the random start is forgotten.
    const double decay = std::min(s.options.meanDecay, (s.step + 1.0) / (s.step + 10.0));
    at::_foreach_mul_(s.mean, decay);
    at::_foreach_add_(s.mean, s.parameters, 1.0 - decay);
    return objective.mean().item<double>();
}

int64_t
IsacGnnTrainer::GetStep() const
{
    return m_impl->step;
}

int64_t
IsacGnnTrainer::GetDropped() const
{
    return m_impl->dropped;
}

IsacGnnWeights
IsacGnnTrainer::GetMeanWeights() const
{
    auto weights = m_impl->network.GetWeights();
    size_t i = 0;
    for (auto& [name, tensor] : weights.tensors)
    {
        const auto mean = m_impl->mean[i++].to(torch::kCPU).contiguous();
        tensor.values.assign(mean.data_ptr<float>(), mean.data_ptr<float>() + mean.numel());
    }
    return weights;
}

std::string
IsacGnnTrainer::SaveCheckpoint(const std::string& path) const
{
    auto& s = *m_impl;
    try
    {
        torch::serialize::OutputArchive archive;
        archive.write("counts", torch::tensor({s.step, s.dropped, s.updates}));
        s.ForEachTensor([&](const std::string& name, const torch::Tensor& tensor) {
            archive.write(name, tensor.detach());
        });
        archive.save_to(path + ".part");
        std::filesystem::rename(path + ".part", path);
    }
    catch (const std::exception& e)
    {
        return "checkpoint '" + path + "' cannot be written";
    }
    return {};
}

std::string
IsacGnnTrainer::LoadCheckpoint(const std::string& path)
{
    auto& s = *m_impl;
    if (!std::filesystem::is_regular_file(path))
    {
        return "checkpoint '" + path + "' does not exist or is not a file";
    }
    bool fits = true;
    try
    {
        torch::NoGradGuard guard;
        torch::serialize::InputArchive archive;
        archive.load_from(path, s.network.GetImpl().device);
        std::map<std::string, torch::Tensor> values;
        s.ForEachTensor([&](const std::string& name, const torch::Tensor& tensor) {
            archive.read(name, values[name]);
            fits = fits && values[name].sizes() == tensor.sizes();
        });
        torch::Tensor counts;
        archive.read("counts", counts);
        if (fits)
        {
            s.ForEachTensor([&](const std::string& name, torch::Tensor& tensor) {
                tensor.copy_(values[name]);
            });
            counts = counts.to(torch::kCPU);
            s.step = counts[0].item<int64_t>();
            s.dropped = counts[1].item<int64_t>();
            s.updates = counts[2].item<int64_t>();
        }
    }
    catch (const std::exception& e)
    {
        return "checkpoint '" + path + "' is not a checkpoint of this network";
    }
    return fits ? "" : "checkpoint '" + path + "' is of a network of other sizes";
}

} // namespace ns3
