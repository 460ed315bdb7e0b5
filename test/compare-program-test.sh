#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests cellfree-isac-compare as a user meets it: what it leaves, how it goes on after an interrupt, what it refuses;
# and the database of traces that many runs share.
#
# usage: test/compare-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
compare=$1/cellfree-isac-compare
example=$1/cellfree-isac-example
synthetic=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/synthetic-tracks.py
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

small="--simTime=130ms --side=200 --nAps=2 --nUes=2 --nAntennas=2"
options=(--policies=rzf,gnn --sensingWeights=2 --plots=false "--programArgs=$small")

# refuses NAME PATTERN ARGS...: fails, says PATTERN in one line of its own, and leaves no results.
refuses() {
    local name=$1 pattern=$2 status=0
    shift 2
    timeout 60 "$compare" --outputDir=refused --plots=false "$@" >out 2>err || status=$?
    if ((status != 0)) && grep -q -- "$pattern" err && (($(grep -c . err) == 1)) &&
        ! compgen -G "refused*/*.tsv" >/dev/null; then
        echo "ok $name"
    else
        echo "not ok $name (exit status $status)"
        sed 's/^/    /' err
    fi
    rm -rf refused
}

start=$EPOCHREALTIME
check "runs and prints the tables" bash -c '
    "$0" "$@" --drops=6 --jobs=2 --outputDir=clean >table 2>progress && grep -q "throughputMean" table &&
    grep -q "Paired difference to rzf" table && grep -q "^gnn-b2 .*+-" table && grep -q "12 of 12 runs" progress' \
    "$compare" "${options[@]}"
seconds=$(python3 -c "print($EPOCHREALTIME - $start)")
check "results have a row per case, drop, UE and metric" bash -c '
    (($(wc -l <clean/drops.tsv) == 13)) && (($(wc -l <clean/users.tsv) == 25)) &&
    (($(wc -l <clean/comparison.tsv) == 25)) && (($(wc -l <clean/costs.tsv) == 13)) &&
    for file in clean/*.tsv; do
        (($(awk -F "\t" "{print NF}" "$file" | sort -u | wc -l) == 1)) && ! grep -qiwE "nan|inf" "$file" || exit 1
    done'

check "sent packets are received, lost or waiting, intervals possible, and the XML whole" python3 - <<'PY'
import csv, glob, xml.etree.ElementTree
for path in glob.glob("clean/runs/*/*/FlowTrace.tsv"):
    for row in csv.DictReader(open(path), delimiter="\t"):
        sent, received, lost, waiting = (int(row[name + "Packets"]) for name in ("tx", "rx", "lost", "waiting"))
        assert sent == received + lost + waiting and sent > 0, (path, row)
    assert xml.etree.ElementTree.parse(path.replace("FlowTrace.tsv", "FlowMonitor.xml")).getroot().tag == "FlowMonitor"
rows = [row for row in csv.DictReader(open("clean/comparison.tsv"), delimiter="\t") if row["low95"]]
for row in rows:
    low, high = float(row["low95"]), float(row["high95"])
    top = {"%": 100, "1": 1}.get(row["unit"], float("inf"))
    assert row["unit"] == "dB" or 0 <= low <= float(row["mean"]) <= high <= top, row
assert any(row["metric"] == "waiting" and float(row["mean"]) > 0 for row in rows)
PY

cat >same.py <<'PY'
# same.py A B: equal results, traces and database rows, but for what the wall clock says.
import os, sqlite3, sys

def contents(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            relative = os.path.relpath(path, folder)
            if name in ("costs.tsv", "CostTrace.tsv", "log.txt"):
                found[relative] = "wall clock"
            elif name == "traces.sqlite":
                with sqlite3.connect(path) as base:
                    for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'view' OR name = 'runs' ORDER BY name").fetchall():
                        order = "RunId" if table == "runs" else "RunId, Row"
                        rows = base.execute(f'SELECT * FROM "{table}" ORDER BY {order}').fetchall()
                        found[table] = len(rows) if table == "CostTrace" else rows
            else:
                with open(path, "rb") as file:
                    found[relative] = file.read()
    return found

a, b = (contents(folder) for folder in sys.argv[1:])
different = sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))
if different or not a["UeTrace"]:
    sys.exit(f"different: {different}")
PY

