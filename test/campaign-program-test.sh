#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests tools/campaign.py on this machine: what a campaign leaves, how it goes on after whatever ends it, what it refuses
# before it starts; and cellfree-isac-example as SEM drives it.
#
# usage: test/campaign-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
programs=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
campaign=$here/../tools/campaign.py
source "$here/program-checks.sh"
# shellcheck source=test/campaign-checks.sh
source "$here/campaign-checks.sh"

# --- the simulator ----------------------------------------------------------------------------------------------------

small='"simTime": "130ms", "side": 200, "nAps": 2, "nUes": 2, "nAntennas": 2'
cat >grid.json <<JSON
{"program": "$programs/cellfree-isac-example", "attributes": {"ns3::CellFreeLink::MaxStreams": 8}, "runs": 2,
 "options": [{"policy": "rzf", $small}, {"policy": ["gnn"], "sensingWeight": [2.0], $small}]}
JSON
check "runs a grid" bash -c '"$0" grid.json --jobs=2 --outputDir=clean >table 2>err && grep -q throughputMean table &&
    grep -q "4 runs" table' "$campaign"
check "the same runs, tables and values as cellfree-isac-compare" bash -c '
    "$0/cellfree-isac-compare" --policies=rzf,gnn --sensingWeights=2 --drops=2 --plots=false --outputDir=compared \
        --programArgs="--simTime=130ms --side=200 --nAps=2 --nUes=2 --nAntennas=2 --ns3::CellFreeLink::MaxStreams=8" \
        >/dev/null 2>&1 &&
    cmp -s clean/drops.tsv compared/drops.tsv && cmp -s clean/users.tsv compared/users.tsv &&
    cmp -s clean/comparison.tsv compared/comparison.tsv &&
    for trace in Ue Sensing Decision; do
        cmp -s {clean,compared}/runs/gnn-b2/drop-2/${trace}Trace.tsv || exit 1
    done' "$programs"
check "campaign.tsv and campaign.sqlite have a row per run, and SQL finds traces by the options of the grid" python3 - <<'PY'
import csv, sqlite3
rows = list(csv.DictReader(open("clean/campaign.tsv"), delimiter="\t"))
assert [(row["case"], row["run"], row["policy"], row["sensingWeight"]) for row in rows] == [
    ("rzf", "1", "rzf", ""), ("rzf", "2", "rzf", ""), ("gnn-b2", "1", "gnn", "2"), ("gnn-b2", "2", "gnn", "2")]
base = sqlite3.connect("clean/campaign.sqlite")
assert base.execute("SELECT policy, count(*), typeof(nUes) FROM campaign GROUP BY policy").fetchall() == [
    ("gnn", 2, "integer"), ("rzf", 2, "integer")]
assert base.execute("SELECT count(*) FROM runs").fetchone() == (4,)
found = base.execute("SELECT nAps, count(*) FROM campaign JOIN UeTrace USING (SimTag, Seed, Run) GROUP BY nAps").fetchall()
lines = sum(sum(1 for _ in open(f"clean/runs/{row['case']}/drop-{row['run']}/UeTrace.tsv")) - 1 for row in rows)
assert found == [(2, lines)], (found, lines)
PY
check "and a report" grep -q "tools/campaign.py grid.json" clean/report.html
check "called again, it changes nothing" bash -c 'list() { ls -l --time-style=full-iso clean | grep -v "campaign.lock"; }
    list >before && "$0" grid.json --outputDir=clean >/dev/null 2>&1 && diff before <(list) >/dev/null' "$campaign"
check "--plan says runs, core hours and disk, and keeps its pilots" bash -c '
    "$0" grid.json --plan --pilots=1 --outputDir=planned >plan 2>&1 && grep -q "2 cases x 2 drops = 4 runs, 1 finished" plan &&
    grep -q "3 runs left: .* core hours" plan && grep -q "disk: " plan && [[ -d planned/runs/rzf/drop-1 ]] &&
    "$0" grid.json --plots=false --outputDir=planned >/dev/null 2>err && grep -q "1 of 4 runs are there already" err &&
    cmp -s planned/campaign.tsv clean/campaign.tsv' "$campaign"
