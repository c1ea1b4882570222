//! What models are made of.

use std::sync::atomic::{AtomicU32 as Tally, Ordering};

#[cfg(loom)]
pub(super) use loom::{cell::UnsafeCell, sync::Arc, thread};
#[cfg(not(any(loom, shuttle)))]
pub(super) use std::{sync::Arc, thread};
#[cfg(shuttle)]
pub(super) use {shuttle::thread, std::sync::Arc};

use crate::raw::count::{Count, Down, Suspicion, Unique, flag};

/// How often a model runs on real threads.
#[cfg(not(any(loom, shuttle)))]
const ROUNDS: usize = if cfg!(miri) { 2 } else { 200 };

/// Runs a model: in every interleaving with up to three preemptions (`LOOM_MAX_PREEMPTIONS`).
pub(super) fn model(run: impl Fn() + Send + Sync + 'static) {
    model_within(3, run);
}

/// As [`model`], with up to so many preemptions, for what needs fewer and would take long.
pub(super) fn model_within(preemptions: usize, run: impl Fn() + Send + Sync + 'static) {
    #[cfg(loom)]
    {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound.get_or_insert(preemptions);
        builder.check(run);
    }
    #[cfg(not(loom))]
    let _ = preemptions;
    #[cfg(shuttle)]
    shuttle::check_random(run, shuttle_runs());
    #[cfg(not(any(loom, shuttle)))]
    for _ in 0..ROUNDS {
        run();
    }
}

/// How many interleavings shuttle tries.
#[cfg(shuttle)]
fn shuttle_runs() -> usize {
    std::env::var("SHUTTLE_RUNS").map_or(1000, |runs| runs.parse().expect("SHUTTLE_RUNS"))
}

/// Runs a program of several threads under shuttle: in random interleavings, and in as many in which the order of the
/// threads changes at a few places only (PCT).
#[cfg(shuttle)]
pub(super) fn model_large(run: fn()) {
    shuttle::check_random(run, shuttle_runs());
    shuttle::check_pct(run, shuttle_runs(), 4);
}

/// Who starts late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    Nobody,
    Main,
    Other,
}

impl Late {
    /// To be called by this thread before it does anything.
    pub(super) fn begin(self, who: Late) {
        if self == who {
            thread::yield_now();
        }
    }
}

/// As [`model`], also with either of two threads starting late. Loom finds out what can be reordered from the latest access
/// to an atomic only, so it does not see that a thread's store may come before another's load if the storing thread has
/// loaded, too, in between.
pub(super) fn model_late(run: impl Fn(Late) + Send + Sync + 'static) {
    let run = std::sync::Arc::new(run);
    for late in [Late::Nobody, Late::Main, Late::Other] {
        let run = std::sync::Arc::clone(&run);
        model(move || run(late));
    }
}

/// Memory that two threads must not use at a time, unless both read.
#[cfg(not(loom))]
#[derive(Debug)]
struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    fn new(value: T) -> Self {
        UnsafeCell(std::cell::UnsafeCell::new(value))
    }

    fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// Plain memory. Loom, Miri and ThreadSanitizer notice when the accesses to it are not ordered.
#[derive(Debug)]
pub(super) struct Plain(UnsafeCell<u32>);

// SAFETY: to find out whether this is true is what the models are for.
unsafe impl Send for Plain {}
// SAFETY: as above.
unsafe impl Sync for Plain {}

impl Plain {
    pub(super) fn new(value: u32) -> Self {
        Plain(UnsafeCell::new(value))
    }

    pub(super) fn get(&self) -> u32 {
        // SAFETY: as above.
        self.0.with(|at| unsafe { *at })
    }

    pub(super) fn set(&self, value: u32) {
        // SAFETY: as above.
        self.0.with_mut(|at| unsafe { *at = value });
    }
}

/// An object with such a value.
#[derive(Debug)]
pub(super) struct Object<C> {
    pub(super) count: C,
    value: Plain,
    memory: Plain,
    /// How often the value was dropped, and the memory released.
    ended: Tally,
    released: Tally,
}

impl<C: Count> Object<C> {
    pub(super) fn new(count: C) -> Arc<Self> {
        Arc::new(Object {
            count,
            value: Plain::new(1),
            memory: Plain::new(1),
            ended: Tally::new(0),
            released: Tally::new(0),
        })
    }

    /// What somebody with a handle does.
    pub(super) fn look(&self) {
        assert_eq!((self.value.get(), self.memory.get()), (1, 1), "the value is there");
    }

    /// Writes the value.
    pub(super) fn write(&self) {
        self.value.set(1);
    }

    /// Drops a handle, as one that looked at the value before. What it came to, if that was not the end.
    pub(super) fn drop_handle(&self, who: C::Who) -> Down {
        self.look();
        let down = self.count.dec(who, Suspicion::none());
        self.after(down);
        down
    }

    /// Takes the value out, if the handle is the only one; or drops the handle.
    pub(super) fn take_out(&self, who: C::Who) {
        if self.count.dec_last(who) == Unique::Yes {
            self.end();
        } else {
            self.drop_handle(who);
        }
    }

    /// What there is to do after a decrement.
    pub(super) fn after(&self, down: Down) {
        if down == Down::Zero {
            self.end();
        }
    }

    /// The end of the value.
    fn end(&self) {
        self.count.claim(flag::DYING, 0);
        self.value.set(0);
        self.ended.fetch_add(1, Ordering::Relaxed);
        if self.count.let_go() {
            self.release();
        }
    }

    fn release(&self) {
        self.value.set(0);
        self.memory.set(0);
        self.released.fetch_add(1, Ordering::Relaxed);
    }

    /// Drops a weak handle.
    pub(super) fn drop_weak(&self) {
        self.memory.get();
        if self.count.dec_weak() {
            self.release();
        }
    }

    /// Upgrades a weak handle, looks, and drops the strong one.
    pub(super) fn visit(&self, who: C::Who) -> Option<Down> {
        self.count.upgrade(who).then(|| self.drop_handle(who))
    }

    /// The end of the model: the value was dropped and the memory released so often.
    pub(super) fn expect(&self, ended: u32, released: u32) {
        let found = (self.ended.load(Ordering::Relaxed), self.released.load(Ordering::Relaxed));
        assert_eq!(found, (ended, released), "times dropped and released");
    }
}
