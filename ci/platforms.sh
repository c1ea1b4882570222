#!/usr/bin/env bash
# Other platforms than the one this runs on. What is missing is installed: as root, on Debian.
#
#   ci/platforms.sh                 all of the following
#   ci/platforms.sh check           the library compiles on each of them, and on i686 its tests (part of .ci/run)
#   ci/platforms.sh clockless       WebAssembly without a system: no threads, no unwinding, no clock
#   ci/platforms.sh wasi            WebAssembly with one: the tests of tests/it that ci/wasi.txt lists (part of .ci/run)
#   ci/platforms.sh i686            32 bits: tests/it, and what is about threads and forks
#   ci/platforms.sh windows         under wine
#   ci/platforms.sh aarch64 | riscv64 | s390x
#                                   under qemu; the last one is big-endian
#
# An emulator takes some twenty times as long, so there only the tests with FILTER in their names are run.
# `FILTER=:: ci/platforms.sh s390x` runs all of tests/it.
source "$(dirname "$0")/lib.sh"

FILTER=${FILTER:-"cycles weak finalizers cells limits"}

# need_target TARGET...: the standard library for it.
need_target() {
    local installed target
    installed=$(rustup target list --installed)
    for target; do
        grep -qx "$target" <<<"$installed" || rustup target add "$target"
    done
}

# need_package PACKAGE...: Debian's, if they are not there.
need_package() {
    local missing=() package
    for package; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
    done
    if ((${#missing[@]})); then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    fi
}

# need_wasmtime: a WebAssembly engine, as a Python package.
need_wasmtime() {
    wasmtime=$PWD/target/wasmtime
    if ! "$wasmtime/bin/python" -c 'import wasmtime' 2>/dev/null; then
        python3 -c 'import ensurepip' 2>/dev/null || need_package python3-venv
        python3 -m venv "$wasmtime"
        "$wasmtime/bin/pip" install --quiet wasmtime
    fi
}

check() {
    local target features targets=(
        i686-unknown-linux-gnu wasm32-unknown-unknown wasm32-wasip1 aarch64-unknown-linux-gnu aarch64-apple-darwin
        x86_64-pc-windows-gnu s390x-unknown-linux-gnu
    )
    need_target "${targets[@]}"
    for target in "${targets[@]}"; do
        echo "target: $target"
        features=(--all-features)
        # There, what proptest asks for random numbers wants to be told where they come from, and `testing` needs proptest.
        [[ $target != wasm32-unknown-unknown ]] || features=(--features "smallvec bumpalo hashbrown indexmap either")
        cargo check -p tricycle --lib "${features[@]}" --target "$target"
    done
    cargo check -p tricycle --test it --test threads --test fork --target i686-unknown-linux-gnu
}

clockless() {
    need_target wasm32-unknown-unknown
    need_wasmtime
    CARGO_TARGET_DIR=target/wasm \
        cargo build --release --target wasm32-unknown-unknown --manifest-path tests/wasm/Cargo.toml
    "$wasmtime/bin/python" ci/wasm.py exports target/wasm/wasm32-unknown-unknown/release/tricycle_wasm.wasm
}

# The program of the tests that cargo has just built for a target.
built() {
    cargo test -p tricycle --test it --target "$1" --no-run --message-format json |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -1
}

wasi() {
    need_target wasm32-wasip1
    need_wasmtime
    cargo test -p tricycle --test it --target wasm32-wasip1 --no-run
    "$wasmtime/bin/python" ci/wasm.py tests ci/wasi.txt "$(built wasm32-wasip1)"
}

i686() {
    need_target i686-unknown-linux-gnu
    # Not gcc-multilib, which is in the way of the other cross compilers.
    need_package gcc-i686-linux-gnu libc6-dev-i386-cross libc6-i386 lib32gcc-s1
    CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER=i686-linux-gnu-gcc \
        cargo test -p tricycle --no-fail-fast --target i686-unknown-linux-gnu --lib --test it --test threads --test fork --test regressions
}

windows() {
    need_target x86_64-pc-windows-gnu
    need_package gcc-mingw-w64-x86-64 wine64
    # The standard library asks this one for random numbers, and wine 8 does not have it.
    mkdir -p target/wine
    x86_64-w64-mingw32-gcc -shared -o target/wine/bcryptprimitives.dll -x c - -ladvapi32 <<'C'
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL ProcessPrng(PBYTE data, SIZE_T size) { return RtlGenRandom(data, size); }
C
    local tests=(
        env WINEDEBUG=-all "WINEPATH=$PWD/target/wine" CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=/usr/lib/wine/wine64
        cargo test -p tricycle --target x86_64-pc-windows-gnu
    )
    # shellcheck disable=SC2086
    "${tests[@]}" --test it -- $FILTER
    # Thread-locals are behind keys there.
    "${tests[@]}" --test threads -- at_the_end_of_a_thread
}

# emulated ARCHITECTURE TARGET COMPILER LIBRARY: tests under qemu. The last two are what packages of Debian call it.
emulated() {
    local name=${2^^}
    name=CARGO_TARGET_${name//-/_}
    need_target "$2"
    need_package qemu-user "gcc-$3-linux-gnu" "libc6-dev-$4-cross"
    local runner="qemu-$1 -L /usr/$1-linux-gnu"
    # One test at a time: some start a process, and qemu hangs if it forks while another thread of its own has one of its locks.
    # shellcheck disable=SC2086
    env "${name}_LINKER=$1-linux-gnu-gcc" "${name}_RUNNER=$runner" "TRICYCLE_TEST_RUNNER=$runner" \
        cargo test -p tricycle --target "$2" --test it -- --test-threads 1 $FILTER
}

aarch64() { emulated aarch64 aarch64-unknown-linux-gnu aarch64 arm64; }
riscv64() { emulated riscv64 riscv64gc-unknown-linux-gnu riscv64 riscv64; }
s390x() { emulated s390x s390x-unknown-linux-gnu s390x s390x; }

(($#)) || set -- check clockless wasi i686 windows aarch64 riscv64 s390x
for part; do
    printf '\n== %s\n' "$part"
    "$part"
done
