#!/bin/sh
# conformance.sh PROGRAM [DIR]: runs the cases in $HEADROOM_CONFORMANCE or DIR; 77 if there are none.
set -eu
cases=${HEADROOM_CONFORMANCE:-$2}
if [ ! -d "$cases" ]; then
    echo "SKIPPED: no conformance cases in $cases (set HEADROOM_CONFORMANCE)"
    exit 77
fi
exec "$1" "$cases"
