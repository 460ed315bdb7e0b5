#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks the module against what is published: runs all cases of cellfree-isac-validate, as many at a time as there are
# processors, and writes validation.html, one file to pass on, and doc/validation.tsv and doc/validation.md. It takes some
# minutes of one processor.
#
# usage: tools/validate.sh [OUTPUT-DIRECTORY]     default: the folder you call from, for validation.html
#        tools/validate.sh --case=NAME... [OUTPUT-DIRECTORY]     these alone; leaves doc/ as it is

set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cases=()
out=
for word; do
    case $word in
        --case=*) cases+=("${word#--case=}") ;;
        -*) echo "validate.sh: $word: expected --case=NAME or a directory" >&2 && exit 1 ;;
        *) out=$word ;;
    esac
done
out=${out:-.}
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

set_up cellfree-isac-validate
program=$(program_path cellfree-isac-validate)
mapfile -t all < <("$program" --list | cut -d : -f 1)
for name in "${cases[@]}"; do
    [[ " ${all[*]} " == *" $name "* ]] || { echo "validate.sh: --case=$name: expected one of ${all[*]}" >&2 && exit 1; }
done
chosen=("${cases[@]}")
((${#cases[@]})) || chosen=("${all[@]}")

export program work
printf '%s\n' "${chosen[@]}" | xargs -P "$(nproc)" -I{} bash -c '
    "$program" --case={} >"$work/{}.tsv"'
{
    head -n 1 "$work/${chosen[0]}.tsv"
    for name in "${chosen[@]}"; do tail -n +2 "$work/$name.tsv"; done
} >"$work/rows"
"$repo_dir/tools/validation-report.py" "$work/rows" "$out/validation.html" "$work/validation.md"
echo "$out/validation.html"
if ((${#cases[@]} == 0)); then
    cp "$work/rows" "$repo_dir/doc/validation.tsv"
    cp "$work/validation.md" "$repo_dir/doc/validation.md"
fi
