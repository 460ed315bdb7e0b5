#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Draws beamforming problems in the format of cellfree-isac-solve (needs numpy).

iid        the set-up of U. Demirhan, A. Alkhateeb, "Learning Beamforming in Cell-Free Massive MIMO ISAC Systems",
           section V: h ~ CN(0, I), theta ~ U[0, pi/2), P_m = 1/M, noises 0.1, omega_m = M (every AP pair counts 1).
path-loss  APs, UEs and one target uniform in a square of --side; APs 8.5 m above UEs, target 40 m above APs; gain
           -30.5 - 36.7 log10(d) dB, 4 dB shadowing; 23 dBm per AP, -94 dBm noise; half-wavelength rows at 3.5 GHz; bistatic
           radar equation with 1 m^2 and 30 dB of processing gain. In watts.

With --pilots=T every problem holds estimates in place of channels: one LMMSE estimate per AP and UE from T uplink pilots of
T symbols (E. Bjornson and others, "Foundations of User-Centric Cell-Free Massive MIMO", section 4.2, uncorrelated fading),
dealt out in random order and reused where they are fewer than the UEs; "errorVariance" is that of the estimates, and "hTrue"
holds --channels draws from the channel given its estimate, on which cellfree-isac-solve scores the beams ("trueRate").
"""
import argparse
import json
import sys

import numpy as np


def pairs(array):
    return np.stack([array.real, array.imag], -1).tolist()


def rayleigh(rng, *shape):
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)


def steering(cosine, antennas):
    return np.exp(1j * np.pi * np.arange(antennas) * cosine[:, None, None])


def estimate(rng, h, gain, noise, pilots, power):
    """LMMSE estimates of channels [m][u][n] with E |h|^2 = gain [m][u], and the variance of their errors."""
    ues = gain.shape[1]
    pilot = rng.permutation(ues) % pilots
    shared = pilot[:, None] == pilot[None]
    energy = pilots * power
    heard = np.sqrt(energy) * np.einsum("mjn,ij->min", h, shared)
    # UEs that share a pilot share its noise too.
    heard += np.sqrt(noise) * rayleigh(rng, gain.shape[0], pilots, h.shape[2])[:, pilot]
    weight = np.sqrt(energy) * gain / (energy * gain @ shared + noise)
    return weight[:, :, None] * heard, gain * (1 - np.sqrt(energy) * weight)


def add_pilots(rng, problem, h, gain, options):
    """Puts estimates in place of a problem's channels, with draws of the channel given them."""
    believed, error = estimate(rng, h, gain, problem["noise"][0], options.pilots, 10 ** (options.pilot_power / 10 - 3))
    problem["h"] = pairs(believed)
    problem["errorVariance"] = error.tolist()
    problem["hTrue"] = [
        pairs(believed + np.sqrt(error)[:, :, None] * rayleigh(rng, *h.shape)) for _ in range(options.channels)
    ]


def draw_iid(rng, options):
    aps, ues, antennas = options.aps, options.ues, options.antennas
    theta = rng.uniform(0, np.pi / 2, aps)
    h = rayleigh(rng, aps, ues, antennas)
    problem = {
        "h": pairs(h),
        "a": pairs(steering(np.cos(theta), antennas)),
        "omega": np.full((aps, 1), float(aps)).tolist(),
        "power": np.full(aps, 1 / aps).tolist(),
        "noise": np.full(ues, 0.1).tolist(),
        "sensingNoise": 0.1 * aps,
    }
    return problem, h, np.ones((aps, ues))


def draw_path_loss(rng, options):
    aps, ues, antennas, side = options.aps, options.ues, options.antennas, options.side
    ap = np.column_stack([rng.uniform(0, side, (aps, 2)), np.full(aps, 8.5)])
    ue = np.column_stack([rng.uniform(0, side, (ues, 2)), np.zeros(ues)])
    target = np.append(rng.uniform(0, side, 2), 48.5)
    distance = np.linalg.norm(ap[:, None] - ue[None], axis=-1)
    gain = 10 ** ((-30.5 - 36.7 * np.log10(distance) + 4 * rng.standard_normal((aps, ues))) / 10)
    offset = target - ap
    reach = np.linalg.norm(offset, axis=-1)
    wavelength = 299792458.0 / 3.5e9
    # omega_m sums the bistatic gains over the receiving APs.
    omega = 1e3 * wavelength**2 / (4 * np.pi) ** 3 / reach**2 * np.sum(1 / reach**2)
    noise = 10 ** (-94 / 10 - 3)
    h = np.sqrt(gain)[:, :, None] * rayleigh(rng, aps, ues, antennas)
    problem = {
        "h": pairs(h),
        "a": pairs(steering(offset[:, 0] / reach, antennas)),
        "omega": omega[:, None].tolist(),
        "power": np.full(aps, 10 ** (23 / 10 - 3)).tolist(),
        "noise": np.full(ues, noise).tolist(),
        "sensingNoise": noise * aps,
    }
    return problem, h, gain


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("distribution", choices=["iid", "path-loss"])
    parser.add_argument("--aps", type=int, default=5)
    parser.add_argument("--ues", type=int, default=2)
    parser.add_argument("--antennas", type=int, default=8)
    parser.add_argument("--count", type=int, default=100, help="number of problems")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--side", type=float, default=400.0, help="side of the square of path-loss (m)")
    parser.add_argument("--pilots", type=int, default=0, help="number and length of the pilots; 0: the channels themselves")
    parser.add_argument("--pilot-power", type=float, default=20.0, help="transmit power of a UE (dBm)")
    parser.add_argument("--channels", type=int, default=50, help="channels in hTrue of every problem with pilots")
    options = parser.parse_args()
    if min(options.aps, options.antennas, options.count) < 1 or options.ues < 0:
        parser.error("--aps, --antennas and --count: expected at least 1; --ues: at least 0")
    if options.side <= 0 or options.pilots < 0 or options.channels < 1:
        parser.error("--side: expected more than 0; --pilots: at least 0; --channels: at least 1")
    rng = np.random.default_rng(options.seed)
    draw = draw_iid if options.distribution == "iid" else draw_path_loss
    for _ in range(options.count):
        problem, h, gain = draw(rng, options)
        if options.pilots > 0:
            add_pilots(rng, problem, h, gain, options)
        json.dump(problem, sys.stdout)
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
