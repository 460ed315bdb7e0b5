// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-edge-network.h"

#include <cmath>

namespace ns3
{

namespace
{

using torch::Tensor;

// The same numbers as in IsacGnnEdgeInference.
constexpr double SLOPE = 0.1;
constexpr double MIN_POWER = 1e-12;

/**
 * Inner products x^H f over the antennas, of stacked real and imaginary parts.
 * @param x ... x J x 2N
 * @param f ... x S x 2N
 * @return real and imaginary parts, each ... x J x S
 */
std::pair<Tensor, Tensor>
GetInnerProducts(const Tensor& x, const Tensor& f)
{
    const auto n = x.size(-1) / 2;
    const auto turned = torch::cat({-x.narrow(-1, n, n), x.narrow(-1, 0, n)}, -1);
    const auto transposed = f.transpose(-1, -2);
    return {x.matmul(transposed), turned.matmul(transposed)};
}

} // namespace

std::vector<Tensor>
IsacGnnEdgeNetwork::Forward(const IsacGnnBatch& batch) const
{
    const auto b = batch.count;
    const auto nAps = batch.nAps;
    const auto nUes = batch.nUes;
    const auto nTargets = batch.nTargets;
    const auto width = 2 * batch.nAntennas;
    TORCH_CHECK(batch.head == architecture.head && batch.nAntennas == architecture.nAntennas,
                "the batch is not for this network");
    const auto single = [&](const auto& values, at::IntArrayRef shape) {
        return ToTensor(values, shape, torch::kFloat32).to(device);
    };
    const auto real = [&](const auto& values, at::IntArrayRef shape) {
        return ToTensor(values, shape, torch::kFloat64).to(device);
    };
    const auto h = single(batch.channel, {b, nAps, nUes, width});
    const auto a = single(batch.steering, {b, nAps, nTargets, width});
    const auto omega = real(batch.omega, {b, nAps, nTargets});
    Tensor ueMask;
    Tensor targetMask;
    if (batch.isMasked)
    {
        const auto mask =
            real(batch.mask, {b, nAps, nUes + nTargets}).to(torch::kFloat32).unsqueeze(-1);
        ueMask = mask.slice(2, 0, nUes);
        targetMask = mask.slice(2, nUes, nUes + nTargets);
    }
    const bool hasTargets = nTargets > 0;

    // (12); a masked link does not exist.
    const auto apply = [](const Tensor& links, const Tensor& mask) {
        return mask.defined() ? links * mask : links;
    };
    const auto ueStart =
        apply(h * (architecture.channelScale * std::sqrt(static_cast<double>(nAps))), ueMask);
    const auto targetStart = apply(a, targetMask);
    auto ueLink = ueStart;
    auto targetLink = targetStart;
    Tensor ap;
    Tensor ue;
    Tensor target;
    const double apScale = architecture.GetApScale(nAps);
    const auto nLayers = architecture.GetNLayers();
    for (int64_t l = 0; l <= nLayers; ++l)
    {
        const auto layer = "layer" + std::to_string(l) + ".";
        const auto append = [](const Tensor& state, const Tensor& gathered) {
            return state.defined() ? torch::cat({state, gathered}, -1) : gathered;
        };
        // (13)
        ap = Apply(layer + "ap",
                   append(append(ap, ueLink.sum(2)),
                          hasTargets ? targetLink.sum(2)
                                     : torch::zeros({b, nAps, ueLink.size(-1)}, h.options())));
        ue = Apply(layer + "ue", append(ue, ueLink.sum(1) * apScale));
        if (hasTargets)
        {
            target = Apply(layer + "target", append(target, targetLink.sum(1) * apScale));
        }
        // (14)
        const auto update = [&](const std::string& kind,
                                const std::string& otherKind,
                                const Tensor& link,
                                const Tensor& other,
                                const Tensor& start) {
            const auto sum = Apply(layer + kind, link) +
                             Apply(layer + kind + ".ap", ap).unsqueeze(2) +
                             Apply(layer + kind + "." + otherKind, other).unsqueeze(1);
            return l == nLayers ? sum : torch::cat({torch::leaky_relu(sum, SLOPE), start}, -1);
        };
        ueLink = apply(update("ueLink", "ue", ueLink, ue, ueStart), ueMask);
        if (hasTargets)
        {
            targetLink =
                apply(update("targetLink", "target", targetLink, target, targetStart), targetMask);
        }
    }

    // Each AP's beams at its power limit, which is 1 in a normalised problem.
    auto beams = hasTargets ? torch::cat({ueLink, targetLink}, 2) : ueLink;
    beams = beams * (beams.square().sum({2, 3}, true) + MIN_POWER).rsqrt();

    // (3), (4), (7) and (8a), from B x M x J x S products.
    const auto [hRe, hIm] = GetInnerProducts(h, beams);
    const auto received =
        (hRe.sum(1).square() + hIm.sum(1).square()).to(torch::kFloat64); // B x U x S
    const auto own = received.diagonal(0, 1, 2);
    const auto interference =
        (received * (1 - torch::eye(nUes, nUes + nTargets, received.options()))).sum(-1) + 1.0;
    auto objective =
        (real(batch.weight, {b, nUes}) * torch::log1p(own / interference)).sum(-1) / M_LN2;
    if (hasTargets)
    {
        const auto [aRe, aIm] = GetInnerProducts(a, beams);
        const auto illumination = (aRe.square() + aIm.square()).sum(-1).to(torch::kFloat64);
        const auto snr = (omega * illumination).sum(1);
        const auto beta = real(batch.sensingWeight, {b, nTargets});
        objective = objective + (beta * torch::log1p(snr)).sum(-1) / M_LN2;
    }
    return {objective};
}

double
IsacGnnEdgeNetwork::GetInitialGain(const std::string& /* map */) const
{
    // The variance that linear layers usually start with: uniform up to 1 / sqrt(inputs).
    return 1.0 / std::sqrt(3.0);
}

} // namespace ns3
