#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Joins comparisons that differ in the scenario: OUT/NAME/comparison.tsv of every NAME, the first being what the others
are compared to. Prints a table in Markdown; writes OUT/ablation.tsv and OUT/ablation.png."""
import os
import sys

import plot_style

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
import numpy as np
import plot_data

METRICS = {"throughputMean": 1, "throughputP5": 1, "pd": 2}  # decimals


def read(out, names):
    """Every study by its name, the policies in their order."""
    studies = {name: plot_data.Study(os.path.join(out, name)) for name in names}
    policies = studies[names[0]].cases
    for name, study in studies.items():
        if study.cases != policies:
            raise plot_data.DataError(f"{name}: policies {study.cases}: expected {policies}")
    return studies, policies


def write_rows(path, studies, policies):
    with open(path + ".part", "w", encoding="ascii") as file:
        print("scenario\tpolicy\tmetric\tunit\tn\tmean\tlow95\thigh95", file=file)
        for name, study in studies.items():
            units = study.metrics()
            for policy in policies:
                for metric in METRICS:
                    row = study.compared(policy, metric)
                    numbers = (f"{row[key]:.6g}" for key in ("n", "mean", "low95", "high95"))
                    print(name, policy, metric, units[metric], *numbers, sep="\t", file=file)
    os.replace(path + ".part", path)


def print_table(studies, policies):
    print("| scenario | " + " | ".join(f"{metric}, `{policy}`" for metric in METRICS for policy in policies) + " |")
    print("|---" * (1 + len(METRICS) * len(policies)) + "|")
    for name, study in studies.items():
        cells = []
        for metric, decimals in METRICS.items():
            for policy in policies:
                row = study.compared(policy, metric)
                half = max(row["high95"] - row["mean"], row["mean"] - row["low95"])
                cells.append(f"{row['mean']:.{decimals}f} +- {half:.{decimals}f}")
        print(f"| {name} | " + " | ".join(cells) + " |")


def draw(path, studies, policies):
    plot_style.use_paper_style()
    shown = ("throughputMean", "pd")
    figure, axes = plt.subplots(1, len(shown), sharey=True, figsize=(plot_style.TEXT_WIDTH, 0.26 * len(studies) + 0.9))
    places = np.arange(len(studies))[::-1]
    for axis, metric in zip(axes, shown):
        for i, policy in enumerate(policies):
            colour, marker = plot_style.policy_colour_and_marker(policy, [])
            rows = [study.compared(policy, metric) for study in studies.values()]
            mean = np.array([row["mean"] for row in rows])
            errors = np.abs([[row["low95"] for row in rows], [row["high95"] for row in rows]] - mean)
            shift = 0.5 * (0.5 - (i + 0.5) / len(policies))
            axis.errorbar(mean, places + shift, xerr=errors, fmt=marker, color=colour, markersize=3.5, elinewidth=0.8)
        axis.set_xlabel(plot_data.label(metric, studies[next(iter(studies))].metrics()[metric]))
        axis.set_xlim(left=0)
    axes[0].set_yticks(places, list(studies))
    handles = []
    for policy in policies:
        colour, marker = plot_style.policy_colour_and_marker(policy, [])
        handles.append(Line2D([], [], color=colour, marker=marker, linestyle="none", label=policy))
    plot_style.legend_on_top(figure, handles)
    plot_style.save(figure, path, ["png"], quiet=True)


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: ablation-table.py OUT NAME...")
    out, names = sys.argv[1], sys.argv[2:]
    studies, policies = read(out, names)
    write_rows(os.path.join(out, "ablation.tsv"), studies, policies)
    draw(os.path.join(out, "ablation"), studies, policies)
    print_table(studies, policies)


if __name__ == "__main__":
    try:
        main()
    except plot_data.DataError as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {error}")
