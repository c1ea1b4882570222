//! Running out of memory is an exception of the program, which goes on.

#![cfg(target_os = "linux")]

use std::process::{Command, Output};

const HEAPS: &[&str] = &["local", "locked", "atomic", "biased"];

/// Runs a program that may have so many KiB of addresses. The stack takes 1 GiB of them.
fn run(heap: &str, name: &str, text: &str, limit: usize) -> Output {
    let file = std::env::temp_dir().join(format!("minipy-memory-{name}-{heap}-{}.py", std::process::id()));
    std::fs::write(&file, text).expect("the directory is writable");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v $0 && exec \"$@\"", &limit.to_string(), env!("CARGO_BIN_EXE_minipy")]);
    let output = command.args(["--heap", heap, "--stats"]).arg(&file).output().expect("there is a shell");
    let _ = std::fs::remove_file(&file);
    output
}

fn passes(heaps: &[&str], name: &str, text: &str, limit: usize) {
    for heap in heaps {
        let got = run(heap, name, text, limit);
        let (out, errors) = (String::from_utf8_lossy(&got.stdout), String::from_utf8_lossy(&got.stderr));
        assert!(got.status.success() && out.ends_with("done\n"), "{heap}: {:?}\n{out}\n{errors}", got.status);
        assert!(!out.contains("fits"), "{heap}: {out}");
        assert!(errors.contains("alive at exit: 0 objects"), "{heap}: {errors}");
    }
}

/// What is too large in one piece: refused at once, whatever the limit.
#[test]
fn too_large() {
    let text = "
def attempt(name, function):
    try:
        function()
        print(name, 'fits')
    except MemoryError as error:
        print(name, repr(error), str(error))

huge = 10**12
attempt('str', lambda: 'a' * huge)
attempt('str', lambda: 'a' * 10**10)
attempt('str', lambda: huge * 10**6 * 'abcdefghij')
attempt('list', lambda: [0] * huge)
attempt('list', lambda: huge * 10**6 * [0, 1, 2])
attempt('tuple', lambda: (0,) * huge)
attempt('ljust', lambda: 'a'.ljust(huge))
attempt('rjust', lambda: 'a'.rjust(huge, 'x'))
attempt('center', lambda: 'a'.center(huge))
attempt('zfill', lambda: '1'.zfill(huge))
attempt('replace', lambda: ('a' * 10**6).replace('a', 'b' * 10**6))
attempt('join', lambda: ('b' * 10**6).join(['a'] * 10**6))
attempt('percent', lambda: '%*d' % (huge, 1))
attempt('percent', lambda: '%1000000000000s' % 1)
attempt('format', lambda: format(1, '1000000000000'))
attempt('format', lambda: format('x', '^1000000000000'))
attempt('f-string', lambda: f'{1.5:1000000000000.3f}')
attempt('precision', lambda: '%.2000000000f' % 1.5)
attempt('list(range)', lambda: list(range(huge)))
attempt('star', lambda: print(*range(huge)))
print('done')
";
    passes(HEAPS, "large", text, 1_600_000);
}

/// Runs each function until there is nothing left.
fn grows(name: &str, functions: &str, names: &str) {
    let text = format!(
        "
import gc, weakref
{functions}
for function in ({names}):
    try:
        function(1)
        print(function.__name__, 'fits')
    except MemoryError as error:
        print(function.__name__, repr(error), flush=True)
    gc.collect()
print('done')
"
    );
    passes(&["local", "biased"], name, &text, 1_300_000);
}

/// Containers that grow.
#[test]
fn growing() {
    let functions = "
def append(n):
    items = []
    while True:
        items.append(n)

def comprehension(n):
    return [n for _ in range(10**12)]

def extend(n):
    items = [n]
    while True:
        items.extend(items)

def add(n):
    items = (n,)
    while True:
        items += items

def concatenate(n):
    text = 'a'
    while True:
        text += text

def slices(n):
    items, all = [n] * 100000, []
    while True:
        all.append(items[:])

def dict_set(n):
    found = {}
    while True:
        found[len(found)] = n

def dict_comprehension(n):
    return {i: n for i in range(10**12)}

def set_add(n):
    found = set()
    while True:
        found.add(len(found))

def copies(n):
    one, all = dict.fromkeys(range(10000)), []
    while True:
        all.append(one.copy())
";
    let names =
        "append, comprehension, extend, add, concatenate, slices, dict_set, dict_comprehension, set_add, copies";
    grows("growing", functions, names);
}

/// Small objects without number: what they ask the allocator for is never much.
#[test]
fn small_objects() {
    let functions = "
class Node:
    def __init__(self, next):
        self.next = next

def generate():
    yield

def lists(n):
    items = None
    while True:
        items = [items, n]

def empty_lists(n):
    items = []
    while True:
        items.append([])

def nodes(n):
    node = None
    while True:
        node = Node(node)

def dicts(n):
    found = {}
    while True:
        found = {'next': found}

def strings(n):
    items = []
    while True:
        items.append('%d' % len(items) * 20)

def tuples(n):
    items = ()
    while True:
        items = (items, n)

def closures(n):
    last = None
    while True:
        last = lambda last=last: last

class Watched:
    def __del__(self):
        pass

def finalizable(n):
    items = []
    while True:
        items.append(Watched())

def weak_handles(n):
    items = []
    while True:
        items.append(Node(n))
        items.append(weakref.ref(items[-1]))

def wide(n):
    items = []
    while True:
        node = Node(n)
        node.a = node.b = node.c = node.d = node.e = n
        items.append(node)

def tables(n):
    items = []
    while True:
        items.append(dict.fromkeys(range(20)))

def generators(n):
    items = []
    while True:
        items.append(generate())
";
    let names = "lists, empty_lists, nodes, dicts, strings, tuples, closures, generators, \
                 finalizable, weak_handles, wide, tables";
    grows("small", functions, names);
}
