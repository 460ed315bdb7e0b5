# SPDX-License-Identifier: GPL-2.0-only
"""Regularised zero forcing in NumPy: the lesson of policy python.

    tools/run.sh cellfree-isac-example --policy=python --ns3::CellFreePythonPolicy::Script=examples/policies/rzf.py

These are the beams of --policy=rzf --ns3::CellFreeRzfPolicy::Scaling=common: F = (H H^H + D)^-1 H with D_m = U / M plus
the error variances of AP m, and one factor that brings the AP with the largest power to its limit.
"""

import numpy as np


def beams(problem):
    """The beams [M, U+T, N] of a normalised problem: unit powers and unit noises."""
    n_aps, n_ues, n_antennas = problem.h.shape
    n_targets = problem.a.shape[1]
    f = np.zeros((n_aps, n_ues + n_targets, n_antennas), complex)
    if n_ues == 0:
        return f
    # Row m N + n of H is antenna n of AP m.
    h = problem.h.transpose(0, 2, 1).reshape(n_aps * n_antennas, n_ues)
    regulariser = np.repeat(n_ues / n_aps + problem.errorVariance.sum(axis=1), n_antennas)
    serving = np.repeat(problem.serving, n_antennas, axis=0)
    if serving.all():
        scaled = h / regulariser[:, None]
        w = scaled @ np.linalg.inv(np.eye(n_ues) + h.conj().T @ scaled)
    else:
        # Each UE's beam is the best of those that its APs can send.
        w = np.zeros_like(h)
        for u in range(n_ues):
            rows = serving[:, u]
            local = h[rows]
            matrix = local @ local.conj().T + np.diag(regulariser[rows])
            w[rows, u] = np.linalg.solve(matrix, local[:, u])
    f[:, :n_ues] = w.reshape(n_aps, n_antennas, n_ues).transpose(0, 2, 1)
    largest = np.sqrt((np.abs(f) ** 2).sum(axis=(1, 2)).max())
    return f / largest if largest > 0 else f
