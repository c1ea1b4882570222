#!/usr/bin/env bash
# What users may build: the library without features, with each of them alone, and with all; on the oldest compiler that
# Cargo.toml promises; and with the oldest dependencies that it admits. And what they are sent.
source "$(dirname "$0")/lib.sh"

mapfile -t features < <(sed -n '/^\[features\]/,/^\[/s/^\([a-z][a-z0-9_-]*\) = .*/\1/p' Cargo.toml)
cargo check -p tricycle --no-default-features
for feature in "${features[@]}"; do
    echo "feature: $feature"
    cargo check -p tricycle --no-default-features --features "$feature"
done

echo "the oldest compiler"
msrv=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
rustup run "$msrv" rustc --version 2>/dev/null || rustup toolchain install "$msrv" --profile minimal
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/msrv cargo "+$msrv" check -p tricycle --all-features

echo "what only a nightly has"
need_nightly
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/nightly RUSTFLAGS="--cfg tricycle_nightly" cargo "+$NIGHTLY" test --test nightly

echo "the oldest dependencies"
# A nightly cargo chooses the lowest version of each that the manifests name; it does so in a copy, whose lock file is nobody
# else's. The dependencies of the tests stay out of it: they would ask for later versions of some than users get.
need_nightly
target=$(realpath -m "${CARGO_TARGET_DIR:-target}/minimal")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"
(
    cd "$copy"
    rm Cargo.lock
    for manifest in Cargo.toml derive/Cargo.toml; do
        awk '/^\[/ { tests = /dev-dependencies\]$/ } !tests' "$manifest" |
            sed 's/^members = .*/members = [".", "derive"]/' >manifest
        mv manifest "$manifest"
    done
    cargo "+$NIGHTLY" generate-lockfile -Z direct-minimal-versions --quiet
    CARGO_TARGET_DIR=$target cargo check --workspace --all-features --locked
    # What only other systems need.
    rustup target add x86_64-pc-windows-gnu
    CARGO_TARGET_DIR=$target cargo check -p tricycle --lib --all-features --locked --target x86_64-pc-windows-gnu
)

for package in tricycle tricycle-derive; do
    echo "package: $package"
    files=$(cargo package -p "$package" --list --allow-dirty)
    for file in Cargo.toml README.md LICENSE-MIT LICENSE-APACHE src/lib.rs; do
        grep -qx "$file" <<<"$files" || { echo "$file is missing"; exit 1; }
    done
    # Nothing but what somebody may want to read or build.
    if grep -vE '^(src|docs|examples)/|^[A-Za-z._-]+$' <<<"$files" || grep -E '/Cargo.toml$' <<<"$files"; then
        echo "the package has files that it should not have"
        exit 1
    fi
done
