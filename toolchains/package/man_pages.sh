#!/bin/sh
# man_pages.sh TOOL VERSION FOLDER [HELP2MAN]: makes headroom.1 and a page for each of its commands
# from the tool's own help, so that they cannot say anything else than it.
set -eu
tool=$1 version=$2 folder=$3 help2man=${4:-help2man}
more=$(dirname "$0")/man_page.h2m
rm -rf "$folder"
mkdir -p "$folder"

# Examples are lines, not a paragraph, and a line goes on after a backslash.
examples() {
    awk '/^\.SH EXAMPLES/ { inside = 1; print; print ".nf"; next }
         inside && /^\.(PP|SH)/ { inside = 0; print ".fi" }
         inside && /^\.IP/ { next }
         { print (inside && /^\\-\\-/ ? "    " : "") $0 }
         END { if (inside) print ".fi" }'
}

# page NAME COMMAND: the commands' pages are called headroom-COMMAND, as git's are.
page() {
    summary=$($2 --help | sed -n '1s/^headroom: //;1s/\.$//p')
    "$help2man" --no-info --name="$summary" --version-string="$version" --include="$more" \
        --output="$folder/$1.raw" "$2"
    title=$(echo "$1" | tr '[:lower:]' '[:upper:]')
    sed -e "s/^\\.TH [A-Z]* /.TH $title /" -e "/^\\.SH NAME/{n;s/^[^\\\\]*/$1 /;}" \
        "$folder/$1.raw" | examples >"$folder/$1.1"
    rm "$folder/$1.raw"
}

page headroom "$tool"
for command in $("$tool" --help | awk '/^Subcommands:/ { on = 1; next } on && NF == 0 { exit }
                                       on && /^  [a-z]/ { print $1 }'); do
    page "headroom-$command" "$tool $command"
done
