#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests cellfree-isac-example as a user meets it: what it prints, what it leaves, and how it refuses bad input.
#
# usage: test/example-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
example=$1/cellfree-isac-example
solve=$1/cellfree-isac-solve
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# refuses NAME PATTERN ARGS...: the example leaves with 1, says PATTERN in one line of its own, and writes nothing.
refuses() {
    local name=$1 pattern=$2 status=0
    shift 2
    "$example" --simTime=50ms --outputDir="$work/refused" "$@" >"$work/out" 2>"$work/err" || status=$?
    if ((status == 1)) && grep -q -- "$pattern" "$work/err" && (($(grep -c . "$work/err") == 1)) &&
        ! compgen -G "$work/refused/*" >/dev/null; then
        echo "ok $name"
    else
        echo "not ok $name (exit status $status)"
        sed 's/^/    /' "$work/err"
    fi
}

small=(--simTime=200ms --nAps=4 --nUes=2 --nAntennas=4)

check "runs from any folder and prints the table" bash -c '
    "$0" "${@}" --outputDir=traces >table 2>progress &&
    grep -q "UDP down" table && grep -q "TCP up" table && grep -q "combined" table' "$example" "${small[@]}"
for trace in UeTrace SensingTrace DecisionTrace CostTrace PositionTrace BeamTrace; do
    check "$trace.tsv has a header and rows" bash -c '
        [[ $(head -n 1 "$0") == *time_s* ]] && (($(wc -l <"$0") > 5)) && ! grep -qiE "nan|inf" "$0" &&
        (($(awk -F "\t" "{print NF}" "$0" | sort -u | wc -l) == 1))' "traces/$trace.tsv"
done
# P N at most, and some direction of the horizontal plane has it: 23 dBm = -7 dBW, and 6 dB for 4 antennas.
check "the sensing beams of BeamTrace reach the gain of the array" bash -c '
    "$0" "${@}" --policy=cb-sensing --outputDir=beams >/dev/null 2>&1 &&
    awk -F "\t" "NR > 1 && (!(\$3 in peak) || \$6 > peak[\$3]) { peak[\$3] = \$6 } NR > 1 && \$5 > -300 { exit bad = 1 }
        END { for (ap in peak) { n++; bad += peak[ap] < -1.2 || peak[ap] > -0.979 } exit bad || n != 4 }" \
        beams/BeamTrace.tsv' "$example" "${small[@]}"
check "FlowTrace.tsv has the flows of both directions" bash -c '
    (($(grep -c "[[:space:]]DL[[:space:]]" traces/FlowTrace.tsv) == 3)) && ! grep -qiwE "nan|inf" traces/FlowTrace.tsv'
check "configuration.json says what differs from the defaults" python3 - <<'PY'
import json
run = json.load(open("traces/configuration.json"))
assert run["policy"] == "gnn" and run["sensingWeight"] == 1 and "--nAps=4" in run["command"]
assert run["attributes"]["ns3::TcpSocket::SegmentSize"] == "1400"
assert "outputDir" not in run["command"] and not any("0x" in value for value in run["attributes"].values())
PY
check "traces.sqlite has the rows of the traces" python3 - <<'PY'
import sqlite3
base = sqlite3.connect("traces/traces.sqlite")
for table in "UeTrace", "SensingTrace", "DecisionTrace", "ClusterTrace", "FronthaulTrace", "EnergyTrace", "CostTrace", "FlowTrace", "DelayTrace":
    query = f"SELECT count(*) FROM {table} WHERE Run = 1 AND Policy = 'gnn' AND SensingWeight = 1"
    assert base.execute(query).fetchone() == (sum(1 for line in open(f"traces/{table}.tsv")) - 1,), table
PY
check "--load=ftp3 leaves a FileTrace of whole files" bash -c '
    "$0" "${@}" --simTime=1s --load=ftp3 --scheduler=pf --ns3::CellFreeFileTraffic::ArrivalRate=10 --outputDir=files >sum 2>&1 &&
    grep -q "Files: .* finished after .* user-perceived" sum &&
    awk -F "\t" "NR > 1 && \$8 { n++; bad += \$5 != \$6 || \$2 <= \$1 } END { exit bad || n < 5 }" files/FileTrace.tsv' \
    "$example" "${small[@]}"
check "energy, a full fronthaul and another frame show" bash -c '
    "$0" "${@}" --outputDir=costly --energy --fronthaulRate=250Mb/s --frame=DDDSU >costly.txt 2>/dev/null &&
    grep -q "^Energy: .* W (APs .* uJ per decoded bit$" costly.txt && (($(wc -l <costly/EnergyTrace.tsv) > 4)) &&
    grep -q "late$" costly/FronthaulTrace.tsv && grep -q "sent$" costly/FronthaulTrace.tsv' "$example" "${small[@]}"
check "a frame without uplink is refused" bash -c '
    ! "$0" "${@}" --outputDir=traces --frame=DDS >/dev/null 2>err && grep -q "frame: \"DDS\": expected a U" err' \
    "$example" "${small[@]}"
check "FlowMonitor.xml is there" grep -q "<FlowMonitor>" traces/FlowMonitor.xml
check "no partial file is left" bash -c '! compgen -G "traces/*.part" >/dev/null'
check "simTag names the files" bash -c '
    "$0" "${@}" --outputDir=traces --simTag=-b >/dev/null 2>&1 && cmp -s traces/UeTrace.tsv traces/UeTrace-b.tsv' \
    "$example" "${small[@]}"
check "another RngRun gives another trace" bash -c '
    "$0" "${@}" --outputDir=traces --simTag=-c --RngRun=2 >/dev/null 2>&1 &&
    ! cmp -s traces/UeTrace.tsv traces/UeTrace-c.tsv' "$example" "${small[@]}"
