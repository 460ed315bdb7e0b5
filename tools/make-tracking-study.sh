#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes the third study, doc/study/tracking.tsv and doc/figures/tracking-frontier.png: what sensing costs and what it
# buys where nobody tells the network where its targets are. 20 drops of the default scenario with full queues and two
# drones that must be found and followed, the same under every policy. Goes on where it was if it is called again. It
# prints the tables for doc/study/tracking.md.
#
# usage: tools/make-tracking-study.sh [OUTPUT-DIRECTORY]     default: tracking-study

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-tracking-study}
drops=20
base="--nTargets=2 --load=full-buffer --simTime=2s"

# NAME POLICIES WEIGHTS [OPTIONS OF THE PROGRAM]: what differs in more than policy and weight is a comparison of its own.
compare() {
    "$root/tools/run.sh" cellfree-isac-compare --tracking --drops=$drops --plots=false --database=false \
        "--policies=$2" "--sensingWeights=$3" "--programArgs=$base ${4:-}" --outputDir="$out/$1" >"$out/$1.log"
}

mkdir -p "$out"
compare fixed gnn,rzf,cb,cb-sensing 0,0.1,1,10
compare closed-loop gnn 1 --detectionTarget=0.9
# The solver at its default tolerance takes three times as long for 0.06 % of the objective.
compare joint joint 1 --ns3::CellFreeWmmsePolicy::Tolerance=0.01
"$root/tools/tracking-table.py" "$out" gnn-b1 fixed closed-loop joint
cp "$out/tracking.tsv" "$root/doc/study/"
cp "$out/tracking-frontier.png" "$root/doc/figures/"
