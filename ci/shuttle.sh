#!/usr/bin/env bash
# The models of src/raw/models under shuttle, which controls who runs next: many random interleavings of programs that are
# too large for loom, above all of `stress`, where objects change hands while threads die, are reborn and stop the world.
# Shuttle takes every ordering for sequentially consistent: what a weaker one brings about, loom and Miri see (`ci/loom.sh`).
#
#   ci/shuttle.sh                  a thousand runs of each, at random, and as many with few switches
#   ci/shuttle.sh 100000 stress    more of those with "stress" in their names
source "$(dirname "$0")/lib.sh"

SHUTTLE_RUNS=${1:-1000} SHUTTLE_SILENCE_ORDERING_WARNING=1 RUSTFLAGS="--cfg shuttle" CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/shuttle \
    cargo test --release --quiet --manifest-path tests/loom/Cargo.toml -- "${2:-models::}"
