//! Budgets and bounds: what an object costs, and what happens at the end of its counts.

use tricycle::{Generation, Hosts, Thresholds, Trace};

use super::objects::*;
use crate::support::Kind;

/// The bytes between objects that are neighbours: the least of many. On a heap that threads share, the free slots that come
/// first are those that other tests have left, in the order in which their objects went: of a few slots of such a page, no two
/// may be neighbours. So there are more objects than a page has slots.
fn stride<T: Trace + 'static>(make: impl Fn() -> T) -> usize
where
    H: Hosts<T>,
{
    let many = if cfg!(miri) { 40 } else { 20_000 };
    let objects: Vec<_> = (0..many).map(|_| gc(make())).collect();
    let mut addresses: Vec<_> = objects.iter().map(|object| Gc::as_ptr(object).addr()).collect();
    addresses.sort();
    addresses.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap()
}

/// A handle is a word, and so is an optional one. The header of a leaf is 8 bytes, that of a tracked object 24; 16
/// and 32 with biased counts.
#[test]
fn sizes() {
    assert_eq!(size_of::<Gc<u8>>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Gc<Node>>>(), size_of::<usize>());
    assert_eq!(size_of::<Gc<[u8]>>(), 2 * size_of::<usize>());
    assert_eq!(size_of::<Gc<dyn std::any::Any>>(), 2 * size_of::<usize>());
    assert_eq!(size_of::<GcCell<u32>>(), 8);
    if cfg!(gc_system_alloc) || size_of::<usize>() != 8 {
        return;
    }
    let _gate = Gate::open_for(sizes);
    let (leaf, tracked) = H::HEADERS;
    assert_eq!(stride(|| 1_u64), 8 + leaf);
    assert_eq!(stride(|| [1_u64; 3]), 24 + leaf);
    assert_eq!(stride(|| (1_u64, None::<Gc<u8>>)), 16 + tracked);
    assert_eq!(stride(|| None::<Gc<u8>>), 8 + tracked);
    assert_eq!(stride(|| ()), leaf);
}

/// An immortal object has no count any more, and keeps what it refers to. (It goes with its thread, or its process.)
#[test]
#[cfg_attr(miri, ignore = "leaks")]
fn immortal() {
    let log = Log::new();
    crate::support::apart::<H>(concat!(module_path!(), "::immortal"), {
        let log = log.clone();
        move || {
            let node = Node::named("immortal", &log);
            node.link(&Node::named("held", &log));
            node.link(&node);
            assert!(!Gc::is_immortal(&node));
            Gc::immortalize(&node);
            assert!(Gc::is_immortal(&node));
            assert_eq!((Gc::strong_count(&node), AnyGc::from(node.clone()).strong_count()), (usize::MAX, usize::MAX));
            assert_eq!(Gc::strong_count(&node), usize::MAX);
            let weak = Gc::downgrade(&node);
            assert_eq!(weak.strong_count(), usize::MAX);
            for _ in 0..1000 {
                let _ = node.clone();
            }
            let mut other = node.clone();
            assert!(Gc::get_mut(&mut other).is_none());
            let Err(other) = tricycle::Gc::try_unwrap(other) else { panic!("it may have other handles") };
            drop((node, other));
            assert_eq!(collect(), 0);
            let node = weak.upgrade().expect("immortal");
            assert_eq!(node.edges.borrow()[0].name(), "held");
            assert!(HEAP.objects(None).len() == 2 && log.take().is_empty());
            // It may be frozen, and be reached from garbage.
            let ring = Node::ring(2, &Log::new());
            ring[0].link(&node);
            drop(ring);
            HEAP.freeze();
            assert_eq!(collect(), 0);
            HEAP.unfreeze();
            assert_eq!(collect(), 2);
        }
    });
}

