# SPDX-License-Identifier: GPL-2.0-only
"""Writes report.html: one file that holds the table, the plots and what they mean."""
import base64
import html
import json
import math
import os
import shlex
import string
import struct

import numpy as np

import plot_style as style
from plot_data import counted, describe, label

# The metrics that the headline speaks of, one sentence each.
HEADLINES = ["throughput", "throughput-5", "rate", "delay-99", "loss", "fairness", "snr-combined", "pd", "gospa",
             "track-error", "first-track", "age"]

# Members of "scenario" in a run's configuration.json, in the order of the report: what each is, and its text.
SCENARIO = [
    ("nAps", "APs", "{:g}".format), ("nAntennas", "antennas of an AP", "{:g}".format),
    ("txPower_dBm", "transmit power of an AP", "{:g} dBm".format), ("nUes", "UEs", "{:g}".format),
    ("load", "traffic", str), ("nTargets", "targets", "{:g}".format),
    ("rcs_m2", "mean radar cross section", lambda value: f"{value:g} m\N{SUPERSCRIPT TWO}"),
    ("carrier_Hz", "carrier", lambda value: f"{value / 1e9:g} GHz"),
    ("bandwidth_Hz", "bandwidth", lambda value: f"{value / 1e6:g} MHz"),
    ("slot_s", "slot", lambda value: f"{value * 1e3:g} ms"), ("pattern", "slot pattern", str),
    ("csi", "channel knowledge", str), ("fading", "fading", str),
    ("coherenceTime_s", "coherence time", lambda value: f"{value * 1e3:g} ms"),
    ("receiverNoiseFigure_dB", "noise figure of an AP", "{:g} dB".format),
    ("dwellDuration_s", "dwell", lambda value: f"{value * 1e3:g} ms"),
    ("dwellInterval_s", "time between dwells", lambda value: f"{value * 1e3:g} ms"),
    ("nSymbols", "symbols integrated in a dwell", "{:g}".format), ("pfa", "false-alarm probability", "{:g}".format),
]


def in_nowrap(case):
    return f'<span class="case">{html.escape(case)}</span>'


def decimals_of(study, metric):
    """So many that the largest mean has four digits, the same for all cases."""
    means = [row["mean"] for row in (study.compared(case, metric) for case in study.cases) if row]
    largest = max((abs(mean) for mean in means if math.isfinite(mean)), default=0)
    return min(4, max(0, 3 - math.floor(math.log10(largest)))) if largest else 2


def written(value, decimals, signed=False):
    if not math.isfinite(value):
        return "-"
    text = f"{value:+.{decimals}f}" if signed else f"{value:.{decimals}f}"
    # A zero has no sign.
    text = text.lstrip("+-") if float(text) == 0 else text
    return text.replace("-", "\N{MINUS SIGN}")


def difference_decimals(row, decimals):
    """Enough to see that an interval leaves out zero, if it does."""
    smallest = min(abs(row["differenceLow95"]), abs(row["differenceHigh95"]))
    if verdict(row, 0) != "other" or smallest >= 0.5 * 10 ** -decimals:
        return decimals
    return min(9, math.ceil(-math.log10(smallest)))


def verdict(compared, better):
    """"better", "worse", "other" (no direction is known), "same" (interval covers 0) or None (no interval)."""
    if not compared or not math.isfinite(compared["differenceLow95"]):
        return None
    if compared["differenceLow95"] <= 0 <= compared["differenceHigh95"]:
        return "same"
    if not better:
        return "other"
    return "better" if compared["difference"] * better > 0 else "worse"


def with_interval(middle, low, high, unit, decimals, signed=False):
    text = written(middle, decimals, signed) + ("" if unit in ("", "1") else f" {html.escape(unit)}")
    if math.isfinite(low):
        text += f" ({written(low, decimals, signed)} to {written(high, decimals, signed)})"
    return text


def enumerate_words(words):
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def delivers(study, case):
    throughput = study.find_metric("throughput")
    row = study.compared(case, throughput) if throughput else None
    return not row or row["mean"] != 0


