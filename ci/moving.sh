#!/usr/bin/env bash
# The programs "before" in docs/moving: compiles and runs them with the crates that they are for. (Those "after" are doctests.)
#
#   ci/moving.sh [PAGE...]     PAGE is the name of a file without `.md`
source "$(dirname "$0")/lib.sh"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/moving

# A package beside benches/rivals, which says which versions: with the same dependencies, and one example for each page.
package=$CARGO_TARGET_DIR/package
rm -rf "$package" && mkdir -p "$package/src" "$package/examples"
sed "s|\.\./\.\.|$PWD|" benches/rivals/Cargo.toml | sed '/^default-run/d' >"$package/Cargo.toml"
cp benches/rivals/Cargo.lock "$package/"
touch "$package/src/lib.rs"

python3 - "$package/examples" "$@" <<'PYTHON'
import pathlib, re, sys

examples, pages = pathlib.Path(sys.argv[1]), sys.argv[2:]
for page in sorted(pathlib.Path("docs/moving").glob("*.md")):
    programs = re.findall(r"^```rust,ignore\n(.*?)^```", page.read_text(), re.M | re.S)
    if page.stem in ("README", "rc_refcell") or (pages and page.stem not in pages):
        continue
    assert len(programs) == 1, f"{page}: {len(programs)} programs before"
    (examples / f"{page.stem}.rs").write_text(programs[0])
PYTHON

for example in "$package"/examples/*.rs; do
    name=$(basename "$example" .rs)
    cargo run --quiet --manifest-path "$package/Cargo.toml" --example "$name"
    echo "$name: as docs/moving says"
done
