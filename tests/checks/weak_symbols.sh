#!/bin/sh
# weak_symbols.sh CMAKE NM SOURCE COMPILER RELEASE_BUILD: ISA code must not leak. In the build types, no
# object of a port holds a weak symbol: the linker would be free to choose it for the whole program.
set -eu
cmake=$1 nm=$2 source=$3 compiler=$4 release=$5
failed=0
# RelWithDebInfo is -O2 as Release is, as far as what is inlined goes, and Release is the default.
for type in Release Debug MinSizeRel; do
    dir=$type
    if [ "$type" = Release ]; then
        dir=$release
    else
        { "$cmake" -S "$source" -B "$dir" -G Ninja -DCMAKE_BUILD_TYPE="$type" \
            -DCMAKE_CXX_COMPILER="$compiler" -DHEADROOM_BUILD_TESTS=OFF \
            -DHEADROOM_BUILD_TOOLS=OFF && "$cmake" --build "$dir" --target headroom; } \
            >"$dir.log" 2>&1 || { cat "$dir.log"; exit 1; }
    fi
    find "$dir/ports" -path '*headroom_port_*' -name '*.o' | sort >objects.txt
    echo "$type: $(wc -l <objects.txt) objects of ports"
    [ "$(wc -l <objects.txt)" -ge 2 ] || { echo "too few: nothing was checked"; failed=1; }
    while read -r object; do
        # W, V: weak functions and objects; u: unique ones.
        weak=$("$nm" --defined-only "$object" | awk '$2 ~ /^[WVu]$/ {print "    " $3}')
        [ -z "$weak" ] || { printf '  %s\n%s\n' "$object" "$weak" | c++filt; failed=1; }
    done <objects.txt
done
exit $failed
