#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests policies that a user brings, in Python and in TorchScript: what they get, what becomes of what they return, and how
# a run ends where they go wrong.
#
# usage: test/policy-program-test.sh PROGRAMS BUILD     PROGRAMS is a folder that holds the programs under their plain
#                                                       names, BUILD is ns-3's CMake folder

set -uo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
programs=$(cd "$1" && pwd)
build=$2
example=$programs/cellfree-isac-example
solve=$programs/cellfree-isac-solve
export=$programs/cellfree-isac-export
policies=$repository/examples/policies
# The Python whose NumPy the simulator uses.
python=$(sed -n 's/^CELLFREE_ISAC_PYTHON:[^=]*=//p' "$build/CMakeCache.txt")
has() { grep -q "cellfree-isac-$1-plugin\|isac-$1-plugin" "$build/build.ninja" "$build/Makefile" 2>/dev/null; }
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

small=(--simTime=150ms --nAps=3 --nUes=3 --nAntennas=4 --database=)
script() { printf -- '--ns3::CellFreePythonPolicy::Script=%s' "$1"; }
model() { printf -- '--ns3::CellFreeTorchPolicy::ModelFile=%s' "$1"; }

# refuses NAME PATTERN LINES ARGS...: the example leaves with 1, says PATTERN in LINES lines ("1", or "+" for a traceback),
# and leaves neither a trace nor part of one.
refuses() {
    local name=$1 pattern=$2 lines=$3 status=0
    shift 3
    rm -rf refused
    timeout 300 "$example" "${small[@]}" --outputDir=refused "$@" >out 2>err || status=$?
    local said
    said=$(grep -vcE '^$|real time|Start wall clock' err)
    if ((status == 1)) && grep -qE -- "$pattern" err && [[ $lines == + || $said == "$lines" ]] &&
        ! compgen -G "refused/*" >/dev/null; then
        echo "ok $name"
    else
        echo "not ok $name (exit status $status)"
        sed 's/^/    /' err
    fi
}

same_traces() {
    local trace
    for trace in UeTrace DecisionTrace SensingTrace CorrectionTrace; do
        cmp "$1/$trace.tsv" "$2/$trace.tsv" || return
    done
}

# --- what is not in this build ---

for kind in torch python; do
    has $kind && continue
    refuses "policy $kind says which Debian package brings it" "policy $kind needs .*Debian: .*dev" 1 "--policy=$kind" \
        "$(script x.py)" "$(model x.pt)"
done

# --- Python ---

if has python; then
    check "the RZF in NumPy runs, twice to the same bytes" bash -c '
        for i in 1 2; do "$0" "${@}" --policy=python --outputDir=python$i >/dev/null 2>&1 || exit; done' \
        "$example" "${small[@]}" "$(script "$policies/rzf.py")"
    check "its traces are the same bytes" same_traces python1 python2
    check "nothing of it is corrected" bash -c '(($(wc -l <python1/CorrectionTrace.tsv) == 1))'
    check "rzf gives the same run" bash -c '
        "$0" "${@}" --policy=rzf --ns3::CellFreeRzfPolicy::Scaling=common --outputDir=rzf >/dev/null 2>&1 &&
        cmp <(cut -f 1-5,9- rzf/UeTrace.tsv) <(cut -f 1-5,9- python1/UeTrace.tsv)' "$example" "${small[@]}"
    check "sub-bands are asked for one by one" bash -c '
        "$0" "${@}" --policy=python --subbands=3 --fading=rician --outputDir=bands >/dev/null 2>&1' \
        "$example" "${small[@]}" "$(script "$policies/rzf.py")"
    check "the bandit learns from what its beams met" bash -c '
        "$0" "${@}" --policy=python --outputDir=bandit >/dev/null 2>&1' \
        "$example" "${small[@]}" "$(script "$policies/bandit.py")"
    "$example" "${small[@]}" --policy=rzf --csi=pilots --record=recorded.jsonl --recordEvery=5 --outputDir=record >/dev/null 2>&1
    check "cellfree-isac-solve answers as rzf does, to 1e-10, in several threads" bash -c '
        "$0" --in=recorded.jsonl --out=python.jsonl --policy=python "$1" --jobs=3 2>err &&
        "$0" --in=recorded.jsonl --out=rzf.jsonl --policy=rzf --ns3::CellFreeRzfPolicy::Scaling=common &&
        "$2" - <<PY
