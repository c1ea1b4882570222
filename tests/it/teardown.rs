//! The end of a thread: handles in thread-locals that are destroyed before and after the heap's.

use std::cell::RefCell;

use super::objects::*;
use super::steps::Steps;
use crate::support::{keep, on_thread};

/// Thread-locals are destroyed in an order that depends on who came first. Runs `test` on two new threads: on one, the
/// place for kept values is made before the heap, on the other after it.
fn in_both_orders(test: impl Fn(&Log) + Copy + Send + 'static, expected: &[&str]) {
    for kept_first in [true, false] {
        let log = Log::new();
        on_thread({
            let log = log.clone();
            move || {
                if kept_first {
                    keep(());
                }
                drop(Node::new());
                keep(());
                test(&log);
            }
        });
        assert_eq!(log.sorted(), expected, "kept first: {kept_first}");
    }
}

#[test]
fn a_handle_in_a_thread_local() {
    in_both_orders(|log| keep(Node::named("a", log)), &["drop a"]);
    in_both_orders(|log| keep(gc(Canary::new("leaf", log))), &["drop leaf"]);
    in_both_orders(|log| keep(Obj::new("a", log)), &["drop a", "finalize a"]);
}

/// What such a handle leads to dies with it.
#[test]
fn a_list_in_a_thread_local() {
    in_both_orders(
        |log| {
            let n = if cfg!(miri) { 20 } else { 1000 };
            let mut head = Node::named("end", log);
            for _ in 0..n {
                let next = Node::new();
                next.link(&head);
                head = next;
            }
            keep(head);
        },
        &["drop end"],
    );
}

/// Garbage that is frozen, and some that a finalizer freezes in the last collection.
#[test]
fn frozen_garbage_is_finalized() {
    in_both_orders(
        |log| {
            let frozen = [Obj::new("a", log), Obj::with("b", log, |_| HEAP.freeze())];
            circle(&frozen);
            keep(Node::named("kept", log));
            drop(frozen);
            HEAP.freeze();
        },
        &["drop a", "drop b", "drop kept", "finalize a", "finalize b"],
    );
}

/// `test_gc.test_gc_main_module_at_shutdown`, `test_gc_ordinary_module_at_shutdown`, `test_global_del_SystemExit`: garbage
/// that nobody has collected by the end of the thread is finalized.
#[test]
fn garbage_is_finalized() {
    in_both_orders(
        |log| {
            let [a, b] = [Obj::new("a", log), Obj::new("b", log)];
            circle(&[a, b]);
        },
        &["drop a", "drop b", "finalize a", "finalize b"],
    );
}

/// Also garbage that was frozen or in old generations, and with automatic collection off.
#[test]
fn old_garbage_is_finalized() {
    in_both_orders(
        |log| {
            HEAP.disable();
            let obj = Obj::new("a", log);
            HEAP.collect();
            self_link(&obj);
        },
        &["drop a", "finalize a"],
    );
}

/// A cycle that is reachable from a thread-local until its end: if that comes after the heap's, the cycle leaks, quietly.
/// If it comes before, it is collected.
#[test]
fn a_cycle_in_a_thread_local() {
    let log = Log::new();
    on_thread({
        let log = log.clone();
        move || {
            drop(Node::new());
            keep(());
            let obj = Obj::new("a", &log);
            self_link(&obj);
            keep(obj);
        }
    });
    assert_eq!(log.take(), ["finalize a", "drop a"]);
}

/// Weak handles outlive the heap.
#[test]
fn weak_handles_in_a_thread_local() {
    struct Check(Weak<Node>, Weak<Canary>, Log);
    impl Drop for Check {
        fn drop(&mut self) {
            assert!(self.0.clone().upgrade().is_none());
            assert_eq!((self.0.strong_count(), self.1.strong_count()), (0, 0));
            self.2.add(format!("dead {}", self.1.upgrade().is_none()));
        }
    }
    in_both_orders(
        |log| {
            let (node, leaf) = (Node::named("a", log), gc(Canary::new("leaf", log)));
            keep(Check(Gc::downgrade(&node), Gc::downgrade(&leaf), log.clone()));
        },
        &["dead true", "drop a", "drop leaf"],
    );
}

