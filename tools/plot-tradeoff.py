#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Plots sum rate against sensing SNR of every policy on given problems (needs matplotlib and numpy).

usage: tools/plot-tradeoff.py SOLVE OUTPUT TITLE=PROBLEMS.jsonl...

SOLVE is the program cellfree-isac-solve; OUTPUT.csv and OUTPUT.png are written. One panel a problem file. Each policy
is run over what steers it: the sensing weight, the share of the power for communication, or the least SINR.
"""
import csv
import json
import subprocess
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

WEIGHTS = [0, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]
SHARES = [0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1]
LEAST_SINRS_DB = [0, 10, 20, 30]

# policy: (what steers it, its values, marker, colour): colours of Okabe and Ito, safe for the colour-blind.
POLICIES = {
    "joint": ("sensingWeight", WEIGHTS, "o-", "#0072B2"),
    "gnn": ("sensingWeight", WEIGHTS, "x--", "#D55E00"),
    "jsc": ("minSinr", [10 ** (x / 10) for x in LEAST_SINRS_DB], "^:", "#009E73"),
    "ns-rzf": ("commPowerRatio", SHARES, "v:", "#CC79A7"),
    "split": ("commPowerRatio", SHARES, "s:", "#E69F00"),
    "wmmse": (None, [None], "*", "#000000"),
    "rzf": (None, [None], "D", "#56B4E9"),
    "cb": (None, [None], "P", "#666666"),
    "cb-sensing": (None, [None], "p", "#999999"),
}


def run(solve, problems, policy, option, value):
    """Mean sum rate (bit/s/Hz), mean sensing SNR (linear) and share of problems answered as asked."""
    command = [solve, f"--in={problems}", f"--policy={policy}", "--jobs=2", "--keepGoing"]
    if option:
        command.append(f"--{option}={value}")
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    answers = [json.loads(line) for line in lines]
    answers = [answer for answer in answers if "error" not in answer]
    if policy == "jsc":
        met = [answer for answer in answers if min(answer["sinr"], default=value) >= value * (1 - 1e-6)]
        share, answers = len(met) / len(lines), met
    else:
        share = len(answers) / len(lines)
    if not answers:
        return None
    rate = np.mean([sum(answer["rate"]) for answer in answers])
    return rate, np.mean([sum(answer["sensingSnr"]) for answer in answers]), share


def main(solve, output, panels):
    figure, axes = plt.subplots(1, len(panels), figsize=(5.2 * len(panels), 4.4), squeeze=False, layout="constrained")
    with open(output + ".csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["problems", "policy", "option", "value", "rate_bpsPerHz", "sensingSnr", "answered"])
        for axis, panel in zip(axes[0], panels):
            title, problems = panel.rsplit("=", 1)
            for policy, (option, values, style, colour) in POLICIES.items():
                points = []
                for value in values:
                    point = run(solve, problems, policy, option, value)
                    # Only where all problems can be met is the mean one over the same problems.
                    if point and point[2] == 1:
                        points.append(point)
                    if point:
                        table.writerow([title, policy, option or "", "" if value is None else f"{value:.6g}",
                                        *(f"{x:.6g}" for x in point)])
                print(f"{title}: {policy}", file=sys.stderr)
                if points:
                    axis.plot([10 * np.log10(max(snr, 1e-3)) for _, snr, _ in points], [rate for rate, _, _ in points],
                              style, color=colour, label=policy, markersize=7, markerfacecolor="none", linewidth=1.3)
            axis.set_title(title)
            axis.set_xlabel("sensing SNR (dB)")
            axis.set_ylabel("sum rate (bit/s/Hz)")
            axis.set_ylim(bottom=-0.5)
            axis.grid(alpha=0.3)
    axes[0][-1].legend(fontsize=8, loc="lower left")
    figure.savefig(output + ".png", dpi=150)


if __name__ == "__main__":
    if len(sys.argv) < 4 or any("=" not in panel for panel in sys.argv[3:]):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
