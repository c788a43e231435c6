#!/bin/sh
# man_pages.sh TOOL FOLDER: there is a page for every command, it names every option of the command's
# help, and `man` has nothing to complain of.
set -u
tool=$1 folder=$2 failed=0 options=0

if [ ! -d "$folder" ]; then
    echo "FAILED: no manual pages in $folder: they need help2man (sh toolchains/setup.sh)"
    exit 1
fi
has_man=yes
command -v man >/dev/null 2>&1 || has_man=

fail() {
    echo "FAILED: $*"
    failed=1
}

check() {
    page=$folder/$1.1
    [ -s "$page" ] || { fail "no page $page"; return; }
    text=$(sed 's/\\//g' "$page")
    # shellcheck disable=SC2086  # a command and its word
    for option in $($2 --help | grep -oE '^ +(-[a-z],)?--[a-z][a-z-]*' | grep -oE -- '--[a-z-]+'); do
        options=$((options + 1))
        case $text in *"$option"*) ;; *) fail "$1.1 does not name $option" ;; esac
    done
    for section in NAME SYNOPSIS "EXIT STATUS" ENVIRONMENT EXAMPLES; do
        grep -qi "^\\.SH \"*$section" "$page" || fail "$1.1 has no section $section"
    done
    sed -n '/^\.SH NAME/{n;p;}' "$page" | grep -q "^$1 " || fail "$1.1 is not named $1"
    [ -n "$has_man" ] || return
    man --warnings -E UTF-8 -l "$page" >/dev/null 2>warnings.txt || fail "man cannot read $1.1"
    [ -s warnings.txt ] && fail "$1.1: $(cat warnings.txt)"
}

check headroom "$tool"
commands=$("$tool" --help | awk '/^Subcommands:/ { on = 1; next } on && NF == 0 { exit }
                                  on && /^  [a-z]/ { print $1 }')
for command in $commands; do
    check "headroom-$command" "$tool $command"
done
[ -n "$has_man" ] || echo "SKIPPED in tool_man_pages: what man says of the pages; there is no man here"
[ "$options" -gt 10 ] || fail "only $options options were looked for"
[ "$failed" -eq 0 ] && echo "$options options of $(echo "$commands" | wc -w) commands are in their pages"
exit "$failed"
