# SPDX-License-Identifier: GPL-2.0-only
# The graph network with the structured head (IsacGnnInference) in TorchScript, for cellfree-isac-export: the beams of
# policy gnn, where all UEs weigh the same and every AP may send the targets' streams, for forward() is not told
# otherwise. Arrays of the weight file are self.weights["NAME"]. Shapes: B sub-bands, M APs, U UEs, T targets,
# S = U + T streams.


def log(self, x):
    return x.clamp_min(1e-12).log()


def bound(self, x):
    return 8.0 * torch.tanh(x.double() / 8.0)


def square(self, x):
    return torch.real(x) ** 2 + torch.imag(x) ** 2


def diagonal(self, x, count: int):
    return x.diagonal(0, -2, -1).narrow(-1, 0, count)


def activate(self, x):
    return torch.leaky_relu(x, 0.1)


def apply(self, name: str, x):
    y = torch.matmul(x, self.weights[name + ".weight"])
    if name + ".bias" in self.weights:
        y = y + self.weights[name + ".bias"]
    return y


def update_links(self, name: str, other: str, links, ap, others):
    at_other = self.apply(name + "." + other, others).unsqueeze(1)
    return self.activate(self.apply(name, links) + self.apply(name + ".ap", ap).unsqueeze(2) + at_other)


def gather_at_other(self, links, share):
    weighted = torch.matmul(share, links.transpose(1, 2)).squeeze(2)
    return torch.cat([links.mean(1), links.amax(1), weighted], -1)


def single(self, rows: List[Tensor]):
    return torch.stack(rows, -1).float()


def sensing_bound(self, p: Dict[str, Tensor], sensing):
    # Gershgorin's, of the largest eigenvalue of what targets take from an AP's multiplier.
    root = (sensing.unsqueeze(-1) * sensing.unsqueeze(-2)).sqrt()
    return (root * p["steer"].abs()).sum(-1).amax(-1) / p["n"]


def describe(self, p: Dict[str, Tensor]):
    # Features that depend on the problem alone.
    gram, serving, n, error = p["gram"], p["serving"], p["n"], p["error"]
    m, u = gram.size(1), gram.size(2)
    t = p["omega"].size(2)
    log_aps = torch.log(torch.tensor(float(m), dtype=n.dtype, device=n.device)) / 2
    gain = torch.real(self.diagonal(gram, u)).clamp_min(1e-9)
    signal = torch.where(serving > 0, gain, torch.full_like(gain, 1e-9))
    squares = self.square(gram)
    correlation = (squares / (gain.unsqueeze(3) * gain.unsqueeze(2))).sum(3) - 1
    leak = (squares.sum(3) - gain * gain).clamp_min(0) / gain
    aligned = self.square(p["cross"]).sum(3) / (gain * (float(max(t, 1)) * n))
    ue_gain, ap_gain = signal.sum(1, True), signal.sum(2, True)
    error_gain = n * error
    whole = error.sum(1, True)
    served = (serving * error_gain).sum(1, True)
    log_ratio = torch.log(torch.tensor(1e-12, dtype=n.dtype, device=n.device))
    log_gain = gain.log()
    p["ueLink"] = self.single(
        [
            torch.log1p(gain) / 8,
            torch.maximum(log_gain - ue_gain.log(), log_ratio) / 4,
            torch.maximum(log_gain - signal.amax([1], True).log(), log_ratio) / 4,
            torch.maximum(log_gain - ap_gain.log(), log_ratio) / 4,
            torch.maximum(log_gain - signal.amax([2], True).log(), log_ratio) / 4,
            2 * aligned,
            3 * correlation / float(max(u - 1, 1)),
            (leak / gain + 1e-3).log() / 4,
            torch.log1p(leak) / 8,
            serving,
            torch.log1p(error_gain) / 8,
            (1e-4 + error_gain / (gain + error_gain)).log() / 4,
            error / whole.clamp_min(1e-9),
        ]
    )
    p["ueShare"] = (signal / ue_gain).transpose(1, 2).unsqueeze(2).float()
    p["apShare"] = (signal / ap_gain).unsqueeze(2).float()

    # Inner products over the APs that serve the UE of the column.
    total = (gram * serving.unsqueeze(2)).sum(1)
    own = torch.real(self.diagonal(total, u)).clamp_min(1e-9)
    squares = self.square(total)
    mean_beta = p["beta"].mean(1, True) if t > 0 else torch.zeros_like(own[:, :1])
    log_beta = torch.log2(1 + mean_beta)
    ones = torch.ones_like(own)
    p["ue"] = self.single(
        [
            torch.log1p(own) / 8,
            self.log(signal.sum(1) ** 2 / (signal**2).sum(1)) / 2,
            (squares / (own.unsqueeze(2) * own.unsqueeze(1))).sum(2) - 1,
            self.log((squares.sum(2) - own * own).clamp_min(0) / own + 1e-3) / 8,
            ones * torch.log(float(u)),
            ones * log_aps,
            ones * n.log() / 2,
            ones * log_beta / 2,
            ones * 0,
            torch.log1p(whole.squeeze(1)) / 8,
            (1e-4 + served / (ue_gain + served)).log().squeeze(1) / 4,
        ]
    )
    ones = torch.ones_like(ap_gain.squeeze(2))
    p["ap"] = self.single(
        [
            torch.log1p(ap_gain.squeeze(2)) / 8,
            self.log(ap_gain.squeeze(2) ** 2 / (signal**2).sum(2)),
            ones * torch.log(float(u)),
            ones * log_aps,
            ones * n.log() / 2,
            ones * (float(u) - n + 1).clamp_min(0) / 5,
            ones * log_beta / 2,
            torch.log1p(error_gain.sum(2)) / 8,
        ]
    )
    if t > 0:
        gain = p["omega"] * n
        total = gain.sum(1, True).clamp_min(1e-12)
        ones = torch.ones_like(gain)
        log_beta = torch.log2(1 + p["beta"])
        p["targetLink"] = self.single(
            [
                torch.log1p(gain.clamp_min(1e-12)) / 4,
                self.log(gain.clamp_min(1e-12) / total) / 4,
                self.log(gain.clamp_min(1e-12) / gain.amax([1], True).clamp_min(1e-12)) / 4,
                ones * log_beta.unsqueeze(1) / 2,
                ones * 3 * aligned.mean(2, True),
                ones,
            ]
        )
        p["targetShare"] = (gain.clamp_min(1e-12) / total).transpose(1, 2).unsqueeze(2).float()
        ones = torch.ones_like(log_beta)
        p["target"] = self.single(
            [
                torch.log1p(gain.sum(1)) / 4,
                log_beta / 2,
                ones * torch.log(float(u) + 1),
                ones * log_aps,
            ]
        )


