#!/bin/sh
# every_function.sh NM ARCHIVE LIST: each function of the C interface has a test of its name.
set -eu
functions=$("$1" "$2" 2>/dev/null |
    awk '$2 == "T" && $3 ~ /^_?hr_/ { sub(/^_/, "", $3); print $3 }' | sort -u)
[ "$(echo "$functions" | wc -l)" -ge 30 ] || { echo "too few functions: $functions"; exit 1; }
untested=0
for function in $functions; do
    grep -qF "X($function)" "$3" || { echo "no test of $function"; untested=1; }
done
echo "$functions" | wc -l | xargs printf '%s functions\n'
exit $untested
