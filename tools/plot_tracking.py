# SPDX-License-Identifier: GPL-2.0-only
"""Plots of what a run tracks and reports: they need TrackTrace, DetectionTrace or ReportTrace."""
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse
from matplotlib.ticker import LogLocator, NullFormatter

import matplotlib.pyplot as plt

import plot_style as style
import replay
from plot_data import DataError, NoData, in_bins

TRUTH = "#B8005C"  # of targets in every map
ESTIMATE = "#009E73"
LOST = "#D55E00"
DETECTION = "#E69F00"
TARGET_COLOURS = ["#B8005C", "#332288", "#999933", "#44AA99", "#661100", "#AA4499"]
CHI_SQUARE_95 = -2 * np.log(0.05)  # two degrees of freedom
MAX_DETECTIONS = 1500  # on a map
N_ELLIPSES = 12  # along the longest track
GAP = 5  # so many usual intervals without a row end a line


def tracked_cases(study, run):
    """Cases whose run has tracks."""
    cases = [case for case in study.cases if len(study.optional_trace(case, run, "TrackTrace"))]
    if not cases:
        raise NoData("no TrackTrace with rows")
    return cases


def with_gaps(times, *columns):
    """Columns over time with NaN where rows are missing for long, so that a line ends there."""
    if times.size < 3:
        return times, *columns
    steps = np.diff(times)
    cuts = np.flatnonzero(steps > GAP * np.median(steps)) + 1
    return np.insert(times, cuts, np.nan), *(np.insert(column.astype(float), cuts, np.nan) for column in columns)


class Tracks:
    """TrackTrace of a run, without the rows of dwells that have no track."""

    def __init__(self, study, case, run):
        trace = study.optional_trace(case, run, "TrackTrace")
        self.ids = np.array([f"{cpu}/{track}" for cpu, track in zip(trace.text("cpuId"), trace.text("trackId"))], dtype=object)
        kept = trace.text("trackId") != "-1"
        self.ids = self.ids[kept]
        self.statuses = trace.text("status")[kept]
        self.targets = trace.text("targetId")[kept]
        self.numbers = lambda name: trace.numbers(name)[kept]
        self.times = self.numbers("time_s")

    def names(self):
        return list(dict.fromkeys(self.ids))


def dwells(study, case, run):
    """Time, GOSPA, OSPA, missed targets and false tracks of each dwell of each CPU, by time."""
    trace = study.optional_trace(case, run, "TrackTrace")
    times = trace.numbers("time_s")
    key = np.array([f"{time}/{cpu}" for time, cpu in zip(trace.text("time_s"), trace.text("cpuId"))], dtype=object)
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    statuses = trace.text("status")
    believed = (statuses == "confirmed") | (statuses == "coasting")
    has_target = trace.text("targetId") != "-1"
    found = np.bincount(of, believed & has_target, first.size)
    false = np.bincount(of, believed & ~has_target, first.size)
    sensing = study.trace(case, run, "SensingTrace")
    ends, counts = np.unique(sensing.numbers("time_s"), return_counts=True)
    if not ends.size:
        raise NoData("no dwell in SensingTrace")
    # Of the dwell that ends nearest.
    present = counts[np.searchsorted(0.5 * (ends[1:] + ends[:-1]), times[first])]
    order = np.argsort(times[first], kind="stable")
    columns = times[first], trace.numbers("gospa_m")[first], trace.numbers("ospa_m")[first], present - found, false
    return [column[order] for column in columns]


def looks(study, case, run):
    """Of the rows of SensingTrace: which say something, and the weights. A dwell that looked elsewhere while the target had
    a track says nothing of how well it is seen. With a tracker the weights are those of the tracks."""
    sensing, trace = study.trace(case, run, "SensingTrace"), study.optional_trace(case, run, "TrackTrace")
    weights = sensing.numbers("sensingWeight") if "sensingWeight" in sensing.names else np.full(len(sensing), np.nan)
    if not len(trace):
        return np.full(len(sensing), True), weights
    of = {}
    for time, target, pd, weight in zip(*map(trace.text, ("time_s", "targetId")), trace.numbers("pd"),
                                        trace.numbers("sensingWeight")):
        if not of.get((time, target), (False,))[0]:
            of[time, target] = np.isfinite(pd), weight
    found = [of.get(key, (True, np.nan)) for key in zip(sensing.text("time_s"), sensing.text("targetId"))]
    of_tracks = np.array([weight for _, weight in found])
    return np.array([is_look for is_look, _ in found]), np.where(np.isnan(weights), of_tracks, weights)


