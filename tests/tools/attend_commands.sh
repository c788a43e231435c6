#!/bin/sh
# attend_commands.sh TOOL: `headroom attend` as a user calls it, above all wrongly.
set -u
tool=$1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
unset HEADROOM_PORT
failed=0
fail() {
    echo "FAILED: $*"
    failed=1
}

# npy FILE TYPE SHAPE BYTES [ORDER]: BYTES as printf writes them.
npy() {
    header="{'descr': '$2', 'fortran_order': ${5:-False}, 'shape': $3, }"
    # shellcheck disable=SC2059
    { printf "\\223NUMPY\\1\\0\\$(printf %o ${#header})\\0%s" "$header" && printf "$4"; } >"$1"
}
# attend OPTION...: on q.npy, k.npy and v.npy unless others are named; its output goes to out, its
# errors to err.
attend() {
    for name in q k v; do
        case " $* " in *" --$name "*) ;; *) set -- "--$name" "$name.npy" "$@" ;; esac
    done
    "$tool" attend "$@" >out 2>err
}
works() {
    attend "$@" || { fail "exit code $?: attend $*"; cat err; }
    [ -s err ] && fail "attend $* printed $(cat err)"
}
# refused TEXT OPTION...: exit code 2, one line on stderr that holds TEXT, and no file more.
refused() {
    text=$1
    shift
    before=$(ls)
    attend "$@"
    code=$?
    [ "$code" -eq 2 ] || fail "exit code $code: attend $*"
    [ "$(wc -l <err)" -eq 1 ] || fail "not one line of errors: $(cat err)"
    [ -s out ] && fail "attend $* printed $(cat out)"
    grep -qF -- "$text" err || fail "nothing of \"$text\" in: $(cat err)"
    [ "$(ls)" = "$before" ] || fail "attend $* left $(ls)"
}
# hears TEXT OPTION...: works, and says TEXT in its only line on stderr.
hears() {
    text=$1
    shift
    attend "$@" || fail "exit code $?: attend $*: $(cat err)"
    [ "$(wc -l <err)" -eq 1 ] || fail "not one line: attend $*: $(cat err)"
    grep -qF -- "$text" err || fail "nothing of \"$text\" in: $(cat err)"
}
# holds FILE BYTES: the file ends so.
holds() {
    # shellcheck disable=SC2059
    printf "$2" >want
    tail -c "$(wc -c <want)" "$1" | cmp -s - want || fail "$1 holds other numbers, not $2"
}

# One query, two keys that are alike, values 1 and 3: the result is 2.
one='\0\0\200\77' two='\0\0\0\100' three='\0\0\100\100' zero='\0\0\0\0' half='\0\0\0\77'
npy q.npy '<f4' '(1, 1, 1, 1)' "$one"
npy k.npy '<f4' '(1, 1, 2, 1)' "$one$one"
npy v.npy '<f4' '(1, 1, 2, 1)' "$one$three"
touch out err want

"$tool" attend --help | grep -qF 'headroom attend --q Q.npy' || fail "no example in the help"
works --out y.npy
holds y.npy "$two"
grep -qF 'y.npy: float32 [1, 1, 1, 1], computed on port' out || fail "$(cat out)"
works --out y.npy --causal --port scalar
cp y.npy causal.npy
holds y.npy "$one"
grep -qF 'port scalar' out || fail "$(cat out)"
works --out y.npy --causal --window-right 0
cmp -s y.npy causal.npy || fail "a window of what causal says already changes a bit"
works --out y.npy --causal --causal-offset 1
holds y.npy "$two"
works --out y.npy --causal --causal-offset -1
holds y.npy "$zero"
works --out y.npy --window-left 0 --window-right 1 --causal-offset 0
holds y.npy "$two"
works --out y.npy --window-left 0 --window-right 0 --causal-offset 1
holds y.npy "$three"
works --out y.npy --weights-out w.npy
holds w.npy "$half$half"
works --out y.npy --weights-out w.npy --weights-stage raw --scale 2
holds w.npy "$two$two"
works --out y.npy --weights-out w.npy --weights-stage bias --scale 0 --causal
holds w.npy "$zero"'\0\0\200\377'
npy mask.npy '|b1' '(2,)' '\0\1'
works --out y.npy --mask mask.npy
holds y.npy "$three"
npy length.npy '<i8' '(1,)' '\1\0\0\0\0\0\0\0'
works --out y.npy --valid-keys length.npy
holds y.npy "$one"
npy nan.npy '<f4' '(1, 1, 2, 1)' '\0\0\300\177\0\0\200\177'
hears 'headroom: warning: nan.npy: holds a NaN or an infinity' --out y.npy --k nan.npy \
    --causal --causal-offset -1
