#!/bin/sh
# kernel_sections.sh OBJDUMP ARCHIVE: a linker script can place the kernels. The code of every port's
# object lies in sections .text.headroom.*, and no other code does.
set -eu
"$1" -h "$2" | awk '
    / file format / { member = $1; sub(/:$/, "", member) }
    $2 ~ /^\.text/ && $3 !~ /^0+$/ {
        kernels = $2 ~ /^\.text\.headroom\./; port = member ~ /^port\./
        if (kernels && port) placed++
        if (kernels != port) { print member ": " $2; wrong++ }
    }
    END {
        print placed + 0 " sections of kernels, " wrong + 0 " elsewhere"
        exit placed < 20 || wrong > 0
    }'