def draw_buildings(axis, configuration):
    try:
        boxes = replay.read_buildings(configuration)
    except replay.DataError as error:
        raise DataError(str(error)) from error
    for x_min, x_max, y_min, y_max in boxes:
        axis.add_patch(plt.Rectangle((x_min, y_min), x_max - x_min, y_max - y_min, facecolor="#D9D4C8",
                                     edgecolor="#8C8C8C", linewidth=0.5, zorder=0.5))


def draw_track(axis, tracks, name, spacing):
    of_track = tracks.ids == name
    times, statuses = tracks.times[of_track], tracks.statuses[of_track]
    x, y = tracks.numbers("x_m")[of_track], tracks.numbers("y_m")[of_track]
    believed = statuses != "tentative"
    if not believed.any():
        axis.plot(x, y, "-", color="#7F7F7F", linewidth=0.5, zorder=2)
        return
    axis.plot(x[~believed], y[~believed], "-", color="#7F7F7F", linewidth=0.5, zorder=2)
    axis.plot(x[believed], y[believed], "-", color=ESTIMATE, linewidth=1.0, zorder=4)
    lost = statuses == "coasting"
    axis.plot(np.where(lost, x, np.nan), np.where(lost, y, np.nan), "-", color=LOST, linewidth=1.4, zorder=4)
    xx, xy, yy = (tracks.numbers(column)[of_track] for column in ("covXx_m2", "covXy_m2", "covYy_m2"))
    due = -np.inf
    for i in np.flatnonzero(believed):
        if times[i] < due:
            continue
        due = times[i] + spacing
        variances, directions = np.linalg.eigh([[xx[i], xy[i]], [xy[i], yy[i]]])
        width, height = 2 * np.sqrt(CHI_SQUARE_95 * np.maximum(variances[::-1], 0))
        angle = np.degrees(np.arctan2(directions[1, 1], directions[0, 1]))
        axis.add_patch(Ellipse((x[i], y[i]), width, height, angle=angle, facecolor="none", zorder=5, linewidth=0.7,
                               edgecolor=LOST if lost[i] else ESTIMATE))


