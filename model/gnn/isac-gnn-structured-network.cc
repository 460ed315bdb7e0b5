// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-structured-network.h"

#include "ns3/isac-expected-log.h"

#include <cmath>

namespace ns3
{

namespace
{

using torch::Tensor;

// The same numbers as in IsacGnnInference and IsacStructuredHead.
constexpr double SLOPE = 0.1;
constexpr double BOUND = 8.0;
constexpr double BASE_STREAM = -4.0;
constexpr double POWER_FEEDBACK = 0.5;
constexpr double POWER_BEND = 0.25;
constexpr double MIN_EXCESS = 1e-5;
constexpr double MIN_ERROR = 1e-6;

Tensor
Activate(const Tensor& x)
{
    return torch::leaky_relu(x, SLOPE);
}

Tensor
Log(const Tensor& x)
{
    return x.clamp_min(1e-12).log();
}

Tensor
Bound(const Tensor& x)
{
    return BOUND * torch::tanh(x.to(torch::kFloat64) / BOUND);
}

Tensor
Complex(const Tensor& x)
{
    return x.to(torch::kComplexDouble);
}

Tensor
Square(const Tensor& x)
{
    return torch::real(x * x.conj());
}

/**
 * E ln(1 + ||x||^2) of B Gaussian vectors. The gradient is that of IsacExpectedLog: the one of an
 * eigenvalue decomposition, which it would take else, is infinite where eigenvalues meet.
 */
struct ExpectedLog : public torch::autograd::Function<ExpectedLog>
{
    static Tensor forward(torch::autograd::AutogradContext* context, Tensor mean, Tensor covariance)
    {
        const auto x = mean.to(torch::kCPU).contiguous();
        const auto c = covariance.to(torch::kCPU).contiguous();
        const auto count = x.size(0);
        const auto n = x.size(1);
        auto value = torch::empty({count}, torch::kFloat64);
        auto meanGradient = torch::empty_like(x);
        auto covarianceGradient = torch::empty_like(c);
        using Complex = c10::complex<double>;
        const auto entries = [](const Tensor& tensor) {
            return reinterpret_cast<std::complex<double>*>(tensor.data_ptr<Complex>());
        };
        IsacExpectedLog law;
        for (int64_t i = 0; i < count; ++i)
        {
            // Row by row: the map's columns are the rows.
            const Eigen::Map<const Eigen::MatrixXcd> rows(entries(c) + i * n * n, n, n);
            law.Evaluate(Eigen::Map<const Eigen::VectorXcd>(entries(x) + i * n, n),
                         rows.transpose(),
                         true);
            value.data_ptr<double>()[i] = law.GetValue();
            // d value = 2 Re g^H d mu + tr(G d C), where LibTorch's gradients r have Re r^H d.
            Eigen::Map<Eigen::VectorXcd>(entries(meanGradient) + i * n, n) =
                2.0 * law.GetMeanGradient();
            Eigen::Map<Eigen::MatrixXcd>(entries(covarianceGradient) + i * n * n, n, n) =
                law.GetCovarianceGradient().transpose();
        }
        context->save_for_backward(
            {meanGradient.to(mean.device()), covarianceGradient.to(mean.device())});
        return value.to(mean.device());
    }

    static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::tensor_list outer)
    {
        const auto saved = context->get_saved_variables();
        return {outer[0].unsqueeze(-1) * saved[0], outer[0].unsqueeze(-1).unsqueeze(-1) * saved[1]};
    }
};

Tensor
Single(const std::vector<Tensor>& rows)
{
    return torch::stack(rows, -1).to(torch::kFloat32);
}

} // namespace

