#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes doc/study anew: 10 drops of the default scenario under six policies. Goes on where it was if it is called again.
# It prints the table for doc/study/README.md.
#
# usage: tools/make-study.sh [OUTPUT-DIRECTORY]     default: study

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-study}
"$root/tools/run.sh" cellfree-isac-compare --policies=wmmse,gnn,joint,rzf,cb,cb-sensing --sensingWeights=0,2,10 \
    --drops=10 --programArgs=--simTime=2s --outputDir="$out"
"$root/tools/plot.py" "$out" --formats png --map-cases wmmse,joint-b10 >/dev/null
cp "$out"/{comparison,drops,costs}.tsv "$out"/plots/*.png "$root/doc/study/"
"$root/tools/study-table.py" "$out"
