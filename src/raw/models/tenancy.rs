//! Pools of threads that have ended.

use std::ops::ControlFlow;
use std::ptr::NonNull;

use super::support::{Arc, Late, Plain, model, model_late, thread};
use crate::raw::memory::remote::{Returned, Tray};
use crate::raw::memory::tenancy::Tenancy;

/// Blocks that are on one page, and memory that one thread uses at a time.
struct Pool {
    tenancy: Tenancy,
    tray: Tray,
    page: Returned,
    blocks: [Block; 2],
    /// How many blocks were freed.
    freed: Plain,
}

/// Room for a link.
#[repr(C)]
struct Block(std::cell::UnsafeCell<usize>);

// SAFETY: blocks go from thread to thread, each to one.
unsafe impl Send for Pool {}
// SAFETY: as above.
unsafe impl Sync for Pool {}

impl Pool {
    fn new() -> Arc<Self> {
        Arc::new(Pool {
            tenancy: Tenancy::new(),
            tray: Tray::new(),
            page: Returned::new(),
            blocks: [Block(0.into()), Block(0.into())],
            freed: Plain::new(0),
        })
    }

    fn take_back(&self) {
        let each = |_, blocks| {
            for _ in blocks {
                self.freed.set(self.freed.get() + 1);
            }
            ControlFlow::Continue(())
        };
        // SAFETY: to find out whether the pool is ours is what the model is for.
        unsafe { self.tray.collect(each) };
    }

    fn take_back_all(&self) -> bool {
        self.take_back();
        true
    }

    fn leave(&self) {
        self.tenancy.leave(&self.tray, || self.take_back_all());
    }

    /// Another thread frees a block.
    fn give_back(&self, index: usize) {
        let block = NonNull::new(self.blocks[index].0.get()).unwrap().cast();
        let free = |_| self.freed.set(self.freed.get() + 1);
        // SAFETY: each block is given back once, and the page stays.
        unsafe { self.tenancy.give_back(&self.tray, NonNull::from(&self.page), block, free, || self.take_back_all()) };
    }

    /// Nobody has the pool, and all blocks are back.
    fn expect(&self, freed: u32) {
        assert!(self.tray.is_empty(), "a block stays on the tray");
        self.tenancy.hold();
        assert_eq!(self.freed.get(), freed);
    }
}

/// A thread leaves its pool in the middle of taking back, while another one gives back what lies in it. Whoever does so next takes all.
#[test]
fn left_in_the_middle() {
    model(|| {
        let pool = Pool::new();
        let other = give_back(&pool, 0);
        pool.tenancy.leave(&pool.tray, || false);
        other.join().unwrap();
        pool.give_back(1);
        pool.expect(2);
    });
}

fn give_back(pool: &Arc<Pool>, index: usize) -> thread::JoinHandle<()> {
    let theirs = Arc::clone(pool);
    thread::spawn(move || theirs.give_back(index))
}

/// A thread leaves its pool while another one gives back what lies in it.
#[test]
fn left_and_given_back() {
    model_late(|late| {
        let pool = Pool::new();
        let other = give_back(&pool, 0);
        late.begin(Late::Main);
        pool.freed.set(0);
        pool.leave();
        other.join().unwrap();
        pool.expect(1);
    });
}

/// A thread takes a pool that another one tends.
#[test]
fn tended_and_held() {
    model(|| {
        let pool = Pool::new();
        pool.leave();
        let other = give_back(&pool, 0);
        pool.tenancy.hold();
        assert!(pool.freed.get() <= 1);
        pool.take_back();
        other.join().unwrap();
        pool.take_back();
        assert_eq!(pool.freed.get(), 1);
    });
}

/// Two threads give back to a pool that a third one has left.
#[test]
fn two_tend() {
    model(|| {
        let pool = Pool::new();
        pool.leave();
        let other = give_back(&pool, 0);
        pool.give_back(1);
        other.join().unwrap();
        pool.expect(2);
    });
}

/// … or leaves at this moment.
#[test]
fn two_give_back() {
    model(|| {
        let pool = Pool::new();
        let others = [0, 1].map(|index| give_back(&pool, index));
        pool.leave();
        for other in others {
            other.join().unwrap();
        }
        pool.expect(2);
    });
}
