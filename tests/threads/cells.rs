//! Cells as locks: many readers or one writer; who has to wait does so without keeping others from collecting.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tricycle::{Gc, GcCell};

use crate::support::{Census, Node, bounded, times};

/// `test_lock_counter`, `test_lock_counter_slow`: no increment is lost, attached or not, at a safepoint in the middle or not.
#[test]
fn counter() {
    own!(H);
    bounded(|| {
        let total = Gc::new_in(GcCell::<_, H>::new(0_usize), H);
        let n = times(2000);
        thread::scope(|scope| {
            for thread in 0..4 {
                let total = &total;
                scope.spawn(move || {
                    let add = || {
                        let mut total = total.borrow_mut();
                        let before = *total;
                        if thread % 2 == 1 {
                            H.poll();
                        }
                        *total = before + 1;
                    };
                    let all = || (0..n).for_each(|_| add());
                    if thread < 2 { H.attach(all) } else { all() }
                });
            }
        });
        assert_eq!(total.get(), 4 * n);
    });
}

/// `test_lock_rwlock`: readers are there at the same time, and a writer is alone.
#[test]
fn readers_and_writers() {
    own!(H);
    bounded(|| {
        let cell = Gc::new_in(GcCell::<_, H>::new(0_usize), H);
        let all_read = Barrier::new(3);
        let (readers, writers) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    H.attach(|| {
                        let guard = cell.borrow();
                        H.detach(|| all_read.wait());
                        drop(guard);
                    });
                    for i in 0..times(500) {
                        H.attach(|| {
                            if i % 4 == 0 {
                                let mut guard = cell.borrow_mut();
                                assert_eq!((writers.fetch_add(1, SeqCst), readers.load(SeqCst)), (0, 0));
                                *guard += 1;
                                H.poll();
                                writers.fetch_sub(1, SeqCst);
                            } else {
                                let _guard = cell.borrow();
                                readers.fetch_add(1, SeqCst);
                                assert_eq!(writers.load(SeqCst), 0);
                                H.poll();
                                readers.fetch_sub(1, SeqCst);
                            }
                        });
                    }
                });
            }
        });
        assert_eq!(cell.get(), 3 * times(500).div_ceil(4));
    });
}

/// A reader waits for another one, which comes after a writer: it does not let that go first for ever.
#[test]
fn readers_meet_beside_a_writer() {
    own!(H);
    bounded(|| {
        let (cell, read, met) = (Gc::new_in(GcCell::<u32, H>::new(0), H), Barrier::new(3), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                let value = cell.borrow();
                read.wait();
                met.wait();
                assert_eq!(*value, 0);
            });
            scope.spawn(|| {
                read.wait();
                *cell.borrow_mut() += 1;
            });
            read.wait();
            thread::sleep(Duration::from_millis(20)); // the writer waits
            let value = cell.borrow();
            met.wait();
            assert_eq!(*value, 0);
        });
        assert_eq!(cell.get(), 1);
    });
}

/// The writer that has just gone reads, and waits for a reader that waited for it, while another writer waits.
#[test]
fn readers_meet_after_a_writer() {
    own!(H);
    for _ in 0..times(10) {
        bounded(|| {
            let (cell, has_read) = (Gc::new_in(GcCell::<u32, H>::new(0), H), AtomicBool::new(false));
            thread::scope(|scope| {
                let writer = cell.borrow_mut();
                scope.spawn(|| {
                    drop(cell.borrow());
                    has_read.store(true, SeqCst);
                });
                thread::sleep(Duration::from_millis(5)); // until it waits
                scope.spawn(|| *cell.borrow_mut() += 1);
                thread::sleep(Duration::from_millis(5));
                drop(writer);
                let _reader = cell.borrow();
                while !has_read.load(SeqCst) {
                    thread::sleep(Duration::from_millis(1));
                }
            });
        });
    }
}

/// Readers that have a cell for longer than others let a writer go first do not follow each other without end.
#[test]
fn long_reads() {
    own!(H);
    bounded(|| {
        let (cell, reads, done) = (Gc::new_in(GcCell::<u32, H>::new(0), H), AtomicUsize::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            for thread in 0..2 {
                let (cell, reads, done) = (&cell, &reads, &done);
                scope.spawn(move || {
                    thread::sleep(Duration::from_millis(15 * thread));
                    while !done.load(SeqCst) {
                        let _value = cell.borrow();
                        thread::sleep(Duration::from_millis(30));
                        reads.fetch_add(1, SeqCst);
                    }
                });
            }
            thread::sleep(Duration::from_millis(60));
            let before = reads.load(SeqCst);
            let mut value = cell.borrow_mut();
            // While nobody can go on.
            let meanwhile = reads.load(SeqCst) - before;
            *value += 1;
            drop(value);
            done.store(true, SeqCst);
            assert!(meanwhile < 20, "{meanwhile} borrows");
        });
    });
}

