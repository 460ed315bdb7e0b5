#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sets this machine up (see setup.sh), then runs one program of the module, or any other program of the ns-3 tree.
#
# usage: tools/run.sh [PROGRAM [ARGS...]]     default: cellfree-isac-example
#
# Relative paths among ARGS are taken from the folder you call from. The exit status is the program's.
# What the set-up says goes to standard error, so that standard output is the program's own. A program that is built
# from the present sources starts at once, whatever else builds, runs or tests in the tree; one that must be built waits
# for other builds and for tools/test.sh, which tests what is built.

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

(($#)) || set -- cellfree-isac-example
# ./ns3 run takes a program and its arguments in one word, and so do we.
read -ra words <<<"$1"
set -- "${words[@]}" "${@:2}"
program=$1
shift

if [[ -f $repo_dir/examples/$program.cc ]]; then
    set_up "$program"
    path=$(program_path "$program")
    exec "$path" "$@"
fi
set_up
name=$(basename "$program" .cc)
[[ $program == *.py ]] || grep -q -- "-$name\(-[a-z]*\)\?'" "$lock_file" ||
    die "there is no program $program; the module's are: $(cd "$repo_dir/examples" && echo *.cc | sed 's/\.cc//g')"
exec env -u USER "$ns3_dir/ns3" run --cwd="$PWD" "$program" -- "$@"
