#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests that a scenario outside the ns-3 tree is built and runs against an installed ns-3, by CMake and by pkg-config.
#
# usage: test/outside-program-test.sh PROGRAMS BUILD     PROGRAMS is not used; BUILD is ns-3's CMake folder

set -uo pipefail
build=$2
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$(dirname "${BASH_SOURCE[0]}")/program-checks.sh"

# shows LOG COMMAND...: shows what the command says where it fails.
shows() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 || { tail -n 20 "$log" && false; }
}

check "ns-3 with the module is installed" shows install.log cmake --install "$build" --prefix "$work/ns3"
targets=$(find "$work/ns3" -name ns3Targets.cmake)
libraries=$(dirname "$(find "$work/ns3" -name 'libns3*cellfree-isac*' | head -n 1)")

check "CMake's find_package builds examples/outside-the-tree" shows cmake.log bash -c '
    cmake -S "$0/examples/outside-the-tree" -B outside -DCMAKE_PREFIX_PATH="$PWD/ns3" && cmake --build outside' "$repo"
check "the scenario that CMake built runs" shows run.log bash -c '
    outside/my-scenario >out && grep -q "drone at" out && (($(wc -l <my-scenario-output/UeTrace.tsv) > 5))'
# ns-3's pkg-config files name the folders of ./ns3 configure --prefix, which this installation replaces.
check "pkg-config builds a scenario" shows pkg-config.log bash -c '
    export PKG_CONFIG_PATH=$1/pkgconfig
    flags=$(pkg-config --define-variable=libdir="$1" --define-variable=includedir="$PWD/ns3/include" \
        --cflags --libs ns3-cellfree-isac) &&
    g++ -std=c++"$2" -o by-hand "$0/examples/cellfree-isac-my-scenario.cc" $flags -Wl,--disable-new-dtags,-rpath,"$1"' \
    "$repo" "$libraries" "$(grep -o 'cxx_std_[0-9]*' "$targets" | head -n 1 | tr -dc 0-9)"
check "the scenario that pkg-config built does the same" shows run.log bash -c './by-hand >again && cmp out again'
