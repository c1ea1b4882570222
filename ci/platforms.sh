#!/usr/bin/env bash
# Other platforms than the one this runs on.
#
#   ci/platforms.sh clockless     WebAssembly without a system: no threads, no unwinding, no clock
source "$(dirname "$0")/lib.sh"

# need_target TARGET...: the standard library for it.
need_target() {
    local installed target
    installed=$(rustup target list --installed)
    for target; do
        grep -qx "$target" <<<"$installed" || rustup target add "$target"
    done
}

# need_wasmtime: a WebAssembly engine, as a Python package.
need_wasmtime() {
    wasmtime=$PWD/target/wasmtime
    [[ -x $wasmtime/bin/python ]] || python3 -m venv "$wasmtime"
    "$wasmtime/bin/python" -c 'import wasmtime' 2>/dev/null || "$wasmtime/bin/pip" install --quiet wasmtime
}

clockless() {
    need_target wasm32-unknown-unknown
    need_wasmtime
    CARGO_TARGET_DIR=target/wasm \
        cargo build --release --target wasm32-unknown-unknown --manifest-path tests/wasm/Cargo.toml
    "$wasmtime/bin/python" ci/wasm.py --exports target/wasm/wasm32-unknown-unknown/release/tricycle_wasm.wasm
}

for part in "${@:-clockless}"; do
    "$part"
done
