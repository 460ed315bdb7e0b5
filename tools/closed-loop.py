#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares the closed loop of the sensing weight with fixed weights: runs a program with --detectionTarget, then with
--sensingWeight until the mean Pd reaches that of the loop, both with the same seed. Adds a row to OUT/closed-loop.tsv;
what has run before is taken from OUT.

usage: closed-loop.py OUT NAME SECONDS RUN -- COMMAND...     one flight
       closed-loop.py OUT                                    the table in Markdown, and OUT/closed-loop.png"""
import json
import math
import os
import shutil
import subprocess
import sys

import plot_style as style

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator
import numpy as np
import plot_data

TARGET = 0.9
START = 0.1  # s, when the traffic starts
PD_TOLERANCE = 0.002  # the fixed weight's mean Pd is above the loop's by no more,
WEIGHT_TOLERANCE = 0.01  # or is found as exactly as this: with a tracker Pd is not smooth
MAX_FIXED = 12  # runs with a fixed weight
DRAWN = ("told-gnn", 1)
COLUMNS = [  # of closed-loop.tsv, after scenario and run: name, format
    ("pd", ".4f"), ("believedPd", ".4f"), ("looks", ".3f"), ("weight", ".4g"), ("minWeight", ".4g"), ("maxWeight", ".4g"),
    ("rate_bpsPerHz", ".3f"), ("throughput_Mbps", ".2f"), ("fixedPd", ".4f"), ("fixedWeight", ".4g"),
    ("fixedRate_bpsPerHz", ".3f"), ("fixedThroughput_Mbps", ".2f"), ("rateRatio", ".4f"), ("throughputRatio", ".4f"),
    ("samePdRateRatio", ".4f"), ("freeRate_bpsPerHz", ".3f"), ("freePd", ".4f"),
]


def read(folder):
    """What a run gave, and its traces over time."""
    sensing = plot_data.Table(os.path.join(folder, "SensingTrace.tsv"), ("pd", "sensingWeight"))
    tracks = plot_data.Table(os.path.join(folder, "TrackTrace.tsv"))
    ues = plot_data.Table(os.path.join(folder, "UeTrace.tsv"), ("rate_bpsPerHz", "blockSize_B"))
    times, pd, weights = (sensing.numbers(name) for name in ("time_s", "pd", "sensingWeight"))
    believed = pd
    share = 1.0
    if len(tracks):
        # Dwells that looked at the track which GOSPA gives to the target: there alone a weight acts.
        of = {}
        for time, target, value, weight in zip(*map(tracks.text, ("time_s", "targetId")), tracks.numbers("pd"),
                                               tracks.numbers("sensingWeight")):
            if np.isfinite(value):
                of[time, target] = value, weight
        found = [of.get(key, (np.nan, np.nan)) for key in zip(sensing.text("time_s"), sensing.text("targetId"))]
        believed, weights = np.array(found).T
        is_look = np.isfinite(believed)
        share = is_look.mean()
        times, pd, believed, weights = (column[is_look] for column in (times, pd, believed, weights))
    down = ues.text("direction") == "DL"
    slots, bits = ues.numbers("time_s")[down], np.where(ues.text("decoded") == "1", ues.numbers("blockSize_B"), 0)[down] * 8
    rates = ues.numbers("rate_bpsPerHz")[down]
    seconds = slots.max() - START
    numbers = {
        "pd": pd.mean(), "believedPd": believed.mean(), "looks": share, "weight": weights.mean(),
        "minWeight": weights.min(), "maxWeight": weights.max(),
        "rate_bpsPerHz": rates.sum() / np.unique(slots).size, "throughput_Mbps": bits.sum() / seconds / 1e6}
    return {key: float(value) for key, value in numbers.items()}, (times, pd, weights, slots, bits)


def fly(out, tag, command, keep):
    """Numbers of a run, from OUT/TAG.json if it was done before. Its traces stay if they are to be drawn."""
    done = os.path.join(out, tag + ".json")
    if not os.path.exists(done):
        folder = os.path.join(out, tag)
        print(f"{tag}: {' '.join(command[1:])}", file=sys.stderr)
        subprocess.run([*command, f"--outputDir={folder}", "--database="], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        numbers, series = read(folder)
        if keep:
            np.savez_compressed(os.path.join(out, tag + ".npz"), *series)
        shutil.rmtree(folder)
        with open(done + ".part", "w", encoding="ascii") as file:
            json.dump(numbers, file)
        os.replace(done + ".part", done)
    with open(done, encoding="ascii") as file:
        return json.load(file)


def log_odds(pd):
    """Nearly linear in ln(weight)."""
    return -math.log(-math.log(min(max(pd, 1e-9), 1 - 1e-9)))


def find_fixed(loop, fly_fixed):
    """The smallest fixed weight whose mean Pd is at least the loop's, with its numbers, and those of the largest one
    that falls short."""
    low = high = None
    x = math.log(loop["weight"])
    for _ in range(MAX_FIXED):
        # As text, so that a file's name says the weight to the last digit.
        text = f"{math.exp(x):.4g}"
        numbers = fly_fixed(text)
        x = math.log(float(text))
        if numbers["pd"] >= loop["pd"]:
            high = (x, numbers, float(text))
        else:
            low = (x, numbers, float(text))
        if low and high and (high[1]["pd"] <= loop["pd"] + PD_TOLERANCE or high[0] - low[0] < WEIGHT_TOLERANCE):
            break
        if not low:
            x -= 0.7
        elif not high:
            x += 0.7
        else:
            # Just above where a straight line meets the loop's Pd.
            wanted = log_odds(loop["pd"] + 0.4 * PD_TOLERANCE)
            y = [log_odds(end[1]["pd"]) for end in (low, high)]
            share = min(max((wanted - y[0]) / (y[1] - y[0]), 0.08), 0.92)
            x = low[0] + share * (high[0] - low[0])
    if not high:
        raise plot_data.DataError(f"no fixed weight reaches a mean Pd of {loop['pd']:.4f}")
    return low, high


def one_flight(out, name, seconds, run, program):
    keep = (name, int(run)) == DRAWN
    command = [*program, f"--simTime={seconds}s", f"--RngRun={run}"]
    tag = f"{name}-{run}"
    loop = fly(out, tag + "-loop", [*command, f"--detectionTarget={TARGET}"], keep)
    low, high = find_fixed(loop, lambda weight: fly(out, f"{tag}-{weight}", [*command, f"--sensingWeight={weight}"], keep))
    row = dict(loop, fixedPd=high[1]["pd"], fixedWeight=high[2])
    for key in ("rate_bpsPerHz", "throughput_Mbps"):
        row["fixed" + key[0].upper() + key[1:]] = high[1][key]
    row["rateRatio"] = loop["rate_bpsPerHz"] / high[1]["rate_bpsPerHz"]
    row["throughputRatio"] = loop["throughput_Mbps"] / high[1]["throughput_Mbps"]
    # At the loop's very Pd, between the two fixed weights.
    share = 1.0
    if low and high[1]["pd"] > low[1]["pd"]:
        share = (loop["pd"] - low[1]["pd"]) / (high[1]["pd"] - low[1]["pd"])
    same = share * high[1]["rate_bpsPerHz"] + (1 - share) * (low or high)[1]["rate_bpsPerHz"]
    row["samePdRateRatio"] = loop["rate_bpsPerHz"] / same
    free = fly(out, tag + "-0", [*command, "--sensingWeight=0"], False)
    row.update(freeRate_bpsPerHz=free["rate_bpsPerHz"], freePd=free["pd"])
    path = os.path.join(out, "closed-loop.tsv")
    rows = read_rows(path) if os.path.exists(path) else {}
    rows[name, run] = {key: format(row[key], form) for key, form in COLUMNS}
    with open(path + ".part", "w", encoding="ascii") as file:
        print("scenario", "run", *(key for key, _ in COLUMNS), sep="\t", file=file)
        for (scenario, number), numbers in rows.items():
            print(scenario, number, *numbers.values(), sep="\t", file=file)
    os.replace(path + ".part", path)


def read_rows(path):
    """Texts by scenario and run, in the file's order."""
    table = plot_data.Table(path)
    return {(row[0], row[1]): dict(zip(table.names[2:], row[2:])) for row in table.rows}


