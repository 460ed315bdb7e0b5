# SPDX-License-Identifier: GPL-2.0-only
"""An environment in the manner of Gymnasium around a simulation: reset(), step(), action_space, observation_space.

    import sys; sys.path.append("tools")
    import cellfree_env, numpy
    env = cellfree_env.CellFreeEnv(n_aps=8, n_ues=4, arguments={"simTime": "500ms"})
    observation, info = env.reset(seed=1)
    while True:
        action = observation["h"] if observation["ues"].any() else env.action_space.sample() * 0
        ...
        observation, reward, terminated, truncated, info = env.step(action)

Each episode is a process of its own, cellfree-isac-example or a program that takes its options, with this file as the
script of --policy=python: the simulator waits in beams() for the action of a step. An action is the beams of one
decision and sub-band, an observation what CellFreePythonPolicy says of the next one, filled up with zeros to the most
APs, UEs and targets that there can be, in the order of the problem (info says who they are). A reward is what was met
since the last step. gymnasium is used where it is installed; NumPy is all that is needed.
"""

import multiprocessing.connection as mpc
import os
import signal
import socket
import subprocess
import tempfile

import numpy as np

try:
    from gymnasium import Env, spaces
except ImportError:
    Env, spaces = object, None

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Box:
    """The part of gymnasium.spaces.Box that is needed, where gymnasium is missing."""

    def __init__(self, low, high, shape, dtype):
        self.low, self.high, self.shape, self.dtype = low, high, tuple(shape), np.dtype(dtype)
        self._random = np.random.default_rng()

    def seed(self, seed=None):
        self._random = np.random.default_rng(seed)

    def sample(self):
        if self.dtype.kind == "i":
            return self._random.integers(int(self.low), int(self.high) + 1, self.shape).astype(self.dtype)
        if np.isfinite(self.high):
            return self._random.uniform(self.low, self.high, self.shape).astype(self.dtype)
        return self._random.normal(size=self.shape).astype(self.dtype)

    def contains(self, x):
        x = np.asarray(x)
        return x.shape == self.shape and bool((x >= self.low).all() and (x <= self.high).all())


def make_box(low, high, shape, dtype):
    """A box of either kind."""
    return spaces.Box(low, high, tuple(shape), dtype) if spaces else Box(low, high, shape, dtype)


def make_dict(boxes):
    """A dictionary of boxes of either kind."""
    return spaces.Dict(boxes) if spaces else boxes


# What crosses between the two processes, whose versions of NumPy may differ: no pickled arrays.


def pack(fields):
    """Plain Python of a dictionary with arrays."""
    return {
        name: (value.dtype.str, value.shape, np.ascontiguousarray(value).tobytes())
        if isinstance(value, np.ndarray)
        else value
        for name, value in fields.items()
    }


def unpack(fields):
    """The dictionary that pack() was given."""
    return {
        name: np.frombuffer(value[2], value[0]).reshape(value[1]) if isinstance(value, tuple) else value
        for name, value in fields.items()
    }


def met_objective(outcome, sensing_weight):
    """The default reward: rates of the blocks that came through (bit/s/Hz), and what sensing is worth."""
    rates = (np.log2(1 + outcome["sinr"]).mean(axis=0) * outcome["decoded"]).sum()
    return float(rates + sensing_weight * np.log2(1 + outcome["sensingSnr"]).sum())


