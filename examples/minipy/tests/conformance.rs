//! Runs every program and every feature file under minipy, in all its ways, and under CPython, and compares standard
//! output and exit code.
//!
//! CPython is looked for as `python3`, or where the variable `MINIPY_PYTHON` says; it has to be 3.11 or later. Without it
//! the comparison is skipped, with a message. That nothing is alive at the end is checked in any case.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The heaps that minipy offers.
const HEAPS: &[&str] = &["local"];

fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn python_files(directory: &Path) -> Vec<PathBuf> {
    let entries = directory.read_dir().expect("the directory is part of the package");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    files.sort();
    files
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// CPython, if there is one that is new enough.
fn python() -> Option<String> {
    let python = std::env::var("MINIPY_PYTHON").unwrap_or_else(|_| "python3".into());
    let check = "import sys; sys.exit(sys.version_info < (3, 11))";
    let found = Command::new(&python).args(["-c", check]).status().is_ok_and(|status| status.success());
    if !found {
        eprintln!("no CPython 3.11 as `{python}`: nothing to compare with");
    }
    found.then_some(python)
}

fn minipy(heap: &str, stress: bool, file: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minipy"));
    command.args(["--heap", heap, "--stats"]);
    if stress {
        command.arg("--gc-stress");
    }
    run(command.arg(file).args(arguments))
}

/// Does `job` for every file, on as many threads as there are processors; fails with all that was wrong.
fn for_each(files: &[PathBuf], job: impl Fn(&Path, &mut Vec<String>) + Sync) {
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut found = Vec::new();
                    job(file, &mut found);
                    failures.lock().expect("no job panics").append(&mut found);
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no job panics");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn compare(directory_name: &str, arguments: &BTreeMap<&str, Vec<&str>>, stress: &[bool], least: usize) {
    let python = python();
    let files = python_files(&directory(directory_name));
    assert!(files.len() >= least, "only {} files in {directory_name}", files.len());
    for_each(&files, |file, failures| {
        let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let arguments = arguments.get(name).map_or(&[][..], Vec::as_slice);
        let expected = python.as_ref().map(|python| run(Command::new(python).arg(file).args(arguments)));
        for heap in HEAPS {
            for &stress in stress {
                let what = format!("{name}, heap {heap}{}", if stress { ", stress" } else { "" });
                let got = minipy(heap, stress, file, arguments);
                let errors = String::from_utf8_lossy(&got.stderr).into_owned();
                if let Some(expected) = &expected {
                    if got.status.code() != expected.status.code() {
                        failures.push(format!("{what}: exit code {:?}\n{errors}", got.status.code()));
                    }
                    if got.stdout != expected.stdout {
                        let (expected, got) = (&expected.stdout, &got.stdout);
                        let (expected, got) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(got));
                        failures.push(format!("{what}: expected\n{expected}\nbut got\n{got}"));
                    }
                }
                if !errors.contains("alive at exit: 0 objects") {
                    failures.push(format!("{what}: something is alive at exit\n{errors}"));
                }
            }
        }
    });
}

#[test]
fn features() {
    compare("tests/py", &BTreeMap::new(), &[false, true], 200);
}

/// The benchmarks among the programs take a size, which is small here.
#[test]
fn programs() {
    let sizes = BTreeMap::from([
        ("binary_trees", vec!["8"]),
        ("gc_collect", vec!["500"]),
        ("gc_traversal", vec!["2"]),
        ("richards", vec!["1"]),
        ("deltablue", vec!["1", "50"]),
        ("gcbench", vec!["8"]),
    ]);
    compare("programs", &sizes, &[false, true], 6);
}

/// A runtime error looks like CPython's.
#[test]
fn errors_go_to_stderr() {
    let file = std::env::temp_dir().join(format!("minipy-error-{}.py", std::process::id()));
    std::fs::write(&file, "def f(x):\n    return 1 / x\n\nprint('so far')\nf(0)\n").expect("the directory is writable");
    let got = minipy("local", false, &file, &[]);
    std::fs::remove_file(&file).expect("it was just written");
    assert_eq!(got.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&got.stdout), "so far\n");
    let errors = String::from_utf8_lossy(&got.stderr);
    for part in [
        "Traceback (most recent call last):\n  File \"",
        "line 5, in <module>\n    f(0)\n",
        "line 2, in f\n    return 1 / x\n",
        "ZeroDivisionError: division by zero\n",
    ] {
        assert!(errors.contains(part), "no {part:?} in:\n{errors}");
    }
}
