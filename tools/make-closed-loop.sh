#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes the study of the closed loop of the sensing weight, doc/study/closed-loop.* and doc/figures/closed-loop.png: a
# flight with --detectionTarget=0.9, and the same flight with fixed weights until one has the same mean Pd. Goes on where
# it was if it is called again. It prints the table for doc/study/closed-loop.md.
#
# usage: tools/make-closed-loop.sh [OUTPUT-DIRECTORY]     default: closed-loop

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-closed-loop}
# The default scenario with full queues; long slots of a narrow band take less time to simulate.
base="--load=full-buffer --ns3::CellFreeFrame::SlotDuration=1ms --ns3::CellFreeFrame::ResourceBlocks=25"

# NAME, seconds, flight (RngRun), then the options.
rows=(
    "told-gnn|60|1|--policy=gnn"
    "told-gnn|60|2|--policy=gnn"
    "told-joint|10|1|--policy=joint"
    "tracking-gnn|60|1|--policy=gnn --tracking"
)
mkdir -p "$out"
for row in "${rows[@]}"; do
    IFS='|' read -r name seconds run options <<<"$row"
    # shellcheck disable=SC2086 # options are words
    "$root/tools/closed-loop.py" "$out" "$name" "$seconds" "$run" -- \
        "$root/tools/run.sh" cellfree-isac-example $base $options
done
"$root/tools/closed-loop.py" "$out"
cp "$out/closed-loop.tsv" "$root/doc/study/"
cp "$out/closed-loop.png" "$root/doc/figures/"
