#!/bin/sh
# expect.sh CODE TEXT COMMAND...: the command must end with this code, and print this.
set -u
code=$1 text=$2
shift 2
output=$("$@" 2>&1)
status=$?
printf '%s\n' "$output"
[ "$status" -eq "$code" ] || { echo "expect: code $status instead of $code"; exit 1; }
case $output in
*"$text"*) ;;
*)
    echo "expect: not printed: $text"
    exit 1
    ;;
esac
