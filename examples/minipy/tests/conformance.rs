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

/// The heaps that minipy offers. The first is of one thread.
const HEAPS: &[&str] = &["local", "locked", "atomic", "biased"];

/// What starting a thread says on that one.
const ONE_THREAD: &str = "RuntimeError: can't start new thread: the heap 'local' belongs to one thread";

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

/// Whether the programs of a directory start threads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Threads {
    No,
    Yes,
}

fn compare(directory_name: &str, arguments: &BTreeMap<&str, Vec<&str>>, threads: Threads, least: usize) {
    let python = python();
    let files = python_files(&directory(directory_name));
    assert!(files.len() >= least, "only {} files in {directory_name}", files.len());
    for_each(&files, |file, failures| {
        let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let arguments = arguments.get(name).map_or(&[][..], Vec::as_slice);
        let expected = python.as_ref().map(|python| run(Command::new(python).arg(file).args(arguments)));
        for (heap, stress) in HEAPS.iter().flat_map(|heap| [(heap, false), (heap, true)]) {
            let what = format!("{name}, heap {heap}{}", if stress { ", stress" } else { "" });
            let got = minipy(heap, stress, file, arguments);
            let errors = String::from_utf8_lossy(&got.stderr).into_owned();
            if !errors.contains("alive at exit: 0 objects") {
                failures.push(format!("{what}: something is alive at exit\n{errors}"));
            }
            if threads == Threads::Yes && *heap == "local" {
                if got.status.code() != Some(1) || !errors.contains(ONE_THREAD) {
                    failures.push(format!("{what}: exit code {:?}\n{errors}", got.status.code()));
                }
            } else if let Some(expected) = &expected {
                if got.status.code() != expected.status.code() {
                    failures.push(format!("{what}: exit code {:?}\n{errors}", got.status.code()));
                }
                if got.stdout != expected.stdout {
                    let (expected, got) = (&expected.stdout, &got.stdout);
                    let (expected, got) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(got));
                    failures.push(format!("{what}: expected\n{expected}\nbut got\n{got}"));
                }
            }
        }
    });
}

#[test]
fn features() {
    compare("tests/py", &BTreeMap::new(), Threads::No, 200);
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
    compare("programs", &sizes, Threads::No, 6);
}

#[test]
fn threads() {
    compare("tests/py/threads", &BTreeMap::new(), Threads::Yes, 15);
    let sizes = BTreeMap::from([("cpu_pool", vec!["2", "4"]), ("race", vec!["500"])]);
    compare("programs/threads", &sizes, Threads::Yes, 3);
}

/// Writes a program, and removes it when it has been used.
struct Program(PathBuf);

impl Program {
    fn new(name: &str, text: &str) -> Self {
        let file = std::env::temp_dir().join(format!("minipy-{name}-{}.py", std::process::id()));
        std::fs::write(&file, text).expect("the directory is writable");
        Program(file)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A runtime error looks like CPython's.
#[test]
fn errors_go_to_stderr() {
    let program = Program::new("error", "def f(x):\n    return 1 / x\n\nprint('so far')\nf(0)\n");
    let got = minipy("local", false, &program.0, &[]);
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

/// So does one in a thread, which does not end the program.
#[test]
fn errors_in_threads() {
    let text = "import threading\n\ndef fail():\n    raise ValueError('no')\n\n\
                t = threading.Thread(target=fail)\nt.start()\nt.join()\nprint('after')\n";
    let program = Program::new("thread-error", text);
    for heap in &HEAPS[1..] {
        let got = minipy(heap, false, &program.0, &[]);
        assert_eq!(got.status.code(), Some(0));
        assert_eq!(String::from_utf8_lossy(&got.stdout), "after\n");
        let errors = String::from_utf8_lossy(&got.stderr);
        for part in [
            "Exception in thread Thread-1 (fail):\nTraceback (most recent call last):\n",
            "line 4, in fail\n    raise ValueError('no')\nValueError: no\n",
        ] {
            assert!(errors.contains(part), "{heap}: no {part:?} in:\n{errors}");
        }
    }
}
