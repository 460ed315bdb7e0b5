#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Plots what cellfree-isac-compare left in OUT and writes OUT/report.html (needs matplotlib and numpy).

Writes OUT/plots/NAME.png and .pdf; a plot whose data the runs do not have is skipped, and said to be. OUT may also be the
output directory of a single run: then there is no report, and no plot that compares.
"""
import argparse
import os
import sys

import plot_style as style  # before the others: it finds the Python that has numpy and matplotlib

import plot_data
import plot_report
import plot_tracking
from plot_data import NoData, in_bins

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

SIGHT = {"color": "#B8005C", "linestyle": (0, (1, 3)), "linewidth": 0.6}  # lines from APs to targets
N_BINS = 50  # of a time series
FAR_OFF = 8  # a difference this many times the others' is drawn as an arrow


class Look:
    """Colour, marker and dashes of each case: the policy gives the first two, its sensing weight the dashes."""

    def __init__(self, study):
        self.of = {}
        others, dashes_used = [], {}
        for case in study.cases:
            policy = study.policies[case]
            colour, marker = style.policy_colour_and_marker(policy, others)
            dashes = style.DASHES[dashes_used.get(policy, 0) % len(style.DASHES)]
            dashes_used[policy] = dashes_used.get(policy, 0) + 1
            self.of[case] = {"color": colour, "marker": marker, "linestyle": dashes}

    def line(self, case):
        return {key: self.of[case][key] for key in ("color", "linestyle")}

    def point(self, case):
        return {"color": self.of[case]["color"], "marker": self.of[case]["marker"], "linestyle": "none"}


def draw_cdf(axis, look, case, values, shares):
    """A CDF with a few markers, at other places for each case, so that lines on each other can be told apart."""
    every = 0.2
    offset = every * list(look.of).index(case) / len(look.of)
    axis.plot(values, shares, **look.of[case], label=case, markevery=(offset, every), drawstyle="steps-post")


def plot_throughput_cdf(study, look, options):
    """Throughput of every downlink UE of every drop."""
    figure, axis = plt.subplots(figsize=(style.COLUMN_WIDTH, 2.6))
    cases, throughput = study.users.text("case"), study.users.numbers("throughput_Mbps")
    if not np.isfinite(throughput).any():
        raise NoData("no downlink UE")
    for case in study.cases:
        values = np.sort(throughput[(cases == case) & np.isfinite(throughput)])
        if values.size:
            draw_cdf(axis, look, case, np.append(values[0], values), np.linspace(0, 1, values.size + 1))
    axis.set(xlabel="throughput of a UE (Mb/s)", ylabel="share of UEs and drops", ylim=(0, 1.02))
    axis.set_xlim(left=-0.02 * np.nanmax(throughput))
    style.legend_on_top(figure, axis.lines)
    return figure


def plot_delay_cdf(study, look, options):
    """Delay of every downlink packet of every drop."""
    figure, axis = plt.subplots(figsize=(style.COLUMN_WIDTH, 2.6))
    for case in study.cases:
        bins = {}
        for run in study.runs(case):
            flows = study.trace(case, run, "FlowTrace")
            is_data = (flows.text("direction") == "DL") & (flows.text("acknowledges") == "0")
            downlink = set(flows.text("flowId")[is_data])
            delays = study.trace(case, run, "DelayTrace")
            for flow, end, count in zip(delays.text("flowId"), delays.numbers("binEnd_s"), delays.numbers("count")):
                if flow in downlink and count > 0:
                    bins[end] = bins.get(end, 0) + count
        if bins:
            ends = np.array(sorted(bins))
            shares = np.cumsum([bins[end] for end in ends]) / sum(bins.values())
            draw_cdf(axis, look, case, 1e3 * ends, shares)
    if not axis.lines:
        raise NoData("no downlink packet arrived")
    axis.set(xlabel="delay of a packet (ms)", ylabel="share of packets", xscale="log", ylim=(0, 1.02))
    axis.xaxis.set_major_formatter("{x:g}")
    style.legend_on_top(figure, axis.lines)
    return figure


def plot_frontier(study, look, options):
    """Throughput against sensing SNR; bars are the paired interval to the first case."""
    sensing, rate = study.find_metric("snr-combined", "snr"), study.find_metric("throughput")
    if not sensing or not rate:
        raise NoData("no sensing SNR or no throughput")
    figure, axis = plt.subplots(figsize=(style.COLUMN_WIDTH, 2.8))
    points = {}
    for case in study.cases:
        x, y = study.compared(case, sensing), study.compared(case, rate)
        if not x or not y or not np.isfinite(x["mean"]) or not np.isfinite(y["mean"]):
            continue
        points.setdefault(study.policies[case], []).append((study.weights[case], x["mean"], y["mean"]))
        bars = [[[row["difference"] - row["differenceLow95"]], [row["differenceHigh95"] - row["difference"]]]
                for row in (x, y)]
        bars = [bar if np.isfinite(bar).all() else None for bar in bars]
        axis.errorbar(x["mean"], y["mean"], xerr=bars[0], yerr=bars[1], **look.point(case), capsize=1.5,
                      elinewidth=0.8, markerfacecolor="none", markeredgewidth=1.1)
    if not points:
        raise NoData("no case has both a throughput and a sensing SNR")
    others, lines = [], []
    for policy, of_policy in points.items():
        colour, marker = style.policy_colour_and_marker(policy, others)
        of_policy.sort()
        weight = of_policy[0][0]
        name = f"{policy}, weight {weight:g}" if len(of_policy) == 1 and np.isfinite(weight) else policy
        lines += axis.plot([x for _, x, _ in of_policy], [y for _, _, y in of_policy], color=colour, marker=marker,
                           markerfacecolor="none", label=name, linewidth=1 if len(of_policy) > 1 else 0)
        # Above the points of one policy and below those of the next, for they may lie close.
        offset = (5, -10)[len(lines) % 2]
        for weight, x, y in of_policy:
            if np.isfinite(weight) and len(of_policy) > 1:
                axis.annotate(f"{weight:g}", (x, y), xytext=(0, offset), textcoords="offset points", ha="center",
                              fontsize=6, color=colour)
    units = study.metrics()
    axis.set(xlabel=plot_data.label(sensing, units[sensing]), ylabel=plot_data.label(rate, units[rate]))
    axis.margins(0.12)
    if axis.get_ylim()[0] < 0:  # a bar may reach there, a throughput cannot
        axis.set_ylim(bottom=-0.03 * axis.get_ylim()[1])
    style.legend_on_top(figure, lines)
    return figure


def caption_frontier(study):
    """What the frontier of this comparison shows: numbers and lines where a policy has several weights, bars where
    there are several drops."""
    text = "What sensing costs: each point is the mean over the drops of one case"
    weights = {}
    for case in study.cases:
        weights.setdefault(study.policies[case], set()).add(study.weights[case])
    if any(len(of_policy) > 1 for of_policy in weights.values()):
        text += ("; where a policy has several sensing weights, the number beside a point is its weight and a line joins "
                 "them")
    if len(study.runs(study.cases[0])) > 1 and len(study.cases) > 1:
        text += ". The bars are the 95 % intervals of the paired differences to the first case, which itself has none"
    return text + "."


def to_decibels(ratios):
    """A gap where there is no power, which traces write as -300 dB."""
    return 10 * np.log10(np.where(ratios > 1e-29, ratios, np.nan))


def plot_time_series(study, look, options):
    """Downlink rate, sensing SNR and detection probability of one run, in bins of time."""
    figure, axes = plt.subplots(3, 1, figsize=(style.COLUMN_WIDTH, 4.2), sharex=True)
    for case in study.cases:
        ues = study.trace(case, options.drop, "UeTrace")
        is_received = (ues.text("direction") == "DL") & (ues.text("decoded") == "1")
        width = max(ues.numbers("time_s").max(initial=0) / N_BINS, 1e-6)
        line = {**look.line(case), "label": case}
        centres, sums, _ = in_bins(ues.numbers("time_s"), np.where(is_received, ues.numbers("blockSize_B"), 0), width, N_BINS)
        axes[0].plot(centres, sums * 8 / width / 1e6, **line)
        dwells = study.trace(case, options.drop, "SensingTrace")
        looked, _ = plot_tracking.looks(study, case, options.drop)
        times = dwells.numbers("time_s")[looked]
        for axis, name, shown in ((axes[1], "combinedSnr_dB", to_decibels), (axes[2], "pd", np.asarray)):
            values = dwells.numbers(name)[looked]
            centres, _, means = in_bins(times, 10 ** (values / 10) if axis is axes[1] else values, width, N_BINS)
            has_dwell = np.isfinite(means)
            axis.plot(centres[has_dwell], shown(means[has_dwell]), **line)
    axes[0].set(ylabel="downlink (Mb/s)")
    axes[0].set_ylim(bottom=0)
    axes[1].set(ylabel="sensing SNR\ncombined (dB)")
    axes[2].set(ylabel="detection\nprobability", xlabel="time (s)", ylim=(-0.02, 1.02))
    figure.align_ylabels(axes)
    style.legend_on_top(figure, axes[0].lines)
    return figure


def choose_map_cases(study):
    """The first case, and of those that deliver something the one whose sensing SNR differs most from its."""
    metric = study.find_metric("snr-combined", "snr")

    def difference(case):
        row = study.compared(case, metric) if metric else None
        return abs(row["difference"]) if row and np.isfinite(row["difference"]) else 0

    others = [case for case in study.cases[1:] if plot_report.delivers(study, case)]
    return study.cases[:1] + sorted(others, key=difference)[-1:]


def read_beams(study, case, run):
    """The middle decision of the BeamTrace: its time, angles and EIRP of both kinds of stream by AP, served UEs."""
    trace = study.trace(case, run, "BeamTrace")
    if not len(trace):
        return None, {}, None
    slots = trace.numbers("slot")
    distinct = np.unique(slots)
    chosen = slots == distinct[len(distinct) // 2]
    aps, columns = trace.text("apId")[chosen], [trace.numbers(name)[chosen] for name in (
        "azimuth_deg", "ueEirp_dBW", "sensingEirp_dBW")]
    beams = {ap: [column[aps == ap] for column in columns] for ap in dict.fromkeys(aps)}
    return trace.numbers("time_s")[chosen][0], beams, served_ues(study, case, run, slots[chosen][0])


def served_ues(study, case, run, slot):
    """UEs with a downlink stream in the slot in which the beams of a decision were radiated; None if it is not known."""
    decisions, ues = study.trace(case, run, "DecisionTrace"), study.trace(case, run, "UeTrace")
    delays = decisions.numbers("delay_slots")[decisions.numbers("slot") == slot]
    is_downlink = ues.text("direction") == "DL"
    slots, ids = ues.numbers("slot")[is_downlink], ues.text("ueId")[is_downlink]
    distinct = np.unique(slots)
    radiated = np.searchsorted(distinct, slot) + (int(delays[0]) if delays.size else len(distinct))
    return set(ids[slots == distinct[radiated]]) if radiated < len(distinct) else None


def draw_lobe(axis, centre, azimuth, eirp, peak, radius, **look):
    """A polar pattern at its AP: the radius goes with the field strength, half for 6 dB less than the map's peak."""
    length = radius * 10 ** ((eirp - peak) / 20)
    angle = np.radians(azimuth)
    axis.fill(centre[0] + length * np.cos(angle), centre[1] + length * np.sin(angle), **look)


