#!/bin/sh
# same_text.sh EXPECTED COMMAND...: the command must succeed and print every line of the file
# EXPECTED, in that order. What else it prints is its machine's own.
set -u
expected=$1
shift
output=$("$@")
status=$?
printf '%s\n' "$output"
[ "$status" -eq 0 ] || { echo "same_text: code $status"; exit 1; }
printf '%s\n' "$output" | grep -Fx -f "$expected" | diff "$expected" - ||
    { echo "same_text: the lines above are not those of $expected"; exit 1; }
