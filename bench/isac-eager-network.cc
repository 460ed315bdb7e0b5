// SPDX-License-Identifier: GPL-2.0-only

#include "isac-eager-network.h"

#include "model/gnn/isac-gnn-structured-network.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>

namespace ns3
{

namespace
{

using torch::Tensor;

Tensor
Activate(const Tensor& x)
{
    return torch::leaky_relu(x, 0.1);
}

Tensor
Bound(const Tensor& x)
{
    return 8.0 * torch::tanh(x.to(torch::kFloat64) / 8.0);
}

} // namespace

/// The LibTorch side of IsacEagerNetwork.
struct IsacEagerNetwork::Impl
{
    explicit Impl(const IsacGnnStructuredNetwork& impl)
        : network(impl),
          optimiser(impl.GetParameters(), torch::optim::AdamOptions(1e-4))
    {
    }

    /// act(W [e; v_i; v_j] + b) of all links.
    Tensor UpdateLinks(const std::string& name,
                       const std::string& other,
                       const Tensor& self,
                       const Tensor& apState,
                       const Tensor& otherState) const
    {
        const auto b = self.size(0);
        const auto nAps = self.size(1);
        const auto nOthers = self.size(2);
        const auto x = torch::cat({self,
                                   apState.unsqueeze(2).expand({b, nAps, nOthers, -1}),
                                   otherState.unsqueeze(1).expand({b, nAps, nOthers, -1})},
                                  -1);
        const auto weight = torch::cat({network.weights.at(name + ".weight"),
                                        network.weights.at(name + ".ap.weight"),
                                        network.weights.at(name + "." + other + ".weight")},
                                       0);
        return Activate(torch::matmul(x, weight) + network.weights.at(name + ".bias"));
    }

    /// Objectives after the last stage, for batches with targets.
    Tensor Forward(const IsacGnnBatch& batch) const
    {
        IsacGnnStructuredNetwork::Parameters x;
        const auto p = network.MakeProblems(batch, x);
        auto response = network.Evaluate(p, x);
        const auto atOther = [](const Tensor& links, const Tensor& share) {
            const auto weighted = (links * share.unsqueeze(-1)).sum(1);
            return torch::cat({links.mean(1), links.amax(1), weighted}, -1);
        };
        const auto apply = [this](const std::string& name, const std::vector<Tensor>& inputs) {
            return network.Apply(name, torch::cat(inputs, -1));
        };
        Tensor ueLink = torch::zeros({});
        Tensor targetLink = torch::zeros({});
        Tensor ap = torch::zeros({});
        Tensor ue = torch::zeros({});
        Tensor target = torch::zeros({});
        for (size_t k = 0; k < network.architecture.layers.size(); ++k)
        {
            const auto stage = "stage" + std::to_string(k) + ".";
            const auto d = network.Observe(p, x, response);
            const auto ueLinkX = torch::cat({p.ueLink, d.ueLink}, -1);
            const auto targetLinkX = torch::cat({p.targetLink, d.targetLink}, -1);
            const auto apX = torch::cat({p.ap, d.ap}, -1);
            const auto ueX = torch::cat({p.ue, d.ue}, -1);
            const auto targetX = torch::cat({p.target, d.target}, -1);
            ueLink = ueLink + UpdateLinks(stage + "encode.ueLink", "ue", ueLinkX, apX, ueX);
            targetLink =
                targetLink +
                UpdateLinks(stage + "encode.targetLink", "target", targetLinkX, apX, targetX);
            ap = ap + Activate(apply(stage + "encode.ap", {apX}));
            ue = ue + Activate(apply(stage + "encode.ue", {ueX}));
            target = target + Activate(apply(stage + "encode.target", {targetX}));
            Tensor atAp;
            Tensor atApFromTargets;
            const auto gather = [&] {
                const auto weighted = (ueLink * p.apShare.unsqueeze(-1)).sum(2);
                atAp = torch::cat({ueLink.mean(2), ueLink.amax(2), weighted}, -1);
                atApFromTargets = torch::cat({targetLink.mean(2), targetLink.amax(2)}, -1);
            };
            for (int64_t l = 0; l < network.architecture.layers[k]; ++l)
            {
                const auto layer = stage + "layer" + std::to_string(l) + ".";
                gather();
                const auto atUe = atOther(ueLink, p.ueShare);
                const auto atTarget = atOther(targetLink, p.targetShare);
                ap = ap + Activate(apply(layer + "ap", {atAp, ap}) +
                                   apply(layer + "ap.target", {atApFromTargets}));
                ue = ue + Activate(apply(layer + "ue", {atUe, ue}));
                target = target + Activate(apply(layer + "target", {atTarget, target}));
                ueLink =
                    ueLink +
                    UpdateLinks(layer + "ueLink", "ue", torch::cat({ueLink, ueLinkX}, -1), ap, ue);
                targetLink = targetLink + UpdateLinks(layer + "targetLink",
                                                      "target",
                                                      torch::cat({targetLink, targetLinkX}, -1),
                                                      ap,
                                                      target);
            }
            gather();
            const auto apOutput = apply(stage + "output.ap", {atAp, ap, apX}) +
                                  apply(stage + "output.ap.target", {atApFromTargets});
            const auto ueOutput =
                Bound(apply(stage + "output.ue", {atOther(ueLink, p.ueShare), ue, ueX}));
            const auto output =
                Bound(apply(stage + "output.targetLink", {targetLink, targetLinkX}));
            x.logExcess = x.logExcess + Bound(apOutput).squeeze(-1);
            if (k > 0)
            {
                x.logExcess =
                    x.logExcess + 0.5 * response.power.clamp_min(1e-12).log().clamp(-4, 4);
            }
            x.logWeight = d.logWeight + ueOutput.select(-1, 0);
            x.logGain = d.logGain + ueOutput.select(-1, 1);
            x.logSensing = d.logSensing + output.select(-1, 0);
            x.logStream = output.select(-1, 1) - 4.0;
            response = network.Evaluate(p, x);
        }
        return response.objective;
    }

    const IsacGnnStructuredNetwork& network; //!< weights, features and head
    torch::optim::Adam optimiser;            //!< LibTorch's own
};

IsacEagerNetwork::IsacEagerNetwork(IsacGnnNetwork& network)
    : m_impl(
          std::make_unique<Impl>(dynamic_cast<const IsacGnnStructuredNetwork&>(network.GetImpl())))
{
}

IsacEagerNetwork::~IsacEagerNetwork() = default;

double
IsacEagerNetwork::Step(const std::vector<IsacGnnBatch>& batches)
{
    m_impl->optimiser.zero_grad();
    std::vector<Tensor> objectives;
    for (const auto& batch : batches)
    {
        objectives.push_back(m_impl->Forward(batch));
    }
    const auto objective = torch::cat(objectives);
    (-(objective / objective.detach().clamp_min(0.1)).mean()).backward();
    m_impl->optimiser.step();
    return objective.mean().item<double>();
}

double
IsacEagerNetwork::MeasureProductRate(int64_t size)
{
    torch::NoGradGuard guard;
    const auto a = torch::randn({size, size});
    const auto b = torch::randn({size, size});
    auto c = torch::mm(a, b);
    double fastest = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 20; ++i)
    {
        const auto start = std::chrono::steady_clock::now();
        torch::mm_out(c, a, b);
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        fastest = std::min(fastest, time.count());
    }
    return static_cast<double>(size) * size * size / fastest;
}

} // namespace ns3
