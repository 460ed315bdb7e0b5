#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests channel files: that a recording replays to the same bytes, that tools/import-channels.py reads DeepMIMO v4 and
# Sionna RT, and that files which are no channel files are refused in a line. Without HDF5, that it says what brings it.
#
# usage: test/channel-file-program-test.sh FOLDER     FOLDER holds the programs under their plain names

set -uo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
example=$1/cellfree-isac-example
export convert=$repo/tools/import-channels.py
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

small=(--nAps=4 --nUes=3 --nAntennas=4 --side=300)
attribute=--ns3::CellFreeFileFading::File

# refuses NAME PATTERN ARGS...: the example ends with one line with PATTERN, and leaves no traces.
refuses() {
    local name=$1 pattern=$2 status=0
    shift 2
    "$example" "${small[@]}" --simTime=100ms --outputDir=refused "$@" >out.log 2>err.log || status=$?
    if ((status == 1)) && (($(grep -c . err.log) == 1)) && grep -qF -- "$pattern" err.log && [[ ! -e refused ]]; then
        echo "ok refuses $name"
    else
        echo "not ok refuses $name (exit status $status)"
        sed 's/^/    /' err.log
    fi
}

check "the example does not load HDF5" bash -c '! ldd "$0" | grep -i hdf5' "$example"
refuses "no file" "CellFreeFileFading::File is empty" --fading=file

"$example" "${small[@]}" --simTime=1ms --recordChannel=probe.h5 --outputDir=probe >probe.log 2>&1
if grep -q "libhdf5-dev" probe.log; then
    refuses "recording without HDF5" "--recordChannel: channel files need HDF5, which this build is without: install" \
        --recordChannel=x.h5
    refuses "replaying without HDF5" "install libhdf5-dev (Debian)" --fading=file "$attribute=x.h5"
    exit
fi

# Python with h5py, which need not be the one on the path.
python=
for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import h5py, numpy' 2>/dev/null; then
        python=$(command -v "$candidate")
        break
    fi
done

# replays NAME OPTIONS...: what a run records gives the same traces, but for wall times and what says how it was made.
replays() {
    local name=$1 run
    shift
    run=$(mktemp -d "$work/run-XXXX")
    check "$name replays to the same bytes" bash -c '
        "$0" "${@:2}" --recordChannel="$1/x.h5" --outputDir="$1/a" >"$1/a.log" 2>&1 && [[ ! -e "$1/x.h5.part" ]] &&
        ! grep -i warning "$1/a.log" &&
        "$0" "${@:2}" --fading=file --ns3::CellFreeFileFading::File="$1/x.h5" --outputDir="$1/b" >"$1/b.log" 2>&1 ||
        { tail -n 3 "$1"/*.log; exit 1; }
        (($(cat "$1/a/UeTrace.tsv" | wc -l) > 50)) || exit 1
        for trace in "$1"/a/*.tsv "$1"/a/*.xml; do
            [[ $trace == */CostTrace.tsv ]] || cmp "$trace" "$1/b/${trace##*/}" || exit 1
        done' "$example" "$run" "${small[@]}" "$@"
    recording=$run/x.h5
}
replays "block fading" --simTime=200ms --policy=gnn
first=$recording
replays "moving Rician fading in sub-bands, with pilots and clusters" --simTime=150ms --policy=rzf --fading=rician \
    --subbands=2 --csi=pilots --pilotLength=2 --clusterSize=2 --ueSpeed=20 --ns3::CellFreePilotCsi::SoundingPeriod=3
replays "full queues and tracking" --simTime=200ms --policy=rzf --load=full-buffer --tracking --nTargets=2
replays "cut links and an update in every slot" --simTime=200ms --policy=rzf --side=900 \
    --ns3::CellFreeChannelModel::MaxRange=500 --ns3::CellFreeChannelModel::LargeScaleUpdatePeriod=500us --ueSpeed=30
check "another policy meets the same channels" bash -c '
    "$0" "${@:2}" --policy=cb --simTime=200ms --outputDir=other >other.log 2>&1 && [[ -s other/UeTrace.tsv ]]' \
    "$example" "" "${small[@]}" --fading=file "$attribute=$first"
