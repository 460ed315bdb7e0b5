# SPDX-License-Identifier: GPL-2.0-only
"""What a campaign ends in: campaign.tsv, campaign.sqlite, failures.tsv, and where its runs have traces the tables,
plots and report of cellfree-isac-compare, which reads the traces. All of it depends on the finished runs alone."""
import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess

from campaign_folder import explain, read_own, sync, write_whole
from campaign_grid import CampaignError
from campaign_runner import die_with_parent, last_lines

KEYS = ["case", "seed", "run"]
COLLECTED = "campaign.sqlite.part"  # as cellfree-isac-compare leaves it
# A report of more cases than this is no page that anyone reads.
MAX_REPORTED = 40


def columns_of(grid):
    """Names of the grid's columns in tables; one that is taken gets an ending."""
    taken, names = {name.lower() for name in [*KEYS, "simtag"]}, []
    for name in grid.columns():
        column = f"{name}_option" if name.lower() in taken else name
        taken.add(column.lower())
        names.append(column)
    return names


def failures_of(folder, failed):
    """One row per failed run: case, run, reason, last line of its log."""
    rows = []
    for index in sorted(failed):
        case, run = folder.grid.run_of(index)
        path = folder.run_path(index) + ".failed"
        reason = (read_own(os.path.join(path, "failure.json")) or {}).get("reason", "unknown reason")
        rows.append((index, folder.grid.names[case], run, reason, last_lines(os.path.join(path, "log.txt"))))
    return rows


def write_failures(folder, rows):
    path = folder.file("failures.tsv")
    if rows:
        lines = ["case\trun\treason\tlog", *("\t".join([case, str(run), reason, (log or [""])[-1].replace("\t", " ")])
                                              for _, case, run, reason, log in rows)]
        write_whole(path, "\n".join(lines) + "\n")
    elif os.path.exists(path):
        os.unlink(path)


def find_beside(program, name):
    """The path of another of the module's programs in the folder of one; ns-3 puts its release around the names."""
    for path in dict.fromkeys([program, os.path.realpath(program)]):
        base = re.sub(r"cellfree-isac-[a-z]+(-[a-z]+)*?(?=-(?:default|debug|release|optimized|minsizerel)$|$)", name,
                      os.path.basename(path))
        for candidate in (name, base) if base != os.path.basename(path) else (name,):
            found = os.path.join(os.path.dirname(path), candidate)
            if os.access(found, os.X_OK) and os.path.isfile(found):
                return found
    return None


def has_traces(folder, finished):
    path = folder.run_path(min(finished))
    return all(os.path.isfile(os.path.join(path, name)) for name in ("configuration.json", "FlowTrace.tsv"))


def describe_case(folder, case, finished):
    """A case as compare.json has it: what the grid does not say, its first finished run does."""
    settings = dict(folder.grid.settings(case))
    run = min((index for index in finished if index % folder.grid.n_cases == case), default=None)
    said = (read_own(os.path.join(folder.run_path(run), "configuration.json")) if run is not None else None) or {}
    weight = said.get("sensingWeight", settings.get("sensingWeight"))
    return {"name": folder.grid.names[case], "policy": str(said.get("policy", settings.get("policy", ""))),
            "sensingWeight": None if weight is None else float(weight)}


def write_comparison(folder, finished, command):
    """What cellfree-isac-compare --collect and tools/plot.py read."""
    grid = folder.grid
    text = json.dumps({
        "format": 1, "command": command,
        "cases": [describe_case(folder, case, finished) for case in range(grid.n_cases)],
        "seed": grid.seed, "firstRun": grid.first_run, "drops": grid.n_drops, "program": os.path.basename(grid.program),
        "database": COLLECTED, "grid": {name: value for name, value in grid.checked.items() if name in (
            "options", "attributes", "environment")}}, indent=2) + "\n"
    write_whole(folder.file("compare.json"), text)