cat >kill.py <<'PY'
# kill.py SECONDS COMMAND...: kills it 20 times at random moments, by the three signals that end a program, then lets
# it end. SECONDS is what it takes in all; on average a kill comes after an eighth of that.
import random, signal, subprocess, sys
random.seed(5)
seconds, command = float(sys.argv[1]), sys.argv[2:]
statuses = []
for i in range(20):
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    sent = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)[i % 3]
    try:
        program.wait(random.uniform(0, seconds / 4))
    except subprocess.TimeoutExpired:
        program.send_signal(sent)
    errors = program.communicate()[1]
    statuses.append(program.returncode)
    if program.returncode in (130, 143):
        assert "the same command goes on from here" in errors
    else:
        # Before it waits for its children and after, a signal ends it as it ends any program.
        assert program.returncode in (0, -sent), (program.returncode, errors)
print("exit statuses of the killed:", statuses, file=sys.stderr)
assert {-9, 130} <= set(statuses) or {-9, 143} <= set(statuses), "some were killed while their children ran"
sys.exit(subprocess.run(command, stdout=open("table-killed", "w"), stderr=subprocess.DEVNULL).returncode)
PY
check "killed 20 times, it ends in the same bytes and rows" bash -c '
    python3 kill.py "$0" "$@" --drops=6 --jobs=1 --outputDir=killed && python3 same.py clean killed' \
    "$seconds" "$compare" "${options[@]}"
check "and in the same table" bash -c '
    diff <(sed "/Wall time/,\$d" table) <(sed "/Wall time/,\$d" table-killed)'
check "one drop at a time ends in the same bytes and rows" bash -c '
    for drops in 1 3 6; do "$0" "$@" --drops=$drops --outputDir=grown >/dev/null 2>&1 || exit 1; done
    python3 same.py clean grown' "$compare" "${options[@]}"
check "both policies of a drop met the same packets and dwells" bash -c '
    for column in 1 3 4 5 6 14; do
        cut -f $column clean/runs/rzf/drop-1/SensingTrace.tsv >a && cut -f $column clean/runs/gnn-b2/drop-1/SensingTrace.tsv >b
        cmp -s a b || exit 1
    done
    ! cmp -s clean/runs/rzf/drop-1/SensingTrace.tsv clean/runs/gnn-b2/drop-1/SensingTrace.tsv'
check "the paired interval is narrower than the unpaired one" python3 - <<'PY'
import csv
rows = [row for row in csv.DictReader(open("clean/comparison.tsv"), delimiter="\t") if row["metric"] == "sensingSnr"]
width = lambda row, low, high: float(row[high]) - float(row[low])
unpaired = (width(rows[0], "low95", "high95") ** 2 + width(rows[1], "low95", "high95") ** 2) ** 0.5
assert width(rows[1], "differenceLow95", "differenceHigh95") < unpaired
PY

"$compare" "${options[@]}" --drops=1 --outputDir=one-drop-output >one-drop 2>/dev/null
printf '#!/bin/sh\nexec "%s" "$@" --database= %s\n' "$example" "$small" >"my scenario"
chmod +x "my scenario"
check "one drop is said to be one" grep -q "^Mean over 1 drop: no intervals" one-drop
check "a program of the user's own, in a folder with a blank" bash -c '
    "$0" --program="./my scenario" --policies=rzf,gnn --sensingWeights=2 --drops=1 --plots=false --outputDir="my output" \
        >/dev/null 2>err && cmp -s "my output/runs/gnn-b2/drop-1/UeTrace.tsv" clean/runs/gnn-b2/drop-1/UeTrace.tsv' "$compare"

# It leaves tracks behind if it is told to.
cat >"tracking scenario" <<SH
#!/bin/sh
for a; do
    shift
    case \$a in
        --tracking) tracks=1 ;;
        --outputDir=*) folder=\${a#--outputDir=} && set -- "\$@" "\$a" ;;
        *) set -- "\$@" "\$a" ;;
    esac
done
"$example" "\$@" --database= $small && [ "\$tracks" ] && python3 "$synthetic" "\$folder"
SH
chmod +x "tracking scenario"
check "tracking is asked for, and its metrics are in table and results" bash -c '
    "$0" --program="./tracking scenario" --tracking --policies=rzf,gnn --sensingWeights=2 --drops=2 --plots=false --outputDir=tracked \
        >tracked.log 2>err && grep -q -- "\"--tracking\"" tracked/compare.json &&
    for metric in trackError gospa firstTrack meanAge; do
        grep -q "$metric" tracked.log && grep -q "^gnn-b2.$metric.*[0-9]" tracked/comparison.tsv &&
            ! grep -q "$metric" clean/comparison.tsv || exit 1
    done' "$compare"

