#!/bin/sh
# same_hash.sh C_PROGRAM CPP_PROGRAM [EMULATOR...]: both print the same hash for each configuration, on
# each port.
set -eu
c_program=$1 cpp_program=$2
shift 2
c=$("$@" "$c_program")
cpp=$("$@" "$cpp_program")
[ "$(echo "$c" | grep -c ': all ')" -ge 1 ] || { echo "no port was run: $c"; exit 1; }
if [ "$c" = "$cpp" ]; then
    echo "$c" | grep ': all '
    [ "$(echo "$c" | sed -n 's/.*: all //p' | sort -u | wc -l)" -eq 1 ] && exit
    echo "the ports differ"
    exit 1
fi
echo "port, configuration, hash of the C program, hash of the C++ program where they differ:"
printf '%s\n%s\n' "$c" "$cpp" | sort | uniq -u | sort -k1,2
exit 1
