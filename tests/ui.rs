//! Programs that the compiler refuses, with what it says; and next to each a program that is almost the same and passes
//! (`tests/ui/pass`), so that none is refused for the wrong reason.
//!
//! The texts are those of the toolchain in `rust-toolchain.toml`. To write them anew: `TRYBUILD=overwrite cargo test --test ui`.

#[test]
#[cfg_attr(miri, ignore = "runs the compiler")]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.pass("tests/ui/pass/*.rs");
}

/// No twin is forgotten.
#[test]
#[cfg_attr(miri, ignore = "reads directories")]
fn twins() {
    let names = |directory: &str| {
        let files = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
        let programs = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
        programs.map(|path| path.file_name().unwrap().to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names("tests/ui"), names("tests/ui/pass"));
}
