//! Panics where they hurt.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::panic::{catch_unwind, panic_any, set_hook, take_hook};

use tricycle::{Finalize, Gc, GcCell, Generation, Local, Trace, Visitor};

use crate::{Canary, Ring, program};

/// Whether a full collection panics. The payload is leaked if it is a `Bomb`, which has no memory.
fn collection_panics() -> bool {
    let Err(payload) = catch_unwind(|| Local.collect()) else { return false };
    if payload.is::<Bomb>() {
        let _ = ManuallyDrop::new(payload);
    }
    true
}

/// The payload of a panic that panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("the payload was dropped");
        }
    }
}

#[derive(Trace)]
#[trace(acyclic)]
struct Thrower(#[expect(dead_code, reason = "freed twice, it would be noticed")] Vec<u8>);

impl Drop for Thrower {
    fn drop(&mut self) {
        panic_any(Bomb);
    }
}

#[derive(Trace)]
struct Throws {
    _thrower: Thrower,
    next: GcCell<Option<Gc<Throws>>>,
}

/// Several destructors panic in one collection, with such payloads. Dropping the second payload panicked in the middle of
/// the clearing, and values were dropped again by the next collection. All payloads but the first are leaked now.
#[test]
fn destructors_throw_bombs() {
    program(|| {
        for i in 0..4 {
            let node = Gc::new(Throws { _thrower: Thrower(vec![i]), next: GcCell::new(None) });
            node.next.set(Some(node.clone()));
        }
        assert!(collection_panics());
        drop(Ring::create("more garbage"));
        assert!(!collection_panics());
    });
}

#[derive(Trace)]
#[trace(finalize)]
struct Reviver {
    name: String,
    next: GcCell<Option<Gc<Reviver>>>,
}

thread_local! {
    static REVIVED: RefCell<Vec<Gc<Reviver>>> = const { RefCell::new(Vec::new()) };
}

impl Finalize for Reviver {
    fn finalize(&self) {
        REVIVED.with_borrow_mut(|revived| revived.extend(self.next.get()));
        panic_any(Bomb);
    }
}

/// Finalizers bring their objects back, and then panic with such payloads. The collection was left in its middle, and the
/// next one cleared the objects although they were in use. As above.
#[test]
fn finalizers_throw_bombs() {
    program(|| {
        for i in 0..3 {
            let node = Gc::new(Reviver { name: format!("node {i}"), next: GcCell::new(None) });
            node.next.set(Some(node.clone()));
        }
        assert!(collection_panics());
        for _ in 0..2 {
            drop(Ring::create("more garbage"));
        }
        assert!(!collection_panics());
        let revived = REVIVED.take();
        let mut names: Vec<_> = revived.iter().map(|node| node.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["node 0", "node 1", "node 2"]);
    });
}

thread_local! {
    /// How many times `Fuse` is traced until it panics.
    static FUSE: Cell<u32> = const { Cell::new(u32::MAX) };
}

/// Panics when it is traced, some time.
struct Fuse;

// SAFETY: no handles; a panic is permitted.
unsafe impl Trace for Fuse {
    const CONTAINER: bool = true;
    const WEAK: bool = true;

    fn trace(&self, _: &mut impl Visitor) {
        FUSE.set(FUSE.get() - 1);
        if FUSE.get() == 0 {
            panic!("traced");
        }
    }
}

#[derive(Trace)]
struct Fused {
    fuse: Fuse,
    canary: Canary,
    next: GcCell<Option<Gc<Fused>>>,
}

/// A `Trace` panics when the weak handles of garbage are looked for. The garbage stayed on its list, where the next
/// collection found it, and cleared it without another look. It goes back to its generation now, whenever `Trace` panics.
#[test]
fn trace_of_garbage_panics() {
    program(|| {
        let mut revived = 0;
        for fuse in 1..8 {
            let node = Gc::new(Fused { fuse: Fuse, canary: Canary::new(), next: GcCell::new(None) });
            node.next.set(Some(node.clone()));
            let plain = Gc::downgrade(&node);
            let watcher = Gc::downgrade_with(&node, || {});
            drop(node);
            FUSE.set(fuse);
            let panicked = collection_panics();
            FUSE.set(u32::MAX);
            if let Some(node) = plain.upgrade() {
                assert!(panicked, "garbage is collected");
                revived += 1;
                drop(Ring::create("more garbage"));
                assert_eq!(Local.collect().collected, 1);
                node.canary.assert_alive();
            }
            drop(watcher);
            Local.collect();
        }
        assert!(revived >= 2, "both before and after it is known to be garbage");
    });
}

#[derive(Trace)]
struct Padded {
    fuse: Fuse,
    padding: [u64; 4],
}

thread_local! {
    static BAG: RefCell<Vec<Gc<Padded>>> = const { RefCell::new(Vec::new()) };
}

/// A `Trace` panics, and the panic hook, which runs in the middle of the examination, drops handles to the examined
/// objects: their memory went while the collector's tables named it. It counts on that now.
#[test]
#[cfg_attr(miri, ignore = "its panic hook does what clause 3 of `Trace` forbids, which Miri notices")]
fn panic_hook_frees_what_is_examined() {
    program(|| {
        let count = if cfg!(miri) { 10 } else { 200 };
        for i in 0..count {
            let object = Gc::new(Padded { fuse: Fuse, padding: [i; 4] });
            drop(object.clone());
            assert_eq!(object.padding[3], i);
            BAG.with_borrow_mut(|bag| bag.push(object));
        }
        let hook = take_hook();
        set_hook(Box::new(|_| drop(BAG.take()))); // on other threads the bag is empty
        FUSE.set(u32::try_from(count / 2).unwrap());
        let result = catch_unwind(|| Local.collect_generation(Generation::Young));
        set_hook(hook);
        FUSE.set(u32::MAX);
        assert!(result.is_err());
        assert!(BAG.with_borrow(Vec::is_empty));
        assert_eq!(Local.live_objects(), 0);
    });
}
