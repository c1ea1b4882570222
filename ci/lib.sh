# What the scripts here share. Sourced, not run.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The nightly that Miri, the sanitizers and the fuzzers run on.
NIGHTLY=${NIGHTLY:-nightly}

# need_nightly COMPONENT...: the nightly toolchain with these components; asks the network only if one is missing.
need_nightly() {
    local installed component
    installed=$(rustup component list --toolchain "$NIGHTLY" --installed 2>/dev/null || true)
    if [[ -z $installed ]]; then
        rustup toolchain install "$NIGHTLY" --profile minimal
    fi
    for component; do
        grep -q "^$component" <<<"$installed" || rustup component add "$component" --toolchain "$NIGHTLY"
    done
}

# need_cargo SUBCOMMAND: `cargo install cargo-SUBCOMMAND`, unless it is there.
need_cargo() {
    command -v "cargo-$1" >/dev/null || cargo install --locked "cargo-$1"
}

# The platform of the nightly: with an explicit `--target`, flags for sanitizers stay away from build scripts.
host() {
    rustc "+$NIGHTLY" -vV | sed -n 's/^host: //p'
}
