#!/usr/bin/env bash
# How large heaps get that are left to themselves: the programs of benches/proportion on all four heaps, one after the other.
# Fails if a heap leaves its bound.
#
#   ci/soak.sh          an hour
#   ci/soak.sh 60       a minute
#   ci/soak.sh 600 1    ten minutes, at the full size (0.1 of it otherwise)
#   ci/soak.sh 3600 0.1 --heap biased
source "$(dirname "$0")/lib.sh"

cargo bench --bench proportion -- --soak "${1:-3600}" --scale "${2:-0.1}" "${@:3}"