import json, numpy as np
a, b = ([np.array(json.loads(line)["f"]) for line in open(name)] for name in ("python.jsonl", "rzf.jsonl"))
assert len(a) == len(b) > 5
assert all(np.linalg.norm(x - y) <= 1e-10 * np.linalg.norm(y) for x, y in zip(a, b))
PY' "$solve" "$(script "$policies/rzf.py")" "$python"

    cat >greedy.py <<'PY'
import numpy as np
def beams(p):
    return np.full((p.h.shape[0], p.h.shape[1] + p.a.shape[1], p.h.shape[2]), 0.5 + 0.1j)
PY
    check "beams beyond the limits are corrected and traced" bash -c '
        "$0" "${@}" --policy=python --outputDir=greedy >/dev/null 2>&1 &&
        awk -F "\t" "NR > 1 && (\$4 < 1 || \$5 < 1.04) { bad = 1 } END { exit bad || NR < 20 }" greedy/CorrectionTrace.tsv &&
        awk -F "\t" "NR > 1 && \$11 > 1 + 1e-9 { bad = 1 } END { exit bad }" greedy/DecisionTrace.tsv' \
        "$example" "${small[@]}" "$(script greedy.py)"

    # hostile NAME PATTERN LINES BODY: what a script's beams() does in a slot in which there is something to send.
    hostile() {
        printf 'import numpy as np\ncount = 0\ndef good(p):\n    return np.zeros((p.h.shape[0], p.h.shape[1] + p.a.shape[1], p.h.shape[2]))\ndef beams(p):\n    global count\n    count += 1\n    if count < 5:\n        return good(p)\n%s\n' "$4" >hostile.py
        refuses "$1" "$2" "$3" --policy=python "$(script hostile.py)"
    }
    hostile "an exception ends the run with its traceback" 'line 10, in beams' + '    return 1 / 0'
    hostile "which says where, and in which slot" '^slot [0-9]+: ns3::CellFreePythonPolicy: script .hostile.py.: ZeroDivisionError' + '    return 1 / 0'
    hostile "sys.exit(0) is no success" 'slot [0-9]+: .*sys.exit\(0\)' 1 '    import sys; sys.exit(0)'
    hostile "nor is os._exit(0)" 'slot [0-9]+: .*sys.exit\(0\)' 1 '    import os; os._exit(0)'
    hostile "a wrong shape is refused" 'returned shape \(2, 2\): expected numbers \[M, U\+T, N\] = \[' 1 '    return np.zeros((2, 2))'
    hostile "a wrong type is refused" 'returned dict of object: expected numbers' 1 '    return {}'
    hostile "None is refused" 'returned None: expected numbers' 1 '    return None'
    hostile "NaN is refused" 'slot [0-9]+: .*AP 0, stream 0, sub-band 0: expected finite numbers' 1 '    return good(p) + np.nan'
    hostile "infinity is refused" 'expected finite numbers' 1 '    return good(p) - np.inf'
    hostile "views are not to be written to" 'ValueError: assignment destination is read-only' + '    p.h[:] = 0'
    printf 'import time\nexec(open("%s").read())\nask = beams\ndef beams(p):\n    time.sleep(0.001)\n    return ask(p)\n' "$policies/rzf.py" >sleepy.py
    check "a script may sleep" bash -c '
        "$0" "${@}" --policy=python --outputDir=sleepy >/dev/null 2>&1 && cmp python1/UeTrace.tsv sleepy/UeTrace.tsv' \
        "$example" "${small[@]}" "$(script sleepy.py)"
    printf 'exec(open("%s").read())\ndef outcome(r):\n    raise RuntimeError("enough")\n' "$policies/rzf.py" >bitter.py
    refuses "an exception in outcome() ends the run" 'slot [0-9]+: .*RuntimeError: enough' + --policy=python "$(script bitter.py)"
    for case in 'x = 1|it has no function beams' 'beams = 1|beams is no function' 'def beams(|SyntaxError' 'import nothing_there|ModuleNotFoundError' 'raise SystemExit|sys.exit'; do
        printf '%s\n' "${case%|*}" >broken.py
        refuses "a script that says '${case%|*}' is refused at the start" "${case#*|}" + --policy=python "$(script broken.py)"
    done
    refuses "a script that is not there is refused" 'Script = .nowhere.py.: expected the path' 1 --policy=python "$(script nowhere.py)"
    refuses "no script is refused" 'Script is empty: expected the path' 1 --policy=python
    printf 'print("read once")\nimport sys\nsys.path.append("%s")\nfrom rzf import beams\n' "$policies" >loud.py
    check "a script is read once, and what it prints comes out" bash -c '
        "$0" "${@}" --policy=python --outputDir=loud 2>/dev/null >out && (($(grep -c "read once" out) == 1))' \
        "$example" "${small[@]}" "$(script loud.py)"
    check "a problem that was replayed outside has the same beams" bash -c '
        printf "import sys\nsys.path.append(\"%s\")\nfrom types import SimpleNamespace\nimport numpy as np\nimport rzf\ndef forward(h, a, omega, sensing_weight, error_variance, serving):\n    return rzf.beams(SimpleNamespace(h=h[0], a=a[0], errorVariance=error_variance[0], serving=serving[0]))[None]\n" "$0" >stand_in.py
        "$1" "$2/tools/torch-policy-check.py" stand_in.py recorded.jsonl --answers=rzf.jsonl --tolerance=1e-10 --out=again.jsonl --dump=again.npz' \
        "$policies" "$python" "$repository"

    cat >episode.py <<'PY'
