#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draws the curve of a training run: tools/plot-training.py TrainingTrace.tsv writes TrainingTrace.png."""
import csv
import os
import sys

from plot_style import plt


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: plot-training.py TrainingTrace.tsv")
    path = sys.argv[1]
    try:
        with open(path, newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t"))
        steps = [int(row["step"]) for row in rows]
        names = [name for name in rows[0] if name.startswith("share:")]
        gaps = {name[len("share:"):]: [100 * (1 - float(row[name])) for row in rows] for name in names}
    except (OSError, KeyError, IndexError, ValueError) as error:
        sys.exit(f"plot-training.py: {path}: expected the TrainingTrace of cellfree-isac-train ({error!r})")
    figure, axes = plt.subplots(figsize=(4.5, 3), constrained_layout=True)
    markers = "osD^v<>p"
    for i, (name, gap) in enumerate(gaps.items()):
        # A network may pass the solver on a few problems: a logarithmic axis cannot show that.
        axes.semilogy(steps, [max(value, 1e-3) for value in gap], label=name, lw=1.2,
                      marker=markers[i % len(markers)], ms=3, markevery=max(1, len(steps) // 8))
    axes.set_xlabel("step")
    axes.set_ylabel("objective below the joint solver's (%)")
    axes.grid(True, which="major", color="#dddddd", lw=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, title="problems-M-U-N", title_fontsize=8)
    target = os.path.splitext(path)[0] + ".png"
    figure.savefig(target + ".part", dpi=200, format="png")
    os.replace(target + ".part", target)


if __name__ == "__main__":
    main()
