#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests cellfree-isac-solve as another tool meets it: files and pipes, order, what it refuses, what it leaves.
#
# usage: test/solve-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
solve=$1/cellfree-isac-solve
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# refuses NAME PATTERN ARGS...: the program fails, says PATTERN in one line, and leaves neither file nor part of one.
refuses() {
    local name=$1 pattern=$2 status=0
    shift 2
    rm -rf refused*
    "$solve" --out=refused.jsonl "$@" >out 2>err </dev/null || status=$?
    if ((status != 0)) && grep -q -- "$pattern" err && (($(grep -c . err) == 1)) && ! compgen -G "refused*" >/dev/null; then
        echo "ok $name"
    else
        echo "not ok $name (exit status $status)"
        sed 's/^/    /' err
    fi
}

# Line i has 1 + i % 3 UEs, so that a wrong order shows.
python3 - <<'PY'
import json, random
random.seed(1)
pair = lambda: [random.gauss(0, 1), random.gauss(0, 1)]
with open("problems.jsonl", "w") as file:
    for i in range(60):
        ues = 1 + i % 3
        print(json.dumps({
            "h": [[[pair() for n in range(4)] for u in range(ues)] for m in range(2)],
            "a": [[[[1, 0], [0, 1], [-1, 0], [0, -1]]] for m in range(2)],
            "omega": [[0.5], [0.25]], "power": [1, 2], "noise": [0.1] * ues, "sensingNoise": 0.5}), file=file)
PY

cat >compare.py <<'PY'
# compare.py A B: equal but for the wall time of the decisions.
import json, sys
a, b = ([json.loads(line) for line in open(path)] for path in sys.argv[1:])
for answer in a + b:
    answer.pop("seconds")
sys.exit(a != b)
PY

cat >recompute.py <<'PY'
# recompute.py PROBLEMS ANSWERS WEIGHT: the metrics follow from the beams, and the beams keep the power.
import json, math, sys
inner = lambda x, f: sum(complex(*p).conjugate() * complex(*q) for p, q in zip(x, f))
close = lambda x, y: math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-12)
problems, answers = ([json.loads(line) for line in open(path)] for path in sys.argv[1:3])
assert len(problems) == len(answers)
for p, answer in zip(problems, answers):
    f, aps, ues = answer["f"], range(len(p["power"])), range(len(p["noise"]))
    streams = range(len(f[0]))
    for m in aps:
        assert sum(x * x + y * y for beam in f[m] for x, y in beam) <= p["power"][m] * (1 + 1e-9)
    for u in ues:
        gain = [abs(sum(inner(p["h"][m][u], f[m][s]) for m in aps)) ** 2 for s in streams]
        sinr = gain[u] / (sum(gain) - gain[u] + p["noise"][u])
        assert close(answer["sinr"][u], sinr) and close(answer["rate"][u], math.log2(1 + sinr))
    snr = sum(p["omega"][m][0] * abs(inner(p["a"][m][0], f[m][s])) ** 2 for m in aps for s in streams) / p["sensingNoise"]
    assert close(answer["sensingSnr"][0], snr)
    assert close(answer["objective"], sum(answer["rate"]) + float(sys.argv[3]) * math.log2(1 + snr))
PY

for policy in wmmse joint robust rzf cb cb-sensing ns-rzf split jsc; do
    check "$policy: metrics are those of its beams" bash -c '
        "$0" --in=problems.jsonl --out="$1.jsonl" --policy="$1" --sensingWeight=2 2>err &&
        python3 recompute.py problems.jsonl "$1.jsonl" 2' "$solve" "$policy"
done
# sum_m omega_m P_m N / sensingNoise = (0.5 * 1 * 4 + 0.25 * 2 * 4) / 0.5
check "cb-sensing reaches its bound" python3 -c '
import json
assert all(abs(json.loads(line)["sensingSnr"][0] - 8) < 1e-12 for line in open("cb-sensing.jsonl"))'
check "three threads answer as one does" bash -c '
    "$0" --in=problems.jsonl --out=three.jsonl --policy=joint --sensingWeight=2 --jobs=3 &&
    python3 compare.py joint.jsonl three.jsonl' "$solve"
check "pipes answer as files do" bash -c '
    "$0" --in=- --out=- --policy=ns-rzf --sensingWeight=2 <problems.jsonl >pipe.jsonl &&
    python3 compare.py ns-rzf.jsonl pipe.jsonl' "$solve"
