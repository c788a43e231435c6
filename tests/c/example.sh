#!/bin/sh
# example.sh INCLUDE_DIR ARCHIVE C_COMPILER [FLAG...]: the program in the opening comment of
# headroom.h compiles as it stands, runs (by the command $EMULATOR, if it is set), and prints what it
# should.
set -eu
include=$1 archive=$2 c=$3
shift 3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# The comment's lines from the first #include to the closing brace.
sed -n '/^\/\/   #include/,/^\/\/   }$/s|^// \{0,3\}||p' "$include/headroom/headroom.h" \
    >"$dir/example.c"
lines=$(wc -l <"$dir/example.c")
[ "$lines" -ge 30 ] || { echo "$lines lines: not the program"; exit 1; }
"$c" "$@" -std=c99 -Wall -Wextra -Wpedantic -Werror -I "$include" "$dir/example.c" "$archive" \
    -o "$dir/example"
# shellcheck disable=SC2086  # the emulator's options are meant to split
${EMULATOR:-} "$dir/example" | tee "$dir/output"
grep -qE '^[a-z0-9_]+: ok \(argument 0\), y\[1\]\[0\] = [0-9.]+$' "$dir/output"
echo "$lines lines"