def plot_tracks(study, look, options):
    """Tracks with ellipses over the true paths, from above, in one drop."""
    cases = tracked_cases(study, options.drop)
    cases = [case for case in options.map_cases if case in cases] or cases[:2]
    figure, axes = plt.subplots(1, len(cases), squeeze=False, sharex=True, sharey=True, figsize=(
        style.TEXT_WIDTH if len(cases) > 1 else style.COLUMN_WIDTH, 4.1))
    for axis, case in zip(axes[0], cases):
        positions = study.trace(case, options.drop, "PositionTrace")
        kinds, nodes = positions.text("kind"), positions.text("nodeId")
        x, y = positions.numbers("x_m"), positions.numbers("y_m")
        draw_buildings(axis, study.run_configuration(case, options.drop))
        axis.plot(x[kinds == "AP"], y[kinds == "AP"], "^", color="black", markersize=4, zorder=3)
        for kind, colour, marker in (("UE", "#0072B2", "o"), ("target", TRUTH, "*")):
            for node in dict.fromkeys(nodes[kinds == kind]):
                of_node = (nodes == node) & (kinds == kind)
                axis.plot(x[of_node], y[of_node], "-", color=colour, linewidth=1.6 if kind == "target" else 1, zorder=2.5)
                axis.plot(x[of_node][-1], y[of_node][-1], marker, color=colour, zorder=6,
                          markersize=7 if kind == "target" else 3.5)
        detections = study.optional_trace(case, options.drop, "DetectionTrace")
        if len(detections):
            # Every so many, and fainter, where they would hide each other.
            every = -(-len(detections) // MAX_DETECTIONS)
            axis.scatter(detections.numbers("x_m")[::every], detections.numbers("y_m")[::every], s=2, color=DETECTION,
                         alpha=0.6 if len(detections) < 500 else 0.35, linewidths=0, zorder=1.5, rasterized=True)
        tracks = Tracks(study, case, options.drop)
        longest = max((np.ptp(tracks.times[tracks.ids == name]) for name in tracks.names()), default=0)
        for name in tracks.names():
            draw_track(axis, tracks, name, max(longest / N_ELLIPSES, 1e-9))
        # All nodes and tracks that somebody believed; a false alarm far off does not make the map small.
        believed = tracks.statuses != "tentative"
        all_x, all_y = (np.concatenate([of_nodes, tracks.numbers(name)[believed]]) for of_nodes, name in (
            (x, "x_m"), (y, "y_m")))
        half = 0.54 * max(np.ptp(all_x), np.ptp(all_y), 1.0)
        axis.set(aspect="equal", xlabel="x (m)", xlim=all_x.min() + np.ptp(all_x) / 2 + np.array([-half, half]),
                 ylim=all_y.min() + np.ptp(all_y) / 2 + np.array([-half, half]))
        axis.grid(False)
        if len(study.cases) > 1:
            axis.set_title(case)
    axes[0][0].set(ylabel="y (m)")
    style.legend_on_top(figure, [
        Line2D([], [], color="black", marker="^", linestyle="none", label="AP"),
        Line2D([], [], color="#0072B2", marker="o", markersize=3.5, label="UE"),
        Line2D([], [], color=TRUTH, marker="*", markersize=7, label="target, true path"),
        Line2D([], [], color=ESTIMATE, label="track"),
        Line2D([], [], color=LOST, label="track, lost"),
        Line2D([], [], color="#7F7F7F", linewidth=0.5, label="tentative"),
        Line2D([], [], color=ESTIMATE, marker="o", markersize=7, markerfacecolor="none", linestyle="none",
               label="95 % ellipse"),
        Line2D([], [], color=DETECTION, marker="o", markersize=2, linestyle="none", label="detection")])
    return figure


def plot_closed_loop(study, look, options):
    """Detection probability, sensing weight and downlink rate of one run over time."""
    traces = {case: study.trace(case, options.drop, "SensingTrace") for case in study.cases}
    looked = {case: looks(study, case, options.drop) for case in study.cases}
    traces = {case: trace for case, trace in traces.items() if np.isfinite(looked[case][1]).any()}
    if not traces:
        raise NoData("no sensingWeight in SensingTrace or TrackTrace")
    if all(np.nanmin(looked[case][1]) == np.nanmax(looked[case][1]) for case in traces):
        raise NoData("no sensing weight that changes")  # time-series has the rest
    figure, axes = plt.subplots(3, 1, figsize=(style.COLUMN_WIDTH, 4.0), sharex=True)
    handles = []
    for case, trace in traces.items():
        times, targets = trace.numbers("time_s"), trace.text("targetId")
        names = sorted(dict.fromkeys(targets), key=lambda name: (len(name), name))
        ues = study.trace(case, options.drop, "UeTrace")
        width = max(times.max(), ues.numbers("time_s").max(initial=0)) / 100
        # One case has room for a line a target, several for their mean.
        lines = [(f"target {name}", targets == name, {
            "color": TARGET_COLOURS[i % len(TARGET_COLOURS)], "linestyle": style.DASHES[i // len(TARGET_COLOURS) % len(style.DASHES)]})
            for i, name in enumerate(names)] if len(traces) == 1 else [(case, np.full(times.size, True), look.line(case))]
        for name, chosen, line in lines:
            for axis, values in ((axes[0], trace.numbers("pd")), (axes[1], looked[case][1])):
                is_number = chosen & looked[case][0] & np.isfinite(values)
                centres, _, means = in_bins(times[is_number], values[is_number], width, 100)
                has_dwell = np.isfinite(means)
                axis.plot(*with_gaps(centres[has_dwell], means[has_dwell]), **line)
            handles.append(Line2D([], [], label=name, **line))
        received = (ues.text("direction") == "DL") & (ues.text("decoded") == "1")
        centres, sums, _ = in_bins(ues.numbers("time_s"), np.where(received, ues.numbers("blockSize_B"), 0), width, 100)
        axes[2].plot(centres, sums * 8 / width / 1e6, **(look.line(case) if len(traces) > 1 else {"color": "black"}))
    axes[0].set(ylabel="detection\nprobability", ylim=(-0.02, 1.02))
    axes[1].set(ylabel="sensing\nweight")
    values = np.concatenate([line.get_ydata() for line in axes[1].lines])
    values = values[np.isfinite(values)]
    if values.size and values.min() > 0 and values.max() > 10 * values.min():
        axes[1].set_yscale("log")
        axes[1].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if values.max() < 100 * values.min() else (1,)))
        axes[1].yaxis.set_major_formatter("{x:g}")
        axes[1].minorticks_off()
    else:
        axes[1].set_ylim(bottom=0)
    axes[2].set(ylabel="downlink\n(Mb/s)", xlabel="time (s)")
    axes[2].set_ylim(bottom=0)
    figure.align_ylabels(axes)
    style.legend_on_top(figure, handles)
    return figure


def plot_gospa(study, look, options):
    """GOSPA and what it counts over time in one drop."""
    cases = tracked_cases(study, options.drop)
    figure, axes = plt.subplots(2, 1, figsize=(style.COLUMN_WIDTH, 3.2), sharex=True, height_ratios=(3, 2))
    handles = []
    for case in cases:
        times, gospa, ospa, missed, false = dwells(study, case, options.drop)
        if len(cases) > 1:
            line = look.line(case)
            axes[0].plot(*with_gaps(times, gospa), **line)
            axes[1].plot(*with_gaps(times, missed + false), **line, drawstyle="steps-post")
            handles.append(Line2D([], [], label=case, **line))
            continue
        for axis, values, name, line in (
                (axes[0], gospa, "GOSPA", {"color": "black"}),
                (axes[0], ospa, "OSPA", {"color": "#56B4E9", "linestyle": style.DASHES[1]}),
                (axes[1], missed, "missed targets", {"color": TRUTH}),
                (axes[1], false, "false tracks", {"color": "#7F7F7F", "linestyle": style.DASHES[2]})):
            axis.plot(*with_gaps(times, values), **line, drawstyle="steps-post" if axis is axes[1] else "default")
            handles.append(Line2D([], [], label=name, **line))
    axes[0].set(ylabel="GOSPA (m)" if len(cases) > 1 else "distance (m)")
    axes[0].set_ylim(bottom=0)
    axes[1].set(ylabel="missed and\nfalse" if len(cases) > 1 else "number", xlabel="time (s)")
    axes[1].set_ylim(-0.1, max(1, axes[1].dataLim.ymax) + 0.15)
    axes[1].yaxis.get_major_locator().set_params(integer=True)
    figure.align_ylabels(axes)
    style.legend_on_top(figure, handles)
    return figure


def draw_cdf(axis, values, weights, **line):
    """Shares of the weights up to each value, thinned to what a plot can show."""
    order = np.argsort(values)
    values, shares = values[order], np.cumsum(weights[order]) / weights.sum()
    if values.size > 2000:
        chosen = np.unique(np.linspace(0, values.size - 1, 2000).astype(int))
        values, shares = values[chosen], shares[chosen]
    axis.plot(np.append(values[:1], values), np.append(0, shares), drawstyle="steps-post", **line)


def use_log_axis(axis, low):
    """A logarithmic axis of positive values from low on, with ticks at 1, 2 and 5 where there is room for them."""
    axis.set_xscale("log")
    axis.set_xlim(left=max(low, 1e-3))
    low, high = axis.get_xlim()
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,)))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.xaxis.set_major_formatter("{x:g}")


