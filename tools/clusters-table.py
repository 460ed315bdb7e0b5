#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Prints, tab-separated, what tools/make-clusters-study.sh measured.

usage: clusters-table.py FOLDER

wall_s          wall time of the run, without the set-up
speedup         wall time of one process over it: what this machine had free decides it
work_s          processor time of each process outside of calls that wait, with slashes between them
bound           work of one process over that of the busiest: the speed-up if nobody ever waited
path            sum of the work over, window by window, that of the process which had most to do: the speed-up if calls cost
                nothing, but everybody waits for the last
events          of each process
windows         calls of MPI_Allgather (granted time windows)
sync_us         median over windows of the time that the last process spent in that call
packets         sent to other processes
nulls           null messages
memory_MiB      peak of each process
"""

import os
import re
import statistics
import sys

COLUMNS = "run processes engine wall_s speedup work_s bound path events windows sync_us packets nulls memory_MiB".split()
COST = re.compile(r"^rank \d+: (\d+) events, ([\d.]+) s, ([\d.]+) s of a processor, ([\d.]+) MiB$", re.MULTILINE)


def read(folder):
    """What a run left."""
    with open(os.path.join(folder, "arguments"), encoding="utf-8") as file:
        processes, engine, _ = file.read().splitlines()
    with open(os.path.join(folder, "costs"), encoding="utf-8") as file:
        costs = [[float(x) for x in cost] for cost in COST.findall(file.read())]
    run = {"processes": int(processes), "engine": engine, "costs": costs, "totals": [], "windows": []}
    for rank in range(int(processes) if engine != "off" else 0):
        with open(os.path.join(folder, f"profile.{rank}"), encoding="utf-8") as file:
            run["totals"].append([float(x) for x in file.readline().split()[1:]])
            run["windows"].append([[float(x) for x in line.split()] for line in file])
    return run


def main():
    root = sys.argv[1]
    runs = {name: read(os.path.join(root, name)) for name in os.listdir(root) if os.path.exists(os.path.join(root, name, "done"))}
    print("\t".join(COLUMNS))
    for name in sorted(runs):
        run = runs[name]
        wall = max(cost[1] for cost in run["costs"])
        one = runs.get(name.split("-")[0] + "-one")
        row = dict.fromkeys(COLUMNS, "")
        row.update(run=name, processes=run["processes"], engine=run["engine"], wall_s=f"{wall:.2f}")
        row["events"] = "/".join(f"{cost[0]:.0f}" for cost in run["costs"])
        row["memory_MiB"] = "/".join(f"{cost[3]:.1f}" for cost in run["costs"])
        if one:
            row["speedup"] = f"{max(cost[1] for cost in one['costs']) / wall:.2f}"
        if run["totals"]:
            work = [total[3] for total in run["totals"]]
            row["work_s"] = "/".join(f"{x:.2f}" for x in work)
            row["bound"] = f"{sum(work) / max(work):.2f}"
            row["packets"] = f"{sum(total[0] for total in run['totals']):.0f}"
            row["nulls"] = f"{sum(total[1] for total in run['totals']):.0f}"
        else:
            row["work_s"] = f"{run['costs'][0][2]:.2f}"
        if run["windows"] and run["windows"][0]:
            windows = list(zip(*run["windows"]))
            total = sum(sum(work for work, _ in window) for window in windows)
            row["path"] = f"{total / sum(max(work for work, _ in window) for window in windows):.2f}"
            row["windows"] = len(windows)
            row["sync_us"] = f"{1e6 * statistics.median(min(wait for _, wait in window) for window in windows):.1f}"
        print("\t".join(str(row[column]) for column in COLUMNS))


if __name__ == "__main__":
    main()