check "the same seed gives the same file" bash -c '
    "$0" "${@:2}" --simTime=200ms --policy=gnn --recordChannel=again.h5 --outputDir=again >again.log 2>&1 &&
    cmp again.h5 "$1"' "$example" "$first" "${small[@]}"

refuses "more UEs than the file has" "--nUes=5: expected at most 3, as $first has" --fading=file "$attribute=$first" \
    --nUes=5
refuses "a run longer than the file" "--simTime: expected at most 0.2" --fading=file "$attribute=$first" --simTime=1s
refuses "what is no HDF5" "--fading=file: $example: expected an HDF5 file" --fading=file "$attribute=$example"
refuses "a folder to record to" "--recordChannel: \"/\": expected the name of a file that can be written" \
    --recordChannel=/
refuses "recording nothing" "--recordChannel: expected at least one UE" --nUes=0 --recordChannel=x.h5
check "says that the disk is full, and leaves nothing half-written" bash -c '
    trap "" XFSZ; ulimit -f 60
    ! "$0" "${@}" --fading=rician --policy=rzf --simTime=150ms --nAntennas=16 --database= --recordChannel=full.h5 \
        --outputDir=full >full.log 2>full.err && [[ ! -e full.h5 && ! -e full.h5.part ]] &&
    grep -q "recordChannel: full.h5.part: .*cannot be written" full.err' "$example" "${small[@]}"
# Where the nodes are and the antennas are known when the scenario is built.
stops() {
    local name=$1 pattern=$2 status=0
    shift 2
    { "$example" "${small[@]}" --simTime=100ms --outputDir=stopped --fading=file "$@" || status=$?; } >out.log 2>err.log
    if ((status != 0)) && grep -qF -- "$pattern" err.log; then echo "ok stops at $name"; else
        echo "not ok stops at $name (exit status $status)"
        sed 's/^/    /' err.log
    fi
}
stops "another seed" "expected the scenario that the file is of" "$attribute=$first" --RngRun=2
stops "other antennas" "has 4 antennas of an AP: expected 8" "$attribute=$first" --nAntennas=8
stops "other sub-bands" "has 1 sub-bands: expected 2" "$attribute=$first" --subbands=2

if [[ -z $python ]]; then
    echo "skip: no Python with h5py (Debian: python3-h5py)"
    exit
fi

# --- hostile files ---
"$python" - <<'PY'
import h5py, numpy as np

def base(path):
    f = h5py.File(path, "w")
    f.attrs.update(format="cellfree-isac-channel", version=1, kind="coefficients", frequency=3.5e9, bandwidth=20e6)
    add(f, "time", np.zeros(1), "time", "s")
    return f

def add(f, name, data, axes, unit, **how):
    d = f.create_dataset(name, data=data, **how)
    d.attrs.update(axes=axes, unit=unit)
    return d

AXES = "time,ap,ue,band,antenna"
good = np.full((1, 4, 3, 1, 4), 1e-5 + 1e-5j)

def full(path, **how):
    f = base(path)
    add(f, "coefficients", good, AXES, "1", **how)
    return f