def plot_map(study, look, options):
    """APs with their lobes, the walks of the UEs and the path of the targets in one drop."""
    cases = options.map_cases or choose_map_cases(study)
    beams = {case: read_beams(study, case, options.drop) for case in cases}
    peak = max((columns.max() for _, by_ap, _ in beams.values() for pattern in by_ap.values() for columns in pattern[1:]),
               default=0)
    width = style.TEXT_WIDTH if len(cases) > 1 else style.COLUMN_WIDTH
    figure, axes = plt.subplots(1, len(cases), figsize=(width, 4.1), squeeze=False, sharex=True, sharey=True)
    for axis, case in zip(axes[0], cases):
        positions = study.trace(case, options.drop, "PositionTrace")
        if not len(positions):
            raise NoData("PositionTrace has no rows")
        kinds, nodes = positions.text("kind"), positions.text("nodeId")
        x, y, times = (positions.numbers(name) for name in ("x_m", "y_m", "time_s"))
        aps = {node: (x[nodes == node][0], y[nodes == node][0]) for node in dict.fromkeys(nodes[kinds == "AP"])}
        extent = max(np.ptp(x), np.ptp(y), 1.0)
        radius = 0.65 * extent / np.sqrt(len(aps))
        plot_tracking.draw_buildings(axis, study.run_configuration(case, options.drop))
        time, _, served = beams[case]
        for ap, (azimuth, ue, sensing) in beams[case][1].items():
            draw_lobe(axis, aps[ap], azimuth, ue, peak, radius, facecolor="#8C8C8C", alpha=0.6, linewidth=0)
            draw_lobe(axis, aps[ap], azimuth, sensing, peak, radius, facecolor="#B8005C", alpha=0.4, linewidth=0)
        axis.plot(*zip(*aps.values()), "^", color="black", markersize=4)
        for kind, colour, marker in (("UE", "#0072B2", "o"), ("target", "#B8005C", "*")):
            for node in dict.fromkeys(nodes[kinds == kind]):
                of_node = (nodes == node) & (kinds == kind)
                axis.plot(x[of_node], y[of_node], "-", color=colour, linewidth=1)
                # Where the node is when the beams are sent, or at the end.
                here = -1 if time is None else np.abs(times[of_node] - time).argmin()
                place = x[of_node][here], y[of_node][here]
                is_idle = kind == "UE" and served is not None and node not in served
                axis.plot(*place, marker, color=colour, markersize=7 if marker == "*" else 4,
                          markerfacecolor="white" if is_idle else colour)
                if kind == "target":
                    axis.plot(*np.array([point for ap in aps.values() for point in (ap, place, (np.nan, np.nan))]).T,
                              **SIGHT)
        axis.set_title(case if time is None else f"{case}, beams at {time:.3g} s")
        # A square with all nodes and lobes, so that the panels fill the figure.
        half = extent / 2 + radius
        axis.set(aspect="equal", xlabel="x (m)", xlim=x.min() + np.ptp(x) / 2 + np.array([-half, half]),
                 ylim=y.min() + np.ptp(y) / 2 + np.array([-half, half]))
        axis.grid(False)
    axes[0][0].set(ylabel="y (m)")
    handles = [Line2D([], [], color="black", marker="^", linestyle="none", label="AP"),
               Line2D([], [], color="#0072B2", marker="o", label="UE with a stream, its walk"),
               Line2D([], [], color="#0072B2", marker="o", markerfacecolor="white", label="UE without one"),
               Line2D([], [], color="#B8005C", marker="*", markersize=7, label="target, its path"),
               Line2D([], [], **SIGHT, label="AP to target"),
               plt.Rectangle((0, 0), 1, 1, facecolor="#8C8C8C", alpha=0.6, label="beams of UEs' streams"),
               plt.Rectangle((0, 0), 1, 1, facecolor="#B8005C", alpha=0.4, label="beams of sensing streams")]
    style.legend_on_top(figure, handles)
    return figure