# It calls policies by names of its own.
cat >"own names" <<SH
#!/bin/sh
for a; do shift; set -- "\$@" "\$(printf %s "\$a" | sed 's/^--policy=my-/--policy=/')"; done
exec "$example" "\$@" --database= $small
SH
chmod +x "own names"
for drops in 1 2; do
    "$compare" --program="./own names" --policies=my-rzf,my-gnn --sensingWeights=0,2 --drops=$drops --plots=false \
        --outputDir=own >own.log 2>&1 || sed 's/^/    /' own.log
done
check "a policy that only the program knows runs once if it takes no weight, once a weight if it does" bash -c '
    [[ $(cut -f 1-4 own/drops.tsv | tail -n +2 | tr "\t\n" ",;") == \
        "my-rzf,my-rzf,,1;my-rzf,my-rzf,,2;my-gnn-b0,my-gnn,0,1;my-gnn-b0,my-gnn,0,2;my-gnn-b2,my-gnn,2,1;my-gnn-b2,my-gnn,2,2;" ]] &&
    [[ $(echo $(ls own/runs)) == "my-gnn-b0 my-gnn-b2 my-rzf" ]] && cmp -s own/runs/my-gnn-b2/drop-1/UeTrace.tsv clean/runs/gnn-b2/drop-1/UeTrace.tsv'
check "and no run takes the place of another in the database" python3 - <<'PY'
import sqlite3
base = sqlite3.connect("own/traces.sqlite")
assert base.execute("SELECT Policy, SensingWeight, Run, SimTag FROM runs ORDER BY 1, 2, 3").fetchall() == [
    ("gnn", 0, 1, "my-gnn"), ("gnn", 0, 2, "my-gnn"), ("gnn", 2, 1, "my-gnn"), ("gnn", 2, 2, "my-gnn"),
    ("rzf", None, 1, "my-rzf"), ("rzf", None, 2, "my-rzf")]
PY

refuses "unknown policy" "unknown policy 'magic'.*cb-sensing" --policies=rzf,magic
refuses "a policy twice" "rzf is there twice" --policies=rzf,rzf
refuses "no policy" "policies is empty" --policies=,
refuses "negative weight" "sensingWeights: -1" --policies=gnn --sensingWeights=0,-1
refuses "a weight that is no number" "sensingWeights: 'two'" --policies=gnn --sensingWeights=two
refuses "a negative weight where no policy takes one" "sensingWeights: -1: expected numbers >= 0" --policies=rzf --sensingWeights=-1
refuses "no drops" "--drops=0: expected 1 to 1000000" --drops=0
refuses "half a drop" "--drops=1.5: expected an integer" --drops=1.5
refuses "a stray word" "stray argument .word." word
refuses "an option that is not there" "--nDrones=2: unknown option" --nDrones=2
refuses "a negative run" "--RngRun=-1: expected an integer >= 0" --RngRun=-1
refuses "more drops than run numbers" "RngRun = 18446744073709551615: too high" --RngRun=18446744073709551615 --drops=2
refuses "an attribute out of range" "DelayBinWidth=0s: expected a time" --ns3::CellFreeFlowTrace::DelayBinWidth=0s
refuses "no output directory" "outputDir is empty" --outputDir=
refuses "no jobs" "--jobs=0" --jobs=0
refuses "an argument of its own" "programArgs: --policy=cb" --programArgs=--policy=cb
refuses "no such program" "program = ./none" --program=./none
refuses "a program that fails" "run rzf/drop-1 failed (exit status 1).*--nAps=0" --policies=rzf --drops=1 --programArgs=--nAps=0
refuses "a program without that option" "failed (exit status 1).*--nDrones=2" --policies=rzf --drops=1 --programArgs=--nDrones=2
check "an output directory that is a file" bash -c '
    ! "$0" --outputDir=table 2>err && grep -q "output directory \"table\"" err && (($(grep -c . err) == 1))' "$compare"
for file in compare.json comparison.tsv traces.sqlite; do
    mkdir -p taken/$file
    check "a directory in the place of $file is refused at once" bash -c '
        ! "$0" --policies=rzf --drops=1 --outputDir=taken 2>err && grep -q "taken/$1: expected a file" err &&
        (($(grep -c . err) == 1)) && [[ ! -e taken/runs ]]' "$compare" $file
    rm -r taken
done
cp -r clean cut
truncate -s -2 cut/runs/rzf/drop-1/FlowTrace.tsv
check "a trace that is cut off within its last number is refused" bash -c '
    ! "$0" "$@" --drops=6 --outputDir=cut >out 2>err && tail -n 1 err | grep -q "FlowTrace.tsv: line .*the file is cut off"' \
    "$compare" "${options[@]}"
