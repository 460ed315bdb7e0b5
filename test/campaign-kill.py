#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Kills a campaign at random moments and calls it again, until it has been killed so often; then lets it end. One that
ends before it is killed begins anew.

usage: campaign-kill.py CAMPAIGN GRID OUT KILLS [ARGS...]     ARGS are the campaign's, such as --engine=parallel

After every kill whatever has a final name must be whole: each finished run of test/campaign-checks.sh's program, each
table. Ends with non-zero where it is not, or where a finished run has been started again.
"""
import glob
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time


def finished(folder):
    return {path for path in glob.glob(f"{folder}/runs/*/drop-*") if "." not in os.path.basename(path)}


def check_whole(folder):
    for path in finished(folder):
        if os.path.exists(f"{path}/configuration.json"):  # of the simulator
            assert not glob.glob(f"{path}/*.part") and os.path.exists(f"{path}/UeTrace.tsv"), path
        else:
            with open(f"{path}/result.txt", encoding="ascii") as file:
                lines = file.readlines()
            assert len(lines) == 2 and lines[0] == lines[1], path
        with open(f"{path}/run.json", encoding="ascii") as file:
            json.load(file)
    for name in glob.glob(f"{folder}/*.tsv"):
        with open(name, encoding="ascii") as file:
            assert file.read().endswith("\n"), name
    for name in ("campaign.json", "compare.json"):
        if os.path.exists(f"{folder}/{name}"):
            with open(f"{folder}/{name}", encoding="ascii") as file:
                json.load(file)
    if os.path.exists(f"{folder}/campaign.sqlite"):
        base = sqlite3.connect(f"{folder}/campaign.sqlite")
        assert base.execute("SELECT count(*) FROM campaign").fetchone()[0] > 0
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def starts():
    with open(os.environ["TOY_LOG"], encoding="ascii") as file:
        return file.read().splitlines()


def name_of(path):
    """A finished run as the program's log has it."""
    return f"{os.path.basename(os.path.dirname(path))} {os.path.basename(path)[len('drop-'):]}"


def main():
    campaign, grid, out, kills = sys.argv[1:4] + [int(sys.argv[4])]
    command = [campaign, grid, f"--outputDir={out}", *sys.argv[5:]]
    generator = random.Random(int(os.environ.get("SEED", "5")))
    statuses, done = [], set()
    life = float(os.environ.get("LIFE", "1"))
    while sum(status != 0 for status in statuses) < kills:
        n_starts = len(starts())
        sent = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)[len(statuses) % 3]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            process.wait(generator.uniform(0.05, life))
        except subprocess.TimeoutExpired:
            process.send_signal(sent)
        errors = process.communicate()[1]
        statuses.append(process.returncode)
        # Python itself may be the one that is interrupted, before it has read anything.
        assert process.returncode in (0, -sent, 128 + sent) or "KeyboardInterrupt" in errors, (process.returncode, errors)
        again = set(map(name_of, done)) & set(starts()[n_starts:])
        assert not again, f"run again: {again}"
        check_whole(out)
            # Lives that are about as long as what there is to do, however busy the machine is.
        if process.returncode == 0:
            life *= 0.7
            shutil.rmtree(out)
        elif finished(out) <= done:
            life = min(20.0, 1.3 * life)
        done = finished(out)
    counts = {status: statuses.count(status) for status in sorted(set(statuses))}
    print(f"exit statuses: {counts}; {len(done)} runs were finished at the last kill", file=sys.stderr)
    start = time.monotonic()
    status = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    check_whole(out)
    print(f"the last call took {time.monotonic() - start:.1f} s", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
