//! What the tests share: objects with cookies, a census of them, and a watch that ends tests that hang.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use tricycle::{Finalize, Gc, GcCell, Heap, Hosts, Trace, Weak};

/// Runs a test, and fails it if it takes longer than anything here should, also on a machine that is busy.
pub(crate) fn bounded(test: impl FnOnce() + Send + 'static) {
    bounded_by(Duration::from_secs(120), test);
}

/// Runs a test that may take so long.
pub(crate) fn bounded_by(most: Duration, test: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    let thread = thread::spawn(move || {
        let _done = done; // dropped at the end, also by a panic
        test();
    });
    match finished.recv_timeout(if cfg!(miri) { Duration::from_secs(3600) } else { most }) {
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => {}
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("the test hangs"),
    }
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}

/// Waits, outside of all heaps. Whether it was done in time, also on a machine that is busy.
pub(crate) fn until(done: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while !done() {
        if start.elapsed() > Duration::from_secs(if cfg!(miri) { 3600 } else { 60 }) {
            return false;
        }
        thread::yield_now();
    }
    true
}

/// Threads that [`joined`] waits for.
pub(crate) struct Threads<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    started: Mutex<Vec<ScopedJoinHandle<'scope, ()>>>,
}

impl<'scope> Threads<'scope, '_> {
    pub(crate) fn spawn<T>(&self, f: impl FnOnce() -> T + Send + 'scope) {
        let thread = self.scope.spawn(move || drop(f()));
        self.started.lock().unwrap().push(thread);
    }
}

/// [`thread::scope`] waits for what its threads run, and not for their thread-locals: those that have used a heap leave it a little
/// later, and have its lock for that, or see to what others have left. Here they are gone, so that one can count what there is.
pub(crate) fn joined<'env, T>(f: impl for<'scope> FnOnce(&Threads<'scope, 'env>) -> T) -> T {
    thread::scope(|scope| {
        let threads = Threads { scope, started: Mutex::default() };
        let result = f(&threads);
        for thread in threads.started.into_inner().unwrap() {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
        result
    })
}

/// Runs something on a thread of its own, which is gone then.
pub(crate) fn elsewhere<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(f).join().unwrap_or_else(|panic| resume_unwind(panic)))
}

/// A number from the environment.
pub(crate) fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect(variable))
}

/// How often something is repeated: less where it is slow.
pub(crate) const fn times(n: usize) -> usize {
    if cfg!(miri) { n.div_ceil(100) } else { n }
}

/// So many rounds of a test of chance; or as many as there is time for, where each takes long: threads that meet all the time wait for a
/// turn of the machine each time, if others want it too.
pub(crate) fn rounds(most: usize) -> impl Iterator<Item = usize> {
    let start = Instant::now();
    (0..most).take_while(move |_| cfg!(miri) || start.elapsed() < Duration::from_secs(10))
}

/// Counts values, finalizers and callbacks.
#[derive(Clone, Default, Trace)]
#[trace(acyclic)]
pub(crate) struct Census(Arc<[AtomicUsize; 4]>);

impl Census {
    pub(crate) fn born(&self) -> usize {
        self.0[0].load(SeqCst)
    }

    pub(crate) fn dropped(&self) -> usize {
        self.0[1].load(SeqCst)
    }

    pub(crate) fn finalized(&self) -> usize {
        self.0[2].load(SeqCst)
    }

    pub(crate) fn called(&self) -> usize {
        self.0[3].load(SeqCst)
    }

    /// A callback was called.
    pub(crate) fn call(&self) {
        self.0[3].fetch_add(1, SeqCst);
    }

    /// Nothing is left on heap `H`, after everything has been collected.
    #[track_caller]
    pub(crate) fn nothing_left<H: Heap>(&self) {
        let heap = H::default();
        let left = || (self.born() - self.dropped(), heap.live_objects(), heap.live_allocations());
        // What the first one finalizes, the second one finds; and what was dropped meanwhile.
        (0..3).for_each(|_| _ = heap.collect());
        // Threads that are at their ends may have something still, or collect themselves.
        until(|| {
            left() == (0, 0, 0) || {
                heap.collect();
                false
            }
        });
        assert_eq!(left(), (0, 0, 0));
    }
}

const ALIVE: u64 = 0x5eed_c0de_5eed_c0de;

/// A value that knows whether it is alive.
#[derive(Trace)]
#[trace(acyclic)]
pub(crate) struct Cookie(AtomicU64, Census);

impl Cookie {
    pub(crate) fn new(census: &Census) -> Self {
        census.0[0].fetch_add(1, SeqCst);
        Cookie(AtomicU64::new(ALIVE), census.clone())
    }

    #[track_caller]
    pub(crate) fn check(&self) {
        assert_eq!(self.0.load(SeqCst), ALIVE, "a value is used after its end");
    }
}

impl Drop for Cookie {
    fn drop(&mut self) {
        assert_eq!(self.0.swap(0, SeqCst), ALIVE, "a value is dropped twice");
        self.1.0[1].fetch_add(1, SeqCst);
    }
}

/// An object with edges.
#[derive(Trace)]
pub(crate) struct Node<H: Heap> {
    pub(crate) edges: GcCell<Vec<Gc<Node<H>, H>>, H>,
    pub(crate) cookie: Cookie,
}

impl<H: Hosts<Node<H>>> Node<H> {
    pub(crate) fn new(census: &Census) -> Gc<Self, H> {
        Gc::new_in(Node { edges: GcCell::default(), cookie: Cookie::new(census) }, H::default())
    }

    /// `n` in a circle; the handle is to the first.
    pub(crate) fn ring(n: usize, census: &Census) -> Gc<Self, H> {
        let nodes: Vec<_> = (0..n).map(|_| Node::new(census)).collect();
        (0..n).for_each(|i| nodes[i].edges.borrow_mut().push(nodes[(i + 1) % n].clone()));
        nodes[0].clone()
    }
}

/// What a finalizer does.
type Script<H> = Box<dyn Fn(&Final<H>) + Send + Sync>;

/// An object with a finalizer and a handle to itself, if it likes.
#[derive(Trace)]
#[trace(finalize)]
pub(crate) struct Final<H: Heap> {
    pub(crate) me: GcCell<Option<Gc<Final<H>, H>>, H>,
    pub(crate) weak: Weak<Final<H>, H>,
    #[trace(skip)]
    script: Script<H>,
    pub(crate) cookie: Cookie,
}

impl<H: Hosts<Final<H>>> Final<H> {
    pub(crate) fn new(census: &Census, script: impl Fn(&Self) + Send + Sync + 'static) -> Gc<Self, H> {
        let cookie = Cookie::new(census);
        let script = Box::new(script);
        Gc::new_cyclic_in(|me| Final { me: GcCell::default(), weak: me.clone(), script, cookie }, H::default())
    }

    /// One that is garbage as soon as its handle goes, but not by count.
    pub(crate) fn cyclic(census: &Census, script: impl Fn(&Self) + Send + Sync + 'static) -> Gc<Self, H> {
        let this = Self::new(census, script);
        this.me.set(Some(this.clone()));
        this
    }
}

impl<H: Heap> Finalize for Final<H> {
    fn finalize(&self) {
        self.cookie.check();
        self.cookie.1.0[2].fetch_add(1, SeqCst);
        (self.script)(self);
    }
}