check "a pipe is answered line by line" python3 - "$solve" <<'PY'
import subprocess, sys
with subprocess.Popen([sys.argv[1], "--policy=cb"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
    for line in list(open("problems.jsonl"))[:3]:
        program.stdin.write(line)
        program.stdin.flush()
        assert program.stdout.readline().startswith('{"f"')
    program.stdin.close()
    assert program.wait(60) == 0
PY
check "an attribute of the policy" bash -c '
    "$0" --in=problems.jsonl --out=attribute.jsonl --policy=split --ns3::CellFreeSplitPolicy::ZeroForcing=true \
        --ns3::CellFreeSplitPolicy::NullSpace=true --sensingWeight=2 &&
    python3 compare.py ns-rzf.jsonl attribute.jsonl' "$solve"
check "outputDir is made and simTag names the file" bash -c '
    "$0" --in=problems.jsonl --out=x.jsonl --outputDir=a/b --simTag=-t --policy=cb && [[ $(ls a/b) == x-t.jsonl ]]' "$solve"
check "a device is written to, not replaced" bash -c '
    "$0" --in=problems.jsonl --out=/dev/null --policy=cb && [[ -c /dev/null ]]' "$solve"
check "an SINR that cannot be met is said" bash -c '
    "$0" --in=problems.jsonl --out=far.jsonl --policy=jsc --minSinr=1e6 2>err &&
    grep -q "cannot be met on 60 of 60" err && (($(grep -c "\"feasible\":false" far.jsonl) == 60))' "$solve"
check "--help lists the policies" bash -c '"$0" --help 2>&1 | grep -q "ns-rzf"' "$solve"

sed '4s/"power": \[1, 2\]/"power": [1, 0]/' problems.jsonl >bad.jsonl
check "--keepGoing answers a bad line with an error and fails" bash -c '
    ! "$0" --in=bad.jsonl --out=going.jsonl --policy=cb --keepGoing 2>err && (($(wc -l <going.jsonl) == 60)) &&
    [[ $(sed -n 4p going.jsonl) == "{\"error\":\"line 4: power[1] = 0: expected a finite number > 0\"}" ]] &&
    grep -q "1 of 60 lines" err' "$solve"
sed '4s/"power"/"minSinr": 2e12, "power"/' problems.jsonl >impossible.jsonl
check "a problem without an answer is answered with an error" bash -c '
    ! "$0" --in=impossible.jsonl --out=going.jsonl --policy=jsc 2>err && (($(wc -l <going.jsonl) == 60)) &&
    [[ $(sed -n 4p going.jsonl) == "{\"error\":\"line 4: minSinr = 2e+12: expected a number from 0 to 1e12\"}" ]] &&
    (($(grep -c "\"f\"" going.jsonl) == 59)) && grep -q "1 of 60 lines" err' "$solve"
python3 - <<'PY'
import json
lines = [json.loads(line) for line in open("problems.jsonl")]
for i, p in enumerate(lines):
    ues = len(p["noise"])
    p.update({"weight": [1 + u for u in range(ues)], "sensingWeight": [2], "combiningGain": 10, "time": 0.1 * i,
              "ap": [1, 2], "ue": list(range(3, 3 + ues)), "target": [9], "band": 0, "serving": [[True] * ues] * 2,
              "sensing": [[True]] * 2, "errorVariance": [[0.01] * ues] * 2, "hTrue": p["h"]})
open("rich.jsonl", "w").write("".join(json.dumps(p) + "\n" for p in lines))
PY
check "every field of a line is known" bash -c '
    "$0" --in=rich.jsonl --out=rich-out.jsonl --policy=joint --ignoreErrors && python3 - <<PY
import json, math
for p, a in zip(map(json.loads, open("rich.jsonl")), map(json.loads, open("rich-out.jsonl"))):
    expected = sum(w * r for w, r in zip(p["weight"], a["rate"])) + 2 * math.log2(1 + 10 * a["sensingSnr"][0])
    assert math.isclose(a["objective"], expected, rel_tol=1e-9)
    assert all(math.isclose(x, y, rel_tol=1e-9) for x, y in zip(a["trueRate"] + a["trueSinr"], a["rate"] + a["sinr"]))
PY' "$solve"
check "robust takes errors into account, unless told not to" bash -c '
    "$0" --in=rich.jsonl --out=robust.jsonl --policy=robust && ! python3 compare.py robust.jsonl rich-out.jsonl 2>err &&
    "$0" --in=rich.jsonl --out=robust.jsonl --policy=robust --ignoreErrors && python3 compare.py robust.jsonl rich-out.jsonl' "$solve"
sed '4s/"power"/"sensingweight": 1, "power"/' problems.jsonl >typo.jsonl
refuses "an unknown field" "line 4: unknown field .sensingweight" --in=typo.jsonl --policy=cb
python3 -c 'print("[" * 10000000)' >deep.jsonl
refuses "text that is nested too deeply" "line 1: not valid JSON: more than 8 levels" --in=deep.jsonl --policy=cb
refuses "a negative number of threads" "jobs" --in=problems.jsonl --jobs=-1
refuses "half a thread" "jobs" --in=problems.jsonl --jobs=1.5
refuses "a weight beyond its range" "sensingWeight.*1e+12" --in=problems.jsonl --sensingWeight=1e300
refuses "text for a number" "sensingWeight.*much" --in=problems.jsonl --sensingWeight=much
refuses "a stray word" "word" --in=problems.jsonl word
refuses "a bad line stops the run" "bad.jsonl: line 4: power\[1\] = 0" --in=bad.jsonl --policy=cb
refuses "a bad line stops three threads" "bad.jsonl: line 4: power\[1\] = 0" --in=bad.jsonl --policy=joint --jobs=3
refuses "unknown policy" "unknown policy 'magic'.*cb-sensing" --in=problems.jsonl --policy=magic
refuses "no input file" "--in: cannot read none.jsonl" --in=none.jsonl
refuses "a folder as input" "--in: cannot read \." --in=.
refuses "no threads" "jobs" --in=problems.jsonl --jobs=0
refuses "negative weight" "sensingWeight.*-1" --in=problems.jsonl --sensingWeight=-1
refuses "a power ratio above 1" "commPowerRatio.*1.5" --in=problems.jsonl --policy=ns-rzf --commPowerRatio=1.5
refuses "a power ratio where none is used" "commPowerRatio = 0.5" --in=problems.jsonl --policy=cb --commPowerRatio=0.5
refuses "a least SINR where none is used" "minSinr = 2" --in=problems.jsonl --policy=cb --minSinr=2
refuses "an output folder that is a file" "--outputDir: cannot create bad.jsonl" --in=problems.jsonl --outputDir=bad.jsonl
refuses "an output that cannot be written" "--out: cannot write" --in=problems.jsonl --policy=cb --out=none/refused.jsonl
check "a full device is an error" bash -c '
    ! "$0" --in=problems.jsonl --out=/dev/full --policy=cb 2>err && grep -q "cannot write /dev/full: No space left" err' "$solve"
