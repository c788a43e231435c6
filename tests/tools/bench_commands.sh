#!/bin/sh
# bench_commands.sh TOOL: `headroom bench` as a user calls it, with a made benchmark program: what it
# does with what is measured, and with programs that fail.
set -u
tool=$1
. "$(dirname "$0")/expect.sh"
unset HEADROOM_BENCH

# refuses TEXT OPTION...: exit code 2, one line that holds the text, and no file.
refuses() {
    text=$1
    shift
    expect 2 "$tool" bench "$@"
    says err "$text"
    [ "$(wc -l <err)" -eq 1 ] || { echo "FAILED: not one line: $*: $(cat err)"; failed=1; }
    [ -e no.json ] || [ -e no.html ] && { echo "FAILED: $* wrote a file"; failed=1; }
    rm -f no.json no.html
}

# A program that measures nothing: it notes how it was called, and tells of two shapes.
cat >program <<'END'
#!/bin/sh
echo "$@" >>called
[ "${FAIL-}" = start ] && { echo '{"event":"error","text":"no such peer"}'; exit 2; }
[ "${FAIL-}" = empty ] && exit 0
[ "${FAIL-}" = strange ] && { echo '{"event":"machine","compiler":7}'; exit 0; }
echo 'a library says hello'
echo '{"event":"machine","compiler":"GCC 12","core":1,"energy":false,"caches":{"L1":49152,"L2":2097152}}'
echo '{"event":"bandwidth","levels":{"L1":4e11,"L2":2e11,"memory":1e10}}'
ready=true
[ "${FAIL-}" = lonely ] && ready=false
case $* in *--peers=*)
    echo '{"event":"peer","name":"openblas","ready":'$ready',"words":"OpenBLAS 0.3, core Haswell"}'
    echo '{"event":"peer","name":"onednn","ready":false,"words":"not in this build"}' ;;
