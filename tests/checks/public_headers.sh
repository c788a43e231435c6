#!/bin/sh
# public_headers.sh COMPILER INCLUDE_DIR: each public header compiles alone, twice in one file, without
# exceptions and RTTI, and without a warning.
set -u
count=0
failed=0
for header in $(cd "$2" && find headroom -name '*.hpp' -o -name '*.h' | sort); do
    count=$((count + 1))
    printf '#include <%s>\n#include <%s>\n' "$header" "$header" |
        "$1" -std=c++20 -fsyntax-only -ffreestanding -fno-exceptions -fno-rtti -pedantic -Wall -Wextra \
            -Wconversion -Wshadow -Werror -I "$2" -x c++ - || {
        echo "does not compile alone: $header"
        failed=$((failed + 1))
    }
done
echo "$count public headers, $failed failed"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
