//! Threads end, and others begin, while objects live on.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use tricycle::{Gc, GcCell, Weak};

use crate::support::{Census, Final, Node, bounded, elsewhere, joined, rounds, times};

/// Objects outlive the thread that made them, and are used and dropped by threads that were born later.
#[test]
fn objects_outlive_their_thread() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        for attached in [true, false] {
            let make = || (Node::<H>::new(&census), Node::<H>::ring(3, &census));
            let (node, ring) =
                thread::scope(|scope| scope.spawn(|| if attached { H.attach(make) } else { make() }).join().unwrap());
            node.cookie.check();
            let (node, ring) = thread::scope(|scope| {
                let change = move || {
                    ring.edges.borrow_mut().push(node.clone());
                    let copies = vec![ring.clone(); 10];
                    drop(copies);
                    (node, ring)
                };
                scope.spawn(|| if attached { H.attach(change) } else { change() }).join().unwrap()
            });
            assert_eq!((Gc::strong_count(&node), Gc::strong_count(&ring)), (2, 2));
            let weak = Gc::downgrade(&node);
            drop((node, ring));
            assert!(weak.upgrade().is_some());
            H.collect();
            assert!(weak.upgrade().is_none());
        }
        census.nothing_left::<H>();
    });
}

/// The end of a thread collects nothing. Its garbage is found by whoever collects next.
#[test]
fn garbage_of_a_thread_that_ended() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        elsewhere(|| drop(Node::<H>::ring(5, &census)));
        assert_eq!(census.dropped(), 0);
        assert_eq!(H.collect().collected, 5);
        census.nothing_left::<H>();
    });
}

/// brc: a handle that its maker does not count any more: dropped before, after and while that ends, and when the thread
/// has been followed by another one.
#[test]
fn dropped_elsewhere() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        for _ in 0..if cfg!(miri) { 1 } else { 300 } {
            let (send, receive) = std::sync::mpsc::channel();
            thread::scope(|scope| {
                scope.spawn(|| {
                    let send = send;
                    H.attach(|| {
                        for _ in 0..5 {
                            // Its only handle goes to somebody else, who cannot know that it is the only one.
                            send.send(Node::<H>::new(&census)).unwrap();
                            let shared = Node::<H>::new(&census);
                            send.send(shared.clone()).unwrap();
                        }
                    });
                });
                // To wait for them one has to be outside.
                receive.into_iter().for_each(|node| {
                    H.attach(|| {
                        node.cookie.check();
                        drop(node);
                    });
                });
            });
            H.poll();
        }
        census.nothing_left::<H>();
    });
}

/// brc: a queue is emptied at a safepoint of its owner, without any collection.
#[test]
fn read_at_a_safepoint() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.disable();
        H.attach(|| {
            let node = Node::<H>::new(&census);
            H.detach(|| elsewhere(move || drop(node)));
            H.poll();
            assert_eq!(census.dropped(), 1);
            // An allocation is a safepoint, too.
            let node = Node::<H>::new(&census);
            H.detach(|| elsewhere(move || drop(node)));
            drop(Node::<H>::new(&census));
            assert_eq!(census.dropped(), 3);
        });
        H.enable();
        census.nothing_left::<H>();
    });
}

/// brc: and by a collection of somebody else, or when the owner's thread ends.
#[test]
fn read_by_others() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.attach(|| {
            let node = Node::<H>::new(&census);
            H.detach(|| {
                elsewhere(move || {
                    drop(node);
                    H.collect();
                });
            });
            H.poll();
            assert_eq!(census.dropped(), 1);
        });
        let node = elsewhere(|| {
            let node = Node::<H>::new(&census);
            let other = node.clone();
            elsewhere(move || drop(other));
            node
        });
        drop(node);
        assert_eq!(census.dropped(), 2);
        census.nothing_left::<H>();
    });
}

