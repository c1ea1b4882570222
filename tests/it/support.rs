//! What the tests share whatever the heap: the leak gate, a log, values that notice their drop, fault injection.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tricycle::{Heap, Thresholds, Trace, heap};

heap! {
    /// A heap that is not the default one.
    pub(crate) Vm: Local
}

heap! {
    /// The suite's heap with a lock.
    pub(crate) Locked: Locked
}

heap! {
    /// The suite's heap with atomic counts.
    pub(crate) Atomic: Atomic
}

heap! {
    /// The suite's heap with biased counts.
    pub(crate) Biased: Biased
}

/// A heap of the suite.
pub(crate) trait Kind: Heap {
    /// What keeps the tests of a heap that threads share out of each other's way: to them, it is one heap.
    const TURNS: Option<&'static Mutex<()>> = None;

    /// Threads use the heap at the same time. Its collections are in one piece.
    const PARALLEL: bool = false;

    /// How large headers are: that of a leaf, and that of a tracked object.
    const HEADERS: (usize, usize) = (8, 24);

    /// How many weak handles stick, and how many there are from then on, as far as one is told.
    const WEAK: (usize, usize) = if cfg!(gc_small_limits) { (63, 63) } else { ((1 << 22) - 1, (1 << 22) - 1) };
}

impl Kind for tricycle::Local {}
impl Kind for Vm {}

/// Makes heaps that threads share [`Kind`]s.
macro_rules! shared {
    ($($heap:ty { $($constants:item)* })+) => {$(
        impl Kind for $heap {
            const TURNS: Option<&'static Mutex<()>> = {
                static TURNS: Mutex<()> = Mutex::new(());
                Some(&TURNS)
            };
            $($constants)*
        }
    )+};
}

shared! {
    Locked {}
    Atomic {
        const PARALLEL: bool = true;
        const WEAK: (usize, usize) = if cfg!(gc_small_limits) { (32, 48) } else { (1 << 19, 3 << 18) };
    }
    Biased {
        const PARALLEL: bool = true;
        const WEAK: (usize, usize) = if cfg!(gc_small_limits) { (32, 48) } else { (1 << 18, 3 << 17) };
        const HEADERS: (usize, usize) = (16, 32);
    }
}

/// What a heap of one thread can hold, or have called: trait objects of the tests have this for a supertrait.
pub(crate) trait Anything {}
impl<T: ?Sized> Anything for T {}

/// What a heap that threads share can hold, or have called.
pub(crate) trait SendSync: Send + Sync {}
impl<T: ?Sized + Send + Sync> SendSync for T {}

/// Fails the test if there are more objects at its end than at its start. Open it first, so that it closes last.
///
/// On a heap that threads share, only the gates of one thread are open at a time.
#[must_use]
pub(crate) struct Gate<H: Kind> {
    heap: H,
    objects: usize,
    allocations: usize,
}

thread_local! {
    /// The thread runs a test that is attached.
    static ATTACHED: Cell<bool> = const { Cell::new(false) };
    /// The heaps whose turn the thread has, until it has ended: its end uses them, too, and would get in the way of others.
    static HAS_TURN: RefCell<Vec<(TypeId, MutexGuard<'static, ()>)>> = const { RefCell::new(Vec::new()) };
}

/// Waits for the thread's turn. Called before the thread first uses the heap: then the turn ends after that use does.
fn take_turn<H: Kind>() {
    let Some(turns) = H::TURNS else { return };
    HAS_TURN.with_borrow_mut(|mine| {
        if !mine.iter().any(|(heap, _)| *heap == TypeId::of::<H>()) {
            // A test that fails does not keep the others from running.
            mine.push((TypeId::of::<H>(), turns.lock().unwrap_or_else(PoisonError::into_inner)));
        }
    });
}

impl<H: Kind> Gate<H> {
    /// For `test`, which calls this first. On a heap that threads share it has the test run while the thread is attached,
    /// and then go on, when it is not: each operation comes in for itself.
    pub(crate) fn open_for(test: fn()) -> Self {
        take_turn::<H>();
        if H::TURNS.is_some() && !ATTACHED.replace(true) {
            let result = catch_unwind(|| H::default().attach(test));
            ATTACHED.set(false);
            result.unwrap_or_else(|panic| resume_unwind(panic));
        }
        Self::open()
    }

    pub(crate) fn open() -> Self {
        take_turn::<H>();
        let heap = H::default();
        heap.collect();
        Gate { heap, objects: heap.live_objects(), allocations: heap.live_allocations() }
    }
}

impl<H: Kind> Drop for Gate<H> {
    fn drop(&mut self) {
        let heap = self.heap;
        heap.set_thresholds(Thresholds::default());
        heap.set_growth(100);
        heap.enable();
        if std::thread::panicking() {
            return;
        }
        assert!(!heap.is_save_all() && heap.garbage().is_empty(), "the test leaves garbage behind");
        assert_eq!(heap.freeze_count(), 0, "the test leaves frozen objects behind");
        heap.collect();
        assert_eq!(heap.live_objects(), self.objects, "tracked objects leak");
        assert_eq!(heap.live_allocations(), self.allocations, "memory leaks");
    }
}

/// What happened, in order. Its clones share it.
#[derive(Clone, Default, Trace)]
#[trace(acyclic)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn add(&self, entry: impl Into<String>) {
        self.0.lock().unwrap().push(entry.into());
    }

    /// Takes the entries out.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Takes the entries out, sorted: for when the order is not promised.
    pub(crate) fn sorted(&self) -> Vec<String> {
        let mut entries = self.take();
        entries.sort();
        entries
    }

    /// How many entries start with `prefix`.
    pub(crate) fn count(&self, prefix: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|entry| entry.starts_with(prefix)).count()
    }
}

