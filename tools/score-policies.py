#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Scores policies on problems that no training has seen: the tables of data/weights/README.md.

Problems come from draw-problems.py, beams from cellfree-isac-solve. A policy's figure is the mean of its objective over
the problems, as a share of the reference's, and the least share on any one problem. Where channels are estimates, the
objective has the mean rates over the channels that the estimates leave possible, exact ("expectedRate"). Needs numpy.

SET is KIND:APS,UES,ANTENNAS[:side=M][:pilots=T][:pilot-power=DBM][:beta=B,...], for instance
path-loss:16,8,8:side=400:pilots=4:beta=0,2,10. A policy may carry options of cellfree-isac-solve: "gnn --ignoreErrors".
"""
import argparse
import json
import math
import pathlib
import shlex
import subprocess
import sys
import tempfile


def fail(message):
    sys.exit(f"score-policies.py: {message}")


def read_set(text):
    """KIND:M,U,N:key=value... as options of draw-problems.py and a list of sensing weights."""
    kind, _, rest = text.partition(":")
    sizes, *extras = rest.split(":")
    numbers = sizes.split(",")
    if kind not in ("iid", "path-loss") or len(numbers) != 3 or not all(n.isdigit() for n in numbers):
        fail(f"set {text}: expected iid or path-loss, then :APS,UES,ANTENNAS")
    options = [kind, "--channels=1"] + [f"--{n}={v}" for n, v in zip(("aps", "ues", "antennas"), numbers)]
    betas = [0.0]
    for extra in extras:
        key, _, value = extra.partition("=")
        if key == "beta":
            betas = [float(b) for b in value.split(",")]
        elif key in ("side", "pilots", "pilot-power"):
            options.append(f"--{key}={float(value) if key != 'pilots' else int(value)}")
        else:
            fail(f"set {text}: {key}: expected side, pilots, pilot-power or beta")
    return options, betas


def score(solve, policy, problems, beta, folder):
    """Objective of every problem, and the mean time of a decision (s)."""
    name, *options = shlex.split(policy)
    out = folder / "answers.jsonl"
    subprocess.run(
        [solve, f"--policy={name}", f"--sensingWeight={beta}", f"--in={problems}", f"--out={out}", *options], check=True
    )
    objectives, seconds = [], 0.0
    for line in out.read_text().splitlines():
        answer = json.loads(line)
        if "error" in answer:
            fail(f"policy {policy}: {answer['error']}")
        rates = answer.get("expectedRate", answer["rate"])
        objectives.append(sum(rates) + beta * sum(math.log2(1 + snr) for snr in answer["sensingSnr"]))
        seconds += answer["seconds"]
    return objectives, seconds / len(objectives)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", metavar="SET")
    parser.add_argument("--solve", required=True, help="the program cellfree-isac-solve")
    parser.add_argument("--reference", default="robust", help="policy that others are a share of")
    parser.add_argument("--policies", default="gnn,rzf", help="separated by commas")
    parser.add_argument("--count", type=int, default=50, help="problems in a set")
    parser.add_argument("--seed", type=int, default=1001)
    options = parser.parse_args()
    policies = options.policies.split(",")
    draw = pathlib.Path(__file__).resolve().parent / "draw-problems.py"
    print("\t".join(["set", "beta", f"{options.reference} (bit/s/Hz)"] + [f"{p}\tleast" for p in policies] + ["speed-up"]))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for text in options.sets:
            draw_options, betas = read_set(text)
            problems = folder / "problems.jsonl"
            with problems.open("w") as stream:
                subprocess.run(
                    [sys.executable, draw, *draw_options, f"--count={options.count}", f"--seed={options.seed}"],
                    stdout=stream,
                    check=True,
                )
            for beta in betas:
                reference, reference_time = score(options.solve, options.reference, problems, beta, folder)
                row = [text.split(":beta")[0], f"{beta:g}", f"{sum(reference) / len(reference):.2f}"]
                for index, policy in enumerate(policies):
                    reached, time = score(options.solve, policy, problems, beta, folder)
                    row.append(f"{sum(reached) / sum(reference):.5f}")
                    row.append(f"{min(x / y for x, y in zip(reached, reference)):.4f}")
                    if index == 0:
                        speed_up = f"{reference_time / time:.0f}"
                print("\t".join(row + [speed_up]), flush=True)


if __name__ == "__main__":
    main()
