#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes the second study, doc/study/ablation.*: each realism of the network switched on in turn, 20 drops of the default
# scenario with full queues under each policy. Goes on where it was if it is called again. It prints the table for
# doc/study/ablation.md.
#
# usage: tools/make-ablation.sh [OUTPUT-DIRECTORY]     default: ablation

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-ablation}
policies=gnn,rzf,cb
drops=20
base="--load=full-buffer --simTime=600ms"
pilots="--csi=pilots --frame=DDDSU"

# NAME, then the options that differ from the row that the table calls "default".
rows=(
    "default|"
    "rician|--fading=rician"
    "correlated|--fading=correlated"
    "subbands|--fading=rician --subbands=4"
    "frame|--frame=DDDSU"
    "pilots-8|$pilots --pilotLength=8"
    "pilots-4|$pilots --pilotLength=4"
    "pilots-8-fast|$pilots --pilotLength=8 --ueSpeed=15"
    "clusters|--clusterSize=4"
    "pf|--scheduler=pf --ns3::CellFreeLink::MaxStreams=4"
    "rr|--ns3::CellFreeLink::MaxStreams=4"
    "fronthaul|--fronthaulRate=1Gb/s"
    "all|--fading=rician --subbands=4 $pilots --pilotLength=4 --ueSpeed=15 --clusterSize=4 --scheduler=pf"
)
mkdir -p "$out"
names=()
for row in "${rows[@]}"; do
    name=${row%%|*}
    names+=("$name")
    "$root/tools/run.sh" cellfree-isac-compare --policies=$policies --drops=$drops --plots=false --database=false \
        "--programArgs=$base ${row#*|}" --outputDir="$out/$name" >"$out/$name.log"
done
"$root/tools/ablation-table.py" "$out" "${names[@]}"
cp "$out/ablation.tsv" "$out/ablation.png" "$root/doc/study/"
