# SPDX-License-Identifier: GPL-2.0-only
"""The folder of a campaign: which runs have finished, who works on what, and files that are whole or not there.

A run is finished when its folder has its final name, runs/CASE/drop-RUN: everything in it was on the disk before it was
renamed. Locks are on open files (fcntl(2), F_OFD_SETLK): a program inherits that of its run, which so lasts as long as
anyone lives who may write there, on whatever machine shares the folder.
"""
import errno
import fcntl
import hashlib
import json
import os
import shutil
import struct

from campaign_grid import CampaignError, Grid

FORMAT = 1
FLOCK = "@hhqqi4x"  # struct flock of 64-bit Linux


def explain(error, path=None):
    """One line for an OSError."""
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "no space is left on the disk" if is_full else error.strerror
    return CampaignError(f"{path or error.filename or 'a file'}: cannot be written ({reason})")


def sync(path):
    """Has a file or folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path, text):
    """Writes a file beside its place and renames it when it is on the disk."""
    part = f"{path}.part"
    try:
        with open(part, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        sync(os.path.dirname(path))
    except OSError as error:
        try:
            os.unlink(part)
        except OSError:
            pass
        raise explain(error, path) from None


def read_own(path):
    """A JSON file that a campaign has written, or None."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def is_plan(plan):
    """Whether this is a campaign.json: a whole one, for it is written beside its place."""
    return isinstance(plan, dict) and plan.get("format") == FORMAT and isinstance(plan.get("grid"), dict) and {
        "program", "options", "attributes", "firstRun", "seed", "environment", "runs", "names"} <= plan["grid"].keys()


def lock(descriptor, start):
    """Locks a byte of an open file, or returns False where another has it."""
    request = struct.pack(FLOCK, fcntl.F_WRLCK, os.SEEK_SET, start, 1, 0)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, request)
        return True
    except BlockingIOError:
        return False
    except PermissionError:  # some file systems say this for a lock that is taken
        return False


def is_locked(descriptor, start):
    request = struct.pack(FLOCK, fcntl.F_WRLCK, os.SEEK_SET, start, 1, 0)
    return struct.unpack(FLOCK, fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, request))[0] != fcntl.F_UNLCK


class Folder:
    """An output directory. What changes it, but for a run's own folder, needs lock_campaign()."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        self.grid = None
        self.plan = None
        self._lock = None

    def file(self, *names):
        return os.path.join(self.path, *names)

    def run_path(self, index):
        case, run = self.grid.run_of(index)
        return self.file("runs", self.grid.names[case], f"drop-{run}")

    def is_finished(self, index):
        return os.path.isdir(self.run_path(index))

    def create(self):
        """Makes the folder and its lock files."""
        try:
            os.makedirs(self.file("runs"), exist_ok=True)
            for name in ("campaign.lock", "runs.lock"):
                os.close(os.open(self.file(name), os.O_RDWR | os.O_CREAT, 0o666))
        except OSError as error:
            raise CampaignError(f"output directory {self.path}: cannot be used ({error.strerror})") from None

    def lock_campaign(self, engine):
        """Keeps other campaigns out until this process ends."""
        path = self.file("campaign.lock")
        self._lock = os.open(path, os.O_RDWR)
        if not lock(self._lock, 0):
            with open(path, encoding="utf-8", errors="replace") as file:
                raise CampaignError(f"output directory {self.path}: another campaign uses it ({file.read().strip()})")
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"engine {engine}, process {os.getpid()} on {os.uname().nodename}\n".encode(), 0)

    def campaign_of(self):
        """What has the lock, or an empty text."""
        try:
            with open(self.file("campaign.lock"), "r+b") as file:
                return file.read().decode("ascii", "replace").strip() if is_locked(file.fileno(), 0) else ""
        except OSError:
            return ""

    def write_plan(self, grid, program, known):
        """Keeps the grid for those who run it, or refuses another one than that of an earlier call."""
        path = self.file("campaign.json")
        plan = {"format": FORMAT, "grid": grid.checked, "program": program, "options": sorted(known),
                "id": hashlib.sha256(self.path.encode()).hexdigest()[:12]}
        if os.path.exists(path):
            found = read_own(path)
            if not is_plan(found):
                raise CampaignError(f"{path}: expected what a campaign has written")
            for name in ("program", "options", "attributes", "firstRun", "seed", "environment", "runs"):
                old, new = found["grid"][name], grid.checked[name]
                if new < old if name == "runs" else new != old:
                    more = " or more" if name == "runs" else ""
                    raise CampaignError(f"{path}: {name} was {json.dumps(old)[:200]} and is now "
                                        f"{json.dumps(new)[:200]}: expected the same{more}, or another --outputDir")
            if found["program"] != program:
                raise CampaignError(f"{path}: the program was {found['program']} and is now {program}: "
                                    "expected the same, or another --outputDir")
        self.grid, self.plan = grid, plan
        text = json.dumps(plan, indent=1) + "\n"
        if not os.path.exists(path) or read_own(path) != plan:
            write_whole(path, text)

    def read_plan(self):
        plan = read_own(self.file("campaign.json"))
        if not is_plan(plan):
            raise CampaignError(f"{self.path}: expected the output directory of a campaign, with its campaign.json, "
                                f"as {os.uname().nodename} sees it")
        self.plan, self.grid = plan, Grid(plan["grid"])

    def scan(self):
        """Finished runs, failed runs and parts of runs: two sets of indices, and pairs of index and path."""
        finished, failed, parts = set(), set(), []
        grid = self.grid
        for case, name in enumerate(grid.names):
            try:
                entries = os.listdir(self.file("runs", name))
            except FileNotFoundError:
                continue
            for entry in entries:
                run, _, rest = entry[len("drop-"):].partition(".")
                if not entry.startswith("drop-") or not run.isdigit():
                    continue
                index = (int(run) - grid.first_run) * grid.n_cases + case
                if not 0 <= index < grid.n_runs:
                    continue
                if not rest:
                    finished.add(index)
                elif rest == "failed":
                    failed.add(index)
                elif rest.endswith("part"):
                    parts.append((index, self.file("runs", name, entry)))
        return finished, failed - finished, parts

    def lock_run(self, index):
        """An open file that has a run's lock, or None where another works on it."""
        descriptor = os.open(self.file("runs.lock"), os.O_RDWR)
        if lock(descriptor, index):
            return descriptor
        os.close(descriptor)
        return None

    def running(self, parts):
        """How many of these parts somebody works on."""
        try:
            with open(self.file("runs.lock"), "r+b") as file:
                return sum(is_locked(file.fileno(), index) for index in {index for index, _ in parts})
        except OSError:
            return 0

    def remove_leftovers(self, index):
        """Removes what broken runs have left. Renamed first: who is cut off and comes back cannot finish it then."""
        final = self.run_path(index)
        folder, name = os.path.split(final)
        try:
            entries = os.listdir(folder)
        except FileNotFoundError:
            return
        for entry in entries:
            if entry.startswith(name + ".") and not entry.endswith(".failed"):
                path = os.path.join(folder, entry)
                stale = path if entry.endswith(".stale") else f"{path}.stale"
                try:
                    os.rename(path, stale)
                except FileNotFoundError:
                    continue
                shutil.rmtree(stale, ignore_errors=True)

    def forget_failures(self, failed):
        """Failed runs are tried again when a campaign is called again."""
        for index in failed:
            shutil.rmtree(self.run_path(index) + ".failed", ignore_errors=True)

    def free_bytes(self):
        space = os.statvfs(self.path)
        return space.f_bavail * space.f_frsize
