#!/bin/sh
# board_conformance.sh DIR COMMAND...: runs the command, the conformance program on a board, on the cases
# in $HEADROOM_CONFORMANCE or DIR; 77 if there are none.
set -eu
cases=${HEADROOM_CONFORMANCE:-$1}
shift
if [ ! -d "$cases" ]; then
    echo "SKIPPED: no conformance cases in $cases (set HEADROOM_CONFORMANCE)"
    exit 77
fi
list=$(mktemp)
trap 'rm -f "$list"' EXIT
(cd "$cases" && find . -name case.json | sed 's|^\./||; s|/*case\.json$||' | sort) >"$list"
echo "$(wc -l <"$list") cases"
status=0
"$@" --list "$list" "$cases" || status=$?
exit "$status"
