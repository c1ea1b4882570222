//! Programs that the compiler refuses, with what it says; and next to each a module that is almost the same and passes
//! (`tests/ui/pass`), so that none is refused for the wrong reason.
//!
//! The texts are those of Rust 1.95. To write them anew: `TRYBUILD=overwrite cargo test --test ui -- --include-ignored`.

// What makes the programs `drop_ban_not_faked*` special, which no module can have for itself.
extern crate self as core;

mod ops {
    #[expect(dead_code, reason = "the derive does not fall for it")]
    pub(crate) trait Drop {}
}

#[path = "ui/pass/mod.rs"]
#[allow(
    dead_code,
    single_use_lifetimes,
    unreachable_pub,
    clippy::all,
    clippy::allow_attributes_without_reason,
    clippy::undocumented_unsafe_blocks,
    reason = "some only have to compile, and all are as close to their twins as can be"
)]
mod pass;

#[test]
#[cfg_attr(miri, ignore = "runs the compiler")]
#[rustversion::attr(not(stable(1.95)), ignore = "the texts are those of Rust 1.95")]
fn ui() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

/// What is found only when code is made for it. (To build them, and not only check them, trybuild needs one that passes.)
#[test]
#[cfg_attr(miri, ignore = "runs the compiler")]
#[rustversion::attr(not(stable(1.95)), ignore = "the texts are those of Rust 1.95")]
fn built() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/built/*.rs");
    cases.pass("tests/ui/pass/leaves_only.rs");
}

/// No twin is forgotten.
#[test]
#[cfg_attr(miri, ignore = "reads directories")]
fn twins() {
    let names = |directory: &str| {
        let files = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
        let programs = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
        programs
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    let modules = include_str!("ui/pass/mod.rs").lines();
    let modules = modules.filter_map(|line| Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned()));
    let programs: std::collections::BTreeSet<_> = ["tests/ui", "tests/ui/built"].into_iter().flat_map(names).collect();
    assert_eq!(programs, modules.collect());
}