/// Nor do readers that have another cell each, for which the writer might be waiting.
#[test]
fn readers_that_have_other_cells() {
    own!(H);
    bounded(|| {
        let (cell, done) = (Gc::new_in(GcCell::<u32, H>::new(0), H), AtomicBool::new(false));
        let begun = Barrier::new(7);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let other = Gc::new_in(GcCell::<u32, H>::new(0), H);
                    begun.wait();
                    H.attach(|| {
                        let _other = other.borrow();
                        while !done.load(SeqCst) {
                            let _value = cell.borrow();
                            H.detach(|| thread::sleep(Duration::from_millis(2)));
                        }
                    });
                });
            }
            begun.wait();
            thread::sleep(Duration::from_millis(20));
            for _ in 0..times(20) {
                *cell.borrow_mut() += 1;
            }
            done.store(true, SeqCst);
        });
        assert_eq!(cell.get(), times(20) as u32);
    });
}

/// Threads that want a cell again and again do not keep another one waiting for ever: neither two readers whose borrows
/// overlap at every moment, nor one reader or writer that gives way only while it has the cell, and is back before the other
/// one is awake.
#[test]
fn everybody_has_a_turn() {
    own!(H);
    type Number = Gc<GcCell<u32, H>, H>;
    /// Tells by how much it has increased the number.
    type Use = fn(&Number) -> u32;
    fn read(cell: &Number) -> u32 {
        let value = cell.borrow();
        H.poll();
        drop(value);
        0
    }
    fn write(cell: &Number) -> u32 {
        let mut value = cell.borrow_mut();
        H.poll();
        *value += 1;
        1
    }
    let cases: [(&[Use], Use); 4] = [(&[read], write), (&[read, read], write), (&[write], read), (&[write], write)];
    for (often, sometimes) in cases {
        bounded(move || {
            let (cell, done) = (Gc::new_in(GcCell::new(0), H), AtomicBool::new(false));
            let begun = Barrier::new(often.len() + 1);
            let added = thread::scope(|scope| {
                let (cell, done, begun) = (&cell, &done, &begun);
                let again = |f: &'static Use| {
                    let until_done = || {
                        let mut added = f(cell);
                        H.detach(|| begun.wait());
                        while !done.load(SeqCst) {
                            added += f(cell);
                        }
                        added
                    };
                    scope.spawn(move || H.attach(until_done))
                };
                let busy: Vec<_> = often.iter().map(again).collect();
                begun.wait();
                // In parallel fifty are over before the others are at it.
                let end = Instant::now() + Duration::from_millis(if cfg!(miri) { 0 } else { 50 });
                let few = H.attach(|| {
                    let more = |turn: &usize| *turn < times(50) || Instant::now() < end;
                    (0..).take_while(more).map(|_| sometimes(cell)).sum::<u32>()
                });
                done.store(true, SeqCst);
                few + busy.into_iter().map(|thread| thread.join().unwrap()).sum::<u32>()
            });
            assert_eq!(cell.get(), added);
        });
    }
}

/// Who does not want to wait is told; who does gets the cell as soon as it is free. A borrow is kept while the thread is
/// detached (`test_critical_sections_suspend` would give it up).
#[test]
fn waiting() {
    own!(H);
    bounded(|| {
        let cell = Gc::new_in(GcCell::<_, H>::new(1), H);
        for writer in [true, false] {
            let (borrowed, is_borrowed) = mpsc::channel();
            let (go, gone) = mpsc::channel();
            thread::scope(|scope| {
                let holder = &cell;
                scope.spawn(move || {
                    H.attach(|| {
                        let hold = || {
                            borrowed.send(()).unwrap();
                            gone.recv().unwrap();
                            thread::sleep(Duration::from_millis(20));
                        };
                        if writer {
                            let mut guard = holder.borrow_mut();
                            H.detach(hold);
                            *guard = 2;
                        } else {
                            let _guard = holder.borrow();
                            H.detach(hold);
                            assert_eq!(holder.get(), 2);
                        }
                    });
                });
                is_borrowed.recv().unwrap();
                assert!(cell.try_borrow_mut().is_err());
                assert_eq!(cell.try_borrow().is_err(), writer);
                go.send(()).unwrap();
                if writer {
                    assert_eq!(*cell.borrow(), 2);
                } else {
                    *cell.borrow_mut() = 3;
                }
            });
        }
        assert_eq!(cell.get(), 3);
    });
}

