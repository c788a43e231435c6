# expect.sh: for scripts that call the tool. Read by them in a folder of its own, which goes when they end.
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
unset HEADROOM_PORT
failed=0

# expect CODE COMMAND...: runs a command; its output goes to out, its errors to err.
expect() {
    want=$1
    shift
    "$@" >out 2>err
    code=$?
    if [ "$code" -ne "$want" ]; then
        echo "FAILED: exit code $code, not $want: $*"
        cat out err
        failed=1
    fi
}
# says FILE TEXT: out or err holds the text.
says() {
    grep -qF -- "$2" "$1" && return
    echo "FAILED: nothing of \"$2\" in: $(cat "$1")"
    failed=1
}
