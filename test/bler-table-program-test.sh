#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests tools/convert-bler-table.py on a small file in the layout of NVIDIA Sionna, and cellfree-isac-example with what
# it made.
#
# usage: test/bler-table-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
example=$1/cellfree-isac-example
convert=$repo/tools/convert-bler-table.py
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# The MCS from 2 on, each 10 % at as many dB as its number; MCS 4 has an error rate that rises.
python3 - <<'PY'
import json
mcs = {}
for m in range(2, 28):
    bler = [1.0, 0.98 if m == 4 else 1.0, 0.1, 0.0, 0.0]
    if m == 4:
        bler[0] = 0.97
    mcs[str(m)] = {"SNR_db": [m - 2, m - 1, m, m + 1, m + 2], "CBS": {"100": {"BLER": bler}, "1000": {"BLER": bler}}}
table = {"_comment": "made up", "category": {"1": {"index": {"2": {"MCS": mcs}}}}}
json.dump(table, open("sionna.json", "w"))
del mcs["2"]["CBS"]
json.dump(table, open("no-sizes.json", "w"))
mcs["2"]["CBS"] = {"100": {"BLER": [1.0, 0.5]}}
json.dump(table, open("lengths.json", "w"))
mcs["2"]["CBS"] = {"100": {"BLER": [1.0, float("nan"), 0.1, 0.0, 0.0]}}
json.dump(table, open("nan.json", "w"))
PY

check "converts, and says what it changed" bash -c '
    python3 "$0" --fill --floor=1e-3 sionna.json >table.json 2>said &&
    (($(grep -c "clipped" said) == 2)) && grep -q "MCS 4, 100 bits: clipped 0.98 at 3.0 dB to the 0.97 before" said &&
    grep -q "MCS 2, 1000 bits: took 0 at 3.0 dB as 0.001, dropped 1 points above" said &&
    grep -q "MCS 0 is missing: took the curves of MCS 2, moved by -4.67 dB" said &&
    (($(grep -vcE "clipped|took" said) == 0))' "$convert"
check "the table has the fields and the numbers" python3 - <<'PY'
import json
table = json.load(open("table.json"))
assert set(table) == {"mcsTable", "curves"} and table["mcsTable"] == "256QAM"
assert [(c["mcs"], c["codeBlockBits"]) for c in table["curves"]] == [(m, b) for m in range(28) for b in (100, 1000)]
assert table["curves"][20] == {"mcs": 10, "codeBlockBits": 100, "snr_dB": [8, 9, 10, 11], "bler": [1, 1, 0.1, 1e-3]}
assert table["curves"][8]["bler"] == [0.97, 0.97, 0.1, 1e-3]
PY

# refuses NAME PATTERN ARGS...: the converter fails, says PATTERN in one line, and writes nothing on stdout.
refuses() {
    local name=$1 pattern=$2
    shift 2
    check "refuses $name" bash -c '
        ! python3 "${@:2}" >out 2>err && [[ ! -s out ]] && grep -q -- "$1" <(tail -n 1 err) && ! grep -q Traceback err' \
        bash "$pattern" "$convert" "$@"
}
refuses "missing MCS" "no curves of MCS 0, 1 of 256QAM: expected all, or --fill" sionna.json
refuses "a category that is not there" "sionna.json: category has no field 0" --category=0 --fill sionna.json
refuses "a curve without sizes" "no-sizes.json: MCS 2 has no field CBS" --fill no-sizes.json
refuses "unequal lengths" "MCS 2, 100 bits: BLER has 2 entries: expected 5 as SNR_db" --fill lengths.json
refuses "NaN" "MCS 2, 100 bits: BLER\[1\] = NaN: expected a finite number" --fill nan.json
refuses "a missing file" "none.json" --fill none.json
refuses "an MCS twice" "MCS 2 is in another file as well" --fill sionna.json sionna.json
refuses "a floor of 0" "floor=0.0: expected a number above 0" --floor=0 --fill sionna.json

small=(--simTime=200ms --nAps=4 --nUes=2 --nAntennas=4)
check "cellfree-isac-example runs with the table" bash -c '
    "$0" "$@" --outputDir=formula >out 2>&1 && "$0" "$@" --blerTable=table.json --outputDir=table >>out 2>&1 &&
    (($(wc -l <table/UeTrace.tsv) > 5)) && ! cmp -s formula/UeTrace.tsv table/UeTrace.tsv' "$example" "${small[@]}"
check "cellfree-isac-example refuses what is no table" bash -c '
    ! "$0" "$@" --blerTable=sionna.json --outputDir=refused >out 2>err && [[ ! -e refused ]] &&
    (($(grep -c . err) == 1)) && grep -q -- "--blerTable: sionna.json: the file has the unknown field \"_comment\"" err' \
    "$example" "${small[@]}"