for change in --policies=gnn,rzf:policies --sensingWeights=1:sensingWeights --RngSeed=2:seed --RngRun=2:firstRun \
    --programArgs=--simTime=1s:programArguments --drops=5:drops; do
    check "another ${change#*:} in the same directory is refused" bash -c '
        ! "$0" "${@:3}" --outputDir=clean "$1" >out 2>err && grep -q "compare.json: $2 was" err &&
        (($(grep -c . err) == 1))' "$compare" "${change%:*}" "${change##*:}" --policies=rzf,gnn --sensingWeights=2 \
        --plots=false "--programArgs=$small" --drops=6
done
check "a second comparison in the same directory is refused" bash -c '
    "$0" --policies=rzf --drops=1 --plots=false --programArgs=--simTime=1h --outputDir=busy >/dev/null 2>&1 & first=$!
    until [[ -e busy/runs ]]; do sleep 0.05; done
    ! "$0" --policies=rzf --drops=1 --plots=false --programArgs=--simTime=1h --outputDir=busy 2>err &&
        grep -q "another comparison uses it" err
    status=$?
    kill -TERM $first
    wait $first
    (($? == 143 && status == 0)) && [[ -z $(pgrep -f "outputDir=[b]usy/runs") ]]' "$compare"

# A disk of its own, in a mount namespace that ends with the command.
cat >full.sh <<'SH'
mkdir disk && mount -t tmpfs -o size=400k none disk || exit 77
"$1" --policies=rzf --drops=20 --jobs=1 --plots=false --programArgs="$2" --outputDir=disk/out >out 2>err
(($? == 1)) && [[ $(tail -n 1 err) == *"no space is left on the disk"* || $(tail -n 1 err) == *"No space left"* ]] || exit 1
(($(grep -c cellfree-isac-compare err) == 1)) && [[ -s disk/out/runs/rzf/drop-1/UeTrace.tsv ]] &&
    [[ -z $(find disk -name "*.xml" -size -100c) ]]
SH
status=0
unshare -m bash full.sh "$compare" "$small" 2>mount.log || status=$?
if ((status == 77)) || grep -q "unshare" mount.log; then
    echo "skip: a full disk (no mount is permitted here)"
else
    check "a full disk: one line, and finished drops stay" test "$status" = 0
    ((status == 0)) || sed 's/^/    /' err
fi

# Eight processes add to one file at once; a ninth adds a run that is there already.
for run in {1..8}; do
    # shellcheck disable=SC2086
    "$example" $small --RngRun=$run --outputDir=shared-$run --database=./shared.sqlite >/dev/null 2>shared-$run.err &
done
wait
# shellcheck disable=SC2086
"$example" $small --RngRun=3 --outputDir=shared-3 --database=./shared.sqlite >/dev/null 2>>shared-3.err
check "eight processes share a database and lose no row" python3 - <<'PY'
import glob, sqlite3
assert not [name for name in glob.glob("shared-*.err") if "locked" in open(name).read()]
base = sqlite3.connect("shared.sqlite")
for table in ("UeTrace", "SensingTrace", "DecisionTrace", "ClusterTrace", "FronthaulTrace", "EnergyTrace", "CostTrace", "FlowTrace", "DelayTrace"):
    for run in range(1, 9):
        rows = sum(1 for line in open(f"shared-{run}/{table}.tsv")) - 1
        stored = base.execute(f"SELECT count(*) FROM {table} WHERE Run = ? AND Seed = 1 AND Policy = 'gnn'", (run,)).fetchone()[0]
        assert rows == stored and (rows or table != "UeTrace"), (table, run, rows, stored)
assert base.execute("SELECT count(*), count(DISTINCT Run) FROM runs").fetchone() == (8, 8)
assert base.execute("SELECT Value FROM configuration WHERE Attribute = 'ns3::TcpSocket::SegmentSize'").fetchone() == ("1400",)
first = open("shared-1/UeTrace.tsv").read().split("\n")[1].split("\t")
stored = base.execute("SELECT time_s, direction, sinr_dB FROM UeTrace WHERE Run = 1 ORDER BY Row LIMIT 1").fetchone()
assert stored == (float(first[0]), first[2], float(first[6])), (stored, first)
PY
check "a file that is no database is refused" bash -c '
    cp table no.sqlite && ! "$0" $1 --outputDir=traces --database=./no.sqlite >/dev/null 2>err &&
    grep -q "cellfree-isac-example: --database: database ./no.sqlite: cannot be written" err && cmp -s table no.sqlite' "$example" "$small"
check "no database, where none is asked for" bash -c '
    "$0" $1 --outputDir=none --database= >/dev/null 2>&1 && [[ -e none/UeTrace.tsv && ! -e none/traces.sqlite ]]' "$example" "$small"
