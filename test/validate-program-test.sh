#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests what tools/validate.sh writes: the page and the table of cellfree-isac-validate's rows, with their verdicts.
#
# usage: test/validate-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
validate=$(cd "$1" && pwd)/cellfree-isac-validate
report=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)/validation-report.py
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

check "the rows of two cases on a page and in a table" bash -c '
    "$0" --case=tbs --case=gospa >rows.tsv 2>/dev/null && "$1" rows.tsv page.html table.md &&
    (($(grep -c "^| .tbs\|^| .gospa" table.md) == $(wc -l <rows.tsv) - 1)) && grep -q "28 figures: 28 agree" table.md &&
    (($(grep -c "class=\"quantity\"" page.html) == 28)) && ! grep -q "https\?:" page.html' "$validate" "$report"

head='case\tquantity\tvalue\thalfWidth95\tunit\tpublished\tsource\n'
row() { printf 'a\t%s\t%s\t%s\t%s\t%s\tA. Author\n' "$@"; }
{
    # shellcheck disable=SC2059
    printf "$head"
    row inside 1.05 0.1 1 1
    row outside 1.2 0.1 1 1
    row rounded 3.14159 0 m 3.14
    row wrong 3.149 0 m 3.14
    row coarse 104 0 m 100
    row decibels 0.4 0 dB 0.05
    row zero 0.1 0 1 0
    row method 7 0 1 ''
    row '<b>|x|</b>' 1 0 1 1
} >verdicts.tsv
check "verdicts" bash -c '
    "$0" verdicts.tsv page.html table.md && [[ $(grep "^| .a. " table.md | sed "s/.*| \([^|]*\) |$/\1/" | paste -sd,) == \
"agrees,differs by +20 %,agrees,differs by +0.29 %,differs by +4 %,differs by +0.35 dB,differs by +0.1,method only,agrees" ]] &&
    grep -q "&lt;b&gt;|x|" page.html && grep -q "9 figures: 3 agree with what is published, 5 differ, and 1 " page.html' "$report"

refuses() {
    printf '%b' "$3" >bad.tsv
    refuses_in_a_line "$1" "$2" bad.html "$report" bad.tsv bad.html
}
refuses "no rows" "expected the columns case.*, and rows" "$head"
refuses "other columns" "expected the columns case" 'a\tb\n1\t2\n'
refuses "a value that is not finite" "line 2: value = nan: expected a finite number" "${head}a\tq\tnan\t0\t1\t1\ts\n"
refuses "a row that is cut off" "line 2: 3 fields: expected 7" "${head}a\tq\t1\n"
refuses_in_a_line "no such file" "nothing.tsv: cannot be read" bad.html "$report" nothing.tsv bad.html
refuses_in_a_line "a folder that is not there" "cannot be written" none "$report" verdicts.tsv none/page.html
