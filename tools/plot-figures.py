#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draws what cellfree-isac-figures computed: tools/plot-figures.py figureN.csv writes figureN.png and figureN.pdf."""
import csv
import os
import sys

import plot_style
from plot_style import plt

# Colour and marker, and the text of the legend.
METHODS = {
    "gnn-edge": ("#CC79A7", "X", "GNN, edge head (the paper's)"),
    "gnn-edge-sum": ("#CC79A7", ".", "GNN, edge head, plain sums"),
    "gnn": (*plot_style.POLICIES["gnn"], "GNN, structured head"),
    "joint": (*plot_style.POLICIES["joint"], "joint solver"),
    "wmmse": (*plot_style.POLICIES["wmmse"], "WMMSE"),
    "rzf-per-ap": (*plot_style.POLICIES["rzf"], "RZF, scaled per AP"),
    "rzf": ("#332288", "d", "RZF, loaded"),
    "cb": (*plot_style.POLICIES["cb"], "CB, communication"),
    "cb-sensing": (*plot_style.POLICIES["cb-sensing"], "CB, sensing"),
}
# Figures 6 and 7, what lies below first: markers of what is often alike are seen through each other.
ESTIMATE_METHODS = {
    "believing": ("joint solver, believing", {
        "color": plot_style.POLICIES["joint"][0], "marker": "s", "ms": 7, "mfc": "none"}),
    "rzf": ("RZF (MMSE)", dict(zip(["color", "marker"], plot_style.POLICIES["rzf"]))),
    "promised": ("robust solver, promised rates", {"color": "#999933", "marker": "<"}),
    "gnn": ("GNN", dict(zip(["color", "marker"], plot_style.POLICIES["gnn"]))),
    "gnn-believing": ("GNN, believing", {"color": "#000000", "marker": "x", "ls": (0, (1, 1)), "lw": 0.8}),
    "robust": ("robust solver", {"color": "#332288", "marker": "h"}),
    "perfect": ("perfect CSI (joint solver)", {"color": "#000000", "ls": (0, (4, 1.5))}),
}
ESTIMATE_NUMBERS = ["side_m", "pilotLength", "ueSpeed_mps", "csiAge_s", "draws", "sumRate_bpsPerHz",
                    "sumRateHalfWidth95_bpsPerHz", "overRobust", "overRobustHalfWidth95"]
NUMBERS = ["sensingWeight", "nAps", "nUes", "nAntennas", "draws", "sumRate_bpsPerHz", "sensingSnr", "objective_bpsPerHz"]
# Curves that depend on the sensing weight; the others are drawn once.
WEIGHTED = ["gnn-edge", "gnn-edge-sum", "gnn", "joint"]


def read(path):
    try:
        with open(path, newline="") as stream:
            rows = list(csv.DictReader(stream))
        has_estimates = bool(rows) and "overRobust" in rows[0]
        for row in rows:
            row.update({name: float(row[name]) for name in (ESTIMATE_NUMBERS if has_estimates else NUMBERS)})
            if row["method"] not in (ESTIMATE_METHODS if has_estimates else METHODS):
                raise ValueError(f"unknown method {row['method']}")
        if not rows:
            raise ValueError("no rows")
        return rows
    except (OSError, KeyError, TypeError, ValueError) as error:
        sys.exit(f"plot-figures.py: {path}: expected a table of cellfree-isac-figures ({error})")


def draw(axes, rows, method, x, y, label="", **style):
    points = sorted((row[x], row[y]) for row in rows if row["method"] == method)
    if points:
        colour, marker, _ = METHODS[method]
        if method == "gnn-edge-sum":
            style.update(lw=0.8, alpha=0.8)
        axes.plot(*zip(*points), color=colour, marker=marker, label=label, **style)


def handles_of(methods, extra=()):
    lines = [plt.Line2D([], [], color=METHODS[m][0], marker=METHODS[m][1], label=METHODS[m][2]) for m in methods]
    return lines + [plt.Line2D([], [], color="#555555", ls=ls, label=text) for ls, text in extra]


