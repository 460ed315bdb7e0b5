#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Adds tracking to the traces of a run without it, for tests of what reads them.

usage: synthetic-tracks.py RUN [SEED]

Takes the true paths in RUN/SensingTrace.tsv; draws detections and false alarms; keeps a track per target by a Kalman
filter of constant velocity that loses the first target for a while and finds the last one late; writes TrackTrace,
DetectionTrace and ReportTrace, and the columns that a tracker adds to SensingTrace. Nothing in it is a result.
"""
import csv
import os
import sys

try:
    import numpy as np
except ImportError:  # the packages that tools/setup.sh installs belong to the system's Python
    if os.path.samefile(sys.executable, "/usr/bin/python3"):
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

CUTOFF = 50.0  # of GOSPA and OSPA (m)
NOISE = np.array([6.0, 3.0, 4.0])  # standard deviations of an estimate of x, y, z (m)
DRIVE = 4.0  # of the filter: density of the acceleration (m^2/s^3)
SENSING = ["peb_m", "veb_mps", "estX_m", "estY_m", "estZ_m", "error_m", "sensingWeight"]


class Filter:
    """Position and velocity of one target."""

    def __init__(self, number, time, place, covariance):
        self.number, self.time, self.hits, self.misses = number, time, 1, 0
        self.state = np.concatenate([place, np.zeros(3)])
        self.covariance = np.diag(np.concatenate([np.diag(covariance), np.full(3, 15.0**2)]))

    def predict(self, time):
        step = time - self.time
        move = np.eye(6)
        move[:3, 3:] = step * np.eye(3)
        drive = np.kron([[step**3 / 3, step**2 / 2], [step**2 / 2, step]], DRIVE * np.eye(3))
        self.state, self.time = move @ self.state, time
        self.covariance = move @ self.covariance @ move.T + drive

    def update(self, place, covariance):
        gain = self.covariance[:, :3] @ np.linalg.inv(self.covariance[:3, :3] + covariance)
        self.state = self.state + gain @ (place - self.state[:3])
        self.covariance = self.covariance - gain @ self.covariance[:3]
        self.hits, self.misses = self.hits + 1, 0

    def status(self):
        return "tentative" if self.hits < 3 else "coasting" if self.misses else "confirmed"


def write(folder, name, columns, rows):
    with open(os.path.join(folder, f"{name}.tsv"), "w", encoding="utf-8") as file:
        file.write("\t".join(columns) + "\n")
        for row in rows:
            file.write("\t".join(f"{x:.9g}" if isinstance(x, float) else str(x) for x in row) + "\n")


def metrics(errors, n_tracks, n_targets):
    """GOSPA (p = 2, alpha = 2) and OSPA (p = 2) of the errors of the pairs that are closer than CUTOFF."""
    squared = sum(error**2 for error in errors)
    n_alone = n_tracks + n_targets - 2 * len(errors)
    gospa = np.sqrt(squared + 0.5 * CUTOFF**2 * n_alone)
    largest = max(n_tracks, n_targets)
    return gospa, np.sqrt((squared + CUTOFF**2 * (largest - len(errors))) / largest) if largest else 0.0


def main():
    folder = sys.argv[1]
    rng = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    with open(os.path.join(folder, "SensingTrace.tsv"), newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, delimiter="\t")
        columns, sensing = [name for name in reader.fieldnames if name not in SENSING], list(reader)
    times = sorted({float(row["time_s"]) for row in sensing})
    targets = sorted({row["targetId"] for row in sensing}, key=int)
    end = times[-1] if times else 0.0
    places = np.array([[float(row[axis]) for axis in ("x_m", "y_m", "z_m")] for row in sensing]).reshape(-1, 3)
    low, high = (places.min(0) - 60, places.max(0) + 60) if len(places) else (np.zeros(3), np.ones(3))
    weights, tracks, reports, detections, number = {target: 1.0 for target in targets}, [], [], [], 0
    filters = {}
    arrival = 0.0
    for dwell, time in enumerate(times):
        rows = [row for row in sensing if float(row["time_s"]) == time]
        found, looks = 0, {}
        for row in rows:
            target, place = row["targetId"], np.array([float(row[axis]) for axis in ("x_m", "y_m", "z_m")])
            is_hidden = target == targets[0] and 0.45 < time / end < 0.6 or target == targets[-1] and time < 0.2 * end
            # A target with a track is looked at in every other dwell.
            looked = target not in filters or (dwell + filters[target].number) % 2 == 0
            snr = 30.0 + 4.0 * np.log2(weights[target]) + 3.0 * np.sin(9 * time / end + int(target)) - 25.0 * (not looked)
            pd = 1e-6 if is_hidden else float(1e-6 ** (1 / (1 + 10 ** (snr / 10))))
            if looked:
                weights[target] = float(np.clip(weights[target] * (1 + 0.3 * (0.9 - pd)), 0.1, 20))
                looks[target] = pd
            covariance = np.diag(NOISE**2) * 10 ** ((30 - max(snr, 10)) / 10)
            row |= {"combinedSnr_dB": -300.0 if is_hidden else snr, "pd": pd, "conditionalPd": pd, "detected": 0,
                    "peb_m": float(np.sqrt(np.trace(covariance))), "veb_mps": float(np.sqrt(np.trace(covariance)) / 8),
                    "estX_m": "", "estY_m": "", "estZ_m": "", "error_m": "", "sensingWeight": ""}
            track = filters.get(target)
            if track:
                track.predict(time)
            if rng.random() < pd:
                found += 1
                estimate = place + np.sqrt(np.diag(covariance)) * rng.standard_normal(3)
                row |= {"detected": 1, "estX_m": estimate[0], "estY_m": estimate[1], "estZ_m": estimate[2],
                        "error_m": float(np.linalg.norm(estimate - place))}
                detections.append([time, 1, *estimate, 0.0, 0.0, 0.0, row["peb_m"], snr])
                if track:
                    track.update(estimate, covariance)
                else:
                    filters[target] = Filter(number, time, estimate, covariance)
                    number += 1
            elif track and looked:
                track.misses += 1
                if track.misses > 60:
                    del filters[target]
        for _ in range(rng.poisson(0.1)):
            found += 1
            place = rng.uniform(low, high)
            detections.append([time, 1, *place, *rng.uniform(-20, 20, 3), 8.0, 14.0])
            filters[f"alarm {number}"] = Filter(number, time, place, np.diag(NOISE**2))
            number += 1
        for name in [name for name in filters if name.startswith("alarm")]:
            filters[name].predict(time)
            filters[name].misses += 1
            if filters[name].misses > 6:
                del filters[name]
        truth = {row["targetId"]: np.array([float(row[axis]) for axis in ("x_m", "y_m", "z_m")]) for row in rows}
        believed = {name: track for name, track in filters.items() if track.hits >= 3}
        errors = {name: float(np.linalg.norm(track.state[:3] - truth[name])) for name, track in filters.items()
                  if name in truth}
        errors = {name: error for name, error in errors.items() if error < CUTOFF}
        gospa, ospa = metrics([error for name, error in errors.items() if name in believed], len(believed), len(truth))
        for name, track in filters.items():
            c, has_target = track.covariance, name in errors
            tracks.append([time, 1, track.number, track.status(), *track.state, c[0, 0], c[0, 1], c[1, 1], c[2, 2],
                           looks.get(name, ""), weights[name] if name in looks else "", name if has_target else -1,
                           errors[name] if has_target else "", gospa, ospa])
        if not filters:
            tracks.append([time, 1, -1, "none", *[""] * 12, -1, "", gospa, ospa])
        latency = 0.004 + rng.exponential(0.003)
        if rng.random() > 0.05:  # else lost
            if arrival < time + latency:
                reports.append([time + latency, 1, dwell, time, latency, time + latency - (reports[-1][3] if reports else 0),
                                len(filters), found, 40 + 60 * len(filters)])
            arrival = time + latency
    write(folder, "SensingTrace", columns + SENSING, [[row[name] for name in columns + SENSING] for row in sensing])
    write(folder, "TrackTrace", "time_s cpuId trackId status x_m y_m z_m vx_mps vy_mps vz_mps covXx_m2 covXy_m2 covYy_m2 "
          "covZz_m2 pd sensingWeight targetId error_m gospa_m ospa_m".split(), tracks)
    write(folder, "DetectionTrace", "time_s cpuId x_m y_m z_m vx_mps vy_mps vz_mps sd_m snr_dB".split(), detections)
    write(folder, "ReportTrace", "time_s cpuId sequence sent_s latency_s age_s nTracks nDetections bytes".split(), reports)


if __name__ == "__main__":
    main()
