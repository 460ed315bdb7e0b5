#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Converts block error rates of NVIDIA Sionna (sionna/sys/bler_tables/*.json) to the file that CellFreeBlerTable reads.

usage: tools/convert-bler-table.py [--category 0|1] [--table 1|2] [--floor P] [--fill] FILE... > TABLE.json

A file of Sionna has {"category": {C: {"index": {T: {"MCS": {M: {"SNR_db": [...], "CBS": {BITS: {"BLER": [...]}}}}}}}}}
with C = 0 for the uplink and 1 for the downlink, T = 1 for the MCS up to 64QAM and 2 for those up to 256QAM (TS 38.214
tables 5.1.3.1-1 and 5.1.3.1-2). Several files add up. Whatever is not kept as it is, is said on stderr.
"""

import argparse
import json
import math
import sys

# Modulation order and 1024 R of each MCS: TS 38.214 tables 5.1.3.1-1 and 5.1.3.1-2.
QPSK = [120, 157, 193, 251, 308, 379, 449, 526, 602, 679]
QAM16 = [340, 378, 434, 490, 553, 616, 658]
QAM64 = [438, 466, 517, 567, 616, 666, 719, 772, 822, 873, 910, 948]
QAM256 = [682.5, 711, 754, 797, 841, 885, 916.5, 948]
TABLES = {
    "1": ("64QAM", [(2, r) for r in QPSK] + [(4, r) for r in QAM16] + [(6, r) for r in QAM64]),
    "2": (
        "256QAM",
        [(2, r) for r in QPSK[:9:2]]
        + [(4, r) for r in QAM16[1:]]
        + [(6, r) for r in QAM64[1:10]]
        + [(8, r) for r in QAM256],
    ),
}


def note(text):
    """Says what was changed."""
    print(f"convert-bler-table.py: {text}", file=sys.stderr)


def numbers(value, where):
    """Returns a list of finite numbers, or refuses it."""
    if not isinstance(value, list):
        raise ValueError(f"{where} is no list of numbers")
    for i, entry in enumerate(value):
        if isinstance(entry, bool) or not isinstance(entry, (int, float)) or not math.isfinite(entry):
            raise ValueError(f"{where}[{i}] = {json.dumps(entry)}: expected a finite number")
    return [float(entry) for entry in value]


def member(value, key, where):
    """Returns a field of an object, or refuses the file."""
    if not isinstance(value, dict) or key not in value:
        raise ValueError(f"{where} has no field {key}")
    return value[key]


def convert_curve(snr, bler, floor, where):
    """Returns the points of a curve that CellFreeBlerTable takes: rising SINR, rates above 0 that do not rise."""
    if len(snr) != len(bler):
        raise ValueError(f"{where}: BLER has {len(bler)} entries: expected {len(snr)} as SNR_db")
    for before, after in zip(snr, snr[1:]):
        if after <= before:
            raise ValueError(f"{where}: SNR_db = {after}: expected more than the {before} before")
    for rate in bler:
        if not 0 <= rate <= 1:
            raise ValueError(f"{where}: BLER = {rate}: expected a number from 0 to 1")
    rates = []
    for x, rate in zip(snr, bler):
        if rates and rate > rates[-1]:
            note(f"{where}: clipped {rate} at {x} dB to the {rates[-1]} before")
            rate = rates[-1]
        elif rate == 0:
            # Only known to be less than the simulation resolves, and so is all that follows.
            rate = min([floor] + rates[-1:])
            rates.append(rate)
            note(f"{where}: took 0 at {x} dB as {rate}, dropped {len(bler) - len(rates)} points above")
            for later, rest in zip(snr[len(rates) :], bler[len(rates) :]):
                if rest > 0:
                    note(f"{where}: {rest} at {later} dB was dropped though it is above 0")
            break
        rates.append(rate)
    if len(rates) < 2:
        raise ValueError(f"{where}: {len(rates)} points are left: expected at least 2")
    return snr[: len(rates)], rates


def read_curves(path, category, table, floor):
    """Returns the curves of a file, by MCS."""
    with open(path, encoding="utf-8") as file:
        value = json.load(file)
    where = ""
    for key in ("category", category, "index", table, "MCS"):
        value = member(value, key, where or "the file")
        where += ("." if where else "") + key
    if not isinstance(value, dict):
        raise ValueError(f"{where} is no object")
    curves = {}
    for mcs, entry in value.items():
        at = f"MCS {mcs}"
        if not mcs.isdecimal() or int(mcs) >= len(TABLES[table][1]):
            raise ValueError(f"{at}: expected an integer from 0 to {len(TABLES[table][1]) - 1}")
        snr = numbers(member(entry, "SNR_db", at), f"{at}: SNR_db")
        sizes = member(entry, "CBS", at)
        if not isinstance(sizes, dict):
            raise ValueError(f"{at}: CBS is no object")
        for bits, rates in sizes.items():
            if not bits.isdecimal() or int(bits) == 0:
                raise ValueError(f"{at}: CBS {bits}: expected an integer above 0")
            size = f"{at}, {bits} bits"
            rates = numbers(member(rates, "BLER", size), f"{size}: BLER")
            decibels, rates = convert_curve(snr, rates, floor, size)
            curves.setdefault(int(mcs), []).append(
                {"mcs": int(mcs), "codeBlockBits": int(bits), "snr_dB": decibels, "bler": rates}
            )
    return curves


def fill(curves, rows):
    """Gives MCS without curves those of the nearest MCS, moved by the difference of their SINRs at capacity."""

    def capacity_sinr(mcs):
        order, rate = rows[mcs]
        return 10 * math.log10(2 ** (order * rate / 1024) - 1)

    given = sorted(curves)
    for mcs in range(len(rows)):
        if mcs in curves:
            continue
        nearest = min(given, key=lambda other: abs(other - mcs))
        shift = capacity_sinr(mcs) - capacity_sinr(nearest)
        note(f"MCS {mcs} is missing: took the curves of MCS {nearest}, moved by {shift:.2f} dB")
        curves[mcs] = [
            {**curve, "mcs": mcs, "snr_dB": [x + shift for x in curve["snr_dB"]]} for curve in curves[nearest]
        ]


def convert(options):
    """Returns the table of several files as one text."""
    name, rows = TABLES[options.table]
    curves = {}
    for path in options.files:
        try:
            for mcs, more in read_curves(path, options.category, options.table, options.floor).items():
                if mcs in curves:
                    raise ValueError(f"MCS {mcs} is in another file as well")
                curves[mcs] = more
        except (OSError, ValueError, RecursionError) as error:
            raise ValueError(f"{path}: {error}") from None
    missing = [str(mcs) for mcs in range(len(rows)) if mcs not in curves]
    if missing and not (options.fill and curves):
        raise ValueError(f"no curves of MCS {', '.join(missing)} of {name}: expected all, or --fill")
    fill(curves, rows)
    ordered = [curve for mcs in range(len(rows)) for curve in sorted(curves[mcs], key=lambda c: c["codeBlockBits"])]
    return json.dumps({"mcsTable": name, "curves": ordered})


def main():
    """Reads the command line and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="+", metavar="FILE", help="file of Sionna")
    parser.add_argument("--category", choices=("0", "1"), default="1", help="0 uplink, 1 downlink (default)")
    parser.add_argument("--table", choices=tuple(TABLES), default="2", help="1 64QAM, 2 256QAM (default)")
    parser.add_argument(
        "--floor",
        type=float,
        default=1e-5,
        help="error rate where no simulated block failed, above 0 and below 1 (default 1e-5, as McsGaps=sionna has it)",
    )
    parser.add_argument("--fill", action="store_true", help="take MCS that are missing from their neighbours")
    options = parser.parse_args()
    if not 0 < options.floor < 1:
        parser.error(f"--floor={options.floor}: expected a number above 0 and below 1")
    try:
        print(convert(options))
    except ValueError as error:
        sys.exit(f"convert-bler-table.py: {error}")


if __name__ == "__main__":
    main()