def plot_decision_time(study, look, options):
    """Median and 99th percentile of the wall time of a decision, mean over the drops."""
    costs = study.table("costs.tsv", ["case", "p50_us", "p99_us"])
    names = costs.text("case")
    figure, axis = plt.subplots(figsize=(style.COLUMN_WIDTH, 0.7 + 0.22 * len(study.cases)))
    for row, case in enumerate(study.cases):
        medians, tails = costs.numbers("p50_us")[names == case], costs.numbers("p99_us")[names == case]
        if not np.isfinite(medians).any():
            continue
        median, tail = np.nanmean(medians), np.nanmean(tails)
        axis.plot([median, tail], [row, row], color=look.of[case]["color"], linewidth=1.2)
        axis.plot(median, row, **look.point(case), markersize=5)
        axis.plot(tail, row, "|", color=look.of[case]["color"], markersize=6)
        axis.annotate(f"{float(f'{median:.3g}'):g}", (median, row), xytext=(0, 4),
                      textcoords="offset points", ha="center", fontsize=6)
    if not axis.lines:
        raise NoData("no decision")
    axis.set(xscale="log", xlabel="wall time of a decision (\N{MICRO SIGN}s)",
             yticks=range(len(study.cases)), ylim=(len(study.cases) - 0.5, -0.7))
    axis.set_yticklabels(study.cases)
    axis.xaxis.set_major_formatter("{x:g}")
    axis.grid(False, axis="y")
    return figure


