#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs a grid of simulations on this machine, through GNU parallel or as Slurm jobs, and merges what they leave.

usage: campaign.py GRID.json [--engine=local|parallel|slurm] [--outputDir=D] [--jobs=N] ...     runs what is missing
       campaign.py GRID.json --plan [--outputDir=D]                            what it would take, by pilot runs
       campaign.py status [D]                                                  how far it is, from any terminal

GRID.json: {"program": "cellfree-isac-example", "options": {"policy": ["gnn", "rzf"], "nUes": [4, 8], "simTime": "1s"},
"attributes": {"ns3::CellFreeLink::MaxStreams": [8]}, "runs": 3, "firstRun": 1}: the product of all lists, each with
that many values of RngRun. The section Campaigns of doc/cellfree-isac.rst says the rest.

Call it again, with any engine, to go on after whatever happened: runs that have finished are kept.
"""
import sys

sys.dont_write_bytecode = True  # the folder of the tool may be anyone's
sys.path.insert(0, __file__.rpartition("/")[0] or ".")

import os  # noqa: E402

from campaign_folder import Folder  # noqa: E402
from campaign_grid import CampaignError  # noqa: E402
from campaign_runner import Interrupted, Runner, die_with_parent, raise_on_signals  # noqa: E402

PATIENCE = 10.0  # seconds that a task of a cluster waits for a run on which somebody else works
BUSY = 75


def work(arguments):
    """What engines of other machines start: FOLDER, then numbers of runs, or --tasks=FILE --task=LINE."""
    parent = os.getppid()
    die_with_parent(15)
    if os.getppid() != parent:
        return 1
    options = dict(word[2:].split("=", 1) for word in arguments if word.startswith("--"))
    words = [word for word in arguments if not word.startswith("--")]
    folder = Folder(words[0])
    folder.read_plan()
    indices = [int(word) for word in words[1:]]
    if "tasks" in options:
        with open(options["tasks"], encoding="ascii") as file:
            indices = [int(word) for word in file.readlines()[int(options["task"])].split()]
    busy = Runner(folder, 1).run(indices, patience=PATIENCE)
    return BUSY if busy else 0


def main():
    arguments = sys.argv[1:]
    try:
        raise_on_signals()
        if arguments[:1] == ["work"]:
            return work(arguments[1:])
        # The rest takes longer to load, which each of many tasks would pay for.
        from campaign_commands import run, status
        return status(arguments[1:]) if arguments[:1] == ["status"] else run(arguments)
    except CampaignError as error:
        print(f"campaign.py: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read this has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        print(f"campaign.py: {error.filename or 'a file of the campaign'}: {error.strerror}", file=sys.stderr)
        return 1
    except Interrupted as signal:
        print("campaign.py: interrupted; the same command goes on from here", file=sys.stderr)
        return 128 + signal.number


if __name__ == "__main__":
    sys.exit(main())