# Two episodes of one seed, and one of another; then what goes wrong.
import sys
import numpy as np
sys.path.append(sys.argv[2] + "/tools")
import cellfree_env
env = cellfree_env.CellFreeEnv(n_aps=3, n_ues=3, n_antennas=4, program=[sys.argv[1]], arguments={"simTime": "130ms"})
def episode(seed):
    observation, info = env.reset(seed=seed)
    rewards, observations = [], []
    while True:
        for name, space in dict(env.observation_space).items():
            assert space.contains(observation[name]), name
        assert len(info["ue"]) == observation["ues"].sum()
        observations.append(observation["h"])
        h = observation["h"][..., 0] + 1j * observation["h"][..., 1]
        action = np.zeros((3, 4, 4), complex)
        action[:, :3] = h / max(np.linalg.norm(h), 1e-9)
        observation, reward, terminated, truncated, info = env.step(action)
        rewards.append(reward)
        assert not terminated
        if truncated:
            return rewards, observations
first, second, other = episode(1), episode(1), episode(2)
assert first[0] == second[0] and all((a == b).all() for a, b in zip(first[1], second[1])) and len(first[0]) > 20
assert sum(first[0]) > 0 and first[0] != other[0]
env.reset(seed=1)
try:
    env.step(np.full(env.action_space.shape, np.nan))
    raise SystemExit("NaN was taken")
except RuntimeError as error:
    assert "expected finite numbers" in str(error), error
env.reset(seed=1)
try:
    env.step(np.zeros((1, 1)))
    raise SystemExit("a wrong shape was taken")
except ValueError:
    pass
env.reset(seed=1, options={"simTime": "1s"})
env.close()
try:
    env.reset(options={"nUes": "many"})
    raise SystemExit("a wrong option was taken")
except RuntimeError as error:
    assert "nUes" in str(error), error
PY
    check "the environment repeats its episodes, and says what goes wrong" "$python" episode.py "$example" "$repository"
fi

# --- TorchScript ---