full("good.h5").close()
full("single.h5", dtype=np.complex64, compression="gzip").close()
full("lzf.h5", compression="lzf").close()
f = full("soft.h5"); f["mean"] = h5py.SoftLink("/mean"); f.close()
f = full("external.h5"); f["mean"] = h5py.ExternalLink("good.h5", "/coefficients"); f.close()
f = full("cyclic.h5"); g = f.create_group("positions"); g["positions"] = g; f.close()
f = full("root.h5"); f["statistics"] = f["/"]; f.close()
f = base("huge.h5"); d = f.create_dataset("coefficients", (1, 2**40, 2**20, 1, 4), complex, chunks=(1, 1, 1, 1, 4))
d.attrs.update(axes=AXES, unit="1"); f.close()
f = base("empty.h5"); d = f.create_dataset("coefficients", (1, 1000, 1000, 1, 4), complex, chunks=(1, 1, 1, 1, 4))
d.attrs.update(axes=AXES, unit="1"); f.close()
f = base("text.h5"); f["coefficients"] = ["a"]; f.close()
f = base("virtual.h5")
layout = h5py.VirtualLayout(good.shape, complex)
layout[:] = h5py.VirtualSource("good.h5", "coefficients", good.shape)
f.create_virtual_dataset("coefficients", layout); f.close()
f = base("nan.h5"); bad = good.copy(); bad[0, 1, 2, 0, 3] = np.nan; add(f, "coefficients", bad, AXES, "1"); f.close()
f = base("turned.h5"); add(f, "coefficients", good.swapaxes(1, 2), AXES.replace("ap,ue", "ue,ap"), "1"); f.close()
data = open("good.h5", "rb").read()
open("cut.h5", "wb").write(data[: len(data) // 2])
PY
for file in good single; do
    check "reads $file.h5" bash -c '"$0" "${@:2}" --simTime=50ms --policy=rzf --outputDir="$1" >"$1.log" 2>&1' \
        "$example" "$file" "${small[@]}" --fading=file "$attribute=$file.h5"
done
while read -r file pattern; do
    refuses "$file" "--fading=file: $file: $pattern" --fading=file "$attribute=$file"
done <<'CASES'
lzf.h5 /coefficients: is compressed by filter 32000: expected gzip or none
soft.h5 /mean: is a link to somewhere else
external.h5 /mean: is a link to somewhere else
cyclic.h5 /positions/positions: is a group within a group
root.h5 /statistics/statistics: is a group within a group
huge.h5 /coefficients: has the shape [1,1099511627776,1048576,1,4]: expected at most
empty.h5 /coefficients: has the shape [1,1000,1000,1,4] but 0 bytes in the file
text.h5 /coefficients: expected numbers
virtual.h5 /coefficients: is a view of other data
nan.h5 /coefficients[0,1,2,0,3]: is nan: expected a finite number
turned.h5 /coefficients: attribute axes = "time,ue,ap,band,antenna": expected time,ap,ue,band,antenna
cut.h5 is damaged
CASES

# --- what ray tracers write: two transmitters, three receivers, the line of sight and a reflection by the ground ---
"$python" - <<'PY'
import json, os
import h5py, numpy as np

C, F = 299792458.0, 3.5e9
aps = np.array([[0.0, 0, 10], [120, 40, 12]])
ues = np.array([[50.0, 10, 1.5], [70, -30, 1.5], [20, 60, 1.5]])
velocity = np.array([3.0, 4, 0])

def paths(ues):
    """[ap][ue][path]: length, reflection, directions away from the AP and the UE."""
    length, gain, out, back = [np.zeros((2, 3, 2) + tail) for tail in ((), (), (3,), (3,))]
    for m, ap in enumerate(aps):
        for u, ue in enumerate(ues):
            for l, image in enumerate((ap, ap * [1, 1, -1])):
                way = ue - image
                d = np.linalg.norm(way)
                length[m, u, l], gain[m, u, l] = d, (1.0, -0.4)[l]
                out[m, u, l] = way / d * [1, 1, (1, -1)[l]]
                back[m, u, l] = -way / d
    return length, gain, out, back

def azimuth(v): return np.arctan2(v[..., 1], v[..., 0])
def elevation(v): return np.arcsin(v[..., 2])

def deepmimo(folder, ues, ext, zenith=False):
    os.makedirs(folder, exist_ok=True)
    length, gain, out, back = paths(ues)
    nan = np.full((3, 1), np.nan)
    for m in range(2):
        turn = (lambda e: 90 - e) if zenith else (lambda e: e)
        amplitude = gain[m] * C / F / (4 * np.pi * length[m])
        matrices = {
            "power": np.hstack([20 * np.log10(np.abs(amplitude)), nan]),
            "phase": np.hstack([np.rad2deg(np.angle(amplitude * np.exp(-2j * np.pi * F / C * length[m]))), nan]),
            "delay": np.hstack([length[m] / C, nan]),
            "aod_az": np.hstack([np.rad2deg(azimuth(out[m])), nan]),
            "aod_el": np.hstack([turn(np.rad2deg(elevation(out[m]))), nan]),
            "aoa_az": np.hstack([np.rad2deg(azimuth(back[m])), nan]),
            "aoa_el": np.hstack([turn(np.rad2deg(elevation(back[m]))), nan]),
            "inter": np.hstack([np.array([[0.0, 1.0]] * 3), nan]),
            "inter_pos": np.full((3, 3, 1, 3), np.nan),
            "rx_pos": ues, "tx_pos": aps[m : m + 1],
        }
        for key, matrix in matrices.items():
            for r in (0, 2) if key == "power" else (0,):
                name = f"{folder}/{key}_t{1:03}_tx{m:03}_r{r:03}.{ext}"
                if ext == "mat":
                    import scipy.io
                    scipy.io.savemat(name, {key: matrix})
                elif ext == "npy":
                    np.save(name, matrix)
                else:
                    np.savez_compressed(name, **{key: matrix})

params = {"rt_params": {"frequency": F}, "scene": {"num_scenes": 1}, "txrx_sets": {}, "materials": {}}
for folder, ext, zenith in (("dm-npz", "npz", False), ("dm-zenith", "npy", True), ("dm-mat", "mat", False)):
    try:
        deepmimo(folder, ues, ext, zenith)
    except ImportError:
        continue
    json.dump(params, open(folder + "/params.json", "w"))
for k in range(3):
    deepmimo(f"dm-scenes/scene_{k}", ues + 0.1 * k * velocity, "npz")
json.dump({**params, "scene": {"num_scenes": 3}}, open("dm-scenes/params.json", "w"))

def sionna(k):
    length, gain, out, back = paths(ues + 0.1 * k * velocity)
    swap = lambda x: np.swapaxes(x, 0, 1)  # receivers first
    lam = C / F
    arrays = {
        "a": swap(gain * lam / (4 * np.pi * length)).astype(np.complex64)[:, None, :, None, :],
        "tau": swap(length / C), "valid": np.ones((3, 2, 2), bool),
        "theta_t": swap(np.pi / 2 - elevation(out)), "phi_t": swap(azimuth(out)),
        "theta_r": swap(np.pi / 2 - elevation(back)), "phi_r": swap(azimuth(back)),
        "doppler": swap(np.einsum("mulc,c->mul", back, velocity) / lam),
        "sources": aps.T, "targets": (ues + 0.1 * k * velocity).T, "frequency": F,
        "vertices": np.zeros((1, 3, 2, 2, 3)),
    }
    arrays["tau"] = arrays["tau"].copy()
    return arrays

for k in range(3):
    np.savez(f"s{k}.npz", **sionna(k))
with h5py.File("s0.h5", "w") as f:
    for name, array in sionna(0).items():
        f[name] = array
bad = sionna(0); bad["a"] = bad["a"][..., None]; np.savez("s-cir.npz", **bad)
bad = sionna(0); bad["tau"][0, 0, 0] = np.nan; np.savez("s-nan.npz", **bad)
bad = sionna(0); del bad["tau"]; np.savez("s-missing.npz", **bad)
bad = sionna(0); bad["phi_t"] = bad["phi_t"][:, :1]; np.savez("s-shape.npz", **bad)
np.savez("s-pickle.npz", a=np.array([{}], dtype=object))
PY

imports() {
    local out=$1
    shift
    check "imports $out.h5" bash -c '
        "$0" "$convert" "${@:2}" --out="$1.h5" >"$1.said" 2>&1 || { cat "$1.said"; exit 1; }' "$python" "$out" "$@"
}
imports dm deepmimo dm-npz
imports dm-zenith deepmimo dm-zenith
[[ -d dm-mat && -n $(ls dm-mat) ]] && imports dm-mat deepmimo dm-mat
imports dm-scenes deepmimo dm-scenes --interval=0.1
imports dm-two deepmimo dm-npz --users=2,0:1 --velocity=3,4,0
imports sionna sionna s0.npz s1.npz s2.npz --interval=0.1
imports sionna-h5 sionna s0.h5
check "says what was not used, and how it read elevations" bash -c '
    grep -q "not used: inter_pos" dm.said && grep -q "not used: links to the receivers of set 2" dm.said &&
    grep -q "elevations are from the horizon" dm.said && grep -q "elevations are from the zenith" dm-zenith.said &&
    grep -q "not used: vertices" sionna.said && grep -q "2 APs, 3 UEs, 3 times, up to 2 paths" sionna.said'
check "both layouts have the same paths" "$python" - <<'PY'
import h5py, numpy as np
files = {n: h5py.File(n + ".h5") for n in ("dm", "dm-zenith", "dm-scenes", "dm-two", "sionna", "sionna-h5")}
def same(x, y, tolerance=1e-6, turn=False):
    d = np.exp(1j * x) - np.exp(1j * y) if turn else x - y
    assert np.max(np.abs(d)) <= tolerance * max(np.max(np.abs(y)), 1e-300), (x, y)
a, b = files["dm"], files["sionna"]
for name in ("gain", "delay", "phase", "departureAzimuth", "departureElevation", "arrivalAzimuth", "arrivalElevation"):
    turn = name == "phase" or name.endswith("Azimuth")
    tolerance = 1e-3 if name == "phase" else 1e-6
    same(a[name][0, ..., :2], b[name][0], tolerance, turn)
    same(files["dm-zenith"][name][()], a[name][()], tolerance, turn)
    same(files["sionna-h5"][name][0], b[name][0], tolerance, turn)
    same(files["dm-two"][name][0], a[name][0][:, [2, 0]], tolerance, turn)
    same(files["dm-scenes"][name][..., :2], b[name][()], tolerance, turn)
assert np.all(a["gain"][..., 2] == 0)
# From scenes, from --velocity, and of Sionna.
same(files["dm-scenes"]["doppler"][..., :2], b["doppler"][()], 1e-4)
same(files["dm-two"]["doppler"][0, ..., :2], b["doppler"][0][:, [2, 0]], 1e-6)
same(a["positions/ue"][0], b["positions/ue"][0])
same(b["positions/ue"][2] - b["positions/ue"][0], np.tile([0.6, 0.8, 0], (3, 1)), 1e-6)
PY
drop=(--nAps=2 --nUes=3 --simTime=200ms --policy=rzf --fading=file)
check "simulates what was imported, with nodes where the file has them" bash -c '
    "$0" "${@:1}" --ns3::CellFreeFileFading::File=sionna.h5 --outputDir=sim >sim.log 2>&1 || { cat sim.log; exit 1; }
    (($(wc -l <sim/UeTrace.tsv) > 20))' "$example" "${drop[@]}"
check "pilots work with what was imported" bash -c '
    "$0" "${@:1}" --csi=pilots --ns3::CellFreeFileFading::File=dm.h5 --outputDir=sim2 >sim2.log 2>&1 ||
    { cat sim2.log; exit 1; }' "$example" "${drop[@]}"

refuses_import() {
    local name=$1 pattern=$2
    shift 2
    check "import refuses $name" bash -c '
        ! "$0" "$convert" "${@:2}" --out=no.h5 >out.log 2>err.log && (($(grep -c . err.log) == 1)) &&
        grep -qF -- "$1" err.log && [[ ! -e no.h5 && ! -e no.h5.part ]] || { cat err.log; exit 1; }' \
        "$python" "$pattern" "$@"
}
refuses_import "cir()" "not that of cir()" sionna s-cir.npz
refuses_import "NaN" "s-nan.npz: tau[" sionna s-nan.npz
refuses_import "a missing array" "s-missing.npz: tau is missing" sionna s-missing.npz
refuses_import "another shape" "s-shape.npz: phi_t has the shape (3, 1, 2): expected (3, 2, 2)" sionna s-shape.npz
refuses_import "pickled objects" "s-pickle.npz: expected an .npz or HDF5 file of arrays" sionna s-pickle.npz
refuses_import "another frequency" "--frequency=3.5" sionna s0.npz --frequency=3.5
refuses_import "no such user" "--users: expected numbers below 3" deepmimo dm-npz --users=3
refuses_import "words for users" '--users: "x": expected a number' deepmimo dm-npz --users=x
mkdir nothing
refuses_import "a folder without matrices" "expected files like power_t001_tx000_r000.npz" deepmimo nothing \
    --frequency=3.5e9
rm dm-npz/delay_t001_tx001_r000.npz
refuses_import "a missing matrix" "delay_t001_tx001_r000 is missing" deepmimo dm-npz
refuses_import "no folder" "none: expected one folder" deepmimo none
