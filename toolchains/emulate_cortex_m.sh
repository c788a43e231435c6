#!/bin/sh
# emulate_cortex_m.sh MACHINE PROGRAM [ARGUMENT...]: runs a bare-metal program on a machine of
# qemu-system-arm. Its semihosting is the program's console, files, arguments and exit code.
#
# Variables of the environment whose names begin with HEADROOM_ reach the program. Two are read here:
#   HEADROOM_EMULATOR_SECONDS   how long the program may take, 600 unless set; then the code is 124
#   HEADROOM_EMULATOR_OPTIONS   more options for QEMU, such as "-icount shift=6": time then counts
#                               instructions, 64 ns each
set -u
if [ $# -lt 2 ]; then
    echo "usage: sh emulate_cortex_m.sh MACHINE PROGRAM [ARGUMENT...]" >&2
    exit 2
fi
machine=$1
program=$2
shift
if ! command -v qemu-system-arm >/dev/null 2>&1; then
    echo "emulate_cortex_m: no qemu-system-arm (Debian: qemu-system-arm): run" \
        "sh toolchains/setup.sh arm" >&2
    exit 127
fi

# word TEXT: appends a word of the command line, quoted as the board's start-up reads it; QEMU wants
# commas doubled.
semihosting=enable=on,target=native,chardev=console
word() {
    case $1 in
    *\"*)
        echo "emulate_cortex_m: no quotation marks in arguments, please: $1" >&2
        exit 2
        ;;
    esac
    semihosting=$semihosting,arg=\"$(printf '%s' "$1" | sed 's/,/,,/g')\"
}

for name in $(env | sed -n 's/^\(HEADROOM_[A-Za-z0-9_]*\)=.*/\1/p'); do
    case $name in
    HEADROOM_EMULATOR_*) ;;
    *) eval "word \"$name=\$$name\"" ;;
    esac
done
for argument in "$@"; do
    word "$argument"
done

seconds=${HEADROOM_EMULATOR_SECONDS:-600}
# shellcheck disable=SC2086  # options are meant to split
timeout "$seconds" qemu-system-arm -machine "$machine" -kernel "$program" -display none \
    -monitor none -serial none -chardev stdio,id=console,signal=off \
    -semihosting-config "$semihosting" ${HEADROOM_EMULATOR_OPTIONS:-} </dev/null
status=$?
[ "$status" -ne 124 ] || echo "emulate_cortex_m: stopped after $seconds s: $program" >&2
exit "$status"
