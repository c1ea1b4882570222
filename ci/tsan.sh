#!/usr/bin/env bash
# What threads do to each other under ThreadSanitizer: the models on real threads, the thread tests with their stress test,
# and the semantics suite on the heaps that threads share. The standard library is built with it, or it would report races
# that are none.
#
#   ci/tsan.sh                          all of that
#   ci/tsan.sh ARGUMENTS of cargo test  something else
source "$(dirname "$0")/lib.sh"
need_nightly rust-src

[[ $# -gt 0 ]] || set -- --lib --test threads --test it -- models:: threads:: locked:: atomic:: biased::

# ThreadSanitizer does not understand fences: `gc_sanitize` has loads in their place.
RUSTFLAGS="-Zsanitizer=thread --cfg gc_sanitize" CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/tsan \
    cargo "+$NIGHTLY" test -Zbuild-std --no-fail-fast --target "$(host)" "$@"
