#!/bin/sh
# commands.sh TOOL CXX INCLUDE CC: the tool as a user calls it, and what it writes as a compiler reads it.
set -u
tool=$1 cxx=$2 include=$3 cc=$4
. "$(dirname "$0")/expect.sh"

# A layer 2 wide with one head, f32: in_proj_weight [6][2], out_proj.weight [2][2], all zero.
header='{"a.in_proj_weight":{"dtype":"F32","shape":[6,2],"data_offsets":[0,48]},'
header=$header'"a.out_proj.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[48,64]}}'
{
    printf "\\$(printf %o ${#header})\0\0\0\0\0\0\0%s" "$header"
    head -c 64 /dev/zero
} >layer.safetensors

expect 0 "$tool" --help
expect 0 "$tool" info
says out "numerics"
says out "scalar"
says out "self-test passed"
expect 0 "$tool" info --json
says out '"numerics_version"'
says out '"self_test": "passed"'
expect 0 env HEADROOM_PORT=scalar "$tool" info
says out "scalar: named by the environment variable HEADROOM_PORT"
expect 2 env HEADROOM_PORT=vax "$tool" info
says err "HEADROOM_PORT=vax: no such port"
expect 2 "$tool"
says err "headroom: A subcommand is required (see headroom --help)"
expect 2 "$tool" -v
says err "headroom: -v: no such option (see headroom --help)"
expect 2 "$tool" bogus
says err "bogus: no such command; there are info, attend, layer, heads, pack, plan, bench, demo"
expect 2 sh -c "'$tool' info >/dev/full"
says err "the output could not be written"
expect 2 "$tool" info --bogus
says err "headroom: info: --bogus: no such option (see headroom info --help)"
expect 2 "$tool" info some word
says err "headroom: info: some: not expected (see headroom info --help)"
expect 2 "$tool" layer --head 8
says err "headroom: layer: --head: no such option (see headroom layer --help)"
expect 2 "$tool" plan
says err "headroom: plan: --model-dim is required (see headroom plan --help)"
[ "$(wc -l <err)" -eq 1 ] || { echo "FAILED: more than one line: $(cat err)"; failed=1; }

expect 0 "$tool" demo --help
expect 0 "$tool" demo "the 3rd of May 1979"
says out "the 3rd of May 1979  ->  1979-05-03"
says out 'the month 05   looked most at "May"'
expect 0 "$tool" demo --port scalar sat 7 feb 26
says out "port      scalar"
expect 0 "$tool" demo --all-ports "ninth mar. '87"
says out "all logits are identical, bit for bit"
expect 2 "$tool" demo ""
says err "the text is empty"
expect 2 "$tool" demo "  "
says err "the text is empty"
expect 0 "$tool" demo "31 Feb 2023"
says out "2023-02-31  (there is no such day)"
expect 2 "$tool" demo "a text that is longer than the 48 bytes it may be"
says err "49 bytes; the model reads at most 48"
expect 2 "$tool" demo --port vax "7 May 1999"
says err "--port vax: no such port"
expect 2 "$tool" demo --all-ports --port scalar

expect 0 "$tool" pack --help
expect 0 "$tool" pack --weights layer.safetensors --prefix a --heads 1 --out layer.hrw
says out "{.model_dim = 2, .heads = 1}"
size=$(wc -c <layer.hrw)
expect 0 "$tool" pack --weights layer.safetensors --prefix a --heads 1 --c layer.h --name my_layer
says out "C:   hr_layer_open(&layer, &shape, hr_best_port(), hr_const_bytes(my_layer, sizeof my_layer))"

# A link is written through, whether there is a file behind it or not; a file keeps who may read it;
# a name as long as a name may be will do.
long=$(printf '%0250d' 0)
pack="pack --weights layer.safetensors --prefix a --heads 1"
# shellcheck disable=SC2086
{
    ln -s later.hrw link.hrw
    expect 0 "$tool" $pack --out link.hrw
    { [ -h link.hrw ] && cmp -s later.hrw layer.hrw; } || { echo "FAILED: a link was replaced"; failed=1; }
    chmod 600 later.hrw
    expect 0 "$tool" $pack --out link.hrw
    case $(ls -l later.hrw) in -rw-------*) ;; *) echo "FAILED: the mode has changed"; failed=1 ;; esac
    expect 0 "$tool" $pack --out "$long"
    expect 2 sh -c "'$tool' $pack --out /dev/stdout | cat; '$tool' $pack --out /dev/null"
    says err "/dev/null: is not a regular file"
    ln -s round.hrw round.hrw
    expect 2 "$tool" $pack --out round.hrw
    says err "round.hrw: cannot be written: "
}
rm -f link.hrw later.hrw round.hrw "$long"

