//! Random programs and random source text, the same ones each time. The fuzz targets do this for longer.

#![forbid(unsafe_code)]
#![allow(unreachable_pub, reason = "fuzz targets include the module, too")]

mod random;

use rand_mt::Mt64;
use random::python::Python;
use random::{compare, front};

/// Programs call built-in functions that call back, and source text nests: as in `main`.
fn on_a_large_stack(f: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1 << 30).spawn(f).expect("there is memory for a stack");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    Mt64::new(seed).fill_bytes(&mut bytes);
    bytes
}

#[test]
fn programs() {
    on_a_large_stack(|| {
        let mut python = Python::start();
        for seed in 0..200 {
            compare(&bytes(seed, 1000), python.as_mut());
        }
    });
}

/// Pieces of Python in any order.
#[test]
fn source_text() {
    const PIECES: &str = "x y 1 2.5 's' f'{x}' f\"{x:{y}}\" ( ) [ ] { } , : . = += := + - ** * not is in if else for and lambda \
        def f( class C return yield await try except finally with as del global nonlocal import from raise assert while \
        break continue pass elif @ async match case ; # \\ é \0 \u{feff} ''' 0x 1e999 99999999999999999999 1j b'x' ... -> ~ \
        super() __class__ print(";
    const LAYOUT: [&str; 8] = [" ", " ", " ", "", "\n", "\n    ", ":\n    ", "\t"];
    on_a_large_stack(|| {
        let vm = front::vm();
        let pieces: Vec<&str> = PIECES.split(' ').collect();
        for seed in 0..2000 {
            let mut random = Mt64::new(seed);
            let mut below = |n: usize| random.next_u64() as usize % n;
            let source: String = (0..2 + below(60))
                .map(|at| if at % 2 == 0 { pieces[below(pieces.len())] } else { LAYOUT[below(LAYOUT.len())] })
                .collect();
            front::compile(&vm, &source);
        }
    });
}

/// What has no end in the source, or would have none in the code.
#[test]
fn too_much() {
    const MANY: usize = 70_000;
    let line = |at: usize, text: &str| format!("{}{text}\n", " ".repeat(at));
    let nested_finally = |depth: usize| {
        let text: String = (0..depth).map(|at| line(at, "try: f()") + &line(at, "finally:")).collect();
        text + &line(depth, "pass")
    };
    let programs = vec![
        "(".repeat(MANY),
        "-".repeat(MANY) + "1",
        "not ".repeat(MANY) + "1",
        "1".to_owned() + &"+1".repeat(MANY),
        "1".to_owned() + &"**1".repeat(MANY),
        "x".to_owned() + &".x".repeat(MANY),
        "f".to_owned() + &"()".repeat(MANY),
        "f".to_owned() + &"[0]".repeat(MANY),
        "lambda: ".repeat(MANY) + "1",
        "lambda a, b: ".repeat(MANY) + "1",
        "1 if 1 else ".repeat(MANY) + "1",
        "f'{".repeat(MANY),
        "[".repeat(MANY) + &"]".repeat(MANY),
        "{1: ".repeat(MANY),
        "x = ".repeat(MANY) + "1",
        (0..2000).map(|at| line(at, "if x:")).collect(),
        format!("[{}]", "x, ".repeat(MANY)),
        format!("f({})", "x, ".repeat(MANY)),
        format!("x.f({})", "x, ".repeat(300)),
        format!("def f({}): pass", (0..MANY).map(|at| format!("x{at}, ")).collect::<String>()),
        format!("def f():\n{}", (0..MANY).map(|at| line(4, &format!("x{at} = 1"))).collect::<String>()),
        format!("with {}: pass", vec!["x"; 3000].join(", ")),
        format!("if x: pass\n{}", "elif x: pass\n".repeat(3000)),
        format!("[x {}]", "for x in y ".repeat(300)),
        nested_finally(90),
    ];
    on_a_large_stack(move || {
        let vm = front::vm();
        for program in programs {
            front::compile(&vm, &program);
        }
    });
}

/// Where something is wrong is told in characters.
#[test]
fn columns() {
    let vm = front::vm();
    for (source, line, column) in [
        ("x = = 1", 1, 5),
        ("x = 1\n'é' + ?", 2, 7),
        ("def f():\n    yield 1\nyield 2", 3, 1),
        (&("1 + ".to_owned() + &"-".repeat(2000)), 1, 1004),
    ] {
        let error = minipy::front::compile(&vm, &vm.globals, source, false).err().expect(source);
        assert_eq!((error.line, error.column), (line, column), "{error}");
    }
}
