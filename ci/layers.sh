#!/usr/bin/env bash
# src/raw is a ladder: what is on a rung names only what is below it. See src/raw/mod.rs.
#
#   ci/layers.sh          says which imports lead upwards
#   ci/layers.sh test     turns one import round in each way that there is to write it, and expects to be told
source "$(dirname "$0")/lib.sh"

layers() {
    python3 - "$1" <<'EOF'
import pathlib, re, sys

LADDER = "base | count lock | threads | memory | heap | object | attach | collect | handle | introspect | fork thread_end | users | kinds"
RUNG = {name: number for number, names in enumerate(LADDER.split("|")) for name in names.split()}
KNOWS_NO_CRATE, KNOWS_HEAP = RUNG["threads"], RUNG["memory"]  # up to these rungs

raw, wrong = pathlib.Path(sys.argv[1]), 0

def paths(text):
    """The paths that a path or a tree of them stands for, and where it ends."""
    start = re.match(r"(?:\s*\w+\s*::)*\s*", text).end()
    prefix = [name.strip() for name in text[:start].split("::")[:-1]]
    if text[start : start + 1] != "{":
        last = re.match(r"\w+|\*|", text[start:])[0]
        return [prefix + [last]], start + len(last)
    found, at = [], start + 1
    while text[at] != "}":
        more, length = paths(text[at:])
        found += [prefix + path for path in more]
        at += length
        at += re.match(r"(\s*as\s+\w+)?[\s,]*", text[at:]).end()
    return found, at + 1

for file in sorted(raw.rglob("*.rs")):
    here = list(file.relative_to(raw).with_suffix("").parts)
    if here[0] in ("mod", "models") or "tests" in here:
        continue
    folder, module = here[0], ["raw"] + [name for name in here if name != "mod"]
    if folder not in RUNG:
        print(f"{file}: it is on no rung"), (wrong := wrong + 1)
        continue
    blank = lambda found: re.sub(r"[^\n]", " ", found[0])
    code = re.sub(r"//[^\n]*|/\*.*?\*/", blank, file.read_text(), flags=re.S)
    for start in re.finditer(r"(?<![\w:$])(crate|super|self)\s*::", code):
        for path in paths(code[start.start() :])[0]:
            up = 0
            while path[up] in ("super", "self"):
                up += 1
            supers = path[:up].count("super")
            # In a module within the file that leads to one above: to where the file is, or further down.
            whole = path[1:] if path[0] == "crate" else (module[:-supers] if supers else module) + path[up:]
            name = whole[1] if whole[0] == "raw" and len(whole) > 1 else None
            if whole[0] != "raw":
                bad = RUNG[folder] <= KNOWS_NO_CRATE or RUNG[folder] <= KNOWS_HEAP and whole != ["Heap"] or whole[0] == "__private"
            elif name in (None, "*", "self"):
                bad = True  # all of `raw`, by one name
            else:
                bad = name in RUNG and name != folder and RUNG[name] >= RUNG[folder]
            if bad:
                line = code[: start.start()].count("\n") + 1
                print(f"{file}:{line}: {folder} names {'::'.join(path)}"), (wrong := wrong + 1)
sys.exit(wrong > 0)
EOF
}

case ${1:-} in
    "") layers src/raw ;;
    test)
        copy=$(mktemp -d)
        trap 'rm -rf "$copy"' EXIT
        turned=0
        while read -r file line; do
            rm -rf "$copy/raw" && cp -r src/raw "$copy/raw"
            sed -i "1,/^use /s/^use /$line\n&/" "$copy/raw/$file"
            if layers "$copy/raw"; then
                echo "$file: '$line' is not noticed" && turned=1
            fi
        done <<'EOF'
memory/pool.rs use crate::raw::collect;
memory/pool.rs use super::super::collect::examine;
count/local.rs use crate::raw::{base::sync::lock, heap::{self, state::State}};
threads/seat.rs use super::super::{memory};
heap/state.rs use crate::{AnyGc, raw::{base, handle::strong::Handle as H}};
object/track.rs use crate::raw;
attach.rs use super::{base, collect};
lock/word.rs use crate::Heap;
heap/stop.rs fn f() { super::super::object::destroy::drain() }
EOF
        exit "$turned" ;;
    *) echo "usage: ci/layers.sh [test]" && exit 2 ;;
esac