def draw_over_weights(rows):
    """Figure 3: two panels over beta_s, evenly spaced."""
    weights = sorted({row["sensingWeight"] for row in rows})
    for row in rows:
        row["place"] = weights.index(row["sensingWeight"])
    figure, panels = plt.subplots(1, 2, figsize=(plot_style.TEXT_WIDTH, 2.9))
    flat = ["wmmse", "rzf-per-ap", "cb", "cb-sensing"]
    for axes, y in zip(panels, ["sumRate_bpsPerHz", "sensingSnr"]):
        for method in flat:
            if method != "cb-sensing" or y == "sensingSnr":
                value = next(row[y] for row in rows if row["method"] == method)
                axes.axhline(value, color=METHODS[method][0], ls=(0, (4, 1.5)), lw=1)
        for method in reversed(WEIGHTED):
            # At M = 5 both kinds of sums are the same.
            if method != "gnn-edge-sum":
                # One edge head a weight, and not for every weight: nothing lies between the markers.
                draw(axes, rows, method, "place", y, ls="" if method == "gnn-edge" else "-", ms=6)
        axes.set_xticks(range(len(weights)), [f"{w:g}" for w in weights])
        axes.set_xlabel("sensing weight beta_s")
        axes.set_ylim(bottom=0)
    panels[0].set_ylabel("sum rate (bit/s/Hz)")
    panels[1].set_ylabel("sensing SNR per symbol (linear)")
    lines = handles_of([m for m in WEIGHTED if m != "gnn-edge-sum" and any(row["method"] == m for row in rows)])
    for line in lines:
        line.set_linestyle("" if line.get_marker() == METHODS["gnn-edge"][1] else "-")
    lines += [plt.Line2D([], [], color=METHODS[m][0], ls=(0, (4, 1.5)), lw=1, label=METHODS[m][2]) for m in flat]
    plot_style.legend_on_top(figure, lines)
    return figure


def draw_over_aps(rows):
    """Figure 4: two panels over M, two sensing weights."""
    figure, panels = plt.subplots(1, 2, figsize=(plot_style.TEXT_WIDTH, 2.9))
    styles = {0: "-", 2: (0, (4, 1.5))}
    for axes, y in zip(panels, ["sumRate_bpsPerHz", "sensingSnr"]):
        for method in ["wmmse", "rzf-per-ap", "cb", "cb-sensing"]:
            if method != "cb-sensing" or y == "sensingSnr":
                draw(axes, [row for row in rows if row["sensingWeight"] == 0], method, "nAps", y, lw=0.9)
        for weight, style in styles.items():
            for method in reversed(WEIGHTED):
                # At weight 0 the joint solver is WMMSE.
                if (method, weight) != ("joint", 0):
                    draw(axes, [row for row in rows if row["sensingWeight"] == weight], method, "nAps", y, ls=style)
        axes.set_xlabel("number of APs M")
        axes.set_ylim(bottom=0)
    panels[0].set_ylabel("sum rate (bit/s/Hz)")
    panels[1].set_ylabel("sensing SNR per symbol (linear)")
    present = [m for m in METHODS if m != "rzf" and any(row["method"] == m for row in rows)]
    plot_style.legend_on_top(figure, handles_of(present, [("-", "beta_s = 0"), (styles[2], "beta_s = 2")]))
    return figure


