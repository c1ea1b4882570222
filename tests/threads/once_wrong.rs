//! What a review found, one test for each bug.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tricycle::{Gc, GcCell, Trace};

use crate::support::{bounded, times};

/// Counts its drops; the first may panic.
#[derive(Trace)]
#[trace(acyclic)]
struct Dropped(&'static AtomicUsize, bool);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        if self.1 {
            resume_unwind(Box::new("injected"));
        }
    }
}

/// A destructor that panics while a thread sees to what others have left for it: the rest is seen to all the same.
#[test]
fn a_panic_among_queued() {
    own! { Mine }
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    bounded(|| {
        let objects: Vec<_> = (0..5).map(|i| Gc::new_in(Dropped(&DROPS, i == 0), Mine)).collect();
        let theirs = thread::spawn(move || catch_unwind(AssertUnwindSafe(|| drop(objects))).is_err()).join().unwrap();
        let ours = catch_unwind(|| Mine.attach(|| Mine.poll())).is_err();
        Mine.collect();
        assert!(theirs || ours || DROPS.load(SeqCst) == 5, "the panic is passed on to somebody, or reported");
        assert_eq!((DROPS.load(SeqCst), Mine.live_allocations()), (5, 0));
    });
}

/// A thread asks whether its handle is the only one, stops the world for it, and reads what others have left for a third:
/// that is destroyed, although the thread that asked does not use the heap any more.
#[test]
fn left_by_a_question() {
    own! { Mine }
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    bounded(|| {
        let mut asked = Gc::new_in(5, Mine);
        let objects: Vec<_> = (0..5).map(|_| Gc::new_in(Dropped(&DROPS, false), Mine)).collect();
        thread::spawn(move || drop(objects)).join().unwrap();
        let (done, wait) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let other = thread::spawn(move || {
            let _ = Gc::get_mut(&mut asked);
            tell.send(()).unwrap();
            let _ = wait.recv();
        });
        told.recv().unwrap();
        Mine.collect();
        assert_eq!(DROPS.load(SeqCst), 5);
        drop(done);
        other.join().unwrap();
    });
}

/// One thread reads a cell, and wants another that a second thread has for writing, which wants to read the first. A third
/// one that waits to write must not keep the second from reading.
#[test]
fn a_writer_between_readers() {
    own! { Mine }
    bounded(|| {
        let [first, second] = [(); 2].map(|()| Gc::new_in(GcCell::<u32, Mine>::new(0), Mine));
        let nap = |ms| thread::sleep(Duration::from_millis(ms));
        thread::scope(|scope| {
            scope.spawn(|| {
                let _reading = first.borrow();
                nap(60);
                *second.borrow_mut() += 1;
            });
            scope.spawn(|| {
                let _writing = second.borrow_mut();
                nap(120);
                assert!(*first.borrow() <= 1);
            });
            scope.spawn(|| {
                nap(30);
                *first.borrow_mut() += 1;
            });
        });
        assert_eq!((first.get(), second.get()), (1, 1));
    });
}

/// A cell of one heap in objects of another: threads of the first move a handle between two such cells while the
/// other heap collects. Its collector cannot know what they hold.
#[test]
fn a_cell_of_another_heap() {
    own! { Mine }
    own! { Cells }
    #[derive(Trace)]
    struct Target(u64, GcCell<Option<Gc<Target, Mine>>, Mine>);
    #[derive(Trace)]
    struct Holder(GcCell<Option<Gc<Target, Mine>>, Cells>);
    bounded(|| {
        let [a, b] = [(); 2].map(|()| Gc::new_in(Holder(GcCell::new(None)), Mine));
        a.0.set(Some(Gc::new_in(Target(42, GcCell::new(None)), Mine)));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for i in 0..times(20_000) {
                    let target = a.0.take().or_else(|| b.0.take()).expect("in one of them");
                    assert_eq!(target.0, 42);
                    let next = if i % 2 == 0 { &b } else { &a };
                    next.0.set(Some(target));
                }
                done.store(true, SeqCst);
            });
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    let other = Gc::new_in(Target(7, GcCell::new(None)), Mine);
                    drop((other.clone(), other)); // a suspicion
                    assert_eq!(Mine.collect().collected, 0, "everything is reachable");
                }
            });
        });
    });
}

/// While the value behind a handle is borrowed exclusively, introspection finds no handle to it, however it is timed.
#[test]
fn a_handle_beside_a_guard() {
    own! { Mine }
    #[derive(Trace)]
    struct Object(AtomicUsize, GcCell<Option<Gc<Object, Mine>>, Mine>);
    bounded(|| {
        let (give, take) = mpsc::channel::<Gc<Object, Mine>>();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for mut object in take {
                    if let Some(mut object) = Gc::get_mut(&mut object) {
                        *object.0.get_mut() = 1;
                        thread::yield_now();
                        *object.0.get_mut() = 0;
                    }
                }
                done.store(true, SeqCst);
            });
            scope.spawn(move || {
                for _ in 0..times(3000) {
                    give.send(Gc::new_in(Object(AtomicUsize::new(0), GcCell::new(None)), Mine)).unwrap();
                }
            });
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    for object in Mine.objects(None) {
                        let object = object.downcast::<Object>().unwrap();
                        assert_eq!(object.0.load(SeqCst), 0, "somebody has a `&mut` to it");
                    }
                }
            });
        });
    });
}