def of_all_drops(study, case, take):
    """What take(study, case, run) gives of each drop that has it, in one array."""
    found = [np.atleast_1d(take(study, case, run)) for run in study.runs(case)]
    return np.concatenate(found) if found else np.array([])


def track_errors(study, case, run):
    trace = study.optional_trace(case, run, "TrackTrace")
    if not len(trace):
        return np.array([])
    errors = trace.numbers("error_m")
    return errors[(trace.text("status") != "tentative") & (trace.text("targetId") != "-1") & np.isfinite(errors)]


def estimate_errors(study, case, run):
    trace = study.trace(case, run, "SensingTrace")
    errors = trace.numbers("error_m") if "error_m" in trace.names else np.array([])
    return errors[np.isfinite(errors)]


def plot_track_error(study, look, options):
    """Distance of tracks to the targets that GOSPA assigns to them, all drops."""
    found = {case: of_all_drops(study, case, track_errors) for case in study.cases}
    found = {case: errors for case, errors in found.items() if errors.size}
    if not found:
        raise NoData("no track of a target")
    figure, axis = plt.subplots(figsize=(style.COLUMN_WIDTH, 2.6))
    for case, errors in found.items():
        alone = len(study.cases) == 1
        draw_cdf(axis, errors, np.ones(errors.size), label="tracks" if alone else case,
                 **({"color": ESTIMATE} if alone else look.line(case)))
        estimates = of_all_drops(study, case, estimate_errors)
        if alone and estimates.size:
            draw_cdf(axis, estimates, np.ones(estimates.size), label="estimates of single dwells", color=DETECTION,
                     linestyle=style.DASHES[1])
    axis.set(xlabel="error of the position (m)", ylabel="share of tracks and dwells", ylim=(0, 1.02))
    use_log_axis(axis, min(np.quantile(errors, 0.002) for errors in found.values()))
    style.legend_on_top(figure, axis.lines)
    return figure


