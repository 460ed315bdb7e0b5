#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes one HTML file that plays a run from its traces: APs, UEs, targets, tracks, links and beams over time.

The file loads nothing from elsewhere. It needs PositionTrace and UeTrace, and shows what else there is of SensingTrace,
TrackTrace, DetectionTrace, ClusterTrace and BeamTrace. Only Python's own library is needed.
"""
import argparse
import base64
import bisect
import glob
import html
import json
import math
import os
import string
import sys

MAX_FRAMES = 600
MAX_POSITIONS = 600  # of a node
MAX_DETECTIONS = 6000
MAX_BEAM_BYTES = 900_000  # before base64, which takes a third more
RATE_WINDOW = 0.2  # s
STATUSES = ["tentative", "confirmed", "coasting"]


class DataError(Exception):
    """One line for the user: the file, the field, the value and what was expected."""


class Run:
    """The folder of a run: its configuration and the rows of its traces."""

    def __init__(self, folder):
        self.folder = folder
        if not os.path.isdir(folder):
            raise DataError(f"{folder}: expected the output directory of a run")
        if os.path.exists(os.path.join(folder, "compare.json")):
            raise DataError(f"{folder}: is a comparison: expected one of its runs, as in "
                            f"{os.path.join(folder, 'runs', 'CASE', 'drop-1')}")
        found = sorted(glob.glob(os.path.join(glob.escape(folder), "PositionTrace*.tsv")))
        if len(found) != 1:
            raise DataError(f"{folder}: {len(found)} files PositionTrace*.tsv: expected one")
        self.tag = os.path.basename(found[0])[len("PositionTrace"):-len(".tsv")]
        self.configuration = self._read_configuration(os.path.join(folder, f"configuration{self.tag}.json"))

    @staticmethod
    def _read_configuration(path):
        try:
            with open(path, encoding="utf-8") as file:
                configuration = json.load(file)
        except OSError:
            return {}
        except ValueError as error:
            raise DataError(f"{path}: not JSON: {error}") from error
        return configuration if isinstance(configuration, dict) else {}

    def rows(self, name, texts, numbers, empty=(), optional=()):
        """Of each row the columns called texts as they are, then numbers, those that may be empty, and those that may
        not even be there: NaN. A trace that is not there has no rows."""
        path = os.path.join(self.folder, f"{name}{self.tag}.tsv")
        try:
            file = open(path, encoding="utf-8", newline="")
        except FileNotFoundError:
            return
        with file:
            columns = file.readline().rstrip("\n").split("\t")
            for column in [*texts, *numbers, *empty]:
                if column not in columns:
                    raise DataError(f"{path}: no column {column}: expected it among {', '.join(columns)}")
            wanted = [*texts, *numbers, *empty, *optional]
            places = [columns.index(column) if column in columns else None for column in wanted]
            n_firm = len(texts) + len(numbers)
            for line, text in enumerate(file, 2):
                if not text.endswith("\n"):
                    raise DataError(f"{path}: no line feed at its end: the file is cut off")
                fields = text[:-1].split("\t")
                if len(fields) != len(columns):
                    raise DataError(f"{path}: line {line}: {len(fields)} fields: expected {len(columns)}")
                row = []
                for i, place in enumerate(places):
                    field = "" if place is None else fields[place]
                    if i < len(texts):
                        row.append(field)
                        continue
                    try:
                        value = float(field) if field or i < n_firm else None
                    except ValueError:
                        value = math.nan
                    if value is not None and not math.isfinite(value):
                        raise DataError(f"{path}: line {line}: {columns[place]} = {field}: expected a finite number")
                    row.append(math.nan if value is None else value)
                yield row


def rounded(value, decimals=1):
    """A number that takes little room in JSON; null where there is none."""
    if value is None or not math.isfinite(value):
        return None
    value = round(value, decimals)
    return int(value) if value == int(value) else value


def thinned(items, limit):
    """At most about limit of them, evenly, with the last one."""
    step = -(-len(items) // limit) if items else 1
    return items[::step] + ([items[-1]] if step > 1 and (len(items) - 1) % step else [])


def read_positions(run):
    """Nodes by kind: id, and times and places, of which those that do not move have one."""
    nodes = {}
    for node, kind, time, x, y, z in run.rows("PositionTrace", ["nodeId", "kind"], ["time_s", "x_m", "y_m", "z_m"]):
        nodes.setdefault((kind, node), []).append((time, x, y, z))
    kinds = {"AP": [], "UE": [], "target": [], "CPU": []}
    for (kind, node), samples in nodes.items():
        moves = len({sample[1:] for sample in samples}) > 1
        samples = thinned(samples, MAX_POSITIONS) if moves or kind in ("UE", "target") else samples[:1]
        if not moves:  # it may come and go
            samples = [samples[0], samples[-1]] if len(samples) > 1 else samples
        kinds.setdefault(kind, []).append({
            "id": node, "t": [rounded(sample[0], 3) for sample in samples],
            **{name: [rounded(sample[i]) for sample in samples] for i, name in ((1, "x"), (2, "y"), (3, "z"))}})
    if not kinds["AP"]:
        raise DataError(f"{run.folder}: PositionTrace has no AP: nothing can be shown")
    return kinds


class Clock:
    """Frames at i * step, i = 0..n."""

    def __init__(self, end, interval):
        step = max(end / MAX_FRAMES, interval, 0.01)
        scale = 10 ** math.floor(math.log10(step))
        self.step = next(scale * nice for nice in (1, 2, 2.5, 5, 10) if scale * nice >= step * (1 - 1e-9))
        self.n = max(1, math.ceil(end / self.step - 1e-9))

    def after(self, time):
        """The first frame that is not before a time."""
        return min(self.n, max(0, math.ceil(time / self.step - 1e-6)))


def read_rates(run, clock):
    """Decoded downlink rate of each UE over the last RATE_WINDOW (Mb/s), and whether it had a stream."""
    totals = {}
    for direction, ue, time, size, decoded in run.rows("UeTrace", ["direction", "ueId"],
                                                       ["time_s", "blockSize_B", "decoded"]):
        if direction == "DL" and decoded == 1:
            totals.setdefault(ue, [0.0] * (clock.n + 1))[clock.after(time)] += size
    width = max(1, round(RATE_WINDOW / clock.step))
    rates = {}
    for ue, sizes in totals.items():
        for i in range(1, len(sizes)):
            sizes[i] += sizes[i - 1]
        rates[ue] = [rounded(8e-6 * (size - (sizes[i - width] if i >= width else 0)) / (min(max(i, 1), width) * clock.step))
                     for i, size in enumerate(sizes)]
    return rates


def read_looks(run):
    """Of each dwell, by the text of its end, and target that has a track: whether the dwell looked at the track, and the
    weight that it had then."""
    looks = {}
    for target, end, pd, weight in run.rows("TrackTrace", ["targetId", "time_s"], [], ["pd", "sensingWeight"]):
        if not looks.get((end, target), (False,))[0]:
            looks[end, target] = not math.isnan(pd), weight
    return looks


def read_dwells(run):
    """Rows of SensingTrace by target, but for dwells that looked elsewhere while the target had a track; the ends of all
    dwells in order."""
    looks = read_looks(run)
    rows, ends = {}, set()
    for target, end, time, pd, snr, weight in run.rows("SensingTrace", ["targetId", "time_s"],
                                                       ["time_s", "pd", "combinedSnr_dB"], (), ["sensingWeight"]):
        is_look, weight_of_track = looks.get((end, target), (True, math.nan))
        if is_look:
            rows.setdefault(target, []).append((time, pd, snr, weight_of_track if math.isnan(weight) else weight))
        ends.add(time)
    return rows, sorted(ends)


def median_interval(times):
    gaps = sorted(b - a for a, b in zip(times, times[1:]))
    return gaps[len(gaps) // 2] if gaps else 0.0


def sensed(rows, clock):
    """Detection probability, SNR (dB) and weight of one target at each frame: means of the dwells since the last one,
    null where there was none."""
    sums = [[0.0, 0.0, 0.0, 0] for _ in range(clock.n + 1)]
    weights = [None] * (clock.n + 1)
    for time, pd, snr, weight in rows:
        frame = clock.after(time)
        sums[frame][0] += pd
        sums[frame][1] += 10 ** (snr / 10) if snr > -299 else 0  # -300 dB: no echo
        sums[frame][3] += 1
        weights[frame] = None if math.isnan(weight) else weight
    return {"pd": [rounded(s[0] / s[3], 3) if s[3] else None for s in sums],
            "snr": [rounded(10 * math.log10(s[1] / s[3])) if s[3] and s[1] > 0 else None for s in sums],
            "weight": [float(f"{weight:.2g}") if weight is not None else None for weight in weights]}


def read_tracks(run, clock):
    """Tracks as columns over frames, of which each shows the last dwell of each CPU before it; GOSPA (m) over frames."""
    dwells = {}  # (frame, CPU): (time, rows)
    for cpu, track, status, target, time, *values in run.rows(
            "TrackTrace", ["cpuId", "trackId", "status", "targetId"],
            ["time_s"], ["x_m", "y_m", "covXx_m2", "covXy_m2", "covYy_m2", "gospa_m", "error_m"]):
        if track != "-1" and status not in STATUSES:
            raise DataError(f"{run.folder}: TrackTrace: status = {status}: expected {', '.join(STATUSES)}")
        key = clock.after(time), cpu
        if key not in dwells or dwells[key][0] < time:
            dwells[key] = time, []
        if dwells[key][0] == time:
            dwells[key][1].append((track, status, target, values))
    tracks, gospa = {}, [None] * (clock.n + 1)
    for (frame, cpu), (_, rows) in sorted(dwells.items(), key=lambda item: item[0][0]):
        of_cpu = rows[0][3][5]
        if math.isfinite(of_cpu):
            gospa[frame] = rounded(max(of_cpu, gospa[frame] or 0.0), 2)
        for track, status, target, (x, y, xx, xy, yy, _, error) in rows:
            if track == "-1" or math.isnan(x) or math.isnan(y):
                continue
            columns = tracks.setdefault((cpu, track), {name: [] for name in ("f", "x", "y", "a", "b", "r", "s", "g", "e")})
            columns["f"].append(frame)
            columns["x"].append(rounded(x))
            columns["y"].append(rounded(y))
            for name, value in zip("abr", ellipse(xx, xy, yy)):
                columns[name].append(value)
            columns["s"].append(STATUSES.index(status))
            columns["g"].append(target)
            columns["e"].append(rounded(error))
    several = len({cpu for cpu, _ in tracks}) > 1
    named = []
    for (cpu, track), columns in tracks.items():
        targets = list(dict.fromkeys(columns["g"]))
        columns["g"] = [targets.index(target) for target in columns["g"]]
        named.append({"id": f"{cpu}/{track}" if several else track, "targets": targets, **columns})
    return named, gospa if any(value is not None for value in gospa) else None


def ellipse(xx, xy, yy):
    """Semi-axes (m) of the 95 % ellipse of a Gaussian position, and the angle of the longer one (degrees)."""
    if not all(map(math.isfinite, (xx, xy, yy))):
        return 0, 0, 0
    quantile = -2 * math.log(0.05)  # chi-square of two degrees of freedom
    middle, spread = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    axes = [rounded(math.sqrt(quantile * max(0.0, variance))) for variance in (middle + spread, middle - spread)]
    return (*axes, round(math.degrees(math.atan2(xy, (xx - yy) / 2) / 2)))


def read_detections(run):
    rows = sorted(run.rows("DetectionTrace", [], ["time_s", "x_m", "y_m"]))
    rows = thinned(rows, MAX_DETECTIONS)
    return {name: [rounded(row[i], 3 if name == "t" else 1) for row in rows] for i, name in enumerate("txy")}


def read_links(run):
    """Changes of the clusters: time, UE, AP, and 1 where the AP joins or 0 where it leaves; null where all serve all."""
    rows = [[rounded(time, 3), ue, ap, int(event != "leave")]
            for ue, ap, event, time in run.rows("ClusterTrace", ["ueId", "apId", "event"], ["time_s"])]
    return rows or None


def read_beams(run):
    """Field strength by direction, of the UEs' streams and of the sensing streams, to one scale: one byte each."""
    decisions = {}  # time: AP: [(azimuth, EIRPs)]
    for ap, time, azimuth, *eirp in run.rows("BeamTrace", ["apId"], ["time_s", "azimuth_deg", "ueEirp_dBW",
                                                                     "sensingEirp_dBW"]):
        decisions.setdefault(time, {}).setdefault(ap, []).append((azimuth, *eirp))
    if not decisions:
        return None
    size = 2 * sum(map(len, next(iter(decisions.values())).values()))
    times = thinned(sorted(decisions), max(1, MAX_BEAM_BYTES // size))
    peak = max(value for time in times for rows in decisions[time].values() for row in rows for value in row[1:])

    def coded(rows, column):
        strength = [round(255 * 10 ** ((row[column] - peak) / 20)) for row in rows]
        return base64.b64encode(bytes(strength)).decode("ascii") if any(strength) else ""

    return {"t": [rounded(time, 4) for time in times],
            "aps": [[[ap, coded(sorted(rows), 1), coded(sorted(rows), 2)] for ap, rows in decisions[time].items()]
                    for time in times]}


def read_buildings(configuration):
    """Rectangles [xMin, xMax, yMin, yMax] (m) of the buildings that a run's configuration has: in "scenario" a text of
    boxes as ns-3 writes them, xMin|xMax|yMin|yMax|zMin|zMax with blanks between them."""
    scenario = configuration.get("scenario")
    text = scenario.get("buildings") if isinstance(scenario, dict) else None
    boxes = []
    for box in text.split() if isinstance(text, str) else []:
        try:
            numbers = [float(number) for number in box.split("|")]
        except ValueError:
            numbers = []
        if len(numbers) != 6 or not all(map(math.isfinite, numbers)):
            raise DataError(f"configuration: buildings: {box}: expected xMin|xMax|yMin|yMax|zMin|zMax")
        boxes.append([rounded(number) for number in numbers[:4]])
    return boxes


def collect(run):
    """All that the page shows."""
    kinds = read_positions(run)
    dwells, ends = read_dwells(run)
    end = max([time for nodes in kinds.values() for node in nodes for time in node["t"]] + ends[-1:])
    for (time,) in run.rows("UeTrace", [], ["time_s"]):
        end = max(end, time)
    clock = Clock(max(end, 1e-3), median_interval(ends))
    tracks, gospa = read_tracks(run, clock)
    weight = run.configuration.get("sensingWeight")
    title = f"policy {run.configuration.get('policy', 'unknown')}" + (
        f", sensing weight {weight:g}" if isinstance(weight, (int, float)) else "")
    return {
        "title": title, "command": str(run.configuration.get("command", "")), "end": rounded(end, 4),
        "step": clock.step, "n": clock.n, "window": RATE_WINDOW, "aps": kinds["AP"], "ues": kinds["UE"],
        "targets": kinds["target"], "cpus": kinds["CPU"], "rates": read_rates(run, clock),
        "sensed": {target: sensed(rows, clock) for target, rows in dwells.items()}, "tracks": tracks, "gospa": gospa,
        "detections": read_detections(run), "links": read_links(run), "beams": read_beams(run),
        "buildings": read_buildings(run.configuration)}


def embedded(data):
    """JSON that no data can lead out of a script element."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def write(data, path):
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "replay-template.html"), encoding="utf-8") as file:
        template = string.Template(file.read())
    page = template.substitute(title=html.escape(f"Replay: {data['title']}"), data=embedded(data))
    with open(path + ".part", "w", encoding="utf-8") as file:
        file.write(page)
    os.replace(path + ".part", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", metavar="DIR", help="output directory of a run; of a comparison, one of its runs/*/*")
    parser.add_argument("--out", metavar="FILE", help="the page (default: DIR/replay.html)")
    options = parser.parse_args()
    path = options.out or os.path.join(options.run, "replay.html")
    write(collect(Run(options.run)), path)
    print(path)


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(f"replay.py: {error}")
    except OSError as error:
        sys.exit(f"replay.py: {error.filename}: {error.strerror}")