def headline(study, metric, unit):
    """Which case leads on a metric and which differ from the first case, as HTML; None if there is nothing to say."""
    about = describe(metric)
    rows = {case: study.compared(case, metric) for case in study.cases}
    rows = {case: row for case, row in rows.items() if row and math.isfinite(row["mean"])}
    if about.kind in ("delay", "delay-99", "loss"):
        # Who delivers nothing also loses little, for it waits in queues.
        rows = {case: row for case, row in rows.items() if delivers(study, case)}
    if not rows:
        return None
    baseline = study.cases[0]
    best = max(rows.values(), key=lambda row: about.better * row["mean"])["mean"]
    leaders = [case for case, row in rows.items() if row["mean"] == best]
    leader = rows[leaders[0]]
    decimals = decimals_of(study, metric)
    names = enumerate_words([in_nowrap(case) for case in leaders])
    who = f"in {names}" if len(leaders) < len(rows) else "the same in all of them"
    text = (f"{'highest' if about.better > 0 else 'lowest'} mean {who}, "
            f"{with_interval(leader['mean'], leader['low95'], leader['high95'], unit, decimals)}")
    if baseline in rows and baseline not in leaders and verdict(leader, about.better) == "same":
        text += f", but not distinguishable from {in_nowrap(baseline)}"
    found = {}
    for case, row in rows.items():
        if case != baseline and math.isfinite(row["difference"]):
            kind = verdict(row, about.better)
            difference = with_interval(row["difference"], row["differenceLow95"], row["differenceHigh95"], unit,
                                       difference_decimals(row, decimals), True)
            found.setdefault(kind, []).append(in_nowrap(case) + ("" if kind == "same" else f" {difference}"))
    parts = [f'<span class="{kind}">{words}</span> {", ".join(found[kind])}' for kind, words in (
        ("better", "better"), ("worse", "worse"), ("same", "not distinguishable"),
        (None, "no interval")) if kind in found]
    against = f" Against {in_nowrap(baseline)}: {'; '.join(parts)}." if parts else ""
    return f"<strong>{html.escape(about.label)}</strong>: {text}.{against}"


def cell(name, content):
    """A cell of a table that a narrow screen stacks: there its column's name stands beside it."""
    return f'<td data-column="{html.escape(name)}"><div>{content}</div></td>'


def result_cell(study, case, metric, decimals):
    row = study.compared(case, metric)
    if not row or not math.isfinite(row["mean"]):
        return cell(case, "-")
    lines = [written(row["mean"], decimals)]
    if math.isfinite(row["low95"]):
        lines.append(f"<small>{written(row['low95'], decimals)} to {written(row['high95'], decimals)}</small>")
    if row["n"] < len(study.runs(case)):
        lines.append(f"<small>{row['n']:.0f} of {counted(len(study.runs(case)), 'drop')}</small>")
    if case != study.cases[0] and math.isfinite(row["difference"]):
        kind = verdict(row, describe(metric).better)
        mark = {"better": "&#9650;", "worse": "&#9660;", "same": "&asymp;"}.get(kind, "")
        decimals = difference_decimals(row, decimals)
        delta, low, high = (written(row[name], decimals, True) for name in (
            "difference", "differenceLow95", "differenceHigh95"))
        interval = f"<small>{low} to {high}</small>" if kind else ""
        lines.append(f'<div class="{kind or "same"}">&Delta; {delta} {mark}{interval}</div>')
    return cell(case, "".join(lines))


def results(study):
    cases = "".join(f'<th scope="col">{html.escape(case)}</th>' for case in study.cases)
    lines = [f'<thead><tr><th scope="col">metric</th>{cases}</tr></thead>', "<tbody>"]
    for metric, unit in study.metrics().items():
        decimals = decimals_of(study, metric)
        cells = "".join(result_cell(study, case, metric, decimals) for case in study.cases)
        lines.append(f'<tr><th scope="row">{html.escape(label(metric, unit))}</th>{cells}</tr>')
    return "\n".join([*lines, "</tbody>"])


