//! Young objects that are collected by their own thread while others use them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tricycle::{Gc, GcCell, Trace};

use crate::support::{Census, Cookie, Node, bounded, times};

/// Another thread takes handles out of cells of young objects, holds them for a moment, and puts them elsewhere.
#[test]
fn others_move_handles() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_thresholds((20, 1000, 1000));
        for _ in 0..times(100) {
            let nodes: Vec<_> = (0..4).map(|_| Node::<H>::ring(2, &census)).collect();
            let done = AtomicBool::new(false);
            thread::scope(|scope| {
                scope.spawn(|| {
                    for i in 0..times(2000) {
                        let taken = nodes[i % 4].edges.borrow_mut().pop();
                        if let Some(taken) = taken {
                            taken.cookie.check();
                            taken.edges.borrow().iter().for_each(|edge| edge.cookie.check());
                            nodes[(i * 7 + 1) % 4].edges.borrow_mut().push(taken);
                        }
                    }
                    done.store(true, SeqCst);
                });
                while !done.load(SeqCst) {
                    drop(Node::<H>::ring(3, &census));
                }
            });
            nodes.iter().for_each(|node| node.cookie.check());
        }
        census.nothing_left::<H>();
    });
}

#[derive(Trace)]
struct Link<H: tricycle::Heap> {
    next: Option<Gc<Link<H>, H>>,
    back: GcCell<Option<Gc<Link<H>, H>>, H>,
    cookie: Cookie,
}

/// Another thread goes along a chain of young objects, with a handle of one of them at a time. Each refers to itself, so only a
/// collection can free it.
#[test]
fn others_walk() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_thresholds((20, 1000, 1000));
        let (give, take) = mpsc::sync_channel::<Gc<Link<H>, H>>(4);
        let walker = thread::spawn(move || {
            for first in take {
                let mut at = first;
                loop {
                    at.cookie.check();
                    let Some(next) = at.next.clone() else { break };
                    at = next;
                }
            }
        });
        H.attach(|| {
            for _ in 0..times(3000) {
                let mut last = None;
                for _ in 0..12 {
                    let link = Link { next: last, back: GcCell::new(None), cookie: Cookie::new(&census) };
                    let link = Gc::new_in(link, H);
                    link.back.set(Some(link.clone()));
                    last = Some(link);
                }
                let first = last.unwrap();
                H.detach(|| give.send(first)).unwrap();
            }
        });
        drop(give);
        walker.join().unwrap();
        census.nothing_left::<H>();
    });
}

/// A thread that keeps writing to the cells of threads that collect all the time gets its turn.
#[test]
fn writers_do_not_starve() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_thresholds((10, 1000, 1000));
        // Each write is some visits, for each of which a thread that takes turns waits for an interval.
        H.set_switch_interval(Duration::from_micros(50));
        let done = AtomicBool::new(false);
        let (give, take) = mpsc::channel::<Gc<Node<H>, H>>();
        thread::scope(|scope| {
            for _ in 0..3 {
                let give = give.clone();
                let (census, done) = (&census, &done);
                scope.spawn(move || {
                    H.attach(|| {
                        give.send(Node::new(census)).unwrap();
                        while !done.load(SeqCst) {
                            drop(Node::<H>::ring(2, census));
                        }
                    });
                });
            }
            let theirs: Vec<_> = (0..3).map(|_| take.recv().unwrap()).collect();
            for i in 0..times(1000) {
                theirs[i % 3].edges.borrow_mut().push(theirs[(i + 1) % 3].clone());
            }
            done.store(true, SeqCst);
        });
        census.nothing_left::<H>();
    });
}

/// What was borrowed exclusively is garbage later, and is found: whoever made it, and whoever collects.
#[test]
fn given_back() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_thresholds((20, 1000, 1000));
        let borrow = |mut node: Gc<Node<H>, H>| {
            Gc::get_mut(&mut node).unwrap().edges.get_mut().clear();
            let me = node.clone();
            node.edges.borrow_mut().push(me);
        };
        for _ in 0..times(100) {
            let made = thread::scope(|scope| scope.spawn(|| Node::<H>::new(&census)).join().unwrap());
            H.attach(|| {
                borrow(made);
                borrow(Node::<H>::new(&census));
                // Collections of the young generation, each of which makes what is left older.
                (0..20).for_each(|_| drop(Node::<H>::ring(2, &census)));
            });
        }
        census.nothing_left::<H>();
    });
}

/// Callbacks are told of collections, also of those that a thread could do on its own.
#[test]
fn callbacks_are_told() {
    own!(H);
    bounded(|| {
        let (census, told) = (Census::default(), Arc::new(AtomicUsize::new(0)));
        H.set_thresholds((20, 1000, 1000));
        let count = Arc::clone(&told);
        let id = H.on_collection(move |_| _ = count.fetch_add(1, SeqCst));
        H.attach(|| (0..200).for_each(|_| drop(Node::<H>::ring(2, &census))));
        H.remove_callback(id);
        assert!(told.load(SeqCst) >= 2, "start and end");
        census.nothing_left::<H>();
    });
}

/// Others look at the heap again and again, and so put what is young on the list of all: it is collected all the same.
#[test]
fn taken_by_those_who_look() {
    own!(H);
    bounded(|| {
        let census = Census::default();
        H.set_thresholds((50, 1000, 1000));
        H.attach(|| {
            for round in 0..times(2000) {
                drop(Node::<H>::ring(2, &census));
                if round % 10 == 0 {
                    _ = H.objects(None);
                }
                let there = census.born() - census.dropped();
                assert!(there < 1000, "{there} are there after {round} rounds");
            }
        });
        census.nothing_left::<H>();
    });
}
