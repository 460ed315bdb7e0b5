# SPDX-License-Identifier: GPL-2.0-only
# Regularised zero forcing in TorchScript: the lesson of policy torch. Where there is no PyTorch,
#
#   tools/run.sh cellfree-isac-export --source=examples/policies/rzf_torchscript.py --out=rzf.pt
#   tools/run.sh cellfree-isac-example --policy=torch --ns3::CellFreeTorchPolicy::ModelFile=rzf.pt
#
# makes a model of it and runs it. The beams are those of examples/policies/rzf.py where every AP serves every UE. There
# may be slots without UEs (u = 0) or targets (t = 0).


def forward(self, h, a, omega, sensing_weight, error_variance, serving):
    b, m, u, n = h.shape
    t = a.size(2)
    # Row m N + n of H is antenna n of AP m.
    stacked = h.permute([0, 1, 3, 2]).reshape([b, m * n, u])
    regulariser = float(u) / float(m) + error_variance.sum(2)
    scaled = (h * (1 / regulariser).reshape([b, m, 1, 1])).permute([0, 1, 3, 2]).reshape([b, m * n, u])
    gram = torch.eye(u, dtype=h.dtype, device=h.device) + torch.matmul(stacked.transpose(1, 2).conj(), scaled)
    w = torch.matmul(scaled, torch.inverse(gram))
    f = w.reshape([b, m, n, u]).permute([0, 1, 3, 2])
    f = torch.cat([f, torch.zeros([b, m, t, n], dtype=h.dtype, device=h.device)], 2)
    largest = (f.abs() ** 2).sum(3).sum(2).amax([1], True).sqrt().clamp_min(1e-30)
    return f * (1 / largest).reshape([b, 1, 1, 1])
