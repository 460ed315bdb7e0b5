#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Joins comparisons of the same drops that differ in the program's options: OUT/NAME of every NAME.

usage: tools/tracking-table.py OUT REFERENCE NAME...

REFERENCE is the case of the first NAME that the others are compared to. Prints two tables in Markdown, means and paired
differences with 95 % intervals; writes OUT/tracking.tsv, every drop, and OUT/tracking-frontier.png.
"""
import math
import os
import statistics
import sys

import plot_style as style

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
import numpy as np
import plot_data

# column: (heading, decimals, differences are ratios)
COLUMNS = {
    "sumRate_Mbps": ("sum rate (Mb/s)", 1, False),
    "gospa_m": ("GOSPA (m)", 2, True),
    "trackError_m": ("error of a track (m)", 2, True),
    "firstTrack_s": ("time to the first track (s)", 3, False),
    "pd": ("Pd", 3, False),
    "meanAge_ms": ("mean age of reports (ms)", 2, False),
}
COMPARED = ["sumRate_Mbps", "gospa_m", "trackError_m", "pd"]  # to the reference


class Case:
    """One policy, with its weight or the Pd that its weight is controlled for: a row a drop."""

    def __init__(self, study, name):
        self.policy, self.weight = study.policies[name], study.weights[name]
        options = dict(text[2:].split("=", 1) for text in study.configuration["programArguments"] if "=" in text)
        self.target = float(options.get("detectionTarget", 0)) or math.nan
        of_case = study.drops.text("case") == name
        order = np.argsort(study.drops.numbers("run")[of_case])
        self.runs = study.drops.numbers("run")[of_case][order]
        n_ues = np.array([np.sum((study.users.text("case") == name) & (study.users.numbers("run") == run))
                          for run in self.runs])
        self.values = {column: study.drops.numbers(column)[of_case][order] for column in COLUMNS if column != "sumRate_Mbps"}
        self.values["sumRate_Mbps"] = n_ues * study.drops.numbers("throughputMean_Mbps")[of_case][order]

    def setting(self):
        return "" if np.isnan(self.weight) else f"{self.weight:g}" if np.isnan(self.target) else f"Pd {self.target:g}"

    def label(self):
        setting = self.setting()
        return f"`{self.policy}`" + (f", {setting}" if setting else "")


def half_width(values):
    """Half of the 95 % interval of a mean; Student's quantile by Abramowitz and Stegun, equation 26.7.5."""
    n = len(values)
    if n < 2:
        return math.nan
    z, freedom = statistics.NormalDist().inv_cdf(0.975), n - 1
    quantile = (z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
                + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3))
    return quantile * np.std(values, ddof=1) / math.sqrt(n)


def interval(values):
    """Mean of what is known, half of its 95 % interval, and how many drops it is of."""
    known = values[np.isfinite(values)]
    return (np.mean(known) if known.size else math.nan), half_width(known), known.size


def difference(case, reference, column):
    """The same of the paired difference to the reference, or of the logarithm of the ratio."""
    values, others = case.values[column], reference.values[column]
    if COLUMNS[column][2]:
        with np.errstate(divide="ignore", invalid="ignore"):
            return interval(np.log(values / others))
    return interval(values - others)


def mean_cell(case, column):
    mean, half, n = interval(case.values[column])
    if n == 0:
        return "-"
    return f"{mean:.{COLUMNS[column][1]}f} +- {half:.{COLUMNS[column][1]}f}" + ("" if n == len(case.runs) else f" ({n} drops)")


def difference_cell(case, reference, column):
    _, decimals, is_ratio = COLUMNS[column]
    mean, half, n = difference(case, reference, column)
    if n < 2:
        return "-"
    low, high = mean - half, mean + half
    is_significant = low > 0 or high < 0
    if is_ratio:
        text = f"x {math.exp(mean):.2f} ({math.exp(low):.2f} to {math.exp(high):.2f})"
    else:
        text = f"{mean:+.{decimals}f} ({low:.{decimals}f} to {high:.{decimals}f})"
    return f"**{text}**" if is_significant else text