/// Thread-locals that are destroyed before and after the thread's seat is left: their destructors use the heap, and have
/// handles. A handle that is dropped after the end is left to whoever comes in next.
#[test]
fn in_thread_locals() {
    own!(H);
    struct Late(Census, Gc<Final<H>, H>);
    impl Drop for Late {
        fn drop(&mut self) {
            let census = &self.0;
            self.1.cookie.check();
            let ring = Node::<H>::ring(2, census);
            let cell = Gc::new_in(GcCell::<_, H>::new(ring), H);
            cell.borrow().cookie.check();
            H.attach(|| cell.set(Node::ring(3, census)));
            let weak = Gc::downgrade(&cell);
            drop(cell);
            assert!(H.is_enabled() && H.objects(None).len() >= 5);
            H.collect();
            assert!(weak.upgrade().is_none());
        }
    }
    thread_local! { static KEPT: RefCell<Vec<Late>> = const { RefCell::new(Vec::new()) }; }
    bounded(|| {
        let census = Census::default();
        for kept_first in [true, false] {
            let (before, finalized) = (census.born(), census.finalized());
            thread::spawn({
                let census = census.clone();
                move || {
                    if kept_first {
                        KEPT.with_borrow_mut(Vec::clear);
                    }
                    H.attach(|| ());
                    let object = Final::<H>::new(&census, |_| ());
                    KEPT.with_borrow_mut(|kept| kept.push(Late(census, object)));
                }
            })
            .join()
            .unwrap();
            H.attach(|| ());
            assert_eq!((census.born() - before, census.finalized() - finalized), (6, 1), "kept first: {kept_first}");
        }
        census.nothing_left::<H>();
    });
}

/// A thread whose seat is gone comes in, goes out, comes in there once more, and is inside as before when it is back.
#[test]
fn in_and_out_after_the_end() {
    own!(H);
    struct Late(Census);
    impl Drop for Late {
        fn drop(&mut self) {
            let make = || drop(Node::<H>::ring(2, &self.0));
            H.attach(|| {
                let node = Node::<H>::new(&self.0);
                H.detach(|| {
                    H.attach(|| H.detach(|| H.attach(make)));
                    H.attach(make);
                    make();
                });
                node.cookie.check();
                make();
            });
        }
    }
    thread_local! { static LATE: RefCell<Option<Late>> = const { RefCell::new(None) }; }
    bounded(|| {
        let census = Census::default();
        for _ in 0..times(5) {
            let late = census.clone();
            let thread = thread::spawn(move || {
                LATE.set(Some(Late(late))); // destroyed after what the heap has there
                H.attach(|| drop(Gc::new_in(0, H)));
            });
            thread.join().unwrap();
        }
        assert_eq!(census.born(), 9 * times(5));
        census.nothing_left::<H>();
    });
}

/// `test_enumerate_after_join`, `test_leak_without_join`: threads come and go; those that follow have the seats of those
/// before, and memory does not grow.
#[test]
fn many_threads() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let wave = || {
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| H.attach(|| (0..50).for_each(|_| drop(Node::<H>::ring(2, &census)))));
                }
            });
            H.collect();
        };
        (0..times(20)).for_each(|_| wave());
        let before = H.allocated_bytes();
        (0..times(50)).for_each(|_| wave());
        assert!(H.allocated_bytes() <= 2 * before + (1 << 23), "{} after {before}", H.allocated_bytes());
        census.nothing_left::<H>();
    });
}

/// `test_start_new_thread_at_finalization`: a thread that is ending starts others, which use the heap, and waits for them.
#[test]
fn starts_threads_at_its_end() {
    own!(H);
    struct Late(Census, Gc<Node<H>, H>);
    impl Drop for Late {
        fn drop(&mut self) {
            let (census, node) = (&self.0, &self.1);
            thread::scope(|scope| {
                scope.spawn(|| H.attach(|| drop((node.clone(), Node::<H>::ring(2, census)))));
                scope.spawn(|| _ = H.collect());
            });
            node.cookie.check();
        }
    }
    thread_local! { static KEPT: RefCell<Option<Late>> = const { RefCell::new(None) }; }
    bounded(|| {
        let census = Census::default();
        for kept_first in [true, false] {
            let late = census.clone();
            let thread = thread::spawn(move || {
                if kept_first {
                    KEPT.set(None);
                }
                let node = H.attach(|| Node::<H>::ring(2, &late));
                KEPT.set(Some(Late(late, node)));
            });
            thread.join().unwrap();
        }
        assert_eq!(census.born(), 8);
        census.nothing_left::<H>();
    });
}

