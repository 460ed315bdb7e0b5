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
