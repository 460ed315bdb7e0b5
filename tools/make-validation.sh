#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes doc/validation.tsv and doc/validation.md anew: what the module computes beside what is published. It takes some
# minutes of one processor.
#
# usage: tools/make-validation.sh

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rows=$root/doc/validation.tsv
"$root/tools/run.sh" cellfree-isac-validate >"$rows.part"
mv "$rows.part" "$rows"
{
    printf '# What is published, and what this module computes\n\n'
    printf 'By `tools/make-validation.sh`. A half width of 0 is an exact computation; where nothing stands under "published",\n'
    printf 'the source gives the method and no number.\n\n'
    awk -F '\t' '
        NR == 1 { print "| case | quantity | value | half width, 95 % | unit | published | source |"; print "|---|---|---|---|---|---|---|"; next }
        { gsub(/\|/, "\\|"); printf "| `%s` |", $1; for (i = 2; i <= NF; ++i) printf " %s |", $i; print "" }' "$rows"
} >"$root/doc/validation.md"
