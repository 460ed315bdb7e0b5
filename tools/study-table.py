#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Prints the table of doc/study/README.md from what cellfree-isac-compare left in OUT: the first case's means, and the
paired differences of the others to it, bold where the 95 % interval leaves out 0."""
import os
import sys

import plot_style  # noqa: F401 (before the others: it finds the Python that has numpy)

import numpy as np
import plot_data
import plot_report

COLUMNS = {"throughputMean": 2, "rate": 2, "p99Delay": 1, "waiting": 1, "combinedSnr": 2, "pd": 3}  # decimals


def cell(row, decimals, is_difference):
    names = ("difference", "differenceLow95", "differenceHigh95") if is_difference else ("mean", "low95", "high95")
    value, low, high = (row[name] for name in names)
    if not np.isfinite(value):
        return "-"
    text = f"{value:.{decimals}f}"
    if not np.isfinite(low):
        return text
    text += f" ({low:.{decimals}f} to {high:.{decimals}f})"
    return f"**{text}**" if is_difference and plot_report.verdict(row, 0) == "other" else text


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: study-table.py OUT")
    study = plot_data.Study(sys.argv[1])
    units = study.metrics()
    costs = study.table("costs.tsv", ["case", "p50_us"])
    heads = [plot_data.label(metric, units[metric]) for metric in COLUMNS]
    print("| case | " + " | ".join(heads) + " | decision, p50 (us) |")
    print("|---" * (len(heads) + 2) + "|")
    for case in study.cases:
        is_difference = case != study.cases[0]
        cells = [cell(study.compared(case, metric), decimals, is_difference) for metric, decimals in COLUMNS.items()]
        median = np.nanmean(costs.numbers("p50_us")[costs.text("case") == case])
        print(f"| `{case}`{'' if is_difference else ' itself'} | " + " | ".join(cells) + f" | {median:.0f} |")


if __name__ == "__main__":
    try:
        main()
    except plot_data.DataError as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {error}")
