#!/bin/sh
# plan_commands.sh TOOL CXX INCLUDE CC: `headroom plan` as a user calls it, and its header as a compiler
# reads it.
set -u
tool=$1 cxx=$2 include=$3 cc=$4
. "$(dirname "$0")/expect.sh"

# The header of `plan` agrees with the library, in C99 and in C++.
expect 0 "$tool" plan --help
expect 0 "$tool" plan --model-dim 96 --heads 6 --kv-heads 2 --max-queries 5 --window 40 --sinks 3 \
    --rotary-dim 8 --workers 2 --c-header plan.h --name one
says out "sinks and a window of 40"
cat >plan.cpp <<'END'
#include <headroom/headroom.hpp>
#include "plan.h"
constexpr headroom::Shape shape{.model_dim = 96, .heads = 6, .kv_heads = 2, .rotary_dim = 8,
                                .max_queries = 5, .window = 40, .sinks = 3};
using Layer = headroom::MultiHeadAttention<shape>;
static_assert(ONE_STATE_BYTES == Layer::state_bytes);
static_assert(ONE_SCRATCH_BYTES == Layer::scratch_bytes_for(2));
static_assert(ONE_WEIGHTS_BYTES == Layer::weights_bytes);
END
expect 0 "$cxx" -std=c++20 -Wall -Wextra -Werror -I"$include" -fsyntax-only plan.cpp
echo '#include "plan.h"
unsigned char state[ONE_STATE_BYTES];' >plan.c
expect 0 "$cc" -std=c99 -Wall -Wextra -pedantic -Werror -fsyntax-only plan.c
expect 0 "$tool" plan --model-dim 64 --heads 1,2,4,8,16 --max-keys 100
says out "For a token that sees 100 keys."
expect 0 "$tool" plan --model-dim 64 --heads 1,2 --max-keys 100 --json
expect 0 "$tool" plan --model-dim 64 --heads 1,2,4 --kv-heads 2 --max-keys 100
says err "left out: plan: --heads 1 is no multiple of --kv-heads 2"
says out "     4      2     16"
expect 2 "$tool" plan --model-dim 64 --heads 1,2 --kv-heads 2 --max-keys 100 --json
for wrong in "--heads 8 --max-keys 1099511627776" "--heads 8 --max-keys 9 --name x" "--heads 7 --max-keys 9" "--heads 8" "--heads 8 --max-keys 9 --window 9" \
    "--heads 8 --max-keys 9 --keys 10" "--heads 8 --max-keys 9 --sinks 2" "--heads 0 --max-keys 9" \
    "--heads 8,4 --max-keys 9 --c-header wrong.h"; do
    # shellcheck disable=SC2086
    expect 2 "$tool" plan --model-dim 64 $wrong
done
[ -e wrong.h ] && echo "FAILED: a header for two plans was written" && failed=1

[ "$failed" -eq 0 ] && echo "all plans as expected"
exit "$failed"
