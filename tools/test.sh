#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Sets this machine up (see setup.sh), then runs every test of the module. All sections run whatever happens in the
# others. The last line is "N passed, N failed"; the exit status is zero if tests ran and none failed.
#
# usage: tools/test.sh [SECTION...]     default: all of them
#
# The sections:
#   sources    test/source-rules-test.py: which room may include which, names, ASCII
#   gtest      GoogleTest: test/gtest/*-test.cc, two executables, of which one links LibTorch
#   suite      ns-3's own: test/*-test-suite.cc, through its test.py
#   examples   test/examples-to-run.py, the list that ns-3's test.py reads too; an example that is not in it fails
#   programs   test/*-program-test.sh PROGRAMS BUILD, where PROGRAMS is a folder that holds the programs under their plain
#              names, and BUILD ns-3's CMake folder; a script reports each test by a line "ok NAME" or "not ok NAME", and
#              leaves with non-zero if it broke off

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

all_sections=(sources gtest suite examples programs)
sections=("$@")
(($#)) || sections=("${all_sections[@]}")
for name in "${sections[@]}"; do
    [[ " ${all_sections[*]} " == *" $name "* ]] || die "there is no section $name; there are: ${all_sections[*]}"
done

keep_build=yes
set_up

work_dir=$(mktemp -d)
trap 'rm -rf "$work_dir"' EXIT
summary=()
total_passed=0
total_failed=0

milliseconds() { date +%s%3N; }

# Prints the seconds since a value of milliseconds.
seconds_since() {
    local elapsed=$(($(milliseconds) - $1))
    printf '%d.%d s' $((elapsed / 1000)) $((elapsed % 1000 / 100))
}

# section NAME: run_NAME sets passed and failed.
section() {
    local name=$1 passed=0 failed=0 start
    start=$(milliseconds)
    printf '\n===== %s =====\n' "$name"
    "run_$name"
    summary+=("$(printf '%-10s %4d passed %4d failed %10s' "$name" "$passed" "$failed" "$(seconds_since "$start")")")
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
}

# read_report KIND REPORT STATUS: a framework that broke off counts as one failed test more.
read_report() {
    local counts good=0 bad=0
    if counts=$("$repo_dir/tools/count-tests.py" "$1" "$2"); then
        sed '$d' <<<"$counts"
        read -r good bad <<<"${counts##*$'\n'}"
    fi
    if (($3 && !bad)) || [[ ! -s $2 ]]; then
        echo "FAIL: $1 ended with exit status $3"
        bad=$((bad + 1))
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
}

# read_lines LOG STATUS NAME: of a script that reports each test by a line.
read_lines() {
    local bad
    bad=$(grep -c '^not ok ' "$1" || true)
    if (($2 && !bad)); then
        echo "FAIL: $3 ended with exit status $2"
        bad=1
    fi
    passed=$((passed + $(grep -c '^ok ' "$1" || true)))
    failed=$((failed + bad))
}

run_sources() {
    local log=$work_dir/sources.log status=0
    "$repo_dir/test/source-rules-test.py" 2>&1 | tee "$log" || status=$?
    read_lines "$log" "$status" source-rules-test.py
}

run_gtest() {
    local program report status
    for program in "$build_dir/contrib/$module/$module"-{gtest,training-gtest}; do
        if [[ $program == *-training-gtest ]] && ! has_training; then
            echo "skip: ${program##*/} (this build has no LibTorch)"
            continue
        fi
        status=0
        report=$work_dir/${program##*/}.json
        (cd "$work_dir" && "$program" --gtest_brief=1 --gtest_output="json:$report") || status=$?
        read_report gtest "$report" "$status"
    done
}

run_suite() {
    local report=$work_dir/ns3 status=0
    (cd "$ns3_dir" && ./test.py --no-build --suite="$module" --xml="$report") || status=$?
    # test.py adds the ending by itself.
    read_report ns3 "$report.xml" "$status"
}

# Whether this build found LibTorch; CMake says so, so that a program that is missing for another reason fails.
has_training() { grep -q "$module-training" "$cmake_dir/build.ninja" "$cmake_dir/Makefile" 2>/dev/null; }

# smoke_test WORDS...: runs an example in an empty folder.
smoke_test() {
    local folder start status=0 verdict=ok
    if [[ $1 == "$module-train" || $1 == "$module-export" ]] && ! has_training; then
        echo "skip: $1 (this build has no LibTorch)"
        return
    fi
    start=$(milliseconds)
    folder=$(mktemp -d "$work_dir/example-XXXX")
    (cd "$folder" && timeout 600 "$(program_path "$1")" "${@:2}") >"$folder.log" 2>&1 || status=$?
    if ((status == 0)); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        verdict="FAIL (exit status $status)"
        tail -n 20 "$folder.log"
    fi
    printf '%s: %s (%s)\n' "$verdict" "$*" "$(seconds_since "$start")"
}

run_examples() {
    local list=$repo_dir/test/examples-to-run.py lines=() line words example
    mapfile -t lines < <(python3 -c "
import runpy
for line, condition, _ in runpy.run_path('$list')['cpp_examples']:
    if eval(condition):
        print(line)")
    for line in "${lines[@]}"; do
        read -ra words <<<"$line"
        smoke_test "${words[@]}"
    done
    for example in "$repo_dir"/examples/*.cc; do
        example=$(basename "$example" .cc)
        if ! grep -qE "^$example( |$)" <(printf '%s\n' "${lines[@]}"); then
            echo "FAIL: $example is not in test/examples-to-run.py"
            failed=$((failed + 1))
        fi
    done
}

run_programs() {
    local programs=$work_dir/programs example path script log status
    mkdir "$programs"
    for example in "$repo_dir"/examples/*.cc; do
        example=$(basename "$example" .cc)
        # Without LibTorch there is no training program; the section above reports any other that lacks.
        if path=$(program_path "$example" 2>/dev/null); then ln -s "$path" "$programs/$example"; fi
    done
    for script in "$repo_dir"/test/*-program-test.sh; do
        status=0
        log=$work_dir/$(basename "$script" .sh).log
        (cd "$work_dir" && timeout 1200 bash "$script" "$programs" "$cmake_dir") 2>&1 | tee "$log" || status=$?
        read_lines "$log" "$status" "${script##*/}"
    done
}

shopt -s nullglob
for name in "${sections[@]}"; do
    section "$name"
done

printf '\n===== summary =====\n'
printf '%s\n' "${summary[@]}"
printf '%d passed, %d failed\n' "$total_passed" "$total_failed"
((total_passed && !total_failed))
