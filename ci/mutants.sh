#!/usr/bin/env bash
# Tests the tests: changes the collector in small ways, one at a time, and expects some test to notice. Takes hours; what
# survives is listed in mutants.out/missed.txt.
#
#   ci/mutants.sh                            all of src/raw
#   ci/mutants.sh --file src/raw/handle/weak.rs     one file
#   ci/mutants.sh --in-diff changes.diff     what a change touches
source "$(dirname "$0")/lib.sh"
need_cargo mutants

if [[ " $* " != *" --file "* && " $* " != *" --in-diff "* ]]; then
    set -- --file 'src/raw/**' "$@"
fi
# Doc tests and the compile-fail tests are left out: they are slow, and do not look at what the collector does. A mutant
# may well loop for ever.
cargo mutants --package tricycle --timeout 300 --minimum-test-timeout 120 --output . "$@" -- --lib --test it --test threads