def ages(study, case, run):
    """Of one drop: ages of information (s) at which reports arrived, and pieces of its sawtooth: lowest age, length."""
    trace = study.optional_trace(case, run, "ReportTrace")
    peaks, teeth = [], []
    if not len(trace):
        return np.array([]), np.zeros((0, 2))
    cpus, times, sent = trace.text("cpuId"), trace.numbers("time_s"), trace.numbers("sent_s")
    end = study.trace(case, run, "SensingTrace").numbers("time_s").max(initial=0)
    for cpu in dict.fromkeys(cpus):
        chosen = np.flatnonzero(cpus == cpu)
        chosen = chosen[np.argsort(times[chosen], kind="stable")]
        newest = np.maximum.accumulate(sent[chosen])  # one that was overtaken tells nothing new
        until = np.append(times[chosen][1:], max(end, times[chosen][-1]))
        teeth.append(np.column_stack([times[chosen] - newest, until - times[chosen]]))
        peaks.append(times[chosen][1:] - newest[:-1])
    return np.concatenate(peaks), np.concatenate(teeth)


def share_of_time(teeth, grid):
    """Share of the time in which the age is at most each value of the grid: within a tooth it grows evenly."""
    order = np.argsort(teeth[:, 0])
    below = np.zeros(grid.size)
    for low, length in teeth[order]:
        below += np.clip(grid - low, 0, length)
    return below / teeth[:, 1].sum()


def plot_age(study, look, options):
    """Age of information at the server, over time and where reports arrive, all drops."""
    figure, axis = plt.subplots(figsize=(style.COLUMN_WIDTH, 2.6))
    found = {}
    for case in study.cases:
        parts = [ages(study, case, run) for run in study.runs(case)]
        peaks, teeth = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
        if teeth.size and teeth[:, 1].sum() > 0:
            found[case] = peaks, teeth
    if not found:
        plt.close(figure)
        raise NoData("no report arrived")
    alone = len(study.cases) == 1
    longest = max((teeth.sum(axis=1)).max() for _, teeth in found.values())
    shortest = min(teeth[:, 0].min() for _, teeth in found.values())
    grid = np.geomspace(max(shortest, longest / 1e4, 1e-6), longest, 400)
    for case, (peaks, teeth) in found.items():
        line = {"color": "#0072B2"} if alone else look.line(case)
        axis.plot(1e3 * grid, share_of_time(teeth, grid), label="age, share of time" if alone else case, **line)
        if alone and peaks.size:
            draw_cdf(axis, 1e3 * peaks, np.ones(peaks.size), color="#D55E00", linestyle=style.DASHES[1],
                     label="age when a report arrives, share of reports")
            draw_cdf(axis, 1e3 * teeth[:, 0], np.ones(len(teeth)), color="#7F7F7F", linestyle=style.DASHES[2],
                     label="age just after, share of reports")
    axis.set(xlabel="age of information (ms)", ylabel="share" if alone else "share of time", ylim=(0, 1.02))
    use_log_axis(axis, 1e3 * grid[0])
    style.legend_on_top(figure, axis.lines)
    return figure


# name: (function, caption in the report)
PLOTS = {
    "tracks": (plot_tracks, "Tracks over the true paths in the drop of run {drop}, {share}. An ellipse holds its target with "
               "95 % if the tracker is right about itself; tentative tracks are those that it does not believe yet, lost ones "
               "were missed when they were looked for last. Dots are detections, false alarms among them."),
    "closed-loop": (plot_closed_loop, "Run {drop} over time, {share}: detection probability and sensing weight of the "
                    "dwells that look at a target, or of all while it has no track (where there are several cases, their "
                    "means over the targets), and decoded downlink bytes."),
    "gospa": (plot_gospa, "GOSPA (order 2) of the tracks that are believed, in run {drop}, {share}, and the targets that "
              "no track is assigned to and tracks that no target is."),
    "track-error-cdf": (plot_track_error, "Distance of believed tracks to the targets that GOSPA assigns to them, over the "
                        "tracks and dwells of all drops."),
    "age-cdf": (plot_age, "Age of information where the reports arrive, in all drops: the time since the newest report that "
                "has arrived was sent."),
}
