# SPDX-License-Identifier: GPL-2.0-only
"""The look of every plot of this repository: one colour and marker a policy, sizes for a paper's column."""
import os
import sys

try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
except ImportError as error:
    # The packages that tools/setup.sh installs belong to this one, whatever comes first in PATH.
    SYSTEM_PYTHON = "/usr/bin/python3"
    if os.path.exists(SYSTEM_PYTHON) and not os.path.samefile(sys.executable, SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
    sys.exit(f"{os.path.basename(sys.argv[0])}: {error}: expected matplotlib and numpy (Debian: python3-matplotlib)")

COLUMN_WIDTH = 3.5  # inches: one column of a two-column paper
TEXT_WIDTH = 7.16  # inches: both columns
DOTS_PER_INCH = 220

# Colours of Okabe and Ito, safe for the colour-blind; split, jsc and ns-rzf are darker shades for want of more.
POLICIES = {
    "gnn": ("#D55E00", "o"),
    "joint": ("#0072B2", "s"),
    "wmmse": ("#000000", "^"),
    "rzf": ("#56B4E9", "D"),
    "cb": ("#009E73", "v"),
    "cb-sensing": ("#E69F00", "p"),
    "ns-rzf": ("#CC79A7", "X"),
    "split": ("#882255", "P"),
    "jsc": ("#7F7F7F", "*"),
}
OTHER_COLOURS = ["#332288", "#999933", "#AA4499", "#44AA99", "#661100"]
OTHER_MARKERS = ["<", ">", "h", "d", "8"]
DASHES = ["-", (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)), (0, (3, 1, 1, 1, 1, 1))]


def use_paper_style():
    plt.rcParams.update({
        "font.size": 8, "axes.titlesize": 8, "axes.labelsize": 8, "legend.fontsize": 7,
        "xtick.labelsize": 7, "ytick.labelsize": 7, "lines.linewidth": 1.2, "lines.markersize": 4,
        "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.6,
        "xtick.major.width": 0.6, "ytick.major.width": 0.6, "axes.grid": True, "axes.axisbelow": True,
        "grid.color": "#DDDDDD", "grid.linewidth": 0.5, "legend.frameon": False, "legend.handlelength": 2.4,
        "figure.constrained_layout.use": True, "pdf.fonttype": 42, "savefig.dpi": DOTS_PER_INCH,
        "text.parse_math": False,
    })


def policy_colour_and_marker(policy, known_others):
    """Those of a policy; known_others, a list, remembers the order in which policies of the user's own came."""
    if policy in POLICIES:
        return POLICIES[policy]
    if policy not in known_others:
        known_others.append(policy)
    index = known_others.index(policy) % len(OTHER_COLOURS)
    return OTHER_COLOURS[index], OTHER_MARKERS[index]


def legend_on_top(figure, handles):
    """A legend above the axes, where it hides no data, in rows as wide as the figure."""
    width, height = figure.get_size_inches()
    longest = max((len(handle.get_label()) for handle in handles), default=0)
    columns = max(1, min(len(handles), int(width / (0.42 + 0.055 * longest))))
    rows = -(-len(handles) // columns)
    # A little room below, for axes of a fixed aspect lose their labels' feet otherwise.
    below, above = 0.06 / height, (0.08 + 0.145 * rows) / height
    figure.get_layout_engine().set(rect=(0, below, 1, 1 - below - above))
    figure.legend(handles=handles, loc="upper center", ncols=columns, columnspacing=1.2, handletextpad=0.5,
                  borderaxespad=0)


def save(figure, path, formats, quiet=False):
    """Writes PATH.FORMAT for every format and closes the figure."""
    for ending in formats:
        # Without the date the same data gives the same bytes.
        metadata = {"CreationDate": None} if ending == "pdf" else {"Date": None} if ending == "svg" else {}
        figure.savefig(f"{path}.{ending}.part", format=ending, metadata=metadata)
        os.replace(f"{path}.{ending}.part", f"{path}.{ending}")
        if not quiet:
            print(f"{path}.{ending}")
    plt.close(figure)
