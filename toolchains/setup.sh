#!/bin/sh
# Installs what is missing, by apt: Debian 12 or Ubuntu 24.04, or newer.
#
#   sh toolchains/setup.sh          what the build and the tests need
#   sh toolchains/setup.sh ci       and what the ci preset needs: Clang, clang-tidy, emulation, Python,
#                                   PyTorch, to check the tool against (216 MB to fetch), and
#                                   Chromium, to look at the tool's pages (115 MB)
#   sh toolchains/setup.sh arm      and what ARM needs: cross compilers, emulators
#   sh toolchains/setup.sh bench    and what the benchmarks need, with the libraries to compare with;
#                                   ONNX Runtime by npm, globally (290 MB)
#   sh toolchains/setup.sh train    and what training the demo's weights needs
#
# Several words may be given. It does nothing, not even an update of apt's lists, if all is there.
set -eu
npm_wanted=

# A word is a package, or command=package where any provider of the command will do.
wanted="cmake=cmake c++=g++ cc=gcc ninja=ninja-build libxsimd-dev doctest-dev libcli11-dev
        nlohmann-json3-dev help2man=help2man"
for what in "$@"; do
    case $what in
    ci) wanted="$wanted clang++=clang libclang-rt-dev clang-tidy=clang-tidy qemu-x86_64=qemu-user
                pkg-config=pkgconf python3=python3 nm=binutils python3-torch chromium=chromium" ;;
    arm) wanted="$wanted aarch64-linux-gnu-g++=g++-aarch64-linux-gnu
                 arm-linux-gnueabihf-g++=g++-arm-linux-gnueabihf gcc-arm-none-eabi
                 libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib qemu-aarch64=qemu-user
                 qemu-system-arm=qemu-system-arm clang++=clang llvm-mca-14=llvm-14
                 python3=python3" ;;
    bench) wanted="$wanted libbenchmark-dev libopenblas-openmp-dev libeigen3-dev libdnnl-dev
                   libxsmm-dev libtorch-dev npm=npm python3-onnx"
           npm_wanted=onnxruntime-node ;;
    train) wanted="$wanted python3-torch libopenblas0-openmp" ;;
    *)
        echo "usage: sh toolchains/setup.sh [ci] [arm] [bench] [train]" >&2
        exit 2
        ;;
    esac
done

# Whether a word of the list is there already.
present() {
    case $1 in
    *=*) command -v "${1%%=*}" >/dev/null 2>&1 ;;
    *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
    esac
}

# Sets `root` to what makes a command run as root.
need_root() {
    if [ "$(id -u)" -eq 0 ]; then
        root=
    elif command -v sudo >/dev/null 2>&1; then
        root=sudo
    else
        echo "setup: neither root nor sudo. Install these:$1" >&2
        exit 1
    fi
}

missing=
for word in $wanted; do
    present "$word" || missing="$missing ${word##*=}"
done

if [ -z "$missing" ]; then
    echo "setup: everything needed is installed"
elif ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: no apt-get here. Install these (Debian's names) by your system's means:$missing" >&2
    exit 1
else
    need_root "$missing"
    echo "setup: installing$missing"
    # A list from another mirror's time is no reason to stop: the installation decides.
    $root apt-get -q update || echo "setup: apt-get update failed; trying with the lists at hand" >&2
    # shellcheck disable=SC2086  # words are meant to split
    $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 install $missing
    for word in $wanted; do
        present "$word" || { echo "setup: ${word##*=} is still missing" >&2; exit 1; }
    done
fi

# The library comes in the package; its script would only fetch what graphics cards need.
if [ -n "$npm_wanted" ] && [ ! -d "$(npm root --global)/$npm_wanted" ]; then
    need_root " $npm_wanted, by npm"
    echo "setup: installing $npm_wanted"
    $root npm install --global --ignore-scripts --no-audit --no-fund "$npm_wanted" ||
        echo "setup: npm failed; the benchmarks will do without $npm_wanted" >&2
fi

# What apt has may be too old, or another one may stand before it in PATH.
version=$(cmake --version | sed -n 's/^cmake version //p')
case $version in
[0-2].* | 3.[0-9].* | 3.1[0-9].* | 3.2[0-4].*)
    echo "setup: cmake is $version, 3.25 is needed: use Debian 12, Ubuntu 24.04 or newer" >&2
    exit 1
    ;;
esac