/// An immortal leaf.
#[test]
#[cfg_attr(miri, ignore = "leaks")]
fn immortal_leaf() {
    crate::support::apart::<H>(concat!(module_path!(), "::immortal_leaf"), || {
        let leaf = gc(7);
        Gc::immortalize(&leaf);
        let weak = Gc::downgrade(&leaf);
        drop(leaf);
        assert_eq!(*weak.upgrade().unwrap(), 7);
        assert_eq!(HEAP.live_allocations(), 1);
    });
}

/// Forgotten handles keep their object, and nothing else happens.
#[test]
#[cfg_attr(miri, ignore = "leaks")]
#[expect(clippy::mem_forget, reason = "what is tested")]
fn forgotten_handles() {
    let log = Log::new();
    crate::support::apart::<H>(concat!(module_path!(), "::forgotten_handles"), {
        let log = log.clone();
        move || {
            let ring = Node::ring(3, &log);
            std::mem::forget(ring[1].clone());
            let leaf = gc(Canary::new("leaf", &log));
            std::mem::forget((leaf.clone(), Gc::downgrade(&leaf)));
            let (target, callbacks) = (Node::named("target", &log), log.clone());
            std::mem::forget(Gc::downgrade_with(&target, move || callbacks.add("callback")));
            drop((ring, leaf));
            assert_eq!(collect(), 0);
            assert!(log.take().is_empty());
            drop(target);
            assert_eq!(log.take(), ["callback", "drop target"]);
        }
    });
    assert!(log.take().is_empty(), "they leak, quietly");
}

/// Forgetting handles in a loop: a count of 2³¹ makes an object immortal instead of wrapping around.
#[test]
#[cfg_attr(all(any(miri, debug_assertions), not(gc_small_limits)), ignore = "takes 2³¹ clones")]
#[cfg_attr(miri, ignore = "leaks")]
#[expect(clippy::mem_forget, reason = "what is tested")]
fn saturation() {
    crate::support::apart::<H>(concat!(module_path!(), "::saturation"), || {
        let node = Node::new();
        for _ in 0..(1_u64 << if cfg!(gc_small_limits) { 7 } else { 31 }) + 10 {
            std::mem::forget(std::hint::black_box(&node).clone());
        }
        assert!(Gc::is_immortal(&node));
        for _ in 0..100 {
            drop(node.clone());
        }
        assert_eq!(collect(), 0);
        assert!(node.edges.borrow().is_empty());
    });
}

/// Weak handles saturate too, from some number on that depends on the heap: the memory is never given back then, but the value
/// is dropped.
#[test]
#[cfg_attr(miri, ignore = "leaks")]
#[expect(clippy::mem_forget, reason = "what is tested")]
fn weak_saturation() {
    crate::support::apart::<H>(concat!(module_path!(), "::weak_saturation"), || {
        let log = Log::new();
        let node = Node::named("node", &log);
        let weak = Gc::downgrade(&node);
        let (most, stuck) = <H as crate::support::Kind>::WEAK;
        for _ in 0..most - 2 {
            std::mem::forget(std::hint::black_box(&weak).clone());
        }
        assert_eq!(Gc::weak_count(&node), most - 1);
        drop(weak.clone());
        assert!([most - 1, stuck].contains(&Gc::weak_count(&node)));
        (0..2).for_each(|_| std::mem::forget(weak.clone()));
        for _ in 0..100 {
            drop(weak.clone());
        }
        assert_eq!(Gc::weak_count(&node), stuck);
        drop(node);
        assert_eq!(log.take(), ["drop node"]);
        assert!(weak.upgrade().is_none());
        let other = Node::new();
        assert_eq!(collect(), 0);
        assert!(weak.upgrade().is_none() && other.edges.borrow().is_empty());
    });
}

