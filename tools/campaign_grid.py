# SPDX-License-Identifier: GPL-2.0-only
"""The grid of a campaign: a JSON file, checked as a whole before anything starts, and the cases that it stands for.

Only the standard library, and little of that: each task of a cluster imports this before its run.
"""
import json
import math
import os
import re

MAX_FILE = 1 << 20  # bytes
MAX_RUNS = 100000
MAX_NAME = 120  # characters of a case's folder
MAX_SEED = 4294944442  # of ns-3's MRG32k3a, below its second modulus

# What a campaign says itself, or what ends a program at once.
OWN_OPTIONS = {"RngRun", "RngSeed", "outputDir", "simTag", "database", "help", "version"}
OPTION = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
ATTRIBUTE = re.compile(r"ns3(::[A-Za-z][A-Za-z0-9_]{0,99}){2,5}")
# No value reaches a shell, but nobody who reads a log, a table or a batch file should have to trust that.
TEXT = re.compile(r"[A-Za-z0-9 _.,:/=|()\[\]%@+-]{0,1000}")
PROGRAM = re.compile(r"[A-Za-z0-9_./ -]{1,1000}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
SLURM = {"partition": re.compile(r"[A-Za-z0-9_.,-]{1,200}"), "time": re.compile(r"[0-9:-]{1,20}"),
         "memory": re.compile(r"[0-9]{1,12}[KMGT]?"), "account": re.compile(r"[A-Za-z0-9_.-]{1,200}"),
         "qos": re.compile(r"[A-Za-z0-9_.-]{1,200}"), "constraint": re.compile(r"[A-Za-z0-9_&|,.-]{1,200}")}
SLURM_COUNTS = ("arrayLimit", "runsPerTask")
KEYS = {"program", "options", "attributes", "runs", "firstRun", "seed", "environment", "slurm"}


class CampaignError(Exception):
    """One line for the user: the field, its value and what was expected."""


def shown(value):
    """A value for a message: short, and in one line of ASCII."""
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:77] + "..."


def need(condition, field, value, expected):
    if not condition:
        raise CampaignError(f"{field} = {shown(value)}: expected {expected}")


def is_count(value, low, high):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def unique_members(pairs):
    members = {}
    for name, value in pairs:
        if name in members:
            raise CampaignError(f"{shown(name)} is there twice: expected every name once")
        members[name] = value
    return members


def refuse_constant(name):
    raise CampaignError(f"{name}: expected a finite number")


def read_json(path):
    """The JSON of a file, in which no name stands twice and every number is finite."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise CampaignError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        if len(data) > MAX_FILE:
            raise CampaignError(f"more than {MAX_FILE} bytes: expected a grid")
        return json.loads(data.decode("utf-8"), object_pairs_hook=unique_members, parse_constant=refuse_constant)
    except CampaignError as error:
        raise CampaignError(f"{path}: {error}") from None
    except RecursionError:
        raise CampaignError(f"{path}: nested too deeply: expected a grid") from None
    except ValueError as error:
        raise CampaignError(f"{path}: not JSON: {error}") from None


def to_text(value):
    """A value as a command line has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def check_values(values, field, base):
    """The texts of one option: a value or a list of values. Those that begin with ./ are files beside the grid."""
    values = values if isinstance(values, list) else [values]
    need(values, field, values, "at least one value")
    texts = []
    for value in values:
        need(isinstance(value, (str, int, float)), field, value, "a text, a number, true or false, or a list of those")
        if isinstance(value, float):
            need(math.isfinite(value), field, str(value), "a finite number")
        if isinstance(value, int) and not isinstance(value, bool):
            need(abs(value) < 1 << 64, field, "a number of many digits", "a number below 2^64")
        text = to_text(value)
        need(TEXT.fullmatch(text), field, text,
             "letters, digits, blanks and _.,:/=|()[]%@+- alone, at most 1000")
        if text.startswith("./"):
            path = os.path.join(base, text[2:])
            need(os.path.isfile(path), field, text, f"a file in {base}")
            need(TEXT.fullmatch(path), field, path, "a folder with a plain name")
            text = path
        texts.append(text)
    seen = set()
    for text in texts:
        need(text not in seen, field, text, "every value once")
        seen.add(text)
    return texts


def check_members(members, field, pattern, base):
    need(isinstance(members, dict), field, members, "an object of names and values")
    need(len(members) <= 1000, f"{field}: number of names", len(members), "at most 1000")
    folded = [name.lower() for name in members]
    for name in members:
        need(pattern.fullmatch(name), f"{field}: name", name,
             "the name of an option" if pattern is OPTION else "ns3::CLASS::ATTRIBUTE")
        need(name not in OWN_OPTIONS and not name.startswith("Print"), f"{field}: name", name,
             "none that the campaign sets itself")
        need(folded.count(name.lower()) == 1, f"{field}: name", name, "names that differ in more than their case")
    return {name: check_values(values, f"{field}: {name}", base) for name, values in members.items()}


def check_slurm(members):
    need(isinstance(members, dict), "slurm", members, "an object")
    for name, value in members.items():
        if name in SLURM_COUNTS:
            need(is_count(value, 1, MAX_RUNS), f"slurm: {name}", value, f"an integer, 1 to {MAX_RUNS}")
        else:
            need(name in SLURM, "slurm: name", name, f"one of {', '.join([*SLURM, *SLURM_COUNTS])}")
            need(isinstance(value, str) and SLURM[name].fullmatch(value), f"slurm: {name}", value,
                 "what sbatch takes, as a text")
    return members


