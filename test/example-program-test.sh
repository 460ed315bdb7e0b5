#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests cellfree-isac-example as a user meets it: what it prints, what it leaves, and how it refuses bad input.
#
# usage: test/example-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
example=$1/cellfree-isac-example
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# check NAME COMMAND...: reports whether the command succeeds.
check() {
    local name=$1
    shift
    if "$@"; then echo "ok $name"; else echo "not ok $name"; fi
}

# refuses NAME PATTERN ARGS...: the example fails, says PATTERN in one line of its own, and leaves no trace files.
refuses() {
    local name=$1 pattern=$2 status=0
    shift 2
    "$example" --simTime=50ms --outputDir="$work/refused" "$@" >"$work/out" 2>"$work/err" || status=$?
    if ((status != 0)) && grep -q -- "$pattern" "$work/err" && (($(grep -c . "$work/err") == 1)) &&
        ! compgen -G "$work/refused/*.tsv" >/dev/null; then
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
for trace in UeTrace SensingTrace DecisionTrace CostTrace; do
    check "$trace.tsv has a header and rows" bash -c '
        [[ $(head -n 1 "$0") == *time_s* ]] && (($(wc -l <"$0") > 5)) && ! grep -qiE "nan|inf" "$0" &&
        (($(awk -F "\t" "{print NF}" "$0" | sort -u | wc -l) == 1))' "traces/$trace.tsv"
done
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
check "--help lists the policies" bash -c '"$0" --help 2>&1 | grep -q "cb-sensing"' "$example"

refuses "unknown policy" "unknown.*magic.*cb-sensing" --policy=magic
refuses "zero APs" "--nAps=0" --nAps=0
refuses "negative UEs" "--nUes=-1" --nUes=-1
refuses "zero antennas" "--nAntennas=0" --nAntennas=0
refuses "power out of range" "--txPower=-200" --txPower=-200
refuses "negative sensing weight" "--sensingWeight=-1" --sensingWeight=-1
check "a sensing weight that is no number is refused" bash -c '! "$0" --sensingWeight=nan >/dev/null 2>&1' "$example"
refuses "zero time" "--simTime" --simTime=0s
refuses "output directory that is a file" "output directory" --outputDir="$work/table"

if command -v valgrind >/dev/null; then
    check "valgrind finds no leak and no error" bash -c '
        valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=9 \
            "$0" --simTime=60ms --nAps=2 --nUes=2 --nAntennas=2 --outputDir=valgrind >/dev/null 2>valgrind.log ||
            { tail -n 40 valgrind.log; false; }' "$example"
fi
