#!/bin/sh
# port_template.sh CMAKE SOURCE COMPILER: what ports/README.md promises a newcomer. A copy of the
# template, under another name, is a port whose bits are right, and nothing outside its folder has changed.
set -eu
cmake=$1 source=$2 compiler=$3
name=copied
rm -rf tree
mkdir tree
for part in CMakeLists.txt include src ports tests toolchains; do cp -R "$source/$part" tree/; done
cp -R tree/ports/isa/template "tree/ports/isa/$name"
sed -i "s/NAME template/NAME $name/" "tree/ports/isa/$name/port.cmake"
sed -i "s/{\"template\"/{\"$name\"/" "tree/ports/isa/$name/detect.cpp"

"$cmake" -S tree -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER="$compiler" \
    "-DHEADROOM_PORTS=scalar;$name" -DHEADROOM_WERROR=ON -DHEADROOM_BUILD_TOOLS=OFF
"$cmake" --build build --target headroom_bits
sh tree/tests/bits/same_list.sh tree/tests/bits/golden.txt build/tests/bits/headroom_bits --port "$name"
