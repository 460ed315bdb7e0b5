#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests the figures over estimates (6 and 7) of cellfree-isac-figures: what is in the table, that it repeats, and how wrong
# input is refused.
#
# usage: test/figures-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
figures=$1/cellfree-isac-figures
plot=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tools" && pwd)/plot-figures.py
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

cat >inspect.py <<'PY'
# inspect.py CSV COLUMN VALUES: every method at every point, in numbers that are possible.
import csv, math, sys

rows = list(csv.DictReader(open(sys.argv[1])))
methods = {"perfect", "believing", "promised", "robust", "gnn", "gnn-believing", "rzf"}
points = [(side, value) for side in ("400", "1000") for value in sys.argv[3].split(",")]
found = [(row["side_m"], row[sys.argv[2]], row["method"]) for row in rows]
assert len(found) == len(set(found)) and set(found) == {(*point, method) for point in points for method in methods}, found
for row in rows:
    rate, width, share = (float(row[name]) for name in ("sumRate_bpsPerHz", "sumRateHalfWidth95_bpsPerHz", "overRobust"))
    assert 1 < rate < 300 and 0 < width < rate and math.isfinite(float(row["overRobustHalfWidth95"])), row
    assert 0.02 < share < 1.01 or row["method"] == "perfect" and 1 <= share < 50, row
PY

check "figure 6 is computed and drawn" bash -c '
    "$0" --figure=6 --draws=2 --outputDir=out --simTag=-a >log && grep -q "^Figure: .*figure6-a.png" log &&
    [[ $(head -c 4 out/figure6-a.png | tail -c 3) == PNG ]]' "$figures"
check "its table has all methods at all points" python3 inspect.py out/figure6-a.csv pilotLength 2,3,4,6,8,12
check "figure 7 has all methods at all speeds" bash -c '
    "$0" --figure=7 --draws=2 --outputDir=out --plot=false >log &&
    python3 inspect.py out/figure7.csv ueSpeed_mps 0,5,10,15,20,25,30 && [[ ! -e out/figure7.png ]]' "$figures"
check "threads change nothing, a run number does" bash -c '
    "$0" --figure=6 --draws=2 --jobs=1 --outputDir=again --simTag=-a --plot=false >log &&
    cmp out/figure6-a.csv again/figure6-a.csv &&
    "$0" --figure=6 --draws=2 --RngRun=2 --outputDir=again --plot=false >log &&
    ! cmp -s again/figure6.csv again/figure6-a.csv' "$figures"
check "no partial file is left" bash -c '[[ -z $(find out again -name "*.part") ]]'

# refuses NAME PATTERN ARGS...: the program fails, says PATTERN in one line, and writes no table.
refuses() {
    local name=$1 pattern=$2
    shift 2
    check "$name" bash -c '
        ! "$0" --outputDir=bad "${@:2}" >out.log 2>err.log && grep -q "$1" err.log && (($(wc -l <err.log) == 1)) &&
        ! ls bad/*.csv* >/dev/null 2>&1' "$figures" "$pattern" "$@"
}
refuses "one draw has no interval" "draws=1: expected at least 2" --figure=6 --draws=1
refuses "a weight file that is not there is refused" "none.safetensors" --figure=7 --draws=2 \
    --ns3::CellFreeGnnPolicy::WeightFile=none.safetensors
refuses "no threads are refused" "jobs" --figure=6 --jobs=0
head -c 300 out/figure6-a.csv >cut.csv
refuses_in_a_line "half a table is not drawn" "cut.csv: expected a table of cellfree-isac-figures" cut.png "$plot" cut.csv