if has torch; then
    check "a model is written from its source" "$export" --source="$policies/rzf_torchscript.py" --out=rzf.pt
    check "the RZF in TorchScript runs, twice to the same bytes" bash -c '
        for i in 1 2; do "$0" "${@}" --policy=torch --outputDir=torch$i >/dev/null 2>&1 || exit; done' \
        "$example" "${small[@]}" "$(model rzf.pt)"
    check "its traces are the same bytes, too" same_traces torch1 torch2
    check "rzf gives the same run as the model" bash -c '
        "$0" "${@}" --policy=rzf --ns3::CellFreeRzfPolicy::Scaling=common --outputDir=rzf >/dev/null 2>&1 &&
        cmp <(cut -f 1-5,9- rzf/UeTrace.tsv) <(cut -f 1-5,9- torch1/UeTrace.tsv)' "$example" "${small[@]}"
    check "all sub-bands are one batch" bash -c '
        "$0" "${@}" --policy=torch --subbands=3 --fading=rician --outputDir=bands >/dev/null 2>&1' \
        "$example" "${small[@]}" "$(model rzf.pt)"
    check "cellfree-isac-compare takes it" bash -c '
        "$0" --policies=torch,rzf --drops=1 --outputDir=compared --programArgs="--simTime=150ms --nAps=3 --nUes=2 $1" \
            >/dev/null 2>err' "$programs/cellfree-isac-compare" "$(model "$work/rzf.pt")"

    # hostile_model NAME PATTERN SOURCE: what a model does.
    hostile_model() {
        printf '%s\n' "$3" >hostile.txt
        "$export" --source=hostile.txt --out=hostile.pt >/dev/null && refuses "$1" "$2" 1 --policy=torch "$(model hostile.pt)"
    }
    head='def forward(self, h, a, omega, sensing_weight, error_variance, serving):'
    hostile_model "a model of another signature is refused" 'hostile.pt.: expected forward\(h, a, omega' 'def forward(self, x):
    return x'
    hostile_model "a model that returns no tensor is refused" 'expected forward\(h, a, omega' "$head
    return 3"
    hostile_model "a wrong shape of a model is refused" 'slot [0-9]+: .*returned shape .*expected \[B, M, U\+T, N\]' "$head
    return h[:, :1]"
    hostile_model "real numbers are refused" 'slot [0-9]+: .*expected complex numbers' "$head
    return torch.cat([h, a], 2).real"
    hostile_model "NaN of a model is refused" 'slot [0-9]+: .*sub-band 0: expected finite numbers' "$head
    return torch.cat([h, a], 2) * float('nan')"
    hostile_model "what a model raises is said" 'slot [0-9]+: .*not today' "$head
    assert h.size(2) > 99, 'not today'
    return h"
    head -c 700 rzf.pt >cut.pt
    refuses "a truncated model is refused" "ModelFile = 'cut.pt': the archive is truncated" 1 --policy=torch "$(model cut.pt)"
    "$python" - <<'PY'
data = bytearray(open("rzf.pt", "rb").read())
at = data.find(b"PK\1\2")
while at >= 0:
    data[at + 24:at + 28] = b"\xf0\xff\xff\xff"
    at = data.find(b"PK\1\2", at + 4)
open("huge.pt", "wb").write(data)
PY
    refuses "a model that claims to be huge is refused" 'is said to have 4294967280 bytes' 1 --policy=torch "$(model huge.pt)"
    printf 'import torch\n' >text.pt
    refuses "a text is no model" 'expected a TorchScript file' 1 --policy=torch "$(model text.pt)"
    refuses "a model that is not there is refused" "ModelFile = 'nowhere.pt'" 1 --policy=torch "$(model nowhere.pt)"
    refuses "no model is refused" 'ModelFile is empty' 1 --policy=torch
    refuses "a device that is not there is refused" "Device = 'cuda:99': LibTorch sees no such device" 1 --policy=torch \
        "$(model rzf.pt)" --ns3::CellFreeTorchPolicy::Device=cuda:99
    printf 'def forward(self, x):\n    return y\n' >wrong.txt
    check "a source that is no TorchScript is refused, and nothing is written" bash -c '
        ! "$0" --source=wrong.txt --out=wrong.pt 2>err && grep -q "undefined value y" err && (($(wc -l <err) == 1)) &&
        ! compgen -G "wrong.pt*"' "$export"
    if "$python" -c "import torch" 2>/dev/null; then
        check "PyTorch gives the same beams outside" bash -c '
            "$0" --in=recorded.jsonl --out=torch.jsonl --policy=torch "$1" &&
            "$2" "$3/tools/torch-policy-check.py" rzf.pt recorded.jsonl --answers=torch.jsonl --tolerance=1e-9' \
            "$solve" "$(model rzf.pt)" "$python" "$repository"
    fi
fi
