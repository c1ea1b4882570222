#!/usr/bin/env bash
# The stress test of tests/threads, on the three heaps that threads share, with new random numbers: as it is, and under the
# sanitizers.
#
#   ci/stress.sh             a minute each
#   ci/stress.sh 600         ten minutes each
#   ci/stress.sh 600 tsan    … only under ThreadSanitizer (or `asan`, or `plain`)
#
# The seed is printed; `STRESS_SEED=… ci/stress.sh` starts with the same one again (threads are not, of course).
source "$(dirname "$0")/lib.sh"

export STRESS_SECONDS=${1:-60} STRESS_SEED=${STRESS_SEED:-$RANDOM$RANDOM$RANDOM}
test=(--test threads -- stress::stress)
echo "stress: $STRESS_SECONDS s, STRESS_SEED=$STRESS_SEED"
case ${2:-all} in
    all | plain) cargo test --release "${test[@]}" ;;&
    all | tsan) ci/tsan.sh "${test[@]}" ;;&
    all | asan) ci/asan.sh pool "${test[@]}" && ci/asan.sh system "${test[@]}" ;;&
    all | plain | tsan | asan) ;;
    *) echo "usage: ci/stress.sh [SECONDS [plain|tsan|asan]]" >&2 && exit 2 ;;
esac
