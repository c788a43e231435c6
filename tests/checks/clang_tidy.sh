#!/bin/sh
# clang_tidy.sh CLANG_TIDY BUILD SOURCE JOBS: the library's sources and headers, with .clang-tidy.
set -u
files=$(find "$3/src/attention" "$3/src/kernels" "$3/src/c" "$3/src/demo" "$3/ports" -name '*.cpp' | sort)
# A source that this build does not compile has no command, and would be checked with guessed flags.
checked=
for file in $files; do
    if grep -qF "\"$file\"" "$2/compile_commands.json"; then
        checked="$checked $file"
    else
        echo "not in this build: ${file#"$3"/}"
    fi
done
[ -n "$checked" ] || { echo "nothing to check"; exit 1; }
# shellcheck disable=SC2086  # file names without spaces, meant to split
printf '%s\n' $checked | xargs -P "$4" -n 1 "$1" -p "$2" --quiet --warnings-as-errors='*' \
    --extra-arg=-Wno-unknown-warning-option >tidy.log 2>tidy.err
status=$?
cat tidy.log
grep -v 'warnings\? generated' tidy.err
echo "$checked" | wc -w | xargs printf '%s files checked, status %s\n' | sed "s/\$/$status/"
[ "$status" -eq 0 ]