holds y.npy "$zero"
hears 'headroom: warning: nan.npy: holds a NaN or an infinity' --out y.npy --v nan.npy --k nan.npy
# Three queries before one valid key: ONNX puts the last one on it.
npy qs.npy '<f4' '(1, 1, 3, 1)' "$one$one$one"
hears 'headroom: note: length.npy: 1 valid key and 3 queries put the first query of batch 0 at' \
    --q qs.npy --valid-keys length.npy --causal --out y.npy
holds y.npy "$zero$zero$one"
works --q qs.npy --valid-keys length.npy --causal --causal-offset 0 --out y.npy
holds y.npy "$one$one$one"
works --q qs.npy --valid-keys length.npy --out y.npy
# A cache file that grows.
cp k.npy pk.npy && cp v.npy pv.npy
works --out y.npy --past-key pk.npy --past-value pv.npy --present-key pk.npy --present-value pv.npy
holds pv.npy "$one$three$one$three"
grep -qF 'pv.npy: float32 [1, 1, 4, 1]' out || fail "$(cat out)"
# float16 in, float16 out; three heads in the last dimension.
npy h.npy '<f2' '(1, 1, 3)' '\0\74\0\100\0\102'
attend --q h.npy --k h.npy --v h.npy --heads 3 --out y.npy || fail "float16: $(cat err)"
holds y.npy '\0\74\0\100\0\102'
grep -qFx '  read as 1 sequence, 1 token, 3 heads of 1' out || fail "$(cat out)"
rm ./*y.npy w.npy

refused 'none.npy: does not exist' --q none.npy --out y.npy
refused '.: is a folder' --q . --out y.npy
refused 'no value given' --mask '' --out y.npy
refused 'no value given' --out ''
refused '--out' --weights-out w.npy
printf 'text' >text.npy
refused 'text.npy: is not a .npy file' --k text.npy --out y.npy
npy wrong.npy '<f4' '(1, 1, 2, 1)' "$one$one" True
refused 'wrong.npy: is in Fortran order' --k wrong.npy --out y.npy
npy wrong.npy '>f4' '(1, 1, 2, 1)' "$one$one"
refused "wrong.npy: has the type '>f4', which is big-endian" --k wrong.npy --out y.npy
npy wrong.npy '<i4' '(1, 1, 2, 1)' "$one$one"
refused 'wrong.npy: holds int32 [1, 1, 2, 1]; --k takes float32, float16 or float64' \
    --k wrong.npy --out y.npy
refused 'wrong.npy: holds int32 [1, 1, 2, 1]; --mask takes bool' --mask wrong.npy --out y.npy
npy wrong.npy '<f4' '(1, 1, 3, 1)' "$one$one"
refused 'wrong.npy: has 8 bytes of data; float32 [1, 1, 3, 1] takes 12' --k wrong.npy --out y.npy
npy wrong.npy '<f4' '(1, 1, 2, 2)' "$one$one$one$one"
refused '--q q.npy has shape [1, 1, 1, 1], --k wrong.npy has shape [1, 1, 2, 2]: a query' \
    --k wrong.npy --out y.npy
npy wrong.npy '|b1' '(3,)' '\1\1\1'
refused '--mask wrong.npy has shape [3], which does not broadcast to [1, 1, 1, 2]' \
    --mask wrong.npy --out y.npy
npy wrong.npy '<f8' '(1, 1, 1, 1)' '\0\0\0\0\0\0\0\0'
refused 'wrong.npy: holds float64 [1, 1, 1, 1], which k.npy: holds float32' \
    --past-key wrong.npy --past-value wrong.npy --out y.npy
npy wrong.npy '<i8' '(1,)' '\3\0\0\0\0\0\0\0'
refused '--valid-keys wrong.npy: a length of 3 where there are 2 keys' \
    --valid-keys wrong.npy --out y.npy
refused 'k.npy: holds float32 [1, 1, 2, 1]; it must be int64, int32 or uint8' \
    --valid-keys k.npy --out y.npy
npy hidden.npy '|b1' '(2,)' '\0\0'
refused 'hidden.npy: hides every key of every query' --mask hidden.npy --out y.npy
works --mask hidden.npy --mask-may-hide-all --out y.npy
holds y.npy "$zero"
# Together with what --causal hides: the query's own key is all that it would see.
npy inverted.npy '|b1' '(1, 2)' '\0\1'
refused 'inverted.npy: hides every key of every query' --mask inverted.npy --causal --out x.npy
works --mask inverted.npy --out y.npy
npy some.npy '|b1' '(2, 2)' '\0\0\0\1'
hears 'headroom: warning: some.npy: 1 of 2 queries sees no key, so its attention is 0; in a bool' \
    --q k.npy --mask some.npy --out y.npy
npy self.npy '|b1' '(2, 2)' '\0\1\1\0'
hears 'headroom: warning: self.npy: hides every token from itself' \
    --q k.npy --mask self.npy --out y.npy
npy short.npy '|b1' '(1,)' '\1'
hears 'headroom: note: short.npy has 1 key, the other one is hidden' --mask short.npy --out y.npy
npy ones.npy '<f4' '(2,)' "$one$zero"
hears 'ones.npy: holds only 0 and 1, which are added to the scores' --mask ones.npy --out y.npy
rm y.npy

for number in '--scale inf' '--scale nan' '--scale x' '--softcap inf' '--softcap 1e-45' \
    '--softcap nan' '--softcap -2' '--causal-offset 1' '--causal-offset 1 --window-left -1' \
    '--window-left -2' '--heads 0' '--causal-offset 2305843009213693952' '--port vax' \
    '--weights-stage all' '--weights-stage raw' '--past-key k.npy'; do
    # shellcheck disable=SC2086
    refused "${number%% *}" $number --out y.npy
done
refused '--softcap nan: must be a finite number above 0, or 0 for none' --softcap nan --out y.npy
refused '--causal-offset: has no effect without --causal' --causal-offset 0 --out y.npy
refused 'headroom: attend: --head: no such option (see headroom attend --help)' --out y.npy --head 8
refused 'missing/y.npy: cannot be written' --out missing/y.npy
refused 'y.npy: is both --out and --weights-out' --out y.npy --weights-out ./y.npy
# Also through a link to a file that is not there yet.
mkdir below
ln -s ../later.npy below/link
refused 'later.npy: is both --out and --weights-out' --out below/link --weights-out later.npy
refused 'below/link: is both --out and --weights-out' --out later.npy --weights-out below/link
refused 'q.npy: is the --q file, which --out would overwrite' --out q.npy
refused '.: is not a regular file' --out y.npy --weights-out .
# What is there stays if a later output cannot be written.
echo before >y.npy
refused 'missing/w.npy: cannot be written' --out y.npy --weights-out missing/w.npy
[ "$(cat y.npy)" = before ] || fail "y.npy was replaced"
rm y.npy
"$tool" attend --q q.npy --k k.npy --v v.npy --out y.npy >/dev/full 2>err
[ $? -eq 2 ] || fail "a full disk under stdout"
rm y.npy

# A disk that fills up meanwhile: here, a file that may not grow beyond 512 bytes.
head -c 2048 /dev/zero >zeros
npy long.npy '<f4' '(1, 1, 512, 1)' ''
cat zeros >>long.npy
before=$(ls)
(
    trap '' XFSZ
    ulimit -f 1
    attend --q long.npy --out y.npy
)
[ $? -eq 2 ] || fail "a file that must not grow"
grep -qF 'y.npy: cannot be written: File too large' err || fail "$(cat err)"
[ "$(ls)" = "$before" ] || fail "a file that must not grow left $(ls)"

# Shapes that no memory holds, although the files that claim them hold nothing.
npy none_q.npy '<f4' '(0, 1, 1099511627776, 1)' ''
npy none_k.npy '<f4' '(0, 1, 5, 1)' ''
npy none_v.npy '<f4' '(0, 1, 5, 1099511627776)' ''
"$tool" attend --q none_q.npy --k none_k.npy --v none_v.npy --out y.npy >out 2>err
[ $? -eq 2 ] || fail "an output of 2^80 elements for each of no sequence"
grep -q 'tensors of these shapes' err || fail "$(cat err)"
[ -e y.npy ] && fail "an output that cannot be was written"

# Ended during long work: no file is left, and whoever waits learns of the signal.
head -c 8388608 /dev/zero >zeros
npy long.npy '<f4' '(1, 1, 32768, 64)' ''
cat zeros >>long.npy
"$tool" attend --q long.npy --k long.npy --v long.npy --port scalar --out y.npy >out 2>err &
for second in 1 2 3 4 5 6 7 8 9 10; do
    [ -n "$(find . -name '*.tmp')" ] && break
    sleep 1
done
[ -n "$(find . -name '*.tmp')" ] || fail "no temporary file in $second s: $(ls)"
kill -TERM $!
wait $!
[ $? -eq 143 ] || fail "a signal did not end it"
[ -z "$(find . -name '*.tmp')" ] || fail "a signal left $(ls)"

[ "$failed" -eq 0 ] && echo "attend_commands: all as expected"
exit "$failed"