def print_table(columns, rows):
    print("| case | " + " | ".join(COLUMNS[column][0] for column in columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def write_drops(path, cases):
    with open(path + ".part", "w", encoding="ascii") as file:
        print("policy", "sensingWeight", "detectionTarget", "run", *COLUMNS, sep="\t", file=file)
        for case in cases:
            for i, run in enumerate(case.runs):
                numbers = [case.weight, case.target, run, *(case.values[column][i] for column in COLUMNS)]
                print(case.policy, *("" if np.isnan(x) else f"{x:.6g}" for x in numbers), sep="\t", file=file)
    os.replace(path + ".part", path)


def draw(path, cases, reference):
    """Sum rate against GOSPA; what has less than half of the largest rate is a line that says so."""
    style.use_paper_style()
    figure, axis = plt.subplots(figsize=(style.COLUMN_WIDTH, 3.2))
    handles, others, of_policy = [], [], {}
    best = max(interval(case.values["sumRate_Mbps"])[0] for case in cases)
    n_lines = 0
    for case in cases:
        colour, marker = style.policy_colour_and_marker(case.policy, others)
        gospa, rate = interval(case.values["gospa_m"])[0], interval(case.values["sumRate_Mbps"])[0]
        if rate < 0.5 * best:
            n_lines += 1
            line = {"color": colour, "linestyle": style.DASHES[n_lines % len(style.DASHES)], "linewidth": 1}
            axis.axvline(gospa, **line)
            handles.append(Line2D([], [], **line, label=f"{case.policy}, {rate:.0f} Mb/s"))
            continue
        is_loop = not np.isnan(case.target)
        point = {"color": colour, "marker": "*" if is_loop else marker, "markersize": 7 if is_loop else 4.5}
        bars = None, None
        if case is not reference:
            # Of the paired differences: the spread of the drops themselves is common to all cases.
            bars = (interval(case.values[column] - reference.values[column])[1] for column in ("gospa_m", "sumRate_Mbps"))
        x_bar, y_bar = bars
        axis.errorbar(gospa, rate, xerr=x_bar, yerr=y_bar, **point, capsize=1.5, elinewidth=0.8, markerfacecolor="none",
                      markeredgewidth=1.1)
        if is_loop:
            handles.append(Line2D([], [], **point, linestyle="none", markerfacecolor="none",
                                  label=f"{case.policy}, held at Pd {case.target:g}"))
        else:
            of_policy.setdefault(case.policy, []).append((case.weight, gospa, rate, point))
    for policy, points in of_policy.items():
        points.sort(key=lambda point: point[0])
        is_line = len(points) > 1
        axis.plot([point[1] for point in points], [point[2] for point in points], "-", color=points[0][3]["color"], linewidth=1)
        name = f"{policy}, weight {points[0][0]:g}" if not is_line and np.isfinite(points[0][0]) else policy
        handles.append(Line2D([], [], **points[0][3], linestyle="-" if is_line else "none", markerfacecolor="none", label=name))
        for weight, gospa, rate, point in points if is_line else []:
            axis.annotate(f"{weight:g}", (gospa, rate), xytext=(4, 4), textcoords="offset points", fontsize=6,
                          color=point["color"])
    axis.set(xlabel="GOSPA (m), less is better", ylabel="sum rate (Mb/s)")
    axis.margins(y=0.12)
    axis.set_xlim(left=0)
    style.legend_on_top(figure, handles)
    style.save(figure, path, ["png"], quiet=True)


def main():
    if len(sys.argv) < 4:
        sys.exit("usage: tracking-table.py OUT REFERENCE NAME...")
    out, reference_name, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    cases, reference = [], None
    for name in names:
        study = plot_data.Study(os.path.join(out, name))
        for case_name in study.cases:
            case = Case(study, case_name)
            if reference is None and name == names[0] and case_name == reference_name:
                reference = case
            cases.append(case)
    if reference is None:
        raise plot_data.DataError(f"{names[0]}: no case {reference_name}: expected one of "
                                  f"{', '.join(plot_data.Study(os.path.join(out, names[0])).cases)}")
    for case in cases:
        if not np.array_equal(case.runs, reference.runs):
            raise plot_data.DataError(f"{case.label()}: other drops than {reference.label()}: expected the same")
    print_table(list(COLUMNS), [[case.label(), *(mean_cell(case, column) for column in COLUMNS)] for case in cases])
    print()
    print_table(COMPARED, [[case.label(), *(difference_cell(case, reference, column) for column in COMPARED)]
                           for case in cases if case is not reference])
    write_drops(os.path.join(out, "tracking.tsv"), cases)
    draw(os.path.join(out, "tracking-frontier"), cases, reference)


if __name__ == "__main__":
    try:
        main()
    except plot_data.DataError as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {error}")
