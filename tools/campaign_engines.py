# SPDX-License-Identifier: GPL-2.0-only
"""Where runs run: in processes of this machine, through GNU parallel, or as arrays of Slurm jobs.

An engine is told which runs are missing and returns when it can do no more for them; whether they have finished, the
folder says. The engines of other machines start "campaign.py work FOLDER RUN...", which sees the same folder.
"""
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

from campaign_grid import CampaignError
from campaign_runner import Runner, die_with_parent, last_lines, raise_file_limit

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "campaign.py")
PACKAGES = {"parallel": "parallel", "sbatch": "slurm-wlm", "squeue": "slurm-wlm", "scancel": "slurm-wlm",
            "scontrol": "slurm-wlm"}
# Of a user's environment what ssh and Slurm need to find a user and a cluster; runs get nothing of it.
KEPT = ("HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK", "SLURM_CONF", "TMPDIR")


def environment():
    path = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
    return {"PATH": f"{os.environ['PATH']}:{path}" if "PATH" in os.environ else path, "LC_ALL": "C",
            "SHELL": "/bin/sh", **{name: os.environ[name] for name in KEPT if name in os.environ}}


def need_tools(names):
    for name in names:
        if not shutil.which(name, path=environment()["PATH"]):
            raise CampaignError(f"--engine: {name} is not on this machine (Debian: apt-get install {PACKAGES[name]})")


def worker(folder):
    """The command that does runs, before their numbers."""
    return [sys.executable, "-I", "-S", TOOL, "work", folder.path]


class LocalEngine:
    """Child processes of this one."""

    name = "local"

    def __init__(self, options):
        self.jobs = options.jobs or len(os.sched_getaffinity(0))

    def check(self):
        raise_file_limit(self.jobs)

    def run(self, folder, indices, watch):
        Runner(folder, self.jobs).run(indices, lambda index: watch())


class ParallelEngine:
    """GNU parallel, on this machine or on those of a file that see the same folder."""

    name = "parallel"

    def __init__(self, options):
        self.jobs = options.jobs or len(os.sched_getaffinity(0))
        self.hosts, self.ssh, self.batch = options.sshloginfile, options.ssh, options.batch

    def check(self):
        need_tools(["parallel"])
        if self.hosts and not os.path.isfile(self.hosts):
            raise CampaignError(f"--sshloginfile={self.hosts}: expected a file with a host a line")

    def run(self, folder, indices, watch):
        log = folder.file("parallel.log")
        # Failed runs are no failed jobs; what fails is a host, and another takes the job.
        command = ["parallel", "--plain", "--will-cite", "--no-run-if-empty", "--retries", "3",
                   "--jobs", str(self.jobs), "--max-replace-args", str(self.batch)]
        if self.hosts:
            command += ["--sshloginfile", os.path.abspath(self.hosts), "--ssh", self.ssh]
        command.append(f"exec {shlex.join(worker(folder))} {{}}")
        with open(log, "ab") as output:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd="/",
                                       env=environment(), start_new_session=True, preexec_fn=die_with_parent)
            try:
                process.stdin.write("".join(f"{index}\n" for index in indices).encode())
                process.stdin.close()
                while process.poll() is None:
                    time.sleep(0.2)
                    watch()
            except BrokenPipeError:
                process.wait()
            finally:
                self.end(process)
        # 1 to 100 is the number of jobs that failed, 101 that there were more: the folder says which.
        if process.returncode not in range(0, 102):
            raise CampaignError(f"parallel ended with status {process.returncode}: {' '.join(last_lines(log, 1))}")

    @staticmethod
    def end(process):
        """Ends parallel and what it runs here: by its own way first, which reaches other hosts too."""
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
            if process.poll() is not None:
                return
            try:
                process.send_signal(number)
                process.wait(0.5 if number == signal.SIGTERM else None)
            except subprocess.TimeoutExpired:
                pass