def costs(study):
    """What decisions cost, mean over the drops; a table of its own, for no two comparisons share it."""
    table = study.table("costs.tsv", ["case", "nDecisions", "mean_us", "p50_us", "p99_us"])
    names = table.text("case")
    columns = ["decisions", "mean", "median", "99th percentile"]
    heads = "".join(f'<th scope="col">{column}</th>' for column in ["case", *columns])
    lines = [f"<thead><tr>{heads}</tr></thead>", "<tbody>"]
    for case in study.cases:
        chosen = names == case
        cells = [f"{np.nansum(table.numbers('nDecisions')[chosen]):.0f}"]
        for column in ("mean_us", "p50_us", "p99_us"):
            values = table.numbers(column)[chosen]
            values = values[np.isfinite(values)]
            cells.append(f"{values.mean():.0f}" if values.size else "-")
        row = "".join(map(cell, columns, cells))
        lines.append(f'<tr><th scope="row">{html.escape(case)}</th>{row}</tr>')
    return "\n".join([*lines, "</tbody>"])


def embed(folder, name, caption):
    with open(os.path.join(folder, f"{name}.png"), "rb") as file:
        data = file.read()
    width, height = struct.unpack(">II", data[16:24])  # the PNG's header chunk
    kind = "wide" if width > style.COLUMN_WIDTH * style.DOTS_PER_INCH else "column"
    text = html.escape(caption)
    hint = '<p class="hint">The picture scrolls sideways.</p>\n' if kind == "wide" else ""
    return (f'<figure id="{name}" class="{kind}">\n{hint}<div class="scroll"><img alt="{html.escape(name)}: {text}" '
            f'width="{width}" height="{height}" src="data:image/png;base64,{base64.b64encode(data).decode("ascii")}"></div>\n'
            f'<figcaption>{text}</figcaption>\n</figure>')


def describe_load(study):
    """The flows of the first run by direction and protocol, without those that acknowledge."""
    flows = study.trace(study.cases[0], study.runs(study.cases[0])[0], "FlowTrace")
    counts = {}
    for direction, protocol, acknowledges in zip(*map(flows.text, ("direction", "protocol", "acknowledges"))):
        if direction in ("DL", "UL") and acknowledges == "0":
            counts[direction, protocol.upper()] = counts.get((direction, protocol.upper()), 0) + 1
    return ", ".join(f"{counts[flow]} {flow[1]} {'down' if flow[0] == 'DL' else 'up'}" for flow in sorted(counts))


def scenario(study):
    """One row per fact of the scenario that the runs state; where cases differ, one value a case."""
    first = {case: study.run_configuration(case, study.runs(case)[0]).get("scenario") for case in study.cases}
    stated = {case: members if isinstance(members, dict) else {} for case, members in first.items()}
    positions = study.trace(study.cases[0], study.runs(study.cases[0])[0], "PositionTrace")
    kinds, nodes = positions.text("kind"), positions.text("nodeId")
    found = {name: len(set(nodes[kinds == kind])) for name, kind in (
        ("nAps", "AP"), ("nUes", "UE"), ("nTargets", "target"))} if len(positions) else {}
    found["load"] = describe_load(study)
    lines = []
    for name, meaning, write_value in SCENARIO:
        def text(value, write_value=write_value):
            if isinstance(value, list):
                return ", ".join(dict.fromkeys(map(text, value)))
            try:
                return write_value(value)
            except (TypeError, ValueError):
                return str(value)

        by_case = {case: members.get(name, found.get(name)) for case, members in stated.items()}
        texts = {case: text(value) for case, value in by_case.items() if value not in (None, "")}
        distinct = list(dict.fromkeys(texts.values()))
        value = distinct[0] if len(distinct) == 1 else "; ".join(f"{case}: {said}" for case, said in texts.items())
        if value:
            lines.append(f"<tr><td>{html.escape(meaning)}</td><td>{html.escape(value)}</td></tr>")
    return "\n".join(lines)


