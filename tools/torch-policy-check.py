#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs a TorchScript model outside the simulator, on the tensors that policy torch gives it.

usage: tools/torch-policy-check.py MODEL PROBLEMS [--answers=FILE] [--out=FILE] [--dump=FILE] [--single] [--tolerance=X]

PROBLEMS is a file of problem lines, as --record writes them. For each, the problem is normalised, the model is asked,
and what it returns is made to keep masks and power limits, all as the simulator does. --answers compares the beams with
those of `cellfree-isac-solve --policy=torch --in=PROBLEMS`, and fails where they differ by more than the tolerance.
--out writes the beams as answer lines, --dump the tensors and beams of all problems as an .npz file, h0, a0 and so on.

MODEL is opened by PyTorch. A file that ends in .py is a stand-in in NumPy instead: it has a function forward() of the
same arguments.
"""

import argparse
import json
import os
import runpy
import sys

import numpy as np


def fail(message):
    """Ends the program with one line."""
    print(f"torch-policy-check.py: {message}", file=sys.stderr)
    sys.exit(1)


def to_complex(values, shape):
    """Nested lists of [re, im] as an array of this shape."""
    array = np.asarray(values, float)
    return array.reshape(shape + (2,)) @ [1, 1j] if array.size else np.zeros(shape, complex)


def normalise(line):
    """The tensors of a problem line, for one sub-band, and what brings its beams back to watts."""
    power = np.asarray(line["power"], float)
    noise = np.asarray(line["noise"], float)
    m, u = len(power), len(noise)
    t = len(line["omega"][0]) if line["omega"] else 0
    n = len(line["h"][0][0]) if u else len(line["a"][0][0]) if t else 1
    h = to_complex(line["h"], (m, u, n)) * np.sqrt(power)[:, None, None] / np.sqrt(noise)[:, None]
    a = to_complex(line["a"], (m, t, n))
    omega = np.asarray(line["omega"], float).reshape(m, t)
    omega = omega * line.get("combiningGain", 1.0) * power[:, None] / line["sensingNoise"]
    error = np.asarray(line.get("errorVariance") or np.zeros((m, u)), float).reshape(m, u)
    error = error * power[:, None] / noise
    weight = np.broadcast_to(np.asarray(line.get("sensingWeight", 1.0), float), (t,)).copy()
    serving = np.asarray(line.get("serving") or np.ones((m, u)), bool).reshape(m, u)
    sensing = np.asarray(line.get("sensing") or np.ones((m, t)), bool).reshape(m, t)
    # Links beyond 150 dB or below -400 dB are changed by the simulator, which never meets them.
    gain = (np.abs(h) ** 2).sum(axis=2)
    if ((gain != 0) & ((gain < 1e-40) | (gain > 1e15))).any():
        fail("a link of the problem is outside the range of -400 to 150 dB: not supported here")
    tensors = {"h": h, "a": a, "omega": omega, "sensing_weight": weight, "error_variance": error, "serving": serving}
    return {name: value[None] for name, value in tensors.items()}, np.concatenate([serving, sensing], axis=1), power


def correct(f, mask):
    """Beams [M, S, N] of a normalised problem that keep masks and power limits."""
    if not np.isfinite(f).all():
        fail("the model returned numbers that are not finite")
    f = np.where(mask[:, :, None], f, 0)
    load = (np.abs(f) ** 2).sum(axis=(1, 2))
    scale = np.where(load > 1 + 1e-9, 1 / np.sqrt(np.maximum(load, 1e-300)), 1)
    return f * scale[:, None, None]


def open_model(path, single):
    """A function from a dictionary of arrays to an array."""
    if not os.path.isfile(path):
        fail(f"{path}: expected a file")
    if path.endswith(".py"):
        return lambda tensors: runpy.run_path(path)["forward"](**tensors)
    try:
        import torch
    except ImportError:
        fail("PyTorch is missing (Debian: python3-torch); a stand-in in NumPy, MODEL.py, works without")
    try:
        model = torch.jit.load(path).eval()
    except RuntimeError as error:
        fail(f"{path}: {str(error).splitlines()[0]}")
    kinds = {np.dtype(complex): torch.complex64, np.dtype(float): torch.float32} if single else {}

    def run(tensors):
        with torch.inference_mode():
            given = [torch.from_numpy(np.ascontiguousarray(x)).to(kinds.get(x.dtype)) for x in tensors.values()]
            return model(*given).to(torch.complex128).numpy()

    return run


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0], description=__doc__)
    parser.add_argument("model")
    parser.add_argument("problems")
    parser.add_argument("--answers")
    parser.add_argument("--out")
    parser.add_argument("--dump")
    parser.add_argument("--single", action="store_true")
    parser.add_argument("--tolerance", type=float, default=1e-6)
    options = parser.parse_args()
    model = open_model(options.model, options.single)
    try:
        with open(options.problems, encoding="ascii") as file:
            problems = [json.loads(line) for line in file if line.strip()]
        answers = None
        if options.answers:
            with open(options.answers, encoding="ascii") as file:
                answers = [json.loads(line) for line in file if line.strip()]
    except (OSError, ValueError) as error:
        fail(error)
    if answers is not None and len(answers) != len(problems):
        fail(f"{options.answers} has {len(answers)} answers: expected {len(problems)}, one for each problem")

    lines, dumped, worst = [], {}, 0.0
    for i, problem in enumerate(problems):
        tensors, mask, power = normalise(problem)
        raw = np.asarray(model(tensors))
        expected = (1, mask.shape[0], mask.shape[1], tensors["h"].shape[3])
        if raw.shape != expected:
            fail(f"line {i + 1}: the model returned shape {list(raw.shape)}: expected {list(expected)}")
        f = correct(raw[0], mask) * np.sqrt(power)[:, None, None]
        lines.append(json.dumps({"f": np.stack([f.real, f.imag], axis=-1).tolist()}))
        dumped.update({f"{name}{i}": value for name, value in tensors.items()} | {f"f{i}": f})
        if answers is not None:
            ours = to_complex(answers[i]["f"], f.shape)
            difference = np.linalg.norm(ours - f) / max(np.linalg.norm(f), 1e-300)
            worst = max(worst, difference)
            if difference > options.tolerance:
                fail(f"line {i + 1}: the beams differ by {difference:.2g}: expected at most {options.tolerance:g}")
    for path, write in ((options.out, "".join(line + "\n" for line in lines)), (options.dump, dumped)):
        if path and isinstance(write, str):
            with open(path + ".part", "w", encoding="ascii") as file:
                file.write(write)
            os.replace(path + ".part", path)
        elif path:
            with open(path + ".part", "wb") as file:
                np.savez(file, **write)
            os.replace(path + ".part", path)
    compared = f", the largest difference of beams is {worst:.2g}" if answers is not None else ""
    print(f"{len(problems)} problems{compared}")


if __name__ == "__main__":
    main()