IsacGnnStructuredNetwork::Problems
IsacGnnStructuredNetwork::MakeProblems(const IsacGnnBatch& batch, Parameters& start) const
{
    const auto b = batch.count;
    const auto nAps = batch.nAps;
    const auto nUes = batch.nUes;
    const auto nTargets = batch.nTargets;
    const auto real = [&](const auto& values, at::IntArrayRef shape) {
        return ToTensor(values, shape, torch::kFloat64).to(device);
    };
    const auto single = [&](const auto& values, at::IntArrayRef shape) {
        return ToTensor(values, shape, torch::kFloat32).to(device);
    };
    using Features = IsacGnnFeatures;
    Problems p;
    p.nAps = nAps;
    p.nUes = nUes;
    p.nTargets = nTargets;
    p.nAntennas = batch.nAntennas;
    p.objectiveWeight = real(batch.weight, {b, nUes});
    p.objectiveBeta = real(batch.sensingWeight, {b, nTargets});
    p.weight = real(batch.relativeWeight, {b, nUes});
    p.beta = real(batch.relativeSensing, {b, nTargets});
    const auto size = nUes + nTargets;
    const auto gram = ToTensor(batch.gram, {b, nAps, size, size}, torch::kComplexDouble).to(device);
    p.gram = gram.slice(2, 0, nUes).slice(3, 0, nUes).contiguous();
    p.cross = gram.slice(2, 0, nUes).slice(3, nUes, size).contiguous();
    p.steer = gram.slice(2, nUes, size).slice(3, nUes, size).contiguous();
    p.omega = real(batch.omega, {b, nAps, nTargets});
    if (batch.hasErrors)
    {
        p.error = real(batch.errorVariance, {b, nAps, nUes});
    }
    if (batch.isMasked)
    {
        p.mask = real(batch.mask, {b, nAps, size});
    }
    p.ueLink = single(batch.ueLink, {b, nAps, nUes, Features::UE_LINK_STATIC});
    p.targetLink = single(batch.targetLink, {b, nAps, nTargets, Features::TARGET_LINK_STATIC});
    p.ap = single(batch.ap, {b, nAps, Features::AP_STATIC});
    p.ue = single(batch.ue, {b, nUes, Features::UE_STATIC});
    p.target = single(batch.target, {b, nTargets, Features::TARGET_STATIC});
    p.ueShare = single(batch.ueShare, {b, nAps, nUes});
    p.apShare = single(batch.apShare, {b, nAps, nUes});
    p.targetShare = single(batch.targetShare, {b, nAps, nTargets});
    start.logExcess = real(batch.logExcess, {b, nAps});
    start.logWeight = real(batch.logWeight, {b, nUes});
    start.logGain = real(batch.logGain, {b, nUes});
    start.logPower = real(batch.logPower, {b, nAps});
    start.logError = real(batch.logError, {b, nUes});
    start.logOwn = real(batch.logOwn, {b, nUes});
    start.logSensing = real(batch.logSensing, {b, nAps, nTargets});
    start.logStream = real(batch.logStream, {b, nAps, nTargets});
    return p;
}

Tensor
IsacGnnStructuredNetwork::GetSensingBound(const Problems& p,
                                          const Tensor& sensing,
                                          Tensor* scaled) const
{
    if (p.nTargets == 1)
    {
        return sensing.squeeze(-1);
    }
    // Away from zero, where the root has no derivative.
    const auto root = (sensing / static_cast<double>(p.nAntennas)).clamp_min(1e-12).sqrt();
    const auto product = root.unsqueeze(-1) * root.unsqueeze(-2);
    if (scaled)
    {
        *scaled = p.steer * product;
    }
    return (p.steer.abs() * product).sum(-1).amax(-1);
}

