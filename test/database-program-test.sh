#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests the database of traces: its schema, files of an earlier and of a later one, the documentation's queries and
# commands, and tools/trace-export.py.
#
# usage: test/database-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
example=$1/cellfree-isac-example
export_traces=$repo/tools/trace-export.py
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# refuses NAME PATTERN ARGS...: trace-export.py fails in one line, and leaves nothing.
refuses() {
    local name=$1 pattern=$2
    shift 2
    refuses_in_a_line "$name" "$pattern" bad "$export_traces" "$@" --outputDir=bad
}

small=(--nAps=4 --nUes=2 --nAntennas=4 --simTime=400ms --ns3::TcpSocket::SegmentSize=1400)
for policy in rzf gnn; do
    "$example" "${small[@]}" --policy=$policy --outputDir=$policy --database=./traces.sqlite >/dev/null 2>err || cat err
done

# The documentation's queries and commands, a file each.
python3 - "$repo/doc/cellfree-isac.rst" <<'PY'
import re, sys, textwrap
text = open(sys.argv[1]).read()
text = text[text.index("\nDatabase\n====="):text.index("\nComparing policies\n=====")]
for kind in ("sql", "python"):
    blocks = re.findall(r"code-block:: %s\n\n((?:  .*\n|\n)+)" % kind, text)
    for i, block in enumerate(blocks):
        open(f"doc-{i}.{kind}", "w").write(textwrap.dedent(block))
PY

check "views have the rows of the traces, in their order" python3 - <<'PY'
import csv, glob, sqlite3
base = sqlite3.connect("traces.sqlite")
assert base.execute("PRAGMA user_version").fetchone() == (2,)
assert base.execute("SELECT RunId, Policy, SensingWeight FROM runs").fetchall() == [(1, "rzf", None), (2, "gnn", 1)]
names = sorted(name[len("rzf/"):-len(".tsv")] for name in glob.glob("rzf/*Trace.tsv"))
views = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")]
assert views == names + ["configuration"], (names, views)
for run_id, folder in enumerate(("rzf", "gnn"), 1):
    for name in names:
        with open(f"{folder}/{name}.tsv") as file:
            columns, *rows = list(csv.reader(file, delimiter="\t"))
        kept = [i for i, column in enumerate(columns) if column not in ("policy", "sensingWeight")]
        listed = ", ".join(columns[i] for i in kept)
        stored = base.execute(f"SELECT Row, {listed} FROM {name} WHERE RunId = ? ORDER BY Row", (run_id,)).fetchall()
        assert len(stored) == len(rows) and (rows or name != "UeTrace")
        for number, (line, row) in enumerate(zip(stored, rows), 1):
            expected = [None if row[i] == "" else row[i] for i in kept]
            # SQLite rounds the last bit of some numbers otherwise.
            same = [a == b if a is None or isinstance(a, str) else abs(a - float(b)) <= 1e-15 * abs(a)
                    for a, b in zip(line[1:], expected)]
            assert line[0] == number and all(same), (name, number, line, expected)
PY
check "a query on one run reads its rows alone" python3 - <<'PY'
import sqlite3
base = sqlite3.connect("traces.sqlite")
for where in ("RunId = 1", "Run = 1 AND Policy = 'rzf'"):
    plan = [row[3] for row in base.execute(f"EXPLAIN QUERY PLAN SELECT avg(sinr_dB) FROM UeTrace WHERE {where}")]
    assert any("SEARCH UeTraceRows USING PRIMARY KEY (RunId=?)" in step for step in plan), plan
PY
check "the documentation's queries give what the traces say" python3 - <<'PY'
import csv, glob, sqlite3
base = sqlite3.connect("traces.sqlite")
queries = [open(name).read() for name in sorted(glob.glob("doc-*.sql"))]
assert len(queries) == 3
slowest, missed, worst = (base.execute(query).fetchall() for query in queries)

def rows(folder, trace):
    with open(f"{folder}/{trace}.tsv") as file:
        return list(csv.DictReader(file, delimiter="\t"))

expected = {}
for policy, weight in (("rzf", None), ("gnn", 1.0)):
    flows = [float(flow["throughput_bps"] or 0) for flow in rows(policy, "FlowTrace")
             if flow["direction"] == "DL" and flow["acknowledges"] == "0"]
    expected[policy] = (policy, weight, 1, round(min(flows) / 1e6, 2))
