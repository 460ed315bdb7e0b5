# SPDX-License-Identifier: GPL-2.0-only
"""Reads what cellfree-isac-compare left, and says in one line what is wrong with it."""
import csv
import glob
import io
import json
import math
import os
import re
from collections import namedtuple

import numpy as np

# What a metric of comparison.tsv is: better is 1 where more is better, -1 where less is.
Metric = namedtuple("Metric", "kind label better meaning")

# The first pattern that a metric's name matches, in lower case, describes it.
METRICS = [
    (r"gospa", Metric(
        "gospa", "GOSPA", -1,
        "Generalised optimal sub-pattern assignment metric of the tracks that the tracker believes, mean over the dwells: "
        "their distances to the targets, and a penalty for each target that is missed and each track of nothing.")),
    (r"track.*err", Metric(
        "track-error", "error of a track", -1,
        "Distance of a believed track to the target that GOSPA assigns to it, mean over tracks and dwells. It says nothing "
        "of targets that are not tracked: GOSPA does.")),
    (r"first.*track|time.*track", Metric(
        "first-track", "time to the first track", -1,
        "From the first dwell of a target to its first track that is believed, mean over the targets; one that is never "
        "tracked counts until the last dwell.")),
    (r"age$|aoi|ageof", Metric(
        "age", "age of information", -1,
        "Mean over time of the age of the newest report that has arrived at the server.")),
    (r"throughput.*(p0?5$|5th)", Metric(
        "throughput-5", "throughput, 5th percentile", 1,
        "5th percentile over the UEs of a drop of what each received: bytes at its IP layer over the time in which "
        "the traffic ran. It says how the worst served fare.")),
    (r"throughput.*(median|p50)", Metric(
        "throughput-50", "throughput, median", 1,
        "Median over the UEs of a drop of the downlink bytes that arrived at each one's IP layer per second.")),
    (r"throughput|goodput", Metric(
        "throughput", "throughput per UE", 1,
        "Mean over the UEs of a drop of the downlink bytes that arrived at each one's IP layer per second, IP headers "
        "included: UDP of 10 Mb/s in packets of 1200 bytes is 10.2 Mb/s here.")),
    (r"^rate", Metric(
        "rate", "rate of a block", 1,
        "log2(1 + SINR) that the downlink blocks met, mean over the blocks: what the link pays for sensing before link "
        "adaptation, retransmissions and queues.")),
    (r"99.*delay|delay.*99", Metric(
        "delay-99", "packet delay, 99th percentile", -1,
        "The delay, from the sender's IP layer to the UE's, that 99 of 100 packets of the drop keep.")),
    (r"delay", Metric(
        "delay", "packet delay", -1,
        "Mean time of a downlink packet from the sender's IP layer to the UE's, queues and repetitions included.")),
    (r"loss", Metric(
        "loss", "packet loss", -1, "Share of the downlink packets sent that were lost. A case that delivers next to "
        "nothing may lose little: its packets wait.")),
    (r"waiting", Metric(
        "waiting", "packets that wait", -1, "Share of the downlink packets sent that were neither received nor lost when "
        "the run ended: in queues, on their way, or dropped by the link in the last second. Sent packets are received, "
        "lost or waiting.")),
    (r"fair|jain", Metric(
        "fairness", "fairness (Jain)", 1,
        "Jain's index of the UEs' throughputs: 1 if all have the same, 1/U if one of U UEs has everything.")),
    (r"comb.*snr|snr.*comb", Metric(
        "snr-combined", "sensing SNR, combined", 1,
        "Sensing SNR after combining all symbols of a dwell and all receive antennas: what the detection works on.")),
    (r"snr", Metric(
        "snr", "sensing SNR per symbol", 1,
        "Echo power over receiver noise, equation (7) of the paper: per symbol and before any combining.")),
    (r"detected", Metric(
        "detected", "dwells with a detection", 1, "Share of the dwells in which the echo crossed the threshold.")),
    (r"\bpd\b|pd$|^pd|detection", Metric(
        "pd", "detection probability", 1,
        "Probability that a dwell detects its target at the radar's false-alarm probability, mean over the dwells.")),
]


