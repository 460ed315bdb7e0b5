#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draws what cellfree-isac-channel measured: tools/plot-channel.py channel.csv writes channel.png."""
import csv
import sys

import plot_style
from plot_style import plt

# Statistic: label of the x axis, and what its numbers are multiplied by.
PANELS = {
    "antennas": ("antenna", 1),
    "lag_s": ("lag (ms)", 1e3),
    "separation_Hz": ("separation (MHz)", 1e-6),
}
MEASURED, THEORY = "#0072B2", "#D55E00"


def read(path):
    """Rows (abscissa, value, half width, theory) of every statistic."""
    curves = {}
    try:
        with open(path, newline="") as stream:
            for row in csv.DictReader(stream):
                numbers = [float(row[name]) for name in ("abscissa", "value", "halfWidth95", "theory")]
                curves.setdefault(row["statistic"], []).append(numbers)
        if not curves:
            raise ValueError("no rows")
        return curves
    except (OSError, KeyError, TypeError, ValueError) as error:
        sys.exit(f"plot-channel.py: {path}: expected a table of cellfree-isac-channel ({error})")


def draw(curves):
    plot_style.use_paper_style()
    panels = [name for name in PANELS if len(curves.get(name, [])) > 1]
    if not panels:
        sys.exit("plot-channel.py: expected more than one antenna, lag or sub-band")
    figure, axes = plt.subplots(1, len(panels), figsize=(plot_style.TEXT_WIDTH, 2.4), sharey=True, squeeze=False)
    for axis, name in zip(axes[0], panels):
        label, scale = PANELS[name]
        x, value, half_width, theory = zip(*curves[name])
        x = [scale * item for item in x]
        axis.plot(x, theory, color=THEORY, label="theory")
        axis.errorbar(x, value, yerr=half_width, color=MEASURED, marker=".", ls="none", elinewidth=0.8,
                      label="measured, 95 % intervals")
        axis.set(xlabel=label)
    axes[0][0].set(ylabel="correlation")
    plot_style.legend_on_top(figure, axes[0][0].get_legend_handles_labels()[0])
    return figure


def main(path):
    figure = draw(read(path))
    plot_style.save(figure, path.removesuffix(".csv"), ["png"], quiet=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
