#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds and tests the module in several ns-3 trees, with LibTorch and without, and prints one table (Markdown, the
# README's). Each tree is copied, without its contrib/ and what was built in it, so it stays as it is; the copy is
# removed in the end. What failed is shown on standard error, and all output stays in the folder it names there. The exit
# status is zero if everything was built and passed.
#
# usage: tools/matrix.sh TREE...
#
# environment:
#   CXX            the compiler (default: the one that CMake finds)
#   MATRIX_KEEP    if not empty, the copies stay and a later call builds in them what changed

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

(($#)) || die "usage: tools/matrix.sh TREE..."
for tree in "$@"; do
    is_ns3_tree "$tree" || die "$tree is not an ns-3 tree (no ns3, VERSION and src/core in it)"
done

matrix_dir=$cache_dir/matrix
mkdir -p "$matrix_dir"
exec {matrix_lock}<>"$matrix_dir/lock"
flock -n "$matrix_lock" || die "another tools/matrix.sh runs"

# copy_files FROM TO PATTERN...: copies FROM's files, without those of the patterns. Times are kept, so that only what
# changed is built anew.
copy_files() {
    local from=$1 to=$2
    shift 2
    mkdir -p "$to"
    tar -C "$from" -c "${@/#/--exclude=}" . | tar -C "$to" -x
}

# commit FOLDER: what it is checked out at, or nothing.
commit() {
    [[ -e $1/.git ]] || return 0
    git -C "$1" rev-parse --short HEAD 2>/dev/null || true
}

# count SECTION LOG: "P of N" of a section in the summary of tools/test.sh, or a dash.
count() {
    awk -v name="$1" '$1 == name && $3 == "passed" { found = $2 " of " $2 + $4 } END { print found ? found : "-" }' "$2"
}

# check_tree COPY LIBTORCH ROW: builds and tests, and appends a row to the table.
check_tree() {
    local copy=$1 libtorch=$2 build=$matrix_dir/$3-build.log tests=$matrix_dir/$3-tests.log
    local built=no warnings compiler found
    local cmake_dir=$copy/cmake-cache
    : >"$tests"
    say "building in $copy, LibTorch $libtorch"
    {
        if [[ -f $cmake_dir/CMakeCache.txt ]]; then cmake -DCELLFREE_ISAC_LIBTORCH="$libtorch" "$cmake_dir"; fi
        "$copy/contrib/$module/tools/setup.sh"
    } >"$build" 2>&1 && built=yes
    if [[ $built == yes ]]; then
        say "testing in $copy, LibTorch $libtorch"
        "$copy/contrib/$module/tools/test.sh" gtest suite examples >"$tests" 2>&1 || status=1
    fi
    warnings=$(grep 'warning:' "$build" | grep "/contrib/$module/" | sort -u | wc -l || true)
    compiler=$(cat "$cmake_dir"/CMakeFiles/*/CMakeCXXCompiler.cmake 2>/dev/null |
        sed -n 's/^set(CMAKE_CXX_COMPILER_\(ID\|VERSION\) "\(.*\)")/\2/p' | paste -sd ' ' || true)
    compiler=${compiler:--}
    found=$(grep -q "$module-training" "$cmake_dir/build.ninja" 2>/dev/null && echo yes || echo no)
    printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$(<"$copy/VERSION")" "${tree_commit:--}" \
        "${compiler/GNU/GCC}" "$found" "$built" "$warnings" "$(count gtest "$tests")" "$(count suite "$tests")" \
        "$(count examples "$tests")" >>"$table"
    if [[ $built == no ]]; then
        status=1
        tail -n 25 "$build" >&2
    else
        grep -A 20 -E '^FAIL' "$tests" >&2 || true
    fi
}

copy=
discard_copy() { [[ -n ${MATRIX_KEEP:-} || -z $copy ]] || rm -rf "$copy"; }
trap discard_copy EXIT

status=0
table=$matrix_dir/table.md
printf '| ns-3 | commit | compiler | LibTorch | builds | warnings | GoogleTest | test suite | examples |\n' >"$table"
printf '|---|---|---|---|---|---|---|---|---|\n' >>"$table"
for tree in "$@"; do
    tree=$(cd -P "$tree" && pwd)
    tree_commit=$(commit "$tree")
    # Named by the version alone, so that ccache knows the files of a later call.
    copy=$matrix_dir/ns-$(<"$tree/VERSION")
    discard_copy
    copy_files "$tree" "$copy" ./.git ./contrib ./build ./cmake-cache './.lock-ns3*' __pycache__
    rm -rf "${copy:?}/contrib/$module"
    copy_files "$repo_dir" "$copy/contrib/$module" ./.git
    for libtorch in ON OFF; do
        check_tree "$copy" "$libtorch" "ns-$(<"$tree/VERSION")-libtorch-$libtorch"
    done
    discard_copy
done
say "all output is in $matrix_dir"
cat "$table"
exit "$status"
