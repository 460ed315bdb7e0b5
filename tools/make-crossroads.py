#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only

"""Writes the movement of cellfree-isac-mobility: a bus, two cars and three people at a crossroads.

    tools/make-crossroads.py examples/crossroads.tcl examples/crossroads-activity.tcl

The two files are in the format of ns-2 that SUMO exports, as from a SUMO network with

    sumo -c crossroads.sumocfg --fcd-output fcd.xml
    python3 $SUMO_HOME/tools/traceExporter.py --fcd-input fcd.xml --ns2mobility-output crossroads.tcl \\
        --ns2activity-output crossroads-activity.tcl
"""

import math
import sys

# Each node: its height (m), its times there (s), and its way: (start time in s, x, y in m, speed in m/s).
# The streets cross at (150, 150); node 0 is the bus, with a stop before the crossing.
NODES = [
    (3.0, [(0.0, 40.0)], (5.0, 147.0), [(0.0, 120.0, 147.0, 10.0), (16.0, 300.0, 147.0, 10.0)]),
    (1.5, [(1.0, 24.0)], (153.0, 300.0), [(1.0, 153.0, 165.0, 13.9), (14.0, 153.0, 0.0, 13.9)]),
    (1.5, [(2.0, 12.0), (18.0, 32.0)], (300.0, 153.0), [(2.0, 160.0, 153.0, 13.9), (18.0, 0.0, 153.0, 11.1)]),
    (1.5, [(0.0, 40.0)], (140.0, 140.0), [(5.0, 160.0, 140.0, 1.4), (20.0, 160.0, 160.0, 1.4)]),
    (1.5, [(0.5, 10.0), (12.0, 40.0)], (115.0, 140.0), [(0.5, 95.0, 140.0, 1.2), (25.0, 120.0, 140.0, 1.2)]),
    (1.5, [(4.0, 36.0)], (160.0, 250.0), [(4.0, 160.0, 210.0, 1.6)]),
]


def write_movement(stream):
    """Initial positions, then destinations with speeds by time."""
    for node, (height, _, (x, y), _) in enumerate(NODES):
        for axis, value in (("X", x), ("Y", y), ("Z", height)):
            stream.write(f"$node_({node}) set {axis}_ {value:g}\n")
    legs = [(leg[0], node, leg) for node, (_, _, _, way) in enumerate(NODES) for leg in way]
    for time, node, (_, x, y, speed) in sorted(legs):
        stream.write(f'$ns_ at {time:.1f} "$node_({node}) setdest {x:g} {y:g} {speed:.2f}"\n')


def write_activity(stream):
    """When each node is there."""
    events = [
        (time, node, word)
        for node, (_, times, _, _) in enumerate(NODES)
        for pair in times
        for time, word in zip(pair, ("start", "stop"))
    ]
    for time, node, word in sorted(events):
        stream.write(f'$ns_ at {time:.1f} "$g({node}) {word}"\n')


def check():
    """A leg must be over before the next one starts, as ns-3's reader wants it."""
    for node, (_, _, (x, y), way) in enumerate(NODES):
        free = 0.0
        for time, to_x, to_y, speed in way:
            assert time >= free, f"node {node} still moves at {time} s"
            free = time + math.hypot(to_x - x, to_y - y) / speed
            x, y = to_x, to_y


def main():
    """Writes both files."""
    if len(sys.argv) != 3:
        sys.exit("usage: make-crossroads.py MOVEMENT ACTIVITY")
    check()
    note = "# Made by tools/make-crossroads.py, in the format of SUMO's traceExporter.py.\n"
    for path, write in zip(sys.argv[1:], (write_movement, write_activity)):
        with open(path, "w", encoding="ascii") as stream:
            stream.write(note)
            write(stream)


if __name__ == "__main__":
    main()