assert sorted(slowest) == sorted(expected.values()), slowest
for policy, weight, n_dwells, share in missed:
    bytes_in = {}
    for block in rows(policy, "UeTrace"):
        if block["direction"] == "DL" and block["decoded"] == "1":
            tick = int(float(block["time_s"]) * 100 + 1e-6)
            bytes_in[tick] = bytes_in.get(tick, 0) + int(block["blockSize_B"])
    dwells = [dwell["detected"] for dwell in rows(policy, "SensingTrace")
              if bytes_in.get(int(float(dwell["start_s"]) * 100 + 1e-6), 0) * 800 > 50e6]
    assert (n_dwells, share) == (len(dwells), round(100 * dwells.count("0") / len(dwells), 2)), (policy, n_dwells, share)
assert missed and worst and worst == sorted(worst, key=lambda row: row[5])
PY

# What earlier versions wrote: a table a trace, with what runs says in every row, and no number of a schema.
python3 - <<'PY'
import sqlite3
new, old = sqlite3.connect("traces.sqlite"), sqlite3.connect("old.sqlite")
key = "Seed INTEGER, Run INTEGER, Policy TEXT, SensingWeight REAL, SimTag TEXT"
old.execute(f"CREATE TABLE runs (Version TEXT, Ns3 TEXT, Command TEXT, {key})")
old.executemany("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                new.execute("SELECT Version, Ns3, Command, Seed, Run, Policy, SensingWeight, SimTag FROM runs ORDER BY RunId"))
for (view,) in new.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
    columns = [(row[1], row[2]) for row in new.execute(f"PRAGMA table_info({view}Rows)")][2:]
    names = ", ".join(f'"{name}"' for name, _ in columns)
    old.execute(f"CREATE TABLE {view} ({', '.join(f'{n} {t}' for n, t in columns)}, {key})")
    old.executemany(f"INSERT INTO {view} VALUES ({', '.join('?' * (len(columns) + 5))})",
                    new.execute(f"SELECT {names}, Seed, Run, Policy, SensingWeight, SimTag FROM {view} ORDER BY RunId, Row"))
old.commit()
PY
"$example" "${small[@]}" --policy=cb --outputDir=cb --database=./old.sqlite >/dev/null 2>err || cat err
"$example" "${small[@]}" --policy=cb --outputDir=cb --database=./traces.sqlite >/dev/null 2>err || cat err
check "a file of an earlier schema becomes one of the present, with all its rows" python3 - <<'PY'
import sqlite3
def contents(path):
    base = sqlite3.connect(path)
    tables = base.execute("SELECT name, type, sql FROM sqlite_master ORDER BY name").fetchall()
    rows = {name: base.execute(f"SELECT * FROM {name} ORDER BY RunId{', Row' if name != 'runs' else ''}").fetchall()
            for name, kind, _ in tables if name != "CostTrace" and (kind == "view" or name == "runs")}
    return base.execute("PRAGMA user_version").fetchone(), sorted(name for name, _, _ in tables), rows
new, old = contents("traces.sqlite"), contents("old.sqlite")
assert new == old and len(new[2]["runs"]) == 3, [name for name in new[2] if new[2][name] != old[2].get(name)]
PY
sqlite_version() { python3 -c 'import sqlite3, sys
base = sqlite3.connect(sys.argv[1]); base.execute("PRAGMA user_version = " + sys.argv[2]); base.commit()' "$1" "$2"; }
cp traces.sqlite later.sqlite
sqlite_version later.sqlite 3
check "a file of a later schema is refused in a line" bash -c '
    ! "$0" "${@}" --outputDir=later --database=./later.sqlite >/dev/null 2>err && (($(grep -c . err) == 1)) &&
    grep -q "database ./later.sqlite: schema version 3: expected at most 2" err && [[ ! -e later/UeTrace.tsv ]]' "$example" "${small[@]}"
# A trace of an earlier version had fewer columns.
python3 -c 'import sqlite3
base = sqlite3.connect("old.sqlite")
base.execute("DROP VIEW UeTrace"); base.execute("ALTER TABLE UeTraceRows DROP COLUMN rate_bpsPerHz")
base.execute("CREATE VIEW UeTrace AS SELECT RunId FROM UeTraceRows"); base.commit()'
"$example" "${small[@]}" --policy=cb --RngRun=2 --outputDir=cb --database=./old.sqlite >/dev/null 2>err || cat err
check "a column that a trace has gained is NULL in earlier rows" python3 - <<'PY'
import sqlite3
base = sqlite3.connect("old.sqlite")
found = base.execute("SELECT Run, count(*) > 10, count(rate_bpsPerHz) = count(*), count(rate_bpsPerHz) FROM UeTrace "
                     "GROUP BY Run ORDER BY Run").fetchall()
assert found[0] == (1, 1, 0, 0) and found[1][:3] == (2, 1, 1), found
PY

check "trace-export.py writes every view as CSV" bash -c '"$0" traces.sqlite --outputDir=exported >out.log' "$export_traces"
check "which holds its rows" python3 - <<'PY'
import csv, glob, gzip, sqlite3
base = sqlite3.connect("traces.sqlite")
views = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'view'")] + ["runs"]
assert sorted(glob.glob("exported/*")) == sorted(f"exported/{name}.csv.gz" for name in views)
for name in views:
    cursor = base.execute(f"SELECT * FROM {name} ORDER BY RunId{'' if name == 'runs' else ', Row'}")
    with gzip.open(f"exported/{name}.csv.gz", "rt", newline="") as file:
        columns, *rows = list(csv.reader(file))
    assert columns == [column[0] for column in cursor.description], name
    assert rows == [["" if value is None else str(value) for value in row] for row in cursor], name
PY
check "the same again is the same bytes" bash -c '
    "$0" traces.sqlite --outputDir=again --tables=UeTrace >/dev/null && cmp -s again/UeTrace.csv.gz exported/UeTrace.csv.gz' \
    "$export_traces"
check "some runs of some views" bash -c '
    "$0" traces.sqlite --outputDir=some --tables=runs,FlowTrace --where="Policy IN ('"'gnn', 'cb'"')" >/dev/null &&
    [[ $(echo $(ls some)) == "FlowTrace.csv.gz runs.csv.gz" ]] && (($(zcat some/runs.csv.gz | wc -l) == 3)) &&
    ! zcat some/FlowTrace.csv.gz | grep -q rzf' "$export_traces"
refuses "a view that is not there" "'Tracks': expected some of BeamTrace" traces.sqlite --tables=Tracks
refuses "a condition that is none" "traces.sqlite: no such column: ueId" traces.sqlite --where="ueId = 3"
refuses "a file that is no database" "rzf/UeTrace.tsv: file is not a database" rzf/UeTrace.tsv
python3 -c 'import sqlite3; base = sqlite3.connect("other.sqlite"); base.execute("CREATE TABLE x (y)"); base.commit()'
refuses "a database of something else" "no table runs: expected a database of traces" other.sqlite
refuses "a file that is not there" "none.sqlite: no such file" none.sqlite
refuses "a later schema" "later.sqlite: schema version 3: expected at most 2" later.sqlite

if python3 -c 'import pandas' 2>/dev/null; then
    check "the documentation's commands for pandas" bash -c 'python3 doc-0.python >pandas.log && grep -q "^rzf .*DL" pandas.log'
    check "give what the database says" python3 - <<'PY'
import pandas, sqlite3
blocks = pandas.read_csv("exported/UeTrace.csv.gz")
base = sqlite3.connect("traces.sqlite")
means = blocks.groupby("RunId")["sinr_dB"].mean()
for run_id, mean in base.execute("SELECT RunId, avg(sinr_dB) FROM UeTrace GROUP BY RunId").fetchall():
    assert abs(means[run_id] - mean) < 1e-9 * abs(mean)
PY
else
    echo "skip: the documentation's commands for pandas (Python without pandas)"
fi
if python3 -c 'import pyarrow' 2>/dev/null; then
    check "trace-export.py writes Parquet" bash -c '"$0" traces.sqlite --outputDir=exported --format=parquet >out.log' "$export_traces"
    check "which holds the rows" python3 - <<'PY'
import pyarrow.parquet, sqlite3
base = sqlite3.connect("traces.sqlite")
for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
    table = pyarrow.parquet.read_table(f"exported/{name}.parquet")
    rows = base.execute(f"SELECT * FROM {name} ORDER BY RunId, Row").fetchall()
    assert list(zip(*(column.to_pylist() for column in table.columns))) == rows, name
PY
    if python3 -c 'import pandas' 2>/dev/null; then
        check "the documentation's commands for Parquet" bash -c 'python3 doc-1.python >parquet.log && grep -q count parquet.log'
    fi
else
    refuses "Parquet without pyarrow" "Python has no pyarrow: expected it" traces.sqlite --format=parquet
    echo "skip: Parquet (Python without pyarrow)"
fi
if command -v Rscript >/dev/null; then
    check "R reads the CSV" Rscript -e 'blocks <- read.csv(gzfile("exported/UeTrace.csv.gz")); stopifnot(nrow(blocks) > 10)'
else
    echo "skip: the documentation's commands for R (no Rscript)"
fi