IsacGnnStructuredNetwork::Response
IsacGnnStructuredNetwork::Evaluate(const Problems& p, const Parameters& parameters) const
{
    const auto b = p.omega.size(0);
    const auto nAps = p.nAps;
    const auto nUes = p.nUes;
    const auto nTargets = p.nTargets;
    const auto size = nUes + nTargets;
    const auto options = p.omega.options();
    Response r;
    Tensor inverse;
    auto excess = parameters.logExcess.exp();
    r.multiplier = excess;
    if (nTargets > 0)
    {
        const auto sensing = parameters.logSensing.exp();
        Tensor scaled;
        const auto bound = GetSensingBound(p, sensing, &scaled);
        excess = excess + MIN_EXCESS * bound;
        r.multiplier = excess + bound;
        const auto gain = sensing / static_cast<double>(p.nAntennas);
        if (nTargets == 1)
        {
            inverse = Complex((gain / excess.unsqueeze(-1)).unsqueeze(-1));
        }
        else
        {
            const auto root = Complex(gain.clamp_min(1e-12).sqrt());
            const auto diagonal =
                torch::diag_embed(Complex(r.multiplier).unsqueeze(-1).expand({b, nAps, nTargets}));
            inverse =
                root.unsqueeze(-1) * torch::linalg_inv(diagonal - scaled) * root.unsqueeze(-2);
        }
    }
    // What the systems have beside channels, inverse: of all streams, or of every stream.
    auto shares = (1 / r.multiplier).unsqueeze(1);
    if (p.error.defined())
    {
        const auto errors = parameters.logError.exp().unsqueeze(1) * p.error;
        const auto all = (r.multiplier + errors.sum(-1)).unsqueeze(-1);
        const auto others = torch::max(all - errors, r.multiplier.unsqueeze(-1));
        const auto own = parameters.logOwn.exp().unsqueeze(1) * p.error;
        shares =
            torch::cat({(1 + own / others) / others, (1 / all).expand({b, nAps, nTargets})}, -1)
                .transpose(1, 2);
    }
    if (p.mask.defined())
    {
        shares = shares * p.mask.transpose(1, 2);
    }
    const auto nSystems = shares.size(1);
    const auto scale = Complex(shares).transpose(1, 2).unsqueeze(2); // B x M x 1 x systems
    const auto rootWeight = Complex((0.5 * parameters.logWeight).exp());

    auto weighted = p.gram;
    Tensor streamPart;
    auto right = torch::diag_embed(Complex(parameters.logGain.exp()) / rootWeight);
    if (nTargets > 0)
    {
        weighted = weighted + p.cross.matmul(inverse).matmul(p.cross.mH());
        auto stream = parameters.logStream.exp();
        if (p.mask.defined())
        {
            stream = stream * p.mask.slice(2, nUes, size);
        }
        const auto amplitude = torch::diag_embed(Complex(stream));
        streamPart = amplitude + inverse.matmul(p.steer.matmul(amplitude));
        const auto ofSensing = nSystems == 1 ? scale : scale.slice(-1, nUes, size);
        const auto leak = (p.cross.matmul(streamPart) * ofSensing).sum(1);
        right = torch::cat({right, -rootWeight.unsqueeze(-1) * leak}, -1);
    }
    // One system for all streams, or one per stream where masks or errors differ.
    const auto flat =
        torch::view_as_real(weighted.contiguous()).reshape({b, nAps, nUes * nUes * 2});
    const auto sums =
        torch::view_as_complex(shares.matmul(flat).view({b, nSystems, nUes, nUes, 2}).contiguous());
    const auto system = torch::eye(nUes, options.dtype(torch::kComplexDouble)) +
                        rootWeight.view({b, 1, nUes, 1}) * sums * rootWeight.view({b, 1, 1, nUes});
    Tensor solution;
    if (nSystems == 1)
    {
        solution = std::get<0>(torch::linalg_solve_ex(system.squeeze(1), right));
    }
    else
    {
        solution = std::get<0>(torch::linalg_solve_ex(system, right.transpose(1, 2).unsqueeze(-1)))
                       .squeeze(-1)
                       .transpose(1, 2);
    }
    solution = rootWeight.unsqueeze(-1) * solution;

    r.atUes = p.gram.reshape({b, nAps * nUes, nUes}).matmul(solution).view({b, nAps, nUes, size});
    Tensor along;
    if (nTargets > 0)
    {
        const auto seen = p.cross.mH()
                              .reshape({b, nAps * nTargets, nUes})
                              .matmul(solution)
                              .view({b, nAps, nTargets, size});
        along =
            inverse.matmul(seen) +
            torch::cat({torch::zeros({b, nAps, nTargets, nUes}, streamPart.options()), streamPart},
                       -1);
        r.atUes = (r.atUes + p.cross.matmul(along)) * scale;
        r.atTargets = (seen + p.steer.matmul(along)) * scale;
    }
    else
    {
        r.atUes = r.atUes * scale;
    }
    auto streamPower = torch::real(solution.unsqueeze(1).conj() * r.atUes).sum(2);
    if (nTargets > 0)
    {
        streamPower = streamPower + torch::real(along.conj() * r.atTargets).sum(2);
    }
    streamPower = streamPower * shares.transpose(1, 2);
    r.power = streamPower.sum(-1).clamp_min(1e-30);

    const auto gain = parameters.logPower.exp() / r.power;
    const auto toLimit = Complex(gain.sqrt()).view({b, nAps, 1, 1});
    r.atUes = r.atUes * toLimit;
    r.received = r.atUes.sum(1);
    auto square = Square(r.received);
    const auto others = 1 - torch::eye(nUes, size, options);
    r.ownError = torch::zeros({b, nUes}, options);
    r.errorInterference = r.ownError;
    if (p.error.defined())
    {
        r.streamPower = streamPower * gain.unsqueeze(-1);
        const auto leak = p.error.transpose(1, 2).matmul(r.streamPower);
        r.ownError = leak.diagonal(0, 1, 2).slice(-1, 0, nUes);
        r.errorInterference = (leak * others).sum(-1);
        square = square + leak;
    }
    r.own = square.diagonal(0, 1, 2).slice(-1, 0, nUes);
    r.interference = (square * others).sum(-1) + 1.0;
    Tensor logRate;
    if (p.error.defined())
    {
        // F_m^H F_m of every AP, then the covariance of what every UE receives.
        auto part =
            nTargets > 0
                ? torch::cat({solution.unsqueeze(1).expand({b, nAps, nUes, size}), along}, 2)
                : solution.unsqueeze(1);
        const auto at = nTargets > 0 ? torch::cat({r.atUes, r.atTargets * toLimit}, 2) : r.atUes;
        const auto product = part.mH().matmul(at) * scale.transpose(2, 3) * toLimit;
        const auto flatProduct =
            torch::view_as_real(product.contiguous()).reshape({b, nAps, size * size * 2});
        const auto covariance = torch::view_as_complex(p.error.transpose(1, 2)
                                                           .matmul(flatProduct)
                                                           .view({b * nUes, size, size, 2})
                                                           .contiguous());
        // A stream's mean is f_s^H h, the conjugate of what is received.
        const auto mean = r.received.conj().resolve_conj().reshape({b * nUes, size});
        const auto total = ExpectedLog::apply(mean, covariance).view({b, nUes});
        // Without the own stream: every stream's index but u.
        const auto index = torch::arange(size - 1, options.dtype(torch::kLong));
        const auto own = torch::arange(nUes, options.dtype(torch::kLong)).unsqueeze(-1);
        const auto kept = (index + (index >= own).to(torch::kLong)).repeat({b, 1});
        const auto keptMean = mean.gather(1, kept);
        const auto keptCovariance =
            covariance.gather(1, kept.unsqueeze(-1).expand({b * nUes, size - 1, size}))
                .gather(2, kept.unsqueeze(1).expand({b * nUes, size - 1, size - 1}));
        logRate = total - ExpectedLog::apply(keptMean, keptCovariance).view({b, nUes});
    }
    else
    {
        logRate = torch::log1p(r.own / r.interference);
    }
    r.objective = (p.objectiveWeight * logRate).sum(-1) / M_LN2;
    if (nTargets > 0)
    {
        r.atTargets = r.atTargets * toLimit;
        r.illumination = Square(r.atTargets).sum(-1);
        r.snr = (p.omega * r.illumination).sum(1);
        r.objective = r.objective + (p.objectiveBeta * torch::log1p(r.snr)).sum(-1) / M_LN2;
    }
    return r;
}