/// `test_stop_the_world_during_finalization`, `test_4_daemon_threads`: the process ends while threads collect, wait for the
/// lock, and are outside.
#[test]
#[cfg_attr(miri, ignore = "starts a process")]
fn the_process_ends_meanwhile() {
    own!(H);
    const CHILD: &str = "TRICYCLE_ENDS_MEANWHILE";
    if std::env::var_os(CHILD).is_some() {
        for thread in 0..5 {
            thread::spawn(move || {
                let census = Census::default();
                let go_on = || {
                    loop {
                        drop(Node::<H>::ring(2, &census));
                        H.collect();
                        H.detach(thread::yield_now);
                    }
                };
                if thread % 2 == 0 { H.attach(go_on) } else { go_on() }
            });
        }
        thread::sleep(std::time::Duration::from_millis(50));
        std::process::exit(7);
    }
    bounded(|| {
        // "threads::exit::…", without the name of the crate.
        let (_, name) = concat!(module_path!(), "::the_process_ends_meanwhile").split_once("::").unwrap();
        let program = std::env::current_exe().unwrap();
        for _ in 0..3 {
            let mut child = std::process::Command::new(&program);
            let output = child.args([name, "--exact", "--nocapture"]).env(CHILD, "1").output().unwrap();
            assert_eq!(output.status.code(), Some(7), "{output:?}");
        }
    });
}

/// The process ends although a thread that is attached blocks or computes: whether `main` returns or somebody calls `exit`, the
/// thread-locals of that thread are destroyed first, and nobody is waited for there.
#[test]
#[cfg_attr(miri, ignore = "starts a process")]
fn the_process_ends_beside_one_that_does_not_give_way() {
    own!(H);
    const CHILD: &str = "TRICYCLE_ENDS_BESIDE";
    type Collections = usize;
    fn beside(blocks: bool, before: Collections, others_collect: bool) {
        type Kept = RefCell<Vec<(Gc<Node<H>, H>, Weak<Node<H>, H>)>>;
        thread_local! {
            static EARLY: Kept = const { RefCell::new(Vec::new()) };
            static LATE: Kept = const { RefCell::new(Vec::new()) };
        }
        let census = Census::default();
        // One that is destroyed after the heap's thread-locals, and one before.
        LATE.with_borrow_mut(|late| {
            let ring = || {
                let ring = Node::ring(2, &census);
                let watched = Gc::downgrade_with(&ring, || ());
                (ring, watched)
            };
            H.attach(|| EARLY.with_borrow_mut(|early| early.push(ring())));
            late.push(ring());
        });
        let (inside, is_inside) = std::sync::mpsc::channel();
        thread::spawn(move || {
            H.attach(|| {
                let census = Census::default();
                (0..before).for_each(|_| drop((Node::<H>::ring(2, &census), H.collect())));
                inside.send(()).unwrap();
                loop {
                    if blocks {
                        thread::park();
                    }
                }
            });
        });
        is_inside.recv().unwrap();
        if others_collect {
            thread::spawn(|| H.collect());
            thread::sleep(Duration::from_millis(100));
        }
        std::process::exit(7);
    }
    let cases = [(true, 0, false), (false, 0, false), (true, 100, false), (true, 0, true), (false, 100, true)];
    if let Some(case) = std::env::var_os(CHILD) {
        let (blocks, before, others_collect) = cases[case.to_str().unwrap().parse::<usize>().unwrap()];
        return beside(blocks, before, others_collect);
    }
    bounded(move || {
        let (_, name) = concat!(module_path!(), "::the_process_ends_beside_one_that_does_not_give_way").split_once("::").unwrap();
        let program = std::env::current_exe().unwrap();
        for (case, what) in cases.iter().enumerate() {
            let mut command = std::process::Command::new(&program);
            let mut child = command.args([name, "--exact", "--nocapture"]).env(CHILD, case.to_string()).spawn().unwrap();
            let end = std::time::Instant::now() + Duration::from_secs(60);
            let status = loop {
                match child.try_wait().unwrap() {
                    Some(status) => break status,
                    None if std::time::Instant::now() > end => {
                        child.kill().unwrap();
                        panic!("the process does not end: {what:?}");
                    }
                    None => thread::sleep(Duration::from_millis(5)),
                }
            };
            assert_eq!(status.code(), Some(7), "{what:?}");
        }
    });
}

/// A thread ends while others do not let it in: its seat is left all the same, with what is on it.
#[test]
fn ends_while_nobody_comes_in() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        for collections in [40, 0] {
            for _ in 0..times(20) {
                let (go, gone) = std::sync::mpsc::channel::<()>();
                let (made, nodes) = std::sync::mpsc::channel();
                let theirs = census.clone();
                let thread = thread::spawn(move || {
                    let node = H.attach(|| (Node::<H>::ring(2, &theirs), Node::<H>::new(&theirs)));
                    made.send(node).unwrap();
                    gone.recv().unwrap();
                });
                let (ring, node) = nodes.recv().unwrap();
                H.attach(|| {
                    (0..collections).for_each(|_| drop((Node::<H>::ring(2, &census), H.collect())));
                    go.send(()).unwrap();
                    // It does not wait for this one, which waits for it without going out.
                    thread.join().unwrap();
                    drop(node);
                    drop(ring);
                    H.poll();
                });
                H.collect();
                assert_eq!(census.born(), census.dropped());
            }
        }
        census.nothing_left::<H>();
    });
}

