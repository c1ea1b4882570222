#!/usr/bin/env bash
# The figures in benches/README.md: first tricycle and `Rc` alone (criterion), then all rivals, interleaved in one process.
# Nothing else should run on the machine.
#
#   ci/bench.sh              everything, with the project's targets checked
#   ci/bench.sh tree         one group of criterion's, no rivals
#   ci/bench.sh --rivals …   the rivals only; see `--help` there
source "$(dirname "$0")/lib.sh"

rivals() {
    cargo run --release --manifest-path benches/rivals/Cargo.toml -- "$@"
}

case ${1:-} in
    "") cargo bench --bench suite && rivals --check ;;
    --rivals) rivals "${@:2}" ;;
    *) cargo bench --bench suite -- "$@" ;;
esac
