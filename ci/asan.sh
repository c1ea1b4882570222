#!/usr/bin/env bash
# The tests under AddressSanitizer: on the pool, which checks what the pool does with its memory, and with an allocation
# for each object, which catches every use of an object that is gone.
#
#   ci/asan.sh                                  both
#   ci/asan.sh system [ARGUMENTS of cargo test] one of them: `pool` or `system`
source "$(dirname "$0")/lib.sh"
need_nightly rust-src

case ${1:-all} in
    all) allocators=(pool system) ;;
    pool | system) allocators=("$1") ;;
    *) echo "usage: ci/asan.sh [pool|system [ARGUMENTS of cargo test]]" >&2; exit 2 ;;
esac
shift $(($# > 0 ? 1 : 0))
[[ $# -gt 0 ]] || set -- --lib --test it --test derive --test threads

# Leaks are the business of the tests themselves (`Gate`): some leak on purpose, and the sanitizer cannot tell.
export ASAN_OPTIONS=detect_leaks=0
for allocator in "${allocators[@]}"; do
    flags="-Zsanitizer=address --cfg gc_sanitize"
    [[ $allocator == pool ]] || flags+=" --cfg gc_system_alloc"
    echo "asan: $allocator"
    RUSTFLAGS=$flags CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/asan-$allocator \
        cargo "+$NIGHTLY" test --target "$(host)" "$@"
done
