#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Plots sum rate against sensing SNR of every policy on given problems (needs matplotlib and numpy).

usage: tools/plot-tradeoff.py SOLVE OUTPUT TITLE=PROBLEMS.jsonl...

SOLVE is the program cellfree-isac-solve; OUTPUT.csv and OUTPUT.png are written. One panel a problem file. Each policy
is run over what steers it: the sensing weight, the share of the power for communication, or the least SINR.
"""
import csv
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import plot_style as style

import matplotlib.pyplot as plt
import numpy as np

WEIGHTS = [0, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]
SHARES = [0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1]
LEAST_SINRS_DB = [0, 10, 20, 30]

# policy: (what steers it, its values, line style)
POLICIES = {
    "joint": ("sensingWeight", WEIGHTS, "-"),
    "gnn": ("sensingWeight", WEIGHTS, "--"),
    "jsc": ("minSinr", [10 ** (x / 10) for x in LEAST_SINRS_DB], ":"),
    "ns-rzf": ("commPowerRatio", SHARES, ":"),
    "split": ("commPowerRatio", SHARES, ":"),
    "wmmse": (None, [None], "none"),
    "rzf": (None, [None], "none"),
    "cb": (None, [None], "none"),
    "cb-sensing": (None, [None], "none"),
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


def solve_all(solve, panels):
    """A row of the CSV file per problem file, policy and value."""
    rows = []
    for panel in panels:
        title, problems = panel.rsplit("=", 1)
        for policy, (option, values, _) in POLICIES.items():
            for value in values:
                point = run(solve, problems, policy, option, value)
                if point:
                    rows.append([title, policy, option or "", "" if value is None else f"{value:.6g}",
                                 *(f"{x:.6g}" for x in point)])
            print(f"{title}: {policy}", file=sys.stderr)
    return rows


def draw(rows):
    style.use_paper_style()
    titles = list(dict.fromkeys(row[0] for row in rows))
    figure, axes = plt.subplots(1, len(titles), figsize=(style.COLUMN_WIDTH * len(titles), 3.3), squeeze=False)
    for axis, title in zip(axes[0], titles):
        for policy, (_, _, dashes) in POLICIES.items():
            # Only where all problems can be met is the mean one over the same problems.
            points = [(float(rate), float(snr)) for name, of, _, _, rate, snr, answered in rows
                      if (name, of) == (title, policy) and float(answered) == 1]
            colour, marker = style.policy_colour_and_marker(policy, [])
            axis.plot([10 * np.log10(max(snr, 1e-3)) for _, snr in points], [rate for rate, _ in points], color=colour,
                      marker=marker, linestyle=dashes, label=policy, markerfacecolor="none")
        axis.set(title=title, xlabel="sensing SNR (dB)", ylabel="sum rate (bit/s/Hz)")
        axis.set_ylim(bottom=-0.5)
    style.legend_on_top(figure, axes[0][0].lines)
    return figure


def main(solve, output, panels):
    rows = solve_all(solve, panels)
    with open(output + ".csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["problems", "policy", "option", "value", "rate_bpsPerHz", "sensingSnr", "answered"])
        table.writerows(rows)
    style.save(draw(rows), output, ["png"])


if __name__ == "__main__":
    if len(sys.argv) < 4 or any("=" not in panel for panel in sys.argv[3:]):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