def describe(metric):
    """The Metric of a name; one that is not known gets no direction and no meaning."""
    for pattern, description in METRICS:
        if re.search(pattern, metric.lower()):
            return description
    return Metric(metric, metric, 0, "")


def label(metric, unit):
    """A metric's words with its unit in brackets; a unit of 1 is none."""
    return describe(metric).label + (f" ({unit})" if unit not in ("", "1") else "")


def counted(number, what):
    """A number and its noun, which takes an s where there are several or none."""
    return f"{number} {what}" + ("" if number == 1 else "s")


class DataError(Exception):
    """One line for the user: the file, the field, the value and what was expected."""


class NoData(Exception):
    """Why a plot cannot be made of these runs."""


def in_bins(times, values, width, n):
    """Centres of n bins of time, and the sum and mean of the values in each."""
    index = np.clip(np.floor(times / width), 0, n - 1).astype(int)
    sums, counts = np.bincount(index, values, n), np.bincount(index, minlength=n)
    with np.errstate(invalid="ignore"):
        return (np.arange(n) + 0.5) * width, sums, sums / counts


class Table:
    """A tab-separated file with one header row."""

    def __init__(self, path, required=()):
        self.path = path
        try:
            with open(path, newline="", encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from error
        rows = list(csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
        if not rows:
            raise DataError(f"{path}: empty: expected a header row")
        if not text.endswith("\n"):  # a number that was cut short is a number
            raise DataError(f"{path}: no line feed at its end: the file is cut off")
        self.names, self.rows = rows[0], rows[1:]
        for line, row in enumerate(self.rows, 2):
            if len(row) != len(self.names):
                raise DataError(f"{path}: line {line}: {len(row)} fields: expected {len(self.names)}")
        for name in required:
            self.index(name)

    def __len__(self):
        return len(self.rows)

    def index(self, name):
        if name not in self.names:
            raise DataError(f"{self.path}: no column {name}: expected it among {', '.join(self.names)}")
        return self.names.index(name)

    def text(self, name):
        """A column as strings."""
        index = self.index(name)
        return np.array([row[index] for row in self.rows], dtype=object)

    def numbers(self, name):
        """A column as numbers; an empty field, "-" or "nan" is not a number."""
        index = self.index(name)
        values = np.empty(len(self.rows))
        for i, row in enumerate(self.rows):
            try:
                values[i] = math.nan if row[index] in ("", "-") else float(row[index])
            except ValueError:
                raise DataError(f"{self.path}: line {i + 2}: {name} = {row[index]}: expected a number") from None
        return values


class Study:
    """A comparison: its cases in order, its tables, and where the traces of each run lie."""

    def __init__(self, folder):
        if not os.path.isdir(folder):
            raise DataError(f"{folder}: expected the output directory of cellfree-isac-compare")
        self.folder = folder
        self._optional = {}  # tables by case, run and name
        self.configuration = self._read_configuration()
        self.drops = self.table("drops.tsv", ["case", "policy", "sensingWeight", "run"])
        self.users = self.table("users.tsv", ["case", "run", "throughput_Mbps"])
        self.comparison = self.table("comparison.tsv", ["case", "metric", "unit", "n", "mean", "low95", "high95",
                                                        "difference", "differenceLow95", "differenceHigh95"])
        self.cases = list(dict.fromkeys(self.comparison.text("case")))
        if not self.cases:
            raise DataError(f"{self.comparison.path}: no rows: expected one per case and metric")
        names = self.drops.text("case")
        self.policies = dict(zip(names, self.drops.text("policy")))
        self.weights = dict(zip(names, self.drops.numbers("sensingWeight")))
        for case in self.cases:
            if case not in self.policies:
                raise DataError(f"{self.drops.path}: no row of case {case}: expected one per drop")

    def _read_configuration(self):
        path = os.path.join(self.folder, "compare.json")
        try:
            with open(path, encoding="utf-8") as file:
                configuration = json.load(file)
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise DataError(f"{path}: not JSON: {error}") from error
        if not isinstance(configuration, dict):
            raise DataError(f"{path}: expected a JSON object")
        return configuration

    def table(self, name, required=()):
        return Table(os.path.join(self.folder, name), required)

    def runs(self, case):
        """The run numbers of a case, ascending."""
        runs = self.drops.text("run")[self.drops.text("case") == case]
        return sorted(dict.fromkeys(runs), key=lambda run: (len(run), run))

    def trace(self, case, run, name, required=()):
        """One trace of one run."""
        return Table(self.trace_path(case, run, name), required)

    def trace_path(self, case, run, name):
        return os.path.join(self.folder, "runs", case, f"drop-{run}", f"{name}.tsv")

    def configuration_path(self, case, run):
        return os.path.join(self.folder, "runs", case, f"drop-{run}", "configuration.json")

    def optional_trace(self, case, run, name):
        """The same of one that not every run has; an empty one where it is missing."""
        if (case, run, name) not in self._optional:
            try:
                table = self.trace(case, run, name)
            except DataError:
                if os.path.exists(self.trace_path(case, run, name)):
                    raise
                table = ()
            self._optional[case, run, name] = table
        return self._optional[case, run, name]

    def run_configuration(self, case, run):
        """What a run says of itself in its configuration.json; nothing if it has none."""
        path = self.configuration_path(case, run)
        try:
            with open(path, encoding="utf-8") as file:
                configuration = json.load(file)
        except (OSError, ValueError):
            return {}
        return configuration if isinstance(configuration, dict) else {}

    def compared(self, case, metric):
        """The row of one case and metric in comparison.tsv: mean, interval and paired difference."""
        rows = self.comparison
        chosen = np.flatnonzero((rows.text("case") == case) & (rows.text("metric") == metric))
        if chosen.size == 0:
            return None
        names = ["n", "mean", "low95", "high95", "difference", "differenceLow95", "differenceHigh95"]
        return {name: rows.numbers(name)[chosen[0]] for name in names}

    def metrics(self):
        """Metric and unit of comparison.tsv, in order."""
        return dict(zip(self.comparison.text("metric"), self.comparison.text("unit")))

    def find_metric(self, *kinds):
        """The first metric of the kinds, in their order, or None."""
        for kind in kinds:
            for metric in self.metrics():
                if describe(metric).kind == kind:
                    return metric
        return None


class SingleRun(Study):
    """The folder of one run, as a study of one case and drop that has traces and no tables."""

    def __init__(self, folder):
        found = sorted(glob.glob(os.path.join(glob.escape(folder), "PositionTrace*.tsv")))
        if len(found) != 1:
            raise DataError(f"{folder}: expected the output directory of cellfree-isac-compare, or of one run: "
                            f"{len(found)} files PositionTrace*.tsv: expected one")
        self.folder = folder
        self._optional = {}
        self._tag = os.path.basename(found[0])[len("PositionTrace"):-len(".tsv")]
        self.configuration = {}
        configuration = self.run_configuration("", "")
        policy = str(configuration.get("policy", "run"))
        weight = configuration.get("sensingWeight")
        self.cases = [policy]
        self.policies = {policy: policy}
        self.weights = {policy: weight if isinstance(weight, (int, float)) else math.nan}
        self._run = str(configuration.get("run", 1))

    def table(self, name, required=()):
        raise NoData("one run, not a comparison")

    @property
    def users(self):
        return self.table("users.tsv")

    def runs(self, case):
        return [self._run]

    def trace_path(self, case, run, name):
        return os.path.join(self.folder, f"{name}{self._tag}.tsv")

    def configuration_path(self, case, run):
        return os.path.join(self.folder, f"configuration{self._tag}.json")

    def compared(self, case, metric):
        return None

    def metrics(self):
        return {}


def open_study(folder):
    """A comparison, or the folder of one run."""
    is_run = os.path.isdir(folder) and not os.path.exists(os.path.join(folder, "compare.json")) and glob.glob(
        os.path.join(glob.escape(folder), "PositionTrace*.tsv"))
    return SingleRun(folder) if is_run else Study(folder)
