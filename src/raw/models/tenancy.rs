//! Pools of threads that have ended.

use super::support::{Arc, Plain, model, thread};
use crate::raw::memory::tenancy::Tenancy;

/// What it is about: memory that one thread uses at a time.
struct Pool {
    tenancy: Tenancy,
    used: Plain,
}

impl Pool {
    fn new() -> Arc<Self> {
        Arc::new(Pool { tenancy: Tenancy::new(), used: Plain::new(0) })
    }

    fn tend(&self) {
        if self.tenancy.try_tend() {
            self.used.set(2);
            self.tenancy.leave();
        }
    }
}

/// A thread leaves its pool, and another one tends it.
#[test]
fn left_and_tended() {
    model(|| {
        let pool = Pool::new();
        let theirs = pool.clone();
        let other = thread::spawn(move || theirs.tend());
        pool.used.set(1);
        pool.tenancy.leave();
        other.join().unwrap();
    });
}

/// A thread takes a pool that another one tends.
#[test]
fn tended_and_held() {
    model(|| {
        let pool = Pool::new();
        pool.tenancy.leave();
        let theirs = pool.clone();
        let other = thread::spawn(move || theirs.tend());
        pool.tenancy.hold();
        pool.used.set(3);
        assert!(!pool.tenancy.try_tend());
        other.join().unwrap();
    });
}

/// Two threads tend a pool that a third one has left.
#[test]
fn two_tend() {
    model(|| {
        let pool = Pool::new();
        pool.used.set(1);
        pool.tenancy.leave();
        let theirs = pool.clone();
        let other = thread::spawn(move || theirs.tend());
        pool.tend();
        other.join().unwrap();
    });
}
