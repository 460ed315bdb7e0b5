#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draws what cellfree-isac-echo measured: range-Doppler maps and receiver operating characteristics.

usage: tools/plot-echo.py echo-roc.tsv echo-map.tsv echo-marks.tsv PICTURE (writes PICTURE.png)
"""
import csv
import sys

import plot_style
from plot_style import plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

SPEED_OF_LIGHT = 299792458.0  # m/s
FLOOR_DB = 0  # of the maps' colours: the mean of noise
CLUTTER = "#56B4E9"
# Colours of Okabe and Ito, in the order in which detectors come.
DETECTORS = [("#0072B2", "o"), ("#D55E00", "s"), ("#009E73", "^")]


def read(path, texts=()):
    """Columns of a table: lists of texts, arrays of numbers."""
    try:
        with open(path, newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t"))
        names = rows[0].keys() if rows else []
        return {name: [row[name] if name in texts else float(row[name]) for row in rows] for name in names}
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"plot-echo.py: {path}: expected a table of cellfree-isac-echo ({error})")


def draw_map(axis, columns, quantity, marks, ceiling):
    """One map with what is in it; returns the picture, for a colour bar."""
    path = np.unique(columns["delay_s"]) * SPEED_OF_LIGHT
    doppler = np.unique(columns["doppler_Hz"])
    power = np.reshape(columns[quantity], (len(path), len(doppler)))
    picture = axis.pcolormesh(doppler, path, power, cmap="inferno", vmin=FLOOR_DB, vmax=ceiling, shading="nearest",
                              rasterized=True)
    for kind, delay, shift in zip(marks["kind"], marks["delay_s"], marks["doppler_Hz"]):
        style = {"marker": "o", "ms": 9, "color": "white"} if kind == "target" else \
                {"marker": "x", "ms": 4, "color": CLUTTER}
        axis.plot(shift, delay * SPEED_OF_LIGHT, ls="none", mfc="none", mew=1.1, **style)
    axis.set(xlabel="Doppler shift (Hz)", xlim=(doppler[0], doppler[-1]), ylim=(path[0], path[-1]))
    axis.grid(False)
    return picture


def draw_roc(axis, roc):
    detectors = list(dict.fromkeys(roc["detector"]))
    handles = []
    for (colour, marker), detector in zip(DETECTORS, detectors):
        rows = np.array([roc["detector"][i] == detector for i in range(len(roc["detector"]))])
        column = {name: np.array(values)[rows] for name, values in roc.items() if name != "detector"}
        axis.plot(column["pfa"], column["theory"], color=colour, lw=1.0)
        # Where false alarms were too few to be counted there is no point.
        known = (column["pfa"] > column["pfaHalfWidth99"]) & (column["measuredPfa"] > 0)
        axis.errorbar(column["measuredPfa"][known], column["measuredPd"][known],
                      xerr=column["pfaHalfWidth99"][known], yerr=column["pdHalfWidth99"][known],
                      color=colour, marker=marker, ms=2.8, ls="none", elinewidth=0.7)
        handles.append(Line2D([], [], color=colour, marker=marker, ms=3, lw=1.0, label=detector))
    axis.set(xscale="log", xlabel="probability of false alarm", ylabel="probability of detection",
             xlim=(min(roc["pfa"]), 1), ylim=(0, 1.02))
    axis.text(0.97, 0.04, "lines: closed forms\nbars: 99 % intervals", transform=axis.transAxes, ha="right", fontsize=6.5)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    return handles


def main(roc_path, map_path, marks_path, picture_path):
    roc = read(roc_path, ["detector"])
    columns = read(map_path)
    marks = read(marks_path, ["kind"])
    plot_style.use_paper_style()
    panels = (2 if columns else 0) + (1 if roc else 0)
    if panels == 0:
        sys.exit(f"plot-echo.py: {roc_path}: expected rows")
    figure, axes = plt.subplots(1, panels, figsize=(plot_style.TEXT_WIDTH, 2.75), squeeze=False)
    axes = list(axes[0])
    handles = []
    if columns:
        ceiling = 5 * np.ceil(max(columns["after_dB"]) / 5)
        picture = draw_map(axes[0], columns, "before_dB", marks, ceiling)
        draw_map(axes[1], columns, "after_dB", marks, ceiling)
        axes[0].set(ylabel="bistatic path (m)", title="(a) strongest pair: all echoes")
        axes[1].set(title="(b) what is at rest removed")
        axes[1].tick_params(labelleft=False)
        bar = figure.colorbar(picture, ax=axes[:2], location="right", pad=0.02, aspect=30, extend="both",
                              ticks=np.arange(FLOOR_DB, ceiling + 1, 5))
        bar.set_label("power over noise (dB)")
        bar.outline.set_visible(False)
        handles = [Line2D([], [], marker="o", ms=6, mfc="none", color="black", ls="none", label="target")]
        if "clutter" in marks["kind"]:
            handles.append(Line2D([], [], marker="x", ms=4, color=CLUTTER, ls="none", label="clutter"))
    if roc:
        handles += draw_roc(axes[-1], roc)
        axes[-1].set(title=f"({'c' if columns else 'a'}) ROC at N_r L SNR = {roc['snr_dB'][0]:.1f} dB")
    plot_style.legend_on_top(figure, handles)
    plot_style.save(figure, picture_path, ["png"], quiet=True)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
