#!/usr/bin/env bash
# The unit tests and the semantics suite under Miri, with strict provenance: once on the pool, and once with an
# allocation for each object (`cfg(gc_system_alloc)`), where Miri sees every use of an object that is gone.
#
#   ci/miri.sh            under Tree Borrows and under Stacked Borrows
#   ci/miri.sh tree       under one of them only
#   ci/miri.sh tree weak  and only the tests with "weak" in their names
#   ci/miri.sh quick      the unit tests and a few of tests/regressions, under Tree Borrows, with an allocation for
#                         each object
#   ci/miri.sh small [FILTER]         what comes to the limits of counts, cells, seats and thresholds, which are small then, and
#                         programs of the model; with an allocation for each object
#   ci/miri.sh threads 0..64          the models and the small ones of the thread tests, with an allocation for each object,
#   ci/miri.sh threads 0..8 biased::  once for each seed: who runs when, and what an old value is still read
source "$(dirname "$0")/lib.sh"
need_nightly miri rust-src

case ${1:-all} in
    all) models=(tree stacked) ;;
    tree | stacked) models=("$1") ;;
    quick)
        cargo "+$NIGHTLY" miri setup
        MIRIFLAGS="-Zmiri-strict-provenance -Zmiri-disable-isolation -Zmiri-tree-borrows" RUSTFLAGS="--cfg gc_system_alloc" \
            PROPTEST_DISABLE_FAILURE_PERSISTENCE=1 CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/miri-system \
            cargo "+$NIGHTLY" miri test --lib --test regressions -- raw:: testing:: allocation:: calls::
        # References to values that are not there are seen only if they are followed to the value, which takes too long for all.
        MIRIFLAGS="-Zmiri-strict-provenance -Zmiri-disable-isolation -Zmiri-tree-borrows -Zmiri-recursive-validation" \
            RUSTFLAGS="--cfg gc_system_alloc" CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/miri-system \
            cargo "+$NIGHTLY" miri test --test regressions -- unborn::
        exit ;;
    small)
        cargo "+$NIGHTLY" miri setup
        export MIRIFLAGS="-Zmiri-strict-provenance -Zmiri-disable-isolation -Zmiri-tree-borrows"
        export RUSTFLAGS="--cfg gc_system_alloc --cfg gc_small_limits" PROPTEST_DISABLE_FAILURE_PERSISTENCE=1
        export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/miri-small
        filters=("${@:2}")
        (($# > 1)) || filters=(count:: state:: lock::word:: limits:: uniqueness:: program)
        cargo "+$NIGHTLY" miri test --lib --test it --test threads --test model -- "${filters[@]}"
        exit ;;
    threads)
        tests=(attach::drops_do_not_wait attach::blocked_outside exit::read_at_a_safepoint exit::read_by_others
            exit::dropped_elsewhere cells::swapped_both_ways weak::exclusive_against_upgrades
            weak::callbacks_against_their_handles controls::added_up_while_threads_come
            collections::frozen_in_a_queue once_wrong::left_by_a_question once_wrong::a_panic_among_queued
            solo::borrowed_meanwhile solo::dropped_by_a_stranger solo::left_by_a_stranger
            solo::beside_borrows last_moment::goes_out_with_a_destructor last_moment::detaches_with_a_destructor
            left_behind::an_inbox_stays_closed)
        cargo "+$NIGHTLY" miri setup
        export MIRIFLAGS="-Zmiri-strict-provenance -Zmiri-disable-isolation -Zmiri-tree-borrows -Zmiri-many-seeds=${2:-0..64}"
        export RUSTFLAGS="--cfg gc_system_alloc" CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/miri-system
        cargo "+$NIGHTLY" miri test --lib -- "${3:-models::}"
        names=()
        for heap in locked atomic biased; do
            [[ $heap:: == "${3:-}"* || ${3:-} != *:: ]] || continue
            names+=("${tests[@]/#/$heap::}")
        done
        # Under Miri, to look for each of so many names in the names of all tests takes as long as the tests do.
        [[ -z ${names[*]} ]] || cargo "+$NIGHTLY" miri test --test threads -- --exact "${names[@]}"
        exit ;;
    *) echo "usage: ci/miri.sh [quick|small [FILTER]|tree|stacked [FILTER]|threads [SEEDS [HEAP::]]]" >&2; exit 2 ;;
esac

# one MODEL ALLOCATOR FILTER...: one run, in a target directory of its own, so that two can go on at a time.
one() {
    local model=$1 allocator=$2 flags="-Zmiri-strict-provenance -Zmiri-disable-isolation" cfg=""
    shift 2
    [[ $model == tree ]] && flags+=" -Zmiri-tree-borrows"
    [[ $allocator == system ]] && cfg="--cfg gc_system_alloc"
    MIRIFLAGS=$flags RUSTFLAGS=$cfg PROPTEST_DISABLE_FAILURE_PERSISTENCE=1 CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/miri-$allocator \
        cargo "+$NIGHTLY" miri test --lib --test it --test regressions -- "$@"
}

cargo "+$NIGHTLY" miri setup
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for model in "${models[@]}"; do
    one "$model" pool "${@:2}" >"$log" 2>&1 &
    pool=$!
    status=0
    one "$model" system "${@:2}" || status=$?
    wait "$pool" || status=$?
    cat "$log"
    echo "miri: $model borrows: exit code $status"
    [[ $status == 0 ]] || exit "$status"
done
