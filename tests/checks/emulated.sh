#!/bin/sh
# emulated.sh CPU EXPECTED REQUIRED_PORTS PROGRAM [ARGUMENT...]: runs a program on an emulated processor.
# It must succeed (no SIGILL), and print a line that matches EXPECTED.
set -u
cpu=$1 expected=$2 required=$3
shift 3
# A share of the repetitions: emulation is slow, and what it looks for is the wrong instruction, not the rare case.
HEADROOM_TEST_SCALE=0.02 HEADROOM_REQUIRE_PORTS=$required qemu-x86_64 -cpu "$cpu" "$@" >emulated.log 2>&1
status=$?
# The emulator names each feature of the processor that it lacks.
grep -v "warning: TCG doesn't support requested feature" emulated.log
[ "$status" -eq 0 ] || { echo "status $status under -cpu $cpu"; exit 1; }
grep -qE "$expected" emulated.log || { echo "no line matches: $expected"; exit 1; }