esac
for word in "$@"; do
    case $word in --shape=*) ;; *) continue ;; esac
    name=${word#--shape=}
    name=${name%%,*}
    printf '{"event":"begin","shape":"%s"}\n' "$name"
    [ "${FAIL-}" = signal ] && kill -SEGV $$
    [ "${FAIL-}" = middle ] && exit 3
    echo '{"event":"progress","share":0.5}'
    printf '{"event":"result","shape":"%s","median_us":80,"spread":0.012,"flops":8e6,"bytes":4e5,' "$name"
    echo '"peak":1.25e11,"bandwidth":2e11,"level":"L2","arena_bytes":34944,"peers":{"openblas":120},"energy_uj":null}'
done
[ "${FAIL-}" = flat ] && exit 0
featured=
for word in "$@"; do
    case $word in --features=*) ;; *) continue ;; esac
    name=${word#--features=}
    [ -z "$featured" ] && printf '{"event":"begin","shape":"features"}\n{"event":"features","shapes":['
    [ "${FAIL-}" = unnamed ] && name=unnamed
    printf '%s{"shape":"%s","peak":1e11,"calls":[' "$featured" "${name%%,*}"
    featured=,
    [ "${FAIL-}" = uncalled ] && { printf ']}'; continue; }
    printf '{"name":"plain","words":"no feature","us":100,"flops":8e6},'
    printf '{"name":"alibi","words":"ALiBi","us":125,"flops":8e6},'
    printf '{"name":"append","words":"appending","us":4,"flops":null}]}'
done
[ -n "$featured" ] && echo ']}'
for word in "$@"; do
    [ "$word" = --growth ] || continue
    echo '{"event":"begin","shape":"growth"}'
    printf '{"event":"growth","curves":{"tokens":[[16,1],[32,4],[64,16],[128,64],[256,256],[512,1024]]},'
    echo '"checks":[{"name":"causal","words":"a causal call","ratio":0.55,"expected":0.5}]}'
done
END
chmod +x program
HEADROOM_BENCH=./program
export HEADROOM_BENCH

expect 0 "$tool" bench --help
says out "layer_decode_2048"
expect 0 "$tool" bench --shape attend_98,decode_512 --port scalar --seconds 0.25 --peers openblas \
    --json a.json --html a.html
says called "--report --port=scalar --seconds=0.250000 --peers=openblas"
says called "--shape=attend_98,0,3,3,64,98,98,0 --shape=decode_512,0,32,8,64,1,512,0"
expect 0 "$tool" bench --shape attend_98 --port scalar --peers openblas --peers onednn,openblas
says called "--peers=openblas,onednn "
expect 0 "$tool" bench --shape attend_98,decode_512 --port scalar --seconds 0.25 --peers openblas \
    --json a.json --html a.html
says out "  openblas     OpenBLAS 0.3, core Haswell"
says out "  onednn       skipped: not in this build"
says out "arena   fastest peer            ratio"
says a.json '"caches": "48.0 KB L1, 2.00 MB L2"'
says out "attend_98          scalar         80.0 us   1.2 %      100   80 %     2 % of L2  34.1 KB"
says out "openblas        120 us  1.50x"
grep -q energy out && echo "FAILED: energy where there is none" && failed=1
says a.json '"gflops": 100.0'
says a.json '"peak_share": 0.8'
says a.json '"ratio_to_fastest_peer": 1.5'
says a.html "2 of 2 shapes within 20 % of what the core can do. Faster than every other library on all 2"
grep -qE "https?:|(src|href)=|<script|url\(" a.html && echo "FAILED: the page is not alone" && failed=1

# All named shapes in their order; a shape of one's own; no peers.
rm called
expect 0 "$tool" bench --port scalar --peers none
[ "$(grep -o 'shape=[a-z0-9_]*' called | tr '\n' ' ')" = "shape=attend_98 shape=attend_197 \
shape=attend_1500 shape=causal_512 shape=decode_512 shape=decode_2048 shape=attend_16 shape=layer_98 \
shape=layer_197 shape=layer_1500 shape=layer_decode_512 shape=layer_decode_2048 " ] ||
    { echo "FAILED: not the shapes: $(cat called)"; failed=1; }
grep -q peers called && echo "FAILED: peers without peers" && failed=1
grep -q "fastest peer" out && echo "FAILED: a column of peers without peers" && failed=1
FAIL=lonely expect 0 "$tool" bench --port scalar --shape attend_16
grep -q "fastest peer" out && echo "FAILED: a column of peers where none is ready" && failed=1
says called "layer_1500,384,6,6,64,1500,1500,0"
says called "layer_decode_2048,1024,16,4,64,1,2048,0"
expect 0 "$tool" bench --port scalar --tokens 5 --heads 4 --kv-heads 2 --width 8 --keys 9 --causal
says called "--shape=attend_h4on2_t5_k9_w8_causal,0,4,2,8,5,9,1"
expect 0 "$tool" bench --port scalar --model-dim 32 --heads 2 --tokens 3 --shape attend_16
says called "--shape=attend_16,0,2,2,16,16,16,0 --shape=layer_m32_h2_t3_w16,32,2,2,16,3,3,0"
HEADROOM_PORT=scalar expect 0 "$tool" bench --shape attend_16
says out "attend_16          scalar "

# What features cost: of the shapes that are no layers, of one's own, or of all that have names.
rm called
expect 0 "$tool" bench --shape attend_16,layer_98,decode_512 --port scalar --features --json features.json \
    --html features.html
says called "--features=attend_16,0,2,2,16,16,16,0 --features=decode_512,0,32,8,64,1,512,0"
grep -q features=layer called && echo "FAILED: features of a layer: $(cat called)" && failed=1
says out "  plain               100 us             80.0 %           no feature"
says out "  alibi               125 us    1.25x    64.0 %   -16.0   ALiBi"
says out "  append             4.00 us   0.040x         -       -   appending"
says features.json '"features": {'
says features.html "What features cost"
expect 0 "$tool" bench --compare features.json features.json --html both.html
rm called
expect 0 "$tool" bench --shape none --tokens 5 --port scalar --features --growth
says called "--features=attend_h1_t5_w64,0,1,1,64,5,5,0 --growth"
grep -q -e --shape= called && echo "FAILED: shapes were measured: $(cat called)" && failed=1
refuses "--shape none: then a shape of your own is for --features only" --shape none --tokens 5 --growth
rm called
expect 0 "$tool" bench --shape none --port scalar --features --json lone.json --html lone.html
[ "$(grep -o 'features=[a-z0-9_]*' called | tr '\n' ' ')" = "features=attend_98 features=attend_197 \
features=attend_1500 features=causal_512 features=decode_512 features=decode_2048 features=attend_16 " ] ||
    { echo "FAILED: not the shapes: $(cat called)"; failed=1; }
grep -q "GFLOP/s" out && echo "FAILED: a table of no shapes" && failed=1
says lone.html "scalar: Of 2 features, alibi costs most: 1.25x the plain call on attend_98."
grep -qE "https?:|(src|href)=|<script|url\(" lone.html && echo "FAILED: not alone" && failed=1
refuses "--features: has no effect on layers" --shape layer_98 --features --json no.json
for how in flat unnamed uncalled; do
    FAIL=$how refuses "is not the benchmark program of this tool" --shape none --features --port scalar \
        --json no.json
done

# How the cost grows: beside the shapes, or alone.
expect 0 "$tool" bench --shape attend_16 --port scalar --growth --json grown.json --html grown.html
says out "size^2.00 from 128 on, within 0 %"
says out "0.55x (0.50x at best)  a causal call"
says grown.json '"growth": {'
says grown.html "1 of 1 shape within 20 %"
says grown.html "How the cost grows"
rm called
expect 0 "$tool" bench --shape none --port scalar --growth --json lone.json --html lone.html
grep -q shape= called && echo "FAILED: shapes were measured: $(cat called)" && failed=1
says lone.html "scalar: The time grows as size^2.00 over tokens that see all."
grep -qE "https?:|(src|href)=|<script|url\(" lone.html && echo "FAILED: not alone" && failed=1
refuses "--shape none: nothing is left but --features and --growth" --shape none --json no.json
FAIL=flat refuses "is not the benchmark program of this tool" --shape none --growth --port scalar
refuses "lone.json: has no shapes to compare" --compare a.json lone.json --html no.html

# Two runs side by side.
sed 's/"median_us": 80.0/"median_us": 40.0/' a.json >b.json
expect 0 "$tool" bench --compare a.json b.json --html both.html
says both.html "scalar: B takes 0.50x the time of A over 2 shapes. Faster on 2."
expect 0 "$tool" bench --compare a.json b.json a.json --html both.html
grep -qE "https?:|(src|href)=|<script|url\(" both.html && echo "FAILED: not alone" && failed=1
refuses "two or more" --compare a.json --html no.html
refuses "needs --html" --compare a.json b.json
refuses "missing.json: cannot be read" --compare a.json missing.json --html no.html
echo '{"machine": {}, "peak": {}, "bandwidth": {}, "results": [{"shape": "x"}]}' >wrong.json
refuses 'wrong.json: no result of headroom bench: results[0]: has no "port"' \
    --compare a.json wrong.json --html no.html
echo 'no JSON' >wrong.json
refuses "wrong.json: is no JSON" --compare wrong.json a.json --html no.html
cp a.json kept
refuses "a.json: is the --compare file, which --html would overwrite" --compare a.json b.json --html a.json
refuses "a.json: is the --compare file, which --html would overwrite" --compare a.json b.json --html ./a.json
cmp -s a.json kept || { echo "FAILED: an input was overwritten"; failed=1; }
refuses "bench: --json: has no effect on --compare" --compare a.json b.json --json no.json
refuses "bench: --shape: has no effect" --compare a.json b.json --html no.html --shape attend_16
refuses "bench: --causal: has no effect" --compare a.json b.json --html no.html --causal

# What is wrong is said before anything is measured.
rm called
refuses "--shape attend_9: no such shape; there are attend_98," --shape attend_9 --json no.json
refuses "--port vax: no such port" --port vax --html no.html
refuses "--seconds" --seconds 0
refuses "--seconds" --seconds nan
refuses "--tokens" --tokens 0
refuses "--kv-heads" --heads 4 --kv-heads 3
refuses "--keys 3: fewer than --tokens 5" --tokens 5 --keys 3
refuses "--width" --model-dim 64 --width 8
refuses "--model-dim 10 is no multiple of --heads 3" --model-dim 10 --heads 3
refuses "more than 4 GB" --heads 4096 --width 4096 --keys 4096
refuses "queries and weights" --model-dim 65536
refuses "--shape none: stands alone" --shape none,attend_16 --growth
refuses "--peers all: stands alone" --peers openblas --peers all
refuses "--peers none: stands alone" --peers openblas,none
refuses "causal" --causal=banana
refuses "causal" --causal=false
refuses "--tokens: Failed parsing 4k" --tokens 4k
refuses "missing" --powercap ./missing
refuses "no.json: is the --json file, too" --json no.json --html no.json
refuses "missing/a.json: cannot be written" --json missing/a.json
refuses "--hasty" --hasty
[ -e called ] && echo "FAILED: the program ran: $(cat called)" && failed=1

# Programs that fail.
FAIL=start refuses "bench: no such peer" --shape attend_16 --port scalar --json no.json
FAIL=signal refuses "ended with signal 11 at attend_16 on scalar" --shape attend_16 --port scalar --html no.html
FAIL=middle refuses "ended with code 3 at attend_16 on scalar" --shape attend_16 --port scalar
FAIL=strange refuses "says what this tool does not know: " --shape attend_16 --port scalar
FAIL=empty refuses "is not the benchmark program of this tool" --shape attend_16 --port scalar
HEADROOM_BENCH=./missing refuses "./missing: cannot be started" --shape attend_16

# A build without it says how to get one.
unset HEADROOM_BENCH
mkdir lone
cp "$tool" lone/headroom
tool=lone/headroom
refuses "this build has no benchmark program. \`cmake --workflow --preset bench\` makes a tool" --json no.json
expect 0 lone/headroom bench --compare a.json b.json --html both.html

rest=$(find . -name '*.tmp')
[ -n "$rest" ] && echo "FAILED: left behind: $rest" && failed=1
[ "$failed" -eq 0 ] && echo "all commands as expected"
exit "$failed"