def find_limit(compared):
    """The largest end of an interval, but for a few clear differences so far off that they would hide the others."""
    rows = [row for row in compared if row and np.isfinite(row["difference"])]
    reach = {id(row): np.nanmax(np.abs([row["difference"], row["differenceLow95"], row["differenceHigh95"]]))
             for row in rows}
    rows.sort(key=lambda row: reach[id(row)])
    for i in range(len(rows) - 1, 0, -1):
        smaller, larger = reach[id(rows[i - 1])], reach[id(rows[i])]
        if 2 * i < len(rows) or plot_report.verdict(rows[i], 0) != "other":
            break
        if larger > FAR_OFF * smaller > 0.02 * reach[id(rows[-1])]:
            return smaller
    return reach[id(rows[-1])] if rows else 0


def draw_off_scale(axis, compared, limit, row, colour):
    """An arrow at the edge, and the value that lies beyond it with its interval."""
    edge = np.sign(compared["difference"]) * limit
    text = f"{compared['difference']:.3g}"
    low, high = compared["differenceLow95"], compared["differenceHigh95"]
    if np.isfinite(high):
        half = high - compared["difference"]
        is_symmetric = abs(high + low - 2 * compared["difference"]) < 0.02 * (high - low)
        text += f" \N{PLUS-MINUS SIGN} {half:.2g}" if is_symmetric else f" ({low:.3g} to {high:.3g})"
    text = text.replace("-", "\N{MINUS SIGN}")
    axis.annotate(text, (1.15 * edge, row), (0.6 * edge, row), color=colour, fontsize=6, va="center",
                  ha="left" if edge < 0 else "right", arrowprops={"arrowstyle": "->", "color": colour, "lw": 0.8},
                  bbox={"facecolor": "white", "linewidth": 0, "pad": 1})
    axis.update_datalim([(1.15 * edge, row)])
    axis.autoscale_view()


