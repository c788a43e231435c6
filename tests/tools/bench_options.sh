#!/bin/sh
# bench_options.sh TOOL BENCH: the benchmark program's own command line. What is wrong is said before
# anything is measured.
set -u
bench=$2
. "$(dirname "$0")/expect.sh"

# refuses TEXT OPTION...: exit code 2, and one line that holds the text.
refuses() {
    text=$1
    shift
    expect 2 "$bench" "$@"
    says err "$text"
    [ "$(wc -l <err)" -eq 1 ] || { echo "FAILED: not one line: $*: $(cat err)"; failed=1; }
    [ -s out ] && echo "FAILED: $* measured: $(cat out)" && failed=1
}

expect 0 "$bench" --help
for option in --check --cores --report --seconds --only --benchmark_filter; do says out "$option"; done

refuses "--seconds: " --check --seconds=abc
refuses "--seconds: " --check --seconds=0
refuses "--seconds" --check --seconds=nan
refuses "--seconds" --cores --seconds
refuses "--check: " --check=fast
refuses "--check" --check=nan
refuses "--cores: " --cores=0
refuses "--cores: " --cores=1.5
refuses "--hasty: no such option" --check --hasty
refuses "--benchmark_filter=x: no such option" --cores --benchmark_filter=x
refuses "attend_98: no such option" --check attend_98
refuses "excludes" --check --cores
refuses "--only: has no effect without --check, --cores" --only=attend_98
refuses "--only: has no effect without --check, --cores" --report --port=scalar --only=attend_98
refuses "--only attend_9x: in no shape's name" --check --only=attend_9x
refuses "--growth: has no effect without --report" --check --growth
refuses "--features: has no effect without --report" --check --features=a,0,1,1,8,2,2,0
refuses "--features: a,16,1,1,16,2,2,0: is a layer" --report --port=scalar --features=a,16,1,1,16,2,2,0
refuses "--report: needs --port" --report
refuses "attend_98,3: no shape" --report --port=scalar --shape=attend_98,3
refuses "--hasty" --hasty

# With a yardstick it compares, and fails if it must; without one it says so.
for mark in 0.01 900.5; do
    "$bench" --check=$mark --only=attend_16 --seconds=0.001 >out 2>err
    case $mark-$? in
        0.01-0) says out "no shape is below 0.01 of" ;;
        900.5-1) says out "FAILED: below 900.50 of" ;;
        *-77) says out "nothing to compare with" ;;
        *) echo "FAILED: $(cat out err)"; failed=1 ;;
    esac
done
"$bench" --check --only=attend_16 --seconds=0.001 >out 2>err
[ $? -eq 77 ] || says out "below 0.85 of"

# Google Benchmark's own options, where nothing else is asked for.
expect 0 "$bench" --benchmark_list_tests
says out "decode_2048/scalar/"
expect 0 "$bench" --benchmark_filter=attend_16/scalar/ --benchmark_format=json
says out '"name": "attend_16/scalar/'

[ "$failed" -eq 0 ] && echo "all as expected"
exit "$failed"
