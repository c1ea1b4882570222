//! After mimalloc's stress test: threads die and are reborn while objects live on and change hands through slots. Cookies
//! are checked all the time and when values are dropped; whenever all threads are gone, the whole heap is gone through; and
//! nothing is left.
//!
//! `ci/stress.sh` runs it for longer (`STRESS_SECONDS`), with other random numbers (`STRESS_SEED`), and under sanitizers.

use std::collections::HashMap;
use std::mem::ManuallyDrop;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use tricycle::{AnyGc, Gc, GcCell, Generation, Trace, Weak};

use crate::support::{Census, Cookie, Final, Node, bounded_by, joined, number, times};

const SLOTS: usize = 32;

/// A random number generator (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n
    }
}

#[test]
fn stress() {
    own!(H);
    own!(Other);
    type Ring = Gc<Node<H>, H>;
    type Slot = GcCell<Option<Ring>, H>;
    struct Places {
        /// In the heap, and seen by the collector.
        cells: Vec<Gc<Slot, H>>,
        /// Outside.
        slots: Vec<Mutex<Option<Ring>>>,
        weaks: Vec<Mutex<Weak<Node<H>, H>>>,
        pairs: Vec<Mutex<Option<Gc<Pair, Other>>>>,
    }

    /// In another heap, and may have a handle of this one.
    #[derive(Trace)]
    #[trace(acyclic)]
    struct Pair(#[expect(dead_code, reason = "a handle")] #[trace(skip)] Option<Mutex<Ring>>);

    fn turn(places: &Places, census: &Census, random: &mut Random, mine: &mut Vec<Ring>) {
        let at = random.below(SLOTS);
        match random.below(24) {
            0..4 => mine.push(Node::ring(1 + random.below(4), census)),
            4 => mine.push(Node::new(census)),
            5 | 6 => {
                let new = mine.pop();
                let old = std::mem::replace(&mut *places.slots[at].lock().unwrap(), new);
                mine.extend(old);
            }
            7 | 8 => {
                let new = mine.pop();
                mine.extend(places.cells[at].replace(new));
            }
            9 => {
                if let (Some(a), Some(b)) = (mine.first(), mine.last()) {
                    let (a, b) = (a.clone(), b.clone());
                    a.edges.borrow_mut().push(b);
                }
            }
            10 => {
                if let Some(node) = mine.last() {
                    let edges = node.edges.take();
                    edges.iter().for_each(|edge| edge.cookie.check());
                }
            }
            11 => {
                let weak = mine.last().map(|node| {
                    let census = census.clone();
                    if at.is_multiple_of(2) { Gc::downgrade(node) } else { Gc::downgrade_with(node, move || census.call()) }
                });
                if let Some(weak) = weak {
                    let old = std::mem::replace(&mut *places.weaks[at].lock().unwrap(), weak);
                    drop(old);
                }
            }
            12 => {
                // Not under the lock: a thread that is outside has to come in for it, and who is inside may want the lock.
                let weak = std::mem::take(&mut *places.weaks[at].lock().unwrap());
                let node = weak.upgrade();
                let old = std::mem::replace(&mut *places.weaks[at].lock().unwrap(), weak);
                drop(old);
                if let Some(node) = node {
                    node.cookie.check();
                    mine.push(node);
                }
            }
            13 => drop(Final::<H>::cyclic(census, |_| ())),
            14 => H.detach(|| mine.truncate(mine.len() / 2)),
            15 => {
                // Perhaps there is no other handle.
                if let Some(mut node) = mine.last_mut().and_then(Gc::get_mut) {
                    node.cookie.check();
                    node.edges.get_mut().clear();
                }
            }
            16 => {
                if let Some(Ok(node)) = mine.pop().map(Gc::try_unwrap) {
                    node.cookie.check();
                }
            }
            // What is dropped while a guard keeps the thread attached, inside of another heap, or by a destructor that goes out.
            20 => {
                let _attached = H.enter();
                mine.truncate(mine.len() / 2);
            }
            21 => {
                let pair = Other.attach(|| {
                    mine.truncate(mine.len() / 2);
                    drop(Node::<H>::ring(2, census));
                    Gc::new_in(Pair(mine.pop().map(Mutex::new)), Other)
                });
                let old = places.pairs[at].lock().unwrap().replace(pair);
                drop(old);
            }
            22 => drop(Gc::new_in(Restless(Cookie::new(census), mine.pop().map(Mutex::new)), H)),
            // A thread that only polls, or has a cell that others want.
            23 => {
                let guard = mine.last().map(|node| node.edges.borrow_mut());
                (0..at * 16).for_each(|_| H.poll());
                drop(guard);
            }
            // Others go first, here or outside.
            17 => thread::yield_now(),
            18 => H.detach(|| thread::sleep(Duration::from_micros(at as u64))),
            _ => mine.truncate(8),
        }
        match random.below(1000) {
            0 | 1 => _ = H.collect(),
            2 => _ = H.collect_generation(Generation::Young),
            3 => H.freeze(),
            4 | 5 => H.unfreeze(),
            _ => {}
        }
        mine.iter().for_each(|node| node.cookie.check());
    }

    /// Its destructor goes out, and comes in again; and then what it has is dropped.
    #[derive(Trace)]
    #[trace(acyclic)]
    struct Restless(Cookie, #[expect(dead_code, reason = "a handle")] #[trace(skip)] Option<Mutex<Ring>>);
    impl Drop for Restless {
        fn drop(&mut self) {
            H.attach(|| H.detach(|| H.attach(|| ())));
            self.0.check();
        }
    }

    /// Every object there is lives, and has as many handles as refer to it.
    fn verify(places: &Places) {
        H.unfreeze();
        H.poll();
        places.pairs.iter().for_each(|pair| drop(pair.lock().unwrap().take()));
        Other.collect();
        let objects = H.objects(None);
        // The handle in `objects`, and those outside of the heap.
        let mut handles: HashMap<usize, usize> = objects.iter().map(|object| (object.address(), 1)).collect();
        let mut refer = |to: AnyGc<H>| *handles.get_mut(&to.address()).expect("it is in the heap") += 1;
        places.cells.iter().for_each(|cell| refer(cell.clone().into()));
        places.slots.iter().for_each(|slot| slot.lock().unwrap().iter().for_each(|node| refer(node.clone().into())));
        for object in &objects {
            if let Some(node) = object.downcast_ref::<Node<H>>() {
                node.cookie.check();
                H.referents(node).into_iter().for_each(&mut refer);
            } else if let Some(last) = object.downcast_ref::<Final<H>>() {
                last.cookie.check();
                H.referents(last).into_iter().for_each(&mut refer);
            } else {
                let slot = object.downcast_ref::<Slot>().expect("there are no other types");
                H.referents(slot).into_iter().for_each(&mut refer);
            }
        }
        objects.iter().for_each(|object| assert_eq!(object.strong_count(), handles[&object.address()], "{object:?}"));
        assert_eq!(H.live_objects(), objects.len());
    }

    let seconds = number("STRESS_SECONDS", 0);
    let seed = number("STRESS_SEED", 0x9e37_79b9_7f4a_7c15);
    bounded_by(Duration::from_secs(120 + 2 * seconds), move || {
        println!("STRESS_SEED={seed}");
        let census = Census::default();
        H.set_thresholds((100, 3, 3));
        H.set_slow_wait(Some(Duration::from_millis(1)));
        let places = Places {
            cells: (0..SLOTS).map(|_| Gc::new_in(GcCell::default(), H)).collect(),
            slots: (0..SLOTS).map(|_| Mutex::default()).collect(),
            weaks: (0..SLOTS).map(|_| Mutex::new(Weak::new())).collect(),
            pairs: (0..SLOTS).map(|_| Mutex::default()).collect(),
        };
        let start = Instant::now();
        let mut wave = 0;
        while wave < times(8) as u64 || start.elapsed() < Duration::from_secs(seconds) {
            thread::scope(|scope| {
                for line in 0..4 {
                    let (places, census) = (&places, &census);
                    scope.spawn(move || joined(|lives| {
                        // One thread after the other, while those of the other lines go on. It need not be gone when the next one comes,
                        // but in the end all are: then there are exactly as many handles as refer to an object.
                        for life in 0..times(4) as u64 {
                            let random = seed ^ ((wave * 64 + life) * 4 + line + 1).wrapping_mul(0xd129_90f8_3f5a_0b2d);
                            let mut random = Random(random | 1);
                            let (over, is_over) = mpsc::channel::<()>();
                            lives.spawn(move || {
                                let _over = over;
                                let mut mine = Vec::new();
                                let mut work = || (0..300).for_each(|_| turn(places, census, &mut random, &mut mine));
                                match line {
                                    3 => work(),
                                    2 if life % 2 == 1 => {
                                        // It is never dropped, and ends with the thread.
                                        _ = ManuallyDrop::new(H.enter());
                                        work();
                                    }
                                    _ => H.attach(work),
                                }
                                // Some of it goes here, some with the thread.
                                mine.truncate(2);
                            });
                            is_over.recv().unwrap_err();
                        }
                    }));
                }
            });
            verify(&places);
            wave += 1;
        }
        assert!(census.born() > 100);
        drop(places);
        H.set_slow_wait(None);
        census.nothing_left::<H>();
        assert_eq!(Other.live_allocations(), 0);
        assert!(census.finalized() > 0);
    });
}
