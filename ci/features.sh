#!/usr/bin/env bash
# The library compiles without features, with each of them alone, and with all; and so it does on the oldest compiler that
# Cargo.toml promises, without the dependencies of its tests.
source "$(dirname "$0")/lib.sh"

mapfile -t features < <(sed -n '/^\[features\]/,/^\[/s/^\([a-z][a-z0-9-]*\) = .*/\1/p' Cargo.toml)
cargo check -p tricycle --no-default-features
for feature in "${features[@]}"; do
    echo "feature: $feature"
    cargo check -p tricycle --no-default-features --features "$feature"
done

msrv=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
rustup run "$msrv" rustc --version 2>/dev/null || rustup toolchain install "$msrv" --profile minimal
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/msrv cargo "+$msrv" check -p tricycle --all-features
