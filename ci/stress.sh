#!/usr/bin/env bash
# The stress test of tests/threads, on the three heaps that threads share, with new random numbers: as it is, and under the
# sanitizers.
#
#   ci/stress.sh             a minute each
#   ci/stress.sh 600         ten minutes each
#   ci/stress.sh 600 tsan    … only under ThreadSanitizer (or `asan`, or `plain`)
#   ci/stress.sh runs 100    all of tests/threads, a hundred times; `ci/stress.sh runs 100 two_heaps::` only some of them
#
# The seed is printed; `STRESS_SEED=… ci/stress.sh` starts with the same one again (threads are not, of course).
source "$(dirname "$0")/lib.sh"

if [[ ${1:-} == runs ]]; then
    program=$(cargo test -p tricycle --test threads --no-run --message-format json |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -1)
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    for ((run = 1; run <= ${2:-100}; run++)); do
        "$program" "${@:3}" >"$log" 2>&1 || { cat "$log" && echo "run $run: failed" && exit 1; }
        echo "run $run: $(grep -o '[0-9]* passed.*' "$log")"
    done
    exit
fi

export STRESS_SECONDS=${1:-60} STRESS_SEED=${STRESS_SEED:-$RANDOM$RANDOM$RANDOM}
test=(--test threads -- stress::stress)
echo "stress: $STRESS_SECONDS s, STRESS_SEED=$STRESS_SEED"
case ${2:-all} in
    all | plain) cargo test --release "${test[@]}" ;;&
    all | tsan) ci/tsan.sh "${test[@]}" ;;&
    all | asan) ci/asan.sh pool "${test[@]}" && ci/asan.sh system "${test[@]}" ;;&
    all | plain | tsan | asan) ;;
    *) echo "usage: ci/stress.sh [SECONDS [plain|tsan|asan]] | runs [RUNS [FILTER]]" >&2 && exit 2 ;;
esac