def collect(folder, compare):
    """Has cellfree-isac-compare read the traces of all finished runs."""
    done = subprocess.run([compare, "--collect", f"--outputDir={folder.path}", "--plots=false"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", check=False, preexec_fn=die_with_parent)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"exit status {done.returncode}"]
        raise CampaignError(f"the tables could not be made: {lines[-1]}")
    return done.stdout.partition("\nResults: ")[0]


def draw(folder):
    """Draws the plots and the report of the tables. Returns what went wrong: results are complete without them."""
    if folder.grid.n_cases > MAX_REPORTED:
        return f"no report: {folder.grid.n_cases} cases are too many for a page (at most {MAX_REPORTED})"
    done = subprocess.run(["python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "plot.py"), folder.path,
                           "--formats=png"], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                          check=False, preexec_fn=die_with_parent)
    return "" if done.returncode == 0 else f"no report: {(done.stderr.splitlines() or ['plot.py failed'])[-1]}"


def read_metrics(folder):
    """Names and values by case and run of the metrics that cellfree-isac-compare has computed."""
    with open(folder.file("drops.tsv"), newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return rows[0][4:], {(row[0], row[3]): row[4:] for row in rows[1:]}


def rows_of(folder, finished, metrics):
    """One row per finished run, case by case."""
    grid = folder.grid
    order = sorted(finished, key=lambda index: (index % grid.n_cases, index))
    for index in order:
        case, run = grid.run_of(index)
        settings = dict(grid.settings(case))
        options = [settings.get(name, "") for name in grid.columns()]
        yield [grid.names[case], str(grid.seed), str(run), *options, *metrics.get((grid.names[case], str(run)), [])]


def quote(name):
    return '"' + name.replace('"', '""') + '"'


def write_database(folder, header, rows, is_collected):
    """Adds the table campaign to the traces, and gives the file its name. Returns the versions that made the runs."""
    part = folder.file(COLLECTED)
    try:
        if not is_collected:
            for path in (part, f"{part}-journal"):
                if os.path.exists(path):
                    os.unlink(path)
        base = sqlite3.connect(part, isolation_level=None)
        try:
            base.execute("PRAGMA synchronous = FULL")
            base.execute("BEGIN IMMEDIATE")
            types = ["SimTag TEXT", "Seed INTEGER", "Run INTEGER"]
            types += [f"{quote(name)} NUMERIC" for name in header[len(KEYS):]]
            base.execute("DROP TABLE IF EXISTS campaign")
            base.execute(f"CREATE TABLE campaign ({', '.join(types)})")
            marks = ", ".join(["?"] * len(KEYS) + ["NULLIF(?, '')"] * (len(header) - len(KEYS)))
            base.executemany(f"INSERT INTO campaign VALUES ({marks})", rows)
            base.execute("COMMIT")
            versions = base.execute("SELECT DISTINCT Version, Ns3 FROM runs").fetchall() if is_collected else []
        finally:
            base.close()
        sync(part)
        os.replace(part, folder.file("campaign.sqlite"))
        sync(folder.path)
        return versions
    except sqlite3.Error as error:
        raise CampaignError(f"{folder.file('campaign.sqlite')}: cannot be written ({error})") from None
    except OSError as error:
        raise explain(error) from None


def merge(folder, finished, command, find_compare):
    """Makes everything from the finished runs. campaign.tsv comes last: where it is, all of it is there."""
    is_traced = has_traces(folder, finished)
    names, metrics, tables = [], {}, ""
    part = folder.file(COLLECTED)
    if is_traced:
        compare = find_compare()
        write_comparison(folder, finished, command)
        tables = collect(folder, compare)
        names, metrics = read_metrics(folder)
    header = [*KEYS, *columns_of(folder.grid), *names]
    rows = list(rows_of(folder, finished, metrics))
    versions = write_database(folder, header, rows, is_traced and os.path.exists(part))
    write_whole(folder.file("campaign.tsv"), "".join("\t".join(row) + "\n" for row in [header, *rows]))
    shutil.rmtree(folder.file("slurm"), ignore_errors=True)
    if len(versions) > 1:
        said = "; ".join(" with ns-".join(map(str, pair)) for pair in versions)
        tables += f"\nThe runs are of several versions: {said}\n"
    return tables
