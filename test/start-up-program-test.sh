#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests that programs start light: none but the trainer loads LibTorch, which takes most of a second and 130 MB.
#
# usage: test/start-up-program-test.sh PROGRAMS     PROGRAMS is a folder that holds the programs under their plain names

set -uo pipefail
programs=$1
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# starts_light PROGRAM: its help takes less than 70 MB, and it loads no LibTorch.
starts_light() {
    ! ldd "$1" | grep -iE "libtorch|libc10" && python3 - "$1" <<'PY'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "--help"], check=True, stdout=subprocess.DEVNULL)
kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
assert kilobytes < 70e3, f"{kilobytes} kB"
PY
}

for program in "$programs"/cellfree-isac-*; do
    name=${program##*/}
    [[ $name == cellfree-isac-train ]] || check "$name starts without LibTorch, in less than 70 MB" starts_light "$program"
done
