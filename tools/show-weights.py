#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Lists what a weight file (.safetensors) holds: its metadata, then name, type, shape and range of every tensor.

usage: tools/show-weights.py FILE

read_weights() is all that another Python program needs; the safetensors package reads the files as well.
"""

import json
import struct
import sys

import numpy

TYPES = {"F32": numpy.dtype("<f4"), "F16": numpy.dtype("<f2")}


def read_weights(path):
    """Returns the metadata, a dictionary of texts, and the tensors, a dictionary of arrays."""
    with open(path, "rb") as file:
        content = file.read()
    if len(content) < 8:
        raise ValueError(f"{len(content)} bytes: expected at least 8")
    (length,) = struct.unpack("<Q", content[:8])
    if length > len(content) - 8:
        raise ValueError(f"header length {length}: expected at most {len(content) - 8}, what is left of the file")
    header = json.loads(content[8 : 8 + length])
    data = memoryview(content)[8 + length :]
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        if entry["dtype"] not in TYPES or not 0 <= begin <= end <= len(data):
            raise ValueError(f"tensor '{name}': {entry}")
        tensors[name] = numpy.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    return metadata, tensors


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 2
    try:
        metadata, tensors = read_weights(sys.argv[1])
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"show-weights.py: {sys.argv[1]}: {error}", file=sys.stderr)
        return 1
    for key, value in sorted(metadata.items()):
        print(f"{key}: {value}")
    print(f"\n{len(tensors)} tensors, {sum(tensor.size for tensor in tensors.values())} numbers")
    for name, tensor in sorted(tensors.items()):
        low, high = (tensor.min(), tensor.max()) if tensor.size else (0, 0)
        print(f"{name:40} {tensor.dtype!s:8} {'x'.join(map(str, tensor.shape)):>10} {low:9.4f} .. {high:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
