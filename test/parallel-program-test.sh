#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests campaigns through GNU parallel: on this machine, and on two hosts of which one goes away. The hosts are this
# machine: what stands for ssh runs a command here until its host is down.
#
# usage: test/parallel-program-test.sh     KILLS=50 kills more often

set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
campaign=$here/../tools/campaign.py
if ! command -v parallel >/dev/null; then
    echo "skip: campaigns through GNU parallel (not installed; Debian: parallel)"
    exit 0
fi
source "$here/program-checks.sh"
# shellcheck source=test/campaign-checks.sh
source "$here/campaign-checks.sh"

make_toy toy
toy_grid grid.json toy 20 '"value": [1, 2], "pause": 0.05'
"$campaign" grid.json --jobs=8 --outputDir=here >/dev/null 2>&1

: >"$TOY_LOG"
check "the same bytes and rows as without" bash -c '
    "$0" grid.json --engine=parallel --jobs=4 --outputDir=parallel >/dev/null 2>err && python3 same.py here parallel &&
    (($(wc -l <"$TOY_LOG") == 40))' "$campaign"
check "some runs a task too" bash -c '
    "$0" grid.json --engine=parallel --jobs=2 --batch=7 --outputDir=batch >/dev/null 2>err && python3 same.py here batch' "$campaign"

cat >pretend-ssh <<SH
#!/bin/sh
while :; do case \$1 in -[oplF]) shift 2 ;; -*) shift ;; *) break ;; esac; done
host=\$1
shift
[ "\$1" != -- ] || shift
[ ! -e $PWD/\$host.down ] || exit 255
echo \$\$ >>$PWD/\$host.log
exec setsid -w sh -c "echo \\\$\\\$ >>$PWD/\$host.processes; \$*"
SH
chmod +x pretend-ssh
printf 'hostA\nhostB\n' >hosts
remote=(--engine=parallel --jobs=2 --sshloginfile=hosts "--ssh=$PWD/pretend-ssh")
: >"$TOY_LOG"
check "two hosts, of which one goes away with all that runs there" bash -c '
    "$0" grid.json "${@:1}" --outputDir=hosts-out >/dev/null 2>err & campaign=$!
    until (($(ls -d hosts-out/runs/*/drop-*/ 2>/dev/null | grep -vc part) >= 8)); do sleep 0.1; done
    touch hostB.down
    while read -r process; do kill -KILL -- "-$process" 2>/dev/null; done <hostB.processes
    before=$(wc -l <hostB.log)
    wait $campaign && python3 same.py here hosts-out && (($(wc -l <hostB.log) == before && before >= 2)) &&
        (($(wc -l <hostA.log) > before)) && (($(wc -l <"$TOY_LOG") <= 42))' "$campaign" "${remote[@]}"
rm -f -- *.down
: >"$TOY_LOG"
check "two hosts, of which one cannot be reached" bash -c '
    touch hostB.down && "$0" grid.json "$@" --outputDir=one-out >/dev/null 2>err && python3 same.py here one-out &&
    (($(wc -l <"$TOY_LOG") == 40)); status=$?; rm hostB.down; exit $status' "$campaign" "${remote[@]}"
check "no host can be reached: a line that says so" bash -c '
    touch hostA.down hostB.down && ! "$0" grid.json "$@" --outputDir=none-out >/dev/null 2>err &&
    grep -q "^campaign.py: all 40 runs failed" err && grep -q "lost 3 times" err; status=$?; rm -f *.down; exit $status' \
    "$campaign" "${remote[@]}"
check "a file of hosts that is not there" bash -c '
    ! "$0" grid.json --engine=parallel --sshloginfile=nowhere --outputDir=x 2>err && grep -q "^campaign.py: --sshloginfile=nowhere" err &&
    [[ ! -e x ]]' "$campaign"

: >"$TOY_LOG"
check "killed at random moments, it ends in the same bytes and rows" bash -c '
    python3 "$1/campaign-kill.py" "$0" grid.json killed "${KILLS:-5}" --engine=parallel --jobs=4 &&
    python3 same.py here killed' "$campaign" "$here"
check "and nothing of it is left running" bash -c '[[ -z $(pgrep -f "$PWD/[k]illed") ]]'
