#!/bin/sh
# self_test_links.sh NM PROGRAM OTHER: a program that checks attention on tensors alone holds none
# of the code of other parts. OTHER, which uses them all, shows that each would be seen.
set -eu
failed=0
for name in place_cache project rotate compute_rotary softcap_step alibi_step finish_tile \
            observe; do
    in_program=$("$1" "$2" | grep -c "[0-9]$name" || true)
    in_other=$("$1" "$3" | grep -c "[0-9]$name" || true)
    echo "$name: $in_program symbols, $in_other in the other program"
    [ "$in_program" -eq 0 ] && [ "$in_other" -ge 1 ] || failed=1
done
exit $failed
