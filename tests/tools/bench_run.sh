#!/bin/sh
# bench_run.sh TOOL BENCH: the benchmark program itself, on one small shape and for an instant. Its
# numbers mean nothing; that there are some, and that wrong answers are not timed, does.
set -u
tool=$1 HEADROOM_BENCH=$2
export HEADROOM_BENCH
. "$(dirname "$0")/expect.sh"

small="--tokens 5 --heads 2 --width 16 --seconds 0.001"
# shellcheck disable=SC2086
expect 0 "$tool" bench $small --json a.json --html a.html
says out "attend_h2_t5_w16"
# Every peer is there or is skipped with a word.
for peer in openblas eigen eigen_fixed onednn libxsmm pytorch onnxruntime; do
    grep -qE "^  $peer  *[A-Za-z]" out || { echo "FAILED: nothing of $peer: $(cat out)"; failed=1; }
done
grep -q "left out" err && { echo "FAILED: $(cat err)"; failed=1; }
for member in '"shape": "attend_h2_t5_w16"' '"median_us": ' '"gflops": ' '"arena_bytes": ' '"peers": '; do
    says a.json "$member"
done
expect 0 "$tool" bench --compare a.json a.json --html both.html
says both.html "B takes 1.00x the time of A over 1 shape."

# A layer, a cache, fewer key heads, causality: every peer that there is gives the right answer.
for shape in "--model-dim 32 --heads 2 --tokens 3" "--model-dim 64 --heads 4 --kv-heads 2 --keys 33" \
    "--tokens 1 --keys 70 --heads 4 --kv-heads 2 --width 16" "--tokens 37 --heads 2 --width 64 --causal" \
    "--tokens 3 --keys 20 --heads 2 --width 16 --causal" "--model-dim 32 --heads 2 --tokens 19 --causal"; do
    # shellcheck disable=SC2086
    expect 0 "$tool" bench $shape --seconds 0.001 --port all
    grep -q "left out" err && { echo "FAILED: $shape: $(cat err)"; failed=1; }
done

expect 2 "$tool" bench --shape attend_16 --peers openblas,abacus
says err "--peers abacus: no such peer; there are openblas,"
expect 0 "$tool" bench --shape attend_16 --peers none --seconds 0.001 --port scalar --json none.json
says none.json '"fastest_peer": null'

# Features: every call gives what double precision gives, on plain tensors and on a cache, and is
# told. What is causal already is not made so, and a tenth of 9 keys is none.
for shape in "--tokens 37 --heads 4 --kv-heads 2 --width 16" "--tokens 40 --heads 2 --width 64 --causal" \
    "--tokens 1 --keys 70 --heads 4 --kv-heads 2 --width 16" "--tokens 3 --keys 20 --heads 2 --width 8" \
    "--tokens 9 --heads 1 --width 5"; do
    # shellcheck disable=SC2086
    expect 0 "$tool" bench --shape none $shape --features --seconds 0.001 --json features.json
    for call in plain mask window alibi bias softcap sinks statistics append; do
        says out "  $call "
        says features.json "\"name\": \"$call\""
    done
done
grep -q padding out && { echo "FAILED: padding of no key"; failed=1; }
expect 0 "$tool" bench --shape attend_16 --features --peers none --seconds 0.001 --port all,scalar
for call in padding causal cache; do says out "  $call "; done
says out "attend_16             median to plain  FMA peak  points"
expect 0 "$tool" bench --shape none --tokens 1 --keys 64 --features --seconds 0.001
grep -q "  causal " out && { echo "FAILED: one token made causal"; failed=1; }
says out "  tensors "

# Growth: every curve has its points, and a check that costs nothing is what it is.
expect 0 "$tool" bench --shape none --growth --seconds 0.001 --json growth.json --html growth.html
for curve in tokens causal window keys heads width; do says growth.json "\"$curve\": ["; done
says out "1.00x (1.00x at best)  scratch of 8192 tokens, beside that of 48"

# Energy, where the system counts it: here a counter that stands still, and one that nobody may read.
mkdir -p power/intel-rapl:0 power/intel-rapl:0:0
echo 1000 >power/intel-rapl:0/energy_uj
# shellcheck disable=SC2086
expect 0 "$tool" bench $small --peers none --powercap power --json energy.json
says energy.json '"energy_uj": 0.0'
says out "0.00 uJ"
expect 0 "$tool" bench --tokens 5 --peers none --seconds 0.001 --powercap nowhere --json energy.json
says energy.json '"energy_uj": null'

[ "$failed" -eq 0 ] && echo "all as expected"
exit "$failed"