IsacGnnStructuredNetwork::Dynamic
IsacGnnStructuredNetwork::Observe(const Problems& p,
                                  const Parameters& parameters,
                                  const Response& r) const
{
    const auto nUes = p.nUes;
    const auto nTargets = p.nTargets;
    const auto n = static_cast<double>(p.nAntennas);
    Dynamic d;
    const auto ownAmplitude = r.received.diagonal(0, 1, 2).slice(-1, 0, nUes);
    const auto total = r.own + r.interference;
    const auto factor = p.weight * (1 + r.own / r.interference);
    const auto weight = factor * r.own / (total * total);
    const auto gain = Complex(factor / total) * ownAmplitude;
    d.logWeight = Log(weight);
    d.logGain = 0.5 * Log(Square(gain));

    d.logOwn = Log(p.weight / total);

    auto gradient = -Complex(weight).unsqueeze(-1) * r.received;
    auto diagonal = torch::diag_embed(gain);
    if (nTargets > 0)
    {
        diagonal = torch::constant_pad_nd(diagonal, {0, nTargets});
    }
    auto multiplier = torch::real(r.atUes.conj() * (gradient + diagonal).unsqueeze(1)).sum({2, 3});
    auto linkError = torch::zeros({r.atUes.size(0), p.nAps, nUes}, p.omega.options());
    auto linkOwn = linkError;
    if (p.error.defined())
    {
        linkError = p.error * r.streamPower.sum(-1, true);
        linkOwn = p.error * r.streamPower.slice(-1, 0, nUes);
        multiplier = multiplier + ((d.logOwn.exp() + weight).unsqueeze(1) * linkOwn -
                                   weight.unsqueeze(1) * linkError)
                                      .sum(-1);
    }
    auto excess = multiplier;
    Tensor sensing;
    if (nTargets > 0)
    {
        sensing = p.beta.unsqueeze(1) * p.omega / (1 + r.snr).unsqueeze(1) * n;
        multiplier = multiplier + (sensing / n * r.illumination).sum(-1);
        excess = multiplier - GetSensingBound(p, sensing, nullptr);
    }

    const auto perAp = r.atUes.diagonal(0, 2, 3).slice(-1, 0, nUes);
    const auto share =
        torch::real(perAp * ownAmplitude.conj().unsqueeze(1)) / r.own.clamp_min(1e-12).unsqueeze(1);
    const auto perApSquare = Square(perAp);
    const auto crosstalk = Square(r.atUes).sum(-1) - perApSquare;
    d.ueLink = Single({torch::asinh(share * 4) / 2,
                       Log(1e-6 + perApSquare) / 8,
                       Log(1e-6 + crosstalk) / 8,
                       Log(MIN_ERROR + linkError) / 8,
                       torch::asinh(linkOwn / r.own.clamp_min(1e-12).unsqueeze(1) * 4) / 2});
    d.ue = Single({torch::log1p(r.own / r.interference) / 8,
                   parameters.logWeight / 4,
                   (d.logWeight - parameters.logWeight) / 4,
                   (d.logGain - parameters.logGain) / 4,
                   parameters.logGain / 8,
                   Log(r.interference) / 8,
                   Log(MIN_ERROR + r.errorInterference) / 8,
                   r.ownError / r.own.clamp_min(1e-12),
                   (d.logWeight - parameters.logError) / 4,
                   (d.logOwn - parameters.logOwn) / 4});
    const auto power = Log(r.power);
    d.ap = Single({parameters.logExcess / 4,
                   torch::asinh(excess * (-parameters.logExcess).exp() * 2) / 2,
                   r.multiplier.log() / 4,
                   power / 4,
                   torch::asinh(multiplier / r.multiplier * 2) / 2,
                   power.clamp(-1, 1),
                   parameters.logPower / 4});
    if (nTargets > 0)
    {
        d.logSensing = sensing.clamp_min(1e-6).log();
        d.targetLink = Single(
            {(parameters.logSensing - parameters.logExcess.unsqueeze(-1)) / 4,
             r.illumination / n,
             Log(sensing + 1e-4) / 4,
             Log((sensing + 1e-4) / (parameters.logSensing.exp() + 1e-4)) / 4,
             Log(p.omega * r.illumination / r.snr.clamp_min(1e-12).unsqueeze(1) + 1e-5) / 4});
        d.target = Single({torch::log1p(r.snr) / 4, Log(p.beta / (1 + r.snr) + 1e-3) / 4});
    }
    return d;
}

