#!/usr/bin/env bash
# completion_test.bash TOOL COMPLETION: what bash offers for words that a user has begun.
set -u
PATH=$(dirname "$1"):$PATH
. "$2"
failed=0

# expect "WORDS SO FAR" "WHAT IS OFFERED"...: the last word is the one being typed.
expect() {
    read -ra COMP_WORDS <<<"$1"
    [[ $1 == *' ' ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    COMPREPLY=()
    _headroom
    shift
    local want="$*" got="${COMPREPLY[*]-}"
    [ "$got" = "$want" ] && return
    echo "FAILED: ${COMP_WORDS[*]}: offered '$got', not '$want'"
    failed=1
}

offers() {
    COMP_WORDS=($1) COMP_CWORD=$(($(wc -w <<<"$1") - 1))
    _headroom
    [[ " ${COMPREPLY[*]-} " == *" $2 "* ]] && return
    echo "FAILED: $1: '$2' is not offered, but ${COMPREPLY[*]-nothing}"
    failed=1
}

commands=$(headroom --help | awk '/^Subcommands:/ { on = 1; next } on && NF == 0 { exit } on { print $1 }')
[ "$(wc -w <<<"$commands")" -ge 3 ] || { echo "FAILED: no commands"; failed=1; }
expect "headroom " $commands
expect "headroom inf" info
expect "headroom plan --c-h" --c-header
expect "headroom plan --max-" --max-queries --max-keys
expect "headroom --ver" --version
expect "headroom nonsense --x"
expect "headroom pack --weights "  # files
offers "headroom pack --" --prefix
# Every command that can be told the port offers the ports that `info` lists.
for command in $commands; do
    headroom "$command" --help | grep -q -- '--port' || continue
    offers "headroom $command --port sca" scalar
    asked=1
done
[ -n "${asked-}" ] || { echo "FAILED: no command takes a port"; failed=1; }

[ "$failed" -eq 0 ] && echo "all completions as expected"
exit "$failed"