class SlurmEngine:
    """Arrays of Slurm jobs; an element of an array does some runs, one after the other."""

    name = "slurm"
    ARRAYS = 8  # in the queue at a time, where the grid sets no limit

    def __init__(self, options):
        self.batch = options.batch
        self.pause = options.poll

    def check(self):
        need_tools(["sbatch", "squeue", "scancel", "scontrol"])
        answer = self.ask(["scontrol", "show", "config"])
        if answer is None:
            raise CampaignError("--engine=slurm: the controller does not answer (scontrol show config)")
        found = re.search(r"^MaxArraySize\s*=\s*(\d+)", answer, re.MULTILINE)
        self.max_array = max(1, int(found.group(1)) - 1) if found else 1000

    @staticmethod
    def ask(command):
        """What a command of Slurm prints, or None where it fails: a controller may be away for a while."""
        try:
            done = subprocess.run(command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  errors="replace", timeout=120, check=False)
        except subprocess.TimeoutExpired:
            return None
        return done.stdout if done.returncode == 0 else None

    @staticmethod
    def job_name(folder):
        """The same for all calls on one folder, so that a call finds what an earlier one has submitted."""
        return f"campaign-{folder.plan['id']}"

    def queue(self, folder):
        """Job ids in the queue with the states of their elements, or None."""
        answer = self.ask(["squeue", "--noheader", "--name", self.job_name(folder), "--format", "%F %T %r"])
        if answer is None:
            return None
        jobs = {}
        for line in answer.splitlines():
            job, state, reason = (line.split(maxsplit=2) + ["", ""])[:3]
            jobs.setdefault(job, []).append(state if state != "PENDING" or reason in ("None", "Resources", "Priority",
                                                                                      "JobArrayTaskLimit")
                                            else f"PENDING, {reason}")
        return jobs

    def submit(self, folder, indices, number):
        """One array for these runs. False where the controller is away."""
        slurm = folder.grid.slurm
        batch = self.batch if self.batch > 1 else slurm.get("runsPerTask", 1)
        tasks = [indices[i:i + batch] for i in range(0, len(indices), batch)]
        os.makedirs(folder.file("slurm"), exist_ok=True)
        listing = folder.file("slurm", f"tasks-{os.getpid()}-{number}.txt")
        with open(listing, "w", encoding="ascii") as file:
            file.writelines(" ".join(map(str, task)) + "\n" for task in tasks)
        limit = f"%{slurm['arrayLimit']}" if "arrayLimit" in slurm else ""
        script = (f"#!/bin/sh\nexec {shlex.join(worker(folder))} --tasks={shlex.quote(listing)} "
                  "--task=$SLURM_ARRAY_TASK_ID\n")
        command = ["sbatch", "--parsable", f"--job-name={self.job_name(folder)}", f"--array=0-{len(tasks) - 1}{limit}",
                   "--ntasks=1", "--cpus-per-task=1", "--requeue", "--export=PATH", "--chdir=/",
                   f"--output={folder.file('slurm', 'tasks.log')}", "--open-mode=append"]
        command += [f"--{option}={slurm[name]}" for name, option in (
            ("partition", "partition"), ("time", "time"), ("memory", "mem"), ("account", "account"), ("qos", "qos"),
            ("constraint", "constraint")) if name in slurm]
        done = subprocess.run(command, input=script, env=environment(), capture_output=True, text=True,
                              errors="replace", check=False)
        if done.returncode != 0:
            lines = [line for line in done.stderr.splitlines() if line.strip()] or ["sbatch failed"]
            if re.search("contact slurm controller|Socket timed out|temporarily|Connection refused", done.stderr):
                return False
            raise CampaignError(f"{lines[-1]}: expected what sbatch takes in \"slurm\" of the grid")
        return True

    def run(self, folder, indices, watch):
        """Keeps arrays in the queue until every run has been in one and none is left there."""
        watch.say_once("following the jobs that an earlier call has submitted", bool(self.queue(folder)))
        self.follow(folder, watch, lambda jobs: not jobs)
        left = [index for index in indices if not folder.is_finished(index)]
        ahead = 1 if "arrayLimit" in folder.grid.slurm else self.ARRAYS
        batch = self.batch if self.batch > 1 else folder.grid.slurm.get("runsPerTask", 1)
        number = 0
        while left:
            self.follow(folder, watch, lambda jobs: len(jobs) < ahead)
            chunk = left[:self.max_array * batch]
            if self.submit(folder, chunk, number):
                left = left[len(chunk):]
                number += 1
            else:
                watch.say_once("the controller of Slurm does not answer; waiting for it", True)
                time.sleep(self.pause)
        self.follow(folder, watch, lambda jobs: not jobs)

    def follow(self, folder, watch, is_enough):
        """Waits for the queue."""
        pause = min(0.2, self.pause)
        while True:
            jobs = self.queue(folder)
            watch.say_once("the controller of Slurm does not answer; its jobs go on, waiting for it", jobs is None)
            if jobs is not None:
                if is_enough(jobs):
                    return
                reasons = {state for states in jobs.values() for state in states if state.startswith("PENDING, ")}
                watch.say_once(f"jobs wait: {', '.join(sorted(reasons))}", bool(reasons))
            time.sleep(pause)
            watch()
            pause = min(self.pause, pause * 1.5)

    def cancel(self, folder):
        self.ask(["scancel", "--name", self.job_name(folder)])

    def lost_states(self, folder):
        """What Slurm remembers of elements that ended otherwise than well."""
        answer = self.ask(["squeue", "--noheader", "--states=all", "--name", self.job_name(folder), "--format", "%T"])
        return sorted(set((answer or "").split()) - {"COMPLETED", "COMPLETING", "RUNNING", "PENDING"})


ENGINES = {engine.name: engine for engine in (LocalEngine, ParallelEngine, SlurmEngine)}
