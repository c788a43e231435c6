#!/bin/sh
# archive_symbols.sh NM OBJDUMP ARCHIVE: the release archive needs nothing beyond memory moves and the
# compiler's own run-time, and runs nothing before main.
set -eu
nm=$1 objdump=$2 archive=$3
allowed='^(memcpy|memset|memmove|__cpu_model|__cpu_indicator_init|_GLOBAL_OFFSET_TABLE_|__aeabi_.*)$'

# Lines of nm -P: name, type, value, size. What one object needs another may define.
"$nm" -P "$archive" | awk 'NF >= 2 && $2 ~ /^[A-Za-z]$/ {
        if ($2 == "U" || $2 == "w" || $2 == "v") needed[$1]; else if ($2 ~ /[A-Z]/) defined[$1] }
    END { for (s in needed) if (!(s in defined)) print s }' | sort >undefined.txt
echo "$archive: undefined symbols: $(tr '\n' ' ' <undefined.txt)"

failed=0
if grep -Ev "$allowed" undefined.txt >forbidden.txt; then
    echo "not allowed:"
    while read -r symbol; do
        echo "  $symbol, needed by $("$nm" -A "$archive" | awk -v s="$symbol" '$NF == s' | cut -d: -f2 | sort -u | tr '\n' ' ')"
    done <forbidden.txt
    failed=1
fi
# The archive must be the library, not an empty one.
"$nm" "$archive" | grep -q ' T _ZN8headroom9best_portEv' || { echo "no best_port(): the wrong archive"; failed=1; }

sections=$("$objdump" -h "$archive" | awk '$2 ~ /^\.(init_array|ctors|preinit_array|init|fini_array|dtors)/ {print $2}' | sort | uniq -c)
echo "sections that run before or after main: ${sections:-none}"
[ -z "$sections" ] || failed=1

# Global state: nothing writable but what the loader fills (.data.rel.ro).
state=$("$objdump" -h "$archive" | awk '$2 ~ /^\.(data|bss|tdata|tbss)/ && $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ {print $2}' | sort | uniq -c)
echo "writable data: ${state:-none}"
[ -z "$state" ] || failed=1
exit $failed