/// Weak handles with callbacks, with the object going last.
#[test]
fn weak_callbacks_in_a_thread_local() {
    in_both_orders(
        |log| {
            let node = Node::named("a", log);
            let weak = Gc::downgrade_with(&node, {
                let log = log.clone();
                move || log.add("callback")
            });
            keep(node);
            keep(weak);
        },
        &["callback", "drop a"],
    );
    in_both_orders(
        |log| {
            let node = Node::named("a", log);
            keep(Gc::downgrade_with(&node, || unreachable!("the weak handle goes first")));
            keep(node);
        },
        &["drop a"],
    );
}

/// Uses the heap in its destructor.
struct User(Log);

impl Drop for User {
    fn drop(&mut self) {
        let ring = Node::ring(2, &self.0);
        let weak = Gc::downgrade(&ring[0]);
        let leaf = gc(Canary::new("leaf", &self.0));
        drop(ring);
        drop(leaf);
        self.0.add(format!("collected {}", HEAP.collect().collected));
        drop(weak);
        drop(Node::named("late", &self.0));
        HEAP.set_thresholds((1, 1, 1));
        assert_eq!((HEAP.live_objects(), HEAP.live_allocations()), (0, 0));
        self.0.add("used");
    }
}

const USED: [&str; 6] = ["collected 2", "drop 0", "drop 1", "drop late", "drop leaf", "used"];

/// The heap is used by a destructor of a thread-local: after its own, and before.
#[test]
fn used_by_destructors() {
    in_both_orders(|log| keep(User(log.clone())), &USED);
}

/// The heap's first use is in a destructor, when there may be no thread-locals to be had any more.
#[test]
fn first_used_by_a_destructor() {
    let log = Log::new();
    on_thread({
        let log = log.clone();
        move || keep(User(log))
    });
    assert_eq!(log.sorted(), USED);

    // Also by a destructor that runs because of another one.
    struct Outer(Log);
    impl Drop for Outer {
        fn drop(&mut self) {
            LATER.with_borrow_mut(|later| *later = Some(User(self.0.clone())));
        }
    }
    thread_local! { static LATER: RefCell<Option<User>> = const { RefCell::new(None) }; }
    let log = Log::new();
    on_thread({
        let log = log.clone();
        move || keep(Outer(log))
    });
    assert_eq!(log.sorted(), USED);
}

/// A finalizer, at the end of the thread, brings its object back into a thread-local that is still there.
#[test]
fn resurrection_at_the_end() {
    let log = Log::new();
    on_thread({
        let log = log.clone();
        move || {
            keep(());
            let obj = Obj::with("a", &log, |this| {
                let me = this.edges.borrow()[0].clone();
                this.unlink();
                keep(me);
            });
            self_link(&obj);
        }
    });
    assert_eq!(log.take(), ["finalize a", "drop a"]);
}

/// `test_weakref.FinalizeTestCase.test_atexit`: finalizers and callbacks that are registered while the thread ends run too,
/// after those that were there.
#[test]
fn garbage_made_at_the_end() {
    in_both_orders(
        |log| {
            let obj = Obj::with("a", log, |this| {
                let late = Obj::new("late", &this.log);
                self_link(&late);
                let (watched, log) = (Node::named("watched", &this.log), this.log.clone());
                let weak = Gc::downgrade_with(&watched, move || log.add("callback"));
                drop((watched, weak));
            });
            self_link(&obj);
        },
        &["callback", "drop a", "drop late", "drop watched", "finalize a", "finalize late"],
    );
}

