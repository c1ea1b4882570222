//! The heaps that a thread forks with, one call of `Control::fork` in the other.
//!
//! Who has a lock of a heap's must not wait for another heap: a thread that is inside of that one may need the lock, to drop a handle.
//! And who has stopped a heap waits only for those of higher rank ([`elsewhere`](crate::raw::threads::elsewhere)). So a call within
//! another one begins with letting go of all: the heaps around it go on ([`Around::suspend`]). Then the thread stops them and its own, the
//! lowest rank first. When it has all of them, and waits for nobody any more, it takes the locks. When the call is over it lets
//! go of all again, runs the destructors of what others have put off, and then has those around it stopped as before. The code
//! between two calls cannot use these heaps, so to it they have been stopped all the time.
//!
//! The locks are taken in the order of their kinds, as everybody else takes them, and not heap by heap.

use std::any::Any;
use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{ptr, thread};

use crate::raw::base::thread_slot::{ThreadRef, thread_ref};

/// A heap.
pub(super) trait Site {
    fn rank(&self) -> usize;

    /// Waits until the thread has the heap to itself, which it does until the result is dropped.
    fn stop(&self) -> Box<dyn Any>;

    /// The heap's locks. None of them is taken yet; all that are go when this is dropped.
    fn locks(&self) -> Box<dyn Locks>;
}

/// The locks of one heap.
pub(super) trait Locks {
    /// Takes those of a kind. The thread has all heaps to itself.
    fn take(&mut self, level: Level);
}

/// The kinds of locks.
#[derive(Clone, Copy)]
pub(super) enum Level {
    Parking,
    /// Where threads wait for examiners, and for a collection.
    Waiting,
    Gate,
}

/// All that the thread has.
struct Held {
    sites: Vec<&'static dyn Site>,
    stopped: Vec<Box<dyn Any>>,
    locks: Vec<Box<dyn Locks>>,
    /// Where this is.
    place: *mut Held,
}

thread_ref! {
    // Without destructor: the process may end while it forks, and the locks are kept then. A thread-local that is destroyed late may
    // fork, too.
    static HELD: Held
}

impl Held {
    /// Waits for these heaps, and takes their locks.
    fn begin(mut sites: Vec<&'static dyn Site>) {
        sites.sort_by_key(|site| site.rank());
        let mut held = Held { sites: Vec::new(), stopped: Vec::new(), locks: Vec::new(), place: ptr::null_mut() };
        for site in &sites {
            held.stopped.push(site.stop());
        }
        held.locks.extend(sites.iter().map(|site| site.locks()));
        for level in [Level::Parking, Level::Waiting, Level::Gate] {
            held.locks.iter_mut().for_each(|locks| locks.take(level));
        }
        held.sites = sites;
        let place = Box::into_raw(Box::new(held));
        // SAFETY: [I11] it is there until `end`, and nobody else knows of it.
        HELD.set(Some(unsafe {
            (*place).place = place;
            &*place
        }));
    }

    /// Lets go of all. The heaps that it was.
    fn end() -> Vec<&'static dyn Site> {
        let Some(held) = HELD.get() else { return Vec::new() };
        HELD.set(None);
        // SAFETY: [I11] it came from a box in `begin`, and nothing leads to it any more.
        let mut held = unsafe { Box::from_raw(held.place) };
        take(&mut held.sites)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The thread uses a heap again when it has let go of its locks, and comes into one that it has left to wait for another
        // one when that goes on: the last first.
        while self.locks.pop().is_some() {}
        while self.stopped.pop().is_some() {}
    }
}

/// The heaps of the calls around this one. They go on until it is dropped, and are stopped then.
pub(super) struct Around(Vec<&'static dyn Site>);

impl Around {
    pub(super) fn suspend() -> Around {
        Around(Held::end())
    }

    /// Runs `f` while these heaps and one more are stopped. The thread is inside of it.
    pub(super) fn and<R>(&self, site: &'static dyn Site, f: impl FnOnce() -> R) -> thread::Result<R> {
        let mut sites = self.0.clone();
        sites.push(site);
        Held::begin(sites);
        let result = catch_unwind(AssertUnwindSafe(f));
        Held::end();
        result
    }
}

impl Drop for Around {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            Held::begin(take(&mut self.0));
        }
    }
}
