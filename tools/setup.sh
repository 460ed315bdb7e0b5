#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Makes this machine ready for cellfree-isac: Debian packages, an ns-3 tree that holds this module, and a build.
# Doing it again is cheap and changes nothing.
#
# usage: tools/setup.sh [TARGET...]     build these CMake targets only (default: everything)
#
# environment:
#   NS3_DIR                      the ns-3 tree to use, where the repository does not lie in one already
#   XDG_CACHE_HOME               where a fetched ns-3 tree goes (default ~/.cache)
#   Torch_DIR, LIBTORCHPATH      a LibTorch of your own; Debian's is then not installed
#   CELLFREE_ISAC_MPI            if set, ns-3 is configured with MPI, for cellfree-isac-clusters, and stays so
#   CMAKE_BUILD_PARALLEL_LEVEL   compile jobs (default: one per processor, as far as memory allows)
#
# run.sh and test.sh source this file and call set_up, which leaves these variables:
#   ns3_dir    the ns-3 tree, with this repository as contrib/cellfree-isac
#   cmake_dir  its CMake folder
#   build_dir  its output folder
# and a shared lock on the tree, held until the calling process and its children end: while it is held, no other
# clone puts itself in this one's place. Where keep_build=yes was set before, nothing is built anew as long either.
# A target that is built and up to date waits for nobody.

set -euo pipefail

