#!/bin/sh
# conformance.sh DIR COMMAND...: runs the command on the cases in $HEADROOM_CONFORMANCE or DIR; 77 if
# there are none.
set -eu
cases=${HEADROOM_CONFORMANCE:-$1}
if [ ! -d "$cases" ]; then
    echo "SKIPPED: no conformance cases in $cases (set HEADROOM_CONFORMANCE)"
    exit 77
fi
shift
exec "$@" "$cases"