check "a user's environment decides nothing" bash -c '
    NS_LOG="*=level_all" NS_GLOBAL_VALUE="RngRun=7" NS_ATTRIBUTE_DEFAULT="ns3::CellFreeLink::MaxStreams=1" LC_ALL=de_DE.UTF-8 LD_PRELOAD="" \
        LD_BIND_NOW=1 OMP_NUM_THREADS=7 TZ=Asia/Tokyo PYTHONPATH=/nowhere \
        "$0" grid.json --plots=false --outputDir=environment >/dev/null 2>&1 && python3 same.py clean environment' "$campaign"

# --- SEM --------------------------------------------------------------------------------------------------------------

# As sem/runner.py does: it reads the options from --PrintHelp, gives all of them with numbers as Python's floats and
# truth values as Python's, and runs in an empty folder.
check "SEM reads the options of the programs, and runs the example with all of them" python3 - "$programs" <<'PY'
import glob, os, re, subprocess, sys
def options_of(program):
    text = subprocess.run([program, "--PrintHelp"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"Program\s(?:Options|Arguments):(.*)General\sArguments", text, re.DOTALL)
    options = {}
    for line in found.group(1).splitlines() if found else ():
        name, value = re.search(r".*--(.*?)[:|=]", line), re.search(r".*\[(.*?)\]", line)
        if name:
            assert value, f"{program}: {line}"
            options[name.group(1)] = value.group(1)
    return options
def as_sem(value):
    if value.lower() in ("true", "false"):
        return value.capitalize()
    try:
        return str(float(value))
    except ValueError:
        return value
for program in sorted(glob.glob(f"{sys.argv[1]}/*")):
    names = options_of(program)
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_-]*", name) for name in names), (program, names)
program = f"{sys.argv[1]}/cellfree-isac-example"
options = {name: as_sem(value) for name, value in options_of(program).items()}
assert options["nUes"] == "8.0" and options["tracking"] == "False" and options["frame"] == "", options
options.update({"policy": "rzf", "simTime": "0.13s", "nAps": "2.0", "nUes": "2.0", "side": "200.0", "nAntennas": "2.0",
                "outputDir": ".", "RngRun": "2"})
os.mkdir("sem")
done = subprocess.run([program, *(f"--{name}={value}" for name, value in options.items())], cwd="sem", env={},
                      capture_output=True, text=True)
assert done.returncode == 0, done.stderr
with open("sem/FlowTrace.tsv") as ours, open("clean/runs/rzf/drop-2/FlowTrace.tsv") as theirs:
    assert ours.read() == theirs.read()
PY

# --- interrupts and failures ------------------------------------------------------------------------------------------

make_toy toy
toy_grid toy.json toy 30 '"value": [1, 2]'
check "60 runs of a script" bash -c '"$0" toy.json --outputDir=toys >/dev/null 2>err && (($(wc -l <toys/campaign.tsv) == 61)) &&
    [[ $(cut -f 1-5 toys/campaign.tsv | tail -n 1) == "value=2	1	30	2	0.01" ]]' "$campaign"
check "killed at random moments, it ends in the same bytes and rows" \
    python3 "$here/campaign-kill.py" "$campaign" toy.json killed "${KILLS:-8}"
check "and has the same as without" python3 same.py toys killed
toy_grid fails.json toy 2 '"value": [1, 13, 14]'
check "a run that fails is tried once more, then said with the end of its log" bash -c '
    ! "$0" fails.json --outputDir=fails >/dev/null 2>err && grep -q "failed: value=13/drop-1 and 1 more (exit status 3)" err &&
    grep -q "    unlucky" err && grep -q "campaign.py: 2 of 6 runs failed" err && (($(wc -l <fails/campaign.tsv) == 5)) &&
    (($(grep -c . fails/failures.tsv) == 3)) && (($(grep -c "^value=13 1$" "$TOY_LOG") == 2)) &&
    (($(grep -c "^value=14 1$" "$TOY_LOG") == 2)) && [[ -s fails/runs/value=14/drop-1/result.txt ]]' "$campaign"
check "and the same command tries only those again" bash -c '
    : >"$TOY_LOG" && touch lucky && "$0" fails.json --outputDir=fails >/dev/null 2>err && (($(wc -l <"$TOY_LOG") == 2)) &&
    (($(wc -l <fails/campaign.tsv) == 7)) && [[ ! -e fails/failures.tsv ]] && rm lucky' "$campaign"
