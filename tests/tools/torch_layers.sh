#!/bin/sh
# torch_layers.sh TOOL: `headroom layer` against PyTorch, with the first python3 that has it.
# Skipped (77) where none has, unless HEADROOM_REQUIRE_TORCH is set.
here=$(dirname "$0")
for python in python3 /usr/bin/python3; do
    if "$python" -c 'import numpy, torch' 2>/dev/null; then
        exec "$python" -B "$here/torch_layers/run.py" "$1"
    fi
done
echo "skipped: no python3 here has PyTorch (Debian: python3-torch; sh toolchains/setup.sh ci)"
[ -z "${HEADROOM_REQUIRE_TORCH:-}" ] || exit 1
exit 77