def start(self, p: Dict[str, Tensor]):
    gram, omega, n = p["gram"], p["omega"], p["n"]
    b, m, u = gram.size(0), gram.size(1), gram.size(2)
    zeros = torch.zeros([b, u], dtype=n.dtype, device=n.device)
    gain = (p["serving"] * torch.real(self.diagonal(gram, u))).sum(1)
    x: Dict[str, Tensor] = {}
    x["excess"] = torch.full([b, m], torch.log((float(u) + 1e-3) / float(m)), dtype=n.dtype, device=n.device)
    x["power"] = torch.zeros_like(x["excess"])
    x["weight"] = zeros
    x["gain"] = 0.5 * torch.log1p(gain * float(m) / float(u))
    x["error"] = zeros
    x["own"] = zeros - 2
    snr = 0.4 * omega.sum(1, True) * n
    x["sensing"] = (p["beta"].unsqueeze(1) * omega * n / (1 + snr)).clamp_min(1e-6).log()
    x["stream"] = torch.full_like(omega, -4.0)
    return x


def evaluate(self, p: Dict[str, Tensor], x: Dict[str, Tensor]):
    # The beams of some parameters, and what they do.
    gram, cross, steer, error, n = p["gram"], p["cross"], p["steer"], p["error"], p["n"]
    b, m, u = gram.size(0), gram.size(1), gram.size(2)
    t = cross.size(3)
    r: Dict[str, Tensor] = {}
    multiplier = x["excess"].exp()
    inverse = steer
    if t > 0:
        sensing = x["sensing"].exp()
        multiplier = multiplier + (1 + 1e-5) * self.sensing_bound(p, sensing)
        root = (sensing / n).sqrt()
        scaled = steer * (root.unsqueeze(-1) * root.unsqueeze(-2))
        diagonal = torch.diag_embed(multiplier.unsqueeze(-1).expand([b, m, t])).to(gram.dtype)
        inverse = root.unsqueeze(-1) * torch.inverse(diagonal - scaled) * root.unsqueeze(-2)
    r["multiplier"] = multiplier

    # What the systems of the streams have beside channels, inverse: [B, M, S].
    errors = x["error"].exp().unsqueeze(1) * error
    all = (multiplier + errors.sum(-1)).unsqueeze(-1)
    others = torch.maximum(all - errors, multiplier.unsqueeze(-1))
    # A UE's own error helps its stream.
    own = x["own"].exp().unsqueeze(1) * error
    shares = torch.cat([(1 + own / others) / others, (1 / all).expand([b, m, t])], -1) * p["mask"]
    scale = shares.unsqueeze(2).to(gram.dtype)
    root_weight = (0.5 * x["weight"]).exp()

    weighted = gram
    right = torch.diag_embed(x["gain"].exp() / root_weight).to(gram.dtype)
    stream_part = cross
    if t > 0:
        weighted = weighted + torch.matmul(torch.matmul(cross, inverse), cross.transpose(2, 3).conj())
        amplitude = torch.diag_embed(x["stream"].exp()).to(gram.dtype)
        stream_part = amplitude + torch.matmul(inverse, torch.matmul(steer, amplitude))
        leak = (torch.matmul(cross, stream_part) * scale.narrow(-1, u, t)).sum(1)
        right = torch.cat([right, -root_weight.unsqueeze(-1) * leak], -1)
    sums = torch.matmul(shares.transpose(1, 2).to(gram.dtype), weighted.reshape([b, m, u * u]))
    system = torch.eye(u, dtype=gram.dtype, device=gram.device) + root_weight.reshape([b, 1, u, 1]) * sums.reshape(
        [b, u + t, u, u]
    ) * root_weight.reshape([b, 1, 1, u])
    solution = torch.matmul(torch.inverse(system), right.transpose(1, 2).unsqueeze(-1)).squeeze(-1).transpose(1, 2)
    solution = root_weight.unsqueeze(-1) * solution

    at_ues = torch.matmul(gram, solution.unsqueeze(1))
    along = cross.transpose(2, 3)
    at_targets = cross
    if t > 0:
        seen = torch.matmul(cross.transpose(2, 3).conj(), solution.unsqueeze(1))
        along = torch.matmul(inverse, seen)
        along = torch.cat([along.narrow(-1, 0, u), along.narrow(-1, u, t) + stream_part], -1)
        at_ues = at_ues + torch.matmul(cross, along)
        at_targets = (seen + torch.matmul(steer, along)) * scale
    at_ues = at_ues * scale
    stream_power = torch.real(solution.unsqueeze(1).conj() * at_ues).sum(2)
    if t > 0:
        stream_power = stream_power + torch.real(along.conj() * at_targets).sum(2)
    stream_power = stream_power * shares
    r["power"] = stream_power.sum(-1).clamp_min(1e-30)
    gain = x["power"].exp() / r["power"]
    limit = gain.sqrt().reshape([b, m, 1, 1])
    r["solution"], r["along"], r["scale"] = solution, along, scale * limit
    at_ues = at_ues * limit
    r["atUes"] = at_ues
    r["received"] = at_ues.sum(1)
    stream_power = stream_power * gain.unsqueeze(-1)
    r["streamPower"] = stream_power
    leak = torch.matmul(error.transpose(1, 2), stream_power)
    squares = self.square(r["received"]) + leak
    others = 1 - torch.eye(u, u + t, dtype=n.dtype, device=n.device)
    r["ownError"] = self.diagonal(leak, u)
    r["errorInterference"] = (leak * others).sum(-1)
    r["own"] = self.diagonal(squares, u)
    r["interference"] = (squares * others).sum(-1) + 1
    if t > 0:
        r["illumination"] = self.square(at_targets * limit).sum(-1)
        r["snr"] = (p["omega"] * r["illumination"]).sum(1)
    return r


