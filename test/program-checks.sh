# SPDX-License-Identifier: GPL-2.0-only
#
# What every *-program-test.sh starts with: a folder of its own to work in, and a way to report. Source it after paths
# have been taken relative to where the test was called.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# check NAME COMMAND...: reports whether the command succeeds.
check() {
    local name=$1
    shift
    if "$@"; then echo "ok $name"; else echo "not ok $name"; fi
}

# refuses_in_a_line NAME PATTERN LEFT TOOL ARGS...: a tool of tools/ fails, says PATTERN in one line of its own, and leaves
# no file LEFT.
refuses_in_a_line() {
    local name=$1 pattern=$2 left=$3 tool=$4 status=0
    shift 4
    "$tool" "$@" >out.log 2>err.log || status=$?
    if ((status != 0)) && grep -q "^$(basename "$tool"): .*$pattern" err.log && (($(grep -c . err.log) == 1)) &&
        [[ ! -e $left ]]; then
        echo "ok $name"
    else
        echo "not ok $name (exit status $status)"
        sed 's/^/    /' err.log
    fi
}