def changed_attributes(study):
    """Attributes of the first run that differ from their defaults."""
    attributes = study.run_configuration(study.cases[0], study.runs(study.cases[0])[0]).get("attributes")
    return settings(attributes) if isinstance(attributes, dict) else []


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value)


def settings(configuration, prefix=""):
    """One row per value, nested objects by their path."""
    lines = []
    for name, value in configuration.items():
        if isinstance(value, dict) and value:
            lines += settings(value, f"{prefix}{name}.")
        else:
            lines.append(f"<tr><td>{html.escape(prefix + name)}</td><td>{html.escape(as_text(value))}</td></tr>")
    return lines


def command_of(configuration):
    """The command that makes the comparison again, from the configuration that it left."""
    def joined(name):
        value = configuration.get(name, [])
        return ",".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value)

    arguments = [argument for argument in configuration.get("programArguments", []) if argument != "--database="]
    options = [f"--policies={joined('policies')}", f"--sensingWeights={joined('sensingWeights')}"]
    options += [f"--{option}={configuration[name]}" for option, name in (
        ("drops", "drops"), ("RngSeed", "seed"), ("RngRun", "firstRun")) if name in configuration]
    if os.path.basename(configuration.get("program", "")).find("cellfree-isac-example") < 0:
        options.append(f"--program={configuration['program']}" if "program" in configuration else "")
    if arguments:
        options.append(f"--programArgs={shlex.quote(' '.join(map(str, arguments)))}")
    return " ".join(["cellfree-isac-compare", *filter(None, options)])


def reproduce(study):
    command = study.configuration.get("command") or command_of(study.configuration)
    if isinstance(command, list):
        command = shlex.join(map(str, command))
    runs = study.runs(study.cases[0])
    lines = []
    lines.append(f"<pre>{html.escape(as_text(command))}</pre>")
    version = study.configuration.get("version")
    if version:
        lines.append(f"<p>Module version {html.escape(as_text(version))}.</p>")
    lines.append(f"<p>Run numbers {html.escape(runs[0])} to {html.escape(runs[-1])}, one a drop. The same command gives "
                 "the same traces bit for bit, but for the wall times of decisions.</p>")
    return "\n".join(lines)


def write(study, drawn, folder):
    """Writes the report beside the tables; drawn: names and captions of the plots in the folder."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "report-template.html"), encoding="utf-8") as file:
        template = string.Template(file.read())
    metrics = study.metrics()
    by_kind = {describe(metric).kind: metric for metric in reversed(metrics)}
    sentences = [headline(study, by_kind[kind], metrics[by_kind[kind]]) for kind in HEADLINES if kind in by_kind]
    meanings = [f"<dt>{html.escape(describe(metric).label)} <small><code>{html.escape(metric)}</code></small></dt>"
                f"<dd>{html.escape(describe(metric).meaning)}</dd>" for metric in metrics]
    n_runs = len(study.runs(study.cases[0]))
    path = os.path.join(study.folder, "report.html")
    page = template.substitute(
        title="Beamforming policies compared",
        summary=html.escape(
            f"{counted(len(study.cases), 'case')} ({', '.join(study.cases)}) in "
            + (f"the same {n_runs} drops." if n_runs > 1 else "one drop: there are no intervals, and another drop may "
               "order the cases otherwise.")),
        scenario=scenario(study),
        headline="\n".join(f"<li>{sentence}</li>" for sentence in sentences if sentence),
        baseline=html.escape(study.cases[0]),
        scrolling='<span class="desktop">The table scrolls sideways.</span>' if len(study.cases) > 3 else "",
        table=results(study),
        costs=costs(study),
        figures="\n".join(embed(folder, name, caption) for name, caption in drawn),
        metrics="\n".join(meanings),
        reproduce=reproduce(study),
        configuration="\n".join(settings(study.configuration)),
        attributes="\n".join(changed_attributes(study)))
    with open(path + ".part", "w", encoding="utf-8") as file:
        file.write(page)
    os.replace(path + ".part", path)
    return path