def observe(self, p: Dict[str, Tensor], x: Dict[str, Tensor], r: Dict[str, Tensor]):
    # Features that depend on the present beams, and the values that stationarity asks for.
    d: Dict[str, Tensor] = {}
    error, n = p["error"], p["n"]
    u, t = error.size(2), p["omega"].size(2)
    own, interference, at_ues = r["own"], r["interference"], r["atUes"]
    own_amplitude = self.diagonal(r["received"], u)
    total = own + interference
    factor = 1 + own / interference
    weight = factor * own / (total * total)
    gain = factor / total * own_amplitude
    log_weight, log_gain, log_own = self.log(weight), 0.5 * self.log(self.square(gain)), self.log(1 / total)
    d["logWeight"], d["logGain"], d["logOwn"] = log_weight, log_gain, log_own

    gradient = torch.diag_embed(gain)
    if t > 0:
        gradient = torch.cat([gradient, torch.zeros_like(r["received"]).narrow(-1, 0, t)], -1)
    gradient = gradient - weight.unsqueeze(-1) * r["received"]
    multiplier = torch.real(at_ues.conj() * gradient.unsqueeze(1)).sum(3).sum(2)
    link_error = error * r["streamPower"].sum(-1, True)
    link_own = error * r["streamPower"].narrow(-1, 0, u)
    by_own = (log_own.exp() + weight).unsqueeze(1) * link_own
    multiplier = multiplier + (by_own - weight.unsqueeze(1) * link_error).sum(-1)
    excess = multiplier
    if t > 0:
        snr, illumination = r["snr"].unsqueeze(1), r["illumination"]
        sensing = p["beta"].unsqueeze(1) * p["omega"] / (1 + snr) * n
        multiplier = multiplier + (sensing / n * illumination).sum(-1)
        excess = multiplier - self.sensing_bound(p, sensing)
        d["logSensing"] = sensing.clamp_min(1e-6).log()
        d["targetLink"] = self.single(
            [
                (x["sensing"] - x["excess"].unsqueeze(-1)) / 4,
                illumination / n,
                self.log(sensing + 1e-4) / 4,
                self.log((sensing + 1e-4) / (x["sensing"].exp() + 1e-4)) / 4,
                self.log(p["omega"] * illumination / snr.clamp_min(1e-12) + 1e-5) / 4,
            ]
        )
        d["target"] = self.single([torch.log1p(r["snr"]) / 4, self.log(p["beta"] / (1 + r["snr"]) + 1e-3) / 4])

    per_ap = self.diagonal(at_ues, u)
    shortest = own.clamp_min(1e-12).unsqueeze(1)
    crosstalk = (self.square(at_ues).sum(-1) - self.square(per_ap)).clamp_min(0)
    d["ueLink"] = self.single(
        [
            torch.asinh(torch.real(per_ap * own_amplitude.conj().unsqueeze(1)) / shortest * 4) / 2,
            self.log(1e-6 + self.square(per_ap)) / 8,
            self.log(1e-6 + crosstalk) / 8,
            self.log(1e-6 + link_error) / 8,
            torch.asinh(link_own / shortest * 4) / 2,
        ]
    )
    d["ue"] = self.single(
        [
            torch.log1p(own / interference) / 8,
            x["weight"] / 4,
            (log_weight - x["weight"]) / 4,
            (log_gain - x["gain"]) / 4,
            x["gain"] / 8,
            self.log(interference) / 8,
            self.log(1e-6 + r["errorInterference"]) / 8,
            r["ownError"] / own.clamp_min(1e-12),
            (log_weight - x["error"]) / 4,
            (log_own - x["own"]) / 4,
        ]
    )
    power = self.log(r["power"])
    d["ap"] = self.single(
        [
            x["excess"] / 4,
            torch.asinh(excess * (-x["excess"]).exp() * 2) / 2,
            r["multiplier"].log() / 4,
            power / 4,
            torch.asinh(multiplier / r["multiplier"] * 2) / 2,
            power.clamp(-1, 1),
            x["power"] / 4,
        ]
    )
    return d


