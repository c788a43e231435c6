#!/bin/sh
# same_list.sh GOLDEN PROGRAM [ARGUMENT...]: whether headroom_bits prints the committed list; names
# the first line that differs.
set -u
golden=$1
shift
list=$(mktemp) || exit 1
trap 'rm -f "$list" "$list.all"' EXIT
"$@" >"$list.all"
status=$?
grep '^#' "$list.all"
tr -d '\r' <"$list.all" | grep -v '^#' >"$list"
if ! cmp -s "$golden" "$list"; then
    diff "$golden" "$list" | grep -c '^>' | sed 's/$/ lines differ, the first:/'
    diff "$golden" "$list" | sed -n '/^</{p;q;}'
    diff "$golden" "$list" | sed -n '/^>/{p;q;}'
    exit 1
fi
tail -n 1 "$list"
[ "$status" -eq 0 ] || echo "the list is identical, but the program ended with code $status"
exit "$status"
