#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Measures what cellfree-isac-clusters gains by several processes and what limits it, for doc/study/clusters.md: wall time,
# events, windows, messages, and the processor time of each process between two calls that keep them in step
# (tools/clusters-profile.c). It leaves doc/study/clusters.tsv and prints it. A run that is there is not done again.
#
# usage: tools/make-clusters-study.sh [OUTPUT-DIRECTORY [PROGRAM]]     default: clusters-study, and the program of an ns-3
#                                                                      that tools/setup.sh configures with MPI

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:-clusters-study}
program=${2:-}
if [[ -z $program ]]; then
    export CELLFREE_ISAC_MPI=1
    source "$root/tools/setup.sh"
    set_up cellfree-isac-clusters
    program=$(program_path cellfree-isac-clusters)
fi
program=$(realpath "$program")
mkdir -p "$out"
cd "$out"
mpicc -O2 -shared -fPIC -o profile.so "$root/tools/clusters-profile.c"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# run NAME PROCESSES ENGINE ARGS...
run() {
    local name=$1 n=$2 engine=$3
    shift 3
    [[ ! -f $name/done ]] || return 0
    rm -rf "$name"
    mkdir "$name"
    printf '%s\n' "$n" "$engine" "$*" >"$name/arguments"
    local command=("$program" --mpi="$engine" --outputDir="$name/traces" "$@")
    if [[ $engine != off ]]; then
        export CLUSTERS_PROFILE=$name/profile
        command=(mpirun --oversubscribe -x "LD_PRELOAD=$PWD/profile.so" -np "$n" "${command[@]}")
    fi
    "${command[@]}" >"$name/table" 2>"$name/costs"
    # Who simulates what changes no row.
    if [[ $engine != off && -d $reference/traces ]]; then
        diff -r --exclude='CostTrace*' "$reference/traces" "$name/traces"
        rm -r "$name/traces"
    fi
    touch "$name/done"
}

base=(--nClusters=8 --simTime=300ms)
reference=2ms-one
run 2ms-one 1 off "${base[@]}"
for n in 2 4 8; do
    run "2ms-granted-$n" "$n" granted "${base[@]}"
done
run 2ms-null-2 2 null "${base[@]}"
reference=none
# Half a slot, and 20 slots.
for delay in 250us 10ms; do
    run "$delay-granted-2" 2 granted "${base[@]}" --backboneDelay=$delay
done
# A policy that computes more, so that core and server are less of the whole.
run joint-granted-2 2 granted --nClusters=8 --simTime=150ms --policy=joint --coreShare=0
# What a cluster costs that another process simulates: 64 clusters by two, 32 of them each, and 32 by one.
run all-64 2 granted --nClusters=64 --simTime=20ms --coreShare=0
run half-32 1 granted --nClusters=32 --simTime=20ms --coreShare=0
"$root/tools/clusters-table.py" . | tee "$root/doc/study/clusters.tsv"
