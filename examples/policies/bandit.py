# SPDX-License-Identifier: GPL-2.0-only
"""A bandit that learns, slot by slot, how much power sensing is worth: outcome() in use.

    tools/run.sh cellfree-isac-example --policy=python --ns3::CellFreePythonPolicy::Script=examples/policies/bandit.py

Each arm is a share of an AP's power for its UEs, which get regularised zero forcing; the rest goes to beams that
match the targets. UCB1 chooses among the arms by the objective that the beams have really met: the rates of the blocks
that came through, and log2(1 + SNR) of the targets.
"""

import math

import numpy as np

import rzf

ARMS = (1.0, 0.9, 0.8, 0.6, 0.4)
EXPLORATION = 0.5

counts = [0] * len(ARMS)
means = [0.0] * len(ARMS)
largest = 1e-9  # reward met so far: UCB1 wants rewards from 0 to 1
chosen = {}  # slot of a decision -> arm
weight = 0.0


def choose():
    """The arm with the largest upper bound; each is tried once first."""
    if 0 in counts:
        return counts.index(0)
    total = sum(counts)
    bounds = [mean / largest + EXPLORATION * math.sqrt(math.log(total) / n) for mean, n in zip(means, counts)]
    return int(np.argmax(bounds))


def beams(problem):
    """Beams that share an AP's power between UEs and targets as the chosen arm says."""
    global weight
    n_ues, n_targets = problem.h.shape[1], problem.a.shape[1]
    if problem.slot not in chosen:
        chosen[problem.slot] = choose()
    share = ARMS[chosen[problem.slot]] if n_targets else 1.0
    weight = float(problem.sensingWeight.sum())
    f = math.sqrt(share) * rzf.beams(problem)
    for t in range(n_targets):
        norm = np.linalg.norm(problem.a[:, t], axis=1, keepdims=True)
        matched = np.divide(problem.a[:, t], norm, out=np.zeros_like(problem.a[:, t]), where=norm > 0)
        f[:, n_ues + t] = math.sqrt((1 - share) / n_targets) * matched
    return f


def outcome(result):
    """Learns from what the beams of a decision met."""
    global largest
    arm = chosen.get(result.decision)
    if arm is None:
        return
    # Decisions are met in their order, so older ones will not be.
    for slot in [slot for slot in chosen if slot < result.decision]:
        del chosen[slot]
    rate = (np.log2(1 + result.sinr).mean(axis=0) * result.decoded).sum()
    reward = float(rate + weight * np.log2(1 + result.sensingSnr).sum())
    largest = max(largest, reward)
    counts[arm] += 1
    means[arm] += (reward - means[arm]) / counts[arm]