/// `test_critical_sections_nest`, where it would be a deadlock here: a thread that would wait for itself panics, and says
/// so. The cell is good afterwards.
#[test]
fn waiting_for_oneself() {
    own!(H);
    bounded(|| {
        let cell = Gc::new_in(GcCell::<_, H>::new(1), H);
        let told = |f: &dyn Fn()| {
            let panic = catch_unwind(AssertUnwindSafe(f)).expect_err("it cannot wait for itself");
            match panic.downcast::<String>() {
                Ok(told) => *told,
                Err(panic) => String::from(*panic.downcast::<&str>().expect("a message")),
            }
        };
        let all = || {
            let writer = cell.borrow_mut();
            assert!(told(&|| drop(cell.borrow())).contains("would wait for itself"));
            assert!(told(&|| drop(cell.borrow_mut())).contains("would wait for itself"));
            assert!(told(&|| cell.set(2)).contains("would wait for itself"));
            assert!(told(&|| _ = cell.get()).contains("would wait for itself"));
            assert!(told(&|| cell.swap(&cell)).contains("would wait for itself"));
            drop(writer);
            let reader = cell.borrow();
            assert_eq!(*cell.borrow(), 1); // reading twice is fine
            assert!(told(&|| drop(cell.borrow_mut())).contains("would wait for itself"));
            assert!(told(&|| cell.set(2)).contains("would wait for itself"));
            drop(reader);
            cell.set(cell.get());
        };
        H.attach(all);
        all();
        thread::scope(|scope| _ = scope.spawn(|| cell.set(5)));
        assert_eq!(cell.get(), 5);
    });
}

/// `test_critical_sections_threads`, the two-object version: whichever cell is named first, nobody waits for ever.
#[test]
fn swapped_both_ways() {
    own!(H);
    bounded(|| {
        let [a, b] = [1, 2].map(|number| Gc::new_in(GcCell::<_, H>::new(number), H));
        let n = if cfg!(miri) { 6 } else { 3000 };
        thread::scope(|scope| {
            for (x, y) in [(&a, &b), (&b, &a)] {
                scope.spawn(move || (0..n).for_each(|_| x.swap(y)));
                scope.spawn(move || H.attach(|| (0..n).for_each(|_| x.swap(y))));
            }
        });
        assert_eq!(a.get() + b.get(), 3);
    });
}

/// `test_critical_sections_gc`: cells that several threads want, while one of them collects with a borrow open.
#[test]
fn wanted_while_collecting() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let hub = Node::<H>::new(&census);
        thread::scope(|scope| {
            for thread in 0..4 {
                let (hub, census) = (&hub, &census);
                scope.spawn(move || {
                    H.attach(|| {
                        for i in 0..times(200) {
                            let ring = Node::ring(2, census);
                            let mut edges = hub.edges.borrow_mut();
                            edges.push(ring);
                            if edges.len() > 10 {
                                edges.clear();
                            }
                            if (i + thread) % 16 == 0 {
                                H.collect();
                            }
                            drop(edges);
                            if thread % 2 == 0 && i % 8 == 0 {
                                H.detach(|| hub.edges.borrow().iter().for_each(|node| node.cookie.check()));
                            }
                        }
                    });
                });
            }
        });
        drop(hub);
        census.nothing_left::<H>();
    });
}

/// What a cell holds stays alive while another thread has it borrowed for writing, whatever is collected.
#[test]
fn opaque_to_others() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let hub = Node::<H>::new(&census);
        hub.edges.borrow_mut().push(Node::ring(3, &census));
        H.attach(|| {
            let edges = hub.edges.borrow_mut();
            H.detach(|| {
                thread::scope(|scope| {
                    scope.spawn(|| {
                        drop(Node::<H>::ring(2, &census));
                        assert_eq!(H.collect().collected, 2);
                    });
                });
            });
            edges[0].cookie.check();
        });
        drop(hub);
        census.nothing_left::<H>();
    });
}
