#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests what the module's folders may know of each other, by reading their #include lines, and how files are written.

usage: source-rules-test.py [REPOSITORY]

Prints "ok NAME" or "not ok NAME" for each rule, with the lines that break it, and leaves with 1 if any does. Each rule
is also tried on a small tree with one violation planted, which it must find.
"""

import os
import re
import sys
import tempfile

# Each room, and the rooms whose headers it may include beside its own.
MAY_INCLUDE = {
    "model/portability": set(),
    "model/signal": {"model/portability"},
    "model/gnn": {"model/signal"},
    "model/beamforming": {"model/signal", "model/portability"},
    "model/channel": {"model/signal", "model/portability"},
}
# Libraries that policies open: they know what passes between, and no more.
MAY_INCLUDE["plugin"] = {"model/signal", "model/beamforming", "model/channel"}
MAY_INCLUDE["model/network"] = {
    "model/signal",
    "model/portability",
    "model/beamforming",
    "model/channel",
}
MAY_INCLUDE["helper"] = MAY_INCLUDE["model/network"] | {"model/network"}
MAY_INCLUDE["campaign"] = MAY_INCLUDE["helper"] | {"helper"}
# The policy over the networks alone knows them.
GNN_POLICY = re.compile(r"model/beamforming/cell-free-gnn-[^/]*$")

# Trackers, what of ours they may read, and what of ns-3 knows where things are.
TRACKER = re.compile(r"model/network/cell-free-[^/]*tracker\.(cc|h)$")
KNOWN_TO_TRACKERS = (
    "isac-",
    "cell-free-aim.h",
    "cell-free-attribute.h",
    "cell-free-enum-accessor.h",
    "cell-free-multi-target-tracker.h",
    "cell-free-scan.h",
    "cell-free-tracker.h",
)
TRUTH = re.compile(r"ns3/(node|mobility|config|names|[a-z-]*(container|list|mobility-model))")

# What the library is made of that opens with a channel file, and nothing else is.
HDF5_LIBRARY = "plugin/cell-free-hdf5-plugin.cc"

# How a room's files are called: isac- is pure mathematics, cell-free- are ns-3 objects and what works on them.
PREFIXES = {
    "model/signal": ("isac-",),
    "model/gnn": ("isac-",),
    "model/beamforming": ("isac-", "cell-free-"),
    "plugin": ("isac-", "cell-free-"),
}

SOURCE = (".cc", ".h")
TEXT = SOURCE + (".py", ".sh", ".txt", ".cmake", ".md", ".rst", ".html", ".json")
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


class Tree:
    """The sources of a repository, and what they include."""

    def __init__(self, root):
        self.texts = {}
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), root)
                if name.endswith(TEXT) or path == ".ci/run":
                    with open(os.path.join(root, path), "rb") as file:
                        self.texts[path] = file.read()
        self.sources = sorted(path for path in self.texts if path.endswith(SOURCE))
        # ns-3 puts the headers of all modules into one folder, so a header's name says where it is.
        headers = {os.path.basename(path): path for path in self.sources if path.endswith(".h")}
        self.includes = {}  # path -> [(as written, path of the header where it is ours)]
        for path in self.sources:
            found = INCLUDE.findall(self.texts[path].decode("utf-8", "replace"))
            written = [quoted or angled for quoted, angled in found]
            self.includes[path] = [(name, headers.get(os.path.basename(name))) for name in written]

    def reaches_torch(self, path, seen=()):
        """Whether a file includes LibTorch, by itself or by a header of ours."""
        return any(
            name.startswith(("torch/", "ATen/", "c10/"))
            or (header and header not in seen and self.reaches_torch(header, seen + (path,)))
            for name, header in self.includes[path]
        )


def room_of(path):
    folder = os.path.dirname(path)
    return folder if folder in MAY_INCLUDE else folder.split("/")[0]


def upward_includes(tree):
    for path in tree.sources:
        room = room_of(path)
        allowed = MAY_INCLUDE.get(room)
        for name, header in tree.includes[path] if allowed is not None else ():
            known = room_of(header) if header else room
            through_policy = known == "model/gnn" and GNN_POLICY.search(path)
            if known != room and known not in allowed and not through_policy:
                yield f'{path}: "{name}" is in {known}'


def mathematics_with_ns3(tree):
    for path in tree.sources:
        for name, header in tree.includes[path] if os.path.basename(path).startswith("isac-") else ():
            is_ours = header and os.path.basename(header).startswith("isac-")
            if path.startswith(("model/", "plugin/")) and name.startswith("ns3/") and not is_ours:
                yield f'{path}: "{name}" is no isac- header'


def torch_outside_training(tree):
    for path in tree.sources:
        if tree.reaches_torch(path):
            in_room = path.startswith("model/gnn/") or path == "plugin/isac-torch-plugin.cc"
            if not in_room and not (path.startswith("bench/") and path.endswith(".cc")):
                yield f"{path}: includes LibTorch"
    # A module header with LibTorch in it would hand it to every scenario.
    lists = tree.texts.get("CMakeLists.txt", b"").decode()
    for path in tree.sources:
        if path.endswith(".h") and path in lists and tree.reaches_torch(path):
            yield f"{path}: includes LibTorch and is a module header"


def hdf5_outside_its_library(tree):
    for path in tree.sources:
        for name, _ in tree.includes[path]:
            if name.split("/")[-1].lower() in ("hdf5.h", "h5cpp.h") and path != HDF5_LIBRARY:
                yield f'{path}: "{name}"'


def module_headers(tree):
    for path in tree.sources:
        for name, _ in tree.includes[path] if not path.startswith("examples/") else ():
            if name.startswith("ns3/") and name.endswith("-module.h"):
                yield f'{path}: "{name}"'


def trackers_with_truth(tree):
    for path in tree.sources:
        if not TRACKER.search(path):
            continue
        reached, waiting = {path}, [path]
        while waiting:
            for name, header in tree.includes[waiting.pop()]:
                if TRUTH.match(name) or (header and not os.path.basename(header).startswith(KNOWN_TO_TRACKERS)):
                    yield f'{path}: reaches "{name}"'
                elif header and header not in reached:
                    reached.add(header)
                    waiting.append(header)


def prefixes(tree):
    for path in tree.sources:
        room = room_of(path)
        allowed = PREFIXES.get(room, ("cell-free-",))
        if room in MAY_INCLUDE and not os.path.basename(path).startswith(allowed):
            yield f"{path}: expected a name that starts with {' or '.join(allowed)}"


def non_ascii(tree):
    for path, text in sorted(tree.texts.items()):
        for number, line in enumerate(text.split(b"\n"), 1):
            if not line.isascii():
                yield f"{path}:{number}: {line.decode('utf-8', 'replace').strip()}"


# (rule, check, violations: path -> content)
RULES = [
    (
        "no room includes what is above it",
        upward_includes,
        [
            {
                "model/channel/cell-free-a.cc": '#include "ns3/cell-free-b.h"\n',
                "model/network/cell-free-b.h": "",
            },
            {
                "helper/cell-free-a.h": '#include "campaign/cell-free-b.h"\n',
                "campaign/cell-free-b.h": "",
            },
            {
                "model/gnn/isac-gnn-a.cc": "#include <ns3/isac-b-solver.h>\n",
                "model/beamforming/isac-b-solver.h": "",
            },
            {
                "model/beamforming/cell-free-rzf-policy.cc": '#include "../gnn/isac-gnn-a.h"\n',
                "model/gnn/isac-gnn-a.h": "",
            },
        ],
    ),
    (
        "isac- files include no header of ns-3's",
        mathematics_with_ns3,
        [{"model/signal/isac-a.cc": '#include "ns3/simulator.h"\n'}],
    ),
    (
        "LibTorch is included by training alone, and by no module header",
        torch_outside_training,
        [
            {
                "examples/a.cc": '#include "model/gnn/isac-gnn-a.h"\n',
                "model/gnn/isac-gnn-a.h": "#include <torch/torch.h>\n",
            },
            {
                "CMakeLists.txt": "    model/gnn/isac-gnn-a.h\n",
                "model/gnn/isac-gnn-a.h": "#include <torch/torch.h>\n",
            },
        ],
    ),
    (
        "HDF5 is included by its own library alone",
        hdf5_outside_its_library,
        [{"model/channel/cell-free-channel-file.cc": "#include <hdf5.h>\n"}],
    ),
    (
        "trackers reach no truth",
        trackers_with_truth,
        [
            {
                "model/network/cell-free-a-tracker.cc": '#include "cell-free-scan.h"\n',
                "model/network/cell-free-scan.h": '#include "ns3/cell-free-target.h"\n',
                "model/channel/cell-free-target.h": "",
            },
            {"model/network/cell-free-a-tracker.h": '#include "ns3/mobility-model.h"\n'},
            {"model/network/cell-free-a-tracker.cc": '#include "ns3/node-list.h"\n'},
        ],
    ),
    (
        "ns-3's module headers are for examples",
        module_headers,
        [{"helper/cell-free-a.cc": '#include "ns3/core-module.h"\n'}],
    ),
    ("files have their room's prefix", prefixes, [{"model/network/frame.h": ""}]),
    ("text is ASCII", non_ascii, [{"README.md": "10 \u00b5s\n"}]),
]


def plant(files):
    """The tree of these files."""
    with tempfile.TemporaryDirectory() as root:
        for path, content in files.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(content)
        return Tree(root)


def main():
    default = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    tree = Tree(sys.argv[1] if len(sys.argv) > 1 else default)
    failed = not tree.sources
    for name, check, violations in RULES:
        broken = list(check(tree))
        is_found = all(any(check(plant(files))) for files in violations)
        for label, ok in ((name, not broken), (f"{name}: found where planted", is_found)):
            print("ok" if ok else "not ok", label)
            failed = failed or not ok
        for line in broken:
            print("   ", line)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