# Nothing is written, and what was there stays, if anything is wrong.
for wrong in "--weights layer.safetensors --prefix b --heads 1" "--weights missing --heads 1" \
    "--weights layer.safetensors --prefix a --heads 3" "--weights layer.safetensors --prefix a --heads 0"; do
    # shellcheck disable=SC2086
    expect 2 "$tool" pack $wrong --out wrong.hrw
    [ -e wrong.hrw ] && echo "FAILED: $wrong wrote a file" && failed=1
done
expect 2 "$tool" pack --weights layer.safetensors --prefix a --heads 1 --out missing/layer.hrw
says err "missing/layer.hrw: cannot be written"
expect 2 "$tool" pack --weights layer.safetensors --prefix a --heads 1
expect 2 "$tool" pack --weights layer.safetensors --prefix a --heads 1 --out x --c y
expect 2 "$tool" pack --weights layer.safetensors --prefix a --heads 1 --c x.h --name 'a b'
expect 2 "$tool" pack --weights layer.safetensors --prefix a --heads 1 --out .
expect 2 "$tool" pack --weights layer.safetensors --prefix a --heads 1 --out ""
says err "--out: no value given"
cp layer.safetensors kept
ln -s layer.safetensors link
for same in layer.safetensors ./layer.safetensors link; do
    expect 2 "$tool" pack --weights layer.safetensors --prefix a --heads 1 --out "$same"
    says err "$same: is the --weights file, which --out would overwrite"
    cmp -s layer.safetensors kept || { echo "FAILED: the weights were overwritten"; failed=1; }
done
rest=$(find . -name '*.tmp')
[ -n "$rest" ] && echo "FAILED: left behind: $rest" && failed=1

# Ended during long work: no file is left, and whoever waits learns of the signal.
large='{"a.in_proj_weight":{"dtype":"F32","shape":[3072,1024],"data_offsets":[0,12582912]},'
large=$large'"a.out_proj.weight":{"dtype":"F32","shape":[1024,1024],"data_offsets":[12582912,16777216]}}'
{
    printf "\\$(printf %o ${#large})\0\0\0\0\0\0\0%s" "$large"
    head -c 16777216 /dev/zero
} >large
# On a busy machine it may be over before the signal comes: then once more.
for attempt in 1 2 3 4 5 6 7 8; do
    rm -f large.h
    "$tool" pack --weights large --prefix a --heads 1 --c large.h >out 2>err &
    while [ -z "$(find . -name '*.tmp')" ] && kill -0 $! 2>/dev/null; do sleep 0.01; done
    kill -TERM $! 2>/dev/null
    wait $!
    code=$?
    [ "$code" -eq 0 ] || break
done
[ "$code" -eq 143 ] || { echo "FAILED: exit code $code, not 143, after a signal, attempt $attempt"; failed=1; }
rest=$(find . -name '*.tmp' -o -name large.h)
[ -z "$rest" ] || { echo "FAILED: a signal left $rest"; failed=1; }
rm large

# A layer of zeros makes zeros of three tokens.
npy="{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"
{
    printf '\223NUMPY\1\0\166\0%-117s\n' "$npy"
    head -c 24 /dev/zero
} >x.npy
layer="--weights layer.safetensors --prefix a --heads 1"
# shellcheck disable=SC2086
run_layer() {
    want=$1
    shift
    expect "$want" "$tool" layer $layer "$@"
}
expect 0 "$tool" layer --help
expect 0 "$tool" layer --weights layer.safetensors --list
says out '"a"     PyTorch     F32   2 wide, queries 2, keys and values 2; no biases'
expect 0 "$tool" pack --weights layer.safetensors --list
run_layer 0 --x x.npy --out y.npy
says out "y.npy: [3, 2], layer a of layer.safetensors on "
says out "read as PyTorch: headroom::Shape{.model_dim = 2, .heads = 1}"
tail -c 24 x.npy >zeros
tail -c 24 y.npy | cmp -s - zeros || { echo "FAILED: zeros make other things"; failed=1; }
run_layer 0 --x x.npy --out y.npy --port scalar --causal --chunk 1 --rotary half --scale 0.5
says out "rotary: half, 2 elements, base 10000 assumed (--rotary-base, config.json's rope_theta)"
says out "scale: 0.5"
grep -qF "every token sees" out && echo "FAILED: a causal layer sees everything" && failed=1
run_layer 0 --x x.npy --out y.npy
says out "every token sees every token"
run_layer 0 --x x.npy --out y.npy --window-left 1 --window-right 0 --sink-tokens 2
says out "window: 1 key before a query's own, 0 keys after it, and the first 2"
grep -qF "every token sees" out && echo "FAILED: a window sees everything" && failed=1
{
    printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }"
    printf '\1\1'
} >mask.npy
run_layer 0 --x x.npy --out y.npy --mask mask.npy
says out "mask: mask.npy"
says err "headroom: note: mask.npy has 2 keys, the other one is hidden"
grep -qF "every token sees" out && echo "FAILED: a mask sees everything" && failed=1
# A pipe can be named like a file, but not replaced.
"$tool" layer --weights layer.safetensors --prefix a --heads 1 --x x.npy --out /dev/stdout 2>err | cat >out
says err "headroom: /dev/stdout: is not a regular file, so it cannot be replaced"
# Nor a file that the shell holds open.
(echo before; "$tool" layer --weights layer.safetensors --prefix a --heads 1 --x x.npy --out /dev/stdout \
    2>err; echo after) >kept