/// Writes `drop name` to a log when it is dropped.
#[derive(Trace)]
#[trace(acyclic)]
pub(crate) struct Canary {
    pub(crate) name: String,
    log: Log,
}

impl Canary {
    pub(crate) fn new(name: impl Into<String>, log: &Log) -> Self {
        Canary { name: name.into(), log: log.clone() }
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.log.add(format!("drop {}", self.name));
    }
}

/// A place for things, shared by clones. The collector does not look inside: what holds a shelf keeps all that is on it.
pub(crate) struct Shelf<T>(Arc<Mutex<Vec<T>>>);

impl<T> Clone for Shelf<T> {
    fn clone(&self) -> Self {
        Shelf(Arc::clone(&self.0))
    }
}

impl<T> Shelf<T> {
    pub(crate) fn new() -> Self {
        Shelf(Arc::new(Mutex::new(Vec::new())))
    }

    pub(crate) fn put(&self, value: T) {
        self.0.lock().unwrap().push(value);
    }

    pub(crate) fn take(&self) -> Vec<T> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// The panic of a test. It is raised without the panic hook, so it does not fill the terminal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Injected(pub(crate) &'static str);

/// Panics with [`Injected`].
pub(crate) fn inject(what: &'static str) -> ! {
    resume_unwind(Box::new(Injected(what)))
}

/// Runs `f`. Returns what was injected if it panicked with that.
pub(crate) fn injected<R>(f: impl FnOnce() -> R) -> Result<R, &'static str> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|panic| match panic.downcast::<Injected>() {
        Ok(injected) => injected.0,
        Err(other) => resume_unwind(other),
    })
}

thread_local! {
    /// Calls of [`tick`] until one panics; zero for never.
    static FUSE: Cell<usize> = const { Cell::new(0) };
    static TICKS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Lets the `n`-th call of [`tick`] from now on panic. Returns what was left of the earlier fuse.
pub(crate) fn set_fuse(n: usize) -> usize {
    TICKS.take();
    FUSE.replace(n)
}

/// The calls of [`tick`] since the fuse was set.
pub(crate) fn ticks() -> Vec<&'static str> {
    TICKS.take()
}

/// A place where user code might panic.
pub(crate) fn tick(what: &'static str) {
    if FUSE.get() > 0 {
        TICKS.with_borrow_mut(|ticks| ticks.push(what));
        FUSE.set(FUSE.get() - 1);
        if FUSE.get() == 0 {
            inject(what);
        }
    }
}

/// Anything that may be kept to the end of a thread.
type Kept = Vec<Box<dyn Any>>;

thread_local! {
    static KEPT: RefCell<Kept> = const { RefCell::new(Vec::new()) };
}

/// Keeps `value` until the thread ends.
pub(crate) fn keep(value: impl Any) {
    KEPT.with_borrow_mut(|kept| kept.push(Box::new(value)));
}

/// Runs `f` on a thread of its own and waits for the end of it, thread-locals included.
pub(crate) fn on_thread<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    match std::thread::spawn(f).join() {
        Ok(result) => result,
        Err(panic) => resume_unwind(panic),
    }
}

/// Runs `f`, which leaks, apart from the other tests of its heap: on a thread of its own, or, if threads share the heap, in
/// a process of its own, which runs the test called `path` (with the crate's name in front) and no other.
pub(crate) fn apart<H: Kind>(path: &str, f: impl FnOnce() + Send + 'static) {
    const APART: &str = "TRICYCLE_TEST_APART";
    if H::TURNS.is_none() || std::env::var_os(APART).is_some() {
        return on_thread(f);
    }
    let (_, path) = path.split_once("::").expect("the crate's name");
    let program = std::env::current_exe().expect("a test is a program");
    // An emulator does not start what it emulates.
    let runner = std::env::var("TRICYCLE_TEST_RUNNER").unwrap_or_default();
    let mut words = runner.split_whitespace();
    let mut command = match words.next() {
        Some(emulator) => Command::new(emulator),
        None => Command::new(&program),
    };
    if !runner.is_empty() {
        command.args(words).arg(program);
    }
    let output =
        command.args(["--exact", path, "--include-ignored"]).env(APART, "1").output().expect("it can be started");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

/// As [`on_thread`], with a small stack.
pub(crate) fn on_small_stack(f: impl FnOnce() + Send + 'static) {
    // Sanitizers make the frames larger.
    let size = if cfg!(gc_sanitize) { 4 << 20 } else { 512 << 10 };
    let thread = std::thread::Builder::new().stack_size(size).spawn(f).unwrap();
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}

/// All numbers, for tests that stop at each point of something long; under Miri, past `dense`, ever fewer of them.
pub(crate) fn points(dense: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(0), move |n| Some(n + if cfg!(miri) && *n >= dense { n / dense.min(6) } else { 1 }))
}
