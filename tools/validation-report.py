#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes what cellfree-isac-validate printed beside what is published, with a verdict for each figure.

usage: validation-report.py ROWS.tsv PAGE.html [TABLE.md]

A figure "agrees" where the published one lies within its 95 % interval, or where the two are the same as far as the
published one has digits (half a unit of the last, at most 0.5 %). One of 20 intervals misses what it is right about.
"""
import csv
import html
import math
import os
import string
import sys

COLUMNS = ["case", "quantity", "value", "halfWidth95", "unit", "published", "source"]
MAX_ROUNDING = 0.005  # of the published figure

PAGE = string.Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>cellfree-isac: checked against what is published</title>
<style>
:root { --page: #ffffff; --text: #1c1c1c; --quiet: #5b5b5b; --line: #d4d4d4; --head: #f1f1f1; --good: #00654a; --bad: #a03c00; }
@media (prefers-color-scheme: dark) {
  :root { --page: #16181b; --text: #e6e6e6; --quiet: #a5a9ad; --line: #3c4045; --head: #24272b; --good: #55d0a5; --bad: #ff9d66; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 78rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; margin: 0.5rem 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.4rem; }
p { max-width: 48rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; max-width: 100%; }
table { border-collapse: collapse; width: 100%; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.7rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { background: var(--head); white-space: nowrap; }
tbody tr:last-child > td { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
.overview { width: auto; }
.quantity { min-width: 16rem; }
.source, .quiet { color: var(--quiet); }
.source { font-size: 0.8rem; max-width: 48rem; margin: 0.3rem 0; }
.agrees { color: var(--good); }
.differs { color: var(--bad); }
svg { display: block; width: 8rem; height: 1rem; }
</style>
</head>
<body>
<h1>cellfree-isac: checked against what is published</h1>
<p>$summary</p>
<p class="quiet">A figure agrees where the published one lies within its 95&nbsp;% interval, or where both are the same as far as the
published one has digits. One interval in 20 misses what it is right about. The picture shows the interval around our figure and the
published one as a dot, in units of the interval's half width. <code>tools/validate.sh</code> makes this page.</p>
<div class="scroll" style="width: fit-content"><table class="overview"><thead><tr><th>case</th><th class="number">figures</th>
<th class="number">agree</th><th class="number">differ</th><th class="number">method only</th></tr></thead>
<tbody>
$overview
</tbody></table></div>
$cases
</body>
</html>
""")


class InputError(Exception):
    """One line for the user."""


def read_rows(path):
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'})") from error
    if not rows or rows[0] != COLUMNS or len(rows) == 1:
        raise InputError(f"{path}: expected the columns {', '.join(COLUMNS)}, and rows")
    for line, row in enumerate(rows[1:], 2):
        if len(row) != len(COLUMNS):
            raise InputError(f"{path}: line {line}: {len(row)} fields: expected {len(COLUMNS)}")
        for name, text in zip(COLUMNS, row):
            if name in ("value", "halfWidth95", "published") and not (text == "" and name == "published"):
                try:
                    is_finite = math.isfinite(float(text))
                except ValueError:
                    is_finite = False
                if not is_finite:
                    raise InputError(f"{path}: line {line}: {name} = {text}: expected a finite number")
    return [dict(zip(COLUMNS, row)) for row in rows[1:]]


def rounding(text):
    """Half a unit of the last digit of a number as it is written."""
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals)


def judge(row):
    """"agrees", "differs by ..." or "method only"."""
    if not row["published"]:
        return "method only"
    value, half, published = float(row["value"]), float(row["halfWidth95"]), float(row["published"])
    slack = min(rounding(row["published"]), MAX_ROUNDING * abs(published)) if published else 0.0
    difference = value - published
    if abs(difference) <= half + slack + 1e-12 * abs(published):
        return "agrees"
    if published == 0 or row["unit"].startswith("dB"):
        return f"differs by {difference:+.2g} {unit_of(row)}".rstrip()
    return f"differs by {100 * difference / abs(published):+.2g} %"


