//! The small language of examples/lang: its programs, what its collector frees, and that the guide quotes it as it is.
//!
//! The example is compiled into this test. Each test has a thread, and so a heap, of its own.

#![forbid(unsafe_code)]

#[path = "../examples/lang/language/mod.rs"]
#[allow(unreachable_pub, dead_code, reason = "a program, not a library")]
mod language;

use std::path::Path;

use language::Lang;

/// Does `f` on a thread with the stack that the language wants.
fn on_a_thread<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(language::STACK).spawn(f).expect("there is memory for a stack");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Runs a program; returns its value as text. At the end nothing may be alive.
fn run(source: &str, thresholds: (usize, usize, usize)) -> Result<String, String> {
    let source = source.to_owned();
    on_a_thread(move || {
        Lang.set_thresholds(thresholds);
        let globals = language::globals();
        let result = language::run(&source, &globals).map(|value| value.to_string());
        drop(globals);
        Lang.collect();
        Lang.collect(); // for what a finalizer has brought back
        assert_eq!(Lang.live_allocations(), 0, "left by {source}");
        result
    })
}

const USUAL: (usize, usize, usize) = (2000, 10, 10);

/// Each program says in its last line what its value is.
#[test]
fn programs() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/lang/programs");
    let mut programs = 0;
    for entry in directory.read_dir().expect("the directory is part of the package") {
        let path = entry.expect("it can be read").path();
        let source = std::fs::read_to_string(&path).expect("it is text");
        let (_, expected) = source.trim_end().rsplit_once("; => ").expect("it says what its value is");
        for thresholds in [USUAL, (1, 0, 0)] {
            assert_eq!(run(&source, thresholds).as_deref(), Ok(expected), "{}", path.display());
        }
        programs += 1;
    }
    assert_eq!(programs, 5);
}

#[test]
fn closures_are_cycles() {
    let globals = language::globals();
    let before = Lang.live_objects();
    let run = |source| language::run(source, &globals).expect("it is right").to_string();
    run("(define f (lambda () (define me (lambda () me)) nil)) (f) (f)");
    assert_eq!(Lang.live_objects(), before + 5); // `f`, and twice a scope and a closure
    assert_eq!(run("(collect)"), "4");
    assert_eq!(Lang.live_objects(), before + 1);
}

#[test]
fn calls_that_nothing_captures_leave_nothing() {
    let globals = language::globals();
    let run = |source| language::run(source, &globals).expect("it is right").to_string();
    run("(define f (lambda (n) (if (< n 1) 0 (+ 1 (f (- n 1))))))");
    let before = Lang.live_allocations();
    assert_eq!(run("(f 50)"), "50");
    assert_eq!(Lang.live_allocations(), before);
}

/// A variable is set while its old value goes, and with it a guard, which sets the same variable.
#[test]
fn a_finalizer_may_use_the_variable_that_held_the_guard() {
    let source = "(define x nil) (set! x (guard (lambda () (set! x 7)))) (set! x 1) x";
    assert_eq!(run(source, USUAL).as_deref(), Ok("7"));
}

#[test]
fn errors() {
    for (source, part) in [
        ("x", "x is not defined"),
        ("(set! x 1)", "x is not defined"),
        ("(define)", "malformed define"),
        ("(1 2)", "1 is not a function"),
        ("(car 1)", "car: wrong arguments"),
        ("(* 9223372036854775807 2)", "too large"),
        ("((lambda (x) x))", "wrong number of arguments"),
        ("(define f (lambda () (f))) (f)", "nested too deeply"),
        ("(print 1", "^"),
        (")", "^"),
        ("\"text", "^"),
        (&"(".repeat(100_000), "^"),
        (&format!("{}1{}", "(+ 1 ".repeat(60), ")".repeat(60)), "^"),
    ] {
        let error = run(source, USUAL).expect_err(source);
        assert!(error.contains(part), "{source}: {error}");
    }
}

/// As deep as the language allows.
#[test]
fn as_deep_as_it_gets() {
    let inner = format!("{}(f (+ n 1)){}", "(+ 0 ".repeat(40), ")".repeat(40));
    let source = format!("(define f (lambda (n) (if (< n 200) {inner} n))) (f 0)");
    assert_eq!(run(&source, USUAL).as_deref(), Ok("200"));
}

/// What the guide shows of the language is what is compiled here.
#[test]
fn the_guide_quotes_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("it is part of the package");
    let (guide, code) = (read("docs/GUIDE.md"), read("examples/lang/language/mod.rs"));
    let (_, chapter) = guide.split_once("\n## A language on tricycle in 200 lines\n").expect("there is the chapter");
    let chapter = chapter.split_once("\n## ").map_or(chapter, |(chapter, _)| chapter);
    let quotes: Vec<&str> =
        chapter.split("```rust,ignore\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(quotes.len() >= 6);
    for quote in quotes {
        assert!(code.contains(quote), "not in examples/lang/language/mod.rs:\n{quote}");
    }
}
