#!/usr/bin/env python3
"""What a crate that uses tricycle costs to compile, beside rivals and `Rc`.

    python3 benches/compile.py [--types N] [--rounds N] [--profile dev|release] [CONTESTANT...]

Makes a crate with N types that hold handles to each other, and another with one type, and builds both with `cargo build` after
their dependencies have been built. A type is made, linked, cloned, looked at through a weak handle where there are some,
and dropped. Columns: seconds of CPU for the crate with N types (medians of the rounds); kilobytes of code and data for each
type more; seconds of CPU for a program of one type *with* its dependencies, from nothing.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

DEPENDENCY = {
    "tricycle": f'tricycle = {{ path = "{ROOT}" }}',
    "rc": "",
    "gc-arena": 'gc-arena = "0.7.0"',
    "rust-cc": 'rust-cc = "0.6.2"',
    "dumpster": 'dumpster = "2.1.0"',
}

HEAD = {
    "tricycle": "use tricycle::{Gc, GcCell, Trace, Weak};",
    "rc": "use std::{cell::RefCell, rc::{Rc, Weak}};",
    "gc-arena": "use gc_arena::{Collect, Gc, Mutation, RefLock};",
    "rust-cc": "use rust_cc::{Cc, Finalize, Trace};\nuse std::cell::RefCell;",
    "dumpster": "use dumpster::{Trace, unsync::Gc};\nuse std::cell::RefCell;",
}

# What the others have in common; each says what its parts are called.
COUNTED = """
%(derive)s
pub struct T{i} {{ name: String, me: %(cell)s<Option<%(gc)s<T{i}>>>, others: %(cell)s<Vec<%(gc)s<T{j}>>> }}
#[inline(never)]
pub fn use{i}(n: usize) -> usize {{
    let one = %(gc)s::new(T{i} {{ name: n.to_string(), me: %(cell)s::new(None), others: %(cell)s::new(Vec::new()) }});
    let other = %(gc)s::new(T{j} {{ name: String::new(), me: %(cell)s::new(None), others: %(cell)s::new(Vec::new()) }});
    one.me.replace(Some(one.clone()));
    one.others.borrow_mut().push(other);
    %(end)s
}}
"""
WEAK = """let weak: Weak<T{i}> = %s::downgrade(&one);
    weak.upgrade().map_or(0, |one| one.name.len() + one.others.borrow().len())"""
STRONG = "one.name.len() + one.others.borrow().len()"

BODY = {
    "tricycle": COUNTED % {"derive": "#[derive(Trace)]", "gc": "Gc", "cell": "GcCell", "end": WEAK % "Gc"},
    "rc": COUNTED % {"derive": "", "gc": "Rc", "cell": "RefCell", "end": WEAK % "Rc"},
    "gc-arena": """
#[derive(Collect)]
#[collect(no_drop)]
pub struct T{i}<'gc> {{
    name: String,
    me: RefLock<Option<Gc<'gc, T{i}<'gc>>>>,
    others: RefLock<Vec<Gc<'gc, T{j}<'gc>>>>,
}}
#[inline(never)]
pub fn use{i}(mc: &Mutation<'_>, n: usize) -> usize {{
    let one = Gc::new(mc, T{i} {{ name: n.to_string(), me: RefLock::new(None), others: RefLock::new(Vec::new()) }});
    let other = Gc::new(mc, T{j} {{ name: String::new(), me: RefLock::new(None), others: RefLock::new(Vec::new()) }});
    gc_arena::barrier::unlock!(Gc::write(mc, one), T{i}, me).replace(Some(one));
    gc_arena::barrier::unlock!(Gc::write(mc, one), T{i}, others).borrow_mut().push(other);
    let weak = Gc::downgrade(one);
    weak.upgrade(mc).map_or(0, |one| one.name.len() + one.others.borrow().len())
}}
""",
    "rust-cc": COUNTED % {"derive": "#[derive(Trace, Finalize)]", "gc": "Cc", "cell": "RefCell", "end": STRONG},
    "dumpster": COUNTED % {"derive": "#[derive(Trace)]", "gc": "Gc", "cell": "RefCell", "end": STRONG},
}


def neighbour(i, types):
    """The other type that type `i` refers to. In rings of ten: the compiler follows chains of types no deeper than 128."""
    ring = i // 10 * 10
    return ring + (i - ring + 1) % min(10, types - ring)


def source(contestant, types):
    """A program with so many types."""
    parts = [HEAD[contestant]] + [BODY[contestant].format(i=i, j=neighbour(i, types)) for i in range(types)]
    if contestant == "gc-arena":
        calls = "".join(f"\n        n += use{i}(mc, n);" for i in range(types))
        parts.append(f"fn main() {{\n    let n = gc_arena::arena::rootless_mutate(|mc| {{\n        let mut n = 0;{calls}\n        n\n    }});\n"
                     '    println!("{n}");\n}')
    else:
        calls = "".join(f"\n    n += use{i}(n);" for i in range(types))
        parts.append(f'fn main() {{\n    let mut n = 0;{calls}\n    println!("{{n}}");\n}}')
    return "\n".join(parts)


def cargo(crate, profile):
    """Builds a crate. The seconds of CPU that it took."""
    environment = dict(os.environ, CARGO_INCREMENTAL="0", CARGO_TARGET_DIR=str(crate / "target"), RUSTFLAGS="")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["cargo", "build", "--quiet", "--profile", profile], cwd=crate, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def code_size(crate, profile):
    """Kilobytes of code and data of the program."""
    program = crate / "target" / ("debug" if profile == "dev" else profile) / "crate"
    text, data = subprocess.run(["size", program], check=True, capture_output=True, text=True).stdout.split("\n")[1].split()[:2]
    return (int(text) + int(data)) / 1000


def measure(folder, contestant, profile, types, rounds):
    """A row of the table."""
    crate = folder / contestant
    (crate / "src").mkdir(parents=True)
    (crate / "Cargo.toml").write_text(
        '[package]\nname = "crate"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n[dependencies]\n' + DEPENDENCY[contestant] + "\n")
    main = crate / "src" / "main.rs"
    main.write_text(source(contestant, 1))
    subprocess.run(["cargo", "fetch", "--quiet"], cwd=crate, check=True)
    hello = cargo(crate, profile)
    small = code_size(crate, profile)
    times = []
    for _ in range(rounds):
        main.write_text(source(contestant, types))
        times.append(cargo(crate, profile))
    per_type = (code_size(crate, profile) - small) / (types - 1)
    print(f"{contestant:<12} {profile:<8} {statistics.median(times):>8.1f} s {per_type:>8.1f} KB {hello:>8.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--types", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--profile", choices=["dev", "release"])
    parser.add_argument("contestant", nargs="*")
    arguments = parser.parse_args()
    if arguments.types < 2 or arguments.rounds < 1:
        parser.error("at least two types and one round")
    for name in arguments.contestant:
        if name not in BODY:
            parser.error(f"{name}: not one of {', '.join(BODY)}")
    folder = Path(tempfile.mkdtemp(prefix="compile"))
    try:
        print(f"{'':<21} {f'{arguments.types} types':>10} {'per type':>11} {'one type':>10}")
        for profile in [arguments.profile] if arguments.profile else ["dev", "release"]:
            for name in arguments.contestant or BODY:
                measure(folder / profile, name, profile, arguments.types, arguments.rounds)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