class CellFreeEnv(Env):
    """See the head of this file."""

    metadata = {"render_modes": []}

    def __init__(
        self,
        n_aps=16,
        n_ues=8,
        n_targets=1,
        n_antennas=8,
        arguments=None,
        program=None,
        reward=met_objective,
        output_dir=None,
    ):
        """
        n_aps, n_ues, n_targets, n_antennas  as the options of the program are called
        arguments   further options, {"simTime": "1s", "ns3::CellFreeCpu::SensingWeight": 2}
        program     words of the command; default: tools/run.sh cellfree-isac-example
        reward      function of an outcome's fields (a dictionary) and the sum of the sensing weights
        output_dir  where an episode leaves its traces, each replacing the last one's; default: nowhere
        """
        self._arguments = {"nAps": n_aps, "nUes": n_ues, "nTargets": n_targets, "nAntennas": n_antennas}
        self._arguments |= arguments or {}
        self._program = list(program or [os.path.join(REPOSITORY, "tools", "run.sh"), "cellfree-isac-example"])
        self._reward = reward
        self._output_dir = output_dir
        self._process = self._connection = self._folder = self._log = None
        self._seed = 0
        self._problem = None
        shapes = {
            "h": (n_aps, n_ues, n_antennas, 2),
            "a": (n_aps, n_targets, n_antennas, 2),
            "omega": (n_aps, n_targets),
            "errorVariance": (n_aps, n_ues),
            "weight": (n_ues,),
            "sensingWeight": (n_targets,),
        }
        boxes = {name: make_box(-np.inf if name in "ha" else 0.0, np.inf, s, np.float64) for name, s in shapes.items()}
        masks = {"serving": (n_aps, n_ues), "aps": (n_aps,), "ues": (n_ues,), "targets": (n_targets,)}
        boxes |= {name: make_box(0, 1, shape, np.int8) for name, shape in masks.items()}
        self.observation_space = make_dict(boxes)
        self.action_space = make_box(-1.0, 1.0, (n_aps, n_ues + n_targets, n_antennas, 2), np.float64)
        self._shapes = shapes | masks

    def reset(self, *, seed=None, options=None):
        """Starts an episode: a run of the program with --RngRun=seed, by default the last one plus 1.
        options are further arguments of this episode. Returns an observation and what it is about."""
        self.close()
        self._seed = self._seed + 1 if seed is None else int(seed)
        ours, theirs = socket.socketpair()
        self._folder = None if self._output_dir else tempfile.TemporaryDirectory(prefix="cellfree-env-")
        self._log = tempfile.TemporaryFile(mode="w+", errors="replace")
        words = self._program + [
            "--policy=python",
            f"--ns3::CellFreePythonPolicy::Script={os.path.abspath(__file__)}",
            f"--ns3::CellFreePythonPolicy::Argument={theirs.fileno()}",
            f"--RngRun={self._seed}",
            f"--outputDir={self._output_dir or self._folder.name}",
        ]
        words += ["--database="] if self._folder else []
        words += [f"--{name}={value}" for name, value in (self._arguments | (options or {})).items()]
        with theirs:
            self._process = subprocess.Popen(
                words,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._connection = mpc.Connection(ours.detach())
        self._problem = None
        observation, _, is_over, info = self._advance()
        if is_over:
            raise RuntimeError("the episode ended before its first decision")
        return observation, info

    def step(self, action):
        """Sends beams [M, U+T, N], complex or with [re, im] as a last axis, and returns observation, reward,
        terminated, truncated (the simulated time is over) and info, which lists the outcomes met."""
        if self._problem is None:
            raise RuntimeError("step() without an episode: expected reset() before")
        action = np.asarray(action)
        if action.dtype.kind != "c":
            action = np.asarray(action, float)
            action = action[..., 0] + 1j * action[..., 1] if action.ndim == 4 and action.shape[3] == 2 else action
        if action.shape != self.action_space.shape[:3]:
            raise ValueError(f"action has shape {action.shape}: expected {self.action_space.shape[:3]}")
        n_aps, n_ues, _ = self._problem["h"].shape
        n_targets = self._problem["a"].shape[1]
        first = self._shapes["ues"][0]
        streams = list(range(n_ues)) + list(range(first, first + n_targets))
        self._connection.send(pack({"f": action[:n_aps, streams].astype(complex)}))
        observation, reward, is_over, info = self._advance()
        return observation, reward, False, is_over, info

    def close(self):
        """Ends an episode that is under way."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None and self._process.poll() is None:
            # The session is the episode's alone: the program, and the shell that may have started it.
            os.killpg(self._process.pid, signal.SIGTERM)
        if self._process is not None:
            self._process.wait()
        if self._log is not None:
            self._log.close()
        if self._folder is not None:
            self._folder.cleanup()
        self._process = self._connection = self._folder = self._log = self._problem = None

    def _advance(self):
        """Waits for the next decision: observation, reward, whether the run is over, info."""
        outcomes, reward = [], 0.0
        weight = 0.0 if self._problem is None else float(self._problem["sensingWeight"].sum())
        while True:
            try:
                kind, fields = self._connection.recv()
            except (EOFError, ConnectionError):
                break
            fields = unpack(fields)
            if kind == "outcome":
                outcomes.append(fields)
                reward += self._reward(fields, weight)
                continue
            self._problem = fields
            info = {name: fields[name] for name in ("slot", "effect", "time", "band", "ap", "ue", "target")}
            return self._observe(fields), reward, False, info | {"outcomes": outcomes}
        status = self._process.wait()
        self._log.seek(0)
        log = self._log.read()
        observation = self._observe(self._problem) if self._problem else None
        self.close()
        if status != 0:
            raise RuntimeError(f"the program ended with exit status {status}:\n{log[-4000:]}")
        return observation, reward, True, {"outcomes": outcomes, "log": log}

    def _observe(self, problem):
        """An observation of a problem."""
        observation = {}
        for name, shape in self._shapes.items():
            padded = np.zeros(shape, np.int8 if name in ("serving", "aps", "ues", "targets") else float)
            if name in problem:
                value = problem[name]
                value = np.stack([value.real, value.imag], axis=-1) if value.dtype.kind == "c" else value
                padded[tuple(slice(size) for size in value.shape)] = value
            observation[name] = padded
        n_aps, n_ues = problem["serving"].shape
        observation["aps"][:n_aps] = 1
        observation["ues"][:n_ues] = 1
        observation["targets"][: problem["a"].shape[1]] = 1
        return observation


# The same file as the script of --policy=python.

_simulator = None  # connection to the environment
PROBLEM_FIELDS = ("h", "a", "omega", "errorVariance", "serving", "weight", "sensingWeight", "slot", "effect", "time")


def begin(run):
    """Called by the simulator."""
    global _simulator
    _simulator = mpc.Connection(int(run.argument))


def beams(problem):
    """Called by the simulator for each decision."""
    fields = {name: getattr(problem, name) for name in PROBLEM_FIELDS + ("band", "ap", "ue", "target")}
    _simulator.send(("problem", pack(fields)))
    return unpack(_simulator.recv())["f"]


def outcome(result):
    """Called by the simulator after each downlink slot."""
    fields = dict(vars(result))
    fields["dwells"] = [vars(dwell) for dwell in result.dwells]
    _simulator.send(("outcome", pack(fields)))
