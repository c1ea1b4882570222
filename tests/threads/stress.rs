//! After mimalloc's stress test: threads die and are reborn while objects live on and change hands through slots. Cookies
//! are checked all the time and when values are dropped, and nothing is left.

use std::sync::Mutex;
use std::thread;

use tricycle::{Gc, GcCell, Weak};

use crate::support::{Census, Final, Node, bounded, times};

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
    type Ring = Gc<Node<H>, H>;
    type Slot = GcCell<Option<Ring>, H>;
    struct Places {
        /// In the heap, and seen by the collector.
        cells: Vec<Gc<Slot, H>>,
        /// Outside.
        slots: Vec<Mutex<Option<Ring>>>,
        weaks: Vec<Mutex<Weak<Node<H>, H>>>,
    }

    fn turn(places: &Places, census: &Census, random: &mut Random, mine: &mut Vec<Ring>) {
        let at = random.below(SLOTS);
        match random.below(16) {
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
            _ => mine.truncate(8),
        }
        if random.below(500) == 0 {
            H.collect();
        }
        mine.iter().for_each(|node| node.cookie.check());
    }

    bounded(|| {
        let census = Census::default();
        H.set_thresholds((100, 3, 3));
        let places = Places {
            cells: (0..SLOTS).map(|_| Gc::new_in(GcCell::default(), H)).collect(),
            slots: (0..SLOTS).map(|_| Mutex::default()).collect(),
            weaks: (0..SLOTS).map(|_| Mutex::new(Weak::new())).collect(),
        };
        for generation in 0..times(30) {
            thread::scope(|scope| {
                for thread in 0..4 {
                    let (places, census) = (&places, &census);
                    scope.spawn(move || {
                        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (generation * 4 + thread + 1) as u64);
                        let mut mine = Vec::new();
                        let mut work = || (0..300).for_each(|_| turn(places, census, &mut random, &mut mine));
                        if thread == 3 { work() } else { H.attach(work) }
                        // Some of it goes here, some with the thread.
                        mine.truncate(2);
                    });
                }
            });
        }
        assert!(census.born() > 100);
        drop(places);
        census.nothing_left::<H>();
        assert!(census.finalized() > 0);
    });
}