def picture(row):
    """The interval and the published figure."""
    half = float(row["halfWidth95"])
    if half <= 0 or not row["published"]:
        return ""
    offset = max(-3.0, min(3.0, (float(row["published"]) - float(row["value"])) / half))
    x = 60 + 18 * offset
    return ('<svg viewBox="0 0 120 14" role="img" aria-label="published figure at '
            f'{offset:.1f} half widths"><path d="M42 7H78M42 3V11M78 3V11M60 4V10" stroke="currentColor" fill="none" opacity="0.5"/>'
            f'<circle cx="{x:.1f}" cy="7" r="3" fill="currentColor"/></svg>')


def interval(row):
    value, half = float(row["value"]), float(row["halfWidth95"])
    return f"{value - half:.6g} to {value + half:.6g}" if half > 0 else "exact"


def unit_of(row):
    return "" if row["unit"] == "1" else row["unit"]


def count(rows):
    verdicts = [judge(row) for row in rows]
    return (len(rows), verdicts.count("agrees"), sum(verdict.startswith("differs") for verdict in verdicts),
            verdicts.count("method only"))


def page(rows):
    cases = {}
    for row in rows:
        cases.setdefault(row["case"], []).append(row)
    overview = "\n".join(
        f'<tr><td><a href="#{html.escape(name)}">{html.escape(name)}</a></td>'
        + "".join(f'<td class="number">{number or ""}</td>' for number in count(of_case)) + "</tr>"
        for name, of_case in cases.items())
    sections = []
    for name, of_case in cases.items():
        sources = list(dict.fromkeys(row["source"] for row in of_case))
        lines = [f'<h2 id="{html.escape(name)}">{html.escape(name)}</h2>']
        lines += [f'<p class="source">[{i}] {html.escape(source)}</p>' for i, source in enumerate(sources, 1)]
        lines.append('<div class="scroll"><table><thead><tr><th>quantity</th><th>source</th><th class="number">published</th>'
                     '<th class="number">ours</th><th class="number">95&nbsp;% interval</th><th></th><th>verdict</th></tr></thead><tbody>')
        for row in of_case:
            verdict = judge(row)
            unit = f" {html.escape(unit_of(row))}" if unit_of(row) else ""
            published = f"{html.escape(row['published'])}{unit}" if row["published"] else ""
            lines.append(
                f'<tr><td class="quantity">{html.escape(row["quantity"])}</td><td>[{sources.index(row["source"]) + 1}]</td>'
                f'<td class="number">{published}</td><td class="number">{html.escape(row["value"])}{unit}</td>'
                f'<td class="number">{interval(row)}</td><td class="{verdict.split()[0]}">{picture(row)}</td>'
                f'<td class="{verdict.split()[0]}">{html.escape(verdict)}</td></tr>')
        lines.append("</tbody></table></div>")
        sections.append("\n".join(lines))
    return PAGE.substitute(summary=html.escape(summary(rows)), overview=overview, cases="\n".join(sections))


def summary(rows):
    total, agree, differ, method = count(rows)
    return (f"{total} figures: {agree} agree with what is published, {differ} differ, and {method} are computed by a published "
            "method that gives no figure to compare with.")


def table(rows):
    lines = ["# What is published, and what this module computes", "",
             f"By `tools/validate.sh`. {summary(rows)}", "",
             "A figure agrees where the published one lies within its 95 % interval, or where both are the same as far as the",
             "published one has digits. One interval in 20 misses what it is right about.", "",
             "| case | quantity | unit | source | published | ours | 95 % interval | verdict |", "|---" * 8 + "|"]
    for row in rows:
        cells = [f"`{row['case']}`", row["quantity"], row["unit"], row["source"], row["published"], row["value"],
                 interval(row), judge(row)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def write(path, text):
    try:
        with open(f"{path}.part", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(f"{path}.part", path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from error


def main():
    if len(sys.argv) not in (3, 4):
        raise InputError("expected ROWS.tsv PAGE.html [TABLE.md]")
    rows = read_rows(sys.argv[1])
    write(sys.argv[2], page(rows))
    if len(sys.argv) == 4:
        write(sys.argv[3], table(rows))


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"validation-report.py: {error}")
