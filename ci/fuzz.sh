#!/usr/bin/env bash
# Runs every fuzz target for a while, starting from the corpus in the repository.
#
#   ci/fuzz.sh            ten minutes each
#   ci/fuzz.sh 60         an hour each
#   ci/fuzz.sh 30s ops    half a minute, one target
#
# New inputs go to target/fuzz/TARGET, not into the repository: `cargo fuzz cmin` says which of them are worth keeping.
# An input that fails is written to fuzz/artifacts, and the command that runs it again is printed.
source "$(dirname "$0")/lib.sh"
need_nightly rust-src
need_cargo fuzz

time=${1:-10}
shift $(($# > 0 ? 1 : 0))
case $time in
    *s) seconds=${time%s} ;;
    *) seconds=$((time * 60)) ;;
esac

targets=("$@")
[[ $# -gt 0 ]] || mapfile -t targets < <(cargo fuzz list)
for target in "${targets[@]}"; do
    found=$PWD/target/fuzz/$target
    mkdir -p "$found" "$PWD/fuzz/corpus/$target"
    echo "fuzz: $target, $seconds s"
    # The payload of a second panic is leaked, on purpose; what else leaks the model sees itself.
    leaks=1
    [[ $target == ops || $target == threads ]] && leaks=0
    features=()
    [[ $target == minipy_* ]] && features=(--features minipy)
    ASAN_OPTIONS=detect_leaks=$leaks cargo "+$NIGHTLY" fuzz run "${features[@]}" "$target" "$found" "$PWD/fuzz/corpus/$target" -- \
        -max_total_time="$seconds" -timeout=25 -rss_limit_mb=4096 -print_final_stats=1
done
