//! Being the only one: `get_mut`, `make_mut`, `try_unwrap`, raw handles, `new_cyclic`.

use tricycle::Trace;

use super::objects::*;
use crate::support::{inject, injected};

type Any<T> = tricycle::Gc<T, H>;

/// An object that is changed through `&mut`.
#[derive(Trace, Clone)]
struct Plain(Vec<Gc<Plain>>, u32);

fn plain(n: u32) -> Gc<Plain> {
    gc(Plain(Vec::new(), n))
}

#[test]
fn get_mut() {
    let _gate = Gate::open_for(get_mut);
    let mut a = plain(1);
    Gc::get_mut(&mut a).unwrap().1 = 2;
    let b = a.clone();
    assert!(Gc::get_mut(&mut a).is_none());
    drop(b);
    let weak = Gc::downgrade(&a);
    assert!(Gc::get_mut(&mut a).is_none(), "a weak handle could be upgraded meanwhile");
    drop(weak);
    assert_eq!(Gc::get_mut(&mut a).unwrap().1, 2);
    let watching = Gc::downgrade_with(&a, || {});
    assert!(Gc::get_mut(&mut a).is_none());
    drop(watching);
    assert!(Gc::get_mut(&mut a).is_some());
    let mut leaf = gc(5);
    *Gc::get_mut(&mut leaf).unwrap() += 1;
    assert_eq!(*leaf, 6);
}

/// The collector has nothing to do with uniqueness: it keeps no handles of its own, whatever generation an object is in
/// and whatever it is suspected of.
#[test]
fn unique_for_the_collector() {
    let _gate = Gate::open_for(unique_for_the_collector);
    let mut a = plain(1);
    drop(a.clone());
    for generation in tricycle::Generation::ALL {
        assert!(Gc::get_mut(&mut a).is_some());
        drop(a.clone());
        HEAP.collect_generation(generation);
    }
    HEAP.freeze();
    assert!(Gc::get_mut(&mut a).is_some());
    HEAP.unfreeze();
    assert_eq!(Gc::try_unwrap(a).ok().unwrap().1, 1);
}

/// Collections while a guard lives do not look at the object, and keep what it refers to.
#[test]
fn collected_while_guarded() {
    let _gate = Gate::open_for(collected_while_guarded);
    let mut a = plain(1);
    let ring = plain(2);
    let mut holder = plain(3);
    Gc::get_mut(&mut holder).unwrap().0.push(ring);
    {
        let mut guard = Gc::get_mut(&mut a).unwrap();
        guard.0.push(holder);
        assert_eq!(HEAP.collect().collected, 0);
        let (held, number) = { let plain = &mut *guard; (&mut plain.0, &mut plain.1) };
        assert_eq!(HEAP.collect().collected, 0);
        *number += held[0].0[0].1;
        held.push(plain(9));
        HEAP.collect();
        assert!(HEAP.objects(None).iter().all(|any| any.downcast_ref::<Plain>().is_none_or(|it| it.1 != 3 + 100)));
    }
    assert!(Gc::is_tracked(&a));
    assert_eq!((a.1, a.0[0].1, a.0[1].1), (3, 3, 9));
}

/// A guard under which the object becomes part of a cycle; when it is let go of, the cycle is found.
#[test]
fn a_cycle_made_under_a_guard() {
    #[derive(Trace)]
    struct Link(GcCell<Option<Gc<Outer>>>);
    #[derive(Trace)]
    struct Outer(Option<Gc<Link>>, Canary);
    let _gate = Gate::open_for(a_cycle_made_under_a_guard);
    let log = Log::new();
    let mut outer = gc(Outer(None, Canary::new("outer", &log)));
    let link = gc(Link(GcCell::default()));
    HEAP.collect();
    Gc::get_mut(&mut outer).unwrap().0 = Some(link.clone());
    link.0.set(Some(outer.clone()));
    drop((outer, link));
    assert_eq!(collect(), 2);
    assert_eq!(log.count("drop"), 1);
}

/// A leaked guard: the object stays out of the collector's sight and may leak, nothing else happens.
#[test]
fn a_leaked_guard() {
    let _gate = Gate::open_for(a_leaked_guard);
    let mut a = plain(1);
    #[expect(clippy::mem_forget, reason = "what is tested")]
    std::mem::forget(Gc::get_mut(&mut a));
    assert!(!Gc::is_tracked(&a));
    assert_eq!(collect(), 0);
    assert_eq!(a.1, 1);
    drop(a);
}

/// A panic while a guard is held.
#[test]
fn a_panic_under_a_guard() {
    let _gate = Gate::open_for(a_panic_under_a_guard);
    let mut a = plain(1);
    let result = injected(|| {
        let _guard = Gc::get_mut(&mut a);
        inject("under the guard");
    });
    assert!(result.is_err() && Gc::is_tracked(&a));
}