toy_grid hopeless.json toy 40 '"value": [13]'
check "a grid of which nothing works is stopped" bash -c '
    ! "$0" hopeless.json --outputDir=hopeless >/dev/null 2>err && grep -q "^campaign.py: .*runs failed\|^campaign.py: .*none has finished" err' "$campaign"
toy_grid more.json toy 31 '"value": [1, 2]'
check "more runs of the same grid go on from those that are there" bash -c '
    "$0" more.json --outputDir=toys >/dev/null 2>err && grep -q "60 of 62 runs are there already" err &&
    (($(wc -l <toys/campaign.tsv) == 63))' "$campaign"
check "status from another terminal" bash -c '
    "$0" status toys >out && grep -q "62 of 62 runs finished, 0 running, 0 failed" out && grep -q "no campaign" out' "$campaign"
toy_grid slow.json toy 2 '"value": [1], "pause": [600]'
check "a second campaign on the same folder is refused; status and an interrupt" bash -c '
    "$0" slow.json --outputDir=busy >/dev/null 2>err & first=$!
    until compgen -G "busy/runs/*/*.part/log.txt" >/dev/null; do sleep 0.05; done
    ! "$0" slow.json --outputDir=busy >/dev/null 2>second && grep -q "another campaign uses it (engine local, process $first" second &&
        (($(grep -c . second) == 1)) && "$0" status busy >third && grep -q "0 of 2 runs finished, [12] running" third
    result=$?
    kill -INT $first; wait $first
    (($? == 130 && result == 0)) && grep -q "the same command goes on from here" err && [[ -z $(pgrep -f "pause=[6]00") ]]' "$campaign"

# --- refused ----------------------------------------------------------------------------------------------------------

# refuses NAME PATTERN LEFT COMMAND...: says PATTERN in one line and leaves nothing.
refuses() {
    local name=$1 pattern=$2 left=$3 status=0
    shift 3
    timeout 60 "$@" >out.log 2>err.log || status=$?
    if ((status == 1)) && grep -q -- "^campaign.py: .*$pattern" err.log && (($(grep -c . err.log) == 1)) && [[ ! -e $left ]]; then
        echo "ok refused: $name"
    else
        echo "not ok refused: $name (exit status $status)"
        sed 's/^/    /' err.log
    fi
    rm -rf "$left"
}
# Most of it in one process, which takes a tenth of the time: NAME, PATTERN, GRID.
python3 - "$here/../tools" "$programs/cellfree-isac-example" <<'PY'
import json, os, re, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from campaign_commands import run
from campaign_grid import CampaignError

TOY = {"program": os.path.abspath("toy")}
EXAMPLE = {"program": sys.argv[2]}
def options(**values):
    return {**TOY, "options": values}
