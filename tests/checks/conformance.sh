#!/bin/sh
# conformance.sh PROGRAM DIR [OPTION...]: runs the cases in $HEADROOM_CONFORMANCE or DIR; 77 if there
# are none.
set -eu
cases=${HEADROOM_CONFORMANCE:-$2}
if [ ! -d "$cases" ]; then
    echo "SKIPPED: no conformance cases in $cases (set HEADROOM_CONFORMANCE)"
    exit 77
fi
program=$1
shift 2
exec "$program" "$@" "$cases"