#[test]
fn make_mut() {
    let _gate = Gate::open_for(make_mut);
    let mut a = plain(1);
    let inner = plain(7);
    Gc::make_mut(&mut a).0.push(inner.clone());
    let b = a.clone();
    Gc::make_mut(&mut a).1 += 1;
    assert_eq!((a.1, b.1, Gc::strong_count(&inner)), (2, 1, 3));
    let address = Gc::as_ptr(&a);
    Gc::make_mut(&mut a).1 += 1;
    assert_eq!(address, Gc::as_ptr(&a));
    // Weak handles stay with the old object, which goes.
    let weak = Gc::downgrade(&a);
    Gc::make_mut(&mut a).1 += 1;
    assert!(weak.upgrade().is_none() && a.1 == 4);
    assert_eq!((Any::unwrap_or_clone(a).1, Any::unwrap_or_clone(b.clone()).1), (4, 1));
    drop(b);
}

#[test]
fn try_unwrap() {
    let _gate = Gate::open_for(try_unwrap);
    let log = Log::new();
    let obj = Obj::new("a", &log);
    let plain = Gc::downgrade(&obj);
    let watching = Gc::downgrade_with(&obj, {
        let log = log.clone();
        move || log.add("callback")
    });
    let other = obj.clone();
    let Err(obj) = Any::try_unwrap(obj) else { panic!("shared") };
    drop(other);
    let Ok(obj) = Any::try_unwrap(obj) else { panic!("unique") };
    assert!(plain.upgrade().is_none() && watching.upgrade().is_none());
    assert_eq!(log.take(), ["callback"]);
    assert_eq!(obj.name(), "a");
    drop(obj);
    assert_eq!(log.take(), ["drop a"], "the finalizer does not run");
    assert_eq!(Any::into_inner(gc(5)), Some(5));
    let five = gc(5);
    assert_eq!(Any::into_inner(five.clone()), None);
    assert_eq!(Any::unwrap_or_clone(five), 5);
}

/// An object that is being finalized, or is garbage of a running collection, is not to be had.
#[test]
fn not_while_it_dies() {
    let _gate = Gate::open_for(not_while_it_dies);
    let log = Log::new();
    let make = |linked: bool| {
        let obj = Obj::with("a", &log, |this| {
            let mut me = this.weaks.borrow()[0].upgrade().unwrap();
            this.log.add(format!("mutable {}", Gc::get_mut(&mut me).is_some()));
            this.log.add(format!("unwrapped {}", Any::try_unwrap(me).is_ok()));
        });
        obj.weaks.borrow_mut().push(Gc::downgrade(&obj));
        if linked {
            self_link(&obj);
        }
    };
    make(false);
    assert_eq!(log.take(), ["finalize a", "mutable false", "unwrapped false", "drop a"]);
    make(true);
    assert_eq!(collect(), 1);
    assert_eq!(log.take(), ["finalize a", "mutable false", "unwrapped false", "drop a"]);
}

/// Raw pointers stand for handles.
#[test]
fn raw() {
    let _gate = Gate::open_for(raw);
    let log = Log::new();
    let node = Node::named("a", &log);
    node.link(&node);
    let raw = Any::into_raw(node);
    assert_eq!(collect(), 0, "a raw handle is a handle");
    // SAFETY: just made by `into_raw`.
    let node = unsafe { Gc::from_raw(raw) };
    assert_eq!((node.name(), Gc::as_ptr(&node)), ("a", raw));
    drop(node);
    assert_eq!(collect(), 1);
}

/// Handles to itself before there is a value: dead, then alive. A panic while it is made leaves dead handles.
#[test]
fn new_cyclic() {
    #[derive(Trace)]
    struct Me(Weak<Me>, Canary);
    let _gate = Gate::open_for(new_cyclic);
    let log = Log::new();
    let me = Any::new_cyclic_in(
        |me: &Weak<Me>| {
            assert!(me.upgrade().is_none() && me.clone().upgrade().is_none());
            assert_eq!((me.strong_count(), me.weak_count()), (0, 1), "there is no other weak handle");
            HEAP.collect();
            Me(me.clone(), Canary::new("me", &log))
        },
        HEAP,
    );
    assert!(Gc::ptr_eq(&me.0.upgrade().unwrap(), &me));
    assert_eq!(Gc::weak_count(&me), 1);
    assert!(!Gc::is_tracked(&me), "a weak handle is no edge");
    drop(me);
    assert_eq!(log.take(), ["drop me"]);

    let kept = Shelf::new();
    let made = injected(|| {
        Any::new_cyclic_in(
            |me: &Weak<Me>| {
                kept.put(me.clone());
                inject("making")
            },
            HEAP,
        )
    });
    assert!(made.is_err());
    HEAP.collect();
    assert!(kept.take().iter().all(|weak| weak.upgrade().is_none()));
}