/// A thread-local that is destroyed when the seat was left borrows a cell: that is not taken for a borrow of the next thread on
/// that seat, neither while it lasts nor afterwards.
#[test]
fn borrows_after_the_end() {
    own!(H);
    type Cell = Gc<GcCell<u32, H>, H>;
    struct Late(Cell, bool);
    impl Drop for Late {
        fn drop(&mut self) {
            let Late(cell, writes) = self;
            let other = cell.clone();
            let next = move || H.attach(|| *other.borrow_mut() += 1);
            let end = |next: thread::JoinHandle<()>| move || next.join().expect("it can wait for another one");
            let end = if *writes {
                let mut guard = cell.borrow_mut();
                let next = thread::spawn(next);
                thread::sleep(Duration::from_millis(20));
                *guard += 1;
                end(next)
            } else {
                let guard = cell.borrow();
                let next = thread::spawn(next);
                thread::sleep(Duration::from_millis(20));
                assert_eq!(*guard, *cell.borrow());
                end(next)
            };
            end();
        }
    }
    thread_local! { static LATE: RefCell<Option<Late>> = const { RefCell::new(None) }; }
    bounded(|| {
        let cell = Gc::new_in(GcCell::<_, H>::new(0), H);
        for writes in [false, true] {
            // While there are others on the first seats, and when there are not.
            for others in [0, 1] {
                let before = cell.get();
                thread::scope(|scope| {
                    let (go, gone) = std::sync::mpsc::channel::<()>();
                    if others == 1 {
                        scope.spawn(move || {
                            H.attach(|| ());
                            let _ = gone.recv();
                        });
                    }
                    let cell = cell.clone();
                    let thread = thread::spawn(move || {
                        LATE.set(Some(Late(cell, writes)));
                        H.attach(|| ());
                    });
                    thread.join().unwrap();
                    drop(go);
                });
                assert_eq!(cell.get() - before, 1 + u32::from(writes));
                // Whoever is on those seats now waits for others, and not for itself.
                let guard = cell.borrow();
                let next = [(); 3].map(|()| {
                    let cell = cell.clone();
                    thread::spawn(move || H.attach(|| *cell.borrow_mut() += 1))
                });
                thread::sleep(Duration::from_millis(10));
                drop(guard);
                let _ = next.map(|next| next.join().expect("it can wait for another one"));
            }
        }
    });
}

/// A borrow that was leaked is that of the thread that leaked it, which is gone, and nobody else's.
#[test]
#[cfg_attr(miri, ignore = "leaves a thread waiting")]
fn leaked_borrows() {
    own!(H);
    bounded(|| {
        for writes in [false, true] {
            let cell = Gc::new_in(GcCell::<u32, H>::new(0), H);
            elsewhere(|| {
                H.attach(|| {
                    if writes {
                        _ = ManuallyDrop::new(cell.borrow_mut());
                    } else {
                        _ = ManuallyDrop::new(cell.borrow());
                    }
                });
            });
            let next = thread::spawn(move || H.attach(|| *cell.borrow_mut() += 1));
            thread::sleep(Duration::from_millis(50));
            assert!(!next.is_finished(), "it waits for ever, and does not take the borrow for its own");
        }
    });
}

/// … also if it ends while others do not let it in.
#[test]
#[cfg_attr(miri, ignore = "leaves a thread waiting")]
fn leaked_borrows_of_one_that_cannot_come_in() {
    own!(H);
    bounded(|| {
        for collections in [0, 40] {
            let cell = Gc::new_in(GcCell::<u32, H>::new(0), H);
            let (borrowed, is_borrowed) = std::sync::mpsc::channel();
            let (go, gone) = std::sync::mpsc::channel::<()>();
            let theirs = cell.clone();
            let thread = thread::spawn(move || {
                H.attach(|| _ = ManuallyDrop::new(theirs.borrow_mut()));
                borrowed.send(()).unwrap();
                gone.recv().unwrap();
            });
            is_borrowed.recv().unwrap();
            H.attach(|| {
                (0..collections).for_each(|_| _ = H.collect());
                go.send(()).unwrap();
                thread.join().unwrap();
            });
            let next = thread::spawn(move || H.attach(|| *cell.borrow_mut() += 1));
            thread::sleep(Duration::from_millis(50));
            assert!(!next.is_finished(), "it waits for ever, and does not take the borrow for its own");
        }
    });
}