module=cellfree-isac
repo_dir=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
repo_path_called=$(cd -L "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -L)
cache_dir=${XDG_CACHE_HOME:-$HOME/.cache}/$module

# ./ns3 sets this for CMake, which then adds a compiler option. Without it here, a later run of CMake would drop that
# option, and all of ns-3 would be compiled again.
export CLICOLOR=1

required_packages=(
    g++ cmake ninja-build ccache python3 libeigen3-dev nlohmann-json3-dev libgtest-dev libbenchmark-dev
    libsqlite3-dev libxml2-dev python3-numpy python3-matplotlib valgrind pkgconf
)
training_packages=(libtorch-dev libopenblas0-pthread)
python_packages=(python3-dev pybind11-dev)
channel_file_packages=(libhdf5-dev python3-h5py)
[[ -z ${CELLFREE_ISAC_MPI:-} ]] || required_packages+=(openmpi-bin libopenmpi-dev)

# csma is there because ns-3 builds src/test whenever tests are on.
ns3_modules="core;network;internet;mobility;propagation;antenna;spectrum;traffic-control;applications;flow-monitor"
ns3_modules+=";point-to-point;config-store;stats;csma;buildings;$module"

say() { printf 'setup: %s\n' "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

# --- Debian packages ---------------------------------------------------------------------------------------------

# Prints those of the named packages that are not installed.
missing_packages() {
    local installed
    installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
    local package
    for package in "$@"; do
        grep -qxF "installed $package" <<<"$installed" || printf '%s\n' "$package"
    done
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

can_be_root() { ((EUID == 0)) || command -v sudo >/dev/null; }

# Installs packages, after an installation that broke off too; what apt says goes to a file that is shown where it
# fails.
install_packages() {
    local log=$cache_dir/apt.log
    mkdir -p "$cache_dir"
    say "installing with apt-get: $*"
    local options=(-q -o DPkg::Lock::Timeout=600)
    if ! { as_root dpkg --configure -a &&
        as_root apt-get "${options[@]}" update &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get "${options[@]}" install --yes --no-install-recommends "$@"; } >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        return 1
    fi
    packages_changed=yes
}

# Sees to a list of packages that nothing works without.
require_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    can_be_root || die "these packages are missing and there is no sudo here; as root: apt-get install ${missing[*]}"
    install_packages "${missing[@]}" || die "could not install: ${missing[*]}"
}

# offer_packages NAME LOST PACKAGE...: sees to packages whose absence is no error; NAME is tried once, and LOST says what
# does not work without them.
offer_packages() {
    local name=$1 lost=$2 missing
    shift 2
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    local tried=$cache_dir/$name-packages-tried
    if [[ ! -e $tried ]] && can_be_root; then
        install_packages "${missing[@]}" && return
        touch "$tried"
        say "remove $tried to try again"
    fi
    say "not installed: ${missing[*]}; everything works except $lost"
}

set_up_packages() {
    packages_changed=
    if command -v dpkg-query >/dev/null; then
        require_packages "${required_packages[@]}"
        [[ -n ${Torch_DIR:-}${LIBTORCHPATH:-} ]] ||
            offer_packages training "training and policy torch" "${training_packages[@]}"
        offer_packages python "policy python" "${python_packages[@]}"
        offer_packages channel-files "channel files" "${channel_file_packages[@]}"
    else
        say "no Debian packages on this system: CMake says what it misses"
    fi
}

# --- the ns-3 tree -----------------------------------------------------------------------------------------------

is_ns3_tree() { [[ -f $1/ns3 && -f $1/VERSION && -d $1/src/core ]]; }

# Debian's mirror as this machine knows it, else the general one.
debian_mirror() {
    local mirror
    # shellcheck disable=SC2016 # apt-get expands $(REPO_URI) itself
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        grep -m1 -E '/debian/?$' || true)
    mirror=${mirror:-http://deb.debian.org/debian}
    printf '%s\n' "${mirror%/}"
}

# fetch_debian_source VERSION FOLDER: ns-3's tree from Debian's source package; apt verifies what it downloads.
fetch_debian_source() {
    local version=$1 folder=$2 keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    command -v apt-get >/dev/null && [[ -f $keyring ]] || return 1
    local mirror fetched=
    for mirror in $(printf '%s\n' "$(debian_mirror)" http://deb.debian.org/debian | uniq); do
        rm -rf "$folder/apt"
        mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
        # Bookworm is the Debian release with ns-3.37, whatever this machine runs.
        cat >"$folder/apt/list.sources" <<LIST
Types: deb-src
URIs: $mirror
Suites: bookworm
Components: main
Signed-By: $keyring
LIST
        local options=(
            -q -o "Dir::Etc::sourcelist=$folder/apt/list.sources" -o Dir::Etc::sourceparts=-
            -o "Dir::State::lists=$folder/apt/lists" -o "Dir::Cache=$folder/apt/cache" -o APT::Sandbox::User=root
        )
        say "fetching Debian's source package of ns-$version from $mirror"
        if (cd "$folder" && apt-get "${options[@]}" -o APT::Update::Error-Mode=any update &&
            apt-get "${options[@]}" source --download-only ns3) >"$folder/apt/log" 2>&1; then
            fetched=yes
            break
        fi
        tail -n 3 "$folder/apt/log" >&2
    done
    [[ -n $fetched ]] || return 1
    local tarball
    tarball=$(compgen -G "$folder/ns3_$version.orig.tar.*" | head -n 1) || return 1
    say "unpacking ${tarball##*/}"
    # Python reads every compression; tar would need bzip2 or xz beside it.
    python3 -m tarfile -e "$tarball" "$folder" && mv "$folder/ns-allinone-$version/ns-$version" "$folder/tree"
}

# fetch_git_tag VERSION FOLDER: ns-3's tree from the release's tag.
fetch_git_tag() {
    local version=$1 folder=$2 url=https://gitlab.com/nsnam/ns-3-dev.git
    command -v dpkg-query >/dev/null && require_packages git ca-certificates
    say "fetching tag ns-$version from $url"
    rm -rf "$folder/tree"
    git -c advice.detachedHead=false clone -q --depth 1 --branch "ns-$version" "$url" "$folder/tree" >&2
}

# Fetches the release named in NS3-VERSION unless it is there; a fetch that breaks off leaves no tree behind.
fetch_ns3() {
    local version
    version=$(<"$repo_dir/NS3-VERSION")
    ns3_dir=$cache_dir/ns-$version
    mkdir -p "$cache_dir"
    local lock
    exec {lock}>>"$cache_dir/fetch.lock"
    flock -n "$lock" || { say "waiting for another set-up to fetch ns-3" && flock "$lock"; }
    if ! is_ns3_tree "$ns3_dir"; then
        (
            folder=$(mktemp -d "$cache_dir/fetching-XXXXXX")
            trap 'rm -rf "$folder"' EXIT
            fetch_debian_source "$version" "$folder" || fetch_git_tag "$version" "$folder" ||
                die "could not fetch ns-$version; unpack it yourself and set NS3_DIR to its folder"
            [[ $(<"$folder/tree/VERSION") == "$version" ]] ||
                die "what was fetched is ns-$(<"$folder/tree/VERSION"), not ns-$version"
            rm -rf "$ns3_dir"
            mv "$folder/tree" "$ns3_dir"
        )
        say "ns-$version is in $ns3_dir"
    fi
    exec {lock}>&-
}

# Sets ns3_dir: the tree the repository lies in, else NS3_DIR, else the fetched release.
find_ns3() {
    local path tree
    for path in "$repo_path_called" "$repo_dir"; do
        tree=${path%/*/*}
        if [[ $path == "$tree/contrib/"* ]] && is_ns3_tree "$tree"; then
            [[ ${path##*/} == "$module" ]] ||
                die "$path must be called $module: ns-3 takes a module's name from its folder"
            ns3_dir=$(cd -P "$tree" && pwd)
            return
        fi
    done
    if [[ -n ${NS3_DIR:-} ]]; then
        is_ns3_tree "$NS3_DIR" || die "NS3_DIR=$NS3_DIR is not an ns-3 tree (no ns3, VERSION and src/core in it)"
        ns3_dir=$(cd -P "$NS3_DIR" && pwd)
    else
        fetch_ns3
    fi
}

check_ns3_version() {
    local version
    version=$(<"$ns3_dir/VERSION")
    if [[ $version =~ ^3\.([0-9]+) ]] && ((BASH_REMATCH[1] < 37)); then
        die "$ns3_dir is ns-$version; $module needs ns-3.37 or later"
    fi
}

# --- locks -------------------------------------------------------------------------------------------------------

# Two files in contrib/. The build lock: who builds has it alone, who needs what is built to stay as it is (test.sh)
# shares it. The use lock: who runs what the tree holds shares it, who replaces it by another clone's has it alone.

# lock_build exclusive|shared
lock_build() {
    [[ -n ${build_lock:-} ]] || exec {build_lock}<>"$ns3_dir/contrib/.$module-build.lock"
    flock -n "--$1" "$build_lock" ||
        { say "waiting for a build, or for tests of what is built, to end in $ns3_dir" && flock "--$1" "$build_lock"; }
}

# lock_use exclusive|shared
lock_use() {
    [[ -n ${use_lock:-} ]] || exec {use_lock}<>"$ns3_dir/contrib/.$module-use.lock"
    flock -n "--$1" "$use_lock" ||
        { say "waiting for programs of another clone to end in $ns3_dir" && flock "--$1" "$use_lock"; }
}

unlock() {
    [[ -z ${use_lock:-} ]] || exec {use_lock}>&-
    [[ -z ${build_lock:-} ]] || exec {build_lock}>&-
    use_lock=""
    build_lock=""
}

# try_locks: those that set_up leaves, unless that means to wait.
try_locks() {
    exec {use_lock}<>"$ns3_dir/contrib/.$module-use.lock"
    flock -n --shared "$use_lock" || return
    [[ -n ${keep_build:-} ]] || return 0
    exec {build_lock}<>"$ns3_dir/contrib/.$module-build.lock"
    flock -n --shared "$build_lock"
}

# --- linking, configuring, building ------------------------------------------------------------------------------

# What tells this clone from others.
clone_id() { printf '%s %s\n' "$(stat -c %d:%i "$repo_dir")" "$repo_dir"; }

is_linked_elsewhere() {
    local link=$ns3_dir/contrib/$module
    [[ -L $link && ! $link -ef $repo_dir ]]
}

link_module() {
    local link=$ns3_dir/contrib/$module
    [[ ! $link -ef $repo_dir ]] || return 0
    [[ -L $link || ! -e $link ]] ||
        die "$link is there already and is no link; use it from there, remove it, or set NS3_DIR to another tree"
    say "linking $link to $repo_dir"
    ln -sfn "$repo_dir" "$link"
}

find_build() {
    lock_file=$ns3_dir/.lock-ns3_linux_build
    cmake_dir=$ns3_dir/cmake-cache
    if [[ ! -f $cmake_dir/CMakeCache.txt ]]; then
        local cache
        cache=$(compgen -G "$ns3_dir/*/CMakeCache.txt" | head -n 1 || true)
        [[ -z $cache ]] || cmake_dir=${cache%/*}
    fi
    clone_stamp=$cmake_dir/$module-clone
    modules_stamp=$cmake_dir/$module-modules
    build_dir=$ns3_dir/build
    [[ ! -f $lock_file ]] || build_dir=$(sed -n "s/^out_dir = '\(.*\)'/\1/p" "$lock_file")
}

is_configured() {
    [[ -f $lock_file && -f $cmake_dir/CMakeCache.txt && (-f $cmake_dir/build.ninja || -f $cmake_dir/Makefile) ]]
}

# Deletes what was built of the module: a build decides by the age of files, and the ages of two clones say nothing.
forget_build() {
    say "what was built last is another clone: building the module anew"
    rm -rf "${cmake_dir:?}/contrib/$module" "${build_dir:?}/contrib/$module"
    find "$cmake_dir/scratch" -name '*.o' -delete 2>/dev/null || true
    refresh=yes
}

# Runs a command whose output matters only where it fails.
run_logged() {
    local log=$cache_dir/configure.log
    "$@" >"$log" 2>&1 || {
        tail -n 25 "$log" >&2
        die "failed: $* (all of its output: $log)"
    }
    sed -n "s/^-- \($module: .*\)/setup: \1/p" "$log" >&2
}

# ns-3's script refuses to work where USER is root, as it is in many containers.
ns3() { (cd "$ns3_dir" && env -u USER ./ns3 "$@"); }

cmake_value() { sed -n "s/^$1:[^=]*=//p" "$cmake_dir/CMakeCache.txt"; }

# Has LIST, semicolons between its words, this WORD?
list_has() { [[ ";$1;" == *";$2;"* ]]; }

# Is ns-3 built with MPI, or to be?
has_mpi() { is_configured && [[ $(cmake_value NS3_MPI) == ON ]]; }
wants_mpi() { [[ -n ${CELLFREE_ISAC_MPI:-} ]] || has_mpi; }

# Sets options to what ./ns3 configure must be told; empty where the tree is configured as needed.
choose_options() {
    options=()
    ! wants_mpi || has_mpi || options+=(--enable-mpi)
    if wants_mpi && ! list_has "$ns3_modules" mpi; then ns3_modules+=";mpi"; fi
    if ! is_configured; then
        options+=(-G Ninja -d default "--enable-modules=$ns3_modules" "--filter-module-examples-and-tests=$module")
        options+=(--enable-examples --enable-tests)
        return
    fi
    if [[ -f $modules_stamp ]]; then
        # Configured here: follow this clone's list of modules.
        [[ $(<"$modules_stamp") == "$ns3_modules" ]] || options+=("--enable-modules=$ns3_modules")
        return
    fi
    # Configured by the user: add what is needed, leave the rest.
    local enabled filter narrow=
    enabled=$(cmake_value NS3_ENABLED_MODULES)
    filter=$(cmake_value NS3_FILTER_MODULE_EXAMPLES_AND_TESTS)
    ! list_has "$(cmake_value NS3_DISABLED_MODULES)" "$module" ||
        die "$module is among the modules that $ns3_dir disables; configure it without that"
    local missing=
    list_has "$enabled" "$module" || missing+=";$module"
    ! wants_mpi || list_has "$enabled" mpi || missing+=";mpi"
    [[ -z $enabled || -z $missing ]] || options+=("--enable-modules=$enabled$missing")
    [[ $(cmake_value NS3_EXAMPLES) == ON ]] || { options+=(--enable-examples) && narrow=yes; }
    [[ $(cmake_value NS3_TESTS) == ON ]] || { options+=(--enable-tests) && narrow=yes; }
    if [[ -n $filter ]]; then
        list_has "$filter" "$module" || options+=("--filter-module-examples-and-tests=$filter;$module")
    elif [[ -n $narrow ]]; then
        options+=("--filter-module-examples-and-tests=$module")
    fi
}

configure() {
    local options
    choose_options
    if ((${#options[@]})); then
        say "configuring $ns3_dir: ./ns3 configure ${options[*]}"
        local ours=
        if [[ -f $modules_stamp ]] || ! is_configured; then ours=yes; fi
        run_logged ns3 configure "${options[@]}"
        find_build
        [[ -z $ours ]] || printf '%s\n' "$ns3_modules" >"$modules_stamp"
    elif [[ -n $refresh ]]; then
        run_logged cmake -S "$ns3_dir" -B "$cmake_dir"
    fi
}

# As many compile jobs as there are processors, but a gigabyte of free memory for each.
parallel_jobs() {
    if [[ -n ${CMAKE_BUILD_PARALLEL_LEVEL:-} ]]; then
        printf '%s\n' "$CMAKE_BUILD_PARALLEL_LEVEL"
        return
    fi
    local by_memory by_processors
    by_memory=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
    by_processors=$(nproc)
    printf '%s\n' $((by_memory < 1 ? 1 : by_memory < by_processors ? by_memory : by_processors))
}

# cmake --build rather than ./ns3 build, which works with one job whatever it is told in ns-3.37.
build() {
    local number=$1
    shift
    NINJA_STATUS='[%f/%t %es] ' cmake --build "$cmake_dir" -j "$number" --target "$@" >&2 ||
        die "the build failed"
}

# is_built TARGET...: are these targets of this clone, built, and up to date? Changes nothing, so needs no lock.
is_built() {
    local options file ninja_file=$cmake_dir/build.ninja
    [[ -f $ninja_file && -f $clone_stamp && $(<"$clone_stamp") == "$(clone_id)" ]] || return
    [[ $ns3_dir/contrib/$module -ef $repo_dir ]] || return
    choose_options
    ((${#options[@]} == 0)) || return
    for file in "$repo_dir"/{CMakeLists.txt,examples/CMakeLists.txt,cmake/*}; do
        [[ ! $file -nt $ninja_file ]] || return
    done
    # A dry run stops at the rule that makes CMake look for new files in ns-3's folders, so it does without that rule.
    ninja -C "$cmake_dir" -n -f <(sed '/^build build\.ninja/,/^$/d' "$ninja_file") "$@" 2>&1 |
        grep -qF "ninja: no work to do."
}

set_up() {
    local targets=("${@:-$module-all}") refresh=
    mkdir -p "$cache_dir"
    set_up_packages
    refresh=$packages_changed
    find_ns3
    check_ns3_version
    find_build
    if [[ -z $refresh ]] && try_locks && is_built "${targets[@]}"; then return; fi
    # Whoever waits for the build lock holds no other, or two could wait for each other.
    unlock
    lock_build exclusive
    find_build
    if is_linked_elsewhere || [[ -f $clone_stamp && $(<"$clone_stamp") != "$(clone_id)" ]]; then
        lock_use exclusive
        link_module
        forget_build
    else
        link_module
    fi
    configure
    clone_id >"$clone_stamp"
    build "$(parallel_jobs)" "${targets[@]}"
    lock_use shared
    if [[ -n ${keep_build:-} ]]; then
        lock_build shared
    else
        exec {build_lock}>&-
    fi
}

# Prints the path of one of the module's programs, built by set_up before.
program_path() {
    local prefix path
    prefix=$build_dir/contrib/$module/examples/ns$(<"$ns3_dir/VERSION")-$1
    path=$prefix-$(sed -n "s/^BUILD_PROFILE = '\(.*\)'/\1/p" "$lock_file")
    # The release profile adds nothing to a program's name.
    [[ -x $path ]] || path=$prefix
    [[ -x $path ]] || die "$1 was not built: $path is not there"
    printf '%s\n' "$path"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set_up "$@"
    say "ready: $ns3_dir"
fi