def forward(self, h, a, omega, sensing_weight, error_variance, serving):
    b, m, u, n = h.shape
    t = a.size(2)
    # A problem without UEs has one with a zero channel.
    ues = max(u, 1)
    if u == 0:
        h = torch.zeros([b, m, 1, n], dtype=h.dtype, device=h.device)
        error_variance = torch.zeros([b, m, 1], dtype=omega.dtype, device=h.device)
        serving = torch.ones([b, m, 1], dtype=11, device=h.device)
    h, a, omega = h.to(10), a.to(10), omega.double()
    p: Dict[str, Tensor] = {}
    p["gram"] = torch.matmul(h.conj(), h.transpose(2, 3))
    p["cross"] = torch.matmul(h.conj(), a.transpose(2, 3))
    p["steer"] = torch.matmul(a.conj(), a.transpose(2, 3))
    p["omega"], p["error"] = omega, error_variance.double()
    p["serving"] = serving.double()
    p["mask"] = torch.cat([p["serving"], torch.ones_like(omega)], 2)
    p["beta"] = sensing_weight.double()
    if t > 0:
        # Relative to the mean weight of the UEs, which is 1, unless sensing is all that counts.
        p["beta"] = p["beta"] / (p["beta"].amax([1], True) / 1e6).clamp_min(1.0)
    p["n"] = torch.tensor(float(n), dtype=7, device=h.device)
    self.describe(p)

    x = self.start(p)
    r = self.evaluate(p, x)
    empty = torch.zeros([0], dtype=6, device=h.device)
    ue_link, target_link, ap, ue, target = empty, empty, empty, empty, empty
    at_ue, at_ap, at_ap_from_targets = empty, empty, empty
    k = 0
    while "stage" + str(k) + ".encode.ap.weight" in self.weights:
        stage = "stage" + str(k) + "."
        d = self.observe(p, x, r)
        ue_link_features = torch.cat([p["ueLink"], d["ueLink"]], -1)
        ap_features = torch.cat([p["ap"], d["ap"]], -1)
        ue_features = torch.cat([p["ue"], d["ue"]], -1)
        target_link_features, target_features = empty, empty
        if t > 0:
            target_link_features = torch.cat([p["targetLink"], d["targetLink"]], -1)
            target_features = torch.cat([p["target"], d["target"]], -1)
        change = self.update_links(stage + "encode.ueLink", "ue", ue_link_features, ap_features, ue_features)
        ue_link = change if k == 0 else ue_link + change
        change = self.activate(self.apply(stage + "encode.ap", ap_features))
        ap = change if k == 0 else ap + change
        change = self.activate(self.apply(stage + "encode.ue", ue_features))
        ue = change if k == 0 else ue + change
        if t > 0:
            name = stage + "encode.targetLink"
            change = self.update_links(name, "target", target_link_features, ap_features, target_features)
            target_link = change if k == 0 else target_link + change
            change = self.activate(self.apply(stage + "encode.target", target_features))
            target = change if k == 0 else target + change
        l = 0
        going = True
        while going:
            # Mean, largest and weighted mean at the ends of the links.
            at_ue = self.gather_at_other(ue_link, p["ueShare"])
            weighted = torch.matmul(p["apShare"], ue_link).squeeze(2)
            at_ap = torch.cat([ue_link.mean(2), ue_link.amax(2), weighted], -1)
            if t > 0:
                at_ap_from_targets = torch.cat([target_link.mean(2), target_link.amax(2)], -1)
            layer = stage + "layer" + str(l) + "."
            going = layer + "ap.weight" in self.weights
            if going:
                ap_change = self.apply(layer + "ap", torch.cat([at_ap, ap], -1))
                if t > 0:
                    ap_change = ap_change + self.apply(layer + "ap.target", at_ap_from_targets)
                    at_target = self.gather_at_other(target_link, p["targetShare"])
                    target = target + self.activate(self.apply(layer + "target", torch.cat([at_target, target], -1)))
                ue = ue + self.activate(self.apply(layer + "ue", torch.cat([at_ue, ue], -1)))
                ap = ap + self.activate(ap_change)
                links = torch.cat([ue_link, ue_link_features], -1)
                ue_link = ue_link + self.update_links(layer + "ueLink", "ue", links, ap, ue)
                if t > 0:
                    links = torch.cat([target_link, target_link_features], -1)
                    target_link = target_link + self.update_links(layer + "targetLink", "target", links, ap, target)
            l += 1
        ap_output = self.apply(stage + "output.ap", torch.cat([at_ap, ap, ap_features], -1))
        if t > 0:
            ap_output = ap_output + self.apply(stage + "output.ap.target", at_ap_from_targets)
        ue_output = self.bound(self.apply(stage + "output.ue", torch.cat([at_ue, ue, ue_features], -1)))
        x["excess"] = x["excess"] + self.bound(ap_output.select(-1, 0))
        if k > 0:
            x["excess"] = x["excess"] + 0.5 * (self.log(r["power"]) - x["power"]).clamp(-4, 4)
        # APs hold power back where errors count.
        errors = p["error"].sum(2)
        below = ap_output.select(-1, 1).double()
        x["power"] = -errors / (1 + errors) * (below + (below * below + 0.25).sqrt()) / 2
        x["weight"] = d["logWeight"] + ue_output.select(-1, 0)
        x["gain"] = d["logGain"] + ue_output.select(-1, 1)
        x["error"] = d["logWeight"] + ue_output.select(-1, 2)
        x["own"] = d["logOwn"] + ue_output.select(-1, 3)
        if t > 0:
            name = stage + "output.targetLink"
            output = self.bound(self.apply(name, torch.cat([target_link, target_link_features], -1)))
            x["sensing"] = d["logSensing"] + output.select(-1, 0)
            x["stream"] = output.select(-1, 1) - 4.0
        r = self.evaluate(p, x)
        k += 1

    # F_m = (H_m V + A_m Q_m), [B, M, S, N].
    f = torch.matmul(r["solution"].transpose(1, 2).unsqueeze(1), h)
    if t > 0:
        f = f + torch.matmul(r["along"].transpose(2, 3), a)
    f = f * r["scale"].transpose(2, 3)
    return f if u > 0 else f[:, :, 1:]
