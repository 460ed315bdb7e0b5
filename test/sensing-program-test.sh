#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests the programs that track targets as a user meets them: what they print, what they leave, and how they refuse bad
# input.
#
# usage: test/sensing-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
programs=$1
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# refuses NAME PATTERN PROGRAM ARGS...: the program leaves with 1, says PATTERN in one line of its own, and writes nothing.
refuses() {
    local name=$1 pattern=$2 program=$3 status=0
    shift 3
    "$programs/cellfree-isac-$program" --outputDir="$work/refused" "$@" >"$work/out" 2>"$work/err" || status=$?
    if ((status == 1)) && grep -q -- "$pattern" "$work/err" && (($(grep -c . "$work/err") == 1)) &&
        [[ ! -s $work/out ]] && ! compgen -G "$work/refused/*" >/dev/null; then
        echo "ok $program: $name"
    else
        echo "not ok $program: $name (exit status $status)"
        sed 's/^/    /' "$work/err"
    fi
}

# has_rows FILE COLUMNS LEAST: as many tab-separated columns in each row, at least so many rows, numbers all.
has_rows() {
    (($(awk -F '\t' '{ print NF }' "$1" | sort -u) == $2)) && (($(wc -l <"$1") > $3)) && ! grep -qiwE "nan|inf|-nan" "$1"
}

check "tracking: tells of targets, tracks, reports and what became of them" bash -c '
    "$0" --simTime=1s --outputDir=tracked >table 2>progress && grep -q "Mean GOSPA: [0-9.]* m" table &&
    grep -q "Reports of CPU [0-9]*: [0-9]* of [0-9]* arrived" table && grep -q "s  drone A tracked$" table &&
    grep -q "s  the vehicle tracked$" table && grep -q "^Traces: tracked/TrackTrace.tsv" table' "$programs/cellfree-isac-tracking"
check "tracking: TrackTrace has its columns and rows" has_rows tracked/TrackTrace.tsv 20 100
check "tracking: DetectionTrace has its columns and rows" has_rows tracked/DetectionTrace.tsv 10 100
check "tracking: ReportTrace has its columns and rows" has_rows tracked/ReportTrace.tsv 9 50
check "tracking: SensingTrace has its columns and rows" has_rows tracked/SensingTrace.tsv 24 100
check "tracking: no partial file is left" bash -c '! compgen -G "tracked/*.part" >/dev/null'
check "tracking: without a tracker there are no tracks" bash -c '
    "$0" --simTime=200ms --tracking=false --outputDir=told >table 2>progress && ! grep -q GOSPA table &&
    (($(wc -l <told/TrackTrace.tsv) == 1)) && (($(wc -l <told/SensingTrace.tsv) > 20))' "$programs/cellfree-isac-tracking"
check "fusion: compares two networks with what is fused of them" bash -c '
    "$0" --simTime=3s --outputDir=fused >table 2>progress && grep -qE "^rms over +5 +[0-9.]+ +[0-9.]+ +[0-9.]+$" table &&
    (($(grep -c "^Reports of CPU" table) == 2)) && grep -q "^Traces: fused/TrackTrace.tsv" table' "$programs/cellfree-isac-fusion"
check "fusion: ReportTrace has rows of both CPUs" bash -c '
    (($(awk "NR > 1 { print \$2 }" fused/ReportTrace.tsv | sort -u | wc -l) == 2))'
check "fusion: writes nothing unless asked to" bash -c '
    mkdir nothing && cd nothing && "$0" --simTime=600ms >/dev/null 2>&1 && [[ -z $(ls) ]]' "$(realpath "$programs/cellfree-isac-fusion")"
check "example: --tracking has tracks and reports in table and traces" bash -c '
    "$0" --simTime=500ms --nAps=6 --nUes=2 --tracking --outputDir=example >table 2>progress && grep -q GOSPA table &&
    grep -q "Reports of CPU" table && grep -q "TrackTrace, DetectionTrace, ReportTrace beside it$" table' "$programs/cellfree-isac-example"
check "example: its TrackTrace has its columns and rows" has_rows example/TrackTrace.tsv 20 20

refuses "an unknown option" "--nosuch" tracking --nosuch=1
refuses "an unknown policy" "unknown.*magic" tracking --policy=magic
refuses "a stray word" "stray" tracking stray
refuses "zero time" "--simTime" tracking --simTime=0s
refuses "a probability that cannot be held" "--detectionTarget=0.2: expected 0 or from 0.4 to 0.999" tracking --detectionTarget=0.2
refuses "a probability of 1" "--detectionTarget=1" tracking --detectionTarget=1
refuses "a negative weight" "--sensingWeight=-1" tracking --sensingWeight=-1
refuses "a truth value that is none" "--tracking=maybe" tracking --tracking=maybe
refuses "an attribute out of range" "GateProbability" tracking --ns3::CellFreeMultiTargetTracker::GateProbability=2
refuses "an output directory that is a file" "output directory" tracking --outputDir="$work/table"
refuses "an unknown option" "--nosuch" fusion --nosuch=1
refuses "a time without a look" "--simTime" fusion --simTime=100ms
refuses "a negative distance" "--distance=-1" fusion --distance=-1
refuses "a distance that is no number" "--distance=far" fusion --distance=far
refuses "an output directory that is a file" "output directory" fusion --outputDir="$work/table"
refuses "an unknown option" "--nosuch" echo --nosuch=1
refuses "an unknown waveform" "--symbols" echo --symbols=ofdm
refuses "an unknown target" "--target" echo --target=bird
refuses "a Pfa of 0" "--pfa" echo --pfa=0
refuses "no receivers" "--nReceivers=0" echo --nReceivers=0
refuses "a probability that cannot be held" "--detectionTarget=0.2: expected 0 or from 0.4 to 0.999" example --detectionTarget=0.2
refuses "a probability that is no number" "--detectionTarget=nan" example --detectionTarget=nan
refuses "a truth value that is none" "--tracking=maybe" example --tracking=maybe
