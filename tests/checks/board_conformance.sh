#!/bin/sh
# board_conformance.sh DIR LIST COMMAND...: runs the command, the conformance program on a board, on the
# cases in $HEADROOM_CONFORMANCE or DIR; 77 if there are none. LIST is a file that names those to run,
# or "all". A folder that has none of them is run whole.
set -eu
cases=${HEADROOM_CONFORMANCE:-$1} list=$2
shift 2
if [ ! -d "$cases" ]; then
    echo "SKIPPED: no conformance cases in $cases (set HEADROOM_CONFORMANCE)"
    exit 77
fi
chosen=$(mktemp)
trap 'rm -f "$chosen"' EXIT
(cd "$cases" && find . -name case.json | sed 's|^\./||; s|/*case\.json$||' | sort) >"$chosen.all"
trap 'rm -f "$chosen" "$chosen.all"' EXIT
if [ "$list" != all ]; then
    sed 's/#.*//' "$list" | tr -s ' ' '\n' | sort | comm -12 - "$chosen.all" | sed '/^$/d' >"$chosen"
fi
[ -s "$chosen" ] || cp "$chosen.all" "$chosen"
echo "$(wc -l <"$chosen") of $(wc -l <"$chosen.all") cases"
status=0
"$@" --list "$chosen" "$cases" || status=$?
exit "$status"
