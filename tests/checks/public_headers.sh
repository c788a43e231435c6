#!/bin/sh
# public_headers.sh COMPILER C_COMPILER INCLUDE_DIR: each public header compiles alone, twice in one
# file, without exceptions and RTTI, and without a warning; those for C (.h) in both languages, from
# C99 and C++11 on.
set -u
cxx=$1 c=$2 include=$3
count=0
failed=0
# compiles HEADER COMPILER FLAG...
compiles() {
    header=$1
    shift
    printf '#include <%s>\n#include <%s>\n' "$header" "$header" |
        "$@" -fsyntax-only -ffreestanding -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror \
            -I "$include" - && return
    echo "does not compile alone: $header with $*"
    failed=$((failed + 1))
}
for header in $(cd "$include" && find headroom -name '*.hpp' -o -name '*.h' | sort); do
    count=$((count + 1))
    compiles "$header" "$cxx" -std=c++20 -fno-exceptions -fno-rtti -x c++
    case $header in
    *.h)
        compiles "$header" "$cxx" -std=c++11 -fno-exceptions -fno-rtti -x c++
        for standard in c99 c11; do compiles "$header" "$c" -std=$standard -x c; done
        ;;
    esac
done
echo "$count public headers, $failed failures"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