check "a trace without events is a header row" bash -c '
    "$0" "${@}" --nTargets=0 --outputDir=empty >/dev/null 2>&1 && (($(wc -l <empty/SensingTrace.tsv) == 1))' \
    "$example" "${small[@]}"

cat >compare-recording.py <<'PY'
# compare-recording.py TRACES ANSWERS EVERY WEIGHT: line i answers decision i EVERY as the simulation did, to the digits
# of the trace, which has SINRs with the impairments of radios. The objective weighs the SNR after combining.
import csv, json, math, sys
read = lambda name: list(csv.DictReader(open(f"{sys.argv[1]}/{name}.tsv"), delimiter="\t"))
trace = read("DecisionTrace")[::int(sys.argv[3])]
impaired = lambda sinr: sinr / (1 + sinr * (0.035**2 + 0.01**2))
gain = 4 * 7000  # antennas of an AP, symbols
answers = [json.loads(line) for line in open(sys.argv[2])]
close = lambda x, y: math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-6)
assert len(answers) == len(trace) > 10, (len(answers), len(trace))
for row, answer in zip(trace, answers):
    assert close(sum(math.log2(1 + impaired(x)) for x in answer["sinr"]), float(row["sumRate_bpsPerHz"])), row
    if answer["sinr"]:
        assert close(10 * math.log10(impaired(min(answer["sinr"]))), float(row["minSinr_dB"])), row
    snr = answer["sensingSnr"][0]
    assert snr == 0 or close(10 * math.log10(snr), float(row["sensingSnr_dB"])), row
    assert close(answer["objective"], sum(answer["rate"]) + float(sys.argv[4]) * math.log2(1 + gain * snr)), row
assert any(answer["sensingSnr"][0] > 0 for answer in answers)
PY
for policy in gnn rzf; do
    check "$policy: recorded problems are answered as in the simulation" bash -c '
        "$0" "${@:3}" --policy="$2" --sensingWeight=3 --outputDir=recorded --record="$2.jsonl" --recordEvery=7 \
            >record.log 2>&1 && [[ ! -e $2.jsonl.part ]] && grep -q "Problems: $(wc -l <"$2.jsonl") in" record.log &&
        "$1" --in="$2.jsonl" --out="$2-answers.jsonl" --policy="$2" --sensingWeight=3 &&
        python3 compare-recording.py recorded "$2-answers.jsonl" 7 3' "$example" "$solve" "$policy" "${small[@]}"
done
check "a recorded problem holds the policy's sensing weight" bash -c '
    (($(grep -c "sensingWeight.:.3.0" gnn.jsonl) == $(wc -l <gnn.jsonl))) && ! grep -q sensingWeight rzf.jsonl'

check "--help lists the policies" bash -c '"$0" --help 2>&1 | grep -q "cb-sensing"' "$example"

refuses "unknown policy" "unknown.*magic.*cb-sensing" --policy=magic
refuses "unknown scheduler" "unknown scheduler.*fair.*max-rate" --scheduler=fair
refuses "unknown load" "--load=heavy: expected default" --load=heavy
refuses "negative speed" "--ueSpeed=-2" --ueSpeed=-2
refuses "zero APs" "--nAps=0" --nAps=0
refuses "negative UEs" "--nUes=-1" --nUes=-1
refuses "zero antennas" "--nAntennas=0" --nAntennas=0
refuses "power out of range" "--txPower=-200" --txPower=-200
refuses "negative sensing weight" "--sensingWeight=-1" --sensingWeight=-1
refuses "a sensing weight that is no number" "--sensingWeight=nan" --sensingWeight=nan
refuses "a sensing weight beyond the range" "--sensingWeight=1e300.*1e+06\|--sensingWeight=1e300.*1000000" --sensingWeight=1e300
refuses "a number of UEs that is not whole" "--nUes=1.5" --nUes=1.5
refuses "a stray word" "stray" stray
refuses "an unknown option" "--nosuch" --nosuch=1
refuses "a negative run number" "--RngRun=-1" --RngRun=-1
refuses "a rate of zero" "--udpRate=0b/s" --udpRate=0b/s
refuses "a rate that is none" "--udpRate=fast" --udpRate=fast
refuses "an attribute out of range" "DecisionDelay.*0 to 1000" --ns3::CellFreeCpu::DecisionDelay=1001
refuses "a database that cannot be made" "--database: .*nonexistent/x.sqlite" --database=/nonexistent/x.sqlite
head -c 3000 /dev/urandom >broken.safetensors
refuses "a broken weight file" "broken.safetensors" --ns3::CellFreeGnnPolicy::WeightFile="$PWD/broken.safetensors"
refuses "a missing weight file" "none.safetensors" --ns3::CellFreeGnnPolicy::WeightFile="$PWD/none.safetensors"
refuses "zero time" "--simTime" --simTime=0s
refuses "recording every 0th decision" "--recordEvery=0" --record=refused.jsonl --recordEvery=0
refuses "a recording that cannot be written" "--record: .*none/x" --record=none/x
refuses "a recording that is a folder" "--record: .*traces" --record=traces
check "a refused recording leaves nothing" bash -c '! compgen -G "refused.jsonl*" >/dev/null'
refuses "output directory that is a file" "output directory" --outputDir="$work/table"
refuses "an output directory without a name" "--outputDir\|output directory" --outputDir=

if command -v valgrind >/dev/null; then
    check "valgrind finds no leak and no error" bash -c '
        valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=9 \
            "$0" --simTime=60ms --nAps=2 --nUes=2 --nAntennas=2 --outputDir=valgrind >/dev/null 2>valgrind.log ||
            { tail -n 40 valgrind.log; false; }' "$example"
fi
