#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests that programs start light: none but those that write models load LibTorch, which takes most of a second and 130 MB;
# it, Python and HDF5 are opened where they are asked for.
#
# usage: test/start-up-program-test.sh PROGRAMS     PROGRAMS is a folder that holds the programs under their plain names

set -uo pipefail
programs=$1
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# starts_light PROGRAM: its help takes less than 70 MB, and it loads none of these.
starts_light() {
    ! ldd "$1" | grep -iE "libtorch|libc10|libpython|libhdf5" && python3 - "$1" <<'PY'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "--help"], check=True, stdout=subprocess.DEVNULL)
kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
assert kilobytes < 70e3, f"{kilobytes} kB"
PY
}

for program in "$programs"/cellfree-isac-*; do
    name=${program##*/}
    [[ $name == cellfree-isac-train || $name == cellfree-isac-export ]] ||
        check "$name starts without LibTorch, Python and HDF5, in less than 70 MB" starts_light "$program"
done
