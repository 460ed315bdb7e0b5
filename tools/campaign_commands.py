# SPDX-License-Identifier: GPL-2.0-only
"""The commands of campaign.py that a user calls: run, plan, status."""
import argparse
import os
import re
import shlex
import subprocess
import sys
import time

from campaign_engines import ENGINES, SlurmEngine
from campaign_folder import Folder, read_own
from campaign_grid import CampaignError, read_grid
from campaign_results import draw, failures_of, find_beside, merge, write_failures
from campaign_runner import Interrupted, Runner, clean_environment, last_lines, write_failure

ROUNDS = 3  # submissions of a run that nobody finishes
HOPELESS = 10  # failed runs where none has finished: it is the grid
SHOWN_FAILURES = 5
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROBE_TIME = 60.0  # seconds that a program may take to say its options


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise CampaignError(message)


def at_least_one(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


at_least_one.__name__ = "integer >= 1"


def parse_run(arguments):
    parser = Parser(prog="campaign.py", description=sys.modules["__main__"].__doc__, allow_abbrev=False,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("grid", metavar="GRID.json")
    parser.add_argument("--engine", choices=sorted(ENGINES), default="local")
    parser.add_argument("--outputDir", default="cellfree-isac-campaign",
                        help="created if missing (default: %(default)s)")
    parser.add_argument("--jobs", type=at_least_one, help="local, parallel: runs at a time, on each host (default: one "
                        "per processor of this machine)")
    parser.add_argument("--batch", type=at_least_one, default=1,
                        help="parallel, slurm: runs of one task, one after the other, for runs of seconds (default: 1)")
    parser.add_argument("--sshloginfile", help="parallel: file of hosts, which see the same folders as this one")
    parser.add_argument("--ssh", default="ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15",
                        help="parallel: how to reach them (default: %(default)s)")
    parser.add_argument("--poll", type=float, default=10.0,
                        help="slurm: seconds between looks at the queue, at most (default: %(default)s)")
    parser.add_argument("--plots", choices=["true", "false"], default="true",
                        help="draw plots and report.html at the end (default: %(default)s)")
    parser.add_argument("--plan", action="store_true",
                        help="run a few pilots, which are kept, and say what all would take")
    parser.add_argument("--pilots", type=at_least_one, default=3, help="number of pilots (default: %(default)s)")
    options = parser.parse_args(arguments)
    if not 0.1 <= options.poll <= 3600:
        raise CampaignError(f"--poll={options.poll}: expected 0.1 to 3600")
    if not options.outputDir:
        raise CampaignError("--outputDir is empty: expected the name of a directory")
    return options


def duration(seconds):
    """A time for a reader."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def amount(number):
    """Bytes for a reader."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} TB"


# --- the program ------------------------------------------------------------------------------------------------------

def built_path(name):
    """The path of one of the module's programs, built if need be."""
    script = 'source "$1/tools/setup.sh"; set_up "$2" >&2; program_path "$2"'
    done = subprocess.run(["bash", "-c", script, "campaign", ROOT, name], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise CampaignError(f"program {name} could not be built")
    return done.stdout.strip()


def find_program(grid):
    if "/" not in grid.program:
        if not os.path.isfile(os.path.join(ROOT, "examples", f"{grid.program}.cc")):
            names = sorted(name[:-3] for name in os.listdir(os.path.join(ROOT, "examples")) if name.endswith(".cc"))
            raise CampaignError(f"program = {grid.program}: expected one of {', '.join(names)}, or a path")
        return built_path(grid.program)
    path = os.path.realpath(grid.program)
    if not os.path.isfile(path) or not os.access(path, os.X_OK):
        raise CampaignError(f"program = {grid.program}: expected a program that can be run")
    return path


def find_compare(program):
    return find_beside(program, "cellfree-isac-compare") or built_path("cellfree-isac-compare")


def ask_program(grid, program, argument):
    """What a program prints for one of ns-3's arguments that print and exit; nothing where it fails."""
    try:
        done = subprocess.run([program, argument], env=clean_environment(grid), cwd="/", stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=PROBE_TIME, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def check_program(grid, program):
    """Refuses options and attributes that the program has not. Returns those that it has."""
    known = set(re.findall(r"^ +--([A-Za-z][A-Za-z0-9_-]*):", ask_program(grid, program, "--PrintHelp"), re.MULTILINE))
    if not known:
        raise CampaignError(f"program = {grid.program}: --PrintHelp lists no options: expected a program with ns-3's "
                            "CommandLine")
    general = None
    for name in grid.columns():
        if "::" in name:
            continue
        if name not in known and general is None:
            general = set(re.findall(r"^ +--([A-Za-z]+)=", ask_program(grid, program, "--PrintGlobals"), re.MULTILINE))
        if name not in known and name not in general:
            raise CampaignError(f"options: {grid.program} has no option {name}: expected one of "
                                f"{', '.join(sorted(known))}")
    by_class = {}
    for name in grid.columns():
        if "::" in name:
            by_class.setdefault(name.rpartition("::")[0], []).append(name)
    for cls, names in by_class.items():
        listed = ask_program(grid, program, f"--PrintAttributes={cls}")
        for name in names:
            if f"--{name}=" not in listed:
                raise CampaignError(f"attributes: {name}: expected an attribute that {os.path.basename(grid.program)} "
                                    f"--PrintAttributes={cls} lists")
    return known


# --- progress ---------------------------------------------------------------------------------------------------------

class Watch:
    """Says how far a campaign is, and ends one that has become hopeless."""

    def __init__(self, folder, stream=sys.stderr):
        self.folder, self.stream = folder, stream
        self.start = time.monotonic()
        self.at_start, _, _ = folder.scan()
        self.next, self.interval = 0.0, 1.0 if stream.isatty() else 5.0
        self.printed, self.said = None, set()

    def say(self, text):
        print(text, file=self.stream, flush=True)

    def say_once(self, text, condition):
        """Says something when it becomes so, and again when it becomes so again."""
        if condition and text not in self.said:
            self.say(text)
        (self.said.add if condition else self.said.discard)(text)

    def __call__(self):
        now = time.monotonic()
        if now < self.next:
            return
        finished, failed, _ = self.folder.scan()
        self.next = time.monotonic() + max(self.interval, 50 * (time.monotonic() - now))
        if len(failed) >= HOPELESS and not finished:
            raise CampaignError(f"{len(failed)} runs have failed and none has finished: stopped. "
                                + describe_failure(failures_of(self.folder, failed)[0]))
        if self.folder.free_bytes() < 65536:
            raise CampaignError(f"no space is left on the disk of {self.folder.path}; finished runs are kept")
        state = len(finished), len(failed)
        if state == self.printed:
            return
        self.printed = state
        done = len(finished - self.at_start)
        left = self.folder.grid.n_runs - len(finished) - len(failed)
        time_left = f", {duration((now - self.start) / done * left)} left" if done and left else ""
        self.say(f"{len(finished)} of {self.folder.grid.n_runs} runs{time_left}"
                 + (f", {len(failed)} failed" if failed else ""))


def describe_failure(row):
    _, case, run, reason, log = row
    return f"run {case}/drop-{run} failed ({reason}): {log[-1] if log else 'it printed nothing'}"


def report_failures(folder, failed, stream):
    """Says which runs failed, those of one case and reason once."""
    rows = failures_of(folder, failed)
    write_failures(folder, rows)
    groups = {}
    for row in rows:
        groups.setdefault((row[1], row[3]), []).append(row)
    for (case, reason), group in list(groups.items())[:SHOWN_FAILURES]:
        runs = f"drop-{group[0][2]}" + (f" and {len(group) - 1} more" if len(group) > 1 else "")
        print(f"failed: {case}/{runs} ({reason}), {folder.run_path(group[0][0])}.failed/log.txt ends:", file=stream)
        for line in group[0][4] or ["(it printed nothing)"]:
            print(f"    {line}", file=stream)
    if len(groups) > SHOWN_FAILURES:
        print(f"failed: {len(groups) - SHOWN_FAILURES} more cases; failures.tsv has them all", file=stream)


# --- commands ---------------------------------------------------------------------------------------------------------

def run_missing(folder, engine, watch):
    """Has an engine do what is missing, again where runs got lost on their way."""
    submissions = {}
    while True:
        finished, failed, _ = folder.scan()
        left = [index for index in range(folder.grid.n_runs) if index not in finished and index not in failed]
        if not left:
            return finished, failed
        lost = [index for index in left if submissions.get(index, 0) >= ROUNDS]
        if lost:
            states = engine.lost_states(folder) if isinstance(engine, SlurmEngine) else []
            reason = f"lost {ROUNDS} times" + (f", Slurm says {', '.join(states)}" if states else "")
            for index in lost:
                log = last_lines(folder.file("parallel.log" if engine.name == "parallel" else "slurm/tasks.log"), 1)
                write_failure(folder, index, reason + (f": {log[0]}" if log else ""))
            continue
        if submissions:
            watch.say(f"{len(left)} runs got lost; submitting them again")
        for index in left:
            submissions[index] = submissions.get(index, 0) + 1
        engine.run(folder, left, watch)


def costs_of(folder, finished):
    """What finished runs took: their run.json, by case."""
    by_case = {}
    for index in finished:
        cost = read_own(os.path.join(folder.run_path(index), "run.json"))
        if cost:
            by_case.setdefault(index % folder.grid.n_cases, []).append(cost)
    return by_case


def plan(folder, options):
    """Does a few pilots, spread over the cases, and says what all runs take if they are like those."""
    grid = folder.grid
    finished, _, _ = folder.scan()
    if not finished:
        step = max(1, grid.n_cases / options.pilots)
        pilots = sorted({int(i * step) for i in range(min(options.pilots, grid.n_cases))})
        Runner(folder, 1).run(pilots)
        finished, failed, _ = folder.scan()
        if failed:
            raise CampaignError(describe_failure(failures_of(folder, failed)[0]))
    by_case = costs_of(folder, finished)
    print(f"{os.path.basename(grid.program)}: {grid.n_cases} cases x {grid.n_drops} drops = {grid.n_runs} runs, "
          f"{len(finished)} finished")
    means = {}
    for case, costs in sorted(by_case.items()):
        means[case] = {name: sum(cost[name] for cost in costs) / len(costs)
                       for name in ("wall_s", "cpu_s", "memory_kB", "disk_B")}
        mean = means[case]
        if len(by_case) <= 20:
            print(f"  {grid.names[case]}: {mean['wall_s']:.2f} s, {mean['cpu_s']:.2f} s of a processor, "
                  f"{amount(1024 * mean['memory_kB'])} of memory, {amount(mean['disk_B'])} of disk "
                  f"({len(costs)} finished)")
    # A case without a pilot costs what the others do on average.
    average = {name: sum(mean[name] for mean in means.values()) / len(means) for name in
               ("wall_s", "cpu_s", "memory_kB", "disk_B")}
    left = [index % grid.n_cases for index in range(grid.n_runs) if index not in finished]
    total = {name: sum(means.get(case, average)[name] for case in left) for name in average}
    jobs = options.jobs or len(os.sched_getaffinity(0))
    print(f"{len(left)} runs left: {total['cpu_s'] / 3600:.3g} core hours, {duration(total['wall_s'] / jobs)} on "
          f"{jobs} processors (from {sum(map(len, by_case.values()))} runs)")
    print(f"disk: {amount(total['disk_B'])} more for runs/, about as much again for campaign.sqlite; "
          f"{amount(folder.free_bytes())} are free")
    return 0


def is_newer(folder, name, than):
    try:
        return os.path.getmtime(folder.file(name)) >= os.path.getmtime(folder.file(than))
    except OSError:
        return False


def run(arguments):
    options = parse_run(arguments)
    grid = read_grid(options.grid)
    engine = ENGINES[options.engine](options)
    program = find_program(grid)
    known = check_program(grid, program)
    engine.check()
    folder = Folder(options.outputDir)
    folder.create()
    folder.lock_campaign(options.engine)
    folder.write_plan(grid, program, known)
    if options.plan:
        return plan(folder, options)
    finished, failed, parts = folder.scan()
    folder.forget_failures(failed)
    watch = Watch(folder)
    if finished:
        watch.say(f"{len(finished)} of {grid.n_runs} runs are there already")
    if len(finished) < grid.n_runs and os.path.exists(folder.file("campaign.tsv")):
        os.unlink(folder.file("campaign.tsv"))  # it says that results are of all finished runs
    try:
        finished, failed = run_missing(folder, engine, watch)
    except Interrupted:
        if isinstance(engine, SlurmEngine):
            print(f"campaign.py: its jobs go on; scancel --name={engine.job_name(folder)} ends them", file=sys.stderr)
        raise
    except CampaignError:
        if isinstance(engine, SlurmEngine):
            engine.cancel(folder)
        raise
    if failed:
        report_failures(folder, failed, sys.stderr)
    else:
        write_failures(folder, [])
    if not finished:
        raise CampaignError(f"all {grid.n_runs} runs failed")
    if not all(map(os.path.exists, (folder.file("campaign.tsv"), folder.file("campaign.sqlite")))):
        command = f"tools/campaign.py {shlex.quote(os.path.basename(options.grid))}"
        print(merge(folder, finished, command, lambda: find_compare(program)), end="")
    has_tables = os.path.exists(folder.file("comparison.tsv"))
    if options.plots == "true" and has_tables and not is_newer(folder, "report.html", "campaign.tsv"):
        problem = draw(folder)
        if problem:
            watch.say(problem)
    if failed:
        raise CampaignError(f"{len(failed)} of {grid.n_runs} runs failed: campaign.tsv and campaign.sqlite are without "
                            "them; the same command tries them again")
    print(f"{grid.n_runs} runs in {folder.file('runs')}; campaign.tsv and campaign.sqlite beside it")
    return 0


def status(arguments):
    parser = Parser(prog="campaign.py status", allow_abbrev=False)
    parser.add_argument("outputDir", nargs="?", default="cellfree-isac-campaign")
    options = parser.parse_args(arguments)
    folder = Folder(options.outputDir)
    folder.read_plan()
    finished, failed, parts = folder.scan()
    running = folder.running(parts)
    n_runs = folder.grid.n_runs
    by_case = costs_of(folder, finished)
    costs = [cost for costs in by_case.values() for cost in costs]
    left = n_runs - len(finished) - len(failed)
    print(f"{folder.path}: {len(finished)} of {n_runs} runs finished, {running} running, {len(failed)} failed")
    campaign = folder.campaign_of()
    print(f"campaign: {campaign}" if campaign else "no campaign is at work here")
    if costs and left:
        average = sum(cost["cpu_s"] for cost in costs) / len(costs)
        print(f"about {average * left / 3600:.3g} core hours left")
        # The pace of the latest runs, until now.
        ends = sorted(cost["ended"] for cost in costs)[-50:]
        pace = len(ends) / max(time.time() - ends[0] + costs[0]["wall_s"] / max(1, running), 1e-3)
        if running:
            print(f"{60 * pace:.3g} runs a minute, {duration(left / pace)} left")
    for row in failures_of(folder, failed)[:SHOWN_FAILURES]:
        print(describe_failure(row))
    if os.path.exists(folder.file("campaign.tsv")):
        print("campaign.tsv and campaign.sqlite are of all finished runs")
    return 0