says err "headroom: /dev/stdout: is a file that is open already, so it cannot be replaced"
printf 'before\nafter\n' | cmp - kept || { echo "FAILED: an open file was replaced"; failed=1; }
rm y.npy
for wrong in "--x x.npy" "--out y.npy" "--x x.npy --out y.npy --chunk 0" \
    "--x x.npy --out y.npy --scale 0" "--x x.npy --out y.npy --causal --no-causal" "--x x.npy --out y.npy --rotary-base 5" \
    "--x layer.safetensors --out y.npy" "--x x.npy --out y.npy --context missing.npy" \
    "--x x.npy --out missing/y.npy" "--x x.npy --out y.npy --port vax" \
    "--x x.npy --out y.npy --list" "--x x.npy --out y.npy --sink-tokens 2" \
    "--x x.npy --out y.npy --rotary half --rotary-scaling linear"; do
    # shellcheck disable=SC2086
    run_layer 2 $wrong
    [ -e y.npy ] && echo "FAILED: $wrong wrote a file" && failed=1
done
run_layer 2 --x x.npy --out y.npy --mask ""
says err "--mask: no value given"
run_layer 2 --x x.npy --out y.npy --valid-keys=
says err "--valid-keys=: no value given"
[ -e y.npy ] && echo "FAILED: a missing value wrote a file" && failed=1
run_layer 2 --x x.npy --out y.npy --rotary third
says err "third not in {half,interleaved}"
cp x.npy kept
run_layer 2 --x x.npy --out ./x.npy
says err "./x.npy: is the --x file, which --out would overwrite"
cmp -s x.npy kept || { echo "FAILED: the input was overwritten"; failed=1; }
# A NaN in the weights is no error, but it is said once.
{
    head -c $((8 + ${#header})) layer.safetensors
    printf '\0\0\300\177\0\0\300\177'
    head -c 56 /dev/zero
} >nan
expect 0 "$tool" layer --weights nan --prefix a --heads 1 --x x.npy --out y.npy
says err 'nan: tensor "a.in_proj_weight" holds a NaN or an infinity'
[ "$(wc -l <err)" -eq 1 ] || { echo "FAILED: more than one warning: $(cat err)"; failed=1; }
expect 0 "$tool" pack --weights nan --prefix a --heads 1 --out nan.hrw
says err 'nan: tensor "a.in_proj_weight" holds a NaN or an infinity'

# So is one in the tokens.
{
    head -c 128 x.npy
    printf '\0\0\300\177'
    head -c 20 /dev/zero
} >nan.npy
run_layer 0 --x nan.npy --out y.npy
says err 'headroom: warning: nan.npy: holds a NaN or an infinity'

# The C array: the same bytes, aligned, in C99, C11 and C++.
cat >main.c <<'END'
#include <stdint.h>
#include <stdio.h>
#include "layer.h"
int main(void) {
    if ((uintptr_t)my_layer % 64 != 0) return 1;
    return fwrite(my_layer, 1, sizeof my_layer, stdout) == sizeof my_layer ? 0 : 1;
}
END
compile() {
    expect 0 "$@" -Wall -Wextra -pedantic -Werror -I"$include" -o program
    ./program >array.bin || { echo "FAILED: $*: misaligned"; failed=1; }
    cmp -s array.bin layer.hrw || { echo "FAILED: $*: other bytes than --out"; failed=1; }
}
compile "$cc" -std=c99 main.c
compile "$cc" -std=c11 main.c
# The line that the header itself gives.
cat >open.cpp <<'END'
#include <headroom/headroom.hpp>
#include "layer.h"
static constexpr headroom::Shape shape{.model_dim = 2, .heads = 1, .max_keys = 4};
headroom::Result open(headroom::MultiHeadAttention<shape>& layer) {
END
grep -o 'layer\.open(.*' layer.h | sed 's/^/return /; s/$/;}/' >>open.cpp
expect 0 "$cxx" -std=c++20 -Wall -Wextra -Werror -I"$include" -fsyntax-only open.cpp
cp main.c main.cpp
compile "$cxx" -std=c++11 main.cpp

[ "$size" -gt 64 ] || failed=1
[ "$failed" -eq 0 ] && echo "all commands as expected"
exit "$failed"
