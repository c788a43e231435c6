#!/bin/sh
# idle_options.sh TOOL WRITE_CASE: an option that would change nothing is refused, since whoever gives it
# expects that it does.
set -u
tool=$1
. "$(dirname "$0")/expect.sh"
"$2" . || exit 1
prefix=$(cat prefix.txt)
count=0

# refused TEXT COMMAND OPTION...: exit code 2, one line on stderr that holds TEXT, and no output file.
refused() {
    text=$1
    shift
    count=$((count + 1))
    "$tool" "$@" >out 2>err
    code=$?
    if [ "$code" -ne 2 ] || [ "$(wc -l <err)" -ne 1 ] || ! grep -qF -- "$text" err || [ -s out ] ||
        [ -e y ]; then
        echo "FAILED: exit code $code, not 2 and \"$text\": $*: $(cat out err)"
        rm -f y
        failed=1
    fi
}

set -- --weights layer.safetensors --prefix "$prefix" --heads 6 --x x.npy
layer() {
    text=$1
    shift
    refused "$text" layer --weights layer.safetensors --prefix "$prefix" --heads 6 --x x.npy --out y "$@"
}
# The layer is rotated by its convention.
expect 0 "$tool" layer "$@" --rotary-base 500 --rotary-scaling yarn --rotary-factor 2 \
    --rotary-beta-fast 30 --rotary-beta-slow 2 --rotary-original-positions 64 \
    --rotary-attention-factor 1.5 --out y
rm -f y
for options in "--rotary-factor 2" "--rotary-scaling none --rotary-factor 2"; do
    # shellcheck disable=SC2086
    layer "--rotary-factor: has no effect without --rotary-scaling linear, ntk or yarn" $options
done
for option in --rotary-original-positions --rotary-beta-fast --rotary-beta-slow --rotary-attention-factor; do
    for scaling in none linear ntk; do
        factor="--rotary-factor 2"
        [ $scaling = none ] && factor=
        # shellcheck disable=SC2086
        layer "$option: has no effect without --rotary-scaling yarn" --rotary-scaling $scaling $factor $option 3
    done
    layer "$option: has no effect without --rotary-scaling yarn" $option 3
done
for option in "--rotary-dim 4" "--rotary-base 5" "--rotary-scaling none" "--rotary-factor 2" \
    "--rotary-original-positions 3" "--rotary-beta-fast 3" "--rotary-beta-slow 3" \
    "--rotary-attention-factor 3"; do
    # shellcheck disable=SC2086
    layer "${option% *}: has no effect, this layer is not rotated" --no-rotary $option
done
yarn="--rotary-scaling yarn"
layer "--rotary-scaling yarn: needs --rotary-factor" $yarn
layer "--rotary-scaling yarn: needs --rotary-original-positions" $yarn --rotary-factor 2
yarn="$yarn --rotary-factor 2 --rotary-original-positions 64"
layer "--rotary-attention-factor -1: must be above 0" $yarn --rotary-attention-factor -1
layer "--rotary-beta-fast 1: must be above --rotary-beta-slow, 1" $yarn --rotary-beta-fast 1
layer "--no-rotary excludes --rotary" --no-rotary --rotary half
layer "--relative-max-distance: has no effect, this layer has no relative bias" --relative-max-distance 64
layer "--window-right: has no effect where no token sees a later one" --window-right 1
expect 0 "$tool" layer "$@" --window-right 0 --out y  # says aloud what causal means
rm -f y
layer "--sink-tokens: has no effect without --window-left" --window-right 0 --sink-tokens 2
layer "--sink-tokens: has no effect without --window-left or --window-right" --no-causal \
    --sink-tokens 2
layer "--mask-may-hide-all requires --mask" --mask-may-hide-all
layer "--context-values requires --context" --context-values x.npy

list="--weights layer.safetensors --list"
for option in "--x x.npy" "--mask x.npy" "--causal" "--rotary half" "--scale 1" "--port scalar" \
    "--kv-heads 6" "--value-dim 2" "--chunk 2"; do
    # shellcheck disable=SC2086
    refused "${option%% *}: has no effect with --list" layer $list $option
done
for option in "--name x" "--kv-heads 6" "--value-dim 2"; do
    # shellcheck disable=SC2086
    refused "${option%% *}: has no effect with --list" pack $list $option
done
refused "--name: has no effect without --c" pack --weights layer.safetensors --prefix "$prefix" --heads 6 \
    --out y --name x

heads() {
    text=$1
    shift
    refused "$text" heads --weights layer.safetensors --prefix "$prefix" --heads 6 --x x.npy "$@"
}
heads "--ascii: has no effect on a page" --html y --ascii
heads "--context-labels: there is no --context" --context-labels labels.txt
heads "--rotary-base: has no effect, this layer is not rotated" --no-rotary --rotary-base 5
expect 0 "$tool" heads "$@" --html y --ascii --text
rm -f y

# x.npy stands for any file: these are refused before one is read.
attend="attend --q x.npy --k x.npy --v x.npy --out y"
for options in "--mask-may-hide-all" "--weights-stage raw" "--past-key x.npy" "--causal-offset 1" \
    "--window-right 1 --causal"; do
    # shellcheck disable=SC2086
    refused "${options%% *}" $attend $options
done
refused "--window-right: has no effect with --causal" attend --q x.npy --k x.npy --v x.npy --out y --causal \
    --window-right 1

plan="plan --model-dim 64 --heads 4"
# shellcheck disable=SC2086
{
    refused "--name requires --c-header" $plan --max-keys 9 --name x
    refused "--sinks requires --window" $plan --max-keys 9 --sinks 2
}
if "$tool" demo --help >/dev/null 2>&1; then  # not in every build
    refused "--ascii excludes --all-ports" demo --all-ports --ascii "7 May 1999"
fi

[ "$count" -gt 40 ] || failed=1
[ "$failed" -eq 0 ] && echo "$count options without effect are refused"
exit "$failed"
