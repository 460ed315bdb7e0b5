#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests campaigns as Slurm job arrays, on a cluster that is this machine: a controller and a node on loopback, with a
# configuration, state and spool of their own. Skipped where Slurm is missing or does not start.
#
# usage: test/slurm-program-test.sh     KILLS=50 kills more often, RUNS=1000 measures so many short runs

set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
campaign=$here/../tools/campaign.py
PATH=$PATH:/usr/sbin:/sbin
for tool in slurmctld slurmd sbatch squeue scontrol; do
    if ! command -v "$tool" >/dev/null; then
        echo "skip: campaigns on Slurm (no $tool; Debian: slurm-wlm)"
        exit 0
    fi
done
if ((EUID != 0)); then
    echo "skip: campaigns on Slurm (slurmd needs root)"
    exit 0
fi
source "$here/program-checks.sh"
# shellcheck source=test/campaign-checks.sh
source "$here/campaign-checks.sh"

# --- the cluster ------------------------------------------------------------------------------------------------------

node=$(hostname -s)
port=$((20000 + RANDOM % 10000))
mkdir cluster cluster/state cluster/spool
export SLURM_CONF=$PWD/cluster/slurm.conf
cat >"$SLURM_CONF" <<CONF
ClusterName=campaign
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=default_queue_depth=1000,sched_min_interval=0,batch_sched_delay=0
ReturnToService=2
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$PWD/cluster/state
SlurmdSpoolDir=$PWD/cluster/spool
SlurmctldPidFile=$PWD/cluster/slurmctld.pid
SlurmdPidFile=$PWD/cluster/slurmd.pid
SlurmctldLogFile=$PWD/cluster/slurmctld.log
SlurmdLogFile=$PWD/cluster/slurmd.log
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
KillWait=1
MaxArraySize=$((${RUNS:-29} + 1))
# More processors than there may be: the runs of these tests sleep.
SlurmdParameters=config_overrides
NodeName=$node NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF

end_daemon() {
    local pid
    pid=$(cat "cluster/$1.pid" 2>/dev/null) || return 0
    kill "$pid" 2>/dev/null
    for _ in {1..100}; do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
}
trap 'scancel --name="$(squeue -h -o %j | sort -u | paste -sd,)" 2>/dev/null; end_daemon slurmctld; end_daemon slurmd; rm -rf "$work"' EXIT
wait_for() {
    for _ in {1..100}; do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.1
    done
    return 1
}
node_is() { [[ $(sinfo -h -N -o %T) == "$1"* ]]; }
export -f wait_for node_is end_daemon

slurmctld >cluster/start.log 2>&1
slurmd >>cluster/start.log 2>&1
if ! wait_for node_is idle; then
    echo "skip: campaigns on Slurm (its daemons do not start here)"
    sed 's/^/    /' cluster/start.log
    exit 0
fi

# --- the tests --------------------------------------------------------------------------------------------------------

make_toy toy
toy_grid grid.json toy 20 '"value": [1, 2], "pause": 0.2'
# The same runs with a section for Slurm.
sed 's/}$/, "slurm": {"partition": "all", "time": "10:00", "runsPerTask": 2}}/' grid.json >slurm.json
"$campaign" grid.json --jobs=10 --outputDir=here >/dev/null 2>&1
slurm=(--engine=slurm --poll=0.3)

: >"$TOY_LOG"
check "two runs a task in an array: the same bytes and rows as without" bash -c '
    "$0" slurm.json "$@" --outputDir=arrays >/dev/null 2>err && python3 same.py here arrays && (($(wc -l <"$TOY_LOG") == 40))' \
    "$campaign" "${slurm[@]}"

finished() { compgen -G "$1/runs/*/drop-*/run.json" | grep -vc '\.part/'; }
reaches() { (($(finished "$1") >= $2)); }
export -f finished reaches
: >"$TOY_LOG"
check "a task killed half-way, a node drained and resumed, the controller restarted: nothing lost, nothing twice" bash -c '
    "$0" grid.json "$@" --outputDir=trouble >/dev/null 2>err & campaign=$!
    wait_for compgen -G "trouble/runs/*/*.part/half.txt"
    # Before anything is lost, the number of an element of the array is that of its run.
    half=$(compgen -G "trouble/runs/*/*.part/half.txt" | tail -n 1)
    [[ $half =~ value=([12])/drop-([0-9]+) ]]
    scancel "$(squeue -h -o %F | head -n 1)_$((2 * BASH_REMATCH[2] + BASH_REMATCH[1] - 3))"
    wait_for reaches trouble 6
    scontrol update nodename="$(hostname -s)" state=drain reason=test
    wait_for node_is drained
    drained=$(finished trouble)
    sleep 1
    (($(finished trouble) == drained && drained < 40)) || exit 1
    scontrol update nodename="$(hostname -s)" state=resume
    wait_for reaches trouble $((drained + 3))
    end_daemon slurmctld
    sleep 1.5
    slurmctld
    wait $campaign && python3 same.py here trouble && (($(wc -l <"$TOY_LOG") >= 41 && $(wc -l <"$TOY_LOG") <= 43)) &&
        grep -q "got lost; submitting them again" err' "$campaign" "${slurm[@]}"
: >"$TOY_LOG"
check "the campaign itself killed: the next call follows its jobs and runs nothing twice" bash -c '
    "$0" grid.json "$@" --outputDir=orphaned >/dev/null 2>err & campaign=$!
    wait_for reaches orphaned 3
    kill -KILL $campaign
    "$0" grid.json "$@" --outputDir=orphaned >/dev/null 2>err && grep -q "following the jobs" err &&
        python3 same.py here orphaned && (($(wc -l <"$TOY_LOG") == 40))' "$campaign" "${slurm[@]}"
check "what Slurm refuses is said in a line" bash -c '
    sed "s/all/nowhere/" slurm.json >bad.json && ! "$0" bad.json "$@" --outputDir=bad 2>err && grep -q "^campaign.py: .*partition" err &&
    (($(grep -c . err) == 1))' "$campaign" "${slurm[@]}"
toy_grid long.json toy 1 '"value": 1, "pause": 600'
sed -i 's/}$/, "slurm": {"time": "0:01"}}/' long.json
check "status while it runs, and an interrupt leaves its jobs to the next call" bash -c '
    "$0" long.json "$@" --outputDir=long 2>err & campaign=$!
    wait_for compgen -G "long/runs/*/*.part/half.txt"
    "$0" status long >out && grep -q "0 of 1 runs finished, 1 running" out; status=$?
    kill -INT $campaign; wait $campaign
    (($? == 130 && status == 0)) && name=$(grep -o "campaign-[0-9a-f]*" err | head -n 1) && [[ -n $(squeue -h --name="$name") ]] &&
        scancel --name="$name"' "$campaign" "${slurm[@]}"
: >"$TOY_LOG"
check "killed at random moments, it ends in the same bytes and rows" bash -c '
    python3 "$1/campaign-kill.py" "$0" grid.json killed "${KILLS:-3}" "${@:2}" && python3 same.py here killed' \
    "$campaign" "$here" "${slurm[@]}"

for batch in ${RUNS:+1 10}; do
    "$here/../bench/campaign-overhead.py" slurm "$RUNS" 8 0 --poll=1 --batch="$batch"
done
