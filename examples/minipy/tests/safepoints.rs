//! Ctrl-C, and other threads that wait: whatever a thread is busy with, it hears of them soon.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const HEAPS: &[&str] = &["local", "locked", "atomic", "biased"];

/// Nothing here takes so long.
const LIMIT: Duration = Duration::from_secs(120);

/// A program that runs, and is killed if it does not end.
struct Running {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    file: PathBuf,
    _over: mpsc::Sender<()>,
}

impl Running {
    fn start(name: &str, heap: &str, text: &str) -> Self {
        let file = std::env::temp_dir().join(format!("minipy-{name}-{heap}-{}.py", std::process::id()));
        std::fs::write(&file, text).expect("the directory is writable");
        let mut command = Command::new(env!("CARGO_BIN_EXE_minipy"));
        command.args(["--heap", heap, "--stats"]).arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it was built");
        let out = BufReader::new(child.stdout.take().expect("it is a pipe"));
        let (over, end) = mpsc::channel();
        let id = child.id();
        std::thread::spawn(move || {
            if end.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
                signal("KILL", id);
            }
        });
        Running { child, out, file, _over: over }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("it is text");
        line
    }

    /// What it prints from now on, what it says about errors, and its exit code.
    fn end(mut self) -> (String, String, Option<i32>) {
        let (mut rest, mut errors) = (String::new(), String::new());
        self.out.read_to_string(&mut rest).expect("it is text");
        self.child.stderr.take().expect("it is a pipe").read_to_string(&mut errors).expect("it is text");
        (rest, errors, self.child.wait().expect("it was started").code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args([format!("-{name}"), process.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "there is a process to send a signal to");
}

/// What has no end by itself: waiting, and loops of every kind.
const ENDLESS: &[&str] = &[
    "while True: pass",
    "time.sleep(60)",
    "lock.acquire()",
    "thread.join()",
    "queue.Queue().get()",
    "[i for i in range(3 * 10**9) if i < 0]",
    "{i for i in range(3 * 10**9) if i < 0 or i > 10**10}",
    "{i: i for i in range(3 * 10**9) if not i >= 0}",
    "[j for i in range(10**9) if i < 0 for j in range(10)]",
    "[].extend(i for i in range(3 * 10**9) if i < 0)",
    "''.join(str(i) for i in range(3 * 10**9) if i < 0)",
    "sum(iter(int, 1))",
    "min(iter(int, 1))",
    "any(iter(int, 1))",
    "all(iter(lambda: 1, 2))",
    "1 in iter(int, 2)",
    "next(filter(None, iter(int, 1)))",
    "list(zip(filter(None, iter(int, 1))))",
    "dict(filter(None, iter(int, 1)))",
    "max(map(int, iter(int, 1)), key=abs)",
];

/// Ctrl-C is an exception of the main thread, whatever it is doing; the other threads go on, or are stopped.
#[test]
fn interrupts() {
    for action in ENDLESS {
        for heap in HEAPS {
            let text = format!(
                "import time, threading, queue\nlock = threading.Lock()\nlock.acquire()\n\
                 thread = threading.Thread(target=time.sleep, args=(60,), daemon=True)\n\
                 try:\n    thread.start()\nexcept RuntimeError:\n    class thread: join = lock.acquire\n\
                 print('ready')\n\
                 time.sleep(0)\ntry:\n    {action}\nexcept KeyboardInterrupt:\n    print('interrupted')\n    raise\n"
            );
            let mut program = Running::start("interrupt", heap, &text);
            assert_eq!(program.line(), "ready\n");
            // So that it is at it.
            std::thread::sleep(Duration::from_millis(20));
            signal("INT", program.child.id());
            let (rest, errors, code) = program.end();
            let what = format!("{heap}, {action}: {errors}");
            // A signal that comes before the `try` ends the program all the same.
            assert!(rest == "interrupted\n" || rest.is_empty(), "{what}");
            assert_eq!(code, Some(130), "{what}");
            assert!(errors.contains("KeyboardInterrupt") && errors.contains("alive at exit: 0 objects"), "{what}");
        }
    }
}

/// One thread is busy with something that takes long each time, another sleeps for a moment, or collects, over and over. If it had
/// to wait for a turn of the first each time, that would get as many turns, however often one tries. The system may keep the other one
/// from waking up, if the machine is busy, and not do so at the next try.
const BUSY: &str = "
import gc, threading, time

class Equal:
    def __eq__(self, other):
        return False

items, same, stop, turns = [], [], False, 0
works = [
    ('count', lambda: items.count(-1)),
    ('in', lambda: -1 in items),
    ('index in a tuple', lambda: tuple(items).count(-1)),
    ('equality', lambda: items == same),
    ('ask', lambda: items.count(odd)),
    ('list', lambda: [i for i in items if i < 0]),
    ('generator', lambda: sum(i for i in items if i < 0)),
    ('set', lambda: set(items)),
    ('min', lambda: min(items)),
    ('sort', lambda: sorted(items, key=lambda i: -i)),
]
odd = Equal()

def loop(work):
    global turns
    while not stop:
        work()
        turns += 1

def fill(size):
    global items, same
    items, same = list(range(size)), list(range(size))

def probe(pause):
    for _ in range(5):
        before = turns
        for _ in range(20):
            pause()
        meanwhile = turns - before
        if meanwhile < 12:
            break
    return meanwhile

for name, work in works:
    size = 1000
    while True:
        fill(size)
        start = time.perf_counter()
        work()
        if time.perf_counter() - start > 0.05:
            break
        size *= 2
    stop, turns = False, 0
    thread = threading.Thread(target=loop, args=(work,))
    thread.start()
    while turns == 0:
        time.sleep(0.001)
    slept, collected = probe(lambda: time.sleep(0.001)), probe(gc.collect)
    stop = True
    thread.join()
    print(name, slept, collected, flush=True)
print('done')
";

#[test]
fn others_do_not_wait() {
    for heap in &HEAPS[1..] {
        let mut program = Running::start("busy", heap, BUSY);
        loop {
            let line = program.line();
            if line == "done\n" {
                break;
            }
            let (name, [slept, collected]) = match line.trim_end().rsplitn(3, ' ').collect::<Vec<_>>()[..] {
                [b, a, name] => (name.to_owned(), [a, b].map(|n| n.parse::<u32>().expect("a number"))),
                _ => panic!("{heap}: {line}: {:?}", program.end()),
            };
            assert!(
                slept < 12 && collected < 12,
                "{heap}, {name}: {slept} turns while sleeping, {collected} collecting"
            );
        }
        let (_, errors, code) = program.end();
        assert!(code == Some(0) && errors.contains("alive at exit: 0 objects"), "{heap}: {errors}");
    }
}

/// Iterators of iterators are asked one by the other.
#[test]
fn nested_iterators() {
    let text = "
for make in (lambda it: map(int, it), lambda it: filter(None, it), lambda it: zip(it), lambda it: enumerate(it)):
    it = iter([1])
    for _ in range(10000):
        it = make(it)
    try:
        print(next(it))
    except RecursionError:
        print('too deep')
    del it
function = int
for _ in range(10000):
    function = staticmethod(function)
try:
    print(function())
except RecursionError:
    print('too deep')
";
    for heap in HEAPS {
        let (out, errors, code) = Running::start("nested", heap, text).end();
        assert_eq!((&*out, code), (&*"too deep\n".repeat(5), Some(0)), "{heap}: {errors}");
    }
}