/// A cell with as many readers as there can be: the next one is told so, also if the guards were forgotten.
#[test]
#[cfg_attr(not(gc_small_limits), ignore = "takes 2²⁷ guards or more")]
fn most_readers() {
    let _gate = Gate::open_for(most_readers);
    for forget in [false, true] {
        let cell = gc(GcCell::new(7));
        let mut readers: Vec<_> = (0..63).map(|_| cell.try_borrow().unwrap()).collect();
        assert!(cell.try_borrow().is_err() && cell.try_borrow_mut().is_err());
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| *cell.borrow())).unwrap_err();
        let told = panic.downcast_ref::<String>().map_or_else(|| *panic.downcast_ref::<&str>().unwrap(), String::as_str);
        assert!(told.contains("too many readers"), "{told}");
        drop(readers.pop());
        readers.push(cell.borrow());
        assert!(cell.try_borrow().is_err() && readers.iter().all(|value| **value == 7));
        if forget {
            readers.into_iter().for_each(std::mem::forget);
            assert!(cell.try_borrow().is_err() && cell.try_borrow_mut().is_err());
        } else {
            drop(readers);
            cell.borrow_mut();
        }
        assert_eq!(collect(), 0);
    }
}

/// One object with many edges, and one with many handles to it.
#[test]
#[cfg_attr(gc_small_limits, ignore = "makes objects immortal")]
fn stars() {
    let _gate = Gate::open_for(stars);
    let n = if cfg!(miri) { 100 } else { 100_000 };
    let (hub, target) = (Node::new(), Node::new());
    for _ in 0..n {
        let node = Node::new();
        node.link(&hub);
        node.link(&target);
        hub.link(&node);
    }
    assert_eq!((Gc::strong_count(&hub), Gc::strong_count(&target)), (n + 1, n + 1));
    assert_eq!(collect(), 0);
    drop(target);
    assert_eq!(collect(), 0);
    drop(hub);
    assert_eq!(collect(), n + 2);
}

/// External bytes at the end of their range.
#[test]
fn external_bytes_do_not_wrap() {
    let _gate = Gate::open_for(external_bytes_do_not_wrap);
    let (a, b) = (Node::new(), Node::new());
    Gc::external_bytes(&a, usize::MAX);
    Gc::external_bytes(&b, 1000);
    assert_eq!(HEAP.external_bytes(), usize::MAX);
    drop(Node::new());
    drop((a, b));
    assert!(HEAP.external_bytes() <= usize::MAX - 1000);
    HEAP.collect();
}

/// Thresholds at the end of their range.
#[test]
fn large_thresholds() {
    let _gate = Gate::open_for(large_thresholds);
    for threshold in [usize::MAX, usize::MAX - 1, usize::MAX / 2, usize::MAX / 4] {
        let some: Vec<_> = (0..10).map(|_| Node::new()).collect();
        drop(some); // more have died than are alive
        HEAP.set_thresholds((threshold, usize::MAX, usize::MAX));
        let before = HEAP.stats();
        (0..100).for_each(|_| drop(Node::ring(2, &Log::new())));
        assert_eq!(HEAP.stats(), before);
        HEAP.collect();
    }
}

/// Births and deaths are counted without end, whether or not anything is collected. With `cfg(gc_small_limits)` the counters
/// begin anew after every 128. (That nothing comes earlier or later because of that is shown by `raw::heap::state::tests`.)
#[test]
fn births_and_deaths() {
    let _gate = Gate::open_for(births_and_deaths);
    let mut kept = Vec::new();
    for young in [0, 2000, usize::MAX] {
        HEAP.set_thresholds(Thresholds { young, ..Thresholds::default() });
        HEAP.collect();
        let before = kept.len();
        // More than 128.
        for at in 0..if cfg!(miri) { 150 } else { 1000 } {
            let node = Node::new();
            if at % 3 == 0 {
                kept.push(node);
            }
            assert_eq!(HEAP.counts().young, kept.len() - before + usize::from(at % 3 != 0));
        }
        let ring = Node::new();
        ring.link(&ring);
        drop(ring);
        assert_eq!(HEAP.collect_generation(Generation::Young).collected, 1);
    }
}