std::vector<Tensor>
IsacGnnStructuredNetwork::Forward(const IsacGnnBatch& batch) const
{
    Parameters x;
    const auto p = MakeProblems(batch, x);
    auto response = Evaluate(p, x);
    const bool hasTargets = p.nTargets > 0;
    const auto ueShare = p.ueShare.transpose(1, 2).unsqueeze(2);
    const auto apShare = p.apShare.unsqueeze(2);
    const auto targetShare = p.targetShare.transpose(1, 2).unsqueeze(2);
    const auto add = [](Tensor& state, const Tensor& change) {
        state = state.defined() ? state + change : change;
    };
    // Mean, largest and weighted mean over APs (at the other end), or over the other ends (at APs).
    const auto gatherAtOther = [](const Tensor& links, const Tensor& share) {
        return torch::cat(
            {links.mean(1), links.amax(1), share.matmul(links.transpose(1, 2)).squeeze(2)},
            -1);
    };
    const auto updateLinks = [this](const std::string& name,
                                    const char* other,
                                    const Tensor& self,
                                    const Tensor& apState,
                                    const Tensor& otherState) {
        return Activate(Apply(name, self) + Apply(name + ".ap", apState).unsqueeze(2) +
                        Apply(name + "." + other, otherState).unsqueeze(1));
    };

    std::vector<Tensor> objectives;
    Tensor ueLink;
    Tensor targetLink;
    Tensor ap;
    Tensor ue;
    Tensor target;
    for (size_t k = 0; k < architecture.layers.size(); ++k)
    {
        const auto stage = "stage" + std::to_string(k) + ".";
        const auto d = Observe(p, x, response);
        const auto ueLinkFeatures = torch::cat({p.ueLink, d.ueLink}, -1);
        const auto apFeatures = torch::cat({p.ap, d.ap}, -1);
        const auto ueFeatures = torch::cat({p.ue, d.ue}, -1);
        Tensor targetLinkFeatures;
        Tensor targetFeatures;
        add(ueLink,
            updateLinks(stage + "encode.ueLink", "ue", ueLinkFeatures, apFeatures, ueFeatures));
        add(ap, Activate(Apply(stage + "encode.ap", apFeatures)));
        add(ue, Activate(Apply(stage + "encode.ue", ueFeatures)));
        if (hasTargets)
        {
            targetLinkFeatures = torch::cat({p.targetLink, d.targetLink}, -1);
            targetFeatures = torch::cat({p.target, d.target}, -1);
            add(targetLink,
                updateLinks(stage + "encode.targetLink",
                            "target",
                            targetLinkFeatures,
                            apFeatures,
                            targetFeatures));
            add(target, Activate(Apply(stage + "encode.target", targetFeatures)));
        }
        Tensor atUe;
        Tensor atAp;
        Tensor atApFromTargets;
        const auto gather = [&] {
            atUe = gatherAtOther(ueLink, ueShare);
            atAp =
                torch::cat({ueLink.mean(2), ueLink.amax(2), apShare.matmul(ueLink).squeeze(2)}, -1);
            if (hasTargets)
            {
                atApFromTargets = torch::cat({targetLink.mean(2), targetLink.amax(2)}, -1);
            }
        };
        for (int64_t l = 0; l < architecture.layers[k]; ++l)
        {
            const auto layer = stage + "layer" + std::to_string(l) + ".";
            gather();
            auto apChange = Apply(layer + "ap", torch::cat({atAp, ap}, -1));
            if (hasTargets)
            {
                apChange = apChange + Apply(layer + "ap.target", atApFromTargets);
                const auto atTarget = gatherAtOther(targetLink, targetShare);
                target =
                    target + Activate(Apply(layer + "target", torch::cat({atTarget, target}, -1)));
            }
            ue = ue + Activate(Apply(layer + "ue", torch::cat({atUe, ue}, -1)));
            ap = ap + Activate(apChange);
            ueLink = ueLink + updateLinks(layer + "ueLink",
                                          "ue",
                                          torch::cat({ueLink, ueLinkFeatures}, -1),
                                          ap,
                                          ue);
            if (hasTargets)
            {
                targetLink =
                    targetLink + updateLinks(layer + "targetLink",
                                             "target",
                                             torch::cat({targetLink, targetLinkFeatures}, -1),
                                             ap,
                                             target);
            }
        }
        gather();
        auto apOutput = Apply(stage + "output.ap", torch::cat({atAp, ap, apFeatures}, -1));
        if (hasTargets)
        {
            apOutput = apOutput + Apply(stage + "output.ap.target", atApFromTargets);
        }
        const auto ueOutput =
            Bound(Apply(stage + "output.ue", torch::cat({atUe, ue, ueFeatures}, -1)));
        x.logExcess = x.logExcess + Bound(apOutput.select(-1, 0));
        if (k > 0)
        {
            x.logExcess =
                x.logExcess + POWER_FEEDBACK * (Log(response.power) - x.logPower).clamp(-4, 4);
        }
        if (p.error.defined())
        {
            const auto sum = p.error.sum(-1);
            const auto below = apOutput.select(-1, 1).to(torch::kFloat64);
            x.logPower = -(sum / (1 + sum)) * (below + (below * below + POWER_BEND).sqrt()) / 2;
        }
        x.logWeight = d.logWeight + ueOutput.select(-1, 0);
        x.logGain = d.logGain + ueOutput.select(-1, 1);
        x.logError = d.logWeight + ueOutput.select(-1, 2);
        x.logOwn = d.logOwn + ueOutput.select(-1, 3);
        if (hasTargets)
        {
            const auto output = Bound(Apply(stage + "output.targetLink",
                                            torch::cat({targetLink, targetLinkFeatures}, -1)));
            x.logSensing = d.logSensing + output.select(-1, 0);
            x.logStream = BASE_STREAM + output.select(-1, 1);
        }
        response = Evaluate(p, x);
        objectives.push_back(response.objective);
    }
    return objectives;
}

double
IsacGnnStructuredNetwork::GetInitialGain(const std::string& map) const
{
    // Corrections start small: stage 0 near the closed form, later ones near a plain step.
    const bool isOutput = map.find(".output.") != std::string::npos;
    return !isOutput ? 1.0 : map.rfind("stage0.", 0) == 0 ? 0.1 : 0.02;
}

} // namespace ns3
