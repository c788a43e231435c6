#!/bin/sh
# heads_commands.sh TOOL WRITE_CASE: `headroom heads` as a user calls it.
set -u
tool=$1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
"$2" . || exit 1
prefix=$(cat prefix.txt)
failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}
# heads CODE OPTION...: runs the command; its output goes to out, its errors to err.
causal=--no-causal
heads() {
    want=$1
    shift
    "$tool" heads --weights layer.safetensors --prefix "$prefix" --heads 6 $causal --no-rotary \
        "$@" >out 2>err
    code=$?
    [ "$code" -eq "$want" ] || fail "exit code $code, not $want: $*: $(cat out err)"
    if [ "$want" -eq 2 ] && [ "$(grep -cv '^headroom: warning: ' err)" -ne 1 ]; then
        fail "not one line: $(cat err)"
    fi
}
says() {
    grep -qF -- "$2" "$1" || fail "nothing of \"$2\" in: $(cat "$1")"
}
verdict="Heads 2-4 are idle: 2 spreads its attention evenly, 3 rests on the first key, \
4 rests on key 5."

"$tool" heads --help >out 2>err || fail "--help"
says out "A head is called idle if"
heads 0 --x x.npy --ascii
[ "$(head -n 1 out)" = "$verdict" ] || fail "the first line: $(head -n 1 out)"
# Query 0 has no token before it and spreads evenly: 4 bits of one query in 16, 7.5 tokens away.
says out "   0   0.26 of 4.00           0.999:     1,   0       1.4  previous token, 100 % of its"
says out "head 0: previous token        head 1: itself"
says out "head 4: idle: key 5           head 5: 3 tokens ahead"
LC_ALL=C.UTF-8 heads 0 --x x.npy
says out "█"
LC_ALL=C heads 0 --x x.npy
grep -q "█" out && fail "block characters in a locale that has none"
causal=--causal
heads 0 --x x.npy --ascii
says out "|#---------------|"
says out "  causal"
causal=--no-causal

# What was taken for granted is told, in text and with a page.
"$tool" heads --weights layer.safetensors --prefix "$prefix" --heads 6 --no-causal \
    --rotary half --x x.npy --html rotary.html >out 2>err || fail "--rotary half: $(cat err)"
says out "  rotary: half, 16 elements, base 10000 assumed (--rotary-base, config.json's rope_theta)"
says rotary.html '"settings":["rotary: half, 16 elements'

# A label cannot command the terminal; lines may end as on Windows.
awk 'BEGIN { for (i = 0; i < 16; ++i) printf "a\033[31m%d\r\n", i }' >labels.esc
heads 0 --x x.npy --ascii --labels labels.esc
says out "head 4: idle: key 5 “a [31m5”"
grep -q "$(printf '\033')" out && fail "a label's control character was printed"

heads 0 --x x.npy --html a.html
says out "a.html: $verdict"
[ "$(wc -l <out)" -eq 2 ] || fail "more than the verdict and its terms: $(cat out)"
says out "  read as Llama, Mistral, Qwen2: headroom::Shape{.model_dim = 16, .heads = 6, "
heads 0 --x x.npy --html b.html --text --port scalar
says out "head 4: idle: key 5"
grep -o '"map":"[^"]*"' a.html >a.maps
grep -o '"map":"[^"]*"' b.html | cmp -s - a.maps || fail "another port makes another map"

# One sequence of a batch, of which the second holds a NaN.
heads 0 --x batch.npy --html batch.html
says out "  sequence 0 of 2 (--sequence shows another)"
says batch.html '"settings":["sequence 0 of 2 '
heads 0 --x batch.npy --sequence 1 --ascii
says out "All 6 heads are not a number: the input or the weights hold a NaN, or overflow."
grep -q nan out && fail "NaN among the numbers: $(cat out)"
heads 2 --x batch.npy --sequence 2
says err "--sequence 2: batch.npy has 2 sequences, 0 to 1"

# Nothing is written, and what was there stays, if anything is wrong.
printf 'one\ntwo\n' >two.txt
for wrong in "" "--x missing.npy" "--x layer.safetensors" "--x x.npy --sequence 1" \
    "--x x.npy --labels two.txt" "--x x.npy --labels missing.txt" "--x x.npy --port vax" \
    "--x x.npy --context-labels labels.txt" "--x x.npy --context x.npy --context-labels two.txt" \
    "--x x.npy --sequence -1"; do
    # shellcheck disable=SC2086
    heads 2 $wrong --html wrong.html
    [ -e wrong.html ] && fail "$wrong wrote a file"
done
heads 2 --x x.npy --labels two.txt
says err "two.txt: has 2 lines; --labels takes one for each of 16 tokens"
# Before a file is begun.
heads 2 --x x.npy --labels two.txt --html missing/a.html
says err "two.txt: has 2 lines; --labels takes one for each of 16 tokens"
heads 2 --x x.npy --sequence 1
says err "--sequence 1: x.npy has one sequence, 0"
cp x.npy kept
ln -s x.npy link
for same in x.npy ./x.npy link; do
    heads 2 --x x.npy --html "$same"
    says err "$same: is the --x file, which --html would overwrite"
done
heads 2 --x x.npy --labels labels.txt --html labels.txt
says err "labels.txt: is the --labels file, which --html would overwrite"
cmp -s x.npy kept || fail "the input was overwritten"
printf '\223NUMPY\1\0\166\0%-117s\n' \
    "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 16), }" >none.npy
heads 2 --x none.npy --html none.html
says err "headroom: none.npy: holds no token; 0 queries and 0 keys make no map"
heads 2 --x x.npy --context none.npy
says err "headroom: none.npy: holds no token; 16 queries and 0 keys make no map"
heads 2 --x x.npy --html missing/a.html
says err "missing/a.html: cannot be written"
rest=$(find . -name '*.tmp')
[ -n "$rest" ] && fail "left behind: $rest"

[ "$failed" -eq 0 ] && echo "all commands as expected"
exit "$failed"
