#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests that Python reads the weight files that the module ships, through tools/show-weights.py.
#
# usage: test/weights-program-test.sh FOLDER     FOLDER is not used: no program is needed

set -uo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# A python3 of the user's own may lack numpy; Debian's python3-numpy is for Debian's.
python=python3
"$python" -c "import numpy" 2>/dev/null || python=/usr/bin/python3

for file in "$repo"/data/weights/*.safetensors; do
    name=$(basename "$file")
    check "$name is listed" bash -c '
        "$0" "$1" "$2" >list && grep -q "^head: " list && grep -q "^format_version: " list &&
        ! grep -E "^[^:]* float(16|32) " list | grep -qiE "nan|inf" &&
        grep -qE "^[0-9]+ tensors, [0-9]+ numbers" list' "$python" "$repo/tools/show-weights.py" "$file"
    # Every number of the file is in exactly one tensor, and the shapes are what the metadata say.
    check "$name is read as the module writes it" "$python" - "$repo/tools/show-weights.py" "$file" <<'PY'
import os, runpy, struct, sys
metadata, tensors = runpy.run_path(sys.argv[1])["read_weights"](sys.argv[2])
with open(sys.argv[2], "rb") as file:
    (length,) = struct.unpack("<Q", file.read(8))
assert sum(tensor.nbytes for tensor in tensors.values()) == os.path.getsize(sys.argv[2]) - 8 - length
assert metadata["format_version"] == {"edge": "2", "structured": "3"}[metadata["head"]]
assert metadata["training_command"].startswith("cellfree-isac-train ")
if metadata["head"] == "structured":
    width = int(metadata["link_width"])
    assert tensors["stage0.encode.ueLink.bias"].shape == (width,)
    assert tensors["stage0.layer0.ueLink.weight"].shape[1] == width
    assert {name.split(".")[0] for name in tensors} == {f"stage{k}" for k in range(len(metadata["layers"].split(",")))}
PY
done

head -c 1000 "$repo/data/weights/structured.safetensors" >truncated
for file in truncated none "$repo/README.md"; do
    check "$(basename "$file") is refused in one line" bash -c '
        ! "$0" "$1" "$2" >out 2>err && [[ ! -s out ]] && (($(wc -l <err) == 1)) && grep -q "$2" err' \
        "$python" "$repo/tools/show-weights.py" "$file"
done