def draw_over_sizes(rows):
    """Figure 5: share of the joint solver's objective over U and over N."""
    joint = {(r["sensingWeight"], r["nAps"], r["nUes"], r["nAntennas"]): r["objective_bpsPerHz"]
             for r in rows if r["method"] == "joint"}
    for row in rows:
        key = (row["sensingWeight"], row["nAps"], row["nUes"], row["nAntennas"])
        row["share"] = 100 * row["objective_bpsPerHz"] / joint[key]
    styles = {0: "-", 2: (0, (4, 1.5))}
    figure, panels = plt.subplots(1, 2, figsize=(plot_style.TEXT_WIDTH, 2.9), sharey=True)
    sweeps = [("nUes", "nAntennas", 8, "number of UEs U"), ("nAntennas", "nUes", 2, "antennas of each AP N")]
    methods = [m for m in METHODS if m not in ("joint", "cb-sensing", "gnn-edge-sum")]
    for axes, (x, other, value, label) in zip(panels, sweeps):
        for weight, style in styles.items():
            for method in methods:
                chosen = [row for row in rows if row[other] == value and row["sensingWeight"] == weight]
                draw(axes, chosen, method, x, "share", ls=style)
        axes.set_xlabel(label)
    sizes = sorted({row["nAntennas"] for row in rows})
    panels[1].set_xscale("log", base=2)
    panels[1].set_xticks(sizes, [f"{n:g}" for n in sizes])
    panels[0].set_ylabel("objective (% of the joint solver's)")
    plot_style.legend_on_top(figure, handles_of(methods, [("-", "beta_s = 0"), (styles[2], "beta_s = 2")]))
    return figure


def draw_over_estimates(rows):
    """Figures 6 and 7: sum rate above, and below what is lost to the robust solver, for each side of the square.

    Intervals are of 95 %: above of the robust solver's mean over draws, below of differences on the same draws.
    """
    over_pilots = len({row["pilotLength"] for row in rows}) > 1
    x = "pilotLength" if over_pilots else "ueSpeed_mps"
    sides = sorted({row["side_m"] for row in rows})
    figure, panels = plt.subplots(2, len(sides), figsize=(plot_style.TEXT_WIDTH, 4.4), sharex=True, sharey="row",
                                  squeeze=False, height_ratios=[1, 1.15])
    for (above, below), side in zip(panels.T, sides):
        for method, (_, style) in ESTIMATE_METHODS.items():
            points = sorted((row for row in rows if row["method"] == method and row["side_m"] == side),
                            key=lambda row: row[x])
            place = [row[x] for row in points]
            rate = [row["sumRate_bpsPerHz"] for row in points]
            above.plot(place, rate, **style)
            if method == "robust":
                width = [row["sumRateHalfWidth95_bpsPerHz"] for row in points]
                above.fill_between(place, [r - w for r, w in zip(rate, width)], [r + w for r, w in zip(rate, width)],
                                   color=style["color"], alpha=0.15, lw=0)
                below.axhline(0, color=style["color"], lw=1)
            elif method != "perfect":
                below.errorbar(place, [100 * (row["overRobust"] - 1) for row in points],
                               [100 * row["overRobustHalfWidth95"] for row in points], capsize=1.5, elinewidth=0.7, **style)
        above.set_title(f"square of {side:g} m")
        above.set_ylim(bottom=0)
        below.set_xlabel("pilots for 8 UEs" if over_pilots else "speed of the UEs (m/s)")
        if over_pilots:
            below.set_xticks(sorted({row[x] for row in rows}))
    panels[0, 0].set_ylabel("mean true sum rate (bit/s/Hz)")
    panels[1, 0].set_ylabel("against the robust solver (%)")
    lines = [plt.Line2D([], [], label=text, **style) for text, style in ESTIMATE_METHODS.values()]
    plot_style.legend_on_top(figure, lines[::-1])
    return figure


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: plot-figures.py figureN.csv")
    path = sys.argv[1]
    rows = read(path)
    plot_style.use_paper_style()
    if "overRobust" in rows[0]:
        figure = draw_over_estimates(rows)
    elif len({row["sensingWeight"] for row in rows}) > 2:
        figure = draw_over_weights(rows)
    elif len({row["nAps"] for row in rows}) > 1:
        figure = draw_over_aps(rows)
    else:
        figure = draw_over_sizes(rows)
    plot_style.save(figure, os.path.splitext(path)[0], ["png", "pdf"], quiet=True)


if __name__ == "__main__":
    main()