def print_table(rows):
    print("| scenario | flight | true Pd | believed Pd | weight (range) | bit/s/Hz | Mb/s | fixed weight, its Pd | bit/s/Hz | "
          "Mb/s | rate over fixed | throughput over fixed | bit/s/Hz at weight 0, its Pd |")
    print("|---" * 13 + "|")
    for (scenario, run), row in rows.items():
        rates, throughputs = ((float(row[key]) - 1) * 100 for key in ("rateRatio", "throughputRatio"))
        print(f"| {scenario} | {run} | {row['pd']} | {row['believedPd']} | {row['weight']} ({row['minWeight']} to "
              f"{row['maxWeight']}) | {row['rate_bpsPerHz']} | {row['throughput_Mbps']} | {row['fixedWeight']}, "
              f"{row['fixedPd']} | {row['fixedRate_bpsPerHz']} | {row['fixedThroughput_Mbps']} | {rates:+.2f} % | "
              f"{throughputs:+.2f} % | {row['freeRate_bpsPerHz']}, {row['freePd']} |")


def draw(path, out, rows):
    name, run = DRAWN
    fixed = float(rows[name, str(run)]["fixedWeight"])
    style.use_paper_style()
    figure, axes = plt.subplots(3, 1, figsize=(style.COLUMN_WIDTH, 4.0), sharex=True)
    handles = []
    for tag, label, line in (("loop", "closed loop", {"color": "#D55E00"}),
                             (f"{fixed:.4g}", f"fixed weight {fixed:.3g}", {"color": "#0072B2", "linestyle": style.DASHES[1]})):
        with np.load(os.path.join(out, f"{name}-{run}-{tag}.npz")) as file:
            times, pd, weights, slots, bits = (file[key] for key in file.files)
        n = 100
        width = slots.max() / n
        centres, _, means = plot_data.in_bins(times, pd, width, n)
        axes[0].plot(centres, means, **line)
        axes[1].plot(centres, plot_data.in_bins(times, weights, width, n)[2], **line)
        sums = plot_data.in_bins(slots, bits, width, n)[1]
        axes[2].plot(centres[1:], sums[1:] / width / 1e6, **line)
        handles.append(Line2D([], [], label=label, **line))
    axes[0].axhline(TARGET, color="black", linewidth=0.6)
    axes[0].set(ylabel="detection\nprobability")
    axes[1].set(ylabel="sensing\nweight", yscale="log")
    axes[1].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes[1].yaxis.set_major_formatter("{x:g}")
    axes[1].minorticks_off()
    axes[2].set(ylabel="downlink\n(Mb/s)", xlabel="time (s)")
    figure.align_ylabels(axes)
    style.legend_on_top(figure, handles)
    style.save(figure, path, ["png"], quiet=True)


def main():
    if len(sys.argv) == 2:
        rows = read_rows(os.path.join(sys.argv[1], "closed-loop.tsv"))
        print_table(rows)
        draw(os.path.join(sys.argv[1], "closed-loop"), sys.argv[1], rows)
    elif len(sys.argv) > 6 and sys.argv[5] == "--":
        one_flight(*sys.argv[1:5], sys.argv[6:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main()
    except plot_data.DataError as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {error}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {' '.join(error.cmd)}: exit status {error.returncode}")
