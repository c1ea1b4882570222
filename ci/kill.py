#!/usr/bin/env python3
"""Tests the tests of what threads share: every condition and every order that docs/INTERNALS.md lists ("Kill table") is changed,
and the test named there has to fail, or to hang.

    ci/kill.py                 all of them
    ci/kill.py K7 K12          some of them
    ci/kill.py --list          only checks that the table fits the source

All changes are made in one copy of the sources, each behind a switch, so that it is compiled once. A row of the table names a file of
`src/raw`, a function in it, what that says, and what it is changed to (`removed`, for statements). If the function does not say
that exactly once, the row does not apply any more, and is reported. Without any switch each test has to pass. A row with `–` in
place of a test is one that none is known to find.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "kill"
SWITCH = """
/// Whether this change is the one that is tried.
pub(crate) fn mutant(number: u32) -> bool {
    static CHOSEN: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *CHOSEN.get_or_init(|| std::env::var("TRICYCLE_MUTANT").map_or(0, |number| number.parse().unwrap())) == number
}
"""
COMMANDS = {
    "loom": ["--release", "--manifest-path", "tests/loom/Cargo.toml", "--lib"],
    "lib": ["--lib"],
    "threads": ["--test", "threads"],
}


def rows():
    """The rows of the table: mark, file, function, code, changed to, runner and tests, each of which has to fail."""
    text = (ROOT / "docs/INTERNALS.md").read_text()
    for line in re.findall(r"^\| `K\d+` \|.*$", text, re.MULTILINE):
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        mark, place, old, new, _, test = cells
        file, function = place.split(" ")
        runner, *names = test.strip("`").replace(",", "").split(" ")
        if runner == "loom":
            names = [f"raw::models::{name}" for name in names]
        yield mark.strip("`"), file.strip("`"), function.strip("`"), old.strip("`"), new.strip("`"), runner, names


def bodies(text, function):
    """Where the functions of this name are in a file."""
    for head in re.finditer(rf"^( *)(?:pub(?:\([a-z]+\))? )?(?:const )?(?:unsafe )?fn {function}\b", text, re.MULTILINE):
        end = re.compile(rf"^{head[1]}}}$", re.MULTILINE).search(text, head.end())
        yield head.start(), end.end()


def switched(number, old, new):
    if old.endswith(";") or old.endswith("}"):
        other = "" if new == "removed" else new
        return f"if crate::raw::base::mutant({number}) {{ {other} }} else {{ {old} }}"
    return f"(if crate::raw::base::mutant({number}) {{ {new} }} else {{ {old} }})"


def find(mark, file, function, old, text):
    """Where the code is, in the text of the file, and what is to be changed there."""
    before, _, rest = old.rpartition("«")
    what, _, after = rest.partition("»")
    said = re.compile(re.escape(before) + "(" + re.escape(what) + ")" + re.escape(after))
    at = [start + found.start(1) for start, end in bodies(text, function) for found in said.finditer(text[start:end])]
    if len(at) != 1:
        return None, what, f"{mark}: `{function}` in {file} says `{old}` {len(at)} times"
    return at[0], what, None


def changes(table):
    """The changes to each file, from its end to its beginning, and what is wrong with the table."""
    wrong, files = [], {}
    for mark, file, function, old, new, *_ in table:
        path = ROOT / "src/raw" / file
        if not path.exists():
            wrong.append(f"{mark}: there is no {file}")
            continue
        at, what, why = find(mark, file, function, old, path.read_text())
        if why:
            wrong.append(why)
        else:
            files.setdefault(file, []).append((at, what, switched(int(mark[1:]), what, new)))
    for file, places in files.items():
        places.sort(reverse=True)
        for (after, *_), (at, what, _) in zip(places, places[1:]):
            if at + len(what) > after:
                wrong.append(f"{file}: two rows change `{what}`")
    return wrong, files


def apply(files, copy):
    """Makes the changes in the copy."""
    for file, places in files.items():
        path = copy / "src/raw" / file
        text = path.read_text()
        for at, old, new in places:
            text = text[:at] + new + text[at + len(old) :]
        path.write_text(text)
    base = copy / "src/raw/base/mod.rs"
    base.write_text(base.read_text() + SWITCH)


def build(runner, copy):
    """Builds the tests of a runner. The program."""
    flags = os.environ.get("RUSTFLAGS", "") + " --cap-lints=warn -Awarnings" + (" --cfg loom" if runner == "loom" else "")
    env = dict(os.environ, RUSTFLAGS=flags, CARGO_TARGET_DIR=str(TARGET / ("loom" if runner == "loom" else "tests")))
    command = ["cargo", "test", "--no-run", "--message-format=json", *COMMANDS[runner]]
    done = subprocess.run(command, cwd=copy, env=env, stdout=subprocess.PIPE, text=True)
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for message in messages:
        if message["reason"] == "compiler-message" and message["message"]["level"] == "error":
            print(message["message"]["rendered"])
    programs = [message["executable"] for message in messages if message.get("executable") and message["profile"]["test"]]
    if done.returncode != 0 or len(programs) != 1:
        sys.exit(f"the copy with the changes does not compile for `{runner}` ({copy})")
    return programs[0]


def fails(program, test, number, limit, copy):
    """Whether the test fails, or takes longer than `limit` seconds; and how."""
    # Some tests wait for a panic for a moment, and to print where it was takes longer.
    env = dict(os.environ, TRICYCLE_MUTANT=str(number), RUST_BACKTRACE="0")
    command = [program, "--exact", test]
    try:
        done = subprocess.run(command, cwd=copy, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return True, "hangs"
    if "running 1 test" not in done.stdout:
        return None, "there is no such test"
    return done.returncode != 0, "fails" if done.returncode > 0 else "crashes"


def main():
    table = list(rows())
    marks = [row[0] for row in table]
    chosen = [argument for argument in sys.argv[1:] if argument != "--list"]
    unknown = [argument for argument in chosen if argument not in marks]
    if unknown:
        print(f"ci/kill.py: no row {', '.join(unknown)}\nusage: ci/kill.py [--list | K7 K12 ...]", file=sys.stderr)
        sys.exit(2)
    wrong = [f"{mark}: there are two of them" for mark in sorted(set(marks)) if marks.count(mark) > 1]
    more, files = changes(table)
    wrong += more
    if wrong or "--list" in sys.argv:
        print("\n".join(wrong) or f"{len(table)} rows, all of which apply")
        sys.exit(bool(wrong))
    copy = TARGET / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("target", ".git", "corpus"))
    apply(files, copy)
    # Those that no test is known to find are only kept up to date.
    table = [row for row in table if row[5] != "–" and (not chosen or row[0] in chosen)]
    programs = {runner: build(runner, copy) for runner in dict.fromkeys(row[5] for row in table)}
    survivors, took = set(), {}
    for mark, file, function, old, new, runner, tests in table:
        for test in tests:
            if (runner, test) not in took:
                start = time.monotonic()
                failed, how = fails(programs[runner], test, 0, 600, copy)
                took[runner, test] = None if failed is not False else time.monotonic() - start
            if took[runner, test] is None:
                print(f"{mark}: {test} does not pass without a change, or is not there")
                survivors.add(mark)
                continue
            killed, how = fails(programs[runner], test, int(mark[1:]), 20 + 10 * took[runner, test], copy)
            print(f"{mark} {file} {function}: {test} {how if killed else 'PASSES'}", flush=True)
            if not killed:
                survivors.add(mark)
    print(f"{len(table) - len(survivors)} of {len(table)} are found" + (", not " + ", ".join(sorted(survivors, key=lambda mark: int(mark[1:]))) if survivors else ""))
    sys.exit(bool(survivors))


main()