/// Callbacks of collections are told of nothing any more, and are dropped.
#[test]
fn collection_callbacks() {
    in_both_orders(
        |log| {
            let canary = Canary::new("callback", log);
            HEAP.on_collection(move |_| panic!("{}", canary.name));
            drop(Node::ring(2, log));
        },
        &["drop 0", "drop 1", "drop callback"],
    );
}

/// `test_gc.test_garbage_at_shutdown`: what `save_all` kept goes with the thread.
#[test]
fn saved_garbage() {
    in_both_orders(
        |log| {
            HEAP.set_save_all(true);
            drop(Node::ring(2, log));
            assert_eq!(collect(), 2);
        },
        &["drop 0", "drop 1"],
    );
}

/// Panics at the end of a thread end nothing else.
#[test]
fn panics() {
    in_both_orders(
        |log| {
            let bombs = ["a", "b"].map(|name| Obj::with(name, log, move |_| crate::support::inject(name)));
            circle(&bombs);
        },
        &["drop a", "drop b", "finalize a", "finalize b"],
    );
}

/// A thread ends in the middle of a cycle: garbage and what is live go as they always do.
#[test]
fn the_thread_ends() {
    for steps in (0..40).step_by(if cfg!(miri) { 3 } else { 1 }) {
        for kept in [true, false] {
            let log = Log::new();
            on_thread({
                let log = log.clone();
                move || {
                    if kept {
                        keep(()); // destroyed after the heap
                    }
                    let objects = ["a", "b", "c", "d"].map(|name| Obj::new(name, &log));
                    circle(&objects);
                    let live: Vec<_> = (0..6).map(|i| Node::named(i.to_string(), &log)).collect();
                    live[0].link(&live[1]);
                    HEAP.collect();
                    drop(objects);
                    let heavy = Steps::of(steps).run();
                    keep(live);
                    keep(heavy);
                }
            });
            assert_eq!((log.count("finalize"), log.count("drop")), (4, 10), "after {steps} steps");
        }
    }
}

/// What a heap that is left as it is does not do, and does all the same.
#[test]
#[cfg_attr(miri, ignore = "leaks, as it is meant to")]
fn left_as_it_is() {
    for leak in [true, false] {
        let log = Log::new();
        on_thread({
            let log = log.clone();
            move || {
                keep(());
                HEAP.set_leak_at_exit(true);
                HEAP.set_leak_at_exit(leak);
                assert_eq!(HEAP.leak_at_exit(), leak);
                let ring = [Obj::new("a", &log), Obj::new("b", &log)];
                circle(&ring);
                keep(Node::named("kept", &log));
                keep(Allocates(log.clone()));
                drop(Obj::new("by count", &log));
            }
        });
        let by_count = ["drop by count", "drop kept", "drop late", "finalize by count"];
        let all = ["drop a", "drop b", "drop by count", "drop kept", "drop late"];
        if leak {
            assert_eq!(log.sorted(), by_count);
        } else {
            assert_eq!(log.sorted(), [&all[..], &["finalize a", "finalize b", "finalize by count"]].concat());
        }
    }
}

/// Makes objects when it is dropped: enough for collections.
struct Allocates(Log);

impl Drop for Allocates {
    fn drop(&mut self) {
        let nodes: Vec<_> = (0..20_000).map(|_| Node::new()).collect();
        drop(Node::named("late", &self.0));
        drop(nodes);
    }
}

/// A collection in steps that is in its midst when the thread ends; and an empty heap, which goes in spite of all.
#[test]
#[cfg_attr(miri, ignore = "leaks, as it is meant to")]
fn left_in_the_midst() {
    let log = Log::new();
    on_thread({
        let log = log.clone();
        move || {
            keep(());
            HEAP.set_leak_at_exit(true);
            let garbage: Vec<_> = (0..10_000).map(|_| Node::ring(2, &log)).collect();
            keep(Node::named("kept", &log));
            drop(garbage);
            let _ = HEAP.collect_within(std::time::Duration::from_micros(50));
        }
    });
    assert!(log.take().contains(&"drop kept".to_owned()));
}
