# SPDX-License-Identifier: GPL-2.0-only
"""Runs of a campaign as child processes: in a clean environment, each in a folder of its own that gets its final name
when the run has ended well. The local engine calls this in its own process, the others in one process per task."""
import contextlib
import ctypes
import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import time

from campaign_folder import explain, sync, write_whole
from campaign_grid import CampaignError

ATTEMPTS = 2  # a run that fails is tried once more
LOG_LINES = 5
FULL = (errno.ENOSPC, errno.EDQUOT)
PR_SET_PDEATHSIG = 1
PRCTL = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)


class Interrupted(Exception):
    """A signal that ends the campaign."""

    def __init__(self, number):
        super().__init__(signal.Signals(number).name)
        self.number = number


def raise_on_signals():
    def interrupt(number, _):
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def die_with_parent(number=signal.SIGKILL):
    """Has the kernel send this process a signal when the thread that started it ends."""
    if PRCTL:
        PRCTL(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def clean_environment(grid):
    """The whole environment of a run: what a user has set elsewhere decides nothing."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1", **grid.environment}


def last_lines(path, number=LOG_LINES):
    """The end of a log, in printable ASCII."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 16384))
            text = file.read().decode("ascii", "replace")
    except OSError:
        return []
    lines = ["".join(c if c.isprintable() else "?" for c in line)[:300] for line in text.splitlines() if line.strip()]
    # What the C++ library adds after ns-3 has said why it stops.
    lines = [line for line in lines if not line.startswith("terminate called")]
    return lines[-number:]


def describe_status(status):
    if os.WIFSIGNALED(status):
        return f"killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"exit status {os.WEXITSTATUS(status)}"


def write_failure(folder, index, reason, part=None):
    """Keeps why a run failed, with what it has left."""
    failed = folder.run_path(index) + ".failed"
    shutil.rmtree(failed, ignore_errors=True)
    try:
        if part is None:
            os.makedirs(failed)
        else:
            os.rename(part, failed)
        write_whole(os.path.join(failed, "failure.json"), json.dumps({"index": index, "reason": reason}) + "\n")
    except OSError as error:
        raise explain(error, failed) from None


class Child:
    """A run that is going on."""

    def __init__(self, index, attempt, lock):
        self.index, self.attempt, self.lock = index, attempt, lock
        self.part = None
        self.process = None
        self.start = None


class Runner:
    """Does runs, some at a time."""

    def __init__(self, folder, jobs):
        self.folder, self.jobs = folder, jobs
        self.children = {}  # by process id
        self.keepers = {}  # processes that put an ended run on the disk
        self.token = f"{os.uname().nodename}-{os.getpid()}"
        self.environment = clean_environment(folder.grid)
        self.known = set(folder.plan["options"])

    def run(self, indices, on_end=lambda index: None, patience=float("inf")):
        """Does what has not finished of these. Returns those on which somebody else worked for longer than patience."""
        waiting = list(indices)[::-1]
        busy = []
        since = time.monotonic()
        try:
            while waiting or self.children or self.keepers or busy:
                # A slow disk holds up no more than as many ended runs as go on.
                while waiting and len(self.children) < self.jobs and len(self.keepers) <= self.jobs:
                    index = waiting.pop()
                    lock = self.folder.lock_run(index)
                    if lock is None:
                        busy.append(index)
                    elif self.folder.is_finished(index):
                        os.close(lock)
                        on_end(index)
                    else:
                        self.start(Child(index, 1, lock))
                if self.children or self.keepers:
                    pid, status, usage = os.wait4(-1, 0)
                    child = self.keepers.pop(pid, None)
                    if child:
                        self.release(child, status)
                        on_end(child.index)
                        continue
                    child = self.children.pop(pid, None)
                    if child and self.finish(child, status, usage):
                        on_end(child.index)
                elif busy and not waiting:
                    if time.monotonic() - since > patience:
                        break
                    time.sleep(0.1)
                    waiting, busy = busy[::-1], []
        finally:
            self.kill()
        return busy

    def start(self, child):
        folder, index = self.folder, child.index
        try:
            folder.remove_leftovers(index)
            child.part = f"{folder.run_path(index)}.{self.token}.part"
            os.makedirs(child.part)
            command = [folder.plan["program"], *folder.grid.arguments(index, self.known)]
            with open(os.path.join(child.part, "log.txt"), "wb") as log:
                child.start = time.monotonic()
                child.process = subprocess.Popen(
                    command, cwd=child.part, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                    stderr=subprocess.STDOUT, start_new_session=True, pass_fds=(child.lock,),
                    preexec_fn=die_with_parent)
        except OSError as error:
            raise explain(error, error.filename or child.part) from None
        self.children[child.process.pid] = child

    def finish(self, child, status, usage):
        """Keeps what a run has left. Returns True if it has failed for good."""
        child.process.returncode = status  # the Popen need not wait for it
        wall = time.monotonic() - child.start
        try:
            # What it left behind in its session would go on writing.
            os.killpg(child.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        try:
            names = os.listdir(child.part)
            left = sorted(name for name in names if name.endswith(".part"))
            if status == 0 and not left:
                self.start_keeper(child, wall, usage)
                return False
            self.refuse_if_full(child)
            if child.attempt < ATTEMPTS:
                self.start(Child(child.index, child.attempt + 1, child.lock))
                return False
            reason = describe_status(status) if status else f"it left {left[0]}, which is not complete"
            write_failure(self.folder, child.index, reason, child.part)
        except OSError as error:
            raise explain(error, error.filename or child.part) from None
        os.close(child.lock)
        return True

    def refuse_if_full(self, child):
        """A run that fails because the disk is full says nothing about the run."""
        text = " ".join(last_lines(os.path.join(child.part, "log.txt")))
        is_full = self.folder.free_bytes() < 65536 or any(os.strerror(code) in text for code in FULL)
        if is_full:
            raise CampaignError(f"run {self.folder.grid.describe(child.index)} failed: no space is left on the disk of "
                                f"{self.folder.path}")

    def start_keeper(self, child, wall, usage):
        """Keeps a run in a process of its own, for a busy disk may take longer than the next run."""
        pid = os.fork()
        if pid:
            self.keepers[pid] = child
            return
        status = errno.EIO
        try:
            die_with_parent()
            self.keep(child, wall, usage)
            status = 0
        except OSError as error:
            status = error.errno
        finally:
            os._exit(status)

    @staticmethod
    def release(child, status):
        """Ends a run that a keeper has kept, or says why it could not."""
        os.close(child.lock)
        if status:
            code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else errno.EINTR
            raise explain(OSError(code, os.strerror(code)), child.part)

    def keep(self, child, wall, usage):
        """Puts a run on the disk, then gives its folder the final name."""
        part, size = child.part, 0
        for root, _, names in os.walk(part):
            size += sum(os.lstat(os.path.join(root, name)).st_size for name in names)
        case, run = self.folder.grid.run_of(child.index)
        with open(os.path.join(part, "run.json"), "w", encoding="ascii") as file:
            json.dump({
                "case": self.folder.grid.names[case], "run": run, "attempt": child.attempt, "wall_s": round(wall, 3),
                "cpu_s": round(usage.ru_utime + usage.ru_stime, 3), "memory_kB": usage.ru_maxrss, "disk_B": size,
                "host": os.uname().nodename, "ended": round(time.time(), 3)}, file)
            file.write("\n")
        for root, _, names in os.walk(part):
            for name in names:
                path = os.path.join(root, name)
                if not os.path.islink(path):
                    sync(path)
            sync(root)
        final = self.folder.run_path(child.index)
        os.rename(part, final)
        sync(os.path.dirname(final))

    def kill(self):
        # An interrupt may come between the end of a process and its being struck off.
        for end, processes in ((os.killpg, self.children), (os.kill, self.keepers)):
            for pid, child in processes.items():
                with contextlib.suppress(ProcessLookupError):
                    end(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)
                os.close(child.lock)
        self.children.clear()
        self.keepers.clear()


def raise_file_limit(jobs):
    """A run takes a descriptor or two."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * jobs + 64
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
