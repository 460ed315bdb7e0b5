#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests cellfree-isac-clusters: what it prints and leaves, how it refuses bad input, and, where ns-3 was built with MPI, that
# several processes get the same as one, row for row.
#
# usage: test/clusters-program-test.sh PROGRAMS BUILD     PROGRAMS holds the programs under their plain names; BUILD is
#                                                         ns-3's CMake folder

set -uo pipefail
clusters=$1/cellfree-isac-clusters
build=$2
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# refuses NAME PATTERN COMMAND...: leaves with non-zero, says PATTERN in one line of its own, and writes nothing.
refuses() {
    local name=$1 pattern=$2 status=0
    shift 2
    "$@" --outputDir="$work/refused" >"$work/out" 2>"$work/err" || status=$?
    if ((status != 0)) && (($(grep -c "^cellfree-isac-clusters: .*$pattern" "$work/err") == 1)) && [[ ! -s $work/out ]] &&
        ! compgen -G "$work/refused/*" >/dev/null; then
        echo "ok $name"
    else
        echo "not ok $name (exit status $status)"
        sed 's/^/    /' "$work/err"
    fi
}

small=(--nAps=4 --nUes=2 --nAntennas=2 --simTime=200ms --policy=rzf)

# Each cluster has a row of nine columns; UDP comes after 2.1 ms of backbone, reports after twice 2 ms.
check "prints a row per cluster" bash -c '
    "$0" "${@}" --nClusters=3 --nCarriers=2 --outputDir=one >table 2>costs && grep -qE "^rank 0: [0-9]+ events, " costs &&
    (($(wc -l <costs) == 1)) && awk "/^ +[0-9]+ +[0-9]+ / { n++; bad += NF != 9 || \$2 != \$1 % 2 || \$3 <= 0 || \$4 <= 0 ||
        \$5 < 2.1 || \$7 < 0 || \$7 > 1 || \$8 < 10 || \$9 < 4 || \$9 > 4.01 } END { exit bad || n != 3 }" table' \
    "$clusters" "${small[@]}"
check "each carrier has the traces of its clusters" bash -c '
    [[ $(ls one) == "carrier0
carrier1" ]] && for carrier in 0 1; do
        for trace in UeTrace SensingTrace DecisionTrace ReportTrace; do
            (($(wc -l <one/carrier$carrier/$trace.tsv) > 5)) && ! grep -qiwE "nan|inf|-nan" one/carrier$carrier/$trace.tsv || exit 1
        done
    done
    column() { awk "NR > 1 { print \$2 }" one/carrier$1/ReportTrace.tsv | sort -u | wc -l; }
    (($(column 0) == 2 && $(column 1) == 1)) && ! compgen -G "one/*/*.part" >/dev/null'
check "clusters of a carrier interfere, others do not" bash -c '
    rate() { awk "/^ +0 +0 / { print \$6 }" "$1"; }
    "$0" "${@}" --nClusters=2 --nCarriers=1 --outputDir=shared >shared.txt 2>/dev/null &&
    "$0" "${@}" --nClusters=2 --outputDir=apart >apart.txt 2>/dev/null &&
    "$0" "${@}" --nClusters=1 --outputDir=alone >alone.txt 2>/dev/null &&
    awk "BEGIN { exit !($(rate shared.txt) < $(rate apart.txt) - 0.05) }" && [[ $(rate apart.txt) == $(rate alone.txt) ]]' \
    "$clusters" "${small[@]}"

refuses "an unknown engine is refused" "--mpi=magic: expected off, granted or null" "$clusters" --mpi=magic
refuses "more carriers than clusters are refused" "--nCarriers=3: expected at most --nClusters=2" \
    "$clusters" --nClusters=2 --nCarriers=3
refuses "no clusters are refused" "--nClusters=0" "$clusters" --nClusters=0
refuses "a delay off the grid is refused" "--backboneDelay: expected whole microseconds" "$clusters" --backboneDelay=1500ns
refuses "an unknown policy is refused" "magic" "$clusters" --policy=magic
refuses "a stray word is refused" "stray" "$clusters" stray
refuses "processes that do not know of each other are refused" "--mpi=off: expected granted or null, for 2 processes" \
    env OMPI_COMM_WORLD_SIZE=2 "$clusters"

if ! grep -q "^NS3_MPI:BOOL=ON" "$build/CMakeCache.txt"; then
    refuses "MPI that is not there is refused" "--mpi=granted: expected off, for this ns-3 was built without MPI" \
        "$clusters" --mpi=granted
    echo "skip: several processes (this ns-3 was built without MPI: CELLFREE_ISAC_MPI=1)"
    exit
fi

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export clusters
# ranks N ARGS...: runs the program in so many processes, wherever there are fewer processors.
ranks() {
    local n=$1
    shift
    timeout 600 mpirun --oversubscribe -np "$n" "$clusters" "$@"
}
# matches N ENGINE ARGS...: prints and leaves what one process does, but for wall time and the name of the folder.
matches() {
    local n=$1 engine=$2
    shift 2
    rm -rf several several.txt
    ranks "$n" --mpi="$engine" "$@" --outputDir=several >several.txt 2>costs || { cat costs && return 1; }
    (($(grep -cE "^rank [0-9]+: [0-9]+ events, " costs) == n)) && diff -r --exclude="CostTrace*" reference several &&
        diff <(grep -v "^Traces" reference.txt) <(grep -v "^Traces" several.txt)
}
# reference ARGS...: runs it in one process, without MPI.
reference() {
    rm -rf reference
    "$clusters" "$@" --outputDir=reference >reference.txt 2>/dev/null
}

reference "${small[@]}"
check "one process with MPI gives what one without does" matches 1 granted "${small[@]}"
check "two processes give what one does: granted time windows" matches 2 granted "${small[@]}"
check "two processes give what one does: null messages" matches 2 null "${small[@]}"
check "a process for each cluster and one for the core do" matches 5 granted "${small[@]}"
other=("${small[@]}" --coreShare=0 --nClusters=3 --nCarriers=2 --backboneDelay=1us --RngRun=5 --simTag=-tag)
reference "${other[@]}"
check "other clusters, carriers, delay and run: granted time windows" matches 2 granted "${other[@]}"
check "other clusters, carriers, delay and run: null messages" matches 2 null "${other[@]}"
refuses "more processes than carriers and a core are refused in a line" "--nCarriers=1: expected at least 2 for 3 processes" \
    ranks 3 --mpi=granted --nClusters=2 --nCarriers=1
refuses "a wrong option is refused in a line by several processes" "--nAps=0" ranks 2 --mpi=null --nAps=0