def plot_differences(study, look, options):
    """Paired differences to the first case with their 95 % intervals, one panel a metric."""
    if len(study.cases) < 2:
        raise NoData("one case, nothing to compare with")
    metrics = study.metrics()
    kinds = {plot_data.describe(metric).kind: metric for metric in metrics}
    if "snr-combined" in kinds:
        metrics.pop(kinds.get("snr"), None)  # in decibels its differences are the same
    columns = 3
    lines = -(-len(metrics) // columns)
    others = study.cases[1:]
    figure, axes = plt.subplots(lines, columns, figsize=(style.TEXT_WIDTH, lines * (0.55 + 0.15 * len(others))),
                                sharey=True, squeeze=False)
    for axis in axes.flat[len(metrics):]:
        axis.set_axis_off()
    for axis, (metric, unit) in zip(axes.flat, metrics.items()):
        axis.axvline(0, color="black", linewidth=0.6)
        limit = find_limit([study.compared(case, metric) for case in others])
        for row, case in enumerate(others):
            compared = study.compared(case, metric)
            if not compared or not np.isfinite(compared["difference"]):
                continue
            low, high = compared["differenceLow95"], compared["differenceHigh95"]
            colour = look.of[case]["color"]
            is_clear = low > 0 or high < 0
            if abs(compared["difference"]) > limit:
                draw_off_scale(axis, compared, limit, row, colour)
                continue
            axis.plot([low, high], [row, row], color=colour, linewidth=1.2)
            axis.plot(compared["difference"], row, **look.point(case),
                      markerfacecolor=colour if is_clear else "white")
        axis.set(yticks=range(len(others)), ylim=(len(others) - 0.5, -0.5))
        axis.set_yticklabels(others)
        axis.xaxis.set_major_locator(MaxNLocator(4))
        axis.set_xlabel(plot_data.label(metric, unit))
        axis.grid(False, axis="y")
    figure.suptitle(f"difference to {study.cases[0]} in the same drops", fontsize=8)
    return figure


# name: (function, caption in the report, or the function of the study that makes it)
PLOTS = {
    "frontier": (plot_frontier, caption_frontier),
    "decision-time": (plot_decision_time, "Wall time of a decision on the machine of the comparison: the marker is "
                      "the median, the line ends at the 99th percentile; means over the drops."),
    "differences": (plot_differences, "Paired differences to the first case with their 95 % intervals. A hollow "
                    "marker is a difference that is not distinguishable from zero, an arrow one that "
                    "lies beyond the axis."),
    "throughput-cdf": (plot_throughput_cdf, "Throughput of the downlink UEs of all drops: the share that gets no "
                       "more than the value on the axis."),
    "delay-cdf": (plot_delay_cdf, "Delay of the downlink packets of all drops, from IP layer to IP layer."),
    "map": (plot_map, "The drop of run {drop} from above, {share}. UEs with a filled marker have a downlink stream in "
            "the slot of the beams. The lobes show the field strength that an AP radiates "
            "in each horizontal direction in one slot, to one scale: half the radius is 6 dB less. A row of isotropic "
            "elements radiates alike on both sides of its axis. A policy may illuminate the target by the UEs' streams "
            "alone."),
    "time-series": (plot_time_series, "Run {drop} over time, {share}: decoded downlink bytes, sensing SNR after combining and "
                    "detection probability."),
    **plot_tracking.PLOTS,
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", metavar="OUT", help="output directory of cellfree-isac-compare, or of one run")
    parser.add_argument("--formats", default="png,pdf", help="endings, comma-separated: png, pdf, svg "
                        "(default png,pdf); the report always has png")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[],
                        help="these plots and no report: " + ", ".join(PLOTS))
    parser.add_argument("--drop", metavar="R", help="run that time-series and map show (default: the first)")
    parser.add_argument("--map-cases", metavar="CASE,CASE", help="cases that the map shows (default: the first, and "
                        "the one whose sensing differs most)")
    options = parser.parse_args()
    options.formats = options.formats.split(",")
    for ending in options.formats:
        if ending not in ("png", "pdf", "svg"):
            raise plot_data.DataError(f"--formats: {ending}: expected png, pdf or svg")
    for name in options.only:
        if name not in PLOTS:
            raise plot_data.DataError(f"--only: {name}: expected one of {', '.join(PLOTS)}")
    if not options.only and "png" not in options.formats:
        options.formats.append("png")
    return options


def check_choices(study, options):
    """Fills in the drop and checks what was chosen against the study."""
    runs = study.runs(study.cases[0])
    options.drop = options.drop or runs[0]
    if options.drop not in runs:
        raise plot_data.DataError(f"--drop: {options.drop}: expected one of {', '.join(runs)}")
    options.map_cases = options.map_cases.split(",") if options.map_cases else []
    for case in options.map_cases:
        if case not in study.cases:
            raise plot_data.DataError(f"--map-cases: {case}: expected of {', '.join(study.cases)}")


def main():
    options = parse_arguments()
    study = plot_data.open_study(options.out)
    check_choices(study, options)
    style.use_paper_style()
    look = Look(study)
    folder = os.path.join(options.out, "plots")
    os.makedirs(folder, exist_ok=True)
    drawn = []
    n_runs = len(study.runs(study.cases[0]))
    share = "the only one" if n_runs == 1 else f"one of {n_runs}, which differ"
    for name, (draw, caption) in PLOTS.items():
        if options.only and name not in options.only:
            continue
        try:
            style.save(draw(study, look, options), os.path.join(folder, name), options.formats)
            text = caption if isinstance(caption, str) else caption(study)
            drawn.append((name, text.format(drop=options.drop, share=share)))
        except NoData as reason:
            plt.close("all")
            print(f"{name}: skipped: {reason}")
    if not options.only and not isinstance(study, plot_data.SingleRun):
        print(plot_report.write(study, drawn, folder))


if __name__ == "__main__":
    try:
        main()
    except plot_data.DataError as error:
        sys.exit(f"plot.py: {error}")
    except OSError as error:
        sys.exit(f"plot.py: {error.filename}: {error.strerror}")
