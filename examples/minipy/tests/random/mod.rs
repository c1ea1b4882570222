//! Random programs, run by minipy and by CPython, and random bytes for the front end.
//!
//! The fuzz targets `minipy_front` and `minipy_programs` are made of this, and the test `random_programs`.

pub mod expression;
pub mod front;
pub mod minipy;
pub mod program;
pub mod python;

use python::Python;

/// Runs the program that `bytes` stand for everywhere, and compares. `python`: nobody to compare with if it is missing.
pub fn compare(bytes: &[u8], python: Option<&mut Python>) {
    let source = program::generate(bytes);
    let usual = minipy::run(&source, false);
    assert_eq!(usual.alive, 0, "alive at the end of\n{source}");
    if bytes.first().is_some_and(|first| first % 4 == 0) {
        let stressed = minipy::run(&source, true);
        assert_eq!(stressed.alive, 0, "alive at the end of, under stress,\n{source}");
        let timeless = |out: &str| out.lines().filter(|line| !line.starts_with(program::TIMELY)).collect::<String>();
        assert_eq!(
            (timeless(&usual.out), usual.code),
            (timeless(&stressed.out), stressed.code),
            "under stress the program does something else\n{source}"
        );
    }
    let Some(python) = python else { return };
    let expected = python.run(&source);
    assert_eq!(
        (&*usual.out, usual.code, usual.error()),
        (&*expected.out, expected.code, &*expected.error),
        "minipy and CPython differ\n{source}"
    );
}
