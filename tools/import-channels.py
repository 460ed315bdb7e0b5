#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Converts what ray tracers write to a channel file, which cellfree-isac-example --fading=file reads.

usage: tools/import-channels.py deepmimo FOLDER --out=CHANNELS.h5 [--users=0,5,10:20:2] [--interval=S]
           [--velocity=X,Y,Z]
       tools/import-channels.py sionna FILE... --out=CHANNELS.h5 [--interval=S] [--frequency=HZ]

deepmimo: a folder of DeepMIMO v4 (power_t001_tx000_r000.npz and so on, .npz, .npy or .mat, and params.json). Base
  stations become APs, in the order of their sets; users become UEs. A scenario of several scenes becomes as many times.
sionna: arrays of a Paths object of Sionna RT 1.x, in .npz or HDF5 files, one a time: a (complex, or a_real and a_imag),
  tau, theta_t, phi_t, and where there are theta_r, phi_r, doppler, valid, sources, targets, frequency. Transmitters
  become APs, receivers UEs.

What is not used is said on stdout. Needs numpy, h5py, and SciPy for .mat files.
"""

import argparse
import json
import os
import re
import sys

try:
    import h5py
    import numpy as np
except ImportError as error:
    sys.exit(f"import-channels.py: {error}: expected numpy and h5py (Debian: python3-numpy, python3-h5py)")

SPEED_OF_LIGHT = 299792458.0
MAX_USERS = 1000
PATH_FIELDS = {
    "delay": "s",
    "gain": "1",
    "phase": "rad",
    "departureAzimuth": "rad",
    "departureElevation": "rad",
    "arrivalAzimuth": "rad",
    "arrivalElevation": "rad",
    "doppler": "Hz",
}


class Refusal(Exception):
    """What is wrong with the input, in one line."""


class Snapshot:
    """The paths at one time: arrays AP x UE x path by their names in the channel file, and where nodes are."""

    def __init__(self, fields, aps, ues):
        self.fields = fields
        self.aps = aps
        self.ues = ues


def say(text):
    print(f"import-channels.py: {text}")


def finite(array, where):
    array = np.asarray(array, dtype=float)
    if not np.all(np.isfinite(array)):
        index = ",".join(map(str, np.argwhere(~np.isfinite(array))[0]))
        raise Refusal(f"{where}[{index}]: expected a finite number")
    return array


def vectors(azimuth, elevation):
    """Unit vectors of directions."""
    return np.stack(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)], axis=-1
    )


def wrap(angle):
    """Angles in [-pi, pi]."""
    return np.angle(np.exp(1j * angle))


# --- DeepMIMO ----------------------------------------------------------------------------------------------------

MATRIX = re.compile(r"(?P<key>[a-z_]+)_t(?P<set>\d+)_tx(?P<tx>\d+)_r(?P<rx>\d+)\.(?P<ext>npz|npy|mat)$")
NEEDED = ("power", "phase", "delay", "aod_az", "aod_el", "aoa_az", "aoa_el", "rx_pos", "tx_pos")


def load_matrix(path):
    """The array of a file that has one."""
    try:
        if path.endswith(".npy"):
            return np.load(path, allow_pickle=False)
        if path.endswith(".npz"):
            with np.load(path, allow_pickle=False) as archive:
                arrays = [archive[name] for name in archive.files]
        else:
            import scipy.io  # pylint: disable=import-outside-toplevel

            arrays = [value for name, value in scipy.io.loadmat(path).items() if not name.startswith("__")]
    except ImportError as missing:
        raise Refusal(f"{path}: {missing}: expected SciPy (Debian: python3-scipy)") from missing
    except Exception as broken:
        raise Refusal(f"{path}: is no array that can be read ({broken})") from broken
    if len(arrays) != 1:
        raise Refusal(f"{path}: has {len(arrays)} arrays: expected one")
    return arrays[0]


def choose_users(text, count):
    """Indices of a list like 0,5,10:20:2."""
    if text is None:
        if count > MAX_USERS:
            raise Refusal(f"{count} users: expected --users=, which chooses at most {MAX_USERS}")
        return np.arange(count)
    chosen = []
    for part in text.split(","):
        if not re.fullmatch(r"\d+(:\d+(:[1-9]\d*)?)?", part):
            raise Refusal(f'--users: "{part}": expected a number, FIRST:END or FIRST:END:STEP')
        bounds = [int(number) for number in part.split(":")]
        chosen += range(*bounds) if len(bounds) > 1 else bounds
        if len(chosen) > MAX_USERS:
            raise Refusal(f"--users: more than {MAX_USERS} users")
    if not chosen or max(chosen) >= count:
        raise Refusal(f"--users: expected numbers below {count}")
    return np.array(chosen)


def elevation_of(los, given, choice):
    """Whether elevations are counted from the zenith, as in some releases, by what paths in line of sight fit."""
    if choice != "auto":
        return choice == "zenith"
    if los.size == 0:
        say("no path is marked as line of sight: took elevations as from the horizon; --elevation=zenith if not")
        return False
    misses = [np.median(np.abs(given - truth)) for truth in (los, 90.0 - los)]
    name = "zenith" if misses[1] < misses[0] else "horizon"
    say(f"elevations are from the {name}: {los.size} paths in line of sight are {min(misses):.2g} degrees off")
    if min(misses) > 5.0:
        raise Refusal("departures in line of sight do not point at the users: expected degrees in the axes of rx_pos")
    return name == "zenith"


def read_scene(folder, params, options):
    """The snapshot of a folder."""
    files = {}
    for name in sorted(os.listdir(folder)):
        match = MATRIX.match(name)
        if match:
            files.setdefault((int(match["set"]), int(match["tx"]), int(match["rx"])), {})[match["key"]] = name
    if not files:
        raise Refusal(f"{folder}: expected files like power_t001_tx000_r000.npz")
    transmitters = {key[0] for key in files}
    receivers = sorted({key[2] for key in files} - transmitters) or sorted({key[2] for key in files})
    chosen = receivers[0] if options.rx_set is None else options.rx_set
    stations = sorted(key for key in files if key[2] == chosen)
    if not stations:
        raise Refusal(f"--rxSet={chosen}: expected one of {', '.join(map(str, receivers))}")
    others = sorted({key[2] for key in files} - {chosen})
    options.unused.update(f"links to the receivers of set {other}" for other in others)

    matrices = {}
    for station in stations:
        names = files[station]
        for key in NEEDED:
            if key not in names:
                raise Refusal("{}: {}_t{:03}_tx{:03}_r{:03} is missing".format(folder, key, *station))
        options.unused.update(key for key in names if key not in NEEDED + ("inter",))
        loaded = {key: load_matrix(os.path.join(folder, names[key])) for key in NEEDED}
        if "inter" in names:
            loaded["inter"] = load_matrix(os.path.join(folder, names["inter"]))
        shape = loaded["power"].shape
        for key, array in loaded.items():
            expected = {"rx_pos": (shape[0], 3)}.get(key, shape)
            fits = array.size == 3 if key == "tx_pos" else array.shape == expected
            if len(shape) != 2 or not fits:
                raise Refusal(f"{folder}: {names[key]} has the shape {array.shape}: expected users x paths, or x 3")
        matrices[station] = loaded
    first = matrices[stations[0]]
    count = first["rx_pos"].shape[0]
    for station in stations:
        if not np.array_equal(matrices[station]["rx_pos"], first["rx_pos"]):
            raise Refusal(f"{folder}: rx_pos differs between base stations")
    users = choose_users(options.users, count)
    n_paths = max(loaded["power"].shape[1] for loaded in matrices.values())
    aps = np.array([finite(matrices[s]["tx_pos"], "tx_pos").reshape(3) for s in stations])
    ues = finite(first["rx_pos"][users], "rx_pos")

    fields = {name: np.zeros((len(stations), len(users), n_paths)) for name in PATH_FIELDS}
    los_truth, los_given = [], []
    for m, station in enumerate(stations):
        loaded = {key: np.asarray(array, dtype=float) for key, array in matrices[station].items()}
        width = loaded["power"].shape[1]
        has_path = np.all([np.isfinite(loaded[key][users]) for key in NEEDED[:7]], axis=0)
        partly = np.isfinite(loaded["power"][users]) & ~has_path
        if np.any(partly):
            raise Refusal(f"{folder}: a path of base station {m} has a power but not all of its other numbers")

        def put(name, values, m=m, width=width, has_path=has_path):
            fields[name][m, :, :width] = np.where(has_path, values, 0.0)

        put("gain", 10.0 ** (np.where(has_path, loaded["power"][users], 0.0) / 10.0))
        put("phase", wrap(np.deg2rad(np.where(has_path, loaded["phase"][users], 0.0))))
        put("delay", loaded["delay"][users])
        for end, short in (("departure", "aod"), ("arrival", "aoa")):
            put(end + "Azimuth", wrap(np.deg2rad(np.where(has_path, loaded[short + "_az"][users], 0.0))))
            put(end + "Elevation", np.deg2rad(loaded[short + "_el"][users]))
        if "inter" in loaded:
            direct = (loaded["inter"][users] == 0) & has_path
            way = ues - aps[m]
            truth = np.rad2deg(np.arctan2(way[:, 2], np.hypot(way[:, 0], way[:, 1])))
            los_truth.append(np.broadcast_to(truth[:, None], direct.shape)[direct])
            los_given.append(loaded["aod_el"][users][direct])
    los = np.concatenate(los_truth) if los_truth else np.zeros(0)
    given = np.concatenate(los_given) if los_given else np.zeros(0)
    if options.from_zenith is None:
        options.from_zenith = elevation_of(los, given, options.elevation)
    if options.from_zenith:
        for end in ("departure", "arrival"):
            elevation = fields[end + "Elevation"]
            fields[end + "Elevation"] = np.where(fields["gain"] > 0.0, np.pi / 2 - elevation, 0.0)
    lonely = np.count_nonzero(np.all(fields["gain"] == 0.0, axis=(0, 2)))
    if lonely:
        say(f"{lonely} of {len(users)} users have no path to any base station")
    return Snapshot(fields, aps, ues)


def read_deepmimo(options):
    folder = options.inputs[0]
    if len(options.inputs) != 1 or not os.path.isdir(folder):
        raise Refusal(f"{folder}: expected one folder")
    params = {}
    path = os.path.join(folder, "params.json")
    if os.path.exists(path):
        try:
            with open(path, encoding="utf-8") as file:
                params = json.load(file)
        except ValueError as broken:
            raise Refusal(f"{path}: is no JSON: {broken}") from broken
    frequency = options.frequency or params.get("rt_params", {}).get("frequency")
    if not isinstance(frequency, (int, float)):
        raise Refusal(f"{path}: rt_params.frequency is missing: expected it, or --frequency=")
    options.unused.update(name for name in ("materials", "scene") if name in params)
    scenes = [folder]
    if params.get("scene", {}).get("num_scenes", 1) > 1:
        scenes = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
        scenes = [scene for scene in scenes if os.path.isdir(scene)]
    snapshots = [read_scene(scene, params, options) for scene in scenes]
    velocity = options.velocity
    wavelength = SPEED_OF_LIGHT / frequency
    for k, snapshot in enumerate(snapshots):
        if velocity is not None:
            speed = np.broadcast_to(velocity, snapshot.ues.shape)
        elif len(snapshots) > 1:
            other = snapshots[k + 1] if k + 1 < len(snapshots) else snapshots[k - 1]
            sign = 1.0 if k + 1 < len(snapshots) else -1.0
            speed = sign * (other.ues - snapshot.ues) / options.interval
        else:
            continue
        # A receiver that moves towards where a path comes from hears it higher.
        fields = snapshot.fields
        arrival = vectors(fields["arrivalAzimuth"], fields["arrivalElevation"])
        fields["doppler"] = np.where(fields["gain"] > 0, np.einsum("mulc,uc->mul", arrival, speed) / wavelength, 0.0)
    if velocity is None:
        source = "those of the users' way between scenes" if len(scenes) > 1 else "0: no --velocity"
        say(f"Doppler shifts are {source}")
    return frequency, "excluded", snapshots


# --- Sionna RT ---------------------------------------------------------------------------------------------------


def load_arrays(path):
    """The arrays of an .npz or HDF5 file, by name."""
    try:
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as file:
                for name in file:
                    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
                        raise Refusal(f"{path}: {name} is a link: expected the data itself")
                arrays = {name: np.asarray(item) for name, item in file.items() if isinstance(item, h5py.Dataset)}
                arrays.update({name: np.asarray(value) for name, value in file.attrs.items() if name not in arrays})
                return arrays
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except Refusal:
        raise
    except Exception as broken:
        raise Refusal(f"{path}: expected an .npz or HDF5 file of arrays ({broken})") from broken


def places(arrays, name, count, step, path):
    """Positions of transmitters or receivers, one a row; null where there are none."""
    if name not in arrays:
        return None
    array = finite(arrays[name], f"{path}: {name}")
    total = count * step
    if array.shape == (3, total) and total != 3:
        array = array.T
    elif array.shape == (3, 3) and total == 3:
        array = array.T
        say(f"{name} is 3 x 3: took columns for places, as Sionna has them")
    elif array.shape != (total, 3):
        raise Refusal(f"{path}: {name} has the shape {array.shape}: expected (3, {total})")
    return array.reshape(count, step, 3).mean(axis=1)


def read_paths(path, options):
    """The carrier frequency and the snapshot of a file."""
    arrays = load_arrays(path)
    known = ("a", "a_real", "a_imag", "tau", "theta_t", "phi_t", "theta_r", "phi_r", "doppler", "valid", "sources")
    options.unused.update(name for name in arrays if name not in known + ("targets", "frequency"))
    if "a" not in arrays and "a_real" in arrays and "a_imag" in arrays:
        arrays["a"] = arrays["a_real"] + 1j * arrays["a_imag"]
    for name in ("a", "tau", "theta_t", "phi_t"):
        if name not in arrays:
            raise Refusal(f"{path}: {name} is missing")
    a = arrays["a"]
    if not np.iscomplexobj(a) and a.ndim == 6 and a.shape[0] == 2:
        a = a[0] + 1j * a[1]
    if a.ndim != 5 or not np.iscomplexobj(a):
        raise Refusal(
            f"{path}: a is {a.dtype} of the shape {a.shape}: expected paths.a of Sionna RT 1.x, complex, [receiver, "
            "its antenna, transmitter, its antenna, path]; not that of cir(), nor of Sionna 0.x"
        )
    n_rx, rx_antennas, n_tx, tx_antennas, n_paths = a.shape
    if 0 in a.shape:
        raise Refusal(f"{path}: a has the shape {a.shape}: expected at least one path")
    synthetic = arrays["tau"].ndim == 3
    shape = (n_rx, n_tx, n_paths) if synthetic else a.shape

    def pick(name):
        array = np.asarray(arrays[name])
        if array.shape != shape:
            raise Refusal(f"{path}: {name} has the shape {array.shape}: expected {shape}")
        array = array if synthetic else array[:, 0, :, 0, :]
        return np.swapaxes(array, 0, 1)  # AP x UE x path

    coefficient = np.swapaxes(a[:, 0, :, 0, :], 0, 1)
    tau = pick("tau").astype(float)
    exists = pick("valid").astype(bool) if "valid" in arrays else tau >= 0.0
    exists = exists & (coefficient != 0.0)
    if tx_antennas > 1:
        say(f"{path}: of {tx_antennas} antennas of a transmitter the first is used: the array is the scenario's")
    if rx_antennas > 1:
        say(f"{path}: of {rx_antennas} antennas of a receiver the first is used: UEs have one")

    def keep(values, what):
        return finite(np.where(exists, values, 0.0), f"{path}: {what}")

    frequency = options.frequency or arrays.get("frequency")
    if frequency is None or np.size(frequency) != 1:
        raise Refusal(f"{path}: frequency is missing: expected it, or --frequency=")
    frequency = float(np.reshape(frequency, ()))
    # a is that of the passband; what the baseband gets has the carrier's phase over the delay.
    cycles = frequency * tau
    fields = {
        "delay": keep(tau, "tau"),
        "gain": keep(np.abs(coefficient.astype(complex)) ** 2, "a"),
        "phase": keep(wrap(np.angle(coefficient.astype(complex)) - 2 * np.pi * (cycles - np.floor(cycles))), "a"),
        "departureAzimuth": keep(wrap(pick("phi_t").astype(float)), "phi_t"),
        "departureElevation": keep(np.pi / 2 - pick("theta_t").astype(float), "theta_t"),
    }
    if np.any(fields["delay"] < 0.0):
        raise Refusal(f"{path}: tau: expected delays of at least 0 for valid paths")
    if "phi_r" in arrays and "theta_r" in arrays:
        fields["arrivalAzimuth"] = keep(wrap(pick("phi_r").astype(float)), "phi_r")
        fields["arrivalElevation"] = keep(np.pi / 2 - pick("theta_r").astype(float), "theta_r")
    if "doppler" in arrays:
        fields["doppler"] = keep(pick("doppler").astype(float), "doppler")
    else:
        say(f"{path}: no doppler: took 0")
    aps = places(arrays, "sources", n_tx, 1 if synthetic else tx_antennas, path)
    ues = places(arrays, "targets", n_rx, 1 if synthetic else rx_antennas, path)
    return frequency, Snapshot(fields, aps, ues)


def read_sionna(options):
    read = [read_paths(path, options) for path in options.inputs]
    if any(frequency != read[0][0] for frequency, _ in read):
        raise Refusal("the files have different carrier frequencies")
    if read[0][1].aps is None or read[0][1].ues is None:
        say("no sources or targets: nodes are where the scenario has them, and so are echoes of targets")
    return read[0][0], "included", [snapshot for _, snapshot in read]


# --- the channel file --------------------------------------------------------------------------------------------


def write(options, frequency, element_gains, snapshots):
    n_aps, n_ues, _ = snapshots[0].fields["gain"].shape
    n_paths = max(snapshot.fields["gain"].shape[2] for snapshot in snapshots)
    for k, snapshot in enumerate(snapshots):
        if snapshot.fields["gain"].shape[:2] != (n_aps, n_ues):
            raise Refusal(f"time {k} has other numbers of APs and UEs than the first one")
        if set(snapshot.fields) != set(snapshots[0].fields):
            raise Refusal(f"time {k} has other arrays than the first one")
        if np.max(snapshot.fields["gain"]) > 1e3:
            raise Refusal(f"time {k} has a path that gains {np.max(snapshot.fields['gain']):.3g}: expected at most 1e3")
    times = options.interval * np.arange(len(snapshots))
    part = options.out + ".part"
    try:
        with h5py.File(part, "w") as file:

            def add(name, values, axes, unit):
                data = file.create_dataset(name, data=values, compression="gzip", shuffle=True)
                data.attrs["axes"] = axes
                data.attrs["unit"] = unit

            file.attrs["format"] = "cellfree-isac-channel"
            file.attrs["version"] = 1
            file.attrs["kind"] = "paths"
            file.attrs["frequency"] = frequency
            file.attrs["interpolation"] = "linear"
            file.attrs["mobility"] = "file"
            file.attrs["elementGains"] = element_gains
            file.attrs["description"] = f"import-channels.py {options.layout}"
            add("time", times, "time", "s")
            for name in snapshots[0].fields:
                values = np.zeros((len(snapshots), n_aps, n_ues, n_paths))
                for k, snapshot in enumerate(snapshots):
                    values[k, :, :, : snapshot.fields[name].shape[2]] = snapshot.fields[name]
                add(name, values, "time,ap,ue,path", PATH_FIELDS[name])
            if all(s.aps is not None and s.ues is not None for s in snapshots):
                add("positions/time", times, "time", "s")
                add("positions/ap", np.array([s.aps for s in snapshots]), "time,ap,coordinate", "m")
                add("positions/ue", np.array([s.ues for s in snapshots]), "time,ue,coordinate", "m")
        os.replace(part, options.out)
    except OSError as broken:
        raise Refusal(f"{options.out}: cannot be written ({broken})") from broken
    finally:
        if os.path.exists(part):
            os.remove(part)
    links = np.count_nonzero(np.any(snapshots[0].fields["gain"] > 0, axis=2))
    say(
        f"{options.out}: {n_aps} APs, {n_ues} UEs, {len(snapshots)} times, up to {n_paths} paths, "
        f"{frequency / 1e9:g} GHz; {links} of {n_aps * n_ues} links have paths"
    )
    options.unused.add("links between APs, and echoes: none are in such files")
    for what in sorted(options.unused):
        say(f"not used: {what}")


def parse():
    parser = argparse.ArgumentParser(description="Converts ray-traced paths to a channel file.")
    parser.add_argument("layout", choices=("deepmimo", "sionna"))
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="the folder, or the files in the order of time")
    parser.add_argument("--out", required=True, help="the channel file")
    parser.add_argument("--interval", type=float, default=0.1, help="time between scenes or files (s, default 0.1)")
    parser.add_argument("--frequency", type=float, help="carrier frequency (Hz), where the data does not say")
    parser.add_argument("--users", help="deepmimo: numbers of the users, as 0,5,10:20:2 (default: all)")
    parser.add_argument("--rxSet", dest="rx_set", type=int, help="deepmimo: set of the users (default: the first)")
    parser.add_argument("--velocity", help="deepmimo: velocity of all users X,Y,Z (m/s), for their Doppler shifts")
    parser.add_argument(
        "--elevation",
        choices=("auto", "horizon", "zenith"),
        default="auto",
        help="deepmimo: where elevations are counted from (default: what paths in line of sight fit)",
    )
    options = parser.parse_args()
    options.unused = set()
    options.from_zenith = None
    if not (np.isfinite(options.interval) and options.interval > 0):
        raise Refusal(f"--interval={options.interval}: expected seconds above 0")
    if options.frequency is not None and not 1e6 <= options.frequency <= 1e12:
        raise Refusal(f"--frequency={options.frequency}: expected 1e6 to 1e12 Hz")
    if options.velocity is not None:
        try:
            options.velocity = finite([float(part) for part in options.velocity.split(",")], "--velocity")
        except ValueError:
            options.velocity = np.zeros(0)
        if options.velocity.shape != (3,):
            raise Refusal("--velocity: expected three numbers X,Y,Z")
    return options


def main():
    try:
        options = parse()
        reader = read_deepmimo if options.layout == "deepmimo" else read_sionna
        frequency, element_gains, snapshots = reader(options)
        if not 1e6 <= frequency <= 1e12:
            raise Refusal(f"frequency = {frequency}: expected 1e6 to 1e12 Hz")
        write(options, float(frequency), element_gains, snapshots)
    except Refusal as refusal:
        sys.exit(f"import-channels.py: {' '.join(str(refusal).split())}")
    except OSError as error:
        sys.exit(f"import-channels.py: {error}")


if __name__ == "__main__":
    main()
