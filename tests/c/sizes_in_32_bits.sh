#!/bin/sh
# sizes_in_32_bits.sh INCLUDE_DIR HERE C_COMPILER: the macros where size_t has 32 bits; 77 if the
# compiler has no such target, as those for other processors than x86. Nothing is linked, so no 32-bit
# library is needed.
set -eu
include=$1 here=$2 c=$3
if ! echo 'typedef char four_bytes[sizeof(void*) == 4 ? 1 : -1];' |
    "$c" -m32 -fsyntax-only -x c - 2>/dev/null; then
    case $("$c" -dumpmachine) in
    x86_64* | i?86*)
        echo "FAILED: $c for $("$c" -dumpmachine) has no -m32"
        exit 1
        ;;
    esac
    echo "SKIPPED c_sizes_in_32_bits: $c for $("$c" -dumpmachine) has no -m32"
    exit 77
fi
"$c" -m32 -std=c99 -ffreestanding -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$include" \
    "$here/sizes_constant.c"
echo "the static checks of sizes_constant.c hold"