def check_environment(members):
    need(isinstance(members, dict), "environment", members, "an object")
    for name, value in members.items():
        need(VARIABLE.fullmatch(name), "environment: name", name, "the name of a variable")
        need(isinstance(value, str) and TEXT.fullmatch(value), f"environment: {name}", value, "a plain text")
    return members


def read_grid(path):
    """The grid of a file."""
    grid = read_json(path)
    base = os.path.dirname(os.path.abspath(path))
    try:
        need(isinstance(grid, dict), "grid", grid, "an object")
        for name in grid:
            need(name in KEYS, "name", name, f"one of {', '.join(sorted(KEYS))}")
        program = grid.get("program")
        need(isinstance(program, str) and PROGRAM.fullmatch(program), "program", program,
             "the name of one of the module's programs, or the path of a program")
        if "/" in program:
            program = os.path.join(base, program)
        options = grid.get("options", {})
        blocks = options if isinstance(options, list) else [options]
        need(blocks, "options", options, "an object, or several in a list")
        checked = {
            "program": program,
            "options": [check_members(block, "options", OPTION, base) for block in blocks],
            "attributes": check_members(grid.get("attributes", {}), "attributes", ATTRIBUTE, base),
            "runs": grid.get("runs", 1), "firstRun": grid.get("firstRun", 1), "seed": grid.get("seed", 1),
            "environment": check_environment(grid.get("environment", {})),
            "slurm": check_slurm(grid.get("slurm", {}))}
        need(is_count(checked["runs"], 1, MAX_RUNS), "runs", checked["runs"], f"an integer, 1 to {MAX_RUNS}")
        need(is_count(checked["firstRun"], 0, (1 << 63) - MAX_RUNS), "firstRun", checked["firstRun"],
             "an integer >= 0 that leaves room for the runs")
        need(is_count(checked["seed"], 1, MAX_SEED), "seed", checked["seed"], f"an integer, 1 to {MAX_SEED}")
        grid = Grid(checked)
        # Counted before it is made: a product grows faster than memory.
        need(grid.n_runs <= MAX_RUNS, "runs", grid.n_runs, f"at most {MAX_RUNS} in one campaign, counting all cases")
        grid.name_cases()
        return grid
    except CampaignError as error:
        raise CampaignError(f"{path}: {error}") from None


class Grid:
    """A checked grid: run number index is drop index // n_cases of case index % n_cases."""

    def __init__(self, checked):
        self.checked = checked
        self.program = checked["program"]
        self.environment = checked["environment"]
        self.slurm = checked["slurm"]
        self.seed, self.first_run, self.n_drops = checked["seed"], checked["firstRun"], checked["runs"]
        self.axes = [[*block.items(), *checked["attributes"].items()] for block in checked["options"]]
        self.sizes = [math.prod(len(values) for _, values in axes) for axes in self.axes]
        self.n_cases = sum(self.sizes)
        self.n_runs = self.n_cases * self.n_drops
        self.names = checked.get("names")

    def settings(self, case):
        """Names and values of a case, the last axis changing first."""
        block = 0
        while case >= self.sizes[block]:
            case -= self.sizes[block]
            block += 1
        chosen = []
        for name, values in reversed(self.axes[block]):
            chosen.append((name, values[case % len(values)]))
            case //= len(values)
        return chosen[::-1]

    def run_of(self, index):
        """Case and RngRun of a run."""
        return index % self.n_cases, self.first_run + index // self.n_cases

    def columns(self):
        """Every option and attribute of any case, in the order of the file."""
        return list(dict.fromkeys(name for axes in self.axes for name, _ in axes))

    def name_cases(self):
        """Names for folders and tables: as cellfree-isac-compare has them, then what differs between the cases."""
        values = {}
        for axes in self.axes:
            for name in self.columns():
                values.setdefault(name, set()).update(dict(axes).get(name, [None]))
        differing = [name for name in self.columns() if len(values[name]) > 1]
        short = {name: name.rsplit("::", 1)[-1] for name in differing}
        for name in differing:
            if list(short.values()).count(short[name]) > 1:
                short[name] = name.replace("ns3::", "").replace("::", ".")
        names = []
        for case in range(self.n_cases):
            settings = dict(self.settings(case))
            parts = [settings["policy"]] if "policy" in settings else []
            parts += [f"b{settings['sensingWeight']}"] if "sensingWeight" in settings else []
            parts += [f"{short[name]}={os.path.basename(settings[name])}" for name in differing
                      if name in settings and name not in ("policy", "sensingWeight")]
            name = re.sub(r"[^A-Za-z0-9_.=+-]", ".", "-".join(parts)).lstrip(".-")
            names.append(name or "case")
        double = {name.lower() for name in names if len(name) > MAX_NAME}
        seen = set()
        for name in names:
            double |= {name.lower()} & seen
            seen.add(name.lower())
        self.names = [f"{name[:MAX_NAME]}-case{case}" if name.lower() in double else name
                      for case, name in enumerate(names)]
        self.checked["names"] = self.names

    def describe(self, index):
        case, run = self.run_of(index)
        return f"{self.names[case]}/drop-{run}"

    def arguments(self, index, known):
        """What a run's program is given. known: the options that it has."""
        case, run = self.run_of(index)
        arguments = [f"--{name}={value}" for name, value in self.settings(case)]
        arguments += [f"--RngSeed={self.seed}", f"--RngRun={run}"]
        # The run's folder is the working directory, so that no path gets into what the run writes.
        arguments += ["--outputDir=."] if "outputDir" in known else []
        arguments += ["--database="] if "database" in known else []
        return arguments
