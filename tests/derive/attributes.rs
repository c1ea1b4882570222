//! Each attribute.

#![expect(dead_code, reason = "nothing reads a field that is skipped")]

use std::cell::Cell;

use tricycle::{Finalize, Gc, Trace, Weak};

use crate::{assert_leaf, edges, gc};

/// Does not implement `Trace`.
struct Foreign;

#[derive(Trace)]
struct SkipField {
    seen: Gc<u32>,
    #[trace(skip)]
    unseen: Gc<u32>,
    #[trace(skip)]
    foreign: Foreign,
}

#[derive(Trace)]
enum SkipVariant {
    Seen(Gc<u32>, #[trace(skip)] Foreign),
    #[trace(skip)]
    Unseen(Gc<u32>, Foreign),
}

#[derive(Trace)]
struct SkipAll(#[trace(skip)] Gc<u32>);

#[test]
fn skip() {
    assert_eq!(edges(SkipField { seen: gc(1), unseen: gc(2), foreign: Foreign }), [1]);
    assert_eq!(edges(SkipVariant::Seen(gc(1), Foreign)), [1]);
    assert_eq!(edges(SkipVariant::Unseen(gc(1), Foreign)), []);
    assert_eq!(edges(SkipAll(gc(1))), []);
    assert_leaf::<SkipAll>();
}

/// Function pointers own nothing, and need not be marked.
#[derive(Trace)]
struct Native {
    name: &'static str,
    call: fn(&Foreign, &mut [Gc<u32>]) -> Gc<u32>,
}

#[test]
fn function_pointers_are_skipped() {
    assert_leaf::<Native>();
    let native = Native { name: "first", call: |_, arguments| arguments[0].clone() };
    assert_eq!((native.name, *(native.call)(&Foreign, &mut [gc(5)])), ("first", 5));
}

thread_local!(static LOG: Cell<u32> = const { Cell::new(0) });

#[derive(Trace)]
#[trace(finalize)]
struct Finalized(Gc<u32>);

impl Finalize for Finalized {
    fn finalize(&self) {
        LOG.set(*self.0);
    }
}

#[test]
fn finalize() {
    const { assert!(Finalized::FINALIZER && Finalized::CONTAINER) };
    assert_eq!(edges(Finalized(gc(1))), [1]);
    Trace::run_finalizer(&Finalized(gc(7)));
    assert_eq!(LOG.get(), 7);
}

/// No field need be `Trace`, and `Drop` is permitted.
#[derive(Trace)]
#[trace(acyclic)]
struct Acyclic<T>(T, Gc<u32>, Weak<u32>);

impl<T> Drop for Acyclic<T> {
    fn drop(&mut self) {
        LOG.set(*self.1);
    }
}

#[derive(Trace)]
#[trace(acyclic, finalize)]
struct AcyclicFinalized(Foreign);

impl Finalize for AcyclicFinalized {
    fn finalize(&self) {
        let Foreign = self.0;
        LOG.set(9);
    }
}

#[test]
fn acyclic() {
    let target = gc(3);
    let value = Acyclic(Foreign, target.clone(), Gc::downgrade(&target));
    assert_leaf::<Acyclic<Foreign>>();
    let (Foreign, weak) = (&value.0, &value.2);
    assert!(weak.upgrade().is_some());
    assert_eq!(edges(value), []);
    assert_eq!(LOG.get(), 3);

    assert_leaf::<AcyclicFinalized>();
    const { assert!(AcyclicFinalized::FINALIZER) };
    Trace::run_finalizer(&AcyclicFinalized(Foreign));
    assert_eq!(LOG.get(), 9);
}

#[derive(Trace)]
#[trace(container = true)]
struct Pessimist(u8);

#[derive(Trace)]
#[trace(container = false)]
struct Optimist(u8, Option<Gc<u32>>);

#[test]
fn container() {
    const { assert!(Pessimist::CONTAINER && Pessimist::WEAK) };
    assert_eq!(edges(Pessimist(1)), []);
    // Whatever `container = false` claims, the contract holds: what is not a container visits nothing.
    assert_leaf::<Optimist>();
    assert_eq!(edges(Optimist(1, Some(gc(1)))), []);
    assert_eq!(edges((gc(1), Optimist(1, Some(gc(2))))), [1]);
}

mod elsewhere {
    pub(crate) mod gc {
        pub(crate) use tricycle::*;
    }
}

#[derive(Trace)]
#[trace(crate = crate::attributes::elsewhere::gc)]
struct Relocated(Gc<u32>, Option<Box<Relocated>>);

#[test]
fn krate() {
    assert_eq!(edges(Relocated(gc(1), Some(Box::new(Relocated(gc(2), None))))), [1, 2]);
}

#[derive(Trace)]
#[trace(finalize)]
#[trace(container = true)]
#[doc = "Attributes may be spread, and may end with a comma."]
struct Spread;

impl Finalize for Spread {
    fn finalize(&self) {}
}

#[test]
fn several_attributes() {
    const { assert!(Spread::FINALIZER && Spread::CONTAINER) };
}