/// What other threads free of a thread's memory goes back although the thread has ended, and nobody takes its place.
#[test]
fn memory_of_a_thread_that_ended() {
    own!(H);
    bounded(|| {
        let count = times(2000);
        let make = || -> Vec<_> { (0..count).map(|i| Gc::new_in((GcCell::<_, H>::new(0), i), H)).collect() };
        let mine = H.attach(|| Gc::new_in(0, H));
        // All at once, so that each has a seat of its own.
        let start = std::sync::Barrier::new(3);
        let made: Vec<Vec<_>> = thread::scope(|scope| {
            let makers: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        let made = H.attach(make);
                        start.wait();
                        made
                    })
                })
                .collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        // The last of them is put to use again.
        let (first, last) = made.split_at(2);
        elsewhere(|| {
            let again = H.attach(make);
            assert!(again.iter().chain(last.iter().flatten()).all(|object| object.0.get() == 0));
        });
        assert_eq!(first.len(), 2);
        H.attach(|| drop(made));
        // The threads may be on their way out still, with queued objects and pages.
        let gone = || {
            H.collect();
            H.live_allocations() == 1 && (H.allocated_bytes() < 4 << 20 || cfg!(gc_system_alloc))
        };
        while !gone() {
            thread::yield_now();
        }
        drop(mine);
        let nothing_left = || {
            H.trim();
            H.allocated_bytes() == 0
        };
        while !nothing_left() {
            thread::yield_now();
        }
    });
}

/// Several threads free what one that has ended made, while others come and go.
#[test]
fn several_free_what_an_ended_thread_made() {
    own!(H);
    bounded(|| {
        for _ in 0..times(20) {
            let count = times(900);
            let make = || -> Vec<_> { (0..count).map(|i| Gc::new_in((GcCell::<_, H>::new(0), i), H)).collect() };
            let made = thread::scope(|scope| scope.spawn(|| H.attach(make)).join().unwrap());
            let mut parts: Vec<Vec<_>> = vec![vec![], vec![], vec![]];
            made.into_iter().enumerate().for_each(|(i, object)| parts[i % 3].push(object));
            joined(|scope| {
                for part in parts {
                    scope.spawn(|| {
                        drop(part);
                        drop(H.attach(make));
                    });
                }
            });
        }
        assert_eq!(H.live_allocations(), 0);
    });
}

/// Two threads leave their seats at the same time, and nobody else has one: what they have put off is destroyed.
#[test]
fn two_leave_at_once() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        let barrier = Barrier::new(2);
        for round in rounds(times(5000)) {
            let work = || {
                H.set_defer_drop(Some(1));
                H.attach(|| {
                    let node = Node::<H>::new(&census);
                    (0..9).for_each(|_| node.edges.borrow_mut().push(Node::<H>::new(&census)));
                });
                barrier.wait();
            };
            thread::scope(|scope| [scope.spawn(work), scope.spawn(work)].map(|thread| thread.join().unwrap()));
            // At once: the next ones would see to it.
            assert_eq!(census.dropped(), (round + 1) * 20);
        }
        H.set_defer_drop(None);
        census.nothing_left::<H>();
    });
}

/// Thread-locals that are destroyed when the seats were left drop more than what goes at once: nobody else is there to see to the rest.
#[test]
fn put_off_after_the_end() {
    own!(H);
    thread_local! { static LATE: RefCell<Option<Gc<Node<H>, H>>> = const { RefCell::new(None) }; }
    bounded(|| {
        let census = Census::default();
        for round in 1..=times(1000) {
            // One thread, or two at the same time.
            let threads = 1 + round % 2;
            let barrier = Arc::new(Barrier::new(threads));
            let before = census.born();
            let life = || {
                let (theirs, barrier) = (census.clone(), Arc::clone(&barrier));
                thread::spawn(move || {
                    LATE.set(None); // destroyed after what the heap has there
                    H.set_defer_drop(Some(1));
                    let node = Node::<H>::new(&theirs);
                    (0..9).for_each(|_| node.edges.borrow_mut().push(Node::<H>::new(&theirs)));
                    LATE.set(Some(node));
                    barrier.wait();
                })
            };
            let lives: Vec<_> = (0..threads).map(|_| life()).collect();
            lives.into_iter().for_each(|life| life.join().unwrap());
            assert_eq!((census.born() - before, census.dropped()), (10 * threads, census.born()));
        }
        H.set_defer_drop(None);
        census.nothing_left::<H>();
    });
}