GRIDS = [
    ("no JSON", "not JSON", "{"),
    ("no text", "not JSON", b"\xff{}"),
    ("no object", "expected an object", [1]),
    ("depth", "nested too deeply|not JSON", "[" * 100000),
    ("size", "more than", " " * 2000000),
    ("an unknown program", "program = magic: expected one of .*cellfree-isac-example", {"program": "magic"}),
    ("a program that is not there", "expected a program that can be run", {"program": "./nothing"}),
    ("a folder for a program", "expected a program that can be run", {"program": "/tmp/"}),
    ("a program without --PrintHelp", "lists no options", {"program": "/bin/true"}),
    ("a program with a semicolon", "expected the name", {"program": "toy; touch refused"}),
    ("no program", "program = null", {}),
    ("a reference to itself", 'name = "cycle": expected one of', {**TOY, "cycle": {"$ref": "#"}}),
    ("an unknown option", "has no option magic", options(magic=1)),
    ("an option with a semicolon", 'options: name = "value;touch refused"', options(**{"value;touch refused": 1})),
    ("an option that climbs", 'options: name = "../value"', options(**{"../value": 1})),
    ("an option without a name", 'options: name = ""', options(**{"": 1})),
    ("a value with a quote", "options: value = ", options(value="1'; touch refused; '")),
    ("a value with a double quote", "options: value = ", options(value='1" --value=2')),
    ("a value with a line feed", "options: value = ", options(value="1\n2")),
    ("a value with a zero", "options: value = ", options(value="1\0")),
    ("a value with a dollar", "options: value = ", options(value="$(touch refused)")),
    ("a value that is not ASCII", "options: value = ", options(value="\u00b5")),
    ("a long value", "options: value = ", options(value="1" * 1001)),
    ("an option of the campaign's own", "expected none that the campaign sets", options(RngRun=1)),
    ("an option that prints and exits", "expected none that the campaign sets", options(PrintHelp=1)),
    ("names that differ in their case", "differ in more than their case", options(value=1, VALUE=2)),
    ("a name twice", '"value" is there twice', '{"program": "x", "options": {"value": 1, "value": 2}}'),
    ("a value twice", "expected every value once", options(value=[1, 1.0])),
    ("NaN", "NaN: expected a finite number", options(value=float("nan"))),
    ("an infinite number", "expected a finite number", '{"program": "x", "options": {"value": 1e999}}'),
    ("a number of many digits", "not JSON|a number below", '{"program": "x", "options": {"value": 1%s}}' % ("0" * 5000)),
    ("a list of lists", "expected a text, a number", options(value=[[1]])),
    ("an object for a value", "expected a text, a number", options(value={"a": 1})),
    ("null", "expected a text, a number", options(value=None)),
    ("an empty list", "at least one value", options(value=[])),
    ("options that are none", "expected an object", {**TOY, "options": 1}),
    ("no options in a list", "expected an object", {**TOY, "options": []}),
    ("a million runs", "expected an integer, 1 to 100000", {**TOY, "runs": 1000000}),
    ("a million cases", "at most 100000", options(value=list(range(1000)), pause=list(range(1000)))),
    ("values without end", "at most 100000", options(value=list(range(140000)))),
    ("names without end", "at most 1000", options(**{f"o{i}": 1 for i in range(50000)})),
    ("cases beyond memory", "at most 100000", options(**{f"o{i}": list(range(1000)) for i in range(20)})),
    ("no runs", "runs = 0: expected an integer", {**TOY, "runs": 0}),
    ("half a run", "runs = 1.5: expected an integer", {**TOY, "runs": 1.5}),
    ("true runs", "runs = true: expected an integer", {**TOY, "runs": True}),
    ("a negative first run", "firstRun = -1", {**TOY, "firstRun": -1}),
    ("seed 0", "seed = 0", {**TOY, "seed": 0}),
    ("an attribute that is none", "expected ns3::CLASS::ATTRIBUTE", {**TOY, "attributes": {"MaxStreams": 1}}),
    ("an attribute that is not there", "expected an attribute that",
     {**EXAMPLE, "attributes": {"ns3::CellFreeLink::Magic": 1}}),
    ("a class that is not there", "expected an attribute that", {**EXAMPLE, "attributes": {"ns3::Magic::Magic": 1}}),
    ("a file that is not beside the grid", "expected a file in", options(value="./nothing.json")),
    ("a Slurm partition with a blank", "slurm: partition", {**TOY, "slurm": {"partition": "a --wrap=b"}}),
    ("an unknown member for Slurm", "slurm: name", {**TOY, "slurm": {"wrap": "b"}}),
    ("a limit of nothing", "slurm: arrayLimit", {**TOY, "slurm": {"arrayLimit": 0}}),
    ("a variable with an equals sign", "environment: name", {**TOY, "environment": {"A=B": "1"}}),
]
from campaign_results import find_beside
found = find_beside(sys.argv[2], "cellfree-isac-compare")
is_beside = found and "cellfree-isac-compare" in found and find_beside(TOY["program"], "cellfree-isac-compare") is None
print("ok" if is_beside else "not ok", "cellfree-isac-compare is found beside the module's programs and nowhere else")
for name, pattern, grid in GRIDS:
    text = grid if isinstance(grid, (str, bytes)) else json.dumps(grid)
    with open("bad.json", "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    try:
        run(["bad.json", "--outputDir=refused"])
        said = "nothing"
    except CampaignError as error:
        said = str(error)
    except BaseException as error:
        said = repr(error)[:200] + "\n"
    good = re.search(pattern, said) and "\n" not in said and said.isascii() and not os.path.exists("refused")
    print("ok" if good else "not ok", f"refused: {name}", "" if good else f"({said})")
PY
echo '{"program": "x", "runs": 0}' >bad.json
refuses "a grid, by the program" 'runs = 0: expected an integer' refused "$campaign" bad.json --outputDir=refused
refuses "an unknown engine" "invalid choice: 'magic'" refused "$campaign" toy.json --engine=magic --outputDir=refused
refuses "no jobs" "argument --jobs" refused "$campaign" toy.json --jobs=0 --outputDir=refused
ln -s loop.json loop.json
refuses "a grid that is a link to itself" "loop.json: cannot be read" refused "$campaign" loop.json --outputDir=refused
touch file
refuses "an output directory that is a file" "output directory .*file: cannot be used" refused "$campaign" toy.json --outputDir=file
for change in '"value": [1, 3]' '"value": [1, 2], "pause": 0.02'; do
    toy_grid other.json toy 31 "$change"
    refuses "another grid on the same folder" "options was .* and is now" refused "$campaign" other.json --outputDir=toys
done
mkdir broken && echo '{"format": 1}' >broken/campaign.json
refuses "a campaign.json that is none" "campaign.json: expected what a campaign has written" refused "$campaign" toy.json --outputDir=broken
refuses "the status of nothing" "expected the output directory of a campaign" refused "$campaign" status nowhere
refuses "fewer runs on the same folder" "runs was 31 and is now 30" refused "$campaign" toy.json --outputDir=toys

check "cellfree-isac-compare --collect of what is no campaign" bash -c '
    mkdir none && echo "{\"cases\": 1}" >none/compare.json && ! "$0/cellfree-isac-compare" --collect --plots=false --outputDir=none 2>err &&
    grep -q "^cellfree-isac-compare: none/compare.json: expected the runs of a campaign" err && (($(grep -c . err) == 1)) &&
    [[ $(ls none) == compare.json ]]' "$programs"
# In a mount namespace where the tools are no programs.
cat >missing.sh <<'SH'
for tool in parallel sbatch; do
    path=$(command -v $tool) || continue
    mount --bind /dev/null "$(realpath "$path")" || exit 77
done
"$1" toy.json --outputDir=missing --engine="$2" 2>err
(($? == 1)) && grep -q "^campaign.py: --engine: .* is not on this machine (Debian: apt-get install $3)" err && [[ ! -e missing ]]
SH
for pair in parallel:parallel slurm:slurm-wlm; do
    status=0
    unshare -m bash missing.sh "$campaign" "${pair%:*}" "${pair#*:}" 2>mount.log || status=$?
    if ((status == 77)) || grep -q "unshare" mount.log; then
        echo "skip: an engine that is not installed (no mount is permitted here)"
    else
        check "an engine that is not installed: which package has it" test "$status" = 0
    fi
done

# --- full and read-only disks -----------------------------------------------------------------------------------------

cat >full.sh <<'SH'
mkdir disk && mount -t tmpfs -o size=600k none disk || exit 77
"$1" fat.json --jobs=2 --outputDir=disk/out >out 2>err
(($? == 1)) && (($(grep -c "^campaign.py: .*no space is left" err) == 1)) || exit 1
for folder in disk/out/runs/*/*; do
    [[ $folder == *.* ]] || { [[ -s $folder/run.json ]] && (($(stat -c %s "$folder/fat.txt") == 40000)); } || exit 1
done
compgen -G "disk/out/runs/*/drop-1" >/dev/null && mount -o remount,size=8m disk &&
    "$1" fat.json --outputDir=disk/out >out 2>err && (($(wc -l <disk/out/campaign.tsv) == 41)) || exit 1
mount -o remount,ro disk && rm -f more && ! "$1" fat.json --outputDir=disk/out >out 2>err && grep -q "^campaign.py: .*Read-only" err &&
    (($(grep -c . err) == 1)) && "$1" status disk/out >out && grep -q "40 of 40 runs finished" out
SH
toy_grid fat.json toy 40 '"fat": 40000'
status=0
unshare -m bash full.sh "$campaign" 2>mount.log || status=$?
if ((status == 77)) || grep -q "unshare" mount.log; then
    echo "skip: a full disk (no mount is permitted here)"
else
    check "a full disk: one line, finished runs stay, and it goes on; a read-only one: one line, and they can be read" test "$status" = 0
    ((status == 0)) || sed 's/^/    /' err
fi
check "files that may not grow: the run fails, and says why" bash -c '
    (ulimit -f 20 && ! "$0" fat.json --jobs=2 --outputDir=limit >out 2>err) && grep -q "killed by SIGXFSZ\|File too large\|exit status" err' "$campaign"
