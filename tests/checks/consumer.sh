#!/bin/sh
# consumer.sh HOW CMAKE SOURCE BUILD COMPILER C_COMPILER: the project of tests/consumer, in one of the
# ways that headroom can be used: find_package, pkg_config (both from an installation that has been
# moved; the latter also from C), add_subdirectory, fetch_content. Runs in an empty folder of its own.
set -eu
how=$1 cmake=$2 source=$3 build=$4 compiler=$5 c=$6
rm -rf prefix moved project program

if [ "$how" = find_package ] || [ "$how" = pkg_config ]; then
    "$cmake" --install "$build" --prefix "$PWD/prefix" >install.log
    mv prefix moved  # nothing installed may name the folder it was installed to
    if grep -rIl -e "$PWD/prefix" -e "$source" -e "$build" moved; then
        echo "installed files name a folder of this machine"
        exit 1
    fi
    echo "installed: $(find moved -type f | wc -l) files"
    [ ! -x moved/bin/headroom ] || moved/bin/headroom --help >/dev/null
fi

if [ "$how" = pkg_config ]; then
    pc=$(find "$PWD/moved" -name headroom.pc)
    flags=$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --cflags --libs "headroom >= 0.1")
    echo "pkg-config: $flags"
    # shellcheck disable=SC2086  # flags are meant to split
    "$compiler" -std=c++20 -Wall -Wextra -Werror "$source/tests/consumer/main.cpp" $flags -o program
    ./program
    sh "$source/tests/c/example.sh" moved/include "$(find moved -name libheadroom.a)" "$c"
    exit
fi

# add_subdirectory has built every port; of fetch_content it is enough to see that it finds them.
ports=
[ "$how" = fetch_content ] && ports=scalar

"$cmake" -S "$source/tests/consumer" -B project -G Ninja -DHOW="$how" -DHEADROOM_SOURCE="$source" \
    -DHEADROOM_PORTS="$ports" \
    -DCMAKE_PREFIX_PATH="$PWD/moved" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Release
"$cmake" --build project
project/consumer
project/threads
