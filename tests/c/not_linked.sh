#!/bin/sh
# not_linked.sh NM CPP_PROGRAM C_PROGRAM: a program that does not use the C interface holds none of
# it. The C program shows that it would be seen.
set -eu
symbols() { "$1" "$2" | grep -cE '[ _]hr_|headroom1c' || true; }
in_cpp=$(symbols "$1" "$2")
in_c=$(symbols "$1" "$3")
echo "symbols of the C interface: $in_cpp in the C++ program, $in_c in the C program"
[ "$in_cpp" -eq 0 ] && [ "$in_c" -ge 10 ]
