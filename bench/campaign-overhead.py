#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Measures what tools/campaign.py adds to runs that do nothing but wait: against xargs with as many at a time, on
Slurm against an array of the bare runs.

usage: bench/campaign-overhead.py ENGINE RUNS JOBS SECONDS [ARGS...]     ARGS go to the campaign, such as --batch=10

Prints runs a second, and how much longer a run takes one of JOBS places than without. For Slurm SLURM_CONF names a
cluster that has JOBS processors (RUNS=1000 test/slurm-program-test.sh makes one).
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

PROGRAM = """#!/bin/sh
case $1 in --PrintHelp) printf 'Program Options:\\n    --pause: seconds [0]\\n\\nGeneral Arguments:\\n'; exit ;; esac
echo "$@" >result.txt
exec sleep "${1#--pause=}"
"""


def elapsed(command, **settings):
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **settings)
    return time.monotonic() - start


def bare_array(program, runs, pause):
    """Seconds of an array of the program alone."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        job = subprocess.run(["sbatch", "--parsable", f"--array=0-{runs - 1}", "--output=/dev/null", "--export=PATH", "--ntasks=1",
                              f"--chdir={folder}"], input=f"#!/bin/sh\nexec {program} --pause={pause}\n", check=True, text=True,
                             capture_output=True).stdout.strip()
        while job in subprocess.run(["squeue", "-h", "-o", "%F"], check=True, text=True, capture_output=True).stdout.split():
            time.sleep(0.3)
    return time.monotonic() - start


def main():
    engine, runs, jobs, pause = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    campaign = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools", "campaign.py")
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "waits")
        with open(program, "w", encoding="ascii") as file:
            file.write(PROGRAM)
        os.chmod(program, 0o755)
        grid = os.path.join(folder, "grid.json")
        with open(grid, "w", encoding="ascii") as file:
            json.dump({"program": program, "options": {"pause": pause}, "runs": runs}, file)
        numbers = "".join(f"{i}\n" for i in range(runs))
        if engine == "slurm":
            bare = bare_array(program, runs, pause)
        else:
            bare = elapsed(["xargs", "-n1", f"-P{jobs}", program, f"--pause={pause}"], input=numbers, text=True, cwd=folder)
        command = [campaign, grid, f"--engine={engine}", f"--outputDir={folder}/out", *sys.argv[5:]]
        command += [] if engine == "slurm" else [f"--jobs={jobs}"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = elapsed(command, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        with open(f"{folder}/out/campaign.tsv", encoding="ascii") as file:
            assert sum(1 for _ in file) == runs + 1
    place = (took - bare) * jobs / runs
    print(f"{engine}: {runs} runs of {pause:g} s, {jobs} at a time: {took:.1f} s, {bare:.1f} s bare, {runs / took:.1f} runs/s, "
          f"{1e3 * place:.0f} ms more of a place for each run, {100 * (took - bare) / bare:+.1f} %, "
          f"{1e3 * cpu / runs:.1f} ms of processors for each here")


if __name__ == "__main__":
    main()
